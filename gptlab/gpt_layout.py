"""GPT-2's weights as `gptlab.gpt.GPTModel` names and shapes them, both ways.

    GPTModel     trf_blocks.0.att.W_query.weight      (n_out, n_in), a third of c_attn

A module of its own, since it is what lab 10 asks for: graded, the lab runs without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gptlab.torch_layouts import same_table, upright
from gptlab.weights import Flat, Tree, as_float32, by_place, read

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
_QKV = ("W_query", "W_key", "W_value")


def _in_gpt(place: tuple[str, ...]) -> str:
    """("blocks", "0", "mlp", "c_fc", "w") -> "trf_blocks.0.ff.layers.0.weight" """
    if len(place) == 1:
        return f"{_IN_GPT[place[0]]}.weight"
    ending = {"g": "scale", "w": "weight"}.get(place[-1])
    if ending is None:
        ending = "shift" if place[-2].startswith("ln_") else "bias"
    if place[0] != "blocks":
        return f"{_IN_GPT[place[0]]}.{ending}"
    part = ".".join(place[2:-1])
    return f"trf_blocks.{place[1]}.{_IN_GPT.get(part, part)}.{ending}"


def to_gpt(tree: Mapping[str, Any]) -> dict[str, Any]:
    """As `GPTModel` with qkv_bias names and shapes them, as torch tensors: for load_state_dict."""
    import torch

    made = {}
    for place, value in by_place(tree).items():
        name, turned = _in_gpt(place), torch.from_numpy(upright(place, value).copy())
        if "c_attn" in place:
            for kind, part in zip(_QKV, turned.chunk(3), strict=True):
                made[name.replace("attn.c_attn", f"att.{kind}")] = part.clone()
        else:
            made[name] = turned
    return made | {"out_head.weight": made["tok_emb.weight"]}


def from_gpt(state: Flat) -> Tree:
    """From the state of a `GPTModel` with qkv_bias whose head is its table of tokens."""
    flat = dict(state)
    head = flat.pop("out_head.weight", None)
    table = flat.get("tok_emb.weight")
    if head is not None and table is not None:
        same_table("out_head.weight", head, "tok_emb.weight", table)
    for name in [name for name in flat if f".{_QKV[0]}." in name]:
        parts = [as_float32(flat.pop(name.replace(_QKV[0], kind))) for kind in _QKV]
        flat[name.replace(f"att.{_QKV[0]}", "attn.c_attn")] = np.concatenate(parts)
    return read(flat, _in_gpt, upright, "GPTModel's")
