"""The checks of lab07: one function an item. All numbers are those worked by hand in the lab.

lab07_parts.py has the norm, GELU and feed-forward, lab07_block.py the block, lab07_model.py the
model and the whole, lab07_use.py counting and writing. Parts that an answer builds on are replaced
by stand-ins, so that each answer is judged alone; only `whole` runs the student's parts together.
"""

from __future__ import annotations

from gptlab.checks import quiz
from gptlab.checks.lab07_block import block
from gptlab.checks.lab07_model import gpt_model, whole
from gptlab.checks.lab07_parts import feed_forward, gelu, layer_norm
from gptlab.checks.lab07_use import count, generate

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
