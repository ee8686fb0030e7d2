"""What students write in lab05_numpy_gpt2: wrong answers, and answers without thought.

A mistake is a substitution in the text of solutions/lab05_numpy_gpt2.py; its sentence stands under
its id in gptlab/checks/causes/. The right answers in another form are in lab05_numpy_gpt2_right.py.
"""

from __future__ import annotations

from autograder import catalogue
from autograder.mistakes.lab05_numpy_gpt2_right import RIGHT

__all__ = ["LAZY", "MISTAKES", "RIGHT"]

# Lines of the solution that mistakes replace.
_GELU = "return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))"
_EXP = "e = np.exp(x - x.max(axis=-1, keepdims=True))"
_SHARE = "return e / e.sum(axis=-1, keepdims=True)"
_MEAN = "mean = x.mean(axis=-1, keepdims=True)"
_VAR = "variance = x.var(axis=-1, keepdims=True)"
_MEAN_VAR = f"{_MEAN}  # (T, 1)\n    {_VAR}"
_NORMED = "return (x - mean) / np.sqrt(variance + eps) * g + b"
_LINEAR = "    return x @ w + b\n"
_SCORES = "scores = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])  # (n_head, T, S)"
_ATTEND = f"{_SCORES}\n    return softmax(scores + mask) @ v"
_SCALED = "scores = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])"
_MIXED = "return softmax(scores + mask) @ v"
_SPLIT = "q, k, v = np.split(linear(x, **c_attn), 3, axis=-1)  # each (T, C)"
_HEADS = "return a.reshape(T, n_head, C // n_head).transpose(1, 0, 2)"
_MASK = "mask = (1 - np.tri(T)) * -1e10  # (T, T)"
_OUT = "out = attention(heads(q), heads(k), heads(v), mask)  # (n_head, T, hs)"
_MERGED = "out = out.transpose(1, 0, 2).reshape(T, C)"
_PROJECTED = "return linear(out, **c_proj)"
_FF = "return linear(gelu(linear(x, **c_fc)), **c_proj)"
_TALK = "x = x + mha(layer_norm(x, **ln_1), **attn, n_head=n_head)"
_THINK = "return x + feed_forward(layer_norm(x, **ln_2), **mlp)"
_BLOCK = f"{_TALK}\n    {_THINK}"
_ADDED = "x = wte[inputs] + wpe[range(len(inputs))]  # (T, C)"
_FOR = "for block in blocks:"
_EACH = "x = transformer_block(x, **block, n_head=n_head)"
_BLOCKS = f"{_FOR}\n        {_EACH}"
_HEAD = "return layer_norm(x, **ln_f) @ wte.T"
_TREE_NORM = 'return {"g": state[name + ".weight"], "b": state[name + ".bias"]}'
_TREE_LAYER = 'return {"w": state[name + ".weight"], "b": state[name + ".bias"]}'
_LN_1 = '"ln_1": norm(f"h.{i}.ln_1"),'
_LN_2 = '"ln_2": norm(f"h.{i}.ln_2"),'
_ATTN_IN = '"attn": {"c_attn": layer(f"h.{i}.attn.c_attn"),'
_ATTN_OUT = '"c_proj": layer(f"h.{i}.attn.c_proj")},'
_MLP_IN = '"mlp": {"c_fc": layer(f"h.{i}.mlp.c_fc"),'
_MLP_OUT = '"c_proj": layer(f"h.{i}.mlp.c_proj")},'
_RANGE = "} for i in range(n_layer)]"
_TABLES = '{"wte": state["wte.weight"], "wpe": state["wpe.weight"],'
_REST = '"blocks": blocks, "ln_f": norm("ln_f")}'
_WHOLE = "return gpt2(ids, **convert(state, n_layer), n_head=n_head)"
_COPY = "    inputs = list(inputs)\n"
_LOOP = 'for _ in tqdm(range(n_tokens_to_generate), "generating"):'
_ASK = 'logits = gpt2(inputs[-len(params["wpe"]) :], **params, n_head=n_head)'
_APPEND = "inputs.append(int(np.argmax(logits[-1])))"
_WRITTEN = f"{_APPEND}\n    return inputs"
_ROOT = "root = float(np.sqrt(2 / np.pi))"
_GELU32 = "return 0.5 * x * (1 + np.tanh(root * (x + 0.044715 * x * x * x)))"
_SCORES32 = "scores = q @ k.swapaxes(-1, -2) / float(np.sqrt(q.shape[-1]))"
_ATTEND32 = f"{_SCORES32}\n    {_MIXED}"
_ALLOWED = "allowed = np.tri(T, S, S - T, dtype=np.float32)"
_MASK32 = "return (1 - allowed) * np.float32(-1e10)"
_BOTH32 = f"{_ALLOWED}\n    {_MASK32}"
_QKV = "qkv = linear(x, **c_attn).reshape(T, 3, n_head, C // n_head)"
_THREE = "q, k, v = qkv.transpose(1, 2, 0, 3)  # each (n_head, T, hs)"
_IF_PAST = "    if past is not None:\n"
_K = "k = np.concatenate([past[0], k], axis=1)  # (n_head, P + T, hs)"
_V = "v = np.concatenate([past[1], v], axis=1)"
_JOINED = f"{_K}\n        {_V}"
_OUT32 = "out = attention32(q, k, v, causal_mask(T, k.shape[1]))"
_LAST = "out = linear(out.transpose(1, 0, 2).reshape(T, C), **c_proj)"
_KEPT = "return out, (k, v)"


def _gelu(inner: str) -> str:
    return f"return 0.5 * x * (1 + np.tanh({inner}))"


def _attention(scores: str, mixed: str = "softmax(scores + mask) @ v") -> tuple[str, str]:
    return (_ATTEND, f"scores = {scores}\n    return {mixed}")


def _scaled(mixed: str) -> tuple[str, str]:
    return (_ATTEND, f"{_SCALED}\n    return {mixed}")


_QK = "q @ k.swapaxes(-1, -2)"

