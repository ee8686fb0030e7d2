"""Whatever a student hands in becomes a well-formed submission, or a problem with a name."""

from __future__ import annotations

import copy
import json
import os
from pathlib import Path

import nbformat
import pytest
from collect_sample import NAME, RIGHT, cell, install, place, repaired, with_answers, zipped
from nbformat import NotebookNode

from autograder import collect, notebooks, release, repair


@pytest.fixture
def lab(tmp_path_factory, monkeypatch) -> NotebookNode:
    return install(tmp_path_factory.mktemp("sample"), monkeypatch)


@pytest.fixture
def answered(lab) -> NotebookNode:
    return with_answers(lab)


def stubs(nb: NotebookNode) -> list[str]:
    """The code that would undo an answer of the lab's one function."""
    return [c.source for c in nb.cells if c.cell_type == "code" and "NotImpl" in c.source]


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
    "blank file": (b"\0\0 \n", "file is empty"),
    "html": (b"<!DOCTYPE html><html></html>", "a web page"),
    "text": ("Here you are, Grüße".encode("latin-1"), "found text, not JSON"),
    "python": (b"import torch\n\ndef encode(s): ...", "Python code"),
    "word": (b"PK\3\4 and so on", "a zip that cannot be read"),
    "other json": (b'{"a": 1}', "not a notebook"),
    "list": (b"[1, 2]", "not a notebook"),
    "format 2": (b'{"nbformat": 2, "worksheets": []}', "is empty"),
    "format 3": (b'{"nbformat": 3, "worksheets": [{"cells": [{"cell_type": 3}]}]}', "format 3"),
    "no format": (b'{"nbformat": "x", "cells": []}', "not a notebook"),
    "no cells": (b'{"nbformat": 4, "cells": []}', "is empty"),
    "cells of no kind": (b'{"nbformat": 4, "cells": {"a": 1}}', "format 4 that is not"),
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
    "conflict": (b'{"cells": [\n<<<<<<< HEAD\n1\n=======\n2\n>>>>>>> x\n]}', "git conflict"),
    "cut short": (b'{"nbformat": 4, "cells": [{"cell_type": "code", "sou', "cut short"),
    "deep": (b"[" * 100_000, "not JSON"),
    "deep inside": (
        b'{"nbformat": 4, "cells": [], "metadata": ' + b'{"a":' * 5000 + b"1" + b"}" * 5001,
        "not JSON",
    ),
    "huge number": (b'{"nbformat": 4, "cells": [' + b"9" * 10_000 + b"]}", "not JSON"),
    "many cells": (
        b'{"nbformat": 4, "cells": [' + b'{"source": "x"},' * 4000 + b"1]}",
        "found 4000 cells",
    ),
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


def test_a_file_of_200_mb_is_not_read_to_its_end(lab, course_root, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "ann.ipynb").touch()
    os.truncate(tmp_path / "in" / "ann.ipynb", 200_000_000)
    (tmp_path / "in" / "bob.ipynb").write_bytes(b"x" + b" " * notebooks.MOST_BYTES)
    ann, bob = collect.collect(NAME, tmp_path / "in")
    assert "over 50 MB" in bob.problem
    assert "over 50 MB" in ann.problem
    assert not (course_root / "received").exists()


WRITTEN = {
    "as it is": lambda text: text.encode(),
    "BOM": lambda text: text.encode("utf-8-sig"),
    "UTF-16": lambda text: text.encode("utf-16"),
    "UTF-32": lambda text: text.encode("utf-32-be"),
    "CRLF": lambda text: text.replace("\n", "\r\n").encode(),
    "CRLF inside": lambda text: text.replace("\\n", "\\r\\n").encode(),
    "blanks around": lambda text: b"\n\n" + text.encode() + b"\0\0\n",
    "format 5": lambda text: text.replace('"nbformat": 4', '"nbformat": 5').encode(),
    "no format": lambda text: text.replace('"nbformat": 4,', "").encode(),
    "control characters": lambda text: text.replace("trying", "try\x01ing").encode(),
    "outputs that are junk": lambda text: text.replace('"outputs": []', '"outputs": 7').encode(),
}


@pytest.mark.parametrize("how", WRITTEN)
def test_a_notebook_is_read_however_it_was_written(lab, answered, how):
    data = WRITTEN[how](json.dumps(answered, indent=1))
    made, notes = repair.repair(notebooks.parse(data, "x.ipynb"), NAME)
    assert_whole(made)
    assert notes == []


def test_an_old_windows_editor_may_have_saved_it(lab, answered):
    cell(answered, "meaning").source = "Schön"
    data = (
        json.dumps(answered, ensure_ascii=False).replace("\u2026", "").encode("latin-1", "replace")
    )
    made, _ = repair.repair(notebooks.parse(data, "x.ipynb"), NAME)
    assert cell(made, "meaning").source == "Schön"


@pytest.mark.parametrize("version", [2, 3])
def test_old_formats_are_made_new(lab, answered, version):
    for c in answered.cells:
        c.metadata = NotebookNode()
    old = nbformat.convert(copy.deepcopy(answered), 3)
    if version == 2:
        for c in old.worksheets[0].cells:
            if c.cell_type == "heading":  # came with format 3
                c.cell_type = "markdown"
                c.source = "#" * c.pop("level") + " " + c.source
        old.nbformat = 2
    made, notes = repair.repair(notebooks.parse(json.dumps(old).encode(), "x.ipynb"), NAME)
    assert_whole(made)
    assert f"was a notebook of format {version}, made one of format 4" in notes


def test_what_a_student_writes_as_our_notes_is_not_ours(lab, answered, course_root, tmp_path):
    answered.metadata.gptlab["repaired"] = ["full marks\x1b[31m"]
    zipped(tmp_path / "in.zip", {"ann.ipynb": json.dumps(answered)})
    [done] = collect.collect(NAME, tmp_path / "in.zip")
    assert done.notes == []


def test_a_problem_is_gone_once_a_good_file_comes(lab, answered, course_root, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "ann.ipynb").write_text("")
    collect.collect(NAME, tmp_path / "in")
    (tmp_path / "in" / "ann.ipynb").write_text(nbformat.writes(answered))
    collect.collect(NAME, tmp_path / "in")
    assert collect.problems(NAME) == []


def test_nothing_to_collect_says_what_was_expected(lab, course_root, tmp_path):
    with pytest.raises(collect.UserError, match=r"Moodle or Canvas exports, STUDENT\.ipynb"):
        collect.collect(NAME, tmp_path)
    with pytest.raises(collect.UserError, match="no folder and no zip"):
        collect.collect(NAME, Path("nowhere"))


def test_half_an_emoji_costs_nobody_a_collection(lab, answered, course_root, tmp_path):
    raw = json.loads(release.text_of(answered))
    raw["cells"][0]["source"] = "half \ud83d of one"
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "ada.ipynb").write_text(json.dumps(raw))
    (done,) = collect.collect(NAME, tmp_path / "in")
    assert not done.problem
