"""The command line: `python -m autograder COMMAND ...`.

Each command lives in a module of its own with `add_parser(subparsers)`, which sets `run`; here they
are only listed. A module is loaded when its command is called, so `--help` is quick.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from autograder.errors import UserError

# command: (module, one line of help)
COMMANDS = {
    "release": ("release", "make the student notebooks in labs/ from solutions/"),
    "figures": ("figures", "run the solutions; save pictures, numbers and seconds"),
    "try": ("try_lab", "an author's loop: release, then solution, untouched and all mistakes"),
    "new-lab": ("new_lab", "write a small working lab to start from"),
    "check": ("check", "is what is committed what release makes, and do links lead somewhere?"),
    "publish": ("publish", "write the student-only tree that the Colab badges open"),
    "class": ("whole_class", "take a small sample class through the whole course"),
    "collect": ("collect", "make what students handed in into well-formed submissions"),
    "score": ("score", "grade one notebook and print its items"),
    "grade": ("grade", "grade the submissions of a lab into the gradebook"),
    "feedback": ("feedback", "write the pages that students get back"),
    "doctor": ("doctor", "which jail there is on this machine, proven by trying to get out"),
    "report": ("report", "which mistakes a class makes, on which item, how many"),
    "letters": ("letters", "make the class page of the love letters that may be shown"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; gives its exit code. What a user can mend is a sentence and code 2."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(
        prog="autograder",
        description="Release, grade and publish the labs.",
        epilog="autograder COMMAND --help says more about one of them.",
    )
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    chosen = next((word for word in arguments if word in COMMANDS), None)
    for name, (module, words) in COMMANDS.items():
        if name == chosen:
            importlib.import_module(f"autograder.{module}").add_parser(subparsers)
        else:
            subparsers.add_parser(name, help=words)
    try:
        args = parser.parse_args(arguments)
        return args.run(args) or 0
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:  # `... | head` has read enough
        return 1
