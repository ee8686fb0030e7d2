"""The check of lab06 on CausalAttention, and what MultiHeadAttention is asked as well."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from gptlab.checks.core import equal, passed, show
from gptlab.checks.lab02_numbers import FILL_ERRORS, dots, mixed, past, shares
from gptlab.checks.lab06_dropped import dropped
from gptlab.checks.lab06_modules import layers, learns, new, one_core, put, refuse, run, same
from gptlab.checks.lab06_numbers import (
    CONTEXT,
    FOUR,
    LONG,
    PAPER,
    SENTENCES,
    WORDS,
    causal_mix,
    threes,
)
from gptlab.checks.lab06_slips import slips

ERRORS = FILL_ERRORS | {
    "(8)": "att_mask_not_cut",
    "'register_buffer'": "head_register_self",
    "The use of `x.T`": "head_all_axes_reversed",
    "but got: [2, 6]": "head_all_axes_reversed",
    "a (5) must match the size of tensor b (2)": "head_all_axes_reversed",
    "but got: [6, 5]": "ca_other_axes",
    "but got: [5, 6]": "head_no_transpose",
    "but got: [10, 6]": "head_no_transpose",
    "a (5) must match the size of tensor b (6) at non-singleton dimension 0": "ca_other_axes",
    "a (5) must match the size of tensor b (6)": "ca_T_is_B",
    "(30x3 and 2x3)": "v2_weight_not_turned",
    "(30x3 and 4x3)": "v2_weight_not_turned",
    "too many values to unpack": "ca_three_axes",
    "'Tensor' and 'Linear'": "att_layer_as_matrix",
}


@one_core()
def causal(answer: type[nn.Module]) -> None:
    """What it owns, the six words in five orders, a longer text, dropout, other sizes."""
    item, made = "causal", "CausalAttention(3, 2, context_length=8, dropout=0.75)"
    built = new(item, answer, 3, 2, 8, 0.75, looked_at=made)
    layers(item, built, made, (3, 2))
    mask(item, built, made, 8)
    dropout(item, built, made)
    put(built, PAPER)
    looked_at = (
        f"{made} in evaluation mode, with the matrices on paper, for the six words in five orders: "
        "(B=5, T=6, d_in=3)"
    )
    found = run(item, built, SENTENCES, looked_at, ERRORS)
    q, k, v = threes(SENTENCES, PAPER)
    known = [(cause, mix(q, k, v)) for cause, mix in slips(3, True)]
    weights = shares(dots(q, k).masked_fill(~past(6), -torch.inf) / math.sqrt(2), -1)
    known += [
        ("head_only_weights", weights),
        ("att_values_from_x", mixed(weights, SENTENCES)),
    ]

    def tell() -> None:
        _other_sizes(item, answer)

    right = causal_mix(q, k, v)
    likely = nearly(built, found, right)
    same(item, found, right, looked_at=looked_at, known=known, likely=likely, tell=tell)
    long = torch.cat((SENTENCES, SENTENCES[:, :2]), 1)
    whole_context(item, built, long, causal_mix(*threes(long, PAPER)))
    first_alone(item, built)
    _drops(item, built)
    tell()
    made = "CausalAttention(3, 2, 8, 0.75, qkv_bias=True)"
    layers(item, new(item, answer, 3, 2, 8, 0.75, True, looked_at=made), made, (3, 2), bias=True)
    passed(item)


def _other_sizes(item: str, answer: Any) -> None:
    """Ten words of five numbers, to three, with a longer mask: what is fixed shows."""
    made = f"CausalAttention(5, 3, context_length={CONTEXT}, dropout=0.5)"
    built = new(item, answer, 5, 3, CONTEXT, 0.5, looked_at=made)
    layers(item, built, made, (5, 3))
    mask(item, built, made, CONTEXT)
    put(built, FOUR[0])
    looked_at = f"{made} with other matrices, for two texts of ten words: (B=2, T=10, d_in=5)"
    q, k, v = threes(LONG, FOUR[0])
    known = [(cause, mix(q, k, v)) for cause, mix in slips(5, True)]
    likely = {"(8) must match": "att_mask_size", "(10) must match": "att_mask_size"}
    found = run(item, built, LONG, looked_at, likely | {"(6x3 and 5x3)": "att_global_x"})
    same(item, found, causal_mix(q, k, v), looked_at=looked_at, known=known)
    learns(item, built, LONG, [f"{name}.weight" for name in PAPER], looked_at)


def nearly(built: nn.Module, found: Any, right: Tensor) -> str:
    """The cause where the numbers differ each time, or only a little from the right ones."""
    if not isinstance(found, Tensor) or (found.shape, found.dtype) != (right.shape, right.dtype):
        return ""
    if bool(found.isnan().any()):
        return "att_nan"
    if built.training:
        return "mode_set_inside"
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        if not found.equal(built(SENTENCES.clone())):
            return "head_dropout_in_eval"
    return "head_mask_minus_10" if found.allclose(right, rtol=0, atol=0.05) else ""


def mask(item: str, built: nn.Module, made: str, n: int) -> None:
    """A buffer (n, n): 1 above the diagonal, 0 elsewhere."""
    buffers, where = dict(built.named_buffers()), f"self.mask of {made}"
    found = buffers.get("mask")
    if found is None:
        plain = getattr(built, "mask", None)
        likely = "att_mask_plain" if isinstance(plain, Tensor) else "att_part_missing"
        likely = "att_mask_parameter" if isinstance(plain, nn.Parameter) else likely
        refuse(item, where, "a buffer of that name", show(plain), likely)
    if found.shape != (n, n):
        likely = "att_mask_size"
        refuse(item, where, f"shape {(n, n)}", f"shape {tuple(found.shape)}", likely)
    for T, place in ((4, f"{where}: its first four rows and columns"), (n, where)):
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
        likely = "att_dropout_share_kept" if found.p == 0.25 else "att_dropout_fixed"
        refuse(item, where, "p=0.75", f"p={found.p}", likely)


def first_alone(item: str, built: nn.Module) -> None:
    """The first word gives what it gives alone, even where its own score is far below zero."""
    x, weight = SENTENCES[3:4], built.W_query.weight
    kept = weight.data
    weight.data = -1e5 * kept
    looked_at = "queries times -100,000: `cross`, with five words after it, and alone"
    found = run(item, built, x, looked_at)[:, :1]
    alone = run(item, built, x[:, :1], looked_at)
    weight.data = kept
    likely = "att_mask_after_divided" if bool(found.isnan().any()) else "head_mask_minus_10000"
    equal(item, found, alone, looked_at=looked_at, likely=likely)


def whole_context(item: str, built: nn.Module, long: Tensor, right: Tensor) -> None:
    """After a text of six words, one as long as the mask."""
    looked_at = "the same with eight words, as many as context_length, after a text of six"
    kept = built.mask.shape == (8, 8)
    likely = "ca_T_fixed" if kept else "head_mask_cut_for_good"
    parts = ("must match", "broadcast", "invalid for input", "but got")
    found = run(item, built, long, looked_at, dict.fromkeys(parts, likely))
    same(item, found, right, looked_at=looked_at, likely=likely)


def _drops(item: str, built: nn.Module) -> None:
    """200 texts of one word: its only weight is 1, and dropout makes it 0 or 4."""
    fish = "200 texts of `fish` alone, whose value is (8, 8), with dropout=0.75, training"
    dropped(item, built, WORDS, fish, "(0, 0) or (32, 32)")
