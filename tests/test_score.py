"""`autograder score`: what it prints, and what a file gets that cannot be graded."""

import json
import shutil

import nbformat
import pytest

from autograder import cli, release, source

LAB = "lab01_bigram"


@pytest.fixture(autouse=True)
def course(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_ROOT", str(tmp_path / "course"))


def untouched(path):
    nbformat.write(release.student_notebook(source.load(LAB)), path)
    return path


def test_an_untouched_lab_earns_nothing_and_says_so(tmp_path, capsys):
    assert cli.main(["score", str(untouched(tmp_path / "mine.ipynb")), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["lab"], found["score"], found["max_score"], found["pending"]) == (LAB, 0, 20, 0)
    assert {item["status"] for item in found["items"]} == {"not_attempted"}
    assert sum(item["max_score"] for item in found["items"]) == 20
    assert set(found["items"][0]) == {"id", "score", "max_score", "status", "messages"}
    assert found["flags"] == []


def test_the_table_has_every_item(tmp_path, capsys):
    assert cli.main(["score", str(untouched(tmp_path / "mine.ipynb"))]) == 0
    out = capsys.readouterr().out
    assert all(item.id in out for item in source.load(LAB).items)
    assert "0 / 20" in out


def test_it_does_not_write_into_the_notebook(tmp_path, capsys):
    path = untouched(tmp_path / "mine.ipynb")
    before = path.read_bytes()
    cli.main(["score", str(path)])
    assert path.read_bytes() == before


def other_lab(path):
    nb = release.student_notebook(source.load(LAB))
    nb.metadata.gptlab = {"lab": "lab77_other"}
    nbformat.write(nb, path)


BAD = {
    "nowhere": (lambda path: None, "no such file"),
    "empty": (lambda path: path.write_bytes(b""), "the file is empty"),
    "text": (lambda path: path.write_text("print('hi')"), "not JSON"),
    "page": (lambda path: path.write_text("<html></html>"), "a web page"),
    "json": (lambda path: path.write_text("[1, 2]"), "not a notebook"),
    "cut": (lambda path: path.write_bytes(untouched(path).read_bytes()[:5000]), "not JSON"),
    "other": (other_lab, "expected a notebook of lab00_start, lab01_bigram"),
    "no cells": (
        lambda path: nbformat.write(
            nbformat.v4.new_notebook(metadata={"gptlab": {"lab": LAB}}), path
        ),
        "this notebook is empty",
    ),
    "a folder": (lambda path: path.mkdir(), "no such file"),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_cannot_be_graded_gets_a_sentence_and_code_2(tmp_path, capsys, kind):
    make, said = BAD[kind]
    path = tmp_path / "it.ipynb"
    make(path)
    assert cli.main(["score", str(path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert "Traceback" not in err
    assert len(err.strip().splitlines()) == 1


def test_another_labs_notebook_is_refused_also_with_a_name(tmp_path, capsys):
    other_lab(tmp_path / "it.ipynb")
    assert cli.main(["score", str(tmp_path / "it.ipynb"), "--lab", LAB]) == 2
    assert "a notebook of lab77_other" in capsys.readouterr().err


def test_the_name_of_the_file_helps_where_metadata_was_lost(tmp_path, capsys):
    path = untouched(tmp_path / f"{LAB}.ipynb")
    nb = nbformat.read(path, as_version=4)
    nb.metadata.pop("gptlab")
    nbformat.write(nb, path)
    assert cli.main(["score", str(path), "--json"]) == 0
    shutil.copy(path, tmp_path / "renamed.ipynb")
    capsys.readouterr()
    assert cli.main(["score", str(tmp_path / "renamed.ipynb")]) == 2
    assert "--lab" in capsys.readouterr().err
