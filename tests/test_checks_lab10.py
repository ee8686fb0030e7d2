"""The checks of lab10: right answers pass, wrong ones are told why, empty ones are told apart.

Answers run in a namespace of their own, as in a notebook.
"""

import numpy as np
import pytest
import torch
from check_trials import Trial

from gptlab import gpt_layout, tiny
from gptlab.checks import core, lab10_loaders
from gptlab.checks import lab10_gpt2_weights as check
from gptlab.checks.causes import CAUSES
from gptlab.checks.lab10_numbers import counted, fill, holds, model, nested
from gptlab.gpt import GPTModel
from gptlab.tiny import faulty
from gptlab.weights import from_openai, to_params

NAMES = {
    "params": "nest",
    "config": "config_of",
    "assign": "assign",
    "split_qkv": "split_qkv",
    "load_block": "load_block",
    "load_weights_into_gpt": "load_weights_into_gpt",
    "tie": "tie",
    "largest_difference": "largest_difference",
    "first_difference": "first_difference",
}
RIGHT = """
import re

def nest(variables, n_layers):
    tree = {"blocks": []}
    for i in range(n_layers):
        tree["blocks"].append({})
    for name, array in variables.items():
        keys = name.split("/")
        keys = keys[1:]
        block = re.fullmatch("h([0-9]+)", keys[0])
        node = tree
        if block:
            node = tree["blocks"][int(block[1])]
            keys = keys[1:]
        elif keys[0] == "ln_f":
            keys = keys[1:]
        for key in keys[:-1]:
            if key not in node:
                node[key] = {}
            node = node[key]
        if array.ndim == 3:
            array = array[0]
        node[keys[-1]] = array
    return tree

def config_of(settings):
    names = {"vocab_size": "n_vocab", "context_length": "n_ctx", "emb_dim": "n_embd",
             "n_heads": "n_head", "n_layers": "n_layer"}
    cfg = {}
    for name, theirs in names.items():
        cfg[name] = settings[theirs]
    cfg["drop_rate"] = 0.0
    cfg["qkv_bias"] = True
    return cfg

def assign(left, right):
    if tuple(left.shape) != tuple(right.shape):
        raise ValueError(f"{tuple(left.shape)} and {tuple(right.shape)}")
    new = torch.as_tensor(right).clone()
    new = new.to(device=left.device, dtype=torch.float32)
    return torch.nn.Parameter(new)

def split_qkv(c_attn):
    w = c_attn["w"].T
    b = c_attn["b"]
    C = w.shape[1]
    return [(w[:C], b[:C]), (w[C:2 * C], b[C:2 * C]), (w[2 * C:], b[2 * C:])]

def load_block(block, weights):
    (wq, bq), (wk, bk), (wv, bv) = split_qkv(weights["attn"]["c_attn"])
    att = block.att
    att.W_query.weight = assign(att.W_query.weight, wq)
    att.W_query.bias = assign(att.W_query.bias, bq)
    att.W_key.weight = assign(att.W_key.weight, wk)
    att.W_key.bias = assign(att.W_key.bias, bk)
    att.W_value.weight = assign(att.W_value.weight, wv)
    att.W_value.bias = assign(att.W_value.bias, bv)
    proj = weights["attn"]["c_proj"]
    att.out_proj.weight = assign(att.out_proj.weight, proj["w"].T)
    att.out_proj.bias = assign(att.out_proj.bias, proj["b"])
    first, last = block.ff.layers[0], block.ff.layers[2]
    fc, mlp_proj = weights["mlp"]["c_fc"], weights["mlp"]["c_proj"]
    first.weight = assign(first.weight, fc["w"].T)
    first.bias = assign(first.bias, fc["b"])
    last.weight = assign(last.weight, mlp_proj["w"].T)
    last.bias = assign(last.bias, mlp_proj["b"])
    block.norm1.scale = assign(block.norm1.scale, weights["ln_1"]["g"])
    block.norm1.shift = assign(block.norm1.shift, weights["ln_1"]["b"])
    block.norm2.scale = assign(block.norm2.scale, weights["ln_2"]["g"])
    block.norm2.shift = assign(block.norm2.shift, weights["ln_2"]["b"])

def load_weights_into_gpt(gpt, params):
    for i in range(len(params["blocks"])):
        load_block(gpt.trf_blocks[i], params["blocks"][i])
    gpt.tok_emb.weight = assign(gpt.tok_emb.weight, params["wte"])
    gpt.pos_emb.weight = assign(gpt.pos_emb.weight, params["wpe"])
    norm = gpt.final_norm
    norm.scale = assign(norm.scale, params["g"])
    norm.shift = assign(norm.shift, params["b"])
    gpt.out_head.weight = assign(gpt.out_head.weight, params["wte"])

def tie(gpt):
    table = gpt.tok_emb.weight
    gpt.out_head.weight = table
    return gpt

def largest_difference(ours, theirs):
    a, b = torch.as_tensor(ours), torch.as_tensor(theirs)
    if a.shape != b.shape:
        raise ValueError(f"{tuple(a.shape)} is not {tuple(b.shape)}")
    apart = (a - b).abs()
    return apart.max().item()

def first_difference(ours, theirs, tolerance=1e-4):
    for name in ours:
        far = largest_difference(ours[name], theirs[name])
        if far > tolerance or far != far:
            return name
"""
PUT = "node[keys[-1]] = array"
LISTED = """    tree = {"blocks": []}
    for i in range(n_layers):
        tree["blocks"].append({})
"""
BLOCK = 'node = tree["blocks"][int(block[1])]'
GO = """            if key not in node:
                node[key] = {}
"""
THREE = "        if array.ndim == 3:\n            array = array[0]\n"
LN_F = '        elif keys[0] == "ln_f":\n            keys = keys[1:]\n'
NEW = "new = torch.as_tensor(right).clone()"
REFUSES = """    if tuple(left.shape) != tuple(right.shape):
        raise ValueError(f"{tuple(left.shape)} and {tuple(right.shape)}")
"""
CAST = "new = new.to(device=left.device, dtype=torch.float32)"
THIRDS = "[(w[:C], b[:C]), (w[C:2 * C], b[C:2 * C]), (w[2 * C:], b[2 * C:])]"
OUT = 'att.out_proj.weight = assign(att.out_proj.weight, proj["w"].T)'
BLOCKS = 'load_block(gpt.trf_blocks[i], params["blocks"][i])'
HEAD = 'gpt.out_head.weight = assign(gpt.out_head.weight, params["wte"])'
TIED = "gpt.out_head.weight = table"
UNLIKE = """    if a.shape != b.shape:
        raise ValueError(f"{tuple(a.shape)} is not {tuple(b.shape)}")
"""
APART = "apart = (a - b).abs()\n    return apart.max().item()"
LOOP = """    for name in ours:
        far = largest_difference(ours[name], theirs[name])
        if far > tolerance or far != far:
            return name
"""
FAR = "far = largest_difference(ours[name], theirs[name])"
ALL = "[n for n in ours if not largest_difference(ours[n], theirs[n]) <= tolerance]"
WRONG = [
    ("params", "wt_nest_prefix", "keys = keys[1:]\n        block", "block"),
    ("params", "wt_nest_ln_f", LN_F, ""),
    ("params", "wt_nest_flat", PUT, 'node["/".join(keys)] = array'),
    ("params", "wt_nest_flat", LISTED, LISTED + "    return variables | tree\n"),
    ("params", "wt_nest_flat", LISTED, "    return dict(variables)\n"),
    ("params", "wt_nest_not_squeezed", THREE, ""),
    ("params", "wt_nest_first_row", "        if array.ndim == 3:\n            array",
     "        if True:\n            array"),
    ("params", "wt_nest_squeeze_axis", THREE, "        array = array.squeeze(0)\n"),
    ("params", "wt_nest_squeeze_axis", THREE, "        array = array.squeeze(-1)\n"),
    ("params", "wt_nest_top_missing", LN_F, LN_F.replace("keys = keys[1:]", "continue")),
    ("params", "wt_nest_top_missing", LN_F, "        else:\n            continue\n"),
    ("params", "wt_nest_too_far", "keys[:-1]:\n            if", "keys:\n            if"),
    ("params", "wt_nest_dtype", PUT, PUT + ".astype(float)"),
    ("params", "wt_nest_ln_f", LISTED, LISTED + '    tree["ln_f"] = {}\n'),
    ("params", "wt_nest_one_digit", "int(block[1])", "int(block[1][0])"),
    ("params", "wt_nest_by_order", BLOCK,
     'node = tree["blocks"][sorted(map(str, range(n_layers))).index(block[1])]'),
    ("params", "wt_nest_one_dict", LISTED, '    tree = {"blocks": [{}] * n_layers}\n'),
    ("params", "wt_nest_overwritten", GO, "            node[key] = {}\n"),
    ("params", "wt_nest_transposed", "array = array[0]", "array = array[0].T"),
    ("params", "wt_nest_blocks_dict", LISTED,
     '    tree = {"blocks": {i: {} for i in range(n_layers)}}\n'),
    ("params", "wt_nest_block_number_kept", BLOCK + "\n            keys = keys[1:]", BLOCK),
    ("params", "wt_nest_count", "range(n_layers)", "range(n_layers + 1)"),
    ("params", "wt_nest_count", "range(n_layers)", "range(12)"),
    ("params", "arg_changed", "    return tree\n", "    variables.popitem()\n    return tree\n"),
    ("config", "wt_config_names", '"n_vocab"', '"vocab_size"'),
    ("config", "wt_config_keys", 'cfg["qkv_bias"] = True\n', "pass\n"),
    ("config", "wt_config_keys", '"emb_dim": ', '"n_embd": '),
    ("config", "wt_config_heads_layers", '"n_head", "n_layers": "n_layer"',
     '"n_layer", "n_layers": "n_head"'),
    ("config", "wt_config_qkv_bias", '["qkv_bias"] = True', '["qkv_bias"] = False'),
    ("config", "wt_config_dropout", '["drop_rate"] = 0.0', '["drop_rate"] = 0.1'),
    ("config", "wt_config_mixed", '"context_length": "n_ctx"', '"context_length": "n_embd"'),
    ("config", "wt_config_library_changed", "    cfg = {}\n",
     "    cfg = config_of.__dict__\n"),
    ("config", "wt_config_dot", "settings[theirs]", "settings.n_vocab"),
    ("config", "wt_config_word", "settings[theirs]", "theirs"),
    ("config", "wt_config_type", '["qkv_bias"] = True', '["qkv_bias"] = 1'),
    ("config", "wt_config_type", '["qkv_bias"] = True', '["qkv_bias"] = "True"'),
    ("config", "wt_config_type", '["drop_rate"] = 0.0', '["drop_rate"] = False'),
    ("config", "wt_config_type", '["drop_rate"] = 0.0', '["drop_rate"] = "0"'),
    ("config", "wt_config_type", '["drop_rate"] = 0.0', '["drop_rate"] = None'),
    ("config", "wt_config_fixed", "    return cfg", '    cfg["n_layers"] = 12\n    return cfg'),
    ("config", "wt_config_changed", "    cfg = {}\n", "    cfg = {}\n    settings.clear\n"
     "    settings['drop_rate'] = 0.0\n"),
    ("assign", "wt_assign_no_check", REFUSES, ""),
    ("assign", "wt_assign_only_size", REFUSES, REFUSES.replace(
        "tuple(left.shape) != tuple(right.shape)", "left.numel() != int(np.prod(right.shape))")),
    ("assign", "wt_assign_only_rows", "tuple(left.shape) != tuple(right.shape)",
     "left.shape[-1:] != right.shape[-1:]"),
    ("assign", "wt_assign_only_rows", "tuple(left.shape) != tuple(right.shape)",
     "left.shape[0] != right.shape[0]"),
    ("assign", "wt_assign_error", "raise ValueError(f\"{tuple(left",
     "raise TypeError(f\"{tuple(left"),
    ("assign", "wt_assign_error", REFUSES,
     "    assert tuple(left.shape) == tuple(right.shape), f'{left.shape} {right.shape}'\n"),
    ("assign", "wt_assign_names_one", 'f"{tuple(left.shape)} and {tuple(right.shape)}"',
     'f"{tuple(left.shape)}"'),
    ("assign", "wt_assign_not_raised", "raise ValueError", "return ValueError"),
    ("assign", "wt_assign_not_raised", "raise ValueError", "return print"),
    ("assign", "wt_assign_no_f", 'f"{tuple(left.shape)} and', '"{left.shape} and'),
    ("assign", "wt_assign_no_check", REFUSES + "    " + NEW + "\n    " + CAST,
     "    new = torch.as_tensor(right).detach().clone().to(torch.float32)"),
    ("assign", "wt_assign_parameter", NEW, "new = torch.tensor(right.numpy() if hasattr(right, "
     "'numpy') else right)"),
    ("assign", "wt_assign_device", "device=left.device", "device='cuda'"),
    ("assign", "wt_assign_turned", REFUSES,
     "    if tuple(left.shape) == tuple(right.shape)[::-1]:\n        right = right.T\n" + REFUSES),
    ("assign", "wt_assign_tensor", "torch.nn.Parameter(new)", "new"),
    ("assign", "wt_assign_shared", NEW, "new = torch.as_tensor(right)"),
    ("assign", "wt_assign_dtype", "device=left.device, dtype=torch.float32", "device=left.device"),
    ("assign", "wt_assign_left", "return torch.nn.Parameter(new)",
     "left.data = new\n    return left"),
    ("assign", "wt_assign_left", "return torch.nn.Parameter(new)",
     "left.copy_(new)\n    return left"),
    ("assign", "wt_assign_old_numbers", NEW, "new = left.detach().clone()"),
    ("assign", "wt_assign_frozen", "Parameter(new)", "Parameter(new, requires_grad=False)"),
    ("assign", "wt_assign_device", "device=left.device, ", ""),
    ("assign", "wt_assign_only_arrays", NEW, "new = torch.from_numpy(right).clone()"),
    ("split_qkv", "wt_qkv_not_transposed", THIRDS,
     "[(a.T, b) for a, b in " + THIRDS + "]"),
    ("split_qkv", "wt_qkv_order", THIRDS, THIRDS + "[::-1]"),
    ("split_qkv", "wt_qkv_order", THIRDS,
     "[(w[C:2 * C], b[C:2 * C]), (w[:C], b[:C]), (w[2 * C:], b[2 * C:])]"),
    ("split_qkv", "wt_qkv_interleaved", THIRDS,
     "[(w[0::3], b[0::3]), (w[1::3], b[1::3]), (w[2::3], b[2::3])]"),
    ("split_qkv", "wt_qkv_bias_whole", THIRDS, "[(w[:C], b), (w[C:2 * C], b), (w[2 * C:], b)]"),
    ("split_qkv", "wt_qkv_bias_order", "(w[:C], b[:C]), (w[C:2 * C], b[C:2 * C])",
     "(w[:C], b[C:2 * C]), (w[C:2 * C], b[:C])"),
    ("split_qkv", "wt_qkv_pairs", THIRDS, "[w[:C], w[C:2 * C], w[2 * C:]]"),
    ("split_qkv", "wt_qkv_pairs", THIRDS,
     "[w[:C], b[:C], w[C:2 * C], b[C:2 * C], w[2 * C:], b[2 * C:]]"),
    ("split_qkv", "wt_qkv_bias_before", THIRDS, "[(b, a) for a, b in " + THIRDS + "]"),
    ("split_qkv", "wt_qkv_names", 'w = c_attn["w"].T\n    b = c_attn["b"]',
     "w, b = c_attn\n    w = w.T"),
    ("split_qkv", "wt_qkv_axis", THIRDS, "list(zip(np.split(w, 3), np.split(b, 3, axis=1)))"),
    ("split_qkv", "wt_qkv_reshaped", 'w = c_attn["w"].T',
     'w = c_attn["w"].reshape(-1, len(c_attn["w"]))'),
    ("split_qkv", "wt_qkv_width_fixed", "C = w.shape[1]", "C = 2"),
    ("split_qkv", "wt_qkv_rows", 'w = c_attn["w"].T', 'w = c_attn["w"]\n    return list(zip('
     "np.split(w, 3, axis=0), np.split(c_attn['b'], 3)))"),
    ("split_qkv", "wt_qkv_changed", "    C = w.shape[1]", "    C = w.shape[1]\n"
     "    c_attn['w'] = w"),
    ("load_block", "wt_block_not_transposed", OUT, OUT.replace(".T", "")),
    ("load_block", "wt_block_shapes", 'fc["w"].T', 'fc["w"]'),
    ("load_block", "wt_block_shapes", 'mlp_proj["w"].T', 'mlp_proj["w"]'),
    ("load_block", "wt_block_qkv_turned_again", "W_value.weight, wv)", "W_value.weight, wv.T)"),
    ("load_block", "wt_block_qkv_order", "(wq, bq), (wk, bk)", "(wk, bk), (wq, bq)"),
    ("load_block", "wt_block_qkv_order", "W_value.bias, bv)", "W_value.bias, bq)"),
    ("load_block", "wt_block_norms_swapped", LN := "    block.norm1.scale",
     '    weights = weights | {"ln_1": weights["ln_2"], "ln_2": weights["ln_1"]}\n' + LN),
    ("load_block", "wt_block_one_norm", '"ln_2"', '"ln_1"'),
    ("load_block", "wt_block_g_twice", 'norm1.scale, weights["ln_1"]["g"]',
     'norm1.scale, weights["ln_1"]["b"]'),
    ("load_block", "wt_block_g_twice", 'norm2.shift, weights["ln_2"]["b"]',
     'norm2.shift, weights["ln_2"]["g"]'),
    ("load_block", "wt_block_mixed", "att.W_query.bias, bq)", "att.W_query.weight, bq)"),
    ("load_block", "wt_block_c_projs_mixed", OUT,
     OUT.replace("proj[", 'weights["mlp"]["c_proj"][')),
    ("load_block", "wt_block_outside", 'norm1.scale, weights["ln_1"]["g"]',
     "norm1.scale, np.ones(72)"),
    ("load_block", "wt_block_ff_place", "block.ff.layers[2]", "block.ff.layers[1]"),
    ("load_block", "wt_block_assign_order", "assign(att.W_query.weight, wq)",
     "assign(wq, att.W_query.weight)"),
    ("load_block", "wt_block_split_dict", '["c_attn"])', '["c_attn"]["w"])'),
    ("load_block", "wt_block_module", OUT, OUT.replace(".weight = ", " = ")),
    ("load_block", "wt_block_c_projs_mixed", 'proj["b"])\n    first', 'weights["mlp"]["c_proj"]'
     '["b"])\n    first'),
    ("load_block", "wt_block_c_projs_mixed", 'last.bias, mlp_proj["b"]', 'last.bias, proj["b"]'),
    ("load_block", "wt_block_ff_mixed", 'first.weight, fc["w"].T', 'first.weight, mlp_proj["w"]'),
    ("load_block", "wt_block_qkv_biases_left",
     "    att.W_key.bias = assign(att.W_key.bias, bk)\n", ""),
    ("load_block", "wt_block_left", OUT, "pass"),
    ("load_block", "wt_block_not_stored", OUT, OUT.split(" = ")[1]),
    ("load_block", "wt_block_tensor", OUT, 'att.out_proj.weight = torch.tensor(proj["w"].T)'),
    ("load_block", "wt_block_names", 'weights["ln_1"]["g"]', 'weights["norm1"]["g"]'),
    ("load_block", "wt_block_names", "block.ff.layers[0], block", "block.mlp[0], block"),
    ("load_block", "wt_block_qkv_not_unpacked", "(wq, bq), (wk, bk), (wv, bv) = split",
     "(wq, wk, wv), (bq, bk, bv) = split"),
    ("load_block", "wt_block_qkv_not_unpacked", OUT, "assign(att.W_key.weight, (wq, bq))"),
    ("load_block", "wt_block_not_replaced", OUT,
     'att.out_proj.weight.copy_(torch.tensor(proj["w"].T))'),
    ("load_block", "wt_block_weights_changed", OUT, OUT + '\n    weights["attn"].pop("c_proj")'),
    ("load_weights_into_gpt", "wt_gpt_blocks_shifted", BLOCKS,
     'load_block(gpt.trf_blocks[i], params["blocks"][i - 1])'),
    ("load_weights_into_gpt", "wt_gpt_one_block", BLOCKS,
     'load_block(gpt.trf_blocks[i], params["blocks"][0])'),
    ("load_weights_into_gpt", "wt_gpt_blocks_left", 'range(len(params["blocks"]))',
     'range(len(params["blocks"]) - 1)'),
    ("load_weights_into_gpt", "wt_gpt_blocks_left", BLOCKS, "pass"),
    ("load_weights_into_gpt", "wt_gpt_tables_swapped", 'tok_emb.weight, params["wte"]',
     'tok_emb.weight, params["wpe"]'),
    ("load_weights_into_gpt", "wt_gpt_table_left", "gpt.pos_emb.weight = assign(gpt.pos_emb.weight,"
     ' params["wpe"])', "pass"),
    ("load_weights_into_gpt", "wt_gpt_head_left", HEAD, "pass"),
    ("load_weights_into_gpt", "wt_gpt_head_tied", HEAD, "gpt.out_head.weight = gpt.tok_emb.weight"),
    ("load_weights_into_gpt", "wt_gpt_head_shared", HEAD,
     "gpt.out_head.weight.data = gpt.tok_emb.weight.data"),
    ("load_weights_into_gpt", "wt_gpt_turned", HEAD,
     'gpt.out_head.weight = assign(gpt.out_head.weight, params["wte"].T)'),
    ("load_weights_into_gpt", "wt_gpt_norm_left", 'norm.scale = assign(norm.scale, params["g"])',
     "pass"),
    ("load_weights_into_gpt", "wt_gpt_norm_of_a_block", 'norm.scale, params["g"]',
     'norm.scale, params["blocks"][-1]["ln_2"]["g"]'),
    ("load_weights_into_gpt", "wt_block_g_b_swapped", 'norm.shift, params["b"]',
     'norm.shift, params["g"]'),
    ("load_weights_into_gpt", "wt_gpt_names", 'params["g"]', 'params["ln_f"]["g"]'),
    ("load_weights_into_gpt", "wt_gpt_names", "gpt.final_norm", "gpt.ln_f"),
    ("load_weights_into_gpt", "wt_gpt_load_block_order", BLOCKS,
     'load_block(params["blocks"][i], gpt.trf_blocks[i])'),
    ("load_weights_into_gpt", "wt_gpt_all_blocks", BLOCKS, BLOCKS.replace('["blocks"][i]',
                                                                          '["blocks"]')),
    ("load_weights_into_gpt", "wt_block_module", "gpt.pos_emb.weight = ", "gpt.pos_emb = "),
    ("load_weights_into_gpt", "wt_block_outside", HEAD,
     "gpt.out_head.weight = assign(gpt.out_head.weight, np.ones((512, 72)))"),
    ("load_weights_into_gpt", "wt_block_mixed", 'norm.scale, params["g"]',
     'norm.scale, params["wte"]'),
    ("load_weights_into_gpt", "wt_block_not_stored", HEAD, "assign(gpt.out_head.weight, "
     'params["wte"])'),
    ("tie", "wt_tie_copied", TIED, "gpt.out_head.weight = torch.nn.Parameter(table.clone())"),
    ("tie", "wt_block_tensor", TIED, "gpt.out_head.weight = table.detach().clone()"),
    ("tie", "wt_tie_memory_only", TIED, "gpt.out_head.weight.data = table.data"),
    ("tie", "wt_tie_other_way", TIED, "gpt.tok_emb.weight = gpt.out_head.weight"),
    ("tie", "wt_tie_module", TIED, "gpt.out_head = gpt.tok_emb"),
    ("tie", "wt_tie_none", "    return gpt\n", ""),
    ("tie", "wt_tie_new_model", "    return gpt\n",
     "    import copy\n    return copy.deepcopy(gpt)\n"),
    ("tie", "wt_tie_transposed", TIED, "gpt.out_head.weight = torch.nn.Parameter(table.T)"),
    ("tie", "wt_tie_untied", TIED, "pass"),
    ("tie", "wt_tie_gone", TIED, "del gpt.out_head.weight"),
    ("tie", "wt_tie_gone", TIED, "gpt.out_head.weight = None"),
    ("tie", "wt_tie_frozen", TIED, TIED + "\n    table.requires_grad = False"),
    ("largest_difference", "wt_far_last_row", "(a - b).abs()", "(a[-1] - b[-1]).abs()"),
    ("largest_difference", "wt_far_length", APART, "return (a - b).norm().item()"),
    ("largest_difference", "wt_far_python_max", APART, "return float(max(abs(a - b)))"),
    ("largest_difference", "wt_far_no_abs", "(a - b).abs()", "(a - b)"),
    ("largest_difference", "wt_far_no_abs", "(a - b).abs()", "(b - a)"),
    ("largest_difference", "wt_far_abs_late", APART, "return abs((b - a).max().item())"),
    ("largest_difference", "wt_far_mean", "apart.max()", "apart.mean()"),
    ("largest_difference", "wt_far_sum", "apart.max()", "apart.sum()"),
    ("largest_difference", "wt_far_squared", "(a - b).abs()", "(a - b) ** 2"),
    ("largest_difference", "wt_far_relative", "(a - b).abs()", "((a - b) / b).abs()"),
    ("largest_difference", "wt_far_of_largest", APART, "return abs(a.max() - b.max()).item()"),
    ("largest_difference", "wt_far_broadcast", UNLIKE, ""),
    ("largest_difference", "wt_far_size", "a.shape != b.shape", "a.numel() != b.numel()"),
    ("largest_difference", "wt_far_size", UNLIKE + "    apart = (a - b)",
     UNLIKE.replace("a.shape != b.shape", "a.numel() != b.numel()")
     + "    apart = (a.flatten() - b.flatten())"),
    ("largest_difference", "wt_far_error", 'raise ValueError(f"{tuple(a',
     'raise OSError(f"{tuple(a'),
    ("largest_difference", "wt_far_names", 'f"{tuple(a.shape)} is not {tuple(b.shape)}"',
     "'shapes differ'"),
    ("largest_difference", "wt_far_not_float", "max().item()", "max()"),
    ("largest_difference", "wt_far_one_axis", "apart.max().item()", "apart.amax(0)"),
    ("largest_difference", "wt_far_kinds", "torch.as_tensor(ours), torch.as_tensor(theirs)",
     "torch.from_numpy(ours), torch.from_numpy(theirs)"),
    ("largest_difference", "wt_far_position", "apart.max().item()", "float(apart.argmax())"),
    ("largest_difference", "wt_far_rounded", "apart.max().item()", "round(apart.max().item(), 3)"),
    ("largest_difference", "wt_far_nan", "apart.max()", "apart.nan_to_num().max()"),
    ("first_difference", "wt_first_last", LOOP, f"    found = {ALL}\n"
     "    return found[-1] if found else None\n"),
    ("first_difference", "wt_first_worst", LOOP, f"    found = {ALL}\n    return max(found, "
     "key=lambda n: largest_difference(ours[n], theirs[n])) if found else None\n"),
    ("first_difference", "wt_first_sorted", "for name in ours", "for name in sorted(ours)"),
    ("first_difference", "wt_first_order_of_theirs", "for name in ours", "for name in theirs"),
    ("first_difference", "wt_first_by_place", LOOP, "    for name, a, b in zip(ours, "
     "ours.values(), theirs.values()):\n        if not largest_difference(a, b) <= tolerance:\n"
     "            return name\n"),
    ("first_difference", "wt_first_nan", " or far != far", ""),
    ("first_difference", "wt_first_tolerance_ignored", "far > tolerance", "far > 0"),
    ("first_difference", "wt_first_tolerance_fixed", "far > tolerance", "far > 1e-4"),
    ("first_difference", "wt_first_edge", "far > tolerance", "far >= tolerance"),
    ("first_difference", "wt_first_only_one", "            return name\n",
     "            return name\n        return None\n"),
    ("first_difference", "wt_first_nan_both", LOOP, LOOP.replace(
        "if far > tolerance or far != far", "if not np.allclose(ours[name], theirs[name], rtol=0, "
        "atol=tolerance, equal_nan=True)")),
    ("first_difference", "arg_changed", "theirs[name]", "theirs.pop(name)"),
    ("first_difference", "wt_first_all_parts", "theirs[name]", "theirs"),
    ("first_difference", "wt_first_items", "for name in ours:", "for name, out in ours:"),
    ("first_difference", "wt_first_pair", "return name\n", "return name, far\n"),
    ("first_difference", "wt_first_error", FAR,
     "if name not in theirs: raise ValueError(name)\n        " + FAR),
    ("first_difference", "wt_first_missing", FAR,
     "if name not in theirs: continue\n        " + FAR),
    ("first_difference", "wt_first_list", LOOP, f"    return {ALL}\n"),
    ("first_difference", "wt_first_number", "return name\n", "return far\n"),
    ("first_difference", "wt_first_none", "            return name\n",
     "            return name\n    return ''\n"),
    ("first_difference", "wt_first_equal_part", "if far > tolerance or far != far", "if far == 0"),
]  # fmt: skip