# item -> id -> (what the solution says, what the student says)
WRONG: dict[str, dict[str, tuple[str, str]]] = {
    "gelu": {
        "gelu_erf": (
            _GELU,
            "from math import erf\n\n    return 0.5 * x * (1 + np.vectorize(erf)(x / np.sqrt(2)))",
        ),
        "gelu_sigmoid": (_GELU, "return x / (1 + np.exp(-1.702 * x))"),
        "gelu_silu": (_GELU, "return x / (1 + np.exp(-x))"),
        "gelu_relu": (_GELU, "return np.maximum(x, 0)"),
        "gelu_no_half": (_GELU, _GELU.replace("0.5 * ", "")),
        "gelu_no_root": (_GELU, _gelu("x + 0.044715 * x**3")),
        "gelu_root_of_pi": (_GELU, _GELU.replace("2 / np.pi", "np.pi / 2")),
        "gelu_root_of_2": (_GELU, _GELU.replace("np.sqrt(2 / np.pi)", "np.sqrt(2) / np.pi")),
        "gelu_root_missing": (_GELU, _GELU.replace("np.sqrt(2 / np.pi)", "2 / np.pi")),
        "gelu_no_cube": (_GELU, _gelu("np.sqrt(2 / np.pi) * x")),
        "gelu_cube_is_square": (_GELU, _GELU.replace("x**3", "x**2")),
        "gelu_no_one": (_GELU, _GELU.replace("(1 + np.tanh", "(np.tanh")),
        "gelu_no_x": (_GELU, _GELU.replace("0.5 * x", "0.5")),
        "gelu_cube_not_scaled": (_GELU, _GELU.replace("0.044715 * ", "")),
        "gelu_zero_lost": (_GELU, _GELU.replace("0.044715", "0.44715")),
        "gelu_zero_too_many": (_GELU, _GELU.replace("0.044715", "0.0044715")),
        "gelu_root_on_x_only": (_GELU, _gelu("np.sqrt(2 / np.pi) * x + 0.044715 * x**3")),
        "gelu_math_tanh": (_GELU, "import math\n\n    " + _GELU.replace("np.tanh", "math.tanh")),
        "gelu_in_place": (
            _GELU,
            "inner = x\n    inner += 0.044715 * x**3\n    "
            "return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * inner))",
        ),
        "gelu_rounded": (_GELU, _GELU.replace("np.sqrt(2 / np.pi)", "0.7979")),
        "gelu_torch": (
            _GELU,
            "import torch\n\n    x = torch.as_tensor(x)\n    "
            'return torch.nn.functional.gelu(x, approximate="tanh")',
        ),
    },
    "softmax": {
        "softmax_axis_0": (_SHARE, "return e / e.sum(axis=0, keepdims=True)"),
        "softmax_axis_1": (_SHARE, "return e / e.sum(axis=1, keepdims=True)"),
        "softmax_all": (_SHARE, "return e / e.sum()"),
        "softmax_overflow": (_EXP, "e = np.exp(x)"),
        "softmax_one_largest": (_EXP, "e = np.exp(x - x.max())"),
        "softmax_smallest": (_EXP, "e = np.exp(x - x.min(axis=-1, keepdims=True))"),
        "softmax_mean_away": (_EXP, "e = np.exp(x - x.mean(axis=-1, keepdims=True))"),
        "softmax_max_of_columns": (_EXP, "e = np.exp(x - x.max(axis=0, keepdims=True))"),
        "softmax_max_no_keepdims": (_EXP, "e = np.exp(x - x.max(axis=-1))"),
        "softmax_max_after_exp": (_EXP, "e = np.exp(x) - x.max(axis=-1, keepdims=True)"),
        "softmax_sign": (_EXP, "e = np.exp(x.max(axis=-1, keepdims=True) - x)"),
        "softmax_not_divided": (_SHARE, "return e"),
        "softmax_no_exp": (_EXP, "e = x"),
        "softmax_no_keepdims": (_SHARE, "return e / e.sum(axis=-1)"),
        "softmax_base": (_EXP, "e = 2 ** (x - x.max(axis=-1, keepdims=True))"),
        "softmax_log": (_SHARE, "return np.log(e / e.sum(axis=-1, keepdims=True))"),
        "softmax_in_place": (_EXP, "x -= x.max(axis=-1, keepdims=True)\n    e = np.exp(x)"),
    },
    "layer_norm": {
        "norm_over_time": (_MEAN_VAR, _MEAN_VAR.replace("-1", "0")),
        "norm_over_all": (_MEAN_VAR, "mean = x.mean()\n    variance = x.var()"),
        "norm_mean_over_time": (_MEAN, _MEAN.replace("-1", "0")),
        "norm_unbiased": (_VAR, _VAR.replace(")", ", ddof=1)")),
        "norm_no_root": (_NORMED, "return (x - mean) / (variance + eps) * g + b"),
        "norm_eps_outside": (_NORMED, "return (x - mean) / (np.sqrt(variance) + eps) * g + b"),
        "norm_eps_ignored": (_NORMED, "return (x - mean) / np.sqrt(variance) * g + b"),
        "norm_eps_fixed": (_NORMED, "return (x - mean) / np.sqrt(variance + 1e-5) * g + b"),
        "norm_eps_1e_6": (_NORMED, "return (x - mean) / np.sqrt(variance + 1e-6) * g + b"),
        "norm_eps_1e_12": (_NORMED, "return (x - mean) / np.sqrt(variance + 1e-12) * g + b"),
        "norm_eps_subtracted": (_NORMED, _NORMED.replace("variance + eps", "variance - eps")),
        "norm_eps_of_std": (_VAR, _VAR.replace("x.var", "x.std")),
        "norm_no_mean": (_NORMED, "return x / np.sqrt(variance + eps) * g + b"),
        "norm_rms": (_MEAN_VAR, "mean = 0\n    variance = (x**2).mean(axis=-1, keepdims=True)"),
        "norm_no_affine": (_NORMED, "return (x - mean) / np.sqrt(variance + eps)"),
        "norm_no_gain": (_NORMED, "return (x - mean) / np.sqrt(variance + eps) + b"),
        "norm_no_bias": (_NORMED, "return (x - mean) / np.sqrt(variance + eps) * g"),
        "norm_bias_first": (_NORMED, "return ((x - mean) / np.sqrt(variance + eps) + b) * g"),
        "norm_g_and_b_swapped": (_NORMED, "return (x - mean) / np.sqrt(variance + eps) * b + g"),
        "norm_not_divided": (_NORMED, "return (x - mean) * g + b"),
        "norm_parentheses": (_NORMED, "return x - mean / np.sqrt(variance + eps) * g + b"),
        "norm_gain_below": (_NORMED, "return (x - mean) / (np.sqrt(variance + eps) * g) + b"),
        "norm_no_keepdims": (
            _MEAN_VAR,
            "mean = x.mean(axis=-1)\n    variance = x.var(axis=-1)",
        ),
        "norm_in_place": (
            _NORMED,
            "x -= mean\n    return x / np.sqrt(variance + eps) * g + b",
        ),
    },
    "linear": {
        "linear_no_bias": (_LINEAR, "    return x @ w\n"),
        "linear_transposed": (_LINEAR, "    return x @ w.T + b\n"),
        "linear_elementwise": (_LINEAR, "    return x * w + b\n"),
        "linear_bias_subtracted": (_LINEAR, "    return x @ w - b\n"),
        "linear_bias_multiplied": (_LINEAR, "    return x @ w * b\n"),
        "linear_w_first": (_LINEAR, "    return w @ x + b\n"),
        "linear_w_first_turned": (_LINEAR, "    return w.T @ x.T + b\n"),
        "linear_x_transposed": (_LINEAR, "    return x.T @ w + b\n"),
        "linear_bias_inside": (_LINEAR, "    return (x + b) @ w\n"),
        "linear_bias_column": (_LINEAR, "    return x @ w + b[:, None]\n"),
    },
    "attention": {
        "att_no_scale": _attention(_QK),
        "att_scale_by_hs": _attention(f"{_QK} / q.shape[-1]"),
        "att_scale_multiplied": _attention(f"{_QK} * np.sqrt(q.shape[-1])"),
        "att_scale_by_width": _attention(f"{_QK} / np.sqrt(q.shape[0] * q.shape[-1])"),
        "att_scale_by_T": _attention(f"{_QK} / np.sqrt(q.shape[-2])"),
        "att_scale_by_S": _attention(f"{_QK} / np.sqrt(k.shape[-2])"),
        "att_scale_by_heads": _attention(f"{_QK} / np.sqrt(q.shape[0])"),
        "att_scale_of_64": _attention(f"{_QK} / 8"),
        "att_scale_fixed": _attention(f"{_QK} / 2"),
        "att_scaled_after": _attention(_QK, "softmax(scores + mask) / np.sqrt(q.shape[-1]) @ v"),
        "att_no_mask": _scaled("softmax(scores) @ v"),
        "att_own_mask": _scaled("softmax(scores + (1 - np.tri(*scores.shape[1:])) * -1e10) @ v"),
        "att_mask_subtracted": _scaled("softmax(scores - mask) @ v"),
        "att_mask_multiplied": _scaled("softmax(scores * mask) @ v"),
        "att_mask_after": _scaled("(softmax(scores) + mask) @ v"),
        "att_mask_on_weights": _scaled("(softmax(scores) * (mask == 0)) @ v"),
        "att_mask_zero": _scaled("softmax(np.where(mask == 0, scores, 0)) @ v"),
        "att_mask_inverted": _scaled("softmax(np.where(mask, scores, -1e10)) @ v"),
        "att_mask_small": _scaled("softmax(np.where(mask == 0, scores, -10)) @ v"),
        "att_no_softmax": _scaled("(scores + mask) @ v"),
        "att_exp_only": _scaled("np.exp(scores + mask) @ v"),
        "att_softmax_over_queries": _scaled(
            "softmax((scores + mask).swapaxes(-1, -2)).swapaxes(-1, -2) @ v"
        ),
        "att_no_transpose": _attention("q @ k / np.sqrt(q.shape[-1])"),
        "att_all_axes": _attention("q @ k.T / np.sqrt(q.shape[-1])"),
        "att_q_and_k_swapped": _attention("k @ q.swapaxes(-1, -2) / np.sqrt(q.shape[-1])"),
        "att_mixes_keys": _scaled("softmax(scores + mask) @ k"),
        "att_mixes_queries": _scaled("softmax(scores + mask) @ q"),
        "att_values_untouched": _scaled("v"),
        "att_only_weights": _scaled("softmax(scores + mask)"),
        "att_v_first": _scaled("v @ softmax(scores + mask)"),
        "att_elementwise": _scaled("softmax(scores + mask) * v"),
        "att_scale_in_place": (
            _ATTEND,
            f"q /= np.float32(np.sqrt(q.shape[-1]))\n    scores = {_QK}\n    {_MIXED}",
        ),
    },
    "mha": {
        "mha_q_and_k_swapped": (_OUT, _OUT.replace("heads(q), heads(k)", "heads(k), heads(q)")),
        "mha_kqv": (_SPLIT, _SPLIT.replace("q, k, v", "k, q, v")),
        "mha_qkv_order": (_SPLIT, _SPLIT.replace("q, k, v", "v, k, q")),
        "mha_k_and_v_swapped": (_SPLIT, _SPLIT.replace("q, k, v", "q, v, k")),
        "mha_qkv_interleaved": (
            _SPLIT,
            "qkv = linear(x, **c_attn).reshape(T, n_head, 3, C // n_head)\n"
            "    q, k, v = (qkv[:, :, part].reshape(T, C) for part in range(3))",
        ),
        "mha_split_over_time": (_SPLIT, _SPLIT.replace("axis=-1", "axis=0")),
        "mha_heads_not_transposed": (_HEADS, "return a.reshape(n_head, T, C // n_head)"),
        "mha_heads_behind_places": (_HEADS, "return a.reshape(T, n_head, C // n_head)"),
        "mha_heads_of_numbers": (
            _HEADS,
            "return a.reshape(T, C // n_head, n_head).transpose(2, 0, 1)",
        ),
        "mha_width_of_a_head": (
            _HEADS,
            "return a.reshape(T, C // n_head, n_head).transpose(1, 0, 2)",
        ),
        "mha_size_fraction": (_HEADS, _HEADS.replace("//", "/")),
        "mha_heads_fixed": (_HEADS, "return a.reshape(T, 2, -1).transpose(1, 0, 2)"),
        "mha_one_head": (_HEADS, "return a.reshape(T, 1, C).transpose(1, 0, 2)"),
        "mha_merged_without_transpose": (_MERGED, "out = out.reshape(T, C)"),
        "mha_merged_numbers_first": (_MERGED, "out = out.transpose(1, 2, 0).reshape(T, C)"),
        "mha_heads_summed": (_MERGED, "out = np.tile(out.sum(axis=0), n_head)"),
        "mha_no_mask": (_MASK, "mask = np.zeros((T, T))"),
        "mha_mask_transposed": (_MASK, "mask = (1 - np.tri(T)).T * -1e10"),
        "mha_mask_inverted": (_MASK, "mask = np.tri(T) * -1e10"),
        "mha_mask_no_diagonal": (_MASK, "mask = (1 - np.tri(T, k=-1)) * -1e10"),
        "mha_mask_one_ahead": (_MASK, "mask = (1 - np.tri(T, k=1)) * -1e10"),
        "mha_mask_minus_10": (_MASK, "mask = (1 - np.tri(T)) * -10"),
        "mha_mask_minus_1e4": (_MASK, "mask = (1 - np.tri(T)) * -1e4"),
        "mha_mask_ones": (_MASK, "mask = np.tri(T)"),
        "mha_mask_not_multiplied": (_MASK, "mask = 1 - np.tri(T)"),
        "mha_mask_nan": (_MASK, "mask = (1 - np.tri(T)) * -np.inf"),
        "mha_mask_of_width": (_MASK, "mask = (1 - np.tri(C)) * -1e10"),
        "mha_no_projection": (_PROJECTED, "return out"),
        "mha_residual": (_PROJECTED, "return x + linear(out, **c_proj)"),
        "mha_values_from_x": (_OUT, _OUT.replace("heads(v)", "heads(x)")),
        "mha_queries_from_x": (_OUT, _OUT.replace("heads(q)", "heads(x)")),
        "mha_scaled_twice": (_OUT, _OUT.replace("heads(q)", "heads(q) / np.sqrt(C // n_head)")),
        "mha_no_bias": (_SPLIT, _SPLIT.replace("linear(x, **c_attn)", 'x @ c_attn["w"]')),
        "mha_no_bias_projection": (_PROJECTED, 'return out @ c_proj["w"]'),
        "mha_projection_transposed": (_PROJECTED, 'return linear(out, c_proj["w"].T, c_proj["b"])'),
    },
    "feed_forward": {
        "ff_no_gelu": (_FF, "return linear(linear(x, **c_fc), **c_proj)"),
        "ff_relu": (_FF, "return linear(np.maximum(linear(x, **c_fc), 0), **c_proj)"),
        "ff_tanh": (_FF, "return linear(np.tanh(linear(x, **c_fc)), **c_proj)"),
        "ff_sigmoid": (
            _FF,
            "h = linear(x, **c_fc)\n    return linear(h / (1 + np.exp(-1.702 * h)), **c_proj)",
        ),
        "ff_gelu_last": (_FF, "return gelu(linear(linear(x, **c_fc), **c_proj))"),
        "ff_gelu_twice": (_FF, "return gelu(linear(gelu(linear(x, **c_fc)), **c_proj))"),
        "ff_gelu_again": (_FF, "return linear(gelu(gelu(linear(x, **c_fc))), **c_proj)"),
        "ff_gelu_first": (_FF, "return linear(linear(gelu(x), **c_fc), **c_proj)"),
        "ff_residual": (_FF, "return x + linear(gelu(linear(x, **c_fc)), **c_proj)"),
        "ff_layers_swapped": (_FF, "return linear(gelu(linear(x, **c_proj)), **c_fc)"),
        "ff_not_narrowed": (_FF, "return gelu(linear(x, **c_fc))"),
        "ff_no_bias": (_FF, 'return gelu(x @ c_fc["w"]) @ c_proj["w"]'),
        "ff_no_first_bias": (_FF, 'return linear(gelu(x @ c_fc["w"]), **c_proj)'),
        "ff_no_second_bias": (_FF, 'return gelu(linear(x, **c_fc)) @ c_proj["w"]'),
    },
    "transformer_block": {
        "block_no_residual_attention": (_TALK, _TALK.replace("x + ", "")),
        "block_no_residual_ff": (_THINK, _THINK.replace("x + ", "")),
        "block_no_residuals": (_BLOCK, _BLOCK.replace("x + ", "")),
        "block_residual_of_normed": (
            _TALK,
            "x = layer_norm(x, **ln_1)\n    x = x + mha(x, **attn, n_head=n_head)",
        ),
        "block_residual_of_normed_ff": (
            _THINK,
            "x = layer_norm(x, **ln_2)\n    return x + feed_forward(x, **mlp)",
        ),
        "block_norm_after": (
            _BLOCK,
            "x = layer_norm(x + mha(x, **attn, n_head=n_head), **ln_1)\n"
            "    return layer_norm(x + feed_forward(x, **mlp), **ln_2)",
        ),
        "block_norm_of_output": (
            _BLOCK,
            "x = x + layer_norm(mha(x, **attn, n_head=n_head), **ln_1)\n"
            "    return x + layer_norm(feed_forward(x, **mlp), **ln_2)",
        ),
        "block_norms_swapped": (
            _BLOCK,
            _BLOCK.replace("ln_1", "ln_3").replace("ln_2", "ln_1").replace("ln_3", "ln_2"),
        ),
        "block_ln_1_twice": (_THINK, _THINK.replace("ln_2", "ln_1")),
        "block_ln_2_twice": (_TALK, _TALK.replace("ln_1", "ln_2")),
        "block_no_norms": (
            _BLOCK,
            "x = x + mha(x, **attn, n_head=n_head)\n    return x + feed_forward(x, **mlp)",
        ),
        "block_no_norm_attention": (_TALK, "x = x + mha(x, **attn, n_head=n_head)"),
        "block_no_norm_ff": (_THINK, "return x + feed_forward(x, **mlp)"),
        "block_in_parallel": (
            _BLOCK,
            "talked = mha(layer_norm(x, **ln_1), **attn, n_head=n_head)\n"
            "    return x + talked + feed_forward(layer_norm(x, **ln_2), **mlp)",
        ),
        "block_second_from_x": (
            _BLOCK,
            "talked = x + mha(layer_norm(x, **ln_1), **attn, n_head=n_head)\n"
            "    return x + feed_forward(layer_norm(talked, **ln_2), **mlp)",
        ),
        "block_ff_first": (
            _BLOCK,
            "x = x + feed_forward(layer_norm(x, **ln_2), **mlp)\n"
            "    return x + mha(layer_norm(x, **ln_1), **attn, n_head=n_head)",
        ),
        "block_added_twice": (_THINK, _THINK.replace("x + ", "x + x + ")),
        "block_no_attention": (_BLOCK, _THINK),
        "block_no_feed_forward": (_THINK, "return x"),
        "block_nothing_returned": (_THINK, _THINK.replace("return x +", "x = x +")),
        "block_in_place": (_TALK, _TALK.replace("x = x +", "x +=")),
        "block_one_head": (_TALK, _TALK.replace("n_head=n_head", "n_head=1")),
        "block_n_head_missing": (_TALK, _TALK.replace(", n_head=n_head", "")),
    },
    "gpt2": {
        "gpt2_no_positions": (_ADDED, "x = wte[inputs]"),
        "gpt2_positions_from_one": (_ADDED, "x = wte[inputs] + wpe[1 : len(inputs) + 1]"),
        "gpt2_positions_constant": (_ADDED, "x = wte[inputs] + wpe[0]"),
        "gpt2_positions_of_ids": (_ADDED, "x = wte[inputs] + wpe[inputs]"),
        "gpt2_positions_reversed": (_ADDED, "x = wte[inputs] + wpe[: len(inputs)][::-1]"),
        "gpt2_last_positions": (_ADDED, "x = wte[inputs] + wpe[-len(inputs) :]"),
        "gpt2_all_positions": (_ADDED, "x = wte[inputs] + wpe"),
        "gpt2_positions_multiplied": (_ADDED, "x = wte[inputs] * wpe[range(len(inputs))]"),
        "gpt2_no_tokens": (_ADDED, "x = wpe[range(len(inputs))]"),
        "gpt2_ids_list": (_ADDED, "x = wte[[inputs]] + wpe[range(len(inputs))]"),
        "gpt2_changes_wte": (_ADDED, "x = wpe[: len(inputs)]\n    x += wte[inputs]"),
        "gpt2_no_blocks": (_BLOCKS, "pass"),
        "gpt2_first_block": (_FOR, "for block in blocks[:1]:"),
        "gpt2_returns_in_loop": (f"{_BLOCKS}\n    {_HEAD}", f"{_BLOCKS}\n        {_HEAD}"),
        "gpt2_one_block_short": (_FOR, "for block in blocks[:-1]:"),
        "gpt2_last_block": (
            f"{_BLOCKS}\n    {_HEAD}",
            f"out = x\n    {_BLOCKS}\n    {_HEAD}".replace("        x =", "        out =").replace(
                "layer_norm(x", "layer_norm(out"
            ),
        ),
        "gpt2_block_repeated": (_EACH, _EACH.replace("**block", "**blocks[0]")),
        "gpt2_blocks_reversed": (_FOR, "for block in reversed(blocks):"),
        "gpt2_blocks_not_kept": (_EACH, _EACH.replace("x = ", "")),
        "gpt2_positions_in_each_block": (
            f"{_ADDED}\n    {_BLOCKS}",
            f"x = wte[inputs]\n    {_FOR}\n        x = x + wpe[range(len(inputs))]\n        {_EACH}",
        ),
        "gpt2_residual_around_blocks": (_EACH, _EACH.replace("x = ", "x = x + ")),
        "gpt2_one_head": (_EACH, _EACH.replace("n_head=n_head", "n_head=1")),
        "gpt2_two_heads": (_EACH, _EACH.replace("n_head=n_head", "n_head=2")),
        "gpt2_no_final_norm": (_HEAD, "return x @ wte.T"),
        "gpt2_norm_first": (
            f"{_BLOCKS}\n    {_HEAD}",
            f"x = layer_norm(x, **ln_f)\n    {_BLOCKS}\n    return x @ wte.T",
        ),
        "gpt2_norm_in_each_block": (
            f"{_EACH}\n    {_HEAD}",
            f"{_EACH}\n        x = layer_norm(x, **ln_f)\n    return x @ wte.T",
        ),
        "gpt2_norm_of_scores": (_HEAD, "return layer_norm(x @ wte.T, 1.0, 0.0)"),
        "gpt2_no_head": (_HEAD, "return layer_norm(x, **ln_f)"),
        "gpt2_head_not_transposed": (_HEAD, "return layer_norm(x, **ln_f) @ wte"),
        "gpt2_head_of_positions": (_HEAD, "return layer_norm(x, **ln_f) @ wpe.T"),
        "gpt2_softmax": (_HEAD, "return softmax(layer_norm(x, **ln_f) @ wte.T)"),
        "gpt2_last_only": (_HEAD, "return layer_norm(x[-1:], **ln_f) @ wte.T"),
        "gpt2_argmax": (_HEAD, "return np.argmax(layer_norm(x, **ln_f) @ wte.T, axis=-1)"),
    },
    "convert": {
        "convert_norms_swapped": (
            f"{_LN_1}\n        {_ATTN_IN}",
            f'"ln_2": norm(f"h.{{i}}.ln_1"), "ln_1": norm(f"h.{{i}}.ln_2"),\n        {_ATTN_IN}',
        ),
        "convert_ln_1_twice": (_LN_2, _LN_2.replace(".ln_2", ".ln_1")),
        "convert_transposed": (_TREE_LAYER, _TREE_LAYER.replace('.weight"]', '.weight"].T')),
        "convert_square_transposed": (
            _TREE_LAYER,
            'w, b = state[name + ".weight"], state[name + ".bias"]\n'
            '        return {"w": w.T if len(w) == len(b) else w, "b": b}',
        ),
        "convert_c_attn_transposed": (
            _ATTN_IN,
            '"attn": {"c_attn": {"w": state[f"h.{i}.attn.c_attn.weight"].T,\n'
            '                            "b": state[f"h.{i}.attn.c_attn.bias"]},',
        ),
        "convert_wte_transposed": (_TABLES, _TABLES.replace('wte.weight"]', 'wte.weight"].T')),
        "convert_wrong_block": (_ATTN_OUT, _ATTN_OUT.replace("h.{i}", "h.0")),
        "convert_first_block_only": (
            f"{_MLP_OUT}\n    {_RANGE}",
            f"{_MLP_OUT}\n    }} for i in [0] * n_layer]",
        ),
        "convert_blocks_reversed": (_RANGE, "} for i in reversed(range(n_layer))]"),
        "convert_blocks_sorted": (_RANGE, "} for i in sorted(range(n_layer), key=str)]"),
        "convert_g_and_b_swapped": (
            _TREE_NORM,
            'return {"b": state[name + ".weight"], "g": state[name + ".bias"]}',
        ),
        "convert_w_and_b_swapped": (
            _TREE_LAYER,
            'return {"b": state[name + ".weight"], "w": state[name + ".bias"]}',
        ),
        "convert_weight_as_bias": (_TREE_LAYER, _TREE_LAYER.replace(".bias", ".weight")),
        "convert_bias_as_gain": (_TREE_NORM, _TREE_NORM.replace(".weight", ".bias")),
        "convert_projections_swapped": (
            f"{_ATTN_OUT}\n        {_LN_2}\n        {_MLP_IN}\n                {_MLP_OUT}",
            '"c_proj": layer(f"h.{i}.mlp.c_proj")},\n'
            f"        {_LN_2}\n        {_MLP_IN}\n"
            '                "c_proj": layer(f"h.{i}.attn.c_proj")},',
        ),
        "convert_projection_of_attn": (_MLP_OUT, _MLP_OUT.replace(".mlp.", ".attn.")),
        "convert_layers_fixed": (_RANGE, "} for i in range(4)]"),
        "convert_layers_of_gpt2": (_RANGE, "} for i in range(12)]"),
        "convert_one_block_short": (_RANGE, "} for i in range(n_layer - 1)]"),
        "convert_from_one": (_RANGE, "} for i in range(1, n_layer + 1)]"),
        "convert_first_block_lost": (_RANGE, "} for i in range(1, n_layer)]"),
        "convert_one_object": (
            f"{_RANGE}\n    return {_TABLES}",
            f"{_RANGE}\n    blocks = [blocks[-1]] * n_layer if blocks else []\n"
            f"    return {_TABLES}",
        ),
        "convert_prefix": (_LN_1, _LN_1.replace('f"h.', 'f"transformer.h.')),
        "convert_wte_wpe_swapped": (
            _TABLES,
            '{"wpe": state["wte.weight"], "wte": state["wpe.weight"],',
        ),
        "convert_g_b_in_layer": (_TREE_LAYER, _TREE_LAYER.replace('"w"', '"g"')),
        "convert_keys_of_state": (
            _TREE_LAYER,
            'return {"weight": state[name + ".weight"], "bias": state[name + ".bias"]}',
        ),
        "convert_flat": (
            f"{_ATTN_IN}\n                 {_ATTN_OUT}",
            '"attn.c_attn": layer(f"h.{i}.attn.c_attn"),\n'
            '        "attn.c_proj": layer(f"h.{i}.attn.c_proj"),',
        ),
        "convert_ln_f_of_last_block": (
            _REST,
            '"blocks": blocks, "ln_f": blocks[-1]["ln_2"] if blocks else norm("ln_f")}',
        ),
        "convert_ln_f_missing": (_REST, '"blocks": blocks}'),
        "convert_blocks_by_number": (_REST, _REST.replace("blocks,", "dict(enumerate(blocks)),")),
        "convert_empties_state": (
            _TREE_LAYER,
            'return {"w": state.pop(name + ".weight"), "b": state.pop(name + ".bias")}',
        ),
    },
    "whole": {
        "whole_sizes_swapped": (
            _WHOLE,
            "return gpt2(ids, **convert(state, n_head), n_head=n_layer)",
        ),
        "whole_one_head": (_WHOLE, _WHOLE.replace("n_head=n_head", "n_head=1")),
        "whole_sizes_fixed": (_WHOLE, "return gpt2(ids, **convert(state, 4), n_head=4)"),
        "whole_one_block": (_WHOLE, _WHOLE.replace("n_layer", "1")),
        "whole_last_only": (_WHOLE, f"{_WHOLE}[-1]"),
        "whole_softmax": (_WHOLE, f"{_WHOLE.replace('gpt2', 'softmax(gpt2')})"),
        "whole_argmax": (_WHOLE, f"{_WHOLE}.argmax(axis=-1)"),
        "whole_not_converted": (_WHOLE, "return gpt2(ids, **state, n_head=n_head)"),
        "whole_ids_reversed": (_WHOLE, _WHOLE.replace("gpt2(ids", "gpt2(ids[::-1]")),
        "whole_tiny_always": (
            _WHOLE,
            "return gpt2(ids, **tiny.params(), n_head=n_head)",
        ),
    },
    "generate": {
        "gen_first_row": (_APPEND, _APPEND.replace("[-1]", "[0]")),
        "gen_all_rows": (_APPEND, _APPEND.replace("[-1]", "")),
        "gen_mean_of_rows": (_APPEND, _APPEND.replace("logits[-1]", "logits.mean(axis=0)")),
        "gen_argmax_over_time": (_APPEND, "inputs.append(int(np.argmax(logits, axis=0)[-1]))"),
        "gen_least": (_APPEND, _APPEND.replace("argmax", "argmin")),
        "gen_samples": (
            _APPEND,
            "p = np.float64(softmax(logits[-1]))\n"
            "        inputs.append(int(np.random.choice(len(p), p=p / p.sum())))",
        ),
        "gen_not_cropped": (_ASK, "logits = gpt2(inputs, **params, n_head=n_head)"),
        "gen_cropped_to_vocabulary": (_ASK, _ASK.replace("wpe", "wte")),
        "gen_cropped_to_width": (
            _ASK,
            _ASK.replace('len(params["wpe"])', 'params["wpe"].shape[1]'),
        ),
        "gen_cropped_first": (_ASK, _ASK.replace('-len(params["wpe"]) :', ': len(params["wpe"])')),
        "gen_cropped_one_less": (
            _ASK,
            _ASK.replace('-len(params["wpe"])', '-len(params["wpe"]) + 1'),
        ),
        "gen_cropped_one_more": (
            _ASK,
            _ASK.replace('-len(params["wpe"])', '-len(params["wpe"]) - 1'),
        ),
        "gen_cropped_fixed": (_ASK, _ASK.replace('-len(params["wpe"])', "-64")),
        "gen_text_cropped": (
            _ASK,
            'inputs = inputs[-len(params["wpe"]) :]\n'
            "        logits = gpt2(inputs, **params, n_head=n_head)",
        ),
        "gen_last_only": (_ASK, _ASK.replace('-len(params["wpe"])', "-1")),
        "gen_only_new": (
            _WRITTEN,
            _WRITTEN.replace("return inputs", "return inputs[-n_tokens_to_generate:]"),
        ),
        "gen_changes_inputs": (_COPY, ""),
        "gen_count_one_less": (_LOOP, _LOOP.replace("generate)", "generate - 1)")),
        "gen_count_one_more": (_LOOP, _LOOP.replace("generate)", "generate + 1)")),
        "gen_count_of_all": (_LOOP, _LOOP.replace("generate)", "generate - len(inputs))")),
        "gen_returns_in_loop": (_WRITTEN, f"{_APPEND}\n        return inputs"),
        "gen_not_appended": (
            f"{_LOOP}\n        {_ASK}",
            f"start = list(inputs)\n    {_LOOP}\n        {_ASK.replace('inputs', 'start')}",
        ),
        "gen_arrays": (_APPEND, "inputs.append(np.argmax(logits[-1:], axis=-1))"),
        "gen_no_list": (_APPEND, "inputs = np.append(inputs, np.argmax(logits[-1]))"),
        "gen_score": (_APPEND, "inputs.append(float(np.max(logits[-1])))"),
        "gen_put_in_front": (_APPEND, "inputs.insert(0, int(np.argmax(logits[-1])))"),
    },
    "float32": {
        "gelu32_float64": (_ROOT, "root = np.sqrt(2 / np.pi)"),
        "gelu32_calls_gelu": (f"{_ROOT}\n    {_GELU32}", "return gelu(x).astype(np.float32)"),
        "gelu32_cube_is_square": (_GELU32, _GELU32.replace("x * x * x", "x * x")),
        "gelu32_root_missing": (_ROOT, "root = 2 / np.pi"),
        "gelu32_half": (
            _GELU32,
            "x = x.astype(np.float16)\n    " + _GELU32 + ".astype(np.float32)",
        ),
        "gelu32_in_place": (
            _GELU32,
            "cube = x * x * x\n    x += 0.044715 * cube\n    return 0.5 * x * (1 + np.tanh(root * x))",
        ),
        "attention32_float64": (
            _SCORES32,
            _SCORES32.replace("float(np.sqrt(q.shape[-1]))", "np.sqrt(q.shape[-1])"),
        ),
        "attention32_calls_attention": (
            _ATTEND32,
            "return attention(q, k, v, mask).astype(np.float32)",
        ),
        "attention32_root_rounded": (_SCORES32, _SCORES32.replace("float(", "int(")),
        "attention32_no_scale": (_SCORES32, f"scores = {_QK}"),
        "attention32_scale_by_hs": (_SCORES32, f"scores = {_QK} / q.shape[-1]"),
        "attention32_no_mask": (_ATTEND32, f"{_SCORES32}\n    return softmax(scores) @ v"),
        "mask32_float64": (_ALLOWED, "allowed = np.tri(T, S, S - T)"),
        "mask32_square": (_ALLOWED, "allowed = np.tri(S, dtype=np.float32)"),
        "mask32_of_T": (_ALLOWED, "allowed = np.tri(T, dtype=np.float32)"),
        "mask32_turned": (_ALLOWED, "allowed = np.tri(T, S, S - T, dtype=np.float32).T"),
        "mask32_first_rows": (_ALLOWED, "allowed = np.tri(T, S, dtype=np.float32)"),
        "mask32_offset_sign": (_ALLOWED, "allowed = np.tri(T, S, T - S, dtype=np.float32)"),
        "mask32_offset_T": (_ALLOWED, "allowed = np.tri(T, S, T, dtype=np.float32)"),
        "mask32_no_diagonal": (_ALLOWED, "allowed = np.tri(T, S, S - T - 1, dtype=np.float32)"),
        "mask32_one_ahead": (_ALLOWED, "allowed = np.tri(T, S, S - T + 1, dtype=np.float32)"),
        "mask32_inverted": (_MASK32, "return allowed * np.float32(-1e10)"),
        "mask32_small": (_MASK32, "return (1 - allowed) * np.float32(-10)"),
        "mask32_minus_1e4": (_MASK32, "return (1 - allowed) * np.float32(-1e4)"),
        "mask32_positive": (_MASK32, "return (1 - allowed) * np.float32(1e10)"),
        "mask32_nan": (_MASK32, "return (1 - allowed) * np.float32(-np.inf)"),
        "mask32_ones": (_MASK32, "return allowed"),
        "mask32_not_multiplied": (_MASK32, "return 1 - allowed"),
        "mask32_sees_all": (_BOTH32, "return np.zeros((T, S), np.float32)"),
        "mask32_bool": (_BOTH32, "return np.tri(T, S, S - T, dtype=bool)"),
    },
    "mha_cached": {
        "cache_not_used": (f"{_IF_PAST}        {_JOINED}\n", ""),
        "cache_past_needed": (f"{_IF_PAST}        {_JOINED}", f"    {_K}\n    {_V}"),
        "cache_new_first": (
            _JOINED,
            _JOINED.replace("[past[0], k]", "[k, past[0]]").replace("[past[1], v]", "[v, past[1]]"),
        ),
        "cache_wrong_axis": (_JOINED, _JOINED.replace("axis=1", "axis=0")),
        "cache_last_axis": (_JOINED, _JOINED.replace("axis=1", "axis=-1")),
        "cache_k_only": (_JOINED, _K),
        "cache_v_only": (_JOINED, _V),
        "cache_past_only": (_JOINED, "k, v = past"),
        "cache_past_swapped": (
            _JOINED,
            _JOINED.replace("past[0]", "past[2]")
            .replace("past[1]", "past[0]")
            .replace("past[2]", "past[1]"),
        ),
        "cache_past_added": (_JOINED, "k = k + past[0][:, -1:]\n        v = v + past[1][:, -1:]"),
        "cache_swapped": (_KEPT, "return out, (v, k)"),
        "cache_only_new": (_KEPT, "return out, (k[:, -T:], v[:, -T:])"),
        "cache_not_returned": (_KEPT, "return out"),
        "cache_three_values": (_KEPT, "return out, k, v"),
        "cache_old_returned": (_KEPT, "return out, past if past is not None else (k, v)"),
        "cache_mask": (_OUT32, _OUT32.replace("k.shape[1]", "T")),
        "cache_mask_turned": (_OUT32, _OUT32.replace("T, k.shape[1]", "k.shape[1], T")),
        "cache_mask_of_all": (_OUT32, _OUT32.replace("T, k", "k.shape[1], k")),
        "cache_mask_first_rows": (
            _OUT32,
            _OUT32.replace("causal_mask(T, k.shape[1])", "(1 - np.tri(T, k.shape[1])) * -1e10"),
        ),
        "cache_no_mask": (_OUT32, _OUT32.replace("causal_mask(T, k.shape[1])", "0")),
        "cache_mask_only_first": (
            _OUT32,
            _OUT32.replace("causal_mask(T, k.shape[1])", "0 if past else causal_mask(T, T)"),
        ),
        "cache_qkv_interleaved": (
            f"{_QKV}\n    {_THREE}",
            "qkv = linear(x, **c_attn).reshape(T, n_head, 3, C // n_head)\n"
            "    q, k, v = qkv.transpose(2, 1, 0, 3)",
        ),
        "cache_heads_not_transposed": (
            f"{_QKV}\n    {_THREE}",
            "qkv = np.split(linear(x, **c_attn), 3, axis=-1)\n"
            "    q, k, v = (a.reshape(n_head, T, C // n_head) for a in qkv)",
        ),
        "cache_q_and_k_swapped": (_THREE, _THREE.replace("q, k, v", "k, q, v")),
        "cache_qkv_order": (_THREE, _THREE.replace("q, k, v", "v, k, q")),
        "cache_merged_without_transpose": (_LAST, _LAST.replace(".transpose(1, 0, 2)", "")),
        "cache_no_projection": (_LAST, "out = out.transpose(1, 0, 2).reshape(T, C)"),
        "cache_heads_behind": (
            _KEPT,
            "return out, (k.transpose(1, 0, 2), v.transpose(1, 0, 2))",
        ),
    },
}

