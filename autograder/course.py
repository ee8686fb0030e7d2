"""All that this project asks of nbgrader's own code: register, autograde, feedback, export, scores.

nbgrader stays the system of record. Its converters are called in process, with the configuration
of nbgrader_config.py, so that a command here and the same `nbgrader ...` command do one thing.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde, GenerateAssignment, GenerateFeedback
from nbgrader.converters.base import BaseConverter
from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins import CsvExportPlugin
from nbgrader.utils import capture_log
from traitlets.config import Config, PyFileConfigLoader

from autograder import paths, release, source
from autograder.errors import UserError
from autograder.results import write_whole

REGISTERED = ".registered"  # what the gradebook was told of each lab, inside the course folder


class NbgraderError(UserError):
    """nbgrader could not do its part; the message ends with what it logged."""


@dataclass(frozen=True)
class Score:
    """One student's standing in one lab.

    `items`: grade id -> (score or None, max_score); `comments`: grade id -> a marker's words.
    """

    student: str
    score: float
    max_score: float
    pending: float
    items: dict[str, tuple[float | None, float]]
    comments: dict[str, str | None]


def config() -> Config:
    """nbgrader_config.py, as nbgrader reads it."""
    return PyFileConfigLoader("nbgrader_config.py", path=str(paths.ROOT)).load_config()


@contextmanager
def gradebook():
    """The gradebook, made where there is none. Raises NbgraderError where it cannot be had."""
    # nbgrader calls `alembic` by name; without it the first run leaves half a gradebook behind.
    here = str(Path(sys.executable).parent)
    if here not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([here, os.environ.get("PATH", "")])
    paths.course().mkdir(parents=True, exist_ok=True)
    with Gradebook(paths.gradebook_url()) as opened:
        yield opened


def register(lab_name: str) -> bool:
    """Tell the gradebook the cells of a lab; True if there was something to tell.

    Raises NbgraderError where real submissions were recorded against other cells.
    """
    lab = source.load(lab_name)
    path = paths.course() / "source" / lab_name / f"{lab_name}.ipynb"
    text = release.text_of(release.instructor_notebook(lab))
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        write_whole(path, text)
    stamp = paths.course() / REGISTERED / f"{lab_name}.sha256"
    digest = hashlib.sha256(text.encode()).hexdigest()
    with gradebook() as opened:
        try:
            opened.find_assignment(lab_name)
            known = stamp.is_file() and stamp.read_text() == digest
        except MissingEntry:
            known = False
    if not known:
        # labs/ is release's own: nbgrader's form of it, the same text, goes beside the gradebook.
        _run(GenerateAssignment, lab_name, release_directory=REGISTERED)
        write_whole(stamp, digest)
    return not known


def autograde(lab_name: str, student: str) -> None:
    """nbgrader's pass over one submission: scores into the gradebook. Raises NbgraderError."""
    _run(Autograde, lab_name, student)


def feedback(lab_name: str, student: str) -> Path:
    """Write the page that a student gets back; its path. Raises NbgraderError."""
    _run(GenerateFeedback, lab_name, student)
    return paths.course() / "feedback" / student / lab_name / f"{lab_name}.html"


def export(path: Path | None = None) -> Path:
    """nbgrader's CSV export of all labs and students."""
    path = path or paths.course() / "grades.csv"
    with gradebook() as opened:
        CsvExportPlugin(to=str(path)).export(opened)
    return path


def scores(lab_name: str) -> list[Score]:
    """What the gradebook says of everybody's submission of a lab, by student."""
    with gradebook() as opened:
        found = []
        for one in opened.assignment_submissions(lab_name):
            grades = [grade for notebook in one.notebooks for grade in notebook.grades]
            # nbgrader asks again for a mark after regrading, although the one given stands.
            waiting = [g for g in grades if g.needs_manual_grade and g.manual_score is None]
            items = {g.name: (None if g in waiting else g.score, g.max_score) for g in grades}
            pending = sum(grade.max_score for grade in waiting)
            comments = {c.name: c.comment for notebook in one.notebooks for c in notebook.comments}
            made = Score(one.student.id, one.score, one.max_score, pending, items, comments)
            found.append(made)
        return sorted(found, key=lambda score: score.student)


def forget(lab_name: str, students: set[str]) -> None:
    """Take these students' submissions of a lab out of the gradebook, and what was made of them."""
    with gradebook() as opened:
        for student in students:
            try:
                opened.remove_submission(lab_name, student)
            except MissingEntry:
                continue
    for student in students:
        for step in ("autograded", "feedback"):
            shutil.rmtree(paths.course() / step / student / lab_name, ignore_errors=True)


def _run(converter: Callable[..., BaseConverter], lab_name: str, student: str = ".",
         **directories: str) -> None:  # fmt: skip
    """One of nbgrader's converters over one submission, whatever stood there before."""
    with gradebook():
        pass  # made before the converter needs it: it would take a failure for the student's
    chosen = config()
    coursedir = CourseDirectory(config=chosen, assignment_id=lab_name, student_id=student)
    for name, value in directories.items():
        setattr(coursedir, name, value)
    app = converter(coursedir=coursedir, config=chosen)
    app.force = True
    done = capture_log(app)
    if not done["success"]:
        if done.get("error", "").rstrip().endswith("KeyboardInterrupt"):
            raise KeyboardInterrupt  # capture_log keeps it for itself
        log = done.get("log", "") or done.get("error", "")
        reason = log.strip().splitlines()[-12:]
        raise NbgraderError("\n  ".join([f"{lab_name}, {student}: nbgrader stopped:", *reason]))
