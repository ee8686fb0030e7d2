"""When the memory is too small for a run: which errors say so, and the sentence for it."""

from __future__ import annotations

from pathlib import Path

import torch

from gptlab import tips
from gptlab.training.files import CHECKPOINT

__all__ = ["is_short", "said"]

SMALLER = (
    "Take a smaller --batch-size and as many times more --accumulate (the step stays the same), "
    "--recompute, --precision auto, a smaller --block-size, or a smaller --preset"
)


def is_short(error: BaseException) -> bool:
    """Says this error that there was no memory left? On a processor torch has no type for it."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and "DefaultCPUAllocator" in str(error)


def said(device: str, folder: Path, going_on: bool) -> str:
    """What was too small, what to do, and where to read more.

    device: "cuda", "cuda:1", "cpu"; folder: the run's own; going_on: it was one already
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
    heading = "Less memory" if device == "cpu" else "CUDA out of memory"
    return f"{'. '.join(parts)}; {tips.see(heading)}"
