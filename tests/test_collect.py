"""Whatever a student hands in becomes a well-formed submission, or a problem with a name."""

from __future__ import annotations

import copy
import json
import zipfile
from pathlib import Path

import nbformat
import pytest
import release_sample
from nbformat import NotebookNode
from nbgrader.nbgraderformat import MetadataValidator

from autograder import collect, notebooks, release, repair, source

NAME = release_sample.NAME
RIGHT = "def double(x):\n    return x + x"


@pytest.fixture
def lab(tmp_path_factory, monkeypatch) -> NotebookNode:
    """The released sample lab, that every part of collect now takes for the one of its name."""
    root = release_sample.course(tmp_path_factory.mktemp("sample"))
    made = release.student_notebook(source.load(NAME, root), root)
    monkeypatch.setattr(repair, "_released_text", lambda name: release.text_of(made))
    monkeypatch.setattr(source, "load", lambda name: None)
    return made


@pytest.fixture
def answered(lab) -> NotebookNode:
    """The lab with one answer given, another written and a cell of the student's own."""
    nb = copy.deepcopy(lab)
    cell(nb, "answer-double").source = RIGHT
    cell(nb, "meaning").source = "Where they balance."
    nb.cells.insert(3, nbformat.v4.new_code_cell("print('trying')", id="mine"))
    return nb


def cell(nb: NotebookNode, grade_id: str) -> NotebookNode:
    """The one cell of this grade id."""
    [found] = [c for c in nb.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id]
    return found


def place(nb: NotebookNode, grade_id: str) -> int:
    return nb.cells.index(cell(nb, grade_id))


def stubs(nb: NotebookNode) -> list[str]:
    """The code that would undo an answer of the lab's one function."""
    return [c.source for c in nb.cells if c.cell_type == "code" and "NotImpl" in c.source]


def repaired(nb: NotebookNode) -> tuple[NotebookNode, list[str]]:
    """Repair through a file, and prove the result well-formed and complete."""
    nb, notes = repair.repair(notebooks.parse(nbformat.writes(nb).encode(), "x.ipynb"), NAME)
    nbformat.validate(nb)
    MetadataValidator().validate_nb(nb)
    again, more = repair.repair(nb, NAME)
    assert (again, more) == (nb, notes), "a second repair changes nothing"
    return nb, notes


def assert_whole(nb: NotebookNode) -> None:
    """Every cell that nbgrader knows is there, and the answers are the student's."""
    assert cell(nb, "answer-double").source.strip() == RIGHT
    assert cell(nb, "meaning").source.strip() == "Where they balance."
    assert cell(nb, "double").metadata.nbgrader.points == 9.5
    for grade_id in ("answer-mean", "mean", "answer-why_two", "why_two", "question-why_two"):
        assert cell(nb, grade_id).metadata.nbgrader.schema_version == 3


def test_a_good_notebook_stays_as_it_is(answered):
    made, notes = repaired(answered)
    assert notes == []
    assert [c.source for c in made.cells] == [c.source for c in answered.cells]
    assert_whole(made)


def test_outputs_do_not_come_along(answered):
    html = nbformat.v4.new_output("display_data", {"text/html": "<script>alert(1)</script>"})
    answered.cells[3].outputs = [html]
    made, _ = repaired(answered)
    assert not any(c.get("outputs") for c in made.cells)


def test_metadata_lost_ids_kept_as_in_an_editor_that_strips(answered):
    for c in answered.cells:
        c.metadata = NotebookNode()
    answered.metadata = NotebookNode()
    made, notes = repaired(answered)
    assert_whole(made)
    assert any("lost their metadata" in note for note in notes)


def test_metadata_and_ids_lost_as_after_nbstripout(answered):
    for number, c in enumerate(answered.cells):
        c.metadata, c.id = NotebookNode(), str(number)
    made, _ = repaired(answered)
    assert_whole(made)


def test_ids_in_the_metadata_as_colab_writes_them(answered):
    raw = json.loads(nbformat.writes(answered))
    raw["nbformat_minor"] = 0
    for c in raw["cells"]:
        c["metadata"] = {"id": c.pop("id")}
    made, _ = repair.repair(notebooks.parse(json.dumps(raw).encode(), "colab.ipynb"), NAME)
    assert_whole(made)


