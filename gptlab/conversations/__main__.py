"""The made dialogues: count them, look at some, write them; or score a chat model with them.

python -m gptlab.conversations                       a table of kinds
python -m gptlab.conversations --show 5              and some of each kind, held out
python -m gptlab.conversations --out dialogues.jsonl
python -m gptlab.conversations score runs/chat-small
python -m gptlab.conversations shrink runs/chat-small FOLDER    the same in float16
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from gptlab.arguments import Parser
from gptlab.conversations import making
from gptlab.conversations.making import Dialogue

__all__ = ["main", "shown", "table"]


def table(dialogues: dict[str, list[Dialogue]]) -> str:
    """How many dialogues of each kind, and how many questions the user asks in them."""
    counts = {split: Counter(one["kind"] for one in row) for split, row in dialogues.items()}
    kinds = list(dict.fromkeys(one["kind"] for one in dialogues["held_out"]))
    lines = [f"{'kind':<12} {'train':>7} {'held out':>9}"]
    for kind in kinds:
        lines.append(f"{kind:<12} {counts['train'][kind]:>7,} {counts['held_out'][kind]:>9,}")
    whole = [len(row) for row in dialogues.values()]
    lines.append(f"{'all':<12} {whole[0]:>7,} {whole[1]:>9,}")
    asked = [sum(len(one["messages"]) // 2 for one in row) for row in dialogues.values()]
    lines.append(f"{'questions':<12} {asked[0]:>7,} {asked[1]:>9,}")
    return "\n".join(lines)


def shown(dialogues: Sequence[Dialogue], count: int) -> str:
    """The first `count` of each kind."""
    seen: Counter[str] = Counter()
    lines = []
    for one in dialogues:
        if seen[one["kind"]] < count:
            seen[one["kind"]] += 1
            lines += ["", one["kind"]]
            lines += [f"  {message['role']:<9} {message['content']}" for message in one["messages"]]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; exit code 2 for what cannot be."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if given[:1] == ["score"]:
            return _score(given[1:])
        if given[:1] == ["shrink"]:
            return _shrink(given[1:])
        return _make(given)
    except BrokenPipeError:  # `... | head` has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (OSError, ValueError) as error:  # HubError and ChatError are
        print(f"gptlab.conversations: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _parser(prog: str, about: str, epilog: str | None = None) -> argparse.ArgumentParser:
    return Parser(
        prog=f"python -m gptlab.conversations{prog}", description=about, epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"found {text!r}, expected a whole number from 0 on")
    return int(text)


def _make(given: list[str]) -> int:
    about, _, usage = (__doc__ or "").partition("\n\n")
    parser = _parser("", about, usage)
    parser.add_argument("--out", metavar="FILE", type=Path, help="write them as JSON lines")
    parser.add_argument("--seed", type=int, default=1337, help="default: 1337")
    parser.add_argument("--show", type=_count, default=0, metavar="N",
                        help="print so many held-out ones of each kind")  # fmt: skip
    if given and not given[0].startswith("-"):
        parser.error(f"found {given[0]!r}, expected score, shrink, or options alone")
    args = parser.parse_args(given)
    dialogues = making.made(args.seed)
    print(table(dialogues))
    if args.show > 0:
        print(shown(dialogues["held_out"], args.show))
    if args.out:
        try:
            args.out.write_text(making.written(dialogues), encoding="utf-8", newline="\n")
        except OSError as error:
            raise ValueError(f"--out {args.out} could not be written ({error.strerror}): expected "
                             "a file in a folder that is there") from error  # fmt: skip
        print(f"written to {args.out}: {args.out.stat().st_size:,} bytes")
    return 0


def _score(given: list[str]) -> int:
    from gptlab.chatting import loading
    from gptlab.conversations import judging

    parser = _parser(" score", "The likeliest answers to the held-out questions, by kind.")
    parser.add_argument("folder", help="of a chat model, or of a run of gptlab.train; or: small")
    parser.add_argument("--seed", type=int, default=1337, help="of the dialogues; default: 1337")
    parser.add_argument("--device", default="cpu", metavar="NAME",
                        help="cpu, cuda, mps or auto, the best that is here; default: cpu")
    args = parser.parse_args(given)
    checkpoint = loading.load(args.folder, args.device)
    began = time.perf_counter()
    dialogues = making.made(args.seed)["held_out"]
    found = judging.judge(checkpoint.model, checkpoint.tokenizer, dialogues)
    print(judging.table(found))
    print(f"\n{len(dialogues)} answers in {time.perf_counter() - began:.1f} s")
    return 0


def _shrink(given: list[str]) -> int:
    import torch

    from gptlab import hub
    from gptlab.chatting import loading
    from gptlab.conversations import judging

    parser = _parser(" shrink", "A chat model with half as many bits, and its scores anew.")
    parser.add_argument("folder", help="of a chat model, or of a run of gptlab.train")
    parser.add_argument("out", help="where the same model goes in float16")
    args = parser.parse_args(given)
    found = loading.load(args.folder, "cpu")  # nothing is written of what cannot talk
    out = hub.save(args.out, found.model, found.tokenizer, found.run, dtype=torch.float16)
    small = hub.load(out)  # its weights are rounded now
    run = found.run | judging.judge(small.model, small.tokenizer, making.made()["held_out"])
    hub.save(out, small.model, small.tokenizer, run, dtype=torch.float16)
    size = sum(path.stat().st_size for path in out.iterdir())
    print(f"{judging.table(run)}\n\n{out}: {size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
