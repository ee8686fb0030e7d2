"""The result of grading one notebook, and the files that results live in.

A file is named by the hash of what it depends on: the notebook's code, the lab, its tests and its
catalogue. So a second run spends nothing, and a killed one goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.paths import ROOT
from autograder.source import Lab

STATUSES = ("passed", "partial", "failed", "not_attempted", "missing", "manual")


@dataclass
class ItemResult:
    """One item: status is one of STATUSES; `mistakes` are ids of the catalogue that it equals."""

    id: str
    score: float
    max_score: float
    status: str
    messages: list[str] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)


@dataclass
class Result:
    """One graded notebook. `flags` are for the instructor, `nb` has the outputs.

    `timed`: whether a clock had a part in it, so that a busy machine may be behind it.
    """

    lab: str
    items: list[ItemResult]
    flags: list[str] = field(default_factory=list)
    nb: NotebookNode | None = None
    timed: bool = False

    @property
    def score(self) -> float:
        return sum(item.score for item in self.items)

    @property
    def max_score(self) -> float:
        return sum(item.max_score for item in self.items)

    @property
    def pending(self) -> float:
        """Points that wait for a person."""
        return sum(item.max_score for item in self.items if item.status == "manual")

    def to_json(self) -> dict:
        """What `score --json` prints."""
        items = [
            {key: value for key, value in asdict(item).items() if key != "mistakes"}
            for item in self.items
        ]
        return {
            "lab": self.lab,
            "score": self.score,
            "max_score": self.max_score,
            "pending": self.pending,
            "items": items,
            "flags": self.flags,
        }


def key_of(nb: NotebookNode, lab: Lab) -> str:
    """What a result depends on, as a hash: cells, lab, tests, catalogue and this grader."""
    digest = hashlib.sha256()
    for cell in nb.cells:
        known = cell.metadata.get("nbgrader", {})
        part = [cell.cell_type, cell.source, known.get("grade_id"), known.get("grade")]
        digest.update(json.dumps(part).encode())
    digest.update(lab_key(lab).encode())
    return digest.hexdigest()[:24]


def lab_key(lab: Lab) -> str:
    """A hash of everything that decides a grade in this lab: ours, Python's and torch's version."""
    return _lab_key(lab.name, lab.text)


@lru_cache(maxsize=64)  # hundreds of files, and asked for with every submission
def _lab_key(name: str, text: str) -> str:
    here = Path(__file__).parent
    library = (path for path in (ROOT / "gptlab").rglob("*") if "__pycache__" not in path.parts)
    tests = (path for path in (here / "hidden").glob("*") if not _of_another_lab(path, name))
    parts = [
        here / "mistakes" / f"{name}.py",
        ROOT / "gpt_download.py",
        *sorted(tests),
        *sorted(here.glob("*.py")),
        *sorted(library),
    ]
    versions = [sys.version.split()[0], version("torch"), version("numpy")]
    digest = hashlib.sha256("\n".join([text, *versions]).encode())
    for path in parts:
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()[:24]


def _of_another_lab(path: Path, name: str) -> bool:
    return path.stem.startswith("lab") and path.stem != name


def load(key: str, folder: Path) -> Result | None:
    """The result under this key, or None. A file that cannot be read counts as none."""
    path = folder / f"{key}.json"
    if not path.is_file():
        return None
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        items = [ItemResult(**item) for item in known["items"]]
        nb = nbformat.from_dict(known["nb"]) if known["nb"] else None
        return Result(known["lab"], items, known["flags"], nb, known["timed"])
    except (ValueError, KeyError, TypeError):
        path.unlink(missing_ok=True)  # of another version, or cut short: grade again
        return None


def forget_timed(key: str, folder: Path) -> bool:
    """Take away a result that a clock had a part in; False where there is none such."""
    known = load(key, folder)
    if known is None or not known.timed:
        return False
    (folder / f"{key}.json").unlink()
    return True


def save(key: str, result: Result, folder: Path) -> Path:
    """Keep a result under this key."""
    path = folder / f"{key}.json"
    write_whole(path, json.dumps(asdict(result)))
    return path


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all, also when two processes write it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(name, 0o644)  # mkstemp's 0600 would shut out those who share the folder
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
