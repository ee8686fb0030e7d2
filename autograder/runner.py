"""Runs a student's notebook in a kernel, and leaves its items waiting to be judged.

nbclient drives the kernel cell by cell. Where a grade cell stands, the kernel is told to fork
instead of running it; the fork answers the hidden tests while the kernel goes on. A cell that
raises, hangs or ends the process costs what comes after it, never what was before.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode

from autograder import jail
from autograder.agent import FORK

CELL_SECONDS = 20  # a cell is stopped after this and grading goes on
GRACE_SECONDS = 4  # what a cell has to answer an interrupt before its kernel is ended


@dataclass
class Run:
    """A notebook that ran: its outputs are in `nb`, its items wait on `sockets`."""

    nb: NotebookNode
    sockets: dict[str, Path] = field(default_factory=dict)
    stopped: str = ""  # why the cells after some cell did not run
    flags: list[str] = field(default_factory=list)


def run(
    nb: NotebookNode,
    items: list[str],
    covers: list[str],
    judge: Callable[[Run], None],
    cell_seconds: float = CELL_SECONDS,
) -> Run:
    """Run a copy of the notebook; call `judge` while its forks are alive; end them all.

    items: ids of the grade cells that are forked at; covers: modules of gptlab to stub.
    """
    done = Run(nbformat.from_dict(nb))
    for cell in done.nb.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    with jail.stage(covers) as made:
        asyncio.run(_run(done, items, made, judge, cell_seconds))
    return done


async def _run(
    done: Run, items: list[str], made: jail.Stage, judge: Callable[[Run], None], cell_seconds: float
) -> None:
    manager = jail.kernel_manager(made)
    client = NotebookClient(
        done.nb,
        km=manager,
        timeout=int(cell_seconds),
        interrupt_on_timeout=True,
        allow_errors=True,
        shutdown_kernel="immediate",
        store_widget_state=False,
        coalesce_streams=True,
        record_timing=False,
        resources={"metadata": {"path": str(made.work)}},
    )
    group = None
    try:
        async with client.async_setup_kernel(cleanup_kc=True):
            group = manager.provisioner.pgid
            await _cells(done, items, made, client, cell_seconds)
            await asyncio.to_thread(judge, done)
    finally:
        if group is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)


async def _cells(
    done: Run, items: list[str], made: jail.Stage, client: NotebookClient, cell_seconds: float
) -> None:
    for index, cell in enumerate(done.nb.cells):
        if cell.cell_type != "code":
            continue
        item = cell.metadata.get("nbgrader", {}).get("grade_id")
        graded = cell.metadata.get("nbgrader", {}).get("grade") and item in items
        if graded and item not in done.sockets:
            number = len(done.sockets)
            ran = nbformat.v4.new_code_cell(f"{FORK}{number}")
        else:
            number, ran = None, cell
        if graded and number is None:
            continue
        problem = await _cell(client, ran, index, cell_seconds, done.flags)
        done.nb.cells[index] = cell  # nbclient puts there what it ran
        if number is not None and not problem:
            done.sockets[item] = made.run / f"{number}.sock"
        if problem:
            done.stopped = f"{problem} in cell {index + 1}; nothing after it ran"
            done.flags.append(done.stopped)
            return


async def _cell(
    client: NotebookClient, cell: NotebookNode, index: int, seconds: float, flags: list[str]
) -> str:
    """Run one cell; returns why the kernel is gone, or an empty text if it lives."""
    started = time.monotonic()
    task = asyncio.ensure_future(client.async_execute_cell(cell, index))
    await asyncio.wait({task}, timeout=seconds + GRACE_SECONDS)
    hangs = not task.done()
    if hangs:
        client.km.provisioner.process.kill()  # only the kernel: the forks of its items live on
    try:
        await task
    except DeadKernelError:
        if hangs:
            _say(cell, f"Stopped after {seconds:.0f} s: is there an endless loop in this cell?")
            return f"stopped after {seconds:.0f} s (an endless loop?)"
        _say(cell, "The notebook's process ended in this cell.")
        return "the notebook's process ended"
    if time.monotonic() - started >= seconds:
        flags.append(f"cell {index + 1} was stopped after {seconds:.0f} s")
        _say(cell, f"Stopped after {seconds:.0f} s: is there an endless loop in this cell?")
    return ""


def _say(cell: NotebookNode, text: str) -> None:
    cell.outputs.append(nbformat.v4.new_output("stream", name="stderr", text=text + "\n"))
