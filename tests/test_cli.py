"""The command line: every command is there, and an error is a sentence."""

from __future__ import annotations

import subprocess
import sys

import pytest

from autograder import cli, release
from autograder.errors import UserError
from autograder.paths import ROOT


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_every_command_explains_itself(command, capsys):
    with pytest.raises(SystemExit) as stopped:
        cli.main([command, "--help"])
    assert stopped.value.code == 0
    assert f"autograder {command}" in capsys.readouterr().out


@pytest.mark.parametrize("words", [[], ["relase"], ["release", "--nothing"]])
def test_what_is_no_command_gets_usage_and_code_2(words, capsys):
    with pytest.raises(SystemExit) as stopped:
        cli.main(words)
    assert stopped.value.code == 2
    assert "usage: autograder" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [(UserError("Found a, expected b."), 2, "Found a, expected b.\n"),
     (KeyboardInterrupt(), 130, "stopped\n"), (BrokenPipeError(), 1, "")],
)  # fmt: skip
def test_what_a_command_raises_becomes_a_line_and_a_code(error, code, told, monkeypatch, capsys):
    def fail(args):
        raise error

    monkeypatch.setattr(release, "run", fail)
    assert cli.main(["release"]) == code
    assert capsys.readouterr().err == told


def test_help_loads_neither_torch_nor_nbgrader():
    code = (
        "import sys; from autograder import cli\n"
        "try: cli.main(['--help'])\n"
        "except SystemExit: sys.exit(any(m in sys.modules for m in ('torch', 'nbgrader')))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
