"""Reading a notebook file that anyone may have written, whatever is in it."""

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.errors import UserError

KINDS = ("code", "markdown", "raw")
ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
MOST_BYTES = 50_000_000  # a notebook with its pictures has under 5 MB
WANT = "expected a Jupyter notebook. Download it with File > Download > .ipynb and try again."
PYTHON = re.compile(rb"^\s*(?:#|import |from \w+ import |def |class |\"\"\")")


class CollectError(UserError):
    """A file that cannot be made into a submission: what was found, expected, to do."""


def read(path: Path | str) -> NotebookNode:
    """The notebook in this file, in format 4. Raises CollectError: what it is instead."""
    path = Path(path)
    if not path.is_file():
        raise CollectError(f"{path}: no such file.")
    with path.open("rb") as file:
        return parse(file.read(MOST_BYTES + 1), path.name)


def parse(data: bytes, name: str) -> NotebookNode:
    """The notebook in these bytes; `name` is what messages call it.

    Of its metadata there comes along what says which lab and which cell something is, and nothing
    else; outputs do not come along. Raises CollectError: what the file is instead.
    """
    if len(data) > MOST_BYTES:
        raise CollectError(
            f"{name}: found over {MOST_BYTES // 10**6} MB, expected a notebook of under 5 MB. "
            "Clear its outputs and hand it in again."
        )
    if not data.strip(b"\0 \t\r\n"):
        raise CollectError(f"{name}: the file is empty, {WANT}")
    raw, notes = _json(data, name), []
    if not isinstance(raw, dict) or not isinstance(raw.get("nbformat", 4), int):
        raise CollectError(f"{name}: found JSON that is not a notebook, {WANT}")
    if raw.get("nbformat", 4) < 4 and isinstance(raw.get("worksheets"), list):
        notes.append(f"was a notebook of format {raw['nbformat']}, made one of format 4")
        raw = _upgraded(raw, name)
    if not isinstance(raw.get("cells"), list):  # a later format than 4 is read as one
        found = f"notebook format {raw['nbformat']}" if "nbformat" in raw else "JSON"
        raise CollectError(f"{name}: found {found} that is not a notebook with cells, {WANT}")
    cells = [_cell(cell, n) for n, cell in enumerate(raw["cells"]) if isinstance(cell, dict)]
    metadata = _known(raw) | ({"read_as": notes} if notes else {})
    return NotebookNode(cells=cells, metadata=NotebookNode(metadata), nbformat=4, nbformat_minor=5)


def cell(kind: str, text: str, id: str | None = None) -> NotebookNode:
    """A new cell: as nbformat makes it, without its check of each one, which costs 0.2 ms."""
    more = {"execution_count": None, "outputs": []} if kind == "code" else {}
    id = id or uuid.uuid4().hex[:8]
    return NotebookNode(cell_type=kind, id=id, metadata=NotebookNode(), source=text, **more)


def _json(data: bytes, name: str) -> Any:
    try:
        text = data.decode(json.detect_encoding(data))  # UTF-8, -16 and -32, with a mark or without
    except UnicodeDecodeError:
        text = data.decode("latin-1")  # an old Windows editor: every byte is a character there
    text = text.strip("\ufeff\0 \t\r\n")
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        raise CollectError(f"{name}: found {_instead(text, data)}") from error


def _instead(text: str, data: bytes) -> str:
    """What a file that is not JSON seems to be, and what to do about it."""
    if text[:1] == "<":
        return f"a web page, {WANT}"
    if "\n<<<<<<< " in text:
        return "the marks of a git conflict, expected a notebook. Settle the conflict first."
    if text[:1] == "{" and text[-1:] != "}" and '"cells"' in text:
        return (
            "a notebook that is cut short, not JSON to its end: it stops in the middle, as when "
            "an upload breaks off. Hand it in again."
        )
    if data[:4] == b"PK\3\4":
        return f"a zip file, not JSON, {WANT}"
    return f"{'Python code' if PYTHON.match(data) else 'text'}, not JSON, {WANT}"


def _upgraded(raw: dict[str, Any], name: str) -> dict[str, Any]:
    """A notebook of format 1 to 3, as they were until 2015, in format 4."""
    raw.setdefault("metadata", {})
    for sheet in raw["worksheets"]:
        for old in sheet.get("cells", []) if isinstance(sheet, dict) else []:
            if isinstance(old, dict):
                old["outputs"] = []
    try:
        version = nbformat.versions[raw["nbformat"]]
        return nbformat.convert(version.to_notebook_json(raw), 4)
    except Exception as error:  # nbformat trusts what it reads: anything may come of it
        raise CollectError(
            f"{name}: an old notebook (format {raw['nbformat']}) that cannot be read. Open it in "
            "JupyterLab or Colab, save it and hand it in again."
        ) from error


def _known(raw: dict[str, Any]) -> NotebookNode:
    """Which lab a notebook says it is of, and what collect noted in it."""
    known = raw.get("metadata")
    known = known.get("gptlab") if isinstance(known, dict) else None
    if not isinstance(known, dict):
        return NotebookNode()
    notes = known.get("repaired")
    notes = [note for note in notes if isinstance(note, str)] if isinstance(notes, list) else []
    kept = {"lab": known["lab"]} if isinstance(known.get("lab"), str) else {}
    return nbformat.from_dict({"gptlab": kept | ({"repaired": notes} if notes else {})})


def _cell(raw: dict[str, Any], number: int) -> NotebookNode:
    """Type, id, text and metadata of a cell, each of the type that it should have; no outputs."""
    text = raw.get("source", "")
    if isinstance(text, list):
        text = "".join(line for line in text if isinstance(line, str))
    kind = raw.get("cell_type") if raw.get("cell_type") in KINDS else "markdown"
    text = text if isinstance(text, str) else ""
    text = text.replace("\r\n", "\n").replace("\0", "")
    id = raw.get("id")
    # half an emoji is no UTF-8
    made = cell(kind, text.encode("utf-8", "replace").decode(),
                id if isinstance(id, str) and ID.fullmatch(id) else f"cell-{number}")  # fmt: skip
    metadata = raw.get("metadata") if isinstance(raw.get("metadata"), dict) else {}
    known = metadata.get("nbgrader")
    if isinstance(known, dict):
        plain = {k: v for k, v in known.items() if isinstance(v, str | int | float | None)}
        made.metadata["nbgrader"] = NotebookNode(plain)
    if isinstance(metadata.get("id"), str):  # where Colab keeps a cell's id
        made.metadata["id"] = metadata["id"]
    return made
