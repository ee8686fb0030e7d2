"""The check of lab07 on all of it: the student's own parts, with weights given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from io import StringIO
from typing import Any

import torch
from torch import Tensor, nn

from gptlab.checks import lab07_block, lab07_model, lab07_norm, lab07_parts
from gptlab.checks.causes import CAUSES
from gptlab.checks.core import (
    CheckFailed,
    NotAttempted,
    call,
    equal,
    kind,
    must_be_callable,
    namespace,
    passed,
)
from gptlab.checks.lab07_parts import refuse
from gptlab.checks.lab07_stand_ins import settings

# Two blocks whose parts give constants, whatever they read.
WHOLE = settings(context_length=3, emb_dim=4, n_heads=2, n_layers=2, drop_rate=0.5, qkv_bias=True)
GIVEN = {
    "tok_emb.weight": [[1, 1, 1, 1], [0, 4, 4, 0], [2, 0, 0, 2]],
    "pos_emb.weight": [[0, 1, 1, 3], [0, 3, 3, -5], [1, 1, 1, 1]],
    "out_head.weight": [[1, 0, 0, 0], [0, 3, 0, 0], [0, 0, 0, 3]],
    "trf_blocks.0.att.out_proj.bias": [0, 1, 0, 0],
    "trf_blocks.0.ff.layers.2.bias": [0, 0, 1, 0],
    "trf_blocks.1.att.out_proj.bias": [0, 0, 0, 2],
    "trf_blocks.1.ff.layers.2.bias": [0, 0, 0, 3],
}
SCORES = [[-1.0, -1, 5], [-1, 3, -3]]  # after a, after ab
ERRORS = {
    "size mismatch": "whole_other_settings",
    "Error(s) in loading": "whole_names",
    "_IncompatibleKeys": "whole_returns_keys",
    "unexpected keyword": "whole_unpacked",
    "KeyError": "whole_arguments",
}


def state() -> dict[str, Tensor]:
    """The weights of the example: all of GPTModel's names."""
    shapes = {"tok_emb.weight": (3, 4), "pos_emb.weight": (3, 4), "out_head.weight": (3, 4)}
    norms = ["final_norm"]
    for block in ("trf_blocks.0.", "trf_blocks.1."):
        for name in ("att.W_query", "att.W_key", "att.W_value", "att.out_proj"):
            shapes |= {f"{block}{name}.weight": (4, 4), f"{block}{name}.bias": (4,)}
        for name, wide in (("ff.layers.0", (16, 4)), ("ff.layers.2", (4, 16))):
            shapes |= {f"{block}{name}.weight": wide, f"{block}{name}.bias": wide[:1]}
        norms += [f"{block}norm1", f"{block}norm2"]
    made = {name: torch.zeros(shape) for name, shape in shapes.items()}
    for norm in norms:
        made |= {f"{norm}.scale": torch.ones(4), f"{norm}.shift": torch.zeros(4)}
    return made | {name: torch.tensor(rows).float() for name, rows in GIVEN.items()}


def whole(answer: Callable[..., Any]) -> None:
    """The two blocks that were worked by hand, in the student's own parts."""
    item, looked_at = "whole", "a_model(cfg, state) with the two blocks of the example"
    must_be_callable(item, answer)
    given, cfg = state(), dict(WHOLE)
    with torch.random.fork_rng(devices=[]):
        try:
            found = call(item, answer, cfg, given, looked_at=looked_at, likely=ERRORS)
        except NotAttempted as empty:
            if "a_model" not in empty.where:  # a part of it was not written
                raise _at_fault(answer, empty) from None
            raise
        except CheckFailed as error:
            raise _at_fault(answer, error) from None
    _is_loaded(item, found, looked_at)
    equal(item, cfg, WHOLE, looked_at="cfg after the call", likely="whole_changes_settings")
    if list(given) != list(state()) or any(not given[n].equal(w) for n, w in state().items()):
        refuse(item, "state after the call", "as it was", "changed", "whole_changes_state")
    _is_ready(item, found, looked_at)
    looked_at = 'its scores for "ab", the example of two blocks'
    try:
        with torch.no_grad():
            scores = call(item, found, torch.tensor([[0, 1]]), looked_at=looked_at)
        equal(item, scores, torch.tensor([SCORES]), looked_at=looked_at)
    except CheckFailed as error:
        raise _at_fault(answer, error) from None
    _is_strict(item, answer)
    passed(item)


def _is_loaded(item: str, found: Any, looked_at: str) -> None:
    """A model that holds the weights of the example."""
    if not isinstance(found, nn.Module):
        kinds = {"_IncompatibleKeys": "whole_returns_keys", "OrderedDict": "whole_returns_state",
                 "dict": "whole_returns_state"}  # fmt: skip
        seen = "None: is a return missing?" if found is None else kind(found)
        refuse(item, looked_at, "a GPTModel", seen, kinds.get(type(found).__name__, ""))
    held = nn.Module.state_dict(found)
    if any(name not in held or not held[name].equal(value) for name, value in state().items()):
        where = f"{looked_at}: what it holds"
        refuse(item, where, "the weights of state", "other weights", "whole_not_loaded")


def _is_ready(item: str, found: nn.Module, looked_at: str) -> None:
    """Dropout is off: a model that is still training gives the same for fifty texts."""
    training = [part.training for part in found.modules()]
    if not any(training):
        return
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        many = call(item, found, torch.tensor([[0, 1]] * 50), looked_at=looked_at)
    if not isinstance(many, Tensor) or not many.allclose(many[:1], atol=1e-4):
        likely = "whole_not_eval" if all(training) else "whole_eval_in_part"
        refuse(item, f"{looked_at}: its mode", "evaluation", "training", likely)


def _is_strict(item: str, answer: Callable[..., Any]) -> None:
    """A state that does not fit is an error: one name is missing, or one is too many."""
    lacking = {name: value for name, value in state().items() if name != "final_norm.shift"}
    more = state() | {"trf_blocks.2.norm1.scale": torch.ones(4)}
    for given, what in ((lacking, "without final_norm.shift"), (more, "with a third block")):
        try:
            with torch.random.fork_rng(devices=[]):
                answer(dict(WHOLE), given)
        except Exception:  # the error that is asked for
            continue
        refuse(item, f"a_model with a state {what}", "an error", "a model, and not a word",
               "whole_not_strict")  # fmt: skip


def _at_fault(answer: Any, error: CheckFailed) -> CheckFailed:
    """The same error, with the first of the parts whose own check fails."""
    space: Mapping[str, Any] = namespace(answer)
    checks = {"LayerNorm": lab07_norm.layer_norm, "GELU": lab07_parts.gelu,
              "FeedForward": lab07_parts.feed_forward, "TransformerBlock": lab07_block.block,
              "GPTModel": lab07_model.gpt_model}  # fmt: skip
    for name, check in checks.items():
        try:
            with redirect_stdout(StringIO()):
                check(space.get(name))
        except CheckFailed as part:
            error.item, error.where = "whole", f"{name}: run check.{part.item}({name}) again"
            if error.likely in ("", CAUSES["whole_other_settings"]):
                error.likely = part.likely
            return error
    return error
