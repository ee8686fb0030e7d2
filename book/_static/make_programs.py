"""Makes program_*.svg: pictures of the course's programs as they look in a terminal.

    python book/_static/make_programs.py [NAME ...]

Each program runs in a terminal that tmux holds, at a fixed size; what stands there at the end is
drawn, text as text. Without a name all are made. Needs tmux, and for chat and hub the small model.
Paths of the machine are drawn as ~ and data, the rest is as it was.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "book" / "_ext")]

from terminal import TMUX, Terminal  # noqa: E402

from gptlab import data  # noqa: E402

ENDED = "[ended: "
FONT = "'DejaVu Sans Mono', Menlo, Consolas, 'Liberation Mono', monospace"
WIDTH, MARGIN, BAR = 800, 16, 28  # pixels: of the picture, around the text, of the title
GROUND, TITLE, PLAIN, FAINT = "#16181d", "#2a2e37", "#e4e6eb", "#9aa1ad"
COLORS = ["#6b7280", "#ff8a80", "#8fd694", "#ffd479", "#82b1ff", "#d7a6ff", "#7fdbe6", "#e4e6eb"]


@dataclass(frozen=True)
class Scene:
    """One program: what is typed to start it, and then line by line, with what is waited for."""

    command: str  # after "python "
    typed: tuple[tuple[str, str], ...] = ()  # (a line, words that its answer ends with)
    ready: str = ENDED  # words that say that it can be typed to, or has ended
    columns: int = 96
    rows: int = 40
    files: tuple[str, ...] = ()  # of the course, copied into the folder where it runs


LAB = "solutions/lab11_sampling"
CHAT = (
    *((line, "You:") for line in (
        "Hello! I am Ada.", "What is a token?", "What is 17 + 5?", "What is my name?",
        "/settings temperature 12", "/settings temperature 0.3", "/settings", "/status",
    )),
    ("/quit", ENDED),
)  # fmt: skip
SCENES = {
    "chat": Scene("-m gptlab.chat --seed 1", CHAT, "You:", 88, 44),
    "sample": Scene("-m gptlab.sample --init_from=tiny --start='O Juliet, my' --max_new_tokens=90 "
                    "--temperature=0.6"),
    "train": Scene("-m gptlab.train --preset toy --steps 1000 --sample 150"),
    "doctor": Scene("-m gptlab.doctor --offline", columns=100),
    "list": Scene("-m gptlab", columns=104),
    "download": Scene("-m gpt_download --list", columns=84),
    "hub": Scene("-m gptlab.hub small --to ada/my-chat --dry-run"),
    "conversations": Scene("-m gptlab.conversations score small", rows=50),
    "student": Scene("sample.py --init_from=tiny --start='O Juliet, my' --max_new_tokens=90 "
                     "--temperature=0.6", files=(f"{LAB}/model.py", f"{LAB}/sample.py")),
    "tiny": Scene("-m gptlab.tiny.make tiny"),  # some minutes
    "autograder": Scene("-m autograder --help"),
    "benchmarks": Scene("-m benchmarks bigram"),
}  # fmt: skip


def shown(scene: Scene, folder: Path) -> list[str]:
    """The lines that stand in the terminal at the end, with their colours."""
    environment = {"PYTHONPATH": str(ROOT), "GPTLAB_CACHE": str(folder / "cache"),
                   "TERM": "xterm-256color", "COLUMNS": str(scene.columns)}  # fmt: skip
    for name in scene.files:
        shutil.copy(ROOT / name, folder)
    words = [sys.executable, *_split(scene.command)]
    with Terminal(words, scene.columns, scene.rows, folder, environment) as terminal:
        terminal.wait(scene.ready, patience=1200)
        for number, (line, ends) in enumerate(scene.typed, 2):
            terminal.type(line)
            terminal.wait(ends, number if ends == scene.ready else 1)
        time.sleep(0.3)
        lines = terminal.text(colors=True).splitlines()
    kept = [_named(line) for line in lines if ENDED not in line]
    while kept and not kept[-1].strip():
        kept.pop()
    return kept


def _split(command: str) -> list[str]:
    return [part.replace("'", "") for part in re.findall(r"(?:[^\s']|'[^']*')+", command)]


def _named(line: str) -> str:
    """Without the paths of this machine."""
    places = {os.environ.get("GPTLAB_DATA", ""): "data", str(data.cache()): "~/.cache/gptlab",
              str(ROOT): "course", str(Path.home()): "~"}  # fmt: skip
    for path, name in places.items():
        if len(path) > 1:
            line = line.replace(path, name)
    return re.sub(r"/tmp/[\w.-]+", "~", line)


def runs(lines: Sequence[str]) -> Iterator[tuple[int, int, str, str]]:
    """(row, column, text, style) of each part that looks alike; looks last beyond a line's end."""
    style = {"fill": PLAIN}
    for row, line in enumerate(lines):
        column = 0
        for part in re.split("(\033\\[[0-9;]*m)", line):
            if part.startswith("\033"):
                style = _after(style, part[2:-1])
            elif part:
                told = " ".join(f'{name}="{value}"' for name, value in style.items())
                yield row, column, part, told
                column += len(part)


