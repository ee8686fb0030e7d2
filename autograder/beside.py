"""A file that was handed in beside its notebook, put into the cell that writes it.

All that comes after, from formgrader to feedback, sees one form: the notebook with the file's text
in its cell. A cell that the student wrote into counts; a file that then says something else is
named, for a person to look at.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from autograder import companions, handed_in, matching, repair
from autograder.notebooks import CollectError
from autograder.rescue import ELSEWHERE
from gptlab.companion import first_line, text_of

MOST_BYTES = 100_000  # of a file: a lab's has under 20 kB
LOOK = "Look at it yourself."  # ends what a person must look at


@dataclass(frozen=True)
class Beside:
    """A file beside a notebook: what it is called when we speak of it, and how to read it."""

    name: str
    read: Callable[[], bytes]


def released(lab_name: str) -> dict[str, NotebookNode]:
    """Name of a file of this lab -> the released cell that writes it."""
    cells = repair.released(lab_name).cells
    return {cell.metadata.gptlab.file: cell for cell in cells if _file(cell)}


def in_folder(folder: Path, lab_name: str) -> list[Beside]:
    """The lab's files in a folder; links are not followed."""
    paths = [folder / name for name in released(lab_name)]
    return [
        Beside(path.name, lambda path=path: _read(path))
        for path in paths
        if path.is_file() and not path.is_symlink()
    ]


def repaired(
    nb: NotebookNode, lab_name: str, files: Iterable[Beside]
) -> tuple[NotebookNode, list[str]]:
    """`repair.repair`, with the files beside the notebook taken in. Raises CollectError."""
    made, notes = repair.repair(nb, lab_name)
    for file, model in released(lab_name).items():
        known = {one: handed_in.of_file(one.name, file) for one in files}
        mine = sorted((one for one in known if known[one]), key=lambda one: bool(known[one]["who"]))
        for note in _taken_in(made, lab_name, model, mine):
            if note not in notes:
                notes.append(note)
    made.metadata.gptlab["repaired"] = notes
    return made, notes


def alone(lab_name: str, files: Iterable[Beside]) -> tuple[NotebookNode, list[str]]:
    """The released notebook with these files in it, for who handed in nothing else."""
    made, notes = repaired(copy.deepcopy(repair.released(lab_name)), lab_name, files)
    notes.append(f"no notebook was handed in, all else is as released. {LOOK}")
    return made, notes


def to_look_at(notes: Iterable[str]) -> list[str]:
    """Those of these notes that a person must look at."""
    return [note for note in notes if note.endswith(LOOK)]


def _taken_in(
    made: NotebookNode, lab_name: str, model: NotebookNode, files: list[Beside]
) -> list[str]:
    """Put the first file that says anything into its cell; what was done."""
    name, notes = model.metadata.nbgrader.grade_id, []
    cell = next((one for one in made.cells if one.id == model.id), None)
    written = cell is not None and matching.written(cell, model)
    if written and _whole(cell):
        notes.append(f"{name}: had lost its first line, `{first_line(_file(model))}`")
    for one in files:
        try:
            theirs = companions.cell_text(_file(model), text_of(_text(one)))
        except CollectError as error:
            notes.append(f"{error} {LOOK}")
            continue
        if matching.plain(theirs) == matching.plain(model.source):
            continue  # as released
        if not written:
            cell = cell if cell is not None else _put_back(made, lab_name, model)
            cell.source = theirs
            return [*notes, f"{name}: taken from {one.name}, handed in beside the notebook"]
        if matching.plain(theirs) != matching.plain(cell.source):
            said = f"{name}: {one.name}, handed in beside the notebook, differs from this cell. "
            notes.append(f"{said}The cell counts. {LOOK}")
        break
    return notes


def _whole(cell: NotebookNode) -> bool:
    """Give a cell the line that makes it a file; False where it has it."""
    start = first_line(_file(cell))
    if cell.source.lstrip().startswith(start) or cell.source == ELSEWHERE:
        return False
    cell.source = f"{start}\n{text_of(cell.source)}".rstrip()
    return True


def _put_back(made: NotebookNode, lab_name: str, model: NotebookNode) -> NotebookNode:
    """The cell for a file that was deleted from a notebook, where it stood."""
    ids = [cell.id for cell in repair.released(lab_name).cells]
    later = set(ids[ids.index(model.id) :])
    at = next((n for n, cell in enumerate(made.cells) if cell.id in later), len(made.cells))
    made.cells.insert(at, copy.deepcopy(model))
    return made.cells[at]


def _file(cell: NotebookNode) -> str:
    """The file that a cell writes, as release says in its metadata; "" for any other cell."""
    return cell.metadata.get("gptlab", {}).get("file", "")


def _text(one: Beside) -> str:
    data = one.read()
    if len(data) > MOST_BYTES:
        most = f"{MOST_BYTES // 1000} kB"
        raise CollectError(f"{one.name}: over {most}, expected a file of under 20; not taken.")
    try:
        text = data.decode(json.detect_encoding(data))
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise CollectError(f"{one.name}: found no text, expected a file of Python; not taken.")
    return text


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise CollectError(f"{path.name}: cannot be read ({error.strerror}); not taken.") from error
