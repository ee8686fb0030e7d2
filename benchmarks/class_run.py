"""A large class in one run, with damaged and hostile submissions in it, killed on the way.

python -m benchmarks.class_run [--submissions 1000] [--jobs 2] [--kill-at 0.25 0.75] [--keep DIR]

One in twenty hands in something damaged, hostile or unreadable. The run is killed (SIGKILL, its
whole process group) each time that so much of it is done, and started again. Then: has everybody
either one grade or a problem with a name, was nothing graded twice, are the points of the honest
those that the hidden tests give in one process, without a kernel, and is the memory flat?
Takes an hour; no part of `make bench`.
"""

from __future__ import annotations

import argparse
import os
import signal
import sqlite3
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from autograder import collect, jail, release, source
from autograder.errors import UserError
from autograder.paths import ROOT
from autograder.source import Lab
from benchmarks import expected, process, stock, students
from benchmarks.process import Spent
from benchmarks.students import HandedIn

LAB = "lab01_bigram"
ROWS = 10  # of the table of memory
ENOUGH = 50  # submissions, over which memory has a slope


@dataclass(frozen=True)
class Sample:
    """One look at a run: seconds since its start, submissions judged and in the gradebook, bytes
    of the grading process and of its whole tree, and how many processes that are."""

    seconds: float
    judged: int
    entered: int
    main: int
    tree: int
    processes: int


@dataclass
class Watch:
    """Looks at a run, and kills it once so much is done. `files`: results as they then stood."""

    course: Path
    count: int
    kill_at: float | None
    samples: list[Sample] = field(default_factory=list)
    files: dict[Path, int] = field(default_factory=dict)
    survivors: int = 0  # processes of it that were still there 10 s after the kill
    started: float = field(default_factory=time.monotonic)

    def look(self, pid: int, held: int) -> None:
        """Called by benchmarks.process."""
        family = process.tree(pid)
        judged, entered = len(results(self.course)), in_gradebook(self.course)
        alone = process.share(family[0]) if family else 0
        self.samples.append(
            Sample(time.monotonic() - self.started, judged, entered, alone, held, len(family))
        )
        if self.kill_at is not None and done(self.samples[-1]) >= self.kill_at * self.count:
            self.files = {path: written(path) for path in results(self.course)}
            os.killpg(pid, signal.SIGKILL)
            _, alive = psutil.wait_procs(family[1:], timeout=10)
            self.survivors = len(alive)
            for one in alive:
                one.kill()


def results(course: Path) -> list[Path]:
    """The result files of submissions."""
    found = (course / "results").glob("*.json")
    return [path for path in found if not path.name.startswith("mistakes-")]


def written(path: Path) -> int:
    """When a file was written, in nanoseconds; 0 where there is none."""
    return path.stat().st_mtime_ns if path.exists() else 0


def in_gradebook(course: Path) -> int:
    """How many submissions went all the way: nbgrader writes this file last."""
    return sum(1 for _ in (course / "autograded").glob(f"*/{LAB}/{LAB}.ipynb"))


def environment(course: Path) -> dict[str, str]:
    """For our commands: this course folder, and nothing of the caller's."""
    kept = {name: value for name, value in os.environ.items() if name != "GRADEBOOK_URL"}
    return kept | {"COURSE_ROOT": str(course)}


def hand_in(lab: Lab, handed: list[HandedIn], course: Path) -> Spent:
    """Write everybody's file and collect them."""
    folder = course / "handed_in"
    folder.mkdir(parents=True)
    blank = release.student_notebook(lab)
    for one in handed:
        (folder / f"{one.id}.ipynb").write_bytes(one.data(blank))
    command = (sys.executable, "-m", "autograder", "collect", LAB, str(folder))
    spent = process.measured(command, ROOT, environment(course))
    if spent.code not in (0, 1):  # 1: some of them cannot be graded
        raise UserError(f"{' '.join(command)}: exit code {spent.code}\n{spent.log[-600:]}")
    return spent


def grade(course: Path, count: int, jobs: int, kill_at: list[float]) -> list[tuple[Spent, Watch]]:
    """One run after the other, each killed but for the last."""
    command = (sys.executable, "-m", "autograder", "grade", LAB, "--jobs", str(jobs))
    runs = []
    for limit in (*kill_at, None):
        watch = Watch(course, count, limit)
        every = 5.0 if count > 100 else 1.0
        spent = process.measured(command, ROOT, environment(course), watch.look, every)
        runs.append((spent, watch))
        state = "killed" if spent.code == -signal.SIGKILL else f"exit code {spent.code}"
        print(f"  run {len(runs)}: {spent.wall:.0f} s, {spent.cpu:.0f} CPU-s, peak "
              f"{spent.peak / 2**20:.0f} MiB, {state}; {len(results(course))} judged, "
              f"{in_gradebook(course)} in the gradebook", flush=True)  # fmt: skip
        if spent.code > 0:
            print("    " + "\n    ".join(spent.log.splitlines()[-12:]), flush=True)
    return runs


