"""Hidden tests of lab06_attention_classes: for each item values, properties, structure.

The oracles are torch's scaled_dot_product_attention in float64, arithmetic and gptlab.attention,
with weights that the tests load. What is made of other answers is judged with the student's own:
the wrapper by its own heads, called one by one, transfer with both of the student's classes. Where
these cannot be used at all, right ones stand in for them, so that a mistake costs once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from autograder import expect
from autograder.bridge import Student, StudentError
from autograder.reply import argument, holds, made, pieces, same
from autograder.values import Handle
from gptlab.attention import MultiHeadAttention
from gptlab.checks.core import CheckFailed

COVERS = ["gptlab.attention", "gptlab.gpt", "gptlab.nano", "gptlab.toy"]

core = pytest.mark.core

Weights = dict[str, Tensor]
LAYERS = ("W_query", "W_key", "W_value")


def floats(found: Any, shape: tuple[int, ...], looked_at: str) -> Tensor:
    """A tensor of floats of this shape, in float64."""
    expect.tensor(found, shape=shape, looked_at=looked_at)
    holds(found.is_floating_point(), looked_at, "floats", expect.kind_of(found))
    return found.double()


def near(found: Any, wanted: Tensor) -> bool:
    try:
        expect.close(found, wanted, looked_at="")
    except CheckFailed:
        return False
    return True


def shuffled(T: int) -> Tensor:
    """An order of T rows in which none stays in its place."""
    return torch.arange(T).roll(2)


# simple_attention


def simple(inputs: Tensor) -> tuple[Tensor, Tensor]:
    """What it should give, in float64."""
    inputs = inputs.double()
    weights = torch.einsum("td,sd->ts", inputs, inputs).softmax(dim=1)
    return weights, weights @ inputs


def answered(student: Student, inputs: Tensor) -> list[Tensor]:
    """What simple_attention gives: two tensors of the right shapes."""
    T, d = inputs.shape
    found = student.call("simple_attention", inputs)
    weights, context = pieces(found, 2, "what simple_attention returns")
    looked_at = f"of inputs {(T, d)}"
    return [
        floats(weights, (T, T), f"the weights {looked_at}"),
        floats(context, (T, d), f"the context {looked_at}"),
    ]


def compared(found: list[Tensor], wanted: tuple[Tensor, ...] | list[Tensor], what: str) -> None:
    """Weights and context, one after the other."""
    for name, got, right in zip(("weights", "context"), found, wanted, strict=True):
        expect.close(got, right, looked_at=f"the {name} {what}")


@core
def test_simple_attention__weights_and_context(student):
    for T, d in ((5, 3), (4, 7)):
        inputs = torch.randn(T, d) * 0.8
        compared(answered(student, inputs), simple(inputs), f"of inputs {(T, d)}")


def test_simple_attention__as_many_numbers_as_words(student):
    inputs = torch.randn(4, 4) * 0.8
    compared(answered(student, inputs), simple(inputs), "of inputs (4, 4)")


def test_simple_attention__rows_share_out_one_whole(student):
    weights, _ = answered(student, torch.randn(6, 4))
    expect.close(weights.sum(1), torch.ones(6).double(), looked_at="the sums of the rows")
    holds(
        float(weights.min()) > 0 and float(weights.max()) < 1,
        "the weights of inputs (6, 4)",
        "between 0 and 1",
        f"from {weights.min():.3g} to {weights.max():.3g}",
    )


def test_simple_attention__a_row_of_zeros_takes_the_mean(student):
    inputs = torch.randn(5, 3)
    inputs[2] = 0.0
    weights, context = answered(student, inputs)
    fifths = torch.full((5,), 0.2).double()
    expect.close(weights[2], fifths, looked_at="the weights of a row of zeros, 5 words")
    expect.close(context[2], inputs.double().mean(0), looked_at="the context of a row of zeros")


def test_simple_attention__another_order_of_the_words(student):
    inputs, order = torch.randn(6, 3), shuffled(6)
    weights, context = answered(student, inputs)
    wanted = weights[order][:, order].contiguous(), context[order]
    compared(answered(student, inputs[order]), wanted, "when the words change places")
    holds(not near(context[order], context), "the contexts", "those differ by word", "all equal")


def test_simple_attention__turning_all_words_turns_the_context(student):
    inputs, (turn, _) = torch.randn(5, 4), torch.linalg.qr(torch.randn(4, 4))
    weights, context = answered(student, inputs)
    wanted = weights, context @ turn.double()
    compared(answered(student, inputs @ turn), wanted, "when all words are turned alike")
    holds(not near(wanted[1], context), "the context", "made of the inputs", "always the same")


def test_simple_attention__inputs_that_are_not_contiguous_and_stay(student):
    inputs = torch.randn(5, 3)
    answered(student, inputs)
    expect.equal(argument(student, 0), inputs, looked_at="inputs after the call")
    across = inputs.T.contiguous()
    found = student.run("f(x.T)", f=student.get("simple_attention"), x=across)
    found = pieces(found, 2, "what simple_attention returns")
    compared(found, simple(inputs), "of inputs that are not contiguous")


# what the classes share


@dataclass(frozen=True)
class Sizes:
    """Of a module and of its input. heads: None for CausalAttention, which has no such argument."""

    B: int
    T: int
    d_in: int
    d_out: int
    context: int
    heads: int | None = None

    @property
    def name(self) -> str:
        return "CausalAttention" if self.heads is None else "MultiHeadAttention"

    def __str__(self) -> str:
        count = "" if self.heads is None else f", num_heads={self.heads}"
        return (
            f"{self.name}({self.d_in}, {self.d_out}, context_length={self.context}{count}) of x "
            f"{(self.B, self.T, self.d_in)}"
        )


def some_weights(d_in: int, d_out: int, bias: bool, project: bool = False) -> Weights:
    """Weights by the names of layers, for scores that spread by about 1; no bias is 0."""
    found = {}
    for name in LAYERS:
        found[f"{name}.weight"] = torch.randn(d_out, d_in) * 1.2 / math.sqrt(d_in)
        if bias:
            found[f"{name}.bias"] = torch.randn(d_out) * 0.7
    if project:
        found["out_proj.weight"] = torch.randn(d_out, d_out) / math.sqrt(d_out)
        found["out_proj.bias"] = torch.randn(d_out)
    return found


def linear(x: Tensor, weights: Weights, name: str) -> Tensor:
    bias = weights.get(f"{name}.bias")
    bias = None if bias is None else bias.double()
    return F.linear(x.double(), weights[f"{name}.weight"].double(), bias)


def attended(x: Tensor, weights: Weights, heads: int = 1, causal: bool = True) -> Tensor:
    """What attention with these weights should give, in float64; projected where there is one."""
    q, k, v = (
        linear(x, weights, name).unflatten(-1, (heads, -1)).transpose(-3, -2) for name in LAYERS
    )
    out = F.scaled_dot_product_attention(q, k, v, is_causal=causal).transpose(-3, -2).flatten(-2)
    return linear(out, weights, "out_proj") if "out_proj.weight" in weights else out


def new(student: Student, name: str, *arguments: Any, **named: Any) -> Handle:
    """A module of the notebook's, in evaluation mode: dropout is a test of its own."""
    part = made(student.new(name, *arguments, **named), name)
    student.call("eval", on=part)
    return part


