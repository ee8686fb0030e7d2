"""What students hand in, made into well-formed submissions: `collect LAB SOURCE`.

Every file becomes a submission in course/submitted/, or a problem with a name in
course/problems/<lab>.json. The file itself is kept, as it came, in course/received/.
"""

from __future__ import annotations

import argparse
import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from autograder import notebooks, paths, release, source
from autograder.errors import UserError
from autograder.repair import CollectError, repair
from autograder.results import write_whole

__all__ = ["CollectError", "Collected", "collect", "problems", "repair"]

STUDENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,99}")
STEPS = ("submitted", "autograded", "feedback", "release", "source")  # nbgrader's folders


@dataclass(frozen=True)
class Handed:
    """One file that was handed in."""

    student: str
    name: str
    data: bytes
    time: datetime


@dataclass
class Collected:
    """What became of one file: a submission, or a problem. `notes` say what was repaired."""

    student: str
    file: str
    problem: str = ""
    notes: list[str] = field(default_factory=list)
    changed: bool = False


def collect(lab_name: str, where: Path) -> list[Collected]:
    """Lay out course/submitted/ from a folder or a zip. Raises UserError where there is neither."""
    source.load(lab_name)  # a lab that does not exist is said before anything is written
    handed = sorted(_handed(where, lab_name), key=lambda one: (one.student, one.time))
    if not handed:
        raise UserError(
            f"{where}: no notebook in it; expected STUDENT.ipynb, or STUDENT/{lab_name}.ipynb, "
            f"or nbgrader's STUDENT/{lab_name}/{lab_name}.ipynb"
        )
    done = [_collect_one(lab_name, one) for one in handed]
    kept = {one.student: one for one in problems(lab_name)}
    for one in done:
        kept.pop(one.student, None)
        if one.problem:
            kept[one.student] = one
    text = json.dumps([asdict(kept[student]) for student in sorted(kept)], indent=1)
    write_whole(_problems_file(lab_name), text + "\n")
    return done


def problems(lab_name: str) -> list[Collected]:
    """The files of this lab that could not be made into submissions, from the last collections."""
    path = _problems_file(lab_name)
    return [Collected(**one) for one in json.loads(path.read_text())] if path.is_file() else []


def submission(lab_name: str, student: str) -> Path:
    """Where a student's submission stands."""
    return paths.course() / "submitted" / student / lab_name / f"{lab_name}.ipynb"


def students(lab_name: str) -> list[str]:
    """Who has a submission of this lab."""
    found = paths.course().glob(f"submitted/*/{lab_name}/{lab_name}.ipynb")
    return sorted(path.parts[-3] for path in found)


def _problems_file(lab_name: str) -> Path:
    return paths.course() / "problems" / f"{lab_name}.json"


def _collect_one(lab_name: str, one: Handed) -> Collected:
    done = Collected(one.student, one.name)
    if not STUDENT.fullmatch(one.student):
        done.problem = (
            f"found {one.student!r} as the student's name, expected letters, digits, . _ - or @"
        )
        return done
    received = paths.course() / "received" / lab_name / one.student / Path(one.name).name
    received.parent.mkdir(parents=True, exist_ok=True)
    if not received.is_file() or received.read_bytes() != one.data:
        received.write_bytes(one.data)
    try:
        if not one.name.endswith(".ipynb"):
            raise CollectError(f"{one.name}: no notebook; expected this student's one.")
        made, done.notes = repair(notebooks.parse(one.data, one.name), lab_name)
    except CollectError as error:
        done.problem = str(error)
        return done
    path = submission(lab_name, one.student)
    text = release.text_of(made)
    done.changed = not path.is_file() or path.read_text(encoding="utf-8") != text
    if done.changed:
        write_whole(path, text)
        write_whole(path.with_name("timestamp.txt"), f"{one.time:%Y-%m-%d %H:%M:%S} UTC\n")
    return done


def _handed(where: Path, lab_name: str) -> list[Handed]:
    """All that was handed in; of a student who sent a notebook, nothing but notebooks."""
    if where.is_dir():
        found = list(_in_folder(where, lab_name))
    elif zipfile.is_zipfile(where):
        found = list(_in_zip(where, lab_name))
    else:
        raise UserError(f"{where}: found no folder and no zip of this name.")
    with_notebook = {one.student for one in found if one.name.endswith(".ipynb")}
    return [
        one for one in found if one.name.endswith(".ipynb") or one.student not in with_notebook
    ]


def _in_folder(where: Path, lab_name: str) -> Iterator[Handed]:
    for path in sorted(where.rglob("*")):
        name = path.relative_to(where).as_posix()
        if path.is_symlink() or not path.is_file():
            continue
        if student := _student(PurePosixPath(name), lab_name):
            with path.open("rb") as file:
                data = file.read(notebooks.MOST_BYTES + 1)
            yield Handed(student, name, data, datetime.fromtimestamp(path.stat().st_mtime, UTC))


def _in_zip(where: Path, lab_name: str) -> Iterator[Handed]:
    """Members are read here, and never unpacked to where their names say."""
    with zipfile.ZipFile(where) as archive:
        for member in archive.infolist():
            student = _student(PurePosixPath(member.filename), lab_name)
            if student and not member.is_dir():
                yield Handed(student, member.filename, _read(archive, member), _date(member))


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """A member's bytes; none where it is damaged or locked, which is a problem of its own."""
    try:
        with archive.open(member) as file:  # no trust in the size that the zip states
            return file.read(notebooks.MOST_BYTES + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError):
        return b""


def _date(member: zipfile.ZipInfo) -> datetime:
    try:
        return datetime(*member.date_time, tzinfo=UTC)
    except ValueError:  # some programs write zeros
        return datetime(1980, 1, 1, tzinfo=UTC)


def _student(name: PurePosixPath, lab_name: str) -> str:
    """Whose file it is, from its place; "" for what nobody handed in, or for another lab."""
    hidden = any(part[0] in "._" and part != ".." for part in name.parts)
    if hidden or name.name == "timestamp.txt":
        return ""
    parts = [part for part in name.parts if part not in (*STEPS, lab_name)]
    if not parts:  # nbgrader's folders alone say no name
        return ""
    if len(parts) == 1:  # STUDENT.ipynb, or STUDENT_lab01_bigram.ipynb
        return re.sub(rf"[ _-]*{re.escape(lab_name)}$", "", PurePosixPath(parts[0]).stem.strip())
    others = {*source.labs()} - {lab_name}
    return "" if others & set(parts) else parts[0]


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """`autograder collect LAB SOURCE`"""
    parser = subparsers.add_parser("collect", help="make well-formed submissions")
    parser.add_argument("lab", help="name of the lab, as lab01_bigram")
    parser.add_argument("source", type=Path, help="a folder or a zip of what was handed in")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Collect, and say what became of each file that needed something."""
    done = collect(args.lab, args.source)
    for one in done:
        for text in [one.problem] if one.problem else one.notes:
            print(f"  {one.student}: {'PROBLEM: ' if one.problem else ''}{text}")
    bad = sum(bool(one.problem) for one in done)
    new = sum(one.changed for one in done)
    print(f"{args.lab}: {len(done)} files, {new} new or changed, {bad} with a problem")
    return 0
