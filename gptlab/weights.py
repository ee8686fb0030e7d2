"""One GPT-2, many layouts: each is read into the tree of `gptlab.numpy_gpt`, and written from it.

All conversions are strict, both ways: a tensor that is missing, left over, of another shape or
type, or not finite is named, and nothing is guessed. One fault leaves no trace: the matrix of
attn.c_proj is square, so the wrong way round it has the right shape. Only scores show that.

    OpenAI        model/h0/attn/c_attn/w   (1, n_in, n_out), a convolution of width 1
    the book      params["blocks"][0]["attn"]["c_attn"]["w"]   (n_in, n_out), ln_f's "g", "b" on top
    Hugging Face, nanoGPT   see `gptlab.torch_layouts`
    GPTModel      see `gptlab.gpt_layout`

`convert` leads from any to any other; `from_folder` reads what was published as files.
"""

from __future__ import annotations

import importlib
import json
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from gptlab import tensor_bundle
from gptlab.tree import (
    NUMPY,
    Array,
    Flat,
    Layout,
    Place,
    Tree,
    WeightsError,
    by_place,
    check_heads,
    flat,
    from_places,
    places_of,
    read,
    shapes_by_place,
    sizes,
)

__all__ = [
    "LAYOUTS",
    "Array",
    "Flat",
    "PickledError",
    "Tree",
    "WeightsError",
    "by_place",
    "convert",
    "from_folder",
    "from_openai",
    "from_params",
    "from_places",
    "load",
    "places_of",
    "read",
    "save",
    "shapes_by_place",
    "sizes",
    "to_openai",
    "to_params",
]

# The name of a layout -> the module that reads and writes it, and how its two functions end.
LAYOUTS = {
    "OpenAI": ("weights", "openai"),
    "Hugging Face": ("torch_layouts", "huggingface"),
    "numpy_gpt": ("weights", "numpy"),
    "GPTModel": ("gpt_layout", "gpt"),
    "nanoGPT": ("torch_layouts", "nano"),
    "the book": ("weights", "params"),
}


FILE = Layout("the file's", NUMPY.named)
BOOK = Layout("the book's", lambda place: ("/".join(place).removeprefix("ln_f/"),))


class PickledError(WeightsError):
    """A pickled file, which is read on request only."""


def convert(weights: Mapping[str, Any], source: str, target: str) -> dict[str, Any]:
    """Weights in one of LAYOUTS as another of them has them. Raises WeightsError."""
    for name in (source, target):
        if name not in LAYOUTS:
            raise WeightsError(f"no layout {name!r}; there are: {', '.join(LAYOUTS)}")
    return _way("to", target)(_way("from", source)(weights))


def _way(direction: str, layout: str) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    module, ending = LAYOUTS[layout]
    return getattr(importlib.import_module(f"gptlab.{module}"), f"{direction}_{ending}")


def _in_openai(place: Place) -> tuple[str, ...]:
    """("blocks", "0", "ln_1", "g") -> "model/h0/ln_1/g" """
    path = "/".join(place)
    return (f"model/{path.replace(f'blocks/{place[1]}', f'h{place[1]}') if place[1:] else path}",)


OPENAI = Layout(
    "OpenAI's",
    _in_openai,
    put=lambda place, value: value[None] if place[-1] == "w" else value,
    take=lambda place, value: value[0] if place[-1] == "w" else value,
    loose=True,  # some readers drop the axis
)


def from_openai(variables: Flat) -> Tree:
    """From the variables of OpenAI's checkpoint, by name: see gptlab.tensor_bundle."""
    return read(variables, OPENAI)


def to_openai(tree: Mapping[str, Any]) -> dict[str, Array]:
    """As OpenAI's checkpoint names and shapes them."""
    return {_in_openai(place)[0]: OPENAI.put(place, value)
            for place, value in by_place(tree).items()}  # fmt: skip


def from_numpy(tree: Mapping[str, Any]) -> Tree:
    """A tree as it is, once it is known to be that of a GPT-2."""
    return read(flat(tree), NUMPY)


to_numpy = from_numpy


def from_params(params: Mapping[str, Any]) -> Tree:
    """From the nested dicts of the book's helper: "wte", "wpe", "g", "b", "blocks"."""
    return read(flat(params), BOOK)


def to_params(tree: Mapping[str, Any]) -> dict[str, Any]:
    """As gpt_download.download_and_load_gpt2 gives them."""
    made = from_numpy(tree)
    return made | made.pop("ln_f")


