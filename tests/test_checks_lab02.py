"""The checks of lab02: right answers pass, wrong ones are told why, empty ones are told apart.

Answers run in a namespace of their own, as in a notebook.
"""


import pytest
import torch
from check_trials import Trial
from torch import nn
from torch.nn import functional as F

from gptlab.checks import core
from gptlab.checks import lab02_attention as check
from gptlab.checks.causes import CAUSES

NAMES = {
    "xbow_loop": "xbow_loop",
    "xbow_matmul": "xbow_matmul",
    "xbow_softmax": "xbow_softmax",
    "raw_scores": "raw_scores",
    "scaled_scores": "scaled_scores",
    "causal_mask": "causal_mask",
    "attention_weights": "attention_weights",
    "attend": "attend",
    "head": "Head",
    "one_head_model": "OneHeadModel",
    "crop": "crop_context",
    "whole": "attention_from_scratch",
}
MODULES = {"head", "one_head_model"}
RIGHT = """
def xbow_loop(x):
    B, T, C = x.shape
    xbow = torch.zeros(B, T, C)
    for b in range(B):
        for t in range(T):
            xbow[b, t] = x[b, :t + 1].mean(0)
    return xbow

def xbow_matmul(x):
    T = x.shape[1]
    wei = torch.tril(torch.ones(T, T))
    wei = wei / wei.sum(1, keepdim=True)
    return wei @ x

def xbow_softmax(x):
    T = x.shape[1]
    low = torch.tril(torch.ones(T, T))
    scores = torch.zeros(T, T).masked_fill(low == 0, float("-inf"))
    return F.softmax(scores, -1) @ x

def raw_scores(q, k):
    return q @ k.transpose(1, 2)

def scaled_scores(q, k):
    return raw_scores(q, k) / q.shape[2] ** 0.5

def causal_mask(scores):
    T = scores.shape[-1]
    future = torch.triu(torch.ones(T, T), 1) == 1
    return scores.masked_fill(future, float("-inf"))

def attention_weights(q, k):
    return F.softmax(causal_mask(scaled_scores(q, k)), dim=2)

def attend(q, k, v):
    return attention_weights(q, k) @ v

class Head(nn.Module):
    def __init__(self, head_size):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)
        self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        B, T, C = x.shape
        k = self.key(x)
        q = self.query(x)
        wei = q @ k.mT * k.shape[-1] ** -0.5
        wei = wei.masked_fill(self.tril[:T, :T] == 0, float("-inf"))
        wei = F.softmax(wei, dim=-1)
        wei = self.dropout(wei)
        return wei @ self.value(x)

def logits_and_loss(logits, targets):
    return logits, None

class OneHeadModel(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, n_embd)
        self.position_embedding_table = nn.Embedding(block_size, n_embd)
        self.sa_head = Head(n_embd)
        self.lm_head = nn.Linear(n_embd, vocab_size)

    def forward(self, idx, targets=None):
        tok = self.token_embedding_table(idx)
        pos = self.position_embedding_table(torch.arange(idx.shape[1], device=idx.device))
        logits = self.lm_head(self.sa_head(tok + pos))
        return logits_and_loss(logits, targets)

def crop_context(idx):
    return idx[:, -block_size:]

def attention_from_scratch(x, W_query, W_key, W_value):
    return attend(x @ W_query, x @ W_key, x @ W_value)
"""
_INF = 'float("-inf")'
_ROW = "x[b, :t + 1].mean(0)"
_WEI = "wei = torch.tril(torch.ones(T, T))"
_SUMS = "wei / wei.sum(1, keepdim=True)"
_FILL = f"torch.zeros(T, T).masked_fill(low == 0, {_INF})"
_SOFT = "F.softmax(scores, -1) @ x"
_RAW = "return q @ k.transpose(1, 2)"
_SCALED = "raw_scores(q, k) / q.shape[2] ** 0.5"
_FUTURE = "torch.triu(torch.ones(T, T), 1) == 1"
_HIDE = f"return scores.masked_fill(future, {_INF})"
_WEIGHTS = "F.softmax(causal_mask(scaled_scores(q, k)), dim=2)"
_ATTEND = "return attention_weights(q, k) @ v"
_LINES = """self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)"""
_TRIL = "torch.tril(torch.ones(block_size, block_size))"
_BUFFER = f'self.register_buffer("tril", {_TRIL})'
_SCORES = "q @ k.mT * k.shape[-1] ** -0.5"
_CORNER = f"wei.masked_fill(self.tril[:T, :T] == 0, {_INF})"
_MASK = f"        wei = {_CORNER}\n"
_DROP = "        wei = self.dropout(wei)\n"
_SHARES = "wei = F.softmax(wei, dim=-1)\n        wei = self.dropout(wei)"
_PLACES = "torch.arange(idx.shape[1], device=idx.device)"
_LOGITS = "self.lm_head(self.sa_head(tok + pos))"
_CROP = "idx[:, -block_size:]"
_WHOLE = "attend(x @ W_query, x @ W_key, x @ W_value)"

