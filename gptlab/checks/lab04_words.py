"""The checks of lab04 on words and special tokens."""

from __future__ import annotations

from typing import Any

from gptlab.checks.core import CheckFailed, call, equal, globals_set, passed, show
from gptlab.checks.lab04_stand_ins import (
    asked,
    encode,
    encode_ordinary,
    get_stats,
    inherited,
    list_of_ids,
    merge,
    tokenizer,
)

LA = [(108, 97), (32, 256)]  # of "la, la, la": all that stay inside words
END, YOU = "<|end|>", "<|you|>"


def regex(answer: type) -> None:
    """The text "la, la, la" in words of GPT-2's pattern; then words of a pattern of one's own."""
    item = "regex"
    with globals_set(answer, get_stats=get_stats, merge=merge), inherited(answer, encode=encode):
        _learns(item, answer)
        made = tokenizer(item, answer, looked_at="RegexTokenizer()")
        made.set_merges([*LA, (256, 44)])  # the last can only be met across two words
        known = {
            "regex_encode_whole": encode(made, "la, la"),
            "regex_last_word_only": [257],
            "spaces_lost": [256, 44, 256],
        }
        pairs = "la, a space with la, and la with a comma"
        looked_at = f'encode_ordinary("la, la") with the merges {pairs}'
        _encoded(item, made, "la, la", [256, 44, 257], looked_at, known)
        looked_at = 'encode_ordinary("la  la"), two spaces, with the same merges'
        known = {"spaces_lost": [256, 256]}
        _encoded(item, made, "la  la", [256, 32, 257], looked_at, known)
        made = tokenizer(item, answer, r"\w+", looked_at=r'RegexTokenizer(r"\w+")')
        made.set_merges([(120, 121)])
        looked_at = r'RegexTokenizer(r"\w+"), which finds no space, of "xy ab"'
        known = {"regex_lab_pattern": [256, 32, 97, 98]}
        _encoded(item, made, "xy ab", [256, 97, 98], looked_at, known)
    passed(item)


def _learns(item: str, answer: type) -> None:
    """The merges of two texts, until no pair is left."""
    for pattern, text, size, right, known in (
        ((), "la, la, la", 258, LA, {"regex_last_word_only": [(32, 108), (256, 97)]}),
        ((), "la, la, la", 300, LA, {"regex_last_word_only": [(32, 108), (256, 97)]}),
        ((r"\w+",), "xy xy ab", 257, [(120, 121)], {
            "regex_distinct_words": [(97, 98)],
            "regex_last_word_only": [(97, 98)],
        }),
    ):  # fmt: skip
        which = f"RegexTokenizer({', '.join(map(repr, pattern))})"
        looked_at = f'train("{text}", {size}) of {which}: the pairs of merges'
        made = tokenizer(item, answer, *pattern, looked_at=which)
        stop = dict.fromkeys(("empty", "StopIteration"), "train_no_pair_left")
        asked(item, made, "train", text, size, looked_at=looked_at, likely=stop)
        found = list(made.merges)
        likely = "regex_across_words" if len(found) > len(right) else ""
        likely = "train_not_stored" if not found else likely
        equal(item, found, right, looked_at=looked_at, known=known, likely=likely)


def _encoded(
    item: str, made: Any, text: str, right: list[int], looked_at: str, known: dict[str, Any]
) -> None:
    found = asked(item, made, "encode_ordinary", text, looked_at=looked_at)
    found = list_of_ids(item, found, looked_at)
    equal(item, found, right, looked_at=looked_at, known=known)


def special(answer: type) -> None:
    """Allowed, not allowed, two kinds, nothing around them. Ordinary text: a byte is an id."""
    item = "special"
    with inherited(answer, encode_ordinary=encode_ordinary):
        made = tokenizer(item, answer, looked_at="RegexTokenizer()")
        made.special = {"STOP": 299, END: 300, YOU: 301}
        _becomes(item, made, "ab", (), [97, 98], {})
        _becomes(item, made, "aSTOPb", {"STOP"}, [97, 299, 98], {
            **_slips("a", "STOP", 299, "b"),
        })  # fmt: skip
        escape = {"special_not_escaped": list(f"a{END}b".encode())}
        _becomes(item, made, f"a{END}b", {END}, [97, 300, 98], escape)
        _refuses(item, made, f"a{END}b", (), [97, 300, 98])
        _refuses(item, made, f"a{END}b{YOU}", [END], [97, 300, 98, 301])
        both = [301, 97, 300, 300, 98]
        known = {"special_only_first": [301, 97, *f"{END}{END}b".encode()]}
        _becomes(item, made, f"{YOU}a{END}{END}b", (END, YOU), both, known)
        _becomes(item, made, "ab", {END}, [97, 98], {})
    passed(item)


def _slips(before: str, token: str, number: int, after: str) -> dict[str, list[int]]:
    """What usual slips make of before + token + after."""
    left, middle, right = (list(part.encode()) for part in (before, token, after))
    return {
        "special_allowed_as_text": left + middle + right,
        "special_token_lost": left + right,
        "special_rest_lost": [number],
        "special_rest_merged": [*left, *right, number],
    }


def _becomes(
    item: str, made: Any, text: str, allowed: Any, right: list[int], known: dict[str, Any]
) -> None:
    """These ids come out, where these special texts are allowed."""
    looked_at = f'encode("{text}", allowed_special={allowed or ()}), where a byte is an id and '
    looked_at += f"special = {made.special}"
    refused = {"ValueError": "special_always_refused"}
    kwargs = {"allowed_special": allowed} if allowed else {}
    found = asked(item, made, "encode", text, looked_at=looked_at, likely=refused, **kwargs)
    found = list_of_ids(item, found, looked_at)
    equal(item, found, right, looked_at=looked_at, known=known)


def _refuses(item: str, made: Any, text: str, allowed: Any, as_special: list[int]) -> None:
    """A special text that is not allowed raises ValueError."""
    looked_at = f'encode("{text}", allowed_special={allowed})'

    def trial() -> Any:
        try:
            return made.encode(text, allowed_special=allowed)
        except ValueError:
            return ValueError

    found = call(item, trial, looked_at=looked_at)
    if found is ValueError:
        return
    likely = "special_encoded_as_text"
    if isinstance(found, list) and max(as_special) in found:
        likely = "special_allowed_by_default"
    raise CheckFailed(
        item, looked_at=looked_at, expected="a ValueError", found=show(found), likely=likely
    )
