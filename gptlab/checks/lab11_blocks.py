"""The checks of lab11 on the MLP and the block."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gptlab.checks.core import globals_set, kept, must_be_callable, passed
from gptlab.checks.lab11_parts import (
    Config,
    Known,
    Times,
    halves,
    layer,
    linear,
    made,
    refuse,
    same,
    sized,
    watch,
)
from gptlab.checks.shown import difference

UP, UP_BIAS = torch.tensor([[1.0], [-1], [3], [0]]), torch.tensor([0.0, 0, 0, -1])
DOWN, DOWN_BIAS = torch.tensor([[1.0, -1, 1, 10]]), torch.tensor([0.5])


def mlp_init(answer: type[nn.Module]) -> None:
    """c_fc four times as wide, c_proj back, with a bias or without."""
    item = "mlp_init"
    must_be_callable(item, answer, "the class")
    for n_embd, bias in ((4, True), (6, False), (10, True)):
        told = f"n_embd={n_embd}, bias={bias}"
        config = Config(n_embd=n_embd, n_head=2, bias=bias)
        built = made(item, answer, config, looked_at=f"MLP(config), where {told}")
        wide = 4 * n_embd
        both = {"c_fc": (n_embd, wide), "c_proj": (wide, n_embd)}
        for name, sizes in both.items():
            found = layer(item, built, name, f"MLP, where {told}")
            slips = [("smp_mlp_swapped", sizes[::-1]), ("smp_mlp_narrow", (n_embd, n_embd)),
                     ("smp_mlp_narrow", (n_embd, 3 * n_embd)), ("smp_mlp_wide", (wide, wide)),
                     ("smp_sizes_fixed", (768, 3072)), ("smp_sizes_fixed", (3072, 768)),
                     ]  # fmt: skip
            sized(item, found, f"self.{name}, where {told}", sizes, slips, "smp_mlp_size")
            if (found.bias is not None) != bias:
                said, seen = ("a bias", "none") if bias else ("no bias", "one")
                cause = "smp_bias_ignored" if bias else "smp_bias_always"
                refuse(item, f"self.{name}, where {told}", said, seen, cause)
        if built.c_fc is built.c_proj:
            refuse(item, "c_fc and c_proj", "two layers", "one and the same", "smp_mlp_size")
    passed(item)


def _mlp(item: str, answer: type[nn.Module], dropout: float) -> nn.Module:
    """The student's MLP, one number wide, with the layers of the example."""
    config = Config(n_embd=1, n_head=1, dropout=dropout)
    built = made(item, answer, config, looked_at="MLP(config), where n_embd=1")
    built.c_fc, built.c_proj = linear(UP, UP_BIAS), linear(DOWN, DOWN_BIAS)
    return built


def mlp(answer: type[nn.Module]) -> None:
    """The example, one number wide: 1 and -1; then dropout, as the last of four."""
    item, x = "mlp", torch.tensor([[[1.0], [-1.0]], [[2.0], [0.5]]])  # (B=2, T=2, C=1)
    must_be_callable(item, answer, "the class")
    built = _mlp(item, answer, 0.5)
    wide, back, bend = built.c_fc, built.c_proj, built.gelu
    with torch.no_grad():
        hidden = wide(x)
        right, tanh = back(bend(hidden)), back(F.gelu(hidden, approximate="tanh"))
        known: Known = [
            ("smp_mlp_no_gelu", back(hidden)), ("smp_mlp_gelu_last", bend(back(hidden))),
            ("smp_mlp_gelu_last", bend(right)), ("smp_mlp_gelu_first", back(wide(bend(x)))),
            ("smp_mlp_gelu_twice", back(bend(bend(hidden)))), ("smp_mlp_not_back", bend(hidden)),
            ("smp_mlp_not_back", hidden), ("smp_not_kept", x), ("smp_mlp_residual", x + right),
            ("smp_mlp_relu", back(F.relu(hidden))),
            ("smp_mlp_not_kept", hidden), ("smp_mlp_not_kept", bend(x)),
        ]  # fmt: skip
    looked_at = "x = 1 and -1, with the layers of the example"
    wrong = {"cannot be multiplied": "smp_mlp_order"}
    found = watch(item, built, x, looked_at=looked_at, likely=wrong).out
    note = ""
    if difference(found, right) is not None and difference(found, tanh) is None:
        right, note = tanh, "It bends by tanh in forward: that form belongs into __init__."
    if halves(found, right):
        refuse(item, f"{looked_at}; in evaluation mode", "all of them", "some are 0",
               "dropout_in_evaluation")  # fmt: skip
    likely = "forward_returns_nothing" if found is None else ""
    same(item, found, right, looked_at=looked_at, known=known, likely=likely)
    many, looked_at = x.repeat(1, 50, 1), "the same in training, dropout=0.5"
    found = watch(item, built.train(), many, looked_at=looked_at).out
    if not halves(found, right.repeat(1, 50, 1)):
        none = difference(found, right.repeat(1, 50, 1)) is None
        seen = "none is changed" if none else "other numbers"
        likely = "smp_mlp_no_dropout" if none else "smp_mlp_dropout_not_last"
        refuse(item, looked_at, "each number 0 or doubled", seen, likely)
    passed(item, note)