# Numbers in the list of known bugs -> ids.
BUGS: dict[int, tuple[str, ...]] = {
    10: ("gen_all_rows", "gen_mean_of_rows"),
    15: ("mha_mask_transposed",),
    16: ("mha_mask_no_diagonal", "mask32_no_diagonal"),
    17: ("softmax_axis_0", "softmax_axis_1", "softmax_all", "att_softmax_over_queries"),
    18: ("att_mask_after", "att_mask_on_weights"),
    19: ("att_mask_zero", "mha_mask_ones", "mha_mask_not_multiplied", "mask32_ones"),
    20: (
        *("att_mask_small", "mha_mask_minus_10", "mha_mask_minus_1e4"),
        *("mask32_small", "mask32_minus_1e4"),
    ),
    21: ("mha_mask_nan", "mask32_nan"),
    22: ("att_no_scale", "attention32_no_scale"),
    23: ("att_scale_by_width",),
    24: ("att_scale_by_hs", "attention32_scale_by_hs"),
    25: ("att_scale_multiplied",),
    26: ("att_no_transpose", "att_all_axes"),
    27: ("mha_values_from_x",),
    34: ("mha_heads_not_transposed", "cache_heads_not_transposed"),
    36: ("mha_merged_without_transpose", "cache_merged_without_transpose"),
    37: ("mha_no_projection", "cache_no_projection"),
    38: (
        *("mha_q_and_k_swapped", "mha_qkv_order", "mha_qkv_interleaved"),
        *("cache_q_and_k_swapped", "cache_qkv_order", "cache_qkv_interleaved"),
    ),
    41: ("block_norm_after", "block_norm_of_output"),
    42: (
        *("block_no_residual_attention", "block_no_residual_ff", "block_no_residuals"),
        "block_second_from_x",
    ),
    43: ("block_residual_of_normed", "block_residual_of_normed_ff"),
    44: ("block_ln_1_twice", "block_ln_2_twice"),
    45: ("gpt2_no_final_norm", "gpt2_norm_first"),
    46: ("norm_unbiased",),
    47: ("norm_eps_outside", "norm_eps_of_std"),
    48: ("norm_eps_ignored", "norm_eps_fixed", "norm_eps_1e_6", "norm_eps_1e_12"),
    49: ("norm_over_time", "norm_over_all", "norm_mean_over_time"),
    50: ("norm_no_affine", "norm_no_gain", "norm_no_bias"),
    51: ("gelu_erf",),
    52: ("gelu_sigmoid", "gelu_silu", "ff_sigmoid"),
    53: ("gelu_relu", "ff_relu"),
    55: (
        *("gpt2_no_positions", "gpt2_positions_constant", "gpt2_positions_from_one"),
        "gpt2_positions_reversed",
    ),
    57: ("convert_one_object", "gpt2_block_repeated"),
    90: ("gen_not_cropped", "gen_cropped_first", "gen_cropped_to_vocabulary"),
    92: ("gen_changes_inputs",),
    93: ("convert_transposed", "convert_square_transposed", "convert_c_attn_transposed"),
    94: ("mha_kqv", "mha_qkv_order", "mha_k_and_v_swapped"),
    95: ("convert_wrong_block", "convert_first_block_only", "convert_blocks_reversed"),
    96: ("convert_norms_swapped", "convert_ln_1_twice"),
    104: (
        *("cache_mask", "cache_mask_of_all", "cache_mask_first_rows", "cache_mask_turned"),
        *("mask32_first_rows", "mask32_offset_sign", "mask32_offset_T", "mask32_square"),
    ),
    105: ("cache_wrong_axis", "cache_last_axis"),
}

