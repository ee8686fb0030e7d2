"""The checks of lab05 on the small parts: gelu, softmax, layer_norm, linear, feed_forward."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from gptlab.checks.core import call, globals_set, must_be_callable, passed
from gptlab.checks.lab05_numbers import (
    LN3,
    PARTS,
    STARS,
    affine,
    bell,
    normed,
    same,
    shares,
    unchanged,
)


def gelu(answer: Callable[[Any], Any]) -> None:
    """The numbers of the lab's table, and those on the other side of 0."""
    item = "gelu"
    must_be_callable(item, answer)
    x = np.array([[0.0, 1.0, 2.0, 3.0], [-0.5, -1.0, -2.0, -3.0]])
    root, erf = math.sqrt(2 / math.pi), np.vectorize(math.erf)
    inner = x + 0.044715 * x**3
    bent = np.tanh(root * inner)
    known = {
        "gelu_erf": x * (1 + erf(x / math.sqrt(2))) / 2,
        "gelu_sigmoid": x / (1 + np.exp(-1.702 * x)),
        "gelu_relu": np.maximum(x, 0),
        "gelu_no_half": x * (1 + bent),
        "gelu_no_root": x * (1 + np.tanh(inner)) / 2,
        "gelu_no_cube": x * (1 + np.tanh(root * x)) / 2,
        "gelu_cube_is_square": x * (1 + np.tanh(root * (x + 0.044715 * x**2))) / 2,
        "gelu_cube_not_scaled": x * (1 + np.tanh(root * (x + x**3))) / 2,
        "gelu_no_one": x * bent / 2,
        "gelu_no_x": (1 + bent) / 2,
        "gelu_root_of_pi": x * (1 + np.tanh(inner * math.sqrt(math.pi / 2))) / 2,
        "gelu_root_missing": x * (1 + np.tanh(2 / math.pi * inner)) / 2,
        "gelu_root_on_x_only": x * (1 + np.tanh(root * x + 0.044715 * x**3)) / 2,
    }
    rounded = [
        ("gelu_rounded", x * (1 + np.tanh(a * (x + b * x**3))) / 2)
        for a in (root, 0.7979, 0.798, 0.8)
        for b in (0.044715, 0.04472, 0.0447, 0.045)
        if (a, b) != (root, 0.044715)
    ]
    rounded += [("gelu_root_of_pi", x * (1 + np.tanh(math.sqrt(2) / math.pi * inner)) / 2)]
    looked_at = "gelu of 0, 1, 2, 3 and of -0.5, -1, -2, -3, shape (2, 4)"
    given = x.copy()
    single = {"can be converted to Python scalar": "gelu_math_tanh"}
    single["must be real number"] = "gelu_math_tanh"
    found = call(item, answer, given, looked_at=looked_at, likely=single)
    also = [*rounded, ("gelu_sigmoid", x / (1 + np.exp(-x)))]
    same(item, found, bell(x), looked_at=looked_at, known=known, also=also, places=6, tol=1e-6)
    unchanged(item, given, x, "x")
    passed(item)


def softmax(answer: Callable[[Any], Any]) -> None:
    """One fifth, three fifths, one fifth; a quarter, a quarter, a half; and rows far apart."""
    item = "softmax"
    must_be_callable(item, answer)
    x = np.array([[0.0, LN3, 0.0], [0.0, 0.0, math.log(2)]])
    powers = np.exp(x)
    known = {
        "softmax_axis_0": shares(x, 0),
        "softmax_all": powers / powers.sum(),
        "softmax_not_divided": powers,
        "softmax_no_exp": x / x.sum(1, keepdims=True),
        "softmax_base": 2**x / (2**x).sum(1, keepdims=True),
    }
    top = np.exp(x - x.max(1, keepdims=True))
    lost = {"could not be broadcast": "softmax_no_keepdims"}
    looked_at = "softmax of (0, ln 3, 0) and (0, 0, ln 2), shape (2, 3)"
    given = x.copy()
    found = call(item, answer, given, looked_at=looked_at, likely=lost)
    below = [(top, size) for size in (1e-5, 1e-6)] + [(powers, size) for size in (1e-5, 1e-6)]
    also = [("softmax_all", top / top.sum()), ("softmax_not_divided", top)]
    also += [("softmax_eps", e / (e.sum(1, keepdims=True) + size)) for e, size in below]
    said = {"looked_at": looked_at, "known": known, "also": also}
    same(item, found, shares(x), **said, places=6, tol=4e-7)
    unchanged(item, given, x, "x")
    _square(item, answer)
    _far_apart(item, answer)
    passed(item)


