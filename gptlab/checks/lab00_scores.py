"""The checks of lab00 on broadcasting, softmax, cross-entropy and the triangle."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from gptlab.checks.core import CheckFailed, call, equal, must_be_callable, number_of, passed, show

LN2, LN3 = math.log(2), math.log(3)
POS = torch.tensor([[10, 20], [30, 40], [50, 60]])


def add_positions(answer: Callable[[Tensor, Tensor], Tensor]) -> None:
    """The two sheets of the lab; then one sheet as long as the table of positions."""
    item = "add_positions"
    must_be_callable(item, answer)
    two = torch.tensor([[[1, 2], [3, 4]], [[5, 6], [7, 8]]])
    right = [[[11, 22], [33, 44]], [[15, 26], [37, 48]]]
    known = {
        "posadd_by_sheet": two + POS[:2, None],
        "posadd_first": two + POS[0],
        "posadd_last": two + POS[1:],
        "posadd_times": two * POS[:2],
        "posadd_missing": two,
        "posadd_numbers": two + torch.arange(2)[:, None],
    }
    _added(answer, two, right, "the two sheets of the lab", known, "posadd_not_cut")
    one = torch.tensor([[[1, 2], [3, 4], [5, 6]]])
    known = {"posadd_cut_by_sheets": one + POS[0]}
    right = [[[11, 22], [33, 44], [55, 66]]]
    _added(answer, one, right, "the sheet 1 2 / 3 4 / 5 6", known, "posadd_cut_by_columns")
    passed(item)


def _added(
    answer: Callable[[Tensor, Tensor], Tensor],
    tok: Tensor,
    right: list,
    name: str,
    known: dict[str, Any],
    misfit: str,
) -> None:
    """One example; misfit: the cause where PyTorch says that the shapes do not fit."""
    item, given = "add_positions", tok.clone()
    looked_at = f"add_positions of {name}, shape {tuple(tok.shape)}, and pos of 3 places"
    likely = {"must match": misfit, "broadcast": misfit}
    found = call(item, answer, given, POS.clone(), looked_at=looked_at, likely=likely)
    equal(item, given, tok, looked_at="tok after the call", likely="posadd_in_place")
    equal(item, found, torch.tensor(right), looked_at=looked_at, known=known)


def centre_rows(answer: Callable[[Tensor], Tensor]) -> None:
    """The three rows of the lab, then two of three, where a lost axis is an error."""
    item = "centre_rows"
    must_be_callable(item, answer)
    square = torch.tensor([[1.0, 2, 6], [0, 3, 3], [5, 5, 5]])
    for x, right in (
        (square, [[-2.0, -1, 3], [-2, 1, 1], [0, 0, 0]]),
        (square[:2], [[-2.0, -1, 3], [-2, 1, 1]]),
    ):
        wanted = torch.tensor(right)
        known = {
            "centre_columns": x - x.mean(0),
            "centre_all": x - x.mean(),
            "centre_sign": -wanted,
            "centre_sum": x - x.sum(1)[:, None],
            "view_not_kept": x,
        }
        if x is square:
            known["centre_lying"] = x - x.mean(1)
        looked_at = f"centre_rows of {[[int(n) for n in row] for row in x.tolist()]}"
        given, likely = x.clone(), {"must match": "centre_lying"}
        found = call(item, answer, given, looked_at=looked_at, likely=likely)
        equal(item, given, x, looked_at="x after the call", likely="centre_in_place")
        cause = ""
        if isinstance(found, Tensor) and found.shape == x.shape and found.is_floating_point():
            sums_to_zero = bool((found[:2].sum(1).abs() < 1e-4).all())
            cause = "centre_divided" if sums_to_zero else ""
        equal(item, found, wanted, looked_at=looked_at, known=known, likely=cause)
    passed(item)


def softmax(answer: Callable[[Tensor, int], Tensor]) -> None:
    """The table of the lab over both axes; large scores; two rows far apart."""
    item = "softmax"
    must_be_callable(item, answer)
    x = torch.tensor([[0.0, LN2], [LN3, 0.0]])
    over_1 = torch.tensor([[1 / 3, 2 / 3], [3 / 4, 1 / 4]])
    over_0 = torch.tensor([[1 / 4, 2 / 3], [3 / 4, 1 / 3]])
    table = "softmax of the scores 0, ln 2 / ln 3, 0"
    known = {
        "soft_no_exp": x / x.sum(1)[:, None],
        "soft_base_two": 2**x / (2**x).sum(1)[:, None],
        "soft_log": over_1.log(),
        "view_not_kept": x,
        "soft_other_axis": over_0,
    }
    _soft(answer, x, 1, over_1, table, known)
    _soft(answer, x, 0, over_0, table, {"soft_last_axis": over_1})
    unlike = torch.tensor([[0.0, LN3], [0.0, 0.0]])  # the largest differ: a lost axis shows
    half = torch.tensor([[1 / 4, 3 / 4], [1 / 2, 1 / 2]])
    _soft(answer, unlike, 1, half, "softmax of the scores 0, ln 3 / 0, 0", {}, "soft_no_keepdim")
    large = torch.tensor([[1000.0, 1000.0 + LN3]])
    quarter = torch.tensor([[1 / 4, 3 / 4]])
    known = {"soft_cut_off": torch.tensor([[0.5, 0.5]])}
    _soft(answer, large, 1, quarter, "softmax of 1000, 1000 + ln 3", known, "soft_overflow")
    uneven = torch.tensor([[1000.0, 0.0, 0.0]])
    first = torch.tensor([[1.0, 0.0, 0.0]])
    _soft(answer, uneven, 1, first, "softmax of 1000, 0, 0", {}, "soft_mean_out")
    low, name = -large.flip(1), "softmax of -1000 - ln 3, -1000"
    _soft(answer, low, 1, quarter, name, {}, "soft_by_size")
    apart = torch.tensor([[1000.0, 1000.0], [-1000.0, -1000.0]])
    even, name = torch.full((2, 2), 0.5), "softmax of the scores 1000, 1000 / -1000, -1000"
    _soft(answer, apart, 1, even, name, {}, "soft_whole_largest")
    passed(item)


def _soft(
    answer: Callable[[Tensor, int], Tensor],
    x: Tensor,
    dim: int,
    right: Tensor,
    name: str,
    known: dict[str, Tensor],
    likely: str = "",
) -> None:
    """One example of softmax; the caller's scores must stay as they were."""
    given, looked_at = x.clone(), f"{name}, with dim={dim}"
    misfit = {"must match": "soft_no_keepdim", "return_types.max": "max_is_a_pair"}
    found = call("softmax", answer, given, dim, looked_at=looked_at, likely=misfit)
    if isinstance(found, Tensor) and found.dtype == torch.float64:
        found = found.float()  # more digits are as right
    equal("softmax", given, x, looked_at="the scores after the call", likely="soft_in_place")
    likely = likely or _wrong_sums(found, x, dim)
    equal("softmax", found, right, looked_at=looked_at, known=known, likely=likely)


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
    return "soft_no_keepdim" if found.allclose(lying / lying.sum(dim, True), atol=1e-4) else ""


