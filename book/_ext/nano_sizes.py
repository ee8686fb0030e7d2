"""The drawings of chapter 11 that count: two branches, the table's bytes, the last position, tiles.

All by arithmetic, at GPT-2's sizes. A drawing takes the records of `make figures`, which these do
not read, and gives SVG text, wide or tall.
"""

from __future__ import annotations

from collections.abc import Callable
from math import log10
from typing import Any

from svg import BAR, LINE, OPEN, SOFT, Box, page, path, text

Records = dict[str, dict[str, Any]]

C, HEADS, LAYERS, T, VOCAB, PADDED, TILE = 768, 12, 12, 1024, 50257, 50304, 64
BYTES = 4  # float32
LENGTHS = [1024, 4096, 16384, 65536]


def table_bytes(length: int, heads: int = HEADS) -> int:
    """(nh, T, T) of one text, in one block."""
    return heads * length * length * BYTES


def row_bytes(length: int, width: int = C) -> int:
    """q, k, v and y: what goes in and what comes out."""
    return 4 * length * width * BYTES


def size(count: float) -> str:
    """Bytes as MB, GB or TB, in three digits."""
    for unit, name in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB")):
        if count >= unit:
            short = count / unit
            return f"{short:.0f} {name}" if short >= 100 else f"{short:.1f} {name}"
    return f"{count / 1e3:.0f} kB"


def products() -> dict[str, int]:
    """Multiplications of one pass over T tokens."""
    return {
        "linear layers": LAYERS * 12 * C * C * T,
        "attention": LAYERS * 2 * T * T * C,
        "head, all": T * C * VOCAB,
        "head, last": C * VOCAB,
    }


def numbers() -> dict[str, Any]:
    """What the chapter says of it."""
    found = products()
    body = found["linear layers"] + found["attention"]
    return {
        "table": size(table_bytes(T)),
        "xl": size(table_bytes(T, 25)),
        "all": size(T * VOCAB * BYTES),
        "last": size(VOCAB * BYTES),
        "G": {name: count / 1e9 for name, count in found.items()},
        "share": 100 * found["head, all"] / (body + found["head, all"]),
        "saved": 100 * (1 - (body + found["head, last"]) / (body + found["head, all"])),
    }


LONG_WAY = ["q @ kᵀ", "times 1/√hs", "masked_fill", "softmax"]


TABLE = f"{HEADS} × {T:,} × {T:,}: {size(table_bytes(T))}"
COLUMN = 330.0


def branches(records: Records, *, tall: bool = False) -> str:
    """Both ways from q, k, v to y, and each table that one of them writes."""
    parts = []
    for i, (title, words) in enumerate((("else:", "the long way"), ("if self.flash:", "one call"))):
        x, y = (7.0, 8.0 + 432 * i) if tall else (14.0 + 362 * i, 8.0)
        middle = x + COLUMN / 2
        parts.append(text(x, y + 12, title, size=13, bold=True, colour=(OPEN, BAR)[i],
                          anchor="start"))  # fmt: skip
        parts.append(text(x + COLUMN, y + 12, words, size=12, colour=SOFT, anchor="end"))
        parts.append(Box(middle - 75, y + 22, 150, "q, k, v", size(row_bytes(T) * 0.75)).svg())
        parts.append(path([(middle, y + 74), (middle, y + 87)]))
        parts += (_long_way, _one_call)[i](x, y + 88)
        parts.append(path([(middle, y + 346), (middle, y + 359)]))
        parts.append(Box(middle - 75, y + 360, 150, "y", size(row_bytes(T) / 4)).svg())
    title = (f"From q, k, v to y. The long way writes {len(LONG_WAY)} tables of {TABLE}. The one "
             "call works out one tile at a time and keeps no table")  # fmt: skip
    return page(344 if tall else 720, 866 if tall else 434, title, parts)


