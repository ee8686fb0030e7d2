"""Fuzzing of the bridge. GPTLAB_FUZZ=100 tries a hundred times as many examples."""

import os
import struct
import tempfile
import tracemalloc
from contextlib import closing
from itertools import cycle
from pathlib import Path

import hostile
import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder import diagnosis, expect, graded, local, tester, values, wire
from autograder.bridge import Remote
from autograder.source import load
from autograder.values import Handle, WireError
from autograder.verbs import Verbs
from gptlab.checks.core import CheckFailed

MORE = int(os.environ.get("GPTLAB_FUZZ", "1"))
LAB = "lab01_bigram"
ITEMS = [item.id for item in load(LAB).items if item.kind == "grade"]


def examples(count):
    """How many, however slow: the slow health checks are about times."""
    return settings(
        max_examples=count * MORE, deadline=None, suppress_health_check=list(HealthCheck)
    )


# What a hostile process may put into JSON: the forms of values.py with anything in their fields.
junk = st.none() | st.booleans() | st.integers(-2, 70) | st.floats() | st.text(max_size=5)
tags = st.sampled_from([*sorted(wire._MAKERS), "pickle", "", "t"])
bodies = st.recursive(
    junk | st.integers(-(2**80), 2**80),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.fixed_dictionaries(
            {"t": tags | junk},
            optional={
                "v": inner | st.lists(inner, max_size=4) | st.sampled_from(["nan", "-0xff", "1e5"]),
                "k": inner | st.lists(inner, max_size=4),
                "blob": st.integers(-1, 3) | junk,
                "dtype": st.sampled_from([*values.TORCH_DTYPES, *values.ARRAY_DTYPES]) | junk,
                "shape": st.lists(st.integers(-1, 3) | st.just(2**40), max_size=8) | junk,
                "number": st.integers() | junk,
                "type": junk,
            },
        )
    ),
    max_leaves=8,
)
blob_lists = st.lists(st.binary(max_size=24), max_size=3)


def is_plain(value):
    """Of the exact types that a test may be given, all through."""
    kind = type(value)
    if kind in (list, tuple, set):
        return all(map(is_plain, value))
    if kind is dict:
        return all(map(is_plain, [*value, *value.values()]))
    if kind is Handle:
        return type(value.number) is int and value.type.isprintable()
    exact = (type(None), bool, int, float, str, bytes, torch.Tensor, np.ndarray)
    return kind in exact or isinstance(value, np.generic)


def read_or_refused(data):
    """The value, or None where it was refused in the way that it must be."""
    try:
        value = wire.unpack(data)
    except (WireError, EOFError):
        return None
    assert is_plain(value)
    assert wire.unpack(wire.pack([value])) is not None  # so it can be kept, and sent back
    return value


