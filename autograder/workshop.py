"""The trusted server of one lab: it drives kernels and judges items, a process for each submission.

    grader ── server ── process of one submission ~~ sockets ~~ forks of its kernel, in the jail

The server has imported everything and read the hidden tests, in one session of pytest that never
ends: for each submission it forks, and the fork drives the notebook, runs the tests and answers.
So what reads a student's messages holds nothing of any other submission, and has bounded memory.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from nbformat import NotebookNode

from autograder import agent, expect, graded, paths, profile, runner, tester
from autograder.bridge import NotReached, Remote, Student, StudentError, held
from autograder.errors import UserError
from autograder.kernels import Berth
from autograder.source import load

SECONDS = 600  # longer than the warden lets a submission run


class NoVerdict(UserError):
    """The trusted process gave no answer: a person must look at this submission."""


@dataclass
class Judged:
    """What a submission's process found out. `unread`: choices not judged, and why."""

    run: runner.Run
    outcomes: list[tester.Outcome] = field(default_factory=list)
    choices: dict[str, Any] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)


class Workshop:
    """The grader's end of it. Threads may share it; `close` ends it."""

    def __init__(self, lab_name: str):
        self.lock = threading.Lock()
        self.requests, theirs = socket.socketpair()
        variables = os.environ | graded.ENVIRONMENT | {"PYTHONPATH": str(paths.ROOT)}
        # Not as `-m`: what it sends back must be of the module that the grader knows.
        start = "import sys; from autograder import workshop; workshop.main(sys.argv[1])"
        command = [sys.executable, "-P", "-c", start, lab_name]
        with theirs:  # a session of its own: a Ctrl-C is for the grader, which hangs up
            self.process = subprocess.Popen(
                command, stdin=theirs, env=variables, start_new_session=True
            )

    def close(self) -> None:
        """Hang up: the server ends, and every process of a submission with it."""
        self.requests.close()
        self.process.wait()

    def judge(self, nb: NotebookNode, items: list[str], berth: Berth) -> Judged:
        """Run a notebook in its berth and judge these items.

        Raises BrokenTest where the tests cannot be read, NoVerdict where there was no answer.
        """
        mine, theirs = socket.socketpair()
        with Connection(mine.detach()) as answers:
            try:
                with theirs, self.lock:
                    descriptors = [theirs.fileno(), berth.control.fileno()]
                    socket.send_fds(self.requests, [b"1"], descriptors)
                answers.send((nb, items, berth.folder, berth.connection, berth.group))
                if not answers.poll(SECONDS):
                    raise NoVerdict(f"no verdict after {SECONDS} s; score it alone to see why")
                found = answers.recv()
            except (EOFError, OSError) as error:
                raise NoVerdict("judging it ended without a word: out of memory?") from error
        if isinstance(found, UserError):
            raise found
        return found


class _Bench:
    """What the session of pytest takes for the notebook: in each fork another one."""

    answers: Connection | None = None  # of the fork; none in the server
    remote: Remote

    def student(self, item: str, seed: int) -> Student:
        return self.remote.student(item, seed)

    def end_test(self) -> None:
        self.remote.end_test()


def main(lab_name: str) -> None:
    """Serve until the grader hangs up."""
    bench, done = _Bench(), []
    error: UserError | None = None
    with socket.socket(fileno=os.dup(0)) as requests:  # pytest puts another file in the place of 0
        try:
            rounds = _rounds(requests, bench, lab_name, done)
            tester.run_each(bench, lab_name, rounds, strict=False, done=done)
        except UserError as broken:
            error = broken
        if bench.answers:  # a fork that fell out of its session
            bench.answers.send(error or NoVerdict("judging it was broken off"))
            os._exit(1)
        while error and (request := _receive(requests)):
            request[0].send(error)


def _receive(requests: socket.socket) -> tuple[Connection, socket.socket] | None:
    """The next submission: where to answer, and its control socket."""
    text, descriptors, _, _ = socket.recv_fds(requests, 1, 2)
    if not text:
        return None
    return Connection(descriptors[0]), socket.socket(fileno=descriptors[1])


def _rounds(
    requests: socket.socket, bench: _Bench, lab_name: str, done: list[list[tester.Outcome]]
) -> Iterator[list[str]]:
    """Fork for each submission; in the fork, and only there, give the items to be tested."""
    kinds = {item.id: item.kind for item in load(lab_name).items}
    while request := _receive(requests):
        answers, control = request
        agent.reap()
        if os.fork():
            answers.close()
            control.close()
            continue
        requests.close()
        bench.answers = answers
        try:
            tester.limit_memory()
            nb, items, folder, connection, group = answers.recv()
            threading.Thread(target=_end_with, args=(answers,), daemon=True).start()
            choices = [item for item in items if kinds[item] == "choice"]
            berth = Berth(folder, control, connection, group)
            judged = Judged(runner.run(nb, items, berth, choices=choices))
            bench.remote = Remote(judged.run.sockets, judged.run.stopped)
            with profile.part("hidden tests, trusted side"):
                yield [item for item in items if kinds[item] == "grade"]
                judged.outcomes = done[-1]
                _choices(judged, choices)
            broken = {one.item: one.broken for one in judged.outcomes if one.broken}
            judged.run.flags += broken.values()
            judged.run.timed |= any(budget.spent for budget in bench.remote.budgets.values())
            answers.send(judged)
        except UserError as error:
            answers.send(error)
        except Exception:  # whatever a hostile kernel made of the libraries that read it
            why = traceback.format_exc()
            answers.send(NoVerdict(f"judging it failed; a person must look:\n{why}"))
        finally:
            os._exit(0)


def _end_with(answers: Connection) -> None:
    """End this process when the grader hangs up: nobody waits for its answer."""
    answers.poll(None)
    os._exit(1)


def _choices(judged: Judged, items: list[str]) -> None:
    for item in items:
        name = f"choice_{item}"
        try:
            if name not in judged.run.read:
                raise NotReached(judged.run.stopped or "the notebook stopped before this cell")
            found = held(name, judged.run.read[name])
            text = found is None or type(found) is str
            judged.choices[item] = found if text else expect.describe(found)
        except (StudentError, NotReached) as error:
            judged.unread[item] = f"{item}: could not be judged: {error}"
