"""gptlab.measures: shares and means that can be worked out by hand."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from gptlab import measures


@pytest.mark.parametrize(
    ("ids", "n", "share"),
    [([1, 2, 1, 2], 1, 1 / 2), ([1, 2, 1, 2], 2, 2 / 3), ([1, 2, 1, 2], 4, 1.0),
     ([1, 2, 1, 2], 5, 0.0), ([], 1, 0.0), ([7] * 10, 3, 1 / 8), ([1, 2, 3], 2, 1.0),
     ([1, 1, 2, 1, 1, 2], 3, 3 / 4), ((5, 5), 1, 1 / 2)],
)  # fmt: skip
def test_distinct_n_is_the_share_of_different_ones(ids, n, share):
    before = list(ids)
    assert measures.distinct_n(ids, n) == pytest.approx(share)
    assert list(ids) == before


class Half(nn.Module):
    """After token t: half t + 1, a quarter t + 2, an eighth each of t and t + 3; of 4."""

    def forward(self, idx):
        odds = torch.tensor([1 / 8, 1 / 2, 1 / 4, 1 / 8])
        return torch.stack([odds.roll(t) for t in range(4)])[idx].log() + 3.0


def test_mean_log_prob_is_of_the_tokens_after_the_prompt():
    idx = torch.tensor([[0, 1, 3, 0, 1], [0, 0, 2, 2, 3]])
    #               halves: 1  2  1  1       3  2  3  1
    before = idx.clone()
    for n_prompt, halves in ((1, (5 / 4, 9 / 4)), (2, (4 / 3, 2)), (4, (1, 1))):
        found = measures.mean_log_prob(Half(), idx, n_prompt)
        assert found.shape == (2,) and idx.equal(before)
        assert found.tolist() == pytest.approx([-h * math.log(2) for h in halves], abs=1e-6)


@pytest.mark.parametrize("n_prompt", [0, 3, 9])
def test_a_prompt_that_leaves_no_token_is_said(n_prompt):
    with pytest.raises(ValueError, match=f"n_prompt={n_prompt}"):
        measures.mean_log_prob(Half(), torch.tensor([[0, 1, 2]]), n_prompt)


def test_no_graph_is_kept():
    table = nn.Embedding(4, 4)
    assert not measures.mean_log_prob(table, torch.tensor([[0, 1, 2]]), 1).requires_grad
