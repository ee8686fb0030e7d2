"""An ordinary nbgrader course out of a lab of ours: the peer of benchmarks/grading.py.

nbgrader's own defaults throughout: its folders, its preprocessors, its database, its Execute. The
hidden tests are the lab's own, as text between BEGIN and END HIDDEN TESTS, so they run in the
student's kernel, as they do in any nbgrader course.

Two things are not ordinary, and both are to the peer's good. A visible check stands in a cell of
its own, before the grade cell: it raises where an answer is wrong, and then nbgrader would give 0
and no share of the points. And the kernel gets the surroundings of a notebook graded by us (short
loops, the generated play, one thread), without which it would train for minutes.
"""

from __future__ import annotations

import ast
import copy
import inspect
import os
import sys
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from nbgrader.api import Gradebook

from autograder import graded, release, scoring, source, tester
from autograder.errors import UserError
from autograder.paths import ROOT
from autograder.source import Item, Lab

NBGRADER = (sys.executable, "-m", "nbgrader")
BEGIN, END = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
CORE = {"core", "pytest.mark.core"}


def points_of(
    notebook: dict, item: str, points: float, without_core: float, tests: list[tuple]
) -> float:
    """What an item earns. Its text goes into the grade cells, so it imports all that it needs.

    tests: (test, seed, whether it is the core) in turn; the rule is that of autograder.scoring.
    """
    import contextlib
    import io
    import warnings

    import torch

    from autograder.bridge import Local, StudentError
    from gptlab.checks.core import CheckFailed

    local, passed = Local(notebook, lambda name: None), {}
    for test, seed, _ in tests:
        torch.default_generator.manual_seed(seed)
        # nbgrader gives 0 for a cell that writes to stderr, and a warning is no wrong answer.
        with (
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
            warnings.catch_warnings(action="ignore"),
        ):
            try:
                test(local.student(item, seed))
                passed[test] = True
            except (CheckFailed, StudentError):  # anything else is the test's own fault
                passed[test] = False
            finally:
                local.end_test()
    share = sum(passed.values()) / len(tests)
    if not all(passed[test] for test, _, core in tests if core):
        share = min(share, without_core)
    return round(points * share, 2)


class Tests:
    """The hidden tests of a lab, read and never imported: item -> the text of its tests."""

    def __init__(self, lab_name: str):
        self.lab_name = lab_name
        self.named: dict[str, ast.stmt] = {}  # what the module defines or imports, by name
        self.order: list[ast.stmt] = []
        path = tester.HIDDEN / f"{lab_name}.py"
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            names = _defines(node)
            self.named.update(dict.fromkeys(names, node))
            self.order += [node] if names else []

    def text(self, item: Item) -> str:
        """One function with the item's tests and all that they use, and the call of it.

        Inside a function, so that no name of the tests is left among the student's.
        """
        tests, listed = [], []
        for name, node in self.named.items():
            if name.startswith("test_") and tester.item_of(name) == item.id:
                marks = {ast.unparse(mark) for mark in node.decorator_list}
                if marks - CORE:
                    raise UserError(f"{name}: {', '.join(marks - CORE)}: not known to stock.py")
                plain = copy.copy(node)
                plain.decorator_list = []
                tests.append(plain)
                listed.append(f"({name}, {tester.seed_of(self.lab_name, name)}, {bool(marks)})")
        asked = ", ".join(("notebook", repr(item.id), str(item.points), str(scoring.WITHOUT_CORE)))
        call = f"return points_of({asked}, [{', '.join(listed)}])"
        whole = ast.parse("def hidden_tests(notebook):\n    pass\nhidden_tests(globals())")
        whole.body[0].body = [
            *self._used_by(tests),
            *tests,
            *ast.parse(inspect.getsource(points_of)).body,
            *ast.parse(f"def it():\n    {call}").body[0].body,
        ]
        return ast.unparse(ast.fix_missing_locations(whole))

    def _used_by(self, nodes: list[ast.stmt]) -> list[ast.stmt]:
        """The module's definitions that these need, themselves or through others, in its order."""
        found: list[ast.stmt] = []
        waiting = list(nodes)
        while waiting:
            for part in ast.walk(waiting.pop()):
                node = self.named.get(part.id) if isinstance(part, ast.Name) else None
                if node is not None and node not in found:
                    found.append(node)
                    waiting.append(node)
        return [node for node in self.order if node in found]


def _defines(node: ast.stmt) -> list[str]:
    """The names that a statement of a module binds."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [name.asname or name.name.split(".")[0] for name in node.names]
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return [part.id for target in targets for part in ast.walk(target)
                if isinstance(part, ast.Name)]  # fmt: skip
    return []


def instructor_notebook(lab: Lab) -> NotebookNode:
    """The lab as an instructor without our grader would hold it: answers and tests in one file."""
    nb, tests = release.instructor_notebook(lab), Tests(lab.name)
    items = {item.id: item for item in lab.items}
    cells: list[NotebookNode] = []
    for cell in nb.cells:
        cell.source = release.SCHEME.sub("", cell.source)  # nbgrader wants those in "task" cells
        known = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and known.get("grade"):
            item = items[known["grade_id"]]
            if item.kind == "choice":
                letter = source.letter(lab.cell("choice", item.id))
                hidden = (
                    "from gptlab.checks import quiz\n"
                    f"assert quiz.letter_of(choice_{item.id}) == {letter!r}"
                )
            else:
                cells.append(_check_cell(cell, item))
                cell.source = "# Hidden tests decide the points of this item."
                hidden = tests.text(item)
            cell.source += f"\n{BEGIN}\n{hidden}\n{END}"
        cells.append(cell)
    nb.cells = cells
    return nb


def _check_cell(cell: NotebookNode, item: Item) -> NotebookNode:
    """The check that a student runs, locked and without points."""
    known = dict(cell.metadata.nbgrader, grade=False, grade_id=f"check-{item.id}")
    known.pop("points")
    return new_code_cell(cell.source, id=f"check-{item.id}", metadata={"nbgrader": known})


def environment() -> dict[str, str]:
    """What nbgrader and its kernels see around them."""
    ours = ("GPTLAB_DATA", "GPTLAB_CACHE", "COURSE_ROOT", "GRADEBOOK_URL")
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    path = os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", "")])
    return kept | graded.ENVIRONMENT | {"PYTHONPATH": str(ROOT), "PATH": path}


def scores(folder: Path, lab_name: str) -> dict[str, dict[str, float | None]]:
    """Student -> item -> points, None where a person has to mark: as the gradebook has them."""
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as opened:
        return {
            one.student.id: {
                grade.name: None if grade.needs_manual_grade else grade.score
                for notebook in one.notebooks
                for grade in notebook.grades
            }
            for one in opened.assignment_submissions(lab_name)
        }


def write_source(lab: Lab, folder: Path) -> Path:
    """Lay out a course folder; `nbgrader generate_assignment` in it does the rest."""
    path = folder / "source" / lab.name / f"{lab.name}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(release.text_of(instructor_notebook(lab)), encoding="utf-8")
    return path


def released(lab: Lab, folder: Path) -> Path:
    """The notebook that nbgrader's release gave the students."""
    return folder / "release" / lab.name / f"{lab.name}.ipynb"
