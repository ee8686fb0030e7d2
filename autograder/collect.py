"""What students hand in, made into well-formed submissions: `collect LAB SOURCE`.

Every file becomes a submission in course/submitted/, or a problem with a name in
course/problems/<lab>.json. A file that was read is kept, as it came, in course/received/.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import nbformat

from autograder import (
    beside,
    collect_report,
    console,
    hand_over,
    handed_in,
    incoming,
    paths,
    source,
)
from autograder.errors import UserError
from autograder.incoming import Handed, Incoming
from autograder.notebooks import CollectError
from autograder.repair import repair
from autograder.results import write_whole
from autograder.roster import Roster
from autograder.settle import Settled, read_before, settle, shown

__all__ = ["CollectError", "Collected", "Collection", "collect", "problems", "repair"]


@dataclass
class Collected:
    """What became of one student's hand-in: a submission made of `file`, or a problem.

    `notes` say what was repaired, `look` what a person must look at although there is a
    submission, `aside` which other files of theirs do not count.
    """

    student: str
    file: str
    problem: str = ""
    notes: list[str] = field(default_factory=list)
    changed: bool = False
    name: str = ""
    late: bool = False
    look: list[str] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)


@dataclass
class Collection:
    """One run: what became of each student, and which files were left alone and why."""

    done: list[Collected]
    files: Incoming
    in_place: bool = False


def collect(lab_name: str, where: Path) -> list[Collected]:
    """Lay out course/submitted/ from a folder or a zip. Raises UserError where there is neither."""
    return collection(lab_name, where).done


def collection(lab_name: str, where: Path, watched: bool = False) -> Collection:
    """The same, with all there is to say of it; `watched` by somebody who waits.

    course/submitted/ itself, which nbgrader's exchange may have filled, is only looked through.
    """
    source.load(lab_name)  # a lab that does not exist is said before anything is written
    in_place = where.resolve() == paths.course() / "submitted"
    roster = Roster()
    done: list[Collected] = []
    ready: dict[str, tuple[str, datetime | None]] = {}
    with incoming.opened(where, lab_name) as files:
        _expect(files, where, lab_name)
        of = _by_student(files, roster)
        waiting = sorted(of)
        if watched and len(waiting) > 100:
            waiting = console.progress(waiting, f"{lab_name}: read")
        for student in waiting:
            settled = settle(lab_name, student, of[student], keep=not in_place)
            done.append(_collected(lab_name, student, settled, roster, ready, in_place))
    if not in_place:
        roster.save()
        hand_over.hand_over(lab_name, ready)
    done += [
        Collected(f"({handed_in.printable(path)})", handed_in.printable(path), problem=why)
        for path, why in files.nobody.items()
    ]
    _keep(lab_name, done, files, in_place)
    if not in_place:
        hand_over.enter({one.student: one.name for one in done if one.name})
    return Collection(done, files, in_place)


def problems(lab_name: str) -> list[Collected]:
    """Who handed something in of which no submission could be made, from the last collections."""
    return [one for one in last(lab_name) if one.problem]


def submission(lab_name: str, student: str) -> Path:
    """Where a student's submission stands."""
    return paths.course() / "submitted" / student / lab_name / f"{lab_name}.ipynb"


def students(lab_name: str) -> list[str]:
    """Who has a submission of this lab."""
    found = paths.course().glob(f"submitted/*/{lab_name}/{lab_name}.ipynb")
    return sorted(path.parts[-3] for path in found)


def _expect(files: Incoming, where: Path, lab_name: str) -> None:
    if not files.handed and not files.nobody:
        raise UserError(
            f"{where}: no notebook in it; expected what Moodle or Canvas exports, STUDENT.ipynb, "
            f"STUDENT/{lab_name}.ipynb, or nbgrader's STUDENT/{lab_name}/{lab_name}.ipynb"
        )


def _by_student(files: Incoming, roster: Roster) -> dict[str, list[Handed]]:
    """Each student's files, newest first."""
    ids = roster.enrol(one.who for one in files.handed)
    of: dict[str, list[Handed]] = {}
    for one in sorted(files.handed, key=lambda one: one.order, reverse=True):
        of.setdefault(ids[one.who.key], []).append(one)
    return {student: _told_apart(mine) for student, mine in of.items()}


def _told_apart(files: list[Handed]) -> list[Handed]:
    """Files that the student called the same, by the name that they have here."""
    many = Counter(one.who.file for one in files)
    return [
        replace(one, who=replace(one.who, file=one.found.path)) if many[one.who.file] > 1 else one
        for one in files
    ]


def _collected(lab_name: str, student: str, settled: Settled, roster: Roster,
               ready: dict, in_place: bool) -> Collected:  # fmt: skip
    """What to say of a student; a submission that is new or changed goes into `ready`."""
    best, path = settled.best, submission(lab_name, student)
    found = Collected(student, best.file if best else shown(settled.newest))
    found.name, found.look, found.aside = roster.name(student), settled.look(), settled.aside()
    counts = best.source if best else settled.newest
    found.late = counts.who.late
    if name := roster.namesakes.get(student):
        found.look.append(
            f"several students are called {name}. Moodle numbers them anew in each lab: this id "
            "holds for this lab only."
        )
    if best is None:
        found.problem = settled.problem()
    blank = (best is None or not best.answered) and not in_place
    if blank and path.is_file() and read_before(path, lab_name):
        why = found.problem or f"{best.file} has no answer in it."
        found.look.append(f"{why} What was collected before counts.")
        found.problem = ""
        return found
    if best is not None:
        found.notes = best.notes
        found.look += beside.to_look_at(best.notes)
        text = nbformat.v4.writes(best.nb) + "\n"  # release.text_of, less its check of each cell
        found.changed = not path.is_file() or path.read_text(encoding="utf-8") != text
        if found.changed:
            ready[student] = (text, counts.found.time)
    return found


def _report_file(lab_name: str) -> Path:
    return paths.course() / "problems" / f"{lab_name}.json"


def last(lab_name: str) -> list[Collected]:
    """What the last collections of this lab made of everybody's files."""
    path = _report_file(lab_name)
    if not path.is_file():
        return []
    return [Collected(**one) for one in json.loads(path.read_text(encoding="utf-8"))["students"]]


def _keep(lab_name: str, done: list[Collected], files: Incoming, in_place: bool) -> None:
    """Write the report: all students of this lab, each as they were collected last."""
    kept = {one.student: one for one in last(lab_name) if not one.student.startswith("(")}
    for one in done:
        if not in_place or one.problem or one.student not in kept:  # else there is more to say
            kept[one.student] = one
    report = {
        "lab": lab_name,
        "collected": f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC",
        "ignored": {handed_in.printable(path): why for path, why in files.ignored.items()},
        "students": [asdict(kept[student]) for student in sorted(kept)],
    }
    write_whole(_report_file(lab_name), json.dumps(report, indent=1) + "\n")


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """`autograder collect LAB SOURCE [--json]`"""
    parser = subparsers.add_parser("collect", help="make well-formed submissions")
    parser.add_argument("lab", help="name of the lab, as lab01_bigram")
    parser.add_argument(
        "source", type=Path, help="a folder or a zip: as Moodle or Canvas exports it, or plain"
    )
    parser.add_argument("--json", action="store_true", help="for another program to read")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Collect, and say what became of each file that needed something."""
    made = collection(args.lab, args.source, watched=not args.json)
    if args.json:
        print(_report_file(args.lab).read_text(encoding="utf-8"), end="")
        return 0
    collect_report.show(args.lab, made.done, made.files, made.in_place)
    print(f"The whole report: {_report_file(args.lab)}")
    return 0
