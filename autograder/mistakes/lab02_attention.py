"""What students write in lab02_attention: wrong answers, lazy ones, and right ones in another form.

A mistake is a substitution in the text of solutions/lab02_attention.py; its sentence stands under
its id in gptlab/checks/causes/. The right answers stand in lab02_attention_right.py.
"""

from __future__ import annotations

from autograder import catalogue
from autograder.mistakes.lab02_attention_right import RIGHT

__all__ = ["LAZY", "MISTAKES", "RIGHT"]

# Lines of the solution that mistakes replace.
_LOOP = "xbow[b, t] = x[b, : t + 1].mean(dim=0)"
_LOOPS = f"for b in range(B):\n        for t in range(T):\n            {_LOOP}"
_ONES = "wei = torch.tril(torch.ones(T, T))"
_NORMAL = "wei = wei / wei.sum(dim=1, keepdim=True)"
_TIMES = "return wei @ x\n"
_TRIL = "    tril = torch.tril(torch.ones(T, T))\n"
_FILL = 'wei = torch.zeros(T, T).masked_fill(tril == 0, float("-inf"))'
_SOFT = "return F.softmax(wei, dim=-1) @ x"
_RAW = "return q @ k.transpose(-2, -1)\n"
_SCALED = "return raw_scores(q, k) * q.shape[-1] ** -0.5"
_SIZE = "    T = scores.shape[-1]\n"
_VISIBLE = "visible = torch.tril(torch.ones(T, T, dtype=torch.bool))"
_HIDE = 'return scores.masked_fill(~visible, float("-inf"))'
_WEIGHTS = "return F.softmax(causal_mask(scaled_scores(q, k)), dim=-1)"
_PAPER = "token2_output = [4.0, 12.0]"
_ATTEND = "return attention_weights(q, k) @ v"
_KEY = "self.key = nn.Linear(n_embd, head_size, bias=False)"
_QUERY = "self.query = nn.Linear(n_embd, head_size, bias=False)"
_VALUE = "self.value = nn.Linear(n_embd, head_size, bias=False)"
_LAYERS = f"{_KEY}\n        {_QUERY}\n        {_VALUE}"
_REGISTER = 'self.register_buffer("tril", tril)'
_DROPOUT = "self.dropout = nn.Dropout(dropout)"
_QK = "k, q = self.key(x), self.query(x)  # (B, T, head_size)"
_SCORES = "wei = q @ k.transpose(-2, -1) * k.shape[-1] ** -0.5  # (B, T, T)"
_MASK = 'wei = wei.masked_fill(self.tril[:T, :T] == 0, float("-inf"))'
_DROP = "wei = self.dropout(F.softmax(wei, dim=-1))"
_OUT = "return wei @ self.value(x)"
_PLACES = "places = torch.arange(idx.shape[1], device=idx.device)"
_POS = "pos_emb = self.position_embedding_table(places)  # (T, n_embd)"
_MIX = "x = self.sa_head(tok_emb + pos_emb)"
_LOGITS = "logits = self.lm_head(x)"
_CROP = "return idx[:, -block_size:]"
_WHOLE = "return attend(x @ W_query, x @ W_key, x @ W_value)"


