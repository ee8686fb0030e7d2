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


def groups(answer: Callable[..., list[dict[str, Any]]]) -> None:
    """The model of the example, then one with a weight of three axes."""
    item, looked_at = "groups", "a table (5, 2), a linear layer 2 -> 3, a norm of 3, decay 0.5"
    must_be_callable(item, answer)
    model = _Three()
    found = call(item, answer, model, 0.5, looked_at=looked_at)
    if isinstance(found, torch.optim.Optimizer):
        refuse(item, looked_at, "a list of two dicts", kind(found), "pt_groups_optimizer")
    if not isinstance(found, (list, tuple)) or len(found) != 2:
        refuse(item, looked_at, "a list of two dicts", f"{kind(found)}")
    names = {id(p): name for name, p in model.named_parameters()}
    first, second = (_members(item, group, names, looked_at) for group in found)
    matrices = {"table.weight", "linear.weight"}
    rest = {"linear.bias", "norm.weight", "norm.bias"}
    _first(item, first, second, matrices, rest, looked_at)
    if sorted(second) != sorted(rest):
        refuse(item, f"params of the second group, {looked_at}", ", ".join(sorted(rest)),
               ", ".join(second) or "none", "" if second else "pt_groups_used_up")  # fmt: skip
    _decays(item, found, looked_at)
    deep = nn.Conv1d(2, 3, 4)
    found = call(item, answer, deep, 0.5, looked_at="a weight of three axes, (3, 2, 4)")
    params = [id(p) for p in found[0]["params"]]
    if params != [id(deep.weight)]:
        refuse(item, "a weight of three axes, (3, 2, 4)", "in the first group", "not there",
               "pt_groups_more_than_two")  # fmt: skip
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
            refuse(item, f"params, {looked_at}", "the model's parameters", kind(part),
                   "pt_groups_names")  # fmt: skip
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
        likely = "pt_groups_by_bias" if set(second) == rest - {"norm.weight"} else ""
    elif set(first) == {"linear.weight"}:
        likely = "pt_groups_no_tables"
    elif not first:
        likely = "pt_groups_more_than_two"
    refuse(item, f"params of the first group, {looked_at}", ", ".join(sorted(matrices)),
           ", ".join(first) or "none", likely)  # fmt: skip


def _decays(item: str, found: Any, looked_at: str) -> None:
    """What each group says of its decay."""
    decays = tuple(group.get("weight_decay") for group in found)
    if decays == (0.5, 0):
        return
    likely = "pt_groups_decay_fixed"
    if decays[0] == 0.5:
        likely = "pt_groups_default_decay" if decays[1] is None else "pt_groups_both_decay"
    elif not decays[0]:
        likely = "pt_groups_decays_swapped" if decays[1] else "pt_groups_none_decays"
    refuse(item, f"weight_decay of the two groups, {looked_at}", "0.5 and 0",
           " and ".join(map(str, decays)), likely)  # fmt: skip


def schedule(answer: Callable[..., float]) -> None:
    """The nine steps of the example, and a run without warm-up."""
    item = "schedule"
    must_be_callable(item, answer)
    found = []
    for step, right in enumerate(RATES):
        looked_at = f"learning_rate_at({step}, 3, 7, {PEAK}, {LOW})"
        rate = call(item, answer, step, 3, 7, PEAK, LOW, looked_at=looked_at)
        if isinstance(rate, Tensor):
            refuse(item, looked_at, f"{right}, a float", "a tensor", "pt_rate_tensor")
        found.append(rate)
        equal(item, rate, right, looked_at=looked_at, known=_slips(step))
    looked_at = f"learning_rate_at(0, 0, 4, {PEAK}, {LOW}), no warm-up"
    rate = call(item, answer, 0, 0, 4, PEAK, LOW, looked_at=looked_at)
    equal(item, rate, PEAK, looked_at=looked_at)
    passed(item)


def _slips(step: int) -> list[tuple[str, float]]:
    """What common slips give for a step, in the order in which they are likely."""
    share, reach = (step - 3) / 4, PEAK - LOW
    up, down = math.pi * share, 0.5 * (1 + math.cos(math.pi * share))
    if step < 3:
        ends = {"pt_rate_begins_at_zero": PEAK * step / 3, "pt_rate_no_warmup": PEAK}
        ends["pt_rate_peak_too_early"] = PEAK * (step + 1) / 3
        ends["pt_rate_zero_for_ever"] = 0.0
        ends["pt_rate_up_from_min"] = LOW + reach * (step + 1) / 4
        if step == 0:
            ends["pt_rate_up_from_min_at_first"] = LOW
        elif step == 1:
            ends["pt_rate_begins_at_zero_late"] = PEAK * step / 4
        names = {"pt_rate_up_from_min_at_first": "pt_rate_up_from_min",
                 "pt_rate_begins_at_zero_late": "pt_rate_begins_at_zero"}  # fmt: skip
        return [(names.get(name, name), value) for name, value in ends.items()]
    of_all, small = math.pi * step / 7, math.pi * (step - 3) / 7
    slips = {
        "pt_rate_not_halved": LOW + 2 * reach * down,
        "pt_rate_goes_up": LOW + 0.5 * reach * (1 - math.cos(up)),
        "pt_rate_straight_down": LOW + reach * (1 - share),
        "pt_rate_min_added": LOW + PEAK * down,
        "pt_rate_down_to_zero": PEAK * down,
        "pt_rate_cut_at_min": max(LOW, PEAK * down),
        "pt_rate_no_pi": LOW + 0.5 * reach * (1 + math.cos(share)),
        "pt_rate_whole_turn": LOW + 0.5 * reach * (1 + math.cos(2 * up)),
        "pt_rate_quarter_turn": LOW + 0.5 * reach * (1 + math.cos(up / 2)),
        "pt_rate_share_of_all": LOW + 0.5 * reach * (1 + math.cos(of_all)),
        "pt_rate_share_too_small": LOW + 0.5 * reach * (1 + math.cos(small)),
    }
    if step > 7:
        slips = {"pt_rate_min_not_kept": LOW + reach * down}
    if step >= 7:
        slips["pt_rate_zero_after"], slips["pt_rate_peak_after"] = 0.0, PEAK
    return list(slips.items())
