"""Companion files: an answer that is a file of Python, graded hole by hole.

The text stands in solutions/<lab>/<file>. In the lab a cell `answer="model_py" file="model.py"`
stands for it; students get one cell that writes the file. Grade cells say `of="model_py"`, and the
regions of such an item are those under a comment with its name: `# TO-DO c_attn`. A file that is
handed out whole has a code cell, `# %% file="sample.py"`.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from autograder import holes
from gptlab.companion import NAME, first_line, text_of

if TYPE_CHECKING:
    from autograder.source import Cell, Lab, SourceError

EMPTY = re.compile(r"\s*(#[^\n]*)?\s*")  # what may stand in the cell for a file: a comment, no more


def read(folder: Path) -> tuple[tuple[str, str], ...]:
    """Name and text of each file beside a lab's source."""
    paths = sorted(path for path in folder.glob("*.py") if path.is_file())
    return tuple((path.name, text_of(path.read_text(encoding="utf-8"))) for path in paths)


def fault_in_name(value: object) -> str:
    """What is wrong with the name of a file; "" where nothing is."""
    if not isinstance(value, str) or not NAME.fullmatch(value):
        return f'found {value!r}, expected the name of a Python file: file="model.py"'
    if value.removesuffix(".py") in sys.stdlib_module_names:
        return f"found {value!r}: Python has a module of that name, which it would hide"
    return ""


def cell_text(file: str, text: str) -> str:
    """A cell that writes this file."""
    return f"{first_line(file)}\n{text}".rstrip("\n")


def path_of(lab: Lab, cell: Cell) -> str:
    """Where the text of a cell stands, as messages name it."""
    return f"{lab.path.removesuffix('.py')}/{cell.file}" if cell.file else lab.path


def place(lab: Lab, grade: Cell) -> str:
    """Where in the file a student fills in an item: `Block.forward` of model.py."""
    answer = lab.answer_of(grade.id or "")
    found = [
        _around(answer.source, hole.first + 1)
        for hole in holes.find(answer.source)
        if hole.item == grade.id
    ]
    names = " and ".join(f"`{name}`" for name in dict.fromkeys(found))
    return f"{names} in `{answer.file}`, under `# TO-DO {grade.id}`"


def _around(source: str, line: int) -> str:
    """The class and function that this line stands in: `Block.forward`."""
    inside = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and node.lineno <= line <= (node.end_lineno or 0)
    ]
    return ".".join(node.name for node in sorted(inside, key=lambda node: node.lineno)) or "the top"


def check(lab: Lab, files: dict[str, str]) -> None:
    """Raise SourceError, one line a fault, where a file, its cell, items and regions do not fit."""
    faults = list(_faults(lab, files))
    if faults:
        raise type(faults[0])("\n".join(str(fault) for fault in faults))


def _faults(lab: Lab, files: dict[str, str]) -> Iterator[SourceError]:
    answers = {cell.id: cell for cell in lab.cells if cell.kind == "answer"}
    for file in files.keys() - {cell.file for cell in lab.cells}:
        text = f'no cell of {lab.path} stands for this file: expected one with file="{file}"'
        yield lab.error(lab.cells[0], f"{lab.name}/{file}", text)
    for cell in lab.cells:
        if cell.kind == "grade":
            yield from _grade_faults(lab, cell, answers[cell.of or cell.id])
        elif cell.file:
            yield from _region_faults(lab, cell)


def _grade_faults(lab: Lab, grade: Cell, answer: Cell) -> Iterator[SourceError]:
    """A grade of a file has level and minutes and a region there; any other has none of them."""
    if grade.of and not answer.file:
        text = f'the answer "{grade.of}" is no file: write file="..." there, or grade="{grade.of}"'
        yield lab.error(grade, "of", text)
    if answer.file and not grade.of:
        text = f'this answer is a file: expected of="{answer.id}" and an id of its own'
        yield lab.error(grade, f'grade="{grade.id}"', text)
    for key in ("level", "minutes"):
        given = getattr(grade, key) is not None
        if given and not grade.of:
            text = "in a grade cell only with of=...; else it stands at the answer"
            yield lab.error(grade, key, text)
        elif grade.of and not given:
            yield lab.error(grade, key, f"missing: a grade of a file needs {key}=...")
    if answer.file and not any(hole.item == grade.id for hole in holes.find(answer.source)):
        text = f"no region under a comment `# TO-DO {grade.id}` in {path_of(lab, answer)}"
        yield lab.error(grade, f'grade="{grade.id}"', text)


def _region_faults(lab: Lab, answer: Cell) -> Iterator[SourceError]:
    """A region of a file without its item."""
    items = [cell.id for cell in lab.cells if cell.kind == "grade" and cell.of == answer.id]
    where = path_of(lab, answer)
    for hole in holes.find(answer.source):
        if not hole.item:
            text = "a region without its item: expected `# TO-DO ITEM` in a comment right above it"
            yield lab.error_at(where, hole.first + 1, "region", text)
        elif hole.item not in items:
            text = f'no cell grade="{hole.item}" of="{answer.id}"; there are {", ".join(items)}'
            yield lab.error_at(where, hole.first + 1, f"# TO-DO {hole.item}", text)
