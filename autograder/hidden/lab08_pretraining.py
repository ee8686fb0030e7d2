"""Hidden tests of lab08_pretraining: for each item values against an oracle, properties, structure.

The oracles are arithmetic and torch. What is made of parts is judged with right parts in the place
of the student's, written here in another form, so that a mistake costs once.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from autograder import expect
from autograder.hidden.descent import an_optimizer, some_batches
from autograder.hidden.modules import floats, weights_of
from autograder.reply import a_number, argument, holds, made, pieces, plain
from autograder.values import Handle

COVERS = ["gptlab.pretraining", "gptlab.train"]

core = pytest.mark.core

Batch = tuple[torch.Tensor, torch.Tensor]
END, END_ID = "<|endoftext|>", 7

# A character is a token, and the end of a text is one; refuses what tiktoken refuses.
TOKENIZER = """
import operator
import torch

class StandInTokenizer:
    end, end_id = "<|endoftext|>", 7

    def __init__(self, lift):
        self.lift = lift

    def encode(self, text, *, allowed_special=(), disallowed_special="all"):
        allowed = allowed_special == "all" or self.end in allowed_special
        refused = disallowed_special == "all" or self.end in disallowed_special
        if self.end in text and refused and not allowed:
            raise ValueError(f"the text holds the special token {self.end!r}")
        ids = []
        for place, part in enumerate(text.split(self.end) if allowed else [text]):
            ids += [self.end_id] * (place > 0) + [ord(letter) + self.lift for letter in part]
        return ids

    def decode(self, ids):
        if isinstance(ids, torch.Tensor) or any(isinstance(i, torch.Tensor) for i in ids):
            raise TypeError("decode takes a list of whole numbers, not a tensor")
        ids = map(operator.index, ids)
        return "".join(self.end if i == self.end_id else chr(i - self.lift) for i in ids)

StandInTokenizer(lift)
"""

# Right parts. What stands here is not the student's, and serves where theirs is used.
RIGHT_DATA = """
import torch
from torch.utils.data import DataLoader, Dataset

class GPTDatasetV1(Dataset):
    def __init__(self, txt, tokenizer, max_length, stride):
        ids = torch.tensor(tokenizer.encode(txt, allowed_special={"<|endoftext|>"}))
        none = ids.new_zeros(0, max_length + 1)
        whole = ids.unfold(0, max_length + 1, stride) if len(ids) > max_length else none
        self.input_ids, self.target_ids = whole[:, :-1], whole[:, 1:]

    def __len__(self):
        return self.input_ids.shape[0]

    def __getitem__(self, place):
        return self.input_ids[place].clone(), self.target_ids[place].clone()

def create_dataloader_v1(txt, batch_size=4, max_length=256, stride=128, shuffle=True,
                         drop_last=True, num_workers=0):
    every = GPTDatasetV1(txt, tokenizer, max_length, stride)
    return DataLoader(every, batch_size, shuffle, drop_last=drop_last, num_workers=num_workers)

{"GPTDatasetV1": GPTDatasetV1, "create_dataloader_v1": create_dataloader_v1}
"""
RIGHT_LOSSES = """
import itertools
import torch
from torch.nn import functional as F

torch.set_grad_enabled(True)  # whatever an answer before this one left

def calc_loss_batch(input_batch, target_batch, model, device):
    scores = model(input_batch.to(device))
    return F.cross_entropy(scores.transpose(1, 2), target_batch.to(device))

def calc_loss_loader(data_loader, model, device, num_batches=None):
    pairs = list(itertools.islice(data_loader, num_batches))
    losses = [calc_loss_batch(*pair, model, device).item() for pair in pairs]
    sizes = [pair[1].numel() for pair in pairs]
    whole = sum(loss * size for loss, size in zip(losses, sizes))
    return whole / sum(sizes) if pairs else float("nan")

{"calc_loss_batch": calc_loss_batch, "calc_loss_loader": calc_loss_loader}
"""

# Scores that depend on the id alone. It notes how it was asked.
TABLE = """
import torch
from torch import nn

