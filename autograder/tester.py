"""Runs a lab's hidden tests with pytest against one notebook, and keeps what each one said.

This is the trusted process: no line of a student runs here. pytest's own messages are not used,
since they print expected values; the tests make theirs with autograder.expect.
"""

from __future__ import annotations

import contextlib
import io
import os
import resource
import sys
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pytest
import torch

from autograder import wire
from autograder.bridge import NotReached, Student, StudentError
from autograder.errors import UserError
from autograder.values import WireError
from gptlab.checks.core import CheckFailed

MEMORY = 8 * 2**30  # bytes of address space; torch alone reserves under one
HIDDEN = Path(__file__).parent / "hidden"
_PYTEST = [
    "-c",
    os.devnull,
    "--rootdir",
    str(HIDDEN),
    "--assert=plain",
    "--tb=no",  # most of the time of a failing test would go into a traceback that nobody reads
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
    """What one hidden test said. `replies` are the student's answers in it, as wire bytes."""

    item: str
    test: str
    core: bool
    passed: bool
    message: str = ""
    replies: bytes = b""


class NotebookUnderTest(Protocol):
    """What `run` needs: Remote and local.Notebook have it."""

    def student(self, item: str, seed: int) -> Student: ...
    def close(self) -> None: ...


class BrokenTest(UserError):
    """A hidden test that failed for a reason of its own: an error of the author's."""


def run(notebook: NotebookUnderTest, lab_name: str, items: list[str]) -> list[Outcome]:
    """Run the hidden tests of these items, in the lab's order.

    Raises BrokenTest where a test itself is at fault.
    """
    return run_each(notebook, lab_name, [items])[0]


def run_each(
    notebook: NotebookUnderTest, lab_name: str, rounds: Iterable[list[str]]
) -> list[list[Outcome]]:
    """The same for several rounds, with one pytest session: it reads the tests once.

    `rounds` gives the items of a round when that begins, so it may change the notebook in between.
    """
    path = HIDDEN / f"{lab_name}.py"
    plugin = _Plugin(notebook, lab_name, rounds)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        code = pytest.main([*_PYTEST, str(path)], plugins=[plugin])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise BrokenTest(f"{path.name} cannot be run:\n{printed.getvalue()[-2000:]}")
    if plugin.broken:
        raise BrokenTest("\n".join(plugin.broken))
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


@dataclass
class _Plugin:
    notebook: NotebookUnderTest
    lab_name: str
    rounds: Iterable[list[str]]
    done: list[list[Outcome]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    current: Student | None = None

    def pytest_configure(self, config: pytest.Config) -> None:
        config.addinivalue_line("markers", "core: the test of values that an item stands on")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if session.testsfailed:
            raise session.Interrupted("the tests cannot be collected")
        tests: dict[str, list[pytest.Item]] = {}
        for test in session.items:
            tests.setdefault(item_of(test.originalname), []).append(test)
        for items in self.rounds:
            self.done.append([])
            for test in (test for item in items for test in tests.get(item, ())):
                test.config.hook.pytest_runtest_protocol(item=test, nextitem=None)
        return True

    @pytest.fixture
    def student(self, request: pytest.FixtureRequest) -> Iterator[Student]:
        seed = seed_of(self.lab_name, request.node.name)
        torch.default_generator.manual_seed(seed)
        self.current = self.notebook.student(item_of(request.node.originalname), seed)
        yield self.current
        self.notebook.close()

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo) -> Any:
        yield
        failed = call.excinfo is not None
        if call.when == "teardown" and failed:
            self.broken.append(f"{item.name}: {call.excinfo.exconly()}")
        if call.when == "call" or (call.when == "setup" and failed):
            self._keep(item, call.excinfo)
        if call.when == "teardown":
            self.current = None

    def _keep(self, item: pytest.Item, excinfo: pytest.ExceptionInfo | None) -> None:
        message = ""
        if excinfo is not None:
            message = message_of(excinfo.value)
            if message is None:
                self.broken.append(f"{item.name}: {excinfo.getrepr(style='short')}")
                message = "this test is broken; it is not your fault"
        message = message.encode("utf-8", "replace").decode()  # half an emoji cannot be printed
        replies = _packed(self.current.replies) if self.current else b""
        self.done[-1].append(
            Outcome(
                item_of(item.originalname),
                item.name,
                item.get_closest_marker("core") is not None,
                excinfo is None,
                message,
                replies,
            )
        )


def message_of(error: BaseException) -> str | None:
    """What a student reads about an error in a test; None if the test itself is at fault."""
    if isinstance(error, CheckFailed):
        return "\n".join(str(error).splitlines()[1:])
    if isinstance(error, StudentError):
        return f"  {error}"
    if isinstance(error, NotReached):
        return f"  could not be judged: {error}"
    return None


def _packed(replies: list[Any]) -> bytes:
    try:
        return wire.pack(replies)
    except WireError:
        return b""
