"""The checks of lab12 on how a conversation is written: its ids, its prompt, its mask."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

from gptlab.checks.core import call, equal, globals_set, kept, must_be_callable, passed, two
from gptlab.checks.lab12_stand_ins import (
    EMPTY,
    LAST_ASKS,
    LONG,
    MARKS,
    SHORT,
    SPACED,
    TYPED,
    Bounded,
    Known,
    Messages,
    bytes_of,
    explaining_first,
    joined,
    mask_of,
    stand_ins,
    talk,
    toy,
    tried,
    written,
)

ERRORS = {
    "holds the special token": "chat_typed_refused", "KeyError: 'user'": "chat_role_key",
    "KeyError: 'assistant'": "chat_role_key", "KeyError: 'role'": "chat_message_keys",
    "KeyError: 'text'": "chat_message_keys",
    "KeyError: '<|": "chat_role_key", "has no attribute 'role'": "chat_message_keys",
    "'int' object is not iterable": "chat_id_added",
    "can only concatenate list": "chat_id_added",
    "'int' and 'list'": "chat_id_added", "to concatenate": "chat_text_added",
    "has no attribute 'encode'": "chat_other_tokenizer",
    "the loop never ends": "chat_endless",
}  # fmt: skip


def _called(
    item: str, answer: Callable[..., Any], messages: Messages, looked_at: str, first: int = 256
) -> Any:
    """What the answer makes of these messages, which have to stay as they are."""
    given = deepcopy(messages)
    found = call(item, Bounded(answer, 50_000), given, toy(first), looked_at=looked_at,
                 likely=ERRORS)  # fmt: skip
    kept(item, given, messages, "messages", likely="chat_messages_changed")
    return found


def said(messages: Messages) -> str:
    """A conversation in a line of a message."""
    return ", ".join(f"{one['role']} {one['content']!r}" for one in messages)


def _tokens(first: int) -> str:
    """The tokenizer in a line of a message."""
    merged = "Hi is 256, and " if first == 300 else ""
    return f"{merged}user, assistant and end are {first} to {first + 2}"


WRITTEN = (SHORT, LONG, talk("Hi"), LAST_ASKS, TYPED, EMPTY, SPACED)


def _tries(answer: Callable[..., Any]) -> Iterator[tuple[Any, Known]]:
    """Of each conversation what the answer makes, and what common slips make."""
    for messages in WRITTEN:
        yield tried(answer, deepcopy(messages), toy()), _encode_slips(messages)


def encode(answer: Callable[..., list[int]]) -> None:
    """A greeting; two messages each; a letter of two bytes; a typed end; other ids."""
    item = "encode"
    must_be_callable(item, answer)
    with globals_set(answer, **stand_ins()):
        for messages in WRITTEN:
            looked_at, right = f"{said(messages)}; {_tokens(256)}", joined(written(messages))
            found = _called(item, answer, messages, looked_at)
            known = _encode_slips(messages)
            if found != right:
                known = explaining_first(known, _tries(answer))
            equal(item, found, right, looked_at=looked_at, known=known, likely=_kind_cause(found))
        looked_at = f"{said(SHORT)}; {_tokens(300)}"
        found = _called(item, answer, SHORT, looked_at, first=300)
        known = [("chat_bytes", joined(written(SHORT, 300, bytes_of)))]
        equal(item, found, joined(written(SHORT, 300)), looked_at=looked_at, known=known,
              likely="chat_ids_fixed")  # fmt: skip
    passed(item)


def _kind_cause(found: Any) -> str:
    """Where what came back is no list of numbers."""
    if hasattr(found, "tolist"):
        return "chat_tensor"
    if isinstance(found, list) and any(isinstance(part, list) for part in found):
        return "chat_nested"
    if isinstance(found, list) and any(isinstance(part, str) for part in found):
        return "chat_text_in_ids"
    return "chat_text_in_ids" if isinstance(found, str) else ""


def _with_marks(messages: Messages) -> list[list[int]]:
    """The messages where a typed mark became its token."""
    tokenizer = toy()
    return written(messages, words=lambda text: tokenizer.encode(text, allowed_special="all"))


def _without_marks(text: str) -> list[int]:
    """The words without what looks like a special token."""
    return bytes_of(re.sub("|".join(map(re.escape, MARKS)), "", text))


def _encode_slips(messages: Messages) -> Known:
    """What common slips make of these messages."""
    right = written(messages)
    whole = joined(right)
    other = {256: 257, 257: 256}
    marks = {n: list(mark.encode()) for n, mark in enumerate(MARKS, 256)}
    return [
        ("chat_roles_swapped", [other.get(token, token) for token in whole]),
        ("chat_one_role", [256 if token == 257 else token for token in whole]),
        ("chat_last_end_missing", whole[:-1]),
        ("chat_end_once", [*joined(part[:-1] for part in right), 258]),
        ("chat_no_end", joined(part[:-1] for part in right)),
        ("chat_no_role", joined(part[1:] for part in right)),
        ("chat_no_marks", joined(part[1:-1] for part in right)),
        ("chat_end_before_words", joined([part[0], 258, *part[1:-1]] for part in right)),
        ("chat_role_last", joined([*part[1:-1], part[0], 258] for part in right)),
        ("chat_marks_as_text", joined(marks.get(token, [token]) for token in whole)),
        ("chat_typed_is_special", joined(_with_marks(messages))),
        ("chat_characters", joined(written(messages, words=lambda t: [ord(c) for c in t]))),
        ("chat_only_ascii", joined(written(messages, words=lambda t: [
            ord(c) if ord(c) < 128 else 63 for c in t]))),
        ("chat_only_ascii", joined(written(messages, words=lambda t: [
            ord(c) for c in t if ord(c) < 128]))),
        ("chat_line_breaks", joined([*part, 10] for part in right)),
        ("chat_line_breaks", joined([*part, 10] for part in right)[:-1]),
        ("chat_line_breaks", joined([part[0], 10, *part[1:]] for part in right)),
        ("chat_line_breaks", joined([part[0], *part[1:-1], 10, part[-1]] for part in right)),
        ("chat_end_of_answers", joined(
            part if n % 2 else part[:-1] for n, part in enumerate(right))),
        ("chat_end_of_questions", joined(
            part[:-1] if n % 2 else part for n, part in enumerate(right))),
        ("chat_role_once", joined([right[0], *(part[1:] for part in right[1:])])),
        ("chat_role_behind_end", joined([*part[1:], part[0]] for part in right)),
        ("chat_spaces", joined([part[0], 32, *part[1:]] for part in right)),
        ("chat_spaces", joined([*part, 32] for part in right)[:-1]),
        ("chat_first_only", right[0]), ("chat_last_only", right[-1]),
        ("chat_backwards", joined(right[::-1])), ("chat_nothing_kept", []),
        ("chat_stripped", joined(part for part in right if len(part) > 2)),
        ("chat_prompt_too_soon", [*whole, 257]),
        ("chat_words_stripped", joined(written(messages, words=lambda t: bytes_of(t.strip())))),
        ("chat_words_small", joined(written(messages, words=lambda t: bytes_of(t.lower())))),
        ("chat_role_left_out", joined(right[::2])),
        ("chat_typed_taken_out", joined(written(messages, words=_without_marks))),
    ]  # fmt: skip


def prompt(answer: Callable[..., list[int]]) -> None:
    """A question; a conversation that ends with one; other ids."""
    item = "prompt"
    must_be_callable(item, answer)
    with globals_set(answer, **stand_ins()):
        for first, messages in ((256, talk("Hi")), (256, LAST_ASKS), (256, TYPED),
                                (300, LAST_ASKS)):  # fmt: skip
            looked_at = f"{said(messages)}; {_tokens(first)}"
            found = _called(item, answer, messages, looked_at, first)
            whole = joined(written(messages, first))
            role, end = first + 1, first + 2
            known: Known = [
                ("chat_prompt_no_role", whole), ("chat_prompt_ended", [*whole, role, end]),
                ("chat_prompt_ended", [*whole, end]), ("chat_prompt_user", [*whole, first]),
                ("chat_prompt_cut", [*whole[:-1], role]), ("chat_prompt_role_first",
                [role, *whole]), ("chat_prompt_only_role", [role]), ("chat_prompt_last_only",
                [*joined(written(messages, first)[-1:]), role]), ("chat_prompt_nested",
                [*whole, [role]]), ("chat_prompt_text", [*whole, MARKS[1]]),
                ("chat_prompt_text", [*whole, *MARKS[1].encode()]),
                ("chat_prompt_twice", [*whole, role, role]),
                ("chat_prompt_spaces", [*whole, role, 32]),
                ("chat_prompt_users_only", [*joined(written(messages, first)[::2]), role]),
                ("chat_typed_is_special", [*joined(_with_marks(messages)), role]),
                ("chat_bytes", [*joined(written(messages, first, bytes_of)), role]),
            ]  # fmt: skip
            likely = "chat_ids_fixed" if first == 300 else _kind_cause(found)
            equal(item, found, [*whole, role], looked_at=looked_at, known=known, likely=likely)
    passed(item)


def encode_with_mask(answer: Callable[..., tuple[list[int], list[int]]]) -> None:
    """A greeting, then conversations with two answers, with a last question, with no words."""
    item = "encode_with_mask"
    must_be_callable(item, answer)
    with globals_set(answer, **stand_ins()):
        for first, messages in ((256, SHORT), (256, LONG), (256, LAST_ASKS), (256, EMPTY),
                                (256, TYPED), (300, SHORT)):  # fmt: skip
            looked_at = f"{said(messages)}; {_tokens(first)}"
            found = _called(item, answer, messages, looked_at, first)
            ids, mask = two(item, found, looked_at=looked_at, what="two lists: ids and mask",
                            likely="chat_mask_alone")  # fmt: skip
            whole, right = joined(written(messages, first)), mask_of(messages, first)
            known: Known = [("chat_mask_first", right)]
            known += _encode_slips(messages) if first == 256 else []
            equal(item, ids, whole, looked_at=f"{looked_at}: the ids", known=known,
                  likely="chat_ids_fixed" if first == 300 else _kind_cause(ids))  # fmt: skip
            if isinstance(mask, list) and mask == right and not _whole_numbers(mask):
                known = [(_mask_cause(mask, right), mask)]
            else:  # with other ids the mask is the same
                known = _mask_slips(messages, whole) if first == 256 else []
            likely = _mask_cause(mask, right) or ("chat_ids_fixed" if first == 300 else "")
            equal(item, _as_asked(mask), right, looked_at=f"{looked_at}: the mask", known=known,
                  likely=likely)  # fmt: skip
    passed(item)


def _whole_numbers(mask: list) -> bool:
    return all(type(number) is int for number in mask)


def _as_asked(mask: Any) -> Any:
    """The mask; one of bools as text, since True is 1 for Python."""
    if isinstance(mask, list) and any(isinstance(one, bool) for one in mask):
        return tuple(mask)
    return mask


def _mask_cause(mask: Any, right: list[int]) -> str:
    if isinstance(mask, list) and any(isinstance(one, bool) for one in mask):
        return "chat_mask_bools"
    if isinstance(mask, list) and any(isinstance(one, float) for one in mask):
        return "chat_mask_floats"
    if isinstance(mask, list) and any(isinstance(one, str) for one in mask):
        return "chat_mask_text"
    if isinstance(mask, list) and -1 in mask and not any(one > 1 for one in mask):
        return "chat_mask_minus_1"
    if isinstance(mask, list) and len(mask) != len(right):
        return "chat_mask_length"
    return _kind_cause(mask)


def _mask_slips(messages: Messages, ids: list[int]) -> Known:
    """What common slips make of the mask, or of a mask over these messages."""
    right, turns = mask_of(messages), written(messages)
    helps = [one["role"] == "assistant" for one in messages]
    places = [(mine, n, len(part)) for mine, part in zip(helps, turns, strict=True)
              for n in range(len(part))]  # fmt: skip
    last = max((n for n, mine in enumerate(helps) if mine), default=0)
    starts = sum(len(part) for part in turns[:last])
    end = starts + len(turns[last])
    return [
        ("chat_mask_on_role", [int(mine) for mine, _, _ in places]),
        ("chat_mask_not_on_end", [int(mine and 0 < n < size - 1) for mine, n, size in places]),
        ("chat_mask_role_not_end", [int(mine and n < size - 1) for mine, n, size in places]),
        ("chat_mask_on_user", [int(n > 0) for _, n, _ in places]),
        ("chat_mask_on_all", [1] * len(ids)),
        ("chat_mask_none", [0] * len(ids)),
        ("chat_mask_inverted", [1 - number for number in right]),
        ("chat_mask_inverted", [int(not mine and n > 0) for mine, n, _ in places]),
        ("chat_mask_inverted", [int(not mine) for mine, _, _ in places]),
        ("chat_mask_every_end", [int((mine and n > 0) or n == size - 1)
                                 for mine, n, size in places]),
        ("chat_mask_every_role", [int(mine or n == 0) for mine, n, _ in places]),
        ("chat_mask_shifted", [*right[1:], 0]),
        ("chat_mask_shifted", [0, *right[:-1]]),
        ("chat_mask_last_only", [int(starts < n < end) for n in range(len(ids))]),
        ("chat_mask_first_only", [number if n < sum(map(len, turns[:2])) else 0
                                  for n, number in enumerate(right)]),
        ("chat_mask_length", joined([0, *[int(mine)] * (len(part) - 2)]
                                    for mine, part in zip(helps, turns, strict=True))),
        ("chat_mask_is_ids", [token * keep for token, keep in zip(ids, right, strict=True)]),
        ("chat_mask_is_ids", [-1 if not keep else token
                              for token, keep in zip(ids, right, strict=True)]),
    ]  # fmt: skip
