"""The settings of a run, each with its line of help, and the presets."""

from __future__ import annotations

from dataclasses import Field, dataclass, field, fields
from typing import Any

__all__ = ["MODELS", "PRESETS", "TrainConfig", "TrainError", "preset", "wrong"]

MODELS = ("bigram", "toy", "gpt", "nano")


class TrainError(ValueError):
    """What was asked for cannot be trained: what was found, what was expected, what to do."""


def wrong(name: str, value: Any, expected: str) -> TrainError:
    """A number that a setting cannot be."""
    return TrainError(f"{name} is {value}: expected {expected}. Give another "
                      f"--{name.replace('_', '-')}, or leave it out")  # fmt: skip


def _setting(default: Any, told: str, *choices: str, least: int | None = None) -> Any:
    """A field with its help, what it may be, and the least that it may be."""
    return field(default=default, metadata={"help": told, "choices": choices, "least": least})


@dataclass(frozen=True)
class TrainConfig:
    """A run but for its text and its machine. The defaults are those of lab03."""

    model: str = _setting("toy", "toy: lab03's; gpt: GPTModel; nano: nanoGPT's GPT", *MODELS)
    tokens: str = _setting(
        "characters", "what a token is; gpt2 and tiny: of the vocabulary of GPT-2, of the tiny "
        "checkpoint; conversations: no text, but gptlab.conversations, which have their own",
        "characters", "gpt2", "tiny", "conversations",
    )  # fmt: skip
    steps: int = _setting(500, "steps in all", least=1)
    batch_size: int = _setting(16, "windows in a batch, over all processes", least=1)
    accumulate: int = _setting(1, "batches in a step, one after the other", least=1)
    block_size: int = _setting(32, "tokens in a window", least=1)
    n_embd: int = _setting(64, "numbers for each token", least=1)
    n_head: int = _setting(4, "heads of attention", least=1)
    n_layer: int = _setting(4, "blocks", least=1)
    dropout: float = _setting(0.0, "the share of numbers left out while training")
    bias: bool = _setting(True, "nano's linear layers and norms have biases")
    learning_rate: float = _setting(1e-3, "the largest one")
    schedule: str = _setting("constant", "of the learning rate", "constant", "cosine")
    warmup: int = _setting(0, "steps in which the learning rate rises", least=0)
    min_learning_rate: float | None = _setting(None, "where the cosine ends; without: a tenth")
    decay_steps: int | None = _setting(None, "when the cosine ends; without: at --steps")
    weight_decay: float = _setting(0.01, "AdamW's")
    decay: str = _setting("all", "what decays", "all", "matrices")
    beta2: float = _setting(0.999, "AdamW's second")
    clip: float = _setting(0.0, "the longest that all gradients together may be; 0: any length")
    eval_interval: int = _setting(100, "steps between two looks at the losses", least=1)
    eval_iters: int = _setting(200, "batches of a look, of each split", least=1)
    seed: int = _setting(1337, "of weights, batches and samples")
    precision: str = _setting(
        "float32", "auto: bfloat16 on a GPU that has it, float16 on others, float32 elsewhere",
        "float32", "bfloat16", "float16", "auto",
    )  # fmt: skip
    recompute: bool = _setting(False, "compute each block twice and keep less in memory")

    def __post_init__(self) -> None:
        for one in fields(self):
            _check(one, getattr(self, one.name))
        if not self.learning_rate > 0:
            raise wrong("learning_rate", self.learning_rate, "more than 0")
        for name in ("weight_decay", "clip"):
            if not getattr(self, name) >= 0:
                raise wrong(name, getattr(self, name), "0 or more")
        if not 0 <= self.beta2 < 1:
            raise wrong("beta2", self.beta2, "from 0 up to, not with, 1")
        # Fixed once, so that a run that goes on with more steps does not bend its past.
        if self.decay_steps is None:
            object.__setattr__(self, "decay_steps", self.steps)
        if self.min_learning_rate is None:
            object.__setattr__(self, "min_learning_rate", self.learning_rate / 10)
        if not 0 <= self.min_learning_rate <= self.learning_rate:
            raise wrong("min_learning_rate", self.min_learning_rate,
                        f"from 0 to learning_rate={self.learning_rate}")  # fmt: skip
        if self.schedule == "cosine" and self.warmup > self.decay_steps:
            raise TrainError(
                f"warmup={self.warmup} is longer than the {self.decay_steps} steps of the "
                "cosine: the learning rate would never be reached. Take a smaller --warmup"
            )


def _check(one: Field, value: Any) -> None:
    """One setting against its own choices and its least."""
    choices, least = one.metadata["choices"], one.metadata["least"]
    if choices and value not in choices:
        raise TrainError(f"{one.name} {value!r}: expected one of {', '.join(choices)}")
    if least is not None and value < least:
        raise wrong(one.name, value, f"at least {least}")


_LONG = {
    "model": "nano", "steps": 5000, "batch_size": 16, "learning_rate": 3e-4,
    "eval_interval": 1000, "eval_iters": 50, "block_size": 256,
}  # fmt: skip
_CHAT = {
    "model": "nano", "tokens": "conversations", "schedule": "cosine", "warmup": 100,
    "decay": "matrices", "weight_decay": 0.1, "clip": 1.0, "beta2": 0.99, "eval_iters": 40,
}  # fmt: skip
# What each changes of the defaults above.
PRESETS: dict[str, dict[str, Any]] = {
    "toy": {},
    "tiny": _LONG | {"n_layer": 2, "n_head": 2, "n_embd": 64},
    "small": _LONG | {"n_layer": 6, "n_head": 6, "n_embd": 384, "dropout": 0.2},
    "chat-small": _CHAT | {"n_layer": 2, "n_head": 4, "n_embd": 128, "block_size": 256,
                           "steps": 3600, "learning_rate": 4e-3,
                           "min_learning_rate": 0.0, "eval_interval": 900},
    "chat": _CHAT | {"n_layer": 8, "n_head": 8, "n_embd": 512, "block_size": 1024,
                     "steps": 1200, "batch_size": 64, "learning_rate": 1e-3, "dropout": 0.1,
                     "eval_interval": 300, "eval_iters": 10, "precision": "auto"},
    "chat-large": _CHAT | {"n_layer": 12, "n_head": 12, "n_embd": 768, "block_size": 1024,
                           "steps": 1200, "batch_size": 64, "learning_rate": 6e-4, "dropout": 0.1,
                           "eval_interval": 300, "eval_iters": 10, "precision": "auto"},
    "124M": _LONG | {"n_layer": 12, "n_head": 12, "n_embd": 768, "dropout": 0.1,
                     "tokens": "gpt2", "block_size": 1024},
}  # fmt: skip


def preset(name: str, **settings: Any) -> TrainConfig:
    """A preset with some settings changed. Raises TrainError."""
    if name not in PRESETS:
        raise TrainError(f"preset {name!r}: expected one of {', '.join(PRESETS)}")
    return TrainConfig(**PRESETS[name] | settings)
