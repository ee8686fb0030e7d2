"""The worked example of lab06, and one on other sizes.

The sentence is "tiny fish often cross wide seas": six words of three numbers (alive, water, small).
What right attention makes of queries, keys and values stands here too, what the usual slips make of
them in lab06_slips.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from gptlab.checks.lab02_numbers import dots, hidden, mixed, past, shares

LN2 = math.log(2)
WORDS = torch.tensor(
    [[0.0, 0, 1], [1.0, 1, 1], [0.0, 0, 0], [1.0, 1, -1], [0.0, 1, -1], [0.0, 1, 0]]
)
W_QUERY = math.sqrt(2) * torch.tensor([[1.0, -1], [0, 1], [0, -1]])
W_KEY = LN2 * torch.tensor([[0.0, 1], [1, 0], [0, 0]])
W_VALUE = torch.tensor([[4.0, 0], [0, 8], [4, 0]])
Matrices = dict[str, Tensor]
PAPER: Matrices = {"W_query": W_QUERY, "W_key": W_KEY, "W_value": W_VALUE}
# The second head has no preference: the plain mean of its values, twice (alive, small).
MEANS: Matrices = {
    "W_query": torch.zeros(3, 2),
    "W_key": torch.zeros(3, 2),
    "W_value": torch.tensor([[2.0, 0], [0, 0], [0, 2]]),
}
ORDERS = ([0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0], [1, 3, 5, 0, 2, 4], [3, 2, 1, 0, 5, 4],
          [4, 0, 3, 5, 1, 2])  # fmt: skip
SENTENCES = torch.stack([WORDS[order] for order in ORDERS])  # (B=5, T=6, d_in=3)
Mix = Callable[[Tensor, Tensor, Tensor], Tensor]


def waves(step: float, *shape: int) -> Tensor:
    """Numbers from -2 to 2 of this shape, the same each time."""
    return 2 * torch.sin(step * torch.arange(1, math.prod(shape) + 1)).view(shape)


# Nothing here has the size that it has on paper, and no two sizes have the same root.
LONG = waves(0.7, 2, 10, 5)  # (B=2, T=10, d_in=5)
CONTEXT = 16
FOUR: list[Matrices] = [  # heads, each from 5 numbers to 3
    {name: waves(head + place / 7, 5, 3) / 2 for place, name in enumerate(PAPER, 1)}
    for head in range(1, 5)
]


def attended(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """What a right head without a mask gives."""
    return mixed(shares(dots(q, k) / math.sqrt(q.shape[-1]), -1), v)


def causal_mix(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """What a right head with a mask gives."""
    scores = dots(q, k) / math.sqrt(q.shape[-1])
    return mixed(shares(hidden(scores, past(q.shape[-2])), -1), v)


def threes(x: Tensor, head: Matrices) -> tuple[Tensor, Tensor, Tensor]:
    """Queries, keys and values of x."""
    return x @ head["W_query"], x @ head["W_key"], x @ head["W_value"]
