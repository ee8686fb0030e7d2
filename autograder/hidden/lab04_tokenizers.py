"""Hidden tests of lab04_tokenizers: for each item values against an oracle, properties, structure.

The oracles are arithmetic, Python's own UTF-8, gptlab.tokenizers and tiktoken; nothing depends on
the text that a notebook loaded. What is made of parts is judged with the student's own where these
are right, else with right ones in their place, so that a mistake costs once. `encode` and `regex`
are tried on strings drawn by chance too; one that fails is made as short as it gets, and said.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any
from weakref import WeakKeyDictionary

import pytest
import regex
import tiktoken

from autograder import expect
from autograder.bridge import NO_REPLY, StudentError
from autograder.reply import argument, holds, made, pieces, plain, same
from autograder.values import Handle
from gptlab import tiny
from gptlab.tokenizers import GPT2_PATTERN, bytepairs, openai

COVERS = ["gptlab.tokenizers"]

core = pytest.mark.core

Pair = tuple[int, int]

WORDS = "to be, or not to be:\nthat is the question"
# Two, three and four bytes a character; the last two are one picture of several characters each.
FOREIGN = "naïve e\u0301 안녕하세요 … 日本 😀 👩\u200d👩\u200d👧 🇰🇷"
TEXT = (
    "the theory of the other thing: there, then the thin; 'tis theirs, isn't it? I'll, we'll\n"
    "    for i in range(12):\n        total += 1212\n\n안녕하세요 안녕 안녕! "
    "😀😀 😀 naïve naïve  \n"
)

# what the items share


def ints(found: Any, looked_at: str) -> list[int]:
    """A list of whole numbers."""
    holds(
        isinstance(found, list) and all(type(i) is int for i in found),
        looked_at,
        "a list of ints",
        expect.kind_of(found) if not isinstance(found, list) else expect.describe(found),
    )
    return found


def text_of(found: Any, looked_at: str) -> str:
    """A string, and nothing that only looks like one."""
    holds(isinstance(found, str), looked_at, "a string", expect.kind_of(found))
    return found


def pairs_of(found: Any, looked_at: str) -> list[Pair]:
    """Pairs of ids in their order, whether as tuples or as lists."""
    found = plain(found)
    holds(
        isinstance(found, list) and all(isinstance(p, list) and len(p) == 2 for p in found),
        looked_at,
        "pairs (left, right)",
        expect.describe(found),
    )
    return [tuple(pair) for pair in found]


# What is called this way raises an error in the place of an endless loop.
WATCHED = """
import sys

def watched(function, most):
    def counted(*arguments):
        left = most

        def watch(frame, event, argument):
            nonlocal left
            left -= 1
            if left < 0:
                raise TimeoutError("the loop does not end")
            return watch

        before = sys.gettrace()
        sys.settrace(watch)
        try:
            return function(*arguments)
        finally:
            sys.settrace(before)

    return counted

watched
"""
TRIED = """
here = globals()

def tried(function, arguments):
    try:
        function = here[function] if isinstance(function, str) else function
        return watched(function, 200_000)(*arguments)
    except Exception:
        return None

[tried(function, arguments) for function, arguments in asked]
"""
RIGHT_PARTS = """
from collections import Counter

def get_stats(ids, counts=None):
    counts = Counter() if counts is None else counts
    for at in range(1, len(ids)):
        pair = ids[at - 1], ids[at]
        counts[pair] = counts.get(pair, 0) + 1
    return counts

def merge(ids, pair, idx):
    made, at = [], 0
    while at < len(ids):
        here = tuple(ids[at : at + 2]) == tuple(pair)
        made.append(idx if here else ids[at])
        at += 1 + here
    return made

{"get_stats": get_stats, "merge": merge}
"""

Case = tuple[list, Any, list]  # arguments, what should come back, the arguments afterwards
PROBES: dict[str, list[Case]] = {
    "get_stats": [
        ([[1, 2, 1, 2, 1]], {(1, 2): 2, (2, 1): 2}, [[1, 2, 1, 2, 1]]),
        ([[7, 7, 7], {(7, 7): 1}], {(7, 7): 3}, [[7, 7, 7], {(7, 7): 3}]),
        ([[300, 40, 300]], {(300, 40): 1, (40, 300): 1}, [[300, 40, 300]]),
        ([[1, 2], {}], {(1, 2): 1}, [[1, 2], {(1, 2): 1}]),
        ([[5]], {}, [[5]]),
        ([[]], {}, [[]]),
    ],
    "merge": [
        ([[1, 2, 3, 1, 2], (1, 2), 300], [300, 3, 300], [[1, 2, 3, 1, 2], (1, 2), 300]),
        ([[5, 5, 5], (5, 5), 301], [301, 5], [[5, 5, 5], (5, 5), 301]),
        ([[400, 401, 400], (400, 401), 402], [402, 400], [[400, 401, 400], (400, 401), 402]),
        ([[2, 1, 1, 3], (1, 2), 300], [2, 1, 1, 3], [[2, 1, 1, 3], (1, 2), 300]),
        ([[4], (4, 4), 300], [4], [[4], (4, 4), 300]),
        ([[], (4, 4), 300], [], [[], (4, 4), 300]),
    ],
}


def watched(student: Any, call: str, most: int = 500_000, **names: Any) -> Any:
    """What a call in the notebook gives, say "merge(ids, pair, idx)"; an error if it is endless.

    most: lines that may run; endless ones take a tenth of a second. names: what is said in the
    call. They are in student.kwargs afterwards, as the call left them.
    """
    function, _, rest = call.partition("(")
    name = function.split(".")[-1]
    source = f"{name} = watched({function}, {most})\n{name}({rest}"
    found = student.run(source, watched=watcher(student), **names)
    student.kwargs.pop("watched", None)
    return found


def watcher(student: Any) -> Handle:
    """WATCHED on the student's side, sent over once a test."""
    if student not in _WATCHERS:
        _WATCHERS[student] = student.run(WATCHED)
    return _WATCHERS[student]


_WATCHERS: WeakKeyDictionary[Any, Handle] = WeakKeyDictionary()


def are_right(student: Any, cases: dict[str | Handle, list[Case]]) -> list[bool]:
    """Whether parts of the student's give what they should, and leave alone what they should.

    cases: for each part, by its name or a handle
    """
    every = [(part, *case) for part, those in cases.items() for case in those]
    asked = [[part, arguments] for part, arguments, _, _ in every]
    try:
        found = student.run(TRIED, asked=asked, watched=watcher(student))
        left = [arguments for _, arguments in student.kwargs["asked"]]
        fine = [
            (part, same(reply, wanted) and same(arguments, after))
            for (part, _, wanted, after), reply, arguments in zip(every, found, left, strict=True)
        ]
    except (StudentError, LookupError, TypeError, ValueError):
        return [False] * len(cases)
    return [all(right for one, right in fine if one is part) for part in cases]


def use_parts(student: Any) -> None:
    """Leave the student's get_stats and merge where they are right, else put right ones there."""
    fine = dict(zip(PROBES, are_right(student, PROBES), strict=True))
    if not any(fine.values()):  # one that cannot be read hides the other
        fine = {name: are_right(student, {name: PROBES[name]})[0] for name in PROBES}
    wrong = [name for name, right in fine.items() if not right]
    if wrong:
        right = student.run(RIGHT_PARTS)
        student.set(**{name: right[name] for name in wrong})


# oracles