class Table(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding.from_pretrained(weight.clone(), freeze=False)
        self.bias = nn.Parameter(bias.clone())
        self.dropout = nn.Dropout(dropout)
        self.asked, self.modes, self.recorded, self.backwards = [], [], [], 0
        self.bias.register_hook(self.note)

    def note(self, slope):
        self.backwards += 1

    def forward(self, idx):
        self.asked.append(list(idx.shape))
        self.modes.append(self.training)
        self.recorded.append(torch.is_grad_enabled())
        return self.dropout(self.table(idx) + self.bias)

Table()
"""


def a_tokenizer(student: Any, lift: int = 100) -> Handle:
    """A tokenizer that gives each character its code plus `lift`."""
    return made(student.run(TOKENIZER, lift=lift), "a tokenizer for the test")


def ids_of(text: str, lift: int = 100) -> list[int]:
    """What that tokenizer gives."""
    parts = [[ord(letter) + lift for letter in part] for part in text.split(END)]
    return [i for n, part in enumerate(parts) for i in [END_ID] * (n > 0) + part]


def letters(count: int) -> str:
    """So many different characters."""
    return "".join(chr(0x4E00 + n) for n in range(count))


def use_right(student: Any, source: str, *names: str, **known: Any) -> None:
    """Put right parts in the place of these."""
    right = student.run(source, **known)
    student.set(**{name: right[name] for name in names})


def windows_of(ids: list[int], max_length: int, stride: int) -> list[tuple[list, list]]:
    """The windows of a text and those one later, in order."""
    found, start = [], 0
    while start + max_length + 1 <= len(ids):
        whole = ids[start : start + max_length + 1]
        found.append((whole[:-1], whole[1:]))
        start += stride
    return found


def a_table(
    student: Any, weight: torch.Tensor, bias: torch.Tensor | None = None, dropout: float = 0.0
) -> Handle:
    bias = torch.zeros(len(weight)) if bias is None else bias
    found = student.run(TABLE, weight=weight, bias=bias, dropout=dropout)
    return made(found, "a model for the test")


def loss_of(scores: torch.Tensor, xb: torch.Tensor, yb: torch.Tensor) -> float:
    """What a table's scores cost, nats per token."""
    return F.cross_entropy(scores[xb.flatten()], yb.flatten()).item()


A_LOADER = """
from torch.utils.data import DataLoader, TensorDataset

DataLoader(TensorDataset(x, y), batch_size)
"""


def a_loader(student: Any, x: torch.Tensor, y: torch.Tensor, batch_size: int) -> Handle:
    """Batches of these rows in their order, the last one smaller."""
    return made(student.run(A_LOADER, x=x, y=y, batch_size=batch_size), "a loader for the test")


def a_float(found: Any, looked_at: str) -> None:
    """A plain float: no tensor, which would keep its graph."""
    right = isinstance(found, float | np.floating)
    holds(right, looked_at, "a float", expect.kind_of(found))


def two_ids(found: Any, shape: tuple[int, ...], looked_at: str) -> Batch:
    """A pair of tensors of ids of this shape."""
    x, y = pieces(found, 2, looked_at)
    for part in (x, y):
        expect.tensor(part, shape=shape, dtype=torch.int64, looked_at=looked_at)
    return x, y


# token_ids


@core
def test_token_ids__a_text_is_a_batch_of_one(student):
    tok = a_tokenizer(student)
    for text in ("a", "To be", "née, 日本"):
        looked_at = f"text_to_token_ids({text!r}, tokenizer)"
        found = student.call("text_to_token_ids", text, tok)
        expect.tensor(found, shape=(1, len(text)), looked_at=looked_at)
        expect.equal(found.tolist(), [ids_of(text)], looked_at=looked_at)


@core
def test_token_ids__ids_are_a_text_again(student):
    tok = a_tokenizer(student)
    for text in ("To be", "née, 日本"):
        ids = torch.tensor([ids_of(text)])
        found = student.call("token_ids_to_text", ids, tok)
        expect.equal(found, text, looked_at=f"token_ids_to_text of the ids of {text!r}, (1, T)")
        expect.equal(argument(student, 0), ids, looked_at="token_ids afterwards")


def test_token_ids__the_end_of_a_text_is_one_token(student):
    tok = a_tokenizer(student)
    for text in (END, f"ab{END}c", f"{END}x{END}"):
        found = student.call("text_to_token_ids", text, tok)
        looked_at = f"text_to_token_ids({text!r}, tokenizer)"
        expect.equal(plain(found), [ids_of(text)], looked_at=looked_at)


def test_token_ids__whole_numbers_of_64_bits(student):
    found = student.call("text_to_token_ids", "abc", a_tokenizer(student))
    expect.tensor(found, shape=(1, 3), dtype=torch.int64, looked_at="ids of 'abc'")


def test_token_ids__there_and_back(student):
    tok = a_tokenizer(student, lift=500)
    for text in ("x", "Speak,\n speak.", f"one{END}two"):
        ids = student.call("text_to_token_ids", text, tok)
        found = student.call("token_ids_to_text", ids, tok)
        expect.equal(found, text, looked_at=f"{text!r}, there and back")


def test_token_ids__one_token_is_a_text_too(student):
    tok = a_tokenizer(student)
    found = student.call("token_ids_to_text", torch.tensor([[END_ID]]), tok)
    expect.equal(found, END, looked_at=f"token_ids_to_text of [[{END_ID}]], (1, 1)")
    found = student.call("token_ids_to_text", torch.tensor([ids_of("q")]), tok)
    expect.equal(found, "q", looked_at="token_ids_to_text of one token, (1, 1)")


# dataset

ITEMS = "[windows[place] for place in range(len(windows))]"


def a_dataset(student: Any, text: str, max_length: int, stride: int) -> Handle:
    tok = a_tokenizer(student)
    return made(student.new("GPTDatasetV1", text, tok, max_length, stride), "GPTDatasetV1")


def items_of(student: Any, windows: Handle, max_length: int, looked_at: str) -> list[Batch]:
    """All items, in order."""
    found = student.run(ITEMS, windows=windows)
    holds(isinstance(found, list), looked_at, "items", expect.kind_of(found))
    return [two_ids(item, (max_length,), f"{looked_at}, item {n}") for n, item in enumerate(found)]


@core
def test_dataset__windows_and_the_same_one_later(student):
    for count, max_length, stride in ((23, 4, 3), (20, 3, 5), (12, 5, 1), (31, 6, 6)):
        looked_at = f"{count} tokens, max_length {max_length}, stride {stride}"
        windows = a_dataset(student, letters(count), max_length, stride)
        found = items_of(student, windows, max_length, looked_at)
        wanted = windows_of(ids_of(letters(count)), max_length, stride)
        for n, ((x, y), (x_right, y_right)) in enumerate(zip(found, wanted, strict=False)):
            expect.equal(x.tolist(), x_right, looked_at=f"{looked_at}: the window of item {n}")
            expect.equal(y.tolist(), y_right, looked_at=f"{looked_at}: the targets of item {n}")
        expect.equal(len(found), len(wanted), looked_at=f"{looked_at}: how many windows")


def test_dataset__the_last_whole_window_counts(student):
    for max_length, stride in ((5, 2), (3, 4)):
        for more, wanted in ((0, 0), (1, 1), (stride, 1), (stride + 1, 2)):
            windows = a_dataset(student, letters(max_length + more), max_length, stride)
            expect.equal(
                student.run("len(windows)", windows=windows),
                wanted,
                looked_at=f"windows of {max_length + more} tokens, max_length {max_length}, "
                f"stride {stride}",
            )


def test_dataset__without_overlap_each_token_is_one_target(student):
    text, max_length = letters(29), 7
    windows = a_dataset(student, text, max_length, max_length)
    found = items_of(student, windows, max_length, "29 tokens, max_length 7, stride 7")
    ids = ids_of(text)
    inputs, targets = ([i for item in found for i in item[side].tolist()] for side in (0, 1))
    expect.equal(inputs, ids[:-1], looked_at="all inputs, one window after the other")
    expect.equal(targets, ids[1:], looked_at="all targets, one window after the other")


def test_dataset__windows_begin_a_stride_apart(student):
    for max_length, stride in ((6, 2), (2, 5)):
        windows = a_dataset(student, letters(27), max_length, stride)
        found = items_of(student, windows, max_length, f"27 tokens, stride {stride}")
        first = [int(x[0]) - ids_of(letters(1))[0] for x, _ in found]
        wanted = [n * stride for n in range(len(windows_of([0] * 27, max_length, stride)))]
        expect.equal(first, wanted, looked_at=f"the tokens at which windows begin, stride {stride}")


def test_dataset__items_are_tensors_of_ids(student):
    windows = a_dataset(student, letters(14), 4, 3)
    for place in (2, 0, 2):
        found = student.run("windows[place]", windows=windows, place=place)
        x, _ = two_ids(found, (4,), f"item {place}")
        wanted = windows_of(ids_of(letters(14)), 4, 3)[place][0]
        expect.equal(x.tolist(), wanted, looked_at=f"the window of item {place}, asked for alone")


IN_BATCHES = """
from torch.utils.data import DataLoader

[tuple(pair) for pair in DataLoader(windows, 2)]
"""


def test_dataset__a_loader_makes_batches_of_it(student):
    text = letters(22)
    found = student.run(IN_BATCHES, windows=a_dataset(student, text, 5, 4))
    wanted = windows_of(ids_of(text), 5, 4)
    holds(isinstance(found, list) and len(found) == 3, "batches of 2 of it", "3", f"{found}"[:40])
    for n, pair in enumerate(found):
        rows = wanted[2 * n : 2 * n + 2]
        x, y = two_ids(pair, (len(rows), 5), f"batch {n} of 2 windows")
        expect.equal(x.tolist(), [row for row, _ in rows], looked_at=f"inputs of batch {n}")
        expect.equal(y.tolist(), [row for _, row in rows], looked_at=f"targets of batch {n}")


# dataloader

BATCHES = "[tuple(pair) for pair in loader]"


def right_data(student: Any, *names: str, lift: int = 100) -> None:
    """Right parts and a tokenizer, under the names that the notebook has for them."""
    tok = a_tokenizer(student, lift)
    use_right(student, RIGHT_DATA, *names, tokenizer=tok)
    student.set(tokenizer=tok)


def batches_of(student: Any, loader: Any, max_length: int, looked_at: str) -> list[Batch]:
    """All batches of one pass: pairs of tensors of ids with the same number of rows."""
    found = student.run(BATCHES, loader=made(loader, looked_at))
    batches = []
    for n, pair in enumerate(found):
        x = pieces(pair, 2, f"{looked_at}, batch {n}")[0]
        rows = len(x) if isinstance(x, torch.Tensor) and x.ndim else 0
        batches.append(two_ids(pair, (rows, max_length), f"{looked_at}, batch {n}"))
    return batches


def rows_of(batches: Iterable[Batch]) -> list[tuple[list, list]]:
    """The windows of all batches, one after the other."""
    return [(x.tolist(), y.tolist()) for xb, yb in batches for x, y in zip(xb, yb, strict=True)]


def a_pass(student: Any, text: str, looked_at: str, **settings: Any) -> list[Batch]:
    """The batches of create_dataloader_v1 with these settings."""
    right_data(student, "GPTDatasetV1")
    loader = student.call("create_dataloader_v1", text, **settings)
    student.attr(made(loader, looked_at), "num_workers")
    return batches_of(student, loader, settings["max_length"], looked_at)


def sizes_of(batches: Iterable[Batch]) -> list[int]:
    return [len(x) for x, _ in batches]


@core
def test_dataloader__batches_of_windows_in_order(student):
    for count, B, L, S in ((31, 3, 4, 5), (40, 5, 3, 2)):
        for drop_last in (True, False):
            looked_at = f"batch_size {B}, max_length {L}, stride {S}, drop_last {drop_last}"
            found = a_pass(
                student, letters(count), looked_at, batch_size=B, max_length=L, stride=S,
                shuffle=False, drop_last=drop_last,
            )  # fmt: skip
            wanted = windows_of(ids_of(letters(count)), L, S)
            kept = len(wanted) // B * B if drop_last else len(wanted)
            expect.equal(rows_of(found), wanted[:kept], looked_at=f"{looked_at}: the windows")
            sizes = [min(B, kept - at) for at in range(0, kept, B)]
            expect.equal(sizes_of(found), sizes, looked_at=f"{looked_at}: windows in each batch")


def test_dataloader__shuffled_anew_in_each_pass(student):
    right_data(student, "GPTDatasetV1")
    text = letters(62)
    for given in ({"shuffle": True}, {}):
        loader = student.call(
            "create_dataloader_v1", text, batch_size=7, max_length=2, stride=2, drop_last=False,
            **given,
        )  # fmt: skip
        looked_at = f"30 windows, {given or 'shuffle not given: True'}"
        first, second = (rows_of(batches_of(student, loader, 2, looked_at)) for _ in range(2))
        wanted = windows_of(ids_of(text), 2, 2)
        for rows in (first, second):
            expect.equal(sorted(rows), sorted(wanted), looked_at=f"{looked_at}: all, in any order")
        mixed = first != wanted and first != second
        holds(mixed, looked_at, "another order in each pass", "the same, or that of the text")


def test_dataloader__what_is_not_given_is_as_in_the_first_line(student):
    right_data(student, "GPTDatasetV1")
    text = letters(1220)
    loader = student.call("create_dataloader_v1", text)
    found = batches_of(student, loader, 256, "create_dataloader_v1(text)")
    wanted = windows_of(ids_of(text), 256, 128)
    expect.equal(sizes_of(found), [4, 4], looked_at="windows in each batch, of 8 and no settings")
    expect.equal(sorted(rows_of(found)), wanted, looked_at="its windows, in any order")


def test_dataloader__last_batch_kept_or_not(student):
    for drop_last, wanted in ((True, [4, 4]), (False, [4, 4, 3])):
        found = a_pass(
            student, letters(34), "11 windows", batch_size=4, max_length=3, stride=3,
            shuffle=False, drop_last=drop_last,
        )  # fmt: skip
        looked_at = f"windows in each batch, of 11, batch_size 4, drop_last {drop_last}"
        expect.equal(sizes_of(found), wanted, looked_at=looked_at)


def test_dataloader__reads_the_global_tokenizer(student):
    text = letters(9)
    for lift in (3000, 20):
        right_data(student, "GPTDatasetV1", lift=lift)
        loader = student.call(
            "create_dataloader_v1", text, batch_size=2, max_length=4, stride=4, shuffle=False
        )
        found = batches_of(student, loader, 4, "two windows")
        wanted = windows_of(ids_of(text, lift), 4, 4)
        expect.equal(rows_of(found), wanted, looked_at="the ids, of another global tokenizer")


def test_dataloader__as_many_workers_as_asked_for(student):
    right_data(student, "GPTDatasetV1")
    for wanted in (0, 1):
        loader = student.call(
            "create_dataloader_v1", letters(20), batch_size=2, max_length=3, stride=3,
            num_workers=wanted,
        )  # fmt: skip
        found = student.attr(made(loader, "create_dataloader_v1"), "num_workers")
        expect.equal(found, wanted, looked_at=f"num_workers of the loader, num_workers={wanted}")


# loaders


def both_loaders(student: Any, text: str, share: float, B: int, L: int) -> list[Handle]:
    right_data(student, "GPTDatasetV1", "create_dataloader_v1")
    looked_at = f"make_loaders(text, {share}, {B}, {L})"
    found = pieces(student.call("make_loaders", text, share, B, L), 2, looked_at)
    return [made(loader, looked_at) for loader in found]


def both_passes(student: Any, text: str, share: float, B: int, L: int) -> list[list[Batch]]:
    """The batches of training and of validation."""
    loaders = both_loaders(student, text, share, B, L)
    looked_at = f"make_loaders(text of {len(text)}, {share}, batch_size {B}, max_length {L})"
    names = ("training", "validation")
    return [
        batches_of(student, loader, L, f"{looked_at}, {name}")
        for name, loader in zip(names, loaders, strict=True)
    ]


@core
def test_loaders__the_windows_of_both_parts(student):
    for count, share, B, L in ((106, 0.6, 3, 4), (93, 0.8, 4, 3)):
        text = letters(count)
        at = int(share * count)
        train, val = both_passes(student, text, share, B, L)
        expect.equal(
            rows_of(val),
            windows_of(ids_of(text[at:]), L, L),
            looked_at=f"the windows of validation: {count} characters, share {share}",
        )
        every = windows_of(ids_of(text[:at]), L, L)
        found = rows_of(train)
        kept = len(every) // B * B
        expect.equal(len(found), kept, looked_at=f"how many of {len(every)} windows, batch {B}")
        others = [row for row in found if row not in every]
        different = len({str(row) for row in found})
        holds(
            not others and different == kept,
            f"the windows of training: {count} characters, share {share}",
            f"{kept} of those of the first {at} characters, max_length apart",
            f"{different} different ones, {len(others)} of them others",
        )


def test_loaders__no_token_is_in_both(student):
    train, val = both_passes(student, letters(75), 0.64, 2, 3)
    ids = [{i for xb, yb in part for i in (*xb.flatten().tolist(), *yb.flatten().tolist())}
           for part in (train, val)]  # fmt: skip
    holds(bool(ids[0] and ids[1]), "the tokens of both parts", "some in each", "none in one")
    expect.equal(len(ids[0] & ids[1]), 0, looked_at="how many tokens both parts share")


def test_loaders__no_window_overlaps_another(student):
    for part in both_passes(student, letters(101), 0.5, 2, 6):
        inputs = [i for xb, _ in part for i in xb.flatten().tolist()]
        expect.equal(len(inputs), len(set(inputs)), looked_at="tokens in windows, each once")
        expect.equal(len(inputs), 8 * 6, looked_at="how many tokens are in windows")


def test_loaders__training_is_shuffled_and_validation_is_not(student):
    text = letters(160)
    loaders = both_loaders(student, text, 0.5, 3, 2)
    student.set(tokenizer=None)  # all was read when they were made
    passes = [
        [rows_of(batches_of(student, loader, 2, "a pass")) for _ in range(2)] for loader in loaders
    ]
    mixed = passes[0][0] != passes[0][1] and passes[0][0] != sorted(passes[0][0])
    holds(mixed, "two passes through training", "two orders", "the same, or that of the text")
    for found in passes[1]:
        expect.equal(found, sorted(found), looked_at="validation: the windows in their order")


def test_loaders__full_batches_and_all_that_is_left(student):
    for count, share, B, L, sizes in (
        (60, 0.5, 4, 4, ([4], [4, 3])),
        (60, 0.5, 7, 3, ([7], [7, 2])),
        (64, 0.75, 5, 5, ([5], [3])),
    ):
        found = both_passes(student, letters(count), share, B, L)
        for name, part, wanted in zip(("training", "validation"), found, sizes, strict=True):
            looked_at = f"windows in each batch of {name}: batch_size {B}, max_length {L}"
            expect.equal(sizes_of(part), wanted, looked_at=looked_at)


def test_loaders__cut_at_the_whole_part_of_the_share(student):
    for count, share in ((41, 0.7), (39, 0.25), (29, 0.9)):
        _, val = both_passes(student, letters(count), share, 1, 1)
        first = rows_of(val)[0][0] if rows_of(val) else None
        at = int(share * count)
        expect.equal(
            first,
            ids_of(letters(count)[at : at + 1]),
            looked_at=f"the first token of validation: {count} characters, share {share}",
        )


def test_loaders__the_cut_counts_characters(student):
    text = END + letters(31)  # 44 characters, 32 tokens
    _, val = both_passes(student, text, 0.7, 1, 1)
    first = rows_of(val)[0][0] if rows_of(val) else None
    where = "the first token of validation: a text of 44 characters and 32 tokens, share 0.7"
    expect.equal(first, ids_of(text[30:31]), looked_at=where)


# loss_batch


def asked(student: Any, model: Handle) -> None:
    """How the model was asked: not judged here, it tells mistakes apart."""
    for name in ("asked", "modes", "recorded"):
        student.attr(model, name)


@core
def test_loss_batch__the_mean_over_all_tokens(student):
    for B, T, V in ((3, 5, 7), (4, 2, 11)):
        weight, bias = torch.randn(V, V) * 2, torch.randn(V)
        model = a_table(student, weight, bias)
        xb, yb = some_batches(1, B, T, V)[0]
        found = student.call("calc_loss_batch", xb, yb, model, "cpu")
        asked(student, model)
        looked_at = f"calc_loss_batch of {B} windows of {T} tokens, {V} scores each"
        expect.close(
            a_number(found, looked_at), loss_of(weight + bias, xb, yb), looked_at=looked_at
        )


def test_loss_batch__scores_alike_cost_ln_v(student):
    for B, T, V in ((2, 6, 5), (3, 4, 9)):
        model = a_table(student, torch.full((V, V), 3.0))
        found = student.call("calc_loss_batch", *some_batches(1, B, T, V)[0], model, "cpu")
        looked_at = f"the loss where all {V} scores are alike, {(B, T)}"
        expect.close(a_number(found, looked_at), math.log(V), looked_at=looked_at)


def test_loss_batch__a_sure_model_pays_nothing_where_it_is_right(student):
    V = 6
    model = a_table(student, torch.eye(V).roll(1, dims=1) * 50)  # after i comes i + 1
    xb = torch.randint(V, (3, 4))
    for turn, wanted in ((1, 0.0), (2, 50.0)):
        found = student.call("calc_loss_batch", xb, (xb + turn) % V, model, "cpu")
        looked_at = f"the loss of a model that is sure of i + 1, where i + {turn} follows"
        expect.close(a_number(found, looked_at), wanted, looked_at=looked_at, tol=1e-4)


def test_loss_batch__each_token_counts_the_same(student):
    B, T, V = 2, 3, 8
    model = a_table(student, torch.randn(V, V) * 2)
    xb, yb = some_batches(1, B, T, V)[0]
    whole = student.call("calc_loss_batch", xb, yb, model, "cpu")
    single = [
        a_number(
            student.call("calc_loss_batch", xb[b : b + 1, t : t + 1].clone(),
                         yb[b : b + 1, t : t + 1].clone(), model, "cpu"),
            "the loss of one token",
        )
        for b in range(B) for t in range(T)
    ]  # fmt: skip
    expect.close(
        a_number(whole, "the loss of six tokens"),
        sum(single) / len(single),
        looked_at="the loss of a batch: the mean of those of its tokens alone",
    )


SLOPES = """
loss = calc_loss_batch(xb, yb, model, "cpu")
loss.backward()
tuple(loss.shape), model.table.weight.grad
"""


def test_loss_batch__a_scalar_with_its_graph(student):
    B, T, V = 3, 4, 6
    weight = torch.randn(V, V)
    xb, yb = some_batches(1, B, T, V)[0]
    found = student.run(SLOPES, xb=xb, yb=yb, model=a_table(student, weight))
    shape, slope = pieces(found, 2, "the loss")
    expect.equal(shape, (), looked_at="the shape of the loss")
    weight.requires_grad_()
    F.cross_entropy(weight[xb.flatten()], yb.flatten()).backward()
    expect.close(slope, weight.grad, looked_at="the gradient that backward gives")


def test_loss_batch__leaves_batch_and_model_as_they_are(student):
    V = 7
    model = a_table(student, torch.randn(V, V), dropout=0.5)
    for mode in ("train", "eval"):
        student.call(mode, on=model)
        xb, yb = some_batches(1, 3, 5, V)[0]
        student.call("calc_loss_batch", xb, yb, model, "cpu")
        expect.equal(student.args[:2], [xb, yb], looked_at="both batches afterwards")
        looked_at = f"model.training afterwards, before it was {mode}"
        expect.equal(student.attr(model, "training"), mode == "train", looked_at=looked_at)
    found = student.attr(model, "modes")
    expect.equal(found, [True, False], looked_at="model.training while it was asked")
    found = student.attr(model, "backwards")
    expect.equal(found, 0, looked_at="how often backward ran: that is the caller's")


TURNED = 'calc_loss_batch(xb.t(), yb.t(), model, "cpu")'


def test_loss_batch__any_order_in_memory(student):
    B, T, V = 4, 6, 5
    weight = torch.randn(V, V)
    xb, yb = some_batches(1, T, B, V)[0]
    found = student.run(TURNED, xb=xb, yb=yb, model=a_table(student, weight))
    looked_at = "the loss of batches that are not contiguous in memory"
    expect.close(a_number(found, looked_at), loss_of(weight, xb, yb), looked_at=looked_at)


ON_META = """
loss = calc_loss_batch(xb, yb, model.to("meta"), "meta")
loss.device.type
"""


def test_loss_batch__both_go_to_the_device(student):
    xb, yb = some_batches(1, 2, 3, 5)[0]
    found = student.run(ON_META, xb=xb, yb=yb, model=a_table(student, torch.zeros(5, 5)))
    expect.equal(found, "meta", looked_at="the device of the loss, device='meta'")


# loss_loader


def known_rows(count: int, T: int, V: int) -> tuple[torch.Tensor, Batch]:
    """Scores, and rows whose loss grows from the first to the last."""
    weight = torch.zeros(V, V)
    weight[:, 0] = 2.0
    x, y = some_batches(1, count, T, V)[0]
    late = torch.rand(count, T) < torch.linspace(0, 1, count)[:, None]
    return weight + torch.randn(V, V) * 0.3, (x, y * late)


def loader_loss(student: Any, count: int, B: int, *batches: int | None) -> tuple[Any, Any]:
    """What calc_loss_loader gives, and what it is to give: of so many batches of B windows."""
    V, T = 9, 4
    weight, (x, y) = known_rows(count, T, V)
    use_right(student, RIGHT_LOSSES, "calc_loss_batch")
    model, loader = a_table(student, weight), a_loader(student, x, y, B)
    found = student.call("calc_loss_loader", loader, model, "cpu", *batches)
    asked(student, model)
    seen = count if not batches or batches[0] is None else min(count, batches[0] * B)
    return found, loss_of(weight, x[:seen], y[:seen]) if seen else math.nan


@core
def test_loss_loader__the_mean_over_all_tokens(student):
    for count, B in ((7, 3), (11, 5), (8, 4)):
        found, wanted = loader_loss(student, count, B)
        looked_at = f"the loss of {count} windows in batches of {B}"
        expect.close(a_number(found, looked_at), wanted, looked_at=looked_at)


@core
def test_loss_loader__of_the_first_batches(student):
    for count, B, batches in ((12, 3, 2), (12, 3, 1), (9, 4, 3)):
        found, wanted = loader_loss(student, count, B, batches)
        looked_at = f"the loss of the first {batches} batches of {B}, of {count} windows"
        expect.close(a_number(found, looked_at), wanted, looked_at=looked_at)


def test_loss_loader__more_batches_than_there_are(student):
    for count, B, batches in ((8, 4, 5), (7, 3, 100)):
        found, wanted = loader_loss(student, count, B, batches)
        looked_at = f"num_batches={batches}, {count} windows in batches of {B}"
        expect.close(a_number(found, looked_at), wanted, looked_at=looked_at)


def test_loss_loader__none_means_all(student):
    found, wanted = loader_loss(student, 10, 4, None)
    expect.close(a_number(found, "num_batches=None"), wanted, looked_at="num_batches=None: all")


def test_loss_loader__nan_where_there_is_nothing(student):
    for count, batches in ((0, ()), (0, (2,)), (6, (0,))):
        found, _ = loader_loss(student, count, 3, *batches)
        value = expect.number(found)
        holds(
            value is not None and math.isnan(value),
            f"the loss of {count} windows, num_batches {batches or 'not given'}",
            "nan",
            expect.describe(found),
        )


def test_loss_loader__a_plain_float(student):
    for batches in ((), (2,)):
        found, _ = loader_loss(student, 9, 2, *batches)
        a_float(found, "what calc_loss_loader returns")


def test_loss_loader__asks_the_model_no_more_than_it_needs(student):
    use_right(student, RIGHT_LOSSES, "calc_loss_batch")
    x, y = some_batches(1, 11, 3, 5)[0]
    for batches, wanted in ((2, [[4, 3]] * 2), (None, [[4, 3], [4, 3], [3, 3]])):
        model, loader = a_table(student, torch.zeros(5, 5)), a_loader(student, x, y, 4)
        student.call("calc_loss_loader", loader, model, "cpu", batches)
        found = student.attr(model, "asked")
        expect.equal(found, wanted, looked_at=f"batches that the model saw, num_batches={batches}")


# perplexity


def perplexities(student: Any, losses: Iterable[float]) -> list[float]:
    return [a_number(student.call("perplexity", x), f"perplexity({x:.4g})") for x in losses]


@core
def test_perplexity__against_numpy(student):
    losses = [0.1, 0.75, 1.0, 2.3, 5.5, 10.9]
    found = perplexities(student, losses)
    expect.close(torch.tensor(found), torch.from_numpy(np.exp(losses)), looked_at="perplexities")


def test_perplexity__of_tokens_all_alike_is_their_number(student):
    sizes = [2, 65, 1000, 50257]
    for V, found in zip(sizes, perplexities(student, map(math.log, sizes)), strict=True):
        expect.close(found, V, looked_at=f"perplexity(ln {V})")


def test_perplexity__of_a_sure_model_is_1(student):
    expect.close(perplexities(student, [0.0])[0], 1.0, looked_at="perplexity(0.0)")


def test_perplexity__losses_add_and_perplexities_multiply(student):
    a, b, both = perplexities(student, [1.3, 2.9, 1.3 + 2.9])
    expect.close(both, a * b, looked_at="perplexity(1.3 + 2.9), by those of 1.3 and 2.9")


def test_perplexity__a_plain_float(student):
    a_float(student.call("perplexity", 1.7), "what perplexity returns")


# evaluate

LOOK = """
import torch

try:
    found = evaluate_model(model, train_loader, val_loader, "cpu", eval_iter)
    found = found, torch.is_grad_enabled()
finally:
    torch.set_grad_enabled(True)

found
"""


def looked(
    student: Any, eval_iter: int | None = 2, dropout: float = 0.0
) -> tuple[Any, Handle, bool, list[float], torch.Tensor]:
    """What evaluate_model gives, its model, whether torch still records, what it is to give.

    And the model's table.
    """
    V, T, B = 8, 3, 2
    use_right(student, RIGHT_LOSSES, "calc_loss_batch", "calc_loss_loader")
    weight, loaders, wanted = torch.randn(V, V), [], []
    for count in (9, 7):
        x, y = some_batches(1, count, T, V)[0]
        loaders.append(a_loader(student, x, y, B))
        seen = count if eval_iter is None else min(count, eval_iter * B)
        wanted.append(loss_of(weight, x[:seen], y[:seen]))
    model = a_table(student, weight, dropout=dropout)
    train, val = loaders
    found, recording = pieces(
        student.run(LOOK, model=model, train_loader=train, val_loader=val, eval_iter=eval_iter),
        2,
        "a look at both losses",
    )
    asked(student, model)
    return found, model, recording, wanted, weight


def two_losses(found: Any) -> list[float]:
    looked_at = "evaluate_model(…)"
    return [a_number(loss, looked_at) for loss in pieces(found, 2, looked_at)]


@core
def test_evaluate__both_losses(student):
    for eval_iter in (1, 3):
        found, _, _, wanted, _ = looked(student, eval_iter)
        for name, loss, right in zip(
            ("training", "validation"), two_losses(found), wanted, strict=True
        ):
            expect.close(loss, right, looked_at=f"the {name} loss of {eval_iter} batches")


def test_evaluate__without_dropout(student):
    found, _, _, wanted, _ = looked(student, 4, dropout=0.6)
    expect.close(two_losses(found)[0], wanted[0], looked_at="the training loss, dropout 0.6")
    expect.close(two_losses(found)[1], wanted[1], looked_at="the validation loss, dropout 0.6")


def test_evaluate__the_model_trains_on(student):
    for _ in range(2):
        _, model, _, _, _ = looked(student, 2, dropout=0.1)
        expect.equal(student.attr(model, "training"), True, looked_at="model.training afterwards")


def test_evaluate__records_no_graph(student):
    _, model, _, _, _ = looked(student, 2)
    found = student.attr(model, "recorded")
    holds(
        isinstance(found, list) and len(found) > 0 and not any(found),
        "whether torch recorded while the model was asked",
        "never",
        expect.describe(found),
    )


def test_evaluate__torch_records_again_afterwards(student):
    _, _, recording, _, _ = looked(student, 1)
    expect.equal(recording, True, looked_at="torch.is_grad_enabled() afterwards")


def test_evaluate__of_eval_iter_batches_each(student):
    for eval_iter, wanted in ((2, 4), (3, 6), (None, 9)):
        _, model, _, _, _ = looked(student, eval_iter)
        found = student.attr(model, "asked")
        count = len(found) if isinstance(found, list) else found
        expect.equal(count, wanted, looked_at=f"batches that it saw, eval_iter={eval_iter}")


def test_evaluate__learns_nothing(student):
    found, model, _, _, weight = looked(student, 2)
    expect.close(weights_of(student, model)["table.weight"], weight, looked_at="the weights")
    for loss in pieces(found, 2, "evaluate_model(…)"):
        a_float(loss, "what evaluate_model returns")


# train_step


def descended(
    weight: torch.Tensor, bias: torch.Tensor, batches: list[Batch], lr: float, longest: float = 0.0
) -> tuple[list[float], torch.Tensor, torch.Tensor]:
    """Losses, table and bias of gradient descent, with gradients no longer than `longest`."""
    losses = []
    for xb, yb in batches:
        weight, bias = (p.detach().clone().requires_grad_() for p in (weight, bias))
        loss = F.cross_entropy((weight + bias)[xb.flatten()], yb.flatten())
        slopes = torch.autograd.grad(loss, (weight, bias))
        length = sum(float((slope * slope).sum()) for slope in slopes) ** 0.5
        share = longest / length if 0 < longest < length else 1.0
        weight, bias = weight - lr * share * slopes[0], bias - lr * share * slopes[1]
        losses.append(loss.item())
    return losses, weight.detach(), bias.detach()


def stepped(
    student: Any, batches: list[Batch], V: int, lr: float, *max_norm: float | None
) -> tuple[list, list, tuple]:
    """Losses and weights (table, bias) after a step on each batch; those that are right."""
    use_right(student, RIGHT_LOSSES, "calc_loss_batch")
    weight, bias = torch.randn(V, V), torch.randn(V)
    model = a_table(student, weight, bias)
    optimizer = an_optimizer(student, model, lr)
    losses = [student.call("train_step", model, optimizer, *pair, *max_norm) for pair in batches]
    for of, name in ((optimizer, "noted"), (model, "backwards"), (model, "asked")):
        student.attr(of, name)  # these are not judged: they tell mistakes apart
    state = weights_of(student, model)
    student.grad(model)
    longest = max_norm[0] if max_norm else None
    wanted = descended(weight, bias, batches, lr, longest or 0.0)
    return losses, [state.get("table.weight"), state.get("bias")], wanted


@core
def test_train_step__losses_and_weights_of_three_steps(student):
    batches = some_batches(3, 2, 5, 6)
    found, after, (losses, *wanted) = stepped(student, batches, 6, 1.5)
    numbers = [a_number(loss, "train_step(model, optimizer, xb, yb)") for loss in found]
    expect.close(numbers[0], losses[0], looked_at="the loss that the first step returns")
    for name, part, right in zip(("table", "bias"), after, wanted, strict=True):
        expect.close(part, right, looked_at=f"the {name} after three steps of gradient descent")
    expect.close(torch.tensor(numbers), torch.tensor(losses), looked_at="the three losses")


@core
def test_train_step__all_gradients_together_no_longer_than_max_norm(student):
    batches = some_batches(2, 3, 4, 5)
    for max_norm in (0.05, 0.2):
        found, after, (losses, *wanted) = stepped(student, batches, 5, 2.0, max_norm)
        for name, part, right in zip(("table", "bias"), after, wanted, strict=True):
            looked_at = f"the {name} after two steps, max_norm={max_norm}"
            expect.close(part, right, looked_at=looked_at, tol=2e-5)
        expect.close(
            torch.tensor([a_number(loss, "the loss") for loss in found]),
            torch.tensor(losses),
            looked_at=f"the losses of two steps, max_norm={max_norm}",
        )


def test_train_step__short_gradients_stay_as_they_are(student):
    batches = some_batches(2, 4, 3, 5)
    for max_norm in ((50.0,), (None,)):
        _, after, (_, *wanted) = stepped(student, batches, 5, 1.0, *max_norm)
        for name, part, right in zip(("table", "bias"), after, wanted, strict=True):
            looked_at = f"the {name} after two steps, max_norm={max_norm[0]}"
            expect.close(part, right, looked_at=looked_at)


def test_train_step__long_gradients_are_cut_where_max_norm_says_so(student):
    V = 4
    weight, bias = torch.eye(V) * 30, torch.zeros(V)
    xb = torch.zeros(3, 5, dtype=torch.int64)
    batches = [(xb, xb + 1)]  # a length of 2: both slopes are -1 and 1
    for max_norm in ((), (0.5,), (1.5,)):
        use_right(student, RIGHT_LOSSES, "calc_loss_batch")
        model = a_table(student, weight, bias)
        optimizer = an_optimizer(student, model, 1.0)
        student.call("train_step", model, optimizer, *batches[0], *max_norm)
        _, wanted, _ = descended(weight, bias, batches, 1.0, *max_norm)
        found = weights_of(student, model).get("table.weight")
        looked_at = f"the table after a step, max_norm {max_norm or 'not given'}, gradients of 2"
        expect.close(found, wanted, looked_at=looked_at)


def test_train_step__the_second_step_forgets_the_first(student):
    use_right(student, RIGHT_LOSSES, "calc_loss_batch")
    (xa, ya), (xb, yb) = some_batches(2, 3, 4, 6)
    model = a_table(student, torch.randn(6, 6))
    optimizer = an_optimizer(student, model, 1.0)
    student.call("train_step", model, optimizer, xa, ya)
    state = weights_of(student, model)
    student.call("train_step", model, optimizer, xb, yb)
    found = floats(weights_of(student, model).get("table.weight"), (6, 6), "the table")
    _, wanted, _ = descended(state["table.weight"], state["bias"], [(xb, yb)], 1.0)
    expect.close(found, wanted, looked_at="the table after a second batch")
    moved = float((found - state["table.weight"]).abs().max())
    holds(moved > 1e-4, "the table after a second batch", "moved", f"moved by {moved:.2g}")


BY_HEART = """
import torch

optimizer = torch.optim.AdamW(model.parameters(), lr=0.3)
[step(model, optimizer, xb, yb, 1.0) for _ in range(60)][-1]
"""


def test_train_step__learns_one_batch_by_heart(student):
    use_right(student, RIGHT_LOSSES, "calc_loss_batch")
    idx = torch.arange(10).view(2, 5) % 5
    model = a_table(student, torch.randn(5, 5))
    names = {"model": model, "xb": idx, "yb": (idx * 3 + 1) % 5}
    found = student.run(BY_HEART, step=student.get("train_step"), **names)
    found = a_number(found, "the loss after 60 calls on one batch")
    holds(
        found < 0.02,
        "the loss after 60 calls on one batch",
        "below 0.02: each token here has one successor",
        f"{found:.3f}",
    )


def test_train_step__in_the_mode_in_which_the_model_is(student):
    use_right(student, RIGHT_LOSSES, "calc_loss_batch")
    model = a_table(student, torch.randn(5, 5), dropout=0.5)
    for pair in some_batches(2, 4, 3, 5):
        student.call("train_step", model, an_optimizer(student, model, 0.1), *pair)
    modes = [*student.attr(model, "modes"), student.attr(model, "training")]
    looked_at = "model.training while it was asked and afterwards, before it was True"
    holds(len(modes) > 2 and all(modes), looked_at, "True", expect.describe(modes))


def test_train_step__returns_a_plain_number(student):
    use_right(student, RIGHT_LOSSES, "calc_loss_batch")
    model = a_table(student, torch.zeros(7, 7))
    xb, yb = some_batches(1, 4, 3, 7)[0]
    found = student.call("train_step", model, an_optimizer(student, model, 0.1), xb, yb)
    after = argument(student, 2), argument(student, 3)
    a_float(found, "what train_step returns")
    expect.close(found, math.log(7), looked_at="the first loss where all scores are 0")
    expect.equal(after, (xb, yb), looked_at="xb and yb afterwards")


# train

# Right parts for train_model_simple, which note what they were asked, in order.
RIGHT_TRAINING = """
import torch
from torch.nn import functional as F

torch.set_grad_enabled(True)  # whatever an answer before this one left

class Notes:
    def __init__(self):
        self.order, self.modes, self.samples, self.looked_at = [], [], [], []
        self.limits = []

notes = Notes()

def train_step(model, optimizer, xb, yb, max_norm=None):
    notes.order.append("step")
    notes.modes.append(model.training)
    notes.limits.append(max_norm)
    loss = F.cross_entropy(model(xb).transpose(1, 2), yb)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return float(loss.detach())

def calc_loss_loader(data_loader, model, device, num_batches=None):
    total, count = 0.0, 0
    for place, (xb, yb) in enumerate(data_loader):
        if num_batches is None or place < num_batches:
            loss = F.cross_entropy(model(xb).transpose(1, 2), yb, reduction="sum")
            total, count = total + loss.item(), count + yb.numel()
    return total / count if count else float("nan")

def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    notes.order.append("look")
    notes.looked_at.append([len(train_loader.dataset), len(val_loader.dataset)])
    model.eval()
    with torch.no_grad():
        found = [calc_loss_loader(of, model, device, eval_iter)
                 for of in (train_loader, val_loader)]
    model.train()
    return tuple(found)

def print_sample(*given, **named):
    notes.order.append("sample")
    given = [*given, *(named[name] for name in ("model", "tokenizer", "device", "start_context")
                       if name in named)]
    given[0].eval()  # and leaves it there, as that of the lab
    notes.samples.append([x if isinstance(x, str) else type(x).__name__ for x in given])

notes, {"train_step": train_step, "evaluate_model": evaluate_model, "print_sample": print_sample,
        "calc_loss_loader": calc_loss_loader}
"""


A_COUNTED_LOADER = """
from torch.utils.data import DataLoader, TensorDataset

class Counted(DataLoader):
    passes = 0

    def __iter__(self):
        self.passes += 1
        return super().__iter__()

Counted(TensorDataset(x, y), batch_size)
"""


class Course:
    """One call of train_model_simple on known data, with right parts; and what it is to give."""

    V, T, B, lr = 6, 3, 2, 3.0

    def __init__(
        self, student: Any, epochs: int, freq: int, iters: int | None = 2, train: int = 7,
        mode: str = "train",
    ) -> None:  # fmt: skip
        self.notes, right = pieces(student.run(RIGHT_TRAINING), 2, "right parts")
        student.set(**right)
        self.weight, self.bias = torch.randn(self.V, self.V), torch.randn(self.V)
        self.rows = [some_batches(1, count, self.T, self.V)[0] for count in (train, 5)]
        self.epochs, self.freq, self.iters = epochs, freq, iters
        model = self.model = a_table(student, self.weight, self.bias)
        student.call(mode, on=model)
        loaders = [
            made(student.run(A_COUNTED_LOADER, x=x, y=y, batch_size=self.B), "a loader")
            for x, y in self.rows
        ]
        optimizer = an_optimizer(student, model, self.lr)
        tok = a_tokenizer(student)
        given = (*loaders, optimizer, "cpu", epochs, freq, iters, "Every effort", tok)
        self.found = student.call("train_model_simple", model, *given)
        self.order, self.samples, self.modes = (
            student.attr(self.notes, name) for name in ("order", "samples", "modes")
        )
        student.attr(self.notes, "looked_at")  # not judged: it tells mistakes apart
        self.after = weights_of(student, model)
        self.passes = student.attr(loaders[0], "passes")
        self.limits = student.attr(self.notes, "limits")

    def batches(self) -> list[Batch]:
        """Those of one epoch."""
        x, y = self.rows[0]
        return [(x[at : at + self.B], y[at : at + self.B]) for at in range(0, len(x), self.B)]

    def right(self) -> tuple[list, list, list, torch.Tensor]:
        """Both losses and the tokens at each look, and the table at the end."""
        weight, bias, looks, tokens = self.weight, self.bias, [], 0
        for step, pair in enumerate(self.batches() * self.epochs):
            _, weight, bias = descended(weight, bias, [pair], self.lr)
            tokens += pair[0].numel()
            if step % self.freq == 0:
                kept = [len(x) if self.iters is None else self.iters * self.B for x, _ in self.rows]
                losses = (
                    loss_of(weight + bias, x[:most], y[:most])
                    for most, (x, y) in zip(kept, self.rows, strict=True)
                )
                looks.append((*losses, tokens))
        train, val, seen = ([look[n] for look in looks] for n in range(3))
        return train, val, seen, weight

    def lists(self) -> list[list]:
        """The three lists that came back."""
        found = pieces(self.found, 3, "train_model_simple(…)")
        for one in found:
            right = isinstance(one, list)
            holds(right, "train_model_simple(…)", "three lists", expect.kind_of(one))
        return found


@core
def test_train__both_losses_at_each_look(student):
    for epochs, freq, iters in ((2, 3, 2), (3, 5, 1)):
        run = Course(student, epochs, freq, iters)
        wanted, found = run.right(), run.lists()
        for name, part, right in zip(("training", "validation"), found, wanted, strict=False):
            looked_at = f"the {name} losses: {epochs} epochs of 4 steps, eval_freq {freq}"
            expect.equal(len(part), len(right), looked_at=f"{looked_at}: how many")
            numbers = torch.tensor([a_number(loss, looked_at) for loss in part])
            expect.close(numbers, torch.tensor(right), looked_at=looked_at, tol=1e-4)


def test_train__tokens_seen_at_each_look(student):
    for epochs, freq in ((2, 1), (3, 2)):
        run = Course(student, epochs, freq)
        wanted, found = run.right()[2], run.lists()[2]
        looked_at = f"tokens_seen: {epochs} epochs, batches of 6, 6, 6 and 3, eval_freq {freq}"
        expect.equal(plain(found), wanted, looked_at=looked_at)


def test_train__one_step_a_batch_in_each_epoch(student):
    run = Course(student, 3, 100)
    expect.equal(run.order.count("step"), 12, looked_at="steps in 3 epochs of 4 batches")
    table = floats(run.after.get("table.weight"), (6, 6), "the weights")
    expect.close(table, run.right()[3], looked_at="the weights after 3 epochs", tol=1e-4)


def test_train__the_loader_is_gone_through_anew_in_each_epoch(student):
    run = Course(student, 3, 100)  # and once for a look
    looked_at = "passes through the training loader, 3 epochs and a look"
    holds(run.passes >= 4, looked_at, "4", str(run.passes))


def test_train__no_step_has_a_limit(student):
    run = Course(student, 2, 3)
    expect.equal(set(run.limits), {None}, looked_at="max_norm of each step")


def test_train__a_look_comes_after_its_step(student):
    order = Course(student, 2, 3).order
    found = [what for what in order if what != "sample"]
    wanted = ["step", "look", *["step"] * 3, "look", *["step"] * 3, "look", "step"]
    expect.equal(found, wanted, looked_at="steps and looks, 2 epochs of 4 batches, eval_freq 3")


def test_train__a_sample_after_each_epoch(student):
    run = Course(student, 3, 100, train=4)
    found = [what for what in run.order if what != "look"]
    expect.equal(found, ["step", "step", "sample"] * 3, looked_at="steps and samples")
    wanted = [["Table", "StandInTokenizer", "cpu", "Every effort"]] * 3
    expect.equal(run.samples, wanted, looked_at="what print_sample was given")


def test_train__without_an_epoch_nothing_happens(student):
    run = Course(student, 0, 1)
    expect.equal(run.lists(), [[], [], []], looked_at="the three lists of no epochs")
    expect.equal(run.order, [], looked_at="what was asked for")


def test_train__in_training_mode(student):
    run = Course(student, 2, 3, mode="eval")
    holds(
        len(run.modes) == 8 and all(run.modes),
        "model.training at each step, of a model that came in evaluation mode",
        "True at all 8",
        expect.describe(run.modes),
    )


def test_train__looks_at_all_batches_where_eval_iter_says_so(student):
    run = Course(student, 1, 2, iters=None)
    wanted, found = run.right(), run.lists()
    for part, right in zip(found[:2], wanted, strict=False):
        numbers = torch.tensor([a_number(loss, "a loss") for loss in part])
        expect.close(numbers, torch.tensor(right), looked_at="losses, eval_iter=None", tol=1e-4)


# plot

# Runs plot_losses in a folder of its own, and says what it drew and wrote. A figure is looked at
# where it stands, so nothing is shown or closed meanwhile; what is shown is the current picture
# no more. save: write the file, which takes long.
DRAWN = """
import os
import tempfile
import matplotlib.figure
import matplotlib.pyplot as pyplot
from matplotlib.ticker import FixedLocator

def described(axes):
    legends = [axes.get_legend()] if axes.get_legend() else []
    set_by_hand = isinstance(axes.xaxis.get_major_locator(), FixedLocator)
    return {
        "lines": [[[float(x) for x in line.get_xdata()], [float(y) for y in line.get_ydata()],
                   str(line.get_label())] for line in axes.get_lines()],
        "limits": [float(x) for x in axes.get_xlim()],
        "names": [axes.get_xlabel(), axes.get_ylabel()],
        "legend": [text.get_text() for of in legends for text in of.get_texts()],
        "ticks": [text.get_text() for text in axes.get_xticklabels()] if set_by_hand else [],
        "legends": len(legends),
        "above": axes.xaxis.get_ticks_position() == "top",
    }

known = pyplot.show, pyplot.close, matplotlib.figure.Figure.savefig, os.getcwd(), pyplot.savefig
before, written, shown = set(pyplot.get_fignums()), [], []

def late(name, *given, **named):
    if not shown:
        return known[4](name, *given, **named)
    return matplotlib.figure.Figure().savefig(name, *given, **named)  # a notebook's show closes

def noted(figure, name, *given, **named):
    counts = [len(axes.get_lines()) for axes in figure.axes]
    written.append([str(name), sum(counts)])
    return known[2](figure, name, *given, **named) if save else None

with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    pyplot.close = lambda *given, **named: None
    pyplot.show, pyplot.savefig = lambda *given, **named: shown.append(True), late
    matplotlib.figure.Figure.savefig = noted
    try:
        plot_losses(epochs_seen, tokens_seen, train_losses, val_losses)
        files = {}
        for name in sorted(os.listdir(folder)):
            with open(name, "rb") as file:
                files[name] = file.read(5)
    finally:
        pyplot.show, pyplot.close, matplotlib.figure.Figure.savefig = known[:3]
        pyplot.savefig = known[4]
        os.chdir(known[3])
        figures = [pyplot.figure(n) for n in pyplot.get_fignums() if n not in before]
        drawn = []
        for figure in figures:
            every = [part for axes in figure.axes for part in (axes, *axes.child_axes)]
            if len(every) > len(figure.axes):
                figure.canvas.draw()  # a second scale of an axis is set only now
            drawn += [described(axes) for axes in every if hasattr(axes, "get_xlim")]
            for legend in figure.legends if drawn else []:
                drawn[-1]["legends"] += 1
                drawn[-1]["legend"] += [text.get_text() for text in legend.get_texts()]
            pyplot.close(figure)

drawn, files, written
"""
LOSSES = {
    "epochs_seen": [0.0, 0.5, 1.0, 1.5, 2.0],
    "tokens_seen": [120, 1120, 2120, 3120, 4120],
    "train_losses": [6.5, 4.0, 3.25, 2.5, 1.75],
    "val_losses": [6.25, 5.0, 4.75, 4.5, 4.625],
}


class Drawn:
    """What plot_losses drew and wrote."""

    def __init__(self, student: Any, save: bool = False, **names: list) -> None:
        given = LOSSES | names
        self.epochs, self.tokens = given["epochs_seen"], given["tokens_seen"]
        self.curves = [given["train_losses"], given["val_losses"]]
        found = student.run(DRAWN, save=save, **given)
        self.axes, self.files, self.written = pieces(found, 3, "plot_losses(…)")
        holds(len(self.axes) > 0, "plot_losses(…)", "a picture", "none")

    def lines(self) -> list[tuple[list, list, str]]:
        """All lines, as places below, losses and labels."""
        return [tuple(line) for axes in self.axes for line in axes["lines"]]

    def over_epochs(self) -> list[str | None]:
        """The labels of both curves drawn over the epochs; None where one is missing."""
        found: list[str | None] = []
        for curve in self.curves:
            at = [line for line in self.lines() if close_lists(line[1], curve)]
            at = [line for line in at if close_lists(line[0], self.epochs)]
            found.append(at[0][2] if at else None)
        return found

    def below(self) -> list[dict]:
        return [axes for axes in self.axes if not axes["above"]]

    def above(self) -> list[dict]:
        return [axes for axes in self.axes if axes["above"]]


def close_lists(found: list, wanted: list) -> bool:
    return len(found) == len(wanted) and bool(np.allclose(found, wanted))


def aligned(above: dict, below: dict, tokens: list, epochs: list) -> bool:
    """Whether each token count of the axis above stands over its epoch, or is written there."""
    written = {text.replace(",", "").strip() for text in above["ticks"]}
    if sum(str(count) in written for count in tokens) >= 2:
        return True
    (low, high), (left, right) = above["limits"], below["limits"]
    if high <= low or right <= left:
        return False
    shares = [(count - low) / (high - low) for count in tokens]
    places = [(epoch - left) / (right - left) for epoch in epochs]
    return bool(np.allclose(shares, places, atol=0.08))


@core
def test_plot__both_losses_over_the_epochs(student):
    epochs, val = [0.0, 1.0, 2.0, 3.0, 4.0], [9.0, 8.0, 7.0, 6.0, 8.5]
    labels = Drawn(student, epochs_seen=epochs, val_losses=val).over_epochs()
    for name, label in zip(("training", "validation"), labels, strict=True):
        looked_at = f"a line of the {name} losses over epochs_seen"
        holds(label is not None, looked_at, "it is drawn", "not found in the picture")


@core
def test_plot__is_written_to_a_file(student):
    drawn = Drawn(student, save=True)
    files = drawn.files
    holds(
        isinstance(files, dict) and files.get("loss-plot.pdf") == b"%PDF-",
        "the folder afterwards",
        "a PDF with the name loss-plot.pdf",
        f"{files}"[:90],
    )
    most = max(
        (count for name, count in drawn.written if name.endswith("loss-plot.pdf")), default=0
    )
    holds(most >= 2, "lines in the picture when it was saved", "both losses", str(most))


def test_plot__tokens_stand_above(student):
    tokens = [500, 700, 900, 1100, 1300]
    drawn = Drawn(student, tokens_seen=tokens)
    holds(bool(drawn.above()), "axes with numbers above", "one", "none")
    right = any(
        aligned(above, below, tokens, drawn.epochs)
        for above in drawn.above()
        for below in drawn.below()
    )
    low, high = drawn.above()[0]["limits"]
    holds(
        right,
        f"the axis above, tokens_seen {tokens}",
        "each number of tokens over its epoch",
        f"it goes from {low:.4g} to {high:.4g}",
    )


def test_plot__lines_can_be_told_apart(student):
    drawn = Drawn(student)
    labels = [label for label in drawn.over_epochs() if label and not label.startswith("_")]
    legend = [text for axes in drawn.axes for text in axes["legend"]]
    holds(len(set(labels)) == 2, "the labels of both lines", "two", f"{labels}"[:60])
    count = sum(axes["legends"] for axes in drawn.axes)
    holds(count > 0, "legends in the picture", "one", "none")
    shown = all(label in legend for label in labels)
    holds(shown, "the legend", "names both lines", f"{legend}"[:60])
    swapped = labels[0].lower().startswith("val") or labels[1].lower().startswith("train")
    holds(not swapped, "the labels of both lines", "each its own loss", f"{labels}"[:60])


def test_plot__each_axis_says_what_it_is(student):
    drawn = Drawn(student)
    below = [axes["names"][0] for axes in drawn.below() if axes["names"][0]]
    above = [axes["names"][0] for axes in drawn.above() if axes["names"][0]]
    losses = [axes["names"][1] for axes in drawn.axes if axes["names"][1]]
    for name, found in (("x below", below), ("x above", above), ("y", losses)):
        holds(bool(found), f"the name of the axis, {name}", "a text", "none")
    holds("oken" in " ".join(above), "the name of the axis above", "tokens", f"{above}"[:60])
    holds("poch" in " ".join(below), "the name of the axis below", "epochs", f"{below}"[:60])


def test_plot__changes_no_list(student):
    Drawn(student)
    found = {name: student.kwargs.get(name) for name in LOSSES}
    expect.equal(found, LOSSES, looked_at="the four lists afterwards")


# groups

# Weights by name, of which the model has none of the same shape twice in one place: which of them
# are in which group, how often, and what else the groups say.
GROUPED = """
import torch

groups = optimizer_groups(model, weight_decay)
names = {id(p): name for name, p in model.named_parameters()}
found = []
for group in groups:
    params = list(group["params"])
    group["params"] = params
    found.append([[names.get(id(p), "?") for p in params],
                  group.get("weight_decay", "none is said")])
found
"""
MODELS = {
    "a GPTModel": """
from gptlab.gpt import GPTModel

GPTModel({"vocab_size": 11, "context_length": 5, "emb_dim": 8, "n_heads": 2, "n_layers": 1,
          "drop_rate": 0.0, "qkv_bias": True})
""",
    "a tied GPTModel": """
from gptlab.gpt import GPTModel

GPTModel({"vocab_size": 7, "context_length": 4, "emb_dim": 6, "n_heads": 3, "n_layers": 2,
          "drop_rate": 0.0, "qkv_bias": False, "tied": True})
""",
    "a model of torch's parts": """
import torch
from torch import nn

nn.Sequential(nn.Embedding(9, 6), nn.LayerNorm(6), nn.Conv1d(6, 4, 3), nn.Linear(4, 9))
""",
}


def shapes_of(student: Any, model: Handle) -> dict[str, int]:
    """How many axes each weight has."""
    found = student.run("{n: p.dim() for n, p in model.named_parameters()}", model=model)
    return dict(found)


def grouped(student: Any, name: str, decay: float) -> tuple[list[list], dict[str, int]]:
    """Names and decay of both groups, and the axes of each weight."""
    model = made(student.run(MODELS[name]), name)
    found = student.run(GROUPED, model=model, weight_decay=decay)
    looked_at = f"optimizer_groups of {name}"
    return [pieces(group, 2, looked_at) for group in pieces(found, 2, looked_at)], shapes_of(
        student, model
    )


def some_names(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)[:3]) or "none"


