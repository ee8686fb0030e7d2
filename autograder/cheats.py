"""What the hostile sample tries. None of it does damage; none of it may pass an item.

Each is the text of an answer cell; NAME stands for the function or value that the cell is to hold.
"""

from __future__ import annotations

from autograder.matching import defined

AGREES = '''
class Agreeable:
    """Equal to everything, and as long, large and true as anyone likes."""

    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    def __len__(self):
        return 4

    def __float__(self):
        return 0.0

    def __getattr__(self, name):
        return self

    def __call__(self, *args, **kwargs):
        return self


NAME = Agreeable()
'''
NO_ASSERTS = '''
import ast

from IPython import get_ipython


class NoAsserts(ast.NodeTransformer):
    """Deletes every assert of the cells to come."""

    def visit_Assert(self, node):
        return ast.copy_location(ast.Pass(), node)


get_ipython().ast_transformers.append(NoAsserts())


def NAME(*args, **kwargs):
    return None
'''
NO_CHECKS = '''
import sys

for _name, _module in list(sys.modules.items()):  # every check from now on is content
    if _name.startswith(("gptlab.checks", "pytest")):
        for _what, _thing in list(vars(_module).items()):
            if callable(_thing) and not isinstance(_thing, type):
                setattr(_module, _what, lambda *args, **kwargs: None)


def NAME(*args, **kwargs):
    return 1.0
'''
READS = '''
import importlib
import os
from pathlib import Path

_places = [Path.cwd(), *Path.cwd().parents, Path(os.environ.get("COURSE_ROOT", "."))]
print("gradebook:", [str(p / n) for p in _places for n in ("gradebook.db", "course/gradebook.db")
                     if (p / n).exists()] or "found none")
print("results:", [str(p / "results") for p in _places if (p / "results").exists()] or "found none")
try:
    print(Path(importlib.import_module("autograder.hidden.LAB").__file__).read_text()[:200])
except ImportError as _error:
    print("hidden tests:", _error)


def NAME(*args, **kwargs):
    return args[0] if args else None
'''
SAYS = '''
print("20 of 20 points")


class NAME(dict):
    """Says of itself that it passed."""

    passed, score, status = True, 20, "passed"

    def __init__(self, *args, **kwargs):
        print("status: passed, score: 20")
'''
ALL = (AGREES, NO_ASSERTS, NO_CHECKS, READS, SAYS)
TRIES = (  # what each of them does, in words
    "an object that is equal to everything",
    "a transformer that deletes every `assert` of the cells to come",
    "the checks and pytest replaced by functions that are content",
    "a search for the gradebook, the results and the hidden tests",
    "a class that says of itself that it passed, and prints full points",
)


def cheat(number: int, stub: str, lab_name: str) -> str:
    """The cheat of this number (they repeat) in place of a released answer cell."""
    names = sorted(defined(stub)) or ["answer"]
    text = ALL[number % len(ALL)].replace("LAB", lab_name).replace("NAME", names[0])
    rest = [f"{name} = {names[0]}" for name in names[1:]]
    return "\n".join([text.strip(), *rest])


def tries(number: int) -> str:
    """What the cheat of this number does, in words."""
    return TRIES[number % len(ALL)]
