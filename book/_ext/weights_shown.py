"""The drawings of chapter 10 of what was measured: parity, the first difference, loading.

weights_record.py measured it. A drawing takes the records of `make figures`, which these do not
read, and gives SVG text, wide or tall.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from math import log10
from pathlib import Path
from typing import Any

from svg import BAR, INK, LINE, OPEN, SOFT, Box, page, path, text

Records = dict[str, dict[str, Any]]

RECORD = Path(__file__).with_name("weights.json")
SHORT = {
    "OpenAI's files, with TensorFlow": ("TensorFlow", "OpenAI's files"),
    "OpenAI's files, with gptlab.tensor_bundle": ("tensor_bundle", "OpenAI's files"),
    "safetensors": ("safetensors", "Hugging Face's file"),
}


@functools.cache
def record() -> dict[str, Any]:
    """What weights_record.py measured last."""
    return json.loads(RECORD.read_text(encoding="utf-8"))


def numbers() -> dict[str, Any]:
    """What the chapter says of it, by name; each fault's text in one line."""
    found = record()
    ways = {SHORT[way][0]: run | {"MB": round(run["VmHWM"] / 1e6),
                                  "own": round(run["RssAnon"] / 1e6)}
            for way, run in found["loading"]["ways"].items()}  # fmt: skip
    slow, quick = ways["TensorFlow"], ways["safetensors"]
    faults = {name: fault | {"begins": begins(fault["text"])}
              for name, fault in found["tiny"]["faults"].items()}  # fmt: skip
    right = found["tiny"]["right"]
    return {
        **found, "ways": ways, "faults": faults,
        "right": right | {"begins": begins(right["text"])},
        "times": slow["wall"] / quick["wall"], "cpu times": slow["cpu"] / quick["cpu"],
        "parts": found["tiny"]["parts"],
    }  # fmt: skip


def begins(text: str, letters: int = 46) -> str:
    """The first letters of a text after its prompt, in one line."""
    said = text.partition("\n")[2].replace("\n", " / ").replace("�", "·")
    return "".join(letter if letter.isprintable() else "·" for letter in said)[:letters].strip()


