"""The checks of lab05 on the weights: from Hugging Face's names to the tree, and to scores."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import numpy as np

from gptlab.checks.core import (
    CheckFailed,
    call,
    globals_set,
    kind,
    must_be_callable,
    namespace,
    passed,
)
from gptlab.checks.lab05_model import LN_F, PLAIN, WPE, WTE, adds, times
from gptlab.checks.lab05_numbers import STARS, Array, array, near, same

OURS = {"ln_1": ("g", "b"), "ln_2": ("g", "b"), "attn": ("c_attn", "c_proj")}
OURS |= {"mlp": ("c_fc", "c_proj")}
Path = tuple[Any, ...]


def _pairs(n_layer: int) -> Iterator[tuple[Path, str]]:
    """Where each array stands in the tree, and its name in Hugging Face's state."""
    yield ("wte",), "wte.weight"
    yield ("wpe",), "wpe.weight"
    for number in range(n_layer):
        for part, inside in OURS.items():
            for name in inside:
                if name in ("g", "b"):
                    yield ("blocks", number, part, name), f"h.{number}.{part}.{_called(name)}"
                    continue
                for last in ("w", "b"):
                    yield (
                        ("blocks", number, part, name, last),
                        f"h.{number}.{part}.{name}.{_called(last)}",
                    )
    for name in ("g", "b"):
        yield ("ln_f", name), f"ln_f.{_called(name)}"


def _called(last: str) -> str:
    return "bias" if last == "b" else "weight"


def _numbered(n_layer: int) -> dict[str, Array]:
    """Weights of width 2, no two numbers alike: array k counts on from 100 k."""
    wide = {"c_attn": 6, "c_fc": 8, "c_proj": 2}
    state = {}
    for k, (path, name) in enumerate(_pairs(n_layer)):
        out = wide.get(path[-2], 2) if len(path) > 1 else 2
        shape: tuple[int, ...] = (out,)
        if path[-1] == "w":
            shape = (8 if path[-3] == "mlp" and out == 2 else 2, out)
        elif len(path) == 1:
            shape = (5, 2) if path == ("wte",) else (3, 2)
        state[name] = 100.0 * k + np.arange(np.prod(shape)).reshape(shape)
    return state


def convert(answer: Callable[..., Any]) -> None:
    """Two blocks of width 2, and then three: each array in its place."""
    item = "convert"
    must_be_callable(item, answer)
    for n_layer in (2, 3):
        state = _numbered(n_layer)
        looked_at = f"convert(state, {n_layer}), weights of width 2 that count on"
        count = "convert_from_one" if _from_one(answer, state, n_layer) else "convert_layers_fixed"
        missing = {f"KeyError: 'h.{n_layer}.": count, "KeyError": "convert_prefix"}
        tree = call(item, answer, state, n_layer, looked_at=looked_at, likely=missing)
        blocks = _at(item, tree, ("blocks",), looked_at)
        if not isinstance(blocks, (list, tuple)) or len(blocks) != n_layer:
            long = isinstance(blocks, (list, tuple))
            raise CheckFailed(
                item,
                looked_at=f"{looked_at}: blocks",
                expected=f"a list of {n_layer} dicts",
                found=f"a list of {len(blocks)}" if long else kind(blocks),
                likely="convert_layers_fixed" if long else "",
            )
        for path, name in _pairs(n_layer):
            _one(item, tree, path, name, state, looked_at)
    passed(item)


def _from_one(answer: Callable[..., Any], state: Mapping[str, Array], n_layer: int) -> bool:
    """Does it ask for block 1 and never for block 0?"""
    asked = set()

    class Noting(dict):
        def __getitem__(self, name: str) -> Array:
            asked.add(str(name)[:4])
            return super().__getitem__(name)

    with suppress(Exception):  # whatever it raises is said by the call that counts
        answer(Noting(state), n_layer)
    return "h.1." in asked and "h.0." not in asked


def _text(path: Path) -> str:
    """("blocks", 0, "ln_1", "g") -> blocks[0]["ln_1"]["g"]"""
    first, *rest = path
    return str(first) + "".join(f"[{key!r}]".replace("'", '"') for key in rest)


