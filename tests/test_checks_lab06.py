"""The checks of lab06: right answers pass, wrong ones are told why, empty ones are told apart."""

import math

import pytest
import torch
from check_trials import Trial
from torch import nn
from torch.nn import functional as F

from gptlab.checks import core
from gptlab.checks import lab06_attention_classes as check
from gptlab.checks.causes import CAUSES

NAMES = {
    "simple_attention": "simple_attention",
    "v1": "SelfAttention_v1",
    "v2": "SelfAttention_v2",
    "transfer": "transfer",
    "causal": "CausalAttention",
    "wrapper": "MultiHeadAttentionWrapper",
    "multi_head": "MultiHeadAttention",
}
CLASSES = {"v1", "v2", "causal", "wrapper", "multi_head"}
RIGHT = """
def simple_attention(inputs):
    scores = torch.einsum("td,sd->ts", inputs, inputs)
    weights = F.softmax(scores, dim=1)
    context = torch.matmul(weights, inputs)
    return weights, context

class SelfAttention_v1(nn.Module):
    def __init__(self, d_in, d_out):
        super().__init__()
        self.W_query, self.W_key, self.W_value = (
            nn.Parameter(torch.rand(d_in, d_out)) for _ in range(3))

    def forward(self, x):
        q, k, v = x @ self.W_query, x @ self.W_key, x @ self.W_value
        scores = q @ k.T
        weights = F.softmax(scores / k.shape[1] ** 0.5, dim=-1)
        return weights @ v

class SelfAttention_v2(nn.Module):
    def __init__(self, d_in, d_out, qkv_bias=False):
        super().__init__()
        def layer():
            return nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_query, self.W_key, self.W_value = layer(), layer(), layer()

    def forward(self, x):
        q, k, v = self.W_query(x), self.W_key(x), self.W_value(x)
        scores = q @ k.T
        weights = F.softmax(scores / k.shape[1] ** 0.5, dim=-1)
        return weights @ v

def transfer(v1, v2):
    for name in ("W_query", "W_key", "W_value"):
        matrix = getattr(v2, name).weight.detach().T
        setattr(v1, name, nn.Parameter(matrix.clone()))

class CausalAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        self.W_query = nn.Linear(d_in, d_out, qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, qkv_bias)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("mask", torch.ones(context_length, context_length).triu(1))

    def forward(self, x):
        B, T, _ = x.shape
        q, k, v = self.W_query(x), self.W_key(x), self.W_value(x)
        scores = q @ k.mT / k.shape[-1] ** 0.5
        hide = self.mask[:T, :T] == 1
        scores = scores.masked_fill(hide, float("-inf"))
        weights = F.softmax(scores, dim=-1)
        weights = self.dropout(weights)
        return weights @ v

class MultiHeadAttentionWrapper(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        def head():
            return CausalAttention(d_in, d_out, context_length, dropout, qkv_bias=qkv_bias)
        self.heads = nn.ModuleList([head() for _ in range(num_heads)])

    def forward(self, x):
        return torch.cat([head(x) for head in self.heads], 2)

class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        if d_out % num_heads:
            raise ValueError("uneven")
        self.n, self.size = num_heads, d_out // num_heads
        self.W_query = nn.Linear(d_in, d_out, qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("mask", torch.ones(context_length, context_length).triu(1))

    def split(self, y):
        B, T, _ = y.shape
        return y.view(B, T, self.n, self.size).transpose(1, 2)

    def forward(self, x):
        B, T, _ = x.shape
        q, k, v = (self.split(layer(x)) for layer in (self.W_query, self.W_key, self.W_value))
        scores = q @ k.mT / self.size**0.5
        hide = self.mask[:T, :T] == 1
        scores = scores.masked_fill(hide, float("-inf"))
        weights = F.softmax(scores, dim=-1)
        weights = self.dropout(weights)
        out = (weights @ v).transpose(1, 2)
        out = out.flatten(2)
        return self.out_proj(out)
"""
EACH = ["v1", "v2", "causal", "multi_head"]
MASKED = ["causal", "multi_head"]
WEIGH = "F.softmax(scores, dim=-1)"
SCALE = {
    "att_not_scaled": "1.0",
    "att_scaled_by_d_in": "x.shape[-1] ** 0.5",
    "att_scaled_by_size": "k.shape[-1]",
    "att_multiplied_by_root": "k.shape[-1] ** -0.5",
    "att_scaled_by_T": "k.shape[-2] ** 0.5",
}
# (items, cause, old, new)
WRONG = [
    (["simple_attention"], "simple_no_transpose",
     'torch.einsum("td,sd->ts", inputs, inputs)', "inputs @ inputs"),
    (["simple_attention"], "simple_scores", "F.softmax(scores, dim=1)", "scores"),
    (["simple_attention"], "simple_over_columns", "dim=1)", "dim=0)"),
    (["simple_attention"], "simple_order", "return weights, context", "return context, weights"),
    (["simple_attention"], "simple_mix_of_scores", "matmul(weights", "matmul(scores"),
    (["simple_attention"], "simple_transposed", "matmul(weights", "matmul(weights.T"),
    (["simple_attention"], "simple_scaled", "F.softmax(scores, dim=1)",
     "F.softmax(scores / 3**0.5, dim=1)"),
    (["v1"], "v1_plain_tensor", "nn.Parameter(torch.rand(d_in, d_out))",
     "torch.rand(d_in, d_out)"),
    (["v1"], "v1_sizes_swapped", "rand(d_in, d_out)", "rand(d_out, d_in)"),
    (["v1"], "v1_not_rand", "torch.rand(", "torch.randn("),
    (["v1"], "v1_not_rand", "torch.rand(", "torch.ones("),
    (["v1", "v2"], "att_mixes_keys", "weights @ v", "weights @ k"),
    (["v1", "v2"], "att_transposed_weights", "weights @ v", "weights.mT @ v"),
    (["v1", "v2"], "head_only_weights", "return weights @ v", "return weights"),
    (["v1", "v2"], "att_values_from_x", "weights @ v", "weights @ x"),
    (["v1", "v2"], "head_softmax_over_queries", "0.5, dim=-1", "0.5, dim=0"),
    (["v1", "v2"], "head_q_and_k_swapped", "q @ k.T", "k @ q.T"),
    (["v1", "v2"], "head_no_transpose", "q @ k.T", "q @ k"),
    (["v1", "v2"], "att_softmax_first", "F.softmax(scores / k.shape[1] ** 0.5, dim=-1)",
     "F.softmax(scores, dim=-1) / k.shape[1] ** 0.5"),
    (["v2", "causal", "multi_head"], "att_bias_ignored", "qkv_bias)", "False)"),
    (["v2"], "att_bias_ignored", "bias=qkv_bias)\n", "bias=False)\n"),
    (["v2"], "att_bias_always", "bias=qkv_bias)\n", "bias=True)\n"),
    (["v2"], "att_one_layer", "layer(), layer(), layer()", "[layer()] * 3"),
    (["causal", "multi_head"], "att_bias_always", ", qkv_bias)", ")"),
    (["v2", "causal", "multi_head"], "att_sizes_swapped", "nn.Linear(d_in, d_out",
     "nn.Linear(d_out, d_in"),
    (["transfer"], "transfer_not_turned", ".weight.detach().T", ".weight.detach()"),
    (["transfer"], "transfer_not_a_parameter", "nn.Parameter(matrix.clone())", "matrix"),
    (["transfer"], "transfer_nothing", "setattr(v1", "getattr(v1"),
    (["transfer"], "transfer_mixed_up", "getattr(v2, name)", "getattr(v2, 'W_query')"),
    (["transfer"], "transfer_no_grad", "setattr(v1, name, nn.Parameter(matrix.clone()))",
     "getattr(v1, name).copy_(matrix)"),
    (MASKED, "att_future_seen", "scores = scores.masked_fill(hide", "scores.masked_fill(hide"),
    (MASKED, "att_mask_wrong_way", "[:T, :T] == 1", "[:T, :T] == 0"),
    (MASKED, "att_mask_not_cut", "self.mask[:T, :T] == 1", "self.mask == 1"),
    (MASKED, "att_mask_plain", 'self.register_buffer("mask", torch.ones(context_length, '
     "context_length).triu(1))", "self.mask = torch.ones(context_length, context_length).triu(1)"),
    (MASKED, "att_mask_parameter", 'self.register_buffer("mask", torch.ones(context_length, '
     "context_length).triu(1))",
     "self.mask = nn.Parameter(torch.ones(context_length, context_length).triu(1))"),
    (MASKED, "att_mask_lower", ".triu(1)", ".tril()"),
    (MASKED, "att_mask_turned", ".triu(1)", ".tril(-1)"),
    (MASKED, "att_mask_diagonal", ".triu(1)", ".triu()"),
    (MASKED, "att_mask_ahead", ".triu(1)", ".triu(2)"),
    (MASKED, "att_mask_size", "torch.ones(context_length, context_length)",
     "torch.ones(d_out, d_out)"),
    (MASKED, "head_mask_cut_for_good", "hide = self.mask[:T, :T] == 1",
     "self.mask = self.mask[:T, :T]\n        hide = self.mask == 1"),
    (MASKED, "att_mask_transposed", "[:T, :T] == 1", "[:T, :T].T == 1"),
    (MASKED, "head_mask_with_0", 'float("-inf")', "0.0"),
    (MASKED, "head_mask_minus_10", 'float("-inf")', "-10.0"),
    (MASKED, "head_mask_minus_10000", 'float("-inf")', "-1e4"),
    (MASKED, "mask_not_bool", "[:T, :T] == 1", "[:T, :T]"),
    (MASKED, "head_mask_after", WEIGH,
     'F.softmax(q @ k.mT / k.shape[-1] ** 0.5, dim=-1).masked_fill(hide, 0)'),
    (MASKED, "att_mask_inf_after", WEIGH,
     'F.softmax(q @ k.mT / k.shape[-1] ** 0.5, dim=-1).masked_fill(hide, float("-inf"))'),
    (MASKED, "head_softmax_over_queries", WEIGH, "F.softmax(scores, dim=-2)"),
    (["causal"], "head_softmax_over_the_batch", WEIGH, "F.softmax(scores, dim=0)"),
    (MASKED, "head_q_and_k_swapped", "q @ k.mT", "k @ q.mT"),
    (MASKED, "head_query_is_key", "q @ k.mT", "k @ k.mT"),
    (MASKED, "head_no_transpose", "q @ k.mT", "q @ k"),
    (["causal"], "head_all_axes_reversed", "q @ k.mT", "q @ k.T"),
    (["causal"], "att_mixes_keys", "return weights @ v", "return weights @ k"),
    (["causal"], "att_values_from_x", "return weights @ v", "return weights @ x"),
    (MASKED, "att_dropout_fixed", "nn.Dropout(dropout)", "nn.Dropout(0.1)"),
    (MASKED, "head_no_dropout", "weights = self.dropout(weights)", "pass"),
    (MASKED, "head_dropout_in_eval", "self.dropout(weights)", "F.dropout(weights, 0.75)"),
    (MASKED, "head_dropout_on_scores", "F.softmax(scores, dim=-1)\n"
     "        weights = self.dropout(weights)", "F.softmax(self.dropout(scores), dim=-1)"),
    (["causal"], "head_dropout_on_output", "weights = self.dropout(weights)\n"
     "        return weights @ v", "return self.dropout(weights @ v)"),
    (["multi_head"], "head_dropout_on_output", "weights = self.dropout(weights)\n"
     "        out = (weights @ v)", "out = self.dropout(weights @ v)"),
    (["wrapper"], "heads_plain_list", "nn.ModuleList([head() for _ in range(num_heads)])",
     "[head() for _ in range(num_heads)]"),
    (["wrapper"], "heads_one_object", "[head() for _ in range(num_heads)]", "[head()] * num_heads"),
    (["wrapper"], "wrapper_two_heads", "range(num_heads)", "range(3)"),
    (["wrapper"], "wrapper_share", "CausalAttention(d_in, d_out,",
     "CausalAttention(d_in, d_out // num_heads,"),
    (["wrapper"], "wrapper_no_dropout", "dropout, qkv_bias=qkv_bias)",
     "0.1, qkv_bias=qkv_bias)"),
    (["wrapper"], "wrapper_no_bias", "dropout, qkv_bias=qkv_bias)", "dropout)"),
    (["wrapper"], "heads_summed", "torch.cat([head(x) for head in self.heads], 2)",
     "sum(head(x) for head in self.heads)"),
    (["wrapper"], "wrapper_along_time", "self.heads], 2)", "self.heads], 1)"),
    (["wrapper"], "wrapper_along_batch", "self.heads], 2)", "self.heads])"),
    (["wrapper"], "wrapper_stacked", "torch.cat([head(x)", "torch.stack([head(x)"),
    (["wrapper"], "first_head_again", "[head(x) for", "[self.heads[0](x) for"),
    (["wrapper"], "heads_wrong_order", "in self.heads], 2)", "in reversed(self.heads)], 2)"),
    (["wrapper"], "heads_interleaved", "torch.cat([head(x) for head in self.heads], 2)",
     "torch.stack([head(x) for head in self.heads], 3).flatten(2)"),
    (["multi_head"], "mh_view_alone", "y.view(B, T, self.n, self.size).transpose(1, 2)",
     "y.view(B, self.n, T, self.size)"),
    (["multi_head"], "mh_merged_without_swap", "out = (weights @ v).transpose(1, 2)\n"
     "        out = out.flatten(2)", "out = (weights @ v).reshape(B, T, -1)"),
    (["multi_head"], "mh_view_not_contiguous", "out.flatten(2)", "out.view(B, T, -1)"),
    (["multi_head"], "mh_axes", "y.view(B, T, self.n, self.size).transpose(1, 2)",
     "y.view(B, T, self.size, self.n).permute(0, 2, 1, 3)"),
    (["multi_head"], "mh_scaled_by_d_out", "self.size**0.5", "(self.n * self.size) ** 0.5"),
    (["multi_head"], "att_scaled_by_size", "self.size**0.5", "self.size"),
    (["multi_head"], "att_not_scaled", " / self.size**0.5", ""),
    (["multi_head"], "mh_no_projection", "return self.out_proj(out)", "return out"),
    (["multi_head"], "mh_projection_twice", "return self.out_proj(out)",
     "return self.out_proj(self.out_proj(out))"),
    (["multi_head"], "mh_projection_no_bias", "nn.Linear(d_out, d_out)",
     "nn.Linear(d_out, d_out, bias=qkv_bias)"),
    (["multi_head"], "mh_projection_sizes", "nn.Linear(d_out, d_out)", "nn.Linear(d_out, d_in)"),
    (["multi_head"], "mh_uneven", "if d_out % num_heads", "if False"),
]  # fmt: skip
_, _, BODY = RIGHT.partition("class CausalAttention")[2].partition("B, T, _ = x.shape\n        ")
BODY = BODY.partition("\n\nclass")[0]
FILL = 'scores = scores.masked_fill(hide, float("-inf"))'
DROP = "weights = self.dropout(weights)\n"
MASK = "torch.ones(context_length, context_length)"
ASKED = "CausalAttention(d_in, d_out, context_length, dropout, qkv_bias=qkv_bias)"
HEADS = "nn.ModuleList([head() for _ in range(num_heads)])"
SIDE = "torch.cat([head(x) for head in self.heads], 2)"
SPLIT = "y.view(B, T, self.n, self.size).transpose(1, 2)"
MERGED = "(weights @ v).transpose(1, 2)\n        out = out.flatten(2)"
SQUARE = """torch.zeros(6, 6)
        for t in range(6):
            for s in range(6):
                scores[t, s] = q[t] @ k[s]"""
