"""The checks of lab05 on attention, and on its parts in float32."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from gptlab.checks.core import CheckFailed, call, globals_set, must_be_callable, passed
from gptlab.checks.lab05_numbers import (
    HIDE,
    LN3,
    Array,
    array,
    bell,
    hidden,
    looked,
    same,
    shares,
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
        "att_mask_on_weights": mix(shares(scores) * (mask == 0)),
    }
    if q.shape == k.shape:
        known["att_softmax_over_queries"] = mix(shares(scores + mask, 1))
        known["att_q_and_k_swapped"] = mix(shares(np.swapaxes(scores, 1, 2) + mask))
    return known


def attention(answer: Callable[..., Any]) -> None:
    """Three quarters and one quarter; a quarter, a half, a quarter; and two queries of three."""
    item = "attention"
    must_be_callable(item, answer)
    turned = {"mismatch in its core dimension": "att_no_transpose", "aligned": "att_no_transpose"}
    turned["could not be broadcast together with shapes (2,3,3) (2,3,4)"] = "att_elementwise"
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
        _one_number(item, answer)
    passed(item)


def _one_number(item: str, answer: Callable[..., Any], dtype: type = float) -> None:
    """A head of one number, whose scores are divided by 1: three quarters of 4, a quarter of 8."""
    q, k, v = (np.array([rows], dtype)[..., None] for rows in ([LN3], [1, 0], [4, 8]))
    mask, what = np.zeros((1, 2), dtype), "the head of one number: query ln 3, keys 1 and 0"
    found = call(item, answer, q, k, v, mask, looked_at=what)
    same(item, found, [[[5.0]]], looked_at=what, likely="att_scale_fixed")


def float32(gelu32: Any, attention32: Any, causal_mask: Any) -> None:
    """The values of gelu and attention, in float32; and the lab's two masks."""
    item = "float32"
    for answer in (gelu32, attention32, causal_mask):
        must_be_callable(item, answer)
    with globals_set(gelu32, gelu=_not_called(item, "gelu")):
        _bell(item, gelu32)
    arrays = [part.astype(np.float32) for part in (ASKS, OFFERS, VALUES, hidden(3))]
    looked_at = f"attention32 of {THREE}, in float32"
    alone = {"softmax": shares, "attention": _not_called(item, "attention")}
    with globals_set(attention32, **alone), np.errstate(all="ignore"):
        found = call(item, attention32, *arrays, looked_at=looked_at)
        known = _wrong_attention(ASKS, OFFERS, VALUES, hidden(3))
        same(item, found, looked(*arrays), looked_at=looked_at, known=known)
        _narrow(item, found, "attention32 of float32 arrays", "attention32_float64")
        _one_number(item, attention32, np.float32)
    for T, S in ((3, 3), (2, 4), (1, 3)):
        _mask(item, causal_mask, T, S)
    passed(item)


def _not_called(item: str, name: str) -> Callable[..., Any]:
    """Stands where a function of the notebook does which must not be called."""

    def refuse(*args: Any, **named: Any) -> Any:
        raise CheckFailed(
            item,
            looked_at=f"what {name}32 calls",
            expected="its formula, written out",
            found=f"a call of {name}",
            likely=f"{name}32_calls_{name}",
        )

    return refuse


def _bell(item: str, gelu32: Any) -> None:
    """The four numbers of the lab's table, in float32."""
    x = np.array([[-1.0, 0, 1, 2]], np.float32)
    root, inner, erf = math.sqrt(2 / math.pi), x + 0.044715 * x**3, np.vectorize(math.erf)
    known = {
        "gelu_erf": x * (1 + erf(x / math.sqrt(2))) / 2,
        "gelu_cube_is_square": x * (1 + np.tanh(root * (x + 0.044715 * x * x))) / 2,
        "gelu_no_half": x * (1 + np.tanh(root * inner)),
        "gelu_no_x": (1 + np.tanh(root * inner)) / 2,
        "gelu_no_root": x * (1 + np.tanh(inner)) / 2,
        "gelu_root_missing": x * (1 + np.tanh(2 / math.pi * inner)) / 2,
        "gelu_no_cube": x * (1 + np.tanh(root * x)) / 2,
        "gelu_root_on_x_only": x * (1 + np.tanh(root * x + 0.044715 * x**3)) / 2,
    }
    looked_at = "gelu32 of -1, 0, 1, 2 in float32"
    given = x.copy()
    found = call(item, gelu32, given, looked_at=looked_at)
    right, coarse = bell(x), ""
    if np.shape(found) == x.shape and np.allclose(found, right, rtol=0, atol=5e-3):
        coarse = "gelu32_half"
    same(item, found, right, looked_at=looked_at, places=5, known=known, likely=coarse)
    _narrow(item, found, "gelu32 of float32 numbers", "gelu32_float64")
    unchanged(item, given, x, "x", "gelu_in_place")


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
    with np.errstate(all="ignore"):
        found = call(item, answer, T, S, looked_at=looked_at)
    found = array(item, found, (T, S), looked_at, "mask32_square")
    right = hidden(T, S)
    if np.isnan(found).any():
        said, seen = "0 and -1e10", "nan, which is no number"
        raise CheckFailed(item, looked_at=looked_at, expected=said, found=seen, likely="mask32_nan")
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
    if plain.max() > 1:
        plain, small = np.minimum(plain, 1e10), "mask32_positive"
    same(item, plain, right, looked_at=looked_at, known=known, likely=small, places=0)
    _narrow(item, found, looked_at, "mask32_float64")
