"""Hidden tests of lab11_sampling: for each item values against an oracle, properties, structure.

Each hole of model.py is an item: the method it stands in is made anew with right lines in all other
holes (one_hole.py), and of right parts (nano_parts.py), so that neither an empty hole nor a wrong
one elsewhere costs anything. The core tests of Block and of the blocks of GPT take the student's
own parts where these can be used. `last` carries the whole model: one of its tests asks for the
scores of the file as it is, and says which part is at fault.

The oracles are arithmetic, torch and gptlab.nano. GELU by erf, as released, and by tanh, as GPT-2
has it, are both right.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autograder import expect
from autograder.bridge import NO_REPLY, StudentError
from autograder.hidden.modules import (
    any_memory_order,
    bends_alike,
    each_row_alone,
    every_weight_learns,
    floats,
    has_weights,
    own_weights,
    shaken,
    weights_of,
)
from autograder.reply import argument, holds, made, pieces, same
from autograder.values import Handle
from gptlab import letter as letters
from gptlab import nano
from gptlab.checks.core import CheckFailed

COVERS = ["gptlab.nano"]

core = pytest.mark.core

# Settings in which no two sizes are equal.
CFG = {
    "block_size": 9,
    "vocab_size": 23,
    "n_layer": 2,
    "n_head": 3,
    "n_embd": 12,
    "dropout": 0.3,
    "bias": True,
}
OTHER = {
    "block_size": 11,
    "vocab_size": 17,
    "n_layer": 3,
    "n_head": 2,
    "n_embd": 10,
    "dropout": 0.2,
    "bias": False,
}
INF = math.inf

_HERE = Path(__file__).parent
_TEXTS = [(_HERE / name).read_text(encoding="utf-8") for name in ("one_hole.py", "nano_parts.py")]
BENCH = "\n".join(_TEXTS).replace(
    "from autograder.hidden.one_hole import alone, bare, limited, loaded, put\n", ""
)


TOOLS = (
    "F", "a_block", "a_gpt", "attention", "limited", "loaded", "nn", "noting", "put", "says",
    "settings", "thinker", "told", "torch",
)  # fmt: skip


def bench(student: Any, call: str, **names: Any) -> Any:
    """What a call gives that may use what one_hole.py and nano_parts.py define."""
    if not hasattr(student, "tools"):  # once a test: it takes as long as all the rest
        student.get("GPTConfig")  # which says why, where the file could not be loaded
        student.tools = pieces(student.run(f"{BENCH}\n[{', '.join(TOOLS)}]"), len(TOOLS), "tools")
    return student.run(call, **dict(zip(TOOLS, student.tools, strict=True)), **names)


def reply(student: Any, part: Handle, x: Tensor) -> Any:
    """part(x); what an error says stays among the replies, which tells mistakes apart."""
    try:
        return student.call(part, x)
    except StudentError as error:
        if error.type not in NO_REPLY:
            with contextlib.suppress(StudentError):
                bench(student, "told(part, x)", part=part, x=x)
        raise error


def output(student: Any, part: Handle, x: Tensor, looked_at: str = "the output") -> Tensor:
    """part(x): floats of the shape of x."""
    return floats(reply(student, part, x), tuple(x.shape), looked_at)


def sizes(cfg: dict) -> str:
    return f"n_embd {cfg['n_embd']}, n_head {cfg['n_head']}, bias {cfg['bias']}"


def normal(*shape: int, scale: float = 1.0) -> Tensor:
    return torch.randn(shape) * scale


def a_layer(name: str, n_in: int, n_out: int, bias: bool) -> dict[str, Tensor]:
    """Weights of a linear layer: no bias is 0."""
    found = {f"{name}.weight": normal(n_out, n_in, scale=1.4 / n_in**0.5)}
    return found | ({f"{name}.bias": torch.rand(n_out) + 0.3} if bias else {})


def linear(x: Tensor, weights: dict[str, Tensor], name: str) -> Tensor:
    bias = weights.get(f"{name}.bias")
    return F.linear(x.double(), weights[f"{name}.weight"].double(), _double(bias))


def _double(value: Tensor | None) -> Tensor | None:
    return None if value is None else value.double()


def dropped(found: Tensor, calm: Tensor, p: float, what: str) -> None:
    """Of the numbers that are not 0 without dropout, a share p is 0, the rest larger by as much."""
    there = calm != 0
    holds(bool(there.any()), f"{what} in evaluation", "numbers that are not 0", "all are 0")
    share = float((found[there] == 0).double().mean())
    spread = (p * (1 - p) / int(there.sum())) ** 0.5
    holds(
        abs(share - p) < 6 * spread,
        f"the share of {what} that is dropped in training, dropout {p}",
        f"about {p}",
        f"{share:.2f}",
    )
    kept = there & (found != 0)
    expect.close(
        found[kept],
        (calm / (1 - p))[kept].float(),
        looked_at=f"{what} in training, where it is kept",
        tol=1e-4,
    )


def draws_anew(student: Any, part: Handle, x: Tensor, what: str) -> None:
    """Twice the same in evaluation; in training, others each time."""
    student.call("eval", on=part)
    calm, again = (output(student, part, x) for _ in range(2))
    expect.equal(same(again, calm), True, looked_at=f"{what} in evaluation, twice: are they equal")
    student.call("train", on=part)
    first, second = (output(student, part, x) for _ in range(2))
    expect.equal(same(first, second), False, looked_at=f"{what} in training, twice: are they equal")


# attention: what the items c_attn, heads, scores, mask, weights and out share


def attention_weights(cfg: dict) -> dict[str, Tensor]:
    C, bias = cfg["n_embd"], cfg["bias"]
    return a_layer("c_attn", C, 3 * C, bias) | a_layer("c_proj", C, C, bias)


def attended(x: Tensor, weights: dict[str, Tensor], n_head: int) -> Tensor:
    """The oracle, a head and a position at a time: (B, T, C)."""
    C = x.shape[2]
    thirds = linear(x, weights, "c_attn").split(C, dim=2)
    rows = []
    for q, k, v in zip(*(third.split(C // n_head, dim=2) for third in thirds), strict=True):
        past = [(q[:, [t]] * k[:, : t + 1]).sum(-1) for t in range(x.shape[1])]
        shares = [(one / (C // n_head) ** 0.5).softmax(1)[:, :, None] for one in past]
        rows.append(torch.stack([(s * v[:, : s.shape[1]]).sum(1) for s in shares], dim=1))
    return linear(torch.cat(rows, dim=2), weights, "c_proj").float()


ATTENTION = "attention(CausalSelfAttention, settings(GPTConfig, cfg), hole, weights, flash)"


def attention(student: Any, hole: str, cfg: dict, weights: dict, flash: bool) -> Handle:
    """The student's CausalSelfAttention, right but for this hole, for evaluation."""
    found = bench(student, ATTENTION, cfg=cfg, hole=hole, weights=weights, flash=flash)
    return made(found, "CausalSelfAttention(config)")


def branch(flash: bool) -> str:
    return f"self.flash {flash}"


BOTH = (True, False)
LONG_WAY = (False,)


def check_values(
    student: Any,
    hole: str,
    ways: Sequence[bool],
    *cases: tuple[int, int, dict],
) -> None:
    """(B, T, settings): the output is that of attention by arithmetic."""
    for B, T, cfg in cases:
        weights, x = attention_weights(cfg), normal(B, T, cfg["n_embd"])
        wanted = attended(x, weights, cfg["n_head"])
        for flash in ways:
            part = attention(student, hole, cfg, weights, flash)
            looked_at = f"attention of x {tuple(x.shape)}, {sizes(cfg)}, {branch(flash)}"
            expect.close(output(student, part, x, looked_at), wanted, looked_at=looked_at)


def sized(n_embd: int, n_head: int, **changed: Any) -> dict:
    return CFG | {"n_embd": n_embd, "n_head": n_head} | changed


def check_no_future(student: Any, hole: str, flash: bool) -> None:
    x = normal(3, 7, 12)
    part = attention(student, hole, CFG, attention_weights(CFG), flash)
    before = output(student, part, x)
    x[1, 4] += normal(12, scale=3.0)
    after = output(student, part, x)
    changed = (after - before).abs().amax(-1).gt(1e-6).nonzero().tolist()
    expect.equal(
        changed,
        [[1, 4], [1, 5], [1, 6]],
        looked_at=f"the outputs that change when x[1, 4] does, {branch(flash)}",
    )


def check_lengths(student: Any, hole: str, flash: bool, weights: dict) -> None:
    x = normal(2, 9, 12)
    wanted = attended(x, weights, 3)
    part = attention(student, hole, CFG, weights, flash)
    for T in (9, 1, 4):
        found = output(student, part, x[:, :T].contiguous())
        looked_at = f"the first {T} tokens, block_size 9, {branch(flash)}"
        expect.close(found, wanted[:, :T].contiguous(), looked_at=looked_at)


def check_alone(student: Any, hole: str, flash: bool) -> None:
    x = normal(4, 5, 12)
    part = attention(student, hole, CFG, attention_weights(CFG), flash)
    together = output(student, part, x)
    for b in (0, 3):
        alone = output(student, part, x[b : b + 1].clone())
        expect.close(alone, together[b : b + 1].clone(), looked_at=f"text {b} of the batch alone")


