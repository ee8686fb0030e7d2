"""Short reasoning: what was said is said again in an order in which the answer follows.

Wei et al. 2022, Chain-of-Thought Prompting Elicits Reasoning in Large Language Models. No story
and no answer begins with a name: "Anna" and " Anna" are two tokens.
"""

from __future__ import annotations

from gptlab.conversations.chance import Chance
from gptlab.conversations.kinds.unit import NAMES, Unit

__all__ = ["units"]

COMPARED = {
    "taller": ("tallest", "shortest"), "older": ("oldest", "youngest"),
    "faster": ("fastest", "slowest"), "stronger": ("strongest", "weakest"),
    "richer": ("richest", "poorest"),
}  # fmt: skip
WHO = ("Who is the {s}?", "Who is {s}?", "Tell me who is the {s}.", "Which one is the {s}?")
THINGS = ("apples", "books", "coins", "cards", "eggs", "pens", "nuts", "stamps")
LOSES = ("eats", "loses", "sells", "gives away")  # fitting or not, it is less
LEFT = ("How many {things} are left?", "How many {things} does {name} have now?",
        "How many are left?", "How many {things} remain?")  # fmt: skip
GAINS = ("gets", "finds", "buys")
NOW = ("How many {things} does {name} have now?", "How many {things} are there now?",
       "How many are there now?", "How many {things} does {name} have in all?")  # fmt: skip
OBJECTS = ("key", "ball", "pen", "coin", "ring", "letter", "toy", "phone")
HOLDERS = ("box", "bag", "drawer", "basket", "chest", "case")
ROOMS = ("kitchen", "garden", "office", "cellar", "hall", "bedroom", "garage", "school")
WHERE = ("Where is the {o}?", "In which room is the {o}?", "Where can I find the {o}?",
         "Do you know where the {o} is?")  # fmt: skip
ACTS = ("eats", "reads", "sleeps", "sings", "runs", "works", "cooks", "swims", "paints", "plays",
        "writes", "dances")  # fmt: skip
CLASSES = {
    "birds": ("bird", "wings"), "cats": ("cat", "tails"), "cars": ("car", "wheels"),
    "fish": ("fish", "fins"), "trees": ("tree", "roots"), "dogs": ("dog", "four legs"),
    "spiders": ("spider", "eight legs"), "books": ("book", "pages"),
    "houses": ("house", "doors"), "bees": ("bee", "six legs"),
}  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
IN_DAYS = ("Which day is it in {count} days?", "What day will it be in {count} days?",
           "In {count} days, which day is it?", "Which day is {count} days later?")  # fmt: skip
PETS = ("Rex", "Pip", "Bo", "Kit", "Max", "Luna")


def units(chance: Chance) -> list[Unit]:
    """All families of reasoning; what is met twice is left out later."""
    families = ((_compared, 1500), (_amounts, 1000), (_places, 500), (_orders, 900),
                (_classes, 220), (_days, 60))  # fmt: skip
    return [one(chance) for one, count in families for _ in range(count)]


def _unit(told: str, question: str, answer: str) -> Unit:
    asked = f"{told} {question}"
    return Unit("reasoning", ((asked, answer),), f"story: {asked}")


def _compared(chance: Chance) -> Unit:
    """Three names in a row."""
    a, b, c = chance.some(NAMES, 3)
    more = chance.pick(list(COMPARED))
    most, least = COMPARED[more]
    told = f"{a} is {more} than {b}, and {b} is {more} than {c}"
    asked, name = chance.pick(((most, a), (least, c)))
    question = chance.pick(WHO).format(s=asked)
    where = "first" if name == a else "last"
    return _unit(f"Say {told}.", question, f"Here {told}. The {asked} is the {where}, {name}.")


def _amounts(chance: Chance) -> Unit:
    """Something is lost or gained; small numbers."""
    name, things = chance.pick(NAMES), chance.pick(THINGS)
    a, b = 3 + chance.below(10), 1 + chance.below(5)
    if chance.random() < 0.5 and b < a:
        told = f"Say {name} has {a} {things} and {chance.pick(LOSES)} {b}."
        question = chance.pick(LEFT).format(things=things, name=name)
        answer = f"That is {a} - {b} = {a - b}. So {name} has {a - b} {things}."
        return _unit(told, question, answer)
    told = f"Say {name} has {a} {things} and {chance.pick(GAINS)} {b}."
    question = chance.pick(NOW).format(things=things, name=name)
    answer = f"That is {a} + {b} = {a + b}. So {name} has {a + b} {things}."
    return _unit(told, question, answer)


def _places(chance: Chance) -> Unit:
    """A thing is in something that is somewhere."""
    thing, holder, room = chance.pick(OBJECTS), chance.pick(HOLDERS), chance.pick(ROOMS)
    told = [f"The {thing} is in the {holder}.", f"The {holder} is in the {room}."]
    if chance.random() < 0.5:
        told.reverse()
    question = chance.pick(WHERE).format(o=thing)
    answer = (f"The {thing} is in the {holder}, and the {holder} is in the {room}. "
              f"So the {thing} is in the {room}.")  # fmt: skip
    return _unit(" ".join(told), question, answer)


def _orders(chance: Chance) -> Unit:
    """Three things one after the other."""
    name, (a, b, c) = chance.pick(NAMES), chance.some(ACTS, 3)
    told = f"Say {name} {a}, then {b}, then {c}."
    asked, answer = chance.pick((
        (f"What does {name} do first?", f"the first is that {name} {a}."),
        (f"What does {name} do last?", f"the last is that {name} {c}."),
        (f"What comes after {name} {a}?", f"after {name} {a}, {name} {b}."),
        (f"What comes after {name} {b}?", f"after {name} {b}, {name} {c}."),
    ))  # fmt: skip
    return _unit(told, asked, f"Here {name} {a}, then {b}, then {c}. So {answer}")


def _classes(chance: Chance) -> Unit:
    """All birds have wings."""
    many = chance.pick(list(CLASSES))
    one, have = CLASSES[many]
    name = chance.pick(PETS)
    told = [f"all {many} have {have}", f"{name} is a {one}"]
    if chance.random() < 0.5:
        told.reverse()
    question = chance.pick(("Does {n} have {h}?", "What does {n} have?")).format(n=name, h=have)
    start = "Yes, " if question.startswith("Does") else "So "
    answer = f"Here {name} is a {one}, and all {many} have {have}. {start}{name} has {have}."
    return _unit(f"Say {told[0]}, and {told[1]}.", question, answer)


def _days(chance: Chance) -> Unit:
    """Counting days."""
    place, count = chance.below(7), chance.pick(("two", "three"))
    row = [DAYS[(place + step) % 7] for step in range(1, 3 if count == "two" else 4)]
    question = chance.pick(IN_DAYS).format(count=count)
    answer = f"After {DAYS[place]} we count {', '.join(row)}. So it is {row[-1]}."
    return _unit(f"Today is {DAYS[place]}.", question, answer)
