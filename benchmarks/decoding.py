"""Tokens a second at the size of GPT-2 124M: the naive loop, nanoGPT's, ours, and transformers'.

Greedy, float32, one thread, random weights, the same in all, and the same tokens out. The
naive loop computes the scores of every position anew for each token; nanoGPT's form computes all
positions, but the scores of the last one only; the others keep keys and values. The last has its
weights laid out in memory as a step with one token reads them (`GPTModel.for_decoding`).
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from statistics import median

import torch
import transformers
from torch import Tensor

from benchmarks.timing import table
from gptlab import gpt, gpt_layout, nano, torch_layouts

NEW, PROMPTS, TURNS = 20, (10, 200), 3
CONFIG = {**gpt.GPT_CONFIG_124M, "drop_rate": 0.0, "qkv_bias": True, "tied": True}


def models() -> tuple[gpt.GPTModel, nano.GPT, transformers.GPT2LMHeadModel]:
    """One set of random weights in three classes."""
    torch.manual_seed(0)
    theirs = transformers.GPT2LMHeadModel(transformers.GPT2Config()).eval()
    tree = torch_layouts.from_huggingface(theirs.state_dict())
    ours = gpt.GPTModel(CONFIG).eval()
    ours.load_state_dict(gpt_layout.to_gpt(tree))
    of_nano = nano.GPT(nano.GPTConfig(vocab_size=CONFIG["vocab_size"])).eval()
    of_nano.load_state_dict(torch_layouts.to_nano(tree))
    return ours, of_nano, theirs


@torch.no_grad()
def naive(model: gpt.GPTModel, idx: Tensor, count: int) -> Tensor:
    """As lab07 writes it."""
    for _ in range(count):
        logits = model(idx[:, -1024:])
        idx = torch.cat((idx, logits[:, -1].argmax(dim=-1, keepdim=True)), dim=1)
    return idx


def seconds(ways: dict[str, Callable[[], Tensor]]) -> dict[str, float]:
    """Name -> median seconds; the ways take turns. AssertionError where their tokens differ."""
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(TURNS):
        found = []
        for name, way in ways.items():
            started = time.perf_counter()
            found.append(way())
            spent[name].append(time.perf_counter() - started)
        if not all(torch.equal(ids, found[0]) for ids in found):
            raise AssertionError("the tokens differ")
    return {name: median(values) for name, values in spent.items()}


def main() -> None:
    """Print a table for each prompt."""
    torch.set_num_threads(1)
    ours, of_nano, theirs = models()
    laid_out = copy.deepcopy(ours).for_decoding()
    settings = {"max_new_tokens": NEW, "do_sample": False, "pad_token_id": 50256}
    for length in PROMPTS:
        prompt = torch.randint(50257, (1, length), generator=torch.Generator().manual_seed(length))
        everything = torch.ones_like(prompt)
        found = seconds({
            "the naive loop": lambda: naive(ours, prompt, NEW),  # noqa: B023
            "nanoGPT's form": lambda: of_nano.generate(prompt, NEW, top_k=1),  # noqa: B023
            "transformers, with its cache": lambda: theirs.generate(
                prompt, attention_mask=everything, **settings),  # noqa: B023
            "gptlab.gpt, with the cache": lambda: gpt.generate_text_simple(
                ours, prompt, NEW, 1024),  # noqa: B023
            "and laid out for decoding": lambda: gpt.generate_text_simple(
                laid_out, prompt, NEW, 1024),  # noqa: B023
        })  # fmt: skip
        print(f"  a prompt of {length} tokens and {NEW} new ones; seconds a new token")
        table({name: value / NEW for name, value in found.items()})
        rates = ", ".join(f"{NEW / value:.1f} {name}" for name, value in found.items())
        print(f"  tokens a second: {rates}")