def merged(text: str, pairs: Sequence[Pair], byte_ids: Sequence[int] = range(256)) -> list[int]:
    """The ids of a text, with these merges."""
    return bytepairs.merge([byte_ids[byte] for byte in text.encode()], numbered(tuple(pairs)))


@cache
def numbered(pairs: tuple[Pair, ...]) -> dict[Pair, int]:
    """The new id of each pair."""
    return {pair: 256 + n for n, pair in enumerate(pairs)}


def by_words(text: str, pairs: Sequence[Pair], pattern: str = GPT2_PATTERN) -> list[int]:
    """The same inside each word."""
    return [i for word in regex.findall(pattern, text) for i in merged(word, pairs)]


def learnt(words: Sequence[str], count: int) -> list[Pair]:
    """The pairs that training merges, in their order."""
    return list(bytepairs.learn([(word.encode(), 1) for word in words], count))


def bytes_of(pairs: Sequence[Pair], byte_ids: Sequence[int] = range(256)) -> dict[int, bytes]:
    """The bytes of every id."""
    vocab = {i: bytes([byte]) for byte, i in enumerate(byte_ids)}
    for n, (left, right) in enumerate(pairs):
        vocab[256 + n] = vocab[left] + vocab[right]
    return vocab


@cache
def of_text() -> list[Pair]:
    """Merges learnt from TEXT as a whole, so that some reach over spaces."""
    return learnt([TEXT], 70)


@cache
def of_words() -> list[Pair]:
    """Merges learnt from the words of TEXT."""
    return learnt(regex.findall(GPT2_PATTERN, TEXT), 70)


def like_tiktoken(pairs: Sequence[Pair], pattern: str) -> tiktoken.Encoding:
    """tiktoken with these merges."""
    ranks = {raw: i for i, raw in bytes_of(pairs).items()}
    return tiktoken.Encoding("these", pat_str=pattern, mergeable_ranks=ranks, special_tokens={})


# strings by chance, and the shortest of those that fail

SCRAPS = (
    *"aaabtehinorst", *"AI.,!?-'\"(", *"  \n\t", *"0123", *"é안녕하😀", "  ", "   ", "\n\n", "\r\n",
    "the", " the", "there", "in", "ing", "'s", "'t", "'ll", "'re", "I'm", "'S", "’s", "12", "345",
    "e\u0301", "안녕", "😀😀", "👩\u200d👩\u200d👧",
    "\u00a0", "\u3000", "ß", "日本", "½", "٣", "_", "<|", "\x00",
)  # fmt: skip


def by_chance(seed: int, count: int, scraps: Sequence[str] = SCRAPS) -> list[str]:
    """Different texts of up to ten scraps, the short ones first."""
    chance = random.Random(seed)
    texts = {"".join(chance.choices(scraps, k=chance.randint(1, 10))) for _ in range(count)}
    return sorted(texts, key=lambda text: (len(text), text))


def without(pairs: Sequence[Pair], gone: int) -> list[Pair]:
    """The merges without this one and those that build on it, with the new ids that they get."""
    number, kept = {}, []
    for n, pair in enumerate(pairs):
        if n != gone and all(i < 256 or i in number for i in pair):
            number[256 + n] = 256 + len(kept)
            kept.append(tuple(number.get(i, i) for i in pair))
    return kept


# The ids of all texts up to the first that raises an error.
EACH = """
def each(texts):
    found = []
    for text in texts:
        try:
            found.append(function(text))
        except Exception:
            break
    return found

each(texts)
"""


@dataclass
class Trial:
    """A tokenizer of the student's whose ids of a text are compared with those that are right."""

    student: Any
    tokenizer: Handle
    method: str
    right: Callable[[str, Sequence[Pair]], list[int]]
    pairs: list[Pair] | None = None
    calls: int = 0

    def __post_init__(self) -> None:
        source = f"watched(tokenizer.{self.method}, 500_000)"
        given = {"tokenizer": self.tokenizer, "watched": watcher(self.student)}
        self.function = self.student.run(source, **given)

    def found(self, text: str, pairs: list[Pair]) -> Any:
        """The student's ids, or the error that was raised."""
        if pairs != self.pairs:
            self.student.call("set_merges", pairs, on=self.tokenizer)
            self.pairs = pairs
        self.calls += 1
        try:
            return self.student.call(self.function, text)
        except StudentError as error:
            if error.type in NO_REPLY:
                raise
            return error

    def fails(self, text: str, pairs: list[Pair]) -> bool:
        return not same(self.found(text, pairs), self.right(text, pairs))

    def shorter(self, text: str, pairs: list[Pair]) -> tuple[str, list[Pair]]:
        """The text with as few characters and merges as it still fails with."""
        few = next((n for n in (0, 1, 2, 4, 8, 16, 32) if self.fails(text, pairs[:n])), len(pairs))
        pairs, began = pairs[:few], None
        while began != (text, pairs) and self.calls < 600:
            began = text, pairs
            for n in reversed(range(len(pairs))):
                if n < len(pairs) and self.fails(text, fewer := without(pairs, n)):
                    pairs = fewer
            at = 0
            while at < len(text):
                if self.fails(rest := text[:at] + text[at + 1 :], pairs):
                    text = rest
                else:
                    at += 1
        return text, pairs

    def all(self, texts: Sequence[str], pairs: list[Pair]) -> None:
        """Raise CheckFailed with the shortest text that fails, if one of these does."""
        self.student.call("set_merges", pairs, on=self.tokenizer)
        self.pairs = pairs
        found = self.student.run(EACH, function=self.function, texts=list(texts))
        found = found if isinstance(found, list) else []
        found += [None] * (len(texts) - len(found))
        first = next(
            (
                t
                for t, ids in zip(texts, found, strict=False)
                if not same(ids, self.right(t, pairs))
            ),
            None,
        )
        if first is None:
            return
        found, text, which = self.found(first, pairs), first, "a text that fails"
        if not (isinstance(found, StudentError) and found.type == "TimeoutError"):  # each is slow
            text, pairs = self.shorter(first, pairs)
            found, which = self.found(text, pairs), "the shortest text found that fails"
        known = ", ".join(f"{pair} → {256 + n}" for n, pair in enumerate(pairs)) or "none"
        if isinstance(found, StudentError):
            said = f"{found.type}: {found.message}"
        else:
            said = expect.describe(found)
        expect.fail(
            f"{self.method}({text!r}), {which}; merges: {known}",
            f"{self.right(text, pairs)}",
            said,
        )


# chars


def characters(student: Any, text: str) -> Handle:
    return made(student.new("CharTokenizer", text), "a CharTokenizer")


@core
def test_chars__ids_and_back(student):
    for text in ("hello", WORDS, FOREIGN):
        tokenizer, known = characters(student, text), sorted(set(text))
        for part in (text, text[::-1][:9], known[-1] * 3):
            ids = [1 + known.index(c) for c in part]
            found = student.call("encode", part, on=tokenizer)
            expect.equal(plain(found), ids, looked_at=f"encode({part!r})")
            found = student.call("decode", ids, on=tokenizer)
            expect.equal(found, part, looked_at=f"decode({ids[:9]})")


def test_chars__an_unknown_character_is_0(student):
    for text, part, wanted in (
        ("abc", "cab!ba", [3, 1, 2, 0, 2, 1]),
        ("ba", "😀Aé", [0, 0, 0]),
        ("b a", "a\nb", [2, 0, 3]),
    ):
        found = student.call("encode", part, on=characters(student, text))
        expect.equal(plain(found), wanted, looked_at=f"encode({part!r}), where {text!r} is known")


