"""A checkout of its own with the sample lab as its only one: for tests that run whole commands."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import release_sample

ROOT = Path(__file__).resolve().parents[1]
NAME = release_sample.NAME
HIDDEN = '''\
"""Hidden tests of the sample."""

import pytest

from autograder import expect

COVERS = []
core = pytest.mark.core


@core
def test_double__of_a_number(student):
    expect.equal(student.call("double", 7), 14, looked_at="double(7)")


def test_double__of_zero(student):
    expect.equal(student.call("double", 0), 0, looked_at="double(0)")


def test_double__of_a_negative_number(student):
    expect.equal(student.call("double", -3), -6, looked_at="double(-3)")


@core
def test_mean__value(student):
    expect.equal(student.get("mean"), 7.0, looked_at="mean")


def test_mean__spread(student):
    expect.equal(student.get("spread"), 2, looked_at="spread")


def test_mean__type(student):
    expect.equal(type(student.get("mean")).__name__, "float", looked_at="type(mean)")
'''
MISTAKES = '''\
"""What goes wrong in the sample."""

from autograder.catalogue import Mistake

MISTAKES = [
    Mistake("squared", item="double", old="secret_factor * x", new="x**2"),
    Mistake("sum_not_mean", item="mean", old="sum(values) / len(values)", new="float(sum(values))"),
]
RIGHT = []
LAZY = []
'''
CAUSES = '''
CAUSES = {
    "squared": "the number was squared: x * x in place of 2 * x",
    "sum_not_mean": "the sum was not divided by how many values there are",
}
'''


def make(root: Path) -> Path:
    """Lay out the checkout in `root`; gives it."""
    for folder in ("autograder", "gptlab"):
        shutil.copytree(ROOT / folder, root / folder,
                        ignore=shutil.ignore_patterns("__pycache__", "lab[0-9]*.py"))  # fmt: skip
    shutil.copytree(ROOT / "gptlab" / "checks", root / "gptlab" / "checks", dirs_exist_ok=True)
    for name in ("nbgrader_config.py", "gpt_download.py"):
        shutil.copy(ROOT / name, root)
    release_sample.course(root, hidden=HIDDEN)
    (root / "autograder" / "mistakes" / f"{NAME}.py").write_text(MISTAKES)
    (root / "gptlab" / "checks" / "causes" / f"{NAME}.py").write_text(CAUSES)
    return root


def environment(root: Path, **more: str) -> dict[str, str]:
    """For a command in this checkout: its own course folder, if `more` names no other."""
    env = {**os.environ, "PYTHONPATH": str(root), "PYTHONWARNINGS": "ignore", **more}
    for name in ("COURSE_ROOT", "GRADEBOOK_URL"):
        if name not in more:
            env.pop(name, None)
    return env


def run(root: Path, *command: str, code: int = 0, **more: str) -> str:
    """Run `python -m COMMAND` in this checkout; its output. Fails unless it exits with `code`."""
    env = environment(root, **more)
    done = subprocess.run([sys.executable, "-m", *command], cwd=root, env=env, text=True,
                          capture_output=True, timeout=300, check=False)  # fmt: skip
    assert done.returncode == code, f"{command}: exit {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr
