"""The worked examples of lab02 as tensors, what they give, and how a right answer is compared.

The text is "any": a is a vowel, n a consonant, y a bit of both. Queries ask for the other kind.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from gptlab.checks.core import SMALL, equal

INF, NAN = math.inf, math.nan

ANY = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])  # x on paper: a, n, y
W_QUERY = math.sqrt(2) * torch.tensor([[0.0, 1.0], [1.0, 0.0]])
W_KEY = math.log(3) * torch.tensor([[1.0, 0.0], [0.0, 1.0]])
LOUD_KEY = math.log(3) * torch.tensor([[2.0, 0.0], [0.0, 1.0]])  # vowels twice as loud
W_VALUE = torch.tensor([[5.0, 5.0], [0.0, 10.0]])

# The first example of query and key, and its scores: row a, n, y looks at column a, n, y.
ASKS = torch.tensor([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
OFFERS = torch.tensor([[2.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
SCORES = torch.tensor([[0.0, 1.0, 1.0], [2.0, 0.0, 1.0], [2.0, 1.0, 2.0]])
# Part of an error that masked_fill raises -> its cause.
FILL_ERRORS = {"(Tensor, str)": "inf_is_text", "boolean masks": "mask_not_bool"}
ORDERS = ([0, 1, 2], [2, 1, 0], [1, 2, 0], [2, 0, 1])  # any, yna, nya, yan


def sheets(rows: Tensor, n: int) -> Tensor:
    """The letters of ``rows``, (3, C), in n orders: (n, 3, C)."""
    return torch.stack([rows[order] for order in ORDERS[:n]])


def tables(table: Tensor, n: int) -> Tensor:
    """A (3, 3) table of who looks at whom, for n orders of the letters: (n, 3, 3)."""
    return torch.stack([table[order][:, order] for order in ORDERS[:n]])


def past(T: int, ahead: int = 0) -> Tensor:
    """True where column s is at most row t (+ ahead): (T, T)."""
    columns = torch.arange(T)
    return columns <= columns[:, None] + ahead


def hidden(scores: Tensor, keep: Tensor, value: float = -INF) -> Tensor:
    """``scores`` with ``value`` where ``keep`` is False."""
    return torch.where(keep, scores, torch.tensor(value))


def shares(scores: Tensor, axis: int = 2) -> Tensor:
    """e to the scores, divided by the sums along ``axis``; NaN where nothing is left."""
    powers = (scores - scores.amax(axis, keepdim=True)).exp()
    return powers / powers.sum(axis, keepdim=True)


def mixed(weights: Tensor, values: Tensor) -> Tensor:
    """Sum over s of weights[..., t, s] times values[..., s, :]."""
    return torch.einsum("...ts,...sc->...tc", weights, values)


def dots(q: Tensor, k: Tensor) -> Tensor:
    """Who looks at whom: (B, T, C) and (B, S, C) -> (B, T, S)."""
    return mixed(q, k.mT)


def same(
    item: str,
    found: Any,
    expected: Tensor,
    *,
    looked_at: str,
    known: Mapping[str, Tensor] | None = None,
    likely: str = "",
) -> None:
    """`core.equal`; where the tensors are too large to show, their first sheets that differ."""
    alike = isinstance(found, Tensor) and found.shape == expected.shape
    if not alike or expected.numel() <= SMALL or found.dtype != expected.dtype:
        equal(item, found, expected, looked_at=looked_at, known=known, likely=likely)
        return
    for cause, value in (known or {}).items():
        if value.shape == found.shape and _close(found, value):
            likely = cause
            break
    for place, (sheet, right) in enumerate(zip(found, expected, strict=True)):
        where = f"{looked_at}: sheet {place}"
        equal(item, sheet.detach(), right, looked_at=where, likely=likely)


def _close(found: Tensor, value: Tensor) -> bool:
    return found.detach().allclose(value, rtol=0, atol=1e-4, equal_nan=True)
