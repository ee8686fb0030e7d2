"""The checks of lab06: one function an item. First come the numbers worked by hand in the lab, then
other sizes, so that what is fixed shows.

lab06_single.py has attention without a mask, lab06_causal.py the mask and dropout, lab06_wrapper.py
several heads with a stand-in for CausalAttention, lab06_many.py all heads at once.
"""

from __future__ import annotations

from gptlab.checks import quiz
from gptlab.checks.lab06_causal import causal
from gptlab.checks.lab06_many import multi_head
from gptlab.checks.lab06_single import simple_attention, transfer, v1, v2
from gptlab.checks.lab06_wrapper import wrapper

__all__ = ["causal", "choice", "multi_head", "simple_attention", "transfer", "v1", "v2", "wrapper"]

choice = quiz.for_lab("lab06_attention_classes")
