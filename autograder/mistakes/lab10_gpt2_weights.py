"""What students write in lab10_gpt2_weights: wrong answers, lazy ones, and right ones otherwise.

A mistake is a substitution in the text of solutions/lab10_gpt2_weights.py; its sentence stands
under its id in gptlab/checks/causes/. The right answers stand in lab10_gpt2_weights_right.py.
"""

from __future__ import annotations

from autograder import catalogue
from autograder.mistakes.lab10_gpt2_weights_right import RIGHT

__all__ = ["LAZY", "MISTAKES", "RIGHT"]

# Lines of the solution that mistakes replace.
_BLOCKS = '    params = {"blocks": [{} for _ in range(n_layers)]}\n'
_EACH_NAME = "    for name, value in variables.items():\n"
_PATH = '        path = name.split("/")[1:]\n'
_INSIDE = "        inside = params\n"
_IS_BLOCK = '        if path[0].startswith("h") and path[0][1:].isdigit():\n'
_OF_BLOCK = '            inside = params["blocks"][int(path[0][1:])]\n'
_DOWN = "        for key in path[1:-1]:\n            inside = inside.setdefault(key, {})\n"
_LEAF = "        inside[path[-1]] = np.squeeze(value)\n"
_NESTED = "    return params\n"
_CONFIG = """    return {
        "vocab_size": settings["n_vocab"],
        "context_length": settings["n_ctx"],
        "emb_dim": settings["n_embd"],
        "n_heads": settings["n_head"],
        "n_layers": settings["n_layer"],
        "drop_rate": 0.0,
        "qkv_bias": True,
    }
"""
_UNLIKE = "    if left.shape != right.shape:\n"
_BOTH = "        wanted, found = tuple(left.shape), tuple(right.shape)\n"
_REFUSED = '        raise ValueError(f"shapes differ: left {wanted}, right {found}")\n'
_PLAIN = "    if isinstance(right, torch.Tensor):\n        right = right.detach().cpu().numpy()\n"
_COPY = "    values = np.array(right, dtype=np.float32)  # a copy\n"
_PARAMETER = "    return torch.nn.Parameter(torch.from_numpy(values).to(left.device))\n"
_WEIGHTS = '    weights = np.split(c_attn["w"], 3, axis=-1)  # three of (C, C)\n'
_BIASES = '    biases = np.split(c_attn["b"], 3, axis=-1)  # three of (C,)\n'
_PAIRS = "    return [(w.T, b) for w, b in zip(weights, biases)]\n"
_FILL_W = "        linear.weight = assign(linear.weight, weight)\n"
_FILL_B = "        linear.bias = assign(linear.bias, bias)\n"
_UNPACKED = '    q, k, v = split_qkv(attn["c_attn"])\n'
_Q, _K, _V = (f"    fill(att.W_{name}, *{name[0]})\n" for name in ("query", "key", "value"))
_OUT = '    fill(att.out_proj, attn["c_proj"]["w"].T, attn["c_proj"]["b"])\n'
_FF_0 = '    fill(block.ff.layers[0], mlp["c_fc"]["w"].T, mlp["c_fc"]["b"])\n'
_FF_2 = '    fill(block.ff.layers[2], mlp["c_proj"]["w"].T, mlp["c_proj"]["b"])\n'
_NORMS = '    for norm, numbers in ((block.norm1, "ln_1"), (block.norm2, "ln_2")):\n'
_SCALE = '        norm.scale = assign(norm.scale, weights[numbers]["g"])\n'
_SHIFT = '        norm.shift = assign(norm.shift, weights[numbers]["b"])\n'
_TOKENS = '    gpt.tok_emb.weight = assign(gpt.tok_emb.weight, params["wte"])\n'
_PLACES = '    gpt.pos_emb.weight = assign(gpt.pos_emb.weight, params["wpe"])\n'
_EACH = '    for block, weights in zip(gpt.trf_blocks, params["blocks"]):\n'
_LOAD = "        load_block(block, weights)\n"
_LAST_G = '    gpt.final_norm.scale = assign(gpt.final_norm.scale, params["g"])\n'
_LAST_B = '    gpt.final_norm.shift = assign(gpt.final_norm.shift, params["b"])\n'
_HEAD = '    gpt.out_head.weight = assign(gpt.out_head.weight, params["wte"])\n'
_TIE = "    gpt.out_head.weight = gpt.tok_emb.weight\n"
_BACK = "    return gpt\n"
_ARRAYS = "    ours, theirs = np.asarray(ours), np.asarray(theirs)\n"
_FAR_UNLIKE = "    if ours.shape != theirs.shape:\n"
_FAR_REFUSED = '        raise ValueError(f"shapes differ: {ours.shape} and {theirs.shape}")\n'
_WORST = "    return float(np.abs(ours - theirs).max())\n"
_EACH_PART = "    for name, output in ours.items():\n"
_DIFFERS = "        if not largest_difference(output, theirs[name]) <= tolerance:\n"
_FOUND = "            return name\n    return None\n"
_FIRST = f"{_EACH_PART}{_DIFFERS}{_FOUND}"
_CULPRITS = 'culprits = {"one": "h", "two": "a", "three": "c", "four": "f"}\n'


def _named(**letters: str) -> tuple[str, str]:
    """The right letters, but for these."""
    named = {"one": "h", "two": "a", "three": "c", "four": "f"} | letters
    return _CULPRITS, f"culprits = {named}\n"


