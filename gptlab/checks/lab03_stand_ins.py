"""What the checks of lab03 put in the place of an answer's parts: small enough for paper."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Asked(nn.Module):
    """Stands for a part that an answer builds; keeps the arguments that it was built with."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()
        self.asked = (*args, *kwargs.values())

    def forward(self, x: Tensor) -> Tensor:
        return x


class Says(nn.Module):
    """Gives one table whatever comes in, (T, C), for each window of the batch."""

    def __init__(self, table: Tensor) -> None:
        super().__init__()
        self.table = table

    def forward(self, x: Tensor) -> Tensor:
        return self.table.expand(len(x), *self.table.shape)


class Times(nn.Module):
    """Multiplies by a number."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        return self.factor * x


class Swap(Asked):
    """A block that exchanges the two numbers of each position."""

    def forward(self, x: Tensor) -> Tensor:
        return x.flip(-1)


class CopiesFirst(nn.Module):
    """A language model of two characters that writes the first character of what it sees."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Tensor] = []

    def forward(self, idx: Tensor, targets: Tensor | None = None) -> tuple[Tensor, None]:
        self.seen.append(idx.clone())
        sure = F.one_hot(idx[:, :1], 2).float() * 200 - 100
        return sure.expand(-1, idx.shape[1], -1), None


class Pairs(nn.Module):
    """A table of logits, for the check of own_text; it notes how often it was asked in training."""

    def __init__(self, vocab_size: int) -> None:
        super().__init__()
        self.vocab_size, self.trained_on = vocab_size, []
        self.table = nn.Parameter(torch.zeros(vocab_size, vocab_size))

    def forward(self, idx: Tensor, targets: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        if self.training and targets is not None:
            self.trained_on.append(idx)
        logits = F.embedding(idx, self.table)
        if targets is None:
            return logits, None
        flat = logits.flatten(0, 1)
        return flat, F.cross_entropy(flat, targets.flatten())