def faults(lab: Lab, handed: list[HandedIn], course: Path,
           runs: list[tuple[Spent, Watch]]) -> list[str]:  # fmt: skip
    """What did not come out as it should."""
    found = [
        f"run {number}: {watch.survivors} processes left over 10 s after the kill"
        for number, (_, watch) in enumerate(runs, 1)
        if watch.survivors
    ]
    if any(spent.code not in (-signal.SIGKILL, 0, 1) for spent, _ in runs):
        found.append(f"a run ended badly: {runs[-1][0].log[-600:]}")
    for _, watch in runs:
        again = [path.name for path, at in watch.files.items() if written(path) != at]
        found += [f"graded a second time, or gone: {name}" for name in again]
    return found + _scores(lab, handed, course) + _doubled(lab, course)


def _scores(lab: Lab, handed: list[HandedIn], course: Path) -> list[str]:
    os.environ["COURSE_ROOT"] = str(course)
    grades, right = stock.scores(course, LAB), expected.Expected(lab)
    problems = {one.student: one.problem for one in collect.problems(LAB)}
    found = []
    for one in handed:
        if one.id not in grades:
            if not problems.get(one.id):
                found.append(f"{one.id} ({one.what}): lost, neither a grade nor a problem")
            elif one.earns != "any":
                found.append(f"{one.id} ({one.what}): no grade: {problems[one.id]}")
            continue
        wrong = right.wrong(one, grades[one.id])
        found += [f"{one.id} ({one.what}), {item}: {text}" for item, text in wrong.items()]
    found += [f"{student}: nobody of that name" for student in grades.keys()
              - {one.id for one in handed}]  # fmt: skip
    return found


def _doubled(lab: Lab, course: Path) -> list[str]:
    """Rows that the gradebook has more than once, asked of the database itself."""
    with sqlite3.connect(course / "gradebook.db") as db:
        rows = db.execute(
            "select student_id, count(distinct submitted_assignment.id), count(grade.id)"
            " from submitted_assignment"
            " join submitted_notebook on submitted_notebook.assignment_id = submitted_assignment.id"
            " join grade on grade.notebook_id = submitted_notebook.id group by student_id"
        ).fetchall()
    db.close()
    return [
        f"{student}: {submissions} submissions and {grades} grades in the gradebook"
        for student, submissions, grades in rows
        if submissions != 1 or grades != len(lab.items)
    ]


def done(one: Sample) -> float:
    """How many submissions are done: judging is one half of it, the gradebook the other."""
    return (one.judged + one.entered) / 2


def slope(samples: list[Sample], what: str) -> float:
    """Bytes more with each submission, by least squares."""
    xs = [done(one) for one in samples]
    ys = [getattr(one, what) for one in samples]
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    across = sum((x - mean_x) ** 2 for x in xs)
    return sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True)) / (across or 1)


def show_memory(watch: Watch) -> None:
    """A few samples of a run, and how much its memory grew once it was under way."""
    samples = watch.samples
    print(f"\n  {'s':>7}{'judged':>8}{'entered':>9}{'grader MiB':>12}{'tree MiB':>10}{'procs':>7}")
    for one in samples[:: max(1, len(samples) // ROWS)]:
        print(f"  {one.seconds:7.0f}{one.judged:8}{one.entered:9}{one.main / 2**20:12.0f}"
              f"{one.tree / 2**20:10.0f}{one.processes:7}")  # fmt: skip
    late = samples[len(samples) // 5 :]
    if done(late[-1]) - done(late[0]) < ENOUGH:
        print("  too few submissions to tell a slope")
        return
    for what in ("main", "tree"):
        grown = slope(late, what) * 1000 / 2**20
        print(f"  {what}: {grown:+.1f} MiB with 1,000 further submissions")


def main(arguments: list[str] | None = None) -> int:
    """Print what was seen; 1 where anything is not as it should be."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.class_run")
    parser.add_argument("--submissions", type=int, default=1000, metavar="N")
    parser.add_argument("--jobs", type=int, default=2, metavar="N")
    parser.add_argument("--kill-at", type=float, nargs="*", default=[0.25, 0.75], metavar="SHARE")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="an empty folder for the course")
    args = parser.parse_args(arguments or [])
    lab = source.load(LAB)
    attacks = students.attacks() if jail.chosen().kind != "none" else []
    handed = students.mixed(lab, args.submissions, attacks)
    print(
        f"  {process.machine_line()}; {len(handed)} submissions of {LAB}, --jobs "
        f"{args.jobs}, {len(attacks)} attacks"
    )
    with tempfile.TemporaryDirectory(prefix="gptlab-class-") as temporary:
        course = (args.keep or Path(temporary)).resolve()
        collected = hand_in(lab, handed, course)
        print(f"  collected: {collected.wall:.0f} s, {collected.cpu:.0f} CPU-s", flush=True)
        runs = grade(course, len(handed), args.jobs, args.kill_at)
        for _, watch in runs:
            show_memory(watch)
        wall = sum(spent.wall for spent, _ in runs)
        peak = max(spent.peak for spent, _ in runs)
        print(f"\n  {len(handed) / wall * 60:.1f} submissions a minute with the kills, peak "
              f"{peak / 2**20:.0f} MiB", flush=True)  # fmt: skip
        found = faults(lab, handed, course, runs)
    print(
        "\n".join(f"  {line}" for line in found) or "  none lost, none doubled, points as expected"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
