"""The options of `gptlab.chat`: read, checked, and refused with a sentence. torch is not needed.

Names, short forms and defaults are those of the practical that the course's chat comes from.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from typing import Any, TextIO

from gptlab.arguments import Parser
from gptlab.chatting.errors import ChatError
from gptlab.chatting.places import SMALL
from gptlab.chatting.settings import KNOBS, Knob, Settings
from gptlab.tips import see

__all__ = ["checked", "device_name", "prompt", "read"]

MOST_PROMPT = 1_000_000  # bytes of stdin: no model of ours reads more than its last part
GENERATE = "generate"
FROM_STDIN = "-"
EPILOG = """examples:
  python -m gptlab.chat
  python -m gptlab.chat --prompt "What is a token?" --temperature 0
  echo "What is a token?" | python -m gptlab.chat > answer.txt
  python -m gptlab.chat generate --prompt "Hello" --max_tokens 50
Type /help in the conversation for its commands. Tips: python -m gptlab.tips"""


def _read(knob: Knob) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        try:
            return knob.read(text)
        except ChatError as error:
            raise argparse.ArgumentTypeError(str(error).partition(": ")[2]) from None

    return read


def device_name(text: str) -> str:
    """cpu, cuda, cuda:1, mps or auto; whether it is here is known when torch is loaded."""
    name = text.strip().lower()
    if not re.fullmatch(r"cpu|mps|auto|cuda(:[0-9]{1,3})?", name):
        raise argparse.ArgumentTypeError(
            f"found {text!r}, expected cpu, cuda, mps or auto (the best that is here); "
            f"{see('Faster training')}"
        )
    return name


def parser(prog: str = "python -m gptlab.chat") -> argparse.ArgumentParser:
    """All options; each may be written with _ in the place of -."""
    made = Parser(
        prog=prog, usage=f"{prog} [{GENERATE}] [options]", epilog=EPILOG,
        example='--prompt="What is a token?"',
        formatter_class=argparse.RawDescriptionHelpFormatter, description="Talk to a conversation "
        "model in the terminal.\nWith --prompt, or through a pipe, it gives one answer and ends; "
        f"so does {GENERATE},\nwhich needs one of the two.",
    )  # fmt: skip
    made.add_argument("-m", "--model", default=SMALL, metavar="FOLDER",
                      help=f"{SMALL}, or the folder of a chat model or of a run of gptlab.train; "
                      f"default: {SMALL}")  # fmt: skip
    made.add_argument("-d", "--device", type=device_name, default="auto", metavar="NAME",
                      help="cpu, cuda, mps or auto (the best that is here); default: auto")
    told = {"max-tokens": ("-t", "N"), "temperature": ("-T", "X"), "top-k": ("-k", "K"),
            "seed": (None, "N")}  # fmt: skip
    for name, (short, metavar) in told.items():
        knob, default = KNOBS[name], Settings().get(KNOBS[name])
        names = [short, f"--{name}"] if short else [f"--{name}"]
        said = "off" if default is None else default
        made.add_argument(*names, type=_read(knob), default=default, metavar=metavar,
                          help=f"{knob.range()}: {knob.does}; default: {said}")  # fmt: skip
    made.add_argument("-p", "--prompt", metavar="TEXT",
                      help="one answer to TEXT and nothing else; - reads it from the pipe")
    made.add_argument("--debug", action="store_true", help="on stderr: the template, ids and mask "
                      "of a turn, and the likeliest tokens of each step")  # fmt: skip
    return made


def read(arguments: Sequence[str], prog: str = "python -m gptlab.chat") -> argparse.Namespace:
    """The options. SystemExit: 0 for --help, 2 with a sentence for what cannot be."""
    generate = list(arguments[:1]) == [GENERATE]
    args = parser(prog).parse_args(arguments[generate:])
    args.generate = generate
    args.settings = Settings(args.max_tokens, args.temperature, args.top_k, args.seed)
    return args


def prompt(args: argparse.Namespace, stdin: TextIO | None = None) -> str | None:
    """The one text to answer, or None for a conversation. Raises ChatError.

    stdin: what is read for --prompt -, and where it is no terminal and there is no --prompt
    """
    stdin = sys.stdin if stdin is None else stdin
    if args.prompt is not None and args.prompt != FROM_STDIN:
        return checked(args.prompt, "--prompt")
    if args.prompt is None and stdin.isatty():
        if args.generate:
            raise ChatError('generate: found no prompt, expected --prompt "..." or a text through '
                            "a pipe")  # fmt: skip
        return None
    raw = getattr(stdin, "buffer", stdin).read(MOST_PROMPT + 1)
    if len(raw) > MOST_PROMPT:
        raise ChatError(f"the prompt from the pipe has more than {MOST_PROMPT:,} bytes, and a "
                        "model reads some thousand characters at once: cut it to its last page")
    try:
        text = raw.decode("utf-8-sig") if isinstance(raw, bytes) else raw
    except UnicodeDecodeError as error:
        raise ChatError(f"the prompt from the pipe: found a byte that is no UTF-8 at place "
                        f"{error.start}, expected a text") from error  # fmt: skip
    return checked(text.replace("\r\n", "\n").rstrip("\n"), "the prompt from the pipe")


def checked(text: str, told: str) -> str:
    """The text, if it is one. told: where it comes from. Raises ChatError."""
    if not text.strip():
        raise ChatError(f'{told}: found nothing in it, expected a text, such as "Hello"')
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ChatError(f"{told}: found bytes that are no UTF-8 at character {error.start}, "
                        "expected a text: type it again") from error  # fmt: skip
    return text