def check_branches(student: Any, hole: str) -> None:
    x, weights = normal(3, 8, 10), attention_weights(OTHER)
    fast, slow = (
        output(student, attention(student, hole, OTHER, weights, flash), x, branch(flash))
        for flash in BOTH
    )
    expect.close(slow, fast, looked_at="the long way, against F.scaled_dot_product_attention")


def check_slopes(student: Any, hole: str, flash: bool) -> None:
    part = attention(student, hole, CFG, attention_weights(CFG), flash)
    every_weight_learns(student, part, normal(3, 6, 12), (3, 6, 12), 4)


def check_memory(student: Any, hole: str, flash: bool) -> None:
    part = attention(student, hole, CFG, attention_weights(CFG), flash)
    any_memory_order(student, part, normal(4, 6, 12), (4, 6, 12))


SAYS = f"says({ATTENTION}, qkv, width)"


def a_table(
    student: Any, hole: str, scores: Tensor, dropout: float = 0.0, more: str = ""
) -> Handle:
    """Attention whose scores are these, (B, nh, T, T), and whose output shows its weights."""
    B, heads, T, _ = scores.shape
    same_ones = torch.eye(T).repeat(1, heads).expand(B, T, heads * T)
    q = scores.transpose(1, 2).reshape(B, T, heads * T) * T**0.5
    cfg = sized(heads * T, heads, block_size=T + 2, dropout=dropout, bias=False)
    found = bench(
        student,
        f"put({SAYS}{more})",
        cfg=cfg,
        hole=hole,
        weights={},
        flash=False,
        qkv=torch.cat((q, same_ones, same_ones), dim=2),
        width=heads * T,
    )
    return made(found, "CausalSelfAttention(config)")


def weights_shown(student: Any, part: Handle, scores: Tensor) -> Tensor:
    """The weights of attention, (B, nh, T, T), which its output shows."""
    B, heads, T, _ = scores.shape
    found = output(student, part, torch.zeros(B, T, heads * T), "the weights of attention")
    return found.view(B, T, heads, T).transpose(1, 2).contiguous()


def shares(scores: Tensor) -> Tensor:
    """The weights that these scores make, the future hidden."""
    T = scores.shape[-1]
    later = torch.ones(T, T).triu(1).bool()
    return scores.double().masked_fill(later, -INF).softmax(-1).float()


def check_table(student: Any, hole: str, scores: Tensor, what: str) -> None:
    found = weights_shown(student, a_table(student, hole, scores), scores)
    expect.close(found, shares(scores), looked_at=f"the weights of attention, {what}")


# c_attn


def own_attention(student: Any, cfg: dict) -> Handle:
    """The student's CausalSelfAttention as it is."""
    call = "CausalSelfAttention(settings(GPTConfig, cfg)).eval()"
    part = made(bench(student, call, cfg=cfg), "CausalSelfAttention(config)")
    not_huge(student, part, attention_shapes(cfg), cfg)
    return part


def not_huge(student: Any, part: Handle, shapes: dict[str, tuple], cfg: dict) -> None:
    """Fail where a part has far more numbers than it should: they would not all be looked at."""
    count = student.run("sum(p.numel() for p in part.parameters())", part=part)
    wanted = sum(map(math.prod, shapes.values()))
    if not isinstance(count, int) or count > 50 * wanted:
        looked_at = f"how many numbers {part.type} learns, n_embd {cfg['n_embd']}"
        expect.fail(looked_at, f"{wanted:,}", expect.describe(count))


def attention_shapes(cfg: dict) -> dict[str, tuple]:
    C = cfg["n_embd"]
    shapes: dict[str, tuple] = {"c_attn.weight": (3 * C, C), "c_proj.weight": (C, C)}
    return shapes | ({"c_attn.bias": (3 * C,), "c_proj.bias": (C,)} if cfg["bias"] else {})


@core
def test_c_attn__queries_keys_and_values_out_of_one_layer(student):
    # First with two heads: with three, a head's own q, k and v are as many numbers as C.
    for B, T, cfg in ((3, 4, OTHER), (2, 5, CFG), (2, 3, sized(8, 8))):
        C, part = cfg["n_embd"], own_attention(student, cfg)
        state, x = shaken(student, part), normal(B, T, C)
        layer = made(student.attr(part, "c_attn"), "c_attn")
        looked_at = f"c_attn of x {tuple(x.shape)}, {sizes(cfg)}"
        found = floats(reply(student, layer, x), (B, T, 3 * C), looked_at)
        shape = {"c_attn.weight": (3 * C, C)} | ({"c_attn.bias": (3 * C,)} if cfg["bias"] else {})
        own = {name: floats(state.get(name), of, name) for name, of in shape.items()}
        expect.close(found, linear(x, own, "c_attn").float(), looked_at=looked_at)


def test_c_attn__its_weights(student):
    for cfg in (OTHER, CFG, sized(15, 5, bias=False), sized(4, 1)):
        part = own_attention(student, cfg)
        has_weights(student, part, attention_shapes(cfg), f"CausalSelfAttention, {sizes(cfg)}")


def test_c_attn__a_bias_if_the_config_says_so(student):
    for bias in (False, True):
        cfg = sized(6, 3, bias=bias)
        state = weights_of(student, own_attention(student, cfg))
        expect.equal(
            "c_attn.bias" in state, bias, looked_at=f"c_attn has a bias, config.bias {bias}"
        )


def test_c_attn__the_same_as_by_arithmetic(student):
    check_values(student, "c_attn", BOTH, (2, 5, CFG), (3, 4, OTHER))


def test_c_attn__each_position_alone(student):
    part = own_attention(student, CFG)
    shaken(student, part)
    layer, x = made(student.attr(part, "c_attn"), "c_attn"), normal(3, 5, 12)
    together = floats(reply(student, layer, x), (3, 5, 36), "c_attn of x (3, 5, 12)")
    for b, t in ((0, 0), (2, 3)):
        alone = student.call(layer, x[b, t])
        expect.close(alone, together[b, t].clone(), looked_at=f"c_attn of x[{b}, {t}] alone")


def test_c_attn__every_number_of_it_learns(student):
    part = attention(student, "c_attn", OTHER, attention_weights(OTHER), True)
    every_weight_learns(student, part, normal(3, 6, 10), (3, 6, 10), 2)
    own_weights(student, part, "CausalSelfAttention")


def test_c_attn__begins_at_random(student):
    parts = [own_attention(student, CFG) for _ in range(2)]
    one, other = (weights_of(student, part).get("c_attn.weight") for part in parts)
    floats(one, (36, 12), "c_attn.weight")
    holds(len(one.unique()) > 200, "the 432 numbers of c_attn.weight", "random ones", "few values")
    expect.equal(same(one, other), False, looked_at="two new modules have the same c_attn.weight")


# heads


@core
def test_heads__against_torch(student):
    check_values(student, "heads", BOTH, (2, 5, CFG), (3, 4, OTHER))


def test_heads__where_all_sizes_agree(student):
    check_values(student, "heads", BOTH, (3, 3, sized(9, 3)), (2, 4, sized(16, 4)))


def test_heads__a_single_head(student):
    check_values(student, "heads", BOTH, (2, 5, sized(6, 1)))


def test_heads__as_many_heads_as_numbers(student):
    check_values(student, "heads", BOTH, (2, 4, sized(5, 5)))


# What F.scaled_dot_product_attention is given.
GIVEN_TO_TORCH = """
from unittest import mock

seen, work = [], F.scaled_dot_product_attention

def note(*given, **named):
    seen.extend(given)
    seen.extend(named[name] for name in ("query", "key", "value") if name in named)
    return work(*given, **named)

with mock.patch.object(F, "scaled_dot_product_attention", note):
    part(x)
seen[:3]
"""


