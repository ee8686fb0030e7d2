"""A notebook with a script in every text and every output, for the tests of what pages show."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator

import nbformat
from bs4 import BeautifulSoup
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell
from PIL import Image

RUN = "window.pwned=1;alert(1)"
OUTSIDE = "http://outside.invalid/x"
IMG = f'<img src=x onerror="{RUN}">'
TEXTS = [
    f"<script>{RUN}</script>",
    IMG,
    f"# {IMG}",
    f'<svg onload="{RUN}"><a xlink:href="javascript:{RUN}"><text>x</text></a></svg>',
    f"[a](javascript:{RUN})",
    f"[a]( &#1;javascript:{RUN})",
    f"[a](java&Tab;script:{RUN})",
    f"[a](JaVaScRiPt:{RUN})",
    f"[a][b]\n\n[b]: javascript:{RUN}",
    f"![a](javascript:{RUN})",
    f"<javascript:{RUN}>",
    f"[a](data:text/html,<script>{RUN}</script>)",
    "![a](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9ImFsZXJ0KDEpIi8+)",
    "![a](attachment:a.svg)",
    f"![a]({OUTSIDE}.png)",
    f'<img src="{OUTSIDE}.png">',
    f"```mermaid\n{IMG}\n```",
    f'```"><script>{RUN}</script>\nx\n```',
    f"````\n```\n</code></pre>{IMG}\n```\n````",
    f"&lt;script&gt;{RUN}&lt;/script&gt; `&lt;img src=x onerror={RUN}&gt;`",
    f"|a|\n|-|\n|{IMG}|",
    f"term\n: {IMG}",
    f"- [ ] {IMG}",
    f'<a href="java\nscript:{RUN}">x</a>',
    f'<div id="meaning" class="full-credit" onmouseover="{RUN}" style="position:fixed">x</div>',
    f'<form action="{OUTSIDE}"><input name="a" autofocus onfocus="{RUN}"><button>x</button></form>',
    f'<meta http-equiv="refresh" content="0;url={OUTSIDE}"><base href="{OUTSIDE}">',
    f'<iframe srcdoc="<script>parent.{RUN}</script>"></iframe><iframe src="{OUTSIDE}"></iframe>',
    f'<style>@import url("{OUTSIDE}.css"); body {{background: url("{OUTSIDE}.png")}}</style>',
    f'<link rel="stylesheet" href="{OUTSIDE}.css"><object data="{OUTSIDE}"></object>',
    f'<video src="{OUTSIDE}" onerror="{RUN}"><source onerror="{RUN}"></video>',
    f'<p style="background: url({OUTSIDE}.png)">x</p>',
    f'<details open ontoggle="{RUN}"><summary>x</summary></details>',
    f'<math><mtext><table><mglyph><style><!--</style><img title="--&gt;{IMG}">',
    f'<noscript><p title="</noscript>{IMG.replace(chr(34), chr(39))}">',
    rf"$\href{{javascript:{RUN}}}{{click}}$ $\unicode{{x3c}}$ $$\require{{html}}\style{{a:b}}x$$",
    f"$$ </p>{IMG} $$",
    f"\\begin{{a}}{IMG}\\end{{a}}",
    f"<!-- {IMG} --> <![CDATA[{IMG}]]> <?php {IMG} ?>",
    "[" * 3000 + "<b>" * 500 + "> " * 500,
]
BAD_TAGS = {
    "base", "button", "embed", "form", "frame", "iframe", "input", "link", "math", "meta",
    "object", "script", "style", "svg", "video",
}  # fmt: skip
BAD_NAMES = {"srcdoc", "action", "xlink:href", "srcset", "formaction", "background", "poster"}
GOOD_LINKS = ("http://", "https://", "mailto:", "#")
HONEST = [
    "It balances, since a < b and c > d.",
    "Where `a<b` and `x = {1: '<'}`, **so** it is *right*.",
    "We have $a<b$, and $$\\sum_{i<n} p_i = 1$$",
    "1. one\n2. two\n\n> quoted\n\n| a | b |\n|:-:|--:|\n| 1 | 2 |",
    "```python\nif a < b: print('<b>')\n```",
    "See https://example.org and [this](https://example.org/a?b=1&c=2). R&D, 5 &times; 3.",
]
LINE = f"</pre></div>{IMG}<script>{RUN}</script>"
# Runs in the kernel: it sends messages that no honest cell sends, then answers rightly.
CODE = f"""\
import sys
from IPython.display import display
bad = {LINE!r}
kernel = get_ipython().kernel
def send(kind, **content):
    kernel.session.send(kernel.iopub_socket, kind, content, parent=kernel.get_parent())
