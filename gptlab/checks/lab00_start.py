"""The checks of lab00: one function an item. All numbers are those worked by hand in the lab.

Here are the first answer and the drills on memory; lab00_heads.py and lab00_scores.py have the
others. Tensors whose numbers say where they come from make a wrong order visible.
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
    must_be_callable,
    number_of,
    passed,
    show,
)
from gptlab.checks.lab00_heads import (
    labelled,
    merge_heads,
    side_by_side,
    split_heads,
    split_qkv,
)
from gptlab.checks.lab00_scores import (
    add_positions,
    causal_mask,
    centre_rows,
    cross_entropy,
    softmax,
)

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
            "whole_division": total // len(numbers),
            "avg_sum": total,
            "avg_one_less": total / (len(numbers) - 1),
            "avg_rounded": round(right),
            "avg_median": float(ordered[len(ordered) // 2]),
            "avg_ends": (ordered[0] + ordered[-1]) / 2,
            "avg_fixed_count": total / 3,
        }
        known = {cause: value for cause, value in known.items() if value != right}
        looked_at = f"mean_of({numbers})"
        found = number_of(call(item, answer, numbers, looked_at=looked_at))
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
        "cell_from_one": 12,
        "cell_backwards": 14,
    }
    for index, stride, right, known in (
        ((2, 3), (4, 1), 11, table),
        ((3, 2), (1, 4), 11, {"cell_sorted": 14}),
        ((1, 2, 3), (12, 4, 1), 23, {"cell_two_axes": 20}),
    ):
        looked_at = f"memory_cell({index}, {stride})"
        found = number_of(call(item, answer, index, stride, looked_at=looked_at))
        equal(item, found, right, looked_at=looked_at, known=known)
    passed(item)


def rows_of(answer: Callable[[Tensor, int], Tensor]) -> None:
    """The numbers 0 to 11 as 4 rows, then as 2; the strip is shared."""
    item = "rows_of"
    must_be_callable(item, answer)
    for n_rows in (4, 2):
        flat = torch.arange(12)
        right = flat.unflatten(0, (n_rows, 12 // n_rows))
        known = {
            "rowsof_dealt": torch.stack([flat[row::n_rows] for row in range(n_rows)]),
            "rowsof_columns": flat.unflatten(0, (12 // n_rows, n_rows)),
            "view_not_kept": flat,
        }
        looked_at = f"rows_of(torch.arange(12), {n_rows})"
        fraction = {"float": "size_fraction"}
        found = call(item, answer, flat, n_rows, looked_at=looked_at, likely=fraction)
        likely = "rowsof_pieces" if isinstance(found, (list, tuple)) else ""
        if isinstance(found, Tensor) and found.shape == (4, 3) and n_rows == 2:
            likely = "rowsof_fixed"
        elif isinstance(found, Tensor) and found.shape == (3, 4) and n_rows == 4:
            likely = "rowsof_columns"
        equal(item, found, right, looked_at=looked_at, known=known, likely=likely)
        found[0, 0] = 99
        shared = f"flat[0], after 99 was written at [0, 0] of {looked_at}"
        equal(item, int(flat[0]), 99, looked_at=shared, likely="rowsof_copied")
    passed(item)


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
        looked_at = f"swap_last of {name}, shape {(B, T, C)}"
        found = call(item, answer, x, looked_at=looked_at)
        equal(item, found, right, looked_at=looked_at, known=known)
    passed(item)


def time_first(answer: Callable[[Tensor], Tensor]) -> None:
    """The rows of labelled(2, 3, 2), as in the table of the lab."""
    item, looked_at = "time_first", "time_first of labelled(2, 3, 2)"
    must_be_callable(item, answer)
    x = labelled(2, 3, 2)
    right = torch.tensor([[0, 1], [100, 101], [10, 11], [110, 111], [20, 21], [120, 121]])
    known = {
        "tfirst_sheets_first": x.flatten(0, 1),
        "tfirst_columns": x.movedim(2, 1).flatten().unflatten(0, (6, 2)),
        "tfirst_three_axes": right.unflatten(0, (3, 2)),
        "tfirst_one_sheet": x[0],
        "tfirst_one_row": right.flatten(),
        "view_not_kept": x,
    }
    likely = {"view size": "tfirst_not_in_order", ".reshape": "tfirst_not_in_order"}
    found = call(item, answer, x, looked_at=looked_at, likely=likely)
    equal(item, found, right, looked_at=looked_at, known=known)
    passed(item)
