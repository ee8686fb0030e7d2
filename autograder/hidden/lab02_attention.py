"""Hidden tests of lab02_attention: for each item values against an oracle, properties, structure.

The oracles are float64 arithmetic and torch's scaled_dot_product_attention. A function that is
made of earlier ones is judged with the student's own; where it is not right with these, a right one
stands in for each that is wrong, missing or changes what it is given: so a mistake costs once. The
item `whole` alone runs the student's parts as they are, and says which of them is at fault.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from autograder import expect
from autograder.bridge import Student, StudentError
from autograder.reply import holds, made
from autograder.values import Handle
from gptlab.checks.core import CheckFailed

COVERS = ["gptlab.attention", "gptlab.toy"]

core = pytest.mark.core

SHAPES = ((2, 5, 3), (3, 4, 6))  # B, T and the rest, all different


def floats(found: Any, shape: tuple[int, ...], looked_at: str) -> Tensor:
    """A tensor of floats of this shape, in float64."""
    expect.tensor(found, shape=shape, looked_at=looked_at)
    holds(
        found.is_floating_point(),
        looked_at,
        f"floats, a tensor of shape {shape}",
        expect.kind_of(found),
    )
    return found.double()


def near(found: Any, wanted: Tensor) -> bool:
    try:
        expect.close(found, wanted, looked_at="")
    except CheckFailed:
        return False
    return True


def result(student: Student, name: str, inputs: tuple, shape: tuple, looked_at: str = "") -> Tensor:
    """What a function of the notebook gives for these inputs, in float64."""
    return floats(student.call(name, *inputs), shape, looked_at or f"the result of {name}")


def thoughtful(found: Tensor, inputs: tuple, looked_at: str) -> None:
    """The result is made of the input: neither the input itself, nor the same for all of them."""
    echo = any(near(found, given.double()) for given in inputs)
    holds(not echo, looked_at, "other numbers than those that came in", "the input itself")
    same = near(found[1], found[0])
    holds(not same, looked_at, "a result for each sequence", "the same numbers for two sequences")


def kept(student: Student, name: str, inputs: tuple, shape: tuple) -> None:
    """The result has this shape and holds floats; the caller's tensors are as they were."""
    found = result(student, name, inputs, shape)
    for place, given in enumerate(inputs):
        after = student.args[place] if place < len(student.args) else None
        expect.equal(after, given, looked_at=f"argument {place} of {name} afterwards")
    thoughtful(found, inputs, f"the result of {name}")


def alone(student: Student, name: str, inputs: tuple, shape: tuple) -> None:
    """Each sequence of a batch gives what it gives in a batch of its own."""
    together = result(student, name, inputs, shape)
    for b in range(shape[0]):
        single = tuple(given[b : b + 1] for given in inputs)
        expect.close(
            result(student, name, single, (1, *shape[1:])),
            together[b : b + 1],
            looked_at=f"{name} of sequence {b} alone, and among {shape[0]}",
        )
    thoughtful(together, inputs, f"the result of {name}")


def transposed(student: Student, name: str, inputs: tuple) -> Any:
    """A function of tensors that are the same, but not contiguous in memory."""
    names = {f"x{place}": given.mT.contiguous() for place, given in enumerate(inputs)}
    given = ", ".join(f"{each}.transpose(-2, -1)" for each in names)
    return student.run(f"f({given})", f=student.get(name), **names)


# the three running means


def means(x: Tensor) -> Tensor:
    """Row t: the mean of rows 0 to t."""
    count = torch.arange(1, x.shape[1] + 1).double()
    return x.double().cumsum(dim=1) / count[:, None]


def check_means(student: Student, name: str) -> None:
    for shape in SHAPES:
        x = torch.randn(shape)
        found = student.call(name, x)
        expect.close(found, means(x), looked_at=f"{name} of x with (B, T, C) = {shape}")


def check_no_future(student: Student, name: str) -> None:
    x = torch.randn(2, 6, 3)
    before = result(student, name, (x,), (2, 6, 3))
    x[:, 4] += 1e4
    after = result(student, name, (x,), (2, 6, 3))
    looked_at = f"{name}, when row 4 of 6 grows by 10,000:"
    expect.close(after[:, :4], before[:, :4], looked_at=f"{looked_at} rows 0 to 3")
    change = (after - before)[:, 4:].mean(dim=(0, 2))
    expect.close(
        change,
        torch.tensor([2000.0, 10000 / 6]).double(),
        looked_at=f"{looked_at} the change of rows 4 and 5",
        tol=1e-3,
    )


def check_known_rows(student: Student, name: str) -> None:
    x = torch.randn(3, 4, 2)
    found = result(student, name, (x,), (3, 4, 2))
    expect.close(found[:, 0], x[:, 0].double(), looked_at=f"row 0 of {name}: only itself to see")
    one = x[:, :1]
    found = result(student, name, (one,), (3, 1, 2))
    expect.close(found, one.double(), looked_at=f"{name} of a single row, T = 1")
    rows = torch.tensor([[[2.5, -3.0, 1.0]], [[0.5, 7.0, -1.0]]]).expand(2, 7, 3).contiguous()
    found = student.call(name, rows)
    expect.close(found, rows, looked_at=f"{name} where all rows of a sequence are the same")


def check_not_contiguous(student: Student, name: str) -> None:
    x = torch.randn(2, 5, 3)
    found = transposed(student, name, (x,))
    expect.close(found, means(x), looked_at=f"{name} of a transposed tensor")


@core
def test_xbow_loop__running_means(student):
    check_means(student, "xbow_loop")


def test_xbow_loop__a_later_row_leaves_the_earlier_alone(student):
    check_no_future(student, "xbow_loop")


def test_xbow_loop__the_first_row_and_equal_rows_stay(student):
    check_known_rows(student, "xbow_loop")


def test_xbow_loop__each_sequence_alone(student):
    alone(student, "xbow_loop", (torch.randn(3, 4, 2),), (3, 4, 2))


def test_xbow_loop__of_a_tensor_that_is_not_contiguous(student):
    check_not_contiguous(student, "xbow_loop")


