"""A file handed in beside its notebook: which one counts, and what is said of it."""

from __future__ import annotations

import copy
import json

import nbformat
import pytest
from collect_sample import zipped
from file_sample import CELL, FILE, NAME, TEXT, WHEEL, cell, course, notebook

from autograder import (
    beside,
    collect,
    grading,
    hand_over,
    handed_in,
    holes,
    notebooks,
    release,
    repair,
    source,
)
from autograder.beside import Beside

FULL = holes.filled(WHEEL)
OTHER = FULL.replace("10 * config.step", "11 * config.step")
STUB = holes.emptied(WHEEL)
MOODLE = "Ada Lovelace_12_assignsubmission_file"


@pytest.fixture
def lab(tmp_path_factory, monkeypatch):
    """The released lab, which every part of collect now takes for the one of its name."""
    made = notebook(course(tmp_path_factory.mktemp("sample")))
    text = release.text_of(made)
    monkeypatch.setattr(repair, "_released_text", lambda name: text)
    monkeypatch.setattr(source, "load", lambda name: None)
    monkeypatch.setattr(hand_over, "enter", lambda names: None)
    return made


@pytest.fixture
def blank(lab):
    return json.dumps(lab)


@pytest.fixture
def done(lab):
    return json.dumps(with_file(lab, FULL))


def with_file(lab, text, start=f"%%write {FILE}\n"):
    """The lab with this text in the file's cell."""
    nb = copy.deepcopy(lab)
    cell(nb).source = f"{start}{text}".rstrip()
    return nb


def repaired(nb, *files):
    """Taken in, proven to be of the form that nbgrader wants, and the same a second time."""
    made = [Beside(name, lambda data=data: data) for name, data in files]
    nb, notes = beside.repaired(nb, NAME, made)
    nbformat.validate(nb)
    again, more = beside.repaired(nb, NAME, made)
    assert (again, more) == (nb, notes)
    assert nb.metadata.gptlab["repaired"] == notes
    return nb, notes


def in_cell(nb):
    """The file's text in a notebook, without the line of the magic."""
    first, _, text = cell(nb).source.partition("\n")
    assert first == f"%%write {FILE}"
    return text


def test_an_untouched_cell_takes_the_file(lab):
    nb, notes = repaired(lab, (FILE, FULL.encode()))
    assert in_cell(nb) == FULL.rstrip()
    assert notes == [f"{CELL}: taken from wheel.py, handed in beside the notebook"]
    assert repair.attempted(nb, NAME)
    assert beside.to_look_at(notes) == []
    assert cell(nb).metadata == cell(lab).metadata


def test_a_cell_that_was_written_into_counts_and_the_difference_is_named(lab):
    nb, notes = repaired(with_file(lab, FULL), (FILE, OTHER.encode()))
    assert in_cell(nb) == FULL.rstrip()
    assert len(notes) == 1 and "differs from this cell. The cell counts" in notes[0]
    assert beside.to_look_at(notes) == notes


@pytest.mark.parametrize("text", [FULL, f"\ufeff{FULL}", FULL.replace("\n", "\r\n"), f"{FULL}\n\n",
                                  STUB, f"%%write {FILE}\n{FULL}"])  # fmt: skip
def test_a_file_that_says_nothing_new_is_passed_over(lab, text):
    nb, notes = repaired(with_file(lab, FULL), (FILE, text.encode()))
    assert (in_cell(nb), notes) == (FULL.rstrip(), [])


def test_a_file_as_released_is_passed_over_for_one_with_answers(lab):
    nb, notes = repaired(lab, ("wheel-1.py", STUB.encode()), (FILE, FULL.encode()))
    assert in_cell(nb) == FULL.rstrip()
    assert "taken from wheel.py" in notes[0]
    assert repaired(lab, (FILE, STUB.encode()))[1] == []


def test_the_files_own_name_goes_before_a_longer_one(lab):
    nb, _ = repaired(lab, ("my_wheel.py", OTHER.encode()), (FILE, FULL.encode()))
    assert in_cell(nb) == FULL.rstrip()


@pytest.mark.parametrize(("data", "said"), [
    (b"\x89PNG\0\0\xff\xfe", "wheel.py: found no text"),
    (b"\xff\xfe\xfa", "wheel.py: found no text"),
    (b"x = 1\n" * 20_000, "wheel.py: over 100 kB"),
])  # fmt: skip
def test_what_is_no_text_or_too_large_is_not_taken_and_named(lab, data, said):
    nb, notes = repaired(lab, (FILE, data))
    assert cell(nb).source == cell(lab).source
    assert notes[0].startswith(said) and beside.to_look_at(notes) == notes


