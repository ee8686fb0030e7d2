"""What the chat page does without a browser: one model, a conversation for each tab.

A `Desk` keeps a `Room` for each tab. An answer is written by a thread of its own, piece by piece,
and the model is lent for one piece at a time: so two tabs write at once and never mix.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from gptlab.chatting.errors import ChatError
from gptlab.tips import PAGE

__all__ = ["Desk", "Engine", "Room", "Settings", "Turn", "View", "engine"]

LONGEST = 4000  # characters of one message
ROOMS = 500  # tabs whose conversation is kept; the one used longest ago goes first
PICTURES = 20  # of a growing answer, in a second: more cost time and nobody sees them
TIPS = f"The page goes on; {PAGE} has what to try."

Message = dict[str, str]  # {"role": "user" or "assistant", "content": a text}


@dataclass(frozen=True)
class Settings:
    """How an answer is chosen; the defaults are those of gptlab.chat."""

    temperature: float = 0.8  # 0: always the likeliest
    max_new_tokens: int = 100
    top_k: int | None = 20  # None: all tokens


# Pieces of an answer; as a generator, it returns whether the model ended it by itself.
Reply = Callable[[list[Message], Settings], Iterator[str]]


@dataclass(frozen=True)
class Engine:
    """Something that answers: a model, or what a test puts in its place."""

    reply: Reply  # pieces of an answer
    name: str
    about: str = ""
    longest: int = 128  # tokens of an answer at most


def engine(name: str | Path | None = None, device: str = "auto") -> Engine:
    """The chat model of that name, as gptlab.chat.find has it. Raises gptlab.chat.ChatError."""
    from gptlab import chat
    from gptlab.chatting.loading import open_model, set_threads

    loaded = open_model(name, device)
    set_threads(loaded)
    checkpoint = loaded.checkpoint
    parameters = sum(one.numel() for one in checkpoint.model.parameters())
    block = checkpoint.config.block_size

    def reply(messages: list[Message], settings: Settings) -> Generator[str, None, bool]:
        answer = chat.Answer(
            checkpoint, messages, max_new_tokens=settings.max_new_tokens,
            temperature=settings.temperature, top_k=settings.top_k,
        )  # fmt: skip
        yield from answer
        return answer.ended

    about = f"{parameters:,} parameters; reads {block:,} tokens at once"
    called = checkpoint.run.get("name") or loaded.folder.resolve().name
    return Engine(reply, str(called), about, max(1, block // 2))


@dataclass
class Turn:
    """A question and what came of it."""

    question: str
    answer: str = ""
    error: str = ""
    stopped: bool = False
    cut: int = 0  # at so many tokens; 0: the model ended it by itself
    seconds: float = 0.0
    stop: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)

    def note(self) -> str:
        """How it ended, in a sentence; while it goes on, that it does."""
        if self.error:
            return self.error
        if not self.done.is_set():
            return "Writing…"
        if self.stopped:
            return "Stopped."
        if not self.answer:
            return "The model ended its turn without a word. Ask in other words."
        if self.cut:
            return f"Cut at {self.cut:,} tokens: Length has more, for the next answer."
        return f"Answered in {self.seconds:.2f} s."


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
        return bool(self.turns) and not self.turns[-1].done.is_set()

    def view(self, complaint: str = "") -> View:
        """As it is now; with a complaint in the place of the note."""
        shown = []
        for turn in self.turns:
            shown.append({"role": "user", "content": turn.question})
            if turn.answer:
                shown.append({"role": "assistant", "content": turn.answer})
        last = self.turns[-1] if self.turns else None
        note = complaint or (last.note() if last else "")
        return View(shown, note, bool(complaint or (last and last.error)), self.writing)

    def history(self) -> list[Message]:
        """What the model reads: the answered turns, and the question of the last one."""
        read = []
        for turn in self.turns[:-1]:
            if turn.answer:
                read.append({"role": "user", "content": turn.question})
                read.append({"role": "assistant", "content": turn.answer})
        return [*read, {"role": "user", "content": self.turns[-1].question}]

    def stop(self) -> None:
        """End the answer that is being written, before its next piece."""
        for turn in self.turns:
            turn.stop.set()


class _InTurn:
    """A lock that goes to the one that has waited longest; a plain one may starve a thread."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()

    def __enter__(self) -> None:
        mine = threading.Event()
        with self._guard:
            self._waiting.append(mine)
            if self._waiting[0] is mine:
                mine.set()
        mine.wait()

    def __exit__(self, *_: object) -> None:
        with self._guard:
            self._waiting.popleft()
            if self._waiting:
                self._waiting[0].set()


