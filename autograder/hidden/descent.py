"""What the hidden tests of several labs ask of a training step and of an estimate of the loss."""

from __future__ import annotations

from typing import Any

import torch
from torch.nn import functional as F

from autograder import expect
from autograder.reply import a_number, holds, made
from autograder.values import Handle

__all__ = ["an_optimizer", "descended", "estimates", "some_batches"]

# A trusted SGD that notes what was asked of it, in order.
NOTED = """
import torch

class NotedSGD(torch.optim.SGD):
    noted = ()

    def step(self, closure=None):
        self.noted = (*self.noted, "step")
        return super().step(closure)

    def zero_grad(self, set_to_none=True):
        self.noted = (*self.noted, "zero_grad")
        super().zero_grad(set_to_none)

NotedSGD(model.parameters(), lr=lr)
"""


def an_optimizer(student: Any, model: Handle, lr: float) -> Handle:
    """Plain gradient descent in the notebook; its attribute `noted` says how it was used."""
    return made(student.run(NOTED, model=model, lr=lr), "an optimizer for the test")


def descended(weight: torch.Tensor, batches: list, lr: float) -> tuple[list[float], torch.Tensor]:
    """The losses and the table of gradient descent, in torch, step by step."""
    weight, losses = weight.clone().requires_grad_(), []
    for xb, yb in batches:
        loss = F.cross_entropy(weight[xb.flatten()], yb.flatten())
        (slope,) = torch.autograd.grad(loss, weight)
        losses.append(loss.item())
        weight = (weight - lr * slope).detach().requires_grad_()
    return losses, weight.detach()


def some_batches(count: int, B: int, T: int, V: int) -> list:
    """So many pairs of random ids below V, each (B, T)."""
    return [(torch.randint(V, (B, T)), torch.randint(V, (B, T))) for _ in range(count)]


def estimates(student: Any, model: Handle, eval_iters: int) -> list[float]:
    """The two losses, training first."""
    looked_at = f"estimate_loss(model, {eval_iters})"
    found = student.call("estimate_loss", model, eval_iters)
    holds(
        isinstance(found, dict) and set(found) == {"train", "val"},
        looked_at,
        "a dict with the keys train and val",
        expect.describe(found),
    )
    return [a_number(found[split], f"{looked_at}, {split}") for split in ("train", "val")]
