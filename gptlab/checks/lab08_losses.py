"""The checks of lab08 on what a model costs: a batch, a loader, perplexity, both splits."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from gptlab.checks.core import call, equal, globals_set, kind, must_be_callable, passed, two
from gptlab.checks.lab07_parts import refuse
from gptlab.checks.lab08_stand_ins import Away, Table, asks, costing, loss_of_batch, loss_of_loader

LN2 = math.log(2)
DEVICE = {"the global device": "pt_global_device"}
# The chances of the example, a row for each place; what came; its mean cost is 2 ln 2.
CHANCES = torch.tensor([[4.0, 2, 1, 1], [1, 1, 4, 2], [2, 2, 2, 2], [1, 4, 1, 2]]) / 8
SAW, CAME = torch.tensor([[3, 1], [2, 0]]), torch.tensor([[0, 3], [1, 2]])
SCORES = torch.empty(4, 4).index_copy(0, SAW.flatten(), CHANCES.log())  # of each id


def loss_batch(answer: Callable[..., Tensor]) -> None:
    """The table of the example; the graph; numbers in another order; the device."""
    item, looked_at = "loss_batch", "the loss of the example (B=2, T=2, V=4)"
    must_be_callable(item, answer)
    model = Table(SCORES)
    sizes = ("Expected target size", "to match target batch_size", "same size")
    likely = dict.fromkeys(sizes, "pt_loss_not_flat") | {"view size": "pt_loss_view"}
    likely |= {"expected scalar type": "pt_loss_order", "not implemented for": "pt_loss_order"}
    likely |= {"floating point": "pt_loss_order", "0D or 1D": "pt_loss_not_flat"}
    given = SAW.clone(), CAME.clone()
    found = call(item, answer, *given, model, "cpu", looked_at=looked_at, likely=likely)
    if isinstance(found, float):
        refuse(item, looked_at, "a tensor with its graph", "a float", "pt_loss_no_graph")
    known = _slips()
    equal(item, found, torch.tensor(2 * LN2), looked_at=looked_at, known=known)
    if not found.requires_grad:
        refuse(item, looked_at, "a tensor with its graph", "a tensor without", "pt_loss_no_graph")
    if not model.training:
        refuse(item, "the model's mode afterwards", "as before, training", "evaluation",
               "pt_loss_evaluates")  # fmt: skip
    if model.table.grad is not None:
        refuse(item, "the gradients afterwards", "none yet", "there are some",
               "pt_loss_backward")  # fmt: skip
    strided = SAW.T.contiguous().T, CAME.T.contiguous().T
    where = f"{looked_at}, its numbers laid out column by column"
    again = call(item, answer, *strided, model, "cpu", looked_at=where, likely=likely)
    equal(item, again, torch.tensor(2 * LN2), looked_at=where)
    _devices(item, answer)
    passed(item)


def _slips() -> dict[str, Tensor]:
    """What common slips give for the example."""
    logs = SCORES[SAW]  # (B, T, V)
    flat, came = logs.flatten(0, 1), CAME.flatten()
    return {
        "pt_loss_scores_turned": F.cross_entropy(logs.transpose(0, 1).flatten(0, 1), came),
        "pt_loss_of_softmax": F.cross_entropy(flat.softmax(-1), came),
        "pt_loss_sum": torch.tensor(8 * LN2),
        "pt_loss_of_inputs": F.cross_entropy(flat, SAW.flatten()),
        "pt_loss_each_token": F.cross_entropy(flat, came, reduction="none"),
        "pt_loss_perplexity": torch.tensor(4.0),
        "pt_loss_last_token": F.cross_entropy(logs[:, -1], CAME[:, -1]),
        "pt_loss_shifted_again": F.cross_entropy(logs[:, :-1].flatten(0, 1), CAME[:, 1:].flatten()),
        "pt_loss_axes_viewed": F.cross_entropy(logs.reshape(2, 4, 2), CAME),
    }


def _devices(item: str, answer: Callable[..., Tensor]) -> None:
    """With tensors that know whether they were brought to the device."""
    model = Table(SCORES)
    looked_at = "calc_loss_batch(…, device): was it brought to the device?"
    given = SAW.as_subclass(Away), CAME.as_subclass(Away)
    found = call(item, answer, *given, model, torch.device("cpu"), looked_at=looked_at)
    if model.kinds[0] is Away:
        refuse(item, f"the input, {looked_at}", "yes", "no", "pt_loss_batch_stays")
    if isinstance(found, Away):
        refuse(item, f"the targets, {looked_at}", "yes", "no", "pt_loss_batch_stays")


def loss_loader(answer: Callable[..., float]) -> None:
    """The three batches of the example: losses 1, 4, 5 of 4, 4 and 2 tokens."""
    item = "loss_loader"
    must_be_callable(item, answer)
    model, batches = costing([1.0, 4.0, 5.0]), [asks(0, 2), asks(1, 2), asks(2, 1)]
    each = {"pt_mean_of_means": 10 / 3, "pt_mean_not_divided": 30.0, "pt_mean_last_batch": 5.0,
            "pt_loss_perplexity": math.exp(3), "pt_batches_none": math.nan}  # fmt: skip
    cases: list[tuple[int | None, float, dict[str, float]]] = [
        (None, 3.0, each),
        (1, 1.0, {"pt_batches_all": 3.0, "pt_batches_one_more": 2.5,
                  "pt_batches_one_fewer": math.nan}),
        (2, 2.5, {"pt_batches_all": 3.0, "pt_mean_number": 10.0, "pt_batches_one_fewer": 1.0}),
        (3, 3.0, {"pt_mean_of_means": 10 / 3, "pt_mean_number": 10.0}),
        (9, 3.0, {"pt_mean_number": 10 / 9}),
    ]  # fmt: skip
    with globals_set(answer, calc_loss_batch=loss_of_batch, device="the global device"):
        for number, right, known in cases:
            looked_at = f"losses 1, 4, 5 of 4, 4 and 2 tokens, num_batches={number}"
            asked = {} if number is None else {"num_batches": number}
            wrong = {"NoneType": "pt_batches_none", "StopIteration": "pt_batches_more_fail"}
            wrong |= DEVICE | {"IndexError": "pt_step_swapped"}
            found = call(item, answer, batches, model, "cpu", looked_at=looked_at, likely=wrong,
                         **asked)  # fmt: skip
            _number(item, found, right, looked_at, known, _seen(model))
            del model.seen[:]
        _none(item, answer, model, batches)
    passed(item)


def _number(item: str, found: Any, right: float, looked_at: str, known: dict[str, float],
            likely: str) -> None:  # fmt: skip
    """A plain float."""
    if isinstance(found, Tensor):
        refuse(item, looked_at, f"{right:g}, a float", "a tensor", "pt_mean_tensor")
    equal(item, found, right, looked_at=looked_at, known=_same(found, known),
          likely=likely)  # fmt: skip


def _seen(model: Table) -> str:
    """What it points to, which batches were measured of the three."""
    if not model.seen:
        return "pt_batches_one_fewer"
    if len(model.seen) < 2:
        return "pt_mean_returned_early"
    return "pt_batches_first_again" if len(set(model.seen)) == 1 else "pt_mean_weights"


def _same(found: Any, known: dict[str, float]) -> dict[str, float]:
    """The causes, with nan equal to itself."""
    nan = isinstance(found, float) and math.isnan(found)
    return {name: found if nan and math.isnan(v) else v for name, v in known.items()
            if nan == math.isnan(v) or not nan}  # fmt: skip


def _none(item: str, answer: Callable[..., float], model: Table, batches: list) -> None:
    """Without a batch: nan."""
    wrong = {"ZeroDivisionError": "pt_mean_empty"}
    for loader, number, looked_at in (([], None, "a loader without batches"),
                                      (batches, 0, "num_batches=0")):  # fmt: skip
        asked = {} if number is None else {"num_batches": number}
        found = call(item, answer, loader, model, "cpu", looked_at=looked_at, likely=wrong, **asked)
        if not isinstance(found, float) or not math.isnan(found):
            likely = "pt_batches_zero_is_all" if found and number == 0 else "pt_mean_empty"
            refuse(item, looked_at, "nan", f"{found}", likely)


def perplexity(answer: Callable[[float], float]) -> None:
    """The row of the example."""
    item = "perplexity"
    must_be_callable(item, answer)
    for loss, said, right in ((math.log(4), "ln 4", 4.0), (LN2, "ln 2", 2.0), (0.0, "0", 1.0),
                              (3.0, "3", 20.0855)):  # fmt: skip
        looked_at = f"perplexity of the loss {said}"
        wrong = {"must be Tensor": "pt_perplexity_not_math"}
        found = call(item, answer, loss, looked_at=looked_at, likely=wrong)
        if found is None:
            refuse(item, looked_at, f"{right:g}", "None: is a return missing?", "pt_printed")
        if isinstance(found, Tensor):
            refuse(item, looked_at, f"{right:g}, a float", "a tensor", "pt_perplexity_tensor")
        known = {"pt_perplexity_two": 2**loss, "pt_perplexity_ten": 10**loss,
                 "pt_perplexity_loss": loss, "pt_perplexity_chance": math.exp(-loss),
                 "pt_perplexity_less_one": math.expm1(loss), "pt_perplexity_times": math.e * loss,
                 "pt_perplexity_bits": math.exp(loss / LN2), "pt_perplexity_turned": loss**math.e,
                 "pt_perplexity_rounded_e": 2.718**loss}  # fmt: skip
        if said == "3":
            known |= {"pt_perplexity_whole": round(right), "pt_perplexity_short": round(right, 2)}
            if isinstance(found, int):
                known["pt_perplexity_whole"] = found
        if loss:
            known["pt_perplexity_log"] = math.log(loss)
        equal(item, found, right, looked_at=looked_at, known=known)
    passed(item)


def evaluate(answer: Callable[..., tuple[float, float]]) -> None:
    """Training batches that cost 1, 2, 6 and validation batches that cost 11, 12, 16."""
    item, looked_at = "evaluate", "2 batches each: losses 1, 2, (6) and 11, 12, (16)"
    must_be_callable(item, answer)
    model = costing([1.0, 2.0, 6.0, 11.0, 12.0, 16.0]).train()
    train, val = [asks(i, 1) for i in range(3)], [asks(i, 1) for i in range(3, 6)]
    parts = {"calc_loss_loader": loss_of_loader, "calc_loss_batch": loss_of_batch}
    with globals_set(answer, **parts, device="the global device"):
        likely = {"context manager": "pt_eval_no_grad_brackets"} | DEVICE
        try:
            found = call(item, answer, model, train, val, "cpu", 2, looked_at=looked_at,
                         likely=likely)  # fmt: skip
            left_off = not torch.is_grad_enabled()
        finally:
            torch.set_grad_enabled(True)
    pair = two(item, found, looked_at=looked_at, likely="pt_eval_returns")
    if isinstance(pair[0], Tensor):
        refuse(item, looked_at, "two floats", kind(pair[0]), "pt_mean_tensor")
    known = {"pt_eval_swapped": (11.5, 1.5), "pt_eval_training_twice": (1.5, 1.5),
             "pt_eval_validation_twice": (11.5, 11.5),
             "pt_eval_divided": (0.75, 5.75)}  # fmt: skip
    equal(item, tuple(pair), (1.5, 11.5), looked_at=looked_at, known=known, likely=_number_of(pair))
    _mode(item, model, left_off)
    passed(item)


def _number_of(pair: tuple[Any, Any]) -> str:
    """Whether another number of batches explains the two losses."""
    explained = [any(abs(found - mean) < 1e-4 for mean in means) for found, means in
                 zip(pair, ((1.0, 1.5, 3.0), (11.0, 11.5, 13.0)), strict=True)]  # fmt: skip
    return "pt_eval_iter" if all(explained) else ""


def _mode(item: str, model: Table, left_off: bool) -> None:
    """No dropout and no graph while measuring, and all as before afterwards."""
    modes, graphs = set(model.modes), set(model.recorded)
    some = "pt_eval_val_in_training" if modes == {True, False} else "no_eval"
    part = "pt_eval_val_with_graph" if graphs == {True, False} else "no_no_grad"
    for wrong, cause, expected, seen in (
        (True in modes, some, "evaluation mode", "training mode"),
        (True in graphs, part, "no graph recorded", "a graph recorded"),
        (not model.training, "left_in_eval", "training mode after", "evaluation mode after"),
        (left_off, "pt_eval_grad_stays_off", "gradients on after", "gradients off after"),
    ):
        if wrong:
            refuse(item, "the model's mode, and gradients", expected, seen, cause)
