"""The checks of lab09 on the loop that writes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from gptlab.checks.core import call, equal, globals_set, kept, must_be_callable, passed
from gptlab.checks.lab09_numbers import Adds, refuse, stand_ins, written


def generate(answer: Callable[..., Tensor]) -> None:
    """A model that adds up what it sees: greedy, with a stop token, with a penalty, with dice."""
    item = "generate"
    must_be_callable(item, answer)
    with globals_set(answer, **stand_ins()), torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        state = torch.random.get_rng_state()
        _plain(item, answer)
        _stops(item, answer)
        _penalizes(item, answer)
        _knobs(item, answer)
        _seeds(item, answer, state)
        _warm(item, answer)
    passed(item)


TOGETHER = {
    "scores of shape": "dec_all_places", "bitwise_or": "dec_eos_floats",
    "except in dimension": "dec_wrong_axis", "NoneType": "dec_choose_none",
}  # fmt: skip


def _run(item: str, answer: Callable[..., Tensor], rows: list, looked_at: str, *args: Any,
         **knobs: Any) -> tuple[Any, Adds]:  # fmt: skip
    """What the answer writes behind these rows, and the model that it asked."""
    model, idx = Adds().eval(), torch.tensor(rows)
    found = call(item, answer, model, idx, *args, looked_at=looked_at, likely=TOGETHER, **knobs)
    kept(item, idx, torch.tensor(rows), "idx", likely="dec_idx_changed")
    return found, model


def _rows(rows: list[list[int]], *args: Any, **knobs: Any) -> Tensor:
    return torch.tensor([written(row, *args, **knobs) for row in rows])


# (context_size, what comes where only the first tokens are shown, or the first place is read)
SHOWN = (
    (3, [[1, 2, 3, 1, 1, 1, 1], [4, 4, 3, 1, 1, 1, 1]], [[1, 2, 1, 1, 2, 1, 1], [4] * 7]),
    (2, [[1, 2, 3, 3, 3, 3, 3], [4, 4, 3, 3, 3, 3, 3]], [[1, 2, 1, 2, 1, 2, 1], [4] * 7]),
)


def _plain(item: str, answer: Callable[..., Tensor]) -> None:
    """Greedy: the loop of lab 7."""
    rows = [[1, 2], [4, 4]]
    for context, first, place_0 in SHOWN:
        looked_at = f"5 more for (1, 2) and (4, 4), context_size={context}"
        found, model = _run(item, answer, rows, looked_at, 5, context)
        right = _rows(rows, 5, context)
        known = [
            ("dec_no_crop", _rows(rows, 5, 99)), ("dec_crop_first", torch.tensor(first)),
            ("dec_only_new", right[:, 2:]), ("dec_stops_after_one", right[:, :3]),
            ("dec_not_last_place", torch.tensor(place_0)),
            ("dec_crop_last_only", torch.tensor([[1] + 6 * [2], 7 * [4]])),
            ("dec_crop_once", torch.tensor([[1, 2] + 5 * [3], [4, 4] + 5 * [3]])),
        ]  # fmt: skip
        if context == 2:
            known.append(("dec_context_fixed", _rows(rows, 5, 3)))
        likely = _of_shape(found, model, context)
        equal(item, found, right, looked_at=looked_at, known=known, likely=likely)
    if model.graph:
        refuse(item, looked_at, "the model is run without a graph", "with one", "dec_graph")
    if model.training:
        refuse(item, looked_at, "model.training as it was, False", "True", "dec_training_changed")


def _of_shape(found: Any, model: Adds, context: int) -> str:
    """The cause that a wrong number of columns points to, where 7 are right."""
    if isinstance(found, Tensor) and found.dim() == 2 and found.shape[1] != 7:
        columns = found.shape[1]
        if columns == 1:
            return "dec_only_the_last"
        return "dec_text_cropped" if columns in (context, context + 1) else "dec_count"
    return "dec_no_crop" if any(shape[-1] > context for shape in model.seen) else ""


def _stops(item: str, answer: Callable[..., Tensor]) -> None:
    """One row that ends; then rows that end at different steps; then 0, which is falsy."""
    looked_at = "9 more for (1, 2), context_size=3, eos_id=2, which stands in the text already"
    found, _ = _run(item, answer, [[1, 2]], looked_at, 9, 3, eos_id=2)
    right, on = _rows([[1, 2]], 4, 3), _rows([[1, 2]], 9, 3)
    known = [("dec_eos_ignored", on), ("dec_eos_added", _rows([[1, 2]], 5, 3)),
             ("dec_eos_in_prompt", torch.tensor([[1, 2]])),
             ("dec_eos_swapped", torch.tensor([[1, 2] + 9 * [2]])),
             ("dec_eos_never_stops", _rows([[1, 2]], 9, 3, eos_id=2))]  # fmt: skip
    equal(item, found, right, looked_at=looked_at, known=known)
    rows, looked_at = [[0, 2], [0, 3]], "9 more for (0, 2) and (0, 3), context_size=3, eos_id=1"
    found, _ = _run(item, answer, rows, looked_at, 9, 3, eos_id=1)
    right, on = _rows(rows, 4, 3, eos_id=1), _rows(rows, 9, 3)
    known = [("dec_eos_at_once", on), ("dec_eos_at_once", _rows(rows, 9, 3, eos_id=1)),
             ("dec_eos_added", _rows(rows, 5, 3, eos_id=1)),
             ("dec_eos_not_kept", on[:, :6]), ("dec_eos_not_kept", on[:, :7]),
             ("dec_eos_swapped", torch.tensor([row + 9 * [1] for row in rows]))]  # fmt: skip
    known.append(("dec_eos_no_axis", torch.tensor([[0, 2, 2, 2, 1, 1], [0, 3, 3, 3, 4, 4]])))
    known += [
        ("dec_eos_filled_with_0", torch.tensor([[0, 2, 2, 4, 3, 4], [0, 3, 3, 0, 0, 0]])),
        ("dec_eos_repeats_last", torch.tensor([[0, 2, 2, 4, 3, 4], [0] + 5 * [3]])),
    ]
    known += [("dec_eos_any", on[:, :columns]) for columns in (3, 4)]
    wide = isinstance(found, Tensor) and found.dim() == 2 and found.shape[1] > 11
    equal(item, found, right, looked_at=looked_at, known=known,
          likely="dec_eos_no_axis" if wide else "")  # fmt: skip
    rows, looked_at = [[3, 2], [1, 2]], "9 more for (3, 2) and (1, 2), context_size=3, eos_id=0"
    found, _ = _run(item, answer, rows, looked_at, 9, 3, eos_id=0)
    known = [("dec_eos_falsy", _rows(rows, 9, 3))]
    equal(item, found, _rows(rows, 3, 3, eos_id=0), looked_at=looked_at, known=known)


PARTS = {
    "dec_penalty_of_the_window": lambda text: text[-3:],
    "dec_penalty_of_the_prompt": lambda text: text[:2],
    "dec_penalty_of_new_only": lambda text: text[2:],
    "dec_penalty_of_last_only": lambda text: text[-1:],
}


def _penalizes(item: str, answer: Callable[..., Tensor]) -> None:
    """What stands anywhere in the text, and not only where the model still looks."""
    rows, looked_at = [[0, 0], [4, 0]], "7 more for (0, 0) and (4, 0), context_size=3, penalty=2"
    found, _ = _run(item, answer, rows, looked_at, 7, 3, penalty=2.0)
    plain, right = _rows(rows, 7, 3), _rows(rows, 7, 3, penalty=2.0)
    known = [("dec_penalty_unused", plain)]
    for name, part in PARTS.items():
        known.append((name, _rows(rows, 7, 3, penalty=2.0, counts=part)))
    equal(item, found, right, looked_at=looked_at, known=known)
    looked_at = "the same, penalty=1.3: 3 / 1.3 = 2.31 is still more than 2"
    found, _ = _run(item, answer, rows, looked_at, 7, 3, penalty=1.3)
    known = [("dec_penalty_twice", _rows(rows, 7, 3, penalty=1.69))]
    equal(item, found, plain, looked_at=looked_at, known=known)


def _knobs(item: str, answer: Callable[..., Tensor]) -> None:
    """top_k=1 and a small top_p are greedy at any temperature; hot, two seeds differ."""
    rows = [[1, 2], [4, 4]]
    for knobs in ({"top_k": 1}, {"top_p": 0.1}):
        told = ", ".join(f"{name}={value}" for name, value in knobs.items())
        looked_at = f"8 more for (1, 2) and (4, 4), temperature=9, {told}: always the likeliest"
        generator = torch.Generator().manual_seed(3)
        found, _ = _run(item, answer, rows, looked_at, 8, 3, 9.0, generator=generator, **knobs)
        equal(item, found, _rows(rows, 8, 3), looked_at=looked_at, likely="dec_knobs_not_passed")


def _seeds(item: str, answer: Callable[..., Tensor], state: Tensor) -> None:
    """The same seed the same text; another another, and so where the dice go on."""
    drawn = []
    looked_at = "30 more for (1, 2), temperature=9, twice each with a generator of seed 3, 3, 4"
    for seed in (3, 3, 4):
        dice = torch.Generator().manual_seed(seed)
        for _ in range(2):
            found, _ = _run(item, answer, [[1, 2]], looked_at, 30, 3, 9.0, generator=dice)
            drawn.append(found)
    if not drawn[0].equal(drawn[2]):
        refuse(item, looked_at, "the same text from the same seed", "another text",
               "dec_choose_no_generator")  # fmt: skip
    if not torch.random.get_rng_state().equal(state):
        refuse(item, looked_at, "torch's own random state as it was", "it has moved on",
               "dec_choose_reseeds")  # fmt: skip
    if drawn[0].equal(drawn[4]):
        refuse(item, looked_at, "another text from another seed", "the same text",
               "dec_temperature_not_passed")  # fmt: skip
    if drawn[0].equal(drawn[1]):
        refuse(item, looked_at, "another text from the second call", "the same text",
               "dec_generator_restarted")  # fmt: skip


DRAWS = 2000


def _warm(item: str, answer: Callable[..., Tensor]) -> None:
    """One step at temperature 2: how often each token comes."""
    looked_at = f"1 more for {DRAWS:,} rows (1, 2), temperature=2"
    generator = torch.Generator().manual_seed(3)
    found, _ = _run(item, answer, [[1, 2]] * DRAWS, looked_at, 1, 3, 2.0, generator=generator)
    if not isinstance(found, Tensor) or found.shape != (DRAWS, 3):
        refuse(item, looked_at, f"ids ({DRAWS}, 3)", f"{found}", "dec_count")
    share = torch.bincount(found[:, 2], minlength=5)[:5] / DRAWS
    scores = Adds()(torch.tensor([[1, 2]]))[0, -1].detach()

    def near(odds: Tensor) -> bool:
        return bool(((share - odds).abs() <= 5 * (odds * (1 - odds) / DRAWS).sqrt()).all())

    odds = scores.div(2).softmax(0)
    if near(odds):
        return
    known = [
        ("dec_temperature_twice", scores.div(4).softmax(0)),
        ("dec_generate_odds", scores.softmax(0).div(2).softmax(0)),
        ("dec_generate_odds", odds.softmax(0)),
        ("dec_generate_odds", odds.div(2).softmax(0)),
        ("dec_temperature_ignored", scores.softmax(0)),
    ]
    cause = next((name for name, other in known if near(other)), "")
    said, seen = (", ".join(f"{n:.2f}" for n in row.tolist()) for row in (odds, share))
    refuse(item, looked_at, f"tokens 0 to 4 with shares near {said}", seen, cause)