class CausalSelfAttention(Times):
    """Stands for attention."""

    def __init__(self, config: Any = None) -> None:
        super().__init__(-4.0)


class MLP(Times):
    """Stands for the MLP."""

    def __init__(self, config: Any = None) -> None:
        super().__init__(10.0)


class LayerNorm(nn.Module):
    """A layer norm with a number for weight and bias; eps is too small to be seen."""

    def __init__(self, ndim: int, bias: bool) -> None:
        super().__init__()
        self.ndim, self.factor, self.added = ndim, 1.0, 0.0

    def forward(self, input: Tensor) -> Tensor:
        return F.layer_norm(input, (self.ndim,), eps=1e-9) * self.factor + self.added


PARTS = {"CausalSelfAttention": CausalSelfAttention, "MLP": MLP, "LayerNorm": LayerNorm}
# The worked example: tokens (1, 7) and (8, 2), attention times -4, the MLP times 10.
X = torch.tensor([[[1.0, 7.0], [8.0, 2.0]]])
RIGHT = torch.tensor([[[15.0, -7.0], [-6.0, 16.0]]])


def block(answer: type[nn.Module]) -> None:
    """The example; then with norms that scale and shift."""
    item = "block"
    must_be_callable(item, answer, "the class")
    with globals_set(answer, **PARTS):
        config = Config(n_embd=2, n_head=1)
        built = made(item, answer, config, looked_at="Block(config), where n_embd=2")
        looked_at = "x = (1, 7) and (8, 2), attn multiplies by -4, mlp by 10"
        results = []
        for scaled in (False, True):
            if scaled:
                built.ln_1.factor, built.ln_2.factor, built.ln_2.added = 0.25, -2.0, 1.0
                looked_at += "; ln_1 times 0.25, ln_2 times -2, plus 1"
            given = X.clone()
            found = watch(item, built, given, looked_at=looked_at).out
            results.append((looked_at, found, _right(built), _slips(built)))
            kept(item, given, X, "x", likely="smp_block_in_place")
        _judge(item, results)
    passed(item)


def _right(built: nn.Module) -> Tensor:
    heard = X - 4 * built.ln_1(X)
    return heard + 10 * built.ln_2(heard)


def _judge(item: str, results: list[tuple[str, Any, Tensor, list[tuple[str, Tensor]]]]) -> None:
    """Refuse the first that is wrong, with the slip that explains both."""
    fits = [
        all(difference(one[1], one[3][n][1]) is None for one in results)
        for n in range(len(results[0][3]))
    ]
    names = [name for name, _ in results[0][3]]
    cause = next((name for name, fit in zip(names, fits, strict=True) if fit), "")
    for looked_at, found, right, _ in results:
        likely = "forward_returns_nothing" if found is None else cause
        same(item, found, right, looked_at=looked_at, likely=likely)


def _slips(built: nn.Module) -> list[tuple[str, Tensor]]:
    """What common slips give on the example."""

    def attn(x: Tensor) -> Tensor:
        return -4 * x

    def mlp(x: Tensor) -> Tensor:
        return 10 * x

    ln_1, ln_2 = built.ln_1, built.ln_2
    u = ln_1(X)
    heard, alone = X + attn(u), attn(u)
    v = ln_2(heard)
    after, late = ln_1(X + attn(X)), X + ln_1(attn(X))
    swapped, twice_2 = X + attn(ln_2(X)), X + attn(ln_2(X))
    first = X + mlp(ln_2(X))
    return [
        ("smp_no_residual_attention", alone + mlp(ln_2(alone))),
        ("smp_no_residual_mlp", mlp(v)), ("smp_no_residuals", mlp(ln_2(alone))),
        ("smp_residual_of_normed", u + alone + mlp(ln_2(u + alone))),
        ("smp_residual_of_normed_mlp", v + mlp(v)),
        ("smp_residual_of_normed_both", ln_2(u + alone) * 11),
        ("smp_norm_after", ln_2(after + mlp(after))),
        ("smp_norms_of_outputs", late + ln_2(mlp(late))),
        ("smp_no_ln_1", X + attn(X) + mlp(ln_2(X + attn(X)))),
        ("smp_no_ln_2", heard + mlp(heard)), ("smp_no_norms", (X + attn(X)) * 11),
        ("smp_norms_swapped", swapped + mlp(ln_1(swapped))),
        ("smp_ln_1_twice", heard + mlp(ln_1(heard))),
        ("smp_ln_2_twice", twice_2 + mlp(ln_2(twice_2))),
        ("smp_block_in_parallel", heard + mlp(ln_2(X))), ("smp_block_in_parallel", heard + mlp(u)),
        ("smp_mlp_before_attention", first + attn(ln_1(first))),
        ("smp_second_from_x", X + mlp(v)), ("smp_block_no_attention", first),
        ("smp_block_no_mlp", heard), ("smp_not_kept", X),
        ("smp_block_no_mlp", alone), ("smp_not_kept", u),
    ]  # fmt: skip
