"""The checks of lab06 on attention without a mask: the six words that were worked by hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from gptlab.checks.core import call, equal, must_be_callable, passed, show, two
from gptlab.checks.lab02_numbers import dots, mixed, shares
from gptlab.checks.lab03_parts import build
from gptlab.checks.lab06_numbers import (
    LN2,
    PAPER,
    W_KEY,
    W_QUERY,
    W_VALUE,
    WORDS,
    attended,
    layers,
    put,
    refuse,
    slips,
)


def simple_attention(answer: Callable[[Tensor], tuple[Tensor, Tensor]]) -> None:
    """Weights in parts of 16 for `fish`, and the rows that they mix."""
    item = "simple_attention"
    must_be_callable(item, answer)
    inputs = math.sqrt(LN2) * WORDS
    given = inputs.clone()
    looked_at = "simple_attention(inputs) of the six words: inputs of shape (T=6, d=3)"
    likely = {"(6x3 and 6x3)": "simple_no_transpose"}
    found = call(item, answer, given, looked_at=looked_at, likely=likely)
    weights, context = two(
        item, found, looked_at=looked_at, what="two things: the weights and the context"
    )
    raw = dots(inputs, inputs)
    right = shares(raw, -1)
    known = {
        "simple_scores": raw,
        "simple_over_columns": shares(raw, 0),
        "simple_over_all": raw.exp() / raw.exp().sum(),
        "simple_not_exp": raw / raw.sum(-1, keepdim=True),
        "simple_scaled": shares(raw / math.sqrt(3), -1),
        "simple_masked": shares(raw.masked_fill(torch.ones(6, 6).triu(1) > 0, -torch.inf), -1),
        "simple_order": mixed(right, inputs),
    }
    equal(item, weights, right, looked_at=f"{looked_at}: the weights", known=known)
    known = {
        "simple_mix_of_scores": mixed(raw, inputs),
        "simple_transposed": mixed(right.mT, inputs),
        "simple_inputs": inputs,
        "simple_context_is_weights": right,
    }
    where = f"{looked_at}: the context"
    equal(item, context, mixed(right, inputs), looked_at=where, known=known)
    equal(item, given, inputs, looked_at="inputs after the call", likely="changes_its_input")
    passed(item)


def _on_paper(item: str, built: nn.Module, looked_at: str) -> None:
    """The six words with the matrices on paper: fish gives (0.5, 6)."""
    likely = {
        "(6x2 and 6x2)": "head_no_transpose",
        "not iterable": "att_returns_nothing",
    }
    with torch.no_grad():
        found = call(item, built, WORDS.clone(), looked_at=looked_at, likely=likely)
    q, k, v = WORDS @ W_QUERY, WORDS @ W_KEY, WORDS @ W_VALUE
    known: dict[str, Any] = {cause: mix(q, k, v) for cause, mix in slips(3, False).items()}
    weights = shares(dots(q, k) / math.sqrt(2), -1)
    known |= {
        "att_values_from_x": mixed(weights, WORDS),
        "head_only_weights": weights,
        "att_raw_scores": mixed(dots(q, k) / math.sqrt(2), v),
        "att_transposed_weights": mixed(weights.mT, v),
    }
    equal(item, found, attended(q, k, v), looked_at=looked_at, known=known)


def v1(answer: type[nn.Module]) -> None:
    """What it owns, how it begins, and the six words on paper."""
    item, made = "v1", "SelfAttention_v1(3, 2)"
    built = build(item, answer, 3, 2, looked_at=made)
    parameters = dict(built.named_parameters())
    for name in PAPER:
        matrix, where = getattr(built, name, None), f"self.{name} of {made}"
        if name not in parameters:
            seen = "there is none" if matrix is None else show(matrix)
            likely = "v1_plain_tensor" if isinstance(matrix, Tensor) else "att_part_missing"
            likely = "v1_linear" if isinstance(matrix, nn.Linear) else likely
            refuse(item, where, "an nn.Parameter", seen, likely)
        if matrix.shape != (3, 2):
            likely = "v1_sizes_swapped" if matrix.shape == (2, 3) else ""
            refuse(item, where, "shape (3, 2)", f"shape {tuple(matrix.shape)}", likely)
    if len(parameters) < 3:
        refuse(item, made, "three matrices", f"{len(parameters)}", "att_one_layer")
    _drawn(item, build(item, answer, 40, 30, looked_at="SelfAttention_v1(40, 30)"))
    for name, matrix in PAPER.items():
        getattr(built, name).data = matrix.clone()
    _on_paper(item, built, f"{made} with the matrices on paper, for the six words: (T=6, d_in=3)")
    passed(item)


def _drawn(item: str, built: nn.Module) -> None:
    """torch.rand: between 0 and 1, evenly, and not three times the same."""
    for name in PAPER:
        found = getattr(built, name).detach()
        even = 0.4 < found.mean() < 0.6 and found.std() > 0.25
        if found.min() < 0 or found.max() > 1 or not even:
            seen = f"from {found.min():.2f} to {found.max():.2f}, mean {found.mean():.2f}"
            where = f"the numbers of self.{name} of a new SelfAttention_v1(40, 30)"
            refuse(item, where, "from 0 to 1, mean near 0.5", seen, "v1_not_rand")
    if built.W_query.equal(built.W_key) or built.W_key.equal(built.W_value):
        where = "the three matrices of a new SelfAttention_v1(40, 30)"
        refuse(item, where, "three different ones", "two are equal", "att_one_layer")


def v2(answer: type[nn.Module]) -> None:
    """The layers with and without a bias, the six words, and what a bias changes."""
    item, made = "v2", "SelfAttention_v2(3, 2)"
    built = build(item, answer, 3, 2, looked_at=made)
    layers(item, built, made, (3, 2))
    put(built, PAPER)
    _on_paper(item, built, f"{made} with the matrices on paper, for the six words: (T=6, d_in=3)")
    made = "SelfAttention_v2(3, 2, qkv_bias=True)"
    built = build(item, answer, 3, 2, True, looked_at=made)
    layers(item, built, made, (3, 2), bias=True)
    put(built, PAPER)
    q_bias, k_bias, v_bias = (torch.tensor(row) for row in ([2.0, 1], [0.5, -1], [-3.0, 4]))
    for name, bias in zip(PAPER, (q_bias, k_bias, v_bias), strict=True):
        getattr(built, name).bias.data = bias.clone()
    looked_at = f"{made} with the matrices on paper and biases that are not 0"
    with torch.no_grad():
        found = call(item, built, WORDS.clone(), looked_at=looked_at)
    right = attended(WORDS @ W_QUERY + q_bias, WORDS @ W_KEY + k_bias, WORDS @ W_VALUE + v_bias)
    known = {"att_bias_unused": attended(WORDS @ W_QUERY, WORDS @ W_KEY, WORDS @ W_VALUE)}
    equal(item, found, right, looked_at=looked_at, known=known)
    passed(item)


def transfer(answer: Callable[[Any, Any], None]) -> None:
    """From three layers to three matrices: 3 numbers to 2, then 2 to 2."""
    item = "transfer"
    must_be_callable(item, answer)
    for d_in in (3, 2):
        _transferred(item, answer, d_in)
    passed(item)


def _transferred(item: str, answer: Callable[[Any, Any], None], d_in: int) -> None:
    looked_at = f"transfer(v1, v2), both from {d_in} numbers to 2"
    to, source = nn.Module(), nn.Module()
    for name, matrix in PAPER.items():
        setattr(to, name, nn.Parameter(torch.full((d_in, 2), 7.0)))
        layer = nn.Linear(d_in, 2, bias=False, device="meta").to_empty(device="cpu")
        layer.weight.data = matrix[:d_in].mT.clone()
        setattr(source, name, layer)
    likely = {
        "leaf": "transfer_no_grad",
        "inplace": "transfer_no_grad",
        "in-place": "transfer_no_grad",
        "must match": "transfer_not_turned",
        "broadcast": "transfer_not_turned",
        "cannot assign": "transfer_not_a_parameter",
        "has no attribute 'T'": "transfer_layer",
    }
    call(item, answer, to, source, looked_at=looked_at, likely=likely)
    whole = {name: matrix[:d_in] for name, matrix in PAPER.items()}
    for name, right in whole.items():
        where = f"v2.{name}.weight after {looked_at}"
        changed = "transfer_other_way"
        equal(
            item, getattr(source, name).weight.detach(), right.mT, looked_at=where, likely=changed
        )
        matrix, where = getattr(to, name, None), f"v1.{name} after {looked_at}"
        if not isinstance(matrix, nn.Parameter):
            refuse(item, where, "an nn.Parameter", show(matrix), "transfer_not_a_parameter")
        known = {"transfer_not_turned": right.mT, "transfer_nothing": torch.full((d_in, 2), 7.0)}
        for other, table in whole.items():
            if other != name and matrix.shape == table.shape and matrix.allclose(table):
                known["transfer_mixed_up"] = table
        equal(item, matrix.detach(), right, looked_at=where, known=known)
