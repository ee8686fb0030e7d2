"""The header of a cell in a lab's source: where it stands, what it says the cell is, its keys.

`fail(key, message)` gives the error to raise, with file and line.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import nbformat
from jupytext.stringparser import StringParser

from autograder import cells, companions
from autograder.errors import UserError

KINDS = ("answer", "grade", "choice", "explain", "predict")
HEADER = re.compile(r"#\s*%%(\s|$)")
ID = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")  # no "__": it ends the item in a test's name


def lines(text: str) -> list[int]:
    """Line numbers, from 1, of the `# %%` lines that begin a cell (not those inside a string)."""
    parser, found = StringParser("python"), []
    for number, line in enumerate(text.splitlines(), 1):
        if not parser.is_quoted() and HEADER.match(line):
            found.append(number)
            parser = StringParser("python")
            continue
        parser.read_line(line)
    return found


def kind(
    node: nbformat.NotebookNode, meta: dict[str, Any], fail: Callable[..., UserError]
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
    found = named[0] if named else {"code": "code", "markdown": "text"}.get(node.cell_type, "")
    if not found:
        raise fail(node.cell_type, "not a kind of cell here: expected code or [markdown]")
    if (found in ("explain", "text")) != (node.cell_type == "markdown"):
        form = "a [markdown]" if found == "explain" else "a code"
        raise fail(found, f"found in a {node.cell_type} cell, expected in {form} cell")
    return found, (found, *cells.KEYS[found]) if named else cells.KEYS[found]


def value(key: str, value: Any, fail: Callable[..., UserError]) -> Any:
    """The value of a header key, checked."""
    if key == "file":
        if fault := companions.fault_in_name(value):
            raise fail(key, fault)
        return value
    if key in KINDS or key in ("figure", "of"):
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
