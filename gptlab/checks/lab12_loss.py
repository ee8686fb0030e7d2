"""The checks of lab12's loss and of a step: the targets that count, and what a step changes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from gptlab.checks.core import call, equal, globals_set, kept, must_be_callable, passed
from gptlab.checks.lab01_stand_ins import Descent, Diary
from gptlab.checks.lab08_training import _order
from gptlab.checks.lab12_stand_ins import mean_loss, refuse, stand_ins

Known = list[tuple[str, Any]]
LIKELIEST = torch.tensor([[0, 2, 1], [3, 4, 0]])  # at each place; the next ones have half each
ASKED = torch.tensor([[0, -1, 4], [-1, 2, -1]])
HALVINGS = torch.tensor([1.0, 2.0, 3.0, 4.0, 4.0])  # of the likeliest, the token after it, ...


def scores(likeliest: Tensor = LIKELIEST) -> Tensor:
    """Scores of five tokens, (B, T, 5): odds 1/2 for the likeliest, then 1/4, 1/8, 1/16, 1/16."""
    after = (torch.arange(5) - likeliest[..., None]) % 5
    return 1 - math.log(2) * HALVINGS[after]


LOSS_ERRORS = {
    "out of bounds": "chat_loss_minus_1", "out of range": "chat_loss_minus_1",
    "Expected target size": "chat_loss_not_flat", "match target batch_size": "chat_loss_not_flat",
    "division by zero": "chat_loss_none_counts", "ZeroDivision": "chat_loss_none_counts",
    "same number of dimensions": "chat_loss_axes", "shape mismatch": "chat_loss_axes",
    "must match the size": "chat_loss_axes", "does not match the shape": "chat_loss_axes",
    "not contiguous": "chat_loss_view", "view size": "chat_loss_view",
}  # fmt: skip


def masked_loss(answer: Callable[..., Tensor]) -> None:
    """Three targets that count, 1, 4 and 4 halvings; one that does; all; none; larger scores."""
    item = "masked_loss"
    must_be_callable(item, answer)
    every = torch.tensor([[0, 2, 4], [3, 2, 2]])
    one = torch.tensor([[-1, -1, -1], [-1, 2, -1]])
    for name, targets in (("three of six", ASKED), ("one of six", one), ("all six", every)):
        logits = scores()
        if targets is every:  # the same scores, in memory the places of a text one by one
            logits = logits.transpose(0, 1).contiguous().transpose(0, 1)
        logits.requires_grad_()
        looked_at = f"scores (B=2, T=3, V=5) and targets {targets.tolist()}: {name} count"
        mine, before = targets.clone(), logits.detach().clone()
        found = call(item, answer, logits, mine, looked_at=looked_at, likely=LOSS_ERRORS)
        kept(item, mine, targets, "targets", likely="chat_targets_changed")
        kept(item, logits.detach(), before, "logits", likely="chat_logits_changed")
        right = mean_loss(logits, targets).detach()
        equal(item, found, right, looked_at=looked_at, known=_loss_slips(targets),
              likely=_loss_kind(found))  # fmt: skip
        if not found.requires_grad:
            refuse(item, looked_at, "a loss with its graph", "one without", "chat_loss_no_graph")
    looked_at = f"the same scores, each 100 more, and targets {ASKED.tolist()}"
    found = call(item, answer, scores() + 100, ASKED.clone(), looked_at=looked_at,
                 likely=LOSS_ERRORS)  # fmt: skip
    likely = "soft_overflow" if isinstance(found, Tensor) and not found.isfinite().all() else ""
    equal(item, found, mean_loss(scores() + 100, ASKED), looked_at=looked_at, likely=likely)
    looked_at, none = "the same scores, and six targets of -1: none counts", torch.full((2, 3), -1)
    found = call(item, answer, scores(), none, looked_at=looked_at, likely=LOSS_ERRORS)
    equal(item, found, torch.tensor(0.0), looked_at=looked_at, likely=_none_kind(found))
    passed(item)


def _none_kind(found: Any) -> str:
    """Why the loss where none counts is wrong."""
    one = isinstance(found, Tensor) and found.numel() == 1
    number = one and not found.isnan().any() and found != 0
    return "chat_loss_none_not_0" if number else _loss_kind(found)


def _loss_kind(found: Any) -> str:
    if isinstance(found, (int, float)):
        return "chat_loss_none_counts" if math.isnan(found) else "chat_loss_number"
    if isinstance(found, Tensor) and found.dim() and found.numel() == 1:
        return "chat_loss_keeps_axis"
    if isinstance(found, Tensor) and found.dim():
        return "chat_loss_not_averaged"
    return "chat_loss_none_counts" if isinstance(found, Tensor) and bool(found.isnan()) else ""


def _loss_slips(targets: Tensor) -> Known:
    """What common slips make of these targets."""
    logits = scores()
    keep = targets >= 0
    each = torch.where(keep, -logits.log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])
                       .squeeze(-1), 0.0)  # fmt: skip
    count, right = keep.sum(), each.sum() / keep.sum()
    rows = each.sum(1) / keep.sum(1).clamp(min=1)
    last = -logits.log_softmax(-1)[..., -1]
    above = targets > 0
    over = (-logits[keep].log_softmax(0).gather(1, targets[keep][:, None])).mean()
    zero = -logits.log_softmax(-1)[..., 0]
    odds = F.cross_entropy(logits.softmax(-1)[keep], targets[keep])
    along = -logits.log_softmax(1).gather(-1, targets.clamp(min=0)[..., None]).squeeze(-1)
    return [
        ("chat_loss_mean_of_all", each.mean()), ("chat_loss_sum", each.sum()),
        ("chat_loss_mean_of_rows", rows.mean()), ("chat_loss_mean_of_rows", rows[rows > 0].mean()),
        ("chat_loss_by_rows", each.sum() / len(targets)),
        ("chat_loss_minus_1_counts", torch.where(keep, each, last).mean()),
        ("chat_loss_minus_1_counts", torch.where(keep, each, zero).mean()),
        ("chat_loss_sign", -right), ("chat_loss_bits", right / math.log(2)),
        ("chat_loss_perplexity", right.exp()), ("chat_loss_softmax_twice", odds),
        ("chat_loss_wrong_axis", (along * keep).sum() / count),
        ("chat_loss_id_0", (each * above).sum() / above.sum()),
        ("chat_loss_id_0", (each * above).sum() / count),
        ("chat_loss_one_more", each.sum() / (count + 1)), ("chat_loss_wrong_targets_axis", over),
        ("chat_loss_odds", (-each).exp()[keep].mean()),
        ("chat_loss_odds", -(-each).exp()[keep].mean()),
        ("chat_loss_no_log_softmax", -logits.gather(-1, targets.clamp(min=0)[..., None])
         .squeeze(-1)[keep].mean()),
    ]  # fmt: skip


class Notes(Diary):
    """A table for two tokens; the model of this lab: all scores (B, T, 2) and the loss.

    Without targets it has the scores of the last place alone, and no loss.
    """

    def forward(self, idx: Tensor, targets: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        self.read = idx
        found = self.table[idx]  # (B, T, 2)
        if targets is None:
            return found[:, [-1]], None
        if not self.training:
            self.notes.append("evaluating")
        return found, mean_loss(found, targets)


def equal_ids(read: Any, xb: Tensor) -> bool:
    """Whether the model was shown xb."""
    return isinstance(read, Tensor) and torch.equal(read, xb)


STEP_ERRORS = {
    "the targets came first": "chat_step_loss_order",
    "'NoneType' object has no attribute 'backward'": "chat_step_loss_of_none",
    "not the same places": "chat_step_no_targets", "'tuple' object": "chat_step_pair",
    "has no attribute 'backward'": "chat_step_number", "too many values": "chat_step_pair",
    "has no attribute 'item'": "chat_step_item", "does not require grad": "chat_step_no_graph",
}  # fmt: skip


def train_step(answer: Callable[..., float]) -> None:
    """After a comes b, where three of eight places count; the model comes in evaluating. Twice."""
    item = "train_step"
    must_be_callable(item, answer)
    p = 1 / (1 + math.e)  # what is left for a after the first step
    model = Notes().eval()
    with globals_set(answer, **stand_ins()):
        _step(item, answer, model, "the first step", math.log(2), [-0.5, 0.5])
        model.eval()
        _step(item, answer, model, "the second step", math.log1p(1 / math.e), [-0.5 - p, 0.5 + p])
    passed(item)


def _step(
    item: str, answer: Callable[..., float], model: Notes, name: str, loss: float, row: list[float]
) -> None:
    """One step with rate 1: the table, the mode, then what is returned."""
    looked_at = f"{name} on 'after a comes b', rate 1 (x 0 1 0 1 twice, "
    looked_at += "y 1 -1 1 -1 and 1 -1 -1 -1)"
    del model.notes[:]
    model.read = None
    xb = torch.tensor([[0, 1, 0, 1], [0, 1, 0, 1]])
    yb = torch.tensor([[1, -1, 1, -1], [1, -1, -1, -1]])
    given = [xb.clone(), yb.clone()]
    found = call(item, answer, model, Descent(model), *given, looked_at=looked_at,
                 likely=STEP_ERRORS)  # fmt: skip
    for what, mine, before in zip(("xb", "yb"), given, (xb, yb), strict=True):
        kept(item, mine, before, what, likely="chat_step_targets_changed")
    table = model.table.detach().clone()
    likely = _order([note for note in model.notes if note != "evaluating"])
    if "step" not in model.notes and table.any():
        likely = "own_optimizer"
    if likely == "no_backward" and model.read is None:
        likely = "chat_step_copy"
    right = torch.tensor([row, [0.0, 0.0]])
    known: Known = [("ascent", -right)]
    if name == "the first step":
        swapped, read = [[0.0, 0.0], [-0.5, 0.5]], [[0.25, -0.25], [-0.25, 0.25]]
        shown = "chat_step_shifted" if equal_ids(model.read, xb) else "chat_step_swapped"
        known += [(shown, torch.tensor(swapped)),
                  ("chat_step_inputs_learnt", torch.tensor(read))]  # fmt: skip
        if not likely:
            known += [("chat_step_summed", 3 * right), ("chat_step_row_by_row", 2 * right),
                      ("chat_step_by_rows", right / 2)]  # fmt: skip
    if table[1].any():
        likely = "chat_step_all_count"
    equal(item, table, right, looked_at=f"{looked_at}: the table", known=known, likely=likely)
    if "step" not in model.notes:
        refuse(item, looked_at, "a step of the optimizer that was handed over", "another one's",
               "own_optimizer")  # fmt: skip
    if "evaluating" in model.notes or not model.training:
        refuse(item, looked_at, "a model in training mode, at the step and after it",
               "in evaluation mode", "chat_step_evaluates")  # fmt: skip
    likely = ""
    if isinstance(found, Tensor):
        likely = "returns_tensor" if found.requires_grad else "chat_step_tensor"
    after = math.log1p(math.exp(row[0] - row[1]))
    equal(item, found, loss, looked_at=f"{looked_at}: the loss that is returned",
          known={"loss_after_step": after, "chat_step_list": [loss]}, likely=likely)  # fmt: skip
