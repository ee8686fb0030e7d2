"""nbgrader's converters as the course calls them: an interrupt is one, an error says what it is."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from autograder import course
from autograder.errors import UserError


class Converter:
    """In the place of one of nbgrader's."""

    def __init__(self, error: BaseException) -> None:
        self.error, self.log = error, logging.getLogger("a converter")

    def __call__(self, **_: object) -> Converter:
        return self

    def start(self) -> None:
        """As nbgrader does it: the log, and then the error."""
        self.log.error("Canceled")
        raise self.error


def test_an_interrupt_in_nbgrader_is_one_outside(course_root: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        course._run(Converter(KeyboardInterrupt()), "lab98_sample", "ada")


def test_an_error_in_nbgrader_is_a_sentence(course_root: Path) -> None:
    with pytest.raises(UserError, match="lab98_sample, ada: nbgrader stopped:"):
        course._run(Converter(ValueError("no such thing")), "lab98_sample", "ada")
