"""One GPT-2, several layouts: the tree of `gptlab.numpy_gpt`, OpenAI's, and a file of its own.

In the middle stands the tree: wte, wpe, blocks, ln_f, with the matrices of linear layers as
(n_in, n_out). All conversions are strict: a tensor that is missing, left over or of another shape
is named, and nothing is guessed. The layouts that torch's models have are in
`gptlab.torch_layouts` and `gptlab.gpt_layout`.

    OpenAI       model/h0/attn/c_attn/w   (1, n_in, n_out), a convolution of width 1
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Tree = dict[str, Any]
Flat = Mapping[str, Any]

__all__ = [
    "PickledError",
    "WeightsError",
    "as_float32",
    "by_place",
    "from_openai",
    "from_places",
    "load",
    "places_of",
    "read",
    "save",
    "shapes_by_place",
    "sizes",
    "to_openai",
]

LAYERS = ("attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj")
NORMS = ("ln_1", "ln_2")


class WeightsError(ValueError):
    """Weights that are not those of a GPT-2: which tensor, what was found, what was expected."""


class PickledError(WeightsError):
    """A pickled file, which is read on request only."""


def places_of(n_layer: int) -> Iterator[tuple[str, ...]]:
    """The path of every array in the tree."""
    yield ("wte",)
    yield ("wpe",)
    for i in range(n_layer):
        for name in NORMS:
            yield from (("blocks", str(i), name, part) for part in "gb")
        for name in LAYERS:
            yield from (("blocks", str(i), *name.split("."), part) for part in "wb")
    yield from (("ln_f", part) for part in "gb")


def shapes_by_place(
    vocab: int, context: int, width: int, n_layer: int
) -> dict[tuple[str, ...], tuple]:
    """What shape the array at each place must have."""
    across = {
        ("attn", "c_attn"): (width, 3 * width),
        ("attn", "c_proj"): (width, width),
        ("mlp", "c_fc"): (width, 4 * width),
        ("mlp", "c_proj"): (4 * width, width),
    }
    shapes: dict[tuple[str, ...], tuple] = {("wte",): (vocab, width), ("wpe",): (context, width)}
    for place in places_of(n_layer):
        if place in shapes:
            continue
        layer = across.get(place[-3:-1])
        shapes[place] = (width,) if layer is None else layer if place[-1] == "w" else layer[1:]
    return shapes


def from_places(found: Mapping[tuple[str, ...], Array], n_layer: int) -> Tree:
    """The tree of arrays by place."""
    tree: Tree = {"blocks": [{} for _ in range(n_layer)]}
    for place, value in found.items():
        at: Any = tree
        for key in place[:-1]:
            at = at[int(key)] if isinstance(at, list) else at.setdefault(key, {})
        at[place[-1]] = value
    return tree


def by_place(tree: Mapping[str, Any]) -> dict[tuple[str, ...], Array]:
    """Every array of a tree by its place."""
    found = {}
    for place in places_of(len(tree["blocks"])):
        at: Any = tree
        for key in place:
            at = at[int(key)] if isinstance(at, list) else at[key]
        found[place] = at
    return found


def sizes(tree: Mapping[str, Any]) -> dict[str, int]:
    """vocab_size, block_size, n_embd, n_layer of a tree. (The number of heads leaves no trace.)"""
    (vocab, width), context = tree["wte"].shape, len(tree["wpe"])
    blocks = len(tree["blocks"])
    return {"vocab_size": vocab, "block_size": context, "n_embd": width, "n_layer": blocks}


def as_float32(value: Any) -> Array:
    """An array or a torch tensor as float32."""
    if hasattr(value, "detach"):
        value = value.detach().cpu().float().numpy()
    return np.ascontiguousarray(value, dtype=np.float32)


def read(
    flat: Flat,
    called: Callable[[tuple[str, ...]], str],
    turned: Callable[[tuple[str, ...], Array], Array],
    what: str,
) -> Tree:
    """The tree of a flat layout, in which `called` names each place. Strict in names and shapes."""
    names = set(flat)
    n_layer = 0
    while called(("blocks", str(n_layer), "ln_1", "g")) in names:
        n_layer += 1
    places = {place: called(place) for place in places_of(n_layer)}
    if missing := sorted(set(places.values()) - names):
        raise WeightsError(_listed(f"{what} weights lack", missing))
    if extra := sorted(names - set(places.values())):
        raise WeightsError(
            _listed(f"no GPT-2 of {n_layer} layers has, among {what} weights", extra)
        )
    found = {place: turned(place, as_float32(flat[name])) for place, name in places.items()}
    vocab, width = _two(found["wte",], places["wte",])
    shapes = shapes_by_place(vocab, _two(found["wpe",], places["wpe",])[0], width, n_layer)
    for place, shape in shapes.items():
        if found[place].shape != shape:
            raise WeightsError(
                f"{places[place]}: shape {found[place].shape}, expected {shape} (as (n_in, n_out))"
            )
    return from_places(found, n_layer)


def _two(value: Array, name: str) -> tuple[int, int]:
    if value.ndim != 2:
        raise WeightsError(f"{name}: shape {value.shape}, expected a table")
    return value.shape


def _listed(said: str, names: list[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"{said} {', '.join(names[:5])}{more}"


def _in_openai(place: tuple[str, ...]) -> str:
    """("blocks", "0", "ln_1", "g") -> "model/h0/ln_1/g" """
    path = "/".join(place)
    return (
        f"model/{path.replace(f'blocks/{place[1]}', f'h{place[1]}')}"
        if len(place) > 1
        else f"model/{path}"
    )


def from_openai(variables: Flat) -> Tree:
    """From the variables of OpenAI's checkpoint, by name: see gptlab.tensor_bundle."""

    def turned(place: tuple[str, ...], value: Array) -> Array:
        return value[0] if place[-1] == "w" and value.ndim == 3 and len(value) == 1 else value

    return read(variables, _in_openai, turned, "OpenAI's")


