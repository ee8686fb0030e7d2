"""The drawings of chapter 8 up to the step: losses of tokens, windows, the split, a training step.

What they show is worked out here: losses by the tiny GPT-2, windows as `GPTDatasetV1` cuts them. A
drawing takes the records of `make figures`, which these do not read, and gives SVG text, wide or
tall.
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp
from typing import Any

import numpy as np
from gpt2_shapes import Chain, chain
from svg import BAR, INK, LINE, OPEN, SOFT, page, path, text

from gptlab import numpy_gpt, tiny

Records = dict[str, dict[str, Any]]

LINE_OF_PLAY = "A horse! a horse! my kingdom"


def losses_of(said: str) -> list[tuple[str, float]]:
    """Each token of a text but the first, and what the tiny GPT-2 loses at it, in nats."""
    ids, decode = tiny.tokenizer().encode(said), tiny.tokenizer().decode
    scores = numpy_gpt.gpt2(ids[:-1], **tiny.params(), n_head=tiny.hparams()["n_head"])
    scores = scores - scores.max(axis=-1, keepdims=True)
    found = np.log(np.exp(scores).sum(axis=-1)) - scores[np.arange(len(ids) - 1), ids[1:]]
    return [(decode([i]), float(loss)) for i, loss in zip(ids[1:], found, strict=True)]


def bar(x: float, y: float, w: float, h: float, tint: str, shade: float = 1) -> str:
    """A filled rectangle, with a frame where it is pale."""
    frame = f' stroke="{LINE}"' if shade < 1 else ""
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}" fill="{tint}" '
        f'fill-opacity="{shade:g}"{frame}/>'
    )


def token_losses(records: Records, *, tall: bool = False) -> str:
    """A bar for each token: how much the model was surprised by it."""
    found = losses_of(LINE_OF_PLAY)
    mean = sum(loss for _, loss in found) / len(found)
    most, parts = max(loss for _, loss in found), []
    shown = [(token.replace(" ", "␣"), loss, BAR) for token, loss in found]
    shown.append(("mean", mean, OPEN))
    for i, (token, loss, tint) in enumerate(shown):
        if tall:
            top, length = 8.0 + 27 * i, loss / most * 200
            parts.append(text(66, top + 15, token, size=13, anchor="end"))
            parts.append(bar(74, top, length, 20, tint))
            places = ((74 + length + 6, top + 15), "start")
        else:
            left, up = 14.0 + 51 * i, loss / most * 170
            parts.append(bar(left, 200 - up, 34, up, tint))
            parts.append(text(left + 17, 219, token, size=13))
            places = ((left + 17, 194 - up), "middle")
        parts.append(text(*places[0], f"{loss:.2f}", size=12, colour=SOFT, anchor=places[1]))
    size = (344.0, 8.0 + 27 * len(shown)) if tall else (720.0, 228.0)
    said = ", ".join(f"{token.replace(' ', '␣')} {loss:.2f}" for token, loss in found)
    title = f"What the tiny GPT-2 loses at each token of '{LINE_OF_PLAY}', in nats: {said}"
    return page(*size, f"{title}; mean {mean:.2f}, perplexity {exp(mean):.1f}", parts)


COUNT, LENGTH = 11, 4  # tokens of the text that is drawn, and of a window
STRIDES = (4, 2)


def starts(count: int, length: int, stride: int) -> list[int]:
    """Where windows begin, so that each has a token after it."""
    return list(range(0, count - length, stride))


def windows(records: Records, *, tall: bool = False) -> str:
    """Windows of a text of numbered tokens, and their targets, for two strides."""
    side, parts, said, y = (27, [], [], 8.0) if tall else (38, [], [], 8.0)
    left = 32.0 if tall else 150.0
    for stride in STRIDES:
        title = f"stride {stride}"
        parts.append(text(left, y + 14, title, size=13, bold=True, anchor="start"))
        y += 24
        for t in range(COUNT):
            parts.append(text(left + side * (t + 0.5), y + 12, str(t), size=12, colour=SOFT))
        y += 18
        for i, start in enumerate(starts(COUNT, LENGTH, stride)):
            for k, (first, tint, name) in enumerate(
                ((start, BAR, "inputs"), (start + 1, OPEN, "targets"))
            ):
                top = y + 22 * k
                for t in range(first, first + LENGTH):
                    parts.append(bar(left + side * t + 1, top, side - 2, 19, tint, 0.4))
                if not tall:
                    words = f"window {i}: {name}" if k == 0 else name
                    parts.append(text(left - 10, top + 14, words, size=12, anchor="end"))
            if tall:
                parts.append(text(left - 10, y + 25, str(i), size=12, anchor="end"))
            said.append(f"{title}, window {i}: inputs {start} to {start + LENGTH - 1}, targets "
                        f"{start + 1} to {start + LENGTH}")  # fmt: skip
            y += 54
        y += 12
    if tall:
        parts.append(bar(left, y, 14, 14, BAR, 0.4))
        parts.append(text(left + 20, y + 12, "inputs", anchor="start"))
        parts.append(bar(left + 90, y, 14, 14, OPEN, 0.4))
        parts.append(text(left + 110, y + 12, "targets", anchor="start"))
        y += 24
    return page(344 if tall else 600, y, f"Windows of {LENGTH} tokens. " + "; ".join(said), parts)


TEXT, CUT = 24, 15  # tokens drawn for the split, and where it is cut


def split_ways() -> list[tuple[str, list[int], list[int], int]]:
    """Name, starts of training windows, starts of validation windows, stride; three ways."""
    apart = [
        starts(CUT, LENGTH, LENGTH),
        [CUT + start for start in starts(TEXT - CUT, LENGTH, LENGTH)],
    ]
    every = starts(TEXT, LENGTH, 2)
    last, drawn = every[:-3], [2, 12, 16]  # the last three; any three, as a shuffle leaves them
    return [
        ("the text is cut, then each part", apart[0], apart[1], LENGTH),
        ("windows first, the last ones held out", last, every[-3:], 2),
        ("windows first, any held out", [s for s in every if s not in drawn], drawn, 2),
    ]


def leaked(train: list[int], val: list[int], length: int = LENGTH) -> set[int]:
    """Tokens that validation asks for, and that training has asked for too."""
    asked = [{s + 1 + k for s in begun for k in range(length)} for begun in (train, val)]
    return asked[0] & asked[1]


def split(records: Records, *, tall: bool = False) -> str:
    """Three ways to hold windows out, with the tokens that are then on both sides."""
    side, left = (13.2, 14.0) if tall else (27.0, 36.0)
    parts, said, y = [], [], 10.0
    for name, train, val, _ in split_ways():
        both = leaked(train, val)
        wanted = {s + 1 + k for s in val for k in range(LENGTH)}
        count = f"{len(both)} of {len(wanted)} targets were seen"
        parts.append(text(left, y + 13, name, size=13, bold=True, anchor="start"))
        if tall:
            y += 18
        words_x, anchor = (left, "start") if tall else (left + side * TEXT, "end")
        colour = OPEN if both else BAR
        parts.append(text(words_x, y + 13, count, size=12, colour=colour, anchor=anchor))
        y += 24
        for k, (begun, tint) in enumerate(((train, BAR), (val, OPEN))):
            for i, start in enumerate(sorted(begun)):
                top = y + 46 * k + 20 * (i % 2)
                parts.append(bar(left + side * start + 1, top, side * LENGTH - 2, 16, tint, 0.45))
        for t in range(TEXT):
            tint, shade = (OPEN, 1) if t in both else (LINE, 0.25)
            parts.append(bar(left + side * t + 1, y + 92, side - 2, 7, tint, shade))
        said.append(f"{name}: {count}")
        y += 122
    for words, tint, shade, x in (("training", BAR, 0.45, 0), ("validation", OPEN, 0.45, 84),
                                  ("on both sides", OPEN, 1, 180)):  # fmt: skip
        parts.append(bar(left + x, y - 6, 12, 12, tint, shade))
        parts.append(text(left + x + 17, y + 5, words, anchor="start"))
    title = f"Windows of {LENGTH} of a text of {TEXT} tokens. " + "; ".join(said)
    return page(344 if tall else 720, y + 14, title, parts)


B, T, V = 4, 64, 512  # as training_record.py has it
FORWARD: Chain = [
    ("inputs", f"({B}, {T})"),
    ("model", f"({B}, {T}, {V})"),
    ("flatten", f"({B * T}, {V})"),
    ("cross-entropy, each row", f"({B * T},)"),
    ("mean", "()"),
    ("loss", ""),
]
BACKWARD: Chain = [
    ("loss", "()"),
    ("backward", "a gradient for each weight"),
    ("clip: one length for all", "the same shapes"),
    ("AdamW: two means for each", "the same shapes"),
    ("decay, and the step", "the same shapes"),
    ("weights, moved", ""),
]


def step(records: Records, *, tall: bool = False) -> str:
    """One step of training, from the batch to the moved weights."""
    width = 220
    high = 22 + 58 * len(FORWARD)
    if tall:
        places = ((20, 6), (20, high + 40))
    else:
        places = ((24, 6), (420, 6))
    parts = chain(*places[0], width, "to the loss", FORWARD)
    parts += chain(*places[1], width, "and back", BACKWARD)
    x, y = places[0]
    # The targets come in from the side.
    at = y + 22 + 58 * 3 + 14
    parts.append(path([(x + width + 56, at), (x + width + 2, at)], colour=OPEN))
    parts.append(text(x + width + 28, at - 30, "targets", size=12, bold=True, colour=OPEN))
    parts.append(text(x + width + 28, at - 13, f"({B * T},)", size=12, colour=OPEN))
    title = "One step of training. " + "; ".join(
        f"{name}: " + ", ".join(f"{words} {shape}".strip() for words, shape in steps)
        for name, steps in (("to the loss", FORWARD), ("and back", BACKWARD))
    )
    return page(344 if tall else 720, 2 * high + 40 if tall else high + 8, title, parts)


def curve(points: list[tuple[float, float]], colour: str = INK, width: float = 2.2) -> str:
    """A line without a head."""
    return path(points, colour=colour, width=width, head=False)


DRAWINGS: dict[str, Callable[..., str]] = {
    "token-losses": token_losses,
    "windows": windows,
    "split-leak": split,
    "training-step": step,
}
