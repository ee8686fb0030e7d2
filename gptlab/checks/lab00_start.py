"""The checks of lab00: one function an item. All numbers are those worked by hand in the lab.

Here are the first answer and the drills on memory; a module each has the others. Tensors whose
numbers say where they come from make a wrong order visible.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from gptlab.checks import quiz
from gptlab.checks.core import (
    CheckFailed,
    NotAttempted,
    call,
    equal,
    kept,
    must_be_callable,
    number_of,
    passed,
    show,
)
from gptlab.checks.lab00_broadcasting import add_positions, causal_mask, centre_rows
from gptlab.checks.lab00_heads import labelled, merge_heads, split_heads
from gptlab.checks.lab00_pieces import side_by_side, split_qkv
from gptlab.checks.lab00_softmax import softmax
from gptlab.checks.lab00_surprise import cross_entropy

__all__ = [
    "add_positions",
    "causal_mask",
    "centre_rows",
    "choice",
    "cross_entropy",
    "mean",
    "memory_cell",
    "merge_heads",
    "rows_of",
    "side_by_side",
    "softmax",
    "split_heads",
    "split_qkv",
    "strides",
    "swap_last",
    "time_first",
]

choice = quiz.for_lab("lab00_start")


def mean(answer: Callable[[list[float]], float]) -> None:
    """The mean of five numbers and of three."""
    item = "mean"
    must_be_callable(item, answer)
    for numbers, right in (([3, 0, 9, 0, 1], 2.6), ([1, 2, 4], 7 / 3)):
        ordered, total = sorted(numbers), sum(numbers)
        known = {
            "avg_whole": total // len(numbers),
            "avg_sum": total,
            "avg_one_less": total / (len(numbers) - 1),
            "avg_rounded": round(right),
            "avg_median": float(ordered[len(ordered) // 2]),
            "avg_ends": (ordered[0] + ordered[-1]) / 2,
            "avg_fixed_count": total / 3,
        }
        known = {cause: value for cause, value in known.items() if value != right}
        looked_at, given = f"mean_of({numbers})", list(numbers)
        found = number_of(call(item, answer, given, looked_at=looked_at))
        kept(item, given, numbers, "the list numbers")
        equal(item, found, right, looked_at=looked_at, known=known)
    passed(item)


def strides(stride_of_table: Any, stride_of_turned: Any) -> None:
    """The strides of a table of 3 by 4, and of its transpose."""
    item, found = "strides", {}
    for name, value in (("table", stride_of_table), ("turned", stride_of_turned)):
        if value is None:
            raise NotAttempted(item, looked_at=f"stride_of_{name}", found="None")
        found[name] = tuple(value) if isinstance(value, (list, tuple)) else value
    pair = (found["table"], found["turned"])
    known = {
        "stride_swapped": ((1, 4), (4, 1)),
        "stride_is_shape": ((3, 4), (4, 3)),
        "stride_same": ((4, 1), (4, 1)),
        "stride_rows": ((3, 1), (1, 3)),
        "stride_new_table": ((4, 1), (3, 1)),
        "stride_one_less": ((3, 0), (0, 3)),
    }
    if pair != ((4, 1), (1, 4)):
        raise CheckFailed(
            item,
            looked_at="stride_of_table and stride_of_turned, the table being 3 by 4",
            expected="each: cells for one step down, cells for one step to the right",
            found=f"{show(pair[0])} and {show(pair[1])}",
            likely=next((cause for cause, wrong in known.items() if wrong == pair), ""),
        )
    passed(item)


def memory_cell(answer: Callable[[tuple, tuple], int]) -> None:
    """The last number of the table of twelve, as it is and turned; then three axes."""
    item = "memory_cell"
    must_be_callable(item, answer)
    table = {
        "cell_added": 10,
        "cell_index_sum": 5,
        "cell_multiplied": 24,
        "cell_last_forgotten": 8,
        "cell_last_only": 3,
        "cell_all_pairs": 25,
        "cell_from_one": 12,
        "cell_backwards": 14,
    }
    for index, stride, right, known in (
        ((2, 3), (4, 1), 11, table),
        ((3, 2), (1, 4), 11, {"cell_sorted": 14}),
        ((1, 2, 3), (12, 4, 1), 23, {"cell_two_axes": 20}),
    ):
        looked_at = f"memory_cell({index}, {stride})"
        tuples = {"multiply sequence": "cell_tuples"}
        found = number_of(call(item, answer, index, stride, looked_at=looked_at, likely=tuples))
        equal(item, found, right, looked_at=looked_at, known=known)
    passed(item)


def rows_of(answer: Callable[[Tensor, int], Tensor]) -> None:
    """The numbers 0 to 11 as 4 rows, then 20 to 31 as 2; the strip is shared."""
    item = "rows_of"
    must_be_callable(item, answer)
    for first, n_rows in ((0, 4), (20, 2)):
        flat = torch.arange(first, first + 12)
        strip = flat.clone()
        right = strip.unflatten(0, (n_rows, 12 // n_rows))
        known = {
            "rowsof_dealt": torch.stack([strip[row::n_rows] for row in range(n_rows)]),
            "rowsof_columns": strip.unflatten(0, (12 // n_rows, n_rows)),
            "rowsof_global": right - 20,  # the strip of the lab
            "view_not_kept": strip,
        }
        looked_at = f"rows_of(torch.arange({first}, {first + 12}), {n_rows})"
        errors = {"float": "size_fraction", "input of size 6": "rowsof_global"}
        found = call(item, answer, flat, n_rows, looked_at=looked_at, likely=errors)
        kept(item, flat, strip, "flat")
        likely = "rowsof_pieces" if isinstance(found, tuple) or _of_tensors(found) else ""
        if isinstance(found, Tensor) and found.shape == (4, 3) and n_rows == 2:
            likely = "rowsof_fixed"
        elif isinstance(found, Tensor) and found.shape == (3, 4) and n_rows == 4:
            likely = "rowsof_columns"
        equal(item, found, right, looked_at=looked_at, known=known, likely=likely)
        if first:  # else the two may be alike by chance
            found[0, 0] = 99
            shared = f"flat[0], after 99 was written at [0, 0] of {looked_at}"
            equal(item, int(flat[0]), 99, looked_at=shared, likely="rowsof_copied")
    passed(item)


def _of_tensors(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(part, Tensor) for part in value)


def swap_last(answer: Callable[[Tensor], Tensor]) -> None:
    """The table of six as the only sheet, then two labelled sheets."""
    item = "swap_last"
    must_be_callable(item, answer)
    cases = (
        (torch.arange(6).view(1, 2, 3), "the sheet 0 1 2 / 3 4 5"),
        (labelled(2, 3, 4), "labelled(2, 3, 4)"),
    )
    for x, name in cases:
        B, T, C = x.shape
        right = torch.stack([sheet.T for sheet in x])
        known = {
            "swap_by_view": x.reshape(B, C, T),
            "swap_first_two": x.movedim(0, 1),
            "swap_outer": x.movedim(0, 2).movedim(0, 1),
            "swap_one_sheet": x[0].T,
            "view_not_kept": x,
        }
        looked_at, given = f"swap_last of {name}, shape {(B, T, C)}", x.clone()
        errors = {"Dimension out of range": "axis_too_far"}
        found = call(item, answer, given, looked_at=looked_at, likely=errors)
        kept(item, given, x, "x")
        equal(item, found, right, looked_at=looked_at, known=known)
    passed(item)


def time_first(answer: Callable[[Tensor], Tensor]) -> None:
    """The rows of labelled(2, 3, 2), as in the table of the lab; then other sizes."""
    item = "time_first"
    must_be_callable(item, answer)
    for B, T, C in ((2, 3, 2), (3, 2, 4)):
        x = labelled(B, T, C)
        numbers = [[[100 * b + 10 * t + c for c in range(C)] for b in range(B)] for t in range(T)]
        right = torch.tensor(numbers).flatten(0, 1)
        known = {
            "tfirst_sheets_first": x.flatten(0, 1),
            "tfirst_columns": x.movedim(2, 1).flatten().unflatten(0, (B * T, C)),
            "tfirst_three_axes": right.unflatten(0, (T, B)),
            "tfirst_one_sheet": x[0],
            "tfirst_one_row": right.flatten(),
            "view_not_kept": x,
        }
        looked_at, given = f"time_first of labelled({B}, {T}, {C})", x.clone()
        errors = {
            "view size": "tfirst_not_in_order",
            ".reshape": "tfirst_not_in_order",
            "invalid for input": "tfirst_fixed",
            "Dimension out of range": "axis_too_far",
        }
        found = call(item, answer, given, looked_at=looked_at, likely=errors)
        kept(item, given, x, "x")
        likely = "tfirst_fixed" if isinstance(found, Tensor) and found.dim() == 2 else ""
        if isinstance(found, Tensor) and found.shape == right.shape:
            likely = ""
        equal(item, found, right, looked_at=looked_at, known=known, likely=likely)
    passed(item)
