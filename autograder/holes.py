"""The regions of a cell that a student fills in: finding them, and making the released form.

A region stands between `### BEGIN SOLUTION` and `### END SOLUTION`, each alone on its line. In a
function it becomes `raise NotImplementedError`, at top level `name = None` for each name that it
assigns; or what stands in it below `### INSTEAD`, where a student replaces code that runs. Text
in, text out: the same rules serve the sources and nbgrader's preprocessor.

In a companion file (`autograder.companions`) a region belongs to the item that the comment over it
names: `# TO-DO c_attn`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from gptlab.companion import MARK

SOLUTION, SCHEME = "SOLUTION", "SCHEME"
INSTEAD = "### INSTEAD"


class HoleError(Exception):
    """What is wrong, and `line`: where, counted from 1 inside the cell."""

    def __init__(self, line: int, message: str):
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class Hole:
    """A region: indices of its two marker lines (from 0), its indentation, the lines between.

    instead: the lines that a student gets in their place, if the author says so; item: the name in
    the comment over it, or "".
    """

    first: int
    last: int
    indent: str
    lines: tuple[str, ...]
    instead: tuple[str, ...] = ()
    item: str = ""


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
            holes.append(_hole(lines, first, index))
            first = None
        elif re.match(rf"#+\s*(BEGIN|END)\W*{kind}", word, re.IGNORECASE):
            raise HoleError(index + 1, f"found `{word}`, expected `{begin}` or `{end}` alone")
        elif word == INSTEAD and first is None and kind == SOLUTION:
            raise HoleError(index + 1, f"`{INSTEAD}` outside of a region")
    if first is not None:
        raise HoleError(first + 1, f"`{begin}` is never closed: `{end}` is missing")
    return holes


def _hole(lines: list[str], first: int, last: int) -> Hole:
    """The region between these two marker lines."""
    indent = lines[first][: len(lines[first]) - len(lines[first].lstrip())]
    splits = [index for index in range(first, last) if lines[index].strip() == INSTEAD]
    middle = splits[0] if splits else last
    instead = tuple(lines[middle + 1 : last])
    if len(splits) > 1 or (splits and not "".join(instead).strip()):
        text = f"expected `{INSTEAD}` once in a region, with what a student gets below it"
        raise HoleError(splits[-1] + 1, text)
    return Hole(first, last, indent, tuple(lines[first + 1 : middle]), instead, _item(lines, first))


def _item(lines: list[str], first: int) -> str:
    """The name in the nearest `# TO-DO` among the comments right above this line."""
    for line in reversed(lines[:first]):
        if found := MARK.match(line.strip()):
            return found[1]
        if not line.strip().startswith("# "):
            break
    return ""


def filled(source: str) -> str:
    """The cell as its author means it: markers gone, answers in place."""
    return _replaced(source, lambda hole: hole.lines)


def without(source: str, kind: str) -> str:
    """The cell with its regions of this kind, and their markers, cut out."""
    cut = {i for hole in find(source, kind) for i in range(hole.first, hole.last + 1)}
    return "\n".join(ln for i, ln in enumerate(source.split("\n")) if i not in cut)


def emptied(source: str, but: Collection[str] = ()) -> str:
    """The cell as a student gets it. Raises HoleError where that cannot be done.

    but: items whose regions are filled all the same
    """
    if not find(source):
        raise HoleError(1, "no `### BEGIN SOLUTION` region")
    tree = _tree(source)
    stub = _replaced(source, lambda hole: hole.lines if hole.item in but else _stub(tree, hole))
    _tree(stub)
    return stub


def untouched(source: str, handed_in: str, item: str) -> bool:
    """Are all regions of this item in a handed-in text as the source releases them?

    Comments and blank lines do not count, nor what else was changed. A region is known by the
    comment over it: where that is gone, somebody was at work.
    """
    tree = _tree(source)
    released = [_code(_stub(tree, hole)) for hole in find(source) if hole.item == item]
    lines, found = _code(handed_in.split("\n")), []
    for index, line in enumerate(lines):
        if (mark := MARK.match(line)) and mark[1] == item:
            place = len(found)
            size = len(released[place]) if place < len(released) else 0
            found.append(lines[index + 1 : index + 1 + size])
    return found == released


def _code(lines: Iterable[str]) -> list[str]:
    """Lines without indentation and comments, but with those that name an item; no blank ones."""
    plain = (line.strip() for line in lines)
    kept = (line if MARK.match(line) else line.split("#")[0].rstrip() for line in plain)
    return [line for line in kept if line]


def _replaced(source: str, new: Callable[[Hole], Iterable[str]]) -> str:
    """The cell with other lines in the place of each region and its markers."""
    lines, out, done = source.split("\n"), [], 0
    for hole in find(source):
        out += [*lines[done : hole.first], *new(hole)]
        done = hole.last + 1
    return "\n".join(out + lines[done:])


def _tree(source: str) -> ast.Module:
    magic = re.match("%%.*", source)  # a cell's, for IPython: no Python
    try:
        return ast.parse(source[magic.end() :] if magic else source)
    except SyntaxError as error:
        raise HoleError(error.lineno or 1, f"not Python: {error.msg}") from error


def _stub(tree: ast.Module, hole: Hole) -> Sequence[str]:
    if hole.instead:
        return hole.instead
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
