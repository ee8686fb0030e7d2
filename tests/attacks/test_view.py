"""What the jail shows where the course lies in a folder that it has to show."""

import subprocess
import sys

import pytest

from autograder import jail, paths, stage

LOOK = "import os, sys; print(os.path.exists(sys.argv[1]), os.path.exists(sys.argv[2]))"


def test_a_course_among_the_system_s_folders_is_covered(tmp_path, monkeypatch):
    try:
        kind = jail.available()
    except jail.NoJail as error:
        pytest.skip(str(error).splitlines()[0])
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
