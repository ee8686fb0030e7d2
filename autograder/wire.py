"""Messages between the trusted tester and the student's process.

A message is `length of head (4 bytes) | head (JSON) | raw bytes`; see autograder.values for what
the head and the bytes hold. Sizes are checked before anything is read.
"""

from __future__ import annotations

import io
import json
import socket
import struct
from collections.abc import Callable
from typing import Any

from autograder.values import MAX_BLOBS, MAX_BYTES, Handle, WireError, decode, encode

MAX_HEAD = 16 * 2**20  # bytes of JSON in one message


def pack(value: Any, handle: Callable[[Any], Handle] | None = None) -> bytes:
    """One message, whole."""
    body, blobs = encode(value, handle)
    head = json.dumps({"body": body, "blobs": [len(blob) for blob in blobs]}).encode()
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
        head = json.loads(_exactly(source, length))
    except (ValueError, RecursionError) as error:
        raise WireError("a message head that is not JSON") from error
    sizes = head.get("blobs") if isinstance(head, dict) else None
    if not isinstance(sizes, list) or len(sizes) > MAX_BLOBS or "body" not in head:
        raise WireError("a message without body and blobs")
    if any(type(size) is not int or size < 0 for size in sizes) or sum(sizes) > MAX_BYTES:
        raise WireError(f"blobs of more than {MAX_BYTES} bytes")
    return decode(head["body"], [_exactly(source, size) for size in sizes])


def _exactly(source: Callable[[int], bytes], length: int) -> bytes:
    parts = bytearray()
    while len(parts) < length:
        part = source(min(length - len(parts), 2**20))
        if not part:
            raise EOFError("the other side closed the connection")
        parts += part
    return bytes(parts)
