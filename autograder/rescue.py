"""Answers that stand where nobody expects them: found, and put where they are graded.

Each function takes the cells of a notebook and gives them back, and says what it did. Code of the
student's is never changed; a function that was split in two cells is put together again.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable
from difflib import SequenceMatcher

from nbformat import NotebookNode

from autograder import matching, notebooks

Placed = list[tuple[int | None, NotebookNode]]  # a cell, and which released cell it is
Say = Callable[[str], None]
LONGEST = 100_000  # characters of a cell that are looked into
ELSEWHERE = "# This was answered in another cell."


def added(text: str, released: str) -> str:
    """The lines that somebody wrote into a text of ours; "" where only words were changed."""
    if len(text) > LONGEST:
        return ""
    old = [line.rstrip() for line in released.splitlines() if line.strip()]
    new = [line.rstrip() for line in text.splitlines() if line.strip()]
    kept = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind in ("insert", "replace"):
            kept += new[j1 + (i2 - i1) : j2]  # as many as there were before are taken for edited
    return "\n".join(kept)


def from_locked(cells: list[NotebookNode], lab: list[NotebookNode],
                found: dict[int, int]) -> list[NotebookNode]:  # fmt: skip
    """Cells of the student's own, made of what was written into a question or a check."""
    made = []
    answers = {known.grade_id: model for model in lab if (known := model.metadata.get("nbgrader"))}
    for mine, cell in enumerate(cells):
        model = lab[found[mine]] if mine in found else None
        known = model.metadata.get("nbgrader", {}) if model is not None else {}
        theirs = ""
        if known.get("locked") and not known.get("solution"):
            theirs = added(cell.source, model.source)
        if theirs and model.cell_type == "markdown":
            made += [cell, notebooks.cell("markdown", theirs)]
            continue
        answer = answers.get(matching.answer_id(model)) if known else None
        if theirs and answer is not None and cell.cell_type == "code":
            names = matching.defined(answer.source)
            if names and names <= matching.defined(theirs) and parses(theirs):
                made.append(notebooks.cell("code", theirs))
        made.append(cell)
    return made


def joined(cells: list[NotebookNode], lab: list[NotebookNode], found: dict[int, int],
           say: Say) -> set[int]:  # fmt: skip
    """Put answers together that were split inside a function; the cells that this emptied."""
    gone: set[int] = set()
    first = 0
    for second in range(1, len(cells)):
        pair = [found.get(first), found.get(second)]
        place = pair[0] if pair[0] is not None else pair[1]
        known = lab[place].metadata.get("nbgrader", {}) if place is not None else {}
        fits = known.get("solution") and set(pair) <= {place, None}
        if fits and _belong_together(cells[first], cells[second]):
            cells[first].source += "\n" + cells[second].source
            found[first] = place
            found.pop(second, None)
            gone.add(second)
            say(f"{known.grade_id}: was split in two cells, and is one again")
        else:
            first = second
    return gone


def _belong_together(first: NotebookNode, second: NotebookNode) -> bool:
    """Is this code that is valid only as one?"""
    if not first.cell_type == second.cell_type == "code":
        return False
    if not (first.source.strip() and second.source.strip()):
        return False
    apart = parses(first.source) and parses(second.source)
    return not apart and parses(f"{first.source}\n{second.source}")


def parses(source: str) -> bool:
    """Is this Python, lines for IPython (`%`, `!`) left out?"""
    if len(source) > LONGEST:
        return False
    lines = ["" if line[:1] in "%!" else line for line in source.splitlines()]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the student's code, as "\d"
        try:
            ast.parse("\n".join(lines))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True


def in_order(made: Placed, lab: list[NotebookNode], say: Say) -> Placed:
    """No check stands above its answer: such an answer moves up, with what stands right above it.

    That is where the cells that follow in the lab need it.
    """
    for place, model in enumerate(lab):
        answer = _answer_of(place, lab)
        have = [one for one, _ in made] if answer is not None else []
        if answer not in have or place not in have:
            continue
        check, at = have.index(place), have.index(answer)
        if lab[answer].metadata.get("gptlab", {}).get("file"):  # what loads it stands before
            check = next(n for n, one in enumerate(have) if one is not None and one > answer)
        if at < check:
            continue
        start = at
        while start - 1 > check and have[start - 1] is None:  # helpers that it may need
            start -= 1
        block = made[start : at + 1]
        del made[start : at + 1]
        made[check:check] = block
        name = model.metadata.nbgrader.grade_id
        say(f"answer-{name}: stood below its check, and has been moved above it")
    return made


def answered_together(made: Placed, lab: list[NotebookNode], say: Say) -> Placed:
    """One cell that answers two questions: the stub of the other must not undo it."""
    for place, model in enumerate(lab):
        answer = _answer_of(place, lab)
        have = [one for one, _ in made] if answer is not None else []
        if answer not in have or place not in have:
            continue
        stub = made[have.index(answer)][1]
        names = matching.defined(lab[answer].source)
        if not names or (matching.written(stub, lab[answer]) and stub.source != ELSEWHERE):
            continue
        others = [
            at for at, (one, cell) in enumerate(made)
            if one is not None and one != answer and cell.cell_type == "code"
            and lab[one].metadata.get("nbgrader", {}).get("solution")
            and matching.written(cell, lab[one]) and names <= matching.defined(cell.source)
        ]  # fmt: skip
        if not others:
            continue
        stub.source = ELSEWHERE
        name = model.metadata.nbgrader.grade_id
        say(f"answer-{name}: was answered in the cell {made[others[-1]][1].id}")
        check = have.index(place)
        if others[-1] > check:  # what is checked must have run
            made.insert(others[-1] + 1, made[check])
            del made[check]
    return made


def _answer_of(place: int, lab: list[NotebookNode]) -> int | None:
    """The released answer cell that this released check is of: the one right above it."""
    known = lab[place].metadata.get("nbgrader", {})
    if not known.get("grade") or known.get("solution"):
        return None
    wanted = matching.answer_id(lab[place])
    for at in range(place - 1, -1, -1):
        if lab[at].metadata.get("nbgrader", {}).get("grade_id") == wanted:
            return at
    return None
