"""The checks of lab00: right answers pass, wrong ones are told why, empty ones are told apart.

Answers run in a namespace of their own, as in a notebook.
"""

import math

import pytest
import torch
from check_trials import Trial
from torch.nn import functional as F

from gptlab.checks import core
from gptlab.checks import lab00_start as check
from gptlab.checks.causes import CAUSES

NAMES = {
    "mean": "mean_of",
    "memory_cell": "memory_cell",
    "rows_of": "rows_of",
    "swap_last": "swap_last",
    "time_first": "time_first",
    "split_heads": "split_heads",
    "merge_heads": "merge_heads",
    "add_positions": "add_positions",
    "centre_rows": "centre_rows",
    "split_qkv": "split_qkv",
    "side_by_side": "side_by_side",
    "softmax": "softmax",
    "cross_entropy": "cross_entropy",
    "causal_mask": "causal_mask",
}
RIGHT = """
def mean_of(numbers):
    return sum(numbers) / len(numbers)

def memory_cell(index, stride):
    return sum(i * s for i, s in zip(index, stride))

def rows_of(flat, n_rows):
    return flat.view(n_rows, len(flat) // n_rows)

def swap_last(x):
    return x.permute(0, 2, 1)

def time_first(x):
    B, T, C = x.shape
    return x.permute(1, 0, 2).reshape(B * T, C)

def split_heads(x, n_head):
    B, T, C = x.shape
    return x.view(B, T, n_head, -1).permute(0, 2, 1, 3)

def merge_heads(x):
    B, H, T, S = x.shape
    return x.permute(0, 2, 1, 3).reshape(B, T, H * S)

def add_positions(tok, pos):
    return tok + pos[:tok.size(1)]

def centre_rows(x):
    return x - x.mean(1, keepdim=True)

def split_qkv(x):
    return x.chunk(3, dim=2)

def side_by_side(heads):
    return torch.cat(heads, dim=2)

def softmax(x, dim):
    e = torch.exp(x - x.amax(dim, keepdim=True))
    return e / e.sum(dim, keepdim=True)

def cross_entropy(logits, targets):
    right = logits[range(len(targets)), targets]
    return (logits.logsumexp(1) - right).mean()

def causal_mask(T):
    return torch.ones(T, T, dtype=bool).tril()
"""

