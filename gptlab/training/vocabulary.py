"""What a token is: each character of the text, or what a GPT-2's vocabulary says."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import tiktoken

from gptlab import bigram, tiny, tokenizers
from gptlab.conversations import making, words
from gptlab.tokenizers import RegexTokenizer

__all__ = ["Vocabulary", "saved_vocabulary", "vocabulary"]
END = "<|endoftext|>"


@dataclass(frozen=True)
class Vocabulary:
    """Text to ids and back. `unit`: what losses are counted by, "character" or "token"."""

    unit: str
    size: int
    sha256: str  # of all that decides which id means what
    encode: Callable[[str], list[int]] = field(repr=False, compare=False)
    decode: Callable[[Sequence[int]], str] = field(repr=False, compare=False)
    chars: tuple[str, ...] = field(default=(), repr=False)  # of characters: which has which id
    tokenizer: RegexTokenizer | None = field(default=None, repr=False, compare=False)  # of chat

    @property
    def saved(self) -> str:
        """What `saved_vocabulary` makes it of: all that depends on the text."""
        return self.tokenizer.to_json() if self.tokenizer else "".join(self.chars)


def vocabulary(tokens: str, text: str) -> Vocabulary:
    """tokens: "characters" (those of the text), "conversations" (byte pairs of those to train on,
    the text being their lines), "gpt2" or "tiny". DataError: GPT-2's files cannot be had.
    """
    if tokens == "conversations":
        return _of_chat(words.tokenizer_for(making.read(text)["train"]))
    if tokens == "characters":
        chars, stoi = bigram.build_vocabulary(text)
        encode, decode = partial(bigram.encode, stoi=stoi), partial(bigram.decode, itos=chars)
        return Vocabulary("character", len(chars), digest("".join(chars)), encode, decode,
                          tuple(chars))  # fmt: skip
    own = tokenizers.gpt2() if tokens == "gpt2" else tiny.tokenizer()
    ranks = {raw: token for token, raw in own.vocab.items()}
    # The same ids, by a loop that is compiled.
    fast = tiktoken.Encoding(tokens, pat_str=own.pattern, mergeable_ranks=ranks,
                             special_tokens=own.special_tokens)  # fmt: skip
    told = digest(repr((own.pattern, sorted(own.vocab.items()), own.special_tokens)))
    encode = partial(fast.encode, allowed_special={END})
    return Vocabulary("token", own.vocab_size, told, encode, own.decode)


def saved_vocabulary(tokens: str, saved: str) -> Vocabulary:
    """The vocabulary of a saved run. ValueError where what was saved is none."""
    if tokens == "conversations":
        return _of_chat(RegexTokenizer.from_json(saved, "the vocabulary of the run"))
    return vocabulary(tokens, saved)


def _of_chat(own: RegexTokenizer) -> Vocabulary:
    encode = partial(own.encode, allowed_special="all")
    return Vocabulary("token", own.vocab_size, digest(own.to_json()), encode, own.decode,
                      tokenizer=own)  # fmt: skip


def digest(text: str) -> str:
    """Its sha256."""
    return hashlib.sha256(text.encode()).hexdigest()
