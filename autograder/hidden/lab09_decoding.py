"""Hidden tests of lab09_decoding: for each item values against an oracle, properties, structure.

The oracles are arithmetic and torch. `choose` and `generate` are made of parts: the student's own
stay where they are right, else right ones stand in for them, so that a mistake costs once. What is
drawn is judged by how often each token comes, with a bound that chance does not reach, and exactly
where nothing is left to chance; no stream of random numbers is taken for granted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from autograder import expect
from autograder.bridge import StudentError
from autograder.hidden.modules import floats
from autograder.reply import a_number, argument, holds, made, plain
from autograder.values import Handle
from gptlab.checks.core import CheckFailed

COVERS = ["gptlab.sample", "gptlab.measures"]

core = pytest.mark.core

INF = math.inf


# oracles: a row of scores at a time, in float64


def softmax(row: Sequence[float], temperature: float = 1.0) -> list[float]:
    """The odds of each token; at 0 the first of the likeliest has all."""
    if temperature == 0:
        first = max(range(len(row)), key=lambda i: (row[i], -i))
        return [float(i == first) for i in range(len(row))]
    top = max(row)
    powers = [math.exp((score - top) / temperature) for score in row]
    return [power / sum(powers) for power in powers]


def likeliest(row: Sequence[float]) -> list[int]:
    """The tokens, the likeliest first."""
    return sorted(range(len(row)), key=lambda i: -row[i])


def only(row: Sequence[float], kept: Sequence[int]) -> list[float]:
    """The row, with all others at -inf."""
    return [score if i in kept else -INF for i, score in enumerate(row)]


def within_k(row: Sequence[float], k: int) -> list[float]:
    return only(row, likeliest(row)[:k])


def within_p(row: Sequence[float], p: float) -> list[float]:
    odds, order = softmax(row), likeliest(row)
    count = next((n for n in range(1, len(row)) if sum(odds[i] for i in order[:n]) >= p), len(row))
    return only(row, order[:count])


def punished(row: Sequence[float], seen: Sequence[int], penalty: float) -> list[float]:
    return [
        (score / penalty if score > 0 else score * penalty) if i in seen else score
        for i, score in enumerate(row)
    ]


def knobs_turned(
    row: Sequence[float], temperature: float, top_k: int | None = None, top_p: float | None = None
) -> list[float]:
    """The odds with which each token is drawn."""
    row = [score / temperature for score in row]
    row = row if top_k is None else within_k(row, top_k)
    return softmax(row if top_p is None else within_p(row, top_p))


def of_rows(function: Callable, scores: Tensor, *arguments: Any) -> Tensor:
    """An oracle, row by row: (B, V)."""
    return torch.tensor([function(row, *arguments) for row in scores.tolist()])


# what the items share


def some_scores(B: int, V: int) -> Tensor:
    """(B, V) in which no two of a row are equal or nearly so, above 0 and below."""
    steps = torch.stack([torch.randperm(V) for _ in range(B)]).float()
    return (steps + 0.4 * torch.rand(B, V) - 0.45 * V) * 0.7


def rows_for(p: float, B: int, V: int) -> Tensor:
    """Scores (B, V) whose odds, added up from the likeliest on, never come near p."""
    while True:
        scores = torch.randn(B, V) * 1.5
        sums = scores.softmax(-1).sort(descending=True).values.cumsum(-1)
        if float((sums - p).abs().min()) > 0.01:
            return scores


def filtered(student: Any, name: str, scores: Tensor, *arguments: Any) -> Tensor:
    """What a function of scores (B, V) gives: floats of the same shape."""
    looked_at = f"{name} of scores {tuple(scores.shape)}, {', '.join(map(described, arguments))}"
    found = student.call(name, scores, *arguments)
    expect.equal(argument(student, 0), scores, looked_at="the caller's scores afterwards")
    return floats(found, tuple(scores.shape), looked_at)


def described(value: Any) -> str:
    return f"ids {tuple(value.shape)}" if isinstance(value, Tensor) else str(value)


def turned(student: Any, name: str, scores: Tensor, *arguments: Any) -> None:
    """The same numbers, laid out otherwise in memory, give the same; they stay as they are."""
    straight = student.call(name, scores.clone(), *arguments)
    source = f"{name}(scores.t(), *arguments)"
    given = scores.t().contiguous()
    found = student.run(source, scores=given, arguments=list(arguments))
    expect.close(
        found,
        floats(straight, tuple(scores.shape), name),
        looked_at=f"{name} of scores that are not contiguous",
    )
    after = student.kwargs.get("scores")
    expect.equal(after, given, looked_at="the caller's scores afterwards, not contiguous")


def shuffled(student: Any, name: str, scores: Tensor, *arguments: Any) -> None:
    """Tokens that are numbered otherwise get the same."""
    found = filtered(student, name, scores, *arguments)
    order = torch.randperm(scores.shape[1])
    other = filtered(student, name, scores[:, order].contiguous(), *arguments)
    expect.close(
        other, found[:, order].contiguous(), looked_at=f"{name}, the tokens in another order"
    )


def row_alone(student: Any, name: str, scores: Tensor, *arguments: Any) -> None:
    """The other rows of the batch play no part."""
    together = filtered(student, name, scores, *arguments)
    for b in (0, len(scores) - 1):
        alone = filtered(student, name, scores[b : b + 1].clone(), *arguments)
        expect.close(alone, together[b : b + 1].clone(), looked_at=f"{name}, row {b} on its own")


def kept_or_struck_out(found: Tensor, scores: Tensor, counts: Sequence[int], what: str) -> None:
    """Each number is the score itself or -inf, and so many of each row are kept."""
    kept = ~found.isneginf()
    expect.equal(kept.sum(-1).tolist(), list(counts), looked_at=f"how many of a row {what} keeps")
    expect.equal(found[kept], scores[kept], looked_at=f"the scores that {what} keeps")


# probabilities


def odds_of(student: Any, scores: Tensor, temperature: float) -> Tensor:
    return filtered(student, "probabilities", scores, temperature)


@core
def test_probabilities__softmax_of_the_scores_over_temperature(student):
    for B, V in ((3, 5), (4, 7)):
        scores = torch.randn(B, V) * 2
        for temperature in (0.25, 0.7, 1.0, 3):
            expect.close(
                odds_of(student, scores, temperature),
                of_rows(softmax, scores, temperature),
                looked_at=f"probabilities of scores {(B, V)}, temperature {temperature}",
            )


def test_probabilities__at_0_the_likeliest_has_all(student):
    for B, V in ((2, 6), (5, 4)):
        scores = some_scores(B, V)
        for temperature in (0, 0.0):
            expect.close(
                odds_of(student, scores, temperature),
                of_rows(softmax, scores, 0),
                looked_at=f"probabilities of scores {(B, V)}, temperature {temperature}",
            )


def test_probabilities__at_0_the_first_of_equals(student):
    scores = torch.tensor([[1.0, 3, 2, 3, 0], [-1, -1, -1, -1, -1], [0, -2, -1, 0, 0]])
    expect.close(
        odds_of(student, scores, 0.0),
        of_rows(softmax, scores, 0),
        looked_at=f"probabilities of {scores.tolist()}, temperature 0",
    )


def test_probabilities__each_row_sums_to_1(student):
    scores = torch.randn(4, 6) * 150
    for temperature in (0.0, 0.1, 1.0, 9.0):
        found = odds_of(student, scores, temperature)
        looked_at = f"scores of up to {int(scores.abs().max())}, temperature {temperature}"
        expect.close(found.sum(-1), torch.ones(4), looked_at=f"the sum of each row, {looked_at}")
        expect.close(
            found, of_rows(softmax, scores, temperature), looked_at=f"the odds, {looked_at}"
        )


def test_probabilities__the_higher_the_flatter(student):
    scores, before = some_scores(3, 6), 0.0
    for temperature in (0.05, 0.5, 1.0, 2.0, 20.0, 1e5):
        found = odds_of(student, scores, temperature).double()
        flat = float(torch.special.entr(found).sum(-1).min())
        holds(
            flat > before - 1e-6,
            f"how flat the odds are (entropy), temperature {temperature}",
            "flatter than at a lower one",
            f"{flat:.4f} after {before:.4f}",
        )
        before = flat
    expect.close(found.float(), torch.full((3, 6), 1 / 6), looked_at="odds, 1e5", tol=1e-3)


def test_probabilities__each_row_by_itself(student):
    for temperature in (0.0, 0.6):
        row_alone(student, "probabilities", some_scores(5, 4), temperature)


def test_probabilities__numbered_otherwise(student):
    for temperature in (0.0, 1.7):
        shuffled(student, "probabilities", some_scores(3, 7), temperature)


def test_probabilities__any_memory_order(student):
    for temperature in (0.0, 0.4, 2.5):
        turned(student, "probabilities", some_scores(4, 6), temperature)


def test_probabilities__what_is_struck_out_has_none(student):
    scores = some_scores(3, 5)
    scores[:, 1] = -INF
    scores[2, 3:] = -INF
    for temperature in (0.0, 0.5, 2.0):
        expect.close(
            odds_of(student, scores, temperature),
            of_rows(softmax, scores, temperature),
            looked_at=f"probabilities of scores with -inf, temperature {temperature}",
        )


# top_k


@core
def test_top_k__the_largest_of_each_row(student):
    for B, V, k in ((3, 7, 2), (2, 5, 4), (4, 9, 3), (6, 4, 1)):
        scores = some_scores(B, V)
        expect.close(
            filtered(student, "top_k_only", scores, k),
            of_rows(within_k, scores, k),
            looked_at=f"top_k_only of scores {(B, V)}, top_k {k}",
        )


def test_top_k__keeps_so_many_of_each_row(student):
    for B, V, k in ((2, 8, 3), (5, 6, 2), (3, 10, 7)):
        scores = some_scores(B, V)
        found = filtered(student, "top_k_only", scores, k)
        kept_or_struck_out(found, scores, [k] * B, f"top_k {k}")


def test_top_k__all_of_them_and_more(student):
    scores = some_scores(3, 5)
    for k in (5, 6, 50):
        expect.close(
            filtered(student, "top_k_only", scores, k),
            scores,
            looked_at=f"top_k_only of scores (3, 5), top_k {k}: all are kept",
        )


def test_top_k__each_row_has_an_edge_of_its_own(student):
    scores = some_scores(4, 6) + torch.tensor([[0.0], [200.0], [-200.0], [50.0]])
    for rows in (scores, scores.flip(0).contiguous()):
        expect.close(
            filtered(student, "top_k_only", rows, 3),
            of_rows(within_k, rows, 3),
            looked_at="top_k_only, rows of scores about 0, 200, -200, and 50, top_k 3",
        )
    row_alone(student, "top_k_only", scores, 2)


def test_top_k__equals_at_the_edge(student):
    scores = torch.tensor([[2.0, 1, 1, 3, 1, 0], [-4, -4, -4, -4, -4, -4], [0, 0, 1, 1, 5, -1]])
    for k in (2, 3, 4):
        found = filtered(student, "top_k_only", scores, k)
        for row, kept in zip(scores.tolist(), (~found.isneginf()).tolist(), strict=True):
            edge = sorted(row)[-k]
            above = [kept[i] for i, score in enumerate(row) if score > edge]
            below = [kept[i] for i, score in enumerate(row) if score < edge]
            holds(
                sum(kept) >= k and all(above) and not any(below),
                f"which of {row} top_k {k} keeps",
                f"all above {edge}, none below, and at least {k}",
                f"{[score for score, there in zip(row, kept, strict=True) if there]}",
            )


def test_top_k__numbered_otherwise(student):
    for k in (1, 4):
        shuffled(student, "top_k_only", some_scores(3, 8), k)


def test_top_k__scores_of_one_sign(student):
    for scores in (some_scores(3, 6) - 40, some_scores(3, 6) + 40):
        expect.close(
            filtered(student, "top_k_only", scores, 2),
            of_rows(within_k, scores, 2),
            looked_at=f"top_k_only of scores about {scores.mean():.0f}, top_k 2",
        )


def test_top_k__any_memory_order(student):
    turned(student, "top_k_only", some_scores(4, 6), 2)


# top_p


@core
def test_top_p__the_likeliest_that_together_reach_it(student):
    for B, V, p in ((3, 7, 0.5), (2, 5, 0.9), (4, 9, 0.75), (6, 4, 0.3)):
        scores = rows_for(p, B, V)
        expect.close(
            filtered(student, "top_p_only", scores, p),
            of_rows(within_p, scores, p),
            looked_at=f"top_p_only of scores {(B, V)}, top_p {p}",
        )


def test_top_p__the_one_that_reaches_it_is_kept(student):
    odds = torch.tensor([[0.15, 0.5, 0.05, 0.3], [0.3, 0.05, 0.5, 0.15]])
    for p, count in ((0.4, 1), (0.6, 2), (0.7, 2), (0.9, 3), (0.97, 4)):
        expect.close(
            filtered(student, "top_p_only", odds.log(), p),
            of_rows(within_k, odds.log(), count),
            looked_at=f"top_p_only, odds {odds[0].tolist()}, top_p {p}: {count} kept",
        )


def test_top_p__at_least_the_likeliest(student):
    scores = some_scores(4, 6)
    for p in (1e-6, 0.02):
        expect.close(
            filtered(student, "top_p_only", scores, p),
            of_rows(within_k, scores, 1),
            looked_at=f"top_p_only, top_p {p}: the likeliest is left",
        )


def test_top_p__1_keeps_all(student):
    scores = torch.randn(3, 6) * 0.5
    found = filtered(student, "top_p_only", scores, 1.0)
    expect.close(found, scores, looked_at="top_p_only, top_p 1: all are kept")


def test_top_p__flat_rows_keep_more_than_steep_ones(student):
    steep = torch.tensor([0.02, 0.9, 0.01, 0.02, 0.05]).log()
    flat = torch.tensor([0.18, 0.19, 0.2, 0.21, 0.22]).log() + 7
    middle = torch.tensor([0.1, 0.12, 0.3, 0.4, 0.08]).log() - 7
    scores = torch.stack([steep, flat, middle])
    for p, counts in ((0.8, (1, 4, 3)), (0.65, (1, 4, 2)), (0.94, (2, 5, 5))):
        found = filtered(student, "top_p_only", scores, p)
        kept_or_struck_out(found, scores, counts, f"top_p {p}")
    row_alone(student, "top_p_only", scores, 0.8)


def test_top_p__numbered_otherwise(student):
    for p in (0.35, 0.85):
        shuffled(student, "top_p_only", rows_for(p, 3, 8), p)


def test_top_p__lifted_scores_have_the_same_odds(student):
    scores = rows_for(0.7, 3, 6)
    found = filtered(student, "top_p_only", scores, 0.7)
    for lift in (30.0, -30.0):
        lifted = filtered(student, "top_p_only", scores + lift, 0.7)
        expect.close(lifted, found + lift, looked_at=f"top_p_only of scores {lift:+}", tol=1e-4)


def test_top_p__what_is_struck_out_stays_so(student):
    scores = rows_for(0.8, 3, 5)
    scores = torch.cat((scores, torch.full((3, 2), -INF)), 1)[:, [5, 0, 1, 6, 2, 3, 4]].contiguous()
    for p in (0.8, 1.0):
        expect.close(
            filtered(student, "top_p_only", scores, p),
            of_rows(within_p, scores, p),
            looked_at=f"top_p_only of scores with -inf, top_p {p}",
        )


def test_top_p__any_memory_order(student):
    turned(student, "top_p_only", rows_for(0.6, 4, 6), 0.6)


# penalty


def made_smaller(student: Any, scores: Tensor, idx: Tensor, penalty: float) -> Tensor:
    found = filtered(student, "repetition_penalty", scores, idx, penalty)
    expect.equal(argument(student, 1), idx, looked_at="the caller's idx afterwards")
    return found


def smaller(scores: Tensor, idx: Tensor, penalty: float) -> Tensor:
    rows = zip(scores.tolist(), idx.tolist(), strict=True)
    return torch.tensor([punished(row, seen, penalty) for row, seen in rows])


@core
def test_penalty__divides_above_0_and_multiplies_below(student):
    for B, T, V, penalty in ((3, 2, 7, 1.5), (2, 4, 9, 2.0), (4, 3, 5, 1.25)):
        scores = some_scores(B, V)
        idx = torch.stack([torch.randperm(V)[:T] for _ in range(B)])
        expect.close(
            made_smaller(student, scores, idx, penalty),
            smaller(scores, idx, penalty),
            looked_at=f"repetition_penalty, scores {(B, V)}, idx {(B, T)}, penalty {penalty}",
        )


def test_penalty__once_however_often(student):
    scores = some_scores(3, 6)
    idx = torch.tensor([[1, 1, 1, 4, 1], [5, 0, 0, 5, 0], [2, 2, 2, 2, 2]])
    expect.close(
        made_smaller(student, scores, idx, 1.4),
        smaller(scores, idx, 1.4),
        looked_at=f"repetition_penalty, idx {idx.tolist()}",
    )


def test_penalty__1_changes_nothing(student):
    scores, idx = some_scores(3, 5), torch.randint(5, (3, 4))
    found = made_smaller(student, scores, idx, 1.0)
    expect.close(found, scores, looked_at="repetition_penalty, penalty 1")


def test_penalty__each_row_has_seen_its_own(student):
    scores, idx = some_scores(3, 8), torch.tensor([[0, 3], [6, 1], [2, 7]])
    found = made_smaller(student, scores, idx, 3.0)
    for b in range(3):
        changed = (found[b] != scores[b]).nonzero().flatten().tolist()
        expect.equal(
            changed, sorted(idx[b].tolist()), looked_at=f"the scores of row {b} that change"
        )
        alone = made_smaller(student, scores[b : b + 1].clone(), idx[b : b + 1].clone(), 3.0)
        expect.close(alone, found[b : b + 1].clone(), looked_at=f"row {b} on its own")


def test_penalty__never_makes_a_token_likelier(student):
    idx = torch.tensor([[3, 0, 2], [1, 4, 4]])
    for scores in (some_scores(2, 5) - 20, some_scores(2, 5) + 20, some_scores(2, 5)):
        before = None
        for penalty in (1.1, 1.9, 4.0):
            found = made_smaller(student, scores, idx, penalty).gather(1, idx)
            before = scores.gather(1, idx) if before is None else before
            holds(
                bool((found < before).all()),
                f"scores about {scores.mean():.0f} of tokens seen, penalty {penalty}",
                "smaller than with a smaller penalty",
                "some that are not",
            )
            before = found


def test_penalty__0_stays_0_and_struck_out_stays_so(student):
    scores = torch.tensor([[0.0, -INF, 2.0, -3.0], [-INF, 1.0, 0.0, -1.0]])
    idx = torch.tensor([[0, 1, 2], [2, 0, 3]])
    expect.close(
        made_smaller(student, scores, idx, 2.0),
        smaller(scores, idx, 2.0),
        looked_at=f"repetition_penalty of {scores.tolist()}",
    )


def test_penalty__a_text_longer_than_the_vocabulary(student):
    scores, idx = some_scores(2, 4), torch.randint(3, (2, 11))
    expect.close(
        made_smaller(student, scores, idx, 1.3),
        smaller(scores, idx, 1.3),
        looked_at="repetition_penalty, scores (2, 4), idx (2, 11)",
    )


def test_penalty__any_memory_order(student):
    turned(student, "repetition_penalty", some_scores(3, 6), torch.randint(6, (3, 4)), 1.6)


# the parts of choose and generate

RIGHT_PARTS = """
import torch

