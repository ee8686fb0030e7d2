"""The checks of lab02: one function an item. All numbers are those worked by hand in the lab.

Here are those of single values and of the whole; lab02_averages.py, lab02_scores.py and
lab02_models.py have the others, lab02_numbers.py the worked examples.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from gptlab.checks import quiz
from gptlab.checks.core import (
    CheckFailed,
    NotAttempted,
    call,
    equal,
    globals_set,
    must_be_callable,
    namespace,
    passed,
    show,
)
from gptlab.checks.lab02_averages import xbow_loop, xbow_matmul, xbow_softmax
from gptlab.checks.lab02_models import head, one_head_model
from gptlab.checks.lab02_numbers import (
    ANY,
    LOUD_KEY,
    W_KEY,
    W_QUERY,
    W_VALUE,
    dots,
    hidden,
    mixed,
    past,
    same,
    shares,
    sheets,
)
from gptlab.checks.lab02_scores import (
    attend,
    attention_weights,
    causal_mask,
    raw_scores,
    right_scaled,
    right_weights,
    scaled_scores,
)

__all__ = [
    "attend",
    "attention_weights",
    "causal_mask",
    "choice",
    "crop",
    "head",
    "one_head_model",
    "paper",
    "raw_scores",
    "scaled_scores",
    "whole",
    "xbow_loop",
    "xbow_matmul",
    "xbow_softmax",
]

choice = quiz.for_lab("lab02_attention")


def paper(token2_output: Any) -> None:
    """The output of the y, worked with a pencil."""
    item = "paper"
    if token2_output is None:
        raise NotAttempted(item, looked_at="token2_output", found="None")
    found = token2_output.tolist() if isinstance(token2_output, Tensor) else token2_output
    numbers = isinstance(found, (list, tuple)) and all(isinstance(n, (int, float)) for n in found)
    if not numbers or len(found) != 2:
        raise CheckFailed(
            item,
            looked_at="token2_output",
            expected="a list of two numbers, as in [3.75, 6.25]",
            found=show(token2_output),
        )
    found = [round(float(n), 2) for n in found]  # on paper two digits are enough
    known = {
        "paper_plain_mean": [3.33, 10.0],
        "paper_scores_as_weights": [3.75, 11.25],
        "paper_mix_of_x": [0.8, 0.8],
        "paper_not_divided": [60.0, 180.0],
        "paper_own_value": [5.0, 15.0],
        "paper_of_token_1": [3.75, 6.25],
        "paper_swapped": [12.0, 4.0],
    }
    if found != [4.0, 12.0]:
        likely = next((cause for cause, value in known.items() if value == found), "")
        looked_at = "token2_output, what the y takes from a, n and y"
        raise CheckFailed(item, looked_at=looked_at, found=show(found), likely=likely)
    passed(item, "One fifth, one fifth and three fifths of the values.")


def crop(answer: Callable[[Tensor], Tensor]) -> None:
    """Two rows of six, three and four tokens, block_size=4."""
    item = "crop"
    must_be_callable(item, answer)
    six = torch.arange(12).view(2, 6)
    known = {
        "crop_first": six[:, :4],
        "crop_nothing": six,
        "crop_one_column": six[:, 2],
        "crop_last_lost": six[:, 2:5],
        "crop_one_more": six[:, 1:],
        "crop_one_less": six[:, 3:],
        "crop_only_last": six[:, 5:],
        "crop_one_row": six[0, 2:],
    }
    with globals_set(answer, block_size=4):
        # what gives all six back may still have cut: rows, or a fixed number of tokens
        large = call(item, answer, torch.zeros(6, 40).long(), looked_at="40 tokens, 6 rows")
        cause = {(6, 32): "crop_fixed", (4, 40): "crop_rows"}.get(getattr(large, "shape", ()))
        known = {cause: six, **known} if cause else known
        for idx in (six, six[:, :3], six[:, :4], six[:, :1]):
            length = idx.shape[1]
            looked_at = f"crop_context(idx), block_size=4, idx of shape (B=2, T={length})"
            found = call(item, answer, idx, looked_at=looked_at)
            if length < 4:
                known = {"crop_negative_start": idx[:, length - 4 :], "crop_one_column": idx[:, 0]}
            equal(item, found, idx[:, max(0, length - 4) :], looked_at=looked_at, known=known)
    passed(item)


def whole(answer: Callable[..., Tensor]) -> None:
    """The example on paper, then with a louder key; x has a third channel that nobody reads."""
    item = "whole"
    must_be_callable(item, answer)
    x = torch.cat((sheets(ANY, 2), torch.full((2, 3, 1), 7.0)), 2)
    none = torch.zeros(1, 2)
    louder = "on paper, but with a key louder for vowels (so not the numbers on paper)"
    for name, key in (("on paper", W_KEY), (louder, LOUD_KEY)):
        matrices = [torch.cat((W, none)) for W in (W_QUERY, key, W_VALUE)]
        looked_at = (
            f"attention_from_scratch of the example {name}, for any and yna, with a third channel "
            "that the matrices ignore: x of shape (B=2, T=3, C=3), each W of shape (C=3, "
            "head_size=2)"
        )
        # "3x3 and 2x3" or, where the product is one of a batch, "[2, 3] but got: [2, 2]"
        likely = dict.fromkeys(("2x3", "but got"), "whole_matrices_transposed")
        try:
            found = call(item, answer, x, *matrices, looked_at=looked_at, likely=likely)
            right, known = _whole_numbers(x, *matrices)
            same(item, found, right, looked_at=looked_at, known=known)
        except NotAttempted:
            raise
        except CheckFailed as error:
            error.likely = error.likely or _part_at_fault(answer)
            raise
    passed(item)


def _whole_numbers(x: Tensor, W_q: Tensor, W_k: Tensor, W_v: Tensor) -> tuple[Tensor, dict]:
    """What a head gives, and what it gives after the usual slips."""
    q, k, v = (mixed(x, W) for W in (W_q, W_k, W_v))
    scores, keep = dots(q, k), past(3)
    known = {
        "whole_values_from_x": mixed(right_weights(q, k), x),
        "whole_q_and_k_swapped": mixed(right_weights(k, q), v),
        "whole_one_matrix": mixed(right_weights(q, q), v),
        "whole_no_queries": mixed(right_weights(x, x), v),
        "whole_scaled_by_width": mixed(shares(hidden(scores / 3**0.5, keep)), v),
        "whole_no_mask": mixed(shares(right_scaled(q, k)), v),
        "whole_no_scale": mixed(shares(hidden(scores, keep)), v),
    }
    return mixed(right_weights(q, k), v), known


def _part_at_fault(answer: Callable[..., Tensor]) -> str:
    """The first of the student's own functions that its check refuses, as a sentence."""
    space = namespace(answer)
    for check in (raw_scores, scaled_scores, causal_mask, attention_weights, attend):
        try:
            if check.__name__ in space:
                with contextlib.redirect_stdout(io.StringIO()):
                    check(space[check.__name__])
        except CheckFailed:
            return f"Your {check.__name__} is at fault: run its own check again."
    return ""
