"""Wrong answers of lab00_start: what the solution says, and what students write in its place."""

from __future__ import annotations

from autograder.mistakes.lab00_start_scores import SCORES

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
        "avg_int": (_MEAN, "return int(sum(numbers) / len(numbers))"),
        "avg_emptied": (
            _MEAN,
            "total, n = 0, 0\n    while numbers:\n        total, n = total + numbers.pop(), n + 1\n    return total / n",
        ),
        "avg_printed": (_MEAN, "print(sum(numbers) / len(numbers))"),
    },
    "strides": {
        "stride_swapped": (_STRIDES, "stride_of_table = (1, 4)\nstride_of_turned = (4, 1)"),
        "stride_is_shape": (_STRIDES, "stride_of_table = (3, 4)\nstride_of_turned = (4, 3)"),
        "stride_same": (_STRIDES, "stride_of_table = (4, 1)\nstride_of_turned = (4, 1)"),
        "stride_new_table": (_STRIDES, "stride_of_table = (4, 1)\nstride_of_turned = (3, 1)"),
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
        "cell_last_only": (
            _CELL,
            "for i, step in zip(index, stride):\n        cell = i * step\n    return cell",
        ),
        "cell_all_pairs": (_CELL, "return sum(i * step for i in index for step in stride)"),
        "cell_tuples": (_CELL, "return sum(index * stride)"),
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
        "rowsof_global": (_ROWS, "return strip.view(n_rows, -1)"),
        "rowsof_list": (_ROWS, "return flat.view(n_rows, -1).tolist()"),
        "rowsof_resized": (_ROWS, "return flat.resize_(n_rows, len(flat) // n_rows)"),
        "rowsof_pieces": (_ROWS, "return flat.chunk(n_rows)"),
        "rowsof_not_kept": (_ROWS, "flat.view(n_rows, -1)\n    return flat"),
    },
    "swap_last": {
        "swap_view": (_SWAP, "B, T, C = x.shape\n    return x.view(B, C, T)\n"),
        "swap_reshape": (_SWAP, "return x.reshape(x.shape[0], x.shape[2], x.shape[1])\n"),
        "swap_first_two": (_SWAP, "return x.transpose(0, 1)\n"),
        "swap_outer": (_SWAP, "return x.permute(2, 1, 0)\n"),
        "swap_one_sheet": (_SWAP, "return x[0].T\n"),
        "swap_in_place": (_SWAP, "return x.transpose_(1, 2)\n"),
        "swap_not_kept": (_SWAP, "x.transpose(1, 2)\n    return x\n"),
    },
    "time_first": {
        "tfirst_sheets_first": (_TIME, "return x.reshape(T * B, C)"),
        "tfirst_not_in_order": (_TIME, "return x.transpose(0, 1).view(T * B, C)"),
        "tfirst_columns": (_TIME, "return x.transpose(1, 2).contiguous().view(T * B, C)"),
        "tfirst_three_axes": (_TIME, "return x.transpose(0, 1).contiguous()"),
        "tfirst_one_sheet": (_TIME, "return x[0]"),
        "tfirst_fixed": (_TIME, "return x.transpose(0, 1).reshape(6, 2)"),
        "tfirst_fixed_columns": (_TIME, "return x.transpose(0, 1).reshape(-1, 2)"),
        "tfirst_another_size": (_TIME, "return x.transpose(0, 1).reshape(T * B, B)"),
        "tfirst_in_place": (_TIME, "return x.transpose_(0, 1).reshape(T * B, C)"),
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
        "splith_swapped_first": (
            _SPLIT,
            "return x.transpose(1, 2).view(B, n_head, T, C // n_head)",
        ),
        "splith_swapped_reshape": (
            _SPLIT,
            "return x.transpose(1, 2).reshape(B, n_head, T, C // n_head)",
        ),
        "splith_last_two": (_SPLIT, "return x.view(B, T, n_head, C // n_head).transpose(2, 3)"),
        "splith_heads_first": (_SPLIT, "return torch.stack(x.chunk(n_head, dim=-1))"),
        "splith_time_first": (_SPLIT, "return x.view(B, T, n_head, C // n_head).transpose(0, 1)"),
        "splith_sheets_mixed": (
            _SPLIT,
            "return x.view(T, B, n_head, C // n_head).permute(1, 2, 0, 3)",
        ),
        "splith_in_place": (
            _SPLIT,
            "return x.resize_(B, T, n_head, C // n_head).transpose(1, 2)",
        ),
        "splith_fixed": (_SPLIT, "return x.view(B, T, 2, C // 2).transpose(1, 2)"),
        "splith_fraction": (_SPLIT, "return x.view(B, T, n_head, C / n_head).transpose(1, 2)"),
        "splith_list": (_SPLIT, "return x.split(C // n_head, dim=-1)"),
    },
    "merge_heads": {
        "mergeh_leap": (_MERGE, "return x.reshape(B, T, n_head * size)"),
        "mergeh_not_in_order": (_MERGE, "return x.transpose(1, 2).view(B, T, n_head * size)"),
        "mergeh_dealt": (_MERGE, "return x.permute(0, 2, 3, 1).reshape(B, T, n_head * size)"),
        "mergeh_sheets_mixed": (
            _MERGE,
            "return x.permute(2, 0, 1, 3).reshape(B, T, n_head * size)",
        ),
        "mergeh_not_swapped": (_MERGE, "return x.flatten(2)"),
        "mergeh_names": (
            _MERGE,
            "B, T, n_head, size = x.shape\n    return x.transpose(1, 2).reshape(B, T, n_head * size)",
        ),
        "mergeh_wrong_two": (_MERGE, "return x.transpose(2, 3).reshape(B, T, n_head * size)"),
        "mergeh_in_place": (_MERGE, "return x.transpose_(1, 2).reshape(B, T, n_head * size)"),
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
        "posadd_cut_by_larger": (_PLACE, "return tok + pos[: max(tok.shape[0], tok.shape[1])]"),
        "posadd_fixed": (_PLACE, "return tok + pos[:2]"),
        "posadd_fixed_columns": (_PLACE, "return tok + pos[: tok.shape[1], :2]"),
        "posadd_all_but_one": (_PLACE, "return tok + pos[:-1]"),
        "posadd_one_less": (_PLACE, "return tok + pos[: tok.shape[1] - 1]"),
        "posadd_one_row": (_PLACE, "return tok + pos[tok.shape[1]]"),
        "posadd_resized": (_PLACE, "return tok + pos.resize_(tok.shape[1:])"),
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
        "centre_rounded": (_CENTRE, "return x - x.mean(dim=1, keepdim=True).round()\n"),
        "centre_whole": (_CENTRE, "return x - x.sum(dim=1, keepdim=True) // x.shape[1]\n"),
        "centre_fixed_count": (_CENTRE, "return x - x.sum(dim=1, keepdim=True) / 3\n"),
        "centre_by_rows": (_CENTRE, "return x - x.sum(dim=1, keepdim=True) / len(x)\n"),
        "centre_ratio": (_CENTRE, "return x / x.mean(dim=1, keepdim=True)\n"),
        "centre_sum": (_CENTRE, "return x - x.sum(dim=1, keepdim=True)\n"),
    },
    "split_qkv": {
        "thirds_of_size_three": (_THIRDS, "return x.split(3, dim=-1)"),
        "thirds_wrong_axis": (_THIRDS, "return x.chunk(3, dim=1)"),
        "thirds_whole": (_THIRDS, "B, T, C = x.shape\n    return x.split(C, dim=-1)"),
        "thirds_too_few": (_THIRDS, "q, k, v = x.split(x.shape[-1] // 3)\n    return q, k, v"),
        "thirds_one_tensor": (
            _THIRDS,
            "B, T, C = x.shape\n    return x.view(B, T, 3, C // 3)",
        ),
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
        "beside_stacked": (_CAT, "return torch.stack(heads, dim=2).flatten(2)"),
        "beside_uneven": (
            _CAT,
            "B, T, C = heads[0].shape\n    return torch.cat(heads, dim=-1).view(B, T, C * len(heads))",
        ),
        "beside_one_sheet": (_CAT, "return torch.cat(heads, dim=-1)[:1]"),
        "beside_no_list": (_CAT, "return torch.cat(heads[0], heads[1])"),
        "beside_emptied": (
            _CAT,
            "out = heads.pop(0)\n    while heads:\n        out = torch.cat((out, heads.pop(0)), dim=-1)\n    return out",
        ),
        "beside_backwards": (_CAT, "return torch.cat(heads[::-1], dim=-1)"),
    },
} | SCORES
