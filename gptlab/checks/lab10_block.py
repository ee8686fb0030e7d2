"""The check of lab10 on filling one block, and what the check of the whole model shares with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import nn

from gptlab.checks.core import call, globals_set, must_be_callable, passed
from gptlab.checks.lab10_numbers import (
    Array,
    Assigns,
    block_wants,
    holds,
    model,
    nested,
    refuse,
    said,
    split,
)

ERRORS = {
    "assign takes a parameter": "wt_block_qkv_not_unpacked",
    "the numbers came first": "wt_block_assign_order",
    "split_qkv takes a dict": "wt_block_split_dict",
    "nothing here has": "wt_block_outside",
    "'GELU'": "wt_block_ff_place",
    "'Parameter' object": "wt_block_module",
    "cannot assign": "wt_block_tensor",
    "leaf": "wt_block_not_replaced",
    "KeyError": "wt_block_names",
    "no attribute": "wt_block_names",
    "not subscriptable": "wt_block_names",
    "unpack": "wt_block_qkv_not_unpacked",
}
SHAPES = {
    "on its side": "wt_block_shapes",
    "left is (2, 2), right is (2, 8)": "wt_block_c_projs_mixed",
    "left is (2, 2), right is (8, 2)": "wt_block_c_projs_mixed",
    "left is (2, 8), right is (2, 2)": "wt_block_c_projs_mixed",
    "assign: left": "wt_block_mixed",
}
Wants = Mapping[str, Array]


def copied(tree: Any) -> Any:
    """A tree of dicts and lists with arrays of its own."""
    if isinstance(tree, Mapping):
        return {key: copied(value) for key, value in tree.items()}
    return [copied(value) for value in tree] if isinstance(tree, list) else tree.copy()


def alike(a: Any, b: Any) -> bool:
    if isinstance(b, Mapping):
        return list(a) == list(b) and all(alike(a[key], b[key]) for key in b)
    if isinstance(b, list):
        return len(a) == len(b) and all(map(alike, a, b))
    return np.array_equal(a, b)


def load_block(answer: Callable[..., Any]) -> None:
    """A block of width 2: each of its 16 parameters by name, with right parts of the student's."""
    item, assigns = "load_block", Assigns()
    must_be_callable(item, answer)
    weights = nested(2)["blocks"][1]
    block, given = model(1).trf_blocks[0], copied(weights)
    old = dict(block.named_parameters())
    before = {name: value.detach().numpy().copy() for name, value in old.items()}
    looked_at = "load_block(block, weights), width 2, weights that count on"
    with globals_set(answer, assign=assigns, split_qkv=split):
        call(item, answer, block, given, looked_at=looked_at, likely=ERRORS | SHAPES)
    now, wants = dict(block.named_parameters()), block_wants(weights)
    for name, right in wants.items():
        found = now.get(name)
        if found is None:
            instead = name.rsplit(".", 1)[0] in now
            cause = "wt_block_module" if instead else "wt_block_names"
            refuse(item, f"{looked_at}: {name}", said(right), "there is none", cause)
        if holds(found, right) and found.dtype == torch.float32:
            continue
        cause = _block_slip(name, now, wants)
        if holds(found, before[name]):
            called = any(left is old[name] for left, _ in assigns.made)
            left = {name for name in before if holds(now[name], before[name])}
            cause = "wt_block_not_stored" if called else _which_left(left)
            part = name.rsplit(".", 1)[0]
            if "norm" in name and hasattr(block.get_submodule(part), "weight"):
                cause = "wt_block_torch_names"
        elif holds(found, right):
            cause = "wt_assign_dtype"
        refuse(item, f"{looked_at}: {name}", said(right), said(found), cause)
    if not alike(given, weights):
        refuse(item, f"{looked_at}: weights after the call", "as they were", "changed",
               "wt_block_weights_changed")  # fmt: skip
    if list(block.buffers()):
        refuse(item, f"{looked_at}: the block's buffers", "none", "one more",
               "wt_block_mask_loaded")  # fmt: skip
    lasting(item, now, given, looked_at)
    passed(item)


