"""What a command and all that it starts cost: seconds, CPU-seconds, peak memory.

The CPU-seconds come from the kernel's own count of a task and its descendants (perf's task clock).
A parent's rusage would miss every process that nobody waits for, and a grader has many of those:
forks that are reaped by the system, and all that die with a process namespace.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import signal
import struct
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

from autograder import machine
from autograder.errors import UserError

# linux/perf_event.h: PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK, the bits of perf_event_attr.
SOFTWARE, TASK_CLOCK = 1, 1
INHERIT, EXCLUDE_KERNEL, EXCLUDE_HYPERVISOR = 1 << 1, 1 << 5, 1 << 6
SYSCALL = {"x86_64": 298, "aarch64": 241}  # perf_event_open


@dataclass(frozen=True)
class Spent:
    """One command: seconds on the clock, CPU-seconds of its whole tree, peak bytes of the tree."""

    wall: float
    cpu: float
    peak: int
    code: int
    log: str


class Clock:
    """The CPU-seconds of a process and of all that descends from it. Raises UserError."""

    def __init__(self, pid: int):
        attributes = bytearray(128)
        struct.pack_into("<IIQ", attributes, 0, SOFTWARE, len(attributes), TASK_CLOCK)
        # A task clock counts the kernel's time as well; the bits only lower the right it takes.
        struct.pack_into("<Q", attributes, 40, INHERIT | EXCLUDE_KERNEL | EXCLUDE_HYPERVISOR)
        number = SYSCALL.get(platform.machine()) if platform.system() == "Linux" else None
        if number is None:
            raise UserError("CPU-seconds are counted on Linux alone, on x86_64 or aarch64.")
        self.file = ctypes.CDLL(None).syscall(number, bytes(attributes), pid, -1, -1, 0)
        if self.file < 0:
            raise UserError(
                "CPU-seconds cannot be counted: perf_event_open was refused. It needs root, or "
                "sysctl kernel.perf_event_paranoid=2; some containers forbid it in any case."
            )

    def read(self) -> float:
        return struct.unpack("<Q", os.read(self.file, 8))[0] / 1e9

    def close(self) -> None:
        os.close(self.file)


def measured(
    command: tuple[str, ...],
    folder: Path,
    environment: dict[str, str],
    watch: Callable[[int, int], None] = lambda pid, held: None,
    every: float = 2.0,
) -> Spent:
    """Run a command to its end, as a process group of its own.

    watch: called every so many seconds, or less often, with its id and the bytes that its tree
    holds.
    """
    with tempfile.TemporaryFile("w+", encoding="utf-8") as log:
        started = time.perf_counter()
        process = _waiting(command, folder, environment, log)
        clock, peak = Clock(process.pid), 0
        try:
            process.stdin.write(b"go\n")
            process.stdin.close()
            while process.poll() is None:
                looked = time.perf_counter()
                held = memory(process.pid)
                peak = max(peak, held)
                watch(process.pid, held)
                # A look at a hundred processes takes a second, which is taken from the command.
                pause = max(every, 20 * (time.perf_counter() - looked))
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(pause)
            wall, cpu = time.perf_counter() - started, clock.read()
        finally:
            clock.close()
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        log.seek(0)
        return Spent(wall, cpu, peak, process.returncode, log.read())


def _waiting(
    command: tuple[str, ...], folder: Path, environment: dict[str, str], log: IO[str]
) -> subprocess.Popen:
    """A shell that becomes the command once it reads a line: by then the clock is on it."""
    return subprocess.Popen(
        ("sh", "-c", 'read go && exec "$@"', "sh", *command),
        cwd=folder,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def memory(pid: int) -> int:
    """Bytes that a process and its descendants hold."""
    return sum(map(share, tree(pid)))


def share(one: psutil.Process) -> int:
    """Bytes of a process; of a page that several share, its part. 0 where it has ended since."""
    try:
        return one.memory_full_info().pss
    except psutil.Error:
        return 0


def tree(pid: int) -> list[psutil.Process]:
    """A process and its descendants; none where it has ended."""
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def machine_line() -> str:
    """The machine, as it stands beside a measured number."""
    found = machine.describe()
    return (
        f"{found['processor']}, {found['cores']} cores, Python {found['python']}, "
        f"torch {found['torch']}"
    )
