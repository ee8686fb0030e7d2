# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "gptlab @ git+https://github.com/gpt-from-scratch/course@main",
# ]
# ///
"""Write text with the GPT of the model.py beside this file.

    python sample.py --start="Hello, my name is"
    uv run python sample.py --start="Hello, my name is"

uv takes the .venv of this folder, or of one above it. Without one, leave out
`python`: then uv gets the library from the address in the header above.
--help lists the options. The rest is in gptlab.sampling: reading them, finding
weights, and choosing the next token as in lab 9.
"""

import sys
from pathlib import Path

try:
    from gptlab.sampling.command import main
except ModuleNotFoundError as error:
    sys.exit(
        f"sample.py: {error}. The course's library is not in this Python "
        f"({sys.executable}).\n"
        "Run it with the Python of your labs; or with uv, which gets the "
        "library\n"
        "    from the address in this file's header:  uv run sample.py\n"
        "    from a copy of the course, at COURSE:    "
        "uv run --with COURSE python sample.py"
    )

if __name__ == "__main__":
    model = Path(__file__).with_name("model.py")
    sys.exit(main(prog="python sample.py", model=model))
