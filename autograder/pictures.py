"""Making a solution's picture small enough to travel inside a notebook."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from autograder.recorded import MAX_PICTURE

WIDTH = 1200  # pixels: sharp on a phone and in a notebook's column, and no more
COLOURS = (256, 128, 64, 32)


def small_png(data: bytes, limit: int = MAX_PICTURE) -> bytes:
    """The picture as a PNG of at most `limit` bytes, on white, so that it reads on any background.

    First the width is brought down to WIDTH, then fewer colours, then a smaller width, until it
    fits. The same bytes come back for the same picture and version of Pillow.
    """
    picture = Image.open(io.BytesIO(data)).convert("RGBA")
    paper = Image.new("RGBA", picture.size, "white")
    picture = Image.alpha_composite(paper, picture).convert("RGB")
    width = min(WIDTH, picture.width)
    while True:
        height = max(1, round(picture.height * width / picture.width))
        scaled = picture.resize((width, height), Image.Resampling.LANCZOS)
        for colours in COLOURS:
            out = io.BytesIO()
            few = scaled.quantize(colours, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
            few.save(out, "PNG", optimize=True)
            if out.tell() <= limit or width == 1:
                return out.getvalue()
        width = max(1, int(width * 0.8))


def save(data: bytes, path: Path) -> int:
    """Write a picture's small form; gives its bytes."""
    small = small_png(data)
    path.write_bytes(small)
    return len(small)
