"""The assistant's turn: written token by token, ended where the model ends it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from gptlab import sample
from gptlab.chatting.decoding import for_decoding
from gptlab.chatting.errors import ChatError
from gptlab.chatting.settings import KNOBS
from gptlab.conversations import ASSISTANT, END, USER, Message, fit, prompt, room
from gptlab.sampling.command import pieces

__all__ = ["Answer", "history", "reply", "room"]

Watch = Callable[[Tensor, int], None]


def history(checkpoint: Any, messages: Sequence[Message], max_new_tokens: int) -> list[Message]:
    """The end of the conversation that the model will read: whole turns, the last always."""
    return fit(messages, checkpoint.tokenizer, room(checkpoint.config.block_size, max_new_tokens))


def reply(
    checkpoint: Any, messages: Sequence[Message], max_new_tokens: int = 100,
    temperature: float = 0.8, top_k: int | None = 20, generator: torch.Generator | None = None,
) -> Iterator[str]:  # fmt: skip
    """The answer to a conversation, piece by piece, each as soon as its characters are whole.

    checkpoint: has `config` (its block_size), `model` (scores (1, T, V), on the device that is to
        write) and `tokenizer` (with the three special tokens), as `gptlab.hub.load` gives it
    messages: user first, user last; what is too long for the model is cut at whole turns
    generator: on the model's device; the same state gives the same answer

    "".join(reply(...)) is the whole answer; it ends before <|end|>, or after max_new_tokens.
    Errors, at once: ChatError for a knob out of range or a conversation that nobody can answer.
    """
    return iter(Answer(checkpoint, messages, max_new_tokens, temperature, top_k, generator))


class Answer:
    """One answer as an iterator of its pieces, and what is known of it afterwards.

    `prompt`: the ids that it follows; `kept`: the messages in them; `ids`: those that came, without
    the end; `ended`: the model ended it by itself.
    """

    def __init__(
        self, checkpoint: Any, messages: Sequence[Message], max_new_tokens: int = 100,
        temperature: float = 0.8, top_k: int | None = 20,
        generator: torch.Generator | None = None, watch: Watch | None = None,
    ) -> None:  # fmt: skip
        KNOBS["max-tokens"].checked(max_new_tokens)
        KNOBS["temperature"].checked(temperature)
        if top_k is not None:
            KNOBS["top-k"].checked(top_k)
        try:
            self.kept = history(checkpoint, messages, max_new_tokens)
            self.prompt = prompt(self.kept, checkpoint.tokenizer)
        except ValueError as error:  # no messages, or not in turns
            raise ChatError(str(error)) from error
        if not messages or messages[-1]["role"] != "user":
            last = messages[-1]["role"] if messages else "no message"
            raise ChatError(f"the conversation ends with {last}: expected a message of the user, "
                            "which is to be answered")  # fmt: skip
        self.ids: list[int] = []
        self.ended = False
        self._checkpoint, self._watch = checkpoint, watch
        self._knobs = (max_new_tokens, temperature, top_k, generator)

    def __iter__(self) -> Iterator[str]:
        return (piece for piece in pieces(self._new(), self._checkpoint.tokenizer.decode) if piece)

    def _new(self) -> Iterator[int]:
        """The ids one by one. Any of the three special tokens ends the turn."""
        special = self._checkpoint.tokenizer.special_tokens
        ends = {special[token] for token in (END, USER, ASSISTANT)}
        model = for_decoding(self._checkpoint.model)
        watched = Watched(model) if self._watch else model
        count, temperature, top_k, generator = self._knobs
        begin = torch.tensor([self.prompt], device=device_of(self._checkpoint.model))  # (1, T)
        for new in sample.stream(
            watched, begin, count, self._checkpoint.config.block_size, temperature, top_k,
            generator=generator,
        ):  # fmt: skip
            token = int(new)
            if self._watch:
                self._watch(watched.scores, token)
            if token in ends:
                self.ended = True
                return
            self.ids.append(token)
            yield token


def device_of(model: Any) -> torch.device:
    """Where its weights are; of a model without any, the processor."""
    first = next(iter(model.parameters()), None)
    return torch.device("cpu") if first is None else first.device


class Watched:
    """A model whose last scores, (V,), can be looked at."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self.scores = torch.empty(0)
        if hasattr(model, "new_cache"):
            self.new_cache = model.new_cache

    def __call__(self, *inputs: Any, **more: Any) -> Any:
        found = self.model(*inputs, **more)
        self.scores = (found[0] if isinstance(found, tuple) else found)[0, -1].float()
        return found
