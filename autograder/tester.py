"""Runs a lab's hidden tests with pytest against one notebook, and keeps what each one said.

This is the trusted process: no line of a student runs here. pytest's own messages are not used,
since they print expected values; the tests make theirs with autograder.expect.
"""

from __future__ import annotations

import contextlib
import io
import os
import resource
import signal
import sys
import threading
import traceback
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pytest
import torch

from autograder import expect, wire
from autograder.bridge import NotReached, Student, StudentError
from autograder.errors import UserError
from autograder.values import WireError, clean
from gptlab.checks.core import CheckFailed

MEMORY = 8 * 2**30  # bytes of address space; torch alone reserves under one
TEST_SECONDS = 45.0  # one test with all its calls: more than an item has for its answers
MOST_MESSAGE = 4000  # characters
MOST_REPLIES = 2**20  # bytes kept of a test's replies: a mistake of lab01 makes 86 kB
HIDDEN = Path(__file__).parent / "hidden"
_PYTEST = [
    "-c",
    os.devnull,
    "--rootdir",
    str(HIDDEN),
    "--confcutdir",
    str(HIDDEN),  # else it lists every folder above, in each fork
    "--assert=plain",
    "--import-mode=importlib",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:unraisableexception",
    "-p",
    "no:threadexception",
    "-p",
    "no:faulthandler",
    "-W",
    "ignore",  # a warning in a student's code never decides, whatever our own tests are run with
    "-p",
    "no:logging",
]


@dataclass(frozen=True)
class Outcome:
    """What one hidden test said.

    replies: the student's answers in a test that failed, as wire bytes; empty where they are many.
    broken: for the instructor, where the test could not deal with them: what it raised, and where.
    """

    item: str
    test: str
    core: bool
    passed: bool
    message: str = ""
    replies: bytes = b""
    broken: str = ""


class NotebookUnderTest(Protocol):
    """What `run` needs: Remote and local.Notebook have it."""

    def student(self, item: str, seed: int) -> Student: ...
    def end_test(self) -> None: ...


class BrokenTest(UserError):
    """A hidden test that failed for a reason of its own: an error of the author's."""


class TooLong(Exception):
    """A test that took longer than TEST_SECONDS, although no call did."""


def run(
    notebook: NotebookUnderTest, lab_name: str, items: list[str], strict: bool = True
) -> list[Outcome]:
    """Run the hidden tests of these items, in the lab's order.

    strict: raise BrokenTest where a test raises what is not its verdict. That is how an author
    finds it; but a stranger's answer can bring a test there too, and then it costs that test only.
    """
    return run_each(notebook, lab_name, [items], strict)[0]


def run_each(
    notebook: NotebookUnderTest,
    lab_name: str,
    rounds: Iterable[list[str]],
    strict: bool = True,
    done: list[list[Outcome]] | None = None,
) -> list[list[Outcome]]:
    """The same for several rounds, with one pytest session: it reads the tests once.

    `rounds` gives the items of a round, or single tests by name, when that begins, so it may change
    the notebook in between; what the rounds before it found is in `done` by then.
    """
    path = HIDDEN / f"{lab_name}.py"
    plugin = _Plugin(notebook, lab_name, rounds, [] if done is None else done)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        code = pytest.main([*_PYTEST, str(path)], plugins=[plugin])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        why = "\n".join(plugin.tracebacks) or printed.getvalue()
        raise BrokenTest(f"{path.name} cannot be run:\n{why[-2000:]}")
    if strict and plugin.tracebacks:
        raise BrokenTest("\n".join(plugin.tracebacks))
    return plugin.done


def limit_memory() -> None:
    """Bound this process: an answer may be large enough to take all there is. Linux alone can."""
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def item_of(test: str) -> str:
    """The item of a test named test_<item>__<what>."""
    return test.removeprefix("test_").split("__")[0]


def seed_of(lab_name: str, test: str) -> int:
    """The seed of a test: from the lab and the test, not from the run."""
    return zlib.crc32(f"{lab_name}:{test}".encode())


