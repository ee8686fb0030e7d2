"""Hidden tests of lab10_gpt2_weights: for each item values, properties, structure.

The oracles are arithmetic, gptlab.gpt_layout and gptlab.numpy_gpt, on random weights in which no
gain is 1 and no bias is 0. What is made of parts is judged with the student's own; where it is not
right with these, a right one stands in for each that is wrong, so that a mistake costs once. The
models that are filled are gptlab's, made by the tests.
"""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pytest
import torch

from autograder import expect
from autograder.bridge import Student, StudentError
from autograder.hidden.modules import weights_of
from autograder.reply import a_number, argument, holds, made, pieces, same
from autograder.values import Handle
from gptlab import gpt_layout, numpy_gpt
from gptlab.checks import quiz
from gptlab.checks.core import CheckFailed

COVERS = ["gptlab.gpt_layout", "gpt_download"]

core = pytest.mark.core

Array = np.ndarray
State = dict[str, torch.Tensor]

# Two GPTs in which no two sizes are equal.
CFG = {
    "vocab_size": 23,
    "context_length": 9,
    "emb_dim": 12,
    "n_heads": 3,
    "n_layers": 2,
    "drop_rate": 0.0,
    "qkv_bias": True,
}
OTHER = CFG | {"vocab_size": 17, "context_length": 11, "emb_dim": 10, "n_heads": 5, "n_layers": 3}


# what goes in


def randn(*shape: int, scale: float = 1.0) -> Array:
    return (torch.randn(shape) * scale).numpy()


def layer(n_in: int, n_out: int) -> dict[str, Array]:
    return {"w": randn(n_in, n_out, scale=1.2 / n_in**0.5), "b": randn(n_out, scale=0.5)}


def norm(width: int) -> dict[str, Array]:
    return {"g": (torch.rand(width) + 0.4).numpy(), "b": randn(width, scale=0.5)}


def block(width: int) -> dict[str, dict]:
    """The weights of a block: no gain is 1, no bias is 0."""
    return {
        "attn": {"c_attn": layer(width, 3 * width), "c_proj": layer(width, width)},
        "ln_1": norm(width),
        "ln_2": norm(width),
        "mlp": {"c_fc": layer(width, 4 * width), "c_proj": layer(4 * width, width)},
    }


def params_for(cfg: Mapping[str, Any]) -> dict[str, Any]:
    """Weights for a GPT of these sizes, nested as nest() gives them."""
    width = cfg["emb_dim"]
    return {
        "blocks": [block(width) for _ in range(cfg["n_layers"])],
        "b": randn(width, scale=0.5),
        "g": (torch.rand(width) + 0.4).numpy(),
        "wpe": randn(cfg["context_length"], width, scale=0.7),
        "wte": randn(cfg["vocab_size"], width),
    }


def variables_of(params: Mapping[str, Any]) -> dict[str, Array]:
    """The same under OpenAI's names; a matrix of a layer is a convolution of width 1."""
    found = {f"model/{name}": params[name] for name in ("wte", "wpe")}
    for i, each in enumerate(params["blocks"]):
        parts = [each["ln_1"], each["ln_2"]]
        paths = [f"model/h{i}/ln_1", f"model/h{i}/ln_2"]
        for outer in ("attn", "mlp"):
            parts += each[outer].values()
            paths += [f"model/h{i}/{outer}/{inner}" for inner in each[outer]]
        for path, part in zip(paths, parts, strict=True):
            for kind, value in part.items():
                found[f"{path}/{kind}"] = value[None] if kind == "w" else value
    return found | {"model/ln_f/g": params["g"], "model/ln_f/b": params["b"]}


def tree_of(params: Mapping[str, Any]) -> dict[str, Any]:
    """The same as gptlab.numpy_gpt has it."""
    ln_f = {"g": params["g"], "b": params["b"]}
    return {name: params[name] for name in ("wte", "wpe", "blocks")} | {"ln_f": ln_f}


def right_state(params: Mapping[str, Any]) -> State:
    """What a GPTModel with these weights holds."""
    return gpt_layout.to_gpt(tree_of(params))


def right_block(weights: Mapping[str, Any]) -> State:
    """What a TransformerBlock with these weights holds."""
    width = len(weights["ln_1"]["g"])
    around = params_for(CFG | {"emb_dim": width, "n_layers": 0}) | {"blocks": [weights]}
    first = "trf_blocks.0."
    return {
        name.removeprefix(first): value
        for name, value in right_state(around).items()
        if name.startswith(first)
    }


def right_thirds(c_attn: Mapping[str, Array]) -> list[tuple[Array, Array]]:
    """Query, key and value: weight (n_out, n_in) and bias."""
    width = len(c_attn["w"])
    thirds = [slice(n * width, (n + 1) * width) for n in range(3)]
    return [(c_attn["w"][:, third].T, c_attn["b"][third]) for third in thirds]


# Arrays as a notebook may hold them. What crossed the bridge is copied; here it lies in memory in
# another order, or may not be written to.
LAID_OUT = """
import numpy as np

def laid_out(value, how):
    if isinstance(value, dict):
        return {key: laid_out(item, how) for key, item in value.items()}
    if isinstance(value, list):
        return [laid_out(item, how) for item in value]
    if how == "gaps":
        return np.repeat(value, 2, axis=-1)[..., ::2]
    other = np.array(value, order="F" if how == "columns" else "C")
    other.setflags(write=how != "read only")
    return other
"""
WAYS = ("gaps", "columns", "read only")

# A GPT, or a block of one; the library's own, whatever the notebook calls by these names.
A_MODEL = """
from gptlab.gpt import GPTModel

GPTModel(cfg)
"""
A_BLOCK = """
from gptlab.gpt import TransformerBlock

TransformerBlock(cfg)
"""


def a_model(student: Student, cfg: Mapping[str, Any]) -> Handle:
    return made(student.run(A_MODEL, cfg=dict(cfg)), "a GPTModel for the test")


def a_block(student: Student, cfg: Mapping[str, Any]) -> Handle:
    return made(student.run(A_BLOCK, cfg=dict(cfg)), "a TransformerBlock for the test")


# what should come out


def filled(student: Student, part: Handle, wanted: State, what: str, only: str = "") -> None:
    """A module holds these weights, and no others; `only`: those whose name has this in it."""
    found = weights_of(student, part)
    expect.equal(sorted(found), sorted(wanted), looked_at=f"the names of the weights of {what}")
    for name, value in wanted.items():
        if only in name:
            expect.tensor(
                found[name],
                shape=tuple(value.shape),
                dtype=torch.float32,
                looked_at=f"{name} of {what}",
            )
            expect.close(found[name], value, looked_at=f"{name} of {what}", tol=1e-6)


LEARNS = "{name: p.requires_grad for name, p in part.named_parameters()}"


def still_parameters(student: Student, part: Handle, wanted: State, what: str) -> None:
    """Every weight is a parameter of its own, under its old name, that could learn."""
    found = student.run(LEARNS, part=part)
    expect.equal(
        found, dict.fromkeys(wanted, True), looked_at=f"the parameters of {what}, which may learn"
    )


# the parts of what is made of parts

