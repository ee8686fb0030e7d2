"""Makes a well-formed submission of a notebook that a student handed in.

What is done is said, in a list of sentences that the instructor and the student can read. Code of
the student's is never changed; what is put back is only what the lab released.
"""

from __future__ import annotations

import copy
import json
from collections import defaultdict
from functools import lru_cache

import nbformat
from nbformat import NotebookNode

from autograder import matching, notebooks, release, rescue, source
from autograder.matching import plain
from autograder.notebooks import CollectError

MOST_CELLS = 3000  # of a lab with under 300
MOST_NOTES = 60


@lru_cache(maxsize=64)
def _released_text(lab_name: str) -> str:
    return release.text_of(release.student_notebook(source.load(lab_name)))


@lru_cache(maxsize=8)
def _read(text: str) -> NotebookNode:
    return nbformat.reads(text, as_version=4)


def released(lab_name: str) -> NotebookNode:
    """The notebook that the students of this lab were given; shared, so not to be changed.

    Raises UserError: no such lab.
    """
    return _read(_released_text(lab_name))


def repair(nb: NotebookNode, lab_name: str) -> tuple[NotebookNode, list[str]]:
    """A well-formed copy of a notebook, without outputs, and what had to be done to it.

    Raises CollectError where it is empty, or of another lab.
    """
    lab = released(lab_name)
    cells = [_fresh(cell) for cell in nb.cells]
    _refuse(nb, cells, lab_name)
    found = matching.match(cells, lab.cells)
    if not any(matching.holds_grade(lab.cells[place]) for place in found.values()):
        raise CollectError(
            f"nothing in this notebook is a cell of {lab_name}; expected the notebook that was "
            f"released as {lab_name}.ipynb, with its answers. Ask for the right file."
        )
    with_theirs = rescue.from_locked(cells, lab.cells, found)
    if len(with_theirs) > len(cells):
        cells = with_theirs
        found = matching.match(cells, lab.cells)
    cells, notes = _Repair(cells, lab.cells, found, _known_notes(nb)).run()
    made = copy.deepcopy(NotebookNode({**lab, "cells": []}))
    made.cells = cells
    made.metadata.gptlab["repaired"] = notes
    return made, notes


def attempted(nb: NotebookNode, lab_name: str) -> bool:
    """Did the student write anything into an answer? Of a notebook that was repaired."""
    models = {cell.id: cell for cell in released(lab_name).cells}
    return any(
        matching.written(cell, models[cell.id]) for cell in nb.cells
        if cell.metadata.get("nbgrader", {}).get("solution") and cell.id in models
    )  # fmt: skip


def _known_notes(nb: NotebookNode) -> list[str]:
    """What an earlier pass did: collect repairs first, nbgrader's pass looks once more."""
    known = nb.metadata.get("gptlab")
    notes = known.get("repaired", []) if isinstance(known, dict) else []
    notes = notes if isinstance(notes, list) else []
    read_as = nb.metadata.get("read_as")  # what notebooks.parse has to say of the file
    notes = [*notes, *read_as] if isinstance(read_as, list) else notes
    return [note[:300] for note in notes if isinstance(note, str)][:MOST_NOTES]


def _refuse(nb: NotebookNode, cells: list[NotebookNode], name: str) -> None:
    known = nb.metadata.get("gptlab")
    of = known.get("lab") if isinstance(known, dict) else None
    if isinstance(of, str) and of != name:
        raise CollectError(
            f"this is a notebook of {of[:80]}, expected one of {name}. Hand it in there."
        )
    if not any(cell.source.strip() for cell in cells):
        raise CollectError(f"this notebook is empty, expected {name} with its answers.")
    if len(cells) > MOST_CELLS:
        raise CollectError(
            f"found {len(cells)} cells, expected the lab's with at most {MOST_CELLS}. Delete "
            "what is not of this lab and hand it in again."
        )


def _fresh(cell: NotebookNode) -> NotebookNode:
    """A copy of type, text and the metadata that says which cell it is; nothing else."""
    kind = "code" if cell.cell_type == "code" else "markdown"
    made = notebooks.cell(kind, cell.source, cell.get("id"))
    for key, of in (("nbgrader", dict), ("id", str)):
        if isinstance(cell.metadata.get(key), of):
            made.metadata[key] = cell.metadata[key]
    return made


