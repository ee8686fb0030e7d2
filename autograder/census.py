"""Counts what all processes of one submission use together: memory, processor, sockets.

Limits of the system count one process at a time; a hundred small ones would pass under them. It
reads only what a process cannot hide: one may forbid others to look at its namespaces and memory.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autograder.warden import Order

TICKS = os.sysconf("SC_CLK_TCK")
MB = 2**20
# A socket holds up to so much that no process is charged for (Linux: net.core.wmem_default).
SOCKET_BYTES = 212_992


class Census:
    """Looks at the processes below `first`; where the submission has no process namespace of its
    `own`, at all of the jail, which holds nothing else; only at the clock if not `jailed`.
    """

    def __init__(self, first: int, jailed: bool, own: bool):
        self.first, self.jailed, self.own = first, jailed, own
        self.shared = _private_bytes(os.getpid())  # what every fork has, and shares
        self.seconds: dict[tuple[int, str], float] = {}  # process -> its own when last seen

    def over(self, order: Order, elapsed: float) -> str:
        """Which budget is spent, in words; empty if none is."""
        if elapsed > order.wall:
            return f"it ran for more than {order.wall} s in all"
        if not self.jailed:
            return ""
        members = self.members()
        if self.spent(members) > order.cpu:
            return f"it used more than {order.cpu} s of processor time"
        outside = _sockets() * SOCKET_BYTES
        used = outside + sum(max(0, _private_bytes(pid) - self.shared) for pid in members)
        # That counts pages that forks share once for each: exact figures only where it is much.
        if used > order.memory * MB:
            used = outside + sum(self._share(pid) for pid in members)
            if used > order.memory * MB:
                return f"it used {used // MB:,} MB of memory (at most {order.memory:,} MB)"
        return ""

    def members(self) -> dict[int, list[str]]:
        """The submission's processes, as numbered here: pid -> fields of its stat."""
        found = {int(name): _stat(name) for name in os.listdir("/proc") if name.isdigit()}
        parents = {pid: int(fields[1]) for pid, fields in found.items() if fields}
        if not self.own:
            above = os.getpid()
            while above:
                above = parents.pop(above, 0)
            return {pid: found[pid] for pid in parents}
        family, more = set(), {self.first} & parents.keys()
        while more:
            family |= more
            more = {pid for pid, parent in parents.items() if parent in more} - family
        return {pid: found[pid] for pid in family}

    def spent(self, members: dict[int, list[str]]) -> float:
        """Processor seconds: of all that were ever seen, or of those here and what they reaped."""
        for pid, fields in members.items():
            self.seconds[pid, fields[19]] = _seconds(fields[11:13])
        return max(
            sum(self.seconds.values()), sum(_seconds(fields[11:15]) for fields in members.values())
        )

    def _share(self, pid: int) -> int:
        """Memory of a process, shared pages by its share; all of it where it hides that."""
        for line in _read(f"/proc/{pid}/smaps_rollup").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
        return max(0, _private_bytes(pid) - self.shared)


def _read(path: str) -> str:
    try:
        with open(path) as file:
            return file.read()
    except OSError:  # gone in the meantime, or not ours to look at
        return ""


def _stat(name: str) -> list[str]:
    """From the state on: proc(5) calls that field 3."""
    return _read(f"/proc/{name}/stat").rpartition(")")[2].split()


def _seconds(ticks: list[str]) -> float:
    return sum(map(int, ticks)) / TICKS


def _private_bytes(pid: int) -> int:
    """Memory that no file on a disk stands behind."""
    found = 0
    for line in _read(f"/proc/{pid}/status").splitlines():
        if line.startswith(("RssAnon:", "RssShmem:")):
            found += int(line.split()[1]) * 1024
    return found


def _sockets() -> int:
    """Sockets in this network namespace, which is the submission's."""
    for line in _read("/proc/self/net/sockstat").splitlines():
        if line.startswith("sockets:"):
            return int(line.split()[2])
    return 0