def test_xbow_loop__the_shape_and_the_callers_x(student):
    kept(student, "xbow_loop", (torch.randn(4, 3, 5),), (4, 3, 5))


@core
def test_xbow_matmul__running_means(student):
    check_means(student, "xbow_matmul")


def test_xbow_matmul__a_later_row_leaves_the_earlier_alone(student):
    check_no_future(student, "xbow_matmul")


def test_xbow_matmul__the_first_row_and_equal_rows_stay(student):
    check_known_rows(student, "xbow_matmul")


def test_xbow_matmul__each_sequence_alone(student):
    alone(student, "xbow_matmul", (torch.randn(3, 4, 2),), (3, 4, 2))


def test_xbow_matmul__of_a_tensor_that_is_not_contiguous(student):
    check_not_contiguous(student, "xbow_matmul")


def test_xbow_matmul__the_shape_and_the_callers_x(student):
    kept(student, "xbow_matmul", (torch.randn(4, 3, 5),), (4, 3, 5))


@core
def test_xbow_softmax__running_means(student):
    check_means(student, "xbow_softmax")


def test_xbow_softmax__a_later_row_leaves_the_earlier_alone(student):
    check_no_future(student, "xbow_softmax")


def test_xbow_softmax__the_first_row_and_equal_rows_stay(student):
    check_known_rows(student, "xbow_softmax")


def test_xbow_softmax__each_sequence_alone(student):
    alone(student, "xbow_softmax", (torch.randn(3, 4, 2),), (3, 4, 2))


def test_xbow_softmax__of_a_tensor_that_is_not_contiguous(student):
    check_not_contiguous(student, "xbow_softmax")


def test_xbow_softmax__the_shape_and_the_callers_x(student):
    kept(student, "xbow_softmax", (torch.randn(4, 3, 5),), (4, 3, 5))


# the parts of attention: what each should give, and a right one for where the student's is wrong


def products(q: Tensor, k: Tensor) -> Tensor:
    return torch.einsum("bth,bsh->bts", q.double(), k.double())


def scaled(q: Tensor, k: Tensor) -> Tensor:
    return products(q, k) / math.sqrt(q.shape[2])


def masked(scores: Tensor) -> Tensor:
    place = torch.arange(scores.shape[2])
    return torch.where(place[:, None] >= place, scores.double(), -torch.inf)


def shares(q: Tensor, k: Tensor) -> Tensor:
    return masked(scaled(q, k)).softmax(dim=2)


