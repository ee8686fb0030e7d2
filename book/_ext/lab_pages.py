"""Three changes to a lab on its way to its page; the notebook itself is not touched.

MyST-NB gives a code cell with the tag `todo` the class `tag_todo`, but drops the tags of markdown
cells, and the TO-DO line of a lab is one. So the text of every tagged markdown cell is put between
a pair of `<div>`s. The Colab badge, a picture from outside, becomes a link in words: no page of the
site loads anything from elsewhere. And a cell whose source the notebook hides (the sealed answers
of a quiz) is folded on the page too.
"""

from __future__ import annotations

import json
import re
import zlib
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

BADGE = re.compile(r"!\[[^\]]*\]\(https://colab\.research\.google\.com/[^)]*\.svg\)")
HEADING = re.compile(r"^#{1,6} ", re.MULTILINE)


def classes_of(tags: list[str]) -> str:
    """The classes that MyST-NB would give a code cell with these tags."""
    return " ".join(["cell", *(f"tag_{tag.replace(' ', '_')}" for tag in tags)])


def wrapped(text: str, tags: list[str]) -> str:
    """The text of one markdown cell between `<div>`s; with a heading it is left as it is.

    A heading starts a section of the page, and a section cannot start inside a `<div>`.
    """
    if not tags or HEADING.search(text):
        return text
    return f'<div class="{classes_of(tags)}">\n\n{text}\n\n</div>'


def prepare(app: Sphinx, docname: str, source: list[str]) -> None:
    """Sphinx's `source-read`: change the notebook's text on its way to the parser."""
    if not docname.startswith("labs/") or not source[0].lstrip().startswith("{"):
        return
    notebook = json.loads(source[0])
    for cell in notebook["cells"]:
        if cell["metadata"].get("jupyter", {}).get("source_hidden"):
            cell["metadata"].setdefault("tags", []).append("hide-input")
        if cell["cell_type"] == "markdown":
            text = cell["source"]
            text = text if isinstance(text, str) else "".join(text)
            text = BADGE.sub("Open in Colab", text)
            cell["source"] = wrapped(text, cell["metadata"].get("tags", []))
    source[0] = json.dumps(notebook)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("source-read", prepare)
    version = zlib.crc32(Path(__file__).read_bytes())  # a changed extension reads every page again
    return {"env_version": version, "parallel_read_safe": True, "parallel_write_safe": True}
