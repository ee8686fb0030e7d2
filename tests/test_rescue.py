"""Answers in unexpected places, and blanks in the expected one."""

from __future__ import annotations

import copy

import pytest
from collect_sample import NAME, RIGHT, cell, install, place, repaired, with_answers
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder import repair, rescue
from autograder.release import EMPTY_TEXT

MEAN = "values = [double(3), double(4)]\nmean, spread = sum(values) / 2, 2"


@pytest.fixture
def lab(tmp_path_factory, monkeypatch) -> NotebookNode:
    return install(tmp_path_factory.mktemp("sample"), monkeypatch)


@pytest.fixture
def answered(lab) -> NotebookNode:
    nb = with_answers(lab)
    cell(nb, "answer-mean").source = MEAN
    return nb


def untouched(nb: NotebookNode, lab: NotebookNode, grade_id: str) -> NotebookNode:
    """Put back what was released in this cell; gives the cell."""
    found = cell(nb, grade_id)
    found.source = cell(lab, grade_id).source
    return found


def code_before(nb: NotebookNode, grade_id: str) -> str:
    """All code that has run when this check is reached."""
    return "\n".join(c.source for c in nb.cells[: place(nb, grade_id)] if c.cell_type == "code")


@pytest.mark.parametrize("part", ["first", "second", "both"])
def test_a_function_split_in_two_cells_is_one_again(answered, part):
    whole = cell(answered, "answer-double")
    at = place(answered, "answer-double")
    first, second = RIGHT.split("\n")
    known = copy.deepcopy(whole.metadata)
    whole.source = first
    answered.cells.insert(at + 1, new_code_cell(second, id="half"))
    if part != "first":
        answered.cells[at + 1].metadata = known
    if part == "second":
        whole.metadata = NotebookNode()
        whole.id = "other"
    made, notes = repaired(answered)
    assert cell(made, "answer-double").source == RIGHT
    assert "answer-double: was split in two cells, and is one again" in notes
    assert "half" not in [c.id for c in made.cells]


def test_an_answer_in_two_cells_that_stand_alone_runs_in_both(answered):
    at = place(answered, "answer-mean")
    first, second = MEAN.split("\n")
    answered.cells[at].source = second
    answered.cells.insert(at, new_code_cell(first, id="half"))
    made, notes = repaired(answered)
    assert notes == []
    assert first in code_before(made, "mean")
    assert second in code_before(made, "mean")


def test_a_cell_that_is_just_wrong_is_joined_with_nothing(answered):
    cell(answered, "answer-double").source = "def double(x):\n    return (x"
    answered.cells.insert(place(answered, "answer-double") + 1, new_code_cell("print(1)"))
    _, notes = repaired(answered)
    assert notes == []


@pytest.mark.parametrize("stub", [True, False], ids=["stub left", "stub deleted"])
def test_an_answer_at_the_end_of_the_notebook_is_graded(answered, lab, stub):
    old = untouched(answered, lab, "answer-double")
    if not stub:
        answered.cells.remove(old)
    answered.cells += [new_code_cell("def helper(x):\n    return 2"), new_code_cell(RIGHT)]
    made, notes = repaired(answered)
    assert RIGHT in code_before(made, "double")
    assert "def helper" in code_before(made, "double"), "what stands right above it comes along"
    assert "NotImpl" not in code_before(made, "double")
    assert "answer-double: stood below its check, and has been moved above it" in notes
    assert sum(RIGHT in c.source for c in made.cells) == 1


def test_a_check_that_was_moved_up_stands_below_its_answer_again(answered):
    check = cell(answered, "double")
    answered.cells.remove(check)
    answered.cells.insert(1, check)
    made, _ = repaired(answered)
    assert RIGHT in code_before(made, "double")


@pytest.mark.parametrize("where", ["answer-double", "answer-mean"])
def test_two_answers_in_one_cell_count_for_both(answered, lab, where):
    other = {"answer-double": "answer-mean", "answer-mean": "answer-double"}[where]
    untouched(answered, lab, other)
    cell(answered, where).source = f"{RIGHT}\n\n{MEAN}"
    made, notes = repaired(answered)
    assert cell(made, other).source == rescue.ELSEWHERE
    for item in ("double", "mean"):
        assert RIGHT in code_before(made, item)
        assert MEAN in code_before(made, item)
    assert notes == [f"{other}: was answered in the cell {where}"]


