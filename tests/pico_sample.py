"""Functions as a student may have written them in the lab: for tests."""

import numpy as np
from tqdm import tqdm


def gelu(x):
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


def softmax(x):
    raised = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return raised / np.sum(raised, axis=-1, keepdims=True)


def layer_norm(x, g, b, eps=1e-5):
    mean, variance = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
    return g * (x - mean) / np.sqrt(variance + eps) + b


def linear(x, w, b):
    return np.matmul(x, w) + b


def attention(q, k, v, mask):
    scores = np.einsum("htd,hsd->hts", q, k) / np.sqrt(q.shape[2])
    return np.matmul(softmax(scores + mask), v)


def mha(x, c_attn, c_proj, n_head):
    length, width = x.shape
    parts = linear(x, **c_attn).reshape(length, 3, n_head, width // n_head)
    q, k, v = (parts[:, i].swapaxes(0, 1) for i in range(3))
    mixed = attention(q, k, v, np.triu(np.full((length, length), -1e10), 1))
    return linear(mixed.swapaxes(0, 1).reshape(length, width), **c_proj)


def feed_forward(x, c_fc, c_proj):
    wide = gelu(linear(x, **c_fc))
    return linear(wide, **c_proj)


def transformer_block(x, mlp, attn, ln_1, ln_2, n_head):
    seen = x + mha(layer_norm(x, **ln_1), attn["c_attn"], attn["c_proj"], n_head)
    return seen + feed_forward(layer_norm(seen, **ln_2), **mlp)


def gpt2(inputs, wte, wpe, blocks, ln_f, n_head):
    x = wte[inputs] + wpe[: len(inputs)]
    for block in blocks:
        x = transformer_block(x, n_head=n_head, **block)
    return np.matmul(layer_norm(x, **ln_f), wte.T)


def generate(inputs, params, n_head, n_tokens_to_generate):
    ids = list(inputs)
    for _ in tqdm(range(n_tokens_to_generate), disable=None):
        ids.append(int(gpt2(ids, n_head=n_head, **params)[-1].argmax()))
    return ids