# item, cause, what stands in the right answer, what stands there in the wrong one
WRONG = [
    ("xbow_loop", "xbow_loop_without_itself", _ROW, "x[b, :t].mean(0)"),
    ("xbow_loop", "xbow_loop_one_ahead", _ROW, "x[b, :t + 2].mean(0)"),
    ("xbow_loop", "xbow_loop_all_of_it", _ROW, "x[b].mean(0)"),
    ("xbow_loop", "xbow_loop_from_t_on", _ROW, "x[b, t:].mean(0)"),
    ("xbow_loop", "xbow_loop_over_channels", _ROW, "x[b, :t + 1].mean(1)"),
    ("xbow_loop", "xbow_loop_one_number", _ROW, "x[b, :t + 1].mean()"),
    ("xbow_loop", "xbow_loop_sum", _ROW, "x[b, :t + 1].sum(0)"),
    ("xbow_loop", "xbow_loop_by_T", _ROW, "x[b, :t + 1].sum(0) / T"),
    ("xbow_loop", "xbow_loop_by_t", _ROW, "x[b, :t + 1].sum(0) / t"),
    ("xbow_loop", "xbow_loop_mixes_the_batch", _ROW, "x[:, :t + 1].mean((0, 1))"),
    ("xbow_loop", "xbow_loop_in_place", "torch.zeros(B, T, C)", "x"),
    ("xbow_loop", "xbow_loop_sizes_fixed", "range(T)", "range(8)"),
    ("xbow_loop", "xbow_loop_wrong_axis", "xbow[b, t] =", "xbow[t] ="),
    ("xbow_loop", "xbow_copies", _ROW, "x[b, t]"),
    ("xbow_loop", "xbow_nothing", f"xbow[b, t] = {_ROW}", "pass"),
    ("xbow_matmul", "xbow_matmul_no_tril", _WEI, "wei = torch.ones(T, T)"),
    ("xbow_matmul", "xbow_matmul_triu", _WEI, "wei = torch.triu(torch.ones(T, T))"),
    ("xbow_matmul", "xbow_matmul_no_diagonal", _WEI, "wei = torch.tril(torch.ones(T, T), -1)"),
    ("xbow_matmul", "xbow_matmul_one_ahead", _WEI, "wei = torch.tril(torch.ones(T, T), 1)"),
    ("xbow_matmul", "xbow_matmul_sum", _SUMS, "wei"),
    ("xbow_matmul", "xbow_matmul_by_T", _SUMS, "wei / T"),
    ("xbow_matmul", "xbow_matmul_no_keepdim", _SUMS, "wei / wei.sum(1)"),
    ("xbow_matmul", "xbow_matmul_columns", _SUMS, "wei / wei.sum(0)"),
    ("xbow_matmul", "xbow_matmul_by_total", _SUMS, "wei / wei.sum()"),
    ("xbow_matmul", "xbow_matmul_softmax", _SUMS, "F.softmax(wei, 1)"),
    ("xbow_matmul", "xbow_matmul_transposed", "return wei @ x", "return wei.T @ x"),
    ("xbow_matmul", "xbow_matmul_x_first", "return wei @ x", "return x @ wei"),
    ("xbow_matmul", "xbow_matmul_T_fixed", _WEI, "wei = torch.tril(torch.ones(8, 8))"),
    ("xbow_softmax", "xbow_softmax_not_masked", _FILL, _FILL.replace(_INF, "0")),
    ("xbow_softmax", "inf_is_text", _FILL, _FILL.replace(_INF, '"-inf"')),
    ("xbow_softmax", "mask_not_bool", _FILL, _FILL.replace("low == 0", "1 - low")),
    ("xbow_softmax", "xbow_softmax_minus_10", _FILL, _FILL.replace(_INF, "-10")),
    ("xbow_softmax", "xbow_softmax_inverted", _FILL, _FILL.replace("== 0", "== 1")),
    ("xbow_softmax", "xbow_softmax_transposed", _FILL, _FILL.replace("low", "low.T")),
    ("xbow_softmax", "xbow_softmax_0_times_inf", _FILL, f"(1 - low) * {_INF}"),
    ("xbow_softmax", "xbow_softmax_of_tril", _FILL, "low"),
    ("xbow_softmax", "xbow_softmax_no_diagonal", "low = torch.tril(torch.ones(T, T))",
     "low = torch.tril(torch.ones(T, T), -1)"),
    ("xbow_softmax", "xbow_softmax_one_ahead", "low = torch.tril(torch.ones(T, T))",
     "low = torch.tril(torch.ones(T, T), 1)"),
    ("xbow_softmax", "xbow_softmax_dim_0", _SOFT, "F.softmax(scores, 0) @ x"),
    ("xbow_softmax", "xbow_softmax_missing", _SOFT, "scores @ x"),
    ("xbow_softmax", "xbow_softmax_only_exp", _SOFT, "scores.exp() @ x"),
    ("xbow_softmax", "xbow_softmax_mask_after", _SOFT, "(low / T) @ x"),
    ("xbow_softmax", "changes_its_input", f"return {_SOFT}",
     f"y = {_SOFT}\n    x.zero_()\n    return y"),
    ("raw_scores", "raw_no_transpose", _RAW, "return q @ k"),
    ("raw_scores", "raw_all_axes_reversed", _RAW, "return q @ k.permute(2, 1, 0)"),
    ("raw_scores", "raw_wrong_axes", _RAW, "return q @ k.transpose(0, 1)"),
    ("raw_scores", "raw_view", _RAW, "return q @ k.reshape(k.shape[0], k.shape[2], k.shape[1])"),
    ("raw_scores", "raw_swapped", _RAW, "return k @ q.transpose(1, 2)"),
    ("raw_scores", "raw_over_time", _RAW, "return q.transpose(1, 2) @ k"),
    ("raw_scores", "raw_elementwise", _RAW, "return q * k"),
    ("raw_scores", "raw_own_key_only", _RAW, "return (q * k).sum(-1)"),
    ("raw_scores", "raw_queries_only", _RAW, "return q @ q.transpose(1, 2)"),
    ("raw_scores", "raw_keys_only", _RAW, "return k @ k.transpose(1, 2)"),
    ("raw_scores", "raw_first_sequence", _RAW, "return q[0] @ k[0].T"),
    ("raw_scores", "raw_scaled_already", _RAW, f"{_RAW} * q.shape[-1] ** -0.5"),
    ("scaled_scores", "scale_missing", _SCALED, "raw_scores(q, k)"),
    ("scaled_scores", "scale_by_size", _SCALED, "raw_scores(q, k) / q.shape[2]"),
    ("scaled_scores", "scale_multiplied", _SCALED, "raw_scores(q, k) * q.shape[2] ** 0.5"),
    ("scaled_scores", "scale_by_T", _SCALED, "raw_scores(q, k) / q.shape[1] ** 0.5"),
    ("scaled_scores", "scale_by_B", _SCALED, "raw_scores(q, k) / q.shape[0] ** 0.5"),
    ("scaled_scores", "scale_fixed", _SCALED, "raw_scores(q, k) / 16 ** 0.5"),
    ("scaled_scores", "scale_fixed", _SCALED, "raw_scores(q, k) / 8"),
    ("causal_mask", "mask_of_zeros", "scores.masked_fill", "(0 * scores).masked_fill"),
    ("head", "head_tril_none", "self.register_buffer(", "self.tril = self.register_buffer("),
    ("scaled_scores", "scale_by_std", _SCALED, "raw_scores(q, k) / raw_scores(q, k).std()"),
    ("scaled_scores", "scale_in_place", f"return {_SCALED}",
     "q /= q.shape[2] ** 0.5\n    return raw_scores(q, k)"),
    ("scaled_scores", "scale_q_and_k_swapped", _SCALED, "raw_scores(k, q) / q.shape[2] ** 0.5"),
    ("causal_mask", "mask_triu", _FUTURE, "torch.triu(torch.ones(T, T)) == 0"),
    ("causal_mask", "mask_no_diagonal", _FUTURE, "torch.triu(torch.ones(T, T)) == 1"),
    ("causal_mask", "mask_one_ahead", _FUTURE, "torch.triu(torch.ones(T, T), 2) == 1"),
    ("causal_mask", "mask_inverted", _FUTURE, "torch.tril(torch.ones(T, T)) == 1"),
    ("causal_mask", "mask_with_0", _HIDE, _HIDE.replace(_INF, "0")),
    ("causal_mask", "mask_minus_10", _HIDE, _HIDE.replace(_INF, "-10")),
    ("causal_mask", "mask_minus_10000", _HIDE, _HIDE.replace(_INF, "-1e4")),
    ("causal_mask", "mask_minus_10000", _HIDE, _HIDE.replace(_INF, "-1e9")),
    ("causal_mask", "mask_0_times_inf", _HIDE, f"return scores + future * {_INF}"),
    ("causal_mask", "mask_plus_inf", _HIDE, _HIDE.replace("-inf", "inf")),
    ("causal_mask", "mask_where_zero", _HIDE,
     f"past = scores.tril()\n    return past.masked_fill(past == 0, {_INF})"),
    ("causal_mask", "mask_in_place", _HIDE, _HIDE.replace("fill(", "fill_(")),
    ("causal_mask", "mask_not_assigned", _HIDE, f"{_HIDE[7:]}\n    return scores"),
    ("causal_mask", "mask_softmax_inside", _HIDE, f"return F.softmax({_HIDE[7:]}, -1)"),
    ("causal_mask", "mask_size_of_the_batch", "T = scores.shape[-1]", "T = len(scores)"),
    ("causal_mask", "mask_size_fixed", "T = scores.shape[-1]", "T = 8"),
    ("causal_mask", "mask_not_bool", _FUTURE, _FUTURE.removesuffix(" == 1")),
    ("causal_mask", "inf_is_text", _HIDE, _HIDE.replace(_INF, '"-inf"')),
    ("attention_weights", "weights_over_queries", _WEIGHTS, _WEIGHTS.replace("dim=2", "dim=1")),
    ("attention_weights", "weights_over_the_batch", _WEIGHTS, _WEIGHTS.replace("dim=2", "dim=0")),
    ("attention_weights", "weights_mask_after", _WEIGHTS,
     "causal_mask(F.softmax(scaled_scores(q, k), dim=2))"),
    ("attention_weights", "weights_zeroed_after", _WEIGHTS,
     "F.softmax(scaled_scores(q, k), dim=2).tril()"),
    ("attention_weights", "weights_no_mask", _WEIGHTS, "F.softmax(scaled_scores(q, k), dim=2)"),
    ("attention_weights", "weights_no_scale", _WEIGHTS, _WEIGHTS.replace("scaled", "raw")),
    ("attention_weights", "weights_scaled_twice", _WEIGHTS,
     "F.softmax(causal_mask(scaled_scores(q, k) / q.shape[-1] ** 0.5), dim=2)"),
    ("attention_weights", "weights_scaled_after", _WEIGHTS,
     "F.softmax(causal_mask(raw_scores(q, k)), dim=2) / q.shape[-1] ** 0.5"),
    ("attention_weights", "weights_no_softmax", _WEIGHTS, "causal_mask(scaled_scores(q, k))"),
    ("attention_weights", "weights_not_exp", f"return {_WEIGHTS}",
     "s = scaled_scores(q, k).tril()\n    return s / s.sum(-1, keepdim=True)"),
    ("attention_weights", "weights_q_and_k_swapped", _WEIGHTS, _WEIGHTS.replace("q, k", "k, q")),
    ("attend", "attend_transposed", _ATTEND, "return attention_weights(q, k).mT @ v"),
    ("attend", "attend_v_first", _ATTEND, "return v @ attention_weights(q, k)"),
    ("attend", "attend_elementwise", _ATTEND, "return attention_weights(q, k) * v"),
    ("attend", "attend_mixes_keys", _ATTEND, "return attention_weights(q, k) @ k"),
    ("attend", "attend_scores", _ATTEND, "return scaled_scores(q, k) @ v"),
    ("attend", "attend_masked_scores", _ATTEND, "return causal_mask(scaled_scores(q, k)) @ v"),
    ("attend", "attend_no_mask", _ATTEND, "return F.softmax(scaled_scores(q, k), -1) @ v"),
    ("attend", "attend_softmax_twice", _ATTEND,
     "return F.softmax(attention_weights(q, k), -1) @ v"),
    ("attend", "attend_q_and_k_swapped", _ATTEND, "return attention_weights(k, q) @ v"),
    ("attend", "attend_only_weights", _ATTEND, "return attention_weights(q, k)"),
    ("attend", "attend_adds_v", _ATTEND, "return v + attention_weights(q, k) @ v"),
    ("head", "head_bias", _LINES, _LINES.replace(", bias=False", "")),
    ("head", "head_sizes_swapped", _LINES,
     _LINES.replace("n_embd, head_size", "head_size, n_embd")),
    ("head", "head_size_ignored", _LINES, _LINES.replace("n_embd, head_size", "n_embd, n_embd")),
    ("head", "head_n_embd_fixed", _LINES, _LINES.replace("n_embd", "64")),
    ("head", "head_part_missing", _LINES, _LINES.replace("self.value", "self.values")),
    ("head", "head_part_missing", _BUFFER, "pass"),
    ("head", "head_part_missing", "self.dropout = nn.Dropout(dropout)", "self.dropout = dropout"),
    ("head", "head_register_self", "self.register_buffer", "register_buffer"),
    ("head", "head_tril_plain", _BUFFER, f"self.tril = {_TRIL}"),
    ("head", "head_tril_parameter", _BUFFER, f"self.tril = nn.Parameter({_TRIL})"),
    ("head", "head_tril_of_head_size", _TRIL, "torch.tril(torch.ones(head_size, head_size))"),
    ("head", "head_triu", _TRIL, "torch.triu(torch.ones(block_size, block_size))"),
    ("head", "head_no_diagonal", _TRIL, "torch.tril(torch.ones(block_size, block_size), -1)"),
    ("head", "head_tril_ahead", _TRIL, "torch.tril(torch.ones(block_size, block_size), 1)"),
    ("head", "head_dropout_fixed", "nn.Dropout(dropout)", "nn.Dropout(0.2)"),
    ("head", "head_no_transpose", _SCORES, "q @ k * k.shape[-1] ** -0.5"),
    ("head", "head_all_axes_reversed", _SCORES, "q @ k.permute(2, 1, 0) * k.shape[-1] ** -0.5"),
    ("head", "head_no_scale", _SCORES, "q @ k.mT"),
    ("head", "head_scaled_by_n_embd", _SCORES, "q @ k.mT * C ** -0.5"),
    ("head", "head_scaled_by_size", _SCORES, "q @ k.mT / k.shape[-1]"),
    ("head", "head_scale_multiplied", _SCORES, "q @ k.mT * k.shape[-1] ** 0.5"),
    ("head", "head_scaled_by_T", _SCORES, "q @ k.mT * T ** -0.5"),
    ("head", "head_query_is_key", "q = self.query(x)", "q = self.key(x)"),
    ("head", "head_q_and_k_swapped", _SCORES, "k @ q.mT * k.shape[-1] ** -0.5"),
    ("head", "head_no_mask", _MASK, ""),
    ("head", "head_mask_not_cut", "self.tril[:T, :T]", "self.tril"),
    ("head", "head_mask_cut_for_good", _MASK,
     f"        self.tril = self.tril[:T, :T]\n"
     f"        wei = wei.masked_fill(self.tril == 0, {_INF})\n"),
    ("head", "head_mask_last_rows", "self.tril[:T, :T]", "self.tril[-T:, :T]"),
    ("head", "head_mask_with_0", _CORNER, _CORNER.replace(_INF, "0")),
    ("head", "head_mask_minus_10", _CORNER, _CORNER.replace(_INF, "-10")),
    ("head", "head_mask_after", f"{_MASK}        {_SHARES}",
     f"        {_SHARES}\n        wei = wei.masked_fill(self.tril[:T, :T] == 0, 0)"),
    ("head", "head_softmax_over_queries", "F.softmax(wei, dim=-1)", "F.softmax(wei, dim=1)"),
    ("head", "head_softmax_over_the_batch", "F.softmax(wei, dim=-1)", "F.softmax(wei, dim=0)"),
    ("head", "head_no_dropout", _DROP, ""),
    ("head", "head_dropout_on_scores", _SHARES, "wei = F.softmax(self.dropout(wei), dim=-1)"),
    ("head", "head_dropout_on_output", f"{_DROP}        return wei @ self.value(x)",
     "        return self.dropout(wei @ self.value(x))"),
    ("head", "head_dropout_in_eval", _DROP, "        wei = F.dropout(wei, 0.5)\n"),
    ("head", "head_values_from_x", "wei @ self.value(x)", "wei @ x"),
    ("head", "head_mixes_keys", "wei @ self.value(x)", "wei @ k"),
    ("head", "head_only_weights", "return wei @ self.value(x)", "return wei"),
    ("one_head_model", "model_no_positions", "tok + pos", "tok"),
    ("one_head_model", "model_positions_constant", _PLACES, f"0 * {_PLACES}"),
    ("one_head_model", "model_positions_from_1", _PLACES, f"1 + {_PLACES}"),
    ("one_head_model", "model_positions_of_block_size", "idx.shape[1]", "block_size"),
    ("one_head_model", "model_positions_of_the_batch", "idx.shape[1]", "len(idx)"),
    ("one_head_model", "model_positions_on_the_cpu", ", device=idx.device", ""),
    ("one_head_model", "model_positions_are_ids", _PLACES, "idx"),
    ("one_head_model", "model_positions_from_tokens", f"self.position_embedding_table({_PLACES})",
     f"self.token_embedding_table({_PLACES})"),
    ("one_head_model", "model_positions_multiplied", "tok + pos", "tok * pos"),
    ("one_head_model", "model_positions_after_head", "self.sa_head(tok + pos)",
     "self.sa_head(tok) + pos"),
    ("one_head_model", "model_no_logits", f"logits = {_LOGITS}", f"x = {_LOGITS}"),
    ("one_head_model", "model_no_head", "self.sa_head(tok + pos)", "tok + pos"),
    ("one_head_model", "model_residual", "self.sa_head(tok + pos)",
     "tok + pos + self.sa_head(tok + pos)"),
    ("one_head_model", "model_softmax", _LOGITS, f"{_LOGITS}.softmax(-1)"),
    ("one_head_model", "model_no_lm_head", _LOGITS, "self.sa_head(tok + pos)"),
    ("one_head_model", "model_last_place_only", _LOGITS, f"{_LOGITS}[:, -1:]"),
    ("crop", "crop_first", _CROP, "idx[:, :block_size]"),
    ("crop", "crop_nothing", _CROP, "idx"),
    ("crop", "crop_rows", _CROP, "idx[-block_size:]" ),
    ("crop", "crop_one_column", _CROP, "idx[:, -block_size]"),
    ("crop", "crop_one_row", _CROP, "idx[0, -block_size:]"),
    ("crop", "crop_last_lost", _CROP, "idx[:, -block_size:-1]"),
    ("crop", "crop_one_more", _CROP, "idx[:, -block_size - 1:]"),
    ("crop", "crop_one_less", _CROP, "idx[:, -block_size + 1:]"),
    ("crop", "crop_negative_start", _CROP, "idx[:, idx.shape[1] - block_size:]"),
    ("crop", "crop_fixed", _CROP, "idx[:, -32:]"),
    ("crop", "crop_only_last", _CROP, "idx[:, -1:]"),
    ("whole", "whole_values_from_x", _WHOLE, "attend(x @ W_query, x @ W_key, x)"),
    ("whole", "whole_q_and_k_swapped", _WHOLE, "attend(x @ W_key, x @ W_query, x @ W_value)"),
    ("whole", "whole_one_matrix", _WHOLE, "attend(x @ W_query, x @ W_query, x @ W_value)"),
    ("whole", "whole_no_queries", _WHOLE, "attend(x, x, x @ W_value)"),
    ("whole", "whole_matrices_transposed", _WHOLE,
     "attend(x @ W_query.T, x @ W_key.T, x @ W_value.T)"),
    ("whole", "whole_scaled_by_width", _WHOLE,
     "F.softmax(causal_mask(raw_scores(x @ W_query, x @ W_key) / x.shape[-1] ** 0.5), -1)"
     " @ (x @ W_value)"),
    ("whole", "whole_no_mask", _WHOLE,
     "F.softmax(scaled_scores(x @ W_query, x @ W_key), -1) @ (x @ W_value)"),
    ("whole", "whole_no_scale", _WHOLE,
     "F.softmax(causal_mask(raw_scores(x @ W_query, x @ W_key)), -1) @ (x @ W_value)"),
]  # fmt: skip


