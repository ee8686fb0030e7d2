"""The memory of a whole submission, limited by the system where it lets this user say so.

A control group (cgroups(7)) counts all processes of a submission together, and the system ends one
of them when they hold too much. The warden's census counts them everywhere, but only a few times a
second. Of version 2 a group is needed that this user owns: root's, or one that systemd delegates,
as it does for the programs of a desktop session. Version 1 is root's.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import psutil

MOUNT, OWN = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")
PREFIX = "gptlab-"
FILES = {1: ("memory.limit_in_bytes", "memory.oom_control"), 2: ("memory.max", "memory.events")}
ENDING = 2  # seconds that the system has to notice that a group's last process is gone
_numbers = itertools.count()


@dataclass(frozen=True)
class Group:
    """A control group, of version 1 or 2."""

    folder: Path
    version: int

    def limit(self, size: int) -> None:
        """Let its processes hold so many bytes together. Raises OSError."""
        (self.folder / FILES[self.version][0]).write_text(str(size))

    def take(self, pid: int) -> None:
        """Put a process into it; what that starts from then on is in it too. Raises OSError."""
        (self.folder / "cgroup.procs").write_text(str(pid))

    def overflowed(self) -> bool:
        """Whether the system had to end one of its processes."""
        with suppress(OSError):  # it is gone, or counts in another way
            lines = (self.folder / FILES[self.version][1]).read_text().splitlines()
            return any(int(n) for name, n in map(str.split, lines) if name == "oom_kill")
        return False


@contextmanager
def group(size: int) -> Iterator[Group | None]:
    """A group for one submission, with so many bytes; None where none can be had."""
    above = parent()
    if above is None:
        yield None
        return
    made = _make(above)
    try:
        made.limit(size)
        yield made
    finally:
        _remove(made)


@lru_cache(maxsize=1)
def parent() -> Group | None:
    """The group that groups can be made in, tried; None where there is no such one."""
    for above in _candidates():
        _sweep(above.folder)
        try:
            made = _make(above)
        except OSError:  # not ours
            continue
        with subprocess.Popen(["sleep", "60"]) as other:
            try:
                made.limit(2**30)
                made.take(other.pid)
                return above
            except OSError:  # ours, but without a say in memory, or in where this process is
                continue
            finally:
                other.kill()
                other.wait()
                _remove(made)
    return None


def _candidates() -> Iterator[Group]:
    """This process's own groups and those above them, from the inside out."""
    for line in OWN.read_text().splitlines() if OWN.exists() else ():
        _, controllers, path = line.split(":", 2)
        if controllers not in ("", "memory"):
            continue
        version = 1 if controllers else 2
        top = MOUNT / controllers
        own = top / path.lstrip("/")
        for folder in (own, *own.parents):
            if folder.is_relative_to(top) and (folder / "cgroup.procs").exists():
                yield Group(folder, version)


def _make(above: Group) -> Group:
    made = Group(above.folder / f"{PREFIX}{os.getpid()}-{next(_numbers)}", above.version)
    made.folder.mkdir()
    return made


def _remove(made: Group) -> None:
    until = time.monotonic() + ENDING
    while made.folder.exists():
        try:
            made.folder.rmdir()
        except OSError:  # its last process is just ending
            if time.monotonic() > until:
                return  # the next run sweeps it
            time.sleep(0.01)


def _sweep(folder: Path) -> None:
    """Take away the groups of runs that were killed."""
    for left in folder.glob(f"{PREFIX}*"):
        if not psutil.pid_exists(int(left.name.split("-")[1])):
            with suppress(OSError):  # still in use, or just gone
                left.rmdir()
