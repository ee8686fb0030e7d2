"""GPT-2 124M in NumPy: as it is first written, step by step faster, and gptlab.numpy_gpt.

Random weights in the shape of the real ones. The limit while decoding is reading: each new token
needs every weight once, so it takes at least their bytes over the memory's bandwidth, which is
measured here by a product of one row with each. A prompt is products of its rows with the blocks'
matrices, and they are measured alone as well: both together are the least that any form could need.
Seconds are those of the clock, over all cores that NumPy uses.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from benchmarks.numpy_seed import STEPS, generate
from benchmarks.timing import table
from gptlab import numpy_gpt, weights

VOCAB, CONTEXT, WIDTH, LAYERS, HEADS = 50257, 1024, 768, 12, 12
NEW = 20
PROMPTS = (10, 200)


def random_weights() -> dict:
    """A tree of the shape of GPT-2 124M."""
    chance = np.random.default_rng(0)
    shapes = weights.shapes_by_place(VOCAB, CONTEXT, WIDTH, LAYERS)
    flat = {place: 0.02 * chance.standard_normal(shape, np.float32)
            for place, shape in shapes.items()}  # fmt: skip
    return weights.from_places(flat, LAYERS)


def seconds(work: Callable[[], object], times: int = 1) -> float:
    """Of the quickest of some runs."""
    spent = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        spent.append(time.perf_counter() - started)
    return min(spent)


def reading(params: dict) -> float:
    """Seconds to read every weight once: a product with each matrix, which is all that it costs."""
    arrays = [value for value in weights.by_place(params).values() if value.ndim == 2]
    ones = {size: np.ones(size, np.float32) for size in {len(value) for value in arrays}}
    return seconds(lambda: [ones[len(value)] @ value for value in arrays], 5)


def products(params: dict, length: int) -> float:
    """Seconds that the blocks' matrices need for the rows of a prompt, without all else."""
    matrices = [value for place, value in weights.by_place(params).items()
                if place[0] == "blocks" and value.ndim == 2]  # fmt: skip
    rows = {size: np.ones((length, size), np.float32) for size in {len(w) for w in matrices}}
    return seconds(lambda: [rows[len(w)] @ w for w in matrices], 5)


def main() -> None:
    """Print a table for each prompt; all forms give the same tokens."""
    params = random_weights()
    size = sum(value.nbytes for value in weights.by_place(params).values())
    once = reading(params)
    print(f"  {size / 1e6:,.0f} MB of weights, read once in {once * 1e3:.0f} ms: "
          f"{size / once / 1e9:.1f} GB/s")  # fmt: skip
    chance = np.random.default_rng(1)
    for length in PROMPTS:
        once = min(once, reading(params))
        prompt = chance.integers(VOCAB, size=length).tolist()
        spent, texts = {}, []
        for name, how in STEPS.items():
            spent[name] = seconds(
                lambda: texts.append(generate(prompt, params, HEADS, NEW, **how))  # noqa: B023
            )
        spent["gptlab.numpy_gpt, with the cache"] = seconds(
            lambda: texts.append(numpy_gpt.generate(prompt, params, HEADS, NEW, quiet=True)), 3  # noqa: B023
        )  # fmt: skip
        if any(text != texts[-1] for text in texts):
            raise AssertionError("the tokens differ")
        print(f"  a prompt of {length} tokens and {NEW} new ones; seconds a new token")
        table({name: value / NEW for name, value in spent.items()})
        least = (products(params, length) + (NEW - 1) * once) / NEW
        first = next(iter(spent.values())) / NEW
        print(f"  the prompt's products and {NEW - 1} readings alone: {least:.5f} s a token; the "
              f"first form takes {first / least:.1f} times that")  # fmt: skip
        cache = numpy_gpt.Cache(params, HEADS)
        numpy_gpt.gpt2(prompt, **params, n_head=HEADS, cache=cache, last_only=True)

        def decode() -> None:
            for token in range(NEW):
                numpy_gpt.gpt2([token], **params, n_head=HEADS, cache=cache, last_only=True)  # noqa: B023

        each = seconds(decode, 3) / NEW
        print(f"  decoding alone {each * 1e3:.0f} ms a token, {each / once:.2f} times the limit")