@contextlib.contextmanager
def _bounded(seconds: float) -> Iterator[None]:
    """Raise TooLong in what takes longer; where alarms are missing, or in a thread, do nothing."""
    if (
        not hasattr(signal, "setitimer")
        or threading.current_thread() is not threading.main_thread()
    ):
        yield
        return

    def stop(number: int, frame: Any) -> None:
        raise TooLong(f"over {seconds:.0f} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@dataclass
class _Plugin:
    notebook: NotebookUnderTest
    lab_name: str
    rounds: Iterable[list[str]]
    done: list[list[Outcome]]
    tracebacks: list[str] = field(default_factory=list)
    current: Student | None = None

    def pytest_configure(self, config: pytest.Config) -> None:
        config.addinivalue_line("markers", "core: the test of values that an item stands on")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if session.testsfailed:
            raise session.Interrupted("the tests cannot be collected")
        tests: dict[str, list[pytest.Item]] = {}
        for test in session.items:
            tests.setdefault(item_of(test.originalname), []).append(test)
            tests[test.name] = [test]
        for items in self.rounds:
            self.done.append([])
            wanted = [test for name in items for test in tests.get(name, ())]
            for test, after in zip(wanted, [*wanted[1:], None], strict=False):
                self._run(test, after)
        return True

    def _run(self, test: pytest.Item, after: pytest.Item | None) -> None:
        """Run one test; what it shares with the one after it stays set up."""
        known = len(self.done[-1])
        try:
            test.config.hook.pytest_runtest_protocol(item=test, nextitem=after)
        except Exception as error:  # not in the test but around it: no memory for its message, say
            raised = f"{test.name} raised {type(error).__name__} when its message was made"
            self.tracebacks.append(raised)
            if len(self.done[-1]) == known:
                self.done[-1].append(_outcome(test, False, unread([]), broken=raised))
            test.session._setupstate.teardown_exact(None)  # else no other test can begin

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.tracebacks.append(report.longreprtext)

    @pytest.fixture
    def student(self, request: pytest.FixtureRequest) -> Iterator[Student]:
        seed = seed_of(self.lab_name, request.node.name)
        try:
            self.current = self.notebook.student(item_of(request.node.originalname), seed)
            torch.default_generator.manual_seed(seed)  # behind the cells that the Local form runs
            yield self.current
        finally:
            self.notebook.end_test()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Any:
        with _bounded(TEST_SECONDS):
            return (yield)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo
    ) -> pytest.TestReport:
        error = call.excinfo.value if call.excinfo else None
        if error is not None and (call.when == "teardown" or message_of(error) is None):
            # Not pytest's own, which compares the values of all frames of an endless recursion.
            shown = "".join(traceback.format_exception(error, limit=-4))
            self.tracebacks.append(f"{item.name}: {shown[-2000:]}")
        if call.when == "call" or (call.when == "setup" and error is not None):
            self.done[-1].append(self._judge(item, error))
        if call.when == "teardown":
            self.current = None
        # In the place of pytest's own, which prints values: a large one would take minutes.
        outcome = "passed" if error is None else "failed"
        return pytest.TestReport(item.nodeid, item.location, {}, outcome, None, call.when)

    def _judge(self, item: pytest.Item, error: BaseException | None) -> Outcome:
        if error is None:
            return _outcome(item, True)
        replies = self.current.replies if self.current else []
        message, broken = message_of(error), ""
        if message is None:
            message, broken = unread(replies), f"{item.name} raised {_place(error)}"
        return _outcome(item, False, message, _packed(replies) if self.current else b"", broken)


def _outcome(
    item: pytest.Item, passed: bool, message: str = "", replies: bytes = b"", broken: str = ""
) -> Outcome:
    core = item.get_closest_marker("core") is not None
    message = clean(message, MOST_MESSAGE, lines=True)
    return Outcome(item_of(item.originalname), item.name, core, passed, message, replies, broken)


def message_of(error: BaseException) -> str | None:
    """What a student reads about an error in a test; None if it is not a verdict."""
    if isinstance(error, CheckFailed):
        return "\n".join(str(error).splitlines()[1:])
    if isinstance(error, StudentError):
        return f"  {error}"
    if isinstance(error, NotReached):
        return f"  could not be judged: {error}"
    if isinstance(error, TooLong):
        return f"  could not be judged: it took {error}; is the answer very large?"
    return None


def unread(replies: list[Any]) -> str:
    """What a student reads where the test could not deal with the answer."""
    values = [reply[0] for reply in replies if len(reply) == 3 and reply[0] is not None]
    found = f": it got {expect.kind_of(values[-1])}" if values else ""
    return f"  this test could not read the answer{found}"


def _place(error: BaseException) -> str:
    """An unexpected error in a line, with the last line of a hidden test that it passed through."""
    lines = [
        line
        for frame, line in traceback.walk_tb(error.__traceback__)
        if Path(frame.f_code.co_filename).parent == HIDDEN
    ]
    where = f" (line {lines[-1]})" if lines else ""
    return f"{type(error).__name__}: {clean(str(error), 200)}{where}"


def _packed(replies: list[Any]) -> bytes:
    """Replies as bytes, for the diagnosis; none where they are larger than those of any mistake."""
    try:
        packed = wire.pack(replies)
    except WireError:
        return b""
    return packed if len(packed) <= MOST_REPLIES else b""
