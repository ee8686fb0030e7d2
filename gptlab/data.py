"""The texts of the course, each checked by its sha256, and a stand-in where they cannot be had.

    corpus = tiny_shakespeare()
    corpus.text, corpus.name, corpus.standin

A text is looked for in this order: the folder that GPTLAB_DATA names (a classroom without a
network), the user's cache (GPTLAB_CACHE moves it), the network. The network is left alone where
GPTLAB_OFFLINE is set and while a notebook is graded (NBGRADER_EXECUTION). With none of them
`gptlab.play` writes a text, and that is said. GPTLAB_PLAY=100000 asks for a play of that many
characters in any case: a grader sets it, so that a grade is the same on every machine.
"""

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

import gpt_download
from gptlab import play

__all__ = [
    "TEXTS",
    "Corpus",
    "DataError",
    "Source",
    "cache",
    "find",
    "offline_because",
    "places",
    "problem",
    "the_verdict",
    "tiny_shakespeare",
]

PLAY_NAME = "a generated play"


class DataError(RuntimeError):
    """A text could not be had: where it was looked for, and where to put it."""


@dataclass(frozen=True)
class Source:
    """One text: what it is called, what it must be, and where it is to be had."""

    name: str
    file: str  # its name in GPTLAB_DATA and in the cache
    size: int  # bytes
    sha256: str
    urls: tuple[str, ...]


@dataclass(frozen=True)
class Corpus:
    """A text and what to call it: every loss names its text."""

    name: str
    text: str = field(repr=False)
    standin: bool  # True: not the text that was asked for, but a generated play


TEXTS = {
    "tiny_shakespeare": Source(
        name="Tiny Shakespeare",
        file="tinyshakespeare.txt",
        size=1_115_394,
        sha256="86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
        urls=(
            "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt",
            "https://cdn.jsdelivr.net/gh/karpathy/char-rnn@master/data/tinyshakespeare/input.txt",
        ),
    ),
    "the_verdict": Source(
        name="The Verdict (Edith Wharton, 1908)",
        file="the-verdict.txt",
        size=20_479,
        sha256="b41e41a68f0398a3154ae69e2e4c0e2694e17fe0d66730536837f1b01935b31f",
        urls=(
            "https://raw.githubusercontent.com/rasbt/LLMs-from-scratch/main/ch02/01_main-chapter-code/the-verdict.txt",
            "https://cdn.jsdelivr.net/gh/rasbt/LLMs-from-scratch@main/ch02/01_main-chapter-code/the-verdict.txt",
        ),
    ),
    "gpt2_merges": Source(
        name="GPT-2's merges (vocab.bpe)",
        file="gpt2/vocab.bpe",
        size=456_318,
        sha256="1ce1664773c50f3e0cc8842619a93edc4624525b728b188a9e0be33b7726adc5",
        urls=(
            "https://openaipublic.blob.core.windows.net/gpt-2/encodings/main/vocab.bpe",
            "https://openaipublic.blob.core.windows.net/gpt-2/models/124M/vocab.bpe",
        ),
    ),
    "gpt2_ids": Source(
        name="GPT-2's ids (encoder.json)",
        file="gpt2/encoder.json",
        size=1_042_301,
        sha256="196139668be63f3b5d6574427317ae82f612a97c5d1cdaf36ed2256dbf636783",
        urls=(
            "https://openaipublic.blob.core.windows.net/gpt-2/encodings/main/encoder.json",
            "https://openaipublic.blob.core.windows.net/gpt-2/models/124M/encoder.json",
        ),
    ),
}


def tiny_shakespeare() -> Corpus:
    """Tiny Shakespeare: 1,115,394 characters, 65 distinct; a stand-in has 500,000 and the same 65.

    Source: Andrej Karpathy's char-rnn (2015), from plays by William Shakespeare.
    """
    return _corpus("tiny_shakespeare", standin_chars=500_000)


