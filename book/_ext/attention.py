"""The drawings of chapter 2: averages of the past, an example worked out, the scale, a head.

Every number in them is computed here, from the few that are given. A drawing takes the records of
`make figures`, which most do not read, and gives SVG text, wide or tall.
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp, inf, log, sqrt
from statistics import NormalDist
from typing import Any

from svg import BAR, BOX, INK, LINE, OPEN, SOFT, Box, figure, page, path, table, text

Rows = list[list[float]]
Records = dict[str, dict[str, Any]]

# The example of lab02: three tokens, two channels.
TOKENS = ["a", "n", "y"]
GIVEN: Rows = [[1, 0], [0, 1], [1, 1]]
W_QUERY: Rows = [[0, sqrt(2)], [sqrt(2), 0]]
W_KEY: Rows = [[log(3), 0], [0, log(3)]]
W_VALUE: Rows = [[5, 5], [0, 10]]
X: Rows = [[2, 4], [4, 0], [0, 2]]  # for the plain average, also from lab02


def times(left: Rows, right: Rows) -> Rows:
    """The matrix product."""
    columns = list(zip(*right, strict=True))
    return [[sum(a * b for a, b in zip(row, c, strict=True)) for c in columns] for row in left]


def softmax(scores: list[float]) -> list[float]:
    """Shares that add up to 1; a score of minus infinity gets none."""
    raised = [exp(score - max(scores)) for score in scores]
    return [value / sum(raised) for value in raised]


def worked() -> dict[str, Rows]:
    """Each step of a head on the example: values, scaled scores, masked, weights, output."""
    q, k, v = (times(GIVEN, matrix) for matrix in (W_QUERY, W_KEY, W_VALUE))
    raw = times(q, [list(column) for column in zip(*k, strict=True)])
    scores = [[score / sqrt(len(q[0])) for score in row] for row in raw]
    masked = [
        [score if s <= t else -inf for s, score in enumerate(row)] for t, row in enumerate(scores)
    ]
    weights = [softmax(row) for row in masked]
    output = times(weights, v)
    return {"scores": scores, "masked": masked, "weights": weights, "values": v, "output": output}


def averages(records: Records, *, tall: bool = False) -> str:
    """The plain average of the past as one product: a table of shares, times the tokens."""
    n = len(X)
    shares = [[1 / (t + 1) if s <= t else 0 for s in range(n)] for t in range(n)]
    size, gap, left = (41, 20, 8) if tall else (60, 70, 80)
    middle = 34 + 15 * n + 5
    x2 = left + n * size + gap
    x3 = x2 + 2 * size + gap
    parts = [
        table(left, 34, shares, size=size, heat=True, title="shares"),
        text(x2 - gap / 2, middle, "×", size=16),
        table(x2, 34, X, size=size, title="tokens"),
        text(x3 - gap / 2, middle, "=", size=16),
        table(x3, 34, times(shares, X), size=size, title="averages"),
    ]
    title = (
        "A lower triangular table of shares, each row the same number as often as it has fields, "
        "times the tokens, gives for each token the average of itself and those before it"
    )
    return page(x3 + 2 * size + left, 44 + 30 * n, title, parts)


def mix(x: float, y: float, shares: list[float], title: str) -> list[str]:
    """Three values that flow into one, each line as thick as its share. 330 by 216 pixels."""
    width, step = 84, 110
    values = worked()["values"]
    out = times([shares], values)[0]
    parts = [text(x + 152, y + 14, title, size=13, bold=True)]
    for i, (token, value, share) in enumerate(zip(TOKENS, values, shares, strict=True)):
        left = x + i * step
        words = ", ".join(map(figure, value))
        parts.append(Box(left, y + 28, width, f"({words})", f"value of {token}").svg())
        start, end = left + width / 2, x + 152 + (i - 1) * 26
        parts.append(
            path([(start, y + 82), (end, y + 160)], colour=BAR, width=1 + 9 * share, head=False)
        )
        at = start + (end - start) * 0.42 + (i - 1) * 24 + (26 if i == 1 else 0)
        parts.append(text(at, y + 120, figure(share), size=12, bold=True))
    words = ", ".join(map(figure, out))
    parts.append(Box(x + 82, y + 160, 140, f"({words})", f"what {TOKENS[-1]} takes along").svg())
    return parts


def mixes(records: Records, *, tall: bool = False) -> str:
    """The last token's mix of the past: with equal shares, and with shares of its own."""
    own = worked()["weights"][-1]
    equal = [1 / len(own)] * len(own)
    parts = mix(16, 8, equal, "a plain average")
    parts += mix(16, 252, own, "attention") if tall else mix(396, 8, own, "attention")
    title = (
        f"Left: three values flow into one with equal shares. Right: the same with the shares "
        f"{', '.join(map(figure, own))}, which the tokens decided"
    )
    return page(336 if tall else 716, 476 if tall else 232, title, parts)


