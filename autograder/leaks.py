"""Does anything that students can read give an answer away? The search behind tests and publish.

`secrets(lab)` lists what must stay here: lines of solutions, model answers, marking schemes, the
keys and explanations of choices, hidden tests, the texts of the catalogue. `search` looks for them
in every file of a folder. A line that stands in a cell which students get, in this lab or another,
is none: what the course shows openly cannot be kept from those who ask for it a second time.

The library is what the labs arrive at, and students have it from the first day: a line of a
solution may stand in gptlab, but not in gptlab/checks. A single line of a hidden test may stand in
both, since it says little (`for name, part in pairs:`), three in a row only in the library.
"""

from __future__ import annotations

import json
import re
import runpy
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder import holes, recorded
from autograder.paths import ROOT
from autograder.source import Lab, letter, stub_source

LENGTH = 12  # characters: shorter lines (`return x`) stand in any code
CODE = {"solution", "hidden test", "catalogue"}
# Lines of code that say nothing of an answer.
BOILERPLATE = re.compile(
    r"import|from|@|class |\"\"\"$|return \w+$|with torch\.no_grad\(\):|torch\.manual_seed\(\d+\)$"
    r"|except Exception:$|for _ in range\(\d+\):?$|with open\(path, \"[rw]b?\"\) as file:$"
    r"|return [\w.]+\($|(\w+)=\1[,)]*$"
)
LIBRARY, CHECKS = "gptlab/", "gptlab/checks/"


@dataclass(frozen=True)
class Secret:
    """A text that no student may find but in the `free` folders, less the `bound` ones of them."""

    kind: str
    text: str
    free: str | None = None
    bound: str | None = None

    def may_stand_in(self, path: str) -> bool:
        """Is this file, relative to the searched folder, one where it says nothing?"""
        free = self.free is not None and path.startswith(self.free)
        return free and not (self.bound is not None and path.startswith(self.bound))


@dataclass(frozen=True)
class Leak:
    """A secret and the file that holds it."""

    path: str
    secret: Secret

    def __str__(self) -> str:
        return f"{self.path}: {self.secret.kind}: {self.secret.text[:60]!r}"


class Index:
    """Secrets by how they begin, so that a text is read once and not once for each of them."""

    def __init__(self, wanted: Iterable[Secret]) -> None:
        self.starting: dict[str, list[tuple[int, Secret]]] = {}
        for number, secret in enumerate(dict.fromkeys(wanted)):
            self.starting.setdefault(secret.text[: LENGTH + 1], []).append((number, secret))

    def standing_in(self, text: str) -> list[Secret]:
        """Those, each longer than LENGTH, that stand anywhere in the text, in their order."""
        starting = self.starting
        met = {
            start
            for at in range(len(text) - LENGTH)
            if (start := text[at : at + LENGTH + 1]) in starting
        }
        found = (one for start in met for one in starting[start] if one[1].text in text)
        return [secret for _, secret in sorted(found, key=lambda one: one[0])]


def secrets(lab: Lab, root: Path = ROOT, others: Sequence[Lab] = ()) -> list[Secret]:
    """Everything of a lab that must not be released, and that no lab gives openly."""
    return _not_given(lab, root, _given((lab, *others)))


def _given(labs: Sequence[Lab]) -> str:
    """The lines, without indentation, that these labs give openly."""
    lines = (line for lab in labs for line in given_text(lab).splitlines())
    return "\n".join(line.strip() for line in lines)


def _not_given(lab: Lab, root: Path, given: str) -> list[Secret]:
    found = [*_answers(lab, root), *_hidden(lab, root), *_catalogue(lab, root)]
    kept = [
        secret
        for secret in dict.fromkeys(found)
        if len(secret.text) > LENGTH
        and not (secret.kind in CODE and BOILERPLATE.match(secret.text))
    ]
    open_to_all = set(Index(kept).standing_in(given))
    return [secret for secret in kept if secret not in open_to_all]


