"""Which cell of a handed-in notebook is which cell of the released one.

Colab, VS Code, nbstripout and students lose or change metadata, ids, cells and their order. So a
cell is known, in this order, by its text, its grade id, its cell id, the names that it defines,
and its place between cells that are known.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from functools import lru_cache

from nbformat import NotebookNode

LONG = 100_000  # characters of a cell: a lab's have under 5,000
NAMES = re.compile(
    r"^(?:async\s+def|def|class)\s+(\w+)|^(\w+(?:\s*,\s*\w+)*)\s*(?::[^=\n]+)?=(?!=)", re.MULTILINE
)


def match(cells: list[NotebookNode], released: list[NotebookNode]) -> dict[int, int]:
    """Index of a handed-in cell -> index of the released cell that it is; one may have several.

    An answer that stands in a cell of the student's own counts as a copy of the answer cell, when
    that one is missing or was left as released.
    """
    found: dict[int, int] = {}
    for keys in (_text, _grade_id, _cell_ids):  # anybody can edit an id
        _by_key(cells, released, found, keys)
    if found:  # with nothing to hold on to, names alone would take any notebook for this lab
        _by_names(cells, released, found)
        _by_place(cells, released, found)
        _written_beside(cells, released, found)
    return found


def plain(source: str) -> str:
    """A cell's text without what editors change: trailing blanks and blank lines."""
    return (_plain if len(source) < LONG else _plain.__wrapped__)(source)


@lru_cache(maxsize=1024)  # most cells of a class are the same
def _plain(source: str) -> str:
    return "\n".join(line.rstrip() for line in source.splitlines() if line.strip())


def first_line(cell: NotebookNode) -> str:
    """The first line of a cell that is not blank."""
    return cell.source.strip().split("\n")[0].strip()


def written(cell: NotebookNode, model: NotebookNode) -> bool:
    """Did the student write anything into this answer cell?"""
    return plain(cell.source) not in ("", plain(model.source))


def defined(source: str) -> frozenset[str]:
    """The names that stand at the top level of a cell's code, also where it is not valid Python."""
    return (_defined if len(source) < LONG else _defined.__wrapped__)(source)


@lru_cache(maxsize=1024)
def _defined(source: str) -> frozenset[str]:
    found: set[str] = set()
    for name, assigned in NAMES.findall(source):
        found |= {name} if name else set(re.findall(r"\w+", assigned))
    return frozenset(found)


def holds_grade(cell: NotebookNode) -> bool:
    """A cell that nbgrader knows: an answer, a grade or a locked cell."""
    return "nbgrader" in cell.metadata


def answer_id(check: NotebookNode) -> str:
    """The grade id of the answer that this released check is of: its own, or a file's."""
    of = check.metadata.get("gptlab", {}).get("of", "")
    return of or f"answer-{check.metadata.nbgrader.grade_id}"


def _grade_id(cell: NotebookNode) -> list[str]:
    known = cell.metadata.get("nbgrader")
    grade_id = known.get("grade_id") if isinstance(known, dict) else None
    return [grade_id] if isinstance(grade_id, str) and grade_id else []


def _cell_ids(cell: NotebookNode) -> list[str]:
    """The cell's id, and where Colab keeps it."""
    ids = (cell.get("id"), cell.metadata.get("id"))
    return [id for id in ids if isinstance(id, str) and "-" in id]  # ours all have a dash


def _text(cell: NotebookNode) -> list[str]:
    return [f"{cell.cell_type}:{plain(cell.source)}"]


def _by_key(cells: list[NotebookNode], released: list[NotebookNode], found: dict[int, int],
            keys) -> None:  # fmt: skip
    """Match by keys that only one released cell has."""
    owners: dict[str, list[int]] = defaultdict(list)
    for place, cell in enumerate(released):
        for key in keys(cell):
            owners[key].append(place)
    seen = Counter(key for cell in cells for key in keys(cell)) if keys is _cell_ids else {}
    for mine, cell in enumerate(cells):
        if mine in found:
            continue
        for key in keys(cell):
            place = owners[key][0] if len(owners.get(key, ())) == 1 else None
            if place is not None and (seen.get(key, 1) == 1 or _alike(cell, released[place])):
                found[mine] = place
                break


def _alike(cell: NotebookNode, model: NotebookNode) -> bool:
    """Of several cells with one id (some tools give all the same), which may be the right one?"""
    names = defined(model.source)
    return bool(names) and cell.cell_type == "code" and names <= defined(cell.source)


def _unanswered(cells: list[NotebookNode], released: list[NotebookNode], found: dict[int, int],
                kind: str) -> dict[int, list[int]]:  # fmt: skip
    """Released answers of this cell type that nobody wrote into -> the cells they are, if any."""
    copies: dict[int, list[int]] = defaultdict(list)
    for mine, place in found.items():
        copies[place].append(mine)
    return {
        place: copies.get(place, []) for place, model in enumerate(released)
        if model.cell_type == kind and model.metadata.get("nbgrader", {}).get("solution")
        and not any(written(cells[mine], model) for mine in copies.get(place, []))
    }  # fmt: skip


def _between(place: int, found: dict[int, int], count: int) -> range:
    """Places of the handed-in cells between those next to a released cell on either side."""
    before = [mine for mine, theirs in found.items() if theirs < place]
    after = [mine for mine, theirs in found.items() if theirs > place]
    start = max(before, key=lambda mine: found[mine]) + 1 if before else 0
    return range(start, min(after, key=lambda mine: found[mine]) if after else count)


def _by_names(cells: list[NotebookNode], released: list[NotebookNode],
              found: dict[int, int]) -> None:  # fmt: skip
    """Code answers: the cell that defines what the released cell defines; the last, if several."""
    names_of = {
        mine: defined(cell.source) for mine, cell in enumerate(cells)
        if mine not in found and cell.cell_type == "code"
    }  # fmt: skip
    for place, mine in _unanswered(cells, released, found, "code").items():
        names = defined(released[place].source)
        fitting = [one for one, have in names_of.items() if one not in found and names <= have]
        around = _between(place, found, len(cells)) if not mine else range(min(mine), len(cells))
        near = [one for one in fitting if one in around]
        if names and fitting:
            found[(near or fitting)[-1]] = place


def _by_place(cells: list[NotebookNode], released: list[NotebookNode],
              found: dict[int, int]) -> None:  # fmt: skip
    """Written answers, and code that defines nothing: what stands alone between known cells."""
    for kind in ("markdown", "code"):
        for place, copies in _unanswered(cells, released, found, kind).items():
            if copies:
                continue
            fitting = [
                mine for mine in _between(place, found, len(cells))
                if mine not in found and cells[mine].source.strip()
                and (cells[mine].cell_type == kind or kind == "markdown")
            ]  # fmt: skip
            if fitting and (kind == "markdown" or len(fitting) == 1):
                found[fitting[0]] = place


def _written_beside(cells: list[NotebookNode], released: list[NotebookNode],
                    found: dict[int, int]) -> None:  # fmt: skip
    """Written answers that stand in text cells of the student's own, next to the empty cell."""
    ours = {first_line(cell) for cell in released if cell.cell_type == "markdown"}
    for place, copies in _unanswered(cells, released, found, "markdown").items():
        for mine in copies[:1]:
            for step in (-1, 1):
                at = mine + step
                while 0 <= at < len(cells) and at not in found:
                    text = cells[at].cell_type == "markdown" and cells[at].source.strip()
                    if text and first_line(cells[at]) not in ours:
                        found[at] = place
                    at += step