def mix(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    q, k, v = q.double(), k.double(), v.double()
    return F.scaled_dot_product_attention(q, k, v, is_causal=True)


ORACLES = {
    "raw_scores": products,
    "scaled_scores": scaled,
    "causal_mask": masked,
    "attention_weights": shares,
    "attend": mix,
}
RIGHT_PARTS = """
import torch

def raw_scores(q, k):
    return torch.einsum("bth,bsh->bts", q, k)

def scaled_scores(q, k):
    return raw_scores(q, k) / q.shape[2] ** 0.5

def causal_mask(scores):
    place = torch.arange(scores.shape[2])
    return torch.where(place[:, None] >= place, scores, -torch.inf)

def attention_weights(q, k):
    return causal_mask(scaled_scores(q, k)).softmax(dim=2)

{part.__name__: part for part in (raw_scores, scaled_scores, causal_mask, attention_weights)}
"""


def is_right(student: Student, name: str) -> bool:
    """Whether a part of the student's gives what it should, and leaves alone what it is given."""
    if name == "causal_mask":
        scores = torch.randn(2, 4, 4)
        scores[1, 2, 0] = 0.0
        inputs = (scores,)
    else:
        inputs = tuple(torch.randn(2, 4, 3) for _ in range(3 if name == "attend" else 2))
    try:
        found = student.call(name, *inputs)
    except StudentError:
        return False
    unchanged = len(student.args) == len(inputs) and all(
        isinstance(after, Tensor) and torch.equal(after, before)
        for after, before in zip(student.args, inputs, strict=True)
    )
    return unchanged and near(found, ORACLES[name](*inputs))


PARTS_OF = {
    "scaled_scores": ("raw_scores",),
    "attention_weights": ("raw_scores", "scaled_scores", "causal_mask"),
    "attend": ("raw_scores", "scaled_scores", "causal_mask", "attention_weights"),
}


def mended(student: Student, names: tuple[str, ...]) -> list[str]:
    """Put right parts in the place of wrong ones, the innermost first; which these were."""
    wrong, right = [], {}
    for name in names:
        if not is_right(student, name):
            wrong.append(name)
            right = right or student.run(RIGHT_PARTS)
            if name in right:
                student.set(**{name: right[name]})
    return wrong


def judged(student: Student, name: str) -> None:
    """Before a test of a composite: what it is made of must not be what it fails for."""
    if not is_right(student, name):
        mended(student, PARTS_OF[name])


def pair(*shape: int) -> tuple[Tensor, Tensor]:
    return torch.randn(shape) * 1.5, torch.randn(shape) * 1.5


def triple(B: int, T: int, head_size: int, C: int) -> tuple[Tensor, Tensor, Tensor]:
    return *pair(B, T, head_size), torch.randn(B, T, C)


def check_values(student: Student, name: str, *inputs: Tensor) -> None:
    shapes = ", ".join(str(tuple(given.shape)) for given in inputs)
    found = student.call(name, *inputs)
    expect.close(found, ORACLES[name](*inputs), looked_at=f"{name} of inputs {shapes}")


def check_strided(student: Student, name: str, *inputs: Tensor) -> None:
    found = transposed(student, name, inputs)
    expect.close(found, ORACLES[name](*inputs), looked_at=f"{name} of transposed tensors")


# raw_scores


@core
def test_raw_scores__dot_products(student):
    for shape in SHAPES:
        check_values(student, "raw_scores", *pair(*shape))


def test_raw_scores__one_query_meets_one_key(student):
    q, k = torch.zeros(2, 5, 3), torch.zeros(2, 5, 3)
    q[1, 1, 2], k[1, 3, 2] = 2.0, 4.0
    found = result(student, "raw_scores", (q, k), (2, 5, 5))
    expect.equal(
        found.nonzero().tolist(), [[1, 1, 3]], looked_at="where the scores of q[1, 1], k[1, 3] are"
    )
    expect.close(found[1, 1, 3], 8.0, looked_at="the score of (0, 0, 2) and (0, 0, 4)")


def test_raw_scores__exchanging_q_and_k_transposes_the_table(student):
    q, k = pair(2, 4, 3)
    there, back = (result(student, "raw_scores", inputs, (2, 4, 4)) for inputs in ((q, k), (k, q)))
    expect.close(back, there.mT.contiguous(), looked_at="raw_scores(k, q), raw_scores(q, k)")
    holds(not near(back, there), "raw_scores(k, q)", "another table", "the same table")


def test_raw_scores__a_longer_key_changes_its_column(student):
    q, k = pair(2, 5, 4)
    before = result(student, "raw_scores", (q, k), (2, 5, 5))
    k[:, 3] *= 3
    after = result(student, "raw_scores", (q, k), (2, 5, 5))
    before[:, :, 3] *= 3
    expect.close(after, before, looked_at="raw_scores, when key 3 is three times as long")


def test_raw_scores__where_head_size_is_t(student):
    check_values(student, "raw_scores", *pair(2, 4, 4))


def test_raw_scores__each_sequence_alone(student):
    alone(student, "raw_scores", pair(3, 4, 2), (3, 4, 4))


def test_raw_scores__of_tensors_that_are_not_contiguous(student):
    check_strided(student, "raw_scores", *pair(2, 5, 3))


def test_raw_scores__the_shape_and_the_callers_tensors(student):
    kept(student, "raw_scores", pair(4, 3, 7), (4, 3, 3))


# scaled_scores


@core
def test_scaled_scores__of_three_sizes(student):
    judged(student, "scaled_scores")
    for shape in (*SHAPES, (2, 3, 16)):
        check_values(student, "scaled_scores", *pair(*shape))


def test_scaled_scores__vary_as_much_in_a_wide_head(student):
    judged(student, "scaled_scores")
    for size in (16, 400):
        q, k = torch.randn(4, 20, size), torch.randn(4, 20, size)
        found = result(student, "scaled_scores", (q, k), (4, 20, 20))
        spread = float(found.std())
        holds(
            abs(spread - scaled(q, k).std()) < 1e-3,
            f"the spread of the scores with head_size {size}, from numbers of spread 1",
            "near 1",
            f"{spread:.3f}",
        )


def test_scaled_scores__a_head_written_twice(student):
    judged(student, "scaled_scores")
    q, k = pair(2, 5, 3)
    once = result(student, "scaled_scores", (q, k), (2, 5, 5))
    inputs = torch.cat((q, q), dim=2), torch.cat((k, k), dim=2)
    twice = result(student, "scaled_scores", inputs, (2, 5, 5))
    holds(float(once.abs().max()) > 0.1, "scaled_scores", "scores that are not all 0", "zeros")
    expect.close(
        twice,
        once * math.sqrt(2),
        looked_at="scores where each number of q and k stands twice: sums double, sqrt(2) divides",
    )


def test_scaled_scores__grow_with_q(student):
    judged(student, "scaled_scores")
    q, k = pair(2, 4, 3)
    once = result(student, "scaled_scores", (q, k), (2, 4, 4))
    thrice = result(student, "scaled_scores", (3 * q, k), (2, 4, 4))
    holds(float(once.abs().max()) > 0.1, "scaled_scores", "scores that are not all 0", "zeros")
    expect.close(thrice, 3 * once, looked_at="scaled_scores of q three times as long")


def test_scaled_scores__each_sequence_alone(student):
    judged(student, "scaled_scores")
    alone(student, "scaled_scores", pair(3, 4, 2), (3, 4, 4))


def test_scaled_scores__of_tensors_that_are_not_contiguous(student):
    judged(student, "scaled_scores")
    check_strided(student, "scaled_scores", *pair(2, 5, 3))


def test_scaled_scores__the_shape_and_the_callers_tensors(student):
    judged(student, "scaled_scores")
    kept(student, "scaled_scores", pair(4, 3, 7), (4, 3, 3))


# causal_mask


@core
def test_causal_mask__keeps_the_past_and_hides_the_future(student):
    for B, T in ((2, 5), (5, 3)):
        check_values(student, "causal_mask", torch.randn(B, T, T))


def test_causal_mask__row_t_sees_t_plus_one_scores(student):
    found = result(student, "causal_mask", (torch.randn(3, 6, 6),), (3, 6, 6))
    seen = found.isfinite().sum(dim=2)
    expect.equal(
        seen.tolist(), [[1, 2, 3, 4, 5, 6]] * 3, looked_at="how many scores each row still has"
    )


def test_causal_mask__the_future_gets_exactly_nothing(student):
    scores = torch.full((2, 5, 5), -3e4)
    scores[1] = torch.linspace(-12, 12, 25).view(5, 5)
    weights = result(student, "causal_mask", (scores,), (2, 5, 5)).softmax(dim=2)
    expect.equal(
        torch.triu(weights, 1).sum().item(),
        0.0,
        looked_at="the softmax of masked scores of -30,000, and of -12 to 12: the future's share",
    )
    expect.close(weights[0, 3, :4], torch.full((4,), 0.25).double(), looked_at="four equal scores")


def test_causal_mask__a_score_of_zero_is_a_score(student):
    scores = torch.randint(-1, 2, (2, 6, 6)).float()
    check_values(student, "causal_mask", scores)


def test_causal_mask__twice_is_once(student):
    scores = torch.randn(2, 4, 4)
    once = result(student, "causal_mask", (scores,), (2, 4, 4))
    again = result(student, "causal_mask", (once.float(),), (2, 4, 4))
    holds(not near(once, scores.double()), "causal_mask", "some scores hidden", "none hidden")
    expect.close(again, once, looked_at="the mask of masked scores")


def test_causal_mask__of_any_length(student):
    for T in (1, 2, 9, 40):
        check_values(student, "causal_mask", torch.randn(3, T, T))


def test_causal_mask__of_scores_that_are_not_contiguous(student):
    check_strided(student, "causal_mask", torch.randn(2, 4, 4))


def test_causal_mask__the_shape_and_the_callers_scores(student):
    kept(student, "causal_mask", (torch.randn(4, 3, 3),), (4, 3, 3))


# attention_weights


@core
def test_attention_weights__against_arithmetic(student):
    judged(student, "attention_weights")
    for shape in SHAPES:
        check_values(student, "attention_weights", *pair(*shape))


def test_attention_weights__rows_sum_to_one_and_the_future_gets_none(student):
    judged(student, "attention_weights")
    inputs = pair(2, 6, 4)
    found = result(student, "attention_weights", inputs, (2, 6, 6))
    expect.close(found.sum(dim=2), torch.ones(2, 6).double(), looked_at="the sums of the rows")
    above = float(found.triu(1).abs().max())
    holds(above == 0, "the weights above the diagonal", "0", f"up to {above:.4g}")
    holds(float(found.min()) >= 0, "the weights", "at least 0", f"{float(found.min()):.4g}")
    thoughtful(found, inputs, "the weights")


def test_attention_weights__moving_all_keys_changes_nothing(student):
    judged(student, "attention_weights")
    q, k = pair(2, 5, 3)
    before = result(student, "attention_weights", (q, k), (2, 5, 5))
    after = result(student, "attention_weights", (q, k + torch.tensor([2.0, -1.0, 0.5])), (2, 5, 5))
    thoughtful(before, (q, k), "the weights")
    expect.close(
        after,
        before,
        looked_at="weights, when the same vector is added to all keys: a row's scores move alike",
        tol=1e-4,
    )


def test_attention_weights__equal_keys_share_equally(student):
    judged(student, "attention_weights")
    q = torch.randn(2, 4, 3) * 5
    k = torch.tensor([1.0, -2.0, 3.0]).expand(2, 4, 3).contiguous()
    found = student.call("attention_weights", q, k)
    wanted = torch.ones(4, 4).tril() / torch.arange(1, 5)[:, None]
    expect.close(
        found, wanted.expand(2, 4, 4).contiguous(), looked_at="weights where all keys are the same"
    )
    found = student.call("attention_weights", *pair(3, 1, 5))
    expect.close(found, torch.ones(3, 1, 1), looked_at="the weights of a single token")


def test_attention_weights__a_later_token_leaves_the_earlier_rows_alone(student):
    judged(student, "attention_weights")
    q, k = pair(2, 6, 4)
    before = result(student, "attention_weights", (q, k), (2, 6, 6))
    q[:, 4], k[:, 4] = 9.0, -7.0
    after = result(student, "attention_weights", (q, k), (2, 6, 6))
    expect.close(after[:, :4], before[:, :4], looked_at="rows 0 to 3, when token 4 changes")
    holds(not near(after[:, 4:], before[:, 4:]), "rows 4 and 5", "others", "the same rows")


def test_attention_weights__each_sequence_alone(student):
    judged(student, "attention_weights")
    alone(student, "attention_weights", pair(3, 4, 2), (3, 4, 4))


def test_attention_weights__of_tensors_that_are_not_contiguous(student):
    judged(student, "attention_weights")
    check_strided(student, "attention_weights", *pair(2, 5, 3))


def test_attention_weights__the_shape_and_the_callers_tensors(student):
    judged(student, "attention_weights")
    kept(student, "attention_weights", pair(4, 3, 7), (4, 3, 3))


# paper: the worked example of the lab, three tokens of two numbers

PAPER = {
    "x": [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]],
    "W_query": [[0.0, math.sqrt(2)], [math.sqrt(2), 0.0]],
    "W_key": [[math.log(3), 0.0], [0.0, math.log(3)]],
    "W_value": [[5.0, 5.0], [0.0, 10.0]],
}


