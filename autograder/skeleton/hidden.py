"""Hidden tests of LAB: values, properties and structure of each item.

Each test is named `test_<item>__<what>`; one test of values an item is marked `core`.
"""

import pytest
import torch

from autograder import expect

COVERS = []  # modules of gptlab that hold this lab's answers: stubs while it is graded
core = pytest.mark.core

COUNTS = [1, 3, 0, 4, 2]  # the sum, the largest and how many there are all differ


@core
def test_shares__of_known_counts(student):
    found = student.call("shares", torch.tensor(COUNTS))
    expected = torch.tensor([0.1, 0.3, 0.0, 0.4, 0.2])
    expect.close(found, expected, looked_at=f"shares of {COUNTS}")


def test_shares__add_up_to_one(student):
    found = student.call("shares", torch.tensor([5, 6, 7, 8]))
    expect.tensor(found, shape=(4,), looked_at="shares of [5, 6, 7, 8]")
    expect.close(found.sum(), 1.0, looked_at="the sum of the shares of [5, 6, 7, 8]")


def test_shares__of_counts_three_times_as_large(student):
    once = student.call("shares", torch.tensor(COUNTS))
    thrice = student.call("shares", torch.tensor([3 * count for count in COUNTS]))
    expect.tensor(once, shape=(5,), looked_at=f"shares of {COUNTS}")
    expect.true(
        once.is_floating_point() and float(once.max()) > float(once.min()),
        looked_at=f"shares of {COUNTS}", expected="floats that differ", found=expect.describe(once),
    )  # fmt: skip
    expect.close(thrice, once, looked_at=f"shares of {COUNTS}, each three times as large")


def test_shares__leaves_its_argument_alone(student):
    counts = torch.tensor([2, 2])
    found = student.call("shares", counts)
    expect.close(found, torch.tensor([0.5, 0.5]), looked_at="shares of [2, 2]")
    expect.equal(student.args[0].tolist(), [2, 2], looked_at="the counts after the call")
