"""The check of lab06 on the wrapper, with a stand-in for CausalAttention."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from gptlab.checks.core import globals_set, passed, show
from gptlab.checks.lab06_modules import Known, learns, new, one_core, refuse, run, same
from gptlab.checks.lab06_numbers import (
    CONTEXT,
    FOUR,
    LONG,
    MEANS,
    PAPER,
    SENTENCES,
    Matrices,
    causal_mix,
    threes,
)

BUILD_ERRORS = {
    "is not a Module subclass": "wrapper_not_called",
    "7 were given": "wrapper_num_heads_as_bias",
    "unexpected keyword": "wrapper_keyword",
    "missing": "wrapper_arguments",
    "multiple values": "wrapper_arguments",
}
RUN_ERRORS = {
    'the required "forward"': "wrapper_list_called",
    "argument 0, but got CausalAttention": "wrapper_heads_joined",
    "not generator": "wrapper_generator",
    "object is not callable": "wrapper_list_called",
}


class CausalAttention(nn.Module):
    """Notes what it is asked for, and gives what a right head with its `matrices` gives."""

    __module__ = "__main__"  # a message of torch's then says the name that the lab has

    def __init__(
        self,
        d_in: int,
        d_out: int,
        context_length: int,
        dropout: float,
        qkv_bias: bool = False,
    ) -> None:
        super().__init__()
        self.asked = (d_in, d_out, context_length, dropout, qkv_bias)
        self.gain = nn.Parameter(torch.ones(()))
        self.matrices: Matrices = {}
        self.seen: list[Tensor] = []

    def forward(self, x: Tensor) -> Tensor:
        self.seen.append(x.detach().clone())
        if not self.matrices or x.shape[-1] != len(self.matrices["W_query"]):
            return torch.zeros(*x.shape[:-1], self.asked[1])
        return self.gain * causal_mix(*threes(x, self.matrices))


@one_core()
def wrapper(answer: type[nn.Module]) -> None:
    """How the heads are built, the two heads on paper side by side, four on other sizes."""
    item = "wrapper"
    with globals_set(answer, CausalAttention=CausalAttention):
        made = "MultiHeadAttentionWrapper(3, 2, context_length=8, dropout=0.75, num_heads=2)"
        looked_at = "the two heads on paper, for the six words in five orders: (B=5, T=6, d_in=3)"
        built = _built(item, answer, (3, 2, 8, 0.75), [PAPER, MEANS], made)
        _side_by_side(item, built, SENTENCES, looked_at)
        made = f"MultiHeadAttentionWrapper(5, 3, {CONTEXT}, 0.25, num_heads=4, qkv_bias=True)"
        looked_at = f"{made}: four heads of three, for ten words: (B=2, T=10, d_in=5)"
        built = _built(item, answer, (5, 3, CONTEXT, 0.25), FOUR, made, bias=True)
        _side_by_side(item, built, LONG, looked_at)
        built.train()
        run(item, built, LONG, looked_at)
        if not all(module.training for module in built.modules()):
            where = f"wrapper.train(), then {looked_at}"
            refuse(item, where, "training mode", "evaluation mode", "mode_set_inside")
        learns(item, built, LONG, [f"heads.{h}.gain" for h in range(4)], looked_at)
    passed(item)


def _built(
    item: str,
    answer: Any,
    wanted: tuple,
    matrices: list[Matrices],
    made: str,
    bias: bool = False,
) -> Any:
    """A wrapper whose heads were asked for the right things, with these matrices in them."""
    count = len(matrices)
    extra = (True,) if bias else ()
    built = new(item, answer, *wanted, count, *extra, looked_at=made, likely=BUILD_ERRORS)
    heads, where = getattr(built, "heads", None), f"self.heads of {made}"
    if not isinstance(heads, nn.ModuleList):
        likely = "heads_plain_list" if isinstance(heads, (list, tuple)) else "att_part_missing"
        likely = "wrapper_sequential" if isinstance(heads, nn.Sequential) else likely
        seen = "there is none" if heads is None else f"a {type(heads).__name__}"
        refuse(item, where, "an nn.ModuleList of heads", seen, likely)
    if len(heads) != count:
        refuse(item, where, f"{count} heads", f"{len(heads)}", "wrapper_two_heads")
    if len({id(head) for head in heads}) < count:
        refuse(item, where, f"{count} heads", "one head more than once", "heads_one_object")
    _asked(item, heads, (*wanted, bias), where)
    for head, own in zip(heads, matrices, strict=True):
        head.matrices = own
    return built


def _asked(item: str, heads: Any, wanted: tuple, where: str) -> None:
    """What each head was asked for."""
    for head in heads:
        if not isinstance(head, CausalAttention):
            refuse(item, where, "heads that are CausalAttention", show(head), "wrapper_other_heads")
        if head.asked == wanted:
            continue
        wrong = [place for place in range(5) if head.asked[place] != wanted[place]]
        likely = {1: "wrapper_share", 3: "wrapper_no_dropout", 4: "wrapper_no_bias"}.get(
            wrong[0] if len(wrong) == 1 else 0, "wrapper_arguments"
        )
        if head.asked[4] not in (True, False) or head.asked[4] == len(heads):
            likely = "wrapper_num_heads_as_bias"
        expected, found = (f"CausalAttention{asked}" for asked in (wanted, head.asked))
        refuse(item, where, expected, found, likely)


def _side_by_side(item: str, built: Any, x: Tensor, looked_at: str) -> None:
    """What all heads give, along the last axis."""
    heads = list(built.heads)
    found = run(item, built, x, looked_at, RUN_ERRORS)
    each = [causal_mix(*threes(x, head.matrices)) for head in heads]
    likely = ""
    if isinstance(found, Tensor):
        likely = "wrapper_stacked" if found.dim() > 3 else ""
    elif isinstance(found, (list, tuple)):
        likely = "wrapper_list"
    if not all(head.seen for head in heads):
        likely = "wrapper_some_heads" if any(head.seen for head in heads) else "wrapper_new_heads"
    elif not all(head.seen[0].equal(x) for head in heads):
        likely = "wrapper_in_a_row"
    right = torch.cat(each, 2)
    same(item, found, right, looked_at=looked_at, known=_slips(each), likely=likely)


def _slips(each: list[Tensor]) -> Known:
    """What the usual mistakes make of the heads."""
    return [
        ("heads_summed", sum(each, torch.zeros(()))),
        ("wrapper_mean", torch.stack(each).mean(0)),
        ("heads_wrong_order", torch.cat(each[::-1], 2)),
        ("heads_interleaved", torch.stack(each, 3).flatten(2)),
        ("first_head_again", torch.cat(each[:1] * len(each), 2)),
        ("wrapper_along_time", torch.cat(each, 1)),
        ("wrapper_along_batch", torch.cat(each, 0)),
        ("wrapper_one_head", each[0]),
        ("wrapper_last_head", each[-1]),
    ]