def test_chars__id_0_becomes_the_unknown_sign(student):
    found = student.call("decode", [2, 0, 1, 0], on=characters(student, "xy"))
    expect.equal(found, "y\ufffdx\ufffd", looked_at='decode([2, 0, 1, 0]), where "xy" is known')


def test_chars__one_int_for_each_character(student):
    tokenizer = characters(student, WORDS)
    for part in ("the end", "Ü", ""):
        found = ints(student.call("encode", part, on=tokenizer), f"encode({part!r})")
        expect.equal(len(found), len(part), looked_at=f"how many ids encode({part!r}) gives")


def test_chars__one_string_from_any_ids(student):
    tokenizer = characters(student, "abcdefghijkl")
    for ids, wanted in (([12, 11, 12], "lkl"), ([1], "a"), ([], "")):
        found = text_of(student.call("decode", ids, on=tokenizer), f"decode({ids})")
        expect.equal(found, wanted, looked_at=f"decode({ids})")
        expect.equal(argument(student, 0), ids, looked_at="the list handed over, afterwards")


def test_chars__learns_nothing_while_it_encodes(student):
    tokenizer = characters(student, "ab")
    student.call("encode", "abcd", on=tokenizer)
    found = [student.call("encode", "dcba", on=tokenizer), student.attr(tokenizer, "itos")]
    expect.equal(
        plain(found),
        [[0, 0, 2, 1], ["\ufffd", "a", "b"]],
        looked_at='the ids of "dcba" after those of "abcd", and itos; "ab" is known',
    )


# simple


@core
def test_simple__bytes_and_back(student):
    tokenizer = made(student.new("SimpleTokenizer"), "a SimpleTokenizer")
    for text in ("Hello world", "é", FOREIGN, WORDS):
        found = student.call("encode", text, on=tokenizer)
        expect.equal(plain(found), list(text.encode()), looked_at=f"encode({text[:12]!r})")
        found = student.call("decode", list(text.encode()), on=tokenizer)
        expect.equal(found, text, looked_at=f"decode(the bytes of {text[:12]!r})")


def test_simple__a_character_has_up_to_four(student):
    tokenizer = student.new("SimpleTokenizer")
    found = [pieces_of(student.call("encode", c, on=tokenizer), c) for c in "aé안😀"]
    expect.equal(found, [1, 2, 3, 4], looked_at='how many bytes "a", "é", "안" and "😀" have')


def pieces_of(found: Any, text: str) -> int:
    return len(ints(found, f"encode({text!r})"))


def test_simple__broken_bytes_become_a_sign(student):
    tokenizer = student.new("SimpleTokenizer")
    for ids in ([105, 195], [104, 105, 240, 159, 152], [152, 33], [255], [97, 236, 149, 98]):
        wanted = bytes(ids).decode("utf-8", "replace")
        found = student.call("decode", ids, on=tokenizer)
        expect.equal(found, wanted, looked_at=f"decode({ids})")


def test_simple__any_text_comes_back(student):
    tokenizer = student.new("SimpleTokenizer")
    for text in by_chance(1, 25):
        ids = ints(student.call("encode", text, on=tokenizer), f"encode({text!r})")
        holds(all(0 <= i < 256 for i in ids), f"encode({text!r})", "bytes", f"{ids}")
        found = student.call("decode", list(text.encode()), on=tokenizer)
        expect.equal(found, text, looked_at=f"decode(the bytes of {text!r})")


def test_simple__of_nothing_is_nothing(student):
    tokenizer = student.new("SimpleTokenizer")
    ids = ints(student.call("encode", "", on=tokenizer), 'encode("")')
    expect.equal(ids, [], looked_at='encode("")')
    expect.equal(student.call("decode", [], on=tokenizer), "", looked_at="decode([])")


# get_stats


def counted(ids: Sequence[int]) -> dict[Pair, int]:
    every = list(pairwise(ids))
    return {pair: every.count(pair) for pair in every}


@core
def test_get_stats__how_often_each_pair_occurs(student):
    for ids in ([1, 2, 3, 1, 2], [9, 4, 4, 9, 4], [256, 97, 256, 97, 300], [8, 3]):
        found = student.call("get_stats", ids)
        expect.equal(found, counted(ids), looked_at=f"get_stats({ids})")


def test_get_stats__overlapping_pairs_count(student):
    for ids in ([7, 7, 7], [5, 5, 5, 5, 1], [6, 6, 2, 6, 6, 6]):
        found = student.call("get_stats", ids)
        expect.equal(found, counted(ids), looked_at=f"get_stats({ids})")


def test_get_stats__left_and_right_are_not_swapped(student):
    found = student.call("get_stats", [2, 1, 2, 1, 2, 3])
    wanted = {(2, 1): 2, (1, 2): 2, (2, 3): 1}
    expect.equal(found, wanted, looked_at="get_stats([2, 1, 2, 1, 2, 3])")


def test_get_stats__adds_to_the_counts_it_is_given(student):
    given = {(1, 2): 3, (8, 9): 1}
    wanted = {(1, 2): 5, (8, 9): 1, (2, 1): 1}
    found = student.call("get_stats", [1, 2, 1, 2], given)
    looked_at = f"get_stats([1, 2, 1, 2], {given})"
    expect.equal(found, wanted, looked_at=looked_at)
    expect.equal(argument(student, 1), wanted, looked_at=f"the dict handed over to {looked_at}")
    found = student.call("get_stats", [4, 4], counts={})
    expect.equal(student.kwargs.get("counts"), {(4, 4): 1}, looked_at="an empty dict handed over")


def test_get_stats__begins_anew_without_counts(student):
    found = [student.call("get_stats", ids) for ids in ([1, 1], [2, 3], [2, 3])]
    wanted = [{(1, 1): 1}, {(2, 3): 1}, {(2, 3): 1}]
    expect.equal(found, wanted, looked_at="get_stats of [1, 1], [2, 3] and again [2, 3]")


def test_get_stats__nothing_has_no_neighbours(student):
    for ids in ([], [5]):
        found = student.call("get_stats", ids)
        expect.equal(found, {}, looked_at=f"get_stats({ids})")


def test_get_stats__keeps_the_list(student):
    ids = random.Random(3).choices(range(4), k=40)
    found = student.call("get_stats", ids)
    expect.equal(argument(student, 0), ids, looked_at="the list handed over, afterwards")
    holds(isinstance(found, dict), "get_stats of 40 ids", "a dict", expect.kind_of(found))
    expect.equal(sum(map(total, found.values())), 39, looked_at="the sum of the counts of 40 ids")


def total(count: Any) -> int:
    return count if type(count) is int else 0


# merge


def check_merge(student: Any, ids: list[int], pair: Pair, idx: int, wanted: list[int]) -> None:
    found = watched(student, "merge(ids, pair, idx)", 100_000, ids=ids, pair=pair, idx=idx)
    expect.equal(plain(found), wanted, looked_at=f"merge({ids}, {pair}, {idx})")


@core
def test_merge__each_pair_becomes_the_new_id(student):
    for ids, pair, idx, wanted in (
        ([1, 2, 3, 1, 2, 4], (1, 2), 9, [9, 3, 9, 4]),
        ([8, 5, 6, 7], (5, 6), 256, [8, 256, 7]),
        ([300, 301, 7, 300, 301, 300, 301, 300], (300, 301), 302, [302, 7, 302, 302, 300]),
    ):
        check_merge(student, ids, pair, idx, wanted)


