"""The drawings of chapter 6 about shapes: one matrix for all heads, split, merge, and the slip.

The numbers are those of lab 6: `12` is number 2 of word 1. Where each number goes is worked out
here as view and transpose do it. A drawing takes the records of `make figures`, which these do not
read, and gives SVG text, wide or tall.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from attention import Rows, times
from gpt2_shapes import Chain, chain
from svg import BAR, LINE, OPEN, SOFT, figure, page, path, text

Records = dict[str, dict[str, Any]]

T, HEADS, SIZE = 3, 2, 2  # words, heads, numbers of a head
WIDTH = HEADS * SIZE
LINE_OF_MEMORY = [10 * word + number for word in range(T) for number in range(WIDTH)]
TINT = (BAR, OPEN)  # the colour of a head
CELL, HIGH = 34, 28

X: Rows = [[0, 0, 1], [1, 1, 1], [0, 0, 0]]  # tiny, fish, often
MATRICES: list[Rows] = [[[4, 0], [0, 8], [4, 0]], [[2, 0], [0, 0], [0, 2]]]  # one for each head


def head_of(code: int) -> int:
    """To which head a number of a row belongs."""
    return code % 10 // SIZE


def codes(x: float, y: float, rows: list[list[int]], said: str = "") -> list[str]:
    """Numbers in fields, each in the colour of its head."""
    parts = [text(x, y - 7, said, size=11, colour=SOFT, anchor="start")] if said else []
    for i, row in enumerate(rows):
        for j, code in enumerate(row):
            left, top = x + CELL * j, y + HIGH * i
            parts.append(
                f'<rect x="{left:g}" y="{top:g}" width="{CELL}" height="{HIGH}" '
                f'fill="{TINT[head_of(code)]}" fill-opacity="0.28" stroke="{LINE}"/>'
            )
            parts.append(text(left + CELL / 2, top + 19, f"{code:02}", size=13))
    return parts


def cut(line: list[int], width: int) -> list[list[int]]:
    """A line of numbers in rows of `width`, as view does it."""
    return [line[i : i + width] for i in range(0, len(line), width)]


def heads_right() -> list[list[list[int]]]:
    """view(T, heads, size), then transpose: head -> word -> numbers."""
    words = [cut(row, SIZE) for row in cut(LINE_OF_MEMORY, WIDTH)]
    return [[words[t][h] for t in range(T)] for h in range(HEADS)]


def heads_wrong() -> list[list[list[int]]]:
    """view(heads, T, size) alone."""
    return cut(cut(LINE_OF_MEMORY, SIZE), T)  # type: ignore[arg-type]


def split(records: Records, *, tall: bool = False) -> str:
    """Split and merge, with the numbers."""
    rows = cut(LINE_OF_MEMORY, WIDTH)
    words = [cut(row, SIZE) for row in rows]
    titles = ["queries", ".view", ".transpose(1, 2)", "back, .reshape"]
    shapes = [f"({T}, {WIDTH})", f"({T}, {HEADS}, {SIZE})", f"({HEADS}, {T}, {SIZE})",
              f"({T}, {WIDTH})"]  # fmt: skip
    places = [(14, 8), (204, 8), (14, 264), (204, 264)] if tall else [
        (8, 8), (206, 8), (376, 8), (572, 8)]  # fmt: skip
    parts = []
    for i, (title, shape, (x, y)) in enumerate(zip(titles, shapes, places, strict=True)):
        parts.append(text(x, y + 14, title, size=13, bold=True, anchor="start"))
        parts.append(text(x, y + 31, shape, size=12, colour=BAR, anchor="start"))
        top = y + 56
        if i in (0, 3):
            parts += codes(x, top + 30, rows)
        elif i == 1:
            for t in range(T):
                parts += codes(x, top + 66 * t, words[t])
                parts.append(text(x + 2 * CELL + 6, top + 66 * t + 32, f"word {t}", size=11,
                                  colour=SOFT, anchor="start"))  # fmt: skip
        else:
            for h, part in enumerate(heads_right()):
                parts += codes(x, top + 8 + 102 * h, part)
                parts.append(text(x + 2 * CELL + 6, top + 102 * h + 54, f"head {h}", size=11,
                                  colour=SOFT, anchor="start"))  # fmt: skip
    title = (
        f"Queries {shapes[0]} are cut into heads, {shapes[1]}; transpose makes {shapes[2]}, a "
        "table for each head: "
        + "; ".join(
            f"head {h}: {' / '.join(' '.join(f'{c:02}' for c in row) for row in part)}"
            for h, part in enumerate(heads_right())
        )
        + f"; swapped back and merged they are {shapes[3]} again"
    )
    return page(344 if tall else 720, 520 if tall else 262, title, parts)


def slip(records: Records, *, tall: bool = False) -> str:
    """The line of memory, and what becomes head 0 and head 1 with the transpose and without."""
    per_line = 6 if tall else 12
    width = 344 if tall else 720
    step = 52 if tall else 54
    left = 16 if tall else 36
    parts = [text(width / 2, 18, "in memory: one line of numbers", size=13, bold=True)]
    for i, code in enumerate(LINE_OF_MEMORY):
        x, y = left + step * (i % per_line), 30 + 34 * (i // per_line)
        parts.append(
            f'<rect x="{x}" y="{y}" width="{step}" height="28" fill="{TINT[head_of(code)]}" '
            f'fill-opacity="0.28" stroke="{LINE}"/>'
        )
        parts.append(text(x + step / 2, y + 19, f"{code:02}", size=13))
    y = 138.0 if tall else 104.0
    halves = [("view and transpose", heads_right()), ("view(heads, T, size) alone", heads_wrong())]
    for i, (title, heads) in enumerate(halves):
        x = 14.0 if tall else 70.0 + 350 * i
        top = y + (150 * i if tall else 0)
        parts.append(text(x, top, title, size=13, bold=True, anchor="start"))
        for h, part in enumerate(heads):
            parts += codes(x + 150 * h, top + 32, part, f"head {h}")
            for t, row in enumerate(part):
                met = sorted({code // 10 for code in row})
                parts.append(text(x + 150 * h + 2 * CELL + 6, top + 51 + HIGH * t,
                                  f"word {met[0]}", size=11,
                                  colour=SOFT, anchor="start"))  # fmt: skip
    title = "The line of numbers in memory, and the heads: " + "; ".join(
        f"{name}: " + ", ".join(
            f"head {h} holds {' '.join(f'{c:02}' for row in part for c in row)}"
            for h, part in enumerate(heads))
        for name, heads in halves
    )  # fmt: skip
    return page(width, y + (290 if tall else 130), title, parts)


def seen_by(words: int, heads: int, right: bool) -> list[set[int]]:
    """For each row of the output the words that it depends on, with mask, merge and all."""
    rows: list[set[int]] = []
    for t in range(words):
        if right:
            rows.append(set(range(t + 1)))
            continue
        # Place p of "head" h is piece h * words + p of the line; a word has `heads` pieces.
        rows.append({(h * words + p) // heads for h in range(heads) for p in range(t + 1)})
    return rows


WORDS = ["tiny", "fish", "often", "cross", "wide", "seas"]


def leak(records: Records, *, tall: bool = False) -> str:
    """Which row of the output depends on which word: with the transpose and without."""
    side, parts, said = 32, [], []
    for i, (name, right) in enumerate((("view and transpose", True), ("view alone", False))):
        x, y = (70.0, 40.0 + 296 * i) if tall else (110.0 + 340 * i, 40.0)
        parts.append(text(x + 3 * side, y - 22, name, size=13, bold=True))
        for t, seen in enumerate(seen_by(6, 3, right)):
            parts.append(text(x - 8, y + side * t + 21, WORDS[t], anchor="end"))
            for s in range(6):
                at = (x + side * s, y + side * t)
                tint = BAR if s <= t else OPEN
                shade = (0.3 if s <= t else 0.85) if s in seen else 0
                parts.append(
                    f'<rect x="{at[0]:g}" y="{at[1]:g}" width="{side}" height="{side}" '
                    f'fill="{tint}" fill-opacity="{shade}" stroke="{LINE}"/>'
                )
            said.append(f"{name}, {WORDS[t]}: " + " ".join(WORDS[s] for s in sorted(seen)))
        for s, word in enumerate(WORDS):
            parts.append(text(x + side * (s + 0.5), y + 6 * side + 16, word, size=11, colour=SOFT))
        wrong = sum(s > t for t, seen in enumerate(seen_by(6, 3, right)) for s in seen)
        words = f"looks ahead in {wrong} fields" if wrong else "never looks ahead"
        parts.append(text(x + 3 * side, y + 6 * side + 37, words, size=12, bold=bool(wrong)))
    title = "Which row of the output depends on which word. " + "; ".join(said)
    return page(320 if tall else 720, 586 if tall else 286, title, parts)


def plain(x: float, y: float, rows: Rows, tints: list[str | None]) -> list[str]:
    """Numbers in fields; each column in a colour or in none."""
    parts = []
    for i, row in enumerate(rows):
        for j, value in enumerate(row):
            left, top = x + CELL * j, y + HIGH * i
            tint = tints[j]
            fill = f'fill="{tint}" fill-opacity="0.28"' if tint else 'fill="none"'
            parts.append(
                f'<rect x="{left:g}" y="{top:g}" width="{CELL}" height="{HIGH}" {fill} '
                f'stroke="{LINE}"/>'
            )
            parts.append(text(left + CELL / 2, top + 19, figure(value), size=13))
    return parts


def side_by_side(records: Records, *, tall: bool = False) -> str:
    """One product with both matrices side by side gives what two products give."""
    joined = [[*a, *b] for a, b in zip(*MATRICES, strict=True)]
    both: list[str | None] = [BAR, BAR, OPEN, OPEN]
    out = times(X, joined)
    places = [(48, 34), (186, 34), (186, 170)] if tall else [(110, 34), (280, 34), (480, 34)]
    titles = [("x", ""), ("two matrices", "side by side"), ("both heads", "side by side")]
    parts = []
    tables = ((X, [None] * 3), (joined, both), (out, both))
    for (rows, tints), (x, y), (title, _) in zip(tables, places, titles, strict=True):
        middle = x + len(rows[0]) * CELL / 2
        parts.append(text(middle, y - 10, title, size=13, bold=True))
        parts += plain(x, y, rows, tints)
    for t, word in enumerate(WORDS[:T]):
        parts.append(text(places[0][0] - 8, places[0][1] + 19 + HIGH * t, word, anchor="end"))
        if tall:
            parts.append(text(places[2][0] - 8, places[2][1] + 19 + HIGH * t, word, anchor="end"))
    parts.append(text(168 if tall else 246, 82, "@", size=15))
    parts.append(text(120 if tall else 448, 218 if tall else 82, "=", size=15))
    title = "Three words times two matrices side by side: " + " / ".join(
        " ".join(map(figure, row)) for row in out
    )
    return page(344 if tall else 720, 266 if tall else 130, title, parts)


C, H, D = 768, 12, 64  # the smallest GPT-2
APART: Chain = [
    ("x", f"(B, T, {C})"),
    ("W_query, W_key, W_value", f"3 × (B, T, {C})"),
    (f".view(B, T, {H}, {D})", f"3 × (B, T, {H}, {D})"),
    (".transpose(1, 2)", f"3 × (B, {H}, T, {D})"),
    ("q @ k.transpose(2, 3)", f"(B, {H}, T, T)"),
    (f"÷ √{D}, mask, softmax", f"(B, {H}, T, T)"),
    ("weights", ""),
]
TOGETHER: Chain = [
    ("weights", f"(B, {H}, T, T)"),
    ("dropout", f"(B, {H}, T, T)"),
    ("@ v", f"(B, {H}, T, {D})"),
    (".transpose(1, 2)", f"(B, T, {H}, {D})"),
    (f".reshape(B, T, {C})", f"(B, T, {C})"),
    ("out_proj", f"(B, T, {C})"),
    ("out", ""),
]


def class_shapes(records: Records, *, tall: bool = False) -> str:
    """The way through MultiHeadAttention at GPT-2's size, with each shape."""
    names = ("to the weights", "and back to one row a word")
    high = 22 + 58 * len(APART)
    if tall:
        parts = chain(50, 6, 240, names[0], APART) + chain(50, high, 240, names[1], TOGETHER)
    else:
        parts = chain(60, 6, 250, names[0], APART) + chain(410, 6, 250, names[1], TOGETHER)
    title = "The shapes in MultiHeadAttention: " + "; ".join(
        ", ".join(" ".join(step).strip() for step in steps) for steps in (APART, TOGETHER)
    )
    return page(340 if tall else 720, (2 * high if tall else high) - 16, title, parts)