def probabilities(logits, temperature):
    if temperature == 0:
        return torch.eye(logits.shape[-1], dtype=logits.dtype)[logits.argmax(-1)]
    return (logits / temperature).softmax(-1)

def top_k_only(logits, top_k):
    count = min(top_k, logits.shape[-1])
    edge = logits.sort(dim=-1, descending=True).values[:, count - 1]
    return logits.masked_fill(logits < edge[:, None], float("-inf"))

def top_p_only(logits, top_p):
    odds = logits.softmax(-1)
    likelier = odds[:, None, :] > odds[:, :, None]
    before = (odds[:, None, :] * likelier).sum(-1)
    return logits.masked_fill(before >= top_p, float("-inf"))

def repetition_penalty(logits, idx, penalty):
    seen = torch.zeros_like(logits).scatter(-1, idx, 1.0) > 0
    less = torch.where(logits > 0, logits / penalty, logits * penalty)
    return torch.where(seen, less, logits)

def choose(logits, temperature=0.0, top_k=None, top_p=None, generator=None):
    if temperature != 0:
        logits = logits / temperature
        logits = logits if top_k is None else top_k_only(logits, top_k)
        logits = logits if top_p is None else top_p_only(logits, top_p)
    odds = probabilities(logits, 0 if temperature == 0 else 1.0)
    return torch.multinomial(odds, 1, generator=generator)

