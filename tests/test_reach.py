"""Which hidden tests the code of a cell has a hand in."""

from autograder import reach, source, tester


def test_later_tests_that_use_a_function_are_reached_and_others_are_not():
    lab = source.load("lab01_bigram")
    found = reach.reach(lab)
    place = {cell.id: n for n, cell in enumerate(lab.cells) if cell.kind == "answer"}
    items = {id: {tester.item_of(test) for test in found[n]} for id, n in place.items()}
    assert items["coverage"] == {"coverage"}  # nothing is built on it
    assert {"count_pairs", "whole"} <= items["count_pairs"]  # `whole` calls it
    assert "model" in items["encode"]  # by the ids that it made, which the model learns from
    assert "encode" not in items["windows"]  # it is judged before there are windows
    assert "generate" not in items["windows"]
    every = {item.id for item in lab.items if item.kind == "grade"}
    assert all(id in items[id] for id in every & set(items))


def test_text_cells_reach_nothing():
    lab = source.load("lab02_attention")
    found = reach.reach(lab)
    assert all(not found[n] for n, cell in enumerate(lab.cells) if cell.kind in ("text", "explain"))