def memory(records: Records, *, tall: bool = False) -> str:
    """How a transposed tensor reads the same line: steps of another length."""
    width = 344 if tall else 720
    left, step = (8, 27) if tall else (90, 46)
    parts = []
    orders = [
        ("as it lies: (3, 2, 2), steps 4, 2, 1", LINE_OF_MEMORY),
        ("transposed: (2, 3, 2), steps 2, 4, 1", [c for h in heads_right() for r in h for c in r]),
    ]
    for i, (title, order) in enumerate(orders):
        y = 10 + 126 * i
        parts.append(text(left, y + 12, title, size=13, bold=True, anchor="start"))
        for j, code in enumerate(LINE_OF_MEMORY):
            x = left + step * j
            parts.append(
                f'<rect x="{x}" y="{y + 24}" width="{step}" height="28" '
                f'fill="{TINT[head_of(code)]}" fill-opacity="0.28" stroke="{LINE}"/>'
            )
            parts.append(text(x + step / 2, y + 43, f"{code:02}", size=12))
        places = [left + step * (LINE_OF_MEMORY.index(code) + 0.5) for code in order]
        for n, x in enumerate(places):
            parts.append(text(x, y + 68, str(n + 1), size=11, colour=SOFT))
        jumps = [(a, b) for a, b in pairwise(places) if abs(b - a) > step + 1]
        for a, b in jumps:
            deep = y + (84 if b > a else 96)
            parts.append(path([(a, y + 72), (a, deep), (b, deep), (b, y + 72)], colour=BAR))
    title = (
        "The same line of numbers, read in two orders: one after the other, or, transposed, with "
        "jumps: " + " ".join(f"{code:02}" for code in orders[1][1])
    )
    return page(width, 248, title, parts)


DRAWINGS: dict[str, Callable[..., str]] = {
    "side-by-side": side_by_side,
    "class-shapes": class_shapes,
    "split": split,
    "memory": memory,
    "slip": slip,
    "leak": leak,
}
