"""How long GPT-2 124M in NumPy takes for a token, form by form: measured once and kept.

    python book/_ext/speed_record.py      writes book/_ext/speed.json; two minutes, 3 GB of memory

Random weights in the shape of the real ones, as in benchmarks/numpy_gpt2.py, of which this is a
short form. One core, since two that share a machine with others wait for each other; the clock's
seconds, of the quickest run.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from pathlib import Path
from typing import Any

for library in ("OPENBLAS", "MKL", "OMP"):  # before NumPy is loaded
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

import numpy as np  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT))  # benchmarks is not installed

from gptlab import numpy_gpt, weights  # noqa: E402

RECORD = Path(__file__).with_name("speed.json")
PROMPTS = (10, 200)
NEW = 3


def measured() -> dict[str, Any]:
    """Seconds a new token for each form and prompt, and the limit: reading the weights once."""
    from benchmarks.numpy_gpt2 import HEADS, VOCAB, random_weights, reading, seconds
    from benchmarks.numpy_seed import STEPS, generate

    params = random_weights()
    size = sum(value.nbytes for value in weights.by_place(params).values())
    once = reading(params)
    chance = np.random.default_rng(1)
    forms: dict[str, dict[str, float]] = {}
    for length in PROMPTS:
        prompt = chance.integers(VOCAB, size=length).tolist()
        for name, how in STEPS.items():
            spent = seconds(lambda: generate(prompt, params, HEADS, NEW, **how), 2)  # noqa: B023
            forms.setdefault(name, {})[str(length)] = spent / NEW
        forms.setdefault("a cache", {})[str(length)] = decoding(prompt, params, HEADS, seconds)
    return {
        "parts": parts_of_a_token(params, HEADS),
        "bytes": size,
        "reading": once,
        "gigabytes a second": size / once / 1e9,
        "seconds a token": forms,
        "machine": platform.machine(),
        "numpy": np.__version__,
    }


def decoding(prompt: list[int], params: dict, heads: int, seconds: Any) -> float:
    """Seconds a token with the cache, once the prompt is read."""
    cache = numpy_gpt.Cache(params, heads)
    numpy_gpt.gpt2(prompt, **params, n_head=heads, cache=cache, last_only=True)

    def step() -> None:
        numpy_gpt.gpt2([1], **params, n_head=heads, cache=cache, last_only=True)

    return seconds(step, 10)


def parts_of_a_token(params: dict, heads: int) -> dict[str, float]:
    """Seconds of each function in one token with the cache; each call at its quickest."""
    cache = numpy_gpt.Cache(params, heads)
    numpy_gpt.gpt2(list(range(200)), **params, n_head=heads, cache=cache, last_only=True)
    quickest: dict[str, float] = {}
    names = ("layer_norm", "gelu", "attention", "mha", "feed_forward", "gpt2")
    whole = {name: getattr(numpy_gpt, name) for name in names}

    def timed(name: str) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            started = time.perf_counter()
            made = whole[name](*args, **kwargs)
            spent = time.perf_counter() - started
            quickest[name] = min(spent, quickest.get(name, spent))
            return made

        return call

    for name in names:
        setattr(numpy_gpt, name, timed(name))
    try:
        for _ in range(30):
            numpy_gpt.gpt2([1], **params, n_head=heads, cache=cache, last_only=True)
    finally:
        for name in names:
            setattr(numpy_gpt, name, whole[name])
    layers = len(params["blocks"])
    calls = {"layer_norm": 2 * layers + 1, "gpt2": 1}
    return {name: calls.get(name, layers) * spent for name, spent in quickest.items()}


def main() -> None:
    """Write it."""
    RECORD.write_text(json.dumps(measured(), indent=1) + "\n", encoding="utf-8")
    print(RECORD.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