# What a student tried on these checks. (items, cause, old, new)
TRIED = [
    (["causal"], "changes_its_input", "return weights @ v",
     "out = weights @ v; x *= 0; return out"),
    (["v1"], "changes_its_input", "return weights @ v", "out = weights @ v; x -= 1; return out"),
    (["wrapper"], "changes_its_input", f"return {SIDE}", f"out = {SIDE}; x -= x; return out"),
    (["multi_head"], "changes_its_input", "return self.out_proj(out)",
     "out = self.out_proj(out); x.zero_(); return out"),
    # sizes that are fixed, and globals
    (["v1", "v2"], "att_key_size_fixed", "k.shape[1] ** 0.5", "2 ** 0.5"),
    (["causal"], "att_key_size_fixed", "k.shape[-1] ** 0.5", "2 ** 0.5"),
    (["multi_head"], "att_key_size_fixed", "self.size**0.5", "2**0.5"),
    (["multi_head"], "mh_head_dim_fixed", "d_out // num_heads", "2"),
    (MASKED, "att_mask_size", MASK, "torch.ones(8, 8)"),
    (MASKED, "ca_T_fixed", "self.mask[:T, :T]", "self.mask[:6, :6]"),
    (["wrapper"], "wrapper_arguments", ASKED, "CausalAttention(d_in, d_out, 8, dropout, qkv_bias)"),
    (["wrapper"], "wrapper_arguments", "CausalAttention(d_in, d_out, c", "CausalAttention(3, 2, c"),
    (["wrapper"], "wrapper_some_heads", "in self.heads]", "in self.heads[:2]]"),
    (["wrapper"], "wrapper_two_heads", "range(num_heads)", "range(2)"),
    (["v1"], "v1_sizes_fixed", "torch.rand(d_in, d_out)", "torch.rand(d_in, 2)"),
    (["v1"], "v1_sizes_fixed", "torch.rand(d_in, d_out)", "torch.rand(3, 2)"),
    (["v1", "v2"], "att_T_fixed", "scores = q @ k.T", f"scores = {SQUARE}"),
    (["simple_attention"], "simple_sizes_fixed", 'torch.einsum("td,sd->ts", inputs, inputs)',
     SQUARE.replace("\n    ", "\n").replace("q[t] @ k[s]", "inputs[t] @ inputs[s]")),
    # what would never learn, and what sets the mode
    (["v1", "v2", "causal"], "gradient_cut", "return weights @ v", "return (weights @ v).detach()"),
    (["v1"], "gradient_cut", "x @ self.W_query,", "x @ self.W_query.data,"),
    (["wrapper"], "gradient_cut", "[head(x) for", "[head(x).detach() for"),
    (["multi_head"], "gradient_cut", "self.out_proj(out)", "self.out_proj(out.detach())"),
    (EACH, "gradient_cut", "def forward(self, x):",
     "@torch.no_grad()\n    def forward(self, x):"),
    (["v1"], "v1_seeded", "nn.Parameter(torch.rand(d_in, d_out))",
     "nn.Parameter(torch.rand(d_in, d_out, generator=torch.Generator().manual_seed(_)))"),
    (["wrapper"], "mode_set_inside", f"return {SIDE}", f"self.eval(); return {SIDE}"),
    (MASKED, "mode_set_inside", "B, T, _ = x.shape", "self.eval(); B, T, _ = x.shape"),
    (MASKED, "mode_set_inside", "B, T, _ = x.shape", "self.train(); B, T, _ = x.shape"),
    # the mask
    (MASKED, "att_mask_after_divided", f"{FILL}\n        weights = {WEIGH}",
     f"weights = {WEIGH}.masked_fill(hide, 0)\n"
     "        weights = weights / weights.sum(-1, keepdim=True)"),
    (MASKED, "mask_0_times_inf", FILL, "scores = scores + self.mask[:T, :T] * -torch.inf"),
    (MASKED, "mask_plus_inf", 'float("-inf")', "torch.inf"),
    (["multi_head"], "mh_over_heads", WEIGH, "F.softmax(scores, dim=1)"),
    # dropout
    (["multi_head"], "ca_dropout_on_values", f"{DROP}        out = (weights @ v)",
     "out = (weights @ self.dropout(v))"),
    (["causal"], "ca_dropout_on_values", f"{DROP}        return weights @ v",
     "return weights @ self.dropout(v)"),
    (["causal"], "ca_dropout_on_x", BODY,
     f"x = self.dropout(x)\n        {BODY}".replace("self.dropout(weights)", "weights")),
    (MASKED, "head_dropout_on_scores", f"{FILL}\n        weights = {WEIGH}\n        {DROP}",
     f"scores = self.dropout(scores)\n        {FILL}\n        weights = {WEIGH}\n"),
    (MASKED, "att_dropout_share_kept", "nn.Dropout(dropout)", "nn.Dropout(1 - dropout)"),
    (MASKED, "att_dropout_renormalised", DROP,
     f"{DROP}        weights = weights / weights.sum(-1, keepdim=True)\n"),
    (MASKED, "att_dropout_scaled_again", DROP,
     f"{DROP}        weights = weights / (1 - self.dropout.p if self.training else 1)\n"),
    (MASKED, "att_dropout_twice", DROP, f"{DROP}        {DROP}"),
    (["causal"], "att_dropout_twice", "return weights @ v", "return self.dropout(weights @ v)"),
    # another dtype
    (["v1", "v2", "causal"], "dtype_changed", "return weights @ v",
     "return (weights @ v).double()"),
    (["causal"], "dtype_changed", "return weights @ v", "return (weights @ v).half()"),
    (["multi_head"], "dtype_changed", "self.out_proj(out)", "self.out_proj(out).double()"),
    (["multi_head"], "dtype_changed", "self.out_proj(out)", "self.out_proj(out).half()"),
    # one matrix or layer
    (["v1"], "att_one_layer", "for _ in range(3))\n\n    def forward",
     "for _ in range(3))\n        self.W_key = self.W_query\n\n    def forward"),
    (["v1", "v2"], "head_query_is_key", "k.T", "q.T"),
    (["v1", "v2"], "att_half_the_size", "k.shape[1] ** 0.5", "k.shape[1] ** 1/2"),
    (["v1", "v2"], "att_half_the_size", "k.shape[1] ** 0.5", "(k.shape[1] ** 1/2)"),
    (["multi_head"], "att_half_the_size", "self.size**0.5", "self.size ** 1/2"),
    (["v1", "v2"], "simple_masked", "weights = F.softmax(scores /",
     "scores = scores.masked_fill(torch.ones_like(scores).triu(1) == 1, -torch.inf)\n"
     "        weights = F.softmax(scores /"),
    (["v1"], "v1_x_on_the_right", "x @ self.W_query,", "self.W_query @ x,"),
    (["v2", "causal"], "att_layer_as_matrix", "self.W_query(x),", "x @ self.W_query,"),
    (["v2", "causal"], "v2_weight_not_turned", "self.W_query(x),", "x @ self.W_query.weight,"),
    (["v1", "v2", "causal"], "att_two_things", "return weights @ v", "return weights @ v, weights"),
    (["v1", "v2", "causal"], "att_part_missing", "W_query", "W_q"),
    (EACH, "no_super", "        super().__init__()\n", ""),
    (MASKED, "att_bias_some", "self.W_value = nn.Linear(d_in, d_out, qkv_bias)",
     "self.W_value = nn.Linear(d_in, d_out, False)"),
    (["v2"], "att_bias_some", "layer(), layer()\n", "layer(), nn.Linear(d_in, d_out, False)\n"),
    (["simple_attention"], "simple_elementwise", 'torch.einsum("td,sd->ts", inputs, inputs)',
     "inputs * inputs"),
    (["transfer"], "transfer_reshaped", ".detach().T", ".detach().reshape(v1.W_query.shape)"),
    (["transfer"], "transfer_reshaped", ".detach().T", ".detach().view(v1.W_query.shape)"),
    (["transfer"], "transfer_layer", "nn.Parameter(matrix.clone())", "getattr(v2, name)"),
    (["transfer"], "transfer_layer", "setattr(v1, name, nn.Parameter(matrix.clone()))",
     "getattr(v1, name).data.copy_(getattr(v2, name))"),
    # the keys and the axes
    (["causal"], "ca_other_axes", "k.mT", "k.transpose(0, 1)"),
    (["causal"], "ca_keys_reshaped", "k.mT", "k.view(B, -1, T)"),
    (["causal"], "ca_T_is_B", "B, T, _ = x.shape", "T, B, _ = x.shape"),
    (["causal"], "ca_three_axes", "B, T, _ = x.shape", "T, d = x.shape"),
    # the wrapper
    (["wrapper"], "wrapper_keyword", "qkv_bias=qkv_bias)\n", "bias=qkv_bias)\n"),
    (["wrapper"], "wrapper_keyword", "dropout, qkv_bias=qkv_bias)", "p=dropout)"),
    (["wrapper"], "wrapper_arguments", ASKED, "CausalAttention()"),
    (["wrapper"], "wrapper_arguments", ASKED, "CausalAttention(d_in)"),
    (["wrapper"], "wrapper_num_heads_as_bias", "qkv_bias=qkv_bias)\n", "num_heads)\n"),
    (["wrapper"], "wrapper_num_heads_as_bias", "qkv_bias=qkv_bias)\n", "num_heads, qkv_bias)\n"),
    (["wrapper"], "wrapper_not_called", "[head() for", "[CausalAttention for"),
    (["wrapper"], "wrapper_heads_joined", "[head(x) for", "[head for"),
    (["wrapper"], "wrapper_new_heads", "[head(x) for head in",
     "[CausalAttention(x.shape[-1], 2, 8, 0.0)(x) for _ in"),
    (["wrapper"], "wrapper_stacked", SIDE, "torch.stack([head(x) for head in self.heads], -1)"),
    (["wrapper"], "wrapper_sequential", HEADS,
     "nn.Sequential(*[head() for _ in range(num_heads)])"),
    (["wrapper"], "wrapper_list_called", SIDE, "self.heads(x)"),
    (["wrapper"], "wrapper_list", SIDE, "[head(x) for head in self.heads]"),
    (["wrapper"], "wrapper_generator", SIDE, "torch.cat((head(x) for head in self.heads), 2)"),
    (["wrapper"], "wrapper_in_a_row", f"return {SIDE}", "outs = []\n"
     "        for head in self.heads:\n            x = head(x)\n            outs.append(x)\n"
     "        return torch.cat(outs, 2)"),
    # all heads at once
    (["multi_head"], "mh_float", "d_out // num_heads", "d_out / num_heads"),
    (["multi_head"], "mh_head_dim_is_d_out", "d_out // num_heads", "d_out"),
    (["multi_head"], "mh_uneven_turned", "if d_out % num_heads", "if num_heads % d_out"),
    (["multi_head"], "mh_uneven_turned", "if d_out % num_heads", "if not d_out % num_heads"),
    (["multi_head"], "mh_uneven_d_in", "if d_out % num_heads", "if d_in % num_heads"),
    (["multi_head"], "mh_uneven_turned", "if d_out % num_heads", "if d_out // num_heads"),
    (["multi_head"], "mh_not_kept", "self.n, self.size = num_heads,", "n, self.size = num_heads,"),
    (["multi_head"], "mh_not_swapped", SPLIT, "y.view(B, T, self.n, self.size)"),
    (["multi_head"], "mh_swapped_in_part", "q @ k.mT", "q @ k.transpose(1, 2)"),
    (["multi_head"], "mh_swapped_in_part", "weights @ v", "weights @ v.transpose(1, 2)"),
    (["multi_head"], "mh_view_alone", "scores = q @ k.mT",
     "q = self.W_query(x).view(B, self.n, T, self.size)\n        scores = q @ k.mT"),
    (["multi_head"], "mh_swapped_others_back", MERGED,
     "(weights @ v).transpose(2, 3).reshape(B, T, -1)"),
    (["multi_head"], "mh_not_merged", MERGED, "(weights @ v).transpose(1, 2)"),
    (["multi_head"], "mh_merged_interleaved", MERGED,
     "(weights @ v).permute(0, 2, 3, 1).reshape(B, T, -1)"),
    (["multi_head"], "mh_merged_to_d_in", "out.flatten(2)", "out.reshape(B, T, x.shape[-1])"),
    (["multi_head"], "heads_interleaved", SPLIT,
     "y.view(B, T, self.size, self.n).permute(0, 3, 1, 2)"),
    (["multi_head"], "first_head_again", "(weights @ v).transpose(1, 2)",
     "(weights @ v)[:, [0] * self.n].transpose(1, 2)"),
    (["multi_head"], "mh_projection_on_values", MERGED + "\n        return self.out_proj(out)",
     "weights @ self.split(self.out_proj(self.W_value(x)))\n"
     "        return out.transpose(1, 2).flatten(2)"),
]  # fmt: skip
WRONG += (
    TRIED
    + [(["v1", "v2"], cause, "/ k.shape[1] ** 0.5", f"/ ({new})") for cause, new in SCALE.items()]
    + [(["causal"], cause, "/ k.shape[-1] ** 0.5", f"/ ({new})") for cause, new in SCALE.items()]
)
SPACE = {"torch": torch, "nn": nn, "F": F}
TRIAL = Trial(check, RIGHT, NAMES, SPACE)
CASES = [(item, *rest) for items, *rest in WRONG for item in items]


