"""Hidden tests of lab07_gpt_model: for each item values against an oracle, properties, structure.

The oracles are arithmetic, torch and gptlab.gpt. What a part that is made of parts should give is
worked out from the student's own parts, called one by one; where one of these cannot be used at
all, a right one stands in for it, so that a mistake costs once. Only the item `whole` asks for all
of it together, with the weights of gptlab.tiny, and says which part is at fault.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from autograder import expect
from autograder.bridge import StudentError
from autograder.hidden.modules import (
    a_part,
    any_memory_order,
    bends_alike,
    each_row_alone,
    every_weight_learns,
    floats,
    has_weights,
    own_weights,
    shaken,
    weights_of,
    works,
)
from autograder.reply import a_number, argument, holds, made, pieces, plain, same
from autograder.values import Handle
from gptlab import gpt, gpt_layout, tiny
from gptlab.checks.core import CheckFailed

COVERS = ["gptlab.gpt", "gptlab.nano"]

core = pytest.mark.core

# Settings in which no two sizes are equal; dropout is there, and must be silent while evaluating.
CFG = {
    "vocab_size": 23,
    "context_length": 9,
    "emb_dim": 12,
    "n_heads": 3,
    "n_layers": 2,
    "drop_rate": 0.3,
    "qkv_bias": True,
}
OTHER = {
    "vocab_size": 17,
    "context_length": 11,
    "emb_dim": 10,
    "n_heads": 2,
    "n_layers": 3,
    "drop_rate": 0.2,
    "qkv_bias": False,
}


# layer_norm


@core
def test_layer_norm__against_torch(student):
    for B, T, C in ((2, 5, 7), (3, 4, 6)):
        part = a_part(student, "LayerNorm", C)
        x = torch.randn(B, T, C) * 3 + 2
        state = shaken(student, part)
        found = floats(student.call(part, x), (B, T, C), f"LayerNorm({C}), x {(B, T, C)}")
        scale, shift = (state.get(name) for name in ("scale", "shift"))
        floats(scale, (C,), "scale")
        floats(shift, (C,), "shift")
        expect.close(
            found,
            F.layer_norm(x, (C,), scale, shift),
            looked_at=f"LayerNorm({C}) with a scale that is not 1 and a shift that is not 0",
        )


def test_layer_norm__mean_0_and_variance_1_at_first(student):
    B, T, C = 4, 3, 8
    part = a_part(student, "LayerNorm", C)
    found = floats(
        student.call(part, torch.randn(B, T, C) * 5 - 3), (B, T, C), "the output of a new LayerNorm"
    )
    expect.close(found.mean(-1), torch.zeros(B, T), looked_at="the mean of each position")
    expect.close(
        found.var(-1, unbiased=False),
        torch.ones(B, T),
        looked_at="the variance of each position: the mean of the squares",
        tol=1e-4,
    )


def test_layer_norm__eps_counts_where_numbers_are_small(student):
    C = 6
    part = a_part(student, "LayerNorm", C)
    for size in (0.03, 0.003):
        x = torch.randn(2, 3, C) * size
        found = floats(student.call(part, x), (2, 3, C), "the output")
        expect.close(
            found,
            F.layer_norm(x, (C,), eps=1e-5),
            looked_at=f"LayerNorm({C}), x about {size}: the variance is near eps",
        )


def test_layer_norm__equal_numbers_give_the_shift(student):
    C = 5
    part = a_part(student, "LayerNorm", C)
    state = shaken(student, part)
    x = torch.tensor([[[3.0], [-2.0]], [[0.0], [1.0]]]).expand(2, 2, C).contiguous()
    found = student.call(part, x)
    shift = floats(state.get("shift"), (C,), "shift")
    expect.close(
        found, shift.expand(2, 2, C), looked_at="the output where all numbers of x are equal"
    )


def test_layer_norm__neither_level_nor_size_matters(student):
    B, T, C = 2, 4, 9
    part, x = a_part(student, "LayerNorm", C), torch.randn(B, T, C) * 50
    shaken(student, part)
    found = floats(student.call(part, x), (B, T, C), "the output for x")
    lifted = student.call(part, x + 30)
    expect.close(lifted, found, looked_at="the output for x + 30", tol=1e-4)
    larger = student.call(part, 8 * x)
    expect.close(larger, found, looked_at="the output for 8 x", tol=1e-4)


def test_layer_norm__each_position_alone(student):
    part, x = a_part(student, "LayerNorm", 7), torch.randn(3, 4, 7)
    shaken(student, part)
    each_row_alone(student, part, x)


def test_layer_norm__any_number_of_axes(student):
    C = 6
    part = a_part(student, "LayerNorm", C)
    state = shaken(student, part)
    for shape in ((C,), (4, C), (2, 3, 5, C)):
        x = torch.randn(shape)
        found = student.call(part, x)
        scale, shift = (floats(state.get(name), (C,), name) for name in ("scale", "shift"))
        expect.close(
            found, F.layer_norm(x, (C,), scale, shift), looked_at=f"the output for x {shape}"
        )
    any_memory_order(student, part, torch.randn(4, 5, C), (4, 5, C))


def test_layer_norm__owns_scale_and_shift(student):
    for C in (6, 13):
        part = a_part(student, "LayerNorm", C)
        has_weights(student, part, {"scale": (C,), "shift": (C,)}, f"LayerNorm({C})")
        state = weights_of(student, part)
        expect.close(state["scale"], torch.ones(C), looked_at="scale of a new LayerNorm")
        expect.close(state["shift"], torch.zeros(C), looked_at="shift of a new LayerNorm")
        expect.close(student.attr(part, "eps"), 1e-5, looked_at="eps", tol=1e-9)


SLOPE_OF = """
x = x.clone().requires_grad_()
(part(x) * rates).sum().backward()
x.grad
"""


OTHER_EPS = """
part.eps = 0.5
part(x)
"""


def test_layer_norm__its_own_eps_is_the_one_that_counts(student):
    C = 6
    part, x = a_part(student, "LayerNorm", C), torch.randn(2, 3, C)
    found = student.run(OTHER_EPS, part=part, x=x)
    expect.close(found, F.layer_norm(x, (C,), eps=0.5), looked_at="the output after eps = 0.5")


def test_layer_norm__its_slope(student):
    C = 6
    part, x, rates = a_part(student, "LayerNorm", C), torch.randn(3, 4, C), torch.randn(3, 4, C)
    found = student.run(SLOPE_OF, part=part, x=x, rates=rates)
    known = x.clone().requires_grad_()
    (F.layer_norm(known, (C,)) * rates).sum().backward()
    expect.close(found, known.grad, looked_at="the slope of LayerNorm, which training needs")


def test_layer_norm__every_weight_learns(student):
    part = a_part(student, "LayerNorm", 5)
    every_weight_learns(student, part, torch.randn(3, 4, 5), (3, 4, 5), 2)


# gelu


@core
def test_gelu__against_torch(student):
    part = a_part(student, "GELU")
    for x in (torch.linspace(-6, 6, 96).view(4, 3, 8), torch.randn(2, 5, 7) * 2):
        found = floats(student.call(part, x), tuple(x.shape), f"GELU, x {tuple(x.shape)}")
        expect.close(found, F.gelu(x, approximate="tanh"), looked_at=f"GELU for x {tuple(x.shape)}")


def test_gelu__no_number_of_it_is_rounded(student):
    part, x = a_part(student, "GELU"), torch.linspace(-1.5, 1.5, 61)
    found = floats(student.call(part, x), (61,), "the output from -1.5 to 1.5")
    expect.close(
        found,
        F.gelu(x.double(), approximate="tanh").float(),
        looked_at="GELU to six places",
        tol=1e-6,
    )


def test_gelu__of_x_less_that_of_minus_x_is_x(student):
    part, x = a_part(student, "GELU"), torch.randn(4, 6) * 3
    there, back = (floats(student.call(part, given), (4, 6), "the output") for given in (x, -x))
    expect.close(there - back, x, looked_at="GELU(x) - GELU(-x)")


def test_gelu__far_out_it_is_x_or_0(student):
    part = a_part(student, "GELU")
    x = torch.tensor([0.0, 12.0, 45.0, 200.0, -12.0, -45.0, -200.0])
    found = student.call(part, x)
    expect.close(found, x.clamp(min=0), looked_at=f"GELU of {x.tolist()}")


def test_gelu__falls_below_0_and_rises_again(student):
    part, x = a_part(student, "GELU"), torch.linspace(-4, 0, 401)
    found = floats(student.call(part, x), (401,), "the output from -4 to 0")
    low = int(found.argmin())
    expect.close(float(x[low]), -0.75, looked_at="where the lowest output lies", tol=0.02)
    expect.close(float(found[low]), -0.17004, looked_at="the lowest output", tol=1e-5)


def test_gelu__number_by_number_in_any_shape(student):
    part = a_part(student, "GELU")
    for shape in ((7,), (3, 2), (2, 3, 4, 5)):
        x = torch.randn(shape)
        found = floats(student.call(part, x), shape, f"the output for x {shape}")
        alone = student.call(part, x.flatten()[3:4])
        expect.close(alone, found.flatten()[3:4].clone(), looked_at="one number on its own")
    any_memory_order(student, part, torch.randn(4, 5, 3), (4, 5, 3))


def test_gelu__its_slope(student):
    part, x = a_part(student, "GELU"), torch.linspace(-4, 4, 33)
    found = student.run(SLOPE_OF, part=part, x=x, rates=torch.ones(33))
    known = x.clone().requires_grad_()
    F.gelu(known, approximate="tanh").sum().backward()
    expect.close(found, known.grad, looked_at="the slope of GELU, which training needs")


def test_gelu__learns_nothing(student):
    part = a_part(student, "GELU")
    expect.equal(len(weights_of(student, part)), 0, looked_at="how many weights GELU has")
    student.call("train", on=part)
    x = torch.randn(5, 4)
    found = student.call(part, x)
    expect.close(found, F.gelu(x, approximate="tanh"), looked_at="GELU while training")


# feed_forward

# Right parts; those with weights are of another kind: the past's mean in the place of attention,
# one layer for feed-forward. Each notes what it was asked for, or is given.
STAND_INS = """
import torch
from torch import nn
from torch.nn import functional as F

