"""Checkpoints: written whole or not at all, read without running anything, chance included."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

__all__ = ["chance", "read", "set_chance", "write"]


def write(path: Path, whole: dict[str, Any]) -> None:
    """Save plain data and tensors. A file that is cut short never takes a whole one's place."""
    part = path.with_name(f"{path.name}.part")
    torch.save(whole, part)
    os.replace(part, path)


def read(path: Path, device: torch.device | str = "cpu") -> dict[str, Any]:
    """What `write` saved, its tensors on this device. A file made to run code is refused."""
    return torch.load(path, map_location=device, weights_only=True)


def chance(device: torch.device) -> dict[str, Tensor]:
    """The states of the generators that dropout draws from: the processor's and the device's."""
    found = {"cpu": torch.get_rng_state()}
    if device.type != "cpu":
        found[device.type] = getattr(torch, device.type).get_rng_state()
    return found


def set_chance(device: torch.device, states: dict[str, Tensor]) -> None:
    """Put them back, as far as the run is on the same kind of device."""
    torch.set_rng_state(states["cpu"].cpu())
    if device.type != "cpu" and device.type in states:
        getattr(torch, device.type).set_rng_state(states[device.type].cpu())
