"""What the tests of collect share: the sample lab in the place of a real one, and its notebooks."""

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

from autograder import notebooks, release, repair, source

NAME = release_sample.NAME
RIGHT = "def double(x):\n    return x + x"


def install(root: Path, monkeypatch: pytest.MonkeyPatch) -> NotebookNode:
    """The released sample lab, that every part of collect now takes for the one of its name."""
    release_sample.course(root)
    made = release.student_notebook(source.load(NAME, root), root)
    text = release.text_of(made)
    monkeypatch.setattr(repair, "_released_text", lambda name: text)
    monkeypatch.setattr(source, "load", lambda name: None)
    return made


def with_answers(lab: NotebookNode) -> NotebookNode:
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


def repaired(nb: NotebookNode) -> tuple[NotebookNode, list[str]]:
    """Repair through a file, and prove the result well-formed and complete."""
    nb, notes = repair.repair(notebooks.parse(json.dumps(nb).encode(), "x.ipynb"), NAME)
    nbformat.validate(nb)
    MetadataValidator().validate_nb(nb)
    again, more = repair.repair(nb, NAME)
    assert (again, more) == (nb, notes), "a second repair changes nothing"
    return nb, notes


def zipped(
    path: Path, files: dict[str, str | bytes], dates: dict[str, tuple] | None = None
) -> Path:
    """A zip of these files, name -> content, each of its own date."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name, (dates or {}).get(name, (2025, 10, 3, 12, 0, 0)))
            archive.writestr(info, data, zipfile.ZIP_DEFLATED)
    return path
