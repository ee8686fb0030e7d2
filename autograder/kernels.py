"""The grader's half of the jail: starts nurseries, and gives each submission a berth in one."""

from __future__ import annotations

import array
import contextlib
import itertools
import json
import os
import secrets
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from jupyter_client.connect import write_connection_file

from autograder import cgroup, jail, profile, stage
from autograder.errors import UserError
from autograder.warden import Order

END_SECONDS = 15
SPARE_MEMORY = 512  # MB that a group gets on top: the warden, which can say why, should be first
CREDENTIALS = struct.Struct("3i")  # unix(7): process, user, group
START_SECONDS = 120  # a nursery on a slow machine imports torch in some ten


class JailBroken(UserError):
    """The jail did not do its part: the grader's fault, not the submission's."""


@dataclass
class Berth:
    """Where one submission runs: its folder, the socket that reaches its warden, its group."""

    folder: Path
    control: socket.socket
    connection: dict[str, Any]
    group: cgroup.Group | None = None
    heard: bytes = b""
    news: list[dict] = field(default_factory=list)

    @property
    def run(self) -> Path:
        """Where its sockets are."""
        return self.folder / "run"

    def tell(self, do: str) -> None:
        """Send an order; one whose warden is gone has nobody to carry it out."""
        with contextlib.suppress(OSError):
            self.control.sendall(json.dumps({"do": do}).encode() + b"\n")

    def enter(self) -> None:
        """Put its warden, and so all that it will start, into the group."""
        if self.group:
            room = socket.CMSG_SPACE(CREDENTIALS.size)
            self.heard, extra, _, _ = self.control.recvmsg(4096, room)
            self.control.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 0)
            for _, _, data in extra:  # the system's word, numbered as here
                self.group.take(CREDENTIALS.unpack(data)[0])
            self.tell("start")

    def end(self) -> None:
        """End everything in it; done when its last process is gone."""
        with contextlib.suppress(OSError):  # its warden is gone, and all with it
            self.control.shutdown(socket.SHUT_WR)
        while (news := self.listen(END_SECONDS)) and news[-1]["said"] != "gone":
            pass
        if not news:
            raise JailBroken("A submission could not be ended. Stop this run: that ends it.")
        for one in self.news:
            if one["said"] == "used":
                profile.note("the notebook's side", one["cpu"], 0.0)

    def listen(self, seconds: float | None = 0) -> list[dict]:
        """News that came; waits at most so long (None: for ever) for the first."""
        self.control.settimeout(seconds)
        try:
            text = self.control.recv(4096)
        except (TimeoutError, BlockingIOError):
            return []
        except OSError:
            text = b""
        if not text:
            self.news.append({"said": "gone"})
            return self.news[-1:]
        *lines, self.heard = (self.heard + text).split(b"\n")
        found = [json.loads(line) for line in lines]
        self.news += found
        return found


class Nursery:
    """A preloaded parent in a jail, for one lab. A context; threads may share it.

    covers: modules of gptlab that are stubs there; imports: statements with which every notebook of
    this lab imports; limits: of each submission, see warden.Order.
    """

    def __init__(self, kind: jail.Jail, covers: list[str], imports: Sequence[str] = (),
                 limits: dict[str, int] | None = None):  # fmt: skip
        self.kind, self.covers, self.imports = kind, covers, imports
        self.limits = limits or {}
        self.lock = threading.Lock()
        self.cores = Counter(_cores())
        self.numbers = itertools.count()
        self.closing = ExitStack()

    def __enter__(self) -> Nursery:
        self.stage = self.closing.enter_context(stage.stage(self.covers))
        for folder in (self.stage.root, self.stage.submissions):
            jail.give_away(folder)
        try:
            self.requests = self._start(self.closing) if self._serves_many else None
        except BaseException:
            self.closing.close()
            raise
        return self

    def __exit__(self, *raised: object) -> None:
        self.closing.close()

    @property
    def _serves_many(self) -> bool:
        return self.kind.kind == "none" or self.kind.nested

    def _start(self, closing: ExitStack, only: Path | None = None) -> socket.socket:
        """Start a parent, wait until it has imported everything; the socket that reaches it.

        only: the folder of the one submission that it is for.
        """
        mine, theirs = socket.socketpair()
        log = tempfile.TemporaryFile()  # noqa: SIM115
        closing.callback(log.close)
        bare = [sys.executable, "-m", "autograder.nursery", *self.imports]
        environment = self.stage.environment()
        process = subprocess.Popen(
            self.kind.command(bare, self.stage.root, environment, only),
            stdin=theirs, stdout=log, stderr=log, env=environment, cwd=self.stage.root,
            start_new_session=True,
        )  # fmt: skip
        theirs.close()
        closing.callback(_stop, process, mine)
        mine.settimeout(START_SECONDS)
        try:
            ready = mine.recv(64)
        except TimeoutError:
            ready = b""
        if ready != b"ready\n":
            log.seek(0)
            words = log.read()[-1500:].decode(errors="replace").strip()
            raise JailBroken(f"The jail did not start: {words or 'no answer'}")
        mine.settimeout(None)
        return mine

    @contextlib.contextmanager
    def berth(self, items: int) -> Iterator[Berth]:
        """A place for one submission, its kernel waiting; all of it is gone afterwards."""
        folder = self.stage.submissions / f"s{next(self.numbers)}"
        (folder / "run").mkdir(parents=True)
        name, connection = write_connection_file(
            str(folder / "run" / "kernel.json"), transport="ipc", ip=str(folder / "run" / "k"),
            key=secrets.token_hex(16).encode(),
        )  # fmt: skip
        for path in (folder, folder / "run", Path(name)):
            jail.give_away(path)
        with ExitStack() as closing:
            closing.callback(shutil.rmtree, folder, ignore_errors=True)
            requests = self.requests or self._start(closing, folder)
            core = closing.enter_context(self._core())
            control, theirs = socket.socketpair()
            closing.enter_context(control)
            jailed = self.kind.kind != "none"
            memory = (self.limits.get("memory", Order.memory) + SPARE_MEMORY) * 2**20
            group = closing.enter_context(cgroup.group(memory)) if jailed else None
            if group:
                control.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
            own = jailed and self.kind.nested
            below = tuple(path for path in jail.python_folders() if path.startswith("/tmp/"))
            order = Order(str(folder), str(self.stage.code), items, jailed, own, bool(group), core,
                          below_tmp=below, **self.limits)  # fmt: skip
            with theirs, self.lock:
                text = json.dumps(asdict(order)).encode()
                fds = array.array("i", [theirs.fileno()])
                requests.sendmsg([text], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])
            made = Berth(folder, control, connection, group)
            try:
                made.enter()
                yield made
            finally:
                made.end()

    @contextlib.contextmanager
    def _core(self) -> Iterator[int | None]:
        """The processor that the fewest use. A submission keeps to one: it slows no neighbour."""
        with self.lock:
            core = min(self.cores, key=self.cores.__getitem__, default=None)
            self.cores[core] += 1
        try:
            yield core
        finally:
            self.cores[core] -= 1


def _cores() -> dict[int, int]:
    """The processors that this process may use, where the system says, none of them in use."""
    if not hasattr(os, "sched_getaffinity"):
        return {}
    return dict.fromkeys(sorted(os.sched_getaffinity(0)), 0)


def _stop(process: subprocess.Popen, requests: socket.socket) -> None:
    """Hang up: the parent ends, and all that it started. Wait until it is so."""
    requests.close()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
