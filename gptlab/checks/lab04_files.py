"""The checks of lab04 on GPT-2's two files, and on the shortest text that fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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

LINES = ["#version: 0.2", "Ġ t", "h e", "# #", "Ġt he", ""]
PAIRS = [(220, 83), (71, 68), (2, 2), (256, 258)]


def letters() -> list[str]:
    """The letter of each byte."""
    table, more = [], 256
    for byte in range(256):
        plain = chr(byte).isprintable() and chr(byte) not in (" ", "\xa0", "\xad")
        table.append(chr(byte if plain else more))
        more += not plain
    return table


def gpt2(answer: Callable[..., Any]) -> None:
    """Four lines of GPT-2's own vocab.bpe, with the ids that it has."""
    item, table = "gpt2", letters()
    must_be_callable(item, answer)
    order = sorted(table, key=lambda letter: (ord(letter) >= 256, letter))
    ids = {letter: number for number, letter in enumerate(order)}
    ids |= {"Ġt": 256, "Ġa": 257, "he": 258, "Ġthe": 262}
    looked_at = f"read_gpt2({LINES}, ids), where ids are GPT-2's"
    likely = {
        "#version": "gpt2_comment",
        "unpack": "gpt2_empty_lines",
        "KeyError: ''": "gpt2_empty_lines",
        "IndexError": "gpt2_empty_lines",
        "KeyError: '\\x": "gpt2_plain_letters",
        "KeyError: ' '": "gpt2_plain_letters",
    }
    with globals_set(answer, written=list(table)):
        found = call(item, answer, list(LINES), dict(ids), looked_at=looked_at, likely=likely)
    pairs, byte_ids = two(item, found, looked_at=looked_at)
    for name, part in (("pairs", pairs), ("byte_ids", byte_ids)):
        if not isinstance(part, (list, tuple)):
            raise CheckFailed(
                item, looked_at=f"{name} of {looked_at}", expected="a list", found=show(part)
            )
    if len(pairs) == 256 and len(byte_ids) != 256:
        raise CheckFailed(
            item, looked_at=looked_at, expected="pairs, then the ids of the bytes",
            found="256 things, then others", likely="gpt2_swapped",
        )  # fmt: skip
    known = {
        "gpt2_texts": [("Ġ", "t"), ("h", "e"), ("#", "#"), ("Ġt", "he")],
        "gpt2_hash_lines": [pair for pair in PAIRS if pair != (2, 2)],
    }
    pairs = [tuple(pair) if isinstance(pair, list) else pair for pair in pairs]
    equal(item, pairs, PAIRS, looked_at=f"the pairs of {looked_at}", known=known)
    _bytes(item, list(byte_ids), [ids[letter] for letter in table])
    passed(item)


def _bytes(item: str, byte_ids: list, wanted: list[int]) -> None:
    """The ids of four bytes, then of all."""
    where = "the ids of the bytes 32, 33, 104, 255 (a space, !, h, and one that is no letter)"
    right = [220, 0, 71, wanted[255]]
    known = {"gpt2_byte_order": [32, 33, 104, 255]}
    if len(byte_ids) != 256:
        raise CheckFailed(
            item, looked_at="the ids of the bytes", expected="256", found=f"{len(byte_ids)}"
        )
    equal(item, [byte_ids[b] for b in (32, 33, 104, 255)], right, looked_at=where, known=known)
    equal(item, byte_ids, wanted, looked_at="the ids of all bytes")


def shrink(answer: Callable[..., str]) -> None:
    """Two a's are too many; a text with one thing to find; one that needs a second look."""
    item = "shrink"
    must_be_callable(item, answer)
    _shrunk(item, answer, "banana", lambda text: text.count("a") > 1, "two a's", {"aa"})
    _shrunk(item, answer, "x  y", lambda text: "  " in text, "two spaces in a row", {"  "})
    for listed in (
        ("abc", "ab", "b"),
        ("abc", "bc", "b"),  # from the right: a goes first, and then c may
        ("abcd", "abc", "ab", "a"),  # from the left: one letter in each of three rounds
    ):
        fails, which = listed.__contains__, f"being one of {listed}"
        _shrunk(item, answer, listed[0], fails, which, {listed[-1]}, second=True)
    _shrunk(item, answer, "q", lambda text: True, "anything", {""})
    passed(item)


def _shrunk(
    item: str,
    answer: Callable[..., str],
    text: str,
    fails: Callable[[str], bool],
    what: str,
    right: set[str],
    *,
    second: bool = False,
) -> None:
    """shrink(text, fails) is one of `right`."""
    looked_at = f"shrink({text!r}, fails), where a text fails by {what}"
    found = call(item, answer, text, fails, looked_at=looked_at)
    if isinstance(found, str) and found in right:
        return
    likely, seen = "", show(found)
    if found is None:
        seen = "None: is a return missing?"
    elif isinstance(found, str):
        likely = "shrink_not_shortened"
        if not fails(found):
            likely, seen = "shrink_not_failing", f"{seen}, which does not fail"
        elif len(text) == 1:
            likely = "shrink_one_left"
        elif found == text:
            likely = "shrink_original"
        elif second:
            likely = "shrink_one_pass"
    expected = " or ".join(map(repr, sorted(right)))
    raise CheckFailed(item, looked_at=looked_at, expected=expected, found=seen, likely=likely)
