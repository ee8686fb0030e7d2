"""A chat model, ready to talk on a device; what is wrong with it as a sentence."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from gptlab.chatting.errors import ChatError
from gptlab.chatting.places import MODEL, SMALL, find
from gptlab.checkpoint import no_numbers
from gptlab.conversations import SPECIAL
from gptlab.fingerprint import best_device, device_of
from gptlab.memory import heading, is_short
from gptlab.tips import PAGE

__all__ = ["Loaded", "load", "open_model", "set_threads", "too_small"]

NARROW = 256  # n_embd below which a second thread costs more than it brings
THREADS = torch.get_num_threads()  # as torch has it for this machine


@dataclass(frozen=True)
class Loaded:
    """A model with what is known of the place it comes from."""

    name: str  # as it was asked for
    folder: Path
    device: torch.device
    checkpoint: Any  # gptlab.hub.Checkpoint: config, model, tokenizer, run


def load(name: str | Path | None = None, device: str = "auto") -> Any:
    """The checkpoint (config, model, tokenizer, run) of "small", a folder or a run.

    device: cpu, cuda, cuda:1, mps, or auto for the best that is here
    Errors: ChatError, a sentence, for a model that is not there, damaged, of another kind, or too
    large for the device, and for a device that is not here. Nothing is unpickled.
    """
    return open_model(name, device).checkpoint


def open_model(name: str | Path | None = None, device: str = "auto") -> Loaded:
    """The same, with its folder and device."""
    folder = find(name)
    where = _device(device)
    from gptlab import hub  # late: a mistyped name is said without it

    try:
        checkpoint = hub.load(folder, where)
    except hub.HubError as error:
        told = str(error)
        raise ChatError(told, None if PAGE in told else "Model not found") from error
    except OSError as error:
        raise ChatError(f"{folder} cannot be read: {error}", "Model not found") from error
    except (MemoryError, RuntimeError) as error:
        raise too_small(error, folder, where) from error
    _can_talk(checkpoint, folder)
    named = SMALL if folder == MODEL else str(name)
    return Loaded(named, folder, where, checkpoint)


def set_threads(loaded: Loaded) -> None:
    """One thread for a small model; what there is for others. OMP_NUM_THREADS says otherwise.

    Where other programs run too, threads that wait for each other after each small product cost
    most of the time.
    """
    if "OMP_NUM_THREADS" not in os.environ:
        narrow = loaded.checkpoint.config.n_embd < NARROW
        torch.set_num_threads(1 if narrow else THREADS)


def _device(name: str) -> torch.device:
    if name == "auto":
        return best_device()
    try:
        return device_of(name)
    except ValueError as error:
        raise ChatError(f"--device {error}, or auto", "Faster training") from error


def _can_talk(checkpoint: Any, folder: Path) -> None:
    """ChatError for a whole model that knows no conversations, or whose weights are no numbers."""
    tokenizer = checkpoint.tokenizer
    if missing := [token for token in SPECIAL if token not in tokenizer.special_tokens]:
        raise ChatError(
            f"{folder}: its vocabulary has no {', '.join(missing)}, so it was not trained on "
            "conversations. Expected a chat model; for a text that goes on: python -m "
            "gptlab.sample", "Model not found",
        )  # fmt: skip
    if tokenizer.vocab_size > checkpoint.config.vocab_size:
        raise ChatError(
            f"{folder}: the vocabulary has {tokenizer.vocab_size:,} tokens, the weights "
            f"{checkpoint.config.vocab_size:,}. They do not belong together: copy the folder again",
            "Model not found",
        )
    if said := no_numbers(folder, checkpoint.model.parameters()):
        raise ChatError(said)


def too_small(error: BaseException, what: Any, device: torch.device) -> ChatError:
    """The sentence for a memory that is too small. An error of another kind is raised again."""
    if not is_short(error):
        raise error
    processor = "or answer on the processor: --device cpu"
    other = "as --model small" if device.type == "cpu" else processor
    return ChatError(
        f"the memory of {device} is too small for {what}: close other programs, take a smaller "
        f"model, {other}", heading(device),
    )  # fmt: skip
