"""Which of a student's files counts: the newest that is a notebook of the lab with an answer in it.

One that is broken, or as released, does not take the place of an older one with answers: it is
named, for a person to look at.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path, PurePosixPath

from nbformat import NotebookNode

from autograder import beside, handed_in, incoming, notebooks, paths, repair
from autograder.beside import Beside
from autograder.incoming import Handed
from autograder.notebooks import CollectError


@dataclass
class Made:
    """A file that was tried: a notebook (`answered`: there is an answer in it) or a problem."""

    source: Handed  # as the student handed it in: the zip, where it is in one
    file: str
    nb: NotebookNode | None = None
    notes: list[str] = field(default_factory=list)
    answered: bool = False
    problem: str = ""


@dataclass
class Settled:
    """The notebook that counts, or None; what else was tried, newest first; what was not opened."""

    best: Made | None
    tried: list[Made]
    unopened: list[Handed]
    files: tuple[Handed, ...] = ()  # that went into the notebook, or could have

    @property
    def newest(self) -> Handed:
        return self.tried[0].source if self.tried else self.unopened[0]

    def look(self) -> list[str]:
        """What a person must look at, where something newer does not count."""
        newer = self.tried[: self.tried.index(self.best)] if self.best else []
        broken = [f"{made.problem} An older file counts: {self.best.file}" for made in newer
                  if made.problem]  # fmt: skip
        blank = [
            f"{made.file} is newer and has no answer in it. An older file counts: {self.best.file}"
            for made in newer if made.nb
        ]  # fmt: skip
        return broken + blank

    def aside(self) -> list[str]:
        """The other files, which do not count."""
        said = self.best or (self.tried[0] if self.tried else None)
        tried = [made.file for made in self.tried if made is not said]
        return tried + [shown(one) for one in self.unopened if one not in self.files]

    def problem(self) -> str:
        """Why no submission can be made of these files."""
        if self.tried:
            more = len(self.tried) - 1
            also = f" ({more} older of this student's cannot be used either.)" if more else ""
            return self.tried[0].problem + also
        if all(one.who.text for one in self.unopened):
            return "wrote into the text box and handed in no file, expected the notebook."
        names = ", ".join(shown(one) for one in self.unopened)
        return f"{names}: no notebook, {notebooks.WANT}"


def shown(one: Handed) -> str:
    """What a file is called when we speak of it."""
    return handed_in.printable(one.who.file)


def settle(lab_name: str, student: str, files: list[Handed], keep: bool) -> Settled:
    """Try a student's files, newest first, until one counts. `keep` what was read in received/."""
    desk = _Desk(lab_name, student, keep)
    desk.look_beside(files)
    tried: list[Made] = []
    books = [one for one in files if one.is_notebook or one.found.problem]
    for one in books:
        if one not in desk.bookless:
            tried += desk.attempts(one)
        if any(made.answered for made in tried):
            break
    if not tried and desk.beside:
        tried += [made for made in [desk.alone()] if made.answered]
    opened = {id(made.source) for made in tried}
    unopened = [one for one in files if id(one) not in opened]
    best = next((made for made in tried if made.answered), None)
    best = best or next((made for made in tried if made.nb), None)
    return Settled(best, tried, unopened, tuple(outer for outer, _ in desk.beside))


