"""The checks of lab11 on GPT.forward: what goes into the blocks, through them, and into the head.

Blocks and norms are stand-ins that only multiply and add.
"""

from __future__ import annotations

import sys
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from gptlab import companion
from gptlab.checks.core import globals_set, must_be_callable, passed
from gptlab.checks.lab11_parts import Config, Known, Seen, Times, halves, made, refuse, same, watch
from gptlab.checks.shown import difference

TOKENS = torch.tensor([[1.0, 0], [0, 2], [3, 1], [-1, 1], [2, 2]])  # (V=5, C=2)
PLACES = torch.tensor([[10.0, 0], [20, 0], [30, 5], [40, 0]])  # (block_size=4, C=2)
IDS = torch.tensor([[2, 0, 1], [4, 4, 3]])  # (B=2, T=3)
RULES = [(2.0, 0.0), (1.0, 1.0), (3.0, 0.0)]  # what the blocks do: times 2; plus 1; times 3
LOOKED_AT = "tokens 2, 0, 1 with the tables of the example"


class LayerNorm(Times):
    """Stands for the last norm: does nothing, and keeps what it was asked, with the blocks that
    had run by then, and the TO-DO above.
    """

    log: ClassVar[list[Tensor]] = []  # what the blocks were asked

    def __init__(self, ndim: int = 0, bias: bool = True) -> None:
        super().__init__()
        self.before: list[int] = []
        self.marks: list[str] = []

    def forward(self, x: Tensor) -> Tensor:
        self.before.append(len(self.log))
        self.marks.append(_mark())
        return super().forward(x)


def _mark() -> str:
    """The TO-DO above the line of the student's file that runs; "" in a cell."""
    frame = sys._getframe()
    while frame.f_back is not None and not companion.name_of(frame):
        frame = frame.f_back
    return companion.mark_of(frame, frame.f_lineno)


def _blocks() -> type[nn.Module]:
    """A class whose first object does the first of RULES, and so on; log: what they were asked."""
    rules = iter(RULES)

    class Block(Times):
        log: ClassVar[list[Tensor]] = []

        def __init__(self, config: Any = None) -> None:
            super().__init__(*next(rules))

        def forward(self, x: Tensor) -> Tensor:
            self.log.append(x.detach().clone())
            return super().forward(x)

    return Block


def model(item: str, answer: type[nn.Module], dropout: float = 0.0) -> nn.Module:
    """The student's GPT with the tables of the example and three blocks that only multiply."""
    must_be_callable(item, answer, "the class")
    config = Config(block_size=4, vocab_size=5, n_layer=3, n_head=1, n_embd=2, dropout=dropout)
    with globals_set(answer, Block=_blocks(), LayerNorm=LayerNorm):
        built = made(item, answer, config, looked_at="GPT(config), with three blocks")
    built.transformer.ln_f.log = built.transformer.h[0].log
    built.transformer.wte.weight.data = TOKENS.clone()
    built.transformer.wpe.weight.data = PLACES.clone()
    return built


def forward(item: str, built: nn.Module, later: tuple[str, ...], enough: Any = None) -> Seen:
    """One call of the model on the ids of the example."""
    wrong = {
        "multiple values": "",
        "positional argument": "smp_own_names",
        "local variable 'x'": "smp_no_x",
        "is out of range": "smp_blocks_range",
        "out of bounds": "smp_last_past_the_end",
        "name 'logits'": "smp_no_logits",
        "local variable 'logits'": "smp_no_logits",
        "argument #1 'indices'": "smp_last_wte",
    }
    for block in built.transformer.h:
        block.asked.clear()
        block.log.clear()
    norm = built.transformer.ln_f
    for noted in (norm.asked, norm.before, norm.marks):
        noted.clear()
    return watch(item, built, IDS.clone(), looked_at=LOOKED_AT, later=later, likely=wrong,
                 enough=enough or (lambda calls: False))  # fmt: skip


def _into_blocks(built: nn.Module, seen: Seen) -> Any:
    """x as it stands before the blocks."""
    if seen.hole == "blocks":
        return seen.names.get("x")
    log = built.transformer.h[0].log or built.transformer.ln_f.asked
    return log[0] if log else None


def embed(answer: type[nn.Module]) -> None:
    """Both rows of each token added up by hand; then dropout, on the sum."""
    item = "embed"
    built = model(item, answer, 0.5)
    first = built.transformer.h[0].log
    seen = forward(item, built, ("blocks", "last"), lambda calls: bool(first))
    found, tokens = _into_blocks(built, seen), TOKENS[IDS]
    places = PLACES[:3].expand_as(tokens)
    right = tokens + places
    known: Known = [
        ("smp_embed_no_places", tokens), ("smp_embed_no_tokens", PLACES[:3]),
        ("smp_embed_no_tokens", places), ("smp_embed_product", tokens * places),
        ("smp_embed_joined", torch.cat((tokens, places), 2)),
        ("smp_embed_places_twice", right + places), ("smp_embed_difference", tokens - places),
    ]  # fmt: skip
    if found is None:
        refuse(item, LOOKED_AT, "the sum, as x", "there is no x", "smp_no_x")
    if 0 in built.transformer.ln_f.before and (first or seen.hole == "blocks"):
        where = f"{LOOKED_AT}: what comes before the blocks"
        refuse(item, where, "no norm", "ln_f", "smp_embed_normed")
    if halves(found, right):
        refuse(item, f"{LOOKED_AT}; in evaluation mode", "all of them", "some are 0",
               "dropout_in_evaluation")  # fmt: skip
    same(item, found, right, looked_at=f"{LOOKED_AT}: x before the blocks", known=known)
    _embed_dropout(item, built, right, first)
    passed(item)


