"""Where things are: the checkout, and the course folder that git does not see."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def course() -> Path:
    """The folder of source/, submitted/, results/ and the gradebook; COURSE_ROOT overrides it."""
    return Path(os.environ.get("COURSE_ROOT") or ROOT / "course").resolve()


def results() -> Path:
    """The folder of result files; any of them can be made again."""
    return course() / "results"


def gradebook_url() -> str:
    """SQLAlchemy's address of the gradebook: GRADEBOOK_URL, or the SQLite file of the course."""
    return os.environ.get("GRADEBOOK_URL") or f"sqlite:///{course() / 'gradebook.db'}"
