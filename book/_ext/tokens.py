"""The drawings of chapter 4 that work on bytes and pairs: UTF-8, merges, encoding, kept counts.

All of it is computed by gptlab.tokenizers from the few words that are given here. A drawing takes
the records of `make figures`, which these do not read, and gives SVG text, wide or tall.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from svg import BAR, INK, LINE, OPEN, SOFT, cell, page, path, text

from gptlab.tokenizers import BasicTokenizer, bytepairs

Records = dict[str, dict[str, Any]]

CHARACTERS = "aé한👋"
TEXT = "tiny tin tins"
MERGES = 3  # more would merge pairs that occur once
NEW_WORD = " tint"
WORDS = {"the": 8, "tin": 4, "ten": 3, "ink": 3, "tins": 2}


def seen(raw: bytes) -> str:
    """Bytes as a drawing writes them: a space as ␣, a line break as ↵, half a character as hex."""
    try:
        return raw.decode("utf-8").replace(" ", "␣").replace("\n", "↵")
    except UnicodeDecodeError:
        return raw.hex(" ").upper()


def chip(
    x: float, y: float, w: float, words: str, turn: int = 0, below: str = "", h: float = 28
) -> str:
    """A token: its text on a tint that changes with `turn`, so that neighbours differ."""
    tint = (BAR, OPEN)[turn % 2]
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}" rx="4" fill="{tint}" '
        f'fill-opacity="0.22" stroke="{LINE}"/>'
        + text(x + w / 2, y + h / 2 + 4.5, words, size=13)
        + (text(x + w / 2, y + h + 14, below, size=11, colour=SOFT) if below else "")
    )


def utf8(records: Records, *, tall: bool = False) -> str:
    """Four characters, their numbers in Unicode, and the bytes that UTF-8 makes of them."""
    parts, said = [], []
    step = 92 if tall else 62
    for i, character in enumerate(CHARACTERS):
        y, raw = 8 + i * step, character.encode("utf-8")
        number = f"U+{ord(character):04X}"
        left, width = (8.0, 80.0) if tall else (236.0, 118.0)
        across = (30, 90) if tall else (40, 120)
        parts.append(text(across[0], y + (18 if tall else 28), character, size=20))
        parts.append(text(across[1], y + (18 if tall else 26), number, size=13, colour=SOFT))
        if not tall:
            parts.append(path([(168, y + 21), (226, y + 21)]))
        top = y + 28 if tall else y
        for j, byte in enumerate(raw):
            x = left + j * (width + 2)
            parts.append(chip(x, top, width, f"{byte:08b}", h=26))
            parts.append(text(x + width / 2, top + 40, f"{byte}", size=11, colour=SOFT))
        said.append(f"{character} is {number} and the bytes {', '.join(map(str, raw))}")
    height = 8 + len(CHARACTERS) * step
    return page(340 if tall else 720, height, "UTF-8: " + "; ".join(said), parts)


def trained() -> BasicTokenizer:
    """The example's tokenizer."""
    made = BasicTokenizer()
    made.train(TEXT, 256 + MERGES)
    return made


def row(ids: Sequence[int], vocab: dict[int, bytes], x: float, y: float, unit: float) -> list[str]:
    """The tokens side by side, as wide as they have bytes."""
    parts = []
    for turn, token in enumerate(ids):
        raw = vocab[token]
        parts.append(chip(x, y, unit * len(raw), seen(raw), turn))
        x += unit * len(raw)
    return parts


def merges(records: Records, *, tall: bool = False) -> str:
    """The example text after each merge: fewer tokens, of more bytes each."""
    made = trained()
    unit, left = (25.0, 8.0) if tall else (38.0, 216.0)
    ids = list(TEXT.encode())
    parts, said, y = [], [], 8.0
    words, known = f"{len(ids)} bytes", {}
    for step in range(MERGES + 1):
        if tall:
            parts.append(text(8, y + 13, words, anchor="start"))
            y += 20
        else:
            parts.append(text(left - 12, y + 19, words, size=13, anchor="end"))
        parts += row(ids, made.vocab, left, y, unit)
        said.append(f"{words}: {' '.join(seen(made.vocab[token]) for token in ids)}")
        y += 44
        if step < MERGES:
            pair, new = list(made.merges.items())[step]
            often = Counter(pairwise(ids))[pair]
            known[pair] = new
            ids = bytepairs.merge(TEXT.encode(), known)
            first, second = (seen(made.vocab[token]) for token in pair)
            words = f"{new}: {first} + {second}, {often} times → {len(ids)}"
    title = "Byte-pair encoding, merge by merge. " + "; ".join(said)
    return page(340 if tall else 720, y - 8, title, parts)