def worked() -> tuple[Tensor, Tensor]:
    """The values of the example, and what comes out for each token."""
    x, W_query, W_key, W_value = (torch.tensor(rows).double()[None] for rows in PAPER.values())
    values = x @ W_value
    return values[0], mix(x @ W_query, x @ W_key, values)[0]


def on_paper(student: Student) -> Tensor:
    """The student's two numbers."""
    found = student.get("token2_output")
    if isinstance(found, Tensor | np.ndarray):
        found = found.tolist()
    numbers = [expect.number(each) for each in found] if isinstance(found, list | tuple) else []
    holds(
        len(numbers) == 2 and all(each is not None and math.isfinite(each) for each in numbers),
        "token2_output",
        "a list of two numbers",
        expect.describe(found),
    )
    return torch.tensor(numbers).double()


@core
def test_paper__both_numbers(student):
    expect.close(on_paper(student), worked()[1][2], looked_at="token2_output", tol=0.006)


def test_paper__is_between_the_values(student):
    found, values = on_paper(student), worked()[0]
    inside = (found >= values.min(dim=0)[0]) & (found <= values.max(dim=0)[0])
    holds(
        bool(inside.all()),
        "token2_output",
        "each number between the smallest and the largest of the values",
        expect.describe(found.tolist()),
    )


def test_paper__is_a_mix_with_the_most_of_token_2(student):
    found, values = on_paper(student), worked()[0]
    ones = torch.ones(3, 1).double()
    wanted = torch.cat((found, torch.ones(1).double()))
    weights = torch.linalg.solve(torch.cat((values, ones), dim=1).mT, wanted)
    holds(
        abs(weights[0] - weights[1]) < 0.01 and weights[2] - weights[0] > 0.01,
        "the weights that give token2_output",
        "tokens 0 and 1 alike, token 2 more",
        expect.describe(weights.tolist()),
    )


# attend


@core
def test_attend__against_torch(student):
    judged(student, "attend")
    for B, T, head_size, C in ((2, 5, 3, 4), (3, 4, 6, 2)):
        check_values(student, "attend", *triple(B, T, head_size, C))


