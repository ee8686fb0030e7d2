"""Runs a student's notebook in a kernel, and leaves its items waiting to be judged.

nbclient drives the kernel cell by cell. Where a grade cell stands, the kernel is told to fork
instead of running it; the fork answers the hidden tests while the kernel goes on. A cell that
raises, hangs or ends the process costs what comes after it, never what was before.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from collections.abc import Container
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import psutil
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode

from autograder import kernels, profile, provisioner
from autograder.agent import ALIVE, FORK, READ

CELL_SECONDS = 20  # a cell is stopped after this and grading goes on
GRACE_SECONDS = 4  # what a cell has to answer an interrupt before its kernel is ended
MOST_OUTPUT = 20_000_000  # characters that a notebook may print and show in all
MOST_MEMORY = 1.5 * 2**30  # bytes that this process may grow by: a message is read whole
LOOK_SECONDS = 0.25  # between two looks at that


@dataclass
class Run:
    """A notebook that ran: its outputs are in `nb`, its items wait on `sockets`.

    `read`: global -> what the kernel said it held (see `bridge.held`), for items that need no more;
    `stopped`: why the cells after some cell did not run; `timed`: whether the clock decided
    anything, which on a busy machine may be the machine's fault.
    """

    nb: NotebookNode
    sockets: dict[str, Path] = field(default_factory=dict)
    read: dict[str, str] = field(default_factory=dict)
    stopped: str = ""
    flags: list[str] = field(default_factory=list)
    timed: bool = False


def run(
    nb: NotebookNode,
    items: list[str],
    berth: kernels.Berth,
    cell_seconds: float = CELL_SECONDS,
    choices: Container[str] = (),
) -> Run:
    """Run a copy of the notebook in this berth, and end its kernel.

    items: ids of the grade cells that are forked at; these forks live on until the berth ends.
    choices: those of them where the letter is read instead.
    """
    done = Run(nbformat.from_dict(nb))
    for one in done.nb.cells:
        if one.cell_type == "code":
            one.outputs, one.execution_count = [], None
    with profile.part("driving the kernel"):
        asyncio.run(_Drive(done, items, choices, berth, cell_seconds).all())
    return done


def place(nb: NotebookNode, index: int) -> str:
    """What messages call a cell: its place among all cells, counted from 1, and its answer."""
    grade_id = nb.cells[index].metadata.get("nbgrader", {}).get("grade_id", "")
    return f"cell {index + 1}" + (f" (`{grade_id}`)" if grade_id.startswith("answer-") else "")


class Client(NotebookClient):
    """nbclient's, which counts what comes: a limit inside the kernel could be swallowed there."""

    shown = 0
    flooded = False

    def process_message(self, msg: dict, cell: NotebookNode, cell_index: int) -> NotebookNode:
        """Take an output, unless there were too many; then the kernel is ended."""
        if not self.flooded:
            self.shown += len(str(msg.get("content")))
            if self.shown <= MOST_OUTPUT:
                return super().process_message(msg, cell, cell_index)
            self.flood()
        return None

    def flood(self) -> None:
        """Take no more, and end the kernel."""
        if not self.flooded:
            self.flooded = True
            self.km.provisioner.berth.tell("kill")

    def handle_comm_msg(self, outs: list[NotebookNode], msg: dict, cell_index: int) -> None:
        """Nothing: no page shows a widget, and one may catch the outputs of others."""


