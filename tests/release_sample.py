"""A small lab with every kind of cell, and the course around it, for the tests of release."""

from __future__ import annotations

import base64
import json
from pathlib import Path

NAME = "lab98_sample"
# 1 x 1 pixel, white
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsTj2rgAAAABJRU5ErkJggg=="
)
TEXT = '''\
# %% [markdown]
# # A small sample
#
# Two functions, a mean of {{mean:.2f}} and a picture: {{figure:line}}

# %%
import math

# %% predict="first_guess"
# What will the mean be?
first_guess = None  # a number, before you run anything below

# %% answer="double" level=1 minutes=5
def double(x):
    """Twice x."""
    # given to the student
    ### BEGIN SOLUTION
    secret_factor = 2
    return secret_factor * x
    ### END SOLUTION

# %% grade="double" points=9.5
assert double(2) == 4

# %% answer="mean" level=2 minutes=8 numbers="mean spread"
### BEGIN SOLUTION
values = [double(3), double(4)]
mean, spread = sum(values) / len(values), max(values) - min(values)
### END SOLUTION

# %% grade="mean" points=6
assert mean == 7

# %% figure="line"
import matplotlib.pyplot as plt

plt.plot([1, 2], [3, 5]);

# %% choice="why_two" points=1.5
question = "Why *two*?"
options = {
    "Because three is odd": "No: odd numbers double as well.",
    "Because double means so": "Right: that is the very word.",
}
right = "Because double means so"

# %% [markdown] explain="meaning" points=3
# What does the mean say of the two values?
#
# ### BEGIN SOLUTION
# It is the point where they balance, whatever their order.
# ### END SOLUTION
#
# ### BEGIN SCHEME
# One point for balance, two for the order being of no account.
# ### END SCHEME
'''
HIDDEN = '''\
"""Hidden tests of the sample."""


def test_double__of_a_number(student):
    assert student.call("double", 7) == 14


def test_double__of_zero(student):
    assert student.call("double", 0) == 0


def test_double__of_a_list(student):
    assert student.call("double", [1]) == [1, 1]


def test_mean__value(student):
    assert student.get("mean") == 7


def test_mean__spread(student):
    assert student.get("spread") == 2


def test_mean__values(student):
    assert student.get("values") == [6, 8]
'''
MISTAKES = '''\
"""The catalogue of the sample."""

from autograder.catalogue import Lazy, Mistake, Right

MISTAKES = [
    Mistake("thrice", "double", "    return secret_factor * x", "    return 3 * x  # thrice"),
]
RIGHT = [
    Right("sum", {"double": "return sum((x, x))"}),
    Right("parts", {"double": ('self.twice = (2 * x for _ in "a")', "return next(self.twice)")}),
]
LAZY = [Lazy("double", "a list", "return [x, x, x, x]")]
'''
NUMBERS = {
    "lab": NAME,
    "machine": {"processor": "A processor", "cores": 2, "python": "3.11.0", "torch": "2.13.0"},
    "text": None,
    "seed": 1337,
    "seconds": {"all": 2.5, "cells": {"answer-double": 0.5}, "graded_cpu": 0.25},
    "numbers": {"mean": 7.0, "spread": 2},
}


def course(root: Path, text: str = TEXT, hidden: str = HIDDEN) -> Path:
    """Write a course with the sample lab as its only one; gives its root."""
    files = {
        f"solutions/{NAME}.py": text,
        f"autograder/hidden/{NAME}.py": hidden,
        f"solutions/figures/{NAME}/numbers.json": json.dumps(NUMBERS),
        "_config.yml": "repository: {url: https://example.org/a/course, branch: main}\n",
    }
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    (root / f"solutions/figures/{NAME}/line.png").write_bytes(PNG)
    return root
