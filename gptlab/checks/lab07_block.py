"""The check of lab07 on the block, with parts that only multiply."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from gptlab.checks.core import call, equal, globals_set, kept, must_be_callable, passed
from gptlab.checks.lab03_parts import build
from gptlab.checks.lab07_parts import ERRORS, Example, judge, learns, owned, refuse
from gptlab.checks.lab07_stand_ins import FeedForward, LayerNorm, MultiHeadAttention, settings

X = torch.tensor([[[1.0, 5.0], [10.0, 0.0]]])  # (B=1, T=2, C=2), the worked example
ATT, FF = -3.0, 5.0  # what the stand-ins of the example multiply by
RIGHT = torch.tensor([[[9.0, -3.0], [12.0, -2.0]]])
# The same with norm1 times 3, and norm2 times -2, plus 1, worked by hand, too: the attention adds
# (9, -9) and (-9, 9), so (10, -4) and (1, 9); the second norm gives (-1, 3) and (3, -1).
SCALED = torch.tensor([[[5.0, 11.0], [16.0, 4.0]]])
# Two sets of settings in which no two numbers are equal.
SIZES = {"emb_dim": 12, "n_heads": 3, "n_layers": 2, "context_length": 7, "drop_rate": 0.25}
OTHERS = {"emb_dim": 10, "n_heads": 5, "n_layers": 4, "context_length": 9, "drop_rate": 0.5}
ASKED = {"d_in": "emb_dim", "d_out": "emb_dim", "context_length": "context_length",
         "dropout": "drop_rate", "num_heads": "n_heads", "qkv_bias": "qkv_bias"}  # fmt: skip
READ = ("emb_dim", "context_length", "n_heads", "drop_rate", "qkv_bias")


def block(answer: type[nn.Module]) -> None:
    """What the parts are built with; the two places that were worked by hand; then dropout."""
    item, looked_at = "block", "TransformerBlock(cfg), where emb_dim=2 and n_heads=1"
    must_be_callable(item, answer, "the class")
    parts = {"MultiHeadAttention": MultiHeadAttention, "FeedForward": FeedForward,
             "LayerNorm": LayerNorm}  # fmt: skip
    with globals_set(answer, **parts):
        built = _built(item, answer, settings(), looked_at)
        if built.norm1 is built.norm2:
            refuse(item, "norm1 and norm2", "two", "one and the same", "block_one_norm")
        pairs = []
        for sizes, bias in ((SIZES, True), (OTHERS, False)):
            cfg = settings(**sizes, qkv_bias=bias)
            pairs.append((cfg, _built(item, answer, cfg, "TransformerBlock(cfg)")))
        _arguments(item, pairs)
        built.att.set(ATT)
        built.ff.set(FF)
        _numbers(item, built)
        learns(item, built, X * torch.tensor([[[1.0, 2.0], [3.0, 4.0]]]))
        _dropout(item, built)
    passed(item)


def _built(item: str, answer: type[nn.Module], cfg: Mapping[str, Any], looked_at: str) -> nn.Module:
    """A block that owns what the docstring says."""
    wrong = {"missing": "att_arguments", "unexpected keyword": "att_arguments"}
    wrong |= {"multiple values": "att_arguments", **ERRORS}
    built = build(item, answer, cfg, looked_at=looked_at, likely=wrong)
    for name, kind in (("att", MultiHeadAttention), ("ff", FeedForward)):
        said = f"a {kind.__name__}"
        owned(item, built, name, kind, said, "block_other_part")
    for name in ("norm1", "norm2"):
        norm = owned(item, built, name, LayerNorm, "a LayerNorm", "")
        where = f"the size of self.{name}, where emb_dim={cfg['emb_dim']}"
        equal(item, norm.emb_dim, cfg["emb_dim"], looked_at=where, likely="norm_size")
    drop = owned(item, built, "drop_shortcut", nn.Dropout, "an nn.Dropout", "no_drop_shortcut")
    if drop.p != cfg["drop_rate"]:
        where = f"the p of self.drop_shortcut, where drop_rate={cfg['drop_rate']}"
        refuse(item, where, f"{cfg['drop_rate']}", f"{drop.p}", "drop_rate_fixed")
    return built


def _numbers(item: str, built: nn.Module) -> None:
    """The example, with the norms as they come; then with other scales and a shift."""
    examples, likely = [], ""
    looked_at = "x = (1, 5) and (10, 0), att multiplies by -3, ff by 5, in evaluation mode"
    for right, scales in ((RIGHT, ()), (SCALED, (3.0, -2.0))):
        if scales:
            looked_at += "; norm1 with scale 3, norm2 with scale -2 and shift 1"
            with torch.no_grad():
                built.norm1.scale.fill_(scales[0])
                built.norm2.scale.fill_(scales[1])
                built.norm2.shift.fill_(1)
        given = X.clone()
        with torch.no_grad():
            found = call(item, built, given, looked_at=looked_at, likely=ERRORS)
            others = [call(item, built, X.clone(), looked_at=looked_at) for _ in range(20)]
            slips = _slips(built.norm1, built.norm2)
        given_back = [one for one in others if isinstance(one, Tensor)]
        if isinstance(found, Tensor) and not all(found.equal(one) for one in given_back):
            likely = "dropout_in_evaluation"
        examples.append(Example(looked_at, found, right, slips))
        if found is None:
            likely = "forward_returns_nothing"
    judge(item, examples, likely)
    kept(item, given, X, "x", "block_in_place")


def _slips(norm1: nn.Module, norm2: nn.Module) -> list[tuple[str, Tensor]]:
    """What common slips give on the example."""
    u, plain = norm1(X), LayerNorm(2)
    heard = X + ATT * u
    v = norm2(heard)
    alone = ATT * u  # without the shortcut around attention
    after = norm1(X + ATT * X)
    out = X + norm1(ATT * X)
    first = X + FF * norm2(X)
    other, anew = X + FF * u, X + ATT * plain(X)
    return [
        ("residual_missing_attention", alone + FF * norm2(alone)),
        ("residual_missing_feed_forward", FF * v),
        ("residual_missing_both", FF * norm2(alone)),
        ("residual_of_normed", u + alone + FF * norm2(u + alone)),
        ("residual_of_normed_feed_forward", v + FF * v),
        ("residual_of_normed_both", norm2(u + alone) * (1 + FF)),
        ("norm_after", norm2(after + FF * after)),
        ("norms_of_outputs", out + norm2(FF * out)),
        ("no_norm1", X + ATT * X + FF * norm2(X + ATT * X)),
        ("no_norm2", heard + FF * heard),
        ("norms_unused", (X + ATT * X) * (1 + FF)),
        ("norm1_and_norm2_swapped", X + ATT * norm2(X) + FF * norm1(X + ATT * norm2(X))),
        ("norm1_twice", heard + FF * norm1(heard)),
        ("norm2_twice", X + ATT * norm2(X) + FF * norm2(X + ATT * norm2(X))),
        ("block_norm_made_anew", anew + FF * norm2(anew)),
        ("block_norm_made_anew", heard + FF * plain(heard)),
        ("block_in_parallel", heard + FF * norm2(X)),
        ("block_in_parallel", heard + FF * u),
        ("ffwd_first", first + ATT * norm1(first)),
        ("ffwd_first", other + ATT * norm2(other)),
        ("second_from_x", X + FF * v),
        ("block_no_attention", first),
        ("block_no_attention", X + FF * u),
        ("block_no_feed_forward", heard),
    ]


def _dropout(item: str, built: nn.Module) -> None:
    """With drop_rate ¾: what a part gives is 0 or four times itself, and x is never touched."""
    for name, other in (("att", "ff"), ("ff", "att")):
        getattr(built, name).set(0, 1.0)
        getattr(built, other).set(0, 0.0)
        looked_at = f"drop_rate=0.75, training mode, x = 8, {name} gives 1, {other} gives 0"
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            found = call(item, built.train(), torch.full((200, 2, 2), 8.0), looked_at=looked_at)
        values = set(found.unique().tolist())
        if values == {8.0, 12.0}:
            continue
        likely = "no_drop_shortcut" if values == {9.0} else "drop_on_stream"
        seen = ", ".join(f"{value:g}" for value in sorted(values)[:6])
        refuse(item, looked_at, "8 where it was dropped, else 8 + 4 = 12", seen, likely)
    built.eval()


def _arguments(item: str, pairs: list[tuple[Mapping[str, Any], nn.Module]]) -> None:
    """Each argument in its place, for two sets of settings."""
    for cfg, built in pairs:
        for name, source in ASKED.items():
            found = built.att.named[name]
            if found == cfg[source]:
                continue
            every = [one.att.named[name] for _, one in pairs]
            where = f"{name} of MultiHeadAttention, where {source}={cfg[source]}"
            if name == "num_heads":
                where += f" and n_layers={cfg['n_layers']}"
            likely = _argument_cause(name, found, cfg, every)
            refuse(item, where, f"{cfg[source]}", f"{found}", likely)
        given = (*built.ff.asked, None)[0]
        right = isinstance(given, Mapping) and given.get("emb_dim") == cfg["emb_dim"]
        if len(built.ff.asked) != 1 or not right:
            seen = ", ".join(map(str, built.ff.asked))[:60] or "nothing"
            refuse(item, "what FeedForward was built with", "cfg", seen, "ff_arguments")


def _argument_cause(name: str, found: Any, cfg: Mapping[str, Any], every: list[Any]) -> str:
    """What a wrong argument of MultiHeadAttention points to; every: what it is in all blocks."""
    if name == "qkv_bias":
        return "att_no_qkv_bias" if cfg["qkv_bias"] else "att_qkv_bias_always"
    if name != "dropout" and len(set(every)) == 1:
        return "att_number_fixed"
    if name == "num_heads" and found == cfg["n_layers"]:
        return "att_layers_and_heads"
    if name == "d_out" and found == cfg["emb_dim"] // cfg["n_heads"]:
        return "att_width_of_a_head"
    if name == "dropout":
        return "att_arguments" if found > 1 else "att_dropout_rate"
    return "att_context" if name == "context_length" else "att_arguments"
