"""Every lab's hidden tests, proven against its catalogue; and the two forms of the bridge."""

from functools import cache

import pytest

from autograder import catalogue, grading, matrix, reach, source, variants
from autograder.sample_class import answered

LABS = source.labs()


@cache
def matrix_of(name):
    return list(matrix.matrix(source.load(name)))


@pytest.mark.slow
@pytest.mark.parametrize("name", LABS)
def test_the_matrix_of_mistakes_is_complete(name):
    rows = matrix_of(name)
    problems = [f"{row.kind} {row.id}: {row.problem}" for row in rows if row.problem]
    assert not problems, "\n".join(problems)
    kinds = [row.kind for row in rows]
    assert kinds.count("right") >= 3  # the solution and at least two written differently
    assert kinds.count("mistake") >= 10
    tested = {item.id for item in source.load(name).items if item.kind == "grade"}
    assert {row.item for row in rows if row.kind == "mistake"} == tested
    lazy = [row.item for row in rows if row.kind == "lazy"]
    assert all(lazy.count(item) >= 3 for item in tested)


@pytest.mark.slow
@pytest.mark.parametrize("name", LABS)
def test_no_test_fails_that_the_code_of_the_mistake_has_not_reached(name):
    lab = source.load(name)
    reached = reach.reach(lab)
    rows = {row.id: row for row in matrix_of(name) if row.kind == "mistake"}
    for mistake in catalogue.catalogue(name).MISTAKES:
        if mistake.both_ways:  # these are judged by all tests
            place = variants.first_change(lab, mistake.applied_to(lab))
            assert set(rows[mistake.id].tests) <= reached[place], mistake.id


@pytest.mark.slow
@pytest.mark.parametrize("name", LABS)
def test_the_solution_earns_every_machine_marked_point(name, tmp_path):
    lab = source.load(name)
    result = grading.grade(answered(lab), name, tmp_path)
    wrong = [
        (item.id, item.messages) for item in result.items if item.status not in ("passed", "manual")
    ]
    assert not wrong
    explained = sum(item.points for item in lab.items if item.kind == "explain")
    assert result.pending == explained
    assert result.score == result.max_score - explained


@pytest.mark.slow
@pytest.mark.parametrize("name", LABS)
def test_a_mistake_costs_the_same_in_a_kernel_as_in_the_matrix(name, tmp_path):
    lab = source.load(name)
    both_ways = [mistake for mistake in catalogue.catalogue(name).MISTAKES if mistake.both_ways]
    assert both_ways
    rows = {row.id: row for row in matrix_of(name) if row.kind == "mistake"}
    for mistake in both_ways:
        result = grading.grade(answered(mistake.applied_to(lab)), name, tmp_path)
        failed = [item for item in result.items if item.status in ("failed", "partial")]
        assert mistake.item in [item.id for item in failed]
        titles = {message.splitlines()[0] for item in failed for message in item.messages}
        assert len(titles) == len(rows[mistake.id].tests), mistake.id
        own = next(item for item in failed if item.id == mistake.item)
        assert own.mistakes == [mistake.id]
    grading.close(name)  # the last test of this lab: what waits for more of it may end
