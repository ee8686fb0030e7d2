"""The checks of lab11: right files pass, wrong ones are told why, half a file is judged so far."""

import sys
from types import SimpleNamespace

import pytest
import torch
from check_trials import Trial

from autograder import holes
from autograder.paths import ROOT
from gptlab import companion, letter, nano, sample
from gptlab.checks import core
from gptlab.checks import lab11_sampling as check
from gptlab.checks.causes import CAUSES
from gptlab.checks.lab09_numbers import written

SOURCE = (ROOT / "solutions" / "lab11_sampling" / "model.py").read_text(encoding="utf-8")
NAMES = {
    "c_attn": "CausalSelfAttention",
    "heads": "CausalSelfAttention",
    "scores": "CausalSelfAttention",
    "mask": "CausalSelfAttention",
    "weights": "CausalSelfAttention",
    "out": "CausalSelfAttention",
    "mlp_init": "MLP",
    "mlp": "MLP",
    "block": "Block",
    "embed": "GPT",
    "blocks": "GPT",
    "last": "GPT",
    "layer_norm": "LayerNorm",
}
WRITE = """
from gptlab.sample import choose

@torch.no_grad()
def write(model, idx, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    for _ in range(max_new_tokens):
        seen = idx[:, -model.config.block_size:]
        scores = model(seen)[:, -1]
        new = choose(scores, temperature, top_k, generator=generator)
        idx = torch.cat((idx, new), dim=1)
    return idx
"""
RIGHT = holes.filled(SOURCE) + WRITE
# The same places, written in another way.
OTHER = {
    "layer_norm": """centred = input - input.mean(dim=-1, keepdim=True)
size = ((centred ** 2).mean(-1, keepdim=True) + 1e-5) ** 0.5
out = self.weight * (centred / size)
if self.bias is not None:
    out = out + self.bias
return out""",
    "c_attn": "self.c_attn = nn.Linear(config.n_embd, config.n_embd * 3, config.bias)",
    "heads": """hs = C // self.n_head
q, k, v = (a.reshape(B, T, self.n_head, hs).permute(0, 2, 1, 3) for a in (q, k, v))""",
    "scores": """att = torch.einsum("bhqd,bhkd->bhqk", q, k)
att = att / (C // self.n_head) ** 0.5""",
    "mask": """later = torch.triu(torch.ones(T, T, dtype=torch.bool, device=x.device), 1)
att.masked_fill_(later, torch.finfo(att.dtype).min)""",
    "weights": """att = att - att.max(dim=-1, keepdim=True).values
att = torch.softmax(att, -1)
att = F.dropout(att, self.dropout, self.training)""",
    "out": """mixed = self.c_proj(y)
return self.resid_dropout(mixed)""",
    "mlp_init": """wide = 4 * config.n_embd
self.c_fc = nn.Linear(config.n_embd, wide, config.bias)
self.c_proj = nn.Linear(wide, config.n_embd, config.bias)""",
    "mlp": "return self.dropout(self.c_proj(self.gelu(self.c_fc(x))))",
    "block": """heard = x + self.attn(self.ln_1(x))
return heard + self.mlp(self.ln_2(heard))""",
    "embed": """x = tok_emb + pos_emb
x = self.transformer["drop"](x)""",
    "blocks": """for i in range(self.config.n_layer):
    x = self.transformer.h[i](x)""",
    "last": """end = x[:, -1:, :]
return self.lm_head(end)""",
}
OTHER_WRITE = """
def write(model, idx, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    limit = model.config.block_size
    for _ in range(max_new_tokens):
        with torch.no_grad():
            scores = model(idx if idx.size(1) <= limit else idx[:, -limit:]).squeeze(1)
        if temperature == 0:
            new = scores.argmax(-1, keepdim=True)
        else:
            scores = scores / temperature
            if top_k is not None:
                edge = scores.topk(min(top_k, scores.shape[-1])).values[:, [-1]]
                scores = scores.masked_fill(scores < edge, -float("inf"))
            new = torch.multinomial(scores.softmax(-1), 1, generator=generator)
        idx = torch.hstack([idx, new])
    return idx
"""
HEADS = ".view(B, T, self.n_head, C // self.n_head).transpose(1, 2)"
Q, K, V = (f"{name} = {name}{HEADS}" for name in "qkv")
SCORES = "att = (q @ k.transpose(-2, -1)) * (1.0 / math.sqrt(k.size(-1)))"
MASK = 'att = att.masked_fill(self.bias[:, :, :T, :T] == 0, float("-inf"))'
SOFTMAX = "att = F.softmax(att, dim=-1)"
DROP = "att = self.attn_dropout(att)"
OUT = "y = self.resid_dropout(self.c_proj(y))"
MLP = "\n        ".join(f"x = self.{name}(x)" for name in ("c_fc", "gelu", "c_proj"))
ATTN, SECOND = "x = x + self.attn(self.ln_1(x))", "x = x + self.mlp(self.ln_2(x))"
BOTH = f"{ATTN}\n        {SECOND}"
EMBED = "x = self.transformer.drop(tok_emb + pos_emb)"
BLOCK, OF_H = "x = block(x)", "in self.transformer.h:"
LOOP = f"for block {OF_H}\n            {BLOCK}"
FOR = "    for _ in range(max_new"
LAST = "logits = self.lm_head(x[:, [-1], :])"
NORM = "out = (input - mean) / torch.sqrt(var + 1e-5) * self.weight"
SEEN = "idx[:, -model.config.block_size:]"
CHOOSE = "choose(scores, temperature, top_k, generator=generator)"
WIDE = "config.n_embd, 3 * config.n_embd, bias=config.bias"
UP, DOWN = (f"{a}config.n_embd, {b}config.n_embd, bias=config.bias" for a, b in
            (("", "4 * "), ("4 * ", "")))  # fmt: skip
