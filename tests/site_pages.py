"""Takes the pages of a built site apart: what they load, where they link, their classes."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path


class Loads(HTMLParser):
    """Collects every address that a browser would load by itself, and the classes and links."""

    SOURCES = {
        "script": ("src",), "img": ("src", "srcset"), "source": ("src", "srcset"),
        "iframe": ("src",), "audio": ("src",), "video": ("src", "poster"), "embed": ("src",),
        "object": ("data",), "image": ("href", "xlink:href"), "use": ("href", "xlink:href"),
    }  # fmt: skip
    NOT_LOADED = {"next", "prev", "search", "index", "author", "canonical", "alternate", "license"}

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.links: list[str] = []
        self.classes: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.loaded += [given[name] for name in self.SOURCES.get(tag, ()) if name in given]
        if tag == "link" and not set(given.get("rel", "").split()) & self.NOT_LOADED:
            self.loaded.append(given.get("href", ""))
        if tag == "a":
            self.links.append(given.get("href", ""))
        self.loaded += css_addresses(given.get("style", ""))
        self.classes += given.get("class", "").split()


def css_addresses(css: str) -> list[str]:
    """What a style sheet loads: url(...) and @import."""
    return re.findall(r"""(?:url\(|@import\s+)\s*["']?([^"')\s;]+)""", css)


def read(page: Path) -> Loads:
    """One page, taken apart."""
    loads = Loads()
    loads.feed(page.read_text("utf-8"))
    return loads


def outside(addresses: list[str]) -> list[str]:
    """Those that lead off the site; `//host/…` does too."""
    return [a for a in addresses if re.match(r"\s*(?:[a-z][a-z0-9+.-]*:)?//", a, re.I)]
