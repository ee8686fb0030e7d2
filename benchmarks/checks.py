"""The visible checks: their seconds on a right answer, and what they say of each named mistake.

python -m benchmarks checks; of one lab, with what it says of each: python -m benchmarks.checks LAB

A check costs a student these seconds after each answer. Of the lab's named mistakes it refuses
some, and of these it names some. What it lets pass waits for the hidden tests, which is no fault by
itself: a check is short, and its numbers can be worked out by hand.
"""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import sys
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection, wait

from autograder import agent, graded, local, source, variants
from autograder.catalogue import Mistake, catalogue
from autograder.source import Lab, full_source
from gptlab.checks.causes import CAUSES
from gptlab.checks.core import CheckFailed

SECONDS = 60  # that a mistake has, its lab's cells included
JOBS = 2
PASSED = "passed"

_notebook: local.Notebook  # what the forks start from


def main(names: list[str] | None = None) -> None:
    """A line for each lab; where labs are named, also each mistake that is not named by its own."""
    with graded.environment():
        for name in names or source.labs():
            lab = source.load(name)
            slowest, seconds = max(_seconds(lab), key=lambda one: one[1])
            said = list(_judged(lab))
            refused = [one for one, found in said if found != PASSED]
            own = [one for one, found in said if found == CAUSES[one.cause or one.id]]
            print(f"  {name:<22} slowest check {slowest:<18} {seconds:5.2f} CPU-s; of {len(said)} "
                  f"mistakes {len(refused)} refused, {len(own)} of them by name")  # fmt: skip
            for mistake, found in said if names else []:
                if mistake not in own:
                    print(f"    {mistake.item:<18} {mistake.id:<28} {found}")


def _seconds(lab: Lab) -> Iterator[tuple[str, float]]:
    """Item -> CPU-seconds of its check, given the lab's own answer."""
    context = multiprocessing.get_context("spawn")
    mine, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_time, args=(theirs, lab.name))
    process.start()
    theirs.close()
    yield from mine.recv()
    process.join()


def _time(answer: Connection, name: str) -> None:
    lab, found = source.load(name), []
    notebook = local.Notebook(lab)
    for place, cell in enumerate(lab.cells):
        if cell.kind == "grade":
            notebook.run_to(place)
            started = time.process_time()
            problem = _checked(notebook, place)
            found.append((cell.id, time.process_time() - started))
            if problem != PASSED:
                raise RuntimeError(f"{name}: {cell.id} refuses the lab's own answer: {problem}")
    answer.send(found)


def _checked(notebook: local.Notebook, place: int) -> str:
    """What a check says of the notebook's answer: PASSED, its likely cause, or its error."""
    code = compile(full_source(notebook.lab.cells[place]), f"<cell {place + 1}>", "exec")
    quiet = io.StringIO()
    try:
        with contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet):
            exec(code, dict(notebook.module.__dict__))
    except CheckFailed as error:
        return error.likely or "refused, without a cause"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return PASSED


def _judged(lab: Lab) -> Iterator[tuple[Mistake, str]]:
    """Each mistake of the catalogue, and what the check of its item says."""
    global _notebook
    agent.preload()
    notebook = _notebook = local.Notebook(lab)
    groups: dict[int, list[tuple[Mistake, Lab]]] = {}
    for mistake in catalogue(lab.name).MISTAKES:
        changed = mistake.applied_to(lab)
        groups.setdefault(variants.first_change(lab, changed), []).append((mistake, changed))
    for place in sorted(groups):
        notebook.run_to(place)
        yield from _forked(groups[place])


def _forked(some: list[tuple[Mistake, Lab]]) -> Iterator[tuple[Mistake, str]]:
    """Each in a fork of this process as it is now; one that does not end says so."""
    context = multiprocessing.get_context("fork")
    waiting, running = list(some), {}
    while waiting or running:
        while waiting and len(running) < JOBS:
            mistake, changed = waiting.pop(0)
            mine, theirs = context.Pipe(duplex=False)
            process = context.Process(target=_answer, args=(theirs, mistake.item, changed))
            process.start()
            theirs.close()
            running[mine] = mistake, process, time.monotonic() + SECONDS
        first = min(ends for _, _, ends in running.values())
        ready = wait(list(running), max(0.0, first - time.monotonic()))
        late = [mine for mine, (_, _, ends) in running.items() if time.monotonic() > ends]
        for mine in dict.fromkeys([*ready, *late]):
            mistake, process, _ = running.pop(mine)
            try:
                yield mistake, mine.recv() if mine in ready else "did not end"
            except EOFError:
                yield mistake, "the process ended"
            process.kill()
            process.join()


def _answer(answer: Connection, item: str, changed: Lab) -> None:
    _notebook.lab = changed
    place = _notebook.place(item)
    _notebook.run_to(place)
    answer.send(_checked(_notebook, place))


if __name__ == "__main__":
    main(sys.argv[1:])
