"""The check of lab11 on the whole file: two blocks of the tiny GPT-2, both ways through attention.

The oracle is gptlab.numpy_gpt with the same weights. Where the scores differ, each part is held
against what it should make of the very input that it got, and the first that differs is named.
GELU by erf is as right here as by tanh: which one it is, the lab finds out itself.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gptlab import numpy_gpt, tiny, torch_layouts
from gptlab.checks.core import call, passed
from gptlab.checks.lab11_parts import Config, made, refuse, watch

IDS = torch.tensor([[5, 300, 77, 12, 401], [264, 9, 9, 500, 33]])  # (B=2, T=5)
NEAR = 2e-4  # rounding
BLOCKS = 2


class Tap(NamedTuple):
    """What a part was given, and what it gave."""

    given: Tensor
    out: Tensor


def whole(answer: type[nn.Module]) -> None:
    """The scores of two texts, by the short way and by the long one."""
    item, params = "whole", tiny.params()
    params["blocks"] = params["blocks"][:BLOCKS]
    for flash in (True, False):
        told = f"{BLOCKS} blocks of the tiny GPT-2, two texts of 5 tokens, self.flash {flash}"
        built = _loaded(item, answer, params, told)
        for block in built.transformer.h:
            block.attn.flash = flash
        taps = _tapped(built)
        found = watch(item, built, IDS.clone(), looked_at=told).out
        right = [_scores(params, tanh) for tanh in (False, True)]
        if not _near(found, *right):
            _find(item, told, params, taps, flash)
            seen = f"{tuple(found.shape)}" if isinstance(found, Tensor) else f"{found}"
            refuse(item, told, f"the scores {tuple(right[0].shape)} of GPT-2", f"others, {seen}",
                   "smp_whole_head")  # fmt: skip
    passed(item)


def _loaded(item: str, answer: Any, params: dict[str, Any], told: str) -> nn.Module:
    """The student's GPT with these weights."""
    sizes = tiny.hparams()
    config = Config(block_size=sizes["n_ctx"], vocab_size=sizes["n_vocab"], n_layer=BLOCKS,
                    n_head=sizes["n_head"], n_embd=sizes["n_embd"])  # fmt: skip
    built = made(item, answer, config, looked_at=told)
    call(item, built.load_state_dict, torch_layouts.to_nano(params), looked_at=f"{told}: weights",
         likely={"Error(s) in loading": "smp_whole_weights"})  # fmt: skip
    return built


def _tapped(built: nn.Module) -> dict[str, list[Tap]]:
    """Name of a part -> its calls, from now on; "order": all names as they are called."""
    taps: dict[str, list[Any]] = {"order": []}
    parts = dict(built.transformer.named_modules())
    names = [f"h.{n}{end}" for n in range(BLOCKS) for end in ("", *ENDS)]
    for name in [*names, "ln_f", "head"]:
        part = built.lm_head if name == "head" else parts[name]

        def note(part: Any, given: Any, out: Any, name: str = name) -> None:
            taps["order"].append(name)
            if given and isinstance(out, Tensor):
                taps[name].append(Tap(given[0].clone(), out.clone()))

        taps[name] = []
        part.register_forward_hook(note)
    return taps


ENDS = (".ln_1", ".attn", ".ln_2", ".mlp")


def _each(work: Any, x: Tensor, *args: Any, **named: Any) -> Tensor:
    """A function of numpy_gpt for each text."""
    return torch.from_numpy(np.stack([work(one.numpy(), *args, **named) for one in x]))


def _bent(x: Tensor, layers: dict[str, Any], tanh: bool) -> Tensor:
    """The MLP with either form."""
    wide = _each(numpy_gpt.linear, x, **layers["c_fc"])
    form = "tanh" if tanh else "none"
    return _each(numpy_gpt.linear, F.gelu(wide, approximate=form), **layers["c_proj"])


def _norm(x: Tensor, layer: dict[str, Any]) -> Tensor:
    return _each(numpy_gpt.layer_norm, x, **layer)


def _heard(x: Tensor, layers: dict[str, Any]) -> Tensor:
    return _each(numpy_gpt.mha, x, **layers, n_head=tiny.hparams()["n_head"])


def _start(params: dict[str, Any]) -> Tensor:
    rows = params["wte"][IDS.numpy()] + params["wpe"][: IDS.shape[1]]
    return torch.from_numpy(rows)


