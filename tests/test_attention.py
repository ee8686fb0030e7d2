"""gptlab.attention: the head, against the formula written out in NumPy."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gptlab.attention import Head

B, T, C, H = 2, 5, 6, 3


@pytest.fixture
def head():
    torch.manual_seed(1)
    return Head(C, H, block_size=8)


def by_hand(head, x):
    """softmax(q k^T / sqrt(H)) and that times v, one position after the other, in float64."""
    q, k, v = (
        x.numpy().astype(float) @ part.weight.detach().numpy().astype(float).T
        for part in (head.query, head.key, head.value)
    )
    weights, out = np.zeros((B, T, T)), np.zeros((B, T, H))
    for b in range(B):
        for t in range(T):
            e = np.exp(k[b, : t + 1] @ q[b, t] / np.sqrt(H))
            weights[b, t, : t + 1] = e / e.sum()
            out[b, t] = weights[b, t] @ v[b]
    return weights, out


def test_the_head_and_its_weights_are_those_of_the_formula(head):
    x = 3 * torch.randn(B, T, C)
    weights, out = by_hand(head, x)
    np.testing.assert_allclose(head(x).detach(), out, atol=1e-5)
    np.testing.assert_allclose(head.weights(x), weights, atol=1e-6)


def test_a_later_position_changes_nothing_before_it(head):
    x = torch.randn(B, T, C)
    changed = x.clone()
    changed[:, 3] += 1
    torch.testing.assert_close(head(x)[:, :3], head(changed)[:, :3])
    assert (head(x)[:, 3:] - head(changed)[:, 3:]).abs().min() > 1e-6


def test_dropout_is_at_work_in_training_only():
    torch.manual_seed(1)
    head, x = Head(C, H, 8, dropout=0.5), torch.randn(B, T, C)
    assert not torch.equal(head(x), head(x))
    head.eval()
    torch.testing.assert_close(head(x), head(x))


def test_an_input_longer_than_the_context_is_refused(head):
    for forward in (head, head.weights):
        with pytest.raises(ValueError, match="9 positions are more than block_size=8"):
            forward(torch.zeros(1, 9, C))
