"""GPT-2's forward pass in nothing but NumPy. The finished form of lab05.

The functions have the names and the arguments of the lab; a sequence is (T, C), without a batch.
Everything stays in float32, and a `Cache` keeps the keys and values of the tokens that were seen:
then a step costs one reading of the weights, and no work on the past but attention.
Radford et al. 2019, section 2.3; the names are those of J. Mody's picoGPT.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

Array = NDArray[np.float32]
Layer = Mapping[str, Array]  # of a norm g and b, of a linear layer w and b

__all__ = [
    "Cache",
    "attention",
    "causal_mask",
    "feed_forward",
    "gelu",
    "generate",
    "gpt2",
    "layer_norm",
    "likeliest",
    "linear",
    "mha",
    "softmax",
    "stream",
    "transformer_block",
]

# Plain Python numbers: a NumPy one is a float64, and would make all that it touches float64.
_ROOT = math.sqrt(2 / math.pi)


class Cache:
    """The keys and values of the tokens so far, layer by layer, for up to `context` of them."""

    def __init__(self, params: Mapping[str, Any], n_head: int) -> None:
        context, width = params["wpe"].shape
        self.length, self.context = 0, context
        shape = (len(params["blocks"]), 2, n_head, context, width // n_head)
        self.kept: Array = np.empty(shape, np.float32)

    def extend(self, layer: int, k: Array, v: Array) -> tuple[Array, Array]:
        """Put in those of the new tokens, (n_head, T, head_size); gives all up to now."""
        end = self.length + k.shape[1]
        self.kept[layer, 0, :, self.length : end] = k
        self.kept[layer, 1, :, self.length : end] = v
        return self.kept[layer, 0, :, :end], self.kept[layer, 1, :, :end]


def gelu(x: Array) -> Array:
    """x times the share of a normal distribution below it, in GPT-2's tanh form.

    Hendrycks and Gimpel 2016, section 2.
    """
    # x * x * x, since a power is computed by a logarithm; in place, since new memory costs more
    # than the sums do
    inner = x * x
    inner *= 0.044715 * _ROOT
    inner += _ROOT
    inner *= x  # root * (x + 0.044715 x^3)
    np.tanh(inner, out=inner)
    inner += 1
    inner *= x
    inner *= 0.5
    return inner


def softmax(x: Array, out: Array | None = None) -> Array:
    """Positive numbers that sum to 1 along the last axis; into `out` where it is given."""
    out = np.subtract(x, x.max(axis=-1, keepdims=True), out=out)
    np.exp(out, out=out)
    out /= out.sum(axis=-1, keepdims=True)
    return out


def layer_norm(x: Array, g: Array, b: Array, eps: float = 1e-5) -> Array:
    """Each row to mean 0 and variance 1, then times g plus b. x: (T, C); g, b: (C,)"""
    centred = x - x.mean(axis=-1, keepdims=True)
    variance = (centred * centred).mean(axis=-1, keepdims=True)
    return centred / np.sqrt(variance + eps) * g + b


def linear(x: Array, w: Array, b: Array) -> Array:
    """(T, n_in) @ (n_in, n_out) + (n_out,)"""
    out = x @ w
    out += b
    return out


def causal_mask(T: int, seen: int) -> Array:
    """(T, seen): 0 where the last T of `seen` tokens may look, -inf where it is their future."""
    mask = np.full((T, seen), -np.inf, np.float32)
    return np.triu(mask, seen - T + 1)


def attention(q: Array, k: Array, v: Array, mask: Array) -> Array:
    """Each query's mix of the values. q: (n_head, T, hs); k, v: (n_head, S, hs); mask: (T, S)"""
    scores = (q / math.sqrt(q.shape[-1])) @ k.transpose(0, 2, 1)  # (n_head, T, S)
    scores += mask
    return softmax(scores, out=scores) @ v


