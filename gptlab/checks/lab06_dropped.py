"""What the checks of lab06 see of dropout: texts of one word, whose only weight is 1."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from gptlab.checks.lab06_modules import refuse, run

TEXTS = 200


def rows_of(found: Tensor) -> str:
    """The different rows of a result, in words."""
    rows = sorted({tuple(round(n, 2) for n in row) for row in found.flatten(0, 1).tolist()})
    said = list(dict.fromkeys("(" + ", ".join(f"{n:g}" for n in row) + ")" for row in rows))
    return " or ".join(said[:6]) + (" or others" if len(said) > 6 else "")


def dropped(item: str, built: nn.Module, words: Tensor, looked_at: str, expected: str) -> None:
    """Refuse what comes out of texts of `fish` alone unless its rows are the expected ones.

    words: those of the lab. The first two numbers that come out are those of the head on paper,
    for which the value of `fish` is (8, 8).
    """

    def of(*places: int) -> Tensor:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            x = words[list(places)].expand(TEXTS, -1, -1)
            return run(item, built, x, looked_at)

    built.train()
    found = of(1)
    if not built.training:
        expected_mode = "the mode of before, training"
        refuse(item, f"the module after {looked_at}", expected_mode, "eval", "mode_set_inside")
    seen = rows_of(found)
    if seen == expected:
        return
    twice, pairs = of(1, 1), of(1, 3)  # `fish fish`, and `fish cross`, which has scores
    refuse(item, looked_at, expected, seen, _cause(found[..., :2], twice[..., :2], pairs[..., :2]))


def _cause(found: Tensor, twice: Tensor, pairs: Tensor) -> str:
    """Where dropout fell, by what became of the value (8, 8)."""
    seen = set(found.flatten().tolist())
    together = bool((found[..., 0] == found[..., 1]).all())  # a weight, not one of its numbers
    if bool(found.isnan().any()):
        return "att_dropout_renormalised"
    if seen == {8.0}:  # nothing was dropped, or only a score that had no rival
        changes = bool((pairs != pairs[:1]).any())
        return "head_dropout_on_scores" if changes else "head_no_dropout"
    if seen == {0.0, 8.0}:
        return "att_dropout_not_scaled"
    if 128.0 in seen:
        often = (found[..., 0] != 0).float().mean() > 0.15  # 1 of 4 stays, or 1 of 16
        return "att_dropout_scaled_again" if together and often else "att_dropout_twice"
    if 16.0 in seen:  # 4 alive + 4 small: one of the two was dropped
        return "ca_dropout_on_x"
    if not together:
        half = 16.0 in twice.flatten().tolist()  # one of two values was dropped
        return "ca_dropout_on_values" if half else "head_dropout_on_output"
    return ""