WRONG = [
    ("c_attn", "smp_c_attn_one", WIDE, WIDE.replace("3 * ", "")),
    ("c_attn", "smp_c_attn_of_a_head", WIDE,
     "config.n_embd, 3 * (config.n_embd // config.n_head), bias=config.bias"),
    ("c_attn", "smp_c_attn_of_a_head", WIDE,
     "config.n_embd, config.n_embd // config.n_head, bias=config.bias"),
    ("c_attn", "smp_c_attn_swapped", WIDE, "3 * config.n_embd, config.n_embd, bias=config.bias"),
    ("c_attn", "smp_c_attn_each_head", WIDE,
     "config.n_embd, 3 * config.n_embd * config.n_head, bias=config.bias"),
    ("c_attn", "smp_c_attn_from_a_head", WIDE,
     "config.n_embd // config.n_head, 3 * (config.n_embd // config.n_head), bias=config.bias"),
    ("c_attn", "smp_sizes_fixed", WIDE, "768, 2304, bias=config.bias"),
    ("c_attn", "smp_c_attn_size", WIDE, "config.n_embd, 2 * config.n_embd, bias=config.bias"),
    ("c_attn", "smp_bias_always", WIDE, "config.n_embd, 3 * config.n_embd"),
    ("c_attn", "smp_bias_ignored", WIDE, "config.n_embd, 3 * config.n_embd, bias=False"),
    ("c_attn", "smp_part_missing", "self.c_attn = nn.Linear", "self.attn = nn.Linear"),
    ("c_attn", "smp_not_in_init", WIDE, "n_embd, 3 * n_embd, bias=config.bias"),
    ("heads", "smp_heads_contiguous", Q, "q = q.view(B, self.n_head, T, C // self.n_head)"),
    ("heads", "smp_heads_viewed", K, "k = k.reshape(B, self.n_head, T, C // self.n_head)"),
    ("heads", "smp_heads_not_moved", V, "v = v.view(B, T, self.n_head, C // self.n_head)"),
    ("heads", "smp_heads_left", V, "v = v"),
    ("heads", "smp_heads_last_two", Q, Q + ".transpose(2, 3)"),
    ("heads", "smp_heads_interleaved", Q,
     "q = q.view(B, T, C // self.n_head, self.n_head).permute(0, 3, 1, 2)"),
    ("heads", "smp_heads_hs_in_front", Q,
     "q = q.view(B, T, C // self.n_head, self.n_head).transpose(1, 2)"),
    ("heads", "smp_heads_before_texts", Q,
     "q = q.view(B, T, self.n_head, C // self.n_head).permute(2, 0, 1, 3)"),
    ("heads", "smp_heads_copied", V, V.replace("= v", "= k0").replace(
        "v =", "k0 = self.c_attn(x).split(self.n_embd, dim=2)[1]; v =")),
    ("heads", "smp_heads_float", Q, Q.replace("//", "/")),
    ("heads", "smp_heads_size", Q, "q = q.view(B, T, self.n_head, C).transpose(1, 2)"),
    ("heads", "smp_own_names", Q, Q.replace("self.n_head", "self.n_heads")),
    ("scores", "smp_scores_not_scaled", " * (1.0 / math.sqrt(k.size(-1)))", ""),
    ("scores", "smp_scores_by_size", "(1.0 / math.sqrt(k.size(-1)))", "(1.0 / k.size(-1))"),
    ("scores", "smp_scores_multiplied", "(1.0 / math.sqrt(k.size(-1)))", "math.sqrt(k.size(-1))"),
    ("scores", "smp_scores_by_width", "math.sqrt(k.size(-1))", "math.sqrt(C)"),
    ("scores", "smp_scores_by_T", "math.sqrt(k.size(-1))", "math.sqrt(k.size(-2))"),
    ("scores", "smp_scores_by_heads", "math.sqrt(k.size(-1))", "math.sqrt(self.n_head)"),
    ("scores", "smp_scores_turned", "q @ k.transpose(-2, -1)", "k @ q.transpose(-2, -1)"),
    ("scores", "smp_scores_not_transposed", "k.transpose(-2, -1)", "k"),
    ("scores", "smp_scores_q_only", "k.transpose(-2, -1)", "q.transpose(-2, -1)"),
    ("scores", "smp_scores_root", "math.sqrt(k.size(-1))", "torch.sqrt(k.size(-1))"),
    ("scores", "smp_scores_softmax", SCORES, f"{SCORES}; {SOFTMAX}"),
    ("mask", "smp_mask_not_kept", MASK, MASK.removeprefix("att = ")),
    ("mask", "smp_mask_inverted", ":T, :T] == 0,", ":T, :T] == 1,"),
    ("mask", "smp_mask_turned", "self.bias[:, :, :T, :T] == 0",
     "self.bias[:, :, :T, :T].transpose(2, 3) == 0"),
    ("mask", "smp_mask_diagonal", "self.bias[:, :, :T, :T] == 0",
     "torch.ones(T, T).tril(-1) == 0"),
    ("mask", "smp_mask_with_0", 'float("-inf")', "0.0"),
    ("mask", "smp_mask_with_0", 'float("-inf")', "1e-9"),
    ("mask", "smp_mask_number", 'float("-inf")', "-10.0"),
    ("mask", "smp_mask_number", 'float("-inf")', "-1e4"),
    ("mask", "smp_mask_plus_inf", 'float("-inf")', 'float("inf")'),
    ("mask", "smp_mask_not_cut", "self.bias[:, :, :T, :T]", "self.bias"),
    ("mask", "smp_mask_not_cut", "self.bias[:, :, :T, :T]", "self.bias[:T, :T]"),
    ("mask", "smp_mask_not_bool", "self.bias[:, :, :T, :T] == 0", "self.bias[:, :, :T, :T]"),
    ("mask", "smp_mask_after", MASK, f"{SOFTMAX}; {MASK}"),
    ("mask", "smp_mask_missing", MASK, "pass"),
    ("weights", "smp_weights_over_queries", "att, dim=-1", "att, dim=-2"),
    ("weights", "smp_weights_over_heads", "att, dim=-1", "att, dim=1"),
    ("weights", "smp_weights_over_texts", "att, dim=-1", "att, dim=0"),
    ("weights", "smp_weights_raw", SOFTMAX, "att = att"),
    ("weights", "smp_weights_twice", SOFTMAX, f"{SOFTMAX}; {SOFTMAX}"),
    ("weights", "smp_weights_log", "F.softmax(att", "F.log_softmax(att"),
    ("weights", "smp_weights_no_dropout", DROP, "pass"),
    ("weights", "smp_weights_no_dropout", DROP, "self.attn_dropout(att)"),
    ("weights", "smp_weights_no_dropout", "self.attn_dropout(att)", "self.resid_dropout(att)"),
    ("weights", "dropout_in_evaluation", "self.attn_dropout(att)", "F.dropout(att)"),
    ("weights", "smp_weights_dropout_first", f"{SOFTMAX}\n{' ' * 12}{DROP}", f"{DROP}; {SOFTMAX}"),
    ("weights", "smp_weights_axis", "att, dim=-1", "att, axis_=-1"),
    ("out", "smp_out_not_projected", "self.c_proj(y)", "y"),
    ("out", "smp_out_twice", "self.c_proj(y)", "self.c_proj(self.c_proj(y))"),
    ("out", "smp_out_no_bias", "self.c_proj(y)", "y @ self.c_proj.weight.T"),
    ("out", "smp_out_residual", "self.c_proj(y)", "self.c_proj(y) + y"),
    ("out", "smp_out_no_dropout", OUT, "y = self.c_proj(y)"),
    ("out", "smp_out_no_dropout", "self.resid_dropout(self", "self.attn_dropout(self"),
    ("out", "dropout_before_projection", OUT, "y = self.c_proj(self.resid_dropout(y))"),
    ("out", "dropout_in_evaluation", "self.resid_dropout(self.c_proj(y))",
     "F.dropout(self.c_proj(y))"),
    ("out", "smp_out_other_dropout", "self.resid_dropout(self.c_proj(y))",
     "F.dropout(self.c_proj(y), 0.5, self.training)"),
    ("mlp_init", "smp_mlp_narrow", UP, UP.replace("4 * ", "")),
    ("mlp_init", "smp_mlp_swapped", UP, DOWN),
    ("mlp_init", "smp_mlp_wide", DOWN, "4 * config.n_embd, 4 * config.n_embd"),
    ("mlp_init", "smp_sizes_fixed", UP, "768, 3072"),
    ("mlp_init", "smp_bias_always", DOWN, "4 * config.n_embd, config.n_embd"),
    ("mlp_init", "smp_bias_ignored", UP, UP.replace("config.bias", "False")),
    ("mlp_init", "smp_part_missing", "self.c_fc = nn", "self.fc = nn"),
    ("mlp", "smp_mlp_no_gelu", "x = self.gelu(x)", "x = x"),
    ("mlp", "smp_mlp_no_gelu", "x = self.gelu(x)", "self.gelu(x)"),
    ("mlp", "smp_mlp_gelu_last", MLP, "x = self.gelu(self.c_proj(self.gelu(self.c_fc(x))))"),
    ("mlp", "smp_mlp_gelu_last", MLP, "x = self.gelu(self.c_proj(self.c_fc(x)))"),
    ("mlp", "smp_mlp_not_back", "x = self.c_proj(x)", "x = x"),
    ("mlp", "smp_mlp_relu", "x = self.gelu(x)", "x = F.relu(x)"),
    ("mlp", "smp_mlp_residual", MLP, "x = x + self.c_proj(self.gelu(self.c_fc(x)))"),
    ("mlp", "smp_mlp_no_dropout", "x = self.dropout(x)", "pass"),
    ("mlp", "smp_mlp_dropout_not_last", "x = self.gelu(x)", "x = self.dropout(self.gelu(x))"),
    ("mlp", "dropout_in_evaluation", "x = self.dropout(x)", "x = F.dropout(x)"),
    ("mlp", "smp_mlp_order", "x = self.c_fc(x)", "x = self.c_proj(x)"),
    ("block", "smp_no_residual_attention", ATTN, "x = self.attn(self.ln_1(x))"),
    ("block", "smp_no_residual_mlp", SECOND, "x = self.mlp(self.ln_2(x))"),
    ("block", "smp_no_residuals", BOTH, "x = self.mlp(self.ln_2(self.attn(self.ln_1(x))))"),
    ("block", "smp_residual_of_normed", ATTN, "x = self.ln_1(x); x = x + self.attn(x)"),
    ("block", "smp_residual_of_normed_mlp", SECOND, "x = self.ln_2(x); x = x + self.mlp(x)"),
    ("block", "smp_residual_of_normed_both", BOTH,
     "x = self.ln_1(x); x = x + self.attn(x); x = self.ln_2(x); x = x + self.mlp(x)"),
    ("block", "smp_no_ln_1", "self.attn(self.ln_1(x))", "self.attn(x)"),
    ("block", "smp_no_ln_2", "self.mlp(self.ln_2(x))", "self.mlp(x)"),
    ("block", "smp_no_norms", BOTH, "x = x + self.attn(x); x = x + self.mlp(x)"),
    ("block", "smp_ln_1_twice", "self.mlp(self.ln_2(x))", "self.mlp(self.ln_1(x))"),
    ("block", "smp_ln_2_twice", "self.attn(self.ln_1(x))", "self.attn(self.ln_2(x))"),
    ("block", "smp_block_in_place", ATTN, "x += self.attn(self.ln_1(x))"),
    ("block", "smp_block_no_mlp", SECOND, "pass"),
    ("block", "smp_block_no_attention", ATTN, "pass"),
    ("block", "smp_not_kept", BOTH, "self.attn(self.ln_1(x)); self.mlp(self.ln_2(x))"),
    ("block", "smp_second_from_x", BOTH,
     "a = x + self.attn(self.ln_1(x)); x = x + self.mlp(self.ln_2(a))"),
    ("block", "smp_block_in_parallel", BOTH,
     "x = x + self.attn(self.ln_1(x)) + self.mlp(self.ln_2(x))"),
    ("block", "smp_mlp_before_attention", BOTH, f"{SECOND}; {ATTN}"),
    ("block", "smp_norms_of_outputs", BOTH,
     "x = x + self.ln_1(self.attn(x)); x = x + self.ln_2(self.mlp(x))"),
    ("block", "smp_norm_after", BOTH,
     "x = self.ln_1(x + self.attn(x)); x = self.ln_2(x + self.mlp(x))"),
    ("block", "smp_norms_swapped", BOTH,
     "x = x + self.attn(self.ln_2(x)); x = x + self.mlp(self.ln_1(x))"),
    ("embed", "smp_embed_no_places", "tok_emb + pos_emb", "tok_emb"),
    ("embed", "smp_embed_no_tokens", "tok_emb + pos_emb", "pos_emb.expand_as(tok_emb)"),
    ("embed", "smp_embed_product", "tok_emb + pos_emb", "tok_emb * pos_emb"),
    ("embed", "smp_embed_no_dropout", EMBED, "x = tok_emb + pos_emb"),
    ("embed", "smp_embed_dropout_each", EMBED,
     "x = self.transformer.drop(tok_emb) + self.transformer.drop(pos_emb)"),
    ("embed", "dropout_in_evaluation", EMBED, "x = F.dropout(tok_emb + pos_emb)"),
    ("embed", "smp_own_names", "self.transformer.drop(", "self.drop("),
    ("blocks", "smp_blocks_not_kept", BLOCK, "block(x)"),
    ("blocks", "smp_blocks_each_from_start", LOOP,
     "for block in self.transformer.h:\n            y = block(x)\n        x = y"),
    ("blocks", "smp_blocks_backwards", OF_H, "in reversed(self.transformer.h):"),
    ("blocks", "smp_blocks_last_missing", OF_H, "in self.transformer.h[:-1]:"),
    ("blocks", "smp_blocks_first_missing", OF_H, "in self.transformer.h[1:]:"),
    ("blocks", "smp_blocks_first", OF_H, "in self.transformer.h[:1]:"),
    ("blocks", "smp_blocks_residual", BLOCK, "x = x + block(x)"),
    ("blocks", "smp_blocks_not_once", BLOCK, "x = block(block(x))"),
    ("blocks", "smp_blocks_returned", BLOCK, "return block(x)"),
    ("blocks", "smp_list_called", LOOP, "x = self.transformer.h(x)"),
    ("last", "smp_last_all", "x[:, [-1], :]", "x"),
    ("last", "smp_last_head_of_all", LAST, "logits = self.lm_head(x)[:, [-1], :]"),
    ("last", "smp_last_no_axis", "x[:, [-1], :]", "x[:, -1, :]"),
    ("last", "smp_last_first", "x[:, [-1], :]", "x[:, [0], :]"),
    ("last", "smp_last_before", "x[:, [-1], :]", "x[:, [-2], :]"),
    ("last", "smp_last_text", "x[:, [-1], :]", "x[[-1]]"),
    ("last", "smp_last_places_lost", "x[:, [-1], :]", "x[:, 1:, :]"),
    ("last", "smp_last_no_head", LAST, "logits = x[:, [-1], :]"),
    ("last", "smp_last_softmax", LAST, LAST + ".softmax(-1)"),
    ("last", "smp_last_axis_moved", "x[:, [-1], :]", "x[:, -1][None]"),
    ("last", "smp_last_mean", "x[:, [-1], :]", "x.mean(1, keepdim=True)"),
    ("last", "smp_last_ids", LAST, LAST + ".argmax(-1)"),
    ("last", "smp_last_two", LAST, f"{LAST}, None"),
    ("layer_norm", "smp_norm_no_weight", " * self.weight", ""),
    ("layer_norm", "smp_norm_no_bias", "out if self.bias is None else out + self.bias", "out"),
    ("layer_norm", "smp_norm_bias_none", "out if self.bias is None else out + self.bias",
     "out + self.bias"),
    ("layer_norm", "layernorm_unbiased", ", unbiased=False", ""),
    ("layer_norm", "layernorm_eps_outside", "torch.sqrt(var + 1e-5)", "(torch.sqrt(var) + 1e-5)"),
    ("layer_norm", "layernorm_no_eps", "torch.sqrt(var + 1e-5)", "torch.sqrt(var)"),
    ("layer_norm", "layernorm_eps", "var + 1e-5", "var + 1e-6"),
    ("layer_norm", "layernorm_no_root", "torch.sqrt(var + 1e-5)", "(var + 1e-5)"),
    ("layer_norm", "layernorm_brackets", "(input - mean) / torch.sqrt(var + 1e-5)",
     "(input - mean / torch.sqrt(var + 1e-5))"),
    ("layer_norm", "layernorm_over_time", "mean(-1, keepdim=True)\n        var = input.var(-1",
     "mean(1, keepdim=True)\n        var = input.var(1"),
    ("layer_norm", "layernorm_no_keepdim", "mean(-1, keepdim=True)", "mean(-1)"),
    ("layer_norm", "smp_norm_of_torch", NORM,
     "out = torch.layer_norm(input, self.weight.shape, self.weight)"),
    ("write", "smp_write_no_crop", SEEN, "idx"),
    ("write", "smp_write_crop_first", SEEN, "idx[:, :model.config.block_size]"),
    ("write", "smp_write_last_only", SEEN, "idx[:, -1:]"),
    ("write", "smp_write_crop_less", SEEN, "idx[:, 1 - model.config.block_size:]"),
    ("write", "smp_write_config", "model.config.block_size", "model.block_size"),
    ("write", "smp_write_axis", "model(seen)[:, -1]", "model(seen)"),
    ("write", "smp_write_count", "range(max_new_tokens)", "range(max_new_tokens - 1)"),
    ("write", "smp_write_one", "    return idx", "        return idx"),
    ("write", "smp_write_nothing", "idx = torch.cat", "torch.cat"),
    ("write", "smp_write_only_new", "    return idx", "    return idx[:, -max_new_tokens:]"),
    ("write", "smp_write_text_cropped", f"seen = {SEEN}", f"seen = idx = {SEEN}"),
    ("write", "smp_write_no_top_k", CHOOSE, "choose(scores, temperature, generator=generator)"),
    ("write", "smp_write_no_temperature", CHOOSE,
     "choose(scores, min(temperature, 1), top_k, generator=generator)"),
    ("write", "smp_write_twice", CHOOSE,
     "choose(scores / (temperature or 1), temperature, top_k, generator=generator)"),
    ("write", "smp_write_no_generator", CHOOSE, "choose(scores, temperature, top_k)"),
    ("write", "smp_write_choose", CHOOSE, "choose(scores, temperature, top_k, generator)"),
    ("write", "smp_write_reseeds", FOR, f"    torch.manual_seed(3)\n{FOR}"),
    ("write", "smp_write_no_draw", CHOOSE, "choose(scores, 0)"),
    ("write", "dec_graph", "@torch.no_grad()\n", ""),
    ("write", "dec_nothing_returned", "    return idx", "    pass"),
    # met in a trial
    ("c_attn", "smp_c_attn_self", WIDE, WIDE.replace("config.n", "self.n")),
    ("c_attn", "smp_heads_float", WIDE, "config.n_embd, 3 * config.n_embd / 1, bias=config.bias"),
    ("heads", "smp_config_in_init", Q, Q.replace("self.n_head", "config.n_head")),
    ("heads", "smp_heads_name", Q, Q.replace("self.n_head", "nh")),
    ("heads", "smp_heads_name", Q, Q.replace("C // self.n_head", "hs")),
    ("heads", "smp_heads_axes", Q, Q.replace("(1, 2)", "(1, 3)")),
    ("heads", "smp_heads_axes", Q, Q.replace("(1, 2)", "(2, 3)")),
    ("heads", "smp_heads_axes", Q, Q.replace("(1, 2)", "(0, 1)")),
    ("heads", "smp_heads_fixed", Q, "q = q.view(B, T, 2, C // 2).transpose(1, 2)"),
    ("heads", "smp_heads_size", Q, "q = q.view(B, T, 12, C // 12).transpose(1, 2)"),
    ("scores", "smp_no_att", SCORES, SCORES.replace("att =", "scores =")),
    ("scores", "smp_scores_elementwise", "q @ k.transpose(-2, -1)", "q * k"),
    ("scores", "smp_scores_all_sizes", "k.size(-1)", "k.size()"),
    ("scores", "smp_scores_size", "k.size(-1)", "hs"),
    ("scores", "smp_scores_dot_T", "k.transpose(-2, -1)", "k.T"),
    ("mask", "smp_mask_nothing", ":T, :T] == 0", "-T:, :T] == 0"),
    ("mask", "smp_mask_inf", 'float("-inf")', "-inf"),
    ("mask", "smp_mask_inf", 'float("-inf")', "-np.inf"),
    ("weights", "smp_dropout_number", "self.attn_dropout(att)", "self.dropout(att)"),
    ("weights", "smp_weights_mixed", DROP, f"{DROP}; att = att @ v"),
    ("weights", "smp_weights_name", "F.softmax", "softmax"),
    ("weights", "smp_weights_axis", "F.softmax(att, dim=-1)", "F.softmax(att)"),
    ("weights", "smp_weights_axis", "F.softmax(att, dim=-1)", "torch.softmax(att)"),
    ("weights", "smp_weights_class", "F.softmax(att", "nn.Softmax(att"),
    ("weights", "smp_weights_class", "F.softmax(att, dim=-1)", "nn.Softmax(att)"),
    ("weights", "smp_weights_exp", SOFTMAX, "att = torch.exp(att)"),
    ("weights", "smp_weights_keepdim", SOFTMAX,
     "att = torch.exp(att); att = att / att.sum(-1)"),
    ("out", "smp_dropout_number", "self.resid_dropout(self", "self.dropout(self"),
    ("out", "smp_out_adds_x", "y = self.resid", "y = x + self.resid"),
    ("out", "smp_out_from_x", "self.c_proj(y)", "self.c_proj(x)"),
    ("out", "smp_out_not_kept", OUT, OUT.removeprefix("y = ")),
    ("out", "smp_out_not_kept", OUT, OUT.replace("y = ", "out = ")),
    ("embed", "smp_no_x", EMBED, EMBED.replace("x = ", "y = ")),
    ("embed", "smp_own_names", EMBED, EMBED.replace("transformer.drop", "dropout")),
    ("blocks", "smp_blocks_range", LOOP,
     "for i in range(12):\n            x = self.transformer.h[i](x)"),
    ("blocks", "smp_config_in_init", LOOP,
     "for i in range(config.n_layer):\n            x = self.transformer.h[i](x)"),
    ("blocks", "smp_blocks_normed_each", BLOCK, "x = self.transformer.ln_f(block(x))"),
    ("last", "smp_no_logits", LAST, LAST.replace("logits =", "x =")),
    ("last", "smp_last_past_the_end", "[:, [-1], :]", "[:, [T], :]"),
    ("last", "smp_last_places_lost", "[:, [-1], :]", "[:, :-1]"),
    ("last", "smp_last_wte", "self.lm_head(x", "self.transformer.wte(x"),
    ("last", "smp_last_normed_twice", LAST, f"x = self.transformer.ln_f(x); {LAST}"),
    ("layer_norm", "smp_norm_if_bias", "if self.bias is None", "if not self.bias"),
    ("layer_norm", "smp_norm_input", "input.mean(", "x.mean("),
    ("layer_norm", "smp_scores_root", "torch.sqrt", "math.sqrt"),
    ("layer_norm", "smp_norm_std", "torch.sqrt(var + 1e-5)", "input.std(-1, keepdim=True)"),
    ("write", "smp_write_count", "range(max_new_tokens)", "range(idx.shape[1], max_new_tokens)"),
    ("write", "smp_write_in_front", "(idx, new)", "(new, idx)"),
    ("write", "smp_write_axis", "dim=1)", "dim=0)"),
    ("write", "smp_write_axis", "model(seen)[:, -1]", "model(seen)[-1]"),
    ("write", "smp_write_squeezed", "model(seen)[:, -1]", "model(seen).squeeze()"),
    ("write", "smp_write_odds", "choose(scores,", "choose(scores.softmax(-1),"),
    ("write", "smp_write_other_model", "model(seen)", "gpt(seen)"),
]  # fmt: skip
ITEMS = {**NAMES, "write": "write"}
TRIAL = Trial(check, RIGHT, ITEMS, {"torch": torch})
notebook, failure = TRIAL.notebook, TRIAL.failure