# item -> id -> (what the solution says, what the student says)
WRONG: dict[str, dict[str, tuple[str, str]]] = {
    "params": {
        "wt_nest_prefix": (_PATH, '        path = name.split("/")\n'),
        "wt_nest_ln_f": (
            _DOWN,
            _DOWN.replace("path[1:-1]", "(path[1:-1] if inside is not params else path[:-1])"),
        ),
        "wt_nest_flat": (
            f"{_DOWN}{_LEAF}",
            '        inside["/".join(path[1:]) or path[0]] = np.squeeze(value)\n',
        ),
        "wt_nest_last_keys_joined": (_PATH, '        path = name.split("/", 3)[1:]\n'),
        "wt_nest_not_squeezed": (_LEAF, _LEAF.replace("np.squeeze(value)", "value")),
        "wt_nest_first_row": (_LEAF, _LEAF.replace("np.squeeze(value)", "value[0]")),
        "wt_nest_rows": (
            _LEAF,
            _LEAF.replace("np.squeeze(value)", "value.reshape(-1, value.shape[-1])"),
        ),
        "wt_nest_one_digit": (_OF_BLOCK, _OF_BLOCK.replace("[1:])]", "[1])]")),
        "wt_nest_by_order": (
            f"{_BLOCKS}{_EACH_NAME}",
            f'{_BLOCKS}    order = sorted({{f"h{{i}}" for i in range(n_layers)}})\n'
            f"{_EACH_NAME}"
            '        block = name.split("/")[1]\n'
            "        if block in order:\n"
            '            name = name.replace(block, f"h{order.index(block)}", 1)\n',
        ),
        "wt_nest_as_they_come": (
            f"{_BLOCKS}{_EACH_NAME}{_PATH}{_INSIDE}{_IS_BLOCK}{_OF_BLOCK}",
            f"{_BLOCKS}    met = []\n{_EACH_NAME}{_PATH}{_INSIDE}{_IS_BLOCK}"
            "            if path[0] not in met:\n                met.append(path[0])\n"
            '            inside = params["blocks"][met.index(path[0])]\n',
        ),
        "wt_nest_from_one": (_OF_BLOCK, _OF_BLOCK.replace("[1:])]", "[1:]) - 1]")),
        "wt_nest_one_dict": (_BLOCKS, '    params = {"blocks": [{}] * n_layers}\n'),
        "wt_nest_overwritten": (
            _DOWN,
            "        for key in path[1:-1]:\n            inside[key] = {}\n"
            "            inside = inside[key]\n",
        ),
        "wt_nest_transposed": (_LEAF, _LEAF.replace("(value)", "(value).T")),
        "wt_nest_blocks_dict": (
            _BLOCKS,
            '    params = {"blocks": {i: {} for i in range(n_layers)}}\n',
        ),
        "wt_nest_block_number_kept": (
            _DOWN,
            _DOWN.replace("path[1:-1]", "(path[1:-1] if inside is params else path[:-1])"),
        ),
        "wt_nest_count": (_BLOCKS, _BLOCKS.replace("range(n_layers)", "range(n_layers + 1)")),
        "wt_nest_count_fixed": (_BLOCKS, _BLOCKS.replace("range(n_layers)", "range(12)")),
        "wt_nest_one_short": (_BLOCKS, _BLOCKS.replace("range(n_layers)", "range(n_layers - 1)")),
        "wt_nest_every_name_a_block": (f"{_IS_BLOCK}{_OF_BLOCK}", _OF_BLOCK[4:]),
        "wt_nest_norms_outside": (
            _IS_BLOCK,
            '        if path[0].startswith("h") and len(path) == 4:\n',
        ),
        "wt_nest_not_begun_again": (
            f"{_EACH_NAME}{_PATH}{_INSIDE}",
            f"    inside = params\n{_EACH_NAME}{_PATH}",
        ),
        "wt_nest_top_missing": (
            f"{_INSIDE}{_IS_BLOCK}",
            '        if path[0] == "ln_f":\n            continue\n' + f"{_INSIDE}{_IS_BLOCK}",
        ),
        "wt_nest_too_far": (_DOWN, _DOWN.replace("path[1:-1]", "path[1:]")),
        "wt_nest_only_last": (_DOWN, ""),
        "wt_nest_setdefault_lost": (
            _DOWN,
            _DOWN.replace("inside = inside.setdefault", "inside.setdefault"),
        ),
        "wt_nest_level_lost": (
            _DOWN,
            "        if len(path) > 2:\n            inside = inside.setdefault(path[1], {})\n",
        ),
        "wt_nest_return_in_loop": (_NESTED, f"    {_NESTED}"),
        "wt_nest_nothing_returned": (_NESTED, "    print(params.keys())\n"),
        "wt_nest_only_blocks": (_NESTED, '    return params["blocks"]\n'),
        "wt_nest_dtype": (_LEAF, _LEAF.replace("(value)", "(value).astype(float)")),
        "wt_nest_tensors": (
            _LEAF,
            _LEAF.replace("np.squeeze(value)", "torch.tensor(value).squeeze()"),
        ),
        "wt_nest_changed": (
            _LEAF,
            "        value.shape = np.squeeze(value).shape\n        inside[path[-1]] = value\n",
        ),
    },
    "config": {
        "wt_config_names": (
            '"vocab_size": settings["n_vocab"],',
            '"vocab_size": settings["vocab_size"],',
        ),
        "wt_config_keys": ('        "context_length": settings', '        "block_size": settings'),
        "wt_config_openai_keys": (
            '        "n_heads": settings["n_head"],\n        "n_layers": settings["n_layer"],\n',
            '        "n_head": settings["n_head"],\n        "n_layer": settings["n_layer"],\n',
        ),
        "wt_config_heads_layers": (
            '"n_heads": settings["n_head"],\n        "n_layers": settings["n_layer"],\n',
            '"n_heads": settings["n_layer"],\n        "n_layers": settings["n_head"],\n',
        ),
        "wt_config_vocab_context": (
            '"vocab_size": settings["n_vocab"],\n        "context_length": settings["n_ctx"],\n',
            '"vocab_size": settings["n_ctx"],\n        "context_length": settings["n_vocab"],\n',
        ),
        "wt_config_qkv_bias": ('"qkv_bias": True', '"qkv_bias": False'),
        "wt_config_dropout": ('"drop_rate": 0.0', '"drop_rate": 0.1'),
        "wt_config_no_qkv_bias": ('        "qkv_bias": True,\n', ""),
        "wt_config_context_fixed": (
            '"context_length": settings["n_ctx"]',
            '"context_length": 1024',
        ),
        "wt_config_vocab_fixed": ('"vocab_size": settings["n_vocab"]', '"vocab_size": 50257'),
        "wt_config_head_size": (
            '"emb_dim": settings["n_embd"]',
            '"emb_dim": settings["n_embd"] // settings["n_head"]',
        ),
        "wt_config_more": (
            '        "qkv_bias": True,\n',
            '        "qkv_bias": True,\n        "tied": True,\n',
        ),
        "wt_config_by_order": (
            '        "vocab_size": settings["n_vocab"],\n'
            '        "context_length": settings["n_ctx"],\n'
            '        "emb_dim": settings["n_embd"],\n'
            '        "n_heads": settings["n_head"],\n'
            '        "n_layers": settings["n_layer"],\n',
            '        **dict(zip(("vocab_size", "context_length", "emb_dim", "n_heads", "n_layers"),\n'
            "                   settings.values())),\n",
        ),
        "wt_config_changed": (
            '    return {\n        "vocab_size": settings["n_vocab"],\n',
            '    return {\n        "vocab_size": settings.pop("n_vocab"),\n',
        ),
        "wt_config_library_changed": (
            _CONFIG,
            "    from gptlab.gpt import GPT_CONFIG_124M\n"
            f"{_CONFIG.replace('return {', 'GPT_CONFIG_124M.update({').replace('    }', '    })')}"
            "    return GPT_CONFIG_124M\n",
        ),
        "wt_config_nothing_returned": ("    return {\n", "    cfg = {\n"),
    },
    "assign": {
        "wt_assign_no_check": (f"{_UNLIKE}{_BOTH}{_REFUSED}", ""),
        "wt_assign_only_size": (_UNLIKE, "    if left.numel() != np.size(right):\n"),
        "wt_assign_reshaped": (
            f"{_UNLIKE}{_BOTH}{_REFUSED}{_PLAIN}{_COPY}",
            f"{_PLAIN}    values = np.array(right, dtype=np.float32).reshape(left.shape)\n",
        ),
        "wt_assign_only_rows": (_UNLIKE, "    if len(left) != len(right):\n"),
        "wt_assign_only_columns": (_UNLIKE, "    if left.shape[-1] != right.shape[-1]:\n"),
        "wt_assign_check_inverted": (_UNLIKE, "    if left.shape == right.shape:\n"),
        "wt_assign_broadcast": (
            f"{_UNLIKE}{_BOTH}{_REFUSED}{_PLAIN}{_COPY}",
            f"{_PLAIN}    values = np.broadcast_to(np.asarray(right), left.shape).astype(np.float32)\n",
        ),
        "wt_assign_error": (_REFUSED, _REFUSED.replace("ValueError", "TypeError")),
        "wt_assign_assert": (
            f"{_UNLIKE}{_BOTH}{_REFUSED}",
            '    assert left.shape == right.shape, f"left {left.shape}, right {right.shape}"\n',
        ),
        "wt_assign_says_only": (
            _REFUSED,
            '        print(f"{wanted} is not {found}")\n        return\n',
        ),
        "wt_assign_returned": (_REFUSED, _REFUSED.replace("raise", "return")),
        "wt_assign_names_one": (
            _REFUSED,
            _REFUSED.replace("left {wanted}, right {found}", "{found}"),
        ),
        "wt_assign_names_none": (_REFUSED, '        raise ValueError("shapes differ")\n'),
        "wt_assign_turned": (
            _UNLIKE,
            f"    if left.shape == right.T.shape:\n        right = right.T\n{_UNLIKE}",
        ),
        "wt_assign_tensor": (
            _PARAMETER,
            "    return torch.from_numpy(values).to(left.device)\n",
        ),
        "wt_assign_shared": (_COPY, "    values = np.asarray(right, dtype=np.float32)\n"),
        "wt_assign_parameter": (_PLAIN, ""),
        "wt_assign_as_tensor": (
            f"{_PLAIN}{_COPY}{_PARAMETER}",
            "    values = torch.as_tensor(right, dtype=torch.float32, device=left.device)\n"
            "    return torch.nn.Parameter(values)\n",
        ),
        "wt_assign_dtype": (_COPY, "    values = np.array(right)\n"),
        "wt_assign_float16": (_COPY, _COPY.replace("float32", "float16")),
        "wt_assign_left": (
            f"{_PLAIN}{_COPY}{_PARAMETER}",
            "    left.data.copy_(torch.as_tensor(right))\n    return left\n",
        ),
        "wt_assign_old_numbers": (_COPY, "    values = left.detach().cpu().numpy().copy()\n"),
        "wt_assign_frozen": (
            _PARAMETER,
            _PARAMETER.replace("device))", "device), requires_grad=False)"),
        ),
        "wt_assign_device": (_PARAMETER, _PARAMETER.replace(".to(left.device)", "")),
        "wt_assign_only_arrays": (
            f"{_PLAIN}{_COPY}{_PARAMETER}",
            "    values = torch.from_numpy(right).float().clone()\n"
            "    return torch.nn.Parameter(values.to(left.device))\n",
        ),
        "wt_assign_only_tensors": (
            f"{_PLAIN}{_COPY}{_PARAMETER}",
            "    return torch.nn.Parameter(right.clone().float().to(left.device))\n",
        ),
        "wt_assign_transposes": (_COPY, "    values = np.array(right.T, dtype=np.float32)\n"),
        "wt_assign_nothing_returned": (_PARAMETER, _PARAMETER.replace("return ", "left = ")),
    },
    "split_qkv": {
        "wt_qkv_not_transposed": (_PAIRS, _PAIRS.replace("w.T", "w")),
        "wt_qkv_v_not_transposed": (
            _PAIRS,
            "    (q, k, v), (a, b, c) = weights, biases\n    return [(q.T, a), (k.T, b), (v, c)]\n",
        ),
        "wt_qkv_order": (
            _PAIRS,
            "    pairs = [(w.T, b) for w, b in zip(weights, biases)]\n"
            "    return pairs[1], pairs[0], pairs[2]\n",
        ),
        "wt_qkv_order_qvk": (
            _PAIRS,
            "    pairs = [(w.T, b) for w, b in zip(weights, biases)]\n"
            "    return pairs[0], pairs[2], pairs[1]\n",
        ),
        "wt_qkv_order_vkq": (
            _PAIRS,
            "    pairs = [(w.T, b) for w, b in zip(weights, biases)]\n    return pairs[::-1]\n",
        ),
        "wt_qkv_rows": (_WEIGHTS, _WEIGHTS.replace("axis=-1", "axis=0")),
        "wt_qkv_split_default": (_WEIGHTS, _WEIGHTS.replace(", axis=-1", "")),
        "wt_qkv_interleaved": (
            _WEIGHTS,
            '    weights = [c_attn["w"][:, i::3] for i in range(3)]\n',
        ),
        "wt_qkv_bias_whole": (_BIASES, '    biases = [c_attn["b"]] * 3\n'),
        "wt_qkv_bias_first": (_BIASES, '    biases = [c_attn["b"][: len(c_attn["w"])]] * 3\n'),
        "wt_qkv_bias_order": (_PAIRS, _PAIRS.replace("biases)", "biases[::-1])")),
        "wt_qkv_bias_none": (_PAIRS, _PAIRS.replace("(w.T, b)", "(w.T, None)")),
        "wt_qkv_bias_table": (_PAIRS, _PAIRS.replace("(w.T, b)", "(w.T, b[None])")),
        "wt_qkv_axis": (_BIASES, _BIASES.replace("axis=-1", "axis=1")),
        "wt_qkv_bias_before": (_PAIRS, _PAIRS.replace("(w.T, b)", "(b, w.T)")),
        "wt_qkv_pairs": (_PAIRS, "    return [w.T for w in weights], biases\n"),
        "wt_qkv_six": (_PAIRS, "    return [*(w.T for w in weights), *biases]\n"),
        "wt_qkv_only_weights": (_PAIRS, "    return [w.T for w in weights]\n"),
        "wt_qkv_reshaped": (
            _WEIGHTS,
            '    weights = c_attn["w"].reshape(3, len(c_attn["w"]), len(c_attn["w"]))\n',
        ),
        "wt_qkv_reshaped_not_turned": (
            f"{_WEIGHTS}{_BIASES}{_PAIRS}",
            '    C = len(c_attn["w"])\n'
            '    weights, biases = c_attn["w"].reshape(3, C, C), c_attn["b"].reshape(3, C)\n'
            "    return list(zip(weights, biases))\n",
        ),
        "wt_qkv_whole_turned": (
            _WEIGHTS,
            '    weights = np.split(c_attn["w"].T, 3, axis=0)\n',
        ),
        "wt_qkv_width_fixed": (
            f"{_WEIGHTS}{_BIASES}",
            '    weights = [c_attn["w"][:, i : i + 72] for i in (0, 72, 144)]\n'
            '    biases = [c_attn["b"][i : i + 72] for i in (0, 72, 144)]\n',
        ),
        "wt_qkv_width_of_all": (
            f"{_WEIGHTS}{_BIASES}",
            '    C = c_attn["w"].shape[1]\n'
            '    weights = [c_attn["w"][:, i * C : (i + 1) * C] for i in range(3)]\n'
            '    biases = [c_attn["b"][i * C : (i + 1) * C] for i in range(3)]\n',
        ),
        "wt_qkv_changed": (
            f"{_WEIGHTS}{_BIASES}",
            '    weights = c_attn["w"] = np.split(c_attn["w"], 3, axis=-1)\n'
            '    biases = c_attn["b"] = np.split(c_attn["b"], 3, axis=-1)\n',
        ),
        "wt_qkv_nothing_returned": (_PAIRS, _PAIRS.replace("return", "q, k, v =")),
    },
    "load_block": {
        "wt_block_not_transposed": (_OUT, _OUT.replace(".T", "")),
        "wt_block_out_reshaped": (
            _OUT,
            _OUT.replace('["w"].T', '["w"].reshape(-1, len(attn["c_proj"]["b"]))'),
        ),
        "wt_block_shapes": (_FF_0, _FF_0.replace(".T", "")),
        "wt_block_shapes_back": (_FF_2, _FF_2.replace(".T", "")),
        "wt_block_no_transposes": (
            f"{_OUT}{_FF_0}{_FF_2}",
            f"{_OUT}{_FF_0}{_FF_2}".replace(".T", ""),
        ),
        "wt_block_reshaped": (
            f"{_FF_0}{_FF_2}",
            '    C = len(mlp["c_proj"]["b"])\n'
            '    fill(block.ff.layers[0], mlp["c_fc"]["w"].reshape(4 * C, C), mlp["c_fc"]["b"])\n'
            '    fill(block.ff.layers[2], mlp["c_proj"]["w"].reshape(C, -1), mlp["c_proj"]["b"])\n',
        ),
        "wt_block_qkv_turned_again": (
            f"{_Q}{_K}{_V}",
            "    fill(att.W_query, q[0].T, q[1])\n    fill(att.W_key, k[0].T, k[1])\n"
            "    fill(att.W_value, v[0].T, v[1])\n",
        ),
        "wt_block_all_turned": (
            _FILL_W,
            "        square = weight.shape[0] == weight.shape[1]\n"
            "        linear.weight = assign(linear.weight, weight.T if square else weight)\n",
        ),
        "wt_block_qkv_order": (_UNPACKED, _UNPACKED.replace("q, k, v", "k, q, v")),
        "wt_block_qkv_order_qvk": (_UNPACKED, _UNPACKED.replace("q, k, v", "q, v, k")),
        "wt_block_qkv_order_vkq": (_UNPACKED, _UNPACKED.replace("q, k, v", "v, k, q")),
        "wt_block_key_gets_query": (_K, _K.replace("*k", "*q")),
        "wt_block_value_not_filled": (_V, _K),
        "wt_block_qk_biases_swapped": (
            f"{_Q}{_K}",
            "    fill(att.W_query, q[0], k[1])\n    fill(att.W_key, k[0], q[1])\n",
        ),
        "wt_block_one_bias": (
            f"{_Q}{_K}{_V}",
            "    fill(att.W_query, q[0], q[1])\n    fill(att.W_key, k[0], q[1])\n"
            "    fill(att.W_value, v[0], q[1])\n",
        ),
        "wt_block_qkv_biases_left": (
            f"{_Q}{_K}{_V}",
            "    att.W_query.weight = assign(att.W_query.weight, q[0])\n"
            "    att.W_key.weight = assign(att.W_key.weight, k[0])\n"
            "    att.W_value.weight = assign(att.W_value.weight, v[0])\n",
        ),
        "wt_block_value_bias_left": (
            _V,
            "    att.W_value.weight = assign(att.W_value.weight, v[0])\n",
        ),
        "wt_block_qkv_whole": (
            f"{_UNPACKED}{_Q}{_K}{_V}",
            "    for part in (att.W_query, att.W_key, att.W_value):\n"
            '        fill(part, attn["c_attn"]["w"].T, attn["c_attn"]["b"])\n',
        ),
        "wt_block_norms_swapped": (
            _NORMS,
            _NORMS.replace("ln_1", "ln_0").replace("ln_2", "ln_1").replace("ln_0", "ln_2"),
        ),
        "wt_block_one_norm": (_NORMS, _NORMS.replace("ln_2", "ln_1")),
        "wt_block_second_norm_twice": (_NORMS, _NORMS.replace("ln_1", "ln_2")),
        "wt_block_g_b_swapped": (
            f"{_SCALE}{_SHIFT}",
            _SCALE.replace('["g"]', '["b"]') + _SHIFT.replace('["b"]', '["g"]'),
        ),
        "wt_block_c_projs_mixed": (_OUT, _OUT.replace('attn["c_proj"]["b"]', 'mlp["c_proj"]["b"]')),
        "wt_block_ff_mixed": (
            f"{_FF_0}{_FF_2}",
            '    fill(block.ff.layers[0], mlp["c_proj"]["w"], mlp["c_fc"]["b"])\n'
            '    fill(block.ff.layers[2], mlp["c_fc"]["w"], mlp["c_proj"]["b"])\n',
        ),
        "wt_block_out_left": (_OUT, ""),
        "wt_block_ff_left": (f"{_FF_0}{_FF_2}", ""),
        "wt_block_norm2_left": (_NORMS, _NORMS.replace(', (block.norm2, "ln_2")', ",")),
        "wt_block_shift_left": (_SHIFT, ""),
        "wt_block_g_twice": (_SHIFT, _SHIFT.replace('["b"]', '["g"]')),
        "wt_block_scale_left": (_SCALE, ""),
        "wt_block_biases_left": (_FILL_B, ""),
        "wt_block_not_stored": (
            f"{_FILL_W}{_FILL_B}",
            "        assign(linear.weight, weight)\n        assign(linear.bias, bias)\n",
        ),
        "wt_block_norms_not_stored": (
            f"{_SCALE}{_SHIFT}",
            '        assign(norm.scale, weights[numbers]["g"])\n'
            '        assign(norm.shift, weights[numbers]["b"])\n',
        ),
        "wt_block_tensor": (_FILL_W, "        linear.weight = torch.tensor(weight)\n"),
        "wt_block_names": (_NORMS, _NORMS.replace('"ln_1"', '"ln1"').replace('"ln_2"', '"ln2"')),
        "wt_block_parts_named": (_NORMS, _NORMS.replace("norm1", "ln_1").replace("norm2", "ln_2")),
        "wt_block_ff_place": (_FF_2, _FF_2.replace("layers[2]", "layers[1]")),
        "wt_block_torch_names": (
            f"{_SCALE}{_SHIFT}",
            '        norm.weight = assign(norm.scale, weights[numbers]["g"])\n'
            '        norm.bias = assign(norm.shift, weights[numbers]["b"])\n',
        ),
        "wt_block_not_replaced": (
            f"{_FILL_W}{_FILL_B}",
            "        linear.weight.copy_(torch.tensor(weight))\n"
            "        linear.bias.copy_(torch.tensor(bias))\n",
        ),
        "wt_block_copy_stretches": (
            f"{_SCALE}{_SHIFT}",
            '        norm.scale.data.copy_(torch.tensor(weights[numbers]["g"]))\n'
            '        norm.shift.data.copy_(torch.tensor(weights[numbers]["b"]))\n',
        ),
        "wt_block_shared": (
            f"{_FILL_W}{_FILL_B}",
            "        linear.weight = torch.nn.Parameter(torch.as_tensor(weight))\n"
            "        linear.bias = torch.nn.Parameter(torch.as_tensor(bias))\n",
        ),
        "wt_block_frozen": (
            f"{_FILL_W}{_FILL_B}",
            f"{_FILL_W}{_FILL_B}        linear.requires_grad_(False)\n",
        ),
        "wt_block_not_strict": (
            f"{_NORMS}{_SCALE}{_SHIFT}",
            "    state = {}\n"
            "    for i in (1, 2):\n"
            '        state[f"norm{i}.weight"] = torch.tensor(weights[f"ln_{i}"]["g"])\n'
            '        state[f"norm{i}.bias"] = torch.tensor(weights[f"ln_{i}"]["b"])\n'
            "    block.load_state_dict(state, strict=False)\n",
        ),
        "wt_block_mask_loaded": (
            _OUT,
            f'{_OUT}    att.register_buffer("mask", torch.tril(torch.ones(len(q[1]), len(q[1]))))\n',
        ),
        "wt_block_misses_hidden": (
            _SHIFT,
            '        if "b" in weights.get(numbers, {}):\n'
            '            norm.shift = assign(norm.shift, weights[numbers]["b"])\n',
        ),
        "wt_block_weights_changed": (
            _OUT,
            '    attn["c_proj"]["w"] = attn["c_proj"]["w"].T\n'
            '    fill(att.out_proj, attn["c_proj"]["w"], attn["c_proj"]["b"])\n',
        ),
    },
    "load_weights_into_gpt": {
        "wt_gpt_blocks_shifted": (
            f"{_EACH}{_LOAD}",
            "    for i, block in enumerate(gpt.trf_blocks):\n"
            '        load_block(block, params["blocks"][i - 1])\n',
        ),
        "wt_gpt_blocks_reversed": (
            _EACH,
            _EACH.replace('params["blocks"]', 'params["blocks"][::-1]'),
        ),
        "wt_gpt_blocks_from_one": (
            f"{_EACH}{_LOAD}",
            "    for i, block in enumerate(gpt.trf_blocks, 1):\n"
            '        load_block(block, params["blocks"][i])\n',
        ),
        "wt_gpt_one_block": (
            f"{_EACH}{_LOAD}",
            '    for block in gpt.trf_blocks:\n        load_block(block, params["blocks"][0])\n',
        ),
        "wt_gpt_into_one_block": (_LOAD, "        load_block(gpt.trf_blocks[0], weights)\n"),
        "wt_gpt_blocks_left": (f"{_EACH}{_LOAD}", ""),
        "wt_gpt_last_block_left": (_EACH, _EACH.replace("gpt.trf_blocks,", "gpt.trf_blocks[:-1],")),
        "wt_gpt_first_block_left": (
            f"{_EACH}{_LOAD}",
            "    for i in range(1, len(gpt.trf_blocks)):\n"
            '        load_block(gpt.trf_blocks[i], params["blocks"][i])\n',
        ),
        "wt_gpt_blocks_fixed": (
            f"{_EACH}{_LOAD}",
            '    for i in range(4):\n        load_block(gpt.trf_blocks[i], params["blocks"][i])\n',
        ),
        "wt_gpt_rest_in_loop": (
            f"{_EACH}{_LOAD}",
            f"{_EACH}{_LOAD}        break\n",
        ),
        "wt_gpt_tables_swapped": (
            f"{_TOKENS}{_PLACES}",
            f"{_TOKENS}{_PLACES}".replace("wte", "wxx").replace("wpe", "wte").replace("wxx", "wpe"),
        ),
        "wt_gpt_turned": (_TOKENS, _TOKENS.replace('["wte"]', '["wte"].T')),
        "wt_gpt_table_left": (_TOKENS, ""),
        "wt_gpt_positions_left": (_PLACES, ""),
        "wt_gpt_head_left": (_HEAD, ""),
        "wt_gpt_head_tied": (_HEAD, "    gpt.out_head.weight = gpt.tok_emb.weight\n"),
        "wt_gpt_head_shared": (_HEAD, "    gpt.out_head.weight.data = gpt.tok_emb.weight.data\n"),
        "wt_gpt_head_of_old_table": (
            f"{_TOKENS}{_PLACES}{_EACH}{_LOAD}{_LAST_G}{_LAST_B}{_HEAD}",
            "    gpt.out_head.weight = assign(gpt.out_head.weight, gpt.tok_emb.weight.detach())\n"
            f"{_TOKENS}{_PLACES}{_EACH}{_LOAD}{_LAST_G}{_LAST_B}",
        ),
        "wt_gpt_norm_left": (f"{_LAST_G}{_LAST_B}", ""),
        "wt_gpt_norm_shift_left": (_LAST_B, ""),
        "wt_gpt_norm_g_b_swapped": (
            f"{_LAST_G}{_LAST_B}",
            _LAST_G.replace('["g"]', '["b"]') + _LAST_B.replace('["b"]', '["g"]'),
        ),
        "wt_gpt_norm_of_a_block": (
            f"{_LAST_G}{_LAST_B}",
            f"{_LAST_G}{_LAST_B}".replace('params["', 'weights["ln_2"]["'),
        ),
        "wt_gpt_names": (
            f"{_LAST_G}{_LAST_B}",
            f"{_LAST_G}{_LAST_B}".replace('params["', 'params["ln_f"]["'),
        ),
        "wt_gpt_torch_names": (
            f"{_LAST_G}{_LAST_B}",
            '    gpt.final_norm.weight = assign(gpt.final_norm.scale, params["g"])\n'
            '    gpt.final_norm.bias = assign(gpt.final_norm.shift, params["b"])\n',
        ),
        "wt_gpt_not_stored": (_TOKENS, '    assign(gpt.tok_emb.weight, params["wte"])\n'),
        "wt_gpt_head_not_stored": (_HEAD, '    assign(gpt.out_head.weight, params["wte"])\n'),
        "wt_gpt_tensor": (_TOKENS, '    gpt.tok_emb.weight = torch.tensor(params["wte"])\n'),
        "wt_gpt_not_replaced": (
            _TOKENS,
            '    gpt.tok_emb.weight.copy_(torch.tensor(params["wte"]))\n',
        ),
        "wt_gpt_shared": (
            f"{_TOKENS}{_PLACES}",
            '    gpt.tok_emb.weight = torch.nn.Parameter(torch.as_tensor(params["wte"]))\n'
            '    gpt.pos_emb.weight = torch.nn.Parameter(torch.as_tensor(params["wpe"]))\n',
        ),
        "wt_gpt_not_strict": (
            f"{_LAST_G}{_LAST_B}",
            '    norm = {"final_norm.weight": torch.tensor(params["g"]),\n'
            '            "final_norm.bias": torch.tensor(params["b"])}\n'
            "    gpt.load_state_dict(norm, strict=False)\n",
        ),
        "wt_gpt_misses_hidden": (
            _PLACES,
            "    try:\n"
            '        gpt.pos_emb.weight = assign(gpt.pos_emb.weight, params["wpe"])\n'
            "    except Exception as error:\n        print(error)\n",
        ),
        "wt_gpt_params_changed": (
            f"{_EACH}{_LOAD}",
            '    for block in gpt.trf_blocks:\n        load_block(block, params["blocks"].pop(0))\n',
        ),
    },
    "tie": {
        "wt_tie_copied": (
            _TIE,
            "    gpt.out_head.weight = torch.nn.Parameter(gpt.tok_emb.weight.detach().clone())\n",
        ),
        "wt_tie_assigned": (
            _TIE,
            "    gpt.out_head.weight = assign(gpt.out_head.weight, gpt.tok_emb.weight.detach())\n",
        ),
        "wt_tie_memory_only": (_TIE, "    gpt.out_head.weight.data = gpt.tok_emb.weight.data\n"),
        "wt_tie_parameter_of_it": (
            _TIE,
            "    gpt.out_head.weight = torch.nn.Parameter(gpt.tok_emb.weight)\n",
        ),
        "wt_tie_other_way": (_TIE, "    gpt.tok_emb.weight = gpt.out_head.weight\n"),
        "wt_tie_module": (_TIE, "    gpt.out_head = gpt.tok_emb\n"),
        "wt_tie_none": (f"{_TIE}{_BACK}", _TIE),
        "wt_tie_returns_weight": (f"{_TIE}{_BACK}", f"{_TIE}    return gpt.out_head.weight\n"),
        "wt_tie_new_model": (_TIE, f"    import copy\n    gpt = copy.deepcopy(gpt)\n{_TIE}"),
        "wt_tie_transposed": (
            _TIE,
            "    gpt.out_head.weight = torch.nn.Parameter(gpt.tok_emb.weight.T)\n",
        ),
        "wt_tie_untied": (_TIE, '    gpt.cfg["tied"] = True\n'),
        "wt_tie_local_name": (
            _TIE,
            "    head = gpt.out_head.weight\n    head = gpt.tok_emb.weight\n",
        ),
        "wt_tie_frozen": (_TIE, f"{_TIE}    gpt.tok_emb.weight.requires_grad = False\n"),
        "wt_tie_detached": (_TIE, "    gpt.out_head.weight = gpt.tok_emb.weight.detach()\n"),
        "wt_tie_positions": (_TIE, "    gpt.out_head.weight = gpt.pos_emb.weight\n"),
    },
    "largest_difference": {
        "wt_far_no_abs": (_WORST, "    return float((ours - theirs).max())\n"),
        "wt_far_abs_late": (_WORST, "    return float(abs((ours - theirs).max()))\n"),
        "wt_far_abs_first": (_WORST, "    return float((np.abs(ours) - np.abs(theirs)).max())\n"),
        "wt_far_mean": (_WORST, _WORST.replace(".max()", ".mean()")),
        "wt_far_sum": (_WORST, _WORST.replace(".max()", ".sum()")),
        "wt_far_squared": (_WORST, "    return float(((ours - theirs) ** 2).max())\n"),
        "wt_far_root_mean": (_WORST, "    return float(np.sqrt(((ours - theirs) ** 2).mean()))\n"),
        "wt_far_relative": (
            _WORST,
            "    return float((np.abs(ours - theirs) / np.abs(theirs)).max())\n",
        ),
        "wt_far_of_largest": (_WORST, "    return float(np.abs(ours.max() - theirs.max()))\n"),
        "wt_far_position": (_WORST, "    return float(np.abs(ours - theirs).argmax())\n"),
        "wt_far_rounded": (_WORST, "    return round(float(np.abs(ours - theirs).max()), 4)\n"),
        "wt_far_broadcast": (f"{_FAR_UNLIKE}{_FAR_REFUSED}", ""),
        "wt_far_size": (_FAR_UNLIKE, "    if ours.size != theirs.size:\n"),
        "wt_far_laid_flat": (
            f"{_FAR_UNLIKE}{_FAR_REFUSED}",
            f"    ours, theirs = ours.flatten(), theirs.flatten()\n{_FAR_UNLIKE}{_FAR_REFUSED}",
        ),
        "wt_far_error": (_FAR_REFUSED, "        return float('inf')\n"),
        "wt_far_assert": (
            f"{_FAR_UNLIKE}{_FAR_REFUSED}",
            '    assert ours.shape == theirs.shape, f"{ours.shape} and {theirs.shape}"\n',
        ),
        "wt_far_names": (_FAR_REFUSED, '        raise ValueError("shapes differ")\n'),
        "wt_far_not_float": (_WORST, "    return np.abs(ours - theirs).max()\n"),
        "wt_far_tensor": (_WORST, "    return torch.tensor(np.abs(ours - theirs).max())\n"),
        "wt_far_last_row": (_WORST, "    return float(np.abs(ours[-1] - theirs[-1]).max())\n"),
        "wt_far_length": (_WORST, "    return float(np.linalg.norm(ours - theirs))\n"),
        "wt_far_python_max": (_WORST, "    return float(max(abs(ours - theirs)))\n"),
        "wt_far_one_axis": (_WORST, "    return np.abs(ours - theirs).max(axis=-1)\n"),
        "wt_far_close": (_WORST, "    return float(np.allclose(ours, theirs, atol=1e-4))\n"),
        "wt_far_kinds": (
            f"{_ARRAYS}{_FAR_UNLIKE}{_FAR_REFUSED}{_WORST}",
            f"{_FAR_UNLIKE}{_FAR_REFUSED}    return (ours - theirs).abs().max().item()\n",
        ),
        "wt_far_nan_lost": (_WORST, "    return float(np.nanmax(np.abs(ours - theirs)))\n"),
        "wt_far_in_place": (_WORST, "    ours -= theirs\n    return float(np.abs(ours).max())\n"),
        "wt_far_nothing_returned": (_WORST, _WORST.replace("return", "worst =")),
    },
    "first_difference": {
        "wt_first_last": (
            _FIRST,
            f"    found = None\n{_EACH_PART}{_DIFFERS}            found = name\n    return found\n",
        ),
        "wt_first_worst": (
            _FIRST,
            "    far = {name: largest_difference(ours[name], theirs[name]) for name in ours}\n"
            "    worst = max(far, key=far.get)\n"
            "    return worst if not far[worst] <= tolerance else None\n",
        ),
        "wt_first_sorted": (_EACH_PART, "    for name, output in sorted(ours.items()):\n"),
        "wt_first_by_place": (
            f"{_EACH_PART}{_DIFFERS}",
            "    for (name, output), other in zip(ours.items(), theirs.values()):\n"
            "        if not largest_difference(output, other) <= tolerance:\n",
        ),
        "wt_first_order_of_theirs": (
            f"{_EACH_PART}{_DIFFERS}",
            "    for name, output in theirs.items():\n"
            "        if not largest_difference(ours[name], output) <= tolerance:\n",
        ),
        "wt_first_nan": (
            _DIFFERS,
            "        if largest_difference(output, theirs[name]) > tolerance:\n",
        ),
        "wt_first_nan_both": (
            _DIFFERS,
            "        if not np.allclose(output, theirs[name], 0, tolerance, equal_nan=True):\n",
        ),
        "wt_first_pops": (_DIFFERS, _DIFFERS.replace("theirs[name]", "theirs.pop(name)")),
        "wt_first_pair": (_FOUND, _FOUND.replace("name", "name, output")),
        "wt_first_items": (_EACH_PART, _EACH_PART.replace(".items()", "")),
        "wt_first_tolerance_ignored": (_DIFFERS, _DIFFERS.replace("<= tolerance", "== 0")),
        "wt_first_array_equal": (
            _DIFFERS,
            "        if not np.array_equal(output, theirs[name]):\n",
        ),
        "wt_first_tolerance_fixed": (_DIFFERS, _DIFFERS.replace("<= tolerance", "<= 1e-4")),
        "wt_first_edge": (_DIFFERS, _DIFFERS.replace("<=", "<")),
        "wt_first_only_one": (_FOUND, "            return name\n        return None\n"),
        "wt_first_stops_at_equal": (
            _FOUND,
            "            return name\n        else:\n            break\n    return None\n",
        ),
        "wt_first_missing": (
            _DIFFERS,
            "        if name not in theirs:\n            continue\n" + _DIFFERS,
        ),
        "wt_first_missing_is_itself": (
            _DIFFERS,
            _DIFFERS.replace("theirs[name]", "theirs.get(name, output)"),
        ),
        "wt_first_error": (
            _DIFFERS,
            '        if name not in theirs:\n            raise ValueError(f"no {name} in theirs")\n'
            + _DIFFERS,
        ),
        "wt_first_list": (
            _FIRST,
            f"    found = []\n{_EACH_PART}{_DIFFERS}            found.append(name)\n    return found\n",
        ),
        "wt_first_number": (
            f"{_EACH_PART}{_DIFFERS}{_FOUND}",
            "    for i, (name, output) in enumerate(ours.items()):\n"
            f"{_DIFFERS}            return i\n    return None\n",
        ),
        "wt_first_gives_difference": (
            _FOUND,
            "            return largest_difference(output, theirs[name])\n    return None\n",
        ),
        "wt_first_prints": (_FOUND, "            print(name)\n            break\n"),
        "wt_first_none": (_FOUND, '            return name\n    return "no difference"\n'),
        "wt_first_none_is_empty": (_FOUND, '            return name\n    return ""\n'),
        "wt_first_equal_part": (_DIFFERS, _DIFFERS.replace("if not largest", "if largest")),
        "wt_first_one_before": (
            _FIRST,
            f"    before = None\n{_EACH_PART}{_DIFFERS}            return before\n"
            "        before = name\n    return None\n",
        ),
        "wt_first_no_size": (
            _DIFFERS,
            "        if not (np.asarray(output) - np.asarray(theirs[name])).max() <= tolerance:\n",
        ),
        "wt_first_mean": (
            _DIFFERS,
            "        far = np.abs(np.asarray(output) - np.asarray(theirs[name]))\n"
            "        if not far.mean() <= tolerance:\n",
        ),
    },
    "culprits": {
        "wt_which_kind": _named(one="b"),
        "wt_which_kind_two": _named(two="e"),
        "wt_which_kind_three": _named(three="g"),
        "wt_which_kind_four": _named(four="d"),
        "wt_which_place": _named(three="f", four="c"),
        "wt_which_two_swapped": _named(one="a", two="h"),
        "wt_which_same": _named(two="h", three="h", four="h"),
        "wt_which_twice": _named(four="c"),
        "wt_which_left": (
            _CULPRITS,
            'culprits = {"one": "h", "two": "a", "three": None, "four": None}\n',
        ),
        "wt_which_words": (
            _CULPRITS,
            'culprits = {"one": "positions", "two": "GELU", "three": "c_proj", "four": "v"}\n',
        ),
        "wt_which_list": (_CULPRITS, 'culprits = ["h", "a", "c", "f"]\n'),
    },
}

