"""From the cells of a lab to the cells of its instructor notebook, in nbgrader's format.

One cell of the source gives one or more of the notebook; which, is said at each function. Answers
are still in place: `autograder.release.Strip` takes them out.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder import companions, intro
from autograder.cells import number_text
from autograder.recorded import Recorded
from autograder.source import Cell, Lab, full_source, letter
from gptlab.checks import quiz

BEGIN_SCHEME, END_SCHEME = "### BEGIN MARK SCHEME", "### END MARK SCHEME"
CHOICE_TAG = "choice"


def expand(lab: Lab, recorded: Recorded, where: intro.Address) -> list[NotebookNode]:
    """All cells of the instructor notebook. Raises SourceError for what was not recorded."""
    cells: list[NotebookNode] = []
    for cell in lab.cells:
        cells += _EXPAND[cell.kind](lab, cell, recorded)
    cells[0].source = intro.with_badge(cells[0].source, lab.name, where)
    start = _text("start", intro.before_you_start(lab, recorded))
    cells[1:1] = [start, _code("install", intro.install(where))]
    counts: Counter[str] = Counter()
    for cell in cells:
        counts[cell.id] += 1
        if counts[cell.id] > 1:
            cell.id += f"-{counts[cell.id]}"
    return cells


def released_id(cell: Cell) -> str:
    """The id in the notebook of what a source cell becomes (its code, where it becomes several)."""
    if cell.kind in ("answer", "grade", "predict", "explain"):
        return f"{cell.kind}-{cell.id}"
    if cell.kind == "choice":
        return f"answer-{cell.id}"
    return f"{cell.kind}-{hashlib.sha256(cell.source.encode()).hexdigest()[:8]}"


def _nbgrader(grade_id: str, **given: Any) -> dict[str, Any]:
    """nbgrader's metadata, schema 3; what is not given is False."""
    return {
        "schema_version": 3,
        "grade_id": grade_id,
        "grade": False,
        "locked": False,
        "solution": False,
        "task": False,
        **given,
    }


def _points(cell: Cell) -> float | int:
    value = cell.points or 0.0
    return int(value) if value.is_integer() else value


def _text(id: str, source: str, **metadata: Any) -> NotebookNode:
    return new_markdown_cell(source, id=id, metadata=metadata)


def _code(id: str, source: str, **metadata: Any) -> NotebookNode:
    return new_code_cell(source, id=id, metadata=metadata)


def _plain(lab: Lab, cell: Cell, recorded: Recorded) -> list[NotebookNode]:
    """text, code, predict: as they are; under a figure, the solution's picture of it."""
    if cell.kind == "text":
        return [_text(released_id(cell), recorded.filled(cell.source, cell))]
    tags = ["predict"] if cell.kind == "predict" else ["figure"] if cell.figure else []
    code = _code(released_id(cell), full_source(cell), **({"tags": tags} if tags else {}))
    if not cell.figure:
        return [code]
    picture = recorded.picture(cell.figure, cell, cell.figure.replace("_", " "))
    words = f"What yours should look like:\n\n{picture}"
    return [code, _text(f"picture-{cell.figure}", words, tags=["picture"])]


def _answer(lab: Lab, cell: Cell, recorded: Recorded) -> list[NotebookNode]:
    """The red line, and the cell to fill in."""
    metadata = {"nbgrader": _nbgrader(f"answer-{cell.id}", solution=True)}
    if cell.file:
        todo = _text(f"todo-{cell.id}", intro.file_line(lab, cell), tags=["todo"])
        text = companions.cell_text(cell.file, cell.source)
        return [todo, _code(released_id(cell), text, gptlab={"file": cell.file}, **metadata)]
    return [_todo(lab, cell), _code(released_id(cell), cell.source, **metadata)]


