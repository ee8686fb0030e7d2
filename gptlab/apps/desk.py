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
from dataclasses import dataclass
from pathlib import Path

from gptlab.apps.rooms import Message, Room, Turn, Unread, View
from gptlab.chatting.errors import ChatError
from gptlab.chatting.settings import KNOBS
from gptlab.tips import HEADINGS, see

__all__ = ["Desk", "Engine", "Settings", "engine"]

LONGEST = 4000  # characters of one message
ROOMS = 500  # tabs whose conversation is kept; the one asked longest ago goes first
PICTURES = 20  # of a growing answer, in a second: more cost time and nobody sees them
ADVICE = "The page goes on: ask again, in fewer words, or with a smaller Length."


@dataclass(frozen=True)
class Settings:
    """How an answer is chosen; the defaults are those of gptlab.chat."""

    temperature: float = 0.8  # 0: always the likeliest
    max_new_tokens: int = 100
    top_k: int | None = 20  # None: all tokens


# Pieces of an answer, before them what is not read; as a generator, it returns whether the model
# ended it by itself.
Reply = Callable[[list[Message], Settings], Iterator[str | Unread]]


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

    def reply(messages: list[Message], settings: Settings) -> Generator[str | Unread, None, bool]:
        answer = chat.Answer(
            checkpoint, messages, max_new_tokens=settings.max_new_tokens,
            temperature=settings.temperature, top_k=settings.top_k,
        )  # fmt: skip
        if len(answer.prompt) > block:
            yield Unread(block, len(answer.prompt))
        elif len(answer.kept) < len(messages):
            yield Unread(block)
        yield from answer
        return answer.ended

    about = f"{parameters:,} parameters; reads {block:,} tokens at once"
    called = checkpoint.run.get("name") or loaded.folder.resolve().name
    return Engine(reply, str(called), about, max(1, block // 2))


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

    def room(self, tab: str | None) -> Room:
        """The conversation of a tab, by the tab's name; an empty one where nothing was asked."""
        with self._guard:
            return self._rooms.get(tab) or Room()

    def _keep(self, tab: str, room: Room) -> None:
        """As the one asked last. One that is being written in is not the one that goes."""
        self._rooms[tab] = room
        self._rooms.move_to_end(tab)
        quiet = (name for name, one in self._rooms.items() if not one.writing)
        if len(self._rooms) > ROOMS and (oldest := next(quiet, None)) is not None:
            del self._rooms[oldest]

    def ask(self, tab: str | None, text: str, settings: Settings) -> Iterator[View]:
        """Views of the conversation while it is answered. Whoever closes this ends the answer.

        tab: its name; None for a question without a conversation, which is not kept
        """
        complaint = self._complaint(text, settings)
        with self._guard:
            room = self._rooms.get(tab) or Room()
            if room.writing:
                complaint = "An answer is being written. Wait for its end, or press Stop."
            if not complaint:
                turn = Turn(text)
                room.turns.append(turn)
                history = room.history()
                if tab is not None:
                    self._keep(tab, room)
        if complaint:
            yield room.view(complaint)
            return
        written = (room, turn, history, settings)
        threading.Thread(target=self._write, args=written, daemon=True).start()
        try:
            # A piece that is being computed ends first; nobody waits for it in a cleared room.
            while not turn.done.is_set() and turn in room.turns:
                yield room.view()
                turn.done.wait(1 / PICTURES)
        finally:
            turn.stop.set()
        yield room.view()

    def _complaint(self, text: str, settings: Settings) -> str:
        """What is wrong with a question, or nothing."""
        if not text.strip():
            return "Nothing was written: type a message first."
        if len(text) > LONGEST:
            return f"The message has {len(text):,} characters; at most {LONGEST:,} are read."
        for what, found, low, high in (
            ("temperature", settings.temperature, 0, 2),
            ("length", settings.max_new_tokens, 1, self.model.longest),
            ("top-k", settings.top_k or 1, 1, KNOBS["top-k"].most),
        ):
            whole = what != "temperature"
            if not isinstance(found, int if whole else int | float) or not low <= found <= high:
                kind = "a whole number " if whole else ""
                return f"The {what} is {found!r:.40}; it has to be {kind}from {low} to {high:,}."
        return ""

    def _write(self, room: Room, turn: Turn, history: list[Message], settings: Settings) -> None:
        """Fill a turn: the whole answer in one thread, since torch keeps no_grad by thread."""
        began = time.perf_counter()
        pieces: Iterator[str | Unread] | None = None
        try:
            while not turn.stop.is_set():
                with self._lent:
                    if pieces is None:
                        pieces = self.model.reply(history, settings)
                    piece = next(pieces)
                if isinstance(piece, Unread):
                    room.tell(turn, piece)
                else:
                    turn.answer += piece
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

    def stop(self, tab: str | None) -> None:
        """End the answer of a tab."""
        self.room(tab).stop()

    def clear(self, tab: str | None) -> View:
        """Forget the conversation of a tab, and end its answer."""
        room = self.room(tab)
        with self._guard:
            room.stop()
            room.turns = []
        return room.view()

    def leave(self, tab: str | None) -> None:
        """The tab is closed."""
        with self._guard:
            room = self._rooms.pop(tab, None)
        if room:
            room.stop()


def _sentence(error: Exception) -> str:
    """What a visitor is told, who has no page of tips."""
    if isinstance(error, ChatError):
        said = str(error)
        for heading in HEADINGS:
            said = said.removesuffix(f"; {see(heading)}")
        return said
    said = " ".join(str(error).split())[:400] or "it gave no reason"
    return f"The answer ended with {type(error).__name__}: {said}. {ADVICE}"
