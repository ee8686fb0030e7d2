"""`make bench`: the benchmarks of this folder in turn, or those that are named.

python -m benchmarks [NAME ...]

`class_run` takes an hour, `ladder` ten minutes, `checks` some ten, and `chat_record` runs `chat`
and `step_memory` and keeps what they find, so these run only where they are named.
"""

from __future__ import annotations

import importlib
import sys

from autograder.errors import UserError

USUAL = ("bigram", "tokenizers", "toy_training", "numpy_gpt2", "weights", "decoding", "chat",
         "step_memory", "grading")  # fmt: skip
KNOWN = (*USUAL, "class_run", "ladder", "checks", "chat_record")

if __name__ == "__main__":
    if {"-h", "--help"} & set(sys.argv[1:]):
        print(f"{__doc__}\nThere are: {', '.join(KNOWN)}")
        sys.exit()
    unknown = set(sys.argv[1:]) - set(KNOWN)
    if unknown:
        sys.exit(f"{', '.join(sorted(unknown))}: no such benchmark; there are: {', '.join(KNOWN)}")
    failed = False
    for name in sys.argv[1:] or USUAL:
        module = importlib.import_module(f"benchmarks.{name}")
        print(f"\n{name}: {(module.__doc__ or '').splitlines()[0]}")
        try:
            failed |= bool(module.main())
        except UserError as error:  # the others may run here all the same
            print(f"  {error}")
            failed = True
    sys.exit(failed)
