"""The checks of lab00 on heads: dealt out, merged again, cut into thirds, put side by side."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from typing import Any

import torch
from torch import Tensor

from gptlab.checks.core import CheckFailed, call, equal, kind, must_be_callable, passed, show


def labelled(B: int, T: int, C: int) -> Tensor:
    """(B, T, C): sheet b, row t, column c holds 100 b + 10 t + c, as in the lab."""
    numbers = [[[100 * b + 10 * t + c for c in range(C)] for t in range(T)] for b in range(B)]
    return torch.tensor(numbers)


def split_heads(answer: Callable[[Tensor, int], Tensor]) -> None:
    """The sheet of the lab with two heads, then two sheets with four."""
    item = "split_heads"
    must_be_callable(item, answer)
    for shape, n_head in (((1, 3, 4), 2), ((2, 5, 12), 4)):
        x = labelled(*shape)
        B, T, C = shape
        size = C // n_head
        right = torch.stack([x[..., h * size : (h + 1) * size] for h in range(n_head)], 1)
        known = {
            "splith_leap": x.reshape(B, n_head, T, size),
            "splith_dealt": torch.stack([x[..., h::n_head] for h in range(n_head)], 1),
            "splith_not_swapped": right.movedim(1, 2),
            "splith_sizes_swapped": x.unflatten(2, (size, n_head)).movedim(2, 1),
            "view_not_kept": x,
        }
        looked_at = f"split_heads(labelled{shape}, {n_head})"
        fraction = {"float": "size_fraction"}
        found = call(item, answer, x, n_head, looked_at=looked_at, likely=fraction)
        likely = "splith_list" if isinstance(found, (list, tuple)) else ""
        if isinstance(found, Tensor) and n_head == 4 and found.shape[:2] == (2, 2):
            likely = "splith_fixed"
        equal(item, found, right, looked_at=looked_at, known=known, likely=likely)
    passed(item)


def merge_heads(answer: Callable[[Tensor], Tensor]) -> None:
    """The way back, from the two heads of the lab and from three heads of two sheets."""
    item = "merge_heads"
    must_be_callable(item, answer)
    for shape, n_head in (((1, 3, 4), 2), ((2, 4, 6), 3)):
        right = labelled(*shape)
        B, T, C = shape
        size = C // n_head
        x = torch.stack([right[..., h * size : (h + 1) * size] for h in range(n_head)], 1)
        known = {
            "mergeh_leap": x.reshape(B, T, C),
            "mergeh_dealt": x.movedim(1, 3).flatten(2),
            "mergeh_summed": x.sum(1),
            "mergeh_time": x.flatten(1, 2),
            "mergeh_four_axes": x.movedim(1, 2),
            "mergeh_first": x[:, 0],
            "view_not_kept": x,
        }
        likely = {"view size": "mergeh_not_in_order", ".reshape": "mergeh_not_in_order"}
        looked_at = f"merge_heads of the {n_head} heads of labelled{shape}, {tuple(x.shape)}"
        found = call(item, answer, x, looked_at=looked_at, likely=likely)
        equal(item, found, right, looked_at=looked_at, known=known)
    passed(item)


def split_qkv(answer: Callable[[Tensor], Any]) -> None:
    """One row of six; then two sheets, where a third is four wide."""
    item = "split_qkv"
    must_be_callable(item, answer)
    row = torch.arange(1, 7).unflatten(0, (1, 1, 6))
    two = labelled(2, 3, 12)
    for x, C, name in ((row, 2, "the row 1 2 3 4 5 6"), (two, 4, "labelled(2, 3, 12)")):
        looked_at = f"split_qkv of {name}, shape {tuple(x.shape)}"
        found = call(item, answer, x, looked_at=looked_at, likely={"float": "size_fraction"})
        parts = _three(found, x, looked_at)
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
        for name_of, part, wanted in zip(("first", "second", "third"), parts, right, strict=True):
            where = f"the {name_of} of the three, {looked_at}"
            equal(item, part, wanted, looked_at=where, likely=likely)
    passed(item)


def _alike(parts: tuple[Any, ...], others: tuple[Tensor, ...]) -> bool:
    """Are these the same tensors?"""
    pairs = zip(parts, others, strict=True)
    return all(isinstance(part, Tensor) and part.equal(other) for part, other in pairs)


def _three(found: Any, x: Tensor, looked_at: str) -> tuple[Any, ...]:
    """What came back, as three tensors; a tensor with three entries will do."""
    parts = tuple(found) if isinstance(found, (list, tuple, Tensor)) else ()
    if len(parts) == 3:
        return parts
    likely = ""
    if parts and isinstance(found, (list, tuple)):
        widths = {tuple(part.shape)[-1:] for part in parts if isinstance(part, Tensor)}
        likely = "thirds_of_size_three" if widths == {(3,)} else "thirds_fixed"
        if widths == {tuple(x.shape)[-1:]}:
            likely = "thirds_wrong_axis"
    number = f" of {len(parts)}" if parts else ""
    seen = f"{kind(found)}{number}: {show(found)}"
    raise CheckFailed(
        "split_qkv",
        looked_at=looked_at,
        expected=f"three tensors of shape {(*x.shape[:2], x.shape[2] // 3)}",
        found="None: is a return missing?" if found is None else seen,
        likely=likely,
    )


def side_by_side(answer: Callable[[list[Tensor]], Tensor]) -> None:
    """The two heads of the lab, then three of different widths."""
    item = "side_by_side"
    must_be_callable(item, answer)
    two = [torch.tensor([[[1, 2], [5, 6]]]), torch.tensor([[[3, 4], [7, 8]]])]
    three = [*two, torch.tensor([[[9, 9], [9, 9]]])]
    for heads, right in (
        (two, [[1, 2, 3, 4], [5, 6, 7, 8]]),
        (three, [[1, 2, 3, 4, 9, 9], [5, 6, 7, 8, 9, 9]]),
    ):
        known = {
            "beside_time": torch.hstack(heads),
            "beside_sheets": torch.vstack(heads),
            "beside_dealt": torch.stack([head[..., c] for c in (0, 1) for head in heads], 2),
            "beside_summed": sum(heads),
            "beside_backwards": torch.dstack(heads[::-1]),
            "beside_two": torch.dstack(two),
        }
        if len(heads) == 2:
            del known["beside_two"]
        looked_at = f"side_by_side of {len(heads)} heads, each of shape (1, 2, 2)"
        found = call(item, answer, heads, looked_at=looked_at)
        likely = "beside_new_axis" if isinstance(found, Tensor) and found.dim() == 4 else ""
        wanted = torch.tensor([right])
        equal(item, found, wanted, looked_at=looked_at, known=known, likely=likely)
    passed(item)
