"""How far apart four programs for GPT-2 are, and what shortcuts do: measured once and kept.

    python book/_ext/parity_record.py     writes book/_ext/parity.json; a minute, 4 GB of memory

One set of weights in four forms: `numpy_gpt`, `GPTModel`, nanoGPT's `GPT`, Hugging Face's. Once the
tiny checkpoint, once random weights in the shape of the smallest GPT-2. What is right is decided by
the same model in float64. One thread, since the order of additions depends on their number.
"""

from __future__ import annotations

import copy
import json
import os
from itertools import pairwise
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
import transformers
from torch import nn
from torch.nn import functional as F

from gptlab import gpt, gpt_layout, nano, numpy_gpt, tiny, torch_layouts, weights

RECORD = Path(__file__).with_name("parity.json")
TINY = {name: tiny.hparams()[key] for name, key in (
    ("vocab_size", "n_vocab"), ("context_length", "n_ctx"), ("emb_dim", "n_embd"),
    ("n_heads", "n_head"), ("n_layers", "n_layer"))}  # fmt: skip
FULL = {name: gpt.GPT_CONFIG_124M[name] for name in TINY}
TABLE, MATRIX, GAIN = 0.14, 0.02, 0.1  # spread of the table of tokens, of all others, of gains
DEEP = 12  # layers
Sizes = dict[str, int]


def random_tree(sizes: Sizes) -> dict[str, Any]:
    """Weights by chance, with gains that are not 1 and biases that are not 0."""
    chance = np.random.default_rng(0)
    shapes = weights.shapes_by_place(
        sizes["vocab_size"], sizes["context_length"], sizes["emb_dim"], sizes["n_layers"]
    )
    flat = {}
    for place, shape in shapes.items():
        spread = TABLE if place == ("wte",) else GAIN if place[-1] in "gb" else MATRIX
        value = chance.standard_normal(shape, np.float32) * np.float32(spread)
        flat[place] = value + 1 if place[-1] == "g" else value
    return weights.from_places(flat, sizes["n_layers"])


def ours(tree: dict[str, Any], sizes: Sizes) -> gpt.GPTModel:
    """The tree as a GPTModel that is ready to be used."""
    cfg = {**sizes, "drop_rate": 0.0, "qkv_bias": True, "tied": True}
    model = gpt.GPTModel(cfg).eval()
    model.load_state_dict(gpt_layout.to_gpt(tree))
    return model


def four(tree: dict[str, Any], sizes: Sizes, ids: list[int]) -> dict[str, np.ndarray]:
    """Program -> its scores, (T, V)."""
    V, T, C, H, L = (sizes[name] for name in (
        "vocab_size", "context_length", "emb_dim", "n_heads", "n_layers"))  # fmt: skip
    idx = torch.tensor([ids])
    of_nano = nano.GPT(nano.GPTConfig(T, V, L, H, C)).eval()
    of_nano.load_state_dict(torch_layouts.to_nano(tree))
    theirs = transformers.GPT2LMHeadModel(
        transformers.GPT2Config(vocab_size=V, n_positions=T, n_embd=C, n_layer=L, n_head=H)
    ).eval()
    state = {name: torch.tensor(v) for name, v in torch_layouts.to_huggingface(tree).items()}
    theirs.transformer.load_state_dict(state)
    return {
        "numpy_gpt": numpy_gpt.gpt2(ids, **tree, n_head=H),
        "GPTModel": ours(tree, sizes)(idx)[0].numpy(),
        "nano.GPT": of_nano(idx, targets=idx)[0][0].numpy(),
        "Hugging Face": theirs(idx).logits[0].numpy(),
    }


def in_pieces(model: gpt.GPTModel, idx: torch.Tensor) -> torch.Tensor:
    """The scores with a cache: most of the tokens at once, then three, then one by one."""
    cache, T = model.new_cache(), idx.shape[1]
    cuts = [0, T - 6, T - 3, T - 2, T - 1, T]
    return torch.cat([model(idx[:, a:b], cache) for a, b in pairwise(cuts)], dim=1)


class ErfGELU(nn.Module):
    """The other GELU."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Any shape."""
        return F.gelu(x)


@torch.no_grad()
def compared(tree: dict[str, Any], sizes: Sizes, count: int) -> dict[str, Any]:
    """Largest differences of scores for `count` tokens by chance."""
    ids = np.random.default_rng(1).integers(sizes["vocab_size"], size=count).tolist()
    idx = torch.tensor([ids])
    model = ours(tree, sizes)
    exact = copy.deepcopy(model).double()(idx)[0].numpy()
    found = four(tree, sizes, ids)
    erf = copy.deepcopy(model)
    for block in erf.trf_blocks:
        block.ff.layers[1] = ErfGELU()

    half = copy.deepcopy(model).bfloat16()(idx)[0].float().numpy()

    def off(scores: Any) -> float:
        return float(np.abs(np.asarray(scores, np.float64) - exact).max())

    best = [scores.argmax(-1) for scores in found.values()]
    return {
        "tokens": count,
        "std": float(exact.std()),
        "off": {name: off(scores) for name, scores in found.items()},
        "apart": max(float(np.abs(a - b).max()) for a in found.values() for b in found.values()),
        "same best": all(bool((other == best[0]).all()) for other in best),
        "cache": off(in_pieces(model, idx)[0]),
        "erf": off(erf(idx)[0]),
        "bfloat16": off(half),
        "bfloat16 best": float((half.argmax(-1) == exact.argmax(-1)).mean()),
    }


def gradients(shortcut: bool) -> list[float]:
    """The mean size of the gradient of each layer's matrix in a deep stack without norms."""
    torch.manual_seed(1)
    layers = [nn.Sequential(nn.Linear(64, 64), nn.GELU(approximate="tanh")) for _ in range(DEEP)]
    x, target = torch.randn(32, 64), torch.randn(32, 64)
    for layer in layers:
        x = x + layer(x) if shortcut else layer(x)
    F.mse_loss(x, target).backward()
    return [float(layer[0].weight.grad.abs().mean()) for layer in layers]


@torch.no_grad()
def alike(shortcut: bool) -> list[float]:
    """How alike the places of a text are after each block of a new model: their mean cosine."""
    torch.manual_seed(1)
    cfg = {"vocab_size": 65, "context_length": 32, "emb_dim": 96, "n_heads": 6, "n_layers": DEEP,
           "drop_rate": 0.0, "qkv_bias": False}  # fmt: skip
    model = gpt.GPTModel(cfg)
    T = cfg["context_length"]
    x = model.tok_emb(torch.randint(65, (8, T))) + model.pos_emb.weight
    found = []
    for block in model.trf_blocks:
        x = block(x) if shortcut else block.ff(block.norm2(block.att(block.norm1(x))))
        unit = F.normalize(x, dim=-1)
        cosines = unit @ unit.mT  # (8, T, T)
        found.append(float((cosines.sum() - 8 * T) / (8 * T * (T - 1))))
    return found


def main() -> None:
    """Write it."""
    torch.set_num_threads(1)
    made = {
        "tiny": compared(tiny.params(), TINY, 60),
        "124M": compared(random_tree(FULL), FULL, 60),
        "gradients": {"with": gradients(True), "without": gradients(False)},
        "alike": {"with": alike(True), "without": alike(False)},
        "torch": torch.__version__,
        "transformers": transformers.__version__,
    }
    RECORD.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    print(RECORD.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
