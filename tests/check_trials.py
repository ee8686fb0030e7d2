"""What the tests of every lab's checks do: try right answers and wrong ones, as text of a cell."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest

from gptlab.checks import core
from gptlab.checks.causes import CAUSES


class Trial:
    """The checks of one lab, and its right answers.

    right: the text of all answers; names: item -> the name that its answer has there
    space: what a notebook holds before that text is run
    """

    def __init__(
        self, check: ModuleType, right: str, names: dict[str, str], space: dict[str, Any]
    ) -> None:
        self.check, self.right, self.names, self.space = check, right, names, space

    def notebook(self, source: str | None = None, **names: Any) -> dict[str, Any]:
        """The globals of a notebook in which this text was run, the right answers unless told."""
        space = {**self.space, **names}
        exec(compile(self.right if source is None else source, "<cell>", "exec"), space)
        return space

    def failure(self, item: str, *answers: Any) -> core.CheckFailed:
        """What the check says of a wrong answer."""
        with pytest.raises(core.CheckFailed) as caught:
            getattr(self.check, item)(*answers)
        return caught.value

    def passes(self, item: str, capsys: pytest.CaptureFixture) -> None:
        """The right answer passes, with one line. (Its seconds: `python -m benchmarks checks`.)"""
        answer = self.notebook()[self.names[item]]
        getattr(self.check, item)(answer)
        assert capsys.readouterr().out == f"{item}: right.\n"

    def told(self, item: str, cause: str, old: str, new: str) -> None:
        """With `new` for `old` in the right text, the check names this cause."""
        assert self.right.count(old) >= 1
        error = self.failure(item, self.notebook(self.right.replace(old, new))[self.names[item]])
        assert not isinstance(error, core.NotAttempted)
        assert error.likely == CAUSES[cause], str(error)
        assert error.item == item
        assert error.looked_at
