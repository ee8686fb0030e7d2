"""The environment: what is said when something is missing, and what the pins must hold."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from autograder import setup_check

ROOT = Path(__file__).resolve().parents[1]
GOOD = {"version": (3, 12), "free_gb": 50, "has_venv": True}


def names(lines: list[str]) -> set[str]:
    """Package names, as pip compares them."""
    found = (re.match(r"[A-Za-z0-9_.-]+", line) for line in lines)
    return {re.sub(r"[-_.]+", "-", match[0]).lower() for match in found if match}


def test_nothing_is_said_where_all_is_there(tmp_path):
    assert setup_check.problems(tmp_path, **GOOD) == []


@pytest.mark.parametrize(
    ("lacking", "words"),
    [
        ({"version": (3, 10)}, ["found 3.10", "3.11, 3.12 or 3.13", "PYTHON=python3.12"]),
        ({"version": (3, 14)}, ["found 3.14"]),
        ({"free_gb": 1.25}, ["found 1.2 GB free", "at least 5 GB", "larger disk"]),
        ({"has_venv": False}, ["venv", "apt-get install python3-venv"]),
    ],
)
def test_what_is_missing_is_found_expected_and_to_do(tmp_path, lacking, words):
    [sentence] = setup_check.problems(tmp_path, **{**GOOD, **lacking})
    for word in words:
        assert word in sentence


def test_an_environment_that_stands_needs_less_room(tmp_path):
    (tmp_path / ".venv").mkdir()
    assert setup_check.problems(tmp_path, **{**GOOD, "free_gb": 3}) == []


def test_it_runs_on_a_bare_python_and_has_no_newer_syntax():
    script = ROOT / "autograder" / "setup_check.py"
    done = subprocess.run([sys.executable, "-I", script, "--version"], check=False)
    assert done.returncode == 0
    compile(script.read_text(), str(script), "exec", dont_inherit=True)
    assert "match " not in script.read_text() and ":=" not in script.read_text()


def test_the_pins_cover_every_range_and_no_gpu_package():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = names(project["dependencies"] + project["optional-dependencies"]["course"])
    lines = [
        line for line in (ROOT / "requirements.txt").read_text().splitlines() if line[:1] != "#"
    ]
    assert wanted <= names(lines)
    assert all(re.match(r"[\w.-]+==[\w.]+( ; .+)?$", line) for line in lines), "exact pins alone"
    assert not [line for line in lines if re.match(r"nvidia|cuda|triton", line)]
    [torch] = [line for line in lines if line.startswith("torch==")]
    assert "+" not in torch


def test_colab_installs_the_library_alone_and_no_torch_of_its_own():
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert "torch" in config["project"]["dependencies"]
    assert config["tool"]["setuptools"]["packages"]["find"]["include"] == ["gptlab*"]
    assert config["tool"]["setuptools"]["py-modules"] == ["gpt_download"]


@pytest.mark.skipif("PYTEST_XDIST_WORKER" not in os.environ, reason="one process runs all tests")
def test_the_groups_of_tests_are_read(request):
    """Else what takes minutes to set up is set up in each process; pytest 9.2 with xdist 3.8."""
    assert request.node.nodeid.endswith("@tests/test_setup.py")
