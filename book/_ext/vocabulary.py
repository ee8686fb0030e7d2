"""The drawings of chapter 4 that show vocabularies: patterns, coloured tokens, sizes, languages.

What GPT-2's vocabulary and the plays are needed for was counted once: see tokens_record.py. A
drawing takes the records of `make figures`, which these do not read, and gives SVG text, wide or
tall.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import log2
from typing import Any

import regex
import tokens_record
from svg import BAR, INK, LINE, OPEN, SOFT, cell, page, path, text
from tokens import chip, seen

from gptlab.tokenizers import GPT2_PATTERN, GPT4_PATTERN

Records = dict[str, dict[str, Any]]

CUT = "Hello, I'LL pay  12345 dollars."


def chips(
    words: Sequence[str], x: float, y: float, right: float, below: Sequence[str] = ()
) -> tuple[list[str], float]:
    """Tokens in lines that end before `right`; gives the parts and the y under the last line."""
    parts, at, step = [], x, 50 if below else 34
    for turn, word in enumerate(words):
        under = below[turn] if below else ""
        width = max(9.0 * len(word) + 10, 7.0 * len(under) + 6, 22)
        if at + width > right and at > x:
            at, y = x, y + step
        parts.append(chip(at, y, width, word, turn, under))
        at += width + 2
    return parts, y + step


def pattern(records: Records, *, tall: bool = False) -> str:
    """One text, cut into words by the patterns of GPT-2 and of GPT-4."""
    parts, said, y = [], [], 8.0
    for name, how in (("GPT-2", GPT2_PATTERN), ("GPT-4", GPT4_PATTERN)):
        words = [seen(word.encode()) for word in regex.findall(how, CUT)]
        if tall:
            parts.append(text(8, y + 14, name, size=13, bold=True, anchor="start"))
            y += 22
        else:
            parts.append(text(8, y + 19, name, size=13, bold=True, anchor="start"))
        drawn, y = chips(words, 8 if tall else 80, y, 338 if tall else 712)
        parts += drawn
        y += 10
        said.append(f"{name}: {' | '.join(words)}")
    title = "The same text cut by two patterns. " + "; ".join(said)
    return page(340 if tall else 720, y - 8, title, parts)


def of_record(found: Sequence[Sequence[Any]]) -> tuple[list[str], list[str]]:
    """Texts and ids of recorded tokens."""
    return [seen(bytes.fromhex(raw)) for _, raw in found], [str(token) for token, _ in found]


def coloured(records: Records, *, tall: bool = False) -> str:
    """Some texts as GPT-2 sees them: its tokens, and their ids."""
    parts, said, y = [], [], 8.0
    for example, found in tokens_record.read()["gpt2"]["examples"].items():
        words, ids = of_record(found)
        shown = example.replace(" ", "\u00a0")  # an SVG drops spaces at the start
        many = f"{len(example)} characters, {len(ids)} tokens"
        if tall:
            parts.append(text(8, y + 13, shown, bold=True, anchor="start"))
            parts.append(text(332, y + 13, many, size=11, colour=SOFT, anchor="end"))
            y += 20
        else:
            parts.append(text(8, y + 19, shown, size=13, anchor="start"))
            parts.append(text(712, y + 19, many, colour=SOFT, anchor="end"))
        drawn, y = chips(words, 8 if tall else 150, y, 338 if tall else 560, ids)
        y += 12 if tall else 4
        parts += drawn
        said.append(f"{example}: {' | '.join(words)}")
    title = "Texts cut into GPT-2's tokens. " + "; ".join(said)
    return page(340 if tall else 720, y, title, parts)


def special(records: Records, *, tall: bool = False) -> str:
    """The name of a special token in a text: as ordinary text, and as one id."""
    record = tokens_record.read()["gpt2"]
    words, ids = of_record(record["typed"])
    name, number = of_record(record["samples"][-1:])
    kept, right = words[:2], 338 if tall else 712
    parts = [text(8, 20, "as ordinary text", size=13, bold=True, anchor="start")]
    drawn, y = chips(words, 8, 30, right, ids)
    parts += [*drawn, text(8, y + 16, "as a special token", size=13, bold=True, anchor="start")]
    again, y = chips([*kept, *name], 8, y + 26, right, [*ids[:2], *number])
    title = (
        f"The text {tokens_record.TYPED}: as ordinary text {len(ids)} tokens; with the "
        f"special token {len(ids[:2]) + 1}, of which the last is {number[0]}"
    )
    return page(340 if tall else 720, y - 2, title, [*parts, *again])


def vocabulary(records: Records, *, tall: bool = False) -> str:
    """Where GPT-2's ids come from, to scale, and some of them."""
    record = tokens_record.read()["gpt2"]
    size = record["size"]
    width = 324 if tall else 704
    byte_width = width * 256 / size
    parts = [
        cell(8, 34, width, 30),
        f'<rect x="8" y="34" width="{byte_width:.2f}" height="30" fill="{OPEN}"/>',
        f'<rect x="{8 + byte_width:.2f}" y="34" width="{width - byte_width - 1.5:.2f}" '
        f'height="30" fill="{BAR}" fill-opacity="0.35"/>',
        f'<rect x="{8 + width - 1.5:.2f}" y="34" width="1.5" height="30" fill="{INK}"/>',
        text(8, 24, "256 bytes", colour=OPEN, anchor="start"),
        text(8 + width / 2, 54, f"{size - 257:,} merges", size=13, bold=True),
        text(8 + width, 24, "1 special", anchor="end"),
    ]
    words, ids = of_record(record["samples"])
    drawn, y = chips(words, 8, 84, 338 if tall else 712, ids)
    title = (
        f"GPT-2's {size:,} ids: 256 bytes, {size - 257:,} merges, 1 special; some: "
        + ", ".join(f"{i} {word}" for i, word in zip(ids, words, strict=True))
    )
    return page(340 if tall else 720, y, title, parts + drawn)


