"""Reading a lab's source: solutions/<lab>.py, py:percent, one key in a header says what a cell is.

`parse` gives a `Lab` or raises `SourceError` with file, line and key. It checks what stands in the
file; `autograder.release` checks what else a release needs (points, hidden tests, pictures).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import jupytext
import nbformat

from autograder import cells, companions, headers, holes
from autograder.errors import UserError
from autograder.headers import KINDS
from autograder.paths import ROOT

IMPORTS = re.compile(r"^from gptlab[\w.]* import (?:\([^)]*\)|.*)", re.MULTILINE)
JUPYTEXT_KEYS = {"lines_to_next_cell", "cell_marker", "region_name"}  # its own, no author's


class SourceError(UserError):
    """What release does not understand: `file:line: key: what was found, expected, to do`."""


@dataclass(frozen=True)
class Cell:
    """One cell of a lab. `line` is its header's line in the file, `source` its text with answers.

    kind: code, text, answer, grade, choice, explain or predict; id: None for code and text.
    question belongs to choice and explain; options, right to choice; solution, scheme to explain.
    file: of an answer that is a file, whose text is then `source`; of: the answer that a grade cell
    checks, where it has another id.
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
    file: str | None = None
    of: str | None = None
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
    """A lab as its author wrote it. `path` is the file as messages name it.

    text: of the source, and of the files beside it.
    """

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

    def imports(self) -> list[str]:
        """What it imports of gptlab, as statements: each notebook of this lab does the same."""
        code = "\n".join(cell.source for cell in self.cells if cell.kind == "code")
        return IMPORTS.findall(code)

    def cell(self, kind: str, id: str) -> Cell:
        """The cell of this kind and id. Raises KeyError."""
        for cell in self.cells:
            if (cell.kind, cell.id) == (kind, id):
                return cell
        raise KeyError(f"{self.path}: no cell {kind}={id!r}")

    def answer_of(self, item: str) -> Cell:
        """The answer cell that this item's grade cell checks. Raises KeyError."""
        return self.cell("answer", self.cell("grade", item).of or item)

    def error(self, cell: Cell, key: str, message: str) -> SourceError:
        """The error to raise about a key of a cell."""
        return self.error_at(self.path, cell.line, key, message)

    def error_at(self, path: str, line: int, key: str, message: str) -> SourceError:
        """The error to raise about a line of a file."""
        return SourceError(f"{path}:{line}: {key}: {message}")


def full_source(cell: Cell) -> str:
    """A cell's code with its answer in place and the markers gone; a choice as `choice_x = "b"`."""
    if cell.kind == "choice":
        return f'choice_{cell.id} = "{letter(cell)}"'
    return _as_cell(cell, holes.filled(cell.source) if cell.kind == "answer" else cell.source)


def stub_source(cell: Cell, but: Collection[str] = ()) -> str:
    """A cell's code as a student gets it; a choice as `choice_x = None`.

    but: items of a file whose regions are filled all the same
    """
    if cell.kind == "choice":
        return f"choice_{cell.id} = None"
    text = holes.emptied(cell.source, but) if cell.kind == "answer" else cell.source
    return _as_cell(cell, text)


def _as_cell(cell: Cell, text: str) -> str:
    return companions.cell_text(cell.file, text) if cell.file else text


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
    beside = companions.read(path.with_suffix(""))
    return _parsed(path.read_text(encoding="utf-8"), f"solutions/{path.name}", lab_name, beside)


@lru_cache(maxsize=64)  # asked for with every submission
def _parsed(text: str, path: str, name: str, files: tuple[tuple[str, str], ...]) -> Lab:
    return parse(text, path, name, dict(files))


def read(path: Path | str) -> Lab:
    """The lab in this file."""
    path = Path(path)
    beside = dict(companions.read(path.with_suffix("")))
    return parse(path.read_text(encoding="utf-8"), str(path), path.stem, beside)