STAND_INS = {
    "assign": """
import torch

def assign(left, right):
    made = torch.empty_like(left, dtype=torch.float32)
    if made.shape != right.shape:
        raise ValueError(f"{tuple(made.shape)} is not {tuple(right.shape)}")
    made.copy_(torch.tensor(right) if hasattr(right, "ctypes") else right)
    return torch.nn.Parameter(made.detach())
""",
    "split_qkv": """
def split_qkv(c_attn):
    width = len(c_attn["w"])
    w, b = c_attn["w"].T.reshape(3, width, width), c_attn["b"].reshape(3, width)
    return list(zip(w, b))
""",
    "load_block": """
import torch

def load_block(block, weights):
    attn, mlp = weights["attn"], weights["mlp"]
    own = dict(zip(("att.W_query", "att.W_key", "att.W_value"), split_qkv(attn["c_attn"])))
    for name, one in (
        ("att.out_proj", attn["c_proj"]),
        ("ff.layers.0", mlp["c_fc"]),
        ("ff.layers.2", mlp["c_proj"]),
    ):
        own[name] = one["w"].T, one["b"]
    for name, (weight, bias) in own.items():
        linear = block.get_submodule(name)
        linear.weight, linear.bias = assign(linear.weight, weight), assign(linear.bias, bias)
    for name, one in (("norm1", weights["ln_1"]), ("norm2", weights["ln_2"])):
        there = block.get_submodule(name)
        there.scale, there.shift = assign(there.scale, one["g"]), assign(there.shift, one["b"])
""",
    "largest_difference": """
import numpy as np

def largest_difference(ours, theirs):
    ours, theirs = np.array(ours, np.float64), np.array(theirs, np.float64)
    if ours.shape != theirs.shape:
        raise ValueError(f"{ours.shape} is not {theirs.shape}")
    return float(np.max(np.abs(ours - theirs)))
""",
}
BELOW = {  # in the order in which they are mended, the innermost first
    "load_block": ("assign", "split_qkv"),
    "load_weights_into_gpt": ("assign", "split_qkv", "load_block"),
    "first_difference": ("largest_difference",),
}

# Each gives facts that say whether the notebook's function is right; it may raise.
TRIED = {
    "assign": """
import numpy as np
import torch

def refused(*shapes):
    left, right = torch.nn.Parameter(torch.zeros(shapes[0])), np.zeros(shapes[1], np.float32)
    try:
        assign(left, right)
    except Exception:
        return True
    return False

def kept(right):
    left = torch.nn.Parameter(torch.zeros(right.shape))
    given = right + 0
    new = assign(left, given)
    once = new.detach() + 0
    given += 1
    fits = isinstance(new, torch.nn.Parameter) and new.requires_grad and bool((new == once).all())
    return fits, once

rights = [one.T, one.T.astype(np.float64), one[0], torch.tensor(one)]
rights += [torch.nn.Parameter(torch.tensor(one))]
unlike = [((2, 3), (3, 2)), ((4,), (1,)), ((2, 3), (4, 3)), ((2, 3), (2, 4)), ((3,), (2, 3))]
[kept(right) for right in rights], [refused(*shapes) for shapes in unlike]
""",
    "split_qkv": """
import numpy as np

given = {key: np.array(value) for key, value in c_attn.items()}
q, k, v = split_qkv(given)
[np.array(part) for pair in (q, k, v) for part in pair], given, [len(q), len(k), len(v)]
""",
    "load_block": """
import copy
import torch
from gptlab.gpt import TransformerBlock

block = TransformerBlock(cfg)
given = copy.deepcopy(weights)
load_block(block, given)
dict(block.state_dict()), {n: p.requires_grad for n, p in block.named_parameters()}, given
""",
    "load_weights_into_gpt": """
import copy
from gptlab.gpt import GPTModel

model = GPTModel(cfg)
load_weights_into_gpt(model, copy.deepcopy(params))
dict(model.state_dict())
""",
    "largest_difference": """
import numpy as np
import torch

pairs = [(one, one + by), (torch.tensor(one), torch.tensor(one - by)), (one, torch.tensor(one))]
pairs += [(0 * one, 0 * one + 3e-5)]
[largest_difference(ours, theirs) for ours, theirs in pairs]
""",
    "first_difference": """
def first(name, value):
    theirs = {key: one + 0 for key, one in ours.items()}
    theirs[name] = theirs[name] + value
    return first_difference(ours, theirs)

[first("a", 0), first("a", 1), first("c", -1), first_difference(ours, ours)]
""",
}


@lru_cache  # the same numbers for every answer: they decide what is mended, and no points
def facts(name: str) -> tuple[dict[str, Any], Any]:
    """What a function is tried with, and what the text above should give."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(len(name))
        if name == "assign":
            one = randn(2, 3)
            rights = [one.T, one.T, one[0], one, one]
            wanted = [(True, torch.tensor(right)) for right in rights], [True] * 5
            return {"one": one}, wanted
        if name == "split_qkv":
            c_attn = layer(3, 9)
            thirds = [np.array(part) for pair in right_thirds(c_attn) for part in pair]
            return {"c_attn": c_attn}, (thirds, c_attn, [2, 2, 2])
        if name == "load_block":
            cfg, weights = CFG | {"emb_dim": 6}, block(6)
            state = right_block(weights)
            wanted = state, dict.fromkeys(state, True), weights
            return {"cfg": cfg, "weights": weights}, wanted
        if name == "load_weights_into_gpt":
            params = params_for(CFG)
            return {"cfg": CFG, "params": params}, right_state(params)
        one = randn(3, 2)
        if name == "largest_difference":
            by = np.float32([[0, 0.25], [-0.5, 0], [0.125, 0]])
            return {"one": one, "by": by}, [0.5, 0.5, 0.0, 3e-5]
        return {"ours": {"c": one, "a": one[0]}}, [None, "a", "c", None]


def near(found: Any, wanted: Any) -> bool:
    """Whether a reply holds these facts: numbers to five places, names, lists, dicts."""
    if isinstance(wanted, tuple | list):
        alike = isinstance(found, tuple | list) and len(found) == len(wanted)
        return alike and all(map(near, found, wanted))
    if isinstance(wanted, dict):
        alike = isinstance(found, dict) and found.keys() == wanted.keys()
        return alike and all(near(found[key], wanted[key]) for key in wanted)
    if wanted is None or isinstance(wanted, bool | str):
        return same(found, wanted)
    try:
        expect.close(found, wanted, looked_at="")
    except CheckFailed:
        return False
    return True


def is_right(student: Student, name: str) -> bool:
    """Whether a function of the notebook does what it should."""
    given, wanted = facts(name)
    try:
        return near(student.run(TRIED[name], **given), wanted)
    except StudentError as error:
        if error.type in ("Timeout", "Gone"):
            raise
        return False


def judged(student: Student, name: str) -> None:
    """Before a test of a composite: what it is made of must not be what it fails for.

    Right parts are put in the place of wrong ones, the innermost first; but not where it is right
    with the student's own only, since two that are wrong may fit together.
    """
    wrong = [part for part in BELOW[name] if not is_right(student, part)]
    if not wrong:
        return
    fits = is_right(student, name)
    own: dict[str, Any] = {}
    for part in BELOW[name]:
        if not is_right(student, part):  # one that is right but for its parts stays
            with contextlib.suppress(StudentError):  # it may be missing
                own[part] = student.get(part)
            stand_in(student, part)
    if fits and not is_right(student, name):
        student.set(**own)


def stand_in(student: Student, *parts: str) -> None:
    """Put right functions in the place of these; they use the notebook's as they are now."""
    for part in parts:
        source = "\n".join([*(STAND_INS[below] for below in BELOW.get(part, ())), STAND_INS[part]])
        student.set(**{part: student.run(f"{source}\n{part}")})


# params


def nested_alike(found: Any, wanted: Any, at: str) -> None:
    """Dicts with these keys, lists of this length, arrays with these numbers."""
    if isinstance(wanted, dict):
        holds(isinstance(found, dict), at, "a dict", expect.kind_of(found))
        expect.equal(sorted(map(str, found)), sorted(wanted), looked_at=f"the keys of {at}")
        for key, value in wanted.items():
            nested_alike(found[key], value, f'{at}["{key}"]')
    elif isinstance(wanted, list):
        holds(isinstance(found, list | tuple), at, "a list", expect.kind_of(found))
        expect.equal(len(found), len(wanted), looked_at=f"how long {at} is")
        for place, value in enumerate(wanted):
            nested_alike(found[place], value, f"{at}[{place}]")
    else:
        expect.close(found, wanted, looked_at=at, tol=1e-6)


