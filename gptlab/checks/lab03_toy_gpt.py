"""The checks of lab03: one function an item. All numbers are those worked by hand in the lab.

lab03_parts.py has many heads and feed-forward, lab03_block.py the block, lab03_model.py the model,
lab03_training.py the rest. Parts that an answer builds on are replaced by stand-ins, so that each
answer is judged alone; only `whole` runs the student's parts together.
"""

from __future__ import annotations

from gptlab.checks import quiz
from gptlab.checks.lab03_block import block
from gptlab.checks.lab03_model import context_text, generate, model, shapes
from gptlab.checks.lab03_parts import feed_forward, multi_head
from gptlab.checks.lab03_training import estimate_loss, own_text, train_step, whole

__all__ = [
    "block",
    "choice",
    "context_text",
    "estimate_loss",
    "feed_forward",
    "generate",
    "model",
    "multi_head",
    "own_text",
    "shapes",
    "train_step",
    "whole",
]

choice = quiz.for_lab("lab03_toy_gpt")