# item, cause, what stands in the right answer, what stands there in the wrong one
WRONG = [
    ("mean", "avg_whole", "sum(numbers) / len", "sum(numbers) // len"),
    ("mean", "avg_sum", " / len(numbers)", ""),
    ("mean", "avg_fixed_count", "/ len(numbers)", "/ 3"),
    ("mean", "avg_one_less", "/ len(numbers)", "/ (len(numbers) - 1)"),
    ("mean", "avg_rounded", "return sum(numbers) / len(numbers)",
     "return round(sum(numbers) / len(numbers))"),
    ("mean", "avg_ends", "return sum(numbers) / len(numbers)",
     "return (min(numbers) + max(numbers)) / 2"),
    ("mean", "avg_median", "return sum(numbers) / len(numbers)",
     "return float(sorted(numbers)[len(numbers) // 2])"),
    ("memory_cell", "cell_index_sum", "i * s for", "i for"),
    ("memory_cell", "cell_added", "i * s for", "i + s for"),
    ("memory_cell", "cell_two_axes", "sum(i * s for i, s in zip(index, stride))",
     "index[0] * stride[0] + index[1] * stride[1]"),
    ("memory_cell", "cell_last_forgotten", "zip(index, stride))", "zip(index[:-1], stride))"),
    ("memory_cell", "cell_from_one", "return sum(i * s", "return 1 + sum(i * s"),
    ("memory_cell", "cell_multiplied", "return sum(i * s for", "return math.prod(i * s for"),
    ("memory_cell", "cell_backwards", "stride))", "stride[::-1]))"),
    ("memory_cell", "cell_sorted", "stride))", "sorted(stride)[::-1]))"),
    ("rows_of", "rowsof_columns", "view(n_rows, len(flat) // n_rows)", "view(-1, n_rows)"),
    ("rows_of", "rowsof_dealt", "view(n_rows, len(flat) // n_rows)", "view(-1, n_rows).T"),
    ("rows_of", "rowsof_fixed", "view(n_rows, len(flat) // n_rows)", "view(4, -1)"),
    ("rows_of", "rowsof_copied", "flat.view", "flat.clone().view"),
    ("rows_of", "rowsof_pieces", "view(n_rows, len(flat) // n_rows)", "chunk(n_rows)"),
    ("rows_of", "view_not_kept", "return flat.view(n_rows, len(flat) // n_rows)",
     "flat.view(n_rows, -1); return flat"),
    ("swap_last", "swap_by_view", "x.permute(0, 2, 1)", "x.view(len(x), x.shape[2], -1)"),
    ("swap_last", "swap_first_two", "x.permute(0, 2, 1)", "x.transpose(0, 1)"),
    ("swap_last", "swap_outer", "x.permute(0, 2, 1)", "x.permute(2, 1, 0)"),
    ("swap_last", "swap_outer", "x.permute(0, 2, 1)", "x.transpose(0, 2)"),
    ("swap_last", "swap_one_sheet", "x.permute(0, 2, 1)", "x[0].T"),
    ("swap_last", "view_not_kept", "return x.permute(0, 2, 1)", "x.permute(0, 2, 1); return x"),
    ("time_first", "tfirst_sheets_first", "x.permute(1, 0, 2)", "x"),
    ("time_first", "tfirst_not_in_order", "reshape(B * T, C)", "view(B * T, C)"),
    ("time_first", "tfirst_columns", "x.permute(1, 0, 2)", "x.transpose(1, 2)"),
    ("time_first", "tfirst_three_axes", ".reshape(B * T, C)", ""),
    ("time_first", "tfirst_one_sheet", "x.permute(1, 0, 2).reshape(B * T, C)", "x[0]"),
    ("time_first", "tfirst_one_row", "reshape(B * T, C)", "flatten()"),
    ("split_heads", "splith_leap", "x.view(B, T, n_head, -1).permute(0, 2, 1, 3)",
     "x.view(B, n_head, T, -1)"),
    ("split_heads", "splith_dealt", "x.view(B, T, n_head, -1).permute(0, 2, 1, 3)",
     "x.view(B, T, -1, n_head).permute(0, 3, 1, 2)"),
    ("split_heads", "splith_not_swapped", "x.view(B, T, n_head, -1).permute(0, 2, 1, 3)",
     "x.view(B, T, n_head, -1)"),
    ("split_heads", "splith_sizes_swapped", "x.view(B, T, n_head, -1)", "x.view(B, T, -1, n_head)"),
    ("split_heads", "splith_fixed", "x.view(B, T, n_head, -1)", "x.view(B, T, 2, -1)"),
    ("split_heads", "size_fraction", "view(B, T, n_head, -1)", "view(B, T, n_head, C / n_head)"),
    ("rows_of", "size_fraction", "len(flat) // n_rows", "len(flat) / n_rows"),
    ("split_qkv", "size_fraction", "x.chunk(3, dim=2)", "x.split(x.size(2) / 3, dim=2)"),
    ("softmax", "max_is_a_pair", "x.amax(dim, keepdim=True)", "x.max(dim, keepdim=True)"),
    ("cross_entropy", "max_is_a_pair", "logits.logsumexp(1)",
     "(logits - logits.max(1, keepdim=True)).exp().sum(1).log()"),
    ("split_heads", "splith_list", "x.view(B, T, n_head, -1).permute(0, 2, 1, 3)",
     "x.chunk(n_head, dim=2)"),
    ("merge_heads", "mergeh_leap", "x.permute(0, 2, 1, 3).reshape(B, T", "x.reshape(B, T"),
    ("merge_heads", "mergeh_not_in_order", ".reshape(B, T, H * S)", ".view(B, T, H * S)"),
    ("merge_heads", "mergeh_dealt", "permute(0, 2, 1, 3).reshape", "permute(0, 2, 3, 1).reshape"),
    ("merge_heads", "mergeh_summed", "x.permute(0, 2, 1, 3).reshape(B, T, H * S)", "x.sum(1)"),
    ("merge_heads", "mergeh_time", "x.permute(0, 2, 1, 3).reshape(B, T, H * S)",
     "x.flatten(1, 2)"),
    ("merge_heads", "mergeh_four_axes", ".reshape(B, T, H * S)", ""),
    ("merge_heads", "mergeh_first", "x.permute(0, 2, 1, 3).reshape(B, T, H * S)", "x[:, 0]"),
    ("add_positions", "posadd_not_cut", "pos[:tok.size(1)]", "pos"),
    ("add_positions", "posadd_by_sheet", "pos[:tok.size(1)]", "pos[:len(tok), None]"),
    ("add_positions", "posadd_first", "pos[:tok.size(1)]", "pos[0]"),
    ("add_positions", "posadd_last", "pos[:tok.size(1)]", "pos[-tok.size(1):]"),
    ("add_positions", "posadd_cut_by_sheets", "pos[:tok.size(1)]", "pos[:tok.size(0)]"),
    ("add_positions", "posadd_cut_by_columns", "pos[:tok.size(1)]", "pos[:tok.size(2)]"),
    ("add_positions", "posadd_in_place", "return tok + pos[:tok.size(1)]",
     "tok += pos[:tok.size(1)]; return tok"),
    ("add_positions", "posadd_times", "tok + pos", "tok * pos"),
    ("add_positions", "posadd_missing", "tok + pos[:tok.size(1)]", "tok"),
    ("add_positions", "posadd_numbers", "pos[:tok.size(1)]", "torch.arange(tok.size(1))[:, None]"),
    ("centre_rows", "centre_lying", "x.mean(1, keepdim=True)", "x.mean(1)"),
    ("centre_rows", "centre_columns", "x.mean(1, keepdim=True)", "x.mean(0)"),
    ("centre_rows", "centre_all", "x.mean(1, keepdim=True)", "x.mean()"),
    ("centre_rows", "centre_in_place", "return x - x.mean(1, keepdim=True)",
     "x -= x.mean(1, keepdim=True); return x"),
    ("centre_rows", "centre_sign", "x - x.mean(1, keepdim=True)", "x.mean(1, keepdim=True) - x"),
    ("centre_rows", "centre_divided", "return x - x.mean(1, keepdim=True)",
     "return (x - x.mean(1, keepdim=True)) / 2"),
    ("centre_rows", "centre_sum", "x.mean(1", "x.sum(1"),
    ("split_qkv", "thirds_of_size_three", "x.chunk(3, dim=2)", "x.split(3, dim=2)"),
    ("split_qkv", "thirds_wrong_axis", "x.chunk(3, dim=2)", "x.chunk(3, dim=1)"),
    ("split_qkv", "thirds_wrong_axis", "x.chunk(3, dim=2)", "x.split(x.size(2) // 3)"),
    ("split_qkv", "thirds_dealt", "x.chunk(3, dim=2)", "[x[..., i::3] for i in range(3)]"),
    ("split_qkv", "thirds_order", "x.chunk(3, dim=2)", "x.chunk(3, dim=2)[::-1]"),
    ("split_qkv", "thirds_view", "x.chunk(3, dim=2)", "x.reshape(3, *x.shape[:2], -1)"),
    ("split_qkv", "thirds_fixed", "x.chunk(3, dim=2)", "x.split(2, dim=2)"),
    ("side_by_side", "beside_time", "dim=2)\n\ndef softmax", "dim=1)\n\ndef softmax"),
    ("side_by_side", "beside_sheets", "torch.cat(heads, dim=2)", "torch.cat(heads)"),
    ("side_by_side", "beside_new_axis", "torch.cat(heads, dim=2)", "torch.stack(heads, dim=2)"),
    ("side_by_side", "beside_dealt", "torch.cat(heads, dim=2)",
     "torch.stack(heads, dim=-1).flatten(2)"),
    ("side_by_side", "beside_summed", "torch.cat(heads, dim=2)", "sum(heads)"),
    ("side_by_side", "beside_two", "torch.cat(heads, dim=2)", "torch.cat(heads[:2], dim=2)"),
    ("side_by_side", "beside_backwards", "torch.cat(heads, dim=2)",
     "torch.cat(heads[::-1], dim=2)"),
    ("softmax", "soft_overflow", "x - x.amax(dim, keepdim=True)", "x"),
    ("softmax", "soft_whole_largest", "x.amax(dim, keepdim=True)", "x.max()"),
    ("softmax", "soft_last_axis", "e = torch", "dim = -1; e = torch"),
    ("softmax", "soft_other_axis", "e = torch", "dim = 1 - dim; e = torch"),
    ("softmax", "soft_no_keepdim", "e.sum(dim, keepdim=True)", "e.sum(dim)"),
    ("softmax", "soft_no_keepdim", "x.amax(dim, keepdim=True)", "x.amax(dim)"),
    ("softmax", "soft_no_exp", "torch.exp(x - x.amax(dim, keepdim=True))", "x"),
    ("softmax", "soft_whole_sum", "e.sum(dim, keepdim=True)", "e.sum()"),
    ("softmax", "soft_in_place", "torch.exp(x - x.amax(dim, keepdim=True))",
     "x.sub_(x.amax(dim, keepdim=True)).exp()"),
    ("softmax", "soft_cut_off", "x - x.amax(dim, keepdim=True)", "x.clamp(max=80)"),
    ("softmax", "soft_base_two", "torch.exp(", "torch.exp2("),
    ("softmax", "soft_log", "return e / e.sum(dim, keepdim=True)",
     "return (e / e.sum(dim, keepdim=True)).log()"),
    ("softmax", "soft_mean_out", "x.amax(dim, keepdim=True)", "x.mean(dim, keepdim=True)"),
    ("softmax", "soft_by_size", "x.amax(dim, keepdim=True)", "x.abs().amax(dim, keepdim=True)"),
    ("cross_entropy", "xent_overflow", "logits.logsumexp(1)", "logits.exp().sum(1).log()"),
    ("cross_entropy", "xent_log_of_zero", "return (logits.logsumexp(1) - right).mean()",
     "return -logits.softmax(1)[range(len(targets)), targets].log().mean()"),
    ("cross_entropy", "xent_summed", "right).mean()", "right).sum()"),
    ("cross_entropy", "xent_sign", "logits.logsumexp(1) - right", "right - logits.logsumexp(1)"),
    ("cross_entropy", "xent_log2", "right).mean()", "right).mean() / math.log(2)"),
    ("cross_entropy", "xent_softmax_first", "    right = logits",
     "    logits = logits.softmax(1)\n    right = logits"),
    ("cross_entropy", "xent_all_pairs", "logits[range(len(targets)), targets]",
     "logits[:, targets]"),
    ("cross_entropy", "xent_likeliest", "logits[range(len(targets)), targets]", "logits.amax(1)"),
    ("cross_entropy", "xent_score_only", "(logits.logsumexp(1) - right)", "-right"),
    ("cross_entropy", "xent_target_missing", "(logits.logsumexp(1) - right)",
     "logits.logsumexp(1)"),
    ("cross_entropy", "xent_log_of_mean", "return (logits.logsumexp(1) - right).mean()",
     "return -(right - logits.logsumexp(1)).exp().mean().log()"),
    ("cross_entropy", "xent_number", "right).mean()", "right).mean().item()"),
    ("cross_entropy", "xent_columns", "logits.logsumexp(1)", "logits.logsumexp(0)[targets]"),
    ("cross_entropy", "xent_top_lost", "logits.logsumexp(1)",
     "logits.logsumexp(1) - logits.amax(1)"),
    ("cross_entropy", "xent_not_averaged", "right).mean()", "right)"),
    ("cross_entropy", "xent_power", "right).mean()", "right).mean().exp()"),
    ("cross_entropy", "xent_first_column", "logits[range(len(targets)), targets]", "logits[:, 0]"),
    ("causal_mask", "triangle_upper", "tril()", "triu()"),
    ("causal_mask", "triangle_no_diagonal", "tril()", "tril(-1)"),
    ("causal_mask", "triangle_hidden", "tril()", "triu(1)"),
    ("causal_mask", "triangle_numbers", ", dtype=bool", ""),
    ("causal_mask", "triangle_all", ".tril()", ""),
    ("causal_mask", "triangle_fixed", "ones(T, T", "ones(3, 3"),
]  # fmt: skip


