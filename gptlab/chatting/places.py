"""Where a chat model lies: the small one that comes with gptlab, a folder, or a run's own."""

from __future__ import annotations

import difflib
from pathlib import Path

from gptlab.chatting.errors import ChatError

__all__ = ["MODEL", "SMALL", "find"]

SMALL = "small"
MODEL = Path(__file__).with_name("model")  # the small one
INSIDE = "chat"  # a run of gptlab.train keeps its chat model there
CONFIG, WEIGHTS, CHECKPOINT = "config.json", "model.safetensors", "checkpoint.pt"
PRESETS = ("chat-small", "chat", "chat-large")
PICKLED = {".pt", ".pth", ".pkl", ".pickle", ".bin", ".ckpt"}
NOT_FOUND = "Model not found"
LONGEST = 80  # characters of a name that are shown
EXPECTED = (f"Expected {SMALL}, or a folder with {CONFIG} and {WEIGHTS} in it, or of a finished "
            "run of python -m gptlab.train --preset chat-small")  # fmt: skip


def find(name: str | Path | None = None) -> Path:
    """The folder of a chat model: "small" or None, a folder that holds one, or a run of training.

    A run of gptlab.train has its chat model in `chat/`. Nothing is read but names and the first
    bytes of a file. Errors: ChatError says what was found, where it looked, and what to do.
    """
    name = SMALL if name is None else str(name)
    if not name.strip():
        raise ChatError("the name of the model is empty: expected small, or a folder", NOT_FOUND)
    if name == SMALL:
        return _small()
    try:
        return _looked_for(name)
    except (OSError, RuntimeError) as error:  # ~ of nobody is a RuntimeError
        why = getattr(error, "strerror", None) or str(error).rstrip(".")
        shown = name if len(name) <= LONGEST else f"{name[:LONGEST]}..."
        said = f"{shown}: it cannot be looked at ({why}). {EXPECTED}"
        raise ChatError(said, NOT_FOUND) from error


def _looked_for(name: str) -> Path:
    """The folder that a name stands for."""
    path = Path(name).expanduser()
    if path.is_file():
        path = _beside(path, name)
    if (folder := _holds(path)) is not None:
        return folder
    raise ChatError(f"{name}: {_found(path, name)}", NOT_FOUND)


def _holds(path: Path) -> Path | None:
    """The folder itself, or the one in it, where there is a chat model."""
    return next((one for one in (path, path / INSIDE) if (one / CONFIG).is_file()), None)


def _is_model(path: Path) -> bool:
    """Is it one to suggest? What may not be looked at is none."""
    try:
        return _holds(path) is not None
    except OSError:
        return False


def _small() -> Path:
    if (MODEL / CONFIG).is_file():
        return MODEL
    raise ChatError(
        f"there is no small model with this gptlab: looked for {MODEL / CONFIG}. Take a whole copy "
        "of the course, or train one: python -m gptlab.train --preset chat-small, and then "
        "--model runs/chat-small",
        NOT_FOUND,
    )


def _beside(path: Path, name: str) -> Path:
    """The folder of a file that was named in its place. ChatError where it is another file."""
    if path.name in (CONFIG, WEIGHTS, CHECKPOINT):
        return path.parent
    if path.suffix.lower() in PICKLED or _pickled(path):
        raise ChatError(
            f"{name}: found a pickled file, which could run code while it is read, so it was not "
            f"read. Expected a folder with {CONFIG} and {WEIGHTS}, as gptlab.hub.save writes it",
            NOT_FOUND,
        )
    raise ChatError(f"{name}: found a file, expected the folder of a chat model", NOT_FOUND)


def _pickled(path: Path) -> bool:
    with path.open("rb") as file:
        first = file.read(2)
    return first == b"PK" or first[:1] == b"\x80"


def _found(path: Path, name: str) -> str:
    """What is there in the place of a chat model, and what to do."""
    if (path / CHECKPOINT).is_file():
        return (f"found a run of gptlab.train without a chat model: {INSIDE}/ is written when a "
                f"run of --preset {', '.join(PRESETS)} has ended. Let it end, or take another")
    if path.is_dir():
        inside = ", ".join(sorted(one.name for one in path.iterdir())[:4]) or "nothing"
        return f"the folder holds no {CONFIG} (found in it: {inside}). {EXPECTED}"
    if name in PRESETS:
        return (f"it is a preset, which is trained first: python -m gptlab.train --preset {name}, "
                f"and then --model runs/{name}")  # fmt: skip
    near = path.parent if path.parent.is_dir() else Path()
    names = [SMALL, *(one.name for one in near.iterdir() if _is_model(one))]
    meant = difflib.get_close_matches(path.name, names, 1)
    asked = ""
    if meant:
        asked = f" Did you mean {SMALL if meant[0] == SMALL else path.with_name(meant[0])}?"
    return f"there is no such folder (looked for {path.absolute()}).{asked} {EXPECTED}"
