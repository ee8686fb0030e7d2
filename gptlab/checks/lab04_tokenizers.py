"""The checks of lab04: one function an item. All numbers are those worked by hand in the lab.

lab04_plain.py has characters, bytes and pairs, lab04_training.py byte-pair encoding, lab04_words.py
words and special tokens, lab04_files.py GPT-2's files and the shortest text that fails. What an
answer builds on is replaced by stand-ins, so that each answer is judged alone.
"""

from __future__ import annotations

from gptlab.checks import quiz
from gptlab.checks.lab04_files import gpt2, shrink
from gptlab.checks.lab04_plain import chars, get_stats, merge, simple
from gptlab.checks.lab04_training import decode, encode, train
from gptlab.checks.lab04_words import regex, special

__all__ = [
    "chars",
    "choice",
    "decode",
    "encode",
    "get_stats",
    "gpt2",
    "merge",
    "regex",
    "shrink",
    "simple",
    "special",
    "train",
]

choice = quiz.for_lab("lab04_tokenizers")