def steps(records: Records, *, tall: bool = False) -> str:
    """The worked example, table by table, from the scores to the output."""
    names = {"scores": "q · k ÷ √2", "masked": "masked"}
    chain = [(names.get(key, key), rows, key == "weights") for key, rows in worked().items()]
    size = 48 if tall else 42
    places = (
        [(22, 34), (194, 34), (22, 176), (194, 176), (194, 318)]
        if tall
        else [(26, 34), (186, 34), (346, 34), (506, 34), (624, 34)]
    )
    parts = []
    for (title, rows, heat), (x, y), sign in zip(chain, places, " →→×=", strict=True):
        parts.append(table(x, y, rows, size=size, heat=heat, title=title))
        if x > 26:
            parts.append(text(x - (14 if tall else 17), y + 50, sign, size=15))
            continue
        for t, token in enumerate(TOKENS):
            parts.append(text(x - 12, y + 20 + 30 * t, token, size=13, bold=True))
    if tall:  # from the end of the first line of tables to the start of the second
        parts.append(path([(216, 130), (174, 160)]))
    words = "; ".join(
        f"{title}: {' / '.join(' '.join(map(figure, row)) for row in rows)}"
        for title, rows, _ in chain
    )
    width, height = (344, 418) if tall else (716, 134)
    return page(width, height, f"The worked example. {words}", parts)


def sharp(records: Records, *, tall: bool = False) -> str:
    """The same eight scores, with a spread of 1, 4 and 8, after softmax."""
    normal = NormalDist()
    order = [3, 6, 0, 4, 7, 1, 5, 2]
    spread = [normal.inv_cdf((i + 0.5) / 8) for i in order]
    sizes = [(1, "scaled"), (4, "head of 16, not scaled"), (8, "head of 64, not scaled")]
    parts, largest = [], []
    for i, (factor, words) in enumerate(sizes):
        shares = softmax([factor * score for score in spread])
        largest.append(max(shares))
        x, y = (60, 8 + 190 * i) if tall else (16 + 240 * i, 8)
        parts.append(text(x + 104, y + 14, words, size=13, bold=True))
        for j, share in enumerate(shares):
            height = 110 * share
            parts.append(
                f'<rect x="{x + 26 * j}" y="{y + 146 - height:.1f}" width="20" '
                f'height="{height:.1f}" fill="{BAR}"/>'
            )
        parts.append(path([(x - 4, y + 146), (x + 210, y + 146)], colour=LINE, head=False))
        words = f"largest share {figure(max(shares))}"
        parts.append(text(x + 104, y + 164, words, colour=SOFT))
    title = "Eight scores after softmax; the largest share is " + ", ".join(
        f"{figure(share)} ({words})" for share, (_, words) in zip(largest, sizes, strict=True)
    )
    return page(336 if tall else 716, 570 if tall else 184, title, parts)


HEAD_TITLE = (
    "One head: x, of shape (B, T, C), becomes query, key and value, each (B, T, head size); query "
    "times key gives scores (B, T, T), which are scaled, masked and put through softmax; the "
    "weights times the values are the output, (B, T, head size)"
)


