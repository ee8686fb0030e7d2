"""The encoding between tester and student: what crosses, what does not, what is refused."""

import json
import math
import struct

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder import values, wire
from autograder.values import Handle, WireError


def crossed(value, handle=None):
    return wire.unpack(wire.pack(value, handle))


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.text() | st.integers(), inner)
        | st.tuples(inner, inner)
    ),
    max_leaves=12,
)


@given(plain)
@settings(max_examples=200, deadline=None)
def test_plain_values_come_back_as_they_were(value):
    assert crossed(value) == value


def test_types_are_kept():
    value = [True, 1, 1.0, "1", (1,), [1], {1: 2}, {3}, None, b"x", 2**70, -(2**70)]
    back = crossed(value)
    assert back == value
    assert [type(item) for item in back] == [type(item) for item in value]
    assert math.isnan(crossed(float("nan")))
    assert crossed(float("-inf")) == -math.inf


@pytest.mark.parametrize("dtype", list(values.TORCH_DTYPES.values()), ids=str)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3), (2, 0, 4)])
def test_tensors_keep_dtype_shape_and_bytes(dtype, shape):
    value = torch.arange(math.prod(shape)).reshape(shape).to(dtype)
    back = crossed(value)
    assert back.dtype == dtype
    assert torch.equal(back, value)


def test_views_and_parameters_cross_by_value():
    value = torch.arange(6.0).reshape(2, 3).t()  # not contiguous
    assert torch.equal(crossed(value), value)
    parameter = torch.nn.Parameter(torch.ones(2))
    assert type(crossed(parameter)) is torch.Tensor


def test_arrays_and_numpy_scalars():
    array = np.arange(6, dtype=np.int32).reshape(2, 3)[:, ::2]
    back = crossed(array)
    assert back.dtype == array.dtype
    assert np.array_equal(back, array)
    assert type(crossed(np.float32(0.5))) is np.float32


def test_what_has_no_form_needs_a_handle():
    with pytest.raises(WireError, match="Linear cannot cross"):
        crossed(torch.nn.Linear(1, 1))
    assert crossed(torch.nn.Linear(1, 1), lambda value: Handle(7, "Linear")) == Handle(7, "Linear")


def test_depth_and_integers_are_bounded_when_written():
    deep = []
    for _ in range(values.MAX_DEPTH + 2):
        deep = [deep]
    with pytest.raises(WireError, match="nested"):
        wire.pack(deep)
    with pytest.raises(WireError, match="bits"):
        wire.pack(10**5000)


def forged(body, blobs=()):
    head = json.dumps({"body": body, "blobs": [len(blob) for blob in blobs]}).encode()
    return b"".join([struct.pack("<I", len(head)), head, *blobs])


def tensor(**changes):
    return {"t": "tensor", "dtype": "float32", "shape": [2], "blob": 0} | changes


@pytest.mark.parametrize(
    "body",
    [
        tensor(shape=[2**31 - 1, 2**31 - 1, 0]),  # no bytes, and yet 2^62 rows to print
        tensor(shape=[3]),
        tensor(shape=[-2]),
        tensor(shape=[2.0]),
        tensor(shape="2"),
        tensor(shape=[True, 2]),
        tensor(blob=1),
        tensor(blob=True),
        tensor(blob=None),
        tensor(dtype="object"),
        tensor(dtype=["float32"]),
        {"t": "array", "dtype": "object"},
        {"t": "pickle", "v": "x"},
        {"t": ["tensor"]},
        {},
        {"v": []},
        {"t": "dict", "v": [[1]]},
        {"t": "dict", "v": [[[1], 2]]},
        {"t": "set", "v": [[1]]},
        {"t": "int", "v": "f" * 9999},
        {"t": "int", "v": 3},
        {"t": "int", "v": "zz"},
        {"t": "float", "v": "1e5"},
        2**64,
        {"t": "handle", "number": -1, "type": "x"},
        {"t": "handle", "number": 1, "type": 3},
        {"t": "scalar", "dtype": "float32", "blob": 0},
    ],
    ids=lambda body: str(body)[:60],
)
def test_forged_values_are_refused(body):
    with pytest.raises(WireError):
        wire.unpack(forged(body, [b"\0" * 8]))


@pytest.mark.parametrize(
    "message",
    [
        struct.pack("<I", 2**31),
        struct.pack("<I", 3) + b"{{{",
        struct.pack("<I", 2) + b"[]",
        forged(None)[:4] + b"[" * (len(forged(None)) - 4),
        struct.pack("<I", 200_000) + b"[" * 200_000,
    ],
    ids=["long head", "no JSON", "no body", "open brackets", "very deep"],
)
def test_forged_messages_are_refused(message):
    with pytest.raises(WireError):
        wire.unpack(message)


def test_a_deep_value_is_refused():
    with pytest.raises(WireError, match="nested"):
        wire.unpack(forged(json.loads("[" * 100 + "]" * 100)))


def test_a_cut_message_is_an_end():
    with pytest.raises(EOFError):
        wire.unpack(wire.pack([1, 2, 3])[:-2])


@given(st.binary(max_size=200))
@settings(max_examples=300, deadline=None)
def test_random_bytes_give_an_error_and_nothing_else(noise):
    with pytest.raises((WireError, EOFError)):
        wire.unpack(struct.pack("<I", len(noise)) + noise)