def test_heads__what_torch_is_given(student):
    for B, T, cfg in ((2, 5, CFG), (3, 4, OTHER)):
        weights, C, nh = attention_weights(cfg), cfg["n_embd"], cfg["n_head"]
        x, part = normal(B, T, C), attention(student, "heads", cfg, weights, True)
        reply(student, part, x)
        looked_at = "what F.scaled_dot_product_attention is given"
        found = pieces(bench(student, GIVEN_TO_TORCH, part=part, x=x), 3, looked_at)
        for third, got, name in zip(
            linear(x, weights, "c_attn").split(C, 2), found, "qkv", strict=True
        ):
            wanted = torch.stack(third.split(C // nh, dim=2), dim=1).float()
            looked_at = f"{name} as (B, nh, T, hs) = {tuple(wanted.shape)}"
            floats(got, tuple(wanted.shape), looked_at)
            expect.close(got, wanted, looked_at=looked_at)


def test_heads__each_head_has_its_own_numbers(student):
    cfg, x = sized(12, 4), normal(2, 5, 12)
    weights = attention_weights(cfg) | {"c_proj.weight": torch.eye(12)}
    before = output(student, attention(student, "heads", cfg, weights, True), x)
    for third in range(3):
        other = weights["c_attn.weight"].clone()
        other[12 * third + 3 : 12 * third + 6] *= -1.5  # those of head 1
        part = attention(student, "heads", cfg, weights | {"c_attn.weight": other}, True)
        change = (output(student, part, x) - before).abs().amax(dim=(0, 1))
        moved = change.gt(1e-6).nonzero().flatten().tolist()
        looked_at = f"with c_proj changing nothing: numbers that move with {'qkv'[third]} of head 1"
        expect.equal(moved, [3, 4, 5], looked_at=looked_at)


def test_heads__a_later_token_leaves_the_earlier_alone(student):
    check_no_future(student, "heads", True)
    check_no_future(student, "heads", False)


def test_heads__any_length_up_to_block_size(student):
    check_lengths(student, "heads", True, attention_weights(CFG))


def test_heads__each_text_alone(student):
    check_alone(student, "heads", True)


def test_heads__both_branches_agree(student):
    check_branches(student, "heads")


def test_heads__slopes_and_memory(student):
    check_slopes(student, "heads", True)
    check_memory(student, "heads", True)


# scores


@core
def test_scores__against_arithmetic(student):
    check_values(student, "scores", LONG_WAY, (2, 5, CFG), (3, 4, OTHER))


def test_scores__heads_of_any_size(student):
    cases = [(2, 5, sized(12, nh)) for nh in (1, 2, 6, 12)]
    check_values(student, "scores", LONG_WAY, *cases)


def test_scores__where_all_sizes_agree(student):
    check_values(student, "scores", LONG_WAY, (3, 3, sized(9, 3)), (2, 4, sized(16, 4)))


def test_scores__who_looks_at_whom(student):
    check_table(student, "scores", normal(3, 2, 5, 5, scale=2.0), "scores known")
    aimed = torch.zeros(1, 1, 4, 4)
    aimed[0, 0, 3, 1] = aimed[0, 0, 2, 0] = aimed[0, 0, 1, 3] = 4.0
    check_table(student, "scores", aimed, "token 3 after token 1, token 2 after token 0")


def test_scores__both_branches_agree(student):
    check_branches(student, "scores")


def test_scores__any_length_up_to_block_size(student):
    check_lengths(student, "scores", False, attention_weights(CFG))


def test_scores__each_text_alone(student):
    check_alone(student, "scores", False)


def test_scores__a_later_token_leaves_the_earlier_alone(student):
    check_no_future(student, "scores", False)


def test_scores__large_queries_and_small_keys(student):
    x, weights = normal(2, 6, 12), attention_weights(CFG)
    before = output(student, attention(student, "scores", CFG, weights, False), x)
    factors = torch.tensor([16.0, 1 / 16, 1.0]).repeat_interleave(12)
    other = {
        "c_attn.weight": weights["c_attn.weight"] * factors[:, None],
        "c_attn.bias": weights["c_attn.bias"] * factors,
    }
    after = output(student, attention(student, "scores", CFG, weights | other, False), x)
    expect.close(after, before, looked_at="queries 16 times as large, keys a 16th", tol=1e-4)


def test_scores__slopes_and_memory(student):
    check_slopes(student, "scores", False)
    check_memory(student, "scores", False)


# mask


@core
def test_mask__against_arithmetic(student):
    check_values(student, "mask", LONG_WAY, (2, 5, CFG), (3, 11, OTHER), (2, 7, sized(8, 4)))


def test_mask__who_sees_whom(student):
    check_table(student, "mask", torch.zeros(2, 3, 5, 5), "all scores 0: equal shares of the past")
    check_table(student, "mask", normal(2, 2, 6, 6, scale=3.0), "scores known")


def test_mask__a_later_token_leaves_the_earlier_alone(student):
    check_no_future(student, "mask", False)


def test_mask__the_first_token_sees_itself_alone(student):
    scores = normal(3, 2, 4, 4, scale=5.0)
    found = weights_shown(student, a_table(student, "mask", scores), scores)[:, :, 0]
    wanted = torch.eye(4)[0].expand(3, 2, 4)
    expect.close(found, wanted, looked_at="the weights of the first token")


def test_mask__what_is_hidden_gets_nothing_at_all(student):
    scores = torch.full((2, 2, 5, 5), -40_000.0) + normal(2, 2, 5, 5)
    found = weights_shown(student, a_table(student, "mask", scores), scores)
    hidden = float(found[..., torch.ones(5, 5).triu(1).bool()].abs().max())
    holds(
        hidden == 0,
        "the largest share that a later token gets, all scores about -40000",
        "0",
        f"{hidden:.3g}",
    )
    expect.close(found, shares(scores), looked_at="the weights, all scores about -40000", tol=0.02)


def test_mask__any_length_up_to_block_size(student):
    check_lengths(student, "mask", False, attention_weights(CFG))


def test_mask__both_branches_agree(student):
    check_branches(student, "mask")


def test_mask__its_table_stays_as_it_is(student):
    part, x = attention(student, "mask", CFG, attention_weights(CFG), False), normal(2, 6, 12)
    first = output(student, part, x)
    after = student.attr(part, "bias")
    expect.equal(after, torch.ones(9, 9).tril().view(1, 1, 9, 9), looked_at="self.bias afterwards")
    expect.close(output(student, part, x), first, looked_at="the same call a second time")


ELSEWHERE = """
part = part.to("meta")
part(torch.zeros(2, 5, 12, device="meta")).device.type
"""


def test_mask__on_the_device_of_the_model(student):
    part = attention(student, "mask", CFG, attention_weights(CFG), False)
    found = bench(student, ELSEWHERE, part=part)
    expect.equal(found, "meta", looked_at="the device of the output, model and x on 'meta'")


def test_mask__each_text_alone(student):
    check_alone(student, "mask", False)


def test_mask__slopes_and_memory(student):
    check_slopes(student, "mask", False)
    check_memory(student, "mask", False)


# weights


@core
def test_weights__against_arithmetic(student):
    check_values(student, "weights", LONG_WAY, (2, 5, CFG), (3, 4, OTHER), (4, 4, sized(16, 4)))


def test_weights__of_known_scores(student):
    check_table(student, "weights", normal(2, 3, 5, 5, scale=2.0), "scores known")
    check_table(student, "weights", torch.zeros(3, 2, 4, 4), "all scores 0: equal shares")


def test_weights__they_add_up_to_1(student):
    scores = normal(2, 3, 6, 6, scale=4.0)
    found = weights_shown(student, a_table(student, "weights", scores), scores)
    expect.close(found.sum(-1), torch.ones(2, 3, 6), looked_at="the sum of each token's weights")
    holds(bool((found >= 0).all()), "the weights", "none below 0", f"{float(found.min()):.3g}")


def test_weights__large_scores(student):
    scores = normal(2, 2, 5, 5, scale=300.0)
    check_table(student, "weights", scores, "scores of several hundred")


FREE = ", resid_dropout=nn.Identity()"


def test_weights__dropout_falls_on_them(student):
    scores = normal(6, 2, 16, 16)
    for p in (0.6, 0.25):
        part = a_table(student, "weights", scores, p, FREE)
        calm = weights_shown(student, part, scores)
        expect.close(calm, shares(scores), looked_at=f"the weights in evaluation, dropout {p}")
        student.call("train", on=part)
        dropped(weights_shown(student, part, scores), shares(scores), p, "the weights")


def test_weights__each_call_in_training_draws_anew(student):
    scores = normal(2, 2, 8, 8)
    part = a_table(student, "weights", scores, 0.5, FREE)
    draws_anew(student, part, torch.zeros(2, 8, 16), "the outputs")


def test_weights__the_same_in_training_without_dropout(student):
    scores = normal(2, 2, 6, 6)
    part = a_table(student, "weights", scores, 0.0, FREE)
    student.call("train", on=part)
    found = weights_shown(student, part, scores)
    expect.close(found, shares(scores), looked_at="the weights in training, dropout 0")


def test_weights__both_branches_agree(student):
    check_branches(student, "weights")


def test_weights__each_text_alone(student):
    check_alone(student, "weights", False)


def test_weights__slopes_and_lengths(student):
    check_slopes(student, "weights", False)
    check_lengths(student, "weights", False, attention_weights(CFG))


# out


@core
def test_out__against_torch(student):
    check_values(student, "out", BOTH, (2, 5, CFG), (3, 4, OTHER))


def test_out__where_the_projection_changes_nothing(student):
    x, weights = normal(2, 5, 10), attention_weights(OTHER) | {"c_proj.weight": torch.eye(10)}
    part = attention(student, "out", OTHER, weights, True)
    found = output(student, part, x)
    expect.close(found, attended(x, weights, 2), looked_at="the output, c_proj changing nothing")


def test_out__where_the_projection_says_nothing_its_bias_comes_out(student):
    weights = attention_weights(CFG) | {"c_proj.weight": torch.zeros(12, 12)}
    part = attention(student, "out", CFG, weights, True)
    found = output(student, part, normal(3, 4, 12))
    wanted = weights["c_proj.bias"].expand(3, 4, 12)
    expect.close(found, wanted, looked_at="the output where c_proj.weight is 0: its bias")


def undropped(student: Any, p: float, flash: bool) -> Handle:
    """Attention in which nothing but `out` drops anything."""
    silent = "" if flash else ", attn_dropout=nn.Identity()"
    call = f"put({ATTENTION}, dropout=0.0{silent})"
    cfg = sized(20, 4, dropout=p)
    found = bench(student, call, cfg=cfg, hole="out", weights=attention_weights(cfg), flash=flash)
    return made(found, "CausalSelfAttention(config)")


def test_out__dropout_falls_on_what_comes_out(student):
    for p, flash in ((0.6, True), (0.25, False)):
        part, x = undropped(student, p, flash), normal(12, 8, 20)
        calm = output(student, part, x)
        student.call("train", on=part)
        dropped(output(student, part, x), calm, p, "the output")


def test_out__each_call_in_training_draws_anew(student):
    draws_anew(student, undropped(student, 0.5, True), normal(2, 6, 20), "the outputs")


def test_out__the_same_in_training_without_dropout(student):
    part, x = undropped(student, 0.0, True), normal(2, 6, 20)
    calm = output(student, part, x)
    student.call("train", on=part)
    expect.close(output(student, part, x), calm, looked_at="the output in training, dropout 0")


def test_out__twice_the_projection_gives_twice_as_much(student):
    x, weights = normal(2, 6, 10), attention_weights(OTHER)
    once = output(student, attention(student, "out", OTHER, weights, True), x)
    doubled = weights | {"c_proj.weight": 2 * weights["c_proj.weight"]}
    twice = output(student, attention(student, "out", OTHER, doubled, True), x)
    expect.close(twice, 2 * once, looked_at="the output with twice c_proj.weight, no bias")


def test_out__a_later_token_leaves_the_earlier_alone(student):
    check_no_future(student, "out", True)


def test_out__slopes_and_memory(student):
    check_slopes(student, "out", True)
    check_memory(student, "out", False)


# mlp_init and mlp


def own_mlp(student: Any, cfg: dict) -> Handle:
    call = "MLP(settings(GPTConfig, cfg)).eval()"
    part = made(bench(student, call, cfg=cfg), "MLP(config)")
    not_huge(student, part, mlp_shapes(cfg), cfg)
    return part


def mlp_shapes(cfg: dict) -> dict[str, tuple]:
    C = cfg["n_embd"]
    shapes: dict[str, tuple] = {"c_fc.weight": (4 * C, C), "c_proj.weight": (C, 4 * C)}
    return shapes | ({"c_fc.bias": (4 * C,), "c_proj.bias": (C,)} if cfg["bias"] else {})


def mlp_weights(cfg: dict) -> dict[str, Tensor]:
    C, bias = cfg["n_embd"], cfg["bias"]
    return a_layer("c_fc", C, 4 * C, bias) | a_layer("c_proj", 4 * C, C, bias)


def thought(x: Tensor, weights: dict[str, Tensor], tanh: bool) -> Tensor:
    """The MLP by torch, with one GELU or the other."""
    bent = F.gelu(linear(x, weights, "c_fc"), approximate="tanh" if tanh else "none")
    return linear(bent, weights, "c_proj").float()


def close_to_either(found: Tensor, erf: Tensor, tanh: Tensor, looked_at: str, tol: float) -> None:
    """The numbers are those with the released GELU, or with GPT-2's own."""
    try:
        expect.close(found, tanh, looked_at=looked_at, tol=tol)
    except CheckFailed:
        expect.close(found, erf, looked_at=looked_at, tol=tol)


THINKER = "thinker(MLP, settings(GPTConfig, cfg), hole, weights)"


def thinker(student: Any, hole: str, cfg: dict, weights: dict) -> Handle:
    """The student's MLP, right but for this hole, for evaluation."""
    return made(bench(student, THINKER, cfg=cfg, hole=hole, weights=weights), "MLP(config)")


def check_mlp(student: Any, hole: str, *cases: tuple[int, int, dict]) -> None:
    for B, T, cfg in cases:
        weights, x = mlp_weights(cfg), normal(B, T, cfg["n_embd"])
        part = thinker(student, hole, cfg, weights)
        looked_at = f"MLP of x {tuple(x.shape)}, n_embd {cfg['n_embd']}, bias {cfg['bias']}"
        found = output(student, part, x, looked_at)
        forms = (thought(x, weights, tanh) for tanh in (False, True))
        close_to_either(found, *forms, looked_at, 1e-5)


@core
def test_mlp_init__wider_and_back(student):
    for B, T, cfg in ((2, 5, CFG), (3, 4, OTHER)):
        C, part = cfg["n_embd"], own_mlp(student, cfg)
        state = shaken(student, part)
        own = {name: floats(state.get(name), of, name) for name, of in mlp_shapes(cfg).items()}
        for name, n_in, n_out in (("c_fc", C, 4 * C), ("c_proj", 4 * C, C)):
            layer, x = made(student.attr(part, name), name), normal(B, T, n_in)
            looked_at = f"{name} of {tuple(x.shape)}, n_embd {C}, bias {cfg['bias']}"
            found = floats(reply(student, layer, x), (B, T, n_out), looked_at)
            expect.close(found, linear(x, own, name).float(), looked_at=looked_at)


def test_mlp_init__its_weights(student):
    for cfg in (CFG, OTHER, sized(5, 1)):
        what = f"MLP, n_embd {cfg['n_embd']}, bias {cfg['bias']}"
        has_weights(student, own_mlp(student, cfg), mlp_shapes(cfg), what)


def test_mlp_init__a_bias_if_the_config_says_so(student):
    for bias in (False, True):
        state = weights_of(student, own_mlp(student, sized(6, 2, bias=bias)))
        for name in ("c_fc.bias", "c_proj.bias"):
            expect.equal(name in state, bias, looked_at=f"there is a {name}, config.bias {bias}")


def test_mlp_init__the_same_as_by_arithmetic(student):
    check_mlp(student, "mlp_init", (2, 5, CFG), (3, 4, OTHER))


def test_mlp_init__every_weight_learns(student):
    part = thinker(student, "mlp_init", CFG, mlp_weights(CFG))
    every_weight_learns(student, part, normal(4, 7, 12), (4, 7, 12), 4)
    own_weights(student, part, "MLP")


def test_mlp_init__begins_at_random(student):
    parts = [own_mlp(student, CFG) for _ in range(2)]
    for name, shape in (("c_fc.weight", (48, 12)), ("c_proj.weight", (12, 48))):
        one, other = (weights_of(student, part).get(name) for part in parts)
        floats(one, shape, name)
        holds(len(one.unique()) > 300, f"the 576 numbers of {name}", "random ones", "few values")
        expect.equal(same(one, other), False, looked_at=f"two new modules have the same {name}")


@core
def test_mlp__its_four_layers(student):
    check_mlp(student, "mlp", (2, 5, CFG), (3, 4, OTHER))


def test_mlp__where_numbers_are_large(student):
    weights, x = mlp_weights(CFG), normal(2, 3, 12, scale=15.0)
    found = output(student, thinker(student, "mlp", CFG, weights), x)
    forms = (thought(x, weights, tanh) for tanh in (False, True))
    close_to_either(found, *forms, "the output for numbers of several tens", 1e-4)


def test_mlp__each_position_alone(student):
    part = thinker(student, "mlp", CFG, mlp_weights(CFG))
    each_row_alone(student, part, normal(3, 5, 12))
    any_memory_order(student, part, normal(4, 5, 12), (4, 5, 12))


def test_mlp__what_bends_is_the_same_on_either_side(student):
    cfg = CFG | {"bias": False}
    part = thinker(student, "mlp", cfg, mlp_weights(cfg))
    bends_alike(lambda x: output(student, part, x), normal(1, 3, 12), "mlp")


def test_mlp__dropout_falls_on_what_comes_out(student):
    for p in (0.6, 0.25):
        cfg = sized(20, 4, dropout=p)
        part, x = thinker(student, "mlp", cfg, mlp_weights(cfg)), normal(12, 8, 20)
        calm = output(student, part, x)
        student.call("train", on=part)
        dropped(output(student, part, x), calm, p, "the output")


def test_mlp__each_call_in_training_draws_anew(student):
    cfg = CFG | {"dropout": 0.5}
    part = thinker(student, "mlp", cfg, mlp_weights(cfg))
    draws_anew(student, part, normal(2, 6, 12), "the outputs")


def test_mlp__every_weight_learns(student):
    part = thinker(student, "mlp", OTHER | {"bias": True}, mlp_weights(OTHER | {"bias": True}))
    every_weight_learns(student, part, normal(4, 7, 10), (4, 7, 10), 4)


def test_mlp__the_same_in_training_without_dropout(student):
    cfg = CFG | {"dropout": 0.0}
    part, x = thinker(student, "mlp", cfg, mlp_weights(cfg)), normal(2, 5, 12)
    calm = output(student, part, x)
    student.call("train", on=part)
    expect.close(output(student, part, x), calm, looked_at="the output in training, dropout 0")


# block


def a_block(student: Any, cfg: dict, own: bool = False) -> Handle:
    """The student's Block, of right parts or, where they are usable, of the student's own."""
    call = "a_block(Block, settings(GPTConfig, cfg), own)"
    return made(bench(student, call, cfg=cfg, own=own), "Block(config)")


def part_of(student: Any, part: Handle, name: str, x: Tensor) -> Tensor:
    """What one of its parts gives for x, by itself."""
    found = student.call(made(student.attr(part, name), name), x)
    return floats(found, tuple(x.shape), f"what {name} gives")


@core
def test_block__its_parts_each_added_to_what_was_there(student):
    for B, T, cfg in ((2, 5, CFG), (3, 4, OTHER)):
        part, x = a_block(student, cfg, own=True), normal(B, T, cfg["n_embd"])
        shaken(student, part)
        looked_at = f"Block of x {tuple(x.shape)}"
        found, wanted = output(student, part, x, looked_at), x
        for norm, name in (("ln_1", "attn"), ("ln_2", "mlp")):
            wanted = wanted + part_of(student, part, name, part_of(student, part, norm, wanted))
        expect.close(found, wanted, looked_at=f"{looked_at}, by its own parts")


def silenced(state: dict, *parts: str) -> dict:
    """The weights, with those of these parts at 0."""
    return {n: w * 0 if n.split(".")[0] in parts else w for n, w in state.items()}


def test_block__of_right_parts(student):
    for B, T, cfg in ((2, 5, CFG), (3, 4, OTHER)):
        part, x = a_block(student, cfg), normal(B, T, cfg["n_embd"])
        shaken(student, part)
        found, wanted = output(student, part, x), x
        for norm, name in (("ln_1", "attn"), ("ln_2", "mlp")):
            wanted = wanted + part_of(student, part, name, part_of(student, part, norm, wanted))
        expect.close(found, wanted, looked_at=f"Block of x {tuple(x.shape)}, of other parts")


def test_block__where_the_parts_say_nothing_x_comes_out(student):
    part, x = a_block(student, CFG), normal(3, 5, 12)
    student.load(part, silenced(shaken(student, part), "attn", "mlp"))
    found = output(student, part, x)
    expect.close(found, x, looked_at="the output where attn and mlp give 0")


def test_block__norms_take_a_constant_away(student):
    part, x = a_block(student, OTHER), normal(2, 4, 10)
    shaken(student, part)
    found, lifted = output(student, part, x), output(student, part, x + 2.0)
    expect.close(lifted, found + 2.0, looked_at="the output for x + 2: only x itself is lifted")


def test_block__each_part_by_itself(student):
    part, x = a_block(student, CFG), normal(2, 5, 12)
    state = shaken(student, part)
    for silent, norm, name in (("mlp", "ln_1", "attn"), ("attn", "ln_2", "mlp")):
        student.load(part, silenced(state, silent))
        found = output(student, part, x, f"the output where {silent} gives 0")
        inner = part_of(student, part, name, part_of(student, part, norm, x))
        expect.close(found, x + inner, looked_at=f"the output where {silent} gives 0")


def test_block__every_weight_learns(student):
    part = a_block(student, OTHER | {"bias": True})
    every_weight_learns(student, part, normal(3, 5, 10), (3, 5, 10), 8)


def test_block__earlier_positions_do_not_see_later_ones(student):
    part, x = a_block(student, CFG), normal(3, 7, 12)
    shaken(student, part)
    before, other = output(student, part, x), x.clone()
    other[1, 5] = normal(12)
    after = output(student, part, other)
    changed = (after - before).abs().amax(-1).gt(1e-6).nonzero().tolist()
    expect.equal(changed, [[1, 5], [1, 6]], looked_at="the outputs that change when x[1, 5] does")
    any_memory_order(student, part, x, (3, 7, 12))


def test_block__nothing_is_dropped_here(student):
    part, x = a_block(student, CFG | {"dropout": 0.5}), normal(3, 5, 12)
    shaken(student, part)
    calm = output(student, part, x)
    student.call("train", on=part)
    found = output(student, part, x)
    expect.close(found, calm, looked_at="the output in training, of parts that drop nothing")


# GPT.forward: what the items embed, blocks and last share

A_GPT = "noting(a_gpt(GPT, settings(GPTConfig, cfg), hole, own))"


def a_gpt(student: Any, hole: str, cfg: dict, own: bool = False) -> Handle:
    """The student's GPT, right but for this hole; its parts note what they are given."""
    return made(bench(student, A_GPT, cfg=cfg, hole=hole, own=own), "GPT(config)")


def ids(cfg: dict, B: int, T: int) -> Tensor:
    return torch.randint(cfg["vocab_size"], (B, T))


def scores_of(student: Any, model: Handle, idx: Tensor, cfg: dict) -> Tensor:
    shape = (len(idx), 1, cfg["vocab_size"])
    return floats(reply(student, model, idx), shape, f"GPT of idx {tuple(idx.shape)}")


def fed(student: Any, model: Handle, name: str, shape: tuple, what: str) -> Tensor:
    """What one of its parts was given."""
    return floats(student.attr(model, f"{name}.given"), shape, what)


def tables(student: Any, model: Handle, cfg: dict) -> tuple[Tensor, Tensor]:
    """The tables of tokens and of positions, as they are loaded."""
    state, C = weights_of(student, model), cfg["n_embd"]
    rows = {"wte": cfg["vocab_size"], "wpe": cfg["block_size"]}
    tok, pos = (
        floats(state.get(f"transformer.{name}.weight"), (count, C), f"the weight of {name}")
        for name, count in rows.items()
    )
    return tok, pos


def through(student: Any, model: Handle, names: Sequence[str], x: Tensor) -> Tensor:
    """x through these parts of the model, called one after the other."""
    for name in names:
        x = part_of(student, model, f"transformer.{name}", x)
    return x


def scored(student: Any, model: Handle, x: Tensor, cfg: dict) -> Tensor:
    """The last position of x through the head."""
    head = made(student.attr(model, "lm_head"), "lm_head")
    found = student.call(head, x[:, -1:].contiguous())
    return floats(found, (len(x), 1, cfg["vocab_size"]), "what lm_head gives")


def layers(cfg: dict) -> list[str]:
    return [f"h.{n}" for n in range(cfg["n_layer"])]


# embed


@core
def test_embed__the_rows_of_token_and_position_added(student):
    for B, T, cfg in ((4, 5, CFG), (3, 11, OTHER)):
        model, idx = a_gpt(student, "embed", cfg), ids(cfg, B, T)
        shaken(student, model)
        tok, pos = tables(student, model, cfg)
        found = scores_of(student, model, idx, cfg)
        shape, what = (B, T, cfg["n_embd"]), f"what the blocks are given for idx {(B, T)}"
        given = fed(student, model, "transformer.h.0", shape, what)
        expect.close(given, tok[idx] + pos[:T], looked_at=what)
        x = through(student, model, [*layers(cfg), "ln_f"], given)
        wanted = scored(student, model, x, cfg)
        expect.close(found, wanted, looked_at=f"the scores for idx {(B, T)}", tol=1e-4)


def given_to_blocks(student: Any, model: Handle, idx: Tensor, cfg: dict) -> Tensor:
    reply(student, model, idx)
    shape = (*idx.shape, cfg["n_embd"])
    return fed(student, model, "transformer.h.0", shape, "what the blocks are given")


def test_embed__the_place_counts(student):
    model = a_gpt(student, "embed", CFG)
    shaken(student, model)
    given = given_to_blocks(student, model, torch.full((2, 6), 3), CFG)
    apart = (given[0, :, None] - given[0]).abs().amax(-1) + torch.eye(6)
    holds(
        float(apart.min()) > 1e-3,
        "what the blocks are given for six times the same token",
        "six different rows: the place counts",
        "rows that are alike",
    )
    expect.close(given[1], given[0].clone(), looked_at="the same in both texts of the batch")


def test_embed__the_token_counts(student):
    model, idx = a_gpt(student, "embed", CFG), torch.arange(14).view(2, 7)
    shaken(student, model)
    given = given_to_blocks(student, model, idx, CFG)
    change = idx.clone()
    change[1, 2] = 20
    after = given_to_blocks(student, model, change, CFG)
    moved = (after - given).abs().amax(-1).gt(1e-6).nonzero().tolist()
    expect.equal(moved, [[1, 2]], looked_at="what changes for the blocks when idx[1, 2] does")


def test_embed__one_table_at_a_time(student):
    model, idx = a_gpt(student, "embed", OTHER), ids(OTHER, 3, 7)
    state = shaken(student, model)
    tok, pos = tables(student, model, OTHER)
    for silent, wanted in (("wpe", tok[idx]), ("wte", pos[:7].expand(3, 7, 10))):
        names = (f"transformer.{silent}", "lm_head") if silent == "wte" else ("transformer.wpe",)
        student.load(model, {n: w * 0 if n.startswith(names) else w for n, w in state.items()})
        given = given_to_blocks(student, model, idx, OTHER)
        looked_at = f"what the blocks are given where {silent}.weight is 0"
        expect.close(given, wanted, looked_at=looked_at)


def test_embed__dropout_falls_on_the_sum(student):
    for p in (0.6, 0.25):
        cfg = sized(24, 4, dropout=p)
        model, idx = a_gpt(student, "embed", cfg), ids(cfg, 8, 9)
        shaken(student, model)
        tok, pos = tables(student, model, cfg)
        calm = tok[idx] + pos
        given = given_to_blocks(student, model, idx, cfg)
        expect.close(given, calm, looked_at=f"what the blocks are given in evaluation, dropout {p}")
        student.call("train", on=model)
        dropped(given_to_blocks(student, model, idx, cfg), calm, p, "what the blocks are given")


ANEW = """
model.train()
found = []
for _ in range(2):
    model(idx)
    found.append(model.transformer.h[0].given)
found
"""


def test_embed__each_call_in_training_draws_anew(student):
    model = a_gpt(student, "embed", CFG | {"dropout": 0.5})
    reply(student, model, ids(CFG, 2, 6))
    found = pieces(student.run(ANEW, model=model, idx=ids(CFG, 2, 6)), 2, "what blocks are given")
    equal = same(*found)
    expect.equal(equal, False, looked_at="what blocks are given in training, twice: are they equal")


def test_embed__a_text_of_any_length_up_to_block_size(student):
    model, idx = a_gpt(student, "embed", CFG), ids(CFG, 3, 9)
    shaken(student, model)
    full = given_to_blocks(student, model, idx, CFG)
    for T in (1, 4):
        part = given_to_blocks(student, model, idx[:, :T].contiguous(), CFG)
        expect.close(part, full[:, :T].clone(), looked_at=f"the first {T} of 9 places")


def test_embed__both_tables_learn(student):
    model, cfg = a_gpt(student, "embed", CFG), CFG
    every_weight_learns(student, model, ids(cfg, 4, 9), (4, 1, 23), 8)


# blocks


@core
def test_blocks__one_after_the_other(student):
    for B, T, cfg in ((4, 5, CFG), (3, 6, OTHER)):
        model, idx = a_gpt(student, "blocks", cfg, own=True), ids(cfg, B, T)
        shaken(student, model)
        found = scores_of(student, model, idx, cfg)
        tok, pos = tables(student, model, cfg)
        shape, what = (B, T, cfg["n_embd"]), f"what ln_f is given, {cfg['n_layer']} blocks"
        given = fed(student, model, "transformer.ln_f", shape, what)
        x = through(student, model, layers(cfg), tok[idx] + pos[:T])
        expect.close(given, x, looked_at=what, tol=1e-4)
        wanted = scored(student, model, through(student, model, ["ln_f"], x), cfg)
        expect.close(found, wanted, looked_at=f"the scores, {cfg['n_layer']} blocks", tol=1e-4)


def run_of(student: Any, cfg: dict, B: int = 2, T: int = 5) -> tuple[Handle, Tensor]:
    """A GPT of right parts that has been called once, and what went into the first block."""
    model, idx = a_gpt(student, "blocks", cfg), ids(cfg, B, T)
    shaken(student, model)
    reply(student, model, idx)
    tok, pos = tables(student, model, cfg)
    return model, tok[idx] + pos[:T]


def test_blocks__each_is_called_once(student):
    for n_layer in (1, 2, 5):
        model, _ = run_of(student, CFG | {"n_layer": n_layer})
        found = student.run("[block.calls for block in model.transformer.h]", model=model)
        looked_at = f"how often each of {n_layer} blocks was called"
        expect.equal(found, [1] * n_layer, looked_at=looked_at)


def test_blocks__each_is_given_what_came_out_before(student):
    cfg = CFG | {"n_layer": 4}
    model, x = run_of(student, cfg)
    for n, name in enumerate([*layers(cfg), "ln_f"]):
        what = f"what {name} is given"
        given = fed(student, model, f"transformer.{name}", tuple(x.shape), what)
        expect.close(given, x, looked_at=what, tol=1e-4)
        if n < 4:
            x = part_of(student, model, f"transformer.{name}.work", x)


def test_blocks__of_right_parts(student):
    for n_layer in (1, 3):
        cfg = OTHER | {"n_layer": n_layer}
        model, idx = a_gpt(student, "blocks", cfg), ids(cfg, 3, 4)
        shaken(student, model)
        found = scores_of(student, model, idx, cfg)
        tok, pos = tables(student, model, cfg)
        x = through(student, model, [*layers(cfg), "ln_f"], tok[idx] + pos[:4])
        wanted = scored(student, model, x, cfg)
        expect.close(found, wanted, looked_at=f"the scores, {n_layer} blocks", tol=1e-4)


def test_blocks__every_one_learns(student):
    model = a_gpt(student, "blocks", CFG | {"n_layer": 3})
    every_weight_learns(student, model, ids(CFG, 4, 9), (4, 1, 23), 10)


def test_blocks__the_same_a_second_time(student):
    model, idx = a_gpt(student, "blocks", OTHER), ids(OTHER, 3, 6)
    shaken(student, model)
    first = scores_of(student, model, idx, OTHER)
    again = scores_of(student, model, idx, OTHER)
    expect.close(again, first, looked_at="the scores of the same text a second time")
    count = student.run("len(model.transformer.h)", model=model)
    expect.equal(count, 3, looked_at="how many blocks there are afterwards")


# last


@core
def test_last__the_scores_of_what_comes_next(student):
    for B, T, cfg in ((4, 5, CFG), (3, 11, OTHER), (2, 1, CFG), (5, 2, OTHER)):
        model, idx = a_gpt(student, "last", cfg), ids(cfg, B, T)
        shaken(student, model)
        tok, pos = tables(student, model, cfg)
        found = scores_of(student, model, idx, cfg)
        x = through(student, model, [*layers(cfg), "ln_f"], tok[idx] + pos[:T])
        wanted = scored(student, model, x, cfg)
        expect.close(found, wanted, looked_at=f"the scores for idx {(B, T)}", tol=1e-4)


def test_last__the_head_is_given_the_last_position_only(student):
    for B, T, cfg in ((4, 5, CFG), (3, 7, OTHER)):
        model, idx = a_gpt(student, "last", cfg), ids(cfg, B, T)
        shaken(student, model)
        reply(student, model, idx)
        found = student.attr(model, "lm_head.given")
        if found is None:  # its weights were used another way
            continue
        shape = (B, 1, cfg["n_embd"])
        looked_at = f"what lm_head is given, (B, 1, C) = {shape}"
        floats(found, shape, looked_at)
        tok, pos = tables(student, model, cfg)
        x = through(student, model, [*layers(cfg), "ln_f"], tok[idx] + pos[:T])
        expect.close(found, x[:, -1:].clone(), looked_at=looked_at, tol=1e-4)


def test_last__which_token_counts_where_blocks_add_nothing(student):
    model, idx = a_gpt(student, "last", CFG), torch.arange(12).view(2, 6)
    state = shaken(student, model)
    student.load(model, {n: w * 0 if ".h." in n else w for n, w in state.items()})
    before, moved = scores_of(student, model, idx, CFG), []
    for t in range(6):
        change = idx.clone()
        change[:, t] = 20
        after = scores_of(student, model, change, CFG)
        moved += [t] * bool((after - before).abs().max() > 1e-5)
    expect.equal(moved, [5], looked_at="the places of 6 whose token changes the scores")


def test_last__each_text_alone(student):
    model, idx = a_gpt(student, "last", OTHER), ids(OTHER, 5, 6)
    shaken(student, model)
    together = scores_of(student, model, idx, OTHER)
    for b in (0, 4):
        alone = scores_of(student, model, idx[b : b + 1].clone(), OTHER)
        expect.close(
            alone, together[b : b + 1].clone(), looked_at=f"text {b} of the batch alone", tol=1e-4
        )


def test_last__scores_and_no_odds(student):
    model, idx = a_gpt(student, "last", CFG), ids(CFG, 3, 4)
    state = shaken(student, model)
    once = scores_of(student, model, idx, CFG)
    student.load(model, {n: w * -2 if "ln_f" in n else w for n, w in state.items()})
    twice = scores_of(student, model, idx, CFG)
    looked_at = "the scores where ln_f gives -2 times as much"
    expect.close(twice, -2 * once, looked_at=looked_at, tol=1e-4)


def test_last__all_of_it_learns(student):
    model = a_gpt(student, "last", OTHER)
    every_weight_learns(student, model, ids(OTHER, 4, 9), (4, 1, 17), 9)


# The whole of the file, as it is.
WHOLE = """
model = loaded(GPT(settings(GPTConfig, cfg)), weights)
with torch.no_grad(), limited(2.0):
    for part in model.modules():
        if hasattr(part, "flash"):
            part.flash = flash
    scores = model(idx)
scores
"""


def a_state(cfg: dict) -> tuple[nano.GPT, dict[str, Tensor]]:
    """gptlab's model of these sizes, with weights that nothing begins with, and these."""
    model = nano.GPT(nano.GPTConfig(**cfg)).eval()
    state = {
        name: torch.rand(w.shape) + 0.3 if w.ndim < 2 else normal(*w.shape, scale=0.3)
        for name, w in model.state_dict().items()
    }
    state["transformer.wte.weight"] = state["lm_head.weight"]
    model.load_state_dict(state)
    return model, state


def either_gelu(right: nano.GPT, x: Tensor) -> list[Tensor]:
    """What it gives with GELU by erf, and by tanh."""
    found = []
    for form in ("none", "tanh"):
        for module in right.modules():
            if isinstance(module, nano.MLP):
                module.gelu = nn.GELU(approximate=form)
        with torch.no_grad():
            given = right(x)
        found.append(given[0] if isinstance(given, tuple) else given)
    return found


def part_at_fault(student: Any, right: nano.GPT, cfg: dict) -> str:
    """A sentence that names the first part which gives something else than it should."""
    x, block = normal(2, 5, cfg["n_embd"]), right.transformer.h[0]
    config = "settings(GPTConfig, cfg)"
    parts = [
        ("LayerNorm", "LayerNorm(cfg['n_embd'], bias=cfg['bias'])", block.ln_1, True),
        ("CausalSelfAttention", f"CausalSelfAttention({config})", block.attn, True),
        ("CausalSelfAttention, the long way,", f"CausalSelfAttention({config})", block.attn, False),
        ("MLP", f"MLP({config})", block.mlp, True),
        ("Block", f"Block({config})", block, True),
    ]
    for name, call, known, flash in parts:
        text = WHOLE.replace(f"GPT({config})", call)
        state = dict(known.state_dict())
        try:
            found = bench(student, text, cfg=cfg, weights=state, flash=flash, idx=x * 0.05)
            found = floats(found, tuple(x.shape), name)
        except (StudentError, CheckFailed):
            return f"{name} stops, or gives something of another shape: mend that part first."
        if not any(torch.allclose(found, w, 1e-5, 2e-5) for w in either_gelu(known, x * 0.05)):
            return f"{name} gives other numbers than it should: mend that part first."
    return "Its parts are right; look at GPT.forward, and at what else was changed in the file."


def test_last__the_whole_model_gives_the_scores_of_the_library(student):
    for B, T, cfg in ((2, 7, CFG), (3, 11, OTHER)):
        right, state = a_state(cfg)
        idx = ids(cfg, B, T)
        forms = either_gelu(right, idx)
        for flash in BOTH:
            looked_at = f"the scores of the whole file for idx {(B, T)}, {branch(flash)}"
            wanted = "those of gptlab.nano with the same weights"
            try:
                found = bench(student, WHOLE, cfg=cfg, weights=state, flash=flash, idx=idx)
            except StudentError as error:
                fault = part_at_fault(student, right, cfg)
                expect.fail(looked_at, wanted, str(error), fault)
            if not isinstance(found, Tensor) or found.shape != forms[0].shape:
                fault = part_at_fault(student, right, cfg)
                expect.fail(looked_at, wanted, expect.kind_of(found), fault)
            apart = min(float((found.float() - form).abs().max()) for form in forms)
            if not apart < 1e-4:
                fault = part_at_fault(student, right, cfg)
                expect.fail(looked_at, wanted, f"others, up to {apart:.2g} apart", fault)


# layer_norm

# What the output is, and which of PyTorch's own norms were run on the way.
NORMED = """
from torch.utils._python_dispatch import TorchDispatchMode

class Kernels(TorchDispatchMode):
    def __init__(self):
        super().__init__()
        self.norms = set()

    def __torch_dispatch__(self, kernel, types, args=(), kwargs=None):
        name = str(kernel)
        if any(norm in name for norm in ("layer_norm", "group_norm", "batch_norm", "rms_norm")):
            self.norms.add(name.split(".")[1])
        return kernel(*args, **(kwargs or {}))

kernels = Kernels()
with kernels:
    out = part(x)
[out, sorted(kernels.norms)]
"""


def a_norm(student: Any, C: int, bias: bool = True) -> Handle:
    part = made(student.new("LayerNorm", C, bias=bias), "LayerNorm")
    student.call("eval", on=part)
    return part


def normed(student: Any, part: Handle, x: Tensor) -> Tensor:
    """What it gives, without any norm of PyTorch's."""
    reply(student, part, x)
    out, ready = pieces(student.run(NORMED, part=part, x=x), 2, "the output")
    holds(
        ready == [],
        "which of PyTorch's norms were run",
        "none: the bonus is to do without",
        f"{ready}"[:80],
    )
    return floats(out, tuple(x.shape), f"LayerNorm of x {tuple(x.shape)}")


def norm_by_hand(x: Tensor, state: dict, eps: float = 1e-5) -> Tensor:
    weight, bias = (_double(state.get(name)) for name in ("weight", "bias"))
    return F.layer_norm(x.double(), (x.shape[-1],), weight, bias, eps).float()


@core
def test_layer_norm__against_torch_and_without_it(student):
    for shape, bias in (((2, 5, 7), True), ((3, 4, 6), False), ((4, 3, 9), True)):
        part, x = a_norm(student, shape[-1], bias), normal(*shape, scale=3.0) + 2
        state = shaken(student, part)
        found = normed(student, part, x)
        looked_at = f"LayerNorm({shape[-1]}, bias={bias}), weight not 1"
        expect.close(found, norm_by_hand(x, state), looked_at=looked_at)


def test_layer_norm__without_a_bias(student):
    part, x = a_norm(student, 6, bias=False), normal(3, 4, 6)
    state = shaken(student, part)
    expect.equal(sorted(state), ["weight"], looked_at="the weights of LayerNorm(6, bias=False)")
    found = normed(student, part, x)
    expect.close(found, norm_by_hand(x, state), looked_at="LayerNorm(6, bias=False)")


def test_layer_norm__mean_0_and_variance_1_at_first(student):
    found = normed(student, a_norm(student, 8), normal(4, 3, 8, scale=5.0) - 3)
    expect.close(found.mean(-1), torch.zeros(4, 3), looked_at="the mean of each position")
    expect.close(
        found.var(-1, unbiased=False),
        torch.ones(4, 3),
        looked_at="the variance of each position: the mean of the squares",
        tol=1e-4,
    )


def test_layer_norm__the_fifth_number_counts_where_numbers_are_small(student):
    part = a_norm(student, 6)
    for size in (0.03, 0.003):
        x = normal(2, 3, 6, scale=size)
        found = normed(student, part, x)
        looked_at = f"LayerNorm(6), x about {size}: the variance is near 1e-5"
        expect.close(found, norm_by_hand(x, {}), looked_at=looked_at)


def test_layer_norm__equal_numbers_give_the_bias(student):
    part = a_norm(student, 5)
    state = shaken(student, part)
    x = torch.tensor([[[3.0], [-2.0]], [[0.0], [1.0]]]).expand(2, 2, 5).contiguous()
    found = normed(student, part, x)
    bias = floats(state.get("bias"), (5,), "bias")
    expect.close(found, bias.expand(2, 2, 5), looked_at="the output where all numbers are equal")


def test_layer_norm__neither_level_nor_size_matters(student):
    part, x = a_norm(student, 9), normal(2, 4, 9, scale=50.0)
    shaken(student, part)
    found = normed(student, part, x)
    lifted, larger = normed(student, part, x + 30), normed(student, part, 8 * x)
    expect.close(lifted, found, looked_at="the output for x + 30", tol=1e-4)
    expect.close(larger, found, looked_at="the output for 8 x", tol=1e-4)


def test_layer_norm__each_position_alone(student):
    part = a_norm(student, 7)
    shaken(student, part)
    normed(student, part, normal(3, 4, 7))
    each_row_alone(student, part, normal(3, 4, 7))


def test_layer_norm__any_number_of_axes(student):
    part = a_norm(student, 6)
    state = shaken(student, part)
    for shape in ((6,), (4, 6), (2, 3, 5, 6)):
        x = normal(*shape)
        found = normed(student, part, x)
        expect.close(found, norm_by_hand(x, state), looked_at=f"the output for x {shape}")
    any_memory_order(student, part, normal(4, 5, 6), (4, 5, 6))


SLOPE_OF = """
x = x.clone().requires_grad_()
(part(x) * rates).sum().backward()
x.grad
"""


def test_layer_norm__its_slope(student):
    part, x, rates = a_norm(student, 6), normal(3, 4, 6), normal(3, 4, 6)
    normed(student, part, x)
    found = student.run(SLOPE_OF, part=part, x=x, rates=rates)
    known = x.clone().requires_grad_()
    (F.layer_norm(known, (6,)) * rates).sum().backward()
    expect.close(found, known.grad, looked_at="the slope of LayerNorm, which training needs")
    every_weight_learns(student, part, x, (3, 4, 6), 2)


def test_layer_norm__x_stays_as_it_is(student):
    part, x = a_norm(student, 8), normal(2, 5, 8)
    normed(student, part, x)
    student.call(part, x)
    expect.equal(argument(student, 0), x, looked_at="x after the call")


# write

# A model in the form of this lab: the scores depend on the first and the last token that it is
# shown, and on nothing else. It notes what it is shown, and whether autograd watches.
TABLES = """
import torch
from torch import nn
from types import SimpleNamespace

class Tables(nn.Module):
    def __init__(self):
        super().__init__()
        self.last, self.first = nn.Parameter(last), first
        self.config = SimpleNamespace(block_size=block_size, vocab_size=len(last))
        self.widths, self.watched = [], []

    def forward(self, idx):
        self.widths.append(idx.shape[1])
        self.watched.append(torch.is_grad_enabled())
        return (self.last[idx[:, -1]] + self.first[idx[:, 0]])[:, None, :]

Tables()
"""


def a_writer(student: Any, last: Tensor, first: Tensor, block_size: int) -> Handle:
    found = student.run(TABLES, last=last, first=first, block_size=block_size)
    return made(found, "a model for the test")


def two_tables(V: int) -> tuple[Tensor, Tensor]:
    """Scores in which no two of a row are nearly equal."""
    steps = torch.stack([torch.randperm(V) for _ in range(2 * V)]).float()
    return steps[:V], steps[V:] * 0.37


def written(
    student: Any, model: Handle, idx: Tensor, n: int, *knobs: Any, V: int, **named: Any
) -> Tensor:
    """What write gives, with idx in front; ids of V tokens."""
    found = student.call("write", model, idx, n, *knobs, **named)
    after = argument(student, 1)
    shape = (len(idx), idx.shape[1] + n)
    looked_at = f"write, idx {tuple(idx.shape)}, {n} new tokens"
    expect.tensor(found, shape=shape, dtype=torch.int64, looked_at=looked_at)
    most = int(found.max()) if found.numel() else 0
    holds(0 <= most < V, looked_at, f"ids below {V}", f"up to {most}")
    expect.equal(found[:, : idx.shape[1]].contiguous(), idx, looked_at="its first columns: idx")
    expect.equal(after, idx, looked_at="the caller's idx afterwards")
    return found


def continued(idx: Tensor, n: int, last: Tensor, first: Tensor, block_size: int) -> Tensor:
    """What is likeliest, by hand."""
    rows = idx.tolist()
    for row in rows:
        for _ in range(n):
            seen = row[-block_size:]
            row.append(int((last[seen[-1]] + first[seen[0]]).argmax()))
    return torch.tensor(rows)


def check_greedy(
    student: Any, B: int, T: int, V: int, n: int, block_size: int, *knobs: Any
) -> None:
    tables, idx = two_tables(V), torch.randint(V, (B, T))
    model = a_writer(student, *tables, block_size)
    found = written(student, model, idx, n, *(knobs or (0,)), V=V)
    looked_at = f"write, idx {(B, T)}, {n} new tokens, block_size {block_size}, temperature 0"
    expect.equal(found, continued(idx, n, *tables, block_size), looked_at=looked_at)


@core
def test_write__the_likeliest_tokens(student):
    for B, T, V, n, block_size in ((3, 2, 7, 9, 4), (2, 5, 11, 6, 3), (1, 3, 9, 5, 20)):
        check_greedy(student, B, T, V, n, block_size)


MANY = 1500
ROW = (0.4, -1.1, 1.3, 0.9, -0.3)


def shares_of(scores: Sequence[float], temperature: float, top_k: int | None) -> list[float]:
    """The odds with which each token is drawn."""
    best = sorted(scores, reverse=True)[: top_k or len(scores)]
    kept = torch.tensor([one if one in best else -INF for one in scores], dtype=torch.float64)
    return (kept / temperature).softmax(0).tolist()


def check_drawn(student: Any, *knobs: Any, odds: list[float]) -> None:
    """One token for many equal rows: as often as the odds say."""
    last = torch.tensor([ROW]).repeat(5, 1)
    model = a_writer(student, last, torch.zeros(5, 5), 4)
    found = written(student, model, torch.ones(MANY, 2).long(), 1, *knobs, V=5)[:, -1]
    counts = torch.bincount(found, minlength=5).tolist()
    told = f"1 token for {MANY} rows, {f'temperature, top_k {knobs}' if knobs else 'the defaults'}"
    never = [i for i in range(5) if odds[i] == 0 and counts[i]]
    holds(not never, f"the tokens drawn, {told}", "none that top_k leaves out", f"also {never}")
    apart = sum((c - MANY * p) ** 2 / (MANY * p) for c, p in zip(counts, odds, strict=True) if p)
    shown, seen = (
        ", ".join(f"{one:.2f}" for one in of) for of in (odds, [c / MANY for c in counts])
    )
    holds(apart < 60, f"how often each token comes, {told}", f"about {shown}", seen)


@core
def test_write__drawn_as_temperature_and_top_k_say(student):
    for knobs in ((0.5, None), (2.0, None), (1.0, 3), (2.5, 2)):
        check_drawn(student, *knobs, odds=shares_of(ROW, *knobs))


def test_write__temperature_1_and_all_tokens_where_nothing_is_said(student):
    check_drawn(student, odds=shares_of(ROW, 1.0, None))


def test_write__never_shows_more_than_block_size(student):
    for block_size, T, n in ((4, 2, 6), (3, 7, 4), (5, 5, 3)):
        model = a_writer(student, *two_tables(9), block_size)
        student.call("write", model, torch.randint(9, (2, T)), n, 0)
        expect.equal(
            student.attr(model, "widths"),
            [min(T + step, block_size) for step in range(n)],
            looked_at=f"how many tokens the model is shown, block_size {block_size}, idx {T} wide",
        )


def test_write__a_single_text(student):
    check_greedy(student, 1, 1, 8, 7, 3)
    check_greedy(student, 1, 6, 8, 4, 3)


def test_write__a_top_k_of_more_than_there_are_and_of_1(student):
    check_greedy(student, 3, 2, 6, 7, 4, 5.0, 1)
    check_drawn(student, 1.5, 200, odds=shares_of(ROW, 1.5, None))


def test_write__each_text_alone(student):
    tables, idx = two_tables(11), torch.randint(11, (5, 3))
    model = a_writer(student, *tables, 4)
    together = written(student, model, idx, 6, 0, V=11)
    for b in (0, 4):
        alone = written(student, model, idx[b : b + 1].clone(), 6, 0, V=11)
        expect.equal(alone, together[b : b + 1].clone(), looked_at=f"text {b} alone")


def test_write__no_new_token_and_one(student):
    model, idx = a_writer(student, *two_tables(7), 3), torch.randint(7, (4, 5))
    expect.equal(written(student, model, idx, 0, 0, V=7), idx, looked_at="no new token")
    written(student, model, idx, 1, 0, V=7)


def a_generator(student: Any, seed: int) -> Handle:
    source = "import torch\ntorch.Generator().manual_seed(seed)"
    return made(student.run(source, seed=seed), "a generator for the test")


def test_write__the_same_seed_the_same_text(student):
    model = a_writer(student, normal(6, 6, scale=0.3), torch.zeros(6, 6), 4)
    idx = torch.randint(6, (4, 2))

    def drawn(generator: Handle | None) -> Tensor:
        return written(student, model, idx, 14, 1.1, 5, V=6, generator=generator)

    first = drawn(a_generator(student, 3))
    free, other = drawn(None), drawn(None)
    expect.equal(same(free, other), False, looked_at="twice without a generator: the same text")
    expect.equal(drawn(a_generator(student, 3)), first, looked_at="a generator of the same seed")
    goes_on = a_generator(student, 3)
    expect.equal(drawn(goes_on), first, looked_at="the same seed, once more")
    expect.equal(same(drawn(goes_on), first), False, looked_at="a generator goes on: the same text")
    other = drawn(a_generator(student, 4))
    expect.equal(same(other, first), False, looked_at="another seed: the same text")


DICE = """
import torch

before = torch.get_rng_state()
write(model, idx, 3, 1.0, None, torch.Generator().manual_seed(3))
torch.equal(torch.get_rng_state(), before)
"""


def test_write__other_dice_are_left_alone(student):
    model, idx = a_writer(student, *two_tables(6), 4), torch.randint(6, (2, 3))
    found = student.run(DICE, model=model, idx=idx)
    looked_at = "torch's own random state is as it was, drawn with a generator"
    expect.equal(found, True, looked_at=looked_at)


def test_write__each_text_has_a_draw_of_its_own(student):
    model = a_writer(student, torch.zeros(6, 6), torch.zeros(6, 6), 4)
    found = written(student, model, torch.zeros(60, 1).long(), 1, 1.0, V=6)[:, -1]
    holds(len(found.unique()) > 3, "60 equal texts, a token each", "different tokens", "few")


def test_write__nobody_learns_here(student):
    model, idx = a_writer(student, *two_tables(6), 4), torch.randint(6, (2, 3))
    student.call("train", on=model)
    written(student, model, idx, 3, 0, V=6)
    watched, training = student.attr(model, "watched"), student.attr(model, "training")
    expect.equal(watched, [False] * 3, looked_at="whether autograd watches the model")
    expect.equal(training, True, looked_at="model.training afterwards, as it was before")


def test_write__an_idx_that_is_not_contiguous(student):
    tables, idx = two_tables(9), torch.randint(9, (3, 5))
    model = a_writer(student, *tables, 4)
    found = student.run("write(model, idx.t(), 4, 0)", model=model, idx=idx.t().contiguous())
    expect.equal(found, continued(idx, 4, *tables, 4), looked_at="idx.t(), 4 new tokens")


# letter: its form only


def a_letter(student: Any) -> letters.Letter:
    """The letter as the class page reads it."""
    found = student.get("letter")
    try:
        return letters.read(found)
    except ValueError as error:
        expect.fail("letter", "as in the cell that was given", str(error))


@core
def test_letter__can_be_read(student):
    a_letter(student)


def test_letter__has_all_its_parts(student):
    found = student.get("letter")
    holds(isinstance(found, dict), "letter", "a dictionary", expect.kind_of(found))
    missing = [key for key in letters.BLANK if key not in found]
    expect.equal(missing, [], looked_at="what letter lacks")


def a_setting(name: str, value: Any) -> bool:
    """Whether a setting is one that sample.py could have had."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    if name == "top_k":
        return value is None or (whole and value >= 1)
    if name == "seed":
        return whole
    return (whole or isinstance(value, float)) and 0 <= value <= 1000


def test_letter__its_settings(student):
    a_letter(student)
    given = student.get("letter")["settings"]
    for name in ("temperature", "top_k", "seed"):
        there = isinstance(given, dict) and name in given
        holds(
            there and a_setting(name, given[name]),
            f"{name} of the settings",
            "a number that sample.py takes",
            expect.describe(given[name]) if there else "there is none",
        )


def test_letter__is_more_than_its_prompt(student):
    found = a_letter(student)
    holds(
        found.letter != found.prompt.strip(), "letter", "what the model wrote", "the prompt alone"
    )


def test_letter__says_whether_it_may_be_shown(student):
    found = student.get("letter")
    agree = found.get("agree") if isinstance(found, dict) else None
    holds(isinstance(agree, bool), "agree", "True or False, without quotes", expect.describe(agree))
