"""When a memory is too small: which errors say so, and which heading of the page of tips helps."""

from __future__ import annotations

import torch

__all__ = ["heading", "is_short"]

# Where torch has no type of its own for it: the processor's, on Windows too, MPS and CUDA itself.
SAID = ("defaultcpuallocator", "can't allocate memory", "out of memory")


def is_short(error: BaseException) -> bool:
    """Says this error that there was no memory left?"""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    said = str(error).lower()
    return isinstance(error, RuntimeError) and any(words in said for words in SAID)


def heading(device: torch.device | str) -> str:
    """The heading for a device, as "cuda:1"."""
    return "CUDA out of memory" if str(device).startswith("cuda") else "Less memory"
