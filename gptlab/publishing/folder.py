"""The folder of a chat model, as `transformers` has it too: found, and read strictly.

    config.json             GPT-2's sizes, as GPT2Config has them
    model.safetensors       the weights under Hugging Face's names, float32 or float16
    tokenizer.json          each token, the merges, the special tokens
    tokenizer_config.json   the chat template
    generation_config.json  which id ends an answer
    run.json                the figures of the training
    README.md               the model card

Nothing in it is pickled, so reading it runs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from gptlab import fingerprint, torch_layouts, weights
from gptlab.chatting import places
from gptlab.nano import GPT, GPTConfig
from gptlab.publishing import TIPS, HubError, damaged
from gptlab.publishing.tokenizer_files import read_json, read_tokenizer
from gptlab.tips import see
from gptlab.tokenizers import RegexTokenizer
from gptlab.undrawn import Undrawn

__all__ = ["FILES", "NEEDED", "SAME", "SIZES", "Checkpoint", "find", "listed", "load",
           "misfit"]  # fmt: skip

FILES = ("README.md", "config.json", "generation_config.json", "model.safetensors", "run.json",
         "tokenizer.json", "tokenizer_config.json")  # fmt: skip
NEEDED = ("config.json", "model.safetensors", "tokenizer.json")
SIZES = {"vocab_size": "vocab_size", "block_size": "n_positions", "n_layer": "n_layer",
          "n_head": "n_head", "n_embd": "n_embd"}  # fmt: skip
DROPOUT = 0.1  # where resid_pdrop is not told, as in GPT2Config
# What makes a GPT-2 of transformers the same model as ours: the first is what it is without.
SAME = {
    "model_type": ("gpt2",),
    "activation_function": ("gelu_new", "gelu_pytorch_tanh"),
    "layer_norm_epsilon": (1e-5,),
    "scale_attn_weights": (True,),
    "scale_attn_by_inverse_layer_idx": (False,),
    "add_cross_attention": (False,),
    "tie_word_embeddings": (True,),
}


@dataclass(frozen=True)
class Checkpoint:
    """A model with all that it takes to use it."""

    config: GPTConfig
    model: GPT = field(repr=False)  # in evaluation mode
    tokenizer: RegexTokenizer = field(repr=False)
    run: dict[str, Any] = field(repr=False)  # the figures of its training; {} where none are told


def find(name: str | Path | None = None) -> Path:
    """`gptlab.chat.find`, whose words are the HubError's."""
    try:
        return places.find(name)
    except places.ChatError as error:
        raise HubError(str(error)) from error


def _pickled(names: Iterable[str]) -> str:
    found = sorted(name for name in names if Path(name).suffix in places.PICKLED)
    return f"; {found[0]} is pickled, and reading it can run code" if found else ""


def listed(names: list[str]) -> str:
    """The first six."""
    more = f" and {len(names) - 6} more" if len(names) > 6 else ""
    return ", ".join(names[:6]) + more if names else "nothing"


def load(folder: str | Path | None = None, device: str | torch.device = "cpu") -> Checkpoint:
    """The model in a folder (see `find`), on this device ("auto": the best that is here).

    Reads what `save` wrote, or a GPT-2 in the same layout from anybody. The weights are float32
    then, whatever they are written in. Raises HubError.
    """
    at = _device(device)
    folder = find(folder)
    for name in NEEDED:
        if not (folder / name).is_file():
            raise damaged(folder, f"it lacks {name}" + _other(folder, name))
    config = _config(folder / "config.json")
    try:
        tree, _ = weights.from_folder(folder)
    except (weights.WeightsError, TypeError, ValueError, OSError) as error:
        path = folder / "model.safetensors"
        raise damaged(path, str(error).removeprefix(f"{path} ")) from error
    tokenizer = read_tokenizer(folder / "tokenizer.json")
    if said := misfit(tokenizer, config):
        raise damaged(folder / "tokenizer.json", said)
    run = read_json(folder / "run.json") if (folder / "run.json").exists() else {}
    return Checkpoint(config, _model(config, tree).to(at).eval(), tokenizer, run)


def _device(device: str | torch.device) -> torch.device:
    try:
        return fingerprint.best_device() if device == "auto" else fingerprint.device_of(str(device))
    except ValueError as error:
        raise HubError(f"device {error}, or auto; {see('Faster training')}") from error


def _other(folder: Path, name: str) -> str:
    """What stands there in the place of a missing file."""
    if name != "model.safetensors":
        return ""
    if (folder / "model.safetensors.index.json").exists():
        return ": its weights are in several files, and this reads one"
    return _pickled(path.name for path in folder.iterdir())


def _config(path: Path) -> GPTConfig:
    """The settings of a GPT-2 that is computed as ours is."""
    told = {"resid_pdrop": DROPOUT} | read_json(path)
    for name in SIZES.values():
        if name not in told:
            raise damaged(path, f"it lacks {name}")
        if type(told[name]) is not int or told[name] < 1:
            raise damaged(path, f"{name} is {told[name]!r}, expected a whole number from 1 on")
    width, share = told["n_embd"], told["resid_pdrop"]
    if width % told["n_head"]:
        raise damaged(path, f"n_head={told['n_head']} does not divide the width, {width}")
    if type(share) not in (int, float) or not 0 <= share < 1:
        raise damaged(path, f"resid_pdrop is {share!r}, expected a share from 0 up to, not with, 1")
    for name, same in (SAME | {"n_inner": (None, 4 * width)}).items():
        if told.get(name, same[0]) not in same:
            expected = " or ".join(map(repr, same))
            raise HubError(f"{path}: {name} is {told[name]!r}, expected {expected}: another model "
                           f"than gptlab's, which would give other text; {TIPS}")  # fmt: skip
    return GPTConfig(**{ours: told[theirs] for ours, theirs in SIZES.items()}, dropout=share)


def misfit(tokenizer: RegexTokenizer, config: GPTConfig) -> str:
    """What is wrong, where not each id of the model has a text."""
    every = {*tokenizer.vocab, *tokenizer.special_tokens.values()}
    if every == set(range(config.vocab_size)):
        return ""
    return (f"the tokenizer has {len(every):,} ids up to {max(every):,}, the model "
            f"{config.vocab_size:,} from 0 on")  # fmt: skip


def _model(config: GPTConfig, tree: weights.Tree) -> GPT:
    """A model with these weights; nothing is drawn, so that chance stays where it was."""
    with Undrawn():
        model = GPT(config)
    model.load_state_dict(torch_layouts.to_nano(tree), assign=True)
    model.transformer.wte.weight = model.lm_head.weight
    return model
