"""Folders and zips of every kind: what is handed in, what counts, and what leads nowhere."""

from __future__ import annotations

import io
import json
import os
import stat
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from collect_sample import NAME, cell, install, with_answers, zipped
from nbformat import NotebookNode

from autograder import cli, collect, course, hand_over, incoming, notebooks, paths, release, repair


@pytest.fixture
def lab(tmp_path_factory, monkeypatch) -> NotebookNode:
    return install(tmp_path_factory.mktemp("sample"), monkeypatch)


@pytest.fixture(autouse=True)
def enter(monkeypatch):
    """Telling the gradebook names, which takes seconds the first time; a test may call it."""
    real = hand_over.enter
    monkeypatch.setattr(hand_over, "enter", lambda names: None)
    return real


@pytest.fixture
def good(lab) -> str:
    """A notebook with answers, as text."""
    return json.dumps(with_answers(lab))


@pytest.fixture
def better(lab) -> str:
    """Another one with answers."""
    nb = with_answers(lab)
    cell(nb, "meaning").source = "A better answer."
    return json.dumps(nb)


@pytest.fixture
def blank(lab) -> str:
    return release.text_of(lab)


def collected(where: Path) -> dict[str, collect.Collected]:
    return {one.student: one for one in collect.collect(NAME, where)}


def meaning(student: str) -> str:
    """What stands in this student's submission."""
    return cell(notebooks.read(collect.submission(NAME, student)), "meaning").source


def in_moodle(name: str, number: int, file: str = f"{NAME}.ipynb") -> str:
    return f"{name}_{number}_assignsubmission_file_/{file}"


def stamp(student: str) -> str:
    return collect.submission(NAME, student).with_name("timestamp.txt").read_text()


def test_moodle(lab, good, course_root, tmp_path, enter):
    files = {
        in_moodle("Ada Lovelace", 12): good,
        in_moodle("Zoë O'Neill", 13, "work/my lab.ipynb"): good,
        "Kurt Gödel_14_assignsubmission_onlinetext_/onlinetext.html": "<p>here</p>",
        in_moodle("Max M", 15): good,
        in_moodle("Max M", 16): good,
        in_moodle("Sofia K", 17, "lab.py"): "import torch",
        in_moodle("Sofia K", 17, "lab.pdf"): "%PDF",
    }
    done = collected(zipped(tmp_path / "in.zip", files))
    assert collect.students(NAME) == ["ada_lovelace", "max_m_15", "max_m_16", "zoe_oneill"]
    assert "text box" in done["kurt_godel"].problem
    assert "lab.py" in done["sofia_k"].problem
    assert "lab.pdf" in done["sofia_k"].problem
    assert "several students are called Max M" in done["max_m_15"].look[0]
    assert done["zoe_oneill"].name == "Zoë O'Neill"
    enter({one.student: one.name for one in done.values()})
    with course.gradebook() as gradebook:
        assert gradebook.find_student("zoe_oneill").last_name == "O'Neill"


def test_canvas_late_and_repeated(lab, good, better, course_root, tmp_path):
    files = {
        f"lovelaceada_LATE_12345_987660_{NAME}-1.ipynb": better,
        f"lovelaceada_12345_987654_{NAME}.ipynb": good,
        f"turingalan_12346_987655_{NAME}.ipynb": good,
        f"{NAME}.ipynb": good,
    }
    done = collected(zipped(tmp_path / "in.zip", files))
    assert collect.students(NAME) == ["lovelaceada_12345", "turingalan_12346"]
    ada = done["lovelaceada_12345"]
    assert (ada.late, ada.file, ada.aside) == (True, f"{NAME}-1.ipynb", [f"{NAME}.ipynb"])
    assert meaning("lovelaceada_12345") == "A better answer."
    assert "does not say whose it is" in done[f"({NAME}.ipynb)"].problem
    assert not collect.submission(NAME, "turingalan_12346").with_name("timestamp.txt").exists()


