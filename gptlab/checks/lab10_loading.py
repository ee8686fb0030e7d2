"""The checks of lab10 on filling a model: one block, all of it, and one parameter for two."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from gptlab.checks.core import call, globals_set, kind, must_be_callable, passed
from gptlab.checks.lab10_numbers import (
    Array,
    Assigns,
    block_wants,
    fill,
    holds,
    model,
    nested,
    refuse,
    said,
    split,
)

ERRORS = {
    "assign takes a parameter": "wt_block_qkv_not_unpacked",
    "cannot assign": "wt_block_tensor",
    "leaf": "wt_block_not_replaced",
    "KeyError": "wt_block_names",
    "no attribute": "wt_block_names",
    "not subscriptable": "wt_block_names",
    "unpack": "wt_block_qkv_not_unpacked",
}
Wants = Mapping[str, Array]


def _copied(tree: Any) -> Any:
    """A tree of dicts and lists with arrays of its own."""
    if isinstance(tree, Mapping):
        return {key: _copied(value) for key, value in tree.items()}
    return [_copied(value) for value in tree] if isinstance(tree, list) else tree.copy()


def _alike(a: Any, b: Any) -> bool:
    if isinstance(b, Mapping):
        return list(a) == list(b) and all(_alike(a[key], b[key]) for key in b)
    if isinstance(b, list):
        return len(a) == len(b) and all(map(_alike, a, b))
    return np.array_equal(a, b)


def load_block(answer: Callable[..., Any]) -> None:
    """A block of width 2: each of its 16 parameters by name, with right parts of the student's."""
    item, assigns = "load_block", Assigns()
    must_be_callable(item, answer)
    weights = nested(2)["blocks"][1]
    block, given = model(1).trf_blocks[0], _copied(weights)
    old = dict(block.named_parameters())
    before = {name: value.detach().numpy().copy() for name, value in old.items()}
    looked_at = "load_block(block, weights), width 2, weights that count on"
    with globals_set(answer, assign=assigns, split_qkv=split):
        likely = {"assign: left": "wt_block_shapes", **ERRORS}
        call(item, answer, block, given, looked_at=looked_at, likely=likely)
    now, wants = dict(block.named_parameters()), block_wants(weights)
    for name, right in wants.items():
        found = now.get(name)
        if found is None:
            refuse(item, f"{looked_at}: {name}", said(right), "there is none", "wt_block_names")
        if holds(found, right) and found.dtype == torch.float32:
            continue
        cause = _block_slip(name, now, wants)
        if holds(found, before[name]):
            called = any(left is old[name] for left, _ in assigns.made)
            cause = "wt_block_not_stored" if called else "wt_block_left"
        elif holds(found, right):
            cause = "wt_assign_dtype"
        refuse(item, f"{looked_at}: {name}", said(right), said(found), cause)
    if not _alike(given, weights):
        refuse(item, f"{looked_at}: weights after the call", "as they were", "changed",
               "wt_block_weights_changed")  # fmt: skip
    passed(item)


def _block_slip(name: str, now: Mapping[str, Any], wants: Wants) -> str:
    """The cause where this parameter of a block holds what belongs elsewhere."""
    found, right = now[name], wants[name]
    part = name.rsplit(".", 1)[0]
    if right.ndim == 2 and holds(found, right.T):
        square = "wt_block_qkv_turned_again" if "W_" in name else "wt_block_not_transposed"
        return square if right.shape[0] == right.shape[1] else "wt_block_shapes"
    for other, value in wants.items():
        if not holds(found, value) and not (value.ndim == 2 and holds(found, value.T)):
            continue
        its = other.rsplit(".", 1)[0]
        if "W_" in name and "W_" in other:
            return "wt_block_qkv_order"
        if "norm" in name and "norm" in other:
            if its == part:
                return "wt_block_g_b_swapped"
            both = holds(now[other], right)
            return "wt_block_norms_swapped" if both else "wt_block_one_norm"
        if {part, its} == {"att.out_proj", "ff.layers.2"}:
            return "wt_block_c_projs_mixed"
        if part.startswith("ff") and its.startswith("ff"):
            return "wt_block_ff_mixed"
    return ""


