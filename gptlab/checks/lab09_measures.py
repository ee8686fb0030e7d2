"""The checks of lab09 on what is measured of a text."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from gptlab.checks.core import call, equal, kept, must_be_callable, number_of, passed
from gptlab.checks.lab09_numbers import Adds, Follows, refuse

ROSE = [0, 1, 2, 0, 1, 2, 0, 1]  # a rose is a rose is a rose
LN2 = math.log(2)
# (list, n) -> the share, and what common slips give; two of them may give the same
LISTS: list[tuple[str, list[int], int, float, list[tuple[str, Any]]]] = [
    ("a rose is a rose is a rose, n=3", ROSE, 3, 3 / 6,
     [("dec_distinct_count", 3), ("dec_distinct_by_length", 3 / 8),
      ("dec_distinct_by_vocabulary", 1.0), ("dec_distinct_last_missing", 3 / 5),
      ("dec_distinct_too_many", 5 / 8), ("dec_distinct_side_by_side", 2 / 3),
      ("dec_distinct_unordered", 1 / 6)]),
    ("a rose is a rose is a rose, n=2", ROSE, 2, 3 / 7,
     [("dec_distinct_inverted", 4 / 7), ("dec_distinct_side_by_side", 3 / 4)]),
    ("a rose is a rose is a rose, n=1", ROSE, 1, 3 / 8,
     [("dec_distinct_last_missing", 3 / 7), ("dec_distinct_inverted", 5 / 8)]),
    ("a rose is a rose is a rose, n=5", ROSE, 5, 3 / 4, [("dec_distinct_unordered", 1 / 4)]),
    ("1, 2, 1, 2, n=2", [1, 2, 1, 2], 2, 2 / 3,
     [("dec_distinct_unordered", 1 / 3), ("dec_distinct_tokens", 1 / 2)]),
    ("1, 12, 7, 11, 2, n=2", [1, 12, 7, 11, 2], 2, 1.0, [("dec_distinct_as_text", 3 / 4)]),
    ("1, 2, 3, 1, 4, 3, n=3", [1, 2, 3, 1, 4, 3], 3, 1.0, [("dec_distinct_ends_only", 3 / 4)]),
    ("1, 2, n=2", [1, 2], 2, 1.0, [("dec_distinct_last_missing", 0.0)]),
    ("1, 2, n=3", [1, 2], 3, 0.0, [("dec_distinct_short", 1.0)]),
    ("1, n=3", [1], 3, 0.0, []),
]  # fmt: skip


def distinct(answer: Callable[..., float]) -> None:
    """The rose, for n = 3, 2, 1 and 5, and lists that are short."""
    item = "distinct"
    must_be_callable(item, answer)
    likely = {"unhashable": "dec_distinct_list", "ZeroDivision": "dec_distinct_short"}
    for looked_at, ids, n, right, known in LISTS:
        given = list(ids)
        found = call(item, answer, given, n, looked_at=looked_at, likely=likely)
        found = number_of(found)
        if isinstance(found, (int, float)) and not isinstance(found, bool):
            found = float(found)
        known = [(name, float(value)) for name, value in known]
        equal(item, found, right, looked_at=looked_at, known=known)
        kept(item, given, ids, "ids")
    passed(item)


TEXTS = torch.tensor([[2, 3, 0, 1, 2], [4, 0, 1, 4, 1]])  # (B=2, T=5)
# halvings of each token, by the one before: the text's own, those that slips look up
HALVES = torch.tensor([[1.0, 2, 1, 1], [1, 1, 3, 2]])


def log_prob(answer: Callable[..., Tensor]) -> None:
    """The two texts that were worked by hand: 3 tokens are given, then 4, then 1."""
    item = "log_prob"
    must_be_callable(item, answer)
    likely = {"of dimensions": "dec_gather_axes"}
    for n_prompt in (3, 4, 1):
        looked_at = f"the two texts of the example (B=2, T=5), n_prompt={n_prompt}"
        given = TEXTS.clone()
        model = Follows().eval()
        found = call(item, answer, model, given, n_prompt, looked_at=looked_at, likely=likely)
        right = -LN2 * HALVES[:, n_prompt - 1 :].mean(1)
        equal(item, found, right, looked_at=looked_at, known=_slips(n_prompt))
        kept(item, given, TEXTS, "idx", likely="dec_idx_changed")
    _all_before(item, answer)
    passed(item)


# What the model that adds up says of each token after two, shown all before it: 3 for the one that
# it expects, 2 for the next, else -1. And what it says where it was not shown the first.
ADDED = torch.tensor([[1, 2, 3, 1, 2], [4, 4, 3, 1, 3]])
SAID, SAID_LESS = torch.tensor([[3.0, 3, 3], [3, 3, 2]]), torch.tensor([[2.0, 2, 2], [-1, -1, 3]])
ALL_OF_IT = math.log(math.exp(3) + math.exp(2) + 3 * math.exp(-1))


def _all_before(item: str, answer: Callable[..., Tensor]) -> None:
    """A model that looks at all that it is shown, and that could learn."""
    looked_at = "the model that adds up, (1, 2, 3, 1, 2) and (4, 4, 3, 1, 3), n_prompt=2"
    model = Adds().eval()
    found = call(item, answer, model, ADDED.clone(), 2, looked_at=looked_at)
    known = [("dec_log_prob_no_prompt_shown", SAID_LESS.mean(1) - ALL_OF_IT)]
    equal(item, found, SAID.mean(1) - ALL_OF_IT, looked_at=looked_at, known=known)
    if found.requires_grad:
        refuse(item, looked_at, "numbers without a graph", "numbers with one", "dec_graph")
    if model.training:
        refuse(item, looked_at, "model.training as it was, False", "True", "dec_training_changed")


def _slips(n: int) -> list[tuple[str, Tensor]]:
    """What common slips give for the two texts, n tokens given."""
    halves, probs = HALVES[:, n - 1 :], 2.0 ** -HALVES[:, n - 1 :]
    here = torch.full((2, 5), -4 * LN2)  # a token's own place thinks it unlikely
    right = -LN2 * halves.mean(1)
    raw = 1 - LN2 * halves
    slips = [
        ("dec_log_prob_loss", -right),
        ("dec_log_prob_not_shifted", here[:, n:].mean(1)),
        ("dec_log_prob_raw", raw.mean(1)),
        ("dec_log_prob_probs", probs.mean(1)),
        ("dec_log_prob_of_mean", probs.mean(1).log()),
        ("dec_log_prob_sum", -LN2 * halves.sum(1)),
        ("dec_log_prob_base", -halves.mean(1)),
        ("dec_log_prob_best", torch.full((2,), -LN2)),
        ("dec_log_prob_over_batch", right.mean()),
        ("dec_log_prob_over_texts", -LN2 * halves.mean(0)),
        ("dec_log_prob_by_length", -LN2 * halves.sum(1) / 5),
        ("dec_log_prob_squeezed", right[:, None]),
        ("dec_log_prob_not_averaged", -LN2 * halves),
        ("dec_log_prob_not_averaged", -LN2 * halves[:, :, None]),
        ("dec_log_prob_along_time", _along_time()[:, n - 1 :].mean(1)),
    ]
    if n > 1:
        slips += [("dec_log_prob_of_all", -LN2 * HALVES.mean(1)),
                  ("dec_log_prob_one_more", -LN2 * HALVES[:, n - 2 :].mean(1))]  # fmt: skip
    if n < 4:
        slips.append(("dec_log_prob_one_less", -LN2 * HALVES[:, n:].mean(1)))
    return slips


def _along_time() -> Tensor:
    """What the texts' tokens get where the softmax runs over the places, (B, T - 1)."""
    logs = Follows()(TEXTS).log_softmax(1)
    return logs[:, :-1].gather(2, TEXTS[:, 1:, None]).flatten(1)
