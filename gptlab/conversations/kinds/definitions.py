"""What the terms of this course mean, and the same again in other words or in few."""

from __future__ import annotations

from gptlab.conversations.chance import Chance
from gptlab.conversations.kinds.terms import TERMS, Term
from gptlab.conversations.kinds.unit import Unit, each

__all__ = ["OTHER", "SHORT", "asked", "units"]

WORDINGS = (
    "What is {a}?", "Explain {a}.", "What does {n} mean?", "Define {n}.", "Can you explain {a}?",
    "Tell me what {a} is.", "What is meant by {n}?", "Do you know what {a} is?",
    "I do not understand {a}.", "In this course, what is {a}?", "What do you know about {n}?",
    "Please explain {n}.",
)  # fmt: skip
NEVER_TRAINED = ("Can you tell me what {a} is?", "Please tell me what {n} means.")
BRIEFLY = ("What is {a}, in a few words?", "Explain {a} in a few words.", "In short, what is {a}?",
           "What is {a}, briefly?")  # fmt: skip
OTHER = (
    "Say it in other words.", "In other words, please.", "Can you say that more simply?",
    "I do not understand. Say it differently.", "Explain it another way.", "More simply, please.",
    "Can you explain that to a child?", "Please say that again, more simply.",
)  # fmt: skip
SHORT = (
    "Shorter, please.", "Say it in a few words.", "Can you make it shorter?", "In short?",
    "That is too long. Say it briefly.", "Make it short, please.",
)  # fmt: skip


def asked(term: Term, wording: str) -> str:
    """The question after a term. A sentence begins with a capital."""
    return wording.format(a=term.name, n=term.bare)


def units(chance: Chance) -> list[Unit]:
    """Each term in each wording; and said again, after one of them."""
    made = []
    for term in TERMS:
        for wordings, side in ((WORDINGS, ""), (NEVER_TRAINED, "held_out")):
            pairs = [(asked(term, wording), term.plain) for wording in wordings]
            made += each("definition", pairs, "term", side, hasty=term.name.lower() == term.name)
        pairs = [(asked(term, wording), term.short) for wording in BRIEFLY]
        made += each("style", pairs, "brief")
        for wordings, answer in ((OTHER, term.other), (SHORT, term.short)):
            for wording in wordings:
                group = f"again: {term.bare} {wording}"
                for before in chance.some(WORDINGS, 2):
                    first = (asked(term, before), term.plain)
                    made.append(Unit("style", (first, (wording, answer)), group))
    return made
