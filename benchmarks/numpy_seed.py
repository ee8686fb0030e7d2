"""GPT-2 in NumPy as it is first written, and the steps that make it fast, each with one change.

A peer for `benchmarks.numpy_gpt2`: every new token computes all earlier ones again. The first form
has the slips of the one that lab05 starts from: two NumPy scalars and a mask in float64, which make
all that comes after them float64.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from gptlab import numpy_gpt


def slow_gelu(x: np.ndarray) -> np.ndarray:
    """float64 from here on: np.sqrt gives a NumPy scalar, not a Python number."""
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * np.power(x, 3))))


def slow_attention(q: np.ndarray, k: np.ndarray, v: np.ndarray) -> np.ndarray:
    """float64 from the scale on, and from the mask."""
    T = q.shape[1]
    scores = q @ k.transpose(0, 2, 1) / np.sqrt(q.shape[-1])
    mask = (1 - np.tri(T)) * -1e10
    return numpy_gpt.softmax(scores + mask[None]) @ v


def float32_attention(q: np.ndarray, k: np.ndarray, v: np.ndarray) -> np.ndarray:
    """The library's, without a cache."""
    return numpy_gpt.attention(q, k, v, numpy_gpt.causal_mask(q.shape[1], k.shape[1]))


def forward(
    ids: Sequence[int], params: Mapping[str, Any], n_head: int,
    gelu: Callable, attention: Callable, last_only: bool,
) -> np.ndarray:  # fmt: skip
    """Scores for what follows each token, or the last one only."""
    norm, linear = numpy_gpt.layer_norm, numpy_gpt.linear
    T = len(ids)
    x = params["wte"][list(ids)] + params["wpe"][range(T)]
    for block in params["blocks"]:
        attn, mlp = block["attn"], block["mlp"]
        parts = np.split(linear(norm(x, **block["ln_1"]), **attn["c_attn"]), 3, axis=-1)
        q, k, v = (part.reshape(T, n_head, -1).transpose(1, 0, 2) for part in parts)
        out = attention(q, k, v).transpose(1, 0, 2).reshape(T, -1)
        x = x + linear(out, **attn["c_proj"])
        inner = gelu(linear(norm(x, **block["ln_2"]), **mlp["c_fc"]))
        x = x + linear(inner, **mlp["c_proj"])
    x = norm(x[-1:] if last_only else x, **params["ln_f"])
    return x @ params["wte"].T


def generate(
    ids: Sequence[int], params: Mapping[str, Any], n_head: int, count: int, **how: Any
) -> list[int]:
    """`count` more tokens, the likeliest each time, all computed anew for each."""
    ids = list(ids)
    for _ in range(count):
        ids.append(int(forward(ids, params, n_head, **how)[-1].argmax()))
    return ids


STEPS = {
    "as it is first written": {
        "gelu": slow_gelu, "attention": slow_attention, "last_only": False
    },
    "float32 throughout": {
        "gelu": numpy_gpt.gelu, "attention": float32_attention, "last_only": False
    },
    "and the head on the last row": {
        "gelu": numpy_gpt.gelu, "attention": float32_attention, "last_only": True
    },
}  # fmt: skip