# item -> id -> (what the solution says, what the student says)
WRONG: dict[str, dict[str, tuple[str, str]]] = {
    "xbow_loop": {
        "xbow_loop_without_itself": (_LOOP, "xbow[b, t] = x[b, :t].mean(dim=0)"),
        "xbow_loop_all_of_it": (_LOOP, "xbow[b, t] = x[b].mean(dim=0)"),
        "xbow_loop_over_channels": (_LOOP, "xbow[b, t] = x[b, : t + 1].mean(dim=1)"),
        "xbow_loop_sum": (_LOOP, "xbow[b, t] = x[b, : t + 1].sum(dim=0)"),
        "xbow_loop_by_T": (_LOOP, "xbow[b, t] = x[b, : t + 1].sum(dim=0) / T"),
        "xbow_loop_in_place": (
            _LOOPS,
            "xbow = x\n    for b in range(B):\n        for t in range(T):\n            "
            "xbow[b, t] = x[b, : t + 1].mean(dim=0)",
        ),
        "xbow_loop_sizes_fixed": (
            _LOOPS,
            "for b in range(4):\n        for t in range(8):\n            "
            "xbow[b, t] = x[b, : t + 1].mean(dim=0)",
        ),
    },
    "xbow_matmul": {
        "xbow_matmul_no_tril": (_ONES, "wei = torch.ones(T, T)"),
        "xbow_matmul_triu": (_ONES, "wei = torch.triu(torch.ones(T, T))"),
        "xbow_matmul_no_diagonal": (_ONES, "wei = torch.tril(torch.ones(T, T), -1)"),
        "xbow_matmul_sum": (f"    {_NORMAL}\n    {_TIMES}", f"    {_TIMES}"),
        "xbow_matmul_by_T": (_NORMAL, "wei = wei / T"),
        "xbow_matmul_no_keepdim": (_NORMAL, "wei = wei / wei.sum(dim=1)"),
        "xbow_matmul_columns": (_NORMAL, "wei = wei / wei.sum(dim=0, keepdim=True)"),
        "xbow_matmul_softmax": (_NORMAL, "wei = F.softmax(wei, dim=1)"),
    },
    "xbow_softmax": {
        "xbow_softmax_filled_with_0": (_FILL, "wei = torch.zeros(T, T).masked_fill(tril == 0, 0)"),
        "xbow_softmax_minus_10": (_FILL, "wei = torch.zeros(T, T).masked_fill(tril == 0, -10)"),
        "xbow_softmax_inverted": (
            _FILL,
            'wei = torch.zeros(T, T).masked_fill(tril == 1, float("-inf"))',
        ),
        "xbow_softmax_0_times_inf": (
            _FILL,
            'wei = torch.zeros(T, T) + (1 - tril) * float("-inf")',
        ),
        "xbow_softmax_of_tril": (_FILL, "wei = tril"),
        "xbow_softmax_no_diagonal": (_TRIL, "    tril = torch.tril(torch.ones(T, T), -1)\n"),
        "xbow_softmax_dim_0": (_SOFT, "return F.softmax(wei, dim=0) @ x"),
        "xbow_softmax_mask_after": (
            f"{_FILL}\n    {_SOFT}",
            "wei = F.softmax(torch.zeros(T, T), dim=-1).masked_fill(tril == 0, 0)\n"
            "    return wei @ x",
        ),
    },
    "raw_scores": {
        "raw_no_transpose": (_RAW, "return q @ k\n"),
        "raw_all_axes_reversed": (_RAW, "return q @ k.T\n"),
        "raw_view": (_RAW, "return q @ k.reshape(k.shape[0], k.shape[2], k.shape[1])\n"),
        "raw_swapped": (_RAW, "return k @ q.transpose(-2, -1)\n"),
        "raw_over_time": (_RAW, "return q.transpose(-2, -1) @ k\n"),
        "raw_own_key_only": (_RAW, "return (q * k).sum(dim=-1)\n"),
        "raw_scaled_already": (_RAW, "return q @ k.transpose(-2, -1) * q.shape[-1] ** -0.5\n"),
    },
    "scaled_scores": {
        "scale_missing": (_SCALED, "return raw_scores(q, k)"),
        "scale_by_size": (_SCALED, "return raw_scores(q, k) / q.shape[-1]"),
        "scale_multiplied": (_SCALED, "return raw_scores(q, k) * q.shape[-1] ** 0.5"),
        "scale_by_T": (_SCALED, "return raw_scores(q, k) * q.shape[1] ** -0.5"),
        "scale_fixed": (_SCALED, "return raw_scores(q, k) * 16**-0.5"),
        "scale_by_std": (
            _SCALED,
            "scores = raw_scores(q, k)\n    return scores / scores.std()",
        ),
        "scale_in_place": (
            _SCALED,
            "q *= q.shape[-1] ** -0.5\n    return raw_scores(q, k)",
        ),
        "scale_q_and_k_swapped": (_SCALED, "return raw_scores(k, q) * q.shape[-1] ** -0.5"),
    },
    "causal_mask": {
        "mask_triu": (_VISIBLE, "visible = torch.triu(torch.ones(T, T, dtype=torch.bool))"),
        "mask_no_diagonal": (
            _VISIBLE,
            "visible = torch.tril(torch.ones(T, T, dtype=torch.bool), -1)",
        ),
        "mask_inverted": (_HIDE, 'return scores.masked_fill(visible, float("-inf"))'),
        "mask_with_0": (_HIDE, "return scores.masked_fill(~visible, 0)"),
        "mask_times_tril": (_HIDE, "return scores * visible"),
        "mask_minus_10": (_HIDE, "return scores.masked_fill(~visible, -10)"),
        "mask_minus_10000": (_HIDE, "return scores.masked_fill(~visible, -1e4)"),
        "mask_0_times_inf": (_HIDE, 'return scores + ~visible * float("-inf")'),
        "mask_where_zero": (
            f"{_VISIBLE}\n    {_HIDE}",
            'past = torch.tril(scores)\n    return past.masked_fill(past == 0, float("-inf"))',
        ),
        "mask_in_place": (_HIDE, 'return scores.masked_fill_(~visible, float("-inf"))'),
        "mask_not_assigned": (
            _HIDE,
            'scores.masked_fill(~visible, float("-inf"))\n    return scores',
        ),
        "mask_size_fixed": (_SIZE, "    T = 8\n"),
    },
    "attention_weights": {
        "weights_over_queries": (
            _WEIGHTS,
            "return F.softmax(causal_mask(scaled_scores(q, k)), dim=1)",
        ),
        "weights_mask_after": (
            _WEIGHTS,
            "return causal_mask(F.softmax(scaled_scores(q, k), dim=-1))",
        ),
        "weights_zeroed_after": (
            _WEIGHTS,
            "return torch.tril(F.softmax(scaled_scores(q, k), dim=-1))",
        ),
        "weights_no_mask": (_WEIGHTS, "return F.softmax(scaled_scores(q, k), dim=-1)"),
        "weights_no_scale": (_WEIGHTS, "return F.softmax(causal_mask(raw_scores(q, k)), dim=-1)"),
        "weights_no_softmax": (_WEIGHTS, "return causal_mask(scaled_scores(q, k))"),
        "weights_q_and_k_swapped": (
            _WEIGHTS,
            "return F.softmax(causal_mask(scaled_scores(k, q)), dim=-1)",
        ),
    },
    "paper": {
        "paper_plain_mean": (_PAPER, "token2_output = [10 / 3, 10.0]"),
        "paper_scores_as_weights": (_PAPER, "token2_output = [3.75, 11.25]"),
        "paper_mix_of_x": (_PAPER, "token2_output = [0.8, 0.8]"),
        "paper_not_divided": (_PAPER, "token2_output = [60.0, 180.0]"),
        "paper_own_value": (_PAPER, "token2_output = [5.0, 15.0]"),
    },
    "attend": {
        "attend_transposed": (_ATTEND, "return attention_weights(q, k).transpose(-2, -1) @ v"),
        "attend_mixes_keys": (_ATTEND, "return attention_weights(q, k) @ k"),
        "attend_scores": (_ATTEND, "return scaled_scores(q, k) @ v"),
        "attend_no_mask": (_ATTEND, "return F.softmax(scaled_scores(q, k), dim=-1) @ v"),
        "attend_softmax_twice": (_ATTEND, "return F.softmax(attention_weights(q, k), dim=-1) @ v"),
        "attend_q_and_k_swapped": (_ATTEND, "return attention_weights(k, q) @ v"),
    },
    "head": {
        "head_bias": (_LAYERS, _LAYERS.replace(", bias=False", "")),
        "head_size_ignored": (_LAYERS, _LAYERS.replace("n_embd, head_size", "n_embd, n_embd")),
        "head_query_is_key": (_QK, "k, q = self.key(x), self.key(x)"),
        "head_q_and_k_swapped": (_QK, "q, k = self.key(x), self.query(x)"),
        "head_tril_plain": (_REGISTER, "self.tril = tril"),
        "head_tril_parameter": (_REGISTER, "self.tril = nn.Parameter(tril)"),
        "head_dropout_fixed": (_DROPOUT, "self.dropout = nn.Dropout(0.2)"),
        "head_no_transpose": (_SCORES, "wei = q @ k * k.shape[-1] ** -0.5"),
        "head_no_scale": (_SCORES, "wei = q @ k.transpose(-2, -1)"),
        "head_scaled_by_n_embd": (_SCORES, "wei = q @ k.transpose(-2, -1) * C**-0.5"),
        "head_scaled_by_size": (_SCORES, "wei = q @ k.transpose(-2, -1) / k.shape[-1]"),
        "head_scale_multiplied": (_SCORES, "wei = q @ k.transpose(-2, -1) * k.shape[-1] ** 0.5"),
        "head_no_mask": (f"        {_MASK}\n", ""),
        "head_mask_not_cut": (_MASK, 'wei = wei.masked_fill(self.tril == 0, float("-inf"))'),
        "head_mask_cut_for_good": (
            _MASK,
            "self.tril = self.tril[:T, :T]\n"
            '        wei = wei.masked_fill(self.tril == 0, float("-inf"))',
        ),
        "head_mask_with_0": (_MASK, "wei = wei.masked_fill(self.tril[:T, :T] == 0, 0)"),
        "head_mask_minus_10": (_MASK, "wei = wei.masked_fill(self.tril[:T, :T] == 0, -10)"),
        "head_mask_minus_10000": (_MASK, "wei = wei.masked_fill(self.tril[:T, :T] == 0, -1e4)"),
        "head_mask_after": (
            f"{_MASK}\n        {_DROP}",
            "wei = self.dropout(F.softmax(wei, dim=-1))\n"
            "        wei = wei.masked_fill(self.tril[:T, :T] == 0, 0)",
        ),
        "head_softmax_over_queries": (_DROP, "wei = self.dropout(F.softmax(wei, dim=1))"),
        "head_no_dropout": (_DROP, "wei = F.softmax(wei, dim=-1)"),
        "head_dropout_on_scores": (_DROP, "wei = F.softmax(self.dropout(wei), dim=-1)"),
        "head_dropout_on_output": (
            f"{_DROP}\n        {_OUT}",
            "wei = F.softmax(wei, dim=-1)\n        return self.dropout(wei @ self.value(x))",
        ),
        "head_dropout_in_eval": (_DROP, "wei = F.dropout(F.softmax(wei, dim=-1), dropout)"),
        "head_values_from_x": (_OUT, "return wei @ x\n"),
    },
    "one_head_model": {
        "model_no_positions": (_MIX, "x = self.sa_head(tok_emb)"),
        "model_positions_constant": (
            _PLACES,
            "places = torch.zeros(idx.shape[1], dtype=torch.long, device=idx.device)",
        ),
        "model_positions_from_1": (
            _PLACES,
            "places = torch.arange(1, idx.shape[1] + 1, device=idx.device)",
        ),
        "model_positions_of_block_size": (
            _PLACES,
            "places = torch.arange(block_size, device=idx.device)",
        ),
        "model_positions_on_the_cpu": (_PLACES, "places = torch.arange(idx.shape[1])"),
        "model_positions_are_ids": (_POS, "pos_emb = self.position_embedding_table(idx)"),
        "model_positions_after_head": (_MIX, "x = self.sa_head(tok_emb) + pos_emb"),
        "model_no_head": (_MIX, "x = tok_emb + pos_emb"),
        "model_residual": (_MIX, "x = tok_emb + pos_emb\n        x = x + self.sa_head(x)"),
        "model_softmax": (_LOGITS, "logits = F.softmax(self.lm_head(x), dim=-1)"),
        "model_no_lm_head": (_LOGITS, "logits = x"),
    },
    "crop": {
        "crop_first": (_CROP, "return idx[:, :block_size]"),
        "crop_nothing": (_CROP, "return idx"),
        "crop_rows": (_CROP, "return idx[-block_size:]"),
        "crop_last_lost": (_CROP, "return idx[:, -block_size:-1]"),
        "crop_one_less": (_CROP, "return idx[:, -block_size + 1 :]"),
        "crop_negative_start": (_CROP, "return idx[:, idx.shape[1] - block_size :]"),
        "crop_fixed": (_CROP, "return idx[:, -32:]"),
    },
    "whole": {
        "whole_values_from_x": (_WHOLE, "return attend(x @ W_query, x @ W_key, x)"),
        "whole_q_and_k_swapped": (_WHOLE, "return attend(x @ W_key, x @ W_query, x @ W_value)"),
        "whole_one_matrix": (_WHOLE, "return attend(x @ W_query, x @ W_query, x @ W_value)"),
        "whole_scaled_by_width": (
            _WHOLE,
            "scores = raw_scores(x @ W_query, x @ W_key) * x.shape[-1] ** -0.5\n"
            "    return F.softmax(causal_mask(scores), dim=-1) @ (x @ W_value)",
        ),
        "whole_no_mask": (
            _WHOLE,
            "weights = F.softmax(scaled_scores(x @ W_query, x @ W_key), dim=-1)\n"
            "    return weights @ (x @ W_value)",
        ),
    },
}