def check_nested(student: Student, params: Mapping[str, Any], names: Sequence[str] = ()) -> None:
    """nest() of the variables in the order of these names gives the params."""
    variables = variables_of(params)
    given = {name: variables[name] for name in names or variables}
    n_layers = len(params["blocks"])
    found = student.call("nest", given, n_layers)
    nested_alike(found, dict(params), f"nest(variables, {n_layers})")


@core
def test_params__every_array_in_its_place(student):
    for cfg in (CFG, OTHER):
        check_nested(student, params_for(cfg))


def test_params__more_than_ten_blocks(student):
    small = {"vocab_size": 5, "context_length": 3, "emb_dim": 2}
    for n_layers in (12, 1):
        check_nested(student, params_for(small | {"n_layers": n_layers}))


def test_params__the_order_of_the_names_does_not_matter(student):
    params = params_for({"vocab_size": 4, "context_length": 6, "emb_dim": 3, "n_layers": 11})
    names = sorted(variables_of(params))
    for order in (names, names[::-1], [names[i] for i in torch.randperm(len(names)).tolist()]):
        check_nested(student, params, order)


def test_params__axes_of_length_1_are_gone(student):
    params = params_for(OTHER)
    found = student.call("nest", variables_of(params), len(params["blocks"]))
    blocks = found.get("blocks") if isinstance(found, dict) else None
    holds(
        isinstance(blocks, list | tuple) and all(isinstance(each, dict) for each in blocks),
        'nest(variables, 3)["blocks"]',
        "a list of dicts",
        expect.kind_of(blocks),
    )
    for outer, inner, shape in (
        ("attn", "c_attn", (10, 30)),
        ("attn", "c_proj", (10, 10)),
        ("mlp", "c_fc", (10, 40)),
        ("mlp", "c_proj", (40, 10)),
    ):
        for place, each in enumerate(blocks):
            part = each.get(outer) if isinstance(each, dict) else None
            part = part.get(inner) if isinstance(part, dict) else None
            value = part.get("w") if isinstance(part, dict) else None
            expect.equal(
                value.shape if isinstance(value, np.ndarray) else expect.kind_of(value),
                shape,
                looked_at=f'the shape of blocks[{place}]["{outer}"]["{inner}"]["w"]',
            )


def test_params__the_numbers_keep_their_type(student):
    source = "params = nest(v, 2)\n[str(a.dtype) for a in (params['wte'], params['b'], "
    source += "params['blocks'][1]['attn']['c_attn']['w'])]"
    found = student.run(source, v=variables_of(params_for(CFG)))
    expect.equal(found, ["float32"] * 3, looked_at="the dtype of wte, b and c_attn's w")


def test_params__the_last_norm_stands_at_the_top(student):
    params = params_for(CFG)
    found = student.call("nest", variables_of(params), 2)
    holds(isinstance(found, dict), "nest(variables, 2)", "a dict", expect.kind_of(found))
    expect.equal(sorted(map(str, found)), sorted(params), looked_at="its keys")
    for name in ("g", "b", "wte", "wpe"):
        expect.close(found[name], params[name], looked_at=f'params["{name}"]', tol=1e-6)


def test_params__each_block_is_a_dict_of_its_own(student):
    variables = variables_of(params_for(OTHER))
    found = student.run("len({id(each) for each in nest(v, 3)['blocks']})", v=variables)
    expect.equal(found, 3, looked_at="how many dicts the three blocks are")


def test_params__what_it_is_given_stays(student):
    params = params_for(CFG)
    variables = variables_of(params)
    found = student.call("nest", variables, 2)
    after = argument(student, 0)
    nested_alike(after, variables, "variables, afterwards")
    nested_alike(found, params, "nest(variables, 2)")


TWICE = """
first = nest(one, 2)
second = nest(other, 3)
[first, second]
"""


def test_params__two_checkpoints_one_after_the_other(student):
    one, other = params_for(CFG), params_for(OTHER)
    found = student.run(TWICE, one=variables_of(one), other=variables_of(other))
    first, second = pieces(found, 2, "two checkpoints, one after the other")
    nested_alike(first, one, "the first of two checkpoints")
    nested_alike(second, other, "the second of two checkpoints")


def test_params__arrays_in_any_order_in_memory(student):
    params = params_for(CFG)
    for how in WAYS:
        source = f"{LAID_OUT}\nnest(laid_out(variables, how), 2)"
        found = student.run(source, variables=variables_of(params), how=how)
        nested_alike(found, params, f"nest of arrays that are {how}, 2 blocks:")


# config

SETTINGS = (
    {"n_vocab": 23, "n_ctx": 9, "n_embd": 12, "n_head": 3, "n_layer": 2},
    {"n_vocab": 17, "n_ctx": 11, "n_embd": 10, "n_head": 5, "n_layer": 3},
    {"n_vocab": 50257, "n_ctx": 1024, "n_embd": 1600, "n_head": 25, "n_layer": 48},
)


def config_for(settings: Mapping[str, int]) -> dict[str, Any]:
    names = ("n_vocab", "n_ctx", "n_embd", "n_head", "n_layer")
    sizes = dict(zip(list(CFG)[:5], (settings[name] for name in names), strict=True))
    return sizes | {"drop_rate": 0.0, "qkv_bias": True}


@core
def test_config__of_several_settings(student):
    for settings in SETTINGS:
        expect.equal(
            student.call("config_of", settings),
            config_for(settings),
            looked_at=f"config_of({settings})",
        )


SHAPES = "{name: tuple(value.shape) for name, value in model.state_dict().items()}"


def test_config__a_model_can_be_made_of_it(student):
    for settings in SETTINGS[:2]:
        given = student.call("config_of", settings)
        holds(isinstance(given, dict), "config_of(settings)", "a dict", expect.kind_of(given))
        found = student.run(SHAPES, model=a_model(student, given))
        shapes = found if isinstance(found, dict) else {}
        wanted = right_state(params_for(config_for(settings)))
        expect.equal(
            [name for name in wanted if not same(shapes.get(name), tuple(wanted[name].shape))],
            [],
            looked_at=f"weights of a GPTModel for {settings} that are missing or of another shape",
        )


NOT_RANDOM = """
import torch
from gptlab.gpt import GPTModel

model, idx = GPTModel(config_of(settings)), torch.tensor([[3, 1, 4, 1, 5]])
first, second = (model(idx).detach() for _ in range(2))
[list(first.shape), bool((first == second).all())]
"""


def test_config__nothing_is_dropped(student):
    found = student.run(NOT_RANDOM, settings=SETTINGS[0])
    shape, alike = pieces(found, 2, "two times the scores for idx (1, 5)")
    expect.equal(shape, [1, 5, 23], looked_at="the shape of the scores for idx (1, 5)")
    expect.equal(alike, True, looked_at="whether the same ids give the same scores twice")


def test_config__whatever_the_order_of_settings(student):
    settings = SETTINGS[1]
    for order in (sorted(settings), sorted(settings)[::-1]):
        given = {name: settings[name] for name in order}
        expect.equal(
            student.call("config_of", given), config_for(settings), looked_at=f"config_of({given})"
        )
        expect.equal(argument(student, 0), given, looked_at="settings afterwards")


def test_config__two_of_them_are_two(student):
    source = "first = config_of(one)\nsecond = config_of(other)\n[first, second]"
    found = student.run(source, one=SETTINGS[0], other=SETTINGS[1])
    first, second = pieces(found, 2, "two configurations")
    expect.equal(first, config_for(SETTINGS[0]), looked_at="the first of two configurations")
    expect.equal(second, config_for(SETTINGS[1]), looked_at="the second of two configurations")


