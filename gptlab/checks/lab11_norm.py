"""The check of lab11 on the bonus: a layer norm that PyTorch does not do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from gptlab.checks.core import NotAttempted, must_be_callable, passed
from gptlab.checks.lab11_parts import Known, made, refuse, same, watch

WEIGHT, BIAS = torch.tensor([5.0, 5, 10, 1]), torch.tensor([1.0, 1, 0, 0.6])
ROWS = torch.tensor([[-5.0, 1, 3, 9], [0, 0, 0.003, 0.003], [7, 7, 7, 7]])
X = torch.stack((ROWS, ROWS.flip(0) * 2))  # (B=2, T=3, C=4)
ERRORS = {
    "NoneType": "smp_norm_bias_none",
    "must match the size": "layernorm_no_keepdim",
    "Dimension out of range": "layernorm_axis_counted",
    "Boolean value of Tensor": "smp_norm_if_bias",
    "only one element": "smp_scores_root",
    "converted to Scalar": "smp_scores_root",
    "name 'x'": "smp_norm_input",
}


def layer_norm(answer: type[nn.Module]) -> None:
    """The row by hand, a quiet one, one of equals; then without a bias; and who does the work."""
    item = "layer_norm"
    must_be_callable(item, answer, "the class")
    for bias in (True, False):
        built = made(item, answer, 4, bias, looked_at=f"LayerNorm(4, bias={bias})")
        built.weight.data = WEIGHT.clone()
        if bias:
            built.bias.data = BIAS.clone()
        looked_at = "rows -5 1 3 9, 0 0 0.003 0.003 and 7 7 7 7, weight 5 5 10 1, "
        looked_at += "bias 1 1 0 0.6" if bias else "without a bias"
        given = X.clone()
        seen = watch(item, built, given, looked_at=looked_at, likely=ERRORS)
        _who(item, answer, seen.calls)
        add = BIAS if bias else torch.zeros(4)
        right = _norm(X) * WEIGHT + add
        found, known = seen.out, _slips(add)
        likely = "forward_returns_nothing" if found is None else ""
        same(item, found, right, looked_at=looked_at, known=known, likely=likely)
        if not given.equal(X):
            refuse(item, "input after the call", "as it was", "changed", "changes_its_input")
        flat = watch(item, built, ROWS[0], looked_at="a single row, (4,)", likely=ERRORS).out
        same(item, flat, right[0, 0], looked_at="a single row, (4,)",
             likely="layernorm_axis_counted")  # fmt: skip
    passed(item)


def _who(item: str, answer: Any, calls: list[Any]) -> None:
    """Refuse PyTorch's own layer norm; as released it is the one that does the work."""
    used = [one.name for one in calls if one.name in ("layer_norm", "native_layer_norm")]
    if not used:
        return
    code = getattr(answer.forward, "__code__", None)
    if code is not None and {"F", "layer_norm"} <= {*code.co_names}:
        raise NotAttempted(item, found="F.layer_norm, as the file came",
                           expected="your own mean, variance and root")  # fmt: skip
    refuse(item, "who does the work", "mean, variance, root by hand", f"PyTorch's {used[0]}",
           "smp_norm_of_torch")  # fmt: skip


def _norm(x: Tensor, eps: float = 1e-5) -> Tensor:
    return (x - x.mean(-1, True)) / (x.var(-1, correction=0, keepdim=True) + eps).sqrt()


def _over(x: Tensor, *axes: int) -> Tensor:
    apart = x - x.mean(axes, True)
    return apart / ((apart**2).mean(axes, True) + 1e-5).sqrt()


def _slips(add: Tensor) -> list[tuple[str, Tensor]]:
    mean, var = X.mean(-1, True), X.var(-1, correction=0, keepdim=True)
    apart, plain = X - mean, _norm(X)
    root: Callable[[Tensor], Tensor] = torch.sqrt
    known: Known = [
        ("smp_norm_no_weight", plain + add), ("smp_norm_no_affine", plain),
        ("smp_norm_bias_first", (plain + add) * WEIGHT), ("smp_norm_swapped", plain * add + WEIGHT),
        ("layernorm_unbiased", apart / root(X.var(-1, keepdim=True) + 1e-5) * WEIGHT + add),
        ("layernorm_eps_outside", apart / (root(var) + 1e-5) * WEIGHT + add),
        ("smp_norm_std", apart / X.std(-1, keepdim=True) * WEIGHT + add),
        ("smp_norm_std", apart / (X.std(-1, keepdim=True) + 1e-5) * WEIGHT + add),
        ("layernorm_no_eps", apart / root(var) * WEIGHT + add),
        ("layernorm_no_root", apart / (var + 1e-5) * WEIGHT + add),
        ("layernorm_not_divided", apart * WEIGHT + add),
        ("layernorm_no_mean", X / root(var + 1e-5) * WEIGHT + add),
        ("layernorm_brackets", (X - mean / root(var + 1e-5)) * WEIGHT + add),
        ("layernorm_over_time", _over(X, 1) * WEIGHT + add),
        ("layernorm_over_batch", _over(X, 0) * WEIGHT + add),
        ("layernorm_over_all", _over(X, 0, 1, 2) * WEIGHT + add),
        ("layernorm_over_all", _over(X, 1, 2) * WEIGHT + add),
        ("layernorm_root_mean_square",
         X / root((X**2).mean(-1, True) + 1e-5) * WEIGHT + add),
        ("smp_norm_no_bias", plain * WEIGHT),
    ]  # fmt: skip
    for eps in (1e-6, 1e-8, 1e-12, 1e-4, 1e-3, 1e-7):
        known.append(("layernorm_eps", _norm(X, eps) * WEIGHT + add))
    return known
