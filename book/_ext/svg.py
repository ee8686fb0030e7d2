"""The parts of the course's drawings: colours, boxes, arrows, lines of text, a page."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

# Fallback colours; course.css sets the variables to those of the theme.
INK, SOFT, BOX, LINE = (
    "var(--drawing-ink, #1f2328)",
    "var(--drawing-soft, #59636e)",
    "var(--drawing-box, #f6f8fa)",
    "var(--drawing-line, #818b98)",
)
BAR, OPEN = "var(--drawing-bar, #0969da)", "var(--drawing-open, #9a6700)"


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
    x: float,
    y: float,
    words: str,
    *,
    size: int = 12,
    colour: str = INK,
    bold: bool = False,
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
        f"<title>{escape(title)}</title>{''.join(parts)}</svg>"
    )
