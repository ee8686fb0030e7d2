"""Write text with a model: the command of `python -m gptlab.sample` and of lab 11's sample.py."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gptlab import tips
from gptlab.arguments import called
from gptlab.sampling import options, sources
from gptlab.sampling.options import SampleError

if TYPE_CHECKING:
    import torch

    from gptlab.sampling.sources import Ready

__all__ = ["main", "pieces"]

LINE = "-" * 15  # between two samples
PROG = "python -m gptlab.sample"
ABOUT = "Write text with GPT-2, token by token."
STOPPED = 130


def main(
    arguments: Sequence[str] | None = None, prog: str = PROG, model: Path | None = None
) -> int:
    """Write what was asked for; gives the exit code. Only text goes to stdout.

    model: a student's model.py to run in the place of the library's GPT-2
    """
    args = options.read(sys.argv[1:] if arguments is None else arguments, prog, ABOUT)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # a Windows console has no letter for every token
    try:
        return _run(args, options.prompt(args.start), model)
    except SampleError as error:
        print(f"{called(prog)}: {error}", file=sys.stderr)
        return error.code
    except ModuleNotFoundError as error:
        print(f"{called(prog)}: {error}. Expected it in this Python ({sys.executable}): "
              f"install it there, or run the Python of your labs", file=sys.stderr)  # fmt: skip
        return 2
    except KeyboardInterrupt:
        return STOPPED
    except BrokenPipeError:  # `... | head` has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _run(args: argparse.Namespace, prompt: str, model: Path | None) -> int:
    folder, said = sources.find(args.init_from)
    # Late, as all that loads torch: what was mistyped is said at once.
    from gptlab import checkpoint, memory
    from gptlab.fingerprint import device_of

    try:
        device = device_of(args.device)
    except ValueError as error:
        raise SampleError(f"--device {error}; {tips.see('Faster training')}") from error
    print(said, file=sys.stderr, flush=True)
    try:
        ready = _ready(folder, model)
        if said := checkpoint.no_numbers(args.init_from, ready.model.parameters()):
            raise SampleError(said)
        ready.model.to(device)
        return _write(args, ready, _ids(ready, prompt), device)
    except (MemoryError, RuntimeError) as error:
        if not memory.is_short(error):
            raise
        other = "" if device.type == "cpu" else ", or --device=cpu"
        raise SampleError(
            f"the memory of {device} is too small for {args.init_from}: take a smaller one, as "
            f"--init_from=gpt2{other}; {tips.see(memory.heading(device))}"
        ) from error


def _ready(folder: Path, model: Path | None) -> Ready:
    """The model of this folder, or the student's with its weights."""
    if model is not None:
        if sources.is_run(folder):
            raise SampleError(
                f"--init_from {folder}: found a run of gptlab.train, expected a GPT-2 or tiny. "
                f"Runs are for python -m gptlab.sample --init_from={folder}"
            )
        from gptlab.sampling import student

        return student.gpt_of(model, sources.weights_of(folder))
    if sources.is_run(folder):
        return sources.run_of(folder)
    return sources.gpt_of(sources.weights_of(folder))


def _ids(ready: Ready, prompt: str) -> list[int]:
    """The prompt's tokens; a line where they are more than the model can read."""
    try:
        ids = ready.encode(prompt)
    except KeyError as error:  # a vocabulary of characters
        raise SampleError(
            f"--start: the character {error} is not among those that this model was trained on. "
            "Leave it out, or take a model whose tokens are GPT-2's"
        ) from error
    if len(ids) > ready.context:
        print(f"The prompt has {len(ids):,} tokens: the model reads the last {ready.context:,} of "
              "them", file=sys.stderr, flush=True)  # fmt: skip
    return ids


def _write(args: argparse.Namespace, ready: Ready, ids: list[int], device: torch.device) -> int:
    """Print the samples as they are made; Ctrl-C ends with what was written."""
    import torch

    from gptlab import sample

    chance = torch.Generator(device).manual_seed(args.seed)
    torch.manual_seed(args.seed)  # where a student's model draws by itself
    begin = torch.tensor([ids], device=device)
    try:
        for number in range(args.num_samples):
            _print(f"\n{LINE}\n" if number else "")
            made = sample.stream(
                ready.model, begin, args.max_new_tokens, ready.context, args.temperature,
                args.top_k, generator=chance,
            )  # fmt: skip
            _print(ready.decode(ids))
            for piece in pieces((token.item() for token in made), ready.decode):
                _print(piece)
    except KeyboardInterrupt:
        _print("\n")
        print("stopped", file=sys.stderr)
        return STOPPED
    except SampleError:
        _print("\n")
        raise
    _print("\n")
    return 0


def _print(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def pieces(ids: Iterable[int], decode: Callable[[Sequence[int]], str]) -> Iterator[str]:
    """The text of the ids, each part as soon as it is whole: a character may be several tokens."""
    waiting: list[int] = []
    sent = 0  # characters of the waiting tokens' text that are out
    for token in ids:
        waiting.append(token)
        text = decode(waiting)
        # The bytes of a character whose end is still to come are decoded as one U+FFFD.
        whole = text.removesuffix("\ufffd")
        yield whole[sent:]
        sent = len(whole)
        if whole == text:
            waiting, sent = [], 0
    yield decode(waiting)[sent:] if waiting else ""