# item, cause, the body of the wrong answer; right is PyTorch's own cross-entropy
BODIES = [
    ("mean", "avg_whole", "return int(sum(numbers) / len(numbers))"),
    ("mean", "arg_changed", "numbers.sort(); return sum(numbers) / len(numbers)"),
    ("memory_cell", "cell_last_only", "for i, s in zip(index, stride): c = i * s\n    return c"),
    ("memory_cell", "cell_all_pairs", "return sum(i * s for i in index for s in stride)"),
    ("memory_cell", "cell_tuples", "return sum(index * stride)"),
    ("rows_of", "arg_changed", "return flat.resize_(n_rows, len(flat) // n_rows)"),
    ("rows_of", "rowsof_global", "return strip.view(n_rows, -1)"),
    ("rows_of", "plain_list", "return flat.view(n_rows, -1).tolist()"),
    ("rows_of", "dtype_changed", "return flat.view(n_rows, -1).float()"),
    ("swap_last", "arg_changed", "return x.transpose_(1, 2)"),
    ("swap_last", "dtype_changed", "return x.transpose(1, 2).float()"),
    ("swap_last", "axis_too_far", "return x.transpose(2, 3)"),
    ("time_first", "tfirst_fixed", "return x.transpose(0, 1).reshape(6, 2)"),
    ("time_first", "tfirst_fixed", "return x.transpose(0, 1).reshape(-1, 2)"),
    ("time_first", "tfirst_fixed",
     "B, T, C = x.shape; return x.transpose(0, 1).reshape(T * B, B)"),
    ("time_first", "arg_changed", "return x.transpose_(0, 1).flatten(0, 1)"),
    ("split_heads", "arg_changed", "return x.resize_(*x.shape[:2], n_head, 2).transpose(1, 2)"),
    ("split_heads", "sheets_mixed",
     "B, T, C = x.shape; return x.view(T, B, n_head, C // n_head).permute(1, 2, 0, 3)"),
    ("split_heads", "splith_swapped_first",
     "B, T, C = x.shape; return x.transpose(1, 2).view(B, n_head, T, C // n_head)"),
    ("split_heads", "splith_swapped_first",
     "B, T, C = x.shape; return x.transpose(1, 2).reshape(B, n_head, T, C // n_head)"),
    ("split_heads", "splith_heads_first", "return torch.stack(x.chunk(n_head, -1))"),
    ("split_heads", "splith_time_first",
     "return x.unflatten(-1, (n_head, -1)).transpose(0, 1)"),
    ("split_heads", "splith_last_two", "return x.unflatten(-1, (n_head, -1)).transpose(2, 3)"),
    ("merge_heads", "arg_changed", "return x.transpose_(1, 2).flatten(2)"),
    ("merge_heads", "sheets_mixed",
     "B, H, T, S = x.shape; return x.transpose(0, 2).reshape(B, T, H * S)"),
    ("merge_heads", "sheets_mixed",
     "B, H, T, S = x.shape; return x.permute(2, 0, 1, 3).reshape(B, T, H * S)"),
    ("merge_heads", "mergeh_names",
     "B, T, H, S = x.shape; return x.transpose(1, 2).reshape(B, T, H * S)"),
    ("merge_heads", "mergeh_not_swapped", "return x.flatten(2)"),
    ("merge_heads", "mergeh_wrong_two",
     "B, H, T, S = x.shape; return x.transpose(2, 3).reshape(B, T, H * S)"),
    ("add_positions", "posadd_cut_by_sheets", "return tok + pos[:max(tok.shape[:2])]"),
    ("add_positions", "posadd_fixed", "return tok + pos[:2]"),
    ("add_positions", "posadd_fixed", "return tok + pos[:-1]"),
    ("add_positions", "posadd_fixed", "return tok + pos[:tok.shape[1], :2]"),
    ("add_positions", "posadd_one_less", "return tok + pos[:tok.shape[1] - 1]"),
    ("add_positions", "posadd_one_row", "return tok + pos[tok.shape[1]]"),
    ("add_positions", "arg_changed", "return tok + pos.resize_(tok.shape[1:])"),
    ("centre_rows", "centre_rounded", "return x - x.mean(1, keepdim=True).round()"),
    ("centre_rows", "centre_rounded", "return x - x.mean(1, keepdim=True).long()"),
    ("centre_rows", "centre_rounded", "return x - x.sum(1, keepdim=True) // 3"),
    ("centre_rows", "centre_fixed_count", "return x - x.sum(1, keepdim=True) / 3"),
    ("centre_rows", "centre_by_rows", "return x - x.sum(1, keepdim=True) / len(x)"),
    ("centre_rows", "centre_ratio", "return x / x.mean(1, keepdim=True)"),
    ("centre_rows", "centre_means_only", "return x.mean(1, keepdim=True)"),
    ("split_qkv", "thirds_whole", "return x.split(x.shape[-1], dim=-1)"),
    ("split_qkv", "thirds_one_tensor", "return x.unflatten(-1, (3, -1))"),
    ("split_qkv", "thirds_wrong_axis", "return x[:2], x[2:4], x[4:]"),
    ("split_qkv", "thirds_too_few", "q, k, v = x.split(x.shape[-1] // 3); return q, k, v"),
    ("side_by_side", "beside_uneven", "return torch.stack(heads, dim=2).flatten(2)"),
    ("side_by_side", "beside_uneven",
     "B, T, C = heads[0].shape; return torch.cat(heads, -1).view(B, T, C * len(heads))"),
    ("side_by_side", "beside_one_sheet", "return torch.cat(heads, -1)[:1]"),
    ("side_by_side", "beside_no_list", "return torch.cat(heads[0], heads[1])"),
    ("side_by_side", "dtype_changed", "return torch.cat(heads, -1).float()"),
    ("side_by_side", "arg_changed",
     "out = heads.pop(0)\n    while heads: out = torch.cat((out, heads.pop(0)), -1)\n"
     "    return out"),
    ("softmax", "soft_last_axis",
     "dim = 0 if dim == 0 else 1; e = (x - x.amax(dim, True)).exp(); return e / e.sum(dim, True)"),
    ("softmax", "soft_last_axis",
     "dim = 1 if dim == 1 else 0; e = (x - x.amax(dim, True)).exp(); return e / e.sum(dim, True)"),
    ("softmax", "soft_no_keepdim", "e = (x - x.amax(dim)).exp(); return e / e.sum(dim)"),
    ("softmax", "soft_not_divided", "return (x - x.amax(dim, True)).exp()"),
    ("softmax", "soft_not_divided", "return x.exp()"),
    ("softmax", "soft_not_divided", "e = x.exp(); return e / e.amax(dim, True)"),
    ("softmax", "soft_not_divided", "e = x.exp(); return e / e.mean(dim, True)"),
    ("softmax", "soft_no_exp", "e = x - x.amax(dim, True); return e / e.sum(dim, True)"),
    ("softmax", "soft_sum_of_scores", "e = x.exp(); return e / x.sum(dim, True)"),
    ("softmax", "soft_sign", "e = (x.amax(dim, True) - x).exp(); return e / e.sum(dim, True)"),
    ("softmax", "soft_fixed_number", "e = (x - 1000).exp(); return e / e.sum(dim, True)"),
    ("softmax", "soft_least_out",
     "e = (x - x.amin(dim, True)).exp(); return e / e.sum(dim, True)"),
    ("softmax", "soft_place", "e = (x - x.argmax(dim, True)).exp(); return e / e.sum(dim, True)"),
    ("cross_entropy", "arg_changed",
     "logits -= logits.amax(1, True); return right(logits, targets)"),
    ("cross_entropy", "xent_detached", "return right(logits, targets).detach()"),
    ("cross_entropy", "xent_rows_last",
     "return (logits.logsumexp(1) - logits[targets, range(len(targets))]).mean()"),
    ("cross_entropy", "xent_rows_last", "return (logits.logsumexp(1) - logits[targets]).mean()"),
    ("cross_entropy", "xent_fixed_rows",
     "return (logits.logsumexp(1) - logits[[0, 1], targets]).mean()"),
    ("cross_entropy", "xent_one_less", "return right(logits, targets - 1)"),
    ("cross_entropy", "xent_gather_flat",
     "return (logits.logsumexp(1) - logits.gather(1, targets)).mean()"),
    ("cross_entropy", "xent_no_keepdim", "return right(logits - logits.amax(dim=1), targets)"),
    ("cross_entropy", "xent_whole_largest",
     "e = (logits - logits.max()).exp(); lse = logits.max() + e.sum(1).log()\n"
     "    return (lse - logits[range(len(targets)), targets]).mean()"),
    ("cross_entropy", "xent_whole_sum",
     "return (logits.logsumexp((0, 1)) - logits[range(len(targets)), targets]).mean()"),
    ("cross_entropy", "xent_log_before_sum",
     "a = logits.amax(1); lse = a + (logits - a[:, None]).exp().log().sum(1)\n"
     "    return (lse - logits[range(len(targets)), targets]).mean()"),
    ("cross_entropy", "xent_all_columns", "return -logits.softmax(1).log().mean()"),
    ("cross_entropy", "xent_no_log",
     "return -logits.softmax(1)[range(len(targets)), targets].mean()"),
    ("cross_entropy", "xent_padded",
     "return -(logits.softmax(1)[range(len(targets)), targets] + 1e-9).log().mean()"),
    ("cross_entropy", "xent_padded",
     "return -logits.softmax(1)[range(len(targets)), targets].clamp(1e-30).log().mean()"),
    ("causal_mask", "triangle_one_more", "return torch.ones(T, T, dtype=bool).tril(1)"),
    ("causal_mask", "triangle_diagonal", "return torch.eye(T, dtype=bool)"),
    ("causal_mask", "triangle_nothing", "return torch.zeros(T, T, dtype=bool).tril()"),
    ("causal_mask", "plain_list", "return [[s <= t for s in range(T)] for t in range(T)]"),
]  # fmt: skip
ARGUMENTS = {
    "mean": "numbers",
    "memory_cell": "index, stride",
    "rows_of": "flat, n_rows",
    "split_heads": "x, n_head",
    "add_positions": "tok, pos",
    "side_by_side": "heads",
    "softmax": "x, dim",
    "cross_entropy": "logits, targets",
    "causal_mask": "T",
}

