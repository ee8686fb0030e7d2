"""`make bench`: the benchmarks of this folder in turn, or those that are named.

python -m benchmarks [NAME ...]

`class_run` takes an hour and `ladder` ten minutes, so they run only where they are named.
"""

from __future__ import annotations

import importlib
import sys

from autograder.errors import UserError

USUAL = ("bigram", "tokenizers", "toy_training", "numpy_gpt2", "weights", "decoding", "grading")
KNOWN = (*USUAL, "class_run", "ladder")

if __name__ == "__main__":
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
