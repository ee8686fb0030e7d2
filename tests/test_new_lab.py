"""`autograder new-lab`: what it writes passes release and `autograder try` at once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder import cli, leaks, new_lab, rules, source
from autograder.errors import UserError
from autograder.paths import ROOT

NAME = "lab97_trial"
PARTS = ("autograder", "gptlab", "gpt_download.py", "_config.yml", "pyproject.toml")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the checkout without its labs."""
    tree = tmp_path / "tree"
    tree.mkdir()
    for part in PARTS:
        if (ROOT / part).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / part, tree / part, ignore=ignored)
        else:
            shutil.copyfile(ROOT / part, tree / part)
    return tree


def command(tree: Path, *words: str) -> subprocess.CompletedProcess:
    environment = {key: value for key, value in os.environ.items() if key != "COURSE_ROOT"}
    return subprocess.run(
        [sys.executable, "-m", "autograder", *words],
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_writes_a_lab_that_keeps_the_rules(tree):
    written = {path.relative_to(tree).as_posix() for path in new_lab.new_lab(NAME, tree)}
    assert written == {
        f"solutions/{NAME}.py", f"autograder/hidden/{NAME}.py", f"autograder/mistakes/{NAME}.py",
        f"gptlab/checks/{NAME}.py", f"gptlab/checks/causes/{NAME}.py",
    }  # fmt: skip
    lab = source.load(NAME, tree)
    rules.check(lab, tree)
    assert {cell.kind for cell in lab.cells} == {"text", "code", *source.KINDS}
    for name in written:
        text = (tree / name).read_text(encoding="utf-8")
        assert "LAB" not in text.split()
        assert NAME in text
    assert leaks.search(tree / "gptlab" / "checks", [lab], tree) == []


def test_two_labs_may_share_a_sentence_but_not_word_it_differently(tree):
    new_lab.new_lab(NAME, tree)
    other = tree / "gptlab" / "checks" / "causes" / "lab96_other.py"
    other.write_text(
        'CAUSES = {"shares_percent": "These are percentages: a share lies between 0 and 1."}'
    )
    importing = [sys.executable, "-c", "from gptlab.checks.causes import CAUSES"]
    assert subprocess.run(importing, cwd=tree, check=False).returncode == 0
    other.write_text('CAUSES = {"shares_percent": "These are percentages."}')
    refused = subprocess.run(importing, cwd=tree, capture_output=True, text=True, check=False)
    assert "the sentence of 'shares_percent' differs from another lab's" in refused.stderr


@pytest.mark.parametrize("name", ["trial", "lab9_trial", "lab97", "lab97_Trial", "lab97_a/../b"])
def test_a_name_that_is_none_is_refused(tree, name):
    with pytest.raises(UserError, match="expected a name like"):
        new_lab.new_lab(name, tree)
    assert not (tree / "solutions").exists()


def test_what_is_there_is_not_overwritten(tree):
    new_lab.new_lab(NAME, tree)
    solution = tree / f"solutions/{NAME}.py"
    solution.write_text("mine")
    with pytest.raises(UserError, match="is there already"):
        new_lab.new_lab(NAME, tree)
    with pytest.raises(UserError, match=f"taken by {NAME}"):
        new_lab.new_lab("lab97_other", tree)
    assert solution.read_text() == "mine"


def test_the_command_line_refuses_with_a_sentence(capsys):
    assert cli.main(["new-lab", "trial"]) == 2
    assert capsys.readouterr().err.startswith("trial: expected a name like")


@pytest.mark.slow
def test_it_passes_release_and_try_at_once(tree):
    made = command(tree, "new-lab", NAME)
    assert made.returncode == 0, made.stderr
    assert (tree / f"labs/{NAME}/{NAME}.ipynb").is_file()
    figures = {path.name for path in (tree / f"solutions/figures/{NAME}").iterdir()}
    assert figures == {"numbers.json", "shares.png"}
    tried = command(tree, "try", NAME)
    assert tried.returncode == 0, tried.stdout + tried.stderr
    checked = command(tree, "check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    published = command(tree, "publish", str(tree.parent / "students"))
    assert published.returncode == 0, published.stderr
