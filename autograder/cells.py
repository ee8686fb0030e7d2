"""What each kind of cell may say: the keys of its header, and the content that it needs.

Each function of CONTENT takes a cell's text and id, and gives the further fields of
`autograder.source.Cell`; it raises `holes.HoleError` with the line inside the cell.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from typing import Any

from autograder import holes
from autograder.holes import SCHEME, SOLUTION, HoleError

KEYS: dict[str, tuple[str, ...]] = {
    "text": (),
    "code": ("figure", "numbers", "file"),
    "answer": ("level", "minutes", "numbers", "file"),
    "grade": ("points", "numbers", "of", "level", "minutes"),  # the last three: of a file
    "choice": ("points", "level", "minutes"),
    "explain": ("points", "level", "minutes"),
    "predict": (),
}
NEEDED = {
    "answer": ("level", "minutes"),  # but of a file: its grades have them
    "grade": ("points",),
    "choice": ("points",),
    "explain": ("points",),
}


def answer(source: str, id: str | None) -> dict[str, Any]:
    """An answer can be filled and emptied."""
    holes.emptied(source)
    return {}


def choice(source: str, id: str | None) -> dict[str, Any]:
    """A question, its options with an explanation each, the right one: read, never run."""
    try:
        body = ast.parse(source).body
    except SyntaxError as error:
        raise HoleError(error.lineno or 1, f"not Python: {error.msg}") from error
    found: dict[str, Any] = {}
    for node in body:
        try:
            if not isinstance(node, ast.Assign):
                raise ValueError("another statement")
            found[ast.unparse(node.targets[0])] = ast.literal_eval(node.value)
        except ValueError as error:
            text = "expected three literal assignments: question, options, right"
            raise HoleError(node.lineno, text) from error
    if sorted(found) != ["options", "question", "right"] or len(body) != 3:
        names = ", ".join(found) or "nothing"
        raise HoleError(1, f"found {names}; expected question, options and right, once each")
    _check_choice(found)
    return found


def _check_choice(found: dict[str, Any]) -> None:
    options = found["options"]
    if not isinstance(found["question"], str) or not found["question"].strip():
        raise HoleError(1, "question: expected text")
    if not isinstance(options, dict) or not 2 <= len(options) <= 8:
        raise HoleError(1, "options: expected a dict of 2 to 8 options with their explanations")
    for option, why in options.items():
        if not isinstance(option, str) or not option.strip() or "\n" in option:
            raise HoleError(1, f"options: found {option!r}, expected one line of text")
        if not isinstance(why, str) or not why.strip():
            raise HoleError(1, f"options: {option!r} has no explanation; right or wrong, say why")
    if found["right"] not in options:
        raise HoleError(1, f"right: {found['right']!r} is not among the options")


def explain(source: str, id: str | None) -> dict[str, Any]:
    """A question, then a model answer and a marking scheme in their regions."""
    parts = {}
    for kind, label in ((SOLUTION, "model answer"), (SCHEME, "marking scheme")):
        found = holes.find(source, kind)
        parts[kind] = "\n".join(found[0].lines).strip() if len(found) == 1 else ""
        if not parts[kind]:
            text = f"no {label}: expected it between `### BEGIN {kind}` and `### END {kind}`, once"
            raise HoleError(1, text)
    question = holes.without(holes.without(source, SOLUTION), SCHEME).strip()
    if not question:
        raise HoleError(1, "no question: expected it before the model answer")
    return {"question": question, "solution": parts[SOLUTION], "scheme": parts[SCHEME]}


def predict(source: str, id: str | None) -> dict[str, Any]:
    """One line `id = None`; comments may stand around it."""
    try:
        body = ast.parse(source).body
    except SyntaxError as error:
        raise HoleError(error.lineno or 1, f"not Python: {error.msg}") from error
    if len(body) != 1 or ast.unparse(body[0]) != f"{id} = None":
        raise HoleError(1, f"expected the one statement `{id} = None`")
    return {}


def no_region(source: str, id: str | None) -> dict[str, Any]:
    """A cell that is released as it is holds no answer."""
    for kind in (SOLUTION, SCHEME):
        if holes.find(source, kind):
            raise HoleError(1, f"a {kind} region in a cell that is released as it is")
    return {}


CONTENT: dict[str, Callable[[str, str | None], dict[str, Any]]] = {
    "answer": answer,
    "choice": choice,
    "explain": explain,
    "predict": predict,
    "text": no_region,
    "code": no_region,
    "grade": no_region,
}


def number_text(value: float) -> str:
    """A number for a reader: 3 and not 3.0."""
    return str(int(value)) if math.isclose(value, round(value)) else f"{value:g}"
