"""The check of lab05 on writing: the loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gptlab.checks.core import CheckFailed, call, globals_set, kind, must_be_callable, passed, show
from gptlab.checks.lab05_numbers import STARS, Array


class CopiesFirst:
    """Stands for gpt2: five tokens, three places; it bets on the first token that it sees."""

    def __init__(self) -> None:
        self.seen: list[list[int]] = []
        self.heads: list[Any] = []

    def __call__(
        self, inputs: Any, wte: Any, wpe: Any, blocks: Any, ln_f: Any, n_head: Any
    ) -> Array:
        ids = [int(i) for i in inputs]
        self.seen.append(ids)
        self.heads.append(n_head)
        if len(ids) > len(wpe):
            raise IndexError(f"index {len(wpe)} is out of bounds for wpe: {len(ids)} places asked")
        scores = np.zeros((len(ids), 5))
        scores[:, 2] = 9.0  # rows between the first and the last bet on token 2, and loudly
        scores[0] = [0.0, 0.0, 0.0, 8.0, 0.0]
        scores[-1] = [0.0, 0.0, -0.1, -0.1, -0.2]  # so close that a draw soon takes another one
        scores[-1, ids[0]] = 0.1
        return scores


CopiesFirst.__call__.__qualname__ = "gpt2"


# By the number of places: "ab" and five more.
WRITTEN = {3: [0, 1, 0, 0, 1, 0, 0], 2: [0, 1, 0, 1, 0, 1, 0]}
SLIPS = {"out of bounds": "gen_not_cropped", **STARS}
SLIPS |= dict.fromkeys(("0-dimensional", "length-1", "size-1"), "gen_arrays")


def generate(answer: Callable[..., Any]) -> None:
    """Five more tokens after "ab", from models of three and two places."""
    item = "generate"
    must_be_callable(item, answer)
    for places in (3, 2):
        looked_at = f"generate([0, 1], params, 7, 5), a model of {places} places"
        looked_at += " that bets on the first id it sees"
        model, found = _run(item, answer, places, looked_at)
        _written(item, found, model, places, looked_at, lambda: _run(item, answer, 3, "")[1])
        if set(model.heads) - {7}:
            where = f"{looked_at}: the n_head that gpt2 was given"
            raise CheckFailed(item, looked_at=where, expected="7", found=show(model.heads[0]))
    passed(item)


def _run(
    item: str, answer: Callable[..., Any], places: int, looked_at: str
) -> tuple[CopiesFirst, Any]:
    """The model that was asked, and what came back."""
    wpe = np.zeros((places, 1))
    params = {"wte": np.zeros((5, 1)), "wpe": wpe, "blocks": [], "ln_f": {}}
    model, ids = CopiesFirst(), [0, 1]
    slips = SLIPS if places == 3 else {**SLIPS, "out of bounds": "gen_cropped_fixed"}
    with globals_set(answer, gpt2=model):
        found = call(item, answer, ids, params, 7, 5, looked_at=looked_at, likely=slips)
    if ids != [0, 1]:
        where, likely = "the caller's list after the call", "gen_changes_inputs"
        raise CheckFailed(item, looked_at=where, expected="[0, 1]", found=show(ids), likely=likely)
    return model, found


def _written(
    item: str, found: Any, model: CopiesFirst, places: int, looked_at: str, again: Callable
) -> None:
    """A list of plain numbers, the right ones."""

    def wrong(expected: str, seen: str, likely: str = "") -> None:
        raise CheckFailed(item, looked_at=looked_at, expected=expected, found=seen, likely=likely)

    if not isinstance(found, (list, tuple)):
        grown = isinstance(found, np.ndarray)
        seen = "None: is a return missing?" if found is None else f"{kind(found)}: {show(found)}"
        wrong("a list of ids", seen, "gen_no_list" if grown else "")
    values = list(found)
    if not all(isinstance(i, (int, np.integer)) for i in values):
        likely = "gen_score" if all(np.ndim(i) == 0 for i in values) else "gen_arrays"
        wrong("whole numbers", show(found), likely)
    values = [int(i) for i in values]
    if values != WRITTEN[places]:
        drawn = places == 3 and list(again()) != values
        likely = "gen_samples" if drawn else _why(values, model.seen, places)
        wrong(show(WRITTEN[places]), show(values), likely)
    if isinstance(found, tuple):
        wrong("a list of ids", f"a tuple: {show(found)}", "gen_no_list")


def _why(values: list[int], seen: list[list[int]], places: int) -> str:
    """The cause behind wrong ids, from them and from what the model was shown."""
    shown, right = [len(ids) for ids in seen], WRITTEN[places]
    if places == 2:
        return "gen_cropped_fixed"
    if values[-2:] == [0, 1] and values != right and len(values) == 7:
        return "gen_put_in_front"
    if values == right[2:]:
        return "gen_only_new"
    if values in (right[-3:], right[-4:]):
        return "gen_text_cropped"
    if values == right[:3] and len(seen) == 1:
        return "gen_returns_in_loop"
    if len(values) != 7:
        return "gen_count"
    if 4 in values:
        return "gen_least"
    if max(values) > 1:
        return "gen_first_row" if set(values) == {0, 1, 3} else "gen_all_rows"
    if max(shown) < 3:
        return {1: "gen_last_only"}.get(
            max(shown),
            "gen_not_appended" if seen[0] == seen[-1] == seen[1] else "gen_cropped_one_less",
        )
    return "gen_cropped_first" if seen[-1] == seen[1] else ""
