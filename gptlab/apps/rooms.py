"""The conversation of one tab of the chat page: its turns, and what the page shows of them."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

__all__ = ["Message", "Room", "Turn", "Unread", "View"]

Message = dict[str, str]  # {"role": "user" or "assistant", "content": a text}


@dataclass(frozen=True)
class Unread:
    """What a model does not read of what it is given."""

    reads: int  # tokens at once
    message: int = 0  # the message's tokens, where it alone has more; 0: old turns are left out

    def told(self) -> str:
        """As the terminal says it."""
        if self.message:
            return (f"Your message has {self.message:,} tokens: the model reads the last "
                    f"{self.reads:,} of them.")  # fmt: skip
        return (f"The conversation has outgrown the {self.reads:,} tokens that the model reads at "
                "once: from now on its oldest turns are forgotten. Clear begins anew.")  # fmt: skip


@dataclass(eq=False)
class Turn:
    """A question and what came of it."""

    question: str
    answer: str = ""
    error: str = ""
    unread: Unread | None = None
    stopped: bool = False
    cut: int = 0  # at so many tokens; 0: the model ended it by itself
    seconds: float = 0.0
    stop: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)

    def note(self) -> str:
        """How it ended, in a sentence; while it goes on, that it does; and what is not read."""
        if self.error:
            return self.error
        unread = f" {self.unread.told()}" if self.unread else ""
        if not self.done.is_set():
            return ("Stopping…" if self.stop.is_set() else "Writing…") + unread
        if self.stopped:
            return "Stopped." + unread
        if not self.answer:
            shorter = self.unread and self.unread.message
            advice = "Write a shorter one." if shorter else "Ask in other words."
            return f"The model ended its turn without a word.{unread} {advice}"
        if self.cut:
            return f"Cut at {self.cut:,} tokens: Length has more, for the next answer.{unread}"
        return f"Answered in {self.seconds:.2f} s.{unread}"


@dataclass(frozen=True)
class View:
    """What a page shows at one moment."""

    messages: list[Message]
    note: str = ""
    wrong: bool = False  # the note is an error
    writing: bool = False


class Room:
    """The conversation of one tab."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []

    @property
    def writing(self) -> bool:
        turns = self.turns  # once: `clear` may put an empty list in its place
        return bool(turns) and not turns[-1].done.is_set()

    def view(self, complaint: str = "") -> View:
        """As it is now; with a complaint in the place of the note."""
        shown, turns = [], list(self.turns)
        for turn in turns:
            shown.append({"role": "user", "content": turn.question})
            if turn.answer:
                shown.append({"role": "assistant", "content": turn.answer})
        last = turns[-1] if turns else None
        note = complaint or (last.note() if last else "")
        writing = last is not None and not last.done.is_set()
        return View(shown, note, bool(complaint or (last and last.error)), writing)

    def history(self) -> list[Message]:
        """What the model reads: the answered turns, and the question of the last one."""
        read = []
        for turn in self.turns[:-1]:
            if turn.answer:
                read.append({"role": "user", "content": turn.question})
                read.append({"role": "assistant", "content": turn.answer})
        return [*read, {"role": "user", "content": self.turns[-1].question}]

    def tell(self, turn: Turn, unread: Unread) -> None:
        """That old turns are forgotten is told once in a conversation, as in the terminal."""
        if unread.message or all(one.unread != unread for one in self.turns):
            turn.unread = unread

    def stop(self) -> None:
        """End the answer that is being written, before its next piece."""
        for turn in self.turns:
            turn.stop.set()