def mha(
    x: Array, c_attn: Layer, c_proj: Layer, n_head: int, cache: Cache | None = None, layer: int = 0,
    last_only: bool = False,
) -> Array:  # fmt: skip
    """(T, C) -> (T, C), or (1, C) with last_only. With a cache, x follows what it holds."""
    T, C = x.shape
    qkv = linear(x, **c_attn).reshape(T, 3, n_head, C // n_head)
    q, k, v = qkv.transpose(1, 2, 0, 3)  # each (n_head, T, hs)
    if cache is not None:
        k, v = cache.extend(layer, k, v)
    if last_only:
        q = q[:, -1:]
    T, S = q.shape[1], k.shape[1]
    out = attention(q, k, v, causal_mask(T, S))
    return linear(out.transpose(1, 0, 2).reshape(T, C), **c_proj)


def feed_forward(x: Array, c_fc: Layer, c_proj: Layer) -> Array:
    """(T, C) -> (T, 4C) -> (T, C)"""
    return linear(gelu(linear(x, **c_fc)), **c_proj)


def transformer_block(
    x: Array, mlp: Mapping[str, Layer], attn: Mapping[str, Layer], ln_1: Layer, ln_2: Layer,
    n_head: int, cache: Cache | None = None, layer: int = 0, last_only: bool = False,
) -> Array:  # fmt: skip
    """(T, C) -> (T, C): attention, then feed-forward, each of the norm and added to x.

    last_only: the last row alone comes out, (1, C); the others are needed as keys and values.
    """
    heard = mha(layer_norm(x, **ln_1), **attn, n_head=n_head, cache=cache, layer=layer,
                last_only=last_only)  # fmt: skip
    x = x[-len(heard) :] + heard
    return x + feed_forward(layer_norm(x, **ln_2), **mlp)


def gpt2(
    inputs: Sequence[int], wte: Array, wpe: Array, blocks: Sequence[Mapping[str, Any]], ln_f: Layer,
    n_head: int, cache: Cache | None = None, last_only: bool = False,
) -> Array:  # fmt: skip
    """Scores for what follows each token: (T, vocabulary), or (1, vocabulary) with last_only.

    inputs: T ids; with a cache, those after the ones that it holds.
    """
    start = cache.length if cache is not None else 0
    end = start + len(inputs)
    if end > len(wpe):
        raise ValueError(
            f"{end} tokens: the model has positions for {len(wpe)}. Keep the last ones only, and "
            "begin with a new cache"
        )
    if not len(inputs):
        raise ValueError("no token to go on from: give at least one, such as <|endoftext|>")
    x = wte[np.asarray(inputs)] + wpe[start:end]  # (T, C)
    for layer, block in enumerate(blocks):
        only = last_only and layer == len(blocks) - 1
        x = transformer_block(x, **block, n_head=n_head, cache=cache, layer=layer, last_only=only)
    if cache is not None:
        cache.length = end
    return layer_norm(x[-1:] if last_only else x, **ln_f) @ wte.T


def stream(
    inputs: Sequence[int], params: Mapping[str, Any], n_head: int, n_tokens_to_generate: int
) -> Iterator[tuple[int, Array]]:
    """The likeliest next token, again and again, with its scores (vocabulary,).

    Where the positions end, the window moves: the last half of it is read again.
    """
    context = len(params["wpe"])
    cache, ids = Cache(params, n_head), list(inputs)
    new = ids[-context:]
    for _ in range(n_tokens_to_generate):
        if cache.length + len(new) > context:
            cache.length, new = 0, ids[-(context // 2) :]
        scores = gpt2(new, **params, n_head=n_head, cache=cache, last_only=True)[0]
        new = [int(scores.argmax())]
        ids += new
        yield new[0], scores


def generate(
    inputs: Sequence[int], params: Mapping[str, Any], n_head: int, n_tokens_to_generate: int,
    quiet: bool = False,
) -> list[int]:  # fmt: skip
    """The inputs, continued by so many tokens, the likeliest each time."""
    steps = stream(inputs, params, n_head, n_tokens_to_generate)
    bar = tqdm(steps, "generating", n_tokens_to_generate, unit=" tokens", disable=quiet or None)
    return [*inputs, *(token for token, _ in bar)]


def likeliest(scores: Array, count: int = 5) -> list[tuple[int, float]]:
    """The `count` likeliest next tokens, best first, with their probabilities. scores: (V,)"""
    best = np.argpartition(scores, -count)[-count:]
    best = best[np.argsort(-scores[best])]
    probabilities = softmax(scores)
    return [(int(token), float(probabilities[token])) for token in best]
