"""The checks of lab03 on the model: its logits, writing with it, shapes, the text of a context."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gptlab.checks import lab01_training
from gptlab.checks.core import (
    CheckFailed,
    NotAttempted,
    call,
    equal,
    globals_set,
    must_be_callable,
    passed,
    two,
)
from gptlab.checks.lab03_parts import build, part
from gptlab.checks.lab03_stand_ins import Asked, CopiesFirst, Swap

TOKENS = torch.tensor([[4.0, 0.0], [0.0, 2.0], [0.0, 0.0]])  # rows of a, b, c
PLACES = torch.tensor([[0.0, 6.0], [5.0, 0.0], [0.0, 2.0], [0.0, 9.0]])
HEAD = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])  # rows: the logits of a, b, c
HEAD_BIAS = torch.tensor([0.0, 0.0, 0.5])
SIZES = {"vocab_size": 3, "block_size": 4, "n_embd": 2, "n_head": 1, "n_layer": 3}


def model(answer: type[nn.Module]) -> None:
    """The example of "ab": a model of three characters whose blocks do nothing, then swap."""
    item, looked_at = "model", "ToyLanguageModel(), where vocab_size=3, block_size=4, n_embd=2"
    rest = {"dropout": 0.0, "device": "cpu"}
    with globals_set(answer, **SIZES, **rest, Block=Asked):
        built = build(item, answer, looked_at=looked_at)
        _model_parts(item, built)
        _blocks(item, built)
        _numbers(item, built, "whose blocks change nothing")
    with globals_set(answer, **SIZES, **rest, Block=Swap):
        built = build(item, answer, looked_at=looked_at)
        _numbers(item, built, "whose 3 blocks each swap the two numbers")
    passed(item)


def _model_parts(item: str, built: nn.Module) -> None:
    """Names and sizes of what the model owns."""
    for name, rows, known in (
        ("token_embedding_table", 3, {"tables_swapped": (4, 2)}),
        ("position_embedding_table", 4, {"position_table_vocabulary": (3, 2)}),
    ):
        table = part(item, built, name, nn.Embedding, "an nn.Embedding")
        size = (table.num_embeddings, table.embedding_dim)
        looked_at = f"self.{name}: rows, numbers in a row"
        equal(item, size, (rows, 2), looked_at=looked_at, known=known)
    part(item, built, "blocks", nn.Sequential, "an nn.Sequential")
    part(item, built, "ln_f", nn.LayerNorm, "an nn.LayerNorm")
    head = part(item, built, "lm_head", nn.Linear, "an nn.Linear")
    size = (head.in_features, head.out_features)
    equal(item, size, (2, 3), looked_at="self.lm_head: numbers in, logits out")
    if head.bias is None:
        looked_at, expected = "self.lm_head", "a bias"
        raise CheckFailed(
            item, looked_at=looked_at, expected=expected, found="none", likely="head_no_bias"
        )


def _blocks(item: str, built: nn.Module) -> None:
    """Three blocks, each an object of its own, built with (n_embd, n_head)."""
    blocks = list(built.blocks)
    cause = "blocks_one" if len(blocks) == 1 else ""
    equal(item, len(blocks), 3, looked_at="the number of blocks, where n_layer=3", likely=cause)
    if len({id(block) for block in blocks}) < 3:
        raise CheckFailed(
            item,
            looked_at="the three blocks",
            expected="three objects, each with weights of its own",
            found="one object, three times",
            likely="blocks_shared",
        )
    asked = getattr(blocks[0], "asked", (2, 1))
    known = {"block_arguments_swapped": (1, 2)}
    equal(item, asked, (2, 1), looked_at="what Block was built with", known=known)


def _numbers(item: str, built: nn.Module, which: str) -> None:
    """Logits of "bac" and "cba" with the tables that were worked by hand, and the loss."""
    with torch.no_grad():
        built.token_embedding_table.weight.copy_(TOKENS)
        built.position_embedding_table.weight.copy_(PLACES)
        built.lm_head.weight.copy_(HEAD)
        built.lm_head.bias.copy_(HEAD_BIAS)
    idx = torch.tensor([[1, 0, 2], [2, 1, 0]])
    looked_at = f'model(idx) for "bac" and "cba" (B=2, T=3), a model {which}: the logits'
    likely = {"IndexError": "positions_of_ids", "index out of range": "positions_from_one"}
    likely |= {"must match": "positions_block_size", "broadcast": "positions_block_size"}
    with torch.no_grad():
        found = call(item, built, idx, looked_at=looked_at, likely=likely)
        found, loss = two(item, found, looked_at=looked_at, likely="returns_only_logits")
    turn = (lambda x: x.flip(-1)) if "swap" in which else (lambda x: x)
    right = _logits(turn(TOKENS[idx] + PLACES[:3]))
    known = {
        "no_positions": _logits(turn(TOKENS[idx])),
        "positions_from_one": _logits(turn(TOKENS[idx] + PLACES[1:4])),
        "positions_constant": _logits(turn(TOKENS[idx] + PLACES[0])),
        "positions_of_ids": _logits(turn(TOKENS[idx] + PLACES[idx])),
        "no_token_embedding": _logits(turn(PLACES[:3].expand(2, 3, 2))),
        "no_final_norm": turn(TOKENS[idx] + PLACES[:3]) @ HEAD.T + HEAD_BIAS,
        "blocks_not_used": _logits(TOKENS[idx] + PLACES[:3]),
        "logits_are_probabilities": right.softmax(-1),
        "model_last_position": right[:, -1:],
    }
    equal(item, found, right, looked_at=looked_at, known=known)
    looked_at = f"model(idx, targets), a model {which}: the loss"
    targets = torch.tensor([[1, 2, 0], [0, 0, 1]])
    found = call(item, built, idx, targets, looked_at=looked_at)
    _, loss = two(item, found, looked_at=looked_at)
    wanted = F.cross_entropy(right.view(6, 3), targets.view(6))
    equal(item, loss, wanted, looked_at=looked_at)


def _logits(x: Tensor) -> Tensor:
    """The last norm and the head, on (B, T, 2)."""
    return F.layer_norm(x, (2,)) @ HEAD.T + HEAD_BIAS


def generate(answer: Callable[..., Tensor]) -> None:
    """lab01's check; then a model that copies the first character that it sees, 3 at a time."""
    item = "generate"
    must_be_callable(item, answer)
    # one line is printed where all passes, not two
    with globals_set(answer, block_size=8), redirect_stdout(StringIO()):
        lab01_training.generate(answer)
    copies = CopiesFirst()
    idx = torch.tensor([[0, 1, 1], [1, 1, 0]])  # abb, bba
    looked_at = "4 more for abb and bba, a model that writes the first character it sees, "
    looked_at += "block_size=3"
    with globals_set(answer, block_size=3), torch.random.fork_rng(devices=[]):
        found = call(item, answer, copies, idx.clone(), 4, looked_at=looked_at)
    longest = max(seen.shape[1] for seen in copies.seen)
    if longest > 3:
        raise CheckFailed(
            item,
            looked_at=f"{looked_at}: what it sees",
            expected="3 characters at most",
            found=f"{longest}",
            likely="context_not_cropped",
        )
    right = torch.cat((idx, idx, idx[:, :1]), dim=1)  # abbabba, bbabbab
    likely = "context_lost" if found is not None and found.shape[-1] < 7 else ""
    known = {"context_cropped_first": torch.cat((idx, idx[:, :1].expand(2, 4)), dim=1)}
    equal(item, found, right, looked_at=looked_at, known=known, likely=likely)
    passed(item)


