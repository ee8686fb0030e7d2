"""The check of lab03 on the block, with parts that only multiply."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from gptlab.checks.core import CheckFailed, call, equal, globals_set, passed
from gptlab.checks.lab03_parts import build, part
from gptlab.checks.lab03_stand_ins import Asked, Times

X = torch.tensor([[[1.0, 7.0], [0.0, 20.0]]])  # (B=1, T=2, C=2), the block's worked example
SA, FFWD = -4.0, 3.0  # what the stand-ins of the example multiply by


def block(answer: type[nn.Module]) -> None:
    """The two positions that were worked by hand; then its arguments, and an odd division."""
    item, looked_at = "block", "Block(n_embd=2, n_head=1)"
    parts = {"MultiHeadAttention": Asked, "FeedForward": Asked, "dropout": 0.0, "block_size": 4}
    with globals_set(answer, n_embd=2, **parts):
        built = build(item, answer, 2, 1, looked_at=looked_at)
        norms = [part(item, built, name, nn.LayerNorm, "nn.LayerNorm") for name in ("ln1", "ln2")]
        for name in ("sa", "ffwd"):
            part(item, built, name, nn.Module, "a module")
        if norms[0] is norms[1]:
            found = "one and the same"
            raise CheckFailed(
                item, looked_at="ln1 and ln2", expected="two", found=found, likely="block_one_norm"
            )
        built.sa, built.ffwd = Times(SA), Times(FFWD)
        _block_numbers(item, built)
    with globals_set(answer, n_embd=12, **parts):
        _block_arguments(item, answer)
    passed(item)


def _block_numbers(item: str, built: nn.Module) -> None:
    """The example, with the norms as they come; then ln2 with a gain of 2 and a bias of 1."""
    plain = "x = (1, 7) and (0, 20), sa multiplies by -4, ffwd by 3"
    for turn, right in enumerate(([[8.0, 0.0], [1.0, 19.0]], [[14.0, 0.0], [1.0, 25.0]])):
        if turn:
            plain += "; ln2 with gain 2 and bias 1"
            with torch.no_grad():
                built.ln2.weight.fill_(2)
                built.ln2.bias.fill_(1)
        given = X.clone()
        with torch.no_grad():
            found = call(item, built, given, looked_at=plain)
            known = _block_slips(built.ln1, built.ln2)
        equal(item, found, torch.tensor([right]), looked_at=plain, known=known)
        equal(item, given, X, looked_at="x after the call", likely="block_in_place")


def _block_slips(norm: nn.Module, other: nn.Module) -> dict[str, Tensor]:
    """What common slips give on the example."""
    u = norm(X)
    heard = X + SA * u
    v = other(heard)
    alone = SA * u  # without the way around attention
    post = norm(X + SA * X)
    return {
        "residual_missing_attention": alone + FFWD * other(alone),
        "residual_missing_feed_forward": FFWD * v,
        "residual_missing_both": FFWD * other(alone),
        "residual_of_normed": u + alone + FFWD * other(u + alone),
        "residual_of_normed_feed_forward": v + FFWD * v,
        "residual_of_normed_both": other(u + alone) * (1 + FFWD),
        "norm_after": other(post + FFWD * post),
        "no_norm_attention": X + SA * X + FFWD * other(X + SA * X),
        "no_norm_feed_forward": heard + FFWD * heard,
        "no_norms": (X + SA * X) * (1 + FFWD),
        "norms_swapped": X + SA * other(X) + FFWD * norm(X + SA * other(X)),
        "ln1_twice": heard + FFWD * norm(heard),
        "block_in_parallel": heard + FFWD * other(X),
        "ffwd_first": X + FFWD * other(X) + SA * norm(X + FFWD * other(X)),
        "second_from_x": X + FFWD * other(heard),
    }


def _of_arguments(name: str, found: tuple | None) -> str:
    """The cause that the arguments of a part point to."""
    if found is None:
        return "block_other_part"
    if float in map(type, found):
        return "size_fraction"
    known = {(12, 3): "block_sa_arguments", (4, 3): "block_sa_arguments"}
    return (known | {(3, 12): "block_head_size", (1, 12): "block_head_size"}).get(found, "")


def _block_arguments(item: str, answer: type[nn.Module]) -> None:
    """12 numbers for 3 heads make 4 for each; 12 for 5 cannot be."""
    looked_at = "Block(n_embd=12, n_head=3)"
    built = build(item, answer, 12, 3, looked_at=looked_at)
    for name, right in (("sa", (3, 4)), ("ffwd", (12,))):
        made = getattr(built, name)
        found = getattr(made, "asked", None)
        if found != right or list(map(type, found)) != [int] * len(right):
            said = ", ".join(map(str, found or ())) or "nothing"
            raise CheckFailed(
                item,
                looked_at=f"self.{name} of {looked_at}: what it was built with",
                expected=f"{right[0]} heads of {right[1]}" if name == "sa" else f"{right[0]}",
                found=f"it is a {type(made).__name__}" if found is None else said,
                likely=_of_arguments(name, found),
            )
    for name in ("ln1", "ln2"):
        size = tuple(getattr(built, name).normalized_shape)
        equal(item, size, (12,), looked_at=f"the size of self.{name} of {looked_at}")
    try:
        with torch.random.fork_rng(devices=[]):
            answer(12, 5)
    except (ValueError, AssertionError):
        return
    except Exception as error:  # whatever else it raises is no clear refusal
        seen = type(error).__name__
    else:
        seen = "no error"
    raise CheckFailed(
        item,
        looked_at="Block(n_embd=12, n_head=5)",
        expected="a ValueError or AssertionError",
        found=seen,
        likely="no_divisibility_check",
    )
