"""What a trained chat model is published as: a folder, its card, and the way to the hub.

The parts of `gptlab.hub`, which is what to import.
"""

from __future__ import annotations

from pathlib import Path

from gptlab.tips import see

__all__ = ["TIPS", "TRAIN", "HubError", "damaged"]

TRAIN = "python -m gptlab.train --preset chat-small"
TIPS = see("Model not found")


class HubError(ValueError):
    """A model that cannot be written, read or sent: what was found, expected, and what to do."""


def damaged(path: Path, said: str) -> HubError:
    """A file of a model's folder that cannot be used."""
    return HubError(
        f"{path}: {said}. Copy the folder again from where it came from, or train a model: "
        f"{TRAIN}; {TIPS}"
    )
