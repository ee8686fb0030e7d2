"""The checks of lab05 on attention: one head's worth, many heads, float32, and the cache."""

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
    Array,
    affine,
    array,
    bell,
    hidden,
    joined,
    looked,
    many,
    same,
    shares,
    split,
    unchanged,
)

LN2 = math.log(2)
# Two heads of 4 numbers, three places. Head 0 is the one on paper; head 1 asks nothing.
ASKS = np.array([[[5.0, 1, 0, 0], [2 * LN3, 0, 0, 0], [0, 2 * LN2, 0, 0]], np.zeros((3, 4))])
OFFERS = np.array([[[1.0, 0, 0, 0], [0, 1, 0, 0], [1, 0, 0, 0]]] * 2)
HOLDS = np.array([[8.0, 0, 4, 0], [0, 8, 4, 0], [4, 4, 4, 12]])
VALUES = np.stack([HOLDS, HOLDS[::-1]])
THREE = "the three places of the lab, and a head that asks nothing: q, k, v of shape (2, 3, 4)"


def _wrong_attention(q: Array, k: Array, v: Array, mask: Array) -> dict[str, Array]:
    """Cause -> what it leads to."""
    raw = np.einsum("nth,nsh->nts", q, k)
    scores = raw / 2

    def mix(weights: Array, what: Array = v) -> Array:
        return np.einsum("nts,nsh->nth", weights, what)

    known = {
        "att_no_scale": mix(shares(raw + mask)),
        "att_scale_by_hs": mix(shares(raw / 4 + mask)),
        "att_scale_multiplied": mix(shares(raw * 2 + mask)),
        "att_scale_by_width": mix(shares(raw / math.sqrt(8) + mask)),
        "att_scale_by_T": mix(shares(raw / math.sqrt(3) + mask)),
        "att_scale_by_heads": mix(shares(raw / math.sqrt(2) + mask)),
        "att_scaled_after": mix(shares(raw + mask) / 2),
        "att_no_mask": mix(shares(scores)),
        "att_mask_subtracted": mix(shares(scores - mask)),
        "att_mask_multiplied": mix(shares(scores * mask)),
        "att_mask_after": mix(shares(scores) + mask),
        "att_no_softmax": mix(scores + mask),
        "att_mixes_keys": mix(shares(scores + mask), k),
        "att_only_weights": shares(scores + mask),
    }
    if q.shape == k.shape:
        known["att_softmax_over_queries"] = mix(shares(scores + mask, 1))
        known["att_q_and_k_swapped"] = mix(shares(np.swapaxes(scores, 1, 2) + mask))
    return known


def attention(answer: Callable[..., Any]) -> None:
    """Three quarters and one quarter; a quarter, a half, a quarter; and two queries of three."""
    item = "attention"
    must_be_callable(item, answer)
    turned = {"mismatch in its core dimension": "att_no_transpose", "einstein": "att_no_transpose"}
    with globals_set(answer, softmax=shares), np.errstate(all="ignore"):
        for q, mask, what in (
            (ASKS, hidden(3), THREE),
            (ASKS[:, 1:], hidden(2, 3), "the last two queries of the same three places"),
        ):
            given = [q.copy(), OFFERS.copy(), VALUES.copy(), mask.copy()]
            found = call(item, answer, *given, looked_at=what, likely=turned)
            known = _wrong_attention(q, OFFERS, VALUES, mask)
            right = looked(q, OFFERS, VALUES, mask)
            same(item, found, right, looked_at=what, known=known)
            for name, after, before in zip(
                ("q", "k", "v", "mask"), given, (q, OFFERS, VALUES, mask), strict=True
            ):
                unchanged(item, after, before, name)
    passed(item)


