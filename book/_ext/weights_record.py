"""What loading GPT-2 gives, costs, and can do wrong: measured once and kept.

    python book/_ext/weights_record.py [tiny]     writes book/_ext/weights.json; 3 minutes, 5 GB

Random weights in the shape of 124M are written in OpenAI's layout by TensorFlow, and also as
safetensors. Both are read by gpt_download's readers and put into the four programs of
parity_record.py, and the scores are compared with each other and with float64's. What loading costs
is measured as benchmarks/weights.py does it. The faults are done to the tiny checkpoint.
"""

from __future__ import annotations

import copy
import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
import transformers
from parity_record import FULL, TINY, four, ours, random_tree

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT))  # benchmarks and gpt_download are not installed

import gpt_download  # noqa: E402
from gptlab import (  # noqa: E402
    bigram,
    data,
    gpt,
    gpt_layout,
    sample,
    tiny,
    weights,
)
from gptlab import torch_layouts as layouts  # noqa: E402

RECORD = Path(__file__).with_name("weights.json")
SOURCES = {"tensorflow": "openai", "safetensors": "hub"}  # the reader, and its folder
TOKENS = 60  # whose scores are compared
READ = 200  # windows of the plays' last tenth
BEGINS, NEW = "ROMEO:\n", 48
Params = dict[str, Any]


def hparams(sizes: dict[str, int]) -> dict[str, int]:
    """The sizes as OpenAI's hparams.json has them."""
    names = ("n_vocab", "n_ctx", "n_embd", "n_head", "n_layer")
    return dict(zip(names, sizes.values(), strict=True))


@torch.no_grad()
def parity(sizes: dict[str, int], folder: Path) -> dict[str, Any]:
    """Largest differences of the scores of four programs, from each form of the files.

    folder: with openai/ and hub/, as benchmarks.weights.write_both leaves them
    """
    ids = np.random.default_rng(1).integers(sizes["vocab_size"], size=TOKENS).tolist()
    made: dict[str, Any] = {}
    exact, first = None, None
    for source, inside in SOURCES.items():
        params = gpt_download.read_gpt2(folder / inside, source, hparams(sizes))
        tree = weights.from_params(params)
        if exact is None:
            exact = copy.deepcopy(ours(tree, sizes)).double()(torch.tensor([ids]))[0].numpy()
        found = four(tree, sizes, ids)
        first = first or found
        made[source] = {
            "off": {name: float(np.abs(s - exact).max()) for name, s in found.items()},
            "apart": max(
                float(np.abs(a - b).max()) for a in found.values() for b in found.values()
            ),
            "same as the first": all(bool((first[n] == s).all()) for n, s in found.items()),
        }
    count = sum(value.size for value in weights.by_place(tree).values())
    return {"tokens": TOKENS, "numbers": count, "std": float(exact.std()), "from": made}


def swapped(blocks: list[Params], one: str, other: str) -> None:
    """Two norms of each block in each other's place."""
    for block in blocks:
        block[one], block[other] = block[other], block[one]


def thirds(blocks: list[Params], change: Callable[[list[np.ndarray]], list[np.ndarray]]) -> None:
    """q, k and v of each block, changed."""
    for block in blocks:
        c_attn = block["attn"]["c_attn"]
        for part in "wb":
            c_attn[part] = np.concatenate(change(np.split(c_attn[part], 3, axis=-1)), axis=-1)


def bare(blocks: list[Params], third: int) -> None:
    """The bias of q, k or v left out."""
    for block in blocks:
        np.split(block["attn"]["c_attn"]["b"], 3)[third][:] = 0


def turned(blocks: list[Params]) -> None:
    """The square matrix left as OpenAI has it."""
    for block in blocks:
        block["attn"]["c_proj"]["w"] = block["attn"]["c_proj"]["w"].T.copy()


def norms_left(blocks: list[Params]) -> None:
    """Gains at 1 and shifts at 0, as a new model has them."""
    for block in blocks:
        for norm in ("ln_1", "ln_2"):
            block[norm] = {
                "g": np.ones_like(block[norm]["g"]),
                "b": np.zeros_like(block[norm]["b"]),
            }


def same_block(blocks: list[Params]) -> None:
    """Block i + 1 is given the weights of block i; the first keeps its own."""
    blocks[1:] = copy.deepcopy(blocks[:-1])


FAULTS: dict[str, Callable[[list[Params]], None]] = {
    "the bias of k left out": lambda blocks: bare(blocks, 1),
    "the bias of q left out": lambda blocks: bare(blocks, 0),
    "ln_1 and ln_2 swapped in one block": lambda blocks: swapped(blocks[2:3], "ln_1", "ln_2"),
    "ln_1 and ln_2 swapped in all": lambda blocks: swapped(blocks, "ln_1", "ln_2"),
    "the norms of one block left as they were": lambda blocks: norms_left(blocks[1:2]),
    "the square matrix of one block not turned": lambda blocks: turned(blocks[1:2]),
    "the square matrices of all not turned": turned,
    "q and k swapped": lambda blocks: thirds(blocks, lambda p: [p[1], p[0], p[2]]),
    "k and v swapped": lambda blocks: thirds(blocks, lambda p: [p[0], p[2], p[1]]),
    "each block with the weights of the one before": same_block,
}


