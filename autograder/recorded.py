"""What the last `make figures` left of a lab: pictures, numbers, seconds; and its place in text.

In markdown `{{val_loss:.3f}}` stands for a recorded number (Python's format), `{{figure:heatmap}}`
for a picture. Also to be had: {{seconds}}, {{graded_cpu}}, {{processor}}, {{cores}}, {{torch}},
{{python}}, {{text}}, {{seed}}.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.paths import ROOT
from autograder.source import Cell, Lab

PLACE = re.compile(r"\{\{\s*([a-z_][a-z0-9_]*)((?:\[[\w .-]+\])*)(?:\s*:\s*([^{}]*))?\s*\}\}")
MAX_PICTURE = 100_000  # bytes: a notebook with ten pictures still opens quickly
RUN = "run: make figures"


@dataclass(frozen=True)
class Recorded:
    """One lab's folder of figures. `run` is numbers.json, or None where there is none yet."""

    lab: Lab
    folder: Path
    run: dict[str, Any] | None

    def names(self) -> dict[str, Any]:
        """Everything that a `{{name}}` can stand for."""
        run = self.run or {}
        seconds, machine = run.get("seconds", {}), run.get("machine", {})
        return {
            "seconds": seconds.get("all"),
            "graded_cpu": seconds.get("graded_cpu"),
            **machine,
            "text": run.get("text"),
            "seed": run.get("seed"),
            **run.get("numbers", {}),
        }

    def picture(self, name: str, cell: Cell, says: str) -> str:
        """The picture as one line of markdown that needs no other file. Raises SourceError."""
        path = self.folder / f"{name}.png"
        if not path.is_file():
            text = f"no picture solutions/figures/{self.lab.name}/{name}.png; {RUN}"
            raise self.lab.error(cell, f'figure="{name}"', text)
        data = path.read_bytes()
        if len(data) > MAX_PICTURE or not data.startswith(b"\x89PNG"):
            text = f"found {len(data)} bytes, expected a PNG of at most {MAX_PICTURE}; {RUN}"
            raise self.lab.error(cell, f'figure="{name}"', text)
        return f"![{says}](data:image/png;base64,{base64.b64encode(data).decode('ascii')})"

    def filled(self, text: str, cell: Cell) -> str:
        """Text with every `{{...}}` replaced. Raises SourceError for what was not recorded."""
        return PLACE.sub(lambda match: self._place(match, cell), text)

    def _place(self, match: re.Match[str], cell: Cell) -> str:
        name, keys, form = match[1], match[2], (match[3] or "").strip()
        if name == "figure":
            return self.picture(form, cell, form.replace("_", " "))
        names = self.names()
        if names.get(name) is None:
            text = f"no number of this name in solutions/figures/{self.lab.name}/numbers.json; "
            owners = any(name in c.numbers for c in self.lab.cells)
            hint = RUN if owners else f'name it in a code cell, numbers="{name}", then {RUN}'
            raise self.lab.error(cell, match[0], text + hint)
        try:
            return ("{0" + keys + (":" + form if form else "") + "}").format(names[name])
        except (ValueError, KeyError, IndexError, TypeError) as error:
            text = f"cannot be formatted: {names[name]!r} is recorded ({error})"
            raise self.lab.error(cell, match[0], text) from error


def load(lab: Lab, root: Path = ROOT) -> Recorded:
    """The records of a lab, complete or not. Raises SourceError where they cannot be read."""
    folder = root / "solutions" / "figures" / lab.name
    path = folder / "numbers.json"
    if not path.is_file():
        return Recorded(lab, folder, None)
    try:
        run = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(run["seconds"]["all"], int | float) or not run["machine"]["processor"]:
            raise ValueError("no seconds or no machine")
    except (ValueError, KeyError, TypeError) as error:
        text = f"solutions/figures/{lab.name}/numbers.json is not whole ({error}); {RUN}"
        raise lab.error(lab.cells[0], "numbers", text) from error
    return Recorded(lab, folder, run)
