"""GPT-2's weights as torch's models name and shape them, both ways.

    Hugging Face h.0.attn.c_attn.weight   (n_in, n_out); with "transformer." before it, or without
    nanoGPT      transformer.h.0.attn.c_attn.weight   (n_out, n_in), as torch has it
    GPTModel     trf_blocks.0.att.W_query.weight      (n_out, n_in), a third of c_attn

As in `gptlab.weights`, through whose tree all of them go, nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gptlab.weights import Array, Flat, Tree, WeightsError, as_float32, by_place, read

__all__ = ["from_gpt", "from_huggingface", "from_nano", "to_gpt", "to_huggingface", "to_nano"]

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
        _same_table("lm_head.weight", head, "wte.weight", made["wte.weight"])
    return made


def _same_table(head_name: str, head: Any, table_name: str, table: Any) -> None:
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


def _upright(place: tuple[str, ...], value: Array) -> Array:
    """torch keeps the matrix of a linear layer as (n_out, n_in)."""
    return np.ascontiguousarray(value.T) if place[-1] == "w" else value


def from_nano(state: Flat) -> Tree:
    """From the state of nanoGPT's `GPT` with biases."""
    return read(_without(state, "transformer."), _in_torch, _upright, "nanoGPT's")


def to_nano(tree: Mapping[str, Any]) -> dict[str, Any]:
    """As nanoGPT's `GPT` names and shapes them, as torch tensors: for load_state_dict."""
    import torch

    made = {
        f"transformer.{_in_torch(place)}": torch.from_numpy(_upright(place, value).copy())
        for place, value in by_place(tree).items()
    }
    return made | {"lm_head.weight": made["transformer.wte.weight"]}


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
        name, upright = _in_gpt(place), torch.from_numpy(_upright(place, value).copy())
        if "c_attn" in place:
            for kind, part in zip(_QKV, upright.chunk(3), strict=True):
                made[name.replace("attn.c_attn", f"att.{kind}")] = part.clone()
        else:
            made[name] = upright
    return made | {"out_head.weight": made["tok_emb.weight"]}


def from_gpt(state: Flat) -> Tree:
    """From the state of a `GPTModel` with qkv_bias whose head is its table of tokens."""
    flat = dict(state)
    head = flat.pop("out_head.weight", None)
    table = flat.get("tok_emb.weight")
    if head is not None and table is not None:
        _same_table("out_head.weight", head, "tok_emb.weight", table)
    for name in [name for name in flat if f".{_QKV[0]}." in name]:
        parts = [as_float32(flat.pop(name.replace(_QKV[0], kind))) for kind in _QKV]
        flat[name.replace(f"att.{_QKV[0]}", "attn.c_attn")] = np.concatenate(parts)
    return read(flat, _in_gpt, _upright, "GPTModel's")
