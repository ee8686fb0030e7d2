"""Checks of LAB: what a student runs under each TO-DO. Only numbers worked by hand in the lab."""

from __future__ import annotations

from collections.abc import Callable

import torch

from gptlab.checks import quiz
from gptlab.checks.core import CheckFailed, NotAttempted, passed, show

choice = quiz.for_lab("LAB")


def shares(answer: Callable[[torch.Tensor], torch.Tensor]) -> None:
    """The letters of banana, as in the table."""
    counts, expected = torch.tensor([3, 1, 2]), torch.tensor([3 / 6, 1 / 6, 2 / 6])
    try:
        found = answer(counts)
    except NotImplementedError:
        raise NotAttempted("shares") from None
    if found is None:
        raise NotAttempted("shares")
    if not isinstance(found, torch.Tensor) or found.shape != expected.shape:
        text = "a tensor of shape (3,)"
        raise CheckFailed("shares", looked_at=str(counts), expected=text, found=show(found))
    if not torch.allclose(found.float(), expected):
        raise CheckFailed(
            "shares",
            looked_at=f"shares({counts})",
            expected=show(expected),
            found=show(found),
            likely="shares_of_largest" if torch.allclose(found, counts / 3) else "",
        )
    passed("shares", "banana is half a's.")
