"""The check of lab06 on MultiHeadAttention: all heads at once."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from gptlab.checks.causes import CAUSES
from gptlab.checks.core import CheckFailed, passed
from gptlab.checks.lab06_causal import ERRORS, dropout, first_alone, mask, nearly, whole_context
from gptlab.checks.lab06_dropped import dropped
from gptlab.checks.lab06_modules import (
    Known,
    layers,
    learns,
    new,
    one_core,
    owned,
    put,
    refuse,
    run,
    same,
)
from gptlab.checks.lab06_numbers import (
    CONTEXT,
    FOUR,
    LONG,
    MEANS,
    PAPER,
    SENTENCES,
    WORDS,
    Matrices,
    causal_mix,
)
from gptlab.checks.lab06_slips import many, merged, slips

# The projection on paper: (numbers out, numbers in), and its bias.
OUT = torch.tensor([[1.0, 0, 1, 0], [0, 1, 0, -1], [0, 0, 1, 0], [1, 0, 0, 0]])
OUT_BIAS = torch.tensor([0, 0, 0, 0.5])
HEADS = (PAPER, MEANS)
# Part of an error's text -> its cause, for five texts of six words, two heads of two.
SPLIT_ERRORS = {
    "view size is not compatible": "mh_view_not_contiguous",
    "[5, 6, 2, 4]": "mh_head_dim_is_d_out",
    "[5, 6, 3]": "mh_merged_to_d_in",
    "but got float": "mh_float",
    "must be tuple of ints": "mh_float",
    "(60x2 and 4x4)": "mh_not_merged",
    "a (6) must match the size of tensor b (2)": "mh_not_swapped",
    "a (2) must match the size of tensor b (6)": "mh_swapped_in_part",
    "a (6) must match the size of tensor b (2) at non-singleton dimension 1": "mh_swapped_in_part",
    "'MultiHeadAttention' object has no attribute": "mh_not_kept",
    "name 'num_heads' is not defined": "mh_not_kept",
    "name 'head_dim' is not defined": "mh_not_kept",
    "name 'd_out' is not defined": "mh_not_kept",
}


@one_core()
def multi_head(answer: type[nn.Module]) -> None:
    """What it owns, the two heads on paper with their projection, other sizes, dropout."""
    item = "multi_head"
    made = "MultiHeadAttention(3, 4, context_length=8, dropout=0.75, num_heads=2)"
    built = _first(item, answer, made)
    layers(item, built, made, (3, 4))
    _projection(item, built, made)
    mask(item, built, made, 8)
    dropout(item, built, made)
    _on_paper(item, answer, built, made)
    _drops(item, answer)
    _other_sizes(item, answer)
    made = "MultiHeadAttention(3, 4, 8, 0.75, 2, qkv_bias=True)"
    biased = new(item, answer, 3, 4, 8, 0.75, 2, True, looked_at=made)
    layers(item, biased, made, (3, 4), bias=True)
    _uneven(item, answer)
    passed(item)


def _first(item: str, answer: Any, made: str) -> Any:
    """Two heads share four numbers: that must not be refused."""
    try:
        return new(item, answer, 3, 4, 8, 0.75, 2, looked_at=made)
    except CheckFailed as error:
        if error.found.startswith(("AssertionError", "ValueError")):
            of_d_in = _builds(answer, 4, 4, 2)
            error.likely = CAUSES["mh_uneven_d_in" if of_d_in else "mh_uneven_turned"]
        raise


def _builds(answer: Any, d_in: int, d_out: int, heads: int) -> bool:
    """Whether an object of these sizes can be made."""
    try:
        with torch.random.fork_rng(devices=[]):
            answer(d_in, d_out, 8, 0.0, heads)
    except Exception:  # whatever it is: it was not made
        return False
    return True


def _projection(item: str, built: nn.Module, made: str) -> None:
    """out_proj is a layer 4 -> 4 with a bias."""
    found, where = getattr(built, "out_proj", None), f"self.out_proj of {made}"
    if not isinstance(found, nn.Linear):
        refuse(item, where, "an nn.Linear", owned(built, "out_proj"), "att_part_missing")
    size = found.in_features, found.out_features
    if size != (4, 4):
        refuse(item, where, "4 -> 4", f"{size[0]} -> {size[1]}", "mh_projection_sizes")
    if found.bias is None:
        refuse(item, where, "a bias", "none", "mh_projection_no_bias")


def fill(built: nn.Module, heads: tuple[Matrices, ...] | list[Matrices]) -> None:
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
    found = run(item, built, SENTENCES, looked_at, SPLIT_ERRORS | ERRORS)

    def tell() -> None:
        _other_sizes(item, answer)

    right, known = _projected(merged(HEADS, causal_mix, SENTENCES)), _known(SENTENCES)
    if isinstance(found, Tensor) and bool(found.isnan().any()):
        other = "mask_plus_inf" if _minus_inf_is_mixed(item, built) else "att_mask_inf_after"
        known = [(cause, table) for cause, table in known if cause != other]
    likely = nearly(built, found, right)
    same(item, found, right, looked_at=looked_at, known=known, likely=likely, tell=tell)
    long = torch.cat((SENTENCES, SENTENCES[:, :2]), 1)
    whole_context(item, built, long, _projected(merged(HEADS, causal_mix, long)))
    first_alone(item, built)


def _minus_inf_is_mixed(item: str, built: nn.Module) -> bool:
    """Whether -inf was a weight: then a row of positive values becomes -inf, and not nan."""
    built.out_proj.weight.data, built.out_proj.bias.data = torch.ones(4, 4), torch.zeros(4)
    found = run(item, built, WORDS[None, [1, 1]], "`fish fish`")  # its values are positive
    return bool((found == -torch.inf).any())


def _projected(side: Tensor) -> Tensor:
    return side @ OUT.mT + OUT_BIAS


def _known(x: Tensor) -> Known:
    """What the usual mistakes make of the two heads on paper."""
    tables = many(HEADS, x)
    tables += [(cause, merged(HEADS, mix, x)) for cause, mix in slips(3, True)]
    known = [(cause, _projected(table)) for cause, table in tables]
    side = merged(HEADS, causal_mix, x)
    return [
        *known,
        ("mh_no_projection", side),
        ("mh_projection_twice", _projected(_projected(side))),
        ("mh_projection_on_values", _values_projected(x)),
    ]


def _values_projected(x: Tensor) -> Tensor:
    """The values of both heads go through the projection, then they are mixed."""
    values = _projected(torch.cat([x @ head["W_value"] for head in HEADS], 2)).chunk(2, 2)
    each = [
        causal_mix(x @ head["W_query"], x @ head["W_key"], value)
        for head, value in zip(HEADS, values, strict=True)
    ]
    return torch.cat(each, 2)


def _identity(built: nn.Module) -> None:
    width = built.out_proj.in_features
    built.out_proj.weight.data, built.out_proj.bias.data = torch.eye(width), torch.zeros(width)


def _other_sizes(item: str, answer: Any) -> None:
    """Four heads of three, for ten words: all sizes differ."""
    made = f"MultiHeadAttention(5, 12, context_length={CONTEXT}, dropout=0.75, num_heads=4)"
    built = new(item, answer, 5, 12, CONTEXT, 0.75, 4, looked_at=made)
    layers(item, built, made, (5, 12))
    mask(item, built, made, CONTEXT)
    fill(built, FOUR)
    _identity(built)
    looked_at = (
        f"{made} with four other heads, out_proj changing nothing, for two texts of ten words: "
        "(B=2, T=10, d_in=5)"
    )
    likely = {"view size is not compatible": "mh_view_not_contiguous"}
    likely |= dict.fromkeys(("(8) must match", "(10) must match"), "att_mask_size")
    likely |= {"[2, 10, 4, 2]": "mh_head_dim_fixed", "(6x3 and 5x12)": "att_global_x"}
    likely |= dict.fromkeys(("invalid", "must match", "Expected size"), "mh_axes")
    found = run(item, built, LONG, looked_at, likely)
    known = many(tuple(FOUR), LONG)
    known += [(cause, merged(FOUR, mix, LONG)) for cause, mix in slips(5, True)]
    right = merged(FOUR, causal_mix, LONG)
    same(item, found, right, looked_at=looked_at, known=known, likely="mh_axes")
    names = [f"{name}.weight" for name in (*PAPER, "out_proj")]
    learns(item, built, LONG, [*names, "out_proj.bias"], looked_at)


def _drops(item: str, answer: Any) -> None:
    """200 texts of one word: each head's only weight is 1, and dropout makes it 0 or 4."""
    built = new(item, answer, 3, 4, 8, 0.75, 2, looked_at="MultiHeadAttention")
    fill(built, HEADS)
    _identity(built)
    looked_at = (
        "200 texts of `fish` alone, for which the heads give (8, 8) and (2, 2), out_proj "
        "changing nothing, with dropout=0.75, training"
    )
    expected = "(0, 0, 0, 0) or (0, 0, 8, 8) or (32, 32, 0, 0) or (32, 32, 8, 8)"
    dropped(item, built, WORDS, looked_at, expected)


def _uneven(item: str, answer: Any) -> None:
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