def load(student: Student, part: Handle, weights: Weights, what: str) -> None:
    """Load these; what else the module keeps stays as it is, and a bias without a value becomes 0.

    That it owns just these is a test of its own.
    """
    state = student.state(part)
    state = state if isinstance(state, dict) else {}
    for name, value in weights.items():
        looked_at = f"{name} of {what}"
        holds(name in state, looked_at, "a parameter of this name", "none of this name")
        floats(state[name], tuple(value.shape), looked_at)
        state[name] = value.contiguous()
    for name, value in state.items():
        if name not in weights and str(name).endswith(".bias") and isinstance(value, Tensor):
            state[name] = torch.zeros_like(value)
    student.load(part, state)


def parameters(student: Student, part: Handle) -> Any:
    """The shapes of the parameters by name."""
    return student.run("{n: tuple(p.shape) for n, p in part.named_parameters()}", part=part)


def owns(student: Student, part: Handle, shapes: dict[str, tuple], what: str) -> None:
    """Parameters of these names and shapes and no others; the first that differs is named."""
    found = parameters(student, part)
    holds(isinstance(found, dict), what, "parameters by name", expect.kind_of(found))
    for name, shape in shapes.items():
        looked_at = f"the parameter {name} of {what}"
        expect.equal(found.get(name, "none of this name"), shape, looked_at=looked_at)
    others = [name for name in found if name not in shapes]
    expect.equal(others, [], looked_at=f"other parameters of {what}")


def layer_shapes(d_in: int, d_out: int, bias: bool) -> dict[str, tuple]:
    shapes: dict[str, tuple] = {f"{name}.weight": (d_out, d_in) for name in LAYERS}
    return shapes | ({f"{name}.bias": (d_out,) for name in LAYERS} if bias else {})


def slopes_of(student: Student, part: Handle, x: Tensor, rates: Tensor) -> dict:
    """The gradients of sum(part(x) * rates), by name."""
    student.run("(part(x) * rates).sum().backward()", part=part, x=x, rates=rates)
    found = student.grad(part)
    return found if isinstance(found, dict) else {}


def right_slopes(x: Tensor, rates: Tensor, weights: Weights, **how: Any) -> Weights:
    own = {name: value.double().requires_grad_() for name, value in weights.items()}
    (attended(x, own, **how) * rates.double()).sum().backward()
    return {name: value.grad for name, value in own.items() if value.grad is not None}


def memory_order(student: Student, part: Handle, x: Tensor, wanted: Tensor, what: str) -> None:
    """x laid out otherwise in memory gives the same, and stays as it is."""
    found = student.call(part, x)
    expect.close(found, wanted, looked_at=f"{what}, contiguous")
    expect.equal(argument(student, 0), x, looked_at="x after the call")
    turned = x.transpose(0, -1).contiguous()
    found = student.run("part(x.transpose(0, -1))", part=part, x=turned)
    expect.close(found, wanted, looked_at=f"{what}, not contiguous")


# v1 and v2: no mask


def a_v1(student: Student, d_in: int, d_out: int, weights: Weights | None = None):
    """A SelfAttention_v1 with these weights, or random ones; the weights as layers have them."""
    what = f"SelfAttention_v1({d_in}, {d_out})"
    weights = weights or some_weights(d_in, d_out, bias=False)
    part = new(student, "SelfAttention_v1", d_in, d_out)
    load(student, part, {name: weights[f"{name}.weight"].T for name in LAYERS}, what)
    return part, weights


def a_v2(
    student: Student, d_in: int, d_out: int, weights: Weights | None = None, bias: bool = False
):
    """A SelfAttention_v2 with these weights, or random ones."""
    what = f"SelfAttention_v2({d_in}, {d_out}, qkv_bias={bias})"
    weights = weights or some_weights(d_in, d_out, bias)
    part = new(student, "SelfAttention_v2", d_in, d_out, **({"qkv_bias": True} if bias else {}))
    load(student, part, weights, what)
    return part, weights


def check_open(student: Student, make: Any, T: int, d_in: int, d_out: int, **how: Any) -> None:
    part, weights = make(student, d_in, d_out, **how)
    x = torch.randn(T, d_in)
    expect.close(
        student.call(part, x),
        attended(x, weights, causal=False),
        looked_at=f"{part.type}({d_in}, {d_out}) of x {(T, d_in)}",
    )


def check_order(student: Student, make: Any) -> None:
    part, _ = make(student, 3, 4)
    x, order = torch.randn(6, 3), shuffled(6)
    before = floats(student.call(part, x), (6, 4), f"{part.type}(3, 4) of x (6, 3)")
    after = student.call(part, x[order])
    expect.close(after, before[order], looked_at="the output when the words change places")
    holds(not near(before[order], before), "the rows of the output", "different ones", "all alike")
    x[5] += 2.0
    after = floats(student.call(part, x), (6, 4), "the output")
    still = [t for t in range(6) if near(after[t], before[t])]
    expect.equal(still, [], looked_at="the rows that stay when the last word changes: no mask yet")


