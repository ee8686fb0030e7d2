"""Reading a lab's source: solutions/<lab>.py, py:percent, one key in a header says what a cell is.

`parse` gives a `Lab` or raises `SourceError` with file, line and key. It checks what stands in the
file; `autograder.release` checks what else a release needs (points, hidden tests, pictures).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from jupytext.stringparser import StringParser

from autograder import cells, holes
from autograder.errors import UserError
from autograder.paths import ROOT

KINDS = ("answer", "grade", "choice", "explain", "predict")
HEADER = re.compile(r"#\s*%%(\s|$)")
ID = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")  # no "__": it ends the item in a test's name
JUPYTEXT_KEYS = {"lines_to_next_cell", "cell_marker", "region_name"}  # its own, no author's


class SourceError(UserError):
    """What release does not understand: `file:line: key: what was found, expected, to do`."""


@dataclass(frozen=True)
class Cell:
    """One cell of a lab. `line` is its header's line in the file, `source` its text with answers.

    kind: code, text, answer, grade, choice, explain or predict; id: None for code and text.
    question belongs to choice and explain; options, right to choice; solution, scheme to explain.
    """

    kind: str
    id: str | None
    source: str
    line: int
    points: float | None = None
    level: int | None = None
    minutes: float | None = None
    figure: str | None = None
    numbers: tuple[str, ...] = ()
    question: str | None = None
    options: dict[str, str] | None = None
    right: str | None = None
    solution: str | None = None
    scheme: str | None = None


@dataclass(frozen=True)
class Item:
    """What earns points: kind is grade, choice or explain."""

    id: str
    kind: str
    points: float


@dataclass(frozen=True)
class Lab:
    """A lab as its author wrote it. `path` is the file as messages name it."""

    name: str
    title: str
    path: str
    text: str
    cells: tuple[Cell, ...]

    @property
    def items(self) -> list[Item]:
        """What earns points, in the order of the notebook."""
        graded = (c for c in self.cells if c.kind in ("grade", "choice", "explain"))
        return [Item(c.id or "", c.kind, c.points or 0.0) for c in graded]

    def cell(self, kind: str, id: str) -> Cell:
        """The cell of this kind and id. Raises KeyError."""
        for cell in self.cells:
            if (cell.kind, cell.id) == (kind, id):
                return cell
        raise KeyError(f"{self.path}: no cell {kind}={id!r}")

    def error(self, cell: Cell, key: str, message: str) -> SourceError:
        """The error to raise about a key of a cell."""
        return SourceError(f"{self.path}:{cell.line}: {key}: {message}")


def full_source(cell: Cell) -> str:
    """A cell's code with its answer in place and the markers gone; a choice as `choice_x = "b"`."""
    if cell.kind == "choice":
        return f'choice_{cell.id} = "{letter(cell)}"'
    return holes.filled(cell.source) if cell.kind == "answer" else cell.source


def stub_source(cell: Cell) -> str:
    """A cell's code as a student gets it; a choice as `choice_x = None`."""
    if cell.kind == "choice":
        return f"choice_{cell.id} = None"
    return holes.emptied(cell.source) if cell.kind == "answer" else cell.source


def letter(cell: Cell) -> str:
    """The letter of a choice's right option: a, b, c ... in the order of `options`."""
    return "abcdefgh"[list(cell.options or {}).index(cell.right or "")]


def labs(root: Path = ROOT) -> list[str]:
    """Names of all labs that have a source, in order."""
    return sorted(path.stem for path in (root / "solutions").glob("lab*.py"))


def load(lab_name: str, root: Path = ROOT) -> Lab:
    """The lab of this name. Raises UserError if there is none."""
    path = root / "solutions" / f"{lab_name}.py"
    if not path.is_file():
        known = ", ".join(labs(root)) or "none yet"
        raise UserError(f"{lab_name}: no such lab. solutions/ has: {known}.")
    return _parsed(path.read_text(encoding="utf-8"), f"solutions/{path.name}", lab_name)


@lru_cache(maxsize=64)  # asked for with every submission
def _parsed(text: str, path: str, name: str) -> Lab:
    return parse(text, path, name)


def read(path: Path | str) -> Lab:
    """The lab in this file."""
    path = Path(path)
    return parse(path.read_text(encoding="utf-8"), str(path), path.stem)


def parse(text: str, path: str, name: str) -> Lab:
    """The lab in this text. `path` is only what messages call it."""
    try:
        notebook = jupytext.reads(text, fmt="py:percent")
    except (nbformat.ValidationError, ValueError, SyntaxError) as error:
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise SourceError(f"{path}:1: not readable as py:percent: {first}") from error
    lines = header_lines(text)
    if not lines or len(lines) != len(notebook.cells):
        raise SourceError(
            f"{path}:1: text stands before the first `# %%`, or the file is empty: expected every "
            f"cell to begin with a `# %%` line (found {len(lines)} of them, {len(notebook.cells)} "
            "cells)"
        )
    found = [_cell(nb, line, path) for nb, line in zip(notebook.cells, lines, strict=True)]
    title = re.match(r"# (.+)", found[0].source) if found[0].kind == "text" else None
    if title is None:
        raise SourceError(f"{path}:{lines[0]}: the first cell is to be markdown with `# Title`")
    lab = Lab(name, title[1].strip(), path, text, tuple(found))
    _check_structure(lab)
    return lab


