"""The drawings of chapter 7 that count: parameters, bits, and the rows of a cache's mask.

What they count is computed here, for GPT-2's smallest size. A drawing takes the records of
`make figures`, which these do not read, and gives SVG text, wide or tall.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gpt_model import CONTEXT, LAYERS, VOCAB, WIDTH
from svg import BAR, INK, LINE, OPEN, SOFT, cell, page, text

from gptlab import weights

Records = dict[str, dict[str, Any]]


def total(width: int, layers: int, *, tied: bool, bias: bool) -> int:
    """How many numbers a GPTModel of this size learns."""
    many = sum(parts_of(width, layers).values())
    tables = VOCAB * width
    return many - (0 if bias else 3 * width * layers) + (0 if tied else tables)


def parts_of(width: int, layers: int) -> dict[str, int]:
    """Kind of part -> numbers, with biases, the head being the table of tokens."""
    counted = dict.fromkeys(("tok_emb", "pos_emb", "attention", "feed-forward", "norms"), 0)
    for place, shape in weights.shapes_by_place(VOCAB, CONTEXT, width, layers).items():
        many = 1
        for size in shape:
            many *= size
        named = {"wte": "tok_emb", "wpe": "pos_emb", "attn": "attention", "mlp": "feed-forward"}
        kind = next((named[part] for part in place if part in named), "norms")
        counted[kind] += many
    return counted


FORMS = [
    ("a head of its own", {"tied": False, "bias": False}),
    ("tied", {"tied": True, "bias": False}),
    ("tied, and biases: GPT-2's weights", {"tied": True, "bias": True}),
]


def counts(records: Records, *, tall: bool = False) -> str:
    """Three totals as bars, part by part."""
    width, row = (344, 96) if tall else (720, 84)
    most = total(WIDTH, LAYERS, tied=False, bias=False)
    scale = (width - 16) / most
    parts, said = [], []
    for i, (name, form) in enumerate(FORMS):
        y = 8 + row * i
        many = total(WIDTH, LAYERS, **form)
        parts.append(text(8, y + 13, name, size=13, anchor="start"))
        parts.append(text(width - 8, y + 13, f"{many:,}", size=14, bold=True, anchor="end"))
        x = 8.0
        for kind, count in segments(**form):
            length = count * scale
            shade = SHADES[kind]
            parts.append(
                f'<rect x="{x:.2f}" y="{y + 22}" width="{length:.2f}" height="32" '
                f'fill="{OPEN if kind == "out_head" else BAR}" fill-opacity="{shade}" '
                f'stroke="{LINE}"/>'
            )
            words = f"{count / 1e6:.1f}"
            if length > 30:
                parts.append(text(x + length / 2, y + 43, words, size=13, bold=True))
            if length > 60:
                label = {"feed-forward": "feed-forward"}.get(kind, kind)
                parts.append(text(x + length / 2, y + 70, label, size=11, colour=SOFT))
            x += length
        said.append(f"{name} {many:,}")
    y = 8 + row * len(FORMS)
    parts.append(text(8, y + 10, "in millions; too small to see: pos_emb 0.8, norms 0.04,",
                      size=11, colour=SOFT, anchor="start"))  # fmt: skip
    parts.append(text(8, y + 26, "and the biases of q, k and v, 0.03", size=11, colour=SOFT,
                      anchor="start"))  # fmt: skip
    return page(width, y + 34, "Parameters: " + "; ".join(said), parts)


SHADES = {"tok_emb": 0.4, "pos_emb": 0.9, "attention": 0.2, "feed-forward": 0.32, "norms": 0.9,
          "out_head": 0.35}  # fmt: skip


def segments(*, tied: bool, bias: bool) -> list[tuple[str, int]]:
    """The parts of one bar, in the order in which they are drawn."""
    counted = parts_of(WIDTH, LAYERS)
    counted["attention"] -= 0 if bias else 3 * WIDTH * LAYERS
    return [*counted.items(), ("out_head", 0 if tied else VOCAB * WIDTH)]


KINDS = {"float32": (8, 23), "bfloat16": (8, 7), "float16": (5, 10)}  # exponent, fraction


def bits(records: Records, *, tall: bool = False) -> str:
    """What the bits of a number are for, in three formats."""
    side, left, row = (10, 12, 66) if tall else (18, 92, 52)
    parts, said = [], []
    for i, (name, (exponent, fraction)) in enumerate(KINDS.items()):
        y = 8 + row * i
        if tall:
            parts.append(text(left, y + 12, name, size=13, bold=True, anchor="start"))
            y += 18
        else:
            parts.append(text(left - 12, y + 17, name, size=13, bold=True, anchor="end"))
        x = left
        for many, tint, shade in ((1, INK, 0.55), (exponent, OPEN, 0.6), (fraction, BAR, 0.35)):
            for _ in range(many):
                parts.append(
                    f'<rect x="{x}" y="{y}" width="{side}" height="24" fill="{tint}" '
                    f'fill-opacity="{shade}" stroke="{LINE}"/>'
                )
                x += side
        words = (
            f"{(1 + exponent + fraction) // 8} bytes: 1 sign, {exponent} size, {fraction} digits"
        )
        parts.append(text(left, y + 39, words, size=11, colour=SOFT, anchor="start"))
        said.append(f"{name}: {words}")
    return page(
        344 if tall else 680, 8 + row * 3, "The bits of a number. " + "; ".join(said), parts
    )


KEPT, NEW = 4, 3


def cache_mask(records: Records, *, tall: bool = False) -> str:
    """Of the triangle only the rows of the new tokens are left."""
    n, side = KEPT + NEW, 26
    parts = []
    for i, (name, first) in enumerate((("all seven at once", 0), ("four kept, three new", KEPT))):
        x, y = (64.0, 48.0 + 258 * i) if tall else (130.0 + 330 * i, 48.0)
        parts.append(text(x + n * side / 2, y - 30, name, size=13, bold=True))
        parts.append(text(x + n * side / 2, y - 10, "keys", size=11, colour=SOFT))
        for t in range(n):
            if t < first:
                continue
            words = "queries" if t == (n + first) // 2 else ""
            if words:
                parts.append(text(x - 8, y + side * t + 18, words, size=11, colour=SOFT,
                                  anchor="end"))  # fmt: skip
            for s in range(n):
                at = (x + side * s, y + side * t)
                parts.append(cell(*at, side, side, 0.7 if s <= t else 0))
        if first:
            for s in range(first):
                parts.append(
                    f'<rect x="{x + side * s + 6:g}" y="{y + side * 2 + 9:g}" width="14" '
                    f'height="8" fill="{OPEN}" fill-opacity="0.8"/>'
                )
            middle = x + side * first / 2
            parts.append(text(middle, y + side * 2, "in the cache", size=11, colour=SOFT))
    title = (
        f"The mask of {n} tokens is a triangle; with {KEPT} in the cache and {NEW} new ones, its "
        f"last {NEW} rows"
    )
    return page(320 if tall else 720, 506 if tall else 240, title, parts)


DRAWINGS: dict[str, Callable[..., str]] = {
    "counts-of-gpt": counts,
    "bits": bits,
    "cache-mask": cache_mask,
}
