"""The check of lab11 on writing with the model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from gptlab.checks.core import call, equal, kept, must_be_callable, passed, show
from gptlab.checks.lab09_numbers import Adds, written
from gptlab.checks.lab11_parts import Config, Known, refuse
from gptlab.checks.shown import difference


class Sums(Adds):
    """The model of lab 9's example, in the form of this lab: the last position only, (B, 1, V)."""

    def __init__(self, block_size: int) -> None:
        super().__init__()
        self.config = Config(block_size=block_size)

    def forward(self, idx: Tensor) -> Tensor:
        T, most = idx.shape[1], self.config.block_size
        assert most >= T, f"{T} tokens, and the model sees {most}: hand it the last ones"
        return super().forward(idx)[:, [-1]]


ERRORS = {
    "tokens, and the model sees": "smp_write_no_crop", "index out of range": "smp_write_no_crop",
    "3-dimensional": "smp_write_axis", "must be 1 or 2 dim": "smp_write_axis",
    "except in dimension": "smp_write_axis", "Tensors must have same number of dim":
    "smp_write_axis", "selected index k out of range": "smp_write_top_k_large",
    "inf, nan or element": "smp_write_zero", "ZeroDivision": "smp_write_zero",
    "NoneType": "smp_write_none", "missing 1 required": "smp_write_choose",
    "temperature=": "smp_write_choose", "only one element": "smp_write_rows",
    "cannot be converted to Scalar": "smp_write_rows", "top_p": "smp_write_choose",
    "Generator'": "smp_write_choose",
    "has no attribute 'block_size'": "smp_write_config", "too many indices": "smp_write_squeezed",
    "name 'gpt'": "smp_write_other_model",
}  # fmt: skip
ROWS = [[1, 2], [4, 4]]


def write(answer: Callable[..., Tensor]) -> None:
    """A model that adds up what it sees: greedy, then with dice."""
    item = "write"
    must_be_callable(item, answer)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        state = torch.random.get_rng_state()
        _greedy(item, answer)
        _likeliest(item, answer)
        _seeds(item, answer, state)
        _warm(item, answer)
    passed(item)


def _run(item: str, answer: Callable[..., Tensor], rows: Any, block_size: int, looked_at: str,
         *args: Any, **knobs: Any) -> tuple[Any, Sums]:  # fmt: skip
    model, idx = Sums(block_size).eval(), torch.tensor(rows)
    found = call(item, answer, model, idx, *args, looked_at=looked_at, likely=ERRORS, **knobs)
    kept(item, idx, torch.tensor(rows), "idx", likely="dec_idx_changed")
    if not model.seen:
        said, seen = "the model that was handed over is asked", "it never is"
        refuse(item, looked_at, said, seen, "smp_write_other_model")
    if model.training:
        refuse(item, looked_at, "model.training as it was, False", "True", "dec_training_changed")
    return found, model


def _greedy(item: str, answer: Callable[..., Tensor]) -> None:
    """Temperature 0, two texts, with room for three tokens, then for two."""
    for size in (3, 2):
        looked_at = f"5 more for (1, 2) and (4, 4), block_size={size}, temperature=0"
        found, model = _run(item, answer, ROWS, size, looked_at, 5, 0)
        right = torch.tensor([written(row, 5, size) for row in ROWS])
        known: Known = [
            ("smp_write_only_new", right[:, 2:]), ("smp_write_one", right[:, :3]),
            ("smp_write_last_only", torch.tensor([[1] + 6 * [2], 7 * [4]])),
            ("smp_write_count", torch.tensor([written(row, 4, size) for row in ROWS])),
            ("smp_write_count", torch.tensor([written(row, 6, size) for row in ROWS])),
            ("smp_write_crop_first", _first(size)), ("smp_write_only_new", right[:, -1:]),
            ("smp_write_nothing", torch.tensor(ROWS)),
        ]  # fmt: skip
        for less in (1, 2, 3):
            if less < size:
                fixed = torch.tensor([written(row, 5, less) for row in ROWS])
                known.append(("smp_write_crop_less", fixed))
        likely = _shape_cause(found, right)
        equal(item, found, right, looked_at=looked_at, known=known, likely=likely)
    if model.graph:
        refuse(item, looked_at, "the model is run without a graph", "with one", "dec_graph")


def _first(size: int) -> Tensor:
    """What comes where the model is shown the first tokens of the text."""
    made = []
    for row in ROWS:
        text = list(row)
        for _ in range(5):
            text.append(sum(text[:size]) % 5)
        made.append(text)
    return torch.tensor(made)


