"""The checks of lab08 on the data: ids, windows, and batches."""

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
    for mixed in (True, False):
        looked_at = f"create_dataloader_v1(…, shuffle={mixed}, num_workers=1)"
        found = _loader(item, answer, looked_at, **base, shuffle=mixed, num_workers=1)
        ordered = isinstance(found.sampler, SequentialSampler)
        if ordered == mixed:
            likely = "pt_loader_never_shuffled" if mixed else "pt_loader_always_shuffled"
            said = ("shuffled", "in order")
            refuse(item, looked_at, said[not mixed], said[ordered], likely)
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
