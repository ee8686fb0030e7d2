"""The tables of features: each place in them exists, and the README has the same."""

import importlib.util
import re
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


def test_the_readme_has_them():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert text == features.in_readme(text), "run python book/_ext/features.py"


def test_a_readme_without_its_marks_is_refused():
    with pytest.raises(ValueError, match=r"README\.md lacks"):
        features.in_readme("no marks")
