"""Takes the sample class through the whole course: `class [LAB ...]`. `make course` is this.

Each lab is released, handed in, collected, graded, fed back and exported by the same code as a real
class. A run that was stopped goes on where it was, and one with nothing to do changes no file.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.table import Table

from autograder import (
    class_record,
    collect,
    console,
    course,
    feedback,
    grade,
    grading,
    jail,
    paths,
    release,
    sample_class,
    source,
)
from autograder.errors import UserError
from autograder.sample_class import CLASS
from autograder.source import Lab


class Clock(dict):
    """Seconds by stage."""

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the seconds that are spent inside."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.add(name, time.perf_counter() - started)

    def add(self, name: str, seconds: float) -> None:
        """Some more of a stage."""
        self[name] = self.get(name, 0.0) + seconds


def grade_class(lab_name: str, jobs: int, clock: Clock | None = None) -> bool:
    """Hand in, collect, grade, feedback; False where all of it had been done before.

    Raises UserError where anything of it failed.
    """
    clock = Clock() if clock is None else clock
    lab = source.load(lab_name)
    folder = paths.course() / "handed_in" / lab_name
    with clock.stage("hand in"):
        sample_class.hand_in(lab, folder)
    with clock.stage("collect"):
        done = collect.collect(lab_name, folder)
        changed = {one.student for one in done if one.changed}
        _register(lab_name, bool(changed))
    with clock.stage("grade"):
        result = grade.grade(lab_name, jobs)
    for part, seconds in result.seconds.items():
        clock.add(f"grade: {part}", seconds)
    with clock.stage("feedback"):
        _, failed = feedback.feedback(lab_name)
    problems = {one.student: one.problem for one in done if one.problem} | result.failed | failed
    if problems:
        lines = [f"  {student}: {why}" for student, why in problems.items()]
        raise UserError("\n".join([f"{lab_name}: the sample class could not be graded:", *lines]))
    return bool(changed or result.new)


def _register(lab_name: str, changed: bool) -> None:
    """Cells of the lab may have changed with what is handed in: nbgrader wants no submission then.

    A run that was stopped right here finds nothing changed, and cells that are not the gradebook's.
    """
    if changed:
        course.forget(lab_name, {one.id for one in CLASS})
    try:
        course.register(lab_name)
    except course.NbgraderError:
        course.forget(lab_name, {one.id for one in CLASS})
        course.register(lab_name)


def take(lab: Lab, record: dict[str, Any], jobs: int) -> bool:
    """One lab, all the way, into the record; the seconds of a run that was stopped count too.

    False where all of it had been done before.
    """
    before = record["labs"].get(lab.name, {}).get("seconds", {})
    stopped = record["unfinished"].pop(lab.name, {})
    clock = Clock(stopped)
    try:
        with clock.stage("release"):
            release.write(lab)
        new = bool(grade_class(lab.name, jobs, clock) or stopped or not before)
        grading.close(lab.name)
    except BaseException:
        record["unfinished"][lab.name] = clock
        class_record.save(record)
        raise
    record["labs"][lab.name] = class_record.entry(lab, clock if new else before)
    class_record.save(record)
    return new


def real_students() -> list[str]:
    """Who has submissions here and is not of the sample class."""
    found = {path.name for path in (paths.course() / "submitted").glob("*") if path.is_dir()}
    return sorted(found - {one.id for one in CLASS})


def table(record: dict[str, Any]) -> Table:
    """Labs by students: points, and after a + those that wait for a person."""
    ids = [one["id"] for one in record["students"] if one["id"] not in record["left_out"]]
    made = Table(title="The sample class: points, + those that wait for a person")
    made.add_column("lab")
    for name in ("of", *(id.removeprefix("sample-") for id in ids)):
        made.add_column(name, justify="right")
    sums = dict.fromkeys(ids, 0.0)
    for name, entry in record["labs"].items():
        cells = []
        for id in ids:
            found = entry["scores"].get(id)
            cells.append("" if found is None else points(found))
            sums[id] += found["score"] if found else 0.0
        made.add_row(name, f"{entry['of']:g}", *cells)
    most = sum(entry["of"] for entry in record["labs"].values())
    made.add_section()
    made.add_row("all", f"{most:g}", *(f"{sums[id]:.2f}" for id in ids))
    return made


def points(found: dict[str, float]) -> str:
    """Points of one student in one lab, as `17.00 + 3`."""
    return f"{found['score']:.2f}" + (f" + {found['waits']:g}" if found["waits"] else "")


def show(record: dict[str, Any]) -> None:
    """The table of scores; where everything is, and what it took."""
    console.show(table(record))
    for id in record["left_out"]:
        print(f"Left out: {id}, since there is no jail here.")
    spent = sum(seconds for lab in record["labs"].values()
                for stage, seconds in lab["seconds"].items() if ":" not in stage)  # fmt: skip
    site = paths.ROOT / "_build" / "html" / "index.html"
    print(f"Took        {spent + record.get('export', 0.0):.0f} s, {len(record['labs'])} labs")
    print(f"Site        {site if site.is_file() else 'not built yet: make site'}")
    print(f"Gradebook   {paths.gradebook_url()}")
    print(f"Feedback    {paths.course() / 'feedback'}/STUDENT/LAB/LAB.html")
    print(f"Grades      {paths.course() / 'grades.csv'}")


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """`autograder class [LAB ...]`"""
    parser = subparsers.add_parser("class", help="take a small sample class through the course")
    parser.add_argument("lab", nargs="*", help="names of labs; all where none is given")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N",
                        help="submissions at a time (default: one a core)")  # fmt: skip
    parser.add_argument("--show", action="store_true",
                        help="only say what the last run gave, and where it is")  # fmt: skip
    jail.add_option(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Make the class, take it through the labs, and show what came of it."""
    real = real_students()
    if real:
        raise UserError(
            f"{paths.course()} holds a real class ({len(real)} students, as {real[0]}); the sample "
            "class would stand in its gradebook. Give it a folder of its own: COURSE_ROOT=DIR"
        )
    jail.choose(args.jail)
    try:
        jail.chosen()
    except jail.NoJail as why:  # the others are our own: they may run without
        print(f"{why}\n")
        jail.choose("none")
    record = class_record.read() if args.show else class_record.begin()
    if not args.show:
        new = [take(source.load(name), record, args.jobs) for name in args.lab or source.labs()]
        clock = Clock()
        with clock.stage("export"):
            course.export()
        if any(new) or "export" not in record:
            record["export"] = round(clock["export"], 1)
        class_record.save(record)
    if not record["labs"]:
        raise UserError(f"{class_record.path()}: no class was run here yet: `autograder class`")
    show(record)
    return 0
