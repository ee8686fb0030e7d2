"""The class page of the love letters: `letters LAB`, from what was collected.

Nothing of a student's is executed: the answer cell must be one assignment of plain values, which
`ast.literal_eval` reads. A letter is shown where `agree` is True, and on no other word. Of its text
nothing but characters reaches the page: whatever could mean something to a browser or to Markdown
is written as a number.
"""

from __future__ import annotations

import argparse
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode
from rich.markup import escape
from rich.table import Table

from autograder import collect, console, notebooks, paths
from autograder.errors import UserError
from autograder.handed_in import printable
from autograder.notebooks import CollectError
from autograder.results import write_whole
from gptlab.letter import Letter, read, value_of

CELL = "answer-letter"  # the answer cell's id
MOST_FILE = 50_000_000  # bytes of a notebook
PICKS = {"romantic": "The most romantic", "funniest": "The funniest", "clumsiest": "The clumsiest"}
PAGE = Path(__file__).parent / "templates" / "letters.html"


@dataclass
class Class:
    """The letters of a class: those that may be shown, and why each other one is not."""

    shown: dict[str, Letter] = field(default_factory=dict)  # student -> letter
    kept: list[str] = field(default_factory=list)  # who did not agree
    problems: dict[str, str] = field(default_factory=dict)  # student -> why there is none


def gather(lab_name: str) -> Class:
    """Read all collected submissions of a lab. Raises UserError where there are none."""
    students = collect.students(lab_name)
    if not students:
        raise UserError(
            f"{lab_name}: nothing was collected in {paths.course() / 'submitted'}. First: "
            f"python -m autograder collect {lab_name} SOURCE"
        )
    found = Class()
    for student in students:
        try:
            letter = read(value_of(answer(collect.submission(lab_name, student))))
        except (CollectError, ValueError) as error:
            found.problems[student] = printable(str(error))[:200]
            continue
        if letter.agree is True:
            found.shown[student] = letter
        else:
            found.kept.append(student)
    return found


def answer(path: Path) -> str:
    """The code of the one answer cell of a notebook. ValueError, CollectError."""
    if path.stat().st_size > MOST_FILE:
        raise ValueError(f"a notebook of more than {MOST_FILE:,} bytes")
    nb = notebooks.parse(path.read_bytes(), path.name)
    cells = [cell.source for cell in nb.cells if _id(cell) == CELL]
    if len(cells) != 1:
        raise ValueError(f"{len(cells)} cells {CELL}, expected one")
    return cells[0]


def _id(cell: NotebookNode) -> object:
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def picked(found: Class, asked: Mapping[str, str | None]) -> dict[str, str]:
    """pick -> student, of those who agreed. A student is named by id, or by the name shown."""
    made = {}
    for pick, name in asked.items():
        if name is None:
            continue
        named = [one for one, letter in found.shown.items() if letter.name == name]
        named = [name] if name in found.shown else named
        if len(named) != 1:
            why = "several are called so" if named else "no letter to show"
            why = "did not agree to be shown" if name in found.kept else why
            raise UserError(f"--{pick} {name}: {why}. Expected one of: {', '.join(found.shown)}")
        made[pick] = named[0]
    return made


def plain(text: str) -> str:
    """Text without characters that are not to be seen, and with few marks on a letter."""
    made, marks = [], 0
    for one in unicodedata.normalize("NFC", text.replace("\r\n", "\n").expandtabs(4)):
        kind = unicodedata.category(one)
        marks = marks + 1 if kind in ("Mn", "Me") else 0
        if kind == "Cf" or marks > 2:  # it would turn the reading direction, or cover its page
            continue
        made.append(one if one == "\n" or one.isprintable() else "\ufffd")
    return "".join(made)


def safe(text: str) -> str:
    """A text as HTML and as Markdown in which nothing has a meaning: all but letters in numbers."""
    return "".join(one if one == " " or one.isalnum() else f"&#{ord(one)};" for one in plain(text))