# assign

ASSIGNED = """
import torch

assign(torch.nn.Parameter(torch.full(shape, 7.0)), right)
"""


def assigned(student: Student, shape: tuple[int, ...], right: Array | torch.Tensor) -> Any:
    """What assign gives for a parameter of this shape."""
    return student.run(ASSIGNED, shape=shape, right=right)


@core
def test_assign__the_numbers_of_right(student):
    for shape in ((3, 5), (4,), (6, 2), (4, 4)):
        for right in (randn(*shape), torch.randn(shape)):
            found = assigned(student, shape, right)
            kind = type(right).__name__
            looked_at = f"assign(left, right), both {shape}, right a {kind}"
            expect.tensor(found, shape=shape, looked_at=looked_at)
            expect.close(found, torch.as_tensor(right), looked_at=looked_at, tol=1e-6)


PARAMETERS = """
import torch

left = torch.nn.Parameter(torch.full(tuple(right.shape), 7.0))
given = torch.nn.Parameter(right.clone())
new = assign(left, given)
with torch.no_grad():
    given.add_(1)
[isinstance(new, torch.nn.Parameter) and new.is_leaf, new.detach().clone()]
"""


def test_assign__another_parameter(student):
    for shape in ((3, 4), (5,)):
        right = torch.randn(shape)
        kind, new = pieces(student.run(PARAMETERS, right=right), 2, "what assign gives")
        looked_at = f"assign(left, right), both {shape}, right a parameter"
        expect.equal(kind, True, looked_at=f"{looked_at}: whether it is one of its own")
        expect.close(new, right, looked_at=looked_at, tol=1e-6)


NEW = """
import torch

left = torch.nn.Parameter(torch.full(tuple(right.shape), 7.0))
new = assign(left, right)
kind = isinstance(new, torch.nn.Parameter)
fresh = new is not left and left.data_ptr() != new.data_ptr()
[kind, kind and new.is_leaf and new.requires_grad, fresh, left.detach(), new]
"""


def test_assign__a_new_parameter(student):
    for right in (randn(3, 4), torch.randn(5)):
        found = student.run(NEW, right=right)
        kind, learns, fresh, left, new = pieces(found, 5, "what assign gives")
        expect.equal(kind, True, looked_at="whether it is an nn.Parameter")
        expect.equal(learns, True, looked_at="whether it could learn")
        expect.equal(fresh, True, looked_at="whether it is a new one, and not left")
        expect.close(left, torch.full(tuple(right.shape), 7.0), looked_at="left afterwards")
        expect.close(new, torch.as_tensor(right), looked_at="the new parameter", tol=1e-6)


def test_assign__float32(student):
    for right in (randn(2, 3).astype(np.float64), randn(4), torch.randn(3).double()):
        looked_at = f"assign(left, right), right {right.dtype}"
        found = assigned(student, tuple(right.shape), right)
        expect.tensor(found, shape=tuple(right.shape), dtype=torch.float32, looked_at=looked_at)
        expect.close(found, torch.as_tensor(right), looked_at=looked_at, tol=1e-6)


def test_assign__shapes_that_differ_are_an_error(student):
    pairs = (
        ((3, 4), (4, 3)),
        ((5, 2), (2, 5)),
        ((6,), (1,)),
        ((4, 3), (12,)),
        ((3,), (2, 3)),
        ((3,), (1, 3)),
        ((2, 5), (5,)),
        ((4, 3), (4, 2)),
    )
    for left, right in pairs:
        for given in (randn(*right), torch.randn(right)):
            looked_at = f"assign of left {left} and right {right}, a {type(given).__name__}"
            raised, said = "", ""
            try:
                assigned(student, left, given)
            except StudentError as error:
                raised, said = error.type, error.message
            expect.equal(raised or "no error", "ValueError", looked_at=looked_at)
            numbers = [int(number) for number in re.findall(r"\d+", said)]
            holds(
                within(left, numbers) and within(right, numbers),
                f"the error of {looked_at}",
                "both shapes",
                said[:90] or "no message",
            )


def within(shape: Sequence[int], numbers: Sequence[int]) -> bool:
    """Whether the numbers of a shape stand side by side in a text."""
    size = len(shape)
    return list(shape) in [list(numbers[i : i + size]) for i in range(len(numbers))]


OWN = """
import numpy as np
import torch

given = right.clone() if isinstance(right, torch.Tensor) else np.array(right)
new = assign(torch.nn.Parameter(torch.zeros(right.shape)), given)
once = new.detach().clone()
given += 1
apart = bool((new.detach() == once).all())
before = given + 0
with torch.no_grad():
    new.mul_(0)
[apart, bool((given == before).all()), once]
"""


def test_assign__memory_of_its_own(student):
    for right in (randn(3, 4), torch.randn(2, 5), randn(6)):
        apart, other_way, new = pieces(student.run(OWN, right=right), 3, "what assign gives")
        kind = f"right a {type(right).__name__}"
        expect.close(new, torch.as_tensor(right), looked_at=f"assign(left, right), {kind}")
        expect.equal(apart, True, looked_at=f"whether it stays when right changes, {kind}")
        expect.equal(other_way, True, looked_at=f"whether right stays when it changes, {kind}")


ELSEWHERE = """
import torch

left = torch.nn.Parameter(torch.empty(tuple(right.shape), device="meta"))
new = assign(left, right)
[new.device.type, list(new.shape)]
"""


def test_assign__on_the_device_of_left(student):
    for right in (randn(3, 2), torch.randn(4)):
        found = student.run(ELSEWHERE, right=right)
        device, shape = pieces(found, 2, "assign(left, right), left on the device meta")
        expect.equal(device, "meta", looked_at="the device of what assign gives, left on meta")
        expect.equal(shape, list(right.shape), looked_at="its shape")


TURNED = """
import torch

assign(torch.nn.Parameter(torch.zeros(2, 5)), right.T)
"""
ANY_MEMORY = """
left = torch.nn.Parameter(torch.zeros(right.shape))
assign(left, laid_out(right, how))
"""


def test_assign__arrays_in_any_order_in_memory(student):
    for how in WAYS:
        right = randn(3, 4)
        found = student.run(f"{LAID_OUT}\nimport torch\n{ANY_MEMORY}", right=right, how=how)
        expect.close(found, torch.tensor(right), looked_at=f"assign, right an array: {how}")
    right = torch.arange(10.0).view(5, 2)
    found = student.run(TURNED, right=right)
    expect.close(found, right.T.contiguous(), looked_at="assign, right a tensor that was turned")


# split_qkv


def split(student: Student, c_attn: Mapping[str, Array]) -> list[tuple[Array, Array]]:
    """Three pairs of arrays; tensors will do."""
    found = student.run("[*split_qkv(c_attn)]", c_attn=dict(c_attn))  # also what yields them
    return pairs_of(found, len(c_attn["w"]))


def pairs_of(found: Any, width: int) -> list[tuple[Array, Array]]:
    looked_at = f"split_qkv, c_attn {width} wide"
    pairs = []
    for name, pair in zip("qkv", pieces(found, 3, looked_at), strict=True):
        weight, bias = (as_array(part) for part in pieces(pair, 2, f"{looked_at}: {name}"))
        for part, shape, what in ((weight, (width,) * 2, "weight"), (bias, (width,), "bias")):
            fits = isinstance(part, np.ndarray) and part.dtype.kind == "f" and part.shape == shape
            holds(
                fits,
                f"{looked_at}: the {what} of {name}",
                f"an array of shape {shape}",
                expect.kind_of(part),
            )
        pairs.append((weight, bias))
    return pairs


def as_array(value: Any) -> Any:
    return value.numpy() if isinstance(value, torch.Tensor) else value


