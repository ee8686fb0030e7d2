"""GPT-2's weights as torch's models name and shape them, both ways.

    Hugging Face h.0.attn.c_attn.weight   (n_in, n_out); with "transformer." before it, or without
    nanoGPT      transformer.h.0.attn.c_attn.weight   (n_out, n_in), as torch has it

As in `gptlab.weights`, through whose tree all of them go, nothing is guessed. `GPTModel`'s layout
is in `gptlab.gpt_layout`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gptlab.weights import Array, Flat, Tree, WeightsError, as_float32, by_place, read

__all__ = ["from_huggingface", "from_nano", "same_table", "to_huggingface", "to_nano", "upright"]

IGNORED = (".attn.bias", ".attn.masked_bias")  # Hugging Face's masks, which are no weights

_TORCH = {"g": "weight", "b": "bias", "w": "weight"}


def _in_torch(place: tuple[str, ...]) -> str:
    """("blocks", "0", "ln_1", "g") -> "h.0.ln_1.weight" """
    if len(place) == 1:
        return f"{place[0]}.weight"
    return ".".join([*place[:-1], _TORCH[place[-1]]]).replace("blocks.", "h.")


def _without(flat: Flat, prefix: str) -> dict[str, Any]:
    """Names without their prefix, without masks, without the head, which is the table of tokens."""
    made = {
        name.removeprefix(prefix): value
        for name, value in flat.items()
        if not name.endswith(IGNORED)
    }
    head = made.pop("lm_head.weight", None)
    if head is not None and "wte.weight" in made:
        same_table("lm_head.weight", head, "wte.weight", made["wte.weight"])
    return made


def same_table(head_name: str, head: Any, table_name: str, table: Any) -> None:
    """Raises WeightsError where a head, (V, C), is not the table of tokens."""
    if not np.array_equal(as_float32(head), as_float32(table)):
        raise WeightsError(
            f"{head_name} differs from {table_name}: GPT-2's head is its table of tokens"
        )


def from_huggingface(state: Flat) -> Tree:
    """From the state of GPT2Model or GPT2LMHeadModel, or the safetensors of the hub."""
    return read(
        _without(state, "transformer."), _in_torch, lambda _, value: value, "Hugging Face's"
    )


def to_huggingface(tree: Mapping[str, Any]) -> dict[str, Array]:
    """As GPT2Model names and shapes them."""
    return {_in_torch(place): value for place, value in by_place(tree).items()}


def upright(place: tuple[str, ...], value: Array) -> Array:
    """torch keeps the matrix of a linear layer as (n_out, n_in)."""
    return np.ascontiguousarray(value.T) if place[-1] == "w" else value


def from_nano(state: Flat) -> Tree:
    """From the state of nanoGPT's `GPT` with biases."""
    return read(_without(state, "transformer."), _in_torch, upright, "nanoGPT's")


def to_nano(tree: Mapping[str, Any]) -> dict[str, Any]:
    """As nanoGPT's `GPT` names and shapes them, as torch tensors: for load_state_dict."""
    import torch

    made = {
        f"transformer.{_in_torch(place)}": torch.from_numpy(upright(place, value).copy())
        for place, value in by_place(tree).items()
    }
    return made | {"lm_head.weight": made["transformer.wte.weight"]}
