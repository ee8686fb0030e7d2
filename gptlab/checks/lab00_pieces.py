"""The checks of lab00 on cutting into thirds and on putting side by side."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from typing import Any

import torch
from torch import Tensor

from gptlab.checks.core import CheckFailed, call, equal, kept, kind, must_be_callable, passed, show
from gptlab.checks.lab00_heads import labelled

_ERRORS = {  # part of an error of split_qkv -> its cause
    "float": "size_fraction",
    "expected 3, got 1)": "thirds_too_few",
    "expected 3, got 2)": "thirds_of_size_three",
    "Dimension out of range": "axis_too_far",
}


def split_qkv(answer: Callable[[Tensor], Any]) -> None:
    """One row of six; then two sheets, where a third is four wide."""
    item = "split_qkv"
    must_be_callable(item, answer)
    row = torch.arange(1, 7).unflatten(0, (1, 1, 6))
    two = labelled(2, 3, 12)
    for x, C, name in ((row, 2, "the row 1 2 3 4 5 6"), (two, 4, "labelled(2, 3, 12)")):
        looked_at, given = f"split_qkv of {name}, shape {tuple(x.shape)}", x.clone()
        found = call(item, answer, given, looked_at=looked_at, likely=_ERRORS)
        kept(item, given, x, "x")
        parts = _three(answer, found, x, looked_at)
        right = tuple(x[..., part * C : (part + 1) * C] for part in range(3))
        known = {
            "thirds_dealt": tuple(x[..., part::3] for part in range(3)),
            "thirds_view": tuple(x.reshape(3, *x.shape[:2], C)),
            "thirds_wrong_axis": tuple(x.tensor_split(3, 1)),
            "thirds_fixed": tuple(x[..., 2 * part : 2 * part + 2] for part in range(3)),
        }
        likely = next((cause for cause, wrong in known.items() if _alike(parts, wrong)), "")
        if any(_alike(parts, other) for other in list(permutations(right))[1:]):
            likely = "thirds_order"
        elif _widths(parts) == {3 * C}:
            likely = "thirds_wrong_axis"
        for name_of, part, wanted in zip(("first", "second", "third"), parts, right, strict=True):
            where = f"the {name_of} of the three, {looked_at}"
            equal(item, part, wanted, looked_at=where, likely=likely)
    passed(item)


def _alike(parts: tuple[Any, ...], others: tuple[Tensor, ...]) -> bool:
    """Are these the same tensors?"""
    pairs = zip(parts, others, strict=True)
    return all(isinstance(part, Tensor) and part.equal(other) for part, other in pairs)


def _widths(parts: tuple[Any, ...]) -> set[int]:
    """The sizes of the last axes of these tensors."""
    return {part.shape[-1] for part in parts if isinstance(part, Tensor) and part.dim()}


def _three(answer: Callable, found: Any, x: Tensor, looked_at: str) -> tuple[Any, ...]:
    """What came back, as three tensors; a tensor with three entries will do."""
    parts = tuple(found) if isinstance(found, (list, tuple, Tensor)) else ()
    if len(parts) == 3:
        return parts
    likely, seen = "", f"{kind(found)}: {show(found)}"
    if isinstance(found, Tensor):
        likely = "thirds_one_tensor" if found.dim() == 4 else ""
    elif parts and all(isinstance(part, Tensor) for part in parts):
        shapes = ", ".join(str(tuple(part.shape)) for part in parts)
        seen = f"{kind(found)} of {len(parts)}, of shape {shapes}"
        likely = "thirds_of_size_three" if _widths(parts) == {3} else "thirds_fixed"
        if _widths(parts) == {x.shape[-1]}:
            likely = "thirds_whole" if _cuts_rows(answer) else "thirds_wrong_axis"
    raise CheckFailed(
        "split_qkv",
        looked_at=looked_at,
        expected=f"three tensors of shape {(*x.shape[:2], x.shape[2] // 3)}",
        found="None: is a return missing?" if found is None else seen,
        likely=likely,
    )


def _cuts_rows(answer: Callable[[Tensor], Any]) -> bool:
    """Does an answer that gave one piece give one here, too, where other axes have more to cut?"""
    try:
        return len(answer(labelled(7, 7, 3))) == 1
    except (TypeError, ValueError, RuntimeError):
        return False


def side_by_side(answer: Callable[[list[Tensor]], Tensor]) -> None:
    """The two heads of the lab; then three of 2, 1 and 4 columns, of two sheets with one row."""
    item = "side_by_side"
    must_be_callable(item, answer)
    two = [torch.tensor([[[1, 2], [5, 6]]]), torch.tensor([[[3, 4], [7, 8]]])]
    alike = {
        "beside_time": torch.hstack(two),
        "beside_sheets": torch.vstack(two),
        "beside_dealt": torch.stack([head[..., c] for c in (0, 1) for head in two], 2),
        "beside_summed": sum(two),
        "beside_backwards": torch.dstack(two[::-1]),
    }
    three = [[[[1, 2]], [[8, 9]]], [[[3]], [[10]]], [[[4, 5, 6, 7]], [[11, 12, 13, 14]]]]
    three = [torch.tensor(head) for head in three]
    together = torch.arange(1, 15).unflatten(0, (2, 1, 7))
    uneven = {"beside_two": torch.dstack(three[:2]), "beside_one_sheet": together[:1]}
    for heads, right, name, known in (
        (two, torch.tensor([[[1, 2, 3, 4], [5, 6, 7, 8]]]), "of shape (1, 2, 2)", alike),
        (three, together, "of 2 sheets with one row, and of 2, 1 and 4 columns", uneven),
    ):
        looked_at, given = f"side_by_side of {len(heads)} heads, {name}", [*map(torch.clone, heads)]
        errors = {"must match": "beside_uneven", "equal size": "beside_uneven"}
        errors |= {"invalid for input": "beside_uneven", "must be tuple": "beside_no_list"}
        errors["invalid combination"] = "beside_no_list"
        errors["Dimension out of range"] = "axis_too_far"
        found = call(item, answer, given, looked_at=looked_at, likely=errors)
        kept(item, given, heads, "the list heads")
        likely = "beside_new_axis" if isinstance(found, Tensor) and found.dim() == 4 else ""
        equal(item, found, right, looked_at=looked_at, known=known, likely=likely)
    passed(item)
