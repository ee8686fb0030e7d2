"""The check of lab06 on CausalAttention, and what MultiHeadAttention is asked as well."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from gptlab.checks.core import call, equal, passed, show
from gptlab.checks.lab02_numbers import FILL_ERRORS, dots, mixed, past, same, shares
from gptlab.checks.lab03_parts import build
from gptlab.checks.lab06_numbers import (
    PAPER,
    SENTENCES,
    W_KEY,
    W_QUERY,
    W_VALUE,
    WORDS,
    causal_mix,
    layers,
    put,
    refuse,
    slips,
)

ERRORS = FILL_ERRORS | {
    "(8)": "att_mask_not_cut",
    "'register_buffer'": "head_register_self",
    "but got: [2, 6]": "head_all_axes_reversed",
    "The use of `x.T`": "head_all_axes_reversed",
    "but got: [5, 6]": "head_no_transpose",
    "but got: [10, 6]": "head_no_transpose",
}


def causal(answer: type[nn.Module]) -> None:
    """What it owns, the six words in five orders, a longer text, dropout."""
    item, made = "causal", "CausalAttention(3, 2, context_length=8, dropout=0.75)"
    likely = {"'register_buffer'": "head_register_self"}
    built = build(item, answer, 3, 2, 8, 0.75, looked_at=made)
    layers(item, built, made, (3, 2))
    mask(item, built, made)
    dropout(item, built, made)
    put(built, PAPER)
    looked_at = (
        f"{made} in evaluation mode, with the matrices on paper, for the six words in five orders: "
        "(B=5, T=6, d_in=3)"
    )
    found = run(item, built, SENTENCES, looked_at, ERRORS | likely)
    q, k, v = (SENTENCES @ W for W in (W_QUERY, W_KEY, W_VALUE))
    known = {cause: mix(q, k, v) for cause, mix in slips(3, True).items()}
    weights = shares(dots(q, k).masked_fill(~past(6), -torch.inf) / math.sqrt(2), -1)
    known |= {"head_only_weights": weights, "att_values_from_x": mixed(weights, SENTENCES)}
    right = causal_mix(q, k, v)
    same(item, found, right, looked_at=looked_at, known=known, likely=nearly(built, found, right))
    long = torch.cat((SENTENCES, SENTENCES[:, :2]), 1)
    whole_context(item, built, long, causal_mix(*(long @ W for W in (W_QUERY, W_KEY, W_VALUE))))
    first_alone(item, built)
    _drops(item, built)
    made = "CausalAttention(3, 2, 8, 0.75, qkv_bias=True)"
    layers(item, build(item, answer, 3, 2, 8, 0.75, True, looked_at=made), made, (3, 2), bias=True)
    passed(item)


def run(
    item: str, built: nn.Module, x: Tensor, looked_at: str, likely: dict[str, str] | None = None
) -> Any:
    """What comes out, without a gradient and without touching the notebook's generator."""
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        return call(item, built, x.clone(), looked_at=looked_at, likely=likely)


def nearly(built: nn.Module, found: Any, right: Tensor) -> str:
    """The cause where the numbers differ each time, or only a little from the right ones."""
    if not isinstance(found, Tensor) or found.shape != right.shape:
        return ""
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        if not found.equal(built(SENTENCES)):
            return "head_dropout_in_eval"
    return "head_mask_minus_10" if found.allclose(right, rtol=0, atol=0.05) else ""


def mask(item: str, built: nn.Module, made: str) -> None:
    """A buffer (8, 8): 1 above the diagonal, 0 elsewhere."""
    buffers, where = dict(built.named_buffers()), f"self.mask of {made}"
    found = buffers.get("mask")
    if found is None:
        plain = getattr(built, "mask", None)
        likely = "att_mask_plain" if isinstance(plain, Tensor) else "att_part_missing"
        likely = "att_mask_parameter" if isinstance(plain, nn.Parameter) else likely
        refuse(item, where, "a buffer of that name", show(plain), likely)
    if found.shape != (8, 8):
        likely = "att_mask_size"
        refuse(item, where, "shape (8, 8)", f"shape {tuple(found.shape)}", likely)
    for T, place in ((4, f"{where}: its first four rows and columns"), (8, where)):
        right = ~past(T)
        known = {
            "att_mask_lower": past(T),
            "att_mask_diagonal": ~past(T, -1),
            "att_mask_ahead": ~past(T, 1),
            "att_mask_turned": right.T,
        }
        known = {cause: table.float() for cause, table in known.items()}
        known["att_mask_of_inf"] = torch.where(right, -torch.inf, 0.0)
        equal(item, found[:T, :T].float(), right.float(), looked_at=place, known=known)


def dropout(item: str, built: nn.Module, made: str) -> None:
    """self.dropout is an nn.Dropout of 0.75."""
    found, where = getattr(built, "dropout", None), f"self.dropout of {made}"
    if not isinstance(found, nn.Dropout):
        refuse(item, where, "an nn.Dropout", show(found), "att_part_missing")
    if found.p != 0.75:
        refuse(item, where, "p=0.75", f"p={found.p}", "att_dropout_fixed")


def first_alone(item: str, built: nn.Module) -> None:
    """The first word gives what it gives alone, even where its own score is far below zero."""
    x, weight = SENTENCES[3:4], built.W_query.weight
    kept = weight.data
    weight.data = -1e5 * kept
    looked_at = "queries times -100,000: `cross`, with five words after it, and alone"
    found = run(item, built, x, looked_at)[:, :1]
    alone = run(item, built, x[:, :1], looked_at)
    weight.data = kept
    equal(item, found, alone, looked_at=looked_at, likely="head_mask_minus_10000")


def whole_context(item: str, built: nn.Module, long: Tensor, right: Tensor) -> None:
    """After a text of six words, one as long as the mask."""
    looked_at = "the same with eight words, as many as context_length, after a text of six"
    likely = "head_mask_cut_for_good"
    found = run(item, built, long, looked_at, {"must match": likely, "broadcast": likely})
    same(item, found, right, looked_at=looked_at)


def rows_of(found: Tensor) -> str:
    """The different rows of a result, in words."""
    rows = sorted({tuple(round(n, 2) for n in row) for row in found.flatten(0, 1).tolist()})
    shown = " or ".join("(" + ", ".join(f"{n:g}" for n in row) + ")" for row in rows[:6])
    return shown + (" or others" if len(rows) > 6 else "")


def _drops(item: str, built: nn.Module) -> None:
    """400 windows of one word: its only weight is 1, and dropout makes it 0 or 4."""
    fish = WORDS[1].expand(400, 1, 3)  # its value is (8, 8)
    looked_at = "400 windows of `fish` alone, whose value is (8, 8), with dropout=0.75, training"
    built.train()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        found = run(item, built, fish, looked_at)
        pairs = run(item, built, WORDS[:2].expand(400, 2, 3), looked_at)
    seen, expected = rows_of(found), "(0, 0) or (32, 32)"
    if seen == expected:
        return
    likely = "head_dropout_on_output" if "(0, 32)" in seen else ""
    if seen == "(8, 8)":  # nothing was dropped, or only a score that had no rival
        changes = bool((pairs != pairs[:1]).any())
        likely = "head_dropout_on_scores" if changes else "head_no_dropout"
    if seen == "(0, 0) or (8, 8)":
        likely = "att_dropout_not_scaled"
    refuse(item, looked_at, expected, seen, likely)