def test_dates_of_a_download_are_no_dates_of_handing_in(lab, good, course_root, tmp_path):
    files = {in_moodle("Ada L", 12): good, in_moodle("Bob M", 13): good}
    near = dict(zip(files, [(2025, 10, 3, 12, 0, 0), (2025, 10, 3, 12, 5, 0)], strict=True))
    collected(zipped(tmp_path / "near.zip", files, near))
    assert not list(course_root.glob("submitted/*/*/timestamp.txt"))
    far = near | {in_moodle("Ada L", 12): (2025, 10, 2, 12, 0, 0)}
    changed = {name: text.replace("balance", "Balance") for name, text in files.items()}
    collected(zipped(tmp_path / "far.zip", changed, far))
    local = datetime(2025, 10, 2, 12, 0, 0).astimezone(UTC)
    assert stamp("ada_l") == f"{local:%Y-%m-%d %H:%M:%S}"


@pytest.mark.parametrize("newest", ["broken", "blank", "empty", "another"])
def test_something_newer_that_is_no_answer_does_not_count(
    lab, good, blank, course_root, tmp_path, newest
):
    other = json.dumps({"nbformat": 4, "cells": [{"cell_type": "code", "source": "x = 1"}]})
    data = {"broken": good[:900], "blank": blank, "empty": "", "another": other}[newest]
    files = {in_moodle("Ada L", 12, "a.ipynb"): good, in_moodle("Ada L", 12, "b.ipynb"): data}
    dates = {in_moodle("Ada L", 12, "b.ipynb"): (2025, 10, 5, 12, 0, 0)}
    done = collected(zipped(tmp_path / "in.zip", files, dates))["ada_l"]
    assert (done.file, done.aside) == ("a.ipynb", ["b.ipynb"])
    assert meaning("ada_l") == "Where they balance."
    assert len(done.look) == 1
    assert "b.ipynb" in done.look[0]
    assert "An older file counts: a.ipynb" in done.look[0]


def test_the_newest_counts_whatever_its_name(lab, good, better, course_root, tmp_path):
    files = {in_moodle("Ada L", 12, "a.ipynb"): better, in_moodle("Ada L", 12, "z (1).ipynb"): good}
    dates = {in_moodle("Ada L", 12, "a.ipynb"): (2025, 10, 5, 12, 0, 0)}
    done = collected(zipped(tmp_path / "in.zip", files, dates))["ada_l"]
    assert meaning("ada_l") == "A better answer."
    assert done.aside == ["z (1).ipynb"]


def test_a_broken_file_takes_away_no_submission_from_before(lab, good, course_root, tmp_path):
    collected(zipped(tmp_path / "in.zip", {"ada.ipynb": good}))
    done = collected(zipped(tmp_path / "in.zip", {"ada.ipynb": "{"}))["ada"]
    assert not done.problem
    assert "What was collected before counts." in done.look[0]
    assert meaning("ada") == "Where they balance."
    assert collect.problems(NAME) == []


def test_all_files_are_kept_as_they_came(lab, good, better, course_root, tmp_path):
    for text in (good, better):
        collected(zipped(tmp_path / "in.zip", {"ada.ipynb": text}))
    kept = {path.read_text() for path in (course_root / "received" / NAME / "ada").iterdir()}
    assert kept == {good, better}


def test_plain_folders_and_nbgraders_own_tree(lab, good, course_root, tmp_path):
    for name in ("ann.ipynb", f"bob_{NAME}.ipynb", f"cy/{NAME}/{NAME}.ipynb",
                 f"submitted/dee/{NAME}/{NAME}.ipynb", "eve/final.ipynb", "Zoë M.ipynb",
                 "fay.ipynb.txt", "ann/.ipynb_checkpoints/ann-checkpoint.ipynb",
                 "cy/lab01_bigram/lab01_bigram.ipynb"):  # fmt: skip
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(good)
    (tmp_path / "in/submitted/dee" / NAME / "timestamp.txt").write_text("2024-02-03 04:05:06 UTC")
    made = collect.collection(NAME, tmp_path / "in")
    found = ["ann", "bob", "cy", "dee", "eve", "fay", "zoe_m"]
    assert [one.student for one in made.done] == found == collect.students(NAME)
    assert set(made.files.ignored) == {
        "ann/.ipynb_checkpoints/ann-checkpoint.ipynb",
        "cy/lab01_bigram/lab01_bigram.ipynb",
        f"submitted/dee/{NAME}/timestamp.txt",
    }
    assert stamp("dee") == "2024-02-03 04:05:06"
    assert not any(one.changed for one in collect.collect(NAME, tmp_path / "in")), "nothing new"