@pytest.mark.parametrize("item", NAMES)
def test_a_right_answer_passes_and_says_so_in_one_line(item, capsys):
    TRIAL.passes(item, capsys)


@pytest.mark.parametrize(
    ("item", "cause", "old", "new"), CASES, ids=[f"{c[0]}-{c[1]}-{i}" for i, c in enumerate(CASES)]
)
def test_a_wrong_answer_is_told_its_cause(item, cause, old, new):
    TRIAL.told(item, cause, old, new)


# Right answers, written otherwise. (item, old, new)
OTHERWISE = [
    ("wrapper", ASKED, "CausalAttention(d_in, d_out, dropout=dropout, "
     "context_length=context_length, qkv_bias=qkv_bias)"),
    ("wrapper", SIDE, "torch.stack([head(x) for head in self.heads], 2).flatten(2)"),
    ("causal", 'float("-inf")', "-1e9"),
    ("multi_head", 'float("-inf")', "-1e9"),
    ("multi_head", "self.split(layer(x)) for layer",
     "layer(x).unflatten(-1, (self.n, -1)).mT.mT.transpose(1, 2) for layer"),
]  # fmt: skip


@pytest.mark.parametrize(("item", "old", "new"), OTHERWISE)
def test_a_right_answer_may_be_written_otherwise(item, old, new):
    assert old in RIGHT
    getattr(check, item)(TRIAL.notebook(RIGHT.replace(old, new))[NAMES[item]])


