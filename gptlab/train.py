"""Train a model on a text: a loss curve, checkpoints, and a sample.

python -m gptlab.train                                   lab03's toy, on Tiny Shakespeare
python -m gptlab.train --preset tiny --text FILE
python -m gptlab.train --preset small --model gpt --tokens gpt2 --schedule cosine --warmup 100
python -m gptlab.train --resume runs/toy --steps 5000
torchrun --nproc_per_node=2 -m gptlab.train --preset tiny
python -m gptlab.train --preset chat-small               conversations: RUN/chat is for gptlab.chat

A run is a folder: checkpoint.pt, losses.json, losses.png, losses.pdf. It is saved at each look at
the losses and on Ctrl-C, and goes on from there to the very same losses. The toy's recipe is that
of A. Karpathy's ng-video-lecture (``gpt.py``); the others' sizes are those of pico-gpt and GPT-2.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
from collections.abc import Iterator
from dataclasses import Field, fields
from pathlib import Path
from typing import Any

import torch

from gptlab import data, tips
from gptlab.arguments import Parser
from gptlab.fingerprint import best_device, device_of
from gptlab.memory import is_short
from gptlab.sample import choose
from gptlab.training import chat, memory
from gptlab.training.config import MODELS, PRESETS, TrainConfig, TrainError, preset, wrong
from gptlab.training.files import CHECKPOINT, load_model, plot_losses, read
from gptlab.training.parallel import Ranks, ranks
from gptlab.training.trainer import Stopped, Trainer

__all__ = [
    "MODELS", "PRESETS", "Stopped", "TrainConfig", "TrainError", "Trainer", "load_model", "main",
    "plot_losses", "preset", "read_text",
]  # fmt: skip

# What a run that goes on may change: how it is computed, not what.
CHANGEABLE = ("steps", "precision", "recompute")
SAMPLE, TEMPERATURE = 500, 1.0  # of the text at the end
SMALL = 256  # numbers a token, below which a second thread costs more than it brings


def read_text(path: str | None) -> tuple[str, str]:
    """(what it is called, the text) of a file, of Tiny Shakespeare without one."""
    if path is None:
        corpus = data.tiny_shakespeare()
        return corpus.name, corpus.text
    try:
        return path, Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise TrainError(
            f"--text {path}: {error.strerror}. Expected a text file; a path begins at the folder "
            "you are in. Without --text it is Tiny Shakespeare; "
            f"{tips.see('File not found')}"
        ) from error
    except UnicodeDecodeError as error:
        found = (f"byte {error.start} is not UTF-8. Save it as UTF-8; "
                 f"{tips.see('File not found')}")  # fmt: skip
        raise TrainError(f"--text {path}: {found}") from error


def _presets() -> str:
    """A line for each, for --help."""
    lines = ["presets (each setting can be changed by its own option):"]
    for name in PRESETS:
        c = preset(name)
        lines.append(
            f"  {name:10} {c.model}, {c.n_layer} layers, {c.n_head} heads, {c.n_embd} wide, "
            f"windows of {c.block_size}\n             tokens: {c.tokens}; dropout {c.dropout:g}, "
            f"batch {c.batch_size}, learning rate {c.learning_rate:g}, {c.steps:,} steps"
        )
    lines.append("\nWith torchrun each process takes its share of every batch.")
    return "\n".join(lines)


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="python -m gptlab.train", description=__doc__.splitlines()[0], epilog=_presets(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    run = parser.add_argument_group("the run")
    run.add_argument("--preset", choices=PRESETS, help="default: toy")
    run.add_argument("--text", metavar="FILE", help="default: Tiny Shakespeare")
    run.add_argument("--out", metavar="FOLDER", help="default: runs/ and the preset's name")
    run.add_argument("--resume", metavar="FOLDER", help="go on with that run; takes "
                     + ", ".join(f"--{name}" for name in CHANGEABLE))  # fmt: skip
    run.add_argument("--device", help="cuda, mps or cpu; default: the best that is here")
    run.add_argument("--threads", type=int, metavar="N", help="of the processor; default: 1 for "
                     f"models less than {SMALL} wide, else torch's own choice")  # fmt: skip
    after = parser.add_argument_group("the sample at the end")
    after.add_argument("--sample", type=int, metavar="N", help=f"tokens; default: {SAMPLE}")
    after.add_argument("--temperature", type=float, metavar="X",
                       help=f"default: {TEMPERATURE}; 0: likeliest")  # fmt: skip
    after.add_argument("--top-k", type=int, metavar="K", help="only from the K likeliest")
    after.add_argument("--top-p", type=float, metavar="P", help="only from those that reach P")
    settings = parser.add_argument_group("settings (default: the preset's)")
    for one in fields(TrainConfig):
        settings.add_argument(f"--{one.name.replace('_', '-')}", **_option(one))
    return parser


def _option(one: Field) -> dict[str, Any]:
    """How argparse reads a setting."""
    told = {"help": one.metadata["help"], "default": None}
    if one.type == "bool":
        return told | {"action": argparse.BooleanOptionalAction}
    if choices := one.metadata["choices"]:
        return told | {"choices": choices}
    kind = float if one.type.startswith("float") else int
    return told | {"type": kind, "metavar": "X" if kind is float else "N"}


def main(arguments: list[str] | None = None) -> int:
    """Train, save, draw, and print a sample; exit code 2 for what cannot be."""
    args = _parser().parse_args(arguments)
    rank = os.environ.get("RANK", "0")
    before = torch.get_num_threads()
    try:
        with ranks(_device(args.device)) as (own, device), _printing(own.first):
            return _run(args, own, device)
    # TrainError, CheckpointError, what a model says of its sizes; no vocabulary; no such folder.
    except (ValueError, data.DataError, OSError) as error:
        return _refused(str(error), rank)
    except (MemoryError, RuntimeError) as error:
        if not is_short(error):
            raise
        device = args.device or best_device().type
        return _refused(memory.said(device, _folder(args), bool(args.resume)), rank)
    except KeyboardInterrupt:  # before or after the training
        return 130
    finally:
        torch.set_num_threads(before)


def _refused(said: str, rank: str) -> int:
    """Say what cannot be, and by which process; the exit code."""
    print(f"gptlab.train: {f'process {rank}: ' * (rank != '0')}{said}", file=sys.stderr)
    return 2


def _folder(args: argparse.Namespace) -> Path:
    """The run's own."""
    if args.resume:
        folder = Path(args.resume)
        return folder.parent if folder.name == CHECKPOINT else folder
    return Path(args.out or f"runs/{args.preset or args.model or 'toy'}")


