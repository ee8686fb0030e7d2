"""Says, before anything is installed, what this machine lacks for `make course`.

Run by any Python that `make` finds, so: nothing but the standard library, and no syntax newer
than Python 3.6, else a too old Python could not say that it is too old.
"""

import importlib.util
import os
import shutil
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), os.pardir))
OLDEST, NEWEST = (3, 11), (3, 13)
NEEDED_GB = 5  # the environment takes 2 to 4 GB, and pip unpacks beside it
NEEDED_AGAIN_GB = 2  # where an environment stands already


def problems(root=ROOT, version=None, free_gb=None, has_venv=None):
    """List of sentences, empty when all is there.

    `root` is the folder that `.venv` is made in. The other arguments are measured unless given.
    """
    version = tuple(sys.version_info[:2]) if version is None else version
    free_gb = shutil.disk_usage(root).free / 1e9 if free_gb is None else free_gb
    if has_venv is None:
        has_venv = all(importlib.util.find_spec(name) for name in ("venv", "ensurepip"))
    needed = NEEDED_AGAIN_GB if os.path.isdir(os.path.join(root, ".venv")) else NEEDED_GB
    found = []
    if not OLDEST <= version <= NEWEST:
        found.append(
            "Python: found {}.{}, expected 3.11, 3.12 or 3.13. Install one of them (python.org, "
            "conda, your system's packages) and name it: make course PYTHON=python3.12".format(
                *version
            )
        )
    if not has_venv:
        found.append(
            "Python: found no venv module. On Debian and Ubuntu: sudo apt-get install python3-venv"
        )
    if free_gb < needed:
        found.append(
            f"Disk: found {free_gb:.1f} GB free in {root}, expected at least {needed} GB for the "
            "environment. Make room, or clone the course to a larger disk."
        )
    return found


def main(arguments):
    """Exit code 0 when all is there; with --version only the version is asked, without a word."""
    if "--version" in arguments:
        return int(not OLDEST <= tuple(sys.version_info[:2]) <= NEWEST)
    missing = problems()
    for sentence in missing:
        sys.stderr.write("Missing: " + sentence + "\n")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
