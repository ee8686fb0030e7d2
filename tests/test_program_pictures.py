"""The pictures of programs in a terminal: colours, columns, and what must not be in them."""

import re
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

STATIC = Path(__file__).parent.parent / "book" / "_static"
sys.path.append(str(STATIC))

import make_programs as pictures  # noqa: E402

from gptlab.__main__ import programs  # noqa: E402
from gptlab.hub import MODEL  # noqa: E402
from gptlab.publishing.upload import items  # noqa: E402

NAMES = [path.stem.removeprefix("program_") for path in STATIC.glob("program_*.svg")]


def texts(svg):
    """(x, words, attributes) of each text in a picture."""
    root = ElementTree.fromstring(svg)
    return [(float(one.get("x")), one.text, one.attrib) for one in root.iter()
            if one.tag.endswith("}text")]  # fmt: skip


def test_a_line_is_cut_where_its_looks_change():
    found = list(pictures.runs(["a\033[1mbc\033[0m \033[2;31md\033[39me\033[36mf", "g"]))
    assert [(row, column, text) for row, column, text, _ in found] == [
        (0, 0, "a"), (0, 1, "bc"), (0, 3, " "), (0, 4, "d"), (0, 5, "e"), (0, 6, "f"), (1, 0, "g")
    ]  # fmt: skip
    styles = [style for *_, style in found]
    assert styles[6] == styles[5]  # it lasts
    assert 'font-weight="bold"' in styles[1] and "bold" not in styles[2]
    assert len({styles[3], styles[4], styles[5]}) == 3 and styles[0] == styles[2]


def test_text_stands_in_its_column_and_is_escaped():
    svg = pictures.drawn("-m it", ["ab  <c> & \033[31mred\033[0m"], 40)
    cell = (pictures.WIDTH - 2 * pictures.MARGIN) / 40
    found = {words: x for x, words, _ in texts(svg)}
    assert found["ab  <c> &"] == pytest.approx(pictures.MARGIN, abs=0.1)
    assert found["red"] == pytest.approx(pictures.MARGIN + 10 * cell, abs=0.1)
    assert found["$"] == pytest.approx(pictures.MARGIN) and "python -m it" in found


def test_a_long_command_goes_on_below():
    rows = list(pictures._wrapped("python " + "word " * 20, 40))
    plain = [re.sub("\033\\[[0-9;]*m", "", row) for row in rows]
    assert all(len(row) <= 40 for row in plain) and len(plain) > 2
    assert " ".join(row.strip(" \\") for row in plain).split()[2:] == ["word"] * 20


def test_paths_of_the_machine_are_not_drawn(monkeypatch):
    monkeypatch.setenv("GPTLAB_DATA", "/class/data")
    line = f"{pictures.ROOT}/a /class/data/b /tmp/tmpabc/c {Path.home()}/d"
    assert pictures._named(line) == "course/a data/b ~/c ~/d"


@pytest.mark.parametrize("name", NAMES)
def test_a_committed_picture_is_of_a_program_that_is_known(name):
    svg = (STATIC / f"program_{name}.svg").read_text(encoding="utf-8")
    words = "\n".join(words for _, words, _ in texts(svg))
    assert pictures.SCENES[name].command.split()[1] in words
    assert not re.search(r"/tmp|/root|/home|/work|Traceback", svg)
    assert all(x + float(more["textLength"]) <= pictures.WIDTH for x, _, more in texts(svg))


def test_the_picture_of_the_hub_shows_the_committed_model():
    """So do those of chat and conversations, which are made with it: make_programs.py makes all."""
    drawn = (STATIC / "program_hub.svg").read_text(encoding="utf-8")
    assert all(one.sha256 in drawn for one in items(MODEL)), "run make_programs.py"


def test_there_are_pictures():
    assert set(NAMES) == set(pictures.SCENES)
    assert {"list", "sample", "train", "doctor", "download"} <= set(NAMES)


def test_the_picture_of_the_list_has_every_program():
    drawn = [words for _, words, _ in texts((STATIC / "program_list.svg").read_text("utf-8"))]
    shown = " ".join(" ".join(drawn).split())
    for name, about in programs():
        assert f"python -m {name} " in shown, name
        assert about in shown, f"{name}: run make_programs.py list"


def test_every_program_is_on_the_page_with_its_picture():
    page = (STATIC.parent / "programs.md").read_text(encoding="utf-8")
    more = ("python sample.py", "python -m autograder", "python -m benchmarks")
    for command in (*(f"python -m {name}" for name, _ in programs()), *more):
        parts = [part for part in page.split("\n## ") if f"`{command}" in part]
        assert any("```{image}" in part for part in parts), command
    assert all(f"_static/program_{name}.svg" in page for name in NAMES)
