"""The drawings of chapter 7 of the whole model: every shape, and the flow of data.

The sizes are GPT-2's smallest, the text that of chapter 4's record. A drawing takes the records of
`make figures`, which these do not read, and gives SVG text, wide or tall.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tokens_record
from gpt2_shapes import Chain
from svg import BAR, BOX, LINE, OPEN, Box, arrow, page, path, text

Records = dict[str, dict[str, Any]]

VOCAB, CONTEXT, WIDTH, LAYERS, HEADS = 50257, 1024, 768, 12, 12
TEXT = "Hello, world!"
TOKENS = [token for token, _ in tokens_record.read()["gpt2"]["examples"][TEXT]]
T = len(TOKENS)
STREAM = f"(1, {T}, {WIDTH})"

TRUNK: Chain = [
    (f"text: {TEXT}", "str"),
    ("tokenizer", f"(1, {T})"),
    ("ids: " + ", ".join(map(str, TOKENS)), f"(1, {T})"),
    ("tok_emb[ids] + pos_emb[:T]", STREAM),
    ("drop_emb", STREAM),
    (f"trf_blocks: {LAYERS} blocks", STREAM),
    ("final_norm", STREAM),
    ("out_head", f"(1, {T}, {VOCAB})"),
    ("logits", ""),
]
BLOCK: Chain = [
    ("x", STREAM),
    ("norm1", STREAM),
    ("W_query, W_key, W_value", f"3 × {STREAM}"),
    ("split into heads", f"3 × (1, {HEADS}, {T}, {WIDTH // HEADS})"),
    (f"q · k ÷ √{WIDTH // HEADS}, mask, softmax", f"(1, {HEADS}, {T}, {T})"),
    ("dropout, @ v", f"(1, {HEADS}, {T}, {WIDTH // HEADS})"),
    ("heads side by side", STREAM),
    ("out_proj, drop_shortcut", STREAM),
    ("+", STREAM),
    ("norm2", STREAM),
    ("ff.layers[0]: wider", f"(1, {T}, {4 * WIDTH})"),
    ("GELU", f"(1, {T}, {4 * WIDTH})"),
    ("ff.layers[2]: back", STREAM),
    ("drop_shortcut", STREAM),
    ("+", STREAM),
    ("x for the next block", ""),
]
TRAINING: Chain = [
    ("with the targets", f"({T}, {VOCAB}), ({T},)"),
    ("cross-entropy", "one number"),
    ("loss.backward()", "a gradient each"),
    ("AdamW: a small step", "new weights"),
    ("the next batch", ""),
]
WRITING: Chain = [
    ("the last row", f"(1, {VOCAB})"),
    ("÷ temperature", f"(1, {VOCAB})"),
    ("only the top k", f"(1, {VOCAB})"),
    ("softmax, draw one", "(1, 1)"),
    ("append it to the ids", ""),
]
STEP = 58


def column(x: float, y: float, w: float, steps: Chain, ends: tuple[int, ...] = ()) -> list[str]:
    """Steps from top to bottom, the shape at each arrow; those of `ends` are rounder."""
    parts = []
    for i, (words, shape) in enumerate(steps):
        top, middle = y + STEP * i, x + w / 2
        if words == "+":
            parts.append(
                f'<circle cx="{middle:g}" cy="{top + 14:g}" r="13" fill="{BOX}" stroke="{OPEN}" '
                f'stroke-width="2"/>'
            )
        else:
            frame = f'rx="{14 if i in ends else 5}" stroke="{BAR if i in ends else LINE}"'
            parts.append(
                f'<rect x="{x:g}" y="{top:g}" width="{w:g}" height="28" fill="{BOX}" {frame}/>'
            )
        parts.append(text(middle, top + 19, words, size=12 if len(words) > 24 else 13,
                          bold=words == "+"))  # fmt: skip
        if shape:
            parts.append(arrow(middle, top + 29, middle, top + 57, shape))
    return parts


def shortcuts(x: float, y: float, w: float) -> list[str]:
    """The two ways around, at the right of the block."""
    parts, outside, middle = [], x + w + 20, x + w / 2
    plus = [i for i, (words, _) in enumerate(BLOCK) if words == "+"]
    for start, end in zip([0, plus[0]], plus, strict=True):
        edge = x + w if start == 0 else middle
        here, there = y + STEP * start + (32 if start else 14), y + STEP * end + 14
        parts.append(
            path([(edge, here), (outside, here), (outside, there), (middle + 14, there)],
                 colour=OPEN, width=2)
        )  # fmt: skip
    return parts


def branches(x: float, y: float, w: float, gap: float) -> list[str]:
    """From the logits to the loss, and to the next token."""
    parts = []
    ways = (("training", TRAINING), ("writing", WRITING))
    for i, (name, steps) in enumerate(ways):
        left = x + i * (w + gap)
        parts.append(text(left + w / 2, y + 14, name, size=13, bold=True, colour=OPEN))
        parts += column(left, y + 24, w, steps, (len(steps) - 1,))
    return parts


def whole(records: Records, *, tall: bool = False) -> str:
    """From text to loss and to the next token, with the block at the side or below."""
    left, wide = (52, 240) if tall else (54, 232)
    parts = [text(left + wide / 2, 16, "the whole model", size=14, bold=True)]
    parts += column(left, 28, wide, TRUNK, (0, 2, 8))
    bottom = 28 + STEP * (len(TRUNK) - 1) + 28
    middle = left + wide / 2
    lane = [6, 178] if tall else [4, 178]
    w = 160
    for x in lane:
        parts.append(
            path([(middle, bottom), (middle, bottom + 14), (x + w / 2, bottom + 14),
                  (x + w / 2, bottom + 28)])
        )  # fmt: skip
    parts += branches(lane[0], bottom + 28, w, lane[1] - lane[0] - w)
    ids, last = 28 + 2 * STEP + 14, bottom + 28 + 24 + STEP * (len(WRITING) - 1) + 14
    far = 342 if tall else 348
    parts.append(  # what was drawn comes in again
        path([(lane[1] + w, last), (far, last), (far, ids), (left + wide + 2, ids)], colour=BAR)
    )
    near = 14
    top, head = 28 + 3 * STEP + 14, 28 + 7 * STEP + 14
    parts.append(
        f'<path d="M{left},{top} L{near},{top} L{near},{head} L{left},{head}" fill="none" '
        f'stroke="{OPEN}" stroke-width="2" stroke-dasharray="5 4"/>'
    )
    for i, words in enumerate(("tied:", "one", "table")):
        parts.append(text(near + 4, (top + head) / 2 - 8 + 15 * i, words, size=11, colour=OPEN,
                          anchor="start"))  # fmt: skip
    x, y = (52.0, last + 50) if tall else (424.0, 28.0)
    box = 240 if tall else 244
    parts.append(text(x + box / 2, y - 12, "one of the 12 blocks", size=14, bold=True))
    parts += shortcuts(x, y, box)
    parts += column(x, y, box, BLOCK, (0, len(BLOCK) - 1))
    height = max(y + STEP * (len(BLOCK) - 1) + 36, last + 22)
    said = {"the model": TRUNK, "a block": BLOCK, "training": TRAINING, "writing": WRITING}
    title = "GPTModel with the shape of what each step hands on. " + "; ".join(
        f"{name}: " + ", ".join(" ".join(step).strip() for step in steps)
        for name, steps in said.items()
    )
    return page(345 if tall else 720, height, title, parts)


PATH = [
    ("text", "a str"), ("tokens", "(B, T)"), ("embeddings", "(B, T, C)"),
    ("blocks", "(B, T, C)"), ("last norm", "(B, T, C)"), ("logits", "(B, T, V)"),
]  # fmt: skip
USES = {
    "training": ["pairs: input, target", "cross-entropy", "backward", "AdamW step"],
    "writing": ["last row only", "temperature, top k", "draw one", "append it"],
}


def data_flow(records: Records, *, tall: bool = False) -> str:
    """All of it in one line, and the two loops that use it."""
    parts = []
    if tall:
        for i, (name, shape) in enumerate(PATH):
            parts.append(Box(92, 8 + 78 * i, 160, name, shape).svg())
            if i:
                parts.append(arrow(172, 8 + 78 * i - 26, 172, 6 + 78 * i))
        y = 8 + 78 * len(PATH)
        for i, (use, steps) in enumerate(USES.items()):
            x = 6 + 174 * i
            parts.append(path([(172, y - 26), (172, y - 12), (x + 79, y - 12), (x + 79, y + 2)]))
            parts.append(text(x + 79, y + 18, use, size=13, bold=True, colour=OPEN))
            for j, words in enumerate(steps):
                top = y + 28 + 50 * j
                parts += small(x, top, 158, words)
                if j:
                    parts.append(arrow(x + 79, top - 18, x + 79, top - 2))
            parts.append(text(x + 79, y + 28 + 50 * len(steps), "and again", colour=BAR))
        height = y + 28 + 50 * 4 + 14
        return page(344, height, FLOW_TITLE, parts)
    for i, (name, shape) in enumerate(PATH):
        x = 6 + 120 * i
        parts.append(Box(x, 8, 98, name, shape).svg())
        if i:
            parts.append(arrow(x - 20, 34, x - 2, 34))
    for i, (use, steps) in enumerate(USES.items()):
        y = 104 + 66 * i
        parts.append(text(6, y + 21, use, size=13, bold=True, colour=OPEN, anchor="start"))
        for j, words in enumerate(steps):
            x = 86 + 160 * j
            parts += small(x, y, 136, words)
            if j:
                parts.append(arrow(x - 22, y + 16, x - 2, y + 16))
        end = 86 + 160 * 3 + 68
        parts.append(path([(end, y + 33), (end, y + 50), (154, y + 50), (154, y + 35)], colour=BAR))
        parts.append(text(394, y + 46, "and again", size=11, colour=BAR))
    parts.append(path([(655, 62), (655, 84), (154, 84), (154, 102)]))
    parts.append(path([(154, 84), (77, 84), (77, 186), (84, 186)]))
    return page(720, 232, FLOW_TITLE, parts)


FLOW_TITLE = "The flow of data: " + ", ".join(" ".join(step) for step in PATH) + ". " + "; ".join(
    f"{use}: {', '.join(steps)}, and again" for use, steps in USES.items()
)  # fmt: skip


def small(x: float, y: float, w: float, words: str) -> list[str]:
    """A box with one line."""
    return [
        f'<rect x="{x:g}" y="{y:g}" width="{w:g}" height="32" rx="6" fill="{BOX}" '
        f'stroke="{LINE}"/>',
        text(x + w / 2, y + 21, words),
    ]


DRAWINGS: dict[str, Callable[..., str]] = {
    "gpt": whole,
    "data-flow": data_flow,
}
