"""One line to a fork of the student's process, which may send anything, at any time, or nothing.

Whatever comes or does not come, `ask` answers in time, with a reply of plain data or with an error
that says what happened; and all tests of an item together have so many seconds and so many bytes.
"""

from __future__ import annotations

import contextlib
import os
import socket
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder import wire
from autograder.values import WireError

CALL_SECONDS = 10.0  # the longest that one call may take
ITEM_SECONDS = 30.0  # all tests of one item, our own work between the calls included
ITEM_BYTES = 256 * 2**20  # of all answers to the tests of one item


@dataclass
class Budget:
    """What the tests of one item may still use; `spent` says in a sentence what is used up."""

    ends: float  # as time.monotonic() counts
    bytes: int = ITEM_BYTES
    spent: str = ""

    def check(self) -> str:
        """Why no further test may run; "" while one may."""
        if not self.spent and time.monotonic() >= self.ends:
            self.spent = "the tests of this item took too long together"
        return self.spent


class Line:
    """A connection to the socket at `path`. Raises OSError where nobody listens."""

    def __init__(self, path: Path, budget: Budget, seconds: float = CALL_SECONDS):
        self.budget, self.seconds = budget, seconds
        self.number = 0  # of the last question: the reply has to bear it
        self.broken: dict | None = None  # the error after which this line is not used again
        self.ends = time.monotonic() + seconds
        self.socket = socket.socket(socket.AF_UNIX)
        try:
            self.socket.settimeout(self._left())
            with _pinned(path) as address:
                self.socket.connect(address)
        except BaseException:
            self.socket.close()
            raise

    def ask(self, request: dict[str, Any]) -> dict:
        """The reply to one question; {"error": {type, message, cell}} where there is none."""
        if self.broken is not None:
            return self.broken
        started = time.monotonic()
        self.ends = min(started + self.seconds, self.budget.ends)
        self.number += 1
        try:
            message = wire.pack({"number": self.number, **request})
        except WireError as error:  # what the notebook gave goes back to it, and is too much
            return failed("Unreadable", f"a value cannot be sent to the notebook: {error}")
        try:
            return self._exchange(message)
        except TimeoutError:
            spent = time.monotonic() - started
            self.budget.spent = "an earlier test of this item got no answer in time"
            failure = "Timeout", f"no answer after {spent:.0f} s: is there an endless loop?"
        except (EOFError, OSError):
            failure = "Gone", "the process ended in the middle of this call"
        except WireError as error:
            failure = "Unreadable", f"the answer cannot be read: {error}"
        except MemoryError:
            failure = "Unreadable", "the answer cannot be read: it is too large"
        self.close()
        self.broken = failed(*failure)
        return self.broken

    def close(self) -> None:
        """Hang up, which ends the fork."""
        self.socket.close()

    def _exchange(self, message: bytes) -> dict:
        self._nothing_waits()
        self.socket.settimeout(self._left())
        self.socket.sendall(message)  # the timeout is for all of it
        reply = wire.read(self._receive)
        if type(reply) is not dict:
            raise WireError("it is no reply")
        number = reply.get("number")
        if type(number) is not int or number != self.number:
            raise WireError("it replies to another question")
        return reply

    def _nothing_waits(self) -> None:
        """Nothing may have come before the question: it would be taken for the reply."""
        self.socket.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            if not self.socket.recv(1):
                raise EOFError
            raise WireError("it came before the question")

    def _left(self) -> float:
        left = self.ends - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def _receive(self, most: int) -> bytes:
        self.socket.settimeout(self._left())
        part = self.socket.recv(most)
        self.budget.bytes -= len(part)
        if self.budget.bytes < 0:
            self.budget.spent = "the answers to the tests of this item are too large together"
            raise WireError(self.budget.spent)
        return part


def failed(kind: str, message: str) -> dict:
    """What stands for a reply where there is none."""
    return {"error": {"type": kind, "message": message, "cell": None}}


@contextlib.contextmanager
def _pinned(path: Path) -> Iterator[str]:
    """An address of this socket itself.

    The notebook can write to the folder of its sockets: a link there, to the socket of another
    submission or of a service of this machine, must not be followed.
    """
    if not hasattr(os, "O_PATH"):  # no jail either, where this is missing
        _must_be_socket(os.lstat(path))
        yield str(path)
        return
    handle = os.open(path, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        _must_be_socket(os.fstat(handle))
        yield f"/proc/self/fd/{handle}"
    finally:
        os.close(handle)


def _must_be_socket(found: os.stat_result) -> None:
    if not stat.S_ISSOCK(found.st_mode):
        raise ConnectionRefusedError("what stands there is not its socket")
