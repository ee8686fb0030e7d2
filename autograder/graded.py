"""What a graded notebook sees of its surroundings: the same on every machine.

Loops are short (`gptlab.steps`), nothing is downloaded, every text is the same generated play, and
torch and NumPy have one thread each, since a fork after threaded work hangs, and since threads that
wait for each other make small products slow.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

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
    """This process as a graded notebook sees it, with pictures that open no window."""
    changed = ENVIRONMENT | {"MPLBACKEND": "agg"}
    before = {name: os.environ.get(name) for name in changed}
    os.environ.update(changed)
    try:
        with threadpool_limits(1, "blas"):  # which has read its own setting long ago
            yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
