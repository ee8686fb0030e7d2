"""Reading a notebook file that anyone may have written, whatever is in it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.repair import CollectError

MAKE = {
    "code": nbformat.v4.new_code_cell,
    "markdown": nbformat.v4.new_markdown_cell,
    "raw": nbformat.v4.new_raw_cell,
}
ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
MOST_BYTES = 50_000_000  # a notebook with its pictures has under 5 MB


def read(path: Path | str) -> NotebookNode:
    """The notebook in this file, in format 4. Raises CollectError: what it is instead."""
    path = Path(path)
    if not path.is_file():
        raise CollectError(f"{path}: no such file.")
    with path.open("rb") as file:
        return parse(file.read(MOST_BYTES + 1), path.name)


def parse(data: bytes, name: str) -> NotebookNode:
    """The notebook in these bytes; `name` is what messages call it."""
    want = "expected a Jupyter notebook. Download it with File > Download > .ipynb and try again."
    if not data.strip():
        raise CollectError(f"{name}: the file is empty, {want}")
    if len(data) > MOST_BYTES:
        raise CollectError(
            f"{name}: found over {MOST_BYTES // 10**6} MB, expected a notebook of under 5 MB. "
            "Clear its outputs and hand it in again."
        )
    try:
        raw = json.loads(data)
    except (ValueError, RecursionError) as error:
        kind = "a web page" if data.lstrip()[:1] == b"<" else "not JSON"
        raise CollectError(f"{name}: found {kind}, {want}") from error
    if not isinstance(raw, dict) or not isinstance(raw.get("nbformat"), int):
        raise CollectError(f"{name}: found JSON that is not a notebook, {want}")
    if raw["nbformat"] == 3:
        raw = _from_format_3(raw, name)
    if raw["nbformat"] != 4 or not isinstance(raw.get("cells"), list):
        raise CollectError(f"{name}: found notebook format {raw['nbformat']}, expected format 4.")
    return nbformat.v4.new_notebook(
        cells=[_cell(cell, n) for n, cell in enumerate(raw["cells"]) if isinstance(cell, dict)],
        metadata=raw["metadata"] if isinstance(raw.get("metadata"), dict) else {},
    )


def _from_format_3(raw: dict[str, Any], name: str) -> dict[str, Any]:
    try:
        return nbformat.v4.upgrade(nbformat.v3.to_notebook(raw))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise CollectError(f"{name}: an old notebook (format 3) that cannot be read.") from error


def _cell(raw: dict[str, Any], number: int) -> NotebookNode:
    """Type, id, text and metadata of a cell, each of the type that it should have; no outputs."""
    text = raw.get("source", "")
    if isinstance(text, list):
        text = "".join(line for line in text if isinstance(line, str))
    kind = raw.get("cell_type") if raw.get("cell_type") in MAKE else "markdown"
    text = text if isinstance(text, str) else ""
    cell = MAKE[kind](text.encode("utf-8", "replace").decode())  # half an emoji is no UTF-8
    known = raw.get("metadata")
    cell.metadata = nbformat.from_dict(known if isinstance(known, dict) else {})
    id = raw.get("id")
    cell.id = id if isinstance(id, str) and ID.fullmatch(id) else f"cell-{number}"
    return cell