def _at(item: str, tree: Any, path: Path, looked_at: str) -> Any:
    """What stands there, or CheckFailed."""
    for depth, key in enumerate(path):
        inside = isinstance(tree, Mapping) and key in tree
        if not inside and not (isinstance(key, int) and isinstance(tree, (list, tuple))):
            names = ", ".join(map(str, tree)) if isinstance(tree, Mapping) else kind(tree)
            raise CheckFailed(
                item,
                looked_at=f"{looked_at}: {_text(path[: depth + 1])}",
                expected=f"an entry {key!r}",
                found=f"{names or 'nothing'}",
                likely="convert_g_b_in_layer" if key in ("w", "g") else "convert_flat"
                if key in ("attn", "mlp", "c_attn", "c_fc", "c_proj") else "",
            )  # fmt: skip
        tree = tree[key]
    return tree


def _one(
    item: str, tree: Any, path: Path, name: str, state: Mapping[str, Array], looked_at: str
) -> None:
    """The array at this place is the one of this name."""
    found, right = _at(item, tree, path, looked_at), state[name]
    where = f"{looked_at}: {_text(path)}"
    if isinstance(found, np.ndarray) and found.shape == right.shape and near(found, right):
        return
    likely, seen = "", None
    if isinstance(found, np.ndarray):
        if found.shape == right.T.shape and near(found, right.T):
            likely, seen = "convert_transposed", f"{name}, transposed"
        for other, value in state.items():
            if found.shape == value.shape and near(found, value):
                likely, seen = _mixed_up(name, other), f"the numbers of {other}"
    if seen is None:
        array(item, found, right.shape, where)
        seen = "other numbers"
    raise CheckFailed(
        item, looked_at=where, expected=f"the numbers of {name}", found=seen, likely=likely
    )


def _mixed_up(name: str, other: str) -> str:
    """The cause where the array of another name was taken."""
    a, b = name.split("."), other.split(".")
    if a[0] == b[0] == "h" and a[2:] == b[2:]:
        return "convert_wrong_block"
    if {a[0], b[0]} == {"wte", "wpe"}:
        return "convert_wte_wpe_swapped"
    if a[:-1] == b[:-1]:
        norm = a[-2].startswith("ln")
        return "convert_g_and_b_swapped" if norm else "convert_weight_as_bias"
    if {"ln_1", "ln_2"} <= {*a, *b}:
        return "convert_norms_swapped"
    return "convert_projections_swapped" if "c_proj" in a and "c_proj" in b else ""


def by_hand() -> dict[str, Array]:
    """The model of the lab's "whole", by Hugging Face's names."""
    block = times(2.0, 3.0) | {"ln_1": PLAIN, "ln_2": PLAIN}
    tree = {"wte": WTE, "wpe": WPE, "blocks": [block, adds(14, 0)], "ln_f": LN_F}
    state = {}
    for path, name in _pairs(2):
        at: Any = tree
        for key in path:
            at = at[key]
        state[name] = at
    return state


def whole(answer: Callable[..., Any]) -> None:
    """The text "ab" through the student's own parts, as worked by hand."""
    item = "whole"
    must_be_callable(item, answer)
    looked_at = 'scores_of(state, [0, 1], 2, 1): the text "ab" and the two blocks of the lab'
    state = by_hand()
    found = call(item, answer, state, [0, 1], 2, 1, looked_at=looked_at, likely=STARS)
    right = np.array([[4.0, 0.0, 2.0], [4.0, 0.0, 2.0]])
    likely = "" if found is None else _which(answer, state, right)
    also = [("whole_last_only", part) for part in (right[-1:], right[-1])]
    also.append(("whole_one_block", np.array([[-4.0, 4.0, 0.0], [4.0, 0.0, 2.0]])))
    if isinstance(found, np.ndarray) and found.shape == right.shape:
        found = np.round(found, 3)  # eps moves the fifth place
    same(item, found, right, looked_at=looked_at, also=also, likely=likely)
    passed(item)


def _which(answer: Callable[..., Any], state: Mapping[str, Array], right: Array) -> str:
    """Is it the parts, or how they are joined?"""
    space = namespace(answer)
    try:
        with globals_set(answer):
            found = space["gpt2"]([0, 1], **space["convert"](state, 2), n_head=1)
        good = np.shape(found) == right.shape and np.allclose(found, right, atol=1e-3)
    except Exception:  # whatever the student's parts raise, they are at fault
        good = False
    return "whole_glue" if good else "whole_parts"
