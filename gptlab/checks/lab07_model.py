"""The checks of lab07 on the model: its parts, its scores, and all of it with weights given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from io import StringIO
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gptlab.checks import lab07_block, lab07_parts
from gptlab.checks.core import (
    CheckFailed,
    NotAttempted,
    call,
    equal,
    globals_set,
    must_be_callable,
    namespace,
    passed,
)
from gptlab.checks.lab03_parts import build
from gptlab.checks.lab07_parts import owned, refuse
from gptlab.checks.lab07_stand_ins import Norm, Part, Turns, settings

TOKENS = torch.tensor([[3.0, 1.0], [0.0, 1.0], [1.0, 1.0]])  # rows of a, b, c
PLACES = torch.tensor([[0.0, 4.0], [2.0, 0.0], [0.0, 1.0], [0.0, 9.0]])
HEAD = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-2.0, 1.0]])  # rows: the scores of a, b, c
IDX = torch.tensor([[1, 0, 2], [2, 1, 0]])  # bac, cba


def gpt_model(answer: type[nn.Module]) -> None:
    """The example: a model of three tokens whose blocks do nothing, then turn; then dropout."""
    item, looked_at = "gpt_model", "GPTModel(cfg), where vocab_size=3, context_length=4, emb_dim=2"
    with globals_set(answer, TransformerBlock=Part, LayerNorm=Norm):
        built = build(item, answer, settings(), looked_at=looked_at)
        _tables(item, built)
        _blocks(item, built)
        _numbers(item, built, "whose blocks change nothing")
    with globals_set(answer, TransformerBlock=Turns, LayerNorm=Norm):
        built = build(item, answer, settings(), looked_at=looked_at)
        _numbers(item, built, "whose 3 blocks each exchange the two numbers, then double the first")
        _dropout(item, built)
    passed(item)


def _tables(item: str, built: nn.Module) -> None:
    """Names and sizes of what the model owns, but for the blocks."""
    for name, rows, other in (("tok_emb", 3, 4), ("pos_emb", 4, 3)):
        table = owned(item, built, name, nn.Embedding, "an nn.Embedding", "gpt_part")
        size, known = (
            (table.num_embeddings, table.embedding_dim),
            {"gpt_tables_swapped": (other, 2)},
        )
        looked_at = f"self.{name}: rows, numbers in a row"
        equal(item, size, (rows, 2), looked_at=looked_at, known=known, likely="gpt_table_size")
    norm = owned(item, built, "final_norm", Norm, "a LayerNorm", "gpt_part")
    where = "the size of self.final_norm"
    equal(item, norm.emb_dim, 2, looked_at=where, likely="gpt_norm_size")
    drop = owned(item, built, "drop_emb", nn.Dropout, "an nn.Dropout", "gpt_part")
    where = "the p of self.drop_emb, where drop_rate=0.75"
    equal(item, float(drop.p), 0.75, looked_at=where, likely="drop_rate_fixed")
    head = owned(item, built, "out_head", nn.Linear, "an nn.Linear", "gpt_part")
    size = (head.in_features, head.out_features)
    where = "self.out_head: numbers in, scores out"
    equal(item, size, (2, 3), looked_at=where, likely="gpt_head_sizes")
    if head.bias is not None:
        refuse(item, "self.out_head", "no bias", "a bias", "gpt_head_bias")
    if head.weight is built.tok_emb.weight:
        refuse(item, "the weights of out_head and tok_emb", "two", "one and the same", "head_tied")


def _blocks(item: str, built: nn.Module) -> None:
    """Three blocks, each an object of its own, each built with the settings."""
    found = getattr(built, "trf_blocks", None)
    likely = "blocks_module_list" if isinstance(found, nn.ModuleList) else "gpt_part"
    row = owned(item, built, "trf_blocks", nn.Sequential, "an nn.Sequential", likely)
    blocks = list(row)
    likely = "gpt_layers_and_heads" if len(blocks) == 1 else "gpt_blocks_count"
    where = "the number of blocks, where n_layers=3 and n_heads=1"
    equal(item, len(blocks), 3, looked_at=where, likely=likely)
    if len({id(block) for block in blocks}) < 3:
        one = "one object, three times"
        refuse(item, "the three blocks", "three objects, each with its own weights", one,
               "blocks_shared")  # fmt: skip
    asked = getattr(blocks[0], "asked", (settings(),))
    if asked != (settings(),):
        seen = ", ".join(map(str, asked))[:60] or "nothing"
        refuse(item, "what TransformerBlock was built with", "cfg", seen, "gpt_block_arguments")


def _numbers(item: str, built: nn.Module, which: str) -> None:
    """The scores of "bac" and "cba" with the tables that were worked by hand."""
    with torch.no_grad():
        built.tok_emb.weight.copy_(TOKENS)
        built.pos_emb.weight.copy_(PLACES)
        built.out_head.weight.copy_(HEAD)
    looked_at = f'model(idx) for "bac" and "cba" (B=2, T=3), a model {which}'
    likely = {"index out of range": "gpt_positions_from_one"}
    likely |= {"must match": "gpt_positions_all", "broadcast": "gpt_positions_all"}
    with torch.no_grad():
        found = call(item, built, IDX.clone(), looked_at=looked_at, likely=likely)
        twice = isinstance(found, Tensor) and not found.equal(built(IDX.clone()))
    turn = nn.Sequential(*[Turns()] * 3) if "exchange" in which else nn.Identity()
    likely = "dropout_in_evaluation" if twice else ""
    right = _scores(turn(TOKENS[IDX] + PLACES[:3]))
    equal(item, found, right, looked_at=looked_at, known=_slips(turn, right), likely=likely)


def _slips(turn: Callable[[Tensor], Tensor], right: Tensor) -> dict[str, Tensor]:
    """What common slips give for "bac" and "cba"."""
    which, x = TOKENS[IDX], TOKENS[IDX] + PLACES[:3]
    return {
        "gpt_no_positions": _scores(turn(which)),
        "gpt_positions_from_one": _scores(turn(which + PLACES[1:4])),
        "gpt_positions_constant": _scores(turn(which + PLACES[0])),
        "gpt_positions_of_ids": _scores(turn(which + PLACES[IDX])),
        "gpt_positions_per_text": _scores(turn(which + PLACES[:2].unsqueeze(1))),
        "gpt_positions_scale": _scores(turn(which * PLACES[:3])),
        "gpt_no_tokens": _scores(turn(PLACES[:3].expand(2, 3, 2))),
        "gpt_no_final_norm": turn(x) @ HEAD.T,
        "gpt_norm_before_blocks": turn(F.layer_norm(x, (2,))) @ HEAD.T,
        "blocks_not_used": _scores(x),
        "logits_are_probabilities": right.softmax(-1),
        "gpt_last_only": right[:, -1:],
        "gpt_no_head": F.layer_norm(turn(x), (2,)),
    }


def _scores(x: Tensor) -> Tensor:
    """The last norm and the head, on (B, T, 2)."""
    return F.layer_norm(x, (2,)) @ HEAD.T


def _dropout(item: str, built: nn.Module) -> None:
    """With drop_rate ¾ and a stream of ones, three in four numbers of the stream become 0."""
    looked_at = "drop_rate=0.75, training mode, all rows 1, no norm, blocks that change nothing"
    built.final_norm, built.trf_blocks = nn.Identity(), nn.Sequential(nn.Identity())
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        built.tok_emb.weight.fill_(1)
        built.pos_emb.weight.zero_()
        found = call(item, built.train(), IDX.repeat(50, 1), looked_at=looked_at)
    parts = set(found[..., :2].unique().tolist())  # HEAD gives the stream's two numbers as they are
    if parts != {0.0, 4.0}:
        seen = ", ".join(f"{part:g}" for part in sorted(parts)[:6])
        refuse(item, looked_at, "0 where it was dropped, else 4", seen, "gpt_no_drop_emb")


# The example of the whole: two blocks whose parts give constants, whatever they read.
WHOLE = settings(context_length=3, emb_dim=4, n_heads=2, n_layers=2, drop_rate=0.5, qkv_bias=True)
GIVEN = {
    "tok_emb.weight": [[1, 1, 1, 1], [0, 4, 4, 0], [2, 0, 0, 2]],
    "pos_emb.weight": [[0, 1, 1, 3], [0, 3, 3, -5], [1, 1, 1, 1]],
    "out_head.weight": [[1, 0, 0, 0], [0, 3, 0, 0], [0, 0, 0, 3]],
    "trf_blocks.0.att.out_proj.bias": [0, 1, 0, 0],
    "trf_blocks.0.ff.layers.2.bias": [0, 0, 1, 0],
    "trf_blocks.1.att.out_proj.bias": [0, 0, 0, 2],
    "trf_blocks.1.ff.layers.2.bias": [0, 0, 0, 3],
}
SCORES = [[-1.0, -1, 5], [-1, 3, -3]]  # after a, after ab


def state() -> dict[str, Tensor]:
    """The weights of the example: all of GPTModel's names."""
    shapes = {"tok_emb.weight": (3, 4), "pos_emb.weight": (3, 4), "out_head.weight": (3, 4)}
    norms = ["final_norm"]
    for block in ("trf_blocks.0.", "trf_blocks.1."):
        for name in ("att.W_query", "att.W_key", "att.W_value", "att.out_proj"):
            shapes |= {f"{block}{name}.weight": (4, 4), f"{block}{name}.bias": (4,)}
        for name, wide in (("ff.layers.0", (16, 4)), ("ff.layers.2", (4, 16))):
            shapes |= {f"{block}{name}.weight": wide, f"{block}{name}.bias": wide[:1]}
        norms += [f"{block}norm1", f"{block}norm2"]
    made = {name: torch.zeros(shape) for name, shape in shapes.items()}
    for norm in norms:
        made |= {f"{norm}.scale": torch.ones(4), f"{norm}.shift": torch.zeros(4)}
    return made | {name: torch.tensor(rows).float() for name, rows in GIVEN.items()}


