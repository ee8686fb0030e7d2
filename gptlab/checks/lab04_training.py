"""The checks of lab04 on byte-pair encoding: training, decoding, encoding."""

from __future__ import annotations

from typing import Any

from gptlab.checks.core import CheckFailed, equal, globals_set, passed, show
from gptlab.checks.lab04_plain import texts
from gptlab.checks.lab04_stand_ins import Watched, asked, list_of_ids, tokenizer

COCOA = [(99, 111), (256, 256), (32, 257), (97, 258), (257, 259)]  # of "cocoa coco": all there are
BACKWARDS = list(range(255, -1, -1))  # another order of the bytes: c, 99, is 156, and o is 144
SHORT = dict.fromkeys(("empty", "out of range"), "encode_short_text") | {
    "KeyError": "encode_no_stop"
}


SLOW = "But each merge is tried, also those of pairs that are not there: with 50,000, that is slow."


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
    known = {
        "ties_first_met": [(98, 97)],
        "ties_largest": [(99, 97)],
        "train_stops_early": [],
    }
    _merges(item, answer, "ba ca", 257, [(32, 99)], known)
    # all three pairs once each; ac is met before ab
    _merges(item, answer, "acab", 257, [(97, 98)], {"ties_by_left": [(97, 99)]})
    # cd is (99, 100), less than (256, 256), though its letters come later
    known = {"ties_by_bytes": [(97, 98), (256, 256)]}
    _merges(item, answer, "ababcd", 258, [(97, 98), (99, 100)], known)
    _merges(item, answer, text, 259, COCOA[:3], {"train_stops_early": COCOA[:2]})
    known = {"train_stops_early": COCOA[:2], "train_returns_early": []}
    made = _merges(item, answer, text, 300, COCOA, known)
    known = {"train_goes_on": [*COCOA, (32, 99)]}
    _merges(item, answer, "ba ca", 257, [(32, 99)], known, made)
    _merges(item, answer, "€€", 257, [(130, 172)], {"code_points": [(8364, 8364)]})
    passed(item)


def _merges(
    item: str, answer: type, text: str, size: int, right: list, known: dict[str, Any],
    made: Any = None,
) -> Any:  # fmt: skip
    """What train(text, size) leaves in merges and vocab; made: trained before, or a new one."""
    again = " on a tokenizer that was trained before" if made else ""
    looked_at = f'train("{text}", {size}){again}: the pairs of merges, in their order'
    watched = Watched()
    stop = dict.fromkeys(("empty", "StopIteration", "IndexError"), "train_no_pair_left")
    stop |= {"KeyError: 8364": "code_points", "KeyError": "ids_not_from_256"}
    with globals_set(answer, **watched.parts()):
        made = made or tokenizer(item, answer, looked_at="BasicTokenizer()")
        asked(item, made, "train", text, size, looked_at=looked_at, likely=stop)
    found = getattr(made, "merges", None)
    if not isinstance(found, dict):
        raise CheckFailed(
            item, looked_at=looked_at, expected="a dict", found=show(found),
            likely="train_not_stored",
        )  # fmt: skip
    if len(right) > 1 and found == {right[0]: 255 + len(right)}:
        known = {watched.same_pair(): right[:1]}
    equal(item, list(found), right, looked_at=looked_at, known=known)
    ids = list(found.values())
    wanted = list(range(256, 256 + len(right)))
    equal(item, ids, wanted, looked_at="the new ids", likely="ids_not_from_256")
    raw = bytes(right[0])
    vocab = getattr(made, "vocab", None)
    first = vocab.get(256) if isinstance(vocab, dict) else vocab
    equal(item, first, raw, looked_at="vocab[256] after this", likely="train_vocab_missing")
    return made


def decode(answer: type) -> None:
    """The ids of "coco cocoa", whole characters and half ones."""
    item = "decode"
    made = _with_merges(item, answer, [*COCOA[:3], (195, 169)])
    pairs = [([257, 258, 97], "coco cocoa"), ([99, 259], "cé"), ([195, 169], "é")]
    texts(item, made, [*pairs, ([99, 195], "c\ufffd")])
    ids, looked_at = [256, 156], "decode([256, 156]) with byte_ids 255, 254, …, 0: c is 156, o 144"
    made = _with_merges(item, answer, [(156, 144)], BACKWARDS)
    found = asked(item, made, "decode", ids, looked_at=looked_at)
    equal(item, found, "coc", looked_at=looked_at, known={"decode_own_order": "co\ufffd"})
    passed(item)


def _with_merges(item: str, answer: type, pairs: list[tuple[int, int]], *order: list[int]) -> Any:
    made = tokenizer(item, answer, looked_at="BasicTokenizer()")
    asked(item, made, "set_merges", pairs, *order, looked_at=f"set_merges({pairs})")
    return made


def encode(answer: type) -> None:
    """The text "coco cocoa" with the merges of training; then texts in which two merges compete."""
    item = "encode"
    raw = list(b"coco cocoa")
    cc = [(99, 99)]  # of ccc, the only pair there is
    _ids(item, answer, cc, "ccc", [256, 99], {"encode_not_merged": [99, 99, 99]})
    _ids(item, answer, cc, "cc", [256], {"encode_two_ids": [99, 99]})
    _ids(item, answer, COCOA[:3], "coco cocoa", [257, 258, 97], {
        "encode_one_round": [256, 256, 32, 256, 256, 97],
        "encode_unknown_first": raw,
    })  # fmt: skip
    first = [(97, 98), (98, 99)]  # ab was learnt before bc
    _ids(item, answer, first, "abc", [256, 99], {"encode_last_learnt": [97, 257]})
    known = {"encode_by_count": [97, 257, 257]}
    _ids(item, answer, first, "abcbc", [256, 99, 257], known)
    other = [(99, 97), (97, 98)]  # ca before ab, though (97, 98) is the smaller pair
    _ids(item, answer, other, "cab", [256, 98], {"encode_smallest_pair": [99, 257]})
    other = [(98, 99), (97, 98), (97, 256)]  # bc before ab; abc is a with bc
    _ids(item, answer, other, "abc", [258], {"encode_left_to_right": [257, 99]})
    other = [(99, 100), (97, 98), (257, 99)]  # cd before ab; abc is ab with c
    _ids(item, answer, other, "abcd", [257, 256], {"encode_longest_match": [258, 100]})
    for text in ("", "a"):
        _ids(item, answer, other, text, list(text.encode()), {})
    known = {"encode_byte_order": list(b"coc")}
    _ids(item, answer, [(156, 144)], "coc", [256, 156], known, BACKWARDS)
    tried = _ids(item, answer, other, "xy", [120, 121], {})
    passed(item, SLOW if tried >= len(other) else "")


def _ids(
    item: str, answer: type, pairs: list, text: str, right: list[int], known: dict[str, Any],
    *order: list[int],
) -> int:  # fmt: skip
    """encode(text) under these merges; returns how many of them were tried."""
    looked_at = f'encode("{text}") with the merges {pairs}'
    looked_at += " and byte_ids 255, 254, …, 0: c is 156, o 144" if order else ""
    watched = Watched()
    with globals_set(answer, **watched.parts()):
        made = _with_merges(item, answer, pairs, *order)
        found = asked(item, made, "encode", text, looked_at=looked_at, likely=SHORT)
    found = list_of_ids(item, found, looked_at)
    equal(item, found, right, looked_at=looked_at, known=known)
    return watched.merges
