"""The check of lab11 on the letter: as a dictionary, and as the page reads its cell."""

from __future__ import annotations

import sys
from typing import Any

from gptlab import letter as letters
from gptlab.checks.core import NotAttempted, passed, show
from gptlab.checks.lab11_parts import refuse

LIMITS = {  # setting: what it may be, and how that is said
    "temperature": (lambda v: isinstance(v, int | float) and 0 <= v <= 1000, "a number from 0 on"),
    "top_k": (lambda v: v is None or (isinstance(v, int) and v >= 1), "a whole number from 1 on"),
    "seed": (lambda v: isinstance(v, int), "a whole number"),
}


def letter(answer: Any) -> None:
    """The form of the letter; what is in it is between you and your class."""
    item = "letter"
    blank = isinstance(answer, dict) and not (answer.get("letter") or answer.get("prompt"))
    if answer is None or blank:
        raise NotAttempted(item, looked_at="letter", found="prompt and letter are still empty")
    try:
        read = letters.read(answer)
    except ValueError as error:
        refuse(item, "letter", "as in the cell that you were given", str(error))
    if read.letter == read.prompt.strip():
        refuse(item, "letter", "what your model wrote", "the prompt alone", "smp_letter_is_prompt")
    for name, (fits, said) in LIMITS.items():
        where, given = f'letter["settings"]["{name}"]', answer["settings"]
        if name not in given:
            refuse(item, where, said, "there is none", "smp_letter_setting")
        if isinstance(given[name], bool) or not fits(given[name]):
            refuse(item, where, said, show(given[name]), "smp_letter_setting")
    if trouble := _unread(answer):
        passed(item, f"But the page cannot read it: {trouble}")
        return
    shown = "It will be shown to your class" if read.agree else "It stays with your instructor"
    passed(item, f"{shown}, {'signed ' + read.name if read.name else 'without a name'}.")


def _unread(answer: dict[str, Any]) -> str:
    """Why the page will not find this letter in the cell that made it; "" where it will."""
    codes = [code for code in reversed(_cells()) if letters.assigns(code)]
    if not codes:
        return ""  # no notebook
    try:
        if letters.value_of(codes[0]) == answer:
            return ""
    except ValueError as error:
        return f"{error}."
    return "it was changed after its cell had run. Write all of it there, and run that cell."


def _cells() -> list[str]:
    """The code of the cells that ran, the last one last."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return list(getattr(getattr(shell, "history_manager", None), "input_hist_raw", []))