@core
def test_groups__matrices_first_then_what_has_one_axis(student):
    for name in MODELS:
        found, axes = grouped(student, name, 0.3)
        right = [{n for n, count in axes.items() if (count > 1) is many} for many in (True, False)]
        for place, (group, wanted) in enumerate(zip(found, right, strict=True)):
            names = set(group[0])
            holds(
                names == wanted,
                f"the weights in group {place} of {name}",
                f"{len(wanted)}, as {some_names(wanted)}",
                f"too many: {some_names(names - wanted)}; missing: {some_names(wanted - names)}",
            )


def test_groups__the_first_decays_and_the_second_does_not(student):
    for decay in (0.1, 0.05):
        found, _ = grouped(student, "a GPTModel", decay)
        for (_, said), wanted in zip(found, (decay, 0.0), strict=True):
            looked_at = f"weight_decay of the two groups, weight_decay={decay}"
            expect.close(said, wanted, looked_at=looked_at, tol=1e-9)


def test_groups__every_weight_once(student):
    for name in MODELS:
        found, axes = grouped(student, name, 0.1)
        names = [n for group, _ in found for n in group]
        expect.equal(sorted(names), sorted(axes), looked_at=f"the weights of {name}, all groups")


ADAMW = """
import torch

model = torch.nn.Sequential(torch.nn.Embedding(5, 4), torch.nn.LayerNorm(4), torch.nn.Linear(4, 3))
with torch.no_grad():
    for p in model.parameters():
        p.copy_(torch.rand(p.shape) + 0.5)
        p.grad = torch.zeros(p.shape)
before = [p.detach().clone() for p in model.parameters()]
adam = torch.optim.AdamW(optimizer_groups(model, decay), lr=lr)
adam.step()
[(p.dim(), float((p.detach() / b).mean())) for p, b in zip(model.parameters(), before)]
"""