def from_folder(folder: str | Path) -> tuple[Tree, int]:
    """The tree and the number of heads, of the files that OpenAI published or of safetensors.

    folder: with hparams.json, model.ckpt.index and model.ckpt.data-00000-of-00001; or with
    config.json and model.safetensors, as the hub has them, for which the package safetensors is
    needed (without config.json, one of OpenAI's sizes). Neither TensorFlow nor torch is. Raises
    WeightsError, BundleError.
    """
    folder = Path(folder)
    if (folder / "model.ckpt.index").is_file():
        told = _told(folder / "hparams.json")
        tree = from_openai(tensor_bundle.read(folder / "model.ckpt"))
        wanted = ("n_vocab", "n_ctx", "n_embd", "n_layer", "n_head")
    elif (folder / "model.safetensors").is_file():
        tree = _way("from", "Hugging Face")(_safetensors(folder / "model.safetensors"))
        told = _told(folder / "config.json") if (folder / "config.json").exists() else _known(tree)
        wanted = ("vocab_size", "n_positions", "n_embd", "n_layer", "n_head")
    else:
        raise WeightsError(f"{folder} has neither model.ckpt.index nor model.safetensors")
    if lacks := [name for name in wanted if not isinstance(told.get(name), int)]:
        raise WeightsError(f"the settings in {folder} lack {', '.join(lacks)}")
    for name, found in zip(wanted, sizes(tree).values(), strict=False):
        if told[name] != found:
            raise WeightsError(f"the settings in {folder} say {name}={told[name]}; the weights "
                               f"have {found}")  # fmt: skip
    return tree, check_heads(told["n_head"], sizes(tree)["n_embd"])


def _known(tree: Tree) -> dict[str, int]:
    """The settings of the GPT-2 that OpenAI published in this size: gpt_download keeps them."""
    gpt_download = importlib.import_module("gpt_download")
    found = sizes(tree)
    for model in gpt_download.MODELS.values():
        hparams = dict(zip(("n_vocab", "n_ctx", "n_embd", "n_layer"), found.values(), strict=True))
        if model.hparams.items() >= hparams.items():
            return {**found, "n_positions": found["block_size"], "n_head": model.hparams["n_head"]}
    raise WeightsError(
        f"no config.json says how many heads there are, and OpenAI published no GPT-2 of {found}"
    )


def _told(path: Path) -> dict[str, Any]:
    """The settings in a file of JSON."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WeightsError(
            f"{path} cannot be read: {error}. It says how many heads there are"
        ) from error
    if not isinstance(told, dict):
        raise WeightsError(f"{path}: no settings, but a {type(told).__name__}")
    return told


def _safetensors(path: Path) -> dict[str, Any]:
    """Name -> array; torch tensors where a type is none of NumPy's, as bfloat16."""
    from safetensors import SafetensorError, safe_open

    for framework in ("numpy", "pt"):
        try:
            with safe_open(path, framework=framework) as file:
                return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        except SafetensorError as error:
            raise WeightsError(f"{path} cannot be read: {error}") from error
        except TypeError as error:
            said = error
    raise WeightsError(f"{path} cannot be read: {said}")


def save(path: str | Path, tree: Mapping[str, Any], n_head: int) -> None:
    """Write a tree and its number of heads into one .npz, without pickle."""
    heads = check_heads(n_head, sizes(tree)["n_embd"])
    by_name = {"/".join(place): value for place, value in by_place(tree).items()}
    np.savez(path, n_head=np.int64(heads), **by_name)


def load(
    path: str | Path, *, allow_pickle: bool = False, n_head: int | None = None
) -> tuple[Tree, int]:
    """What `save` wrote: the tree, and the number of heads. Raises WeightsError.

    allow_pickle: also read a file whose one entry is the tree itself, pickled, with a warning.
    n_head: for such a file, which does not say it; without, the 12 of OpenAI's smallest.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            if file.files == ["params"]:
                return _unpickled(path, allow_pickle, 12 if n_head is None else n_head)
            found = {name: file[name] for name in file.files}
    except WeightsError:
        raise
    except (OSError, ValueError, EOFError, BadZipFile) as error:
        raise WeightsError(f"{path} is no .npz of plain arrays: {error}") from error
    if (heads := found.pop("n_head", None)) is None:
        raise WeightsError(f"{path} lacks n_head: was it written by gptlab.weights.save?")
    tree = read(found, FILE)
    return tree, check_heads(heads, sizes(tree)["n_embd"])


def _unpickled(path: str | Path, allowed: bool, n_head: int) -> tuple[Tree, int]:
    """The tree of `np.savez(path, params=tree)`, if that may be read."""
    if not allowed:
        raise PickledError(
            f"{path} is no .npz of plain arrays: it holds a pickled object (params), and reading "
            "one runs whatever code was put into it. Write the file anew with "
            "gptlab.weights.save(path, tree, n_head). If you made it yourself: "
            "load(path, allow_pickle=True, n_head=12)"
        )
    warnings.warn(f"{path} is pickled: reading it runs whatever code was put into it", stacklevel=3)
    try:
        with np.load(path, allow_pickle=True) as file:
            tree = file["params"].item()
        made = read(flat(tree), FILE)
    except WeightsError:
        raise
    except Exception as error:  # a pickle can hold and raise anything
        raise WeightsError(f"{path}: its pickled params cannot be read: {error!r}") from error
    return made, check_heads(n_head, sizes(made)["n_embd"])
