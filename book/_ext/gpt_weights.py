"""The drawings of chapter 10 of how GPT-2's weights are kept: files, matrices, q with k and v.

Sizes and places follow from the shapes of the smallest GPT-2. A drawing takes the records of
`make figures`, which these do not read, and gives SVG text, wide or tall.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

from gpt2_shapes import SHAPES, WIDTH
from svg import BAR, BOX, INK, LINE, OPEN, SOFT, figure, page, path, text

from gptlab import weights

Records = dict[str, dict[str, Any]]

FILES = [
    ("hparams.json", "five sizes"), ("checkpoint", "which is the newest"),
    ("model.ckpt.index", "name, shape, place"), ("model.ckpt.data-…", "all the numbers"),
    ("model.ckpt.meta", "the program; not needed"), ("encoder.json", "token → id"),
    ("vocab.bpe", "the merges"),
]  # fmt: skip
SHOWN = ("model/h0/attn/c_attn/b", "model/h0/attn/c_attn/w", "model/h10/ln_1/b", "model/wte")


def variables() -> list[tuple[str, tuple[int, ...], int]]:
    """Every variable of OpenAI's checkpoint: name, shape, the byte where it begins; as they lie."""
    shapes = {}
    for place, shape in SHAPES.items():
        (name,) = weights.OPENAI.named(place)
        shapes[name] = (1, *shape) if place[-1] == "w" else shape
    found, at = [], 0
    for name in sorted(shapes):
        found.append((name, shapes[name], at))
        at += 4 * prod(shapes[name])
    return found


def stretches() -> list[tuple[str, int]]:
    """What lies one after the other in the data file, and its bytes: h0, h1, h10, …"""
    sizes: dict[str, int] = {}
    for name, shape, _ in variables():
        part = name.split("/")[1]
        sizes[part] = sizes.get(part, 0) + 4 * prod(shape)
    return list(sizes.items())


def checkpoint(records: Records, *, tall: bool = False) -> str:
    """The seven files, some lines of the index, and where in the data file they lie."""
    width = 344 if tall else 720
    parts, high = [], 26
    parts.append(text(8, 18, "seven files", size=13, bold=True, anchor="start"))
    for i, (name, what) in enumerate(FILES):
        y = 28 + high * i
        tint = BAR if "index" in name or "data" in name else BOX
        shade = 0.2 if tint == BAR else 1
        parts.append(f'<rect x="8" y="{y}" width="300" height="{high - 3}" rx="4" fill="{tint}" '
                     f'fill-opacity="{shade}" stroke="{LINE}"/>')  # fmt: skip
        parts.append(text(16, y + 16, name, size=12, anchor="start"))
        parts.append(text(300, y + 16, what, size=11, colour=INK if shade < 1 else SOFT,
                          anchor="end"))  # fmt: skip
    x, y = (8.0, 28.0 + high * len(FILES) + 28) if tall else (340.0, 18.0)
    parts.append(text(x, y, "model.ckpt.index, four of its 148 lines", size=13, bold=True,
                      anchor="start"))  # fmt: skip
    lines = [line for line in variables() if line[0] in SHOWN]
    for i, (name, shape, at) in enumerate(lines):
        top = y + 22 + 40 * i
        parts.append(text(x, top, name, size=12, anchor="start"))
        said = f"{'×'.join(map(str, shape))} float32, from byte {at:,}"
        parts.append(text(x + 12, top + 16, said, size=11, colour=SOFT, anchor="start"))
    total = sum(size for _, size in stretches())
    y = y + 22 + 160 + 18 if tall else 28.0 + high * len(FILES) + 28
    parts.append(text(8, y, f"model.ckpt.data, {total:,} bytes", size=13, bold=True,
                      anchor="start"))  # fmt: skip
    left, across = 8.0, width - 16.0
    for i, (name, size) in enumerate(stretches()):
        wide = across * size / total
        tint = OPEN if name in ("wte", "wpe", "ln_f") else BAR
        parts.append(f'<rect x="{left:.1f}" y="{y + 12:g}" width="{wide:.1f}" height="30" '
                     f'fill="{tint}" fill-opacity="{0.32 if i % 2 else 0.16}" '
                     f'stroke="{LINE}"/>')  # fmt: skip
        if wide > 15:
            row = (i % 2) * 14 if tall and name != "wte" else 0
            parts.append(text(left + wide / 2, y + 58 + row, name, size=11))
        left += wide
    title = ("OpenAI's seven files; the index says name, shape and place of each variable, and the "
             "numbers lie in the order of the alphabet: "
             + ", ".join(name for name, _ in stretches()))  # fmt: skip
    return page(width, y + (82 if tall else 68), title, parts)


