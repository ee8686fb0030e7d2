"""Where a text comes from: GPTLAB_DATA, the cache, the network, and a play when all fail."""

import hashlib
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

import gpt_download
import gptlab
from gptlab import data, play

TEXT = "Speak, speak.\r\nWe know't, we know't.\n"
REAL = os.environ.get("GPTLAB_DATA")


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path):
    """No variable of this machine, an empty cache, and no network."""
    for name in ("GPTLAB_DATA", "GPTLAB_OFFLINE", "GPTLAB_PLAY", "NBGRADER_EXECUTION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GPTLAB_CACHE", str(tmp_path / "cache"))

    def no_network(urls, path, **options):
        asked.append((urls, path, options))
        raise gpt_download.DownloadError("could not get it: is there a network?")

    asked = []
    monkeypatch.setattr(gpt_download, "fetch", no_network)
    return asked


@pytest.fixture
def small(monkeypatch):
    """A tiny text in the place of Tiny Shakespeare."""
    sha256 = hashlib.sha256(TEXT.encode()).hexdigest()
    source = replace(data.TEXTS["tiny_shakespeare"], size=len(TEXT), sha256=sha256)
    monkeypatch.setitem(data.TEXTS, "tiny_shakespeare", source)
    return source


def put(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "tinyshakespeare.txt"
    path.write_bytes(text.encode())
    return path


def test_the_folder_of_gptlab_data_comes_first(small, monkeypatch, tmp_path, alone):
    monkeypatch.setenv("GPTLAB_DATA", str(tmp_path / "given"))
    put(tmp_path / "cache", TEXT)
    given = put(tmp_path / "given", TEXT)
    assert data.find("tiny_shakespeare") == given
    assert data.tiny_shakespeare() == data.Corpus("Tiny Shakespeare", TEXT, standin=False)
    assert not alone


def test_then_the_cache(small, monkeypatch, tmp_path, alone):
    monkeypatch.setenv("GPTLAB_DATA", str(tmp_path / "empty"))
    cached = put(tmp_path / "cache", TEXT)
    assert data.find("tiny_shakespeare") == cached
    assert not alone


def test_then_the_network(small, monkeypatch, tmp_path):
    def fetch(urls, path, *, sha256, size):
        assert all(url.startswith("https://") for url in urls)
        assert (sha256, size) == (small.sha256, small.size)
        return put(path.parent, TEXT)

    monkeypatch.setattr(gpt_download, "fetch", fetch)
    assert data.tiny_shakespeare().text == TEXT
    assert data.find("tiny_shakespeare") == tmp_path / "cache" / "tinyshakespeare.txt"


def test_line_ends_are_not_translated(small, tmp_path):
    put(tmp_path / "cache", TEXT)
    assert data.tiny_shakespeare().text == TEXT


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("GPTLAB_OFFLINE", "1", "GPTLAB_OFFLINE is set"),
        ("NBGRADER_EXECUTION", "autograde", "a notebook is being graded"),
    ],
)
def test_the_network_is_left_alone(monkeypatch, alone, name, value, why):
    monkeypatch.setenv(name, value)
    with pytest.raises(data.DataError, match=f"not asked, since {why}"):
        data.find("the_verdict")
    assert data.the_verdict().standin
    assert not alone


def test_offline_0_means_online(monkeypatch, alone):
    monkeypatch.setenv("GPTLAB_OFFLINE", "0")
    assert data.the_verdict().standin
    assert len(alone) == 1


def test_network_false_is_obeyed(alone):
    with pytest.raises(data.DataError, match="it was not to be"):
        data.find("the_verdict", network=False)
    assert not alone


def test_with_none_of_them_a_play_is_written_and_that_is_said(capsys):
    corpus = data.tiny_shakespeare()
    assert corpus.standin
    assert corpus.name == "a generated play"
    assert corpus.text == play.write(500_000)
    assert "".join(sorted(set(corpus.text))) == play.CHARACTERS
    said = capsys.readouterr().out
    assert "Tiny Shakespeare could not be had" in said
    assert "is there a network?" in said
    assert "In its place: a generated play" in said


def test_the_verdicts_standin_is_as_long_as_the_verdict():
    assert len(data.the_verdict().text) == data.TEXTS["the_verdict"].size


