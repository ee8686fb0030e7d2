"""What dialogues are put together from: a question with its answer, and what they need before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

__all__ = ["NAMES", "Unit", "answered", "each", "filled", "introduced", "plain"]

# Common, and short enough to become one token each.
NAMES = (
    "Anna", "Ben", "Carl", "Dora", "Emma", "Finn", "Greta", "Hugo", "Ida", "Jack", "Kate", "Leo",
    "Mia", "Nora", "Oscar", "Paul", "Rosa", "Sam", "Tom", "Vera", "Will", "Zoe",
)  # fmt: skip


class Unit(NamedTuple):
    """Some turns whose last question is what is asked; a dialogue is one or more of them.

    group: units of one group are all in train or all held out. side: where it has to be, if said.
    personal: it tells or asks something about the user, which another such unit could contradict.
    """

    kind: str
    turns: tuple[tuple[str, str], ...]  # (what the user says, the answer)
    group: str
    side: str = ""  # "train", "held_out", or "": by chance
    personal: bool = False


def plain(text: str) -> str:
    """A text as somebody types it in haste: no capital, no mark at its end."""
    return text.lower().rstrip("?.!")


def each(
    kind: str, pairs: Iterable[tuple[str, str]], name: str, side: str = "", hasty: bool = False
) -> list[Unit]:
    """A unit for each question and answer; with `hasty` the question typed in haste, too.

    Both are of one group, so that no held-out question is one of training but for its capital.
    """
    made = []
    for question, answer in pairs:
        group = f"{name}: {plain(question)}"
        made.append(Unit(kind, ((question, answer),), group, side))
        if hasty and plain(question) != question:
            made.append(Unit(kind, ((plain(question), answer),), group, side))
    return made


def filled(wordings: Sequence[str], answer: str, **words: object) -> list[tuple[str, str]]:
    """The question in each wording, with the one answer."""
    return [(wording.format(**words), answer.format(**words)) for wording in wordings]


def answered(table: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    """(question, answer) of a table in which each answer has its questions."""
    return [(question, answer) for answer, questions in table.items() for question in questions]


def introduced(table: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    """The same, each question after some words that say that it comes."""
    return [(f"{word} {question}", answer) for question, answer in answered(table)
            for word in INTRODUCTIONS]  # fmt: skip


INTRODUCTIONS = ("One more question:", "Tell me:", "I want to know:", "Well.", "Please:", "Now:")
