"""The checks of lab05: right answers pass, wrong ones are told why, empty ones are told apart.

Answers run in a namespace of their own, as in a notebook.
"""

import math

import numpy as np
import pytest
import torch
from check_trials import Trial

from gptlab.checks import core
from gptlab.checks import lab05_numpy_gpt2 as check
from gptlab.checks.causes import CAUSES

NAMES = {name: name for name in check.__all__ if name not in ("choice", "whole", "float32")}
NAMES["whole"] = "scores_of"
RIGHT = """
def gelu(x):
    return x / 2 * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))

def softmax(x):
    e = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)

def layer_norm(x, g, b, eps=1e-5):
    mean = np.mean(x, axis=-1, keepdims=True)
    var = np.var(x, axis=-1, keepdims=True)
    return g * (x - mean) / np.sqrt(var + eps) + b

def linear(x, w, b):
    return x @ w + b

def attention(q, k, v, mask):
    scores = q @ k.transpose(0, 2, 1)
    weights = softmax(scores / math.sqrt(q.shape[-1]) + mask)
    return weights @ v

def mha(x, c_attn, c_proj, n_head):
    T, C = x.shape
    q, k, v = np.split(linear(x, **c_attn), 3, axis=-1)
    def heads(a):
        return a.reshape(T, n_head, -1).transpose(1, 0, 2)
    mask = (1 - np.tri(T)) * -1e10
    out = attention(heads(q), heads(k), heads(v), mask)
    out = out.transpose(1, 0, 2).reshape(T, C)
    return linear(out, **c_proj)

def feed_forward(x, c_fc, c_proj):
    return linear(gelu(linear(x, **c_fc)), **c_proj)

def transformer_block(x, mlp, attn, ln_1, ln_2, n_head):
    x = x + mha(layer_norm(x, **ln_1), **attn, n_head=n_head)
    x = x + feed_forward(layer_norm(x, **ln_2), **mlp)
    return x

def gpt2(inputs, wte, wpe, blocks, ln_f, n_head):
    x = wte[inputs] + wpe[: len(inputs)]
    for block in blocks:
        x = transformer_block(x, **block, n_head=n_head)
    x = layer_norm(x, **ln_f)
    return x @ wte.T

def convert(state, n_layer):
    def two(name, first):
        return {first: state[name + ".weight"], "b": state[name + ".bias"]}
    blocks = []
    for i in range(n_layer):
        h = "h." + str(i) + "."
        block = {"ln_1": two(h + "ln_1", "g"), "ln_2": two(h + "ln_2", "g")}
        block["attn"] = {n: two(h + "attn." + n, "w") for n in ("c_attn", "c_proj")}
        block["mlp"] = {n: two(h + "mlp." + n, "w") for n in ("c_fc", "c_proj")}
        blocks.append(block)
    return {"wte": state["wte.weight"], "wpe": state["wpe.weight"], "blocks": blocks,
            "ln_f": two("ln_f", "g")}

def scores_of(state, ids, n_layer, n_head):
    return gpt2(ids, **convert(state, n_layer), n_head=n_head)

def generate(inputs, params, n_head, n_tokens_to_generate):
    ids = list(inputs)
    for i in range(n_tokens_to_generate):
        logits = gpt2(ids[-len(params["wpe"]) :], **params, n_head=n_head)
        ids.append(int(np.argmax(logits[-1])))
    return ids

def gelu32(x):
    bent = np.tanh(float(np.sqrt(2 / np.pi)) * (x + 0.044715 * x * x * x))
    return 0.5 * x + 0.5 * bent * x

def attention32(q, k, v, mask):
    asked = np.matmul(q, k.swapaxes(1, 2)) / float(np.sqrt(q.shape[2]))
    return np.matmul(softmax(asked + mask), v)

def causal_mask(T, S):
    return (1 - np.tri(T, S, S - T, dtype=np.float32)) * np.float32(-1e10)

def mha_cached(x, c_attn, c_proj, n_head, past=None):
    T, C = x.shape
    q, k, v = (part.reshape(T, n_head, C // n_head).transpose(1, 0, 2)
               for part in np.split(linear(x, **c_attn), 3, axis=-1))
    if past is not None:
        k = np.concatenate([past[0], k], axis=1)
        v = np.concatenate([past[1], v], axis=1)
    out = attention32(q, k, v, causal_mask(T, k.shape[1]))
    return linear(out.transpose(1, 0, 2).reshape(T, C), **c_proj), (k, v)
"""
_CUBE = "np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))"
_MASK = "mask = (1 - np.tri(T)) * -1e10"
_SPLIT = "np.split(linear(x, **c_attn), 3, axis=-1)\n    def"
_HEADS = "a.reshape(T, n_head, -1).transpose(1, 0, 2)"
_FED = "linear(gelu(linear(x, **c_fc)), **c_proj)"
_TALK = "x = x + mha(layer_norm(x, **ln_1), **attn, n_head=n_head)"
_THINK = "x = x + feed_forward(layer_norm(x, **ln_2), **mlp)"
_LOOP = "    for block in blocks:\n        x = transformer_block(x, **block, n_head=n_head)\n"
WRONG = [
    ("gelu", "gelu_rounded", "math.sqrt(2 / math.pi)", "0.7979"),
    ("gelu", "gelu_rounded", "0.044715 * x**3", "0.0447 * x**3"),
    ("gelu", "gelu_root_missing", "math.sqrt(2 / math.pi)", "2 / math.pi"),
    ("gelu", "gelu_root_of_pi", "math.sqrt(2 / math.pi)", "math.sqrt(2) / math.pi"),
    ("gelu", "gelu_root_on_x_only", "math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)",
     "math.sqrt(2 / math.pi) * x + 0.044715 * x**3"),
    ("gelu", "gelu_math_tanh", "np.tanh(math.sqrt", "math.tanh(math.sqrt"),
    ("softmax", "softmax_eps", "np.sum(e, axis=-1, keepdims=True)",
     "(np.sum(e, axis=-1, keepdims=True) + 1e-5)"),
    ("softmax", "softmax_cut", "x - np.max(x, axis=-1, keepdims=True)", "np.minimum(x, 700)"),
    ("linear", "linear_w_first", "x @ w + b", "w @ x + b"),
    ("linear", "linear_w_first", "x @ w + b", "w.T @ x.T + b"),
    ("attention", "att_scale_fixed", "math.sqrt(q.shape[-1])", "2"),
    ("attention", "att_mask_on_weights", " + mask)\n    return weights @ v",
     ") * (mask == 0)\n    return weights @ v"),
    ("attention", "att_elementwise", "weights @ v", "weights * v"),
    ("mha", "mha_qkv_order", "q, k, v = np.split", "q, v, k = np.split"),
    ("mha", "mha_heads_fixed", _HEADS, "a.reshape(T, 2, -1).transpose(1, 0, 2)"),
    ("mha", "mha_heads_fixed", _HEADS, "a.reshape(T, -1, 2).transpose(1, 0, 2)"),
    ("mha", "mha_mask_nan", "-1e10\n    out", "-np.inf\n    out"),
    ("mha", "mask32_positive", "-1e10\n    out", "1e10\n    out"),
    ("mha", "mha_mask_minus_10", "-1e10\n    out", "-100\n    out"),
    ("mha", "mha_mask_ones", _MASK, "mask = 1 - np.tri(T)"),
    ("mha", "mha_bias_missing", _SPLIT, 'np.split(x @ c_attn["w"], 3, axis=-1)\n    def'),
    ("mha", "mha_proj_bias_missing", "    return linear(out, **c_proj)",
     '    return out @ c_proj["w"]'),
    ("mha", "mha_projects_x", "    return linear(out, **c_proj)", "    return linear(x, **c_proj)"),
    ("mha", "mha_heads_not_transposed", _HEADS, "a.reshape(T, n_head, -1)"),
    ("mha", "mha_split_over_time", _SPLIT, _SPLIT.replace("-1", "0")),
    ("mha", "stars_missing", "    return linear(out, **c_proj)", "    return linear(out, c_proj)"),
    ("feed_forward", "ff_no_bias_c_fc", "gelu(linear(x, **c_fc))", 'gelu(x @ c_fc["w"])'),
    ("feed_forward", "ff_no_bias_c_proj", _FED, 'gelu(linear(x, **c_fc)) @ c_proj["w"]'),
    ("feed_forward", "ff_layers_swapped", _FED, "linear(gelu(linear(x, **c_proj)), **c_fc)"),
    ("feed_forward", "stars_missing", _FED, "linear(gelu(linear(x, c_fc)), c_proj)"),
    ("transformer_block", "block_no_feed_forward", f"    {_THINK}\n", ""),
    ("transformer_block", "block_no_attention", f"    {_TALK}\n", ""),
    ("transformer_block", "block_n_head_missing", "**attn, n_head=n_head", "**attn"),
    ("transformer_block", "stars_missing", "(x, **ln_1)", "(x, ln_1)"),
    ("gpt2", "gpt2_one_head", "    x = transformer_block(x, **block, n_head=n_head)",
     "    x = transformer_block(x, **block, n_head=2)"),
    ("gpt2", "gpt2_blocks_reversed", "for block in blocks:", "for block in blocks[::-1]:"),
    ("gpt2", "gpt2_no_final_norm", "    x = layer_norm(x, **ln_f)\n",
     "        x = layer_norm(x, **ln_f)\n"),
    ("gpt2", "stars_missing", "(x, **block, n", "(x, block, n"),
    ("whole", "whole_one_block", "convert(state, n_layer), n_head=n_head)\n\ndef generate",
     "convert(state, 1), n_head=n_head)\n\ndef generate"),
    ("whole", "stars_missing", "**convert(state", "convert(state"),
    ("generate", "gen_no_list", "ids.append(int(np.argmax(logits[-1])))",
     "ids = np.append(ids, np.argmax(logits[-1]))"),
    ("generate", "gen_cropped_fixed", 'ids[-len(params["wpe"]) :]', "ids[-3:]"),
    ("generate", "gen_samples", "int(np.argmax(logits[-1]))",
     "int(np.random.choice(5, p=softmax(logits[-1])))"),
    ("generate", "gen_text_cropped", "        ids.append(", '        ids = ids[-len(params["wpe"]) '
     ":]\n        ids.append("),
    ("generate", "gen_returns_in_loop", "    return ids\n\ndef gelu32",
     "        return ids\n\ndef gelu32"),
    ("generate", "gen_put_in_front", "ids.append(", "ids.insert(0, "),
    ("mha_cached", "cache_wrong_axis", "[past[0], k], axis=1)", "[past[0], k], axis=0)"),
    ("mha_cached", "cache_shapes", "        k = np.concatenate([past[0], k], axis=1)\n", ""),
    ("mha_cached", "cache_too_many_rows", "causal_mask(T, k.shape[1])",
     "causal_mask(k.shape[1], k.shape[1])"),
    ("mha_cached", "cache_too_many_rows", "causal_mask(T, k.shape[1])",
     "causal_mask(k.shape[1], T)"),
    ("mha_cached", "mha_qkv_order", "    q, k, v = (part", "    q, v, k = (part"),
    ("mha_cached", "cache_old_returned", ", (k, v)\n", ", past\n"),
    ("mha_cached", "mha_heads_fixed", "part.reshape(T, n_head, C // n_head)",
     "part.reshape(T, 2, C // 2)"),
    ("gelu", "gelu_erf", _CUBE, "np.vectorize(math.erf)(x / math.sqrt(2))"),
    ("gelu", "gelu_sigmoid", f"x / 2 * (1 + {_CUBE})", "x / (1 + np.exp(-1.702 * x))"),
    ("gelu", "gelu_sigmoid", f"x / 2 * (1 + {_CUBE})", "x / (1 + np.exp(-x))"),
    ("gelu", "gelu_relu", f"x / 2 * (1 + {_CUBE})", "np.maximum(x, 0)"),
    ("gelu", "gelu_no_half", "x / 2", "x"),
    ("gelu", "gelu_no_root", "math.sqrt(2 / math.pi) *", "1 *"),
    ("gelu", "gelu_no_cube", "0.044715 * x**3", "0"),
    ("gelu", "gelu_cube_is_square", "x**3", "x**2"),
    ("gelu", "gelu_cube_not_scaled", "0.044715 * ", ""),
    ("gelu", "gelu_no_one", "(1 + np.tanh", "(np.tanh"),
    ("gelu", "gelu_no_x", "x / 2 * (1", "1 / 2 * (1"),
    ("gelu", "gelu_root_of_pi", "sqrt(2 / math.pi)", "sqrt(math.pi / 2)"),
    ("softmax", "softmax_axis_0", "axis=-1", "axis=0"),
    ("softmax", "softmax_all", "np.sum(e, axis=-1, keepdims=True)", "np.sum(e)"),
    ("softmax", "softmax_overflow", "x - np.max(x, axis=-1, keepdims=True)", "x"),
    ("softmax", "softmax_one_largest", "np.max(x, axis=-1, keepdims=True)", "np.max(x)"),
    ("softmax", "softmax_not_divided", "return e / np.sum(e, axis=-1, keepdims=True)", "return e"),
    ("softmax", "softmax_no_exp", "np.exp(x - np.max(x, axis=-1, keepdims=True))", "x"),
    ("softmax", "softmax_no_keepdims", "np.sum(e, axis=-1, keepdims=True)", "np.sum(e, -1)"),
    ("layer_norm", "norm_over_time", "x, axis=-1", "x, axis=0"),
    ("layer_norm", "norm_over_all", "x, axis=-1, keepdims=True", "x"),
    ("layer_norm", "norm_unbiased", "np.var(x, ", "np.var(x, ddof=1, "),
    ("layer_norm", "norm_no_root", "np.sqrt(var + eps)", "(var + eps)"),
    ("layer_norm", "norm_eps_outside", "np.sqrt(var + eps)", "(np.sqrt(var) + eps)"),
    ("layer_norm", "norm_eps_ignored", "var + eps", "var"),
    ("layer_norm", "norm_eps_ignored", "eps=1e-5", "eps=1e-6"),
    ("layer_norm", "norm_eps_of_std", "np.var", "np.std"),
    ("layer_norm", "norm_no_mean", "(x - mean)", "x"),
    ("layer_norm", "norm_not_divided", "(x - mean) / np.sqrt(var + eps)", "(x - mean)"),
    ("layer_norm", "norm_no_affine", "return g * (x - mean) / np.sqrt(var + eps) + b",
     "return (x - mean) / np.sqrt(var + eps)"),
    ("layer_norm", "norm_no_gain", "return g * ", "return "),
    ("layer_norm", "norm_no_bias", "(var + eps) + b", "(var + eps)"),
    ("layer_norm", "norm_bias_first", "return g * (x - mean) / np.sqrt(var + eps) + b",
     "return g * ((x - mean) / np.sqrt(var + eps) + b)"),
    ("layer_norm", "norm_g_and_b_swapped", "return g * (x - mean) / np.sqrt(var + eps) + b",
     "return b * (x - mean) / np.sqrt(var + eps) + g"),
    ("layer_norm", "norm_no_keepdims", ", keepdims=True", ""),
    ("linear", "linear_no_bias", "x @ w + b", "x @ w"),
    ("linear", "linear_transposed", "x @ w + b", "x @ w.T + b"),
    ("linear", "linear_transposed", "x @ w + b",
     "x @ (w.T if w.shape[0] == w.shape[1] else w) + b"),
    ("linear", "linear_elementwise", "x @ w + b", "x * w + b"),
    ("attention", "att_no_scale", " / math.sqrt(q.shape[-1])", ""),
    ("attention", "att_scale_by_hs", "math.sqrt(q.shape[-1])", "q.shape[-1]"),
    ("attention", "att_scale_multiplied", "/ math.sqrt(q", "* math.sqrt(q"),
    ("attention", "att_scale_by_width", "q.shape[-1]", "q.shape[-1] * q.shape[0]"),
    ("attention", "att_scale_by_T", "q.shape[-1]", "q.shape[1]"),
    ("attention", "att_scale_by_heads", "q.shape[-1]", "q.shape[0]"),
    ("attention", "att_no_mask", " + mask)", ")"),
    ("attention", "att_mask_subtracted", " + mask)", " - mask)"),
    ("attention", "att_mask_multiplied", " + mask)", " * mask)"),
    ("attention", "att_mask_after", "+ mask)\n", ") + mask\n"),
    ("attention", "att_no_softmax", "softmax(scores /", "(scores /"),
    ("attention", "att_no_transpose", "k.transpose(0, 2, 1)", "k"),
    ("attention", "att_no_transpose", "k.transpose(0, 2, 1)", "k.T"),
    ("attention", "att_mixes_keys", "weights @ v", "weights @ k"),
    ("attention", "att_only_weights", "weights @ v", "weights"),
    ("attention", "att_q_and_k_swapped", "q @ k.transpose(0, 2, 1)", "k @ q.transpose(0, 2, 1)"),
    ("mha", "mha_q_and_k_swapped", "q, k, v = np.split", "k, q, v = np.split"),
    ("mha", "mha_qkv_order", "q, k, v = np.split", "v, k, q = np.split"),
    ("mha", "mha_heads_not_transposed", _HEADS, "a.reshape(n_head, T, -1)"),
    ("mha", "mha_merged_without_transpose", "out.transpose(1, 0, 2).reshape(T, C)\n    return lin",
     "out.reshape(T, C)\n    return lin"),
    ("mha", "mha_no_mask", _MASK, "mask = np.zeros((T, T))"),
    ("mha", "mha_mask_transposed", "np.tri(T))", "np.tri(T).T)"),
    ("mha", "mha_mask_inverted", _MASK, "mask = np.tri(T) * -1e10"),
    ("mha", "mha_mask_no_diagonal", "np.tri(T))", "np.tri(T, k=-1))"),
    ("mha", "mha_mask_one_ahead", "np.tri(T))", "np.tri(T, k=1))"),
    ("mha", "mha_mask_minus_10", _MASK, "mask = (1 - np.tri(T)) * -10"),
    ("mha", "mha_mask_ones", _MASK, "mask = np.tri(T)"),
    ("mha", "mha_no_projection", "reshape(T, C)\n    return linear(out, **c_proj)",
     "reshape(T, C)\n    return out"),
    ("mha", "mha_residual", "return linear(out, **c_proj)", "return x + linear(out, **c_proj)"),
    ("mha", "mha_one_head", "T, n_head, -1", "T, 1, -1"),
    ("feed_forward", "ff_no_gelu", _FED, "linear(linear(x, **c_fc), **c_proj)"),
    ("feed_forward", "ff_relu", "gelu(linear", "np.maximum(0, linear"),
    ("feed_forward", "ff_gelu_last", _FED, "gelu(linear(linear(x, **c_fc), **c_proj))"),
    ("feed_forward", "ff_gelu_twice", _FED, f"gelu({_FED})"),
    ("feed_forward", "ff_gelu_first", _FED, "linear(linear(gelu(x), **c_fc), **c_proj)"),
    ("feed_forward", "ff_residual", _FED, f"x + {_FED}"),
    ("transformer_block", "block_no_residual_attention", "x = x + mha", "x = mha"),
    ("transformer_block", "block_no_residual_ff", "x = x + feed", "x = feed"),
    ("transformer_block", "block_no_residuals", "    x = x + ", "    x = "),
    ("transformer_block", "block_norms_swapped", f"{_TALK}\n    {_THINK}",
     f"{_TALK}\n    {_THINK}".replace("ln_1", "ln_0").replace("ln_2", "ln_1").replace(
         "ln_0", "ln_2")),
    ("transformer_block", "block_ln_1_twice", "(x, **ln_2)", "(x, **ln_1)"),
    ("transformer_block", "block_ln_2_twice", "(x, **ln_1)", "(x, **ln_2)"),
    ("transformer_block", "block_no_norm_attention", "layer_norm(x, **ln_1)", "x"),
    ("transformer_block", "block_no_norm_ff", "layer_norm(x, **ln_2)", "x"),
    ("transformer_block", "block_norm_after", f"{_TALK}\n    {_THINK}",
     "x = layer_norm(x + mha(x, **attn, n_head=n_head), **ln_1)\n"
     "    x = layer_norm(x + feed_forward(x, **mlp), **ln_2)"),
    ("transformer_block", "block_ff_first", f"{_TALK}\n    {_THINK}", f"{_THINK}\n    {_TALK}"),
    ("transformer_block", "block_in_place", "x = x + mha", "x += mha"),
    ("transformer_block", "block_second_from_x", f"{_TALK}\n    {_THINK}",
     f"y = x + {_TALK[8:]}\n    {_THINK}".replace("m(x, **ln_2", "m(y, **ln_2")),
    ("transformer_block", "block_in_parallel", f"{_TALK}\n    {_THINK}",
     f"z = x\n    {_TALK}\n    {_THINK}".replace("m(x, **ln_2", "m(z, **ln_2")),
    ("gpt2", "gpt2_no_positions", " + wpe[: len(inputs)]", ""),
    ("gpt2", "gpt2_positions_from_one", "wpe[: len(inputs)]", "wpe[1 : len(inputs) + 1]"),
    ("gpt2", "gpt2_positions_constant", "wpe[: len(inputs)]", "wpe[0]"),
    ("gpt2", "gpt2_positions_of_ids", "wpe[: len(inputs)]", "wpe[inputs]"),
    ("gpt2", "gpt2_all_positions", "wpe[: len(inputs)]", "wpe"),
    ("gpt2", "gpt2_no_tokens", "wte[inputs] + wpe", "wpe"),
    ("gpt2", "gpt2_no_blocks", "    x = transformer_block", "    y = transformer_block"),
    ("gpt2", "gpt2_first_block", "for block in blocks:", "for block in blocks[:1]:"),
    ("gpt2", "gpt2_last_block", "for block in blocks:\n        x = transformer_block(x",
     "z = x\n    for block in blocks:\n        x = transformer_block(z"),
    ("gpt2", "gpt2_no_final_norm", "    x = layer_norm(x, **ln_f)\n", ""),
    ("gpt2", "gpt2_norm_first", f"{_LOOP}    x = layer_norm(x, **ln_f)\n",
     f"    x = layer_norm(x, **ln_f)\n{_LOOP}"),
    ("gpt2", "gpt2_no_head", "return x @ wte.T", "return x"),
    ("gpt2", "gpt2_head_not_transposed", "x @ wte.T", "x @ wte"),
    ("gpt2", "gpt2_softmax", "return x @ wte.T", "return softmax(x @ wte.T)"),
    ("gpt2", "gpt2_last_only", "return x @ wte.T", "return x[-1:] @ wte.T"),
    ("gpt2", "gpt2_last_only", "return x @ wte.T", "return x[-1] @ wte.T"),
    ("convert", "convert_norms_swapped", 'two(h + "ln_1"', 'two(h + "ln_2"'),
    ("convert", "convert_transposed", 'state[name + ".weight"]', 'state[name + ".weight"].T'),
    ("convert", "convert_wrong_block", "str(i)", "str(0)"),
    ("convert", "convert_g_and_b_swapped", '"b": state[name + ".bias"]',
     '"b": state[name + (".weight" if first == "g" else ".bias")]'),
    ("convert", "convert_layers_fixed", "for i in range(n_layer)", "for i in range(12)"),
    ("convert", "convert_layers_fixed", "for i in range(n_layer)", "for i in range(2)"),
    ("convert", "convert_from_one", "for i in range(n_layer):", "for i in range(1, n_layer + 1):"),
    ("convert", "convert_prefix", '"h." + str(i)', '"block." + str(i)'),
    ("convert", "convert_wte_wpe_swapped", '"wte": state["wte', '"wte": state["wpe'),
    ("convert", "convert_g_b_in_layer", 'two(h + "attn." + n, "w")', 'two(h + "attn." + n, "g")'),
    ("whole", "whole_parts", "    x = layer_norm(x, **ln_f)\n", ""),
    ("whole", "whole_glue", "n_head=n_head)\n\ndef generate",
     "n_head=n_head) * 2\n\ndef generate"),
    ("whole", "whole_last_only", "n_head=n_head)\n\ndef generate",
     "n_head=n_head)[-1]\n\ndef generate"),
    ("generate", "gen_first_row", "logits[-1]", "logits[0]"),
    ("generate", "gen_all_rows", "np.argmax(logits[-1])", "np.argmax(logits.max(0))"),
    ("generate", "gen_least", "argmax(", "argmin("),
    ("generate", "gen_not_cropped", 'ids[-len(params["wpe"]) :]', "ids"),
    ("generate", "gen_cropped_first", 'ids[-len(params["wpe"]) :]', 'ids[: len(params["wpe"])]'),
    ("generate", "gen_last_only", 'ids[-len(params["wpe"]) :]', "ids[-1:]"),
    ("generate", "gen_cropped_one_less", 'ids[-len(params["wpe"]) :]',
     'ids[-len(params["wpe"]) + 1 :]'),
    ("generate", "gen_only_new", "return ids\n\ndef", "return ids[len(inputs):]\n\ndef"),
    ("generate", "gen_changes_inputs", "ids = list(inputs)", "ids = inputs"),
    ("generate", "gen_count", "range(n_tokens_to_generate)", "range(n_tokens_to_generate - 1)"),
    ("generate", "gen_arrays", "int(np.argmax(logits[-1]))", "logits[-1]"),
    ("generate", "gen_score", "int(np.argmax(logits[-1]))", "logits[-1].max()"),
    ("mha_cached", "cache_not_used", "if past is not None", "if False"),
    ("mha_cached", "cache_mask", "causal_mask(T, k.shape[1])",
     "causal_mask(k.shape[1], k.shape[1])[:T]"),
    ("mha_cached", "cache_new_first",
     "[past[0], k], axis=1)\n        v = np.concatenate([past[1], v]",
     "[k, past[0]], axis=1)\n        v = np.concatenate([v, past[1]]"),
    ("mha_cached", "cache_swapped", "(k, v)\n", "(v, k)\n"),
    ("mha_cached", "mha_no_mask", "causal_mask(T, k.shape[1])", "0"),
    ("mha_cached", "mha_no_projection",
     "return linear(out.transpose(1, 0, 2).reshape(T, C), **c_proj), ",
     "return out.transpose(1, 0, 2).reshape(T, C), "),
]  # fmt: skip
FLOAT32 = [
    ("gelu32_float64", "float(np.sqrt(2 / np.pi))", "np.sqrt(2 / np.pi)"),
    ("gelu32_calls_gelu", "return 0.5 * x + 0.5 * bent * x",
     "return gelu(x).astype(np.float32)"),
    ("gelu_cube_is_square", "x * x * x", "x * x"),
    ("gelu_no_x", "return 0.5 * x + 0.5 * bent * x", "return 0.5 + 0.5 * bent"),
    ("gelu32_half", "return 0.5 * x +", "x = np.float32(x.astype(np.float16) * 0.999)\n"
     "    return 0.5 * x +"),
    ("attention32_float64", "float(np.sqrt(q.shape[2]))", "np.sqrt(q.shape[2])"),
    ("attention32_calls_attention", "return np.matmul(softmax(asked + mask), v)",
     "return attention(q, k, v, mask).astype(np.float32)"),
    ("att_scale_fixed", "float(np.sqrt(q.shape[2]))", "2"),
    ("mask32_nan", "np.float32(-1e10)", "np.float32(-np.inf)"),
    ("mask32_positive", "np.float32(-1e10)", "np.float32(1e10)"),
    ("mask32_float64", "np.float32(-1e10)", "np.float64(-1e10)"),
    ("mask32_float64", ", dtype=np.float32)) * np.float32(-1e10)", ")) * -1e10"),
    ("mask32_square", "T, S, S - T", "T, T, 0"),
    ("mask32_first_rows", "S - T, dtype", "0, dtype"),
    ("mask32_inverted", "(1 - np.tri(T, S, S - T, dtype=np.float32))",
     "np.tri(T, S, S - T, dtype=np.float32)"),
    ("mask32_no_diagonal", "S - T, dtype", "S - T - 1, dtype"),
    ("mask32_small", "np.float32(-1e10)", "np.float32(-1e3)"),
    ("mask32_sees_all", "np.float32(-1e10)", "np.float32(0)"),
    ("mask32_ones", "(1 - np.tri(T, S, S - T, dtype=np.float32)) * np.float32(-1e10)",
     "np.tri(T, S, S - T, dtype=np.float32)"),
]  # fmt: skip
TRIAL = Trial(check, RIGHT, NAMES, {"np": np, "math": math})
notebook, failure = TRIAL.notebook, TRIAL.failure
THREE = ("gelu32", "attention32", "causal_mask")


