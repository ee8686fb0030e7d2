"""`autograder try LAB`: the author's loop. Release, solution, untouched and every mistake."""

from __future__ import annotations

import argparse
import time
from collections import Counter

from rich.console import Console
from rich.progress import track

from autograder import catalogue, grading, matrix, release, source
from autograder.errors import UserError


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """`try LAB [--jobs N] [--judge own|reached|all] [-v]`."""
    parser = subparsers.add_parser("try", help="release, solution, untouched and all mistakes")
    parser.add_argument("lab")
    parser.add_argument("--jobs", type=int, default=2, help="how many at a time (2)")
    parser.add_argument(
        "--judge", choices=matrix.JUDGE, default="own",
        help="mistakes by the tests of their own item, by all that their code reached, as CI does, "
        "or by all (own)",
    )  # fmt: skip
    parser.add_argument("-v", "--verbose", action="store_true", help="a line for each variant")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Returns 0 if the lab's tests are proven by its catalogue, else 1."""
    console = Console()
    started = time.monotonic()
    lab = source.load(args.lab)
    untouched = released_untouched(lab)
    console.print(f"[bold]{lab.name}[/]: released; untouched earns 0 on {untouched} items")
    book = catalogue.catalogue(lab.name)
    total = 1 + len(book.RIGHT) + len(book.LAZY) + len(book.MISTAKES)
    found = matrix.matrix(lab, args.jobs, args.judge)
    rows = list(track(found, "hidden tests", total, console=console))
    for row in rows:
        if row.problem or args.verbose:
            tests = f" [dim]({len(row.tests)} tests fail)[/]" if row.tests else ""
            mark = "[red]✗[/]" if row.problem else "[green]✓[/]"
            console.print(f"{mark} {row.kind} [bold]{row.id}[/] {row.problem}{tests}")
    console.print(summary(rows, time.monotonic() - started))
    return 1 if any(row.problem for row in rows) else 0


def released_untouched(lab: source.Lab) -> int:
    """How many items the untouched student notebook has; each is seen as not attempted.

    Raises UserError where one is not.
    """
    nb = release.student_notebook(lab)
    cells = {
        known["grade_id"]: cell for cell in nb.cells if (known := cell.metadata.get("nbgrader"))
    }
    for item in lab.items:
        status = grading.attempt(item, cells, lab)
        if status != "not_attempted":
            raise UserError(f"{lab.name}: untouched, {item.id} counts as {status or 'attempted'}")
    return len(lab.items)


def summary(rows: list[matrix.Row], seconds: float) -> str:
    """The line at the end."""
    wrong = Counter(row.kind for row in rows if row.problem)
    found = Counter(row.kind for row in rows)
    parts = [
        f"{found[kind] - wrong[kind]} of {found[kind]} {words}"
        for kind, words in (
            ("right", "right answers get full marks"),
            ("lazy", "lazy answers stay under a quarter"),
            ("mistake", "mistakes are caught and told apart"),
        )
    ]
    return f"{'; '.join(parts)}. {seconds:.1f} s"