def _shown(letter: Letter) -> str:
    """HTML of a letter, one line, so that Markdown leaves it alone."""
    name = safe(letter.name).strip() or "somebody who gave no name"
    options = " ".join(f"--{key}={value}" for key, value in letter.settings.items())
    return (
        f'<figure class="letter"><pre>{safe(letter.letter)}</pre><figcaption><b>{name}</b>'
        f"<br>prompt: <q>{safe(letter.prompt)}</q><br><code>{safe(options)}</code>"
        "</figcaption></figure>"
    )


def parts(found: Class, picks: Mapping[str, str]) -> list[tuple[str, list[str]]]:
    """(heading, letters as HTML): the picks, then all others in the order of their names."""
    made = [(title, [_shown(found.shown[picks[pick]])])
            for pick, title in PICKS.items() if pick in picks]  # fmt: skip
    others = [letter for one, letter in found.shown.items() if one not in picks.values()]
    others.sort(key=lambda letter: (not letter.name, letter.name.casefold(), letter.letter))
    if others:
        made.append(("All the others" if picks else "The letters", list(map(_shown, others))))
    return made


def write(lab_name: str, found: Class, picks: Mapping[str, str]) -> list[Path]:
    """The page as HTML that needs nothing else, and as Markdown for the site."""
    folder = paths.course() / "letters"
    made = parts(found, picks)
    body = "\n".join(f"<h2>{title}</h2>\n" + "\n".join(letters) for title, letters in made)
    text = "\n\n".join("\n\n".join([f"## {title}", *letters]) for title, letters in made)
    page = PAGE.read_text(encoding="utf-8").replace("BODY", body, 1)
    files = {"html": page, "md": f"# Love letters\n\n{text}\n"}
    for ending, whole in files.items():
        write_whole(folder / f"{lab_name}.{ending}", whole)
    return [folder / f"{lab_name}.{ending}" for ending in files]


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """`autograder letters LAB [--romantic STUDENT] [--funniest STUDENT] […]`"""
    parser = subparsers.add_parser("letters", help="make the class page of the love letters")
    parser.add_argument("lab", help="name of the lab, as lab11_sampling")
    for pick, title in PICKS.items():
        parser.add_argument(f"--{pick}", metavar="STUDENT", help=f"{title.lower()} letter's")
    parser.add_argument(
        "--without", action="append", default=[], metavar="STUDENT", help="leave this letter out"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write the page, and say whose letter is on it and whose is not."""
    found = gather(args.lab)
    for student in args.without:
        if found.shown.pop(student, None) is None:
            raise UserError(f"--without {student}: there is no letter of this student to leave out")
    _tell(args.lab, found)
    if not found.shown:
        for ending in ("html", "md"):  # those who are on it have changed their minds
            (paths.course() / "letters" / f"{args.lab}.{ending}").unlink(missing_ok=True)
        raise UserError(f"{args.lab}: nobody's letter may be shown, so there is no page.")
    files = write(args.lab, found, picked(found, {pick: getattr(args, pick) for pick in PICKS}))
    count = f"{len(found.shown)} letter{'s' * (len(found.shown) > 1)}"
    print(f"{args.lab}: {count} in {' and '.join(map(str, files))}")
    if not any(getattr(args, pick) for pick in PICKS):
        print("To name three of them: --romantic STUDENT --funniest STUDENT --clumsiest STUDENT")
    return 0


def _tell(lab_name: str, found: Class) -> None:
    table = Table(title=f"{lab_name}: who has a letter to show")
    for name in ("student", "name shown", "how it begins"):
        table.add_column(name)
    for student, letter in found.shown.items():
        begin = (letter.name, " ".join(letter.letter.split()))
        table.add_row(student, *(escape(printable(text)[:40]) for text in begin))
    if found.shown:
        console.show(table)
    for student, why in found.problems.items():
        print(f"  {student}: no letter: {why}")
    if found.kept:
        print(f"  did not agree to be shown: {', '.join(found.kept)}")
