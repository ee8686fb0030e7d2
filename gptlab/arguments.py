"""A command line whose errors are a sentence, for all programs of the library. torch is not needed.

python -m gptlab.train --step 5
gptlab.train: unrecognized arguments: --step 5. Did you mean --steps?
"""

from __future__ import annotations

import argparse
import difflib
import re
import sys
from typing import Any, NoReturn

__all__ = ["Parser", "called"]

# argparse's words -> what was found, what was expected.
REWORDED = (
    (r"invalid int value: (.*)", r"found \1, expected a whole number"),
    (r"invalid float value: (.*)", r"found \1, expected a number"),
    (r"invalid choice: (.*) \(choose from (.*)\)", r"found \1, expected one of \2"),
)


def called(prog: str) -> str:
    """What speaks in an error: gptlab.sample of `python -m gptlab.sample`."""
    return prog.partition(" -m ")[2] or prog.rpartition(" ")[2]


class Parser(argparse.ArgumentParser):
    """One whose errors are a sentence, without the usage of all options before it.

    An option may be written with - in the place of _, and the other way round. example: of the
    option that takes a text, as '--start="Hello, my name is"'.
    """

    def __init__(self, *, example: str = "", **given: Any) -> None:
        super().__init__(allow_abbrev=False, **given)
        self.example = example

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As argparse's own, with the options as they were added."""
        words = sys.argv[1:] if args is None else args
        return super().parse_known_args([self._spelled(word) for word in words], namespace)

    def _spelled(self, word: str) -> str:
        """--top-k=5 as --top_k=5, where the option is that one."""
        name, equals, value = word.partition("=")
        if not name.startswith("--"):
            return word
        alike = (one for one in self._option_string_actions if _plain(one) == _plain(name))
        return f"{next(alike, name)}{equals}{value}"

    def error(self, message: str) -> NoReturn:
        """Say it in a sentence, and end with exit code 2."""
        for option in self._actions:  # by one name, not by all of them
            if long := [name for name in option.option_strings if name.startswith("--")]:
                message = message.replace("/".join(option.option_strings), long[0])
        for old, new in REWORDED:
            message = re.sub(old, new, message)
        option = self.example.partition("=")[0]
        if message.startswith("unrecognized arguments: "):
            message += self._meant(message.removeprefix("unrecognized arguments: ").split(" ")[0])
        elif option and option in message and message.endswith("expected one argument"):
            message += f": {self.example} (with = a text may begin with -)"
        self.exit(2, f"{called(self.prog)}: {message}\n{self.prog} --help lists all options\n")

    def _meant(self, word: str) -> str:
        """What the first unknown word is likely to be."""
        if not word.startswith("-"):
            quotes = f". Does the prompt stand in quotes? {self.example}"
            return quotes if self.example else ". An option begins with --"
        word = _plain(word.partition("=")[0])
        names = {_plain(name): name for name in self._option_string_actions}
        begun = [name for name in names if len(word) > 2 and name.startswith(word)]
        found = begun or difflib.get_close_matches(word, names, 1)
        return f". Did you mean {names[found[0]]}?" if found else ""


def _plain(name: str) -> str:
    """--top_k and --top-k alike: top-k"""
    return name.lstrip("-").replace("_", "-")
