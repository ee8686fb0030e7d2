"""Which student id stands for whom, kept in course/students.json so that it stays the same."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from autograder import paths
from autograder.errors import UserError
from autograder.handed_in import Name
from autograder.results import write_whole


class Roster:
    """Gives each student one id, whatever files they hand in, and no id to two of them."""

    def __init__(self) -> None:
        self.path: Path = paths.course() / "students.json"
        self.known: dict[str, dict] = {}  # id -> {"name", "keys"}
        if self.path.is_file():
            try:
                self.known = json.loads(self.path.read_text(encoding="utf-8"))
                self.owner = {key: id for id, one in self.known.items() for key in one["keys"]}
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                raise UserError(
                    f"{self.path}: cannot be read, expected what collect wrote. Move it away; "
                    "ids are then given anew, to most the same ones."
                ) from error
        else:
            self.owner = {}
        self.namesakes: dict[str, str] = {}  # id -> the name that several have

    def name(self, id: str) -> str:
        """The name that people use; "" where only the id is known."""
        return self.known.get(id, {}).get("name", "")

    def enrol(self, names: Iterable[Name]) -> dict[str, str]:
        """The id of each key; new ones are given and remembered."""
        names = {one.key: one for one in names}
        wanting: dict[str, set[str]] = defaultdict(set)
        for one in names.values():
            wanting[one.wanted.casefold()].add(one.key)
        for one in sorted(names.values(), key=lambda one: (bool(one.full), one.key)):
            several = len(wanting[one.wanted.casefold()]) > 1
            if one.key not in self.owner:
                self._give(one, self._id(one, several))
            if several and one.full:
                self.namesakes[self.owner[one.key]] = one.full
        return {key: self.owner[key] for key in names}

    def save(self) -> None:
        """Write it, where it changed."""
        text = json.dumps(dict(sorted(self.known.items())), indent=1, ensure_ascii=False) + "\n"
        if not self.path.is_file() or self.path.read_text(encoding="utf-8") != text:
            write_whole(self.path, text)

    def _id(self, one: Name, several: bool) -> str:
        taken = {id.casefold(): id for id in self.known}
        holder = taken.get(one.wanted.casefold())
        if holder is not None and self._same(one, holder, several):
            return holder
        if holder is None and not (several and one.full):
            return one.wanted
        made = f"{one.wanted}_{one.suffix or hashlib.sha256(one.key.encode()).hexdigest()[:6]}"
        if made.casefold() in taken:
            made += f"_{hashlib.sha256(one.key.encode()).hexdigest()[:6]}"
        return made

    def _same(self, one: Name, holder: str, several: bool) -> bool:
        """Is this somebody whom we know from another lab, or from a file with a plain name?"""
        if one.system == "plain" and not one.full:
            return one.wanted == holder  # somebody typed this very id
        kept = self.known[holder]
        if not kept["name"]:  # known by a plain id so far
            return one.system == "moodle" and not several
        lab = one.key.rsplit("/", 1)[0]  # moodle/<lab>: one number a student there
        another = any(key.rsplit("/", 1)[0] == lab for key in kept["keys"])
        alike = kept["name"].casefold() == one.full.casefold() and bool(one.full)
        return alike and (one.system == "plain" or not another)

    def _give(self, one: Name, id: str) -> None:
        if id not in self.known:
            self.known[id] = {"name": one.full, "keys": []}
        self.known[id]["keys"].append(one.key)
        self.known[id]["name"] = self.known[id]["name"] or one.full
        self.owner[one.key] = id