def _scores(params: dict[str, Any], tanh: bool) -> Tensor:
    """What the library's GPT-2 says of the last position, (B, 1, V)."""
    stream = _start(params)
    for layers in params["blocks"]:
        stream = stream + _heard(_norm(stream, layers["ln_1"]), layers["attn"])
        stream = stream + _bent(_norm(stream, layers["ln_2"]), layers["mlp"], tanh)
    return _norm(stream, params["ln_f"])[:, -1:] @ torch.tensor(params["wte"]).T


def _near(found: Any, *rights: Tensor) -> bool:
    """Is this one of them, but for rounding?"""
    if not isinstance(found, Tensor):
        return False
    return any(
        found.shape == right.shape and found.allclose(right, rtol=1e-5, atol=NEAR)
        for right in rights
    )


def _find(item: str, told: str, params: dict[str, Any], taps: dict[str, Any], flash: bool) -> None:
    """Refuse the first part that is not what it should be."""
    stream = _start(params)
    for n, layers in enumerate(params["blocks"]):
        name, before = f"h.{n}", taps["order"]
        if not taps[name]:
            refuse(item, told, f"{name} of transformer used", "it is not", "smp_blocks_not_once")
        if "ln_f" in before[: before.index(name)]:
            refuse(item, told, "ln_f after the last block", f"before {name} has done its work",
                   "smp_whole_ln_f")  # fmt: skip
        _given(item, told, name, taps[name][0], stream, "smp_whole_blocks" if n else
               "smp_whole_embed")  # fmt: skip
        _inside(item, told, name, layers, taps, flash)
        stream = taps[name][0].out
    if len(taps["ln_f"]) > 1:
        times = f"{len(taps['ln_f'])} times"
        refuse(item, told, "ln_f used once, after the last block", times, "smp_whole_ln_f")
    for tap in taps["ln_f"]:
        _given(item, told, "ln_f", tap, stream, "smp_whole_blocks")
        _gives(item, told, "ln_f", tap, [_norm(stream, params["ln_f"])], "smp_whole_norm")


def _inside(item: str, told: str, name: str, layers: dict[str, Any], taps: dict[str, list[Tap]],
            flash: bool) -> None:  # fmt: skip
    """A block: its norms, its parts, its sums."""
    for end in ENDS:
        if not taps[f"{name}{end}"]:
            refuse(item, told, f"{name}{end} used", "it is not", "smp_whole_block")
    block, ln_1, attn, ln_2, mlp = (taps[f"{name}{end}"][0] for end in ("", *ENDS))
    heard, stream = _heard(attn.given, layers["attn"]), block.given
    way = "smp_whole_flash" if flash else "smp_whole_long_way"
    if _near(attn.out, heard + attn.given):
        way = "smp_out_adds_x"
    bent = [_bent(mlp.given, layers["mlp"], tanh) for tanh in (False, True)]
    for end, tap, given, rights, cause in (
        (".ln_1", ln_1, stream, [_norm(ln_1.given, layers["ln_1"])], "smp_whole_norm"),
        (".attn", attn, ln_1.out, [heard], way),
        (".ln_2", ln_2, stream + attn.out, [_norm(ln_2.given, layers["ln_2"])], "smp_whole_norm"),
        (".mlp", mlp, ln_2.out, bent, "smp_whole_mlp"),
    ):
        _given(item, told, f"{name}{end}", tap, given, "smp_whole_block")
        _gives(item, told, f"{name}{end}", tap, rights, cause)
    _gives(item, told, name, block, [stream + attn.out + mlp.out], "smp_whole_block")


def _given(item: str, told: str, name: str, tap: Tap, right: Tensor, cause: str) -> None:
    """Refuse a part that was given something else than what the parts before it make."""
    if not _near(tap.given, right):
        looked_at = f"{told}: what {name} is given"
        refuse(item, looked_at, "what comes before it", _apart(tap.given, right), cause)


def _gives(item: str, told: str, name: str, tap: Tap, rights: list[Tensor], cause: str) -> None:
    """Refuse a part that makes something else of what it was given."""
    if not _near(tap.out, *rights):
        looked_at = f"{told}: what {name} gives"
        refuse(
            item, looked_at, "what GPT-2's gives for the same", _apart(tap.out, rights[0]), cause
        )


def _apart(found: Tensor, right: Tensor) -> str:
    if found.shape != right.shape:
        return f"shape {tuple(found.shape)} for {tuple(right.shape)}"
    return f"other numbers, up to {float((found - right).abs().max()):.2g} apart"