@contextlib.contextmanager
def _printing(allowed: bool) -> Iterator[None]:
    """Let one process speak for all."""
    with contextlib.nullcontext() if allowed else contextlib.redirect_stdout(io.StringIO()):
        yield


def _device(name: str | None) -> torch.device:
    """The device of this name. TrainError where it is not here."""
    if name is None:
        return best_device()
    try:
        return device_of(name)
    except ValueError as error:
        raise TrainError(f"--device {error}; {tips.see('Faster training')}") from error


def _run(args: argparse.Namespace, own: Ranks, device: torch.device) -> int:
    name, trainer, folder = _prepared(args, own, device)
    print(_described(trainer, name))
    if own.size > 1 and trainer.config.dropout:
        print(f"dropout={trainer.config.dropout:g}: each process leaves out numbers of its own, so "
              "the losses are near those of one process, not equal to them")  # fmt: skip
    try:
        trainer.train(folder)
    except Stopped:
        print(f"\nstopped at step {trainer.step}; go on with --resume {folder}")
        return 130
    except KeyboardInterrupt:
        print(f"\nstopped at once, in step {trainer.step}; {folder} is as it was last saved: go on "
              f"from there with --resume {folder}")  # fmt: skip
        return 130
    if own.first:
        _finish(args, trainer, folder)
    return 0


