"""What students write in lab00_start: wrong answers, lazy ones, and right ones in another form.

A mistake is a substitution in the text of solutions/lab00_start.py; its sentence stands under its
id in gptlab/checks/causes/. The right answers stand in lab00_start_right.py.
"""

from __future__ import annotations

from autograder import catalogue
from autograder.mistakes.lab00_start_right import RIGHT

__all__ = ["LAZY", "MISTAKES", "RIGHT"]

# Lines of the solution that mistakes replace.
_MEAN = "return sum(numbers) / len(numbers)"
_STRIDES = "stride_of_table = (4, 1)\nstride_of_turned = (1, 4)"
_CELL = "return sum(i * step for i, step in zip(index, stride))"
_ROWS = "return flat.view(n_rows, -1)"
_SWAP = "return x.transpose(1, 2)\n"
_TIME = "return x.transpose(0, 1).contiguous().view(T * B, C)"
_SPLIT = "return x.view(B, T, n_head, C // n_head).transpose(1, 2)"
_MERGE = "return x.transpose(1, 2).contiguous().view(B, T, n_head * size)"
_PLACE = "return tok + pos[: tok.shape[1]]"
_CENTRE = "return x - x.mean(dim=1, keepdim=True)\n"
_THIRDS = "C = x.shape[-1] // 3\n    return x.split(C, dim=-1)"
_CAT = "return torch.cat(heads, dim=-1)"
_E = "e = (x - x.amax(dim=dim, keepdim=True)).exp()"
_SOFT = "return e / e.sum(dim=dim, keepdim=True)"
_TOP = "top = logits.amax(dim=1, keepdim=True)"
_LOG_SUM = "log_sum = top.squeeze(1) + (logits - top).exp().sum(dim=1).log()"
_CHOSEN = "chosen = logits[torch.arange(len(targets)), targets]"
_LOSS = "return (log_sum - chosen).mean()"
_MASK = "return torch.ones(T, T, dtype=torch.bool).tril()"
_ALL = f"{_TOP}\n    {_LOG_SUM}\n    {_CHOSEN}\n    {_LOSS}"
_PICK = "[torch.arange(len(targets)), targets]"

