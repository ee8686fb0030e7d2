"""With how many bits to compute: autocast, where the hardware has the numbers itself.

The weights and what AdamW keeps stay float32. Micikevicius et al. 2018, Mixed Precision Training.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch

from gptlab.training.config import TrainError

__all__ = ["Precision"]


class Precision:
    """A precision on a device. `name`: float32, bfloat16 or float16, never auto.

    `scaler`: float16 has no numbers below 6e-8, so the loss is made larger before the way back and
    the gradients smaller after it; for the others it lets everything through as it is.
    """

    def __init__(self, asked: str, device: torch.device) -> None:
        self.name, self.device = resolved(asked, device), device
        self.scaler = torch.amp.GradScaler(device.type, enabled=self.name == "float16")

    def autocast(self) -> AbstractContextManager:
        """For the way forward and the loss."""
        if self.name == "float32":
            return nullcontext()
        return torch.autocast(self.device.type, getattr(torch, self.name))


def resolved(asked: str, device: torch.device) -> str:
    """What `auto` means there; TrainError for what the device cannot do, or only emulates."""
    if asked == "auto":
        if device.type != "cuda":
            return "float32"
        return "bfloat16" if _has_bfloat16(device) else "float16"
    if asked == "bfloat16" and not _has_bfloat16(device):
        other = "float16" if device.type == "cuda" else "float32"
        raise TrainError(
            f"--precision bfloat16: {_called(device)} does not compute in it (emulated, it is "
            f"slower than float32). Take --precision {other}, or auto"
        )
    if asked == "float16" and device.type != "cuda":
        raise TrainError(
            f"--precision float16 is for GPUs (CUDA), and this is {_called(device)}. Take "
            "--precision float32, or auto"
        )
    return asked


def _has_bfloat16(device: torch.device) -> bool:
    """A T4 says yes to the plain question and then emulates it. A processor always can."""
    if device.type == "cuda":
        with torch.cuda.device(device):
            return torch.cuda.is_bf16_supported(including_emulation=False)
    return device.type == "cpu"


def _called(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else f"device {device.type}"
