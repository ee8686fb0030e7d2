"""The checks of lab08 on the data: ids, windows, batches, and the split."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader, SequentialSampler

from gptlab.checks.core import call, equal, globals_set, kind, must_be_callable, passed, two
from gptlab.checks.lab07_parts import refuse
from gptlab.checks.lab08_stand_ins import END, Elsewhere, Letters, Windows

TEN = "abcdefghij"
TWENTY = "abcdefghijklmnopqrst"
OTHER = Elsewhere("tokenizer")
LIKELY = {"the global tokenizer was used": "pt_global_tokenizer"}


def token_ids(there: Callable[..., Tensor], back: Callable[..., str]) -> None:
    """The two texts of the example, there and back; then a text of one token."""
    item = "token_ids"
    for answer in (there, back):
        must_be_callable(item, answer)
    allowed = {"was not allowed": "pt_ids_end"} | LIKELY
    for text, ids in (("abba", [0, 1, 1, 0]), (f"a{END}b", [0, 26, 1])):
        looked_at = f"text_to_token_ids({text!r}, tokenizer), a tokenizer of 27 tokens"
        with globals_set(there, tokenizer=OTHER):
            found = call(item, there, text, Letters(), looked_at=looked_at, likely=allowed)
        _ids(item, found, torch.tensor([ids]), looked_at)
    wrong = {"takes a list": "pt_text_not_ids"} | LIKELY
    for ids, text in (([0, 1, 1, 0], "abba"), ([0, 26, 1], f"a{END}b"), ([2], "c")):
        given = torch.tensor([ids])
        looked_at = f"token_ids_to_text(torch.tensor({[ids]}), tokenizer)"
        wrong["takes a list"] = "pt_text_squeezed" if len(ids) == 1 else "pt_text_not_ids"
        decoder = _Asked()
        try:
            with globals_set(back, tokenizer=OTHER):
                found = call(item, back, given, decoder, looked_at=looked_at, likely=wrong)
        finally:
            tensor = isinstance(decoder.got, Tensor)
        if tensor:
            refuse(item, f"what decode got, in {looked_at}", "a list of ids", "a tensor",
                   "pt_text_not_ids")  # fmt: skip
        equal(item, found, text, looked_at=looked_at)
    passed(item)


class _Asked(Letters):
    """Takes a tensor too, so that it can be told apart."""

    got: Any = None

    def decode(self, ids: Any) -> str:
        self.got = ids
        return super().decode(ids.flatten().tolist() if isinstance(ids, Tensor) else ids)


def _ids(item: str, found: Any, right: Tensor, looked_at: str) -> None:
    """Ids, (1, T), or what is wrong with them."""
    likely = "pt_ids_list" if isinstance(found, list) else ""
    if isinstance(found, Tensor) and found.is_floating_point():
        likely = "pt_ids_dtype"
    elif isinstance(found, Tensor) and found.numel() > right.numel():
        likely = "pt_ids_end_added" if found.flatten()[-1] == 26 else "pt_ids_end"
    known = {"pt_ids_no_batch": right[0], "pt_ids_column": right.T, "pt_ids_dtype": right.int()}
    equal(item, found, right, looked_at=looked_at, known=known, likely=likely)


def dataset(answer: Callable[..., Any]) -> None:
    """Ten letters in windows of four, with the strides of the example; then of three."""
    item = "dataset"
    must_be_callable(item, answer, "the class")
    likely = LIKELY | {"name 'input_ids'": "pt_window_no_self", "name 'target_ids'":
                       "pt_window_no_self", "'NoneType' object cannot be":
                       "pt_window_no_return"}  # fmt: skip
    cases = ((4, 4, [0, 4]), (4, 2, [0, 2, 4]), (4, 1, [0, 1, 2, 3, 4, 5]), (3, 3, [0, 3, 6]))
    for size, stride, starts in cases:
        looked_at = f"GPTDatasetV1('{TEN}', tokenizer, {size}, {stride})"
        with globals_set(answer, tokenizer=OTHER):
            built = call(item, answer, TEN, Letters(), size, stride, looked_at=looked_at,
                         likely=likely)  # fmt: skip
        where = f"len of {looked_at}"
        length = call(item, lambda built=built: len(built), looked_at=where, likely=likely)
        for place, start in enumerate(starts[:length]):
            where = f"item {place} of {looked_at}"
            pair = call(item, lambda b=built, p=place: b[p], looked_at=where)
            _window(item, pair, start, where, size)
        _length(item, length, starts, stride, f"len of {looked_at}")
    passed(item)


def _window(item: str, pair: Any, start: int, looked_at: str, size: int) -> None:
    """So many letters from start on, and as many from the next on."""
    found = two(item, pair, looked_at=looked_at, likely="pt_window_only_input")
    x = torch.arange(start, start + size)
    y = x + 1
    if isinstance(found[0], Tensor) and found[0].shape == x.shape and found[0].equal(y):
        refuse(item, f"the window in {looked_at}", f"{x.tolist()}", f"{y.tolist()}",
               "pt_window_sides_swapped")  # fmt: skip
    for name, part, right in (("the window", found[0], x), ("the targets", found[1], y)):
        known = {"pt_window_size": part if _another_size(part, size) else None}
        if right is y:
            known |= {
                "pt_window_not_shifted": x,
                "pt_window_shifted_by_two": y + 1,
                "pt_window_one_target": torch.tensor(start + size),
                "pt_window_target_of_next": y + size,
                "pt_window_next_window": x + size,
            }
        likely = "pt_window_lists" if isinstance(part, list) else ""
        if isinstance(part, Tensor) and part.is_floating_point():
            likely = "pt_window_floats"
        if isinstance(part, Tensor) and part.dim() == 1 and len(part) and part[0] != right[0]:
            likely = _other_place(int(part[0]), start) if right is x else likely
        equal(item, part, right, looked_at=f"{name} in {looked_at}", known=known, likely=likely)


def _other_place(first: int, start: int) -> str:
    """What a window points to that begins elsewhere."""
    if first and not start:
        return "pt_window_first_lost"
    if first == 4:
        return "pt_window_stride_is_length"
    return "pt_window_stride_ignored" if first < start else ""


def _another_size(part: Any, size: int) -> bool:
    return isinstance(part, Tensor) and part.dim() == 1 and abs(len(part) - size) == 1


def _length(item: str, length: int, starts: list[int], stride: int, looked_at: str) -> None:
    """How many windows there are."""
    likely = "pt_window_stride_ignored" if length == 6 else "pt_window_length"
    if length == len(starts) - 1:
        likely = "pt_window_last_lost"
    elif length in (len(range(0, 7, stride)), len(range(0, 10, stride))):
        likely = "pt_window_over_the_end"
    equal(item, length, len(starts), looked_at=looked_at, likely=likely)


@torch.random.fork_rng(devices=[])
def dataloader(answer: Callable[..., Any]) -> None:
    """The six windows of the example in batches of four, and what else a loader is told."""
    item = "dataloader"
    must_be_callable(item, answer)
    with globals_set(answer, GPTDatasetV1=Windows, tokenizer=Letters(), text="z" * 9):
        for drop, sizes in ((True, [4]), (False, [4, 2])):
            looked_at = f"'{TEN}', batch_size=4, max_length=4, stride=1, drop_last={drop}"
            settings = {"batch_size": 4, "max_length": 4, "stride": 1, "drop_last": drop}
            found = _loader(item, answer, looked_at, **settings, shuffle=False)
            if (batches := [len(xb) for xb, _ in found]) != sizes:
                likely = "pt_loader_drop_last"
                if len(batches) > 4:
                    likely = "pt_loader_batch_size"
                equal(item, batches, sizes, looked_at=f"windows in each batch, {looked_at}",
                      likely=likely)  # fmt: skip
        _settings(item, answer)
        _defaults(item, answer)
    passed(item)


def _loader(item: str, answer: Callable[..., Any], looked_at: str, **settings: Any) -> DataLoader:
    """A DataLoader of windows that were asked for as the settings say."""
    likely = {"batch_sampler option": "pt_loader_by_place",
              "required positional argument": "pt_loader_no_tokenizer"}  # fmt: skip
    found = call(item, answer, TEN, looked_at=looked_at, likely=likely, **settings)
    if not isinstance(found, DataLoader):
        seen = "None: is a return missing?" if found is None else kind(found)
        refuse(item, looked_at, "a DataLoader", seen, "pt_loader_not_made")
    asked = getattr(found.dataset, "asked", None)
    if asked is None:
        refuse(item, f"what is in the loader, {looked_at}", "a GPTDatasetV1", kind(found.dataset))
    equal(item, asked["txt"], TEN, looked_at="the text of the dataset", likely="pt_global_text")
    pair = (asked["max_length"], asked["stride"])
    right = (settings["max_length"], settings["stride"])
    likely = "pt_loader_swapped" if pair == right[::-1] else ""
    if pair[0] == right[0]:
        likely = "pt_loader_stride"
    equal(item, pair, right, looked_at="max_length and stride of the dataset", likely=likely)
    return found


def _settings(item: str, answer: Callable[..., Any]) -> None:
    """Order and helpers: nothing is run."""
    base = {"batch_size": 2, "max_length": 3, "stride": 2, "drop_last": False}
    for shuffle in (True, False):
        looked_at = f"create_dataloader_v1(…, shuffle={shuffle}, num_workers=1)"
        found = _loader(item, answer, looked_at, **base, shuffle=shuffle, num_workers=1)
        ordered = isinstance(found.sampler, SequentialSampler)
        if ordered == shuffle:
            likely = "pt_loader_never_shuffled" if shuffle else "pt_loader_always_shuffled"
            said = ("shuffled", "in order")
            refuse(item, looked_at, said[not shuffle], said[ordered], likely)
        if found.num_workers != 1:
            refuse(item, f"num_workers of {looked_at}", "1", f"{found.num_workers}",
                   "pt_loader_workers_lost")  # fmt: skip
        where = "windows in a batch, batch_size=2"
        equal(item, found.batch_size, 2, looked_at=where, likely="pt_loader_batch_size")


def _defaults(item: str, answer: Callable[..., Any]) -> None:
    """What the first line of the cell says of settings that are not given."""
    found = call(item, answer, "ab" * 200, looked_at="create_dataloader_v1(400 letters)")
    asked = found.dataset.asked
    settings = (found.batch_size, asked["max_length"], asked["stride"], found.drop_last)
    where = "batch_size, max_length, stride and drop_last where none is given"
    equal(item, settings, (4, 256, 128, True), looked_at=where, likely="pt_loader_defaults")
    if isinstance(found.sampler, SequentialSampler):
        refuse(item, "the windows where no shuffle is given", "shuffled", "in order",
               "pt_loader_defaults")  # fmt: skip


@torch.random.fork_rng(devices=[])
def loaders(answer: Callable[..., Any]) -> None:
    """Twenty letters, cut at 16, in windows of three; then with a token of 13 characters."""
    item = "loaders"
    must_be_callable(item, answer)
    looked_at = f"make_loaders('{TWENTY}', 0.8, 2, 3)"
    parts = {"GPTDatasetV1": Windows, "create_dataloader_v1": _made, "tokenizer": Letters(),
             "text": "z" * 5}  # fmt: skip
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
    return DataLoader(windows, batch_size, shuffle, drop_last=drop_last, num_workers=num_workers)


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
        "pt_global_text": (TWENTY[:4], TWENTY[4:]),
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