@dataclass
class _Desk:
    """Where one student's files are opened.

    beside: files of the lab, each with what was handed in (itself, or the zip around it), newest
    first; bookless: zips of such files alone.
    """

    lab_name: str
    student: str
    keep: bool
    beside: list[tuple[Handed, Beside]] = field(default_factory=list)
    bookless: list[Handed] = field(default_factory=list)

    def look_beside(self, files: list[Handed]) -> None:
        """Find the files of the lab, also in zips."""
        own = [*beside.released(self.lab_name)]
        for one in files if own else ():
            try:
                inner = [one]
                if one.is_notebook and _is_zip(one, data := self.read(one)):
                    inner = incoming.inside(one, data)[::-1]
            except Exception:  # `attempts` says so
                continue
            mine = [each for each in inner if any(handed_in.of_file(_name(each), f) for f in own)]
            self.beside += [(one, Beside(_name(e), lambda e=e: self.read(e))) for e in mine]
            if mine and inner != [one] and not any(".ipynb" in _name(each) for each in inner):
                self.bookless.append(one)

    def read(self, one: Handed) -> bytes:
        """The bytes of a file, which is kept as it came unless it is in a zip."""
        data = _bytes(one)
        if self.keep and " > " not in one.found.path:
            _receive(self.lab_name, self.student, one, data)
        return data

    def attempts(self, one: Handed) -> Iterator[Made]:
        """What comes of one file; of a zip, of each notebook in it until one has answers."""
        try:
            data = self.read(one)
            inner = incoming.unzipped(one, data) if _is_zip(one, data) else [one]
        except Exception as error:  # one bad file must not cost the others
            yield Made(one, shown(one), problem=self.problem(one, error))
            return
        for each in reversed(inner):
            made = self.make(one, each, data)
            yield made
            if made.answered:
                return

    def make(self, outer: Handed, one: Handed, data: bytes) -> Made:
        """A submission of one notebook and what lies beside it, in its own zip before all else."""
        made = Made(outer, shown(one))
        near = sorted(self.beside, key=lambda pair: pair[0] is not outer)
        try:
            nb = notebooks.parse(data if one is outer else _bytes(one), made.file)
            nb.metadata.get("gptlab", {}).pop("repaired", None)  # that is for us to say
            made.nb, made.notes = beside.repaired(nb, self.lab_name, [file for _, file in near])
            made.answered = repair.attempted(made.nb, self.lab_name)
        except Exception as error:  # as above
            made.nb, made.problem = None, self.problem(one, error)
        return made

    def alone(self) -> Made:
        """A submission of who handed in a file and no notebook."""
        made = Made(self.beside[0][0], self.beside[0][1].name)
        made.nb, made.notes = beside.alone(self.lab_name, [file for _, file in self.beside])
        made.answered = repair.attempted(made.nb, self.lab_name)
        return made

    def problem(self, one: Handed, error: Exception) -> str:
        """A sentence for what went wrong with a file."""
        return _problem(self.lab_name, self.student, one, error)


def _name(one: Handed) -> str:
    return PurePosixPath(one.who.file).name


def _bytes(one: Handed) -> bytes:
    if one.found.problem:
        raise CollectError(f"{shown(one)}: {one.found.problem}")
    return one.found.read()


def _is_zip(one: Handed, data: bytes) -> bool:
    return data[:4] == b"PK\3\4" and len(data) <= notebooks.MOST_BYTES


def _problem(lab_name: str, student: str, one: Handed, error: Exception) -> str:
    """A sentence for what went wrong; what nobody expected is kept whole in a log."""
    if isinstance(error, CollectError):
        text = handed_in.printable(str(error))
        return text if shown(one) in text else f"{shown(one)}: {text}"
    log = paths.course() / "problems" / f"{lab_name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as file:
        file.write(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} {student} {shown(one)}\n")
        file.write("".join(traceback.format_exception(error)) + "\n")
    said = handed_in.printable(str(error))[:200]
    return (
        f"{shown(one)}: {type(error).__name__}: {said} Nobody expected this: the whole message is "
        f"in {log.name}, beside this report. Look at the file yourself."
    )


def _receive(lab_name: str, student: str, one: Handed, data: bytes) -> None:
    """Keep a file as it came; of another one of the same name, both."""
    if len(data) > notebooks.MOST_BYTES:
        return  # cut at that size
    name = re.sub(r"[^\w.@ ()+-]", "_", PurePosixPath(one.who.file).name)[-80:].lstrip(". ")
    folder = paths.course() / "received" / lab_name / student
    path = folder / (name or "file")
    if path.is_file() and path.read_bytes() != data:
        path = folder / f"{path.stem}-{sha256(data).hexdigest()[:8]}{path.suffix}"
    folder.mkdir(parents=True, exist_ok=True)
    if not path.is_file():
        path.write_bytes(data)


def read_before(path: Path, lab_name: str) -> bool:
    """Does the submission that is there already have an answer in it?"""
    try:
        return repair.attempted(repair.repair(notebooks.read(path), lab_name)[0], lab_name)
    except CollectError:
        return False
