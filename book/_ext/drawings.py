"""The course's drawings by name, as SVG text made by code; the flow is drawn here.

    python book/_ext/drawings.py          writes book/_static/flow.svg and ladder.svg for the README

A page of the site sets them inline (directive `drawing`), where the CSS variables of course.css
give them the page's colours. The two files for the README stand alone: they carry a background and
their own colours for a light and a dark screen.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import att_classes
import attention
import bench_shown
import chat_shown
import gpt2_shapes
import gpt_counts
import gpt_model
import gpt_parts
import gpt_weights
import head_split
import knobs
import ladder
import loss_windows
import many_devices
import nano_file
import nano_sizes
import numpy_speed
import optimizing
import sampling_shown
import tokens
import training_runs
import transformer
import vocabulary
import weights_shown
import written
from svg import Box, arrow, page

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "book" / "_static"

STANDALONE = """<style>
:root { --drawing-ink: #1f2328; --drawing-soft: #59636e; --drawing-box: #f6f8fa;
  --drawing-line: #818b98; --drawing-bar: #0969da; --drawing-open: #9a6700; --paper: #ffffff; }
@media (prefers-color-scheme: dark) {
  :root { --drawing-ink: #f0f6fc; --drawing-soft: #a9b1ba; --drawing-box: #21262d;
    --drawing-line: #768390; --drawing-bar: #4493f8; --drawing-open: #d29922; --paper: #0d1117; }
}
</style><rect width="100%" height="100%" fill="var(--paper)" rx="8"/>"""

FLOW_TITLE = (
    "The flow of the course: gptlab, the library, leads to the solutions; release makes the labs "
    "from them; students hand labs in; grading fills the gradebook, which gives feedback and a "
    "table of scores; the chapters and the labs make the site."
)


def flow(records: dict[str, dict[str, Any]], *, tall: bool = False) -> str:
    """The one direction in which everything is made. It needs no number: `records` is not read."""
    if tall:
        return flow_tall()
    top, width, gap = 96, 108, 62
    xs = [8 + i * (width + gap) for i in range(5)]
    row = [
        Box(xs[0], top, width, "solutions/", "with answers"),
        Box(xs[1], top, width, "labs/", "with holes"),
        Box(xs[2], top, width, "submitted/", "filled in"),
        Box(xs[3], top, width, "gradebook", "points, messages"),
        Box(xs[4], top, width, "feedback", "and a CSV"),
    ]
    library = Box(xs[0], 8, width, "gptlab", "the library")
    book = Box(xs[0], 184, width, "book/", "the chapters")
    site = Box(xs[1], 184, width, "site", "to read")
    verbs = ["release", "students", "grade", "report"]
    parts = [box.svg() for box in [*row, library, book, site]]
    for left, right, verb in zip(row, row[1:], verbs, strict=False):
        y = top + 26
        parts.append(arrow(left.x + width + 2, y, right.x - 2, y, verb))
    middle = [x + width / 2 for x in xs]
    parts += [
        arrow(middle[0], 62, middle[0], top - 2),
        arrow(middle[1], top + 54, middle[1], 182),
        arrow(xs[0] + width + 2, 210, xs[1] - 2, 210, "build"),
    ]
    return page(xs[4] + width + 8, 244, FLOW_TITLE, parts)


def flow_tall() -> str:
    """The same for a phone: one column, and the site at its side."""
    left, width, step = 8, 150, 92
    column = [
        Box(left, 8, width, "gptlab", "the library"),
        Box(left, 8 + step, width, "solutions/", "with answers"),
        Box(left, 8 + 2 * step, width, "labs/", "with holes"),
        Box(left, 8 + 3 * step, width, "submitted/", "filled in"),
        Box(left, 8 + 4 * step, width, "gradebook", "points, messages"),
        Box(left, 8 + 5 * step, width, "feedback", "and a CSV"),
    ]
    side = 218
    book = Box(side, 8 + step, 110, "book/", "the chapters")
    site = Box(side, 8 + 2 * step, 110, "site", "to read")
    parts = [box.svg() for box in [*column, book, site]]
    verbs = ["", "release", "students", "grade", "report"]
    middle = left + width / 2
    for above, below, verb in zip(column, column[1:], verbs, strict=False):
        parts.append(arrow(middle, above.y + 54, middle, below.y - 2, verb))
    parts.append(arrow(left + width + 2, site.y + 26, side - 2, site.y + 26, "build"))
    parts.append(arrow(side + 55, book.y + 54, side + 55, site.y - 2))
    return page(336, 8 + 5 * step + 60, FLOW_TITLE, parts)


IN_README: dict[str, Callable[..., str]] = {"flow": flow, "ladder": ladder.draw}
MODULES = [attention, transformer, tokens, vocabulary, gpt2_shapes, numpy_speed]
MODULES += [att_classes, head_split, gpt_model, gpt_counts, gpt_parts]
MODULES += [loss_windows, optimizing, training_runs, many_devices, knobs, written]
MODULES += [gpt_weights, weights_shown]
MODULES += [nano_file, nano_sizes, sampling_shown]
MODULES += [bench_shown, chat_shown]
DRAWINGS: dict[str, Callable[..., str]] = dict(IN_README)
for module in MODULES:
    DRAWINGS.update(module.DRAWINGS)


def standalone(svg: str) -> str:
    """The drawing with its own background and colours, for a place that has no style sheet."""
    head, rest = svg.split(">", 1)
    return f"{head}>{STANDALONE}{rest}\n"


def files(records: dict[str, dict[str, Any]]) -> dict[Path, str]:
    """The text of each file in book/_static: those of the drawings that the README shows."""
    return {STATIC / f"{name}.svg": standalone(draw(records)) for name, draw in IN_README.items()}


def main() -> None:
    """Write the two files from the numbers of the last `make figures` and of the ladder's run."""
    for path, svg in files({"ladder": ladder.read(ROOT)}).items():
        path.write_text(svg, encoding="utf-8")
        print(f"wrote {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
