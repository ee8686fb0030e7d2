"""The checks of lab03 on training: a step, the estimate, any text, and the whole together."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from gptlab import bigram
from gptlab.checks import lab01_training
from gptlab.checks.core import (
    CheckFailed,
    call,
    equal,
    globals_set,
    must_be_callable,
    namespace,
    number_of,
    passed,
    show,
    two,
)
from gptlab.checks.lab03_stand_ins import Pairs

train_step = lab01_training.train_step


def estimate_loss(answer: Callable[..., dict[str, float]]) -> None:
    """lab01's check, on the CPU."""
    with globals_set(answer, device="cpu"):
        lab01_training.estimate_loss(answer)


@contextmanager
def _one_core() -> Iterator[None]:
    """Small trainings on one core, whatever the notebook has set: several only wait for another."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def own_text(answer: Callable[..., Any]) -> None:
    """180 characters abab… to train on, 20 times b held back: easy, and then all wrong."""
    item, looked_at = "own_text", 'train_on("ab" * 90 + "b" * 20, 60)'
    must_be_callable(item, answer)
    space, made = namespace(answer), []

    def a_model() -> nn.Module:
        made.append(Pairs(space["vocab_size"]))
        return made[-1]

    measured: list[tuple[Tensor, Tensor]] = []
    settings = {
        "ToyLanguageModel": a_model,
        "train_step": bigram.train_step,
        "estimate_loss": _estimate(space, measured),
        "get_batch": _batches(space),
        "block_size": 4,
        "batch_size": 8,
        "learning_rate": 0.3,
        "device": "cpu",
        "vocab_size": 65,
        "train_data": torch.ones(90, dtype=torch.long),
        "val_data": torch.ones(30, dtype=torch.long),
    }
    likely = dict.fromkeys(("out of range", "out of bounds", "KeyError"), "whole_global_stoi")
    likely |= {"held": "own_too_short"}
    text = "ab" * 90 + "b" * 20
    with globals_set(answer, **settings), torch.random.fork_rng(devices=[]), _one_core():
        torch.manual_seed(0)
        found = call(item, answer, text, 60, looked_at=looked_at, likely=likely)
        after = {name: space[name] for name in ("vocab_size", "train_data", "val_data")}
        for name, value in after.items():
            if value is not settings[name]:
                raise CheckFailed(
                    item,
                    looked_at=f"{name} after the call",
                    expected="as it was before",
                    found="another value",
                    likely="own_not_restored",
                )
    _own_model(item, looked_at, made)
    _own_losses(item, looked_at, found, measured)
    passed(item)


def _batches(space: dict[str, Any]) -> Callable[[str], tuple[Tensor, Tensor]]:
    """The lab's get_batch, as it reads the globals at the time."""

    def get_batch(split: str) -> tuple[Tensor, Tensor]:
        ids = space["train_data"] if split == "train" else space["val_data"]
        return bigram.get_batch(ids, space["block_size"], space["batch_size"])

    return get_batch


def _estimate(space: dict[str, Any], measured: list) -> Callable[..., dict[str, float]]:
    """An estimate_loss that notes which data it measured."""

    def estimate_loss(model: nn.Module, eval_iters: int) -> dict[str, float]:
        measured.append((space["train_data"], space["val_data"]))
        return bigram.estimate_loss(model, _batches(space), eval_iters)

    return estimate_loss


def _own_model(item: str, looked_at: str, made: list[Pairs]) -> None:
    """One model, of two characters, trained for 60 steps on the first 180 of them."""
    if len(made) != 1:
        raise CheckFailed(
            item,
            looked_at=looked_at,
            expected="one new ToyLanguageModel()",
            found=f"{len(made)}",
            likely="" if made else "own_old_model",
        )
    model = made[0]
    looked_at += ": "
    known = {"own_vocabulary": 65}
    what = f"{looked_at}vocab_size when the model was made"
    equal(item, model.vocab_size, 2, looked_at=what, known=known)
    what = f"{looked_at}the number of training batches"
    equal(item, len(model.trained_on), 60, looked_at=what, likely="own_steps")
    if not all(bool((x[:, 1:] != x[:, :-1]).all()) for x in model.trained_on):
        raise CheckFailed(
            item,
            looked_at=f"{looked_at}the batches it was trained on",
            expected="a and b in turn",
            found="b after b, or another text",
            likely="own_trains_on_all",
        )