def _shape_cause(found: Any, right: Tensor) -> str:
    if found is None:
        return "dec_nothing_returned"
    rows = torch.tensor(ROWS)
    if isinstance(found, Tensor) and found.dim() == 2 and len(found) == len(rows):
        if found.shape[1] != right.shape[1] and found[:, :2].equal(rows):
            return "smp_write_count"
        if found.shape == right.shape and found[:, -2:].equal(rows):
            return "smp_write_in_front"
    if isinstance(found, Tensor) and found.dim() == 2 and found.shape[1] in (3, 4, 2):
        return "smp_write_text_cropped"
    if isinstance(found, Tensor) and found.dim() != right.dim():
        return "smp_write_axis"
    return "smp_write_zero_draws" if isinstance(found, Tensor) else ""


def _likeliest(item: str, answer: Callable[..., Tensor]) -> None:
    """top_k=1 is greedy at any temperature; a top_k of more than V is all of them."""
    right = torch.tensor([written(row, 8, 3) for row in ROWS])
    looked_at = "8 more for (1, 2) and (4, 4), temperature=9, top_k=1: always the likeliest"
    dice = torch.Generator().manual_seed(3)
    found, _ = _run(item, answer, ROWS, 3, looked_at, 8, temperature=9.0, top_k=1, generator=dice)
    equal(item, found, right, looked_at=looked_at, likely="smp_write_no_top_k")
    looked_at = "1 more for (1, 2), top_k=200, where V is 5"
    _run(item, answer, [[1, 2]], 3, looked_at, 1, temperature=1.0, top_k=200)


def _seeds(item: str, answer: Callable[..., Tensor], state: Tensor) -> None:
    """The same seed the same text; another another, and so where the dice go on."""
    torch.random.set_rng_state(state)
    drawn = []
    looked_at = "30 more for (1, 2), temperature=9, twice each with a generator of seed 3, 3, 4"
    for seed in (3, 3, 4):
        dice = torch.Generator().manual_seed(seed)
        for _ in range(2):
            found, _ = _run(item, answer, [[1, 2]], 3, looked_at, 30, 9.0, generator=dice)
            drawn.append(found)
    if difference(drawn[0], drawn[2]) is not None:
        refuse(item, looked_at, "the same text from the same seed", "another text",
               "smp_write_no_generator")  # fmt: skip
    if not torch.random.get_rng_state().equal(state):
        refuse(item, looked_at, "torch's own random state as it was", "it has moved on",
               "smp_write_reseeds")  # fmt: skip
    if difference(drawn[0], drawn[4]) is None:
        refuse(item, looked_at, "another text from another seed", "the same text",
               "smp_write_no_draw")  # fmt: skip
    if difference(drawn[0], drawn[1]) is None:
        refuse(item, looked_at, "another text from the second call", "the same text",
               "smp_write_reseeds")  # fmt: skip


DRAWS = 2000


def _warm(item: str, answer: Callable[..., Tensor]) -> None:
    """One step, temperature 2 and top_k 2, then at the defaults: how often each token comes."""
    scores = Sums(3)(torch.tensor([[1, 2]]))[0, 0].detach()
    top = scores.masked_fill(scores < 2, -torch.inf)
    for knobs, right, slips in (
        ({"temperature": 2.0}, scores / 2, [("smp_write_no_temperature", scores),
         ("smp_write_temperature_multiplies", scores * 2), ("smp_write_twice", scores / 4),
         ("smp_write_odds", scores.softmax(0) / 2)]),
        ({"temperature": 2.0, "top_k": 2}, top / 2, [("smp_write_no_top_k", scores / 2),
         ("smp_write_no_temperature", top), ("smp_write_twice", top / 4)]),
        ({}, scores, []),
    ):  # fmt: skip
        told = ", ".join(f"{name}={value}" for name, value in knobs.items()) or "the defaults"
        looked_at = f"1 more for {DRAWS:,} rows (1, 2), {told}"
        dice = torch.Generator().manual_seed(3)
        found, _ = _run(item, answer, [[1, 2]] * DRAWS, 3, looked_at, 1, generator=dice, **knobs)
        if not isinstance(found, Tensor) or found.shape != (DRAWS, 3):
            refuse(item, looked_at, f"ids ({DRAWS}, 3)", show(found), "smp_write_rows")
        share = torch.bincount(found[:, 2], minlength=5)[:5] / DRAWS
        odds = right.softmax(0)
        if _near(share, odds):
            continue
        cause = next((name for name, one in slips if _near(share, one.softmax(0))), "")
        if not cause and float(share.max()) == 1:
            cause = "smp_write_rows"
        said, seen = (", ".join(f"{n:.2f}" for n in row.tolist()) for row in (odds, share))
        refuse(item, looked_at, f"tokens 0 to 4 with shares near {said}", seen, cause)


def _near(share: Tensor, odds: Tensor) -> bool:
    return bool(((share - odds).abs() <= 5 * (odds * (1 - odds) / DRAWS).sqrt()).all())
