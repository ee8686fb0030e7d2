"""What the checks of lab11 share: settings, what passes a place in a forward, modules for paper."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from gptlab import companion
from gptlab.checks.core import CheckFailed, call, equal, kind, show
from gptlab.checks.lab03_parts import build
from gptlab.checks.shown import difference

Known = Sequence[tuple[str, Any]]
ERRORS = {
    "Module [ModuleList]": "smp_list_called",
    "object has no attribute": "smp_own_names",
    "name 'config' is not defined": "smp_config_in_init",
    "is not defined": "smp_not_in_init",
}  # fmt: skip


@dataclass
class Config:
    """The settings of a model, by the names of the lab's GPTConfig."""

    block_size: int = 5
    vocab_size: int = 5
    n_layer: int = 3
    n_head: int = 3
    n_embd: int = 12
    dropout: float = 0.0
    bias: bool = True


def refuse(item: str, looked_at: str, expected: str, found: str, likely: str = "") -> None:
    """Raise what the student reads."""
    raise CheckFailed(item, looked_at=looked_at, expected=expected, found=found, likely=likely)


def causes(likely: Mapping[str, str] | None) -> dict[str, str]:
    """Part of an error's text -> cause: those of a check, then those of all."""
    mine = dict(likely or {})
    return mine | {part: cause for part, cause in ERRORS.items() if part not in mine}


def made(item: str, answer: Any, config: Any, *args: Any, looked_at: str,
         likely: Mapping[str, str] | None = None) -> nn.Module:  # fmt: skip
    """An object of the student's class, in evaluation mode."""
    return build(item, answer, config, *args, looked_at=looked_at, likely=causes(likely))


class Call(NamedTuple):
    """One call of a function of torch: what went in, as it was then, and what came out.

    out: None where it raised an error
    """

    name: str
    args: tuple[Any, ...]
    given: dict[str, Any]
    out: Any


class Recorder(TorchFunctionMode):
    """Notes each function of torch that is called; some are answered by another function."""

    def __init__(self, instead: Mapping[str, Callable[..., Any]]) -> None:
        super().__init__()
        self.instead, self.calls = instead, []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name, given = getattr(func, "__name__", ""), kwargs or {}
        before = tuple(one.clone() if isinstance(one, Tensor) else one for one in args)
        self.calls.append(Call(name, before, given, None))
        out = self.instead.get(name, func)(*args, **given)
        self.calls[-1] = self.calls[-1]._replace(out=out)
        return out


@dataclass
class Seen:
    """What one forward has done: its calls, what came out, and its own names where it stopped.

    hole: the TO-DO at which it stopped, "" where it did not
    """

    calls: list[Call]
    out: Any
    names: dict[str, Any]
    hole: str

    def first(self, *names: str) -> Call | None:
        """The first call of a function of one of these names."""
        return next((one for one in self.calls if one.name in names), None)

    def products(self) -> list[Call]:
        """The matrix products of two tables for each head."""
        return [
            one
            for one in self.calls
            if one.name in ("matmul", "bmm", "einsum", "__matmul__")
            and sum(isinstance(part, Tensor) and part.dim() > 2 for part in one.args) > 1
        ]


def watch(
    item: str,
    built: nn.Module,
    x: Any,
    *,
    looked_at: str,
    later: Iterable[str] = (),
    instead: Mapping[str, Callable[..., Any]] | None = None,
    enough: Callable[[list[Call]], Any] = lambda calls: False,
    likely: Mapping[str, str] | None = None,
) -> Seen:
    """Call a student's module and note what it does.

    later: TO-DOs further down, at which it may stop; enough: whether these calls are all that is
    needed, so that an error after them is another item's; likely: part of an error's text -> cause
    """
    recorder = Recorder(instead or {})

    def run() -> Seen:
        try:
            with recorder, torch.no_grad(), warnings.catch_warnings(action="ignore"):
                return Seen(recorder.calls, built(x), {}, "")
        except Exception as error:
            hole = companion.hole_of(error)
            if hole in later or enough(recorder.calls):
                return Seen(recorder.calls, None, _names(error, built), hole or "an error")
            raise

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return call(item, run, looked_at=looked_at, likely=causes(likely))