def programs(records: Records, *, tall: bool = False) -> str:
    """Two forms of the files, one set of weights, four programs, and how far each is off."""
    off = record()["parity"]["from"]["tensorflow"]["off"]
    width = 344 if tall else 720
    parts = []
    files = [("OpenAI's files", "read by TensorFlow"), ("model.safetensors", "read without it")]
    for i, (name, below) in enumerate(files):
        x = 8 + 172 * i if tall else 150 + 230 * i
        parts.append(Box(x, 8, 156 if tall else 190, name, below).svg())
        middle = x + (78 if tall else 95)
        parts.append(path([(middle, 62), (width / 2 - 20 + 40 * i, 94)]))
    parts.append(Box(width / 2 - 90, 96, 180, "params", "the same, bit by bit").svg())
    for i, (name, error) in enumerate(off.items()):
        x, y = (6 + 186 * (i % 2), 166 + 66 * (i // 2)) if tall else (14 + 176 * i, 196)
        parts.append(Box(x, y, 146 if tall else 164, name, f"off by {error:.6f}").svg())
        if tall:
            edge = x + 148 if i % 2 == 0 else x - 2
            parts.append(path([(172, 150), (172, y + 26), (edge, y + 26)]))
        else:
            middle = x + 82
            parts.append(path([(360 + (middle - 360) * 0.2, 150), (middle, y - 2)]))
    title = (
        "One set of weights from two forms of the files in four programs; each one's scores are "
        "off by at most: " + ", ".join(f"{name} {error:.6f}" for name, error in off.items())
    )
    return page(width, 292 if tall else 256, title, parts)


LEAST, MOST = 0.0, 7.5  # nats, the ends of the bars


def faults(records: Records, *, tall: bool = False) -> str:
    """Each fault of a loader: its loss as a bar, how far its scores are off, what it writes."""
    found = numbers()
    rows = {"no fault": found["right"] | {"apart": 0.0}, **found["faults"]}
    rows = dict(sorted(rows.items(), key=lambda row: (row[1]["loss"], row[1]["apart"])))
    left, across = (8.0, 200.0) if tall else (330.0, 240.0)
    high, parts = (72.0, []) if tall else (46.0, [])
    for i, (name, fault) in enumerate(rows.items()):
        y = 6 + high * i
        parts.append(text(8, y + 14, name, size=12, bold=True, anchor="start"))
        top = y + 22 if tall else y + 3
        wide = across * (fault["loss"] - LEAST) / (MOST - LEAST)
        usual = across * (found["right"]["loss"] - LEAST) / (MOST - LEAST)
        for start, end, tint in ((0, usual, BAR), (usual, wide, OPEN)):
            parts.append(f'<rect x="{left + start:.1f}" y="{top:g}" width="{end - start:.1f}" '
                         f'height="13" fill="{tint}" fill-opacity="0.6"/>')  # fmt: skip
        said = f"{fault['loss']:.2f}; off by {far(fault['apart'])}"
        parts.append(text(left + wide + 6, top + 11, said, size=11, colour=SOFT, anchor="start"))
        words = fault["begins"]
        parts.append(text(8, y + (52 if tall else 32), words, size=12, colour=SOFT,
                          anchor="start"))  # fmt: skip
    title = "Loaders with a fault: loss, by how much scores are off, and text: " + "; ".join(
        f"{name}: {fault['loss']:.2f}, {far(fault['apart'])}, {fault['begins']}"
        for name, fault in rows.items()
    )
    return page(344 if tall else 720, 6 + high * len(rows), title, parts)


def far(apart: float) -> str:
    """How far scores are off, with one decimal, or as many as it needs."""
    return "0" if apart == 0 else f"{apart:.1f}" if apart > 0.1 else f"{apart:.5f}"


LOWEST, HIGHEST = -8.0, 2.0  # powers of ten


def first_difference(records: Records, *, tall: bool = False) -> str:
    """Part by part, how far a model that was loaded wrongly is from another program."""
    with_fault = record()["tiny"]["parts"]["with"]
    without = record()["tiny"]["parts"]["without"]
    left, across = (96.0, 236.0) if tall else (150.0, 550.0)
    high, top, parts = 17.0, 30.0, []
    for power in range(-7, 2, 2 if not tall else 4):
        x = left + across * (power - LOWEST) / (HIGHEST - LOWEST)
        bottom = top + high * len(with_fault)
        parts.append(path([(x, top - 6), (x, bottom)], colour=LINE, width=0.7, head=False))
        said = "1" if power == 0 else f"{10.0**power:.7f}".rstrip("0").rstrip(".")
        parts.append(text(x, top - 12, said, size=11, colour=SOFT))
    first = next(name for name, far in with_fault.items() if far > 1e-4)
    for i, (name, far) in enumerate(with_fault.items()):
        y = top + high * i
        here = name == first
        words = name.replace("trf_blocks.", "block ").replace(".", " ")
        colour = OPEN if here else INK
        parts.append(text(left - 8, y + 12.5, words, size=11, bold=here, colour=colour,
                          anchor="end"))  # fmt: skip
        for value, tint, shade in ((far, OPEN, 0.55), (without[name], BAR, 0.9)):
            if value > 10**LOWEST:
                wide = across * (log10(value) - LOWEST) / (HIGHEST - LOWEST)
                tint = BAR if value == without[name] else tint
                parts.append(f'<rect x="{left:g}" y="{y + 3:g}" width="{wide:.1f}" '
                             f'height="{high - 5:g}" fill="{tint}" '
                             f'fill-opacity="{shade}"/>')  # fmt: skip
    y = top + high * len(with_fault) + 20
    parts.append(text(left, y, "blue: loaded rightly", size=12, colour=BAR, anchor="start"))
    parts.append(text(left + (0 if tall else 170), y + (18 if tall else 0), "brown: with the fault",
                      size=12, colour=OPEN, anchor="start"))  # fmt: skip
    title = (f"How far each part of a GPTModel is from Hugging Face's, from front to back. Loaded "
             f"rightly, at most {max(without.values()):.6f}. With a fault the first part that "
             f"differs is {first}, by {with_fault[first]:.2f}")  # fmt: skip
    return page(344 if tall else 720, y + (28 if tall else 12), title, parts)


def loading(records: Records, *, tall: bool = False) -> str:
    """Seconds and memory of each way to load 124M: bars."""
    ways = record()["loading"]["ways"]
    longest = max(run["wall"] for run in ways.values())
    most = max(run["VmHWM"] for run in ways.values())
    left, across = (8.0, 250.0) if tall else (150.0, 440.0)
    parts, said, y = [], [], 8.0
    for way, run in ways.items():
        short, files = SHORT[way]
        if tall:
            parts.append(text(8, y + 12, f"{short}: {files}", size=12, bold=True, anchor="start"))
            y += 20
        else:
            parts.append(text(138, y + 20, short, size=13, bold=True, anchor="end"))
            parts.append(text(138, y + 38, files, size=11, colour=SOFT, anchor="end"))
        x = left
        rest = run["wall"] - run["import"] - run["read"]
        bars = ((run["import"], OPEN, 0.6), (run["read"], BAR, 0.8), (rest, LINE, 0.4))
        for value, tint, shade in bars:
            wide = across * value / longest
            parts.append(f'<rect x="{x:.1f}" y="{y + 4:g}" width="{wide:.1f}" height="20" '
                         f'fill="{tint}" fill-opacity="{shade}"/>')  # fmt: skip
            x += wide
        parts.append(text(x + 8, y + 19, f"{run['wall']:.1f} s", size=12, anchor="start"))
        held, own = (across * run[key] / most for key in ("VmHWM", "RssAnon"))
        parts.append(f'<rect x="{left:g}" y="{y + 30:g}" width="{held:.1f}" height="10" '
                     f'fill="none" stroke="{LINE}"/>')  # fmt: skip
        parts.append(f'<rect x="{left:g}" y="{y + 30:g}" width="{own:.1f}" height="10" '
                     f'fill="{SOFT}" fill-opacity="0.5"/>')  # fmt: skip
        parts.append(text(left + held + 8, y + 39, f"{run['VmHWM'] / 1e6:,.0f} MB", size=11,
                          colour=SOFT, anchor="start"))  # fmt: skip
        y += 60
        said.append(f"{short} {run['wall']:.1f} s, of which {run['import']:.1f} s importing, and "
                    f"{run['VmHWM'] / 1e6:,.0f} MB")  # fmt: skip
    keys = [("importing", OPEN), ("reading", BAR), ("all else", SOFT)]
    for i, (words, tint) in enumerate(keys):
        parts.append(text(left + 86 * i, y + 10, words, size=12, colour=tint, bold=True,
                          anchor="start"))  # fmt: skip
    words = "below: the most memory held; grey: its own at the end"
    parts.append(text(left, y + 30, words, size=11, colour=SOFT, anchor="start"))
    title = "Loading GPT-2 124M in a fresh process: " + "; ".join(said)
    return page(344 if tall else 720, y + 40, title, parts)


DRAWINGS: dict[str, Callable[..., str]] = {
    "loaded-wrongly": faults,
    "four-programs": programs,
    "first-difference": first_difference,
    "loading-cost": loading,
}
