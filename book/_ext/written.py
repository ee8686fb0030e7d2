"""The drawings of chapter 9 of what is written: the draw, the stop, likelihood against variety.

decoding_record.py measured the last; the others are worked out here. A drawing takes the records of
`make figures`, which these do not read, and gives SVG text, wide or tall.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from knobs import WEIGHTS, WORDS, shares
from loss_windows import bar
from svg import BAR, BOX, INK, LINE, OPEN, SOFT, page, path, text

Records = dict[str, dict[str, Any]]

RECORD = Path(__file__).with_name("decoding.json")
DRAWS = [0.05, 0.62, 0.93]  # what a generator might give


@functools.cache
def record() -> dict[str, Any]:
    """What decoding_record.py measured last."""
    return json.loads(RECORD.read_text(encoding="utf-8"))


def numbers() -> dict[str, Any]:
    """What the chapter says of the texts, by name; log-probabilities with a true minus."""
    ways = {
        name: found | {"log prob": f"{found['log prob']:.2f}".replace("-", "−")}
        for name, found in record()["ways"].items()
    }
    return record() | {"ways": ways}


def drawn(number: float) -> str:
    """Into which word's part of the line a number from 0 to 1 falls."""
    total = 0.0
    for word, share in zip(WORDS, shares(WEIGHTS), strict=True):
        total += share
        if number < total:
            return word
    return WORDS[-1]


def draw(records: Records, *, tall: bool = False) -> str:
    """The chances as lengths on a line from 0 to 1, and three numbers on it."""
    left, across = (8.0, 324.0) if tall else (20.0, 680.0)
    parts, x, total = [], left, 0.0
    for k, (word, share) in enumerate(zip(WORDS, shares(WEIGHTS), strict=True)):
        wide = across * share
        parts.append(bar(x, 46, wide, 34, BAR, 0.42 if k % 2 == 0 else 0.2))
        if share > 0.05:
            parts.append(text(x + wide / 2, 67, word, size=12 if tall else 13))
        total += share
        if share > 0.05:
            parts.append(text(x + wide, 98, f"{total:.2f}", size=11, colour=SOFT))
        x += wide
    parts.append(text(left + 4, 98, "0", size=11, colour=SOFT))
    for number in DRAWS:
        at = left + across * number
        parts.append(path([(at, 24), (at, 45)], colour=OPEN, width=2))
        parts.append(text(at, 17, f"{number}", size=13, bold=True, colour=OPEN))
    told = ", ".join(f"{number} gives {drawn(number)}" for number in DRAWS)
    parts.append(text(left, 122, told, size=12, anchor="start"))
    title = f"The five chances on a line from 0 to 1: {told}"
    return page(344 if tall else 720, 130, title, parts)


STOP = "■"
ROWS = [  # what each row draws; after its stop, whatever it would have drawn
    ["No", ".", STOP, "So", "what"],
    ["To", "be", "or", "not", STOP],
    ["Ay", STOP, "the", "sea", "is"],
]


def with_stop() -> tuple[list[list[str]], int]:
    """The rows as `generate` returns them, and in which step the last one ended."""
    ended = [False] * len(ROWS)
    made: list[list[str]] = [[] for _ in ROWS]
    for step in range(len(ROWS[0])):
        new = [STOP if over else row[step] for row, over in zip(ROWS, ended, strict=True)]
        ended = [word == STOP for word in new]
        if all(ended):
            return made, step
        for row, word in zip(made, new, strict=True):
            row.append(word)
    return made, len(ROWS[0])


