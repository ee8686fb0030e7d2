"""Hidden tests of lab05_numpy_gpt2: for each item values against an oracle, properties, structure.

The oracles are torch in float64 and gptlab.numpy_gpt. A function that is made of earlier ones is
judged with the student's own; where it is not right with these, a right one stands in for each that
is wrong, missing or changes what it is given: so a mistake costs once. The item `whole` alone runs
the student's parts as they are, and says which of them is at fault.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from autograder import expect
from autograder.bridge import Student, StudentError
from autograder.reply import holds, made, pieces, plain, same
from gptlab import numpy_gpt, tiny
from gptlab.checks.core import CheckFailed

COVERS = ["gptlab.numpy_gpt", "gptlab.torch_layouts"]

core = pytest.mark.core

Array = np.ndarray


# what goes in


def randn(*shape: int, scale: float = 1.0) -> Array:
    return (torch.randn(shape) * scale).numpy()


def layer(n_in: int, n_out: int) -> dict[str, Array]:
    return {"w": randn(n_in, n_out, scale=1.2 / n_in**0.5), "b": randn(n_out, scale=0.5)}


def norm(width: int) -> dict[str, Array]:
    return {"g": (torch.rand(width) + 0.4).numpy(), "b": randn(width, scale=0.5)}


def heads_of(width: int) -> dict[str, dict]:
    return {"c_attn": layer(width, 3 * width), "c_proj": layer(width, width)}


def thinker(width: int) -> dict[str, dict]:
    return {"c_fc": layer(width, 4 * width), "c_proj": layer(4 * width, width)}


def block(width: int) -> dict[str, dict]:
    """The weights of a block: no gain is 1, no bias is 0."""
    return {
        "mlp": thinker(width),
        "attn": heads_of(width),
        "ln_1": norm(width),
        "ln_2": norm(width),
    }


def model(vocab: int, context: int, width: int, n_layer: int) -> dict[str, Any]:
    return {
        "wte": randn(vocab, width),
        "wpe": randn(context, width, scale=0.7),
        "blocks": [block(width) for _ in range(n_layer)],
        "ln_f": norm(width),
    }


def flat(params: Mapping[str, Any]) -> dict[str, Array]:
    """The tree under Hugging Face's names."""
    found = {"wte.weight": params["wte"], "wpe.weight": params["wpe"]}

    def put(name: str, part: Mapping[str, Array]) -> None:
        found[f"{name}.weight"] = part["w"] if "w" in part else part["g"]
        found[f"{name}.bias"] = part["b"]

    for i, each in enumerate(params["blocks"]):
        for name in ("ln_1", "ln_2"):
            put(f"h.{i}.{name}", each[name])
        for name in ("attn", "mlp"):
            for inner, part in each[name].items():
                put(f"h.{i}.{name}.{inner}", part)
    put("ln_f", params["ln_f"])
    return found


def a_mask(T: int, S: int, closed: float = -1e10) -> Array:
    """Which keys a query may look at, at random; one of them always. It is not causal."""
    shut = torch.rand(T, S) < 0.45
    shut[torch.arange(T), torch.randint(S, (T,))] = False
    return torch.where(shut, closed, 0.0).float().numpy()


# what should come out, in float64


def t(value: Any) -> torch.Tensor:
    return torch.from_numpy(np.asarray(value, dtype=np.float64))


def right_gelu(x: Array) -> Array:
    return F.gelu(t(x), approximate="tanh").numpy()


def right_softmax(x: Array) -> Array:
    return t(x).softmax(dim=-1).numpy()


def right_norm(x: Array, g: Array, b: Array, eps: float = 1e-5) -> Array:
    return F.layer_norm(t(x), (len(g),), t(g), t(b), eps).numpy()


def right_linear(x: Array, w: Array, b: Array) -> Array:
    return F.linear(t(x), t(w).T, t(b)).numpy()


def right_attention(q: Array, k: Array, v: Array, mask: Array) -> Array:
    return F.scaled_dot_product_attention(*map(t, (q, k, v)), attn_mask=t(mask)).numpy()


