"""Chance that is the same in every version of Python: all from `random()` alone."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar

__all__ = ["Chance"]
Thing = TypeVar("Thing")


class Chance:
    """Draws of one seed. Python promises for `random()` only that its numbers never change."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed).random

    def below(self, count: int) -> int:
        """A number from 0 up to, not with, `count`."""
        return int(self.random() * count)

    def pick(self, things: Sequence[Thing]) -> Thing:
        """One of them."""
        return things[self.below(len(things))]

    def some(self, things: Sequence[Thing], count: int) -> list[Thing]:
        """So many different ones, all of them where there are not more, in an order of chance."""
        left = list(things)
        for place in range(min(count, len(left))):
            other = place + self.below(len(left) - place)
            left[place], left[other] = left[other], left[place]
        return left[:count]

    def shuffled(self, things: Sequence[Thing]) -> list[Thing]:
        """All of them in an order of chance."""
        return self.some(things, len(things))