# The parts of a block whose outputs are compared: GPTModel's name -> Hugging Face's.
PARTS = {"norm1": "ln_1", "att": "attn", "norm2": "ln_2", "ff": "mlp", "": ""}
SHOWN = "the square matrix of one block not turned"  # whose first difference is looked for


def outputs(model: torch.nn.Module, names: list[str], run: Callable[[], Any]) -> list[torch.Tensor]:
    """What each of the parts gives, in their order."""
    kept: dict[str, torch.Tensor] = {}
    hooks = [
        model.get_submodule(name).register_forward_hook(
            lambda _, __, out, name=name: kept.__setitem__(name, out)
        )
        for name in names
    ]
    run()
    for hook in hooks:
        hook.remove()
    return [out[0] if isinstance(out, tuple) else out for out in (kept[name] for name in names)]


@torch.no_grad()
def part_by_part(faulty: gpt.GPTModel, windows: torch.Tensor) -> dict[str, float]:
    """How far each part of a GPTModel is from the same part of Hugging Face's, at worst."""
    L = TINY["n_layers"]
    ones = ["tok_emb", "drop_emb"]
    others = ["transformer.wte", "transformer.drop"]
    for i in range(L):
        ones += [f"trf_blocks.{i}.{part}".rstrip(".") for part in PARTS]
        others += [f"transformer.h.{i}.{part}".rstrip(".") for part in PARTS.values()]
    ones, others = [*ones, "final_norm", "out_head"], [*others, "transformer.ln_f", "lm_head"]
    H, C, V, T = (TINY[key] for key in ("n_heads", "emb_dim", "vocab_size", "context_length"))
    right = transformers.GPT2LMHeadModel(
        transformers.GPT2Config(vocab_size=V, n_positions=T, n_embd=C, n_layer=L, n_head=H)
    ).eval()
    state = layouts.to_huggingface(tiny.params(), head=True)
    right.load_state_dict({name: torch.tensor(value) for name, value in state.items()})
    idx = windows[:8, :-1]
    found = outputs(faulty, ones, lambda: faulty(idx))
    wanted = outputs(right, others, lambda: right(idx))
    pairs = zip(ones, found, wanted, strict=True)
    return {name: float((a - b).abs().max()) for name, a, b in pairs}


@torch.no_grad()
def judged(model: gpt.GPTModel, windows: torch.Tensor) -> dict[str, Any]:
    """Its scores, its loss in nats a token, and its greedy text."""
    scores = model(windows[:, :-1])
    loss = torch.nn.functional.cross_entropy(scores.flatten(0, 1), windows[:, 1:].flatten())
    begins = torch.tensor([tiny.tokenizer().encode(BEGINS)])
    ids = sample.generate(model, begins, NEW, TINY["context_length"])[0].tolist()
    return {"scores": scores, "loss": float(loss), "text": tiny.tokenizer().decode(ids)}


def faults() -> dict[str, Any]:
    """Name -> what a fault does to scores, loss and text of the tiny GPT-2."""
    corpus = data.tiny_shakespeare()
    if corpus.standin:
        raise SystemExit("Tiny Shakespeare itself is not here")
    ids = torch.tensor(tiny.tokenizer().encode(bigram.split_data(corpus.text)[1]))
    size = TINY["context_length"] + 1
    windows = ids[: READ * size].view(READ, size)
    right = judged(ours(tiny.params(), TINY), windows)
    table = {}
    for name, change in FAULTS.items():
        tree = weights.from_places({place: value.copy() for place, value
                                    in weights.by_place(tiny.params()).items()},
                                   TINY["n_layers"])  # fmt: skip
        change(tree["blocks"])
        model = ours(tree, TINY)
        found = judged(model, windows)
        if name == SHOWN:
            parts = part_by_part(model, windows)
        found["apart"] = float((found.pop("scores") - right["scores"]).abs().max())
        table[name] = found
    random = gpt.GPTModel({**TINY, "drop_rate": 0.0, "qkv_bias": True, "tied": False}).eval()
    torch.manual_seed(0)
    head = torch.nn.Linear(TINY["emb_dim"], TINY["vocab_size"], bias=False)
    random.load_state_dict(gpt_layout.to_gpt(tiny.params()) | {"out_head.weight": head.weight})
    found = judged(random, windows)
    found["apart"] = float((found.pop("scores") - right["scores"]).abs().max())
    table["the head left as it was drawn"] = found
    std = float(right.pop("scores").std())
    none = part_by_part(ours(tiny.params(), TINY), windows)
    return {"right": right | {"std": std}, "faults": table, "tokens": READ * (size - 1),
            "parts": {"without": none, "with": parts}}  # fmt: skip


def main() -> None:
    """Write it; with `tiny` alone, only what is done to the tiny checkpoint."""
    from benchmarks.process import machine_line
    from benchmarks.weights import TURNS, measured, write_both

    torch.set_num_threads(1)
    if sys.argv[1:] == ["tiny"]:
        return kept(json.loads(RECORD.read_text(encoding="utf-8")))
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_both(random_tree(FULL), FULL["n_heads"], root)
        files = {path.name: path.stat().st_size for path in sorted(root.glob("*/*"))}
        made = {
            "parity": parity(FULL, root),
            "loading": {"ways": measured(root), "turns": TURNS, "machine": machine_line()},
            "files": files,
        }
    kept(made)


def kept(made: dict[str, Any]) -> None:
    """The record with what is done to the tiny checkpoint measured anew."""
    made["tiny"] = faults()
    RECORD.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    print(RECORD.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
