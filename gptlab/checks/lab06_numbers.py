"""The worked example of lab06, what it gives, and what the usual slips make of it.

The sentence is "tiny fish often cross wide seas": six words of three numbers (alive, water, small).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from gptlab.checks.core import CheckFailed, show
from gptlab.checks.lab02_numbers import dots, hidden, mixed, past, shares

LN2 = math.log(2)
WORDS = torch.tensor(
    [[0.0, 0, 1], [1.0, 1, 1], [0.0, 0, 0], [1.0, 1, -1], [0.0, 1, -1], [0.0, 1, 0]]
)
W_QUERY = math.sqrt(2) * torch.tensor([[1.0, -1], [0, 1], [0, -1]])
W_KEY = LN2 * torch.tensor([[0.0, 1], [1, 0], [0, 0]])
W_VALUE = torch.tensor([[4.0, 0], [0, 8], [4, 0]])
PAPER = {"W_query": W_QUERY, "W_key": W_KEY, "W_value": W_VALUE}
# The second head has no preference: the plain mean of its values, twice (alive, small).
MEANS = {
    "W_query": torch.zeros(3, 2),
    "W_key": torch.zeros(3, 2),
    "W_value": torch.tensor([[2.0, 0], [0, 0], [0, 2]]),
}
ORDERS = ([0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0], [1, 3, 5, 0, 2, 4], [3, 2, 1, 0, 5, 4],
          [4, 0, 3, 5, 1, 2])  # fmt: skip
SENTENCES = torch.stack([WORDS[order] for order in ORDERS])  # (B=5, T=6, d_in=3)
Mix = Callable[[Tensor, Tensor, Tensor], Tensor]


def refuse(item: str, looked_at: str, expected: str, found: str, likely: str = "") -> None:
    """Say what is wrong."""
    raise CheckFailed(item, looked_at=looked_at, expected=expected, found=found, likely=likely)


def attended(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """What a right head without a mask gives."""
    return mixed(shares(dots(q, k) / math.sqrt(q.shape[-1]), -1), v)


def causal_mix(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """What a right head with a mask gives."""
    scores = dots(q, k) / math.sqrt(q.shape[-1])
    return mixed(shares(hidden(scores, past(q.shape[-2])), -1), v)


def slips(d_in: int, masked: bool) -> dict[str, Mix]:
    """Cause -> what a head with this slip makes of queries, keys and values."""

    def scaled(divisor: Callable[[Tensor], float], swap: bool = False, axis: int = -1) -> Mix:
        def mix(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
            scores = (dots(k, q) if swap else dots(q, k)) / divisor(q)
            keep = past(q.shape[-2], 0 if masked else q.shape[-2])
            return mixed(shares(hidden(scores, keep), axis), v)

        return mix

    def root(q: Tensor) -> float:
        return math.sqrt(q.shape[-1])

    found = {
        "att_not_scaled": scaled(lambda q: 1.0),
        "att_scaled_by_d_in": scaled(lambda q: math.sqrt(d_in)),
        "att_scaled_by_size": scaled(lambda q: q.shape[-1]),
        "att_multiplied_by_root": scaled(lambda q: 1 / root(q)),
        "att_scaled_by_T": scaled(lambda q: math.sqrt(q.shape[-2])),
        "head_q_and_k_swapped": scaled(root, swap=True),
        "head_softmax_over_queries": scaled(root, axis=-2),
        "att_mixes_keys": lambda q, k, v: causal_mix(q, k, k) if masked else attended(q, k, k),
        "head_query_is_key": lambda q, k, v: causal_mix(k, k, v) if masked else attended(k, k, v),
    }
    return found | (_masks() if masked else {"att_softmax_first": _early})


def _early(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return mixed(shares(dots(q, k), -1) / math.sqrt(q.shape[-1]), v)


def _masks() -> dict[str, Mix]:
    """Slips about the future."""

    def table(change: Callable[[Tensor, Tensor], Tensor]) -> Mix:
        def mix(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
            keep = past(q.shape[-2])
            return mixed(change(dots(q, k) / math.sqrt(q.shape[-1]), keep), v)

        return mix

    def ahead(n: int) -> Mix:
        return table(lambda s, keep: shares(hidden(s, past(s.shape[-1], n)), -1))

    return {
        "head_no_mask": table(lambda s, keep: shares(s, -1)),
        "att_mask_wrong_way": table(lambda s, keep: shares(hidden(s, ~keep), -1)),
        "att_mask_transposed": table(lambda s, keep: shares(hidden(s, keep.T), -1)),
        "att_mask_no_diagonal": ahead(-1),
        "att_mask_one_ahead": ahead(1),
        "head_mask_with_0": table(lambda s, keep: shares(s * keep, -1)),
        "head_mask_after": table(lambda s, keep: shares(s, -1) * keep),
        "att_mask_inf_after": table(lambda s, keep: hidden(shares(s, -1), keep)),
        "head_softmax_over_the_batch": table(lambda s, keep: shares(hidden(s, keep), 0)),
    }


def layers(
    item: str, built: nn.Module, made: str, sizes: tuple[int, int], *, bias: bool = False
) -> None:
    """W_query, W_key and W_value are linear layers of these sizes, with a bias or without."""
    for name in PAPER:
        layer, where = getattr(built, name, None), f"self.{name} of {made}"
        if not isinstance(layer, nn.Linear):
            seen = "there is none" if layer is None else show(layer)
            refuse(item, where, "an nn.Linear", seen, "att_part_missing")
        found = layer.in_features, layer.out_features
        if found != sizes:
            likely = "att_sizes_swapped" if found == sizes[::-1] else "att_sizes"
            refuse(item, where, f"{sizes[0]} -> {sizes[1]}", f"{found[0]} -> {found[1]}", likely)
        if (layer.bias is not None) != bias:
            seen = "no bias" if bias else "a bias"
            expected = "a bias" if bias else "no bias"
            refuse(item, where, expected, seen, "att_bias_ignored" if bias else "att_bias_always")
    if built.W_query is built.W_key or built.W_key is built.W_value:
        refuse(item, f"the layers of {made}", "three of them", "one layer twice", "att_one_layer")


def put(built: Any, matrices: dict[str, Tensor]) -> None:
    """Write matrices, (numbers in, numbers out), into its linear layers."""
    for name, matrix in matrices.items():
        getattr(built, name).weight.data = matrix.mT.clone()
