"""What the checks of lab04 put in the place of earlier answers, so that each is judged alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain, pairwise
from typing import Any

import regex as words

from gptlab.checks.core import CheckFailed, call, kind, must_be_callable, show

Pair = tuple[int, int]
# What is said where a class was begun anew, by an earlier one of its cells.
ANEW = ("object has no attribute 'encode", "object has no attribute 'decode'", "'allowed_special'")


def get_stats(ids: Sequence[int], counts: dict[Pair, int] | None = None) -> dict[Pair, int]:
    """The count of each pair of neighbours, added to those that came in."""
    total = {} if counts is None else counts
    for pair, times in Counter(pairwise(ids)).items():
        total[pair] = total.get(pair, 0) + times
    return total


def merge(ids: Sequence[int], pair: Pair, idx: int) -> list[int]:
    """A stack: as soon as its two topmost ids are the pair, they become one."""
    stack: list[int] = []
    for token in ids:
        stack.append(token)
        if len(stack) > 1 and (stack[-2], stack[-1]) == (pair[0], pair[1]):
            stack[-2:] = [idx]
    return stack


def encode(self: Any, text: str) -> list[int]:
    """All merges, one after the other."""
    ids = [self.byte_ids[byte] for byte in text.encode()]
    for pair, new in self.merges.items():
        ids = merge(ids, pair, new)
    return ids


def encode_ordinary(self: Any, text: str) -> list[int]:
    """The same inside each word."""
    return list(chain.from_iterable(encode(self, w) for w in words.findall(self.pattern, text)))


class Watched:
    """get_stats and merge, and what they were asked: that tells slips with one result apart."""

    def __init__(self) -> None:
        self.counted: list[list[int]] = []
        self.merges = 0

    def parts(self) -> dict[str, Callable[..., Any]]:
        return {"get_stats": self.get_stats, "merge": self.merge}

    def get_stats(self, ids: Sequence[int], counts: dict[Pair, int] | None = None) -> Any:
        self.counted.append(list(ids))
        return get_stats(ids, counts=counts)

    def merge(self, ids: Sequence[int], pair: Pair, idx: int) -> list[int]:
        self.merges += 1
        return merge(ids, pair, idx)

    def same_pair(self, words: int = 1) -> str:
        """The cause, where training chose one pair again and again, over this many words."""
        if any(i > 255 for ids in self.counted for i in ids):
            return "train_counts_kept"
        return "train_result_dropped" if len(self.counted) > words else "train_not_recounted"


def _bases(answer: Any) -> tuple[type, ...]:
    return getattr(answer, "__mro__", ())[1:]


@contextmanager
def inherited(answer: type, **methods: Callable[..., Any]) -> Iterator[None]:
    """Let `answer` inherit these methods in place of the student's own."""
    changed = []
    for name, method in methods.items():
        owner = next((base for base in _bases(answer) if name in vars(base)), None)
        if owner is not None and owner is not object:
            changed.append((owner, name, vars(owner)[name]))
            setattr(owner, name, method)
    try:
        yield
    finally:
        for owner, name, before in changed:
            setattr(owner, name, before)


def tokenizer(item: str, answer: Any, *args: Any, looked_at: str) -> Any:
    """An object of the student's class."""
    must_be_callable(item, answer, "the class")
    return call(item, answer, *args, looked_at=looked_at)


def asked(
    item: str,
    made: Any,
    method: str,
    *args: Any,
    looked_at: str,
    likely: Mapping[str, str] | None = None,
    **kwargs: Any,
) -> Any:
    """What a method of the student's object returns; a missing one is an error like any other."""
    likely = dict(likely or {}) | dict.fromkeys(ANEW, "class_begun_anew")

    def run() -> Any:
        return getattr(made, method)(*args, **kwargs)

    return call(item, run, looked_at=looked_at, likely=likely)


def list_of_ids(item: str, found: Any, looked_at: str) -> list[int]:
    """A list of ids, or CheckFailed: bytes and lists in a list are no such list."""
    likely, seen = "", f"{kind(found)}: {show(found)}"
    if isinstance(found, (bytes, bytearray)):
        likely = "bytes_object"
    elif isinstance(found, list) and any(isinstance(part, list) for part in found):
        likely = "regex_words_nested"
    elif isinstance(found, list):
        return found
    elif found is None:
        seen = "None: is a return missing?"
    raise CheckFailed(
        item, looked_at=looked_at, expected="a list of ids", found=seen, likely=likely
    )
