"""What the checks of lab05 share: how arrays are compared, and right parts that stand in.

An answer that calls others of the lab is checked with right ones in their place, so that each is
judged alone. In what an error says they carry the names of the lab. All of it is float64; an
answer may be float32 or float64.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gptlab.checks.core import SMALL, CheckFailed, cut, kind, show

Array = np.ndarray
LN3 = math.log(3)
HIDE = -1e10


def array(item: str, found: Any, shape: tuple[int, ...], looked_at: str, likely: str = "") -> Array:
    """``found``, if it is an array of floats of this shape; CheckFailed if not."""
    said = f"an array of floats of shape {shape}"
    if found is None:
        seen = "None: is a return missing?"
    elif type(found).__module__.startswith("torch"):
        seen, likely = kind(found), "torch_used"
    elif not isinstance(found, (np.ndarray, np.floating)):
        seen = f"{kind(found)}: {show(found)}"
    elif found.shape != shape:
        seen = f"shape {found.shape}"
    elif not np.issubdtype(found.dtype, np.floating):
        seen = f"an array of {found.dtype}"
    else:
        return np.asarray(found)
    raise CheckFailed(item, looked_at=looked_at, expected=said, found=seen, likely=likely)


def same(
    item: str,
    found: Any,
    expected: Any,
    *,
    looked_at: str,
    known: Mapping[str, Any] | None = None,
    likely: str = "",
    places: int = 4,
    also: Sequence[tuple[str, Any]] = (),
    tol: float = 1e-5,
) -> None:
    """Raise CheckFailed unless ``found`` holds these numbers, to ``tol`` of the largest.

    known: cause -> the array that it leads to; one of another shape counts too
    also: more pairs of this kind, for causes that lead to several arrays
    """
    expected = np.asarray(expected, float)
    pairs = [*(known or {}).items(), *also]
    named = [(cause, np.asarray(value, float)) for cause, value in pairs]
    if isinstance(found, np.ndarray) and found.shape != expected.shape:
        likely = _cause(found, named) or likely
    found = array(item, found, expected.shape, looked_at, likely)
    if near(found, expected, tol):
        return
    said, seen = numbers(expected, places), numbers(found, places)
    if expected.size > SMALL:
        row = next(i for i in range(len(found)) if not near(found[i], expected[i], tol))
        looked_at += f": number {row} of its first axis"
        said, seen = numbers(expected[row], places), numbers(found[row], places)
    cause = _cause(found, named, tol) or likely
    raise CheckFailed(item, looked_at=looked_at, expected=said, found=seen, likely=cause)


def _cause(found: Array, named: Sequence[tuple[str, Array]], tol: float = 1e-5) -> str:
    return next((cause for cause, value in named if near(found, value, tol)), "")


def near(found: Array, value: Array, tol: float = 1e-5) -> bool:
    """Are these the same numbers, but for rounding in float32?"""
    if found.shape != value.shape or found.dtype.kind not in "fiu":
        return False
    largest = np.abs(value[np.isfinite(value)]).max(initial=1.0)
    return np.allclose(found, value, rtol=0, atol=tol * min(largest, 50), equal_nan=True)


def numbers(values: Array, places: int = 4) -> str:
    """The numbers as text, rounded."""
    return cut(str(np.round(np.asarray(values, float), places).tolist()), 200)


def unchanged(item: str, after: Array, before: Array, name: str, likely: str = "") -> None:
    """Raise CheckFailed where an answer wrote into what it was given."""
    if not np.array_equal(after, before):
        raise CheckFailed(
            item,
            looked_at=f"{name} after the call",
            expected="as it was before",
            found=numbers(after),
            likely=likely,
        )


# right parts


def bell(x: Array) -> Array:
    """gelu."""
    half = np.asarray(x, float) / 2
    return half + half * np.tanh(math.sqrt(2 / math.pi) * x * (1 + 0.044715 * np.square(x)))


def shares(x: Array, axis: int = -1) -> Array:
    """softmax."""
    powers = np.exp(x - np.max(x, axis, keepdims=True))
    return powers / np.sum(powers, axis, keepdims=True)


def normed(x: Array, g: Array = 1.0, b: Array = 0.0, eps: float = 1e-5) -> Array:
    """layer_norm."""
    away = x - np.mean(x, -1, keepdims=True)
    return g * away * (np.mean(away**2, -1, keepdims=True) + eps) ** -0.5 + b


def affine(x: Array, w: Array, b: Array) -> Array:
    """linear."""
    return b + np.dot(x, w)


def looked(q: Array, k: Array, v: Array, mask: Array) -> Array:
    """attention."""
    scores = np.matmul(q, np.swapaxes(k, 1, 2)) * q.shape[-1] ** -0.5
    return np.matmul(shares(scores + mask), v)


def hidden(T: int, S: int | None = None) -> Array:
    """causal_mask."""
    S = S or T
    return np.where(np.arange(S) <= np.arange(S - T, S)[:, None], 0.0, HIDE).astype(np.float32)


def split(x: Array, c_attn: Mapping[str, Array], n_head: int) -> list[Array]:
    """q, k and v, each (n_head, T, hs)."""
    thirds = affine(x, **c_attn).reshape(len(x), 3, n_head, -1)
    return list(np.einsum("tznh->znth", thirds))


def joined(out: Array) -> Array:
    """(n_head, T, hs) -> (T, C)."""
    return np.einsum("nth->tnh", out).reshape(out.shape[1], -1)


def many(x: Array, c_attn: Mapping[str, Array], c_proj: Mapping[str, Array], n_head: int) -> Array:
    """mha."""
    return affine(joined(looked(*split(x, c_attn, n_head), hidden(len(x)))), **c_proj)


def thought(x: Array, c_fc: Mapping[str, Array], c_proj: Mapping[str, Array]) -> Array:
    """feed_forward."""
    return affine(bell(affine(x, **c_fc)), **c_proj)


def stacked(x: Array, mlp: Any, attn: Any, ln_1: Any, ln_2: Any, n_head: int) -> Array:
    """transformer_block."""
    heard = x + many(normed(x, **ln_1), **attn, n_head=n_head)
    return heard + thought(normed(heard, **ln_2), **mlp)


PARTS = {
    "gelu": bell,
    "softmax": shares,
    "layer_norm": normed,
    "linear": affine,
    "attention": looked,
    "attention32": looked,
    "causal_mask": hidden,
    "mha": many,
    "feed_forward": thought,
    "transformer_block": stacked,
}
for _name, _part in reversed(PARTS.items()):  # attention comes after attention32
    _part.__name__ = _part.__qualname__ = _name
# What an error of a part says -> the cause, where a part is called in another way than it takes.
STARS = {
    "missing 1 required positional argument: 'n_head'": "block_n_head_missing",
    "required positional argument": "stars_missing",
    "'dict'": "stars_missing",
}
