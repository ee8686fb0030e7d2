"""The check of lab01 on batches: windows drawn at random from two small shuffled texts."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor

from gptlab.checks.core import (
    CheckFailed,
    call,
    equal,
    globals_set,
    must_be_callable,
    passed,
    show,
    two,
)

ITEM = "get_batch"
TRAIN = torch.tensor([3, 7, 0, 9, 4, 1, 8, 2, 6, 5]) + 200  # no id of the lab's own data
VAL = TRAIN + 100


def get_batch(answer: Callable[[str], Any]) -> None:
    """Windows drawn at random; in the two texts each character is its own place."""
    must_be_callable(ITEM, answer)
    values = {"train_data": TRAIN, "val_data": VAL, "block_size": 3}
    batches: dict[tuple[str, int], list[list[int]]] = {}
    with torch.random.fork_rng(devices=[]), globals_set(answer, **values, batch_size=4):
        torch.manual_seed(0)
        for turn in range(90):
            name, rows = ("train", "val")[turn % 2], (4, 5, 2)[turn % 3]
            with globals_set(answer, batch_size=rows):
                batches.setdefault((name, rows), []).append(_starts(answer, name, rows))
    _drawn(batches)
    passed(ITEM)


def _drawn(batches: dict[tuple[str, int], list[list[int]]]) -> None:
    """Every start must be drawn, each by itself."""
    every = [starts for group in batches.values() for starts in group]
    if all(len(set(starts)) == 1 for starts in every):
        raise CheckFailed(
            ITEM,
            looked_at="where the windows of a batch start, in 90 batches",
            expected="different places",
            found=f"one place for all: {every[0]}, then {every[1]}",
            likely="same_window_every_row",
        )
    steps = {b - a for starts in every for a, b in pairwise(starts)}
    still = all(group.count(group[0]) == len(group) for group in batches.values())
    drawn = sorted({start for starts in every for start in starts})
    missing = {*range(7)} - {*drawn}
    if not (missing or still or len(steps) == 1):
        return
    one = {frozenset({6}): "last_window_never", frozenset({0}): "first_window_never"}
    likely = one.get(frozenset(missing), "")
    if len(steps) == 1:
        likely = "contiguous_rows" if still else "windows_follow"
    elif still:
        likely = "always_the_same_seed"
    raise CheckFailed(
        ITEM,
        looked_at="where 330 windows of 3 start in texts of 10 characters",
        expected="every start from 0 to 6, at random",
        found=f"{drawn}, beginning with {every[0]}, then {every[6]}",
        likely=likely,
    )


def _starts(answer: Callable[[str], Any], split: str, rows: int) -> list[int]:
    """Check one batch of windows of 3; where they start."""
    text = TRAIN if split == "train" else VAL
    looked_at = f'get_batch("{split}"), text of 10 characters, block_size=3, batch_size={rows}'
    likely = {"stack expects": "upper_bound_too_high", "IndexError": "upper_bound_too_high"}
    found = call(ITEM, answer, split, looked_at=looked_at, likely=likely)
    x, y = two(ITEM, found, looked_at=looked_at, what="two things: x, y")
    for name, part in (("x", x), ("y", y)):
        _is_batch(name, part, rows, looked_at)
    low, high = int(x.min()), int(x.max())
    likely = "always_training" if split == "val" and high < 300 else ""
    likely = "splits_swapped" if split == "train" and low >= 300 else likely
    likely = "batch_lab_data" if low < 200 else likely
    order = TRAIN.argsort()  # id - 200 -> its place
    places = order[(x - 200) % 100 % 10]
    right = text[(places[:, :1] + torch.arange(3)).clamp(0, 9)]
    equal(ITEM, x, right, looked_at=f"x of {looked_at}: neighbours in the text", likely=likely)
    known = {
        "targets_not_shifted": x,
        "targets_computed": x + 1,
        "targets_shifted_by_two": text[(places + 2) % 10],
        "targets_backwards": text[(places - 1) % 10],
        "targets_one_window_later": text[(places + 3) % 10],
    }
    steps = order[(y - 200) % 100 % 10].diff(dim=1)
    likely = "targets_of_other_windows" if bool((steps == 1).all()) else ""
    looked_at = f"y of {looked_at}, where the text is {text.tolist()} and x is {x.tolist()}"
    equal(ITEM, y, text[(places + 1) % 10], looked_at=looked_at, known=known, likely=likely)
    return places[:, 0].tolist()


def _is_batch(name: str, part: Any, rows: int, looked_at: str) -> None:
    """Refuse anything but int64 of shape (rows, 3)."""
    shape = tuple(part.shape) if isinstance(part, Tensor) else None
    if shape == (rows, 3) and part.dtype == torch.int64:
        return
    wrong = {(3, rows): "batch_transposed", (4, 3): "batch_size_fixed", (rows, 2): "batch_short"}
    wrong |= {(rows, 3): "float_ids"}
    likely = "batch_list" if isinstance(part, list) else wrong.get(shape, "")
    raise CheckFailed(
        ITEM,
        looked_at=f"{name} of {looked_at}",
        expected=f"int64 tensor of shape ({rows}, 3)",
        found=show(part),
        likely=likely,
    )
