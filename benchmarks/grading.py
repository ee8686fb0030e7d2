"""Grading a class of lab01_bigram: stock `nbgrader autograde`, and ours on one job and on two.

python -m benchmarks.grading [--submissions N] [--only stock|ours] [--skip-stock]

All grade the same submissions (40, and one to tell what a run costs apart from them), each in a
course folder of its own, in turn. What is done once for a lab stands apart: the gradebook learns
its cells and, in ours, what the known mistakes reply. "start" is what a run costs before its first
submission, from a run with one and a run with all; the seconds a submission are without it.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder import release, source
from autograder.errors import UserError
from autograder.paths import ROOT
from autograder.source import Lab
from benchmarks import process, stock, students
from benchmarks.process import Spent
from benchmarks.students import Student

LAB = "lab01_bigram"
LEARN = """
from autograder import course, diagnosis, source
course.register({lab!r})
diagnosis.learn(source.load({lab!r}))
"""


@dataclass(frozen=True)
class Way:
    """A way to grade: its name, and for each step (once for the lab, the class) a command."""

    name: str
    prepare: tuple[str, ...]
    grade: tuple[str, ...]
    ours: bool

    def environment(self, folder: Path) -> dict[str, str]:
        """Ours finds its course folder by name, stock's is the working directory."""
        if not self.ours:
            return stock.environment()
        own = {"COURSE_ROOT": str(folder), "GPTLAB_PROFILE": str(folder / "profile.jsonl")}
        return {name: value for name, value in os.environ.items() if name != "GRADEBOOK_URL"} | own

    def run(self, command: tuple[str, ...], folder: Path) -> Spent:
        """Raises UserError where the command failed."""
        spent = process.measured(command, ROOT if self.ours else folder, self.environment(folder))
        if spent.code:
            last = "\n  ".join(spent.log.splitlines()[-12:])
            raise UserError(f"{' '.join(command)}: exit code {spent.code}\n  {last}")
        return spent


STOCK = Way(
    "stock nbgrader autograde",
    (*stock.NBGRADER, "generate_assignment", LAB),
    (*stock.NBGRADER, "autograde", LAB),
    ours=False,
)


def ours(jobs: int) -> Way:
    """Our grader with so many jobs."""
    grade = (sys.executable, "-m", "autograder", "grade", LAB, "--jobs", str(jobs))
    return Way(f"ours, --jobs {jobs}", (sys.executable, "-c", LEARN.format(lab=LAB)), grade, True)


@dataclass
class Measured:
    """What one way cost: one submission, all of them, and the scores of all."""

    one: Spent
    all: Spent
    scores: dict[str, dict[str, float | None]]
    parts: dict[str, tuple[float, float]]  # part -> CPU-seconds and seconds of the class

    def each(self, what: str, count: int) -> float:
        """Seconds ("wall" or "cpu") a further submission."""
        return (getattr(self.all, what) - getattr(self.one, what)) / (count - 1)

    def start(self, what: str, count: int) -> float:
        """Seconds that a run takes apart from its submissions."""
        return getattr(self.one, what) - self.each(what, count)


def prepared(lab: Lab, ways: list[Way], folder: Path) -> dict[bool, Path]:
    """A course folder for stock and for ours, with all that belongs to the lab alone."""
    found: dict[bool, Path] = {}
    for way in ways:
        if way.ours in found:
            continue
        course = found[way.ours] = folder / f"lab-{'ours' if way.ours else 'stock'}"
        course.mkdir()
        if not way.ours:
            stock.write_source(lab, course)
        spent = way.run(way.prepare, course)
        (course / "profile.jsonl").unlink(missing_ok=True)
        name = way.name.split(",")[0]
        print(f"  once for the lab, {name}: {spent.wall:.1f} s, {spent.cpu:.1f} CPU-s", flush=True)
    return found


def hand_in(lab: Lab, course: Path, blank: NotebookNode, members: list[Student]) -> None:
    """nbgrader's own submitted/ tree."""
    for one in members:
        path = course / "submitted" / one.id / lab.name / f"{lab.name}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(release.text_of(one.fill(blank)), encoding="utf-8")


def graded(
    lab: Lab, way: Way, template: Path, members: list[Student], folder: Path
) -> tuple[Spent, Path]:
    """One run in a fresh folder: what it cost, and the folder."""
    course = folder / f"{way.name.replace(' ', '-').replace(',', '')}-{len(members)}"
    shutil.copytree(template, course)
    if way.ours:
        blank = release.student_notebook(lab)
    else:
        blank = nbformat.read(stock.released(lab, course), as_version=4)
    hand_in(lab, course, blank, members)
    spent = way.run(way.grade, course)
    found = stock.scores(course, lab.name)
    missing = {one.id for one in members} - set(found)
    if missing:
        raise UserError(f"{way.name}: no grade for {', '.join(sorted(missing))}")
    return spent, course


