"""A student's pico_gpt.py as a page uses it: read anew when it changes, its slips located."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gptlab.student_code import CodeError, StudentCode, stamp

__all__ = ["CodeError", "Student", "load", "stamp"]

NEEDED = ("gpt2", "softmax")  # what the page calls


class Student(StudentCode):
    """The functions of one state of the file. Every error in them becomes a CodeError."""

    def __init__(self, path: Path, text: str):
        super().__init__(path, text, NEEDED)

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
