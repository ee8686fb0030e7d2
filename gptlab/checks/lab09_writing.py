"""The checks of lab09 on choosing a token and on the loop that writes."""

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
    Adds,
    refuse,
    stand_ins,
    weighed,
    written,
)

DRAWS = 3000
# What to choose with -> the weights that are left, before they are shared out, and common slips.
ROOTS = WEIGHTS[0] ** 0.5


def _left(weights: Tensor, *places: int) -> Tensor:
    """Odds of these places; the others have none."""
    mask = torch.zeros(5)
    mask[list(places)] = 1.0
    return weighed((weights * mask)[None])[0]


CASES: list[tuple[dict[str, Any], Tensor, list[tuple[str, Tensor]]]] = [
    ({"temperature": 1.0}, _left(WEIGHTS[0], *range(5)), []),
    ({"temperature": 2.0}, _left(ROOTS, *range(5)),
     [("dec_temperature_multiplies", _left(WEIGHTS[0] ** 2, *range(5))),
      ("dec_temperature_ignored", _left(WEIGHTS[0], *range(5)))]),
    ({"temperature": 1.0, "top_k": 3}, _left(WEIGHTS[0], 0, 1, 3),
     [("dec_choose_no_top_k", _left(WEIGHTS[0], *range(5)))]),
    ({"temperature": 1.0, "top_p": 0.7}, _left(WEIGHTS[0], 1, 3),
     [("dec_choose_no_top_p", _left(WEIGHTS[0], *range(5)))]),
    ({"temperature": 2.0, "top_p": 0.45}, _left(ROOTS, 1, 3),
     [("dec_choose_top_p_first", _left(ROOTS, 1))]),
    ({"temperature": 1.0, "top_k": 2, "top_p": 0.6}, _left(WEIGHTS[0], 1),
     [("dec_choose_top_k_last", _left(WEIGHTS[0], 1, 3))]),
]  # fmt: skip


def choose(answer: Callable[..., Tensor]) -> None:
    """The likeliest at temperature 0; else 3,000 draws, which are near the odds by hand."""
    item = "choose"
    must_be_callable(item, answer)
    with globals_set(answer, **stand_ins()), torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        _greedy(item, answer)
        for knobs, odds, known in CASES:
            _drawn(item, answer, knobs, odds, known)
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
    item: str, answer: Callable[..., Tensor], knobs: dict[str, Any], odds: Tensor,
    known: list[tuple[str, Tensor]],
) -> None:  # fmt: skip
    """How often each token comes, with these knobs."""
    told = ", ".join(f"{name}={value:g}" for name, value in knobs.items())
    looked_at = f"{DRAWS:,} rows with the first text's scores, {told}"
    generator = torch.Generator().manual_seed(3)
    given = SCORES[:1].repeat(DRAWS, 1)
    found = call(item, answer, given, **knobs, generator=generator, looked_at=looked_at)
    ids = isinstance(found, Tensor) and not found.is_floating_point()
    if not ids or found.shape != (DRAWS, 1):
        seen = f"{tuple(found.shape)}" if isinstance(found, Tensor) else show(found)
        refuse(item, looked_at, f"ids, a tensor of shape ({DRAWS}, 1)", f"{kind(found)}: {seen}",
               "dec_choose_shape")  # fmt: skip
    share = torch.bincount(found.flatten(), minlength=5)[:5] / DRAWS
    if _near(share, odds) and not share[odds == 0].any():
        return
    left = (odds > 0).float()
    known = [*known, ("dec_choose_always_best", torch.tensor([0.0, 1, 0, 0, 0])),
             ("dec_choose_uniform", left / left.sum())]  # fmt: skip
    cause = next((name for name, other in known if _near(share, other)), "")
    said = ", ".join(f"{number:.2f}" for number in odds.tolist())
    seen = ", ".join(f"{number:.2f}" for number in share.tolist())
    refuse(item, looked_at, f"tokens 0 to 4 with shares near {said}", seen, cause)


def _near(share: Tensor, odds: Tensor) -> bool:
    """At most four standard deviations from it, for each token."""
    return bool(((share - odds).abs() <= 4 * (odds * (1 - odds) / DRAWS).sqrt() + 1e-6).all())


def _repeats(item: str, answer: Callable[..., Tensor]) -> None:
    """One seed, one draw; and the dice of the notebook stay where they are."""
    state = torch.random.get_rng_state()
    rows, drawn = torch.zeros(40, 5), []
    looked_at = "40 rows of equal scores, temperature=1, twice with a generator of the same seed"
    for _ in range(2):
        generator = torch.Generator().manual_seed(3)
        found = call(item, answer, rows, temperature=1.0, generator=generator, looked_at=looked_at)
        drawn.append(found)
    if not drawn[0].equal(drawn[1]):
        refuse(item, looked_at, "the same ids", "other ids", "dec_choose_no_generator")
    if not torch.random.get_rng_state().equal(state):
        refuse(item, looked_at, "torch's own random state as it was", "it has moved on",
               "dec_choose_reseeds")  # fmt: skip


def generate(answer: Callable[..., Tensor]) -> None:
    """A model that adds up what it sees: greedy, with a stop token, with a penalty, with dice."""
    item = "generate"
    must_be_callable(item, answer)
    with globals_set(answer, **stand_ins()), torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        _plain(item, answer)
        _stops(item, answer)
        _penalizes(item, answer)
        _knobs(item, answer)
    passed(item)


