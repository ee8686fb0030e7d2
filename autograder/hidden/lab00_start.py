"""Hidden tests of lab00_start: for each item values against an oracle, properties, structure.

The oracles are torch, NumPy and arithmetic, worked out here. No drill calls an earlier one: where
an answer may do so (cross-entropy by way of softmax), the earlier one is replaced by a right one.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from autograder import expect
from autograder.reply import a_number, holds

COVERS: list[str] = []  # nothing in gptlab holds these answers: they are PyTorch's own

core = pytest.mark.core


def mixed(*shape: int) -> torch.Tensor:
    """Whole numbers, all different, in no order."""
    return torch.randperm(1000)[: math.prod(shape)].view(shape)


def whole(found: Any, shape: tuple[int, ...], looked_at: str) -> torch.Tensor:
    """A tensor of whole numbers of this shape."""
    expect.tensor(found, shape=shape, dtype=torch.int64, looked_at=looked_at)
    return found


def real(found: Any, shape: tuple[int, ...], looked_at: str) -> torch.Tensor:
    """A tensor of real numbers of this shape, in float64."""
    expect.tensor(found, shape=shape, looked_at=looked_at)
    holds(found.is_floating_point(), looked_at, "real numbers", expect.kind_of(found))
    return found.double()


def on_turned(student: Any, name: str, x: torch.Tensor, *more: Any) -> Any:
    """What a function of the notebook gives for a tensor that is not contiguous, equal to x."""
    return student.run(
        "answer(turned.transpose(0, 1), *more)",
        answer=student.get(name),
        turned=x.transpose(0, 1).contiguous(),
        more=list(more),
    )


def untouched(student: Any, place: int, value: torch.Tensor, name: str) -> None:
    """An argument of the last call is as it was."""
    now = student.args[place] if place < len(student.args) else None
    expect.equal(now, value, looked_at=f"{name} after the call")


# mean


@core
def test_mean__of_known_lists(student):
    for numbers in ([2, 3, 5, 8], [10, -4, 1], [0.5, 0.25, 4.0, 1.0, 0.75]):
        found = student.call("mean_of", numbers)
        expect.close(found, float(np.mean(numbers)), looked_at=f"mean_of({numbers})")


def test_mean__of_one_number_is_that_number(student):
    for number in (7, -2.5):
        found = student.call("mean_of", [number])
        expect.close(found, float(number), looked_at=f"mean_of([{number}])")


def test_mean__moves_with_its_numbers(student):
    numbers = [3, 1, 4, 1, 5, 9]
    once = a_number(student.call("mean_of", numbers), f"mean_of({numbers})")
    moved = student.call("mean_of", [n + 100 for n in numbers])
    expect.close(moved, once + 100, looked_at="the mean when every number is 100 larger")
    expect.close(sum(numbers) - 6 * once, 0.0, looked_at="the numbers minus their mean, summed")


def test_mean__keeps_the_list(student):
    numbers = [9, 2, 2]
    expect.close(student.call("mean_of", numbers), 13 / 3, looked_at="mean_of([9, 2, 2])")
    expect.equal(student.args[0], [9, 2, 2], looked_at="the list after the call")


# strides: fixed numbers, so that what is known of them is tested one by one


def pair(student: Any, name: str) -> list[int]:
    found = student.get(name)
    fits = isinstance(found, list | tuple) and [type(n) for n in found] == [int, int]
    holds(fits, name, "two whole numbers", expect.describe(found))
    return list(found)


@core
def test_strides__both(student):
    for name, turned in (("stride_of_table", False), ("stride_of_turned", True)):
        table = torch.empty(3, 4).T if turned else torch.empty(3, 4)
        expect.equal(student.get(name), table.stride(), looked_at=name)


def test_strides__the_last_number_is_in_the_last_cell(student):
    (down, right) = pair(student, "stride_of_table")
    expect.equal(2 * down + 3 * right, 11, looked_at="two steps down and three to the right")


def test_strides__turned_has_them_exchanged(student):
    table, turned = pair(student, "stride_of_table"), pair(student, "stride_of_turned")
    expect.equal(table[::-1], turned, looked_at="stride_of_turned, read backwards")
    holds(1 in table, "stride_of_table", "one step along one axis is one cell", str(table))


# memory_cell


@core
def test_memory_cell__of_two_to_four_axes(student):
    for shape in ((5, 7), (2, 3, 4), (3, 2, 4, 5)):
        x = torch.arange(math.prod(shape)).view(shape)
        for index in (tuple(size - 1 for size in shape), tuple(size // 2 for size in shape)):
            found = student.call("memory_cell", index, x.stride())
            looked_at = f"memory_cell({index}, {x.stride()})"
            expect.equal(found, int(x[index]), looked_at=looked_at)


def test_memory_cell__of_a_tensor_that_was_turned(student):
    x = torch.arange(60).view(3, 4, 5).permute(2, 0, 1)
    for index in ((4, 1, 3), (0, 2, 1)):
        found = student.call("memory_cell", index, x.stride())
        looked_at = f"memory_cell({index}, {x.stride()})"
        expect.equal(found, int(x[index]), looked_at=looked_at)


def test_memory_cell__the_first_number_is_in_cell_0(student):
    for stride in ((12, 4, 1), (1, 9)):
        found = student.call("memory_cell", (0,) * len(stride), stride)
        expect.equal(found, 0, looked_at=f"memory_cell of zeros, stride {stride}")
    found = student.call("memory_cell", (6,), (5,))
    expect.equal(found, 30, looked_at="memory_cell((6,), (5,))")


def test_memory_cell__a_step_costs_one_stride(student):
    stride = (40, 3, 11)
    start = a_number(student.call("memory_cell", (1, 2, 1), stride), "memory_cell((1, 2, 1), …)")
    for axis, further in enumerate(((2, 2, 1), (1, 3, 1), (1, 2, 2))):
        found = a_number(student.call("memory_cell", further, stride), f"memory_cell({further}, …)")
        expect.equal(
            found - start, stride[axis], looked_at=f"one more step along axis {axis}, {stride}"
        )


def test_memory_cell__an_axis_without_a_stride_costs_nothing(student):
    x = torch.arange(4).view(4, 1).expand(4, 6)  # stride (1, 0)
    found = student.call("memory_cell", (3, 5), x.stride())
    expect.equal(found, 3, looked_at="memory_cell((3, 5), (1, 0))")


# rows_of


@core
def test_rows_of__pieces_in_their_order(student):
    for size, n_rows in ((12, 3), (20, 4), (20, 10)):
        flat = mixed(size)
        looked_at = f"rows_of(flat, {n_rows}), {size} numbers"
        found = whole(student.call("rows_of", flat, n_rows), (n_rows, size // n_rows), looked_at)
        expect.equal(found, torch.stack(flat.chunk(n_rows)), looked_at=looked_at)


def test_rows_of__one_row_and_rows_of_one(student):
    flat = mixed(7)
    for n_rows, right in ((1, flat[None]), (7, flat[:, None])):
        found = student.call("rows_of", flat, n_rows)
        expect.equal(found, right, looked_at=f"rows_of(flat, {n_rows}), 7 numbers")


def test_rows_of__shares_the_strip(student):
    found = student.run(
        "flat = torch.arange(10)\nrows = answer(flat, 5)\nrows[2, 1] = 77\nflat.tolist()",
        answer=student.get("rows_of"),
    )
    expect.equal(
        found,
        [0, 1, 2, 3, 4, 77, 6, 7, 8, 9],
        looked_at="flat, after 77 was written at [2, 1] of rows_of(flat, 5)",
    )


def test_rows_of__floats_stay_floats(student):
    flat = torch.randn(18)
    found = real(student.call("rows_of", flat, 6), (6, 3), "rows_of(flat, 6), 18 floats")
    expect.equal(found.flatten(), flat.double(), looked_at="its numbers, line by line")
    untouched(student, 0, flat, "flat")


# swap_last


@core
def test_swap_last__turns_every_sheet(student):
    for shape in ((2, 3, 5), (4, 5, 3)):
        x = mixed(*shape)
        looked_at = f"swap_last of shape {shape}"
        found = whole(student.call("swap_last", x), (shape[0], shape[2], shape[1]), looked_at)
        expect.equal(found, torch.from_numpy(x.numpy().swapaxes(1, 2).copy()), looked_at=looked_at)


def test_swap_last__of_square_sheets(student):
    x = mixed(2, 4, 4)
    found = whole(student.call("swap_last", x), (2, 4, 4), "swap_last of shape (2, 4, 4)")
    same = [[int(found[b, c, t]) for t in range(4)] for b in range(2) for c in range(4)]
    right = [[int(x[b, t, c]) for t in range(4)] for b in range(2) for c in range(4)]
    expect.equal(same, right, looked_at="[b, c, t] of the result, square sheets")


def test_swap_last__twice_is_the_old_one(student):
    x = torch.randn(3, 2, 6)
    once = real(student.call("swap_last", x), (3, 6, 2), "swap_last of shape (3, 2, 6)")
    again = student.call("swap_last", once)
    expect.equal(again, x.double(), looked_at="swap_last of swap_last of x")
    expect.close(once[:, :, 0], x[:, 0].double(), looked_at="column 0 of it: row 0 of x")


def test_swap_last__of_a_tensor_that_is_not_contiguous(student):
    x = mixed(3, 4, 2)
    found = on_turned(student, "swap_last", x)
    expect.equal(found, x.permute(0, 2, 1).contiguous(), looked_at="swap_last of a transposed x")


def test_swap_last__a_sheet_does_not_depend_on_the_others(student):
    x = mixed(3, 2, 5)
    found = whole(student.call("swap_last", x), (3, 5, 2), "swap_last of shape (3, 2, 5)")
    alone = student.call("swap_last", x[1:2])
    expect.equal(alone, found[1:2], looked_at="swap_last of sheet 1 alone, and in the batch")


def test_swap_last__leaves_x_as_it_was(student):
    x = mixed(2, 3, 4)
    found = student.call("swap_last", x)
    expect.equal(found, x.permute(0, 2, 1).contiguous(), looked_at="swap_last of (2, 3, 4)")
    untouched(student, 0, x, "x")


# time_first


def by_time(x: torch.Tensor) -> torch.Tensor:
    """The rows of all sheets, those of time 0 first."""
    return torch.stack([sheet[t] for t in range(x.shape[1]) for sheet in x])


@core
def test_time_first__all_rows_in_order(student):
    for shape in ((2, 3, 4), (5, 2, 3)):
        x = mixed(*shape)
        looked_at = f"time_first of shape {shape}"
        found = whole(student.call("time_first", x), (shape[0] * shape[1], shape[2]), looked_at)
        expect.equal(found, by_time(x), looked_at=looked_at)


def test_time_first__row_t_B_plus_b_is_row_t_of_sheet_b(student):
    x = mixed(3, 5, 2)
    found = whole(student.call("time_first", x), (15, 2), "time_first of shape (3, 5, 2)")
    for b, t in ((0, 1), (2, 0), (1, 4)):
        expect.equal(found[3 * t + b], x[b, t], looked_at=f"row {3 * t + b}: sheet {b}, time {t}")


def test_time_first__of_one_sheet_is_that_sheet(student):
    x = torch.randn(1, 6, 3)
    found = real(student.call("time_first", x), (6, 3), "time_first of one sheet")
    expect.equal(found, x[0].double(), looked_at="time_first of one sheet")


def test_time_first__of_a_tensor_that_is_not_contiguous(student):
    x = mixed(4, 3, 5)
    found = on_turned(student, "time_first", x)
    expect.equal(found, by_time(x), looked_at="time_first of a transposed x")


def test_time_first__leaves_x_as_it_was(student):
    x = mixed(2, 4, 3)
    expect.equal(student.call("time_first", x), by_time(x), looked_at="time_first of (2, 4, 3)")
    untouched(student, 0, x, "x")


# split_heads


def dealt(x: torch.Tensor, n_head: int) -> torch.Tensor:
    """The heads of x, cut out one by one."""
    return torch.stack(x.chunk(n_head, dim=2), dim=1)


@core
def test_split_heads__known_values(student):
    for shape, n_head in (((2, 5, 6), 3), ((3, 4, 10), 2)):
        x = mixed(*shape)
        looked_at = f"split_heads of shape {shape} into {n_head}"
        B, T, C = shape
        size = (B, n_head, T, C // n_head)
        found = whole(student.call("split_heads", x, n_head), size, looked_at)
        expect.equal(found, dealt(x, n_head), looked_at=looked_at)


def test_split_heads__a_row_changes_only_its_own_place(student):
    x = torch.randn(2, 4, 6)
    first = real(student.call("split_heads", x, 2), (2, 2, 4, 3), "split_heads into 2")
    x[1, 2] += 1
    second = real(student.call("split_heads", x, 2), (2, 2, 4, 3), "split_heads into 2")
    changed = (first != second).nonzero()[:, [0, 2]].unique(dim=0).tolist()
    expect.equal(changed, [[1, 2]], looked_at="the sheets and rows that change when [1, 2] does")
    expect.equal(int((first != second).sum()), 6, looked_at="how many numbers change")


def test_split_heads__one_head_has_all_columns(student):
    x = mixed(2, 3, 5)
    for n_head, right in ((1, x[:, None]), (5, x.permute(0, 2, 1)[..., None].contiguous())):
        found = student.call("split_heads", x, n_head)
        expect.equal(found, right, looked_at=f"split_heads of shape (2, 3, 5) into {n_head}")


def test_split_heads__of_a_tensor_that_is_not_contiguous(student):
    x = mixed(3, 2, 8)
    found = on_turned(student, "split_heads", x, 4)
    expect.equal(found, dealt(x, 4), looked_at="split_heads of a transposed x")


def test_split_heads__leaves_x_as_it_was(student):
    x = mixed(3, 2, 6)
    found = student.call("split_heads", x, 2)
    expect.equal(found, dealt(x, 2), looked_at="split_heads of shape (3, 2, 6) into 2")
    untouched(student, 0, x, "x")


# merge_heads


@core
def test_merge_heads__known_values(student):
    for shape in ((2, 3, 5, 4), (3, 2, 4, 5)):
        x = mixed(*shape)
        B, n_head, T, size = shape
        looked_at = f"merge_heads of shape {shape}"
        found = whole(student.call("merge_heads", x), (B, T, n_head * size), looked_at)
        expect.equal(found, torch.cat(list(x.unbind(1)), dim=-1), looked_at=looked_at)


def test_merge_heads__undoes_the_split(student):
    x = torch.randn(2, 5, 6)
    for n_head in (3, 2):
        found = student.call("merge_heads", dealt(x, n_head))
        expect.equal(found, x, looked_at=f"merge_heads of x, cut into {n_head} heads")


def test_merge_heads__each_head_has_its_own_columns(student):
    x = torch.randn(2, 3, 4, 2)
    first = real(student.call("merge_heads", x), (2, 4, 6), "merge_heads of shape (2, 3, 4, 2)")
    x[:, 1] += 1
    second = real(student.call("merge_heads", x), (2, 4, 6), "merge_heads of shape (2, 3, 4, 2)")
    changed = (first != second).nonzero()[:, 2].unique().tolist()
    expect.equal(changed, [2, 3], looked_at="the columns that change when head 1 does")


def test_merge_heads__of_one_head(student):
    x = mixed(3, 1, 4, 2)
    found = student.call("merge_heads", x)
    expect.equal(found, x[:, 0], looked_at="merge_heads of one head")


def test_merge_heads__of_a_tensor_that_is_not_contiguous(student):
    x = mixed(2, 3, 4, 5)
    found = on_turned(student, "merge_heads", x)
    right = torch.cat(list(x.unbind(1)), dim=-1)
    expect.equal(found, right, looked_at="merge_heads of a transposed x")


def test_merge_heads__leaves_x_as_it_was(student):
    x = mixed(2, 5, 3, 2)
    right = torch.cat(list(x.unbind(1)), dim=-1)
    found = student.call("merge_heads", x)
    expect.equal(found, right, looked_at="merge_heads of shape (2, 5, 3, 2)")
    untouched(student, 0, x, "x")


# add_positions


@core
def test_add_positions__each_row_gets_the_vector_of_its_place(student):
    for B, T, C, size in ((2, 4, 3, 7), (3, 3, 3, 5), (5, 2, 4, 6)):
        tok, pos = torch.randn(B, T, C), torch.randn(size, C)
        looked_at = f"add_positions of shape {(B, T, C)}, pos {(size, C)}"
        found = student.call("add_positions", tok, pos)
        right = torch.stack([torch.stack([s[t] + pos[t] for t in range(T)]) for s in tok])
        expect.close(found, right, looked_at=looked_at)


def test_add_positions__as_many_places_as_rows(student):
    tok, pos = torch.randn(2, 5, 3), torch.randn(5, 3)
    found = real(student.call("add_positions", tok, pos), (2, 5, 3), "add_positions, T = 5 places")
    expect.close(found - tok, pos.expand(2, 5, 3).double(), looked_at="what was added", tol=1e-5)


def test_add_positions__one_place_to_spare(student):
    tok, pos = torch.randn(2, 4, 3), torch.randn(5, 3)
    found = student.call("add_positions", tok, pos)
    expect.close(found, tok + pos[:4], looked_at="add_positions, T = 4 of 5 places")


def test_add_positions__of_two_columns(student):
    tok, pos = torch.randn(3, 4, 2), torch.randn(7, 2)
    found = student.call("add_positions", tok, pos)
    expect.close(found, tok + pos[:4], looked_at="add_positions, C = 2")


def test_add_positions__as_many_sheets_as_rows(student):
    tok, pos = torch.zeros(3, 3, 4), torch.randn(6, 4)
    found = real(student.call("add_positions", tok, pos), (3, 3, 4), "add_positions, B = T = 3")
    for b in range(3):
        expect.equal(found[b], pos[:3].double(), looked_at=f"sheet {b}, where tok is all zeros")


def test_add_positions__later_places_do_not_matter(student):
    tok, pos = torch.randn(3, 2, 4), torch.randn(9, 4)
    first = student.call("add_positions", tok, pos)
    expect.tensor(first, shape=(3, 2, 4), looked_at="add_positions of shape (3, 2, 4)")
    expect.close(first, tok + pos[:2], looked_at="add_positions of shape (3, 2, 4)")
    pos[2:] = 50
    second = student.call("add_positions", tok, pos)
    expect.equal(second, first, looked_at="add_positions when rows 2 to 8 of pos are others")


def test_add_positions__a_new_tensor(student):
    tok, pos = torch.randn(2, 3, 4), torch.randn(6, 4)
    found = student.call("add_positions", tok, pos)
    expect.close(found, tok + pos[:3], looked_at="add_positions of shape (2, 3, 4)")
    untouched(student, 0, tok, "tok")
    untouched(student, 1, pos, "pos")


# centre_rows


@core
def test_centre_rows__known_values(student):
    for shape in ((4, 4), (3, 6), (5, 2)):
        x = 3 * torch.randn(shape) + 2
        found = student.call("centre_rows", x)
        right = x.numpy().astype(float)
        right = torch.from_numpy(right - right.mean(axis=1, keepdims=True))
        expect.close(found, right, looked_at=f"centre_rows of shape {shape}")


def test_centre_rows__every_row_sums_to_zero(student):
    x = torch.randn(5, 5) + 7
    found = real(student.call("centre_rows", x), (5, 5), "centre_rows of shape (5, 5)")
    expect.close(found.sum(1), torch.zeros(5).double(), looked_at="sums of the rows", tol=1e-4)
    apart, right = found[:, 0] - found[:, 1], (x[:, 0] - x[:, 1]).double()
    expect.close(apart, right, looked_at="how far the first two of a row are apart")


def test_centre_rows__a_row_does_not_depend_on_the_others(student):
    x = torch.randn(4, 3)
    first = real(student.call("centre_rows", x), (4, 3), "centre_rows of shape (4, 3)")
    x[2, 0] += 3
    second = real(student.call("centre_rows", x), (4, 3), "centre_rows of shape (4, 3)")
    changed = ((first - second).abs() > 1e-6).any(1).nonzero().flatten().tolist()
    expect.equal(changed, [2], looked_at="the rows that change when one number of row 2 does")


def test_centre_rows__a_new_tensor(student):
    x = torch.randn(3, 5)
    found = student.call("centre_rows", x)
    expect.close(found, x - x.mean(1)[:, None], looked_at="centre_rows of shape (3, 5)")
    untouched(student, 0, x, "x")


# split_qkv


def thirds(found: Any, shape: tuple[int, ...], looked_at: str) -> list[torch.Tensor]:
    """Three tensors of whole numbers; a tensor with three entries will do."""
    parts = list(found) if isinstance(found, list | tuple | torch.Tensor) else []
    holds(len(parts) == 3, looked_at, "three tensors", expect.kind_of(found))
    return [whole(part, shape, looked_at) for part in parts]


@core
def test_split_qkv__three_thirds_of_each_row(student):
    for shape in ((2, 5, 12), (3, 4, 6), (6, 2, 9)):
        x, size = mixed(*shape), (*shape[:2], shape[2] // 3)
        looked_at = f"split_qkv of shape {shape}"
        found = thirds(student.call("split_qkv", x), size, looked_at)
        for name, part, right in zip("qkv", found, np.split(x.numpy(), 3, axis=2), strict=True):
            expect.equal(part, torch.from_numpy(right.copy()), looked_at=f"{looked_at}, {name}")


def test_split_qkv__together_they_are_x(student):
    x = mixed(2, 3, 15)
    found = thirds(student.call("split_qkv", x), (2, 3, 5), "split_qkv of shape (2, 3, 15)")
    expect.equal(torch.cat(found, dim=2), x, looked_at="q, k and v side by side again")


def test_split_qkv__one_column_each(student):
    x = mixed(4, 2, 3)
    found = thirds(student.call("split_qkv", x), (4, 2, 1), "split_qkv of shape (4, 2, 3)")
    for part, column in zip(found, range(3), strict=True):
        expect.equal(part[..., 0], x[..., column], looked_at=f"third {column} of rows of three")


def test_split_qkv__of_a_tensor_that_is_not_contiguous(student):
    x = mixed(3, 5, 6)
    found = thirds(on_turned(student, "split_qkv", x), (3, 5, 2), "split_qkv of a transposed x")
    expect.equal(torch.cat(found, dim=2), x, looked_at="q, k and v of a transposed x, together")


# side_by_side


@core
def test_side_by_side__columns_in_order(student):
    for widths in ((4, 4, 4), (2, 5), (1, 3, 2, 4)):
        heads = [mixed(2, 3, width) for width in widths]
        looked_at = f"side_by_side of heads with {widths} columns"
        found = whole(student.call("side_by_side", heads), (2, 3, sum(widths)), looked_at)
        right = np.concatenate([head.numpy() for head in heads], axis=2)
        expect.equal(found, torch.from_numpy(right), looked_at=looked_at)


def test_side_by_side__one_head_is_itself(student):
    head = mixed(3, 2, 4)
    found = student.call("side_by_side", [head])
    expect.equal(found, head, looked_at="side_by_side of one head")


def test_side_by_side__each_head_has_its_own_columns(student):
    heads = [torch.randn(3, 4, 2) for _ in range(3)]
    shape, looked_at = (3, 4, 6), "side_by_side of three heads"
    first = real(student.call("side_by_side", heads), shape, looked_at)
    heads[1] = heads[1] + 1
    second = real(student.call("side_by_side", heads), shape, looked_at)
    changed = (first != second).nonzero()[:, 2].unique().tolist()
    expect.equal(changed, [2, 3], looked_at="the columns that change when the second head does")


def test_side_by_side__the_list_is_kept(student):
    heads = [mixed(2, 5, 1), mixed(2, 5, 3)]
    found = student.call("side_by_side", heads)
    expect.tensor(found, shape=(2, 5, 4), looked_at="side_by_side of two heads")
    now = student.args[0] if student.args else None
    expect.equal(now, heads, looked_at="the list of heads after the call")


# softmax


@core
def test_softmax__over_every_axis(student):
    x = 2 * torch.randn(3, 4, 5)
    for dim in (0, 1, 2, -1, -2):
        found = student.call("softmax", x, dim)
        right = F.softmax(x.double(), dim)
        expect.close(found, right, looked_at=f"softmax of shape (3, 4, 5), dim={dim}")


def test_softmax__of_a_square_table(student):
    x = torch.randn(4, 4)
    for dim in (1, 0):
        found = real(student.call("softmax", x, dim), (4, 4), f"softmax, dim={dim}")
        expect.close(found.sum(dim), torch.ones(4).double(), looked_at=f"its sums over dim={dim}")
        expect.close(found, F.softmax(x.double(), dim), looked_at=f"softmax of (4, 4), dim={dim}")


def test_softmax__of_large_and_of_very_low_scores(student):
    for rows in (
        [[10.0, 89.0, 80.0]],
        [[1000.0, 998.0, 999.5]],
        [[-2000.0, -2001.0, -2003.0]],
        [[500.0, 0.0, -500.0]],
    ):
        x = torch.tensor(rows)
        found = student.call("softmax", x, 1)
        expect.close(found, F.softmax(x.double(), 1), looked_at=f"softmax of {rows[0]}")


def test_softmax__of_rows_far_apart(student):
    x = torch.tensor([[900.0, 901.0, 903.0], [-900.0, -902.0, -901.0]])
    found = student.call("softmax", x, 1)
    expect.close(found, F.softmax(x.double(), 1), looked_at="softmax of rows near 900 and -900")


def test_softmax__the_same_for_scores_moved_by_a_number(student):
    x = torch.randn(2, 6)
    first = real(student.call("softmax", x, 1), (2, 6), "softmax of shape (2, 6)")
    holds(
        bool((first > 0).all()) and float(first.max() - first.min()) > 1e-3,
        "softmax of shape (2, 6)", "positive numbers that differ", expect.describe(first),
    )  # fmt: skip
    moved = student.call("softmax", x + 64, 1)
    expect.close(moved, first, looked_at="softmax of x + 64 and of x", tol=1e-4)


def test_softmax__what_is_minus_infinity_gets_nothing(student):
    x = torch.tensor([[0.3, -math.inf, 1.1], [2.0, 2.0, -math.inf]])
    found = student.call("softmax", x, -1)
    expect.close(found, F.softmax(x.double(), -1), looked_at="softmax with -inf among the scores")
    untouched(student, 0, x, "x")


# cross_entropy


def loss(student: Any, logits: torch.Tensor, targets: torch.Tensor) -> Any:
    """The student's loss; a softmax that it calls is a right one."""
    student.set(softmax=student.run("lambda x, dim: torch.softmax(x, dim)"))
    return student.call("cross_entropy", logits, targets)


