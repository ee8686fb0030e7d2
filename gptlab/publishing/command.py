"""The command `python -m gptlab.hub`: look at a model's folder, check it, send it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from gptlab.arguments import Parser
from gptlab.publishing import HubError
from gptlab.publishing.card import card
from gptlab.publishing.folder import find, load
from gptlab.publishing.tokenizer_files import is_chat
from gptlab.publishing.upload import address, plan, send

__all__ = ["main"]

_EPILOG = """\
python -m gptlab.hub small                            what is in it, and whether it is whole
python -m gptlab.hub runs/chat-small --check          does transformers give the same text?
python -m gptlab.hub runs/chat-small --to ada/my-chat --dry-run
python -m gptlab.hub runs/chat-small --to ada/my-chat --private

Sending needs a token that may write, in HF_TOKEN or from `hf auth login`, and a network; the dry
run and all the rest need neither. HF_ENDPOINT names another hub."""


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="python -m gptlab.hub", epilog=_EPILOG,
        description="Check a chat model's folder and send it to the Hugging Face hub.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("folder", help="of a model, or of a run of gptlab.train; small: the one "
                        "that comes with gptlab")  # fmt: skip
    parser.add_argument("--to", metavar="USER/NAME", help="send it there")
    parser.add_argument("--private", action="store_true", help="for your eyes only")
    parser.add_argument("--dry-run", action="store_true", help="say what would go; send nothing")
    parser.add_argument("--check", action="store_true", help="compare it with transformers")
    parser.add_argument("--card", action="store_true", help="print the card of its figures")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Do as told; exit code 1 where transformers gives another model, 2 for what cannot be."""
    args = _parser().parse_args(arguments)
    try:
        return _run(args)
    except (HubError, OSError) as error:
        print(f"gptlab.hub: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _run(args: argparse.Namespace) -> int:
    if args.private and not args.to:
        raise HubError("--private is for sending: give --to user/name as well")
    if args.to:
        address(args.to)  # a bad name is said first
    folder = find(args.folder)
    checkpoint = load(folder)  # a damaged model goes nowhere
    if args.card:
        print(card(checkpoint.run, chat=is_chat(checkpoint.tokenizer)), end="")
        return 0
    if args.check:
        return _check(folder)
    count = sum(one.numel() for one in checkpoint.model.parameters())
    print(f"{folder}: whole; {count:,} parameters, {checkpoint.config.vocab_size:,} tokens")
    print(plan(folder, args.to))
    if args.to and not args.dry_run:
        print(f"sent to {send(folder, args.to, args.private)}")
    else:
        print("nothing was sent" + (": a dry run" if args.to else "; --to user/name sends it"))
    return 0


def _check(folder: Path) -> int:
    """Both readings side by side, in words."""
    from gptlab.publishing.parity import LENGTH, compare

    found = compare(folder)
    print(f"largest difference of {found.scores:,} scores up to {found.largest:.3g}: "
          f"{found.difference:.1e} (may be {found.tolerance:.0e})")  # fmt: skip
    print(f"likeliest text of {LENGTH} tokens: the same after "
          f"{found.texts - len(found.other_text)} of {found.texts} starts")  # fmt: skip
    print("ids of texts: " + (f"others for {found.other_ids}" if found.other_ids else "the same"))
    if found.template is not None:
        print("prompt of a conversation: " + ("the same" if found.template else "another"))
    print("transformers reads the same model" if found.holds else "ANOTHER model in transformers")
    return 0 if found.holds else 1
