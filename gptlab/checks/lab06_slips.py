"""What the usual slips of lab06 make of queries, keys and values: pairs of a cause and a mix."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from gptlab.checks.lab02_numbers import dots, hidden, mixed, past, shares
from gptlab.checks.lab06_numbers import Matrices, Mix, attended, causal_mix, threes

Slips = list[tuple[str, Mix]]


def root(q: Tensor) -> float:
    """The right scale."""
    return math.sqrt(q.shape[-1])


def slips(d_in: int, masked: bool) -> Slips:
    """Those of one head, with a mask or without."""

    def scaled(divisor: Callable[[Tensor], float], swap: bool = False, axis: int = -1) -> Mix:
        def mix(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
            scores = (dots(k, q) if swap else dots(q, k)) / divisor(q)
            keep = past(q.shape[-2], 0 if masked else q.shape[-2])
            return mixed(shares(hidden(scores, keep), axis), v)

        return mix

    right = causal_mix if masked else attended
    found: Slips = [
        ("att_not_scaled", scaled(lambda q: 1.0)),
        ("att_half_the_size", scaled(lambda q: q.shape[-1] / 2)),
        ("att_half_the_size", scaled(lambda q: q.shape[-1] * 2)),
        ("att_scaled_by_d_in", scaled(lambda q: math.sqrt(d_in))),
        ("att_scaled_by_size", scaled(lambda q: q.shape[-1])),
        ("att_multiplied_by_root", scaled(lambda q: 1 / root(q))),
        ("att_scaled_by_T", scaled(lambda q: math.sqrt(q.shape[-2]))),
        ("att_key_size_fixed", scaled(lambda q: math.sqrt(2))),
        ("head_q_and_k_swapped", scaled(root, swap=True)),
        ("head_softmax_over_queries", scaled(root, axis=-2)),
        ("att_mixes_keys", lambda q, k, v: right(q, k, k)),
        ("head_query_is_key", lambda q, k, v: right(k, k, v)),
        ("head_query_is_key", lambda q, k, v: right(q, q, v)),
        ("ca_keys_reshaped", lambda q, k, v: right(q, k.reshape(k.mT.shape).mT, v)),
    ]
    if masked:
        return found + _masks()
    return [*found, ("att_softmax_first", _early), ("simple_masked", causal_mix)]


def _early(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return mixed(shares(dots(q, k), -1) / root(q), v)


def _masks() -> Slips:
    """Slips about the future."""

    def table(change: Callable[[Tensor, Tensor], Tensor]) -> Mix:
        def mix(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
            return mixed(change(dots(q, k) / root(q), past(q.shape[-2])), v)

        return mix

    def ahead(n: int) -> Mix:
        return table(lambda s, keep: shares(hidden(s, past(s.shape[-1], n)), -1))

    return [
        ("att_future_seen", table(lambda s, keep: shares(s, -1))),
        ("att_mask_wrong_way", table(lambda s, keep: shares(hidden(s, ~keep), -1))),
        ("att_mask_transposed", table(lambda s, keep: shares(hidden(s, keep.T), -1))),
        ("att_mask_no_diagonal", ahead(-1)),
        ("att_mask_one_ahead", ahead(1)),
        ("head_mask_with_0", table(lambda s, keep: shares(s * keep, -1))),
        ("head_mask_after", table(lambda s, keep: shares(s, -1) * keep)),
        ("att_mask_inf_after", table(lambda s, keep: hidden(shares(s, -1), keep))),
        ("mask_0_times_inf", table(lambda s, keep: torch.full_like(s, torch.nan))),
        ("mask_plus_inf", table(lambda s, keep: shares(hidden(s, keep, torch.inf), -1))),
        ("head_softmax_over_the_batch", table(lambda s, keep: shares(hidden(s, keep), 0))),
    ]


def merged(heads: tuple[Matrices, ...] | list[Matrices], mix: Mix, x: Tensor) -> Tensor:
    """What each head gives, side by side: the right way to split and merge."""
    return torch.cat([mix(*threes(x, head)) for head in heads], -1)


def many(heads: tuple[Matrices, ...], x: Tensor) -> list[tuple[str, Tensor]]:
    """What slips about several heads make of x, before the projection."""
    side = merged(heads, causal_mix, x)
    (B, T, width), n = side.shape, len(heads)
    each = torch.stack(side.chunk(n, -1), 1)  # (B, heads, T, size)
    tall = [torch.cat([x @ head[name] for head in heads], 2) for name in heads[0]]
    straight = [y.reshape(B, n, T, width // n) for y in tall]  # view alone
    swapped = [torch.stack(y.chunk(n, -1), 1) for y in tall]
    woven = [y.view(B, T, width // n, n).permute(0, 3, 1, 2) for y in tall]
    cut = causal_mix(*straight)
    one_cut = [
        swapped[:place] + straight[place : place + 1] + swapped[place + 1 :] for place in range(3)
    ]
    by_d_out = merged(heads, lambda q, k, v: causal_mix(q / math.sqrt(n), k, v), x)
    by_heads = merged(heads, lambda q, k, v: causal_mix(q * root(q) / math.sqrt(n), k, v), x)
    scores = hidden(dots(swapped[0], swapped[1]) / root(swapped[0]), past(T))
    return [
        ("mh_scaled_by_d_out", by_d_out),
        ("mh_scaled_by_heads", by_heads),
        ("mh_one_head", causal_mix(*tall)),
        ("mh_over_heads", _side(mixed(shares(scores, 1), swapped[2]))),
        ("mh_view_alone", _side(cut)),
        *[("mh_view_alone", _side(causal_mix(*mix))) for mix in one_cut],
        ("mh_view_both_ways", cut.reshape(B, T, width)),
        ("mh_merged_without_swap", each.reshape(B, T, width)),
        ("mh_swapped_others_back", each.transpose(2, 3).reshape(B, T, width)),
        ("mh_merged_interleaved", each.permute(0, 2, 3, 1).reshape(B, T, width)),
        ("heads_interleaved", _side(causal_mix(*woven))),
        ("first_head_again", torch.cat([each[:, 0]] * n, -1)),
    ]


def _side(each: Tensor) -> Tensor:
    """(B, heads, T, size) -> (B, T, heads * size): merged as it should be."""
    return torch.cat(list(each.unbind(1)), -1)
