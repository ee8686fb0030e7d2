"""gptlab.gpt: one set of weights as numpy_gpt, nano and GPTModel have it, and the cache."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gptlab import gpt, gpt_layout, nano, numpy_gpt, tiny, torch_layouts, weights
from gptlab.attention import Cache, MultiHeadAttention

SMALL = {
    "vocab_size": 29, "context_length": 12, "emb_dim": 32, "n_heads": 4, "n_layers": 3,
    "drop_rate": 0.0, "qkv_bias": True,
}  # fmt: skip


@pytest.fixture
def model():
    """Weights of some size, gains not 1 and biases not 0, so that no part can hide."""
    torch.manual_seed(0)
    made = gpt.GPTModel({**SMALL, "tied": True})
    with torch.no_grad():
        for name, parameter in made.named_parameters():
            about = 1.0 if name.endswith("scale") else 0.0
            parameter.copy_(about + 0.3 * torch.randn_like(parameter))
    return made.eval()


@pytest.fixture
def idx():
    return torch.randint(29, (2, 9), generator=torch.Generator().manual_seed(1))


@torch.no_grad()
def scores(model, idx):
    return model(idx)


def test_the_tiny_checkpoint_gives_the_same_scores_in_every_form():
    tree, h = tiny.params(), tiny.hparams()
    ours = gpt.GPTModel({
        "vocab_size": h["n_vocab"], "context_length": h["n_ctx"], "emb_dim": h["n_embd"],
        "n_heads": h["n_head"], "n_layers": h["n_layer"], "drop_rate": 0.0, "qkv_bias": True,
    }).eval()  # fmt: skip
    ours.load_state_dict(gpt_layout.to_gpt(tree))
    config = nano.GPTConfig(h["n_ctx"], h["n_vocab"], h["n_layer"], h["n_head"], h["n_embd"])
    of_nano = nano.GPT(config).eval()
    of_nano.load_state_dict(torch_layouts.to_nano(tree))
    idx = torch.randint(h["n_vocab"], (1, 40), generator=torch.Generator().manual_seed(2))
    expected = numpy_gpt.gpt2(idx[0].tolist(), **tree, n_head=h["n_head"])
    assert expected.std() > 1
    np.testing.assert_allclose(scores(ours, idx)[0].numpy(), expected, rtol=0, atol=1e-4)
    with torch.no_grad():
        found = of_nano(idx, targets=idx)[0]
    np.testing.assert_allclose(found[0].numpy(), expected, rtol=0, atol=1e-4)


def test_its_layout_leads_back(model):
    tree = gpt_layout.from_gpt(model.state_dict())
    found = gpt_layout.to_gpt(tree)
    assert set(found) == set(model.state_dict())
    for name, value in model.state_dict().items():
        assert torch.equal(found[name], value), name


def test_an_untied_head_is_no_gpt2():
    model = gpt.GPTModel(SMALL)
    with pytest.raises(weights.WeightsError, match="differs from tok_emb"):
        gpt_layout.from_gpt(model.state_dict())
    lacking = dict(model.state_dict())
    del lacking["trf_blocks.1.norm2.shift"]
    del lacking["out_head.weight"]
    with pytest.raises(weights.WeightsError, match=r"lack trf_blocks\.1\.norm2\.shift"):
        gpt_layout.from_gpt(lacking)


@pytest.mark.parametrize("pieces", [[9], [1] * 9, [4, 3, 1, 1], [1, 8]])
def test_the_cache_changes_no_score(model, idx, pieces):
    cache, found = model.new_cache(), []
    with torch.no_grad():
        for part in idx.split(pieces, dim=1):
            found.append(model(part, cache))
    assert cache.length == 9
    torch.testing.assert_close(torch.cat(found, dim=1), scores(model, idx), rtol=0, atol=1e-5)


def test_the_last_position_alone(model, idx):
    with torch.no_grad():
        last = model(idx, last_only=True)
    assert last.shape == (2, 1, 29)
    torch.testing.assert_close(last, scores(model, idx)[:, -1:], rtol=0, atol=1e-5)


@pytest.mark.parametrize(("count", "context"), [(3, 12), (20, 12), (20, 5)])
def test_greedy_text_is_that_of_the_naive_loop(model, idx, count, context):
    before = idx.clone()
    expected = idx
    for _ in range(count):
        best = scores(model, expected[:, -context:])[:, -1].argmax(dim=-1, keepdim=True)
        expected = torch.cat((expected, best), dim=1)
    found = gpt.generate_text_simple(model, idx, count, context)
    assert torch.equal(found, expected) and torch.equal(idx, before)


def test_past_the_context_it_says_so(model):
    long = torch.zeros(1, 13, dtype=torch.long)
    with pytest.raises(ValueError, match=r"13 tokens are more than context_length=12"):
        model(long)
    cache = model.new_cache()
    model(long[:, :12], cache)
    with pytest.raises(ValueError, match="begin with a new cache"):
        model(long[:, :1], cache)
    with pytest.raises(ValueError, match="room for 2"):
        Cache(1, 2).extend(0, torch.zeros(1, 1, 3, 4), torch.zeros(1, 1, 3, 4))
    with pytest.raises(ValueError, match="13 positions are more than context_length=12"):
        model.trf_blocks[0].att(torch.zeros(1, 13, 32))


def test_laid_out_for_decoding_it_is_the_same_model(model, idx):
    expected, names = scores(model, idx), list(model.state_dict())
    before = {name: value.clone() for name, value in model.state_dict().items()}
    assert model.for_decoding() is model
    wide = model.trf_blocks[0].ff.layers[0].weight
    assert not wide.is_contiguous() and wide.shape == (128, 32)
    assert model.out_head.weight is model.tok_emb.weight
    assert list(model.state_dict()) == names
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[name])
    torch.testing.assert_close(scores(model, idx), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("change", "count"),
    [({}, 163_009_536), ({"tied": True}, 124_412_160),
     ({"tied": True, "qkv_bias": True}, 124_439_808)],
)  # fmt: skip
def test_the_number_of_parameters_is_gpt2s(change, count):
    with torch.device("meta"):
        model = gpt.GPTModel({**gpt.GPT_CONFIG_124M, **change})
    assert sum(parameter.numel() for parameter in model.parameters()) == count


def test_a_new_model_begins_near_no_clue(idx):
    torch.manual_seed(0)
    model = gpt.GPTModel({**SMALL, "tied": True})
    loss = torch.nn.functional.cross_entropy(scores(model, idx).flatten(0, 1), idx.flatten())
    assert loss.item() == pytest.approx(np.log(29), abs=0.3)


def test_dropout_is_alive_in_training_only(model, idx):
    busy = gpt.GPTModel({**SMALL, "tied": True, "drop_rate": 0.5})
    busy.load_state_dict(model.state_dict())
    assert torch.equal(scores(busy.eval(), idx), scores(model, idx))
    busy.train()
    assert not torch.equal(scores(busy, idx), scores(busy, idx))


def test_attention_is_torchs(model):
    torch.manual_seed(3)
    att = MultiHeadAttention(6, 8, 10, 0.0, 2, qkv_bias=True)
    x = torch.randn(3, 7, 6)
    q, k, v = (made(x) for made in (att.W_query, att.W_key, att.W_value))
    future = torch.ones(7, 7, dtype=torch.bool).triu(1)
    heads = []
    for h in (slice(0, 4), slice(4, 8)):
        table = (q[..., h] @ k[..., h].transpose(1, 2) / 2.0).masked_fill(future, -torch.inf)
        heads.append(table.softmax(dim=-1) @ v[..., h])
    expected = att.out_proj(torch.cat(heads, dim=-1))
    torch.testing.assert_close(att(x), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"n_heads": 5}, "emb_dim=32 is not divisible by n_heads=5.*swap layers and heads"),
        ({"n_layers": 0}, "n_layers=0: expected at least 1"),
        ({"drop_rate": 1.0}, "drop_rate=1.0"),
        ({"n_embd": 32}, "has an unknown n_embd: see GPT_CONFIG_124M"),
    ],
)
def test_what_is_no_configuration_is_said(change, words):
    with pytest.raises(ValueError, match=words):
        gpt.GPTModel({**SMALL, **change})
    with pytest.raises(ValueError, match="lacks qkv_bias"):
        gpt.GPTModel({name: value for name, value in SMALL.items() if name != "qkv_bias"})
    with pytest.raises(ValueError, match="d_out=8 is not divisible by num_heads=3"):
        MultiHeadAttention(6, 8, 10, 0.0, 3)
