"""What keeps a chat from going on."""

from __future__ import annotations

from gptlab.tips import see

__all__ = ["ChatError"]


class ChatError(ValueError):
    """What was found, what was expected, what to do, and where to read more.

    tip: the heading of the tips that the sentence ends with
    """

    def __init__(self, said: str, tip: str | None = None) -> None:
        super().__init__(f"{said.rstrip('.')}; {see(tip)}" if tip else said)
