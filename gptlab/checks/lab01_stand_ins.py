"""What the checks of lab01 hand to an answer in the place of a model and its optimizer."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def _as_a_model(scores: Tensor, truth: Tensor | None) -> tuple[Tensor, Tensor | None]:
    """The two things that the lab's model gives for scores (B, T, V)."""
    flat = scores.flatten(0, -2)
    return (scores, None) if truth is None else (flat, F.cross_entropy(flat, truth.flatten()))


class Fixed(nn.Module):
    """A model whose logits for each id stand in ``table``, (V, V)."""

    def __init__(self, table: Tensor) -> None:
        super().__init__()
        self.table = table

    def forward(self, idx: Tensor, targets: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        return _as_a_model(self.table[idx], targets)


class Diary(nn.Module):
    """A table of zeros for two characters that notes what is done to it, in ``notes``."""

    def __init__(self) -> None:
        super().__init__()
        self.notes: list[str] = []
        self.table = nn.Parameter(torch.zeros(2, 2))
        self.table.register_hook(lambda grad: self.notes.append("backward"))

    def forward(self, idx: Tensor, targets: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        return _as_a_model(self.table[idx], targets)

    def zero_grad(self, set_to_none: bool = True) -> None:
        self.notes.append("zero_grad")
        super().zero_grad(set_to_none)


class Descent:
    """Plain descent with learning rate 1 that notes its calls in the model's diary.

    Not one of torch.optim: the first of those takes a second or more to load.
    """

    def __init__(self, diary: Diary) -> None:
        self.diary = diary

    def zero_grad(self, set_to_none: bool = True) -> None:
        self.diary.zero_grad(set_to_none)

    def step(self) -> None:
        self.diary.notes.append("step")
        table = self.diary.table
        if table.grad is not None:
            table.data -= table.grad
