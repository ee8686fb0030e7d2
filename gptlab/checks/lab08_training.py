"""The checks of lab08 on training: a step, and the loop with its looks and samples."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from gptlab.checks.core import call, equal, globals_set, must_be_callable, passed
from gptlab.checks.lab01_stand_ins import Descent
from gptlab.checks.lab07_parts import refuse
from gptlab.checks.lab08_stand_ins import Diary, Passes, Sure, loss_of_batch

HALF = math.sqrt(1 / 8)  # half of the length of the example's gradient, (½, -½)


def train_step(answer: Callable[..., float]) -> None:
    """After a comes b: two steps without a limit, one with half of the gradient's length.

    Then a model of two weights that is sure of a, so that the gradient of each is (1, -1).
    """
    item = "train_step"
    must_be_callable(item, answer)
    p = 1 / (1 + math.e)  # what is left for a after the first step
    with globals_set(answer, calc_loss_batch=_noted):
        diary = Diary()
        turns = (("the first step", math.log(2), [-0.5, 0.5]),
                 ("the second step", math.log1p(math.exp(-1)), [-0.5 - p, 0.5 + p]))  # fmt: skip
        for name, loss, row in turns:
            _step(item, answer, diary, name, loss, row, None)
        _step(item, answer, Diary(), "a first step", math.log(2), [-0.25, 0.25], HALF)
        name = "a first step with a gradient that is short enough"
        _step(item, answer, Diary(), name, math.log(2), [-0.5, 0.5], 10.0)
        name = "a step of two weights, with the gradient (1, -1) each,"
        for limit, row in ((None, [19.0, 1.0]), (1.0, [19.5, 0.5])):
            _step(item, answer, Sure(), name, 20.0, row, limit)
    passed(item)


def _noted(input_batch: Tensor, target_batch: Tensor, model: Any, device: Any) -> Tensor:
    """The loss; the model notes whether the input was handed over twice."""
    model.same = input_batch.equal(target_batch)
    return loss_of_batch(input_batch, target_batch, model, device)


def _step(
    item: str, answer: Callable[..., float], diary: Diary, name: str, loss: float, row: list,
    max_norm: float | None,
) -> None:  # fmt: skip
    """One step on "after a comes b" with rate 1: the table, then the loss that is returned."""
    looked_at = f"{name} on 'after a comes b', rate 1, max_norm={max_norm and round(max_norm, 4)}"
    del diary.notes[:]
    likely = {"unsupported operand": "pt_clip_of_none", "NoneType": "pt_clip_of_none"}
    likely |= {"'float' object is not iterable": "pt_clip_order", "not iterable": "pt_clip_model"}
    likely |= {"has no attribute 'backward'": "pt_step_number_at_once"}
    limit = () if max_norm is None else (max_norm,)
    xb, yb = torch.tensor([[0]]), torch.tensor([[1]])
    found = call(item, answer, diary, Descent(diary), xb, yb, *limit, looked_at=looked_at,
                 likely=likely)  # fmt: skip
    table, right = diary.table.detach(), torch.tensor([row, [0.0, 0.0]])
    likely = _order(diary.notes) or _clipping(diary.table, max_norm)
    if table[1].any():
        likely = "pt_step_swapped"
    elif "step" not in diary.notes and table.any():
        likely = "own_optimizer"
    if max_norm is None and table.allclose(-right):
        likely = "pt_loss_of_inputs" if diary.same else "ascent"
    equal(item, table, right, looked_at=f"{looked_at}: the table", likely=likely)
    likely = ""
    if isinstance(found, Tensor):
        likely = "returns_tensor" if found.requires_grad else "pt_step_tensor"
    after = math.log1p(math.exp(row[0] - row[1]))
    equal(item, found, loss, looked_at=f"{looked_at}: the loss that is returned",
          known={"loss_after_step": after}, likely=likely)  # fmt: skip
    if not diary.training:
        refuse(item, f"the model's mode after {name}", "as before, training", "evaluation",
               "pt_step_evaluates")  # fmt: skip


def _order(notes: list[str]) -> str:
    """The cause that the order of the calls points to."""
    if "backward" not in notes:
        return "no_backward"
    if "step" not in notes:
        return "no_step"
    if notes.count("step") > 1:
        return "two_steps"
    if notes.count("backward") > 1:
        return "pt_step_backward_twice"
    backward, step = notes.index("backward"), notes.index("step")
    if step < backward:
        return "step_before_backward"
    if "zero_grad" not in notes:
        return "no_zero_grad"
    return "zero_grad_before_step" if "zero_grad" in notes[backward:step] else ""


def _clipping(table: nn.Parameter, max_norm: float | None) -> str:
    """What the size of the step points to."""
    size = table[0, 1].item()
    if max_norm == 1:
        return "pt_clip_each_alone" if abs(size - math.sqrt(0.5)) < 1e-3 else "pt_clip_fixed"
    if max_norm is None:
        return "pt_clip_of_none"
    if max_norm > 1:
        return "pt_clip_stretches"
    if size == 0:
        return "pt_clip_loss"
    if abs(size - max_norm) < 1e-4:
        return "pt_clip_by_value"
    if abs(size - 0.5) > 1e-4:
        return "pt_clip_fixed"
    late = table.grad is not None and table.grad.norm() < 0.7
    return "pt_clip_after_step" if late else "pt_clip_never"


LIKELY = {"'NoneType' object has no attribute": "pt_train_own_step"}


class Log:
    """What the loop calls, and with what; after each sample the model is in evaluation mode."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.steps: list[Any] = []
        self.limits: list[float | None] = []
        self.modes: list[bool] = []
        self.asked: list[tuple] = []
        self.samples: list[tuple] = []

    def train_step(self, model: nn.Module, optimizer: Any, xb: Tensor, yb: Tensor,
                   max_norm: float | None = None) -> float:  # fmt: skip
        self.events.append("step")
        self.steps.append(xb)
        self.limits.append(max_norm)
        self.modes.append(model.training)
        return 100.0 + len(self.steps)

    def evaluate_model(self, model: Any, train_loader: Any, val_loader: Any, device: Any,
                       eval_iter: Any) -> tuple[float, float]:  # fmt: skip
        self.events.append("look")
        self.asked.append((train_loader, val_loader, eval_iter))
        n = float(len(self.asked))
        return 1.0 + n, 10.0 + n

    def print_sample(self, model: nn.Module, tokenizer: Any, device: Any,
                     start_context: Any) -> None:  # fmt: skip
        self.events.append("sample")
        self.samples.append((tokenizer, device, start_context))
        model.eval()


