"""The rules from outcomes to points, and the files that results live in."""

import pytest

from autograder import results, scoring
from autograder.results import ItemResult, Result
from autograder.source import Item
from autograder.tester import Outcome, item_of, seed_of

ITEM = Item("encode", "grade", 3.0)


def outcomes(*passed, core=0):
    return [
        Outcome("encode", f"test_encode__{n}", n == core, ok, "" if ok else "  found  wrong")
        for n, ok in enumerate(passed)
    ]


@pytest.mark.parametrize(
    ("passed", "points", "status"),
    [
        ((True, True, True), 3.0, "passed"),
        ((True, True, False), 2.0, "partial"),
        ((False, True, True), 0.75, "partial"),  # without the core test at most a quarter
        ((False, True, True, True, True, True), 0.75, "partial"),
        ((False, False, False, False, True), 0.6, "partial"),  # and never more than its share
        ((False, False, False), 0.0, "failed"),
    ],
)
def test_points_follow_the_share_and_the_core(passed, points, status):
    result = scoring.score_tests(ITEM, outcomes(*passed))
    assert (result.score, result.status) == (points, status)
    assert len(result.messages) == passed.count(False)


def test_a_message_has_the_tests_name_in_words():
    failed = Outcome("encode", "test_encode__ids_of_a_text", True, False, "  found  [1]")
    assert scoring.score_tests(ITEM, [failed]).messages == ["encode: ids of a text\n  found  [1]"]


def test_an_item_without_tests_is_missing_not_full():
    assert scoring.score_tests(ITEM, []).score == 0.0


@pytest.mark.parametrize(
    ("answer", "score", "status"),
    [
        ("b", 3.0, "passed"),
        (" B) ", 3.0, "passed"),
        ("a", 0.0, "failed"),
        (None, 0.0, "not_attempted"),
        ("z", 0.0, "failed"),
        (["b"], 0.0, "failed"),
        (1, 0.0, "failed"),
    ],
)
def test_a_choice_is_a_letter(answer, score, status):
    explained = {"a": "No: one.", "b": "Right: two."}
    result = scoring.score_choice(Item("q", "choice", 3.0), answer, "b", explained)
    assert (result.score, result.status) == (score, status)
    if answer == "a":
        assert result.messages == ["q: you chose a. No: one."]


def test_names_and_seeds():
    assert item_of("test_get_batch__last_window") == "get_batch"
    assert seed_of("lab01", "test_a__b") == seed_of("lab01", "test_a__b")
    assert seed_of("lab01", "test_a__b") != seed_of("lab02", "test_a__b")


def test_a_result_comes_back_from_its_file(tmp_path):
    result = Result(
        "lab",
        [ItemResult("a", 1.5, 2.0, "partial", ["m"], ["x"]), ItemResult("b", 0.0, 2.0, "manual")],
        ["flag"],
    )
    results.save("key", result, tmp_path)
    assert results.load("key", tmp_path) == result
    assert (result.score, result.max_score, result.pending) == (1.5, 4.0, 2.0)
    assert results.load("other", tmp_path) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"lab": "x"}'])
def test_a_damaged_result_is_graded_again(tmp_path, text):
    path = tmp_path / "key.json"
    path.write_text(text)
    assert results.load("key", tmp_path) is None
    assert not path.exists()
