"""Which values may cross between the trusted tester and the student's process, and in what form.

Tensors and arrays stand in the JSON as dtype, shape and the number of a blob; their bytes go beside
it. No pickle, no eval: what has no form here crosses as a handle, a number that only the student's
process can resolve.

Both sides use this file; the trusted side must take every byte as hostile, so `decode` checks
sizes, depths, dtypes and shapes before it makes anything.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

MAX_BYTES = 256 * 2**20  # bytes of all blobs in one message
# Product of max(dim, 1) of one tensor: an empty one may not claim 2^62 rows.
MAX_ELEMENTS = 2**26
MAX_DEPTH = 24
MAX_BLOBS = 10_000
INT_BITS = 4096

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


def encode(value: Any, handle: Callable[[Any], Handle] | None = None) -> tuple[Any, list[bytes]]:
    """Turn a value into JSON and blobs.

    `handle` names what cannot cross by value (a module, a function); without it such a value is a
    WireError.
    """
    blobs: list[bytes] = []
    body = _encode(value, blobs, handle, 0)
    if len(blobs) > MAX_BLOBS or sum(map(len, blobs)) > MAX_BYTES:
        raise WireError(f"more than {MAX_BYTES} bytes or {MAX_BLOBS} tensors in one answer")
    return body, blobs


def _encode(value: Any, blobs: list[bytes], handle: Any, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise WireError(f"a value nested more than {MAX_DEPTH} deep")
    kind = type(value)
    if value is None or kind is bool or kind is str:
        return value
    if kind is int:
        return value if abs(value) < 2**63 else {"t": "int", "v": _big(value)}
    if kind is float:
        return value if math.isfinite(value) else {"t": "float", "v": repr(value)}
    if kind is list:
        return [_encode(item, blobs, handle, depth + 1) for item in value]
    if kind in (tuple, torch.Size, set, frozenset) or (
        issubclass(kind, tuple) and hasattr(value, "_fields")
    ):
        items = [_encode(item, blobs, handle, depth + 1) for item in value]
        return {"t": "tuple" if isinstance(value, tuple) else "set", "v": items}
    if isinstance(value, dict):
        pairs = [
            [_encode(part, blobs, handle, depth + 1) for part in pair] for pair in value.items()
        ]
        return {"t": "dict", "v": pairs}
    if kind is bytes:
        return {"t": "bytes", "blob": _blob(value, blobs)}
    if kind is Handle:
        return {"t": "handle", "number": value.number, "type": value.type}
    if isinstance(value, torch.Tensor) and not value.is_sparse and not value.is_meta:
        return _encode_tensor(value, blobs)
    if isinstance(value, np.generic) and value.dtype.name in ARRAY_DTYPES:
        return {"t": "scalar", "dtype": value.dtype.name, "blob": _blob(value.tobytes(), blobs)}
    if isinstance(value, np.ndarray) and value.dtype.name in ARRAY_DTYPES:
        return {
            "t": "array",
            "dtype": value.dtype.name,
            "shape": list(value.shape),
            "blob": _blob(np.ascontiguousarray(value).tobytes(), blobs),
        }
    if handle is None:
        raise WireError(f"a {kind.__name__} cannot cross by value")
    return _encode(handle(value), blobs, None, depth)


def _encode_tensor(value: torch.Tensor, blobs: list[bytes]) -> dict:
    plain = value.detach().cpu().as_subclass(torch.Tensor).resolve_conj().resolve_neg()
    raw = plain.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()
    return {
        "t": "tensor",
        "dtype": str(plain.dtype).removeprefix("torch."),
        "shape": list(plain.shape),
        "blob": _blob(raw, blobs),
    }


def _big(value: int) -> str:
    if value.bit_length() > INT_BITS:
        raise WireError(f"an integer of {value.bit_length()} bits (at most {INT_BITS})")
    return hex(value)


def _blob(raw: bytes, blobs: list[bytes]) -> int:
    blobs.append(raw)
    return len(blobs) - 1


def decode(body: Any, blobs: list[bytes], depth: int = 0) -> Any:
    """Make the value that `encode` took apart. Raises WireError for anything else."""
    if depth > MAX_DEPTH:
        raise WireError(f"a value nested more than {MAX_DEPTH} deep")
    if body is None or isinstance(body, bool | str | float):
        return body
    if isinstance(body, int):
        if abs(body) >= 2**63:
            raise WireError("an integer over 63 bits in plain form")
        return body
    if isinstance(body, list):
        return [decode(item, blobs, depth + 1) for item in body]
    if not isinstance(body, dict):
        raise WireError(f"unknown JSON of type {type(body).__name__}")
    maker = _DECODERS.get(body.get("t") if isinstance(body.get("t"), str) else None)
    if maker is None:
        raise WireError(f"unknown tag {str(body.get('t'))[:40]!r}")
    return maker(body, blobs, depth)


def _decode_items(body: dict, blobs: list[bytes], depth: int) -> list:
    if not isinstance(body.get("v"), list):
        raise WireError("a sequence without its items")
    return [decode(item, blobs, depth + 1) for item in body["v"]]


def _decode_set(body: dict, blobs: list[bytes], depth: int) -> set:
    try:
        return set(_decode_items(body, blobs, depth))
    except TypeError as error:
        raise WireError("a set of what cannot be hashed") from error


def _decode_dict(body: dict, blobs: list[bytes], depth: int) -> dict:
    pairs = _decode_items(body, blobs, depth)
    if not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
        raise WireError("a dict whose entries are not pairs")
    try:
        return dict(pairs)
    except TypeError as error:
        raise WireError("a dict with a key that cannot be hashed") from error


def _decode_int(body: dict, blobs: list[bytes], depth: int) -> int:
    text = body.get("v")
    if not isinstance(text, str) or len(text) > INT_BITS // 4 + 3:
        raise WireError("an integer that is too long")
    try:
        return int(text, 16)
    except ValueError as error:
        raise WireError("an integer that is none") from error


def _decode_float(body: dict, blobs: list[bytes], depth: int) -> float:
    if body.get("v") not in ("nan", "inf", "-inf"):
        raise WireError("a float that is none")
    return float(body["v"])


def _raw(body: dict, blobs: list[bytes]) -> bytes:
    number = body.get("blob")
    if type(number) is not int or not 0 <= number < len(blobs):
        raise WireError("a tensor without its bytes")
    return blobs[number]


def _shape(body: dict, itemsize: int, raw: bytes) -> list[int]:
    shape = body.get("shape")
    if not isinstance(shape, list) or len(shape) > MAX_DEPTH:
        raise WireError("a tensor without a shape")
    if any(type(size) is not int or not 0 <= size <= MAX_ELEMENTS for size in shape):
        raise WireError("a tensor with an impossible shape")
    if math.prod(max(size, 1) for size in shape) > MAX_ELEMENTS:
        raise WireError(f"a tensor of more than {MAX_ELEMENTS} elements")
    if math.prod(shape) * itemsize != len(raw):
        raise WireError("a tensor whose bytes do not fit its shape")
    return shape


def _decode_tensor(body: dict, blobs: list[bytes], depth: int) -> torch.Tensor:
    name = body.get("dtype")
    if not isinstance(name, str) or name not in TORCH_DTYPES:
        raise WireError("a tensor of an unknown dtype")
    dtype, raw = TORCH_DTYPES[name], _raw(body, blobs)
    shape = _shape(body, dtype.itemsize, raw)
    if not raw:
        return torch.empty(shape, dtype=dtype)
    return torch.frombuffer(bytearray(raw), dtype=dtype).reshape(shape)


def _decode_array(body: dict, blobs: list[bytes], depth: int) -> np.ndarray:
    name = body.get("dtype")
    if not isinstance(name, str) or name not in ARRAY_DTYPES:
        raise WireError("an array of an unknown dtype")
    raw = _raw(body, blobs)
    shape = _shape(body, ARRAY_DTYPES[name].itemsize, raw)
    return np.frombuffer(bytearray(raw), dtype=ARRAY_DTYPES[name]).reshape(shape)


def _decode_scalar(body: dict, blobs: list[bytes], depth: int) -> np.generic:
    return _decode_array({**body, "shape": []}, blobs, depth)[()]


def _decode_handle(body: dict, blobs: list[bytes], depth: int) -> Handle:
    number, name = body.get("number"), body.get("type")
    if type(number) is not int or not 0 <= number < 2**31 or not isinstance(name, str):
        raise WireError("a handle that is none")
    return Handle(number, name[:80])


_DECODERS: dict[str | None, Callable[[dict, list[bytes], int], Any]] = {
    "int": _decode_int,
    "float": _decode_float,
    "tuple": lambda body, blobs, depth: tuple(_decode_items(body, blobs, depth)),
    "set": _decode_set,
    "dict": _decode_dict,
    "bytes": lambda body, blobs, depth: _raw(body, blobs),
    "tensor": _decode_tensor,
    "array": _decode_array,
    "scalar": _decode_scalar,
    "handle": _decode_handle,
}