def rewritten(bodies):
    """The file with other bodies in its regions."""
    lines, out, done = SOURCE.split("\n"), [], 0
    for hole in holes.find(SOURCE):
        body = [hole.indent + line for line in bodies[hole.item].split("\n")]
        out += [*lines[done : hole.first], *body]
        done = hole.last + 1
    return "\n".join(out + lines[done:])


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty working folder, in which model.py can be loaded."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "model", None)
    return tmp_path


def loaded(folder, text):
    (folder / "model.py").write_text(text, encoding="utf-8")
    return companion.fresh("model.py")


@pytest.mark.parametrize("item", ITEMS)
def test_a_right_answer_passes_and_says_so_in_one_line(item, capsys):
    TRIAL.passes(item, capsys)


@pytest.mark.parametrize("item", ITEMS)
def test_a_right_answer_may_be_written_in_another_way(item, capsys):
    space = notebook(rewritten(OTHER) + OTHER_WRITE)
    getattr(check, item)(space[ITEMS[item]])
    assert capsys.readouterr().out == f"{item}: right.\n"


@pytest.mark.parametrize(
    ("item", "cause", "old", "new"), WRONG, ids=[f"{w[1]}-{i}" for i, w in enumerate(WRONG)]
)
def test_a_wrong_answer_is_told_its_cause(item, cause, old, new):
    TRIAL.told(item, cause, old, new)


