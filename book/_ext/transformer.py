"""The drawings of chapter 3: the block, the stream, the whole model, its parameters, writing.

Those of the layers inside a block are in layers.py. A drawing takes the records of `make figures`
and gives SVG text, wide or tall.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import layers
from layers import N_LAYER, B, C, T, V
from svg import BAR, BOX, INK, LINE, OPEN, SOFT, Box, arrow, page, path, text

Records = dict[str, dict[str, Any]]

BLOCK_TITLE = (
    "A block: the stream x goes straight through; a copy goes through a layer norm and attention "
    "and is added to it; then a copy of the sum goes through a layer norm and the feed-forward and "
    "is added"
)


def block(records: Records, *, tall: bool = False) -> str:
    """The block: a stream, and two ways round that are added to it."""
    if tall:
        return block_tall()
    y, row = 40, 92
    parts = [path([(44, y), (690, y)], colour=BAR, width=4)]
    parts.append(text(8, y + 5, "x", size=15, bold=True, anchor="start"))
    parts.append(text(676, y - 14, "(B, T, C)", size=11, colour=SOFT))
    parts.append(text(66, y - 14, "(B, T, C)", size=11, colour=SOFT))
    parts.append(text(360, y - 14, "the residual stream", size=12, colour=BAR))
    names = [("attention", "look at others"), ("feed-forward", "think alone")]
    for i, (title, below) in enumerate(names):
        tap, plus = 66 + 300 * i, 340 + 300 * i
        parts += [
            path([(tap, y), (tap, row + 26), (tap + 18, row + 26)]),
            Box(tap + 20, row, 90, "LayerNorm", f"ln{i + 1}").svg(),
            path([(tap + 112, row + 26), (tap + 132, row + 26)]),
            Box(tap + 134, row, 112, title, below).svg(),
            path([(tap + 248, row + 26), (plus, row + 26), (plus, y + 13)]),
            sum_sign(plus, y),
        ]
    return page(720, 152, BLOCK_TITLE, parts)


def block_tall() -> str:
    """The same for a phone: the stream runs down at the left."""
    x = 50
    parts = [path([(x, 26), (x, 470)], colour=BAR, width=4)]
    parts.append(text(x, 18, "x  (B, T, C)", size=13, bold=True))
    parts.append(text(x, 488, "(B, T, C)", size=11, colour=SOFT))
    names = [("attention", "look at others"), ("feed-forward", "think alone")]
    for i, (title, below) in enumerate(names):
        tap, plus = 48 + 210 * i, 228 + 210 * i
        parts += [
            path([(x, tap), (215, tap), (215, tap + 18)]),
            Box(120, tap + 20, 190, "LayerNorm", f"ln{i + 1}").svg(),
            path([(215, tap + 74), (215, tap + 94)]),
            Box(120, tap + 96, 190, title, below).svg(),
            path([(215, tap + 150), (215, plus), (x + 13, plus)]),
            sum_sign(x, plus),
        ]
    return page(340, 496, BLOCK_TITLE, parts)


def sum_sign(x: float, y: float) -> str:
    """A plus in a circle."""
    return (
        f'<circle cx="{x}" cy="{y}" r="11" fill="{BOX}" '
        f'stroke="{INK}" stroke-width="1.4"/>' + text(x, y + 6, "+", size=18, bold=True)
    )


def stream(records: Records, *, tall: bool = False) -> str:
    """Four positions as four lanes: attention goes from lane to lane, feed-forward stays in one."""
    letters, nexts = "To b", "o be"
    along, lanes = (640.0, [50.0, 98, 146, 194]) if not tall else (520.0, [110.0, 168, 226, 284])
    unit = along / 640

    def at(a: float, lane: int) -> tuple[float, float]:
        a = 40 + a * unit
        return (lanes[lane], a) if tall else (a, lanes[lane])

    parts = []
    for lane, (letter, follower) in enumerate(zip(letters, nexts, strict=True)):
        parts.append(path([at(16, lane), at(600, lane)], colour=BAR, width=3))
        for a, sign in ((0, letter), (616, follower)):
            x, y = at(a, lane)
            shown = "␣" if sign == " " else sign
            parts.append(text(x, y + 5, shown, size=15, bold=True, colour=INK if a == 0 else OPEN))
    for start in (50, 320):
        parts += look_and_think(at, start, len(lanes))
        for a, words in ((start + 45, "look"), (start + 165, "think")):
            x, y = at(a, 0)
            parts.append(text(*((40, y + 4) if tall else (x, 20)), words, colour=SOFT))
    title = (
        "Four positions as four lanes. In each block attention carries something from earlier "
        "lanes to later ones, never back, and the feed-forward works in each lane alone. Each lane "
        "ends in a guess of the next character"
    )
    return page(340 if tall else 720, 564 if tall else 222, title, parts)


def look_and_think(
    at: Callable[[float, int], tuple[float, float]], start: float, lanes: int
) -> list[str]:
    """One block in the lanes: lines from each lane to the later ones, then a box in each."""
    parts = []
    for later in range(lanes):
        for earlier in range(later):
            parts.append(path([at(start, earlier), at(start + 90, later)], opacity=0.7))
    for lane in range(lanes):
        x, y = at(start + 165, lane)
        parts.append(
            f'<rect x="{x - 20:.1f}" y="{y - 13:.1f}" width="40" height="26" rx="5" '
            f'fill="{BAR}" stroke="{LINE}"/>'
        )
    return parts


MODEL = [
    ("idx", "numbers of characters", "(B, T)", f"{B} windows of {T} characters"),
    (
        "token + position embedding", "which character, and where", "(B, T, C)",
        f"for each of them {C} numbers",
    ),
    (
        f"{N_LAYER} blocks", "look at others, think alone", "(B, T, C)",
        f"{C} numbers that know the past",
    ),
    ("LayerNorm", "ln_f", "(B, T, C)", "the same, evened out"),
    ("lm_head", "Linear C → V", "(B, T, V)", f"{V} scores: one for each next character"),
    ("softmax", "in the loss, and when it writes", "(B, T, V)", f"{V} chances, which add up to 1"),
]  # fmt: skip


def model(records: Records, *, tall: bool = False) -> str:
    """The whole model from top to bottom, with what flows between its parts."""
    left, width, step = (8, 324, 92) if tall else (40, 300, 82)
    middle = left + width / 2
    parts = []
    for i, (title, below, shape, words) in enumerate(MODEL):
        y = 8 + i * step
        parts.append(Box(left, y, width, title, below).svg())
        if tall:
            if i + 1 < len(MODEL):
                parts.append(arrow(middle, y + 54, middle, y + step - 2, shape))
            continue
        parts.append(text(370, y + 23, shape, size=13, bold=True, colour=BAR, anchor="start"))
        parts.append(text(370, y + 41, words, size=12, anchor="start"))
        if i + 1 < len(MODEL):
            parts.append(arrow(middle, y + 54, middle, y + step - 2))
    title = "The model: " + ", then ".join(f"{name} {shape}" for name, _, shape, _ in MODEL)
    return page(340 if tall else 720, 8 + (len(MODEL) - 1) * step + 62, title, parts)


def parameters_by_part() -> dict[str, int]:
    """How many numbers each kind of part of the whole model learns."""
    return {
        "token embedding": V * C,
        "position embedding": T * C,
        "attention: q, k, v": N_LAYER * 3 * C * C,
        "attention: proj": N_LAYER * (C * C + C),
        "feed-forward": N_LAYER * (4 * C * C + 4 * C + 4 * C * C + C),
        "layer norms": (2 * N_LAYER + 1) * 2 * C,
        "lm_head": C * V + V,
    }


def parameters(records: Records, *, tall: bool = False) -> str:
    """Bars: where the learned numbers are. Raises ValueError if a run counted another total."""
    counted = parameters_by_part()
    total = sum(counted.values())
    ran = records.get("lab03_toy_gpt", {}).get("numbers", {}).get("n_parameters", total)
    if ran != total:
        raise ValueError(
            f"the drawing counts {total:,} parameters, lab03_toy_gpt recorded {ran:,}: are B, T, C "
            "and V in book/_ext/layers.py those of the lab?"
        )
    width, label, row = (340, 0, 50) if tall else (720, 170, 32)
    scale = (width - label - 130) / max(counted.values())
    parts = []
    for i, (name, many) in enumerate(counted.items()):
        y, left = 6 + i * row, label + 8
        if tall:
            parts.append(text(8, y + 12, name, anchor="start"))
            y += 18
        else:
            parts.append(text(label - 4, y + 16, name, size=13, anchor="end"))
        parts.append(
            f'<rect x="{left}" y="{y}" width="{many * scale:.1f}" height="22" rx="3" fill="{BAR}"/>'
        )
        words = f"{many:,} ({100 * many / total:.1f} %)"
        parts.append(text(left + many * scale + 8, y + 16, words, anchor="start"))
    title = f"{total:,} parameters: " + ", ".join(f"{k} {v:,}" for k, v in counted.items())
    return page(width, 10 + len(counted) * row, title, parts)


WRITING = [
    (f"the last {T}", "characters"),
    ("model", f"{V} scores"),
    ("softmax", f"{V} chances"),
    ("draw one", "by these chances"),
]


def writing(records: Records, *, tall: bool = False) -> str:
    """How a model writes: what it draws is put at the end of what it reads next."""
    parts = []
    words = "put it at the end, and again"
    if tall:
        for i, (title, below) in enumerate(WRITING):
            y = 8 + 84 * i
            parts.append(Box(60, y, 200, title, below).svg())
            if i:
                parts.append(arrow(160, y - 30, 160, y - 2))
        back = [(160, 314), (160, 340), (300, 340), (300, 34), (262, 34)]
        parts += [path(back, colour=BAR), text(160, 360, words, colour=BAR)]
    else:
        for i, (title, below) in enumerate(WRITING):
            x = 20 + 180 * i
            parts.append(Box(x, 8, 134, title, below).svg())
            if i:
                parts.append(arrow(x - 44, 34, x - 2, 34))
        back = [(627, 62), (627, 96), (87, 96), (87, 64)]
        parts += [path(back, colour=BAR), text(357, 88, words, colour=BAR)]
    title = "Writing: " + ", then ".join(f"{a}, {b}" for a, b in WRITING) + f"; {words}"
    return page(340 if tall else 720, 368 if tall else 106, title, parts)


DRAWINGS: dict[str, Callable[..., str]] = {
    **layers.DRAWINGS,
    "block": block,
    "stream": stream,
    "model": model,
    "parameters": parameters,
    "writing": writing,
}