def test_merge__from_left_to_right(student):
    for ids, wanted in (
        ([4, 4, 4], [11, 4]),
        ([4, 4, 4, 4], [11, 11]),
        ([3, 4, 4, 4, 4, 4, 3], [3, 11, 11, 4, 3]),
    ):
        check_merge(student, ids, (4, 4), 11, wanted)


def test_merge__at_the_end_nothing_is_lost(student):
    for ids, wanted in (
        ([1, 2, 3], [9, 3]),
        ([3, 1, 2], [3, 9]),
        ([3, 2, 1], [3, 2, 1]),
        ([1, 2, 1], [9, 1]),
        ([1, 1, 2, 2], [1, 9, 2]),
        ([1, 2], [9]),
    ):
        check_merge(student, ids, (1, 2), 9, wanted)


def test_merge__where_the_pair_is_not(student):
    for ids in ([2, 1, 1, 3, 2], [1, 3, 2], [5], []):
        check_merge(student, ids, (1, 2), 256, ids)


def test_merge__numbers_not_digits(student):
    check_merge(student, [11, 2, 1, 22, 1, 2, 1, 21], (1, 2), 256, [11, 2, 1, 22, 256, 1, 21])
    check_merge(student, [512, 513, 512, 513], (512, 513), 514, [514, 514])


def test_merge__a_new_list_beside_the_old_one(student):
    for ids in ([6, 7, 6, 7, 8], [6, 6, 8]):
        before = list(ids)
        found = watched(student, "merge(ids, (6, 7), 256)", 100_000, ids=ids)
        looked_at = f"merge({ids}, (6, 7), 256)"
        expect.equal(student.kwargs.get("ids"), before, looked_at=f"the list given to {looked_at}")
        ints(found, looked_at)
    apart = student.run("merge(ids, (6, 7), 256) is not ids", ids=[6, 6, 8])
    holds(
        apart is True,
        "merge([6, 6, 8], (6, 7), 256)",
        "a new list",
        "the list that was handed over",
    )


def test_merge__any_list(student):
    chance = random.Random(4)
    for _ in range(20):
        ids = chance.choices((0, 1, 2), k=chance.randint(0, 9))
        pair = (chance.randrange(3), chance.randrange(3))
        check_merge(student, ids, pair, 7, bytepairs.merge(ids, {pair: 7}))


# train

TALES = (
    "low low low lower lowest newer newer wider",
    "안녕 안녕하세요 😀😀😀 naïve naïve",
    "aaaaaaaaaa baaab abababab",
)


def trained(student: Any, text: str, vocab_size: int, kind: str = "BasicTokenizer") -> list[Pair]:
    """The student's merges after training, in their order, with ids that follow one another."""
    tokenizer = student.new(kind)
    watched(
        student,
        "tokenizer.train(text, size)",
        2_000_000,
        tokenizer=tokenizer,
        text=text,
        size=vocab_size,
    )
    return learnt_by(student, tokenizer, f"the merges of {text[:30]!r}, {vocab_size} ids")


def learnt_by(student: Any, tokenizer: Handle, looked_at: str) -> list[Pair]:
    found = student.attr(tokenizer, "merges")
    holds(isinstance(found, dict), looked_at, "a dict", expect.kind_of(found))
    new = list(found.values())
    expect.equal(new, list(range(256, 256 + len(new))), looked_at=f"{looked_at}: the new ids")
    return pairs_of(list(found), looked_at)


@core
def test_train__the_most_frequent_pair_again_and_again(student):
    use_parts(student)
    for text, size in zip(TALES, (266, 275, 263), strict=True):
        found = trained(student, text, size)
        wanted = learnt([text], size - 256)
        expect.equal(found, wanted, looked_at=f"the merges of {text!r}, {size} ids")


def test_train__as_many_merges_as_there_is_room(student):
    use_parts(student)
    counts = [len(trained(student, TALES[0], size)) for size in (256, 257, 264)]
    expect.equal(counts, [0, 1, 8], looked_at="how many merges 256, 257 and 264 ids leave room for")


def test_train__among_equals_the_smallest(student):
    use_parts(student)
    for text in ("zyxw", "dcba dcba", "bababab", "é à"):
        found, wanted = trained(student, text, 259), learnt([text], 3)
        expect.equal(found, wanted, looked_at=f"the first three merges of {text!r}")


def test_train__stops_where_no_pair_is_left(student):
    use_parts(student)
    for text in ("abcab", "xx", "x", ""):
        found, wanted = trained(student, text, 300), learnt([text], 44)
        expect.equal(found, wanted, looked_at=f"the merges of {text!r}, up to 300 ids")


def test_train__every_id_has_its_bytes(student):
    use_parts(student)
    tokenizer = student.new("BasicTokenizer")
    student.call("train", TALES[1], 262, on=tokenizer)
    merges, vocab = student.attr(tokenizer, "merges"), student.attr(tokenizer, "vocab")
    holds(isinstance(merges, dict), "merges after training", "a dict", expect.kind_of(merges))
    pairs = pairs_of(list(merges), "merges after training")
    known = len(pairs) == 6 and all(
        type(i) is int and 0 <= i < 256 + n for n, pair in enumerate(pairs) for i in pair
    )
    holds(known, "six merges", "each of ids that are known by then", expect.describe(pairs))
    holds(isinstance(vocab, dict), "vocab after training", "a dict", expect.kind_of(vocab))
    expect.equal(len(vocab), 262, looked_at="how many ids vocab has, 6 merges learnt")
    for i, raw in bytes_of(pairs).items():
        expect.equal(
            vocab.get(i), raw, looked_at=f"vocab[{i}] after training: the bytes of this id"
        )


def test_train__begins_anew_each_time(student):
    use_parts(student)
    tokenizer = student.new("BasicTokenizer")
    for text in ("abababab", "cdcdcd"):
        student.call("train", text, 258, on=tokenizer)
    found = learnt_by(student, tokenizer, "the merges after a second training")
    expect.equal(found, learnt(["cdcdcd"], 2), looked_at="the merges after a second training")
    first = learnt_by(student, student.new("BasicTokenizer"), "the merges of a new tokenizer")
    expect.equal(first, [], looked_at="the merges of a new tokenizer")


def test_train__pairs_are_counted_anew_after_each_merge(student):
    use_parts(student)
    for text in ("abcabcabcab", "aaaabaaaab", "the then there the"):
        longer, shorter = (trained(student, text, size) for size in (261, 258))
        expect.equal(longer, learnt([text], 5), looked_at=f"five merges of {text!r}")
        expect.equal(longer[:2], shorter, looked_at=f"the first two of five merges of {text!r}")


def test_train__texts_by_chance(student):
    use_parts(student)
    for text in by_chance(5, 16, ("a", "b", "ab", " ", "é")):
        found, wanted = trained(student, text, 260), learnt([text], 4)
        expect.equal(found, wanted, looked_at=f"the merges of {text!r}, 260 ids")


# decode

SYLLABLE = "안".encode()  # three bytes: 236, 149, 136
HALVES = [(236, 149), (240, 159), (104, 105), (258, 257), (152, 128)]


