"""Lines that are typed, with those typed before: by readline, by prompt_toolkit, or plainly.

readline comes with Python on Linux and macOS; on Windows prompt_toolkit does the same, and is
installed with gptlab. With neither, a line is read as it is.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from gptlab import data

__all__ = ["Lines", "open_lines"]

NAME = "chat_history"
MOST = 1000  # lines that are kept
MISSING = ("What is typed is not kept: this Python has neither readline nor prompt_toolkit. "
           "python -m pip install prompt_toolkit brings the arrow keys")  # fmt: skip
UNKNOWN = ("What is typed is not kept: prompt_toolkit does not know this terminal. PowerShell, cmd "
           "and Windows Terminal bring the arrow keys")  # fmt: skip
Complete = Callable[[str], list[str]]


class Lines:
    """Lines from the keyboard, without a history. lacks: why, in a sentence."""

    kind = "none"

    def __init__(self, complete: Complete, lacks: str = "") -> None:
        self.complete, self.lacks = complete, lacks

    def ask(self, label: str, start: str = "", end: str = "") -> str:
        """One line. label stands before it, between start and end, which colour it.

        KeyboardInterrupt for Ctrl-C, EOFError for Ctrl-D.
        """
        return input(f"{start}{label}{end} ")

    def close(self) -> str:
        """Keep what was typed for the next time; gives what went wrong with that, or ""."""
        return ""


class ReadlineLines(Lines):
    """By readline: arrow keys, search with Ctrl-R, commands completed with Tab."""

    kind = "readline"

    def __init__(self, complete: Complete, module: Any, path: Path) -> None:
        super().__init__(complete)
        self.module, self.path = module, path
        module.clear_history()
        with suppress(OSError):  # the first time there is none; one of another kind is written anew
            module.read_history_file(str(path))
        module.set_history_length(MOST)
        module.set_completer_delims(" ")
        module.set_completer(self._match)
        editline = "libedit" in (module.__doc__ or "")  # macOS
        module.parse_and_bind("bind ^I rl_complete" if editline else "tab: complete")

    def ask(self, label: str, start: str = "", end: str = "") -> str:
        """As in Lines. What has no width is marked, or the arrow keys would miscount."""
        marked = [f"\001{style}\002" if style else "" for style in (start, end)]
        return super().ask(label, *marked)

    def _match(self, text: str, number: int) -> str | None:
        found = self.complete(self.module.get_line_buffer())
        return found[number] if number < len(found) else None

    def close(self) -> str:
        """As in Lines."""
        return _kept(self.path, lambda: self.module.write_history_file(str(self.path)))


class ToolkitLines(Lines):
    """By prompt_toolkit, for a Python without readline."""

    kind = "prompt_toolkit"

    def __init__(self, complete: Complete, module: Any, path: Path) -> None:
        super().__init__(complete)
        completion = import_module("prompt_toolkit.completion")
        formatted = import_module("prompt_toolkit.formatted_text")
        self.ansi = formatted.ANSI
        self.note = _kept(path, path.touch)

        class Commands(completion.Completer):
            def get_completions(self, document: Any, event: Any) -> Any:
                line = document.text_before_cursor
                typed = len(line.rpartition(" ")[2])
                for word in complete(line):
                    yield completion.Completion(word, start_position=-typed)

        past = import_module("prompt_toolkit.history")
        kept = past.InMemoryHistory() if self.note else past.FileHistory(str(path))
        self.session = module.PromptSession(
            history=kept, completer=Commands(), complete_while_typing=False
        )

    def ask(self, label: str, start: str = "", end: str = "") -> str:
        """As in Lines."""
        return self.session.prompt(self.ansi(f"{start}{label}{end} "))

    def close(self) -> str:
        """As in Lines: each line was kept as it came."""
        return self.note


def _kept(path: Path, write: Callable[[], Any]) -> str:
    """Write the file of the history, for its owner alone; what went wrong, or ""."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write()
        os.chmod(path, 0o600)
    except OSError as error:
        return f"what was typed could not be kept in {path} ({error.strerror or error})"
    return ""


def open_lines(complete: Complete) -> Lines:
    """The best of the three that is here. complete: the endings of what is typed so far."""
    path = data.cache() / NAME
    try:
        return ReadlineLines(complete, import_module("readline"), path)
    except ImportError:
        pass  # Windows
    try:
        toolkit = import_module("prompt_toolkit")
        return ToolkitLines(complete, toolkit, path.with_suffix(".toolkit"))
    except ImportError:
        return Lines(complete, MISSING)
    except Exception as error:  # a terminal that it does not know, as Git's on Windows
        if type(error).__name__ != "NoConsoleScreenBufferError":
            raise
        return Lines(complete, UNKNOWN)
