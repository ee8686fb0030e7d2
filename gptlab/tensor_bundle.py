"""Reads TensorFlow's checkpoints without TensorFlow: OpenAI published GPT-2 in this form.

A checkpoint `model.ckpt` is `model.ckpt.index`, a sorted table from a variable's name to its type,
shape and place, and `model.ckpt.data-00000-of-00001`, the numbers. The table has LevelDB's form,
its entries are protocol buffers: tensorflow/core/lib/io/table_format.txt and
tensorflow/core/protobuf/tensor_bundle.proto. TensorFlow takes seconds to load, and has no wheel for
some machines; the part of the form that is read here is that of such checkpoints, one data file and
an index that is not compressed, and anything else is refused with its name.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np

__all__ = ["BundleError", "read"]

MAGIC = bytes.fromhex("57fb808b247547db")
FOOTER = 48  # two handles, padding, the magic number
TYPES = {1: np.dtype("<f4"), 2: np.dtype("<f8"), 3: np.dtype("<i4"), 9: np.dtype("<i8")}
TYPE, SHAPE, SHARD, OFFSET, SIZE = 1, 2, 3, 4, 5  # the fields of a BundleEntryProto
DIMENSIONS = 2  # the field of a TensorShapeProto


class BundleError(ValueError):
    """A file that is no checkpoint of this kind: which, and what was found in it."""


def read(prefix: str | Path) -> dict[str, np.ndarray]:
    """Every variable of the checkpoint `prefix` (a path up to and with `.ckpt`), by name.

    The arrays are read only, and read from the disk when they are used. Raises BundleError.
    """
    prefix = Path(prefix)
    index = prefix.with_name(prefix.name + ".index")
    data = prefix.with_name(prefix.name + ".data-00000-of-00001")
    for path in (index, data):
        if not path.is_file():
            raise BundleError(f"there is no {path}: a checkpoint has it beside its other file")
    try:
        entries = list(_table(index.read_bytes()))
    except (IndexError, ValueError) as error:
        raise BundleError(f"{index} is no index of a TensorFlow checkpoint: {error}") from error
    numbers = np.memmap(data, np.uint8, "r") if data.stat().st_size else np.empty(0, np.uint8)
    return {key.decode(): _variable(key.decode(), entry, numbers, data) for key, entry in entries}


def _variable(name: str, entry: bytes, numbers: np.ndarray, data: Path) -> np.ndarray:
    """The array that an entry describes."""
    fields = _fields(entry)
    kind = TYPES.get(_last(fields, TYPE))
    if kind is None or _last(fields, SHARD):
        raise BundleError(
            f"{name}: type {_last(fields, TYPE)} in data file {_last(fields, SHARD)}; what is read "
            f"here are types {sorted(TYPES)} in file 0. Read this checkpoint with TensorFlow"
        )
    dimensions = _fields(fields.get(SHAPE, [b""])[-1]).get(DIMENSIONS, [])
    shape = [_last(_fields(dimension), 1) for dimension in dimensions]
    start, size = _last(fields, OFFSET), _last(fields, SIZE)
    if size != kind.itemsize * int(np.prod(shape, dtype=np.int64)) or start + size > len(numbers):
        raise BundleError(
            f"{data} has {len(numbers):,} bytes; {name} of shape {shape} should be {size:,} bytes "
            f"from byte {start:,} on. Was the file cut?"
        )
    return numbers[start : start + size].view(kind).reshape(shape)


def _table(raw: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The entries of the sorted table but for its header, (name, entry)."""
    if raw[-len(MAGIC) :] != MAGIC:
        raise ValueError("its last bytes are not those of one")
    footer = raw[-FOOTER:]
    _, at = _varint(footer, 0)  # the handle of the meta index: offset and size
    _, at = _varint(footer, at)
    for _, handle in _block(raw, *_handle(footer, at)):
        for key, value in _block(raw, *_handle(handle, 0)):
            if key:  # the entry without a name is the header: one shard is checked by the reader
                yield key, value


def _handle(raw: bytes, at: int) -> tuple[int, int]:
    offset, at = _varint(raw, at)
    size, _ = _varint(raw, at)
    return offset, size


def _block(raw: bytes, offset: int, size: int) -> Iterator[tuple[bytes, bytes]]:
    """The entries of a block. Each key says how much of the one before it begins with."""
    said = int.from_bytes(raw[offset + size + 1 : offset + size + 5], "little")
    if said != _checksum(raw[offset : offset + size + 1]):
        raise ValueError(f"block {offset} has another checksum than it says")
    if raw[offset + size]:
        raise ValueError(f"block {offset} is compressed; read this checkpoint with TensorFlow")
    block = raw[offset : offset + size]
    restarts = int.from_bytes(block[-4:], "little")
    key, at, end = b"", 0, len(block) - 4 - 4 * restarts
    while at < end:
        shared, at = _varint(block, at)
        fresh, at = _varint(block, at)
        length, at = _varint(block, at)
        key = key[:shared] + block[at : at + fresh]
        at += fresh
        yield key, block[at : at + length]
        at += length


def _checksum(raw: bytes) -> int:
    """CRC-32C, rotated and moved as LevelDB does before it is stored."""
    crc = 0xFFFFFFFF
    for byte in raw:
        crc = _crc_table()[(crc ^ byte) & 255] ^ (crc >> 8)
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


@cache
def _crc_table() -> tuple[int, ...]:
    """What each byte does to a CRC-32C; its polynomial, from the low bit on, is 0x82F63B78."""
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return tuple(table)


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    """A number of 7 bits a byte, the lowest first, and where it ends."""
    value = shift = 0
    while True:
        byte = raw[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
        if shift > 63:
            raise ValueError("a number of more than ten bytes")


def _fields(raw: bytes) -> dict[int, list]:
    """The fields of a protocol buffer: number -> its values, ints or bytes."""
    found: dict[int, list] = {}
    at = 0
    while at < len(raw):
        tag, at = _varint(raw, at)
        number, kind = tag >> 3, tag & 7
        if kind == 0:
            value, at = _varint(raw, at)
        elif kind == 2:
            length, at = _varint(raw, at)
            value, at = raw[at : at + length], at + length
        elif kind in (1, 5):
            length = 8 if kind == 1 else 4
            value, at = raw[at : at + length], at + length
        else:
            raise ValueError(f"a field of wire type {kind}")
        found.setdefault(number, []).append(value)
    return found


def _last(fields: dict[int, list], number: int) -> int:
    """A number that a message leaves out is 0."""
    return fields.get(number, [0])[-1]