def header_lines(text: str) -> list[int]:
    """Line numbers, from 1, of the `# %%` lines that begin a cell (not those inside a string)."""
    parser, found = StringParser("python"), []
    for number, line in enumerate(text.splitlines(), 1):
        if not parser.is_quoted() and HEADER.match(line):
            found.append(number)
            parser = StringParser("python")
            continue
        parser.read_line(line)
    return found


def _cell(node: nbformat.NotebookNode, line: int, path: str) -> Cell:
    """One cell of the notebook that jupytext read, with its keys checked."""

    def fail(key: str, message: str, at: int = line) -> SourceError:
        return SourceError(f"{path}:{at}: {key}: {message}")

    meta = {k: v for k, v in node.metadata.items() if k not in JUPYTEXT_KEYS}
    kind, wanted = _kind(node, meta, fail)
    for key in meta:
        if key not in wanted:
            raise fail(key, f"not known in a {kind} cell; expected {', '.join(wanted) or 'no key'}")
    values = {key: _value(key, value, fail) for key, value in meta.items() if key not in KINDS}
    for key in cells.NEEDED.get(kind, ()):
        if key not in values:
            raise fail(key, f"missing: a {kind} cell needs {key}=...")
    id = _value(kind, meta[kind], fail) if kind in KINDS else None
    try:
        extra = cells.CONTENT[kind](node.source, id) if kind in cells.CONTENT else {}
    except holes.HoleError as error:
        raise fail(f"{kind}={id!r}" if id else kind, str(error), line + error.line) from error
    return Cell(kind, id, node.source, line, **values, **extra)


def _kind(
    node: nbformat.NotebookNode, meta: dict[str, Any], fail: Callable[..., SourceError]
) -> tuple[str, tuple[str, ...]]:
    """What a cell is, and the keys that may stand in its header."""
    if "incorrectly_encoded_metadata" in meta:
        raise fail(
            "incorrectly_encoded_metadata",
            f"found `{meta['incorrectly_encoded_metadata']}`, expected key=value pairs with text "
            'in double quotes, as in answer="encode" level=1 minutes=5',
        )
    if "title" in meta:
        raise fail("header", f"found the words `{meta['title']}`, expected key=value pairs alone")
    named = [key for key in KINDS if key in meta]
    if len(named) > 1:
        raise fail(named[1], f"a cell is one thing: found {' and '.join(named)} in one header")
    kind = named[0] if named else {"code": "code", "markdown": "text"}.get(node.cell_type, "")
    if not kind:
        raise fail(node.cell_type, "not a kind of cell here: expected code or [markdown]")
    if (kind in ("explain", "text")) != (node.cell_type == "markdown"):
        form = "a [markdown]" if kind == "explain" else "a code"
        raise fail(kind, f"found in a {node.cell_type} cell, expected in {form} cell")
    return kind, (kind, *cells.KEYS[kind]) if named else cells.KEYS[kind]


def _value(key: str, value: Any, fail: Callable[..., SourceError]) -> Any:
    """The value of a header key, checked."""
    if key in KINDS or key == "figure":
        if not (isinstance(value, str) and ID.fullmatch(value) and len(value) <= 40):
            text = f"found {value!r}, expected a name in quotes: a-z, 0-9, single _, at most 40"
            raise fail(key, text)
        return value
    if key == "numbers":
        names = tuple(value.split()) if isinstance(value, str) else ()
        if not names or not all(name.isidentifier() for name in names):
            raise fail(key, f'found {value!r}, expected names of globals: numbers="loss seconds"')
        return names
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if key == "level" and value not in (1, 2, 3):
        raise fail(key, f"found {value!r}, expected 1, 2 or 3")
    if key == "points" and not (number and value > 0 and (2 * value) % 1 == 0):
        raise fail(key, f"found {value!r}, expected a multiple of 0.5 above 0")
    if key == "minutes" and not (number and value > 0):
        raise fail(key, f"found {value!r}, expected a number above 0")
    return float(value) if key == "points" else value


def _check_structure(lab: Lab) -> None:
    """Equal ids; an answer without its grade; a grade without an answer before it."""
    seen: Counter[tuple[str, str]] = Counter()
    answers: dict[str, Cell] = {}
    for cell in lab.cells:
        room = {"predict": "predict", "answer": "answer"}.get(cell.kind, "item")
        for space, name in ((room, cell.id), ("figure", cell.figure)):
            if name and seen[space, name]:
                raise lab.error(cell, f'{cell.kind}="{name}"', "this id is taken by a cell above")
            if name:
                seen[space, name] += 1
        if cell.kind == "answer":
            answers[cell.id or ""] = cell
        elif cell.kind == "grade" and answers.pop(cell.id or "", None) is None:
            text = "a grade without an answer cell of the same id before it"
            raise lab.error(cell, f'grade="{cell.id}"', text)
        elif cell.kind in ("choice", "explain") and seen["answer", cell.id or ""]:
            text = "this id is taken by an answer cell above"
            raise lab.error(cell, f'{cell.kind}="{cell.id}"', text)
    for id, cell in answers.items():
        text = f'an answer without its grade: expected a cell grade="{id}" after it'
        raise lab.error(cell, f'answer="{id}"', text)