@pytest.mark.parametrize("item", NAMES)
def test_an_empty_place_is_told_apart_and_disturbs_none_above_it(item, folder, capsys):
    """In the order of the lab; the bonus comes filled, and is not attempted all the same."""
    order = list(NAMES)
    before = order[: order.index(item)]
    module = loaded(folder, holes.emptied(SOURCE, but=before))
    assert isinstance(failure(item, getattr(module, NAMES[item])), core.NotAttempted)
    module = loaded(folder, holes.emptied(SOURCE, but=[*before, item]))
    for done in [*before, item]:
        getattr(check, done)(getattr(module, NAMES[done]))
    assert capsys.readouterr().out.count("right.") == len(before) + 1


@pytest.mark.parametrize("item", ["block", "embed", "blocks", "last", "layer_norm"])
def test_these_need_no_other_class(item, folder):
    but = {"blocks": ["embed"], "last": ["embed", "blocks"]}.get(item, [])
    module = loaded(folder, holes.emptied(SOURCE, but=[*but, item]))
    getattr(check, item)(getattr(module, NAMES[item]))


def test_a_place_that_is_needed_is_named(folder):
    module = loaded(folder, holes.emptied(SOURCE, but=["heads"]))
    error = failure("heads", module.CausalSelfAttention)
    assert not isinstance(error, core.NotAttempted)
    assert "TO-DO c_attn" in error.found and "model.py" in error.where


