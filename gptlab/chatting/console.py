"""What the terminal shows: lines, dim lines, streamed text; and Ctrl-C during an answer."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sys
import textwrap
import types
from typing import Any, TextIO

from gptlab.tips import PAGE

__all__ = ["Console", "Interrupt", "visible"]

BOLD, DIM, RED, GREEN, PLAIN = "\033[1m", "\033[2m", "\033[31m", "\033[32m", "\033[0m"
POINTER, JOIN = re.compile(re.escape(PAGE) + ' ".+?"'), "\xa0"  # textwrap breaks no line there
CLEAR = "\033[2J\033[3J\033[H"  # the screen, what was scrolled off it, and to the top
DIRECTION = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # Unicode's Bidi_Control
CONTROL = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f{DIRECTION}]")


def visible(text: str) -> str:
    """The text without what moves a cursor, changes colours or turns the direction of writing.

    A model may write any byte: an escape sequence of its own could hide or fake lines.
    """
    return CONTROL.sub(lambda found: _picture(ord(found[0])), text)


def _picture(code: int) -> str:
    return chr(0x2400 + code) if code < 32 else "\ufffd"


class Console:
    """A place to write to; colours and cursor only where it is a terminal."""

    def __init__(self, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self.out = sys.stdout if out is None else out
        self.err = sys.stderr if err is None else err
        self.terminal = self.out.isatty() and os.environ.get("TERM") != "dumb"
        self.color = self.terminal and not os.environ.get("NO_COLOR")
        if self.terminal and sys.platform == "win32":
            os.system("")  # an older console reads escape sequences from then on

    def paint(self, text: str, style: str) -> str:
        """The text in a style, where there are colours."""
        return f"{style}{text}{PLAIN}" if self.color else text

    def say(self, text: str = "") -> None:
        """A line."""
        self.piece(f"{text}\n")

    def dim(self, text: str) -> None:
        """A line that is no part of the conversation."""
        self.say(self.paint(self.fitted(text), DIM))

    def error(self, text: str) -> None:
        """A line that says what is wrong."""
        self.say(self.paint(self.fitted(text), RED))

    def fitted(self, text: str) -> str:
        """The text in lines that end between words, where there is a terminal.

        The command that a pointer to the tips ends with stays whole, so that it can be copied.
        """
        if not self.terminal:
            return text
        columns = shutil.get_terminal_size().columns
        joined = POINTER.sub(lambda found: found[0].replace(" ", JOIN), text)
        lines = textwrap.fill(joined, columns, break_long_words=False, break_on_hyphens=False)
        return lines.replace(JOIN, " ")

    def rows(self, pairs: list[tuple[str, str]]) -> None:
        """A name and what there is to say of it, line by line."""
        width = max(len(name) for name, _ in pairs)
        for name, told in pairs:
            self.say(f"  {self.paint(f'{name:{width}}', BOLD)}  {told}")

    def piece(self, text: str) -> None:
        """Text as it comes, at once."""
        self.out.write(text)
        self.out.flush()

    def speaker(self, name: str) -> None:
        """Who speaks, before the words."""
        self.piece(f"{self.paint(name, GREEN)} ")

    def clear(self) -> None:
        """An empty screen, where there is one."""
        if self.terminal:
            self.piece(CLEAR)


class Interrupt:
    """While it is open, Ctrl-C sets `pressed`; a second one is a KeyboardInterrupt as ever."""

    def __init__(self) -> None:
        self.pressed = False

    def __enter__(self) -> Interrupt:
        self._before: Any = None
        try:
            self._before = signal.signal(signal.SIGINT, self._press)
        except ValueError:  # not the main thread: then Ctrl-C is not ours
            self._before = None
        return self

    def _press(self, number: int, frame: types.FrameType | None) -> None:
        if self.pressed:
            raise KeyboardInterrupt
        self.pressed = True

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