@core
def test_split_qkv__three_weights_and_three_biases(student):
    for width in (30, 4, 5):
        c_attn = layer(width, 3 * width)
        right = right_thirds(c_attn)
        for name, found, wanted in zip("qkv", split(student, c_attn), right, strict=True):
            for what, part, value in zip(("weight", "bias"), found, wanted, strict=True):
                looked_at = f"the {what} of {name}, c_attn {width} wide"
                expect.close(part, value, looked_at=looked_at, tol=1e-6)


def test_split_qkv__in_a_linear_layer_they_do_what_c_attn_does(student):
    for width, T in ((6, 4), (3, 7)):
        c_attn, x = layer(width, 3 * width), torch.randn(T, width)
        whole = x @ torch.tensor(c_attn["w"]) + torch.tensor(c_attn["b"])
        for n, (weight, bias) in enumerate(split(student, c_attn)):
            found = torch.nn.functional.linear(
                x, torch.tensor(weight).float(), torch.tensor(bias).float()
            )
            wanted = whole[:, n * width : (n + 1) * width].contiguous()
            expect.close(found, wanted, looked_at=f"x through a linear layer made of {'qkv'[n]}")


def test_split_qkv__each_third_alone(student):
    width = 5
    for n, name in enumerate("qkv"):
        c_attn = {"w": np.zeros((5, 15), np.float32), "b": np.zeros(15, np.float32)}
        c_attn["w"][1, n * width + 3] = 2.0
        c_attn["b"][n * width + 4] = 3.0
        found = split(student, c_attn)
        places = [
            [name, *map(int, place)]
            for name, (weight, _) in zip("qkv", found, strict=True)
            for place in np.argwhere(weight == 2.0)
        ]
        expect.equal(places, [[name, 3, 1]], looked_at=f"where w[1, {n * width + 3}] comes to lie")
        places = [
            [name, int(place)]
            for name, (_, bias) in zip("qkv", found, strict=True)
            for (place,) in np.argwhere(bias == 3.0)
        ]
        expect.equal(places, [[name, 4]], looked_at=f"where b[{n * width + 4}] comes to lie")


def test_split_qkv__what_it_is_given_stays(student):
    c_attn = layer(4, 12)
    split(student, c_attn)
    nested_alike(student.kwargs.get("c_attn"), c_attn, "c_attn, afterwards")


def test_split_qkv__arrays_in_any_order_in_memory(student):
    c_attn = layer(6, 18)
    for how in WAYS:
        source = f"{LAID_OUT}\n[*split_qkv(laid_out(c_attn, how))]"
        found = pairs_of(student.run(source, c_attn=c_attn, how=how), 6)
        for name, pair, wanted in zip("qkv", found, right_thirds(c_attn), strict=True):
            for part, value in zip(pair, wanted, strict=True):
                expect.close(part, value, looked_at=f"{name} of arrays that are {how}")


# load_block


def loaded_block(
    student: Student, cfg: Mapping[str, Any], weights: Mapping[str, Any]
) -> tuple[Handle, str]:
    """A block after load_block, and words for it."""
    part = a_block(student, cfg)
    student.call("load_block", part, dict(weights))
    return part, f"a block, emb_dim {cfg['emb_dim']}"


@core
def test_load_block__every_weight_in_its_place(student):
    judged(student, "load_block")
    for cfg in (CFG, OTHER):
        weights = block(cfg["emb_dim"])
        part, what = loaded_block(student, cfg, weights)
        filled(student, part, right_block(weights), what)


def test_load_block__its_output(student):
    judged(student, "load_block")
    for cfg, T in ((CFG, 5), (OTHER, 7)):
        weights, x = block(cfg["emb_dim"]), torch.randn(2, T, cfg["emb_dim"])
        part, what = loaded_block(student, cfg, weights)
        found = student.call(part, x)
        wanted = [
            numpy_gpt.transformer_block(row.numpy(), **weights, n_head=cfg["n_heads"]) for row in x
        ]
        looked_at = f"the output of {what}, for x {tuple(x.shape)}: as numpy_gpt's block"
        expect.close(found, torch.tensor(np.stack(wanted)), looked_at=looked_at, tol=3e-5)


def test_load_block__the_square_matrix_is_turned_too(student):
    judged(student, "load_block")
    weights = block(10)
    part, what = loaded_block(student, OTHER, weights)
    filled(student, part, right_block(weights), what, only="out_proj")


def test_load_block__queries_keys_and_values(student):
    judged(student, "load_block")
    weights = block(12)
    part, what = loaded_block(student, CFG, weights)
    filled(student, part, right_block(weights), what, only="att.W_")


def test_load_block__the_feed_forward_layers(student):
    judged(student, "load_block")
    weights = block(12)
    part, what = loaded_block(student, CFG, weights)
    filled(student, part, right_block(weights), what, only="ff.")


def test_load_block__gains_and_biases_of_the_norms(student):
    judged(student, "load_block")
    weights = block(10)
    part, what = loaded_block(student, OTHER, weights)
    filled(student, part, right_block(weights), what, only="norm")


def test_load_block__its_parameters_stay_parameters(student):
    judged(student, "load_block")
    weights = block(12)
    part, what = loaded_block(student, CFG, weights)
    still_parameters(student, part, right_block(weights), what)


def test_load_block__the_second_time_counts(student):
    judged(student, "load_block")
    first, second = block(10), block(10)
    part, other = a_block(student, OTHER), a_block(student, OTHER)
    for at, weights in ((part, first), (other, first), (part, second)):
        student.call("load_block", at, weights)
    filled(student, part, right_block(second), "a block that was loaded twice")
    filled(student, other, right_block(first), "another block that was loaded once")


def test_load_block__what_it_is_given_stays(student):
    judged(student, "load_block")
    weights = block(12)
    part, what = loaded_block(student, CFG, weights)
    nested_alike(argument(student, 1), weights, "weights, afterwards")
    filled(student, part, right_block(weights), what)


OWN_BLOCK = """
import copy

def arrays(value):
    if isinstance(value, dict):
        return [one for item in value.values() for one in arrays(item)]
    return [value]

given = copy.deepcopy(weights)
load_block(block, given)
before = {name: value + 0 for name, value in block.state_dict().items()}
for one in arrays(given):
    one += 1
[name for name, value in block.state_dict().items() if not bool((value == before[name]).all())]
"""


def test_load_block__memory_of_its_own(student):
    judged(student, "load_block")
    found = student.run(OWN_BLOCK, block=a_block(student, CFG), weights=block(12))
    expect.equal(found, [], looked_at="the weights of the block that change when the arrays do")


def test_load_block__arrays_in_any_order_in_memory(student):
    judged(student, "load_block")
    for how in WAYS:
        weights, part = block(10), a_block(student, OTHER)
        source = f"{LAID_OUT}\nload_block(block, laid_out(weights, how))"
        student.run(source, block=part, weights=weights, how=how)
        filled(student, part, right_block(weights), f"a block loaded from arrays: {how}")


def raised_by(student: Student, name: str, *arguments: Any) -> str:
    """The type of the error, or nothing."""
    try:
        student.call(name, *arguments)
    except StudentError as error:
        return error.type
    return ""


LEFT_OUT = ("ln_2/b", "attn/c_proj/b", "mlp/c_fc/w", "ln_1/g", "mlp/c_proj/b", "attn/c_attn/b")


def test_load_block__what_is_missing_is_an_error(student):
    judged(student, "load_block")
    for path in LEFT_OUT:
        weights = block(12)
        *above, last = path.split("/")
        at = weights
        for key in above:
            at = at[key]
        del at[last]
        raised = raised_by(student, "load_block", a_block(student, CFG), weights)
        holds(bool(raised), f"load_block without {path}", "an error", "not a word")