TRIAL = Trial(check, RIGHT, NAMES, {"torch": torch, "np": np})
notebook, failure = TRIAL.notebook, TRIAL.failure


@pytest.mark.parametrize("item", NAMES)
def test_a_right_answer_passes_and_says_so_in_one_line(item, capsys):
    TRIAL.passes(item, capsys)


@pytest.mark.parametrize(
    ("item", "cause", "old", "new"), WRONG, ids=[f"{w[1]}-{i}" for i, w in enumerate(WRONG)]
)
def test_a_wrong_answer_is_told_its_cause(item, cause, old, new):
    TRIAL.told(item, cause, old, new)


@pytest.mark.parametrize("item", NAMES)
def test_not_attempted_is_told_apart(item):
    assert isinstance(failure(item, None), core.NotAttempted)
    source = "def answer(*a, **k):\n    raise NotImplementedError"
    error = failure(item, notebook(source)["answer"])
    assert isinstance(error, core.NotAttempted)
    assert str(error).startswith(f"{item}: not attempted yet")


@pytest.mark.parametrize("item", NAMES)
@pytest.mark.parametrize("value", [None, "text", 3.5, [1, 2], torch.ones(2, 2), {"wte": 1}])
def test_a_wrong_type_says_what_was_found(item, value):
    error = failure(item, notebook("def answer(*a, **k):\n    return value", value=value)["answer"])
    assert error.found and error.expected, str(error)