class StandInNorm(nn.Module):
    def __init__(self, emb_dim):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(emb_dim))
        self.shift = nn.Parameter(torch.zeros(emb_dim))

    def forward(self, x):
        return F.layer_norm(x, self.scale.shape, self.scale, self.shift)

class StandInBend(nn.Module):
    def forward(self, x):
        return F.gelu(x, approximate="tanh")

class StandInAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        self.asked = [d_in, d_out, context_length, dropout, num_heads, qkv_bias]
        self.mix = nn.Linear(d_in, d_out)

    def forward(self, x):
        places = torch.arange(1, x.shape[1] + 1, device=x.device)
        return self.mix(x.cumsum(1) / places[:, None])

class StandInThinking(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.think = nn.Linear(cfg["emb_dim"], cfg["emb_dim"])

    def forward(self, x):
        return self.think(x.relu())

class StandInBlock(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.asked = dict(cfg)
        self.att = StandInAttention(cfg["emb_dim"], cfg["emb_dim"], 0, 0, 0)

    def forward(self, x):
        self.fed = x.detach()
        return x + self.att(x)

StandInNorm, StandInBend, StandInAttention, StandInThinking, StandInBlock
"""
NAMES = ("LayerNorm", "GELU", "MultiHeadAttention", "FeedForward", "TransformerBlock")


def stand_ins(student: Any, *names: str) -> None:
    """Put right parts in the place of these."""
    right = dict(zip(NAMES, student.run(STAND_INS), strict=True))
    student.set(**{name: right[name] for name in names})


def use_parts(student: Any, cfg: dict, *names: str) -> None:
    """Leave the student's own parts where they can be used, else put right ones in their place.

    In the order in which one is made of the other.
    """
    C = cfg["emb_dim"]
    sizes = (C, C, cfg["context_length"], cfg["drop_rate"], cfg["n_heads"], cfg["qkv_bias"])
    arguments = {"LayerNorm": (C,), "GELU": (), "MultiHeadAttention": sizes}
    for name in names:
        if not works(student, name, arguments.get(name, (cfg,)), torch.randn(2, 4, C)):
            stand_ins(student, name)


def thinker(student: Any, width: int) -> Handle:
    """The student's FeedForward of this width, with a right GELU in it."""
    stand_ins(student, "GELU")
    return a_part(student, "FeedForward", CFG | {"emb_dim": width})


def linear_weights(state: dict, width: int) -> list[torch.Tensor]:
    """Weight and bias of the first layer, then of the second."""
    found = [state.get(f"layers.{place}.{kind}") for place in (0, 2) for kind in ("weight", "bias")]
    rows = len(found[0]) if isinstance(found[0], torch.Tensor) and found[0].ndim else 0
    shapes = ((rows, width), (rows,), (width, rows), (width,))
    names = ("the first weight", "the first bias", "the second weight", "the second bias")
    for value, shape, name in zip(found, shapes, names, strict=True):
        floats(value, shape, f"{name} of layers")
    return found


@core
def test_feed_forward__wider_gelu_and_back(student):
    for B, T, width in ((2, 5, 6), (3, 4, 7)):
        part, x = thinker(student, width), torch.randn(B, T, width)
        state = shaken(student, part)
        looked_at = f"FeedForward, emb_dim {width}, x {tuple(x.shape)}"
        found = floats(student.call(part, x), (B, T, width), looked_at)
        w1, b1, w2, b2 = linear_weights(state, width)
        hidden = F.gelu(F.linear(x, w1, b1), approximate="tanh")
        expect.close(found, F.linear(hidden, w2, b2), looked_at=looked_at)


@core
def test_feed_forward__its_own_layers_one_after_the_other(student):
    for B, T, cfg in ((2, 5, CFG), (3, 4, OTHER)):
        use_parts(student, cfg, "GELU")
        part, x = a_part(student, "FeedForward", cfg), torch.randn(B, T, cfg["emb_dim"])
        shaken(student, part)
        found = floats(student.call(part, x), tuple(x.shape), "the output")
        wanted = x
        for place in range(3):
            name = f"layers.{place}"
            wanted = student.call(made(student.attr(part, name), name), wanted)
        wanted = floats(wanted, tuple(x.shape), "what the last of layers gives")
        expect.close(found, wanted, looked_at="the output, by its own layers")


def test_feed_forward__is_four_times_as_wide_inside(student):
    for width in (5, 8):
        part = thinker(student, width)
        shapes = {
            "layers.0.weight": (4 * width, width),
            "layers.0.bias": (4 * width,),
            "layers.2.weight": (width, 4 * width),
            "layers.2.bias": (width,),
        }
        has_weights(student, part, shapes, f"FeedForward, emb_dim {width},")
    own_weights(student, part, "FeedForward")


def test_feed_forward__each_position_alone(student):
    part, x = thinker(student, 6), torch.randn(3, 5, 6)
    shaken(student, part)
    each_row_alone(student, part, x)
    any_memory_order(student, part, x, (3, 5, 6))


def test_feed_forward__what_bends_is_the_same_on_either_side(student):
    part, shape = thinker(student, 4), (1, 3, 4)
    state = {
        name: torch.zeros(w.shape) if w.ndim == 1 else torch.randn(w.shape)
        for name, w in weights_of(student, part).items()
    }
    student.load(part, state)


    def gives(x: torch.Tensor) -> torch.Tensor:
        return floats(student.call(part, x), shape, "the output without biases")

    bends_alike(gives, torch.randn(shape), "ff")


def test_feed_forward__every_weight_learns(student):
    every_weight_learns(student, thinker(student, 5), torch.randn(4, 7, 5), (4, 7, 5), 4)


def test_feed_forward__the_same_while_training(student):
    part, x = thinker(student, 6), torch.randn(2, 5, 6)
    shaken(student, part)
    calm = floats(student.call(part, x), (2, 5, 6), "the output in evaluation mode")
    student.call("train", on=part)
    expect.close(student.call(part, x), calm, looked_at="the output in training mode: no dropout")


# block


def a_block(student: Any, cfg: dict) -> Handle:
    """The student's TransformerBlock, made of right parts."""
    stand_ins(student, "LayerNorm", "MultiHeadAttention", "FeedForward")
    return a_part(student, "TransformerBlock", cfg)


@core
def test_block__its_parts_each_added_to_what_was_there(student):
    for B, T, cfg in ((2, 5, CFG), (3, 4, OTHER)):
        use_parts(student, cfg, "LayerNorm", "GELU", "MultiHeadAttention", "FeedForward")
        part, x = a_part(student, "TransformerBlock", cfg), torch.randn(B, T, cfg["emb_dim"])
        shaken(student, part)
        looked_at = f"TransformerBlock, x {tuple(x.shape)}"
        found, wanted = floats(student.call(part, x), tuple(x.shape), looked_at), x
        for norm, name in (("norm1", "att"), ("norm2", "ff")):
            normed = student.call(made(student.attr(part, norm), norm), wanted)
            floats(normed, tuple(x.shape), f"what {norm} gives")
            inner = student.call(made(student.attr(part, name), name), normed)
            wanted = wanted + floats(inner, tuple(x.shape), f"what {name} gives")
        expect.close(found, wanted, looked_at=f"{looked_at}, by its own parts")


def silenced(state: dict, *parts: str) -> dict:
    """The weights, with those of these parts at 0."""
    return {n: w * 0 if n.split(".")[0] in parts else w for n, w in state.items()}


def test_block__where_the_parts_say_nothing_x_comes_out(student):
    part, x = a_block(student, CFG), torch.randn(3, 5, 12)
    student.load(part, silenced(shaken(student, part), "att", "ff"))
    expect.close(student.call(part, x), x, looked_at="the output where att and ff give 0")


def test_block__norms_take_a_constant_away(student):
    part, x = a_block(student, OTHER), torch.randn(2, 4, 10)
    shaken(student, part)
    found = floats(student.call(part, x), (2, 4, 10), "the output for x")
    lifted = student.call(part, x + 2.0)
    expect.close(lifted, found + 2.0, looked_at="the output for x + 2: only x itself is lifted")


def test_block__each_part_by_itself(student):
    part, x = a_block(student, CFG), torch.randn(2, 5, 12)
    state = shaken(student, part)
    for silent, norm, name in (("ff", "norm1", "att"), ("att", "norm2", "ff")):
        student.load(part, silenced(state, silent))
        found = floats(student.call(part, x), (2, 5, 12), f"the output where {silent} gives 0")
        normed = student.call(made(student.attr(part, norm), norm), x)
        inner = student.call(made(student.attr(part, name), name), normed)
        inner = floats(inner, (2, 5, 12), f"what {name} gives")
        expect.close(found, x + inner, looked_at=f"the output where {silent} gives 0")


def test_block__dropout_falls_on_what_is_added(student):
    cfg, x = CFG | {"emb_dim": 24, "drop_rate": 0.6}, torch.randn(8, 9, 24)
    p, shape = 0.6, (8, 9, 24)
    part = a_block(student, cfg)
    state = shaken(student, part)
    for silent, name in (("ff", "att"), ("att", "ff")):
        student.call("eval", on=part)
        student.load(part, silenced(state, silent))
        calm, again = (floats(student.call(part, x), shape, "the output") for _ in range(2))
        expect.close(again, calm, looked_at="evaluation mode, a second time: no dropout")
        student.call("train", on=part)
        added = floats(student.call(part, x), shape, "the output in training mode") - x
        share = float((added == 0).float().mean())
        holds(  # of 1,728 numbers: the standard deviation is below 0.012
            abs(share - p) < 0.07,
            f"the share of what {name} adds that is dropped, drop_rate {p}",
            f"about {p}",
            f"{share:.2f}",
        )
        kept = added != 0
        expect.close(
            added[kept],
            ((calm - x) / (1 - p))[kept],
            looked_at=f"what {name} adds in training, where it is kept",
            tol=1e-4,
        )


def test_block__attention_is_asked_for_the_settings(student):
    for cfg in (CFG, OTHER):
        part = a_block(student, cfg)
        C = cfg["emb_dim"]
        asked = ("d_in", "d_out", "context_length", "dropout", "num_heads", "qkv_bias")
        wanted = [C, C, *(cfg[k] for k in ("context_length", "drop_rate", "n_heads", "qkv_bias"))]
        found = pieces(student.attr(part, "att.asked"), 6, "what MultiHeadAttention is asked for")
        for name, value, right in zip(asked, found, wanted, strict=True):
            expect.equal(value, right, looked_at=f"{name} of att, of the settings {cfg}")


def test_block__owns_two_norms(student):
    part, C = a_block(student, CFG), CFG["emb_dim"]
    shapes: dict[str, tuple] = {
        f"{norm}.{w}": (C,) for norm in ("norm1", "norm2") for w in ("scale", "shift")
    }
    for name in ("att.mix", "ff.think"):
        shapes |= {f"{name}.weight": (C, C), f"{name}.bias": (C,)}
    has_weights(student, part, shapes, "TransformerBlock")
    own_weights(student, part, "TransformerBlock")


def test_block__every_weight_learns(student):
    part = a_block(student, OTHER)
    every_weight_learns(student, part, torch.randn(3, 5, 10), (3, 5, 10), 8)


def test_block__earlier_positions_do_not_see_later_ones(student):
    part, x = a_block(student, CFG), torch.randn(3, 7, 12)
    shaken(student, part)
    before = floats(student.call(part, x), (3, 7, 12), "the output")
    other = x.clone()
    other[1, 5] = torch.randn(12)
    after = floats(student.call(part, other), (3, 7, 12), "the output")
    changed = (after - before).abs().amax(-1).gt(1e-6).nonzero().tolist()
    expect.equal(changed, [[1, 5], [1, 6]], looked_at="the outputs that change when x[1, 5] does")
    any_memory_order(student, part, x, (3, 7, 12))


# gpt_model


def model_of(student: Any, cfg: dict, own: bool = False) -> Handle:
    """The student's GPTModel, of the student's own parts or of right ones."""
    if own:
        use_parts(student, cfg, "LayerNorm", "GELU", "MultiHeadAttention", "FeedForward")
        use_parts(student, cfg, "TransformerBlock")
    else:
        stand_ins(student, "LayerNorm", "TransformerBlock")
    return a_part(student, "GPTModel", cfg)


def scores_of(student: Any, model: Handle, idx: torch.Tensor, size: int) -> torch.Tensor:
    return floats(student.call(model, idx), (*idx.shape, size), f"scores of idx {(*idx.shape,)}")


def tables(state: dict, cfg: dict) -> list[torch.Tensor]:
    """The tables of tokens and of positions."""
    C = cfg["emb_dim"]
    rows = {"tok_emb": cfg["vocab_size"], "pos_emb": cfg["context_length"]}
    return [
        floats(state.get(f"{name}.weight"), (count, C), f"the weight of {name}")
        for name, count in rows.items()
    ]


@core
def test_gpt_model__its_parts_one_after_the_other(student):
    B, T, cfg = 4, 5, CFG
    model, V = model_of(student, cfg, own=True), cfg["vocab_size"]
    shaken(student, model)
    state, idx = weights_of(student, model), torch.randint(V, (B, T))
    found = scores_of(student, model, idx, V)
    tok, pos = tables(state, cfg)
    y = tok[idx] + pos[:T]
    blocks = student.run("len(model.trf_blocks)", model=model)
    expect.equal(blocks, cfg["n_layers"], looked_at="how many blocks trf_blocks has")
    for name in [*(f"trf_blocks.{n}" for n in range(blocks)), "final_norm", "out_head"]:
        y = student.call(made(student.attr(model, name), name), y)
    wanted = floats(y, (B, T, V), "out_head of final_norm of the blocks")
    expect.close(found, wanted, looked_at="the scores, by the model's own parts", tol=1e-4)


def test_gpt_model__owns_what_it_says(student):
    for cfg in (CFG, OTHER):
        model, C, V = model_of(student, cfg), cfg["emb_dim"], cfg["vocab_size"]
        shapes: dict[str, tuple] = {
            "tok_emb.weight": (V, C),
            "pos_emb.weight": (cfg["context_length"], C),
            "final_norm.scale": (C,),
            "final_norm.shift": (C,),
            "out_head.weight": (V, C),
        }
        for layer in range(cfg["n_layers"]):
            shapes[f"trf_blocks.{layer}.att.mix.weight"] = (C, C)
            shapes[f"trf_blocks.{layer}.att.mix.bias"] = (C,)
        has_weights(student, model, shapes, "GPTModel")
        own_weights(student, model, "GPTModel")


def test_gpt_model__asks_for_n_layers_different_blocks(student):
    keys = ("emb_dim", "context_length", "n_heads", "drop_rate", "qkv_bias")
    for cfg in (CFG, OTHER):
        model = model_of(student, cfg)
        found = student.run("[block.asked for block in model.trf_blocks]", model=model)
        count = student.run("len({id(block) for block in model.trf_blocks})", model=model)
        expect.equal(count, cfg["n_layers"], looked_at="how many different blocks there are")
        right = isinstance(found, list) and all(
            isinstance(one, dict) and same({k: one.get(k) for k in keys}, {k: cfg[k] for k in keys})
            for one in found
        )
        holds(right, "what the blocks are asked for", "the settings of the model", "others")


def test_gpt_model__every_weight_learns(student):
    model, V = model_of(student, OTHER), OTHER["vocab_size"]
    every_weight_learns(student, model, torch.randint(V, (4, 9)), (4, 9, V), 11)


def test_gpt_model__a_position_is_known_by_its_place(student):
    V = CFG["vocab_size"]
    model = model_of(student, CFG)
    state = shaken(student, model)
    found = scores_of(student, model, torch.full((2, 5), 3), V)
    apart = (found[0, :, None] - found[0]).abs().amax(-1) + torch.eye(5)
    holds(
        float(apart.min()) > 1e-3,
        "the scores after five times the same token",
        "five different rows: the place counts",
        "rows that are alike",
    )
    expect.close(found[1], found[0].clone(), looked_at="the same in both sequences of the batch")
    _, pos = tables(state, CFG)
    idx = torch.tensor([[4], [7]])
    first = scores_of(student, model, idx, V)
    student.load(model, state | {"pos_emb.weight": pos[0].expand(9, 12).contiguous()})
    expect.close(
        scores_of(student, model, idx, V),
        first,
        looked_at="one token alone: the first row of pos_emb is read",
        tol=1e-4,
    )


def test_gpt_model__a_text_of_any_length_up_to_the_context(student):
    model, V = model_of(student, CFG), CFG["vocab_size"]
    shaken(student, model)
    idx = torch.randint(V, (3, 9))
    full = scores_of(student, model, idx, V)
    for T in (1, 4):
        part = scores_of(student, model, idx[:, :T], V)
        expect.close(part, full[:, :T].clone(), looked_at=f"the first {T} of 9 places", tol=1e-4)


def test_gpt_model__earlier_scores_do_not_see_later_tokens(student):
    model, V = model_of(student, CFG), CFG["vocab_size"]
    shaken(student, model)
    idx = torch.randint(V - 1, (3, 7))
    before = scores_of(student, model, idx, V)
    idx[2, 4] = V - 1
    after = scores_of(student, model, idx, V)
    changed = (after - before).abs().amax(-1).gt(1e-6).nonzero().tolist()
    expect.equal(changed, [[2, 4], [2, 5], [2, 6]], looked_at="what changes when idx[2, 4] does")
    any_memory_order(student, model, idx, (3, 7, V))


def test_gpt_model__the_last_norm_takes_the_scale_away(student):
    model, V = model_of(student, CFG), CFG["vocab_size"]
    state = shaken(student, model)
    state = silenced(state, "trf_blocks")
    student.load(model, state)
    idx = torch.randint(V, (2, 6))
    once = scores_of(student, model, idx, V)
    student.load(model, {name: w * 5 if "_emb" in name else w for name, w in state.items()})
    expect.close(
        scores_of(student, model, idx, V),
        once,
        looked_at="the scores where both tables are five times as large, and blocks add 0",
        tol=1e-3,
    )


def test_gpt_model__dropout_falls_on_the_sum_of_both_rows(student):
    p, B, T, C, V = 0.6, 8, 9, 24, 23
    cfg = CFG | {"emb_dim": C, "drop_rate": p}
    model = model_of(student, cfg)
    tok, pos = tables(shaken(student, model), cfg)
    idx = torch.randint(V, (B, T))
    student.call(model, idx)
    calm = tok[idx] + pos[:T]
    fed = floats(student.attr(model, "trf_blocks.0.fed"), (B, T, C), "what the blocks are given")
    expect.close(fed, calm, looked_at="what the blocks are given in evaluation mode")
    student.call("train", on=model)
    found = scores_of(student, model, idx, V)
    fed = floats(student.attr(model, "trf_blocks.0.fed"), (B, T, C), "what the blocks are given")
    share = float((fed == 0).float().mean())
    holds(  # of 1,728 numbers: the standard deviation is below 0.012
        abs(share - p) < 0.07,
        f"the share of zeros in what the blocks are given, in training, drop_rate {p}",
        f"about {p}",
        f"{share:.2f}",
    )
    kept = fed != 0
    expect.close(fed[kept], (calm / (1 - p))[kept], looked_at="what dropout kept", tol=1e-4)
    y = fed
    for name in [*(f"trf_blocks.{n}" for n in range(2)), "final_norm", "out_head"]:
        y = student.call(made(student.attr(model, name), name), y)
    expect.close(found, y, looked_at="the scores: nothing else is dropped here", tol=1e-4)


# A device that holds no numbers: what was made on another one cannot be used there.
ELSEWHERE = """
import torch

places = []
model = model.to("meta")
model.pos_emb.register_forward_pre_hook(
    lambda table, given: places.append(given[0].device.type)
)
scores = model(torch.zeros(2, 5, dtype=torch.int64, device="meta"))
scores.device.type, list(scores.shape), places
"""


def test_gpt_model__all_of_it_on_one_device(student):
    model = model_of(student, CFG)
    found = pieces(student.run(ELSEWHERE, model=model), 3, "a look at the devices")
    expect.equal(
        found[:2], ["meta", [2, 5, 23]], looked_at="the device of the scores on 'meta', and shape"
    )
    holds(  # nothing is noted where the table's rows are cut out
        isinstance(found[2], list) and set(found[2]) <= {"meta"},
        "the device of the places that pos_emb is asked for",
        "'meta', where idx and the model are",
        str(found[2])[:40],
    )


# whole: the student's parts put together


def oracle(cfg: dict, state: dict) -> gpt.GPTModel:
    """gptlab's model with these weights."""
    model = gpt.GPTModel(cfg)
    model.load_state_dict(state)
    return model.eval()


@cache
def trained() -> tuple[dict, nn.Module]:
    """The small trained GPT-2 of the library: its settings, in the words of the lab, and itself."""
    sizes = tiny.hparams()
    cfg = {
        "vocab_size": sizes["n_vocab"],
        "context_length": sizes["n_ctx"],
        "emb_dim": sizes["n_embd"],
        "n_heads": sizes["n_head"],
        "n_layers": sizes["n_layer"],
        "drop_rate": 0.1,
        "qkv_bias": True,
    }
    return cfg, oracle(cfg, gpt_layout.to_gpt(tiny.params()))


def random_state(cfg: dict) -> dict[str, torch.Tensor]:
    """Weights that nothing begins with, for these settings; the head is a table of its own."""
    shapes = {name: value.shape for name, value in gpt.GPTModel(cfg).state_dict().items()}
    return {
        name: torch.rand(shape) + 0.3 if len(shape) < 2 else torch.randn(shape) * 0.3
        for name, shape in shapes.items()
    }


def part_at_fault(student: Any) -> str:
    """A sentence that names the first part which gives something else than it should."""
    x, idx = torch.randn(2, 5, CFG["emb_dim"]), torch.randint(CFG["vocab_size"], (2, 5))
    C = CFG["emb_dim"]
    parts: list[tuple[str, tuple, nn.Module, torch.Tensor]] = [
        ("LayerNorm", (C,), gpt.LayerNorm(C), x * 0.05),  # small: eps counts
        ("GELU", (), gpt.GELU(), x),
        ("FeedForward", (CFG,), gpt.FeedForward(CFG), x),
        ("TransformerBlock", (CFG,), gpt.TransformerBlock(CFG), x),
        ("GPTModel", (CFG,), gpt.GPTModel(CFG), idx),
    ]
    for name, arguments, right, given in parts:
        try:
            if differs(student, name, arguments, right, given):
                return f"{name} gives something else than it should: mend that part first."
        except StudentError as error:
            return f"{name} raised {error.type} here: mend that part first."
        except CheckFailed:
            return f"{name} gives something else than it should: mend that part first."
        except RuntimeError:  # other names, other shapes
            return f"{name} does not own the weights that it should: mend that part first."
    return "The parts are right; look at how a_model puts them together."


def differs(
    student: Any, name: str, arguments: tuple, right: nn.Module, given: torch.Tensor
) -> bool:
    """Whether a part of the student's gives other numbers than the library's with its weights."""
    part = a_part(student, name, *arguments)
    state, known = shaken(student, part), right.state_dict()
    right.load_state_dict({key: value for key, value in state.items() if key in known})
    found = student.call(part, given)
    with torch.no_grad():
        wanted = right.eval()(given)
    found = floats(found, tuple(wanted.shape), name)
    return not torch.allclose(found, wanted, rtol=1e-5, atol=2e-5)


def blame(student: Any, looked_at: str, expected: str, found: str) -> None:
    """Fail, and name the part at fault."""
    expect.fail(looked_at, expected, found, part_at_fault(student))


# Made where it is used: what crosses is kept for the diagnosis, and these weights are large.
TRAINED = """
from torch import nn
from gptlab import gpt_layout, tiny

model = a_model(cfg, gpt_layout.to_gpt(tiny.params()))
model if isinstance(model, nn.Module) else type(model).__name__
"""


def whole_model(student: Any, cfg: dict, state: dict | None = None) -> Handle:
    """a_model(cfg, state), in a notebook whose own settings are not these.

    Without a state the weights are those of the small trained GPT-2.
    """
    student.set(GPT_CONFIG_124M=CFG | {"vocab_size": 29, "n_layers": 1})
    looked_at = "a_model(cfg, state)"
    try:
        if state is None:
            model = student.run(TRAINED, cfg=cfg)
        else:
            model = student.call("a_model", cfg, state)
    except StudentError as error:
        blame(student, looked_at, "a model", str(error))
    if not isinstance(model, Handle):
        blame(student, looked_at, "a model", expect.kind_of(model))
    return model


def like_the_library(
    student: Any, model: Handle, right: nn.Module, idx: torch.Tensor, what: str
) -> None:
    """The scores for idx are those of gptlab.gpt with the same weights."""
    looked_at = f"the scores for idx {tuple(idx.shape)}, {what}"
    wanted = "those of gptlab.gpt with the same weights"
    try:
        found = student.call(model, idx)
    except StudentError as error:
        blame(student, looked_at, wanted, str(error))
    with torch.no_grad():
        scores = right(idx)
    if not isinstance(found, torch.Tensor) or found.shape != scores.shape:
        blame(student, looked_at, wanted, expect.kind_of(found))
    apart = float((found.float() - scores).abs().max()) if not found.is_complex() else float("nan")
    if not apart < 1e-4:
        blame(student, looked_at, wanted, f"others, up to {apart:.2g} apart")


@core
def test_whole__the_scores_of_the_library_with_trained_weights(student):
    cfg, right = trained()
    idx = torch.randint(cfg["vocab_size"], (2, 13))
    model = whole_model(student, cfg)
    like_the_library(student, model, right, idx, "the weights of a small trained GPT-2")


def test_whole__other_settings_and_a_head_of_its_own(student):
    for cfg in (CFG, OTHER):
        idx = torch.randint(cfg["vocab_size"], (3, cfg["context_length"]))
        state, what = random_state(cfg), f"{cfg['n_layers']} blocks of {cfg['n_heads']} heads"
        like_the_library(student, whole_model(student, cfg, state), oracle(cfg, state), idx, what)


def test_whole__nothing_is_dropped(student):
    cfg = CFG | {"drop_rate": 0.5}
    model = whole_model(student, cfg, random_state(cfg))
    idx, looked_at = torch.randint(23, (3, 6)), "the scores, three times, drop_rate 0.5"
    try:
        found = [student.call(model, idx) for _ in range(3)]
    except StudentError as error:
        blame(student, looked_at, "three times the same", str(error))
    for other in found[1:]:
        if not same(other, found[0]):
            apart = "others each time: is dropout off?"
            blame(student, looked_at, "three times the same", apart)


def test_whole__a_weight_that_does_not_fit_is_an_error(student):
    state = random_state(CFG)
    lacking = {name: value for name, value in state.items() if name != "final_norm.shift"}
    unknown = state | {"trf_blocks.7.norm1.scale": torch.ones(12)}
    for given, what in ((lacking, "without final_norm.shift"), (unknown, "with an eighth block")):
        raised = ""
        try:
            student.call("a_model", CFG, given)
        except StudentError as error:
            raised = error.type
        holds(bool(raised), f"a_model with a state {what}", "an error", "a model, and not a word")


def test_whole__what_it_is_given_stays(student):
    cfg, state = dict(CFG), random_state(CFG)
    model = whole_model(student, cfg, state)
    expect.equal(argument(student, 0), CFG, looked_at="cfg after a_model(cfg, state)")
    after = argument(student, 1)
    kept = isinstance(after, dict) and [
        name for name in state if not same(after.get(name), state[name])
    ]
    expect.equal(kept, [], looked_at="the weights of state that were changed")
    found = student.run("isinstance(model, GPTModel)", model=model)
    expect.equal(found, True, looked_at="whether it is a GPTModel")
    try:
        owned = student.state(model)
    except StudentError as error:
        blame(student, "the weights of the model", "those of state", str(error))
    other = [name for name in state if not same(owned.get(name), state[name])]
    if other:
        blame(student, "the weights of the model", "those of state", f"not {', '.join(other[:3])}")


# count


def counted(cfg: dict, tied: bool = False) -> int:
    """How many numbers gptlab's model learns."""
    return _counted(tuple((cfg | {"tied": tied}).items()))


@cache
def _counted(settings: tuple) -> int:
    with torch.device("meta"):  # which holds no numbers
        return sum(p.numel() for p in gpt.GPTModel(dict(settings)).parameters())


def a_count(student: Any, cfg: dict, **tied: bool) -> int:
    """What count_parameters says, as a whole number; a float that is one will do."""
    found = a_number(student.call("count_parameters", cfg, **tied), "count_parameters(…)")
    holds(found.is_integer(), "count_parameters(…)", "a whole number", f"{found:.6g}")
    return int(found)


def sized(cfg: dict) -> str:
    keys = ("vocab_size", "context_length", "emb_dim", "n_layers", "qkv_bias")
    return ", ".join(f"{key} {cfg[key]}" for key in keys)


@core
def test_count__of_several_settings(student):
    for cfg in (CFG, OTHER, CFG | {"qkv_bias": False, "n_layers": 5}):
        for tied in (False, True):
            expect.equal(
                a_count(student, cfg, tied=tied),
                counted(cfg, tied),
                looked_at=f"the number of parameters, {sized(cfg)}, tied={tied}",
            )


def test_count__gpt_2(student):
    cfg = gpt.GPT_CONFIG_124M
    expect.equal(a_count(student, cfg), 163_009_536, looked_at="GPT_CONFIG_124M, not tied")
    expect.equal(a_count(student, cfg, tied=True), 124_412_160, looked_at="GPT_CONFIG_124M, tied")
    biased = a_count(student, cfg | {"qkv_bias": True}, tied=True)
    expect.equal(biased, 124_439_808, looked_at="the same with qkv_bias, as OpenAI's weights are")


def test_count__the_larger_ones(student):
    for size, changed in list(gpt.SIZES.items())[1:]:
        cfg = gpt.GPT_CONFIG_124M | changed | {"qkv_bias": True}
        expect.equal(
            a_count(student, cfg, tied=True), counted(cfg, True), looked_at=f"GPT-2 {size}"
        )


def test_count__by_arithmetic(student):
    student.set(GPTModel=None, TransformerBlock=None)  # there is nothing to build and to ask
    for cfg in (CFG, OTHER):
        expect.equal(a_count(student, cfg), counted(cfg), looked_at="the number, without a model")


def test_count__every_block_adds_the_same(student):
    found = [a_count(student, OTHER | {"n_layers": n}) for n in (1, 2, 6)]
    right = [counted(OTHER | {"n_layers": n}) for n in (1, 2)]
    expect.equal(found[1] - found[0], right[1] - right[0], looked_at="what a second block adds")
    expect.equal(found[2] - found[1], 4 * (right[1] - right[0]), looked_at="what four more add")


def test_count__a_tied_head_is_not_counted_again(student):
    for cfg in (CFG, OTHER):
        free, tied, said = (
            a_count(student, cfg, **given) for given in ({}, {"tied": True}, {"tied": False})
        )
        expect.equal(said, free, looked_at="tied=False, and tied not said")
        expect.equal(
            free - tied,
            cfg["vocab_size"] * cfg["emb_dim"],
            looked_at=f"how many fewer with tied=True, {sized(cfg)}",
        )


def test_count__heads_and_dropout_add_nothing(student):
    first = a_count(student, CFG)
    for changed in ({"n_heads": 6}, {"drop_rate": 0.0}):
        expect.equal(a_count(student, CFG | changed), first, looked_at=f"the count with {changed}")
    expect.equal(argument(student, 0), CFG | {"drop_rate": 0.0}, looked_at="cfg afterwards")


def test_count__queries_keys_and_values_with_a_bias(student):
    for cfg in (CFG, OTHER):
        with_bias, without = (a_count(student, cfg | {"qkv_bias": b}) for b in (True, False))
        expect.equal(
            with_bias - without,
            3 * cfg["emb_dim"] * cfg["n_layers"],
            looked_at=f"how many more with qkv_bias, emb_dim {cfg['emb_dim']}, "
            f"{cfg['n_layers']} blocks",
        )


# generate

# What comes next depends on the first and the last id of what the model is shown, and nothing
# else; it is likelier than the rest, but not by much.
WINDOW = """
import torch
from torch import nn
from torch.nn import functional as F

class Window(nn.Module):
    def __init__(self):
        super().__init__()
        self.widths, self.watched = [], []
        self.height = nn.Parameter(torch.tensor(2.0))

    def forward(self, idx):
        self.widths.append(idx.shape[1])
        self.watched.append(torch.is_grad_enabled())
        following = (idx[:, :1] + 2 * idx + 1) % size
        return F.one_hot(following, size) * self.height - 5.0

Window()
"""


def continued(row: Sequence[int], steps: int, size: int, window: int) -> list[int]:
    """What the model above writes, where it is shown at most `window` ids."""
    row = list(row)
    for _ in range(steps):
        shown = row[-window:]
        row.append((shown[0] + 2 * shown[-1] + 1) % size)
    return row


def a_window(student: Any, size: int) -> Handle:
    return made(student.run(WINDOW, size=size), "a model for the test")


def written(student: Any, model: Handle, idx: Any, steps: int, window: int) -> Any:
    return student.call("generate_text_simple", model, torch.as_tensor(idx), steps, window)


@core
def test_generate__goes_on_by_the_likeliest_token(student):
    for size, window, start, steps in (
        (7, 4, [[0, 3, 1], [1, 2, 6]], 9),
        (11, 3, [[3, 0, 9, 10, 4], [0, 2, 7, 5, 1], [2, 2, 8, 0, 6]], 5),
        (13, 20, [[4, 9]], 6),
    ):
        student.set(GPT_CONFIG_124M=CFG | {"context_length": 2})
        found = written(student, a_window(student, size), start, steps, window)
        wanted = [continued(row, steps, size, window) for row in start]
        looked_at = f"idx {start}, {steps} new tokens, context_size {window}"
        expect.equal(plain(found), wanted, looked_at=looked_at)


def test_generate__never_shows_more_than_context_size(student):
    student.set(GPT_CONFIG_124M=CFG | {"context_length": 2})
    for window, width, steps in ((4, 2, 6), (3, 7, 4)):
        model = a_window(student, 9)
        written(student, model, torch.randint(9, (1, width)), steps, window)
        expect.equal(
            student.attr(model, "widths"),
            [min(width + step, window) for step in range(steps)],
            looked_at=f"how many tokens the model reads, context_size {window}, idx {width} wide",
        )


def test_generate__each_row_by_itself(student):
    model, start = a_window(student, 11), torch.randint(11, (5, 3))
    together = written(student, model, start, 6, 4)
    expect.tensor(together, shape=(5, 9), dtype=torch.int64, looked_at="five rows at once")
    for b in (0, 3):
        alone = written(student, model, start[b : b + 1], 6, 4)
        expect.equal(plain(alone), plain(together[b : b + 1]), looked_at=f"row {b} on its own")


def test_generate__begins_with_what_it_was_given(student):
    model = a_window(student, 10)
    for width, steps in ((3, 1), (8, 5), (2, 0)):
        idx = torch.randint(10, (4, width))
        found = written(student, model, idx, steps, 5)
        after = argument(student, 1)
        expect.tensor(
            found,
            shape=(4, width + steps),
            dtype=torch.int64,
            looked_at=f"idx (4, {width}), {steps} new tokens",
        )
        expect.equal(found[:, :width].contiguous(), idx, looked_at="its first columns")
        expect.equal(after, idx, looked_at="the caller's idx afterwards")


def test_generate__in_two_goes_as_in_one(student):
    model, start = a_window(student, 12), torch.randint(12, (3, 4))
    once = written(student, model, start, 7, 5)
    expect.tensor(once, shape=(3, 11), looked_at="7 new tokens at once")
    first = written(student, model, start, 3, 5)
    expect.tensor(first, shape=(3, 7), looked_at="3 new tokens")
    expect.equal(plain(written(student, model, first, 4, 5)), plain(once), looked_at="4 more")


def test_generate__writes_the_same_again(student):
    model, start = a_window(student, 8), torch.randint(8, (4, 3))
    once, again = (plain(written(student, model, start, 10, 6)) for _ in range(2))
    expect.equal(again, once, looked_at="the same call a second time")
    expect.equal(
        once,
        [continued(row, 10, 8, 6) for row in start.tolist()],
        looked_at="10 new tokens, context_size 6",
    )


def test_generate__from_a_single_token(student):
    model = a_window(student, 10)
    found = written(student, model, [[3], [8], [0]], 4, 5)
    wanted = [continued(row, 4, 10, 5) for row in ([3], [8], [0])]
    expect.equal(plain(found), wanted, looked_at="idx [[3], [8], [0]], 4 new tokens")


NOT_CONTIGUOUS = "generate_text_simple(model, idx.t(), max_new_tokens=4, context_size=3)"


def test_generate__an_idx_that_is_not_contiguous(student):
    model, start = a_window(student, 9), torch.randint(9, (3, 5))
    found = student.run(NOT_CONTIGUOUS, model=model, idx=start.t().contiguous())
    wanted = [continued(row, 4, 9, 3) for row in start.tolist()]
    expect.equal(plain(found), wanted, looked_at="idx.t(), 4 new tokens, context_size 3")


def test_generate__keeps_nothing_for_gradients(student):
    model = a_window(student, 6)
    written(student, model, [[5, 2]], 3, 4)
    expect.equal(
        student.attr(model, "watched"),
        [False] * 3,
        looked_at="whether autograd watches while the model is called: nobody is learning here",
    )


STILL_ON = """
import torch

torch.set_grad_enabled(True)
generate_text_simple(model, idx, 2, 3)
torch.is_grad_enabled()
"""


def test_generate__leaves_gradients_on_for_the_rest(student):
    found = student.run(STILL_ON, model=a_window(student, 6), idx=torch.tensor([[5, 2]]))
    expect.equal(found, True, looked_at="whether gradients can be computed after the call")