def test_attend__equal_keys_give_running_means(student):
    judged(student, "attend")
    q, _, v = triple(2, 5, 3, 4)
    found = student.call("attend", q, torch.ones(2, 5, 3), v)
    expect.close(found, means(v), looked_at="attend where all keys are the same")


def test_attend__the_first_token_gets_its_own_value(student):
    judged(student, "attend")
    q, k, v = triple(2, 4, 3, 5)
    found = result(student, "attend", (q, k, v), (2, 4, 5))
    expect.close(found[:, 0], v[:, 0].double(), looked_at="token 0 of attend(q, k, v)")
    single = q[:, :1], k[:, :1], v[:, :1]
    expect.close(
        result(student, "attend", single, (2, 1, 5)), single[2].double(), looked_at="T = 1"
    )


def test_attend__a_later_token_leaves_the_earlier_alone(student):
    judged(student, "attend")
    q, k, v = triple(2, 6, 3, 4)
    before = result(student, "attend", (q, k, v), (2, 6, 4))
    q[:, 4], k[:, 4], v[:, 4] = 2.0, -1.0, 50.0
    after = result(student, "attend", (q, k, v), (2, 6, 4))
    expect.close(after[:, :4], before[:, :4], looked_at="tokens 0 to 3, when token 4 changes")
    holds(not near(after[:, 4], before[:, 4]), "token 4", "another output", "the same output")


def test_attend__twice_the_values_is_twice_the_output(student):
    judged(student, "attend")
    q, k, v = triple(2, 4, 3, 5)
    once, twice = (result(student, "attend", (q, k, n * v), (2, 4, 5)) for n in (1, 2))
    holds(float(once.abs().max()) > 0.1, "attend(q, k, v)", "numbers that are not all 0", "zeros")
    expect.close(twice, 2 * once, looked_at="attend(q, k, 2 * v)")


def test_attend__each_sequence_alone(student):
    judged(student, "attend")
    alone(student, "attend", triple(3, 4, 2, 5), (3, 4, 5))


def test_attend__of_tensors_that_are_not_contiguous(student):
    judged(student, "attend")
    check_strided(student, "attend", *triple(2, 5, 3, 4))


def test_attend__the_shape_and_the_callers_tensors(student):
    judged(student, "attend")
    kept(student, "attend", triple(4, 3, 7, 2), (4, 3, 2))


# head

KINDS = ("key", "query", "value")


def new_head(student: Student, n_embd: int, head_size: int, block_size: int, dropout: float = 0.0):
    student.set(n_embd=n_embd, block_size=block_size, dropout=dropout)
    return made(student.new("Head", head_size), f"Head({head_size})")


def a_head(
    student: Student,
    n_embd: int,
    head_size: int,
    block_size: int,
    dropout: float = 0.0,
    weights: dict[str, Tensor] | None = None,
) -> tuple[Handle, dict[str, Tensor]]:
    """A head in eval mode with these weights, or random ones of scores that spread by about 1.

    A bias is set to 0: that there must be none is a test of its own.
    """
    head = new_head(student, n_embd, head_size, block_size, dropout)
    shape = (head_size, n_embd)
    spread = 1.2 / math.sqrt(n_embd)
    weights = weights or {kind: torch.randn(shape) * spread for kind in KINDS}
    state = student.state(head)
    for kind in KINDS:
        there = state.get(f"{kind}.weight") if isinstance(state, dict) else None
        looked_at = f"{kind}.weight of Head({head_size}) with n_embd={n_embd}"
        holds(there is not None, looked_at, "a layer of this name", "no layer of this name")
        floats(there, shape, looked_at)
        state[f"{kind}.weight"] = weights[kind]
        if isinstance(state.get(f"{kind}.bias"), Tensor):
            state[f"{kind}.bias"] = torch.zeros_like(state[f"{kind}.bias"])
    student.load(head, state)
    student.call("eval", on=head)
    return head, weights


def head_of(x: Tensor, weights: dict[str, Tensor]) -> Tensor:
    """What a head with these weights should give, in float64."""
    key, query, value = (F.linear(x.double(), weights[kind].double()) for kind in KINDS)
    return mix(query, key, value)


@core
def test_head__against_torch(student):
    for B, T, n_embd, head_size, block_size in ((3, 5, 10, 4, 7), (2, 6, 8, 3, 6)):
        head, weights = a_head(student, n_embd, head_size, block_size)
        x = torch.randn(B, T, n_embd)
        expect.close(
            student.call(head, x),
            head_of(x, weights),
            looked_at=f"Head({head_size}) of x {(B, T, n_embd)}, block_size={block_size}",
        )


def test_head__a_later_token_leaves_the_earlier_alone(student):
    head, _ = a_head(student, 9, 4, 8)
    x = torch.randn(2, 6, 9)
    before = floats(student.call(head, x), (2, 6, 4), "Head(4) of x (2, 6, 9)")
    x[:, 4] = torch.randn(9) * 9
    after = floats(student.call(head, x), (2, 6, 4), "Head(4) of x (2, 6, 9)")
    expect.close(after[:, :4], before[:, :4], looked_at="tokens 0 to 3, when token 4 changes")
    holds(not near(after[:, 4], before[:, 4]), "token 4", "another output", "the same output")


def test_head__any_length_up_to_block_size(student):
    head, weights = a_head(student, 5, 3, 7)
    x = torch.randn(2, 7, 5)
    wanted = head_of(x, weights)
    for T in (7, 1, 3, 7):
        found = student.call(head, x[:, :T].contiguous())
        expect.close(
            found, wanted[:, :T].contiguous(), looked_at=f"the first {T} of 7 tokens, block_size=7"
        )


def test_head__the_past_is_a_set(student):
    head, _ = a_head(student, 6, 4, 8)
    x = torch.randn(2, 6, 6)
    before = floats(student.call(head, x), (2, 6, 4), "Head(4) of x (2, 6, 6)")
    x[:, :5] = x[:, [3, 0, 4, 2, 1]].clone()
    after = floats(student.call(head, x), (2, 6, 4), "Head(4) of x (2, 6, 6)")
    expect.close(
        after[:, 5], before[:, 5], looked_at="the last token, when those before it change places"
    )
    holds(not near(after[:, :5], before[:, :5]), "tokens 0 to 4", "other outputs", "the same")


