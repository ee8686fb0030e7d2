"""The lab that is attacked, in a checkout of its own, with a canary in each protected place."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAME = "lab97_target"
POINTS = {"double": 4.0, "scale": 4.0, "why": 2.0, "last": 2.0}
# Limits of seconds, and small ones, so that an attack on them ends soon.
LIMITS = {"memory": 1792, "cpu": 8, "wall": 20, "tasks": 60, "disk": 16}
SECONDS = {  # file of the copy: (what stands there, what is put in its place)
    "runner.py": ("CELL_SECONDS = 20 ", "CELL_SECONDS = 3 "),
    "line.py": ("CALL_SECONDS = 10.0 ", "CALL_SECONDS = 2.0 "),
}
TEXT = '''\
# %% [markdown]
# # A lab to attack

# %%
import torch

from gptlab.checks import lab97_target as check

# %% answer="double" level=1 minutes=1
def double(x):
    """Twice each number of a tensor."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION

# %% grade="double" points=4
assert double(torch.ones(2)).tolist() == [2, 2]

# %% answer="scale" level=1 minutes=1
### BEGIN SOLUTION
class Scale(torch.nn.Module):
    def __init__(self, factor):
        super().__init__()
        self.factor = torch.nn.Parameter(torch.tensor(float(factor)))

    def forward(self, x):
        return x * self.factor
### END SOLUTION

# %% grade="scale" points=4
assert Scale(3)(torch.ones(1)).item() == 3

# %% choice="why" points=2
question = "Why?"
options = {"No": "No.", "Yes": "Yes, that is why."}
right = "Yes"

# %% answer="last" level=1 minutes=1
def last(xs):
    """The last item of a list."""
    ### BEGIN SOLUTION
    return xs[-1]
    ### END SOLUTION

# %% grade="last" points=2
assert last([1, 2]) == 2
'''
HIDDEN = '''\
"""Hidden tests of the target. CANARY"""

import pytest
import torch

from autograder import expect

COVERS = ["gptlab.covered"]
LIMITS = LIMITS_HERE
SECRET = "CANARY"
core = pytest.mark.core


@core
def test_double__values(student):
    x = torch.tensor([[1.5, -2.0], [0.25, 4.0]])
    right = torch.tensor([[3.0, -4.0], [0.5, 8.0]])
    expect.close(student.call("double", x), right, looked_at="double(x)")


def test_double__shape(student):
    found = student.call("double", torch.ones(3, 1, 2))
    expect.tensor(found, shape=(3, 1, 2), dtype=torch.float32, looked_at="double(x)")


def test_double__leaves_its_input_alone(student):
    x = torch.tensor([1.0, 5.0])
    expect.tensor(student.call("double", x), shape=(2,), looked_at="double(x)")
    expect.close(student.args[0], x, looked_at="x after double(x)")


def test_double__twice(student):
    for n in (7.0, -3.0, 11.0):
        x = torch.tensor([n])
        expect.close(student.call("double", x), 2 * x, looked_at="double(x), called again")


@core
def test_scale__values(student):
    scale = student.new("Scale", -3)
    student.load(scale, {"factor": torch.tensor(0.5)})
    expect.close(student.call(scale, torch.tensor([8.0])), torch.tensor([4.0]),
                 looked_at="Scale(-3)(x) with factor 0.5")


def test_scale__parameter(student):
    state = student.state(student.new("Scale", 7))
    expect.equal(list(state), ["factor"], looked_at="the parameters of Scale")
    expect.close(state["factor"], torch.tensor(7.0), looked_at="factor")


@core
def test_last__values(student):
    found = student.call("last", ["a", [1, 2.5], 17])
    expect.equal(found, 17, looked_at="last(xs)")


def test_last__texts(student):
    expect.equal(student.call("last", ["p", "word"]), "word", looked_at="last(xs)")
'''
CHECKS = f'from gptlab.checks import quiz\n\nchoice = quiz.for_lab("{NAME}")\n'
COVERED = '"""The answers of this lab: CANARY"""\n\n\ndef double(x):\n    return 2 * x  # CANARY\n'
NUMBERS = {
    "lab": NAME, "text": None, "seed": 1, "numbers": {},
    "machine": {"processor": "p", "cores": 2, "python": "3.11.0", "torch": "2.13.0"},
    "seconds": {"all": 1.0, "cells": {}, "graded_cpu": 0.1},
}  # fmt: skip


@dataclass(frozen=True)
class Target:
    """A checkout with the lab, the grader's own home, and the canary of each protected place."""

    root: Path
    home: Path
    temporary: Path
    canaries: dict[str, str]  # where -> text

    @property
    def course(self) -> Path:
        """The gradebook, and what others handed in."""
        return self.root / "course"

    def environment(self) -> dict[str, str]:
        """What the grader runs with; nothing of it may be read by a notebook."""
        own = {
            "PYTHONPATH": os.pathsep.join([str(self.root), str(Path(__file__).parent)]),
            "HOME": str(self.home),
            "TMPDIR": str(self.temporary),
            "GRADER_TOKEN": self.canaries["environment"],
            "PYTHONWARNINGS": "ignore",
        }
        without = ("COURSE_ROOT", "GRADEBOOK_URL", "GPTLAB_DATA", "GPTLAB_JAIL")
        return {k: v for k, v in os.environ.items() if k not in without} | own


def make(folder: Path) -> Target:
    """Lay everything out in this folder."""
    places = ("hidden", "covered", "gradebook", "submitted", "environment", "home", "service",
              "neighbour")  # fmt: skip
    canaries = {place: f"canary-{place}-{secrets.token_hex(8)}" for place in places}
    made = Target(folder / "checkout", folder / "home", folder / "tmp", canaries)
    skip = shutil.ignore_patterns("__pycache__", "lab[0-9]*.py")
    for name in ("autograder", "gptlab"):
        shutil.copytree(ROOT / name, made.root / name, ignore=skip)
    for name in ("nbgrader_config.py", "gpt_download.py"):
        shutil.copy(ROOT / name, made.root)
    for name, (before, after) in SECONDS.items():
        path = made.root / "autograder" / name
        text = path.read_text()
        assert text.count(before) == 1, f"{name}: expected {before!r} in it once"
        path.write_text(text.replace(before, after))
    hidden = HIDDEN.replace("LIMITS_HERE", repr(LIMITS)).replace("CANARY", canaries["hidden"])
    files = {
        made.root / f"solutions/{NAME}.py": TEXT,
        made.root / f"solutions/figures/{NAME}/numbers.json": json.dumps(NUMBERS),
        made.root / "_config.yml": "repository: {url: https://example.org/a, branch: main}\n",
        made.root / f"autograder/hidden/{NAME}.py": hidden,
        made.root / f"autograder/mistakes/{NAME}.py": "MISTAKES = []\nRIGHT = []\nLAZY = []\n",
        made.root / f"gptlab/checks/{NAME}.py": CHECKS,
        made.root / "gptlab/covered.py": COVERED.replace("CANARY", canaries["covered"]),
        made.course / "gradebook.db": canaries["gradebook"],
        made.course / f"submitted/alice/{NAME}/{NAME}.ipynb": canaries["submitted"],
        made.home / ".ssh/id_ed25519": canaries["home"],
    }
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    made.temporary.mkdir()
    return made