def profile(file: Path) -> dict[str, tuple[float, float]]:
    """The parts of a run of ours, each with its CPU-seconds and seconds, summed by name."""
    found: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for line in file.read_text(encoding="utf-8").splitlines() if file.is_file() else ():
        part = json.loads(line)
        found[part["part"]][0] += part["cpu"]
        found[part["part"]][1] += part["wall"]
    return {name: (cpu, wall) for name, (cpu, wall) in found.items()}


def show(done: dict[str, Measured], count: int) -> None:
    """The table, with how many times the last way's CPU-seconds each one's are."""
    print(f"\n  {'':<26}{'s each':>9}{'CPU-s each':>12}{'ratio':>8}{'start s':>9}{'CPU-s':>8}"
          f"{'peak MiB':>10}")  # fmt: skip
    base = next(iter(done.values())).each("cpu", count)
    for name, one in done.items():
        each = one.each("cpu", count)
        print(f"  {name:<26}{one.each('wall', count):9.2f}{each:12.2f}{base / each:7.1f}x"
              f"{one.start('wall', count):9.1f}{one.start('cpu', count):8.1f}"
              f"{one.all.peak / 2**20:10.0f}")  # fmt: skip


def show_parts(name: str, one: Measured, count: int) -> None:
    """Where the CPU-seconds of ours go."""
    if not one.parts:
        return
    print(f"\n  {name}, part by part, a submission (of {count})")
    rest = (one.all.cpu - sum(cpu for cpu, _ in one.parts.values()),)
    for part, (cpu, wall) in sorted(one.parts.items(), key=lambda item: -item[1][0]):
        print(f"    {part:<36}{cpu / count:8.3f} CPU-s{wall / count:8.3f} s")
    print(f"    {'the rest, with the start':<36}{rest[0] / count:8.3f} CPU-s")


def differences(done: dict[str, Measured], members: list[Student]) -> list[str]:
    """Items that got other points in one way than in the first one."""
    (first, base), *others = done.items()
    found = []
    for name, one in others:
        for student in members:
            mine, theirs = one.scores[student.id], base.scores[student.id]
            for item in sorted(mine.keys() | theirs.keys()):
                a, b = theirs.get(item, "no such item"), mine.get(item, "no such item")
                if a != b:
                    found.append(f"{student.id} ({student.what}), {item}: {first} {a}, {name} {b}")
    return found


def compare(ways: list[Way], count: int, folder: Path) -> dict[str, Measured]:
    """Run all ways in turn, first with one submission and then with all; print as it goes."""
    lab = source.load(LAB)
    members = students.honest(lab, count)
    templates = prepared(lab, ways, folder)
    spent: dict[str, list[Spent]] = defaultdict(list)
    courses = {}
    for some in (members[:1], members):
        for way in ways:
            used, courses[way.name] = graded(lab, way, templates[way.ours], some, folder)
            spent[way.name].append(used)
            print(f"  {way.name}, {len(some)} of them: {used.wall:.1f} s, {used.cpu:.1f} CPU-s",
                  flush=True)  # fmt: skip
    return {
        name: Measured(*both, stock.scores(courses[name], LAB),
                       profile(courses[name] / "profile.jsonl"))
        for name, both in spent.items()
    }  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Print the tables; 1 where scores differ."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.grading")
    parser.add_argument("--submissions", type=int, default=41, metavar="N", help="at least 2")
    parser.add_argument("--only", choices=("stock", "ours"))
    parser.add_argument("--skip-stock", action="store_const", dest="only", const="ours")
    args = parser.parse_args(arguments or [])
    if args.submissions < 2:
        parser.error("--submissions: expected 2 or more, to tell the start from the rest")
    ways = [STOCK] if args.only != "ours" else []
    ways += [ours(1), ours(2)] if args.only != "stock" else []
    print(f"  {process.machine_line()}; {args.submissions} submissions of {LAB}")
    with tempfile.TemporaryDirectory(prefix="gptlab-bench-") as folder:
        done = compare(ways, args.submissions, Path(folder))
    show(done, args.submissions)
    for name, one in done.items():
        show_parts(name, one, args.submissions)
    if len(done) == 1:
        return 0
    unequal = differences(done, students.honest(source.load(LAB), args.submissions))
    print(
        f"\n  {len(unequal)} scores differ" if unequal else "\n  all scores are equal, item by item"
    )
    for line in unequal:
        print(f"    {line}")
    return 1 if unequal else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
