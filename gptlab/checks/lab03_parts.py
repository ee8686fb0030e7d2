"""The checks of lab03 on the parts of a block: many heads and feed-forward."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from gptlab.checks.core import CheckFailed, call, equal, globals_set, kind, must_be_callable, passed
from gptlab.checks.lab03_stand_ins import Asked, Says

HEAD_0 = torch.tensor([[1.0, 0.0], [0.0, 1.0]])  # what head 0 gives, (T=2, head_size=2)
HEAD_1 = torch.tensor([[2.0, 2.0], [3.0, 1.0]])
MIX = torch.tensor([[1.0, 0, 1, 0], [0, 1, 0, -1]])  # weights of proj
MIX_BIAS = torch.tensor([0.0, 0.5])
MIXED = torch.tensor([[3.0, -1.5], [3.0, 0.5]])


def build(
    item: str, answer: Any, *args: Any, looked_at: str, likely: Mapping[str, str] | None = None
) -> nn.Module:
    """An object of the student's class, in evaluation mode; the notebook's generator is kept.

    likely: part of an error's text -> the cause that it points to
    """
    must_be_callable(item, answer, "the class")
    likely = {"Module.__init__() call": "super_init_missing", **(likely or {})}
    with torch.random.fork_rng(devices=[]):
        built = call(item, answer, *args, looked_at=looked_at, likely=likely)
    if not isinstance(built, nn.Module):
        raise CheckFailed(item, looked_at=looked_at, expected="a module", found=kind(built))
    if "_modules" not in vars(built):
        seen = "a module that PyTorch never began"
        raise CheckFailed(item, looked_at=looked_at, expected="a module", found=seen,
                          likely="super_init_missing")  # fmt: skip
    return built.eval()


def part(item: str, built: nn.Module, name: str, wanted: type, what: str) -> Any:
    """The part of this name, or CheckFailed."""
    found = getattr(built, name, None)
    if isinstance(found, wanted):
        return found
    raise CheckFailed(
        item,
        looked_at=f"self.{name}",
        expected=what,
        found="there is none" if found is None else kind(found),
        likely="heads_plain_list" if name == "heads" and isinstance(found, list) else "",
    )


def with_dropout(item: str, built: nn.Module, x: Tensor, right: Tensor, causes: Mapping) -> None:
    """With dropout ¾ a number that comes out is 0, or four times itself: it is the last thing."""
    looked_at = "dropout=0.75, training mode, 200 windows: the numbers that come out"
    expected = "about three in four of them 0, the others four times as large"
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        found = call(item, built.train(), x.expand(200, -1, -1), looked_at=looked_at)
    dropped = (found == 0).float().mean().item()
    kept = found.isclose(4 * right, rtol=0, atol=1e-4) | (found == 0)
    doubled = found.isclose(2 * right, rtol=0, atol=1e-4) | (found == 0)
    if dropped < 0.05 and bool(found.isclose(right, rtol=0, atol=1e-4).all()):
        seen, cause = "none changed", causes["none"]
    elif bool(doubled.all()):
        seen, cause = f"{dropped:.0%} of them 0, the others doubled", "dropout_not_set"
    elif not bool(kept.all()):
        seen, cause = "other numbers too", causes["before"]
    elif not 0.6 < dropped < 0.9:
        seen, cause = f"{dropped:.0%} of them 0", ""
    else:
        return
    raise CheckFailed(item, looked_at=looked_at, expected=expected, found=seen, likely=cause)


def multi_head(answer: type[nn.Module]) -> None:
    """The two heads that were worked by hand, then dropout, then three heads on other sizes."""
    item = "multi_head"
    looked_at = "MultiHeadAttention(num_heads=2, head_size=2), where n_embd=2"
    with globals_set(answer, n_embd=2, block_size=4, dropout=0.75, Head=Asked):
        built = build(item, answer, 2, 2, looked_at=looked_at)
        _heads(item, built, looked_at)
        _mixer(item, built, 4, 2)
        right = _by_hand(item, built)
        none_yet = {"none": "no_dropout_after_projection", "before": "dropout_before_projection"}
        with_dropout(item, built, torch.zeros(1, 2, 2), right, none_yet)
    looked_at = "MultiHeadAttention(num_heads=3, head_size=5), where n_embd=7"
    with globals_set(answer, n_embd=7, block_size=4, dropout=0.0, Head=Asked):
        built = build(item, answer, 3, 5, looked_at=looked_at)
        _mixer(item, built, 15, 7)
    passed(item)


def _heads(item: str, built: nn.Module, looked_at: str) -> None:
    """Two heads of size 2, each an object of its own, in a ModuleList."""
    heads = part(item, built, "heads", nn.ModuleList, "an nn.ModuleList of heads")
    if len(heads) != 2 or heads[0] is heads[1]:
        one = len(heads) == 2
        raise CheckFailed(
            item,
            looked_at=f"self.heads of {looked_at}",
            expected="2 heads",
            found="one head, twice" if one else f"{len(heads)}",
            likely="heads_one_object" if one else "",
        )
    for head in heads:
        if isinstance(head, Asked) and head.asked != (2,):
            raise CheckFailed(
                item,
                looked_at=f"self.heads of {looked_at}",
                expected="Head(2)",
                found=f"Head({', '.join(map(str, head.asked))})",
                likely="head_arguments",
            )


def _mixer(item: str, built: nn.Module, into: int, out: int) -> None:
    """proj goes from the heads side by side to n_embd, with a bias."""
    proj = part(item, built, "proj", nn.Linear, "an nn.Linear")
    size = (proj.in_features, proj.out_features)
    if size == (into, out) and proj.bias is not None:
        return
    bias = "" if proj.bias is not None else " without bias"
    raise CheckFailed(
        item,
        looked_at=f"self.proj, with {into} numbers from the heads and n_embd={out}",
        expected=f"a linear layer {into} -> {out}, with a bias",
        found=f"{size[0]} -> {size[1]}{bias}",
        likely="projection_without_bias" if size == (into, out) else "projection_sizes",
    )


def _by_hand(item: str, built: nn.Module) -> Tensor:
    """The worked example; gives what is right."""
    built.heads[0], built.heads[1] = Says(HEAD_0), Says(HEAD_1)
    with torch.no_grad():
        built.proj.weight.copy_(MIX)
        built.proj.bias.copy_(MIX_BIAS)
    looked_at = "the two heads of the example, two windows (B=2, T=2), in evaluation mode"
    likely = {"cannot be multiplied": "heads_not_side_by_side"}
    likely |= {"must match": "heads_not_side_by_side", "size": "heads_not_side_by_side"}
    with torch.no_grad():
        found = call(item, built, torch.full((2, 2, 2), 9.0), looked_at=looked_at, likely=likely)
    side = torch.cat((HEAD_0, HEAD_1), dim=1)

    def both(rows: Tensor) -> Tensor:
        return rows.expand(2, *rows.shape)

    known = {
        "no_projection": both(side),
        "residual_in_heads": both(MIXED + 9),
        "heads_wrong_order": both(torch.cat((HEAD_1, HEAD_0), dim=1) @ MIX.T + MIX_BIAS),
        "heads_interleaved": both(side[:, [0, 2, 1, 3]] @ MIX.T + MIX_BIAS),
    }
    equal(item, found, both(MIXED), looked_at=looked_at, known=known)
    return MIXED


def feed_forward(answer: type[nn.Module]) -> None:
    """The network of one number that was worked by hand: 2 -> 5 and -1 -> 20."""
    item, looked_at = "feed_forward", "FeedForward(1)"
    with globals_set(answer, dropout=0.75, n_embd=1):
        built = build(item, answer, 1, looked_at=looked_at)
        net = part(item, built, "net", nn.Sequential, "an nn.Sequential")
        first, last = _two_linear(item, net)
        with torch.no_grad():
            first.weight.copy_(torch.tensor([[1.0], [-1], [2], [0]]))
            first.bias.copy_(torch.tensor([0.0, 1, -3, 0.5]))
            last.weight.copy_(torch.tensor([[1.0, 10, 3, 2]]))
            last.bias.copy_(torch.tensor([-1.0]))
        looked_at = "the network of the example, x = 2 and x = -1 (B=1, T=2), in evaluation mode"
        x, right = torch.tensor([[[2.0], [-1.0]]]), torch.tensor([[[5.0], [20.0]]])
        with torch.no_grad():
            found = call(item, built, x, looked_at=looked_at)
            hidden = first(x)
            known = {
                "ffwd_no_relu": last(hidden),
                "ffwd_gelu": last(nn.functional.gelu(hidden)),
                "ffwd_relu_first": last(first(x.relu())),
                "ffwd_relu_twice": last(hidden.relu()).relu(),
                "ffwd_residual": right + x,
            }
        # ReLU at the end as well changes neither 5 nor 20: a third input, which gives -1
        equal(item, found, right, looked_at=looked_at, known=known)
        _below_zero(item, built, last)
        causes = {"none": "ffwd_no_dropout", "before": "ffwd_dropout_not_last"}
        with_dropout(item, built, x, right, causes)
    passed(item)


def _two_linear(item: str, net: nn.Sequential) -> tuple[nn.Linear, nn.Linear]:
    """The two linear layers of net, of sizes 1 -> 4 -> 1, both with a bias."""
    layers = [layer for layer in net.modules() if isinstance(layer, nn.Linear)]
    sizes = [(layer.in_features, layer.out_features) for layer in layers]
    biased = all(layer.bias is not None for layer in layers)
    if sizes == [(1, 4), (4, 1)] and biased:
        return layers[0], layers[1]
    seen = ", then ".join(f"{a} -> {b}" for a, b in sizes) or "none"
    raise CheckFailed(
        item,
        looked_at="the linear layers of self.net, of FeedForward(1)",
        expected="1 -> 4, then 4 -> 1, both with a bias",
        found=seen if biased else f"{seen}, without bias",
        likely="ffwd_width" if biased else "ffwd_no_bias",
    )


def _below_zero(item: str, built: nn.Module, last: nn.Linear) -> None:
    """What comes out may be negative."""
    looked_at = "the same with the last layer's weights 0 and its bias -1"
    with torch.no_grad():
        kept = last.weight.clone()
        last.weight.zero_()
        found = call(item, built, torch.ones(1, 1, 1), looked_at=looked_at)
        last.weight.copy_(kept)
    known = {"ffwd_relu_last": torch.zeros(1, 1, 1)}
    equal(item, found, -torch.ones(1, 1, 1), looked_at=looked_at, known=known)
