"""What a person reads after `collect`: what to look at first, then what was repaired."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from autograder import console
from autograder.incoming import Incoming

if TYPE_CHECKING:
    from autograder.collect import Collected

MOST_ROWS = 40  # students whose repairs are listed one by one


def show(lab_name: str, done: list[Collected], files: Incoming, in_place: bool) -> None:
    """Print the report of one run."""
    rows = [(one, f"NO SUBMISSION: {one.problem}") for one in done if one.problem]
    rows += [(one, text) for one in done for text in one.look]
    _table(f"{lab_name}: a person must look at these", rows)
    _repaired(lab_name, [one for one in done if one.notes])
    for one in done:
        if one.aside and not one.problem:
            print(f"  {one.student}: {one.file} counts, put aside: {', '.join(one.aside)}")
    late = [one.student for one in done if one.late]
    if late:
        print(f"  late, as Canvas says: {', '.join(late)}")
    if not files.dates_known:
        print("  when they were handed in is not known: the dates are those of the download")
    for why, many in Counter(files.ignored.values()).items():
        print(f"  {_files(many)} left alone: {why}")
    bad = [one for one in done if one.problem]
    looks = [one for one in done if one.look and not one.problem]
    new = sum(one.changed for one in done)
    state = "were looked through where they are" if in_place else f"{new} of them new or changed"
    print(
        f"{lab_name}: {len(done) - len(bad)} submissions, {state}; "
        f"{len(bad)} without a submission, {len(looks)} more to look at"
    )


def _repaired(lab_name: str, done: list[Collected]) -> None:
    if len(done) <= MOST_ROWS:
        _table(f"{lab_name}: repaired", [(one, "\n".join(one.notes)) for one in done])
        return
    kinds = Counter(re.sub(r"\d+", "some", note) for one in done for note in one.notes)
    table = Table("notebooks", "what", title=f"{lab_name}: repaired (the report says whose)")
    for note, many in kinds.most_common():
        table.add_row(str(many), Text(note))
    console.show(table)


def _table(title: str, rows: list[tuple[Collected, str]]) -> None:
    if not rows:
        return
    table = Table("student", "file", "what", title=title, show_lines=True)
    for one, text in rows:
        who = f"{one.student}\n{one.name}" if one.name else one.student
        table.add_row(Text(who), Text(one.file), Text(text))
    console.show(table)


def _files(many: int) -> str:
    return "1 file" if many == 1 else f"{many} files"