def _prepared(
    args: argparse.Namespace, own: Ranks, device: torch.device
) -> tuple[str, Trainer, Path]:
    """What the text is called, a new or a saved run, and its folder. Nothing is written yet."""
    _knobs(args)
    given = {one.name: getattr(args, one.name) for one in fields(TrainConfig)}
    given = {name: value for name, value in given.items() if value is not None}
    folder = _folder(args)
    if args.resume:
        given |= {"preset": args.preset} if args.preset else {}
        if other := set(given) - set(CHANGEABLE):
            raise TrainError(f"--resume keeps the run's own {', '.join(sorted(other))}")
        saved = read(folder, device)
        name, text = _text(args, saved[0].tokens, own)
        trainer = Trainer.load(folder, text, device, ranks=own, saved=saved, **given)
    else:
        config = preset(args.preset or "toy", **given)
        name, text = _text(args, config.tokens, own)
        if (folder / CHECKPOINT).exists():
            raise TrainError(f"{folder} holds a run already: --resume {folder}, or another --out")
        trainer = Trainer(config, text, device, own)
        trainer.preset = args.preset
    torch.set_num_threads(_threads(args.threads, trainer.config))
    own.wait()  # until all have looked into the folder: the first one writes into it
    if own.first:
        folder.mkdir(parents=True, exist_ok=True)
    return name, trainer, folder


def _text(args: argparse.Namespace, tokens: str, own: Ranks) -> tuple[str, str]:
    """What the text is called, and the text; a download is for the first process alone."""
    if tokens == "conversations":
        _no_text(args)
        return "gptlab.conversations", chat.text()
    if not own.first:
        own.wait()
    found = read_text(args.text)
    if own.first:
        own.wait()
    return found


def _no_text(args: argparse.Namespace) -> None:
    """TrainError for what makes no sense where a run is on conversations."""
    if args.text is not None:
        raise TrainError(
            f"--text {args.text}: conversations are no text; gptlab.conversations makes them. "
            "Leave --text out, or take --tokens characters"
        )
    knobs = {"--temperature": args.temperature, "--top-k": args.top_k, "--top-p": args.top_p}
    asked = ["--sample"] * bool(args.sample)  # --sample 0: none, as here
    asked += [name for name, value in knobs.items() if value is not None]
    if asked:
        raise TrainError(
            f"{', '.join(asked)}: a run on conversations ends with scores, not with a sample. "
            f"Leave that out; python -m gptlab.chat -m {_folder(args)} talks to the model then"
        )


def _knobs(args: argparse.Namespace) -> None:
    """TrainError where the text at the end could not be drawn, before the training."""
    if args.sample is not None and args.sample < 0:
        raise wrong("sample", args.sample, "0 for none, or more")
    try:
        choose(torch.zeros(1, 2), _temperature(args), args.top_k, args.top_p, torch.Generator())
    except ValueError as error:
        raise TrainError(f"the text at the end: {error}; {tips.see('Better text')}") from error


def _temperature(args: argparse.Namespace) -> float:
    return TEMPERATURE if args.temperature is None else args.temperature


def _threads(asked: int | None, config: TrainConfig) -> int:
    if asked is not None and asked < 1:
        raise wrong("threads", asked, "at least 1")
    return asked or (1 if config.n_embd < SMALL else torch.get_num_threads())


def _described(trainer: Trainer, name: str) -> str:
    """A line that says what is trained on what."""
    config, known = trainer.config, trainer.vocabulary
    size = sum(p.numel() for p in trainer.model.parameters())
    where = f"{trainer.device}" + (f", {trainer.precision.name}" * (config.precision != "float32"))
    if trainer.ranks.size > 1:
        where += f", {trainer.ranks.size} processes"
    told = f"{known.size} different ones"
    if known.unit == "token":
        told = f"{trainer.source.tokens:,} tokens of {known.size:,} different ones"
    return (f"{config.model}: {size:,} parameters on {where}; {len(trainer.text):,} characters of "
            f"{name}, {told}")  # fmt: skip


def _finish(args: argparse.Namespace, trainer: Trainer, folder: Path) -> None:
    """Draw the losses, print the last ones, and write a text."""
    unit = trainer.vocabulary.unit
    plot_losses(trainer.history, folder, unit)
    step, train, val = trainer.history[-1]
    print(f"step {step}: training {train:.4f}, validation {val:.4f} nats per {unit}; {folder}/")
    if trainer.config.tokens == "conversations":
        print(chat.finish(trainer, folder))
    elif count := SAMPLE if args.sample is None else args.sample:
        print(trainer.sample(count, _temperature(args), args.top_k, args.top_p))


if __name__ == "__main__":
    sys.exit(main())
