"""The drawings of chapter 11 of the file: what is where, three tensors out of one, import twice.

Lines are counted in gptlab's own files, and numbers go where split, view and transpose put them. A
drawing takes the records of `make figures`, which these do not read, and gives SVG text, wide or
tall.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

from svg import BAR, BOX, INK, LINE, OPEN, SOFT, page, path, text

Records = dict[str, dict[str, Any]]

GPTLAB = Path(__file__).resolve().parents[2] / "gptlab"
NANO = ["GPTConfig", "LayerNorm", "CausalSelfAttention", "MLP", "Block", "GPT"]
BOOK = {
    "gpt.py": ["GPT_CONFIG_124M", "LayerNorm", "GELU", "FeedForward", "TransformerBlock",
               "GPTModel"],
    "attention.py": ["MultiHeadAttention"],
    "sample.py": ["choose", "generate"],
}  # fmt: skip
PAIRS = {  # nanoGPT's -> where the book's form has it
    "GPTConfig": ["GPT_CONFIG_124M"],
    "LayerNorm": ["LayerNorm"],
    "CausalSelfAttention": ["MultiHeadAttention"],
    "MLP": ["GELU", "FeedForward"],
    "Block": ["TransformerBlock"],
    "GPT": ["GPTModel", "choose", "generate"],
}


def lines_of(file: str) -> dict[str, tuple[int, int]]:
    """First and last line of every class, function and named value of a file."""
    found = {}
    for node in ast.parse((GPTLAB / file).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            first = min([node.lineno, *(line.lineno for line in node.decorator_list)])
            found[node.name] = (first, node.end_lineno or first)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(target, ast.Name):
                found[target.id] = (node.lineno, node.end_lineno or node.lineno)
    return found


def _boxes(file: str, names: list[str], x: float, y: float, wide: float,
           high: float) -> tuple[list[str], dict[str, float], float]:  # fmt: skip
    """A file's parts as boxes as high as they are long; the middle of each, and where it ends."""
    parts, middles, spans = [], {}, lines_of(file)
    for name in names:
        first, last = spans[name]
        tall = max(18.0, (last - first + 1) * high)
        parts.append(f'<rect x="{x:g}" y="{y:g}" width="{wide:g}" height="{tall:.1f}" rx="4" '
                     f'fill="{BOX}" stroke="{LINE}"/>')  # fmt: skip
        parts.append(text(x + 8, y + tall / 2 + 4, name, size=12, bold=True, anchor="start"))
        middles[name] = y + tall / 2
        y += tall + 4
    return parts, middles, y


def one_file(records: Records, *, tall: bool = False) -> str:
    """nano.py from top to bottom, and where GPTModel's form has the same."""
    wide, left, right, high = (150.0, 6.0, 188.0, 1.9) if tall else (190.0, 150.0, 450.0, 2.1)
    parts = [text(left, 18, "nano.py", size=13, bold=True, colour=BAR, anchor="start")]
    boxes, here, end = _boxes("nano.py", NANO, left, 28, wide, high)
    parts += boxes
    y, there = 6.0, {}
    for file, names in BOOK.items():
        parts.append(text(right, y + 12, file, size=13, bold=True, colour=OPEN, anchor="start"))
        boxes, found, y = _boxes(file, names, right, y + 22, wide, high)
        parts += boxes
        there.update(found)
        y += 8
    for name, others in PAIRS.items():
        for other in others:
            parts.append(path([(left + wide, here[name]), (right, there[other])], colour=SOFT,
                              width=1.2, head=False))  # fmt: skip
    if not tall:
        spans = lines_of("nano.py")
        for name in NANO:
            said = f"lines {spans[name][0]} to {spans[name][1]}"
            parts.append(text(left - 10, here[name] + 4, said, colour=SOFT, anchor="end"))
    title = "One file and three: " + "; ".join(
        f"{name} is {' and '.join(others)}" for name, others in PAIRS.items()
    )
    return page(344 if tall else 720, max(y, end) + 4, title, parts)


# Three tensors out of one layer

TOKENS, HEADS, SIZE = "abc", 2, 2
WIDTH = HEADS * SIZE
SIDE, HIGH = 26, 24
Table = list[list[str]]


def came_out() -> Table:
    """What c_attn gives: a row of 3C numbers for each token."""
    return [[f"{token}{i + 1}" for i in range(3 * WIDTH)] for token in TOKENS]


def thirds(rows: Table) -> list[Table]:
    """Split: q, k and v, each (T, C)."""
    return [[row[i * WIDTH : (i + 1) * WIDTH] for row in rows] for i in range(3)]


def heads(rows: Table) -> list[Table]:
    """View and transpose: for each head (T, hs)."""
    return [[row[h * SIZE : (h + 1) * SIZE] for row in rows] for h in range(HEADS)]


def _table(x: float, y: float, rows: Table) -> list[str]:
    """Fields in the colour of the head to which a number belongs."""
    parts = []
    for i, row in enumerate(rows):
        for j, said in enumerate(row):
            number = (int(said[1:]) - 1) % WIDTH
            parts.append(f'<rect x="{x + SIDE * j:g}" y="{y + HIGH * i:g}" width="{SIDE}" '
                         f'height="{HIGH}" fill="{(BAR, OPEN)[number // SIZE]}" '
                         f'fill-opacity="0.28" stroke="{LINE}"/>')  # fmt: skip
            parts.append(text(x + SIDE * (j + 0.5), y + HIGH * i + 16, said, size=11))
    return parts


def _step(x: float, y: float, words: str, shape: str) -> list[str]:
    return [text(x, y, words, size=13, bold=True, anchor="start"),
            text(x + 328, y, shape, size=12, colour=BAR, anchor="end")]  # fmt: skip