def _embed_dropout(item: str, built: nn.Module, right: Tensor, first: list[Tensor]) -> None:
    looked_at = "the same in training, dropout=0.5"
    built.train()
    seen = forward(item, built, ("blocks", "last"), lambda calls: bool(first))
    found = _into_blocks(built, seen)
    if halves(found, right):
        return
    none = difference(found, right) is None
    seen_, likely = ("none is changed", "smp_embed_no_dropout") if none else (
        "other numbers", "smp_embed_dropout_each")  # fmt: skip
    refuse(item, looked_at, "each number 0 or doubled", seen_, likely)


def blocks(answer: type[nn.Module]) -> None:
    """Three blocks, times 2, plus 1, times 3: 5 becomes 33."""
    item = "blocks"
    built = model(item, answer)
    norm, log = built.transformer.ln_f, built.transformer.h[0].log
    forward(item, built, ("last",), lambda calls: bool(norm.asked))
    after = [x for x, ran in zip(norm.asked, norm.before, strict=True) if ran or not log]
    if not after:
        refuse(item, LOOKED_AT, "x handed to ln_f", "nothing", "smp_blocks_returned")
    found, start = after[0], _start(built)
    looked_at = f"{LOOKED_AT}, blocks that do times 2, plus 1, times 3: x after them"
    between = any(0 < ran < len(log) for ran in norm.before)
    if between or len(after) - norm.marks.count("last") > 1:
        cause = "smp_blocks_normed_each" if between else "smp_blocks_normed"
        refuse(item, looked_at, "ln_f used once", f"{len(after)} times", cause)
    once = [len(block.asked) for block in built.transformer.h]
    known: Known = [
        ("smp_blocks_not_kept", start), ("smp_blocks_not_kept", start * 1.0),
        ("smp_blocks_first", start * 2), ("smp_blocks_each_from_start", start * 3),
        ("smp_blocks_backwards", (start * 3 + 1) * 2), ("smp_blocks_last_missing", start * 2 + 1),
        ("smp_blocks_first_missing", (start + 1) * 3),
        ("smp_blocks_residual", _with_x(start)),
    ]  # fmt: skip
    likely = "smp_blocks_not_once" if once != [1, 1, 1] else ""
    same(item, found, (start * 2 + 1) * 3, looked_at=looked_at, known=known, likely=likely)
    passed(item)


def _with_x(x: Tensor) -> Tensor:
    for factor, added in RULES:
        x = x + x * factor + added
    return x


def _start(built: nn.Module) -> Tensor:
    """x as the student's own lines hand it to the blocks; the right one where none was asked."""
    log = built.transformer.h[0].log
    return log[0] if log else TOKENS[IDS] + PLACES[:3]


def last(answer: type[nn.Module]) -> None:
    """The scores of what comes after the last token, (B, 1, V)."""
    item = "last"
    built = model(item, answer)
    seen = forward(item, built, ())
    norm, marks = built.transformer.ln_f.asked, built.transformer.ln_f.marks
    if len(marks) > 1 and marks[-1] in ("last", ""):
        told = "two texts of three tokens: what is done to x before the head"
        refuse(item, told, "ln_f, in the line above", "ln_f once more", "smp_last_normed_twice")
    x = norm[-1] if norm else TOKENS[IDS]
    every = x @ TOKENS.T  # (B, T, V)
    looked_at = "two texts of three tokens, five tokens in the vocabulary"
    right = every[:, 2:]
    known: Known = [
        ("smp_last_all", every), ("smp_last_no_axis", right[:, 0]),
        ("smp_last_first", every[:, :1]), ("smp_last_before", every[:, 1:2]),
        ("smp_last_text", every[1:]), ("smp_last_no_head", x[:, 2:]),
        ("smp_last_places_lost", every[:, :-1]), ("smp_last_text", every[1]),
        ("smp_last_softmax", right.softmax(2)),
        ("smp_last_softmax", right.log_softmax(2)), ("smp_last_places_lost", every[:, 1:]),
        ("smp_last_axis_moved", right[:, 0][None]), ("smp_last_mean", every.mean(1, keepdim=True)),
    ]  # fmt: skip
    likely = "forward_returns_nothing" if seen.out is None else ""
    if isinstance(seen.out, Tensor) and seen.out.dtype == torch.int64:
        likely = "smp_last_ids"
    if isinstance(seen.out, tuple):
        likely = "smp_last_two"
    same(item, seen.out, right, looked_at=looked_at, known=known, likely=likely)
    given = [one.args[0] for one in seen.calls if one.name == "linear"]
    if given and given[-1].shape[1:2] == x.shape[1:2]:
        where = "what lm_head is given, of two texts of three tokens"
        shapes = (str(tuple(one.shape)) for one in (x[:, 2:], given[-1]))
        refuse(item, where, *shapes, "smp_last_head_of_all")
    passed(item)
