"""Grades one notebook: run it, judge its items in a trusted process, turn outcomes into points."""

from __future__ import annotations

import importlib
import multiprocessing
import os
from collections.abc import Container
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder import diagnosis, matching, paths, results, runner, scoring, tester
from autograder.bridge import NotReached, Remote, StudentError
from autograder.release import EMPTY_TEXT
from autograder.results import ItemResult, Result
from autograder.source import Item, Lab, letter, load, stub_source

TESTER_SECONDS = 300
MOST_TEXT = 100_000  # characters of one output


@dataclass
class Judged:
    """What the trusted process found out."""

    outcomes: list[tester.Outcome] = field(default_factory=list)
    choices: dict[str, Any] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)  # choices that could not be, and why
    error: str = ""


def grade(nb: NotebookNode, lab_name: str, folder: Path | None = None) -> Result:
    """The result of a well-formed submission, from its file if there is one.

    Raises UserError for an unknown lab, BrokenTest where a hidden test itself is at fault.
    """
    lab = load(lab_name)
    folder = folder or paths.results()
    key = results.key_of(nb, lab)
    known = results.load(key, folder)
    if known is None:
        known = _grade(nb, lab)
        results.save(key, known, folder)
    return known


def _grade(nb: NotebookNode, lab: Lab) -> Result:
    cells = {
        known["grade_id"]: cell for cell in nb.cells if (known := cell.metadata.get("nbgrader"))
    }
    elsewhere = defined_elsewhere(nb)
    statuses = {item.id: attempt(item, cells, lab, elsewhere) for item in lab.items}
    wanted = [item.id for item in lab.items if not statuses[item.id]]
    hidden = importlib.import_module(f"autograder.hidden.{lab.name}")
    judged = Judged()

    def judge(run: runner.Run) -> None:
        nonlocal judged
        judged = _in_trusted_process(run.sockets, run.stopped, lab.name, wanted)

    if wanted:
        done = runner.run(nb, wanted, list(hidden.COVERS), judge)
    else:
        done = runner.Run(nbformat.from_dict(nb))
    if judged.error:
        raise tester.BrokenTest(judged.error)
    found = [
        ItemResult(item.id, 0.0, item.points, statuses[item.id])
        if statuses[item.id]
        else _score(item, judged, lab)
        for item in lab.items
    ]
    cut_outputs(done.nb)
    return Result(lab.name, found, done.flags, done.nb)


def cut_outputs(nb: NotebookNode) -> None:
    """Bound what a cell printed or showed as text: it is kept, and sent to browsers."""
    for output in (output for cell in nb.cells for output in cell.get("outputs", [])):
        for holder, key in ((output, "text"), (output.get("data", {}), "text/plain")):
            text = holder.get(key, "")
            if len(text) > MOST_TEXT:
                holder[key] = f"{text[:MOST_TEXT]}\n… cut: {len(text):,} characters in all\n"


def defined_elsewhere(nb: NotebookNode) -> set[str]:
    """The names that cells of the student's own define: an answer may stand there."""
    own = (cell for cell in nb.cells if cell.cell_type == "code" and cell.id.startswith("extra-"))
    return {name for cell in own for name in matching.defined(cell.source)}


def attempt(
    item: Item, cells: dict[str, NotebookNode], lab: Lab, elsewhere: Container[str] = ()
) -> str:
    """missing, not_attempted or manual where no test need run; "" where the tests decide.

    elsewhere: names that the student's own cells define, see `defined_elsewhere`.
    """
    if item.kind == "explain":
        if item.id not in cells:
            return "missing"
        written = cells[item.id].source.strip()
        return "manual" if written not in ("", EMPTY_TEXT.strip()) else "not_attempted"
    answer = cells.get(f"answer-{item.id}")
    if answer is None or item.id not in cells:
        return "missing"
    kind = "answer" if item.kind == "grade" else "choice"
    stub = stub_source(lab.cell(kind, item.id))
    if _plain(answer.source) != _plain(stub):
        return ""
    return "" if any(n in elsewhere for n in matching.defined(stub)) else "not_attempted"


