"""A student's pico_gpt.py as a page uses it: read anew when it changes, its slips located."""

from __future__ import annotations

import traceback
import types
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["CodeError", "Student", "load", "stamp"]

NEEDED = ("gpt2", "softmax")  # what the page calls


class CodeError(Exception):
    """Something in the student's file is wrong: where, and what Python or the page says of it."""

    def __init__(self, what: str, path: Path, said: str, line: int = 0, source: str = ""):
        super().__init__(said)
        self.what, self.path, self.said = what, path, said
        self.line, self.source = line, source.strip()
        self.state = stamp(path)  # it speaks of this state of the file

    def located(self) -> str:
        """pico_gpt.py, line 3, the line itself, and the message."""
        where = f"{self.path.name}, line {self.line}" if self.line else self.path.name
        return "\n".join([where, *([f"    {self.source}"] if self.source else []), self.said])


def stamp(path: Path) -> tuple[int, int] | None:
    """What changes when a file does; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


class Student:
    """The functions of one state of the file. Every error in them becomes a CodeError."""

    def __init__(self, path: Path, text: str):
        self.path, self.lines = path, text.splitlines()
        module = types.ModuleType(path.stem)
        module.__file__ = str(path)
        try:
            code = compile(text, str(path), "exec")
        except (SyntaxError, ValueError) as error:
            line, source = getattr(error, "lineno", None) or 0, getattr(error, "text", None) or ""
            said = f"{type(error).__name__}: {getattr(error, 'msg', None) or error}"
            raise CodeError("It is no Python that can be read", path, said, line, source) from None
        self.call(lambda: exec(code, module.__dict__), "It stopped while it was imported")
        self.found = module.__dict__
        lacks = [name for name in NEEDED if not callable(self.found.get(name))]
        if lacks:
            there = [
                name for name, value in self.found.items() if isinstance(value, types.FunctionType)
            ]
            said = f"{' and '.join(lacks)}: expected. Found: {', '.join(there) or 'no function'}."
            raise CodeError("A function is missing in it", path, said)

    def call(self, function: Callable, what: str, *args: Any, **more: Any) -> Any:
        """function(*args, **more), its error as a CodeError at the deepest line of this file."""
        try:
            return function(*args, **more)
        except (Exception, SystemExit) as error:
            frames = traceback.extract_tb(error.__traceback__)
            here = [frame for frame in frames if frame.filename == str(self.path)]
            line = (here[-1].lineno or 0) if here else 0
            source = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
            said = f"{type(error).__name__}: {error}".removesuffix(": ")
            if isinstance(error, NotImplementedError):
                said += f"\n{here[-1].name if here else 'The function'} is not written yet."
            raise CodeError(what, self.path, said, line, source) from error

    def scores(self, ids: Sequence[int], params: Mapping[str, Any], n_head: int) -> np.ndarray:
        """Those for what follows the last id, (vocabulary,), by the student's gpt2."""
        stopped = "It stopped while gpt2 was running"
        made = self.call(self.found["gpt2"], stopped, list(ids), **params, n_head=n_head)
        vocab = len(params["wte"])
        expected = f"expected: an array of shape ({len(ids)}, {vocab}), a row for each token."
        shape = getattr(made, "shape", None)
        if shape not in {(len(ids), vocab), (1, vocab)}:
            found = "None" if made is None else type(made).__name__
            found += f" of shape {tuple(shape)}" if shape is not None else ""
            raise self._wrong("gpt2", f"Found: {found}; {expected}")
        last = np.asarray(made[-1])
        if not np.isfinite(last).all():
            raise self._wrong("gpt2", "Found: scores that are not finite numbers (nan or inf).")
        return last

    def likeliest(self, scores: np.ndarray, count: int) -> list[tuple[int, float]]:
        """The `count` likeliest ids, best first, with what the student's softmax gives them."""
        made = self.call(self.found["softmax"], "It stopped while softmax was running", scores)
        if getattr(made, "shape", None) != scores.shape:
            found = getattr(made, "shape", type(made).__name__)
            raise self._wrong("softmax", f"Found: {found}; expected: shape {scores.shape}.")
        best = np.argsort(-scores, kind="stable")[:count]
        return [(int(token), float(made[token])) for token in best]

    def _wrong(self, name: str, said: str) -> CodeError:
        """An error in what a function gives back: at its first line."""
        code = getattr(self.found[name], "__code__", None)
        line = code.co_firstlineno if code and code.co_filename == str(self.path) else 0
        source = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        return CodeError(f"{name} gives back something else", self.path, said, line, source)


def load(path: Path) -> Student:
    """Read and run the file. Raises CodeError, FileNotFoundError where there is none."""
    try:
        return Student(path, path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise
    except (OSError, UnicodeDecodeError) as error:
        raise CodeError("It cannot be read", path, f"{type(error).__name__}: {error}") from None
