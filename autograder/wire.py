"""Messages between the trusted tester and the student's process.

A message is `length of head (4 bytes) | head (JSON) | blobs`; autograder.values says how values are
written. Here they are read, and every byte is taken as hostile: sizes, counts, depths, dtypes and
shapes are checked before anything is made of them, and nothing but WireError comes out. What is
read is plain data of exact types, so comparing it runs no code of a student's.
"""

from __future__ import annotations

import io
import json
import math
import socket
import struct
from array import array
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from autograder.values import (
    ARRAY_DTYPES,
    INT_BITS,
    MAX_BLOBS,
    MAX_BYTES,
    MAX_DEPTH,
    MAX_NODES,
    PER_NODE,
    TORCH_DTYPES,
    Handle,
    WireError,
    clean,
    encode,
    shape_problem,
)

MAX_HEAD = 4 * 2**20  # bytes of JSON in one message: at the worst 100 MB of small objects
CHUNK = 2**18  # bytes read at once
ALIKE = 64  # keys of one hash: floats, by nature, up to 35


def pack(value: Any, handle: Callable[[Any], Handle] | None = None) -> bytes:
    """One message, whole. Raises WireError for what may not cross."""
    body, blobs = encode(value, handle)
    head = json.dumps(
        {"body": body, "blobs": [len(blob) for blob in blobs]}, separators=(",", ":")
    ).encode()
    if len(head) > MAX_HEAD:
        raise WireError(f"more than {MAX_HEAD // 2**20} MB of text and small values in one answer")
    return b"".join([struct.pack("<I", len(head)), head, *blobs])


def unpack(message: bytes) -> Any:
    """The value of one whole message."""
    return read(io.BytesIO(message).read)


def receive(connection: socket.socket) -> Any:
    """Read one message from a socket. Raises EOFError if the other side is gone."""
    return read(connection.recv)


def read(source: Callable[[int], bytes]) -> Any:
    """Read one message through `source(at_most)`. Raises WireError if it is malformed."""
    (length,) = struct.unpack("<I", _exactly(source, 4))
    if length > MAX_HEAD:
        raise WireError(f"a message head of {length} bytes (at most {MAX_HEAD})")
    try:
        head = _JSON.decode(_exactly(source, length).decode())
    except (ValueError, RecursionError) as error:
        raise WireError("a message head that is not JSON") from error
    sizes = head.get("blobs") if type(head) is dict else None
    if type(sizes) is not list or len(sizes) > MAX_BLOBS or "body" not in head:
        raise WireError("a message without body and blobs")
    if any(type(size) is not int or size < 0 for size in sizes) or sum(sizes) > MAX_BYTES:
        raise WireError(f"blobs of more than {MAX_BYTES} bytes")
    return decode(head["body"], [_exactly(source, size) for size in sizes])


def _refuse(constant: str) -> None:
    raise ValueError(constant)


_JSON = json.JSONDecoder(parse_constant=_refuse)  # NaN and Infinity are not JSON


def _exactly(source: Callable[[int], bytes], length: int) -> bytearray:
    parts = bytearray()
    while len(parts) < length:
        part = source(min(length - len(parts), CHUNK))
        if not part:
            raise EOFError("the other side closed the connection")
        parts += part
    return parts


def decode(body: Any, blobs: list[bytearray]) -> Any:
    """Make the value that `values.encode` took apart. Raises WireError for anything else."""
    reader = _Reader(blobs)
    value = reader.value(body, 0)
    if any(blob is not None for blob in reader.blobs):
        raise WireError("bytes that belong to nothing")
    return value


