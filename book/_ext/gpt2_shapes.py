"""The drawings of chapter 5 that show what GPT-2 is: its tree, its shapes, its parameters.

The sizes are those of the smallest GPT-2. What follows from them is computed by gptlab.weights. A
drawing takes the records of `make figures`, which these do not read, and gives SVG text, wide or
tall.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

from svg import BAR, BOX, LINE, OPEN, SOFT, arrow, page, path, text

from gptlab import numpy_gpt, tiny, weights

Records = dict[str, dict[str, Any]]

VOCAB, CONTEXT, WIDTH, LAYERS, HEADS = 50257, 1024, 768, 12, 12
SHAPES = weights.shapes_by_place(VOCAB, CONTEXT, WIDTH, LAYERS)
PROMPT = "KING RICHARD:\nWhat is thy"
STEPS = 3  # of writing


def numbers(*start: str) -> int:
    """How many numbers the arrays at the places that start so have."""
    return sum(prod(shape) for place, shape in SHAPES.items() if place[: len(start)] == start)


def shape_of(shape: Sequence[int]) -> str:
    """As Python writes it."""
    return str(tuple(shape))


def tree_rows() -> list[tuple[int, str, str, str]]:
    """Depth, name, shapes and count of each branch; of the blocks the first stands for all."""
    rows = [(0, name, shape_of(SHAPES[name,]), f"{numbers(name):,}") for name in ("wte", "wpe")]
    rows.append((0, "blocks", f"a list of {LAYERS}", f"{LAYERS} × {numbers('blocks', '0'):,}"))
    said: set[str] = set()
    for place in SHAPES:
        if place[:2] != ("blocks", "0") or place[-1] not in "wg":
            continue
        if len(place) == 5 and place[2] not in said:
            rows.append((1, place[2], "", ""))
            said.add(place[2])
        rows.append((len(place) - 3, place[-2], leaves(place[:-1]), f"{numbers(*place[:-1]):,}"))
    rows.append((0, "ln_f", leaves(("ln_f",)), f"{numbers('ln_f'):,}"))
    return rows


def leaves(place: tuple[str, ...]) -> str:
    """The arrays at a place: their names and shapes."""
    found = {path[-1]: shape for path, shape in SHAPES.items() if path[:-1] == place}
    return ", ".join(f"{name} {shape_of(shape)}" for name, shape in found.items())


def tree(records: Records, *, tall: bool = False) -> str:
    """The tree of parameters: what is called how, and what shape it has."""
    left, step, size = (12, 16, 12) if tall else (110, 26, 13)
    shapes, right = (104, 334) if tall else (270, 640)
    parts, said = [], []
    trunk: dict[int, float] = {-1: 12}
    for i, (depth, name, shape, many) in enumerate(tree_rows()):
        y = 24 + 27 * i
        x = left + step * depth
        parts.append(path([(x - step / 2, trunk[depth - 1]), (x - step / 2, y - 4), (x - 2, y - 4)],
                          colour=LINE, head=False))  # fmt: skip
        trunk[depth] = y + 4
        parts.append(text(x + 2, y, name, size=size, bold=True, anchor="start"))
        parts.append(text(shapes, y, shape, size=size - 1, anchor="start"))
        parts.append(text(right, y, many, size=size - 1, colour=SOFT, anchor="end"))
        said.append(f"{name} {shape}".strip())
    title = "The tree of parameters: " + "; ".join(said)
    return page(340 if tall else 720, 24 + 27 * len(said), title, parts)


Chain = list[tuple[str, str]]  # a step, and the shape that it hands on

WHOLE: Chain = [
    ("ids of tokens", "(T,)"),
    ("wte[ids] + wpe[:T]", f"(T, {WIDTH})"),
    ("block 0", f"(T, {WIDTH})"),
    (f"blocks 1 to {LAYERS - 1}", f"(T, {WIDTH})"),
    ("ln_f", f"(T, {WIDTH})"),
    ("@ wte.T", f"(T, {VOCAB})"),
    ("scores", ""),
]
ATTENTION: Chain = [
    ("x", f"(T, {WIDTH})"),
    ("ln_1", f"(T, {WIDTH})"),
    ("attn.c_attn", f"(T, {3 * WIDTH})"),
    ("split: q, k, v; heads", f"3 × ({HEADS}, T, {WIDTH // HEADS})"),
    (f"q @ k.T / √{WIDTH // HEADS}", f"({HEADS}, T, T)"),
    ("+ mask, softmax", f"({HEADS}, T, T)"),
    ("@ v", f"({HEADS}, T, {WIDTH // HEADS})"),
    ("side by side", f"(T, {WIDTH})"),
    ("attn.c_proj", f"(T, {WIDTH})"),
    ("add to x", ""),
]
THINKING: Chain = [
    ("x", f"(T, {WIDTH})"),
    ("ln_2", f"(T, {WIDTH})"),
    ("mlp.c_fc", f"(T, {4 * WIDTH})"),
    ("gelu", f"(T, {4 * WIDTH})"),
    ("mlp.c_proj", f"(T, {WIDTH})"),
    ("add to x", ""),
]


def chain(x: float, y: float, w: float, title: str, steps: Chain) -> list[str]:
    """Steps from top to bottom, the shape at each arrow."""
    parts = [text(x + w / 2, y + 12, title, size=13, bold=True)]
    for i, (words, shape) in enumerate(steps):
        top = y + 22 + 58 * i
        ends = i in (0, len(steps) - 1)
        frame = f'rx="{14 if ends else 5}" fill="{BOX}" stroke="{BAR if ends else LINE}"'
        parts.append(f'<rect x="{x:g}" y="{top:g}" width="{w:g}" height="28" {frame}/>')
        parts.append(text(x + w / 2, top + 19, words, size=13))
        if shape:
            parts.append(arrow(x + w / 2, top + 29, x + w / 2, top + 57, shape))
    return parts


def forward(records: Records, *, tall: bool = False) -> str:
    """The whole forward pass, with the shape of what each step hands on."""
    whole, look, think = "the whole model", "a block: attention", "and feed-forward"
    high = [22 + 58 * len(steps) for steps in (WHOLE, ATTENTION)]
    if tall:
        parts = chain(60, 6, 220, whole, WHOLE)
        parts += chain(6, high[0], 190, look, ATTENTION)
        parts += chain(208, high[0], 126, think, THINKING)
    else:
        parts = chain(10, 6, 200, whole, WHOLE)
        parts += chain(264, 6, 220, look, ATTENTION) + chain(520, 6, 190, think, THINKING)
    said = [f"{name}: " + ", ".join(" ".join(step).strip() for step in steps)
            for name, steps in ((whole, WHOLE), (look, ATTENTION), (think, THINKING))]  # fmt: skip
    title = "The forward pass of GPT-2 with its shapes. " + "; ".join(said)
    return page(340 if tall else 720, (sum(high) if tall else high[1]) - 16, title, parts)


def parts_of_gpt2() -> dict[str, int]:
    """How many numbers each kind of part has."""
    kinds = {
        "wte: tokens": [("wte",)],
        "wpe: places": [("wpe",)],
        "attention": [("blocks", str(i), "attn") for i in range(LAYERS)],
        "feed-forward": [("blocks", str(i), "mlp") for i in range(LAYERS)],
        "layer norms": [
            ("ln_f",),
            *(("blocks", str(i), norm) for i in range(LAYERS) for norm in ("ln_1", "ln_2")),
        ],
    }
    return {kind: sum(numbers(*start) for start in starts) for kind, starts in kinds.items()}


def gpt2_parameters(records: Records, *, tall: bool = False) -> str:
    """Bars that add up to all of GPT-2's numbers."""
    counted = parts_of_gpt2()
    total = sum(counted.values())
    width, label, row = (340, 0, 50) if tall else (720, 120, 32)
    scale = (width - label - 150) / max(counted.values())
    parts = []
    for i, (name, many) in enumerate([*counted.items(), ("all together", total)]):
        y, left = 6 + i * row, label + 8
        if tall:
            parts.append(text(8, y + 12, name, anchor="start"))
            y += 18
        else:
            parts.append(text(label - 4, y + 16, name, size=13, anchor="end"))
        length = 0 if many == total else many * scale
        if length:
            parts.append(
                f'<rect x="{left}" y="{y}" width="{length:.1f}" height="22" rx="3" fill="{BAR}"/>'
            )
        words = f"{many:,}" if many == total else f"{many:,} ({100 * many / total:.1f} %)"
        parts.append(text(left + (length + 8 if length else 0), y + 16, words, anchor="start",
                          bold=many == total))  # fmt: skip
    title = f"{total:,} parameters: " + ", ".join(f"{k} {v:,}" for k, v in counted.items())
    return page(width, 10 + (len(counted) + 1) * row, title, parts)