def test_load_block__what_does_not_fit_is_an_error(student):
    judged(student, "load_block")
    small = block(12)
    for outer, value in (
        ("ln_1", {"g": np.ones(1, np.float32), "b": small["ln_1"]["b"]}),
        ("ln_2", norm(11)),
        ("mlp", {"c_fc": layer(12, 36), "c_proj": layer(36, 12)}),
        ("attn", {"c_attn": layer(9, 27), "c_proj": layer(9, 9)}),
    ):
        weights = small | {outer: value}
        raised = raised_by(student, "load_block", a_block(student, CFG), weights)
        holds(bool(raised), f"load_block with {outer} of other shapes", "an error", "not a word")


# load_weights_into_gpt


def loaded(
    student: Student, cfg: Mapping[str, Any], params: Mapping[str, Any]
) -> tuple[Handle, str]:
    """A GPTModel after load_weights_into_gpt, and words for it."""
    model = a_model(student, cfg)
    student.call("load_weights_into_gpt", model, dict(params))
    return model, f"a GPTModel of {cfg['n_layers']} blocks, emb_dim {cfg['emb_dim']}"


def scores_alike(
    student: Student,
    model: Handle,
    cfg: Mapping[str, Any],
    params: Mapping[str, Any],
    B: int,
    T: int,
) -> None:
    """The model's scores for some text are those of numpy_gpt with the same weights."""
    idx = torch.randint(cfg["vocab_size"], (B, T))
    found = student.call(model, idx)
    tree = tree_of(params)
    wanted = [numpy_gpt.gpt2(row, **tree, n_head=cfg["n_heads"]) for row in idx.tolist()]
    looked_at = f"the scores for idx {(B, T)}, {cfg['n_layers']} blocks: as numpy_gpt's"
    expect.close(found, torch.tensor(np.stack(wanted)), looked_at=looked_at, tol=1e-4)


@core
def test_load_weights_into_gpt__every_weight_in_its_place(student):
    judged(student, "load_weights_into_gpt")
    for cfg in (CFG, OTHER):
        params = params_for(cfg)
        model, what = loaded(student, cfg, params)
        filled(student, model, right_state(params), what)


@core
def test_load_weights_into_gpt__the_scores_of_numpy(student):
    judged(student, "load_weights_into_gpt")
    for cfg, B, T in ((CFG, 2, 5), (OTHER, 3, 7), (CFG | {"n_heads": 4, "n_layers": 5}, 1, 9)):
        params = params_for(cfg)
        scores_alike(student, loaded(student, cfg, params)[0], cfg, params, B, T)


def test_load_weights_into_gpt__tokens_and_positions(student):
    judged(student, "load_weights_into_gpt")
    for cfg in (CFG | {"context_length": 23}, CFG):  # first with both tables of one shape
        params = params_for(cfg)
        model, what = loaded(student, cfg, params)
        filled(student, model, right_state(params), what, only="_emb")


def test_load_weights_into_gpt__each_block_its_own(student):
    judged(student, "load_weights_into_gpt")
    cfg = OTHER | {"n_layers": 4}
    params = params_for(cfg)
    model, what = loaded(student, cfg, params)
    filled(student, model, right_state(params), what, only="trf_blocks")
    turned = params | {"blocks": params["blocks"][::-1]}
    model, what = loaded(student, cfg, turned)
    filled(student, model, right_state(turned), f"{what}, in reverse", only="trf_blocks")


def test_load_weights_into_gpt__the_last_norm(student):
    judged(student, "load_weights_into_gpt")
    params = params_for(OTHER)
    model, what = loaded(student, OTHER, params)
    filled(student, model, right_state(params), what, only="final_norm")


HEADS = """
head, table = model.out_head.weight, model.tok_emb.weight
[head is table or head.data_ptr() == table.data_ptr(), head]
"""


def test_load_weights_into_gpt__the_head_is_a_copy_of_the_table(student):
    judged(student, "load_weights_into_gpt")
    params = params_for(CFG)
    model, _ = loaded(student, CFG, params)
    shared, head = pieces(student.run(HEADS, model=model), 2, "the head and the table")
    expect.close(head, torch.tensor(params["wte"]), looked_at="the weight of the head: wte")
    expect.equal(shared, False, looked_at="whether the head and the table are one memory")


def test_load_weights_into_gpt__its_parameters_stay_parameters(student):
    judged(student, "load_weights_into_gpt")
    params = params_for(CFG)
    model, what = loaded(student, CFG, params)
    still_parameters(student, model, right_state(params), what)


def test_load_weights_into_gpt__what_it_is_given_stays(student):
    judged(student, "load_weights_into_gpt")
    params = params_for(CFG)
    model, what = loaded(student, CFG, params)
    nested_alike(argument(student, 1), params, "params, afterwards")
    filled(student, model, right_state(params), what)


OWN_MODEL = """
import copy

given = copy.deepcopy(params)
load_weights_into_gpt(model, given)
before = {name: value + 0 for name, value in model.state_dict().items()}
for name in ("wte", "wpe", "g", "b"):
    given[name] += 1
[name for name, value in model.state_dict().items() if not bool((value == before[name]).all())]
"""


def test_load_weights_into_gpt__memory_of_its_own(student):
    judged(student, "load_weights_into_gpt")
    found = student.run(OWN_MODEL, model=a_model(student, CFG), params=params_for(CFG))
    expect.equal(found, [], looked_at="the weights of the model that change when the arrays do")


def test_load_weights_into_gpt__two_models_one_after_the_other(student):
    judged(student, "load_weights_into_gpt")
    one, other = params_for(CFG), params_for(CFG)
    first, what = loaded(student, CFG, one)
    second, _ = loaded(student, CFG, other)
    filled(student, first, right_state(one), f"the first of two, {what}")
    filled(student, second, right_state(other), f"the second of two, {what}")


def test_load_weights_into_gpt__tables_that_do_not_fit_are_an_error(student):
    judged(student, "load_weights_into_gpt")
    name = "load_weights_into_gpt"
    for changed in ({"vocab_size": 24}, {"context_length": 8}):
        params = params_for(CFG | changed)
        raised = raised_by(student, name, a_model(student, CFG), params)
        holds(bool(raised), f"a GPTModel, and weights with {changed}", "an error", "not a word")
    for missing in ("g", "b", "wpe"):
        params = {key: value for key, value in params_for(CFG).items() if key != missing}
        raised = raised_by(student, name, a_model(student, CFG), params)
        holds(bool(raised), f"params without {missing}", "an error", "not a word")


# tie

TIED = """
import torch
from gptlab.gpt import GPTModel

model = GPTModel(cfg)
if alike:
    with torch.no_grad():
        model.out_head.weight.copy_(model.tok_emb.weight)
table = model.tok_emb.weight.detach() + 0
before = model(idx).detach()
back = tie(model)
head = model.out_head.weight
one = head is model.tok_emb.weight
kind = isinstance(head, torch.nn.Parameter)
tables = [table, model.tok_emb.weight.detach() + 0, head.detach() + 0]
told = [back is model, type(back).__name__]
[told, one, kind, tables, before, model(idx).detach()]
"""


def tied(student: Student, cfg: Mapping[str, Any], alike: bool) -> list:
    """A look at a model before and after tie; `alike`: whether its head was the table's copy."""
    idx = torch.randint(cfg["vocab_size"], (2, 6))
    found = student.run(TIED, cfg=dict(cfg), idx=idx, alike=alike)
    return pieces(found, 6, "a model after tie(gpt)")


@core
def test_tie__the_head_is_the_table(student):
    for cfg in (CFG, OTHER):
        _, one, kind, _, _, _ = tied(student, cfg, alike=True)
        expect.equal(one, True, looked_at="whether out_head.weight is tok_emb.weight, after tie")
        expect.equal(kind, True, looked_at="whether it is an nn.Parameter")