def _square(item: str, answer: Callable[[Any], Any]) -> None:
    """Two rows and two columns, where a lost axis does not show; and heads in front."""
    x = np.array([[0.0, LN3], [LN3, LN3]])
    powers = np.exp(x)
    shifted = np.exp(x - x.max(1))
    known = {
        "softmax_no_keepdims": powers / powers.sum(1),
        "softmax_axis_0": shares(x, 0),
    }
    looked_at = "softmax of (0, ln 3) and (ln 3, ln 3), shape (2, 2)"
    found = call(item, answer, x, looked_at=looked_at)
    lost = shifted / shifted.sum(1)
    likely = "softmax_no_keepdims" if _is(found, lost) else ""
    same(item, found, shares(x), looked_at=looked_at, known=known, likely=likely)
    x = np.stack([np.zeros((2, 3)), [[0.0, LN3, 0.0], [0.0, 0.0, math.log(2)]]])
    looked_at = "softmax of two tables, shape (2, 2, 3), the first of zeros"
    known = {"softmax_axis_0": shares(x, 1)}
    found = call(item, answer, x, looked_at=looked_at)
    same(item, found, shares(x), looked_at=looked_at, known=known)


def _is(found: Any, value: Any) -> bool:
    return np.shape(found) == np.shape(value) and bool(np.allclose(np.asarray(found, float), value))


def _far_apart(item: str, answer: Callable[[Any], Any]) -> None:
    """Scores around 1000 and around -1000: the shares are the same."""
    x = np.array([[1000.0, 1000 + LN3], [-1000.0, LN3 - 1000]])
    looked_at = "softmax of (1000, 1000 + ln 3) and (-1000, -1000 + ln 3)"
    with np.errstate(all="ignore"):
        found = call(item, answer, x, looked_at=looked_at)
    likely = ""
    if np.shape(found) == x.shape:
        bad = ~np.isfinite(np.asarray(found, float)).all(1)
        likely = "softmax_overflow" if bad[0] else "softmax_one_largest" if bad[1] else ""
        if _is(found[0], [0.5, 0.5]):
            likely = "softmax_cut"
    same(item, found, [[0.25, 0.75], [0.25, 0.75]], looked_at=looked_at, likely=likely)


def layer_norm(answer: Callable[..., Any]) -> None:
    """The three places of the lab; then eps = 16, and a quiet place."""
    item = "layer_norm"
    must_be_callable(item, answer)
    x = np.array([[1.0, 1, 7, 7], [0, 20, 0, 20], [5, 3, 5, 3]])
    g, b = np.array([1.0, 2, 10, 4]), np.array([0.0, 0, 0, 0.5])
    row, every = normed(x, eps=0), np.ones_like
    size = {"axis": 1, "keepdims": True}
    away = x - x.mean(**size)
    over_time = (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-5)
    known = {
        "norm_over_time": over_time * g + b,
        "norm_over_all": (x - x.mean()) / x.std() * g + b,
        "norm_unbiased": away / x.std(ddof=1, **size) * g + b,
        "norm_no_root": away / x.var(**size) * g + b,
        "norm_eps_of_std": away / np.sqrt(x.std(**size)) * g + b,
        "norm_no_mean": x / x.std(**size) * g + b,
        "norm_not_divided": away * g + b,
        "norm_no_affine": row * every(row),
        "norm_no_gain": row + b,
        "norm_no_bias": row * g,
        "norm_bias_first": (row + b) * g,
        "norm_g_and_b_swapped": row * b + g,
    }
    looked_at = "layer_norm of the three places of the lab, shape (T=3, C=4)"
    lost = {"could not be broadcast": "norm_no_keepdims"}
    given = x.copy()
    found = call(item, answer, given, g, b, looked_at=looked_at, likely=lost)
    _rough(item, found, row * g + b, looked_at, known)
    unchanged(item, given, x, "x")
    _eps(item, answer)
    passed(item)


def _rough(item: str, found: Any, right: np.ndarray, looked_at: str, known: dict) -> None:
    """Compare without regard to eps, which has a look of its own."""
    if np.shape(found) == right.shape and np.allclose(found, right, rtol=0, atol=2e-2):
        return
    for cause, value in known.items():
        if np.shape(found) == value.shape and np.allclose(found, value, rtol=0, atol=2e-3):
            same(item, found, right, looked_at=looked_at, likely=cause)
    same(item, found, right, looked_at=looked_at)


