"""The course's two drawings, as SVG text made by code: the flow and the loss ladder.

    python book/_ext/drawings.py          writes book/_static/flow.svg and ladder.svg for the README

A page of the site sets them inline (directive `drawing`), where the CSS variables of course.css
give them the page's colours. The two files for the README stand alone: they carry a background and
their own colours for a light and a dark screen.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "book" / "_static"

# Fallback colours; course.css sets the variables to those of the theme.
INK, SOFT, BOX, LINE = (
    "var(--drawing-ink, #1f2328)",
    "var(--drawing-soft, #59636e)",
    "var(--drawing-box, #f6f8fa)",
    "var(--drawing-line, #818b98)",
)
BAR, OPEN = "var(--drawing-bar, #0969da)", "var(--drawing-open, #9a6700)"
STANDALONE = """<style>
:root { --drawing-ink: #1f2328; --drawing-soft: #59636e; --drawing-box: #f6f8fa;
  --drawing-line: #818b98; --drawing-bar: #0969da; --drawing-open: #9a6700; --paper: #ffffff; }
@media (prefers-color-scheme: dark) {
  :root { --drawing-ink: #f0f6fc; --drawing-soft: #a9b1ba; --drawing-box: #21262d;
    --drawing-line: #768390; --drawing-bar: #4493f8; --drawing-open: #d29922; --paper: #0d1117; }
}
</style><rect width="100%" height="100%" fill="var(--paper)" rx="8"/>"""


@dataclass(frozen=True)
class Box:
    """A rectangle with a title and a line under it; x, y is its upper left corner, in pixels."""

    x: float
    y: float
    w: float
    title: str
    below: str
    h: float = 52

    def svg(self) -> str:
        """The rectangle and its two lines of text."""
        middle = self.x + self.w / 2
        return (
            f'<rect x="{self.x}" y="{self.y}" width="{self.w}" height="{self.h}" rx="7" '
            f'fill="{BOX}" stroke="{LINE}"/>'
            + text(middle, self.y + 22, self.title, size=13, bold=True)
            + text(middle, self.y + 40, self.below, size=11, colour=SOFT)
        )


def text(
    x: float, y: float, words: str, *, size: int = 12, colour: str = INK, bold: bool = False,
    anchor: str = "middle",
) -> str:
    """One line of text; y is its base line."""
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size}" text-anchor="{anchor}" '
        f'fill="{colour}"{weight}>{escape(words)}</text>'
    )


def arrow(x1: float, y1: float, x2: float, y2: float, words: str = "") -> str:
    """A straight arrow, across or down, with its verb above it or to its right."""
    across = y1 == y2
    head = (
        f"M{x2 - 7},{y2 - 4} L{x2},{y2} L{x2 - 7},{y2 + 4}"
        if across
        else f"M{x2 - 4},{y2 - 7} L{x2},{y2} L{x2 + 4},{y2 - 7}"
    )
    line = f'<path d="M{x1},{y1} L{x2},{y2} {head}" fill="none" stroke="{INK}" stroke-width="1.4"/>'
    if not words:
        return line
    if across:
        return line + text((x1 + x2) / 2, y1 - 7, words, size=11, colour=BAR)
    return line + text(x1 + 9, (y1 + y2) / 2 + 4, words, size=11, colour=BAR, anchor="start")


def page(width: float, height: float, title: str, parts: list[str]) -> str:
    """The whole SVG, as wide as its column at most, with a title for those who cannot see it."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img" '
        f'aria-label="{escape(title)}" font-family="system-ui, -apple-system, sans-serif">'
        f'<title>{escape(title)}</title>{"".join(parts)}</svg>'
    )


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


@dataclass(frozen=True)
class Rung:
    """One step of the ladder: a loss in nats per character, from a run or `reported` elsewhere."""

    name: str
    loss: float
    reported: bool = False


def rungs(records: dict[str, dict[str, Any]]) -> list[Rung]:
    """The steps that were run, and the two that nanoGPT's README reports for the same text.

    Raises ValueError when the ladder was not recorded.
    """
    try:
        record = records["lab01_bigram"]
        losses = record["numbers"]["ladder"]
        found = [Rung(name, float(losses[key])) for name, key in LADDER]
    except KeyError as missing:
        raise ValueError(
            f"the ladder's numbers were not recorded: found no {missing}, expected 'ladder' in "
            "solutions/figures/lab01_bigram/numbers.json; run `make figures`"
        ) from missing
    return found + REPORTED if "Shakespeare" in record["text"] else found


LADDER = [
    ("every character equally likely", "uniform"),
    ("how often each character occurs", "unigram"),
    ("a table of pairs, counted", "counted bigram"),
    ("the same table, trained", "trained bigram"),
]
# github.com/karpathy/nanoGPT, README, "quick start": on a laptop's CPU, and on one A100.
REPORTED = [
    Rung("a small GPT on a laptop (nanoGPT says)", 1.88, reported=True),
    Rung("a GPT on a large GPU (nanoGPT says)", 1.4697, reported=True),
]


def ladder(records: dict[str, dict[str, Any]], *, tall: bool = False) -> str:
    """Bars that get shorter: the loss of each model on text that it has not seen."""
    steps = rungs(records)
    width, label = (340, 0) if tall else (720, 280)
    row = 54 if tall else 34
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
        parts.append(
            f'<rect x="{left}" y="{y}" width="{length:.1f}" height="22" rx="3" '
            f'fill="{fill}" stroke="{colour}"{dash}/>'
        )
        parts.append(text(left + length + 8, y + 16, f"{rung.loss:.2f}", bold=True, anchor="start"))
    title = "The loss ladder, in nats per character: " + "; ".join(
        f"{rung.name}: {rung.loss:.2f}" for rung in steps
    )
    return page(width, 14 + len(steps) * row, title, parts)


DRAWINGS: dict[str, Callable[..., str]] = {"flow": flow, "ladder": ladder}


def standalone(svg: str) -> str:
    """The drawing with its own background and colours, for a place that has no style sheet."""
    head, rest = svg.split(">", 1)
    return f"{head}>{STANDALONE}{rest}\n"


def files(records: dict[str, dict[str, Any]]) -> dict[Path, str]:
    """The text of each drawing's file in book/_static."""
    return {STATIC / f"{name}.svg": standalone(draw(records)) for name, draw in DRAWINGS.items()}


def main() -> None:
    """Write the two files from the numbers of the last `make figures`."""
    records = {
        path.parent.name: json.loads(path.read_text(encoding="utf-8"))
        for path in (ROOT / "solutions" / "figures").glob("*/numbers.json")
    }
    for path, svg in files(records).items():
        path.write_text(svg, encoding="utf-8")
        print(f"wrote {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
