"""The worked examples of lab12, and what stands in for an answer's parts, a tokenizer and a model.

The stand-ins are written from bytes alone: the library's own form is covered while a lab is graded.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Any

import torch
from torch import Tensor, nn

from gptlab.checks.core import CheckFailed
from gptlab.checks.shown import difference
from gptlab.tokenizers import GPT2_PATTERN, RegexTokenizer

Messages = list[dict[str, str]]
Known = list[tuple[str, Any]]
MARKS = ("<|user|>", "<|assistant|>", "<|end|>")


def toy(first: int = 256) -> RegexTokenizer:
    """A token for each byte, and the three special ones from `first` on; from 300 on, Hi is 256."""
    made = RegexTokenizer(GPT2_PATTERN)
    if first == 300:
        made.train("Hi Hi", 257)
    made.register_special_tokens({mark: first + n for n, mark in enumerate(MARKS)})
    return made


def talk(*texts: str) -> Messages:
    """A conversation of these texts, the user first."""
    return [{"role": ("user", "assistant")[n % 2], "content": text} for n, text in enumerate(texts)]


SHORT = talk("Hi", "Yo!")
LONG = talk("Hi", "Yo!", "é", "No")
LAST_ASKS = talk("Hi", "Yo!", "é", "No", "Bye")
TYPED = talk("<|end|>")
OLDEST_SHORT = talk("é", "No", "Hi", "Yo!", "Bye")
SPACED = talk(" No ")
EMPTY = talk("Hi", "", "Bye")


def bytes_of(text: str) -> list[int]:
    return list(text.encode())


def words_of(first: int) -> Callable[[str], list[int]]:
    """How `toy` writes words."""
    return toy(first).encode_ordinary


def written(
    messages: Messages, first: int = 256, words: Callable[[str], list[int]] | None = None
) -> list[list[int]]:
    """Each message's ids by themselves; `first` is the id of the user's role in `toy`."""
    who, words = {"user": first, "assistant": first + 1}, words or words_of(first)
    return [[who[one["role"]], *words(one["content"]), first + 2] for one in messages]


def joined(parts: Iterable[Sequence[int]]) -> list[int]:
    """One list of many."""
    return [number for part in parts for number in part]


def mask_of(messages: Messages, first: int = 256) -> list[int]:
    """1 for each token that the assistant has to say."""
    counted = []
    for one, ids in zip(messages, written(messages, first), strict=True):
        said = one["role"] == "assistant"
        counted += [int(said and n > 0) for n in range(len(ids))]
    return counted


def stand_ins() -> dict[str, Any]:
    """Right forms of what other answers call, by their names in the notebook."""

    def encode(messages: Messages, tokenizer: Any) -> list[int]:
        special = [tokenizer.special_tokens[mark] for mark in MARKS]
        found: list[int] = []
        for one in messages:
            role = special[("user", "assistant").index(one["role"])]
            found = [*found, role, *tokenizer.encode_ordinary(one["content"]), special[2]]
        return found

    def prompt(messages: Messages, tokenizer: Any) -> list[int]:
        found = encode(messages, tokenizer)
        found.append(tokenizer.special_tokens[MARKS[1]])
        return found

    def masked_loss(logits: Tensor, targets: Tensor) -> Tensor:
        if targets.dim() == 3 and logits.dim() == 2:
            raise ValueError("the targets came first, and then the scores")
        if logits.shape[:2] != targets.shape:
            shapes = f"{tuple(logits.shape)} and {tuple(targets.shape)}"
            raise ValueError(f"scores and targets of shapes {shapes}: not the same places")
        return mean_loss(logits, targets)

    return {
        "USER": MARKS[0], "ASSISTANT": MARKS[1], "END": MARKS[2], "encode": encode,
        "ROLES": dict(zip(("user", "assistant"), MARKS, strict=False)),
        "prompt": prompt, "masked_loss": masked_loss,
    }  # fmt: skip


def mean_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Nats, the mean over the targets that are not -1."""
    V = logits.shape[-1]
    spread = logits.logsumexp(-1) - (logits * torch.eye(V)[targets.clamp(min=0)]).sum(-1)
    kept = (targets >= 0).float()
    return (spread * kept).sum() / kept.sum().clamp(min=1)


def refuse(item: str, looked_at: str, expected: str, found: str, likely: str = "") -> None:
    """Raise what the student reads."""
    raise CheckFailed(item, looked_at=looked_at, expected=expected, found=found, likely=likely)


def explaining_first(slips: Known, tries: Iterable[tuple[Any, Known]]) -> Known:
    """The slips in another order: those first that say most often what an answer says.

    tries: of each case what was found, and what the slips would give.
    """
    agree: Counter[str] = Counter()
    for found, known in tries:
        agree.update({name for name, value in known if difference(found, value) is None})
    return sorted(slips, key=lambda slip: -agree[slip[0]])


def tried(function: Callable[..., Any], *args: Any) -> Any:
    """What a call gives; None where it fails, which is told where a check comes to it."""
    try:
        return Bounded(function, 50_000)(*args)
    except Exception:
        return None


class Endless(Exception):
    """More lines were run than any right answer needs."""


class Bounded:
    """A function that gives up after so many lines: a loop that never ends would hang the check.

    Lines of Python are counted, in the function and in what it calls. A debugger's own count goes
    on after it.
    """

    def __init__(self, answer: Callable[..., Any], lines: int = 20_000) -> None:
        self.answer, self.func, self.left = answer, answer, lines
        self.most = lines

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        before, self.left = sys.gettrace(), self.most
        sys.settrace(self._count)
        try:
            return self.answer(*args, **kwargs)
        finally:
            sys.settrace(before)

    def _count(self, frame: FrameType, event: str, arg: Any) -> Any:
        self.left -= event == "line"
        if self.left < 0:
            raise Endless("the loop never ends")
        return self._count


@dataclass
class Config:
    """What a model says of itself."""

    block_size: int = 3


class Sums(nn.Module):
    """Five tokens. Score 3 for the sum of all that it sees, without the fives; 2 for the token
    after that one; -1 for the others. As the model of this lab: (scores of the last place, None).
    """

    def __init__(self, block_size: int = 3) -> None:
        super().__init__()
        self.config = Config(block_size)
        self.seen: list[list[int]] = []

    def forward(self, idx: Tensor, targets: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        if idx.dim() != 2 or not idx.shape[1]:
            raise ValueError(f"ids of shape {tuple(idx.shape)} in the place of (B, T)")
        if idx.shape[1] > self.config.block_size:
            most = self.config.block_size
            raise ValueError(f"{idx.shape[1]} tokens are more than block_size={most}")
        self.seen += idx.tolist()
        best = idx.sum(1) % 5
        scores = torch.full((len(idx), 1, 5), -1.0)
        for row, token in zip(scores, best.tolist(), strict=True):
            row[0, token], row[0, (token + 1) % 5] = 3.0, 2.0
        return scores, None


def summed(ids: Sequence[int], count: int, end: int, block_size: int = 3) -> list[int]:
    """What `Sums` says after these ids, the likeliest each time."""
    text = list(ids)
    while len(text) < len(ids) + count:
        token = sum(text[max(0, len(text) - block_size) :]) % 5
        if token == end:
            break
        text.append(token)
    return text[len(ids) :]
