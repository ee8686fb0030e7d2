"""The check of lab07 on the norm: the four rows of the worked example."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gptlab.checks.core import call, equal, kept, passed
from gptlab.checks.lab03_parts import build
from gptlab.checks.lab07_parts import learns, owned, refuse

# The worked example, (B=2, T=2, C=4), and what its rows are after the norm.
ROWS = torch.tensor([[[1, 3, 3, 9.0], [0, 8, 8, 0]], [[0, 0, 0.003, 0.003], [5, 5, 5, 5]]])
T = 1 / 3
NORMED = torch.tensor(
    [[[-1, -T, -T, 5 * T], [-1, 1, 1, -1]], [[-3 / 7, -3 / 7, 3 / 7, 3 / 7], [0, 0, 0, 0]]]
)
SCALE, SHIFT = torch.tensor([2.0, 3, 3, 3]), torch.tensor([0.0, 0, 1, -4])


def layer_norm(answer: type[nn.Module]) -> None:
    """The four rows that were worked by hand; then again with scale and shift, and its slope."""
    item = "layer_norm"
    wrong = {"'list' object has no": "layernorm_not_a_tensor"}
    wrong |= {"can require gradients": "layernorm_not_a_tensor"}
    built, other = (
        build(item, answer, size, looked_at=f"LayerNorm({size})", likely=wrong) for size in (4, 6)
    )
    _owned(item, built, 4)
    _owned(item, other, 6)
    eps = owned(item, built, "eps", (int, float), "a plain number", "layernorm_part")
    if eps != 1e-5:
        refuse(item, "self.eps", "1e-05", f"{eps}", "layernorm_eps")
    _norms(item, built, "the four rows of the example (B=2, T=2, C=4)", ROWS)
    _eps_counts(item, built)
    with torch.no_grad():
        built.scale.copy_(SCALE)
        built.shift.copy_(SHIFT)
    _norms(item, built, "the same rows with scale (2, 3, 3, 3) and shift (0, 0, 1, -4)", ROWS)
    with torch.no_grad():
        looked_at = "one text without a batch, (T=2, C=4)"
        axis = {"Dimension out of range": "layernorm_axis_counted"}
        found = call(item, built, ROWS[0].clone(), looked_at=looked_at, likely=axis)
    right = NORMED[0] * SCALE + SHIFT
    equal(item, found, right, looked_at=looked_at, likely="layernorm_axis_counted")
    learns(item, built, ROWS[0], lambda x: F.layer_norm(x, (4,), SCALE, SHIFT),
           "layernorm_detached")  # fmt: skip
    passed(item)


def _owned(item: str, built: nn.Module, size: int) -> None:
    """scale and shift: emb_dim numbers each, ones and zeros."""
    for name, start in (("scale", torch.ones(size)), ("shift", torch.zeros(size))):
        found = owned(item, built, name, Tensor, "an nn.Parameter", "layernorm_part")
        if not isinstance(found, nn.Parameter):
            refuse(item, f"self.{name}", "an nn.Parameter", "a plain tensor",
                   "layernorm_not_a_parameter")  # fmt: skip
        where = f"self.{name} of LayerNorm({size})"
        if found.shape != start.shape:
            likely = "layernorm_one_number" if found.numel() == 1 else "layernorm_size"
            refuse(item, where, f"shape {tuple(start.shape)}", f"shape {tuple(found.shape)}",
                   likely)  # fmt: skip
        likely = "layernorm_start" if found.dtype == start.dtype else ""
        equal(item, found.detach(), start, looked_at=where, likely=likely)


def _eps_counts(item: str, built: nn.Module) -> None:
    """With eps 7, the 9 of the first row becomes 16, and its root 4."""
    built.eps = 7.0
    looked_at = "(1, 3, 3, 9) after self.eps = 7: its variance is 9, and the root of 9 + 7 is 4"
    with torch.no_grad():
        found = call(item, built, ROWS[:1, :1].clone(), looked_at=looked_at)
    built.eps = 1e-5
    right = torch.tensor([[[-3.0, -1, -1, 5]]]) / 4
    known = {"layernorm_eps_not_used": NORMED[:1, :1]}
    equal(item, found, right, looked_at=looked_at, known=known)


def _norms(item: str, built: nn.Module, looked_at: str, x: Tensor) -> None:
    """What comes out for the rows of the example, and that they stay as they are."""
    given, scale, shift = x.clone(), built.scale.detach(), built.shift.detach()
    wrong = {"must match": "layernorm_no_keepdim", "broadcast": "layernorm_no_keepdim"}
    with torch.no_grad():
        found = call(item, built, given, looked_at=looked_at, likely=wrong)
    known = [(name, value * scale + shift) for name, value in _norm_slips(x)]
    known.append(("layernorm_swapped", NORMED * shift + scale))
    if not scale.eq(1).all():
        known += [
            ("layernorm_no_affine", NORMED),
            ("layernorm_no_scale", NORMED + shift),
            ("layernorm_no_shift", NORMED * scale),
            ("layernorm_shift_first", (NORMED + shift) * scale),
        ]
    right = NORMED * scale + shift
    alike = isinstance(found, Tensor) and found.shape == right.shape
    if not alike or found.dtype != right.dtype:
        equal(item, found, right, looked_at=looked_at)
    likely = next((name for name, value in known if _alike(found, value)), "")
    for b, t in [(b, t) for b in range(2) for t in range(2)]:  # a message shows one row, not all
        where = f"{looked_at}: text {b}, place {t}, which was {show_row(x[b, t])}"
        equal(item, found[b, t].detach(), right[b, t], looked_at=where, likely=likely)
    kept(item, given, x, "x", "changes_its_input")


def show_row(row: Tensor) -> str:
    """(1, 3, 3, 9)"""
    return f"({', '.join(f'{number:g}' for number in row.tolist())})"


def _alike(found: Tensor, value: Tensor) -> bool:
    return found.detach().allclose(value, rtol=1e-4, atol=1e-4, equal_nan=True)


def _norm_slips(x: Tensor) -> list[tuple[str, Tensor]]:
    """What common slips make of the rows, before scale and shift."""

    def normed(mean_over: tuple[int, ...], var_over: tuple[int, ...], less: int = 0) -> Tensor:
        variance = x.var(var_over, keepdim=True, correction=less)
        return (x - x.mean(mean_over, keepdim=True)) * (variance + 1e-5).rsqrt()

    every, row = (0, 1, 2), (-1,)
    rest = x - x.mean(-1, keepdim=True)
    spread = rest.square().mean(-1, keepdim=True)
    squares = x.square().mean(-1, keepdim=True)
    return [
        ("layernorm_unbiased", normed(row, row, 1)),
        ("layernorm_eps_outside", rest / (spread.sqrt() + 1e-5)),
        ("layernorm_unbiased_and_outside", rest / ((spread * 4 / 3).sqrt() + 1e-5)),
        ("layernorm_no_eps", rest / spread.sqrt()),
        ("layernorm_no_root", rest / (spread + 1e-5)),
        ("layernorm_over_time", normed((1,), (1,))),
        ("layernorm_over_batch", normed((0,), (0,))),
        ("layernorm_mean_over_time", normed((1,), row)),
        ("layernorm_over_all", normed((1, 2), (1, 2))),
        *(("layernorm_over_all", normed(mean, var, less)) for mean, var in
          ((every, every), (every, row), (row, every)) for less in (0, 1)),
        ("layernorm_no_mean", x * (spread + 1e-5).rsqrt()),
        ("layernorm_root_mean_square", x * (squares + 1e-5).rsqrt()),
        ("layernorm_squares_of_x", rest * (squares + 1e-5).rsqrt()),
        ("layernorm_not_divided", rest),
        ("layernorm_brackets", x - (x - rest) * (spread + 1e-5).rsqrt()),
        ("layernorm_eps", rest * (spread + 1e-6).rsqrt()),
    ]  # fmt: skip
