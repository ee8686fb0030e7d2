"""A lab with a file, from hand-in to gradebook, each notebook in its jail."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import file_sample
import nbformat
import pytest
from file_sample import CELL, FILE, NAME
from sample_tree import run
from test_nbgrader import total

from autograder import holes, release

pytestmark = pytest.mark.slow
FULL = holes.filled(file_sample.WHEEL)
START, ON, BACK = (
    "self.at = 10 * config.step",
    "self.at += n * self.step",
    "self.at -= n * self.step",
)
OWN_SUM = "    result = 0\n    for value in values:\n        result += value\n    return result\n"
# Who hands in what: the text of the cell (None: as released), that of the file beside it.
CLASS = {
    "right": (FULL, None),
    "beside": (None, FULL),
    "zipped": (None, FULL),
    "both": (FULL, FULL.replace("10 *", "11 *")),
    "start_wrong": (FULL.replace("10 * config", "10 + config"), None),
    "turn_wrong": (FULL.replace(ON, "self.at += n"), None),
    "total_wrong": (FULL.replace("result = 0", "result = 1"), None),
    "start_empty": (FULL.replace(START, "raise NotImplementedError"), None),
    "turn_empty": (FULL.replace(ON, "raise NotImplementedError"), None),
    "total_released": (FULL.replace(OWN_SUM, "    return sum(values)\n"), None),
    "untouched": (None, None),
    "no_cell": ("", None),
    "syntax": (FULL.replace(START, "self.at = (10 * config.step"), None),
    "endless": (f"{FULL}\nwhile True:\n    pass\n", None),
}


@pytest.fixture(scope="module")
def tree(tmp_path_factory) -> Path:
    """A checkout with the lab, its class of CLASS handed in, collected and graded."""
    root = file_sample.make(tmp_path_factory.mktemp("checkout"))
    where = root / "in"
    for student, (text, beside) in CLASS.items():
        folder = where / student
        folder.mkdir(parents=True)
        nb = notebook(root, text)
        if student == "no_cell":
            nb.cells.remove(file_sample.cell(nb))
        files = {f"{NAME}.ipynb": release.text_of(nb)} | ({FILE: beside} if beside else {})
        if student == "zipped":
            with zipfile.ZipFile(folder / "all.zip", "w") as archive:
                for name, data in files.items():
                    archive.writestr(f"my work/{name}", data)
        else:
            for name, data in files.items():
                (folder / name).write_text(data)
    (root / "collected.txt").write_text(run(root, "autograder", "collect", NAME, str(where)))
    (root / "graded.txt").write_text(run(root, "autograder", "grade", NAME, "--jobs", "2"))
    return root


def notebook(root: Path, text: str | None):
    nb = file_sample.notebook(root)
    if text:
        file_sample.cell(nb).source = f"%%write {FILE}\n{text}".rstrip()
    return nb


def items(root: Path, student: str) -> dict[str, tuple[str, str]]:
    """Item -> its score and what its cell says, as the submission was graded."""
    path = root / "course" / "autograded" / student / NAME / f"{NAME}.ipynb"
    found = {}
    for cell in nbformat.read(path, as_version=4).cells:
        known = cell.metadata.get("nbgrader", {})
        if known.get("grade"):
            score, said = (output.data["text/plain"] for output in cell.outputs)
            found[known.grade_id] = (float(score), said)
    return found


@pytest.mark.parametrize("student", ["right", "beside", "zipped", "both"])
def test_a_right_file_earns_everything_wherever_it_lay(tree, student):
    assert total(tree, student) == 20


@pytest.mark.parametrize(("student", "item", "says"), [
    ("start_wrong", "start", "10 and the step were added"),
    ("turn_wrong", "turn", "the step was forgotten"),
    ("total_wrong", "total", "the sum begins at 1"),
])  # fmt: skip
def test_a_mistake_costs_its_own_item_and_is_named(tree, student, item, says):
    found = items(tree, student)
    whole = {"start": 6, "turn": 8.5, "total": 5.5}
    assert {name for name, (score, _) in found.items() if score < whole[name]} == {item}
    assert says in found[item][1]


def test_an_empty_hole_is_not_attempted_and_others_say_that_they_need_it(tree):
    found = items(tree, "start_empty")
    assert found["start"] == (0, "not attempted")
    assert "this needs `# TO-DO start`, which is not done yet (wheel.py, line " in found["turn"][1]
    assert found["total"][0] == 5.5


def test_one_of_two_places_is_an_attempt(tree):
    score, said = items(tree, "turn_empty")["turn"]
    assert 0 < score <= 8.5 / 4
    assert "this needs `# TO-DO turn`, which is not done yet" in said


def test_the_released_text_of_a_bonus_earns_nothing(tree):
    assert items(tree, "total_released")["total"] == (0, "not attempted")


def test_nothing_done_and_nothing_there(tree):
    assert total(tree, "untouched") == 0
    assert {said for _, said in items(tree, "untouched").values()} == {"not attempted"}
    assert {said for _, said in items(tree, "no_cell").values()} == {"missing"}


@pytest.mark.parametrize(("student", "says"), [
    ("syntax", "wheel.py, line 16: SyntaxError: '(' was never closed"),
    ("endless", "stopped while it was loaded: is there an endless loop?"),
])  # fmt: skip
def test_a_file_that_cannot_be_loaded_says_why_at_each_item(tree, student, says):
    assert total(tree, student) == 0
    assert all(says in said for _, said in items(tree, student).values())


def test_collect_and_grade_say_where_the_file_came_from(tree):
    report = json.loads((tree / "course" / "problems" / f"{NAME}.json").read_text())
    notes = {one["student"]: one["notes"] + one["look"] for one in report["students"]}
    taken = [f"{CELL}: taken from wheel.py, handed in beside the notebook"]
    assert notes["beside"] == notes["zipped"] == taken
    assert len(notes["both"]) == 2 and "differs from this cell" in notes["both"][1]
    assert notes["right"] == []
    graded = (tree / "graded.txt").read_text()
    assert "both: answer-wheel_py: wheel.py, handed in beside the notebook, differs" in graded
    assert "beside: answer" not in graded
    assert "endless: stopped after 20 s" in graded


def test_plain_nbgrader_takes_the_file_too(tree):
    """Also where a file of the same name lies in the instructor's source folder."""
    folder = tree / "course" / "submitted" / "plain" / NAME
    folder.mkdir(parents=True)
    (folder / f"{NAME}.ipynb").write_text(release.text_of(notebook(tree, None)))
    (folder / FILE).write_text(FULL)
    ours = tree / "course" / "source" / NAME / FILE
    ours.write_text("raise SystemExit\n")
    run(tree, "nbgrader", "autograde", NAME, "--student", "plain", "--create")
    ours.unlink()
    assert total(tree, "plain") == 20
    graded = tree / "course" / "autograded" / "plain" / NAME
    assert (graded / FILE).read_text() == FULL
    [cell] = [c for c in nbformat.read(graded / f"{NAME}.ipynb", 4).cells if c.id == CELL]
    assert "10 * config.step" in cell.source  # formgrader and feedback show it
    shutil.rmtree(folder)


