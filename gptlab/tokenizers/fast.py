"""A tokenizer of one's own at tiktoken's speed: our merges, its encoder."""

from __future__ import annotations

from functools import cached_property

import tiktoken

from gptlab.tokenizers.openai import END_OF_TEXT
from gptlab.tokenizers.pattern import GPT2_PATTERN, RegexTokenizer

__all__ = ["GPT2LikeTokenizer"]


class GPT2LikeTokenizer(RegexTokenizer):
    """GPT-2's pattern, `vocab_size` ids of one's own with <|endoftext|> as the last.

    It is trained as a RegexTokenizer is. To encode, the merges are handed to tiktoken, whose loop
    is compiled: the ids are the same.
    """

    def __init__(self, vocab_size: int = 8000) -> None:
        super().__init__(GPT2_PATTERN)
        self.wanted = vocab_size

    def train(self, text: str, vocab_size: int | None = None) -> None:
        """Learn merges until there are `vocab_size` ids (those of the constructor), the end too."""
        super().train(text, (self.wanted if vocab_size is None else vocab_size) - 1)
        self.register_special_tokens({END_OF_TEXT: len(self.vocab)})
        self.__dict__.pop("compiled", None)

    @cached_property
    def compiled(self) -> tiktoken.Encoding:
        """The same tokenizer as tiktoken's."""
        ranks = {raw: token for token, raw in self.vocab.items()}
        return tiktoken.Encoding(
            "gptlab", pat_str=self.pattern, mergeable_ranks=ranks,
            special_tokens=self.special_tokens,
        )  # fmt: skip

    def encode_ordinary(self, text: str) -> list[int]:
        """The ids of a text in which nothing is special."""
        return self.compiled.encode_ordinary(text)
