"""What a catalogue of wrong and right answers is made of. See autograder/mistakes/."""

from __future__ import annotations

import importlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import ModuleType

from autograder import holes
from autograder.errors import UserError
from autograder.source import Cell, Lab

KINDS_OF_LAZY = ("the input", "zeros", "a constant", "a part of it")
Body = str | tuple[str, ...]  # of a cell's only region, or of each of its regions


@dataclass(frozen=True)
class Mistake:
    """What a student really writes: `old` in the solution's text becomes `new`.

    `id` is its name, and the key of its sentence in gptlab.checks.causes unless `cause` says
    another. It must cost points on `item`, may cost them on the items in `also` (the lab's
    whole-model item), and on no other. `bugs` are its numbers in the list of known bugs.
    `both_ways`: the tests also run it in a real kernel and compare.
    """

    id: str
    item: str
    old: str
    new: str
    bugs: tuple[int, ...] = ()
    cause: str = ""
    also: tuple[str, ...] = ()
    both_ways: bool = False

    def applied_to(self, lab: Lab) -> Lab:
        """The lab with this mistake in it."""
        found = lab.text.count(self.old)
        if found != 1:
            raise UserError(
                f"mistake {self.id!r}: its old text stands {found} times in {lab.path}, "
                f"expected once: {self.old.strip().splitlines()[0][:60]!r}"
            )
        for cell in lab.cells:
            if self.old in cell.source:
                return _changed(lab, cell, cell.source.replace(self.old, self.new))
        raise UserError(f"mistake {self.id!r}: its old text reaches over more than one cell")


@dataclass(frozen=True)
class Lazy:
    """An answer without thought (the input, zeros, a constant): `body` replaces one answer."""

    item: str
    what: str
    body: Body

    def applied_to(self, lab: Lab) -> Lab:
        """The lab with this answer in it."""
        return replaced(lab, {self.item: self.body})


@dataclass(frozen=True)
class Right:
    """Answers written in another way that are just as right: item -> body."""

    id: str
    answers: dict[str, Body] = field(default_factory=dict)

    def applied_to(self, lab: Lab) -> Lab:
        """The lab with these answers in it."""
        return replaced(lab, self.answers)


def mistakes(
    wrong: Mapping[str, Mapping[str, tuple[str, str]]],
    *,
    bugs: Mapping[int, Collection[str]],
    same_cause: Mapping[str, str],
    both_ways: Collection[str],
    parts: Collection[str] = (),
) -> list[Mistake]:
    """The mistakes of a lab.

    wrong: item -> id -> (what the solution says, what the student says)
    bugs: number -> ids; same_cause: id -> key of its sentence, where that is not the id
    both_ways: ids; parts: items that the item `whole` puts together, so that it may lose points too
    """
    return [
        Mistake(
            id,
            item,
            old,
            new,
            bugs=tuple(number for number, ids in bugs.items() if id in ids),
            cause=same_cause.get(id, ""),
            also=("whole",) if item in parts else (),
            both_ways=id in both_ways,
        )
        for item, answers in wrong.items()
        for id, (old, new) in answers.items()
    ]


def lazy(no_thought: Mapping[str, Sequence[Body]]) -> list[Lazy]:
    """Lazy answers. no_thought: item -> the input, zeros, a constant and, if sensible, a part."""
    return [
        Lazy(item, what, body)
        for item, bodies in no_thought.items()
        for what, body in zip(KINDS_OF_LAZY, bodies, strict=False)
    ]


def replaced(lab: Lab, answers: Mapping[str, Body]) -> Lab:
    """The lab with the solution regions of these items written anew.

    A body is given without its outer indentation; it gets that of the region it replaces.
    """
    for item, bodies in answers.items():
        try:
            cell = lab.answer_of(item)
        except KeyError as error:
            raise UserError(f"{lab.path} has no answer {item!r} to replace") from error
        source, lines, done = "", cell.source.split("\n"), 0
        bodies = (bodies,) if isinstance(bodies, str) else bodies
        regions = [one for one in holes.find(cell.source) if not cell.file or one.item == item]
        if len(bodies) != len(regions):
            raise UserError(
                f"{lab.path}: the answer {item!r} has {len(regions)} regions, found {len(bodies)} "
                "bodies for them"
            )
        for hole, body in zip(regions, bodies, strict=True):
            inner = _dedent(body).splitlines()
            made = (hole.indent + line if line.strip() else "" for line in inner)
            source += "\n".join([*lines[done : hole.first + 1], *made, ""])
            done = hole.last
        source += "\n".join(lines[done:])
        lab = _changed(lab, cell, source)
    return lab


def _changed(lab: Lab, cell: Cell, source: str) -> Lab:
    """The lab with this cell's source. Reading all of its text anew would cost 0.1 s a variant."""
    cells = tuple(replace(c, source=source) if c is cell else c for c in lab.cells)
    return replace(lab, text=lab.text.replace(cell.source, source), cells=cells)


def _dedent(body: str) -> str:
    lines = body.strip("\n").splitlines()
    margin = min((len(x) - len(x.lstrip()) for x in lines if x.strip()), default=0)
    return "\n".join(line[margin:] for line in lines)


def catalogue(lab_name: str) -> ModuleType:
    """autograder.mistakes.<lab>, with its lists MISTAKES, RIGHT and LAZY."""
    return importlib.import_module(f"autograder.mistakes.{lab_name}")
