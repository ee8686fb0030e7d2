"""The drawings of chapter 5 about numbers and speed: GELU, float64, the cache, seconds.

What they show is computed here, with NumPy; the seconds are those that speed_record.py measured. A
drawing takes the records of `make figures`, which
these do not read, and gives SVG text, wide or tall.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from gpt2_shapes import parts_of_gpt2
from svg import BAR, BOX, LINE, OPEN, SOFT, cell, page, path, text

from gptlab import numpy_gpt

Records = dict[str, dict[str, Any]]

SPEED = Path(__file__).with_name("speed.json")
PROMPT, NEW = 4, 5  # tokens of the cache's example
EXPRESSIONS = [  # with x a float32 array, (2, 2)
    "0.5 * x",
    "math.sqrt(2 / math.pi) * x",
    "np.sqrt(2 / np.pi) * x",
    "x / np.sqrt(64)",
    "x / math.sqrt(64)",
    "x + (1 - np.tri(2)) * -1e10",
    "x + (1 - np.tri(2, dtype=x.dtype)) * -1e10",
]


def gelu(records: Records, *, tall: bool = False) -> str:
    """GELU beside ReLU."""
    width, left = (340, 8) if tall else (720, 130)
    across, zero, unit = (324, 190, 60.0) if tall else (460, 200, 62.0)
    values = np.linspace(-4, 3, 141, dtype=np.float32)
    curves = [("ReLU", np.maximum(values, 0), OPEN), ("GELU", numpy_gpt.gelu(values), BAR)]

    def at(x: float, y: float) -> tuple[float, float]:
        return left + (x + 4) / 7 * across, zero - y * unit

    parts = [
        path([at(-4, 0), at(3, 0)], colour=LINE, head=False),
        path([at(0, -0.4), at(0, 3)], colour=LINE, head=False),
    ]
    for x in (-4, -3, -2, -1, 1, 2, 3):
        here = at(x, 0)
        anchor = {-4: "start", 3: "end"}.get(x, "middle")
        parts.append(text(here[0], here[1] + 30, str(x).replace("-", "−"), colour=SOFT,
                          anchor=anchor))  # fmt: skip
    for i, (name, heights, colour) in enumerate(curves):
        points = [at(float(x), float(y)) for x, y in zip(values, heights, strict=True)]
        parts.append(path(points, colour=colour, width=2.5, head=False))
        parts.append(text(left + 20, 40 + 24 * i, name, size=14, bold=True, colour=colour,
                          anchor="start"))  # fmt: skip
    lowest = values[curves[1][1].argmin()]
    title = (
        f"ReLU is 0 below 0; GELU dips to {curves[1][1].min():.2f} at {lowest:.2f} and comes back "
        "to 0; far above 0 both are x itself"
    )
    return page(width, zero + 44, title, parts)


def kinds() -> list[tuple[str, str]]:
    """Each expression, and of which kind its numbers are."""
    x = np.ones((2, 2), np.float32)
    names = {"np": np, "math": math, "x": x}
    return [(words, str(eval(words, names).dtype)) for words in EXPRESSIONS]


def float64(records: Records, *, tall: bool = False) -> str:
    """What comes out of a float32 array and some innocent expressions."""
    parts = []
    row = 50 if tall else 34
    for i, (words, kind) in enumerate(kinds()):
        y = 8 + row * i
        wide = kind == "float64"
        left, width, high = (8, 70, 20) if tall else (430, 90, 26)
        top = y + 18 if tall else y
        if tall:
            parts.append(text(8, y + 12, words, anchor="start"))
        else:
            parts.append(text(410, y + 18, words, size=13, anchor="end"))
        parts.append(
            f'<rect x="{left}" y="{top}" width="{width * (2 if wide else 1)}" height="{high}" '
            f'rx="4" fill="{OPEN if wide else BAR}" fill-opacity="0.25" stroke="{LINE}"/>'
        )
        middle = left + width * (1 if wide else 0.5)
        parts.append(text(middle, top + high / 2 + 4.5, kind, size=12, bold=wide))
    title = "With x a float32 array: " + "; ".join(f"{words} is {kind}" for words, kind in kinds())
    return page(340 if tall else 720, 12 + row * len(EXPRESSIONS), title, parts)


def rows_worked(prompt: int, new: int, cached: bool) -> int:
    """How many rows of x are put through the blocks to write `new` tokens."""
    return prompt + new - 1 if cached else sum(prompt + i for i in range(new))


def cache(records: Records, *, tall: bool = False) -> str:
    """Which places are worked out at each step, without a cache and with one."""
    parts, said = [], []
    side = 30
    for i, (name, cached) in enumerate((("without a cache", False), ("with a cache", True))):
        x, y = (34.0, 8.0 + 240 * i) if tall else (60.0 + 350 * i, 8.0)
        parts.append(text(x, y + 14, name, size=14, bold=True, anchor="start"))
        for step in range(NEW):
            seen = PROMPT + step
            top = y + 26 + 34 * step
            parts.append(text(x - 10, top + 19, str(step + 1), colour=SOFT, anchor="end"))
            for place in range(seen):
                worked = not cached or step == 0 or place == seen - 1
                at = x + side * place
                parts.append(cell(at, top, side - 4, 26, 1 if worked else 0))
                if not worked:
                    parts.append(
                        f'<rect x="{at + 8:g}" y="{top + 9:g}" width="{side - 20}" height="8" '
                        f'fill="{OPEN}" fill-opacity="0.8"/>'
                    )
        many = rows_worked(PROMPT, NEW, cached)
        parts.append(text(x, y + 216, f"{many} places worked out", colour=SOFT, anchor="start"))
        said.append(f"{name} {many}")
    title = (
        f"A prompt of {PROMPT} tokens and {NEW} new ones, a row for each step: places worked out "
        + ", ".join(said)
        + "; of all others the cache keeps key and value"
    )
    return page(340 if tall else 720, 476 if tall else 234, title, parts)


def reading(records: Records, *, tall: bool = False) -> str:
    """What one new token needs: each weight is read once, and multiplied once."""
    width = 324 if tall else 560
    left = 8 if tall else 80
    height, many = 70, sum(parts_of_gpt2().values())
    middle = left + width / 2
    parts = [
        f'<rect x="{left}" y="30" width="{width}" height="{height}" rx="5" fill="{BAR}" '
        f'fill-opacity="0.3" stroke="{LINE}"/>',
        text(middle, 18, f"memory: {many:,} weights of 4 bytes", size=13, bold=True),
        text(middle, 70, f"{4 * many / 1e6:.0f} MB", size=20, bold=True),
        path([(middle, 102), (middle, 150)], width=8, colour=BAR, head=False),
        text(middle + 14, 130, "so many bytes a second", colour=BAR, anchor="start"),
        f'<rect x="{middle - 80}" y="152" width="160" height="40" rx="5" fill="{BOX}" '
        f'stroke="{LINE}"/>',
        text(middle, 177, "processor", size=13, bold=True),
        path([(middle, 194), (middle, 222)]),
        text(middle, 240, "one token", size=13),
    ]
    return page(340 if tall else 720, 250, "All weights go through a narrow way for each token",
                parts)  # fmt: skip


def speeds() -> dict[str, Any]:
    """What speed_record.py measured last."""
    return json.loads(SPEED.read_text(encoding="utf-8"))


def speed(records: Records, *, tall: bool = False) -> str:
    """Bars: milliseconds a new token, form by form, for a short prompt and for a long one."""
    found = speeds()
    forms = found["seconds a token"]
    width, label, row = (340, 0, 80) if tall else (720, 220, 62)
    longest = max(max(spent.values()) for spent in forms.values())
    scale = (width - label - 100) / longest
    left, parts, said = label + 8, [], []
    for i, (name, spent) in enumerate(forms.items()):
        y = 8 + row * i
        if tall:
            parts.append(text(8, y + 12, name, anchor="start"))
            y += 20
        else:
            parts.append(text(label - 4, y + 28, name, size=13, anchor="end"))
        for j, (prompt, seconds) in enumerate(spent.items()):
            length, colour = seconds * scale, (BAR, OPEN)[j]
            top = y + 24 * j
            parts.append(
                f'<rect x="{left}" y="{top}" width="{length:.1f}" height="19" rx="3" '
                f'fill="{colour}"/>'
            )
            words = f"{1000 * seconds:,.0f} ms"
            parts.append(text(left + length + 8, top + 14, words, bold=True, anchor="start"))
            said.append(f"{name}, prompt of {prompt}: {1000 * seconds:.0f} ms")
    y = 8 + row * len(forms)
    limit = 1000 * found["reading"]
    words = f"reading all weights once: {limit:.0f} ms"
    parts.append(text(left, y + 12, words, colour=SOFT, anchor="start"))
    for j, prompt in enumerate(forms["a cache"]):
        parts.append(text(left + 110 * j, y + 32, f"■ prompt of {prompt}", colour=(BAR, OPEN)[j],
                          anchor="start"))  # fmt: skip
    return page(width, y + 40, "Milliseconds a new token. " + "; ".join(said), parts)


DRAWINGS: dict[str, Callable[..., str]] = {
    "gelu": gelu,
    "float64": float64,
    "cache": cache,
    "reading": reading,
    "speed": speed,
}
