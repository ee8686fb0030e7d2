"""The checks of lab02 on the two modules: the head, and the model around it."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gptlab.checks.core import (
    CheckFailed,
    call,
    equal,
    globals_set,
    must_be_callable,
    passed,
    show,
    two,
)
from gptlab.checks.lab02_numbers import (
    ANY,
    FILL_ERRORS,
    LOUD_KEY,
    W_QUERY,
    W_VALUE,
    dots,
    hidden,
    mixed,
    past,
    same,
    shares,
    sheets,
)

SETTINGS = {"n_embd": 5, "block_size": 4, "dropout": 0.5}
MADE = "Head(2), with n_embd=5, block_size=4, dropout=0.5"


def head(answer: type[nn.Module]) -> None:
    """What a head owns, the example with a louder key, dropout."""
    item = "head"
    must_be_callable(item, answer, "the class")
    with torch.random.fork_rng(devices=[]), globals_set(answer, **SETTINGS):
        torch.manual_seed(0)
        name = {"'register_buffer'": "head_register_self"}
        built = call(item, answer, 2, looked_at=MADE, likely=name)
        _owns(built)
        with torch.no_grad():
            for name, W in (("query", W_QUERY), ("key", LOUD_KEY), ("value", W_VALUE)):
                getattr(built, name).weight.copy_(torch.cat((W, torch.zeros(3, 2))).T)
        _reads(built)
        _drops(built)
    passed(item)


def _refuse(looked_at: str, expected: str, found: str, likely: str = "") -> None:
    raise CheckFailed("head", looked_at=looked_at, expected=expected, found=found, likely=likely)


def _owns(built: Any) -> None:
    """The five names of the docstring, and what they are."""
    for name in ("key", "query", "value"):
        layer, where = getattr(built, name, None), f"the {name} of {MADE}"
        if not isinstance(layer, nn.Linear):
            _refuse(where, "an nn.Linear", show(layer), "head_part_missing")
        shape = layer.in_features, layer.out_features
        wrong = {(2, 5): "head_sizes_swapped", (5, 5): "head_size_ignored"}
        if shape != (5, 2):
            likely = wrong.get(shape, "head_n_embd_fixed" if shape[1] == 2 else "")
            _refuse(where, "nn.Linear from 5 to 2", f"from {shape[0]} to {shape[1]}", likely)
        if layer.bias is not None:
            _refuse(where, "no bias", "a bias", "head_bias")
    buffers, parameters = dict(built.named_buffers()), dict(built.named_parameters())
    tril, where = buffers.get("tril"), f"the tril of {MADE}"
    if tril is None:
        likely = "head_tril_plain" if hasattr(built, "tril") else "head_part_missing"
        likely = "head_tril_none" if getattr(built, "tril", 0) is None else likely
        likely = "head_tril_parameter" if "tril" in parameters else likely
        found = "a parameter" if "tril" in parameters else show(getattr(built, "tril", None))
        _refuse(where, "a buffer of that name", found, likely)
    ones = past(4)
    if tril.shape != ones.shape:
        likely = "head_tril_of_head_size" if tril.shape == (2, 2) else ""
        _refuse(where, "shape (4, 4)", str(tuple(tril.shape)), likely)
    known = {"head_triu": ones.T, "head_no_diagonal": past(4, -1), "head_tril_ahead": past(4, 1)}
    known = {cause: table.float() for cause, table in known.items()}
    equal("head", tril.float(), ones.float(), looked_at=where, known=known)
    drop = getattr(built, "dropout", None)
    if not isinstance(drop, nn.Dropout):
        _refuse(f"the dropout of {MADE}", "an nn.Dropout", show(drop), "head_part_missing")
    if drop.p != 0.5:
        _refuse(f"the dropout of {MADE}", "p=0.5", f"p={drop.p}", "head_dropout_fixed")


def _letters() -> Tensor:
    """any, yna and nya with three more channels that the matrices ignore: (3, 3, 5)."""
    return torch.cat((sheets(ANY, 3), torch.full((3, 3, 3), 7.0)), 2)


def _reads(built: nn.Module) -> None:
    """Three letters, then four, in evaluation mode: what comes out, and that tril stays."""
    built.eval()
    x = _letters()
    q, k, v = (mixed(x, layer.weight.T) for layer in (built.query, built.key, built.value))
    q, k, v = q.detach(), k.detach(), v.detach()
    likely = {
        "(4)": "head_mask_not_cut",
        "tensor b (2)": "head_all_axes_reversed",
        "batch2 tensor": "head_no_transpose",
    } | FILL_ERRORS
    looked_at = (
        "the head in evaluation mode, with the matrices on paper but a key louder for vowels (so "
        "not the numbers on paper), for any, yna, nya: x of shape (B=3, T=3, n_embd=5), three "
        "channels ignored"
    )
    found = call("head", built, x, looked_at=looked_at, likely=likely)
    right = mixed(shares(hidden(dots(q, k) / math.sqrt(2), past(3))), v)
    twice = isinstance(found, Tensor) and not built(x).equal(found)
    likely_now = "head_dropout_in_eval" if twice else ""
    same("head", found, right, looked_at=looked_at, known=_slips(x, q, k, v), likely=likely_now)
    if built.tril.shape != (4, 4):
        _refuse(
            "tril after a window of 3", "shape (4, 4)", show(built.tril), "head_mask_cut_for_good"
        )
    longer = torch.cat((x, x[:, :1]), 1)
    looked_at = looked_at.replace("T=3", "T=4").replace("any, yna, nya", "anya, ynay, nyan")
    found = call("head", built, longer, looked_at=looked_at, likely=likely)
    q, k, v = (torch.cat((part, part[:, :1]), 1) for part in (q, k, v))
    right = mixed(shares(hidden(dots(q, k) / math.sqrt(2), past(4))), v)
    same("head", found, right, looked_at=looked_at)


def _slips(x: Tensor, q: Tensor, k: Tensor, v: Tensor) -> dict[str, Tensor]:
    """What the usual mistakes make of the same letters."""
    raw, keep = dots(q, k), past(3)
    scores = raw / math.sqrt(2)
    masked = hidden(scores, keep)
    weights = {
        "head_query_is_key": shares(hidden(dots(k, k) / math.sqrt(2), keep)),
        "head_q_and_k_swapped": shares(hidden(scores.mT, keep)),
        "head_no_scale": shares(hidden(raw, keep)),
        "head_scaled_by_n_embd": shares(hidden(raw / math.sqrt(5), keep)),
        "head_scaled_by_size": shares(hidden(raw / 2, keep)),
        "head_scale_multiplied": shares(hidden(raw * math.sqrt(2), keep)),
        "head_scaled_by_T": shares(hidden(raw / math.sqrt(3), keep)),
        "head_no_mask": shares(scores),
        "head_mask_last_rows": shares(hidden(scores, past(3, 1))),
        "head_mask_with_0": shares(scores * keep),
        "head_mask_minus_10": shares(hidden(scores, keep, -10.0)),
        "head_mask_after": shares(scores) * keep,
        "head_softmax_over_queries": shares(masked, 1),
        "head_softmax_over_the_batch": shares(masked, 0),
    }
    slips = {cause: mixed(table, v) for cause, table in weights.items()}
    right = shares(masked)
    return slips | {
        "head_values_from_x": mixed(right, x),
        "head_mixes_keys": mixed(right, k),
        "head_only_weights": right,
    }


def _drops(built: nn.Module) -> None:
    """400 windows of one letter: its only weight is 1, and dropout makes it 0 or 2."""
    one = _letters()[:1, :1].expand(400, 1, 5)  # the a, whose value is (5, 5)
    where = "the head with dropout=0.5, for 400 windows of one letter with value (5, 5)"
    looked_at = f"{where}, in evaluation mode"
    with torch.no_grad():
        found = call("head", built, one, looked_at=looked_at)
        if not found.allclose(torch.tensor(5.0)):
            _refuse(looked_at, "(5, 5) each", _kinds(found), "head_dropout_in_eval")
        built.train()
        looked_at = f"{where}, in training mode"
        found = call("head", built, one, looked_at=looked_at)
    if _kinds(found) == "(0, 0) or (10, 10)":
        return
    likely = "head_dropout_on_output" if "(0, 10)" in _kinds(found) else ""
    if _kinds(found) == "(5, 5)":  # nothing was dropped, or only a score that had no rival
        rivals = built(_letters()[:1].expand(400, 3, 5))
        varies = bool((rivals != rivals[:1]).any())
        likely = "head_dropout_on_scores" if varies else "head_no_dropout"
    _refuse(looked_at, "(0, 0) or (10, 10)", _kinds(found), likely)


def _kinds(found: Tensor) -> str:
    """The different rows of the result, in words."""
    rows = sorted({tuple(round(n, 2) for n in row) for row in found.flatten(0, 1).tolist()})
    return " or ".join("(" + ", ".join(f"{n:g}" for n in row) + ")" for row in rows[:6])


class AddsUp(nn.Module):
    """A stand-in for the head: each place gets the sum of what came up to it."""

    def __init__(self, head_size: int) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        return x.cumsum(1)


def _end(logits: Tensor, targets: Tensor | None) -> tuple[Tensor, Tensor | None]:
    flat = logits.flatten(0, -2)
    return (logits, None) if targets is None else (flat, F.cross_entropy(flat, targets.flatten()))


TOKENS = torch.tensor([[1.0, 0.0], [0.0, 1.0], [2.0, 2.0]])
PLACES = torch.tensor([[10.0, 0.0], [0.0, 20.0], [30.0, 30.0], [5.0, 7.0]])
OUT = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])  # to the logits of three characters
BIAS = torch.tensor([0.0, 0.0, 0.5])


def one_head_model(answer: type[nn.Module]) -> None:
    """Two windows of three, with small tables and a head that adds up."""
    item = "one_head_model"
    must_be_callable(item, answer, "the class")
    values = {"n_embd": 2, "block_size": 4, "Head": AddsUp, "logits_and_loss": _end}
    with torch.random.fork_rng(devices=[]), globals_set(answer, **values):
        built = call(item, answer, 3, looked_at="OneHeadModel(3), with n_embd=2, block_size=4")
        with torch.no_grad():
            built.token_embedding_table.weight.copy_(TOKENS)
            built.position_embedding_table.weight.copy_(PLACES)
            built.lm_head.weight.copy_(OUT)
            built.lm_head.bias.copy_(BIAS)
        _predicts(built)
    passed(item)


def _predicts(built: nn.Module) -> None:
    """Logits without targets, then with them."""
    item, idx = "one_head_model", torch.tensor([[0, 1, 2], [2, 0, 0]])
    looked_at = (
        "model(idx), idx of shape (B=2, T=3), a model with small tables (n_embd=2, block_size=4, "
        "V=3) and, in place of the head, one that adds up the past: the logits"
    )
    right, known = _model_numbers(idx)
    likely = {
        "(4)": "model_positions_of_block_size",
        "(2)": "model_positions_of_the_batch",
        "'logits'": "model_no_logits",
    }
    found = call(item, built, idx, looked_at=looked_at, likely=likely)
    logits, loss = two(item, found, looked_at=looked_at)
    same(item, logits, right, looked_at=looked_at, known=known)
    equal(item, loss, None, looked_at="model(idx) without targets: the loss")
    looked_at = looked_at.replace("model(idx)", "model(idx, targets)").replace("logits", "loss")
    found = call(item, built, idx, idx.flip(1), looked_at=looked_at, likely=likely)
    _, loss = two(item, found, looked_at=looked_at)
    expected = F.cross_entropy(right.flatten(0, 1), idx.flip(1).flatten())
    equal(item, loss, expected, looked_at=looked_at)
    alone = built(idx[:, :1])[0]
    looked_at = "model(idx) for the first place alone, T=1"
    same(item, alone, right[:, :1], looked_at=looked_at)
    _on_another_device(built, idx)


def _on_another_device(built: nn.Module, idx: Tensor) -> None:
    """On "meta", a device without numbers: where are the places made?"""
    devices = []
    table = built.to("meta").position_embedding_table
    table.register_forward_pre_hook(lambda layer, places: devices.append(places[0].device.type))
    looked_at = "the places of a model and of ids on another device than the CPU"
    call("one_head_model", built, idx.to("meta"), looked_at=looked_at)
    if "cpu" in devices:
        raise CheckFailed(
            "one_head_model",
            looked_at=looked_at,
            expected="places on the device of idx",
            found="places on the CPU",
            likely="model_positions_on_the_cpu",
        )


def _model_numbers(idx: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    """The right logits, and those after the usual slips."""
    tok, pos = TOKENS[idx], PLACES[:3]

    def out(x: Tensor) -> Tensor:
        return torch.einsum("btc,vc->btv", x, OUT) + BIAS

    both = tok + pos
    right = out(both.cumsum(1))
    known = {
        "model_no_positions": out(tok.cumsum(1)),
        "model_positions_constant": out((tok + PLACES[0]).cumsum(1)),
        "model_positions_from_1": out((tok + PLACES[1:4]).cumsum(1)),
        "model_positions_are_ids": out((tok + PLACES[idx]).cumsum(1)),
        "model_positions_from_tokens": out((tok + TOKENS).cumsum(1)),
        "model_positions_multiplied": out((tok * pos).cumsum(1)),
        "model_positions_after_head": out(tok.cumsum(1) + pos),
        "model_no_head": out(both),
        "model_residual": out(both + both.cumsum(1)),
        "model_softmax": shares(right),
        "model_no_lm_head": both.cumsum(1),
        "model_last_place_only": right[:, -1:],
    }
    return right, known
