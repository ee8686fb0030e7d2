"""The checks of lab01 on the counted bigram: counts, probabilities, loss, coverage, the whole."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor

from gptlab.checks.core import call, equal, must_be_callable, number_of, passed, two

ABBA = torch.tensor([0, 1, 1, 0])
AAB = torch.tensor([0, 0, 1])
ABBA_TABLE = torch.tensor([[1 / 3, 2 / 3], [1 / 2, 1 / 2]])  # counts of "abba" + 1, row by row


def count_pairs(answer: Callable[[Tensor, int], Tensor]) -> None:
    """The counts of "aababb", where all mistakes differ, and of "abba"."""
    must_be_callable("count_pairs", answer)
    for text in ("aababb", "abba"):
        ids = ["ab".index(ch) for ch in text]
        pairs = list(pairwise(ids))
        right = _table(pairs)
        known = {
            "count_floats": right.float(),
            "count_transposed": right.T,
            "count_wraps": _table([*pairs, (ids[-1], ids[0])]),
            "count_ignores_last": _table(pairs[:-1]),
            "count_self": _table([(a, a) for a in ids]),
            "count_gap": _table(pairs[::2]),
            "count_once": right.clamp(max=1),
            "count_shared_rows": right.sum(0).expand(2, 2),
        }
        looked_at = f'count_pairs of "{text}" (a = 0, b = 1): row = first, column = next'
        found = call(
            "count_pairs",
            answer,
            torch.tensor(ids),
            2,
            looked_at=looked_at,
            likely={"IndexError": "count_too_far"},
        )
        equal("count_pairs", found, right, looked_at=looked_at, known=known)
    passed("count_pairs")


def _table(pairs: list[tuple[int, int]]) -> Tensor:
    counts = torch.zeros(2, 2, dtype=torch.long)
    for a, b in pairs:
        counts[a, b] += 1
    return counts


def probabilities(answer: Callable[[Tensor], Tensor]) -> None:
    """Rows that sum to one."""
    must_be_callable("probabilities", answer)
    # "aab" first: its table is not symmetric, so that rows and columns cannot be mistaken
    for text, counts in (("aab", [[1, 1], [0, 0]]), ("abba", [[0, 1], [1, 1]])):
        counts = torch.tensor(counts)
        more = counts + 1.0
        right = more / more.sum(1, keepdim=True)
        known = {
            "no_keepdim": more / more.sum(1),
            "normalised_by_column": more / more.sum(0),
            "no_plus_one": counts / counts.sum(1, keepdim=True),
            "normalised_by_all": more / more.sum(),
            "plus_one_after": more / counts.sum(1, keepdim=True),
            "softmax_of_counts": counts.float().softmax(1),
        }
        looked_at = f'pair_probabilities of the counts of "{text}", {counts.tolist()}'
        given = counts.clone()
        found = call("probabilities", answer, given, looked_at=looked_at)
        if isinstance(found, Tensor) and found.dtype == torch.float64:
            found = found.float()  # more digits are as right
        equal("probabilities", given, counts, looked_at="the counts after", likely="counts_changed")
        equal("probabilities", found, right, looked_at=looked_at, known=known)
    passed("probabilities")


def counted_loss(answer: Callable[[Tensor, Tensor], float]) -> None:
    """The loss of "abba" and of "aab" with the table of "abba"."""
    must_be_callable("counted_loss", answer)
    for text, ids, pairs, backwards in (
        ("abba", ABBA, [2 / 3, 1 / 2, 1 / 2], [1 / 2, 1 / 2, 2 / 3]),
        ("aab", AAB, [1 / 3, 2 / 3], [1 / 3, 1 / 2]),
    ):
        p = torch.tensor(pairs)
        right = -p.log().mean().item()
        known = {
            "loss_summed": right * len(pairs),
            "loss_log2": right / math.log(2),
            "loss_log10": right / math.log(10),
            "loss_sign": -right,
            "loss_of_mean": -p.mean().log().item(),
            "loss_all_rows": -ABBA_TABLE.log().mean().item(),
            "loss_per_character": right * len(pairs) / (len(pairs) + 1),
            "loss_pairs_backwards": -torch.tensor(backwards).log().mean().item(),
            "loss_mean_probability": p.mean().item(),
        }
        looked_at = f'bigram_loss of "{text}" (a = 0, b = 1) with the table of "abba"'
        found = call(
            "counted_loss",
            answer,
            ABBA_TABLE,
            ids,
            looked_at=looked_at,
            likely={"out of bounds": "loss_two_brackets", "out of range": "loss_two_brackets"},
        )
        found = number_of(found)
        equal("counted_loss", found, right, looked_at=looked_at, known=known)
    passed("counted_loss")


def coverage(answer: Callable[[int, int, int], float]) -> None:
    """10 characters, windows of 2."""
    must_be_callable("coverage", answer)
    known = {
        "coverage_times_windows": 0.5,
        "coverage_seen": 0.4375,
        "coverage_tokens": 0.64,
        "coverage_one_window": 0.75,
        "coverage_one_character": (7 / 8) ** 2,
    }
    power = {"for ^": "coverage_power"}
    looked_at = "chance_missed(2, 2, 10): two windows of 2, 10 characters"
    found = call("coverage", answer, 2, 2, 10, looked_at=looked_at, likely=power)
    equal("coverage", found, 0.5625, looked_at=looked_at, known=known)
    passed("coverage")


def whole(answer: Callable[[str], Any]) -> None:
    """The text that was worked by hand: 9 times ab, then bb."""
    item, looked_at = "whole", 'run_bigram("ab" * 9 + "bb")'
    must_be_callable(item, answer)
    likely = dict.fromkeys(("out of range", "out of bounds", "KeyError"), "whole_global_stoi")
    found = call(item, answer, "ab" * 9 + "bb", looked_at=looked_at, likely=likely)
    found = tuple(number_of(part) for part in two(item, found, looked_at=looked_at))
    train = -(9 * math.log(10 / 11) + 8 * math.log(9 / 10)) / 17
    known = {
        "whole_swapped": (math.log(10), train),
        # of all 19 pairs: ab 9, ba 8, bb 2
        "whole_counts_all": (-(9 * math.log(10 / 11) + 8 * math.log(9 / 12)) / 17, math.log(4)),
    }
    equal(item, found, (train, math.log(10)), looked_at=looked_at, known=known)
    passed(item)
