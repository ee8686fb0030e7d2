"""A small class made on the spot from the solutions, graded like any other: `class [LAB ...]`.

A full answer, half an answer, an untouched notebook, one with named mistakes, one that cheats and
one that is damaged. `make course` ends with it.
"""

from __future__ import annotations

import argparse
import copy
import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode
from rich.table import Table

from autograder import (
    cheats,
    collect,
    console,
    course,
    feedback,
    grade,
    jail,
    paths,
    release,
    source,
)
from autograder.catalogue import catalogue
from autograder.errors import UserError
from autograder.results import write_whole
from autograder.source import Lab

MISTAKES = 4  # how many named mistakes the wrong one makes, each on another item


@dataclass(frozen=True)
class Sample:
    """A student of the class: id, what they hand in, and how it is made."""

    id: str
    what: str
    make: Callable[[Lab], NotebookNode]


def answered(lab: Lab, items: set[str] | None = None) -> NotebookNode:
    """The released notebook with the answers of these items in it; all items for None."""
    return fill(release.student_notebook(lab), lab, items)


def fill(nb: NotebookNode, lab: Lab, items: Collection[str] | None = None) -> NotebookNode:
    """A released notebook, with the answers of these items put in."""
    cells = {cell.id: cell for cell in nb.cells}
    items = {item.id for item in lab.items} if items is None else items
    for cell in lab.cells:
        if cell.file:
            cells[f"answer-{cell.id}"].source = source.stub_source(cell, items)
        elif cell.id not in items:
            continue
        elif cell.kind in ("answer", "choice"):
            cells[f"answer-{cell.id}"].source = source.full_source(cell)
        elif cell.kind == "explain":
            cells[f"explain-{cell.id}"].source = cell.solution
    return nb


def half(lab: Lab) -> NotebookNode:
    """The first half of the items answered."""
    ids = [item.id for item in lab.items]
    return answered(lab, set(ids[: len(ids) // 2]))


def wrong(lab: Lab) -> NotebookNode:
    """All items answered, some with a mistake of the catalogue."""
    for mistake in chosen_mistakes(lab):
        lab = mistake.applied_to(lab)
    return answered(lab)


def chosen_mistakes(lab: Lab) -> list:
    """The first mistake on each of the first few items, of those that cost points there alone."""
    alone = [mistake for mistake in catalogue(lab.name).MISTAKES if not mistake.also]
    first = {mistake.item: mistake for mistake in reversed(alone)}
    items = [item.id for item in lab.items if item.id in first]
    return [first[item] for item in items[:MISTAKES]]


def hostile(lab: Lab) -> NotebookNode:
    """Each answer of the lab a cheat, in turn; none does any damage."""
    nb = release.student_notebook(lab)
    cells = {cell.id: cell for cell in nb.cells}
    answers = [cell for cell in lab.cells if cell.kind == "answer"]
    for number, cell in enumerate(answers):
        target = cells[f"answer-{cell.id}"]
        target.source = cheats.cheat(number, target.source, lab.name)
    return nb


def damaged(lab: Lab) -> NotebookNode:
    """A full answer, its metadata stripped, a grade cell deleted, an answer cell doubled."""
    nb = answered(lab)
    blank = {cell.id: cell for cell in release.student_notebook(lab).cells}
    at = [i for i, cell in enumerate(nb.cells) if cell.id.startswith("answer-")][:2][-1]
    doubled = copy.deepcopy(blank[nb.cells[at].id])
    doubled.id = "doubled"
    nb.cells.insert(at + 1, doubled)
    grades = [cell for cell in nb.cells if cell.id.startswith("grade-")]
    nb.cells.remove(grades[0])
    for cell in nb.cells:
        if cell.id != "doubled":  # what was copied last still has its own
            cell.metadata = NotebookNode()
    nb.metadata = NotebookNode()
    return nb


CLASS = (
    Sample("sample-full", "every answer", answered),
    Sample("sample-half", "the first half", half),
    Sample("sample-untouched", "as released", release.student_notebook),
    Sample("sample-wrong", "named mistakes", wrong),
    Sample("sample-hostile", "cheats", hostile),
    Sample("sample-damaged", "every answer, cells and metadata lost", damaged),
)


def members() -> list[Sample]:
    """The class on this machine: without the hostile one where there is no jail."""
    jailed = jail.chosen().kind != "none"
    return [one for one in CLASS if one.id != "sample-hostile" or jailed]


def hand_in(lab: Lab, folder: Path) -> list[Path]:
    """Write what each of the class hands in; gives the files."""
    files = []
    for one in members():
        path = folder / f"{one.id}.ipynb"
        text = release.text_of(one.make(lab))
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            write_whole(path, text)
        files.append(path)
    return files


def grade_class(lab_name: str, jobs: int) -> list[course.Score]:
    """Hand in, collect, grade, feedback. Raises UserError where anything of it failed."""
    lab = source.load(lab_name)
    folder = paths.course() / "handed_in" / lab_name
    hand_in(lab, folder)
    done = collect.collect(lab_name, folder)
    changed = {one.student for one in done if one.changed}
    if changed:  # cells of the lab may have changed with it: nbgrader wants no submission then
        course.forget(lab_name, {one.id for one in CLASS})
    result = grade.grade(lab_name, jobs)
    _, failed = feedback.feedback(lab_name)
    problems = {one.student: one.problem for one in done if one.problem} | result.failed | failed
    if problems:
        lines = [f"  {student}: {why}" for student, why in problems.items()]
        raise UserError("\n".join([f"{lab_name}: the sample class could not be graded:", *lines]))
    return course.scores(lab_name)


def real_students() -> list[str]:
    """Who has submissions here and is not of the sample class."""
    found = {path.name for path in (paths.course() / "submitted").glob("*") if path.is_dir()}
    return sorted(found - {one.id for one in CLASS})


def show(lab_name: str, scores: list[course.Score]) -> None:
    """The table of scores."""
    what = {one.id: one.what for one in CLASS}
    table = Table(title=f"{lab_name}: the sample class")
    table.add_column("student")
    table.add_column("hands in")
    table.add_column("score", justify="right")
    table.add_column("of", justify="right")
    table.add_column("waits for a person", justify="right")
    for one in scores:
        pending = f"{one.pending:g}" if one.pending else ""
        table.add_row(one.student, what.get(one.student, ""), f"{one.score:.2f}",
                      f"{one.max_score:g}", pending)  # fmt: skip
    console.show(table)


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """`autograder class [LAB ...]`"""
    parser = subparsers.add_parser("class", help="make and grade a small sample class")
    parser.add_argument("lab", nargs="*", help="names of labs; all where none is given")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N",
                        help="submissions at a time (default: one a core)")  # fmt: skip
    jail.add_option(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Make, grade and show the class; then say where everything is."""
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
    shown = [(name, grade_class(name, args.jobs)) for name in args.lab or source.labs()]
    for name, scores in shown:
        show(name, scores)
    if len(members()) < len(CLASS):
        print("Left out: the hostile sample, since there is no jail here.")
    site = paths.ROOT / "_build" / "html" / "index.html"
    print(f"Site        {site if site.is_file() else 'not built yet: make site'}")
    print(f"Gradebook   {paths.gradebook_url()}")
    print(f"Feedback    {paths.course() / 'feedback'}/STUDENT/LAB/LAB.html")
    print(f"Grades      {course.export()}")
    return 0
