"""A tiny GPT-2, trained on Tiny Shakespeare, in the seven files in which OpenAI published GPT-2.

It stands in for the real one wherever that would be a download: same layout, same code, 1/420 of
the size. `CARD.md` beside this file says how it was made; `gptlab.tiny.make` makes it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gptlab import tensor_bundle, tokenizers, weights

__all__ = ["FOLDER", "hparams", "params", "state", "tokenizer"]

FOLDER = Path(__file__).parent / "model"


def hparams() -> dict[str, int]:
    """n_vocab, n_ctx, n_embd, n_head, n_layer, as OpenAI's hparams.json has them."""
    return json.loads((FOLDER / "hparams.json").read_text(encoding="utf-8"))


def params() -> dict[str, Any]:
    """Its weights as the tree of `gptlab.numpy_gpt`."""
    return weights.from_openai(tensor_bundle.read(FOLDER / "model.ckpt"))


def state() -> dict[str, Any]:
    """Its weights as float32 arrays by the names that Hugging Face's GPT2Model has for them."""
    endings = {"w": "weight", "g": "weight", "b": "bias"}
    made = {}
    for name, value in tensor_bundle.read(FOLDER / "model.ckpt").items():
        *path, last = name.removeprefix("model/").split("/")
        path = [f"h.{part[1:]}" if part[1:].isdigit() else part for part in path]
        here = [*path, endings[last]] if path else [last, "weight"]
        made[".".join(here)] = value[0] if last == "w" else value  # (1, n_in, n_out): a convolution
    return made


def tokenizer() -> tokenizers.RegexTokenizer:
    """Its own vocabulary."""
    return tokenizers.read_openai(FOLDER / "vocab.bpe", FOLDER / "encoder.json")
