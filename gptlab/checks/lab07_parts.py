"""The checks of lab07 on the small parts: the norm, GELU, feed-forward."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from gptlab.checks.core import CheckFailed, call, equal, globals_set, kind, passed
from gptlab.checks.lab03_parts import build
from gptlab.checks.lab07_stand_ins import Bend, settings

# The worked example, (B=2, T=2, C=4), and what its rows are after the norm.
ROWS = torch.tensor([[[1, 3, 3, 9.0], [0, 8, 8, 0]], [[0, 0, 0.003, 0.003], [5, 5, 5, 5]]])
T = 1 / 3
NORMED = torch.tensor(
    [[[-1, -T, -T, 5 * T], [-1, 1, 1, -1]], [[-3 / 7, -3 / 7, 3 / 7, 3 / 7], [0, 0, 0, 0]]]
)
SCALE, SHIFT = torch.tensor([2.0, 3, 3, 3]), torch.tensor([0.0, 0, 1, -4])
BENT = {-3.0: -0.0036, -1.0: -0.1588, 0.0: 0.0, 1.0: 0.8412, 3.0: 2.9964}  # x: GELU


def refuse(item: str, looked_at: str, expected: str, found: str, likely: str = "") -> None:
    """Raise what the student reads."""
    raise CheckFailed(item, looked_at=looked_at, expected=expected, found=found, likely=likely)


def owned(item: str, built: nn.Module, name: str, wanted: type, what: str, likely: str) -> Any:
    """The part of this name, or CheckFailed."""
    found = getattr(built, name, None)
    if not isinstance(found, wanted):
        seen = "there is none" if found is None else kind(found)
        refuse(item, f"self.{name}", what, seen, likely)
    return found


def layer_norm(answer: type[nn.Module]) -> None:
    """The four rows that were worked by hand; then the first again with scale and shift."""
    item, looked_at = "layer_norm", "LayerNorm(4)"
    built = build(item, answer, 4, looked_at=looked_at)
    for name, start in (("scale", torch.ones(4)), ("shift", torch.zeros(4))):
        found = owned(item, built, name, Tensor, "an nn.Parameter", "layernorm_part")
        if not isinstance(found, nn.Parameter):
            refuse(item, f"self.{name}", "an nn.Parameter", "a plain tensor",
                   "layernorm_not_a_parameter")  # fmt: skip
        where = f"self.{name} of LayerNorm(4)"
        equal(item, found.detach(), start, looked_at=where, likely="layernorm_start")
    eps = owned(item, built, "eps", (int, float), "a number", "layernorm_part")
    if eps != 1e-5:
        refuse(item, "self.eps", "1e-05", f"{eps}", "layernorm_eps")
    _norms(item, built, "the four rows of the example (B=2, T=2, C=4)", ROWS)
    with torch.no_grad():
        built.scale.copy_(SCALE)
        built.shift.copy_(SHIFT)
    _norms(item, built, "the same rows with scale (2, 3, 3, 3) and shift (0, 0, 1, -4)", ROWS)
    with torch.no_grad():
        looked_at = "one text without a batch, (T=2, C=4)"
        wrong = {"Dimension out of range": "layernorm_axis_counted"}
        found = call(item, built, ROWS[0].clone(), looked_at=looked_at, likely=wrong)
    right = NORMED[0] * SCALE + SHIFT
    equal(item, found, right, looked_at=looked_at, likely="layernorm_axis_counted")
    passed(item)


def _norms(item: str, built: nn.Module, looked_at: str, x: Tensor) -> None:
    """What comes out for the rows of the example, and that they stay as they are."""
    given, scale, shift = x.clone(), built.scale.detach(), built.shift.detach()
    wrong = {"must match": "layernorm_no_keepdim", "broadcast": "layernorm_no_keepdim"}
    with torch.no_grad():
        found = call(item, built, given, looked_at=looked_at, likely=wrong)
    slips = _norm_slips(x)
    known = {name: value * scale + shift for name, value in slips.items()}
    known["layernorm_swapped"] = NORMED * shift + scale
    if not scale.eq(1).all():
        known |= {
            "layernorm_no_affine": NORMED,
            "layernorm_no_scale": NORMED + shift,
            "layernorm_no_shift": NORMED * scale,
            "layernorm_shift_first": (NORMED + shift) * scale,
        }
    right = NORMED * scale + shift
    rows = [(b, t) for b in range(2) for t in range(2)]
    if not (isinstance(found, Tensor) and found.shape == right.shape):
        equal(item, found, right, looked_at=looked_at)
    likely = next((name for name, value in known.items() if _alike(found, value)), "")
    for b, t in rows:  # a message shows one row, not all
        where = f"{looked_at}: text {b}, place {t}, which was {show_row(x[b, t])}"
        equal(item, found[b, t].detach(), right[b, t], looked_at=where, likely=likely)
    equal(item, given, x, looked_at="x after the call", likely="changes_its_input")


def show_row(row: Tensor) -> str:
    """(1, 3, 3, 9)"""
    return f"({', '.join(f'{number:g}' for number in row.tolist())})"


def _alike(found: Tensor, value: Tensor) -> bool:
    return found.detach().allclose(value, rtol=1e-4, atol=1e-4, equal_nan=True)


def _norm_slips(x: Tensor) -> dict[str, Tensor]:
    """What common slips make of the rows, before scale and shift."""

    def over(axes: int | tuple[int, ...]) -> Tensor:
        middle = x - x.mean(axes, keepdim=True)
        return middle * (middle.square().mean(axes, keepdim=True) + 1e-5).rsqrt()

    rest = x - x.mean(-1, keepdim=True)
    spread = rest.square().mean(-1, keepdim=True)
    return {
        "layernorm_unbiased": rest * (spread * 4 / 3 + 1e-5).rsqrt(),
        "layernorm_eps_outside": rest / (spread.sqrt() + 1e-5),
        "layernorm_no_eps": rest / spread.sqrt(),
        "layernorm_no_root": rest / (spread + 1e-5),
        "layernorm_over_time": over(1),
        "layernorm_over_batch": over(0),
        "layernorm_over_all": over((1, 2)),
        "layernorm_no_mean": x * (spread + 1e-5).rsqrt(),
        "layernorm_not_divided": rest,
        "layernorm_brackets": x - (x - rest) * (spread + 1e-5).rsqrt(),
        "layernorm_eps": rest * (spread + 1e-6).rsqrt(),
    }


def gelu(answer: type[nn.Module]) -> None:
    """The table that was worked by hand, from -3 to 3, as one row and as a column."""
    item, looked_at = "gelu", "GELU() on -3, -1, 0, 1 and 3"
    built = build(item, answer, looked_at="GELU()")
    x = torch.tensor(list(BENT))
    wrong = {"only one element": "gelu_of_a_number", "must be real number": "gelu_of_a_number"}
    wrong |= {"converted to Scalar": "gelu_of_a_number"}
    given = x.clone()
    found = call(item, built, given, looked_at=looked_at, likely=wrong)
    right = torch.tensor(list(BENT.values()))
    equal(item, found, right, looked_at=looked_at, known=_gelu_slips(x))
    equal(item, given, x, looked_at="x after the call", likely="changes_its_input")
    column = call(item, built, x.view(5, 1), looked_at="the same as a column, (5, 1)")
    equal(item, column, right.view(5, 1), looked_at="the same as a column, (5, 1)")
    passed(item)


def _gelu_slips(x: Tensor) -> dict[str, Tensor]:
    """What common slips give."""
    k, c = math.sqrt(2 / math.pi), 0.044715

    def through(inner: Tensor) -> Tensor:
        return (inner.tanh() + 1) * x / 2

    cube = x.pow(3)
    return {
        "gelu_erf": nn.functional.gelu(x),
        "gelu_sigmoid": x * (1.702 * x).sigmoid(),
        "gelu_relu": x.relu(),
        "gelu_no_half": 2 * through(k * (x + c * cube)),
        "gelu_no_root": through(x + c * cube),
        "gelu_root_missing": through(k * k * (x + c * cube)),
        "gelu_no_cube": through(k * x),
        "gelu_cube_is_square": through(k * (x + c * x.square())),
        "gelu_cube_not_scaled": through(k * (x + cube)),
        "gelu_zero_lost": through(k * (x + 10 * c * cube)),
        "gelu_root_on_x_only": through(k * x + c * cube),
        "gelu_no_one": through(k * (x + c * cube)) - x / 2,
        "gelu_no_x": ((k * (x + c * cube)).tanh() + 1) / 2,
        "gelu_silu": x * x.sigmoid(),
    }


def feed_forward(answer: type[nn.Module]) -> None:
    """The network 1 -> 4 -> 1 that was worked by hand: 1 -> 2.9083 and -1 -> -2.0917."""
    item, looked_at = "feed_forward", "FeedForward(cfg), where emb_dim is 1"
    with globals_set(answer, GELU=Bend):
        built = build(item, answer, settings(emb_dim=1), looked_at=looked_at)
        first, last = _two_layers(item, built, looked_at)
        with torch.no_grad():
            first.weight.copy_(torch.tensor([[1.0], [-1], [3], [0]]))
            first.bias.copy_(torch.tensor([0.0, 0, 0, -1]))
            last.weight.copy_(torch.tensor([[1.0, -1, 1, 10]]))
            last.bias.fill_(0.5)
        x, right = torch.tensor([[[1.0], [-1.0]]]), torch.tensor([[[2.9083], [-2.0917]]])
        looked_at = "the network of the example, x = 1 and x = -1 (B=1, T=2)"
        with torch.no_grad():
            found = call(item, built, x.clone(), looked_at=looked_at)
            bend, hidden = Bend(), first(x)
            known = {
                "ff_no_bend": last(hidden),
                "ff_other_relu": last(hidden.relu()),
                "ff_other_erf": last(nn.functional.gelu(hidden)),
                "ff_other_sigmoid": last(hidden * (1.702 * hidden).sigmoid()),
                "ff_bend_last": bend(last(hidden)),
                "ff_bend_twice": bend(last(bend(hidden))),
                "ff_bend_first": last(first(bend(x))),
                "ff_adds_x": right + x,
            }
        equal(item, found, right, looked_at=looked_at, known=known)
    passed(item)


def _two_layers(item: str, built: nn.Module, looked_at: str) -> tuple[nn.Linear, nn.Linear]:
    """The two linear layers, first and last of three, of sizes 1 -> 4 -> 1, with a bias."""
    row = owned(item, built, "layers", nn.Sequential, "an nn.Sequential", "ff_layers")
    linear = [layer for layer in row if isinstance(layer, nn.Linear)]
    sizes = [(layer.in_features, layer.out_features) for layer in linear]
    seen = ", then ".join(f"{a} -> {b}" for a, b in sizes) or "none"
    if len(linear) == 2 and sizes != [(1, 4), (4, 1)]:
        refuse(item, f"the linear layers of {looked_at}", "1 -> 4, then 4 -> 1", seen, "ff_width")
    if any(layer.bias is None for layer in linear):
        refuse(item, f"the linear layers of {looked_at}", "a bias in both", "none", "ff_no_bias")
    kinds = [type(layer).__name__ for layer in row]
    if len(row) == 2 and len(linear) == 2:
        refuse(item, "self.layers", "linear, GELU, linear", ", ".join(kinds), "ff_no_bend")
    if len(row) == 3 and len(linear) == 2 and not isinstance(row[1], nn.Linear):
        return row[0], row[2]
    bends = {"Linear Linear Bend": "ff_bend_last", "Bend Linear Linear": "ff_bend_first",
             "Linear Bend Linear Bend": "ff_bend_twice"}  # fmt: skip
    likely = bends.get(" ".join(kinds), "ff_layers")
    names = ", ".join("GELU" if name == "Bend" else name for name in kinds)
    refuse(item, "self.layers", "linear, GELU, linear", names or "nothing", likely)
    raise AssertionError