class _Repair:
    """The steps, over one notebook. `place` is always a released cell's, `mine` a handed-in's."""

    def __init__(self, cells: list[NotebookNode], lab: list[NotebookNode], found: dict[int, int],
                 notes: list[str]):  # fmt: skip
        self.cells, self.lab, self.notes = cells, lab, notes
        self.dropped = rescue.joined(cells, lab, found, self._say)
        self.copies: dict[int, list[int]] = defaultdict(list)
        for mine, place in sorted(found.items()):
            self.copies[place].append(mine)
        self.kept: dict[int, int] = {}  # mine -> place
        self.adopted: set[int] = set()  # cells of the student's own that are the answer

    def run(self) -> tuple[list[NotebookNode], list[str]]:
        """The cells of the submission, and the sentences."""
        for place, mine in self.copies.items():
            self._choose(place, mine)
        made = []
        lost = 0
        for mine, cell in enumerate(self.cells):
            if mine in self.dropped:
                continue
            place = self.kept.get(mine)
            if place is not None and self._rewritten(cell, self.lab[place]):
                place = None
            if place is not None:
                lost += self._dress(cell, self.lab[place]) and mine not in self.adopted
            made.append((place, cell))
            if place is None:
                cell.metadata = NotebookNode()
        if lost:
            whose = "1 cell had lost its" if lost == 1 else f"{lost} cells had lost their"
            self._say(f"{whose} metadata; it was put back")
        made = rescue.in_order(self._restore(made), self.lab, self._say)
        made = rescue.answered_together(made, self.lab, self._say)
        for number, (place, cell) in enumerate(made):
            if place is None:
                cell.id = f"extra-{number}"
        return [cell for _, cell in made], self.notes

    def _say(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)

    def _name(self, place: int) -> str:
        return self.lab[place].metadata.nbgrader.grade_id

    def _choose(self, place: int, mine: list[int]) -> None:
        """Of several copies of a cell, the one that counts: the last that was changed."""
        cell = self.lab[place]
        if not matching.holds_grade(cell):
            self.kept[mine[-1]] = place
            return
        free = cell.metadata.nbgrader.get("solution", False)
        changed = [one for one in mine if free and matching.written(self.cells[one], cell)]
        keep = (changed or mine)[-1]
        self.kept[keep] = place
        if len(mine) == 1:
            return
        if free and cell.cell_type == "markdown":  # a person reads it: nothing written is lost
            self.cells[keep].source = "\n\n".join(self.cells[one].source for one in changed or mine)
            self.dropped |= set(mine) - {keep}
        else:  # an untouched copy would undo the answer above it
            self.dropped |= set(mine) - {keep} - set(changed)
        if keep not in changed or self._grade_id(keep) or self.cells[keep].id == cell.id:
            self._say(f"{self._name(place)}: found {len(mine)} copies, kept the one that counts")
        else:
            self.adopted.add(keep)
            self._say(f"{self._name(place)}: the answer was in a cell of the student's own")

    def _grade_id(self, mine: int) -> str:
        return self.cells[mine].metadata.get("nbgrader", {}).get("grade_id", "")

    def _rewritten(self, cell: NotebookNode, model: NotebookNode) -> bool:
        """Is this a text of ours that the student wrote something else into?"""
        ours = model.cell_type == "markdown" and not matching.holds_grade(model)
        return ours and plain(cell.source) != plain(model.source)

    def _dress(self, cell: NotebookNode, model: NotebookNode) -> bool:
        """Give a cell its type, id and metadata again, and a locked one its text."""
        known = model.metadata.get("nbgrader")
        cell.id = model.id
        lost = bool(known) and cell.metadata.get("nbgrader", {}).get("grade_id") != known.grade_id
        if known and cell.cell_type != model.cell_type:
            replaced = notebooks.cell(model.cell_type, cell.source, model.id)
            cell.clear()
            cell.update(replaced)
        if known and not known.solution and plain(cell.source) != plain(model.source):
            self._say(f"{known.grade_id}: had been edited, and is as released again")
        blank = model.cell_type == "markdown" and not matching.written(cell, model)
        if known and (not known.solution or blank):  # nobody need mark an answer of blanks
            cell.source = model.source
        cell.metadata = json.loads(json.dumps(model.metadata), object_hook=NotebookNode)
        return lost

    def _restore(self, made: list[tuple]) -> list[tuple]:
        """Put back grade cells, questions and untouched written answers that were deleted."""
        have = {place for place, _ in made}
        for place, model in enumerate(self.lab):
            known = model.metadata.get("nbgrader")
            if not known or place in have:
                continue
            cell = copy.deepcopy(model)
            if known.solution and model.cell_type == "code":
                # Its stub would undo an answer that was written in another cell.
                names = matching.defined(model.source)
                if not any(names & matching.defined(other.source) for _, other in made):
                    self._say(f"{known.grade_id}: this answer cell is missing")
                    continue
                cell.source = rescue.ELSEWHERE
            self._say(f"{known.grade_id}: was missing and has been put back")
            made.insert(self._after(made, place, known), (place, cell))
        return made

    def _after(self, made: list[tuple], place: int, known: dict) -> int:
        """Where to put a cell back: behind what stood before it, a grade cell behind its answer."""
        before = [i for i, (have, _) in enumerate(made) if have is not None and have < place]
        if not before:
            return 0
        anchor = max(before, key=lambda i: made[i][0])
        if not known.grade:
            return anchor + 1
        for i in before:
            if holds(self.lab[made[i][0]], f"answer-{known.grade_id}"):  # a file's go by place
                anchor = i
        after = anchor + 1
        while after < len(made) and made[after][0] is None:  # the answer may go on in cells of
            after += 1  # the student's own
        return after


def holds(cell: NotebookNode, grade_id: str) -> bool:
    """Is this the cell of this grade id?"""
    return cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id