def to_openai(tree: Mapping[str, Any]) -> dict[str, Array]:
    """As OpenAI's checkpoint names and shapes them."""
    return {
        _in_openai(place): value[None] if place[-1] == "w" else value
        for place, value in by_place(tree).items()
    }


def save(path: str | Path, tree: Mapping[str, Any], n_head: int) -> None:
    """Write a tree and its number of heads into one .npz, without pickle."""
    flat = {"/".join(place): value for place, value in by_place(tree).items()}
    np.savez(path, n_head=np.int64(n_head), **flat)


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
            flat = {name: file[name] for name in file.files}
    except WeightsError:
        raise
    except (OSError, ValueError, EOFError, BadZipFile) as error:
        raise WeightsError(f"{path} is no .npz of plain arrays: {error}") from error
    if (heads := flat.pop("n_head", None)) is None:
        raise WeightsError(f"{path} lacks n_head: was it written by gptlab.weights.save?")
    return read(flat, "/".join, lambda _, value: value, "the file's"), int(heads)


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
        made = read(_flat(tree), "/".join, lambda _, value: value, "the file's")
    except WeightsError:
        raise
    except Exception as error:  # a pickle can hold and raise anything
        raise WeightsError(f"{path}: its pickled params cannot be read: {error!r}") from error
    if n_head < 1 or (width := sizes(made)["n_embd"]) % n_head:
        raise WeightsError(f"n_head={n_head} does not divide the width, {width}: give its own")
    return made, n_head


def _flat(tree: Any, above: str = "") -> dict[str, Any]:
    """Every leaf of dicts and lists by its path: wte, blocks/0/ln_1/g."""
    if isinstance(tree, Mapping):
        pairs = list(tree.items())
    elif isinstance(tree, (list, tuple)):
        pairs = list(enumerate(tree))
    else:
        return {above: tree}
    return {
        path: leaf
        for key, value in pairs
        for path, leaf in _flat(value, f"{above}/{key}" if above else str(key)).items()
    }