def test_utf_16_of_a_windows_editor_is_read(lab):
    nb, _ = repaired(lab, (FILE, FULL.encode("utf-16")))
    assert in_cell(nb) == FULL.rstrip()


@pytest.mark.parametrize("start", ["", f"%%writefile {FILE}\n", f"%%file {FILE}\n", "%%time\n"])
def test_the_first_line_of_the_cell_is_put_back(lab, start):
    nb, notes = repaired(with_file(lab, FULL, start))
    assert in_cell(nb) == FULL.rstrip()
    assert notes == [f"{CELL}: had lost its first line, `%%write wheel.py`"]


def test_a_word_behind_the_magic_stays(lab):
    nb, notes = repaired(with_file(lab, FULL, f"%%write {FILE} --force\n"))
    assert cell(nb).source.startswith(f"%%write {FILE} --force\n") and notes == []


def test_an_own_cell_with_the_whole_file_is_the_answer(lab):
    nb = copy.deepcopy(lab)
    mine = nbformat.v4.new_code_cell(f"%%writefile {FILE}\n{FULL}", id="mine")
    nb.cells.insert(nb.cells.index(cell(nb)) + 1, mine)
    made, notes = repaired(nb)
    assert in_cell(made) == FULL.rstrip()
    assert any("in a cell of the student's own" in note for note in notes)


def test_a_cell_that_was_deleted_comes_back_with_the_file(lab):
    nb = copy.deepcopy(lab)
    nb.cells.remove(cell(nb))
    made, notes = repaired(nb, (FILE, FULL.encode()))
    assert in_cell(made) == FULL.rstrip()
    ids = [one.id for one in made.cells]
    assert ids == [one.id for one in lab.cells]
    assert any("taken from wheel.py" in note for note in notes)


def test_a_cell_that_was_moved_down_stands_before_what_loads_it(lab):
    nb = with_file(lab, FULL)
    moved = cell(nb)
    nb.cells.remove(moved)
    nb.cells.append(moved)
    made, _ = repaired(nb)
    ids = [one.id for one in made.cells]
    loads = next(one.id for one in made.cells if "companion.fresh" in one.source)
    assert ids.index(CELL) < ids.index(loads)


def test_a_check_that_was_deleted_comes_back_in_its_place(lab):
    nb = with_file(lab, FULL)
    nb.cells.remove(cell(nb, "grade-turn"))
    made, _ = repaired(nb)
    assert [one.id for one in made.cells] == [one.id for one in lab.cells]


@pytest.mark.parametrize(("name", "who"), [
    ("wheel.py", ""), ("ada_wheel.py", "ada"), ("wheel-1.py", ""), ("wheel (2).py", ""),
    ("wheel.py.txt", ""), ("Ada Lovelace_wheel.py", "Ada Lovelace"),
])  # fmt: skip
def test_names_that_a_file_may_have(name, who):
    assert (handed_in.of_file(name, FILE)["who"] or "") == who


@pytest.mark.parametrize("name", ["wheels.py", "bigwheel.py", "wheel.ipynb", "wheel.pyc", "wheel"])
def test_names_that_it_has_not(name):
    assert handed_in.of_file(name, FILE) is None


def lay(root, files):
    """Write these files, name -> text, into a folder."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def collected(where, student="ada"):
    """What was collected of the one student, and their submission's file."""
    found = {one.student: one for one in collect.collect(NAME, where)}
    assert list(found) == [student]
    one = found[student]
    assert one.problem == ""
    return one, in_cell(notebooks.read(collect.submission(NAME, student)))


FOLDERS = {
    "a folder": ("ada", {f"ada/{NAME}.ipynb": "blank", "ada/wheel.py": FULL}),
    "deeper": ("ada", {f"ada/deep/{NAME}.ipynb": "blank", "ada/deep/src/wheel.py": FULL}),
    "nbgrader's": ("ada", {f"ada/{NAME}/{NAME}.ipynb": "blank", f"ada/{NAME}/wheel.py": FULL}),
    "flat": ("ada", {"ada.ipynb": "blank", "ada_wheel.py": FULL}),
    "Moodle's": ("ada_lovelace", {f"{MOODLE}/x.ipynb": "blank", f"{MOODLE}/wheel.py": FULL}),
    "Canvas's": ("lovelaceada_345", {
        "lovelaceada_345_6789_x.ipynb": "blank", "lovelaceada_345_6790_wheel.py": FULL,
    }),
    "Canvas's, again": ("lovelaceada_345", {
        "lovelaceada_345_6789_x.ipynb": "blank", "lovelaceada_345_6790_wheel.py": OTHER,
        "lovelaceada_345_6791_wheel-1.py": FULL,
    }),
}  # fmt: skip


