"""What a hidden test does with a reply before it compares: facts, plain values, objects."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch

from autograder import expect
from autograder.values import Handle
from gptlab.checks.core import CheckFailed

__all__ = ["a_number", "argument", "holds", "made", "pieces", "plain", "same"]


def holds(fact: bool, looked_at: str, expected: str, found: str) -> None:
    """A fact that a test worked out from plain data."""
    expect.true(fact, looked_at=looked_at, expected=expected, found=found)


def pieces(found: Any, count: int, looked_at: str) -> list:
    """What a function returned, as a list of so many values."""
    holds(
        isinstance(found, list | tuple) and len(found) == count,
        looked_at,
        f"{count} values",
        expect.kind_of(found),
    )
    return list(found)


def plain(found: Any) -> Any:
    """Tensors, arrays and tuples as lists, where only the numbers matter."""
    if isinstance(found, torch.Tensor | np.ndarray):
        return found.tolist()
    return [plain(item) for item in found] if isinstance(found, list | tuple) else found


def a_number(found: Any, looked_at: str) -> float:
    """One finite number, in whatever form."""
    number = expect.number(found)
    holds(
        number is not None and math.isfinite(number), looked_at, "a number", expect.describe(found)
    )
    return number


def argument(student: Any, place: int) -> Any:
    """What an argument of the last call is now: was it changed in place?"""
    return student.args[place] if place < len(student.args) else None


def made(found: Any, what: str) -> Handle:
    """An object that stays in the notebook."""
    holds(isinstance(found, Handle), f"making {what}", "an object", expect.describe(found))
    return found


def same(found: Any, other: Any) -> bool:
    """Whether two replies are equal, whatever they are."""
    try:
        expect.equal(found, other, looked_at="")
    except CheckFailed:
        return False
    return True