@torch.random.fork_rng(devices=[])
def train(answer: Callable[..., tuple[list, list, list]]) -> None:
    """Three batches of four tokens, two epochs, a look after every second step."""
    item, looked_at = "train", "3 batches of 4 tokens, num_epochs=2, eval_freq=2"
    must_be_callable(item, answer)
    log, model = Log(), nn.Linear(1, 1)
    batches = Passes([(torch.full((2, 2), i), torch.full((2, 2), i)) for i in range(3)])
    held = [(torch.full((2, 2), 9), torch.full((2, 2), 9))]
    parts = {name: getattr(log, name) for name in ("train_step", "evaluate_model", "print_sample")}
    with globals_set(answer, **parts):
        found = call(item, answer, model.train(), batches, held, None, "cpu", 2, 2, 7, "ab",
                     "tokenizer", looked_at=looked_at, likely=LIKELY)  # fmt: skip
    _steps(item, log, looked_at)
    if batches.count < 2:
        refuse(item, "how often the training loader was asked for its batches",
               "2 times, once an epoch", f"{batches.count}", "pt_train_same_order")  # fmt: skip
    _samples(item, log, looked_at)
    if not all(log.modes):
        refuse(item, "the model's mode when a step begins", "training mode", "evaluation mode",
               "pt_train_no_mode")  # fmt: skip
    _looks(item, log, looked_at)
    if not isinstance(found, (tuple, list)) or len(found) != 3:
        seen = "None: is a return missing?" if found is None else f"{found}"[:60]
        refuse(item, looked_at, "three lists", seen)
    _lists(item, tuple(list(part) for part in found), looked_at)
    _loaders(item, log, batches, held)
    passed(item)