def check_equal_keys(student: Student, make: Any) -> None:
    weights = some_weights(5, 3, bias=False)
    weights["W_key.weight"] = torch.zeros(3, 5)
    part, _ = make(student, 5, 3, weights)
    x = torch.randn(4, 5)
    mean = linear(x, weights, "W_value").mean(0).expand(4, 3)
    looked_at = "the output where all keys are 0: each row the mean of the values"
    expect.close(student.call(part, x), mean, looked_at=looked_at)


def check_one_word(student: Student, make: Any) -> None:
    part, weights = make(student, 4, 6)
    x = torch.randn(1, 4)
    wanted = linear(x, weights, "W_value")
    expect.close(student.call(part, x), wanted, looked_at="a single word: its own value")


def check_open_memory(student: Student, make: Any) -> None:
    part, weights = make(student, 3, 4)
    x = torch.randn(5, 3)
    memory_order(student, part, x, attended(x, weights, causal=False), "x of shape (5, 3)")


def check_open_slopes(student: Student, make: Any, turned: bool) -> None:
    part, weights = make(student, 5, 3)
    x, rates = torch.randn(4, 5), torch.randn(4, 3)
    found = slopes_of(student, part, x, rates)
    for name, slope in right_slopes(x, rates, weights, causal=False).items():
        mine = name.removesuffix(".weight") if turned else name
        wanted = slope.T.contiguous() if turned else slope
        expect.close(found.get(mine), wanted, looked_at=f"the gradient of {mine}", tol=1e-4)


@core
def test_v1__against_torch(student):
    for T, d_in, d_out in ((5, 3, 4), (6, 7, 2)):
        check_open(student, a_v1, T, d_in, d_out)


def test_v1__where_all_sizes_agree(student):
    check_open(student, a_v1, 4, 4, 4)


def test_v1__the_order_of_the_words_does_not_matter(student):
    check_order(student, a_v1)


def test_v1__equal_keys_give_the_mean(student):
    check_equal_keys(student, a_v1)


def test_v1__one_word_gives_its_own_value(student):
    check_one_word(student, a_v1)


def test_v1__x_that_is_not_contiguous_and_stays(student):
    check_open_memory(student, a_v1)


def test_v1__gradients_reach_the_three_matrices(student):
    check_open_slopes(student, a_v1, turned=True)


def test_v1__owns_three_matrices(student):
    for d_in, d_out in ((3, 2), (5, 7)):
        part = new(student, "SelfAttention_v1", d_in, d_out)
        shapes = dict.fromkeys(LAYERS, (d_in, d_out))
        owns(student, part, shapes, f"SelfAttention_v1({d_in}, {d_out})")


def test_v1__begins_with_random_numbers(student):
    tables = []
    for place in ("first", "second"):
        state = student.state(new(student, "SelfAttention_v1", 6, 5))
        for name in LAYERS:
            found = state.get(name) if isinstance(state, dict) else None
            found = floats(found, (6, 5), f"{name} of the {place} of two modules")
            holds(
                len(found.unique()) > 20, f"the 30 numbers of {name}", "random ones", "few values"
            )
            equal = [other for other, table in tables if torch.equal(table, found)]
            expect.equal(equal, [], looked_at=f"{name} of the {place} module: the same as it")
            tables.append((f"{name} of the {place}", found))


@core
def test_v2__against_torch(student):
    for T, d_in, d_out, bias in ((5, 3, 4, False), (6, 7, 2, True)):
        check_open(student, a_v2, T, d_in, d_out, bias=bias)


def test_v2__where_all_sizes_agree(student):
    check_open(student, a_v2, 4, 4, 4, bias=True)


def test_v2__the_order_of_the_words_does_not_matter(student):
    check_order(student, a_v2)


def test_v2__equal_keys_give_the_mean(student):
    check_equal_keys(student, a_v2)


def test_v2__one_word_gives_its_own_value(student):
    check_one_word(student, a_v2)


def test_v2__x_that_is_not_contiguous_and_stays(student):
    check_open_memory(student, a_v2)


def test_v2__gradients_reach_the_three_layers(student):
    check_open_slopes(student, a_v2, turned=False)


def test_v2__owns_three_layers(student):
    for d_in, d_out, given in ((3, 2, {}), (5, 7, {"qkv_bias": True}), (4, 3, {"qkv_bias": False})):
        part = new(student, "SelfAttention_v2", d_in, d_out, **given)
        shapes = layer_shapes(d_in, d_out, given.get("qkv_bias", False))
        owns(student, part, shapes, f"SelfAttention_v2({d_in}, {d_out}, {given or ''})")


# transfer: with the student's two classes, or right ones where those own other things

RIGHT_SELF = """
import torch
from torch import nn

class SelfAttention_v1(nn.Module):
    def __init__(self, d_in, d_out):
        super().__init__()
        for name in "W_query", "W_key", "W_value":
            setattr(self, name, nn.Parameter(torch.rand(d_in, d_out)))

    def forward(self, x):
        q, k, v = x @ self.W_query, x @ self.W_key, x @ self.W_value
        return (q @ k.T / k.shape[1] ** 0.5).softmax(dim=1) @ v

class SelfAttention_v2(nn.Module):
    def __init__(self, d_in, d_out, qkv_bias=False):
        super().__init__()
        for name in "W_query", "W_key", "W_value":
            setattr(self, name, nn.Linear(d_in, d_out, bias=qkv_bias))

    def forward(self, x):
        q, k, v = self.W_query(x), self.W_key(x), self.W_value(x)
        return (q @ k.T / k.shape[1] ** 0.5).softmax(dim=1) @ v

SelfAttention_v1, SelfAttention_v2
"""


def right_pair(student: Student) -> None:
    v1, v2 = student.run(RIGHT_SELF)
    student.set(SelfAttention_v1=v1, SelfAttention_v2=v2)