@core
def test_cross_entropy__against_PyTorch(student):
    for N, V in ((6, 4), (3, 9), (5, 5)):
        logits, targets = 3 * torch.randn(N, V), torch.randint(V, (N,))
        right = F.cross_entropy(logits.double(), targets).item()
        found = loss(student, logits, targets)
        expect.close(found, right, looked_at=f"cross_entropy of ({N}, {V})")


def test_cross_entropy__of_large_scores(student):
    for rows, targets in (
        ([[1000.0, 999.0, 998.0], [5.0, 4.0, 4.0]], [1, 2]),
        ([[900.0, 902.0], [0.0, 0.5], [-700.0, -701.0]], [1, 0, 1]),
    ):
        logits, targets = torch.tensor(rows), torch.tensor(targets)
        right = F.cross_entropy(logits.double(), targets).item()
        found = loss(student, logits, targets)
        expect.close(found, right, looked_at=f"cross_entropy of {rows}, targets {targets.tolist()}")


def test_cross_entropy__of_a_target_that_seemed_impossible(student):
    logits, targets = torch.tensor([[-60.0, 60.0, 0.0], [1.0, 1.0, 0.0]]), torch.tensor([0, 2])
    right = F.cross_entropy(logits.double(), targets).item()
    found = loss(student, logits, targets)
    expect.close(found, right, looked_at="cross_entropy, the target's probability being e^-120")


