"""The love letter of lab 11, as it is handed in: one dictionary of plain values.

Its check and the class page (`python -m autograder letters`) read it by the same rules.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["BLANK", "NAME", "Letter", "assigns", "read", "value_of"]

NAME = "letter"  # what the cell gives its value to
MOST_CODE = 20_000  # characters of the cell
# What the student fills in.
BLANK: dict[str, Any] = {
    "prompt": "",
    "settings": {"temperature": 0.8, "top_k": 200, "seed": 1337},
    "letter": "",
    "agree": False,
    "name": "",
}
MOST = {"prompt": 1_000, "letter": 4_000, "name": 60}  # characters
MOST_SETTINGS, MOST_SETTING = 12, 60  # how many, and characters of each


@dataclass(frozen=True)
class Letter:
    """A letter: what the model was given, what it wrote, and whether others may read it."""

    prompt: str
    settings: dict[str, str]  # option -> value, as text
    letter: str
    agree: bool
    name: str  # to be shown; "" for none


def read(value: Any) -> Letter:
    """The letter in a student's dictionary. ValueError: what was found and what was expected."""
    if not isinstance(value, Mapping):
        raise ValueError(f"found {_kind(value)}, expected a dictionary with {', '.join(BLANK)}")
    if missing := [key for key in BLANK if key not in value]:
        raise ValueError(f"{', '.join(missing)}: missing; expected {', '.join(BLANK)}")
    for key, most in MOST.items():
        _text(key, value[key], most)
    if not isinstance(value["agree"], bool):
        raise ValueError(
            f"agree: found {_kind(value['agree'])}, expected True or False, without quotes"
        )
    settings = _settings(value["settings"])
    if not value["letter"].strip():
        raise ValueError("letter: it is empty, expected what your model wrote")
    if not value["prompt"]:
        raise ValueError("prompt: it is empty, expected what you gave your model")
    name = " ".join(value["name"].split())
    return Letter(value["prompt"], settings, value["letter"].strip(), value["agree"], name)


def assigns(code: str) -> bool:
    """Whether this code gives a value to NAME at its top level."""
    try:
        body = _body(code)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False  # %magic or !command: no cell of a letter
    targets = [one for line in body if isinstance(line, ast.Assign) for one in line.targets]
    return any(isinstance(one, ast.Name) and one.id == NAME for one in targets)


def value_of(code: str) -> object:
    """What a cell of one assignment of plain values gives to NAME, without running it. ValueError.

    A second statement could take the agreement back, so there must be none.
    """
    if len(code) > MOST_CODE:
        raise ValueError(f"the cell has {len(code):,} characters, expected at most {MOST_CODE:,}")
    try:
        return _value(_body(code))
    except SyntaxError as error:
        raise ValueError(f"no Python that can be read, line {error.lineno}") from error
    except (MemoryError, RecursionError, TypeError) as error:  # nested or unhashable on purpose
        raise ValueError("no dictionary of plain values") from error


def _value(body: list[ast.stmt]) -> object:
    more = [line for line in body if not _gives(line)] or body[1:]
    if more or not body:
        said = f", found `{_cut(more[0])}`" if more else ""
        raise ValueError(f"expected `{NAME} = {{...}}` and nothing else in the cell{said}")
    try:
        return ast.literal_eval(body[0].value)
    except ValueError as error:
        if "malformed node" not in str(error):
            raise
    found = _cut(_computed(body[0].value))
    raise ValueError(f"`{found}` is computed; expected text and numbers, typed or pasted")


def _gives(line: ast.stmt) -> bool:
    """Is this `letter = …`?"""
    if not isinstance(line, ast.Assign) or len(line.targets) != 1:
        return False
    return isinstance(line.targets[0], ast.Name) and line.targets[0].id == NAME


def _computed(node: ast.expr) -> ast.expr:
    """The first part of this value that is none of its own."""
    parts: list[ast.expr | None] = []
    if isinstance(node, ast.Dict):
        parts = [one for pair in zip(node.keys, node.values, strict=True) for one in pair]
    elif isinstance(node, ast.List | ast.Tuple | ast.Set):
        parts = list(node.elts)
    for part in parts:
        if part is None:  # **other
            return node
        try:
            ast.literal_eval(part)
        except ValueError:
            return _computed(part)
    return node


def _cut(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 60 else f"{text[:59]}…"


def _body(code: str) -> list[ast.stmt]:
    with warnings.catch_warnings(action="ignore"):  # of a backslash that means nothing
        return ast.parse(code).body


def _text(key: str, value: Any, most: int) -> None:
    if not isinstance(value, str):
        raise ValueError(f"{key}: found {_kind(value)}, expected text in quotes")
    if len(value) > most:
        raise ValueError(f"{key}: found {len(value):,} characters, expected at most {most:,}")


def _settings(value: Any) -> dict[str, str]:
    """Each option with its value as text."""
    if not isinstance(value, Mapping):
        raise ValueError(f'settings: found {_kind(value)}, expected {{"temperature": 0.8, …}}')
    if len(value) > MOST_SETTINGS:
        raise ValueError(f"settings: found {len(value)}, expected at most {MOST_SETTINGS}")
    made = {}
    for key, one in value.items():
        if not isinstance(key, str) or not isinstance(one, str | int | float | None):
            raise ValueError("settings: expected options in quotes, each with a number or a text")
        if isinstance(one, int) and abs(one) >= 10**30:  # Python refuses to write large ones out
            raise ValueError("settings: found a number of more than 30 digits")
        made[key] = str(one)
        if len(key) > MOST_SETTING or len(made[key]) > MOST_SETTING:
            raise ValueError(f"settings: expected at most {MOST_SETTING} characters for each")
    return made


def _kind(value: Any) -> str:
    """What a value is, in few characters."""
    if isinstance(value, str):
        return f"the text {value[:20]!r}"
    if isinstance(value, bool | float | None):
        return repr(value)
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
