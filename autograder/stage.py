"""The folders that a jail is laid out in.

A nursery has one `code` for all its submissions, read only; each submission has a folder of its own
with `run` (sockets, the one thing that both sides see) and `work` (the notebook's own).
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from autograder import graded

ROOT = Path(__file__).resolve().parents[1]
PREFIX = "gptlab-"
# All of autograder that a student's process sees.
INSIDE = (
    "__init__.py",
    "agent.py",
    "census.py",
    "linux.py",
    "nursery.py",
    "syscalls.py",
    "values.py",
    "verbs.py",
    "warden.py",
    "wire.py",
)
STUB = '''"""Covered while this lab is graded: it holds the lab's own answers."""


def __getattr__(name):
    raise ImportError(f"{__name__} is covered while this lab is graded")
'''
CHECKS = '''"""While a lab is graded its checks do nothing: what they compare with is right, too."""


class _Silent:
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *args, **kwargs: None


def __getattr__(name):
    if not name.startswith("lab"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return _Silent()
'''


@dataclass(frozen=True)
class Stage:
    """One nursery's folders."""

    root: Path

    @property
    def code(self) -> Path:
        """What is imported: the half inside, and gptlab with stubs for answers and for checks."""
        return self.root / "code"

    @property
    def submissions(self) -> Path:
        """A folder for each."""
        return self.root / "each"

    def environment(self) -> dict[str, str]:
        """Everything that the kernel's environment holds; nothing of the grader's own."""
        kept = {name: os.environ[name] for name in ("LANG", "TZ") if name in os.environ}
        own = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": "/tmp",
            "USER": "student",
            "PYTHONPATH": str(self.code),
            "PYTHONDONTWRITEBYTECODE": "1",
            # Memory in large pages, as linux.gather_pages does for Python's own: a fork, of which a
            # submission has twenty, copies the list of its pages, and that becomes short.
            # One arena: each thread's own would take 128 MB of what a submission may address.
            "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1:glibc.malloc.arena_max=1",
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
            "MPLCONFIGDIR": str(self.code / "matplotlib"),
            "IPYTHONDIR": "/tmp/ipython",
        }
        return kept | graded.ENVIRONMENT | own


@contextmanager
def stage(covers: Sequence[str]) -> Iterator[Stage]:
    """Lay out the folders of a nursery; `covers`: modules of gptlab that become stubs.

    A lock tells a later run that they are in use: what a killed run left is taken away.
    """
    sweep(Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as folder:
        made = Stage(Path(folder))
        with (made.root / "making").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            os.rename(lock.name, made.root / "lock")  # from here on `sweep` sees it, and it is held
            made.submissions.mkdir()
            _lay_out(made.code, covers)
            yield made


def sweep(folder: Path) -> None:
    """Take away stages whose run is gone."""
    for left in folder.glob(f"{PREFIX}*/lock"):
        with suppress(OSError), left.open("r+") as lock:  # another user's, or just gone
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(left.parent, ignore_errors=True)


def _lay_out(code: Path, covers: Sequence[str]) -> None:
    (code / "autograder").mkdir(parents=True)
    for name in INSIDE:
        shutil.copy(ROOT / "autograder" / name, code / "autograder" / name)
    skip = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "gptlab", code / "gptlab", ignore=skip)
    shutil.copy(ROOT / "gpt_download.py", code)
    for module in covers:
        place = code.joinpath(*module.split("."))
        if place.is_dir():  # a package goes with all that is in it
            shutil.rmtree(place)
        place.with_suffix(".py").write_text(STUB)
    checks = code / "gptlab" / "checks"
    for path in checks.glob("lab*.py"):
        path.unlink()
    (checks / "__init__.py").write_text(CHECKS)
    _copy_font_list(code / "matplotlib")


def _copy_font_list(folder: Path) -> None:
    """matplotlib spends a second on listing fonts unless it finds its list."""
    import matplotlib
    import matplotlib.font_manager

    folder.mkdir()
    for path in Path(matplotlib.get_cachedir()).glob("fontlist*.json"):
        shutil.copy(path, folder)
