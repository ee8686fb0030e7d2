"""Why an answer is wrong, one sentence a cause: for the checks and the catalogue of mistakes.

One module a lab, each with its CAUSES. The key is the id of the mistake in ``autograder/mistakes``;
labs share the key of a mistake that they share. A sentence says what the code does and what it
should do, in the words of the lab, without giving the line away.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

__all__ = ["CAUSES"]


def _gathered() -> dict[str, str]:
    """The sentences of all labs. ValueError where two labs word the same id differently."""
    found: dict[str, str] = {}
    for module in iter_modules(__path__):
        for key, sentence in import_module(f"{__name__}.{module.name}").CAUSES.items():
            if found.setdefault(key, sentence) != sentence:
                raise ValueError(
                    f"{module.name}: the sentence of {key!r} differs from another lab's: "
                    "leave it out to use that one, or choose another id"
                )
    return found


CAUSES: dict[str, str] = _gathered()
