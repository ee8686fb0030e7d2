"""The record of benchmarks/chat_record.py as drawings, and as numbers that the pages quote.

`{{ bench.rate["10"].int8 }}` and all others are text already, with their digits; what needs a GPU
and was measured without one reads "not measured: no GPU here". A drawing takes the records of
`make figures`, which these do not read, and gives SVG text, wide or tall.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from svg import BAR, OPEN, SOFT, page, text

Records = dict[str, dict[str, Any]]

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT))  # benchmarks is not installed

from benchmarks.timing import NO_GPU  # noqa: E402

RECORD = ROOT / "benchmarks" / "chat.json"
SHORT = {  # of a way in the record: as the pages call it
    "the naive loop": "naive",
    "gptlab, with the cache": "cache",
    "gptlab, int8": "int8",
    "transformers, with its cache": "transformers",
}
STATED = {"CPU": "pico-gpt says: CPU", "GPU": "pico-gpt says: RTX 3080 Ti",
          "CPU, further down": "pico-gpt says: CPU, again"}  # fmt: skip
NO_OPTION = "no option"


def record() -> dict[str, Any]:
    """What was measured last. Raises ValueError, naming the file, where it is not there."""
    try:
        return json.loads(RECORD.read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError) as error:
        raise ValueError(f"{RECORD}: {error}; run `python -m benchmarks chat_record`") from error


def digits(value: float) -> str:
    """A number with what can be read off a noisy clock: three digits, or all before the point."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}" if value < 1 else f"{value:.1f}"


def rates(told: dict[str, Any]) -> dict[str, float]:
    """Tokens a second by way, of what follows one prompt."""
    return {SHORT[name]: 1 / spent for name, spent in told["seconds a token"].items()}


def device(found: dict[str, Any] | None) -> dict[str, str]:
    """What one device did, or that it did not."""
    kinds = ("ms", "tokens a second", "MB")
    if found is None:
        return dict.fromkeys(kinds, NO_GPU)
    return {kind: "" if found[kind] is None else digits(found[kind]) for kind in kinds}


def both(devices: dict[str, Any]) -> dict[str, Any]:
    """A processor's, a GPU's, and how many times as fast that is."""
    cpu, cuda = devices["cpu"], devices["cuda"]
    faster = f"{cpu['ms'] / cuda['ms']:.1f} times" if cuda else NO_GPU
    return {"cpu": device(cpu), "cuda": device(cuda), "faster": faster}


def ratio(found: dict[str, Any], kind: str, where: str) -> str:
    """How many times as long the large model takes."""
    small, large = (found[kind][name][where] for name in ("chat", "large"))
    return f"{large['ms'] / small['ms']:.1f}" if small and large else NO_GPU


def numbers() -> dict[str, Any]:
    """What a page can quote, as text."""
    found = record()
    speeds = {length: rates(told) for length, told in found["decoding"].items()}
    stated, machine = found["stated"], found["machine"]
    best = speeds["10"]["int8"]
    small, large = (found["shapes"][name]["parameters"] for name in ("chat", "large"))
    larger = large / small
    steps, plain = found["steps"], found["steps"]["options"][""]
    return {
        "machine": f"one core of {machine['processor']}, torch {machine['torch']}, seed "
                   f"{found['seed']}",
        "gpu": found["gpu"] or "none",
        "new": {length: str(told["new"]) for length, told in found["decoding"].items()},
        "rate": {length: {way: digits(v) for way, v in told.items()}
                 for length, told in speeds.items()},
        "times": {length: {way: f"{v / told['naive']:.1f}" for way, v in told.items()}
                  for length, told in speeds.items()},
        "theirs": {length: {way: f"{v / told['transformers']:.1f}" for way, v in told.items()}
                   for length, told in speeds.items()},
        "stated": {"cpu": f"{stated['CPU']}", "gpu": f"{stated['GPU']}",
                   "again": f"{stated['CPU, further down']:.0f}",
                   "ms_cpu": f"{stated['ms CPU']:.2f}", "ms_gpu": f"{stated['ms GPU']:.2f}",
                   "MB": f"{stated['MB GPU']}",
                   "tokens": f"{stated['CPU'] * stated['ms CPU'] / 1000:.0f}",
                   "apart": f"{stated['CPU, further down'] / stated['CPU']:.1f}"},
        "ahead": {"cpu": f"{best / stated['CPU']:.1f}", "gpu": f"{best / stated['GPU']:.1f}",
                  "again": f"{best / stated['CPU, further down']:.1f}"},
        "shapes": {name: {key: f"{value:,.0f}" for key, value in shape.items()}
                   for name, shape in found["shapes"].items()},
        "larger": f"{larger:.1f}",
        "losses": {key: value if key == "text" else f"{value:.4f}"
                   for key, value in found["losses"].items()},
        "agrees": {length: f"{told['int8 agrees']} of {told['new']}"
                   for length, told in found["decoding"].items()},
        "batch": "{} windows of {} tokens".format(*found["batch"]),
        "tokens": str(found["new"]),
        "writing": {name: both(devices) for name, devices in found["writing"].items()},
        "training": {name: both(devices) for name, devices in found["training"].items()},
        "large": {kind: {where: ratio(found, kind, where) for where in ("cpu", "cuda")}
                  for kind in ("writing", "training")},
        "steps": {name or NO_OPTION: {
            "MB": digits(one["MB"]), "seconds": f"{one['seconds']:.2f}",
            "share": f"{100 * one['MB'] / plain['MB']:.0f} %",
            "times": f"{one['seconds'] / plain['seconds']:.2f}",
        } for name, one in steps["options"].items()},
        "step": "{} windows of {} tokens".format(*steps["batch"]),
    }  # fmt: skip


