"""Which hidden tests a cell's code has a hand in: where a mistake in it can cost points at all.

The solution runs once, watched. A test that runs no function of a cell, and reads no name that was
made with one, says of a mistake in that cell what it says of the solution. Not followed is what
code changes in other ways, in files or in torch's own settings: `try LAB --judge all` leaves
nothing out.
"""

from __future__ import annotations

import dis
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from autograder import agent, graded, local, tester
from autograder.bridge import Student
from autograder.source import Lab, full_source

FIXED = (str, bytes, int, float, complex, tuple, frozenset, range, type(None))
CODE = (types.FunctionType, types.BuiltinFunctionType, types.ModuleType, type)


@dataclass
class Seen:
    """What ran: indices of the cells whose functions were called, and the names these read."""

    cells: set[int] = field(default_factory=set)
    names: set[str] = field(default_factory=set)


@cache
def _read_by(code: types.CodeType) -> frozenset[str]:
    """The globals that this code reads, as far as it runs; without those of functions in it."""
    reads = ("LOAD_NAME", "LOAD_GLOBAL")
    return frozenset(step.argval for step in dis.get_instructions(code) if step.opname in reads)


def _asked_for(request: dict) -> set[str]:
    """The notebook's names that a request of a test mentions."""
    said = {request[key] for key in ("name", "target") if isinstance(request.get(key), str)}
    waiting = [compile(request["source"], "asked", "exec")] if "source" in request else []
    for code in waiting:
        said |= _read_by(code)
        waiting += [const for const in code.co_consts if isinstance(const, types.CodeType)]
    return said - set(request["kwargs"]) if "source" in request else said


@contextmanager
def _watched(seen: Seen) -> Iterator[Seen]:
    def called(frame: types.FrameType, event: str, argument: Any) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith("<cell "):
            if code.co_name != "<module>":
                seen.cells.add(int(code.co_filename[len("<cell ") : -1]) - 1)
            seen.names.update(_read_by(code))

    sys.setprofile(called)
    try:
        yield seen
    finally:
        sys.setprofile(None)


class _Listening:
    """The notebook of a test session; keeps what ran in each test, and what it asked for."""

    def __init__(self, notebook: local.Notebook):
        self.notebook, self.tests = notebook, []

    def student(self, item: str, seed: int) -> Student:
        seen = Seen()
        self.tests.append(seen)
        student = self.notebook.student(item, seed)
        ask = student._ask

        def heard(request: dict) -> dict:
            seen.names.update(_asked_for(request))
            with _watched(seen):
                return ask(request)

        student._ask = heard
        return student

    def end_test(self) -> None:
        self.notebook.end_test()


def reach(lab: Lab) -> dict[int, frozenset[str]]:
    """Index of a cell -> names of the hidden tests that its code has a hand in."""
    agent.preload()
    found: dict[int, set[str]] = {place: set() for place in range(len(lab.cells))}
    hands: dict[str, set[int]] = {}  # a name that holds a value -> the cells with a hand in it
    notebook = local.Notebook(lab)
    with graded.environment():
        for place, cell in enumerate(lab.cells):
            _run(notebook, place, hands)
            if cell.kind != "grade":
                continue
            listening = _Listening(notebook)
            outcomes = tester.run(listening, lab.name, [cell.id])
            for outcome, seen in zip(outcomes, listening.tests, strict=True):
                for one in seen.cells.union(*(hands.get(name, ()) for name in seen.names)):
                    found[one].add(outcome.test)
    return {place: frozenset(tests) for place, tests in found.items()}


def _run(notebook: local.Notebook, place: int, hands: dict[str, set[int]]) -> None:
    """Run one cell; what it made, and what it may have changed, has its hands in it."""
    names = notebook.module.__dict__
    before = dict(names)
    with _watched(Seen()) as seen:
        notebook.run_to(place + 1)
    cell = notebook.lab.cells[place]
    if cell.kind not in local.RUNS:
        return
    code = "" if cell.file else full_source(cell)  # a file reads no name of the notebook
    read = seen.names | _read_by(compile(code, "cell", "exec"))
    mine = seen.cells.union({place}, *(hands.get(name, ()) for name in read))
    for name, value in names.items():
        made = name not in before or value is not before[name]
        if not isinstance(value, CODE) and (
            made or (name in read and not isinstance(value, FIXED))
        ):
            hands[name] = mine if made else hands.get(name, set()) | mine