def _long_way(x: float, y: float) -> list[str]:
    """A table after each step."""
    parts, middle = [], x + COLUMN / 2
    for n, step in enumerate(LONG_WAY):
        top = y + 68 * n
        if n:
            parts.append(path([(middle, top - 14), (middle, top - 1)]))
        parts.append(f'<rect x="{x + 20:g}" y="{top:g}" width="{COLUMN - 40:g}" height="52" rx="3" '
                     f'fill="{OPEN}" fill-opacity="0.3" stroke="{LINE}"/>')  # fmt: skip
        parts.append(text(middle, top + 22, step, size=13, bold=True))
        parts.append(text(middle, top + 40, TABLE, size=12))
    return parts


def _one_call(x: float, y: float) -> list[str]:
    """One box, a tile in work."""
    middle = x + COLUMN / 2
    return [
        f'<rect x="{x + 20:g}" y="{y:g}" width="{COLUMN - 40:g}" height="256" rx="3" '
        f'fill="{BAR}" fill-opacity="0.10" stroke="{LINE}"/>',
        *_tiles(middle - 64, y + 36),
        text(middle, y + 22, "scaled_dot_product_attention", size=13, bold=True),
        text(middle, y + 192, "a tile at a time: worked out, used,", size=12),
        text(middle, y + 209, "written over by the next one", size=12),
        text(middle, y + 236, "no table", size=13, bold=True, colour=BAR),
    ]


def _tiles(x: float, y: float) -> list[str]:
    """The lower half in tiles, one of them in work."""
    parts = []
    for i in range(8):
        for j in range(8):
            shade = 0.9 if (i, j) == (5, 3) else 0.22 if j <= i else 0.0
            parts.append(f'<rect x="{x + 16 * j:g}" y="{y + 17 * i:g}" width="16" height="17" '
                         f'fill="{BAR}" fill-opacity="{shade}" stroke="{LINE}"/>')  # fmt: skip
    return parts


def bytes_by_length(records: Records, *, tall: bool = False) -> str:
    """The table against q, k, v and y as texts get longer."""
    left, across, parts, said = (8.0, 250.0, [], []) if tall else (150.0, 460.0, [], [])
    low, high = 6.5, log10(table_bytes(LENGTHS[-1]))
    y = 8.0
    for length in LENGTHS:
        if tall:
            parts.append(text(8, y + 12, f"{length:,} tokens", size=12, bold=True, anchor="start"))
            y += 20
        else:
            parts.append(text(138, y + 25, f"{length:,} tokens", size=13, bold=True, anchor="end"))
        for n, (count, tint) in enumerate(((row_bytes(length), BAR), (table_bytes(length), OPEN))):
            wide = across * (log10(count) - low) / (high - low)
            parts.append(f'<rect x="{left:g}" y="{y + 2 + 18 * n:g}" width="{wide:.1f}" '
                         f'height="15" fill="{tint}" fill-opacity="0.6"/>')  # fmt: skip
            parts.append(text(left + wide + 7, y + 14 + 18 * n, size(count), size=12,
                              anchor="start"))  # fmt: skip
        said.append(f"{length:,} tokens: {size(row_bytes(length))} and {size(table_bytes(length))}")
        y += 54
    parts.append(text(left, y + 6, "q, k, v and y", bold=True, colour=BAR, anchor="start"))
    parts.append(text(left + 100, y + 6, "one table, 12 heads", bold=True, colour=OPEN,
                      anchor="start"))  # fmt: skip
    parts.append(text(left, y + 24, "each line to the right is ten times as much", size=11,
                      colour=SOFT, anchor="start"))  # fmt: skip
    for power in range(7, int(high) + 1):
        x = left + across * (power - low) / (high - low)
        parts.insert(0, path([(x, 4), (x, y - 10)], colour=LINE, width=0.7, head=False))
    title = "Bytes of q, k, v and y, and of one table of scores: " + "; ".join(said)
    return page(344 if tall else 720, y + 34, title, parts)