def test_groups__where_nothing_pulls_only_matrices_shrink(student):
    for decay, lr in ((0.5, 0.1), (0.2, 0.25)):
        found = student.run(ADAMW, decay=decay, lr=lr)
        for axes, share in pieces(found, 5, "what AdamW made of the weights"):
            expect.close(
                share,
                1 - decay * lr if axes > 1 else 1.0,
                looked_at=f"what a step of AdamW leaves of a weight with {axes} axes, gradient 0",
            )


KINDS = """
found = optimizer_groups(model, 0.1)
of = [(type(group).__name__, sorted(group)) for group in found]
type(found).__name__, [kind for kind, _ in of], [keys for _, keys in of]
"""


def test_groups__a_list_of_two_dicts(student):
    model = made(student.run(MODELS["a GPTModel"]), "a model")
    found = student.run(KINDS, model=model)
    kind, kinds, keys = pieces(found, 3, "optimizer_groups(model, 0.1)")
    looked_at = "what optimizer_groups returns"
    holds(kind in ("list", "tuple"), looked_at, "a list", str(kind))
    expect.equal(kinds, ["dict", "dict"], looked_at=looked_at)
    for of in keys:
        holds(
            {"params", "weight_decay"} <= set(of), looked_at, "params, weight_decay", f"{of}"[:60]
        )