@pytest.mark.parametrize(
    ("item", "old", "new"),
    [
        ("simple_attention", "def simple_attention(inputs)", "def simple_attention(rows)"),
        ("v1", "forward(self, x)", "forward(self, inputs)"),
        ("v2", "forward(self, x)", "forward(self, inputs)"),
    ],
)
def test_the_notebooks_own_table_in_place_of_the_argument(item, old, new):
    words = torch.tensor([[0.0, 0, 1], [1, 1, 1], [0, 0, 0], [1, 1, -1], [0, 1, -1], [0, 1, 0]])
    inputs = math.sqrt(math.log(2)) * words
    space = TRIAL.notebook(RIGHT.replace(old, new), x=words, inputs=inputs)
    error = TRIAL.failure(item, space[NAMES[item]])
    assert error.likely == CAUSES["att_global_x"], str(error)


@pytest.mark.parametrize("item", ["causal", "multi_head"])
def test_an_answer_that_changes_x_leaves_the_check_as_it_was(item):
    spoils = RIGHT.replace("B, T, _ = x.shape", "y = x.clone(); x *= 0; x = y; B, T, _ = x.shape")
    for _ in range(2):
        TRIAL.failure(item, TRIAL.notebook(spoils)[NAMES[item]])
    blind = RIGHT.replace("scores = scores.masked_fill(hide", "scores.masked_fill(hide")
    assert TRIAL.failure(item, TRIAL.notebook(blind)[NAMES[item]])
    getattr(check, item)(TRIAL.notebook()[NAMES[item]])


