"""Four loaders of the tiny checkpoint, each with a fault of its own, for "fluent text is no proof".

All eight faults of the lab's list are here; which of them a loader has is kept as a digest, so that
reading on does not spoil the search. The letters alone are graded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from gptlab import tiny
from gptlab.checks.core import CheckFailed, NotAttempted, kind, passed, show
from gptlab.checks.lab10_numbers import fill, refuse
from gptlab.checks.quiz import letter_of
from gptlab.gpt import GPTModel

KEPT = {
    "one": "7de7b0bcddd6",
    "two": "7c8255b90161",
    "three": "c5b6d0ff0dba",
    "four": "b8c0e83240d1",
}
BESIDE = {  # faults that begin at the same part: what tells them apart
    "ae": "wt_which_kind_two",
    "bh": "wt_which_kind",
    "cg": "wt_which_kind_three",
    "df": "wt_which_kind_four",
}


def _digest(name: str, letter: str) -> str:
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
    sizes, tree = tiny.hparams(), tiny.params()
    with torch.random.fork_rng(devices=[]):
        model = GPTModel({"vocab_size": sizes["n_vocab"], "context_length": sizes["n_ctx"],
                          "emb_dim": sizes["n_embd"], "n_heads": sizes["n_head"],
                          "n_layers": sizes["n_layer"], "drop_rate": 0,
                          "qkv_bias": True})  # fmt: skip
    tables = {model.tok_emb: tree["wte"], model.out_head: tree["wte"], model.pos_emb: tree["wpe"]}
    for part, table in tables.items():
        part.weight = nn.Parameter(torch.tensor(table))
    for block, weights in zip(model.trf_blocks, tree["blocks"], strict=True):
        fill(block, weights)
    norm = model.final_norm
    norm.scale, norm.shift = (nn.Parameter(torch.tensor(tree["ln_f"][part])) for part in "gb")
    return model.eval()


def load(name: str) -> GPTModel:
    """The tiny checkpoint as the loader "one", "two", "three" or "four" loads it."""
    if name not in KEPT:
        raise ValueError(f"there is no loader {name!r}: they are {', '.join(KEPT)}")
    model = filled()
    letter = next(letter for letter in FAULTS if _digest(name, letter) == KEPT[name])
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(10)
        FAULTS[letter](model)
    return model.eval()


def culprits(answer: Any) -> None:
    """Four letters, one for each loader."""
    item = "culprits"
    wanted = f"a letter from a to h for each of {', '.join(KEPT)}"
    if answer is None or (isinstance(answer, Mapping) and not any(answer.values())):
        raise NotAttempted(item, expected=wanted)
    if not isinstance(answer, Mapping) or set(answer) != set(KEPT):
        keys = ", ".join(map(str, answer)) if isinstance(answer, Mapping) else show(answer)
        refuse(item, "culprits", wanted, f"{kind(answer)}: {keys}", "wt_which_words")
    letters = {name: letter_of(answer[name]) for name in KEPT}
    for name, letter in letters.items():
        if letter is None:
            cause = "wt_which_words" if answer[name] else "wt_which_left"
            refuse(item, f'culprits["{name}"]', "a letter from a to h", show(answer[name]), cause)
        if _digest(name, letter) == KEPT[name]:
            continue
        pair = next(pair for pair in BESIDE if letter in pair)
        near = any(_digest(name, other) == KEPT[name] for other in pair)
        cause = BESIDE[pair] if near else "wt_which_place"
        if list(letters.values()).count(letter) > 1:
            cause = "wt_which_same"
        raise CheckFailed(item, looked_at=f'culprits["{name}"]', expected="the fault that begins "
                          "where first_difference says, and looks as this one does",
                          found=show(answer[name]), likely=cause)  # fmt: skip
    passed(item)
