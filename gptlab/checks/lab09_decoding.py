"""The checks of lab09: one function an item. All numbers are those worked by hand in the lab.

lab09_knobs.py has what changes the scores, lab09_choosing.py choosing a token, lab09_writing.py the
loop, lab09_measures.py what is measured of a text. Where an answer calls others, right ones stand
in for them, so that each is judged alone.
"""

from __future__ import annotations

from gptlab.checks import quiz
from gptlab.checks.lab09_choosing import choose
from gptlab.checks.lab09_knobs import penalty, probabilities, top_k, top_p
from gptlab.checks.lab09_measures import distinct, log_prob
from gptlab.checks.lab09_writing import generate

__all__ = [
    "choice",
    "choose",
    "distinct",
    "generate",
    "log_prob",
    "penalty",
    "probabilities",
    "top_k",
    "top_p",
]

choice = quiz.for_lab("lab09_decoding")
