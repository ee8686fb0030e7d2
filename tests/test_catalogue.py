"""Mistakes, lazy and right answers as changes of a lab's text."""

import pytest

from autograder.catalogue import Lazy, Mistake, Right
from autograder.errors import UserError
from autograder.source import parse

TEXT = '''# %% [markdown]
# # A lab

# %% answer="one" level=1 minutes=1
def one(x):
    """Doc."""
    ### BEGIN SOLUTION
    y = x + 1
    return y
    ### END SOLUTION

# %% grade="one" points=19
check.one(one)

# %% answer="two" level=1 minutes=1
### BEGIN SOLUTION
two = 2
### END SOLUTION

# %% grade="two" points=1
check.two(two)
'''
LAB = parse(TEXT, "solutions/lab99.py", "lab99")


def test_a_mistake_changes_one_place():
    lab = Mistake("off", "one", "y = x + 1", "y = x + 2").applied_to(LAB)
    assert lab.text == TEXT.replace("x + 1", "x + 2")


@pytest.mark.parametrize(("old", "count"), [("y = x + 9", 0), ("SOLUTION", 4)])
def test_a_text_that_is_not_there_once_is_refused(old, count):
    with pytest.raises(UserError, match=f"'off'.*stands {count} times.*expected once"):
        Mistake("off", "one", old, "").applied_to(LAB)


def test_a_body_takes_the_indentation_of_its_place():
    lab = Right("other", {"one": "if x:\n    return x + 1\nreturn 1", "two": "two = 1 + 1"})
    text = lab.applied_to(LAB).text
    assert "    ### BEGIN SOLUTION\n    if x:\n        return x + 1\n    return 1\n" in text
    assert "\n### BEGIN SOLUTION\ntwo = 1 + 1\n### END SOLUTION" in text


def test_a_cell_with_two_regions_takes_a_body_for_each():
    between = "    return y\n    ### END SOLUTION\n\ndef half(x):\n"
    more = between + "    ### BEGIN SOLUTION\n    return x / 2\n    ### END SOLUTION\n"
    lab = parse(TEXT.replace(between.partition("\n\n")[0] + "\n", more), "lab99.py", "lab99")
    text = Lazy("one", "zeros", ("return 0", "return x * 0.5")).applied_to(lab).text
    assert "    ### BEGIN SOLUTION\n    return 0\n    ### END SOLUTION\n\ndef half(x):\n" in text
    assert "\n    ### BEGIN SOLUTION\n    return x * 0.5\n    ### END SOLUTION\n" in text
    with pytest.raises(UserError, match="'one' has 2 regions, found 1 bodies"):
        Lazy("one", "zeros", "return 0").applied_to(lab)


def test_an_unknown_item_is_refused():
    with pytest.raises(UserError, match="no answer 'three'"):
        Lazy("three", "the input", "return x").applied_to(LAB)