SPACE = {
    "torch": torch, "nn": nn, "F": F, "n_embd": 6, "block_size": 9, "dropout": 0.0,
}  # fmt: skip
TRIAL = Trial(check, RIGHT, NAMES, SPACE)
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
    error = failure(item, None)
    assert isinstance(error, core.NotAttempted)
    source = "def answer(*a, **k):\n    raise NotImplementedError"
    if item == "head":
        source = RIGHT.replace(_LINES, "raise NotImplementedError")
    if item == "one_head_model":
        source = RIGHT.replace(f"logits = {_LOGITS}", "raise NotImplementedError")
    answer = notebook(source)[NAMES[item] if item in MODULES else "answer"]
    error = failure(item, answer)
    assert isinstance(error, core.NotAttempted)
    assert str(error).startswith(f"{item}: not attempted yet")


def test_a_head_without_its_forward_is_not_attempted():
    body = RIGHT[RIGHT.index("        B, T, C = x.shape\n        k") :]
    body = body[: body.index("\n\ndef logits")]
    error = failure(
        "head", notebook(RIGHT.replace(body, "        raise NotImplementedError"))["Head"]
    )
    assert isinstance(error, core.NotAttempted)


@pytest.mark.parametrize("item", sorted(set(NAMES) - MODULES))
@pytest.mark.parametrize("value", [None, "text", 3.5, [1, 2], torch.ones(2, 2)])
def test_a_wrong_type_says_what_was_found(item, value):
    answer = notebook("def answer(*a, **k):\n    return value", value=value)["answer"]
    error = failure(item, answer)
    assert error.found and error.expected, str(error)


