"""The checks of lab11 on the long way through attention: scores, mask, shares.

Each place is judged by what it makes of what came in: the q, k and v that the student's own lines
above have made, then the scores, then the masked scores.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from gptlab.checks.core import passed
from gptlab.checks.lab11_attention import attention, captured
from gptlab.checks.lab11_parts import Known, Seen, halves, refuse, same, watch
from gptlab.checks.shown import difference

INF = math.inf
FILLS = ("masked_fill", "masked_fill_")
HEADS = 3  # in all examples: three heads of four numbers
# The worked example of the scores: two tokens.
Q2 = torch.tensor([[1.0, 2, 0, 1], [2, 0, 1, 1]])
K2 = torch.tensor([[2.0, 1, 3, 0], [0, 2, 2, 4]])
# That of mask and shares: three tokens. Each query has one number, a 2, so the scores are read off.
LN3, LN2 = math.log(3), math.log(2)
SCORES = torch.tensor([[0.0, 9, 9], [0, LN3, 9], [LN2, 0, 0]])
NUMBERS = {"invalid for input of size": "smp_heads_size"}


def built_with(item: str, answer: type[nn.Module], q: Tensor, k: Tensor,
               dropout: float = 0.0) -> tuple[nn.Module, Tensor]:  # fmt: skip
    """Attention that goes the long way, with these q and k, (T, 4), in head 0, and an input for it.

    Head 1 has the scores times -1, head 2 times a half; the second text has them doubled.
    """
    many = torch.cat((q, -q, q / 2), dim=1)
    q2, k2 = torch.stack((many, 2 * many)), k.repeat(2, 1, HEADS)
    v = torch.arange(1.0, q2.numel() + 1).view(q2.shape) / 10
    built = attention(item, answer, torch.cat((q2, k2, v), dim=2), HEADS, False, dropout)
    return built, torch.zeros_like(q2)


def handed(item: str, built: nn.Module, looked_at: str) -> tuple[Tensor, Tensor, Tensor]:
    """q, k and v as the student's lines above make them, (B, nh, T, hs)."""
    built.flash = True
    try:
        found = captured(item, built, looked_at)
    finally:
        built.flash = False
    B, T, C = (*built.c_attn.answer.shape[:2], built.n_embd)
    for name, one in zip("qkv", found, strict=True):
        if tuple(one.shape) != (B, HEADS, T, C // HEADS):
            wanted = f"{name} of shape {(B, HEADS, T, C // HEADS)}"
            refuse(item, looked_at, wanted, f"{tuple(one.shape)}", "smp_heads_first")
    return found


def long_way(item: str, built: nn.Module, x: Tensor, looked_at: str, later: tuple[str, ...],
             enough: Any, likely: dict[str, str]) -> Seen:  # fmt: skip
    """A forward through the long way."""
    if getattr(built, "flash", None) is not False:
        refuse(item, looked_at, "self.flash that can be set to False", "another", "")
    return watch(item, built, x, looked_at=looked_at, later=later, enough=enough, likely=likely)


def scores(answer: type[nn.Module]) -> None:
    """Two tokens, four numbers a head: the scores by hand, scaled by 2."""
    item = "scores"
    built, x = built_with(item, answer, Q2, K2)
    looked_at = "q is 1 2 0 1 and 2 0 1 1, k is 2 1 3 0 and 0 2 2 4, three heads of four numbers"
    q, k, _ = handed(item, built, looked_at)
    wrong = {"size of tensor": "smp_scores_not_transposed",
             "Expected size for first two dimensions": "smp_scores_not_transposed",
             "mat1 and mat2": "smp_scores_not_transposed",
             "must be Tensor, not int": "smp_scores_root",
             "must be Tensor, not float": "smp_scores_root",
             "must be real number": "smp_scores_all_sizes", "name 'hs'": "smp_scores_size",
             "local variable 'att'": "smp_no_att"}  # fmt: skip
    if "T" in answer.forward.__code__.co_names:  # of four axes it turns all around
        wrong |= {"size of tensor": "smp_scores_dot_T", "Expected size": "smp_scores_dot_T"}
    seen = long_way(item, built, x, looked_at, ("mask",), _filled, wrong)
    plain = torch.einsum("bhtd,bhsd->bhts", q, k)
    found = before_mask(seen, plain / 2)
    known: Known = [
        ("smp_scores_not_scaled", plain), ("smp_scores_by_size", plain / 4),
        ("smp_scores_multiplied", plain * 2), ("smp_scores_by_width", plain / math.sqrt(12)),
        ("smp_scores_by_T", plain / math.sqrt(2)), ("smp_scores_by_T", plain / 2**0.5),
        ("smp_scores_by_heads", plain / math.sqrt(HEADS)),
        ("smp_scores_turned", plain.mT / 2), ("smp_scores_turned", plain.mT),
        ("smp_scores_twice", plain / 4), ("smp_scores_by_width", plain / 12),
        ("smp_scores_q_only", torch.einsum("bhtd,bhsd->bhts", q, q) / 2),
        ("smp_scores_softmax", (plain / 2).softmax(3)),
        ("smp_scores_multiplied_by_size", plain * 4), ("smp_scores_elementwise", q * k),
        ("smp_scores_elementwise", q * k / 2),
        ("smp_scores_masked", (plain / 2).masked_fill(future(plain), -INF)),
    ]  # fmt: skip
    if found is None:
        refuse(item, looked_at, "the scores, as att", "there is no att", "smp_no_att")
    same(item, found, plain / 2, looked_at=looked_at, known=known)
    passed(item)


def _filled(calls: list[Any]) -> bool:
    return any(one.name in (*FILLS, "where") for one in calls)


def before_mask(seen: Seen, right: Tensor) -> Any:
    """The scores as they are when the mask comes."""
    if seen.hole == "mask":
        return seen.names.get("att")
    if (fill := seen.first(*FILLS)) is not None:
        return fill.args[0]
    if (where := seen.first("where")) is not None:
        return next((one for one in where.args[1:] if isinstance(one, Tensor)), None)
    if (softmax := seen.first("softmax")) is not None:  # only what the mask leaves can be judged
        hidden = future(right)
        if softmax.args[0].shape == right.shape:
            return torch.where(hidden, right, softmax.args[0])
    return seen.names.get("att")


def future(att: Tensor) -> Tensor:
    """Which places of a table (…, T, T) are yet to come."""
    T = att.shape[-1]
    return torch.arange(T)[None, :] > torch.arange(T)[:, None]


def _example(item: str, answer: type[nn.Module], dropout: float = 0.0, factor: float = 1.0) -> Any:
    """Attention whose scores are those of the example."""
    q = torch.zeros(3, 4)
    q[range(3), range(3)] = 2.0
    k = torch.zeros(3, 4)
    k[:, :3] = SCORES.T * factor
    return built_with(item, answer, q, k, dropout)


TOLD = "three tokens with the scores of the example, block_size=5"
MASK_ERRORS = {
    "must match the size": "smp_mask_not_cut", "boolean": "smp_mask_not_bool",
    "only supports a 0-dimensional value": "smp_mask_value", "broadcast": "smp_mask_not_cut",
    "masked_fill() missing": "smp_mask_value", "name 'inf'": "smp_mask_inf",
    "name 'np'": "smp_mask_inf",
}  # fmt: skip


def mask(answer: type[nn.Module]) -> None:
    """Scores 0 9 9, 0 1.1 9, 0.69 0 0: what is yet to come gets -inf; also where scores are low."""
    item = "mask"
    for factor, told in ((1.0, ""), (-5000.0, ", times -5,000")):
        built, x = _example(item, answer, factor=factor)
        looked_at = TOLD + told
        seen = long_way(item, built, x, looked_at, ("weights",), _shared, MASK_ERRORS)
        given = _given(item, seen, looked_at)
        found = seen.names.get("att") if seen.hole == "weights" else _after(seen)
        hidden = future(given)
        if _order(seen)[:1] == ["softmax"] and seen.first(*FILLS):
            refuse(item, looked_at, "scores that are masked", "shares", "smp_mask_after")
        right = given.masked_fill(hidden, -INF)
        if isinstance(found, Tensor) and found.shape == right.shape:
            found = torch.where(hidden & (found < -1e8), -INF, found)  # as good as -inf
        same(item, found, right, looked_at=looked_at, known=_mask_slips(given, hidden, seen),
             likely=_mask_cause(found, right, hidden))  # fmt: skip
    passed(item)


def _shared(calls: list[Any]) -> bool:
    return any(one.name == "softmax" for one in calls)


def _given(item: str, seen: Seen, looked_at: str) -> Tensor:
    """The scores that the mask was given; else what they should be."""
    fill = seen.first(*FILLS)
    if fill is None:
        found = _after(seen) if seen.hole != "weights" else seen.names.get("att")
        if isinstance(found, Tensor) and found.dim() == 4:
            return found
        refuse(item, looked_at, "a call of masked_fill", "none", "smp_mask_missing")
    return fill.args[0]


def _after(seen: Seen) -> Any:
    """The scores as they leave the mask: what masked_fill gave, unless that was thrown away."""
    softmax, fill = seen.first("softmax"), seen.first(*FILLS)
    if fill is None:
        return softmax.args[0] if softmax is not None else None
    lost = softmax is not None and difference(softmax.args[0], fill.args[0]) is None
    return fill.args[0] if lost else fill.out


def _order(seen: Seen) -> list[str]:
    """Mask, softmax and dropout, as they were called."""
    return [one.name for one in seen.calls if one.name in ("softmax", "dropout", *FILLS)]


def _mask_slips(given: Tensor, hidden: Tensor, seen: Seen) -> list[tuple[str, Tensor]]:
    diagonal = torch.eye(given.shape[-1], dtype=torch.bool)
    called, fill = seen.first(*FILLS, "where") is not None, seen.first(*FILLS)
    cause = "smp_mask_not_kept" if called else "smp_mask_missing"
    if fill is not None and difference(fill.out, fill.args[0]) is None:
        cause = "smp_mask_nothing"
    return [
        (cause, given),
        ("smp_mask_turned", given.masked_fill(hidden.T, -INF)),
        ("smp_mask_inverted", given.masked_fill(~hidden, -INF)),
        ("smp_mask_diagonal", given.masked_fill(hidden | diagonal, -INF)),
        ("smp_mask_with_0", given.masked_fill(hidden, 0.0)),
        ("smp_mask_plus_inf", given.masked_fill(hidden, INF)),
        ("smp_mask_nan", given.masked_fill(hidden, math.nan)),
        ("smp_mask_shares", given.masked_fill(hidden, -INF).softmax(3)),
        ("smp_mask_after", given.softmax(3).masked_fill(hidden, -INF)),
    ]  # fmt: skip


def _mask_cause(found: Any, right: Tensor, hidden: Tensor) -> str:
    if not isinstance(found, Tensor) or found.shape != right.shape:
        return ""
    if found.isnan().any():
        return "smp_mask_nan"
    if difference(found.masked_fill(hidden, -INF), right) is None:
        return "smp_mask_number" if (found.masked_select(hidden) < 0).all() else "smp_mask_with_0"
    return ""


WEIGHTS_ERRORS = {
    "unexpected keyword argument": "smp_weights_axis", "missing 1 required": "smp_weights_axis",
    "softmax() received an invalid": "smp_weights_axis",
    "Dimension out of range": "smp_weights_axis", "must match the size": "smp_weights_keepdim",
    "multiple values for argument 'dim'": "smp_weights_class", "Softmax": "smp_weights_class",
    "name 'softmax'": "smp_weights_name", "'float' object is not callable": "smp_dropout_number",
}  # fmt: skip


def weights(answer: type[nn.Module]) -> None:
    """The masked scores of the example as shares: 1; 1/4, 3/4; 1/2, 1/4, 1/4. Then dropout."""
    item = "weights"
    built, x = _example(item, answer, dropout=0.5)
    seen = long_way(item, built, x, TOLD, (), _mixed, WEIGHTS_ERRORS)
    masked = _masked(seen)
    right, found = masked.softmax(dim=3), _share(seen)
    if halves(found, right):
        where = f"{TOLD}, in evaluation mode"
        refuse(item, where, "rows that add up to 1", "some are 0, others doubled",
               "dropout_in_evaluation")  # fmt: skip
    over = [masked.softmax(dim=axis) for axis in range(3)]
    v = [one for one in seen.products()[-1].args if isinstance(one, Tensor)][-1]
    known: Known = [
        ("smp_weights_over_queries", over[2]),
        ("smp_weights_axis" if _no_axis(seen) else "smp_weights_over_heads", over[1]),
        ("smp_weights_mixed", right @ v if v.shape[:3] == right.shape[:3] else v),
        ("smp_weights_exp", masked.exp()),
        ("smp_weights_over_texts", over[0]), ("smp_weights_raw", masked),
        ("smp_weights_twice", right.softmax(dim=3)), ("smp_weights_log", masked.log_softmax(dim=3)),
    ]  # fmt: skip
    same(item, found, right, looked_at=TOLD, known=known)
    _dropped(item, built, x, right)
    passed(item)


def _no_axis(seen: Seen) -> bool:
    """Was softmax not told along which axis? torch takes one, with a warning."""
    softmax = seen.first("softmax")
    return softmax is not None and softmax.given.get("dim") is None and len(softmax.args) < 2


def _mixed(calls: list[Any]) -> bool:
    return len([one for one in calls if one.name in ("matmul", "einsum")]) > 1


def _masked(seen: Seen) -> Tensor:
    """What the shares are made of: what masked_fill gave, unless that was thrown away above."""
    found = _after(seen)
    return found if isinstance(found, Tensor) else seen.products()[-1].args[0]


def _share(seen: Seen) -> Any:
    """The table that meets the values: the first of the two in the last product."""
    products = seen.products()
    return next((one for one in products[-1].args if isinstance(one, Tensor)), None)


def _dropped(item: str, built: nn.Module, x: Tensor, right: Tensor) -> None:
    """In training, attn_dropout makes half of the shares 0 and doubles the rest."""
    looked_at, expected = f"{TOLD}, in training, dropout=0.5", "each share 0 or doubled"
    built.train()
    built.resid_dropout.p = 0.0
    seen = long_way(item, built, x, looked_at, (), _mixed, {})
    found = _share(seen)
    if halves(found, right):
        built.attn_dropout.p = 0.0
        return
    if difference(found, right) is None:
        refuse(item, looked_at, expected, "none is changed", "smp_weights_no_dropout")
    sums = isinstance(found, Tensor) and bool(((found.sum(-1) - 1).abs() < 1e-4).all())
    likely = "smp_weights_dropout_first" if sums or "dropout" in _order(seen)[:2] else ""
    refuse(item, looked_at, expected, "other numbers", likely)