@pytest.mark.parametrize("item", NAMES)
@pytest.mark.parametrize("value", ["None", "'text'", "3.5", "[1, 2]", "torch.ones(2, 2)"])
def test_something_else_is_told_what_was_found(item, value):
    bodies = dict(OTHER)
    if item in ("c_attn", "mlp_init"):
        bodies[item] = f"self.c_attn = self.c_fc = self.c_proj = {value}"
    else:
        name = {"heads": "q = k = v", "block": "x", "mlp": "x", "embed": "x", "blocks": "x",
                "last": "logits", "layer_norm": "return", "out": "y"}.get(item, "att")  # fmt: skip
        bodies[item] = f"return {value}" if name == "return" else f"{name} = {value}"
    error = failure(item, notebook(rewritten(bodies))[NAMES[item]])
    assert error.found and error.expected, str(error)


@pytest.mark.parametrize("item", ITEMS)
def test_nothing_and_no_class_are_told_apart(item):
    assert isinstance(failure(item, None), core.NotAttempted)
    assert failure(item, 3).found


def test_checks_leave_the_notebook_as_it_was():
    space = notebook()
    torch.manual_seed(5)
    before, kept = dict(space), torch.random.get_rng_state()
    for item, name in ITEMS.items():
        getattr(check, item)(space[name])
    assert space == before
    assert torch.random.get_rng_state().equal(kept)