@core
def test_tie__the_tables_numbers_stay(student):
    for alike in (True, False):
        _, _, _, tables, _, _ = tied(student, CFG, alike)
        before, table, head = pieces(tables, 3, "the tables")
        looked_at = f"after tie, of a head that was {'a copy of the table' if alike else 'random'}"
        expect.close(table, before, looked_at=f"tok_emb.weight {looked_at}", tol=1e-7)
        expect.close(head, before, looked_at=f"out_head.weight {looked_at}", tol=1e-7)


def test_tie__what_it_writes_does_not_change(student):
    for cfg in (CFG, OTHER):
        _, _, _, _, before, after = tied(student, cfg, alike=True)
        expect.tensor(before, shape=(2, 6, cfg["vocab_size"]), looked_at="the scores before tie")
        expect.close(after, before, looked_at="the scores after tie, as before", tol=1e-6)


def test_tie__gives_the_same_gpt_back(student):
    back, kind = pieces(tied(student, CFG, alike=True)[0], 2, "what tie(gpt) gives")
    wanted = "the gpt that came in"
    holds(back is True, "what tie(gpt) gives", wanted, f"another object: {kind}")


COUNTED = """
from gptlab.gpt import GPTModel

model = GPTModel(cfg)
before = sum(p.numel() for p in model.parameters())
tie(model)
[before - sum(p.numel() for p in model.parameters()), sorted(model.state_dict())]
"""


def test_tie__one_parameter_less_to_learn(student):
    for cfg in (CFG, OTHER):
        fewer, names = pieces(student.run(COUNTED, cfg=cfg), 2, "a model after tie(gpt)")
        size = cfg["vocab_size"] * cfg["emb_dim"]
        expect.equal(fewer, size, looked_at=f"how many numbers fewer, a table of {size}")
        wanted = sorted(right_state(params_for(cfg)))
        expect.equal(names, wanted, looked_at="the names of its weights")


STEP = """
import torch
from gptlab.gpt import GPTModel

model = tie(GPTModel(cfg))
before = model.tok_emb.weight.detach() + 0
torch.nn.functional.cross_entropy(model(idx).flatten(0, 1), idx.flatten()).backward()
slopes = model.tok_emb.weight.grad
torch.optim.SGD(model.parameters(), lr=1.0).step()
[slopes is not None and slopes + 0, before, model.tok_emb.weight, model.out_head.weight]
"""


def test_tie__both_learn_as_one(student):
    found = student.run(STEP, cfg=CFG, idx=torch.randint(23, (2, 6)))
    slopes, before, table, head = pieces(found, 4, "a step of training after tie(gpt)")
    expect.tensor(slopes, shape=(23, 12), looked_at="the slopes of the table")
    still = int((slopes == 0).all(1).sum())
    expect.equal(still, 0, looked_at="rows of the table without a slope: the head has one for all")
    expect.close(table, before - slopes, looked_at="the table after a step", tol=1e-5)
    expect.equal(head, table, looked_at="the head after a step: the table")


# largest_difference

Either = Array | torch.Tensor


def apart(student: Student, ours: Either, theirs: Either) -> float:
    """What largest_difference says, a float."""
    looked_at = f"largest_difference of two of shape {tuple(ours.shape)}"
    found = student.call("largest_difference", ours, theirs)
    holds(isinstance(found, float), looked_at, "a float", expect.kind_of(found))
    return float(found)


def check_apart(student: Student, ours: Either, theirs: Either, what: str) -> None:
    wanted = float((torch.as_tensor(ours).double() - torch.as_tensor(theirs).double()).abs().max())
    found = apart(student, ours, theirs)
    expect.close(found, wanted, looked_at=f"largest_difference of {what}")


@core
def test_largest_difference__of_tensors_and_arrays(student):
    for shape in ((5,), (3, 4), (2, 3, 5), (2, 2, 3, 4)):
        for _ in range(2):
            ours, theirs = torch.randn(shape), torch.randn(shape)
            check_apart(student, ours, theirs, f"two tensors {shape}")
            check_apart(student, ours.numpy(), theirs.numpy(), f"two arrays {shape}")


def test_largest_difference__a_tensor_and_an_array(student):
    ours, theirs = torch.randn(3, 4), torch.randn(3, 4)
    check_apart(student, ours, theirs.numpy(), "a tensor and an array (3, 4)")
    check_apart(student, ours.numpy(), theirs, "an array and a tensor (3, 4)")


def test_largest_difference__above_or_below(student):
    ours = torch.randn(4, 5)
    for by in (2.5, -2.5):
        theirs = ours.clone()
        theirs[2, 3] += by
        expect.close(
            apart(student, ours, theirs), 2.5, looked_at=f"one number of 20 is off by {by}"
        )
        expect.close(
            apart(student, theirs, ours), 2.5, looked_at="the same, ours and theirs exchanged"
        )


def test_largest_difference__one_number_of_many(student):
    ours = randn(30, 40)
    for place in ((0, 0), (29, 39), (11, 7)):
        theirs = ours.copy()
        theirs[place] -= 0.75
        found = apart(student, ours, theirs)
        expect.close(found, 0.75, looked_at=f"1 of 1200 numbers, at {place}, is off by 0.75")


def test_largest_difference__none(student):
    for ours in (torch.randn(3, 4) * 100, randn(7)):
        other = ours.clone() if isinstance(ours, torch.Tensor) else ours.copy()
        expect.equal(apart(student, ours, other), 0.0, looked_at="of equal numbers")
    small = torch.zeros(4)
    expect.close(
        apart(student, small, small + 1e-6) * 1e6, 1.0, looked_at="of numbers 1e-6 apart", tol=1e-3
    )


def test_largest_difference__shapes_that_differ_are_an_error(student):
    pairs = (((3, 4), (4, 3)), ((2, 3), (3,)), ((5,), (1, 5)), ((2, 3), (2, 1)))
    for left, right in (*pairs, ((6,), (2, 3)), ((4,), (1,)), ((1, 7), (4, 7))):
        looked_at = f"largest_difference of {left} and {right}"
        for make in (torch.randn, lambda shape: randn(*shape)):
            raised, said = "", ""
            try:
                student.call("largest_difference", make(left), make(right))
            except StudentError as error:
                raised, said = error.type, error.message
            expect.equal(raised or "no error", "ValueError", looked_at=looked_at)
            numbers = [int(number) for number in re.findall(r"\d+", said)]
            holds(
                within(left, numbers) and within(right, numbers),
                f"the error of {looked_at}",
                "both shapes",
                said[:90] or "no message",
            )


def test_largest_difference__what_it_is_given_stays(student):
    ours, theirs = torch.randn(3, 4), torch.randn(3, 4)
    for a, b in ((ours, theirs), (ours.numpy(), theirs.numpy())):
        apart(student, a, b)
        expect.equal(argument(student, 0), a, looked_at="ours, afterwards")
        expect.equal(argument(student, 1), b, looked_at="theirs, afterwards")


def test_largest_difference__any_order_in_memory(student):
    ours, theirs = torch.randn(3, 4), torch.randn(4, 3)
    wanted = float((ours - theirs.T).abs().max())
    for a, b in ((ours, theirs), (ours.numpy(), theirs.numpy())):
        found = student.run("largest_difference(a, b.T)", a=a, b=b)
        expect.close(a_number(found, "of a.T"), wanted, looked_at="ours (3, 4), theirs (4, 3).T")


def test_largest_difference__a_nan_does_not_hide(student):
    for place in (0, 2, 4):
        ours, theirs = torch.randn(5), torch.randn(5)
        ours[place] = math.nan
        for a, b in ((ours, theirs), (theirs.numpy(), ours.numpy())):
            found = apart(student, a, b)
            holds(
                not math.isfinite(found),
                f"largest_difference where number {place} of 5 is NaN",
                "no finite number",
                f"{found:.6g}",
            )