def the_verdict() -> Corpus:
    """The Verdict, a short story by Edith Wharton (1908): 20,479 characters, 5,145 GPT-2 tokens."""
    return _corpus("the_verdict", standin_chars=20_479)


def cache() -> Path:
    """The folder where this user's downloads are kept; GPTLAB_CACHE names another."""
    if chosen := os.environ.get("GPTLAB_CACHE"):
        return Path(chosen).expanduser()
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "gptlab"


def find(key: str, *, network: bool | None = None) -> Path:
    """The checked file of one of TEXTS.

    network: whether it may be downloaded; None: unless GPTLAB_OFFLINE or NBGRADER_EXECUTION is set
    Errors: DataError, which says where it was looked for, what was wrong, and what to do.
    """
    source, reasons = TEXTS[key], []
    for place, path in places(key):
        if not (why := problem(path, source)):
            return path
        if path.is_file():  # refused: that is worth a line even where the next place has it
            if place == "cache":  # GPTLAB_DATA belongs to somebody else and stays as it is
                why = gpt_download.keep_aside(path, source.sha256)
            print(why)
        reasons.append(f"{place}: {why}")
    cached = cache() / source.file
    by_hand = [f"What to do: get {source.urls[0]}", f"and save it as {cached}"]
    if network is False or (network is None and offline_because()):
        reasons.append(f"network: not asked, since {offline_because() or 'it was not to be'}")
    else:
        try:
            return gpt_download.fetch(source.urls, cached, sha256=source.sha256, size=source.size)
        except gpt_download.DownloadError as error:
            reasons.append(f"network: {error}")  # which says where to put the file by hand
            by_hand = []
    lines = [f"{source.name} could not be had.", *(f"- {reason}" for reason in reasons), *by_hand]
    raise DataError("\n".join(lines))


def offline_because() -> str:
    """Why the network must not be used, or "" where it may."""
    if os.environ.get("GPTLAB_OFFLINE", "0") not in ("", "0"):
        return "GPTLAB_OFFLINE is set"
    if os.environ.get("NBGRADER_EXECUTION"):
        return "a notebook is being graded"
    return ""


def places(key: str) -> list[tuple[str, Path]]:
    """Where one of TEXTS may lie on this machine, first things first: ("GPTLAB_DATA", path), …"""
    found = [("cache", cache() / TEXTS[key].file)]
    if folder := os.environ.get("GPTLAB_DATA"):
        found.insert(0, ("GPTLAB_DATA", Path(folder).expanduser() / TEXTS[key].file))
    return found


def problem(path: Path, source: Source) -> str:
    """What keeps the file from being the text, or ""."""
    try:
        found = gpt_download.sha256_of(path)
        if found == source.sha256:
            return ""
        return (
            f"refused {path}: its sha256 begins with {found[:8]} and not with "
            f"{source.sha256[:8]}, and it has {path.stat().st_size:,} bytes and not "
            f"{source.size:,}. Was it edited, or were its line ends changed?"
        )
    except FileNotFoundError:
        return f"there is no {path}"
    except OSError as error:
        return f"{path} could not be read: {error.strerror}"


def _corpus(key: str, standin_chars: int) -> Corpus:
    """The text, or a play in its place, which is said on stdout."""
    if chars := os.environ.get("GPTLAB_PLAY"):
        print(f"The text here is {PLAY_NAME} of {int(chars):,} characters (gptlab.play).")
        return Corpus(PLAY_NAME, play.write(int(chars)), standin=True)
    try:
        # Bytes, so that no line end is translated on the way.
        return Corpus(TEXTS[key].name, find(key).read_bytes().decode("utf-8"), standin=False)
    except DataError as error:
        graded = os.environ.get("NBGRADER_EXECUTION")
        print(str(error).partition("\n")[0] if graded else error)
        print(f"In its place: {PLAY_NAME} of {standin_chars:,} characters (gptlab.play).")
        return Corpus(PLAY_NAME, play.write(standin_chars), standin=True)
