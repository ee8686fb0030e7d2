"""The drawings of chapter 7 of single parts: the norm, the two GELUs, the shortcut.

What they show is computed here, from the tiny GPT-2 or from the formula; what the shortcut does was
measured by parity_record.py. A drawing takes the records of `make figures`, which these do not
read, and gives SVG text, wide or tall.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from math import erf, log10, pi, sqrt, tanh
from pathlib import Path
from typing import Any

import numpy as np
from gpt_counts import total
from gpt_model import LAYERS
from svg import BAR, LINE, OPEN, SOFT, page, path, text

from gptlab import numpy_gpt, tiny

Records = dict[str, dict[str, Any]]

PARITY = Path(__file__).with_name("parity.json")
PROMPT = "ROMEO:\n"  # the last token's row is drawn
SIZES = {  # as gptlab.gpt.SIZES, which would need torch
    "124M": (768, 12, 12),
    "355M": (1024, 24, 16),
    "774M": (1280, 36, 20),
    "1558M": (1600, 48, 25),
}


def parity() -> dict[str, Any]:
    """What parity_record.py measured last."""
    return json.loads(PARITY.read_text(encoding="utf-8"))


def stream() -> list[np.ndarray]:
    """The last token's row in the tiny GPT-2: into each block in turn, and into the last norm."""
    tree, heads = tiny.params(), tiny.hparams()["n_head"]
    ids = tiny.tokenizer().encode(PROMPT)
    x = tree["wte"][ids] + tree["wpe"][: len(ids)]
    rows = [x[-1]]
    for block in tree["blocks"]:
        x = numpy_gpt.transformer_block(x, **block, n_head=heads)
        rows.append(x[-1])
    return rows


def normed(row: np.ndarray) -> np.ndarray:
    """The row as a norm leaves it, before it is scaled and shifted."""
    return (row - row.mean()) / np.sqrt(row.var() + 1e-5)


def before_after(records: Records, *, tall: bool = False) -> str:
    """The numbers of one token at the start of the stream and at its end, before a norm and after.

    All four panels have the same scale.
    """
    rows = stream()
    most = max(float(np.abs(rows[-1]).max()), float(np.abs(normed(rows[-1])).max()))
    width, high_at_most, parts, said = 310.0, 84.0, [], []
    for i, (where, row) in enumerate((("into block 0", rows[0]), ("into final_norm", rows[-1]))):
        for j, (name, values) in enumerate(((where, row), ("after the norm", normed(row)))):
            left, top = (16.0, 8.0 + 172 * (2 * i + j)) if tall else (24.0 + 360 * j, 8 + 172 * i)
            zero, step = top + 104, width / len(values)
            parts.append(text(left, top + 13, name, size=13, bold=True, anchor="start"))
            words = f"spread {values.std():.2f}"
            parts.append(text(left + width, top + 13, words, size=12, colour=SOFT, anchor="end"))
            parts.append(path([(left, zero), (left + width, zero)], colour=LINE, head=False))
            for k, value in enumerate(values):
                high = abs(float(value)) / most * high_at_most
                at = zero - high if value > 0 else zero
                parts.append(
                    f'<rect x="{left + step * k:.2f}" y="{at:.2f}" width="{step * 0.75:.2f}" '
                    f'height="{high:.2f}" fill="{(OPEN, BAR)[j]}"/>'
                )
            said.append(f"{where}, {name}: {words}")
    title = f"The {len(rows[0])} numbers of one token in the tiny GPT-2. " + "; ".join(said)
    return page(344 if tall else 716, 698 if tall else 350, title, parts)


def by_tanh(x: float) -> float:
    """GPT-2's GELU."""
    return 0.5 * x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3)))


def by_erf(x: float) -> float:
    """The exact one."""
    return 0.5 * x * (1 + erf(x / sqrt(2)))


