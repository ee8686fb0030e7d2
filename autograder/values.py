"""Which values may cross between the trusted tester and the student's process, and how they are
written.

Tensors, arrays, long texts and long lists of numbers stand in the JSON as the number of a blob;
their bytes go beside it. No pickle, no eval: what has no form here crosses as a handle, a number
that only the student's process can resolve.

The limits bind both sides. Writing obeys them so that an honest answer that is too large comes
back as a sentence; what enforces them is the reading (autograder.wire).
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

MAX_BYTES = 64 * 2**20  # of all blobs in one message
MAX_BLOBS = 10_000
MAX_NODES = 200_000  # values in one message, those inside others too; a tensor counts as one
PER_NODE = 16  # numbers of a long list that count as one value
MAX_ELEMENTS = 2**23  # of one tensor or array
MAX_EMPTY = 2**16  # product of max(dim, 1) where there is no element: tolist() makes that many
MAX_DIMS = 6  # printing takes six of each: 47,000 numbers, and not the ten million of nine axes
MAX_DEPTH = 24
INT_BITS = 4096
LONG_TEXT = 4096  # characters from which a text is a blob
LONG_LIST = 64  # the same for a list of numbers of one type

TORCH_DTYPES = {
    str(dtype).removeprefix("torch."): dtype
    for dtype in (
        torch.float64,
        torch.float32,
        torch.float16,
        torch.bfloat16,
        torch.int64,
        torch.int32,
        torch.int16,
        torch.int8,
        torch.uint8,
        torch.bool,
        torch.complex64,
        torch.complex128,
    )
}
ARRAY_DTYPES = {
    name: np.dtype(name)
    for name in (
        "float64",
        "float32",
        "float16",
        "int64",
        "int32",
        "int16",
        "int8",
        "uint64",
        "uint32",
        "uint16",
        "uint8",
        "bool",
        "complex64",
        "complex128",
    )
}


class WireError(Exception):
    """A message that is not well formed, too large, or holds what may not cross."""


@dataclass(frozen=True)
class Handle:
    """Stands for an object that stays in the student's process: its number and its type's name."""

    number: int
    type: str


def clean(text: str, most: int, lines: bool = False) -> str:
    """A student's text for a terminal or a page: what can be printed, cut at `most` characters.

    Control characters, bidirectional overrides and half emojis become "\ufffd"; it stays in one
    line unless `lines`.
    """
    text = text[: most + 1]
    if not lines:
        text = " ".join(text.split())
    kept = "".join(c if c.isprintable() or (lines and c == "\n") else "\ufffd" for c in text)
    return kept if len(kept) <= most else kept[: most - 1] + "…"


def encode(value: Any, handle: Callable[[Any], Handle] | None = None) -> tuple[Any, list[bytes]]:
    """Turn a value into JSON and blobs.

    `handle` names what cannot cross by value (a module, a function); without it such a value is a
    WireError, and so is one that is larger than the limits.
    """
    writer = _Writer(handle)
    return writer.write(value, 0), writer.blobs


class _Writer:
    """Uses the types' own methods: a subclass may have others, which never end or which lie."""

    def __init__(self, handle: Callable[[Any], Handle] | None):
        self.handle = handle
        self.blobs: list[bytes] = []
        self.bytes = self.nodes = 0

    def write(self, value: Any, depth: int) -> Any:
        self._count(1)
        if depth > MAX_DEPTH:
            raise WireError(f"a value nested more than {MAX_DEPTH} deep")
        kind = type(value)
        if value is None or kind is bool:
            return value
        if kind is int:
            return value if abs(value) < 2**63 else {"t": "int", "v": _big(value)}
        if kind is float:
            return value if math.isfinite(value) else {"t": "float", "v": repr(value)}
        if kind is str:
            return self._text(value)
        if kind is list:
            return self._list(value, depth)
        if kind is tuple or (
            issubclass(kind, tuple) and (kind is torch.Size or hasattr(kind, "_fields"))
        ):
            return {"t": "tuple", "v": self._list(list(tuple.__iter__(value)), depth)}
        if kind is set or kind is frozenset:
            return {"t": "set", "v": self._keys(list(value), depth)}
        if issubclass(kind, dict):
            return {
                "t": "dict",
                "k": self._keys(list(dict.keys(value)), depth),
                "v": self._list(list(dict.values(value)), depth),
            }
        return self._whole(value, depth)

    def _whole(self, value: Any, depth: int) -> Any:
        """What is a blob as it stands, or a handle."""
        if type(value) is bytes:
            return {"t": "bytes", "blob": self._blob(value)}
        if type(value) is Handle:
            return {"t": "handle", "number": value.number, "type": value.type}
        if isinstance(value, torch.Tensor):
            with torch._C.DisableTorchFunctionSubclass():
                name = str(value.dtype).removeprefix("torch.")
                if value.layout is torch.strided and name in TORCH_DTYPES and not value.is_meta:
                    return self._tensor(value, name)
        if isinstance(value, np.ndarray | np.generic) and value.dtype.name in ARRAY_DTYPES:
            return self._array(value, value.dtype.name)
        if self.handle is None:
            raise WireError(f"a {type(value).__name__} cannot cross by value")
        made = self.handle(value)
        return {"t": "handle", "number": made.number, "type": made.type}

    def _text(self, value: str) -> Any:
        if len(value) <= LONG_TEXT:
            self._spend(len(value))
            return value
        self._spend(len(value), hold=False)
        return {"t": "text", "blob": self._blob(value.encode("utf-8", "surrogatepass"))}

    def _list(self, value: list, depth: int) -> Any:
        if len(value) > LONG_LIST:
            self._count(1 + len(value) // PER_NODE)
            for kind, code, tag in ((int, "q", "ints"), (float, "d", "floats")):
                if type(value[0]) is kind and all(type(item) is kind for item in value):
                    try:
                        return {"t": tag, "blob": self._blob(array(code, value).tobytes())}
                    except OverflowError:  # an integer over 63 bits: one by one
                        break
        return [self.write(item, depth + 1) for item in value]

    def _keys(self, value: list, depth: int) -> Any:
        self._count(0 if len(value) <= MAX_NODES else len(value))
        return self._list(value, depth)

    def _count(self, nodes: int) -> None:
        self.nodes += nodes
        if self.nodes > MAX_NODES:
            raise WireError(f"more than {MAX_NODES:,} values in one answer")

    def _tensor(self, value: torch.Tensor, name: str) -> dict:
        shape = _writable(list(value.shape))
        self._spend(math.prod(shape) * value.dtype.itemsize, hold=False)  # a view may be larger
        plain = value.detach().cpu().as_subclass(torch.Tensor).resolve_conj().resolve_neg()
        raw = plain.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()
        return {"t": "tensor", "dtype": name, "shape": shape, "blob": self._blob(raw)}

    def _array(self, value: np.ndarray | np.generic, name: str) -> dict:
        shape = _writable(list(value.shape))
        self._spend(math.prod(shape) * value.dtype.itemsize, hold=False)
        raw = np.asarray(value, dtype=ARRAY_DTYPES[name]).tobytes()  # in this machine's byte order
        if isinstance(value, np.generic):
            return {"t": "scalar", "dtype": name, "blob": self._blob(raw)}
        return {"t": "array", "dtype": name, "shape": shape, "blob": self._blob(raw)}

    def _blob(self, raw: bytes) -> int:
        self._spend(len(raw))
        if len(self.blobs) == MAX_BLOBS:
            raise WireError(f"more than {MAX_BLOBS:,} tensors in one answer")
        self.blobs.append(raw)
        return len(self.blobs) - 1

    def _spend(self, count: int, hold: bool = True) -> None:
        if self.bytes + count > MAX_BYTES:
            raise WireError(f"more than {MAX_BYTES // 2**20} MB in one answer")
        self.bytes += count if hold else 0


def _writable(shape: list[int]) -> list[int]:
    problem = shape_problem(shape)
    if problem:
        raise WireError(problem)
    return shape


def shape_problem(shape: list[int]) -> str:
    """Why a tensor of this shape may not cross; "" if it may."""
    if len(shape) > MAX_DIMS:
        return f"a tensor of {len(shape)} axes (at most {MAX_DIMS})"
    rows = math.prod(max(size, 1) for size in shape)
    if rows > (MAX_ELEMENTS if math.prod(shape) else MAX_EMPTY):
        return f"a tensor of {rows:,} elements" if math.prod(shape) else "a large empty tensor"
    return ""


def _big(value: int) -> str:
    if value.bit_length() > INT_BITS:
        raise WireError(f"an integer of {value.bit_length()} bits (at most {INT_BITS})")
    return hex(value)
