"""The checks of lab10 on what is read: the nested weights, and the configuration."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from gptlab.checks.core import call, kind, must_be_callable, passed, show
from gptlab.checks.lab10_numbers import Array, at, counted, place_of, refuse, said

ITEM = "params"
PARTS = ("attn", "mlp", "c_attn", "c_proj", "c_fc", "ln_1", "ln_2")


def params(answer: Callable[..., Any]) -> None:
    """Two blocks of width 2, and then twelve: each array in its place, its number kept."""
    must_be_callable(ITEM, answer)
    for n_layers in (2, 12):
        variables = counted(n_layers)
        before = {name: value.copy() for name, value in variables.items()}
        looked_at = f"nest(variables, {n_layers}), weights of width 2 that count on"
        likely = {"'model'": "wt_nest_prefix",
                  "invalid literal for int": "wt_nest_every_name_a_block",
                  "list index out of range": "wt_nest_count",
                  "size not equal to one": "wt_nest_squeeze_axis"}  # fmt: skip
        tree = call(ITEM, answer, variables, n_layers, looked_at=looked_at, likely=likely)
        _outline(tree, n_layers, looked_at)
        for name in before:
            _one(tree, name, before, n_layers, looked_at)
        if len(tree) > 5:
            keys = ", ".join(map(str, tree))
            refuse(ITEM, f"{looked_at}: the keys of params", "wte, wpe, g, b, blocks", keys,
                   _keys(tree))  # fmt: skip
        if any(not np.array_equal(variables.get(name), was) for name, was in before.items()):
            refuse(ITEM, f"{looked_at}: variables after the call", "as they were", "changed",
                   "arg_changed")  # fmt: skip
    passed(ITEM)


def _outline(tree: Any, n_layers: int, looked_at: str) -> None:
    """A dict with five keys; blocks a list of n_layers dicts, no two of them one."""
    if not isinstance(tree, Mapping):
        seen = "None: is a return missing?" if tree is None else kind(tree)
        alone = isinstance(tree, list) and len(tree) == n_layers
        refuse(ITEM, looked_at, "a dict", seen, "wt_nest_only_blocks" if alone else "")
    blocks = tree.get("blocks")
    if not isinstance(blocks, list):
        seen = "there is none" if blocks is None else kind(blocks)
        cause = "wt_nest_blocks_dict" if isinstance(blocks, Mapping) else _keys(tree)
        refuse(ITEM, f'{looked_at}: params["blocks"]', f"a list of {n_layers} dicts", seen, cause)
    if len(blocks) != n_layers:
        seen = f"a list of {len(blocks)}"
        refuse(ITEM, f'{looked_at}: params["blocks"]', f"a list of {n_layers} dicts", seen,
               "wt_nest_count")  # fmt: skip
    if n_layers > 1 and blocks[0] is blocks[1]:
        refuse(ITEM, f'{looked_at}: params["blocks"][0] and [1]', "two dicts", "the same one twice",
               "wt_nest_one_dict")  # fmt: skip


def _keys(tree: Any) -> str:
    """The cause that the keys of a dict point to, where the right one is missing."""
    keys = [str(key) for key in tree] if isinstance(tree, Mapping) else []
    if any("/" in key for key in keys):
        return "wt_nest_flat"
    if "model" in keys:
        return "wt_nest_prefix"
    number = any(key[:1] == "h" and key[1:].isdigit() for key in keys)
    if "ln_f" in keys:
        return "wt_nest_prefix" if number else "wt_nest_ln_f"
    return "wt_nest_block_number_kept" if number else ""


def _text(place: tuple[Any, ...]) -> str:
    """("blocks", 0, "ln_1", "g") -> params["blocks"][0]["ln_1"]["g"]"""
    return "params" + "".join(f'["{key}"]' if isinstance(key, str) else f"[{key}]" for key in place)


def _one(
    tree: Any, name: str, variables: Mapping[str, Array], n_layers: int, looked_at: str
) -> None:
    """The array at the place of this name is the one of this name, without its axis of 1."""
    place, inside = place_of(name), tree
    for depth, key in enumerate(place):
        if not isinstance(inside, (Mapping, list)) or (isinstance(inside, Mapping)
                                                       and key not in inside):  # fmt: skip
            keys = ", ".join(map(str, inside)) if isinstance(inside, Mapping) else kind(inside)
            cause = _keys(inside)
            if not cause and isinstance(inside, Mapping):
                cause = _lost(tree, depth, inside)
            refuse(ITEM, f"{looked_at}: {_text(place[:depth])}", f"an entry {key!r}",
                   keys or "nothing", cause)  # fmt: skip
        inside = at(inside, (key,))
    right = variables[name]
    right = right[0] if right.ndim == 3 else right
    if isinstance(inside, np.ndarray) and np.array_equal(inside, right):
        if inside.dtype != right.dtype:
            refuse(ITEM, f"{looked_at}: {_text(place)}", f"{right.dtype}, as in the file",
                   str(inside.dtype), "wt_nest_dtype")  # fmt: skip
        return
    seen, cause = kind(inside), "wt_nest_tensors" if hasattr(inside, "detach") else ""
    if isinstance(inside, Mapping) and place[-1] in inside:
        cause = "wt_nest_too_far"
    if isinstance(inside, (np.ndarray, np.floating)):
        seen, cause = said(inside), _slip(np.asarray(inside), name, variables, n_layers)
    refuse(ITEM, f"{looked_at}: {_text(place)}", f"{said(right)}, the numbers of {name}", seen,
           cause)  # fmt: skip


def _leaves(tree: Any) -> int:
    """How many arrays there are in dicts and lists."""
    inside = tree.values() if isinstance(tree, Mapping) else tree if isinstance(tree, list) else ()
    return sum(map(_leaves, inside)) if isinstance(tree, (Mapping, list)) else 1


def _dicts(tree: Any) -> Iterator[Mapping]:
    """All dicts in here."""
    if isinstance(tree, Mapping):
        yield tree
    for inside in tree.values() if isinstance(tree, Mapping) else tree:
        if isinstance(inside, (Mapping, list)):
            yield from _dicts(inside)


def _lost(tree: Any, depth: int, inside: Mapping) -> str:
    """The cause where an entry is missing: what there is in its place."""
    if _leaves(tree) == 1:
        return "wt_nest_return_in_loop"
    block = next((block for block in tree["blocks"] if isinstance(block, Mapping) and block), {})
    if {"w", "b", "g"} & set(block):
        return "wt_nest_only_last"
    if any({"w", "b"} & set(block.get(part) or ()) for part in ("attn", "mlp")):
        return "wt_nest_level_lost"
    if depth == 0 and not any("wte" in part for part in _dicts(tree["blocks"])):
        return "wt_nest_top_missing"
    if depth < 2:
        return "wt_nest_not_begun_again"
    if "ln_1" in tree:
        return "wt_nest_norms_outside"
    if inside:
        return "wt_nest_overwritten"
    return _keys(tree) or "wt_nest_one_digit"


def _slip(found: Array, name: str, variables: Mapping[str, Array], n_layers: int) -> str:
    """The cause where there is another array, or this one in another shape."""
    right = variables[name]
    if right.ndim == 1 and found.ndim == 2 and np.array_equal(found, right[None]):
        return "wt_nest_rows"
    if found.shape == right.shape and np.array_equal(found, right):
        return "wt_nest_not_squeezed"
    if right.ndim == 3 and np.array_equal(found, right[0].T):
        return "wt_nest_transposed"
    if right.ndim < 3 and np.array_equal(found, right[0]):
        return "wt_nest_first_row"
    for other, value in variables.items():
        if not np.array_equal(found, value[0] if value.ndim == 3 else value):
            continue
        mine, its = name.split("/"), other.split("/")
        if mine[2:] != its[2:] or len(mine) == 2:
            return "wt_nest_not_begun_again" if its[1] in ("ln_f", "wpe", "wte") else ""
        if n_layers == 2:
            return "wt_nest_from_one"
        return "wt_nest_one_digit" if its[1].startswith(mine[1]) else "wt_nest_by_order"
    return ""


SETTINGS = {"n_vocab": 7, "n_ctx": 6, "n_embd": 15, "n_head": 3, "n_layer": 5}
WANTED = {"vocab_size": 7, "context_length": 6, "emb_dim": 15, "n_heads": 3, "n_layers": 5,
          "drop_rate": 0, "qkv_bias": True}  # fmt: skip


def config(answer: Callable[..., Any]) -> None:
    """Sizes that are all different, twice."""
    item = "config"
    must_be_callable(item, answer)
    first = None
    for more in (0, 100):
        names = list(SETTINGS)[:: -1 if more else 1]  # a file may have them in any order
        settings = {name: SETTINGS[name] + more for name in names}
        wanted = {name: size + more if name in list(WANTED)[:5] else size
                  for name, size in WANTED.items()}  # fmt: skip
        given = dict(settings)
        looked_at = f"config_of({settings})"
        found = call(item, answer, given, looked_at=looked_at,
                     likely={"KeyError": "wt_config_names",
                             "'dict' object has no": "wt_config_dot"})  # fmt: skip
        if not isinstance(found, Mapping):
            seen = "None: is a return missing?" if found is None else kind(found)
            refuse(item, looked_at, "a dict", seen)
        if given != settings:
            refuse(item, f"{looked_at}: settings after the call", "as they were", str(given),
                   "wt_config_changed")  # fmt: skip
        if set(found) != set(wanted):
            cause = "wt_config_more" if set(found) > set(wanted) else "wt_config_keys"
            refuse(item, looked_at, ", ".join(wanted), ", ".join(map(str, found)) or "nothing",
                   cause)  # fmt: skip
        for name, value in wanted.items():
            order = "wt_config_by_order" if more else ""  # right, until the order changed
            _setting(item, name, dict(found), value, wanted, looked_at, order)
        if found is first:
            refuse(item, f"{looked_at}, the second call", "a new dict", "that of the first call",
                   "wt_config_library_changed")  # fmt: skip
        first = found
    passed(item)


def _setting(
    item: str, name: str, found: dict[str, Any], value: Any, wanted: Mapping[str, Any],
    looked_at: str, order: str,
) -> None:  # fmt: skip
    """This one is as it should be. order: the cause where none is plain"""
    mine, sizes = found[name], [size for size in wanted.values() if size > 1]
    kinds = (int, float) if name == "drop_rate" else (type(value),)
    if mine == value and type(mine) in kinds:
        return
    likely = {"drop_rate": "wt_config_dropout", "qkv_bias": "wt_config_qkv_bias"}.get(name, order)
    if mine is None or isinstance(mine, str) or type(mine) not in (bool, *kinds):
        likely = "wt_config_word" if mine in SETTINGS else "wt_config_type"
    elif mine == value or (name == "drop_rate" and mine is False):
        likely = "wt_config_type"
    elif found["n_heads"] == wanted["n_layers"] and found["n_layers"] == wanted["n_heads"]:
        likely = likely or "wt_config_heads_layers"
    elif name == "vocab_size" and mine == wanted["context_length"]:
        likely = "wt_config_vocab_context"
    elif name == "emb_dim" and mine == wanted["emb_dim"] // wanted["n_heads"]:
        likely = "wt_config_head_size"
    elif mine in (50257, 1024, 768, 12, 512, 64, 72, 4) and not likely:
        likely = "wt_config_fixed"
    elif mine in sizes:
        likely = likely or "wt_config_mixed"
    refuse(item, f"{looked_at}: {name}", show(value), show(mine), likely)
