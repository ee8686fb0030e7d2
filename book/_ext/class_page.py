"""The site's last page: the report of the sample class, from what its last run left behind.

That is course/class.json of this checkout (or of COURSE_ROOT), written by `make course`; where
there is none, or one of another form, class.json beside this file, which is a copy of one.
`{sample-class} scores` is one part of the page; PARTS names them all.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

KEPT = Path(__file__).with_name("class.json")
PAGE = "book/sample_class"
FORM = 1  # autograder/class_record.py writes this one
STAGES = {  # of the record: as the page calls it
    "release": "release",
    "hand in": "hand in",
    "collect": "collect",
    "grade: start": "grade: start a jail and the tests' own process",
    "grade: mistakes": "grade: try every mistake of the catalogue",
    "grade: judge": "grade: run and judge the submissions",
    "feedback": "feedback",
}
Record = dict[str, Any]


def made(root: Path) -> Path:
    """Where the last run of this checkout keeps its record."""
    return Path(os.environ.get("COURSE_ROOT") or root / "course") / "class.json"


def read(root: Path) -> tuple[Record, Path]:
    """The record to show, and the file that it is from."""
    for path in (made(root), KEPT):
        if path.is_file():
            try:
                record = json.loads(path.read_text(encoding="utf-8"))
            except json.JSONDecodeError as error:
                raise ValueError(f"{path}: not JSON ({error}); run `make course` again") from error
            if record.get("form") == FORM and record["labs"]:
                return record, path
    raise ValueError(f"{KEPT}: no record of a sample class; copy course/class.json to it")


def row(*cells: object) -> str:
    """A line of a table."""
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def plain(text: str) -> str:
    """A text that may hold any character, with none of them taken for Markdown's."""
    return re.sub(r"([\\`*_{}\[\]<>$|~#!])", r"\\\1", text)


def short(id: str) -> str:
    """A student's name without what all of them have in front."""
    return id.removeprefix("sample-")


def there(record: Record) -> list[str]:
    """The ids of those who took part."""
    return [one["id"] for one in record["students"] if one["id"] not in record["left_out"]]


def run(record: Record) -> list[str]:
    """One sentence or two on which run this is."""
    machine, labs = record["machine"], record["labs"]
    count = sum(len(lab["scores"]) for lab in labs.values())
    lines = [
        f"{len(there(record))} students, {len(labs)} labs, {count} submissions, "
        f"{minutes(total(record))} in all, on: {machine['processor']}, {machine['cores']} cores, "
        f"Python {machine['python']}, torch {machine['torch']}."
    ]
    if record["left_out"]:
        who = " and ".join(short(id) for id in record["left_out"])
        lines += ["", f"**Left out: {who}**, since that machine has no jail to run it in."]
    return lines


def students(record: Record) -> list[str]:
    """Who they are and what each hands in."""
    lines = [row("student", "hands in"), row(":--", ":--")]
    for one in record["students"]:
        left = " (left out: no jail there)" if one["id"] in record["left_out"] else ""
        lines.append(row(f"`{one['id']}`", one["what"] + left))
    return lines


def scores(record: Record) -> list[str]:
    """Labs by students."""
    ids = there(record)
    lines = [row("lab", *map(short, ids)), row(":--", *["--:"] * len(ids))]
    for name, lab in record["labs"].items():
        found = [lab["scores"].get(id) for id in ids]
        number = f"lab {int(name[3:5])}"  # its name would push the last students off the page
        lines.append(row(number, *("" if one is None else points(one) for one in found)))
    sums = [sum(lab["scores"].get(id, {}).get("score", 0.0) for lab in record["labs"].values())
            for id in ids]  # fmt: skip
    most = sum(lab["of"] for lab in record["labs"].values())
    lines.append(row(f"**all, of {most:g}**", *(f"**{round(score, 1):g}**" for score in sums)))
    return lines


def points(one: dict[str, float]) -> str:
    """As `17.5 + 3`, which no line is broken in."""
    waits = f" + {one['waits']:g}".replace(" ", "\N{NO-BREAK SPACE}") if one["waits"] else ""
    return f"{round(one['score'], 1):g}{waits}"


