"""The checks of lab00 on heads: dealt out, and merged again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from gptlab.checks.core import call, equal, kept, must_be_callable, passed


def labelled(B: int, T: int, C: int) -> Tensor:
    """(B, T, C): sheet b, row t, column c holds 100 b + 10 t + c, as in the lab."""
    numbers = [[[100 * b + 10 * t + c for c in range(C)] for t in range(T)] for b in range(B)]
    return torch.tensor(numbers)


def _sheets_mixed(found: Any, right: Tensor) -> bool:
    """Does a sheet of labelled numbers hold numbers of another? They begin with its number."""
    if not isinstance(found, Tensor) or found.shape != right.shape:
        return False
    if not found.flatten().sort().values.equal(right.flatten().sort().values):
        return False
    return any(bool((part // 100 != sheet).any()) for sheet, part in enumerate(found))


def split_heads(answer: Callable[[Tensor, int], Tensor]) -> None:
    """The sheet of the lab with two heads, then two sheets with four."""
    item = "split_heads"
    must_be_callable(item, answer)
    for shape, n_head in (((1, 3, 4), 2), ((2, 5, 12), 4)):
        x = labelled(*shape)
        B, T = shape[:2]
        size = shape[2] // n_head
        right = torch.stack([x[..., h * size : (h + 1) * size] for h in range(n_head)], 1)
        known = {
            "splith_leap": x.reshape(B, n_head, T, size),
            "splith_dealt": torch.stack([x[..., h::n_head] for h in range(n_head)], 1),
            "splith_not_swapped": right.movedim(1, 2),
            "splith_sizes_swapped": x.unflatten(2, (size, n_head)).movedim(2, 1),
            "splith_swapped_first": x.mT.reshape(B, n_head, T, size),
            "splith_last_two": right.movedim(1, 3),
            "splith_heads_first": right.movedim(0, 1),
            "splith_time_first": right.movedim(2, 0),
            "view_not_kept": x,
        }
        looked_at, given = f"split_heads(labelled{shape}, {n_head})", x.clone()
        errors = {"float": "size_fraction", "view size": "splith_swapped_first"}
        found = call(item, answer, given, n_head, looked_at=looked_at, likely=errors)
        kept(item, given, x, "x")
        likely = "splith_list" if isinstance(found, (list, tuple)) else ""
        if isinstance(found, Tensor) and n_head == 4 and found.shape[:2] == (2, 2):
            likely = "splith_fixed"
        elif _sheets_mixed(found, right):
            likely = "sheets_mixed"
        equal(item, found, right, looked_at=looked_at, known=known, likely=likely)
    passed(item)


def merge_heads(answer: Callable[[Tensor], Tensor]) -> None:
    """The way back, from the two heads of the lab and from three heads of two sheets."""
    item = "merge_heads"
    must_be_callable(item, answer)
    for shape, n_head in (((1, 3, 4), 2), ((2, 4, 6), 3)):
        right = labelled(*shape)
        B, T, C = shape
        size = shape[2] // n_head
        x = torch.stack([right[..., h * size : (h + 1) * size] for h in range(n_head)], 1)
        known = {
            "mergeh_leap": x.reshape(B, T, C),
            "mergeh_dealt": x.movedim(1, 3).flatten(2),
            "mergeh_wrong_two": x.mT.reshape(B, T, C),
            "mergeh_not_swapped": x.flatten(2),
            "mergeh_names": right.reshape(B, n_head, T * size),
            "mergeh_summed": x.sum(1),
            "mergeh_time": x.flatten(1, 2),
            "mergeh_four_axes": x.movedim(1, 2),
            "mergeh_first": x[:, 0],
            "view_not_kept": x,
        }
        errors = {"view size": "mergeh_not_in_order", ".reshape": "mergeh_not_in_order"}
        looked_at = f"merge_heads of the {n_head} heads of labelled{shape}, {tuple(x.shape)}"
        given = x.clone()
        found = call(item, answer, given, looked_at=looked_at, likely=errors)
        kept(item, given, x, "x")
        likely = "sheets_mixed" if _sheets_mixed(found, right) else ""
        equal(item, found, right, looked_at=looked_at, known=known, likely=likely)
    passed(item)
