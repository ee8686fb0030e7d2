"""The checks of lab04 on byte-pair encoding: training, decoding, encoding."""

from __future__ import annotations

from typing import Any

from gptlab.checks.core import CheckFailed, equal, globals_set, passed, show
from gptlab.checks.lab04_plain import texts
from gptlab.checks.lab04_stand_ins import asked, get_stats, list_of_ids, merge, tokenizer

PARTS = {"get_stats": get_stats, "merge": merge}
COCOA = [(99, 111), (256, 256), (32, 257), (97, 258), (257, 259)]  # of "cocoa coco": all there are
SHORT = dict.fromkeys(("empty", "out of range"), "encode_short_text") | {
    "KeyError": "encode_no_stop"
}


def train(answer: type) -> None:
    """Two merges of "cocoa coco", a tie, then all merges that it has; letters of three bytes."""
    item, text = "train", "cocoa coco"
    known = {
        "train_one_too_many": COCOA[:3],
        "train_one_too_few": COCOA[:1],
        "train_too_many": COCOA,
        "train_not_stored": [],
        "train_not_recounted": [(99, 111), (111, 99)],
        "train_rarest": [(32, 99), (97, 256)],
        "ids_not_from_256": [(99, 111), (0, 0)],
    }
    _merges(item, answer, text, 258, COCOA[:2], known)
    known = {"ties_first_met": [(98, 97)], "ties_largest": [(99, 97)]}
    _merges(item, answer, "ba ca", 257, [(32, 99)], known)
    _merges(item, answer, text, 259, COCOA[:3], {})
    _merges(item, answer, text, 300, COCOA, {})
    _merges(item, answer, "€€", 257, [(130, 172)], {"code_points": [(8364, 8364)]})
    passed(item)


def _merges(
    item: str, answer: type, text: str, size: int, right: list, known: dict[str, Any]
) -> None:
    """What train(text, size) leaves in merges."""
    looked_at = f'train("{text}", {size}): the pairs of merges, in their order'
    stop = dict.fromkeys(("empty", "StopIteration", "IndexError"), "train_no_pair_left")
    stop |= {"KeyError: 8364": "code_points", "KeyError": "ids_not_from_256"}
    with globals_set(answer, **PARTS):
        made = tokenizer(item, answer, looked_at="BasicTokenizer()")
        asked(item, made, "train", text, size, looked_at=looked_at, likely=stop)
    found = getattr(made, "merges", None)
    if not isinstance(found, dict):
        raise CheckFailed(
            item, looked_at=looked_at, expected="a dict", found=show(found),
            likely="train_not_stored",
        )  # fmt: skip
    equal(item, list(found), right, looked_at=looked_at, known=known)
    ids = list(found.values())
    wanted = list(range(256, 256 + len(right)))
    equal(item, ids, wanted, looked_at="the new ids", likely="ids_not_from_256")


def decode(answer: type) -> None:
    """The ids of "coco cocoa", whole characters and half ones."""
    item = "decode"
    made = _with_merges(item, answer, [*COCOA[:3], (195, 169)])
    pairs = [([257, 258, 97], "coco cocoa"), ([99, 259], "cé"), ([195, 169], "é")]
    texts(item, made, [*pairs, ([99, 195], "c\ufffd")])
    passed(item)


def _with_merges(item: str, answer: type, pairs: list[tuple[int, int]]) -> Any:
    made = tokenizer(item, answer, looked_at="BasicTokenizer()")
    asked(item, made, "set_merges", pairs, looked_at=f"set_merges({pairs})")
    return made


def encode(answer: type) -> None:
    """The text "coco cocoa" with the merges of training; then texts in which two merges compete."""
    item = "encode"
    raw = list(b"coco cocoa")
    _ids(item, answer, COCOA[:3], "coco cocoa", [257, 258, 97], {
        "encode_one_round": [256, 256, 32, 256, 256, 97],
        "encode_not_merged": raw,
    })  # fmt: skip
    first = [(97, 98), (98, 99)]  # ab was learnt before bc
    _ids(item, answer, first, "abc", [256, 99], {"encode_last_learnt": [97, 257]})
    known = {"encode_by_count": [97, 257, 257]}
    _ids(item, answer, first, "abcbc", [256, 99, 257], known)
    other = [(98, 99), (97, 98), (97, 256)]  # bc before ab; abc is a with bc
    _ids(item, answer, other, "abc", [258], {"encode_left_to_right": [257, 99]})
    other = [(99, 100), (97, 98), (257, 99)]  # cd before ab; abc is ab with c
    _ids(item, answer, other, "abcd", [257, 256], {"encode_longest_match": [258, 100]})
    for text in ("", "a"):
        _ids(item, answer, other, text, list(text.encode()), {})
    passed(item)


def _ids(
    item: str, answer: type, pairs: list, text: str, right: list[int], known: dict[str, Any]
) -> None:
    """encode(text) under these merges."""
    looked_at = f'encode("{text}") with the merges {pairs}'
    with globals_set(answer, **PARTS):
        made = _with_merges(item, answer, pairs)
        found = asked(item, made, "encode", text, looked_at=looked_at, likely=SHORT)
    found = list_of_ids(item, found, looked_at)
    equal(item, found, right, looked_at=looked_at, known=known)