def _plain(code: str) -> list[str]:
    lines = (line.split("#")[0].rstrip() for line in code.splitlines())
    return [line for line in lines if line]


def _score(item: Item, judged: Judged, lab: Lab) -> ItemResult:
    if item.id in judged.unread:
        return ItemResult(item.id, 0.0, item.points, "failed", [judged.unread[item.id]])
    if item.kind == "choice":
        cell = lab.cell("choice", item.id)
        explained = dict(zip("abcdefgh", (cell.options or {}).values(), strict=False))
        return scoring.score_choice(item, judged.choices.get(item.id), letter(cell), explained)
    outcomes = [outcome for outcome in judged.outcomes if outcome.item == item.id]
    result = scoring.score_tests(item, outcomes)
    named = diagnosis.name_mistakes(lab, item.id, outcomes)
    result.mistakes = [mistake.id for mistake in named]
    causes = [diagnosis.sentence(mistake) for mistake in named]
    if causes and result.messages:
        result.messages[0] += "\n  likely      " + "\n  or          ".join(causes)
    return result


def _in_trusted_process(
    sockets: dict[str, Path], stopped: str, lab_name: str, items: list[str]
) -> Judged:
    """Judge in a process that holds neither this one's files nor the student's code."""
    os.environ["OMP_THREAD_LIMIT"] = "1"  # it forks for the diagnosis: see runner
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["autograder.tester", "autograder.diagnosis"])
    mine, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_judge, args=(theirs, sockets, stopped, lab_name, items))
    process.start()
    theirs.close()
    try:
        if not mine.poll(TESTER_SECONDS):
            return Judged(error=f"the tests of {lab_name} took over {TESTER_SECONDS} s")
        return mine.recv()
    except EOFError:
        return Judged(error=f"the tests of {lab_name} ended without a word (out of memory?)")
    finally:
        process.kill()
        process.join()


def _judge(
    answer: Connection, sockets: dict[str, Path], stopped: str, lab_name: str, items: list[str]
) -> None:
    tester.limit_memory()
    judged = Judged()
    remote = Remote(sockets, stopped)
    lab = load(lab_name)
    kinds = {item.id: item.kind for item in lab.items}
    tested = [item for item in items if kinds[item] == "grade"]
    try:
        judged.outcomes = tester.run(remote, lab_name, tested)
        for item in (item for item in items if kinds[item] == "choice"):
            try:
                judged.choices[item] = remote.student(item, 0).get(f"choice_{item}")
            except (StudentError, NotReached) as error:
                judged.unread[item] = f"{item}: could not be judged: {error}"
            remote.close()
    except tester.BrokenTest as error:
        judged.error = str(error)
    answer.send(judged)


def write_scores(nb: NotebookNode, result: Result) -> None:
    """Put outputs, scores and messages into the cells, as nbgrader reads them.

    The score comes first among the outputs of a grade cell, as its result.
    """
    ran = {cell.get("id"): cell for cell in (result.nb.cells if result.nb else [])}
    items = {item.id: item for item in result.items}
    for cell in nb.cells:
        if cell.cell_type != "code":
            continue
        known = cell.metadata.get("nbgrader", {})
        if known.get("grade") and known.get("grade_id") in items:
            cell.execution_count = 1
            cell.outputs = _outputs(items[known["grade_id"]])
        elif cell.get("id") in ran:
            cell.outputs = ran[cell.id].outputs
            cell.execution_count = ran[cell.id].execution_count


def _outputs(item: ItemResult) -> list[NotebookNode]:
    text = "\n\n".join(item.messages) or item.status.replace("_", " ")
    return [
        nbformat.v4.new_output(
            "execute_result", {"text/plain": repr(item.score)}, execution_count=1
        ),
        nbformat.v4.new_output("display_data", {"text/plain": text}),
    ]
