"""Write the folder of a chat model: whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import save as packed

from gptlab import torch_layouts, weights
from gptlab.nano import GPT, GPTConfig
from gptlab.publishing import HubError
from gptlab.publishing.card import card
from gptlab.publishing.folder import FILES, SAME, SIZES, listed, misfit
from gptlab.publishing.tokenizer_files import (
    end_id,
    is_chat,
    read_json,
    settings,
    tokenizer_json,
)
from gptlab.tokenizers import RegexTokenizer

__all__ = ["save"]

# What weights are written in.
_DTYPES = {torch.float32: np.float32, torch.float16: np.float16}


def save(
    folder: str | Path, model: GPT, tokenizer: RegexTokenizer, run: dict[str, Any] | None = None,
    dtype: torch.dtype = torch.float32,
) -> Path:  # fmt: skip
    """Write the folder of a model: all of it, or nothing. Returns its path.

    A folder that holds nothing but an older model is replaced; any other one is refused. dtype:
    float32, or float16 for half the size. run: see `gptlab.publishing.card`. Raises HubError.
    """
    folder = Path(folder).resolve()
    _may_replace(folder)
    if said := misfit(tokenizer, model.config):
        raise HubError(f"{said}: give the tokenizer that the model was trained with")
    texts, arrays = _texts(model.config, tokenizer, run or {}), _arrays(model, dtype)
    part = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        for name, text in texts.items():
            (part / name).write_text(text, encoding="utf-8", newline="\n")
        (part / "model.safetensors").write_bytes(packed(arrays, metadata={"format": "pt"}))
        _put(part, folder)
    except OSError as error:
        raise HubError(
            f"{folder} could not be written ({error.strerror or error}). Is there room on the "
            "disk, and may you write there?"
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return folder


def _may_replace(folder: Path) -> None:
    """HubError where somebody's files would be lost."""
    if folder.exists() and not folder.is_dir():
        raise HubError(f"{folder} is a file: give the name of a folder")
    names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    others = [name for name in names if name not in FILES]
    if others or (names and not _is_model(folder)):  # README.md alone may be anybody's
        raise HubError(
            f"{folder} holds other files than a model's ({listed(others or names)}), and they "
            "would be lost: give the name of a new folder"
        )


def _is_model(folder: Path) -> bool:
    """Has it weights, and settings that say whose they are?"""
    try:
        told = read_json(folder / "config.json")
    except HubError:  # whatever it is, it is not what `save` writes
        return False
    return told.get("model_type") in SAME["model_type"] and (folder / "model.safetensors").is_file()


def _put(part: Path, folder: Path) -> None:
    """Give a finished folder its name; the one from before goes only then."""
    old = part.with_suffix(".old")
    if folder.exists():
        os.replace(folder, old)
    try:
        os.replace(part, folder)
    except OSError:
        if old.exists():
            os.replace(old, folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _arrays(model: GPT, dtype: torch.dtype) -> dict[str, np.ndarray]:
    """The weights under the names of GPT2LMHeadModel, whose head is its table of tokens."""
    if dtype not in _DTYPES:
        raise HubError(f"dtype is {dtype}: expected torch.float32 or torch.float16")
    state = {name: value.detach().float().cpu() for name, value in model.state_dict().items()}
    if not model.config.bias:  # GPT-2 has biases: zeros do what none do
        for name in [one for one in state if one.startswith("transformer.h.") or ".ln_f." in one]:
            state[name.replace(".weight", ".bias")] = torch.zeros(len(state[name]))
    try:
        named = torch_layouts.to_huggingface(torch_layouts.from_nano(state), head=True)
    except weights.WeightsError as error:
        raise HubError(f"the model cannot be written: {error}") from error
    del named[torch_layouts.HEAD]
    with np.errstate(over="ignore"):
        made = {name: np.ascontiguousarray(value, _DTYPES[dtype]) for name, value in named.items()}
    if large := [name for name, value in made.items() if not np.isfinite(value).all()]:
        raise HubError(f"{large[0]} holds numbers over 65,504, float16's largest: take "
                       "dtype=torch.float32")  # fmt: skip
    return made


def _texts(config: GPTConfig, tokenizer: RegexTokenizer, run: dict[str, Any]) -> dict[str, str]:
    """The files of JSON, and the card."""
    end = end_id(tokenizer)
    ends = {} if end is None else {"eos_token_id": end, "pad_token_id": end}
    every = {
        "config.json": _settings(config) | {"bos_token_id": None, "eos_token_id": None} | ends,
        "generation_config.json": ends,
        "tokenizer.json": tokenizer_json(tokenizer),
        "tokenizer_config.json": settings(tokenizer, config.block_size),
        "run.json": run,
    }
    try:
        texts = {name: json.dumps(told, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
                 for name, told in every.items()}  # fmt: skip
    except (TypeError, ValueError) as error:
        raise HubError(f"run cannot be written as JSON ({error}): expected texts, lists, dicts and "
                       "finite numbers") from error  # fmt: skip
    return texts | {"README.md": card(run, chat=is_chat(tokenizer))}


def _settings(config: GPTConfig) -> dict[str, Any]:
    """config.json, as GPT2Config has it."""
    return {
        "architectures": ["GPT2LMHeadModel"],
        **{name: same[0] for name, same in SAME.items()},
        **{theirs: getattr(config, ours) for ours, theirs in SIZES.items()},
        **dict.fromkeys(("attn_pdrop", "embd_pdrop", "resid_pdrop"), config.dropout),
        "n_inner": None,
        "use_cache": True,
        "dtype": "float32",  # what is computed in, however the weights are written
    }
