"""Chapter 11's drawings of what was measured: two GELUs, two differences, settings of letters.

sampling_record.py measured it; the GELUs' inputs are worked out here, from the tiny GPT-2. A
drawing takes the records of `make figures`, which these do not read, and gives SVG text, wide or
tall.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from math import log10
from pathlib import Path
from textwrap import wrap
from typing import Any

import nano_sizes
import numpy as np
from gpt_parts import by_erf, by_tanh
from svg import BAR, INK, LINE, OPEN, SOFT, page, path, text

from gptlab import numpy_gpt, tiny

Records = dict[str, dict[str, Any]]

RECORD = Path(__file__).with_name("sampling.json")
PROMPT = "My lord, my love is like a"
TERMINAL = 76  # letters in a line


@functools.cache
def record() -> dict[str, Any]:
    """What sampling_record.py measured last."""
    return json.loads(RECORD.read_text(encoding="utf-8"))


def terminal(name: str) -> str:
    """A command as it was typed, and what it printed: notes first, cut as a terminal does; text."""
    found = record()["commands"][name]
    notes = [part for line in found["err"].splitlines() for part in wrap(line, TERMINAL)]
    return "\n".join([f"$ {found['command']}", *notes, found["out"].rstrip("\n")]).rstrip()


def in_line(text: str) -> str:
    """A text in one line of code; ⏎ is a new line."""
    return f"`{text.rstrip().replace(chr(10), ' ⏎ ')}`"


def numbers() -> dict[str, Any]:
    """What the chapter says of it, by name."""
    found = record()
    commands = found["commands"]
    costs = found["costs"]
    after = found["parting"]["after"]  # tokens, of the texts that part
    return {
        **found,
        "out": {name: in_line(one["out"].partition("\n")[2] if one["out"][0] == "\n" else
                              one["out"]) for name, one in commands.items() if one["out"]},
        "err": {name: in_line(one["err"].splitlines()[0]) for name, one in commands.items()},
        "ways": {T: {form: {"ms": 1e3 * run["seconds"], "MB": run["bytes"] / 1e6}
                     for form, run in forms.items()}
                 for T, forms in costs["attention"].items()},
        "head ms": {form: 1e3 * run["seconds"] for form, run in costs["head"].items()},
        "parting": found["parting"] | {"parted": len(after), "first": after[0], "same":
                                       found["parting"]["pairs"] - len(after)},
        "widths": {V: 1e3 * run["seconds"] for V, run in costs["width"].items()},
        "prompts": [{"prompt": in_line(one["prompt"]), "text": in_line(one["text"])}
                    for one in found["letters"]["prompts"]],
        "counted": nano_sizes.numbers(),
        "largest": {name: max(found["apart"][name]) for name in found["apart"] if name[-1] in "24"},
    }  # fmt: skip


# erf or tanh


def bent() -> np.ndarray:
    """What goes into all GELUs of the tiny GPT-2 while it reads PROMPT."""
    tree, n_head = tiny.params(), tiny.hparams()["n_head"]
    ids = tiny.tokenizer().encode(PROMPT)
    x, met = tree["wte"][ids] + tree["wpe"][: len(ids)], []
    for block in tree["blocks"]:
        heard = numpy_gpt.mha(numpy_gpt.layer_norm(x, **block["ln_1"]), **block["attn"],
                              n_head=n_head)  # fmt: skip
        normed = numpy_gpt.layer_norm(x + heard, **block["ln_2"])
        met.append(numpy_gpt.linear(normed, **block["mlp"]["c_fc"]).ravel())
        x = numpy_gpt.transformer_block(x, **block, n_head=n_head)
    return np.concatenate(met)


XS = [i / 25 - 4 for i in range(201)]
ZERO, HIGH, FLOOR = 290.0, 150.0, 488.0  # of the difference, a thousandth; of the inputs


def erf_tanh(records: Records, *, tall: bool = False) -> str:
    """Both curves in one picture; under it their difference, and which inputs there are."""
    left, across = (54.0, 276.0) if tall else (110.0, 560.0)

    def along(x: float) -> float:
        return left + (x + 4) / 8 * across

    parts = []
    for y, words, tint in ((18, "GELU", INK), (200, "tanh less erf", BAR),
                           (392, "what goes in, in the tiny GPT-2", INK)):  # fmt: skip
        parts.append(text(left, y, words, size=13, bold=True, colour=tint, anchor="start"))
    parts.append(path([(left, 152), (along(4), 152)], colour=LINE, head=False))
    curves = [
        (50, "broad: by erf", by_erf, OPEN, 9, 0.45),
        (68, "thin: by tanh", by_tanh, BAR, 1.8, 1),
    ]
    for y, words, by, tint, wide, shade in curves:
        points = [(along(x), 152 - 31 * by(x)) for x in XS]
        parts.append(path(points, colour=tint, width=wide, head=False, opacity=shade))
        parts.append(text(left + 8, y, words, bold=True, colour=tint, anchor="start"))
    parts += _difference(left, along) + _inputs(along)
    most = max(abs(by_tanh(x) - by_erf(x)) for x in XS)
    title = (f"GELU by erf and by tanh from −4 to 4: one curve to the eye. They differ by at most "
             f"{most:.5f}; below it how often the tiny GPT-2 hands over which number")  # fmt: skip
    return page(344 if tall else 720, 512, title, parts)


def _difference(left: float, along: Callable[[float], float]) -> list[str]:
    """By tanh less by erf, with three lines."""
    parts = []
    for mark in (-0.5, 0, 0.5):
        y = ZERO - mark * HIGH
        parts.append(path([(left, y), (along(4), y)], colour=LINE, width=0.7, head=False))
        words = f"{mark / 1000:.4f}".replace("-", "−") if mark else "0"
        parts.append(text(left - 6, y + 4, words, size=11, colour=SOFT, anchor="end"))
    points = [(along(x), ZERO - 1000 * HIGH * (by_tanh(x) - by_erf(x))) for x in XS]
    return [*parts, path(points, colour=BAR, width=2.2, head=False)]


def _inputs(along: Callable[[float], float]) -> list[str]:
    """How often which number goes in, and the numbers under it."""
    parts = []
    counts, edges = np.histogram(bent(), bins=64, range=(-4, 4))
    for count, edge in zip(counts, edges, strict=False):
        up, wide = 84 * count / counts.max(), along(0.125) - along(0) - 0.6
        parts.append(f'<rect x="{along(edge):.1f}" y="{FLOOR - up:.1f}" width="{wide:.2f}" '
                     f'height="{up:.1f}" fill="{SOFT}" fill-opacity="0.6"/>')  # fmt: skip
    for x in (-4, -2, 0, 2, 4):
        said = str(x).replace("-", "−")
        parts.append(text(along(x), FLOOR + 18, said, size=12, colour=SOFT))
    return parts


# Rounding, or another formula

LOW, MOST = -16.0, -2.0  # powers of ten
KINDS = [  # which, what is written at it, where when wide, where when tall
    ("erf 32", OPEN, "erf and tanh: 32 bits", -4, -20),
    ("erf 64", OPEN, "and 64: the same", 14, 20),
    ("long 32", BAR, "two branches: 32 bits", 4, -18),
    ("long 64", BAR, "and 64: smaller", 4, -18),
]


def two_kinds(records: Records, *, tall: bool = False) -> str:
    """Stage by stage how far two programs are apart, in 32 bits and in 64."""
    found = record()["apart"]
    left, across, top, high = (54.0, 236.0, 20.0, 300.0) if tall else (70.0, 430.0, 20.0, 260.0)
    step, parts = across / (len(found["stages"]) - 1), []

    def up(power: float) -> float:
        return top + high * (MOST - power) / (MOST - LOW)

    for power in range(-15, -2, 3):
        y = up(power)
        parts.append(path([(left, y), (left + across, y)], colour=LINE, width=0.7, head=False))
        raised = str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
        parts.append(text(left - 6, y + 4, f"10{raised}", size=12, colour=SOFT, anchor="end"))
    for n, name in enumerate(found["stages"]):
        words = name.removeprefix("block ").removeprefix("last ") if tall else name
        parts.append(text(left + step * n, top + high + 20, words, size=12))
    for key, tint, words, beside, above in KINDS:
        points = [(left + step * n, up(log10(value))) for n, value in enumerate(found[key])]
        parts += _line(points, tint, broad=key.endswith("32"))
        x, y = (left + across / 2, points[-1][1] + above) if tall else (
            left + across + 16, points[-1][1] + beside)  # fmt: skip
        parts.append(text(x, y, words, bold=True, colour=tint,
                          anchor="middle" if tall else "start"))  # fmt: skip
    if tall:
        parts.append(text(left, top + high + 40, "blocks 0 to 3, the last norm, the scores",
                          size=11, colour=SOFT, anchor="start"))  # fmt: skip
    title = "How far apart, over the spread: " + "; ".join(
        f"{key} bits {min(found[key]):.1e} to {max(found[key]):.1e}" for key, *_ in KINDS
    )
    return page(344 if tall else 720, top + high + (50 if tall else 30), title, parts)


def _line(points: list[tuple[float, float]], tint: str, broad: bool) -> list[str]:
    """A line with a dot at each point; the broad one lets a thin one be seen on it."""
    width, shade, radius = (2.4, 0.55, 5) if broad else (1.2, 1, 2.5)
    dots = [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{tint}" '
            f'fill-opacity="{shade}"/>' for x, y in points]  # fmt: skip
    return [path(points, colour=tint, width=width, head=False, opacity=shade), *dots]


# Letters


def wrapped(words: str, most: int) -> list[str]:
    """The lines of a text, each at most so long; a / is where the text has a new line."""
    lines = [""]
    for word in words.strip().replace("\n", " / ").replace("�", "·").split():
        if len(lines[-1]) + len(word) + 1 > most:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def knobs(one: dict[str, Any]) -> str:
    """The settings of a letter, in words."""
    k = "" if one["temperature"] == 0 else f", top k {one['top_k']}"
    return f"temperature {one['temperature']:g}{k}"


def by_setting(records: Records, *, tall: bool = False) -> str:
    """One prompt, one seed, several settings: the letter, and what many letters are like."""
    parts, said, y = [], [], 8.0
    wide, most = (110.0, 50) if tall else (100.0, 100)
    for one in record()["letters"]["settings"]:
        shares = [f"{one['words']:.2f} words that are in the plays",
                  f"each token as one of {1 / one['odds']:.0f}"]  # fmt: skip
        x, at = (8.0, y + 20) if tall else (220.0, y + 2)
        parts.append(text(8, y + 13, knobs(one), size=13, bold=True, anchor="start"))
        for across, drawn in ((wide, 'fill="none"'), (wide * one["words"], f'fill="{BAR}"')):
            parts.append(f'<rect x="{x:g}" y="{at:g}" width="{across:.1f}" height="13" {drawn} '
                         f'fill-opacity="0.6" stroke="{LINE}"/>')  # fmt: skip
        for n, told in enumerate(shares):
            place = (x + wide + 6 if n == 0 else 8, at + 11 + 19 * n) if tall else (
                x + wide + 6 + 210 * n, at + 11)  # fmt: skip
            parts.append(text(*place, told, size=11 if n == 0 else 12, colour=(SOFT, OPEN)[n],
                              anchor="start"))  # fmt: skip
        said.append(f"{knobs(one)}: {', '.join(shares)}")
        y += 74 if tall else 34
        for line in wrapped(one["text"], most):
            parts.append(text(8, y, line, size=12, colour=INK, anchor="start"))
            y += 17
        y += 12
    title = "Letters of the tiny GPT-2. " + "; ".join(said)
    return page(344 if tall else 720, y, title, parts)


DRAWINGS: dict[str, Callable[..., str]] = {
    "erf-tanh": erf_tanh,
    "two-kinds": two_kinds,
    "letters-by-setting": by_setting,
}
