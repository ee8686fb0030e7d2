"""A small chat model of random numbers, whose norms and biases are away from 1 and 0, and a run."""

from __future__ import annotations

from functools import cache

import torch

from gptlab.conversations import SPECIAL
from gptlab.nano import GPT, GPTConfig
from gptlab.tokenizers import GPT2_PATTERN, RegexTokenizer

TEXT = "How are you today? I'm fine, thanks! What is seven plus five? It's twelve.\n\n" * 3
# A run as gptlab.train tells it. Each figure is one that stands nowhere else.
RUN = {
    "name": "The small chat model",
    "preset": "chat-small",
    "seed": 1337,
    "steps": 1503,
    "seconds": 151.25,
    "device": "cpu",
    "threads": 2,
    "torch": "2.13.0",
    "parameters": 901_888,
    "parameters_without_positions": 869_120,
    "data": {
        "generator": "gptlab.conversations.made(1337)",
        "train_dialogues": 5021,
        "held_out_dialogues": 613,
        "tokens": 400_123,
    },
    "recipe": {"model": "nano", "n_layer": 4, "n_head": 4, "n_embd": 128, "block_size": 256,
               "learning_rate": 0.0017, "seed": 1337, "steps": 1503},
    "losses": {"train": 0.1234, "val": 0.4567},
    "scores": {
        "all": {"exact": 0.71, "partial": 0.8234, "count": 600},
        "arithmetic": {"exact": 0.31, "partial": 0.52, "count": 101},
        "unknown": {"exact": 0.88, "partial": 0.95, "count": 50},
    },
    "examples": {
        "right": [{"question": "Hi", "answer": "Hello!", "wanted": "Hello!"}],
        "wrong": [{"question": "2 + 2?", "answer": "5", "wanted": "4"}],
    },
}  # fmt: skip


@cache
def tokenizer() -> RegexTokenizer:
    """256 bytes, 41 merges, the three of a chat."""
    made = RegexTokenizer(GPT2_PATTERN)
    made.train(TEXT, 297)
    made.register_special_tokens({token: 297 + place for place, token in enumerate(SPECIAL)})
    return made


def moved(config: GPTConfig, seed: int = 1) -> GPT:
    """A model each of whose numbers is away from where it began."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = GPT(config)
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.add_(torch.randn_like(parameter), alpha=0.2)
    return model.eval()


def model(**changed) -> GPT:
    """3 layers, 4 heads, 48 wide, 40 tokens, 300 ids."""
    sizes = {"block_size": 40, "vocab_size": 300, "n_layer": 3, "n_head": 4, "n_embd": 48}
    return moved(GPTConfig(**sizes | changed))