def test_the_file_is_the_librarys_model_but_for_the_gelu():
    space = notebook()
    sizes = {"block_size": 7, "vocab_size": 13, "n_layer": 2, "n_head": 3, "n_embd": 12}
    mine = space["GPT"](space["GPTConfig"](**sizes)).eval()
    theirs = nano.GPT(nano.GPTConfig(**sizes)).eval()
    mine.load_state_dict(theirs.state_dict())
    for block in mine.transformer.h:
        block.mlp.gelu = torch.nn.GELU(approximate="tanh")
    idx = torch.randint(13, (2, 5))
    right = theirs(idx)
    right = (right[0] if isinstance(right, tuple) else right)[:, [-1]]
    for flash in (True, False):
        for block in mine.transformer.h:
            block.attn.flash = flash
        assert mine(idx).allclose(right, atol=1e-5)


SET = {"temperature": 0.8, "top_k": 40, "seed": 7}
GOOD = {"prompt": "My love,", "settings": SET,
        "letter": "My love,\nand so on", "agree": True, "name": "Ada"}  # fmt: skip


def test_the_letter_is_read_as_the_page_reads_it(capsys):
    check.letter(GOOD)
    assert capsys.readouterr().out == (
        "letter: right. It will be shown to your class, signed Ada.\n"
    )
    check.letter(GOOD | {"agree": False, "name": ""})
    assert "stays with your instructor, without a name" in capsys.readouterr().out
    for blank in (None, letter.BLANK, GOOD | {"prompt": "", "letter": ""}):
        assert isinstance(failure("letter", blank), core.NotAttempted)


