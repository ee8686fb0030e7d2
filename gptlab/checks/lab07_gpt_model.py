"""The checks of lab07: one function an item. All numbers are those worked by hand in the lab.

lab07_norm.py has the norm, lab07_parts.py GELU and feed-forward, lab07_block.py the block,
lab07_model.py the model, lab07_whole.py all of it with weights, lab07_count.py and lab07_use.py
counting and writing. Parts that an answer builds on are replaced by stand-ins, so that each answer
is judged alone; only `whole` runs the student's parts together.
"""

from __future__ import annotations

from gptlab.checks import quiz
from gptlab.checks.lab07_block import block
from gptlab.checks.lab07_count import count
from gptlab.checks.lab07_model import gpt_model
from gptlab.checks.lab07_norm import layer_norm
from gptlab.checks.lab07_parts import feed_forward, gelu
from gptlab.checks.lab07_use import generate
from gptlab.checks.lab07_whole import whole

__all__ = [
    "block",
    "choice",
    "count",
    "feed_forward",
    "gelu",
    "generate",
    "gpt_model",
    "layer_norm",
    "whole",
]

choice = quiz.for_lab("lab07_gpt_model")
