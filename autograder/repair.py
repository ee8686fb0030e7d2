"""Makes a well-formed submission of a notebook that a student handed in.

What is done is said, in a list of sentences that the instructor and the student can read. Code of
the student's is never changed; what is put back is only what the lab released.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from functools import lru_cache

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder import matching, release, source
from autograder.errors import UserError
from autograder.matching import plain


class CollectError(UserError):
    """A file that cannot be made into a submission: what was found, expected, to do."""


@lru_cache(maxsize=64)
def _released_text(lab_name: str) -> str:
    return release.text_of(release.student_notebook(source.load(lab_name)))


def released(lab_name: str) -> NotebookNode:
    """The notebook that the students of this lab were given. Raises UserError: no such lab."""
    return nbformat.reads(_released_text(lab_name), as_version=4)


def repair(nb: NotebookNode, lab_name: str) -> tuple[NotebookNode, list[str]]:
    """A well-formed copy of a notebook, without outputs, and what had to be done to it.

    Raises CollectError where it is empty, or of another lab.
    """
    lab = released(lab_name)
    cells = [_fresh(cell) for cell in nb.cells]
    _refuse(nb, cells, lab, lab_name)
    found = matching.match(cells, lab.cells)
    if not any(matching.holds_grade(lab.cells[place]) for place in found.values()):
        raise CollectError(
            f"nothing in this notebook is a cell of {lab_name}; expected the notebook that was "
            f"released as {lab_name}.ipynb, with its answers. Ask for the right file."
        )
    notes = [str(note) for note in _known_notes(nb)]
    cells, notes = _Repair(cells, lab.cells, found, notes).run()
    made = copy.deepcopy(lab)
    made.cells = cells
    made.metadata.gptlab["repaired"] = notes
    return made, notes


def _known_notes(nb: NotebookNode) -> list:
    """What an earlier pass did: collect repairs first, nbgrader's pass looks once more."""
    known = nb.metadata.get("gptlab")
    notes = known.get("repaired", []) if isinstance(known, dict) else []
    return notes if isinstance(notes, list) else []


def _refuse(nb: NotebookNode, cells: list[NotebookNode], lab: NotebookNode, name: str) -> None:
    known = nb.metadata.get("gptlab")
    of = known.get("lab") if isinstance(known, dict) else None
    if isinstance(of, str) and of != name:
        raise CollectError(f"this is a notebook of {of}, expected one of {name}. Hand it in there.")
    if not any(cell.source.strip() for cell in cells):
        raise CollectError(f"this notebook is empty, expected {name} with its answers.")


def _fresh(cell: NotebookNode) -> NotebookNode:
    """A copy of type, text and the metadata that says which cell it is; nothing else."""
    make = new_code_cell if cell.cell_type == "code" else new_markdown_cell
    made = make(cell.source, id=cell.get("id"))
    for key, kind in (("nbgrader", dict), ("id", str)):
        if isinstance(cell.metadata.get(key), kind):
            made.metadata[key] = cell.metadata[key]
    return made


class _Repair:
    """The steps, over one notebook. `place` is always a released cell's, `mine` a handed-in's."""

    def __init__(self, cells: list[NotebookNode], lab: list[NotebookNode], found: dict[int, int],
                 notes: list[str]):  # fmt: skip
        self.cells, self.lab, self.notes = cells, lab, notes
        self.copies: dict[int, list[int]] = defaultdict(list)
        for mine, place in sorted(found.items()):
            self.copies[place].append(mine)
        self.dropped: set[int] = set()
        self.kept: dict[int, int] = {}  # mine -> place

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
            lost += place is not None and self._dress(cell, self.lab[place])
            made.append((place, cell))
            if place is None:
                cell.metadata = NotebookNode()
        if lost:
            self._say(f"{lost} cells had lost their metadata; it was put back")
        made = self._restore(made)
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
        changed = [one for one in mine if plain(self.cells[one].source) != plain(cell.source)]
        free = cell.metadata.nbgrader.get("solution", False)
        keep = (changed if free and changed else mine)[-1]
        self.kept[keep] = place
        if len(mine) == 1:
            return
        if free and cell.cell_type == "markdown":  # a person reads it: nothing written is lost
            self.cells[keep].source = "\n\n".join(self.cells[one].source for one in changed or mine)
            self.dropped |= set(mine) - {keep}
        elif free:  # an untouched copy would undo the answer above it
            self.dropped |= set(mine) - {keep} - set(changed)
        else:
            self.dropped |= set(mine) - {keep}
        self._say(f"{self._name(place)}: found {len(mine)} copies, kept the one that counts")

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
            make = new_code_cell if model.cell_type == "code" else new_markdown_cell
            replaced = make(cell.source, id=model.id)
            cell.clear()
            cell.update(replaced)
        if known and not known.solution and plain(cell.source) != plain(model.source):
            self._say(f"{known.grade_id}: had been edited, and is as released again")
        if known and not known.solution:
            cell.source = model.source
        cell.metadata = copy.deepcopy(model.metadata)
        return lost

    def _restore(self, made: list[tuple]) -> list[tuple]:
        """Put back grade cells, questions and untouched written answers that were deleted."""
        for place, model in enumerate(self.lab):
            known = model.metadata.get("nbgrader")
            if not known or any(have == place for have, _ in made):
                continue
            cell = copy.deepcopy(model)
            if known.solution and model.cell_type == "code":
                # Its stub would undo an answer that was written in another cell.
                names = matching.defined(model.source)
                if not any(names & matching.defined(other.source) for _, other in made):
                    self._say(f"{known.grade_id}: this answer cell is missing")
                    continue
                cell.source = "# This cell was missing from what was handed in."
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
            if holds(self.lab[made[i][0]], f"answer-{known.grade_id}"):
                anchor = i
        after = anchor + 1
        while after < len(made) and made[after][0] is None:  # the answer may go on in cells of
            after += 1  # the student's own
        return after


def holds(cell: NotebookNode, grade_id: str) -> bool:
    """Is this the cell of this grade id?"""
    return cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id