def test_score_takes_the_file_beside_the_notebook(tree, tmp_path):
    (tmp_path / "x.ipynb").write_text(release.text_of(notebook(tree, None)))
    (tmp_path / FILE).write_text(FULL)
    found = json.loads(run(tree, "autograder", "score", str(tmp_path / "x.ipynb"), "--json"))
    assert found["score"] == 20
    assert found["flags"] == [f"{CELL}: taken from wheel.py, handed in beside the notebook"]


def test_the_matrix_of_its_mistakes_holds_by_all_tests(tree):
    for judge in ("reached", "all"):
        said = run(tree, "autograder", "try", NAME, "--judge", judge)
        assert "4 of 4 mistakes are caught and told apart" in " ".join(said.split())


def test_the_sample_class_of_such_a_lab(tree):
    shutil.rmtree(tree / "course" / "submitted")
    run(tree, "autograder", "class", NAME)
    found = {name: total(tree, f"sample-{name}") for name in ("full", "half", "damaged", "hostile")}
    assert found == {"full": 20, "half": 6, "damaged": 20, "hostile": 0}


def test_its_figures_are_made_in_a_folder_of_their_own(tree):
    run(tree, "autograder", "figures", NAME)
    assert not list(tree.glob("*.py.written")) and not (tree / FILE).exists()