def _names(error: BaseException, built: nn.Module) -> dict[str, Any]:
    """What the names of this module's own method stood for when it was left."""
    step, found = error.__traceback__, {}
    while step is not None:
        if (
            step.tb_frame.f_locals.get("self") is built
            and "forward" in step.tb_frame.f_code.co_name
        ):
            found = dict(step.tb_frame.f_locals)
        step = step.tb_next
    return found


class Gives(nn.Module):
    """Answers with the same tensor, whatever it is asked; keeps what it was asked."""

    def __init__(self, answer: Tensor) -> None:
        super().__init__()
        self.answer, self.asked = answer, []

    def forward(self, x: Tensor) -> Tensor:
        self.asked.append(x.detach().clone())
        return self.answer


class Times(nn.Module):
    """Multiplies by a number and adds another; keeps what it was asked."""

    def __init__(self, factor: float = 1.0, added: float = 0.0) -> None:
        super().__init__()
        self.factor, self.added = factor, added
        self.asked: list[Tensor] = []

    def forward(self, x: Tensor) -> Tensor:
        self.asked.append(x.detach().clone())
        return x * self.factor + self.added


def linear(weight: Tensor, bias: Tensor | None = None) -> nn.Linear:
    """A layer with these numbers: weight (n_out, n_in)."""
    with torch.random.fork_rng(devices=[]):
        layer = nn.Linear(weight.shape[1], weight.shape[0], bias=bias is not None)
    layer.weight.data = weight.clone()
    if bias is not None:
        layer.bias.data = bias.clone()
    return layer


def same(item: str, found: Any, right: Tensor, *, looked_at: str, known: Known = (),
         likely: str = "") -> None:  # fmt: skip
    """`core.equal`, of the whole; what is shown is the first head (or text) that differs."""
    if difference(found, right) is None:
        return
    likely = next((cause for cause, value in known if difference(found, value) is None), likely)
    if isinstance(found, Tensor) and found.shape != right.shape:
        said, seen = (f"shape {tuple(one.shape)}" for one in (right, found))
        refuse(item, looked_at, said, seen, likely)
    alike = isinstance(found, Tensor) and (found.shape, found.dtype) == (right.shape, right.dtype)
    if not alike or right.dim() < 3 or right.numel() <= 12:
        equal(item, found, right, looked_at=looked_at, likely=likely)
    names = ("text", "head")[: right.dim() - 2]
    for place in torch.cartesian_prod(*map(torch.arange, right.shape[:-2])).reshape(
        -1, right.dim() - 2
    ):
        where = tuple(place.tolist())
        told = ", ".join(f"{name} {n}" for name, n in zip(names, where, strict=True))
        equal(item, found[where].detach(), right[where], looked_at=f"{looked_at}: {told}",
              likely=likely)  # fmt: skip


def layer(item: str, built: nn.Module, name: str, made_by: str) -> nn.Linear:
    """The linear layer of this name, or CheckFailed."""
    found = getattr(built, name, None)
    if not isinstance(found, nn.Linear):
        seen = "there is none" if found is None else f"{kind(found)}: {show(found, 80)}"
        likely = "part_not_made" if found is nn.Linear else "smp_part_missing"
        refuse(item, f"self.{name} of {made_by}", "an nn.Linear", seen, likely)
    return found


def sized(item: str, found: nn.Linear, told: str, sizes: tuple[int, int], slips: Known,
          likely: str = "") -> None:  # fmt: skip
    """Refuse a layer of other sizes; slips: cause -> the sizes that it leads to."""
    size = found.in_features, found.out_features
    if size == sizes:
        return
    likely = next((cause for cause, wrong in slips if wrong == size), likely)
    seen = f"from {size[0]} numbers to {size[1]}"
    refuse(item, told, f"from {sizes[0]} numbers to {sizes[1]}", seen, likely)


def halves(found: Any, right: Tensor) -> bool:
    """Is each number of `found` 0 or twice what is right, and are there both?"""
    if not isinstance(found, Tensor) or found.shape != right.shape:
        return False
    zero = found == 0
    twice = found.isclose(2 * right, rtol=0, atol=1e-4)
    some = right != 0
    return bool((zero | twice).all() and (zero & some).any() and (twice & ~zero & some).any())