class Desk:
    """One model, lent to all tabs."""

    def __init__(self, model: Engine) -> None:
        self.model = model
        self._lent = _InTurn()
        self._rooms: OrderedDict[str, Room] = OrderedDict()
        self._guard = threading.Lock()

    def room(self, tab: str) -> Room:
        """The conversation of a tab, by the tab's name."""
        with self._guard:
            room = self._rooms.setdefault(tab, Room())
            self._rooms.move_to_end(tab)
            while len(self._rooms) > ROOMS:
                self._rooms.popitem(last=False)[1].stop()
            return room

    def ask(self, tab: str, text: str, settings: Settings) -> Iterator[View]:
        """Views of the conversation while it is answered. Whoever closes this ends the answer."""
        room = self.room(tab)
        complaint = self._complaint(text, settings)
        with self._guard:
            if room.writing:
                complaint = "An answer is being written. Wait for its end, or press Stop."
            if not complaint:
                turn = Turn(text)
                room.turns.append(turn)
                history = room.history()
        if complaint:
            yield room.view(complaint)
            return
        threading.Thread(target=self._write, args=(turn, history, settings), daemon=True).start()
        try:
            while not turn.done.is_set() and not turn.stop.is_set():
                yield room.view()
                turn.done.wait(1 / PICTURES)
        finally:
            turn.stop.set()
        turn.done.wait(5)  # a piece that is being computed ends first
        yield room.view()  # of the room, which may have been cleared

    def _complaint(self, text: str, settings: Settings) -> str:
        """What is wrong with a question, or nothing."""
        if not text.strip():
            return "Nothing was written: type a message first."
        if len(text) > LONGEST:
            return f"The message has {len(text):,} characters; at most {LONGEST:,} are read."
        for what, found, low, high in (
            ("temperature", settings.temperature, 0, 2),
            ("length", settings.max_new_tokens, 1, self.model.longest),
            ("top-k", settings.top_k or 1, 1, float("inf")),
        ):
            if not low <= found <= high:
                return f"The {what} is {found:g}; it has to be from {low} to {high:g}."
        return ""

    def _write(self, turn: Turn, history: list[Message], settings: Settings) -> None:
        """Fill a turn: the whole answer in one thread, since torch keeps no_grad by thread."""
        began = time.perf_counter()
        pieces: Iterator[str] | None = None
        try:
            while not turn.stop.is_set():
                with self._lent:
                    if pieces is None:
                        pieces = self.model.reply(history, settings)
                    turn.answer += next(pieces)
            turn.stopped = True
        except StopIteration as end:
            turn.cut = settings.max_new_tokens if end.value is False else 0
        except Exception as error:  # whatever a model raises: the page has to live on
            logging.getLogger(__name__).exception("an answer ended with an error")
            turn.error = _sentence(error)
        finally:
            turn.seconds = time.perf_counter() - began
            if hasattr(pieces, "close"):
                pieces.close()
            turn.done.set()

    def stop(self, tab: str) -> None:
        """End the answer of a tab."""
        self.room(tab).stop()

    def clear(self, tab: str) -> View:
        """Forget the conversation of a tab, and end its answer."""
        room = self.room(tab)
        with self._guard:
            room.stop()
            room.turns = []
        return room.view()

    def leave(self, tab: str) -> None:
        """The tab is closed."""
        with self._guard:
            room = self._rooms.pop(tab, None)
        if room:
            room.stop()


def _sentence(error: Exception) -> str:
    """What a visitor is told."""
    if isinstance(error, ChatError):
        return str(error)
    said = " ".join(str(error).split())[:400] or "it gave no reason"
    return f"The answer ended with {type(error).__name__}: {said}. {TIPS}"
