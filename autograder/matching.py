"""Which cell of a handed-in notebook is which cell of the released one.

Colab, VS Code, nbstripout and students lose or change metadata, ids, cells and their order. So a
cell is known, in this order, by its grade id, its cell id, its text, the names that it defines,
and its place between cells that are known.
"""

from __future__ import annotations

import re
from collections import defaultdict

from nbformat import NotebookNode

NAMES = re.compile(
    r"^(?:async\s+def|def|class)\s+(\w+)|^(\w+(?:\s*,\s*\w+)*)\s*(?::[^=\n]+)?=(?!=)", re.MULTILINE
)


def match(cells: list[NotebookNode], released: list[NotebookNode]) -> dict[int, int]:
    """Index of a handed-in cell -> index of the released cell that it is; one may have several."""
    found: dict[int, int] = {}
    for keys in (_grade_id, _cell_ids, _text):
        _by_key(cells, released, found, keys)
    if found:  # with nothing to hold on to, names alone would take any notebook for this lab
        _by_names(cells, released, found)
        _by_place(cells, released, found)
    return found


def plain(source: str) -> str:
    """A cell's text without what editors change: trailing blanks, blank lines, a title line."""
    return "\n".join(line.rstrip() for line in source.splitlines() if line.strip())


def defined(source: str) -> set[str]:
    """The names that stand at the top level of a cell's code, also where it is not valid Python."""
    found: set[str] = set()
    for name, assigned in NAMES.findall(source):
        found |= {name} if name else set(re.findall(r"\w+", assigned))
    return found


def holds_grade(cell: NotebookNode) -> bool:
    """A cell that nbgrader knows: an answer, a grade or a locked cell."""
    return "nbgrader" in cell.metadata


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
    for place, cell in enumerate(cells):
        if place in found:
            continue
        for key in keys(cell):
            if len(owners.get(key, ())) == 1:
                found[place] = owners[key][0]
                break


def _missing(released: list[NotebookNode], found: dict[int, int], kind: str) -> list[int]:
    """Places of released answers of this cell type that nothing matches yet."""
    have = set(found.values())
    return [
        place for place, cell in enumerate(released)
        if place not in have and cell.cell_type == kind
        and cell.metadata.get("nbgrader", {}).get("solution")
    ]  # fmt: skip


def _between(place: int, found: dict[int, int], count: int) -> range:
    """Places of the handed-in cells between those next to a released cell on either side."""
    before = [mine for mine, theirs in found.items() if theirs < place]
    after = [mine for mine, theirs in found.items() if theirs > place]
    start = max(before, key=lambda mine: found[mine]) + 1 if before else 0
    return range(start, min(after, key=lambda mine: found[mine]) if after else count)


def _by_names(cells: list[NotebookNode], released: list[NotebookNode],
              found: dict[int, int]) -> None:  # fmt: skip
    """Code answers: the cell that defines what the released cell defines; the last, if several."""
    for place in _missing(released, found, "code"):
        names = defined(released[place].source)
        fitting = [
            mine for mine, cell in enumerate(cells)
            if mine not in found and cell.cell_type == "code" and names <= defined(cell.source)
        ]  # fmt: skip
        near = [mine for mine in fitting if mine in _between(place, found, len(cells))]
        if names and (near or fitting):
            found[(near or fitting)[-1]] = place


def _by_place(cells: list[NotebookNode], released: list[NotebookNode],
              found: dict[int, int]) -> None:  # fmt: skip
    """Written answers, and code that defines nothing: what stands alone between known cells."""
    for kind in ("markdown", "code"):
        for place in _missing(released, found, kind):
            fitting = [
                mine for mine in _between(place, found, len(cells))
                if mine not in found and cells[mine].source.strip()
                and (cells[mine].cell_type == kind or kind == "markdown")
            ]  # fmt: skip
            if fitting and (kind == "markdown" or len(fitting) == 1):
                found[fitting[0]] = place
