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
    {"temperature": 1.0, "top_p": 0.8}, {"temperature": 1.5, "top_p": 0.9},
    {"temperature": 1.0, "top_k": 3, "top_p": 0.99}, {"temperature": 2.0, "top_k": 4, "top_p": 0.6},
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


def test_the_penalty_makes_scores_smaller_once_for_each_token():
    idx = torch.tensor([[3, 0, 3, 3], [1, 3, 0, 1]])
    found = sample.repetition_penalty(SCORES, idx, 2.0)
    right = [[1.0, 0.0, 1.0, 1.5, -1.0], [0.0, 2.0, 4.5, -4.0, 1.0]]
    assert found.tolist() == right
    assert sample.repetition_penalty(SCORES, idx, 1.0).equal(SCORES)
    with pytest.raises(ValueError, match="penalty=0"):
        sample.repetition_penalty(SCORES, idx, 0)
    with pytest.raises(ValueError, match="penalty=0"):
        sample.generate(Counting(), idx, 3, 4, penalty=0)


def test_the_penalty_is_for_all_the_text_and_before_the_temperature(model):
    idx = torch.tensor([[3, 1, 4, 3, 9, 2]])
    with torch.no_grad():
        scores = model(idx[:, -2:])[:, -1]  # the window is shorter than the text
    odds_of = (sample.repetition_penalty(scores, idx, 1.7) / 0.6).softmax(-1)
    many = idx.expand(DRAWS, -1)
    generator = torch.Generator().manual_seed(5)
    found = sample.generate(model, many, 1, 2, 0.6, generator=generator, penalty=1.7)[:, -1]
    found = torch.bincount(found, minlength=11) / DRAWS
    assert chi_square(found, odds_of[0]) < 29.6  # 10 degrees: 1 in 1,000


def test_a_penalty_breaks_a_loop():
    class Echo(nn.Module):
        def forward(self, idx):
            return 3 * nn.functional.one_hot(idx, 6).float() + torch.arange(6) / 4

    idx = torch.tensor([[2]])
    assert sample.generate(Echo(), idx, 3, 4).tolist() == [[2, 2, 2, 2]]
    assert sample.generate(Echo(), idx, 3, 4, penalty=9.0).tolist() == [[2, 5, 4, 3]]


def by_the_lab(model, idx, n, context, temperature=0.0, top_k=None, eos_id=None, top_p=None,
               generator=None, penalty=1.0):  # fmt: skip
    """The loop of lab09 as plainly as it can be said: row by row, token by token."""
    rows, ended = idx.tolist(), set()
    for _ in range(n):
        odds = []
        for row in rows:
            scores = model(torch.tensor([row[-context:]]))[0, -1].tolist()
            for token in set(row):
                scores[token] /= penalty if scores[token] > 0 else 1 / penalty
            if temperature == 0:
                odds.append([float(i == scores.index(max(scores))) for i in range(len(scores))])
            else:
                odds.append(by_hand(scores, temperature, top_k, top_p).tolist())
        new = torch.multinomial(torch.tensor(odds), 1, generator=generator).flatten().tolist()
        ended |= {b for b, token in enumerate(new) if eos_id is not None and token == eos_id}
        if len(ended) == len(rows):
            break
        rows = [[*row, eos_id if b in ended else new[b]] for b, row in enumerate(rows)]
    return torch.tensor(rows)


ALL = [{}, {"penalty": 1.4}, {"temperature": 0.8}, {"temperature": 1.3, "top_k": 4, "top_p": 0.7},
       {"temperature": 1.0, "eos_id": 5, "penalty": 1.2}, {"eos_id": 3}]  # fmt: skip


@pytest.mark.parametrize("knobs", ALL)
def test_it_writes_what_the_plain_loop_writes(model, knobs):
    idx = torch.tensor([[3, 1, 4], [1, 5, 9], [0, 0, 10]])
    with torch.no_grad():
        expected = by_the_lab(
            model, idx, 12, 6, generator=torch.Generator().manual_seed(4), **knobs
        )
    found = sample.generate(model, idx, 12, 6, generator=torch.Generator().manual_seed(4), **knobs)
    assert found.equal(expected)


@pytest.mark.parametrize("training", [True, False])
def test_nothing_of_the_callers_is_changed(model, training):
    model.train(training)
    idx, scores = torch.tensor([[3, 1, 4], [1, 5, 9]]), SCORES.clone()
    weights = {name: value.clone() for name, value in model.state_dict().items()}
    kept, state = idx.clone(), torch.random.get_rng_state()
    generator = torch.Generator().manual_seed(8)
    sample.generate(model, idx, 9, 5, 0.9, 6, 2, 0.9, generator, 1.3)
    sample.choose(scores, 0.7, 3, 0.8, generator)
    sample.repetition_penalty(scores, idx[:, :1], 2.0)
    assert idx.equal(kept) and scores.equal(SCORES) and model.training is training
    assert torch.random.get_rng_state().equal(state)
    assert all(value.equal(weights[name]) for name, value in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())


def test_a_generator_makes_the_draw_repeatable_and_depends_on_the_batch(model):
    idx = torch.tensor([[3, 1, 4], [1, 5, 9]])

    def text(idx, seed):
        generator = torch.Generator().manual_seed(seed)
        return sample.generate(model, idx, 12, 8, 1.0, generator=generator)

    assert text(idx, 1).equal(text(idx, 1)) and not text(idx, 1).equal(text(idx, 2))
    assert not text(idx, 1)[1:].equal(text(idx[1:], 1))  # the rows share one stream of numbers
