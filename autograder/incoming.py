"""What lies in a folder or a zip that somebody else made, read where it is and never unpacked.

Every file comes out as something that a student handed in, which may be a problem with a name, or
as a file that was left alone, with the reason. Nothing is read before it is asked for.
"""

from __future__ import annotations

import io
import os
import re
import stat
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath

from nbgrader.utils import parse_utc

from autograder import beside, handed_in, notebooks, source
from autograder.errors import UserError
from autograder.handed_in import Name
from autograder.notebooks import CollectError

MOST_FILES = 50_000  # in a folder or zip: of a class of thousands
MOST_IN_ONE = 1_000  # files in a zip that one student handed in,
MOST_BOOKS = 20  # and notebooks among them
MOST_UNPACKED = 20 * 10**9  # bytes of one zip in all
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError,
           ValueError, OSError)  # fmt: skip  # what zipfile raises of a member
ARCHIVES = (".zip", ".7z", ".rar", ".gz", ".tar", ".tgz", ".bz2", ".xz")
DOWNLOADED = timedelta(minutes=10)  # dates of a whole class this near are the download's


@dataclass(frozen=True)
class Found:
    """One file as it lies there: its path as said, its time, how to read it or why not."""

    path: str
    time: datetime | None
    read: Callable[[], bytes]
    problem: str = ""

    @property
    def parts(self) -> tuple[str, ...]:
        return PurePosixPath(self.path.replace("\\", "/")).parts


@dataclass(frozen=True)
class Handed:
    """One file that a student handed in."""

    who: Name
    found: Found

    @property
    def is_notebook(self) -> bool:
        """Might this be a notebook, from its name? Browsers save them as .json and .txt too."""
        name = self.who.file.lower()
        return ".ipynb" in name or name.endswith((".json", ".zip"))

    @property
    def order(self) -> tuple:
        """Sorts the hand-ins of one student, the newest last."""
        time = self.found.time or datetime.min.replace(tzinfo=UTC)
        canvas = self.who.order if self.who.system == "canvas" else 0
        return (canvas, time, self.who.order, self.found.path)


@dataclass
class Incoming:
    """All files: handed in, nobody's (path -> why), and left alone (path -> why)."""

    handed: list[Handed] = field(default_factory=list)
    nobody: dict[str, str] = field(default_factory=dict)
    ignored: dict[str, str] = field(default_factory=dict)
    dates_known: bool = True


@contextmanager
def opened(where: Path, lab_name: str) -> Iterator[Incoming]:
    """The files of a folder or a zip, as long as it is open. Raises UserError for neither."""
    if where.is_dir():
        yield sort(list(_in_folder(where)), lab_name)
    elif where.is_file() and zipfile.is_zipfile(where):
        try:
            archive = zipfile.ZipFile(where)
        except (zipfile.BadZipFile, OSError, ValueError) as error:
            raise UserError(f"{where}: a damaged zip ({error}). Download it again.") from error
        with archive:
            yield sort(list(_in_zip(archive, MOST_FILES, where.name)), lab_name)
    else:
        raise UserError(f"{where}: {_no_source(where)}")


def _no_source(where: Path) -> str:
    if not where.exists():
        return "found no folder and no zip of this name."
    if where.suffix.lower() == ".zip":
        return "no zip, or one that is cut short. Download it again."
    if where.suffix.lower() in ARCHIVES:
        return f"cannot read {where.suffix} files: unpack it, and give the folder."
    return "found no folder and no zip; put the file into a folder, and give that."


def sort(files: list[Found], lab_name: str) -> Incoming:
    """Say of each file whose it is, or why it is nobody's."""
    made = Incoming()
    rest: list[Found] = []
    for found in files:
        if not found.parts or handed_in.hidden(found.parts):
            made.ignored[found.path] = "not handed in by anyone: hidden, or of some program"
        elif found.problem and _climbs(found.path):
            made.nobody[found.path] = found.problem
        elif who := handed_in.moodle(found.parts, lab_name):
            made.handed.append(Handed(who, found))
        else:
            rest.append(found)
    top = _shared_folder(rest)
    own = [*beside.released(lab_name)]
    for found in rest:
        parts = found.parts[1:] if top else found.parts
        others = {*source.labs()} - {lab_name}
        who = handed_in.canvas(parts[0]) if len(parts) == 1 else None
        who = who or handed_in.plain(parts, lab_name, own)
        stem = handed_in.bare(parts[-1])
        if others & set(parts) or (len(parts) == 1 and stem.endswith(tuple(others) or "\0")):
            made.ignored[found.path] = "of another lab"
        elif who is None:
            made.nobody[found.path] = (
                "does not say whose it is, expected the student's name in the file's or the "
                "folder's. Rename it and collect again."
            )
        else:
            made.handed.append(Handed(who, found))
    return _without_false_dates(made)


def _shared_folder(files: list[Found]) -> bool:
    """Do all files lie in one folder that is the class's and not a student's?"""
    tops = {found.parts[0] for found in files if len(found.parts) > 1}
    if len(tops) != 1 or any(len(found.parts) == 1 for found in files):
        return False
    if tops & set(handed_in.STEPS):
        return False
    books = [found.parts[1:] for found in files if found.parts[-1].lower().endswith(".ipynb")]
    return len({handed_in.bare(parts[0]) for parts in books}) > 1


