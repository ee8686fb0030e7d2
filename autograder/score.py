"""`autograder score NOTEBOOK`: grade one notebook and print it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from nbformat import NotebookNode
from rich.console import Console
from rich.table import Table

from autograder import beside, grading, jail, notebooks, source
from autograder.errors import UserError
from autograder.results import Result


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """`score NOTEBOOK [--json]`."""
    parser = subparsers.add_parser("score", help="grade one notebook and print its points")
    parser.add_argument("notebook", type=Path)
    parser.add_argument("--lab", help="which lab it is; by default the notebook says so itself")
    jail.add_option(parser)
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Exit code 0 whenever it could be graded; UserError (2) where it could not."""
    jail.choose(args.jail)
    nb = notebooks.read(args.notebook)
    lab_name = args.lab or lab_of(nb, args.notebook)
    files = beside.in_folder(args.notebook.parent, lab_name)
    nb, repaired = beside.repaired(nb, lab_name, files)
    result = grading.grade(nb, lab_name)
    result.flags = [*repaired, *result.flags]
    if args.json:
        print(json.dumps(result.to_json(), indent=2))
    else:
        show(result, Console())
    return 0


def lab_of(nb: NotebookNode, path: Path) -> str:
    """Which lab a notebook is: its own word for it, else its file's name."""
    known = nb.metadata.get("gptlab")
    named = known.get("lab") if isinstance(known, dict) else None
    for name in (named, path.stem):
        if name in source.labs():
            return name
    labs = ", ".join(source.labs())
    raise UserError(
        f"{path}: found no word of which lab this is, expected a notebook of {labs}; "
        "say which with --lab"
    )


def show(result: Result, console: Console) -> None:
    """A table of items, then the messages."""
    table = Table("item", "points", "status", title=result.lab)
    for item in result.items:
        table.add_row(item.id, f"{item.score:g} / {item.max_score:g}", item.status)
    table.add_section()
    table.add_row(
        "all",
        f"{result.score:g} / {result.max_score:g}",
        f"{result.pending:g} wait for a person" if result.pending else "",
    )
    console.print(table)
    for item in result.items:
        for message in item.messages:
            console.print(message, markup=False, highlight=False)
    for flag in result.flags:
        console.print(f"note: {flag}", markup=False)