names = "probabilities", "top_k_only", "top_p_only", "repetition_penalty", "choose"
{name: globals()[name] for name in names}
"""
TRIED = """
here = globals()

def tried(name, arguments):
    try:
        return here[name](*arguments)
    except Exception:
        return None

[tried(name, arguments) for name, arguments in asked]
"""


def stand_ins(student: Any, *names: str) -> None:
    """Put right parts in the place of these; of all of them where none is named."""
    right = student.run(RIGHT_PARTS)
    student.set(**{name: right[name] for name in names or right})


def probes() -> list[tuple[str, list, Tensor]]:
    """What each part is tried on: its name, the arguments, what should come back."""
    scores = torch.tensor([[0.3, -1.2, 2.1, 0.9, -0.4, 1.6], [-2.0, 1.1, -0.7, 0.2, 1.9, -1.5]])
    odds = torch.tensor([[0.15, 0.5, 0.05, 0.3], [0.4, 0.33, 0.1, 0.17], [0.01, 0.9, 0.07, 0.02]])
    with_inf = torch.tensor([[1.0, -INF, 2.2, 1.6, -INF]])
    idx = torch.tensor([[2, 1, 1, 2], [0, 4, 4, 4]])
    cases: list[tuple[str, Callable, Tensor, list]] = [
        ("probabilities", softmax, scores * 100, [t]) for t in (0, 0.5, 1.0, 3.0)
    ]
    cases += [("probabilities", softmax, with_inf, [t]) for t in (0, 0.5)]
    cases += [("probabilities", softmax, torch.tensor([[1.0, 3, 3]]), [0])]
    cases += [("top_k_only", within_k, scores, [k]) for k in (1, 2, 3, 4, 5, 6, 9)]
    cases += [("top_k_only", within_k, scores.t().contiguous() - 30, [1])]
    cases += [("top_p_only", within_p, odds.log(), [p]) for p in (0.01, 0.45, 0.6, 0.78, 0.999)]
    cases += [("top_p_only", within_p, with_inf, [p]) for p in (0.5, 0.7, 0.95)]
    every = [(name, [given, *rest], of_rows(f, given, *rest)) for name, f, given, rest in cases]
    for penalty in (1.0, 1.3, 2.0):
        every.append(("repetition_penalty", [scores, idx, penalty], smaller(scores, idx, penalty)))
    return every


def use_parts(student: Any) -> None:
    """Leave the student's parts where they are right, else put right ones in their place."""
    every = probes()
    try:
        asked = [[name, arguments] for name, arguments, _ in every]
        found = student.run(TRIED, asked=asked)
        left = [arguments for _, arguments in student.kwargs["asked"]]
        fine = [
            alike(reply, wanted) and all(map(torch.equal, tensors(after), tensors(given)))
            for reply, (_, given, wanted), after in zip(found, every, left, strict=True)
        ]
    except (StudentError, LookupError, TypeError, ValueError, RuntimeError):
        fine = [False] * len(every)  # one that cannot be read hides the others
    wrong = {name for (name, _, _), right in zip(every, fine, strict=True) if not right}
    if wrong:
        stand_ins(student, *sorted(wrong))