def stop(records: Records, *, tall: bool = False) -> str:
    """Three rows that end at different steps: what is drawn, and what comes back."""
    made, last = with_stop()
    side, high = (52.0, 30.0) if tall else (50.0, 32.0)
    parts = []
    panels = [("what each row draws", ROWS), ("what comes back", made)]
    for i, (name, rows) in enumerate(panels):
        x, y = (50.0, 34.0 + 176 * i) if tall else (70.0 + 354 * i, 34.0)
        parts.append(text(x, y - 16, name, size=13, bold=True, anchor="start"))
        for r, row in enumerate(rows):
            top = y + high * r
            parts.append(text(x - 8, top + 20, f"row {r}", size=12, colour=SOFT, anchor="end"))
            over = False
            for t, word in enumerate(row):
                tint, shade = (OPEN, 0.4) if word == STOP else (LINE, 0.12) if over else (BOX, 1)
                parts.append(bar(x + side * t + 1, top + 1, side - 2, high - 2, tint, shade))
                colour = SOFT if over and word != STOP else INK
                parts.append(text(x + side * (t + 0.5), top + 20, word, size=12, colour=colour))
                over = over or word == STOP
        for t in range(len(rows[0])):
            below = y + high * len(rows) + 16
            parts.append(text(x + side * (t + 0.5), below, str(t), size=11, colour=SOFT))
    x, y = (50.0, 34.0 + 176) if tall else (424.0, 34.0)
    words = f"step {last}: all have ended, nothing is added"
    parts.append(text(x - 42 if tall else x, y + high * 3 + 38, words, size=12, bold=True,
                      colour=OPEN, anchor="start"))  # fmt: skip
    title = f"Rows stop one by one; {STOP} is the stop token. What comes back: " + "; ".join(
        " ".join(row) for row in made
    )
    return page(344 if tall else 720, 352 if tall else 178, title, parts)


LABELS = {  # way -> where its name stands, seen from its point
    "the play": "below", "greedy": "left", "T = 0.5": "left", "T = 0.8": "below", "T = 1": "above",
    "T = 1.5": "below", "top k = 10": "right", "top k = 40": "under", "top p = 0.5": "right",
    "top p = 0.9": "right",
}  # fmt: skip
ASIDE = {"right": (9, 4, "start"), "left": (-9, 4, "end"), "above": (0, -10, "middle"),
         "below": (0, 20, "middle"), "under": (12, 20, "end")}  # fmt: skip


def plane(records: Records, *, tall: bool = False) -> str:
    """Each way of choosing: how likely the model finds its text, and how varied it is."""
    ways = record()["ways"]
    across, high = (272.0, 300.0) if tall else (590.0, 300.0)
    left, top = (48.0, 24.0) if tall else (60.0, 24.0)
    low, best = -4.1, -1.1
    least, most = 0.86, 1.005
    parts, said = [], []
    for mark in (0.88, 0.92, 0.96, 1.0):
        y = top + (most - mark) / (most - least) * high
        parts.append(path([(left, y), (left + across, y)], colour=LINE, width=0.7, head=False))
        parts.append(text(left - 6, y + 4, f"{mark:.2f}", size=11, colour=SOFT, anchor="end"))
    for mark in (-4, -3, -2):
        x = left + across * (mark - low) / (best - low)
        parts.append(text(x, top + high + 18, f"−{-mark}", size=12))
    for name, found in ways.items():
        x = left + across * (found["log prob"] - low) / (best - low)
        y = top + (most - found["distinct 2"]) / (most - least) * high
        play = name == "the play"
        tint = OPEN if play else BAR
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{7 if play else 5}" fill="{tint}"/>')
        dx, dy, anchor = ASIDE[LABELS[name]]
        letter = "abcdefghij"[len(said)]
        parts.append(text(x + (0 if tall else dx), y + (-8 if tall else dy),
                          letter if tall else name, size=12, bold=play,
                          colour=OPEN if play else INK,
                          anchor="middle" if tall else anchor))  # fmt: skip
        if tall:
            key = f"{letter}: {name}"
            at = (left + 140 * (len(said) % 2), top + high + 64 + 19 * (len(said) // 2))
            parts.append(text(*at, key, size=12, bold=play, anchor="start"))
        said.append(f"{name} {found['log prob']:.2f} and {found['distinct 2']:.3f}")
    words = "log-probability, nats per token: likelier →"
    parts.append(text(left + across / 2, top + high + 38, words, size=12, colour=SOFT))
    parts.append(text(8, 14, "distinct pairs of tokens", size=12, colour=SOFT, anchor="start"))
    title = "Log-probability a token and share of different pairs: " + "; ".join(said)
    return page(344 if tall else 690, top + high + (150 if tall else 46), title, parts)


DRAWINGS: dict[str, Callable[..., str]] = {"draw": draw, "stop": stop, "likely-varied": plane}
