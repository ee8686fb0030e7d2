"""Four loaders of the tiny checkpoint, each with a fault of its own, for lab10.

All eight faults of the lab's list are here; which of them a loader has is kept as a digest, so that
reading on does not spoil the search. The letters alone are graded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

from gptlab import tiny
from gptlab.gpt import GPTModel

KEPT = {
    "one": "7de7b0bcddd6",
    "two": "7c8255b90161",
    "three": "c5b6d0ff0dba",
    "four": "b8c0e83240d1",
}


def digest(name: str, letter: str) -> str:
    return hashlib.sha256(f"lab10/{name}/{letter}".encode()).hexdigest()[:12]


def _each_mlp(change: Callable[[nn.Sequential], Any]) -> Callable[[GPTModel], None]:
    def changed(model: GPTModel) -> None:
        for block in model.trf_blocks:
            change(block.ff.layers)

    return changed


def _rows_left(model: GPTModel) -> None:
    model.pos_emb.weight.normal_(std=0.02)


def _rows_moved(model: GPTModel) -> None:
    table = model.pos_emb.weight
    table[:-1] = table[1:].clone()


def _bias_before(model: GPTModel) -> None:
    biases = [block.ff.layers[2].bias.clone() for block in model.trf_blocks]
    for block, bias in zip(model.trf_blocks[1:], biases, strict=False):
        block.ff.layers[2].bias.copy_(bias)


def _bias_of_one(model: GPTModel) -> None:
    first, *others = (block.ff.layers[2].bias for block in model.trf_blocks)
    for bias in others:
        bias.copy_(first)


def _v_lies(model: GPTModel) -> None:
    for block in model.trf_blocks:
        block.att.W_value.weight.copy_(block.att.W_value.weight.T.clone())


def _v_bare(model: GPTModel) -> None:
    for block in model.trf_blocks:
        block.att.W_value.bias.zero_()


FAULTS: dict[str, Callable[[GPTModel], None]] = {
    "a": _each_mlp(lambda layers: layers.__setitem__(1, nn.GELU())),
    "b": _rows_left,
    "c": _bias_before,
    "d": _v_lies,
    "e": _each_mlp(lambda layers: layers.__setitem__(1, nn.ReLU())),
    "f": _v_bare,
    "g": _bias_of_one,
    "h": _rows_moved,
}


def filled() -> GPTModel:
    """The tiny checkpoint, loaded without a fault."""

    def own(values: np.ndarray) -> nn.Parameter:
        return nn.Parameter(torch.tensor(values))

    sizes, tree = tiny.hparams(), tiny.params()
    with torch.random.fork_rng(devices=[]):
        model = GPTModel({"vocab_size": sizes["n_vocab"], "context_length": sizes["n_ctx"],
                          "emb_dim": sizes["n_embd"], "n_heads": sizes["n_head"],
                          "n_layers": sizes["n_layer"], "drop_rate": 0,
                          "qkv_bias": True})  # fmt: skip
    tables = {model.tok_emb: tree["wte"], model.out_head: tree["wte"], model.pos_emb: tree["wpe"]}
    for part, table in tables.items():
        part.weight = own(table)
    for block, weights in zip(model.trf_blocks, tree["blocks"], strict=True):
        attn, mlp = weights["attn"], weights["mlp"]
        thirds = [np.split(attn["c_attn"][part], 3, axis=-1) for part in "wb"]
        layers = [block.att.W_query, block.att.W_key, block.att.W_value]
        for layer, w, b in zip(layers, *thirds, strict=True):
            layer.weight, layer.bias = own(w.T), own(b)
        others = [(block.att.out_proj, attn["c_proj"]), (block.ff.layers[0], mlp["c_fc"]),
                  (block.ff.layers[2], mlp["c_proj"])]  # fmt: skip
        for layer, given in others:
            layer.weight, layer.bias = own(given["w"].T), own(given["b"])
        for norm, given in ((block.norm1, weights["ln_1"]), (block.norm2, weights["ln_2"])):
            norm.scale, norm.shift = own(given["g"]), own(given["b"])
    model.final_norm.scale, model.final_norm.shift = (own(tree["ln_f"][part]) for part in "gb")
    return model.eval()


def load(name: str) -> GPTModel:
    """The tiny checkpoint as the loader "one", "two", "three" or "four" loads it."""
    if name not in KEPT:
        raise ValueError(f"there is no loader {name!r}: they are {', '.join(KEPT)}")
    model = filled()
    letter = next(letter for letter in FAULTS if digest(name, letter) == KEPT[name])
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(10)
        FAULTS[letter](model)
    return model.eval()
