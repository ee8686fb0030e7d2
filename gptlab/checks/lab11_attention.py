"""The checks of lab11 on attention: the layer of q, k and v, the heads, and the way out."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from gptlab.checks.core import must_be_callable, passed
from gptlab.checks.lab11_parts import (
    Config,
    Gives,
    Known,
    Seen,
    halves,
    layer,
    linear,
    made,
    refuse,
    same,
    sized,
    watch,
)

EARLY = {"no attribute 'n_embd'": "smp_c_attn_self", "no attribute 'n_head'": "smp_c_attn_self",
         "argument 'size'": "smp_heads_float"}  # fmt: skip
FLASH = "scaled_dot_product_attention"
# The worked example: two heads of two numbers, three tokens. The second text is for the check.
PLACES = torch.arange(1.0, 13).view(1, 3, 4)
TEXTS = torch.cat((PLACES, PLACES * 10))  # (B=2, T=3, C=4)


def c_attn(answer: type[nn.Module]) -> None:
    """One layer for query, key and value of all heads, with a bias or without."""
    item = "c_attn"
    must_be_callable(item, answer, "the class")
    for n_head, n_embd in ((2, 4), (3, 12), (5, 40)):
        for bias in (True, False):
            told = f"n_embd={n_embd}, n_head={n_head}, bias={bias}"
            looked_at = f"CausalSelfAttention(config), where {told}"
            config = Config(n_head=n_head, n_embd=n_embd, bias=bias)
            built = made(item, answer, config, looked_at=looked_at, likely=EARLY)
            found = layer(item, built, "c_attn", f"CausalSelfAttention, where {told}")
            _size(item, found, n_head, n_embd, told)
            if (found.bias is not None) != bias:
                said, seen = ("a bias", "none") if bias else ("no bias", "one")
                cause = "smp_bias_ignored" if bias else "smp_bias_always"
                refuse(item, f"self.c_attn, where {told}", said, seen, cause)
    passed(item)


def _size(item: str, found: nn.Linear, n_head: int, n_embd: int, told: str) -> None:
    head = n_embd // n_head
    slips = [
        ("smp_c_attn_of_a_head", (n_embd, 3 * head)), ("smp_c_attn_one", (n_embd, n_embd)),
        ("smp_c_attn_of_a_head", (n_embd, head)), ("smp_c_attn_swapped", (3 * n_embd, n_embd)),
        ("smp_c_attn_each_head", (n_embd, 3 * n_embd * n_head)),
        ("smp_c_attn_from_a_head", (head, 3 * head)), ("smp_sizes_fixed", (768, 2304)),
    ]  # fmt: skip
    wanted = (n_embd, 3 * n_embd)
    sized(item, found, f"self.c_attn, where {told}", wanted, slips, "smp_c_attn_size")


def attention(item: str, answer: type[nn.Module], qkv: Tensor, n_head: int, flash: bool = True,
              dropout: float = 0.0) -> nn.Module:  # fmt: skip
    """The student's attention with this answer of c_attn, (B, T, 3C); c_proj gives its input."""
    must_be_callable(item, answer, "the class")
    n_embd = qkv.shape[2] // 3
    config = Config(n_head=n_head, n_embd=n_embd, dropout=dropout)
    looked_at = f"CausalSelfAttention(config), where n_embd={n_embd} and n_head={n_head}"
    built = made(item, answer, config, looked_at=looked_at, likely=EARLY)
    built.c_attn, built.c_proj, built.flash = Gives(qkv), linear(torch.eye(n_embd)), flash
    return built


def captured(item: str, built: nn.Module, looked_at: str) -> tuple[Any, Any, Any]:
    """q, k and v as they go into PyTorch's own attention."""
    x = torch.zeros((*built.c_attn.answer.shape[:2], built.n_embd))

    def gives(q: Any, k: Any, v: Any, **knobs: Any) -> Any:
        return torch.zeros_like(v)

    seen = watch(
        item, built, x, looked_at=looked_at, later=("out",), instead={FLASH: gives},
        enough=lambda calls: any(one.name == FLASH for one in calls),
        likely={"contiguous": "smp_heads_contiguous", "is invalid for input of size":
                "smp_heads_size", "must be an integer": "smp_heads_float",
                "argument 'size'": "smp_heads_float", "'float' object": "smp_heads_float",
                "name 'nh'": "smp_heads_name", "name 'hs'": "smp_heads_name",
                "name 'n_head'": "smp_heads_name", "name 'head_size'": "smp_heads_name"},
    )  # fmt: skip
    found = seen.first(FLASH)
    if found is None:
        refuse(item, looked_at, "q, k and v handed to F.scaled_dot_product_attention", "nothing")
    return found.args[:3]


def heads(answer: type[nn.Module]) -> None:
    """The example: tokens 1 2 3 4, 5 6 7 8, 9 10 11 12 with two heads of two; then three of one."""
    item = "heads"
    for n_head, told in ((2, "two heads"), (4, "four heads"), (1, "one head")):
        parts = dict(zip("qkv", (TEXTS, TEXTS + 100, TEXTS - 100), strict=True))
        built = attention(item, answer, torch.cat(list(parts.values()), dim=2), n_head)
        looked_at = f"three tokens, q is 1 2 3 4, 5 6 7 8, 9 10 11 12, {told}"
        found = dict(zip("qkv", captured(item, built, looked_at), strict=True))
        for name, rows in parts.items():
            others = [parts[other] for other in parts if other != name]
            known = _slips(rows, n_head)
            known += [("smp_heads_copied", _split(other, n_head)) for other in others]
            where = looked_at if name == "q" else f"{looked_at.replace('q is', f'{name} is')}, "
            where += "" if name == "q" else "each " + ("+ 100" if name == "k" else "- 100")
            where = f"{name} as attention gets it; " + where
            same(item, found[name], _split(rows, n_head), looked_at=where, known=known)
    passed(item)


