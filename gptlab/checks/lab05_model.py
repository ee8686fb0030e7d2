"""The checks of lab05 on the model: the block, and gpt2."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from gptlab.checks.core import CheckFailed, call, globals_set, must_be_callable, passed, show
from gptlab.checks.lab05_numbers import (
    PARTS,
    STARS,
    Array,
    many,
    normed,
    same,
    shares,
    stacked,
    thought,
    unchanged,
)

PLAIN = {"g": np.ones(2), "b": np.zeros(2)}
MOVED = {"g": np.ones(2), "b": np.array([5.0, 0.0])}


def times(heads: float, inner: float) -> dict[str, Any]:
    """attn and mlp that are simple: the mean of the past times `heads`, each place times `inner`.

    gelu(z) - gelu(-z) is z: with z and -z among the hidden numbers, feed-forward is a factor.
    """
    one, none = np.eye(2), np.zeros((2, 2))
    c_attn = {"w": np.concatenate([none, none, one], 1), "b": np.zeros(6)}
    c_fc = {"w": np.concatenate([one, -one, none, none], 1), "b": np.zeros(8)}
    back = inner * np.concatenate([one, -one, none, none])
    return {
        "attn": {"c_attn": c_attn, "c_proj": {"w": heads * one, "b": np.zeros(2)}},
        "mlp": {"c_fc": c_fc, "c_proj": {"w": back, "b": np.zeros(2)}},
    }


def adds(*numbers: float) -> dict[str, Any]:
    """A block that adds these two numbers to each place."""
    block = times(0.0, 0.0) | {"ln_1": PLAIN, "ln_2": PLAIN}
    block["mlp"]["c_proj"]["b"] = np.array(numbers)
    return block


def transformer_block(answer: Callable[..., Any]) -> None:
    """The block of the lab: "heads" that multiply by -4, a "feed-forward" that multiplies by 3."""
    item = "transformer_block"
    must_be_callable(item, answer)
    x = np.array([[1.0, 7.0], [0.0, 20.0]])
    block = times(-4.0, 3.0) | {"ln_1": PLAIN, "ln_2": MOVED}
    looked_at = "transformer_block of the two places of the lab, (1, 7) and (0, 20)"
    given = x.copy()
    with globals_set(answer, **PARTS):
        found = call(item, answer, given, **block, n_head=2, looked_at=looked_at, likely=STARS)
    right = stacked(x, **block, n_head=2)
    same(item, found, right, looked_at=looked_at, also=_wrong_block(x, block), places=3)
    unchanged(item, given, x, "x", "block_in_place")
    passed(item)


def _wrong_block(x: Array, block: Mapping[str, Any]) -> list[tuple[str, Array]]:
    """Pairs of a cause and what it leads to."""

    def talk(x: Array) -> Array:
        return many(x, **block["attn"], n_head=2)

    def think(x: Array) -> Array:
        return thought(x, **block["mlp"])

    def one(x: Array) -> Array:
        return normed(x, **block["ln_1"])

    def two(x: Array) -> Array:
        return normed(x, **block["ln_2"])

    heard = x + talk(one(x))
    replaced = talk(one(x))
    beside = one(x) + talk(one(x))
    first = x + think(two(x))
    after = one(x + talk(x))
    return [
        ("block_no_residual_attention", replaced + think(two(replaced))),
        ("block_no_residual_ff", think(two(heard))),
        ("block_no_residuals", think(two(replaced))),
        ("block_residual_of_normed", two(heard) + think(two(heard))),
        ("block_residual_of_normed", beside + think(two(beside))),
        ("block_norm_after", two(after + think(after))),
        ("block_norms_swapped", x + talk(two(x)) + think(one(x + talk(two(x))))),
        ("block_ln_1_twice", heard + think(one(heard))),
        ("block_ln_2_twice", x + talk(two(x)) + think(two(x + talk(two(x))))),
        ("block_no_norms", x + talk(x) + think(x + talk(x))),
        ("block_no_norm_attention", x + talk(x) + think(two(x + talk(x)))),
        ("block_no_norm_ff", heard + think(heard)),
        ("block_in_parallel", heard + think(two(x))),
        ("block_ff_first", first + talk(one(first))),
        ("block_second_from_x", x + think(two(heard))),
        ("block_no_feed_forward", heard),
        ("block_no_attention", first),
    ]


# Three tokens a, b, c and four places, two numbers each.
WTE = np.array([[4.0, 0], [0, 2], [2, 1]])
WPE = np.array([[0.0, 6], [5, 0], [1, 0], [4, 0]])
LN_F = {"g": np.ones(2), "b": np.array([0.0, 1.0])}
CAB = [2, 0, 1]
TABLES = {"wte": WTE, "wpe": WPE, "ln_f": LN_F}


# Two blocks: one adds (3, 0), the other takes 5 times the norm of x away.
TWO = [adds(3, 0), times(0.0, -5.0) | {"ln_1": PLAIN, "ln_2": PLAIN}]


def gpt2(answer: Callable[..., Any]) -> None:
    """The text "cab" of the lab: without blocks, then with two that do something."""
    item = "gpt2"
    must_be_callable(item, answer)
    tables = {"wte": WTE.copy(), "wpe": WPE.copy(), "ln_f": LN_F}
    plain = {"broadcast": "gpt2_all_positions", "core dimension": "gpt2_head_not_transposed"}
    plain |= STARS
    for blocks, n_head, what in (
        ([], 2, 'gpt2 of "cab", ids [2, 0, 1], with blocks=[]'),
        (TWO, 2, "the same with the two blocks of the lab"),
        (TWO, 1, "the same with the two blocks, n_head=1"),
    ):
        ids, heads = list(CAB), []
        kept = {"blocks": blocks, "n_head": n_head}
        with globals_set(answer, **_noting(heads)):
            found = call(item, answer, ids, **tables, **kept, looked_at=what, likely=plain)
        right = _scores(_rows(CAB, range(3)), blocks)
        returned = "gpt2_none" if found is None else ""
        also = _wrong_model(blocks)
        same(item, found, right, looked_at=what, also=also, places=3, likely=returned)
        if set(heads) - {n_head}:
            where, one = f"{what}: the n_head that a block was given", "gpt2_one_head"
            raise CheckFailed(
                item, looked_at=where, expected=show(n_head), found=show(heads[0]), likely=one
            )
        unchanged(item, ids, CAB, "inputs")
        for name in ("wte", "wpe"):
            unchanged(item, tables[name], TABLES[name], name, "gpt2_changes_wte")
    passed(item)


def _noting(heads: list[Any]) -> dict[str, Callable[..., Any]]:
    """The parts; a block and mha note the number of heads that they are given."""

    def transformer_block(
        x: Array, mlp: Any, attn: Any, ln_1: Any, ln_2: Any, n_head: Any
    ) -> Array:
        heads.append(n_head)
        return stacked(x, mlp, attn, ln_1, ln_2, 2)

    def mha(x: Array, c_attn: Any, c_proj: Any, n_head: Any) -> Array:
        heads.append(n_head)
        return many(x, c_attn, c_proj, 2)

    for part in (transformer_block, mha):
        part.__qualname__ = part.__name__
    return {**PARTS, "transformer_block": transformer_block, "mha": mha}


def _rows(ids: Sequence[int], places: Sequence[int]) -> Array:
    return WTE[list(ids)] + WPE[list(places)]


def _scores(x: Array, blocks: Sequence[Mapping[str, Any]]) -> Array:
    """What follows from the rows: (T, 3)."""
    for one in blocks:
        x = stacked(x, **one, n_head=2)
    return np.einsum("tc,vc->tv", normed(x, **LN_F), WTE)


def _wrong_model(blocks: Sequence[Mapping[str, Any]]) -> list[tuple[str, Array]]:
    """Pairs of a cause and what it leads to."""
    x, places = _rows(CAB, range(3)), np.arange(3)
    through = x
    for one in blocks:
        through = stacked(through, **one, n_head=2)
    ready = normed(through, **LN_F)
    right = _scores(x, blocks)
    if blocks:  # the rest was looked at before
        return _wrong_blocks(x, blocks)
    return [
        ("gpt2_no_positions", _scores(WTE[CAB], blocks)),
        ("gpt2_positions_from_one", _scores(_rows(CAB, places + 1), blocks)),
        ("gpt2_positions_constant", _scores(_rows(CAB, 0 * places), blocks)),
        ("gpt2_positions_of_ids", _scores(_rows(CAB, CAB), blocks)),
        ("gpt2_no_tokens", _scores(WPE[:3], blocks)),
        ("gpt2_no_final_norm", np.einsum("tc,vc->tv", through, WTE)),
        ("gpt2_no_head", ready),
        ("gpt2_softmax", shares(right)),
        ("gpt2_last_only", right[-1]),
        ("gpt2_last_only", right[-1:]),
    ]


def _wrong_blocks(x: Array, blocks: Sequence[Mapping[str, Any]]) -> list[tuple[str, Array]]:
    """Pairs of a cause and what it leads to, where the blocks are misused."""
    early = normed(x, **LN_F)
    inside = x
    for one in blocks:
        early = stacked(early, **one, n_head=2)
        inside = normed(stacked(inside, **one, n_head=2), **LN_F)
    return [
        ("gpt2_norm_in_each_block", np.einsum("tc,vc->tv", inside, WTE)),
        ("gpt2_norm_in_each_block", np.einsum("tc,vc->tv", normed(inside, **LN_F), WTE)),
        ("gpt2_blocks_reversed", _scores(x, blocks[::-1])),
        ("gpt2_no_blocks", _scores(x, [])),
        ("gpt2_first_block", _scores(x, blocks[:1])),
        ("gpt2_last_block", _scores(x, blocks[-1:])),
        ("gpt2_norm_first", np.einsum("tc,vc->tv", early, WTE)),
    ]
