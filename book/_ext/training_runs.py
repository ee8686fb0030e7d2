"""The drawings of chapter 8 of runs: overfitting, resuming, how large gradients are.

training_record.py measured what they show. A drawing takes the records of `make figures`, which
these do not read, and gives SVG text, wide or tall.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from math import log10
from pathlib import Path
from typing import Any

from loss_windows import bar, curve
from svg import BAR, INK, LINE, OPEN, SOFT, page, path, text

Records = dict[str, dict[str, Any]]

RECORD = Path(__file__).with_name("training.json")
LOWEST = -60  # the power of two of the first bin


@functools.cache
def record() -> dict[str, Any]:
    """What training_record.py measured last."""
    return json.loads(RECORD.read_text(encoding="utf-8"))


def best(losses: list[float]) -> int:
    """The epoch after which a loss is least."""
    return losses.index(min(losses))


def numbers() -> dict[str, Any]:
    """What the chapter says of the runs, by name."""
    found = record()
    plain, dropped = found["plain"], found["dropout"]
    at = best(plain["val"])
    return {
        **{key: plain[key] for key in ("steps", "written", "begins")},
        "tokens": [f"{many:,}" for many in plain["tokens"]],
        "parameters": f"{plain['parameters']:,}",
        "epochs": len(plain["train"]) - 1,
        "first": plain["val"][0],
        "best": {"epoch": at, "train": plain["train"][at], "val": plain["val"][at],
                 "known": plain["known"][at]},
        "end": {"train": plain["train"][-1], "val": plain["val"][-1],
                "known": plain["known"][-1]},
        "dropout": {"epoch": best(dropped["val"]), "val": min(dropped["val"]),
                    "end": dropped["val"][-1], "train": dropped["train"][-1],
                    "known": dropped["known"][-1]},
        "one": {str(step): found["one batch"]["losses"][step] for step in (0, 10, 50, 100)},
        "gradients": found["gradients"],
        "kept": found["kept"],
        "apart": {name: max(apart(name)) for name in MISSING},
    }  # fmt: skip


def overfit(records: Records, *, tall: bool = False) -> str:
    """Training and validation loss on The Verdict, epoch by epoch."""
    found = record()["plain"]
    across, high = (268.0, 220.0) if tall else (600.0, 220.0)
    left, top = (40.0, 30.0) if tall else (60.0, 30.0)
    epochs, most = len(found["train"]) - 1, 7.0
    parts, said = [], []
    for mark in range(0, 7):
        y = top + (1 - mark / most) * high
        parts.append(path([(left, y), (left + across, y)], colour=LINE, width=0.7, head=False))
        parts.append(text(left - 6, y + 4, str(mark), size=11, colour=SOFT, anchor="end"))
    for epoch in range(0, epochs + 1, 4):
        x = left + across * epoch / epochs
        parts.append(text(x, top + high + 17, str(epoch), size=11, colour=SOFT))
    at = best(found["val"])
    x = left + across * at / epochs
    parts.append(path([(x, top - 4), (x, top + high)], colour=SOFT, width=1.2, head=False))
    parts.append(text(x, top - 10, "stop here", size=12, bold=True, colour=SOFT))
    for name, tint, label, where in (
        ("train", BAR, "training", (9, 10, "start")), ("val", OPEN, "validation", (17, -8, "end"))
    ):  # fmt: skip
        points = [(left + across * e / epochs, top + (1 - v / most) * high)
                  for e, v in enumerate(found[name])]  # fmt: skip
        parts.append(curve(points, tint))
        parts += [f'<circle cx="{px:.1f}" cy="{py:.1f}" r="3" fill="{tint}"/>' for px, py in points]
        epoch, aside, anchor = where
        px, py = points[epoch]
        parts.append(text(px + aside, py - 5, label, size=13, bold=True, colour=tint,
                          anchor=anchor))  # fmt: skip
        px, py = points[-1]
        parts.append(text(px, py - 9, f"{found[name][-1]:.2f}", size=12, bold=True, colour=tint,
                          anchor="end"))  # fmt: skip
        said.append(f"{label} {found[name][0]:.2f} before, {found[name][at]:.2f} after epoch {at}, "
                    f"{found[name][-1]:.2f} at the end")  # fmt: skip
    parts.append(text(left + across / 2, top + high + 36, "epochs", size=12, colour=SOFT))
    title = "Loss in nats per token on The Verdict: " + "; ".join(said)
    return page(344 if tall else 690, top + high + 44, title, parts)


MISSING = ["nothing", "optimizer", "random state", "place in the data", "step"]
LABELS = {"nothing": "all of it restored", "optimizer": "without the optimizer",
          "random state": "without the random state",
          "place in the data": "without the place",
          "step": "without the step"}  # fmt: skip


LEAST, MARKS = (
    -5,
    (-4, -3, -2, -1),
)  # powers of ten: the lowest that is drawn, and those with a line


def apart(missing: str) -> list[float]:
    """Step by step after the stop: how far the losses are from those of the run that went on."""
    runs = record()["resumed"]
    return [abs(a - b) for a, b in zip(runs["not stopped"], runs[missing], strict=True)]


def resume(records: Records, *, tall: bool = False) -> str:
    """Five ways to resume: the difference of each step's loss to the run that was not stopped."""
    parts, said = [], []
    across, high = (284.0, 58.0) if tall else (376.0, 58.0)
    left = 12.0 if tall else 290.0
    y = 8.0
    for name in MISSING:
        found = apart(name)
        words = f"at most {max(found):.3f}" if max(found) else "no difference at all"
        tint = OPEN if max(found) else BAR
        if tall:
            parts.append(text(left, y + 14, LABELS[name], size=13, bold=True, anchor="start"))
            parts.append(text(left + across, y + 14, words, size=12, colour=tint, anchor="end"))
            y += 22
        else:
            parts.append(text(left - 16, y + 30, LABELS[name], size=13, bold=True, anchor="end"))
            parts.append(text(left - 16, y + 48, words, size=12, colour=tint, anchor="end"))
        floor = y + high
        parts.append(path([(left, floor), (left + across, floor)], colour=LINE, head=False))
        for power in MARKS:
            up = (power - LEAST) / -LEAST * high
            line = [(left, floor - up), (left + across, floor - up)]
            parts.append(path(line, colour=LINE, width=0.6, head=False))
            if power % 2 == 0:
                parts.append(text(left + across + 4, floor - up + 4, f"{10**power:g}", size=11,
                                  colour=SOFT, anchor="start"))  # fmt: skip
        step = across / len(found)
        for i, value in enumerate(found):
            up = max(0.0, (log10(value) - LEAST) / -LEAST * high) if value else 0.0
            parts.append(bar(left + step * i + 0.5, floor - up, step - 1, up, tint))
        said.append(f"{LABELS[name]}: {words}")
        y += high + (16 if tall else 14)
    words = f"{len(apart('nothing'))} steps after the stop"
    parts.append(text(left + across / 2, y + 6, words, size=12, colour=SOFT))
    title = "How far the losses are from those of a run that was not stopped. " + "; ".join(said)
    return page(344 if tall else 720, y + 14, title, parts)


