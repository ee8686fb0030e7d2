"""Grades what was collected, into the gradebook: `grade LAB [--jobs N]`.

course/results/ is filled, as many submissions at a time as there are jobs; nbgrader's pass, the one
writer to the gradebook, reads from there. Both skip what is done, so a run that was killed goes on
where it stopped.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field

import nbformat
from nbformat import NotebookNode

from autograder import (
    beside,
    collect,
    console,
    course,
    diagnosis,
    grading,
    jail,
    notebooks,
    paths,
    profile,
    results,
    source,
)
from autograder.errors import UserError

PARTS = ("start", "mistakes", "judge", "gradebook")


@dataclass
class Graded:
    """What one run did. `failed`: student -> why there is no grade for them.

    `timed`: whose result the clock had a part in, which on a busy machine may be the machine's;
    `flags`: student -> what an instructor should know of how their notebook ran; `seconds`: of the
    parts of it, of which nbgrader's pass takes place while others are judged.
    """

    students: int = 0
    new: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    timed: list[str] = field(default_factory=list)
    flags: dict[str, list[str]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(PARTS, 0.0))

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Keep the seconds that are spent inside."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] += time.perf_counter() - started


def grade(lab_name: str, jobs: int = 1, again: bool = False) -> Graded:
    """Grade every submission of a lab that has no grade, or changed since. Raises UserError.

    again: also those whose result the clock had a part in.
    """
    course.register(lab_name)
    lab = source.load(lab_name)
    students = collect.students(lab_name)
    done = Graded(len(students))
    waiting = []
    for student in students:
        try:
            key = results.key_of(_submission(lab_name, student), lab)
        except Exception as error:  # one file must not cost the others their grades
            done.failed[student] = str(error) or type(error).__name__
            continue
        forgotten = again and results.forget_timed(key, paths.results())
        if forgotten or graded_key(lab_name, student) != key:
            waiting.append(student)
    if waiting:
        jail.chosen()  # before anything else: without a jail nothing is graded
        with done.part("start"):
            grading.workshop_of(lab_name)  # it imports while the nursery does
            grading.nursery(lab_name)
        with done.part("mistakes"):
            diagnosis.learn(lab)  # before all need it at the same time
        with done.part("judge"):
            _grade_each(lab_name, waiting, jobs, done)
    return done


def _submission(lab_name: str, student: str) -> NotebookNode:
    path = collect.submission(lab_name, student)
    files = beside.in_folder(path.parent, lab_name)
    return beside.repaired(notebooks.read(path), lab_name, files)[0]


def _grade_each(lab_name: str, waiting: list[str], jobs: int, done: Graded) -> None:
    """A result for each, `jobs` at a time, and each into the gradebook as soon as it is there.

    Threads will do: the work is in processes of its own. This thread is the gradebook's one writer.
    """
    folder = paths.results()

    def result(student: str) -> tuple[bool, list[str]]:
        nb = _submission(lab_name, student)
        found = grading.grade(nb, lab_name, folder)
        return found.timed, [*beside.to_look_at(nb.metadata.gptlab["repaired"]), *found.flags]

    with console.tally(lab_name, len(waiting)) as seen, ThreadPoolExecutor(jobs) as pool:
        running = {pool.submit(result, student): student for student in waiting}
        try:
            for one in as_completed(running):
                student = running.pop(one)
                with done.part("gradebook"):
                    why = _into_gradebook(lab_name, student, one)
                if why:
                    done.failed[student] = why
                else:
                    done.new.append(student)
                    timed, done.flags[student] = one.result()
                    done.timed += [student] if timed else []
                seen.one(failed=bool(why))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _into_gradebook(lab_name: str, student: str, result: Future) -> str:
    """nbgrader's pass over a submission with a result; why there is no grade, or an empty text."""
    error = result.exception()
    if error is not None:  # one submission must not cost the others their grades
        return str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}"
    try:
        with profile.part("into the gradebook"):
            course.autograde(lab_name, student)
    except UserError as error:
        return str(error)
    return ""


def graded_key(lab_name: str, student: str) -> str:
    """The key of the result that stands in the gradebook; "" where none was put there whole."""
    path = paths.course() / "autograded" / student / lab_name / f"{lab_name}.ipynb"
    if not path.is_file():
        return ""
    try:
        return nbformat.read(path, as_version=4).metadata.get("gptlab", {}).get("graded", "")
    except (OSError, ValueError, nbformat.reader.NotJSONError):  # cut short when a run was killed
        return ""


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """`autograder grade LAB [--jobs N]`"""
    parser = subparsers.add_parser("grade", help="grade the submissions of a lab")
    parser.add_argument("lab", help="name of the lab, as lab01_bigram")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N",
                        help="submissions at a time (default: one a core)")  # fmt: skip
    parser.add_argument("--again", action="store_true",
                        help="also those that the clock stopped, as on a busy machine")  # fmt: skip
    jail.add_option(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Grade, then say how many, and who has no grade and why: exit code 1 if there are any."""
    if args.jobs < 1:
        raise UserError(f"--jobs: found {args.jobs}, expected 1 or more.")
    jail.choose(args.jail)
    done = grade(args.lab, args.jobs, args.again)
    for one in collect.problems(args.lab):
        done.failed.setdefault(one.student, one.problem)
    for student, why in sorted(done.failed.items()):
        print(f"  {student}: NO GRADE: {why}")
    for student, flags in sorted(done.flags.items()):
        for flag in flags:
            print(f"  {student}: {flag}")
    if done.timed:
        print(
            f"  The clock had a part in this: {', '.join(sorted(done.timed))}. If the machine was "
            f"busy: grade {args.lab} --again"
        )
    if not done.students:
        where = paths.course() / "submitted"
        raise UserError(f"{args.lab}: no submission in {where}; collect them first.")
    old = done.students - len(done.new)
    print(
        f"{args.lab}: {done.students} submissions, {len(done.new)} graded now, {old} as before, "
        f"{len(done.failed)} without a grade"
    )
    return 1 if done.failed else 0
