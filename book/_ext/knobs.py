"""The drawings of chapter 9 of the knobs: the way from scores to a token, and what each knob does.

The five words and their chances are worked by hand in the chapter, and here in the same order as
gptlab.sample. A drawing takes the records of `make figures`, which these do not read, and gives SVG
text, wide or tall.
"""

from __future__ import annotations

from collections.abc import Callable
from math import log
from typing import Any

import numpy as np
from loss_windows import bar, curve
from svg import BAR, BOX, INK, LINE, OPEN, SOFT, arrow, page, path, text

from gptlab import numpy_gpt, tiny

Records = dict[str, dict[str, Any]]

WORDS = ["calm", "blue", "rough", "cold", "purple"]  # "The sea was …"
WEIGHTS = [49.0, 25.0, 16.0, 9.0, 1.0]  # e to the score; of 100
P, K, PENALTY = 0.7, 3, 2.0


def shares(weights: list[float]) -> list[float]:
    """As chances that add up to 1."""
    return [w / sum(weights) for w in weights]


def heated(weights: list[float], temperature: float) -> list[float]:
    """Scores divided by the temperature: weights to the power of 1 / temperature."""
    return [w ** (1 / temperature) for w in weights]


def top_k(weights: list[float], k: int) -> list[float]:
    """All but the k largest at 0."""
    least = sorted(weights, reverse=True)[k - 1]
    return [w if w >= least else 0.0 for w in weights]


def top_p(weights: list[float], p: float) -> list[float]:
    """All at 0 but the likeliest that together reach p."""
    kept, total = [0.0] * len(weights), 0.0
    for i in sorted(range(len(weights)), key=lambda i: -weights[i]):
        if total >= p:
            break
        kept[i], total = weights[i], total + shares(weights)[i]
    return kept


def penalised(weights: list[float], which: int, penalty: float) -> list[float]:
    """One word's score divided by the penalty if above 0, else multiplied by it."""
    scores = [log(w) for w in weights]
    score = scores[which]
    new = score / penalty if score > 0 else score * penalty
    return [float(np.exp(new)) if i == which else w for i, w in enumerate(weights)]


TURNED: list[tuple[str, list[float]]] = [
    ("as it is", WEIGHTS),
    ("temperature ½", heated(WEIGHTS, 0.5)),
    ("temperature 2", heated(WEIGHTS, 2)),
    (f"top k = {K}", top_k(WEIGHTS, K)),
    (f"top p = {P}", top_p(WEIGHTS, P)),
    (f"calm, penalty {PENALTY:g}", penalised(WEIGHTS, 0, PENALTY)),
]