def test_head__a_hidden_score_gets_nothing_at_all(student):
    weights = {kind: torch.zeros(4, 7) for kind in KINDS}
    weights["query"][0, 0], weights["key"][0, 0] = -400.0, 200.0  # all scores -40,000
    weights["value"] = torch.randn(4, 7)
    head, _ = a_head(student, 7, 4, 9, weights=weights)
    x = torch.randn(2, 6, 7)
    x[:, :, 0] = 1.0
    wanted = means(F.linear(x, weights["value"]))
    found = student.call(head, x)
    expect.close(found, wanted, looked_at="Head(4) where every score of the past is -40,000")


def test_head__each_sequence_alone(student):
    head, weights = a_head(student, 5, 2, 6)
    x = torch.randn(3, 4, 5)
    for b in range(3):
        found = student.call(head, x[b : b + 1])
        expect.close(found, head_of(x, weights)[b : b + 1], looked_at=f"sequence {b} alone")


def test_head__of_x_that_is_not_contiguous(student):
    head, weights = a_head(student, 5, 3, 6)
    x = torch.randn(4, 5, 2)
    found = student.run("head(x.permute(2, 0, 1))", head=head, x=x)
    expect.close(found, head_of(x.permute(2, 0, 1), weights), looked_at="Head(3) of a permuted x")


def test_head__gradients_reach_key_query_and_value(student):
    head, weights = a_head(student, 6, 4, 7)
    x, slope = torch.randn(2, 5, 6), torch.randn(2, 5, 4)
    student.run("(head(x) * slope).sum().backward()", head=head, x=x, slope=slope)
    found = student.grad(head)
    slopes = found if isinstance(found, dict) else {}
    own = {kind: weights[kind].double().requires_grad_() for kind in KINDS}
    (head_of(x, own) * slope.double()).sum().backward()
    for kind in KINDS:
        expect.close(
            slopes.get(f"{kind}.weight"),
            own[kind].grad,
            looked_at=f"the gradient of {kind}.weight",
            tol=1e-4,
        )


def test_head__dropout_falls_on_the_weights(student):
    weights = {kind: torch.zeros(3, 2) for kind in KINDS}
    weights["value"][:, 0] = 1.0  # all values are 1, all scores 0
    head, _ = a_head(student, 2, 3, 12, dropout=0.25, weights=weights)
    student.call("train", on=head)
    found = floats(student.call(head, torch.ones(20, 12, 2)), (20, 12, 3), "Head(3), training")
    seen = torch.arange(1, 13).double()[:, None]
    left = found * 0.75 * seen  # how many of the t + 1 weights were left
    looked_at = "Head(3) with dropout 0.25, training, where all weights of a row are the same"
    holds(
        float((left - left.round()).abs().max()) < 1e-3 and near(left[..., 0], left[..., 1]),
        looked_at,
        "whole weights of a row are dropped, the others grow by 1 / 0.75",
        "something else was dropped, or nothing",
    )
    share = float(left[..., 0].sum() / (20 * seen.sum()))  # of 1,560: 0.75, deviation 0.011
    holds(abs(share - 0.75) < 0.06, looked_at, "about 0.75 of them are left", f"{share:.2f}")


def test_head__no_dropout_in_eval(student):
    head, weights = a_head(student, 5, 3, 6, dropout=0.5)
    x = torch.randn(2, 6, 5)
    found = student.call(head, x)
    expect.close(found, head_of(x, weights), looked_at="Head(3) with dropout 0.5 after eval()")


def test_head__three_layers_without_bias(student):
    head = new_head(student, 11, 4, 6)
    parts = student.run("{n: tuple(p.shape) for n, p in head.named_parameters()}", head=head)
    expect.equal(
        parts,
        {f"{kind}.weight": (4, 11) for kind in KINDS},
        looked_at="the parameters of Head(4) with n_embd=11",
    )


def test_head__the_mask_is_a_buffer(student):
    head = new_head(student, 6, 3, 5)
    buffers = student.run("dict(head.named_buffers())", head=head)
    tril = buffers.get("tril") if isinstance(buffers, dict) else None
    looked_at = "the buffers of Head(3) with block_size=5"
    holds(tril is not None, looked_at, "a buffer named tril", "none of this name")
    expect.tensor(tril, shape=(5, 5), looked_at=looked_at)
    expect.equal(tril.long().tolist(), torch.ones(5, 5).long().tril().tolist(), looked_at="tril")


def test_head__has_the_dropout_of_the_settings(student):
    for share in (0.15, 0.4):
        head = new_head(student, 6, 3, 5, dropout=share)
        expect.equal(
            student.attr(head, "dropout.p"), share, looked_at=f"the layer dropout, dropout={share}"
        )


# one_head_model: with a right head, so that a wrong one costs once

RIGHT_HEAD = """
import torch
from torch import nn
from torch.nn import functional as F

class Head(nn.Module):
    def __init__(self, head_size):
        super().__init__()
        for kind in "key", "query", "value":
            setattr(self, kind, nn.Linear(n_embd, head_size, bias=False))

    def forward(self, x):
        q, k, v = self.query(x), self.key(x), self.value(x)
        return F.scaled_dot_product_attention(q, k, v, is_causal=True)

Head
"""
TOKENS, PLACES = "token_embedding_table.weight", "position_embedding_table.weight"
SCORES, BIAS = "lm_head.weight", "lm_head.bias"


def a_model(
    student: Student, V: int, n_embd: int, block_size: int
) -> tuple[Handle, dict[str, Tensor]]:
    """A model in eval mode around a right head, and its weights."""
    student.set(n_embd=n_embd, block_size=block_size, dropout=0.0)
    student.set(Head=student.run(RIGHT_HEAD, n_embd=n_embd))
    model = made(student.new("OneHeadModel", V), f"OneHeadModel({V})")
    state = student.state(model)
    for name, shape in (
        (TOKENS, (V, n_embd)),
        (PLACES, (block_size, n_embd)),
        (SCORES, (V, n_embd)),
        (BIAS, (V,)),
    ):
        floats(state.get(name) if isinstance(state, dict) else None, shape, f"the model's {name}")
        state[name] = torch.randn(shape)
    for kind in KINDS:
        state[f"sa_head.{kind}.weight"] = torch.randn(n_embd, n_embd) / math.sqrt(n_embd)
    student.load(model, state)
    student.call("eval", on=model)
    return model, state


