"""The checks of lab06 on several heads: one after the other, and all at once."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from gptlab.checks.core import globals_set, passed, show
from gptlab.checks.lab02_numbers import mixed, same
from gptlab.checks.lab03_parts import build, part
from gptlab.checks.lab03_stand_ins import Asked
from gptlab.checks.lab06_causal import (
    ERRORS,
    dropout,
    first_alone,
    mask,
    nearly,
    rows_of,
    run,
    whole_context,
)
from gptlab.checks.lab06_numbers import (
    MEANS,
    PAPER,
    SENTENCES,
    WORDS,
    Mix,
    causal_mix,
    layers,
    put,
    refuse,
    slips,
)

# The projection on paper: (numbers out, numbers in), and its bias.
OUT = torch.tensor([[1.0, 0, 1, 0], [0, 1, 0, -1], [0, 0, 1, 0], [1, 0, 0, 0]])
OUT_BIAS = torch.tensor([0, 0, 0, 0.5])
HEADS = (PAPER, MEANS)


class Gives(nn.Module):
    """A head that gives what the head on paper gives, or the plain means; five sentences."""

    def __init__(self, matrices: dict[str, Tensor]) -> None:
        super().__init__()
        self.matrices, self.asked = matrices, 0

    def forward(self, x: Tensor) -> Tensor:
        self.asked += 1
        return causal_mix(*(x @ matrix for matrix in self.matrices.values()))


def wrapper(answer: type[nn.Module]) -> None:
    """How the heads are built, and the two heads on paper side by side."""
    item = "wrapper"
    made = "MultiHeadAttentionWrapper(3, 2, context_length=8, dropout=0.75, num_heads=2)"
    with globals_set(answer, CausalAttention=Asked):
        built = build(item, answer, 3, 2, 8, 0.75, 2, looked_at=made)
        biased = build(item, answer, 3, 2, 8, 0.75, 3, True, looked_at=f"{made}, qkv_bias=True")
    heads = part(item, built, "heads", nn.ModuleList, "an nn.ModuleList of heads")
    where = f"self.heads of {made}"
    if len(heads) != 2:
        refuse(item, where, "2 heads", f"{len(heads)}", "wrapper_two_heads")
    if heads[0] is heads[1]:
        refuse(item, where, "2 heads", "one head, twice", "heads_one_object")
    _asked(item, heads, (3, 2, 8, 0.75), False, where)
    _asked(item, biased.heads, (3, 2, 8, 0.75), True, f"{where[:-1]}, qkv_bias=True)")
    built.heads[0], built.heads[1] = Gives(PAPER), Gives(MEANS)
    looked_at = "the two heads on paper, for the six words in five orders: (B=5, T=6, d_in=3)"
    found = run(item, built, SENTENCES, looked_at)
    first, second = (head(SENTENCES) for head in built.heads)
    known = {
        "heads_summed": first + second,
        "wrapper_mean": (first + second) / 2,
        "heads_wrong_order": torch.cat((second, first), 2),
        "heads_interleaved": torch.stack((first, second), 3).flatten(2),
        "first_head_again": torch.cat((first, first), 2),
        "wrapper_along_time": torch.cat((first, second), 1),
        "wrapper_along_batch": torch.cat((first, second), 0),
        "wrapper_stacked": torch.stack((first, second), 2),
        "wrapper_one_head": first,
        "wrapper_last_head": second,
    }
    known["wrapper_stacked_first"] = torch.stack((first, second))
    in_a_row = built.heads[1].asked < 2  # a head that was fed with another's result, or not at all
    likely = "wrapper_in_a_row" if in_a_row else ""
    right = torch.cat((first, second), 2)
    same(item, found, right, looked_at=looked_at, known=known, likely=likely)
    passed(item)


def _asked(item: str, heads: Any, wanted: tuple, bias: bool, where: str) -> None:
    """What each head was asked for, with its bias as the fifth."""
    for head in heads:
        if not isinstance(head, Asked):
            refuse(item, where, "heads that are CausalAttention", show(head), "wrapper_other_heads")
        found = (*head.asked, False) if len(head.asked) == 4 else head.asked
        if found == (*wanted, bias):
            continue
        likely = "wrapper_arguments"
        likely = "wrapper_share" if found[1] != wanted[1] else likely
        likely = "wrapper_no_bias" if found[:4] == wanted else likely
        refuse(item, where, f"CausalAttention{(*wanted, bias)}", f"CausalAttention{found}", likely)


def multi_head(answer: type[nn.Module]) -> None:
    """What it owns, the two heads on paper with their projection, three heads, dropout."""
    item = "multi_head"
    made = "MultiHeadAttention(3, 4, context_length=8, dropout=0.75, num_heads=2)"
    built = build(item, answer, 3, 4, 8, 0.75, 2, looked_at=made)
    layers(item, built, made, (3, 4))
    _projection(item, built, made)
    mask(item, built, made)
    dropout(item, built, made)
    _on_paper(item, answer, built, made)
    _three(item, answer)
    _drops(item, answer)
    made = "MultiHeadAttention(3, 4, 8, 0.75, 2, qkv_bias=True)"
    layers(
        item, build(item, answer, 3, 4, 8, 0.75, 2, True, looked_at=made), made, (3, 4), bias=True
    )
    _uneven(item, answer)
    passed(item)


def _projection(item: str, built: nn.Module, made: str) -> None:
    """out_proj is a layer 4 -> 4 with a bias."""
    found, where = getattr(built, "out_proj", None), f"self.out_proj of {made}"
    if not isinstance(found, nn.Linear):
        refuse(item, where, "an nn.Linear", show(found), "att_part_missing")
    size = found.in_features, found.out_features
    if size != (4, 4):
        refuse(item, where, "4 -> 4", f"{size[0]} -> {size[1]}", "mh_projection_sizes")
    if found.bias is None:
        refuse(item, where, "a bias", "none", "mh_projection_no_bias")


def merged(heads: tuple[dict[str, Tensor], ...], mix: Mix, x: Tensor) -> Tensor:
    """What each head gives, side by side: the right way to split and merge."""
    return torch.cat([mix(*(x @ matrix for matrix in head.values())) for head in heads], -1)


def fill(built: nn.Module, heads: tuple[dict[str, Tensor], ...]) -> None:
    """Write the matrices of all heads into the layers, side by side."""
    put(built, {name: torch.cat([head[name] for head in heads], 1) for name in PAPER})


def _on_paper(item: str, answer: Any, built: nn.Module, made: str) -> None:
    """fish leaves as (7, 2, 1, 6.5)."""
    fill(built, HEADS)
    built.out_proj.weight.data, built.out_proj.bias.data = OUT.clone(), OUT_BIAS.clone()
    looked_at = (
        f"{made} in evaluation mode, with the two heads and the projection on paper, for the six "
        "words in five orders: (B=5, T=6, d_in=3)"
    )
    likely = {"view size is not compatible": "mh_view_not_contiguous"} | ERRORS
    found = run(item, built, SENTENCES, looked_at, likely)
    known = _slips(SENTENCES)
    either = known.pop("mh_scaled_by_d_out")  # of 2 · 2 numbers the root is 2, a head's size
    if isinstance(found, Tensor) and found.shape == either.shape and found.allclose(either):
        _three(item, answer)
    right = _projected(merged(HEADS, causal_mix, SENTENCES))
    same(item, found, right, looked_at=looked_at, known=known, likely=nearly(built, found, right))
    long = torch.cat((SENTENCES, SENTENCES[:, :2]), 1)
    whole_context(item, built, long, _projected(merged(HEADS, causal_mix, long)))
    first_alone(item, built)


def _projected(side: Tensor) -> Tensor:
    return mixed(side, OUT.T) + OUT_BIAS


def _slips(x: Tensor) -> dict[str, Tensor]:
    """What the usual mistakes make of the two heads on paper."""
    side = merged(HEADS, causal_mix, x)
    B, T, width = side.shape
    known = {cause: merged(HEADS, mix, x) for cause, mix in slips(3, True).items()}
    q, k, v = (torch.cat([x @ head[name] for head in HEADS], 2) for name in PAPER)
    cut = causal_mix(*(y.reshape(B, 2, T, width // 2) for y in (q, k, v)))  # view alone
    heads = torch.stack(side.chunk(2, -1), 1)  # (B, heads, T, size)
    known |= {
        "mh_scaled_by_d_out": merged(HEADS, lambda q, k, v: causal_mix(q / math.sqrt(2), k, v), x),
        "mh_one_head": causal_mix(q, k, v),
        "mh_view_alone": torch.cat(list(cut.unbind(1)), -1),
        "mh_view_both_ways": cut.reshape(B, T, width),
        "mh_merged_without_swap": heads.reshape(B, T, width),
    }
    known = {cause: _projected(table) for cause, table in known.items()}
    return known | {
        "mh_no_projection": side,
        "mh_projection_twice": _projected(_projected(side)),
    }


def _identity(built: nn.Module) -> None:
    width = built.out_proj.in_features
    built.out_proj.weight.data, built.out_proj.bias.data = torch.eye(width), torch.zeros(width)


def _three(item: str, answer: Callable[..., nn.Module]) -> None:
    """Three heads of two, for five words: all sizes differ."""
    made = "MultiHeadAttention(3, 6, context_length=8, dropout=0.0, num_heads=3)"
    built = build(item, answer, 3, 6, 8, 0.0, 3, looked_at=made)
    heads, x = (PAPER, MEANS, PAPER), SENTENCES[:4, :5]
    fill(built, heads)
    _identity(built)
    looked_at = (
        f"{made} with the first head on paper, the second, and the first again, out_proj changing "
        "nothing, for five words in four orders: (B=4, T=5, d_in=3)"
    )
    likely = {"view size is not compatible": "mh_view_not_contiguous"}
    found = run(
        item, built, x, looked_at, likely | dict.fromkeys(("invalid", "must match"), "mh_axes")
    )
    known = {
        "mh_scaled_by_d_out": lambda q, k, v: causal_mix(q / math.sqrt(3), k, v),
        "att_scaled_by_size": lambda q, k, v: causal_mix(q / math.sqrt(2), k, v),
    }
    known = {cause: merged(heads, mix, x) for cause, mix in known.items()}
    right = merged(heads, causal_mix, x)
    same(item, found, right, looked_at=looked_at, known=known, likely="mh_axes")


def _drops(item: str, answer: Callable[..., nn.Module]) -> None:
    """400 windows of one word: each head's only weight is 1, and dropout makes it 0 or 4."""
    built = build(item, answer, 3, 4, 8, 0.75, 2, looked_at="MultiHeadAttention")
    fill(built, HEADS)
    _identity(built)
    looked_at = (
        "400 windows of `fish` alone, for which the heads give (8, 8) and (2, 2), out_proj "
        "changing nothing, with dropout=0.75, training"
    )
    built.train()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        found = run(item, built, WORDS[1].expand(400, 1, 3), looked_at)
        pairs = run(item, built, WORDS[:2].expand(400, 2, 3), looked_at)
    seen = rows_of(found)
    expected = "(0, 0, 0, 0) or (0, 0, 8, 8) or (32, 32, 0, 0) or (32, 32, 8, 8)"
    if seen == expected:
        return
    likely = "head_dropout_on_output"
    if seen == "(8, 8, 2, 2)":
        changes = bool((pairs != pairs[:1]).any())
        likely = "head_dropout_on_scores" if changes else "head_no_dropout"
    refuse(item, looked_at, expected, seen, likely)


def _uneven(item: str, answer: Callable[..., nn.Module]) -> None:
    """Four numbers and three heads: refused."""
    looked_at = "MultiHeadAttention(3, 4, 8, 0.0, num_heads=3)"
    try:
        with torch.random.fork_rng(devices=[]):
            answer(3, 4, 8, 0.0, 3)
    except (AssertionError, ValueError):
        return
    except Exception as error:
        seen = f"{type(error).__name__}: {error}"
    else:
        seen = "no error"
    refuse(item, looked_at, "an AssertionError or a ValueError", seen, "mh_uneven")