OTHERWISE = [
    ("split_qkv", THIRDS, f"iter({THIRDS})"),
    ("load_weights_into_gpt", HEAD,
     "gpt.out_head.weight = assign(gpt.out_head.weight, gpt.tok_emb.weight)"),
    ("assign", NEW, "new = torch.as_tensor(right).detach().clone()"),
    ("config", '["drop_rate"] = 0.0', '["drop_rate"] = 0'),
]  # fmt: skip


@pytest.mark.parametrize(("item", "old", "new"), OTHERWISE)
def test_a_right_answer_written_otherwise_passes(item, old, new, capsys):
    source = RIGHT.replace(old, new)
    assert source != RIGHT
    getattr(check, item)(notebook(source)[NAMES[item]])
    assert capsys.readouterr().out == f"{item}: right.\n"


@pytest.mark.parametrize("item", ["load_block", "load_weights_into_gpt", "first_difference"])
def test_a_composite_is_judged_alone(item, capsys):
    """With parts that are wrong, a right composite is right."""
    parts = ("assign", "split_qkv", "load_block", "largest_difference")
    broken = "\n".join(
        f"def {name}(*a, **k):\n    raise RuntimeError" for name in parts if name != item
    )
    getattr(check, item)(notebook(RIGHT + broken)[NAMES[item]])
    assert capsys.readouterr().out == f"{item}: right.\n"


