"""Asking back: a word with two meanings, and an "it" that could be either of two terms."""

from __future__ import annotations

from gptlab.conversations.chance import Chance
from gptlab.conversations.kinds.terms import TERMS
from gptlab.conversations.kinds.unit import Unit

__all__ = ["WHICH", "units"]

# A word: (which of the two, what it is), twice.
_MEANINGS = """
bank | the bank of a river | the land beside a river | the bank for money | a place that keeps money
bat | the animal bat | an animal that flies at night | the bat for a game | a stick to hit a ball with
ring | the ring on a finger | a small circle of metal | the ring of a phone | the sound of a phone
crane | the bird crane | a large bird with long legs | the machine crane | a machine that lifts things
seal | the animal seal | an animal that swims in the sea | the seal on a letter | a mark that closes a letter
spring | the season spring | the season after winter | the spring of metal | a coil that jumps back
bark | the bark of a tree | the skin of a tree | the bark of a dog | the sound of a dog
date | the date of a day | the number of a day | the fruit date | a sweet brown fruit
nail | the nail on a finger | the hard end of a finger | the nail in a wall | a thin piece of metal
palm | the palm tree | a tree in warm countries | the palm of a hand | the inside of a hand
match | the match for fire | a small stick that makes fire | the match in sport | a game of two teams
mouse | the animal mouse | a small gray animal | the computer mouse | a thing to point on a screen
python | the animal python | a very long snake | the language Python | a language for programs
head | the attention head | one attention with its own keys | the head of a person | the part above the neck
model | the language model | a program that guesses the next token | the model of a house | a small copy of a house
letter | the letter of a word | a sign such as A or B | the letter in the mail | a written message
wave | the wave in the sea | water that goes up and down | the wave of a hand | a greeting with a hand
trunk | the trunk of a tree | the thick part of a tree | the trunk of an elephant | the long nose of an elephant
chip | the computer chip | a small plate that computes | the potato chip | a thin slice of potato
key | the attention key | the vector that a token offers | the key of a door | a thing that opens a door
"""  # noqa: E501
WORDS = tuple(tuple(part.strip() for part in line.split("|"))
              for line in _MEANINGS.split("\n") if line)  # fmt: skip
ASKED = (
    "Tell me about the {w}.", "What can you say about the {w}?", "I have a question about the {w}.",
    "Explain the word {w}.", "What does the word {w} mean?", "Say something about the {w}.",
    "I want to know about the {w}.",
)  # fmt: skip
CHOSEN = ("I mean {m}.", "I meant {m}.", "It is {m}.", "I ask about {m}.",
          "I want to know about {m}.")  # fmt: skip
MENTIONED = (
    "I read about {a} and {b}.", "Today we had {a} and {b}.", "There was {a}, and then {b}.",
    "My teacher spoke about {a} and {b}.", "The chapter is about {a} and {b}.",
)  # fmt: skip
WHICH = (
    "What is it?", "What does it mean?", "Can you explain it?", "I do not understand it.",
    "Tell me more about it.", "Explain it.",
)  # fmt: skip


def units(chance: Chance) -> list[Unit]:
    """Questions that need one back, and what is said when it was answered."""
    return [*_words(chance), *_either(chance)]


def _words(chance: Chance) -> list[Unit]:
    made = []
    for word, first, what, second, other in WORDS:
        back = f"Do you mean {first} or {second}?"
        for wording in ASKED:
            question = wording.format(w=word)
            made.append(Unit("clarifying", ((question, back),), f"word: {question}"))
        for meant, said in ((first, what), (second, other)):
            for choice in CHOSEN:
                question = choice.format(m=meant)
                before = (chance.pick(ASKED).format(w=word), back)
                turns = (before, (question, f"{meant[0].upper()}{meant[1:]} is {said}."))
                made.append(Unit("clarifying", turns, f"chosen: {question}"))
    return made


def _either(chance: Chance) -> list[Unit]:
    """Two terms, an "it", the question which of them, and its definition."""
    made = []
    for _ in range(1100):
        a, b = chance.some(TERMS, 2)
        told = chance.pick(MENTIONED).format(a=a.name, b=b.name)
        first = (told, "What would you like to know?")
        second = (chance.pick(WHICH), f"Do you mean {a.name} or {b.name}?")
        pair = " and ".join(sorted((a.name, b.name)))
        made.append(Unit("clarifying", (first, second), f"either: {pair}"))
        if chance.random() < 0.4:
            meant = chance.pick((a, b))
            said = chance.pick(CHOSEN).format(m=meant.name)
            turns = (first, second, (said, meant.plain))
            made.append(Unit("clarifying", turns, f"either: {pair}"))
    return made
