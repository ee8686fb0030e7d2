"""How right an answer is: the same words, or some of them."""

from __future__ import annotations

from collections import Counter

__all__ = ["score"]


def score(found: str, wanted: str) -> tuple[float, float]:
    """(exact, partial), each from 0 to 1; neither case nor the number of spaces counts.

    partial: the F1 of the words, each as often as it occurs; Rajpurkar et al. 2016 (SQuAD), section
    6.1, who also take out articles and punctuation.
    """
    said, asked = found.lower().split(), wanted.lower().split()
    exact = float(said == asked)
    shared = sum((Counter(said) & Counter(asked)).values())
    if not shared:
        return exact, exact
    return exact, 2 * shared / (len(said) + len(asked))