def _split(x: Tensor, n_head: int) -> Tensor:
    """(B, T, C) -> (B, n_head, T, hs), head by head."""
    return torch.stack(x.chunk(n_head, dim=2), dim=1)


def _slips(x: Tensor, n_head: int) -> list[tuple[str, Tensor]]:
    """What common slips make of q, k or v."""
    B, T, C = x.shape
    size, right = C // n_head, _split(x, n_head)
    cut = right.movedim(1, 2)  # (B, T, nh, hs)
    interleaved = torch.stack([x[..., head::n_head] for head in range(n_head)], dim=1)
    known = [
        ("smp_heads_left", x), ("smp_heads_viewed", x.reshape(B, n_head, T, size)),
        ("smp_heads_not_moved", right.movedim(1, 2)), ("smp_heads_last_two", right.mT),
        ("smp_heads_interleaved", interleaved),
        ("smp_heads_hs_in_front", right.permute(0, 3, 2, 1)),
        ("smp_heads_hs_in_front", interleaved.permute(0, 3, 2, 1)),
        ("smp_heads_before_texts", right.movedim(1, 0)),
        ("smp_heads_before_texts", right.permute(2, 1, 0, 3)),
        ("smp_heads_axes", cut.transpose(1, 3)), ("smp_heads_axes", cut.transpose(2, 3)),
        ("smp_heads_axes", cut.transpose(0, 1)),
    ]  # fmt: skip
    return known + [("smp_heads_fixed", _split(x, n)) for n in (1, 2, 4) if n != n_head]


MIX = torch.tensor([[1.0, 0, 1, 0], [0, 2, 0, 0], [0, 0, 1, -1], [1, 1, 0, 0]])
MIX_BIAS = torch.tensor([0.5, 0.0, -1.0, 3.0])
HEARD = torch.tensor([[[1.0, 2], [5, 6]], [[3, 4], [0, -1]]])  # (nh=2, T=2, hs=2)


WRONG_WAY_OUT = {"'float' object is not callable": "smp_dropout_number"}


def out(answer: type[nn.Module]) -> None:
    """What two heads have heard, mixed by c_proj; then dropout, as the last thing."""
    item, y = "out", torch.stack((HEARD, HEARD * 3))  # (B=2, nh=2, T=2, hs=2)
    built = attention(item, answer, torch.zeros(2, 2, 12), 2, dropout=0.5)
    built.c_proj = linear(MIX, MIX_BIAS)
    side = torch.cat(tuple(y.unbind(1)), dim=2)  # (B, T, C)
    right = side @ MIX.T + MIX_BIAS
    looked_at = "heads that give (1, 2) and (3, 4) for the first token, c_proj with known numbers"
    seen, x = _run(item, built, y, looked_at), _input(y)
    found, mixed = seen.out, seen.first("linear") is not None
    known: Known = [
        ("smp_out_not_kept" if mixed else "smp_out_not_projected", side),
        ("smp_out_twice", right @ MIX.T + MIX_BIAS), ("smp_out_adds_x", right + x),
        ("smp_out_from_x", x @ MIX.T + MIX_BIAS), ("smp_out_from_x", x),
        ("smp_out_no_bias", side @ MIX.T), ("smp_out_residual", right + side),
        ("smp_out_c_attn", torch.zeros(2, 2, 12)),
    ]  # fmt: skip
    if halves(found, right):
        likely = "dropout_in_evaluation"
        refuse(item, f"{looked_at}; in evaluation mode", "all of them", "some are 0", likely)
    same(item, found, right, looked_at=looked_at, known=known,
         likely="forward_returns_nothing" if found is None else "")  # fmt: skip
    _dropped(item, built, y, right, side)
    passed(item)


def _run(item: str, built: nn.Module, y: Tensor, looked_at: str) -> Seen:
    """A forward in which attention itself gives y."""
    built.c_attn = Gives(torch.zeros(2, y.shape[2], 12))
    return watch(item, built, _input(y), looked_at=looked_at, likely=WRONG_WAY_OUT,
                 instead={FLASH: lambda *args, **knobs: y.clone()})  # fmt: skip


def _input(y: Tensor) -> Tensor:
    """What goes into attention where its heads give y: other numbers than any of theirs."""
    return torch.arange(100.0, 100 + y.numel()).view(2, y.shape[2], 4)


def _dropped(item: str, built: nn.Module, y: Tensor, right: Tensor, side: Tensor) -> None:
    """In training, resid_dropout makes half of what comes out 0 and doubles the rest."""
    looked_at = "the same in training, dropout=0.5"
    built.train()
    built.attn_dropout.p = 0.0
    found = _run(item, built, y.repeat(1, 1, 40, 1), looked_at).out
    if not halves(found, right.repeat(1, 40, 1)):
        none = isinstance(found, Tensor) and found.allclose(right.repeat(1, 40, 1), atol=1e-4)
        expected = "each number 0 or doubled"
        seen, likely = "none is changed", "smp_out_no_dropout"
        if not none:
            seen, likely = "other numbers", "dropout_before_projection"
        refuse(item, looked_at, expected, seen, likely)
    built.resid_dropout.p = built.dropout = 0.0
    if not _run(item, built, y, looked_at).out.allclose(right, atol=1e-4):
        where = "the same in training, with the p of resid_dropout set to 0"
        refuse(item, where, "none changed", "some are 0", "smp_out_other_dropout")
