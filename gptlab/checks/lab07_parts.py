"""The checks of lab07 on the two small parts, and what the checks of all its classes share."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from gptlab.checks.core import CheckFailed, call, equal, globals_set, kept, kind, passed
from gptlab.checks.lab03_parts import build
from gptlab.checks.lab07_stand_ins import GELU, settings
from gptlab.checks.shown import difference

BENT = {-3.0: -0.0036, -1.0: -0.1588, 0.0: 0.0, 1.0: 0.8412, 3.0: 2.9964}  # x: GELU
# What an error in a class that is built from the settings points to.
ERRORS = {
    "list is not a Module subclass": "gpt_blocks_not_unpacked",
    "generator is not a Module subclass": "gpt_blocks_not_unpacked",
    "is not a Module subclass": "part_not_made",
    "LayerNorm takes a number": "norm_arguments",
    "KeyError": "settings_names",
    "'cfg' is not defined": "cfg_in_forward",
}


class Example(NamedTuple):
    """What came out, what is right, and what slips give, as pairs of a cause and a value."""

    looked_at: str
    found: Any
    right: Tensor
    slips: Sequence[tuple[str, Tensor]]


def refuse(item: str, looked_at: str, expected: str, found: str, likely: str = "") -> None:
    """Raise what the student reads."""
    raise CheckFailed(item, looked_at=looked_at, expected=expected, found=found, likely=likely)


def judge(item: str, examples: Sequence[Example], likely: str = "") -> None:
    """Refuse the first example that is wrong, and name the slip that explains all of them."""
    fits = zip(*([difference(one.found, value) is None for _, value in one.slips]
                 for one in examples), strict=True)  # fmt: skip
    names = [name for name, _ in examples[0].slips]
    cause = next((name for name, fit in zip(names, fits, strict=True) if all(fit)), "")
    for one in examples:
        equal(item, one.found, one.right, looked_at=one.looked_at, likely=likely or cause)


def owned(item: str, built: nn.Module, name: str, wanted: Any, what: str, likely: str) -> Any:
    """The part of this name, or CheckFailed."""
    found = getattr(built, name, None)
    if isinstance(found, wanted):
        return found
    seen = kind(found)
    if found is None:
        seen, likely = "there is none", "part_name"
    elif isinstance(found, type):
        seen, likely = f"the class {found.__name__}", "part_not_made"
    elif isinstance(found, nn.LayerNorm):
        seen, likely = "PyTorch's nn.LayerNorm", "norm_of_torch"
    refuse(item, f"self.{name}", what, seen, likely)
    raise AssertionError


def learns(item: str, built: nn.Module, given: Tensor, right: Any = None, likely: str = "") -> None:
    """After a backward every weight has a gradient, and x that of `right`, where that is given."""
    x = given.clone().requires_grad_(given.is_floating_point())
    looked_at = "what comes back from a loss, after backward"
    with torch.enable_grad():
        out = call(item, built, x, looked_at=looked_at)
        if not out.requires_grad:
            refuse(item, looked_at, "a gradient for each weight", "none at all", "no_gradient")
        rates = torch.arange(1.0, out.numel() + 1).sqrt().view(out.shape)
        call(item, (out * rates).sum().backward, looked_at=looked_at)
    for name, weight in (*built.named_parameters(), *[("x", x)] * x.requires_grad):
        if weight.grad is None or not weight.grad.any():
            who = name.removesuffix(".factor")
            refuse(item, f"the gradient of {who}, after backward", "one", "none", "no_gradient")
    if right is not None:
        known = given.clone().requires_grad_()
        (right(known) * rates).sum().backward()
        equal(item, x.grad, known.grad, looked_at="the gradient of x, after backward",
              likely=likely)  # fmt: skip
    built.zero_grad()


def gelu(answer: type[nn.Module]) -> None:
    """The table that was worked by hand, from -3 to 3; then finer, far out, and its slope."""
    item, looked_at = "gelu", "GELU() on -3, -1, 0, 1 and 3"
    built = build(item, answer, looked_at="GELU()")
    x = torch.tensor(list(BENT))
    number = "gelu_of_a_number"
    wrong = {"only one element": number, "must be real number": number, "to Scalar": number}
    wrong |= {"must be Tensor, not float": "gelu_root_of_a_number"}
    wrong |= {"bitwise_xor": "gelu_caret", "for ^": "gelu_caret"}
    given = x.clone()
    found = call(item, built, given, looked_at=looked_at, likely=wrong)
    right = torch.tensor(list(BENT.values()))
    changed = "" if given.equal(x) else "changes_its_input"
    equal(item, found, right, looked_at=looked_at, known=_gelu_slips(x), likely=changed)
    kept(item, given, x, "x", "changes_its_input")
    _finer(item, built)
    column = call(item, built, x.view(5, 1), looked_at="the same as a column, (5, 1)")
    equal(item, column, right.view(5, 1), looked_at="the same as a column, (5, 1)")
    far = torch.tensor([-50.0, 50.0])
    found = call(item, built, far, looked_at="GELU() on -50 and 50")
    equal(item, found, far.relu(), looked_at="GELU() on -50 and 50", likely="gelu_exp_overflow")
    learns(item, built, x, GELU(), "gelu_slope_lost")
    passed(item)


def _finer(item: str, built: nn.Module) -> None:
    """To six places: a number of the formula that was rounded shows in a whole model."""
    x = torch.tensor([-1.0, 0.5, 1.0])
    apart = call(item, built, x, looked_at="GELU() on -1").double() - GELU()(x.double())
    if not apart.abs().max() < 1e-6:
        seen = f"{apart.abs().max().item():.7f} away from it"
        where = "GELU() on -1, 0.5 and 1, to six places"
        refuse(item, where, "the formula, but for rounding", seen, "gelu_number_rounded")


def _gelu_slips(x: Tensor) -> list[tuple[str, Tensor]]:
    """What common slips give."""
    k, c = math.sqrt(2 / math.pi), 0.044715

    def through(inner: Tensor) -> Tensor:
        return (inner.tanh() + 1) * x / 2

    cube = x.pow(3)
    inner = k * (x + c * cube)
    other_roots = (math.sqrt(2) / math.pi, 2 / math.sqrt(math.pi), math.sqrt(math.pi / 2),
                   math.sqrt(2 * math.pi), 1 / math.sqrt(math.pi))  # fmt: skip
    return [
        ("gelu_erf", nn.functional.gelu(x)),
        ("gelu_sigmoid", x * (1.702 * x).sigmoid()),
        ("gelu_relu", x.relu()),
        ("gelu_no_half", 2 * through(inner)),
        ("gelu_no_root", through(x + c * cube)),
        ("gelu_root_missing", through(k * inner)),
        ("gelu_no_cube", through(k * x)),
        ("gelu_no_cube", through(k * (x + c * x))),
        ("gelu_cube_is_square", through(k * (x + c * x.square()))),
        ("gelu_cube_not_scaled", through(k * (x + cube))),
        ("gelu_zero_lost", through(k * (x + 10 * c * cube))),
        ("gelu_factor_cubed", through(k * (x + c**3 * cube))),
        ("gelu_root_on_x_only", through(k * x + c * cube)),
        ("gelu_no_one", through(inner) - x / 2),
        ("gelu_minus", x - through(inner)),
        ("gelu_no_x", (inner.tanh() + 1) / 2),
        ("gelu_tanh_alone", inner.tanh()),
        ("gelu_no_tanh", (inner + 1) * x / 2),
        ("gelu_bracket_of_half", x / 2 + inner.tanh()),
        ("gelu_bracket_of_half", x * (0.5 + inner.tanh())),
        ("gelu_silu", x * x.sigmoid()),
        *(("gelu_root_of_pi", through(inner * root / k)) for root in other_roots),
    ]


def feed_forward(answer: type[nn.Module]) -> None:
    """The network 1 -> 4 -> 1 that was worked by hand; then its sizes where emb_dim is 3."""
    item = "feed_forward"
    with globals_set(answer, GELU=GELU):
        where = [f"FeedForward(cfg), where emb_dim is {size}" for size in (1, 3)]
        wrong = {"GELU is not a Module": "ff_gelu_not_made", **ERRORS}
        small, larger = (
            build(item, answer, settings(emb_dim=size), looked_at=text, likely=wrong)
            for size, text in zip((1, 3), where, strict=True)
        )
        first, last = _two_layers(item, small, 1, where[0])
        _two_layers(item, larger, 3, where[1])
        with torch.no_grad():
            first.weight.copy_(torch.tensor([[1.0], [-1], [3], [0]]))
            first.bias.copy_(torch.tensor([0.0, 0, 0, -1]))
            last.weight.copy_(torch.tensor([[1.0, -1, 1, 10]]))
            last.bias.fill_(0.5)
            _network(item, small, first, last)
        learns(item, small, torch.tensor([[[1.0], [-1.0]]]))
    passed(item)


def _network(
    item: str, built: nn.Module, first: Callable[[Tensor], Tensor], last: Callable[[Tensor], Tensor]
) -> None:
    """1 -> 2.9083 and -1 -> -2.0917, and x stays as it is."""
    x, right = torch.tensor([[[1.0], [-1.0]]]), torch.tensor([[[2.9083], [-2.0917]]])
    looked_at = "the network of the example, x = 1 and x = -1 (B=1, T=2)"
    given = x.clone()
    found = call(item, built, given, looked_at=looked_at, likely=ERRORS)
    bend, hidden = GELU(), first(x)
    known = [
        ("ff_no_bend", last(hidden)),
        ("ff_one_layer", hidden),
        ("ff_other_relu", last(hidden.relu())),
        ("ff_other_erf", last(nn.functional.gelu(hidden))),
        *(("ff_other_sigmoid", last(hidden * (k * hidden).sigmoid())) for k in (1, 1.702)),
        ("ff_bend_last", bend(last(hidden))),
        ("ff_bend_twice", bend(last(bend(hidden)))),
        ("ff_bend_first", last(first(bend(x)))),
        ("ff_adds_x", right + x),
    ]
    equal(item, found, right, looked_at=looked_at, known=known)
    kept(item, given, x, "x", "changes_its_input")


def _two_layers(
    item: str, built: nn.Module, size: int, looked_at: str
) -> tuple[nn.Linear, nn.Linear]:
    """The two linear layers, first and last of three, four times as wide inside, with a bias."""
    found = getattr(built, "layers", None)
    likely = "ff_plain_list" if isinstance(found, list) else "ff_layers"
    row = owned(item, built, "layers", nn.Sequential, "an nn.Sequential", likely)
    linear = [layer for layer in row if isinstance(layer, nn.Linear)]
    sizes = [(layer.in_features, layer.out_features) for layer in linear]
    wide, where = 4 * size, f"the linear layers of {looked_at}"
    if len(linear) == 2 and sizes != [(size, wide), (wide, size)]:
        seen = ", then ".join(f"{a} -> {b}" for a, b in sizes)
        refuse(item, where, f"{size} -> {wide}, then {wide} -> {size}", seen, "ff_width")
    bare = [name for layer, name in zip(linear, ("first", "second"), strict=False)
            if layer.bias is None]  # fmt: skip
    if bare:
        refuse(item, where, "a bias in both", f"none in the {' and the '.join(bare)}", "ff_no_bias")
    if len(row) == 3 and len(linear) == 2 and not isinstance(row[1], nn.Linear):
        return row[0], row[2]
    kinds = [type(layer).__name__ for layer in row]
    bends = {"Linear Linear": _bends_elsewhere(built, linear), "Linear Linear GELU": "ff_bend_last",
             "GELU Linear Linear": "ff_bend_first", "Linear GELU Linear GELU": "ff_bend_twice",
             "Linear GELU Linear Dropout": "ff_dropout"}  # fmt: skip
    likely = bends.get(" ".join(kinds), "ff_layers")
    refuse(item, "self.layers", "linear, GELU, linear", ", ".join(kinds) or "nothing", likely)
    raise AssertionError


def _bends_elsewhere(built: nn.Module, linear: list[nn.Linear]) -> str:
    """The cause where two linear layers stand in a row: is GELU in forward?"""
    x = torch.tensor([[[1.0], [-1.0]]])
    try:
        with torch.no_grad():
            found = built(x.clone())
            right = linear[1](GELU()(linear[0](x)))
    except Exception:  # an error of the student's own: the row is what is told
        return "ff_no_bend"
    return "ff_no_bend" if difference(found, right) else "ff_bend_in_forward"