@pytest.mark.parametrize("value", [None, "text", 3.5, [1, 2], torch.ones(2, 2)])
@pytest.mark.parametrize(
    ("item", "line"),
    [
        ("head", "return wei @ self.value(x)"),
        ("one_head_model", "return logits_and_loss(logits, targets)"),
    ],
)
def test_a_module_that_returns_a_wrong_type_says_so(item, line, value):
    space = notebook(RIGHT.replace(line, "return value"), value=value)
    error = failure(item, space[NAMES[item]])
    assert error.found and error.expected, str(error)


@pytest.mark.parametrize("item", NAMES)
def test_a_value_in_place_of_the_function_is_refused(item):
    assert "without brackets" in failure(item, [0, 1]).likely


@pytest.mark.parametrize("item", NAMES)
def test_an_error_of_the_answer_names_its_line(item):
    source = "def answer(*a, **k):\n    nothing = {}\n    return nothing['here']"
    error = failure(item, notebook(source)["answer"])
    assert "KeyError" in error.found and "line 3" in error.where


def test_checks_leave_the_notebook_as_it_was():
    space = notebook()
    torch.manual_seed(5)
    before = dict(space)
    state = torch.random.get_rng_state()
    for item, name in NAMES.items():
        getattr(check, item)(space[name])
    assert space == before
    assert torch.random.get_rng_state().equal(state)