def tensors(arguments: Sequence[Any]) -> list[Tensor]:
    return [value for value in arguments if isinstance(value, Tensor)]


def alike(found: Any, wanted: Tensor) -> bool:
    try:
        expect.close(found, wanted, looked_at="")
    except CheckFailed:
        return False
    return True


def a_generator(student: Any, seed: int) -> Handle:
    source = "import torch\ntorch.Generator().manual_seed(seed)"
    return made(student.run(source, seed=seed), "a generator for the test")


def ids(found: Any, shape: tuple[int, ...], size: int, looked_at: str) -> Tensor:
    """Ids of a vocabulary of this size, in a tensor of this shape."""
    expect.tensor(found, shape=shape, looked_at=looked_at)
    whole = not (found.is_floating_point() or found.is_complex() or found.dtype == torch.bool)
    holds(whole, looked_at, "whole numbers", expect.kind_of(found))
    least, most = (int(found.min()), int(found.max())) if found.numel() else (0, 0)
    holds(
        least >= 0 and most < size,
        looked_at,
        f"ids from 0 to {size - 1}",
        f"from {least} to {most}",
    )
    return found.long()


MANY = 1200  # rows, each a draw
MOST_APART = 60.0  # chi-square of up to 7 tokens: by chance once in 10^10


def as_often(found: Tensor, odds: Sequence[float], looked_at: str) -> None:
    """Each token comes as often as its odds say, and one without odds never."""
    counts = torch.bincount(found.flatten(), minlength=len(odds)).tolist()
    never = [i for i, share in enumerate(odds) if share == 0 and counts[i]]
    left = [i for i, share in enumerate(odds) if share > 0]
    holds(not never, f"the tokens drawn, {looked_at}", f"only {left}", f"also {never}")
    total = found.numel()
    apart = sum((counts[i] - total * odds[i]) ** 2 / (total * odds[i]) for i in left)
    shown = ", ".join(f"{share:.2f}" for share in odds)
    seen = ", ".join(f"{count / total:.2f}" for count in counts)
    holds(apart < MOST_APART, f"how often each token comes, {looked_at}", f"about {shown}", seen)


# choose


def chosen(student: Any, scores: Tensor, **knobs: Any) -> Tensor:
    """A token for each row of scores."""
    B, V = scores.shape
    said = ", ".join(f"{k} {v}" for k, v in knobs.items() if k != "generator")
    looked_at = f"choose, scores {(B, V)}, {said}"
    found = student.call("choose", scores, **knobs)
    expect.equal(argument(student, 0), scores, looked_at="the caller's scores afterwards")
    return ids(found, (B, 1), V, looked_at)


def often(student: Any, row: Sequence[float], **knobs: Any) -> None:
    """Draws many times from one row of scores: as often as it says?"""
    scores = torch.tensor([row]).repeat(MANY, 1)
    looked_at = ", ".join(f"{k} {v}" for k, v in knobs.items())
    as_often(chosen(student, scores, **knobs), knobs_turned(row, **knobs), looked_at)


ROW = (0.4, -1.1, 1.3, 0.9, -0.3, 0.1)


@core
def test_choose__draws_as_the_scores_say(student):
    use_parts(student)
    for temperature, top_k, top_p in (
        (1.0, None, None),
        (0.5, None, None),
        (2.5, None, None),
        (0.8, 3, None),
        (1.4, None, 0.8),
        (0.7, 4, 0.9),
    ):
        often(student, ROW, temperature=temperature, top_k=top_k, top_p=top_p)


def test_choose__at_0_the_likeliest(student):
    use_parts(student)
    scores = some_scores(40, 6)
    wanted = scores.argmax(-1, keepdim=True)
    for knobs in ({}, {"temperature": 0.0}, {"temperature": 0, "top_k": 3, "top_p": 0.9}):
        expect.equal(
            plain(chosen(student, scores, **knobs)),
            plain(wanted),
            looked_at=f"choose with {knobs or 'no more than the scores'}",
        )


