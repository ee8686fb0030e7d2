"""The loss ladder as a drawing and as a table, from the run that `benchmarks/ladder.json` keeps."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from svg import BAR, OPEN, page, text

RECORD = Path("benchmarks", "ladder.json")
NAMES = {  # of a rung in the record: as the drawing calls it
    "uniform": "every character equally likely",
    "unigram": "how often each character occurs",
    "counted bigram": "a table of pairs, counted",
    "trained bigram": "the same table, trained",
    "one head": "one head of attention",
    "many heads": "four heads, side by side",
    "with feed-forward": "and a feed-forward layer",
    "with residuals and norms": "and residuals and norms: one block",
    "toy GPT, 500 steps": "four blocks, a tenth of the training",
    "toy GPT, 5,000 steps": "four blocks: the toy GPT of lab 3",
}


@dataclass(frozen=True)
class Rung:
    """One step of the ladder: a loss in nats per character, from a run or `reported` elsewhere."""

    name: str
    loss: float
    reported: bool = False
    unfinished: bool = False  # trained for fewer steps than the others


# github.com/karpathy/nanoGPT, README, "quick start": on one A100.
REPORTED = [Rung("a larger GPT on a GPU (nanoGPT says)", 1.4697, reported=True)]


def read(root: Path) -> dict[str, Any]:
    """The ladder's record. Raises ValueError, naming the file, when it is not there or not JSON."""
    path = root / RECORD
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError) as error:
        raise ValueError(f"{path}: {error}; run `python -m benchmarks ladder`") from error


def rungs(record: dict[str, Any]) -> list[Rung]:
    """The steps that were run, and the one that nanoGPT's README reports for the same text."""
    most = max(rung["steps"] for rung in record["rungs"])
    found = [
        Rung(NAMES[rung["name"]], rung["loss"], unfinished=0 < rung["steps"] < most)
        for rung in record["rungs"]
    ]
    return found + REPORTED if "Shakespeare" in record["text"] else found


def draw(records: dict[str, dict[str, Any]], *, tall: bool = False) -> str:
    """Bars that get shorter: the loss of each model on text that it has not seen."""
    steps = rungs(records["ladder"])
    width, label = (340, 0) if tall else (720, 280)
    row = 46 if tall else 30
    scale = (width - label - 68) / max(rung.loss for rung in steps)
    parts = []
    for i, rung in enumerate(steps):
        y = 10 + i * row
        colour = OPEN if rung.reported else BAR
        fill = "none" if rung.reported else colour
        if tall:
            parts.append(text(8, y + 12, rung.name, anchor="start"))
            y += 18
        else:
            parts.append(text(label - 10, y + 16, rung.name, size=13, anchor="end"))
        left = label + (8 if tall else 0)
        length = rung.loss * scale
        dash = ' stroke-dasharray="4 3"' if rung.reported else ""
        dash += ' fill-opacity="0.35"' if rung.unfinished else ""
        parts.append(
            f'<rect x="{left}" y="{y}" width="{length:.1f}" height="22" rx="3" '
            f'fill="{fill}" stroke="{colour}"{dash}/>'
        )
        parts.append(text(left + length + 8, y + 16, f"{rung.loss:.2f}", bold=True, anchor="start"))
    title = "The loss ladder, in nats per character: " + "; ".join(
        f"{rung.name}: {rung.loss:.2f}" for rung in steps
    )
    return page(width, 14 + len(steps) * row, title, parts)


def table(record: dict[str, Any]) -> str:
    """Every rung with what it took, as Markdown."""
    lines = [
        "| rung | validation loss | steps | seconds | numbers in the model | seed |",
        "| :-- | --: | --: | --: | --: | --: |",
    ]
    for rung in record["rungs"]:
        cells = [rung["name"], f"{rung['loss']:.3f}"]
        if rung["steps"]:
            cells += [f"{rung['steps']:,}", f"{rung['seconds']:.0f}", f"{rung['parameters']:,}",
                      str(rung["seed"])]  # fmt: skip
        lines.append("| " + " | ".join(cells + [""] * (6 - len(cells))) + " |")
    spread = max(rung.get("spread", 0) for rung in record["rungs"])
    machine = record["machine"]
    lines += [
        "",
        f"On {record['text']}, nats per character, over the whole validation split. Seconds are "
        f"those of one core of {machine['processor']}, with torch {machine['torch']}. With the "
        f"seeds {', '.join(map(str, record['seeds']))} no rung moves by more than {spread:.3f}.",
    ]
    return "\n".join(lines)
