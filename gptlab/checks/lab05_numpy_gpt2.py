"""The checks of lab05: one function an item. All numbers are those worked by hand in the lab.

lab05_parts.py has the small parts, lab05_attention.py attention and its float32, lab05_heads.py
many heads and the cache, lab05_model.py the block and the model, lab05_writing.py the loop,
lab05_weights.py the weights and the whole. What an answer builds on
is replaced by right parts, so that each is judged alone; only `whole` runs the student's together.
"""

from __future__ import annotations

from gptlab.checks import quiz
from gptlab.checks.lab05_attention import attention, float32
from gptlab.checks.lab05_heads import mha, mha_cached
from gptlab.checks.lab05_model import gpt2, transformer_block
from gptlab.checks.lab05_parts import feed_forward, gelu, layer_norm, linear, softmax
from gptlab.checks.lab05_weights import convert, whole
from gptlab.checks.lab05_writing import generate

__all__ = [
    "attention",
    "choice",
    "convert",
    "feed_forward",
    "float32",
    "gelu",
    "generate",
    "gpt2",
    "layer_norm",
    "linear",
    "mha",
    "mha_cached",
    "softmax",
    "transformer_block",
    "whole",
]

choice = quiz.for_lab("lab05_numpy_gpt2")
