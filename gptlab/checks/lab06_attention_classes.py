"""The checks of lab06: one function an item. All numbers are those worked by hand in the lab.

lab06_single.py has attention without a mask, lab06_causal.py the mask and dropout, lab06_many.py
several heads. The wrapper is judged with a stand-in for CausalAttention.
"""

from __future__ import annotations

from gptlab.checks import quiz
from gptlab.checks.lab06_causal import causal
from gptlab.checks.lab06_many import multi_head, wrapper
from gptlab.checks.lab06_single import simple_attention, transfer, v1, v2

__all__ = ["causal", "choice", "multi_head", "simple_attention", "transfer", "v1", "v2", "wrapper"]

choice = quiz.for_lab("lab06_attention_classes")