def _run(item: str, answer: Callable[..., Tensor], rows: list, looked_at: str, *args: Any,
         **knobs: Any) -> tuple[Any, Adds]:  # fmt: skip
    """What the answer writes behind these rows, and the model that it asked."""
    model, idx = Adds().eval(), torch.tensor(rows)
    found = call(item, answer, model, idx, *args, looked_at=looked_at, **knobs)
    kept(item, idx, torch.tensor(rows), "idx", likely="dec_idx_changed")
    return found, model


def _rows(rows: list[list[int]], *args: Any, **knobs: Any) -> Tensor:
    return torch.tensor([written(row, *args, **knobs) for row in rows])


def _plain(item: str, answer: Callable[..., Tensor]) -> None:
    """Greedy: the loop of lab 7."""
    rows, looked_at = [[1, 2], [4, 4]], "5 more for (1, 2) and (4, 4), context_size=3"
    found, model = _run(item, answer, rows, looked_at, 5, 3)
    right = _rows(rows, 5, 3)
    whole, first = _rows(rows, 5, 99), torch.tensor([[1, 2, 3, 1, 1, 1, 1], [4, 4, 3, 1, 1, 1, 1]])
    known = [("dec_no_crop", whole), ("dec_crop_first", first), ("dec_only_new", right[:, 2:])]
    likely = ""
    if isinstance(found, Tensor) and found.dim() == 2 and found.shape[1] != 7:
        likely = "dec_text_cropped" if found.shape[1] in (3, 4) else "dec_count"
    elif any(shape[-1] > 3 for shape in model.seen):
        likely = "dec_no_crop"
    equal(item, found, right, looked_at=looked_at, known=known, likely=likely)
    if model.graph:
        refuse(item, looked_at, "the model is run without a graph", "with one", "dec_graph")
    if model.training:
        refuse(item, looked_at, "model.training as it was, False", "True", "dec_training_changed")


def _stops(item: str, answer: Callable[..., Tensor]) -> None:
    """Rows that end at different steps."""
    rows = [[3, 2], [1, 2]]
    looked_at = "9 more for (3, 2) and (1, 2), context_size=3, eos_id=0"
    found, _ = _run(item, answer, rows, looked_at, 9, 3, eos_id=0)
    right, on = _rows(rows, 3, 3, eos_id=0), _rows(rows, 9, 3)
    known = [("dec_eos_ignored", on), ("dec_eos_at_once", _rows(rows, 9, 3, eos_id=0)),
             ("dec_eos_added", _rows(rows, 4, 3, eos_id=0)),
             ("dec_eos_not_kept", on[:, :5]), ("dec_eos_not_kept", on[:, :6])]  # fmt: skip
    any_row = [("dec_eos_any", _rows(rows, n, 3)) for n in (0, 1)]
    equal(item, found, right, looked_at=looked_at, known=known + any_row)
    looked_at = "9 more for (1, 2), eos_id=2, which stands in the text already"
    found, _ = _run(item, answer, [[1, 2]], looked_at, 9, 3, eos_id=2)
    right = _rows([[1, 2]], 4, 3)
    known = [("dec_eos_ignored", _rows([[1, 2]], 9, 3)), ("dec_eos_added", _rows([[1, 2]], 5, 3))]
    equal(item, found, right, looked_at=looked_at, known=known)


def _penalizes(item: str, answer: Callable[..., Tensor]) -> None:
    """What stands anywhere in the text, and not only where the model still looks."""
    rows, looked_at = [[0, 0], [4, 0]], "7 more for (0, 0) and (4, 0), context_size=3, penalty=2"
    found, _ = _run(item, answer, rows, looked_at, 7, 3, penalty=2.0)
    window = _rows(rows, 7, 3, penalty=2.0, window_only=True)
    known = [("dec_penalty_unused", _rows(rows, 7, 3)), ("dec_penalty_of_the_window", window)]
    equal(item, found, _rows(rows, 7, 3, penalty=2.0), looked_at=looked_at, known=known)


def _knobs(item: str, answer: Callable[..., Tensor]) -> None:
    """top_k=1 and a small top_p are greedy at any temperature; hot, two seeds differ."""
    rows = [[1, 2], [4, 4]]
    for knobs in ({"top_k": 1}, {"top_p": 0.1}):
        told = ", ".join(f"{name}={value}" for name, value in knobs.items())
        looked_at = f"8 more for (1, 2) and (4, 4), temperature=9, {told}: always the likeliest"
        generator = torch.Generator().manual_seed(3)
        found, _ = _run(item, answer, rows, looked_at, 8, 3, 9.0, generator=generator, **knobs)
        equal(item, found, _rows(rows, 8, 3), looked_at=looked_at, likely="dec_knobs_not_passed")
    state, drawn = torch.random.get_rng_state(), []
    looked_at = "30 more for (1, 2), temperature=9, with a generator of seed 3, 3 and 4"
    for seed in (3, 3, 4):
        generator = torch.Generator().manual_seed(seed)
        found, _ = _run(item, answer, rows[:1], looked_at, 30, 3, 9.0, generator=generator)
        drawn.append(found)
    if not drawn[0].equal(drawn[1]) or not torch.random.get_rng_state().equal(state):
        refuse(item, looked_at, "the same text from the same seed", "another text",
               "dec_choose_no_generator")  # fmt: skip
    if drawn[0].equal(drawn[2]):
        refuse(item, looked_at, "another text from another seed", "the same text",
               "dec_temperature_not_passed")  # fmt: skip