@pytest.mark.parametrize("kind", FOLDERS)
def test_the_file_is_found_beside_the_notebook(course_root, blank, tmp_path, kind):
    student, files = FOLDERS[kind]
    where = lay(tmp_path / "in", {n: blank if t == "blank" else t for n, t in files.items()})
    one, text = collected(where, student)
    assert text == FULL.rstrip()
    assert one.changed and one.look == [] and not any("wheel" in name for name in one.aside)


def test_the_file_is_found_in_the_zip_of_the_class(course_root, blank, tmp_path):
    files = {f"{MOODLE}/a/x.ipynb": blank, f"{MOODLE}/a/wheel.py": FULL}
    assert collected(zipped(tmp_path / "in.zip", files), "ada_lovelace")[1] == FULL.rstrip()


def zip_text(tmp_path, files):
    return zipped(tmp_path / "inner.zip", files).read_bytes()


def test_the_file_is_found_in_the_students_own_zip(course_root, blank, tmp_path):
    where = tmp_path / "in"
    (where / "ada").mkdir(parents=True)
    data = zip_text(tmp_path, {"work/x.ipynb": blank, "work/wheel.py": FULL})
    (where / "ada" / "all.zip").write_bytes(data)
    assert collected(where)[1] == FULL.rstrip()


def test_a_zip_with_nothing_but_the_file_goes_with_the_notebook(course_root, blank, tmp_path):
    where = lay(tmp_path / "in", {"ada/x.ipynb": blank})
    (where / "ada" / "file.zip").write_bytes(zip_text(tmp_path, {"wheel.py": FULL}))
    one, text = collected(where)
    assert text == FULL.rstrip() and one.look == []


def test_the_file_in_the_notebooks_own_zip_goes_before_one_beside_it(course_root, blank, tmp_path):
    where = lay(tmp_path / "in", {"ada/wheel.py": OTHER})
    (where / "ada" / "all.zip").write_bytes(
        zip_text(tmp_path, {"x.ipynb": blank, "wheel.py": FULL})
    )
    assert collected(where)[1] == FULL.rstrip()


def test_both_changed_the_report_asks_a_person_to_look(course_root, done, tmp_path):
    one, text = collected(lay(tmp_path / "in", {"ada/x.ipynb": done, "ada/wheel.py": OTHER}))
    assert text == FULL.rstrip()
    assert len(one.look) == 1 and "differs from this cell" in one.look[0]


def test_the_file_alone_makes_a_submission_that_is_looked_at(course_root, lab, tmp_path):
    one, text = collected(lay(tmp_path / "in", {"ada/wheel.py": FULL}))
    assert text == FULL.rstrip()
    assert "no notebook was handed in" in one.look[0]


def test_a_file_as_released_alone_makes_none(course_root, lab, tmp_path):
    [one] = collect.collect(NAME, lay(tmp_path / "in", {"ada/wheel.py": STUB}))
    assert "no notebook" in one.problem


def test_a_file_of_nobody_is_named(course_root, done, tmp_path):
    found = collect.collect(NAME, lay(tmp_path / "in", {"ada.ipynb": done, "wheel.py": FULL}))
    assert sorted(one.student for one in found) == ["(wheel.py)", "ada"]


def test_the_file_is_kept_as_it_came(course_root, blank, tmp_path):
    collected(lay(tmp_path / "in", {"ada/x.ipynb": blank, "ada/wheel.py": FULL}))
    assert (course_root / "received" / NAME / "ada" / FILE).read_text() == FULL


def test_a_link_in_a_submission_is_not_followed(lab, tmp_path):
    (tmp_path / "secret.py").write_text(FULL)
    folder = tmp_path / "ada"
    folder.mkdir()
    (folder / FILE).symlink_to(tmp_path / "secret.py")
    assert beside.in_folder(folder, NAME) == []


def test_an_item_of_a_file_is_not_attempted_while_its_regions_are_as_released():
    made = source.parse(TEXT, f"solutions/{NAME}.py", NAME, {FILE: WHEEL})
    cells = {item.id: cell for item in made.items for cell in [None]}
    answer = nbformat.v4.new_code_cell(f"%%write {FILE}\n{holes.emptied(WHEEL, {'turn'})}# mine")
    cells[CELL] = answer
    found = {item.id: grading.attempt(item, cells, made) for item in made.items}
    assert found == {"start": "not_attempted", "turn": "", "total": "not_attempted"}
    del cells[CELL]
    assert grading.attempt(made.items[0], cells, made) == "missing"