def cross_entropy(answer: Callable[[Tensor, Tensor], Tensor]) -> None:
    """The two questions of the lab, then scores that are large, and scores that are far apart."""
    item = "cross_entropy"
    must_be_callable(item, answer)
    logits = torch.tensor([[0.0, 0.0, LN2], [LN2, 0.0, LN3]])
    p = [1 / 4, 1 / 2]  # of the targets
    right = -sum(math.log(part) for part in p) / 2
    known = _surprises(logits, torch.tensor([1, 2]), p, right)
    looked_at = "cross_entropy of the scores 0, 0, ln 2 / ln 2, 0, ln 3, targets 1, 2"
    _surprise(answer, logits, [1, 2], right, looked_at, known, "")
    alike = torch.tensor([[1000.0, 1000.0]])
    looked_at = "cross_entropy of the scores 1000, 1000, target 1"
    _surprise(answer, alike, [1], LN2, looked_at, {}, "xent_overflow")
    far = torch.tensor([[0.0, 1000.0], [0.0, 0.0]])
    right = (1000 + LN2) / 2  # the second question, two characters alike, costs ln 2
    looked_at = "cross_entropy of the scores 0, 1000 / 0, 0, targets 0, 0"
    _surprise(answer, far, [0, 0], right, looked_at, {}, "xent_log_of_zero")
    passed(item)


def _surprises(logits: Tensor, targets: Tensor, p: list[float], right: float) -> dict[str, Any]:
    """What known mistakes make of an example."""
    log_sum, soft = logits.logsumexp(1), logits.softmax(1)
    picked = torch.stack([row[y] for row, y in zip(logits, targets, strict=True)])
    sums = soft.exp().sum(1).log()
    at = torch.stack([row[y] for row, y in zip(soft, targets, strict=True)])
    down = logits.log_softmax(0)
    numbers = {
        "xent_summed": right * len(p),
        "xent_sign": -right,
        "xent_log2": right / LN2,
        "xent_softmax_first": (sums - at).mean(),
        "xent_all_pairs": (log_sum - logits[:, targets]).mean(),
        "xent_likeliest": (log_sum - logits.amax(1)).mean(),
        "xent_score_only": -picked.mean(),
        "xent_target_missing": log_sum.mean(),
        "xent_log_of_mean": -math.log(sum(p) / len(p)),
        "xent_columns": -torch.stack([r[y] for r, y in zip(down, targets, strict=True)]).mean(),
        "xent_top_lost": (log_sum - logits.amax(1) - picked).mean(),
        "xent_power": math.exp(right),
        "xent_first_column": (log_sum - logits[:, 0]).mean(),
    }
    return {cause: float(number) for cause, number in numbers.items()}


def _surprise(
    answer: Callable[[Tensor, Tensor], Tensor],
    logits: Tensor,
    targets: list[int],
    right: float,
    looked_at: str,
    known: dict[str, float],
    unbounded: str,
) -> None:
    """One example: the number, then that it is a tensor. unbounded: the cause of inf or nan."""
    item = "cross_entropy"
    misfit = {"out of range": "xent_all_pairs", "out of bounds": "xent_all_pairs"}
    misfit["return_types.max"] = "max_is_a_pair"
    found = call(
        item, answer, logits.clone(), torch.tensor(targets), looked_at=looked_at, likely=misfit
    )
    if isinstance(found, Tensor) and found.dim() == 1:
        shape = f"a tensor of shape {tuple(found.shape)}"
        raise CheckFailed(
            item,
            looked_at=looked_at,
            expected="one number",
            found=shape,
            likely="xent_not_averaged" if len(found) == len(targets) else "",
        )
    number = number_of(found)
    finite = not isinstance(number, float) or math.isfinite(number)
    likely = "" if finite else unbounded
    equal(item, number, right, looked_at=looked_at, known=known, likely=likely)
    if not isinstance(found, Tensor):
        raise CheckFailed(
            item,
            looked_at=looked_at,
            expected="a tensor with one number, shape ()",
            found=show(found),
            likely="xent_number",
        )


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
            "triangle_all": right | ~right,
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