# Numbers in the list of known bugs -> ids.
BUGS = {
    8: ("model_softmax",),
    15: (
        "xbow_matmul_triu",
        "mask_triu",
        "mask_inverted",
    ),
    16: (
        "xbow_loop_without_itself",
        "xbow_matmul_no_diagonal",
        "xbow_softmax_no_diagonal",
        "mask_no_diagonal",
    ),
    17: (
        "xbow_softmax_dim_0",
        "weights_over_queries",
        "head_softmax_over_queries",
    ),
    18: (
        "xbow_softmax_mask_after",
        "weights_mask_after",
        "weights_zeroed_after",
        "head_mask_after",
    ),
    19: ("xbow_softmax_filled_with_0", "mask_with_0", "mask_times_tril", "head_mask_with_0"),
    20: (
        "xbow_softmax_minus_10",
        "mask_minus_10",
        "mask_minus_10000",
        "head_mask_minus_10",
        "head_mask_minus_10000",
    ),
    21: ("xbow_softmax_0_times_inf", "mask_0_times_inf"),
    22: ("scale_missing", "weights_no_scale", "head_no_scale"),
    23: ("head_scaled_by_n_embd", "whole_scaled_by_width"),
    24: ("scale_by_size", "head_scaled_by_size"),
    25: ("scale_multiplied", "head_scale_multiplied"),
    26: (
        "raw_no_transpose",
        "raw_all_axes_reversed",
        "raw_view",
        "head_no_transpose",
    ),
    27: ("head_values_from_x", "whole_values_from_x"),
    28: ("head_tril_plain", "head_tril_parameter"),
    29: ("mask_size_fixed", "head_mask_not_cut"),
    32: ("head_size_ignored",),
    40: ("head_dropout_on_scores", "head_dropout_on_output"),
    55: ("model_no_positions", "model_positions_constant", "model_positions_from_1"),
    56: ("model_positions_on_the_cpu",),
    60: ("head_dropout_in_eval",),
    61: ("head_bias",),
    90: ("crop_first", "crop_nothing"),
}