# Several ways to one cause: id -> key of the sentence.
SAME_CAUSE = {
    "gelu_silu": "gelu_sigmoid",
    "gelu_root_of_2": "gelu_root_of_pi",
    "gelu_torch": "torch_used",
    "softmax_smallest": "softmax_overflow",
    "softmax_mean_away": "softmax_overflow",
    "norm_eps_fixed": "norm_eps_ignored",
    "norm_eps_1e_6": "norm_eps_ignored",
    "norm_eps_1e_12": "norm_eps_ignored",
    "norm_rms": "norm_no_mean",
    "linear_w_first_turned": "linear_w_first",
    "att_scale_by_S": "att_scale_by_T",
    "mha_k_and_v_swapped": "mha_qkv_order",
    "gpt2_two_heads": "gpt2_one_head",
    "mha_kqv": "mha_q_and_k_swapped",
    "mha_heads_behind_places": "mha_heads_not_transposed",
    "mha_merged_numbers_first": "mha_merged_without_transpose",
    "mha_mask_minus_1e4": "mha_mask_minus_10",
    "mha_mask_not_multiplied": "mha_mask_ones",
    "mha_size_fraction": "size_fraction",
    "mha_no_bias_projection": "linear_no_bias",
    "mha_no_bias": "linear_no_bias",
    "mha_projection_transposed": "linear_transposed",
    "ff_sigmoid": "gelu_sigmoid",
    "ff_gelu_again": "ff_gelu_in_a_row",
    "ff_no_bias": "linear_no_bias",
    "ff_no_first_bias": "linear_no_bias",
    "ff_no_second_bias": "linear_no_bias",
    "gpt2_returns_in_loop": "gpt2_first_block",
    "convert_square_transposed": "convert_transposed",
    "convert_c_attn_transposed": "convert_transposed",
    "convert_first_block_only": "convert_wrong_block",
    "convert_blocks_reversed": "convert_wrong_block",
    "convert_blocks_sorted": "convert_wrong_block",
    "convert_bias_as_gain": "convert_weight_as_bias",
    "convert_projection_of_attn": "convert_projections_swapped",
    "convert_layers_of_gpt2": "convert_layers_fixed",
    "convert_first_block_lost": "convert_one_block_short",
    "whole_softmax": "gpt2_softmax",
    "gen_mean_of_rows": "gen_all_rows",
    "gen_cropped_to_vocabulary": "gen_not_cropped",
    "gen_cropped_one_more": "gen_not_cropped",
    "gen_count_one_less": "gen_count",
    "gen_count_one_more": "gen_count",
    "gen_count_of_all": "gen_count",
    "gpt2_blocks_not_kept": "gpt2_no_blocks",
    "convert_from_one": "convert_prefix",
    "mask32_bool": "mask32_ones",
    "gelu32_cube_is_square": "gelu_cube_is_square",
    "gelu32_root_missing": "gelu_root_missing",
    "gelu32_in_place": "gelu_in_place",
    "attention32_no_scale": "att_no_scale",
    "attention32_scale_by_hs": "att_scale_by_hs",
    "attention32_no_mask": "att_no_mask",
    "mask32_of_T": "mask32_square",
    "mask32_turned": "mask32_square",
    "mask32_offset_sign": "mask32_offset",
    "mask32_offset_T": "mask32_offset",
    "mask32_minus_1e4": "mask32_small",
    "mask32_not_multiplied": "mask32_ones",
    "cache_last_axis": "cache_wrong_axis",
    "cache_v_only": "cache_k_only",
    "cache_past_swapped": "cache_swapped",
    "cache_past_added": "cache_wrong_axis",
    "cache_mask_turned": "cache_mask",
    "cache_mask_of_all": "cache_mask",
    "cache_mask_first_rows": "cache_mask",
    "cache_mask_only_first": "cache_no_mask",
    "cache_qkv_interleaved": "mha_qkv_interleaved",
    "cache_heads_not_transposed": "mha_heads_not_transposed",
    "cache_q_and_k_swapped": "mha_q_and_k_swapped",
    "cache_qkv_order": "mha_qkv_order",
    "cache_merged_without_transpose": "mha_merged_without_transpose",
    "cache_no_projection": "mha_no_projection",
}