def likeliest(records: Records, *, tall: bool = False) -> str:
    """The tiny GPT-2 writes a few tokens: the five likeliest at each step."""
    tokenizer = tiny.tokenizer()
    ids = tokenizer.encode(PROMPT)
    written = PROMPT
    parts, said = [], []
    steps = numpy_gpt.stream(ids, tiny.params(), tiny.hparams()["n_head"], STEPS)
    for i, (token, scores) in enumerate(steps):
        x, y = (8, 8 + 186 * i) if tall else (8 + 240 * i, 8)
        shown = written.split("\n")[-1]
        parts.append(text(x, y + 14, f"{shown} …", size=13, bold=True, anchor="start"))
        for j, (other, share) in enumerate(numpy_gpt.likeliest(scores)):
            top = y + 26 + 29 * j
            word = tokenizer.decode([other]).replace(" ", "␣").replace("\n", "↵")
            colour = OPEN if other == token else BAR
            parts.append(text(x + 52, top + 15, word, size=13, anchor="end", bold=other == token))
            parts.append(
                f'<rect x="{x + 60}" y="{top}" width="{130 * share:.1f}" height="20" rx="3" '
                f'fill="{colour}"/>'
            )
            percent = f"{100 * share:.0f} %"
            parts.append(text(x + 66 + 130 * share, top + 15, percent, anchor="start"))
        written += tokenizer.decode([token])
        said.append(f"after {shown} the likeliest is {written[-8:]!r}")
    title = "The five likeliest next tokens, step by step: " + "; ".join(said)
    return page(340 if tall else 720, 8 + 186 * STEPS if tall else 186, title, parts)


DRAWINGS: dict[str, Callable[..., str]] = {
    "tree": tree,
    "forward": forward,
    "gpt2-parameters": gpt2_parameters,
    "likeliest": likeliest,
}