def last_position(records: Records, *, tall: bool = False) -> str:
    """What the head is given and what it gives, for all positions and for the last."""
    parts = []
    rows = [("lm_head(x)", T, "all"), ("lm_head(x[:, [-1], :])", 1, "last")]
    for i, (code, count, key) in enumerate(rows):
        x, y = (8.0, 8.0 + 216 * i) if tall else (14.0 + 360 * i, 8.0)
        parts.append(text(x, y + 14, code, size=13, bold=True, anchor="start"))
        for left, wide, tint, shape, amount in (
            (x, 60, BAR, f"(1, {count}, {C})", count * C),
            (x + 150, 176, OPEN, f"(1, {count}, {VOCAB})", count * VOCAB),
        ):
            parts.append(f'<rect x="{left:g}" y="{y + 26:g}" width="{wide}" height="120" '
                         f'fill="none" stroke="{LINE}"/>')  # fmt: skip
            top, high = (y + 26, 120) if count > 1 else (y + 142, 4)
            parts.append(
                f'<rect x="{left:g}" y="{top:g}" width="{wide}" height="{high}" '
                f'fill="{tint}" fill-opacity="{0.4 if count > 1 else 1}"/>'
            )
            parts.append(text(left, y + 164, shape, size=12, anchor="start"))
            parts.append(text(left, y + 181, size(amount * BYTES), size=12, colour=SOFT,
                              anchor="start"))  # fmt: skip
        parts.append(path([(x + 66, y + 144 if count == 1 else y + 86),
                           (x + 146, y + 144 if count == 1 else y + 86)]))  # fmt: skip
        told = f"{products()[f'head, {key}'] / 1e9:.2f} billion products"
        parts.append(text(x + 106, y + 76 if count > 1 else y + 134, "lm_head", size=12))
        parts.append(text(x + 326, y + 14, told, size=12, colour=SOFT, anchor="end"))
    title = (f"The head for all {T:,} positions: {size(T * VOCAB * BYTES)} of scores; for the last "
             f"one: {size(VOCAB * BYTES)}")  # fmt: skip
    return page(344 if tall else 720, 416 if tall else 200, title, parts)


def vocab_tiles(records: Records, *, tall: bool = False) -> str:
    """The last tiles of 64 columns, for both sizes of the vocabulary."""
    shown, step = (2, 2.4) if tall else (4, 2.5)
    left, parts, said = (12.0 if tall else 36.0), [], []
    tokens = VOCAB - TILE * (VOCAB // TILE)  # of the last tile
    for i, vocab in enumerate((VOCAB, PADDED)):
        y = 34.0 + 130 * i
        full = VOCAB // TILE
        whole = f" = {vocab // TILE} × {TILE}" + (f" + {vocab % TILE}" if vocab % TILE else "")
        parts.append(text(left, y - 12, f"{vocab:,}{whole}", size=13, bold=True, anchor="start"))
        for n in range(shown):
            tile = full - shown + 1 + n
            x = left + n * (TILE * step + 4)
            filled = tokens if tile == full else TILE
            bars = [(0, filled, BAR, 0.4)]
            if tile == full and vocab == PADDED:
                bars.append((filled, TILE - filled, OPEN, 0.5))
            for start, wide, tint, shade in bars:
                parts.append(f'<rect x="{x + start * step:.1f}" y="{y:g}" '
                             f'width="{wide * step:.1f}" height="46" fill="{tint}" '
                             f'fill-opacity="{shade}"/>')  # fmt: skip
            parts.append(f'<rect x="{x:.1f}" y="{y:g}" width="{TILE * step:.1f}" height="46" '
                         f'fill="none" stroke="{LINE}" stroke-dasharray="4 3"/>')  # fmt: skip
            parts.append(text(x + 4, y + 64, f"tile {tile + 1}", size=12, colour=SOFT,
                              anchor="start"))  # fmt: skip
        x = left + (shown - 1) * (TILE * step + 4)
        words = f"{tokens} columns" if vocab == VOCAB else f"{tokens} tokens, {PADDED - VOCAB} none"
        parts.append(text(x + TILE * step, y + 82, words, size=12, anchor="end",
                          colour=BAR if vocab == VOCAB else OPEN))  # fmt: skip
        said.append(f"{vocab:,}{whole}: {words} in the last tile")
    title = "The vocabulary in tiles of 64 columns. " + "; ".join(said)
    return page(344 if tall else 720, 258, title, parts)


DRAWINGS: dict[str, Callable[..., str]] = {
    "two-branches": branches,
    "table-bytes": bytes_by_length,
    "last-position": last_position,
    "vocab-tiles": vocab_tiles,
}