def test_two_answers_in_one_cell_and_the_other_deleted(answered):
    answered.cells.remove(cell(answered, "answer-mean"))
    cell(answered, "answer-double").source = f"{RIGHT}\n\n{MEAN}"
    made, notes = repaired(answered)
    assert MEAN in code_before(made, "mean")
    assert "answer-mean: was missing and has been put back" in notes


@pytest.mark.parametrize("step", [0, 1], ids=["above", "below"])
def test_a_written_answer_in_a_cell_of_ones_own_is_the_answer(answered, lab, step):
    untouched(answered, lab, "meaning")
    at = place(answered, "meaning") + step
    answered.cells[at:at] = [new_markdown_cell("It *balances*."), new_markdown_cell("And more.")]
    made, notes = repaired(answered)
    assert cell(made, "meaning").source == "It *balances*.\n\nAnd more."
    assert notes == ["meaning: the answer was in a cell of the student's own"]


def test_a_written_answer_is_left_alone_where_there_is_one(answered):
    answered.cells.insert(place(answered, "meaning") + 1, new_markdown_cell("My notes."))
    made, notes = repaired(answered)
    assert cell(made, "meaning").source == "Where they balance."
    assert notes == []


def test_a_text_of_ours_is_nobodys_answer(answered, lab):
    untouched(answered, lab, "meaning")
    ours = new_markdown_cell(lab.cells[0].source + "\nwith a word more")
    answered.cells.insert(place(answered, "meaning") + 1, ours)
    made, _ = repaired(answered)
    assert cell(made, "meaning").source == EMPTY_TEXT


@pytest.mark.parametrize("blank", ["", "  \n\n", f"\n{EMPTY_TEXT}  \n"])
def test_an_answer_of_blanks_is_the_released_one_for_nbgrader_too(answered, lab, blank):
    cell(answered, "meaning").source = blank
    made, _ = repaired(answered)
    assert cell(made, "meaning") == cell(lab, "meaning")


def test_what_was_written_into_the_question_is_the_answer(answered, lab):
    untouched(answered, lab, "meaning")
    cell(answered, "question-meaning").source += "\n\nWhere they balance."
    made, notes = repaired(answered)
    assert cell(made, "question-meaning").source == cell(lab, "question-meaning").source
    assert cell(made, "meaning").source == "Where they balance."
    assert "question-meaning: had been edited, and is as released again" in notes


def test_a_word_changed_in_the_question_is_no_answer(answered, lab):
    untouched(answered, lab, "meaning")
    question = cell(answered, "question-meaning")
    question.source = question.source.replace("mean", "average")
    made, _ = repaired(answered)
    assert cell(made, "meaning").source == EMPTY_TEXT


def test_what_was_written_into_the_check_is_the_answer(answered, lab):
    untouched(answered, lab, "answer-double")
    check = cell(answered, "double")
    check.source = f"{RIGHT}\n\n{check.source}"
    made, _ = repaired(answered)
    assert cell(made, "double").source == cell(lab, "double").source
    assert cell(made, "answer-double").source == RIGHT
    assert "NotImpl" not in code_before(made, "double")


def test_one_id_for_all_cells_names_none(answered):
    for c in answered.cells:
        c.metadata, c.id = NotebookNode(), "answer-double"
    made, _ = repaired(answered)
    assert cell(made, "answer-double").source == RIGHT
    assert cell(made, "answer-mean").source == MEAN
    assert cell(made, "meaning").source == "Where they balance."


def test_grade_ids_that_were_given_to_other_cells(answered, lab):
    """The text of an answer, not its metadata, would decide; a wrong id costs only its item."""
    a, b = cell(answered, "answer-double"), cell(answered, "answer-mean")
    a.metadata, b.metadata = b.metadata, a.metadata
    made, _ = repaired(answered)
    assert RIGHT in code_before(made, "mean")
    assert MEAN in code_before(made, "mean")


def test_attempted(answered, lab):
    blank, _ = repair.repair(lab, NAME)
    assert not repair.attempted(blank, NAME)
    made, _ = repair.repair(answered, NAME)
    assert repair.attempted(made, NAME)


@pytest.mark.parametrize("text", ["x" * 200_000, "(" * 90_000, "\0", "def f(:"])
def test_what_does_not_parse(text):
    assert not rescue.parses(text)


def test_lines_for_ipython_parse():
    assert rescue.parses("%matplotlib inline\n!ls\nx = '\\d'")