def _after(style: dict[str, str], codes: str) -> dict[str, str]:
    """The style after one escape sequence."""
    for code in map(int, (codes or "0").split(";")):
        if code == 0:
            style = {"fill": PLAIN}
        elif code == 1:
            style = style | {"font-weight": "bold"}
        elif code == 2:
            style = style | {"fill": FAINT}
        elif 30 <= code < 38 or 90 <= code < 98:
            style = style | {"fill": COLORS[code % 10]}
        elif code == 39 and style["fill"] != FAINT:  # the plain colour, which is not: not dim
            style = style | {"fill": PLAIN}
    return style


def drawn(command: str, lines: list[str], columns: int) -> str:
    """The picture. Each part has its width, so that columns stay columns in any font."""
    cell = (WIDTH - 2 * MARGIN) / columns
    size, step = cell / 0.602, cell * 2.1  # a letter of such fonts is 0.602 of its size wide
    every = [*_wrapped(f"python {command}", columns), *lines]
    height = BAR + MARGIN * 2 + step * len(every)
    made = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" '
        f'width="{WIDTH}" height="{height:.0f}" role="img" font-family="{FONT}" '
        f'font-size="{size:.2f}">',
        f"<title>{escape(f'A terminal: python {command}')}</title>",
        f'<rect width="{WIDTH}" height="{height:.0f}" rx="8" fill="{GROUND}"/>',
        f'<path d="M0 {BAR}V8a8 8 0 0 1 8-8H{WIDTH - 8}a8 8 0 0 1 8 8V{BAR}Z" fill="{TITLE}"/>',
    ]
    made += [f'<circle cx="{20 + 18 * place}" cy="{BAR / 2:g}" r="5.5" fill="{color}"/>'
             for place, color in enumerate(("#ff8a80", "#ffd479", "#8fd694"))]  # fmt: skip
    for row, column, text, style in runs(every):
        if text.strip():
            column += len(text) - len(text.lstrip())
            text = text.strip()
            made.append(
                f'<text x="{MARGIN + cell * column:.1f}" '
                f'y="{BAR + MARGIN + step * (row + 0.72):.1f}" {style} '
                f'textLength="{cell * len(text):.1f}" lengthAdjust="spacingAndGlyphs" '
                f'xml:space="preserve">{escape(text)}</text>'
            )
    return "\n".join([*made, "</svg>", ""])


def _wrapped(command: str, columns: int) -> Iterator[str]:
    """What is typed, on as many lines as it takes."""
    parts = textwrap.wrap(command, columns - 4, break_on_hyphens=False, break_long_words=False)
    for number, part in enumerate(parts, 1):
        more = " \\" if number < len(parts) else ""
        start = "\033[32m$\033[0m" if number == 1 else " "
        yield f"{start} \033[1m{part}\033[0m{more}"


def make(name: str) -> Path:
    """Run one and draw it."""
    scene = SCENES[name]
    with tempfile.TemporaryDirectory() as folder:
        lines = shown(scene, Path(folder))
    path = HERE / f"program_{name}.svg"
    path.write_text(drawn(scene.command, lines, scene.columns), encoding="utf-8")
    return path


def main() -> None:
    """Make those that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(SCENES))
    names = parser.parse_args().names or list(SCENES)
    if unknown := [name for name in names if name not in SCENES]:
        parser.error(f"no program {', '.join(unknown)}: expected {', '.join(SCENES)}")
    if TMUX is None:
        parser.error("tmux is not installed: apt install tmux, or brew install tmux")
    for name in names:
        path = make(name)
        print(f"{path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