def five(records: Records, *, tall: bool = False) -> str:
    """The chances of the five words under each knob."""
    parts, said = [], []
    across, row = (84.0, 22.0) if tall else (120.0, 24.0)
    for i, (name, weights) in enumerate(TURNED):
        column, line = (i % 2, i // 2) if tall else (i % 3, i // 3)
        x = 52.0 + 176 * column if tall else 62.0 + 240 * column
        y = 30.0 + (row * 5 + 46) * line
        parts.append(text(x, y - 12, name, size=13, bold=True, anchor="start"))
        for k, (word, share) in enumerate(zip(WORDS, shares(weights), strict=True)):
            top = y + row * k
            gone = share == 0
            parts.append(text(x - 6, top + 14, word, size=12, colour=SOFT if gone else INK,
                              anchor="end"))  # fmt: skip
            if gone:
                parts.append(text(x + 4, top + 14, "out", size=11, colour=SOFT, anchor="start"))
                continue
            length = share / 0.75 * across
            parts.append(bar(x, top + 2, length, row - 8, BAR))
            parts.append(text(x + length + 5, top + 14, f"{share:.2f}", size=12, colour=SOFT,
                              anchor="start"))  # fmt: skip
        told = ", ".join(f"{w} {s:.2f}" for w, s in zip(WORDS, shares(weights), strict=True))
        said.append(f"{name}: {told}")
    high = 30 + (row * 5 + 46) * (3 if tall else 2) - 40
    return page(344 if tall else 720, high, "Five words. " + "; ".join(said), parts)


HOTTEST = 3.0


def turning(records: Records, *, tall: bool = False) -> str:
    """The chance of each of the five as the temperature goes up."""
    across, high = (236.0, 200.0) if tall else (560.0, 200.0)
    left, top = (36.0, 14.0) if tall else (50.0, 14.0)
    temperatures = [0.05 + (HOTTEST - 0.05) * i / 120 for i in range(121)]
    rows = [shares([np.exp(log(w / 49) / t) for w in WEIGHTS]) for t in temperatures]
    parts = []
    for mark in (0, 0.2, 0.5, 1):
        y = top + (1 - mark) * high
        parts.append(path([(left, y), (left + across, y)], colour=LINE, width=0.7, head=False))
        parts.append(text(left - 6, y + 4, f"{mark:g}", size=11, colour=SOFT, anchor="end"))
    for mark in (0, 0.5, 1, 2, 3):
        x = left + across * mark / HOTTEST
        parts.append(text(x, top + high + 18, f"{mark:g}", size=12))
    x = left + across / HOTTEST
    parts.append(path([(x, top), (x, top + high)], colour=SOFT, width=1.2, head=False))
    below = top
    for k, word in enumerate(WORDS):
        points = [(left + across * t / HOTTEST, top + (1 - row[k]) * high)
                  for t, row in zip(temperatures, rows, strict=True)]  # fmt: skip
        parts.append(curve(points, BAR if k == 0 else OPEN if k == 4 else INK))
        below = max(below + 15, points[-1][1] + 4)
        colour = BAR if k == 0 else OPEN if k == 4 else INK
        parts.append(text(left + across + 8, below, word, size=12, bold=True, colour=colour,
                          anchor="start"))  # fmt: skip
    parts.append(text(left + across / 2, top + high + 38, "temperature", size=12, colour=SOFT))
    title = "The chances of five words from temperature 0 to 3: calm falls from 1, purple rises"
    return page(344 if tall else 690, top + high + 46, title, parts)


STEPS = [
    ("model, the last context tokens", "(B, T, V)"),
    ("the last place of each row", "(B, V)"),
    ("penalty on tokens of the row", "(B, V)"),
    ("divide by the temperature", "(B, V)"),
    ("top k: the others to −∞", "(B, V)"),
    ("top p: the others to −∞", "(B, V)"),
    ("softmax", "(B, V), rows add up to 1"),
    ("draw, with the generator", "(B, 1)"),
    ("ended rows: the stop token", "(B, 1)"),
    ("put at the end of the ids", "(B, T + 1)"),
]


def pipeline(records: Records, *, tall: bool = False) -> str:
    """From ids to the next token, step by step, and back to the start."""
    width, x = (252.0, 14.0) if tall else (330.0, 190.0)
    parts = [text(x + width / 2, 18, "ids (B, T)", size=13, bold=True)]
    y = 24.0
    for i, (words, shape) in enumerate(STEPS):
        knob = 2 <= i <= 5
        parts.append(arrow(x + width / 2, y + 2, x + width / 2, y + 24))
        y += 26
        parts.append(f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="28" rx="5" '
                     f'fill="{BOX}" stroke="{OPEN if knob else LINE}"/>')  # fmt: skip
        parts.append(text(x + width / 2, y + 19, words, size=13))
        y += 28
        if i < len(STEPS) - 1:
            parts.append(text(x + width / 2 + 10, y + 17, shape, size=11, colour=BAR,
                              anchor="start"))  # fmt: skip
    side = x + width + 40
    back = [(x + width + 2, y - 14), (side, y - 14), (side, 14), (x + width / 2 + 44, 14)]
    parts.append(path(back, colour=BAR))
    if tall:
        parts.append(text(side - 4, y + 12, "and again", size=12, colour=BAR, anchor="end"))
    else:
        parts.append(text(side + 10, y / 2, "and again, until", size=12, colour=BAR,
                          anchor="start"))  # fmt: skip
        parts.append(text(side + 10, y / 2 + 17, "all rows have ended", size=12, colour=BAR,
                          anchor="start"))  # fmt: skip
        parts.append(text(x - 16, 24 + 54 * 4, "the knobs", size=13, bold=True, colour=OPEN,
                          anchor="end"))  # fmt: skip
    said = "; ".join(f"{words} {shape}" for words, shape in STEPS)
    return page(344 if tall else 720, y + 20, f"From ids (B, T): {said}; and again", parts)


CONTEXTS = ["KING RICHA", "ROMEO:\nI will"]
FEW, MUCH = 10, 0.9  # top k and top p that are drawn
SHOWN = 60  # tokens


def next_chances(said: str) -> list[tuple[str, float]]:
    """The tiny GPT-2's chances of the next token, the likeliest first."""
    ids, tokenizer = tiny.tokenizer().encode(said), tiny.tokenizer()
    scores = numpy_gpt.gpt2(ids, **tiny.params(), n_head=tiny.hparams()["n_head"])[-1]
    odds = np.exp(scores - scores.max())
    odds /= odds.sum()
    return [(tokenizer.decode([int(i)]), float(odds[i])) for i in np.argsort(-odds)]


def reach(odds: list[float], p: float) -> int:
    """How many of the likeliest together reach p."""
    return int((np.cumsum(odds) < p).sum()) + 1


def two_contexts() -> list[dict[str, Any]]:
    """What the chapter says of both."""
    made = []
    for said in CONTEXTS:
        found = next_chances(said)
        odds = [share for _, share in found]
        made.append({"first": found[0][0].strip(), "share": odds[0], "needed": reach(odds, MUCH),
                     "ten": sum(odds[:FEW])})  # fmt: skip
    return made


def peaked(records: Records, *, tall: bool = False) -> str:
    """A sure place and an unsure one: which tokens top k and top p keep."""
    across, high, parts, said = 312.0, 110.0, [], []
    step = across / SHOWN
    for i, words in enumerate(CONTEXTS):
        odds = [share for _, share in next_chances(words)]
        left, top = (16.0, 34.0 + 230 * i) if tall else (24.0 + 360 * i, 34.0)
        floor = top + high
        name = "after " + words.replace("\n", " ⏎ ")
        parts.append(text(left, top - 16, name, size=13, bold=True, anchor="start"))
        for k, share in enumerate(odds[:SHOWN]):
            up = share / odds[0] * high
            parts.append(bar(left + step * k + 0.5, floor - up, step - 1, up, BAR))
        parts.append(path([(left, floor), (left + across, floor)], colour=LINE, head=False))
        parts.append(text(left + 12, top + 4, f"{odds[0]:.2f}", size=12, colour=SOFT,
                          anchor="start"))  # fmt: skip
        many = reach(odds, MUCH)
        for row, (label, count) in enumerate(((f"k = {FEW}", FEW), (f"p = {MUCH}", many))):
            y = floor + 16 + 30 * row
            wide = max(step * count, 3)
            parts.append(bar(left, y, wide, 8, OPEN))
            mass = sum(odds[:count])
            tokens = "token" if count == 1 else "tokens"
            told = f"{label}: {count} {tokens}, {mass:.2f} of the chance"
            parts.append(text(left, y + 21, told, size=12, anchor="start"))
            said.append(f"{name}, {told}")
    title = "The chances of the next token, the likeliest first. " + "; ".join(said)
    return page(344 if tall else 720, 450 if tall else 222, title, parts)


DRAWINGS: dict[str, Callable[..., str]] = {
    "five-words": five,
    "turning": turning,
    "decoding-steps": pipeline,
    "peaked-flat": peaked,
}
