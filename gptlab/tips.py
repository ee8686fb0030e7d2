"""Tips and troubleshooting: the headings, or what stands under one.

python -m gptlab.tips
python -m gptlab.tips "Model not found"
python -m gptlab.tips memory                 each heading with that word

The text is tips.md beside this file; the site's page of tips includes it. Errors end with the
command that prints what helps.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path

from gptlab.arguments import Parser

__all__ = ["FILE", "HEADINGS", "PAGE", "main", "see"]

PAGE = "python -m gptlab.tips"
FILE = Path(__file__).with_name("tips.md")
TEXT = FILE.read_text(encoding="utf-8")
HEADINGS = tuple(re.findall(r"^## (.+)$", TEXT, re.MULTILINE))


def see(heading: str) -> str:
    """The pointer to a heading: see python -m gptlab.tips "Model not found". KeyError: no such."""
    if heading not in HEADINGS:
        raise KeyError(f"{heading!r} is no heading of {PAGE}: {', '.join(HEADINGS)}")
    return f'see {PAGE} "{heading}"'


def section(heading: str) -> str:
    """What stands under a heading, the heading included, as a terminal shows it."""
    _, begin, rest = TEXT.partition(f"## {heading}\n")
    text = f"{begin}\n{re.split(r'^## ', rest, maxsplit=1, flags=re.MULTILINE)[0].strip()}\n"
    text = re.sub(r"\[([^]]+)\]\(#[\w-]+\)", r'"\1"', text)  # a link to another heading
    text = re.sub(r"^ *```\w*\n(.*?)^ *```\n", _indented, text, flags=re.MULTILINE | re.DOTALL)
    return text.replace("**", "")


def _indented(block: re.Match[str]) -> str:
    return textwrap.indent(block[1], "    ")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the headings, or each section whose heading has the words; 2 where there is none."""
    about, _, usage = (__doc__ or "").partition("\n\n")
    parser = Parser(
        prog=PAGE, description=about, epilog=usage.partition("\n\n")[0],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("heading", nargs="*", help="all of it, or some of its words")
    # A shell of Windows leaves ' where it stands.
    words = " ".join(parser.parse_args(arguments).heading).strip("'\" ")
    found = [one for one in HEADINGS if words.casefold() in one.casefold()]
    if not found:
        print(f"gptlab.tips: found {words!r}, expected a heading: {', '.join(HEADINGS)}",
              file=sys.stderr)  # fmt: skip
        return 2
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # a Windows console has no letter for an arrow
    try:
        print("\n".join(map(section, found)) if words else _list())
        sys.stdout.flush()
    except BrokenPipeError:  # `... | head` has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _list() -> str:
    """The command for each heading."""
    return "\n".join(f'{PAGE} "{heading}"' for heading in HEADINGS)


if __name__ == "__main__":
    sys.exit(main())
