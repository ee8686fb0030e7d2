"""The checks of lab00 on broadcasting: positions, rows without their mean, the triangle."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from gptlab.checks.core import call, equal, kept, must_be_callable, passed

POS = torch.tensor([[10, 20], [30, 40], [50, 60]])
# Three sheets of six rows, and places for eight: PyTorch's error tells how many rows were taken.
LONG, LONG_POS = torch.zeros(3, 6, 4, dtype=torch.long), torch.arange(10, 42).view(8, 4)
_TAKEN = {
    "(2)": "posadd_fixed",
    "(7)": "posadd_fixed",
    "(3)": "posadd_cut_by_sheets",
    "(5)": "posadd_one_less",
    "(4)": "posadd_cut_by_columns",
    "(8)": "posadd_not_cut",
}


def add_positions(answer: Callable[[Tensor, Tensor], Tensor]) -> None:
    """The two sheets of the lab; long sheets of zeros; more sheets than places."""
    item = "add_positions"
    must_be_callable(item, answer)
    two = torch.tensor([[[1, 2], [3, 4]], [[5, 6], [7, 8]]])
    right = torch.tensor([[[11, 22], [33, 44]], [[15, 26], [37, 48]]])
    known = {
        "posadd_by_sheet": two + POS[:2, None],
        "posadd_first": two + POS[0],
        "posadd_one_row": two + POS[2],
        "posadd_last": two + POS[1:],
        "posadd_times": two * POS[:2],
        "posadd_missing": two,
        "posadd_numbers": two + torch.arange(2)[:, None],
    }
    if _one_row_short(answer):
        known["posadd_one_less"] = known.pop("posadd_first")
    misfit = {"must match": "posadd_not_cut", "broadcast": "posadd_not_cut"}
    _added(answer, two, POS, right, "the two sheets of the lab", known, misfit)
    places = torch.arange(10, 34).view(6, 4)
    right = torch.stack([places, places, places])
    _added(answer, LONG, LONG_POS, right, "sheets of zeros", {}, _TAKEN)
    many = torch.tensor([[[1, 2, 3]], [[4, 5, 6]], [[7, 8, 9]]])
    tens = torch.tensor([[10, 20, 30], [40, 50, 60], [70, 80, 90]])
    right = torch.tensor([[[11, 22, 33]], [[14, 25, 36]], [[17, 28, 39]]])
    name, likely = "three sheets with one row", "posadd_cut_by_sheets"
    _added(answer, many, tens, right, name, {}, {}, likely)
    passed(item)


def _one_row_short(answer: Callable[[Tensor, Tensor], Tensor]) -> bool:
    """Do five rows of pos come where six are needed? With two it is one, and stretched."""
    try:
        answer(LONG.clone(), LONG_POS.clone())
    except RuntimeError as error:
        return "(5)" in str(error)
    except Exception:  # the examples will show it
        return False
    return False


def _added(
    answer: Callable[[Tensor, Tensor], Tensor],
    tok: Tensor,
    pos: Tensor,
    right: Tensor,
    name: str,
    known: Mapping[str, Any],
    misfit: Mapping[str, str],
    likely: str = "",
) -> None:
    """One example; misfit: part of PyTorch's error about shapes -> its cause."""
    item, given, places = "add_positions", tok.clone(), pos.clone()
    shapes = f"shape {tuple(tok.shape)}, and pos of shape {tuple(pos.shape)}"
    looked_at = f"add_positions of {name}, {shapes}"
    found = call(item, answer, given, places, looked_at=looked_at, likely=misfit)
    kept(item, given, tok, "tok", "posadd_in_place")
    kept(item, places, pos, "pos")
    equal(item, found, right, looked_at=looked_at, known=known, likely=likely)


def centre_rows(answer: Callable[[Tensor], Tensor]) -> None:
    """The three rows of the lab; two of them, where a lost axis is an error; means with a half."""
    item = "centre_rows"
    must_be_callable(item, answer)
    square = torch.tensor([[1.0, 2, 6], [0, 3, 3], [5, 5, 5]])
    halves = torch.tensor([[1.0, 2, 2, 1], [0, 1, 6, 7]])
    for x, right in (
        (square, [[-2.0, -1, 3], [-2, 1, 1], [0, 0, 0]]),
        (square[:2], [[-2.0, -1, 3], [-2, 1, 1]]),
        (halves, [[-0.5, 0.5, 0.5, -0.5], [-3.5, -2.5, 2.5, 3.5]]),
    ):
        looked_at = f"centre_rows of {[[int(n) for n in row] for row in x.tolist()]}"
        given, errors = x.clone(), {"must match": "centre_lying"}
        found = call(item, answer, given, looked_at=looked_at, likely=errors)
        kept(item, given, x, "x", "centre_in_place")
        known, likely = _known_rows(x, x is square), _likely_rows(found, x)
        equal(item, found, torch.tensor(right), looked_at=looked_at, known=known, likely=likely)
    passed(item)


def _known_rows(x: Tensor, square: bool) -> list[tuple[str, Tensor]]:
    """What known mistakes make of an example of centre_rows."""
    means, sums = x.mean(1)[:, None], x.sum(1)[:, None]
    known = {
        "centre_columns": x - x.mean(0),
        "centre_all": x - x.mean(),
        "centre_sign": means - x,
        "centre_sum": x - sums,
        "centre_ratio": x / means,
        "centre_fixed_count": x - sums / 3,
        "view_not_kept": x,
    }
    known |= {"centre_lying": x - x.mean(1)} if square else {"centre_by_rows": x - sums / len(x)}
    right = {"centre_fixed_count"} if x.shape[1] == 3 else set()
    pairs = [(cause, value) for cause, value in known.items() if cause not in right]
    return [*pairs, ("centre_means_only", means), ("centre_means_only", means[:, 0])]


def _likely_rows(found: Any, x: Tensor) -> str:
    """The cause where all means were rounded, or where the rows do sum to zero; else ""."""
    if not isinstance(found, Tensor) or found.shape != x.shape or not found.is_floating_point():
        return ""
    if bool((found[:2].sum(1).abs() < 1e-4).all()):
        return "centre_divided"
    return "centre_rounded" if x.shape[1] == 4 and found.equal(found.round()) else ""


def causal_mask(answer: Callable[[int], Tensor]) -> None:
    """The table of the lab, T = 3, then T = 2."""
    item = "causal_mask"
    must_be_callable(item, answer)
    for T in (3, 2):
        right = torch.tensor([[s <= t for s in range(T)] for t in range(T)])
        diagonal = torch.eye(T, dtype=torch.bool)
        known = {
            "triangle_upper": right.T,
            "triangle_no_diagonal": right & ~diagonal,
            "triangle_hidden": ~right,
            "triangle_one_more": right | right[:, [0, *range(T - 1)]],
            "triangle_all": right | ~right,
            "triangle_diagonal": diagonal,
            "triangle_nothing": right & ~right,
        }
        looked_at = f"causal_mask({T})"
        found = call(item, answer, T, looked_at=looked_at)
        likely = ""
        if isinstance(found, Tensor) and found.dtype != torch.bool:
            likely = "triangle_numbers"
        elif isinstance(found, Tensor) and tuple(found.shape) == (3, 3) and T == 2:
            likely = "triangle_fixed"
        equal(item, found, right, looked_at=looked_at, known=known, likely=likely)
    passed(item)
