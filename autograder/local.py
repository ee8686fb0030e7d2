"""A lab's source run in this process, up to one grade cell after the other.

The author's loop, the matrix of mistakes and the diagnosis use it in the place of a kernel. It
skips what gives no names: pictures, visible checks and text.
"""

from __future__ import annotations

import contextlib
import io
import signal
import threading
import types
import warnings
from collections.abc import Iterator

from autograder.bridge import Local, Student
from autograder.source import Cell, Lab, full_source
from autograder.verbs import cell_number
from gptlab import companion

RUNS = ("code", "answer", "choice", "predict")  # kinds of cells with code that gives names
CELL_SECONDS = 3  # of the processor; the slowest cell of a graded lab takes one


class Endless(Exception):
    """A cell that took longer than CELL_SECONDS."""


@contextlib.contextmanager
def _stopped() -> Iterator[None]:
    """Stop an endless cell, as grading does; where there is no such timer, do nothing."""
    if (
        not hasattr(signal, "ITIMER_PROF")
        or threading.current_thread() is not threading.main_thread()
    ):
        yield
        return

    def stop(number: int, frame: types.FrameType | None) -> None:
        raise Endless(f"over {CELL_SECONDS} s")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, CELL_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


class Notebook:
    """The namespace of a lab's solution as it grows cell by cell.

    `errors`: what cells raised, cell number -> exception; as in a kernel, the next cells go on.
    """

    def __init__(self, lab: Lab):
        self.lab = lab
        self.position = 0  # the first cell that has not run
        self.module = types.ModuleType("__main__")
        self.errors: dict[int, Exception] = {}
        self.local = Local(self.module.__dict__, cell_number)

    def run_to(self, position: int) -> None:
        """Run the cells before this one."""
        while self.position < position:
            cell = self.lab.cells[self.position]
            self.position += 1
            if cell.kind in RUNS and cell.figure is None:
                self._run(cell, self.position)

    def _run(self, cell: Cell, number: int) -> None:
        code, name = full_source(cell), f"<cell {number}>"
        if cell.file:  # nothing is written: each fork has its own
            companion.stand_ins[cell.file] = companion.text_of(code), name
            return
        quiet = contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO())
        with quiet[0], quiet[1], warnings.catch_warnings(action="ignore"):
            try:
                with _stopped():
                    exec(compile(code, name, "exec"), self.module.__dict__)
            except Exception as error:
                self.errors[number] = error

    def mark(self) -> tuple[int, dict]:
        """Where the notebook stands, for `rewind`."""
        return self.position, dict(self.module.__dict__)

    def rewind(self, mark: tuple[int, dict]) -> None:
        """Take back the names of the cells that ran since; not what they changed in place."""
        self.position, names = mark
        self.module.__dict__.clear()
        self.module.__dict__.update(names)

    def place(self, item: str) -> int:
        """Where an item is judged: the index of its grade or choice cell, after which it forks."""
        for index, cell in enumerate(self.lab.cells):
            if cell.kind in ("grade", "choice") and cell.id == item:
                return index
        raise KeyError(item)

    def student(self, item: str, seed: int) -> Student:
        """The namespace as it stands at this item's grade cell. Items go in the lab's order."""
        self.run_to(self.place(item) + 1)
        return self.local.student(item, seed)

    def end_test(self) -> None:
        """Put back the names that a test set."""
        self.local.end_test()
