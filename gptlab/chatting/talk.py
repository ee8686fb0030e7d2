"""The conversation in the terminal: what was said, the settings, and one turn after the other."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import torch

from gptlab.chatting import commands, shown
from gptlab.chatting.answers import Answer
from gptlab.chatting.console import BOLD, PLAIN, Console, Interrupt, visible
from gptlab.chatting.debug import Record
from gptlab.chatting.errors import ChatError
from gptlab.chatting.history import Lines
from gptlab.chatting.loading import Loaded, too_small
from gptlab.chatting.options import checked
from gptlab.chatting.settings import Settings
from gptlab.conversations import Message

__all__ = ["CONVERSATION", "SINGLE", "Talk"]

CONVERSATION, SINGLE = "conversation", "single-prompt"
YOU, MODEL = "You:", "GPT:"


@dataclass
class Talk:
    """All that a conversation needs. `take` does what one typed line asks for."""

    console: Console
    loaded: Loaded
    settings: Settings
    device: str = "auto"  # as it was asked for: the next model goes there too
    debug: bool = False
    mode: str = CONVERSATION
    messages: list[Message] = field(default_factory=list)
    turns: int = 0  # since the conversation began, those that were forgotten too
    said_cut: bool = False
    last: tuple[int, float] | None = None  # tokens and seconds of the last answer
    generator: torch.Generator | None = None

    def __post_init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Forget what was said. A seed begins anew, so that the same words get the same answers."""
        self.messages, self.turns, self.said_cut = [], 0, False
        self.seed()

    def seed(self) -> None:
        """Begin the random numbers anew; without a seed they are new each time."""
        self.generator = torch.Generator(self.loaded.device)
        if self.settings.seed is None:
            self.generator.seed()
        else:
            self.generator.manual_seed(self.settings.seed)

    def run(self, lines: Lines) -> None:
        """Read lines and answer, until somebody leaves."""
        try:
            while self._asked(lines):
                pass
        finally:
            note = lines.close()
        if note:
            self.console.dim(note)

    def _asked(self, lines: Lines) -> bool:
        """Read one line and do it; False where somebody leaves."""
        style = (BOLD, PLAIN) if self.console.color else ("", "")
        try:
            line = lines.ask(YOU, *style)
        except EOFError:
            self.console.say()
            return False
        except KeyboardInterrupt:
            self.console.say()
            self.console.dim("To leave: /quit, or Ctrl-D. Ctrl-C stops an answer.")
            return True
        return self.take(line)

    def take(self, line: str) -> bool:
        """Do what a line says; False where it says to leave. A command begins with /."""
        try:
            if line.startswith("/"):
                return commands.run(self, line)
            if line.strip():
                self.answer(line.strip())
        except ChatError as error:
            self.console.error(str(error))
        except KeyboardInterrupt:  # in a command, as /load; an answer has its own
            self.console.say()
            self.console.dim(f"stopped; {self.loaded.name} stays")
        return True

    def answer(self, text: str) -> None:
        """Ask the model and stream its answer; Ctrl-C ends that, and what was said is kept."""
        alone = self.mode == SINGLE
        before = [] if alone else self.messages
        asked: list[Message] = [*before, {"role": "user", "content": checked(text, "the message")}]
        knobs = self.settings
        tokenizer = self.loaded.checkpoint.tokenizer
        record = Record(tokenizer, knobs.temperature, knobs.top_k) if self.debug else None
        answer = Answer(
            self.loaded.checkpoint, asked, knobs.max_tokens, knobs.temperature, knobs.top_k,
            self.generator, record.watch if record else None,
        )  # fmt: skip
        self._say_what_is_cut(asked, answer)
        said, stopped = self._stream(answer)
        if record:
            record.show(answer.kept, self.console.err)
        self._say_how_it_ended(answer, said, stopped)
        if not alone and said.strip():
            self.messages = [*answer.kept, {"role": "assistant", "content": said}]
            self.turns += 1

    def _stream(self, answer: Answer) -> tuple[str, bool]:
        """Show the pieces as they come: (all of them, whether Ctrl-C was pressed)."""
        parts: list[str] = []
        began = time.perf_counter()
        stopped = False
        self.console.speaker(MODEL)
        with Interrupt() as interrupt:
            try:
                for piece in answer:
                    parts.append(piece)
                    self.console.piece(visible(piece) if self.console.terminal else piece)
                    if interrupt.pressed:
                        break
            except KeyboardInterrupt:
                stopped = True
            except (MemoryError, RuntimeError) as error:
                self.console.say()
                raise too_small(error, self.loaded.name, self.loaded.device) from error
        self.last = (len(answer.ids), time.perf_counter() - began)
        self.console.say()
        return "".join(parts), stopped or interrupt.pressed

    def _say_what_is_cut(self, asked: list[Message], answer: Answer) -> None:
        """A dim line, once for each conversation, and one where a message alone is too long."""
        size = self.loaded.checkpoint.config.block_size
        if len(answer.kept) < len(asked) and not self.said_cut:
            self.said_cut = True
            self.console.dim(
                f"The conversation has outgrown the {size:,} tokens that the model reads at once: "
                "from now on its oldest turns are forgotten. /reset begins anew."
            )
        if len(answer.prompt) > size:
            self.console.dim(f"Your message has {len(answer.prompt):,} tokens: the model reads the "
                             f"last {size:,} of them.")  # fmt: skip

    def _say_how_it_ended(self, answer: Answer, said: str, stopped: bool) -> None:
        most = self.settings.max_tokens
        ending = shown.ending(answer, said, most, "/settings max-tokens")
        if note := "(stopped)" if stopped else ending:
            self.console.dim(note)