def logits_of(student: Student, model: Handle, state: dict[str, Tensor], idx: Tensor) -> Tensor:
    """What the model should give, by its own head, tables and last layer."""
    x = state[TOKENS][idx] + state[PLACES][: idx.shape[1]]
    found = student.call(student.attr(model, "sa_head"), x)
    mixed = floats(found, tuple(x.shape), "the model's sa_head")
    return F.linear(mixed, state[SCORES].double(), state[BIAS].double())


def answered(student: Student, model: Handle, *inputs: Tensor) -> list:
    found = student.call(model, *inputs)
    holds(
        isinstance(found, list | tuple) and len(found) == 2,
        "what the model returns",
        "two values, logits and loss",
        expect.kind_of(found),
    )
    return list(found)


@core
def test_one_head_model__logits_by_its_own_parts(student):
    for B, T, V, n_embd, block_size in ((3, 5, 11, 6, 8), (2, 4, 7, 10, 4)):
        model, state = a_model(student, V, n_embd, block_size)
        idx = torch.randint(V, (B, T))
        expect.close(
            answered(student, model, idx)[0],
            logits_of(student, model, state, idx),
            looked_at=f"logits of idx {(B, T)}, V={V}, n_embd={n_embd}, block_size={block_size}",
            tol=1e-4,
        )


def test_one_head_model__the_loss_of_known_targets(student):
    model, state = a_model(student, 9, 4, 7)
    idx, targets = torch.randint(9, (2, 5)), torch.randint(9, (2, 5))
    logits, loss = answered(student, model, idx, targets)
    wanted = logits_of(student, model, state, idx).flatten(0, 1)
    expect.close(logits, wanted, looked_at="the logits with targets, flattened", tol=1e-4)
    wanted = float(F.cross_entropy(wanted, targets.flatten()))
    expect.close(loss, wanted, looked_at="the loss of idx (2, 5)", tol=1e-4)


def test_one_head_model__a_place_in_the_text_has_its_own_vector(student):
    model, state = a_model(student, 8, 5, 6)
    idx = torch.randint(8, (2, 6))
    before = floats(answered(student, model, idx)[0], (2, 6, 8), "logits of idx (2, 6)")
    state[PLACES][3] += 4.0
    student.load(model, state)
    after = floats(answered(student, model, idx)[0], (2, 6, 8), "logits of idx (2, 6)")
    changed = [t for t in range(6) if not near(after[:, t], before[:, t])]
    holds(
        bool(changed) and changed[0] == 3 and set(changed) <= {3, 4, 5},
        "the places whose logits change with row 3 of the position table",
        "from place 3 on",
        str(changed),
    )


def test_one_head_model__a_later_token_leaves_earlier_logits_alone(student):
    model, _ = a_model(student, 8, 5, 9)
    idx = torch.randint(7, (2, 6))
    before = floats(answered(student, model, idx)[0], (2, 6, 8), "logits of idx (2, 6)")
    idx[:, 4] = 7
    after = floats(answered(student, model, idx)[0], (2, 6, 8), "logits of idx (2, 6)")
    expect.close(after[:, :4], before[:, :4], looked_at="logits 0 to 3, when token 4 changes")
    holds(not near(after[:, 4], before[:, 4]), "logits 4", "others", "the same")
    holds(not near(after[:, 5], before[:, 5]), "logits 5, after token 4", "others", "the same")


def test_one_head_model__any_length_up_to_block_size(student):
    model, state = a_model(student, 6, 4, 5)
    idx = torch.randint(6, (3, 5))
    wanted = logits_of(student, model, state, idx)
    for T in (1, 3, 5):
        found = answered(student, model, idx[:, :T].contiguous())[0]
        expect.close(
            found,
            wanted[:, :T].contiguous(),
            looked_at=f"the first {T} of 5 tokens, block_size=5",
            tol=1e-4,
        )


def test_one_head_model__each_sequence_alone(student):
    model, state = a_model(student, 6, 4, 7)
    idx = torch.randint(6, (3, 5))
    wanted = logits_of(student, model, state, idx)
    for b in range(3):
        found = answered(student, model, idx[b : b + 1])[0]
        expect.close(found, wanted[b : b + 1], looked_at=f"sequence {b} alone", tol=1e-4)


def test_one_head_model__gradients_reach_every_part(student):
    model, _ = a_model(student, 6, 4, 7)
    idx, targets = torch.tensor([[0, 2, 3, 5]]), torch.tensor([[2, 3, 5, 1]])
    student.run("model(idx, targets)[1].backward()", model=model, idx=idx, targets=targets)
    found = student.grad(model)
    for name, size, rows in (
        (TOKENS, 6, [0, 2, 3, 5]),
        (PLACES, 7, [0, 1, 2, 3]),
        (SCORES, 6, [0, 1, 2, 3, 4, 5]),
    ):
        slope = found.get(name) if isinstance(found, dict) else None
        slope = floats(slope, (size, 4), f"the gradient of {name}")
        moved = [row for row in range(size) if float(slope[row].abs().sum()) > 1e-9]
        expect.equal(moved, rows, looked_at=f"the rows of {name} that a batch of 4 tokens teaches")


def test_one_head_model__positions_are_where_the_ids_are(student):
    model, _ = a_model(student, 6, 4, 7)
    found = student.run(  # "meta" is a device without numbers: it stands for a GPU
        "seen = []\n"
        "table = model.position_embedding_table\n"
        "table.register_forward_pre_hook(lambda _, given: seen.append(given[0].device.type))\n"
        "logits = model.to('meta')(idx.to('meta'))[0]\n"
        "seen, logits.device.type, tuple(logits.shape)",
        model=model,
        idx=torch.randint(6, (2, 5)),
    )
    expect.equal(found[1:], ("meta", (2, 5, 6)), looked_at="logits of a model on another device")
    holds(
        "cpu" not in found[0],
        "a model and ids on another device than the CPU",
        "positions on that device",
        "positions on the CPU",
    )


