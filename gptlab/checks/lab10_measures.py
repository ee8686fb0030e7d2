"""The checks of lab10 on comparing: how far two outputs are apart, and where that begins."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch

from gptlab.checks.core import call, globals_set, kind, must_be_callable, passed, show
from gptlab.checks.lab10_numbers import refuse

NAN = math.nan
CASES = [  # ours, theirs, how far
    ([[1.0, -6.0]], [[1.5, 4.0]], 10.0),
    ([[1.5, 4.0]], [[1.0, -6.0]], 10.0),
    ([[1.0, 2.0], [3.0, -4.0]], [[1.0, 2.5], [3.0, -7.0]], 3.0),
    ([[1.0, 2.0], [3.0, -4.0]], [[3.0, 2.0], [3.5, -4.0]], 2.0),
    ([0.5, 0.25, 0.0], [0.5, 0.25, 0.0], 0.0),
    ([1.0, 1.0, 1.0], [1.0, 1.0, 1.0002], 0.0002),
    ([1.0, 1.0], [1.0, 1.00002], 0.00002),
]
UNLIKE = [((2, 3), (3,)), ((2, 3), (2, 1)), ((2, 3), (3, 2)), ((3,), (4,)), ((2,), (1, 2))]
Known = Iterable[tuple[str, Any]]


def _slips(a: np.ndarray, b: np.ndarray) -> list[tuple[str, float]]:
    """What common slips give for one pair."""
    apart = a - b
    size = np.abs(apart)
    return [
        ("wt_far_last_row", size[-1].max()),
        ("wt_far_no_abs", apart.max()), ("wt_far_no_abs", (b - a).max()),
        ("wt_far_abs_late", abs(apart.max())), ("wt_far_abs_late", abs((b - a).max())),
        ("wt_far_abs_first", (np.abs(a) - np.abs(b)).max()),
        ("wt_far_abs_first", (np.abs(b) - np.abs(a)).max()),
        ("wt_far_mean", size.mean()), ("wt_far_mean", abs(apart.mean())),
        ("wt_far_mean", math.sqrt((size**2).mean())),
        ("wt_far_sum", size.sum()), ("wt_far_sum", abs(apart.sum())),
        ("wt_far_of_largest", abs(a.max() - b.max())),
        ("wt_far_of_largest", abs(np.abs(a).max() - np.abs(b).max())),
        ("wt_far_squared", (size**2).max()), ("wt_far_squared", (size**2).mean()),
        ("wt_far_length", math.sqrt((size**2).sum())),
        ("wt_far_relative", (size / np.abs(b).max()).max()),
        ("wt_far_relative", np.max(size / np.maximum(np.abs(b), 1e-12))),
        ("wt_far_position", float(size.argmax())),
        ("wt_far_close", float(np.allclose(a, b, atol=1e-4))),
    ]  # fmt: skip


def largest_difference(answer: Callable[..., Any]) -> None:
    """The pairs of the example, as arrays, as tensors and mixed; then shapes that differ."""
    item = "largest_difference"
    must_be_callable(item, answer)
    forms = (np.array, np.array), (torch.tensor, torch.tensor), (torch.tensor, np.array)
    for ours, theirs, right in CASES:
        for left, other in forms:
            what = "tensors" if other is torch.tensor else "arrays"
            what = what if left is other else "a tensor and an array"
            looked_at = f"largest_difference({ours}, {theirs}), {what}"
            likely = {"ambiguous": "wt_far_python_max", "element tensors": "wt_far_python_max",
                      "can be converted": "wt_far_python_max", "TypeError": "wt_far_kinds",
                      "no attribute": "wt_far_kinds"}  # fmt: skip
            given = left(ours), other(theirs)
            found = call(item, answer, *given, looked_at=looked_at, likely=likely)
            _number(item, found, right, _slips(np.array(ours), np.array(theirs)), looked_at)
            for side, before in zip(given, (ours, theirs), strict=True):
                if np.abs(np.asarray(side) - before).max() > 1e-6:
                    refuse(item, f"{looked_at}: what was handed in, after the call",
                           "as it was", "changed", "arg_changed")  # fmt: skip
    looked_at = "largest_difference([1, nan], [1, 2])"
    for form in (np.array, torch.tensor):
        found = call(item, answer, form([1.0, NAN]), form([1.0, 2.0]), looked_at=looked_at)
        if not isinstance(found, float) or not math.isnan(found):
            refuse(item, looked_at, "nan", f"{kind(found)}: {show(found)}", "wt_far_nan")
    for shapes in UNLIKE:
        _unlike(item, answer, *shapes)
    passed(item)


def _number(item: str, found: Any, right: float, known: Known, looked_at: str) -> None:
    """A float, and this one."""
    if isinstance(found, float) and abs(found - right) < 1e-6:
        return
    try:
        number = float(found) if getattr(found, "shape", ()) == () else None
    except (TypeError, ValueError, RuntimeError):
        number = None
    seen = "None: is a return missing?" if found is None else f"{kind(found)}: {show(found)}"
    if number is None:
        shaped = getattr(found, "shape", ())
        cause = "wt_far_one_axis" if len(shaped) == 1 else ""
        refuse(item, looked_at, f"{right}, a float", seen, cause)
    if abs(number - right) < 1e-6:
        refuse(item, looked_at, f"{right}, a float", seen, "wt_far_not_float")
    cause = next((name for name, value in known if abs(value - number) < 1e-6), "")
    if not number and 0 < right < 0.001:
        cause = "wt_far_rounded"
    refuse(item, looked_at, f"{right}, a float", seen, cause)


def _unlike(
    item: str, answer: Callable[..., Any], ours: tuple[int, ...], theirs: tuple[int, ...]
) -> None:
    """Shapes that differ are a ValueError that names both."""
    looked_at = f"two arrays of shapes {ours} and {theirs}"
    wanted = "a ValueError that names both shapes"
    size = math.prod(ours) == math.prod(theirs)
    try:
        found = answer(np.zeros(ours), np.ones(theirs))
    except Exception as error:  # any but a ValueError that names both is a wrong answer
        text = str(error)
        cause = "" if isinstance(error, ValueError) else "wt_far_error"
        if "broadcast" in text or "must match the size" in text:
            cause = "wt_far_size" if size else "wt_far_broadcast"
        elif any(str(s) not in text and str(list(s)) not in text for s in (ours, theirs)):
            flat = len(ours) > 1 and f"({math.prod(ours)},)" in text
            cause = cause or ("wt_far_size" if flat else "wt_far_names")
        if cause:
            refuse(item, looked_at, wanted, f"{type(error).__name__}: {error}", cause)
        return
    cause = "wt_far_size" if size else "wt_far_broadcast"
    if found is None or not math.isfinite(np.max(np.asarray(found, float))):
        cause = "wt_far_error"
    refuse(item, looked_at, wanted, show(found), cause)


PARTS = {"table": [1.0, 2.0], "norm": [0.5, -0.5], "look": [0.0, 1.0], "mix": [3.0, 4.0],
         "add": [4.0, 6.0], "turn": [1.0, 1.0], "bend": [2.0, 1.0], "block": [6.0, 7.0],
         "head": [9.0, 7.0]}  # fmt: skip
BENT = {"block": [6.0, 9.0], "head": [9.0, 8.0], "table": [1.0, 2.0], "mix": [3.5, 4.0],
        "norm": [0.5, -0.49995], "bend": [2.0, 6.0], "add": [4.0, 6.75], "look": [0.0, 1.0],
        "turn": [1.0, 0.25]}  # fmt: skip
SLIPS = [("wt_first_last", "head"), ("wt_first_worst", "bend"), ("wt_first_sorted", "add"),
         ("wt_first_order_of_theirs", "block"), ("wt_first_tolerance_ignored", "norm"),
         ("wt_first_one_before", "look"), ("wt_far_no_abs", "turn"),
         ("wt_first_by_place", "table")]  # fmt: skip
NANS = {  # what is said of them: ours, theirs
    "a NaN in mix of theirs": (PARTS, PARTS | {"mix": [3.0, NAN]}),
    "a NaN in block of ours": (PARTS | {"block": [NAN, 8.0]}, PARTS),
    "a NaN in turn of both": (PARTS | {"turn": [NAN, 1.0]}, PARTS | {"turn": [NAN, 1.0]}),
}
FIRSTS = [  # ours, theirs, tolerance, the name, what slips give
    (PARTS, dict(PARTS), 1e-4, None, [("wt_first_equal_part", "table")]),
    (PARTS, BENT, 1e-4, "mix", SLIPS),
    (PARTS, BENT, 3.0, "bend", [("wt_first_tolerance_fixed", "mix"), ("wt_far_mean", None)]),
    (PARTS, BENT, 1.0, "bend", [("wt_first_tolerance_fixed", "mix"), ("wt_first_last", "block"),
                                ("wt_first_edge", "bend")]),
    (PARTS, BENT, 1e-5, "norm", [("wt_first_tolerance_fixed", "mix")]),
    (*NANS["a NaN in mix of theirs"], 1e-4, "mix", [("wt_first_nan", None)]),
    (*NANS["a NaN in block of ours"], 1e-4, "block", [("wt_first_nan", None)]),
    (*NANS["a NaN in turn of both"], 1e-4, "turn", [("wt_first_nan_both", None)]),
    (PARTS, BENT, 5.0, None, [("wt_first_edge", "bend")]),
]  # fmt: skip


ERRORS = {"KeyError": "wt_first_by_place", "all parts came": "wt_first_all_parts",
          "to unpack": "wt_first_items"}  # fmt: skip


def _far(ours: Any, theirs: Any) -> float:
    """A right `largest_difference`."""
    if isinstance(ours, dict) or isinstance(theirs, dict):
        raise TypeError("largest_difference: a dict of all parts came, for one output")
    pairs = zip(np.ravel(ours).tolist(), np.ravel(theirs).tolist(), strict=True)
    apart = [abs(x - y) for x, y in pairs]
    return NAN if any(map(math.isnan, apart)) else max(apart)


def first_difference(answer: Callable[..., Any]) -> None:
    """Outputs of nine parts whose order is not that of the alphabet, and theirs in another."""
    item = "first_difference"
    must_be_callable(item, answer)
    with globals_set(answer, largest_difference=_far):
        for ours, theirs, tolerance, right, known in FIRSTS:
            looked_at = _told(ours, theirs, tolerance)
            given = _tensors(ours), _tensors(theirs)
            found = call(item, answer, *given, tolerance, looked_at=looked_at, likely=ERRORS)
            _name(item, found, right, known, looked_at)
            _kept(item, given, (ours, theirs), looked_at)
        looked_at = _told(PARTS, BENT, None)
        found = call(item, answer, _tensors(PARTS), _tensors(BENT), looked_at=looked_at)
        _name(item, found, "mix", SLIPS, looked_at)
        _lacks(item, answer)
    passed(item)


def _kept(item: str, given: Any, before: Any, looked_at: str) -> None:
    """Both dicts have the names that they had."""
    for side, was, name in zip(given, before, ("ours", "theirs"), strict=True):
        if list(side) != list(was):
            refuse(item, f"{looked_at}: {name} after the call", ", ".join(was),
                   ", ".join(side) or "nothing", "arg_changed")  # fmt: skip


def _tensors(parts: dict[str, list[float]]) -> dict[str, Any]:
    return {name: torch.tensor(output, dtype=torch.float64) for name, output in parts.items()}


def _told(ours: Any, theirs: Any, tolerance: float | None) -> str:
    end = "" if tolerance is None else f", tolerance={tolerance:g}"
    if theirs is BENT:
        return f"first_difference of the table in the lab{end}"
    what = next((what for what, both in NANS.items() if both == (ours, theirs)), "all parts equal")
    return f"first_difference, {what}{end}"


def _name(item: str, found: Any, right: str | None, known: Known, looked_at: str) -> None:
    """This name, or None."""
    if found is right or (isinstance(found, str) and found == right):
        return
    cause = next((name for name, value in known if found == value and type(found) is type(value)),
                 "")  # fmt: skip
    if isinstance(found, (list, tuple)):
        pair = isinstance(found, tuple) and len(found) == 2
        cause = "wt_first_pair" if pair else "wt_first_list"
    elif found is None and not cause:
        cause = "wt_first_only_one"
    elif right is None and not cause:
        cause = "wt_first_none"
    elif not isinstance(found, str) and not cause:
        cause = "wt_first_number"
    seen = show(found) if isinstance(found, str | None) else f"{kind(found)}: {show(found)}"
    refuse(item, looked_at, show(right), seen, cause)


def _lacks(item: str, answer: Callable[..., Any]) -> None:
    """A part that theirs has not is a KeyError."""
    theirs = {name: output for name, output in PARTS.items() if name != "mix"}
    looked_at = "first_difference, where theirs has no part mix"
    try:
        found = answer(_tensors(PARTS), _tensors(theirs))
    except KeyError:
        return
    except Exception as error:  # another kind of error is a wrong answer
        refuse(item, looked_at, "a KeyError", f"{type(error).__name__}: {error}",
               "wt_first_error")  # fmt: skip
    refuse(item, looked_at, "a KeyError", show(found), "wt_first_missing")
