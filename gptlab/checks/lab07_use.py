"""The check of lab07 on writing: a model that adds up what it sees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from gptlab.checks.core import CheckFailed, call, equal, kept, must_be_callable, passed
from gptlab.checks.lab07_parts import refuse
from gptlab.checks.lab07_stand_ins import AddsUp

START = torch.tensor([[1, 2], [4, 4], [0, 3], [2, 2]])
RIGHT = torch.tensor(
    [[1, 2, 3, 1, 1, 0, 2], [4, 4, 3, 1, 3, 2, 1], [0, 3, 3, 1, 2, 1, 4], [2, 2, 4, 3, 4, 1, 3]]
)
# What common slips give for the first texts.
SLIPS = {
    "greedy_not_cropped": [[1, 2, 3, 1, 2, 4, 3], [4, 4, 3, 1, 2, 4, 3]],
    "greedy_cropped_first": [[1, 2, 3, 1, 1, 1, 1], [4, 4, 3, 1, 1, 1, 1]],
    "greedy_cropped_less": [[1, 2, 3, 0, 3, 3, 1], [4, 4, 3, 2, 0, 2, 2]],
    "greedy_cropped_one_more": [[1, 2, 3, 1, 2, 3, 4], [4, 4, 3, 1, 2, 0, 1]],
    "greedy_cropped_last_lost": [[1, 2, 1, 3, 4, 1, 3], [4, 4, 4, 3, 2, 1, 4]],
    "greedy_last_token_only": [[1, 2, 2, 2, 2, 2, 2], [4, 4, 4, 4, 4, 4, 4]],
    "greedy_first_place": [[1, 2, 1, 1, 2, 1, 1], [4, 4, 4, 4, 4, 4, 4]],
    "greedy_place_before": [[1, 2, 1, 3, 3, 4, 1], [4, 4, 4, 3, 3, 2, 1]],
    "greedy_mean_of_places": [[1, 2, 1, 1, 2, 1, 1], [4, 4, 3, 1, 2, 1, 1]],
    "greedy_least": [[1, 2, 0, 0, 0, 1, 0], [4, 4, 0, 0, 0, 1, 0]],
    "greedy_score": [[1, 2, 2, 2, 2, 2, 2], [4, 4, 2, 2, 2, 2, 2]],
    "greedy_scores_axis": [[1, 2, 0, 0, 0, 0, 0], [4, 4, 0, 0, 0, 0, 0], [0, 3, 0, 0, 0, 0, 0],
                           [2, 2, 1, 1, 2, 2, 0]],
    "greedy_cropped_once": [[1, 2, 3, 3, 3, 3, 3], [4, 4, 3, 3, 3, 3, 3]],
    "greedy_of_the_batch": [[1, 2, 3, 1, 1, 0, 2], [4, 4, 3, 1, 1, 0, 2]],
}  # fmt: skip
ERRORS = {
    "same number of dimensions": "greedy_no_keepdim",
    "zero-dimensional": "greedy_no_keepdim",
    "except in dimension 0": "greedy_wrong_axis",
    "Sizes of tensors must match": "greedy_of_the_batch",
    "but got int": "greedy_item",
    "return_types.max": "greedy_pair",
    "must be tuple of Tensors": "greedy_brackets",
    "cat() received": "greedy_brackets",
    "context manager": "no_grad_brackets",
    "__enter__": "no_grad_brackets",
    "floats in the place of ids": "greedy_floats",
}


def generate(answer: Callable[..., Tensor]) -> None:
    """A model that adds up what it sees, without the fives: four texts, 3 tokens at a time."""
    item = "generate"
    must_be_callable(item, answer)
    watching = torch.is_grad_enabled()
    try:
        _four_texts(item, answer)
        looked_at = "3 more for (1, 2, 3, 4, 1), context_size=2"
        known = {"greedy_context_fixed": [[1, 2, 3, 4, 1, 3, 3, 2]],
                 "context_lost": [[4, 1, 0, 1, 1]]}  # fmt: skip
        _one_text(item, answer, [1, 2, 3, 4, 1], 2, [1, 2, 3, 4, 1, 0, 1, 1], looked_at, known)
        looked_at = "1 more for (1, 2), context_size=2"
        _one_text(item, answer, [1, 2], 2, [1, 2, 3], looked_at, {})
    finally:
        torch.set_grad_enabled(watching)
    passed(item)


def _four_texts(item: str, answer: Callable[..., Tensor]) -> None:
    """The example, four texts of two ids; then how the model was called."""
    looked_at = "5 more for each of 4 texts, a model that adds up what it sees, context_size=3"
    model, given, drawn = AddsUp().eval(), START.clone(), False
    with torch.enable_grad(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        found = _asked(item, answer, model, given, 5, 3, looked_at)
        off = not torch.is_grad_enabled()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        again = _asked(item, answer, AddsUp().eval(), START.clone(), 5, 3, looked_at)
    if isinstance(found, Tensor) and isinstance(again, Tensor):
        drawn = found.shape != again.shape or not found.equal(again)
    likely = "greedy_samples" if drawn else _cause(found, model.seen)
    if not isinstance(found, Tensor) or found.shape != RIGHT.shape or found.dtype != RIGHT.dtype:
        equal(item, found, RIGHT, looked_at=looked_at, likely=likely)
    for row, (start, right) in enumerate(zip(START.tolist(), RIGHT, strict=True)):
        where = f"{looked_at}: text {row}, which begins with {tuple(start)}"
        equal(item, found[row], right, looked_at=where, likely=likely)
    kept(item, given, START, "idx", "generate_changes_idx")
    if any(model.watched):
        refuse(item, "whether gradients are noted while the model runs", "no", "yes",
               "greedy_with_gradients")  # fmt: skip
    if off:
        refuse(item, "whether gradients are noted after the call", "yes, as before", "no",
               "greedy_gradients_off")  # fmt: skip


def _asked(
    item: str,
    answer: Callable[..., Tensor],
    model: AddsUp,
    idx: Tensor,
    steps: int,
    context: int,
    looked_at: str,
) -> Any:
    """What the answer writes; an error comes with its cause."""
    try:
        return call(item, answer, model, idx, steps, context, looked_at=looked_at, likely=ERRORS)
    except CheckFailed as error:
        if any(1 < len(texts) < len(idx) for texts in model.seen):
            raise CheckFailed(
                item, looked_at=looked_at, expected=error.expected, found=error.found,
                likely="greedy_cropped_rows", where=error.where,
            ) from None  # fmt: skip
        raise


def _one_text(
    item: str,
    answer: Callable[..., Tensor],
    start: list[int],
    context: int,
    right: list[int],
    looked_at: str,
    slips: dict[str, list[list[int]]],
) -> None:
    """One text alone, with another context_size."""
    idx, model = torch.tensor([start]), AddsUp().eval()
    found = _asked(item, answer, model, idx, len(right) - len(start), context, looked_at)
    likely = "greedy_squeezed" if isinstance(found, Tensor) and found.dim() == 1 else ""
    if isinstance(found, Tensor) and found.dim() == 2 and found.shape[1] != len(right):
        likely = "greedy_count"
    known = {name: torch.tensor(rows) for name, rows in slips.items()}
    if any(texts.shape[-1] > context for texts in model.seen):
        likely = likely or "greedy_context_fixed"
    equal(item, found, torch.tensor([right]), looked_at=looked_at, known=known, likely=likely)


def _cause(found: Any, seen: list[Tensor]) -> str:
    """What the result, and what the model was shown, point to."""
    if not isinstance(found, Tensor) or found.dim() != 2:
        return ""
    if found.dtype.is_floating_point:
        return "greedy_floats"
    width, calls = found.shape[1], len(seen)
    if any(1 < len(texts) < len(START) for texts in seen):
        return "greedy_cropped_rows"
    if width == 7:
        if found[:, -2:].equal(START):
            return "greedy_prepends"
        slips = {name: torch.tensor(rows) for name, rows in SLIPS.items()}
        return next((name for name, rows in slips.items() if rows.equal(found[: len(rows)])), "")
    if width == 2 and calls == 5:
        kept_all = all(texts.equal(START) for texts in seen)
        return "greedy_not_kept" if kept_all else "greedy_overwrites"
    if width == 3 and calls == 1:
        return "greedy_stopped"
    if width == 1 or (width == 5 and found.equal(RIGHT[:, 2:])):
        return "greedy_only_new"
    if width in (3, 4) and calls == 5:
        return "context_lost"
    if width == 27:  # five scores at each step
        return "greedy_scores_axis"
    return "greedy_all_places" if width > 8 else "greedy_count"
