"""The checks of lab02 from scores to the mix of values: the example "any", in several orders.

An answer that calls others of the lab is checked with right ones in their place.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from gptlab.checks.core import call, equal, globals_set, must_be_callable, passed
from gptlab.checks.lab02_numbers import (
    ANY,
    ASKS,
    FILL_ERRORS,
    INF,
    NAN,
    OFFERS,
    SCORES,
    W_VALUE,
    dots,
    hidden,
    mixed,
    past,
    same,
    shares,
    sheets,
    tables,
)


def raw_scores(answer: Callable[[Tensor, Tensor], Tensor]) -> None:
    """The scores of a, n and y, in four orders."""
    item = "raw_scores"
    must_be_callable(item, answer)
    q, k = sheets(ASKS, 4), sheets(OFFERS, 4)
    right = tables(SCORES, 4)
    known = {
        "raw_swapped": right.mT,
        "raw_queries_only": dots(q, q),
        "raw_keys_only": dots(k, k),
        "raw_over_time": torch.einsum("bth,btg->bhg", q, k),
        "raw_elementwise": q * k,
        "raw_own_key_only": (q * k).sum(2),
        "raw_first_sequence": SCORES,
        "raw_scaled_already": right / math.sqrt(2),
        "raw_view": torch.einsum("bth,bhs->bts", q, k.reshape(4, 2, 3)),
    }
    likely = {
        "[4, 3]": "raw_no_transpose",
        "tensor b (2)": "raw_all_axes_reversed",
        "tensor b (3)": "raw_wrong_axes",
    }
    looked_at = "raw_scores(q, k) of a, n, y in four orders: q, k of shape (B=4, T=3, head_size=2)"
    found = call(item, answer, q, k, looked_at=looked_at, likely=likely)
    same(item, found, right, looked_at=looked_at, known=known)
    passed(item)


def scaled_scores(answer: Callable[[Tensor, Tensor], Tensor]) -> None:
    """The same scores in a head of 9 channels, seven of them zero: divided by 3."""
    item = "scaled_scores"
    must_be_callable(item, answer)
    q = torch.cat((sheets(ASKS, 2), torch.zeros(2, 3, 7)), 2)
    k = torch.cat((sheets(OFFERS, 2), torch.zeros(2, 3, 7)), 2)
    raw = tables(SCORES, 2)
    known = {
        "scale_missing": raw,
        "scale_by_size": raw / 9,
        "scale_multiplied": raw * 3,
        "scale_by_T": raw / math.sqrt(3),
        "scale_by_B": raw / math.sqrt(2),
        "scale_fixed": raw / 4,
        "scale_by_std": raw / raw.std(),
        "scale_q_and_k_swapped": raw.mT / 3,
    }
    looked_at = (
        "scaled_scores(q, k) of a, n, y and y, n, a with seven more channels of zeros: q, k of "
        "shape (B=2, T=3, head_size=9)"
    )
    given = q.clone(), k.clone()
    with globals_set(answer, raw_scores=dots):
        found = call(item, answer, *given, looked_at=looked_at)
    same(item, found, raw / 3, looked_at=looked_at, known=known, likely=_by_a_number(found, raw))
    for name, after, before in zip("qk", given, (q, k), strict=True):
        equal(item, after, before, looked_at=f"{name} after the call", likely="scale_in_place")
    passed(item)


def _by_a_number(found: object, raw: Tensor) -> str:
    """The cause where all scores were divided by one and the same other number."""
    if not isinstance(found, Tensor) or found.shape != raw.shape:
        return ""
    factor = (found * raw).sum() / (raw * raw).sum()
    return "scale_fixed" if found.allclose(factor * raw, atol=1e-5) else ""


def causal_mask(answer: Callable[[Tensor], Tensor]) -> None:
    """The table of the lab, and the scores of a, n, y."""
    item = "causal_mask"
    must_be_callable(item, answer)
    lab = torch.tensor([[2.0, 9.0, 9.0], [1.0, 1.0, 9.0], [0.0, math.log(2), 0.0]])
    scores, keep = torch.stack([lab, SCORES]), past(3)
    only = scores * keep
    known = {
        "mask_not_assigned": scores,
        "mask_of_zeros": hidden(torch.zeros_like(scores), keep),
        "mask_triu": hidden(scores, keep.T),
        "mask_no_diagonal": hidden(scores, past(3, -1)),
        "mask_one_ahead": hidden(scores, past(3, 1)),
        "mask_inverted": hidden(scores, ~keep),
        "mask_with_0": only,
        "mask_minus_10": hidden(scores, keep, -10.0),
        "mask_minus_10000": hidden(scores, keep, -1e4),
        "mask_0_times_inf": torch.where(keep, NAN, -INF).expand_as(scores),
        "mask_plus_inf": hidden(scores, keep, INF),
        "mask_where_zero": hidden(only, only != 0),
        "mask_softmax_inside": shares(hidden(scores, keep)),
    }
    found_scores = scores.clone()
    likely = {"(8)": "mask_size_fixed", "(2)": "mask_size_of_the_batch"} | FILL_ERRORS
    looked_at = "causal_mask(scores), the table of the lab and the scores of a, n, y: (2, 3, 3)"
    found = call(item, answer, found_scores, looked_at=looked_at, likely=likely)
    right = hidden(scores, keep)
    finite = ""
    if isinstance(found, Tensor) and found.shape == right.shape and found[:, ~keep].max() < -20:
        finite = "mask_minus_10000"
    same(item, found, right, looked_at=looked_at, known=known, likely=finite)
    equal(item, found_scores, scores, looked_at="scores after the call", likely="mask_in_place")
    passed(item)


def right_scaled(q: Tensor, k: Tensor) -> Tensor:
    """Scaled scores, for answers that call them."""
    return dots(q, k) / math.sqrt(q.shape[2])


def right_mask(scores: Tensor) -> Tensor:
    """Masked scores, for answers that call them."""
    return hidden(scores, past(scores.shape[2]))


def right_weights(q: Tensor, k: Tensor) -> Tensor:
    """Weights, for answers that call them."""
    return shares(right_mask(right_scaled(q, k)))


PARTS = {
    "raw_scores": dots,
    "scaled_scores": right_scaled,
    "causal_mask": right_mask,
    "attention_weights": right_weights,
}
LETTERS = (
    "a, n, y and y, n, a, queries times √2 and keys times ln 3 (the key of a is twice as loud here "
    "as on paper, so these are not the numbers on paper)"
)


def _pair() -> tuple[Tensor, Tensor]:
    """Queries and keys whose scaled scores are ln 3 times SCORES: powers of e are powers of 3."""
    return math.sqrt(2) * sheets(ASKS, 2), math.log(3) * sheets(OFFERS, 2)


def attention_weights(answer: Callable[[Tensor, Tensor], Tensor]) -> None:
    """9/10 and 1/10; 3/7, 1/7 and 3/7; and the other way round."""
    item = "attention_weights"
    must_be_callable(item, answer)
    q, k = _pair()
    scores, keep = math.log(3) * tables(SCORES, 2), past(3)
    masked, raw = hidden(scores, keep), hidden(scores * math.sqrt(2), keep)
    right = shares(masked)
    low = (scores * keep) / (scores * keep).sum(2, keepdim=True)
    known = {
        "weights_over_queries": shares(masked, 1),
        "weights_over_the_batch": shares(masked, 0),
        "weights_mask_after": hidden(shares(scores), keep),
        "weights_zeroed_after": shares(scores) * keep,
        "weights_no_mask": shares(scores),
        "weights_no_scale": shares(raw),
        "weights_scaled_twice": shares(hidden(scores / math.sqrt(2), keep)),
        "weights_scaled_after": shares(raw) / math.sqrt(2),
        "weights_no_softmax": masked,
        "weights_not_exp": low,
        "weights_q_and_k_swapped": shares(hidden(scores.mT, keep)),
        "weights_mask_transposed": shares(hidden(scores, keep.T)),
    }
    looked_at = f"attention_weights(q, k) of {LETTERS}: q, k of shape (B=2, T=3, head_size=2)"
    with globals_set(answer, **{name: PARTS[name] for name in list(PARTS)[:3]}):
        found = call(item, answer, q, k, looked_at=looked_at)
    same(item, found, right, looked_at=looked_at, known=known)
    passed(item)


def attend(answer: Callable[[Tensor, Tensor, Tensor], Tensor]) -> None:
    """The same weights, with the values on paper."""
    item = "attend"
    must_be_callable(item, answer)
    q, k = _pair()
    v = sheets(ANY @ W_VALUE, 2)
    scores = right_scaled(q, k)
    weights = right_weights(q, k)
    known = {
        "attend_transposed": mixed(weights.mT, v),
        "attend_mixes_keys": mixed(weights, k),
        "attend_scores": mixed(scores, v),
        "attend_no_mask": mixed(shares(scores), v),
        "attend_softmax_twice": mixed(shares(weights), v),
        "attend_q_and_k_swapped": mixed(right_weights(k, q), v),
        "attend_only_weights": weights,
        "attend_adds_v": v + mixed(weights, v),
        "attend_masked_scores": right_mask(scores) @ v,
    }
    looked_at = (
        f"attend(q, k, v) of {LETTERS}, with the values (5, 5), (0, 10), (5, 15): q, k of shape "
        "(B=2, T=3, head_size=2), v of shape (B=2, T=3, C=2)"
    )
    sizes = {"batch2": "attend_v_first", "must match": "attend_elementwise"}
    with globals_set(answer, **PARTS):
        found = call(item, answer, q, k, v, looked_at=looked_at, likely=sizes)
    same(item, found, mixed(weights, v), looked_at=looked_at, known=known)
    passed(item)
