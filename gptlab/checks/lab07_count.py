"""The check of lab07 on counting: the small model of the example, and GPT-2."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from numbers import Integral
from typing import Any

from gptlab.checks.core import CheckFailed, call, equal, globals_set, kind, must_be_callable, passed
from gptlab.checks.lab07_parts import refuse
from gptlab.checks.lab07_stand_ins import settings

SMALL = settings(vocab_size=5, context_length=8, n_heads=2)  # emb_dim 2, 3 blocks
LARGE = settings(vocab_size=50257, context_length=1024, emb_dim=768, n_heads=12, n_layers=12)
CASES: list[tuple[str, Mapping[str, Any], bool, int]] = [
    ("the small model of the example", SMALL, False, 244),
    ("the small model, tied=True", SMALL, True, 234),
    ("the small model with qkv_bias=True", {**SMALL, "qkv_bias": True}, False, 262),
    ("GPT_CONFIG_124M", LARGE, False, 163_009_536),
    ("GPT_CONFIG_124M, tied=True", LARGE, True, 124_412_160),
]


def count(answer: Callable[..., int]) -> None:
    """The small model that was counted by hand, in three forms, and GPT-2's two numbers."""
    item = "count"
    must_be_callable(item, answer)

    def asked(*args: Any, **kwargs: Any) -> None:
        raise CheckFailed(item, looked_at=CASES[0][0], expected="arithmetic",
                          found="a model that was built", likely="count_by_model")  # fmt: skip

    found = []
    with globals_set(answer, GPTModel=asked):
        for looked_at, cfg, tied, right in CASES:
            said = call(item, answer, dict(cfg), *([tied] if tied else []), looked_at=looked_at,
                        likely={"KeyError": "settings_names"})  # fmt: skip
            if isinstance(said, Integral) and not isinstance(said, bool):
                said = int(said)  # NumPy's will do
            if isinstance(said, float) and said == right:
                refuse(item, looked_at, f"{right:,}", f"{said}, a float", "count_float")
            if said is not None and not isinstance(said, (int, float)):
                refuse(item, looked_at, f"an int, {right:,}", kind(said), "count_one_number")
            if not isinstance(said, int) or isinstance(said, bool):
                equal(item, said, right, looked_at=looked_at)
            found.append(said)
    for said, (looked_at, _, _, right) in zip(found, CASES, strict=True):
        if said != right:
            refuse(item, looked_at, f"{right:,}", f"{said:,}", _cause(found))
    passed(item)


def _cause(found: list[int]) -> str:
    """The slip that explains what was found in every case; else what the first wrong one says."""
    off = [said - right for said, (_, _, _, right) in zip(found, CASES, strict=True)]
    slips = [_slips(cfg, tied, right) for _, cfg, tied, right in CASES]
    names = [name for name, _ in slips[0]]
    for place, name in enumerate(names):
        if off == [row[place][1] for row in slips]:
            return name
    first = next(case for case, apart in enumerate(off) if apart)
    close = {name for name, apart in slips[first] if apart == off[first]}
    return close.pop() if len(close) == 1 else ""


def _slips(cfg: Mapping[str, Any], tied: bool, right: int) -> list[tuple[str, int]]:
    """How far each slip is off; where two slips come to the same, the sentence names both."""
    return [*_around(cfg, tied, right), *_of_a_block(cfg)]


def _around(cfg: Mapping[str, Any], tied: bool, right: int) -> list[tuple[str, int]]:
    """Slips in the tables, the head and the last norm."""
    C, V, T, L = (cfg[name] for name in ("emb_dim", "vocab_size", "context_length", "n_layers"))
    untied = int(not tied)
    return [
        ("count_tied_ignored", V * C * tied),
        ("count_tied_always", -V * C * untied),
        ("count_tied_turned", V * C * (tied - untied)),
        ("count_head_bias", V * untied),
        ("count_head_bias", V),
        ("count_no_tokens", -V * C),
        ("count_no_positions", -T * C),
        ("count_positions_not_wide", T - T * C),
        ("count_no_final_norm", -2 * C),
        ("count_final_norm_half", -C),
        ("count_final_norm_each", 2 * C * (L - 1)),
        ("count_all_norms_half", -2 * C * L - C),
        ("count_bytes", 3 * right),
    ]


def _of_a_block(cfg: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Slips in what a block has, and in the number of blocks."""
    C, L, H, biased = (cfg[name] for name in ("emb_dim", "n_layers", "n_heads", "qkv_bias"))
    square = C * C
    att = 4 * square + C + 3 * C * biased
    wide = 8 * square + 5 * C
    each = att + wide + 4 * C
    return [
        ("count_no_qkv_bias", -3 * C * L * biased),
        ("count_qkv_bias_always", 3 * C * L * (1 - biased)),
        ("count_qkv_bias_once", -2 * C * L * biased),
        ("count_qkv_bias_turned", 3 * C * L * (1 - 2 * biased)),
        ("count_one_block", -(L - 1) * each),
        ("count_brackets", -(L - 1) * (wide + 4 * C)),
        ("count_brackets", -(L - 1) * 4 * C),
        ("count_blocks_are_heads", (H - L) * each),
        *(("count_layers_fixed", (number - L) * each) for number in (2, 3, 4, 6, 12)),
        ("count_norms_half", -2 * C * L),
        ("count_no_block_norms", -4 * C * L),
        ("count_no_projection", -(square + C) * L),
        ("count_projection_no_bias", -C * L),
        ("count_one_of_three", -2 * square * L),
        ("count_per_head", 3 * square * L * (H - 1)),
        ("count_per_head", (3 * square + 3 * C * biased) * L * (H - 1)),
        ("count_per_head", att * L * (H - 1)),
        ("count_ff_no_bias", -5 * C * L),
        ("count_ff_narrow", -(6 * square + 3 * C) * L),
        ("count_ff_narrow", -(4 * square + 2 * C) * L),
        ("count_ff_bias_narrow", -3 * C * L),
        ("count_ff_one_layer", -(4 * square + C) * L),
    ]