def parse(text: str, path: str, name: str, files: Mapping[str, str] | None = None) -> Lab:
    """The lab in this text. `path` is only what messages call it; files: those beside it."""
    files = files or {}
    try:
        notebook = jupytext.reads(text, fmt="py:percent")
    except (nbformat.ValidationError, ValueError, SyntaxError) as error:
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise SourceError(f"{path}:1: not readable as py:percent: {first}") from error
    lines = headers.lines(text)
    if not lines or len(lines) != len(notebook.cells):
        raise SourceError(
            f"{path}:1: text stands before the first `# %%`, or the file is empty: expected every "
            f"cell to begin with a `# %%` line (found {len(lines)} of them, {len(notebook.cells)} "
            "cells)"
        )
    found = [_cell(nb, line, path, files) for nb, line in zip(notebook.cells, lines, strict=True)]
    title = re.match(r"# (.+)", found[0].source) if found[0].kind == "text" else None
    if title is None:
        raise SourceError(f"{path}:{lines[0]}: the first cell is to be markdown with `# Title`")
    lab = Lab(name, title[1].strip(), path, "\n".join([text, *files.values()]), tuple(found))
    _check_structure(lab)
    companions.check(lab, files)
    return lab


def _cell(node: nbformat.NotebookNode, line: int, path: str, files: Mapping[str, str]) -> Cell:
    """One cell of the notebook that jupytext read, with its keys checked."""

    def fail(key: str, message: str, at: int = line) -> SourceError:
        return SourceError(f"{path}:{at}: {key}: {message}")

    meta = {k: v for k, v in node.metadata.items() if k not in JUPYTEXT_KEYS}
    kind, wanted = headers.kind(node, meta, fail)
    for key in meta:
        if key not in wanted:
            raise fail(key, f"not known in a {kind} cell; expected {', '.join(wanted) or 'no key'}")
    values = {
        key: headers.value(key, value, fail) for key, value in meta.items() if key not in KINDS
    }
    file = values.get("file")
    for key in () if file else cells.NEEDED.get(kind, ()):
        if key not in values:
            raise fail(key, f"missing: a {kind} cell needs {key}=...")
    id = headers.value(kind, meta[kind], fail) if kind in KINDS else None
    text = _file_text(node.source, values, files, fail) if file else node.source
    try:
        extra = cells.CONTENT[kind](text, id) if kind in cells.CONTENT else {}
    except holes.HoleError as error:
        name = f"{kind}={id!r}" if id else kind
        if file:
            where = f"{path.removesuffix('.py')}/{file}"
            raise SourceError(f"{where}:{error.line}: {name}: {error}") from error
        raise fail(name, str(error), line + error.line) from error
    return Cell(kind, id, text, line, **values, **extra)


def _file_text(
    source: str, values: dict[str, Any], files: Mapping[str, str], fail: Callable[..., SourceError]
) -> str:
    """The text of the file that a cell stands for."""
    for key in ("level", "minutes", "numbers", "figure"):
        if key in values:
            raise fail(key, "not at a file; its grade cells have level and minutes")
    if values["file"] not in files:
        there = ", ".join(files) or "none"
        raise fail("file", f"no {values['file']} in the folder beside this lab; found {there}")
    if not companions.EMPTY.fullmatch(source):
        raise fail("file", "the cell is to be empty, but for one comment: its text is the file's")
    return files[values["file"]]


def _check_structure(lab: Lab) -> None:
    """Equal ids; an answer without its grade; a grade without an answer before it."""
    seen: Counter[tuple[str, str]] = Counter()
    checked: dict[str, bool] = {}  # the answers so far: is there a grade of it?
    for cell in lab.cells:
        room = {"predict": "predict", "answer": "answer"}.get(cell.kind, "item")
        for space, name in ((room, cell.id), ("file", cell.file), ("figure", cell.figure)):
            if name and seen[space, name]:
                raise lab.error(cell, f'{cell.kind}="{name}"', "this id is taken by a cell above")
            if name:
                seen[space, name] += 1
        if cell.kind == "answer":
            checked[cell.id or ""] = False
        elif cell.kind == "grade":
            if (cell.of or cell.id) not in checked:
                which = f"of the id {cell.of!r}" if cell.of else "of the same id"
                text = f"a grade without an answer cell {which} before it"
                raise lab.error(cell, f'grade="{cell.id}"', text)
            checked[cell.of or cell.id or ""] = True
        elif cell.kind in ("choice", "explain") and seen["answer", cell.id or ""]:
            text = "this id is taken by an answer cell above"
            raise lab.error(cell, f'{cell.kind}="{cell.id}"', text)
    for id, done in checked.items():
        if not done:
            text = f'an answer without its grade: expected a cell grade="{id}" after it'
            raise lab.error(lab.cell("answer", id), f'answer="{id}"', text)