def bar(left: float, top: float, length: float, tint: str, said: bool = False) -> str:
    """A bar; `said`: a figure that somebody states, as an outline."""
    fill = f'fill="none" stroke="{tint}" stroke-dasharray="4 3"' if said else f'fill="{tint}"'
    return (f'<rect x="{left:g}" y="{top:g}" width="{max(length, 1):.1f}" height="19" rx="3" '
            f"{fill}/>")  # fmt: skip


def rows(
    groups: list[tuple[str, list[tuple[float, str, str, bool]]]], legend: list[tuple[str, str]],
    title: str, label: float, tall: bool,
) -> str:  # fmt: skip
    """Labelled bars: (share of the longest, its words, colour, stated by others) each."""
    width, left = (340, 8.0) if tall else (720, label + 8)
    room = width - left - (86 if tall else 100)
    parts, y = [], 8.0
    for name, bars in groups:
        if tall:
            parts.append(text(8, y + 13, name, anchor="start"))
            y += 20
        else:
            parts.append(text(label, y + 14 + 12 * (len(bars) - 1), name, size=13, anchor="end"))
        for share, words, tint, said in bars:
            parts.append(bar(left, y, share * room, tint, said))
            parts.append(text(left + share * room + 8, y + 14, words, bold=True, anchor="start"))
            y += 24
        y += 12
    for i, (words, tint) in enumerate(legend):
        parts.append(text(left, y + 12 + 19 * i, words, colour=tint, anchor="start"))
    return page(width, y + 19 * len(legend) + 4, title, parts)


def speed(records: Records, *, tall: bool = False) -> str:
    """Tokens a second, way by way, after a short prompt and a long one, and what pico-gpt says."""
    found = record()
    speeds = {length: rates(told) for length, told in found["decoding"].items()}
    tints = dict(zip(speeds, (BAR, OPEN), strict=True))
    most = max(max(told.values()) for told in speeds.values())
    groups = [
        (name, [(told[way] / most, digits(told[way]), tints[length], False)
                for length, told in speeds.items()])
        for name, way in SHORT.items()
    ]  # fmt: skip
    groups += [(said, [(found["stated"][key] / most, f"{found['stated'][key]:g}", SOFT, True)])
               for key, said in STATED.items()]  # fmt: skip
    legend = [(f"■ after a prompt of {length} tokens", tint) for length, tint in tints.items()]
    title = "Tokens a second on one core. " + "; ".join(
        f"{name}: {', '.join(words for _, words, *_ in bars)}" for name, bars in groups
    )
    return rows(groups, legend, title, 210, tall)


def large(records: Records, *, tall: bool = False) -> str:
    """Milliseconds of a token and of a training step, chat model and large model, one core."""
    found = record()
    many = {"writing": found["new"], "training": 1}
    names = {"writing": "a token", "training": "a training step"}
    groups = []
    for kind, count in many.items():
        spent = {name: found[kind][name]["cpu"]["ms"] / count for name in ("chat", "large")}
        groups.append((names[kind], [
            (ms / spent["large"], f"{digits(ms)} ms", tint, False)
            for ms, tint in zip(spent.values(), (BAR, OPEN), strict=True)
        ]))  # fmt: skip
    sizes = found["shapes"]
    legend = [(f"■ {name}: {sizes[name]['parameters'] / 1e6:.1f} million parameters", tint)
              for name, tint in (("chat", BAR), ("large", OPEN))]  # fmt: skip
    title = "On one core, the chat model and the large one. " + "; ".join(
        f"{name}: {', '.join(words for _, words, *_ in bars)}" for name, bars in groups
    )
    return rows(groups, legend, title, 140, tall)


def steps(records: Records, *, tall: bool = False) -> str:
    """What a training step holds and how long it takes, option by option."""
    options = record()["steps"]["options"]
    most = {kind: max(one[kind] for one in options.values()) for kind in ("MB", "seconds")}
    groups = [
        (name or NO_OPTION, [
            (one["MB"] / most["MB"], f"{one['MB']:.0f} MB", BAR, False),
            (one["seconds"] / most["seconds"], f"{one['seconds']:.2f} s", OPEN, False),
        ])
        for name, one in options.items()
    ]  # fmt: skip
    title = "A training step. " + "; ".join(
        f"{name}: {', '.join(words for _, words, *_ in bars)}" for name, bars in groups
    )
    legend = [("■ held at once", BAR), ("■ processor time", OPEN)]
    return rows(groups, legend, title, 230, tall)


DRAWINGS: dict[str, Callable[..., str]] = {
    "chat-speed": speed,
    "large-small": large,
    "step-memory": steps,
}
