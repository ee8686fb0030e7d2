"""Lab 11's model.py graded: right, each hole wrong, each empty, and files that cannot be used."""

from __future__ import annotations

import copy

import pytest

from autograder import beside, catalogue, grading, holes, paths, source, variants
from autograder.beside import Beside
from autograder.sample_class import answered

LAB = "lab11_sampling"
FILE, CELL = "model.py", "answer-model_py"
WHOLE = "test_last__the_whole_model_gives_the_scores_of_the_library"
EMPTY = "raise NotImplementedError"
TANH = 'nn.GELU(approximate="tanh")'
LOOP = "while True:\n    pass"
pytestmark = pytest.mark.slow

lab = source.load(LAB)
HOLES = [cell.id for cell in lab.cells if cell.of == "model_py"]


def emptied(*items: str) -> source.Lab:
    """The lab with nothing in these holes."""
    return catalogue.replaced(lab, dict.fromkeys(items, EMPTY))


@pytest.fixture(scope="module")
def failed():
    """Which tests fail where one hole is empty, and where it is the only one that is filled."""
    made = {f"no {item}": emptied(item) for item in HOLES}
    made |= {f"only {item}": emptied(*(set(HOLES) - {item})) for item in HOLES}
    wanted = [variants.Variant(name, changed) for name, changed in made.items()]
    found = variants.run_all(lab, wanted)
    return {
        variant.id: {outcome.test for outcome in outcomes if not outcome.passed}
        for variant, outcomes in found
    }


def of(item: str, tests: set[str]) -> set[str]:
    return {test for test in tests if test.startswith(f"test_{item}__")}


@pytest.mark.parametrize("item", HOLES)
def test_an_empty_hole_costs_its_own_item_and_no_other(failed, item):
    tests = failed[f"no {item}"]
    assert of(item, tests)
    assert tests - of(item, tests) == ({WHOLE} if item != "last" else set())


@pytest.mark.parametrize("item", HOLES)
def test_a_hole_is_judged_where_all_others_are_empty(failed, item):
    assert of(item, failed[f"only {item}"]) - {WHOLE} == set()


@pytest.fixture(scope="module", autouse=True)
def course(tmp_path_factory):
    """A course folder of its own, in which the known mistakes are tried once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_ROOT", str(tmp_path_factory.mktemp("course")))
        yield paths.course()


def graded(nb, *files: tuple[str, str]):
    """Item -> result, of a notebook through the jail; files: that lay beside it, with their text"""
    near = [Beside(name, lambda text=text: text.encode()) for name, text in files]
    made, _ = beside.repaired(nb, LAB, near)
    return {item.id: item for item in grading.grade(made, LAB).items}


def lost(items) -> set[str]:
    return {name for name, item in items.items() if item.score < item.max_score} - {"two_branches"}


def with_file(change):
    """The full answer, its file's text changed."""
    nb = answered(lab)
    cell = next(cell for cell in nb.cells if cell.id == CELL)
    cell.source = change(cell.source)
    return nb


def test_a_right_file_earns_everything():
    assert lost(graded(answered(lab))) == set()


def test_gelu_mended_to_the_form_of_gpt_2_earns_everything():
    assert lost(graded(with_file(lambda text: text.replace("nn.GELU()", TANH)))) == set()


def test_a_right_file_beside_an_untouched_cell_earns_everything():
    full = holes.filled(lab.cell("answer", "model_py").source)
    untouched = answered(lab, {item.id for item in lab.items} - set(HOLES))
    assert lost(graded(untouched)) == set(HOLES)
    assert lost(graded(untouched, (FILE, full))) == set()


def test_each_hole_wrong_and_each_mistake_named():
    """All at once, the first of each hole: what is wrong elsewhere does not hide any."""
    wrong, sentences = lab, {}
    for mistake in catalogue.catalogue(LAB).MISTAKES:
        if mistake.item in HOLES and mistake.item not in sentences:
            wrong = mistake.applied_to(wrong)
            sentences[mistake.item] = grading.diagnosis.sentence(mistake)
    found = graded(answered(wrong))
    assert lost(found) == set(HOLES)
    # What these give depends on the student's own parts, which are wrong too: no known numbers.
    for item in sorted(set(HOLES) - {"block", "blocks", "embed", "last"}):
        assert sentences[item] in "\n".join(found[item].messages), item


def test_half_a_file():
    done = {"heads", "mask", "out", "mlp", "block", "blocks"}
    found = graded(answered(lab, done))
    assert lost(found) == {item.id for item in lab.items} - done - {"two_branches"}
    assert {found[item].status for item in set(HOLES) - done} == {"not_attempted"}


def test_an_endless_loop_in_a_hole_costs_that_item():
    found = graded(answered(catalogue.replaced(lab, {"heads": LOOP})))
    assert lost(found) == {"heads", "last"}
    assert found["last"].score > 0.8 * found["last"].max_score


NOT_THE_FILE = {"gelu", "write", "letter", "two_branches"}


@pytest.mark.parametrize(("change", "says"), [
    (lambda text: text.replace("self.c_attn = nn.Linear(", "self.c_attn = nn.Linear(("),
     "SyntaxError: '(' was never closed"),
    (lambda text: f"{text}\nwhile True:\n    pass\n", "is there an endless loop?"),
    (lambda text: text.replace("import torch.nn as nn", ""), "NameError: name 'nn'"),
], ids=["syntax", "endless", "name"])  # fmt: skip
def test_a_file_that_cannot_be_loaded_says_why_at_each_item(change, says):
    found = graded(with_file(change))
    assert lost(found) == set(HOLES)
    for item in HOLES:
        assert says in "\n".join(found[item].messages), item


def test_a_file_that_is_missing():
    nb = copy.deepcopy(answered(lab))
    nb.cells = [cell for cell in nb.cells if cell.id != CELL]
    found = graded(nb)
    assert lost(found) == set(HOLES)
    assert {found[item].status for item in HOLES} <= {"missing", "not_attempted"}
