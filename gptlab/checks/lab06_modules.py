"""How the checks of lab06 build an answer, run it and compare what comes out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from gptlab.checks.core import SMALL, CheckFailed, call, equal, kind, must_be_callable, show
from gptlab.checks.lab06_numbers import PAPER, Matrices

Known = Iterable[tuple[str, Tensor]]
# Part of an error's text -> its cause.
BUILD_ERRORS = {"'register_buffer'": "head_register_self", "before Module.__init__": "no_super"}


@contextmanager
def one_core() -> Iterator[None]:
    """What follows uses one core: with tensors this small a second one only waits."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def refuse(item: str, looked_at: str, expected: str, found: str, likely: str = "") -> None:
    """Say what is wrong."""
    raise CheckFailed(item, looked_at=looked_at, expected=expected, found=found, likely=likely)


def new(
    item: str, answer: Any, *args: Any, looked_at: str, likely: dict[str, str] | None = None
) -> Any:
    """An object of the student's class, in evaluation mode; the notebook's generator is kept."""
    must_be_callable(item, answer, "the class")
    with torch.random.fork_rng(devices=[]):
        likely = BUILD_ERRORS | (likely or {})
        built = call(item, answer, *args, looked_at=looked_at, likely=likely)
    if not isinstance(built, nn.Module):
        refuse(item, looked_at, "a module", kind(built))
    return built.eval()


def run(
    item: str, built: nn.Module, x: Tensor, looked_at: str, likely: dict[str, str] | None = None
) -> Any:
    """What comes out, without a gradient and without touching the notebook's generator."""
    given = x.clone()
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        found = call(item, built, given, looked_at=looked_at, likely=likely)
    if not given.equal(x):
        refuse(item, f"x after the call: {looked_at}", "as before", "changed", "changes_its_input")
    return found


def learns(item: str, built: nn.Module, x: Tensor, names: Iterable[str], looked_at: str) -> None:
    """After one backward each of these parameters has a gradient."""
    looked_at = f"one backward through {looked_at}"
    with torch.random.fork_rng(devices=[]), torch.enable_grad():
        found = call(item, built, x.clone(), looked_at=looked_at)
        if found.requires_grad:
            call(item, found.sum().backward, looked_at=looked_at)
    for name, parameter in built.named_parameters():
        if name in names and parameter.grad is None:
            likely = "gradient_cut" if parameter.requires_grad else "v1_frozen"
            refuse(item, f"{name} after {looked_at}", "a gradient", "none", likely)


def same(
    item: str,
    found: Any,
    expected: Tensor,
    *,
    looked_at: str,
    known: Known = (),
    likely: str = "",
    tell: Callable[[], None] | None = None,
) -> None:
    """`core.equal`; where the tensors are too large to show, the first texts that differ.

    tell: what tells two causes apart that give the same here
    """
    causes = [cause for cause, value in known if alike(found, value)]
    if len(set(causes)) > 1 and tell is not None and not alike(found, expected):
        tell()
    likely = causes[0] if causes else likely
    whole = not isinstance(found, Tensor) or found.shape != expected.shape
    if not whole and found.dtype != expected.dtype and alike(found.float(), expected, 0.05):
        likely = "dtype_changed"
    if whole or expected.numel() <= SMALL or found.dtype != expected.dtype:
        likely = likely or ("att_two_things" if isinstance(found, tuple) else "")
        equal(item, found, expected, looked_at=looked_at, likely=likely)
        return
    for place, (text, right) in enumerate(zip(found, expected, strict=True)):
        where = f"{looked_at}: {'text' if expected.dim() > 2 else 'word'} {place}"
        where += " of the batch" if expected.dim() > 2 else ""
        equal(item, text.detach(), right, looked_at=where, likely=likely)


def alike(found: Any, value: Tensor, apart: float = 1e-4) -> bool:
    """Of the same shape and type, and close; nan is like nan."""
    if not isinstance(found, Tensor) or (found.shape, found.dtype) != (value.shape, value.dtype):
        return False
    return found.detach().allclose(value, rtol=0, atol=apart, equal_nan=True)


def owned(built: nn.Module, name: str) -> str:
    """What stands under a name; where there is none, the names that there are."""
    found = getattr(built, name, None)
    if found is not None:
        return show(found)
    state = dict(built.named_children()) | dict(built.named_buffers(recurse=False))
    names = [*state, *(name for name, _ in built.named_parameters(recurse=False))]
    names += [name for name, value in vars(built).items() if isinstance(value, Tensor)]
    return "none of this name; there are: " + ", ".join(names) if names else "there is none"


def layers(
    item: str, built: nn.Module, made: str, sizes: tuple[int, int], *, bias: bool = False
) -> None:
    """W_query, W_key and W_value are linear layers of these sizes, with a bias or without."""
    found = [getattr(built, name, None) for name in PAPER]
    with_bias = sum(getattr(layer, "bias", None) is not None for layer in found)
    for name, layer in zip(PAPER, found, strict=True):
        where = f"self.{name} of {made}"
        if not isinstance(layer, nn.Linear):
            refuse(item, where, "an nn.Linear", owned(built, name), "att_part_missing")
        size = layer.in_features, layer.out_features
        if size != sizes:
            likely = "att_sizes_swapped" if size == sizes[::-1] else "att_sizes"
            refuse(item, where, f"{sizes[0]} -> {sizes[1]}", f"{size[0]} -> {size[1]}", likely)
        if (layer.bias is not None) != bias:
            expected, seen = ("a bias", "no bias") if bias else ("no bias", "a bias")
            likely = "att_bias_ignored" if bias else "att_bias_always"
            likely = "att_bias_some" if 0 < with_bias < 3 else likely
            refuse(item, where, expected, seen, likely)
    if len({id(layer) for layer in found}) < 3:
        refuse(item, f"the layers of {made}", "three of them", "one layer twice", "att_one_layer")


def put(built: Any, matrices: Matrices) -> None:
    """Write matrices, (numbers in, numbers out), into its linear layers."""
    for name, matrix in matrices.items():
        getattr(built, name).weight.data = matrix.mT.contiguous()
