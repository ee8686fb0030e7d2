"""The checks of lab12's data: inputs, targets, and a batch of several lengths."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from gptlab.checks.core import call, equal, kept, must_be_callable, passed, two

Known = list[tuple[str, Any]]
IDS = [256, 72, 105, 258, 257, 89, 111, 33, 258]  # Hi, and Yo!
COUNTS = [0, 0, 0, 0, 0, 1, 1, 1, 1]


PAIR_ERRORS = {
    "'list' object has no attribute": "chat_pair_lists", "only integer tensors": "chat_pair_lists",
    "list indices must be": "chat_pair_lists", "The size of tensor": "chat_pair_sizes",
    "must match the size": "chat_pair_sizes", "must be Tensor": "chat_pair_lists",
    "of type list": "chat_pair_lists",
}  # fmt: skip


def inputs_and_targets(answer: Callable[..., tuple[Tensor, Tensor]]) -> None:
    """The greeting of the example; then five ids with a mask that begins and ends otherwise."""
    item = "inputs_and_targets"
    must_be_callable(item, answer)
    for ids, mask in ((IDS, COUNTS), ([5, 6, 0, 8, 9], [1, 0, 1, 1, 0])):
        looked_at = f"ids {ids}, mask {mask}"
        mine, whose = list(ids), list(mask)
        found = call(item, answer, mine, whose, looked_at=looked_at, likely=PAIR_ERRORS)
        kept(item, mine, ids, "ids", likely="chat_pair_changed")
        kept(item, whose, mask, "mask", likely="chat_pair_changed")
        x, y = two(item, found, looked_at=looked_at, what="two tensors: x and y")
        asked = torch.tensor([n if keep else -1 for n, keep in
                              zip(ids[1:], mask[1:], strict=True)])  # fmt: skip
        read = torch.tensor(ids[:-1])
        known: Known = [
            ("chat_pair_swapped", asked), ("chat_x_not_cut", torch.tensor(ids)),
            ("chat_x_masked", read.where(torch.tensor(mask[:-1]) == 1, -1)),
            ("chat_x_shifted", torch.tensor(ids[1:])),
            ("chat_pair_one_memory", torch.tensor([ids[0], *asked[:-1]])),
            ("chat_x_masked", read * torch.tensor(mask[:-1])),
        ]  # fmt: skip
        equal(item, x, read, looked_at=f"{looked_at}: x", known=known, likely=_float(x))
        longer = isinstance(y, Tensor) and y.shape != read.shape
        equal(item, y, asked, looked_at=f"{looked_at}: y", known=_target_slips(ids, mask),
              likely=_float(y) or ("chat_y_length" if longer else ""))  # fmt: skip
    passed(item)


def _float(found: Any) -> str:
    return "chat_pair_floats" if isinstance(found, Tensor) and found.is_floating_point() else ""


def _target_slips(ids: list[int], mask: list[int]) -> Known:
    """What common slips make of the targets."""
    every, keep = torch.tensor(ids), torch.tensor(mask) == 1
    after, now = every[1:], every[:-1]
    none = torch.full_like(after, -1)
    before = torch.cat((every[-1:], every[:-2]))
    return [
        ("chat_y_mask_not_shifted", torch.where(keep[:-1], after, none)),
        ("chat_y_not_shifted", torch.where(keep[:-1], now, none)),
        ("chat_y_not_shifted", torch.where(keep[1:], now, none)),
        ("chat_y_not_shifted", torch.where(keep, every, torch.full_like(every, -1))),
        ("chat_y_no_mask", after), ("chat_y_zero", torch.where(keep[1:], after, 0)),
        ("chat_y_zero", after * keep[1:]), ("chat_y_hundred", torch.where(keep[1:], after, -100)),
        ("chat_y_inverted", torch.where(keep[1:], none, after)),
        ("chat_y_filtered", after[keep[1:]]), ("chat_y_is_mask", keep[1:].long()),
        ("chat_y_backwards", torch.where(keep[1:], before, none)),
        ("chat_y_backwards", torch.where(keep[:-1], before, none)),
        ("chat_y_minus_mask", after * keep[1:] - (~keep[1:]).long() * after),
        ("chat_y_zero", torch.where(keep[:-1], after, 0)),
        ("chat_y_id_0_lost", torch.where(keep[1:] & (after > 0), after, none)),
    ]  # fmt: skip


PAIRS = (([5, 6, 7, 8], [-1, 7, 8, 9]), ([3, 4], [-1, 2]), ([1, 1, 1], [1, 1, 0]))


def collate(answer: Callable[..., tuple[Tensor, Tensor]]) -> None:
    """Two pairs, then three in another order, filled up with 0, with 258 and with a token of x."""
    item = "collate"
    must_be_callable(item, answer)
    for order, pad in (((0, 1), 0), ((1, 0, 2), 258), ((1,), 258), ((2, 0), 1)):
        pairs = [tuple(map(torch.tensor, PAIRS[n])) for n in order]
        looked_at = f"x and y of {', '.join(f'{PAIRS[n][0]} {PAIRS[n][1]}' for n in order)}, "
        looked_at += f"pad_id={pad}"
        likely = {"expanded size": "chat_batch_sizes", "equal size": "chat_batch_not_filled",
                  "must be the same for": "chat_batch_sizes", "same number of": "chat_batch_sizes",
                  "expected sequence of length": "chat_batch_not_filled",
                  "size of tensor": "chat_batch_sizes", "unpack": "chat_batch_unpack"}  # fmt: skip
        found = call(item, answer, pairs, pad, looked_at=looked_at, likely=likely)
        kept(item, len(pairs), len(order), "the number of pairs", likely="chat_pairs_changed")
        for n, (x, y) in zip(order, pairs, strict=True):
            kept(item, [x.tolist(), y.tolist()], list(PAIRS[n]), "the pairs",
                 likely="chat_pairs_changed")  # fmt: skip
        xb, yb = two(item, found, looked_at=looked_at, what="two tensors: xb and yb")
        _filled(item, xb, yb, order, pad, looked_at)
    passed(item)


def _rows(order: tuple[int, ...], which: int, fill: int, left: bool = False,
          longest: int = 0) -> Tensor:  # fmt: skip
    """The inputs (0) or the targets (1) of these pairs as rows of one length."""
    rows = [PAIRS[n][which] for n in order]
    T = longest or max(map(len, rows))
    fills = [[fill] * (T - len(row)) for row in rows]
    made = [more + row if left else row + more for row, more in zip(rows, fills, strict=True)]
    return torch.tensor([row[:T] for row in made])


def _filled(item: str, xb: Any, yb: Any, order: tuple[int, ...], pad: int, looked_at: str) -> None:
    """The two tensors that came back."""
    sizes = [len(PAIRS[n][0]) for n in order]
    for name, found, which, fill in (("xb", xb, 0, pad), ("yb", yb, 1, -1)):
        right = _rows(order, which, fill)
        others = [other for other in (0, -1, 258, -100) if other != fill]
        wrong = "chat_x_fill" if which == 0 else "chat_y_fill"
        known: Known = _taken_out(order, pad) if which else []
        known += [(wrong, _rows(order, which, other)) for other in others]
        known += [("chat_pad_left", _rows(order, which, other, left=True))
                  for other in (fill, *others)]  # fmt: skip
        known += [("chat_batch_cut", _rows(order, which, fill, longest=T))
                  for T in (min(sizes), sizes[0], sizes[-1])]  # fmt: skip
        known += [("chat_batch_swapped", _rows(order, 1 - which, pad if which else -1)),
                  ("chat_batch_transposed", right.T),
                  ("chat_batch_one_more", _rows(order, which, fill, longest=max(sizes) + 1)),
                  ("chat_batch_sorted", right[_by_length(sizes, True)]),
                  ("chat_batch_sorted", right[_by_length(sizes, False)])]  # fmt: skip
        likely = "chat_pair_floats" if _float(found) else ""
        if isinstance(found, Tensor) and found.shape[1:] != right.shape[1:]:
            likely = likely or "chat_batch_length"
        equal(item, found, right, looked_at=f"{looked_at}: {name}", known=known, likely=likely)


def _taken_out(order: tuple[int, ...], pad: int) -> Known:
    """The targets where pad_id was taken for filling, of the targets or of the inputs."""
    y = _rows(order, 1, -1)
    return [("chat_end_is_pad", y.where(y != pad, -1)),
            ("chat_pad_is_a_word", y.where(_rows(order, 0, pad) != pad, -1))]  # fmt: skip


def _by_length(sizes: list[int], down: bool) -> list[int]:
    return sorted(range(len(sizes)), key=sizes.__getitem__, reverse=down)
