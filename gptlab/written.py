"""What a cell wrote into a file last, so that a change by hand is seen; and texts kept from loss.

It is remembered beside the file, in `.model.py.written`, so that a new kernel knows it too.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

__all__ = ["changed_by_hand", "keep", "lines", "remember", "text_of", "written_last"]


def text_of(source: str) -> str:
    """The text of a file, from a cell or from the file: without the line of a cell magic."""
    source = source.removeprefix("\ufeff").replace("\r\n", "\n")
    if source.lstrip().startswith("%%"):
        source = source.lstrip().partition("\n")[2]
    return source.rstrip("\n") + "\n"


def keep(path: Path, text: str) -> str:
    """Keep a text that would be lost in a file of its own; what to say of it."""
    old, number = path.with_name(f"{path.stem}_old.py"), 1
    while old.exists() and read(old) != text:
        number += 1
        old = path.with_name(f"{path.stem}_old_{number}.py")
    old.write_text(text, encoding="utf-8")
    return f" (the other text is in {old.name})"


def read(path: Path) -> str:
    """The text of a file; what is no UTF-8 in it is marked."""
    return text_of(path.read_text("utf-8", "replace"))


def lines(text: str) -> str:
    """How many lines a text has, in words."""
    count = len(text.splitlines())
    return "1 line" if count == 1 else f"{count} lines"


def remember(path: Path, text: str) -> None:
    """This is what the cell and the file say now."""
    _record(path).write_text(f"{_digest(text)}\n", encoding="utf-8")


def written_last(path: Path, text: str) -> bool:
    """Is this what the cell wrote last?"""
    record = _record(path)
    return record.is_file() and record.read_text("utf-8").strip() == _digest(text)


def changed_by_hand(path: Path) -> bool:
    """Is this file other than what its cell wrote last? Where nothing was written, it is."""
    return path.is_file() and not written_last(path, read(path))


def _record(path: Path) -> Path:
    return path.with_name(f".{path.name}.written")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