def test_an_answer_with_a_syntax_error_is_known_by_its_name(answered):
    cell(answered, "answer-double").source = "def double(x):\n    return (x"
    for number, c in enumerate(answered.cells):
        c.metadata, c.id = NotebookNode(), str(number)
    made, _ = repaired(answered)
    assert cell(made, "answer-double").source == "def double(x):\n    return (x"


@pytest.mark.parametrize("first", [True, False], ids=["changed first", "changed last"])
def test_of_two_copies_of_an_answer_the_changed_one_counts(answered, lab, first):
    untouched = copy.deepcopy(cell(lab, "answer-double"))
    untouched.id = "copy"
    at = place(answered, "answer-double")
    answered.cells.insert(at + 1 if first else at, untouched)
    made, notes = repaired(answered)
    assert_whole(made)
    assert not stubs(made)
    assert any("2 copies" in note for note in notes)


def test_of_two_changed_copies_the_last_counts_and_both_run(answered):
    earlier = copy.deepcopy(cell(answered, "answer-double"))
    earlier.id, earlier.source = "copy", "def double(x):\n    return 0"
    answered.cells.insert(place(answered, "answer-double"), earlier)
    made, _ = repaired(answered)
    assert_whole(made)
    assert made.cells[place(made, "answer-double") - 1].source == earlier.source


def test_two_copies_of_a_written_answer_are_both_read(answered):
    more = copy.deepcopy(cell(answered, "meaning"))
    more.id, more.source = "copy", "And more."
    answered.cells.append(more)
    made, _ = repaired(answered)
    assert cell(made, "meaning").source == "Where they balance.\n\nAnd more."


def test_deleted_grade_cell_comes_back_behind_the_answer(answered):
    answered.cells.remove(cell(answered, "double"))
    made, notes = repaired(answered)
    assert_whole(made)
    assert place(made, "double") == place(made, "answer-double") + 1
    assert notes == ["double: was missing and has been put back"]


def test_a_grade_cell_comes_back_behind_the_cells_that_the_answer_goes_on_in(answered):
    answered.cells.remove(cell(answered, "double"))
    more = nbformat.v4.new_code_cell("def double(x):\n    return 2 * x", id="more")
    answered.cells.insert(place(answered, "answer-double") + 1, more)
    made, _ = repaired(answered)
    assert made.cells[place(made, "double") - 1].source == more.source


def test_an_edited_grade_cell_is_as_released_again(answered, lab):
    cell(answered, "double").source = "pass"
    cell(answered, "double").metadata.nbgrader["points"] = 1000
    made, notes = repaired(answered)
    assert cell(made, "double") == cell(lab, "double")
    assert notes == ["double: had been edited, and is as released again"]


def test_an_answer_moved_to_a_cell_of_its_own_is_not_undone_by_a_stub(answered):
    answered.cells.remove(cell(answered, "answer-double"))
    answered.cells.insert(3, nbformat.v4.new_code_cell(RIGHT, id="own"))
    made, _ = repaired(answered)
    assert sum(RIGHT in c.source for c in made.cells) == 1
    assert not stubs(made)


def test_a_deleted_answer_is_said(answered):
    answered.cells.remove(cell(answered, "answer-double"))
    made, notes = repaired(answered)
    assert notes == ["answer-double: this answer cell is missing"]
    assert "answer-double" not in [c.id for c in made.cells]


def test_an_answer_turned_into_markdown_is_code_again(answered):
    old = cell(answered, "answer-double")
    new = nbformat.v4.new_markdown_cell(old.source, metadata=old.metadata, id=old.id)
    answered.cells[answered.cells.index(old)] = new
    made, _ = repaired(answered)
    assert cell(made, "answer-double").cell_type == "code"


