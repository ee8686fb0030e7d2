"""What a graded notebook sees of its surroundings: the same on every machine.

Loops are short (`gptlab.steps`), nothing is downloaded, every text is the same generated play, and
torch and NumPy have one thread each, since a fork after threaded work hangs, and since threads that
wait for each other make small products slow.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from threadpoolctl import threadpool_limits

ENVIRONMENT = {
    "NBGRADER_EXECUTION": "autograde",
    "GPTLAB_OFFLINE": "1",
    "GPTLAB_PLAY": "100000",  # characters
    "PYTHONHASHSEED": "0",  # the order of a set
    "CUDA_VISIBLE_DEVICES": "",  # a fork cannot use a GPU
    "OMP_NUM_THREADS": "1",
    "OMP_THREAD_LIMIT": "1",
    "MKL_NUM_THREADS": "1",
}


@contextmanager
def environment() -> Iterator[None]:
    """This process as a graded notebook sees it: in an empty folder, since a lab may write files,
    and with pictures that open no window.
    """
    changed = ENVIRONMENT | {"MPLBACKEND": "agg"}
    changed |= {
        name: str(Path(os.environ[name]).expanduser().absolute())
        for name in ("GPTLAB_DATA", "GPTLAB_CACHE")
        if os.environ.get(name)
    }
    before = {name: os.environ.get(name) for name in changed}
    os.environ.update(changed)
    try:
        with threadpool_limits(1, "blas"), _empty_folder():  # BLAS has read its own long ago
            yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _empty_folder() -> Iterator[None]:
    """This process in an empty folder, which goes away with all that was written there."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="graded-") as folder:
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)