def shapes(logits_shape: Any, logits_shape_training: Any) -> None:
    """(4, 8, 65) before training; 16 windows of 32 flattened, (512, 65), in training."""
    item, answers = "shapes", []
    names = ("logits_shape", "logits_shape_training")
    for name, found in zip(names, (logits_shape, logits_shape_training), strict=True):
        if found is None:
            raise NotAttempted(item, looked_at=name, found="None")
        answers.append(tuple(found) if isinstance(found, (list, torch.Size)) else found)
    first = {
        "shapes_no_batch": (8, 65),
        "shapes_no_vocabulary": (4, 8),
        "shapes_axes": (8, 4, 65),
        "shapes_n_embd": (4, 8, 64),
        "shapes_flattened_early": (512, 65) if logits_shape == (512, 65) else (32, 65),
        "shapes_other_batch": (16, 32, 65),
    }
    second = {
        "shapes_training_not_flattened": (16, 32, 65),
        "shapes_other_batch": (32, 65),
        "shapes_n_embd": (512, 64),
        "shapes_no_batch": (32, 65) if answers[0] == (8, 65) else (0,),
        "shapes_no_vocabulary": (512,),
        "shapes_same": answers[0],
    }
    equal(item, answers[0], (4, 8, 65), looked_at=names[0], known=first)
    equal(item, answers[1], (512, 65), looked_at=names[1], known=second)
    passed(item)


def context_text(found: str) -> None:
    """The line break, the first of the 65 characters of Tiny Shakespeare."""
    item = "context_text"
    if found is None:
        raise NotAttempted(item, looked_at="context_text", found="None")
    known = {
        "context_digit": "0",
        "context_space": " ",
        "context_empty": "",
        "context_backslash": "\\n",
        "context_list": ["\n"],
        "context_ids": [0],
    }
    equal(item, found, "\n", looked_at="context_text", known=known)
    passed(item)
