"""The checks of lab10 on filling all of a model, and on one parameter for two."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import nn

from gptlab.checks.core import call, globals_set, kind, must_be_callable, passed
from gptlab.checks.lab10_block import ERRORS, Wants, alike, copied, lasting
from gptlab.checks.lab10_numbers import (
    Assigns,
    block_wants,
    fill,
    holds,
    model,
    nested,
    refuse,
    said,
)


class Fills:
    """A right `load_block`, which says so where its arguments are swapped."""

    def __call__(self, block: Any, weights: Any) -> None:
        if isinstance(block, Mapping):
            raise TypeError("load_block: the weights came first")
        if isinstance(weights, list):
            raise TypeError("load_block: the weights of all blocks came, for one")
        fill(block, weights)


def load_weights_into_gpt(answer: Callable[..., Any]) -> None:
    """Models of three blocks and of one: tables, blocks, last norm and head."""
    item = "load_weights_into_gpt"
    must_be_callable(item, answer)
    for n_layers in (3, 1):
        params, gpt, assigns = nested(n_layers), model(n_layers), Assigns()
        given = copied(params)
        first = dict(gpt.named_parameters())
        old = {name: value.detach().numpy().copy() for name, value in first.items()}
        looked_at = f"load_weights_into_gpt(gpt, params), width 2, {n_layers} block"
        looked_at += "s" if n_layers > 1 else ""
        likely = {
            "left is (5, 2), right is (3, 2)": "wt_gpt_tables_swapped",
            "left is (3, 2), right is (5, 2)": "wt_gpt_tables_swapped",
            "on its side": "wt_gpt_turned",
            "the weights came first": "wt_gpt_load_block_order",
            "of all blocks came": "wt_gpt_all_blocks",
            **ERRORS,
            "assign: left is": "wt_block_mixed",
            "out of range": "wt_gpt_blocks_count",
            "KeyError": "wt_gpt_names",
            "no attribute": "wt_gpt_names",
        }
        with globals_set(answer, assign=assigns, load_block=Fills()):
            call(item, answer, gpt, given, looked_at=looked_at, likely=likely)
        _blocks(item, gpt, params, old, looked_at)
        called = [name for name, weight in first.items()
                  if any(left is weight for left, _ in assigns.made)]  # fmt: skip
        _ends(item, gpt, params, old, looked_at, called)
        if not alike(given, params):
            refuse(item, f"{looked_at}: params after the call", "as they were", "changed",
                   "arg_changed")  # fmt: skip
        lasting(item, dict(gpt.named_parameters()), given, looked_at)
    passed(item)


def _blocks(
    item: str, gpt: nn.Module, params: Mapping[str, Any], old: Wants, looked_at: str
) -> None:
    """Each block holds the numbers of its own number."""
    wants = [block_wants(weights) for weights in params["blocks"]]
    has = []
    for i, filled in enumerate(gpt.trf_blocks.children()):
        now = dict(filled.named_parameters())
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
            cause = "wt_gpt_blocks_left" if len(wants) in has else cause
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
            cause = "wt_block_module" if name.rsplit(".", 1)[0] in now else "wt_gpt_names"
            refuse(item, f"{looked_at}: {name}", said(right), "there is none", cause)
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
        elif name == "out_head.weight" and holds(found, old["tok_emb.weight"]):
            cause = "wt_gpt_head_of_old_table"
        elif "norm" in name and hasattr(gpt.final_norm, "weight"):
            cause = "wt_block_torch_names"
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
        table = gpt.get_parameter("tok_emb.weight").detach().clone()
        if what.startswith("head and"):
            gpt.out_head.weight.data = table.clone()
        looked_at = f"tie(gpt), where {what}"
        found = call(item, answer, gpt, looked_at=looked_at, likely={"leaf": "wt_tie_copied",
                     "cannot assign": "wt_block_tensor"})  # fmt: skip
        _tied(item, found, gpt, table, looked_at)
    passed(item)


def _tied(item: str, found: Any, gpt: nn.Module, table: torch.Tensor, looked_at: str) -> None:
    """The same model, whose two weights are one parameter that learns."""
    if found is not gpt:
        seen = "None: is a return missing?" if found is None else kind(found)
        other = "wt_tie_none" if found is None else "wt_tie_new_model"
        if isinstance(found, torch.Tensor):
            refuse(item, looked_at, "gpt itself", seen, "wt_tie_returns_weight")
        refuse(item, looked_at, "gpt itself", seen if found is None else f"another: {seen}",
               other if found is None or isinstance(found, nn.Module) else "")  # fmt: skip
    parts = (gpt.tok_emb, nn.Embedding), (gpt.out_head, nn.Linear)
    if not all(isinstance(part, wanted) for part, wanted in parts):
        seen = f"{kind(gpt.tok_emb)} and {kind(gpt.out_head)}"
        refuse(item, f"{looked_at}: tok_emb and out_head", "an Embedding and a Linear", seen,
               "wt_tie_module")  # fmt: skip
    head, mine = (getattr(part, "weight", None) for part in (gpt.out_head, gpt.tok_emb))
    for name, weight in (("out_head", head), ("tok_emb", mine)):
        if not isinstance(weight, torch.Tensor):
            refuse(item, f"{looked_at}: {name}.weight", "a parameter", "there is none any more",
                   "wt_tie_gone")  # fmt: skip
    if head is gpt.pos_emb.weight:
        refuse(item, f"{looked_at}: out_head.weight", "the table of tokens",
               "the table of positions", "wt_tie_positions")  # fmt: skip
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
