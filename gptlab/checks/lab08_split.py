"""The check of lab08 on the split: no token of the exam is among the exercises."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.utils.data import DataLoader, SequentialSampler

from gptlab.checks.core import call, equal, globals_set, kind, must_be_callable, passed, two
from gptlab.checks.lab07_parts import refuse
from gptlab.checks.lab08_stand_ins import END, Letters, Windows

TEN = "abcdefghij"
TWENTY = "abcdefghijklmnopqrst"


@torch.random.fork_rng(devices=[])
def loaders(answer: Callable[..., Any]) -> None:
    """Twenty letters, cut at 16, in windows of three; then with a token of 13 characters."""
    item = "loaders"
    must_be_callable(item, answer)
    looked_at = f"make_loaders('{TWENTY}', 0.8, 2, 3)"
    parts = {"GPTDatasetV1": Windows, "create_dataloader_v1": _made, "tokenizer": Letters(),
             "text": "z" * 10}  # fmt: skip
    with globals_set(answer, **parts):
        wrong = {"slice indices": "pt_split_not_whole"}
        found = call(item, answer, TWENTY, 0.8, 2, 3, looked_at=looked_at, likely=wrong)
        pair = two(item, found, looked_at=looked_at, what="two loaders")
        for name, loader in zip(("training", "validation"), pair, strict=True):
            if not isinstance(loader, DataLoader):
                refuse(item, f"the {name} loader", "a DataLoader", kind(loader))
        _parts(item, *pair, looked_at)
        short = call(item, answer, TWENTY, 0.79, 2, 3, looked_at=looked_at.replace("0.8", "0.79"))
        rows = _rows(short[1])
        where = "the first validation token, train_ratio 0.79: the cut is at character 15"
        equal(item, rows[0][0] if rows else None, 15, looked_at=where, likely="pt_split_rounded")
        wrong = {"was not allowed": "pt_split_by_tokens"}
        where = f"make_loaders('{END}{TEN}', 0.8, 1, 2): 23 characters, cut at 18"
        ended = call(item, answer, END + TEN, 0.8, 1, 2, looked_at=where, likely=wrong)
        equal(item, [_rows(loader) for loader in ended], [[[26, 0], [1, 2]], [[5, 6], [7, 8]]],
              looked_at=f"the windows of {where}", likely="pt_split_by_tokens")  # fmt: skip
    passed(item)


def _made(
    txt: str, batch_size: int = 4, max_length: int = 256, stride: int = 128, shuffle: bool = True,
    drop_last: bool = True, num_workers: int = 0,
) -> DataLoader:  # fmt: skip
    """Stands for create_dataloader_v1."""
    windows = Windows(txt, Letters(), max_length, stride)
    rest = {"drop_last": drop_last, "num_workers": num_workers}
    loader = DataLoader(windows, batch_size, shuffle, **rest)
    return loader


def _rows(loader: DataLoader) -> list[list[int]]:
    """The windows of a loader, in the dataset's order."""
    return [x.tolist() for x, _ in (loader.dataset[i] for i in range(len(loader.dataset)))]


def _asked(item: str, train: DataLoader, val: DataLoader) -> None:
    """What the windows were made of, where that can be seen."""
    asked = [getattr(loader.dataset, "asked", None) for loader in (train, val)]
    if None in asked:
        return
    for name, found in zip(("training", "validation"), asked, strict=True):
        sizes = (found["max_length"], found["stride"])
        likely = "pt_split_overlap" if sizes[0] == 3 else "pt_split_length_not_set"
        where = f"max_length and stride of the {name} windows"
        equal(item, sizes, (3, 3), looked_at=where, likely=likely)
    texts = tuple(found["txt"] for found in asked)
    right = (TWENTY[:16], TWENTY[16:])
    lost = len(texts[0]) + len(texts[1]) < len(TWENTY)
    known = {
        "pt_split_returned_swapped": right[::-1],
        "pt_split_val_is_train": (right[0], right[0]),
        "pt_split_end_first": (TWENTY[:4], TWENTY[4:]),
        "pt_split_fixed": (TWENTY[:18], TWENTY[18:]),
        "pt_global_text": (TWENTY[:8], TWENTY[8:]),
    }
    likely = "pt_split_gap" if lost else "pt_split_leak"
    likely = "" if texts[0] + texts[1] == TWENTY else likely
    equal(item, texts, right, looked_at="the two parts of the text", known=known, likely=likely)


def _parts(item: str, train: DataLoader, val: DataLoader, looked_at: str) -> None:
    """Which windows are where, and how they are handed out."""
    right = {"training": [[i, i + 1, i + 2] for i in range(0, 15, 3)], "validation": [[16, 17, 18]]}
    found = {"training": _rows(train), "validation": _rows(val)}
    if found["training"] == right["validation"]:
        refuse(item, "the training windows", f"{right['training']}", f"{found['training']}",
               "pt_split_returned_swapped")  # fmt: skip
    _asked(item, train, val)
    for name, rows in found.items():
        first = [row[0] for row in rows]
        likely = ""
        if len(rows) > 1 and first[1] < first[0] + 3:
            likely = "pt_split_overlap"
        elif found["validation"] == right["training"]:
            likely = "pt_split_val_is_train"
        elif first and (max(first) > 13 if name == "training" else min(first) < 16):
            likely = "pt_split_leak"
        equal(item, rows, right[name], looked_at=f"the {name} windows of {looked_at}",
              likely=likely)  # fmt: skip
    wanted = (("training", train, False, True, "pt_split_train_in_order",
               "pt_split_train_keeps_rest"),
              ("validation", val, True, False, "pt_split_val_shuffled",
               "pt_split_val_dropped"))  # fmt: skip
    for name, loader, in_order, drops, order, rest in wanted:
        ordered = isinstance(loader.sampler, SequentialSampler)
        said = ("shuffled", "in order")
        if in_order and not ordered and loader.drop_last:
            order = "pt_split_val_as_train"
        if ordered != in_order:
            refuse(item, f"the {name} windows", said[in_order], said[ordered], order)
        if loader.drop_last != drops:
            said = ("kept", "dropped")
            where = f"a last {name} batch that is not full"
            refuse(item, where, said[drops], said[loader.drop_last], rest)
        where = f"windows in a {name} batch"
        equal(item, loader.batch_size, 2, looked_at=where, likely="pt_split_one_window")
