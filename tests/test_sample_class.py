"""The class that `make course` makes: what each of it earns, that it can be stopped and goes on,
and that a second run is idle."""

from __future__ import annotations

import csv
import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sample_tree

from autograder import cheats, class_record, course, report, sample_class, source, whole_class

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
        assert student.removeprefix("sample-") in printed
    assert "gradebook.db" in printed and "feedback" in printed and "grades.csv" in printed


def test_a_second_run_grades_nothing(graded_class):
    root, _ = graded_class
    kept = [*(root / "course").rglob("*.ipynb"), *(root / "course" / "results").glob("*.json")]
    files = {path: path.stat().st_mtime_ns for path in [*kept, root / "course" / "class.json"]}
    printed = sample_tree.run(root, "autograder", "class")
    assert "graded 1 of" not in printed and "feedback 1 of" not in printed
    assert {path: path.stat().st_mtime_ns for path in files} == files
    grades = sample_tree.run(root, "autograder", "grade", NAME)
    assert f"0 graded now, {len(sample_class.members())} as before" in grades


def record(root: Path) -> dict:
    """What the last run left behind."""
    return json.loads((root / "course" / "class.json").read_text())


def test_the_record_says_what_the_gradebook_says(graded_class):
    root, printed = graded_class
    found = record(root)
    lab = found["labs"][NAME]
    assert {student: one["score"] for student, one in lab["scores"].items()} == {
        student: pytest.approx(score, abs=0.01) for student, score in scores(root).items()
    }
    assert lab["scores"]["sample-full"]["waits"] == 3 and "17.00 + 3" in printed
    assert lab["of"] == 20 and not found["unfinished"]
    if sys.platform == "linux":
        assert [one["item"] for one in lab["cheats"]] == ["double", "mean"]
        assert {one["earned"] for one in lab["cheats"]} == {0}
        assert "equal to everything" in lab["cheats"][0]["tries"]
    assert any("metadata" in note for note in lab["repaired"])
    made = {one["id"]: one["students"] for one in lab["mistakes"] if one["made"]}
    assert made == {"squared": 1, "sum_not_mean": 0}  # its mean is that of wrong doubles
    assert {"release", "hand in", "collect", "grade", "feedback"} < set(lab["seconds"])
    assert str(root) not in json.dumps(found)


def test_the_last_run_can_be_shown_again(graded_class):
    root, printed = graded_class
    shown = sample_tree.run(root, "autograder", "class", "--show")
    assert "submission" not in shown and shown.splitlines()[0].strip()
    assert shown.strip() in printed


def test_where_there_is_no_run_to_show_it_says_so(graded_class, tmp_path):
    root, _ = graded_class
    said = sample_tree.run(root, "autograder", "class", "--show", code=2, COURSE_ROOT=str(tmp_path))
    assert "no class was run here yet" in said


def test_without_a_jail_the_hostile_one_is_left_out(graded_class, tmp_path):
    root, _ = graded_class
    course = {"COURSE_ROOT": str(tmp_path / "course")}
    said = sample_tree.run(root, "autograder", "class", "--jail", "none", **course)
    assert "Left out: sample-hostile" in said
    found = json.loads((tmp_path / "course" / "class.json").read_text())
    assert found["left_out"] == ["sample-hostile"] and found["jail"] == "none"
    assert "sample-hostile" not in found["labs"][NAME]["scores"]
    assert found["labs"][NAME]["scores"]["sample-full"]["score"] == 17


def test_a_run_that_was_stopped_goes_on(graded_class, tmp_path):
    root = Path(shutil.copytree(graded_class[0], tmp_path / "checkout"))
    shutil.rmtree(root / "course")
    results = root / "course" / "results"

    def judged() -> dict[Path, int]:
        found = [path for path in results.glob("*.json") if "mistakes-" not in path.name]
        return {path: path.stat().st_mtime_ns for path in found}

    command = [sys.executable, "-m", "autograder", "class", "--jobs", "1"]
    with subprocess.Popen(command, cwd=root, env=sample_tree.environment(root), text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:  # fmt: skip
        until = time.monotonic() + 200
        while not judged() and process.poll() is None and time.monotonic() < until:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=100)
    before = judged()
    assert process.returncode == 130 and said.endswith("stopped\n"), said
    assert "Traceback" not in said
    assert 0 < len(before) < len(sample_class.members())
    spent = record(root)["unfinished"][NAME]["grade"]
    sample_tree.run(root, "autograder", "class")
    assert judged().items() >= before.items(), "what was judged before the stop is not judged again"
    assert scores(root) == scores(graded_class[0])
    found = record(root)
    assert not found["unfinished"]
    assert found["labs"][NAME]["seconds"]["grade"] > spent


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
    assert whole_class.grade_class(name, jobs=2)
    found = {one.student: one for one in course.scores(name)}
    full = found["sample-full"]
    assert full.score == full.max_score - full.pending
    assert found["sample-damaged"].score == full.score
    assert found["sample-untouched"].score == 0
    assert 0 < found["sample-half"].score < full.score
    assert 0 < found["sample-wrong"].score < full.score
    entry = class_record.entry(source.load(name), {"grade": 1.0})
    if sys.platform == "linux":
        for earned, most in found["sample-hostile"].items.values():
            assert earned <= most / 4, "no more than any answer without thought"
        assert len({one["tries"] for one in entry["cheats"]}) == len(cheats.ALL)
    assert all(one["students"] for one in entry["mistakes"])
    _, lines = report.report(name)
    named = {mistake for line in lines for mistake in line.mistakes}
    assert named >= {mistake.id for mistake in sample_class.chosen_mistakes(source.load(name))}


@pytest.fixture
def kept_record(tmp_path, monkeypatch):
    """A record of one lab, made on this machine; gives what writes another one."""
    monkeypatch.setattr(class_record, "path", lambda: tmp_path / "class.json")
    record = class_record.begin()
    record["labs"][source.labs()[0]] = {
        "of": 20, "seconds": {"grade": 3.0}, "scores": {"sample-full": {"score": 17.0, "waits": 3}},
    }  # fmt: skip
    class_record.save(record)
    return lambda **changed: class_record.save(record | changed)


def test_a_record_of_another_machine_is_shown_and_not_mixed_with_this_ones(kept_record):
    assert list(class_record.begin()["labs"]) == [source.labs()[0]]
    other = {"processor": "one that was timed"}
    kept_record(machine=other)
    assert class_record.read()["machine"] == other and class_record.read()["labs"]
    assert class_record.begin()["labs"] == {} and class_record.begin()["machine"] != other


def test_a_run_that_was_stopped_before_the_export_can_be_shown(kept_record, capsys):
    whole_class.show(class_record.read())
    assert "Took        3 s, 1 labs" in capsys.readouterr().out
