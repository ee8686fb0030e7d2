"""A small lab whose students complete a file, and the course around it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import release_sample
import sample_tree
from nbformat import NotebookNode

from autograder import release, source

NAME = "lab97_file"
FILE = "wheel.py"
CELL = "answer-wheel_py"
TEXT = """\
# %% [markdown]
# # A wheel in a file
#
# The mean is {{mean:.2f}}.

# %%
from gptlab import companion

# %% answer="wheel_py" file="wheel.py"
# the text is in solutions/lab97_file/wheel.py

# %%
wheel = companion.fresh("wheel.py")
from wheel import Config, Wheel, total

# %% grade="start" points=6 of="wheel_py" level=1 minutes=2
assert Wheel(Config(3)).at == 30

# %% grade="turn" points=8.5 of="wheel_py" level=2 minutes=5
assert Wheel(Config(3)).turn(2) == 36

# %% grade="total" points=5.5 of="wheel_py" level=3 minutes=7
assert total([1, 2]) == 3
"""
WHEEL = '''\
"""A wheel that turns in steps."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Config:
    step: int = 2  # how far one turn goes


class Wheel:
    def __init__(self, config: Config):
        # TO-DO start: ten steps from zero
        ### BEGIN SOLUTION
        self.at = 10 * config.step
        ### END SOLUTION
        self.step = config.step

    def turn(self, n):
        """Forward by n steps; where the wheel stands then."""
        # TO-DO turn: on by n steps.
        # It has two places.
        ### BEGIN SOLUTION
        self.at += n * self.step
        ### END SOLUTION
        return self.at

    def back(self, n):
        # TO-DO turn: and back
        ### BEGIN SOLUTION
        self.at -= n * self.step
        return self.at
        ### END SOLUTION


def total(values):
    # TO-DO total: without sum()
    ### BEGIN SOLUTION
    result = 0
    for value in values:
        result += value
    return result
    ### INSTEAD
    return sum(values)
    ### END SOLUTION
'''
HIDDEN = '''\
"""Hidden tests of the wheel."""

import pytest

from autograder import expect

COVERS = []
core = pytest.mark.core


@pytest.fixture
def wheel(student):
    return student.new("Wheel", student.new("Config", 3))


@core
def test_start__in_steps(student, wheel):
    expect.equal(student.attr(wheel, "at"), 30, looked_at="Wheel(Config(3)).at")


def test_start__of_one(student):
    made = student.new("Wheel", student.new("Config", 1))
    expect.equal(student.attr(made, "at"), 10, looked_at="Wheel(Config(1)).at")


def test_start__step(student, wheel):
    expect.equal(student.attr(wheel, "step"), 3, looked_at="Wheel(Config(3)).step")


@core
def test_turn__forward(student, wheel):
    at = student.attr(wheel, "at")
    expect.equal(student.call("turn", 2, on=wheel), at + 6, looked_at="turn(2)")


def test_turn__back(student, wheel):
    at = student.attr(wheel, "at")
    expect.equal(student.call("back", 2, on=wheel), at - 6, looked_at="back(2)")


def test_turn__there_and_back(student, wheel):
    at = student.attr(wheel, "at")
    student.call("turn", 5, on=wheel)
    expect.equal(student.call("back", 5, on=wheel), at, looked_at="turn(5), back(5)")


@core
def test_total__of_three(student):
    expect.equal(student.call("total", [1, 2, 4]), 7, looked_at="total([1, 2, 4])")


def test_total__of_none(student):
    expect.equal(student.call("total", []), 0, looked_at="total([])")


def test_total__of_floats(student):
    expect.equal(student.call("total", [0.5, 0.25]), 0.75, looked_at="total([0.5, 0.25])")
'''
MISTAKES = '''\
"""What goes wrong with the wheel."""

from autograder.catalogue import Lazy, Mistake, Right

MISTAKES = [
    Mistake("one_step", "start", old="10 * config.step", new="10 + config.step", both_ways=True),
    Mistake("step_forgotten", "turn", old="self.at += n * self.step", new="self.at += n"),
    Mistake("back_is_forward", "turn", old="self.at -= n * self.step", new="self.at += n * 3"),
    Mistake("from_one", "total", old="    result = 0", new="    result = 1"),
]
RIGHT = [
    Right("otherwise", {
        "start": "self.at = config.step * 5 * 2",
        "turn": ("self.at = self.at + self.step * n", "return self.turn(-n)"),
        "total": "return values[0] + total(values[1:]) if values else 0",
    }),
]
LAZY = [
    Lazy("start", "zeros", "self.at = 0"),
    Lazy("turn", "the input", ("return n", "return n")),
    Lazy("total", "a constant", "return 3"),
]
'''
CAUSES = """
CAUSES = {
    "one_step": "10 and the step were added in place of multiplied",
    "step_forgotten": "the step was forgotten: n alone was added",
    "back_is_forward": "back goes forward: a plus for a minus",
    "from_one": "the sum begins at 1 in place of 0",
}
"""
NUMBERS = release_sample.NUMBERS | {"lab": NAME}
BODIES = {
    "start": "self.at = 10 * config.step",
    "turn": "self.at += n * self.step",
    "back": "self.at -= n * self.step\n        return self.at",
}


def course(root: Path, text: str = TEXT, wheel: str = WHEEL) -> Path:
    """Write a course with the lab as its only one; gives its root."""
    files = {
        f"solutions/{NAME}.py": text,
        f"solutions/{NAME}/{FILE}": wheel,
        f"autograder/hidden/{NAME}.py": HIDDEN,
        f"solutions/figures/{NAME}/numbers.json": json.dumps(NUMBERS),
        "_config.yml": "repository: {url: https://example.org/a/course, branch: main}\n",
    }
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return root


def make(root: Path) -> Path:
    """Lay out a whole checkout with this lab in it."""
    sample_tree.make(root)
    shutil.rmtree(root / "solutions")
    (root / "autograder" / "hidden" / f"{release_sample.NAME}.py").unlink()
    course(root)
    (root / "autograder" / "mistakes" / f"{NAME}.py").write_text(MISTAKES)
    (root / "gptlab" / "checks" / "causes" / f"{NAME}.py").write_text(CAUSES)
    return root


def lab(root: Path) -> source.Lab:
    return source.load(NAME, root)


def notebook(root: Path) -> NotebookNode:
    """The notebook as students get it."""
    return release.student_notebook(lab(root), root)


def cell(nb: NotebookNode, id: str = CELL) -> NotebookNode:
    """The one cell of this id."""
    [found] = [one for one in nb.cells if one.id == id]
    return found


def solution(root: Path) -> str:
    """The text of the finished file."""
    text = source.full_source(lab(root).cell("answer", "wheel_py"))
    return text.partition("\n")[2] + "\n"
