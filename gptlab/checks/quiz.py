"""Choice questions: the explanation of an option can be read only by choosing that option.

``seal`` is what release writes into a notebook, ``open`` is what a check reads from it. The seal
keeps the eye from wandering to the right answer, no more: points are decided by the grader, which
reads the letter alone.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from gptlab.checks.core import CheckFailed, NotAttempted, passed, show

LETTERS = "abcdefgh"
_MARK = "gptlab"  # opened with a wrong key, a seal does not begin with this


class WrongChoice(CheckFailed):
    """A letter that is not the right one, with the explanation of that letter."""

    def __init__(self, item: str, letter: str, explanation: str) -> None:
        super().__init__(item, looked_at=f"your answer {letter}", likely=explanation)
        self.letter = letter
        self.explanation = explanation

    def lines(self) -> list[tuple[str, str]]:
        return [("your answer", self.letter), ("why", self.explanation)]


def seal(lab: str, item: str, letter: str, text: str) -> str:
    """``text`` as letters and digits that only ``open`` with the same three names reads."""
    raw = f"{_MARK}{text}".encode()
    return base64.urlsafe_b64encode(_mixed(raw, lab, item, letter)).decode("ascii")


def open(lab: str, item: str, letter: str, sealed: str) -> str:
    """The text that was sealed; ValueError if it was sealed for another lab, item or letter."""
    try:
        raw = base64.urlsafe_b64decode("".join(sealed.split()))
        text = _mixed(raw, lab, item, letter).decode()
    except ValueError:
        text = ""
    if not text.startswith(_MARK):
        raise ValueError(f"the text of {item}, option {letter}, was changed: restore the cell")
    return text.removeprefix(_MARK).rstrip(" ")


def _mixed(raw: bytes, lab: str, item: str, letter: str) -> bytes:
    """``raw`` xor a stream of hashes of the three names: its own inverse."""
    key = f"{lab}/{item}/{letter}".encode()
    stream = b"".join(
        hashlib.sha256(key + block.to_bytes(4, "big")).digest()
        for block in range(len(raw) // 32 + 1)
    )
    return bytes(a ^ b for a, b in zip(raw, stream, strict=False))


def seal_options(lab: str, item: str, options: Mapping[str, str], right: str) -> dict[str, str]:
    """What release writes as SEALED: letter -> sealed verdict ("+" or "-") and explanation.

    options: option -> explanation, in the order in which they are lettered; right: one of them.
    """
    if right not in options:
        raise ValueError(f"{item}: the right answer {right!r} is not one of the options")
    width = max(len(explanation.encode()) for explanation in options.values())
    sealed = {}
    for letter, (option, explanation) in zip(LETTERS, options.items(), strict=False):
        text = ("+" if option == right else "-") + explanation
        # spaces, so that a long explanation does not stand out
        sealed[letter] = seal(lab, item, letter, text + " " * (width - len(explanation.encode())))
    return sealed


def letter_of(answer: Any) -> str | None:
    """The letter that a student meant ("B", " b)" and "b" are one), or None if there is none."""
    if not isinstance(answer, str):
        return None
    letter = answer.strip().rstrip(").").strip("()").strip().lower()
    return letter if len(letter) == 1 and letter in LETTERS else None


def for_lab(lab: str) -> Callable[[str, Any, Mapping[str, str]], None]:
    """The ``choice`` function of a lab's check module."""

    def choice(item: str, answer: Any, sealed: Mapping[str, str]) -> None:
        """Tell whether ``answer`` is the right letter, with the explanation of that letter."""
        wanted = f'one of the letters {", ".join(sealed)}, in quotes, as in "a"'
        if answer is None or answer == "":
            raise NotAttempted(item, expected=wanted)
        letter = letter_of(answer)
        if letter is None or letter not in sealed:
            raise CheckFailed(
                item,
                looked_at=f"choice_{item}",
                expected=wanted,
                found=show(answer),
            )
        text = open(lab, item, letter, sealed[letter])
        if not text.startswith("+"):
            raise WrongChoice(item, letter, text[1:])
        reason = text[1:].removeprefix("Right: ")
        passed(item, reason[:1].upper() + reason[1:])

    return choice