def test_each_answer_is_judged_alone():
    parts = {"raw_scores", "scaled_scores", "causal_mask", "attention_weights", "Head"}
    for item in ("scaled_scores", "attention_weights", "attend", "one_head_model"):
        space = notebook()
        answer = space[NAMES[item]]
        space |= dict.fromkeys(parts, lambda *a: 0)
        getattr(check, item)(answer)


@pytest.mark.parametrize("part", ["raw_scores", "causal_mask", "attend"])
def test_the_whole_names_the_part_at_fault(part):
    wrong = {
        "raw_scores": (_RAW, "return 0 * q @ k.mT"),
        "causal_mask": (_HIDE, "return scores * 1"),
        "attend": (_ATTEND, "return attention_weights(q, k) @ v + 1"),
    }
    space = notebook(RIGHT.replace(*wrong[part]))
    error = failure("whole", space["attention_from_scratch"])
    if part == "causal_mask":  # its numbers are those of a whole without a mask
        assert error.likely == CAUSES["whole_no_mask"]
    else:
        assert error.likely.startswith(f"Your {part} is at fault")


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        ([10 / 3, 10.0], "paper_plain_mean"),
        ([3.75, 11.25], "paper_scores_as_weights"),
        ([0.8, 0.8], "paper_mix_of_x"),
        ((60, 180), "paper_not_divided"),
        ([5, 15], "paper_own_value"),
        ([3.75, 6.25], "paper_of_token_1"),
        ([12, 4], "paper_swapped"),
    ],
)
def test_paper(answer, cause):
    for right in ([4, 12], (4.0, 12.0), torch.tensor([4.0, 12.0]), [3.999, 12.001]):
        check.paper(right)
    assert failure("paper", answer).likely == CAUSES[cause]
    assert isinstance(failure("paper", None), core.NotAttempted)
    for odd in ("4, 12", 4, [4], [4, 12, 1], ["4", "12"], torch.ones(2, 2)):
        assert "two numbers" in failure("paper", odd).expected


@pytest.mark.parametrize(
    "source",
    [
        # the whole head by the lab's own functions, another way to hold the mask
        RIGHT.replace(_CORNER, "causal_mask(wei)"),
        RIGHT.replace("self.tril[:T, :T] == 0", "~self.tril[:T, :T]").replace(
            _TRIL, "torch.ones(block_size, block_size).tril().bool()"
        ),
        RIGHT.replace(
            f"self.position_embedding_table({_PLACES})",
            "self.position_embedding_table.weight[: idx.shape[1]]",
        ),
        RIGHT.replace(_ROW, "x[b, :t + 1].sum(dim=0) / (t + 1)"),
        RIGHT.replace(
            _SCALED, "torch.einsum('bth,bsh->bts', q, k) / math.sqrt(q.size(-1))"
        ).replace("\ndef xbow_loop", "import math\ndef xbow_loop"),
    ],
)
def test_other_right_answers_pass(source):
    space = notebook(source)
    for item, name in NAMES.items():
        getattr(check, item)(space[name])