LAYERS = [
    ("c_attn", ("attn", "c_attn")), ("c_proj of attn", ("attn", "c_proj")),
    ("c_fc", ("mlp", "c_fc")), ("c_proj of mlp", ("mlp", "c_proj")),
]  # fmt: skip


def square(records: Records, *, tall: bool = False) -> str:
    """The four matrices of a block at scale, as OpenAI has them and as torch does."""
    scale = (118 if tall else 128) / (4 * WIDTH)
    parts, said = [], []
    heads = [("OpenAI: (n_in, n_out)", 96 if tall else 300), ("torch: (n_out, n_in)",
             262 if tall else 560)]  # fmt: skip
    for words, x in heads:
        parts.append(text(x, 18, words, size=12 if tall else 13, bold=True))
    y = 40.0
    for name, key in LAYERS:
        shape = SHAPES["blocks", "0", *key, "w"]
        high = max(shape) * scale if shape[0] != shape[1] else shape[0] * scale
        row = max(high, 34) + (42 if tall else 26)
        if tall:
            parts.append(text(8, y + 6, name, size=12, bold=True, anchor="start"))
            y += 16
        else:
            parts.append(text(120, y + high / 2 + 4, name, size=13, anchor="end"))
        alike = shape[0] == shape[1]
        for turned, (_, x) in zip((False, True), heads, strict=True):
            n_rows, n_cols = shape[::-1] if turned else shape
            w, h = n_cols * scale, n_rows * scale
            top = y + (high - h) / 2
            tint = OPEN if alike else BAR
            parts.append(f'<rect x="{x - w / 2:.1f}" y="{top:.1f}" width="{w:.1f}" '
                         f'height="{h:.1f}" fill="{tint}" fill-opacity="0.25" '
                         f'stroke="{tint}"/>')  # fmt: skip
            words = f"{n_rows} × {n_cols}"
            parts.append(text(x, top + h + 14, words, size=11, colour=SOFT))
        if alike:
            x, at = (179, y + high / 2 + 4) if tall else (430, y + high / 2 + 4)
            parts.append(text(x, at, "the same!" if tall else "no check of shapes sees it", size=12,
                              colour=OPEN, bold=True))  # fmt: skip
        y += row
        said.append(f"{name} {shape[0]}×{shape[1]}, turned {shape[1]}×{shape[0]}")
    title = "The matrices of a block: " + "; ".join(said) + ": the square one looks alike both ways"
    return page(344 if tall else 720, y, title, parts)


W = [[1.0, 2.0], [3.0, 4.0]]
ROW = [1.0, 10.0]


def product(matrix: list[list[float]]) -> list[float]:
    """ROW @ matrix."""
    return [sum(a * row[j] for a, row in zip(ROW, matrix, strict=True)) for j in range(2)]


