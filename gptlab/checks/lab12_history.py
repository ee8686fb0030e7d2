"""The check of lab12's fit: what stays of a conversation that is too long."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from itertools import pairwise
from typing import Any

from gptlab.checks.core import (
    call,
    equal,
    globals_set,
    kept,
    must_be_callable,
    passed,
)  # fmt: skip
from gptlab.checks.lab12_stand_ins import (
    LAST_ASKS,
    OLDEST_SHORT,
    Bounded,
    Known,
    Messages,
    explaining_first,
    joined,
    refuse,
    stand_ins,
    talk,
    toy,
    tried,
    written,
)  # fmt: skip

FIT_ERRORS = {
    "the loop never ends": "chat_fit_endless", "pop from empty": "chat_fit_endless",
    "list index out of range": "chat_fit_emptied", "argument of type": "chat_fit_ids",
    "string indices must be": "chat_fit_one_message", "not subscriptable": "chat_fit_room_order",
    "'dict' object": "chat_fit_one_message",
}  # fmt: skip
# Room -> how many of the five messages stay. Their prompts have 23, 19, 14, 10 and 6 tokens.
KEPT = ((23, 5), (99, 5), (3, 1), (10, 1), (18, 3), (22, 3), (14, 3), (13, 1), (6, 1), (0, 1))


def fit(answer: Callable[..., Messages]) -> None:
    """Five messages in rooms from 99 tokens to none; fewer; the longer turn last; merged words."""
    item = "fit"
    must_be_callable(item, answer)
    with globals_set(answer, **stand_ins()):
        for room, count in KEPT:
            _fitted(item, answer, LAST_ASKS, room, count)
        _fitted(item, answer, talk("Hi"), 2, 1)
        _fitted(item, answer, LAST_ASKS[:3], 9, 1)
        for room, count in ((16, 3), (14, 1)):
            _fitted(item, answer, OLDEST_SHORT, room, count)
        for room, count in ((22, 5), (21, 3)):
            _fitted(item, answer, LAST_ASKS, room, count, first=300)
    passed(item)


def _fitted(
    item: str, answer: Callable[..., Messages], messages: Messages, room: int, count: int,
    first: int = 256,
) -> None:  # fmt: skip
    """What stays of these messages in this room."""
    sizes = _sizes(messages, first)
    cut = " or ".join(map(str, sizes[::2]))
    texts = ", ".join(one["content"] for one in messages) + " (Hi is one token)" * (first == 300)
    looked_at = f"{texts}: with whole turns cut, a prompt of {cut} tokens; room={room}"
    given = deepcopy(messages)
    found = call(item, Bounded(answer), given, toy(first), room, looked_at=looked_at,
                 likely=FIT_ERRORS)  # fmt: skip
    kept(item, given, messages, "messages", likely="chat_fit_changed")
    if isinstance(found, list) and found and isinstance(found[0], str):
        refuse(item, looked_at, "messages, each a dict", "their words", "chat_fit_texts")
    known = explaining_first(
        [(name, _texts(one)) for name, one in _fit_slips(messages, sizes, room, count)],
        _tries(answer) if _texts(found) != _texts(messages[-count:]) else [],
    )
    if first == 300:  # where each byte is a token, these are right
        known.insert(0, ("chat_fit_bytes", _texts(messages[-_fitting(messages, room) :])))
    known.insert(0, ("chat_fit_none_left", []))
    if isinstance(found, list) and _same_in_all(answer):
        known.insert(0, ("chat_fit_room_ignored", _texts(found)))
    equal(item, _texts(found), _texts(messages[-count:]), looked_at=looked_at, known=known,
          likely=_fit_cause(found))  # fmt: skip


def _tries(answer: Callable[..., Messages]) -> Iterator[tuple[Any, Known]]:
    """In each room what stays, and what would after common slips."""
    size = _sizes(LAST_ASKS)
    for room, count in KEPT:
        slips = [(name, _texts(one)) for name, one in _fit_slips(LAST_ASKS, size, room, count)]
        found = tried(answer, deepcopy(LAST_ASKS), toy(), room)
        yield _texts(found), slips


def _same_in_all(answer: Callable[..., Messages]) -> bool:
    """Whether some, and always the same, messages stay, however large the room is."""
    first, *others = (tried(answer, deepcopy(LAST_ASKS), toy(), room) for room in (99, 14, 0))
    return others == [first, first] and first not in (None, LAST_ASKS, LAST_ASKS[-1:], [])


def _texts(found: Any) -> Any:
    """A list of messages of the example as their texts, which tell them apart; else as it is."""
    if isinstance(found, list) and all(one in LAST_ASKS for one in found):
        return [one["content"] for one in found]
    return found


def _fit_cause(found: Any) -> str:
    if isinstance(found, dict):
        return "chat_fit_one_message"
    if hasattr(found, "tolist") or (isinstance(found, list) and found
                                    and isinstance(found[0], int)):  # fmt: skip
        return "chat_fit_ids"
    return ""


def _with_gaps(messages: Messages, size: list[int], room: int, right: Messages) -> Known:
    """What is left of two turns and a question where the longer goes, or all stay that fit."""
    if len(messages) < 5:
        return []
    first, second = size[0] - size[2], size[2] - size[4]  # tokens of the two turns
    longest = messages[2:] if first >= second else messages[:2] + messages[4:]
    left = size[4] + min(first, second)
    slips: Known = []
    if size[0] > room:
        slips = [("chat_fit_longest_first", longest if left <= room else messages[4:])]
    gaps = size[2] > room >= size[4] + first
    return [("chat_fit_gaps", messages[:2] + messages[4:] if gaps else right), *slips]


def _sizes(messages: Messages, first: int = 256) -> list[int]:
    """Tokens of the prompt of all messages, of all but the first, ..., of the last alone."""
    parts = written(messages, first)
    return [len(joined(parts[n:])) + 1 for n in range(len(parts))]


def _fitting(messages: Messages, room: int) -> int:
    """How many messages stay where each byte is a token."""
    size = _sizes(messages)
    return next((len(size) - n for n in range(0, len(size), 2) if size[n] <= room), 1)


def _fit_slips(messages: Messages, size: list[int], room: int, count: int) -> Known:
    """What common slips leave of the messages."""
    total = len(messages)

    def cut(measure: Callable[[int], int]) -> Messages:
        """What stays where the messages from n on are measured in this way."""
        return messages[next((n for n in range(0, total, 2) if measure(n) <= room), total - 1) :]

    def counted(measure: Callable[[str], int]) -> Messages:
        return cut(lambda n: sum(measure(one["content"]) for one in messages[n:]))

    singly = next((n for n in range(total) if size[n] <= room), total - 1)
    once = 0 if size[0] <= room else min(2, total - 1)
    odd, text = total - singly, counted(len)
    turns = [one - after for one, after in pairwise([*size, 1])]  # tokens of each message
    every = [
        ("chat_fit_half_a_turn", messages[singly:]), ("chat_fit_newest_first", messages[:count]),
        ("chat_fit_newest_first", messages[:odd]),
        ("chat_fit_role_forgotten", cut(lambda n: size[n] - 1)),
        ("chat_fit_one_less", cut(lambda n: size[n] + 1)), ("chat_fit_text", text),
        ("chat_fit_only_last", messages[-1:]), ("chat_fit_nothing_cut", messages),
        ("chat_fit_once", messages[once:]), ("chat_fit_last_lost", messages[:-1]),
        ("chat_fit_last_lost", messages[-count:-1]),
        ("chat_fit_backwards", messages[-count:][::-1]),
        ("chat_fit_no_tokens", cut(lambda n: total - n)),  # each message is a word
        ("chat_fit_words_without_marks", counted(lambda text: len(text.encode()))),
        ("chat_fit_asked_alone", cut(lambda n: 1 + sum(turns[n : n + 2]))),
        ("chat_fit_a_turn_stays", messages[-max(count, 3) :]),
        *_with_gaps(messages, size, room, messages[-count:]),
    ]  # fmt: skip
    return [*every, ("chat_fit_half_a_turn", messages[-count - 1 :]),
            ("chat_fit_half_a_turn", messages[-count + 1 :] if count > 1 else [])]  # fmt: skip
