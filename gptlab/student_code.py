"""A student's file of Python as a program runs it: its slips are located, never a traceback."""

from __future__ import annotations

import sys
import traceback
import types
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from gptlab.companion import MARK

__all__ = ["CodeError", "StudentCode", "stamp"]


class CodeError(Exception):
    """Something in the student's file is wrong: where, and what is said of it."""

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


class StudentCode:
    """The names of one state of the file, those in `needed` among them. Errors: CodeError.

    importable: let it be found under its name, as its own dataclasses want where annotations wait
    """

    def __init__(self, path: Path, text: str, needed: Sequence[str], importable: bool = False):
        self.path, self.lines = path, text.splitlines()
        module = types.ModuleType(path.stem)
        module.__file__ = str(path)
        if importable:
            sys.modules[path.stem] = module
        try:
            code = compile(text, str(path), "exec")
        except (SyntaxError, ValueError) as error:
            line, source = getattr(error, "lineno", None) or 0, getattr(error, "text", None) or ""
            said = f"{type(error).__name__}: {getattr(error, 'msg', None) or error}"
            if source.startswith("%%"):
                said = "Leave this line out: it is for the cell of a notebook."
            raise CodeError("It is no Python that can be read", path, said, line, source) from None
        self.call(lambda: exec(code, module.__dict__), "It stopped while it was imported")
        self.found = module.__dict__
        lacks = [name for name in needed if not callable(self.found.get(name))]
        if lacks:
            own = [value for value in self.found.values() if self._is_of_it(value)]
            there = ", ".join(value.__name__ for value in own)
            said = f"{' and '.join(lacks)}: expected. Found: {there or 'no function'}."
            kind = "class" if lacks[0][:1].isupper() else "function"
            raise CodeError(f"A {kind} is missing in it", path, said)

    def _is_of_it(self, value: Any) -> bool:
        """Is this a function or a class that the file itself defines?"""
        kinds = (types.FunctionType, type)
        return isinstance(value, kinds) and value.__module__ == self.found["__name__"]

    def call(self, function: Callable, what: str, *args: Any, **more: Any) -> Any:
        """function(*args, **more), its error as a CodeError at the deepest line of this file."""
        try:
            return function(*args, **more)
        except (Exception, SystemExit) as error:
            walked = traceback.walk_tb(error.__traceback__)
            here = [(frame.f_code, line) for frame, line in walked
                    if frame.f_code.co_filename == str(self.path)]  # fmt: skip
            line = (here[-1][1] or 0) if here else 0
            source = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
            said = f"{type(error).__name__}: {error}".removesuffix(": ")
            if isinstance(error, NotImplementedError):
                name = here[-1][0].co_qualname if here else "The function"
                said += f"\n{name} is not written yet.{self._mark(line)}"
            raise CodeError(what, self.path, said, line, source) from error

    def _mark(self, line: int) -> str:
        """Where a file marks its holes: the comment over this line."""
        for text in reversed(self.lines[: max(line - 1, 0)]):
            if found := MARK.match(text.strip()):
                return f" Its place is under `# TO-DO {found[1]}`."
            if text.strip()[:1] not in ("", "#"):
                break
        return ""
