"""What a model cannot do, in words that follow from the figures of its run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gptlab.publishing.cells import cell

__all__ = ["Score", "limits", "number", "scores_of"]

WEAK = 0.5  # a kind of which fewer are right is named
APART = 0.1  # nats between the two losses, from which on it is said


@dataclass(frozen=True)
class Score:
    """Shares of right answers, from 0 to 1, of so many questions."""

    exact: float
    partial: float
    count: int


def number(part: Mapping[str, Any], key: str) -> Any:
    """A number that the run tells, or None."""
    found = part.get(key)
    return found if isinstance(found, (int, float)) and not isinstance(found, bool) else None


def scores_of(run: Mapping[str, Any]) -> dict[str, Score]:
    """The scores by kind, all of them together last; what is no whole score is left out."""
    told = run.get("scores")
    found = {}
    for kind, one in (told if isinstance(told, Mapping) else {}).items():
        parts = [number(one, key) for key in ("exact", "partial", "count")
                 if isinstance(one, Mapping)]  # fmt: skip
        if parts and None not in parts:
            found[str(kind)] = Score(*parts)
    if "all" in found:
        found["all"] = found.pop("all")
    return found


def limits(run: Mapping[str, Any]) -> list[str]:
    """A sentence for each, the widest first."""
    return [*_knows(run), *_wrong(scores_of(run)), *_by_heart(run), *_short(run)]


def _knows(run: Mapping[str, Any]) -> list[str]:
    data = run.get("data")
    count = number(data, "train_dialogues") if isinstance(data, Mapping) else None
    if count is None:
        return []
    return [f"It was trained on {count:,} dialogues and on nothing else: about anything that they "
            "do not say it makes something up."]  # fmt: skip


def _wrong(scores: Mapping[str, Score]) -> list[str]:
    """How often it errs, and where most."""
    said = []
    kinds = {kind: one for kind, one in scores.items() if kind != "all" and one.count}
    if (every := scores.get("all")) and every.count:
        wrong = round(every.count * (1 - every.exact))
        said.append(
            f"Of {every.count:,} questions that it had not seen, it answered {wrong:,} in other "
            f"words than the wanted ones ({1 - every.exact:.1%}). Check what it says."
        )
    weak = sorted((one.exact, cell(kind.replace("_", " "))) for kind, one in kinds.items()
                  if one.exact < WEAK)  # fmt: skip
    if weak:
        told = ", ".join(f"{kind} ({exact:.1%} exact)" for exact, kind in weak)
        said.append(f"Fewer than half of the answers are right in: {told}. Do not use it for that.")
    if kinds and (unknown := kinds.get("unknown")):
        said.append(
            f"Asked what it cannot know, it says so in the wanted words in {unknown.exact:.1%} of "
            f"{unknown.count:,} cases"
            + ("." if unknown.exact == 1 else "; in the others, something else.")
        )
    return said


def _by_heart(run: Mapping[str, Any]) -> list[str]:
    losses = run.get("losses")
    losses = losses if isinstance(losses, Mapping) else {}
    train, val = number(losses, "train"), number(losses, "val")
    if train is None or val is None or val - train < APART:
        return []
    return [f"Its loss on held-out dialogues is {val - train:.2f} nats a token above that on those "
            "it was trained on: part of them it learnt by heart."]  # fmt: skip


def _short(run: Mapping[str, Any]) -> list[str]:
    recipe = run.get("recipe")
    context = number(recipe, "block_size") if isinstance(recipe, Mapping) else None
    if context is None:
        return []
    return [f"It sees the last {context:,} tokens of a conversation and nothing before them."]
