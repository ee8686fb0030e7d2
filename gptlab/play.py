"""A generated play: the stand-in for Tiny Shakespeare where that cannot be had.

`write(n_chars, seed)` gives the same text on every machine and every Python. It has exactly
the 65 characters of Tiny Shakespeare, so "k" is number 49 and number 12 is "?" with either.

Nobody knows the entropy of English. This text is made by a rule that we know to the last digit
(`gptlab.play_grammar`), so we can say how low a loss can get on it, in nats per character:

    uniform_loss()   ln 65: a model that knows nothing
    unigram_loss()   a model that knows how often each character comes
    bigram_loss()    a model that knows the character before: what lab01 can reach at best
    entropy()        a model that knows everything: nothing can do better

All four are worked out from the rule, not measured. They are averages over an endless play;
the opening, which is always the same, does not count.
"""

import functools
import hashlib
import itertools
import math
import textwrap
from collections import Counter

from gptlab.play_grammar import RULES, SPEAKERS, State

__all__ = [
    "CHARACTERS",
    "OPENING",
    "bigram_loss",
    "entropy",
    "pair_probabilities",
    "uniform_loss",
    "unigram_loss",
    "write",
]

CHARACTERS = "\n !$&',-.3:;?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

OPENING = (
    "A GENERATED PLAY.\n"
    "This is not Shakespeare: gptlab.play wrote it, a small program that\n"
    "puts words one after another. It is worth $3 & means nothing; is that\n"
    "not quaint? Exactly sixty-five characters, jumbled and frozen!\n"
    "\n"
    "The persons of the play:\n" + textwrap.fill(", ".join(sorted(SPEAKERS)) + ".", 70) + "\n"
    "'Tis night.\n"
    "\n"
)

# Each choice is a number from 0 to 1023, so that every probability is a multiple of 1/1024.
CHOICES = 1024
MULTIPLIER, INCREMENT = 6364136223846793005, 1442695040888963407  # Knuth's MMIX generator
WORD = 2**64 - 1


def write(n_chars: int, seed: int = 1337) -> str:
    """A play of exactly `n_chars` characters; the last line is cut where the count is full.

    Errors: ValueError where `n_chars` is less than len(OPENING), which holds all 65 characters.
    """
    if n_chars < len(OPENING):
        raise ValueError(
            f"a play of {n_chars} characters was asked for; the opening, which has each of the "
            f"65 characters, takes {len(OPENING)}: ask for at least as many"
        )
    tables = _tables()
    # A hash of the seed starts the generator, so that seeds 1 and 2 have nothing in common.
    number = int.from_bytes(hashlib.sha256(f"gptlab.play {seed}".encode()).digest()[:8], "big")
    pieces, length, table = [OPENING], len(OPENING), tables["speaker"]
    while length < n_chars:
        number = (number * MULTIPLIER + INCREMENT) & WORD
        piece, table = table[number >> 54]  # the ten highest bits: the low ones are not random
        pieces.append(piece)
        length += len(piece)
    return "".join(pieces)[:n_chars]


def uniform_loss() -> float:
    """ln 65 = 4.174 nats: every character equally likely."""
    return math.log(len(CHARACTERS))


def unigram_loss() -> float:
    """The lowest loss, in nats per character, of a model that looks at nothing before."""
    return -sum(p * math.log(p) for p in _first_of_pair(pair_probabilities()).values())


def bigram_loss() -> float:
    """The lowest loss, in nats per character, of a model that looks at one character before."""
    pairs = pair_probabilities()
    before = _first_of_pair(pairs)
    return -sum(p * math.log(p / before[pair[0]]) for pair, p in pairs.items())


def entropy() -> float:
    """The lowest loss of any model, in nats per character: the entropy of the process.

    The text gives the walk among the states away, so its entropy is that of the choices:
    the mean entropy of a choice over the mean length of a piece.
    """
    visits = _visits()
    surprise = sum(visits[s] * p * -math.log(p) for s in RULES for _, _, p in _options(s))
    return surprise / _mean_length()


@functools.cache
def pair_probabilities() -> dict[str, float]:
    """How often each pair of neighbouring characters comes: {"th": 0.02, …}, sums to 1.

    A pair lies within a piece, or is the end of one and the beginning of the next.
    """
    visits, pairs = _visits(), Counter()
    beginnings = {state: Counter() for state in RULES}
    for state in RULES:
        for piece, _, p in _options(state):
            beginnings[state][piece[0]] += p
    for state in RULES:
        for piece, after, p in _options(state):
            often = visits[state] * p
            for left, right in itertools.pairwise(piece):
                pairs[left + right] += often
            for right, chance in beginnings[after].items():
                pairs[piece[-1] + right] += often * chance
    return {pair: often / _mean_length() for pair, often in sorted(pairs.items())}


def _first_of_pair(pairs: dict[str, float]) -> dict[str, float]:
    """How often each character comes, from how often each pair does."""
    singles = Counter()
    for pair, p in pairs.items():
        singles[pair[0]] += p
    return singles


def _spread(options: State) -> State:
    """The piece that each of the 1024 numbers stands for; the first ones get the most."""
    return [options[len(options) * i * i // CHOICES**2] for i in range(CHOICES)]


@functools.cache
def _tables() -> dict[str, list]:
    """For each state 1024 times (piece, the table of the next state)."""
    tables: dict[str, list] = {state: [] for state in RULES}
    for state, options in RULES.items():
        tables[state].extend((piece, tables[after]) for piece, after in _spread(options))
    return tables


@functools.cache
def _options(state: str) -> list[tuple[str, str, float]]:
    """The different pieces of a state: (piece, next state, probability)."""
    counts = Counter(_spread(RULES[state]))
    return [(piece, after, count / CHOICES) for (piece, after), count in counts.items()]


@functools.cache
def _visits() -> dict[str, float]:
    """In what share of the steps the walk is in each state (the stationary distribution).

    Grassmann, Taksar and Heyman's elimination (1985): it never subtracts, so the result is
    good to the last digits.
    """
    names = list(RULES)
    chance = {a: Counter() for a in names}
    for a in names:
        for _, b, p in _options(a):
            chance[a][b] += p
    for n in range(len(names) - 1, 0, -1):  # leave out one state after the other
        last = names[n]
        leaving = sum(chance[last][b] for b in names[:n])
        for a in names[:n]:
            chance[a][last] /= leaving
            for b in names[:n]:
                chance[a][b] += chance[a][last] * chance[last][b]
    share = {names[0]: 1.0}
    for n in range(1, len(names)):
        share[names[n]] = sum(share[a] * chance[a][names[n]] for a in names[:n])
    total = math.fsum(share.values())
    return {name: value / total for name, value in share.items()}


@functools.cache
def _mean_length() -> float:
    """Characters that a step of the walk writes, on average."""
    visits = _visits()
    return sum(visits[s] * p * len(piece) for s in RULES for piece, _, p in _options(s))
