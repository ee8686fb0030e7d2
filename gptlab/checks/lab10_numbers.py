"""The small checkpoint of lab10's checks, no two numbers of which are alike, and what stands in.

Array k of it counts on from 100 k, so that each number says where it came from. Its width is 2: a
matrix that should be turned and was not has the right shape.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gptlab.checks.core import CheckFailed, kind, show
from gptlab.gpt import GPTModel

Array = np.ndarray
VOCAB, CONTEXT, WIDTH = 5, 3, 2
WIDE = {"attn/c_attn": (WIDTH, 3 * WIDTH), "attn/c_proj": (WIDTH, WIDTH),
        "mlp/c_fc": (WIDTH, 4 * WIDTH), "mlp/c_proj": (4 * WIDTH, WIDTH)}  # fmt: skip


def refuse(item: str, looked_at: str, expected: str, found: str, likely: str = "") -> None:
    """Raise what the student reads."""
    raise CheckFailed(item, looked_at=looked_at, expected=expected, found=found, likely=likely)


def _shapes(n_layers: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Each name and its shape, in the order in which a checkpoint lists them: h10 before h2."""
    for number in sorted(range(n_layers), key=str):
        for part, (rows, columns) in WIDE.items():
            yield f"h{number}/{part}/b", (columns,)
            yield f"h{number}/{part}/w", (1, rows, columns)
        for part in ("ln_1/b", "ln_1/g", "ln_2/b", "ln_2/g"):
            yield f"h{number}/{part}", (WIDTH,)
    yield from (("ln_f/b", (WIDTH,)), ("ln_f/g", (WIDTH,)))
    yield from (("wpe", (CONTEXT, WIDTH)), ("wte", (VOCAB, WIDTH)))


def counted(n_layers: int) -> dict[str, Array]:
    """A checkpoint of this many blocks, name -> array."""
    made = {}
    for k, (name, shape) in enumerate(_shapes(n_layers)):
        numbers = np.arange(np.prod(shape), dtype=np.float32) + 100 * k
        made[f"model/{name}"] = numbers.reshape(shape)
    return made


def place_of(name: str) -> tuple[Any, ...]:
    """ "model/h0/ln_1/g" -> ("blocks", 0, "ln_1", "g"); the last norm stands at the top."""
    first, *rest = name.removeprefix("model/").split("/")
    if first == "ln_f" or not rest:
        return (*rest, first) if not rest else tuple(rest)
    return ("blocks", int(first[1:]), *rest)


def at(tree: Any, place: Sequence[Any]) -> Any:
    """What stands at this place."""
    for key in place:
        tree = tree[key]
    return tree


def nested(n_layers: int) -> dict[str, Any]:
    """The same in dicts, as `nest` gives it."""
    tree: dict[str, Any] = {"blocks": [{"attn": {}, "mlp": {}} for _ in range(n_layers)]}
    for name, value in counted(n_layers).items():
        *above, last = place_of(name)
        if above:
            at(tree, above[:-1]).setdefault(above[-1], {})
        at(tree, above)[last] = value.squeeze(0) if value.ndim == 3 else value
    return tree


def model(n_layers: int) -> GPTModel:
    """A GPTModel of these sizes as it is drawn; its norms are not 1 and 0 either."""
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(10)
        made = GPTModel({"vocab_size": VOCAB, "context_length": CONTEXT, "emb_dim": WIDTH,
                         "n_heads": 1, "n_layers": n_layers, "drop_rate": 0,
                         "qkv_bias": True})  # fmt: skip
        for weight in made.parameters():
            weight.uniform_(-9, -1)  # the checkpoint has no number below 0
    return made.eval()


def upright(matrix: Array) -> Array:
    """(n_in, n_out) -> (n_out, n_in)"""
    return np.moveaxis(matrix, 0, 1)


def block_wants(weights: Mapping[str, Any]) -> dict[str, Array]:
    """What each parameter of a block is to hold, by its name there."""
    attn, mlp = weights["attn"], weights["mlp"]
    wants, C = {}, len(attn["c_attn"]["w"])
    for i, name in enumerate(("query", "key", "value")):
        third = slice(i * C, (i + 1) * C)
        wants[f"att.W_{name}.weight"] = upright(attn["c_attn"]["w"])[third]
        wants[f"att.W_{name}.bias"] = attn["c_attn"]["b"][third]
    linear = {"att.out_proj": attn["c_proj"], "ff.layers.0": mlp["c_fc"],
              "ff.layers.2": mlp["c_proj"]}  # fmt: skip
    for name, layer in linear.items():
        wants |= {f"{name}.weight": upright(layer["w"]), f"{name}.bias": layer["b"]}
    for number in "12":
        norm = weights[f"ln_{number}"]
        wants |= {f"norm{number}.scale": norm["g"], f"norm{number}.shift": norm["b"]}
    return wants


def _beside(left: tuple[int, ...], right: tuple[int, ...]) -> str:
    """What there is to say of two shapes that differ; the causes are told by it."""
    if left == right[::-1]:
        return ", on its side"
    return ", a size that nothing here has" if max(right, default=0) > 4 * WIDTH else ""


class Assigns:
    """A right `assign`, which remembers each old parameter with what it made in its place."""

    def __init__(self) -> None:
        self.made: list[tuple[Any, Tensor]] = []

    def __call__(self, left: Any, right: Any) -> nn.Parameter:
        if isinstance(left, np.ndarray) and isinstance(right, Tensor):
            raise TypeError("assign: the numbers came first, and their place second")
        for value in (left, right):
            if not hasattr(value, "shape"):
                raise TypeError(f"assign takes a parameter and an array, not {kind(value)}")
        sides = [tuple(value.shape) for value in (left, right)]
        if sides[0] != sides[1]:
            raise ValueError(f"assign: left is {sides[0]}, right is {sides[1]}{_beside(*sides)}")
        numbers = right.tolist() if isinstance(right, Tensor) else np.asarray(right).tolist()
        fresh = nn.Parameter(torch.tensor(numbers))
        self.made.append((left, fresh))
        return fresh


def split(c_attn: Mapping[str, Array]) -> list[tuple[Array, Array]]:
    """A right `split_qkv`."""
    if not isinstance(c_attn, Mapping):
        raise TypeError(f"split_qkv takes a dict with w and b, not {kind(c_attn)}")
    rows, C = upright(c_attn["w"]), len(c_attn["w"])
    return [(rows[i : i + C], c_attn["b"][i : i + C]) for i in (0, C, 2 * C)]


def fill(block: nn.Module, weights: Mapping[str, Any]) -> None:
    """A right `load_block`."""
    if not isinstance(block, nn.Module):
        raise TypeError(f"load_block takes a block and its weights, not {kind(block)} first")
    for name, value in block_wants(weights).items():
        *path, last = name.split(".")
        setattr(block.get_submodule(".".join(path)), last, nn.Parameter(torch.tensor(value)))


def holds(found: Any, value: Array) -> bool:
    """Does the parameter hold these numbers?"""
    return tuple(found.shape) == value.shape and np.allclose(found.detach().numpy(), value)


def said(values: Any) -> str:
    """Up to a dozen numbers and the shape, to read."""
    values = np.asarray(values.detach() if isinstance(values, Tensor) else values)
    few = show(values.tolist() if values.size <= 12 else values.ravel()[:3].tolist())
    return f"{few}{'' if values.size <= 12 else ' and so on'}, shape {values.shape}"