@pytest.mark.parametrize(
    ("changed", "word"),
    [({"agree": "yes"}, "agree"), ({"letter": " "}, "letter"), ({"prompt": ""}, "prompt"),
     ({"settings": SET | {"temperature": -1}}, "number from 0"), ({"name": 3}, "an int"),
     ({"settings": SET | {"top_k": 0}}, "from 1"), ({"settings": SET | {"seed": "7"}}, "whole num"),
     ({"settings": {"temperature": 0.8, "top_k": 40}}, "there is none"),
     ({"letter": " My love,\n"}, "the prompt alone"), ({"settings": 3}, "settings")],
)  # fmt: skip
def test_a_letter_of_another_form_is_refused(changed, word):
    assert word in str(failure("letter", GOOD | changed))


UNREAD = [
    ('"letter": first', "`first` is computed"),
    ('"letter": text_of("My love,", 48, 0.8)', "`text_of('My love,', 48, 0.8)` is computed"),
    ('"letter": f"""{first}"""', "is computed"),
    ('"letter": "My love,\\nand" + " so on"', "is computed"),
    ('"letter": """My love,\nand so on """.strip()', "is computed"),
]


@pytest.fixture
def ran(monkeypatch):
    """A notebook in which these cells ran."""
    shell = SimpleNamespace(history_manager=SimpleNamespace(input_hist_raw=[]))
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    return shell.history_manager.input_hist_raw


PLAIN = (
    'letter = {"prompt": "My love,", "settings": {"temperature": 0.8, "top_k": 40, "seed": 7},\n'
    '"letter": """My love,\nand so on""", "agree": True, "name": "Ada"}'
)


def test_a_letter_that_the_page_can_read(ran, capsys):
    ran += ["letter = 3", "%time 3", PLAIN, "check.letter(letter)"]
    check.letter(GOOD)
    assert "It will be shown to your class" in capsys.readouterr().out


@pytest.mark.parametrize(("new", "word"), UNREAD)
def test_what_the_page_cannot_read_is_named(new, word, ran, capsys):
    ran.append(PLAIN.replace('"letter": """My love,\nand so on"""', new))
    assert ran[0] != PLAIN
    check.letter(GOOD)
    said = capsys.readouterr().out
    assert said.startswith("letter: right. But the page cannot read it") and word in said


@pytest.mark.parametrize(
    "cell", ['"A letter"\n{}', '{}\nprint(letter["letter"])', '{}\nletter["agree"] = False']
)
def test_nothing_else_may_stand_in_the_cell(cell, ran, capsys):
    ran.append(cell.format(PLAIN))
    check.letter(GOOD)
    said = capsys.readouterr().out
    assert "nothing else in the cell, found `" in said


