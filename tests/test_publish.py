"""The students' tree: what is in it, where it may be written, and that it works alone."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from release_sample import NAME, TEXT, course

from autograder import check, cli, publish
from autograder.errors import UserError
from autograder.paths import ROOT


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The sample course with a small library."""
    root = course(tmp_path / "course")
    for name in ("gptlab/__init__.py", "gptlab/checks/__init__.py", "gpt_download.py"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('"""A module."""\n', encoding="utf-8")
    (root / "gptlab" / "__pycache__").mkdir()
    (root / "gptlab" / "__pycache__" / "x.cpython-311.pyc").write_bytes(b"")
    shutil.copyfile(ROOT / "pyproject.toml", root / "pyproject.toml")
    (root / "LICENSE").write_text("MIT\n")
    return root


def files(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


WANTED = {"LICENSE", "README.md", "gpt_download.py", "gptlab/__init__.py", "pyproject.toml",
          "gptlab/checks/__init__.py", f"labs/{NAME}/{NAME}.ipynb"}  # fmt: skip


def test_what_students_get(root, tmp_path):
    target = tmp_path / "new" / "students"
    names = publish.publish(target, root)
    assert set(names) == WANTED
    assert files(target) == WANTED | {publish.MARK}


def test_the_project_file_installs_the_library_and_says_no_more(root, tmp_path):
    publish.publish(tmp_path / "students", root)
    text = (tmp_path / "students" / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)
    whole = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    assert set(project) == {"build-system", "project", "tool"}
    assert set(project["tool"]) == {"setuptools"}
    assert project["project"]["dependencies"] == whole["project"]["dependencies"]
    assert project["tool"]["setuptools"] == whole["tool"]["setuptools"]
    assert "autograder" not in text
    assert "optional-dependencies" not in project["project"]


def test_the_readme_leads_to_every_lab(root, tmp_path):
    publish.publish(tmp_path / "students", root)
    readme = (tmp_path / "students" / "README.md").read_text(encoding="utf-8")
    assert f"[{NAME}](labs/{NAME}/{NAME}.ipynb) | A small sample" in readme
    assert f"github/a/course/blob/main/labs/{NAME}/{NAME}.ipynb" in readme
    assert check.links(tmp_path / "students") == []


def test_publishing_again_replaces_what_was_published(root, tmp_path):
    target = tmp_path / "students"
    publish.publish(target, root)
    (target / ".git").mkdir()
    (target / "own.txt").write_text("an instructor's")
    (root / "gpt_download.py").rename(root / "gptlab" / "download.py")
    publish.publish(target, root)
    after = files(target)
    assert after == WANTED - {"gpt_download.py"} | {"gptlab/download.py", publish.MARK, "own.txt"}
    shutil.rmtree(root / "gptlab" / "checks")
    publish.publish(target, root)
    assert not (target / "gptlab" / "checks").exists()


@pytest.mark.parametrize("name", ["thesis.txt", "labs/mine.ipynb"])
def test_a_folder_with_other_files_is_refused(root, tmp_path, name):
    path = tmp_path / "full" / name
    path.parent.mkdir(parents=True)
    path.write_text("precious")
    with pytest.raises(UserError, match=r"not empty.*not written by publish"):
        publish.publish(tmp_path / "full", root)
    assert files(tmp_path / "full") == {name}


def test_a_new_clone_is_as_good_as_empty(root, tmp_path):
    (tmp_path / "clone" / ".git").mkdir(parents=True)
    publish.publish(tmp_path / "clone", root)
    assert (tmp_path / "clone" / "README.md").is_file()


def test_a_mark_that_publish_did_not_write_is_refused(root, tmp_path):
    target = tmp_path / "students"
    target.mkdir()
    (target / publish.MARK).write_text("[]")
    with pytest.raises(UserError, match="not as publish writes it"):
        publish.publish(target, root)


def test_a_mark_cannot_delete_outside_the_folder(root, tmp_path):
    target = tmp_path / "students"
    target.mkdir()
    (tmp_path / "outside.txt").write_text("precious")
    (target / publish.MARK).write_text(json.dumps({"files": ["../outside.txt"]}))
    publish.publish(target, root)
    assert (tmp_path / "outside.txt").read_text() == "precious"


def test_the_course_itself_is_refused(root):
    for target in (root, root.parent):
        with pytest.raises(UserError, match="the course itself"):
            publish.publish(target, root)


def test_a_file_in_the_place_of_the_folder_is_refused(root, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="found a file"):
        publish.publish(tmp_path / "file", root)


def test_a_leak_stops_it_and_leaves_the_folder_alone(root, tmp_path):
    publish.publish(tmp_path / "students", root)
    before = files(tmp_path / "students")
    (root / "gptlab" / "checks" / "sample.py").write_text("return secret_factor * x\n")
    with pytest.raises(UserError, match=r"Nothing was published: 1 leaks\.\n  gptlab/checks/"):
        publish.publish(tmp_path / "students", root)
    assert files(tmp_path / "students") == before


def test_a_lab_that_is_not_fit_for_release_is_not_published(root, tmp_path):
    (root / f"solutions/{NAME}.py").write_text(TEXT.replace("points=9.5", "points=9"))
    with pytest.raises(UserError, match=r"add up to 19\.5"):
        publish.publish(tmp_path / "students", root)
    assert not (tmp_path / "students").exists()


def test_the_command_line(root, tmp_path, capsys):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("")
    assert cli.main(["publish", str(tmp_path / "full")]) == 2
    assert "not empty" in capsys.readouterr().err


@pytest.mark.slow
def test_the_published_library_works_alone(tmp_path):
    target = tmp_path / "students"
    publish.publish(target)
    code = "import gpt_download, gptlab.data, gptlab.checks; print(gptlab.__file__)"
    done = subprocess.run([sys.executable, "-c", code], cwd=target, capture_output=True, text=True,
                          check=True)  # fmt: skip
    assert Path(done.stdout.strip()) == target / "gptlab" / "__init__.py"
    tip = [sys.executable, "-m", "gptlab.tips", "Model not found"]  # what errors point to
    done = subprocess.run(tip, cwd=target, capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.startswith("## Model not found\n")
