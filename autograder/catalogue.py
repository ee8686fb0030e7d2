"""What a catalogue of wrong and right answers is made of. See autograder/mistakes/."""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass, field
from types import ModuleType

from autograder.errors import UserError
from autograder.source import Lab, parse


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
        return parse(lab.text.replace(self.old, self.new), lab.path, lab.name)


@dataclass(frozen=True)
class Lazy:
    """An answer without thought (the input, zeros, a constant): `body` replaces one answer."""

    item: str
    what: str
    body: str

    def applied_to(self, lab: Lab) -> Lab:
        """The lab with this answer in it."""
        return replaced(lab, {self.item: self.body})


@dataclass(frozen=True)
class Right:
    """Answers written in another way that are just as right: item -> body."""

    id: str
    answers: dict[str, str] = field(default_factory=dict)

    def applied_to(self, lab: Lab) -> Lab:
        """The lab with these answers in it."""
        return replaced(lab, self.answers)


def replaced(lab: Lab, answers: dict[str, str]) -> Lab:
    """The lab with the solution regions of these items written anew.

    A body is given without its outer indentation; it gets that of the region it replaces.
    """
    text = lab.text
    for item, body in answers.items():
        pattern = re.compile(
            rf'(^# %% answer="{item}"[^\n]*\n(?:(?!^# %%).*\n)*?)'
            r"([ ]*)### BEGIN SOLUTION\n(?:.*\n)*?[ ]*### END SOLUTION\n",
            re.MULTILINE,
        )
        match = pattern.search(text)
        if match is None:
            raise UserError(f"{lab.path} has no answer {item!r} to replace")
        indent = match[2]
        lines = _dedent(body).splitlines()
        body = "".join(f"{indent}{line}\n" if line.strip() else "\n" for line in lines)
        region = f"{indent}### BEGIN SOLUTION\n{body}{indent}### END SOLUTION\n"
        text = text[: match.start()] + match[1] + region + text[match.end() :]
    return parse(text, lab.path, lab.name)


def _dedent(body: str) -> str:
    lines = body.strip("\n").splitlines()
    margin = min((len(x) - len(x.lstrip()) for x in lines if x.strip()), default=0)
    return "\n".join(line[margin:] for line in lines)


def catalogue(lab_name: str) -> ModuleType:
    """autograder.mistakes.<lab>, with its lists MISTAKES, RIGHT and LAZY."""
    return importlib.import_module(f"autograder.mistakes.{lab_name}")
