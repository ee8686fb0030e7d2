"""GPT-2's weights as a tree, and how any other layout is read into it, strictly.

The tree is `gptlab.numpy_gpt`'s: wte, wpe, blocks, ln_f, with the matrices of linear layers as
(n_in, n_out). A `Layout` says where another program keeps what stands at each place of the tree. A
tensor that is missing, left over, of another shape or type, or not finite is named as that program
names it, and nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Tree = dict[str, Any]
Flat = Mapping[str, Any]
Place = tuple[str, ...]  # ("blocks", "0", "attn", "c_attn", "w")

__all__ = [
    "Array", "Flat", "Layout", "Place", "Tree", "WeightsError", "by_place", "check_heads",
    "from_places", "places_of", "read", "shapes_by_place", "sizes", "upright",
]  # fmt: skip

LAYERS = ("attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj")
NORMS = ("ln_1", "ln_2")


class WeightsError(ValueError):
    """Weights that are not those of a GPT-2: which tensor, what was found, what was expected."""


@dataclass(frozen=True)
class Layout:
    """How a program names and shapes what stands at each place of the tree."""

    what: str  # whose it is: "OpenAI's"
    named: Callable[[Place], tuple[str, ...]]  # several names: one below the other in torch's form
    put: Callable[[Place, Array], Array] = lambda place, value: value  # as the layout has it
    take: Callable[[Place, Array], Array] = lambda place, value: value  # the way back
    head: str = ""  # the name of a head, which may stand there where it is the table of tokens
    masks: str = "(?!)"  # a regular expression of what is no weight; its group is the layer
    loose: bool = False  # whether an axis of length 1 in front may be left out


def upright(place: Place, value: Array) -> Array:
    """torch keeps the matrix of a linear layer as (n_out, n_in), and so both ways."""
    return value.T if place[-1] == "w" else value


def places_of(n_layer: int) -> Iterator[Place]:
    """The path of every array in the tree."""
    yield ("wte",)
    yield ("wpe",)
    for i in range(n_layer):
        yield from _block(i)
    yield from (("ln_f", part) for part in "gb")


def _block(i: int) -> Iterator[Place]:
    for name in NORMS:
        yield from (("blocks", str(i), name, part) for part in "gb")
    for name in LAYERS:
        yield from (("blocks", str(i), *name.split("."), part) for part in "wb")


def shapes_by_place(vocab: int, context: int, width: int, n_layer: int) -> dict[Place, tuple]:
    """What shape the array at each place must have."""
    across = {
        ("attn", "c_attn"): (width, 3 * width),
        ("attn", "c_proj"): (width, width),
        ("mlp", "c_fc"): (width, 4 * width),
        ("mlp", "c_proj"): (4 * width, width),
    }
    shapes: dict[Place, tuple] = {("wte",): (vocab, width), ("wpe",): (context, width)}
    for place in places_of(n_layer):
        if place in shapes:
            continue
        layer = across.get(place[-3:-1])
        shapes[place] = (width,) if layer is None else layer if place[-1] == "w" else layer[1:]
    return shapes


def from_places(found: Mapping[Place, Array], n_layer: int) -> Tree:
    """The tree of arrays by place."""
    tree: Tree = {"blocks": [{} for _ in range(n_layer)]}
    for place, value in found.items():
        at: Any = tree
        for key in place[:-1]:
            at = at[int(key)] if isinstance(at, list) else at.setdefault(key, {})
        at[place[-1]] = value
    return tree


NUMPY = Layout("the tree's", lambda place: ("/".join(place),))


def by_place(tree: Mapping[str, Any]) -> dict[Place, Array]:
    """Every array of a tree by its place. Raises WeightsError where the tree is no GPT-2's."""
    return _found(flat(tree), NUMPY)[0]


def flat(tree: Any, above: str = "") -> dict[str, Any]:
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
        for path, leaf in flat(value, f"{above}/{key}" if above else str(key)).items()
    }


def sizes(tree: Mapping[str, Any]) -> dict[str, int]:
    """vocab_size, block_size, n_embd, n_layer of a tree. (The number of heads leaves no trace.)"""
    (vocab, width), context = tree["wte"].shape, len(tree["wpe"])
    blocks = len(tree["blocks"])
    return {"vocab_size": vocab, "block_size": context, "n_embd": width, "n_layer": blocks}


def check_heads(n_head: Any, width: int) -> int:
    """A number of heads, which no shape shows, as an int that divides the width."""
    if int(n_head) != n_head or n_head < 1 or width % n_head:
        raise WeightsError(f"n_head={n_head} does not divide the width, {width}: give its own")
    return int(n_head)