class _Drive:
    """One notebook on its way through one kernel."""

    def __init__(
        self,
        done: Run,
        items: list[str],
        choices: Container[str],
        berth: kernels.Berth,
        seconds: float,
    ):
        self.done, self.items, self.choices = done, items, choices
        self.berth, self.seconds, self.again = berth, seconds, max(1.0, seconds / 2)
        self.orders: list[str] = []  # for the kernel, before the next cell
        self.hung = False  # whether what was executed last did not end in time
        self.places: dict[int, int] = {}  # the kernel's count of a cell -> its place
        self.client = Client(
            done.nb,
            km=provisioner.manager(berth),
            timeout=int(seconds),
            interrupt_on_timeout=True,
            allow_errors=True,
            shutdown_kernel="immediate",
            store_widget_state=False,
            coalesce_streams=False,  # outputs.tidy does, in a time that text cannot make long
            record_timing=False,
            skip_cells_with_tag="",  # in JupyterLab such a cell runs
            on_cell_executed=self._read,
            resources={"metadata": {"path": str(berth.folder)}},
        )

    async def all(self) -> None:
        """Every cell, in a kernel that is then ended."""
        async with self.client.async_setup_kernel(cleanup_kc=True):
            await self._cells()

    async def _cells(self) -> None:
        for index, cell in enumerate(self.done.nb.cells):
            if cell.cell_type != "code":
                continue
            if "figure" in cell.metadata.get("tags", []):  # the lab's own, unchanged: see repair
                cell.outputs = [_printed("stdout", "Not drawn again when graded.")]
                continue
            known = cell.metadata.get("nbgrader", {})
            item = known.get("grade_id")
            problem = ""
            if known.get("grade") and item in self.choices:
                problem = await self._execute(_code(f"{READ}choice_{item}"), index)
            elif known.get("grade") and item in self.items:
                self._fork(item)
            else:
                problem = await self._cell(cell, index)
            if problem:
                self._stopped(problem, index)
                return
        if self.orders and (problem := await self._execute(_code(ALIVE), index)):
            self._stopped(problem, index)

    def _stopped(self, problem: str, index: int) -> None:
        self.done.stopped = f"{problem} in {place(self.done.nb, index)}; nothing after it ran"
        self.done.flags.append(self.done.stopped)

    def _fork(self, item: str) -> None:
        """Before the next cell, in its message: one of its own costs as much as a cell."""
        if item not in self.done.sockets:
            number = len(self.done.sockets)
            self.orders.append(f"{FORK}{number} {json.dumps(self.places)}")
            self.done.sockets[item] = self.berth.run / f"{number}.sock"

    def _read(self, execute_reply: dict[str, Any], **_: object) -> None:
        """Called by nbclient after each cell; the reply may say anything."""
        found = execute_reply["content"].get("read")
        for name, said in found.items() if isinstance(found, dict) else ():
            if isinstance(said, str):
                self.done.read.setdefault(name, said)

    async def _cell(self, cell: NotebookNode, index: int) -> str:
        """Run one cell; returns why the kernel is gone, or an empty text if it lives."""
        started = time.monotonic()
        problem = await self._execute(cell, index)
        if type(cell.get("execution_count")) is int:  # it may say anything
            self.places[cell.execution_count] = index + 1
        late = self.hung or (not problem and time.monotonic() - started >= self.seconds)
        if late and not problem:  # its loop may have swallowed the interrupt, and go on
            problem = await self._execute(_code(ALIVE), index, GRACE_SECONDS)
        where = place(self.done.nb, index)
        loop = f"stopped after {self.seconds:.0f} s: is there an endless loop in {where}?"
        if late:
            self.done.timed = True
            # A loop is met in cell after cell, and the notebook's time on the processor is limited:
            # what it shall not take is the time of the cells that do not meet it.
            self.seconds = min(self.seconds, self.again)
            self.client.timeout = int(self.seconds)
            _say(cell, loop.capitalize())
            if not problem:
                self.done.flags.append(loop)
        elif problem:
            _say(cell, f"{problem[0].upper()}{problem[1:]} in this cell.")
        return problem

    async def _execute(self, cell: NotebookNode, index: int, seconds: float | None = None) -> str:
        """Have the kernel run this; why it is gone afterwards, or an empty text."""
        seconds = self.seconds + GRACE_SECONDS if seconds is None else seconds
        kept, code = self.done.nb.cells[index], cell.source
        if code.strip():  # else nbclient sends nothing
            cell.source, self.orders = "\n".join([*self.orders, code]), []
        task = asyncio.ensure_future(self.client.async_execute_cell(cell, index))
        self.hung = not await self._ends(task, seconds)
        if self.hung:
            await self.client.km.provisioner.kill()  # only the kernel: its items' forks live on
        try:
            await task
        except DeadKernelError:
            return self._why()
        except Exception as error:  # it speaks for itself, and may say what nbclient cannot read
            await self.client.km.provisioner.kill()
            return f"the notebook's process sent what is no message ({type(error).__name__})"
        finally:
            self.done.nb.cells[index] = kept  # nbclient puts there what it ran
            cell.source = code
        return ""

    async def _ends(self, task: asyncio.Task, seconds: float) -> bool:
        """Whether it ends in time; what the kernel sends meanwhile may not fill this process."""
        until, before = time.monotonic() + seconds, _memory()
        while not task.done() and (left := until - time.monotonic()) > 0:
            await asyncio.wait({task}, timeout=min(left, LOOK_SECONDS))
            if _grown(before) > MOST_MEMORY:
                self.client.flood()
        return task.done()

    def _why(self) -> str:
        """Why the kernel died."""
        if self.client.flooded:
            return f"the notebook printed more than {MOST_OUTPUT // 10**6} MB"
        if spent := [news["why"] for news in self.berth.news if news["said"] == "stopped"]:
            self.done.timed |= "processor" in spent[0] or "s in all" in spent[0]
            return f"the notebook was stopped: {spent[0]},"
        if self.berth.group and self.berth.group.overflowed():
            return "the notebook was stopped: it used more memory than it may,"
        if self.hung:
            return f"stopped after {self.seconds:.0f} s (an endless loop?)"
        return "the notebook's process ended"


def _code(text: str) -> NotebookNode:
    return NotebookNode(cell_type="code", metadata={}, outputs=[], source=text)


def _say(cell: NotebookNode, text: str) -> None:
    cell.outputs.append(_printed("stderr", text))


def _printed(stream: str, text: str) -> NotebookNode:
    return nbformat.v4.new_output("stream", name=stream, text=text + "\n")


def _memory() -> tuple[int, int]:
    """The bytes that this process holds, and the most that it ever held (only Linux says it)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return psutil.Process().memory_info().rss, peak if sys.platform == "linux" else 0


def _grown(before: tuple[int, int]) -> int:
    """By how many bytes this process grew since, at the most; an older peak is no news."""
    held, peak = _memory()
    return max(held, peak if peak > before[1] else 0) - before[0]
