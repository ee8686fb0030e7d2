"""Plain `nbgrader ...` from the root, and `grade` and `feedback` when things go wrong."""

from __future__ import annotations

import shutil
import sqlite3
import stat
from pathlib import Path

import nbformat
import pytest
import sample_tree

from autograder import cli, source

pytestmark = pytest.mark.slow
NAME = sample_tree.NAME
FIRST = source.labs()[0]


def autograded(root: Path, student: str) -> Path:
    return root / "course" / "autograded" / student / NAME / f"{NAME}.ipynb"


def outputs(path: Path) -> dict[str, list]:
    """Grade id -> outputs of the grade cells."""
    cells = nbformat.read(path, as_version=4).cells
    return {
        cell.metadata.nbgrader.grade_id: cell.outputs for cell in cells
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade")
    }  # fmt: skip


def total(root: Path, student: str, gradebook: Path | None = None) -> float:
    """A student's score, asked of the database and not of any code of ours."""
    with sqlite3.connect(gradebook or root / "course" / "gradebook.db") as db:
        [(score,)] = db.execute(
            "select sum(coalesce(grade.auto_score, 0)) from grade"
            " join submitted_notebook on grade.notebook_id = submitted_notebook.id"
            " join submitted_assignment on submitted_notebook.assignment_id"
            " = submitted_assignment.id where submitted_assignment.student_id = ?",
            (student,),
        ).fetchall()
    db.close()
    return score


def test_generate_assignment_gives_the_text_that_release_gives(graded_class):
    root, _ = graded_class
    path = root / "labs" / NAME / f"{NAME}.ipynb"
    text = path.read_text()
    path.unlink()
    sample_tree.run(root, "nbgrader", "generate_assignment", NAME, "--force")
    assert path.read_text() == text


def test_autograde_feedback_and_export(graded_class, tmp_path):
    root, _ = graded_class
    student = ("--student", "sample-wrong", "--force")
    before, scored = outputs(autograded(root, "sample-wrong")), total(root, "sample-wrong")
    sample_tree.run(root, "nbgrader", "autograde", NAME, *student)
    assert outputs(autograded(root, "sample-wrong")) == before
    assert total(root, "sample-wrong") == scored > 0
    page = root / "course" / "feedback" / "sample-wrong" / NAME / f"{NAME}.html"
    page.unlink()
    sample_tree.run(root, "nbgrader", "generate_feedback", NAME, *student)
    assert "the number was squared" in page.read_text()
    sample_tree.run(root, "nbgrader", "export", "--to", str(tmp_path / "grades.csv"))
    assert (tmp_path / "grades.csv").read_text() == (root / "course" / "grades.csv").read_text()


def test_the_score_is_the_first_output_and_the_message_the_second(graded_class):
    root, _ = graded_class
    score, message = outputs(autograded(root, "sample-wrong"))["double"]
    assert (score.output_type, score.data) == ("execute_result", {"text/plain": "2.38"})
    assert "double: of a number" in message.data["text/plain"]


def test_the_scheme_is_there_for_the_marker_and_not_for_the_student(graded_class):
    root, _ = graded_class
    scheme = "One point for balance, two for the order"
    assert scheme in autograded(root, "sample-full").read_text()
    page = root / "course" / "feedback" / "sample-full" / NAME / f"{NAME}.html"
    assert "What does the mean say" in page.read_text()
    assert scheme not in page.read_text()


def test_feedback_shows_no_hidden_test(graded_class):
    root, _ = graded_class
    pages = list((root / "course" / "feedback").rglob("*.html"))
    assert len(pages) >= 5
    for page in pages:
        text = page.read_text()
        assert "def test_" not in text and "expect.equal" not in text
        assert "secret" not in text or "untouched" not in str(page)


def test_a_run_that_was_killed_goes_on(graded_class):
    root, _ = graded_class
    path = autograded(root, "sample-full")
    nb = nbformat.read(path, as_version=4)
    del nb.metadata.gptlab["graded"]  # as nbgrader's first pass leaves it
    path.chmod(stat.S_IRUSR | stat.S_IWUSR)
    nbformat.write(nb, path)
    shutil.rmtree(autograded(root, "sample-half").parent)
    printed = sample_tree.run(root, "autograder", "grade", NAME)
    assert "2 graded now" in printed
    assert total(root, "sample-full") == 17 and total(root, "sample-half") == 15.5


def test_a_broken_file_and_another_gradebook(graded_class, tmp_path):
    """Nobody costs another their grade."""
    root, _ = graded_class
    folder, course = tmp_path / "in", tmp_path / "course"
    folder.mkdir()
    shutil.copy(root / "course" / "handed_in" / NAME / "sample-half.ipynb", folder)
    (folder / "zoe.ipynb").write_text("<html>")
    where = {"COURSE_ROOT": str(course), "GRADEBOOK_URL": f"sqlite:///{tmp_path}/elsewhere.db"}

    printed = sample_tree.run(root, "autograder", "collect", NAME, str(folder), **where)
    assert "NO SUBMISSION: zoe.ipynb: found a web page" in printed
    broken = course / "submitted" / "bob" / NAME / f"{NAME}.ipynb"
    broken.parent.mkdir(parents=True)
    broken.write_text("{")
    printed = sample_tree.run(root, "autograder", "grade", NAME, code=1, **where)
    assert "bob: NO GRADE:" in printed and "zoe: NO GRADE:" in printed
    assert "1 graded now" in printed
    assert total(root, "sample-half", tmp_path / "elsewhere.db") == 15.5
    assert not (course / "gradebook.db").exists()


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("grade", "lab77_none"), "no such lab"),
        (("grade", FIRST), "collect them first"),
        (("feedback", FIRST), "grade the submissions first"),
        (("report", FIRST), "grade the submissions first"),
        (("collect", FIRST, "nowhere"), "no folder and no zip"),
        (("grade", FIRST, "--jobs", "0"), "expected 1 or more"),
    ],
)
def test_what_a_user_can_mend_is_a_sentence_and_exit_code_2(course_root, capsys, command, words):
    assert cli.main(command) == 2
    assert words in capsys.readouterr().err
