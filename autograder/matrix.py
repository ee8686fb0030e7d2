"""The matrix of mistakes: proves a lab's hidden tests against its catalogue.

Every mistake loses points on its own item and on no other, and is told apart from all others; the
solution and other right answers lose nothing; an answer without thought earns at most a quarter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from autograder import diagnosis, reach, scoring, tester, variants
from autograder.catalogue import Lazy, Mistake, Right, catalogue
from autograder.results import ItemResult
from autograder.source import Lab
from gptlab.checks.causes import CAUSES

JUDGE = ("own", "reached", "all")


@dataclass(frozen=True)
class Row:
    """One variant: `problem` is empty where it did what it must; `tests` are those that failed."""

    kind: str  # solution, right, lazy or mistake
    id: str
    item: str
    problem: str
    tests: tuple[str, ...] = ()


def matrix(lab: Lab, jobs: int = 2, judge: str = "reached") -> Iterator[Row]:
    """One row a variant, in the order in which they are done; mistakes come last.

    judge: a mistake on its "own" item only; on this and on the tests that it "reached", those in
    which the code of its cell has a hand; or on "all". One that also goes through a kernel always
    is judged on all.
    """
    book = catalogue(lab.name)
    reached = reach.reach(lab) if judge == "reached" else {}
    known: dict[str, diagnosis.Replies] = {}
    ran: list[tuple[Mistake, list[tester.Outcome]]] = []
    entries = _entries(lab)
    by_id = {key: entry for key, entry, _ in entries}
    wanted = [
        variants.Variant(key, changed, _judged_on(entry, judge, reached, lab, changed))
        for key, entry, changed in entries
    ]
    for variant, outcomes in variants.run_all(lab, wanted, jobs):
        entry = by_id[variant.id]
        if isinstance(entry, Mistake):
            ran.append((entry, outcomes))
            known[entry.id] = {
                o.test: (o.passed, o.replies) for o in outcomes if o.item == entry.item
            }
        else:
            yield _row(entry, lab, outcomes)
    diagnosis.keep(lab, known)  # who grades next need not run them again
    for mistake, outcomes in ran:
        yield _mistake_row(mistake, book.MISTAKES, known, lab, outcomes)


def _entries(lab: Lab) -> list[tuple[str, Mistake | Lazy | Right, Lab]]:
    book = catalogue(lab.name)
    right = [Right("the solution"), *book.RIGHT]
    return (
        [(f"right {entry.id}", entry, entry.applied_to(lab)) for entry in right]
        + [(f"lazy {n}", entry, entry.applied_to(lab)) for n, entry in enumerate(book.LAZY)]
        + [(f"mistake {entry.id}", entry, entry.applied_to(lab)) for entry in book.MISTAKES]
    )


def _judged_on(
    entry: Mistake | Lazy | Right,
    judge: str,
    reached: dict[int, frozenset[str]],
    lab: Lab,
    changed: Lab,
) -> tuple[str, ...] | None:
    """The items and tests of a variant; None: all."""
    if isinstance(entry, Lazy):
        return (entry.item,)
    if isinstance(entry, Right) or entry.both_ways or judge == "all":
        return None
    tests = reached.get(variants.first_change(lab, changed), frozenset())
    return entry.item, *sorted(test for test in tests if tester.item_of(test) != entry.item)


def scores(lab: Lab, outcomes: list[tester.Outcome]) -> dict[str, ItemResult]:
    """Item -> result, of the items that were judged."""
    judged = {outcome.item for outcome in outcomes}
    return {
        item.id: scoring.score_tests(item, [o for o in outcomes if o.item == item.id])
        for item in lab.items
        if item.id in judged
    }


def _row(entry: Lazy | Right, lab: Lab, outcomes: list[tester.Outcome]) -> Row:
    found = scores(lab, outcomes)
    failed = tuple(outcome.test for outcome in outcomes if not outcome.passed)
    if isinstance(entry, Right):
        lost = [item.id for item in found.values() if item.score < item.max_score]
        problem = f"a right answer loses points on {', '.join(lost)}" if lost else ""
        if not outcomes:
            problem = "no test ran"
        messages = [f"{o.test}\n{o.message}" for o in outcomes if not o.passed]
        return Row("right", entry.id, "", "\n".join([problem, *messages]).strip(), failed)
    item = found[entry.item]
    problem = ""
    if item.score > round(item.max_score * scoring.WITHOUT_CORE, 2):  # as a score is rounded
        problem = f"earns {item.score} of {item.max_score} points, more than a quarter"
    return Row("lazy", f"{entry.item}: {entry.what}", entry.item, problem, failed)


def _mistake_row(
    mistake: Mistake,
    mistakes: list[Mistake],
    known: dict[str, diagnosis.Replies],
    lab: Lab,
    outcomes: list[tester.Outcome],
) -> Row:
    found = scores(lab, outcomes)
    failed = tuple(outcome.test for outcome in outcomes if not outcome.passed)
    problems = []
    cause = mistake.cause or mistake.id
    if cause not in CAUSES:
        problems.append(f"no sentence for {cause!r} in gptlab/checks/causes/")
    own = found.get(mistake.item)
    if own is None or own.score >= own.max_score:
        problems.append("is not caught")
    free = {mistake.item, *mistake.also}
    blamed = dict.fromkeys(o.item for o in outcomes if not o.passed and o.item not in free)
    if blamed:
        problems.append(f"also costs points on {', '.join(blamed)}")
    rivals = [other for other in mistakes if other.item == mistake.item]
    mine = [outcome for outcome in outcomes if outcome.item == mistake.item]
    others = {other.cause or other.id for other in diagnosis.matching(rivals, known, mine)}
    if own is not None and not problems and others != {cause}:
        problems.append(f"is not told apart from {', '.join(sorted(others - {cause}))}")
    return Row("mistake", mistake.id, mistake.item, "; ".join(problems), failed)