def cheats(record: Record) -> list[str]:
    """What each kind of cheat earned, over all labs."""
    kinds: dict[str, list[dict[str, Any]]] = {}
    for lab in record["labs"].values():
        for one in lab["cheats"]:
            kinds.setdefault(one["tries"], []).append(one)
    if not kinds:
        return ["It took no part in this run."]
    lines = [row("what it tries", "items", "earned", "of", "most of one item"),
             row(":--", *["--:"] * 4)]  # fmt: skip
    for tries, found in kinds.items():
        share = max(one["earned"] / one["of"] for one in found)
        lines.append(row(tries, len(found), f"{sum(one['earned'] for one in found):.2f}",
                         f"{sum(one['of'] for one in found):g}", f"{share:.0%}"))  # fmt: skip
    flags = Counter(
        flag.splitlines()[0]
        for lab in record["labs"].values()
        for flag in lab["flags"].get("sample-hostile", ())
    )
    if flags:
        lines += ["", "What an instructor is told of how these notebooks ran:", ""]
        lines += [f"- {plain(flag)} ({many})" for flag, many in flags.items()]
    return lines


def repairs(record: Record) -> list[str]:
    """What collect put right, lab by lab."""
    lines = [row("lab", "what was repaired", "points"), row(":--", ":--", "--:")]
    for name, lab in record["labs"].items():
        found = lab["scores"].get("sample-damaged")
        if found:
            lines.append(row(name, "; ".join(map(plain, lab["repaired"])), points(found)))
    return lines


def mistakes(record: Record) -> list[str]:
    """How many of the mistakes that were made were named; then each, by lab."""
    every = [one for lab in record["labs"].values() for one in lab["mistakes"]]
    planted = [one for one in every if one["made"]]
    named = sum(one["students"] > 0 for one in planted)
    lines = [
        f"{len(planted)} mistakes were put into the wrong one's answers; {named} of them were "
        "found and named. One may go unnamed where another, in an answer that it builds on, "
        "changes its numbers. Others stand here too: a cheat may give the numbers of a mistake.",
        "",
    ]
    for name, lab in record["labs"].items():
        lines += [f"**{name}**", ""]
        for one in lab["mistakes"]:
            state = "" if one["students"] else ", not named"
            lines.append(f"- `{one['item']}`{state}: {plain(one['says'])}")
        lines += ["" if lab["mistakes"] else "none", ""]
    return lines


def total(record: Record) -> float:
    """Seconds of the whole run; a stage with a colon is a part of another."""
    labs = (lab["seconds"] for lab in record["labs"].values())
    return record.get("export", 0.0) + sum(
        spent for seconds in labs for stage, spent in seconds.items() if ":" not in stage
    )


def minutes(seconds: float) -> str:
    """As `6 min 40 s`."""
    whole = round(seconds)
    return f"{whole // 60} min {whole % 60} s" if whole >= 60 else f"{whole} s"


def seconds(record: Record) -> list[str]:
    """Seconds by stage, all labs; then lab by lab."""
    labs = record["labs"]
    lines = [row("stage", "seconds"), row(":--", "--:")]
    for stage, words in STAGES.items():
        spent = sum(lab["seconds"].get(stage, 0.0) for lab in labs.values())
        lines.append(row(words, f"{spent:.0f}"))
    lines.append(row("export", f"{record.get('export', 0.0):.0f}"))
    entered = sum(lab["seconds"].get("grade: gradebook", 0.0) for lab in labs.values())
    lines += ["", f"nbgrader's pass, {entered:.0f} s, takes place while other submissions are "
              "judged. A second run grades nothing.", ""]  # fmt: skip
    lines += [row("lab", "seconds"), row(":--", "--:")]
    for name, lab in labs.items():
        spent = sum(spent for stage, spent in lab["seconds"].items() if ":" not in stage)
        lines.append(row(name, f"{spent:.0f}"))
    return lines


PARTS: dict[str, Callable[[Record], list[str]]] = {
    part.__name__: part for part in (run, students, scores, cheats, repairs, mistakes, seconds)
}


class SampleClass(SphinxDirective):
    """One part of the report."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        try:
            part = PARTS[self.arguments[0]]
            record, _ = read(Path(self.env.srcdir))
        except KeyError:
            raise self.error(f"sample-class: expected one of {sorted(PARTS)}") from None
        except ValueError as problem:
            raise self.error(str(problem)) from problem
        return self.parse_text_to_nodes("\n".join(part(record)))


def again(app: Sphinx, *_: object) -> list[str]:
    """The page is read in every build: the file that it shows may have come or gone."""
    return [PAGE] if PAGE in app.env.found_docs else []


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("env-get-outdated", again)
    app.add_directive("sample-class", SampleClass)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
