"""The checks of lab07 on what one does with a model: count it, let it write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from gptlab.checks.core import call, equal, must_be_callable, passed
from gptlab.checks.lab07_parts import refuse
from gptlab.checks.lab07_stand_ins import AddsUp, settings

SMALL = settings(vocab_size=5, context_length=8, n_heads=2)  # emb_dim 2, 3 blocks
LARGE = settings(vocab_size=50257, context_length=1024, emb_dim=768, n_heads=12, n_layers=12)
# What common slips give for SMALL, where 244 is right; each is off by what it leaves out or adds.
SLIPS = {
    "count_no_positions": 228, "count_no_tokens": 234, "count_one_block": 108,
    "count_no_final_norm": 240, "count_final_norm_half": 242, "count_norms_half": 232,
    "count_all_norms_half": 230, "count_no_block_norms": 220, "count_no_projection": 226,
    "count_projection_no_bias": 238, "count_ff_no_bias": 214, "count_ff_narrow": 154,
    "count_head_bias": 249, "count_per_head": 280, "count_qkv_bias_always": 262,
}  # fmt: skip
CASES: list[tuple[str, dict, bool, int, dict[str, int]]] = [
    ("the small model of the example", SMALL, False, 244, SLIPS),
    ("the small model, tied=True", SMALL, True, 234, {"count_tied_ignored": 244}),
    (
        "the small model with qkv_bias=True",
        SMALL | {"qkv_bias": True},
        False,
        262,
        {"count_no_qkv_bias": 244, "count_qkv_bias_once": 250},
    ),
    ("GPT_CONFIG_124M", LARGE, False, 163_009_536, {}),
    ("GPT_CONFIG_124M, tied=True", LARGE, True, 124_412_160, {}),
]


def count(answer: Callable[..., int]) -> None:
    """The small model that was counted by hand, in three forms, and GPT-2's two numbers."""
    item = "count"
    must_be_callable(item, answer)
    for looked_at, cfg, tied, right, known in CASES:
        given = dict(cfg)
        found = call(item, answer, given, *([tied] if tied else []), looked_at=looked_at)
        if isinstance(found, float) and found == right:
            refuse(item, looked_at, f"{right:,}", f"{found}, a float", "count_float")
        likely = next(
            (name for name, number in known.items() if isinstance(found, int) and found == number),
            "",
        )
        if (
            looked_at == CASES[0][0] and isinstance(found, int) and found == 234
        ):  # without tokens, or without the head
            likely = "count_tied_always"
        if isinstance(found, int) and found != right:
            refuse(item, looked_at, f"{right:,}", f"{found:,}", likely)
        equal(item, found, right, looked_at=looked_at)
    passed(item)


def generate(answer: Callable[..., Tensor]) -> None:
    """A model that adds up what it sees, without the fives: two texts, 3 tokens at a time."""
    item = "generate"
    must_be_callable(item, answer)
    idx = torch.tensor([[1, 2], [4, 4]])
    looked_at = "5 more for (1, 2) and (4, 4), a model that adds up what it sees, context_size=3"
    wrong = {
        "same number of dimensions": "greedy_no_keepdim",
        "zero-dimensional": "greedy_no_keepdim",
    }
    wrong |= {"Sizes of tensors must match": "greedy_of_the_batch"}
    model, given = AddsUp(), idx.clone()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        found = call(item, answer, model, given, 5, 3, looked_at=looked_at, likely=wrong)
        again = call(item, answer, AddsUp(), idx.clone(), 5, 3, looked_at=looked_at)
    right = torch.tensor([[1, 2, 3, 1, 1, 0, 2], [4, 4, 3, 1, 3, 2, 1]])
    same = isinstance(found, Tensor) and isinstance(again, Tensor)
    drawn = same and (found.shape != again.shape or not found.equal(again))
    likely = "greedy_samples" if drawn else _shape_cause(found, model.seen)
    equal(item, found, right, looked_at=looked_at, known=_slips(), likely=likely)
    equal(item, given, idx, looked_at="idx after the call", likely="generate_changes_idx")
    short = call(item, answer, AddsUp(), idx[:1], 1, 2, looked_at="1 more for (1, 2)")
    equal(item, short, torch.tensor([[1, 2, 3]]), looked_at="1 more for (1, 2), context_size=2")
    passed(item)


def _slips() -> dict[str, Any]:
    """What common slips give."""
    table = {
        "greedy_not_cropped": [[1, 2, 3, 1, 2, 4, 3], [4, 4, 3, 1, 2, 4, 3]],
        "greedy_cropped_first": [[1, 2, 3, 1, 1, 1, 1], [4, 4, 3, 1, 1, 1, 1]],
        "greedy_cropped_less": [[1, 2, 3, 0, 3, 3, 1], [4, 4, 3, 2, 0, 2, 2]],
        "greedy_last_token_only": [[1, 2, 2, 2, 2, 2, 2], [4, 4, 4, 4, 4, 4, 4]],
        "greedy_first_place": [[1, 2, 1, 1, 2, 1, 1], [4, 4, 4, 4, 4, 4, 4]],
        "greedy_place_before": [[1, 2, 1, 3, 3, 4, 1], [4, 4, 4, 3, 3, 2, 1]],
        "greedy_least": [[1, 2, 0, 0, 0, 1, 0], [4, 4, 0, 0, 0, 1, 0]],
        "greedy_score": [[1, 2, 0, 0, 0, 0, 0], [4, 4, 0, 0, 0, 0, 0]],
        "greedy_only_new": [[3, 1, 1, 0, 2], [3, 1, 3, 2, 1]],
        "greedy_not_kept": [[1, 2, 3, 3, 3, 3, 3], [4, 4, 3, 3, 3, 3, 3]],
    }
    return {name: torch.tensor(rows) for name, rows in table.items()}


def _shape_cause(found: Any, seen: list[int]) -> str:
    """What the length of the result, and of what the model was shown, point to."""
    if isinstance(found, Tensor) and found.dim() == 2 and found.shape[1] != 7:
        if found.shape[1] in (3, 4) and len(seen) == 5:
            return "context_lost"
        if found.shape[1] > 8:
            return "greedy_all_places"
        return "greedy_count"
    return "greedy_not_cropped" if max(seen, default=0) > 3 else ""
