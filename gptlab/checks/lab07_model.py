"""The check of lab07 on the model, with blocks that one can follow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gptlab.checks.core import call, equal, globals_set, must_be_callable, passed
from gptlab.checks.lab03_parts import build
from gptlab.checks.lab07_block import READ
from gptlab.checks.lab07_parts import ERRORS, Example, judge, learns, owned, refuse
from gptlab.checks.lab07_stand_ins import LayerNorm, TransformerBlock, settings
from gptlab.checks.shown import difference

IDX = torch.tensor([[1, 0, 2], [2, 1, 0]])  # bac, cba
# Rows of a, b, c; of the places; of the head. First the worked example, then four numbers a row.
TABLES = (
    torch.tensor([[3.0, 1.0], [0.0, 1.0], [1.0, 1.0]]),
    torch.tensor([[0.0, 4.0], [2.0, 0.0], [0.0, 1.0], [0.0, 9.0]]),
    torch.tensor([[1.0, 0.0], [0.0, 1.0], [-2.0, 1.0]]),
)
WIDER = (
    torch.tensor([[3.0, 1, 1, 2], [1, 2, 4, 1], [1, 1, 2, 5]]),
    torch.tensor([[1.0, 4, 1, 1], [2, 1, 1, 3], [6, 1, 3, 1], [1, 9, 1, 2]]),
    torch.tensor([[1.0, 0, 0, 0], [0, 1, 0, 2], [-2, 1, 1, 0]]),
)
# Three blocks of which no two may change places.
DOES: tuple[Callable[[Tensor], Tensor], ...] = (
    lambda x: x + torch.tensor([0.0, 4, 0, 0]),
    lambda x: x.flip(-1),
    lambda x: x * torch.tensor([2.0, 1, 1, 1]),
)


def gpt_model(answer: type[nn.Module]) -> None:
    """The example, whose blocks change nothing; then three that do; then dropout."""
    item, cfg = "gpt_model", settings(emb_dim=4, n_heads=4)
    must_be_callable(item, answer, "the class")
    looked_at = "GPTModel(cfg), where vocab_size=3, context_length=4, emb_dim="
    with globals_set(answer, TransformerBlock=TransformerBlock, LayerNorm=LayerNorm):
        small = build(item, answer, settings(), looked_at=f"{looked_at}2", likely=ERRORS)
        wider = build(item, answer, cfg, looked_at=f"{looked_at}4", likely=ERRORS)
        _owned(item, small, settings())
        _owned(item, wider, cfg)
        blocks = _blocks(item, wider, cfg)
        which = "whose blocks change nothing"
        examples = [_example(item, small, TABLES, lambda x: x, which)]
        log: list[tuple[nn.Module, Tensor]] = []
        for block, does in zip(blocks, DOES, strict=True):
            block.does, block.log = does, log
        which = "whose blocks add 4 to the second number, reverse the row, double the first number"
        examples.append(_example(item, wider, WIDER, _through, which))
        likely = _run(list(blocks), log[: len(log) // 2]) or _unsteady(item, small)
        judge(item, examples, likely)
        learns(item, wider, IDX)
        _dropout(item, wider, log)
        _elsewhere(item, wider)
    passed(item)


def _through(x: Tensor) -> Tensor:
    """The three blocks, in their order."""
    for does in DOES:
        x = does(x)
    return x


def _owned(item: str, built: nn.Module, cfg: Mapping[str, Any]) -> None:
    """Names and sizes of what the model owns, but for the blocks."""
    wide = cfg["emb_dim"]
    rows = {"tok_emb": cfg["vocab_size"], "pos_emb": cfg["context_length"]}
    found = {name: owned(item, built, name, nn.Embedding, "an nn.Embedding", "gpt_part")
             .weight.shape for name in rows}  # fmt: skip
    swapped = [size[0] for size in found.values()] == list(rows.values())[::-1]
    likely = "gpt_tables_swapped" if swapped else "gpt_table_size"
    for name, count in rows.items():
        looked_at = f"self.{name}: rows, numbers in a row"
        equal(item, tuple(found[name]), (count, wide), looked_at=looked_at, likely=likely)
    norm = owned(item, built, "final_norm", LayerNorm, "a LayerNorm", "gpt_part")
    where = f"the size of self.final_norm, where emb_dim={wide}"
    equal(item, norm.emb_dim, wide, looked_at=where, likely="gpt_norm_size")
    drop = owned(item, built, "drop_emb", nn.Dropout, "an nn.Dropout", "gpt_part")
    where = "the p of self.drop_emb, where drop_rate=0.75"
    equal(item, float(drop.p), 0.75, looked_at=where, likely="drop_rate_fixed")
    head = owned(item, built, "out_head", nn.Linear, "an nn.Linear", "gpt_part")
    size = (head.in_features, head.out_features)
    where = "self.out_head: numbers in, scores out"
    equal(item, size, (wide, 3), looked_at=where, likely="gpt_head_sizes")
    if head.bias is not None:
        refuse(item, "self.out_head", "no bias", "a bias", "gpt_head_bias")
    if head.weight is built.tok_emb.weight:
        refuse(item, "the weights of out_head and tok_emb", "two", "one and the same", "head_tied")


def _blocks(item: str, built: nn.Module, cfg: Mapping[str, Any]) -> nn.Sequential:
    """Three blocks, each an object of its own, each built with the settings."""
    found = getattr(built, "trf_blocks", None)
    kinds = {nn.ModuleList: "blocks_module_list", list: "gpt_blocks_plain_list"}
    row = owned(item, built, "trf_blocks", nn.Sequential, "an nn.Sequential",
                kinds.get(type(found), "gpt_part"))  # fmt: skip
    counts = {1: "gpt_one_block", 4: "gpt_layers_and_heads"}
    where = "the number of blocks, where n_layers=3 and n_heads=4"
    equal(item, len(row), 3, looked_at=where, likely=counts.get(len(row), "gpt_blocks_count"))
    if len({id(block) for block in row}) < 3:
        one = "one object, three times"
        refuse(item, "the three blocks", "three objects, each with its own weights", one,
               "blocks_shared")  # fmt: skip
    for block in row:
        if not isinstance(block, TransformerBlock):
            refuse(item, "self.trf_blocks", "TransformerBlock", type(block).__name__, "gpt_part")
        given = (*block.asked, None)[0]
        right = isinstance(given, Mapping) and all(given.get(name) == cfg[name] for name in READ)
        if len(block.asked) != 1 or not right:
            seen = ", ".join(map(str, block.asked))[:60] or "nothing"
            refuse(item, "what TransformerBlock was built with", "cfg", seen, "gpt_block_arguments")
    return row


def _load(built: nn.Module, tables: tuple[Tensor, Tensor, Tensor]) -> None:
    with torch.no_grad():
        for name, rows in zip(("tok_emb", "pos_emb", "out_head"), tables, strict=True):
            getattr(built, name).weight.copy_(rows)


def _example(
    item: str,
    built: nn.Module,
    tables: tuple[Tensor, Tensor, Tensor],
    through: Callable[[Tensor], Tensor],
    which: str,
) -> Example:
    """The scores of "bac" and "cba" with these tables; the model runs twice."""
    _load(built, tables)
    looked_at = f'model(idx) for "bac" and "cba" (B=2, T=3), a model {which}'
    likely = {"index out of range": "gpt_positions_from_one"}
    likely |= {"was given rows of": "gpt_norm_after_head", **ERRORS}
    likely |= {"(4) ": "gpt_positions_all", "(2) ": "gpt_positions_per_text"}
    likely |= {"must match": "gpt_positions_all", "'Embedding'": "gpt_table_not_called"}
    with torch.no_grad():
        found = call(item, built, IDX.clone(), looked_at=looked_at, likely=likely)
        call(item, built, IDX.clone(), looked_at=looked_at)
    tok, pos, head = tables
    right = _normed(through(tok[IDX] + pos[:3])) @ head.T
    return Example(looked_at, found, right, _slips(tables, through, right))


def _normed(x: Tensor) -> Tensor:
    return F.layer_norm(x, x.shape[-1:], eps=1e-9)


def _slips(
    tables: tuple[Tensor, Tensor, Tensor], through: Callable[[Tensor], Tensor], right: Tensor
) -> list[tuple[str, Tensor]]:
    """What common slips give for "bac" and "cba"."""
    tok, pos, head = tables
    which, wide = tok[IDX], tok.shape[1]
    x = which + pos[:3]
    # what enters the blocks
    before = [
        ("gpt_no_positions", which),
        ("gpt_positions_from_one", which + pos[1:4]),
        ("gpt_positions_constant", which + pos[0]),
        ("gpt_positions_backwards", which + pos[:3].flip(0)),
        ("gpt_positions_of_ids", which + pos[IDX]),
        ("gpt_positions_per_text", which + pos[:2].unsqueeze(1)),
        ("gpt_positions_scale", which * pos[:3]),
        ("gpt_no_tokens", pos[:3].expand(2, 3, wide)),
        ("gpt_rows_scaled", which * wide**0.5 + pos[:3]),
        ("gpt_rows_scaled", x * wide**0.5),
    ]
    # what enters the head
    after = [
        ("gpt_no_final_norm", through(x)),
        ("gpt_norm_before_blocks", through(_normed(x))),
        ("blocks_not_used", _normed(x)),
    ]
    return [
        *((name, _normed(through(value)) @ head.T) for name, value in before),
        *((name, value @ head.T) for name, value in after),
        ("gpt_softmax", right.softmax(-1)),
        ("gpt_softmax", right.log_softmax(-1)),
        ("gpt_last_only", right[:, -1:]),
        ("gpt_last_only", right[:, -1]),
        ("gpt_no_head", _normed(through(x))),
        ("gpt_axes", right.transpose(1, 2)),
        ("gpt_axes", right.flatten(0, 1)),
    ]


def _run(blocks: list[nn.Module], log: list[tuple[nn.Module, Tensor]]) -> str:
    """What the blocks were given, one after the other, points to; "" where all is well."""
    order = [blocks.index(block) for block, _ in log]
    if not order:
        return "blocks_not_used"
    if sorted(order) != [0, 1, 2]:
        return "blocks_not_once"
    if order != [0, 1, 2]:
        return "blocks_order"
    (_, x), *rest = log
    for does, (_, given) in zip(DOES, rest, strict=False):
        was, x = x, does(x)
        causes = {"": x, "blocks_each_from_the_start": was, "gpt_block_adds": x + was,
                  "gpt_norm_in_each": _normed(x)}  # fmt: skip
        fits = [cause for cause, value in causes.items() if difference(given, value) is None]
        if "" not in fits:
            return next(iter(fits), "")
    return ""


def _unsteady(item: str, built: nn.Module) -> str:
    """Whether the model gives other scores another time; chance may repeat itself."""
    with torch.no_grad():
        once, *others = (call(item, built, IDX.clone(), looked_at="again") for _ in range(20))
    same = all(difference(once, other) is None for other in others)
    return "" if same else "dropout_in_evaluation"


def _dropout(item: str, built: nn.Module, log: list[tuple[nn.Module, Tensor]]) -> None:
    """With drop_rate ¾, what the first block is given is the sum of the rows, dropped once."""
    log.clear()
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        idx = IDX.repeat(50, 1)
        looked_at = "drop_rate=0.75, training mode: what the blocks are given"
        found = call(item, built.train(), idx, looked_at=looked_at)
    tok, pos, head = WIDER
    which, place, fed = tok[idx], pos[:3], log[0][1]
    sums = which + place

    def only(*values: Tensor) -> bool:
        return bool(torch.stack([fed.isclose(value) for value in values]).any(0).all())

    none = torch.zeros_like(which)
    if only(sums):
        late = not difference(found, _normed(_through(sums)) @ head.T)
        likely = "gpt_no_drop_emb" if late else "gpt_drop_after_blocks"
        refuse(item, looked_at, "0 where it was dropped, else 4 times the sum", "the sums, all of "
               "them", likely)  # fmt: skip
    if not only(none, 4 * sums):
        likely = "gpt_drop_each" if only(none, 4 * which, 4 * place, 4 * sums) else ""
        likely = "gpt_drop_on_tokens" if only(place, 4 * which + place) else likely
        likely = "gpt_drop_twice" if only(none, 16 * sums) else likely
        refuse(item, looked_at, "0 where it was dropped, else 4 times the sum", "other numbers",
               likely)  # fmt: skip
    where = "drop_rate=0.75, training mode: the scores, from what the blocks were given"
    equal(item, found, _normed(_through(fed)) @ head.T, looked_at=where, likely="gpt_drop_twice")
    built.eval()


def _elsewhere(item: str, built: nn.Module) -> None:
    """On a device of its own the places have to be there, too."""
    asked: list[str] = []
    for block in built.trf_blocks:
        block.does = None
    built.to("meta").pos_emb.register_forward_pre_hook(
        lambda table, given: asked.append(given[0].device.type)
    )
    looked_at = "the model and idx on another device"
    call(item, built, IDX.to("meta"), looked_at=looked_at,
         likely={"device": "positions_on_cpu"})  # fmt: skip
    if set(asked) - {"meta"}:
        refuse(item, f"{looked_at}: where the places are", "there", "on the CPU",
               "positions_on_cpu")  # fmt: skip