# In each row of odds the two orders keep another number of tokens.


def test_choose__temperature_comes_before_top_p(student):
    use_parts(student)
    row = [math.log(share) for share in (0.08, 0.6, 0.04, 0.28)]
    often(student, row, temperature=3.0, top_k=None, top_p=0.8)
    often(student, row, temperature=0.5, top_k=None, top_p=0.8)


def test_choose__top_k_comes_before_top_p(student):
    use_parts(student)
    row = [math.log(share) for share in (0.2, 0.1, 0.3, 0.22, 0.18)]
    often(student, row, temperature=1.0, top_k=4, top_p=0.5)
    often(student, row, temperature=1.0, top_k=3, top_p=0.65)
    often(student, row, temperature=1.0, top_k=2, top_p=0.55)


def test_choose__all_knobs_at_once(student):
    use_parts(student)
    row = [math.log(share) for share in (0.05, 0.45, 0.07, 0.2, 0.15, 0.08)]
    often(student, row, temperature=2.0, top_k=4, top_p=0.7)
    often(student, row, temperature=0.6, top_k=3, top_p=0.72)


def test_choose__where_one_token_is_left(student):
    use_parts(student)
    scores = some_scores(30, 7)
    wanted = plain(scores.argmax(-1, keepdim=True))
    steep = {"temperature": 0.004}
    for knobs in ({"temperature": 9.0, "top_k": 1}, {"temperature": 5.0, "top_p": 1e-4}, steep):
        expect.equal(plain(chosen(student, scores, **knobs)), wanted, looked_at=f"choose, {knobs}")


def test_choose__each_row_has_a_draw_of_its_own(student):
    use_parts(student)
    only_one = torch.full((24, 6), -INF)
    wanted = torch.randint(6, (24, 1))
    only_one.scatter_(1, wanted, 1.5)
    found = chosen(student, only_one, temperature=1.0)
    expect.equal(plain(found), plain(wanted), looked_at="choose, one token a row above -inf")
    flat = chosen(student, torch.zeros(90, 6), temperature=1.0)
    holds(len(flat.unique()) > 3, "90 rows of equal scores", "different tokens", f"{flat[0, 0]}")


def test_choose__the_same_seed_the_same_tokens(student):
    use_parts(student)
    scores = torch.randn(80, 6) * 0.3

    def drawn(generator: Handle) -> list:
        return plain(chosen(student, scores, temperature=1.2, top_k=5, generator=generator))

    first = drawn(a_generator(student, 5))
    chosen(student, scores, temperature=1.0)
    expect.equal(drawn(a_generator(student, 5)), first, looked_at="a generator of the same seed")
    goes_on = a_generator(student, 5)
    expect.equal(drawn(goes_on), first, looked_at="a generator of the same seed, once more")
    holds(drawn(goes_on) != first, "the same generator, which goes on", "other tokens", "the same")
    other = drawn(a_generator(student, 6))
    holds(other != first, "a generator of another seed", "other tokens", "the same ones")


def test_choose__without_a_generator_other_tokens_each_time(student):
    use_parts(student)
    scores = torch.randn(80, 6) * 0.3
    first, other = (plain(chosen(student, scores, temperature=1.0)) for _ in range(2))
    holds(first != other, "choose twice, without a generator", "other tokens", "the same ones")


def test_choose__any_memory_order(student):
    use_parts(student)
    scores = some_scores(7, 5)
    for knobs in ({"temperature": 0.0}, {"temperature": 2.0, "top_k": 1, "top_p": 0.9}):
        found = student.run(
            "choose(scores.t(), **knobs)", scores=scores.t().contiguous(), knobs=knobs
        )
        wanted = plain(scores.argmax(-1, keepdim=True))
        expect.equal(plain(found), wanted, looked_at="choose of scores that are not contiguous")


# generate

# The scores depend on the last id and on the first one that the model is shown.
MODEL = """
import torch
from torch import nn

class Table(nn.Module):
    def __init__(self):
        super().__init__()
        self.widths, self.watched = [], []
        self.last, self.first = nn.Parameter(last), nn.Parameter(first)

    def forward(self, idx):
        self.widths.append(idx.shape[1])
        self.watched.append(torch.is_grad_enabled())
        return self.last[idx] + self.first[idx[:, :1]]

Table()
"""


def a_model(student: Any, last: Tensor, first: Tensor | None = None) -> Handle:
    first = torch.zeros_like(last) if first is None else first
    return made(student.run(MODEL, last=last, first=first), "a model for the test")


def two_tables(size: int) -> tuple[Tensor, Tensor]:
    """Scores by the last id and by the first one shown, (V, V) both; their sums have no equals."""
    while True:
        last, first = torch.randn(size, size), torch.randn(size, size)
        sums = (last[:, None] + first).sort(-1).values
        if float((sums[..., 1:] - sums[..., :-1]).amin()) > 1e-3 * (8 / size) ** 3:
            return last, first


def steps_to(following: Sequence[int]) -> Tensor:
    """Scores (V, V) by which each id is followed by one other: the likeliest by far."""
    return F.one_hot(torch.tensor(following), len(following)) * 7.0 - 2.0


def continued(
    tables: tuple[Tensor, Tensor], idx: Tensor, steps: int, window: int,
    eos: int | None = None, penalty: float = 1.0,
) -> list[list[int]]:  # fmt: skip
    """What a model with these tables writes by the likeliest token."""
    (last, first), rows, ended = tables, idx.tolist(), [False] * len(idx)
    for _ in range(steps):
        new = []
        for row in rows:
            shown = row[-window:]
            scores = (last[shown[-1]] + first[shown[0]]).tolist()
            new.append(likeliest(punished(scores, row, penalty))[0])
        if eos is not None:
            ended = [e or token == eos for e, token in zip(ended, new, strict=True)]
            if all(ended):
                break
            new = [eos if e else token for e, token in zip(ended, new, strict=True)]
        rows = [[*row, token] for row, token in zip(rows, new, strict=True)]
    return rows


def written(student: Any, model: Handle, idx: Tensor, steps: int, window: int, **knobs: Any) -> Any:
    found = student.call("generate", model, idx, steps, window, **knobs)
    expect.equal(argument(student, 1), idx, looked_at="the caller's idx afterwards")
    return found


def choose_is_right(student: Any) -> bool:
    """Whether the student's choose can be left in place where generate is judged."""
    try:
        test_choose__at_0_the_likeliest(student)
    except (CheckFailed, StudentError):
        return False
    return True


@core
def test_generate__goes_on_by_the_likeliest_token(student):
    use_parts(student)
    if not choose_is_right(student):
        stand_ins(student, "choose")
    for B, T, V, window, steps in ((2, 3, 7, 4, 9), (3, 5, 9, 3, 6), (4, 2, 5, 20, 7)):
        tables, idx = two_tables(V), torch.randint(V, (B, T))
        found = written(student, a_model(student, *tables), idx, steps, window)
        looked_at = f"idx {(B, T)}, {steps} new tokens, context_size {window}"
        expect.equal(plain(found), continued(tables, idx, steps, window), looked_at=looked_at)