# item -> id -> (what the solution says, what the student says)
WRONG: dict[str, dict[str, tuple[str, str]]] = {
    "mean": {
        "avg_whole": (_MEAN, "return sum(numbers) // len(numbers)"),
        "avg_sum": (_MEAN, "return sum(numbers)"),
        "avg_fixed_count": (_MEAN, "return sum(numbers) / 3"),
        "avg_one_less": (_MEAN, "return sum(numbers) / max(len(numbers) - 1, 1)"),
        "avg_ends": (_MEAN, "return (min(numbers) + max(numbers)) / 2"),
        "avg_median": (_MEAN, "return sorted(numbers)[len(numbers) // 2]"),
        "avg_rounded": (_MEAN, "return round(sum(numbers) / len(numbers))"),
        "avg_printed": (_MEAN, "print(sum(numbers) / len(numbers))"),
    },
    "strides": {
        "stride_swapped": (_STRIDES, "stride_of_table = (1, 4)\nstride_of_turned = (4, 1)"),
        "stride_is_shape": (_STRIDES, "stride_of_table = (3, 4)\nstride_of_turned = (4, 3)"),
        "stride_same": (_STRIDES, "stride_of_table = (4, 1)\nstride_of_turned = (4, 1)"),
        "stride_rows": (_STRIDES, "stride_of_table = (3, 1)\nstride_of_turned = (1, 3)"),
        "stride_one_less": (_STRIDES, "stride_of_table = (3, 0)\nstride_of_turned = (0, 3)"),
    },
    "memory_cell": {
        "cell_index_sum": (_CELL, "return sum(index)"),
        "cell_added": (_CELL, "return sum(i + step for i, step in zip(index, stride))"),
        "cell_two_axes": (_CELL, "return index[0] * stride[0] + index[1] * stride[1]"),
        "cell_last_forgotten": (
            _CELL,
            "return sum(i * step for i, step in zip(index[:-1], stride[:-1]))",
        ),
        "cell_from_one": (_CELL, "return 1 + sum(i * step for i, step in zip(index, stride))"),
        "cell_multiplied": (
            _CELL,
            "return math.prod(i * step for i, step in zip(index, stride))",
        ),
        "cell_backwards": (_CELL, "return sum(i * step for i, step in zip(index, stride[::-1]))"),
        "cell_sorted": (
            _CELL,
            "stride = sorted(stride, reverse=True)\n    return sum(i * step for i, step in zip(index, stride))",
        ),
    },
    "rows_of": {
        "rowsof_columns": (_ROWS, "return flat.view(-1, n_rows)"),
        "rowsof_dealt": (_ROWS, "return flat.view(-1, n_rows).transpose(0, 1)"),
        "rowsof_fixed": (_ROWS, "return flat.view(4, -1)"),
        "rowsof_copied": (_ROWS, "return flat.clone().view(n_rows, -1)"),
        "rowsof_pieces": (_ROWS, "return flat.chunk(n_rows)"),
        "rowsof_not_kept": (_ROWS, "flat.view(n_rows, -1)\n    return flat"),
    },
    "swap_last": {
        "swap_view": (_SWAP, "B, T, C = x.shape\n    return x.view(B, C, T)\n"),
        "swap_reshape": (_SWAP, "return x.reshape(x.shape[0], x.shape[2], x.shape[1])\n"),
        "swap_first_two": (_SWAP, "return x.transpose(0, 1)\n"),
        "swap_outer": (_SWAP, "return x.permute(2, 1, 0)\n"),
        "swap_one_sheet": (_SWAP, "return x[0].T\n"),
        "swap_not_kept": (_SWAP, "x.transpose(1, 2)\n    return x\n"),
    },
    "time_first": {
        "tfirst_sheets_first": (_TIME, "return x.reshape(T * B, C)"),
        "tfirst_not_in_order": (_TIME, "return x.transpose(0, 1).view(T * B, C)"),
        "tfirst_columns": (_TIME, "return x.transpose(1, 2).contiguous().view(T * B, C)"),
        "tfirst_three_axes": (_TIME, "return x.transpose(0, 1).contiguous()"),
        "tfirst_one_sheet": (_TIME, "return x[0]"),
        "tfirst_one_row": (_TIME, "return x.transpose(0, 1).contiguous().view(-1)"),
    },
    "split_heads": {
        "splith_leap": (_SPLIT, "return x.view(B, n_head, T, C // n_head)"),
        "splith_leap_reshape": (_SPLIT, "return x.reshape(B, n_head, T, C // n_head)"),
        "splith_dealt": (_SPLIT, "return x.view(B, T, C // n_head, n_head).permute(0, 3, 1, 2)"),
        "splith_not_swapped": (_SPLIT, "return x.view(B, T, n_head, C // n_head)"),
        "splith_sizes_swapped": (
            _SPLIT,
            "return x.view(B, T, C // n_head, n_head).transpose(1, 2)",
        ),
        "splith_fixed": (_SPLIT, "return x.view(B, T, 2, C // 2).transpose(1, 2)"),
        "splith_fraction": (_SPLIT, "return x.view(B, T, n_head, C / n_head).transpose(1, 2)"),
        "splith_list": (_SPLIT, "return x.split(C // n_head, dim=-1)"),
    },
    "merge_heads": {
        "mergeh_leap": (_MERGE, "return x.reshape(B, T, n_head * size)"),
        "mergeh_not_in_order": (_MERGE, "return x.transpose(1, 2).view(B, T, n_head * size)"),
        "mergeh_dealt": (_MERGE, "return x.permute(0, 2, 3, 1).reshape(B, T, n_head * size)"),
        "mergeh_summed": (_MERGE, "return x.sum(dim=1)"),
        "mergeh_time": (_MERGE, "return x.flatten(1, 2)"),
        "mergeh_four_axes": (_MERGE, "return x.transpose(1, 2)"),
        "mergeh_first": (_MERGE, "return x[:, 0]"),
    },
    "add_positions": {
        "posadd_not_cut": (_PLACE, "return tok + pos"),
        "posadd_by_sheet": (_PLACE, "return tok + pos[: len(tok)].unsqueeze(1)"),
        "posadd_first": (_PLACE, "return tok + pos[0]"),
        "posadd_last": (_PLACE, "return tok + pos[-tok.shape[1] :]"),
        "posadd_cut_by_sheets": (_PLACE, "return tok + pos[: tok.shape[0]]"),
        "posadd_cut_by_columns": (_PLACE, "return tok + pos[: tok.shape[2]]"),
        "posadd_in_place": (_PLACE, "tok += pos[: tok.shape[1]]\n    return tok"),
        "posadd_times": (_PLACE, "return tok * pos[: tok.shape[1]]"),
        "posadd_missing": (_PLACE, "pos = pos[: tok.shape[1]]\n    return tok"),
        "posadd_numbers": (_PLACE, "return tok + torch.arange(tok.shape[1]).unsqueeze(1)"),
    },
    "centre_rows": {
        "centre_lying": (_CENTRE, "return x - x.mean(dim=1)\n"),
        "centre_columns": (_CENTRE, "return x - x.mean(dim=0, keepdim=True)\n"),
        "centre_all": (_CENTRE, "return x - x.mean()\n"),
        "centre_in_place": (_CENTRE, "x -= x.mean(dim=1, keepdim=True)\n    return x\n"),
        "centre_sign": (_CENTRE, "return x.mean(dim=1, keepdim=True) - x\n"),
        "centre_divided": (
            _CENTRE,
            "x = x - x.mean(dim=1, keepdim=True)\n    return x / x.std(dim=1, keepdim=True)\n",
        ),
        "centre_sum": (_CENTRE, "return x - x.sum(dim=1, keepdim=True)\n"),
    },
    "split_qkv": {
        "thirds_of_size_three": (_THIRDS, "return x.split(3, dim=-1)"),
        "thirds_wrong_axis": (_THIRDS, "return x.chunk(3, dim=1)"),
        "thirds_dealt": (_THIRDS, "return x[..., 0::3], x[..., 1::3], x[..., 2::3]"),
        "thirds_order": (_THIRDS, "k, q, v = x.chunk(3, dim=-1)\n    return q, k, v"),
        "thirds_view": (
            _THIRDS,
            "B, T, C = x.shape\n    return x.reshape(3, B, T, C // 3).unbind(0)",
        ),
        "thirds_fixed": (_THIRDS, "return x[..., :2], x[..., 2:4], x[..., 4:6]"),
        "thirds_fraction": (_THIRDS, "return x.split(x.shape[-1] / 3, dim=-1)"),
        "thirds_first_axis": (_THIRDS, "C = x.shape[-1] // 3\n    return x.split(C)"),
    },
    "side_by_side": {
        "beside_time": (_CAT, "return torch.cat(heads, dim=1)"),
        "beside_sheets": (_CAT, "return torch.cat(heads)"),
        "beside_new_axis": (_CAT, "return torch.stack(heads, dim=-1)"),
        "beside_dealt": (_CAT, "return torch.stack(heads, dim=-1).flatten(2)"),
        "beside_summed": (_CAT, "return sum(heads)"),
        "beside_two": (_CAT, "return torch.cat((heads[0], heads[1]), dim=-1)"),
        "beside_backwards": (_CAT, "return torch.cat(heads[::-1], dim=-1)"),
    },
    "softmax": {
        "soft_overflow": (_E, "e = x.exp()"),
        "soft_whole_largest": (_E, "e = (x - x.max()).exp()"),
        "soft_last_axis": (
            f"{_E}\n    {_SOFT}",
            "e = (x - x.amax(dim=-1, keepdim=True)).exp()\n    return e / e.sum(dim=-1, keepdim=True)",
        ),
        "soft_other_axis": (_E, f"dim = x.dim() - 1 - dim % x.dim()\n    {_E}"),
        "soft_no_keepdim": (_SOFT, "return e / e.sum(dim=dim)"),
        "soft_largest_lying": (_E, "e = (x - x.amax(dim=dim)).exp()"),
        "soft_max_pair": (_E, "e = (x - x.max(dim=dim, keepdim=True)).exp()"),
        "soft_no_exp": (f"{_E}\n    {_SOFT}", "return x / x.sum(dim=dim, keepdim=True)"),
        "soft_whole_sum": (_SOFT, "return e / e.sum()"),
        "soft_in_place": (_E, "x -= x.amax(dim=dim, keepdim=True)\n    e = x.exp()"),
        "soft_cut_off": (_E, "e = x.clamp(max=80).exp()"),
        "soft_base_two": (_E, "e = 2 ** (x - x.amax(dim=dim, keepdim=True))"),
        "soft_log": (_SOFT, "return (e / e.sum(dim=dim, keepdim=True)).log()"),
        "soft_mean_out": (_E, "e = (x - x.mean(dim=dim, keepdim=True)).exp()"),
        "soft_by_size": (_E, "e = (x - x.abs().amax(dim=dim, keepdim=True)).exp()"),
    },
    "cross_entropy": {
        "xent_overflow": (_LOG_SUM, "log_sum = logits.exp().sum(dim=1).log()"),
        "xent_log_of_zero": (
            _ALL,
            f"p = softmax(logits, 1){_PICK}\n    return -p.log().mean()",
        ),
        "xent_summed": (_LOSS, "return (log_sum - chosen).sum()"),
        "xent_sign": (_LOSS, "return (chosen - log_sum).mean()"),
        "xent_log2": (_LOSS, "return (log_sum - chosen).mean() / math.log(2)"),
        "xent_softmax_first": (_TOP, f"logits = softmax(logits, 1)\n    {_TOP}"),
        "xent_all_pairs": (_LOSS, "return (log_sum - logits[:, targets]).mean()"),
        "xent_likeliest": (_CHOSEN, "chosen = logits.amax(dim=1)"),
        "xent_score_only": (_LOSS, "return -chosen.mean()"),
        "xent_target_missing": (_LOSS, "return log_sum.mean()"),
        "xent_log_of_mean": (_LOSS, "return -(chosen - log_sum).exp().mean().log()"),
        "xent_number": (_LOSS, "return (log_sum - chosen).mean().item()"),
        "xent_columns": (
            f"{_TOP}\n    {_LOG_SUM}",
            "log_sum = logits.logsumexp(dim=0)[targets]",
        ),
        "xent_top_lost": (_LOG_SUM, "log_sum = (logits - top).exp().sum(dim=1).log()"),
        "xent_not_averaged": (_LOSS, "return log_sum - chosen"),
        "xent_power": (_LOSS, "return (log_sum - chosen).mean().exp()"),
        "xent_first_column": (_CHOSEN, "chosen = logits[:, 0]"),
    },
    "causal_mask": {
        "triangle_upper": (_MASK, "return torch.ones(T, T, dtype=torch.bool).triu()"),
        "triangle_no_diagonal": (_MASK, "return torch.ones(T, T, dtype=torch.bool).tril(-1)"),
        "triangle_hidden": (_MASK, "return torch.ones(T, T, dtype=torch.bool).triu(1)"),
        "triangle_numbers": (_MASK, "return torch.ones(T, T).tril()"),
        "triangle_all": (_MASK, "return torch.ones(T, T, dtype=torch.bool)"),
        "triangle_fixed": (_MASK, "return torch.ones(3, 3, dtype=torch.bool).tril()"),
    },
}

