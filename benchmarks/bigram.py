"""Counting the pairs of a text: the lab's loop, a Counter of zipped pairs, and gptlab.

The peers: the loop over pairs that a lab (and Karpathy's makemore) begins with, and the standard
library's Counter. One thread; the text is Tiny Shakespeare where it can be had, else the play.
"""

from __future__ import annotations

import itertools
from collections import Counter

import torch

from benchmarks.timing import in_turn, table
from gptlab import bigram, data


def loop(ids: list[int], size: int) -> torch.Tensor:
    """One addition a pair, as on paper."""
    counts = [[0] * size for _ in range(size)]
    for a, b in itertools.pairwise(ids):
        counts[a][b] += 1
    return torch.tensor(counts)


def counter(ids: list[int], size: int) -> torch.Tensor:
    """The standard library's way."""
    counts = torch.zeros(size, size, dtype=torch.int64)
    for (a, b), n in Counter(itertools.pairwise(ids)).items():
        counts[a, b] = n
    return counts


def main() -> None:
    """Print the table; the three give the same counts."""
    torch.set_num_threads(1)
    corpus = data.tiny_shakespeare()
    chars, stoi = bigram.build_vocabulary(corpus.text)
    ids = bigram.encode(corpus.text, stoi)
    tensor, size = torch.tensor(ids), len(chars)
    same = bigram.count_pairs(tensor, size)
    assert torch.equal(same, loop(ids, size)) and torch.equal(same, counter(ids, size))
    print(f"  {len(ids):,} characters of {corpus.name}, {size} different ones, one thread")
    table(in_turn({
        "a loop over pairs": lambda: loop(ids, size),
        "collections.Counter": lambda: counter(ids, size),
        "gptlab.bigram.count_pairs": lambda: bigram.count_pairs(tensor, size),
    }))  # fmt: skip