def test_generate__never_shows_more_than_context_size(student):
    stand_ins(student)
    for window, T, steps in ((4, 2, 6), (3, 7, 4)):
        model = a_model(student, *two_tables(6))
        written(student, model, torch.randint(6, (1, T)), steps, window)
        expect.equal(
            student.attr(model, "widths"),
            [min(T + step, window) for step in range(steps)],
            looked_at=f"how many tokens the model reads, context_size {window}, idx {T} wide",
        )


def test_generate__begins_with_what_it_was_given(student):
    stand_ins(student)
    model = a_model(student, *two_tables(8))
    for T, steps in ((3, 1), (8, 5), (2, 0)):
        idx = torch.randint(8, (4, T))
        found = written(student, model, idx, steps, 5, temperature=1.0)
        looked_at = f"idx (4, {T}), {steps} new tokens"
        found = ids(found, (4, T + steps), 8, looked_at)
        expect.equal(found[:, :T].contiguous(), idx, looked_at=f"its first columns, {looked_at}")


def test_generate__each_row_by_itself(student):
    stand_ins(student)
    tables, idx = two_tables(7), torch.randint(7, (5, 3))
    model = a_model(student, *tables)
    together = ids(written(student, model, idx, 6, 4), (5, 9), 7, "five rows at once")
    for b in (0, 3):
        alone = written(student, model, idx[b : b + 1].clone(), 6, 4)
        expect.equal(plain(alone), plain(together[b : b + 1]), looked_at=f"row {b} on its own")


def test_generate__in_two_goes_as_in_one(student):
    stand_ins(student)
    model, idx = a_model(student, *two_tables(9)), torch.randint(9, (3, 4))
    once = ids(written(student, model, idx, 7, 5), (3, 11), 9, "7 new tokens at once")
    first = ids(written(student, model, idx, 3, 5), (3, 7), 9, "3 new tokens")
    expect.equal(plain(written(student, model, first, 4, 5)), plain(once), looked_at="4 more")


def test_generate__keeps_nothing_for_gradients(student):
    stand_ins(student)
    for knobs in ({}, {"temperature": 1.0, "top_k": 3, "eos_id": 5, "penalty": 1.2}):
        model = a_model(student, steps_to([1, 2, 3, 4, 0, 0]))
        written(student, model, torch.tensor([[3, 2]]), 3, 4, **knobs)
        watched = student.attr(model, "watched")
        holds(
            isinstance(watched, list) and watched != [] and not any(watched),
            "whether autograd watches while the model is called",
            "never: nobody is learning here",
            expect.describe(watched),
        )


def test_generate__does_not_turn_training_on(student):
    stand_ins(student)
    model = a_model(student, *two_tables(6))
    student.call("eval", on=model)
    written(student, model, torch.randint(6, (2, 3)), 4, 5)
    training = student.attr(model, "training")
    expect.equal(training, False, looked_at="model.training after generate, False before")


# 5 ends a text. 0 and 3 lead there; 4, 6, 7 follow each other for ever, and so it goes on after 5.
ENDS = [1, 2, 5, 5, 6, 6, 7, 4]


def ends(
    student: Any, idx: list, steps: int, eos: int | None, following: Sequence[int] = ENDS
) -> None:
    """What a model writes whose next token is certain, with an end."""
    stand_ins(student)
    table = steps_to(following)
    tables, given = (table, torch.zeros_like(table)), torch.tensor(idx)
    found = written(student, a_model(student, table), given, steps, 9, eos_id=eos)
    looked_at = f"idx {idx}, {steps} new tokens, eos_id {eos}; after each id comes {following}"
    expect.equal(plain(found), continued(tables, given, steps, 9, eos), looked_at=looked_at)


def test_generate__ends_before_eos(student):
    ends(student, [[6, 0]], 8, 5)
    ends(student, [[7, 4, 1]], 6, 5)
    ends(student, [[6, 2], [4, 3]], 5, 5)


def test_generate__a_row_that_has_ended_goes_on_with_eos(student):
    ends(student, [[6, 0], [7, 3]], 8, 5)
    ends(student, [[7, 3], [6, 0], [4, 1]], 7, 5)
    ends(student, [[7, 3], [6, 4]], 4, 5)


def test_generate__eos_may_be_0(student):
    ends(student, [[4, 1], [5, 3]], 6, 0, [4, 2, 0, 0, 5, 6, 4])


def test_generate__an_eos_that_was_given_is_no_end(student):
    ends(student, [[5, 0]], 7, 5)
    ends(student, [[0, 5], [6, 5]], 4, 5)
    ends(student, [[5, 5, 0], [6, 4, 3]], 7, 5)


def test_generate__without_eos_it_goes_on(student):
    ends(student, [[6, 0], [7, 3]], 6, None)
    ends(student, [[6, 4], [4, 7], [4, 6]], 5, 5)


def test_generate__the_last_of_the_new_tokens_may_be_eos(student):
    ends(student, [[6, 1], [7, 4]], 2, 5)
    ends(student, [[6, 1], [7, 1]], 2, 5)


def test_generate__the_end_of_drawn_rows(student):
    stand_ins(student)
    model, eos = a_model(student, torch.randn(5, 5) * 0.2), 2
    for seed in range(3):
        found = written(
            student, model, torch.randint(5, (6, 2)), 30, 4,
            temperature=1.0, eos_id=eos, generator=a_generator(student, seed),
        )  # fmt: skip
        looked_at = "6 drawn rows, eos_id 2"
        holds(isinstance(found, Tensor) and found.ndim == 2, looked_at, "ids (6, T)", "others")
        found = ids(found, (6, found.shape[1]), 5, looked_at)
        holds(2 <= found.shape[1] <= 32, looked_at, "2 to 32 columns", f"{found.shape[1]}")
        for row in found[:, 2:].tolist():
            after = row[row.index(eos) :] if eos in row else []
            expect.equal(set(after) - {eos}, set(), looked_at="tokens of a row after its first eos")
        last = found[:, -1].tolist()
        holds(set(last) != {eos}, "the last column", "not eos alone: that was the end", f"{last}")


def penalized(student: Any, B: int, T: int, V: int, steps: int, window: int, penalty: float):
    """By the likeliest token, with a penalty; without one a token would often follow itself."""
    stand_ins(student)
    last, first = two_tables(V)
    tables, idx = (last + 1.5 * torch.eye(V), first), torch.randint(V, (B, T))
    found = written(student, a_model(student, *tables), idx, steps, window, penalty=penalty)
    wanted = continued(tables, idx, steps, window, penalty=penalty)
    looked_at = f"idx {(B, T)}, {steps} new tokens, context_size {window}, penalty {penalty}"
    expect.equal(plain(found), wanted, looked_at=looked_at)


