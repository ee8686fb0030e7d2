"""The regions of a cell that a student fills in: finding them, and making the released form.

A region stands between `### BEGIN SOLUTION` and `### END SOLUTION`, each alone on its line. In a
function it becomes `raise NotImplementedError`, at top level `name = None` for each name that it
assigns. Text in, text out: the same rules serve the sources and nbgrader's preprocessor.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

SOLUTION, SCHEME = "SOLUTION", "SCHEME"


class HoleError(Exception):
    """What is wrong, and `line`: where, counted from 1 inside the cell."""

    def __init__(self, line: int, message: str):
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class Hole:
    """A region: indices of its two marker lines (from 0), its indentation, the lines between."""

    first: int
    last: int
    indent: str
    lines: tuple[str, ...]


def find(source: str, kind: str = SOLUTION) -> list[Hole]:
    """All regions of a cell. Raises HoleError for one that is not closed, nested or misspelt."""
    begin, end = f"### BEGIN {kind}", f"### END {kind}"
    lines, holes, first = source.split("\n"), [], None
    for index, line in enumerate(lines):
        word = line.strip()
        if word == begin:
            if first is not None:
                raise HoleError(index + 1, f"a second `{begin}` before the `{end}` of the first")
            first = index
        elif word == end:
            if first is None:
                raise HoleError(index + 1, f"`{end}` without a `{begin}` before it")
            indent = lines[first][: len(lines[first]) - len(lines[first].lstrip())]
            holes.append(Hole(first, index, indent, tuple(lines[first + 1 : index])))
            first = None
        elif re.match(rf"#+\s*(BEGIN|END)\W*{kind}", word, re.IGNORECASE):
            raise HoleError(index + 1, f"found `{word}`, expected `{begin}` or `{end}` alone")
    if first is not None:
        raise HoleError(first + 1, f"`{begin}` is never closed: `{end}` is missing")
    return holes


def filled(source: str) -> str:
    """The cell as its author means it: markers gone, answers in place."""
    markers = {index for hole in find(source) for index in (hole.first, hole.last)}
    return "\n".join(ln for i, ln in enumerate(source.split("\n")) if i not in markers)


def without(source: str, kind: str) -> str:
    """The cell with its regions of this kind, and their markers, cut out."""
    cut = {i for hole in find(source, kind) for i in range(hole.first, hole.last + 1)}
    return "\n".join(ln for i, ln in enumerate(source.split("\n")) if i not in cut)


def emptied(source: str) -> str:
    """The cell as a student gets it. Raises HoleError where that cannot be done."""
    holes = find(source)
    if not holes:
        raise HoleError(1, "no `### BEGIN SOLUTION` region")
    tree = _tree(source)
    lines, out, done = source.split("\n"), [], 0
    for hole in holes:
        out += lines[done : hole.first] + _stub(tree, hole)
        done = hole.last + 1
    stub = "\n".join(out + lines[done:])
    _tree(stub)
    return stub


def _tree(source: str) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError as error:
        raise HoleError(error.lineno or 1, f"not Python: {error.msg}") from error


def _stub(tree: ast.Module, hole: Hole) -> list[str]:
    inside = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and node.lineno <= hole.first + 1 <= (node.end_lineno or 0)
    ]
    innermost = max(inside, key=lambda node: node.lineno, default=None)
    if isinstance(innermost, ast.ClassDef):
        text = f"a region right in the body of class {innermost.name}: put it inside a method"
        raise HoleError(hole.first + 1, text)
    if innermost is not None:
        return [f"{hole.indent}raise NotImplementedError"]
    within = range(hole.first + 2, hole.last + 1)  # line numbers between the markers, from 1
    names = list(dict.fromkeys(n for stmt in tree.body for n in _assigned(stmt, within)))
    if not names:
        text = "a region at top level that assigns no name: nothing to leave out for a student"
        raise HoleError(hole.first + 1, text)
    return [f"{hole.indent}{name} = None" for name in names]


def _assigned(node: ast.stmt, within: range) -> Iterator[str]:
    """Names that a statement binds at top level on these lines, in their order."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        if node.lineno in within:
            yield node.name
        return
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign) and node.lineno in within:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            parts = [n for n in ast.walk(target) if isinstance(n, ast.Name)]
            yield from (n.id for n in parts if isinstance(n.ctx, ast.Store))
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt | ast.excepthandler):
            yield from _assigned(child, within)