def ranks(records: Records, *, tall: bool = False) -> str:
    """A new word is encoded: of the pairs that have a merge, the one learnt first is merged."""
    made = trained()
    ids = list(NEW_WORD.encode())
    unit, left = (50.0, 20.0) if tall else (62.0, 60.0)
    parts, said, y = [], [], 8.0
    while True:
        parts += row(ids, made.vocab, left, y, unit)
        numbers = [made.merges.get(pair) for pair in pairwise(ids)]
        best = min((number for number in numbers if number is not None), default=None)
        at = left
        for token, number in zip(ids, numbers, strict=False):
            at += unit * len(made.vocab[token])
            chosen = number is not None and number == best
            shown = "–" if number is None else str(number)
            parts.append(text(at, y + 44, shown, size=12, bold=chosen,
                              colour=OPEN if chosen else SOFT))  # fmt: skip
        said.append(" ".join(seen(made.vocab[token]) for token in ids))
        words = "no pair has a merge: done" if best is None else f"{best} is the smallest"
        if tall:
            parts.append(text(left, y + 62, words, anchor="start", colour=BAR))
        else:
            parts.append(text(left + 5 * unit + 30, y + 19, words, size=13, anchor="start"))
        y += 82 if tall else 62
        if best is None:
            break
        pair = next(pair for pair, number in made.merges.items() if number == best)
        ids = bytepairs.merge(ids, {pair: best})
    title = "Encoding a new word, merge by merge: " + "; ".join(said)
    return page(340 if tall else 720, y - (10 if tall else 8), title, parts)


def changed_counts() -> tuple[tuple[int, int], dict[str, tuple[int, int]], list[str]]:
    """The merge of WORDS' most frequent pair: it, each pair's count before and after, its words."""
    before, after = Counter(), Counter()
    spelt = {word: list(word.encode()) for word in WORDS}
    best = next(iter(bytepairs.learn([(spelt[w], n) for w, n in WORDS.items()], 1)))
    vocab = {**{i: bytes([i]) for i in range(256)}, 256: bytes(best)}
    touched = [word for word, ids in spelt.items() if best in pairwise(ids)]
    for word, often in WORDS.items():
        for counts, ids in (
            (before, spelt[word]), (after, bytepairs.merge(spelt[word], {best: 256}))
        ):  # fmt: skip
            for left, right in pairwise(ids):
                counts[f"{seen(vocab[left])} {seen(vocab[right])}"] += often
    both = {pair: (before[pair], after[pair]) for pair in [*before, *(after - before)]}
    return best, both, touched


def counts(records: Records, *, tall: bool = False) -> str:
    """One merge of a trainer that keeps its counts: few words are looked at, few pairs change."""
    best, both, touched = changed_counts()
    name = " ".join(seen(bytes([part])) for part in best)
    parts = [text(8, 22, "words", bold=True, anchor="start")]
    for i, (word, often) in enumerate(WORDS.items()):
        x, y = (8, 32 + 36 * i) if tall else (8, 32 + 38 * i)
        held = word in touched
        parts.append(cell(x, y, 84, 28, 0.6 if held else 0))
        colour = INK if held else SOFT
        parts.append(text(x + 42, y + 19, f"{word} × {often}", size=13, colour=colour))
        if not tall:
            words = f"holds {name}" if held else "not looked at"
            parts.append(text(x + 96, y + 19, words, colour=colour, anchor="start"))
    changed = {pair: both[pair] for pair in both if both[pair][0] != both[pair][1]}
    same = [pair for pair in both if pair not in changed]
    x = 124 if tall else 250
    head = "pairs that change" if tall else "pairs whose count changes"
    parts.append(text(x, 22, head, bold=True, anchor="start"))
    for i, (pair, (old, new)) in enumerate(changed.items()):
        y = 51 + 26 * i
        parts.append(text(x, y, pair, size=13, anchor="start", bold=pair == name))
        parts.append(text(x + 60, y, f"{old} → {new}", size=13, anchor="start",
                          colour=OPEN if new > old else BAR))  # fmt: skip
    parts.append(text(x + (130 if tall else 220), 22, "that stay", bold=True, anchor="start"))
    for i, pair in enumerate(same):
        shown = f"{pair}    {both[pair][0]}"
        place = (x + (130 if tall else 220), 51 + 26 * i)
        parts.append(text(*place, shown, size=13, anchor="start", colour=SOFT))
    title = (
        f"Merging {name}: of {len(WORDS)} words {len(touched)} hold it; counts that change: "
        + ", ".join(f"{pair} from {old} to {new}" for pair, (old, new) in changed.items())
    )
    return page(340 if tall else 720, 232, title, parts)


DRAWINGS: dict[str, Callable[..., str]] = {
    "utf8": utf8,
    "merges": merges,
    "ranks": ranks,
    "counts": counts,
}
