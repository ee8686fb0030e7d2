"""The site's last page: what it makes of a record, and of the one that is kept with it."""

from __future__ import annotations

import copy
import json
import sys
from pathlib import Path

import pytest
import yaml

from autograder import cheats, class_record, sample_class, source
from autograder.paths import ROOT

sys.path.append(str(ROOT / "book" / "_ext"))

import class_page

KEPT = json.loads(class_page.KEPT.read_text("utf-8"))


@pytest.fixture
def nothing_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A checkout in which no class was run."""
    monkeypatch.delenv("COURSE_ROOT", raising=False)
    return tmp_path


def test_it_is_the_last_page_of_the_site() -> None:
    contents = yaml.safe_load((ROOT / "book" / "_toc.yml").read_text("utf-8"))
    assert contents["parts"][-1]["chapters"][-1]["file"] == class_page.PAGE


def test_the_page_has_every_part() -> None:
    text = (ROOT / f"{class_page.PAGE}.md").read_text("utf-8")
    assert all(f"```{{sample-class}} {part}\n```" in text for part in class_page.PARTS)


def test_the_record_that_is_kept_is_of_all_labs_and_everybody() -> None:
    again = "run `make course`, then copy course/class.json to book/_ext/class.json"
    assert list(KEPT["labs"]) == source.labs(), again
    everybody = {one.id for one in sample_class.CLASS}
    assert all(set(lab["scores"]) == everybody for lab in KEPT["labs"].values()), again
    assert not KEPT["left_out"] and not KEPT["unfinished"]
    assert KEPT["form"] == class_page.FORM == class_record.FORM


def test_in_it_everybody_earned_what_they_should() -> None:
    for name, lab in KEPT["labs"].items():
        score = {class_page.short(id): one["score"] for id, one in lab["scores"].items()}
        waits = {class_page.short(id): one["waits"] for id, one in lab["scores"].items()}
        assert score["full"] + waits["full"] == lab["of"] == 20, name
        assert score["damaged"] == score["full"], name
        assert score["untouched"] == 0 < score["half"] < score["full"], name
        assert 0 < score["wrong"] < score["full"], name
        assert all(one["earned"] <= one["of"] / 4 + 0.005 for one in lab["cheats"]), name
        made = [one for one in lab["mistakes"] if one["made"]]
        named = [one for one in made if one["students"]]
        assert len(named) >= len(made) - 1 > 0, name


def test_it_names_no_hidden_test() -> None:
    assert "test_" not in class_page.KEPT.read_text("utf-8")
    found = class_record.HIDDEN_TEST.sub("a hidden test", "test_gpt__of_two raised: bad latest_x")
    assert found == "a hidden test raised: bad latest_x"


def test_a_run_of_this_checkout_comes_first(nothing_run: Path) -> None:
    assert class_page.read(nothing_run) == (KEPT, class_page.KEPT)
    mine = copy.deepcopy(KEPT)
    mine["machine"]["processor"] = "a small machine"
    path = nothing_run / "course" / "class.json"
    path.parent.mkdir()
    path.write_text(json.dumps(mine))
    record, found = class_page.read(nothing_run)
    assert found == path and "on: a small machine, " in class_page.run(record)[0]
    for old in (mine | {"form": 0}, mine | {"labs": {}}):
        path.write_text(json.dumps(old))
        assert class_page.read(nothing_run)[1] == class_page.KEPT
    path.write_text("{")
    with pytest.raises(ValueError, match=r"class\.json: not JSON .* run `make course` again"):
        class_page.read(nothing_run)


def test_the_course_may_be_elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COURSE_ROOT", str(tmp_path))
    assert class_page.made(ROOT) == tmp_path / "class.json"


def test_who_was_left_out_is_said_and_has_no_column() -> None:
    record = copy.deepcopy(KEPT)
    record["left_out"] = ["sample-hostile"]
    for lab in record["labs"].values():
        del lab["scores"]["sample-hostile"]
        lab["cheats"] = []
    assert "**Left out: hostile**, since that machine has no jail" in class_page.run(record)[-1]
    assert "hostile" not in class_page.scores(record)[0]
    assert class_page.cheats(record) == ["It took no part in this run."]
    assert "(left out: no jail there)" in "\n".join(class_page.students(record))


def test_points_that_wait_stand_behind_those_that_are_there() -> None:
    assert class_page.points({"score": 17.04, "waits": 1.5}) == "17\xa0+\xa01.5"
    assert class_page.points({"score": 0.25, "waits": 0}) == "0.2"
    lines = class_page.scores(KEPT)
    assert len(lines) == 3 + len(KEPT["labs"]) and lines[2].startswith("| lab 0 | ")


def test_every_kind_of_cheat_has_its_line() -> None:
    lines = class_page.cheats(KEPT)
    assert len(cheats.TRIES) == len(cheats.ALL)
    for number in range(len(cheats.ALL)):
        assert any(line.startswith(f"| {cheats.tries(number)} |") for line in lines)


def test_no_character_of_a_sentence_is_taken_for_markdown() -> None:
    record = copy.deepcopy(KEPT)
    lab = next(iter(record["labs"].values()))
    lab["mistakes"] = [{"item": "x", "id": "y", "students": 0, "made": True,
                        "says": "a*b*c, $d$ and {{e}} | [f](g)"}]  # fmt: skip
    line = next(line for line in class_page.mistakes(record) if line.startswith("- `x`"))
    assert line == r"- `x`, not named: a\*b\*c, \$d\$ and \{\{e\}\} \| \[f\](g)"


def test_seconds_add_up() -> None:
    record = {"labs": {"lab00_x": {"seconds": {"collect": 1.5, "grade": 60, "grade: judge": 50}},
                       "lab01_y": {"seconds": {"collect": 0.5}}}, "export": 1.0}  # fmt: skip
    assert class_page.total(record) == 63 and class_page.minutes(63) == "1 min 3 s"
    lines = class_page.seconds(record)
    assert "| collect | 2 |" in lines and "| lab00_x | 62 |" in lines