BAD_FILES = {
    "empty file": (b"", "file is empty"),
    "html": (b"<!DOCTYPE html><html></html>", "a web page"),
    "text": (b"def encode(s): ...", "not JSON"),
    "other json": (b'{"a": 1}', "not a notebook"),
    "list": (b"[1, 2]", "not a notebook"),
    "format 2": (b'{"nbformat": 2, "worksheets": []}', "format 2"),
    "no cells": (b'{"nbformat": 4, "cells": []}', "is empty"),
    "blank cells": (
        b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": " "}]}',
        "is empty",
    ),
    "another notebook": (
        b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": "def double(x): ..."}]}',
        "nothing in this notebook",
    ),
    "another lab": (
        b'{"nbformat": 4, "metadata": {"gptlab": {"lab": "lab02_x"}}, "cells": []}',
        "a notebook of lab02_x",
    ),
    "deep": (b"[" * 100_000, "not JSON"),
    "odd types": (
        b'{"nbformat": 4, "metadata": 3, "cells": [1, {"source": 5, "metadata": []}]}',
        "is empty",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_FILES)
def test_what_cannot_be_a_submission_is_a_problem_with_a_name(lab, course_root, tmp_path, name):
    data, words = BAD_FILES[name]
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "ann.ipynb").write_bytes(data)
    [done] = collect.collect(NAME, tmp_path / "in")
    assert words in done.problem
    assert collect.problems(NAME) == [done]
    assert collect.students(NAME) == []
    assert (course_root / "received" / NAME / "ann" / "ann.ipynb").read_bytes() == data


def test_folder_with_files_and_trees(lab, answered, course_root, tmp_path):
    text = nbformat.writes(answered)
    for name in ("ann.ipynb", f"bob_{NAME}.ipynb", f"cy/{NAME}/{NAME}.ipynb",
                 f"submitted/dee/{NAME}/{NAME}.ipynb", "eve/final.ipynb",
                 "ann/.ipynb_checkpoints/ann-checkpoint.ipynb"):  # fmt: skip
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    done = collect.collect(NAME, tmp_path / "in")
    assert [one.student for one in done] == ["ann", "bob", "cy", "dee", "eve"]
    assert collect.students(NAME) == ["ann", "bob", "cy", "dee", "eve"]
    assert not any(one.changed for one in collect.collect(NAME, tmp_path / "in")), "nothing new"


def test_zip_and_a_name_that_leads_out_of_the_course(lab, answered, course_root, tmp_path):
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        archive.writestr("ann.ipynb", nbformat.writes(answered))
        archive.writestr(f"../../{NAME}.ipynb", nbformat.writes(answered))
        archive.writestr("bob/model.pdf", "hello")
        archive.writestr("ann/notes.txt", "hello")
    done = {one.student: one for one in collect.collect(NAME, tmp_path / "in.zip")}
    assert collect.students(NAME) == ["ann"]
    assert "expected letters" in done[".."].problem
    assert "no notebook" in done["bob"].problem
    assert sorted(done) == ["..", "ann", "bob"]
    assert not list(tmp_path.glob("*.ipynb"))


def test_a_problem_is_gone_once_a_good_file_comes(lab, answered, course_root, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "ann.ipynb").write_text("")
    collect.collect(NAME, tmp_path / "in")
    (tmp_path / "in" / "ann.ipynb").write_text(nbformat.writes(answered))
    collect.collect(NAME, tmp_path / "in")
    assert collect.problems(NAME) == []


def test_nothing_to_collect_says_what_was_expected(lab, course_root, tmp_path):
    with pytest.raises(collect.UserError, match=r"expected STUDENT\.ipynb"):
        collect.collect(NAME, tmp_path)
    with pytest.raises(collect.UserError, match="no folder and no zip"):
        collect.collect(NAME, Path("nowhere"))


def test_folders_odd_dates_and_damaged_members_of_a_zip(lab, answered, course_root, tmp_path):
    path, text = tmp_path / "all.zip", release.text_of(answered)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{release_sample.NAME}/", "")
        archive.writestr("ada.ipynb", text)
        odd = zipfile.ZipInfo("bob.ipynb", (1980, 1, 1, 0, 0, 0))
        archive.writestr(odd, text)
        archive.writestr("eve.ipynb", "eve's own bytes")
        odd.date_time = (1980, 0, 0, 0, 0, 0)  # what some programs write
    data = path.read_bytes().replace(b"eve's own bytes", b"EVE'S own bytes")
    path.write_bytes(data)
    done = {one.student: one for one in collect.collect(release_sample.NAME, path)}
    assert not done["ada"].problem
    assert not done["bob"].problem
    assert "the file is empty" in done["eve"].problem


def test_half_an_emoji_costs_nobody_a_collection(lab, answered, course_root, tmp_path):
    raw = json.loads(release.text_of(answered))
    raw["cells"][0]["source"] = "half \ud83d of one"
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "ada.ipynb").write_text(json.dumps(raw))
    (done,) = collect.collect(release_sample.NAME, tmp_path / "in")
    assert not done.problem