def with_merges(
    student: Any, pairs: Sequence[Pair], byte_ids: Sequence[int] | None = None,
    kind: str | Handle = "BasicTokenizer", *arguments: Any,
) -> Handle:  # fmt: skip
    """A tokenizer of the student's that has these merges."""
    tokenizer = made(student.call(kind, *arguments), "a tokenizer")
    more = [] if byte_ids is None else [list(byte_ids)]
    student.call("set_merges", list(pairs), *more, on=tokenizer)
    return tokenizer


def other_order(seed: int) -> list[int]:
    """The bytes in another order, as GPT-2 has one: byte -> id."""
    return random.Random(seed).sample(range(256), 256)


@core
def test_decode__the_bytes_of_each_id(student):
    pairs = of_text()
    tokenizer, vocab = with_merges(student, pairs), bytes_of(pairs)
    for text in (WORDS, FOREIGN, TEXT):
        ids = merged(text, pairs)
        found = student.call("decode", ids, on=tokenizer)
        expect.equal(found, text, looked_at=f"decode(the ids of {text[:20]!r}…)")
    for ids in ([i for i, raw in vocab.items() if raw.isascii() and i > 255], [104, 105]):
        wanted = b"".join(vocab[i] for i in ids).decode()
        expect.equal(student.call("decode", ids, on=tokenizer), wanted, looked_at=f"decode({ids})")


def test_decode__a_character_in_several_ids(student):
    tokenizer = with_merges(student, HALVES)
    for ids, wanted in (
        ([236, 149, 136], "안"),
        ([256, 136, 33], "안!"),
        ([257, 152, 128], "😀"),
        ([257, 260], "😀"),
    ):
        expect.equal(student.call("decode", ids, on=tokenizer), wanted, looked_at=f"decode({ids})")


def test_decode__broken_bytes_become_a_sign(student):
    tokenizer, vocab = with_merges(student, HALVES), bytes_of(HALVES)
    for ids in ([258, 256], [256, 258], [257, 33], [136], [259, 152, 256, 136, 255]):
        wanted = b"".join(vocab[i] for i in ids).decode("utf-8", "replace")
        expect.equal(student.call("decode", ids, on=tokenizer), wanted, looked_at=f"decode({ids})")


def test_decode__bytes_in_another_order(student):
    order = other_order(6)
    pairs = [(order[104], order[105]), (256, order[33])]
    tokenizer = with_merges(student, pairs, order)
    for text in ("oh, hi! hi", "안녕 é"):
        ids = merged(text, pairs, order)
        found = student.call("decode", ids, on=tokenizer)
        expect.equal(found, text, looked_at=f"decode({ids}), bytes in another order")


def test_decode__one_string_and_the_list_stays(student):
    tokenizer = with_merges(student, HALVES)
    for ids, wanted in (([258, 32, 258], "hi hi"), ([98], "b"), ([], "")):
        found = text_of(student.call("decode", list(ids), on=tokenizer), f"decode({ids})")
        expect.equal(found, wanted, looked_at=f"decode({ids})")
        expect.equal(argument(student, 0), ids, looked_at="the list handed over, afterwards")


def test_decode__of_two_lists_is_one_after_the_other(student):
    tokenizer = with_merges(student, [(97, 98), (256, 256)])
    ids = [[257, 99], [32, 256, 97]]
    found = [student.call("decode", part, on=tokenizer) for part in (*ids, ids[0] + ids[1])]
    expect.equal(
        found, ["ababc", " aba", "ababc aba"], looked_at="decode(a), decode(b) and decode(a + b)"
    )


# encode

LADDERS: list[tuple[list[Pair], list[str]]] = [
    ([(98, 99), (97, 98), (257, 99)], ["abc", "ab", "abcab", "xabcx"]),
    ([(97, 98), (98, 99), (256, 99)], ["abc", "abcbc", "bcab"]),
    ([(97, 97), (256, 97), (256, 256)], ["aa", "aaa", "aaaa", "aaaaaaa"]),
    ([(99, 100), (97, 98), (257, 256)], ["abcd", "abababcd", "cdab"]),
    ([(98, 99), (256, 100), (97, 257), (97, 98)], ["abcd", "abc", "abd"]),
]


def encoded(student: Any, tokenizer: Handle, text: str) -> Any:
    return watched(student, "tokenizer.encode(text)", tokenizer=tokenizer, text=text)


@core
def test_encode__the_merge_learnt_first_is_made_first(student):
    use_parts(student)
    for pairs, texts in LADDERS:
        tokenizer = with_merges(student, pairs)
        for text in texts:
            expect.equal(
                plain(encoded(student, tokenizer, text)),
                merged(text, pairs),
                looked_at=f"encode({text!r}) with the merges {pairs}",
            )


def test_encode__a_text_and_its_own_merges(student):
    use_parts(student)
    asked = [(text, learnt([text], count)) for text, count in zip(TALES, (20, 30, 12), strict=True)]
    found = [encoded(student, with_merges(student, pairs), text) for text, pairs in asked]
    for ids, (text, pairs) in zip(found, asked, strict=True):
        wanted = merged(text, pairs)
        expect.equal(plain(ids), wanted, looked_at=f"encode({text!r}), after its training")


def test_encode__short_texts(student):
    use_parts(student)
    tokenizer = with_merges(student, [(97, 97), (195, 169)])
    for text, wanted in (("", []), ("a", [97]), ("aa", [256]), ("é", [257]), ("z", [122])):
        found = plain(encoded(student, tokenizer, text))
        expect.equal(found, wanted, looked_at=f"encode({text!r}) with merges for aa and é")


def test_encode__without_merges_these_are_the_bytes(student):
    use_parts(student)
    tokenizer = with_merges(student, [])
    for text in ("hello", "안녕 é"):
        found = plain(encoded(student, tokenizer, text))
        expect.equal(found, list(text.encode()), looked_at=f"encode({text!r}) without any merge")


def test_encode__bytes_in_another_order(student):
    use_parts(student)
    order = other_order(7)
    pairs = [(order[98], order[99]), (order[97], order[98]), (256, order[97]), (257, 256)]
    tokenizer = with_merges(student, pairs, order)
    for text in ("abcabab", "bcabcab", "hm"):
        found = plain(encoded(student, tokenizer, text))
        expect.equal(
            found, merged(text, pairs, order), looked_at=f"encode({text!r}), bytes in another order"
        )


def test_encode__as_tiktoken_does(student):
    use_parts(student)
    tokenizer, oracle = with_merges(student, of_text()), like_tiktoken(of_text(), r"[\s\S]+")
    for text in (TEXT[:90], TEXT[110:], WORDS):
        found = plain(encoded(student, tokenizer, text))
        expect.equal(found, oracle.encode_ordinary(text), looked_at=f"encode({text[:20]!r}…)")


def test_encode__nothing_is_lost_and_nothing_left_to_merge(student):
    use_parts(student)
    pairs = of_text()
    tokenizer, vocab = with_merges(student, pairs), bytes_of(pairs)
    for text in (FOREIGN, "the other thing there", "121212"):
        ids = ints(encoded(student, tokenizer, text), f"encode({text!r})")
        raw = b"".join(vocab.get(i, b"") for i in ids)
        expect.equal(raw, text.encode(), looked_at=f"the bytes of encode({text!r})")
        left = [pair for pair in pairwise(ids) if pair in set(pairs)]
        expect.equal(left, [], looked_at=f"pairs in encode({text!r}) that have a merge")


