"""The check of lab00 on cross-entropy."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from gptlab.checks.core import CheckFailed, call, equal, kept, must_be_callable, number_of, passed

LN2, LN3 = math.log(2), math.log(3)
LOGITS = torch.tensor([[LN2, 0.0, 0.0], [LN2, 0.0, LN3]])  # the two questions of the lab
_SHOWN = "cross_entropy of the scores ln 2, 0, 0 / ln 2, 0, ln 3, targets 1, 2"
_ERRORS = {  # part of PyTorch's error -> its cause
    "return_types.max": "max_is_a_pair",
    "out of bounds": "xent_rows_last",
    "could not be broadcast": "xent_fixed_rows",
    "same number of dimensions": "xent_gather_flat",
    "must match": "xent_no_keepdim",
}


def cross_entropy(answer: Callable[[Tensor, Tensor], Tensor]) -> None:
    """The two questions of the lab, then scores that are large, and scores that are far apart."""
    item = "cross_entropy"
    must_be_callable(item, answer)
    p = [1 / 4, 1 / 2]  # of the targets
    right = -sum(math.log(part) for part in p) / 2
    known = _surprises(LOGITS, torch.tensor([1, 2]), p, right)
    _surprise(answer, LOGITS, [1, 2], right, _SHOWN, known)
    alike = torch.tensor([[1000.0, 1000.0]])
    looked_at = "cross_entropy of the scores 1000, 1000, target 1"
    errors = _ERRORS | {"out of bounds": "xent_fixed_rows"}
    _surprise(answer, alike, [1], LN2, looked_at, [], errors, lambda n: "xent_overflow")
    far = torch.tensor([[0.0, 1000.0], [0.0, 0.0]])
    right = (1000 + LN2) / 2  # the second question, two characters alike, costs ln 2
    looked_at = "cross_entropy of the scores 0, 1000 / 0, 0, targets 0, 0"
    _surprise(answer, far, [0, 0], right, looked_at, [], _ERRORS, _of_far)
    _learnable(answer)
    passed(item)


def _of_far(number: float) -> str:
    """The cause of a wrong loss where the probability of a target is too small to be stored."""
    if number == -math.inf:
        return "xent_whole_largest"
    return "xent_padded" if math.isfinite(number) else "xent_log_of_zero"


def _surprises(
    logits: Tensor, targets: Tensor, p: list[float], right: float
) -> list[tuple[str, float]]:
    """What known mistakes make of an example."""
    log_sum, soft, top = logits.logsumexp(1), logits.softmax(1), logits.amax(1)
    picked = torch.stack([row[y] for row, y in zip(logits, targets, strict=True)])
    at = torch.stack([row[y] for row, y in zip(soft, targets, strict=True)])
    before = torch.stack([row[y - 1] for row, y in zip(logits, targets, strict=True)])
    down = logits.log_softmax(0)
    numbers = [
        ("xent_summed", right * len(p)),
        ("xent_sign", -right),
        ("xent_log2", right / LN2),
        ("xent_softmax_first", (soft.exp().sum(1).log() - at).mean()),
        ("xent_all_pairs", (log_sum - logits[:, targets]).mean()),
        ("xent_likeliest", (log_sum - top).mean()),
        ("xent_score_only", -picked.mean()),
        ("xent_target_missing", log_sum.mean()),
        ("xent_log_of_mean", -math.log(sum(p) / len(p))),
        ("xent_columns", -torch.stack([r[y] for r, y in zip(down, targets, strict=True)]).mean()),
        ("xent_top_lost", (log_sum - top - picked).mean()),
        ("xent_power", math.exp(right)),
        ("xent_first_column", (log_sum - logits[:, 0]).mean()),
        ("xent_one_less", (log_sum - before).mean()),
        ("xent_all_columns", -logits.log_softmax(1).mean()),
        ("xent_no_log", sum(p) / len(p)),
        ("xent_no_log", -sum(p) / len(p)),
        ("xent_log_before_sum", (top + (logits - top[:, None]).sum(1) - picked).mean()),
        ("xent_log_before_sum", (logits.sum(1) - picked).mean()),
        ("xent_whole_sum", (logits.exp().sum().log() - picked).mean()),
        ("xent_whole_sum", (top + (logits - top[:, None]).exp().sum().log() - picked).mean()),
    ]
    return [(cause, float(number)) for cause, number in numbers]


def _surprise(
    answer: Callable[[Tensor, Tensor], Tensor],
    logits: Tensor,
    targets: list[int],
    right: float,
    looked_at: str,
    known: list[tuple[str, float]],
    errors: Mapping[str, str] = _ERRORS,
    of_number: Callable[[float], str] = lambda number: "",
) -> None:
    """One example: the number, then that it is a tensor. of_number: the cause of a wrong one."""
    item, given = "cross_entropy", (logits.clone(), torch.tensor(targets))
    found = call(item, answer, *given, looked_at=looked_at, likely=errors)
    kept(item, given[0], logits, "logits")
    kept(item, given[1], torch.tensor(targets), "targets")
    if isinstance(found, Tensor) and found.dim() == 1:
        raise CheckFailed(
            item,
            looked_at=looked_at,
            expected="one number",
            found=f"a tensor of shape {tuple(found.shape)}",
            likely="xent_not_averaged" if len(found) == len(targets) else "",
        )
    number = number_of(found)
    likely = of_number(number) if isinstance(number, float) else ""
    equal(item, number, right, looked_at=looked_at, known=known, likely=likely)
    if not isinstance(found, Tensor):
        raise CheckFailed(
            item,
            looked_at=looked_at,
            expected="a tensor with one number, shape ()",
            found=f"the number {number:.4f}",
            likely="xent_number",
        )


def _learnable(answer: Callable[[Tensor, Tensor], Tensor]) -> None:
    """The loss remembers what it was made of."""
    item, looked_at = "cross_entropy", f"{_SHOWN}, the scores being such as a model learns"
    logits = LOGITS.clone().requires_grad_()
    found = call(item, answer, logits, torch.tensor([1, 2]), looked_at=looked_at, likely=_ERRORS)
    if not found.requires_grad:
        raise CheckFailed(
            item,
            looked_at=looked_at,
            expected="a tensor with a gradient: requires_grad is True",
            found="requires_grad is False",
            likely="xent_detached",
        )
