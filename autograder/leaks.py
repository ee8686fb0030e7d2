"""Does anything that students can read give an answer away? The search behind tests and publish.

`secrets(lab)` lists what must stay here: lines of solutions, model answers, marking schemes, the
keys and explanations of choices, lines of hidden tests, the texts of the catalogue. `search` looks
for them in every file of a folder. A line that also stands in a cell that students get is none;
and in the library's modules that hold a lab's answers (COVERS of its hidden tests), answers may
stand: gptlab is what the labs arrive at, and students have it from the first day.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder import holes, recorded
from autograder.paths import ROOT
from autograder.source import Lab, letter, stub_source

LENGTH = 12  # characters: shorter lines (`return x`) stand in any code
# Lines of a hidden test that say nothing of an answer.
BOILERPLATE = re.compile(
    r"(import|from|@|with torch\.no_grad\(\):|torch\.manual_seed\(\d+\)$|class |\"\"\"$)"
)


@dataclass(frozen=True)
class Secret:
    """A text that no student may find. `covered`: it may stand in the lab's COVERS modules."""

    kind: str
    text: str
    covered: bool = False


@dataclass(frozen=True)
class Leak:
    """A secret and the file that holds it."""

    path: str
    secret: Secret

    def __str__(self) -> str:
        return f"{self.path}: {self.secret.kind}: {self.secret.text[:60]!r}"


def secrets(lab: Lab, root: Path = ROOT) -> list[Secret]:
    """Everything of a lab that must not be released."""
    given = given_text(lab)
    found = [*_answers(lab, root), *_hidden(lab, root), *_catalogue(lab, root)]
    kept = (s for s in found if len(s.text) > LENGTH and s.text not in given)
    return list(dict.fromkeys(kept))


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
                yield from (Secret("solution", ln.strip(), covered=True) for ln in hole.lines)
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
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
        line = line.removesuffix("# fmt: skip").strip()
        if not BOILERPLATE.match(line):
            yield Secret("hidden test", line, covered=True)


def _catalogue(lab: Lab, root: Path) -> Iterator[Secret]:
    """Lines of what mistakes, lazy and right answers put into a solution; read, not run."""
    path = root / "autograder" / "mistakes" / f"{lab.name}.py"
    tree = ast.parse(path.read_text(encoding="utf-8")) if path.is_file() else ast.Module([], [])
    for call in ast.walk(tree):
        name = ast.unparse(call.func) if isinstance(call, ast.Call) else ""
        if name not in ("Mistake", "Lazy", "Right"):
            continue
        values = [kw.value for kw in call.keywords if kw.arg in ("old", "new", "body", "answers")]
        values += call.args[{"Mistake": 2, "Lazy": 2, "Right": 1}[name] :]
        for node in (inner for value in values for inner in ast.walk(value)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                for line in node.value.splitlines():
                    yield Secret("catalogue", line.strip(), covered=True)


def covers(lab: Lab, root: Path = ROOT) -> set[str]:
    """Files of gptlab that hold this lab's answers, from COVERS in its hidden tests."""
    path = root / "autograder" / "hidden" / f"{lab.name}.py"
    tree = ast.parse(path.read_text(encoding="utf-8")) if path.is_file() else ast.Module([], [])
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "COVERS":
            return {f"{name.replace('.', '/')}.py" for name in ast.literal_eval(node.value)}
    return set()


def search(folder: Path, labs: list[Lab], root: Path = ROOT) -> list[Leak]:
    """Every leak of these labs in the files under a folder, or in one file."""
    wanted = [(secret, covers(lab, root)) for lab in labs for secret in secrets(lab, root)]
    files = [folder] if folder.is_file() else sorted(folder.rglob("*"))
    leaks = []
    for path in files:
        if not path.is_file() or ".git" in path.parts:
            continue
        name = path.name if path == folder else path.relative_to(folder).as_posix()
        text = readable(path)
        leaks += [
            Leak(name, secret)
            for secret, covered in wanted
            if secret.text in text and not (secret.covered and name in covered)
        ]
        leaks += [Leak(name, secret) for secret in _outputs(path)]
    return leaks


def readable(path: Path) -> str:
    """A file's text; of a notebook, also each of its strings as a reader sees it."""
    text = path.read_bytes().decode("utf-8", errors="replace")
    if path.suffix != ".ipynb":
        return text
    return "\n".join([text, *_strings(json.loads(text))])


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