# Two ways to the same numbers, or to the same thing to say: id -> key of the sentence.
SAME_CAUSE = {
    "mask_times_tril": "mask_with_0",
}

# Also run in a real kernel, and compared.
BOTH_WAYS = {  # numbers, infinities, a module's buffer, chance, another device
    "xbow_matmul_no_keepdim",
    "mask_minus_10",
    "head_tril_plain",
    "head_dropout_in_eval",
    "model_positions_on_the_cpu",
}

# What `whole` puts together: a mistake in one of these may show there too.
PARTS = {"raw_scores", "scaled_scores", "causal_mask", "attention_weights", "attend"}

MISTAKES = catalogue.mistakes(
    WRONG, bugs=BUGS, same_cause=SAME_CAUSE, both_ways=BOTH_WAYS, parts=PARTS
)

_INIT = """
self.key = nn.Linear(n_embd, head_size, bias=False)
self.query = nn.Linear(n_embd, head_size, bias=False)
self.value = nn.Linear(n_embd, head_size, bias=False)
self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))
self.dropout = nn.Dropout(dropout)
"""
_ZEROS = "return torch.zeros(x.shape)"

# item -> the input, zeros, a constant and, for some, what a right table without thought gives
_NO_THOUGHT: dict[str, tuple[str | tuple[str, str], ...]] = {
    "xbow_loop": ("xbow = x", "pass", "xbow += 0.5", "xbow += x.mean(dim=1, keepdim=True)"),
    "xbow_matmul": ("return x", _ZEROS, "return torch.ones(x.shape)"),
    "xbow_softmax": ("return x", _ZEROS, "return torch.ones(x.shape)"),
    "raw_scores": (
        "return q",
        "return torch.zeros(q.shape[0], q.shape[1], q.shape[1])",
        "return torch.eye(q.shape[1]).repeat(q.shape[0], 1, 1)",
    ),
    "scaled_scores": (
        "return q",
        "return torch.zeros(q.shape[0], q.shape[1], q.shape[1])",
        "return torch.eye(q.shape[1]).repeat(q.shape[0], 1, 1)",
    ),
    "causal_mask": (
        "return scores",
        "return torch.zeros(scores.shape)",
        'return torch.full(scores.shape, float("-inf"))',
        "return torch.tril(torch.ones(scores.shape))",
    ),
    "attention_weights": (
        "return q",
        "return torch.zeros(q.shape[0], q.shape[1], q.shape[1])",
        "return torch.eye(q.shape[1]).repeat(q.shape[0], 1, 1)",
        "T = q.shape[1]\nwei = torch.tril(torch.ones(T, T)).repeat(len(q), 1, 1)\n"
        "return wei / wei.sum(dim=-1, keepdim=True)",
    ),
    "paper": (
        "token2_output = [1.0, 1.0]",
        "token2_output = [0.0, 0.0]",
        "token2_output = [5.0, 5.0]",
    ),
    "attend": (
        "return v",
        "return torch.zeros(v.shape)",
        "return torch.ones(v.shape)",
        "return v.cumsum(dim=1) / torch.arange(1, v.shape[1] + 1)[:, None]",
    ),
    "head": (
        (_INIT, "return x"),
        (_INIT, "return torch.zeros(*x.shape[:2], self.key.out_features)"),
        (_INIT, "return torch.ones(*x.shape[:2], self.key.out_features)"),
        (_INIT, "return self.value(x)"),
    ),
    "one_head_model": (
        "logits = idx",
        "logits = torch.zeros(*idx.shape, self.lm_head.out_features)",
        "logits = torch.ones(*idx.shape, self.lm_head.out_features)",
        "logits = self.lm_head(self.token_embedding_table(idx))",
    ),
    "crop": (
        "return idx",
        "return torch.zeros_like(idx)[:, :block_size]",
        "return torch.full_like(idx, 7)[:, -block_size:]",
    ),
    "whole": (
        "return x",
        "return torch.zeros(*x.shape[:2], W_value.shape[1])",
        "return torch.ones(*x.shape[:2], W_value.shape[1])",
        "return x @ W_value",
    ),
}

LAZY = catalogue.lazy(_NO_THOUGHT)
