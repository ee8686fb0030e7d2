"""The checks of lab06 on attention without a mask: the six words that were worked by hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from gptlab.checks.causes import CAUSES
from gptlab.checks.core import CheckFailed, call, equal, must_be_callable, passed, show, two
from gptlab.checks.lab02_numbers import dots, mixed, shares
from gptlab.checks.lab06_modules import layers, learns, new, one_core, owned, put, refuse, run, same
from gptlab.checks.lab06_numbers import (
    FOUR,
    LN2,
    LONG,
    PAPER,
    WORDS,
    Matrices,
    attended,
    threes,
)
from gptlab.checks.lab06_slips import slips

TEN = LONG[0]  # (T=10, d_in=5)
# Part of an error's text -> its cause: in all classes, and with x (10, 5) or the words of the lab.
ERRORS = {
    "(6x2 and 6x2)": "head_no_transpose",
    "(3x2 and 6x3)": "v1_x_on_the_right",
    "(6x3 and 2x3)": "v2_weight_not_turned",
    "'Tensor' and 'Linear'": "att_layer_as_matrix",
    "not Linear": "att_layer_as_matrix",
    "not iterable": "att_returns_nothing",
}
OTHER_ERRORS = {
    "(6x6 and": "att_T_fixed",
    "out of bounds": "att_T_fixed",
    "(6x3 and 5x3)": "att_global_x",
}


def simple_attention(answer: Callable[[Tensor], tuple[Tensor, Tensor]]) -> None:
    """Weights in parts of 16 for `fish`, the rows that they mix, and ten rows of five numbers."""
    item = "simple_attention"
    must_be_callable(item, answer)
    inputs = math.sqrt(LN2) * WORDS
    looked_at = "simple_attention(inputs) of the six words: inputs of shape (T=6, d=3)"
    weights, context = _simple(item, answer, inputs, looked_at)
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
    looked_at = "simple_attention of ten rows of five numbers: (T=10, d=5)"
    weights, context = _simple(item, answer, TEN, looked_at)
    longer, known = shares(dots(TEN, TEN), -1), {"att_global_x": right}
    fixed = "simple_sizes_fixed"
    equal(item, weights, longer, looked_at=f"{looked_at}: the weights", known=known, likely=fixed)
    where = f"{looked_at}: the context"
    equal(item, context, mixed(longer, TEN), looked_at=where, likely=fixed)
    passed(item)


def _simple(item: str, answer: Any, inputs: Tensor, looked_at: str) -> tuple[Any, Any]:
    """The two things that it gives, of inputs that stay as they are."""
    likely = {"(6x3 and 6x3)": "simple_no_transpose"}
    likely |= dict.fromkeys(("(6x6 and", "out of bounds"), "simple_sizes_fixed")
    given = inputs.clone()
    try:
        found = call(item, answer, given, looked_at=looked_at, likely=likely)
    except CheckFailed as error:
        if "(6x3 and 6x3)" in error.found and _place_by_place(answer, inputs[:3].clone()):
            error.likely = CAUSES["simple_elementwise"]
        raise
    what = "two things: the weights and the context"
    both = two(item, found, looked_at=looked_at, what=what)
    looked_at = f"inputs after the call: {looked_at}"
    equal(item, given, inputs, looked_at=looked_at, likely="changes_its_input")
    return both


def _place_by_place(answer: Any, square: Tensor) -> bool:
    """Whether it makes weights of x * x: a table as wide as it is long does not mind."""
    try:
        return torch.allclose(answer(square)[0], shares(square * square, -1))
    except Exception:  # it is no better with this one
        return False


def _on_paper(item: str, built: nn.Module, made: str, tell: Callable[[], None]) -> None:
    """The six words with the matrices on paper: fish gives (0.5, 6)."""
    looked_at = f"{made} with the matrices on paper, for the six words: (T=6, d_in=3)"
    found = run(item, built, WORDS, looked_at, ERRORS)
    q, k, v = threes(WORDS, PAPER)
    weights = shares(dots(q, k) / math.sqrt(2), -1)
    known = [(cause, mix(q, k, v)) for cause, mix in slips(3, False)]
    known += [
        ("att_values_from_x", mixed(weights, WORDS)),
        ("head_only_weights", weights),
        ("att_raw_scores", mixed(dots(q, k) / math.sqrt(2), v)),
        ("att_transposed_weights", mixed(weights.mT, v)),
    ]
    right = attended(q, k, v)
    same(item, found, right, looked_at=looked_at, known=known, tell=tell)


def _other_sizes(item: str, built: nn.Module, made: str) -> None:
    """Ten words of five numbers, to three: what is fixed shows, and gradients arrive."""
    looked_at = f"{made} with other matrices, for ten words: (T=10, d_in=5)"
    found = run(item, built, TEN, looked_at, OTHER_ERRORS)
    q, k, v = threes(TEN, FOUR[0])
    known = [(cause, mix(q, k, v)) for cause, mix in slips(5, False)]
    same(item, found, attended(q, k, v), looked_at=looked_at, known=known, likely="att_T_fixed")
    names = [name for name, _ in built.named_parameters() if name.split(".")[0] in PAPER]
    learns(item, built, TEN, names, looked_at)


@one_core()
def v1(answer: type[nn.Module]) -> None:
    """What it owns, how it begins, the six words on paper, other sizes."""
    item, made = "v1", "SelfAttention_v1(3, 2)"
    built = new(item, answer, 3, 2, looked_at=made)
    _matrices(item, built, made, (3, 2))
    drawn = "SelfAttention_v1(40, 30)"
    with torch.random.fork_rng(devices=[]):
        first = new(item, answer, 40, 30, looked_at=drawn)
        torch.rand(1)
        second = new(item, answer, 40, 30, looked_at=drawn)
    _matrices(item, first, drawn, (40, 30))
    _drawn(item, first)
    if first.W_query.equal(second.W_query):
        refuse(item, f"two new {drawn}", "other numbers", "the same numbers", "v1_seeded")

    def tell() -> None:
        other = "SelfAttention_v1(5, 3)"
        built = new(item, answer, 5, 3, looked_at=other)
        _fill(built, FOUR[0])
        _other_sizes(item, built, other)

    _fill(built, PAPER)
    _on_paper(item, built, made, tell)
    tell()
    passed(item)


def _fill(built: Any, matrices: Matrices) -> None:
    for name, matrix in matrices.items():
        getattr(built, name).data = matrix.clone()


def _matrices(item: str, built: nn.Module, made: str, sizes: tuple[int, int]) -> None:
    """Three parameters of these sizes."""
    for name in PAPER:
        matrix, where = getattr(built, name, None), f"self.{name} of {made}"
        if not isinstance(matrix, nn.Parameter):
            likely = "v1_plain_tensor" if isinstance(matrix, Tensor) else "att_part_missing"
            likely = "v1_linear" if isinstance(matrix, nn.Linear) else likely
            refuse(item, where, "an nn.Parameter", owned(built, name), likely)
        if matrix.shape != sizes:
            likely = "v1_sizes_swapped" if matrix.shape == sizes[::-1] else "v1_sizes_fixed"
            refuse(item, where, f"shape {sizes}", f"shape {tuple(matrix.shape)}", likely)
    if len(list(built.parameters())) < 3:
        refuse(item, made, "three matrices", "one of them twice", "att_one_layer")


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


@one_core()
def v2(answer: type[nn.Module]) -> None:
    """The layers with and without a bias, the six words, what a bias changes, other sizes."""
    item, made = "v2", "SelfAttention_v2(3, 2)"
    built = new(item, answer, 3, 2, looked_at=made)
    layers(item, built, made, (3, 2))

    def tell() -> None:
        other = "SelfAttention_v2(5, 3)"
        built = new(item, answer, 5, 3, looked_at=other)
        layers(item, built, other, (5, 3))
        put(built, FOUR[0])
        _other_sizes(item, built, other)

    put(built, PAPER)
    _on_paper(item, built, made, tell)
    made = "SelfAttention_v2(3, 2, qkv_bias=True)"
    built = new(item, answer, 3, 2, True, looked_at=made)
    layers(item, built, made, (3, 2), bias=True)
    put(built, PAPER)
    biases = (torch.tensor(row) for row in ([2.0, 1], [0.5, -1], [-3.0, 4]))
    shifted = []
    for name, bias, plain in zip(PAPER, biases, threes(WORDS, PAPER), strict=True):
        getattr(built, name).bias.data = bias.clone()
        shifted.append(plain + bias)
    looked_at = f"{made} with the matrices on paper and biases that are not 0"
    found = run(item, built, WORDS, looked_at)
    known = {"att_bias_unused": attended(*threes(WORDS, PAPER))}
    equal(item, found, attended(*shifted), looked_at=looked_at, known=known)
    tell()
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
        layer.weight.data = matrix[:d_in].mT.contiguous()
        setattr(source, name, layer)
    likely = {
        "leaf": "transfer_no_grad",
        "inplace": "transfer_no_grad",
        "in-place": "transfer_no_grad",
        "must match": "transfer_not_turned",
        "broadcast": "transfer_not_turned",
        "not Linear": "transfer_layer",
        "has no attribute 'T'": "transfer_layer",
        "Linear' as parameter": "transfer_layer",
        "cannot assign": "transfer_not_a_parameter",
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
        known = {
            "transfer_not_turned": right.mT,
            "transfer_reshaped": right.mT.reshape(d_in, 2),
            "transfer_nothing": torch.full((d_in, 2), 7.0),
        }
        for other, table in whole.items():
            if other != name and matrix.shape == table.shape and matrix.allclose(table):
                known["transfer_mixed_up"] = table
        equal(item, matrix.detach(), right, looked_at=where, known=known)
