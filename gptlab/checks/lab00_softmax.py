"""The check of lab00 on softmax."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from gptlab.checks.core import call, equal, kept, must_be_callable, passed

LN2, LN3 = math.log(2), math.log(3)
QUARTER = [[1 / 4, 3 / 4]]


def softmax(answer: Callable[[Tensor, int], Tensor]) -> None:
    """The table of the lab over both axes, and as a sheet; then scores that are large."""
    must_be_callable("softmax", answer)
    x = torch.tensor([[0.0, LN2], [LN3, 0.0]])
    over_1 = [[1 / 3, 2 / 3], [3 / 4, 1 / 4]]
    over_0 = [[1 / 4, 2 / 3], [3 / 4, 1 / 3]]
    name = "softmax of the scores 0, ln 2 / ln 3, 0"
    known = [*_known(x), ("soft_other_axis", torch.tensor(over_0))]
    _soft(answer, x, 1, over_1, name, known)
    _soft(answer, x, 0, over_0, name, [("soft_last_axis", torch.tensor(over_1))])
    unlike = torch.tensor([[0.0, LN3], [0.0, 0.0]])  # the largest differ: a lost axis shows
    half, name = [*QUARTER, [1 / 2, 1 / 2]], "softmax of the scores 0, ln 3 / 0, 0"
    _soft(answer, unlike, 1, half, name, [], "soft_no_keepdim")
    sheet, name = x[None], "softmax of one sheet, shape (1, 2, 2), of the scores 0, ln 2 / ln 3, 0"
    _soft(answer, sheet, -1, [over_1], name, [], "soft_last_axis")
    _soft(answer, sheet, 1, [over_0], name, [], "soft_last_axis")
    _large(answer)
    passed("softmax")


def _large(answer: Callable[[Tensor, int], Tensor]) -> None:
    """Scores whose powers do not fit. The order tells one wrong number to subtract from another."""
    cut_off = ("soft_cut_off", torch.tensor([[0.5, 0.5]]))
    for scores, right, name, likely in (
        ([[10.0, 89.0]], [[0, 1]], "10, 89", "soft_overflow"),
        ([[89.0, 10.0]], [[1, 0]], "89, 10", "soft_place"),
        ([[1000.0, 1000 + LN3]], QUARTER, "1000, 1000 + ln 3", "soft_overflow"),
        ([[160.0, 0.0]], [[1, 0]], "160, 0", "soft_least_out"),
        ([[1000.0, 0.0, 0.0]], [[1, 0, 0]], "1000, 0, 0", "soft_mean_out"),
        ([[-1000 - LN3, -1000.0]], QUARTER, "-1000 - ln 3, -1000", "soft_by_size"),
        (
            [[1000.0, 1000.0], [-1000.0, -1000.0]],
            [[0.5, 0.5], [0.5, 0.5]],
            "the scores 1000, 1000 / -1000, -1000",
            "soft_whole_largest",
        ),
    ):
        _soft(answer, torch.tensor(scores), 1, right, f"softmax of {name}", [cut_off], likely)


def _soft(
    answer: Callable[[Tensor, int], Tensor],
    x: Tensor,
    dim: int,
    right: list,
    name: str,
    known: list[tuple[str, Tensor]],
    likely: str = "",
) -> None:
    """One example of softmax; the caller's scores must stay as they were."""
    given, looked_at = x.clone(), f"{name}, with dim={dim}"
    errors = {"must match": "soft_no_keepdim", "return_types.max": "max_is_a_pair"}
    errors["Dimension out of range"] = "soft_last_axis"
    found = call("softmax", answer, given, dim, looked_at=looked_at, likely=errors)
    if isinstance(found, Tensor) and found.dtype == torch.float64:
        found = found.float()  # more digits are as right
    kept("softmax", given, x, "x", "soft_in_place")
    likely = likely or _wrong_sums(found, x, dim)
    wanted = torch.tensor(right, dtype=torch.float32)
    equal("softmax", found, wanted, looked_at=looked_at, known=known, likely=likely)


def _known(x: Tensor) -> list[tuple[str, Tensor]]:
    """What known mistakes make of the first table, along dim=1."""
    below = x - x.amax(1)[:, None]
    e = below.exp()
    sums = e.sum(1)[:, None]
    return [
        ("soft_no_exp", x / x.sum(1)[:, None]),
        ("soft_no_exp", below / below.sum(1)[:, None]),
        ("soft_base_two", 2**x / (2**x).sum(1)[:, None]),
        ("soft_log", (e / sums).log()),
        ("soft_not_divided", e),
        ("soft_not_divided", x.exp()),
        ("soft_not_divided", 2 * e / sums),  # by the mean of two
        ("soft_sum_of_scores", e / x.sum(1)[:, None]),
        ("soft_sum_of_scores", x.exp() / x.sum(1)[:, None]),
        ("soft_sign", (-x).exp() / (-x).exp().sum(1)[:, None]),
        ("soft_fixed_number", torch.full_like(x, math.nan)),
        ("view_not_kept", x),
    ]


def _wrong_sums(found: Any, x: Tensor, dim: int) -> str:
    """The cause where a sum or the largest was taken over too much, or lost its axis; else ""."""
    if not isinstance(found, Tensor) or found.shape != x.shape or found.dtype != x.dtype:
        return ""
    for largest in (torch.zeros(1), x.amax(dim, True), x.max()):
        e = (x - largest).exp()
        if found.allclose(e / e.sum(), atol=1e-4):
            return "soft_whole_sum"
        if found.allclose(e / e.sum(dim), atol=1e-4):
            return "soft_no_keepdim"
    lying = (x - x.amax(dim)).exp()
    for sums in (lying.sum(dim, True), lying.sum(dim)):
        if found.allclose(lying / sums, atol=1e-4):
            return "soft_no_keepdim"
    return ""
