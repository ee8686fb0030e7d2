"""The checks of lab01: one function an item. All numbers are those worked by hand in the lab.

Here are those from text to batches; lab01_tables.py and lab01_training.py have the others. What a
function reads from the notebook's globals is set for the time of its check, so that each answer is
judged alone; drawing at random leaves the notebook's generator as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from gptlab.checks import quiz
from gptlab.checks.core import (
    NotAttempted,
    call,
    equal,
    globals_set,
    must_be_callable,
    passed,
    two,
)
from gptlab.checks.lab01_batches import get_batch
from gptlab.checks.lab01_tables import count_pairs, counted_loss, coverage, probabilities, whole
from gptlab.checks.lab01_training import estimate_loss, generate, model, shapes, train_step

__all__ = [
    "batch_text",
    "choice",
    "count_pairs",
    "counted_loss",
    "coverage",
    "decode",
    "encode",
    "estimate_loss",
    "generate",
    "get_batch",
    "lookup",
    "model",
    "preview",
    "probabilities",
    "shapes",
    "split",
    "train_step",
    "vocabulary",
    "whole",
    "windows",
]

choice = quiz.for_lab("lab01_bigram")

AB = {"a": 0, "b": 1}
ABBA = torch.tensor([0, 1, 1, 0])


def preview(answer: Callable[..., str]) -> None:
    """The first n characters."""
    must_be_callable("preview", answer)
    known = {"preview_ignores_n": "abba", "preview_last": "ba"}
    known |= {"preview_off_by_one": "abb"}
    found = call("preview", answer, "abba", 2, looked_at='preview("abba", 2)')
    if found == "a":
        known["preview_off_by_one"] = "a"
    equal("preview", found, "ab", looked_at='preview("abba", 2)', known=known)
    looked_at = "the length of preview(text), 200 by default"
    found = call("preview", answer, "ab" * 200, looked_at=looked_at)
    equal("preview", len(found), 200, looked_at=looked_at, likely="preview_off_by_one")
    passed("preview")


def vocabulary(answer: Callable[[str], Any]) -> None:
    """Sorted distinct characters and their ids."""
    item = "vocabulary"
    must_be_callable(item, answer)
    for text in ("dacbfade", "abba"):
        looked_at = f'build_vocabulary("{text}")'
        chars, stoi = two(item, call(item, answer, text, looked_at=looked_at), looked_at=looked_at)
        right = sorted(set(text))
        known = {"vocabulary_descending": right[::-1]}
        likely = ""
        if isinstance(chars, list):
            repeats = len(set(chars)) < len(chars)
            likely = "vocabulary_repeats" if repeats else "vocabulary_unsorted"
        looked_at += ", chars"
        equal(item, chars, right, looked_at=looked_at, known=known, likely=likely)
        known = {
            "vocabulary_reversed": dict(enumerate(right)),
            "vocabulary_from_one": {ch: i for i, ch in enumerate(right, 1)},
        }
        right_ids = {ch: i for i, ch in enumerate(right)}
        looked_at = looked_at.replace("chars", "stoi")
        equal(item, stoi, right_ids, looked_at=looked_at, known=known)
    passed(item)


def lookup(index_of_k: int, character_12: str) -> None:
    """The id of k and the character with id 12, in the 65 characters of Tiny Shakespeare."""
    for name, found in (("index_of_k", index_of_k), ("character_12", character_12)):
        if found is None:
            raise NotAttempted("lookup", looked_at=name, found="None")
    known = {"lookup_swapped": "?", "lookup_off_by_one": 50}
    equal("lookup", index_of_k, 49, looked_at="index_of_k", known=known)
    known = {"lookup_off_by_one": ";", "lookup_digit": "12"}
    equal("lookup", character_12, "?", looked_at="character_12", known=known)
    passed("lookup")


def encode(answer: Callable[[str], list[int]]) -> None:
    """Ids of the characters."""
    must_be_callable("encode", answer)
    known = {
        "encode_wrong_direction": [0, 1, 1],
        "encode_own_order": [0, 0, 1],
        "encode_unique": [0, 1],
        "encode_ord": [97, 98, 98, 97],
    }
    itos = {"list indices": "encode_itos"}
    with globals_set(answer, stoi=AB, chars=["a", "b"], itos=["a", "b"]):
        for text, right in (("abba", [0, 1, 1, 0]), ("bba", [1, 1, 0])):
            looked_at = f'encode("{text}"), with a = 0 and b = 1'
            found = call("encode", answer, text, looked_at=looked_at, likely=itos)
            equal("encode", found, right, looked_at=looked_at, known=known)
    passed("encode")


def decode(answer: Callable[[list[int]], str]) -> None:
    """The string with these ids."""
    must_be_callable("decode", answer)
    known = {
        "decode_spaces": "b b a",
        "decode_list": ["b", "b", "a"],
        "decode_chr": "\x01\x01\x00",
        "decode_reversed": "abb",
    }
    with globals_set(answer, stoi=AB, chars=["a", "b"], itos=["a", "b"]):
        for ids, right in (([1, 1, 0], "bba"), ([0, 1, 1, 0], "abba")):
            looked_at = f"decode({ids}), with a = 0 and b = 1"
            found = call("decode", answer, ids, looked_at=looked_at)
            equal("decode", found, right, looked_at=looked_at, known=known)
    passed("decode")


def split(answer: Callable[..., Any]) -> None:
    """Two pieces, in order."""
    must_be_callable("split", answer)
    ten = torch.arange(10)
    looked_at = "split_data of the ids 0 to 9, fraction=0.7"
    whole = {"slice indices": "split_not_whole"}
    found = call("split", answer, ten, 0.7, looked_at=looked_at, likely=whole)
    found = two("split", found, looked_at=looked_at)
    known = {
        "split_swapped": (ten[7:], ten[:7]),
        "split_fixed": (ten[:9], ten[9:]),
        "split_val_fraction": (ten[:3], ten[3:]),
        "split_overlap": (ten[:7], ten[6:]),
        "split_gap": (ten[:7], ten[8:]),
    }
    likely = ""
    if all(isinstance(part, Tensor) for part in found):
        together = torch.cat(found)
        mixed = sorted(together.tolist()) == ten.tolist() != together.tolist()
        likely = "split_shuffled" if mixed else ""
    equal("split", found, (ten[:7], ten[7:]), looked_at=looked_at, known=known, likely=likely)
    nine = ten[:9]
    looked_at = "split_data of the ids 0 to 8, fraction=0.75"
    found = two(
        "split", call("split", answer, nine, 0.75, looked_at=looked_at), looked_at=looked_at
    )
    known = {"split_rounded": (nine[:7], nine[7:])}
    equal("split", found, (nine[:6], nine[6:]), looked_at=looked_at, known=known)
    looked_at = "split_data of the ids 0 to 9, fraction left at 0.9"
    found = two("split", call("split", answer, ten, looked_at=looked_at), looked_at=looked_at)
    equal("split", found, (ten[:9], ten[9:]), looked_at=looked_at)
    passed("split")


def windows(answer: Callable[..., Any]) -> None:
    """The questions in one window."""
    must_be_callable("windows", answer)
    looked_at = "prediction_tasks of the window a b b (0, 1, 1) with targets b b a (1, 1, 0)"
    late = {"IndexError": "windows_y_too_late"}
    found = call("windows", answer, ABBA[:3], ABBA[1:], looked_at=looked_at, likely=late)
    if isinstance(found, list):
        found = [tuple(task) if isinstance(task, list) else task for task in found]
    right = [([0], 1), ([0, 1], 1), ([0, 1, 1], 0)]
    known = {
        "windows_context_too_short": [([], 1), ([0], 1), ([0, 1], 0)],
        "windows_targets_from_x": [([0], 0), ([0, 1], 1), ([0, 1, 1], 1)],
        "windows_last_only": [([0], 1), ([1], 1), ([1], 0)],
        "windows_not_a_list": [(0, 1), (1, 1), (1, 0)],
        "windows_one_short": right[:2],
    }
    likely = "windows_tensors" if "tensor(" in repr(found) else ""
    equal("windows", found, right, looked_at=looked_at, known=known, likely=likely)
    passed("windows")


def batch_text(answer: Callable[[Tensor], list[str]]) -> None:
    """One string a row."""
    must_be_callable("batch_text", answer)
    rows = torch.stack([ABBA[:3], ABBA[1:]])
    looked_at = "batch_text of the two rows (0, 1, 1) and (1, 1, 0), with a = 0 and b = 1"
    values = {"stoi": AB, "itos": ["a", "b"], "chars": ["a", "b"], "decode": _decode}
    with globals_set(answer, **values):
        found = call("batch_text", answer, rows, looked_at=looked_at)
    known = {
        "batch_text_one_string": "abbbba",
        "batch_text_first_row": ["abb"],
        "batch_text_columns": ["ab", "bb", "ba"],
    }
    if found == "abb":
        known["batch_text_first_row"] = "abb"
    equal("batch_text", found, ["abb", "bba"], looked_at=looked_at, known=known)
    passed("batch_text")


def _decode(ids: Any) -> str:
    return "".join("ab"[i] for i in ids)
