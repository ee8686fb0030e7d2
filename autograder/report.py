"""Tells an instructor how a class did: `report LAB`, items and the named mistakes behind them."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from dataclasses import dataclass

from rich.table import Table

from autograder import collect, console, diagnosis, paths, results, source
from autograder.catalogue import catalogue
from autograder.errors import UserError
from autograder.grade import graded_key


@dataclass(frozen=True)
class Line:
    """One item of a lab: how many have which status, and how many made which mistake."""

    item: str
    max_score: float
    mean: float
    statuses: dict[str, int]
    mistakes: dict[str, int]


def report(lab_name: str) -> tuple[int, list[Line]]:
    """How many submissions were graded, and a line an item. Raises UserError where none were."""
    lab = source.load(lab_name)
    folder = paths.results()
    keys = [graded_key(lab_name, student) for student in collect.students(lab_name)]
    found = [known for key in keys if key and (known := results.load(key, folder))]
    if not found:
        raise UserError(f"{lab_name}: nobody has a grade yet; grade the submissions first.")
    lines = []
    for item in lab.items:
        mine = [one for result in found for one in result.items if one.id == item.id]
        lines.append(Line(
            item.id,
            item.points,
            sum(one.score for one in mine) / len(mine) if mine else 0.0,
            dict(Counter(one.status for one in mine)),
            dict(Counter(name for one in mine for name in one.mistakes).most_common()),
        ))  # fmt: skip
    return len(found), lines


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """`autograder report LAB [--json]`"""
    parser = subparsers.add_parser("report", help="which mistakes a class makes")
    parser.add_argument("lab", help="name of the lab, as lab01_bigram")
    parser.add_argument("--json", action="store_true", help="for another program to read")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the report."""
    count, lines = report(args.lab)
    if args.json:
        items = [vars(line) for line in lines]
        print(json.dumps({"lab": args.lab, "submissions": count, "items": items}, indent=1))
        return 0
    table = Table(title=f"{args.lab}: {count} submissions")
    for name in ("item", "points", "mean", *results.STATUSES[:4], "named mistakes"):
        table.add_column(name.replace("_", " "), justify="left" if name[0] in "in" else "right")
    for line in lines:
        statuses = [str(line.statuses.get(status, "")) for status in results.STATUSES[:4]]
        named = [f"{many} × {name}" for name, many in line.mistakes.items()]
        table.add_row(line.item, f"{line.max_score:g}", f"{line.mean:.2f}", *statuses,
                      "\n".join(named))  # fmt: skip
    console.show(table)
    known = {mistake.id: mistake for mistake in catalogue(args.lab).MISTAKES}
    for line in lines:
        for name, many in line.mistakes.items():
            print(f"{line.item}: {name} ({many}): {diagnosis.sentence(known[name])}")
    return 0