def test_cross_entropy__without_a_clue_is_ln_V(student):
    for V in (7, 65):
        found = loss(student, torch.zeros(4, V), torch.randint(V, (4,)))
        expect.close(found, math.log(V), looked_at=f"cross_entropy of zeros, {V} characters")


def test_cross_entropy__is_a_mean_over_the_questions(student):
    logits, targets = torch.randn(5, 3), torch.tensor([2, 0, 1, 1, 2])
    once = a_number(loss(student, logits, targets), "cross_entropy of 5 questions")
    twice = loss(student, logits.repeat(2, 1), targets.repeat(2))
    expect.close(twice, once, looked_at="cross_entropy of all questions asked twice")
    alone = [a_number(loss(student, logits[[i]], targets[[i]]), "one question") for i in range(5)]
    expect.close(float(np.mean(alone)), once, looked_at="the mean of the five questions alone")


def test_cross_entropy__a_tensor_that_can_be_learned_from(student):
    logits, targets = torch.randn(4, 6), torch.tensor([0, 5, 3, 3])
    found = loss(student, logits, targets)
    expect.tensor(found, shape=(), looked_at="cross_entropy of (4, 6)")
    untouched(student, 0, logits, "logits")
    untouched(student, 1, targets, "targets")
    slope = student.run(
        "x = logits.clone().requires_grad_()\nanswer(x, targets).backward()\nx.grad",
        answer=student.get("cross_entropy"),
        logits=logits,
        targets=targets,
    )
    right = (F.softmax(logits, 1) - F.one_hot(targets, 6)) / 4
    expect.close(slope, right, looked_at="its gradient: probability minus truth, over 4")