# Three places of 4 numbers; values and keys are x itself, and each query of head 1 looks for a
# large third number: 28 there weighs three times as much as 0.
PLACES = np.array([[6.0, 0, 0, 28], [0, 6, 28, 0], [3, 0, 28, 14]])
_ZERO, _ONE = np.zeros((4, 4)), np.eye(4)
QUESTION = np.array([0, 0, math.sqrt(2) * LN3 / 28, 0])
C_ATTN = {
    "w": np.concatenate([_ZERO, _ONE, _ONE], 1),
    "b": np.concatenate([QUESTION, np.zeros(8)]),
}
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
    past = np.tri(T)

    def out(q: Array, k: Array, v: Array, mask: Array = mask) -> Array:
        return affine(joined(looked(q, k, v, mask)), **C_PROJ)

    right = looked(q, k, v, mask)
    return [
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
    """The three places of the lab in two heads; then the first two alone."""
    item = "mha"
    must_be_callable(item, answer)
    for T in (3, 2):
        x = PLACES[:T].copy()
        looked_at = f"mha of the first {T} places of the lab, n_head=2: x of shape ({T}, 4)"
        with globals_set(answer, **PARTS):
            found = call(item, answer, x, C_ATTN, C_PROJ, 2, looked_at=looked_at)
        right = many(PLACES[:T], C_ATTN, C_PROJ, 2)
        also = _wrong_heads(PLACES[:T])
        same(item, found, right, looked_at=looked_at, also=also)
        unchanged(item, x, PLACES[:T], "x")
    passed(item)


def float32(gelu32: Any, attention32: Any, causal_mask: Any) -> None:
    """The values of gelu and attention, in float32; and the lab's two masks."""
    item = "float32"
    for answer in (gelu32, attention32, causal_mask):
        must_be_callable(item, answer)
    x = np.array([[-1.0, 0, 1, 2]], np.float32)
    found = call(item, gelu32, x, looked_at="gelu32 of -1, 0, 1, 2 in float32")
    same(item, found, bell(x), looked_at="gelu32 of -1, 0, 1, 2", places=5, likely="gelu_erf")
    _narrow(item, found, "gelu32 of float32 numbers", "gelu32_float64")
    arrays = [part.astype(np.float32) for part in (ASKS, OFFERS, VALUES, hidden(3))]
    looked_at = f"attention32 of {THREE}, in float32"
    with globals_set(attention32, softmax=shares), np.errstate(all="ignore"):
        found = call(item, attention32, *arrays, looked_at=looked_at)
    known = _wrong_attention(ASKS, OFFERS, VALUES, hidden(3))
    same(item, found, looked(*arrays), looked_at=looked_at, known=known)
    _narrow(item, found, "attention32 of float32 arrays", "attention32_float64")
    for T, S in ((3, 3), (2, 4), (1, 3)):
        _mask(item, causal_mask, T, S)
    passed(item)


def _narrow(item: str, found: Array, looked_at: str, cause: str) -> None:
    """Raise CheckFailed unless it is float32."""
    if found.dtype != np.float32:
        raise CheckFailed(
            item,
            looked_at=f"{looked_at}: the dtype",
            expected="float32",
            found=str(found.dtype),
            likely=cause,
        )


def _mask(item: str, answer: Callable[..., Any], T: int, S: int) -> None:
    """0 where the last T of S tokens may look; anything under a thousand million where not."""
    looked_at = f"causal_mask({T}, {S})"
    found = call(item, answer, T, S, looked_at=looked_at)
    found = array(item, found, (T, S), looked_at, "mask32_square")
    right = hidden(T, S)
    plain = np.where(found <= -1e8, HIDE, found)
    seen = right == 0
    known = {
        "mask32_ones": seen,
        "mask32_inverted": np.where(seen, HIDE, 0),
        "mask32_first_rows": hidden(S)[:T],
        "mask32_no_diagonal": np.where(np.arange(S) < np.arange(S - T, S)[:, None], 0, HIDE),
        "mask32_sees_all": np.zeros((T, S)),
    }
    small = "mask32_small" if np.array_equal(plain == 0, seen) else ""
    if not np.isfinite(plain).all():
        plain, small = np.nan_to_num(plain, posinf=1e10), ""
    same(item, plain, right, looked_at=looked_at, known=known, likely=small, places=0)
    _narrow(item, found, looked_at, "mask32_float64")


def mha_cached(answer: Callable[..., Any]) -> None:
    """The three places of mha: all at once, two and then one, one and then two."""
    item = "mha_cached"
    must_be_callable(item, answer)
    c_attn = {"w": C_ATTN["w"], "b": C_ATTN["b"] + np.repeat([0.0, 0, 1], 4)}  # values are x + 1
    layers = [{name: a.astype(np.float32) for name, a in part.items()} for part in (c_attn, C_PROJ)]
    x = PLACES.astype(np.float32)
    right = many(PLACES, c_attn, C_PROJ, 2)
    kept = split(PLACES, c_attn, 2)[1:]
    with globals_set(answer, **PARTS):
        for P in (0, 2, 1):
            past = tuple(part[:, :P].astype(np.float32) for part in kept) if P else None
            _go_on(item, answer, x[P:], layers, past, right[P:], kept)
    passed(item)


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
    P = 3 - len(x)
    looked_at = (
        f"mha_cached of the last {len(x)} of the three places of mha, values x + 1, after {P}"
    )
    if past is None:
        looked_at = "mha_cached of the three places of mha, values x + 1, past=None"
    given = tuple(part.copy() for part in past) if past else None
    pair = call(item, answer, x, *layers, 2, given, looked_at=looked_at)
    found, cache = two(item, pair, looked_at=looked_at, what="out, and (k, v)")
    out = f"{looked_at}: out"
    same(item, found, right, looked_at=out, known=_wrong_cached(x, layers, past))
    pair = tuple(cache) if isinstance(cache, np.ndarray) else cache
    k, v = two(item, pair, looked_at=f"{looked_at}: (k, v)", what="k and v")
    for name, part, whole in (("k", k, kept[0]), ("v", v, kept[1])):
        what = f"{looked_at}: {name}"
        short = np.shape(part) == (2, len(x), 2) and P
        likely = "cache_only_new" if short else ""
        known = {"cache_swapped": kept[name == "k"]}
        if P:
            known["cache_new_first"] = np.concatenate([whole[:, P:], whole[:, :P]], 1)
        same(item, part, whole, looked_at=what, known=known, likely=likely)
    for name, after, before in zip("kv", given or (), past or (), strict=False):
        unchanged(item, after, before, f"past {name}", "cache_changed")


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
