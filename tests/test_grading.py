"""What honest but unusual notebooks get: answers elsewhere, dead kernels, huge outputs."""

import nbformat
import pytest

from autograder import grading, outputs, repair, source
from autograder.sample_class import answered

LAB = "lab01_bigram"


def graded(change, tmp_path):
    """The result, by item, of the full answer after `change` was made to its notebook."""
    nb = answered(source.load(LAB))
    change(nb)
    result = grading.grade(repair.repair(nb, LAB)[0], LAB, tmp_path)
    return result, {item.id: item for item in result.items}


def place(nb, id):
    return next(n for n, cell in enumerate(nb.cells) if cell.id == id)


@pytest.mark.slow
def test_an_answer_in_a_cell_of_the_students_own_counts(tmp_path):
    def change(nb):
        at = place(nb, "answer-encode")
        body = nb.cells[at].source
        nb.cells[at].source = source.stub_source(source.load(LAB).cell("answer", "encode"))
        nb.cells.insert(at + 1, nbformat.v4.new_code_cell(body))

    _, items = graded(change, tmp_path)
    assert items["encode"].status == "passed"


@pytest.mark.slow
def test_what_a_dead_kernel_leaves_unread_is_said_and_outputs_are_bounded(tmp_path):
    def change(nb):
        at = place(nb, "answer-windows")
        nb.cells[at].source += "\nprint('x' * 300_000)"
        nb.cells.insert(
            place(nb, "answer-why_shift"), nbformat.v4.new_code_cell("import os; os._exit(1)")
        )

    result, items = graded(change, tmp_path)
    assert items["windows"].status == "passed"
    assert items["why_shift"].status == "failed"
    assert "could not be judged" in items["why_shift"].messages[0]
    assert any("process ended" in flag for flag in result.flags)
    longest = max(len(str(cell.get("outputs", ""))) for cell in result.nb.cells)
    assert longest < 2 * outputs.MOST_TEXT


@pytest.mark.parametrize("line", ["# think", "", "    # later"])
def test_a_comment_is_no_attempt(line):
    lab = source.load(LAB)
    nb = answered(lab)
    cells = {c.metadata.nbgrader.grade_id: c for c in nb.cells if "nbgrader" in c.metadata}
    stub = source.stub_source(lab.cell("answer", "encode"))
    cells["answer-encode"].source = f"{stub}\n{line}\n"
    item = next(item for item in lab.items if item.id == "encode")
    assert grading.attempt(item, cells, lab) == "not_attempted"