def _grade(lab: Lab, cell: Cell, recorded: Recorded) -> list[NotebookNode]:
    """The check that a student runs, with the points; of a part of a file, under a red line."""
    metadata = _nbgrader(cell.id or "", grade=True, locked=True, points=_points(cell))
    if not cell.of:
        return [_code(released_id(cell), cell.source, nbgrader=metadata)]
    of = {"of": f"answer-{cell.of}"}
    return [_todo(lab, cell), _code(released_id(cell), cell.source, nbgrader=metadata, gptlab=of)]


def _choice(lab: Lab, cell: Cell, recorded: Recorded) -> list[NotebookNode]:
    """The red line, the question with lettered options, the cell for the letter, its check."""
    options = {
        recorded.filled(option, cell): recorded.filled(why, cell)
        for option, why in (cell.options or {}).items()
    }
    listed = "\n".join(f"- **{x}** · {text}" for x, text in zip("abcdefgh", options, strict=False))
    question = f"{recorded.filled(cell.question or '', cell).strip()}\n\n{listed}"
    letters = [f'"{x}"' for x in "abcdefgh"[: len(options)]]
    hint = f"{', '.join(letters[:-1])} or {letters[-1]}"
    answer = f'### BEGIN SOLUTION\nchoice_{cell.id} = "{letter(cell)}"  # {hint}\n### END SOLUTION'
    sealed = quiz.seal_options(
        lab.name, cell.id or "", options, recorded.filled(cell.right or "", cell)
    )
    lines = [f'    "{x}": "{text}",' for x, text in sealed.items()]
    check = "\n".join([
        f"# @title Check {cell.id}",
        f'check.choice("{cell.id}", choice_{cell.id}, {{',
        *lines,
        "})",
    ])  # fmt: skip
    hidden = {"cellView": "form", "jupyter": {"source_hidden": True}}
    grade = _nbgrader(cell.id or "", grade=True, locked=True, points=_points(cell))
    return [
        _todo(lab, cell),
        _text(f"question-{cell.id}", question, nbgrader=_locked(cell)),
        _code(
            released_id(cell),
            answer,
            nbgrader=_nbgrader(f"answer-{cell.id}", solution=True),
            tags=[CHOICE_TAG],
        ),
        _code(f"grade-{cell.id}", check, nbgrader=grade, **hidden),
    ]


def _explain(lab: Lab, cell: Cell, recorded: Recorded) -> list[NotebookNode]:
    """The red line, the question, the cell to write in.

    The model answer and the scheme stand in the question's cell, as nbgrader's mark scheme: it goes
    to the gradebook and comes back when a person grades, so it is at hand in formgrader.
    """
    question, solution, scheme = (
        recorded.filled(part or "", cell) for part in (cell.question, cell.solution, cell.scheme)
    )
    marking = (
        f"{BEGIN_SCHEME}\n**A good answer.** {solution}\n\n"
        f"**Marking ({number_text(cell.points or 0)} points).** {scheme}\n{END_SCHEME}"
    )
    answer = f"### BEGIN SOLUTION\n{solution}\n### END SOLUTION"
    written = _nbgrader(cell.id or "", grade=True, solution=True, points=_points(cell))
    return [
        _todo(lab, cell),
        _text(f"question-{cell.id}", f"{question}\n\n{marking}", nbgrader=_locked(cell)),
        _text(released_id(cell), answer, nbgrader=written),
    ]


def _todo(lab: Lab, cell: Cell) -> NotebookNode:
    return _text(f"todo-{cell.id}", intro.todo_line(lab, cell), tags=["todo"])


def _locked(cell: Cell) -> dict[str, Any]:
    return _nbgrader(f"question-{cell.id}", locked=True)


_EXPAND = {
    "text": _plain,
    "code": _plain,
    "predict": _plain,
    "answer": _answer,
    "grade": _grade,
    "choice": _choice,
    "explain": _explain,
}


def runnable(lab: Lab) -> list[tuple[Cell, str]]:
    """The code cells of a finished lab in order, each with what a student with all answers runs.

    A choice gives its answer alone; predictions stay None.
    """
    kinds = ("code", "predict", "answer", "grade", "choice")
    return [(cell, full_source(cell)) for cell in lab.cells if cell.kind in kinds]