def test_one_folder_around_all_is_the_class(lab, good, course_root, tmp_path):
    zipped(tmp_path / "a.zip", {"class/ann.ipynb": good, "class/bob.ipynb": good})
    assert sorted(collected(tmp_path / "a.zip")) == ["ann", "bob"]
    zipped(tmp_path / "b.zip", {f"cy/{NAME}.ipynb": good, "cy/notes.txt": "x"})
    assert sorted(collected(tmp_path / "b.zip")) == ["cy"]


def test_submitted_as_nbgraders_exchange_fills_it_needs_no_collecting(
    lab, good, course_root, tmp_path
):
    path = collect.submission(NAME, "ada")
    path.parent.mkdir(parents=True)
    path.write_text(good)
    made = collect.collection(NAME, course_root / "submitted")
    assert made.in_place
    assert not made.done[0].problem
    assert path.read_text() == good
    assert {one.name for one in course_root.iterdir()} == {"submitted", "problems"}


def test_plain_zip_collect_lays_out_the_same(lab, good, better, course_root, tmp_path):
    files = {in_moodle("Ada L", 12): good, "bob.ipynb": good, "cy@x.org/final.ipynb": better}
    dates = {in_moodle("Ada L", 12): (2025, 10, 1, 12, 0, 0)}
    collected(zipped(tmp_path / "in.zip", files, dates))
    before = {p: p.read_bytes() for p in course_root.glob("submitted/**/*") if p.is_file()}
    assert len(before) == 6
    program = Path(sys.executable).with_name("nbgrader")
    done = subprocess.run([program, "zip_collect", NAME], cwd=paths.ROOT,
                          env=os.environ, capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0, done.stderr
    after = {p: p.read_bytes() for p in course_root.glob("submitted/**/*") if p.is_file()}
    assert after == before


def test_a_later_hand_in_leaves_one_file_in_the_archive(lab, good, better, course_root, tmp_path):
    for day, text in ((1, good), (2, better)):
        date = {"ada.ipynb": (2025, 10, day, 12, 0, 0)}
        collected(zipped(tmp_path / "in.zip", {"ada.ipynb": text}, date))
    [kept] = (course_root / "downloaded" / NAME / "archive").iterdir()
    assert kept.name.startswith("ada+20251002T")
    assert not (course_root / "downloaded" / NAME / "changed").exists()


OUTSIDE = ("../../x.ipynb", "/etc/x.ipynb", "C:\\Users\\x.ipynb", "C:/x.ipynb", "a/../../x.ipynb",
           "\\\\server\\x.ipynb", "..\\..\\x.ipynb")  # fmt: skip


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_name_that_leads_out_is_a_problem_and_nothing_else(
    lab, good, course_root, tmp_path, name
):
    before = set(tmp_path.rglob("*"))
    done = collected(zipped(tmp_path / "in.zip", {name: good, "ann.ipynb": good}))
    assert not done.pop("ann").problem
    [bad] = done.values()
    assert "leads out of the zip" in bad.problem
    assert collect.students(NAME) == ["ann"]
    new = set(tmp_path.rglob("*")) - before - {tmp_path / "in.zip"}
    assert all(path.is_relative_to(course_root) for path in new)


def test_a_backslash_alone_is_how_some_programs_write_folders(lab, good, course_root, tmp_path):
    collected(zipped(tmp_path / "in.zip", {f"ann\\{NAME}.ipynb": good}))
    assert collect.students(NAME) == ["ann"]


def test_links_and_pipes_are_not_followed(lab, good, course_root, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (tmp_path / "secret.ipynb").write_text(good)
    (tmp_path / "dir").mkdir()
    (tmp_path / "dir" / f"{NAME}.ipynb").write_text(good)
    (folder / "ann.ipynb").symlink_to(tmp_path / "secret.ipynb")
    (folder / "bob").symlink_to(tmp_path / "dir")
    os.mkfifo(folder / "cy.ipynb")
    (folder / "dee.ipynb").write_text(good)
    done = collected(folder)
    assert "a link" in done["ann"].problem
    assert "a link" in done["bob"].problem
    assert "no plain file" in done["cy"].problem
    assert collect.students(NAME) == ["dee"]


def test_links_and_locked_and_damaged_members_of_a_zip(lab, good, course_root, tmp_path):
    path = tmp_path / "in.zip"
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("ann.ipynb")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("bob.ipynb", good)
        archive.writestr("eve.ipynb", "eve's own bytes")
        archive.writestr(f"{NAME}/", "")
        odd = zipfile.ZipInfo("fay.ipynb")
        archive.writestr(odd, good)
        odd.date_time = (1980, 0, 0, 0, 0, 0)  # what some programs write
        archive.writestr("locked.ipynb", good)
        archive.getinfo("locked.ipynb").flag_bits |= 1
    path.write_bytes(path.read_bytes().replace(b"eve's own bytes", b"EVE'S own bytes"))
    done = collected(path)
    assert "a link" in done["ann"].problem
    assert "Bad CRC-32" in done["eve"].problem
    assert "password" in done["locked"].problem
    assert collect.students(NAME) == ["bob", "fay"]


def test_two_members_of_one_name(lab, good, better, course_root, tmp_path):
    with (
        zipfile.ZipFile(tmp_path / "in.zip", "w") as archive,
        pytest.warns(UserWarning, match="Duplicate name"),
    ):
        archive.writestr(zipfile.ZipInfo("ann.ipynb", (2025, 1, 2, 0, 0, 0)), better)
        archive.writestr(zipfile.ZipInfo("ann.ipynb", (2025, 1, 1, 0, 0, 0)), good)
    done = collected(tmp_path / "in.zip")["ann"]
    assert done.aside == ["ann.ipynb"]
    assert meaning("ann") == "A better answer."


def test_a_zip_bomb_costs_its_own_student(lab, good, course_root, tmp_path, monkeypatch):
    monkeypatch.setattr(notebooks, "MOST_BYTES", 1_000_000)
    bomb = b" " * 5_000_000
    files = {"ann.ipynb": bomb, "bob.ipynb": good, "cy.zip": inner({f"{NAME}.ipynb": bomb})}
    done = collected(zipped(tmp_path / "in.zip", files))
    assert "over 1 MB" in done["ann"].problem
    assert "over 1 MB" in done["cy"].problem
    assert collect.students(NAME) == ["bob"]


def test_a_zip_that_unpacks_to_too_much_in_all(lab, good, course_root, tmp_path, monkeypatch):
    monkeypatch.setattr(incoming, "MOST_UNPACKED", int(2.5 * len(good)))
    done = collected(zipped(tmp_path / "in.zip", {f"s{i}.ipynb": good for i in range(4)}))
    assert collect.students(NAME) == ["s0", "s1"]
    assert "unpacks to over" in done["s2"].problem


def test_too_many_files_are_said_before_anything_is_read(lab, course_root, tmp_path, monkeypatch):
    monkeypatch.setattr(incoming, "MOST_FILES", 3)
    zipped(tmp_path / "in.zip", {f"s{i}.ipynb": "" for i in range(4)})
    with pytest.raises(collect.UserError, match="found 4 files"):
        collect.collect(NAME, tmp_path / "in.zip")
    (tmp_path / "in").mkdir()
    for i in range(4):
        (tmp_path / "in" / f"s{i}.ipynb").touch()
    with pytest.raises(collect.UserError, match="over 3 files"):
        collect.collect(NAME, tmp_path / "in")


def test_damaged_and_other_archives_are_said(tmp_path, lab, good, course_root):
    path = zipped(tmp_path / "in.zip", {"ann.ipynb": good})
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(collect.UserError, match="cut short"):
        collect.collect(NAME, path)
    (tmp_path / "in.tar.gz").touch()
    with pytest.raises(collect.UserError, match="unpack it"):
        collect.collect(NAME, tmp_path / "in.tar.gz")


def inner(files: dict[str, str | bytes]) -> bytes:
    """A zip as a student makes it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def test_a_student_who_zipped_the_notebook(lab, good, blank, course_root, tmp_path):
    files = {
        in_moodle("Ada L", 1, "lab.zip"): inner({f"w/{NAME}.ipynb": good, "__MACOSX/x.ipynb": ""}),
        in_moodle("Bob M", 2, "lab.zip"): inner({"a.ipynb": blank, "b.ipynb": good, "c.csv": ""}),
        in_moodle("Cy N", 3, "lab.zip"): inner({"report.pdf": "%PDF"}),
        in_moodle("Dee O", 4, "lab.zip"): inner({"deep.zip": inner({f"{NAME}.ipynb": good})}),
        in_moodle("Eve P", 5, "lab.zip"): inner({"../../x.ipynb": good}),
        in_moodle("Fay Q", 6, "lab.zip"): b"PK\3\4 no more",
        in_moodle("Gus R", 7, "lab.zip"): inner({f"{i}.ipynb": good for i in range(30)}),
        in_moodle("Hal S", 8, "lab.ipynb"): inner({f"{NAME}.ipynb": good}),
    }
    done = collected(zipped(tmp_path / "in.zip", files))
    assert collect.students(NAME) == ["ada_l", "bob_m", "hal_s"]
    assert done["bob_m"].file == "b.ipynb"
    assert "1 × .pdf" in done["cy_n"].problem
    assert "1 × .zip" in done["dee_o"].problem
    assert "leads out" in done["eve_p"].problem
    assert "cannot be read" in done["fay_q"].problem
    assert "30 notebooks" in done["gus_r"].problem


def test_names_in_utf_8_that_do_not_say_so(lab, good, course_root, tmp_path):
    path = zipped(tmp_path / "in.zip", {"Zoë M.ipynb": good})
    data = path.read_bytes()
    for at in (data.index(b"PK\3\4") + 6, data.index(b"PK\1\2") + 8):  # the flags of the names
        data = data[:at] + b"\0\0" + data[at + 2 :]
    path.write_bytes(data)
    assert collected(path)["zoe_m"].name == "Zoë M"


def test_an_error_that_nobody_expected_costs_one_student(
    lab, good, course_root, tmp_path, monkeypatch
):
    real = repair.repair

    def breaks(nb, name):
        if "Balance!" in str(nb):
            raise ZeroDivisionError("surprise")
        return real(nb, name)

    monkeypatch.setattr(repair, "repair", breaks)
    bad = good.replace("balance.", "Balance!")
    done = collected(zipped(tmp_path / "in.zip", {"ann.ipynb": bad, "bob.ipynb": good}))
    assert "ZeroDivisionError: surprise" in done["ann"].problem
    assert collect.students(NAME) == ["bob"]
    log = (course_root / "problems" / f"{NAME}.log").read_text()
    assert "ann ann.ipynb" in log
    assert "Traceback" in log


def test_what_is_printed(lab, good, blank, course_root, tmp_path, capsys):
    nb = json.loads(good)
    nb["cells"] = [c for c in nb["cells"] if c["id"] != "grade-double"]
    files = {
        f"lovelaceada_LATE_12345_987660_{NAME}-1.ipynb": json.dumps(nb),
        f"lovelaceada_12345_987654_{NAME}.ipynb": good,
        f"boolegeorge_12346_987655_{NAME}.ipynb": "",
        ".DS_Store": "",
        "[bold]_[red].ipynb": good,
    }
    zipped(tmp_path / "in.zip", files)
    assert cli.main(["collect", NAME, str(tmp_path / "in.zip")]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "NO SUBMISSION: lab98_sample.ipynb: the file is empty" in out
    assert "double: was missing and has been put back" in out
    assert f"lovelaceada_12345: {NAME}-1.ipynb counts, put aside: {NAME}.ipynb" in out
    assert "late, as Canvas says: lovelaceada_12345" in out
    assert "1 file left alone" in out
    assert "2 submissions, 2 of them new or changed; 1 without a submission" in out
    assert cli.main(["collect", NAME, str(tmp_path / "in.zip"), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report == json.loads((course_root / "problems" / f"{NAME}.json").read_text())
    assert len(report["students"]) == 3
