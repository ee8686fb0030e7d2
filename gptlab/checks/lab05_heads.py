"""The checks of lab05 on many heads: mha, and mha with a cache."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from gptlab.checks.core import CheckFailed, call, globals_set, must_be_callable, passed, two
from gptlab.checks.lab05_numbers import (
    HIDE,
    LN3,
    PARTS,
    STARS,
    Array,
    affine,
    hidden,
    joined,
    looked,
    many,
    numbers,
    same,
    split,
    unchanged,
)

# Three places of 4 numbers; keys are x, values are x + 1. The same query at each place looks for a
# large third number: 28 there weighs three times as much as 0, in two heads and in four.
PLACES = np.array([[6.0, 0, 0, 28], [0, 6, 28, 0], [3, 0, 28, 14]])
_ZERO, _ONE = np.zeros((4, 4)), np.eye(4)
_WEIGHTS = np.concatenate([_ZERO, _ONE, _ONE], 1)


def asking(n_head: int) -> dict[str, Array]:
    """c_attn whose queries are those of the lab, for this many heads."""
    question = [0, 0, math.sqrt(4 / n_head) * LN3 / 28, 0]
    return {"w": _WEIGHTS, "b": np.array([*question, 0, 0, 0, 0, 1, 1, 1, 1])}


C_ATTN = asking(2)
C_PROJ = {
    "w": np.array([[1.0, 1, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]),
    "b": np.array([0.0, 0, 0, 1]),
}


def _wrong_heads(x: Array) -> list[tuple[str, Array]]:
    """Pairs of a cause and what it leads to, for many heads."""
    T, mask = len(x), hidden(len(x))
    q, k, v = split(x, C_ATTN, 2)
    three = affine(x, **C_ATTN)
    flat = np.split(three, 3, 1)
    cut = [part.reshape(2, T, 2) for part in flat]
    own = np.einsum("tnzh->znth", three.reshape(T, 2, 3, 2))
    over_time = [split_cut.reshape(T, 2, 2).swapaxes(0, 1) for split_cut in three.reshape(3, -1)]
    past = np.tri(T)

    def out(q: Array, k: Array, v: Array, mask: Array = mask) -> Array:
        return affine(joined(looked(q, k, v, mask)), **C_PROJ)

    right = looked(q, k, v, mask)
    return [
        ("mha_bias_missing", out(*split(x, {**C_ATTN, "b": np.zeros(12)}, 2))),
        ("mha_proj_bias_missing", out(q, k, v) - C_PROJ["b"]),
        ("mha_projects_x", affine(x, **C_PROJ)),
        ("mha_split_over_time", out(*over_time)),
        ("mha_q_and_k_swapped", out(k, q, v)),
        ("mha_no_mask", out(q, k, v, 0 * mask)),
        ("mha_mask_transposed", out(q, k, v, mask.T)),
        ("mha_mask_inverted", out(q, k, v, past * HIDE)),
        ("mha_mask_no_diagonal", out(q, k, v, (1 - np.tri(T, k=-1)) * HIDE)),
        ("mha_mask_one_ahead", out(q, k, v, (1 - np.tri(T, k=1)) * HIDE)),
        ("mha_mask_minus_10", out(q, k, v, (1 - past) * -10)),
        ("mha_mask_ones", out(q, k, v, past)),
        ("mha_no_projection", joined(right)),
        ("mha_residual", x + out(q, k, v)),
        ("mha_one_head", out(*split(x, C_ATTN, 1))),
        ("mha_heads_not_transposed", affine(looked(*cut, mask).reshape(T, 4), **C_PROJ)),
        ("mha_heads_not_transposed", out(*cut)),
        ("mha_merged_without_transpose", affine(right.reshape(T, 4), **C_PROJ)),
        ("mha_qkv_interleaved", out(*own)),
        *[("mha_qkv_order", out(*order)) for order in ((v, k, q), (k, v, q), (v, q, k), (q, v, k))],
    ]


def mha(answer: Callable[..., Any]) -> None:
    """The three places of the lab in two heads; the first two alone; all in four heads."""
    item = "mha"
    must_be_callable(item, answer)
    slips = {**STARS, "could not be broadcast": "mha_heads_not_transposed"}
    for T, n_head in ((3, 2), (2, 2), (3, 4)):
        x, c_attn = PLACES[:T].copy(), asking(n_head)
        looked_at = f"mha of the first {T} places of the lab, n_head={n_head}: x of shape ({T}, 4)"
        with (
            globals_set(answer, **{**PARTS, "attention": _seeing_the_mask(item, T)}),
            np.errstate(all="ignore"),
        ):
            found = call(item, answer, x, c_attn, C_PROJ, n_head, looked_at=looked_at, likely=slips)
        right = many(PLACES[:T], c_attn, C_PROJ, n_head)
        also = _wrong_heads(PLACES[:T]) if n_head == 2 else [
            ("mha_heads_fixed", many(PLACES, c_attn, C_PROJ, 2)),
            ("mha_heads_fixed", many(PLACES, c_attn, C_PROJ, 1)),
        ]  # fmt: skip
        same(item, found, right, looked_at=looked_at, also=also)
        unchanged(item, x, PLACES[:T], "x")
    passed(item)


def _seeing_the_mask(item: str, T: int) -> Callable[..., Any]:
    """Stands for attention, and says at once where the numbers of a mask cannot be right."""

    def attention(q: Array, k: Array, v: Array, mask: Array) -> Array:
        rows = np.asarray(mask, float)
        if likely := _slip_of(rows):
            raise CheckFailed(
                item,
                looked_at=f"the mask that mha hands to attention, for {T} places",
                expected="0 where a query may look, -1e10 where not",
                found=numbers(rows),
                likely=likely,
            )
        return looked(q, k, v, mask)

    return attention


def _slip_of(mask: Array) -> str:
    """The cause behind the numbers of a mask, wherever they stand; "" where they can be right."""
    if np.isnan(mask).any():
        return "mha_mask_nan"
    if mask.max(initial=0) > 1:
        return "mask32_positive"
    if mask.max(initial=0) > 0:
        return "mha_mask_ones"
    return "mha_mask_minus_10" if mask[mask < 0].max(initial=HIDE) > -1e8 else ""


def mha_cached(answer: Callable[..., Any]) -> None:
    """The three places of mha: all at once, two and then one, one and then two; four heads."""
    item = "mha_cached"
    must_be_callable(item, answer)
    x = PLACES.astype(np.float32)
    with globals_set(answer, **PARTS):
        for P, n_head in ((0, 2), (2, 2), (1, 2), (0, 4)):
            parts = (asking(n_head), C_PROJ)
            layers = [{name: a.astype(np.float32) for name, a in part.items()} for part in parts]
            right = many(PLACES, *parts, n_head)
            kept = split(PLACES, parts[0], n_head)[1:]
            past = tuple(part[:, :P].astype(np.float32) for part in kept) if P else None
            _go_on(item, answer, x[P:], layers, past, right[P:], kept)
    passed(item)


SHAPES = {
    "None": "cache_past_needed",
    "concatenation axis": "cache_wrong_axis",
    "cannot reshape": "cache_too_many_rows",
    **dict.fromkeys(("broadcast", "core dimension", "aligned"), "cache_shapes"),
}


def _go_on(
    item: str,
    answer: Callable[..., Any],
    x: Array,
    layers: list,
    past: Any,
    right: Array,
    kept: Any,
) -> None:
    """The new places' outputs, and the keys and values of all three."""
    P, n_head = 3 - len(x), len(kept[0])
    looked_at = f"mha_cached of the last {len(x)} of the three places of mha, after {P}"
    if past is None:
        looked_at = f"mha_cached of the three places of mha, past=None, n_head={n_head}"
    given = tuple(part.copy() for part in past) if past else None
    slips = {**STARS, **{part: SHAPES[part] for part in SHAPES if past or part == "None"}}
    pair = call(item, answer, x, *layers, n_head, given, looked_at=looked_at, likely=slips)
    found, cache = two(item, pair, looked_at=looked_at, what="out, and (k, v)")
    known = _wrong_cached(x, layers, past) if n_head == 2 else {}
    also = _wrong_heads(PLACES) if past is None and n_head == 2 else ()
    likely = "mha_heads_fixed" if n_head == 4 else ""
    same(item, found, right, looked_at=f"{looked_at}: out", known=known, also=also, likely=likely)
    pair = tuple(cache) if isinstance(cache, np.ndarray) else cache
    where, old = f"{looked_at}: (k, v)", "cache_old_returned" if cache is None else ""
    k, v = two(item, pair, looked_at=where, what="k and v", likely=old)
    for name, part, whole in (("k", k, kept[0]), ("v", v, kept[1])):
        what = f"{looked_at}: {name}"
        _kept(item, part, whole, what, kept[name == "k"], P)
    for name, after, before in zip("kv", given or (), past or (), strict=False):
        unchanged(item, after, before, f"past {name}", "cache_changed")