def read(weights: Flat, layout: Layout) -> Tree:
    """The tree of flat weights. Arrays of the same form may share their memory with them."""
    return from_places(*_found(weights, layout))


def _found(weights: Flat, layout: Layout) -> tuple[dict[Place, Array], int]:
    """The arrays by place, as the tree has them, and the number of layers."""
    n_layer = _layers(weights, layout)
    names = {place: layout.named(place) for place in places_of(n_layer)}
    _complete(weights, layout, names, n_layer)
    (table,), (places,) = names["wte",], names["wpe",]
    vocab, width = _two(_float32(weights[table], table), table)
    context, _ = _two(_float32(weights[places], places), places)
    shapes = shapes_by_place(vocab, context, width, n_layer)
    found = {}
    for place, named in names.items():
        parts = [layout.take(place, part) for part in _parts(weights, layout, named, place, shapes)]
        whole = parts[0] if len(parts) == 1 else np.concatenate(parts, axis=-1)
        found[place] = np.ascontiguousarray(whole)
    if layout.head in weights and not np.array_equal(
        _float32(weights[layout.head], layout.head), found["wte",]
    ):
        raise WeightsError(
            f"{layout.head} differs from {table}: GPT-2's head is its table of tokens, and its "
            "layouts have no place for another one"
        )
    return found, n_layer


def _parts(
    weights: Flat, layout: Layout, named: tuple[str, ...], place: Place, shapes: dict[Place, tuple]
) -> Iterator[Array]:
    """The tensors that make up a place, each of the right shape and finite."""
    whole = layout.put(place, np.broadcast_to(np.float32(0), shapes[place])).shape
    expected = whole if len(named) == 1 else (whole[0] // len(named), *whole[1:])
    for name in named:
        value = _float32(weights[name], name)
        if layout.loose and value.shape == expected[1:] and expected[0] == 1:
            value = value[None]
        if value.shape != expected:
            raise WeightsError(f"{name}: shape {value.shape}, expected {expected}")
        with np.errstate(all="ignore"):  # most are known by their sum, which is quick
            finite = np.isfinite(value.sum()) or np.isfinite(value)
        if not np.all(finite):
            raise WeightsError(f"{name}: {(~finite).sum():,} of its numbers are NaN or infinite")
        yield value


def _layers(weights: Flat, layout: Layout) -> int:
    """One more than the number of the last layer that anything is there of."""
    most = range(len(weights))
    there = (i for i in most if any(name in weights for place in _block(i)
                                    for name in layout.named(place)))  # fmt: skip
    return max(there, default=-1) + 1


def _complete(
    weights: Flat, layout: Layout, names: dict[Place, tuple[str, ...]], n_layer: int
) -> None:
    """Raises WeightsError where a name is missing or left over."""
    wanted = {name for named in names.values() for name in named}
    missing = sorted(wanted - set(weights))
    extra = sorted(name for name in set(weights) - wanted - {layout.head}
                   if not _mask(name, layout, n_layer))  # fmt: skip
    said = []
    if missing:
        said.append(_listed(f"{layout.what} weights lack", missing))
        if all(re.search(r"\bb(ias)?$", name) for name in missing) and len(missing) > 1:
            said.append("is it a model without biases? GPT-2 has all of them")
    if extra:
        said.append(
            _listed(f"no GPT-2 of {n_layer} layers has, among {layout.what} weights", extra)
        )
    if said:
        raise WeightsError("; ".join(said))


def _mask(name: str, layout: Layout, n_layer: int) -> bool:
    """Whether a name is that of a mask in one of the layers."""
    match = re.fullmatch(layout.masks, str(name))
    return match is not None and int(match.group(1)) < n_layer


def _float32(value: Any, name: str) -> Array:
    """An array or a torch tensor as float32; what holds no such numbers is refused by its name."""
    if hasattr(value, "detach"):
        value = value.detach().cpu()
        value = value.float().numpy() if value.is_floating_point() else value.numpy()
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise WeightsError(f"{name}: no array of numbers: {error}") from error
    if array.dtype.kind != "f" and array.dtype.name != "bfloat16":
        raise WeightsError(f"{name}: type {array.dtype}, expected floating-point numbers")
    with np.errstate(over="ignore"):
        return array.astype(np.float32, copy=False)


def _two(value: Array, name: str) -> tuple[int, int]:
    if value.ndim != 2:
        raise WeightsError(f"{name}: shape {value.shape}, expected a table")
    return value.shape


def _listed(said: str, names: list[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"{said} {', '.join(names[:5])}{more}"
