"""The drawings of chapter 4: what they say is what gptlab.tokenizers and tiktoken make of it."""

from __future__ import annotations

import re
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from gptlab import data
from gptlab.tokenizers import BasicTokenizer, gpt2

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "book" / "_ext"))

import drawings  # noqa: E402  (the site's extensions are no package: Sphinx finds them by folder)
import tokens  # noqa: E402
import tokens_record  # noqa: E402
import vocabulary  # noqa: E402

FORMS = pytest.mark.parametrize("tall", [False, True], ids=["wide", "tall"])
CHAPTER = (ROOT / "book" / "ch04_tokenizers.md").read_text("utf-8")


def words(name: str, tall: bool) -> list[str]:
    """The lines of text of a drawing, in the order in which they are drawn."""
    root = ET.fromstring(drawings.DRAWINGS[name]({}, tall=tall))
    return [part.text or "" for part in root if part.tag.endswith("}text")]


@FORMS
def test_the_bits_are_those_of_utf8(tall: bool) -> None:
    bits = [word for word in words("utf8", tall) if re.fullmatch("[01]{8}", word)]
    raw = bytes(int(word, 2) for word in bits)
    assert raw.decode("utf-8") == tokens.CHARACTERS
    assert [len(character.encode()) for character in tokens.CHARACTERS] == [1, 2, 3, 4]


@FORMS
def test_each_row_of_merges_is_the_whole_text(tall: bool) -> None:
    rows: list[str] = []
    for word in words("merges", tall):
        if re.match(r"\d+ bytes|25\d:", word):
            rows.append("")
        else:
            rows[-1] += word
    assert rows == [tokens.TEXT.replace(" ", "␣")] * (tokens.MERGES + 1)


def test_the_merges_of_the_text_are_those_that_the_chapter_works_by_hand() -> None:
    made = tokens.trained()
    assert list(made.merges) == [(ord("i"), ord("n")), (ord("t"), 256), (ord(" "), 257)]
    counts = Counter(pairwise(tokens.TEXT.encode()))
    assert counts[ord("t"), ord("i")] == counts[ord("i"), ord("n")] == 3
    left = Counter(pairwise(made.encode(tokens.TEXT)))
    assert max(left.values()) == 1  # "After that every pair occurs once"


def test_the_new_word_ends_as_it_is_encoded() -> None:
    made = tokens.trained()
    end = " ".join(tokens.seen(made.vocab[token]) for token in made.encode(tokens.NEW_WORD))
    title = ET.fromstring(tokens.ranks({})).get("aria-label", "")
    assert title.endswith(f"; {end}") and end == "␣tin t"


def test_the_first_merge_made_is_not_the_longest_piece() -> None:
    """The chapter's `abc`, with the merges `b c` and `a b`."""
    made = BasicTokenizer()
    made._learnt({(ord("b"), ord("c")): 256, (ord("a"), ord("b")): 257})
    assert made.encode("abc") == [ord("a"), 256]


def test_counts_that_are_kept_are_those_of_a_recount() -> None:
    best, both, touched = tokens.changed_counts()
    assert bytes(best) == b"in" and touched == ["tin", "ink", "tins"]
    assert both["i n"] == (9, 0) and both["t in"] == (0, 6) and both["n k"] == (3, 0)
    assert {pair for pair, (old, new) in both.items() if old == new} == {"t h", "h e", "t e", "e n"}


@FORMS
def test_the_patterns_lose_nothing(tall: bool) -> None:
    said = words("pattern", tall)
    at = said.index("GPT-4")
    whole = vocabulary.CUT.replace(" ", "␣")
    assert ("".join(said[1:at]), "".join(said[at + 1 :])) == (whole, whole)
    assert said[1:3] == ["Hello", ","] and "␣12345" in said[:at] and "123" in said[at:]


def test_every_recorded_example_is_its_text() -> None:
    record = tokens_record.read()["gpt2"]
    for example, found in record["examples"].items():
        assert b"".join(bytes.fromhex(raw) for _, raw in found).decode() == example
    assert record["size"] == 256 + 50_000 + 1
    assert record["samples"][-1] == [50256, b"<|endoftext|>".hex()]


def test_a_larger_vocabulary_never_makes_a_text_longer() -> None:
    plays = tokens_record.read()["plays"]
    for name, found in plays["tokens"].items():
        counts = list(found.values())
        assert counts[0] == plays["characters"][name]  # the plays are plain ASCII
        assert counts == sorted(counts, reverse=True)


def test_what_the_chapter_says_in_words_is_in_the_record() -> None:
    record = tokens_record.read()
    tokens_of = {one["name"]: one["tokens"] for one in record["gpt2"]["languages"]}
    assert tokens_of["Hindi"] > 10 * tokens_of["English"] and tokens_of["Korean"] == 88
    plays = record["plays"]
    counts = plays["tokens"]["training"]
    assert 1.9 < counts["256"] / counts["512"] < 2 and counts["4096"] / counts["8000"] < 1.1
    assert plays["first"][:4] == [" t", "he", " a", "ou"] and plays["first"][10] == " the"
    assert plays["looked at"]["textbook"] // 10**8 == 25  # "two and a half thousand million"


def here_or_skip(*keys: str) -> None:
    """Skip the test where one of these files is not on this machine."""
    for key in keys:
        try:
            data.find(key, network=False)
        except data.DataError as error:
            pytest.skip(str(error))


def test_the_record_is_what_would_be_counted_now() -> None:
    here_or_skip("gpt2_merges", "gpt2_ids", "tiny_shakespeare")
    assert tokens_record.made() == tokens_record.read()


def test_ids_in_the_text_are_gpt2s() -> None:
    here_or_skip("gpt2_merges", "gpt2_ids")
    made = gpt2()
    for text, number in {
        "Hello": 15496, " Hello": 18435, " strawberry": 41236, " SolidGoldMagikarp": 43453,
        " entirely": 5000, " ": 220, "!": 0,
    }.items():  # fmt: skip
        assert made.encode(text) == [number]
        assert f"{number:,}" in CHAPTER
