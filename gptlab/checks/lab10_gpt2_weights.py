"""The checks of lab10: one function an item. All numbers are those worked by hand in the lab.

lab10_checkpoint.py has what is read, lab10_parts.py one tensor at a time, lab10_block.py a
block, lab10_loading.py all of a model, lab10_measures.py comparing, lab10_loaders.py the letters
of the four loaders with a fault. Where an answer calls others, right ones stand in for them, so
that each is judged alone.
"""

from __future__ import annotations

from gptlab.checks import quiz
from gptlab.checks.lab10_block import load_block
from gptlab.checks.lab10_checkpoint import config, params
from gptlab.checks.lab10_loaders import culprits
from gptlab.checks.lab10_loading import load_weights_into_gpt, tie
from gptlab.checks.lab10_measures import first_difference, largest_difference
from gptlab.checks.lab10_parts import assign, split_qkv

__all__ = [
    "assign",
    "choice",
    "config",
    "culprits",
    "first_difference",
    "largest_difference",
    "load_block",
    "load_weights_into_gpt",
    "params",
    "split_qkv",
    "tie",
]

choice = quiz.for_lab("lab10_gpt2_weights")
