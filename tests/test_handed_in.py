"""Whose a file is, from the names that Moodle, Canvas and people give; and which id they get."""

from __future__ import annotations

import json
import re
from pathlib import PurePosixPath

import pytest

from autograder import handed_in
from autograder.errors import UserError
from autograder.roster import Roster

LAB = "lab01_bigram"


def moodle(path: str) -> handed_in.Name | None:
    return handed_in.moodle(PurePosixPath(path).parts, LAB)


def plain(path: str) -> handed_in.Name | None:
    return handed_in.plain(PurePosixPath(path).parts, LAB)


@pytest.mark.parametrize(
    ("path", "wanted", "file"),
    [
        ("Ada Lovelace_1234567_assignsubmission_file_/x.ipynb", "ada_lovelace", "x.ipynb"),
        ("Ada Lovelace_1234567_assignsubmission_file/x.ipynb", "ada_lovelace", "x.ipynb"),
        ("Ada Lovelace_1234567_assignsubmission_file_a_b.ipynb", "ada_lovelace", "a_b.ipynb"),
        ("top/Zoë O'Neill_12_assignsubmission_file_/w/x.ipynb", "zoe_oneill", "w/x.ipynb"),
        ("Zoe\u0308 ONeill_12_assignsubmission_file_/x.ipynb", "zoe_oneill", "x.ipynb"),
        ("Participant_123_assignsubmission_file_/x.ipynb", "participant_123", "x.ipynb"),
        ("Group A_17_assignsubmission_file/x.ipynb", "group_a", "x.ipynb"),
        ("Default group_assignsubmission_file/x.ipynb", "default_group", "x.ipynb"),
        ("Jörg Weiß_9_assignsubmission_file_/x.ipynb", "jorg_weiss", "x.ipynb"),
    ],
)  # fmt: skip
def test_moodle(path, wanted, file):
    found = moodle(path)
    assert (found.wanted, found.file, found.system) == (wanted, file, "moodle")
    assert not found.text


def test_moodle_text_typed_into_the_page_is_no_file():
    assert moodle("Ada L_12_assignsubmission_onlinetext/onlinetext.html").text
    assert moodle("Ada L_12_assignsubmission_onlinetext_onlinetext.html").text
    assert moodle(f"ada/{LAB}.ipynb") is None


def test_control_characters_do_not_reach_a_terminal():
    found = moodle("Eve\x1b[31m \u202eE_12_assignsubmission_file_/x.ipynb")
    assert found.full == "Eve?[31m ?E"
    assert handed_in.STUDENT.fullmatch(found.wanted)


@pytest.mark.parametrize(
    ("file", "wanted", "late", "order"),
    [
        (f"lovelaceada_12345_987654_{LAB}.ipynb", "lovelaceada_12345", False, 987654),
        (f"lovelaceada_LATE_12345_987654_{LAB}-1.ipynb", "lovelaceada_12345", True, 987654),
        (f"lovelaceada_late_12345_987654_{LAB}.ipynb", "lovelaceada_12345", True, 987654),
        (f"müllerzoë_12345_987654_{LAB}.ipynb", "mullerzoe_12345", False, 987654),
        (f"de_la_cruz_12345_987654_{LAB}.ipynb", "de_la_cruz_12345", False, 987654),
        (f"anon_x7Q2p_987654_{LAB}.ipynb", "anon_x7Q2p", False, 987654),
        (f"LATE_anon_x7Q2p_987654_{LAB}.ipynb", "anon_x7Q2p", True, 987654),
    ],
)
def test_canvas(file, wanted, late, order):
    found = handed_in.canvas(file)
    assert (found.wanted, found.late, found.order) == (wanted, late, order)
    assert found.file.startswith(LAB)


def test_canvas_text_typed_into_the_page_is_no_file():
    assert handed_in.canvas("lovelaceada_12345_text.html").text
    assert handed_in.canvas("lovelaceada_LATE_12345_link.html").text