SPACE = {"torch": torch, "math": math, "F": F}
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


@pytest.mark.parametrize(
    ("item", "cause", "body"), BODIES, ids=[f"{b[0]}-{b[1]}-{i}" for i, b in enumerate(BODIES)]
)
def test_what_a_trial_of_the_lab_met_is_told_its_cause(item, cause, body):
    source = f"def answer({ARGUMENTS.get(item, 'x')}):\n    {body}\n"
    space = notebook(source, strip=torch.arange(12), right=F.cross_entropy)
    error = failure(item, space["answer"])
    assert error.likely == CAUSES[cause], str(error)


def test_tensors_of_one_shape_say_where_they_differ():
    def answer(x):
        B, H, T, S = x.shape
        return x.transpose(0, 2).reshape(B, T, H * S)

    error = failure("merge_heads", answer)
    assert error.expected == "2 at [0, 0, 2]"
    assert error.found.startswith("100 at [0, 0, 2], the first of ")


def test_a_loss_that_is_stretched_by_luck_is_right():
    def answer(logits, targets):
        a = logits.amax(1, keepdim=True)
        log_sum = a + (logits - a).exp().sum(1).log()  # (N, N), and its mean is the mean
        return (log_sum - logits[range(len(targets)), targets]).mean()

    check.cross_entropy(answer)


