"""What of a notebook that ran may be kept and shown: text, and pictures that are pictures.

A student's kernel sends its own messages, and nbclient makes outputs of them as they are: any field
may hold any JSON, of any size. What comes out here is valid nbformat, bounded, and of few kinds.
"""

from __future__ import annotations

import base64
import io
import warnings
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output
from PIL import Image

MOST_TEXT = 100_000  # characters of one output
MOST_PICTURE = 2_000_000  # bytes of one picture
MOST_SIDE = 5_000  # pixels of its width, and of its height
MOST_OUTPUTS = 100  # of one cell; what is printed in a row counts once
MOST_SHOWN = 8_000_000  # characters of all outputs of a notebook
FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG"}


def tidy(nb: NotebookNode) -> None:
    """Replace the outputs of each code cell by what may be shown of them; never raises.

    Call it before the scores are written: an output that is cut here must not be one of those.
    """
    left = MOST_SHOWN
    for cell in nb.cells:
        if cell.cell_type != "code":
            continue
        cell.execution_count = _count(cell.get("execution_count"))
        found = _merged(cell.get("outputs"))
        kept: list[NotebookNode] = []
        for raw in found[:MOST_OUTPUTS]:
            output = _output(raw)
            left -= _size(output)
            if left < 0:
                break
            kept.append(output)
        if len(kept) < len(found):
            kept.append(_said(f"… cut: {len(found) - len(kept):,} more outputs of this cell"))
        cell.outputs = kept


def picture(encoded: Any, kind: str) -> str | None:
    """The picture in base64 if it is one of this MIME type, within bounds; else None."""
    if not isinstance(encoded, str) or len(encoded) > 2 * MOST_PICTURE:
        return None
    try:
        data = base64.b64decode("".join(encoded.split()), validate=True)
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Pillow warns of a picture that would fill the memory
            with Image.open(io.BytesIO(data), formats=[FORMATS[kind]]) as image:
                sides = image.size
                image.verify()
    except (OSError, ValueError, SyntaxError, Warning, Image.DecompressionBombError):
        return None  # not base64, or what Pillow says of it
    if len(data) > MOST_PICTURE or max(sides) > MOST_SIDE:
        return None
    return base64.b64encode(data).decode("ascii")


def text(value: Any) -> str:
    """Text as nbformat writes it, one piece or a list of them, bounded; "" for what is none."""
    if isinstance(value, list):
        value = "".join(part for part in value if isinstance(part, str))
    if not isinstance(value, str):
        return ""
    if len(value) > MOST_TEXT:  # the end of a traceback says more than its middle
        half = MOST_TEXT // 2
        value = f"{value[:half]}\n… cut: {len(value):,} characters in all …\n{value[-half:]}"
    return value.encode("utf-8", "replace").decode()  # half an emoji is no UTF-8


def _merged(found: Any) -> list[dict[str, Any]]:
    """The outputs that are dicts; what was printed piece by piece is one piece again."""
    merged: list[dict[str, Any]] = []
    pieces: list[str] = []
    for raw in found if isinstance(found, list) else []:
        if not isinstance(raw, dict):
            continue
        last = merged[-1] if merged else {}
        if raw.get("output_type") == "stream":
            if last.get("output_type") == "stream" and last.get("name") == raw.get("name"):
                pieces.append(_joined(raw.get("text")))
                continue
            pieces = [_joined(raw.get("text"))]
            raw = {"output_type": "stream", "name": raw.get("name"), "text": pieces}
        merged.append(raw)
    return merged


def _joined(value: Any) -> str:
    if isinstance(value, list):
        return "".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""


def _output(raw: dict[str, Any]) -> NotebookNode:
    """One output in the form that nbformat gives its kind; a word for what has no such kind."""
    kind = raw.get("output_type")
    if kind == "stream":
        name = "stderr" if raw.get("name") == "stderr" else "stdout"
        return new_output("stream", name=name, text=text(raw.get("text")))
    if kind == "error":
        lines = raw.get("traceback")
        joined = "\n".join(_joined(line) for line in lines) if isinstance(lines, list) else ""
        known = {key: text(raw.get(key)) for key in ("ename", "evalue")}
        return new_output("error", traceback=[text(joined)], **known)
    data = raw.get("data")
    if kind not in ("display_data", "execute_result") or not isinstance(data, dict):
        return _said("[an output that cannot be shown]")
    shown = _data(data)
    if kind == "display_data":
        return new_output(kind, shown)
    return new_output(kind, shown, execution_count=_count(raw.get("execution_count")))


def _data(data: dict[str, Any]) -> dict[str, str]:
    """Of all forms of one output: the picture, and the plain text."""
    shown = {kind: found for kind in FORMATS if (found := picture(data.get(kind), kind))}
    plain = text(data.get("text/plain"))
    if not shown and any(kind in data for kind in FORMATS):
        plain += f"\n[a picture that is not shown: no whole one of at most {MOST_SIDE:,} pixels "
        plain += f"a side and {MOST_PICTURE // 10**6} MB]"
    if plain or not shown:
        shown["text/plain"] = plain.strip("\n") or "[an output that cannot be shown]"
    return shown


def _count(value: Any) -> int | None:
    plain = isinstance(value, int) and not isinstance(value, bool)
    return value if plain and 0 <= value < 10**6 else None


def _size(output: NotebookNode) -> int:
    """Characters that it brings to a page."""
    texts = [output.get("text", ""), output.get("evalue", ""), *output.get("traceback", [])]
    return sum(map(len, [*texts, *output.get("data", {}).values()]))


def _said(line: str) -> NotebookNode:
    return new_output("stream", name="stdout", text=f"{line}\n")
