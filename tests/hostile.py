"""A student's process that may say anything: what the tests of the bridge talk to."""

from __future__ import annotations

import contextlib
import json
import math
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st

from autograder import values, wire
from autograder.values import Handle

Answer = Callable[[socket.socket, dict], None]  # answers one request, or does something else


@contextlib.contextmanager
def student(path: Path, answer: Answer) -> Iterator[Path]:
    """Listens at `path` and gives each request of each connection to `answer`."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(8)
    threading.Thread(target=_accept, args=(listener, answer), daemon=True).start()
    try:
        yield path
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def _accept(listener: socket.socket, answer: Answer) -> None:
    with contextlib.suppress(OSError):  # closed: the test is over
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=_serve, args=(connection, answer), daemon=True).start()


def _serve(connection: socket.socket, answer: Answer) -> None:
    with contextlib.suppress(EOFError, OSError), connection:  # the tester hung up
        while True:
            answer(connection, wire.receive(connection))


def message(body: Any, blobs: list[bytes] = ()) -> bytes:
    """A message as bytes, with a body that `values.encode` would never make."""
    head = json.dumps({"body": body, "blobs": [len(blob) for blob in blobs]}).encode()
    return b"".join([struct.pack("<I", len(head)), head, *blobs])


def reply(request: dict, value: Any = None, **more: Any) -> bytes:
    """The reply of an honest agent with this value."""
    made = {"number": request["number"], "value": value, "args": [], "kwargs": {}}
    return wire.pack(made | more)


numbers = (
    st.integers(-3, 9)
    | st.integers(-(2**70), 2**70)
    | st.floats(width=32)
    | st.sampled_from([math.nan, math.inf, -0.0, 1e308, 0.5])
)
texts = st.text(max_size=12) | st.sampled_from(["", "\x1b[2J", "a\u202eb", "\ud800", "\0", "k"])
shapes = st.lists(st.integers(0, 4), max_size=values.MAX_DIMS).map(tuple)


@st.composite
def tensors(draw: st.DrawFn) -> torch.Tensor:
    """Of any dtype that crosses, with any bytes in it."""
    shape, dtype = draw(shapes), draw(st.sampled_from(list(values.TORCH_DTYPES.values())))
    count = math.prod(shape)
    if dtype is torch.bool:
        return torch.tensor([n % 3 == 0 for n in range(count)], dtype=dtype).reshape(shape)
    seed = draw(st.binary(min_size=16, max_size=16))
    raw = bytearray((seed * (count * dtype.itemsize // 16 + 1))[: count * dtype.itemsize])
    if not raw:
        return torch.empty(shape, dtype=dtype)
    return torch.frombuffer(raw, dtype=dtype).reshape(shape)


@st.composite
def arrays(draw: st.DrawFn) -> Any:
    """NumPy arrays and scalars of any dtype that crosses."""
    name = draw(st.sampled_from(list(values.ARRAY_DTYPES)))
    shape = draw(shapes)
    found = (np.arange(math.prod(shape)) * draw(st.integers(-2, 2))).astype(name).reshape(shape)
    return found if shape else found[()]


handles = st.builds(Handle, st.integers(0, 2**31 - 1), texts.map(lambda t: values.clean(t, 80)))
leaves = st.none() | st.booleans() | numbers | texts | st.binary(max_size=9) | handles
keys = st.recursive(
    st.none() | numbers | texts, lambda inner: st.tuples(inner, inner), max_leaves=3
)
anything = st.recursive(
    leaves | tensors() | arrays(),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.tuples(inner, inner)
        | st.dictionaries(keys, inner, max_size=4)
        | st.sets(keys, max_size=4)
    ),
    max_leaves=10,
)


def same(a: Any, b: Any) -> bool:
    """Whether two values are one: types, dtypes, shapes and bits; any NaN is one for a float."""
    if type(a) is not type(b):
        return False
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return same(list(a), list(b)) and same(list(a.values()), list(b.values()))
    if isinstance(a, set):
        return sorted(map(repr, a)) == sorted(map(repr, b))
    if isinstance(a, torch.Tensor):
        raw = [x.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes() for x in (a, b)]
        return (a.dtype, a.shape) == (b.dtype, b.shape) and raw[0] == raw[1]
    if isinstance(a, np.ndarray | np.generic):
        return (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes())
    if isinstance(a, float):
        return struct.pack("d", a) == struct.pack("d", b) or (math.isnan(a) and math.isnan(b))
    return a == b