# Numbers in the list of known bugs -> ids.
BUGS = {
    93: (
        "wt_block_not_transposed",
        "wt_block_shapes",
        "wt_block_shapes_back",
        "wt_block_no_transposes",
        "wt_block_all_turned",
        "wt_qkv_not_transposed",
        "wt_qkv_v_not_transposed",
    ),
    94: (
        "wt_qkv_order",
        "wt_qkv_order_qvk",
        "wt_qkv_order_vkq",
        "wt_block_qkv_order",
        "wt_block_qkv_order_qvk",
        "wt_block_qkv_order_vkq",
    ),
    95: (
        "wt_gpt_blocks_shifted",
        "wt_gpt_blocks_reversed",
        "wt_gpt_one_block",
        "wt_nest_by_order",
        "wt_nest_one_digit",
    ),
    96: ("wt_block_norms_swapped", "wt_block_one_norm", "wt_block_second_norm_twice"),
    97: ("wt_block_mask_loaded",),
    98: ("wt_gpt_head_left", "wt_gpt_head_not_stored", "wt_gpt_head_of_old_table"),
    99: ("wt_config_qkv_bias", "wt_block_qkv_biases_left"),
    100: ("wt_config_dropout",),
    101: ("wt_block_not_replaced", "wt_gpt_not_replaced"),
    102: (
        "wt_block_not_strict",
        "wt_block_misses_hidden",
        "wt_gpt_not_strict",
        "wt_gpt_misses_hidden",
    ),
}