def test_checks_leave_the_notebook_as_it_was():
    space = notebook()
    torch.manual_seed(5)
    before, kept = dict(space), torch.random.get_rng_state()
    for item, name in NAMES.items():
        getattr(check, item)(space[name])
    faulty.load("one")
    assert space == before
    assert torch.random.get_rng_state().equal(kept)


def test_the_small_checkpoint_is_one_of_openai():
    tree = from_openai(counted(3))
    mine, known = nested(3), to_params(tree)
    assert [sorted(side) for side in (mine, known)] == [["b", "blocks", "g", "wpe", "wte"]] * 2
    state = gpt_layout.to_gpt(tree)
    made = model(3)
    for block, weights in zip(made.trf_blocks, mine["blocks"], strict=True):
        fill(block, weights)
    for name, value in made.named_parameters():
        if name.startswith("trf_blocks"):
            assert holds(value, state[name].numpy()), name


def test_the_loader_without_a_fault_is_the_librarys():
    state = faulty.filled().state_dict()
    for name, value in gpt_layout.to_gpt(tiny.params()).items():
        assert torch.equal(state[name], value), name


# the four loaders

LETTERS = {name: next(letter for letter in "abcdefgh" if faulty.digest(name, letter)
                      == kept) for name, kept in faulty.KEPT.items()}  # fmt: skip


