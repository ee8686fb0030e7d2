"""What an attack is: text put into an honest notebook, and what has to come of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field

import target

# Tries something that must be refused; the word is not to be found in the notebook's own text.
ATTEMPT = """
def attempt(what, call):
    try:
        found = call()
    except BaseException as error:
        print("refused:", what, type(error).__name__)
    else:
        print("ESC" + "APED:", what, repr(found)[:2000])
"""
# The same, and what lies at a path.
LOOK = (
    ATTEMPT
    + """
import os
def read(path, most=4000):
    try:
        if os.path.isdir(path):
            return path, os.listdir(path)[:200]
        with open(path, "rb") as file:
            return path, file.read(most)
    except BaseException as error:
        return path, type(error).__name__
"""
)

# Wrong answers of the item `double`, to be seen whether they earn anything.
NONE = "\ndef double(x): return None\n"
ZEROS = "def double(x): return torch.zeros_like(x)\n"
# Of what dies in the cell of `double`, nothing that comes after it is graded.
AFTER_LOST = {"scale": 0.0, "why": 0.0, "last": 0.0}
STOPPED = "stopped after 3 s"
# Goes on whatever comes, so that what was started has the time to do harm.
WAIT = """
import time
while True:
    try:
        while True: time.sleep(0.1)
    except BaseException: pass
"""


@dataclass(frozen=True)
class Attack:
    """`answers`: item -> text of its answer cell; `cells`: where -> text of a cell that is added.

    Where: "first", "after double" (behind its grade cell) or "end". All other answers are right.
    `earns`: item -> points, for those that do not earn all of theirs; `most`: the same where chance
    has a part, so that it may be less. `says`: words of the messages and flags. `refused`: words of
    the sentence with which it is not graded at all. `noisy`: graded beside an honest notebook.
    `ends_in`: the error that a cell of it is to show, so that an attack does what it says; one of
    several, where it depends on the machine's speed.
    `on_bridge`: it is about our own bridge, and means nothing to another grader.
    """

    id: str
    tries: str
    answers: dict[str, str] = field(default_factory=dict)
    cells: dict[str, str] = field(default_factory=dict)
    earns: dict[str, float] = field(default_factory=dict)
    most: dict[str, float] = field(default_factory=dict)
    says: tuple[str, ...] = ()
    refused: str = ""
    noisy: bool = False
    ends_in: str | tuple[str, ...] = ""
    on_bridge: bool = False
    edit: Callable[[dict], None] | None = None

    def notebook(self, honest: str, places: dict[str, str]) -> str:
        """The text of its file. places: @name@ in its text -> what stands for it."""
        nb = json.loads(honest)

        def cell(kind: str, text: str) -> dict:
            for name, found in places.items():
                text = text.replace(f"@{name}@", found)
            text = text.lstrip("\n")
            made = {"cell_type": kind, "id": "mine", "metadata": {}, "source": text}
            return made | ({"outputs": [], "execution_count": None} if kind == "code" else {})

        for one in nb["cells"]:
            known = one["metadata"].get("nbgrader", {}).get("grade_id", "")
            item = known.removeprefix("answer-")
            if item != known and item in self.answers:
                one["source"] = cell("code", self.answers[item])["source"]
        for where, text in self.cells.items():
            nb["cells"].insert(_place(nb, where), cell("code", text))
        if self.edit:
            self.edit(nb)
        for number, one in enumerate(nb["cells"]):
            if one["id"] == "mine":
                one["id"] = f"mine-{number}"
        return json.dumps(nb)

    def most_points(self) -> dict[str, float]:
        """What each item may earn at the most."""
        return target.POINTS | self.earns | self.most


def _place(nb: dict, where: str) -> int:
    if where == "first":
        return 0
    if where == "end":
        return len(nb["cells"])
    ids = [one["metadata"].get("nbgrader", {}).get("grade_id") for one in nb["cells"]]
    return ids.index(where.removeprefix("after ")) + 1


def doubles(text: str) -> dict[str, str]:
    """Answers of which that to `double` is this; most attacks are on it."""
    return {"double": text}


NOTHING = {"double": 0.0}  # what a wrong answer to `double` earns
SHAPE_ONLY = {"double": 1.0}  # a quarter of it: the shape is right, the numbers are not
