"""The checks of lab02 on the mean of the past, in its three forms."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from gptlab.checks.core import call, equal, must_be_callable, passed
from gptlab.checks.lab02_numbers import (
    FILL_ERRORS,
    INF,
    NAN,
    hidden,
    mixed,
    past,
    same,
    shares,
)

# The window of the lab, and one more: (B=2, T=3, C=2).
X = torch.tensor([[[2.0, 4.0], [4.0, 0.0], [0.0, 2.0]], [[1.0, 1.0], [3.0, 5.0], [2.0, 0.0]]])
MEANS = torch.tensor([[[2.0, 4.0], [3.0, 2.0], [2.0, 2.0]], [[1.0, 1.0], [2.0, 3.0], [2.0, 2.0]]])
ONES = past(3).float()
NOT_ONE_PAST = [[NAN, NAN, NAN], [1, 0, 0], [1 / 2, 1 / 2, 0]]
ONE_AHEAD = [[1 / 2, 1 / 2, 0], [1 / 3, 1 / 3, 1 / 3], [1 / 3, 1 / 3, 1 / 3]]
FROM_T_ON = [[1 / 3, 1 / 3, 1 / 3], [0, 1 / 2, 1 / 2], [0, 0, 1]]
BY_COLUMN = [[1 / 3, 0, 0], [1 / 3, 1 / 2, 0], [1 / 3, 1 / 2, 1]]


def _of(table: list[list[float]] | Tensor) -> Tensor:
    """What these weights make of X."""
    return mixed(torch.as_tensor(table, dtype=torch.float), X)


def xbow_loop(answer: Callable[[Tensor], Tensor]) -> None:
    """Two windows of three letters and two channels."""
    sums = _of(ONES)
    again = torch.stack([X[:, 0], MEANS[:, 1], (X[:, 0] + MEANS[:, 1] + X[:, 2]) / 3], 1)
    counts = torch.tensor([0.0, 1.0, 2.0])
    known = {
        "xbow_loop_without_itself": _of(NOT_ONE_PAST),
        "xbow_loop_one_ahead": _of(ONE_AHEAD),
        "xbow_loop_all_of_it": _of(torch.full((3, 3), 1 / 3)),
        "xbow_loop_from_t_on": _of(FROM_T_ON),
        "xbow_loop_one_number": MEANS.mean(2, keepdim=True).expand_as(X),
        "xbow_loop_sum": sums,
        "xbow_loop_by_T": sums / 3,
        "xbow_loop_by_t": sums / counts[:, None],
        "xbow_loop_mixes_the_batch": MEANS.mean(0).expand_as(X),
        "xbow_loop_in_place": again,
        "xbow_copies": X,
        "xbow_nothing": torch.zeros_like(X),
    }
    likely = {
        "dimension 0 with size 2": "xbow_loop_wrong_axis",
        "out of bounds": "xbow_loop_sizes_fixed",
        "must match": "xbow_loop_over_channels",
    }
    _xbow("xbow_loop", answer, known, likely)


def xbow_matmul(answer: Callable[[Tensor], Tensor]) -> None:
    """The same windows."""
    known = {
        "xbow_matmul_no_tril": _of(torch.full((3, 3), 1 / 3)),
        "xbow_matmul_triu": _of(FROM_T_ON),
        "xbow_matmul_no_diagonal": _of(NOT_ONE_PAST),
        "xbow_matmul_one_ahead": _of(ONE_AHEAD),
        "xbow_matmul_sum": _of(ONES),
        "xbow_matmul_by_T": _of(ONES / 3),
        "xbow_matmul_no_keepdim": _of(ONES / ONES.sum(1)),
        "xbow_matmul_columns": _of(BY_COLUMN),
        "xbow_matmul_by_total": _of(ONES / 6),
        "xbow_matmul_softmax": _of(shares(ONES, 1)),
        "xbow_matmul_transposed": _of((ONES / ONES.sum(1, keepdim=True)).T),
        "xbow_copies": X,
    }
    sizes = ("batch", "mat1", "size")
    likely = {"8": "xbow_matmul_T_fixed"} | dict.fromkeys(sizes, "xbow_matmul_x_first")
    _xbow("xbow_matmul", answer, known, likely)


def xbow_softmax(answer: Callable[[Tensor], Tensor]) -> None:
    """The same windows."""
    keep = past(3)
    zeros = torch.zeros(3, 3)
    known = {
        "xbow_softmax_not_masked": _of(torch.full((3, 3), 1 / 3)),
        "xbow_softmax_minus_10": _of(shares(hidden(zeros, keep, -10.0), 1)),
        "xbow_softmax_inverted": _of(shares(hidden(zeros, ~keep), 1)),
        "xbow_softmax_transposed": _of(FROM_T_ON),
        "xbow_softmax_0_times_inf": torch.full_like(X, math.nan),
        "xbow_softmax_of_tril": _of(shares(ONES, 1)),
        "xbow_softmax_no_diagonal": _of(NOT_ONE_PAST),
        "xbow_softmax_one_ahead": _of(ONE_AHEAD),
        "xbow_softmax_dim_0": _of(BY_COLUMN),
        "xbow_softmax_missing": hidden(zeros, keep, -INF) @ X,
        "xbow_softmax_only_exp": _of(ONES),
        "xbow_softmax_mask_after": _of(ONES / 3),
        "xbow_copies": X,
    }
    _xbow("xbow_softmax", answer, known, FILL_ERRORS)


def _xbow(
    item: str, answer: Callable[[Tensor], Tensor], known: dict[str, Tensor], likely: dict[str, str]
) -> None:
    """One of the three: the values, and x as it was."""
    must_be_callable(item, answer)
    given = X.clone()
    looked_at = (
        f"{item}(x), x of shape (B=2, T=3, C=2): the window of the lab, (2, 4) (4, 0) (0, 2), "
        "and one more"
    )
    found = call(item, answer, given, looked_at=looked_at, likely=likely)
    same(item, found, MEANS, looked_at=looked_at, known=known)
    equal(item, given, X, looked_at="x after the call", likely="changes_its_input")
    longer = torch.arange(10.0).view(1, 5, 2)  # rows grow by 2: the mean of 0 to t is halfway
    right = torch.arange(10.0).view(1, 5, 2) / 2 + torch.tensor([0.0, 0.5])
    looked_at = f"{item}(x), x of shape (B=1, T=5, C=2)"
    found = call(item, answer, longer, looked_at=looked_at, likely=likely)
    same(item, found, right, looked_at=looked_at)
    passed(item)