def test_the_error_says_where_it_looked_and_where_to_put_the_file(monkeypatch, tmp_path):
    monkeypatch.setenv("GPTLAB_DATA", str(tmp_path / "given"))
    monkeypatch.setenv("GPTLAB_OFFLINE", "1")
    with pytest.raises(data.DataError) as caught:
        data.find("tiny_shakespeare")
    said = str(caught.value)
    for part in (
        f"GPTLAB_DATA: there is no {tmp_path / 'given' / 'tinyshakespeare.txt'}",
        f"cache: there is no {tmp_path / 'cache' / 'tinyshakespeare.txt'}",
        "GPTLAB_OFFLINE is set",
        f"get {data.TEXTS['tiny_shakespeare'].urls[0]}",
        f"save it as {tmp_path / 'cache' / 'tinyshakespeare.txt'}",
    ):
        assert part in said


def test_a_wrong_text_in_gptlab_data_is_refused_said_and_left_there(
    small, monkeypatch, tmp_path, capsys
):
    monkeypatch.setenv("GPTLAB_DATA", str(tmp_path / "given"))
    given = put(tmp_path / "given", TEXT + "edited")
    cached = put(tmp_path / "cache", TEXT)
    assert data.find("tiny_shakespeare") == cached
    assert given.read_bytes() == (TEXT + "edited").encode()
    said = capsys.readouterr().out
    assert re.search(rf"refused .*begins with \w{{8}} and not with {small.sha256[:8]}", said)
    assert f"has {len(TEXT) + 6} bytes and not {len(TEXT)}" in said


def test_a_wrong_text_in_the_cache_is_refused_said_and_kept_aside(small, tmp_path, capsys):
    cached = put(tmp_path / "cache", TEXT + "edited")
    digest = hashlib.sha256((TEXT + "edited").encode()).hexdigest()[:8]
    assert data.tiny_shakespeare().standin
    assert not cached.exists()
    aside = tmp_path / "cache" / f"tinyshakespeare.txt.wrong-{digest}"
    assert aside.read_bytes() == (TEXT + "edited").encode()
    assert str(aside) in capsys.readouterr().out


def test_half_a_text_is_not_taken(small, tmp_path):
    put(tmp_path / "cache", TEXT[:20])
    assert data.tiny_shakespeare().standin


def test_a_folder_of_that_name_is_said(small, tmp_path):
    (tmp_path / "cache" / "tinyshakespeare.txt").mkdir(parents=True)
    with pytest.raises(data.DataError, match="could not be read"):
        data.find("tiny_shakespeare")


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {"XDG_CACHE_HOME": "/there"}, "/there/gptlab"),
        ("linux", {}, "/home/me/.cache/gptlab"),
        ("darwin", {}, "/home/me/Library/Caches/gptlab"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/gptlab"),
        ("win32", {}, "/home/me/AppData/Local/gptlab"),
    ],
)
def test_the_users_cache(monkeypatch, platform, variables, expected):
    for name in ("GPTLAB_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(data.sys, "platform", platform)
    monkeypatch.setattr(data.Path, "home", lambda: Path("/home/me"))
    assert data.cache() == Path(expected)


@pytest.mark.skipif(not REAL, reason="the real texts: GPTLAB_DATA is not set")
def test_the_real_texts(monkeypatch):
    monkeypatch.setenv("GPTLAB_DATA", REAL)
    shakespeare, verdict = data.tiny_shakespeare(), data.the_verdict()
    assert not shakespeare.standin and not verdict.standin
    assert len(shakespeare.text) == 1_115_394
    assert "".join(sorted(set(shakespeare.text))) == play.CHARACTERS
    assert shakespeare.text.startswith("First Citizen:\nBefore we proceed any further")
    assert verdict.text.startswith("I HAD always thought Jack Gisburn rather a cheap genius")


def test_a_grader_gets_the_play_that_it_asks_for_whatever_is_at_hand(monkeypatch, capsys):
    monkeypatch.setenv("GPTLAB_PLAY", "3000")
    corpus = data.tiny_shakespeare()
    assert corpus.standin
    assert len(corpus.text) == 3000
    assert "".join(sorted(set(corpus.text))) == play.CHARACTERS
    assert "3,000 characters" in capsys.readouterr().out


def test_steps_are_fewer_while_a_notebook_is_graded(monkeypatch):
    assert gptlab.steps(500, graded=20) == 500
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert gptlab.steps(500, graded=20) == 20


@pytest.mark.parametrize(("full", "graded"), [(0, 1), (5, 0), (5.0, 1), (True, 1), ("5", 1)])
def test_steps_refuses_what_is_no_count(full, graded):
    with pytest.raises(ValueError, match="must be a whole number, at least 1"):
        gptlab.steps(full, graded=graded)
