"""How good a text that a model wrote is, as far as numbers can say. What lab09 arrives at.

Distinct n-grams: Li et al. 2016, A Diversity-Promoting Objective Function, section 5.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

__all__ = ["distinct_n", "mean_log_prob"]


def distinct_n(ids: Sequence[int], n: int) -> float:
    """How many different n-grams, as a share of all in the list; 0 for a list shorter than n."""
    grams = list(zip(*(ids[start:] for start in range(n)), strict=False))
    return len(set(grams)) / len(grams) if grams else 0.0


@torch.no_grad()
def mean_log_prob(model: nn.Module, idx: Tensor, n_prompt: int) -> Tensor:
    """What the model gives each row's tokens after the first n_prompt: nats per token, (B,).

    idx: (B, T), T at most the model's context; 1 <= n_prompt < T
    """
    if not 1 <= n_prompt < idx.shape[1]:
        raise ValueError(
            f"n_prompt={n_prompt}: expected from 1 to {idx.shape[1] - 1}, so that a token is left"
        )
    log_probs = model(idx[:, :-1]).log_softmax(dim=-1)  # (B, T-1, V)
    found = log_probs.gather(-1, idx[:, 1:, None]).squeeze(-1)  # (B, T-1)
    return found[:, n_prompt - 1 :].mean(dim=1)
