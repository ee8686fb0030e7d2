"""The checks of lab08 on what AdamW is told: who decays, and how fast it goes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from gptlab.checks.core import call, equal, kind, must_be_callable, passed
from gptlab.checks.lab07_parts import refuse

PEAK, LOW = 0.4, 0.1  # of the worked example, with a warm-up of 3 steps and 7 in all
RATES = [0.1, 0.2, 0.3, 0.4, 0.3561, 0.25, 0.1439, 0.1, 0.1]


class _Three(nn.Module):
    """The three parts of the example: a table, a linear layer, a norm."""

    def __init__(self) -> None:
        super().__init__()
        self.table, self.linear = nn.Embedding(5, 2), nn.Linear(2, 3)
        self.norm = nn.LayerNorm(3)


@torch.random.fork_rng(devices=[])
def groups(answer: Callable[..., list[dict[str, Any]]]) -> None:
    """The model of the example, then one with a weight of three axes."""
    item, looked_at = "groups", "a table (5, 2), a linear layer 2 -> 3, a norm of 3, decay 0.5"
    must_be_callable(item, answer)
    model = _Three()
    found = call(item, answer, model, 0.5, looked_at=looked_at)
    if isinstance(found, torch.optim.Optimizer):
        refuse(item, looked_at, "a list of two dicts", kind(found), "pt_groups_optimizer")
    if not isinstance(found, (list, tuple)) or len(found) != 2:
        seen = "None: is a return missing?" if found is None else kind(found)
        refuse(item, looked_at, "a list of two dicts", seen)
    names = {id(p): name for name, p in model.named_parameters()}
    first, second = (_members(item, group, names, looked_at) for group in found)
    matrices = {"table.weight", "linear.weight"}
    rest = {"linear.bias", "norm.weight", "norm.bias"}
    _first(item, first, second, matrices, rest, looked_at)
    if set(second) & matrices:
        refuse(item, f"params of the second group, {looked_at}", ", ".join(sorted(rest)),
               ", ".join(second), "pt_groups_matrices_twice")  # fmt: skip
    if sorted(second) != sorted(rest):
        refuse(item, f"params of the second group, {looked_at}", ", ".join(sorted(rest)),
               ", ".join(second) or "none", "" if second else "pt_groups_used_up")  # fmt: skip
    _decays(item, found, looked_at)
    deep = nn.Conv1d(2, 3, 4)
    found = call(item, answer, deep, 0.5, looked_at="a weight of three axes, (3, 2, 4)")
    params = [id(p) for p in found[0]["params"]]
    if params != [id(deep.weight)]:
        refuse(item, "a weight of three axes, (3, 2, 4)", "in the first group", "not there",
               "pt_groups_axes")  # fmt: skip
    passed(item)


def _members(item: str, group: Any, names: dict[int, str], looked_at: str) -> list[str]:
    """The names of what is in a group; the group gets a list in the place of what is used up."""
    if not isinstance(group, dict) or "params" not in group:
        seen = ", ".join(map(str, group)) if isinstance(group, dict) else kind(group)
        refuse(item, f"a group, {looked_at}", "a dict with params and weight_decay", seen,
               "pt_groups_other_key")  # fmt: skip
    params = group["params"]
    group["params"] = params = [params] if isinstance(params, Tensor) else list(params)
    for part in params:
        if id(part) not in names:
            likely = "pt_groups_copies" if isinstance(part, Tensor) else "pt_groups_names"
            refuse(item, f"params, {looked_at}", "the model's parameters", kind(part), likely)
    return [names[id(part)] for part in params]


def _first(
    item: str, first: list[str], second: list[str], matrices: set, rest: set, looked_at: str
) -> None:
    """The group that decays."""
    if sorted(first) == sorted(matrices):
        return
    likely = ""
    if set(first) == matrices | rest:
        likely = "pt_groups_all_decay"
    elif set(first) == rest and set(second) <= matrices:
        likely = "pt_groups_swapped"
    elif set(first) == matrices | {"norm.weight"}:
        likely = "pt_groups_by_weight" if set(second) == rest - {"norm.weight"} else ""
    elif set(first) == {"linear.weight"}:
        likely = "pt_groups_no_tables"
    elif not first:
        likely = "pt_groups_axes"
    refuse(item, f"params of the first group, {looked_at}", ", ".join(sorted(matrices)),
           ", ".join(first) or "none", likely)  # fmt: skip


def _decays(item: str, found: Any, looked_at: str) -> None:
    """What each group says of its decay."""
    decays = tuple(group.get("weight_decay") for group in found)
    if decays == (0.5, 0):
        return
    likely = "pt_groups_decay_fixed" if decays != (None, None) else "pt_groups_other_key"
    if decays[0] == 0.5:
        likely = "pt_groups_default_decay" if decays[1] is None else "pt_groups_both_decay"
    elif not decays[0] and decays != (None, None):
        likely = "pt_groups_decays_swapped" if decays[1] else "pt_groups_none_decays"
    refuse(item, f"weight_decay of the two groups, {looked_at}", "0.5 and 0",
           " and ".join(map(str, decays)), likely)  # fmt: skip


def schedule(answer: Callable[..., float]) -> None:
    """The nine steps of the example, a run without warm-up, and one with another peak."""
    item = "schedule"
    must_be_callable(item, answer)
    found = []
    for step in range(9):
        looked_at = f"learning_rate_at({step}, 3, 7, {PEAK}, {LOW})"
        rate = call(item, answer, step, 3, 7, PEAK, LOW, looked_at=looked_at)
        if isinstance(rate, Tensor):
            refuse(item, looked_at, f"{RATES[step]}, a float", "a tensor", "pt_rate_tensor")
        found.append(rate)
    for stretch in (range(3), range(3, 7), range(7, 9)):
        cause = _cause(found, stretch)
        for step in stretch:
            looked_at = f"learning_rate_at({step}, 3, 7, {PEAK}, {LOW})"
            equal(item, found[step], RATES[step], looked_at=looked_at, likely=cause)
    looked_at = f"learning_rate_at(0, 0, 4, {PEAK}, {LOW}), no warm-up"
    rate = call(item, answer, 0, 0, 4, PEAK, LOW, looked_at=looked_at)
    equal(item, rate, PEAK, looked_at=looked_at)
    looked_at = f"learning_rate_at(0, 1, 4, 0.8, {LOW}), another peak"
    rate = call(item, answer, 0, 1, 4, 0.8, LOW, looked_at=looked_at)
    equal(item, rate, 0.4, looked_at=looked_at, likely="pt_rate_peak_fixed")
    looked_at = "learning_rate_at(2, 0, 4, 0.8, 0.2), another peak and minimum, half way down"
    rate = call(item, answer, 2, 0, 4, 0.8, 0.2, looked_at=looked_at)
    equal(item, rate, 0.5, looked_at=looked_at, likely="pt_rate_peak_fixed")
    passed(item)


def _cause(found: list[Any], stretch: range) -> str:
    """The slip that gives these rates on a whole stretch; "" where none does."""
    for cause, rate in {0: _UP, 3: _DOWN, 7: _AFTER}[stretch.start]:
        if all(isinstance(found[step], (int, float)) and abs(found[step] - rate(step)) < 1e-4
               for step in stretch):  # fmt: skip
            return cause
    return ""


def _curve(angle: float, low: float = LOW, high: float = PEAK) -> float:
    return low + (high - low) * (1 + math.cos(angle)) / 2


def _share(step: int) -> float:
    """What is done of the way down."""
    return (step - 3) / 4


REACH = PEAK - LOW
Slips = list[tuple[str, Callable[[int], float]]]
_UP: Slips = [
    ("pt_rate_zero_for_ever", lambda step: 0.0),
    ("pt_rate_begins_at_zero", lambda step: PEAK * step / 3),
    ("pt_rate_begins_at_zero", lambda step: PEAK * step / 4),
    ("pt_rate_peak_too_early", lambda step: PEAK * (step + 1) / 3),
    ("pt_rate_up_from_min", lambda step: LOW + REACH * (step + 1) / 4),
    ("pt_rate_up_from_min", lambda step: LOW + REACH * step / 3),
    ("pt_rate_no_warmup", lambda step: PEAK),
    ("pt_rate_no_warmup", lambda step: _curve(math.pi * _share(step))),
    ("pt_rate_no_warmup", lambda step: _curve(math.pi * step / 7)),
    ("pt_rate_brackets", lambda step: PEAK * step + 1 / 4),
]
_DOWN: Slips = [
    ("pt_rate_not_halved", lambda step: 2 * _curve(math.pi * _share(step)) - LOW),
    ("pt_rate_goes_up", lambda step: _curve(math.pi * (1 - _share(step)))),
    ("pt_rate_no_min", lambda step: _curve(math.pi * _share(step)) - LOW),
    ("pt_rate_pi_rounded", lambda step: _curve(3.14 * _share(step))),
    ("pt_rate_bare_sum", lambda step: LOW + REACH + math.cos(math.pi * _share(step)) / 2),
    ("pt_rate_bare_sum", lambda step: LOW + REACH * (1 + math.cos(math.pi * _share(step)) / 2)),
    ("pt_rate_straight_down", lambda step: PEAK - REACH * _share(step)),
    ("pt_rate_min_added", lambda step: LOW + _curve(math.pi * _share(step), 0.0)),
    ("pt_rate_down_to_zero", lambda step: _curve(math.pi * _share(step), 0.0)),
    ("pt_rate_cut_at_min", lambda step: max(LOW, _curve(math.pi * _share(step), 0.0))),
    ("pt_rate_turn", lambda step: _curve(_share(step))),
    ("pt_rate_turn", lambda step: _curve(2 * math.pi * _share(step))),
    ("pt_rate_turn", lambda step: _curve(180 * _share(step))),
    ("pt_rate_other_bend", lambda step: _curve(math.pi * _share(step) / 2)),
    ("pt_rate_other_bend", lambda step: LOW + REACH * math.cos(math.pi * _share(step) / 2)),
    ("pt_rate_share", lambda step: _curve(math.pi * step / 7)),
    ("pt_rate_share", lambda step: _curve(math.pi * (step - 3) / 7)),
    ("pt_rate_share", lambda step: _curve(math.pi * step / 4)),
    ("pt_rate_share", lambda step: _curve(math.pi * (step - 3) / 3)),
    ("pt_rate_share", lambda step: _curve(math.pi * (step - 3 / 4))),
    ("pt_rate_whole_share", lambda step: PEAK),
]
_AFTER: Slips = [
    ("pt_rate_min_not_kept", lambda step: _curve(math.pi * _share(step))),
    ("pt_rate_after", lambda step: 0.0),
    ("pt_rate_after", lambda step: PEAK),
]
