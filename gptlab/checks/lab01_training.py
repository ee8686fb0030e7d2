"""The checks of lab01 on the trained bigram: model, shapes, generating, a step, the estimate."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import count
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gptlab.checks.core import (
    CheckFailed,
    NotAttempted,
    call,
    equal,
    globals_set,
    must_be_callable,
    number_of,
    passed,
    two,
)
from gptlab.checks.lab01_stand_ins import Descent, Diary, Fixed
from gptlab.checks.lab01_tables import AAB, ABBA, ABBA_TABLE


def model(answer: type[nn.Module]) -> None:
    """Logits and loss of two windows, with the table of "abba" as logits."""
    item, what = "model", "a model with the table of abba as logits (V=2)"
    must_be_callable(item, answer, "the class")
    with torch.random.fork_rng(devices=[]):
        built = call(item, answer, 2, looked_at="BigramLanguageModel(2)")
    with torch.no_grad():
        built.token_embedding_table.weight.copy_(ABBA_TABLE.log())
    x = torch.stack([AAB, ABBA[:3]])  # "aab" of "aaba" and "abb" of "abba", shape (2, 3)
    y = torch.stack([torch.tensor([0, 1, 0]), ABBA[1:]])  # "aba" and "bba"
    logits = ABBA_TABLE.log()[x]  # (2, 3, 2)
    looked_at = f"model(x), {what}, x of shape (B=2, T=3): the logits"
    found = call(item, built, x, looked_at=looked_at, likely={"NoneType": "loss_always"})
    found, loss = two(item, found, looked_at=looked_at, likely="returns_only_logits")
    known = {
        "logits_flattened_always": logits.view(6, 2),
        "probabilities_returned": logits.exp(),
    }
    equal(item, found, logits, looked_at=looked_at, known=known)
    equal(item, loss, None, looked_at="model(x) without targets: the loss", likely="loss_always")
    _model_with_targets(built, x, y, logits)
    passed(item)


def _model_with_targets(built: nn.Module, x: Tensor, y: Tensor, logits: Tensor) -> None:
    """The second half of `model`: logits (2, 3, 2) are those without targets."""
    item = "model"
    looked_at = (
        "model(x, y), a model with the table of abba as logits (V=2), x and y of shape "
        "(B=2, T=3): the loss"
    )
    sizes = ("Expected target size", "to match target batch_size")
    likely = dict.fromkeys(sizes, "logits_not_flattened")
    likely["NotImplementedError"] = "cross_entropy_order"
    found = call(item, built, x, y, looked_at=looked_at, likely=likely)
    flat, loss = two(item, found, looked_at=looked_at, likely="returns_only_logits")
    right = F.cross_entropy(logits.view(6, 2), y.view(6))
    swapped = logits.permute(1, 0, 2).reshape(6, 2)
    known = {
        "softmax_before_cross_entropy": F.cross_entropy(logits.exp().view(6, 2), y.view(6)),
        "flattened_by_permute": F.cross_entropy(swapped, y.view(6)),
        "cross_entropy_summed": right * 6,
    }
    equal(item, loss, right, looked_at=looked_at, known=known)
    if not loss.requires_grad:
        raise CheckFailed(
            item, looked_at=looked_at, expected="a tensor with its gradient", likely="loss_detached"
        )
    looked_at = looked_at.replace("the loss", "the logits")
    known = {"logits_returned_unflattened": logits}
    equal(item, flat, logits.view(6, 2), looked_at=looked_at, known=known)


def shapes(logits_shape: Any, logits_shape_training: Any) -> None:
    """(B, T, V) and (B*T, V) for 4 windows of 8 and 65 characters."""
    names = ("logits_shape", "logits_shape_training")
    answers = []
    for name, found in zip(names, (logits_shape, logits_shape_training), strict=True):
        if found is None:
            raise NotAttempted("shapes", looked_at=name, found="None")
        answers.append(tuple(found) if isinstance(found, (list, torch.Size)) else found)
    three = {
        "shapes_swapped": (32, 65),
        "shapes_no_batch": (8, 65),
        "shapes_no_vocabulary": (4, 8),
        "shapes_axes": (8, 4, 65),
    }
    two_axes = {"shapes_swapped": (4, 8, 65), "shapes_no_batch": (8, 65)}
    both_three = answers == [(4, 8, 65), (4, 8, 65)]
    if both_three:
        two_axes["shapes_not_flattened"] = two_axes.pop("shapes_swapped")
    equal("shapes", answers[0], (4, 8, 65), looked_at="logits_shape", known=three)
    equal("shapes", answers[1], (32, 65), looked_at="logits_shape_training", known=two_axes)
    passed("shapes")


def generate(answer: Callable[..., Tensor]) -> None:
    """A model that always turns a into b and b into a; then a fair coin."""
    item = "generate"
    must_be_callable(item, answer)
    turn = Fixed(torch.tensor([[-450.0, -350.0], [50.0, -50.0]]))
    idx = torch.tensor([[0, 0, 1], [1, 1, 0]])  # "aab" and "bba"
    looked_at = (
        "3 more for aab and bba (idx of shape (2, 3)), of a model that only writes b after a, "
        "a after b"
    )
    likely = {"prob_dist must be": "generate_all_positions", "element <": "generate_samples_logits"}
    likely |= {"Sizes of tensors must match": "generate_wrong_axis"}
    likely |= {"invalid multinomial": "generate_softmax_over_rows"}
    likely |= {"'tuple'": "logits_come_first", "tuple indices": "logits_come_first"}
    likely |= {"too many indices": "generate_with_targets"}
    before = idx.clone()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        found = call(item, answer, turn, idx, 3, looked_at=looked_at, likely=likely)
        new = torch.tensor([[0, 1, 0], [1, 0, 1]])
        known = {
            "generate_only_new": new,
            "generate_nothing_kept": before,
            "generate_stopped": torch.cat((before, new[:, :1]), 1),
            "generate_old_lost": new[:, 2:],
            "generate_prepends": torch.cat((new[:, :1].expand(2, 3), before), 1),
            "generate_first_position": torch.cat((idx, 1 - idx[:, :1].expand(2, 3)), 1),
            "generate_one_too_many": torch.cat((before, new, new[:, 1:2]), 1),
        }
        equal(item, found, torch.cat((before, new), 1), looked_at=looked_at, known=known)
        _generate_fairly(answer)
    passed(item)


def _generate_fairly(answer: Callable[..., Tensor]) -> None:
    """The second half of `generate`: is the next character drawn at all?"""
    looked_at = "64 windows of one character, a model that gives both characters ½"
    idx = torch.zeros(64, 1, dtype=torch.long)
    found = call("generate", answer, Fixed(torch.zeros(2, 2)), idx, 4, looked_at=looked_at)
    share = found[:, 1:].float().mean().item()
    if not 0.3 < share < 0.7:
        raise CheckFailed(
            "generate",
            looked_at=looked_at,
            expected="each of them about half of the time",
            found=f"the second in {share:.0%} of the draws",
            likely="generate_argmax" if share in (0, 1) else "",
        )


def train_step(answer: Callable[..., float]) -> None:
    """The two steps worked by hand: after a comes b."""
    item = "train_step"
    must_be_callable(item, answer)
    diary = Diary()
    optimizer = Descent(diary)
    x, y = torch.tensor([[0]]), torch.tensor([[1]])
    p = 1 / (1 + math.e)  # what is left for a after the first step
    for turn, loss, row, after in (
        ("first", math.log(2), [-0.5, 0.5], math.log1p(math.exp(-1))),
        ("second", math.log1p(math.exp(-1)), [-0.5 - p, 0.5 + p], None),
    ):
        looked_at = f"the {turn} of two steps on the question 'after a comes b', from zeros, rate 1"
        del diary.notes[:]
        pair = {"'tuple' object": "loss_is_a_pair"}
        found = call(item, answer, diary, optimizer, x, y, looked_at=looked_at, likely=pair)
        right = torch.tensor([row, [0.0, 0.0]])
        uphill = diary.table.detach().allclose(-right)
        likely = "ascent" if uphill else _order(diary.notes)
        equal(item, diary.table.detach(), right, looked_at=f"{looked_at}: the table", likely=likely)
        looked_at = f"{looked_at}: the loss that is returned"
        likely = "returns_tensor" if isinstance(found, Tensor) else ""
        known = {"loss_after_step": after} if after else {}
        equal(item, found, loss, looked_at=looked_at, known=known, likely=likely)
    passed(item)


def _order(notes: list[str]) -> str:
    """The cause that the order of the calls points to."""
    if "backward" not in notes:
        return "no_backward"
    if "step" not in notes:
        return "no_step"
    if notes.count("step") > 1:
        return "two_steps"
    backward, step = notes.index("backward"), notes.index("step")
    if step < backward:
        return "step_before_backward"
    if "zero_grad" not in notes:
        return "no_zero_grad"
    return "zero_grad_before_step" if "zero_grad" in notes[backward:step] else ""


class _Watched(nn.Module):
    """A model whose loss is the number in the batch; it notes the mode that it was called in."""

    def __init__(self) -> None:
        super().__init__()
        self.training_seen = self.grad_seen = False

    def forward(self, idx: Tensor, targets: Tensor | None = None) -> tuple[None, Tensor]:
        self.training_seen |= self.training
        self.grad_seen |= torch.is_grad_enabled()
        return None, idx.float().mean()


def estimate_loss(answer: Callable[..., dict[str, float]]) -> None:
    """Batches whose losses are 1, 2, 3 for training and 11, 12, 13 for validation."""
    item = "estimate_loss"
    must_be_callable(item, answer)
    watched = _Watched()
    val = count(11)  # whatever is not "train", as in the lab
    numbers = {"train": count(1), "val": val, "validation": val}

    def get_batch(split: str) -> tuple[Tensor, Tensor]:
        batch = torch.full((1, 1), next(numbers[split]))
        return batch, batch

    looked_at = "3 batches each: losses 1, 2, 3 from train and 11, 12, 13 from val"
    with globals_set(answer, get_batch=get_batch):
        found = call(item, answer, watched, 3, looked_at=looked_at)
    if isinstance(found, dict):
        found = {name: number_of(value) for name, value in found.items()}
    known = {
        "last_batch_only": {"train": 3.0, "val": 13.0},
        "losses_summed": {"train": 6.0, "val": 36.0},
        "only_train": {"train": 2.0, "val": 5.0},
        "keys_swapped": {"train": 12.0, "val": 2.0},
        "same_batch": {"train": 1.0, "val": 11.0},
    }
    keys = isinstance(found, dict) and set(found) != {"train", "val"}
    likely = "only_train" if next(numbers["val"]) == 11 else "estimate_keys" if keys else ""
    equal(item, found, {"train": 2.0, "val": 12.0}, looked_at=looked_at, known=known, likely=likely)
    _mode(watched)
    passed(item)


def _mode(watched: _Watched) -> None:
    """No gradients, evaluation mode while measuring, training mode after."""
    for wrong, cause, expected, seen in (
        (watched.training_seen, "no_eval", "evaluation mode", "training mode"),
        (watched.grad_seen, "no_no_grad", "no gradients recorded", "gradients recorded"),
        (not watched.training, "left_in_eval", "training mode after", "evaluation mode after"),
    ):
        if wrong:
            raise CheckFailed(
                "estimate_loss",
                looked_at="the model's mode",
                expected=expected,
                found=seen,
                likely=cause,
            )