@pytest.mark.parametrize("item", NAMES)
def test_not_attempted_is_told_apart(item):
    assert isinstance(failure(item, None), core.NotAttempted)
    source = "def answer(*a, **k):\n    raise NotImplementedError"
    error = failure(item, notebook(source)["answer"])
    assert isinstance(error, core.NotAttempted)
    assert str(error).startswith(f"{item}: not attempted yet")


@pytest.mark.parametrize("item", NAMES)
@pytest.mark.parametrize("value", [None, "text", 3.5, [1, 2], torch.ones(2, 2)])
def test_a_wrong_type_says_what_was_found(item, value):
    answer = notebook("def answer(*a, **k):\n    return value", value=value)["answer"]
    error = failure(item, answer)
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
    before, state = dict(space), torch.random.get_rng_state()
    for item, name in NAMES.items():
        getattr(check, item)(space[name])
    assert space == before
    assert torch.random.get_rng_state().equal(state)


@pytest.mark.parametrize(
    ("answers", "cause"),
    [
        (((1, 4), (4, 1)), "stride_swapped"),
        (((3, 4), (4, 3)), "stride_is_shape"),
        (((4, 1), (4, 1)), "stride_same"),
        (((3, 1), (1, 3)), "stride_rows"),
        (((4, 1), (3, 1)), "stride_new_table"),
        (((3, 0), (0, 3)), "stride_one_less"),
    ],
)
def test_strides(answers, cause):
    check.strides((4, 1), (1, 4))
    check.strides([4, 1], torch.arange(12).view(3, 4).T.stride())
    assert failure("strides", *answers).likely == CAUSES[cause]
    assert isinstance(failure("strides", (4, 1), None), core.NotAttempted)


def test_the_exact_forms_of_PyTorch_are_right_too():
    check.softmax(lambda x, dim: F.softmax(x.double(), dim))
    check.cross_entropy(F.cross_entropy)
    check.split_qkv(lambda x: torch.stack(x.chunk(3, dim=-1)))
    check.mean(lambda numbers: torch.tensor(numbers, dtype=torch.float64).mean())


def test_a_question_not_answered_says_how_to_write_a_letter():
    with pytest.raises(core.NotAttempted) as caught:
        check.choice("hand_in", None, {"a": "", "b": ""})
    assert caught.value.expected == 'one of the letters a, b, in quotes, as in "a"'