# Two ways to the same thing to say: id -> key of the sentence.
SAME_CAUSE = {
    "wt_qkv_whole_turned": "wt_qkv_not_transposed",
    "wt_nest_last_keys_joined": "wt_nest_flat",
    "wt_nest_count_fixed": "wt_nest_count",
    "wt_nest_one_short": "wt_nest_count",
    "wt_nest_setdefault_lost": "wt_nest_only_last",
    "wt_nest_nothing_returned": "dec_nothing_returned",
    "wt_nest_changed": "arg_changed",
    "wt_config_openai_keys": "wt_config_keys",
    "wt_config_no_qkv_bias": "wt_config_keys",
    "wt_config_context_fixed": "wt_config_fixed",
    "wt_config_vocab_fixed": "wt_config_fixed",
    "wt_config_nothing_returned": "dec_nothing_returned",
    "wt_assign_only_columns": "wt_assign_only_rows",
    "wt_assign_assert": "wt_assign_error",
    "wt_assign_says_only": "wt_assign_not_raised",
    "wt_assign_returned": "wt_assign_not_raised",
    "wt_assign_names_none": "wt_assign_names_one",
    "wt_assign_as_tensor": "wt_assign_shared",
    "wt_assign_float16": "wt_assign_dtype",
    "wt_assign_only_tensors": "wt_assign_only_arrays",
    "wt_assign_nothing_returned": "dec_nothing_returned",
    "wt_qkv_v_not_transposed": "wt_qkv_not_transposed",
    "wt_qkv_order_qvk": "wt_qkv_order",
    "wt_qkv_order_vkq": "wt_qkv_order",
    "wt_qkv_split_default": "wt_qkv_rows",
    "wt_qkv_six": "wt_qkv_pairs",
    "wt_qkv_only_weights": "wt_qkv_pairs",
    "wt_qkv_reshaped_not_turned": "wt_qkv_reshaped",
    "wt_qkv_nothing_returned": "dec_nothing_returned",
    "wt_block_shapes_back": "wt_block_shapes",
    "wt_block_no_transposes": "wt_block_shapes",
    "wt_block_all_turned": "wt_block_qkv_turned_again",
    "wt_block_out_reshaped": "wt_block_not_transposed",
    "wt_block_qkv_order_qvk": "wt_block_qkv_order",
    "wt_block_qkv_order_vkq": "wt_block_qkv_order",
    "wt_block_qkv_whole": "wt_block_shapes",
    "wt_block_ff_place": "wt_block_names",
    "wt_block_second_norm_twice": "wt_block_one_norm",
    "wt_block_value_not_filled": "wt_block_left",
    "wt_block_out_left": "wt_block_left",
    "wt_block_ff_left": "wt_block_left",
    "wt_block_norm2_left": "wt_block_left",
    "wt_block_scale_left": "wt_block_left",
    "wt_block_value_bias_left": "wt_block_qkv_biases_left",
    "wt_block_norms_not_stored": "wt_block_not_stored",
    "wt_block_parts_named": "wt_block_names",
    "wt_block_misses_hidden": "wt_block_not_strict",
    "wt_gpt_blocks_reversed": "wt_gpt_blocks_shifted",
    "wt_gpt_blocks_from_one": "wt_gpt_blocks_count",
    "wt_gpt_blocks_fixed": "wt_gpt_blocks_count",
    "wt_gpt_into_one_block": "wt_gpt_blocks_left",
    "wt_gpt_last_block_left": "wt_gpt_blocks_left",
    "wt_gpt_first_block_left": "wt_gpt_blocks_left",
    "wt_gpt_rest_in_loop": "wt_gpt_blocks_left",
    "wt_gpt_positions_left": "wt_gpt_table_left",
    "wt_gpt_head_not_stored": "wt_gpt_head_left",
    "wt_gpt_not_stored": "wt_gpt_table_left",
    "wt_gpt_norm_shift_left": "wt_gpt_norm_left",
    "wt_gpt_norm_g_b_swapped": "wt_block_g_b_swapped",
    "wt_gpt_torch_names": "wt_block_torch_names",
    "wt_gpt_tensor": "wt_block_tensor",
    "wt_gpt_not_replaced": "wt_block_not_replaced",
    "wt_gpt_shared": "wt_block_shared",
    "wt_gpt_not_strict": "wt_block_not_strict",
    "wt_gpt_misses_hidden": "wt_block_not_strict",
    "wt_gpt_params_changed": "arg_changed",
    "wt_tie_assigned": "wt_tie_copied",
    "wt_tie_parameter_of_it": "wt_tie_memory_only",
    "wt_tie_local_name": "wt_tie_untied",
    "wt_tie_detached": "wt_block_tensor",
    "wt_far_root_mean": "wt_far_mean",
    "wt_far_laid_flat": "wt_far_size",
    "wt_far_assert": "wt_far_error",
    "wt_far_tensor": "wt_far_not_float",
    "wt_far_nan_lost": "wt_far_nan",
    "wt_far_in_place": "arg_changed",
    "wt_far_nothing_returned": "dec_nothing_returned",
    "wt_first_array_equal": "wt_first_tolerance_ignored",
    "wt_first_stops_at_equal": "wt_first_only_one",
    "wt_first_missing_is_itself": "wt_first_missing",
    "wt_first_pops": "arg_changed",
    "wt_first_gives_difference": "wt_first_number",
    "wt_first_prints": "dec_nothing_returned",
    "wt_first_none_is_empty": "wt_first_none",
    "wt_first_no_size": "wt_far_no_abs",
    "wt_first_mean": "wt_far_mean",
    "wt_which_two_swapped": "wt_which_place",
    "wt_which_twice": "wt_which_same",
    "wt_which_list": "wt_which_words",
}