def two_gelus(records: Records, *, tall: bool = False) -> str:
    """The difference of the two forms, drawn a thousand times as high."""
    width, left, across = (344, 46, 284.0) if tall else (720, 80, 600.0)
    zero, unit = 120.0, 190.0  # pixels for a thousandth
    values = [i / 50 - 5 for i in range(501)]
    apart = [1000 * (by_tanh(x) - by_erf(x)) for x in values]

    def at(x: float, y: float) -> tuple[float, float]:
        return left + (x + 5) / 10 * across, zero - y * unit

    parts = [path([at(-5, 0), at(5, 0)], colour=LINE, head=False)]
    for height in (-0.4, -0.2, 0.2, 0.4):
        here = at(-5, height)
        parts.append(path([here, at(5, height)], colour=LINE, width=0.6, head=False))
        words = f"{height / 1000:.4f}".replace("-", "−")
        parts.append(text(here[0] - 4, here[1] + 4, words, size=11, colour=SOFT, anchor="end"))
    parts.append(text(left - 4, zero + 4, "0", size=11, colour=SOFT, anchor="end"))
    for x in (-4, -2, 0, 2, 4):
        words = str(x).replace("-", "−")
        parts.append(text(at(x, 0)[0], zero + 116, words, size=12, colour=SOFT))
    parts.append(path([at(x, y) for x, y in zip(values, apart, strict=True)], colour=BAR,
                      width=2.4, head=False))  # fmt: skip
    words = "GELU by tanh, less GELU by erf"
    parts.append(text(left + across / 2, 18, words, size=13, bold=True))
    title = (
        f"The two forms of GELU differ by at most {max(map(abs, apart)) / 1000:.4f}, near "
        f"{abs(values[max(range(501), key=lambda i: abs(apart[i]))]):.1f} on both sides of 0"
    )
    return page(width, 246, title, parts)


def shortcut(records: Records, *, tall: bool = False) -> str:
    """With the shortcut and without: gradients of twelve layers; how alike the places become."""
    found = parity()
    width = 296.0
    parts, said = [], []
    panels = [
        ("gradient, layer by layer", "gradients", -9.0, 0.0),
        ("how alike all places are", "alike", 0.0, 1.0),
    ]
    for i, (title, key, low, high) in enumerate(panels):
        left, top = (42.0, 30.0 + 290 * i) if tall else (50.0 + 366 * i, 30.0)
        tallness = 180.0
        parts.append(text(left + width / 2, top - 12, title, size=13, bold=True))
        marks = (-9, -6, -3, 0) if i == 0 else (0, 0.5, 1)
        for mark in marks:
            y = top + (high - mark) / (high - low) * tallness
            words = f"10{raised(mark)}" if i == 0 else f"{mark:g}"
            parts.append(path([(left, y), (left + width, y)], colour=LINE, width=0.7, head=False))
            parts.append(text(left - 6, y + 4, words, size=11, colour=SOFT, anchor="end"))
        for kind, colour in (("with", BAR), ("without", OPEN)):
            values = [log10(v) if i == 0 else v for v in found[key][kind]]
            step = width / (len(values) - 1)
            points = [
                (left + step * n, top + (high - max(low, v)) / (high - low) * tallness)
                for n, v in enumerate(values)
            ]
            parts.append(path(points, colour=colour, width=2.4, head=False))
            parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.2" fill="{colour}"/>'
                      for x, y in points]  # fmt: skip
            under = (i == 0) == (kind == "with")
            x, y = points[5]
            y += 22 if under else -12 if i else -60
            parts.append(text(x, y, f"{kind} the shortcut", size=12, bold=True, colour=colour))
            said.append(f"{title}, {kind} the shortcut: {found[key][kind][0]:.2g} in the first "
                        f"and {found[key][kind][-1]:.2g} in the last")  # fmt: skip
        for n in (1, 4, 8, 12):
            x = left + width / (LAYERS - 1) * (n - 1)
            parts.append(text(x, top + tallness + 20, str(n), size=12, colour=SOFT))
        parts.append(text(left + width / 2, top + tallness + 40, "layer" if i == 0 else "block",
                          size=12, colour=SOFT))  # fmt: skip
    title = "What the shortcut does. " + "; ".join(said)
    return page(344 if tall else 720, 552 if tall else 262, title, parts)


def raised(mark: float) -> str:
    """A small number in superscript."""
    return str(int(mark)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def sizes() -> dict[str, dict[str, str]]:
    """The four sizes of GPT-2 with what they hold and weigh, as a page writes it."""
    made = {}
    for name, (width, layers, heads) in SIZES.items():
        tied = total(width, layers, tied=True, bias=True)
        made[name] = {
            "width": f"{width:,}",
            "blocks": str(layers),
            "heads": str(heads),
            "tied": f"{tied:,}",
            "float32": f"{4 * tied / 1e9:.2f} GB",
            "bfloat16": f"{2 * tied / 1e9:.2f} GB",
            "training": f"{16 * tied / 1e9:.1f} GB",
            "cache": f"{2 * layers * width * 4 * 1024 / 1e6:.1f} MB",
        }
    return made


DRAWINGS: dict[str, Callable[..., str]] = {
    "before-after": before_after,
    "two-gelus": two_gelus,
    "shortcut": shortcut,
}