class Fills:
    """A right `load_block`, which says so where its arguments are swapped."""

    def __call__(self, block: Any, weights: Any) -> None:
        if isinstance(block, Mapping):
            raise TypeError("load_block: the weights came first")
        fill(block, weights)


def load_weights_into_gpt(answer: Callable[..., Any]) -> None:
    """Models of three blocks and of one: tables, blocks, last norm and head."""
    item = "load_weights_into_gpt"
    must_be_callable(item, answer)
    for n_layers in (3, 1):
        params, gpt, assigns = nested(n_layers), model(n_layers), Assigns()
        given = _copied(params)
        first = dict(gpt.named_parameters())
        old = {name: value.detach().numpy().copy() for name, value in first.items()}
        looked_at = f"load_weights_into_gpt(gpt, params), width 2, {n_layers} block"
        looked_at += "s" if n_layers > 1 else ""
        likely = {
            "left is (5, 2), right is (3, 2)": "wt_gpt_tables_swapped",
            "left is (3, 2), right is (5, 2)": "wt_gpt_tables_swapped",
            "assign: left is": "wt_gpt_turned",
            "the weights came first": "wt_gpt_load_block_order",
            **ERRORS,
            "KeyError": "wt_gpt_names",
            "no attribute": "wt_gpt_names",
        }
        with globals_set(answer, assign=assigns, load_block=Fills()):
            call(item, answer, gpt, given, looked_at=looked_at, likely=likely)
        _blocks(item, gpt, params, old, looked_at)
        called = [name for name, weight in first.items()
                  if any(left is weight for left, _ in assigns.made)]  # fmt: skip
        _ends(item, gpt, params, old, looked_at, called)
        if not _alike(given, params):
            refuse(item, f"{looked_at}: params after the call", "as they were", "changed",
                   "wt_block_weights_changed")  # fmt: skip
    passed(item)


def _blocks(
    item: str, gpt: nn.Module, params: Mapping[str, Any], old: Wants, looked_at: str
) -> None:
    """Each block holds the numbers of its own number."""
    wants = [block_wants(weights) for weights in params["blocks"]]
    has = []
    for i, block in enumerate(gpt.trf_blocks):
        now = dict(block.named_parameters())
        was = {name: old[f"trf_blocks.{i}.{name}"] for name in now}
        has.append(next((j for j, want in enumerate([*wants, was])
                         if all(holds(now[name], want[name]) for name in want)), None))  # fmt: skip
    for i, got in enumerate(has):
        if got == i:
            continue
        seen, cause = "numbers of several of them", ""
        if got == len(wants):
            seen, cause = "what it was drawn with", "wt_gpt_blocks_left"
        elif got is not None:
            seen = f'the numbers of params["blocks"][{got}]'
            alone = len(set(has)) == 1
            cause = "wt_gpt_one_block" if alone else "wt_gpt_blocks_shifted"
        refuse(item, f"{looked_at}: gpt.trf_blocks[{i}]", f'the numbers of params["blocks"][{i}]',
               seen, cause)  # fmt: skip


