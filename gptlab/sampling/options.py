"""The options of `gptlab.sample`: read, checked, and refused with a sentence. torch is not needed.

Names and defaults are those of nanoGPT's ``sample.py`` (A. Karpathy), as the practical has them.
"""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Callable, Sequence
from typing import Any

from gptlab.arguments import Parser
from gptlab.tips import see

__all__ = ["GPT2", "SampleError", "prompt", "read"]

GPT2 = {"gpt2": "124M", "gpt2-medium": "355M", "gpt2-large": "774M", "gpt2-xl": "1558M"}
MOST_PROMPT = 1_000_000  # bytes of a file: no model of ours reads more than its last part
COLDEST, HOTTEST = 1e-6, 1e3  # beyond them float32 knows no difference to 0, to all alike


class SampleError(ValueError):
    """What keeps a text from being written: what was found, what was expected, what to do.

    code: the command's; 2 for what was asked for, 1 for a model that does not do its part
    """

    def __init__(self, said: str, code: int = 2):
        super().__init__(said)
        self.code = code


def _whole(least: int, most: float, what: str) -> Callable[[str], int]:
    """Reads a whole number from least to most."""

    def read(text: str) -> int:
        found = int(text) if re.fullmatch(r"\s*[+-]?[0-9]{1,30}\s*", text) else None
        if found is None or not least <= found <= most:
            raise argparse.ArgumentTypeError(
                f"found {text!r}, expected {what}; {see('Better text')}"
            )
        return found

    return read


def _temperature(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if found == 0 or COLDEST <= found <= HOTTEST:
        return found
    raise argparse.ArgumentTypeError(
        f"found {text!r}, expected 0 (always the likeliest token), or a number from {COLDEST:f} to "
        f"{HOTTEST:g}: below 1 tamer, above 1 bolder; {see('Better text')}"
    )


def _words(text: str) -> str:
    r"""A prompt as it was typed; \n alone is a new line, as the default is written."""
    if not text:
        raise argparse.ArgumentTypeError(
            "found an empty prompt, expected at least one character. For a text from nothing: "
            '--start="<|endoftext|>"'
        )
    return "\n" if text == r"\n" else text


def parser(prog: str, about: str) -> argparse.ArgumentParser:
    """All options; each may be written with - in the place of _."""
    made = Parser(prog=prog, description=about, example='--start="Hello, my name is"')
    count = _whole(0, math.inf, "a whole number, 0 or more")
    made.add_argument(
        "--start", "--prompt", type=_words, default="\n", metavar="TEXT", help="the prompt: text, "
        "FILE:prompt.txt, special tokens such as <|endoftext|>; default: a new line",
    )  # fmt: skip
    _add(made, "--num_samples", _whole(1, math.inf, "a whole number, at least 1"), 1, "samples")
    _add(made, "--max_new_tokens", count, 100, "tokens of a sample", "--max_tokens")
    _add(made, "--temperature", _temperature, 0.8,
         "0: the likeliest; below 1 tamer, above 1 bolder", metavar="X")  # fmt: skip
    _add(made, "--top_k", _whole(1, math.inf, "a whole number, at least 1 (the whole vocabulary "
         "where it is larger)"), 200, "draw from the K likeliest tokens", metavar="K")  # fmt: skip
    _add(made, "--seed", _whole(-(2**63), 2**63 - 1, "a whole number, such as 1337"), 1337,
         "the same seed, the same text")  # fmt: skip
    _add(made, "--device", str, "cpu", "cpu, cuda, cuda:0, cuda:1, mps", metavar="NAME")
    _add(made, "--init_from", str, "gpt2", f"{', '.join(GPT2)} (where it is on this machine, else "
         "tiny), tiny, or a folder: of a run of gptlab.train, of a model as gptlab.hub has it, of "
         "OpenAI's files", metavar="NAME")  # fmt: skip
    return made


def _add(made: argparse.ArgumentParser, name: str, kind: Callable[[str], Any], default: Any,
         told: str, *others: str, metavar: str = "N") -> None:  # fmt: skip
    made.add_argument(
        name, *others, type=kind, default=default, metavar=metavar,
        help=f"{told}; default: {default}",
    )  # fmt: skip


def read(arguments: Sequence[str], prog: str, about: str) -> argparse.Namespace:
    """The options. SystemExit: 0 for --help, 2 with a sentence for what cannot be."""
    return parser(prog, about).parse_args(arguments)


def prompt(start: str) -> str:
    """The text of --start, read from its file for FILE:path. Raises SampleError."""
    if not start.startswith("FILE:"):
        return _checked(start, "the prompt")
    path = start.removeprefix("FILE:")
    told = f"--start=FILE:{path}"
    try:
        with open(path, "rb") as file:
            raw = file.read(MOST_PROMPT + 1)
    except (OSError, ValueError) as error:  # ValueError: a name with a 0 in it
        why = getattr(error, "strerror", None) or error
        raise SampleError(
            f"{told}: {why}. Expected a text file; a path begins at the folder you are in; "
            f"{see('File not found')}"
        ) from error
    if len(raw) > MOST_PROMPT:
        raise SampleError(
            f"{told}: it has more than {MOST_PROMPT:,} bytes, and a model reads some thousand "
            "characters before it writes. Cut it to its last page"
        )
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise SampleError(
            f"{told}: found a byte that is not UTF-8 at place {error.start}; expected a text. Is "
            f"it another kind of file? Else save it as UTF-8; {see('File not found')}"
        ) from error
    if not text:
        raise SampleError(f"{told}: the file is empty; expected at least one character in it")
    return _checked(text, told)


def _checked(text: str, told: str) -> str:
    if "\0" in text:
        raise SampleError(f"{told}: found the character 0 in it, so it is no text; expected one")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise SampleError(
            f"{told}: found bytes that are no UTF-8, at character {error.start}; expected a text. "
            "Type it again, or take it from a file: --start=FILE:prompt.txt"
        ) from error
    return text