def given_text(lab: Lab) -> str:
    """What the lab's source gives to students, in clear."""
    parts = [cell.question or "" for cell in lab.cells]
    parts += [option for cell in lab.cells for option in cell.options or ()]
    parts += [
        stub_source(cell)
        for cell in lab.cells
        if cell.kind in ("code", "text", "predict", "grade", "answer")
    ]
    return "\n".join(parts)


def _answers(lab: Lab, root: Path) -> Iterator[Secret]:
    record = recorded.load(lab, root)
    for cell in lab.cells:
        if cell.kind == "answer":
            for hole in holes.find(cell.source):
                lines = (line.strip() for line in hole.lines)
                yield from (Secret("solution", line, LIBRARY, CHECKS) for line in lines)
        elif cell.kind == "choice":
            yield Secret("choice key", f'choice_{cell.id} = "{letter(cell)}"')
            for why in (cell.options or {}).values():
                yield Secret("explanation of an option", why)
                yield Secret("explanation of an option", record.filled(why, cell))
        elif cell.kind == "explain":
            for kind, text in (("model answer", cell.solution), ("scheme", cell.scheme)):
                lines = [*(text or "").splitlines(), *record.filled(text or "", cell).splitlines()]
                yield from (Secret(kind, line.strip()) for line in lines)


def _hidden(lab: Lab, root: Path) -> Iterator[Secret]:
    path = root / "autograder" / "hidden" / f"{lab.name}.py"
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    yield from (Secret("hidden test", name) for name in re.findall(r"def (test_\w+)", text))
    lines = [line.removesuffix("# fmt: skip").strip() for line in text.splitlines()]
    lines = [line for line in lines if line and not BOILERPLATE.match(line)]
    yield from (Secret("hidden test", line, LIBRARY) for line in lines)
    rows = ("\n".join(three) for three in zip(lines, lines[1:], lines[2:], strict=False))
    yield from (Secret("hidden test", row, LIBRARY, CHECKS) for row in rows)


def _catalogue(lab: Lab, root: Path) -> Iterator[Secret]:
    """Lines of what mistakes, lazy and right answers put into a solution."""
    path = root / "autograder" / "mistakes" / f"{lab.name}.py"
    book = runpy.run_path(str(path)) if path.is_file() else {}
    texts = [text for mistake in book.get("MISTAKES", ()) for text in (mistake.old, mistake.new)]
    bodies = [lazy.body for lazy in book.get("LAZY", ())]
    bodies += [body for right in book.get("RIGHT", ()) for body in right.answers.values()]
    for body in bodies:
        texts += [body] if isinstance(body, str) else body
    lines = (line.strip() for text in texts for line in text.splitlines())
    yield from (Secret("catalogue", line, LIBRARY, CHECKS) for line in lines)


def search(folder: Path, labs: list[Lab], root: Path = ROOT) -> list[Leak]:
    """Every leak of these labs in the files under a folder."""
    given = _given(labs)
    wanted = Index(secret for lab in labs for secret in _not_given(lab, root, given))
    leaks = []
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or ".git" in path.relative_to(folder).parts:
            continue
        name = path.relative_to(folder).as_posix()
        text = readable(path)
        standing = wanted.standing_in(text)
        leaks += [Leak(name, secret) for secret in standing if not secret.may_stand_in(name)]
        leaks += [Leak(name, secret) for secret in _outputs(path)]
    return leaks


def readable(path: Path) -> str:
    """A file's lines without indentation; of a notebook also those of its strings."""
    text = path.read_bytes().decode("utf-8", errors="replace")
    parts = [text, *_strings(json.loads(text))] if path.suffix == ".ipynb" else [text]
    return "\n".join(line.strip() for part in parts for line in part.splitlines())


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list) and value and all(isinstance(part, str) for part in value):
        yield "".join(value)
    elif isinstance(value, list | dict):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _strings(part)


def _outputs(path: Path) -> Iterator[Secret]:
    """Outputs of a released notebook: none may stand there, whatever they show."""
    if path.suffix != ".ipynb":
        return
    for cell in json.loads(path.read_bytes())["cells"]:
        if cell.get("outputs") or cell.get("execution_count") is not None:
            yield Secret("output of a cell", str(cell.get("id")))
