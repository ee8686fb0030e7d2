"""Several processes as `torchrun` starts them, each with a share of every batch; and stopping.

All draw the same batch, compute the gradient of their share, and average. Li et al. 2020, PyTorch
Distributed.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from types import FrameType, TracebackType

import torch
from torch import Tensor
from torch import distributed as dist

from gptlab.training.config import TrainError

__all__ = ["ALONE", "Ranks", "StopSignal", "ranks"]


@dataclass(frozen=True)
class Ranks:
    """Which process this is, 0 being the one that writes and prints, and of how many."""

    rank: int = 0
    size: int = 1

    @property
    def first(self) -> bool:
        """Whether this one evaluates, writes and prints."""
        return self.rank == 0

    def share(self, batch: Tensor) -> Tensor:
        """This process's rows of a batch whose rows divide."""
        rows = len(batch) // self.size
        return batch[self.rank * rows : (self.rank + 1) * rows]

    def average(self, gradients: Iterable[Tensor]) -> None:
        """Over all processes, in place."""
        if self.size > 1:
            for gradient in gradients:
                dist.all_reduce(gradient)
                gradient /= self.size

    def mean(self, value: float) -> float:
        """Of every process's number."""
        if self.size == 1:
            return value
        total = torch.tensor(value, dtype=torch.float64)
        dist.all_reduce(total)
        return total.item() / self.size

    def any(self, flag: bool) -> bool:
        """Whether one of them says so: the same answer for all."""
        return self.mean(float(flag)) > 0

    def gather(self, state: Tensor) -> list[Tensor]:
        """Every process's own, in order; all of one shape, in the processor's memory."""
        if self.size == 1:
            return [state]
        found = [torch.empty_like(state) for _ in range(self.size)]
        dist.all_gather(found, state)
        return found

    def wait(self) -> None:
        """Until all are here."""
        self.mean(0.0)


ALONE = Ranks()


@contextmanager
def ranks(device: torch.device) -> Iterator[tuple[Ranks, torch.device]]:
    """This process among those of `torchrun`, and its own device; alone without it."""
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        if device.type == "cuda" and device.index is not None:
            torch.cuda.set_device(device)  # whose chance is kept
        yield ALONE, device
        return
    local = int(os.environ.get("LOCAL_RANK", "0"))
    if device.type == "mps":
        device = torch.device("cpu")  # it knows no other process
    if device.type == "cuda":
        if local >= torch.cuda.device_count():
            raise TrainError(
                f"process {local} found {torch.cuda.device_count()} GPUs here: each process "
                "needs one. Start fewer, or take --device cpu"
            )
        device = torch.device("cuda", local)
        torch.cuda.set_device(device)
    if os.environ.get("LOCAL_WORLD_SIZE") == str(size) and (loop := _loopback()):
        os.environ.setdefault("GLOO_SOCKET_IFNAME", loop)  # all here: no network is needed
    backend = "cpu:gloo,cuda:nccl" if device.type == "cuda" else "gloo"
    # The others wait while the first one evaluates; one that dies ends the wait by itself.
    dist.init_process_group(backend, timeout=timedelta(hours=12))
    try:
        yield Ranks(dist.get_rank(), size), device
    finally:
        dist.destroy_process_group()


def _loopback() -> str | None:
    names = [name for _, name in socket.if_nameindex()] if hasattr(socket, "if_nameindex") else []
    return next((name for name in names if name in ("lo", "lo0")), None)


class StopSignal:
    """While it is entered, Ctrl-C and SIGTERM set `asked`, and the step is done to its end.

    A second Ctrl-C stops at once; not so with several processes, each of which gets two: from the
    terminal and from torchrun.
    """

    def __init__(self, several: bool = False) -> None:
        self.asked, self.several = False, several
        self.before: dict[int, object] = {}

    def __enter__(self) -> StopSignal:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self.before[number] = signal.signal(number, self._note)
        return self

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.asked and number == signal.SIGINT and not self.several:
            raise KeyboardInterrupt
        if not self.asked:
            os.write(2, b"\nstopping after this step\n")
        self.asked = True

    def __exit__(self, kind: type | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:  # fmt: skip
        for number, handler in self.before.items():
            signal.signal(number, handler)
        self.asked = False