def usable_pair(student: Student, d_in: int, d_out: int) -> bool:
    """Whether the student's classes own what they should: whether they are right is not asked."""
    try:
        v1, v2 = (student.new(f"SelfAttention_v{n}", d_in, d_out) for n in (1, 2))
        found = [parameters(student, part) for part in (v1, v2)]
    except StudentError:
        return False
    wanted = [dict.fromkeys(LAYERS, (d_in, d_out)), layer_shapes(d_in, d_out, bias=False)]
    return same(found, wanted)


def a_pair(student: Student, d_in: int, d_out: int) -> tuple[Handle, Handle, Weights]:
    """A v1, a v2, and the weights of v2."""
    v1 = new(student, "SelfAttention_v1", d_in, d_out)
    v2, weights = a_v2(student, d_in, d_out)
    return v1, v2, weights


def matrices(student: Student, v1: Handle) -> list:
    found = student.run("[getattr(v1, name) for name in names]", v1=v1, names=list(LAYERS))
    return pieces(found, 3, "the matrices of v1")


def check_turned(student: Student, d_in: int, d_out: int) -> None:
    v1, v2, weights = a_pair(student, d_in, d_out)
    student.call("transfer", v1, v2)
    for name, found in zip(LAYERS, matrices(student, v1), strict=True):
        wanted = weights[f"{name}.weight"].T.contiguous()
        looked_at = f"v1.{name} after transfer(v1, v2), from {d_in} to {d_out} numbers"
        expect.close(found, wanted, looked_at=looked_at)


@core
def test_transfer__each_matrix_turned(student):
    for d_in, d_out in ((3, 5), (4, 2)):
        if not usable_pair(student, d_in, d_out):
            right_pair(student)
        check_turned(student, d_in, d_out)


def test_transfer__square_matrices_turned_as_well(student):
    right_pair(student)
    check_turned(student, 4, 4)


def test_transfer__both_give_the_same(student):
    right_pair(student)
    v1, v2, weights = a_pair(student, 5, 3)
    student.call("transfer", v1, v2)
    x = torch.randn(6, 5)
    wanted = attended(x, weights, causal=False)
    expect.close(student.call(v1, x), wanted, looked_at="v1(x) after transfer(v1, v2)")


def test_transfer__v2_stays_as_it_is(student):
    right_pair(student)
    v1, v2, weights = a_pair(student, 3, 3)
    before = floats(matrices(student, v1)[0], (3, 3), "v1.W_query")
    student.call("transfer", v1, v2)
    state = student.state(v2)
    for name, value in weights.items():
        there = state.get(name) if isinstance(state, dict) else None
        expect.close(there, value, looked_at=f"v2.{name} after transfer(v1, v2)")
    after = floats(matrices(student, v1)[0], (3, 3), "v1.W_query")
    holds(not near(after, before), "v1.W_query after transfer(v1, v2)", "others", "as before")


def test_transfer__v1_can_still_learn(student):
    right_pair(student)
    v1, v2, weights = a_pair(student, 2, 4)
    student.call("transfer", v1, v2)
    owns(student, v1, dict.fromkeys(LAYERS, (2, 4)), "v1 after transfer(v1, v2)")
    x, rates = torch.randn(5, 2), torch.randn(5, 4)
    found = slopes_of(student, v1, x, rates)
    for name, slope in right_slopes(x, rates, weights, causal=False).items():
        mine = name.removesuffix(".weight")
        looked_at = f"the gradient of v1.{mine} after transfer"
        expect.close(found.get(mine), slope.T.contiguous(), looked_at=looked_at, tol=1e-4)


def test_transfer__once_more_with_other_weights(student):
    right_pair(student)
    v1, v2, _ = a_pair(student, 3, 2)
    student.call("transfer", v1, v2)
    others = some_weights(3, 2, bias=False)
    student.load(v2, others)
    student.call("transfer", v1, v2)
    for name, found in zip(LAYERS, matrices(student, v1), strict=True):
        wanted = others[f"{name}.weight"].T.contiguous()
        expect.close(found, wanted, looked_at=f"v1.{name} after a second transfer")


# causal and multi_head: what both are asked


def a_module(
    student: Student,
    sizes: Sizes,
    *,
    bias: bool = False,
    dropout: float = 0.0,
    weights: Weights | None = None,
) -> tuple[Handle, Weights]:
    """A CausalAttention or MultiHeadAttention in eval mode with these weights, or random ones."""
    weights = weights or some_weights(sizes.d_in, sizes.d_out, bias, sizes.heads is not None)
    count = () if sizes.heads is None else (sizes.heads,)
    named = {"qkv_bias": True} if bias else {}
    arguments = (sizes.d_in, sizes.d_out, sizes.context, dropout, *count)
    part = new(student, sizes.name, *arguments, **named)
    load(student, part, weights, str(sizes))
    return part, weights


def some_x(sizes: Sizes) -> Tensor:
    return torch.randn(sizes.B, sizes.T, sizes.d_in)


def right(sizes: Sizes, weights: Weights, x: Tensor) -> Tensor:
    return attended(x, weights, sizes.heads or 1)


def output(student: Student, part: Handle, sizes: Sizes, x: Tensor) -> Tensor:
    return floats(student.call(part, x), (*x.shape[:2], sizes.d_out), str(sizes))


def check_values(student: Student, sizes: Sizes, bias: bool = False) -> None:
    part, weights = a_module(student, sizes, bias=bias)
    x = some_x(sizes)
    looked_at = f"{sizes}, qkv_bias={bias}"
    expect.close(student.call(part, x), right(sizes, weights, x), looked_at=looked_at)


def check_no_future(student: Student, sizes: Sizes) -> None:
    part, _ = a_module(student, sizes)
    x, late = some_x(sizes), sizes.T - 2
    before = output(student, part, sizes, x)
    x[:, late] = torch.randn(sizes.d_in) * 9
    after = output(student, part, sizes, x)
    looked_at = f"words 0 to {late - 1}, when word {late} changes"
    expect.close(after[:, :late].clone(), before[:, :late].clone(), looked_at=looked_at)
    changed = not near(after[:, late], before[:, late])
    holds(changed, f"word {late}", "another output", "the same output")


