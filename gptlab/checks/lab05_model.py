"""The checks of lab05 on the model: the block, gpt2, and writing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from gptlab.checks.core import CheckFailed, call, globals_set, kind, must_be_callable, passed, show
from gptlab.checks.lab05_numbers import (
    PARTS,
    Array,
    many,
    normed,
    same,
    shares,
    stacked,
    thought,
    unchanged,
)

PLAIN = {"g": np.ones(2), "b": np.zeros(2)}
MOVED = {"g": np.ones(2), "b": np.array([5.0, 0.0])}


def times(heads: float, inner: float) -> dict[str, Any]:
    """attn and mlp that are simple: the mean of the past times `heads`, each place times `inner`.

    gelu(z) - gelu(-z) is z: with z and -z among the hidden numbers, feed-forward is a factor.
    """
    one, none = np.eye(2), np.zeros((2, 2))
    c_attn = {"w": np.concatenate([none, none, one], 1), "b": np.zeros(6)}
    c_fc = {"w": np.concatenate([one, -one, none, none], 1), "b": np.zeros(8)}
    back = inner * np.concatenate([one, -one, none, none])
    return {
        "attn": {"c_attn": c_attn, "c_proj": {"w": heads * one, "b": np.zeros(2)}},
        "mlp": {"c_fc": c_fc, "c_proj": {"w": back, "b": np.zeros(2)}},
    }


def adds(*numbers: float) -> dict[str, Any]:
    """A block that adds these two numbers to each place."""
    block = times(0.0, 0.0) | {"ln_1": PLAIN, "ln_2": PLAIN}
    block["mlp"]["c_proj"]["b"] = np.array(numbers)
    return block


def transformer_block(answer: Callable[..., Any]) -> None:
    """The block of the lab: "heads" that multiply by -4, a "feed-forward" that multiplies by 3."""
    item = "transformer_block"
    must_be_callable(item, answer)
    x = np.array([[1.0, 7.0], [0.0, 20.0]])
    block = times(-4.0, 3.0) | {"ln_1": PLAIN, "ln_2": MOVED}
    looked_at = "transformer_block of the two places of the lab, (1, 7) and (0, 20)"
    given = x.copy()
    with globals_set(answer, **PARTS):
        found = call(item, answer, given, **block, n_head=2, looked_at=looked_at)
    right = stacked(x, **block, n_head=2)
    same(item, found, right, looked_at=looked_at, also=_wrong_block(x, block))
    unchanged(item, given, x, "x", "block_in_place")
    passed(item)


def _wrong_block(x: Array, block: Mapping[str, Any]) -> list[tuple[str, Array]]:
    """Pairs of a cause and what it leads to."""

    def talk(x: Array) -> Array:
        return many(x, **block["attn"], n_head=2)

    def think(x: Array) -> Array:
        return thought(x, **block["mlp"])

    def one(x: Array) -> Array:
        return normed(x, **block["ln_1"])

    def two(x: Array) -> Array:
        return normed(x, **block["ln_2"])

    heard = x + talk(one(x))
    replaced = talk(one(x))
    beside = one(x) + talk(one(x))
    last = heard + think(heard)
    first = x + think(two(x))
    after = one(x + talk(x))
    return [
        ("block_no_residual_attention", replaced + think(two(replaced))),
        ("block_no_residual_ff", think(two(heard))),
        ("block_no_residuals", think(two(replaced))),
        ("block_residual_of_normed", two(heard) + think(two(heard))),
        ("block_residual_of_normed", beside + think(two(beside))),
        ("block_norm_after", two(after + think(after))),
        ("block_norms_swapped", x + talk(two(x)) + think(one(x + talk(two(x))))),
        ("block_ln_1_twice", heard + think(one(heard))),
        ("block_ln_2_twice", x + talk(two(x)) + think(two(x + talk(two(x))))),
        ("block_no_norms", x + talk(x) + think(x + talk(x))),
        ("block_no_norm_attention", x + talk(x) + think(two(x + talk(x)))),
        ("block_no_norm_ff", last),
        ("block_in_parallel", heard + think(two(x))),
        ("block_ff_first", first + talk(one(first))),
        ("block_second_from_x", x + think(two(heard))),
    ]


# Three tokens a, b, c and four places, two numbers each.
WTE = np.array([[4.0, 0], [0, 2], [2, 1]])
WPE = np.array([[0.0, 6], [5, 0], [1, 0], [4, 0]])
LN_F = {"g": np.ones(2), "b": np.array([0.0, 1.0])}
CAB = [2, 0, 1]
TABLES = {"wte": WTE, "wpe": WPE, "ln_f": LN_F}


def gpt2(answer: Callable[..., Any]) -> None:
    """The text "cab" of the lab: without blocks, then with two that add something."""
    item = "gpt2"
    must_be_callable(item, answer)
    tables = {"wte": WTE.copy(), "wpe": WPE.copy(), "ln_f": LN_F}
    plain = {"broadcast": "gpt2_all_positions", "core dimension": "gpt2_head_not_transposed"}
    with globals_set(answer, **PARTS):
        for blocks, what in (
            ([], 'gpt2 of "cab", ids [2, 0, 1], with blocks=[]'),
            ([adds(12, 0), adds(0, 10)], "the same with the two blocks of the lab"),
        ):
            ids = list(CAB)
            kept = {"blocks": blocks, "n_head": 2}
            found = call(item, answer, ids, **tables, **kept, looked_at=what, likely=plain)
            right = _scores(_rows(CAB, range(3)), blocks)
            same(item, found, right, looked_at=what, also=_wrong_model(blocks))
            unchanged(item, ids, CAB, "inputs")
            for name in ("wte", "wpe"):
                unchanged(item, tables[name], TABLES[name], name, "gpt2_changes_wte")
    passed(item)


def _rows(ids: Sequence[int], places: Sequence[int]) -> Array:
    return WTE[list(ids)] + WPE[list(places)]


def _scores(x: Array, blocks: Sequence[Mapping[str, Any]]) -> Array:
    """What follows from the rows: (T, 3)."""
    for one in blocks:
        x = stacked(x, **one, n_head=2)
    return np.einsum("tc,vc->tv", normed(x, **LN_F), WTE)


def _wrong_model(blocks: Sequence[Mapping[str, Any]]) -> list[tuple[str, Array]]:
    """Pairs of a cause and what it leads to."""
    x, places = _rows(CAB, range(3)), np.arange(3)
    through = x
    for one in blocks:
        through = stacked(through, **one, n_head=2)
    ready = normed(through, **LN_F)
    right = _scores(x, blocks)
    if blocks:  # the rest was looked at before
        return _wrong_blocks(x, blocks)
    return [
        ("gpt2_no_positions", _scores(WTE[CAB], blocks)),
        ("gpt2_positions_from_one", _scores(_rows(CAB, places + 1), blocks)),
        ("gpt2_positions_constant", _scores(_rows(CAB, 0 * places), blocks)),
        ("gpt2_positions_of_ids", _scores(_rows(CAB, CAB), blocks)),
        ("gpt2_no_tokens", _scores(WPE[:3], blocks)),
        ("gpt2_no_final_norm", np.einsum("tc,vc->tv", through, WTE)),
        ("gpt2_no_head", ready),
        ("gpt2_softmax", shares(right)),
        ("gpt2_last_only", right[-1]),
        ("gpt2_last_only", right[-1:]),
    ]


def _wrong_blocks(x: Array, blocks: Sequence[Mapping[str, Any]]) -> list[tuple[str, Array]]:
    """Pairs of a cause and what it leads to, where the blocks are misused."""
    early = normed(x, **LN_F)
    for one in blocks:
        early = stacked(early, **one, n_head=2)
    return [
        ("gpt2_no_blocks", _scores(x, [])),
        ("gpt2_first_block", _scores(x, blocks[:1])),
        ("gpt2_last_block", _scores(x, blocks[-1:])),
        ("gpt2_norm_first", np.einsum("tc,vc->tv", early, WTE)),
    ]


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
        scores[-1] = [-1.0, -1.0, -2.0, -2.0, -3.0]
        scores[-1, ids[0]] = 1.0
        return scores


WRITTEN = [0, 1, 0, 0, 1, 0]  # ab, then a (of ab), a (of aba), b (of baa), a (of aab)


def generate(answer: Callable[..., Any]) -> None:
    """Four more tokens after "ab", from a model of three places that repeats the first it sees."""
    item = "generate"
    must_be_callable(item, answer)
    params = {"wte": np.zeros((5, 1)), "wpe": np.zeros((3, 1)), "blocks": [], "ln_f": {}}
    looked_at = (
        "generate([0, 1], params, 7, 4), a model of 3 places that bets on the first id it sees"
    )
    model, ids = CopiesFirst(), [0, 1]
    bounds = {"out of bounds": "gen_not_cropped"}
    bounds |= dict.fromkeys(("0-dimensional", "length-1", "size-1"), "gen_arrays")
    with globals_set(answer, gpt2=model):
        found = call(item, answer, ids, params, 7, 4, looked_at=looked_at, likely=bounds)
    likely = "gen_changes_inputs"
    if ids != [0, 1]:
        where = "the caller's list after the call"
        raise CheckFailed(item, looked_at=where, expected="[0, 1]", found=show(ids), likely=likely)
    _written(item, found, model, looked_at)
    if set(model.heads) - {7}:
        where = f"{looked_at}: the n_head that gpt2 was given"
        raise CheckFailed(item, looked_at=where, expected="7", found=show(model.heads[0]))
    passed(item)


def _written(item: str, found: Any, model: CopiesFirst, looked_at: str) -> None:
    """A list of plain numbers, the right ones."""
    if not isinstance(found, (list, tuple, np.ndarray)):
        seen = "None: is a return missing?" if found is None else f"{kind(found)}: {show(found)}"
        raise CheckFailed(item, looked_at=looked_at, expected="a list of ids", found=seen)
    values = list(found)
    if not all(isinstance(i, (int, np.integer)) for i in values):
        likely = "gen_score" if all(np.ndim(i) == 0 for i in values) else "gen_arrays"
        what = "whole numbers"
        raise CheckFailed(
            item, looked_at=looked_at, expected=what, found=show(found), likely=likely
        )
    values = [int(i) for i in values]
    if values != WRITTEN:
        raise CheckFailed(
            item,
            looked_at=looked_at,
            expected=show(WRITTEN),
            found=show(values),
            likely=_why(values, model.seen),
        )


def _why(values: list[int], seen: list[list[int]]) -> str:
    """The cause behind wrong ids, from them and from what the model was shown."""
    shown = [len(ids) for ids in seen]
    if values in (WRITTEN[2:], WRITTEN[-3:]):
        return "gen_only_new" if len(values) == 4 else "gen_text_cropped"
    if len(values) != 6:
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
