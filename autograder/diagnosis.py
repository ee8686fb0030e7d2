"""Names the mistake behind a wrong answer, where its numbers are exactly those of a known one.

Every mistake of the catalogue is run once through the hidden tests of its own item; what the
"student" replied in each test is kept. A real student who fails the same tests with the same
replies has made that mistake.
"""

from __future__ import annotations

import base64
import json
import math
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch

from autograder import graded, paths, results, variants, wire
from autograder.catalogue import Mistake, catalogue
from autograder.source import Lab, load
from autograder.tester import Outcome
from autograder.values import Handle
from gptlab.checks.causes import CAUSES

Replies = dict[str, tuple[bool, bytes]]  # test -> passed, replies
LONGER = 8  # as many times as long, no reply is the same: 0.5 may be 0.4999999999999999


def name_mistakes(lab: Lab, item: str, outcomes: list[Outcome]) -> list[Mistake]:
    """The mistakes of this item whose replies are the student's, in every test that fails."""
    if all(outcome.passed for outcome in outcomes):
        return []
    learn(lab)
    mistakes = [mistake for mistake in catalogue(lab.name).MISTAKES if mistake.item == item]
    return matching(mistakes, mistake_replies(lab), outcomes)


def matching(
    mistakes: list[Mistake], known: dict[str, Replies], outcomes: list[Outcome]
) -> list[Mistake]:
    """Those mistakes that fail the same tests as these outcomes, with the same replies."""
    mine = {outcome.test: outcome for outcome in outcomes}
    failed = {test for test, outcome in mine.items() if not outcome.passed}
    found = []
    for mistake in mistakes:
        replies = known[mistake.id]
        if failed == {test for test, (passed, _) in replies.items() if not passed} and all(
            same_replies(mine[test].replies, replies[test][1]) for test in failed
        ):
            found.append(mistake)
    return found


def sentence(mistake: Mistake) -> str:
    """What a student reads of a cause."""
    return CAUSES[mistake.cause or mistake.id]


def learn(lab: Lab) -> None:
    """Run the catalogue once, if that has not been done: the replies serve every submission."""
    if replies_file(lab).is_file():
        return
    count = len(catalogue(lab.name).MISTAKES)
    print(f"  {lab.name}: trying its {count} known mistakes, once for all submissions",
          file=sys.stderr, flush=True)  # fmt: skip
    # A process of its own: it forks for each mistake, and the caller may have threads.
    context = multiprocessing.get_context("spawn")
    with graded.environment(), ProcessPoolExecutor(1, mp_context=context) as pool:
        pool.submit(_learn, lab.name).result()


def _learn(lab_name: str) -> None:
    mistake_replies(load(lab_name))


def mistake_replies(lab: Lab) -> dict[str, Replies]:
    """For each mistake of the lab, what it replies in the tests of its item."""
    path = replies_file(lab)
    if path not in _known:
        if not path.is_file():
            keep(lab, _run_mistakes(lab))
        raw = json.loads(path.read_text(encoding="utf-8"))
        _known[path] = {
            name: {test: (passed, base64.b64decode(text)) for test, (passed, text) in of.items()}
            for name, of in raw.items()
        }
    return _known[path]


def keep(lab: Lab, found: dict[str, Replies]) -> None:
    """Write down the replies of every mistake of a lab, as the matrix too has found them."""
    path = replies_file(lab)
    if path.is_file():
        return
    written = {
        name: {test: (passed, base64.b64encode(raw).decode()) for test, (passed, raw) in of.items()}
        for name, of in found.items()
    }
    results.write_whole(path, json.dumps(written))
    for old in set(path.parent.glob(f"mistakes-{lab.name}-*.json")) - {path}:
        old.unlink(missing_ok=True)


def replies_file(lab: Lab) -> Path:
    """Where the replies are kept: they are the same for every submission."""
    return paths.results() / f"mistakes-{lab.name}-{results.lab_key(lab)}.json"


_known: dict[Path, dict[str, Replies]] = {}


def _run_mistakes(lab: Lab) -> dict[str, Replies]:
    wanted = [
        variants.Variant(mistake.id, mistake.applied_to(lab), (mistake.item,))
        for mistake in catalogue(lab.name).MISTAKES
    ]
    return {
        variant.id: {outcome.test: (outcome.passed, outcome.replies) for outcome in outcomes}
        for variant, outcomes in variants.run_all(lab, wanted)
    }


def same_replies(a: bytes, b: bytes) -> bool:
    """Whether two tests got the same answers, numbers within 1e-5; none are like none."""
    longer, shorter = max(len(a), len(b)), min(len(a), len(b))
    if not shorter or longer > LONGER * shorter + 1000:
        return False
    return a == b or _same(wire.unpack(a), wire.unpack(b))


def _same(a: Any, b: Any) -> bool:
    if type(a) is not type(b):
        return False
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(_same, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(_same(a[key], b[key]) for key in a)
    if isinstance(a, torch.Tensor):
        return (
            a.shape == b.shape
            and a.dtype == b.dtype
            and torch.allclose(_wide(a), _wide(b), rtol=1e-5, atol=1e-6, equal_nan=True)
        )
    if isinstance(a, np.ndarray):
        return a.shape == b.shape and np.allclose(a, b, rtol=1e-5, atol=1e-6, equal_nan=True)
    if isinstance(a, float):
        return math.isclose(a, b, rel_tol=1e-5, abs_tol=1e-6) or (math.isnan(a) and math.isnan(b))
    if isinstance(a, Handle):
        return a.type == b.type
    return bool(a == b)


def _wide(value: torch.Tensor) -> torch.Tensor:
    return value.to(torch.complex128 if value.is_complex() else torch.float64)
