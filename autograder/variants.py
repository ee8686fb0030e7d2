"""Runs many variants of one lab, each in a fork, from the state just before it differs.

A variant is the lab with a mistake, a lazy or another right answer in it. The cells before its
first changed cell are the solution's own; they run once.
"""

from __future__ import annotations

import gc
import multiprocessing
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait

from autograder import agent, graded, local, tester
from autograder.source import Lab


@dataclass(frozen=True)
class Variant:
    """A changed lab. `items`: judge only these; None: all from the first changed cell on."""

    id: str
    lab: Lab
    items: tuple[str, ...] | None = None


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
    shared = [variant for variant in variants if variant.items is not None]
    alone = [[variant] for variant in variants if variant.items is None]
    return alone + [chunk for n in range(jobs) if (chunk := shared[n::jobs])]


def _forked(
    chunks: list[list[Variant]], jobs: int
) -> Iterator[tuple[Variant, list[tester.Outcome]]]:
    """Each chunk in a fork of this process as it is now, `jobs` at a time."""
    context = multiprocessing.get_context("fork")
    waiting, running = list(chunks), {}
    while waiting or running:
        while waiting and len(running) < jobs:
            chunk = waiting.pop(0)
            mine, theirs = context.Pipe(duplex=False)
            process = context.Process(target=_answer, args=(theirs, chunk))
            process.start()
            theirs.close()
            running[mine] = chunk, process
        for ready in wait(list(running)):
            chunk, process = running.pop(ready)
            try:
                found = ready.recv()
            except EOFError:
                names = ", ".join(variant.id for variant in chunk)
                found = tester.BrokenTest(f"a process ended in one of: {names}")
            process.join()
            ready.close()
            if isinstance(found, Exception):
                raise found
            yield from zip(chunk, found, strict=True)


def _answer(answer: Connection, chunk: list[Variant]) -> None:
    found: list[list[tester.Outcome]] = []
    start = _notebook.mark()
    try:
        for variant in chunk:
            found.append(_run_one(variant))
            _notebook.rewind(start)
        answer.send(found)
    except Exception as error:
        answer.send(tester.BrokenTest(f"{chunk[len(found)].id}: {error}"))


def _run_one(variant: Variant) -> list[tester.Outcome]:
    notebook = _notebook
    notebook.lab = variant.lab
    items = [item.id for item in variant.lab.items if item.kind == "grade"]
    if variant.items is not None:
        items = [item for item in items if item in variant.items]
    items = [item for item in items if notebook.place(item) >= notebook.position]
    return tester.run(notebook, variant.lab.name, items)


def first_change(lab: Lab, changed: Lab) -> int:
    """Index of the first cell that differs; 0 where none does, so that every item is judged."""
    if lab.cells == changed.cells:
        return 0
    for place, (a, b) in enumerate(zip(lab.cells, changed.cells, strict=False)):
        if (a.kind, a.id, a.source) != (b.kind, b.id, b.source):
            return place
    return min(len(lab.cells), len(changed.cells))
