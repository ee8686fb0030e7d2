"""gptlab.sample: the odds that each knob leaves, where text ends, and what stays as it was."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from gptlab import gpt, nano, sample

SCORES = torch.tensor([[2.0, 0.0, 1.0, 3.0, -1.0], [0.0, 4.0, 4.5, -2.0, 1.0]])
DRAWS = 20_000


def odds(row, **knobs):
    """How often each token of one row of scores is drawn, as shares."""
    generator = torch.Generator().manual_seed(7)
    many = row.expand(DRAWS, -1)
    drawn = sample.choose(many, generator=generator, **knobs).flatten()
    return torch.bincount(drawn, minlength=len(row)) / DRAWS


def chi_square(found, expected):
    """Of the tokens that may come; the others must not."""
    possible = expected > 0
    assert not found[~possible].any()
    gap = (found - expected)[possible] * DRAWS
    return (gap**2 / (expected[possible] * DRAWS)).sum().item()


KNOBS = [
    {"temperature": 1.0}, {"temperature": 0.5}, {"temperature": 2.0},
    {"temperature": 1.0, "top_k": 2}, {"temperature": 0.7, "top_k": 3},
    {"temperature": 1.0, "top_p": 0.8}, {"temperature": 2.0, "top_k": 4, "top_p": 0.6},
]  # fmt: skip


def by_hand(row, temperature, top_k=None, top_p=None):
    """The same odds, token by token in plain Python."""
    weights = {i: torch.exp(torch.tensor(s / temperature)).item() for i, s in enumerate(row)}
    best = sorted(weights, key=weights.get, reverse=True)[:top_k]
    total = sum(weights[i] for i in best)
    kept, share = [], 0.0
    for i in best:
        if top_p is not None and share >= top_p:
            break
        kept.append(i)
        share += weights[i] / total
    total = sum(weights[i] for i in kept)
    return torch.tensor([weights[i] / total if i in kept else 0.0 for i in weights])


@pytest.mark.parametrize("knobs", KNOBS)
@pytest.mark.parametrize("row", range(2))
def test_tokens_are_drawn_at_the_odds_that_the_knobs_leave(row, knobs):
    expected = by_hand(SCORES[row].tolist(), **knobs)
    assert chi_square(odds(SCORES[row], **knobs), expected) < 20  # 4 degrees: 18.5 is 1 in 1,000


def test_the_edges_are_each_rows_own():
    kept = sample.top_k_only(SCORES, 2).isfinite()
    assert kept.tolist() == [[True, False, False, True, False], [False, True, True, False, False]]
    assert sample.top_k_only(SCORES, 99).equal(SCORES)
    kept = sample.top_p_only(SCORES, 0.5).isfinite()
    assert kept.tolist() == [[False] * 3 + [True, False], [False, False, True, False, False]]
    assert sample.top_p_only(SCORES, 1.0).equal(SCORES)


def test_the_token_that_crosses_p_is_kept():
    halves = torch.tensor([[0.5, 0.3, 0.2]]).log()
    assert sample.top_p_only(halves, 0.6).isfinite().tolist() == [[True, True, False]]
    assert sample.top_p_only(halves, 1e-9).isfinite().tolist() == [[True, False, False]]


def test_temperature_zero_and_top_1_are_greedy():
    before = SCORES.clone()
    for knobs in ({}, {"top_p": 0.3}, {"temperature": 1.0, "top_k": 1}):
        assert sample.choose(SCORES, **knobs).tolist() == [[3], [2]]
    assert SCORES.equal(before)


@pytest.mark.parametrize(
    ("knobs", "words"),
    [({"temperature": -1.0}, "temperature=-1.0"), ({"top_k": 0}, "top_k=0"),
     ({"temperature": 1.0, "top_p": 0.0}, "top_p=0.0"), ({"top_p": 1.5}, "top_p=1.5")],
)  # fmt: skip
def test_impossible_knobs_are_said(knobs, words):
    with pytest.raises(ValueError, match=words):
        sample.choose(SCORES, **knobs)


class Counting(nn.Module):
    """Always sure that the next token is the last one plus one, of 10."""

    def forward(self, idx):
        return nn.functional.one_hot((idx + 1) % 10, 10).float()


def test_the_end_is_met_row_by_row():
    idx = torch.tensor([[1, 2], [5, 6]])
    before = idx.clone()
    found = sample.generate(Counting(), idx, 9, 4, eos_id=9)
    assert found.tolist() == [[1, 2, 3, 4, 5, 6, 7, 8], [5, 6, 7, 8, 9, 9, 9, 9]]
    assert idx.equal(before)
    alone = sample.generate(Counting(), idx[1:], 9, 4, eos_id=9)
    assert alone.tolist() == [[5, 6, 7, 8]]
    assert sample.generate(Counting(), idx, 3, 4, eos_id=0).tolist()[0] == [1, 2, 3, 4, 5]
    assert sample.generate(Counting(), idx, 0, 4).equal(idx)


CONFIG = {"vocab_size": 11, "context_length": 8, "emb_dim": 12, "n_heads": 3, "n_layers": 2,
          "drop_rate": 0.0, "qkv_bias": True}  # fmt: skip


@pytest.fixture
def model():
    torch.manual_seed(1)
    return gpt.GPTModel(CONFIG).eval()


class WithoutCache(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, idx):
        return self.model(idx)


@pytest.mark.parametrize("context", [8, 5])
def test_the_cache_draws_the_same_text(model, context):
    idx = torch.tensor([[3, 1, 4], [1, 5, 9]])

    def text(model):
        generator = torch.Generator().manual_seed(3)
        return sample.generate(model, idx, 20, context, 0.9, 6, generator=generator)

    assert text(model).equal(text(WithoutCache(model))) and text(model).shape == (2, 23)
    assert text(model).equal(text(model))


def test_greedy_is_generate_text_simple(model):
    idx = torch.tensor([[3, 1, 4]])
    assert sample.generate(model, idx, 9, 8).equal(gpt.generate_text_simple(model, idx, 9, 8))


def test_nanogpts_form_is_sampled_too():
    torch.manual_seed(2)
    model = nano.GPT(nano.GPTConfig(8, 11, 1, 2, 12)).eval()
    expected = model.generate(torch.tensor([[3]]), 6, top_k=1)
    assert sample.generate(model, torch.tensor([[3]]), 6, 8).equal(expected)
