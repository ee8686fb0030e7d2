"""The dialogues: several thousand from templates, split into train and held out.

    made(seed)      {"train": [...], "held_out": [...]}, each {"kind": str, "messages": [...]}
    questions(...)  what is asked in a dialogue, each with what it needs from before

A held-out question never occurs in train, in no dialogue and at no place, nor typed in haste. What
is held out are other numbers, names and pairs, other wordings of what is known, and some wordings
that nothing in train has.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from gptlab.conversations.chance import Chance
from gptlab.conversations.kinds import (
    arithmetic,
    clarifying,
    definitions,
    facts,
    greetings,
    reasoning,
    unknown,
)
from gptlab.conversations.kinds.unit import Unit, plain
from gptlab.conversations.roles import Message

__all__ = ["Dialogue", "later", "made", "questions", "read", "written"]

Dialogue = dict[str, Any]  # {"kind": str, "messages": list[Message]}
FAMILIES = (greetings, facts, arithmetic, definitions, clarifying, reasoning, unknown)
# How often a kind is drawn for a longer dialogue.
WEIGHTS = {"fact": 3, "arithmetic": 4, "definition": 3, "style": 3, "clarifying": 3,
           "reasoning": 4, "unknown": 2, "memory": 2}  # fmt: skip
CHAINS = 2000  # dialogues of several units
HELD_OUT = 70  # of each kind
SHARE = 0.12  # of a kind's groups that are held out, at most
LONGEST = 540  # characters of a dialogue: less than half as many tokens


@lru_cache(maxsize=2)
def _split(seed: int) -> tuple[list[Unit], list[Unit], frozenset[str]]:
    """The units of train, those held out, and what is only asked after something else."""
    chance = Chance(seed)
    units = _different(unit for family in FAMILIES for unit in family.units(chance))
    after = frozenset(plain(asked) for unit in units for asked, _ in unit.turns[1:])
    train, held_out = [], []
    for kind in dict.fromkeys(unit.kind for unit in units):
        mine = [unit for unit in units if unit.kind == kind]
        groups = list(dict.fromkeys(unit.group for unit in mine if not unit.side))
        hidden = set(chance.some(groups, int(SHARE * len(groups))))
        for unit in mine:
            away = unit.group in hidden if not unit.side else unit.side == "held_out"
            (held_out if away else train).append(unit)
    known = {key for unit in train for key in questions(_messages([unit]), after)}
    left = [unit for unit in held_out if questions(_messages([unit]), after)[-1] not in known]
    return train, left, after


def _different(units: Iterable[Unit]) -> list[Unit]:
    """Each question once."""
    return list({tuple(asked for asked, _ in unit.turns): unit for unit in units}.values())


def later(seed: int = 1337) -> frozenset[str]:
    """What users say only after something else, in plain form: "what is it"."""
    return _split(seed)[2]


def questions(messages: Sequence[Message], after: frozenset[str]) -> list[str]:
    """Each question of a dialogue, plain, with those before it as far as it needs them.

    after: what `later` gives. "What is it?" is another question after another story.
    """
    found: list[str] = []
    for message in messages:
        if message["role"] == "user":
            said = plain(message["content"])
            found.append(f"{found[-1]} / {said}" if said in after and found else said)
    return found


@lru_cache(maxsize=2)
def _whole(seed: int) -> str:
    train, held_out, _ = _split(seed)
    chance = Chance(seed + 1)
    by_kind = {kind: [unit for unit in train if unit.kind == kind]
               for kind in ("greeting", "thanks", *WEIGHTS)}  # fmt: skip
    dialogues = [_dialogue([unit]) for unit in train]
    dialogues += [_dialogue(_chain(chance, by_kind)) for _ in range(CHAINS)]
    asked: list[Dialogue] = []
    for kind in by_kind:
        some = chance.some([unit for unit in held_out if unit.kind == kind], HELD_OUT)
        for unit in some:
            later = kind != "greeting" and chance.random() < 0.3  # a greeting comes first
            before = _chain(chance, by_kind, 1 + chance.below(2)) if later else []
            clash = unit.personal and any(one.personal for one in before)
            asked.append(_dialogue([unit] if clash else [*before, unit]))
    return json.dumps({"train": chance.shuffled(dialogues), "held_out": asked})


def _chain(
    chance: Chance, by_kind: dict[str, list[Unit]], count: int | None = None
) -> list[Unit]:  # fmt: skip
    """Some units one after the other; without a count, a few, with a hello or thanks or both."""
    row: list[Unit] = []
    if chance.random() < 0.35:
        row.append(chance.pick(by_kind["greeting"]))
    kinds = [kind for kind, often in WEIGHTS.items() for _ in range(often)]
    for _ in range(count or 2 + chance.below(2) + chance.below(2) * chance.below(4)):
        row.append(chance.pick(by_kind[chance.pick(kinds)]))
    if count is None and chance.random() < 0.3:
        row.append(chance.pick(by_kind["thanks"]))
    kept: list[Unit] = []
    for unit in row:
        size = sum(len(text) for one in [*kept, unit] for turn in one.turns for text in turn)
        if size <= LONGEST and not (unit.personal and any(one.personal for one in kept)):
            kept.append(unit)
    return kept


def _messages(units: Sequence[Unit]) -> list[Message]:
    return [
        Message(role=role, content=text)
        for unit in units for turn in unit.turns
        for role, text in zip(("user", "assistant"), turn, strict=True)
    ]  # fmt: skip


def _dialogue(units: Sequence[Unit]) -> Dialogue:
    """Of the kind of its last unit, whose answer it is judged by."""
    return {"kind": units[-1].kind, "messages": _messages(units)}


def made(seed: int = 1337) -> dict[str, list[Dialogue]]:
    """{"train": [...], "held_out": [...]}: the same on every machine and every Python."""
    return json.loads(_whole(seed))


def written(dialogues: dict[str, list[Dialogue]]) -> str:
    """As JSON lines: {"split": "train", "kind": "fact", "messages": [...]}."""
    lines = [{"split": split, **one} for split, row in dialogues.items() for one in row]
    return "".join(json.dumps(line) + "\n" for line in lines)


def read(text: str) -> dict[str, list[Dialogue]]:
    """What `written` gave. ValueError for anything else, with the line."""
    found: dict[str, list[Dialogue]] = {"train": [], "held_out": []}
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            one = json.loads(line)
            found[one["split"]].append({"kind": one["kind"], "messages": one["messages"]})
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(
                f"line {number} is no dialogue: expected {{\"split\": \"train\" or \"held_out\", "
                f"\"kind\": ..., \"messages\": [...]}}, as python -m gptlab.conversations --out "
                f"FILE writes it ({type(error).__name__}: {error})"
            ) from error
    return found