def check_lengths(student: Student, sizes: Sizes) -> None:
    part, weights = a_module(student, sizes)
    x = some_x(sizes)
    wanted = right(sizes, weights, x)
    for T in (sizes.T, 1, 3, sizes.T):
        found = student.call(part, x[:, :T].contiguous())
        looked_at = f"the first {T} of {sizes.T} words, context_length={sizes.context}"
        expect.close(found, wanted[:, :T].contiguous(), looked_at=looked_at)


def check_past_is_a_set(student: Student, sizes: Sizes) -> None:
    part, _ = a_module(student, sizes)
    x, last = some_x(sizes), sizes.T - 1
    before = output(student, part, sizes, x)
    x[:, :last] = x[:, shuffled(last)].clone()
    after = output(student, part, sizes, x)
    looked_at = "the last word, when those before it change places"
    expect.close(after[:, last], before[:, last], looked_at=looked_at)
    changed = not near(after[:, :last].clone(), before[:, :last].clone())
    holds(changed, "the words before it", "other outputs", "the same")


def check_hidden_scores(student: Student, sizes: Sizes) -> None:
    """All scores are the same and far below 0: whatever is not hidden by -inf shows.

    Then the first word's own is far below all others: hiding weights in place of scores shows.
    """
    project, heads = sizes.heads is not None, sizes.heads or 1
    weights = some_weights(sizes.d_in, sizes.d_out, bias=False, project=project)
    query, key = torch.zeros(2, sizes.d_out, sizes.d_in)
    first = torch.arange(0, sizes.d_out, sizes.d_out // heads)
    query[first, 0], key[first, 0] = -400.0, 200.0
    weights["W_query.weight"], weights["W_key.weight"] = query, key
    part, _ = a_module(student, sizes, weights=weights)
    x = some_x(sizes)
    x[:, :, 0] = 1.0
    count = torch.arange(1, sizes.T + 1).double()[:, None]
    wanted = linear(x, weights, "W_value").cumsum(dim=1) / count
    wanted = linear(wanted, weights, "out_proj") if project else wanted
    looked_at = "the output where every score is -80,000 before it is scaled"
    expect.close(student.call(part, x), wanted, looked_at=looked_at)
    x[:, 1:, 0] = -1.0
    looked_at = "the output where the first word's own score is far below those that it may not see"
    expect.close(student.call(part, x), right(sizes, weights, x), looked_at=looked_at)


def check_alone(student: Student, sizes: Sizes) -> None:
    part, weights = a_module(student, sizes)
    x = some_x(sizes)
    wanted = right(sizes, weights, x)
    for b in range(sizes.B):
        found = student.call(part, x[b : b + 1])
        expect.close(found, wanted[b : b + 1], looked_at=f"sequence {b} of {sizes.B} on its own")


def check_memory(student: Student, sizes: Sizes) -> None:
    part, weights = a_module(student, sizes)
    x = some_x(sizes)
    memory_order(student, part, x, right(sizes, weights, x), str(sizes))


def check_slopes(student: Student, sizes: Sizes) -> None:
    part, weights = a_module(student, sizes, bias=True)
    x, rates = some_x(sizes), torch.randn(sizes.B, sizes.T, sizes.d_out)
    found = slopes_of(student, part, x, rates)
    for name, slope in right_slopes(x, rates, weights, heads=sizes.heads or 1).items():
        expect.close(found.get(name), slope, looked_at=f"the gradient of {name}", tol=1e-4)


def check_mask(student: Student, sizes: Sizes) -> None:
    """A buffer that tells what is above the diagonal from the rest, in ones, True or -inf."""
    for longer in (0, 3):
        size = sizes.context + longer
        part, _ = a_module(student, replace(sizes, context=size))
        buffers = student.run("dict(part.named_buffers())", part=part)
        mask = buffers.get("mask") if isinstance(buffers, dict) else None
        looked_at = f"the buffer mask of {sizes.name}, context_length={size}"
        holds(mask is not None, looked_at, "a buffer of this name", "none of this name")
        check_triangle(mask, size, looked_at)


def check_triangle(mask: Any, size: int, looked_at: str) -> None:
    expect.tensor(mask, shape=(size, size), looked_at=looked_at)
    above = torch.ones(size, size).triu(1).bool()
    hidden, seen = mask.double()[above].unique(), mask.double()[~above].unique()
    holds(
        len(hidden) == len(seen) == 1 and bool(hidden[0] != seen[0]),
        looked_at,
        "one value above the diagonal, another elsewhere",
        f"above {expect.describe(hidden.tolist())}, elsewhere {expect.describe(seen.tolist())}",
    )


def check_dropout_set(student: Student, sizes: Sizes) -> None:
    for share in (0.15, 0.4):
        part, _ = a_module(student, sizes, dropout=share)
        looked_at = f"the layer dropout of {sizes.name}, asked for {share}"
        expect.equal(student.attr(part, "dropout.p"), share, looked_at=looked_at)


def check_dropout_off(student: Student, sizes: Sizes) -> None:
    part, weights = a_module(student, sizes, dropout=0.5)
    x = some_x(sizes)
    wanted = right(sizes, weights, x)
    expect.close(student.call(part, x), wanted, looked_at=f"{sizes}, dropout 0.5, after eval()")
    part, weights = a_module(student, sizes, dropout=0.0)
    student.call("train", on=part)
    wanted = right(sizes, weights, x)
    expect.close(student.call(part, x), wanted, looked_at=f"{sizes}, dropout 0.0, in training")


def check_draws(student: Student, sizes: Sizes) -> None:
    part, _ = a_module(student, sizes, dropout=0.5)
    student.call("train", on=part)
    x = some_x(sizes)
    found = [output(student, part, sizes, x) for _ in range(2)]
    holds(not near(*found), f"two calls of {sizes} in training, dropout 0.5", "others", "the same")


def check_dropped(student: Student, heads: int | None) -> None:
    """All scores are equal, all values 1: an output counts the weights that are left of its row."""
    B, T, p, size = 20, 12, 0.25, 2
    count = heads or 1
    d_out = size * count
    weights = {f"{name}.weight": torch.zeros(d_out, 3) for name in LAYERS}
    for weight in weights.values():
        weight[:, 0] = 1.0
    if heads:
        weights |= {"out_proj.weight": torch.eye(d_out), "out_proj.bias": torch.zeros(d_out)}
    sizes = Sizes(B, T, 3, d_out, T + 1, heads)
    part, _ = a_module(student, sizes, dropout=p, weights=weights)
    student.call("train", on=part)
    found = output(student, part, sizes, torch.ones(B, T, 3))
    seen = torch.arange(1, T + 1).double()[:, None, None]
    left = found.unflatten(-1, (count, size)) * (1 - p) * seen  # of the t + 1 weights of a row
    looked_at = f"{sizes.name} in training with dropout {p}, where all weights of a row are equal"
    whole = float((left - left.round()).abs().max()) < 1e-3
    holds(
        whole and near(left[..., 0].clone(), left[..., 1].clone()),
        looked_at,
        f"whole weights are dropped, the others divided by {1 - p}",
        "something else was dropped, or nothing",
    )
    share = float(left[..., 0].sum() / (B * count * seen.sum()))  # deviation 0.011 of 1,560 weights
    holds(abs(share - (1 - p)) < 0.06, looked_at, f"about {1 - p} of them are left", f"{share:.2f}")
    rows = left[..., 0].transpose(0, -1).flatten(1)  # head, then all its rows
    holds(
        not any(near(rows[h], rows[0]) for h in range(1, count)),
        looked_at,
        "other weights dropped in each head",
        "the same in two heads",
    )


# causal

CAUSAL = Sizes(2, 6, 5, 3, 8)


@core
def test_causal__against_torch(student):
    check_values(student, Sizes(3, 5, 10, 4, 7))
    check_values(student, Sizes(2, 6, 4, 7, 6), bias=True)


def test_causal__where_all_sizes_agree(student):
    check_values(student, Sizes(4, 4, 4, 4, 7))


def test_causal__a_later_word_leaves_the_earlier_alone(student):
    check_no_future(student, Sizes(2, 6, 9, 4, 8))


def test_causal__any_length_up_to_context_length(student):
    check_lengths(student, Sizes(2, 7, 5, 3, 7))


def test_causal__the_past_is_a_set(student):
    check_past_is_a_set(student, Sizes(2, 6, 5, 4, 9))


def test_causal__a_hidden_score_gets_nothing_at_all(student):
    check_hidden_scores(student, Sizes(2, 6, 7, 4, 9))


def test_causal__each_sequence_alone(student):
    check_alone(student, Sizes(3, 4, 5, 2, 6))


def test_causal__x_that_is_not_contiguous_and_stays(student):
    check_memory(student, CAUSAL)


def test_causal__gradients_reach_every_layer(student):
    check_slopes(student, CAUSAL)


def test_causal__owns_three_layers(student):
    for bias in (False, True):
        part = new(student, "CausalAttention", 5, 7, 6, 0.1, **({"qkv_bias": True} if bias else {}))
        what = f"CausalAttention(5, 7, 6, 0.1, qkv_bias={bias})"
        owns(student, part, layer_shapes(5, 7, bias), what)


def test_causal__the_mask_is_a_buffer(student):
    check_mask(student, CAUSAL)


def test_causal__has_the_dropout_that_it_is_given(student):
    check_dropout_set(student, CAUSAL)


def test_causal__no_dropout_after_eval(student):
    check_dropout_off(student, CAUSAL)


def test_causal__each_call_in_training_draws_anew(student):
    check_draws(student, CAUSAL)


def test_causal__dropout_falls_on_the_weights(student):
    check_dropped(student, None)


# wrapper: with the student's own CausalAttention, or a right one where that cannot be used

RIGHT_CAUSAL = """
from torch import nn
from torch.nn import functional as F

class CausalAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        self.asked = [d_in, d_out, context_length, dropout, bool(qkv_bias)]
        for name in "W_query", "W_key", "W_value":
            setattr(self, name, nn.Linear(d_in, d_out, bias=qkv_bias))

    def forward(self, x):
        q, k, v = self.W_query(x), self.W_key(x), self.W_value(x)
        return F.scaled_dot_product_attention(q, k, v, is_causal=True)

CausalAttention
"""


def usable_head(student: Student, sizes: Sizes, bias: bool) -> bool:
    """Whether the student's CausalAttention gives something steady of the right shape."""
    try:
        head = student.new("CausalAttention", sizes.d_in, sizes.d_out, sizes.context, 0.0, bias)
        student.call("eval", on=head)
        x = some_x(sizes)
        found = [student.call(head, x) for _ in range(2)]
    except StudentError:
        return False
    shape = (sizes.B, sizes.T, sizes.d_out)
    fits = [isinstance(f, Tensor) and tuple(f.shape) == shape for f in found]
    return all(fits) and found[0].is_floating_point() and same(*found)


def a_wrapper(
    student: Student, sizes: Sizes, dropout: float = 0.0, bias: bool = False, own: bool = False
) -> Handle:
    """A MultiHeadAttentionWrapper in eval mode; of right heads unless `own` ones can be used."""
    if not (own and usable_head(student, sizes, bias)):
        student.set(CausalAttention=student.run(RIGHT_CAUSAL))
    arguments = (sizes.d_in, sizes.d_out, sizes.context, dropout, sizes.heads)
    named = {"qkv_bias": True} if bias else {}
    return new(student, "MultiHeadAttentionWrapper", *arguments, **named)


def of_wrapper(sizes: Sizes) -> str:
    shape = (sizes.B, sizes.T, sizes.d_in)
    return f"{sizes.heads} heads from {sizes.d_in} to {sizes.d_out} numbers, x {shape}"


def wide(sizes: Sizes) -> tuple[int, ...]:
    return sizes.B, sizes.T, sizes.heads * sizes.d_out


def wrapper_state(student: Student, part: Handle, sizes: Sizes, bias: bool = False):
    """Load weights into right heads; returns those of each."""
    each = [some_weights(sizes.d_in, sizes.d_out, bias) for _ in range(sizes.heads)]
    named = {f"heads.{h}.{name}": w for h, own in enumerate(each) for name, w in own.items()}
    load(student, part, named, of_wrapper(sizes))
    return each


WRAPPED = Sizes(2, 6, 5, 3, 8, 4)


@core
def test_wrapper__its_own_heads_side_by_side(student):
    for sizes, bias in ((Sizes(2, 5, 3, 4, 7, 3), False), (Sizes(3, 4, 6, 2, 4, 2), True)):
        part = a_wrapper(student, sizes, bias=bias, own=True)
        x = some_x(sizes)
        found = floats(student.call(part, x), wide(sizes), of_wrapper(sizes))
        shape = (sizes.B, sizes.T, sizes.d_out)
        each = [
            floats(
                student.call(made(student.attr(part, f"heads.{h}"), "a head"), x),
                shape,
                f"what head {h} gives",
            )
            for h in range(sizes.heads)
        ]
        expect.close(found, torch.cat(each, dim=-1), looked_at=f"the output of {of_wrapper(sizes)}")


def test_wrapper__against_torch_with_right_heads(student):
    part = a_wrapper(student, WRAPPED, bias=True)
    each = wrapper_state(student, part, WRAPPED, bias=True)
    x = some_x(WRAPPED)
    wanted = torch.cat([attended(x, weights) for weights in each], dim=-1)
    expect.close(student.call(part, x), wanted, looked_at=of_wrapper(WRAPPED))


def test_wrapper__where_all_sizes_agree(student):
    sizes = Sizes(3, 3, 3, 3, 5, 3)
    part = a_wrapper(student, sizes)
    each = wrapper_state(student, part, sizes)
    x = some_x(sizes)
    wanted = torch.cat([attended(x, weights) for weights in each], dim=-1)
    expect.close(student.call(part, x), wanted, looked_at=of_wrapper(sizes))


def test_wrapper__each_head_has_its_own_columns(student):
    sizes = Sizes(2, 5, 4, 3, 6, 4)
    part = a_wrapper(student, sizes)
    each, x = wrapper_state(student, part, sizes), some_x(sizes)
    before = floats(student.call(part, x), wide(sizes), of_wrapper(sizes))
    other = {f"heads.2.{name}": -w for name, w in each[2].items()}
    load(student, part, other, "head 2")
    after = floats(student.call(part, x), wide(sizes), of_wrapper(sizes))
    moved = (after - before).abs().amax(dim=(0, 1)).gt(1e-6).nonzero().flatten().tolist()
    expect.equal(moved, [6, 7, 8], looked_at="the columns that change with the weights of head 2")


def test_wrapper__a_later_word_leaves_the_earlier_alone(student):
    part, x = a_wrapper(student, WRAPPED), some_x(WRAPPED)
    before = floats(student.call(part, x), wide(WRAPPED), of_wrapper(WRAPPED))
    x[1, 4] += 3.0
    after = floats(student.call(part, x), wide(WRAPPED), of_wrapper(WRAPPED))
    moved = (after - before).abs().amax(dim=-1).gt(1e-6).nonzero().tolist()
    expect.equal(moved, [[1, 4], [1, 5]], looked_at="the words that change when word [1, 4] does")


def test_wrapper__each_head_is_asked_for_the_same(student):
    others = Sizes(2, 6, 4, 6, 11, 3)
    for sizes, dropout, bias in ((WRAPPED, 0.35, True), (others, 0.2, False)):
        part = a_wrapper(student, sizes, dropout, bias)
        for h in range(sizes.heads):
            expect.equal(
                student.attr(part, f"heads.{h}.asked"),
                [sizes.d_in, sizes.d_out, sizes.context, dropout, bias],
                looked_at=f"d_in, d_out, context_length, dropout and qkv_bias of head {h}",
            )


def test_wrapper__owns_the_layers_of_all_heads(student):
    for bias in (False, True):
        part = a_wrapper(student, WRAPPED, bias=bias)
        shapes = {
            f"heads.{h}.{name}": shape
            for h in range(WRAPPED.heads)
            for name, shape in layer_shapes(WRAPPED.d_in, WRAPPED.d_out, bias).items()
        }
        owns(student, part, shapes, f"{WRAPPED.heads} heads, qkv_bias={bias}")
        count = student.run("len({id(head) for head in part.heads})", part=part)
        expect.equal(count, WRAPPED.heads, looked_at="how many different heads there are")


def test_wrapper__gradients_reach_every_head(student):
    part = a_wrapper(student, WRAPPED)
    wrapper_state(student, part, WRAPPED)
    found = slopes_of(student, part, some_x(WRAPPED), torch.randn(wide(WRAPPED)))
    expect.equal(len(found), 3 * WRAPPED.heads, looked_at="how many matrices can learn")
    still = [
        name
        for name, slope in found.items()
        if not isinstance(slope, Tensor) or not float(slope.abs().max()) > 0
    ]
    expect.equal(still, [], looked_at="the matrices without a gradient")


def test_wrapper__dropout_is_the_business_of_the_heads(student):
    part, x = a_wrapper(student, WRAPPED, dropout=0.5), some_x(WRAPPED)
    calm = floats(student.call(part, x), wide(WRAPPED), of_wrapper(WRAPPED))
    student.call("train", on=part)
    expect.equal(
        [student.attr(part, f"heads.{h}.training") for h in range(WRAPPED.heads)],
        [True] * WRAPPED.heads,
        looked_at="heads in training mode after wrapper.train()",
    )
    found = student.call(part, x)
    expect.close(found, calm, looked_at="the output in training, of heads that drop nothing")
    modes = [student.attr(part, "training"), student.attr(part, "heads.0.training")]
    expect.equal(modes, [True, True], looked_at="training mode of wrapper and head after a call")


def test_wrapper__x_that_is_not_contiguous_and_stays(student):
    part = a_wrapper(student, WRAPPED)
    each, x = wrapper_state(student, part, WRAPPED), some_x(WRAPPED)
    wanted = torch.cat([attended(x, weights) for weights in each], dim=-1)
    memory_order(student, part, x, wanted, of_wrapper(WRAPPED))


# multi_head

MANY = Sizes(2, 6, 5, 12, 8, 3)


@core
def test_multi_head__against_torch(student):
    check_values(student, Sizes(2, 5, 7, 12, 8, 3))
    check_values(student, Sizes(3, 4, 10, 6, 4, 2), bias=True)


def test_multi_head__against_the_library(student):
    sizes = Sizes(3, 7, 8, 8, 10, 4)
    part, weights = a_module(student, sizes, bias=True)
    library = MultiHeadAttention(8, 8, 10, 0.0, 4, qkv_bias=True)
    library.load_state_dict(weights)
    x = some_x(sizes)
    with torch.no_grad():
        wanted = library.double()(x.double())
    expect.close(student.call(part, x), wanted, looked_at=f"{sizes}, against the library")


def test_multi_head__where_all_sizes_agree(student):
    check_values(student, Sizes(3, 3, 9, 9, 5, 3))


def test_multi_head__a_single_head(student):
    check_values(student, Sizes(2, 5, 3, 4, 6, 1))


def test_multi_head__as_many_heads_as_numbers(student):
    check_values(student, Sizes(2, 4, 3, 5, 7, 5))


def test_multi_head__one_word_gives_its_own_value_projected(student):
    sizes = Sizes(3, 1, 4, 6, 5, 2)
    part, weights = a_module(student, sizes, bias=True)
    x = some_x(sizes)
    wanted = linear(linear(x, weights, "W_value"), weights, "out_proj")
    expect.close(student.call(part, x), wanted, looked_at=f"{sizes}, a single word")


def test_multi_head__a_later_word_leaves_the_earlier_alone(student):
    check_no_future(student, MANY)


def test_multi_head__any_length_up_to_context_length(student):
    check_lengths(student, Sizes(2, 7, 5, 6, 7, 3))


def test_multi_head__the_past_is_a_set(student):
    check_past_is_a_set(student, MANY)


def test_multi_head__a_hidden_score_gets_nothing_at_all(student):
    check_hidden_scores(student, Sizes(2, 6, 7, 6, 9, 3))


def test_multi_head__each_head_has_its_own_numbers(student):
    sizes = Sizes(2, 5, 4, 6, 7, 3)
    weights = some_weights(4, 6, bias=False)
    weights |= {"out_proj.weight": torch.eye(6), "out_proj.bias": torch.zeros(6)}
    x = some_x(sizes)
    for name in LAYERS:
        part, _ = a_module(student, sizes, weights=weights)
        before = output(student, part, sizes, x)
        other = weights[f"{name}.weight"].clone()
        other[2:4] *= -1.5  # those of head 1
        part, _ = a_module(student, sizes, weights=weights | {f"{name}.weight": other})
        change = (output(student, part, sizes, x) - before).abs().amax(dim=(0, 1))
        moved = change.gt(1e-6).nonzero().flatten().tolist()
        looked_at = f"with out_proj changing nothing: numbers that move with {name} of head 1"
        expect.equal(moved, [2, 3], looked_at=looked_at)


def test_multi_head__heads_may_change_places(student):
    sizes = Sizes(2, 5, 4, 12, 7, 3)
    part, weights = a_module(student, sizes)
    x = some_x(sizes)
    before = output(student, part, sizes, x)
    order = torch.arange(12).view(3, 4)[[2, 0, 1]].flatten()
    other = {f"{name}.weight": weights[f"{name}.weight"][order] for name in LAYERS}
    other["out_proj.weight"] = weights["out_proj.weight"][:, order]
    part, _ = a_module(student, sizes, weights=weights | other)
    looked_at = "the output when the heads change places, and out_proj's columns with them"
    expect.close(student.call(part, x), before, looked_at=looked_at)
    holds(float(before.abs().max()) > 0.1, "the output", "numbers that are not 0", "zeros")
    changed = not near(before[0], before[1])
    holds(changed, "the outputs for two texts", "different ones", "the same")


def test_multi_head__each_sequence_alone(student):
    check_alone(student, Sizes(3, 4, 5, 8, 6, 2))


def test_multi_head__x_that_is_not_contiguous_and_stays(student):
    check_memory(student, MANY)


def test_multi_head__gradients_reach_every_layer(student):
    check_slopes(student, MANY)


def test_multi_head__owns_four_layers(student):
    for bias, heads in ((False, 2), (True, 5)):
        named = {"qkv_bias": True} if bias else {}
        part = new(student, "MultiHeadAttention", 7, 10, 6, 0.1, heads, **named)
        shapes = layer_shapes(7, 10, bias) | {"out_proj.weight": (10, 10), "out_proj.bias": (10,)}
        owns(student, part, shapes, f"MultiHeadAttention(7, 10, 6, 0.1, {heads}, qkv_bias={bias})")


def test_multi_head__the_mask_is_a_buffer(student):
    check_mask(student, MANY)


def test_multi_head__refuses_numbers_that_the_heads_cannot_share(student):
    for d_in, d_out, heads in ((9, 10, 3), (6, 7, 2), (4, 2, 4)):
        raised = "no error"
        try:
            student.new("MultiHeadAttention", d_in, d_out, 6, 0.0, heads)
        except StudentError as error:
            raised = error.type
        holds(
            raised in ("ValueError", "AssertionError"),
            f"MultiHeadAttention({d_in}, {d_out}, 6, 0.0, num_heads={heads})",
            "an AssertionError or a ValueError: the heads cannot share so many numbers",
            raised,
        )
    new(student, "MultiHeadAttention", 5, 6, 4, 0.0, 3)  # and what they can share is taken


def test_multi_head__has_the_dropout_that_it_is_given(student):
    check_dropout_set(student, MANY)


def test_multi_head__no_dropout_after_eval(student):
    check_dropout_off(student, MANY)


def test_multi_head__each_call_in_training_draws_anew(student):
    check_draws(student, MANY)


def test_multi_head__dropout_falls_on_the_weights_of_each_head(student):
    check_dropped(student, 3)