def right_heads(x: Array, c_attn: Mapping, n_head: int) -> torch.Tensor:
    """q, k and v: (3, n_head, T, hs)"""
    T, C = x.shape
    qkv = t(right_linear(x, **c_attn)).view(T, 3, n_head, C // n_head)
    return qkv.permute(1, 2, 0, 3)


def right_mha(x: Array, c_attn: Mapping, c_proj: Mapping, n_head: int) -> Array:
    out = F.scaled_dot_product_attention(*right_heads(x, c_attn, n_head), is_causal=True)
    return right_linear(out.transpose(0, 1).reshape(x.shape).numpy(), **c_proj)


def right_thinker(x: Array, c_fc: Mapping, c_proj: Mapping) -> Array:
    return right_linear(right_gelu(right_linear(x, **c_fc)), **c_proj)


def right_block(
    x: Array, mlp: Mapping, attn: Mapping, ln_1: Mapping, ln_2: Mapping, n_head: int
) -> Array:
    x = x + right_mha(right_norm(x, **ln_1), **attn, n_head=n_head)
    return x + right_thinker(right_norm(x, **ln_2), **mlp)


def right_gpt2(
    inputs: list[int], wte: Array, wpe: Array, blocks: list, ln_f: Mapping, n_head: int
) -> Array:
    x = np.float64(wte)[inputs] + wpe[: len(inputs)]
    for each in blocks:
        x = right_block(x, **each, n_head=n_head)
    return right_norm(x, **ln_f) @ np.float64(wte).T


def right_cached(
    x: Array, c_attn: Mapping, c_proj: Mapping, n_head: int, past: Any = None
) -> tuple[Array, tuple]:
    q, k, v = right_heads(x, c_attn, n_head)
    if past is not None:
        k, v = (torch.cat([t(old), new], dim=1) for old, new in zip(past, (k, v), strict=True))
    T, S = len(x), k.shape[1]
    mask = torch.full((T, S), -torch.inf, dtype=torch.float64).triu(S - T + 1)
    out = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    out = right_linear(out.transpose(0, 1).reshape(x.shape).numpy(), **c_proj)
    return out, (k.numpy(), v.numpy())


# the parts: what each is tried with, what it should give, and a right one that may stand in

Tried = tuple[tuple, dict]  # positional arguments and those by name


def tries_softmax() -> list[Tried]:
    return [((randn(3, 5, scale=2),), {}), ((randn(2, 4, 4) * 1e4,), {})]


def tries_norm() -> list[Tried]:
    x = randn(4, 6) * np.float32([[1], [0.004], [30], [2]]) + randn(4, 1)
    return [((x,), norm(6))]


def tries_attention() -> list[Tried]:
    sizes = ((2, 4, 7, 3), (3, 5, 5, 4), (2, 3, 3, 3))
    return [
        ((randn(n, T, hs), randn(n, S, hs), randn(n, S, hs), a_mask(T, S)), {})
        for n, T, S, hs in sizes
    ]


def tries_mha() -> list[Tried]:
    loud = randn(4, 6) * np.float32([[1], [1], [1], [3e4]])
    return [((x,), {**heads_of(6), "n_head": n}) for x, n in ((randn(5, 6), 2), (loud, 3))]


def tries_cached() -> list[Tried]:
    past = (randn(2, 3, 3), randn(2, 3, 3))  # heads of 3: a root that was rounded shows
    return [
        ((randn(T, 6),), {**heads_of(6), "n_head": 2, "past": p})
        for T, p in ((4, None), (1, past), (5, past))
    ]


def tries_gpt2() -> list[Tried]:
    return [(([4, 1, 8, 8, 0],), {**model(9, 7, 6, 2), "n_head": 3})]


TRIES: dict[str, Callable[[], list[Tried]]] = {
    "gelu": lambda: [((randn(4, 5, scale=2),), {})],
    "softmax": tries_softmax,
    "layer_norm": tries_norm,
    "linear": lambda: [((randn(T, n),), layer(n, m)) for T, n, m in ((5, 4, 3), (4, 4, 4))],
    "attention": tries_attention,
    "mha": tries_mha,
    "feed_forward": lambda: [((randn(5, 3),), thinker(3))],
    "transformer_block": lambda: [((randn(5, 6),), {**block(6), "n_head": 3})],
    "gpt2": tries_gpt2,
    "gelu32": lambda: [((randn(4, 5, scale=2),), {})],
    "attention32": tries_attention,
    "causal_mask": lambda: [((3, 5), {}), ((4, 4), {})],
    "mha_cached": tries_cached,
}
ORACLES: dict[str, Callable] = {
    "gelu": right_gelu,
    "softmax": right_softmax,
    "layer_norm": right_norm,
    "linear": right_linear,
    "attention": right_attention,
    "mha": right_mha,
    "feed_forward": right_thinker,
    "transformer_block": right_block,
    "gpt2": right_gpt2,
    "gelu32": right_gelu,
    "attention32": right_attention,
    "mha_cached": right_cached,
}
STAND_INS = {
    "gelu": """
def gelu(x):
    with np.errstate(over="ignore"):
        return x / (1 + np.exp(-1.5957691216057308 * x * (1 + 0.044715 * x * x)))
""",
    "softmax": """
def softmax(x):
    shares = np.exp(x - np.max(x, -1)[..., None])
    return shares / np.sum(shares, -1)[..., None]
""",
    "layer_norm": """
def layer_norm(x, g, b, eps=1e-5):
    around = x - np.mean(x, -1)[..., None]
    return g * (around * (np.mean(around**2, -1)[..., None] + eps) ** -0.5) + b
""",
    "linear": """
def linear(x, w, b):
    return np.einsum("ti,io->to", x, w) + b
""",
    "attention": """
def attention(q, k, v, mask):
    scores = np.einsum("hti,hsi->hts", q, k) * float(q.shape[2]) ** -0.5
    return np.einsum("hts,hsi->hti", softmax(scores + mask), v)
""",
    "mha": """
def mha(x, c_attn, c_proj, n_head):
    future = np.triu(np.full((len(x), len(x)), -np.inf, np.float32), 1)
    q, k, v = (np.stack(np.split(part, n_head, 1)) for part in np.split(linear(x, **c_attn), 3, 1))
    return linear(np.concatenate(list(attention(q, k, v, future)), 1), **c_proj)
""",
    "feed_forward": """
def feed_forward(x, c_fc, c_proj):
    inside = gelu(linear(x, **c_fc))
    return linear(inside, **c_proj)
""",
    "transformer_block": """
def transformer_block(x, mlp, attn, ln_1, ln_2, n_head):
    talked = mha(layer_norm(x, **ln_1), **attn, n_head=n_head) + x
    return feed_forward(layer_norm(talked, **ln_2), **mlp) + talked
""",
    "gpt2": """
def gpt2(inputs, wte, wpe, blocks, ln_f, n_head):
    x = np.take(wte, inputs, 0) + np.take(wpe, np.arange(len(inputs)), 0)
    for weights in blocks:
        x = transformer_block(x, n_head=n_head, **weights)
    return np.einsum("tc,vc->tv", layer_norm(x, **ln_f), wte)
""",
    "attention32": """
def attention32(q, k, v, mask):
    return attention(q, k, v, mask)
""",
    "causal_mask": """
def causal_mask(T, S):
    return np.triu(np.full((T, S), -np.inf, np.float32), S - T + 1)
""",
}
BELOW = {  # in the order in which they are mended, the innermost first
    "attention": ("softmax",),
    "mha": ("softmax", "linear", "attention"),
    "feed_forward": ("gelu", "linear"),
    "transformer_block": (
        *("gelu", "softmax", "layer_norm", "linear", "attention", "mha", "feed_forward"),
    ),
    "attention32": ("softmax",),
    "mha_cached": ("softmax", "linear", "attention", "attention32", "causal_mask"),
}
BELOW["gpt2"] = (*BELOW["transformer_block"], "transformer_block")
BELOW["generate"] = (*BELOW["gpt2"], "gpt2")


def near(found: Any, wanted: Any, tol: float) -> bool:
    """Whether a reply holds these numbers; of several arrays, all of them."""
    if isinstance(wanted, tuple):
        alike = isinstance(found, list | tuple) and len(found) == len(wanted)
        return alike and all(near(a, b, tol) for a, b in zip(found, wanted, strict=True))
    try:
        expect.close(found, wanted, looked_at="", tol=tol)
    except CheckFailed:
        return False
    return True


def opens(found: Any, T: int, S: int) -> bool:
    """Whether this is a mask for the last T of S tokens."""
    if not isinstance(found, np.ndarray) or found.shape != (T, S) or found.dtype.kind != "f":
        return False
    past = np.arange(S) <= np.arange(T)[:, None] + S - T
    return bool((found[past] == 0).all() and (found[~past] <= VERY_NEGATIVE).all())


@lru_cache  # the same numbers for every answer: they decide what is mended, and no points
def tries_of(name: str) -> list[tuple[tuple, dict, Any]]:
    """Arguments, arguments by name, and what should come out."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(len(name))
        tries = TRIES[name]()
    right = ORACLES.get(name, lambda *_: None)
    return [(args, names, right(*args, **names)) for args, names in tries]


TRIED = """
def tried(name, args, names):
    try:
        return [globals()[name](*args, **names)]
    except Exception:
        return []

[tried(*each) for each in tries]
"""


def all_right(student: Student, *parts: str) -> bool:
    """Whether parts of the student's give what they should, and leave alone what they are given."""
    if not parts:
        return True
    tries = [(part, *each) for part in parts for each in tries_of(part)]
    given = [[part, args, names] for part, args, names, _ in tries]
    try:
        found = student.run(TRIED, tries=given)
    except StudentError as error:
        if error.type in ("Timeout", "Gone"):
            raise
        return False
    if not same(student.kwargs.get("tries"), given):
        return False
    replies = found if isinstance(found, list) and len(found) == len(tries) else []
    return bool(replies) and all(
        isinstance(reply, list)
        and len(reply) == 1
        and (
            opens(reply[0], *args)
            if part == "causal_mask"
            else near(reply[0], wanted, 1e-4 if part == "gpt2" else 2e-5)
        )
        for reply, (part, args, _, wanted) in zip(replies, tries, strict=True)
    )


def judged(student: Student, name: str) -> None:
    """Before a test of a composite: what it is made of must not be what it fails for.

    Right parts are put in the place of wrong ones, the innermost first; but not where it is right
    with the student's own only, since two that are wrong may fit together.
    """
    parts = BELOW.get(name, ())
    if all_right(student, *parts):
        return
    fits = name in TRIES and all_right(student, name)
    own, sources = {}, ["import numpy as np"]
    for part in parts:
        sources.append(STAND_INS[part])
        if not all_right(student, part):
            with contextlib.suppress(StudentError):  # it may be missing
                own[part] = student.get(part)
            student.set(**{part: student.run("\n".join([*sources, part]))})
    if fits and not all_right(student, name):
        student.set(**own)


# what the tests share


def numbers(found: Any, shape: tuple[int, ...], looked_at: str) -> Array:
    """An array of floats of this shape, in float64."""
    fits = isinstance(found, np.ndarray) and found.shape == shape and found.dtype.kind == "f"
    holds(fits, looked_at, f"floats, an array of shape {shape}", expect.kind_of(found))
    return found.astype(np.float64)


def shapes_of(args: tuple) -> str:
    return ", ".join(str(tuple(a.shape)) for a in args if isinstance(a, np.ndarray))


def check_values(
    student: Student, name: str, *args: Any, tol: float = 1e-5, looked_at: str = "", **names: Any
) -> None:
    """Against the oracle."""
    found = student.call(name, *args, **names)
    looked_at = looked_at or f"{name} of arrays {shapes_of(args)}"
    wanted = ORACLES[name](*args, **names)
    numbers(found, wanted.shape, looked_at)
    expect.close(found, wanted, looked_at=looked_at, tol=tol)


LOOSE = """
import numpy as np

def loose(value):
    if isinstance(value, dict):
        return {key: loose(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(loose(item) for item in value)
    if isinstance(value, np.ndarray):
        return np.repeat(value, 2, axis=-1)[..., ::2]
    return value

f(*loose(args), **loose(names))
"""


def check_strided(student: Student, name: str, *args: Any, **names: Any) -> None:
    """Arrays that lie in memory with gaps give the same."""
    found = student.run(LOOSE, f=student.get(name), args=args, names=names)
    wanted = ORACLES[name](*args, **names)
    expect.close(found, wanted, looked_at=f"{name} of arrays that are not contiguous", tol=1e-4)


def check_kept(student: Student, name: str, *args: Any, **names: Any) -> None:
    """The caller's arrays are as they were; what comes back is made of them."""
    found = student.call(name, *args, **names)
    after, by_name = list(student.args), student.kwargs
    wanted = ORACLES[name](*args, **names)
    numbers(found, wanted.shape, f"the result of {name}")
    for place, given in enumerate(args):
        left = after[place] if place < len(after) else None
        expect.equal(left, given, looked_at=f"argument {place} of {name} afterwards")
    expect.equal(by_name, names, looked_at=f"the weights that {name} was given, afterwards")
    echo = any(isinstance(a, np.ndarray) and near(found, a.astype(float), 1e-6) for a in args)
    holds(not echo, f"the result of {name}", "other numbers than came in", "the input itself")
    flat_ = bool(np.ptp(found.astype(np.float64)) < 1e-6)
    holds(not flat_, f"the result of {name}", "numbers that differ", "the same number everywhere")


def check_rows_alone(student: Student, name: str, x: Array, width: int, **names: Any) -> None:
    """A row gives the same on its own as among others, and rows that differ give other numbers."""
    T = len(x)
    together = numbers(student.call(name, x, **names), (T, width), f"the result of {name}")
    for row in range(T):
        looked_at = f"{name} of row {row} alone, and among {T}"
        alone = numbers(student.call(name, x[row : row + 1], **names), (1, width), looked_at)
        expect.close(alone, together[row : row + 1], looked_at=looked_at, tol=2e-5)
    moved = float(np.ptp(together, axis=0).max())
    holds(moved > 1e-3, f"the rows of {name}", "rows that differ, as those of x", "all alike")


def check_no_future(student: Student, name: str, x: Array, **names: Any) -> None:
    """When a row of x changes, no matter how much, the rows before it stay, and it itself moves."""
    T, C = x.shape
    before = numbers(student.call(name, x, **names), (T, C), f"the result of {name}")
    for row, by in ((T - 2, 1.0), (T - 1, 3e4), (1, -3e4)):
        other = x.copy()
        other[row] += np.float32(by) * np.sign(randn(C))
        looked_at = f"{name}, when row {row} of {T} changes by {by:,.0f}:"
        after = numbers(student.call(name, other, **names), (T, C), looked_at)
        expect.close(
            after[:row], before[:row], looked_at=f"{looked_at} the rows before it", tol=1e-4
        )
        moved = float(np.abs(after[row] - before[row]).max())
        holds(moved > 1e-3, f"{looked_at} the row itself", "changes", "stays")


def check_prefixes(student: Student, name: str, x: Array, **names: Any) -> None:
    """The first rows on their own give what they give with others after them."""
    T, C = x.shape
    full = numbers(student.call(name, x, **names), (T, C), f"the result of {name}")
    for length in (1, 2, T - 1):
        looked_at = f"{name} of the first {length} of {T} rows"
        part = numbers(student.call(name, x[:length], **names), (length, C), looked_at)
        expect.close(part, full[:length], looked_at=looked_at, tol=2e-5)
    moved = float(np.abs(full[1:] - full[:1]).max())
    holds(moved > 1e-3, f"the rows of {name}", "rows that differ", "all alike")


# gelu


def check_bend(student: Student, name: str) -> None:
    for shape in ((3, 5), (2, 4, 3), (7,)):
        check_values(student, name, randn(*shape, scale=1.5))
    x = np.linspace(-4, 4, 81, dtype=np.float32)
    check_values(student, name, x, looked_at=f"{name} of 81 numbers from -4 to 4")


def check_far(student: Student, name: str) -> None:
    x = np.float32([[-800, -30, -9], [9, 30, 800]])
    found = numbers(student.call(name, x), (2, 3), f"{name} far from 0")
    expect.close(found[1], x[1].astype(float), looked_at=f"{name} of 9, 30, 800: x itself")
    expect.close(found[0], np.zeros(3), looked_at=f"{name} of -800, -30, -9: nothing")


@core
def test_gelu__values_of_the_tanh_form(student):
    check_bend(student, "gelu")


def test_gelu__with_its_mirror_image_it_gives_x(student):
    x = randn(4, 6)
    here, there = (numbers(student.call("gelu", v), x.shape, "gelu") for v in (x, -x))
    expect.close(here - there, x.astype(float), looked_at="gelu(x) - gelu(-x), which is x")


def test_gelu__to_more_places(student):
    x = np.array([[-2.0, -1.0, -0.5], [0.5, 1.0, 2.0]])
    check_values(student, "gelu", x, looked_at="gelu of ½, 1, 2 in float64, to 6 places", tol=1e-6)


def test_gelu__far_away_all_or_nothing(student):
    check_far(student, "gelu")


def test_gelu__dips_below_zero_once(student):
    x = np.linspace(-6, 6, 1201, dtype=np.float32)
    found = numbers(student.call("gelu", x), x.shape, "gelu of numbers from -6 to 6")
    lowest = float(x[found.argmin()])
    holds(abs(lowest + 0.75) < 0.03, "where gelu is lowest", "near -0.75", f"{lowest:.2f}")
    expect.close(found[600], 0.0, looked_at="gelu of 0")
    expect.close(float(found.min()), -0.17004, looked_at="its lowest value", tol=1e-4)


def test_gelu__any_order_in_memory_and_the_callers_x(student):
    check_strided(student, "gelu", randn(3, 4))
    check_kept(student, "gelu", randn(3, 4))


# softmax


@core
def test_softmax__values_along_the_last_axis(student):
    for shape in ((3, 5), (4, 2, 3), (6,), (4, 4), (2, 3, 2, 5)):
        check_values(student, "softmax", randn(*shape, scale=2))


def test_softmax__positive_and_adds_up_to_1(student):
    for shape in ((5, 3), (2, 4, 6)):
        found = numbers(student.call("softmax", randn(*shape)), shape, "softmax")
        holds(bool((found > 0).all()), "the numbers of softmax", "all positive", "not all")
        sums = found.sum(axis=-1)
        expect.close(sums, np.ones(shape[:-1]), looked_at="the sums along the last axis")


def test_softmax__adds_up_to_1_in_float64_too(student):
    x = randn(3, 2).astype(float)
    found = numbers(student.call("softmax", x), x.shape, "softmax")
    expect.close(found.sum(axis=-1), np.ones(3), looked_at="the sums, to 6 places", tol=1e-6)


def test_softmax__a_shift_changes_nothing(student):
    x = randn(3, 4)
    found = numbers(student.call("softmax", x), x.shape, "softmax")
    for by in (-3.0, 0.5, 20.0):
        shifted = student.call("softmax", x + np.float32(by))
        expect.close(shifted, found, looked_at=f"softmax of x + {by:g}", tol=2e-5)
    uneven = x + np.float32([[5], [-5], [0]])
    expect.close(
        student.call("softmax", uneven), found, looked_at="each row shifted by another number"
    )
    holds(float(np.ptp(found, axis=-1).min()) > 1e-3, "each row", "different numbers", "all alike")


def test_softmax__of_large_numbers(student):
    big = np.float32([[1000, 1001, 999], [-1000, -1002, -1001], [0, 800, -800]])
    check_values(student, "softmax", big, looked_at="softmax of numbers near 1000", tol=1e-4)
    far = np.float32([[0, 3000, -3000, 2999], [-2e4, -2e4, -1e4, -1e4]])
    check_values(student, "softmax", far, looked_at="softmax of rows that lie far apart", tol=3e-3)


def test_softmax__of_masked_scores(student):
    for closed in (-1e10, -np.inf):
        scores = randn(2, 4, 5) + a_mask(4, 5, closed)
        check_values(student, "softmax", scores, looked_at=f"softmax with a mask of {closed:g}")


def test_softmax__any_order_in_memory_and_the_callers_x(student):
    check_strided(student, "softmax", randn(3, 4))
    check_kept(student, "softmax", randn(2, 3, 4))


# layer_norm


@core
def test_layer_norm__values_with_gains_and_biases(student):
    for T, C in ((4, 6), (3, 5), (5, 5)):
        x = randn(T, C, scale=2) + randn(T, 1)
        check_values(student, "layer_norm", x, **norm(C))


def test_layer_norm__rows_of_mean_0_and_variance_1(student):
    x = randn(4, 7, scale=9) + 5
    found = student.call("layer_norm", x, np.ones(7, np.float32), np.zeros(7, np.float32))
    found = numbers(found, (4, 7), "layer_norm with g = 1, b = 0")
    expect.close(found.mean(axis=1), np.zeros(4), looked_at="the mean of each row", tol=1e-4)
    expect.close(found.var(axis=1), np.ones(4), looked_at="the variance of each row", tol=1e-4)


def test_layer_norm__rows_that_hardly_vary(student):
    x = randn(4, 6) * np.float32([[0.01], [0.003], [0.001], [0.1]])
    check_values(student, "layer_norm", x, looked_at="rows that vary by 0.1 to 0.001", **norm(6))
    even = np.float32([[3] * 5, [-2] * 5])
    given = norm(5)
    found = student.call("layer_norm", even, **given)
    wanted = np.stack([given["b"]] * 2).astype(float)
    expect.close(found, wanted, looked_at="rows of equal numbers: b comes out", tol=1e-4)


def test_layer_norm__with_another_eps(student):
    for eps in (0.5, 1e-2):
        x, given = randn(3, 4), norm(4)
        found = student.call("layer_norm", x, given["g"], given["b"], eps=eps)
        expect.close(found, right_norm(x, **given, eps=eps), looked_at=f"layer_norm, eps={eps}")


def test_layer_norm__each_row_alone(student):
    check_rows_alone(student, "layer_norm", randn(4, 6, scale=3) + randn(4, 1), 6, **norm(6))


def test_layer_norm__neither_level_nor_scale_of_a_row_counts(student):
    x, given = randn(5, 6), norm(6)
    found = numbers(student.call("layer_norm", x, **given), (5, 6), "layer_norm")
    other = x * np.float32([[1], [2], [3], [4], [5]]) + np.float32([[9], [-4], [0], [1], [-7]])
    moved = student.call("layer_norm", other, **given)
    expect.close(moved, found, looked_at="rows times 1 to 5, each lifted by a number", tol=1e-3)
    holds(float(np.ptp(found, axis=0).max()) > 1e-2, "the rows", "rows that differ", "all alike")


def test_layer_norm__any_order_in_memory_and_the_callers_x(student):
    check_strided(student, "layer_norm", randn(3, 5), **norm(5))
    check_kept(student, "layer_norm", randn(3, 5), **norm(5))


# linear


@core
def test_linear__values(student):
    for T, n_in, n_out in ((4, 3, 5), (2, 6, 3), (4, 4, 4), (3, 5, 3)):
        check_values(student, "linear", randn(T, n_in), **layer(n_in, n_out))


def test_linear__of_zeros_is_the_bias(student):
    for T, n_out in ((4, 5), (5, 5)):
        given = layer(3, n_out)
        found = student.call("linear", np.zeros((T, 3), np.float32), **given)
        wanted = np.stack([given["b"]] * T).astype(float)
        expect.close(found, wanted, looked_at=f"linear of zeros, ({T}, 3): b in each row")


def test_linear__one_number_meets_one_row_of_w(student):
    given = layer(4, 4) | {"b": np.zeros(4, np.float32)}
    x = np.zeros((3, 4), np.float32)
    x[1, 2] = 2.0
    wanted = np.zeros((3, 4))
    wanted[1] = 2.0 * given["w"][2]
    found = student.call("linear", x, **given)
    expect.close(found, wanted, looked_at="x with a single 2 at [1, 2]: twice row 2 of w")


def test_linear__where_all_sizes_are_one(student):
    check_values(student, "linear", randn(4, 4), **layer(4, 4))


def test_linear__each_row_alone(student):
    check_rows_alone(student, "linear", randn(4, 5), 3, **layer(5, 3))


def test_linear__any_order_in_memory_and_the_callers_x(student):
    check_strided(student, "linear", randn(3, 5), **layer(5, 2))
    check_kept(student, "linear", randn(3, 4), **layer(4, 4))


# attention


def qkv(n_head: int, T: int, S: int, hs: int) -> tuple[Array, Array, Array]:
    return randn(n_head, T, hs, scale=1.5), randn(n_head, S, hs, scale=1.5), randn(n_head, S, hs)


def check_attended(student: Student, name: str) -> None:
    for sizes in ((2, 5, 5, 3), (3, 4, 7, 2), (2, 3, 6, 16), (4, 4, 4, 4)):
        _, T, S, _ = sizes
        for closed in (-np.inf, -1e10):
            check_values(student, name, *qkv(*sizes), a_mask(T, S, closed))


@core
def test_attention__values_of_several_sizes(student):
    judged(student, "attention")
    check_attended(student, "attention")


def test_attention__where_all_sizes_are_one(student):
    judged(student, "attention")
    check_values(student, "attention", *qkv(3, 3, 3, 3), a_mask(3, 3))


def test_attention__what_the_mask_hides_does_not_count(student):
    judged(student, "attention")
    q, k, v = qkv(3, 4, 6, 5)
    mask = np.zeros((4, 6), np.float32)
    mask[:, 2] = mask[1, 4] = -1e10
    before = numbers(student.call("attention", q, k, v, mask), (3, 4, 5), "attention")
    k[:, 2], v[:, 2] = k[:, 2] * 500 + 7, v[:, 2] - 1e4
    after = student.call("attention", q, k, v, mask)
    expect.close(after, before, looked_at="attention, when a key and value change that all queries "
                 "are kept from")  # fmt: skip
    v[:, 4] += 1000.0
    moved = numbers(student.call("attention", q, k, v, mask), (3, 4, 5), "attention") - before
    rows = [row for row in range(4) if np.abs(moved[:, row]).max() > 1e-2]
    expect.equal(rows, [0, 2, 3], looked_at="the queries that see a value which 1 is kept from")


def test_attention__equal_keys_give_the_mean_of_what_is_open(student):
    judged(student, "attention")
    q, k, v = qkv(2, 3, 5, 4)
    k[:] = k[:, :1]
    mask = np.float32([[0, -1e10, -1e10, -1e10, -1e10], [0, 0, -1e10, 0, -1e10], [0] * 5])
    found = student.call("attention", q, k, v, mask)
    wide = v.astype(float)
    wanted = np.stack([wide[:, 0], wide[:, [0, 1, 3]].mean(1), wide.mean(1)], axis=1)
    expect.close(found, wanted, looked_at="keys that are all alike, masks with 1, 3, 5 open places")


def test_attention__a_query_alone_and_keys_in_any_order(student):
    judged(student, "attention")
    q, k, v = qkv(2, 4, 5, 3)
    mask = a_mask(4, 5)
    full = numbers(student.call("attention", q, k, v, mask), (2, 4, 3), "attention")
    one = student.call("attention", q[:, 2:3].copy(), k, v, mask[2:3])
    expect.close(one, full[:, 2:3], looked_at="query 2 of 4 alone")
    turn = [3, 0, 4, 1, 2]
    found = student.call("attention", q, k[:, turn], v[:, turn], mask[:, turn])
    expect.close(found, full, looked_at="keys, values and columns of the mask in another order")
    holds(float(np.ptp(full, axis=1).max()) > 1e-3, "the queries", "rows that differ", "alike")


def test_attention__each_head_alone(student):
    judged(student, "attention")
    q, k, v = qkv(3, 4, 5, 2)
    mask = a_mask(4, 5)
    full = numbers(student.call("attention", q, k, v, mask), (3, 4, 2), "attention")
    for h in range(3):
        one = student.call("attention", q[h : h + 1], k[h : h + 1], v[h : h + 1], mask)
        expect.close(one, full[h : h + 1], looked_at=f"head {h} alone, and among 3")
    holds(float(np.ptp(full, axis=0).max()) > 1e-3, "the heads", "heads that differ", "alike")


def test_attention__numbers_written_twice_in_a_head(student):
    judged(student, "attention")
    q, k, v = qkv(2, 3, 4, 3)
    mask = a_mask(3, 4)
    looked_at = "every number of q and k written twice, q divided by the root of 2"
    once = numbers(student.call("attention", q, k, v, mask), (2, 3, 3), "attention")
    q2, k2 = np.concatenate([q, q], -1) / np.float32(math.sqrt(2)), np.concatenate([k, k], -1)
    v2 = np.concatenate([v, v], -1)
    twice = numbers(student.call("attention", q2, k2, v2, mask), (2, 3, 6), looked_at)
    expect.close(twice[..., :3], once, looked_at=looked_at, tol=2e-5)
    holds(float(np.ptp(once, axis=1).max()) > 1e-3, "the queries", "rows that differ", "alike")


def test_attention__any_order_in_memory_and_the_callers_arrays(student):
    judged(student, "attention")
    check_strided(student, "attention", *qkv(2, 4, 5, 3), a_mask(4, 5))
    check_kept(student, "attention", *qkv(2, 4, 5, 3), a_mask(4, 5))


# mha


@core
def test_mha__values_of_several_heads(student):
    judged(student, "mha")
    for T, C, n_head in ((5, 6, 3), (4, 10, 2), (7, 4, 4), (3, 5, 1), (6, 6, 2)):
        looked_at = f"mha of x ({T}, {C}) with {n_head} heads"
        given = heads_of(C)
        check_values(student, "mha", randn(T, C), **given, n_head=n_head, looked_at=looked_at)


def test_mha__as_many_places_as_numbers(student):
    judged(student, "mha")
    check_values(student, "mha", randn(6, 6), **heads_of(6), n_head=2)


def test_mha__later_rows_leave_the_earlier_alone(student):
    judged(student, "mha")
    check_no_future(student, "mha", randn(6, 8), **heads_of(8), n_head=2)


def test_mha__the_first_rows_on_their_own(student):
    judged(student, "mha")
    check_prefixes(student, "mha", randn(6, 9), **heads_of(9), n_head=3)


def test_mha__the_first_row_sees_itself_only(student):
    judged(student, "mha")
    C, given = 6, heads_of(6)
    x = randn(4, C)
    found = numbers(student.call("mha", x, **given, n_head=2), (4, C), "mha")
    values = right_linear(x[:1], **given["c_attn"])[:, 2 * C :]
    wanted = right_linear(values, **given["c_proj"])[0]
    expect.close(found[0], wanted, looked_at="row 0: its own value through c_proj")


def test_mha__heads_in_another_order(student):
    judged(student, "mha")
    n_head, hs, x = 3, 2, randn(5, 6)
    given = heads_of(6)
    full = numbers(student.call("mha", x, **given, n_head=n_head), (5, 6), "mha")
    turn = np.arange(6).reshape(n_head, hs)[[2, 0, 1]].reshape(-1)
    columns = np.concatenate([turn, 6 + turn, 12 + turn])
    other = {
        "c_attn": {key: value[..., columns] for key, value in given["c_attn"].items()},
        "c_proj": {"w": given["c_proj"]["w"][turn], "b": given["c_proj"]["b"]},
    }
    found = student.call("mha", x, **other, n_head=n_head)
    expect.close(found, full, looked_at="heads 2, 0, 1 in the place of 0, 1, 2, in both weights")
    holds(float(np.ptp(full, axis=0).max()) > 1e-3, "the rows", "rows that differ", "all alike")


def test_mha__c_proj_comes_last(student):
    judged(student, "mha")
    given, x = heads_of(6), randn(4, 6)
    silent = given | {"c_proj": {"w": np.zeros((6, 6), np.float32), "b": given["c_proj"]["b"]}}
    found = student.call("mha", x, **silent, n_head=3)
    wanted = np.stack([given["c_proj"]["b"]] * 4).astype(float)
    expect.close(found, wanted, looked_at="c_proj with weights 0: its bias in every row")


def test_mha__one_head_for_each_share_of_the_row(student):
    judged(student, "mha")
    x, given = randn(5, 8), heads_of(8)
    every = {n: student.call("mha", x, **given, n_head=n) for n in (1, 2, 4)}
    for n, found in every.items():
        numbers(found, (5, 8), f"mha with {n} heads")
        wanted = right_mha(x, **given, n_head=n)
        expect.close(found, wanted, looked_at=f"the same weights with {n} heads")


def test_mha__any_order_in_memory_and_the_callers_arrays(student):
    judged(student, "mha")
    check_strided(student, "mha", randn(5, 6), **heads_of(6), n_head=2)
    check_kept(student, "mha", randn(5, 6), **heads_of(6), n_head=2)


# feed_forward


@core
def test_feed_forward__wider_bent_and_back(student):
    judged(student, "feed_forward")
    for T, C in ((4, 3), (5, 6), (8, 2)):
        check_values(student, "feed_forward", randn(T, C), **thinker(C))


def test_feed_forward__gelu_stands_in_the_middle(student):
    judged(student, "feed_forward")
    C = 3
    there, back = np.zeros((C, 4 * C), np.float32), np.zeros((4 * C, C), np.float32)
    there[:, :C], back[:C] = np.eye(C), -2 * np.eye(C)
    given = {
        "c_fc": {"w": there, "b": np.zeros(4 * C, np.float32)},
        "c_proj": {"w": back, "b": np.zeros(C, np.float32)},
    }
    x = randn(4, C, scale=2)
    found = student.call("feed_forward", x, **given)
    looked_at = "weights that copy x, and then take it times -2"
    expect.close(found, -2 * right_gelu(x), looked_at=looked_at)


def test_feed_forward__the_second_bias_comes_last(student):
    judged(student, "feed_forward")
    given = thinker(4)
    silent = {"c_fc": given["c_fc"], "c_proj": given["c_proj"] | {"w": randn(16, 4) * 0}}
    found = student.call("feed_forward", randn(3, 4), **silent)
    wanted = np.stack([given["c_proj"]["b"]] * 3).astype(float)
    expect.close(found, wanted, looked_at="c_proj with weights 0: its bias in every row")


def test_feed_forward__each_row_alone(student):
    judged(student, "feed_forward")
    check_rows_alone(student, "feed_forward", randn(4, 5), 5, **thinker(5))


def test_feed_forward__any_order_in_memory_and_the_callers_arrays(student):
    judged(student, "feed_forward")
    check_strided(student, "feed_forward", randn(3, 4), **thinker(4))
    check_kept(student, "feed_forward", randn(3, 4), **thinker(4))


# transformer_block


@core
def test_transformer_block__values(student):
    judged(student, "transformer_block")
    for T, C, n_head in ((5, 6, 3), (4, 8, 2), (3, 5, 5)):
        x = randn(T, C, scale=2) + randn(T, 1)
        looked_at = f"transformer_block of x ({T}, {C}), {n_head} heads"
        given = block(C)
        check_values(
            student, "transformer_block", x, **given, n_head=n_head, tol=2e-5, looked_at=looked_at
        )


def hushed(given: dict, *names: str) -> dict:
    """The weights with the c_proj of these parts all 0: they add nothing."""
    other = dict(given)
    for name in names:
        quiet = {key: value * 0 for key, value in given[name]["c_proj"].items()}
        other[name] = given[name] | {"c_proj": quiet}
    return other


def test_transformer_block__where_the_parts_say_nothing_x_comes_out(student):
    judged(student, "transformer_block")
    given, x = block(6), randn(4, 6, scale=3)
    found = student.call("transformer_block", x, **hushed(given, "mlp", "attn"), n_head=2)
    expect.close(found, x.astype(float), looked_at="the output where both c_proj are 0")


def test_transformer_block__each_part_added_by_itself(student):
    judged(student, "transformer_block")
    given, x = block(6), randn(4, 6, scale=2)
    talked = x + right_mha(right_norm(x, **given["ln_1"]), **given["attn"], n_head=3)
    found = student.call("transformer_block", x, **hushed(given, "mlp"), n_head=3)
    expect.close(found, talked, looked_at="the output where mlp gives 0", tol=2e-5)
    thought = x + right_thinker(right_norm(x, **given["ln_2"]), **given["mlp"])
    found = student.call("transformer_block", x, **hushed(given, "attn"), n_head=3)
    expect.close(found, thought, looked_at="the output where attn gives 0", tol=2e-5)


def test_transformer_block__norms_take_a_constant_away(student):
    judged(student, "transformer_block")
    given, x = block(8), randn(4, 8)
    found = numbers(student.call("transformer_block", x, **given, n_head=2), (4, 8), "the output")
    lifted = student.call("transformer_block", x + np.float32(2), **given, n_head=2)
    expect.close(lifted, found + 2.0, looked_at="x + 2: only x itself is lifted", tol=1e-4)


def test_transformer_block__later_rows_leave_the_earlier_alone(student):
    judged(student, "transformer_block")
    check_no_future(student, "transformer_block", randn(5, 6), **block(6), n_head=3)


def test_transformer_block__any_order_in_memory_and_the_callers_arrays(student):
    judged(student, "transformer_block")
    check_strided(student, "transformer_block", randn(5, 6), **block(6), n_head=2)
    check_kept(student, "transformer_block", randn(5, 6), **block(6), n_head=2)


# gpt2


def ids_of(count: int, vocab: int) -> list[int]:
    return torch.randint(vocab, (count,)).tolist()


def logits(student: Student, ids: list[int], params: dict, n_head: int) -> Array:
    shape = (len(ids), len(params["wte"]))
    found = student.call("gpt2", ids, **params, n_head=n_head)
    return numbers(found, shape, f"the logits of {len(ids)} ids")


@core
def test_gpt2__logits(student):
    judged(student, "gpt2")
    for V, context, C, n_layer, n_head, T in ((11, 9, 6, 2, 3, 5), (7, 6, 8, 3, 2, 6)):
        looked_at = f"the logits of {T} ids, {n_layer} blocks of {n_head} heads"
        params = model(V, context, C, n_layer)
        check_values(student, "gpt2", ids_of(T, V), **params, n_head=n_head, tol=1e-4,
                     looked_at=looked_at)  # fmt: skip


def test_gpt2__a_full_context(student):
    judged(student, "gpt2")
    params = model(10, 5, 6, 1)
    looked_at = "the logits of as many ids as there are positions"
    ids = ids_of(5, 10)
    check_values(student, "gpt2", ids, **params, n_head=2, tol=1e-4, looked_at=looked_at)


def test_gpt2__without_blocks_only_the_tables_and_a_norm(student):
    judged(student, "gpt2")
    params = model(9, 7, 5, 0)
    ids = [3, 3, 8, 0]
    looked_at = "the logits of a model without blocks"
    check_values(student, "gpt2", ids, **params, n_head=1, tol=1e-4, looked_at=looked_at)


def test_gpt2__a_position_is_known_by_its_place(student):
    judged(student, "gpt2")
    params = model(8, 6, 5, 0)
    found = logits(student, [2] * 4, params, 1)
    apart = np.abs(found[:, None] - found).max(-1) + np.eye(4)
    holds(float(apart.min()) > 1e-3, "four times the same id", "four different rows", "rows alike")
    moved = params | {"wpe": params["wpe"][[3, 1, 2, 0, 4, 5]]}
    swapped = logits(student, [2] * 4, moved, 1)
    expect.close(swapped, found[[3, 1, 2, 0]], looked_at="rows 0 and 3 of wpe exchanged", tol=1e-4)


def test_gpt2__earlier_logits_do_not_see_later_ids(student):
    judged(student, "gpt2")
    params = model(10, 8, 6, 2)
    ids = ids_of(7, 9)
    before = logits(student, ids, params, 2)
    after = logits(student, [*ids[:4], 9, *ids[5:]], params, 2)
    moved = np.abs(after - before).max(-1) > 1e-5
    expect.equal(
        np.flatnonzero(moved).tolist(), [4, 5, 6], looked_at="the rows that change when id 4 does"
    )
    for length in (1, 4):
        part = logits(student, ids[:length], params, 2)
        looked_at = f"the first {length} of 7 ids alone"
        expect.close(part, before[:length], looked_at=looked_at, tol=1e-4)


def test_gpt2__blocks_in_their_order(student):
    judged(student, "gpt2")
    params, ids = model(7, 6, 6, 3), ids_of(5, 7)
    for order in ((2, 0, 1), (1,), (0, 0)):
        chosen = params | {"blocks": [params["blocks"][i] for i in order]}
        looked_at = f"the logits with blocks {', '.join(map(str, order))}"
        check_values(student, "gpt2", ids, **chosen, n_head=3, tol=1e-4, looked_at=looked_at)


def test_gpt2__the_last_norm_takes_the_scale_away(student):
    judged(student, "gpt2")
    params, ids = model(9, 7, 6, 0), ids_of(4, 9)
    found = logits(student, ids, params, 2)
    larger = params | {"wte": params["wte"] * 5, "wpe": params["wpe"] * 5}
    again = logits(student, ids, larger, 2)
    expect.close(again, 5 * found, looked_at="both tables times 5, no blocks: the head alone grows",
                 tol=1e-3)  # fmt: skip
    hush = params | {"ln_f": params["ln_f"] | {"g": params["ln_f"]["g"] * 0}}
    flat_rows = student.call("gpt2", ids, **hush, n_head=2)
    row = params["wte"].astype(float) @ params["ln_f"]["b"]
    expect.close(flat_rows, np.stack([row] * 4), looked_at="gains of ln_f 0: its bias in all rows",
                 tol=1e-4)  # fmt: skip


def test_gpt2__any_order_in_memory_and_the_callers_weights(student):
    judged(student, "gpt2")
    params, ids = model(9, 7, 6, 2), ids_of(5, 9)
    check_strided(student, "gpt2", ids, **params, n_head=3)
    check_kept(student, "gpt2", ids, **params, n_head=3)


# convert


def check_tree(found: Any, wanted: Any, place: str) -> None:
    """The same keys, the same lengths, the same numbers."""
    looked_at = f"convert(…){place}"
    if isinstance(wanted, dict):
        holds(isinstance(found, dict), looked_at, "a dict", expect.kind_of(found))
        keys = [key for key in found if isinstance(key, str)]
        expect.equal(sorted(keys), sorted(wanted), looked_at=f"the keys of {looked_at}")
        for key in wanted:
            check_tree(found[key], wanted[key], f'{place}["{key}"]')
    elif isinstance(wanted, list):
        holds(isinstance(found, list | tuple), looked_at, "a list", expect.kind_of(found))
        expect.equal(len(found), len(wanted), looked_at=f"the length of {looked_at}")
        for i, (mine, right) in enumerate(zip(found, wanted, strict=True)):
            check_tree(mine, right, f"{place}[{i}]")
    else:
        expect.close(found, wanted.astype(float), looked_at=looked_at, tol=1e-6)


@core
def test_convert__every_array_at_its_place(student):
    for V, context, C, n_layer in ((7, 5, 4, 2), (5, 6, 3, 3)):
        params = model(V, context, C, n_layer)
        found = student.call("convert", flat(params), n_layer)
        check_tree(found, params, "")


KEYS = """
def keys(value):
    if isinstance(value, dict):
        return {key: keys(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [keys(item) for item in value]
    return list(value.shape)

keys(f(state, n_layer))
"""


def shape_tree(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: shape_tree(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape_tree(item) for item in value]
    return list(value.shape)


def test_convert__keys_and_shapes_of_the_tree(student):
    params = model(9, 8, 2, 1)
    found = student.run(KEYS, f=student.get("convert"), state=flat(params), n_layer=1)
    expect.equal(found, shape_tree(params), looked_at="the keys and shapes of a model of one block")


def test_convert__as_many_blocks_as_n_layer(student):
    for n_layer in (0, 1, 4, 13):
        params = model(3, 2, 2, n_layer)
        found = student.call("convert", flat(params), n_layer)
        blocks = found.get("blocks") if isinstance(found, dict) else None
        count = len(blocks) if isinstance(blocks, list | tuple) else None
        expect.equal(count, n_layer, looked_at=f"how many blocks there are, n_layer={n_layer}")
        for i in range(n_layer):  # as text, 10 comes before 2
            looked_at = f"block {i} of {n_layer}"
            holds(isinstance(blocks[i], dict), looked_at, "a dict", expect.kind_of(blocks[i]))
            check_tree(
                blocks[i].get("ln_2"), params["blocks"][i]["ln_2"], f'["blocks"][{i}]["ln_2"]'
            )


def test_convert__the_layers_of_attention_are_not_turned(student):
    params = model(5, 4, 3, 2)
    found = student.call("convert", flat(params), 2)
    for i, name in ((0, "c_attn"), (1, "c_proj")):
        try:
            w = found["blocks"][i]["attn"][name]["w"]
        except (KeyError, IndexError, TypeError):
            w = None
        wanted = params["blocks"][i]["attn"][name]["w"].astype(float)
        looked_at = f"the weight of {name} in block {i}, as it came: (n_in, n_out)"
        expect.close(w, wanted, looked_at=looked_at, tol=1e-6)


SUMS = """
from gptlab import tiny

def sums(value):
    if isinstance(value, dict):
        return {key: sums(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [sums(item) for item in value]
    return round(float(abs(value).sum(dtype="float64")), 3)

sums(f(tiny.state(), 4))
"""


def sum_tree(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: sum_tree(item) for key, item in value.items()}
    if isinstance(value, list):
        return [sum_tree(item) for item in value]
    return round(float(np.abs(value).sum(dtype=np.float64)), 3)


def test_convert__the_tiny_checkpoint(student):
    found = student.run(SUMS, f=student.get("convert"))
    wanted = sum_tree(tiny.params())
    for key in ("wte", "wpe", "blocks", "ln_f"):
        mine = found.get(key) if isinstance(found, dict) else None
        expect.equal(mine, wanted[key], looked_at=f"the sums of the arrays of the tiny one: {key}")


def test_convert__leaves_the_state_alone(student):
    state = flat(model(6, 5, 4, 2))
    found = student.call("convert", state, 2)
    after = student.args[0] if student.args else None
    holds(isinstance(found, dict), "what convert returns", "a dict", expect.kind_of(found))
    expect.equal(after, state, looked_at="the state afterwards")
    changed = isinstance(found, dict) and found.keys() == state.keys()
    holds(not changed, "what convert returns", "another dict than the state", "the state itself")


# whole: the student's parts put together

PARTS = ("gelu", "softmax", "layer_norm", "linear", "attention", "mha", "feed_forward",
         "transformer_block", "gpt2")  # fmt: skip


def part_at_fault(student: Student) -> str:
    """A sentence that names the first part which gives something else than it should."""
    for name in PARTS:
        if not all_right(student, name):
            return f"{name} gives something else than it should: mend that part first."
    params = model(5, 4, 6, 2)
    try:
        check_tree(student.call("convert", flat(params), 2), params, "")
    except (StudentError, CheckFailed):
        return "convert gives something else than it should: mend that part first."
    return "The parts are right; look at how scores_of puts them together."


def scored(
    student: Student, wanted: Array, looked_at: str, source: str, tol: float = 1e-4, **names: Any
) -> Array:
    """The student's logits, if they are right; else the part at fault is named."""
    found, raised = None, ""
    try:
        found = student.run(source, f=student.get("scores_of"), **names)
    except StudentError as error:
        raised = str(error)
    fits = isinstance(found, np.ndarray) and found.shape == wanted.shape
    if not fits:
        said = raised or expect.kind_of(found)
        expect.fail(looked_at, f"an array of shape {wanted.shape}", said, part_at_fault(student))
    apart = float(np.abs(np.float64(found) - wanted).max()) if found.dtype.kind == "f" else math.nan
    if not near(found, wanted.astype(float), tol):
        said = f"others, up to {apart:.2g} apart"
        expect.fail(looked_at, "those of gptlab.numpy_gpt", said, part_at_fault(student))
    return found


# The checkpoint is read where it is used: 1.2 MB need not cross.
TINY = """
from gptlab import tiny

f(tiny.state(), ids, sizes["n_layer"], sizes["n_head"])
"""
OWN = "f(state, ids, n_layer, n_head)"


def tiny_scores(ids: list[int]) -> Array:
    return numpy_gpt.gpt2(ids, **tiny.params(), n_head=tiny.hparams()["n_head"])


@core
def test_whole__the_logits_of_the_tiny_checkpoint(student):
    sizes = tiny.hparams()
    for ids in (ids_of(9, sizes["n_vocab"]), [7], ids_of(14, sizes["n_vocab"])):
        looked_at = f"the logits of the tiny GPT-2 for {len(ids)} ids"
        scored(student, tiny_scores(ids), looked_at, TINY, ids=ids, sizes=sizes)


def test_whole__a_full_context(student):
    sizes = tiny.hparams()
    ids = [(7 * i * i + 3) % sizes["n_vocab"] for i in range(sizes["n_ctx"])]
    source = TINY.replace("f(tiny", "found = f(tiny") + "found[[0, 30, -1]]"
    wanted = tiny_scores(ids)[[0, 30, -1]]
    scored(student, wanted, "rows 0, 30 and 63 of the tiny GPT-2", source, ids=ids, sizes=sizes)


def test_whole__weights_of_other_sizes(student):
    for V, context, C, n_layer, n_head, T in ((11, 8, 6, 3, 2, 5), (7, 9, 10, 1, 5, 4)):
        params, ids = model(V, context, C, n_layer), ids_of(T, V)
        wanted = numpy_gpt.gpt2(ids, **params, n_head=n_head)
        looked_at = f"the logits of a model of {n_layer} blocks with {n_head} heads"
        scored(student, wanted, looked_at, OWN, state=flat(params), ids=ids, n_layer=n_layer,
               n_head=n_head)  # fmt: skip


def test_whole__the_likeliest_next_ids(student):
    sizes = tiny.hparams()
    ids = ids_of(12, sizes["n_vocab"])
    wanted = tiny_scores(ids)
    found = scored(student, wanted, "the logits for 12 ids", TINY, tol=1e-3, ids=ids, sizes=sizes)
    sure = np.ptp(np.sort(wanted, axis=-1)[:, -2:], axis=-1) > 0.01
    mine, right = (scores.argmax(-1)[sure].tolist() for scores in (found, wanted))
    expect.equal(mine, right, looked_at="the likeliest next id at each place")


def test_whole__later_ids_leave_earlier_scores_alone(student):
    params, ids = model(9, 7, 6, 2), ids_of(6, 8)
    given = {"state": flat(params), "n_layer": 2, "n_head": 3}
    before = scored(student, numpy_gpt.gpt2(ids, **params, n_head=3), "the logits of 6 ids", OWN,
                    ids=ids, **given)  # fmt: skip
    other = [*ids[:3], 8, *ids[4:]]
    after = scored(student, numpy_gpt.gpt2(other, **params, n_head=3), "the logits of 6 ids", OWN,
                   ids=other, **given)  # fmt: skip
    moved = np.abs(np.float64(after) - before).max(-1) > 1e-5
    expect.equal(np.flatnonzero(moved).tolist(), [3, 4, 5], looked_at="rows that id 3 changes")


# generate


def greedy(params: dict, n_head: int, ids: list[int], count: int) -> tuple[list[int], float]:
    """The ids and count more; and how far the likeliest was ahead where it was closest."""
    ids, ahead, context = list(ids), math.inf, len(params["wpe"])
    for _ in range(count):
        scores = right_gpt2(ids[-context:], **params, n_head=n_head)[-1]
        best = np.sort(scores)
        ahead = min(ahead, best[-1] - best[-2])
        ids.append(int(scores.argmax()))
    return ids, ahead


@lru_cache  # a hundred wrong answers are judged with the same
def _a_writer(context: int, start: tuple[int, ...], count: int, n_layer: int) -> tuple[dict, list]:
    for seed in range(300):
        torch.manual_seed(seed)
        params = model(9, context, 6, n_layer)
        params["ln_f"]["g"] = randn(6)  # with gains of one sign a token likes itself best
        wanted, ahead = greedy(params, 2, list(start), count)
        kinds = len(set(wanted[len(start) :]))
        if ahead > 0.02 and kinds >= min(4, count):
            return params, wanted
    raise AssertionError("no such model found")


def a_writer(context: int, start: list[int], count: int, n_layer: int = 1) -> tuple[dict, list]:
    """A model that is sure of each step and writes several different ids; and what it writes."""
    with torch.random.fork_rng(devices=[]):
        params, wanted = _a_writer(context, tuple(start), count, n_layer)
    return params, list(wanted)


@lru_cache
def tiny_text(ids: tuple[int, ...], count: int) -> tuple[list[int], float]:
    return greedy(tiny.params(), tiny.hparams()["n_head"], list(ids), count)


RECORDER = """
class Recorder:
    def __init__(self):
        self.shown = []

    def __call__(self, inputs, *args, **names):
        self.shown.append([int(i) for i in inputs])
        return real(inputs, *args, **names)

Recorder()
"""


def written(student: Student, params: dict, start: list[int], count: int) -> Any:
    return student.call("generate", start, params, 2, count)


@core
def test_generate__the_likeliest_each_time(student):
    judged(student, "generate")
    for context, start, count in ((12, [3, 1, 4], 6), (5, [8, 0], 9), (4, [1, 5, 2, 7, 7, 3], 5)):
        params, wanted = a_writer(context, start, count, n_layer=2)
        found = written(student, params, start, count)
        looked_at = f"generate from {start}, {count} more, {context} positions"
        expect.equal(plain(found), wanted, looked_at=looked_at)


def test_generate__never_shows_more_than_there_are_positions(student):
    judged(student, "generate")
    real = student.get("gpt2")
    for context, start, count in ((4, [1, 2], 6), (3, [8, 1, 0, 2, 6], 4)):
        params, wanted = a_writer(context, start, count)
        recorder = made(student.run(RECORDER, real=real), "a gpt2 that takes notes")
        student.set(gpt2=recorder)
        found = written(student, params, start, count)
        shown = student.attr(recorder, "shown")
        windows = [wanted[:end][-context:] for end in range(len(start), len(wanted))]
        expect.equal(
            shown[:count] if isinstance(shown, list) and shown else windows,
            windows,
            looked_at=f"what the model is shown, {context} positions, from {start}",
        )
        expect.equal(plain(found), wanted, looked_at="what is generated then")


def test_generate__leaves_the_callers_list_alone(student):
    judged(student, "generate")
    start = [2, 7, 1]
    params, _ = a_writer(9, start, 4)
    found = written(student, params, start, 4)
    holds(isinstance(found, list), "what generate returns", "a list", expect.kind_of(found))
    after = student.args[0] if student.args else None
    expect.equal(after, [2, 7, 1], looked_at="the caller's list afterwards")
    expect.equal(plain(found)[:3] if isinstance(plain(found), list) else found, start,
                 looked_at="the first ids of the result")  # fmt: skip
    holds(
        isinstance(plain(found), list) and len(plain(found)) == 7,
        "generate from 3 ids, 4 more",
        "7 ids",
        expect.kind_of(found),
    )


def test_generate__as_many_as_asked(student):
    judged(student, "generate")
    for start, count in (([4, 4], 1), ([5], 7), ([0, 6, 2], 3)):
        params, _ = a_writer(6, start, count)
        found = plain(written(student, params, start, count))
        length = len(found) if isinstance(found, list) else None
        expect.equal(length, len(start) + count, looked_at=f"{len(start)} ids and {count} more")
        holds(
            all(type(i) is int or isinstance(i, np.integer) for i in found),
            "the ids",
            "whole numbers",
            expect.describe(found),
        )
        as_they_were = plain(written(student, params, start, 0))
        expect.equal(as_they_were, start, looked_at="no more at all: the ids as they were")


def test_generate__twice_the_same_and_step_by_step(student):
    judged(student, "generate")
    start = [6, 3, 0]
    params, _ = a_writer(5, start, 6)
    first, again = (plain(written(student, params, start, 6)) for _ in range(2))
    expect.equal(again, first, looked_at="a second time: nothing is drawn at random")
    holds(isinstance(first, list), "what generate returns", "a list", expect.kind_of(first))
    half = plain(written(student, params, start, 2))
    rest = plain(written(student, params, half, 4))
    expect.equal(rest, first, looked_at="two more, and then four more: the same as six")
    holds(first[:3] == start and len(first) == 9, "its ids", "3 and 6 more", str(first)[:60])


TINY_TEXT = """
from gptlab import tiny

f(ids, tiny.params(), 4, count)
"""


def test_generate__text_of_the_tiny_checkpoint(student):
    judged(student, "generate")
    for ids, count in (([20, 300, 7], 8), (list(range(60, 122)), 4)):
        wanted, ahead = tiny_text(tuple(ids), count)
        assert ahead > 1e-3, ahead
        found = student.run(TINY_TEXT, f=student.get("generate"), ids=ids, count=count)
        looked_at = f"{count} more ids of the tiny GPT-2, after {len(ids)}"
        expect.equal(plain(found), wanted, looked_at=looked_at)


# float32

VERY_NEGATIVE = -1e8


def in_float32(found: Any, shape: tuple[int, ...], looked_at: str) -> None:
    """An array of float32 of this shape."""
    fits = isinstance(found, np.ndarray) and found.shape == shape and found.dtype == np.float32
    holds(fits, looked_at, f"float32, an array of shape {shape}", expect.kind_of(found))


def test_float32__neither_calls_the_function_that_it_replaces(student):
    judged(student, "attention32")
    student.set(gelu=None, attention=None)  # what is None cannot be called
    x = randn(2, 3)
    check_values(student, "gelu32", x, looked_at="gelu32, where nothing is called gelu")
    given = (*qkv(2, 3, 4, 5), a_mask(3, 4))
    looked_at = "attention32, where nothing is called attention"
    check_values(student, "attention32", *given, looked_at=looked_at)


@core
def test_float32__three_functions_give_float32(student):
    x = randn(3, 5, scale=2)
    found = student.call("gelu32", x)
    in_float32(found, (3, 5), "gelu32 of float32")
    expect.close(found, right_gelu(x), looked_at="gelu32 of x (3, 5)")
    judged(student, "attention32")
    given = (*qkv(2, 4, 7, 6), a_mask(4, 7))
    found = student.call("attention32", *given)
    in_float32(found, (2, 4, 6), "attention32 of float32")
    expect.close(found, right_attention(*given), looked_at="attention32, 4 queries of 7 tokens")
    for T, S in ((4, 4), (3, 7)):
        check_mask(student, T, S)


def check_mask(student: Student, T: int, S: int) -> None:
    looked_at = f"causal_mask({T}, {S})"
    found = student.call("causal_mask", T, S)
    in_float32(found, (T, S), looked_at)
    past = np.arange(S) <= np.arange(T)[:, None] + S - T
    looked_at = f"{looked_at}, where 1 stands for a very negative number"
    hidden = (found <= VERY_NEGATIVE).astype(float)
    expect.close(hidden, (~past).astype(float), looked_at=looked_at)
    shown = bool((found[past] == 0).all())
    holds(shown, f"{looked_at}: what may be seen", "0", expect.describe(found[past].tolist()))


def test_float32__gelu32_everywhere(student):
    check_bend(student, "gelu32")
    check_far(student, "gelu32")


def test_float32__gelu32_keeps_what_it_is_given(student):
    for shape in ((6,), (2, 3, 4)):
        x = randn(*shape)
        found = student.call("gelu32", x)
        in_float32(found, shape, f"gelu32 of float32, shape {shape}")
        check_kept(student, "gelu32", x)
    check_strided(student, "gelu32", randn(3, 4))


def test_float32__attention32_of_several_sizes(student):
    judged(student, "attention32")
    check_attended(student, "attention32")


def test_float32__attention32_keeps_what_it_is_given(student):
    judged(student, "attention32")
    for n_head, T, S, hs in ((1, 1, 5, 3), (3, 2, 2, 7)):
        given = (*qkv(n_head, T, S, hs), a_mask(T, S))
        found = student.call("attention32", *given)
        in_float32(found, (n_head, T, hs), f"attention32 of float32, hs {hs}")
        check_kept(student, "attention32", *given)
    check_strided(student, "attention32", *qkv(2, 4, 5, 3), a_mask(4, 5))


def test_float32__causal_mask_of_any_sizes(student):
    for T, S in ((1, 1), (1, 6), (5, 5), (2, 3), (4, 9)):
        check_mask(student, T, S)


def test_float32__each_new_token_sees_one_more(student):
    T, S = 4, 6
    found = student.call("causal_mask", T, S)
    found = numbers(found, (T, S), f"causal_mask({T}, {S})")
    seen = (found == 0).sum(axis=1).tolist()
    expect.equal(seen, [3, 4, 5, 6], looked_at="how many tokens the last 4 of 6 see")
    full = numbers(student.call("causal_mask", S, S), (S, S), f"causal_mask({S}, {S})")
    expect.equal((found == 0).tolist(), (full[S - T :] == 0).tolist(),
                 looked_at="the last 4 rows of the mask for all 6")  # fmt: skip


# mha_cached


def cached(
    student: Student, x: Array, given: dict, n_head: int, past: Any = None
) -> tuple[Array, tuple[Array, Array]]:
    """What mha_cached returns, with its shapes looked at."""
    T, C = x.shape
    P = past[0].shape[1] if past is not None else 0
    looked_at = f"mha_cached of {T} new tokens after {P}, {n_head} heads"
    found = student.call("mha_cached", x, **given, n_head=n_head, past=past)
    out, kept = pieces(found, 2, looked_at)
    out = numbers(out, (T, C), f"{looked_at}: out")
    if isinstance(kept, np.ndarray) and len(kept) == 2:
        kept = list(kept)
    kept = pieces(kept, 2, f"{looked_at}: the keys and values")
    shape = (n_head, P + T, C // n_head)
    for name, part in zip("kv", kept, strict=True):
        numbers(part, shape, f"{looked_at}: {name}")
    return out, tuple(kept)


NOTES = """
class Notes:
    def __init__(self):
        self.shapes = []

    def __call__(self, *given, **names):
        given = [*given, *names.values()]
        self.shapes.append([list(getattr(each, "shape", [])) for each in given])
        return real(*given)

Notes()
"""


def noted(student: Student, *args: Any, **names: Any) -> None:
    """Have the shapes noted that attention32 is given. Nothing is judged: mistakes that all end in
    an error are told apart by it."""
    try:
        real = student.get("attention32")
        notes = made(student.run(NOTES, real=real), "notes")
        student.set(attention32=notes)
        try:
            student.call("mha_cached", *args, **names)
        finally:
            student.attr(notes, "shapes")
            student.set(attention32=real)
    except (StudentError, CheckFailed):
        pass


def short(k_or_v: Any) -> Array:
    return np.asarray(k_or_v, dtype=np.float32)


@core
def test_mha_cached__after_keys_and_values_of_the_past(student):
    judged(student, "mha_cached")
    past = (randn(2, 4, 3), randn(2, 4, 3))
    noted(student, randn(3, 6), **heads_of(6), n_head=2, past=past)
    for T, P, C, n_head in ((1, 4, 6, 3), (3, 2, 8, 2), (2, 5, 6, 1), (4, 4, 4, 4)):
        given, x = heads_of(C), randn(T, C)
        past = (randn(n_head, P, C // n_head), randn(n_head, P, C // n_head))
        out, kept = cached(student, x, given, n_head, past)
        right, (k, v) = right_cached(x, **given, n_head=n_head, past=past)
        looked_at = f"{T} new tokens after {P}"
        expect.close(out, right, looked_at=f"{looked_at}: out")
        expect.close(kept[0], k, looked_at=f"{looked_at}: all keys")
        expect.close(kept[1], v, looked_at=f"{looked_at}: all values")


def test_mha_cached__without_a_past_as_mha(student):
    judged(student, "mha_cached")
    for T, C, n_head in ((5, 6, 3), (4, 8, 2), (1, 4, 2)):
        given, x = heads_of(C), randn(T, C)
        out, kept = cached(student, x, given, n_head)
        expect.close(out, right_mha(x, **given, n_head=n_head), looked_at=f"{T} tokens, no past")
        _, k, v = right_heads(x, given["c_attn"], n_head).numpy()
        expect.close(kept[0], k, looked_at=f"{T} tokens, no past: the keys")
        expect.close(kept[1], v, looked_at=f"{T} tokens, no past: the values")


def test_mha_cached__in_pieces_as_at_once(student):
    judged(student, "mha_cached")
    given, x = heads_of(6), randn(8, 6)
    whole = right_mha(x, **given, n_head=3)
    for cuts in ((3, 8), (1, 2, 3, 8), (5, 7, 8)):
        past, start, rows = None, 0, []
        for end in cuts:
            out, kept = cached(student, x[start:end], given, 3, past)
            past, start = tuple(map(short, kept)), end
            rows.append(out)
        looked_at = f"8 tokens in pieces that end at {', '.join(map(str, cuts))}"
        expect.close(np.concatenate(rows), whole, looked_at=looked_at, tol=2e-5)


def test_mha_cached__new_tokens_do_not_see_those_after_them(student):
    judged(student, "mha_cached")
    given, x = heads_of(6), randn(4, 6)
    past = (randn(2, 3, 3), randn(2, 3, 3))
    before, _ = cached(student, x, given, 2, past)
    other = x.copy()
    other[2] += np.float32(3e4) * np.sign(randn(6))
    after, _ = cached(student, other, given, 2, past)
    expect.close(after[:2], before[:2], looked_at="when new token 2 changes: 0 and 1", tol=1e-4)
    holds(float(np.abs(after - before)[2].max()) > 1e-3, "new token 2", "changes", "stays")


def test_mha_cached__every_new_token_sees_all_of_the_past(student):
    judged(student, "mha_cached")
    given, x = heads_of(6), randn(3, 6)
    k, v = randn(2, 4, 3), randn(2, 4, 3)
    before, _ = cached(student, x, given, 2, (k, v))
    for place in range(4):
        other = v.copy()
        other[:, place] += 50.0
        after, _ = cached(student, x, given, 2, (k, other))
        moved = np.abs(after - before).max(axis=1)
        rows = np.flatnonzero(moved > 1e-3).tolist()
        expect.equal(rows, [0, 1, 2], looked_at=f"which new tokens see token {place} of the past")


def test_mha_cached__the_past_and_x_stay_as_they_are(student):
    judged(student, "mha_cached")
    given, x = heads_of(8), randn(2, 8)
    past = (randn(4, 3, 2), randn(4, 3, 2))
    out, kept = cached(student, x, given, 4, past)
    after, names = student.args, student.kwargs
    expect.equal(after[0] if after else None, x, looked_at="x afterwards")
    expect.equal(list(names.get("past") or []), list(past), looked_at="the past afterwards")
    for name, old, new in zip("kv", past, kept, strict=True):
        looked_at = f"{name}: the past comes first, as it was"
        expect.close(new[:, :3], old.astype(float), looked_at=looked_at)
    found = student.run(LOOSE, f=student.get("mha_cached"), args=(x,),
                        names={**given, "n_head": 4, "past": past})  # fmt: skip
    strided = pieces(found, 2, "mha_cached of arrays that are not contiguous")[0]
    expect.close(strided, out, looked_at="mha_cached of arrays that are not contiguous")