def _there(x: float) -> list[str]:
    """From the layer to the heads."""
    rows = came_out()
    parts = _step(x, 18, "c_attn(x)", "(B, T, 3C)") + _table(x + 4, 30, rows)
    parts += _step(x, 136, "split(C, dim=2)", "3 × (B, T, C)")
    for i, (name, third) in enumerate(zip("qkv", thirds(rows), strict=True)):
        left = x + 4 + 110 * i
        parts.append(text(left, 158, name, size=13, bold=True, anchor="start"))
        parts += _table(left, 164, third)
        for h, part in enumerate(heads(third)):
            at = left + (2 * SIDE + 2) * h
            parts.append(text(at, 298, f"head {h}", size=11, colour=SOFT, anchor="start"))
            parts += _table(at, 304, part)
    parts += _step(x, 270, "view, transpose(1, 2)", "3 × (B, nh, T, hs)")
    return parts


def _back(x: float, y: float) -> list[str]:
    """From the heads to a row for each token, and what lies in memory on the way."""
    whole = [row[:WIDTH] for row in came_out()]
    by_head = heads(whole)
    parts = _step(x, y + 18, "y = att @ v", "(B, nh, T, hs)")
    for h, part in enumerate(by_head):
        at = x + 8 + 120 * h
        parts.append(text(at, y + 38, f"head {h}", size=11, colour=SOFT, anchor="start"))
        parts += _table(at, y + 44, part)
    parts += _step(x, y + 142, "transpose(1, 2)", "(B, T, nh, hs)")
    in_memory = [said for part in by_head for row in part for said in row]
    parts.append(text(x + 8, y + 162, "in memory as before: nothing was moved", size=11,
                      colour=SOFT, anchor="start"))  # fmt: skip
    parts += _table(x + 8, y + 168, [in_memory])
    parts += _step(x, y + 218, "contiguous()", "(B, T, nh, hs)")
    parts.append(text(x + 8, y + 238, "copied, in the new order", size=11, colour=SOFT,
                      anchor="start"))  # fmt: skip
    parts += _table(x + 8, y + 244, [[said for row in whole for said in row]])
    parts += _step(x, y + 294, "view(B, T, C)", "(B, T, C)") + _table(x + 8, y + 304, whole)
    return parts


def three_from_one(records: Records, *, tall: bool = False) -> str:
    """(B, T, 3C) to (B, nh, T, hs), and the way back."""
    parts = _there(8) + (_back(8, 400) if tall else _back(384, 0))
    told = "; ".join(
        f"{name}, head {h}: " + " / ".join(" ".join(row) for row in part)
        for name, third in zip("qkv", thirds(came_out()), strict=True)
        for h, part in enumerate(heads(third))
    )
    return page(344 if tall else 720, 790 if tall else 386,
                f"Three tokens of twelve numbers become q, k and v of two heads. {told}",
                parts)  # fmt: skip


# How a module is loaded

WHAT = ["the file", "module", "GPT", "gpt"]
STEPS: list[tuple[str, str, tuple[int, int, int, int]]] = [  # line, and which version each has
    ("import model", "import model", (1, 1, 0, 0)),
    ("from model import GPT", "from model import GPT", (1, 1, 1, 0)),
    ("gpt = GPT()", "gpt = GPT()", (1, 1, 1, 1)),
    ("(you save a change)", "", (2, 1, 1, 1)),
    ("import model", "import model", (2, 1, 1, 1)),
    ("from model import GPT", "from model import GPT", (2, 1, 1, 1)),
    ("reload(model)", "importlib.reload(model)", (2, 2, 1, 1)),
    ("from model import GPT", "from model import GPT", (2, 2, 2, 1)),
    ("gpt = GPT()", "gpt = GPT()", (2, 2, 2, 2)),
]


def import_twice(records: Records, *, tall: bool = False) -> str:
    """Which version of the file each thing has, line by line."""
    left, side = (150.0, 46.0) if tall else (300.0, 92.0)
    parts = []
    for j, name in enumerate(WHAT):
        words = name.removeprefix("the ") if tall else name
        parts.append(text(left + side * (j + 0.5), 20, words, size=11 if tall else 13,
                          bold=True))  # fmt: skip
    for i, (line, _, versions) in enumerate(STEPS):
        y = 30.0 + 30 * i
        parts.append(text(left - 10, y + 20, line, size=12, anchor="end",
                          colour=SOFT if line[0] == "(" else INK))  # fmt: skip
        before = STEPS[i - 1][2] if i else (0, 0, 0, 0)
        for j, version in enumerate(versions):
            x = left + side * j
            tint = (LINE, BAR, OPEN)[version]
            shade = 0.0 if version == 0 else 0.3
            parts.append(
                f'<rect x="{x + 1:g}" y="{y + 1:g}" width="{side - 2:g}" height="28" '
                f'rx="3" fill="{tint}" fill-opacity="{shade}" stroke="{LINE}"/>'
            )
            if version:
                new = version != before[j]
                words = ("old", "new")[version - 1]
                parts.append(text(x + side / 2, y + 20, words, size=12, bold=new))
    title = "Which version each has after each line: " + "; ".join(
        f"{line}: " + ", ".join(f"{name} {('none', 'old', 'new')[v]}"
                                for name, v in zip(WHAT, versions, strict=True))
        for line, _, versions in STEPS
    )  # fmt: skip
    return page(344 if tall else 720, 34 + 30 * len(STEPS), title, parts)


DRAWINGS: dict[str, Callable[..., str]] = {
    "one-file": one_file,
    "three-from-one": three_from_one,
    "import-twice": import_twice,
}