# Also run in a real kernel, and compared.
BOTH_WAYS = {  # plain arrays, an argument changed, nested weights, own parts, a recorder, a tuple
    "norm_eps_1e_6",
    "att_scale_in_place",
    "block_norms_swapped",
    "convert_square_transposed",
    "gen_cropped_one_less",
    "cache_mask_first_rows",
}

# What `whole` puts together: a mistake in one of these may show there too.
PARTS = {
    *("gelu", "softmax", "layer_norm", "linear", "attention", "mha", "feed_forward"),
    *("transformer_block", "gpt2", "convert"),
}

MISTAKES = catalogue.mistakes(
    WRONG, bugs=BUGS, same_cause=SAME_CAUSE, both_ways=BOTH_WAYS, parts=PARTS
)

# item -> the input, zeros, a constant, a part of it: answers without thought.
_NO_THOUGHT = {
    "gelu": ("return x", "return np.zeros_like(x)", "return np.full(x.shape, 0.5)", "return x / 2"),
    "softmax": (
        "return x",
        "return np.zeros_like(x)",
        "return np.full(x.shape, 1 / x.shape[-1])",
        "return np.exp(x)",
    ),
    "layer_norm": ("return x", "return 0 * x", "return x * 0 + b", "return x * g + b"),
    "linear": (
        "return x",
        "return np.zeros((len(x), len(b)))",
        "return np.ones((len(x), len(b)))",
        "return np.zeros((len(x), len(b))) + b",
    ),
    "attention": ("return q", "return np.zeros_like(q)", "return np.ones(q.shape)", "return v"),
    "mha": (
        "return x",
        "return np.zeros_like(x)",
        "return np.ones(x.shape)",
        "return linear(x, **c_proj)",
    ),
    "feed_forward": (
        "return x",
        "return np.zeros_like(x)",
        "return np.ones(x.shape)",
        "return gelu(x)",
    ),
    "transformer_block": (
        "return x",
        "return np.zeros_like(x)",
        "return np.ones(x.shape)",
        "return x + layer_norm(x, **ln_1)",
    ),
    "gpt2": (
        "return inputs",
        "return np.zeros((len(inputs), len(wte)))",
        "return np.ones((len(inputs), len(wte)))",
        "return wte[inputs] @ wte.T",
    ),
    "convert": (
        "return state",
        "return {}",
        'return {"wte": 0, "wpe": 0, "blocks": [], "ln_f": {}}',
        'return {"wte": state["wte.weight"], "wpe": state["wpe.weight"], "blocks": [{}] * n_layer}',
    ),
    "whole": (
        "return ids",
        'return np.zeros((len(ids), len(state["wte.weight"])))',
        'return np.ones((len(ids), len(state["wte.weight"])))',
        'return state["wte.weight"][ids] @ state["wte.weight"].T',
    ),
    "generate": (
        "return inputs",
        "return [0] * (len(inputs) + n_tokens_to_generate)",
        "return inputs + [3] * n_tokens_to_generate",
        "return inputs + inputs[-1:] * n_tokens_to_generate",
    ),
    "float32": (
        ("return x", "return q", "return T"),
        ("return 0 * x", "return 0 * q", "return np.zeros((T, S), np.float32)"),
        ("return x / 2", "return v", "return np.full((T, S), -1e10, np.float32)"),
        ("return gelu(x)", "return attention(q, k, v, mask)", "return np.tri(T, S)"),
    ),
    "mha_cached": (
        "return x, past",
        "return np.zeros_like(x), past",
        "return np.ones(x.shape), (np.ones(1), np.ones(1))",
        "return mha(x, c_attn, c_proj, n_head), past",
    ),
}

LAZY = catalogue.lazy(_NO_THOUGHT)