class _Reader:
    """Each blob is used once, and then belongs to what was made of it."""

    def __init__(self, blobs: list[bytearray]):
        self.blobs: list[bytearray | None] = list(blobs)
        self.nodes = 0

    def value(self, body: Any, depth: int) -> Any:
        self.count(1)
        if depth > MAX_DEPTH:
            raise WireError(f"a value nested more than {MAX_DEPTH} deep")
        kind = type(body)
        if body is None or kind is bool or kind is str or kind is float:
            return body
        if kind is int:
            if abs(body) >= 2**63:
                raise WireError("an integer over 63 bits in plain form")
            return body
        if kind is list:
            return [self.value(item, depth + 1) for item in body]
        tag = body.get("t")
        maker = _MAKERS.get(tag) if type(tag) is str else None
        if maker is None:
            raise WireError("a value of an unknown form")
        return maker(self, body, depth)

    def count(self, nodes: int) -> None:
        self.nodes += nodes
        if self.nodes > MAX_NODES:
            raise WireError(f"more than {MAX_NODES:,} values in one answer")

    def items(self, body: Any, depth: int) -> list:
        """A list, in either of its forms."""
        if type(body) is list:
            return [self.value(item, depth + 1) for item in body]
        if type(body) is dict and body.get("t") in ("ints", "floats"):
            return self.value(body, depth)
        raise WireError("a sequence without its items")

    def read_tuple(self, body: dict, depth: int) -> tuple:
        return tuple(self.items(body.get("v"), depth))

    def read_set(self, body: dict, depth: int) -> set:
        return set(_distinct(self.items(body.get("v"), depth)))

    def read_dict(self, body: dict, depth: int) -> dict:
        keys = _distinct(self.items(body.get("k"), depth))
        values = self.items(body.get("v"), depth)
        if len(keys) != len(values):
            raise WireError("a dict with more keys than values, or fewer")
        return dict(zip(keys, values, strict=True))

    def read_int(self, body: dict, depth: int) -> int:
        text = body.get("v")
        if type(text) is not str or len(text) > INT_BITS // 4 + 3:
            raise WireError("an integer that is too long")
        try:
            return int(text, 16)
        except ValueError as error:
            raise WireError("an integer that is none") from error

    def read_float(self, body: dict, depth: int) -> float:
        if body.get("v") not in ("nan", "inf", "-inf"):
            raise WireError("a float that is none")
        return float(body["v"])

    def raw(self, body: dict) -> bytearray:
        """The bytes of a blob; the next who asks for it gets none."""
        number = body.get("blob")
        if type(number) is not int or not 0 <= number < len(self.blobs):
            raise WireError("a value without its bytes")
        raw, self.blobs[number] = self.blobs[number], None
        if raw is None:
            raise WireError("bytes that are used twice")
        return raw

    def read_text(self, body: dict, depth: int) -> str:
        try:
            return self.raw(body).decode("utf-8", "surrogatepass")
        except UnicodeDecodeError as error:
            raise WireError("a text that is none") from error

    def read_bytes(self, body: dict, depth: int) -> bytes:
        return bytes(self.raw(body))

    def read_numbers(self, body: dict, depth: int) -> list:
        raw, found = self.raw(body), array("q" if body["t"] == "ints" else "d")
        if len(raw) % found.itemsize:
            raise WireError("a list of numbers whose bytes do not fit")
        self.count(len(raw) // found.itemsize // PER_NODE)
        found.frombytes(raw)
        return found.tolist()

    def read_tensor(self, body: dict, depth: int) -> torch.Tensor:
        dtype = TORCH_DTYPES[_dtype(body, TORCH_DTYPES)]
        raw = self.raw(body)
        shape = _shape(body.get("shape"), dtype.itemsize, raw)
        if dtype is torch.bool:
            _only_bits(raw)
        if not raw:
            return torch.empty(shape, dtype=dtype)
        return torch.frombuffer(raw, dtype=dtype).reshape(shape)

    def read_array(self, body: dict, depth: int) -> np.ndarray:
        dtype = ARRAY_DTYPES[_dtype(body, ARRAY_DTYPES)]
        raw = self.raw(body)
        shape = _shape(body.get("shape"), dtype.itemsize, raw)
        if dtype == np.bool_:
            _only_bits(raw)
        return np.frombuffer(raw, dtype=dtype).reshape(shape)

    def read_scalar(self, body: dict, depth: int) -> np.generic:
        return self.read_array({**body, "shape": []}, depth)[()]

    def read_handle(self, body: dict, depth: int) -> Handle:
        number, name = body.get("number"), body.get("type")
        if type(number) is not int or not 0 <= number < 2**31 or type(name) is not str:
            raise WireError("a handle that is none")
        return Handle(number, clean(name, 80))


def _distinct(keys: list) -> list:
    """Keys of a dict or members of a set, if they can be that.

    Python's hashes of numbers and tuples are known to all: so many keys can be made to have one
    hash that putting them into a dict takes minutes.
    """
    if len(keys) > MAX_NODES:
        raise WireError(f"more than {MAX_NODES:,} values in one dict or set")
    try:
        hashes = Counter(map(hash, keys))
    except TypeError as error:
        raise WireError("a key or a member of a set that cannot be hashed") from error
    if max(hashes.values(), default=0) > ALIKE:
        raise WireError("keys that are made to collide")
    if len(set(keys)) != len(keys):
        raise WireError("the same key twice")
    return keys


def _dtype(body: dict, known: dict) -> str:
    name = body.get("dtype")
    if type(name) is not str or name not in known:
        raise WireError("numbers of an unknown dtype")
    return name


def _shape(shape: Any, itemsize: int, raw: bytearray) -> list[int]:
    if type(shape) is not list or any(type(size) is not int or size < 0 for size in shape):
        raise WireError("a tensor without a shape")
    problem = shape_problem(shape)
    if problem:
        raise WireError(problem)
    if math.prod(shape) * itemsize != len(raw):
        raise WireError("a tensor whose bytes do not fit its shape")
    return shape


def _only_bits(raw: bytearray) -> None:
    """Another byte than 0 or 1 would be a bool that is true and yet equals no other."""
    if raw.strip(b"\0\1"):
        raise WireError("a bool that is neither true nor false")


_MAKERS: dict[str, Callable[[_Reader, dict, int], Any]] = {
    "int": _Reader.read_int,
    "float": _Reader.read_float,
    "tuple": _Reader.read_tuple,
    "set": _Reader.read_set,
    "dict": _Reader.read_dict,
    "text": _Reader.read_text,
    "ints": _Reader.read_numbers,
    "floats": _Reader.read_numbers,
    "bytes": _Reader.read_bytes,
    "tensor": _Reader.read_tensor,
    "array": _Reader.read_array,
    "scalar": _Reader.read_scalar,
    "handle": _Reader.read_handle,
}