def _eps(item: str, answer: Callable[..., Any]) -> None:
    """(-3, 3) over the root of 9 + 16, which is 5; and 0.003 over the root of 0.000019."""
    x, g, b = np.array([[1.0, 7.0]]), np.ones(2), np.zeros(2)
    known = {
        "norm_eps_outside": [[-3 / 19, 3 / 19]],
        "norm_eps_ignored": [[-1.0, 1.0]],
        "norm_eps_of_std": [[-3 / math.sqrt(19), 3 / math.sqrt(19)]],
        "norm_no_root": [[-3 / 25, 3 / 25]],
    }
    looked_at = "layer_norm of (1, 7) with eps=16"
    found = call(item, answer, x, g, b, 16.0, looked_at=looked_at)
    same(item, found, [[-0.6, 0.6]], looked_at=looked_at, known=known)
    x = np.array([[-0.003, 0.003]])
    looked_at = "layer_norm of (-0.003, 0.003), with the eps of the first line"
    found = call(item, answer, x, g, b, looked_at=looked_at)
    right = 0.003 / math.sqrt(9e-6 + 1e-5)
    same(item, found, [[-right, right]], looked_at=looked_at, likely="norm_eps_ignored")


def linear(answer: Callable[..., Any]) -> None:
    """Three places, from 2 numbers to 4; and a square matrix."""
    item = "linear"
    must_be_callable(item, answer)
    x = np.array([[1.0, 2], [0, 1], [3, 0]])
    w = np.array([[1.0, 0, 2, 1], [0, 1, -1, 1]])
    b = np.array([10.0, 20, 30, 0])
    right = affine(x, w, b)
    looked_at = "linear(x, w, b) of the lab: x (3, 2), w (2, 4), b (4,)"
    shapes = {
        "size 3 is different from 4": "linear_w_first",  # (2, 4) times (3, 2)
        "4 (dim 1) != 3": "linear_w_first",
        "(4,3) (4,)": "linear_w_first",
        "matmul": "linear_transposed",
        "aligned": "linear_transposed",
        "could not be broadcast": "linear_elementwise",
    }
    found = call(item, answer, x, w, b, looked_at=looked_at, likely=shapes)
    known = {"linear_no_bias": right - b, "linear_bias_subtracted": right - 2 * b}
    same(item, found, right, looked_at=looked_at, known=known)
    w, b = np.array([[1.0, 5], [0, 1]]), np.array([0.0, 1])
    looked_at = "linear(x, w, b) with w = (1, 5), (0, 1) and b = (0, 1)"
    found = call(item, answer, x[:2], w, b, looked_at=looked_at)
    known = {
        "linear_transposed": affine(x[:2], w.T, b),
        "linear_elementwise": x[:2] * w + b,
        "linear_w_first": w @ x[:2] + b,
    }
    same(item, found, affine(x[:2], w, b), looked_at=looked_at, known=known)
    passed(item)


WIDER = {"w": np.array([[1.0, -1, 2, 0]]), "b": np.array([0.0, 0, 0, 1])}
NARROWER = {"w": np.array([[10.0], [10], [1], [1]]), "b": np.array([-8.0])}


def feed_forward(answer: Callable[..., Any]) -> None:
    """The two places of the lab: 1 -> 4 -> 1."""
    item = "feed_forward"
    must_be_callable(item, answer)
    x = np.array([[1.0], [-1.0]])
    wide = affine(x, **WIDER)
    known = {
        "ff_no_gelu": affine(wide, **NARROWER),
        "ff_relu": affine(np.maximum(wide, 0), **NARROWER),
        "ff_gelu_last": bell(affine(wide, **NARROWER)),
        "ff_gelu_twice": bell(affine(bell(wide), **NARROWER)),
        "ff_gelu_first": affine(affine(bell(x), **WIDER), **NARROWER),
        "ff_residual": x + affine(bell(wide), **NARROWER),
        "ff_no_bias_c_fc": affine(bell(wide - WIDER["b"]), **NARROWER),
        "ff_no_bias_c_proj": affine(bell(wide), **NARROWER) - NARROWER["b"],
    }
    looked_at = "feed_forward(x, c_fc, c_proj) of the lab: 1 -> 4 -> 1, x = 1 and -1"
    shapes = {"matmul": "ff_layers_swapped", "einsum": "ff_layers_swapped"}
    shapes |= {"aligned": "ff_layers_swapped", "broadcast": "ff_layers_swapped", **STARS}
    with globals_set(answer, **PARTS):
        found = call(item, answer, x, WIDER, NARROWER, looked_at=looked_at, likely=shapes)
    right = affine(bell(wide), **NARROWER)
    same(item, found, right, looked_at=looked_at, known=known)
    passed(item)
