"""Writes the pages that students get back: `feedback LAB`."""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

from autograder import console, course, paths
from autograder.errors import UserError
from autograder.grade import graded_key
from autograder.results import write_whole


def feedback(lab_name: str) -> tuple[dict[str, Path], dict[str, str]]:
    """Write a page for everybody with a grade, where something changed since the last one.

    Returns student -> page, and student -> why there is none.
    """
    stamps = paths.course() / course.REGISTERED / f"feedback-{lab_name}.json"
    known = json.loads(stamps.read_text()) if stamps.is_file() else {}
    pages, failed, waiting = {}, {}, {}
    form = _form()
    for score in course.scores(lab_name):
        key = graded_key(lab_name, score.student)
        if not key:
            failed[score.student] = "no grade yet"
            continue
        page = paths.course() / "feedback" / score.student / lab_name / f"{lab_name}.html"
        digest = hashlib.sha256(f"{key}{score}{form}".encode()).hexdigest()[:24]
        if page.is_file() and known.get(score.student) == digest:
            pages[score.student] = page
        else:
            waiting[score.student] = digest
    for student in console.progress(waiting, f"{lab_name}: feedback"):
        try:
            pages[student] = course.feedback(lab_name, student)
        except UserError as error:
            failed[student] = str(error)
        else:
            known[student] = waiting[student]
            write_whole(stamps, json.dumps(known, indent=1) + "\n")
    return pages, failed


def _form() -> str:
    """The text of the template and its style; the code that fills it is in each key already."""
    found = sorted((paths.ROOT / "autograder" / "templates" / "feedback").iterdir())
    return "".join(path.read_text(encoding="utf-8") for path in found)


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """`autograder feedback LAB`"""
    parser = subparsers.add_parser("feedback", help="write the pages that students get back")
    parser.add_argument("lab", help="name of the lab, as lab01_bigram")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write the pages and say where they are."""
    pages, failed = feedback(args.lab)
    for student, why in sorted(failed.items()):
        print(f"  {student}: NO PAGE: {why}")
    if not pages and not failed:
        raise UserError(f"{args.lab}: nobody has a grade yet; grade the submissions first.")
    print(f"{args.lab}: {len(pages)} pages in {paths.course() / 'feedback'}")
    return 1 if failed else 0