def head(records: Records, *, tall: bool = False) -> str:
    """One head as a diagram, with its shapes."""
    if tall:
        return head_tall()
    row = 86
    boxes = [
        Box(8, row, 76, "x", "(B, T, C)"),
        Box(122, 10, 96, "query", "(B, T, hs)"),
        Box(122, row, 96, "key", "(B, T, hs)"),
        Box(122, 162, 96, "value", "(B, T, hs)"),
        Box(258, 48, 108, "q · k ÷ √hs", "(B, T, T)"),
        Box(396, 48, 88, "mask", "−∞ ahead"),
        Box(514, 48, 88, "softmax", "rows add to 1"),
        Box(514, 162, 88, "mix", "weights @ v"),
        Box(632, 162, 80, "out", "(B, T, hs)"),
    ]
    arrows = [
        [(86, row + 26), (103, row + 26), (103, 36), (120, 36)],
        [(86, row + 26), (120, row + 26)],
        [(86, row + 26), (103, row + 26), (103, 188), (120, 188)],
        [(220, 36), (238, 36), (238, 66), (256, 66)],
        [(220, row + 26), (238, row + 26), (238, 84), (256, 84)],
        [(368, 74), (394, 74)],
        [(486, 74), (512, 74)],
        [(558, 102), (558, 160)],
        [(220, 188), (512, 188)],
        [(604, 188), (630, 188)],
    ]
    parts = [box.svg() for box in boxes] + [path(points) for points in arrows]
    parts.append(text(366, 181, "what each token has to give", size=11, colour=BAR))
    return page(720, 224, HEAD_TITLE, parts)


def head_tall() -> str:
    """The same for a phone, from top to bottom."""
    boxes = [
        Box(118, 8, 104, "x", "(B, T, C)"),
        Box(8, 98, 98, "query", "(B, T, hs)"),
        Box(121, 98, 98, "key", "(B, T, hs)"),
        Box(234, 98, 98, "value", "(B, T, hs)"),
        Box(8, 188, 211, "q · k ÷ √hs", "scores (B, T, T)"),
        Box(8, 270, 211, "mask", "−∞ for what lies ahead"),
        Box(8, 352, 211, "softmax", "weights: each row adds up to 1"),
        Box(8, 442, 324, "mix: weights @ v", "each token's own average of the values"),
        Box(118, 524, 104, "out", "(B, T, hs)"),
    ]
    arrows = [
        [(170, 62), (170, 79), (57, 79), (57, 96)],
        [(170, 62), (170, 96)],
        [(170, 62), (170, 79), (283, 79), (283, 96)],
        [(57, 152), (57, 186)],
        [(170, 152), (170, 186)],
        [(113, 242), (113, 268)],
        [(113, 324), (113, 350)],
        [(113, 406), (113, 440)],
        [(283, 152), (283, 440)],
        [(170, 496), (170, 522)],
    ]
    parts = [box.svg() for box in boxes] + [path(points) for points in arrows]
    return page(340, 584, HEAD_TITLE, parts)


def cost(records: Records, *, tall: bool = False) -> str:
    """Three tables of scores: twice the context, four times the fields."""
    scale = 1.05 if tall else 1.2
    x, base = (8.0 if tall else 110.0), 34 + 128 * scale
    parts, words = [], []
    for T in (32, 64, 128):
        side = T * scale
        parts.append(
            f'<rect x="{x:.1f}" y="{base - side:.1f}" width="{side:.1f}" height="{side:.1f}" '
            f'fill="{BOX}" stroke="{LINE}"/>'
            f'<path d="M{x:.1f},{base - side:.1f} V{base:.1f} H{x + side:.1f} Z" fill="{BAR}" '
            f'fill-opacity="0.45"/>'
        )
        parts.append(text(x, base - side - 8, f"T = {T}", size=12, bold=True, anchor="start"))
        parts.append(text(x, base + 18, f"{T * T:,}", colour=INK, anchor="start"))
        parts.append(text(x, base + 34, "scores", size=11, colour=OPEN, anchor="start"))
        words.append(f"{T * T:,} for {T} tokens")
        x += side + (36 if tall else 110)
    width = x - (28 if tall else 0)
    return page(width, base + 44, "Scores in one table: " + ", ".join(words), parts)


DRAWINGS: dict[str, Callable[..., str]] = {
    "averages": averages,
    "mixes": mixes,
    "steps": steps,
    "sharp": sharp,
    "head": head,
    "cost": cost,
}