def test_encode__strings_by_chance(student):
    use_parts(student)
    trial = Trial(student, with_merges(student, []), "encode", merged)
    letters = learnt(["".join(by_chance(8, 30, "abc"))], 12)
    trial.all(by_chance(9, 120, "abc"), letters)
    trial.all(by_chance(10, 120), of_text())


# regex

ENCODER = """
class Encoder(BasicTokenizer):
    def encode(self, text):
        ids = [self.byte_ids[b] for b in text.encode("utf-8")]
        for pair, idx in self.merges.items():
            made, at = [], 0
            while at < len(ids):
                here = tuple(ids[at : at + 2]) == pair
                made.append(idx if here else ids[at])
                at += 1 + here
            ids = made
        return ids

class Judged(RegexTokenizer, Encoder):
    pass

Encoder, Judged
"""


def regex_class(student: Any) -> Handle:
    """The student's RegexTokenizer, on the student's own `encode` if that is right."""
    use_parts(student)
    words = sorted(set(regex.findall(GPT2_PATTERN, TEXT + FOREIGN)))
    fine = True
    for pairs, texts in (LADDERS[0], (of_words(), ["", *words])):
        cases = [([text], merged(text, pairs), [text]) for text in texts]
        try:
            encode = student.attr(with_merges(student, pairs), "encode")
            fine = fine and all(are_right(student, {encode: cases}))
        except StudentError:
            fine = False
    if fine:
        return student.get("RegexTokenizer")
    encoder, judged = student.run(ENCODER)
    student.set(BasicTokenizer=encoder)
    return judged


def ordinary(student: Any, tokenizer: Handle, text: str) -> Any:
    return watched(student, "tokenizer.encode_ordinary(text)", tokenizer=tokenizer, text=text)


@core
def test_regex__word_by_word(student):
    pairs = of_words()
    tokenizer = with_merges(student, pairs, None, regex_class(student))
    for text in ("the other thing", TEXT, WORDS, "안녕하세요 안녕 😀"):
        found = plain(ordinary(student, tokenizer, text))
        expect.equal(found, by_words(text, pairs), looked_at=f"encode_ordinary({text[:30]!r})")


def test_regex__no_merge_reaches_over_a_space(student):
    pairs = [(101, 32), (101, 116), (32, 116), (258, 104)]  # e+space, et, space+t, space+th
    tokenizer = with_merges(student, pairs, None, regex_class(student))
    for text in ("the the the", "e e, et", "t\nt  t"):
        found = plain(ordinary(student, tokenizer, text))
        expect.equal(
            found, by_words(text, pairs), looked_at=f"encode_ordinary({text!r}), merges {pairs}"
        )


def test_regex__each_space_is_kept(student):
    tokenizer = with_merges(student, [], None, regex_class(student))
    for text in (" a  b   c ", "\n\n x\t\t", "   ", "I'll  go, 12 3!\r\n", ""):
        found = plain(ordinary(student, tokenizer, text))
        expect.equal(found, list(text.encode()), looked_at=f"encode_ordinary({text!r}), no merges")


def test_regex__any_pattern(student):
    kind, text = regex_class(student), "abc-abd abc"
    for pattern in (r"[^-]+|-", r"\w{2}|\W|\w", r"(?s:.)"):
        pairs = [(97, 98), (256, 99), (98, 100), (32, 97)]
        tokenizer = with_merges(student, pairs, None, kind, pattern)
        found = plain(ordinary(student, tokenizer, text))
        wanted = by_words(text, pairs, pattern)
        expect.equal(found, wanted, looked_at=f"encode_ordinary({text!r}), pattern {pattern}")
        tokenizer = student.call(kind, pattern)
        student.call("train", "ab-cab-cabc", 259, on=tokenizer)
        words = regex.findall(pattern, "ab-cab-cabc")
        found = learnt_by(student, tokenizer, f"the merges with pattern {pattern}")
        expect.equal(
            found, learnt(words, 3), looked_at=f"merges of 'ab-cab-cabc', pattern {pattern}"
        )


def regex_trained(student: Any, text: str, size: int) -> None:
    use_parts(student)
    found = trained(student, text, size, "RegexTokenizer")
    wanted = learnt(regex.findall(GPT2_PATTERN, text), size - 256)
    expect.equal(
        found, wanted, looked_at=f"RegexTokenizer: the merges of {text[:40]!r}, {size} ids"
    )


def test_regex__training_counts_inside_all_words(student):
    for text, size in ((TALES[0], 266), (TALES[1], 272), ("ab ab ab xy cd xy", 260)):
        regex_trained(student, text, size)


def test_regex__training_learns_no_pair_of_two_words(student):
    for text, size in (("e, e, e, e, e", 300), ("a1a1a1 b1 b1", 300), ("x\ny\nx\ny", 260)):
        regex_trained(student, text, size)


def test_regex__training_stops_and_begins_anew(student):
    for text, size in (("aa bb aa", 300), ("a b c", 270), ("", 260), (TALES[0], 256)):
        regex_trained(student, text, size)
    tokenizer = student.new("RegexTokenizer")
    for text in ("abab", "cdcd cd"):
        student.call("train", text, 257, on=tokenizer)
    found = learnt_by(student, tokenizer, "the merges after a second training")
    expect.equal(found, [(99, 100)], looked_at="the merges after a second training")


def test_regex__training_takes_the_smallest_among_equals(student):
    for text in ("zy xw zy xw", "ba dc", "cc bb aa"):
        regex_trained(student, text, 259)


LATER = """
class Later(kind):
    def encode(self, text, allowed_special=()):
        raise RuntimeError("encode_ordinary calls encode, which will call encode_ordinary")

Later
"""


def test_regex__an_encode_of_its_own_will_not_disturb(student):
    later = student.run(LATER, kind=regex_class(student))
    tokenizer = with_merges(student, of_words(), None, later)
    found = ints(ordinary(student, tokenizer, "the other"), "encode_ordinary('the other')")
    expect.equal(
        found,
        by_words("the other", of_words()),
        looked_at="encode_ordinary('the other') in a class with an encode of its own",
    )


def test_regex__as_tiktoken_does(student):
    pairs = of_words()
    tokenizer = with_merges(student, pairs, None, regex_class(student))
    oracle = like_tiktoken(pairs, GPT2_PATTERN)
    for text in (TEXT, FOREIGN, "  if x == 12:\n      y = 3.25 # don't\n"):
        found = plain(ordinary(student, tokenizer, text))
        wanted = oracle.encode_ordinary(text)
        expect.equal(found, wanted, looked_at=f"encode_ordinary({text[:20]!r}…)")


def test_regex__strings_by_chance(student):
    tokenizer = with_merges(student, [], None, regex_class(student))
    trial = Trial(student, tokenizer, "encode_ordinary", by_words)
    trial.all(by_chance(11, 200), of_words())


# special

ORDINARY = """
import regex

class Ordinary(RegexTokenizer.__bases__[0]):
    def encode_ordinary(self, text):
        found = []
        for word in regex.findall(self.pattern, text):
            ids = [self.byte_ids[b] for b in word.encode("utf-8")]
            for pair, idx in self.merges.items():
                made, at = [], 0
                while at < len(ids):
                    here = tuple(ids[at : at + 2]) == pair
                    made.append(idx if here else ids[at])
                    at += 1 + here
                ids = made
            found += ids
        return found

class Judged(RegexTokenizer, Ordinary):
    pass

Judged
"""
END, START, CUT = "<|endoftext|>", "<|start|>", "[CUT]"
SPECIAL = {END: 400, START: 401, CUT: 402}


