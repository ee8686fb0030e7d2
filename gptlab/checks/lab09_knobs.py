"""The checks of lab09 on the knobs: temperature, top-k, top-p, the penalty for repetition."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from gptlab.checks.core import must_be_callable, passed
from gptlab.checks.lab09_numbers import (
    EQUALS,
    FEWER,
    INF,
    ODDS,
    SCORES,
    WEIGHTS,
    only,
    try_scores,
    weighed,
)

ROWS = "the scores of the two texts of the example (B=2, V=5)"
Item = Callable[..., Tensor]


def probabilities(answer: Item) -> None:
    """The two texts of the example at temperatures 1, ½, 2 and 0, and a row with equals at 0."""
    item = "probabilities"
    must_be_callable(item, answer)
    for temperature in (1.0, 0.5, 2.0):
        over_batch = (SCORES / temperature).softmax(0)
        known = [
            ("dec_no_softmax", SCORES / temperature),
            ("dec_no_softmax", WEIGHTS ** (1 / temperature)),
            ("dec_softmax_over_batch", over_batch),
        ]
        if temperature != 1:
            known += [
                ("dec_temperature_multiplies", weighed(WEIGHTS, temperature)),
                ("dec_temperature_ignored", ODDS),
                ("dec_temperature_after_softmax", ODDS / temperature),
            ]
        known.append(("dec_log_of_odds", weighed(WEIGHTS, 1 / temperature).log()))
        right = weighed(WEIGHTS, 1 / temperature)
        looked_at = f"{ROWS}, temperature={temperature:g}"
        try_scores(item, answer, SCORES, temperature, right=right, known=known, looked_at=looked_at)
    _at_zero(item, answer)
    passed(item)


def _at_zero(item: str, answer: Item) -> None:
    """Temperature 0: the first of the likeliest has all."""
    likely = {"ZeroDivisionError": "dec_zero_divides", "of dimensions": "dec_argmax_no_axis"}
    fewer = "three of the tokens: king, fool, crown (B=2, V=3)"
    equal_ones = "scores 1, 3, 0, 3, 2 (B=1, V=5)"
    cases = (SCORES, [1, 2], ROWS), (EQUALS, [1], equal_ones), (FEWER, [0, 1], fewer)
    for given, best, what in cases:
        rows, V = given.shape
        right = only(torch.ones(rows, V), [[i] for i in best], other=0.0)
        both = right.amax(0).expand(rows, V)
        of_all = torch.zeros(rows * V)
        of_all[given.argmax()] = 1.0
        last = right.flip(1) if given is EQUALS else right
        equals = (given == given.max(1, keepdim=True).values).float()
        known = [
            ("dec_zero_divides", (given / 0).softmax(1)),
            ("dec_zero_divides", given / 0),
            ("dec_zero_shares", equals / equals.sum(1, keepdim=True)),
            ("dec_zero_shares", equals),
            ("dec_zero_gives_ids", torch.tensor(best)),
            ("dec_zero_gives_ids", torch.tensor(best)[:, None]),
            ("dec_temperature_ignored", given.softmax(1)),
            ("dec_zero_last_of_equals", last),
            ("dec_zero_one_column", both),
            ("dec_zero_of_the_batch", of_all.view(rows, V)),
            ("dec_zero_of_the_batch", of_all[:V]),
        ]
        try_scores(item, answer, given, 0, right=right, known=known, likely=likely,
                   looked_at=f"{what}, temperature=0")  # fmt: skip


def top_k(answer: Item) -> None:
    """The two texts of the example, the likeliest two of each; and a top_k of 9, which is all."""
    item = "top_k"
    must_be_callable(item, answer)
    places = [[1, 3], [2, 4]]
    right = only(SCORES, places)
    values = SCORES.topk(2, dim=1)
    known = [
        ("dec_top_k_one_more", only(SCORES, [[1, 3, 0], [2, 4, 0]])),
        ("dec_top_k_one_less", only(SCORES, [[1], [2]])),
        ("dec_top_k_edge_of_another_row", only(SCORES, [[1, 3], [2]])),
        ("dec_top_k_edge_of_another_row", only(SCORES, [[1, 3, 0], [2, 4]])),
        ("dec_top_k_edge_of_another_row", only(SCORES, [[1], [2]])),
        ("dec_top_k_smallest", only(SCORES, [[2, 4], [1, 3]])),
        ("dec_top_k_smallest", only(SCORES, [[0, 2, 4], [0, 1, 3]])),
        ("dec_top_k_smallest", only(SCORES, [[0, 2, 3, 4], [0, 1, 3, 4]])),
        ("dec_top_k_only_values", values.values),
        ("dec_top_k_only_values", values.indices),
        *_marked(places),
        *_odds_of(right, places),
    ]
    likely = {"must match": "dec_edge_no_axis", "broadcast": "dec_edge_no_axis"}
    try_scores(item, answer, SCORES, 2, right=right, known=known, likely=likely,
               looked_at=f"{ROWS}, top_k=2")  # fmt: skip
    likely["out of range"] = "dec_top_k_too_large"
    of_rows = [("dec_top_k_of_rows", right)]
    for k in (5, 9):
        try_scores(item, answer, SCORES, k, right=SCORES, known=of_rows, likely=likely,
                   looked_at=f"{ROWS}, top_k={k}: all")  # fmt: skip
    try_scores(item, answer, FEWER, 5, right=FEWER, known=[], likely=likely,
               looked_at="three of the tokens (B=2, V=3), top_k=5: all")  # fmt: skip
    passed(item)


def _marked(places: list[list[int]]) -> list[tuple[str, Tensor]]:
    """What is dropped, by another number than -inf."""
    return [
        ("dec_dropped_to_zero", only(SCORES, places, other=0.0)),
        ("dec_dropped_to_plus_inf", only(SCORES, places, other=INF)),
        *(("dec_dropped_by_a_number", only(SCORES, places, other=-n)) for n in (1e4, 1e9, 1e10)),
    ]


def _odds_of(right: Tensor, places: list[list[int]]) -> list[tuple[str, Tensor]]:
    """Odds in the place of scores, before and after they were shared out anew."""
    return [
        ("dec_gives_odds", right.softmax(1)),
        ("dec_gives_odds", only(ODDS, places, other=0.0)),
        ("dec_gives_odds", only(ODDS, places)),
    ]


# top_p -> the places that are kept in each row, from the likeliest, and what comes after them
KEPT = {0.45: [[1], [2]], 0.85: [[1, 3, 0], [2, 4, 0]], 0.55: [[1, 3], [2]], 0.7: [[1, 3], [2, 4]]}
ORDER = [[1, 3, 0, 4, 2], [2, 4, 0, 3, 1]]


def top_p(answer: Item) -> None:
    """The two texts of the example at 0.45, 0.85, 0.55 and 0.7."""
    item = "top_p"
    must_be_callable(item, answer)
    likely = {"must match": "dec_edge_no_axis", "broadcast": "dec_edge_no_axis",
              "return_types": "dec_sort_not_unpacked"}  # fmt: skip
    for p, places in KEPT.items():
        known = [*_top_p_slips(places, p), *_sums(p), *_odds_of(only(SCORES, places), places)]
        try_scores(item, answer, SCORES, p, right=only(SCORES, places), known=known,
                   looked_at=f"{ROWS}, top_p={p}", likely=likely)  # fmt: skip
    passed(item)


def _top_p_slips(places: list[list[int]], p: float) -> list[tuple[str, Tensor]]:
    """What common slips make of the example."""
    counts = [len(row) for row in places]
    ordered = SCORES.sort(1, descending=True).values
    first = [list(range(n)) for n in counts]
    less = [row[:-1] for row in places]
    more = [order[: n + 1] for order, n in zip(ORDER, counts, strict=True)]
    rest = [order[n:] for order, n in zip(ORDER, counts, strict=True)]
    alone = [[i for i in range(5) if ODDS[b, i] >= p] for b in range(2)]
    below = [[i for i in range(5) if ODDS[b, i] <= p] for b in range(2)]
    low = []
    for b, order in enumerate(ORDER):
        kept, share = [], 0.0
        for i in reversed(order):
            if share < p:
                kept.append(i)
            share += ODDS[b, i].item()
        low.append(kept)
    slips: dict[str, list[Any]] = {
        "dec_crossing_dropped_but_first": [only(SCORES, [row[:-1] or row for row in places])],
        "dec_crossing_dropped": [only(SCORES, less)],
        "dec_top_p_one_more": [only(SCORES, more)],
        "dec_not_sorted_back": [only(SCORES, first)],
        "dec_left_sorted": [only(ordered, first), ordered[:, : max(counts)]],
        "dec_lowest_first": [only(SCORES, low), only(SCORES, [row[:-1] for row in low])],
        "dec_top_p_inverted": [only(SCORES, rest)],
        "dec_top_p_each_alone": [only(SCORES, alone), only(SCORES, below)],
        "dec_gathered_back": [only(ordered, first).gather(1, torch.tensor(ORDER))],
    }
    named = [(name, value) for name, values in slips.items() for value in values]
    return [*named, *_marked(places)]


def _sums(p: float) -> list[tuple[str, Tensor]]:
    """The example where something else was added up."""
    order = torch.tensor(ORDER)
    scores, odds = SCORES.gather(1, order), ODDS.gather(1, order)
    down = SCORES.softmax(0).gather(1, order)
    sums = [
        ("dec_not_sorted", ODDS.cumsum(1) - ODDS, None),
        ("dec_softmax_unsorted", ODDS.cumsum(1) - ODDS, order),
        ("dec_scores_added_up", scores.cumsum(1) - scores, order),
        ("dec_added_over_batch", odds.cumsum(0) - odds, order),
        ("dec_odds_over_batch", down.cumsum(1) - down, order),
    ]
    found = []
    for name, before, places in sums:
        dropped = before >= p
        if places is not None:
            dropped = torch.zeros_like(dropped).scatter(1, places, dropped)
        found.append((name, SCORES.masked_fill(dropped, -INF)))
    return found


PENALIZED = torch.tensor([[3.0, -1.0, 2.0, 0.5, -4.0], [-2.0, 1.0, 4.0, -3.0, 6.0]])
TEXTS = torch.tensor([[0, 1, 0], [3, 2, 3]])


def penalty(answer: Item) -> None:
    """The two rows of the example with a penalty of 2, and one of 1, which changes nothing."""
    item = "penalty"
    must_be_callable(item, answer)
    right = _with({0: 1.5, 1: -2.0}, {2: 2.0, 3: -6.0})
    sign = PENALIZED.sign()
    known = [
        ("dec_penalty_divides_all", _with({0: 1.5, 1: -0.5}, {2: 2.0, 3: -1.5})),
        ("dec_penalty_multiplies_all", _with({0: 6.0, 1: -2.0}, {2: 8.0, 3: -6.0})),
        ("dec_penalty_inverted", _with({0: 6.0, 1: -0.5}, {2: 8.0, 3: -1.5})),
        ("dec_penalty_each_time", _with({0: 0.75, 1: -2.0}, {2: 2.0, 3: -12.0})),
        ("dec_penalty_each_time", _with({0: 0.5, 1: -2.0}, {2: 2.0, 3: -12.0})),
        ("dec_penalty_everywhere", PENALIZED * 2**-sign),
        ("dec_penalty_of_all_rows", _with({0: 1.5, 1: -2.0, 2: 1.0, 3: 0.25},
                                          {0: -4.0, 1: 0.5, 2: 2.0, 3: -6.0})),
        ("dec_penalty_of_all_rows", _with({0: 1.5, 1: -2.0}, {0: -4.0, 1: 0.5})),
        ("dec_penalty_subtracts", _with({0: 1.0, 1: -3.0}, {2: 2.0, 3: -5.0})),
        ("dec_penalty_none", PENALIZED),
        ("dec_penalty_only_found", right.gather(1, TEXTS)),
        ("dec_penalty_only_found", right * (right != PENALIZED)),
        ("dec_penalty_of_the_last", _with({0: 1.5}, {3: -6.0})),
        ("dec_penalty_above_0_only", _with({0: 1.5}, {2: 2.0})),
        ("dec_penalty_below_0_only", _with({1: -2.0}, {3: -6.0})),
    ]  # fmt: skip
    likely = {"must match": "dec_penalty_mixed"}
    looked_at = "scores (3, -1, 2, 0.5, -4) after 0, 1, 0 and (-2, 1, 4, -3, 6) after 3, 2, 3"
    texts = TEXTS.clone()
    try_scores(item, answer, PENALIZED, texts, 2.0, right=right, known=known, likely=likely,
               looked_at=f"{looked_at}, penalty=2")  # fmt: skip
    try_scores(item, answer, PENALIZED, texts, 1.0, right=PENALIZED, known=[],
               looked_at=f"{looked_at}, penalty=1")  # fmt: skip
    passed(item)


def _with(*changes: dict[int, float]) -> Tensor:
    """The rows of the example with other scores at these places."""
    rows = PENALIZED.clone()
    for row, change in zip(rows, changes, strict=True):
        for place, score in change.items():
            row[place] = score
    return rows
