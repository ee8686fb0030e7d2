"""The love letter of lab 11, as it is handed in: one dictionary of plain values.

Its check and the class page (`python -m autograder letters`) read it by the same rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["BLANK", "Letter", "read"]

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
    return repr(value) if isinstance(value, bool | float | None) else f"a {type(value).__name__}"
