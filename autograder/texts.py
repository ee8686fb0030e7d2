"""What of a text in markdown may reach a browser: no script, no form, nothing from outside.

Two walls, each enough. `as_typed` is for the notebook: what a student wrote holds no HTML and no
link that runs, so that any tool may show it. `safe_html` is for our pages: nbgrader_config.py puts
it in the place of nbconvert's `markdown2html`, for feedback and for formgrader.
"""

from __future__ import annotations

import re
from functools import lru_cache

import bleach
from bleach.css_sanitizer import CSSSanitizer
from mistune import HTMLRenderer, import_plugin
from nbconvert.filters import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from autograder import outputs

MOST_TEXT = 20_000  # characters of one text, pictures in it not counted
MOST_CODE = 100_000  # characters of one code cell
TAGS = {
    "a", "b", "blockquote", "br", "code", "dd", "del", "details", "div", "dl", "dt", "em", "font",
    "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "kbd", "li", "ol", "p", "pre", "s",
    "small", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td", "th", "thead",
    "tr", "u", "ul",
}  # fmt: skip
LINK = re.compile(r"(?:https?://|mailto:)[^\s]", re.IGNORECASE)
PICTURE = re.compile(r"data:(image/(?:png|jpeg));base64,([A-Za-z0-9+/=]+)")
HIGHLIGHT = re.compile(r"highlight|[a-z][a-z0-9]?")  # the classes of Pygments


class _Strict(IPythonRenderer):
    """nbconvert's, but for links that run, pictures from elsewhere, and Mermaid's raw HTML."""

    def link(self, text: str, url: str, title: str | None = None) -> str:
        """A link to a page or an address; the words alone for any other."""
        return super().link(text, url, title) if LINK.match(url) else text

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """A picture that stands in the text itself; its words for any other."""
        known = PICTURE.fullmatch(url)
        if known and outputs.picture(known[2], known[1]):
            return super().image(text, url, title)
        return self.text(text or "picture")

    def block_mermaidjs(self, code: str) -> str:
        """As any other code."""
        return HTMLRenderer.block_code(self, code)


class _WithoutHtml(_Strict):
    """As text: the HTML that stands in a student's markdown."""

    def inline_html(self, html: str) -> str:
        """Escaped."""
        return self.escape_html(html)

    def block_html(self, html: str) -> str:
        """Escaped."""
        return self.escape_html(html)


@lru_cache(maxsize=256)  # a class shares the texts of its lab
def safe_html(source: str) -> str:
    """HTML of a markdown text, made of harmless tags alone; any other tag is shown as text."""
    plugins = [name for name in MarkdownWithMath.DEFAULT_PLUGINS if name != "task_lists"]
    renderer = _Strict(escape=False, exclude_anchor_links=True)
    made = MarkdownWithMath(renderer, plugins=map(import_plugin, plugins)).render(source)
    return bleach.clean(
        made,
        tags=TAGS,
        attributes=_allowed,
        protocols={"http", "https", "mailto", "data"},
        css_sanitizer=CSSSanitizer(allowed_css_properties=["text-align"]),
    )


def coloured(source: str, metadata: object = None) -> str:
    """HTML of Python code, in the place of nbconvert's `highlight_code`."""
    return _coloured(source)


@lru_cache(maxsize=256)
def _coloured(source: str) -> str:
    return Highlight2HTML(pygments_lexer="ipython3")(source)


def as_typed(source: str) -> str:
    """A student's text for the notebook: itself if it is harmless, else in a box as it was typed.

    Nothing that they wrote is lost, but the end of what is longer than MOST_TEXT.
    """
    if len(PICTURE.sub("", source)) > MOST_TEXT:
        note = f"This text has {len(source):,} characters; here are the first {MOST_TEXT:,}:"
        return f"{note}\n\n{_fenced(source[:MOST_TEXT])}"
    made = [
        MarkdownWithMath(kind(escape=False, attachments=_Attachments())).render(source)
        for kind in (IPythonRenderer, _WithoutHtml)
    ]
    if made[0] == made[1]:
        return source
    note = "Shown as it was typed: it holds HTML, or a link or a picture that is not shown here."
    return f"{note}\n\n{_fenced(source)}"


def shortened(code: str) -> str:
    """The code of a cell, or the start of it and a word of how long it is."""
    if len(code) <= MOST_CODE:
        return code
    return f"{code[:MOST_CODE]}\n# … cut here: this cell has {len(code):,} characters"


class _Attachments(dict):
    """nbconvert stops at an attached picture that is missing; here every name has one."""

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> dict[str, str]:
        return {"image/png": ""}


def _fenced(source: str) -> str:
    """As a block of code whose fence is longer than any in the text."""
    fence = "`" * (1 + max([2, *map(len, re.findall("`+", source))]))
    return f"{fence}\n{source}\n{fence}"


def _allowed(tag: str, name: str, value: str) -> bool:
    """May this tag have this attribute? No id: formgrader's script finds its fields by those."""
    if (tag, name) == ("a", "href"):
        return bool(LINK.match(value))
    if (tag, name) == ("img", "src"):
        return bool(PICTURE.fullmatch(value))
    if name == "class":
        return tag in ("div", "span") and bool(HIGHLIGHT.fullmatch(value))
    return (tag, name) in {("font", "color"), ("img", "alt"), ("td", "style"), ("th", "style")}