def test_generate__the_penalty_counts_all_that_stands_there(student):
    penalized(student, 4, 4, 8, 9, 30, 1.8)
    penalized(student, 5, 3, 6, 8, 30, 1.3)


def test_generate__the_penalty_counts_what_it_wrote(student):
    penalized(student, 6, 1, 9, 9, 30, 6.0)


def test_generate__the_penalty_counts_what_is_out_of_sight(student):
    penalized(student, 5, 6, 8, 9, 3, 2.5)


START = [0, 3, 1]


def test_generate__hands_on_the_knobs(student):
    stand_ins(student)
    last = torch.randn(6, 6)
    last[1] = torch.tensor(ROW)
    model, idx = a_model(student, last), torch.tensor([START]).repeat(MANY, 1)
    for knobs in (
        {"temperature": 0.6},
        {"temperature": 1.5, "top_k": 3},
        {"temperature": 1.2, "top_p": 0.75},
        {"temperature": 2.0, "top_k": 4, "top_p": 0.7, "penalty": 1.6},
    ):
        found = written(student, model, idx, 1, 8, **knobs)
        looked_at = ", ".join(f"{name} {value}" for name, value in knobs.items())
        new = ids(found, (MANY, 4), 6, looked_at)[:, -1]
        row = punished(ROW, START, knobs.get("penalty", 1.0))
        turned = {name: value for name, value in knobs.items() if name != "penalty"}
        as_often(new, knobs_turned(row, **turned), f"the first new token, {looked_at}")


def test_generate__turns_them_at_each_step(student):
    stand_ins(student)
    (last, first), B, V, window, steps = two_tables(7), 30, 7, 3, 8
    idx = torch.randint(V, (B, 2))
    found = written(
        student, a_model(student, last, first), idx, steps, window, temperature=4.0, top_k=2
    )
    found = ids(found, (B, 2 + steps), V, "temperature 4, top_k 2")
    second = 0
    for row in found.tolist():
        for t in range(2, 2 + steps):
            shown = row[max(0, t - window) : t]
            best = likeliest((last[shown[-1]] + first[shown[0]]).tolist())[:2]
            holds(
                row[t] in best,
                f"new token {t - 1}, top_k 2",
                f"one of the two likeliest, {best}",
                f"{row[t]}",
            )
            second += row[t] == best[1]
    holds(
        second > 20, "how many of 240 are the second likeliest, temperature 4", "many", f"{second}"
    )


def test_generate__the_same_seed_the_same_text(student):
    stand_ins(student)
    model, idx = a_model(student, torch.randn(6, 6) * 0.3), torch.randint(6, (5, 2))

    def drawn(**knobs: Any) -> list:
        return plain(written(student, model, idx, 12, 4, temperature=1.1, top_k=5, **knobs))

    first = drawn(generator=a_generator(student, 3))
    rows = first if isinstance(first, list) else [first]  # it may be anything
    found = [len(row) if isinstance(row, list) else None for row in rows]
    expect.equal(found, [14] * 5, looked_at="12 new tokens, drawn: how long the rows are")
    free = drawn(), drawn()
    holds(free[0] != free[1], "twice without a generator", "other texts", "the same")
    again = drawn(generator=a_generator(student, 3))
    expect.equal(again, first, looked_at="a generator of the same seed")
    goes_on = a_generator(student, 3)
    expect.equal(drawn(generator=goes_on), first, looked_at="the same seed, once more")
    holds(drawn(generator=goes_on) != first, "the same generator again", "another text", "the same")
    other = drawn(generator=a_generator(student, 4))
    holds(other != first, "a generator of another seed", "another text", "the same")


def test_generate__an_idx_that_is_not_contiguous(student):
    stand_ins(student)
    tables, idx = two_tables(8), torch.randint(8, (3, 5))
    model = a_model(student, *tables)
    source = "generate(model, idx.t(), max_new_tokens=4, context_size=3, penalty=1.0)"
    given = idx.t().contiguous()
    found = student.run(source, model=model, idx=given)
    expect.equal(plain(found), continued(tables, idx, 4, 3), looked_at="idx.t(), 4 new tokens")
    expect.equal(student.kwargs.get("idx"), given, looked_at="the caller's idx afterwards")


# distinct


def share(student: Any, ids: list[int], n: int) -> float:
    """What distinct_n says, as a number."""
    looked_at = f"distinct_n({ids if len(ids) < 20 else f'{len(ids)} ids'}, {n})"
    found = a_number(student.call("distinct_n", list(ids), n), looked_at)
    expect.equal(argument(student, 0), ids, looked_at="the caller's list afterwards")
    return found


def counted(ids: Sequence[int], n: int) -> float:
    grams = [tuple(ids[start : start + n]) for start in range(len(ids)) if start + n <= len(ids)]
    return len(set(grams)) / len(grams) if grams else 0.0


def shares(student: Any, *cases: tuple[list[int], int]) -> None:
    for given, n in cases:
        looked_at = f"distinct_n({given}, {n})"
        expect.close(share(student, given, n), counted(given, n), looked_at=looked_at)


@core
def test_distinct__of_several_lists(student):
    shares(
        student,
        ([1, 2, 1, 2, 3], 2),
        ([4, 4, 4, 0, 4, 4], 1),
        ([7, 8, 7, 8, 7, 8, 7], 3),
        ([5, 0, 0, 5, 0, 0, 5, 1], 2),
        (torch.randint(3, (40,)).tolist(), 3),
    )


def test_distinct__all_different_is_1(student):
    given = torch.randperm(12).tolist()
    for n in (1, 2, 5, 12):
        expect.close(share(student, given, n), 1.0, looked_at=f"12 different ids, n {n}")


def test_distinct__all_the_same_is_one_of_all(student):
    for length, n in ((6, 1), (9, 3), (4, 4)):
        expect.close(
            share(student, [3] * length, n),
            1 / (length - n + 1),
            looked_at=f"{length} equal ids, n {n}",
        )


def test_distinct__0_where_none_fits(student):
    shares(student, ([1, 2], 3), ([], 1), ([], 2), ([7, 7, 7], 5), ([4, 4, 4], 4))


def test_distinct__the_order_of_a_gram_counts(student):
    shares(student, ([1, 2, 1], 2), ([3, 1, 2, 1, 3, 1, 2], 3), ([6, 5, 5, 6, 6], 2))


def test_distinct__an_id_is_more_than_its_digits(student):
    shares(student, ([1, 11, 1, 1, 11], 2), ([12, 3, 0, 1, 23, 0], 2), ([10, 0, 1, 0, 0, 1], 3))


def test_distinct__far_apart_or_side_by_side(student):
    shares(student, ([1, 1, 2, 2, 3, 3], 1), ([1, 2, 3, 1, 2, 3], 1), ([1, 2, 9, 8, 7, 1, 2], 2))


def test_distinct__long_lists(student):
    given = torch.randint(20, (300,)).tolist()
    for n in (1, 2, 3, 4):
        expect.close(share(student, given, n), counted(given, n), looked_at=f"300 ids, n {n}")
        renamed = [1000 - 7 * i for i in given]
        expect.close(
            share(student, renamed, n), counted(given, n), looked_at=f"the same 300 renamed, n {n}"
        )


