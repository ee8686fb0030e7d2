"""GPT-2's weights as Hugging Face's models and nanoGPT's name and shape them, both ways.

    Hugging Face h.0.attn.c_attn.weight   (n_in, n_out); with "transformer." before it, or without
    nanoGPT      transformer.h.0.attn.c_attn.weight   (n_out, n_in), as torch has it

As in `gptlab.weights`, through whose tree all of them go, nothing is guessed. `GPTModel`'s layout
is in `gptlab.gpt_layout`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from gptlab.tree import Array, Flat, Layout, Place, Tree, by_place, read, upright

__all__ = ["from_huggingface", "from_nano", "to_huggingface", "to_nano"]

INNER = "transformer."  # what stands before every name but the head's in a model with a head
HEAD = "lm_head.weight"
MASKS = r"(?:transformer\.)?h\.(\d+)\.attn\.(?:masked_)?bias"  # buffers of older versions
_ENDS = {"g": "weight", "b": "bias", "w": "weight"}


def _in_torch(place: Place) -> str:
    """("blocks", "0", "ln_1", "g") -> "h.0.ln_1.weight" """
    if len(place) == 1:
        return f"{place[0]}.weight"
    return ".".join([*place[:-1], _ENDS[place[-1]]]).replace("blocks.", "h.")


def _after(prefix: str) -> Callable[[Place], tuple[str, ...]]:
    return lambda place: (prefix + _in_torch(place),)


NANO = Layout("nanoGPT's", _after(INNER), upright, upright, head=HEAD, masks=MASKS)


def from_huggingface(state: Flat) -> Tree:
    """From the state of GPT2Model or GPT2LMHeadModel, or the safetensors of the hub."""
    inner = sum(str(name).startswith(INNER) for name in state)
    prefix = INNER if 2 * inner > len(state) else ""
    return read(state, Layout("Hugging Face's", _after(prefix), head=HEAD, masks=MASKS))


def to_huggingface(tree: Mapping[str, Any], *, head: bool = False) -> dict[str, Array]:
    """As GPT2Model names and shapes them, or, with `head`, GPT2LMHeadModel."""
    prefix = INNER if head else ""
    made = {prefix + _in_torch(place): value for place, value in by_place(tree).items()}
    return made | {HEAD: made[f"{INNER}wte.weight"]} if head else made


def from_nano(state: Flat) -> Tree:
    """From the state of nanoGPT's `GPT` with biases."""
    return read(state, NANO)


def to_nano(tree: Mapping[str, Any]) -> dict[str, Any]:
    """As nanoGPT's `GPT` names and shapes them, as torch tensors: for load_state_dict."""
    import torch

    made = {
        INNER + _in_torch(place): torch.from_numpy(np.array(upright(place, value), order="C"))
        for place, value in by_place(tree).items()
    }
    return made | {HEAD: made[f"{INNER}wte.weight"]}