@cache
def reaching() -> list[Pair]:
    """Merges learnt from words, and some that would reach from one word to the next."""
    across = [(101, 32), (101, 44), (110, 32)]  # e and a space, e and a comma, n and a space
    return of_words() + [pair for pair in across if pair not in of_words()]


def special_one(student: Any, **special: int) -> Handle:
    """A tokenizer of the student's with special tokens, and an encode_ordinary that is right."""
    use_parts(student)
    pairs = reaching()
    tokenizer = with_merges(student, pairs, None, "RegexTokenizer")
    cases = [
        ([text], by_words(text, pairs), [text])
        for text in ("the other", " 안녕, x", "e, e", "", TEXT[:60])
    ]
    try:
        (fine,) = are_right(student, {student.attr(tokenizer, "encode_ordinary"): cases})
    except StudentError:
        fine = False
    if not fine:
        judged = student.run(ORDINARY)
        student.set(RegexTokenizer=judged)
        tokenizer = with_merges(student, pairs, None, judged)
    student.run(
        "tokenizer.special.update(special)", tokenizer=tokenizer, special=special or SPECIAL
    )
    return tokenizer


def parts_of(*parts: str | int) -> list[int]:
    """The ids of a text in parts: a string is ordinary, a number a special token."""
    found = []
    for part in parts:
        found += by_words(part, reaching()) if isinstance(part, str) else [part]
    return found


def check_special(student: Any, tokenizer: Handle, text: str, allowed: Any, wanted: list) -> None:
    found = student.call("encode", text, allowed_special=allowed, on=tokenizer)
    expect.equal(plain(found), wanted, looked_at=f"encode({text!r}, allowed_special={allowed})")


def refused(student: Any, tokenizer: Handle, text: str, *allowed: Any) -> None:
    found = "no error"
    try:
        found = (
            f"no error, and {expect.describe(student.call('encode', text, *allowed, on=tokenizer))}"
        )
    except StudentError as error:
        if error.type in NO_REPLY:
            raise
        found = error.type
    given = "".join(f", allowed_special={a}" for a in allowed)
    holds(found == "ValueError", f"encode({text!r}{given})", "ValueError", found)


@core
def test_special__allowed_ones_become_their_id(student):
    tokenizer = special_one(student)
    for text, wanted in (
        (f"the end{END}", parts_of("the end", 400)),
        (f"{END}the start", parts_of(400, "the start")),
        (f"the one{END} the other", parts_of("the one", 400, " the other")),
        ("the thing", parts_of("the thing")),
    ):
        check_special(student, tokenizer, text, {END}, wanted)


def test_special__several_in_one_text(student):
    tokenizer = special_one(student)
    for text, wanted in (
        (f"{START}the{END}{START}thing{END}", parts_of(401, "the", 400, 401, "thing", 400)),
        (f"a{CUT}b{CUT}{CUT}c", parts_of("a", 402, "b", 402, 402, "c")),
        (f"{END}", [400]),
    ):
        check_special(student, tokenizer, text, [START, END, CUT], wanted)


def test_special__others_are_refused(student):
    tokenizer = special_one(student)
    for text, *allowed in (
        (f"the end{END}",),
        (f"{START}",),
        (f"the {CUT} thing", ()),
        (f"one{END}two{START}", {END}),
        (f"{CUT}{END}", [END, START]),
    ):
        refused(student, tokenizer, text, *allowed)


def test_special__one_that_is_not_there_is_no_matter(student):
    tokenizer = special_one(student)
    for text in ("the theory", "", "endoftext <|end|> | CUT", "  "):
        wanted = parts_of(text)
        found = plain(student.call("encode", text, on=tokenizer))
        expect.equal(found, wanted, looked_at=f"encode({text!r}), nothing special in it")
        check_special(student, tokenizer, text, {END, CUT}, wanted)
    check_special(student, tokenizer, f"the{CUT}", {CUT, END}, parts_of("the", 402))


def test_special__the_ordinary_parts_stay_apart(student):
    tokenizer = special_one(student)
    for text, wanted in (
        (f"th{END}e th{END}ere", parts_of("th", 400, "e th", 400, "ere")),
        (f"a {END} b", parts_of("a ", 400, " b")),
        (f"ze, ze{END}ze, z", parts_of("ze, ze", 400, "ze, z")),
        (f"x\n\n{END}\n안{END}녕", parts_of("x\n\n", 400, "\n안", 400, "녕")),
    ):
        check_special(student, tokenizer, text, {END}, wanted)


def test_special__its_signs_have_no_other_meaning(student):
    tokenizer = special_one(student, **{"(.*)": 300, "a+": 301, "^|$": 302})
    for text, wanted in (
        ("x(.*)a+a", parts_of("x", 300, 301, "a")),
        ("aaa ^|$ ()", parts_of("aaa ", 302, " ()")),
        ("a b.c", parts_of("a b.c")),
    ):
        check_special(student, tokenizer, text, ("(.*)", "a+", "^|$"), wanted)


def test_special__a_list_of_ints_and_nothing_is_changed(student):
    tokenizer, allowed = special_one(student), [END, CUT]
    text = f"the{END}there"
    found = student.call("encode", text, allowed, on=tokenizer)
    ints(found, f"encode({text!r}, {allowed})")
    expect.equal(argument(student, 1), [END, CUT], looked_at="allowed_special afterwards")
    expect.equal(student.attr(tokenizer, "special"), SPECIAL, looked_at="special afterwards")
    plainly = special_one(student)
    student.run("tokenizer.special.clear()", tokenizer=plainly)
    found = plain(student.call("encode", text, on=plainly))
    expect.equal(found, parts_of(text), looked_at=f"encode({text!r}) where nothing is special")


# gpt2

LETTERS = list(openai.written())
LINES = ["#version: 0.2", "Ġ t", "h e", "# #", "Ġt he", "Ã ©", ""]
TOKENS = ["Ġt", "he", "##", "Ġthe", "Ã©"]


def use_letters(student: Any) -> None:
    seen = [byte for byte, letter in enumerate(LETTERS) if ord(letter) < 256]
    hidden = [byte for byte in range(256) if byte not in seen]
    student.set(written=LETTERS, seen=seen, hidden=hidden)


def encoder_json(seed: int | None) -> dict[str, int]:
    """An id for each letter and token: in an order by chance, or GPT-2's kind of order."""
    names = [*sorted(LETTERS), *TOKENS]
    order = list(range(len(names)))
    if seed is not None:
        random.Random(seed).shuffle(order)
    return dict(zip(names, order, strict=True))


def read(student: Any, lines: list[str], ids: dict[str, int]) -> tuple[list[Pair], list]:
    use_letters(student)
    looked_at = "what read_gpt2 returns"
    pairs, byte_ids = pieces(student.call("read_gpt2", lines, ids), 2, looked_at)
    holds(
        isinstance(byte_ids, list | tuple),
        f"{looked_at}: byte_ids",
        "a list",
        expect.kind_of(byte_ids),
    )
    return pairs_of(pairs, f"{looked_at}: pairs"), plain(byte_ids)


def halves(lines: list[str], ids: dict[str, int]) -> list[Pair]:
    return [(ids[a], ids[b]) for a, _, b in (line.partition(" ") for line in lines)]


