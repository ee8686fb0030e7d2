"""How a conversation is written for the model, the same in training and in use.

    <|user|>Hi<|end|><|assistant|>Hello!<|end|>

The three in brackets are one token each. They never come out of what somebody typed: a text is
always encoded as ordinary text, else a user could end the turn, or speak as the assistant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from gptlab.conversations.roles import ASSISTANT, END, ROLES, SPECIAL, USER, Message
from gptlab.tokenizers import RegexTokenizer

__all__ = [
    "ASSISTANT", "END", "SPECIAL", "USER", "Message", "checked", "collate", "encode",
    "encode_with_mask", "fit", "inputs_and_targets", "prompt", "room",
]  # fmt: skip

IGNORED = -1  # a target that does not count, as in nanoGPT


def checked(messages: Sequence[Message]) -> Sequence[Message]:
    """The messages, if they are a conversation: user first, then each in turn. ValueError."""
    for place, message in enumerate(messages):
        wanted = ("user", "assistant")[place % 2]
        told = dict(message) if isinstance(message, Mapping) else {}
        if told.get("role") != wanted or not isinstance(told.get("content"), str):
            raise ValueError(
                f"message {place} is {told or repr(message)}: expected the role {wanted!r} and a "
                "text as its content, since user and assistant speak in turns and the user begins"
            )
    return messages


def _written(message: Message, tokenizer: RegexTokenizer) -> list[int]:
    """A turn's ids: its role, its words, the end."""
    special = tokenizer.special_tokens
    words = tokenizer.encode_ordinary(message["content"])
    return [special[ROLES[message["role"]]], *words, special[END]]


def encode(messages: Sequence[Message], tokenizer: RegexTokenizer) -> list[int]:
    """The ids of a conversation."""
    return [token for one in checked(messages) for token in _written(one, tokenizer)]


def prompt(messages: Sequence[Message], tokenizer: RegexTokenizer) -> list[int]:
    """The ids after which the model is to answer: all of it, and the assistant's role token."""
    return [*encode(messages, tokenizer), tokenizer.special_tokens[ASSISTANT]]


def encode_with_mask(
    messages: Sequence[Message], tokenizer: RegexTokenizer
) -> tuple[list[int], list[int]]:
    """The ids, and 1 for each that the assistant has to say: its words and the end after them."""
    ids, mask = [], []
    for message in checked(messages):
        turn = _written(message, tokenizer)
        said = int(message["role"] == "assistant")
        ids += turn
        mask += [0] + [said] * (len(turn) - 1)  # its role is given to it, not asked of it
    return ids, mask


def inputs_and_targets(ids: Sequence[int], mask: Sequence[int]) -> tuple[Tensor, Tensor]:
    """What the model reads and what it should say next, (T-1,) int64 each; -1: does not count."""
    every = torch.tensor(ids)
    counts = torch.tensor(mask, dtype=torch.bool)
    return every[:-1], every[1:].masked_fill(~counts[1:], IGNORED)


def collate(pairs: Sequence[tuple[Tensor, Tensor]], pad_id: int) -> tuple[Tensor, Tensor]:
    """Inputs and targets of several lengths as (B, T) each, filled up on the right.

    A model that looks only back never sees what fills up, and its targets do not count: so any
    pad_id will do.
    """
    xs, ys = zip(*pairs, strict=True)
    pad = torch.nn.utils.rnn.pad_sequence
    return pad(xs, True, pad_id), pad(ys, True, IGNORED)


def room(block_size: int, max_new_tokens: int) -> int:
    """How many tokens a prompt may have, so that an answer fits behind it.

    An answer that could fill more than half of what the model reads leaves the history that half.
    """
    return block_size - min(max_new_tokens, block_size // 2)


def fit(messages: Sequence[Message], tokenizer: RegexTokenizer, room: int) -> list[Message]:
    """The longest end of a conversation whose prompt has at most `room` tokens.

    It is cut at whole turns, a user's message with the answer to it, the oldest first. The last
    message of the user stays, however long it is.
    """
    kept = list(messages)
    while len(kept) > 2 and len(prompt(kept, tokenizer)) > room:
        kept = kept[2:]
    return kept