@pytest.mark.parametrize("item", NAMES)
def test_a_right_answer_passes_and_says_so_in_one_line(item, capsys):
    TRIAL.passes(item, capsys)


@pytest.mark.parametrize(
    ("item", "cause", "old", "new"), WRONG, ids=[f"{w[1]}-{i}" for i, w in enumerate(WRONG)]
)
def test_a_wrong_answer_is_told_its_cause(item, cause, old, new):
    TRIAL.told(item, cause, old, new)


@pytest.mark.parametrize(("cause", "old", "new"), FLOAT32)
def test_float32(cause, old, new):
    space = notebook()
    check.float32(*(space[name] for name in THREE))
    assert RIGHT.count(old) == 1
    space = notebook(RIGHT.replace(old, new))
    error = failure("float32", *(space[name] for name in THREE))
    assert error.likely == CAUSES[cause], str(error)


@pytest.mark.parametrize("item", NAMES)
def test_not_attempted_is_told_apart(item):
    assert isinstance(failure(item, None), core.NotAttempted)
    source = "def answer(*a, **k):\n    raise NotImplementedError"
    error = failure(item, notebook(source)["answer"])
    assert isinstance(error, core.NotAttempted)


@pytest.mark.parametrize("item", NAMES)
@pytest.mark.parametrize("value", [None, "text", 3.5, [1, 2], np.ones(7), torch.ones(2, 2)])
def test_a_wrong_type_says_what_was_found(item, value):
    error = failure(item, notebook("def answer(*a, **k):\n    return value", value=value)["answer"])
    assert error.found and error.expected, str(error)


@pytest.mark.parametrize("item", NAMES)
def test_a_value_in_place_of_the_function_is_refused(item):
    assert "without brackets" in failure(item, [0, 1]).likely


def test_answers_in_float32_and_an_infinite_mask_are_right():
    source = RIGHT.replace("return x @ w + b", "return (x @ w + b).astype(np.float32)")
    source = source.replace(_MASK, "mask = np.where(np.tri(T) == 1, 0, -np.inf)")
    for item in ("linear", "mha", "transformer_block", "gpt2", "whole"):
        getattr(check, item)(notebook(source)[NAMES[item]])


def test_checks_leave_the_notebook_as_it_was():
    space = notebook()
    before = dict(space)
    for item, name in NAMES.items():
        getattr(check, item)(space[name])
    assert space == before
