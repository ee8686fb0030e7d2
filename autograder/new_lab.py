"""`autograder new-lab NAME`: a small working lab to start from.

It writes the five files of a lab, with real content about one small function; then it runs and
releases the lab, so that `autograder try NAME` passes at once.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from pathlib import Path

from autograder import figures, release, source
from autograder.errors import UserError
from autograder.paths import ROOT

NAME = re.compile(r"lab\d\d_[a-z][a-z0-9]*(_[a-z0-9]+)*")
SKELETON = Path(__file__).parent / "skeleton"
FILES = {  # in skeleton/: where it goes
    "solution.py": "solutions/{}.py",
    "hidden.py": "autograder/hidden/{}.py",
    "mistakes.py": "autograder/mistakes/{}.py",
    "checks.py": "gptlab/checks/{}.py",
    "causes.py": "gptlab/checks/causes/{}.py",
}


def new_lab(name: str, root: Path = ROOT) -> list[Path]:
    """Write the files of a new lab; gives them. Raises UserError before anything is written."""
    if not NAME.fullmatch(name):
        raise UserError(f"{name}: expected a name like lab04_tokenizers: lab, two digits, _, a-z.")
    targets = {part: root / where.format(name) for part, where in FILES.items()}
    for path in targets.values():
        if path.exists():
            raise UserError(f"{path.relative_to(root)} is there already: choose another name.")
    number = name[:5]
    taken = [lab for lab in source.labs(root) if lab[:5] == number]
    if taken:
        raise UserError(f"{name}: the number is taken by {taken[0]}; choose another.")
    for part, path in targets.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_filled(part, name), encoding="utf-8")
    return list(targets.values())


def _filled(part: str, name: str) -> str:
    text = (SKELETON / part).read_text(encoding="utf-8")
    return re.sub(r"\bLAB\b", name, text)


def start(name: str, root: Path = ROOT, say: Callable[[str], None] = print) -> None:
    """Write a new lab, run it once for its pictures and seconds, and release it."""
    for path in new_lab(name, root):
        say(f"wrote {path.relative_to(root)}")
    lab = source.load(name, root)
    figures.make(lab, root, say)
    for path in release.write(lab, root):
        say(f"wrote {path.relative_to(root) if path.is_relative_to(root) else path}")
    say(f"Next: edit solutions/{name}.py and its tests; then python -m autograder try {name}")
    say(f"For its page on the site, name labs/{name}/{name} in book/_toc.yml")


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """`autograder new-lab NAME`"""
    parser = subparsers.add_parser("new-lab", help="write a small working lab to start from")
    parser.add_argument("name", help="lab, two digits, _ and a word: lab99_name")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write the lab and say what was done."""
    start(args.name, say=lambda line: print(line, flush=True))
    return 0
