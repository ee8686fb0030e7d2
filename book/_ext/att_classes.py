"""The drawings of chapter 6 that count: six words, a module's belongings, dropout, the tiles.

The words, their numbers and the weights of `cross` are those of lab 6. What follows from them is
computed here. A drawing takes the records of `make figures`, which these do not read, and gives SVG
text, wide or tall.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from math import log, sqrt
from typing import Any

from attention import Rows, softmax, times
from svg import BAR, BOX, INK, LINE, OPEN, SOFT, cell, figure, page, path, table, text

Records = dict[str, dict[str, Any]]

WORDS = ["tiny", "fish", "often", "cross", "wide", "seas"]
CHANNELS = ["alive", "water", "small"]
NUMBERS: Rows = [[0, 0, 1], [1, 1, 1], [0, 0, 0], [1, 1, -1], [0, 1, -1], [0, 1, 0]]
UNIT = sqrt(log(2))  # with it each score is a whole number of times ln 2
ROW = [0.1, 0.4, 0.1, 0.4]  # of cross, after the mask
P = 0.5


def six_worked() -> tuple[Rows, Rows]:
    """Weights and context of the six words; the context in the units of NUMBERS."""
    rows = [[UNIT * value for value in row] for row in NUMBERS]
    scores = times(rows, [list(column) for column in zip(*rows, strict=True)])
    weights = [softmax(row) for row in scores]
    return weights, times(weights, NUMBERS)


def six(records: Records, *, tall: bool = False) -> str:
    """Six words of three numbers, the shares of each row, and what comes out."""
    weights, context = six_worked()
    size = 41 if tall else 42
    places = [(70, 52), (70, 300), (70, 548)] if tall else [(56, 52), (228, 52), (538, 52)]
    given = zip(
        ("six words", "shares", "context"), (NUMBERS, weights, context), places, strict=True
    )
    parts = []
    for i, (title, rows, (x, y)) in enumerate(given):
        wide = size if i == 1 else 50 if tall else 42
        parts.append(table(x, y, rows, size=wide, heat=i == 1, title=""))
        parts.append(text(x + len(rows[0]) * wide / 2, y - 26, title, size=13, bold=True))
        heads = WORDS if i == 1 else CHANNELS
        for j, word in enumerate(heads):
            parts.append(text(x + (j + 0.5) * wide, y - 8, word, size=11, colour=SOFT))
        if tall or i == 0:
            for t, word in enumerate(WORDS):
                parts.append(text(x - 8, y + 20 + 30 * t, word, size=12, anchor="end"))
        elif i:
            sign = "→" if i == 1 else "× →"
            parts.append(text(x - 24, y + 96, sign, size=15))
    x, y = places[1]
    parts.append(  # the row that is worked out in the text
        f'<rect x="{x}" y="{y + 30}" width="{6 * size}" height="30" fill="none" '
        f'stroke="{OPEN}" stroke-width="2.5"/>'
    )
    title = "Six words of three numbers; the shares of each; and the context. " + "; ".join(
        f"{word}: {', '.join(map(figure, share))} gives {', '.join(map(figure, row))}"
        for word, share, row in zip(WORDS, weights, context, strict=True)
    )
    return page(340 if tall else 690, 740 if tall else 244, title, parts)


Kind = tuple[str, str, list[str], list[str]]  # title, colour, names, what holds for them
OWNS: list[Kind] = [
    (
        "parameters", BAR,
        ["W_query.weight (d_out, d_in)", "W_key.weight (d_out, d_in)",
         "W_value.weight (d_out, d_in)", "out_proj.weight (d_out, d_out)", "out_proj.bias (d_out)"],
        ["the optimizer moves them", "saved: state_dict()", "go along: .to(device)"],
    ),
    (
        "buffer", OPEN, ["mask (context_length, context_length)"],
        ["nobody trains it", "saved: state_dict()", "goes along: .to(device)"],
    ),
    (
        "plain attributes", LINE, ["num_heads, head_dim, d_out"],
        ["nobody trains them", "not saved", "Python numbers: no device"],
    ),
]  # fmt: skip


def owns(records: Records, *, tall: bool = False) -> str:
    """What belongs to a module, in three kinds, and what becomes of each."""
    width = 344 if tall else 716
    parts = [text(14, 26, "MultiHeadAttention", size=14, bold=True, anchor="start")]
    y = 40.0
    for title, colour, names, facts in OWNS:
        lines = len(names) + len(facts) if tall else max(len(names), len(facts))
        high = 34 + 19 * lines + (6 if tall else 0)
        parts.append(
            f'<rect x="12" y="{y:g}" width="{width - 24}" height="{high}" rx="6" fill="{BOX}" '
            f'stroke="{colour}" stroke-width="2"/>'
        )
        parts.append(text(24, y + 21, title, size=13, bold=True, anchor="start"))
        for i, name in enumerate(names):
            parts.append(text(24, y + 43 + 19 * i, name, anchor="start"))
        for i, fact in enumerate(facts):
            x, top = (24.0, y + 49 + 19 * len(names)) if tall else (430.0, y + 43)
            parts.append(text(x, top + 19 * i, fact, colour=SOFT, anchor="start"))
        y += high + 12
    parts.insert(
        0, f'<rect x="2" y="4" width="{width - 4}" height="{y - 4:g}" rx="9" fill="none" '
        f'stroke="{LINE}"/>'
    )  # fmt: skip
    title = "What a MultiHeadAttention owns. " + "; ".join(
        f"{kind}: {', '.join(names)} ({', '.join(facts)})" for kind, _, names, facts in OWNS
    )
    return page(width, y + 4, title, parts)


DRAWS = [(1, 1, 0, 0), (0, 1, 1, 1), (1, 0, 0, 0)]  # which of the four weights stay


def dropped(row: list[float], kept: tuple[int, ...]) -> list[float]:
    """A row of weights after dropout: what stays is divided by 1 − p."""
    return [value * stays / (1 - P) for value, stays in zip(row, kept, strict=True)]


def mean_of_all(row: list[float]) -> list[float]:
    """The mean over all ways in which the weights can stay or go, each as likely with p = ½."""
    ways = [dropped(row, kept) for kept in product((0, 1), repeat=len(row))]
    return [sum(column) / len(ways) for column in zip(*ways, strict=True)]


def dropout_drawing(records: Records, *, tall: bool = False) -> str:
    """One row of weights in use, in three draws of training, and the mean of all draws."""
    panels = [("in use", ROW)] + [
        (f"training, draw {i}", dropped(ROW, kept)) for i, kept in enumerate(DRAWS, 1)
    ]
    panels.append(("mean of all 16 draws", mean_of_all(ROW)))
    step, unit = 33, 95
    parts, said = [], []
    for i, (title, row) in enumerate(panels):
        column, line = (i % 2, i // 2) if tall else (i, 0)
        x, y = (14.0 + 172 * column, 8.0 + 168 * line) if tall else (3.0 + 144 * column, 8.0)
        parts.append(text(x + 67, y + 12, title, size=12, bold=True))
        zero = y + 118
        for j, value in enumerate(row):
            at = x + 4 + step * j
            if value:
                parts.append(
                    f'<rect x="{at:g}" y="{zero - unit * value:.1f}" width="26" '
                    f'height="{unit * value:.1f}" fill="{BAR}"/>'
                )
            parts.append(
                text(at + 13, zero - unit * value - 4, f"{value:.1f}", size=11,
                     colour=INK if value else SOFT)
            )  # fmt: skip
            parts.append(text(at + 13, zero + 14, WORDS[j], size=11, colour=SOFT))
        parts.append(path([(x, zero), (x + 134, zero)], colour=LINE, head=False))
        parts.append(text(x + 67, zero + 31, f"sum {sum(row):.1f}", size=12))
        said.append(f"{title}: {', '.join(f'{value:.1f}' for value in row)}")
    title = "Dropout with p = ½ on a row of weights. " + "; ".join(said)
    return page(344 if tall else 720, 512 if tall else 162, title, parts)


TILES = 5


def tiles(records: Records, *, tall: bool = False) -> str:
    """The table of scores, whole and in tiles, of which those ahead are never touched."""
    side = 30
    parts = []
    names = ["written out", "in tiles"]
    for i, name in enumerate(names):
        x, y = (66.0, 34.0 + 262 * i) if tall else (120.0 + 330 * i, 34.0)
        whole = side * TILES
        parts.append(text(x + whole / 2, y - 12, name, size=13, bold=True))
        for row in range(TILES):
            for column in range(TILES):
                here = (x + side * column, y + side * row)
                if i == 0:
                    parts.append(cell(*here, side, side, 0.5))
                elif column <= row:
                    tint, shade = (OPEN, 0.8) if (row, column) == (3, 1) else (BAR, 0.12)
                    parts.append(
                        f'<rect x="{here[0]:g}" y="{here[1]:g}" width="{side}" height="{side}" '
                        f'fill="{tint}" fill-opacity="{shade}" stroke="{LINE}"/>'
                    )
        parts.append(text(x - 8, y + whole / 2, "T", size=13, colour=SOFT, anchor="end"))
        words = ["all T × T scores in memory", "half of them hidden afterwards"] if i == 0 else [
            "one tile in memory at a time", "tiles ahead are skipped"]  # fmt: skip
        for j, line in enumerate(words):
            parts.append(text(x + whole / 2, y + whole + 20 + 18 * j, line, size=12, colour=SOFT))
    done = TILES * (TILES + 1) // 2
    title = (
        f"Left: the table of scores written out, {TILES * TILES} tiles, all kept. Right: {done} "
        f"tiles are worked out one after the other, and the {TILES * TILES - done} ahead not at all"
    )
    return page(300 if tall else 720, 502 if tall else 240, title, parts)


DRAWINGS: dict[str, Callable[..., str]] = {
    "six": six,
    "owns": owns,
    "dropout": dropout_drawing,
    "tiles": tiles,
}
