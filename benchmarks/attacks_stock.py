"""The attacks of tests/attacks under stock nbgrader: how many of them succeed there.

python -m benchmarks.attacks_stock [ATTACK ...]

Each attack is handed in beside two honest notebooks, one graded before it and one after, in a
course folder of its own. `nbgrader autograde` runs in our jail, which stands for the instructor's
machine: what nbgrader could reach there is in it, with the same canaries, and the machine that this
runs on is not. An attack succeeds where it gets points that it does not deserve, reads a secret,
changes another's grade, stops the run, leaves processes behind, uses more than our own limits or
brings markup into the page. What only our own bridge can be told is left out, and what would take
this machine's memory through the system itself.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.table import Table

from autograder import console, jail
from autograder.errors import UserError
from autograder.paths import ROOT

TESTS = ROOT / "tests" / "attacks"
sys.path.insert(0, str(TESTS))

import corpus  # noqa: E402
import target  # noqa: E402
from attack import Attack  # noqa: E402

SECONDS = 150  # two notebooks take stock nbgrader some ten
LEFT_OUT = {
    "socket_memory": "it takes the machine's memory, and nothing here would stop it",
    "spy_on_questions": "it is about our bridge",
}
INSIDE = """
import json, sys
sys.path[:0] = {paths!r}
from benchmarks import attacks_inside
print(json.dumps(getattr(attacks_inside, {call!r})({each!r}, **json.load(sys.stdin))))
"""


class Course:
    """A stock course of the target lab, laid out as the jail sees it: code/ and each/."""

    def __init__(self, folder: Path):
        self.kind = jail.available()
        made = target.make(folder / "made")
        self.canaries = made.canaries
        self.template, self.stage = folder / "template", folder / "stage"
        self.stage.mkdir()
        made.root.rename(self.stage / "code")
        for name in ("benchmarks", "tests/attacks"):
            shutil.copytree(ROOT / name, self.stage / "code" / name)
        shutil.rmtree(self.stage / "code" / "course")
        (self.template / "course").mkdir(parents=True)
        made.home.rename(self.template / "home")
        prepared = self.run("prepare", canary=self.canaries["gradebook"])
        if "stopped" in prepared:
            raise UserError(f"The course could not be made: {prepared['stopped']}")
        self.honest = prepared["honest"]
        shutil.rmtree(self.template)
        shutil.copytree(self.stage / "each", self.template)

    @property
    def each(self) -> Path:
        """What can be written to in the jail."""
        return self.stage / "each"

    def run(self, call: str, **given: str) -> dict:
        """Call a function of attacks_inside in the jail, on a fresh copy of the course."""
        shutil.rmtree(self.each, ignore_errors=True)
        shutil.copytree(self.template, self.each)
        for path in [self.stage, self.each, *self.each.rglob("*")]:
            jail.give_away(path)
        code = self.stage / "code"
        paths = [str(code), str(code / "tests" / "attacks")]
        text = INSIDE.format(paths=paths, call=call, each=str(self.each))
        environment = {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "HOME": str(self.each / "home"),
            "GRADER_TOKEN": self.canaries["environment"],
            "TMPDIR": "/tmp",
        }
        command = self.kind.command([sys.executable, "-c", text], self.stage, environment)
        try:
            done = subprocess.run(
                command, input=json.dumps(given), capture_output=True, text=True, timeout=SECONDS
            )
        except subprocess.TimeoutExpired:
            return {"stopped": f"still running after {SECONDS} s"}
        if done.returncode or not done.stdout.strip():
            return {"stopped": f"exit code {done.returncode}: {done.stderr[-1000:]}"}
        return json.loads(done.stdout.splitlines()[-1])


def succeeded(attack: Attack, found: dict, canaries: dict[str, str]) -> list[str]:
    """What an attack reached, in words; nothing where it failed."""
    if "stopped" in found:
        return [f"the run was stopped ({found['stopped'][:60]})"]
    mine, reached = found["scores"].get("mallory") or {}, list(found["harm"])
    more = {item: (mine.get(item) or 0) - most for item, most in attack.most_points().items()}
    undeserved = sum(points for points in more.values() if points > 0)
    if undeserved:
        reached.append(f"{undeserved:g} points too many")
    read = [place for place, canary in canaries.items() if canary in found["shown"]]
    reached += [f"read: {', '.join(read)}"] if read else []
    if "ESCAPED" in found["shown"] and not read:
        reached.append("did what must be refused")
    for other in ("alice", "zoe"):
        scores = found["scores"].get(other)
        if scores is None:
            reached.append(f"{other} got no grade")
        elif scores != target.POINTS:
            reached.append(f"changed {other}'s grade")
    return reached


def chosen(names: list[str]) -> list[Attack]:
    """The attacks that mean something to stock nbgrader."""
    attacks = [one for one in corpus.ATTACKS if not one.on_bridge and one.id not in LEFT_OUT]
    return [one for one in attacks if not names or one.id in names]


def main() -> None:
    """Run them all, one after the other, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("attacks", nargs="*", metavar="ATTACK")
    wanted = chosen(parser.parse_args().attacks)
    table = Table("attack", "tried", "under stock nbgrader", title="Attacks on stock nbgrader")
    count = 0
    with tempfile.TemporaryDirectory(prefix="attacks-") as folder:
        course = Course(Path(folder))
        for attack in wanted:
            notebook = attack.notebook(course.honest, places(course))
            found = course.run("grade", notebook=notebook, canary=course.canaries["service"])
            reached = succeeded(attack, found, course.canaries)
            count += bool(reached)
            table.add_row(attack.id, attack.tries, "; ".join(reached) or "-")
            print(f"{attack.id}: {'; '.join(reached) or 'failed'}", flush=True)
    console.show(table)
    print(f"{count} of {len(wanted)} attacks succeed under stock nbgrader.")


def places(course: Course) -> dict[str, str]:
    """What stands for @name@ in an attack; the services listen inside."""
    return {
        "root": str(course.stage / "code"), "course": str(course.each / "course"),
        "home": str(course.each / "home"), "temporary": "/tmp", "lab": target.NAME,
        "grader": "2", "marker": "gptlab-marker", "port": "4711", "abstract": "gptlab-service",
    }  # fmt: skip


if __name__ == "__main__":
    main()
