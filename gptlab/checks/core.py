"""What every check is made of: the error it raises, the line it prints, and how it runs an answer.

A failed check raises one short error, so that stock nbgrader, ``nbgrader validate`` and a plain
Python script judge it alike. In IPython the error shows only its own text, without a traceback
into this package.
"""

from __future__ import annotations

import textwrap
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from gptlab import companion
from gptlab.checks.causes import CAUSES
from gptlab.checks.shown import SMALL, cut, difference, is_tensor, kind, likely_kind, show

__all__ = [
    "SMALL",
    "CheckFailed",
    "NotAttempted",
    "NotLoaded",
    "call",
    "cut",
    "equal",
    "globals_set",
    "kept",
    "kind",
    "must_be_callable",
    "namespace",
    "number_of",
    "passed",
    "show",
    "two",
]

WIDTH = 88
_LABELS = {
    "looked_at": "looked at",
    "expected": "expected",
    "found": "found",
    "likely": "likely",
    "where": "where",
}
_LIBRARIES = ("site-packages", "dist-packages", "gptlab", "/lib/python")  # in a path
_ABSENT = object()


class CheckFailed(AssertionError):
    """An answer that is not right yet; ``str()`` is the block that the student reads.

    ``likely`` may be a key of ``causes.CAUSES`` or the sentence itself. Empty fields are left out.
    """

    verdict = "not right yet"

    def __init__(
        self,
        item: str = "",
        *,
        looked_at: str = "",
        expected: str = "",
        found: str = "",
        likely: str = "",
        where: str = "",
    ) -> None:
        self.item = item
        self.looked_at = looked_at
        self.expected = expected
        self.found = found
        self.likely = CAUSES.get(likely, likely)
        self.where = where
        super().__init__(item)

    def lines(self) -> list[tuple[str, str]]:
        """The (label, text) pairs under the first line."""
        pairs = ((label, getattr(self, name)) for name, label in _LABELS.items())
        return [(label, text) for label, text in pairs if text]

    def __str__(self) -> str:
        head = f"{self.item}: {self.verdict}" if self.item else self.verdict
        pairs = self.lines()
        width = max((len(label) for label, _ in pairs), default=0) + 3
        block = [head]
        for label, text in pairs:
            first, rest = "  " + label.ljust(width), " " * (width + 2)
            for line in text.splitlines():
                block += textwrap.wrap(
                    line,
                    WIDTH,
                    initial_indent=first,
                    subsequent_indent=rest,
                    break_long_words=False,
                    break_on_hyphens=False,
                ) or [first.rstrip()]
                first = rest
        return "\n".join(block)

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of a traceback."""
        return str(self).splitlines()


class NotAttempted(CheckFailed):
    """An answer that is still the empty one: that is not the same as a wrong answer."""

    verdict = "not attempted yet"


class NotLoaded(CheckFailed):
    """An answer from a file that says something else by now: nothing is said of either."""

    verdict = "not looked at yet"


def passed(item: str, text: str = "") -> None:
    """Print the one line of a check that passed."""
    print(f"{item}: right. {text}".rstrip())


def namespace(answer: Any) -> dict[str, Any]:
    """The globals that an answer (function, partial or class) reads; {} where it has none."""
    while hasattr(answer, "func"):
        answer = answer.func
    if isinstance(answer, type):
        methods = [part for part in vars(answer).values() if hasattr(part, "__globals__")]
        return methods[0].__globals__ if methods else {}
    answer = getattr(answer, "__wrapped__", answer)
    return getattr(answer, "__globals__", {})


@contextmanager
def globals_set(answer: Any, **values: Any) -> Iterator[None]:
    """Give the globals that ``answer`` reads these values, and put the old ones back after."""
    space = namespace(answer)
    before = {name: space.get(name, _ABSENT) for name in values}
    space.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is _ABSENT:
                space.pop(name, None)
            else:
                space[name] = value


def equal(
    item: str,
    found: Any,
    expected: Any,
    *,
    looked_at: str,
    known: Mapping[str, Any] | Iterable[tuple[str, Any]] | None = None,
    likely: str = "",
) -> None:
    """Raise CheckFailed unless ``found`` is ``expected``: same type, shape and values (1e-4).

    known: cause -> the value that it leads to, so that the message can name the cause; pairs of
    them where a cause leads to more than one value
    """
    apart = difference(found, expected)
    if apart is None:
        return
    pairs = known.items() if isinstance(known, Mapping) else known or ()
    cause = next((cause for cause, value in pairs if difference(found, value) is None), "")
    likely = cause or likely or likely_kind(found, expected)
    said, seen = apart
    raise CheckFailed(item, looked_at=looked_at, expected=said, found=seen, likely=likely)


def kept(item: str, given: Any, before: Any, name: str, likely: str = "arg_changed") -> None:
    """Raise CheckFailed where a call has changed what was handed to it.

    before: a copy of ``given`` that was made before the call; name: its name, for the message
    """
    equal(item, given, before, looked_at=f"{name} after the call", likely=likely)


def number_of(found: Any) -> Any:
    """A 0-d tensor as the number in it; anything else as it is."""
    return found.item() if is_tensor(found) and found.dim() == 0 else found


def must_be_callable(item: str, answer: Any, what: str = "a function") -> None:
    """Refuse an answer that cannot be called; None is an answer that was not written.

    Also one from a file that has changed since: what is said of it would be of another text.
    """
    if answer is None:
        raise NotAttempted(item, looked_at=f"the answer cell of {item}", found="None")
    if not callable(answer):
        mine = "class" if "class" in what else "function"
        raise CheckFailed(
            item,
            looked_at=f"what was handed to check.{item}",
            expected=what,
            found=f"{kind(answer)}: {show(answer)}",
            likely=f"Hand over the {mine} itself, without brackets after its name.",
        )
    found, todo = companion.stale(namespace(answer))
    if found:
        raise NotLoaded(item, found=found, likely=todo)


def call(
    item: str,
    answer: Callable[..., Any],
    *args: Any,
    looked_at: str,
    likely: Mapping[str, str] | None = None,
    **kwargs: Any,
) -> Any:
    """Run the student's code; what it raises becomes a CheckFailed with line and error.

    likely: part of an error's text -> the cause that it points to
    """
    try:
        return answer(*args, **kwargs)
    except CheckFailed:
        raise
    except NotImplementedError as error:
        last = traceback.extract_tb(error.__traceback__)[-1].filename
        hole = companion.hole_of(error)
        if hole and hole != item:
            text, where = companion.undone(hole), _place(error)
            raise CheckFailed(item, looked_at=looked_at, found=text, where=where) from None
        if not str(error) and "site-packages" not in last:
            raise NotAttempted(item, where=_place(error)) from None
        raise _raised(item, error, looked_at, likely) from None
    except Exception as error:  # any error of the student's own code is shown as such
        raise _raised(item, error, looked_at, likely) from None


def _raised(
    item: str, error: Exception, looked_at: str, likely: Mapping[str, str] | None
) -> CheckFailed:
    """What the student's own code raised, with its line and the cause that it points to."""
    found = cut(f"{type(error).__name__}: {error}", 300)
    cause = next((cause for part, cause in (likely or {}).items() if part in found), "")
    return CheckFailed(
        item,
        looked_at=looked_at,
        expected="a result",
        found=found,
        likely=cause,
        where=_place(error),
    )


def two(
    item: str, found: Any, *, looked_at: str, likely: str = "", what: str = "two things"
) -> tuple[Any, Any]:
    """The two things that an answer returned, or CheckFailed."""
    if isinstance(found, (tuple, list)) and len(found) == 2:
        return found[0], found[1]
    number = f" of {len(found)}" if isinstance(found, (tuple, list)) else ""
    seen = f"{kind(found)}{number}: {show(found)}"
    if found is None:
        seen = "None: is a return missing?"
    raise CheckFailed(item, looked_at=looked_at, expected=what, found=seen, likely=likely)


def _place(error: BaseException) -> str:
    """The last line of the traceback that is the student's own: neither here nor in a library."""
    mine, file, own = None, "", ""
    steps = traceback.walk_tb(error.__traceback__)
    for (step, _), frame in zip(steps, traceback.extract_tb(error.__traceback__), strict=True):
        name = companion.name_of(step)
        if name or not any(part in frame.filename for part in _LIBRARIES):
            mine, file, own = frame, name, companion.line_of(step, frame.lineno or 0)
    if mine is None:
        return ""
    line = own or mine.line
    code = f": {line.strip()}" if line else ""
    return f"line {mine.lineno} of {file or 'the cell'}, in {mine.name}{code}"
