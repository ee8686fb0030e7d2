"""What the hidden tests of several labs ask of a PyTorch module of the student's."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch

from autograder import expect
from autograder.bridge import StudentError
from autograder.reply import argument, holds, made, same
from autograder.values import Handle

__all__ = [
    "a_part",
    "any_memory_order",
    "bends_alike",
    "each_row_alone",
    "every_weight_learns",
    "floats",
    "has_weights",
    "own_weights",
    "shaken",
    "weights_of",
    "works",
]


def floats(found: Any, shape: tuple[int, ...], looked_at: str) -> torch.Tensor:
    """A tensor of floats of this shape."""
    expect.tensor(found, shape=shape, looked_at=looked_at)
    holds(found.is_floating_point(), looked_at, "floats", expect.kind_of(found))
    return found.float()


def bends_alike(gives: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor, name: str) -> None:
    """GELU(x) - GELU(-x) = x: between two layers without biases, what bends is even in x."""
    once, mirrored, twice, far = (gives(factor * x) for factor in (1.0, -1.0, 2.0, -2.0))
    expect.close(
        twice - far,
        2 * (once - mirrored),
        looked_at=f"{name}(2 x) - {name}(-2 x), which GELU makes 2 ({name}(x) - {name}(-x)), "
        "without biases",
        tol=1e-4,
    )
    bent = float((mirrored + once).abs().max())
    looked_at = f"{name}(x) + {name}(-x), without biases"
    holds(bent > 1e-3, looked_at, "not 0: GELU bends", f"at most {bent:.2g}")


def a_part(student: Any, name: str, *arguments: Any) -> Handle:
    """A module of the student's, in evaluation mode: dropout is a test of its own."""
    part = made(student.new(name, *arguments), name)
    student.call("eval", on=part)
    return part


def works(student: Any, name: str, arguments: tuple, x: torch.Tensor) -> bool:
    """Whether a part of the student's can be used: right or not, (B, T, C) -> (B, T, C).

    One that gives other numbers the second time, or changes what it is given, cannot.
    """
    try:
        part = student.new(name, *arguments)
        student.call("eval", on=part)
        found = [student.call(part, x) for _ in range(2)]
    except StudentError:
        return False
    if not same(argument(student, 0), x):
        return False
    tensors = [f for f in found if isinstance(f, torch.Tensor) and f.shape == x.shape]
    return len(tensors) == 2 and torch.equal(*tensors) and tensors[0].is_floating_point()


def weights_of(student: Any, part: Handle) -> dict[str, torch.Tensor]:
    """The weights of a module by name."""
    state = student.state(part)
    holds(
        isinstance(state, dict) and all(isinstance(v, torch.Tensor) for v in state.values()),
        "the weights of the module",
        "tensors by name",
        expect.kind_of(state),
    )
    return state


def shaken(student: Any, part: Handle) -> dict[str, torch.Tensor]:
    """Load weights that nothing begins with: no gain is 1, no bias is 0. Returns what was loaded.

    A weight that stands under two names has one value only, so it is read back where that matters.
    """
    state = {}
    for name, value in weights_of(student, part).items():
        state[name] = value
        if value.is_floating_point() and not _a_mask(value):
            one_row = value.ndim < 2
            state[name] = torch.rand(value.shape) + 0.3 if one_row else _drawn(value.shape)
    student.load(part, state)
    return state


def _drawn(shape: torch.Size) -> torch.Tensor:
    return torch.randn(shape) * 0.4


def _a_mask(value: torch.Tensor) -> bool:
    """Nothing but 0, 1 and -inf: a table that a student keeps beside the weights."""
    return value.ndim > 1 and bool(((value == 0) | (value == 1) | (value == -math.inf)).all())


def own_weights(student: Any, part: Handle, what: str) -> None:
    """Every weight keeps what was loaded: none is another one under a second name."""
    loaded, kept = shaken(student, part), weights_of(student, part)
    shared = [name for name in loaded if not same(kept.get(name), loaded[name])]
    holds(
        not shared,
        f"the weights of {what}, each given numbers of its own",
        "all are kept",
        f"{', '.join(shared[:4])}: overwritten, so two names stand for one weight",
    )


def has_weights(student: Any, part: Handle, shapes: dict[str, tuple], what: str) -> None:
    """Weights of these names and shapes, and no other parameter."""
    count = student.run("sum(p.numel() for p in part.parameters())", part=part)
    found = {name: tuple(value.shape) for name, value in weights_of(student, part).items()}
    for name, shape in shapes.items():
        holds(
            found.get(name) == shape,
            f"the weight {name} of {what}",
            f"shape {shape}",
            f"shape {found[name]}" if name in found else f"only {', '.join(found)[:90]}",
        )
    expect.equal(
        count, sum(map(math.prod, shapes.values())), looked_at=f"how many numbers {what} learns"
    )


SLOPES = "(part(x) * rates).sum().backward()"


def every_weight_learns(
    student: Any, part: Handle, x: torch.Tensor, shape: tuple, count: int
) -> None:
    """A gradient that is not 0 reaches every one of `count` parameters."""
    shaken(student, part)
    student.run(SLOPES, part=part, x=x, rates=torch.randn(shape))
    slopes = student.grad(part)
    expect.equal(
        len(slopes) if isinstance(slopes, dict) else slopes,
        count,
        looked_at="how many parameters there are",
    )
    still = [
        name
        for name, slope in slopes.items()
        if not isinstance(slope, torch.Tensor) or not float(slope.abs().max()) > 0
    ]
    holds(
        not still,
        "which parameters get a gradient",
        "all of them",
        f"not {', '.join(still[:4])}",
    )


TURNED = "part(x.transpose(0, 1))"


def any_memory_order(student: Any, part: Handle, x: torch.Tensor, shape: tuple) -> None:
    """The same numbers, laid out otherwise in memory, give the same; and x stays as it is."""
    straight = student.call(part, x)
    after = argument(student, 0)
    floats(straight, shape, f"the output for x {tuple(x.shape)}")
    turned = student.run(TURNED, part=part, x=x.transpose(0, 1).contiguous())
    expect.close(turned, straight, looked_at="the output for x that is not contiguous")
    expect.equal(after, x, looked_at="x after the call")


def each_row_alone(student: Any, part: Handle, x: torch.Tensor) -> None:
    """Each position of each sequence by itself: nothing else of the batch plays a part."""
    B, T, C = x.shape
    together = floats(student.call(part, x), (B, T, C), f"the output for x {(B, T, C)}")
    alone = student.call(part, x[1:2, 2:3])
    expect.close(alone, together[1:2, 2:3].clone(), looked_at="one position on its own")
    other = x.clone()
    other[B - 1, 0] = torch.randn(C)
    after = floats(student.call(part, other), (B, T, C), "the output")
    changed = (after - together).abs().amax(-1).gt(1e-6).nonzero().tolist()
    expect.equal(
        changed, [[B - 1, 0]], looked_at=f"the positions that change when x[{B - 1}, 0] does"
    )