# first_difference

Outputs = dict[str, Either]
PARTS = ("tok_emb", "pos_emb", "block 0", "att", "block 1", "final_norm", "out_head")


def some_outputs(arrays: bool = False) -> Outputs:
    """What parts of a model gave, in the order of the forward pass."""
    shapes = ((2, 5, 6), (5, 6), (2, 5, 6), (2, 5, 4), (2, 5, 6), (2, 5, 6), (2, 5, 9))
    return {
        name: randn(*shape) if arrays else torch.randn(shape)
        for name, shape in zip(PARTS, shapes, strict=True)
    }


def off_by(outputs: Outputs, wrong: Mapping[str, float]) -> Outputs:
    """The same, with one number of each of these parts further off."""
    found = {}
    for name, value in outputs.items():
        other = value.clone() if isinstance(value, torch.Tensor) else value.copy()
        other[..., -1, 1] += wrong.get(name, 0.0)
        found[name] = other
    return found


def first(student: Student, ours: Outputs, theirs: Outputs, **knobs: float) -> Any:
    return student.call("first_difference", ours, theirs, **knobs)


@core
def test_first_difference__where_it_begins(student):
    judged(student, "first_difference")
    for arrays in (False, True):
        ours = some_outputs(arrays)
        for place, name in enumerate(PARTS):
            theirs = off_by(ours, dict.fromkeys(PARTS[place:], 0.5))
            looked_at = f"outputs that differ from {name} on"
            expect.equal(first(student, ours, theirs), name, looked_at=looked_at)


@core
def test_first_difference__none_where_nothing_differs(student):
    judged(student, "first_difference")
    for arrays in (False, True):
        ours = some_outputs(arrays)
        found = first(student, ours, off_by(ours, {}))
        expect.equal(found, None, looked_at="outputs that are all alike")


def test_first_difference__the_first_is_not_the_worst(student):
    judged(student, "first_difference")
    ours = some_outputs()
    theirs = off_by(ours, {"att": 0.01, "block 1": 3.0, "out_head": -50.0})
    expect.equal(first(student, ours, theirs), "att", looked_at="parts ever further off, from att")
    theirs = off_by(ours, {"block 0": 0.5, "final_norm": 0.01})
    expect.equal(first(student, ours, theirs), "block 0", looked_at="parts ever less far off")


def test_first_difference__a_part_alone(student):
    judged(student, "first_difference")
    ours = some_outputs()
    for name in ("pos_emb", "block 1", "out_head"):
        for by in (0.25, -0.25):
            theirs = off_by(ours, {name: by})
            looked_at = f"outputs where one number of {name} is off by {by}"
            expect.equal(first(student, ours, theirs), name, looked_at=looked_at)


def test_first_difference__in_the_order_of_ours(student):
    judged(student, "first_difference")
    ours = some_outputs()
    for order in (sorted(PARTS), sorted(PARTS)[::-1], PARTS[::-1]):
        theirs = off_by(ours, {"tok_emb": 0.5, "att": 0.5, "block 1": 0.5})
        shuffled = {name: theirs[name] for name in order}
        looked_at = f"theirs in the order {', '.join(order[:3])} …"
        expect.equal(first(student, ours, shuffled), "tok_emb", looked_at=looked_at)
    other_way = {name: ours[name] for name in ("block 1", "att", "tok_emb")}
    found = first(student, other_way, theirs)
    expect.equal(found, "block 1", looked_at="ours in the order block 1, att, tok_emb")


def test_first_difference__up_to_the_tolerance(student):
    judged(student, "first_difference")
    ours = {name: torch.zeros(2, 3) for name in ("a", "b", "c")}
    for by, tolerance, wanted in (
        (5e-5, None, None),
        (2e-4, None, "b"),
        (-0.3, 1.0, None),
        (0.5, 0.5, None),
        (0.5, 0.25, "b"),
        (0.0, 0.0, None),
        (1e-6, 0.0, "b"),
        (2e-4, 1e-3, None),
    ):
        theirs = off_by(ours, {"b": by})
        knobs = {} if tolerance is None else {"tolerance": tolerance}
        said = "the default" if tolerance is None else f"{tolerance:g}"
        looked_at = f"b is off by {by:g}, tolerance {said}"
        expect.equal(first(student, ours, theirs, **knobs), wanted, looked_at=looked_at)


def hides_a_nan(student: Student) -> bool:
    """Whether the notebook's largest_difference gives a finite number where there is a NaN."""
    for place in (0, 1):
        ours = torch.zeros(2)
        ours[place] = math.nan
        try:
            found = expect.number(student.call("largest_difference", ours, torch.zeros(2)))
        except StudentError:
            return True
        if found is None or math.isfinite(found):
            return True
    return False


def test_first_difference__a_nan_counts(student):
    judged(student, "first_difference")
    if hides_a_nan(student):
        stand_in(student, "largest_difference")
    for name, whose in (
        ("block 0", "theirs"),
        ("att", "ours"),
        ("out_head", "theirs"),
        ("block 1", "both"),
    ):
        ours = some_outputs()
        theirs = off_by(ours, {})
        if whose != "theirs":
            ours[name][..., 0, 0] = math.nan
        if whose != "ours":
            theirs[name][..., 0, 0] = math.nan
        looked_at = f"a NaN in {name} of {whose}"
        expect.equal(first(student, ours, theirs), name, looked_at=looked_at)


def test_first_difference__a_part_that_theirs_lacks(student):
    judged(student, "first_difference")
    ours = some_outputs()
    for name in ("tok_emb", "att", "out_head"):
        theirs = {key: value for key, value in off_by(ours, {}).items() if key != name}
        raised = raised_by(student, "first_difference", ours, theirs)
        looked_at = f"theirs has no {name}, and all others are alike"
        expect.equal(raised or "no error", "KeyError", looked_at=looked_at)
    more = off_by(ours, {"out_head": 1.0}) | {"dropout": torch.randn(2, 3)}
    looked_at = "theirs has a part more"
    expect.equal(first(student, ours, more), "out_head", looked_at=looked_at)


def test_first_difference__what_it_is_given_stays(student):
    judged(student, "first_difference")
    ours = some_outputs()
    theirs = off_by(ours, {"final_norm": 0.5})
    found = first(student, ours, theirs)
    for place, (given, name) in enumerate(((ours, "ours"), (theirs, "theirs"))):
        after = argument(student, place)
        holds(
            isinstance(after, dict) and list(after) == list(given),
            f"the names in {name} afterwards",
            "as before",
            expect.kind_of(after),
        )
        expect.equal(after, given, looked_at=f"{name} afterwards")
    expect.equal(found, "final_norm", looked_at="outputs that differ in final_norm")


# culprits

CULPRITS = {"one": "h", "two": "a", "three": "c", "four": "f"}


def accused(student: Student) -> dict[str, str | None]:
    """The letter that is named for each loader."""
    found = student.get("culprits")
    holds(isinstance(found, dict), "culprits", "a dict of four letters", expect.kind_of(found))
    return {name: quiz.letter_of(found.get(name)) for name in CULPRITS}


def is_named(student: Student, loader: str) -> None:
    found = accused(student)[loader]
    holds(
        found == CULPRITS[loader],
        f'culprits["{loader}"]',
        "the letter of what this loader did wrong",
        str(found),
    )


@core
def test_culprits__three_of_the_four(student):
    found = accused(student)
    right = [name for name in CULPRITS if found[name] == CULPRITS[name]]
    holds(len(right) >= 3, "culprits", "three of the four or all", f"right: {right}")


def test_culprits__one(student):
    is_named(student, "one")


def test_culprits__two(student):
    is_named(student, "two")


def test_culprits__three(student):
    is_named(student, "three")


def test_culprits__four(student):
    is_named(student, "four")
