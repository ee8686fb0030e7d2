"""What a drawing must hold to whatever it shows: words that can be read, on the page, apart."""

from __future__ import annotations

import re
import sys
import xml.etree.ElementTree as ET
from itertools import combinations
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "book" / "_ext"))

import drawings  # noqa: E402  (the site's extensions are no package: Sphinx finds them by folder)

# In each a colour for every name of svg.py, and the paper: the README's two, the site's two.
LIGHT, DARK = (dict(re.findall(r"--([\w-]+): (#\w{6})", part))
               for part in drawings.STANDALONE.split("@media"))  # fmt: skip
SITE = (ROOT / "book" / "_static" / "course.css").read_text("utf-8")
OWN = [dict(re.findall(r"--(drawing-\w+): (#\w{6})", part)) for part in re.findall(
    r'html\[data-theme="(?:light|dark)"\] {(.*?)}', SITE, re.S)]  # fmt: skip
PALETTES = [LIGHT, DARK, LIGHT | OWN[0], DARK | OWN[1]]
WIDE_OF_A_LETTER = 0.56  # of the size of its type, on average
SMALLEST = 11  # pixels of type; the tall form is shown at about its own size


def parts(name: str, tall: bool) -> ET.Element:
    """A drawing as a tree."""
    return ET.fromstring(drawings.DRAWINGS[name]({}, tall=tall))


def words(name: str, tall: bool = False) -> list[str]:
    """The lines of text of a drawing, in the order in which they are drawn."""
    return [part.text or "" for part in parts(name, tall) if part.tag.endswith("}text")]


def rgb(colour: str) -> np.ndarray:
    """#rrggbb as three shares."""
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255


def contrast(a: np.ndarray, b: np.ndarray) -> float:
    """As the W3C counts it: 1 for the same, 21 for black on white."""
    bright = []
    for colour in (a, b):
        linear = np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)
        bright.append(float(linear @ [0.2126, 0.7152, 0.0722]))
    return (max(bright) + 0.05) / (min(bright) + 0.05)


def stand_out(name: str, tall: bool) -> None:
    """Every word has the contrast that the W3C asks for, in all palettes."""
    for palette in PALETTES:
        under: list[tuple[list[float], np.ndarray, float]] = []
        for part in parts(name, tall):
            said = re.match(r"var\(--([\w-]+)", part.get("fill", ""))
            if said is None:
                continue
            colour = rgb(palette[said.group(1)])
            place = [float(part.get(key, 0)) for key in ("x", "y", "width", "height")]
            if part.tag.endswith("rect"):
                under.append((place, colour, float(part.get("fill-opacity", 1))))
            if part.tag.endswith("text"):
                x, y, back = place[0], place[1] - 4, rgb(palette["paper"])
                for (left, top, width, height), tint, shade in under:
                    if left <= x <= left + width and top <= y <= top + height:
                        back = back * (1 - shade) + tint * shade
                assert contrast(colour, back) >= 4.5, part.text


def boxes(name: str, tall: bool) -> list[tuple[str, float, float, float, float]]:
    """Each line of text with about where it lies: left, top, right, bottom."""
    found = []
    for part in parts(name, tall):
        if not part.tag.endswith("}text"):
            continue
        size, said = float(part.get("font-size", 0)), part.text or ""
        assert size >= SMALLEST, said
        letter = WIDE_OF_A_LETTER + (0.04 if part.get("font-weight") else 0)
        wide, x, y = size * letter * len(said), float(part.get("x")), float(part.get("y"))
        x -= {"start": 0, "middle": wide / 2, "end": wide}[part.get("text-anchor")]
        found.append((said, x, y - 0.8 * size, x + wide, y + 0.2 * size))
    return found


def lie_apart(name: str, tall: bool) -> None:
    """No line of text leaves the page or lies on another."""
    _, _, width, height = map(float, parts(name, tall).get("viewBox", "").split())
    found = boxes(name, tall)
    for said, left, top, right, bottom in found:
        assert left >= -3 and right <= width + 3 and top >= 0 and bottom <= height + 1, said
    for (a, l1, t1, r1, b1), (b, l2, t2, r2, b2) in combinations(found, 2):
        assert min(r1, r2) - max(l1, l2) < 3 or min(b1, b2) - max(t1, t2) < 2, (a, b)
