"""A small class made on the spot from the solutions: who is in it, and what each hands in.

A full answer, half an answer, an untouched notebook, one with named mistakes, one that cheats and
one that is damaged. autograder/whole_class.py takes them through the course.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from autograder import cheats, jail, release, source
from autograder.catalogue import catalogue
from autograder.results import write_whole
from autograder.source import Lab

MISTAKES = 4  # how many named mistakes the wrong one makes, each on another item


@dataclass(frozen=True)
class Sample:
    """A student of the class: id, what they hand in, and how it is made."""

    id: str
    what: str
    make: Callable[[Lab], NotebookNode]


def answered(lab: Lab, items: set[str] | None = None) -> NotebookNode:
    """The released notebook with the answers of these items in it; all items for None."""
    return fill(release.student_notebook(lab), lab, items)


def fill(nb: NotebookNode, lab: Lab, items: Collection[str] | None = None) -> NotebookNode:
    """A released notebook, with the answers of these items put in."""
    cells = {cell.id: cell for cell in nb.cells}
    items = {item.id for item in lab.items} if items is None else items
    for cell in lab.cells:
        if cell.file and cell.kind == "answer":
            cells[f"answer-{cell.id}"].source = source.stub_source(cell, items)
        elif cell.id not in items:
            continue
        elif cell.kind in ("answer", "choice"):
            cells[f"answer-{cell.id}"].source = source.full_source(cell)
        elif cell.kind == "explain":
            cells[f"explain-{cell.id}"].source = cell.solution
    return nb


def half(lab: Lab) -> NotebookNode:
    """The first half of the items answered."""
    ids = [item.id for item in lab.items]
    return answered(lab, set(ids[: len(ids) // 2]))


def wrong(lab: Lab) -> NotebookNode:
    """All items answered, some with a mistake of the catalogue."""
    for mistake in chosen_mistakes(lab):
        lab = mistake.applied_to(lab)
    return answered(lab)


def chosen_mistakes(lab: Lab) -> list:
    """The first mistake on each of the first few items, of those that cost points there alone."""
    alone = [mistake for mistake in catalogue(lab.name).MISTAKES if not mistake.also]
    first = {mistake.item: mistake for mistake in reversed(alone)}
    items = [item.id for item in lab.items if item.id in first]
    return [first[item] for item in items[:MISTAKES]]


def hostile(lab: Lab) -> NotebookNode:
    """Each answer of the lab a cheat, in turn; none does any damage."""
    nb = release.student_notebook(lab)
    cells = {cell.id: cell for cell in nb.cells}
    for id, number in cheat_numbers(lab).items():
        target = cells[f"answer-{id}"]
        target.source = cheats.cheat(number, target.source, lab.name)
    return nb


def cheat_numbers(lab: Lab) -> dict[str, int]:
    """Which cheat the hostile one puts into which answer cell, by the cell's id."""
    answers = [cell.id for cell in lab.cells if cell.kind == "answer"]
    return {id: number for number, id in enumerate(answers)}


def damaged(lab: Lab) -> NotebookNode:
    """A full answer, its metadata stripped, a grade cell deleted, an answer cell doubled."""
    nb = answered(lab)
    blank = {cell.id: cell for cell in release.student_notebook(lab).cells}
    at = [i for i, cell in enumerate(nb.cells) if cell.id.startswith("answer-")][:2][-1]
    doubled = copy.deepcopy(blank[nb.cells[at].id])
    doubled.id = "doubled"
    nb.cells.insert(at + 1, doubled)
    grades = [cell for cell in nb.cells if cell.id.startswith("grade-")]
    nb.cells.remove(grades[0])
    for cell in nb.cells:
        if cell.id != "doubled":  # what was copied last still has its own
            cell.metadata = NotebookNode()
    nb.metadata = NotebookNode()
    return nb


CLASS = (
    Sample("sample-full", "every answer", answered),
    Sample("sample-half", "the first half", half),
    Sample("sample-untouched", "as released", release.student_notebook),
    Sample("sample-wrong", "named mistakes", wrong),
    Sample("sample-hostile", "cheats", hostile),
    Sample("sample-damaged", "every answer, cells and metadata lost", damaged),
)


def members() -> list[Sample]:
    """The class on this machine: without the hostile one where there is no jail."""
    jailed = jail.chosen().kind != "none"
    return [one for one in CLASS if one.id != "sample-hostile" or jailed]


def hand_in(lab: Lab, folder: Path) -> list[Path]:
    """Write what each of the class hands in; gives the files."""
    files = []
    for one in members():
        path = folder / f"{one.id}.ipynb"
        text = release.text_of(one.make(lab))
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            write_whole(path, text)
        files.append(path)
    return files
