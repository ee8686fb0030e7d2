"""The class that `make course` makes: what each of it earns, and that a second run is idle."""

from __future__ import annotations

import csv
import json
import shutil
import sys
from pathlib import Path

import pytest
import sample_tree

from autograder import cheats, report, sample_class, source

pytestmark = pytest.mark.slow
NAME = sample_tree.NAME


def scores(root: Path) -> dict[str, float]:
    """Student -> score, from nbgrader's CSV."""
    with (root / "course" / "grades.csv").open() as file:
        return {line["student_id"]: float(line["score"]) for line in csv.DictReader(file)}


def test_everybody_earns_what_they_did(graded_class):
    root, printed = graded_class
    found = scores(root)
    if sys.platform == "linux":
        assert found.pop("sample-hostile") == 0
    assert found == {
        "sample-full": 17,  # 3 of 20 wait for a person
        "sample-damaged": 17,
        "sample-half": 15.5,
        "sample-untouched": 0,
        "sample-wrong": pytest.approx(2.38 + 1.5 + 1.5, abs=0.01),  # a quarter without the core
    }
    for student in found:
        assert student in printed
    assert "gradebook.db" in printed and "feedback" in printed and "grades.csv" in printed


def test_a_second_run_grades_nothing(graded_class):
    root, _ = graded_class
    files = {path: path.stat().st_mtime_ns for path in (root / "course").rglob("*.ipynb")}
    printed = sample_tree.run(root, "autograder", "class")
    assert "graded 1 of" not in printed and "feedback 1 of" not in printed
    assert {path: path.stat().st_mtime_ns for path in files} == files
    grades = sample_tree.run(root, "autograder", "grade", NAME)
    assert f"0 graded now, {len(sample_class.members())} as before" in grades


def test_the_report_names_the_mistakes(graded_class):
    root, _ = graded_class
    printed = sample_tree.run(root, "autograder", "report", NAME, "--json")
    lines = {line["item"]: line for line in json.loads(printed)["items"]}
    assert lines["double"]["mistakes"] == {"squared": 1}
    assert lines["double"]["statuses"]["not_attempted"] == 1
    assert "the number was squared" in sample_tree.run(root, "autograder", "report", NAME)


def test_a_changed_lab_is_registered_and_graded_anew(graded_class, tmp_path):
    root = Path(shutil.copytree(graded_class[0], tmp_path / "checkout"))
    path = root / "solutions" / f"{NAME}.py"
    text = path.read_text().replace('choice="why_two" points=1.5', 'choice="why_twice" points=2')
    path.write_text(text.replace("points=3\n", "points=2.5\n"))
    sample_tree.run(root, "autograder", "class")
    assert scores(root)["sample-full"] == 17.5


def test_a_real_class_is_left_alone(graded_class):
    root, _ = graded_class
    real = root / "course" / "submitted" / "ann"
    real.mkdir()
    try:
        printed = sample_tree.run(root, "autograder", "class", code=2)
    finally:
        real.rmdir()
    assert "holds a real class (1 students, as ann)" in printed


@pytest.mark.parametrize("number", range(len(cheats.ALL)))
def test_every_cheat_is_python_and_defines_what_the_cell_should(number):
    text = cheats.cheat(number, "def encode(s):\n    raise NotImplementedError", "lab01_x")
    compile(text, "cheat", "exec")
    assert "NAME" not in text
    assert "encode" in cheats.defined(text)


def test_the_first_lab(course_root):
    """Lab 1's own class: full and damaged get all that a machine marks, cheats nothing."""
    name = source.labs()[0]
    found = {one.student: one for one in sample_class.grade_class(name, jobs=2)}
    full = found["sample-full"]
    assert full.score == full.max_score - full.pending
    assert found["sample-damaged"].score == full.score
    assert found["sample-untouched"].score == 0
    assert 0 < found["sample-half"].score < full.score
    assert 0 < found["sample-wrong"].score < full.score
    if sys.platform == "linux":
        for earned, most in found["sample-hostile"].items.values():
            assert earned <= most / 4, "no more than any answer without thought"
    _, lines = report.report(name)
    named = {mistake for line in lines for mistake in line.mistakes}
    assert named >= {mistake.id for mistake in sample_class.chosen_mistakes(source.load(name))}