# causal_mask


@core
def test_causal_mask__known_tables(student):
    for T in (4, 7):
        found = student.call("causal_mask", T)
        right = torch.from_numpy(np.tri(T, dtype=bool))
        expect.equal(found, right, looked_at=f"causal_mask({T})")


def test_causal_mask__row_t_sees_t_plus_one(student):
    found = student.call("causal_mask", 6)
    expect.tensor(found, shape=(6, 6), dtype=torch.bool, looked_at="causal_mask(6)")
    expect.equal(found.sum(1).tolist(), [1, 2, 3, 4, 5, 6], looked_at="how many each row may see")
    expect.equal(found.diagonal().tolist(), [True] * 6, looked_at="may each row see itself?")


def test_causal_mask__a_larger_one_begins_with_a_smaller_one(student):
    small, large = student.call("causal_mask", 3), student.call("causal_mask", 8)
    for found, T in ((small, 3), (large, 8)):
        expect.tensor(found, shape=(T, T), dtype=torch.bool, looked_at=f"causal_mask({T})")
    expect.equal(large[:3, :3].contiguous(), small, looked_at="the corner of causal_mask(8)")
    expect.equal(bool(large[2, 5]), False, looked_at="may row 2 look at row 5?")


def test_causal_mask__of_one_row(student):
    found = student.call("causal_mask", 1)
    expect.equal(found, torch.tensor([[True]]), looked_at="causal_mask(1)")
