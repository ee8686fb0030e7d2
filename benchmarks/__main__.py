"""`make bench`: every benchmark of this folder in turn, or those that are named.

python -m benchmarks [NAME ...]
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

if __name__ == "__main__":
    known = sorted(p.stem for p in Path(__file__).parent.glob("[a-z]*.py") if p.stem != "timing")
    unknown = set(sys.argv[1:]) - set(known)
    if unknown:
        sys.exit(f"{', '.join(sorted(unknown))}: no such benchmark; there are: {', '.join(known)}")
    for name in sys.argv[1:] or known:
        module = importlib.import_module(f"benchmarks.{name}")
        print(f"\n{name}: {(module.__doc__ or '').splitlines()[0]}")
        module.main()