def whole(answer: Callable[..., Any]) -> None:
    """The two blocks that were worked by hand, in the student's own parts."""
    item, looked_at = "whole", "a_model(cfg, state) with the two blocks of the example"
    must_be_callable(item, answer)
    given = state()
    wrong = {"size mismatch": "whole_other_settings", "Error(s) in loading": "whole_names"}
    with torch.random.fork_rng(devices=[]):
        try:
            found = call(item, answer, WHOLE, given, looked_at=looked_at, likely=wrong)
        except NotAttempted as empty:
            if "a_model" not in empty.where:  # a part of it was not written
                raise _at_fault(answer, empty) from None
            raise
    if not isinstance(found, nn.Module):
        likely = "whole_returns_keys" if "IncompatibleKeys" in type(found).__name__ else ""
        equal(item, found, "a GPTModel", looked_at=looked_at, likely=likely)
    if any(part.training for part in found.modules()):
        refuse(item, f"{looked_at}: its mode", "evaluation", "training", "whole_not_eval")
    held = found.state_dict()
    if any(name not in held or not held[name].equal(value) for name, value in given.items()):
        where = f"{looked_at}: what it holds"
        refuse(item, where, "the weights of state", "other weights", "whole_not_loaded")
    looked_at = 'its scores for "ab", the example of two blocks'
    try:
        with torch.no_grad():
            scores = call(item, found, torch.tensor([[0, 1]]), looked_at=looked_at)
        equal(item, scores, torch.tensor([SCORES]), looked_at=looked_at)
    except CheckFailed as error:
        raise _at_fault(answer, error) from None
    passed(item)


def _at_fault(answer: Any, error: CheckFailed) -> CheckFailed:
    """The same error, with the first of the parts whose own check fails."""
    space: Mapping[str, Any] = namespace(answer)
    checks = {"LayerNorm": lab07_parts.layer_norm, "GELU": lab07_parts.gelu,
              "FeedForward": lab07_parts.feed_forward, "TransformerBlock": lab07_block.block,
              "GPTModel": gpt_model}  # fmt: skip
    for name, check in checks.items():
        try:
            with redirect_stdout(StringIO()):
                check(space.get(name))
        except CheckFailed as part:
            error.item, error.where = "whole", f"{name}: run check.{part.item}({name}) again"
            return error
    return error
