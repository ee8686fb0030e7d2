"""The check of the four letters of lab10, "fluent text is no proof"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gptlab.checks.core import CheckFailed, NotAttempted, kind, passed, show
from gptlab.checks.lab10_numbers import refuse
from gptlab.checks.quiz import letter_of
from gptlab.tiny.faulty import KEPT, digest

BESIDE = {  # faults that begin at the same part: what tells them apart
    "ae": "wt_which_kind_two",
    "bh": "wt_which_kind",
    "cg": "wt_which_kind_three",
    "df": "wt_which_kind_four",
}


def culprits(answer: Any) -> None:
    """Four letters, one for each loader."""
    item = "culprits"
    wanted = f"a letter from a to h for each of {', '.join(KEPT)}"
    if answer is None or (isinstance(answer, Mapping) and not any(answer.values())):
        raise NotAttempted(item, expected=wanted)
    if not isinstance(answer, Mapping) or set(answer) != set(KEPT):
        keys = ", ".join(map(str, answer)) if isinstance(answer, Mapping) else show(answer)
        refuse(item, "culprits", wanted, f"{kind(answer)}: {keys}", "wt_which_words")
    letters = {name: letter_of(answer[name]) for name in KEPT}
    for name, letter in letters.items():
        if letter is None:
            cause = "wt_which_words" if answer[name] else "wt_which_left"
            refuse(item, f'culprits["{name}"]', "a letter from a to h", show(answer[name]), cause)
        if digest(name, letter) == KEPT[name]:
            continue
        pair = next(pair for pair in BESIDE if letter in pair)
        near = any(digest(name, other) == KEPT[name] for other in pair)
        cause = BESIDE[pair] if near else "wt_which_place"
        if list(letters.values()).count(letter) > 1:
            cause = "wt_which_same"
        raise CheckFailed(item, looked_at=f'culprits["{name}"]', expected="the fault that begins "
                          "where first_difference says, and looks as this one does",
                          found=show(answer[name]), likely=cause)  # fmt: skip
    passed(item)
