"""Grades what was collected, into the gradebook: `grade LAB [--jobs N]`.

First course/results/ is filled, as many submissions at a time as there are jobs; then nbgrader's
pass, the one writer to the gradebook, reads from there. Both skip what is done, so a run that was
killed goes on where it stopped.
"""

from __future__ import annotations

import argparse
import os
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field

import nbformat
from nbformat import NotebookNode

from autograder import (
    collect,
    console,
    course,
    diagnosis,
    grading,
    notebooks,
    paths,
    results,
    source,
)
from autograder.errors import UserError
from autograder.repair import repair


@dataclass
class Graded:
    """What one run did. `failed`: student -> why there is no grade for them."""

    students: int = 0
    new: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


def grade(lab_name: str, jobs: int = 1) -> Graded:
    """Grade every submission of a lab that has no grade, or changed since. Raises UserError."""
    course.register(lab_name)
    students = collect.students(lab_name)
    done = Graded(len(students))
    waiting: dict[str, NotebookNode] = {}
    for student in students:
        try:
            nb, _ = repair(notebooks.read(collect.submission(lab_name, student)), lab_name)
        except Exception as error:  # one file must not cost the others their grades
            done.failed[student] = str(error) or type(error).__name__
            continue
        if graded_key(lab_name, student) != results.key_of(nb, source.load(lab_name)):
            waiting[student] = nb
    if waiting:
        diagnosis.learn(source.load(lab_name))  # before all need it at the same time
        _fill_results(lab_name, waiting, jobs, done)
    ready = [student for student in waiting if student not in done.failed]
    for student in console.progress(ready, f"{lab_name}: into the gradebook"):
        try:
            course.autograde(lab_name, student)
        except UserError as error:
            done.failed[student] = str(error)
        else:
            done.new.append(student)
    return done


def graded_key(lab_name: str, student: str) -> str:
    """The key of the result that stands in the gradebook; "" where none was put there whole."""
    path = paths.course() / "autograded" / student / lab_name / f"{lab_name}.ipynb"
    if not path.is_file():
        return ""
    try:
        return nbformat.read(path, as_version=4).metadata.get("gptlab", {}).get("graded", "")
    except (OSError, ValueError, nbformat.reader.NotJSONError):  # cut short when a run was killed
        return ""


def _fill_results(lab_name: str, waiting: dict[str, NotebookNode], jobs: int,
                  done: Graded) -> None:  # fmt: skip
    """A result file for each. Threads will do: the work is in processes of its own."""
    folder = paths.results()
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        running = {
            pool.submit(grading.grade, nb, lab_name, folder): student
            for student, nb in waiting.items()
        }
        try:
            for one in console.progress(as_completed(running), f"{lab_name}: graded", len(running)):
                error = one.exception()
                if error is not None:  # one submission must not cost the others their grades
                    done.failed[running[one]] = f"{type(error).__name__}: {error}"
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """`autograder grade LAB [--jobs N]`"""
    parser = subparsers.add_parser("grade", help="grade the submissions of a lab")
    parser.add_argument("lab", help="name of the lab, as lab01_bigram")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N",
                        help="submissions at a time (default: one a core)")  # fmt: skip
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Grade, then say how many, and who has no grade and why: exit code 1 if there are any."""
    if args.jobs < 1:
        raise UserError(f"--jobs: found {args.jobs}, expected 1 or more.")
    done = grade(args.lab, args.jobs)
    for one in collect.problems(args.lab):
        done.failed.setdefault(one.student, one.problem)
    for student, why in sorted(done.failed.items()):
        print(f"  {student}: NO GRADE: {why}")
    if not done.students:
        where = paths.course() / "submitted"
        raise UserError(f"{args.lab}: no submission in {where}; collect them first.")
    old = done.students - len(done.new)
    print(
        f"{args.lab}: {done.students} submissions, {len(done.new)} graded now, {old} as before, "
        f"{len(done.failed)} without a grade"
    )
    return 1 if done.failed else 0