def _own_losses(item: str, looked_at: str, found: Any, measured: list) -> None:
    """Two numbers: near 0 on abab…, large on bbbb…"""
    pair = tuple(number_of(part) for part in two(item, found, looked_at=looked_at))
    expected = "(training under 0.1, validation over 1)"
    for part in pair:
        if not isinstance(part, (int, float)):
            raise CheckFailed(item, looked_at=looked_at, expected="two numbers", found=show(part))
    train, val = pair
    if train < 0.1 and val > 1:
        return
    likely = ""
    if val < 0.1:
        likely = "whole_swapped" if train > 1 else "whole_evaluates_training"
    raise CheckFailed(item, looked_at=looked_at, expected=expected, found=show(pair), likely=likely)


def whole(answer: Callable[[], Any]) -> None:
    """A small toy GPT of the student's own parts: its first loss, and one batch by heart."""
    item = "whole"
    must_be_callable(item, answer)
    settings = {"vocab_size": 7, "block_size": 6, "n_embd": 8, "n_head": 2, "n_layer": 2}
    looked_at = "make_model() with 7 characters, block_size=6, n_embd=8, n_head=2, n_layer=2"
    rest = {"dropout": 0.0, "device": "cpu", "learning_rate": 2e-2}
    chance = torch.random.fork_rng(devices=[])
    with globals_set(answer, **settings, **rest), chance, _one_core():
        torch.manual_seed(0)
        pair = call(item, answer, looked_at=looked_at)
        model, optimizer = two(item, pair, looked_at=looked_at, what="two things: model, optimizer")
        _optimizer(item, model, optimizer)
        _learns(item, model, optimizer, looked_at)
    passed(item)


def _optimizer(item: str, model: Any, optimizer: Any) -> None:
    """AdamW over all parameters of the model, with the lab's learning rate."""
    if not isinstance(model, nn.Module) or not hasattr(optimizer, "param_groups"):
        found = f"{show(model)[:60]} and {show(optimizer)[:60]}"
        raise CheckFailed(
            item, looked_at="make_model()", expected="a model and an optimizer", found=found
        )
    held = {id(p) for group in optimizer.param_groups for p in group["params"]}
    owned = {id(p) for p in model.parameters()}
    if held != owned:
        found = f"{len(held & owned)} of {len(owned)}"
        raise CheckFailed(
            item,
            looked_at="the model's tensors that the optimizer holds",
            expected="all of them",
            found=found,
            likely="optimizer_of_another",
        )
    rates = {group["lr"] for group in optimizer.param_groups}
    equal(
        item,
        sorted(rates),
        [2e-2],
        looked_at="the optimizer's learning rate, where learning_rate = 0.02",
        likely="own_rate",
    )


def _learns(item: str, model: nn.Module, optimizer: Any, looked_at: str) -> None:
    """The first loss is near ln 7, and 100 steps on one batch bring it under 0.1."""
    x = torch.randint(7, (4, 6))
    x[:, 0] = torch.arange(4)  # no two windows begin alike: each can be learned by heart
    y = torch.randint(7, (4, 6))
    first = call(item, bigram.train_step, model, optimizer, x, y, looked_at=looked_at)
    if not abs(first - math.log(7)) < 0.8:
        raise CheckFailed(
            item,
            looked_at="the loss of a new model on random text of 7 characters",
            expected=f"near ln 7 = {math.log(7):.2f}",
            found=f"{first:.2f}",
            likely="whole_first_loss",
        )
    last, left = first, 100
    while left and not last < 0.1:
        last, left = bigram.train_step(model, optimizer, x, y), left - 1
    if not last < 0.1:
        raise CheckFailed(
            item,
            looked_at="one batch of 4 windows of 6, trained on for 100 steps: its loss",
            expected="under 0.1: learned by heart",
            found=f"{last:.2f}",
            likely="whole_does_not_learn",
        )
