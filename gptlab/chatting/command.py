"""The program `python -m gptlab.chat`: a conversation, or one answer for a pipe."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from gptlab.chatting import options, places
from gptlab.chatting.console import DIM, Console, Interrupt, visible
from gptlab.chatting.errors import ChatError

__all__ = ["main"]

STOPPED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Talk; gives the exit code. With a prompt nothing but the answer goes to stdout."""
    args = options.read(sys.argv[1:] if arguments is None else arguments)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # a Windows console has no letter for every token
    try:
        return _run(args)
    except ChatError as error:
        print(f"gptlab.chat: {error}", file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:
        print(f"gptlab.chat: {error}. Expected it in this Python ({sys.executable}): install it "
              "there, or run the Python of your labs", file=sys.stderr)  # fmt: skip
        return 2
    except KeyboardInterrupt:
        return STOPPED
    except BrokenPipeError:  # `... | head` has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _run(args: argparse.Namespace) -> int:
    places.find(args.model)  # what is not there is said before torch is loaded
    text = options.prompt(args)
    if text is not None:
        return _one(args, text)
    console = Console()
    if console.terminal:
        console.piece(console.paint("Loading the model ...", DIM))
    from gptlab.chatting import commands, history, loading, shown
    from gptlab.chatting.talk import Talk

    try:
        loaded = loading.open_model(args.model, args.device)
    finally:
        if console.terminal:
            console.piece("\r\033[K")  # the line is empty again
    loading.set_threads(loaded)
    talk = Talk(console, loaded, args.settings, args.device, args.debug)
    console.say(f"{shown.headline(loaded)} Type a message, or /help.")
    console.dim("Ctrl-C stops an answer, /quit leaves.")
    lines = history.open_lines(commands.completions)
    if lines.lacks:
        console.dim(lines.lacks)
    talk.run(lines)
    return 0


def _one(args: argparse.Namespace, text: str) -> int:
    """The answer to one prompt, as it comes; Ctrl-C ends with what was written."""
    import torch

    from gptlab.chatting import loading, shown
    from gptlab.chatting.answers import Answer
    from gptlab.chatting.debug import Record

    loaded = loading.open_model(args.model, args.device)
    loading.set_threads(loaded)
    knobs, size = args.settings, loaded.checkpoint.config.block_size
    chance = torch.Generator(loaded.device)
    chance.seed() if knobs.seed is None else chance.manual_seed(knobs.seed)
    record = Record(loaded.checkpoint.tokenizer, knobs.temperature, knobs.top_k)
    answer = Answer(
        loaded.checkpoint, [{"role": "user", "content": text}], knobs.max_tokens,
        knobs.temperature, knobs.top_k, chance, record.watch if args.debug else None,
    )  # fmt: skip
    if len(answer.prompt) > size:
        print(f"The prompt has {len(answer.prompt):,} tokens: the model reads the last {size:,} of "
              "them", file=sys.stderr)  # fmt: skip
    said = ""
    with Interrupt() as interrupt:
        try:
            for piece in answer:
                said += piece
                sys.stdout.write(visible(piece) if sys.stdout.isatty() else piece)
                sys.stdout.flush()
                if interrupt.pressed:
                    break
        except (MemoryError, RuntimeError) as error:
            raise loading.too_small(error, loaded.name, loaded.device) from error
        finally:
            sys.stdout.write("\n")
            sys.stdout.flush()
    if args.debug:
        record.show(answer.kept, sys.stderr)
    if interrupt.pressed:
        print("stopped", file=sys.stderr)
        return STOPPED
    if note := shown.ending(answer, said, knobs.max_tokens, "--max-tokens"):
        print(note, file=sys.stderr)
    return 0
