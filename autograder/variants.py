"""Runs many variants of one lab, each in a fork, from the state just before it differs.

A variant is the lab with a mistake, a lazy or another right answer in it. The cells before its
first changed cell are the solution's own; they run once.
"""

from __future__ import annotations

import gc
import multiprocessing
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait

from autograder import agent, graded, local, tester
from autograder.source import Lab

SECONDS = 120  # that a variant has at most; the slowest takes some three, on an idle machine


@dataclass(frozen=True)
class Variant:
    """A changed lab. `only`: the items and tests to judge; None: all from the first change on."""

    id: str
    lab: Lab
    only: tuple[str, ...] | None = None

    def needs_later_cells(self) -> bool:
        """Whether more than an item is judged, so that cells behind the changed one run."""
        return self.only is None or len({tester.item_of(name) for name in self.only}) > 1


def run_all(
    lab: Lab, variants: list[Variant], jobs: int = 2
) -> Iterator[tuple[Variant, list[tester.Outcome]]]:
    """Judge each variant; yields it with the outcomes of its hidden tests, as they are done."""
    global _notebook
    agent.preload()
    notebook = _notebook = local.Notebook(lab)
    tester.run(notebook, lab.name, [])  # what pytest loads once, it need not load in each fork
    groups: dict[int, list[Variant]] = {}
    for variant in variants:
        groups.setdefault(first_change(lab, variant.lab), []).append(variant)
    gc.freeze()  # else a collection in a fork would copy every page that it looks at
    try:
        with graded.environment():
            for place in sorted(groups):
                notebook.run_to(place)
                yield from _forked(_chunks(groups[place], jobs), jobs)
    finally:
        gc.unfreeze()


_notebook: local.Notebook  # what the forks of run_all start from


def _chunks(variants: list[Variant], jobs: int) -> list[list[Variant]]:
    """What one fork judges: a variant whose later cells run has it alone, the others share."""
    shared = [variant for variant in variants if not variant.needs_later_cells()]
    alone = [[variant] for variant in variants if variant.needs_later_cells()]
    return alone + [chunk for n in range(jobs) if (chunk := shared[n::jobs])]


def _forked(
    chunks: list[list[Variant]], jobs: int
) -> Iterator[tuple[Variant, list[tester.Outcome]]]:
    """Each chunk in a fork of this process as it is now, `jobs` at a time."""
    context = multiprocessing.get_context("fork")
    waiting, running = list(chunks), {}
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                chunk = waiting.pop(0)
                mine, theirs = context.Pipe(duplex=False)
                process = context.Process(target=_answer, args=(theirs, chunk))
                process.start()
                theirs.close()
                running[mine] = chunk, process, time.monotonic() + SECONDS * len(chunk)
            first = min(ends for _, _, ends in running.values())
            for ready in wait(list(running), max(0.0, first - time.monotonic())):
                chunk, process, _ = running.pop(ready)
                found = _received(ready, chunk)
                process.join()
                yield from zip(chunk, found, strict=True)
            for chunk, _, ends in running.values():
                if time.monotonic() > ends:
                    raise tester.BrokenTest(f"an endless loop in one of {_names(chunk)}?")
    finally:
        for _, process, _ in running.values():
            process.kill()
            process.join()


def _received(ready: Connection, chunk: list[Variant]) -> list[list[tester.Outcome]]:
    try:
        found = ready.recv()
    except EOFError:
        raise tester.BrokenTest(f"a process ended in one of {_names(chunk)}") from None
    finally:
        ready.close()
    if isinstance(found, Exception):
        raise found
    return found


def _answer(answer: Connection, chunk: list[Variant]) -> None:
    tester.limit_memory()
    try:
        answer.send(tester.run_each(_notebook, _notebook.lab.name, _rounds(chunk)))
    except Exception as error:
        answer.send(tester.BrokenTest(f"in one of {_names(chunk)}: {error}"))


def _rounds(chunk: list[Variant]) -> Iterator[list[str]]:
    """Turn the notebook into one variant after the other; gives the items to judge it on."""
    start = _notebook.mark()
    for variant in chunk:
        _notebook.lab = variant.lab
        wanted = [item.id for item in variant.lab.items if item.kind == "grade"]
        wanted = [item for item in wanted if _notebook.place(item) >= _notebook.position]
        if variant.only is not None:
            wanted = [name for i in wanted for name in variant.only if tester.item_of(name) == i]
        yield wanted
        _notebook.rewind(start)


def _names(chunk: list[Variant]) -> str:
    return ", ".join(variant.id for variant in chunk)


def first_change(lab: Lab, changed: Lab) -> int:
    """Index of the first cell that differs; 0 where none does, so that every item is judged."""
    if lab.cells == changed.cells:
        return 0
    for place, (a, b) in enumerate(zip(lab.cells, changed.cells, strict=False)):
        if (a.kind, a.id, a.source) != (b.kind, b.id, b.source):
            return place
    return min(len(lab.cells), len(changed.cells))
