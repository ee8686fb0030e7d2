"""What the jail shows where the course lies in a folder that it has to show."""

import dataclasses
import subprocess
import sys

import nbformat
import pytest

from autograder import jail, kernels, paths, runner, stage

LOOK = "import os, sys; print(os.path.exists(sys.argv[1]), os.path.exists(sys.argv[2]))"
BESIDE = """
import glob, os
print("found", glob.glob(os.environ["GPTLAB_SOCKETS"] + "/../../*/run/kernel.json"))
"""


@pytest.fixture
def kind():
    try:
        return jail.available()
    except jail.NoJail as error:
        pytest.skip(str(error).splitlines()[0])

@pytest.mark.slow
def test_a_python_below_tmp_stays_when_tmp_is_emptied(kind, tmp_path, monkeypatch):
    """As where the checkout, with its .venv, lies there."""
    if not str(tmp_path).startswith("/tmp/"):
        pytest.skip("temporary folders are elsewhere")
    tmp_path.chmod(0o755)  # the jail's user is another
    (tmp_path / "late.py").write_text("found = 'it'")
    there = [*jail.python_folders(), str(tmp_path)]
    monkeypatch.setattr(jail, "python_folders", lambda: there)
    code = f"import sys; sys.path.append({str(tmp_path)!r}); import late; print(late.found)"
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    with kernels.Nursery(kind, []) as nursery, nursery.berth(1) as berth:
        done = runner.run(nb, [], berth)
    assert done.nb.cells[0].outputs[0].get("text") == "it\n", done.nb.cells[0].outputs


@pytest.mark.slow
def test_without_namespaces_of_its_own_a_submission_sees_no_other(kind):
    """Its neighbour's kernel would do what is signed with the key in kernel.json."""
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(BESIDE)])
    flat = dataclasses.replace(kind, nested=False)
    with kernels.Nursery(flat, []) as nursery, nursery.berth(1), nursery.berth(1) as berth:
        done = runner.run(nb, [], berth)
    text = done.nb.cells[0].outputs[0].text
    assert text.count("kernel.json") == 1, text
    assert f"{berth.folder.name}/run" in text


def test_a_course_among_the_system_s_folders_is_covered(kind, tmp_path, monkeypatch):
    secret, other = tmp_path / "checkout/autograder/hidden", tmp_path / "program"
    for path in (secret, other):
        path.mkdir(parents=True)
    tmp_path.chmod(0o755)  # as /usr is, also for the lesser user that root becomes
    monkeypatch.setattr(jail, "SYSTEM", (*jail.SYSTEM, str(tmp_path)))

    def seen():
        with stage.stage([]) as made:
            for folder in (made.root, made.submissions):
                jail.give_away(folder)
            look = [sys.executable, "-c", LOOK, str(secret), str(other)]
            command = kind.command(look, made.root, made.environment())
            return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert seen().split() == ["True", "True"]
    monkeypatch.setattr(paths, "ROOT", tmp_path / "checkout")
    assert seen().split() == ["False", "True"]