def test_a_letter_that_was_changed_later_is_not_the_one_of_the_page(ran, capsys):
    ran += [PLAIN, 'letter["agree"] = False']
    check.letter(GOOD | {"agree": False})
    assert "it was changed after its cell had run" in capsys.readouterr().out


# What no check of a single place sees, or what was changed beside them.
WHOLE = [
    ("smp_whole_ln_f", "h.1", BLOCK, "x = self.transformer.ln_f(block(x))"),
    ("smp_whole_ln_f", "2 times", LAST, f"x = self.transformer.ln_f(x); {LAST}"),
    ("smp_whole_ln_f", "h.0", EMBED, f"{EMBED}; x = self.transformer.ln_f(x)"),
    ("smp_whole_embed", "h.0", EMBED, f"{EMBED}; x = x * 1.5"),
    ("smp_whole_blocks", "h.1", BLOCK, "x = block(x) * 1.1"),
    ("smp_out_adds_x", "h.0.attn", OUT, OUT.replace("y = ", "y = x + ")),
    ("smp_whole_mlp", "h.0.mlp", "nn.GELU()", "nn.ReLU()"),
    ("smp_whole_flash", "h.0.attn", "is_causal=True", "is_causal=False"),
    ("smp_whole_long_way", "flash False", 'float("-inf")', "0.0"),
    ("smp_whole_long_way", "flash False", "math.sqrt(k.size(-1))", "math.sqrt(C)"),
    ("smp_whole_norm", "h.0.ln_1", "var + 1e-5", "var + 1"),
    ("smp_whole_block", "h.0.ln_2", SECOND, "x = x + self.mlp(x)"),
    ("smp_whole_block", "h.0 gives", SECOND, "x = self.mlp(self.ln_2(x))"),
    ("smp_whole_head", "flash True", "x[:, [-1], :]", "x[:, [0], :]"),
    ("smp_whole_weights", "weights", "self.ln_2", "self.norm"),
    ("", "line 94 of the cell", DROP, f"{DROP}; att = att @ v"),
]


def test_the_whole_of_a_right_file_passes(capsys):
    tanh = RIGHT.replace("nn.GELU()", 'nn.GELU(approximate="tanh")')
    for text in (RIGHT, tanh, rewritten(OTHER) + OTHER_WRITE, holes.filled(SOURCE)):
        check.whole(notebook(text)["GPT"])
        assert capsys.readouterr().out == "whole: right.\n"
    released = holes.emptied(SOURCE, but=[name for name in NAMES if name != "layer_norm"])
    check.whole(notebook(released)["GPT"])  # the bonus is one


@pytest.mark.parametrize(("cause", "word", "old", "new"), WHOLE, ids=range(len(WHOLE)))
def test_the_whole_names_the_first_part_that_differs(cause, word, old, new):
    assert RIGHT.count(old) >= 1
    error = failure("whole", notebook(RIGHT.replace(old, new))["GPT"])
    assert error.likely == CAUSES.get(cause, ""), str(error)
    assert word in str(error), str(error)


def test_norms_that_are_too_many_cost_the_place_where_they_stand(folder):
    norm = "x = self.transformer.ln_f(x)"
    for item, old, new in (
        ("embed", EMBED, f"{EMBED}; {norm}"),
        ("blocks", LOOP, f"{LOOP}\n        {norm}"),
        ("last", LAST, f"{norm}; {LAST}"),
        ("last", LAST, LAST.replace("x[:, [-1], :]", "self.transformer.ln_f(x[:, [-1], :])")),
    ):
        module = loaded(folder, holes.filled(SOURCE).replace(old, new))
        assert "ln_f" in str(failure(item, module.GPT))
        for other in {"embed", "blocks", "last"} - {item}:
            getattr(check, other)(module.GPT)


def test_a_file_without_its_comments_is_as_right(folder, capsys):
    text = "\n".join(line for line in holes.filled(SOURCE).split("\n") if line.strip()[:1] != "#")
    module = loaded(folder, text)
    for item, name in [*NAMES.items(), ("whole", "GPT")]:
        getattr(check, item)(getattr(module, name))
    for mark in ("embed", "blocks", "last"):
        module = loaded(folder, holes.filled(SOURCE).replace(f"# TO-DO {mark}", "# done"))
        for item in ("embed", "blocks", "last"):
            getattr(check, item)(module.GPT)


def test_forms_that_are_as_right(capsys):
    functional = "y = F.dropout(F.linear(y, self.c_proj.weight, self.c_proj.bias), self.dropout, "
    check.out(notebook(RIGHT.replace(OUT, f"{functional}self.training)"))["CausalSelfAttention"])
    tanh = RIGHT.replace("x = self.gelu(x)", 'x = F.gelu(x, approximate="tanh")')
    check.mlp(notebook(tanh)["MLP"])
    assert "that form belongs into __init__" in capsys.readouterr().out


def test_a_class_of_a_file_that_changed_is_not_looked_at(folder):
    text = holes.filled(SOURCE)
    module = loaded(folder, text)
    (folder / "model.py").write_text(text.replace("3 * config", "2 * config"), encoding="utf-8")
    for item, name in [*NAMES.items(), ("whole", "GPT")]:
        error = failure(item, getattr(module, name))
        assert isinstance(error, core.NotLoaded) and "has changed since" in error.found


def test_what_is_written_by_hand_in_the_lab():
    assert written([1, 2], 4, 3) == [1, 2, 3, 1, 1, 0]
    assert 785 * 64 + 17 == 50257 and 786 * 64 == 50304 and 47 * 768 == 36096
    assert 1024 * 50257 * 4 // 10**6 == 205 and sample.choose is not None
