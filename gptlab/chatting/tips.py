"""Where each error of a chat points to: a heading of the page of tips, book/tips.md."""

from __future__ import annotations

__all__ = ["HEADINGS", "PAGE", "ChatError", "see"]

PAGE = "book/tips.md"
HEADINGS = (
    "Faster training", "Better text", "Less memory", "CUDA out of memory", "Model not found",
    "Poor text", "PowerShell execution policy",
)  # fmt: skip


def see(heading: str) -> str:
    """The pointer to a heading: "see Tips: book/tips.md, 'Model not found'". KeyError: no such."""
    if heading not in HEADINGS:
        raise KeyError(f"{heading!r} is no heading of {PAGE}: {', '.join(HEADINGS)}")
    return f"see Tips: {PAGE}, {heading!r}"


class ChatError(ValueError):
    """What keeps a chat from going on: what was found, expected, what to do, where to read more.

    tip: the heading of the page of tips that the sentence ends with
    """

    def __init__(self, said: str, tip: str | None = None) -> None:
        super().__init__(f"{said.rstrip('.')}; {see(tip)}" if tip else said)
