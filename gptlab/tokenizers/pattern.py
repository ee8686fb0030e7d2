"""Byte pairs that never reach from one word into the next, and tokens with a meaning of their own.

A pattern cuts the text into words, with the space before each; merging happens inside of them.
Special tokens such as <|endoftext|> are no text: they come out of a text only where that was
allowed, since whoever writes the text could end the conversation otherwise. The rules are
tiktoken's.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import regex

from gptlab.tokenizers import bytepairs
from gptlab.tokenizers.basic import checked_size, decoded
from gptlab.tokenizers.bytepairs import Pair

__all__ = ["GPT2_PATTERN", "GPT4_PATTERN", "RegexTokenizer"]

# What OpenAI split text by: gpt-2's encoder.py, and tiktoken's cl100k_base.
GPT2_PATTERN = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""
GPT4_PATTERN = (
    r"""'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+|"""
    r""" ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s"""
)
FORMAT = "gptlab tokenizer 1"
CACHED = 100_000  # words whose ids are kept


class RegexTokenizer:
    """Byte-pair encoding inside the words that a pattern finds.

    `merges`: pair -> new id, in the order learnt; `vocab`: id -> its bytes; `special_tokens`: text
    -> id; `byte_ids`: the id of each byte (GPT-2 numbers them in an order of its own).
    """

    def __init__(self, pattern: str = GPT4_PATTERN) -> None:
        self.pattern = pattern
        self.find_words = regex.compile(pattern).findall
        self.special_tokens: dict[str, int] = {}
        self._set({}, range(256))

    def _set(self, merges: dict[Pair, int], byte_ids: Iterable[int]) -> None:
        """Take these merges, and what follows from them."""
        self.merges, self.byte_ids = merges, list(byte_ids)
        self.vocab = {token: bytes([byte]) for byte, token in enumerate(self.byte_ids)}
        for (left, right), new in merges.items():
            self.vocab[new] = self.vocab[left] + self.vocab[right]
        self._known: dict[str, list[int]] = {}

    @property
    def vocab_size(self) -> int:
        """How many ids there are, special tokens too."""
        return len(self.vocab) + len(self.special_tokens)

    def train(self, text: str, vocab_size: int) -> None:
        """Learn merges until there are `vocab_size` ids besides the special tokens.

        Each different word is looked at once, with the number of times that it occurs.
        """
        count = checked_size(vocab_size)
        words = Counter(self.find_words(text))
        self._set(
            bytepairs.learn(((word.encode(), often) for word, often in words.items()), count),
            range(256),
        )

    def register_special_tokens(self, tokens: Mapping[str, int]) -> None:
        """Let each of these texts be one id. ValueError for an id that is taken."""
        for token, number in tokens.items():
            if not token:
                raise ValueError("a special token needs a text")
            if number in self.vocab or list(tokens.values()).count(number) > 1:
                raise ValueError(f"{token!r}: the id {number} is taken; {len(self.vocab)} is free")
        self.special_tokens = dict(tokens)

    def encode_ordinary(self, text: str) -> list[int]:
        """The ids of a text in which nothing is special."""
        found: list[int] = []
        known = self._known
        for word in self.find_words(text):
            ids = known.get(word)
            if ids is None:
                ids = self._merged(word)
            found += ids
        return found

    def _merged(self, word: str) -> list[int]:
        ids = bytepairs.merge([self.byte_ids[byte] for byte in word.encode("utf-8")], self.merges)
        if len(self._known) >= CACHED:
            self._known.clear()
        self._known[word] = ids
        return ids

    def encode(
        self,
        text: str,
        *,
        allowed_special: Collection[str] | str = (),
        disallowed_special: Collection[str] | str = "all",
    ) -> list[int]:
        """The ids of a text; special tokens in it as tiktoken has it.

        allowed_special: those that become their id, or "all".
        disallowed_special: those that are an error (ValueError), or "all", those not allowed; with
        () they are ordinary text.
        """
        every = set(self.special_tokens)
        allowed = every if allowed_special == "all" else every & set(allowed_special)
        refused = every - allowed if disallowed_special == "all" else set(disallowed_special)
        if refused and (found := _any_of(refused).search(text)):
            raise ValueError(
                f"the text holds the special token {found[0]!r} at character {found.start()}. "
                "To have its id: allowed_special={...}. To take it as ordinary text: "
                "disallowed_special=()"
            )
        if not allowed:
            return self.encode_ordinary(text)
        ids, at = [], 0
        for found in _any_of(allowed).finditer(text):
            ids += self.encode_ordinary(text[at : found.start()])
            ids.append(self.special_tokens[found[0]])
            at = found.end()
        return ids + self.encode_ordinary(text[at:])

    def decode(self, ids: Iterable[int]) -> str:
        """The text of these ids; what is no UTF-8, such as half a character, becomes U+FFFD."""
        special = {number: token.encode() for token, number in self.special_tokens.items()}
        return decoded(self.vocab | special, ids)

    def save(self, path: str | Path) -> None:
        """Write all of it into one JSON file."""
        Path(path).write_text(self.to_json() + "\n", encoding="utf-8")

    def to_json(self) -> str:
        """All of it as a text."""
        return json.dumps({
            "format": FORMAT,
            "pattern": self.pattern,
            "special_tokens": self.special_tokens,
            "byte_ids": self.byte_ids,
            "merges": [list(pair) for pair in self.merges],
        })  # fmt: skip

    @classmethod
    def load(cls, path: str | Path) -> RegexTokenizer:
        """What `save` wrote. ValueError for any other file."""
        return cls.from_json(Path(path).read_text(encoding="utf-8", errors="replace"), str(path))

    @classmethod
    def from_json(cls, text: str, called: str = "the text") -> RegexTokenizer:
        """What `to_json` gave. ValueError for any other text, which names what it is called."""
        try:
            whole = json.loads(text)
            if whole["format"] != FORMAT:
                raise ValueError(f"its format is {whole['format']!r}, expected {FORMAT!r}")
            made = cls(whole["pattern"])
            merges = {(left, right): 256 + i for i, (left, right) in enumerate(whole["merges"])}
            made._set(merges, whole["byte_ids"])
            made.register_special_tokens(whole["special_tokens"])
        except (KeyError, TypeError, ValueError, regex.error) as error:
            raise ValueError(f"{called} is no tokenizer that save() wrote: {error}") from error
        return made


def _any_of(tokens: Iterable[str]) -> regex.Pattern:
    """Any of these texts, the longest first."""
    return regex.compile("|".join(map(regex.escape, sorted(tokens, key=len, reverse=True))))
