"""The checks of lab10 on one tensor at a time: assign, and cutting c_attn."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gptlab.checks.core import call, kind, must_be_callable, passed, show
from gptlab.checks.lab10_numbers import Array, refuse, said

STRETCHED = {"broadcast": "wt_assign_broadcast", "reshape": "wt_assign_reshaped"}
OLD = [[9.0, 9, 9], [9, 9, 9]]
NEW = [[1.0, 2, 3], [4, 5, 6]]  # (2, 3)
UNLIKE = [((2, 3), (4, 5), "wt_assign_no_check"), ((2, 3), (3, 2), "wt_assign_only_size"),
          ((2, 3), (2, 2), "wt_assign_only_rows"),
          ((2, 3), (3, 3), "wt_assign_only_rows"), ((2, 3), (3,), "wt_assign_no_check"),
          ((2, 3), (1, 2, 3), "wt_assign_only_size")]  # fmt: skip


def assign(answer: Callable[..., Any]) -> None:
    """The numbers of the example, from an array and from a tensor; then shapes that differ."""
    item = "assign"
    must_be_callable(item, answer)
    for what, right in (
        ("a NumPy array", np.array(NEW, np.float32)),
        ("an array of float64", np.array(NEW)),
        ("a transposed array", np.array(NEW, np.float32).T.copy().T),
        ("a tensor", torch.tensor(NEW)),
        ("a parameter", nn.Parameter(torch.tensor(NEW))),
    ):
        _takes(item, answer, f"assign(left, right), both (2, 3), right {what}", right)
    for left, right, cause in UNLIKE:
        _refuses(item, answer, left, right, cause)
    on_meta = nn.Parameter(torch.empty(2, 3, device="meta"))
    looked_at = "assign(left, right), left on meta, a device of PyTorch's that keeps no numbers"
    found = call(item, answer, on_meta, np.array(NEW, np.float32), looked_at=looked_at)
    if not isinstance(found, Tensor) or found.device != on_meta.device:
        refuse(item, looked_at, "a parameter on meta, which holds no numbers",
               str(getattr(found, "device", kind(found))), "wt_assign_device")  # fmt: skip
    passed(item)


def _takes(item: str, answer: Callable[..., Any], looked_at: str, right: Any) -> None:
    """A new float32 parameter with these numbers, and none of the memory of either."""
    left, given = nn.Parameter(torch.tensor(OLD)), copy.deepcopy(right)
    likely = {"call numpy() on": "wt_assign_parameter", "CUDA": "wt_assign_device",
              "expected np.ndarray": "wt_assign_only_arrays",
              "must be a Tensor": "wt_assign_only_arrays",
              "no attribute": "wt_assign_only_arrays",
              "expected Tensor as": "wt_assign_only_arrays",
              "a leaf Variable": "wt_assign_left",
              "ValueError": "wt_assign_only_arrays" if isinstance(right, torch.Tensor)
              else "wt_assign_check_inverted"}  # fmt: skip
    found = call(item, answer, left, given, looked_at=looked_at, likely=likely)
    wanted = f"an nn.Parameter, {said(np.array(NEW))}"
    if found is left or not left.detach().equal(torch.tensor(OLD)):
        seen = "left itself" if found is left else "left, changed"
        refuse(item, looked_at, wanted, seen, "wt_assign_left")
    if not isinstance(found, nn.Parameter):
        cause = "wt_assign_tensor" if isinstance(found, Tensor) else ""
        seen = "None: is a return missing?" if found is None else f"{kind(found)}: {show(found)}"
        refuse(item, looked_at, wanted, seen, cause)
    if found.dtype != torch.float32:
        refuse(item, looked_at, "float32", str(found.dtype), "wt_assign_dtype")
    if found.shape != left.shape or not np.allclose(found.detach(), NEW):
        cause = "wt_assign_old_numbers" if found.detach().equal(left.detach()) else ""
        if found.shape == (3, 2) and np.allclose(found.detach().T, NEW):
            cause = "wt_assign_transposes"
        refuse(item, looked_at, wanted, said(found), cause)
    if not found.requires_grad:
        refuse(item, looked_at, "a parameter that learns", "requires_grad is False",
               "wt_assign_frozen")  # fmt: skip
    with torch.no_grad():
        given[0, 0] = 100.0
    if found[0, 0].item() != NEW[0][0]:
        refuse(item, f"{looked_at}; then right[0, 0] = 100", "1.0 in the parameter, as before",
               show(found[0, 0].item()), "wt_assign_shared")  # fmt: skip


def _refuses(
    item: str, answer: Callable[..., Any], left: tuple[int, ...], right: tuple[int, ...], cause: str
) -> None:
    """Shapes that differ are a ValueError that names both."""
    looked_at = f"assign(left, right), left {left}, right {right}"
    wanted = "a ValueError that names both shapes"
    try:
        numbers = np.arange(math.prod(right), dtype=np.float32).reshape(right)
        found = answer(nn.Parameter(torch.zeros(left)), numbers)
    except ValueError as error:
        text = str(error)
        stretched = next((cause for part, cause in STRETCHED.items() if part in text), "")
        if stretched:
            refuse(item, looked_at, wanted, f"ValueError: {text}", stretched)
        if "{" in text and "shape" in text:
            refuse(item, looked_at, wanted, f"ValueError: {text}", "wt_assign_no_f")
        if any(str(shape) not in text and str(list(shape)) not in text for shape in (left, right)):
            refuse(item, looked_at, wanted, f"ValueError: {text}", "wt_assign_names_one")
        return
    except Exception as error:  # another kind of error is a wrong answer
        seen = f"{type(error).__name__}: {error}"
        refuse(item, looked_at, wanted, seen, "wt_assign_error")
    if found is None or isinstance(found, Exception):
        cause = "wt_assign_not_raised"
    if isinstance(found, Tensor) and found.shape == torch.Size(left) and left == right[::-1]:
        poured = np.array_equal(found.detach().numpy().ravel(), numbers.ravel())
        cause = "wt_assign_reshaped" if poured else "wt_assign_turned"
    seen = (
        f"{kind(found)}, shape {tuple(found.shape)}" if isinstance(found, Tensor) else show(found)
    )
    refuse(item, looked_at, wanted, seen, cause)


def _c_attn(width: int) -> dict[str, Array]:
    """1, 2, 3 … row by row, and the bias goes on with 10, 20, 30 …"""
    w = np.arange(1.0, 3 * width * width + 1, dtype=np.float32).reshape(width, 3 * width)
    return {"w": w, "b": 10 * np.arange(1.0, 3 * width + 1, dtype=np.float32)}


def _thirds(c_attn: dict[str, Array]) -> list[tuple[Array, Array]]:
    """q, k and v, column by column."""
    C = len(c_attn["w"])
    columns = [c_attn["w"][:, j] for j in range(3 * C)]
    return [(np.stack(columns[i * C : i * C + C]), c_attn["b"][i * C : i * C + C])
            for i in range(3)]  # fmt: skip


def split_qkv(answer: Callable[..., Any]) -> None:
    """The example of width 2, and the same of width 3."""
    item = "split_qkv"
    must_be_callable(item, answer)
    for width in (2, 3):
        c_attn = _c_attn(width)
        given = {name: value.copy() for name, value in c_attn.items()}
        looked_at = f"split_qkv of the example, C = {width}"
        likely = {"equal division": "wt_qkv_rows", "cannot reshape": "wt_qkv_width_fixed",
                  "'str'": "wt_qkv_names", "out of bounds": "wt_qkv_axis",
                  "index out of range": "wt_qkv_axis"}  # fmt: skip
        found = call(item, answer, given, looked_at=looked_at, likely=likely)
        found = list(found) if isinstance(found, Iterator) else found
        _pairs(item, found, c_attn, looked_at)
        if any(not np.array_equal(given.get(name), value) for name, value in c_attn.items()):
            refuse(item, f"{looked_at}: c_attn after the call", "as it was", "changed",
                   "wt_qkv_changed")  # fmt: skip
    passed(item)


def _pairs(item: str, found: Any, c_attn: dict[str, Array], looked_at: str) -> None:
    """Three pairs, each a turned third and its bias."""
    wanted = "three pairs (weight, bias), of q, k and v"
    if not isinstance(found, (list, tuple)) or len(found) != 3:
        long = isinstance(found, (list, tuple))
        seen = f"{kind(found)} of {len(found)}" if long else kind(found)
        refuse(item, looked_at, wanted, "None: is a return missing?" if found is None else seen,
               "wt_qkv_pairs")  # fmt: skip
    right = _thirds(c_attn)
    for name, pair, (weight, bias) in zip("qkv", found, right, strict=True):
        if not isinstance(pair, (list, tuple)) or len(pair) != 2:
            seen = f"{kind(pair)} in the place of {name}'s pair"
            refuse(item, looked_at, wanted, seen, "wt_qkv_pairs")
        if np.shape(pair[0]) == bias.shape and np.shape(pair[1]) == weight.shape:
            refuse(item, f"{looked_at}: {name}", "a pair (weight, bias)", "(bias, weight)",
                   "wt_qkv_bias_before")  # fmt: skip
        _third(item, found, pair[0], weight, f"{looked_at}: the weight of {name}", c_attn)
        if pair[1] is None:
            refuse(item, f"{looked_at}: the bias of {name}", said(bias), "None", "wt_qkv_bias_none")
        mine = np.asarray(pair[1])
        if mine.shape != bias.shape or not np.allclose(mine, bias):
            cause = "wt_qkv_bias_whole" if mine.size == 3 * bias.size else ""
            if mine.ndim == 2 and bias.size == mine.size:
                cause = "wt_qkv_bias_table"
            elif any(np.array_equal(mine, other) for _, other in right):
                first = all(np.array_equal(other[1], right[0][1]) for other in found)
                cause = "wt_qkv_bias_first" if first else "wt_qkv_bias_order"
            refuse(item, f"{looked_at}: the bias of {name}", said(bias), said(mine), cause)


def _third(
    item: str, found: Any, given: Any, right: Array, looked_at: str, c_attn: dict[str, Array]
) -> None:
    """This weight is the turned third."""
    mine = np.asarray(given)
    if mine.shape == right.shape and np.allclose(mine, right):
        return
    w, C, cause = c_attn["w"], len(right), ""
    others = [third for third, _ in _thirds(c_attn)]
    if any(np.array_equal(mine, other) for other in others):
        cause = "wt_qkv_order"
    elif any(np.array_equal(mine, other.T) for other in others):
        turned = any(np.array_equal(mine, o.T) for o in others if o is not right)
        cause = "wt_qkv_order" if turned and not np.array_equal(mine, right.T) else ""
        cause = cause or "wt_qkv_not_transposed"
    elif any(np.array_equal(np.sort(mine.ravel()), np.sort(w[:, i::3].ravel())) for i in range(3)):
        cause = "wt_qkv_interleaved"
    elif any(np.array_equal(mine, w.reshape(3, C, C)[i]) or np.array_equal(
            mine, w.reshape(3, C, C)[i].T) for i in range(3)):  # fmt: skip
        cause = "wt_qkv_reshaped"
    elif mine.shape != right.shape:
        cause = "wt_qkv_rows" if 3 * C in mine.shape else "wt_qkv_width_fixed" if C > 2 else ""
        if isinstance(found[1], (list, tuple)) and len(found[1]) and np.size(found[1][0]) == 0:
            cause = "wt_qkv_width_of_all"
    elif np.array_equal(np.sort(mine.ravel()), np.sort(right.ravel())):
        cause = "wt_qkv_reshaped"
    refuse(item, looked_at, said(right), said(mine), cause)
