"""What a hidden test compares with: type, dtype and shape first, then values.

Everything that came over the bridge is plain data, so nothing here can run the student's code; but
it may be of any type and any size, so each function here ends with a verdict, whatever it is given.
The messages are made here and not by pytest, whose own would print expected values.
"""

from __future__ import annotations

import numbers
from itertools import islice
from typing import Any

import numpy as np
import torch

from autograder.values import Handle
from gptlab.checks.core import SMALL, CheckFailed, cut, show

MOST = 100  # items or characters that a message may need: it is cut at 160 characters


def fail(looked_at: str, expected: str, found: str, likely: str = "") -> None:
    """Raise CheckFailed; `likely` is a key of CAUSES or a sentence."""
    found = cut(found, 1000)
    raise CheckFailed(looked_at=looked_at, expected=expected, found=found, likely=likely)


def true(holds: bool, *, looked_at: str, expected: str, found: str, likely: str = "") -> None:
    """A fact that the test worked out itself from plain data."""
    if not holds:
        fail(looked_at, expected, found, likely)


def equal(found: Any, expected: Any, *, looked_at: str, likely: str = "") -> None:
    """Numbers, text, lists, tuples, dicts and sets, exactly.

    A list and a tuple with the same items count as equal, and so do NumPy's numbers and Python's.
    """
    if not _same(found, expected):
        fail(looked_at, describe(expected), describe(found), likely)


def tensor(
    found: Any,
    *,
    shape: tuple[int, ...],
    dtype: torch.dtype | None = None,
    looked_at: str,
    likely: str = "",
) -> None:
    """A tensor of this shape, and of this dtype if one is given."""
    wanted = f"a tensor of shape {tuple(shape)}" + (f", {_name(dtype)}" if dtype else "")
    if not isinstance(found, torch.Tensor):
        fail(looked_at, wanted, describe(found), likely)
    if tuple(found.shape) != tuple(shape) or (dtype is not None and found.dtype != dtype):
        fail(looked_at, wanted, kind_of(found), likely)


def close(
    found: Any, expected: Any, *, looked_at: str, tol: float = 1e-5, likely: str = ""
) -> None:
    """A number, a tensor or an array, within `tol` (absolute, and relative above 1).

    Where a tensor is expected only a tensor will do; float32 and float64 are both right, whole
    numbers are not.
    """
    if isinstance(expected, torch.Tensor):
        shape = tuple(expected.shape)
        if not isinstance(found, torch.Tensor) or tuple(found.shape) != shape:
            fail(looked_at, f"a tensor of shape {shape}", kind_of(found), likely)
        if _kind(found.dtype) != _kind(expected.dtype):
            fail(looked_at, f"dtype {_name(expected.dtype)}", f"dtype {_name(found.dtype)}", likely)
        right, got = expected.double().numpy(), found.double().numpy()
    elif isinstance(expected, np.ndarray):
        real = isinstance(found, np.ndarray) and found.dtype.kind != "c"
        if not real or found.shape != expected.shape:
            fail(looked_at, f"an array of shape {expected.shape}", kind_of(found), likely)
        right, got = expected.astype(float), found.astype(float)
    else:
        value = number(found)
        if value is None:
            fail(looked_at, f"a number, {expected:.6g}", kind_of(found), likely)
        right, got = np.asarray(float(expected)), np.asarray(value)
    _close(got, right, looked_at, tol, likely)


def _close(got: np.ndarray, right: np.ndarray, looked_at: str, tol: float, likely: str) -> None:
    same = np.isclose(got, right, rtol=tol, atol=tol, equal_nan=True)
    if same.all():
        return
    where = tuple(int(i) for i in np.argwhere(~same)[0])
    place = f" at {list(where)}" if where else ""
    wrong = int((~same).sum())
    count = f" ({wrong} of {same.size} numbers differ)" if same.size > 1 else ""
    broken = int(np.isnan(got).sum() - np.isnan(right).sum())
    nan = f"; {broken} NaN" if broken > 0 else ""
    fail(looked_at, f"{right[where]:.6g}{place}", f"{got[where]:.6g}{count}{nan}", likely)


def number(found: Any) -> float | None:
    """A plain number, or a tensor or array without dimensions, as a float; else None."""
    if isinstance(found, torch.Tensor | np.ndarray) and found.ndim == 0:
        found = found.item()
    if isinstance(found, bool) or not isinstance(found, numbers.Real):
        return None
    try:
        return float(found)
    except OverflowError:  # an int of hundreds of digits
        return None


def _same(found: Any, expected: Any) -> bool:
    truths = [isinstance(value, bool | np.bool_) for value in (found, expected)]
    if any(truths):
        return all(truths) and bool(found) == bool(expected)
    if isinstance(expected, numbers.Number):
        return isinstance(found, numbers.Number) and bool(found == expected)
    if isinstance(expected, list | tuple):
        return (
            isinstance(found, list | tuple)
            and len(found) == len(expected)
            and all(map(_same, found, expected))
        )
    if isinstance(expected, dict):
        return (
            isinstance(found, dict)
            and found.keys() == expected.keys()
            and all(_same(found[key], expected[key]) for key in expected)
        )
    if isinstance(expected, torch.Tensor):
        return (
            isinstance(found, torch.Tensor)
            and found.shape == expected.shape
            and found.dtype == expected.dtype
            and torch.equal(found, expected)
        )
    if isinstance(expected, np.ndarray):
        return isinstance(found, np.ndarray) and np.array_equal(found, expected)
    return type(found) is type(expected) and found == expected


def kind_of(value: Any) -> str:
    """What a value is: its type, and shape and dtype where it has them."""
    if isinstance(value, torch.Tensor):
        return f"a tensor of shape {tuple(value.shape)}, {_name(value.dtype)}"
    if isinstance(value, np.ndarray):
        return f"a NumPy array of shape {value.shape}, {value.dtype}"
    if isinstance(value, Handle):
        return f"an object of type {value.type}"
    if value is None:
        return "None: nothing was returned"
    if isinstance(value, list | tuple | dict | set):
        return f"a {type(value).__name__} of {len(value)} items"
    return f"{type(value).__name__} {show(_short(value))}"


def describe(value: Any) -> str:
    """A value in one short line."""
    return kind_of(value) if isinstance(value, Handle) or value is None else show(_short(value))


class _Words(str):
    """A description that stands for a value inside another one."""

    __repr__ = str.__str__


def _short(value: Any) -> Any:
    """As much of a value as a message can show: a large one takes minutes to print."""
    if isinstance(value, str | bytes):
        return value[: 2 * MOST]
    if isinstance(value, list | tuple):
        return type(value)(_part(item) for item in value[:MOST])
    if isinstance(value, dict):
        return {_part(key): _part(item) for key, item in islice(value.items(), MOST)}
    if isinstance(value, set):
        return {_part(item) for item in islice(value, MOST)}
    if isinstance(value, np.ndarray) and value.size > SMALL:
        return _Words(kind_of(value))
    return value


def _part(value: Any) -> Any:
    large = isinstance(value, torch.Tensor) and (value.numel() == 0 or value.numel() > SMALL)
    return _Words(kind_of(value)) if large else _short(value)


def _kind(dtype: torch.dtype) -> str:
    return "complex" if dtype.is_complex else "float" if dtype.is_floating_point else "whole"


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
