"""gptlab.numpy_gpt: against torch, against itself without the cache, and its types."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from gptlab import numpy_gpt as g

V, CONTEXT, C, HEADS, LAYERS = 13, 10, 8, 2, 3


def tree(seed=0):
    """A random parameter tree: gains not 1, biases not 0."""
    chance = np.random.default_rng(seed)

    def some(*shape, around=0.0):
        return (around + 0.5 * chance.standard_normal(shape)).astype(np.float32)

    def layer(n_in, n_out):
        return {"w": some(n_in, n_out), "b": some(n_out)}

    def norm():
        return {"g": some(C, around=1.0), "b": some(C)}

    blocks = [
        {
            "ln_1": norm(),
            "attn": {"c_attn": layer(C, 3 * C), "c_proj": layer(C, C)},
            "ln_2": norm(),
            "mlp": {"c_fc": layer(C, 4 * C), "c_proj": layer(4 * C, C)},
        }
        for _ in range(LAYERS)
    ]
    return {"wte": some(V, C), "wpe": some(CONTEXT, C), "blocks": blocks, "ln_f": norm()}


def by_torch(ids, params):
    """The same in torch's own functions, in float64."""

    def t(x):
        return torch.from_numpy(x).double()

    def norm(x, p):
        return F.layer_norm(x, (C,), t(p["g"]), t(p["b"]), 1e-5)

    def linear(x, p):
        return x @ t(p["w"]) + t(p["b"])

    T = len(ids)
    x = t(params["wte"])[ids] + t(params["wpe"])[:T]
    for block in params["blocks"]:
        qkv = linear(norm(x, block["ln_1"]), block["attn"]["c_attn"])
        q, k, v = qkv.view(T, 3, HEADS, C // HEADS).permute(1, 2, 0, 3)
        out = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + linear(out.transpose(0, 1).reshape(T, C), block["attn"]["c_proj"])
        inner = F.gelu(linear(norm(x, block["ln_2"]), block["mlp"]["c_fc"]), approximate="tanh")
        x = x + linear(inner, block["mlp"]["c_proj"])
    return (norm(x, params["ln_f"]) @ t(params["wte"]).T).numpy()


IDS = [3, 1, 4, 1, 5, 9, 2]


@pytest.mark.parametrize("T", [1, 4, 7])
def test_logits_are_those_of_torch(T):
    params = tree()
    logits = g.gpt2(IDS[:T], **params, n_head=HEADS)
    expected = by_torch(IDS[:T], params)
    assert expected.std() > 0.5
    np.testing.assert_allclose(logits, expected, rtol=0, atol=1e-4)
    assert logits.dtype == np.float32
    last = g.gpt2(IDS[:T], **params, n_head=HEADS, last_only=True)
    np.testing.assert_allclose(last, logits[-1:], rtol=0, atol=1e-5)


@pytest.mark.parametrize("pieces", [[7], [1] * 7, [3, 1, 2, 1]])
def test_the_cache_changes_no_number(pieces):
    params = tree(1)
    whole = g.gpt2(IDS, **params, n_head=HEADS)
    cache, found, start = g.Cache(params, HEADS), [], 0
    for size in pieces:
        found.append(g.gpt2(IDS[start : start + size], **params, n_head=HEADS, cache=cache))
        start += size
    np.testing.assert_allclose(np.concatenate(found), whole, rtol=0, atol=1e-5)
    assert cache.length == 7


def test_every_function_stays_in_float32():
    x = np.linspace(-3, 3, C, dtype=np.float32)[None]
    ones = np.ones(C, np.float32)
    q = x.reshape(1, 4, 2)
    for made in (
        g.gelu(x), g.softmax(x), g.layer_norm(x, ones, ones), g.causal_mask(2, 3),
        g.linear(x, np.eye(C, dtype="f"), ones), g.attention(q, q, q, g.causal_mask(4, 4)),
    ):  # fmt: skip
        assert made.dtype == np.float32


def test_functions_by_hand():
    np.testing.assert_allclose(g.gelu(np.float32([0, 1, -1])), [0, 0.841192, -0.158808], atol=1e-6)
    np.testing.assert_allclose(g.softmax(np.float32([[1000, 1000]])), [[0.5, 0.5]])
    norm = g.layer_norm(np.float32([[1, 3]]), np.float32([2, 2]), np.float32([0, 1]), eps=0)
    np.testing.assert_allclose(norm, [[-2, 3]])
    inf = np.inf
    np.testing.assert_array_equal(g.causal_mask(2, 3), [[0, 0, -inf], [0, 0, 0]])


def test_greedy_text_is_the_one_without_a_cache():
    params = tree(2)
    ids = list(IDS)
    for _ in range(3):
        ids.append(int(g.gpt2(ids, **params, n_head=HEADS)[-1].argmax()))
    inputs = list(IDS)
    assert g.generate(inputs, params, HEADS, 3, quiet=True) == ids
    assert inputs == IDS  # the caller's list stays


def test_beyond_the_context_the_window_moves():
    params = tree(2)
    found = g.generate(IDS, params, HEADS, 8, quiet=True)
    assert len(found) == 15
    # ten positions: token 10 is the last that all before it predict; then it goes on from half
    for place, start in ((10, 0), (11, 6), (12, 6), (14, 6)):
        logits = g.gpt2(found[start:place], **params, n_head=HEADS)
        assert found[place] == logits[-1].argmax(), place
    with pytest.raises(ValueError, match="11 tokens: the model has positions for 10"):
        g.gpt2(found[:11], **params, n_head=HEADS)
    with pytest.raises(ValueError, match="no token to go on from"):
        g.gpt2([], **params, n_head=HEADS)


def test_the_likeliest_tokens_come_with_their_probabilities():
    scores = np.log(np.float32([0.1, 0.4, 0.2, 0.3]))
    best = g.likeliest(scores, 3)
    assert [token for token, _ in best] == [1, 3, 2]
    np.testing.assert_allclose([p for _, p in best], [0.4, 0.3, 0.2], rtol=1e-5)