# Also run in a real kernel, and compared.
BOTH_WAYS = {
    "wt_nest_one_digit",
    "wt_assign_turned",
    "wt_qkv_order",
    "wt_block_norms_swapped",
    "wt_gpt_head_tied",
    "wt_first_nan",
}

MISTAKES = catalogue.mistakes(WRONG, bugs=BUGS, same_cause=SAME_CAUSE, both_ways=BOTH_WAYS)

# item -> the input, zeros, a constant, a part of it: answers without thought.
_NO_THOUGHT = {
    "params": (
        "return variables",
        "return {name: np.zeros_like(value) for name, value in variables.items()}",
        'return {"wte": None, "wpe": None, "g": None, "b": None, "blocks": [{}] * n_layers}',
        'return {"wte": variables["model/wte"], "wpe": variables["model/wpe"], "blocks": []}',
    ),
    "config": (
        "return settings",
        "return dict.fromkeys(settings, 0)",
        'return {"vocab_size": 50257, "context_length": 1024, "emb_dim": 768, "n_heads": 12,\n'
        '        "n_layers": 12, "drop_rate": 0.0, "qkv_bias": True}',
        'return {"vocab_size": settings["n_vocab"], "emb_dim": settings["n_embd"]}',
    ),
    "assign": (
        "return left",
        "return torch.nn.Parameter(torch.zeros_like(left))",
        "return torch.nn.Parameter(torch.ones_like(left))",
        "return right",
    ),
    "split_qkv": (
        "return c_attn",
        'C = len(c_attn["w"])\nreturn [(np.zeros((C, C)), np.zeros(C))] * 3',
        'C = len(c_attn["w"])\nreturn [(np.ones((C, C)), np.ones(C))] * 3',
        'return np.split(c_attn["w"], 3, axis=-1)',
    ),
    "load_block": (
        "return block",
        "with torch.no_grad():\n    for parameter in block.parameters():\n"
        "        parameter.zero_()",
        "with torch.no_grad():\n    for parameter in block.parameters():\n"
        "        parameter.fill_(0.5)",
        'block.norm1.scale = assign(block.norm1.scale, weights["ln_1"]["g"])',
    ),
    "load_weights_into_gpt": (
        "return gpt",
        "with torch.no_grad():\n    for parameter in gpt.parameters():\n        parameter.zero_()",
        "with torch.no_grad():\n    for parameter in gpt.parameters():\n"
        "        parameter.fill_(0.5)",
        'gpt.tok_emb.weight = assign(gpt.tok_emb.weight, params["wte"])',
    ),
    "tie": (
        "return gpt",
        "gpt.out_head.weight.data.zero_()\nreturn gpt",
        "return None",
        "return gpt.tok_emb",
    ),
    "largest_difference": ("return ours", "return 0.0", "return 1.0", "return ours - theirs"),
    "first_difference": (
        "return ours",
        "return None",
        "return list(ours)[0]",
        "return largest_difference(ours, theirs)",
    ),
    "culprits": (
        "culprits = {}",
        'culprits = dict.fromkeys(("one", "two", "three", "four"), 0)',
        'culprits = dict.fromkeys(("one", "two", "three", "four"), "a")',
        'culprits = {"one": "h"}',
    ),
}

LAZY = catalogue.lazy(_NO_THOUGHT)
