"""What the hidden tests of lab12_chat share: tokenizers, conversations, models and right parts."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from autograder.bridge import NO_REPLY, StudentError
from autograder.reply import made
from autograder.values import Handle
from gptlab.tokenizers import GPT2_PATTERN, RegexTokenizer

__all__ = [
    "MERGED", "PLAIN", "SHIFTED", "Words", "a_talk", "asked", "nano_model", "stand_ins", "table",
]  # fmt: skip

TOLD = """
def told(function, arguments, named):
    try:
        function(*arguments, **named)
    except Exception as error:
        return str(error)[:200]

told(function, arguments, named)
"""


def asked(student: Any, name: str, *arguments: Any, **named: Any) -> Any:
    """What a function of the notebook gives; what an error says stays among the replies.

    That tells mistakes apart that raise the same in the same tests.
    """
    try:
        return student.call(name, *arguments, **named)
    except StudentError as error:
        if error.type not in NO_REPLY:
            with contextlib.suppress(StudentError):
                function = student.get(name)
                student.run(TOLD, function=function, arguments=list(arguments), named=named)
        raise error


# Tokenizers


def _learnt(byte_ids: list[int]) -> list[list[int]]:
    """Some merges: (left, right, new)."""
    maker = RegexTokenizer(GPT2_PATTERN)
    maker.train("hello there, the hat is on the mat: the rat sat there\n" * 3, 278)
    number = {byte: byte_ids[byte] for byte in range(256)}
    first = max(byte_ids) + 1
    number |= {new: first + place for place, new in enumerate(maker.merges.values())}
    return [[number[a], number[b], number[c]] for (a, b), c in maker.merges.items()]


@dataclass(frozen=True)
class Words:
    """A tokenizer, the same here and in the notebook."""

    byte_ids: tuple[int, ...]
    special: dict[str, int]
    merges: list[list[int]]

    def here(self) -> RegexTokenizer:
        """The one that expected values are made with."""
        scope: dict[str, Any] = self._known()
        exec(MAKE, scope)
        return scope["made"]

    def there(self, student: Any) -> Handle:
        """The one that the student's functions get."""
        return made(student.run(f"{MAKE}\nmade", **self._known()), "a tokenizer for the test")

    def _known(self) -> dict[str, Any]:
        return {
            "pattern": GPT2_PATTERN,
            "byte_ids": list(self.byte_ids),
            "merges": self.merges,
            "special": self.special,
        }


MAKE = """
from gptlab.tokenizers import RegexTokenizer

made = RegexTokenizer(pattern)
made._set({(left, right): new for left, right, new in merges}, byte_ids)
made.register_special_tokens(special)
"""

_AS_THEY_ARE, _MOVED = tuple(range(256)), tuple(range(9, 265))
PLAIN = Words(_AS_THEY_ARE, {"<|user|>": 256, "<|assistant|>": 257, "<|end|>": 258}, [])
MERGED = Words(
    _AS_THEY_ARE,
    {"<|end|>": 300, "<|user|>": 291, "<|assistant|>": 283},
    _learnt(list(_AS_THEY_ARE)),
)
SHIFTED = Words(  # the special ones come first, in another order, with one more among them
    _MOVED,
    {"<|assistant|>": 3, "<|endoftext|>": 0, "<|end|>": 7, "<|user|>": 5},
    _learnt(list(_MOVED)),
)

# Conversations

CONTENTS = (
    "Hi", "Yo!", "née", "日本", "2+2?", "4", "the hat is there", " ", "", "a\nb", "the mat", "ok.",
    "🙂", "is it on", "hello there, hello", "No", "\tx  y ", "ÄÖ", "the end", "user", "assistant",
)  # fmt: skip
ROLES = "user", "assistant"


def a_talk(*contents: str, count: int = 0) -> list[dict[str, str]]:
    """A conversation of these texts in turn, or of so many random ones."""
    if count:
        contents = tuple(CONTENTS[i] for i in torch.randint(len(CONTENTS), (count,)).tolist())
    return [{"role": ROLES[n % 2], "content": text} for n, text in enumerate(contents)]


# Right parts: what an answer uses of another one

RIGHT_PARTS = """
import torch
from torch.nn import functional as F

signs = {"user": "<|user|>", "assistant": "<|assistant|>"}
asked_for = []

def encode(messages, tokenizer):
    ids = []
    for message in messages:
        words = tokenizer.encode_ordinary(message["content"])
        around = signs[message["role"]], "<|end|>"
        before, after = (tokenizer.special_tokens[name] for name in around)
        ids.extend((before, *words, after))
    return ids

def prompt(messages, tokenizer):
    asked_for.append(len(messages))
    if len(asked_for) > 2000:
        raise RuntimeError("prompt was asked 2000 times: an endless loop?")
    return encode(messages, tokenizer) + [tokenizer.special_tokens["<|assistant|>"]]

def encode_with_mask(messages, tokenizer):
    ids, mask = [], []
    for message in messages:
        part = encode((message,), tokenizer)
        ids.extend(part)
        mask.extend(int(n > 0 and message["role"] == "assistant") for n in range(len(part)))
    return ids, mask

def masked_loss(logits, targets):
    losses = F.cross_entropy(logits.transpose(1, 2), targets, ignore_index=-1, reduction="sum")
    return losses / targets.ge(0).sum().clamp(min=1)

names = "encode", "prompt", "encode_with_mask", "masked_loss"
{name: globals()[name] for name in names}
"""


def stand_ins(student: Any, *names: str) -> None:
    """Put right parts in the place of these answers, so that a mistake costs once."""
    right = student.run(RIGHT_PARTS)
    student.set(**{name: right[name] for name in names})


# Models

TABLE = """
import torch
from gptlab.nano import GPT, GPTConfig

class Table(GPT):
    def __init__(self):
        sizes = {"n_layer": 1, "n_head": 1, "n_embd": 1}
        super().__init__(GPTConfig(block_size=block_size, vocab_size=len(last), **sizes))
        self.last, self.first, self.widths = last, first, []

    def forward(self, idx, targets=None):
        self.widths.append(idx.shape[1])
        scores = self.last[idx] + self.first[idx[:, :1]]
        return (scores[:, [-1]] if targets is None else scores), None

Table().eval()
"""


def table(student: Any, last: Tensor, first: Tensor | None = None, block_size: int = 8) -> Handle:
    """A GPT whose scores depend on the last id and on the first one that it is shown.

    last, first: (V, V). It notes how many ids it was shown, in `widths`.
    """
    first = torch.zeros_like(last) if first is None else first
    found = student.run(TABLE, last=last, first=first, block_size=block_size)
    return made(found, "a model for the test")


NANO = """
from gptlab.nano import GPT, GPTConfig

GPT(GPTConfig(**sizes))
"""


def nano_model(student: Any, sizes: dict[str, Any], state: dict[str, Tensor]) -> Handle:
    """A gptlab.nano.GPT with these weights."""
    model = made(student.run(NANO, sizes=sizes), "a model for the test")
    student.load(model, state)
    return model
