"""The check of lab12's fit: what stays of a conversation that is too long."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
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
    Bounded,
    Messages,
    stand_ins,
    talk,
    toy,
)  # fmt: skip

Known = list[tuple[str, Any]]
FIT_ERRORS = {
    "the loop never ends": "chat_fit_endless", "pop from empty": "chat_fit_endless",
    "list index out of range": "chat_fit_emptied", "argument of type": "chat_fit_ids",
    "string indices must be": "chat_fit_one_message", "not subscriptable": "chat_fit_room_order",
    "'dict' object": "chat_fit_one_message",
}  # fmt: skip
# Room -> how many of the five messages stay. Their prompts have 23, 19, 14, 10 and 6 tokens.
KEPT = ((23, 5), (99, 5), (3, 1), (10, 1), (18, 3), (22, 3), (14, 3), (13, 1), (6, 1), (0, 1))


def fit(answer: Callable[..., Messages]) -> None:
    """Five messages in rooms from 99 tokens down to none; then one message alone."""
    item = "fit"
    must_be_callable(item, answer)
    with globals_set(answer, **stand_ins()):
        for room, count in KEPT:
            _fitted(item, answer, LAST_ASKS, room, count)
        _fitted(item, answer, talk("Hi"), 2, 1)
        _fitted(item, answer, LAST_ASKS[:3], 9, 1)
    passed(item)


def _fitted(
    item: str, answer: Callable[..., Messages], messages: Messages, room: int, count: int
) -> None:
    """What stays of these messages in this room."""
    sizes = "23, 14 or 6" if len(messages) == 5 else "14 or 5" if len(messages) == 3 else "5"
    texts = ", ".join(one["content"] for one in messages)
    looked_at = f"{texts}: with whole turns cut, a prompt of {sizes} tokens; room={room}"
    given = deepcopy(messages)
    found = call(item, Bounded(answer), given, toy(), room, looked_at=looked_at,
                 likely=FIT_ERRORS)  # fmt: skip
    kept(item, given, messages, "messages", likely="chat_fit_changed")
    known = [(name, _texts(one)) for name, one in _fit_slips(messages, room, count)]
    known.insert(0, ("chat_fit_none_left", []))
    if isinstance(found, list) and _same_in_all(answer):
        known.insert(0, ("chat_fit_room_ignored", _texts(found)))
    equal(item, _texts(found), _texts(messages[-count:]), looked_at=looked_at, known=known,
          likely=_fit_cause(found))  # fmt: skip


def _same_in_all(answer: Callable[..., Messages]) -> bool:
    """Whether some, and always the same, messages stay, however large the room is."""
    try:
        tried = [Bounded(answer)(deepcopy(LAST_ASKS), toy(), room) for room in (99, 14, 0)]
    except Exception:  # it is told where the check comes to this room
        return False
    return tried[0] == tried[1] == tried[2] and tried[0] not in (LAST_ASKS, LAST_ASKS[-1:], [])


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


def _fit_slips(messages: Messages, room: int, count: int) -> Known:
    """What common slips leave of the messages."""
    size = {5: (23, 19, 14, 10, 6), 3: (14, 10, 5), 1: (5,)}[len(messages)]
    total = len(messages)
    singly = next((n for n in range(total) if size[n] <= room), total - 1)
    even = range(0, total, 2)
    no_role = next((n for n in even if size[n] - 1 <= room), total - 1)
    strict = next((n for n in even if size[n] < room), total - 1)
    once = 0 if size[0] <= room else min(2, total - 1)
    odd = total - singly
    text = next((n for n in even if sum(len(m["content"]) for m in messages[n:]) <= room),
                total - 1)  # fmt: skip
    every = [
        ("chat_fit_half_a_turn", messages[singly:]), ("chat_fit_newest_first", messages[:count]),
        ("chat_fit_newest_first", messages[:odd]), ("chat_fit_role_forgotten", messages[no_role:]),
        ("chat_fit_one_less", messages[strict:]), ("chat_fit_text", messages[text:]),
        ("chat_fit_only_last", messages[-1:]), ("chat_fit_nothing_cut", messages),
        ("chat_fit_once", messages[once:]), ("chat_fit_last_lost", messages[:-1]),
        ("chat_fit_last_lost", messages[-count:-1]),
        ("chat_fit_backwards", messages[-count:][::-1]),
    ]  # fmt: skip
    return [*every, ("chat_fit_half_a_turn", messages[-count - 1 :]),
            ("chat_fit_half_a_turn", messages[-count + 1 :] if count > 1 else [])]  # fmt: skip
