"""Whose a file is, from the name that a learning system or a person gave it.

Moodle writes NAME_NUMBER_assignsubmission_file/WORK.ipynb (older ones end the folder with a `_`, or
make one file name of it); seen in mod/assign/classes/downloader.php. NUMBER belongs to one
assignment: the same student has another one in the next lab.
Canvas writes nameoffamilyfirst_LATE_USER_FILE_WORK.ipynb; seen in lib/content_zipper.rb. USER stays
the same for a student, FILE grows with time. Marked blindly, the name is `anon` and a code.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath

STUDENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,99}")  # what nbgrader's folders bear
STEPS = ("submitted", "autograded", "feedback", "release", "source")  # nbgrader's folders
MOODLE = re.compile(
    r"(?P<name>.+?)(?:_(?P<number>\d+))?_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<file>.*))?"
)
CANVAS = re.compile(
    r"(?:(?!LATE_|late_)(?P<name>[^\W_]\w*?)_)?(?:(?P<late>LATE|late)_)?(?P<user>[1-9]\d{2,}|anon_[0-9A-Za-z]+)_"
    r"(?:(?P<number>[1-9]\d{3,})_(?P<file>.+)|(?P<text>(?:text|link)\.html))"
)
LETTERS = str.maketrans({
    "ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L",
    "đ": "d", "Đ": "D", "ð": "d", "þ": "th", "ı": "i", "'": "", "’": "", "`": "", "´": "",
})  # fmt: skip  # what Unicode does not take apart
HIDDEN = ("__MACOSX", "__pycache__", "Thumbs.db", "desktop.ini")
# Names for nbgrader's own collector, which nbgrader_config.py gives this pattern.
ARCHIVED = r".*[/\\](?P<student_id>[\w.@-]+)\+(?:(?P<timestamp>\w+)\+)?(?P<file_id>\w+)\.ipynb$"


@dataclass(frozen=True)
class Name:
    """What a name says. `key` tells students apart, `wanted` is the id that they would have."""

    key: str
    wanted: str
    full: str = ""  # a name that people use
    suffix: str = ""  # tells two of the same name apart
    system: str = "plain"
    file: str = ""  # what the student called it
    late: bool = False
    text: bool = False  # typed into the system's own page: no file
    order: int = 0  # of two files the later one, where the system says it


def hidden(parts: tuple[str, ...]) -> bool:
    """A file that some program put there and nobody handed in?"""
    return parts[-1] == "timestamp.txt" or any(
        (part.startswith(".") and part != "..") or part in HIDDEN for part in parts
    )


def moodle(parts: tuple[str, ...], lab_name: str) -> Name | None:
    """The name in a path as Moodle writes it."""
    for at, part in enumerate(parts):
        found = MOODLE.fullmatch(part)
        if not found:
            continue
        full = printable(found["name"])
        number = found["number"] or ""
        wanted = slug(full)
        if number and " " not in full:  # "Participant", or one name: the number tells them apart
            wanted = f"{wanted}_{number}"
        rest = parts[at + 1 :]
        return Name(
            f"moodle/{lab_name}/{number or full}",
            wanted,
            full,
            number,
            "moodle",
            "/".join(rest) if rest else found["file"] or part,
            text=found["kind"] != "file",
            order=copy_number(rest[-1] if rest else part),
        )
    return None


def canvas(file: str) -> Name | None:
    """The name in a file's name as Canvas writes it."""
    found = CANVAS.fullmatch(unicodedata.normalize("NFC", file))
    if not found:
        return None
    user = found["user"]
    blind = user.startswith("anon_")
    if not blind and not found["name"]:
        return None
    return Name(
        f"canvas/{user}",
        user if blind else f"{slug(found['name'])}_{user}",
        system="canvas",
        file=found["file"] or found["text"],
        late=bool(found["late"]),
        text=bool(found["text"]),
        order=int(found["number"] or 0),
    )


def of_file(file: str, wanted: str) -> re.Match | None:
    """Is this the file `wanted`, as browsers and learning systems rename it: `ada_model-1.py`?

    The group `who` holds what stands before it.
    """
    stem = re.escape(wanted.removesuffix(".py"))
    copied = r"(?:[-_ ]?\(?\d{1,3}\)?)?"
    return re.fullmatch(rf"(?s:(?P<who>.*)[ _+/-])?{stem}{copied}\.py(?:\.txt)?", file)


def plain(parts: tuple[str, ...], lab_name: str, own: Collection[str] = ()) -> Name | None:
    """The name in STUDENT.ipynb, STUDENT_LAB.ipynb, STUDENT/... or nbgrader's own tree.

    own: the lab's files, which may come as STUDENT_FILE. None where there is nothing but nbgrader's
    folders and the names of lab and file.
    """
    parts = tuple(part for part in parts if part not in (*STEPS, lab_name, ""))
    if not parts:
        return None
    said = unicodedata.normalize("NFC", parts[0])
    for found in (of_file(parts[0], file) for file in own if len(parts) == 1):
        said = (found["who"] or "") if found else said
    if len(parts) == 1:
        said = bare(said)
        said = re.sub(rf"(?:^|[ _+-]+){re.escape(lab_name)}(?:[ _-]*\(?\d+\)?)?$", "", said)
    said = said.strip()
    if not said:
        return None
    if STUDENT.fullmatch(said):
        return Name(f"plain/{said}", said, file=parts[-1], order=copy_number(parts[-1]))
    mark = hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:6]
    return Name(f"plain/{said}", slug(said), printable(said), mark, file=parts[-1],
                order=copy_number(parts[-1]))  # fmt: skip


def printable(text: str) -> str:
    """A name without what would disturb a terminal or a page, as control characters."""
    normal = unicodedata.normalize("NFC", text)
    return "".join(one if one.isprintable() else "?" for one in normal).strip()


def bare(file: str) -> str:
    """A file's name without its endings: browsers save `x.ipynb.txt`."""
    return re.sub(r"(?i)(\.ipynb)?\.(ipynb|json|txt|zip|html?|py|pdf)$", "", file)


def copy_number(file: str) -> int:
    """The 2 of `lab-2.ipynb` and `lab (2).ipynb`, as repeated hand-ins are named."""
    found = re.search(r"(?:-| ?\()(\d{1,3})\)?$", bare(PurePosixPath(file).name))
    return int(found[1]) if found else 0


def slug(name: str) -> str:
    """A name in the letters that a student id may have: `Zoë O'Neill` is `zoe_oneill`."""
    simple = unicodedata.normalize("NFKD", name.translate(LETTERS))
    simple = "".join(one for one in simple if not unicodedata.combining(one))
    made = re.sub(r"[^A-Za-z0-9.@-]+", "_", simple).strip("_.-@").lower()[:60]
    if made:
        return made
    return f"student_{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()[:6]}"


def archived(student: str, lab_name: str, time: datetime | None) -> str:
    """A name that ARCHIVED reads: `ada+20251004T120000Z+lab01_bigram.ipynb`."""
    when = f"{time.astimezone(UTC):%Y%m%dT%H%M%SZ}+" if time else ""
    return f"{student}+{when}{lab_name}.ipynb"