def _which_left(left: set[str]) -> str:
    """The cause that these parameters, which were left as they were drawn, have in common."""
    qkv = {f"att.W_{kind}.bias" for kind in ("query", "key", "value")}
    if left <= qkv and (left == qkv or len(left) == 1):
        return "wt_block_qkv_biases_left"
    if left == {"norm1.shift", "norm2.shift"}:
        return "wt_block_shift_left"
    biases = {"att.out_proj.bias", "ff.layers.0.bias", "ff.layers.2.bias"}
    return "wt_block_biases_left" if biases <= left <= biases | qkv else "wt_block_left"


def lasting(item: str, now: Mapping[str, nn.Parameter], given: Any, looked_at: str) -> None:
    """Each parameter learns, and none has its memory in what was handed over."""
    for name, found in now.items():
        if not found.requires_grad:
            refuse(item, f"{looked_at}: {name}", "a parameter that learns",
                   "requires_grad is False", "wt_block_frozen")  # fmt: skip
        if any(np.shares_memory(found.detach().numpy(), array) for array in _arrays(given)):
            refuse(item, f"{looked_at}: {name}", "numbers of its own", "the memory of the array",
                   "wt_block_shared")  # fmt: skip


def _arrays(tree: Any) -> Iterator[Array]:
    if isinstance(tree, (Mapping, list)):
        for inside in tree.values() if isinstance(tree, Mapping) else tree:
            yield from _arrays(inside)
    else:
        yield tree


def _block_slip(name: str, now: Mapping[str, Any], wants: Wants) -> str:
    """The cause where this parameter of a block holds what belongs elsewhere."""
    found, right = now[name], wants[name]
    part = name.rsplit(".", 1)[0]
    if right.ndim == 2 and holds(found, right.T):
        square = "wt_block_qkv_turned_again" if "W_" in name else "wt_block_not_transposed"
        return square if right.shape[0] == right.shape[1] else "wt_block_shapes"
    if found.shape == right.shape and np.array_equal(found.detach().numpy().ravel(),
                                                     right.T.ravel()):  # fmt: skip
        return "wt_block_reshaped"
    if "W_" in name:
        return _qkv_slip(name, now, wants)
    for other, value in wants.items():
        if not holds(found, value) and not (value.ndim == 2 and holds(found, value.T)):
            continue
        its = other.rsplit(".", 1)[0]
        if "norm" in name and "norm" in other:
            if its == part:
                swapped = holds(now[other], right)
                return "wt_block_g_b_swapped" if swapped else "wt_block_g_twice"
            both = holds(now[other], right)
            return "wt_block_norms_swapped" if both else "wt_block_one_norm"
        if {part, its} == {"att.out_proj", "ff.layers.2"}:
            return "wt_block_c_projs_mixed"
        if part.startswith("ff") and its.startswith("ff"):
            return "wt_block_ff_mixed"
    return ""


def _qkv_slip(name: str, now: Mapping[str, Any], wants: Wants) -> str:
    """The cause where one of query, key and value holds the numbers of another."""
    last = name.rsplit(".", 1)[1]
    parts = [f"att.W_{kind}.{last}" for kind in ("query", "key", "value")]
    has = [next((i for i, part in enumerate(parts) if holds(now[own], wants[part])), None)
           for own in parts]  # fmt: skip
    if None in has:
        turned = [holds(now[name], wants[part].T) for part in parts if wants[part].ndim == 2]
        return "wt_block_qkv_order" if any(turned) else ""
    if has == [0, 0, 0] and last == "bias":
        return "wt_block_one_bias"
    if has == [0, 0, 2] and last == "weight":
        return "wt_block_key_gets_query"
    weights = [part.replace("bias", "weight") for part in parts]
    alone = all(holds(now[part], wants[part]) for part in weights)
    return "wt_block_qk_biases_swapped" if has == [1, 0, 2] and alone else "wt_block_qkv_order"