@pytest.mark.parametrize("file", [f"{LAB}.ipynb", f"ada_{LAB}.ipynb", "ada_2025_10_lab.ipynb"])
def test_not_canvas(file):
    assert handed_in.canvas(file) is None


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("ada.ipynb", "ada"),
        (f"ada_{LAB}.ipynb", "ada"),
        (f"ada@uni.org_{LAB} (2).ipynb", "ada@uni.org"),
        (f"ada/{LAB}.ipynb", "ada"),
        (f"submitted/ada/{LAB}/{LAB}.ipynb", "ada"),
        ("Ada Lovelace.ipynb.txt", "ada_lovelace"),
    ],
)
def test_plain(path, wanted):
    assert plain(path).wanted == wanted


@pytest.mark.parametrize("path", [f"{LAB}.ipynb", f"{LAB}/{LAB}.ipynb", f"{LAB}-2.ipynb"])
def test_the_labs_name_alone_is_no_student(path):
    assert plain(path) is None


def test_every_slug_is_an_id():
    for name in ("王小明", "…", "O'Neill", "a" * 300, "-x-", "con", "Ада", "a/b\\c\0", "\ud83d"):
        assert handed_in.STUDENT.fullmatch(handed_in.slug(name)), name
    assert handed_in.slug("王小明") != handed_in.slug("李小龍")


def test_copy_numbers():
    assert handed_in.copy_number("lab01_bigram-2.ipynb") == 2
    assert handed_in.copy_number("w/lab01_bigram (11).ipynb") == 11
    assert handed_in.copy_number("lab01_bigram.ipynb") == 0


def enrolled(*names: handed_in.Name) -> list[str]:
    roster = Roster()
    ids = roster.enrol(names)
    roster.save()
    return [ids[name.key] for name in names]


def full(name: str, number: int, lab: str = LAB) -> handed_in.Name:
    return handed_in.moodle((f"{name}_{number}_assignsubmission_file_", "x.ipynb"), lab)


def test_ids_stay_from_one_lab_to_the_next(course_root):
    assert enrolled(full("Ada L", 12)) == ["ada_l"]
    assert enrolled(full("Ada L", 12), full("Bob M", 13)) == ["ada_l", "bob_m"]
    assert enrolled(full("Ada L", 99, "lab02")) == ["ada_l"], "Moodle counts anew in each lab"
    assert json.loads((course_root / "students.json").read_text())["ada_l"]["name"] == "Ada L"


def test_two_of_one_name_are_two_students(course_root):
    assert enrolled(full("Ada L", 12), full("Ada L", 13)) == ["ada_l_12", "ada_l_13"]
    assert enrolled(full("Ada L", 13)) == ["ada_l_13"]
    assert Roster().name("ada_l_13") == "Ada L"


def test_one_who_comes_later_takes_nobodys_id(course_root):
    assert enrolled(full("Ada L", 12)) == ["ada_l"]
    assert enrolled(full("Ada L", 12), full("Ada L", 13)) == ["ada_l", "ada_l_13"]
    assert enrolled(full("Ada Ł", 14)) == ["ada_l_14"], "another name with the same letters"


def test_a_plain_name_that_is_an_id_is_that_student(course_root):
    assert enrolled(full("Ada L", 12)) == ["ada_l"]
    assert enrolled(plain("ada_l.ipynb")) == ["ada_l"]
    assert enrolled(plain("Ada L.ipynb")) == ["ada_l"]


def test_ids_that_one_folder_may_take_for_the_same(course_root):
    both = enrolled(plain("Ada.ipynb"), plain("ada.ipynb"))
    assert both[0] == "Ada"
    assert both[1].startswith("ada_")


def test_a_damaged_list_of_students_is_said(course_root):
    (course_root / "students.json").write_text("[1")
    with pytest.raises(UserError, match=r"students\.json: cannot be read"):
        Roster()


def test_nbgraders_pattern_reads_the_names_that_we_write():
    name = handed_in.archived("ada@x.org-1", LAB, None)
    found = re.match(handed_in.ARCHIVED, f"/a/{name}")
    assert found.groupdict() == {"student_id": "ada@x.org-1", "timestamp": None, "file_id": LAB}