def _loaders(item: str, log: Log, batches: Any, held: list) -> None:
    """What evaluate_model was given."""
    for args in log.asked:
        if args[0] is held and args[1] is batches:
            refuse(item, "the loaders that evaluate_model got", "training, validation",
                   "the other way round", "pt_train_loaders_swapped")  # fmt: skip
        if args[0] is args[1]:
            refuse(item, "the loaders that evaluate_model got", "training, validation",
                   "one of them twice", "pt_train_looks_at_validation")  # fmt: skip
        if args[2] != 7:
            refuse(item, "the last argument of evaluate_model, where eval_iter=7", "7",
                   f"{args[2]}", "pt_train_iter_is_freq")  # fmt: skip


def _steps(item: str, log: Log, looked_at: str) -> None:
    """Which batches were learned from, and in which mode."""
    found = [int(xb.flatten()[0]) for xb in log.steps]
    right = [0, 1, 2] * 2
    known = [("pt_train_never", []), ("pt_train_on_validation", [9, 9]),
             ("pt_train_same_batch", [0] * 6), ("pt_train_one_batch", [0, 0]),
             ("pt_train_twice", [batch for batch in right for _ in (1, 2)])]  # fmt: skip
    where = f"the batches that train_step got, {looked_at}"
    epochs = len(found) != len(right) and found == (right * 10)[: len(found)]
    equal(item, found, right, looked_at=where, known=known,
          likely="pt_train_epochs" if epochs else "")  # fmt: skip
    limits = {limit for limit in log.limits if limit is not None}
    if limits:
        refuse(item, "max_norm of train_step", "none", f"{limits.pop()}", "pt_train_clips")


def _samples(item: str, log: Log, looked_at: str) -> None:
    """A sample after each epoch."""
    order = [event for event in log.events if event != "look"]
    right = ["step"] * 3 + ["sample"] + ["step"] * 3 + ["sample"]
    likely = "pt_train_samples" if log.samples else "pt_train_no_sample"
    equal(item, order, right, looked_at=f"steps and samples, {looked_at}", likely=likely)
    if log.samples[0] != ("tokenizer", "cpu", "ab"):
        refuse(item, "what print_sample got after the model", "tokenizer, device, start_context",
               "something else", "pt_train_sample_order")  # fmt: skip


def _looks(item: str, log: Log, looked_at: str) -> None:
    """After which steps there was a look: 0, 2 and 4, so after 1, 3 and 5 of them."""
    found, steps = [], 0
    for event in log.events:
        steps += event == "step"
        if event == "look":
            found.append(steps)
    known = {"pt_train_counts_from_one": [2, 4, 6], "pt_train_look_first": [0, 2, 4],
             "pt_train_step_per_epoch": [1, 3, 4, 6]}  # fmt: skip
    where = f"how many steps had been made at each look, {looked_at}"
    equal(item, found, [1, 3, 5], looked_at=where, known=known, likely="pt_train_looks")


def _lists(item: str, found: tuple[list, ...], looked_at: str) -> None:
    """The three lists that are returned."""
    train, val, tokens = [2.0, 3.0, 4.0], [11.0, 12.0, 13.0], [4, 12, 20]
    for name, part in zip(("train_losses", "val_losses", "tokens_seen"), found, strict=True):
        if not part:
            refuse(item, f"{name}, {looked_at}", "one entry a look", "none", "pt_train_list_empty")
    known = {"pt_train_lists_swapped": val, "pt_train_loss_of_step": [101.0, 103.0, 105.0]}
    where = f"train_losses, {looked_at}"
    equal(item, found[0], train, looked_at=where, known=known)
    known = {"pt_train_lists_swapped": train}
    equal(item, found[1], val, looked_at=f"val_losses, {looked_at}", known=known)
    known = {"pt_train_tokens_per_epoch": [4, 12, 8], "pt_train_counts_both": [8, 24, 40],
             "pt_train_tokens_late": [0, 8, 16]}  # fmt: skip
    where = f"tokens_seen, {looked_at}"
    equal(item, found[2], tokens, looked_at=where, known=known, likely="pt_train_tokens")
