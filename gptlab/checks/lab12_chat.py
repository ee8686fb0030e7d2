"""The checks of lab12: one function an item. All numbers are those worked by hand in the lab.

lab12_template.py has how a conversation is written, lab12_batches.py and lab12_loss.py what is
trained on, lab12_history.py and lab12_turns.py talking, lab12_scores.py how right an answer is.
Where an answer calls others, right ones stand in for them, so that each is judged alone.
"""

from __future__ import annotations

from gptlab.checks import quiz
from gptlab.checks.lab12_batches import collate, inputs_and_targets
from gptlab.checks.lab12_history import fit
from gptlab.checks.lab12_loss import masked_loss, train_step
from gptlab.checks.lab12_scores import score
from gptlab.checks.lab12_template import encode, encode_with_mask, prompt
from gptlab.checks.lab12_turns import turn

__all__ = [
    "choice",
    "collate",
    "encode",
    "encode_with_mask",
    "fit",
    "inputs_and_targets",
    "masked_loss",
    "prompt",
    "score",
    "train_step",
    "turn",
]

choice = quiz.for_lab("lab12_chat")
