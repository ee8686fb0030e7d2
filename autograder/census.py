"""Counts what all processes of one submission use together: memory, processor, processes.

Limits of the system count one process at a time; a hundred small ones would pass under them.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autograder.warden import Order

TICKS = os.sysconf("SC_CLK_TCK")
MB = 2**20


class Census:
    """Looks at the processes in the process namespace of `first`; only at the clock if not jailed:
    there the namespace is everybody's.
    """

    def __init__(self, first: int, jailed: bool):
        self.first, self.jailed = first, jailed
        self.shared = _private_bytes(os.getpid())  # what every fork has, and shares
        self.seconds: dict[int, float] = {}  # process -> processor seconds when last seen

    def over(self, order: Order, elapsed: float) -> str:
        """Which budget is spent, in words; empty if none is."""
        if elapsed > order.wall:
            return f"it ran for more than {order.wall} s in all"
        if not self.jailed:
            return ""
        pids = self.members()
        used = 0
        for pid in pids:
            seconds = _seconds(pid)
            if seconds:
                self.seconds[pid] = seconds
            used += max(0, _private_bytes(pid) - self.shared)
        spent = sum(self.seconds.values())
        if spent > order.cpu:
            return f"it used more than {order.cpu} s of processor time"
        # That counts pages that forks share once for each: exact figures only where it is much.
        if used > order.memory * MB:
            used = sum(map(_proportional_bytes, pids))
            if used > order.memory * MB:
                return f"it used {used // MB:,} MB of memory (at most {order.memory:,} MB)"
        return ""

    def members(self) -> list[int]:
        """The submission's processes, as numbered here."""
        mine = _namespace(self.first)
        found = (int(name) for name in os.listdir("/proc") if name.isdigit())
        return [pid for pid in found if mine and _namespace(pid) == mine]


def _namespace(pid: int) -> str:
    try:
        return os.readlink(f"/proc/{pid}/ns/pid")
    except OSError:  # gone, or not ours to look at
        return ""


def _read(path: str) -> str:
    try:
        with open(path) as file:
            return file.read()
    except OSError:  # gone in the meantime
        return ""


def _private_bytes(pid: int) -> int:
    """Memory that no file on a disk stands behind."""
    found = 0
    for line in _read(f"/proc/{pid}/status").splitlines():
        if line.startswith(("RssAnon:", "RssShmem:")):
            found += int(line.split()[1]) * 1024
    return found


def _proportional_bytes(pid: int) -> int:
    """What a process uses, its part of shared pages by share."""
    for line in _read(f"/proc/{pid}/smaps_rollup").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


def _seconds(pid: int) -> float:
    """Processor seconds that it used, and those of its children that it waited for."""
    fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / TICKS
