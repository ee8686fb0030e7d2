"""From outcomes of hidden tests to points: the rules, and nothing else."""

from __future__ import annotations

from autograder.results import ItemResult
from autograder.source import Item
from autograder.tester import Outcome
from gptlab.checks import quiz

WITHOUT_CORE = 0.25  # the most that an item earns when its core test fails


def score_tests(item: Item, outcomes: list[Outcome]) -> ItemResult:
    """Points times the share of tests passed; at most a quarter without the core test."""
    if not outcomes:
        return ItemResult(item.id, 0.0, item.points, "missing", ["no hidden test ran for it"])
    share = sum(outcome.passed for outcome in outcomes) / len(outcomes)
    if not all(outcome.passed for outcome in outcomes if outcome.core):
        share = min(share, WITHOUT_CORE)
    status = "passed" if share == 1 else "partial" if share > 0 else "failed"
    messages = [
        f"{title(outcome)}\n{outcome.message}".rstrip()
        for outcome in outcomes
        if not outcome.passed
    ]
    return ItemResult(item.id, round(item.points * share, 2), item.points, status, messages)


def title(outcome: Outcome) -> str:
    """A test's name in words: `test_encode__known_text` is "encode: known text"."""
    item, _, what = outcome.test.removeprefix("test_").partition("__")
    return f"{item}: {what.replace('_', ' ')}"


def score_choice(
    item: Item, answer: object, right: str, explanations: dict[str, str]
) -> ItemResult:
    """A choice: `answer` is what the student assigned, explanations are by letter."""
    chosen = quiz.letter_of(answer)
    if chosen not in explanations:
        letters = ", ".join(explanations)
        message = f"{item.id}: expected one of the letters {letters}, found {str(answer)[:40]!r}"
        status = "not_attempted" if answer is None else "failed"
        return ItemResult(item.id, 0.0, item.points, status, [message])
    message = f"{item.id}: you chose {chosen}. {explanations[chosen]}"
    earned = item.points if chosen == right else 0.0
    return ItemResult(item.id, earned, item.points, "passed" if earned else "failed", [message])
