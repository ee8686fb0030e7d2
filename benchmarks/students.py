"""Made-up students of a lab, always the same ones, and what each of them hands in.

Any released form of the lab can be filled in: ours, and the one that stock nbgrader makes.
"""

from __future__ import annotations

import copy
import importlib
import itertools
import random
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from autograder import release, sample_class
from autograder.catalogue import Mistake, catalogue
from autograder.paths import ROOT
from autograder.source import Lab

TURNS = (  # what ten students in a row hand in
    "every answer",
    "one mistake",
    "in another way",
    "a part of it",
    "one mistake",
    "one mistake",
    "some mistakes",
    "one mistake",
    "as released",
    "one mistake",
)
PLACE = re.compile(r"@[a-z]+@")  # what the attacks aim at stands in their text as @port@
TROUBLE = 20  # of a large class, one in so many hands in something else


@dataclass(frozen=True)
class Student:
    """id, what they hand in in words, the lab as they wrote it, and with which mistakes.

    items: those answered; None is all of them.
    """

    id: str
    what: str
    lab: Lab
    mistakes: tuple[Mistake, ...] = ()
    items: frozenset[str] | None = None

    def fill(self, blank: NotebookNode) -> NotebookNode:
        """The released notebook with this student's answers."""
        return signed(sample_class.fill(copy.deepcopy(blank), self.lab, self.items), self.id)


@dataclass(frozen=True)
class HandedIn:
    """A file of a large class. `earns`: "exact" points of an honest `student`, or "all" that a
    machine gives, "little" for a cheat, "any" for what may be past saving."""

    id: str
    what: str
    earns: str
    data: Callable[[NotebookNode], bytes]
    student: Student | None = None


def signed(nb: NotebookNode, name: str) -> NotebookNode:
    """With a name as a comment in the first answer: so no two submissions are the same, and no
    result of one serves for another."""
    next(cell for cell in nb.cells if cell.id.startswith("answer-")).source += f"\n# {name}"
    return nb


def honest(lab: Lab, count: int = 41) -> list[Student]:
    """So many students in a mixed order; the first is right, and the first ten show all kinds."""
    known = catalogue(lab.name).MISTAKES
    alone = sum(TURNS[number % len(TURNS)] == "one mistake" for number in range(count))
    singles = iter([(known[(n + 1) * len(known) // alone - 1],) for n in range(alone)])
    return [
        student(lab, number, singles if TURNS[number % len(TURNS)] == "one mistake" else None)
        for number in range(count)
    ]


def student(lab: Lab, number: int, singles: Iterator[tuple[Mistake]] | None = None) -> Student:
    """The student of this number: what they hand in goes by turns, the rest is drawn.

    singles: the single mistakes to make, one after the other; drawn where they are not given.
    """
    chance, id, what = random.Random(number), f"s{number:04}", TURNS[number % len(TURNS)]
    known, ids = catalogue(lab.name), [item.id for item in lab.items]
    if what == "one mistake":
        made = next(singles) if singles else (chance.choice(known.MISTAKES),)
    elif what == "some mistakes":
        made = several(known.MISTAKES, chance)
    else:
        made = ()
    items = None
    if what == "in another way":
        lab = chance.choice(known.RIGHT).applied_to(lab)
    elif what == "a part of it":
        items = frozenset(ids[: chance.randrange(1, len(ids))])
    elif what == "as released":
        items = frozenset()
    for mistake in made:
        lab = mistake.applied_to(lab)
    return Student(id, what, lab, made, items)


def several(known: list[Mistake], chance: random.Random) -> tuple[Mistake, ...]:
    """Two to four mistakes, each on an item of its own; at most one that shows elsewhere too."""
    found: list[Mistake] = []
    for mistake in chance.sample(known, k=chance.randint(2, 4)):
        touched = {item for one in found for item in (one.item, *one.also)}
        if not touched & {mistake.item, *mistake.also}:
            found.append(mistake)
    return tuple(found)


def mixed(lab: Lab, count: int, attacks: list[tuple[str, str]]) -> list[HandedIn]:
    """A large class: mostly `student`, and one in TROUBLE hands in something else.

    attacks: the name and the text of a cell, that some of these put into an honest notebook.
    """
    usual, harm = _troubles(lab), [_attack(lab, *one) for one in attacks]
    few = count // TROUBLE // 2 or 1  # so many of the attacks have room, from all of them
    harm = [harm[n * len(harm) // few] for n in range(few)] if harm else usual
    troubles = itertools.chain.from_iterable(zip(itertools.cycle(usual), itertools.cycle(harm)))
    found = []
    for number in range(count):
        if number % TROUBLE == TROUBLE // 2:
            found.append(next(troubles)(f"x{number:04}"))
            continue
        one = student(lab, number)
        found.append(HandedIn(one.id, one.what, "exact", _text_of(one.fill), one))
    return found


def attacks() -> list[tuple[str, str]]:
    """Name and text of each of tests/attacks. For a jail only."""
    folder = str(ROOT / "tests" / "attacks")
    if folder not in sys.path:
        sys.path.insert(0, folder)
    found = importlib.import_module("test_attacks").ATTACKS
    return [
        (one.id, PLACE.sub("9", "\n\n".join([*one.answers.values(), *one.cells.values()])))
        for one in found
    ]


def _troubles(lab: Lab) -> list[Callable[[str], HandedIn]]:
    """Makers of what is no honest work, each from a student's id."""

    def damaged(id: str) -> HandedIn:
        return HandedIn(
            id, "damaged", "all", _text_of(lambda _: signed(sample_class.damaged(lab), id))
        )

    def hostile(id: str) -> HandedIn:
        return HandedIn(
            id, "hostile", "little", _text_of(lambda _: signed(sample_class.hostile(lab), id))
        )

    def cut_short(id: str) -> HandedIn:
        whole = damaged(id).data
        return HandedIn(id, "cut short", "any", lambda blank: whole(blank)[: -1 - 10 * int(id[1:])])

    def no_notebook(id: str) -> HandedIn:
        return HandedIn(id, "no notebook", "any", lambda _: f"no notebook, {id}".encode())

    return [damaged, hostile, cut_short, no_notebook]


def _attack(lab: Lab, name: str, text: str) -> Callable[[str], HandedIn]:
    """A maker of an honest notebook with this cell after its first item."""

    def fill(blank: NotebookNode, id: str) -> NotebookNode:
        nb = Student(id, name, lab).fill(blank)
        place = next(i for i, cell in enumerate(nb.cells) if cell.id.startswith("grade-"))
        nb.cells.insert(place + 1, new_code_cell(text, id="attack"))
        return nb

    return lambda id: HandedIn(id, name, "any", _text_of(lambda blank: fill(blank, id)))


def _text_of(make: Callable[[NotebookNode], NotebookNode]) -> Callable[[NotebookNode], bytes]:
    return lambda blank: release.text_of(make(blank)).encode()
