"""The checks of lab04 on characters, bytes and pairs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gptlab.checks.core import CheckFailed, call, equal, kept, must_be_callable, passed, show
from gptlab.checks.lab04_stand_ins import asked, list_of_ids, tokenizer


def chars(answer: type) -> None:
    """Ids of " abc" are 1 to 4; d is unknown."""
    item, made_of = "chars", 'CharTokenizer("abba cab")'
    made = tokenizer(item, answer, "abba cab", looked_at=made_of)
    missing = {"KeyError": "chars_unknown_crashes"}
    for text, right, known in (
        ("cab", [4, 2, 3], {}),
        (
            "bad",
            [3, 2, 0],
            {
                "chars_unknown_dropped": [3, 2],
                "chars_unknown_minus_one": [3, 2, -1],
                "chars_unknown_none": [3, 2, None],
            },
        ),
        ("Bab", [0, 2, 3], {"chars_lowered": [3, 2, 3]}),
    ):
        looked_at = f'{made_of}.encode("{text}")'
        found = asked(item, made, "encode", text, looked_at=looked_at, likely=missing)
        equal(item, list_of_ids(item, found, looked_at), right, looked_at=looked_at, known=known)
    looked_at = f"{made_of}.decode([3, 2, 0, 1, 4])"
    found = asked(item, made, "decode", [3, 2, 0, 1, 4], looked_at=looked_at)
    known = {
        "decode_list": ["b", "a", "\ufffd", " ", "c"],
        "chars_unknown_sign_lost": "ba c",
    }
    equal(item, found, "ba\ufffd c", looked_at=looked_at, known=known)
    passed(item)


def simple(answer: type) -> None:
    """The text "Hello" has 5 bytes, "é" two; half of it is U+FFFD."""
    item = "simple"
    made = tokenizer(item, answer, looked_at="SimpleTokenizer()")
    for text, right, known in (
        ("Hello", [72, 101, 108, 108, 111], {}),
        ("Hi é", [72, 105, 32, 195, 169], {"code_points": [72, 105, 32, 233]}),
    ):
        looked_at = f'SimpleTokenizer().encode("{text}")'
        found = asked(item, made, "encode", text, looked_at=looked_at)
        equal(item, list_of_ids(item, found, looked_at), right, looked_at=looked_at, known=known)
    half = [([72, 105, 195], "Hi\ufffd"), ([72, 195, 105], "H\ufffdi")]
    texts(item, made, [([72, 105, 32, 195, 169], "Hi é"), *half])
    passed(item)


def texts(item: str, made: Any, pairs: list[tuple[list[int], str]]) -> None:
    """decode of each list is that text; the last lists have half a character."""
    crash = {
        "UnicodeDecodeError": "partial_bytes_crash",
        "expected str instance, bytes": "decode_joins_as_text",
        "bytes must be in range": "decode_ids_as_bytes",
    }
    for ids, right in pairs:
        looked_at = f"decode({ids})"
        given = list(ids)
        found = asked(item, made, "decode", given, looked_at=looked_at, likely=crash)
        known = (
            ("partial_bytes_ignored", right.replace("\ufffd", "")),
            ("decoded_one_by_one", right.replace("é", "\ufffd\ufffd")),
            ("bytes_as_characters", "".join(map(chr, ids))),
            ("bytes_as_characters", right.encode().decode("latin-1")),
        )
        equal(item, found, right, looked_at=looked_at, known=known)
        kept(item, given, ids, f"the list handed to {looked_at},", "stats_changes_list")


def get_stats(answer: Callable[..., dict]) -> None:
    """Pairs of 1 1 1 2 and of 7 8 7 8 8, into a new dict and into one that is there."""
    item = "get_stats"
    must_be_callable(item, answer)
    crash = {
        "KeyError": "stats_key_missing",
        "IndexError": "stats_past_end",
        "unhashable": "stats_list_key",
    }
    three = {(7, 8): 2, (8, 7): 1, (8, 8): 1}
    for ids, right, known in (
        ([7, 8, 7, 8, 8], three, {
            "stats_not_added": dict.fromkeys(three, 1),
            "stats_jumps": {(7, 8): 2},
            "stats_last_lost": {(7, 8): 2, (8, 7): 1},
            "stats_wraps": {(7, 8): 2, (8, 7): 2, (8, 8): 1},
            "stats_order_lost": {(7, 8): 3, (8, 8): 1},
        }),
        ([1, 1, 1, 2], {(1, 1): 2, (1, 2): 1}, {
            "stats_no_overlap": {(1, 1): 1, (1, 2): 1},
            "stats_kept": three | {(1, 1): 2, (1, 2): 1},
        }),
        ([5], {}, {}),
    ):  # fmt: skip
        looked_at = f"get_stats({ids})"
        given = list(ids)
        found = call(item, answer, given, looked_at=looked_at, likely=crash)
        equal(item, _plain(found), right, looked_at=looked_at, known=known)
        equal(item, given, ids, looked_at="the ids after", likely="stats_changes_list")
    _adds(item, answer)
    passed(item)


def _adds(item: str, answer: Callable[..., dict]) -> None:
    """Counts go into the dict that is handed in, also if nothing is in it yet."""
    counts = {(7, 8): 5, (0, 0): 4}
    looked_at = f"get_stats([7, 8, 8], {counts})"
    right = {(7, 8): 6, (0, 0): 4, (8, 8): 1}
    known = {
        "stats_new_dict": {(7, 8): 1, (8, 8): 1},
        "stats_not_added": {(7, 8): 1, (0, 0): 4, (8, 8): 1},
    }
    found = call(item, answer, [7, 8, 8], counts, looked_at=looked_at)
    equal(item, _plain(found), right, looked_at=looked_at, known=known)
    looked_at = "the dict that was handed in, after this"
    equal(item, _plain(counts), right, looked_at=looked_at, likely="stats_copy")
    empty: dict = {}
    call(item, answer, [4, 4], empty, looked_at="get_stats([4, 4], {})")
    looked_at = "the empty dict that was handed to get_stats([4, 4], {}), after it"
    equal(item, _plain(empty), {(4, 4): 1}, looked_at=looked_at, likely="stats_empty_dict")


def _plain(found: Any) -> Any:
    """A Counter or a defaultdict is a dict; a count of 0 says nothing."""
    if not isinstance(found, dict):
        return found
    return {pair: times for pair, times in found.items() if times != 0}


MERGED: tuple[tuple[list[int], list[int], dict[str, Any]], ...] = (
    # ids -> what comes of them with (5, 6) as 9, and what known slips make of them
    ([5, 6, 5, 6], [9, 9], {
        "merge_slice": [5, 6, 5, 6],
        "merge_first_only": [9, 5, 6],
        "merge_keeps_right": [9, 6, 9, 6],
        "merge_last_lost": [9],
    }),
    ([5, 6, 6, 5, 6], [9, 6, 9], (
        ("merge_by_twos", [9, 6, 5, 6]),
        ("merge_by_twos", [9, 6, 6]),
        ("merge_keeps_right", [9, 6, 6, 9, 6]),
        ("merge_left_only", [9, 9]),
    )),
    ([5, 6, 5, 8], [9, 5, 8], {
        "merge_last_lost": [9, 5],
        "merge_left_only": [9, 9],
        "merge_keeps_right": [9, 6, 5, 8],
    }),
    ([7], [7], {"merge_last_lost": []}),
    ([6, 5], [6, 5], {"merge_any_order": [9], "merge_last_lost": [6]}),
    ([15, 6], [15, 6], {"merge_digits": [19]}),
)  # fmt: skip
ALIKE: tuple[tuple[list[int], list[int], dict[str, Any]], ...] = (
    # the same with (6, 6)
    ([6, 6, 6, 7], [9, 6, 7], {"merge_overlap": [9, 9, 7], "merge_from_right": [6, 9, 7]}),
    ([6, 6, 6], [9, 6], {"merge_overlap": [9, 9], "merge_from_right": [6, 9]}),
)


def merge(answer: Callable[..., list[int]]) -> None:
    """Pairs side by side and apart, that overlap, at the end, and a list without the pair."""
    item = "merge"
    must_be_callable(item, answer)
    for ids, right, known in MERGED:
        _merged(item, answer, ids, (5, 6), right, known)
    for ids, right, known in ALIKE:
        _merged(item, answer, ids, (6, 6), right, known)
    passed(item)


def _merged(
    item: str, answer: Callable[..., Any], ids: list[int], pair: tuple[int, int],
    right: list[int], known: Any,
) -> None:  # fmt: skip
    """merge(ids, pair, 9) is a new list, and the old one stays."""
    looked_at, given = f"merge({ids}, {pair}, 9)", list(ids)
    crash = {"IndexError": "merge_past_end"}
    found = call(item, answer, given, pair, 9, looked_at=looked_at, likely=crash)
    found = list_of_ids(item, found, looked_at)
    if found == right and given != ids:
        raise CheckFailed(
            item,
            looked_at=f"the list that was handed to {looked_at}, after it",
            expected=show(ids),
            found=show(given),
            likely="merge_changes_list" if given else "merge_empties_list",
        )
    equal(item, found, right, looked_at=looked_at, known=known)
    if found is given:
        raise CheckFailed(
            item, looked_at=looked_at, expected="a new list",
            found="the list that was handed over", likely="merge_same_list",
        )  # fmt: skip