def _ends(
    item: str, gpt: nn.Module, params: Mapping[str, Any], old: Wants, looked_at: str,
    called: Sequence[str],
) -> None:  # fmt: skip
    """The two tables, the last norm and the head. called: what assign was called for"""
    norms = [block[ln][part] for block in params["blocks"] for ln in ("ln_1", "ln_2")
             for part in "gb"]  # fmt: skip
    now = dict(gpt.named_parameters(remove_duplicate=False))
    wants = {"tok_emb.weight": ("wte", "wt_gpt_table_left"),
             "pos_emb.weight": ("wpe", "wt_gpt_table_left"),
             "final_norm.scale": ("g", "wt_gpt_norm_left"),
             "final_norm.shift": ("b", "wt_gpt_norm_left"),
             "out_head.weight": ("wte", "wt_gpt_head_left")}  # fmt: skip
    for name, (key, left) in wants.items():
        right, found = params[key], now.get(name)
        if found is None:
            refuse(item, f"{looked_at}: {name}", said(right), "there is none", "wt_gpt_names")
        if holds(found, right):
            continue
        cause = "wt_block_not_stored" if name in called else left
        cause = cause if holds(found, old[name]) else ""
        if "norm" in name and any(holds(found, value) for value in norms):
            cause = "wt_gpt_norm_of_a_block"
        elif "norm" in name and holds(found, params["b" if key == "g" else "g"]):
            cause = "wt_block_g_b_swapped"
        elif holds(found, right.T):
            cause = "wt_gpt_turned"
        refuse(item, f"{looked_at}: {name}", said(right), said(found), cause)
    head, table = now["out_head.weight"], now["tok_emb.weight"]
    if head is table or head.data_ptr() == table.data_ptr():
        cause = "wt_gpt_head_tied" if head is table else "wt_gpt_head_shared"
        refuse(item, f"{looked_at}: out_head.weight", "the table's numbers, copied",
               "the table itself", cause)  # fmt: skip


def tie(answer: Callable[..., Any]) -> None:
    """Two models, of which one has another head: one parameter, with the table's numbers."""
    item = "tie"
    must_be_callable(item, answer)
    for what in ("the head's numbers are others", "head and table hold the same numbers"):
        gpt = model(1)
        table = gpt.tok_emb.weight.detach().clone()
        if what.startswith("head and"):
            gpt.out_head.weight.data = table.clone()
        looked_at = f"tie(gpt), where {what}"
        found = call(item, answer, gpt, looked_at=looked_at, likely={"leaf": "wt_tie_copied",
                     "cannot assign": "wt_tie_copied"})  # fmt: skip
        _tied(item, found, gpt, table, looked_at)
    passed(item)


def _tied(item: str, found: Any, gpt: nn.Module, table: torch.Tensor, looked_at: str) -> None:
    """The same model, whose two weights are one parameter that learns."""
    if found is not gpt:
        seen = "None: is a return missing?" if found is None else kind(found)
        other = "wt_tie_none" if found is None else "wt_tie_new_model"
        refuse(item, looked_at, "gpt itself", seen if found is None else f"another: {seen}",
               other if found is None or isinstance(found, nn.Module) else "")  # fmt: skip
    parts = (gpt.tok_emb, nn.Embedding), (gpt.out_head, nn.Linear)
    if not all(isinstance(part, wanted) for part, wanted in parts):
        seen = f"{kind(gpt.tok_emb)} and {kind(gpt.out_head)}"
        refuse(item, f"{looked_at}: tok_emb and out_head", "an Embedding and a Linear", seen,
               "wt_tie_module")  # fmt: skip
    head, mine = gpt.out_head.weight, gpt.tok_emb.weight
    if mine.shape != table.shape or not torch.equal(mine.detach(), table):
        likely = "wt_tie_transposed" if mine.shape != table.shape else "wt_tie_other_way"
        refuse(item, f"{looked_at}: the table", said(table), said(mine), likely)
    if head is not mine:
        same = head.shape == table.shape and torch.equal(head.detach(), table)
        cause = "wt_tie_copied" if same else "wt_tie_untied"
        if head.shape != table.shape:
            cause = "wt_tie_transposed"
        elif head.data_ptr() == mine.data_ptr():
            cause = "wt_tie_memory_only"
        refuse(item, f"{looked_at}: out_head.weight and tok_emb.weight", "one parameter", "two",
               cause)  # fmt: skip
    if not mine.requires_grad:
        refuse(item, f"{looked_at}: the parameter", "one that learns", "requires_grad is False",
               "wt_tie_frozen")  # fmt: skip
