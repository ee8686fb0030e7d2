"""The sentence for a memory that is too small for a run."""

from __future__ import annotations

from pathlib import Path

from gptlab import tips
from gptlab.memory import heading
from gptlab.training.files import CHECKPOINT

__all__ = ["said"]

SMALLER = (
    "Take a smaller --batch-size and as many times more --accumulate (the step stays the same), "
    "--recompute, --precision auto, a smaller --block-size, or a smaller --preset"
)


def said(device: str, folder: Path, going_on: bool) -> str:
    """What was too small, what to do, and where to read more.

    device: "cuda", "cuda:1", "mps", "cpu"; folder: the run's own; going_on: it was one already
    """
    parts = [f"the memory of {device} is too small for this run"]
    if going_on:
        parts.append(f"Go on with less: --resume {folder} --recompute, or --precision auto")
    else:
        parts.append(SMALLER)
        if (folder / CHECKPOINT).is_file():  # it had begun
            parts.append(f"{folder} holds the run as it was last saved: take another --out, or go "
                         f"on with --resume {folder} --recompute")  # fmt: skip
    if device != "cpu":
        parts.append("Or --device cpu, which is slower")
    return f"{'. '.join(parts)}; {tips.see(heading(device))}"