# log_prob


def nats(student: Any, model: Handle, idx: Tensor, n_prompt: int) -> Tensor:
    looked_at = f"mean_log_prob, idx {tuple(idx.shape)}, n_prompt {n_prompt}"
    found = student.call("mean_log_prob", model, idx, n_prompt)
    expect.equal(argument(student, 1), idx, looked_at="the caller's idx afterwards")
    return floats(found, (len(idx),), looked_at)


def mean_of_the_rest(logits: Tensor, idx: Tensor, n_prompt: int) -> Tensor:
    """From scores (B, T, V), by torch's cross-entropy: (B,)."""
    given, targets = logits[:, n_prompt - 1 : -1], idx[:, n_prompt:]
    losses = F.cross_entropy(given.double().transpose(1, 2), targets, reduction="none")
    return -losses.mean(1).float()


def by_tables(tables: tuple[Tensor, Tensor], idx: Tensor, n_prompt: int) -> Tensor:
    last, first = tables
    return mean_of_the_rest(last[idx] + first[idx[:, :1]], idx, n_prompt)


@core
def test_log_prob__the_mean_of_what_follows_the_prompt(student):
    for B, T, V, n_prompt in ((3, 6, 7, 2), (2, 9, 5, 4), (4, 5, 8, 1), (2, 4, 6, 3)):
        tables, idx = (torch.randn(V, V) * 1.5, torch.randn(V, V)), torch.randint(V, (B, T))
        expect.close(
            nats(student, a_model(student, *tables), idx, n_prompt),
            by_tables(tables, idx, n_prompt),
            looked_at=f"mean_log_prob, idx {(B, T)}, n_prompt {n_prompt}",
        )


def test_log_prob__odds_that_are_known(student):
    odds = torch.tensor([[0.5, 0.25, 0.25], [0.1, 0.2, 0.7], [0.05, 0.9, 0.05]])
    model = a_model(student, odds.log() + 3)
    idx = torch.tensor([[0, 0, 1, 2, 1], [2, 1, 2, 1, 0]])
    for n_prompt, wanted in (
        (1, (0.5 * 0.25 * 0.7 * 0.9, 0.9 * 0.7 * 0.9 * 0.1)),
        (3, (0.7 * 0.9, 0.9 * 0.1)),
        (4, (0.9, 0.1)),
    ):
        expect.close(
            nats(student, model, idx, n_prompt),
            torch.tensor([math.log(product) / (5 - n_prompt) for product in wanted]),
            looked_at=f"idx {idx.tolist()}, n_prompt {n_prompt}, odds by the token before "
            f"{odds.tolist()}",
        )


def test_log_prob__all_equally_likely(student):
    for V, T, n_prompt in ((5, 7, 3), (11, 4, 1)):
        model = a_model(student, torch.full((V, V), 2.0))
        found = nats(student, model, torch.randint(V, (3, T)), n_prompt)
        expect.close(found, torch.full((3,), -math.log(V)), looked_at=f"{V} tokens, equally likely")


def test_log_prob__which_tokens_count(student):
    tables = torch.randn(9, 9), torch.randn(9, 9)
    model, B, T, n_prompt = a_model(student, *tables), 8, 8, 4
    idx = torch.randint(8, (1, T)).repeat(B, 1)
    changed = idx.clone()
    changed.fill_diagonal_(8)  # row t has another token at place t
    before, after = (nats(student, model, rows, n_prompt) for rows in (idx, changed))
    places = (after - before).abs().gt(1e-5).nonzero().flatten().tolist()
    expect.equal(
        places,
        [0, *range(n_prompt - 1, T)],
        looked_at="places that count, 4 of 8 given, a model that sees the last token and the first",
    )


def test_log_prob__each_row_by_itself(student):
    model, idx = a_model(student, torch.randn(6, 6), torch.randn(6, 6)), torch.randint(6, (5, 7))
    together = nats(student, model, idx, 3)
    for b in (0, 4):
        alone = nats(student, model, idx[b : b + 1].clone(), 3)
        expect.close(alone, together[b : b + 1].clone(), looked_at=f"row {b} on its own")


def test_log_prob__token_by_token(student):
    tables = torch.randn(6, 6) * 2, torch.randn(6, 6)
    model, T, idx = a_model(student, *tables), 6, torch.randint(6, (3, 6))
    totals = [nats(student, model, idx, n) * (T - n) for n in range(1, T)] + [torch.zeros(3)]
    for n in range(1, T):
        expect.close(
            totals[n - 1] - totals[n],
            by_tables(tables, idx[:, : n + 1].contiguous(), n),
            looked_at=f"what token {n} adds to the sum",
            tol=1e-4,
        )


def test_log_prob__tokens_that_are_hardly_possible(student):
    last = steps_to([1, 2, 0]) * 40
    for rows in ([[0, 2, 1, 0]], [[1, 1, 1, 1], [0, 1, 2, 0]]):
        idx = torch.tensor(rows)
        found = nats(student, a_model(student, last), idx, 2)
        wanted = by_tables((last, torch.zeros_like(last)), idx, 2)
        expect.close(found, wanted, looked_at=f"idx {rows}, scores up to 280 apart")


def test_log_prob__does_not_turn_training_on(student):
    model = a_model(student, torch.randn(5, 5))
    student.call("eval", on=model)
    nats(student, model, torch.randint(5, (2, 6)), 3)
    training = student.attr(model, "training")
    expect.equal(training, False, looked_at="model.training after mean_log_prob, False before")


# A model with attention, as large as its context.
GPT = """
import torch
from gptlab.gpt import GPTModel

torch.manual_seed(11)
model = GPTModel({
    "vocab_size": 13, "context_length": 7, "emb_dim": 8, "n_heads": 2, "n_layers": 1,
    "drop_rate": 0.0, "qkv_bias": True,
})
for p in model.parameters():
    torch.nn.init.normal_(p, 0.0, 0.7)
model.eval()
"""


def test_log_prob__of_a_gpt(student):
    model = made(student.run(GPT), "a model for the test")
    for T, n_prompt in ((7, 3), (5, 1)):
        idx = torch.randint(13, (3, T))
        found = nats(student, model, idx, n_prompt)
        logits = floats(student.call(model, idx), (3, T, 13), "the model's scores")
        expect.close(
            found,
            mean_of_the_rest(logits, idx, n_prompt),
            looked_at=f"a GPTModel of context 7, idx (3, {T}), n_prompt {n_prompt}",
            tol=1e-4,
        )


def test_log_prob__an_idx_that_is_not_contiguous(student):
    tables, idx = (torch.randn(7, 7), torch.randn(7, 7)), torch.randint(7, (3, 6))
    source, model = "mean_log_prob(model, idx.t(), 2)", a_model(student, *tables)
    found = student.run(source, model=model, idx=idx.t().contiguous())
    expect.close(found, by_tables(tables, idx, 2), looked_at="mean_log_prob of idx.t()")