def gradient_sizes(records: Records, *, tall: bool = False) -> str:
    """How large gradients are, by powers of two, and what each format can hold."""
    found = record()["gradients"]
    low, high_power = -50, 0
    left, across = (14.0, 316.0) if tall else (40.0, 640.0)
    floor, high = 150.0, 110.0
    unit = across / (high_power - low)
    most = max(found["shares"])
    parts = []
    for k, share in enumerate(found["shares"]):
        power = LOWEST + k
        if power < low or power >= high_power:
            continue
        up = share / most * high
        tint = OPEN if power < -25 else BAR
        parts.append(bar(left + unit * (power - low) + 0.5, floor - up, unit - 1, up, tint))
    parts.append(path([(left, floor), (left + across, floor)], colour=LINE, head=False))
    for power in range(low, high_power + 1, 10):
        x = left + unit * (power - low)
        parts.append(text(x, floor + 18, f"2{raised(power)}", size=12))
    edge = left + unit * (-25 - low)
    parts.append(path([(edge, floor - high - 22), (edge, floor)], colour=INK, head=False))
    words = f"0 in float16: {100 * found['lost float16']:.0f} %"
    parts.append(text(edge - 8, floor - high - 10, words, size=12, bold=True, colour=OPEN,
                      anchor="end"))  # fmt: skip
    parts.append(text(edge + 8, floor - high - 10, "kept", size=12, bold=True, colour=BAR,
                      anchor="start"))  # fmt: skip
    y = floor + 40
    shift = 16 * unit
    parts.append(path([(edge - shift, y), (edge, y)], colour=BAR, width=2))
    words = "times 65,536: all move so far"
    at = (edge - shift, y + 20) if tall else (edge + 8, y + 4)
    parts.append(text(*at, words, size=12, bold=True, colour=BAR, anchor="start"))
    title = (
        f"Sizes of {found['numbers']:,} gradients in the tiny GPT-2: float16 makes "
        f"{100 * found['lost float16']:.0f} % of them 0; times 65,536 first, "
        f"{100 * found['lost scaled']:.1f} %"
    )
    return page(344 if tall else 720, y + (30 if tall else 16), title, parts)


def raised(power: int) -> str:
    """A small number in superscript."""
    return str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


DRAWINGS: dict[str, Callable[..., str]] = {
    "overfit": overfit,
    "resume": resume,
    "gradient-sizes": gradient_sizes,
}
