"""The knobs of an answer: their ranges, what each does, and a sentence for what is out of range.

The same for the options of the command line, for `/settings` and for `gptlab.chat.reply`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

from gptlab.chatting.errors import ChatError

__all__ = ["KNOBS", "Knob", "Settings"]

OFF = ("off", "none")


@dataclass(frozen=True)
class Knob:
    """One number that changes how the model writes."""

    name: str  # as it is typed
    least: float
    most: float
    whole: bool
    does: str  # a clause that follows "It" in the text
    gap: float = 0.0  # besides 0, nothing below this
    may_be_off: bool = False

    @property
    def field(self) -> str:
        """Its name in Settings and in Python."""
        return self.name.replace("-", "_")

    def range(self) -> str:
        """Which values there are, in words."""
        kind = "a whole number " if self.whole else ""
        zero = f"0, or {self.gap:g}" if self.gap else f"{self.least:,.0f}"
        off = ", or off" if self.may_be_off else ""
        return f"{kind}{'' if self.gap else 'from '}{zero} to {self.most:,.0f}{off}"

    def read(self, text: str) -> int | float | None:
        """The value that was typed. ChatError says what the range is and what the knob does."""
        if self.may_be_off and text.strip().lower() in OFF:
            return None
        try:
            return self.checked(_number(text, self.whole))
        except (ValueError, OverflowError):
            comma = re.fullmatch(r"\s*[0-9]+,[0-9]+\s*", text) and not self.whole
            hint = f" Write it with a point: {text.strip().replace(',', '.')}." if comma else ""
            raise self.refused(repr(text), hint) from None

    def checked(self, value: Any) -> Any:
        """The value, if it is a number that lies in the range; else ChatError."""
        number = isinstance(value, Integral if self.whole else Real)
        apart = number and 0 < value < self.gap
        if not number or apart or not self.least <= value <= self.most:  # nan is in no range
            raise self.refused(repr(value))
        return value

    def refused(self, found: str, hint: str = "") -> ChatError:
        """The sentence."""
        said = f"{self.name}: found {found}, expected {self.range()}.{hint} It {self.does}"
        return ChatError(said, "Better text")


def _number(text: str, whole: bool) -> int | float:
    if whole:
        if not re.fullmatch(r"\s*[+-]?[0-9]{1,30}\s*", text):
            raise ValueError(text)
        return int(text)
    return float(text)


KNOBS = {
    knob.name: knob
    for knob in (
        Knob("max-tokens", 1, 100_000, True,
             "ends an answer that has not ended by itself: a token is a short word or a part of "
             "one"),
        Knob("temperature", 0, 10, False,
             "divides the scores before a token is drawn: 0 always takes the likeliest, below 1 is "
             "tamer, above 1 bolder", gap=0.01),
        Knob("top-k", 1, 1_000_000, True,
             "draws from the K likeliest tokens only: 1 always takes the likeliest, more than the "
             "vocabulary leaves nothing out"),
        Knob("seed", 0, 2**32 - 1, True,
             "begins the random numbers: the same seed and the same words give the same "
             "conversation", may_be_off=True),
    )
}  # fmt: skip


@dataclass
class Settings:
    """One value for each knob; the seed's own defaults."""

    max_tokens: int = 100
    temperature: float = 0.8
    top_k: int = 20
    seed: int | None = None  # another conversation each time

    def get(self, knob: Knob) -> Any:
        """The value of a knob."""
        return getattr(self, knob.field)

    def set(self, knob: Knob, text: str) -> None:
        """Change one as it was typed. ChatError: it stays as it was."""
        setattr(self, knob.field, knob.read(text))