def _kept(item: str, part: Any, whole: Array, looked_at: str, other: Array, P: int) -> None:
    """The keys, or values, of all three places."""
    known, n_head, likely = {"cache_swapped": other}, len(whole), ""
    if P:
        known["cache_old_returned"] = whole[:, :P]
        known["cache_only_new"] = whole[:, P:]
        known["cache_new_first"] = np.concatenate([whole[:, P:], whole[:, :P]], 1)
        if np.shape(part) == (n_head, 3 - P, whole.shape[2]):
            likely = "cache_only_new"
    known["cache_heads_behind"] = np.swapaxes(whole, 0, 1)
    same(item, part, whole, looked_at=looked_at, known=known, likely=likely)


def _wrong_cached(x: Array, layers: list, past: Any) -> dict[str, Array]:
    """Cause -> what it leads to, for new places after a past."""
    c_attn, c_proj = layers
    q, k, v = split(x, c_attn, 2)
    T = len(x)

    def out(k: Array, v: Array, mask: Array) -> Array:
        return affine(joined(looked(q, k, v, mask)), **c_proj)

    if past is None:
        none = np.zeros((T, T))
        return {
            "mha_no_mask": out(k, v, none),
            "mha_no_projection": joined(looked(q, k, v, hidden(T))),
        }
    S = T + past[0].shape[1]
    keys, values = (np.concatenate(pair, 1) for pair in zip(past, (k, v), strict=True))
    return {
        "cache_not_used": out(k, v, hidden(T)),
        "cache_mask": out(keys, values, hidden(S)[:T]),
        "mha_no_mask": out(keys, values, np.zeros((T, S))),
        "cache_new_first": out(
            np.concatenate([k, past[0]], 1), np.concatenate([v, past[1]], 1), hidden(T, S)
        ),
        "cache_swapped": out(
            np.concatenate([past[1], k], 1), np.concatenate([past[0], v], 1), hidden(T, S)
        ),
        "mha_no_projection": joined(looked(q, keys, values, hidden(T, S))),
    }
