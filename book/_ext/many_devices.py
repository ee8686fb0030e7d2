"""The drawings of chapter 8 about more than fits: pieces of a batch, computing again, processes.

What they count is worked out here. A drawing takes the records of `make figures`, which these do
not read, and gives SVG text, wide or tall.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from loss_windows import bar, curve
from svg import BAR, LINE, OPEN, SOFT, Box, figure, page, path, text
from training_runs import record

Records = dict[str, dict[str, Any]]

GRADIENTS = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]  # of one weight, from eight windows


def pieces(many: int) -> list[list[float]]:
    """The eight windows in so many equal pieces."""
    size = len(GRADIENTS) // many
    return [GRADIENTS[i : i + size] for i in range(0, len(GRADIENTS), size)]


def mean(values: list[float]) -> float:
    """Of some numbers."""
    return sum(values) / len(values)


WAYS = [("one batch of 8", 1), ("4 pieces of 2, one after the other", 4),
        ("2 processes with 4 each", 2)]  # fmt: skip


def batches(records: Records, *, tall: bool = False) -> str:
    """The same eight windows in three ways: the same mean."""
    parts, said, y = [], [], 10.0
    left, side = (12.0, 40.0) if tall else (24.0, 46.0)
    for name, many in WAYS:
        parts.append(text(left, y + 13, name, size=13, bold=True, anchor="start"))
        y += 22
        means = []
        for i, piece in enumerate(pieces(many)):
            x = left + side * len(piece) * i
            wide = side * len(piece)
            tint = OPEN if many == 2 and i else BAR
            parts.append(bar(x + 2, y, wide - 4, 26, tint, 0.3))
            for k, g in enumerate(piece):
                parts.append(text(x + side * (k + 0.5), y + 18, figure(g), size=13))
            means.append(mean(piece))
            words = f"mean {means[-1]:g}" if wide > 70 else f"{means[-1]:g}"
            parts.append(text(x + wide / 2, y + 42, words, size=12, colour=SOFT))
        words = "4.5" if many == 1 else f"({' + '.join(f'{m:g}' for m in means)}) / {many} = "
        words = "the mean of all: 4.5" if many == 1 else f"{words}{mean(means):g}"
        if tall:
            y += 20
            parts.append(text(left, y + 42, words, size=13, bold=True, anchor="start"))
        else:
            parts.append(text(left + side * 8 + 16, y + 18, words, size=13, bold=True,
                              anchor="start"))  # fmt: skip
        said.append(f"{name}: {words}")
        y += 62
    title = "The gradient of one weight from windows 1 to 8. " + "; ".join(said)
    return page(344 if tall else 700, y + 2, title, parts)


BLOCKS = 12


def kept_over_time(again: bool) -> list[tuple[float, float]]:
    """Time, in forward passes of a block, and what is kept, in widths a token.

    A backward pass is counted as two forward passes. `again`: only what enters a block is kept, and
    the block is computed once more on the way back.
    """
    kept = record()["kept"]
    inside, entry = kept["a block"], kept["a block, computed again"]
    now, points = 0.0, [(0.0, 0.0)]
    held = 0.0
    for _ in range(BLOCKS):
        now, held = now + 1, held + (entry if again else inside)
        points.append((now, held))
    for _ in range(BLOCKS):
        if again:
            held += inside - entry  # what had entered it is there already
            now += 1
            points.append((now, held))
        held -= inside
        now += 2
        points.append((now, held))
    return points


def recompute(records: Records, *, tall: bool = False) -> str:
    """What is kept over the time of a step, with all kept and with blocks computed again."""
    across, high = (270.0, 190.0) if tall else (600.0, 190.0)
    left, top = (48.0, 46.0) if tall else (60.0, 22.0)
    runs = [("all kept", False, BAR), ("blocks computed again", True, OPEN)]
    found = {name: kept_over_time(again) for name, again, _ in runs}
    end = max(points[-1][0] for points in found.values())
    most = max(height for points in found.values() for _, height in points)
    parts, said = [], []
    for mark in range(0, int(most) + 1, 48):
        y = top + (1 - mark / most) * high
        parts.append(path([(left, y), (left + across, y)], colour=LINE, width=0.7, head=False))
        parts.append(text(left - 6, y + 4, str(mark), size=11, colour=SOFT, anchor="end"))
    for mark in range(0, int(end) + 1, 12):
        x = left + across * mark / end
        parts.append(text(x, top + high + 17, str(mark), size=11, colour=SOFT))
    for i, (name, _, tint) in enumerate(runs):
        points = found[name]
        peak = max(height for _, height in points)
        parts.append(curve([(left + across * t / end, top + (1 - h / most) * high)
                            for t, h in points], tint))  # fmt: skip
        words = f"{name}: {peak:g} at most, time {points[-1][0]:g}"
        if tall:
            parts.append(text(12, 14 + 18 * i, words, size=12, bold=True, colour=tint,
                              anchor="start"))  # fmt: skip
        else:
            parts.append(text(left + across, top + 14 + 20 * i, words, size=12, bold=True,
                              colour=tint, anchor="end"))  # fmt: skip
        said.append(words)
    parts.append(text(left + across / 2, top + high + 36, "time, in forward passes of a block",
                      size=12, colour=SOFT))  # fmt: skip
    title = f"What {BLOCKS} blocks keep for the way back, in widths a token. " + "; ".join(said)
    return page(344 if tall else 690, top + high + 44, title, parts)


HOLDS = [("model", "whole, the same"), ("optimizer", "whole, the same"),
         ("windows", "its own half"), ("random state", "its own")]  # fmt: skip


def processes(records: Records, *, tall: bool = False) -> str:
    """What each of two processes holds, and what goes between them."""
    parts = []
    w = 164 if tall else 236
    xs = (4.0, 176.0) if tall else (24.0, 460.0)
    for k, x in enumerate(xs):
        parts.append(text(x + w / 2, 20, f"process {k}", size=14, bold=True))
        for i, (title, below) in enumerate(HOLDS):
            parts.append(Box(x, 34 + 62 * i, w, title, below).svg())
        y = 34 + 62 * len(HOLDS)
        parts.append(Box(x, y, w, "gradient", f"mean of its half: {(2.5, 6.5)[k]}").svg())
        below = y + 128
        parts.append(path([(x + w / 2, y + 54), (x + w / 2, y + 76)]))
        parts.append(path([(x + w / 2, below - 24), (x + w / 2, below - 2)]))
        parts.append(Box(x, below, w, "step", "with 4.5: the same in both").svg())
    left, right = xs[0], xs[1] + w
    parts.append(f'<rect x="{left}" y="{y + 78}" width="{right - left}" height="26" rx="7" '
                 f'fill="{BAR}" fill-opacity="0.25" stroke="{BAR}"/>')  # fmt: skip
    words = "all-reduce: (2.5 + 6.5) / 2 = 4.5"
    parts.append(text((left + right) / 2, y + 96, words, size=13, bold=True))
    only = below + 74
    parts.append(text(xs[0] + w / 2, only, "prints, saves", size=13, bold=True, colour=BAR))
    parts.append(text(xs[1] + w / 2, only, "says nothing", size=13, colour=SOFT))
    title = ("Two processes: " + "; ".join(f"{name}: {what}" for name, what in HOLDS)
             + f"; gradients are averaged, {words}; both take the same step; process 0 alone "
             "prints and saves")  # fmt: skip
    return page(344 if tall else 720, only + 12, title, parts)


DRAWINGS: dict[str, Callable[..., str]] = {
    "one-batch-three-ways": batches,
    "recompute": recompute,
    "processes": processes,
}