# Numbers in the list of known bugs -> ids.
BUGS = {
    7: ("swap_view", "tfirst_sheets_first", "tfirst_columns"),
    8: ("xent_softmax_first",),
    9: ("xent_summed",),
    15: ("triangle_upper",),
    16: ("triangle_no_diagonal",),
    17: ("soft_last_axis", "soft_other_axis", "xent_columns"),
    32: ("splith_sizes_swapped",),
    33: ("mergeh_summed", "beside_summed"),
    34: ("splith_leap", "splith_leap_reshape"),
    35: ("tfirst_not_in_order", "mergeh_not_in_order"),
    36: ("mergeh_leap",),
    38: ("thirds_order", "thirds_dealt", "thirds_view"),
    55: ("posadd_missing", "posadd_first"),
}

# Two ways to the same numbers, or to the same thing to say: id -> key of the sentence.
SAME_CAUSE = {
    "avg_whole": "whole_division",
    "avg_printed": "printed",
    "rowsof_not_kept": "view_not_kept",
    "swap_not_kept": "view_not_kept",
    "swap_view": "swap_by_view",
    "swap_reshape": "swap_by_view",
    "splith_leap_reshape": "splith_leap",
    "soft_largest_lying": "soft_no_keepdim",
    "thirds_first_axis": "thirds_wrong_axis",
    "splith_fraction": "size_fraction",
    "thirds_fraction": "size_fraction",
    "soft_max_pair": "max_is_a_pair",
}

