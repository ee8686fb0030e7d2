"""Hands what was collected to nbgrader's own zip_collect, which lays out course/submitted/.

course/downloaded/LAB/archive/ holds one well-formed notebook a student, under a name that the
collector plugin of nbgrader_config.py reads: so plain `nbgrader zip_collect LAB` lays out the same.
"""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

from nbgrader.apps import ZipCollectApp
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import capture_log

from autograder import course, handed_in, paths
from autograder.course import NbgraderError
from autograder.results import write_whole

CHANGED = "changed"  # the part of the archive that this run hands over


def hand_over(lab_name: str, notebooks: dict[str, tuple[str, datetime | None]]) -> None:
    """Lay out these submissions: student -> text of the notebook and when it was handed in.

    Raises NbgraderError with what nbgrader logged.
    """
    if not notebooks:
        return
    folder = paths.course() / "downloaded" / lab_name
    archive, changed = folder / "archive", folder / CHANGED
    shutil.rmtree(changed, ignore_errors=True)
    changed.mkdir(parents=True)
    archive.mkdir(exist_ok=True)
    before: dict[str, list[Path]] = {}
    for path in archive.iterdir():
        before.setdefault(path.name.partition("+")[0], []).append(path)
    for student, (text, time) in notebooks.items():
        name = handed_in.archived(student, lab_name, time)
        write_whole(archive / name, text)
        shutil.copy(archive / name, changed / name)
        for old in before.get(student, []):
            if old.name != name:
                old.unlink()
    _zip_collect(lab_name)
    for step in (changed, folder / "extracted"):
        shutil.rmtree(step, ignore_errors=True)


def _zip_collect(lab_name: str) -> None:
    chosen = course.config()
    app = ZipCollectApp(
        coursedir=CourseDirectory(config=chosen, assignment_id=lab_name), config=chosen
    )
    app.archive_directory = CHANGED
    for handler in list(app.log.handlers):
        app.log.removeHandler(handler)  # it says four lines a file; they are kept for an error
    done = capture_log(app)
    if not done["success"]:
        lines = (done.get("log", "") + done.get("error", "")).strip().splitlines()[-12:]
        raise NbgraderError("\n  ".join([f"{lab_name}: nbgrader zip_collect stopped:", *lines]))


def enter(names: dict[str, str]) -> None:
    """Tell the gradebook what students are called: id -> name, of those who are new."""
    if not names:
        return
    with course.gradebook() as gradebook:
        known = {student.id: student for student in gradebook.students}
        for id, name in names.items():
            first, _, last = name.rpartition(" ")
            if id not in known:
                gradebook.add_student(id, first_name=first or None, last_name=last)
            elif not known[id].last_name:
                gradebook.update_or_create_student(id, first_name=first or None, last_name=last)
