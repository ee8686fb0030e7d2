"""The checks of lab04 on words and special tokens."""

from __future__ import annotations

from typing import Any

from gptlab.checks.core import CheckFailed, call, equal, globals_set, passed, show
from gptlab.checks.lab04_stand_ins import (
    Watched,
    asked,
    encode,
    encode_ordinary,
    inherited,
    list_of_ids,
    tokenizer,
)

LA = [(108, 97), (32, 256)]  # of "la, la, la": all that stay inside words
MEETS = [*LA, (256, 44)]  # the last, la with a comma, can only be met across two words
END, YOU = "<|end|>", "<|you|>"


def regex(answer: type) -> None:
    """The text "la, la, la" in words of GPT-2's pattern; then words of a pattern of one's own."""
    item = "regex"
    with globals_set(answer, **Watched().parts()), inherited(answer, encode=encode):
        _learns(item, answer)
        made = tokenizer(item, answer, looked_at="RegexTokenizer()")
        made.set_merges(MEETS)
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
        later = type("Later", (answer,), {"encode": lambda self, text, allowed_special=(): [0]})
        made = tokenizer(item, later, looked_at="a class with an encode of its own")
        made.set_merges(MEETS)
        looked_at = 'encode_ordinary("la la") in a class with an encode of its own'
        known = {"regex_calls_encode": [0, 0]}
        _encoded(item, made, "la la", [256, 257], looked_at, known)
    passed(item)


def _learns(item: str, answer: type) -> None:
    """The merges of texts with words that come again, ties, and until no pair is left."""
    ties = {
        "ties_first_met": [(98, 97)],
        "ties_largest": [(99, 97)],
        "train_stops_early": [],
    }
    for pattern, text, size, right, known in (
        ((), "la, la, la", 258, LA, {"regex_last_word_only": [(32, 108), (256, 97)]}),
        ((), "la, la, la", 300, LA, {
            "regex_last_word_only": [(32, 108), (256, 97)],
            "train_returns_early": [],
        }),
        ((r"\w+",), "xy xy ab", 257, [(120, 121)], {
            "regex_distinct_words": [(97, 98)],
            "regex_last_word_only": [(97, 98)],
        }),
        ((), "ba ca", 257, [(32, 99)], ties),
        ((), "ba ca", 300, [(32, 99), (98, 97), (256, 97)], {"train_returns_early": []}),
        ((r"\w+",), "a, b, xy", 257, [(120, 121)], {"regex_lab_pattern": [(32, 98)]}),
    ):  # fmt: skip
        which = f"RegexTokenizer({', '.join(map(repr, pattern))})"
        looked_at = f'train("{text}", {size}) of {which}: the pairs of merges'
        made, watched = tokenizer(item, answer, *pattern, looked_at=which), Watched()
        stop = dict.fromkeys(("empty", "StopIteration"), "train_no_pair_left")
        with globals_set(answer, **watched.parts()):
            asked(item, made, "train", text, size, looked_at=looked_at, likely=stop)
        if made.merges == {right[0]: 255 + len(right)} and len(right) > 1:
            known = {watched.same_pair(words=5): right[:1]}  # la , la , la
        found = list(made.merges)
        likely = "regex_across_words" if len(found) > len(right) else ""
        likely = likely if found else "train_not_stored"
        equal(item, found, right, looked_at=looked_at, known=known, likely=likely)


def _encoded(
    item: str, made: Any, text: str, right: list[int], looked_at: str, known: dict[str, Any]
) -> None:
    slips = {"super(": "regex_super"}
    found = asked(item, made, "encode_ordinary", text, looked_at=looked_at, likely=slips)
    found = list_of_ids(item, found, looked_at)
    equal(item, found, right, looked_at=looked_at, known=known)


def special(answer: type) -> None:
    """Allowed, not allowed, two kinds, nothing around them; then among words with merges."""
    item = "special"
    with inherited(answer, encode_ordinary=encode_ordinary, encode=encode):
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
        _among_words(item, made)
    passed(item)


def _among_words(item: str, made: Any) -> None:
    """What is ordinary is cut into words as ever, whether something is allowed or not."""
    made.set_merges(MEETS)
    allowed, after = {END}, f"{END} la"
    known = {"special_no_guard": list(b"la, la"), "special_across_words": [258, 257]}
    _becomes(item, made, "la, la", (), [256, 44, 257], known)
    known = {"special_spaces_lost": [256, 257, 300, 256]}
    _becomes(item, made, f"la la{after}", allowed, [256, 257, 300, 257], known)
    known = {"special_across_words": [258, 300, 257]}
    _becomes(item, made, f"la,{after}", allowed, [256, 44, 300, 257], known)


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
    merges = "merges for la, a space with la, and la with a comma" if made.merges else "no merges"
    looked_at = f'encode("{text}", allowed_special={allowed or ()}), where there are {merges}, and '
    looked_at += f"special = {made.special}"
    refused = {"ValueError": "special_always_refused"}
    kwargs = {"allowed_special": allowed} if allowed else {}
    found = asked(item, made, "encode", text, looked_at=looked_at, likely=refused, **kwargs)
    found = list_of_ids(item, found, looked_at)
    equal(item, found, right, looked_at=looked_at, known=known)


def _refuses(item: str, made: Any, text: str, allowed: Any, as_special: list[int]) -> None:
    """A special text that is not allowed raises ValueError."""
    looked_at = f'encode("{text}", allowed_special={allowed})'

    def trial() -> tuple[str, str]:
        try:
            found = made.encode(text, allowed_special=allowed)
        except ValueError:
            return "", ""
        except (AssertionError, LookupError, RuntimeError, PermissionError) as error:
            if isinstance(error, (NotImplementedError, RecursionError)):
                raise
            return type(error).__name__, "special_other_error"
        except Exception as error:
            if type(error) is not Exception:
                raise
            return "Exception", "special_other_error"
        if found is ValueError or isinstance(found, ValueError):
            return f"{found!r}, returned", "special_error_returned"
        if isinstance(found, list) and max(as_special) in found:
            return show(found), "special_allowed_by_default"
        return show(found), "special_encoded_as_text"

    seen, likely = call(item, trial, looked_at=looked_at)
    if seen:
        raise CheckFailed(
            item, looked_at=looked_at, expected="a ValueError", found=seen, likely=likely
        )