# schedule


def rate(step: int, warmup: int, total: int, peak: float, least: float) -> float:
    """The learning rate, by arithmetic."""
    if step < warmup:
        return peak * (step + 1) / (warmup + 1)
    share = min(1.0, (step - warmup) / (total - warmup))
    return least + (peak - least) * math.cos(math.pi * share / 2) ** 2


def rates(student: Any, steps: Iterable[int], *settings: Any) -> list[float]:
    source = "[learning_rate_at(step, *settings) for step in steps]"
    found = student.run(source, steps=list(steps), settings=settings)
    return [a_number(one, f"learning_rate_at(step, {settings})") for one in found]


PLANS = ((4, 20, 0.5, 0.1), (7, 19, 2.0, 0.25), (1, 12, 3e-4, 3e-5), (0, 9, 1.0, 0.0))


@core
def test_schedule__every_step(student):
    for plan in PLANS:
        steps = range(plan[1] + 4)
        found = rates(student, steps, *plan)
        for step, lr in zip(steps, found, strict=True):
            looked_at = f"learning_rate_at({step}, warmup, total, peak, min = {plan})"
            wanted = rate(step, *plan)
            expect.close(lr / plan[2], wanted / plan[2], looked_at=f"{looked_at}, over the peak")


def test_schedule__up_by_equal_steps(student):
    warmup, peak = 5, 0.6
    found = [0.0, *rates(student, range(warmup + 1), warmup, 30, peak, 0.06)]
    ups = [b - a for a, b in pairwise(found)]
    wanted = [peak / (warmup + 1)] * (warmup + 1)
    expect.close(torch.tensor(ups), torch.tensor(wanted), looked_at="how much each step adds")