def test_one_head_model__shapes_types_and_the_callers_ids(student):
    model, _ = a_model(student, 7, 4, 6)
    idx, targets = torch.randint(7, (2, 3)), torch.randint(7, (2, 3))
    logits, loss = answered(student, model, idx)
    expect.tensor(logits, shape=(2, 3, 7), dtype=torch.float32, looked_at="logits, no targets")
    expect.equal(loss, None, looked_at="the loss without targets")
    logits, loss = answered(student, model, idx, targets)
    expect.tensor(logits, shape=(6, 7), dtype=torch.float32, looked_at="logits with targets")
    expect.tensor(loss, shape=(), dtype=torch.float32, looked_at="the loss")
    expect.equal(student.args, [idx, targets], looked_at="idx and targets afterwards")


# crop


def cropped(student: Student, block_size: int, idx: Tensor) -> Any:
    student.set(block_size=block_size)
    return student.call("crop_context", idx)


@core
def test_crop__the_last_block_size_tokens(student):
    for block_size, B, T in ((5, 2, 9), (3, 4, 7), (6, 3, 7)):
        idx = torch.randperm(B * T).view(B, T)
        expect.equal(
            cropped(student, block_size, idx),
            idx[:, T - block_size :].contiguous(),
            looked_at=f"crop_context of idx {(B, T)}, block_size={block_size}",
        )


def test_crop__a_short_text_stays(student):
    for block_size, T in ((8, 5), (8, 1), (8, 8), (40, 39)):
        idx = torch.randperm(2 * T).view(2, T)
        expect.equal(
            cropped(student, block_size, idx),
            idx,
            looked_at=f"crop_context of {T} tokens, block_size={block_size}",
        )


def test_crop__the_newest_token_comes_last(student):
    for T in (2, 4, 11):
        idx = torch.randperm(3 * T).view(3, T)
        found = cropped(student, 4, idx)
        expect.tensor(found, shape=(3, min(T, 4)), looked_at=f"{T} tokens, block_size=4")
        expect.equal(found[:, -1].tolist(), idx[:, -1].tolist(), looked_at="the last column")


def test_crop__twice_is_once(student):
    once = cropped(student, 3, torch.randperm(20).view(2, 10))
    expect.tensor(once, shape=(2, 3), looked_at="10 tokens, block_size=3")
    expect.equal(cropped(student, 3, once), once, looked_at="what was cropped, cropped again")


def test_crop__every_row_whole_numbers_and_the_callers_ids(student):
    idx = torch.randint(60, (5, 6))
    found = cropped(student, 2, idx)
    expect.tensor(found, shape=(5, 2), dtype=torch.int64, looked_at="idx (5, 6), block_size=2")
    expect.equal(student.args, [idx], looked_at="idx afterwards")


# whole: the student's own parts, as they are


def matrices(B: int, T: int, C: int, head_size: int) -> tuple[Tensor, ...]:
    """x and three matrices, for scores that spread by about 1.5."""
    return torch.randn(B, T, C), *(torch.randn(C, head_size) / math.sqrt(C) for _ in range(3))


def blamed(student: Student) -> str:
    """What to say of a result that is wrong: which of the parts is at fault."""
    wrong = mended(student, (*PARTS_OF["attend"], "attend"))
    if wrong:
        return f"It follows from {' and '.join(wrong)}: see what is said there."
    return "The parts are right: it is how this function puts them together."


def check_whole(student: Student, *inputs: Tensor, looked_at: str) -> None:
    x, W_query, W_key, W_value = (given.double() for given in inputs)
    wanted = mix(x @ W_query, x @ W_key, x @ W_value)
    try:
        found = student.call("attention_from_scratch", *inputs)
    except StudentError as error:
        expect.fail(looked_at, "a result", str(error), likely=blamed(student))
    if not near(found, wanted):
        likely = blamed(student)
        expect.close(found, wanted, looked_at=looked_at, likely=likely)


@core
def test_whole__against_torch(student):
    for B, T, C, head_size in ((2, 5, 7, 3), (3, 4, 5, 6)):
        check_whole(
            student,
            *matrices(B, T, C, head_size),
            looked_at=f"attention_from_scratch of x {(B, T, C)}, head_size {head_size}",
        )


def test_whole__a_later_token_leaves_the_earlier_alone(student):
    x, *weights = matrices(2, 6, 5, 3)
    changed = x.clone()
    changed[:, 4] = torch.randn(5) * 9
    before, after = (
        result(student, "attention_from_scratch", (given, *weights), (2, 6, 3))
        for given in (x, changed)
    )
    expect.close(after[:, :4], before[:, :4], looked_at="tokens 0 to 3, when token 4 changes")
    holds(not near(after[:, 4], before[:, 4]), "token 4", "another output", "the same output")


def test_whole__of_one_token_is_its_value(student):
    x, W_query, W_key, W_value = matrices(3, 1, 4, 2)
    found = student.call("attention_from_scratch", x, W_query, W_key, W_value)
    expect.close(found, x.double() @ W_value.double(), looked_at="a single token, T = 1")


def test_whole__the_value_matrix_acts_last(student):
    x, W_query, W_key, W_value = matrices(2, 5, 4, 3)
    shape = (2, 5, 3)
    once = result(student, "attention_from_scratch", (x, W_query, W_key, W_value), shape)
    twice = result(student, "attention_from_scratch", (x, W_query, W_key, -2 * W_value), shape)
    holds(float(once.abs().max()) > 0.1, "the output", "numbers that are not all 0", "zeros")
    expect.close(twice, -2 * once, looked_at="the output with -2 times W_value")


def test_whole__the_shape_and_the_callers_tensors(student):
    kept(student, "attention_from_scratch", matrices(4, 3, 6, 2), (4, 3, 2))
