"""The check of lab12's turn: what the model says, token after token."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import torch

from gptlab.checks.core import (
    call,
    equal,
    kept,
    kind,
    must_be_callable,
    passed,
    show,
)  # fmt: skip
from gptlab.checks.lab12_stand_ins import (
    Bounded,
    Known,
    Sums,
    explaining_first,
    refuse,
    summed,
    tried,
)  # fmt: skip

TURN_ERRORS = {
    "are more than block_size": "chat_turn_no_crop", "ZeroDivisionError": "chat_turn_zero",
    "in the place of (B, T)": "chat_turn_ids_shape", "inf, nan or element": "chat_turn_not_odds",
    "probability tensor contains": "chat_turn_not_odds", "'tuple' object": "chat_turn_pair",
    "too many values": "chat_turn_pair", "selected index k": "chat_turn_top_k_large",
    "only one element": "chat_turn_many_scores", "cannot be converted to Scalar":
    "chat_turn_many_scores", "1 or 2 dim": "chat_turn_many_scores", "temperature=":
    "chat_turn_choose", "top_p": "chat_turn_choose", "Generator'": "chat_turn_choose",
    "top_k=None": "chat_turn_choose", "instances of 'NoneType'": "chat_turn_top_k_none",
    "and 'NoneType'": "chat_turn_top_k_none", "tuple indices must be": "chat_turn_pair",
    "too many indices": "chat_turn_squeezed", "can only concatenate list": "chat_turn_tensor_added",
    "the loop never ends": "chat_turn_endless", "has no attribute 'block_size'": "chat_turn_config",
    "name 'model'": "chat_turn_config",
}  # fmt: skip


def turn(answer: Callable[..., list[int]]) -> None:
    """A model that adds up what it sees: greedy, with an end, with dice."""
    item = "turn"
    must_be_callable(item, answer)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1202)  # no seed that an answer might set
        state = torch.random.get_rng_state()
        _greedy(item, answer)
        _warm(item, answer)
        _likeliest(item, answer)
        torch.random.set_rng_state(state)
        _seeds(item, answer, state)
    passed(item)


def _run(
    item: str, answer: Callable[..., list[int]], ids: list[int], looked_at: str, *args: Any,
    block_size: int = 3, **knobs: Any,
) -> tuple[Any, Sums]:  # fmt: skip
    model, mine = Sums(block_size).eval(), list(ids)
    found = call(item, answer, model, mine, *args, looked_at=looked_at, likely=TURN_ERRORS,
                 **knobs)  # fmt: skip
    kept(item, mine, ids, "ids", likely="chat_turn_changed")
    if model.training:
        refuse(item, looked_at, "a model in evaluation mode, as it came", "in training mode",
               "chat_turn_trains")  # fmt: skip
    return found, model


# (prompt, most new tokens, end, block_size)
GREEDY = (([1, 2], 9, 0, 3), ([1, 2], 9, 2, 3), ([1, 2], 4, 4, 3), ([1, 2], 2, 0, 3),
          ([2, 1, 2, 3, 4], 6, 0, 3), ([1, 2], 6, 4, 2), ([3], 5, 1, 3),
          ([1, 2], 0, 4, 3))  # fmt: skip


def _greedy(item: str, answer: Callable[..., list[int]]) -> None:
    """Temperature 0: an end that comes, one that does not, one that stands in the prompt."""
    for ids, count, end, size in GREEDY:
        looked_at = f"after {ids}, at most {count} new, end_id={end}, block_size={size}, "
        looked_at += "temperature=0"
        bounded = Bounded(answer, 50_000)
        found, model = _run(item, bounded, ids, looked_at, count, end, 0, block_size=size)
        right = summed(ids, count, end, size)
        known, likely = _turn_slips(ids, count, end, size), _list_cause(found)
        if isinstance(found, list) and found != right and not likely:
            if _draws(answer, ids, count, end, size):
                known, likely = [], "chat_turn_cold_draw"
            every = [(_again(answer, *case), _turn_slips(*case)) for case in GREEDY]
            known = explaining_first(known, every)
        equal(item, found, right, looked_at=looked_at, likely=likely, known=known)
        equal(item, model.seen[:1], [ids[-size:]][:count], looked_at=f"{looked_at}: what it sees "
              "first", likely="chat_turn_padded")  # fmt: skip


def _draws(answer: Callable[..., list[int]], *case: Any) -> bool:
    """Whether the same call at temperature 0 gives now this and now that."""
    said = [_again(answer, *case) for _ in range(8)]
    return any(one != said[0] for one in said)


def _again(answer: Callable[..., Any], ids: list[int], count: int, end: int, size: int) -> Any:
    """One more call; None where it fails."""
    return tried(answer, Sums(size).eval(), list(ids), count, end, 0)


def _list_cause(found: Any) -> str:
    if hasattr(found, "tolist"):
        return "chat_turn_tensor"
    if isinstance(found, list) and any(hasattr(one, "tolist") for one in found):
        return "chat_turn_tensor"
    if isinstance(found, list) and any(isinstance(one, list) for one in found):
        return "chat_turn_nested"
    return "chat_turn_text" if isinstance(found, str) else ""


def _turn_slips(ids: list[int], count: int, end: int, size: int) -> Known:
    """What common slips give back."""
    right, on = summed(ids, count, end, size), summed(ids, count, -1, size)
    first, alone = list(ids), list(ids[-1:])
    while len(first) < len(ids) + count:
        first.append(sum(first[:size]) % 5)
    while len(alone) <= count:
        alone.append(alone[-1])
    fixed = summed(ids[-size:], count, end, 99)
    less = summed(ids, max(0, count - 1), end, size)
    more = summed(ids, count + 1, end, size)
    return [
        ("chat_turn_end_kept", [*right, end]), ("chat_turn_prompt_too", [*ids, *right]),
        ("chat_turn_prompt_too", [*ids, *right, end]), ("chat_turn_end_ignored", on),
        ("chat_turn_prompt_too", [*ids, *on]),
        ("chat_turn_end_cut_out", [token for token in on if token != end]),
        ("chat_turn_end_in_prompt", [] if end in ids else right),
        ("chat_turn_crop_first", first[len(ids):]),
        ("chat_turn_crop_first", first[len(ids):][: len(right)]),
        ("chat_turn_last_only", alone[1:]), ("chat_turn_no_crop", fixed),
        ("chat_turn_no_crop", summed(ids, count, end, 99)),
        ("chat_turn_one_token", right[:1]), ("chat_turn_nothing", []),
        ("chat_turn_endless", summed(ids, 60, end, size)),
        ("chat_turn_count", more), ("chat_turn_count", less),
        ("chat_turn_falsy", next((on[:n] for n, one in enumerate(on) if one in (0, end)), on)),
        ("chat_turn_cut", right[:size]), ("chat_turn_last_lost", right[:-1]),
        ("chat_turn_backwards", right[::-1]),
        ("chat_turn_crop_less", summed(ids, count, end, size - 1)),
        ("chat_turn_count_to_block", right[: max(0, size - len(ids))]),
        ("chat_turn_same_again", [right[0]] * count if right else []),
    ]  # fmt: skip


def _likeliest(item: str, answer: Callable[..., list[int]]) -> None:
    """top_k=1 is greedy, however hot; a top_k of more than there are is all."""
    looked_at = "after [1, 2], at most 8 new, end_id=9, temperature=9, top_k=1"
    found, _ = _run(item, answer, [1, 2], looked_at, 8, 9, temperature=9.0, top_k=1)
    equal(item, found, summed([1, 2], 8, 9), looked_at=looked_at, likely="chat_turn_no_top_k")
    looked_at = "after [1, 2], 1 new, top_k=20 (the default), where there are 5 tokens"
    _run(item, answer, [1, 2], looked_at, 1, 9)


def _seeds(item: str, answer: Callable[..., list[int]], state: torch.Tensor) -> None:
    """The same seed, the same turn; another another, and so where the dice go on."""
    looked_at = "after [1, 2], 30 new, temperature=9, twice each with a generator of seed 3, 3, 4"
    drawn = []
    for seed in (3, 3, 4):
        dice = torch.Generator().manual_seed(seed)
        for _ in range(2):
            found, _ = _run(item, answer, [1, 2], looked_at, 30, 9, 9.0, generator=dice)
            drawn.append(found)
    if drawn[0] != drawn[2]:
        refuse(item, looked_at, "the same ids from the same seed", "other ids",
               "chat_turn_no_generator")  # fmt: skip
    if not torch.random.get_rng_state().equal(state):
        refuse(item, looked_at, "torch's own random state as it was", "it has moved on",
               "chat_turn_reseeds")  # fmt: skip
    if drawn[0] == drawn[4]:
        refuse(item, looked_at, "other ids from another seed", "the same", "chat_turn_no_draw")
    if drawn[0] == drawn[1]:
        refuse(item, looked_at, "other ids from a second call", "the same", "chat_turn_reseeds")
    looked_at = "after [1, 2], at most 30 new, end_id=0, temperature=9, a generator of seed 3"
    dice = torch.Generator().manual_seed(3)
    found, _ = _run(item, answer, [1, 2], looked_at, 30, 0, 9.0, generator=dice)
    equal(item, found, drawn[0][: drawn[0].index(0)], looked_at=looked_at,
          known=[("chat_turn_end_cut_out", [one for one in drawn[0] if one])])  # fmt: skip


DRAWS = 1000


def _warm(item: str, answer: Callable[..., list[int]]) -> None:
    """One new token, many times: how often each comes."""
    logits = Sums()(torch.tensor([[1, 2]]))[0][0, 0]
    two_best = logits.masked_fill(logits < 2, -torch.inf)
    for knobs, right, slips in (
        ({"temperature": 2.0, "top_k": 2}, two_best / 2,
         [("chat_turn_no_temperature", two_best), ("chat_turn_no_top_k", logits / 2),
          ("chat_turn_temperature_times", two_best * 2), ("chat_turn_twice", two_best / 4),
          ("chat_turn_no_top_k", logits), ("chat_turn_zeroed", logits.clamp(min=0) / 2)]),
        ({"temperature": 1.0, "top_k": None}, logits,
         [("chat_turn_softmax_twice", logits.softmax(0))]),
        ({"temperature": 0.5, "top_k": 2}, two_best * 2,
         [("chat_turn_cool_is_cold", two_best * 1e3), ("chat_turn_twice", two_best * 4)]),
    ):  # fmt: skip
        told = ", ".join(f"{name}={value}" for name, value in knobs.items())
        looked_at = f"after [1, 2], 1 new, {DRAWS:,} times, {told}"
        share = _shares(item, answer, looked_at, knobs)
        if _near(share, right.softmax(0)):
            continue
        cause = next((name for name, one in slips if _near(share, one.softmax(0))), "")
        if not cause and share.max() == 1:
            hot, _ = _run(item, answer, [1, 2], looked_at, 8, 9, temperature=9.0)
            cause = "chat_turn_no_draw" if hot == summed([1, 2], 8, 9) else "chat_turn_reseeds"
            if cause == "chat_turn_reseeds" and knobs["top_k"]:  # or are all but one left out?
                of_three = _shares(item, answer, looked_at, knobs | {"top_k": 3})
                cause = "chat_turn_top_k_one_less" if of_three.max() < 1 else cause
        said, seen = (", ".join(f"{n:.2f}" for n in row.tolist())
                      for row in (right.softmax(0), share))  # fmt: skip
        refuse(item, looked_at, f"tokens 0 to 4 with shares near {said}", seen, cause)


def _shares(item: str, answer: Callable[..., Any], looked_at: str, knobs: dict) -> torch.Tensor:
    """How often each of the five tokens is the first one said."""
    dice, often = torch.Generator().manual_seed(3), Counter()
    for _ in range(DRAWS):
        found, _ = _run(item, answer, [1, 2], looked_at, 1, 9, generator=dice, **knobs)
        if not isinstance(found, list) or len(found) != 1:
            refuse(item, looked_at, "a list of one id", f"{kind(found)}: {show(found)}")
        often[found[0]] += 1
    return torch.tensor([often[token] / DRAWS for token in range(5)])


def _near(share: torch.Tensor, odds: torch.Tensor) -> bool:
    return bool(((share - odds).abs() <= 4.5 * (odds * (1 - odds) / DRAWS).sqrt() + 1e-3).all())
