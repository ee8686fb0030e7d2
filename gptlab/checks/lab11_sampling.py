"""The checks of lab11: one function an item. All numbers are those worked by hand in the lab.

lab11_attention.py has the layer of q, k and v, the heads and the way out; lab11_manual.py the long
way; lab11_blocks.py the MLP and the block; lab11_norm.py the bonus; lab11_model.py GPT.forward;
lab11_whole.py all of it at once; lab11_writing.py the loop; lab11_letter.py the letter. A check
takes the class from the file, puts known numbers in the place of its parts, and looks at what
passes the place that is asked for: an empty TO-DO further down keeps no check from passing.
"""

from __future__ import annotations

from gptlab.checks import quiz
from gptlab.checks.lab11_attention import c_attn, heads, out
from gptlab.checks.lab11_blocks import block, mlp, mlp_init
from gptlab.checks.lab11_letter import letter
from gptlab.checks.lab11_manual import mask, scores, weights
from gptlab.checks.lab11_model import blocks, embed, last
from gptlab.checks.lab11_norm import layer_norm
from gptlab.checks.lab11_whole import whole
from gptlab.checks.lab11_writing import write

__all__ = [
    "block",
    "blocks",
    "c_attn",
    "choice",
    "embed",
    "heads",
    "last",
    "layer_norm",
    "letter",
    "mask",
    "mlp",
    "mlp_init",
    "out",
    "scores",
    "weights",
    "whole",
    "write",
]

choice = quiz.for_lab("lab11_sampling")
