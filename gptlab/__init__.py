"""gptlab: the library that the labs arrive at, from counting letter pairs to GPT-2.

`python -m gptlab` lists the programs in it, `python -m gptlab.doctor` looks at this machine.
Importing the package itself costs nothing: torch is loaded by the modules that need it.
"""

import os

__all__ = ["__version__", "steps"]

__version__ = "0.1.0"


def steps(full: int, *, graded: int) -> int:
    """How many rounds a long loop makes: `full` for a student, `graded` while a lab is graded.

    nbgrader sets the environment variable NBGRADER_EXECUTION ("autograde" or "validate")
    in the kernel that it runs a notebook in. Graded cells must end within seconds, and no
    point depends on how far a training got.

    Example: `for step in range(steps(500, graded=20)): ...`
    Errors: ValueError where one of the two is not a whole number of at least 1.
    """
    for name, value in (("full", full), ("graded", graded)):
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise ValueError(f"steps: {name} is {value!r}; it must be a whole number, at least 1")
    return graded if os.environ.get("NBGRADER_EXECUTION") else full
