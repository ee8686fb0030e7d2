"""The check of lab12 on how right an answer is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any

from gptlab.checks.core import call, equal, kind, must_be_callable, passed, show, two
from gptlab.checks.lab12_stand_ins import Known, explaining_first, tried
from gptlab.checks.shown import difference

# found, wanted, exact, words in common, words of both
CASES = (
    ("It is in Rome", "it is Paris", 0.0, 2, 7),
    ("The cat sat down", "the cat sat", 0.0, 3, 7),
    ("the cat sat", "the cat sat", 1.0, 3, 6),
    ("Yes.", "yes.", 1.0, 1, 2),
    ("the the the cat", "The cat", 0.0, 2, 6),
    ("the the cat", "the the dog", 0.0, 2, 6),
    ("the cat", "the the the cat", 0.0, 2, 6),
    ("cat  the ", "the cat", 0.0, 2, 4),
    ("  It is\nParis. ", "it is paris.", 1.0, 3, 6),
    ("It is Paris", "It is Paris.", 0.0, 2, 6),
    ("Rome", "It is Paris.", 0.0, 0, 4),
    ("", "Paris", 0.0, 0, 1),
    ("Paris", "", 0.0, 0, 1),
    ("", "", 1.0, 0, 0),
)
ERRORS = {
    "ZeroDivisionError": "chat_score_empty", "division by zero": "chat_score_empty",
    "unsupported operand type(s) for &": "chat_score_lists", "float modulo": "chat_score_empty",
    "name 'Counter'": "chat_score_no_counter",
}  # fmt: skip


def score(answer: Callable[[str, str], tuple[float, float]]) -> None:
    """The pairs of the lab's table."""
    item = "score"
    must_be_callable(item, answer)
    for found, wanted, exact, shared, every in CASES:
        looked_at = f"found {found!r}, wanted {wanted!r}"
        result = call(item, answer, found, wanted, looked_at=looked_at, likely=ERRORS)
        said = two(item, result, looked_at=looked_at, what="two numbers: exact and partial",
                   likely="chat_score_one_number")  # fmt: skip
        partial = _partial(shared, every)
        known = _slips(found, wanted, exact, partial)
        right = (exact, partial)
        if difference(tuple(map(_plain, said)), right):
            known = explaining_first(known, _tries(answer))
        equal(item, tuple(map(_plain, said)), right, looked_at=looked_at, known=known,
              likely=_cause(said, exact, partial))  # fmt: skip
        if not all(type(number) is float for number in said):
            looked_at = f"{looked_at}: the type of the two"
            seen = " and ".join(kind(number) for number in said)
            equal(item, seen, "a float and a float", looked_at=looked_at, likely="chat_score_type")
    passed(item)


def _partial(shared: int, every: int) -> float:
    return 2 * shared / every if every else 1.0


def _tries(answer: Callable[..., Any]) -> Iterator[tuple[Any, Known]]:
    """Of each pair what the answer says, and what common slips would."""
    for found, wanted, exact, shared, every in CASES:
        partial = _partial(shared, every)
        said = tried(lambda *pair: tuple(map(float, answer(*pair))), found, wanted)
        yield said, _slips(found, wanted, exact, partial)


def _plain(number: Any) -> Any:
    """A number as a float, anything else as it is."""
    return float(number) if isinstance(number, (int, float)) else show(number)


def _cause(said: tuple[Any, Any], exact: float, partial: float) -> str:
    """Which of the two is off, where no slip is known."""
    if not all(isinstance(number, (int, float)) for number in said):
        return "chat_score_type"
    return "chat_score_exact" if said[0] != exact else "chat_score_partial"


def _slips(found: str, wanted: str, exact: float, partial: float) -> Known:
    """What common slips make of two answers."""
    small, asked = found.lower().split(), wanted.lower().split()
    cased = float(found.split() == wanted.split())
    same = float(found.lower() == wanted.lower())
    ordered = float(sorted(small) == sorted(asked))
    left, right = set(small), set(asked)
    both, many = len(left & right), sum(min(small.count(w), asked.count(w)) for w in left)
    inside = [sum(word in asked for word in small), sum(word in small for word in asked)]
    plain = sum(word in wanted.split() for word in set(found.split()))

    def share(part: float, whole: float) -> float:
        return part / whole if whole else partial

    def alike(one: Sequence[str], other: Sequence[str]) -> float:
        """Partial credit of these parts."""
        same = (Counter(one) & Counter(other)).total()
        return share(2 * same, len(one) + len(other))

    n, m = len(small), len(asked)
    low, high = found.lower(), wanted.lower()
    parts, others = low.split(" "), high.split(" ")
    bare, bare_asked = ([word.strip(".") for word in words] for words in (small, asked))
    at_place = sum(one == other for one, other in zip(small, asked, strict=False))
    runs = SequenceMatcher(None, small, asked, autojunk=False).get_matching_blocks()
    slips: list[tuple[str, float, float]] = [
        ("chat_score_case", cased, partial), ("chat_score_case", float(found == wanted), partial),
        ("chat_score_case", cased, share(2 * plain, n + m)),
        ("chat_score_spaces", same, partial), ("chat_score_order", ordered, partial),
        ("chat_score_sets", exact, share(2 * both, len(left) + len(right))),
        ("chat_score_sets", exact, share(2 * both, n + m)),
        ("chat_score_sets", float(left == right), share(2 * both, len(left) + len(right))),
        ("chat_score_jaccard", exact, share(both, len(left | right))),
        ("chat_score_jaccard", exact, share(many, n + m - many)),
        ("chat_score_precision", exact, share(many, n)),
        ("chat_score_recall", exact, share(many, m)),
        ("chat_score_longer", exact, share(many, max(n, m))),
        ("chat_score_shorter", exact, share(many, min(n, m))),
        ("chat_score_counted_in", exact, share(inside[0], n)),
        ("chat_score_counted_in", exact, share(inside[1], m)),
        ("chat_score_counted_in", exact, share(2 * inside[0], n + m)),
        ("chat_score_counted_in", exact, share(2 * inside[1], n + m)),
        ("chat_score_half", exact, share(many, n + m)), ("chat_score_swapped", partial, exact),
        ("chat_score_is_count", exact, float(many)), ("chat_score_exact_twice", exact, exact),
        ("chat_score_empty", exact, 0.0 if not n + m else partial),
        ("chat_score_empty", 0.0 if not n + m else exact, 0.0 if not n + m else partial),
        ("chat_score_split", float(parts == others), alike(parts, others)),
        ("chat_score_letters", exact, alike(low, high)),
        ("chat_score_letters", same, alike(low, high)),
        ("chat_score_place_by_place", exact, share(2 * at_place, n + m)),
        ("chat_score_in_order", exact, share(2 * sum(run.size for run in runs), n + m)),
        ("chat_score_points_lost", float(bare == bare_asked), alike(bare, bare_asked)),
        ("chat_score_rounded", exact, round(partial, 2)),
        ("chat_score_rounded", exact, round(partial, 1)),
        ("chat_score_percent", 100 * exact, 100 * partial),
        ("chat_score_part_of", float(wanted.lower() in found.lower()), partial),
    ]  # fmt: skip
    return [(name, (one, other)) for name, one, other in slips]
