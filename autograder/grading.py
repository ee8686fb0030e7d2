"""Grades notebooks: runs one in a jail, has its items judged, turns outcomes into points."""

from __future__ import annotations

import atexit
import importlib
import threading
from collections.abc import Container
from contextlib import ExitStack
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder import (
    diagnosis,
    holes,
    jail,
    kernels,
    matching,
    outputs,
    paths,
    profile,
    results,
    runner,
    scoring,
    workshop,
)
from autograder.release import EMPTY_TEXT
from autograder.results import ItemResult, Result
from autograder.source import Item, Lab, letter, load, stub_source


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
    if wanted:
        with nursery(lab.name).berth(len(wanted)) as berth:
            judged = workshop_of(lab.name).judge(nb, wanted, berth)
    else:
        judged = workshop.Judged(runner.Run(nbformat.from_dict(nb)))
    with profile.part("diagnosis and score"):
        found = [
            ItemResult(item.id, 0.0, item.points, statuses[item.id])
            if statuses[item.id]
            else _score(item, judged, lab)
            for item in lab.items
        ]
    outputs.tidy(judged.run.nb)
    return Result(lab.name, found, judged.run.flags, judged.run.nb, judged.run.timed)


def nursery(lab_name: str) -> kernels.Nursery:
    """The preloaded parent of this lab's kernels, started when first asked for.

    Raises NoJail, JailBroken. It ends with this process.
    """
    with _starting:
        kind = jail.chosen()
        if (lab_name, kind) not in _nurseries:
            hidden = importlib.import_module(f"autograder.hidden.{lab_name}")
            limits = getattr(hidden, "LIMITS", {})
            imports = load(lab_name).imports()
            made = kernels.Nursery(kind, list(hidden.COVERS), imports, limits)
            _nurseries[lab_name, kind] = _at_end.enter_context(made)
        return _nurseries[lab_name, kind]


def workshop_of(lab_name: str) -> workshop.Workshop:
    """The trusted server of this lab, started when first asked for. It ends with this process."""
    with _starting:
        known = _workshops.get(lab_name)
        if known is None or known.process.poll() is not None:
            known = _workshops[lab_name] = workshop.Workshop(lab_name)
            _at_end.callback(known.close)
        return known


def close(lab_name: str) -> None:
    """End what was started for this lab: for a run that goes on with another."""
    with _starting:
        for key in [key for key in _nurseries if key[0] == lab_name]:
            _nurseries.pop(key).__exit__()
        if lab_name in _workshops:
            _workshops.pop(lab_name).close()


_starting = threading.Lock()
_workshops: dict[str, workshop.Workshop] = {}
_nurseries: dict[tuple[str, jail.Jail], kernels.Nursery] = {}
_at_end = ExitStack()
atexit.register(_at_end.close)


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
    model = lab.answer_of(item.id) if item.kind == "grade" else lab.cell("choice", item.id)
    answer = cells.get(f"answer-{model.id}")
    if answer is None or item.id not in cells:
        return "missing"
    stub = stub_source(model)
    part = model.file and holes.untouched(model.source, answer.source, item.id)
    if _plain(answer.source) != _plain(stub) and not part:
        return ""
    return "" if any(n in elsewhere for n in matching.defined(stub)) else "not_attempted"


def _plain(code: str) -> list[str]:
    lines = (line.split("#")[0].rstrip() for line in code.splitlines())
    return [line for line in lines if line]


def _score(item: Item, judged: workshop.Judged, lab: Lab) -> ItemResult:
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