def _without_false_dates(made: Incoming) -> Incoming:
    """Learning systems date what they export by the download: no time is better than that one."""
    times = [one.found.time for one in made.handed if one.who.system != "plain" and one.found.time]
    canvas = any(one.who.system == "canvas" for one in made.handed)
    if times and (canvas or (len(times) > 1 and max(times) - min(times) < DOWNLOADED)):
        made.dates_known = False
        made.handed = [
            one if one.who.system == "plain"
            else replace(one, found=replace(one.found, time=None))
            for one in made.handed
        ]  # fmt: skip
    return made


def _in_folder(where: Path) -> Iterator[Found]:
    count = 0
    for folder, folders, files in os.walk(where):  # follows no links
        folders.sort()
        linked = [name for name in folders if Path(folder, name).is_symlink()]
        stamp = _stamp(Path(folder, "timestamp.txt")) if "timestamp.txt" in files else None
        for name in sorted(files + linked):
            count += 1
            if count > MOST_FILES:
                raise UserError(f"{where}: over {MOST_FILES} files, expected one lab of one class.")
            path = Path(folder, name)
            said = path.relative_to(where).as_posix()
            try:
                state = path.lstat()
            except OSError as error:
                yield Found(said, None, bytes, f"cannot be read ({error.strerror})")
                continue
            time = stamp or datetime.fromtimestamp(state.st_mtime, UTC)
            yield Found(said, time, lambda path=path: _read_file(path), _odd(state.st_mode))


def _odd(mode: int) -> str:
    if stat.S_ISLNK(mode):
        return "a link to another file, which is not followed. Ask for the file itself."
    if not stat.S_ISREG(mode):
        return "no plain file (a device or a pipe); it was not opened."
    return ""


def _stamp(path: Path) -> datetime | None:
    """When nbgrader says that the files beside this one came; None where it cannot be read."""
    try:
        return parse_utc(path.read_text(encoding="utf-8")[:100].strip()).replace(tzinfo=UTC)
    except (OSError, ValueError, OverflowError):
        return None


def _read_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(notebooks.MOST_BYTES + 1)
    except OSError as error:
        raise CollectError(f"{path.name}: cannot be read ({error.strerror}).") from error


def _in_zip(archive: zipfile.ZipFile, most: int, name: str) -> Iterator[Found]:
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(members) > most:
        raise UserError(f"{name}: found {len(members)} files in it, expected at most {most}.")
    unpacked = 0
    for member in members:
        said = _name(member)
        problem = _climbs(said) or _odd(stat.S_IFMT(member.external_attr >> 16) or stat.S_IFREG)
        if member.flag_bits & 1:
            problem = problem or "locked with a password. Ask for it without one."
        unpacked += min(member.file_size, notebooks.MOST_BYTES)
        if unpacked > MOST_UNPACKED:
            problem = problem or f"not read: {name} unpacks to over {MOST_UNPACKED // 10**9} GB."
        yield Found(said, _date(member), lambda one=member: _read(archive, one), problem)


def _name(member: zipfile.ZipInfo) -> str:
    """A member's name; many programs write UTF-8 without saying so."""
    name = member.orig_filename  # as written: zipfile cuts at a NUL
    if not member.flag_bits & 0x800:
        with suppress(UnicodeError):  # it was what it said
            name = name.encode("cp437").decode("utf-8")
    return unicodedata.normalize("NFC", name).replace("\\", "/")


def _climbs(name: str) -> str:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if ".." in parts or name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name):
        return (
            "its name leads out of the zip (as ../ or C:\\ do), so it was not read. "
            "No learning system writes such names: find out who made this file."
        )
    return ""


def _date(member: zipfile.ZipInfo) -> datetime | None:
    """Zip files have no time zone: taken for the one of this machine."""
    try:
        return datetime(*member.date_time).astimezone(UTC)
    except (ValueError, OverflowError, OSError):  # some programs write zeros
        return None


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """A member's bytes. Raises CollectError where it is damaged."""
    try:
        with archive.open(member) as file:  # stops at the size that the zip states
            return file.read(notebooks.MOST_BYTES + 1)
    except DAMAGED as error:
        name = PurePosixPath(_name(member)).name
        raise CollectError(
            f"{name}: damaged inside the zip ({error}). Download it again, or ask for the file."
        ) from error


def inside(one: Handed, data: bytes) -> list[Handed]:
    """The files in a zip that a student handed in, the newest last. Raises CollectError."""
    name = PurePosixPath(one.who.file).name
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        files = list(_in_zip(archive, MOST_IN_ONE, name))
    except (UserError, *DAMAGED) as error:
        raise CollectError(f"{name}: a zip that cannot be read ({error}).") from error
    made = []
    for found in files:
        parts = found.parts
        if parts and not handed_in.hidden(parts):
            inner = replace(one.who, file=parts[-1], order=handed_in.copy_number(parts[-1]))
            made.append(Handed(inner, replace(found, path=f"{one.found.path} > {found.path}")))
    return sorted(made, key=lambda one: one.order)


def unzipped(one: Handed, data: bytes) -> list[Handed]:
    """The notebooks in a zip that a student handed in. Raises CollectError for none."""
    name, files = PurePosixPath(one.who.file).name, inside(one, data)
    made = [each for each in files if each.who.file.lower().endswith(".ipynb")]
    if len(made) > MOST_BOOKS:
        raise CollectError(f"{name}: a zip of {len(made)} notebooks, expected the lab's one.")
    if not made:
        kinds = Counter(PurePosixPath(each.who.file).suffix or "no ending" for each in files)
        there = ", ".join(f"{many} × {kind}" for kind, many in sorted(kinds.items())) or "nothing"
        raise CollectError(f"{name}: a zip with no notebook in it, but {there}.")
    return made
