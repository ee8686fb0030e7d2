"""CPU-seconds of several ways to do one thing, measured in turn, and their ratios."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

NO_GPU = "not measured: no GPU here"


def in_turn(ways: dict[str, Callable[[], object]], rounds: int = 5) -> dict[str, float]:
    """Name -> median CPU-seconds of a call; the ways take turns, so that noise hits all alike."""
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            started = time.process_time()
            way()
            spent[name].append(time.process_time() - started)
    return {name: median(seconds) for name, seconds in spent.items()}


def table(seconds: dict[str, float], unit: str = "") -> None:
    """Print each way, its seconds, and how many times the last one's it is."""
    last = list(seconds.values())[-1]
    for name, value in seconds.items():
        print(f"  {name:<44} {value:10.5f} s{unit}  {value / last:8.2f} x")