def show(data, metadata={{}}):
    send("display_data", data=data, metadata=metadata, transient={{}})
print(bad)
print("\\x1b[31m" + bad + "\\x1b[38;2;1;2;999m", file=sys.stderr)
for kind in ("html", "markdown", "latex", "plain", "vnd.mermaid"):
    show({{"text/" + kind: bad}})
for kind in ("application/javascript", "image/svg+xml", "application/pdf"):
    show({{kind: bad}})
view = "application/vnd.jupyter.widget-view+json"
show({{view: {{"model_id": bad, "version_major": 2}}, "text/plain": bad}})
for kind in ("image/png", "image/jpeg"):
    show({{kind: 'x"><script>{RUN}</script>'}})
    show({{kind: "PHN2ZyBvbmxvYWQ9ImFsZXJ0KDEpIi8+"}})
tall = {{"width": bad, "height": bad, "alt": bad, "unconfined": True}}
show({{"image/png": PICTURE}}, {{"image/png": tall, "filenames": {{"image/png": bad}}}})
send("error", ename=bad, evalue=bad, traceback=[bad, "\\x1b[1;31m" + bad])
"""


def picture() -> str:
    """A small PNG in base64."""
    file = io.BytesIO()
    Image.new("RGB", (20, 10), "red").save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def make(answered: NotebookNode) -> NotebookNode:
    """Put scripts into a notebook that has all answers, into every place that there is."""
    nb = nbformat.from_dict(answered)
    cells = {cell.id: cell for cell in nb.cells}
    bad = {"tags": [LINE], "collapsed": True, "name": LINE, "alt": LINE}
    for cell in nb.cells:
        cell.metadata.update(bad)
    cells["answer-double"].source = f"{_code()}\n{cells['answer-double'].source}"
    cells["answer-mean"].source += f"\nmean = {LINE!r}  # {LINE}"
    cells["explain-meaning"].source = "\n\n".join(TEXTS)
    svg = {"a.svg": {"image/svg+xml": LINE}}
    nb.cells += [new_markdown_cell(text, metadata=bad, attachments=svg) for text in TEXTS]
    nb.cells += [
        new_raw_cell(LINE, metadata={"raw_mimetype": "text/html"}),
        new_code_cell(f"%%html\n{LINE}"),
        new_code_cell(f"1 / 0  # {LINE}"),
        new_code_cell(f"class E(Exception): pass\nE.__name__ = {LINE!r}\nraise E({LINE!r})"),
    ]
    nb.metadata.update(title=LINE, authors=[{"name": LINE}], widgets={LINE: LINE})
    nb.metadata.language_info = {"name": LINE, "pygments_lexer": LINE}
    nb.metadata.kernelspec = {"name": "python3", "display_name": LINE, "language": LINE}
    return nb


def _code() -> str:
    return f"PICTURE = {picture()!r}\n{CODE}"


def dangers(page: str) -> Iterator[str]:
    """What in this HTML could run something, or load it from outside."""
    for tag in BeautifulSoup(page, "html.parser").find_all(True):
        if tag.name in BAD_TAGS:
            yield tag.name
        for name, value in tag.attrs.items():
            value = "".join("".join(value).split()).lower()
            good = ("data:image/png", "data:image/jpeg") if name == "src" else GOOD_LINKS
            if name.startswith("on") or "url(" in value or name in BAD_NAMES:
                yield f"{tag.name} {name}"
            elif name in ("src", "href") and not value.startswith(good):
                yield f"{tag.name} {name}={value[:40]}"