def compression(records: Records, *, tall: bool = False) -> str:
    """Characters a token for vocabularies of several sizes, all trained on the plays."""
    plays = tokens_record.read()["plays"]
    width, bottom, left = (340, 250, 34) if tall else (720, 270, 60)
    right = width - (20 if tall else 130)
    top_value = 4.0
    sizes = [int(size) for size in plays["tokens"]["training"]]

    def at(size: float, value: float) -> tuple[float, float]:
        share = log2(size / sizes[0]) / log2(sizes[-1] / sizes[0])
        return left + share * (right - left), bottom - (value - 1) / (top_value - 1) * (bottom - 30)

    parts = [path([at(sizes[0], 1), at(sizes[-1], 1)], colour=LINE, head=False)]
    for value in range(1, int(top_value) + 1):
        x, y = at(sizes[0], value)
        parts.append(path([(x, y), (right, y)], colour=LINE, width=0.7, head=False))
        parts.append(text(x - 8, y + 4, str(value), anchor="end"))
    for size in (256, 512, 1024, 2048, 4096, 8000):
        parts.append(text(at(size, 1)[0], bottom + 18, f"{size:,}", size=11))
    parts.append(text(left, 16, "characters a token", colour=SOFT, anchor="start"))
    parts.append(text(right, bottom + 36, "size of the vocabulary", colour=SOFT, anchor="end"))
    said = []
    for name, colour in (("training", BAR), ("held out", OPEN)):
        whole = plays["characters"][name]
        values = [whole / many for many in plays["tokens"][name].values()]
        points = [at(size, value) for size, value in zip(sizes, values, strict=True)]
        parts.append(path(points, colour=colour, width=2.5, head=False))
        words = f"{name}: {values[-1]:.2f}"
        x, y = points[-1]
        if tall:
            y += -24 if name == "training" else 66
            parts.append(text(right, y, words, colour=colour, bold=True, anchor="end"))
        else:
            parts.append(text(x + 8, y + 4, words, colour=colour, bold=True, anchor="start"))
        said.append(f"{name} text from {values[0]:.2f} to {values[-1]:.2f}")
    title = f"Characters a token, from {sizes[0]:,} to {sizes[-1]:,} ids: " + "; ".join(said)
    return page(width, bottom + 44, title, parts)


def languages(records: Records, *, tall: bool = False) -> str:
    """Bars: how many of GPT-2's tokens one sentence takes in several languages."""
    found = tokens_record.read()["gpt2"]["languages"]
    width, label, row = (340, 0, 50) if tall else (720, 90, 32)
    scale = (width - label - 176) / max(one["tokens"] for one in found)
    parts = []
    for i, one in enumerate(found):
        y, left = 6 + i * row, label + 8
        if tall:
            parts.append(text(8, y + 12, one["name"], anchor="start"))
            y += 18
        else:
            parts.append(text(label - 4, y + 16, one["name"], size=13, anchor="end"))
        length = one["tokens"] * scale
        parts.append(
            f'<rect x="{left}" y="{y}" width="{length:.1f}" height="22" rx="3" fill="{BAR}"/>'
        )
        words = f"{one['tokens']} tokens"
        parts.append(text(left + length + 8, y + 16, words, bold=True, anchor="start"))
        beside = left + length + 8 + 78
        parts.append(text(beside, y + 16, f"{one['characters']} characters", colour=SOFT,
                          anchor="start"))  # fmt: skip
    title = "GPT-2's tokens for one sentence: " + ", ".join(
        f"{one['name']} {one['tokens']}" for one in found
    )
    return page(width, 10 + len(found) * row, title, parts)


DRAWINGS: dict[str, Callable[..., str]] = {
    "pattern": pattern,
    "coloured": coloured,
    "special": special,
    "vocabulary": vocabulary,
    "compression": compression,
    "languages": languages,
}
