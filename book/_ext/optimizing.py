"""The drawings of chapter 8 about the step itself: decay apart, the rate, the length of a gradient.

All is computed here; the rate by gptlab.pretraining. A drawing takes the records of `make figures`,
which these do not read, and gives SVG text, wide or tall.
"""

from __future__ import annotations

from collections.abc import Callable
from math import hypot, sqrt
from typing import Any

from loss_windows import curve
from svg import BAR, LINE, OPEN, SOFT, page, path, text

from gptlab import pretraining, weights

Records = dict[str, dict[str, Any]]

RATE, DECAY, STEPS = 0.02, 1.0, 100
SIZES = (0.5, 8.0)  # of the two gradients: so large, with a sign that changes every step
BETAS, EPS = (0.9, 0.95), 1e-8


def decayed(size: float, apart: bool) -> list[float]:
    """A weight that begins at 1 and only gets noise: AdamW, or the decay as part of the gradient.

    Loshchilov and Hutter 2019, algorithm 2, for one number.
    """
    w, m, v, found = 1.0, 0.0, 0.0, [1.0]
    for t in range(1, STEPS + 1):
        g = size * (-1) ** t
        if apart:
            w -= RATE * DECAY * w
        else:
            g += DECAY * w
        m = BETAS[0] * m + (1 - BETAS[0]) * g
        v = BETAS[1] * v + (1 - BETAS[1]) * g * g
        w -= RATE * (m / (1 - BETAS[0] ** t)) / (sqrt(v / (1 - BETAS[1] ** t)) + EPS)
        found.append(w)
    return found


def decay(records: Records, *, tall: bool = False) -> str:
    """Two weights with small and large noise, under both kinds of decay."""
    across, high, parts, said = 280.0, 150.0, [], []
    for i, (name, apart) in enumerate((("apart: AdamW", True), ("in the gradient", False))):
        left, top = (44.0, 34.0 + 250 * i) if tall else (50.0 + 366 * i, 34.0)
        parts.append(text(left + across / 2, top - 14, name, size=13, bold=True))
        for mark in (0, 0.5, 1):
            y = top + (1.1 - mark) / 1.2 * high
            parts.append(path([(left, y), (left + across, y)], colour=LINE, width=0.7, head=False))
            parts.append(text(left - 6, y + 4, f"{mark:g}", size=11, colour=SOFT, anchor="end"))
        for k, size in enumerate(SIZES):
            found, tint = decayed(size, apart), (BAR, OPEN)[k]
            points = [(left + across * n / STEPS, top + (1.1 - w) / 1.2 * high)
                      for n, w in enumerate(found)]  # fmt: skip
            parts.append(curve(points, tint, width=(5, 2)[k]))  # both are seen where they agree
            words = f"gradient ±{size:g}: ends at {found[-1]:.2f}"
            parts.append(text(left + across / 2, top + high + 40 + 18 * k, words, size=12,
                              bold=True, colour=tint))  # fmt: skip
            said.append(f"{name}, gradient ±{size:g}: from 1 to {found[-1]:.2f}")
        parts.append(text(left + across / 2, top + high + 18, f"{STEPS} steps", size=12,
                          colour=SOFT))  # fmt: skip
    title = "A weight that decays, with noise for a gradient. " + "; ".join(said)
    return page(344 if tall else 720, 512 if tall else 256, title, parts)


WARM, TOTAL, PEAK, LEAST = 3, 11, 4e-4, 0.0  # those that are worked by hand
LONG = (100, 1000, 3e-4, 3e-5)


