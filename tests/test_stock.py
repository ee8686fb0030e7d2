"""The stock nbgrader course that benchmarks/grading.py compares with: is it a fair peer?"""

from __future__ import annotations

import sys

import pytest
from nbgrader import preprocessors as nbgrader
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.utils import is_grade

from autograder import release, source
from autograder.catalogue import catalogue
from benchmarks import stock, students
from benchmarks.expected import Expected

NAME = "lab01_bigram"


@pytest.fixture(scope="module")
def lab():
    return source.load(NAME)


@pytest.fixture(scope="module")
def notebook(lab):
    return stock.instructor_notebook(lab)


def points(lab, item_id: str, namespace: dict) -> float:
    """What the text of an item's grade cell gives, as its last expression."""
    item = next(item for item in lab.items if item.id == item_id)
    *before, last = stock.Tests(lab.name).text(item).splitlines()
    exec("\n".join(before), namespace)
    return eval(last, namespace)


def test_it_is_valid_nbgrader_with_the_lab_s_points(lab, notebook):
    MetadataValidator().validate_nb(notebook)
    worth = {cell.metadata.nbgrader.grade_id: cell.metadata.nbgrader.points
             for cell in notebook.cells if is_grade(cell)}  # fmt: skip
    assert worth == {item.id: item.points for item in lab.items}


def test_every_hidden_test_is_in_it_once(lab, notebook):
    text = "\n".join(cell.source for cell in notebook.cells if is_grade(cell))
    names = [name for name in stock.Tests(NAME).named if name.startswith("test_")]
    assert len(names) > 3 * sum(item.kind == "grade" for item in lab.items)
    assert [text.count(f"def {name}(") for name in names] == [1] * len(names)


def test_nbgrader_s_own_release_takes_tests_and_answers_out(notebook):
    made = notebook
    for preprocessor in (nbgrader.ClearSolutions, nbgrader.ClearHiddenTests):
        made, _ = preprocessor().preprocess(made, {})
    text = release.text_of(made)
    for word in (
        "hidden_tests",
        "def test_",
        "sorted(set(text))",
        "MARK SCHEME",
        'choice_greedy = "',
    ):
        assert word not in text, word
    assert "check.encode(encode)" in text


@pytest.mark.parametrize(("body", "earned"), [
    ("return [stoi[c] for c in s]", 0.5),
    ("import sys; print('careful', file=sys.stderr); return [stoi[c] for c in s]", 0.5),
    ("return [float(stoi[c]) for c in s]", 0.38),  # one of four tests fails
    ("return [ord(c) for c in s]", 0.12),  # the core test: a quarter, although half of them pass
    ("raise NotImplementedError", 0.0),
])  # fmt: skip
def test_an_item_earns_its_share(lab, capsys, body, earned):
    namespace = {"stoi": {}}
    exec(f"def encode(s):\n    {body}", namespace)
    before = set(namespace)
    assert points(lab, "encode", namespace) == earned
    assert capsys.readouterr().err == "", "nbgrader would give 0"
    assert set(namespace) - before == {"hidden_tests"}


def test_a_test_that_is_broken_is_not_taken_for_a_wrong_answer(lab):
    with pytest.raises(ZeroDivisionError):
        stock.points_of({}, "encode", 1, 0.25, [(lambda student: 1 / 0, 1, True)])


def test_the_students_are_the_same_each_time_and_no_two_alike(lab):
    blank = release.student_notebook(lab)
    made = [release.text_of(one.fill(blank)) for one in students.honest(lab, 20)]
    assert made == [release.text_of(one.fill(blank)) for one in students.honest(lab, 20)]
    assert len(set(made)) == 20
    mistakes = [one.mistakes for one in students.honest(lab, 41) if one.what == "one mistake"]
    assert len(set(mistakes)) == len(mistakes)
    assert {mistake.item for (mistake,) in mistakes} > {"vocabulary", "model", "whole"}


def test_a_large_class_has_all_kinds(lab):
    blank = release.student_notebook(lab)
    made = students.mixed(lab, 120, [("loop", "while True: pass")])
    data = {one.id: one.data(blank) for one in made}
    assert len(set(data.values())) == 120
    assert sum(one.earns != "exact" for one in made) == 6
    assert {one.what for one in made} > {*students.TURNS, "damaged", "hostile", "loop"}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="it forks")
def test_what_a_student_should_earn(lab):
    expected = Expected(lab)
    full = sum(item.points for item in lab.items if item.kind != "explain")
    for one in students.honest(lab, 41):
        earned = sum(points or 0 for points in expected.points(one).values())
        if one.what in ("every answer", "in another way"):
            assert earned == full
        elif one.what == "as released":
            assert earned == 0
        else:
            assert 0 < earned < full, one
    assert expected.left.keys() == {one.id for one in catalogue(NAME).MISTAKES}
