"""GPT-2's weights as `gptlab.gpt.GPTModel` names and shapes them, both ways.

    GPTModel     trf_blocks.0.att.W_query.weight      (n_out, n_in), a third of c_attn

A module of its own, since it is what lab 10 asks for: graded, the lab runs without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gptlab.tree import Flat, Layout, Place, Tree, by_place, read, upright

__all__ = ["from_gpt", "to_gpt"]

# The names of gptlab.gpt, part by part of the tree; q, k and v are side by side in c_attn.
_IN_GPT = {
    "wte": "tok_emb",
    "wpe": "pos_emb",
    "ln_f": "final_norm",
    "ln_1": "norm1",
    "ln_2": "norm2",
    "attn.c_proj": "att.out_proj",
    "mlp.c_fc": "ff.layers.0",
    "mlp.c_proj": "ff.layers.2",
}
_QKV = ("att.W_query", "att.W_key", "att.W_value")
MASKS = r"trf_blocks\.(\d+)\.att\.mask"  # the buffer of lab 6's class


def _in_gpt(place: Place) -> tuple[str, ...]:
    """("blocks", "0", "mlp", "c_fc", "w") -> "trf_blocks.0.ff.layers.0.weight" """
    if len(place) == 1:
        return (f"{_IN_GPT[place[0]]}.weight",)
    ending = {"g": "scale", "w": "weight"}.get(place[-1])
    if ending is None:
        ending = "shift" if place[-2].startswith("ln_") else "bias"
    if place[0] != "blocks":
        return (f"{_IN_GPT[place[0]]}.{ending}",)
    part = ".".join(place[2:-1])
    parts = _QKV if part == "attn.c_attn" else (_IN_GPT[part],)
    return tuple(f"trf_blocks.{place[1]}.{name}.{ending}" for name in parts)


GPT_MODEL = Layout("GPTModel's", _in_gpt, upright, upright, head="out_head.weight", masks=MASKS)


def to_gpt(tree: Mapping[str, Any]) -> dict[str, Any]:
    """As `GPTModel` with qkv_bias names and shapes them, as torch tensors: for load_state_dict."""
    import torch

    made = {}
    for place, value in by_place(tree).items():
        names = _in_gpt(place)
        parts = np.split(upright(place, value), len(names))  # rows, (n_out, n_in)
        for name, part in zip(names, parts, strict=True):
            made[name] = torch.from_numpy(np.array(part, order="C"))
    return made | {GPT_MODEL.head: made["tok_emb.weight"]}


def from_gpt(state: Flat) -> Tree:
    """From the state of a `GPTModel` with qkv_bias whose head is its table of tokens."""
    return read(state, GPT_MODEL)
