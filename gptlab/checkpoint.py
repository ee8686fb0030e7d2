"""Checkpoints: written whole or not at all, read without running anything, chance included."""

from __future__ import annotations

import os
import pickle
import re
import zipfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from gptlab import tips
from gptlab.memory import is_short

__all__ = [
    "CheckpointError", "chance", "no_numbers", "read", "set_chance", "write", "write_text",
]  # fmt: skip


class CheckpointError(ValueError):
    """A checkpoint that cannot be used or made: what was found, what was expected, what to do."""


def write(path: Path, whole: dict[str, Any]) -> None:
    """Save plain data and tensors. A file that is cut short never takes a whole one's place.

    Errors: CheckpointError, where the disk is full or the folder is closed.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file:
            torch.save(whole, file)
            _on_disk(file)
        os.replace(part, path)
    except (OSError, RuntimeError) as error:
        with suppress(OSError):
            part.unlink()
        left = "; the one from before is as it was" if path.exists() else ""
        raise CheckpointError(
            f"{path} could not be written ({_first_line(error)}){left}. Is there room on the disk, "
            "and may you write there?"
        ) from error


def write_text(path: Path, text: str) -> None:
    """The same for a text."""
    part = path.with_name(f"{path.name}.part")
    with part.open("w", encoding="utf-8") as file:
        file.write(text)
        _on_disk(file)
    os.replace(part, path)


def _on_disk(file: Any) -> None:
    """Before the file takes its name: a machine that loses power must not find it empty."""
    file.flush()
    os.fsync(file.fileno())


def read(path: Path, device: torch.device | str = "cpu") -> dict[str, Any]:
    """What `write` saved, its tensors on this device.

    Errors: FileNotFoundError; CheckpointError for a file that is damaged, cut short, of another
    kind, or made to run code: nothing of such a file is run. Too little memory is as torch has it.
    """
    with path.open("rb") as raw:  # what the system says of a file that cannot be opened is plain
        try:
            bad = _bad_part(zipfile.ZipFile(raw))
        except Exception as error:  # a damaged archive can raise anything
            raise _damaged(path, _first_line(error)) from error
    if bad is not None:
        raise _damaged(path, f"its part {bad!r} is not as it was written")
    try:
        return torch.load(path, map_location=device, weights_only=True)
    except pickle.UnpicklingError as error:
        name = re.search(r"GLOBAL (\S+)", str(error))
        raise CheckpointError(
            f"{path} holds more than numbers and text ({name[1] if name else 'an unknown object'}"
            "): reading that could run code, so nothing was read. Take a checkpoint that was "
            "written by gptlab"
        ) from error
    except Exception as error:  # the same
        if is_short(error):
            raise
        raise _damaged(path, _first_line(error)) from error


def _bad_part(file: zipfile.ZipFile) -> str | None:
    """A part that is not as it was written: torch itself loads changed numbers without a word."""
    for part in file.infolist():
        whole = part.compress_type == zipfile.ZIP_STORED and part.compress_size == part.file_size
        if not whole or part.external_attr:  # torch takes a part that is said to be a folder
            return part.filename
    return file.testzip()


def _damaged(path: Path, why: str) -> CheckpointError:
    return CheckpointError(
        f"{path} ({path.stat().st_size:,} bytes) is no whole checkpoint: {why}. Was it cut short "
        "while it was copied, or is it another kind of file? Copy it again, or begin anew"
    )


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")


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


def no_numbers(name: object, parameters: Iterable[Tensor]) -> str:
    """A sentence where a weight is no number: a training that ran away, or a damaged file."""
    if all(value.detach().sum().isfinite() for value in parameters):  # one such spoils the sum
        return ""
    return (
        f"{name}: found weights that are no numbers (nan or inf), so no text can come of it. Did "
        "the training's loss become nan? Train with a smaller learning rate; "
        f"{tips.see('Poor text')}"
    )
