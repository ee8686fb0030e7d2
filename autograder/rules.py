"""What a lab must keep to before it is released, beyond its syntax. All faults are told at once."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from autograder import companions
from autograder.cells import number_text
from autograder.paths import ROOT
from autograder.source import Cell, Lab, SourceError

COLUMNS = 79
POINTS = 20
TESTS = 3  # hidden tests an item needs at least


def check(lab: Lab, root: Path = ROOT) -> None:
    """Raise SourceError, one line a fault, unless points, tests and columns are as they must be."""
    faults = [*_points(lab), *_tests(lab, root), *_columns(lab)]
    if faults:
        raise SourceError("\n".join(str(fault) for fault in faults))


def hidden_tests(lab_name: str, root: Path = ROOT) -> dict[str, int]:
    """How many hidden tests there are for each item id: functions named `test_<item>__<what>`."""
    path = root / "autograder" / "hidden" / f"{lab_name}.py"
    if not path.is_file():
        return {}
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except SyntaxError as error:
        text = f"autograder/hidden/{path.name}:{error.lineno}: not Python: {error.msg}"
        raise SourceError(text) from error
    names = {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }
    return Counter(name.removeprefix("test_").partition("__")[0] for name in names)


def _points(lab: Lab) -> Iterator[SourceError]:
    total = sum(item.points for item in lab.items)
    if total != POINTS:
        cell = [c for c in lab.cells if c.points][-1] if lab.items else lab.cells[0]
        text = f"the points of the lab add up to {number_text(total)}, expected {POINTS}"
        yield lab.error(cell, "points", text)


def _tests(lab: Lab, root: Path) -> Iterator[SourceError]:
    found = hidden_tests(lab.name, root)
    grades = {cell.id: cell for cell in lab.cells if cell.kind == "grade"}
    file = f"autograder/hidden/{lab.name}.py"
    for id, cell in grades.items():
        count = found.get(id or "", 0)
        if count < TESTS:
            text = f"found {count} hidden tests named test_{id}__..., expected at least {TESTS}"
            yield lab.error(cell, f'grade="{id}"', f"{text} in {file}")
    for id in found:
        if id not in grades:
            text = f"test_{id}__: no grade cell of {lab.path} has this id; expected one of "
            yield SourceError(f"{file}:1: {text}{', '.join(str(name) for name in grades)}")


def _columns(lab: Lab) -> Iterator[SourceError]:
    for cell in lab.cells:
        if cell.kind == "choice":  # read by release, never shown as code
            continue
        for offset, line in enumerate(cell.source.split("\n"), 1):
            if len(line) > COLUMNS and not _may_be_long(cell, line):
                text = f"{len(line)} columns, expected at most {COLUMNS} in a lab's cell"
                line = offset if cell.file else cell.line + offset
                yield lab.error_at(companions.path_of(lab, cell), line, cell.kind, text)


def _may_be_long(cell: Cell, line: str) -> bool:
    """Prose with an address or a picture in it, and a row of a table, cannot be broken."""
    prose = cell.kind in ("text", "explain")
    return prose and bool(re.search(r"https?://|\{\{", line) or line.startswith("|"))