def test_four_loaders_have_four_faults_of_four_places(capsys):
    pairs = [next(p for p in lab10_loaders.BESIDE if x in p) for x in LETTERS.values()]
    assert len(set(pairs)) == 4
    check.culprits(LETTERS)
    check.culprits({name: f" {letter.upper()})" for name, letter in LETTERS.items()})
    assert capsys.readouterr().out == "culprits: right.\nculprits: right.\n"


def test_each_fault_changes_scores_and_hardly_the_loss():
    good, idx = faulty.filled(), torch.arange(128).view(2, 64)
    for name in faulty.KEPT:
        bad = faulty.load(name)
        assert isinstance(bad, GPTModel) and not bad.training
        with torch.no_grad():
            assert (bad(idx) - good(idx)).abs().max() > 1e-3
        again = faulty.load(name)
        assert all(map(torch.equal, bad.state_dict().values(), again.state_dict().values()))
    with pytest.raises(ValueError, match="one, two, three, four"):
        faulty.load("five")


@pytest.mark.parametrize("answer", [None, {}, dict.fromkeys(LETTERS), dict.fromkeys(LETTERS, "")])
def test_no_letter_yet_is_not_attempted(answer):
    assert isinstance(failure("culprits", answer), core.NotAttempted)


@pytest.mark.parametrize("answer", ["h", ["a", "b", "c", "d"], {"one": "a"}, LETTERS | {"two": "x"},
                                    LETTERS | {"two": None}, LETTERS | {"two": 3}])  # fmt: skip
def test_what_is_no_letter_is_said(answer):
    error = failure("culprits", answer)
    assert error.found and error.expected and not isinstance(error, core.NotAttempted)


@pytest.mark.parametrize("name", LETTERS)
@pytest.mark.parametrize("letter", "abcdefgh")
def test_a_wrong_letter_is_told_place_or_kind(name, letter):
    if letter == LETTERS[name]:
        return
    error = failure("culprits", LETTERS | {name: letter})
    kinds = (kind for pair, kind in lab10_loaders.BESIDE.items()
             if {letter, LETTERS[name]} == set(pair))  # fmt: skip
    cause = next(kinds, "wt_which_place")
    assert error.likely == CAUSES["wt_which_same" if letter in LETTERS.values() else cause]
    assert error.looked_at.startswith("culprits[")
