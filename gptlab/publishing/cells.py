"""What a run tells as text of the card that stays what it is: no mark-up, one line."""

from __future__ import annotations

import html
from typing import Any

__all__ = ["cell"]


def cell(value: Any) -> str:
    """Any value as text that stays what it is in a table of Markdown: no mark-up, one line."""
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    text = html.escape(" ".join(str(value).split()), quote=False)
    return "".join(f"\\{one}" if one in r"\`*_[]|~$#" else one for one in text)
