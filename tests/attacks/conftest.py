"""The grader under attack, the machine around it, and the table at the end."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import target
from attack import Attack, doubles

from autograder import jail

ANSWER_SECONDS = 120
# What an honest notebook leaves about; its cell goes on for as long as others may look for it.
NEIGHBOUR = """
import os, socket, threading, time
secret = os.environ["NEIGHBOUR"] = "@canary@"
for folder in ("/tmp", "/dev/shm", "."):
    with open(f"{folder}/neighbour", "w") as file:
        file.write(secret)
server = socket.socket(socket.AF_UNIX)
server.bind("\\0gptlab-neighbour")
server.listen()
def tell():
    while True:
        server.accept()[0].sendall(secret.encode())
threading.Thread(target=tell, daemon=True).start()
time.sleep(1)
"""
ROW = "attack"  # among the properties of a test, which reach the process that prints the table


class Grader:
    """The program of worker.py in the target's checkout."""

    def __init__(self, made: target.Target):
        self.target = made
        self.log = made.home / "log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("worker.py"))], cwd=made.root,
                env=made.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                stderr=log,
            )  # fmt: skip
        self.answers: dict[int, queue.Queue] = {}
        self.count = 0
        first = self.process.stdout.readline()
        assert first, self.log.read_text()
        self.started = json.loads(first)
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in self.process.stdout:
            answer = json.loads(line)
            self.answers[answer["number"]].put(answer)

    def ask(self, notebook: str) -> queue.Queue:
        """Have a notebook graded; its answer comes through the queue."""
        self.count += 1
        self.answers[self.count] = queue.Queue()
        self.process.stdin.write(json.dumps({"number": self.count, "notebook": notebook}) + "\n")
        self.process.stdin.flush()
        return self.answers[self.count]

    def grade(self, notebook: str) -> dict:
        """What became of a notebook."""
        return self.ask(notebook).get(timeout=ANSWER_SECONDS)

    def close(self) -> None:
        """Let it end."""
        self.process.stdin.close()
        self.process.wait(timeout=30)
        self.process.stdout.close()


@dataclass
class World:
    """Everything that a test of an attack needs."""

    target: target.Target
    grader: Grader
    honest: str
    neighbour: str  # an honest one with a secret, graded beside the noisy ones
    places: dict[str, str]
    usual: set[int] = field(default_factory=set)
    files: dict[str, tuple] = field(default_factory=dict)

    def leftovers(self) -> list[str]:
        """What is there that was not there before: processes, files, changes to files."""
        until = time.monotonic() + 5
        while (found := self._new()) and time.monotonic() < until:
            time.sleep(0.05)
        return found

    def _new(self) -> list[str]:
        now = processes(self.grader.process.pid)
        strange = [f"process {pid}: {now[pid]}" for pid in now.keys() - self.usual]
        gone = [f"process {pid} is gone" for pid in self.usual - now.keys()]
        files = listing(self.target)
        changed = {name for name in files.keys() | self.files.keys()
                   if files.get(name) != self.files.get(name)}  # fmt: skip
        outside = [str(path) for folder in ("/tmp", "/var/tmp", "/dev/shm")
                   for path in Path(folder).glob(f"*{self.places['marker']}*")]  # fmt: skip
        return [*strange, *gone, *sorted(changed), *outside]


def processes(root: int) -> dict[int, str]:
    """A process and all below it that still run: pid -> its name."""
    known: dict[int, tuple[int, str]] = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            before, _, after = Path(f"/proc/{name}/stat").read_text().rpartition(")")
            state, parent = after.split()[:2]
            if state != "Z":
                known[int(name)] = int(parent), before.partition("(")[2]
    found = {root: "the grader"}
    while more := {pid: name for pid, (parent, name) in known.items()
                   if parent in found and pid not in found}:  # fmt: skip
        found |= more
    return found


def listing(made: target.Target) -> dict[str, tuple]:
    """Each file that an attack could change or leave: size and time of its last change."""
    found = {}
    for folder in (made.root, made.home, made.temporary):
        for path in folder.rglob("*"):
            if path.name == "__pycache__" or path.suffix == ".pyc" or path == made.home / "log":
                continue
            with contextlib.suppress(FileNotFoundError):
                known = path.lstat()
                found[str(path)] = (known.st_size, known.st_mtime_ns) if path.is_file() else ()
    return found


@contextlib.contextmanager
def services(canary: str) -> Iterator[dict[str, str]]:
    """Programs of this machine that tell a secret to whoever reaches them; where they are."""
    name = f"\0gptlab-{secrets.token_hex(8)}"
    tcp, abstract = socket.create_server(("127.0.0.1", 0)), socket.socket(socket.AF_UNIX)
    abstract.bind(name)
    abstract.listen()
    for server in (tcp, abstract):
        threading.Thread(target=_tell, args=(server, canary), daemon=True).start()
    try:
        yield {"port": str(tcp.getsockname()[1]), "abstract": name[1:]}
    finally:
        for server in (tcp, abstract):
            server.shutdown(socket.SHUT_RDWR)
            server.close()


def _tell(server: socket.socket, canary: str) -> None:
    with contextlib.suppress(OSError):  # closed: the tests are over
        while True:
            connection, _ = server.accept()
            with connection:
                connection.sendall(canary.encode())


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A grader that waits for attacks, in a target of its own."""
    try:
        jail.available()
    except jail.NoJail as error:
        pytest.skip(f"{str(error).splitlines()[0]} These attacks need one.")
    made = target.make(tmp_path_factory.mktemp("target"))
    with services(made.canaries["service"]) as found:
        grader = Grader(made)
        places = found | {
            "root": str(made.root),
            "course": str(made.course),
            "home": str(made.home),
            "temporary": str(made.temporary),
            "lab": target.NAME,
            "grader": str(grader.process.pid),
            "marker": f"gptlab-{secrets.token_hex(8)}",
        }
        honest = grader.started["notebook"]
        secret = Attack("", "", cells={"first": NEIGHBOUR}).notebook(
            honest, places | {"canary": made.canaries["neighbour"]}
        )
        one = World(made, grader, honest, secret, places)
        first = grader.grade(one.honest)
        assert first["result"]["score"] == 12, first
        grader.grade(Attack("", "", doubles("def double(x): return 0")).notebook(one.honest, {}))
        one.usual, one.files = set(processes(grader.process.pid)), listing(made)
        yield one
        grader.close()


@pytest.fixture
def row(request: pytest.FixtureRequest):
    """Adds to the table: what an attack tried, and what became of it."""

    def add(attack: Attack, became: str) -> None:
        request.node.user_properties.append((ROW, (attack.id, attack.tries, became)))

    return add


def pytest_terminal_summary(terminalreporter) -> None:
    """The table of what each tried and what became of it."""
    reports = [one for found in terminalreporter.stats.values() for one in found
               if getattr(one, "when", "") == "call"]  # fmt: skip
    rows = [row for one in reports for name, row in one.user_properties if name == ROW]
    if not rows:
        return
    terminalreporter.section(f"{len(rows)} attacks")
    wide = max(len(name) for name, _, _ in rows)
    for name, tries, became in rows:
        terminalreporter.line(f"{name:{wide}}  {tries}\n{'':{wide}}    {became}")
