"""A few sums that every machine should get alike, and the device they are done on.

`fingerprint()` draws seeded random numbers and does what a training does (matrix products,
softmax, cross-entropy, a gradient, AdamW), and puts the results into two short words. Two
machines with the same words compute alike; where only `draws` agrees, their arithmetic differs
in the fourth digit; where that differs too, the same seed gives other random numbers.
"""

import hashlib
import json
from typing import Any

import torch
from torch.nn import functional as F

__all__ = ["COURSE", "best_device", "bf16", "device_of", "fingerprint", "largest_difference"]

SEED = 1337

# What the machine gave that the course was made on (torch 2.13, x86-64, no GPU).
COURSE = {"draws": "04964861", "values": "8c49d512"}


def best_device() -> torch.device:
    """CUDA where there is one, else Apple's MPS, else the processor."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def device_of(name: str) -> torch.device:
    """The device of this name, as cpu, cuda, cuda:1 or mps. ValueError where it is not here."""
    here = {"cpu": True, "cuda": torch.cuda.is_available(),
            "mps": torch.backends.mps.is_available()}  # fmt: skip
    kind, colon, number = name.partition(":")
    count = torch.cuda.device_count() if kind == "cuda" else 1
    numbered = not colon or (number.isascii() and number.isdecimal() and int(number) < count)
    if not here.get(kind, False) or not numbered:
        found = ", ".join(kind for kind, is_here in here.items() if is_here)
        raise ValueError(f"{name}: it is not here. Expected one of: {found}")
    return torch.device(name)


def bf16(device: torch.device) -> bool:
    """Whether bfloat16 is fast there. A T4 says yes to the plain question and then emulates it."""
    if device.type != "cuda":
        return False
    return torch.cuda.get_device_capability(device) >= (8, 0)


def fingerprint() -> dict[str, Any]:
    """{"draws": word, "values": word, "numbers": {what: number, to four digits}}, on the CPU."""
    numbers = {name: float(f"{value:.4g}") for name, value in _values().items()}
    return {"draws": _word(_draws()), "values": _word(numbers), "numbers": numbers}


def largest_difference(device: torch.device) -> float:
    """How far an attention head's outputs (size about 1), in float32 on `device`, are from the
    same in float64 on the processor."""
    x = torch.randn(4, 32, 64, generator=_generator())

    def head(x: torch.Tensor) -> torch.Tensor:
        scores = x @ x.transpose(1, 2) / 64**0.5
        visible = torch.ones(32, 32, dtype=torch.bool, device=x.device).tril()
        return F.softmax(scores.masked_fill(~visible, float("-inf")), dim=-1) @ x

    return (head(x.to(device)).cpu().double() - head(x.double())).abs().max().item()


def _generator() -> torch.Generator:
    """Of our own: the global one of the caller stays where it is."""
    return torch.Generator().manual_seed(SEED)


def _draws() -> list[int]:
    """Whole numbers that depend on the random numbers alone."""
    g = _generator()
    weights = torch.arange(1.0, 66.0)
    return [
        *torch.randint(65, (8,), generator=g).tolist(),
        *torch.randperm(65, generator=g)[:8].tolist(),
        *torch.multinomial(weights, 8, generator=g).tolist(),
    ]


def _values() -> dict[str, float]:
    """Numbers that depend on the arithmetic as well. None lies on the edge of a fourth digit."""
    g = _generator()
    x, w = torch.randn(64, 65, generator=g), torch.randn(65, 65, generator=g) / 8
    y = torch.randint(65, (64,), generator=g)
    found = {
        "normal": x.abs().mean().item(),
        "product": (x @ w).abs().amax().item(),
        "softmax": F.softmax(x @ w, dim=-1).amax(dim=-1).mean().item(),
        "layer_norm": F.layer_norm(x @ w, (65,)).amax().item(),
        "gelu": F.gelu(x, approximate="tanh").mean().item(),
        "float64": torch.linspace(0, 1, 1001, dtype=torch.float64).exp().log1p().sum().item(),
    }
    w.requires_grad_()
    optimizer = torch.optim.AdamW([w], lr=0.01)
    for step in range(10):
        loss = F.cross_entropy(x @ w, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if step == 0:
            found["first_loss"], found["gradient"] = loss.item(), w.grad.norm().item()
        optimizer.step()
    found["tenth_loss"] = loss.item()
    return found


def _word(what: Any) -> str:
    return hashlib.sha256(json.dumps(what).encode()).hexdigest()[:8]
