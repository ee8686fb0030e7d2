"""The vocabulary of a chat model: byte pairs of the dialogues that it is trained on."""

from __future__ import annotations

from collections.abc import Sequence

from gptlab.conversations.making import Dialogue
from gptlab.conversations.roles import SPECIAL
from gptlab.tokenizers import GPT2_PATTERN, RegexTokenizer

__all__ = ["VOCAB_SIZE", "tokenizer_for"]

VOCAB_SIZE = 896  # 256 bytes, 637 merges, three special tokens


def tokenizer_for(dialogues: Sequence[Dialogue], vocab_size: int = VOCAB_SIZE) -> RegexTokenizer:
    """A vocabulary of so many ids, learnt from these dialogues; the special tokens come last.

    There are fewer ids where the dialogues hold fewer different pairs.
    """
    made = RegexTokenizer(GPT2_PATTERN)
    texts = [one["content"] for dialogue in dialogues for one in dialogue["messages"]]
    made.train("\n".join(texts), vocab_size - len(SPECIAL))
    first = len(made.vocab)
    made.register_special_tokens({token: first + place for place, token in enumerate(SPECIAL)})
    return made
