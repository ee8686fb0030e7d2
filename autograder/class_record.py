"""What a run of the sample class leaves behind: course/class.json, lab by lab.

The site's last page is drawn from it (book/_ext/class_page.py), and from the one kept there where
no class was run. It holds no date and no path.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from autograder import (
    cheats,
    collect,
    course,
    diagnosis,
    jail,
    machine,
    paths,
    report,
    results,
    sample_class,
    source,
)
from autograder.catalogue import catalogue
from autograder.grade import graded_key
from autograder.source import Lab

FORM = 1  # of the file; another one is not read
HIDDEN_TEST = re.compile(r"\btest_\w+")
HOSTILE, DAMAGED = "sample-hostile", "sample-damaged"
Entry = dict[str, Any]


def path() -> Path:
    """Where the record of this course's sample class is."""
    return paths.course() / "class.json"


def read() -> dict[str, Any]:
    """The record so far; an empty one where there is none, or of another form."""
    try:
        known = json.loads(path().read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):  # the next save writes it whole
        known = {}
    return known if known.get("form") == FORM else {"labs": {}}


def begin() -> dict[str, Any]:
    """The record to go on with: one of another machine or jail is not mixed with this one's."""
    there = {one.id for one in sample_class.members()}
    now = {
        "form": FORM,
        "machine": machine.describe(),
        "jail": jail.chosen().kind,
        "students": [{"id": one.id, "what": one.what} for one in sample_class.CLASS],
        "left_out": [one.id for one in sample_class.CLASS if one.id not in there],
    }
    known = read()
    same = all(known.get(key) == now[key] for key in ("machine", "jail"))
    return {"labs": {}, "unfinished": {}} | (known if same else {}) | now


def save(record: dict[str, Any]) -> None:
    """Keep a record, in the order of the labs; a file that says the same is left alone."""
    known = source.labs()
    labs = {name: record["labs"][name] for name in known if name in record["labs"]}
    text = json.dumps(record | {"labs": labs}, indent=1, sort_keys=True) + "\n"
    if not path().is_file() or path().read_text(encoding="utf-8") != text:
        results.write_whole(path(), text)


def entry(lab: Lab, seconds: dict[str, float]) -> Entry:
    """What there is to say of one lab, from the gradebook, the results and the collection."""
    there = {one.id for one in sample_class.members()}
    scores = {one.student: one for one in course.scores(lab.name) if one.student in there}
    return {
        "of": sum(item.points for item in lab.items),
        "scores": {
            student: {"score": round(one.score, 2), "waits": one.pending}
            for student, one in scores.items()
        },
        "cheats": _cheats(lab, scores[HOSTILE]) if HOSTILE in scores else [],
        "repaired": _repaired(lab.name),
        "flags": _flags(lab.name),
        "mistakes": _mistakes(lab),
        "seconds": {stage: round(spent, 1) for stage, spent in seconds.items()},
    }


def _cheats(lab: Lab, score: course.Score) -> list[Entry]:
    """Each item that the hostile one attacked, how, and what it earned there."""
    numbers = sample_class.cheat_numbers(lab)
    found = []
    for item in lab.items:
        if item.kind == "grade":
            number = numbers[lab.answer_of(item.id).id]
            earned, most = score.items[item.id]
            found.append({"item": item.id, "tries": cheats.tries(number),
                          "earned": round(earned or 0.0, 2), "of": most})  # fmt: skip
    return found


def _repaired(lab_name: str) -> list[str]:
    """What collect put right in the damaged one's notebook."""
    return [note for one in collect.last(lab_name) if one.student == DAMAGED for note in one.notes]


def _flags(lab_name: str) -> dict[str, list[str]]:
    """What a person should know of how a notebook ran, by student; students may read this."""
    found = {}
    for one in sample_class.members():
        known = results.load(graded_key(lab_name, one.id), paths.results())
        if known and known.flags:
            found[one.id] = [HIDDEN_TEST.sub("a hidden test", flag) for flag in known.flags]
    return found


def _mistakes(lab: Lab) -> list[Entry]:
    """The named mistakes of the class; `made`: whether the wrong one was made with it."""
    known = {mistake.id: mistake for mistake in catalogue(lab.name).MISTAKES}
    made = {mistake.id for mistake in sample_class.chosen_mistakes(lab)}
    _, lines = report.report(lab.name)
    named = [
        {"item": line.item, "id": name, "students": many, "made": name in made,
         "says": diagnosis.sentence(known[name])}
        for line in lines for name, many in line.mistakes.items()
    ]  # fmt: skip
    missed = made - {one["id"] for one in named}
    return named + [
        {"item": known[name].item, "id": name, "students": 0, "made": True,
         "says": diagnosis.sentence(known[name])}
        for name in sorted(missed)
    ]  # fmt: skip
