"""The worked examples of lab09, and what stands in for an answer's parts and for a model."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from gptlab.checks.core import CheckFailed, call, equal, kept, kind, show

INF = math.inf
# After two texts, five tokens: queen, king, fool, crown, sword. exp of a score is its weight.
WEIGHTS = torch.tensor([[3.0, 10.0, 0.5, 5.0, 1.5], [1.0, 0.4, 6.0, 0.6, 2.0]])
SCORES = WEIGHTS.log()
ODDS = WEIGHTS / torch.tensor([[20.0], [10.0]])
EQUALS = torch.tensor([[1.0, 3.0, 0.0, 3.0, 2.0]])  # two likeliest: the first of them counts
FEWER = SCORES[:, 1:4].clone()  # king, fool and crown: not every vocabulary has five

Known = Iterable[tuple[str, Any]]


def weighed(rows: Tensor, power: float = 1.0) -> Tensor:
    """Odds of weights that were raised to a power, each row for itself."""
    return rows**power / (rows**power).sum(1, keepdim=True)


def only(rows: Tensor, places: Iterable[Iterable[int]], other: float = -INF) -> Tensor:
    """rows with `other` in all places of each row but these."""
    found = torch.full_like(rows, other)
    for b, kept_ones in enumerate(places):
        for i in kept_ones:
            found[b, i] = rows[b, i]
    return found


def try_scores(
    item: str, answer: Any, given: Tensor, *args: Any, right: Tensor, known: Known, looked_at: str,
    likely: Mapping[str, str] | None = None,
) -> None:  # fmt: skip
    """Call the answer with a copy of these scores, compare, and see that the copy is as it was."""
    mine = given.clone()
    found = call(item, answer, mine, *args, looked_at=looked_at, likely=likely)
    if isinstance(found, tuple) and len(found) == 2:
        refuse(item, looked_at, f"{kind(right)}: {show(right)}", "two things", "dec_two_things")
    equal(item, found, right, looked_at=looked_at, known=known)
    kept(item, mine, given, "logits", likely="dec_scores_changed")


class Adds(nn.Module):
    """Five tokens; scores 3 for the sum of all that it sees, without the fives; 2 for the token
    after that one; -1 for the others. It says so at each place, of what it sees up to there.
    """

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Parameter(torch.tensor(3.0)), 2.0
        self.seen: list[tuple[int, ...]] = []
        self.graph = False

    def forward(self, idx: Tensor) -> Tensor:
        self.seen.append(tuple(idx.shape))
        self.graph |= torch.is_grad_enabled()
        best = idx.cumsum(1) % 5
        ids = torch.arange(5)
        said = torch.where(ids == best[..., None], self.first, -1.0)
        return torch.where(ids == (best[..., None] + 1) % 5, self.second, said)


class Follows(nn.Module):
    """Five tokens; after t comes t + 1 at odds 1/2, t + 2 at 1/4, t + 3 at 1/8; 1/16 each for
    t + 4 and t. Its scores are the logarithms plus 1, as scores may be.
    """

    def forward(self, idx: Tensor) -> Tensor:
        halves = torch.tensor([4.0, 1.0, 2.0, 3.0, 4.0])
        table = torch.stack([1 - math.log(2) * halves.roll(t) for t in range(5)])
        return table[idx]


def written(
    row: list[int], n: int, context: int, eos_id: int | None = None, penalty: float = 1.0,
    counts: Callable[[list[int]], list[int]] = list,
) -> list[int]:  # fmt: skip
    """What `Adds` writes behind one row, greedily; after eos_id it is eos_id for ever.

    counts: the part of the text whose tokens are penalized
    """
    text, ended = list(row), False
    for _ in range(n):
        seen = text[len(text) - context if len(text) > context else 0 :]
        best = sum(seen) % 5
        scores = {t: 3.0 if t == best else 2.0 if t == (best + 1) % 5 else -1.0 for t in range(5)}
        for t in set(counts(text)):
            scores[t] *= 1 / penalty if scores[t] > 0 else penalty
        new = eos_id if ended else max(scores, key=scores.__getitem__)
        ended = eos_id is not None and new == eos_id
        text.append(new)
    return text


def refuse(item: str, looked_at: str, expected: str, found: str, likely: str = "") -> None:
    """Raise what the student reads."""
    raise CheckFailed(item, looked_at=looked_at, expected=expected, found=found, likely=likely)


def stand_ins() -> dict[str, Any]:
    """Right forms of the functions that `choose` and `generate` call, by their names."""

    def probabilities(logits: Tensor, temperature: float) -> Tensor:
        greedy = torch.eye(logits.shape[1])[logits.argmax(1)]
        return logits.div(temperature).softmax(1) if temperature else greedy

    def top_k_only(logits: Tensor, top_k: int) -> Tensor:
        rank = logits.argsort(1, descending=True).argsort(1)
        return logits + torch.zeros_like(logits).masked_fill(rank >= top_k, -INF)

    def top_p_only(logits: Tensor, top_p: float) -> Tensor:
        odds = logits.softmax(1)
        larger = odds[:, None, :] > odds[:, :, None]  # (B, this one, that one)
        reached = (odds[:, None, :] * larger).sum(2) >= top_p
        return logits + torch.zeros_like(logits).masked_fill(reached, -INF)

    def repetition_penalty(logits: Tensor, idx: Tensor, penalty: float) -> Tensor:
        must_be_rows(logits)
        rows = logits.tolist()
        for row, text in zip(rows, idx.tolist(), strict=True):
            for t in set(text):
                row[t] *= 1 / penalty if row[t] > 0 else penalty
        return logits.new_tensor(rows)

    def choose(
        logits: Tensor, temperature: float = 0.0, top_k: int | None = None,
        top_p: float | None = None, generator: torch.Generator | None = None,
    ) -> Tensor:  # fmt: skip
        must_be_rows(logits)
        if temperature <= 0:
            return logits.topk(1, dim=1).indices
        scores = logits.div(temperature)
        scores = scores if top_k is None else top_k_only(scores, top_k)
        scores = scores if top_p is None else top_p_only(scores, top_p)
        return scores.softmax(1).multinomial(1, generator=generator)

    return {"probabilities": probabilities, "top_k_only": top_k_only, "top_p_only": top_p_only,
            "choose": choose, "repetition_penalty": repetition_penalty}  # fmt: skip


def must_be_rows(logits: Tensor) -> None:
    """Refuse the scores of all places, where one row a text is meant."""
    if logits.dim() != 2:
        raise ValueError(f"scores of shape {tuple(logits.shape)} in the place of (B, V)")