def schedule(records: Records, *, tall: bool = False) -> str:
    """The rate step by step: a small one with numbers, a long one as a curve."""
    parts, said = [], []
    across, high = 290.0, 150.0
    left, top = (34.0, 34.0) if tall else (38.0, 34.0)
    rates = [pretraining.learning_rate_at(s, WARM, TOTAL, PEAK, LEAST) for s in range(TOTAL + 2)]
    parts.append(text(left + across / 2, top - 14, f"warm-up {WARM}, total {TOTAL}", size=13,
                      bold=True))  # fmt: skip
    gap = across / len(rates)
    for s, rate in enumerate(rates):
        up = rate / PEAK * (high - 20)
        tint = OPEN if s < WARM else BAR
        x = left + gap * s
        parts.append(f'<rect x="{x + 2:.1f}" y="{top + high - up:.1f}" width="{gap - 4:.1f}" '
                     f'height="{up:.1f}" fill="{tint}"/>')  # fmt: skip
        label = f"{rate * 1e4:.1f}"
        parts.append(text(x + gap / 2, top + high - up - 5, label, size=11, colour=SOFT))
        parts.append(text(x + gap / 2, top + high + 16, str(s), size=11))
        said.append(f"step {s} {label}")
    parts.append(text(left + across / 2, top + high + 36, "step; the rate in 10⁻⁴", size=12,
                      colour=SOFT))  # fmt: skip
    left, top = (44.0, 284.0) if tall else (418.0, 34.0)
    across = 280.0
    warm, total, peak, least = LONG
    end = int(1.2 * total)
    parts.append(text(left + across / 2, top - 14, f"warm-up {warm}, total {total:,}", size=13,
                      bold=True))  # fmt: skip
    for mark in (0, least, peak):
        y = top + 20 + (1 - mark / peak) * (high - 20)
        parts.append(path([(left, y), (left + across, y)], colour=LINE, width=0.7, head=False))
        words = f"{mark * 1e4:g}"
        parts.append(text(left - 6, y + 4, words, size=11, colour=SOFT, anchor="end"))
    points = []
    for s in range(0, end, 4):
        rate = pretraining.learning_rate_at(s, warm, total, peak, least)
        points.append((left + across * s / end, top + 20 + (1 - rate / peak) * (high - 20)))
    split = warm // 4
    parts += [curve(points[: split + 1], OPEN), curve(points[split:], BAR)]
    for s in (0, warm, total):
        x = left + across * s / end
        parts.append(text(x, top + high + 16, f"{s:,}", size=11))
    title = f"The learning rate, in 10⁻⁴: {', '.join(said)}"
    return page(344 if tall else 720, 454 if tall else 226, title, parts)


GRADIENT, MOST = (3.0, 4.0), 1.0


def clipped(gradient: tuple[float, float], most: float) -> tuple[float, float]:
    """All numbers scaled together, so that the length is `most`: Pascanu et al. 2013."""
    length = hypot(*gradient)
    scale = min(1.0, most / length)
    return gradient[0] * scale, gradient[1] * scale


def clip(records: Records, *, tall: bool = False) -> str:
    """The same gradient made shorter, or cut number by number."""
    by_number = tuple(min(MOST, g) for g in GRADIENT)
    panels = [("by length", clipped(GRADIENT, MOST)), ("number by number", by_number)]
    unit, parts, said = 44.0, [], []
    for i, (name, short) in enumerate(panels):
        x, y = (60.0, 234.0 + 270 * i) if tall else (90.0 + 340 * i, 234.0)
        parts.append(text(x + 80, y - 212, name, size=13, bold=True))
        parts.append(path([(x, y), (x + 200, y)], colour=LINE, head=False))
        parts.append(path([(x, y), (x, y - 190)], colour=LINE, head=False))
        end = (x + GRADIENT[0] * unit, y - GRADIENT[1] * unit)
        parts.append(path([(x, y), end], colour=LINE, width=3))
        parts.append(text(end[0] + 12, end[1] + 10, "(3, 4)", size=12, colour=SOFT, anchor="start"))
        tip = (x + short[0] * unit, y - short[1] * unit)
        parts.append(path([(x, y), tip], colour=BAR if i == 0 else OPEN, width=3))
        words = f"({short[0]:g}, {short[1]:g})"
        parts.append(text(tip[0] + 14, tip[1] + 14, words, size=13, bold=True,
                          colour=BAR if i == 0 else OPEN, anchor="start"))  # fmt: skip
        said.append(f"{name}: (3, 4) becomes {words}")
    return page(344 if tall else 720, 520 if tall else 250, "Clipping. " + "; ".join(said), parts)


def groups() -> dict[str, str]:
    """How many numbers of the smallest GPT-2 decay, and how many do not."""
    counts = {"matrices": 0, "tables": 0, "biases": 0, "norms": 0}
    for place, shape in weights.shapes_by_place(50257, 1024, 768, 12).items():
        many = 1
        for size in shape:
            many *= size
        if len(shape) == 2:
            counts["tables" if place[0] in ("wte", "wpe") else "matrices"] += many
        else:
            counts["norms" if place[-2].startswith("ln") else "biases"] += many
    return {name: f"{many:,}" for name, many in counts.items()}


DRAWINGS: dict[str, Callable[..., str]] = {
    "decay": decay,
    "schedule": schedule,
    "clip": clip,
}