@core
def test_gpt2__pairs_and_bytes_of_small_files(student):
    for seed in (None, 12):
        ids = encoder_json(seed)
        pairs, byte_ids = read(student, LINES, ids)
        expect.equal(pairs, halves(LINES[1:-1], ids), looked_at=f"the pairs of {LINES}")
        wanted = [ids[letter] for letter in LETTERS]
        expect.equal(byte_ids, wanted, looked_at="byte_ids: the id of the letter of each byte")


def test_gpt2__the_files_of_the_tiny_gpt2(student):
    paths = tiny.FOLDER / "vocab.bpe", tiny.FOLDER / "encoder.json"
    lines = paths[0].read_text(encoding="utf-8").split("\n")
    pairs, byte_ids = read(student, lines, json.loads(paths[1].read_text(encoding="utf-8")))
    right = openai.read_openai(*paths)
    expect.equal(len(pairs), len(right.merges), looked_at="how many merges the tiny GPT-2 has")
    expect.equal(pairs, list(right.merges), looked_at="its merges")
    expect.equal(byte_ids, right.byte_ids, looked_at="the ids of its bytes")


def test_gpt2__only_the_first_line_is_a_comment(student):
    ids = encoder_json(13)
    lines = ["#version: 0.3", "# #", "h e"]
    known = ids | {"#version:": 261, "0.3": 262}
    pairs, _ = read(student, lines, known)
    expect.equal(pairs, halves(lines[1:], ids), looked_at=f"the pairs of {lines}")
    pairs, _ = read(student, ["#version: 0.2"], ids)
    expect.equal(pairs, [], looked_at="the pairs of a file with its first line only")


def test_gpt2__empty_lines_do_not_count(student):
    ids = encoder_json(14)
    for lines in (["#version: 0.2", "h e", "", "Ġ t", "", ""], ["#version: 0.2", "", "Ġ t"]):
        pairs, _ = read(student, lines, ids)
        wanted = halves([line for line in lines[1:] if line], ids)
        expect.equal(pairs, wanted, looked_at=f"the pairs of {lines}")


def test_gpt2__256_bytes_each_with_its_own_id(student):
    ids = encoder_json(15)
    _, byte_ids = read(student, LINES, ids)
    expect.equal(len(byte_ids), 256, looked_at="how many byte_ids there are")
    letters = {number: letter for letter, number in ids.items()}
    found = [letters.get(number) if type(number) is int else None for number in byte_ids]
    for byte, letter in ((32, "Ġ"), (10, "Ċ"), (0, "Ā"), (33, "!"), (126, "~"), (195, "Ã")):
        expect.equal(found[byte], letter, looked_at=f"the letter whose id byte_ids[{byte}] is")
    expect.equal(sorted(map(str, found)), sorted(LETTERS), looked_at="the letters of all byte_ids")


def test_gpt2__keeps_what_it_is_given(student):
    ids = encoder_json(16)
    use_letters(student)
    student.call("read_gpt2", LINES, ids)
    expect.equal(argument(student, 0), LINES, looked_at="the lines handed over, afterwards")
    expect.equal(argument(student, 1), ids, looked_at="the ids handed over, afterwards")


def test_gpt2__set_merges_takes_it(student):
    use_letters(student)
    ids = encoder_json(None)
    vocab = student.run(
        "made = Merges()\nmade.set_merges(*read_gpt2(lines, ids))\nmade.vocab", lines=LINES, ids=ids
    )
    holds(isinstance(vocab, dict), "vocab after set_merges", "a dict", expect.kind_of(vocab))
    found = [vocab.get(ids[token]) for token in TOKENS]
    wanted = [bytes(LETTERS.index(letter) for letter in token) for token in TOKENS]
    expect.equal(found, wanted, looked_at=f"the bytes of {TOKENS} after set_merges")


# shrink

RULES = {
    "contains ab": ("'ab' in text", ["xxabxx", "abab", "ab", "aab", "ba ab ba", "Xab" * 3]),
    "has an emoji": ("'😀' in text", ["hello 😀 you", "😀😀", "😀"]),
    "has x and y": ("'x' in text and 'y' in text", ["axbyc", "y--x", "xyxyxy"]),
    "three or more": ("len(text) >= 3", ["abcdef", "abc", "😀 é 안"]),
    "b only after a": ("'b' not in text or 'a' in text", ["ab", "cabd", "aabb"]),
    "from the end": ("text in ('', 'k', 'kl', 'klm', 'klmn', 'klmno')", ["klmno"]),
    "from the start": ("text in ('', 'o', 'no', 'mno', 'lmno', 'klmno')", ["klmno"]),
    "even number": ("len(text) % 2 == 0", ["ab", "abcd", ""]),
    "as many as": ("text.count('(') == text.count(')') + 1", ["((a)", "x(y", "()((b))("]),
    "anything": ("True", ["any text", "a", ""]),
}


def shrunk(student: Any, name: str, text: str) -> tuple[Any, Callable[[str], bool], str]:
    """What shrink gives for a rule, the rule, and what was looked at."""
    rule = RULES[name][0]
    fails = student.run(f"lambda text: {rule}")
    found = watched(student, "shrink(text, fails)", 100_000, text=text, fails=fails)
    return found, eval(f"lambda text: {rule}"), f"shrink({text!r}) where this fails: {rule}"


def shorter_by_one(text: str) -> list[str]:
    return [text[:i] + text[i + 1 :] for i in range(len(text))]


def check_shrunk(student: Any, name: str, text: str) -> None:
    found, fails, looked_at = shrunk(student, name, text)
    found = text_of(found, looked_at)
    holds(fails(found), looked_at, "a text that fails", f"{found!r}, which does not")
    still = [shorter for shorter in shorter_by_one(found) if fails(shorter)]
    holds(not still, looked_at, "no character can go", f"{found!r}; {still[:1]} fails too")


@core
def test_shrink__down_to_what_is_needed(student):
    for name, wanted in (("contains ab", "ab"), ("has an emoji", "😀")):
        for text in RULES[name][1]:
            found, _, looked_at = shrunk(student, name, text)
            expect.equal(found, wanted, looked_at=looked_at)


def test_shrink__what_comes_out_fails_and_nothing_shorter_does(student):
    for name in ("has x and y", "three or more", "as many as"):
        for text in RULES[name][1]:
            check_shrunk(student, name, text)


def test_shrink__goes_over_the_text_again(student):
    for name in ("b only after a", "from the end", "from the start"):
        for text in RULES[name][1]:
            check_shrunk(student, name, text)


def test_shrink__what_cannot_be_shorter_stays(student):
    for name, text in (("contains ab", "ab"), ("three or more", "xyz"), ("even number", "abcd")):
        found, _, looked_at = shrunk(student, name, text)
        expect.equal(found, text, looked_at=looked_at)


def test_shrink__down_to_nothing(student):
    for text in RULES["anything"][1]:
        found, _, looked_at = shrunk(student, "anything", text)
        expect.equal(found, "", looked_at=looked_at)


def test_shrink__keeps_the_order_of_the_characters(student):
    for text in ("y--x", "axbyc", "..y..x..y"):
        found, _, looked_at = shrunk(student, "has x and y", text)
        found, rest = text_of(found, looked_at), iter(text)
        holds(
            sorted(found) == ["x", "y"] and all(c in rest for c in found),
            looked_at,
            "x and y, in the order in which they stand in the text",
            repr(found),
        )