@pytest.mark.parametrize("item", NAMES)
def test_not_attempted_is_told_apart(item):
    assert isinstance(TRIAL.failure(item, None), core.NotAttempted)
    source = "def answer(*a, **k):\n    raise NotImplementedError"
    if item in CLASSES:
        source = (
            "class answer(nn.Module):\n    def __init__(self, *a):\n"
            "        super().__init__()\n        raise NotImplementedError"
        )
    error = TRIAL.failure(item, TRIAL.notebook(source)["answer"])
    assert isinstance(error, core.NotAttempted)


@pytest.mark.parametrize("item", sorted(CLASSES))
@pytest.mark.parametrize("value", [None, "text", 3.5, [1, 2], torch.ones(2, 2)])
def test_a_forward_that_gives_something_else_says_what_was_found(item, value):
    name = NAMES[item]
    source = f"{RIGHT}\n{name}.forward = lambda self, *a: value"
    error = TRIAL.failure(item, TRIAL.notebook(source, value=value)[name])
    assert error.found and error.expected, str(error)


@pytest.mark.parametrize("item", sorted(CLASSES))
def test_a_class_that_owns_nothing_names_what_is_missing(item):
    source = "class answer(nn.Module):\n    def __init__(self, *a):\n        super().__init__()"
    error = TRIAL.failure(item, TRIAL.notebook(source)["answer"])
    assert error.looked_at.startswith("self.")


def test_checks_leave_the_notebook_as_it_was():
    space = TRIAL.notebook()
    torch.manual_seed(5)
    before, state = dict(space), torch.random.get_rng_state()
    for item, name in NAMES.items():
        getattr(check, item)(space[name])
    assert space == before
    assert torch.random.get_rng_state().equal(state)
