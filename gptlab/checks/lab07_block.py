"""The check of lab07 on the block, with parts that only multiply."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from gptlab.checks.core import call, equal, globals_set, must_be_callable, passed
from gptlab.checks.lab03_parts import build
from gptlab.checks.lab03_stand_ins import Times
from gptlab.checks.lab07_parts import owned, refuse
from gptlab.checks.lab07_stand_ins import Attention, Gives, Norm, Part, settings

X = torch.tensor([[[1.0, 5.0], [10.0, 0.0]]])  # (B=1, T=2, C=2), the worked example
ATT, FF = -3.0, 5.0  # what the stand-ins of the example multiply by


def block(answer: type[nn.Module]) -> None:
    """The two places that were worked by hand; then dropout, and what the parts are built with."""
    item, looked_at = "block", "TransformerBlock(cfg), where emb_dim=2 and n_heads=1"
    must_be_callable(item, answer, "the class")
    parts = {"MultiHeadAttention": Attention, "FeedForward": Part, "LayerNorm": Norm}
    with globals_set(answer, **parts):
        built = _built(item, answer, settings(), looked_at)
        if built.norm1 is built.norm2:
            refuse(item, "norm1 and norm2", "two", "one and the same", "block_one_norm")
        built.att, built.ff = Times(ATT), Times(FF)
        _numbers(item, built)
        _dropout(item, built)
        sizes = {"emb_dim": 12, "n_heads": 3, "n_layers": 2, "context_length": 7}
        for bias in (True, False):
            cfg = settings(**sizes, drop_rate=0.25, qkv_bias=bias)
            _arguments(item, _built(item, answer, cfg, "TransformerBlock(cfg)"), cfg)
    passed(item)


def _built(item: str, answer: type[nn.Module], cfg: dict, looked_at: str) -> nn.Module:
    """A block that owns what the docstring says."""
    wrong = {"missing": "att_arguments", "unexpected keyword": "att_arguments"}
    wrong |= {"multiple values": "att_arguments"}

    def made() -> nn.Module:
        return call(item, answer, cfg, looked_at=looked_at, likely=wrong)

    built = build(item, made, looked_at=looked_at)
    for name, kind in (("att", Attention), ("ff", Part)):
        found = owned(item, built, name, nn.Module, "a module", "block_other_part")
        if not isinstance(found, kind):
            said = "a MultiHeadAttention" if name == "att" else "a FeedForward"
            refuse(item, f"self.{name}", said, f"a {type(found).__name__}", "block_other_part")
    for name in ("norm1", "norm2"):
        owned(item, built, name, Norm, "a LayerNorm", "")
    drop = owned(item, built, "drop_shortcut", nn.Dropout, "an nn.Dropout", "no_drop_shortcut")
    if drop.p != cfg["drop_rate"]:
        where = f"the p of self.drop_shortcut, where drop_rate={cfg['drop_rate']}"
        refuse(item, where, f"{cfg['drop_rate']}", f"{drop.p}", "drop_rate_fixed")
    return built


def _numbers(item: str, built: nn.Module) -> None:
    """The example, with the norms as they come; then norm2 with scale 2 and shift 1."""
    plain = "x = (1, 5) and (10, 0), att multiplies by -3, ff by 5, in evaluation mode"
    for turn, right in enumerate(([[9.0, -3.0], [12.0, -2.0]], [[19.0, -3.0], [22.0, -2.0]])):
        if turn:
            plain += "; norm2 with scale 2 and shift 1"
            with torch.no_grad():
                built.norm2.scale.fill_(2)
                built.norm2.shift.fill_(1)
        given = X.clone()
        with torch.no_grad():
            found = call(item, built, given, looked_at=plain)
            known = _slips(built.norm1, built.norm2)
            again = turn == 0 and isinstance(found, Tensor) and not found.equal(built(X.clone()))
        likely = "dropout_in_evaluation" if again else ""
        equal(item, found, torch.tensor([right]), looked_at=plain, known=known, likely=likely)
        equal(item, given, X, looked_at="x after the call", likely="block_in_place")


def _slips(norm1: nn.Module, norm2: nn.Module) -> dict[str, Tensor]:
    """What common slips give on the example."""
    u = norm1(X)
    heard = X + ATT * u
    v = norm2(heard)
    alone = ATT * u  # without the way around attention
    after = norm1(X + ATT * X)
    out = X + norm1(ATT * X)
    return {
        "residual_missing_attention": alone + FF * norm2(alone),
        "residual_missing_feed_forward": FF * v,
        "residual_missing_both": FF * norm2(alone),
        "residual_of_normed": u + alone + FF * norm2(u + alone),
        "residual_of_normed_feed_forward": v + FF * v,
        "residual_of_normed_both": norm2(u + alone) * (1 + FF),
        "norm_after": norm2(after + FF * after),
        "norms_of_outputs": out + norm2(FF * out),
        "no_norm1": X + ATT * X + FF * norm2(X + ATT * X),
        "no_norm2": heard + FF * heard,
        "norms_unused": (X + ATT * X) * (1 + FF),
        "norm1_and_norm2_swapped": X + ATT * norm2(X) + FF * norm1(X + ATT * norm2(X)),
        "norm1_twice": heard + FF * norm1(heard),
        "norm2_twice": X + ATT * norm2(X) + FF * norm2(X + ATT * norm2(X)),
        "block_in_parallel": heard + FF * norm2(X),
        "ffwd_first": X + FF * norm2(X) + ATT * norm1(X + FF * norm2(X)),
        "second_from_x": X + FF * v,
    }


def _dropout(item: str, built: nn.Module) -> None:
    """With drop_rate ¾: what a part gives is 0 or four times itself, and x is never touched."""
    for name, other in (("att", "ff"), ("ff", "att")):
        setattr(built, name, Gives(1.0))
        setattr(built, other, Gives(0.0))
        looked_at = f"drop_rate=0.75, training mode, x = 8, {name} gives 1, {other} gives 0"
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            found = call(item, built.train(), torch.full((200, 2, 2), 8.0), looked_at=looked_at)
        values = set(found.unique().tolist())
        if values == {8.0, 12.0}:
            continue
        likely = "no_drop_shortcut" if values == {9.0} else "drop_on_stream"
        seen = ", ".join(f"{value:g}" for value in sorted(values)[:6])
        refuse(item, looked_at, "8 where it was dropped, else 8 + 4 = 12", seen, likely)
    built.eval()


def _arguments(item: str, built: nn.Module, cfg: dict) -> None:
    """12 numbers, 3 heads, 7 places: each argument in its place."""
    right = {"d_in": 12, "d_out": 12, "context_length": 7, "dropout": 0.25, "num_heads": 3,
             "qkv_bias": cfg["qkv_bias"]}  # fmt: skip
    bias = "att_no_qkv_bias" if cfg["qkv_bias"] else "att_qkv_bias_always"
    causes = {"context_length": "att_context", "dropout": "att_dropout_rate", "qkv_bias": bias}
    for name, value in right.items():
        found = built.att.asked[name]
        if found == value:
            continue
        likely = causes.get(name, "att_arguments")
        if name == "num_heads" and found == cfg["n_layers"]:
            likely = "att_layers_and_heads"
        where = f"{name} of MultiHeadAttention, where cfg is {dict(cfg)}"
        refuse(item, where, f"{value}", f"{found}", likely)
    if built.ff.asked != (cfg,):
        seen = ", ".join(map(str, built.ff.asked))
        refuse(item, "what FeedForward was built with", "cfg", seen[:60] or "nothing")
    for name in ("norm1", "norm2"):
        found = getattr(built, name).emb_dim
        equal(item, found, 12, looked_at=f"the size of self.{name}, where emb_dim=12")
