"""gptlab.toy: equal to the lecture's form by copied weights, causal, clear about wrong sizes."""

import dataclasses

import pytest
import torch
from torch.nn import functional as F

from benchmarks import toy_seed
from gptlab import toy
from gptlab.toy import ToyConfig, ToyLanguageModel

# All sizes differ, so that none can stand in for another.
CONFIG = ToyConfig(vocab_size=11, block_size=7, n_embd=12, n_head=3, n_layer=2)


@pytest.fixture
def pair():
    """The lecture's form and ours with its weights; no gain is 1, no bias 0."""
    torch.manual_seed(3)
    theirs = toy_seed.SeedLanguageModel(CONFIG)
    with torch.no_grad():
        for parameter in theirs.parameters():
            parameter.copy_(torch.randn_like(parameter) * 0.7)
    ours = ToyLanguageModel(CONFIG)
    ours.load_state_dict(toy.fused(theirs.state_dict(), CONFIG.n_head))
    return theirs, ours


@pytest.mark.parametrize("T", [1, 5, 7])
def test_separate_and_fused_heads_are_one(pair, T):
    theirs, ours = pair
    idx, targets = torch.randint(11, (2, 4, T))
    expected, found = theirs(idx)[0], ours(idx)[0]
    assert expected.std() > 0.5
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-4)
    losses = [model(idx, targets)[1] for model in (ours, theirs)]
    torch.testing.assert_close(*losses, rtol=0, atol=1e-5)


def test_their_gradients_are_one(pair):
    theirs, ours = pair
    idx, targets = torch.randint(11, (2, 4, 7))
    for model in pair:
        model(idx, targets)[1].backward()
    grads = {name: p.grad for name, p in theirs.named_parameters()}
    for name, grad in toy.fused(grads, CONFIG.n_head).items():
        torch.testing.assert_close(ours.get_parameter(name).grad, grad, rtol=1e-4, atol=1e-5)


def test_shapes_and_loss():
    model = ToyLanguageModel(CONFIG)
    idx, targets = torch.randint(11, (2, 4, 5))
    logits, loss = model(idx)
    assert logits.shape == (4, 5, 11) and loss is None
    flat, loss = model(idx, targets)
    assert flat.shape == (20, 11) and torch.equal(flat.view(4, 5, 11), logits)
    assert torch.equal(loss, F.cross_entropy(flat, targets.reshape(20)))


def test_a_later_character_changes_no_earlier_logit(pair):
    _, ours = pair
    idx = torch.randint(11, (3, 7))
    other = idx.clone()
    other[:, 4] = (idx[:, 4] + 1) % 11
    before, after = ours(idx)[0], ours(other)[0]
    torch.testing.assert_close(after[:, :4], before[:, :4], rtol=0, atol=1e-6)
    assert (after[:, 4:] - before[:, 4:]).abs().amax(-1).min() > 1e-3


def test_the_lab_s_model_has_the_lab_s_size():
    model = ToyLanguageModel(ToyConfig(65))
    assert sum(p.numel() for p in model.parameters()) == 209_729


def test_dropout_is_drawn_in_training_alone():
    model = ToyLanguageModel(dataclasses.replace(CONFIG, dropout=0.5))
    idx = torch.randint(11, (2, 6))
    assert not torch.equal(model(idx)[0], model(idx)[0])
    model.eval()
    assert torch.equal(model(idx)[0], model(idx)[0])


def test_generate_continues_past_the_block_and_depends_on_its_generator():
    model = ToyLanguageModel(CONFIG)
    start = torch.zeros((2, 3), dtype=torch.long)
    found = [model.generate(start, 20, torch.Generator().manual_seed(n)) for n in (1, 1, 2)]
    assert found[0].shape == (2, 23) and torch.equal(found[0][:, :3], start)
    assert torch.equal(found[0], found[1]) and not torch.equal(found[0], found[2])


@pytest.mark.parametrize(
    ("sizes", "words"),
    [
        ({"n_embd": 64, "n_head": 5}, "n_embd=64 is not divisible by n_head=5"),
        ({"n_layer": 0}, "n_layer=0: expected at least 1"),
        ({"dropout": 1.0}, "dropout=1.0: expected a share"),
    ],
)
def test_wrong_sizes_are_named(sizes, words):
    with pytest.raises(ValueError, match=words):
        ToyConfig(65, **sizes)


def test_a_text_that_is_too_long_is_named():
    with pytest.raises(ValueError, match="8 characters are more than block_size=7"):
        ToyLanguageModel(CONFIG)(torch.zeros((1, 8), dtype=torch.long))
