"""Byte-pair encoding itself: which pairs to merge, and merging them. No text here, only ids.

Both functions do what the textbook does (count all pairs, merge the most frequent, begin again), at
a cost that does not grow with the length of the text times the number of merges.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from heapq import heapify, heappop, heappush
from itertools import pairwise

Pair = tuple[int, int]

__all__ = ["Pair", "learn", "merge"]


def learn(
    words: Iterable[tuple[Sequence[int], int]], count: int, first_new: int = 256
) -> dict[Pair, int]:
    """The `count` merges that training makes, in their order: pair -> new id.

    words: (ids, how often they occur); no pair reaches from one word into the next.
    At each step the most frequent pair is merged, among equals the smallest. Fewer merges come back
    where no pair is left. Pair counts are kept up to date: a merge looks only at the words that
    hold its pair.
    """
    symbols, times, counts, places = _counted(words)
    heap = [(-found, pair) for pair, found in counts.items()]
    heapify(heap)
    merges: dict[Pair, int] = {}
    while heap and len(merges) < count:
        negative, pair = heappop(heap)
        found = counts[pair]
        if found != -negative or not found:  # an old entry: it became rarer since
            if found:
                heappush(heap, (-found, pair))
            continue
        new = first_new + len(merges)
        merges[pair] = new
        grown: set[Pair] = set()
        for place in places.pop(pair):
            _merge_in(symbols[place], times[place], pair, new, counts, places, place, grown)
        counts[pair] = 0
        for other in grown:
            heappush(heap, (-counts[other], other))
    return merges


def _counted(words: Iterable[tuple[Sequence[int], int]]) -> tuple:
    """The words as lists, how often each occurs, each pair's count, and the words that hold it."""
    symbols, times = [], []
    counts: dict[Pair, int] = defaultdict(int)
    places: dict[Pair, set[int]] = defaultdict(set)
    for place, (ids, often) in enumerate(words):
        symbols.append(list(ids))
        times.append(often)
        for pair in pairwise(ids):
            counts[pair] += often
            places[pair].add(place)
    return symbols, times, counts, places


def _merge_in(
    ids: list[int], often: int, pair: Pair, new: int, counts: dict[Pair, int],
    places: dict[Pair, set[int]], place: int, grown: set[Pair],
) -> None:  # fmt: skip
    """Merge the pair inside one word, and keep the counts: two neighbours go, two come."""
    left, right = pair
    at, end = 0, len(ids) - 1
    while at < end:
        if ids[at] != left or ids[at + 1] != right:
            at += 1
            continue
        if at:
            before = ids[at - 1]
            counts[before, left] -= often
            made = (before, new)
            counts[made] += often
            places[made].add(place)
            grown.add(made)
        if at + 1 < end:
            after = ids[at + 2]
            counts[right, after] -= often
            made = (new, after)
            counts[made] += often
            places[made].add(place)
            grown.add(made)
        ids[at : at + 2] = [new]
        end -= 1
        at += 1


def merge(ids: Sequence[int], merges: Mapping[Pair, int]) -> list[int]:
    """`ids` with all merges made, the earliest learnt first, from left to right.

    A heap of the pairs that can be merged and links between neighbours: n log n for n ids, where
    the textbook goes over all of them for each merge.
    """
    found = list(ids)
    end = len(found)
    after, before = list(range(1, end + 1)), list(range(-1, end - 1))
    heap = [(merges[pair], at) for at, pair in enumerate(pairwise(found)) if pair in merges]
    heapify(heap)
    while heap:
        new, at = heappop(heap)
        right = after[at]
        # an entry is old if its left id is gone (-1), or either neighbour has changed since
        if right == end or merges.get((found[at], found[right])) != new:
            continue
        found[at], found[right] = new, -1
        following, preceding = after[right], before[at]
        after[at] = following
        if following < end:
            before[following] = at
            if (made := merges.get((new, found[following]))) is not None:
                heappush(heap, (made, at))
        if preceding >= 0 and (made := merges.get((found[preceding], new))) is not None:
            heappush(heap, (made, preceding))
    return [token for token in found if token >= 0]