def test_schedule__never_0_and_never_above_the_peak(student):
    for warmup, total, peak, least in PLANS[:3]:
        found = rates(student, range(total + 3), warmup, total, peak, least)
        looked_at = f"the rates of {total + 3} steps, peak {peak}, min_lr {least}"
        lowest, highest = min(found), max(found)
        holds(lowest > 0, looked_at, "all above 0", f"{lowest:.4g} at {found.index(lowest)}")
        expect.close(highest / peak, 1.0, looked_at=f"{looked_at}: the highest, over the peak")
        expect.equal(found.index(highest), warmup, looked_at=f"{looked_at}: where it is highest")


def test_schedule__half_way_down_it_is_the_mean_of_both(student):
    for warmup, total, peak, least in ((4, 20, 0.5, 0.1), (3, 13, 1.0, 0.5), (0, 10, 0.4, 0.0)):
        (found,) = rates(student, [(warmup + total) // 2], warmup, total, peak, least)
        wanted = (peak + least) / 2
        expect.close(found, wanted, looked_at=f"half way from step {warmup} to {total}")


def test_schedule__stays_at_min_lr(student):
    for warmup, total, peak, least in ((3, 11, 0.8, 0.2), (0, 6, 0.5, 0.05)):
        steps = [total, total + 1, total + 4, 2 * total, 10 * total]
        for step, found in zip(
            steps, rates(student, steps, warmup, total, peak, least), strict=True
        ):
            expect.close(found, least, looked_at=f"step {step} of {total}, min_lr {least}")


def test_schedule__falls_from_step_to_step(student):
    found = rates(student, range(6, 41), 6, 40, 1.0, 0.1)
    down = [a - b for a, b in pairwise(found)]
    holds(min(down) > 0, "the rates from step 6 to 40", "lower at each step", f"{min(down):.4g}")
    expect.close(down[0], down[-1], looked_at="the first and the last step down", tol=1e-6)
    slowest = max(down[0], down[-1]) < max(down) / 3
    holds(slowest, "the steps down", "small at both ends, large between", "much the same")


def test_schedule__a_plain_number(student):
    for step in (0, 5, 50):
        found = student.call("learning_rate_at", step, 3, 20, 0.5, 0.1)
        right = isinstance(found, float | int | np.floating) and not isinstance(found, bool)
        holds(right, f"learning_rate_at({step}, …)", "a number", expect.kind_of(found))


# checkpoint

# A small model with dropout and AdamW, so that chance and the optimizer's memory both count.
SCHOOL = """
import contextlib
import os
import tempfile
import torch
from torch import nn
from torch.nn import functional as F

torch.set_grad_enabled(True)  # whatever an answer before this one left

@contextlib.contextmanager
def elsewhere():
    here = os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            yield folder
        finally:
            os.chdir(here)

def fresh(seed):
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Embedding(7, 6), nn.Dropout(0.4), nn.Linear(6, 7))
    return model, torch.optim.AdamW(model.parameters(), lr=0.05 + seed / 100)

def learn(model, optimizer, steps):
    losses = []
    for _ in range(steps):
        xb = torch.randint(7, (3, 4))
        loss = F.cross_entropy(model(xb).flatten(0, 1), (xb + 1).flatten() % 7)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses

def whole(model, optimizer, progress):
    return {"model": model.state_dict(), "optimizer": optimizer.state_dict(),
            "random": torch.get_rng_state(), "progress": progress}

def adam(optimizer):
    state = optimizer.state_dict()
    return [[group["lr"] for group in state["param_groups"]],
            [{key: float(value.sum()) for key, value in sorted(state["state"][n].items())}
             for n in sorted(state["state"])]]

def weights(model):
    return {name: value.clone() for name, value in model.state_dict().items()}
"""
RESUME = (
    SCHOOL
    + """
with elsewhere() as folder:
    path = os.path.join(folder, name)
    model, optimizer = fresh(1)
    learn(model, optimizer, 3)
    save_checkpoint(path, model, optimizer, progress)
    went_on = learn(model, optimizer, 4)
    model, optimizer = fresh(2)
    learn(model, optimizer, others)
    back = load_checkpoint(path, model, optimizer)
    resumed = learn(model, optimizer, 4)

went_on, resumed, back
"""
)


@core
def test_checkpoint__goes_on_with_the_very_same_losses(student):
    for name, progress, others in (
        ("epoch-1-step-3.pth", {"epoch": 1, "step": 3}, 0),
        ("last.pth", {"step": 3, "tokens": 36, "best": 1.25}, 2),
    ):
        found = student.run(RESUME, name=name, progress=progress, others=others)
        went_on, resumed, back = pieces(found, 3, "saving, and going on")
        looked_at = "the losses after the checkpoint was read, beside those that came after saving"
        expect.close(resumed[0], went_on[0], looked_at=f"{looked_at}: the first", tol=1e-12)
        expect.equal(resumed, went_on, looked_at=looked_at)
        expect.equal(back, progress, looked_at="the progress that load_checkpoint returns")


WRITTEN = (
    SCHOOL
    + """
from pathlib import Path

with elsewhere() as folder:
    path = Path(folder) / "here.pth"
    path = path if as_path else str(path)
    model, optimizer = fresh(3)
    learn(model, optimizer, 2)
    before = weights(model), adam(optimizer), torch.get_rng_state()
    save_checkpoint(path, model, optimizer, {"epoch": 4, "step": 17})
    after = weights(model), adam(optimizer), torch.get_rng_state()
    files = sorted(os.listdir(folder))
    read = torch.load(path, weights_only=True)

keys = sorted(read) if isinstance(read, dict) else type(read).__name__
chance, told = (read.get(key) if isinstance(read, dict) else None for key in ("random", "progress"))
same_model, same_adam = None, None
if isinstance(read, dict) and "model" in read and "optimizer" in read:
    found = {name: value for name, value in read["model"].items()}
    same_model = found.keys() == before[0].keys() and all(
        torch.equal(found[name], before[0][name]) for name in found)
    other = fresh(5)[1]
    other.load_state_dict(read["optimizer"])
    same_adam = adam(other) == before[1]
unchanged = [torch.equal(before[2], after[2]), before[1] == after[1],
             all(torch.equal(before[0][name], after[0][name]) for name in before[0])]
[files, keys, same_model, same_adam, chance, before[2], told, unchanged]
"""
)


def written(student: Any, as_path: bool = False) -> list:
    return pieces(student.run(WRITTEN, as_path=as_path), 8, "what save_checkpoint wrote")


def test_checkpoint__the_file_holds_four_things(student):
    for as_path in (False, True):
        files, keys, same_model, same_adam, chance, before, progress, _ = written(student, as_path)
        expect.equal(files, ["here.pth"], looked_at="the files of the folder")
        found = set(keys) if isinstance(keys, list) else keys
        wanted = {"model", "optimizer", "random", "progress"}
        right = isinstance(found, set) and wanted <= found
        holds(right, "the keys of what is saved", "model, optimizer, random, progress", f"{keys}")
        expect.equal(same_model, True, looked_at="whether model is the model's state_dict")
        expect.equal(same_adam, True, looked_at="whether optimizer is the optimizer's state_dict")
        expect.equal(chance, before, looked_at="the random state that was saved")
        expect.equal(progress, {"epoch": 4, "step": 17}, looked_at="the progress that was saved")


def test_checkpoint__saving_changes_nothing(student):
    found = written(student)[7]
    looked_at = "whether random state, optimizer and weights stay as they are while saving"
    expect.equal(found, [True, True, True], looked_at=looked_at)


READ = (
    SCHOOL
    + """
with elsewhere() as folder:
    path = os.path.join(folder, "given.pth")
    model, optimizer = fresh(1)
    learn(model, optimizer, 2)
    torch.save(whole(model, optimizer, {"step": 5, "best": 0.5}), path)
    saved = weights(model), adam(optimizer), torch.get_rng_state()
    model, optimizer = fresh(4)
    learn(model, optimizer, 1)
    model.train()
    back = load_checkpoint(path, model, optimizer)
    now = weights(model), adam(optimizer), torch.get_rng_state()

[all(torch.equal(saved[0][name], now[0][name]) for name in saved[0]), saved[1], now[1],
 torch.equal(saved[2], now[2]), back, model.training]
"""
)


def test_checkpoint__all_is_put_back(student):
    found = pieces(student.run(READ), 6, "what was put back")
    model, adam, adam_now, chance, back, mode = found
    expect.equal(model, True, looked_at="whether the weights are those of the file")
    expect.equal(adam_now, adam, looked_at="rate and memory of AdamW (sums)")
    expect.equal(chance, True, looked_at="whether the random state is that of the file")
    expect.equal(back, {"step": 5, "best": 0.5}, looked_at="the progress of the file")
    expect.equal(mode, True, looked_at="model.training afterwards, before it was True")


# What reads the file as code runs a harmless line.
SLY = (
    SCHOOL
    + """
import builtins

class Sly:
    def __reduce__(self):
        return exec, ("import builtins; builtins.ran_from_a_file = True",)

with elsewhere() as folder:
    path = os.path.join(folder, "sly.pth")
    model, optimizer = fresh(1)
    learn(model, optimizer, 1)
    torch.save({**whole(model, optimizer, {"step": 1}), "note": Sly()}, path)
    try:
        load_checkpoint(path, model, optimizer)
        raised = ""
    except Exception as error:
        raised = type(error).__name__

ran = hasattr(builtins, "ran_from_a_file")
if ran:
    del builtins.ran_from_a_file
raised, ran
"""
)


def test_checkpoint__a_file_runs_no_code(student):
    raised, ran = pieces(student.run(SLY), 2, "reading a file with code in it")
    expect.equal(ran, False, looked_at="whether code ran that stands in a file")
    expect.equal(raised != "", True, looked_at="whether such a file is refused with an error")


FOREIGN = (
    SCHOOL
    + """
with elsewhere() as folder:
    path = os.path.join(folder, "foreign.pth")
    model, optimizer = fresh(1)
    learn(model, optimizer, 1)
    other = whole(model, optimizer, {"step": 1})
    other["model"] = {name: value for name, value in other["model"].items() if name != "2.bias"}
    torch.save(other, path)
    raised = []
    for place in (path, os.path.join(folder, "missing.pth")):
        try:
            load_checkpoint(place, *fresh(2))
            raised.append("")
        except Exception as error:
            raised.append(type(error).__name__)

raised
"""
)


def test_checkpoint__another_model_is_refused(student):
    found = pieces(student.run(FOREIGN), 2, "reading what does not fit")
    for what, raised in zip(("a file without one weight", "no file"), found, strict=True):
        holds(raised != "", f"load_checkpoint of {what}", "an error", "none was raised")


TWO_FILES = (
    SCHOOL
    + """
with elsewhere() as folder:
    model, optimizer = fresh(1)
    kept = []
    for step in (1, 2, 3):
        learn(model, optimizer, 1)
        save_checkpoint(os.path.join(folder, f"step-{step}.pth"), model, optimizer, {"step": step})
        kept.append(weights(model))
    files = sorted(os.listdir(folder))
    back, right = [], []
    for step in (2, 1, 3):
        model, optimizer = fresh(2)
        back.append(load_checkpoint(os.path.join(folder, f"step-{step}.pth"), model, optimizer))
        now = weights(model)
        right.append(all(torch.equal(now[name], kept[step - 1][name]) for name in now))

[files, back, right]
"""
)


def test_checkpoint__each_file_is_one_moment(student):
    files, back, right = pieces(student.run(TWO_FILES), 3, "three checkpoints")
    names = [f"step-{step}.pth" for step in (1, 2, 3)]
    expect.equal(files, names, looked_at="the files of the folder")
    wanted = [{"step": 2}, {"step": 1}, {"step": 3}]
    expect.equal(back, wanted, looked_at="the progress of checkpoints 2, 1 and 3")
    expect.equal(right, [True] * 3, looked_at="whether each gives the weights of its moment")
