"""The checks of lab09 on choosing a token."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from gptlab.checks.core import call, equal, globals_set, kept, kind, must_be_callable, passed, show
from gptlab.checks.lab09_numbers import (
    EQUALS,
    SCORES,
    WEIGHTS,
    refuse,
    stand_ins,
    weighed,
)

DRAWS = 1000  # of each of the two texts
Odds = list[tuple[str, Tensor]]


def _left(weights: Tensor, *places: list[int]) -> Tensor:
    """Odds of these places in the two rows; the others have none."""
    mask = torch.zeros(2, 5)
    for row, kept_ones in zip(mask, places, strict=True):
        row[kept_ones] = 1.0
    return weighed(weights * mask)


# What to choose with -> the odds of the two texts, and what common slips give.
ROOTS, SQUARES = WEIGHTS**0.5, WEIGHTS**2
BEST, ALL = _left(WEIGHTS, [1], [2]), weighed(WEIGHTS)
CASES: list[tuple[dict[str, Any], Tensor, Odds]] = [
    ({"temperature": 1.0}, ALL, [("dec_choose_softmax_twice", ALL.softmax(1))]),
    ({"temperature": 2.0}, weighed(ROOTS),
     [("dec_temperature_multiplies", weighed(SQUARES)), ("dec_temperature_ignored", ALL),
      ("dec_choose_softmax_twice", weighed(ROOTS).softmax(1))]),
    ({"temperature": 0.5}, weighed(SQUARES),
     [("dec_choose_below_1_is_0", BEST), ("dec_temperature_ignored", ALL),
      ("dec_choose_softmax_twice", weighed(SQUARES).softmax(1))]),
    ({"temperature": 0.5, "top_k": 3}, _left(SQUARES, [0, 1, 3], [0, 2, 4]),
     [("dec_choose_no_top_k", weighed(SQUARES)),
      ("dec_temperature_multiplies", _left(ROOTS, [0, 1, 3], [0, 2, 4]))]),
    ({"temperature": 1.0, "top_p": 0.7}, _left(WEIGHTS, [1, 3], [2, 4]),
     [("dec_choose_no_top_p", ALL)]),
    ({"temperature": 2.0, "top_p": 0.45}, _left(ROOTS, [1, 3], [2, 4]),
     [("dec_choose_top_p_first", _left(ROOTS, [1], [2]))]),
    ({"temperature": 1.0, "top_k": 3, "top_p": 0.55}, BEST,
     [("dec_choose_top_k_last", _left(WEIGHTS, [1, 3], [2])),
      ("dec_choose_one_or_other", _left(WEIGHTS, [0, 1, 3], [0, 2, 4]))]),
]  # fmt: skip


def choose(answer: Callable[..., Tensor]) -> None:
    """The likeliest at temperature 0; else 1,000 draws a text, which are near the odds by hand."""
    item = "choose"
    must_be_callable(item, answer)
    with globals_set(answer, **stand_ins()), torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        _greedy(item, answer)
        for knobs, odds, known in CASES:
            _drawn(item, answer, knobs, odds, known)
        _drawn(item, answer, CASES[0][0], CASES[0][1], [], seed=None)
        _repeats(item, answer)
    passed(item)


def _greedy(item: str, answer: Callable[..., Tensor]) -> None:
    """The likeliest of each row, and the first of equals; 20 times the same."""
    rows = torch.cat((SCORES, EQUALS))
    given, right = rows.clone(), torch.tensor([[1], [2], [1]])
    looked_at = "the scores of the example, and (1, 3, 0, 3, 2), temperature=0"
    known = [("dec_choose_shape", right[:, 0]), ("dec_choose_shape", right.T)]
    likely = {"ZeroDivisionError": "dec_zero_divides", "contains either": "dec_zero_divides"}
    for _ in range(20):
        found = call(item, answer, given, looked_at=looked_at, likely=likely)
        wrong = isinstance(found, Tensor) and found.shape == right.shape
        likely_is = "dec_choose_zero_draws" if wrong else ""
        equal(item, found, right, looked_at=looked_at, known=known, likely=likely_is)
    kept(item, given, rows, "logits", likely="dec_scores_changed")


def _drawn(
    item: str, answer: Callable[..., Tensor], knobs: dict[str, Any], odds: Tensor, known: Odds,
    seed: int | None = 3,
) -> None:  # fmt: skip
    """How often each token comes, with these knobs, in the two texts side by side."""
    told = ", ".join(f"{name}={value:g}" for name, value in knobs.items())
    told += ", no generator" if seed is None else ""
    looked_at = f"{2 * DRAWS:,} rows, the scores of the two texts in turn, {told}"
    generator = None if seed is None else torch.Generator().manual_seed(seed)
    rows = SCORES.repeat(DRAWS, 1)
    given = rows.clone()
    likely = {"NoneType": "dec_choose_none", "probability tensor": "dec_no_softmax"}
    found = call(item, answer, given, **knobs, generator=generator, looked_at=looked_at,
                 likely=likely)  # fmt: skip
    ids = isinstance(found, Tensor) and not found.is_floating_point()
    if not ids or found.shape != (2 * DRAWS, 1):
        seen = f"{tuple(found.shape)}" if isinstance(found, Tensor) else show(found)
        refuse(item, looked_at, f"ids, a tensor of shape ({2 * DRAWS}, 1)",
               f"{kind(found)}: {seen}", "dec_choose_shape")  # fmt: skip
    kept(item, given, rows, "logits", likely="dec_scores_changed")
    share = torch.stack([_shares(found[b::2]) for b in range(2)])
    if _near(share, odds) and not share[odds == 0].any():
        return
    known = [*known, *_other_draws(odds)]
    cause = next((name for name, other in known if _near(share, other)), "")
    if not cause and len(found.unique()) == 1:
        cause = "dec_choose_one_draw_for_all"
    refuse(item, looked_at, f"tokens 0 to 4 with shares near {_said(odds)}", _said(share), cause)


def _other_draws(odds: Tensor) -> Odds:
    """What slips that know no knob give."""
    left = (odds > 0).float()
    rivals = weighed(odds / odds.sum(0).clamp(min=1e-9))  # the softmax ran down the batch
    return [
        ("dec_choose_always_best", BEST),
        ("dec_choose_first_rows_odds", odds[:1].expand(2, 5)),
        ("dec_choose_uniform", left / left.sum(1, keepdim=True)),
        ("dec_softmax_over_batch", rivals),
        ("dec_softmax_over_batch", weighed(WEIGHTS / WEIGHTS.sum(0))),
    ]


def _shares(found: Tensor) -> Tensor:
    return torch.bincount(found.flatten(), minlength=5)[:5] / found.numel()


def _said(shares: Tensor) -> str:
    """Two rows of shares, to read."""
    rows = [", ".join(f"{number:.2f}" for number in row) for row in shares.tolist()]
    return " and ".join(rows)


def _near(share: Tensor, odds: Tensor) -> bool:
    """At most five standard deviations from it, for each token."""
    return bool(((share - odds).abs() <= 5 * (odds * (1 - odds) / DRAWS).sqrt() + 1e-3).all())


def _repeats(item: str, answer: Callable[..., Tensor]) -> None:
    """One seed, one draw; and the dice of the notebook stay where they are."""
    state = torch.random.get_rng_state()
    rows, drawn = torch.zeros(40, 5), []
    looked_at = "40 rows of equal scores, temperature=1, a generator of seed 3, 3 and 4"
    for seed in (3, 3, 4):
        dice = torch.Generator().manual_seed(seed)
        for _ in range(2):
            found = call(item, answer, rows, temperature=1.0, generator=dice,
                         looked_at=looked_at)  # fmt: skip
            drawn.append(found)
    if not drawn[0].equal(drawn[2]):
        refuse(item, looked_at, "the same ids from the same seed", "other ids",
               "dec_choose_no_generator")  # fmt: skip
    if not torch.random.get_rng_state().equal(state):
        refuse(item, looked_at, "torch's own random state as it was", "it has moved on",
               "dec_choose_reseeds")  # fmt: skip
    if drawn[0].equal(drawn[4]) or drawn[0].equal(drawn[1]):
        refuse(item, looked_at, "other ids from another seed, and from a second call",
               "the same ids", "dec_choose_new_generator")  # fmt: skip