# Also run in a real kernel, and compared.
BOTH_WAYS = {  # plain numbers, a shared strip, heads, infinities, a gradient
    "avg_whole",
    "rowsof_copied",
    "splith_leap",
    "soft_whole_largest",
    "xent_number",
}

MISTAKES = catalogue.mistakes(WRONG, bugs=BUGS, same_cause=SAME_CAUSE, both_ways=BOTH_WAYS)

# item -> the input, zeros, a constant: answers without thought.
_NO_THOUGHT = {
    "mean": ("return numbers", "return 0.0", "return 7 / 3"),
    "strides": (
        "stride_of_table = (0, 1, 2)\nstride_of_turned = stride_of_table",
        "stride_of_table = (0, 0)\nstride_of_turned = (0, 0)",
        "stride_of_table = (1, 1)\nstride_of_turned = (1, 1)",
    ),
    "memory_cell": ("return index", "return 0", "return 5"),
    "rows_of": (
        "return flat",
        "return torch.zeros(n_rows, len(flat) // n_rows, dtype=torch.long)",
        "return torch.arange(12).view(4, 3)",
    ),
    "swap_last": (
        "return x",
        "B, T, C = x.shape\nreturn torch.zeros(B, C, T, dtype=x.dtype)",
        "return torch.arange(24).view(2, 4, 3)",
    ),
    "time_first": (
        "return x",
        "B, T, C = x.shape\nreturn torch.zeros(T * B, C, dtype=x.dtype)",
        "return torch.arange(12).view(6, 2)",
    ),
    "split_heads": (
        "return x",
        "B, T, C = x.shape\nreturn torch.zeros(B, n_head, T, C // n_head, dtype=x.dtype)",
        "return torch.arange(12).view(1, 2, 3, 2)",
    ),
    "merge_heads": (
        "return x",
        "B, H, T, S = x.shape\nreturn torch.zeros(B, T, H * S, dtype=x.dtype)",
        "return torch.arange(12).view(1, 3, 4)",
    ),
    "add_positions": (
        "return tok",
        "return torch.zeros_like(tok)",
        "return torch.ones_like(tok)",
    ),
    "centre_rows": ("return x", "return torch.zeros_like(x)", "return torch.ones_like(x)"),
    "split_qkv": (
        "return x, x, x",
        "none = torch.zeros_like(x[..., : x.shape[-1] // 3])\nreturn none, none, none",
        "one = torch.ones(1, 1, 2, dtype=torch.long)\nreturn one, one, one",
    ),
    "side_by_side": (
        "return heads",
        "B, T, _ = heads[0].shape\nreturn torch.zeros(B, T, sum(h.shape[2] for h in heads), dtype=heads[0].dtype)",
        "return torch.tensor([[[1, 2, 3, 4], [5, 6, 7, 8]]])",
    ),
    "softmax": (
        "return x",
        "return torch.zeros_like(x)",
        "return torch.full(x.shape, 1 / x.shape[dim])",
    ),
    "cross_entropy": (
        "return logits",
        "return logits.sum() * 0",
        "return logits.sum() * 0 + math.log(logits.shape[1])",
    ),
    "causal_mask": (
        "return T",
        "return torch.zeros(T, T, dtype=torch.bool)",
        "return torch.eye(T, dtype=torch.bool)",
    ),
}

LAZY = catalogue.lazy(_NO_THOUGHT)