@given(st.binary(max_size=300), st.booleans())
@examples(300)
def test_any_bytes_are_read_or_refused(noise, with_length):
    read_or_refused(struct.pack("<I", len(noise) // 2) + noise if with_length else noise)


@given(bodies, blob_lists)
@examples(500)
def test_any_json_is_read_or_refused(body, blobs):
    read_or_refused(hostile.message(body, blobs))


@given(hostile.anything, st.lists(st.tuples(st.integers(0), st.integers(0, 255)), max_size=4))
@examples(300)
def test_a_changed_message_is_read_or_refused(value, changes):
    data = bytearray(wire.pack(value))
    for place, byte in changes:
        data[place % len(data)] = byte
    read_or_refused(bytes(data))


@given(hostile.anything)
@examples(300)
def test_whatever_is_written_comes_back_the_same(value):
    assert hostile.same(wire.unpack(wire.pack(value)), value)


@given(st.lists(st.integers(-(2**64), 2**64), min_size=60, max_size=70) | st.lists(st.floats()))
@examples(100)
def test_long_lists_of_numbers_come_back_the_same(value):
    value = value * (1 + 70 // max(len(value), 1))
    for form in (value, tuple(value), dict(enumerate(value))):
        assert hostile.same(wire.unpack(wire.pack(form)), form)


def nested(depth):
    return f"[{depth * '['}{depth * ']'}]"


def head(text, sizes=""):
    text = f'{{"body":{text},"blobs":[{sizes}]}}'
    return struct.pack("<I", len(text)) + text.encode()


def alike(count, form='{"t":"int","v":"%s"}'):
    """So many different keys with one hash: multiples of 2**61 - 1."""
    keys = ",".join(form % hex(n * (2**61 - 1)) for n in range(count))
    return f'{{"t":"dict","k":[{keys}],"v":[{",".join("0" * count)}]}}'


MEGABYTE = b"\0" * 2**20
TENSOR = '{"t":"tensor","dtype":"int8","shape":[%s],"blob":0}'
# name: (message, words of the refusal)
BOMBS = {
    "a million numbers": (lambda: head("[%s0]" % ("0," * 1_000_000)), "values in one answer"),
    "many lists": (lambda: head("[%s[]]" % ("[]," * 400_000)), "values in one answer"),
    "many dicts": (lambda: head('[%s{"t":1}]' % ('{"t":1},' * 100_000)), "unknown form"),
    "very deep": (lambda: head(nested(900)), "nested"),
    "deeper than Python": (lambda: head(nested(1_000_000)), "not JSON"),
    "an integer of a million digits": (lambda: head("9" * 1_000_000), "not JSON"),
    "an integer of 4000 digits": (lambda: head("[%s0]" % ("9" * 4000 + ",")), "63 bits"),
    "one blob for many": (
        lambda: head(f"[{','.join([TENSOR % 2**20] * 10_000)}]", str(2**20)) + MEGABYTE,
        "used twice",
    ),
    "a blob for nobody": (lambda: head("0", str(2**20)) + MEGABYTE, "belong to nothing"),
    "more blobs than may be": (lambda: head("0", ",".join("0" * 20_000)), "body and blobs"),
    "more bytes than may be": (lambda: head("0", ",".join(["9000000"] * 9)), "blobs of more than"),
    "keys of one hash": (lambda: head(alike(20_000)), "collide"),
    "tuples of one hash": (
        lambda: head(alike(20_000, '{"t":"tuple","v":[{"t":"int","v":"%s"}]}')),
        "collide",
    ),
    "a million empty rows": (lambda: head(TENSOR % "1000000,0", "0"), "empty tensor"),
    "ten axes to print": (
        lambda: head(TENSOR % "4,4,4,4,4,4,4,4,4,4", str(2**20)) + MEGABYTE,
        "10 axes",
    ),
    "a bool of 2": (
        lambda: head('{"t":"tensor","dtype":"bool","shape":[1],"blob":0}', "1") + b"\2",
        "neither true nor false",
    ),
    "a number for half a byte": (
        lambda: head('{"t":"ints","blob":0}', "9") + b"\0" * 9,
        "do not fit",
    ),
    "too many numbers": (
        lambda: head('{"t":"ints","blob":0}', str(32 * 2**20)) + MEGABYTE * 32,
        "values in one answer",
    ),
    "NaN as no JSON": (lambda: head("[NaN]"), "not JSON"),
    "no text": (lambda: head('{"t":"text","blob":0}', "2") + b"\xff\xff", "a text that is none"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_at_a_small_price(name):
    make, words = BOMBS[name]
    data = make()
    tracemalloc.start()
    try:
        with pytest.raises(WireError, match=words):
            wire.unpack(data)
        assert tracemalloc.get_traced_memory()[1] < 200 * 2**20
    finally:
        tracemalloc.stop()


def test_the_largest_that_may_cross_does():
    for value in (
        list(range(1_000_000)),
        {str(n): n for n in range(50_257)},
        {(n, n + 1): n for n in range(30_000)},
        "ж" * 1_000_000,
        torch.zeros(2**11, 2**12),
    ):
        assert hostile.same(wire.unpack(wire.pack(value)), value)


@pytest.mark.parametrize(
    "value",
    [
        list(range(4_000_000)),
        [[]] * 300_000,
        {n: n for n in range(250_000)},
        set(range(250_000)),
        "x" * (values.MAX_BYTES + 1),
        ["x" * 4000] * 2000,
        [b""] * 20_000,
        torch.zeros(1).expand(2**40),
        torch.zeros([1] * 9),
        np.broadcast_to(np.zeros(1), (2**40,)),
        [torch.zeros(2**22)] * 5,
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_too_large_is_refused_when_it_is_written(value):
    with pytest.raises(WireError):
        wire.pack(value)


# The verdicts of a hidden test: CheckFailed or nothing, whatever came back.

EXPECTED = [
    [1, 2], (1, "a"), {"a": 1}, {1, 2}, "text", 3, 0.5, True, None,
    torch.arange(4), torch.ones(2, 3), np.arange(3), np.ones((2, 2)),
]  # fmt: skip


@given(hostile.leaves | hostile.anything, st.sampled_from(EXPECTED))
@examples(400)
def test_a_verdict_is_the_only_thing_that_a_comparison_ends_with(found, expected):
    for compare in (expect.equal, expect.close):
        if compare is expect.close and not isinstance(expected, torch.Tensor | np.ndarray | float):
            continue
        try:
            compare(found, expected, looked_at="it")
        except CheckFailed as error:
            assert len(str(error)) < 3000
        else:
            assert diagnosis._same(found, expected) or found == expected
    assert expect.number(found) is None or isinstance(expect.number(found), float)
    assert max(len(expect.describe(found)), len(expect.kind_of(found))) < 400


@pytest.mark.parametrize(
    "expected", [torch.tensor([1]), torch.arange(4), np.ones(1), 1, [1], {1: 1}]
)
@pytest.mark.parametrize("found", [True, np.bool_(True), [True], {1: True}])
def test_true_is_no_number(found, expected):
    with pytest.raises(CheckFailed):
        expect.equal(found, expected, looked_at="it")


@given(hostile.anything, hostile.anything)
@examples(200)
def test_replies_of_any_kind_can_be_compared(one, other):
    a, b = wire.pack([one]), wire.pack([other])
    assert diagnosis.same_replies(a, a)
    assert diagnosis.same_replies(a, b) == diagnosis.same_replies(b, a)


# A process that answers the real hidden tests with whatever hypothesis thinks of.

answers = st.one_of(
    st.tuples(st.just("value"), hostile.anything),
    st.tuples(st.just("body"), st.tuples(bodies, blob_lists)),
    st.tuples(st.just("bytes"), st.binary(max_size=60)),
    st.tuples(st.just("changed"), st.lists(st.tuples(st.integers(0), st.integers(0, 255)))),
    st.tuples(st.just("error"), hostile.anything),
    st.tuples(
        st.just("arguments"), st.tuples(hostile.anything, hostile.anything, hostile.anything)
    ),
    st.tuples(st.just("echo"), st.none()),
    st.tuples(st.just("zeros"), hostile.shapes),
    st.tuples(st.just("twice"), st.none()),
    st.tuples(st.just("close"), st.none()),
    st.tuples(st.just("silence"), st.none()),
)


def say(connection, request, kind, what):
    """One answer of the hostile process."""
    given = [*request.get("args", []), *request.get("kwargs", {}).values(), None]
    honest = hostile.reply(request, given[0])
    if kind == "value":
        honest = hostile.reply(request, what)
    elif kind == "arguments":
        honest = hostile.reply(request, what[0], args=what[1], kwargs=what[2])
    elif kind == "error":
        honest = hostile.reply(request, error=what)
    elif kind == "zeros":
        honest = hostile.reply(request, torch.zeros(what))
    elif kind == "body":
        honest = hostile.message(*what)
    elif kind == "bytes":
        honest = what
    elif kind == "twice":
        honest *= 2
    elif kind == "close":
        connection.close()
    elif kind == "changed":
        data = bytearray(honest)
        for place, byte in what:
            data[place % len(data)] = byte
        honest = bytes(data)
    if kind != "silence":
        connection.sendall(honest)


def judged(items, answer):
    """The outcomes of the real hidden tests, asked of this process."""
    with (
        tempfile.TemporaryDirectory() as folder,
        hostile.student(Path(folder) / "s", answer) as path,
        closing(Remote(dict.fromkeys(items, path), seconds=0.2, item_seconds=2)) as remote,
    ):
        outcomes = tester.run(remote, LAB, items, strict=False)
    assert all(o.message.replace("\n", "").isprintable() for o in outcomes)
    assert all(len(o.message) <= tester.MOST_MESSAGE for o in outcomes)
    assert all(len([o for o in outcomes if o.item == item]) >= 3 for item in items)
    return outcomes


some_items = st.lists(st.sampled_from(ITEMS), min_size=1, max_size=3, unique=True)


@pytest.mark.slow
@given(st.lists(answers, min_size=1, max_size=12), some_items)
@examples(20)
def test_a_hostile_process_breaks_nothing_and_earns_no_item(said, items):
    turn = cycle(said)

    def answer(connection, request):
        kind, what = ("echo", None) if request["verb"] == "seed" else next(turn)
        say(connection, request, kind, what)

    outcomes = judged(items, answer)
    for item in items:
        assert not all(outcome.passed for outcome in outcomes if outcome.item == item)


@pytest.fixture(scope="module")
def solution():
    """The namespace of the solution after its last cell."""
    lab = load(LAB)
    notebook = local.Notebook(lab)
    with graded.environment():
        notebook.run_to(len(lab.cells))
    return notebook.module.__dict__


@pytest.mark.slow
@given(st.lists(answers, min_size=1, max_size=6), st.integers(1, 12), some_items)
@examples(20)
def test_a_process_that_is_right_and_then_hostile_breaks_nothing(solution, said, first, items):
    before, turn, served = dict(solution), cycle(said), {}

    def answer(connection, request):
        if request["verb"] == "seed":
            solution.clear()
            solution.update(before)
            served[connection] = Verbs(solution), 0
        verbs, number = served[connection]
        served[connection] = verbs, number + 1
        if number < first:
            connection.sendall(verbs.reply(request))
        else:
            say(connection, request, *next(turn))

    judged(items, answer)
