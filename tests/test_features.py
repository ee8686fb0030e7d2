"""The tables of features: each place in them exists, and the README has the same."""

import functools
import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
spec = importlib.util.spec_from_file_location("features", ROOT / "book/_ext/features.py")
features = importlib.util.module_from_spec(spec)
spec.loader.exec_module(features)
ROWS = [row for rows in features.features().values() for row in rows]


def test_five_documents_and_no_row_twice():
    assert len(features.features()) == 5
    assert len(set(ROWS)) == len(ROWS) > 50


@pytest.mark.parametrize("path", sorted(
    {path for _, where in ROWS for path in re.findall(r"\]\(([^)]+)\)|`([\w./]+[/.]\w*)`", where)
     for path in path if path}
))  # fmt: skip
def test_a_place_is_there(path):
    made = {"pico_gpt.py"}  # what a lab writes where it runs
    assert path in made or (ROOT / path).exists(), path


@pytest.mark.parametrize("module", sorted(
    {name for _, where in ROWS for name in re.findall(r"python -m ([\w.]+)", where)}
))  # fmt: skip
def test_a_program_can_be_run(module):
    path = ROOT.joinpath(*module.split("."))
    source = path / "__main__.py" if path.is_dir() else path.with_suffix(".py")
    assert "__main__" in source.read_text(encoding="utf-8"), source


# A program, and the words after it: in its own quotes, or in the quotes that follow.
PROGRAM = re.compile(r"`python -m ([\w.]+)((?: [\w-]+)*)`((?:,? `(?!python )[^`/.]+`)*)")


@functools.cache
def help_of(*words):
    done = subprocess.run([sys.executable, "-m", *words, "--help"], cwd=ROOT, text=True,
                          capture_output=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def named(feature, where):
    """(program, words) for each program of a row that is named with commands, options or values."""
    for module, inside, after in PROGRAM.findall(where):
        words = [*inside.split(), *after.replace("`", " ").replace(",", " ").split()]
        options = re.findall(r"--[\w-]+", feature)
        if words or options:
            yield module, (*words, *options)


CALLS = sorted({call for row in ROWS for call in named(*row)})


@pytest.mark.parametrize(
    ("module", "words"), CALLS, ids=[f"{module} {' '.join(words)}" for module, words in CALLS]
)
def test_what_a_program_is_told_is_in_its_help(module, words):
    told = help_of(module)
    for word in words:
        assert re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", told), (word, told)
        if word == words[0] and not word.startswith("--"):  # a command has a help of its own
            told = help_of(module, word)


def test_programs_options_and_commands_are_looked_at():
    told = {f"{module} {' '.join(words)}" for module, words in CALLS}
    assert {"gptlab.train --preset tiny small", "gptlab.train --preset chat-large",
            "gptlab.apps.gradio_app --export", "gptlab.conversations score small",
            "benchmarks chat", "autograder letters"} <= told  # fmt: skip


def test_the_readme_has_them():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert text == features.in_readme(text), "run python book/_ext/features.py"


def test_a_readme_without_its_marks_is_refused():
    with pytest.raises(ValueError, match=r"README\.md lacks"):
        features.in_readme("no marks")
