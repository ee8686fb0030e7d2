"""What every drawing of the course is made of: colours, boxes, lines of text, arrows, a page.

A drawing is SVG text. Its colours are the CSS variables of course.css, which follow the page's
theme; each has a fallback for a place that has no style sheet.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from math import hypot, inf

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


def path(
    points: list[tuple[float, float]],
    *,
    colour: str = INK,
    width: float = 1.4,
    head: bool = True,
    opacity: float = 1,
) -> str:
    """A line through all points, with an arrow's head at the last one if `head`."""
    (x1, y1), (x2, y2) = points[-2:]
    d = "M" + " L".join(f"{x:.1f},{y:.1f}" for x, y in points)
    if head:
        length = hypot(x2 - x1, y2 - y1)
        ux, uy = (x2 - x1) / length, (y2 - y1) / length
        wings = [(x2 - 7 * ux - side * 4 * uy, y2 - 7 * uy + side * 4 * ux) for side in (1, -1)]
        (ax, ay), (bx, by) = wings
        d += f" M{ax:.1f},{ay:.1f} L{x2:.1f},{y2:.1f} L{bx:.1f},{by:.1f}"
    faint = "" if opacity == 1 else f' stroke-opacity="{opacity:.2f}"'
    return f'<path d="{d}" fill="none" stroke="{colour}" stroke-width="{width:.1f}"{faint}/>'


def cell(x: float, y: float, w: float, h: float, share: float = 0) -> str:
    """A field of a table, the darker the larger `share` (0 to 1); words on it stay readable."""
    tint = f'<rect x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}" fill="{BAR}" '
    frame = f'<rect x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}" fill="none" stroke="{LINE}"/>'
    return (tint + f'fill-opacity="{0.45 * share:.3f}"/>' if share > 0 else "") + frame


def figure(value: float) -> str:
    """A number as a drawing writes it: whole, or with two decimals, with a true minus."""
    if value == -inf:
        return "−∞"
    short = f"{value:.0f}" if abs(value - round(value)) < 1e-9 else f"{value:.2f}"
    return short.replace("-", "−")


def table(
    x: float,
    y: float,
    rows: list[list[float]],
    *,
    size: float = 38,
    heat: bool = False,
    title: str = "",
) -> str:
    """Numbers in fields of `size` by 30, a title over them; `heat` tints them as shares."""
    parts = [text(x + len(rows[0]) * size / 2, y - 9, title, size=12, bold=True)] if title else []
    for i, row in enumerate(rows):
        for j, value in enumerate(row):
            parts.append(cell(x + j * size, y + 30 * i, size, 30, value if heat else 0))
            soft = SOFT if value == -inf or (heat and value == 0) else INK
            middle = x + (j + 0.5) * size
            parts.append(text(middle, y + 30 * i + 20, figure(value), size=12, colour=soft))
    return "".join(parts)


def page(width: float, height: float, title: str, parts: list[str]) -> str:
    """The whole SVG, as wide as its column at most, with a title for those who cannot see it."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img" '
        f'aria-label="{escape(title)}" font-family="system-ui, -apple-system, sans-serif">'
        f"<title>{escape(title)}</title>{''.join(parts)}</svg>"
    )
