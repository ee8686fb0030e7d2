"""The checks of lab06: right answers pass, wrong ones are told why, empty ones are told apart."""

import pytest
import torch
from check_trials import Trial
from torch import nn
from torch.nn import functional as F

from gptlab.checks import core
from gptlab.checks import lab06_attention_classes as check

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
    (MASKED, "head_no_mask", "scores = scores.masked_fill(hide", "scores.masked_fill(hide"),
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
    (["wrapper"], "wrapper_arguments", "dropout, qkv_bias=qkv_bias)",
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
WRONG += [
    (["v1", "v2"], cause, "/ k.shape[1] ** 0.5", f"/ ({new})") for cause, new in SCALE.items()
] + [(["causal"], cause, "/ k.shape[-1] ** 0.5", f"/ ({new})") for cause, new in SCALE.items()]
SPACE = {"torch": torch, "nn": nn, "F": F}
TRIAL = Trial(check, RIGHT, NAMES, SPACE)
CASES = [(item, *rest) for items, *rest in WRONG for item in items]


@pytest.mark.parametrize("item", NAMES)
def test_a_right_answer_passes_quickly_and_says_so_in_one_line(item, capsys):
    TRIAL.passes(item, capsys)


@pytest.mark.parametrize(
    ("item", "cause", "old", "new"), CASES, ids=[f"{c[0]}-{c[1]}-{i}" for i, c in enumerate(CASES)]
)
def test_a_wrong_answer_is_told_its_cause(item, cause, old, new):
    TRIAL.told(item, cause, old, new)


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
