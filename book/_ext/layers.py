"""The drawings of chapter 3 that look inside a block: heads, feed-forward, layer norm.

The sizes are the lab's; what is counted or computed from them is computed here. A drawing takes the
records of `make figures`, which these do not read, and gives SVG text, wide or tall.
"""

from __future__ import annotations

from collections.abc import Callable
from math import sin, sqrt
from typing import Any

from svg import BAR, LINE, SOFT, Box, cell, figure, page, path, text

Records = dict[str, dict[str, Any]]

B, T, C, V = 16, 32, 64, 65  # windows, characters in each, numbers for each, distinct characters
N_HEAD, N_LAYER = 4, 4
PLACES = [[1.0, 7.0], [0.0, 20.0]]  # for the norm, as in lab03


def heads(records: Records, *, tall: bool = False) -> str:
    """All numbers of a position go to each head; what the heads give stands side by side."""
    width, left, middle = (324, 8, 170) if tall else (560, 80, 360)
    part = width / N_HEAD
    size = C // N_HEAD
    parts = [cell(left, 22, width, 24), text(middle, 38, f"one position: {C} numbers")]
    parts.append(text(middle, 14, "every head reads all of them", size=11, colour=BAR))
    for h in range(N_HEAD):
        x = left + h * part
        center = x + part / 2
        parts.append(path([(center, 48), (center, 82)]))
        parts.append(Box(x + 4, 84, part - 8, f"head {h}", f"{C} → {size}").svg())
        parts.append(path([(center, 138), (center, 170)]))
        parts.append(cell(x, 172, part, 24, 0.3 + 0.7 * h / (N_HEAD - 1)))
        parts.append(text(center, 188, f"{size}"))
    parts.append(path([(middle, 198), (middle, 230)]))
    parts.append(text(middle + 10, 219, "side by side", size=11, colour=BAR, anchor="start"))
    parts.append(Box(middle - 110, 232, 220, "proj", f"{C} → {C}: mixes what they found").svg())
    parts += [path([(middle, 286), (middle, 314)]), cell(left, 316, width, 24)]
    parts.append(text(middle, 332, f"one position: {C} numbers"))
    title = (
        f"Each of {N_HEAD} heads reads all {C} numbers of a position and gives {size}; side by "
        f"side they are {C} again, which one more matrix mixes"
    )
    return page(340 if tall else 720, 348, title, parts)


def strip(middle: float, y: float, step: float, values: list[float]) -> list[str]:
    """Numbers in a row of fields, `step` wide each, the larger the darker; 0 is empty."""
    top = max(map(abs, values))
    left = middle - len(values) * step / 2
    return [cell(left + i * step, y, step, 24, abs(v) / top) for i, v in enumerate(values)]


def beams(middle: float, y: float, above: float, below: float, words: str) -> list[str]:
    """The two sides between a row that is `above` wide and one that is `below` wide."""
    sides = [
        [(middle + side * above / 2, y), (middle + side * below / 2, y + 54)] for side in (-1, 1)
    ]
    lines = [path(points, colour=LINE, head=False) for points in sides]
    return [*lines, text(middle, y + 32, words, colour=BAR)]


def feed_forward(records: Records, *, tall: bool = False) -> str:
    """Eight numbers, 32 in between, of which ReLU empties some, and eight again."""
    n, wide = 8, 32
    width, middle = (320, 170) if tall else (640, 360)
    step = width / wide
    x = [sin(1 + 2.3 * i) for i in range(n)]  # any numbers, any weights: only the form matters
    inner = [sum(v * sin(3.7 * i * j + i) for i, v in enumerate(x)) for j in range(wide)]
    kept = [max(0.0, value) for value in inner]
    out = [sum(v * sin(1.9 * i * j + j) for i, v in enumerate(kept)) for j in range(n)]
    empty = sum(value == 0 for value in kept)
    parts = [
        text(middle, 14, "one position", colour=SOFT),
        *strip(middle, 22, step, x),
        *beams(middle, 48, n * step, width, "wider: four times as many"),
        *strip(middle, 104, step, kept),
        text(middle, 146, f"ReLU: what is below 0 becomes 0 ({empty} of {wide} here)"),
        *beams(middle, 154, width, n * step, "and back"),
        *strip(middle, 210, step, out),
    ]
    title = (
        f"The feed-forward: {n} numbers of one position become {wide}, ReLU empties {empty} of "
        f"them, and they become {n} again"
    )
    return page(340 if tall else 720, 244, title, parts)


def normed(place: list[float]) -> list[list[float]]:
    """The numbers of one place: as they are, less their mean, in units of their spread."""
    mean = sum(place) / len(place)
    centred = [value - mean for value in place]
    spread = sqrt(sum(value**2 for value in centred) / len(place))
    return [place, centred, [value / spread for value in centred]]


def norm(records: Records, *, tall: bool = False) -> str:
    """Layer norm on two places of two numbers, each by itself."""
    titles = ["what comes in", "less its own mean", "divided by its own spread"]
    columns = [
        [value for place in step for value in place]
        for step in zip(*map(normed, PLACES), strict=True)
    ]
    parts = []
    for i, (words, values) in enumerate(zip(titles, columns, strict=True)):
        unit = (4.2, 4.2, 14)[i]
        left = 80 if tall else 30 + 240 * i
        zero, up = ((122, 106), (244, 64), (362, 42))[i] if tall else (122, 106)
        parts.append(text(left + 92, zero - up, words, size=13, bold=True))
        for j, value in enumerate(values):
            at, height = left + 8 + 40 * j + 16 * (j // 2), abs(value) * unit
            top = zero - height if value > 0 else zero
            parts.append(
                f'<rect x="{at}" y="{top:.1f}" width="32" height="{height:.1f}" fill="{BAR}"/>'
            )
            beside = zero - height - 5 if value >= 0 else zero + height + 14
            parts.append(text(at + 16, beside, figure(value)))
        for j in range(len(PLACES)):
            start = left + 4 + 96 * j
            parts.append(path([(start, zero), (start + 80, zero)], colour=LINE, head=False))
            if i == 0:
                parts.append(text(start + 40, zero + 18, f"place {j}", size=11, colour=SOFT))
    title = "Layer norm of two places: " + "; ".join(
        f"{words}: {', '.join(map(figure, values))}"
        for words, values in zip(titles, columns, strict=True)
    )
    return page(340 if tall else 720, 396 if tall else 190, title, parts)


DRAWINGS: dict[str, Callable[..., str]] = {
    "heads": heads,
    "feed-forward": feed_forward,
    "norm": norm,
}