def both_ways(records: Records, *, tall: bool = False) -> str:
    """x @ W, and x @ W.T, of four numbers: both work, and they differ."""
    turned = [list(column) for column in zip(*W, strict=True)]
    parts, side = [], 40
    for i, (name, matrix) in enumerate((("x @ W", W), ("x @ W.T", turned))):
        x, y = (26.0, 30.0 + 130 * i) if tall else (60.0 + 350 * i, 30.0)
        parts.append(text(x, y - 10, name, size=13, bold=True, anchor="start"))
        tint = BAR if i == 0 else OPEN
        at = x
        for rows, shade in (([ROW], 0.0), (matrix, 0.25), ([product(matrix)], 0.0)):
            for r, row in enumerate(rows):
                for c, value in enumerate(row):
                    top = y + 30 * r + (15 if len(rows) == 1 else 0)
                    parts.append(f'<rect x="{at + side * c:g}" y="{top:g}" width="{side}" '
                                 f'height="30" fill="{tint}" fill-opacity="{shade}" '
                                 f'stroke="{LINE}"/>')  # fmt: skip
                    parts.append(text(at + side * (c + 0.5), top + 20, figure(value), size=13))
            at += 2 * side + 24
            if shade == 0 and at < x + 150:
                parts.append(text(at - 12, y + 35, "@", size=13))
            elif shade:
                parts.append(text(at - 12, y + 35, "=", size=13))
    title = (f"{ROW} times {W} is {product(W)}; times the same turned it is {product(turned)}: "
             "both have the right shape")  # fmt: skip
    return page(344 if tall else 720, 236 if tall else 106, title, parts)


C, HEADS, ROWS = 4, 2, "abcd"
THIRDS = [("q", "W_query", BAR, 0.42), ("k", "W_key", OPEN, 0.3), ("v", "W_value", BAR, 0.14)]


def field(x: float, y: float, words: str, tint: str, shade: float) -> list[str]:
    """A number's field, 26 by 24."""
    return [
        f'<rect x="{x:g}" y="{y:g}" width="26" height="24" fill="{tint}" '
        f'fill-opacity="{shade}" stroke="{LINE}"/>',
        text(x + 13, y + 17, words, size=11),
    ]


def qkv(records: Records, *, tall: bool = False) -> str:
    """c_attn of a width of four, cut into three, and each third turned."""
    parts = []
    x0, y0 = (16.0, 52.0) if tall else (204.0, 52.0)
    parts.append(text(x0 + 13 * 3 * C, 16, f"c_attn.w, ({C}, {3 * C})", size=13, bold=True))
    for t, (short, _, tint, shade) in enumerate(THIRDS):
        left = x0 + 26 * C * t
        parts.append(text(left + 13 * C, y0 - 8, short, size=13, bold=True))
        for i in range(C):
            for j in range(C):
                parts += field(left + 26 * j, y0 + 24 * i, f"{ROWS[i]}{C * t + j + 1}", tint, shade)
        if t:
            cut = [(left, y0 - 14), (left, y0 + 24 * C + 10)]
            parts.append(path(cut, colour=INK, width=2.4, head=False))
    below = y0 + 24 * C
    for t, (_, name, tint, shade) in enumerate(THIRDS):
        x = 16.0 + 104 * t if tall else 100.0 + 208 * t
        y = below + 78
        start = x0 + 26 * C * (t + 0.5)
        parts.append(path([(start, below + 14), (x + 13 * C, y - 28)], colour=SOFT))
        parts.append(text(x + 13 * C, y - 10, name, size=12, bold=True))
        for i in range(C):
            for j in range(C):
                parts += field(
                    x + (25 if tall else 26) * j,
                    y + 24 * i,
                    f"{ROWS[j]}{C * t + i + 1}",
                    tint,
                    shade,
                )
        if not tall:
            for h in range(HEADS):
                parts.append(text(x + 26 * C + 8, y + 24 * (C / HEADS * (h + 0.5)) + 4,
                                  f"head {h}", size=11, colour=SOFT, anchor="start"))  # fmt: skip
    y = below + 78 + 24 * C + 22
    words = "weight as torch wants it: a row for each number out"
    parts.append(text(172 if tall else 360, y, words, size=11 if tall else 12, colour=SOFT))
    title = (f"The matrix c_attn, {C} rows and {3 * C} columns, is cut between its columns into q, "
             f"k and v, {C} by {C} each, and each is turned; a number is named by row and column "
             "of the whole")  # fmt: skip
    return page(344 if tall else 720, y + 10, title, parts)


DRAWINGS: dict[str, Callable[..., str]] = {
    "checkpoint-files": checkpoint,
    "square-matrix": square,
    "both-ways": both_ways,
    "qkv-cut": qkv,
}
