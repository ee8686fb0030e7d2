"""Small facts: each family is a table, the wordings of its question, and its answer."""

from __future__ import annotations

from typing import NamedTuple

from gptlab.conversations.chance import Chance
from gptlab.conversations.kinds.unit import Unit, each, filled

__all__ = ["units"]


class Family(NamedTuple):
    """A table. The wordings of `other` are never trained on."""

    name: str
    facts: dict[str, str]
    wordings: tuple[str, ...]
    other: tuple[str, ...]
    answer: str
    follow: tuple[str, ...] = ()  # after another question of the family: "And of Spain?"


def _table(text: str) -> dict[str, str]:
    """`France Paris, Spain Madrid`: the last word of each is the answer; `_` is a space."""
    pairs = (entry.rsplit(maxsplit=1) for entry in text.split(","))
    return {left.replace("_", " ").strip(): right.replace("_", " ") for left, right in pairs}


FAMILIES = (
    Family("capital", _table(
        "France Paris, Spain Madrid, Italy Rome, Germany Berlin, Austria Vienna, Poland Warsaw, "
        "Greece Athens, Portugal Lisbon, England London, Ireland Dublin, Norway Oslo, Sweden "
        "Stockholm, Denmark Copenhagen, Finland Helsinki, Hungary Budapest, Russia Moscow, "
        "Turkey Ankara, Egypt Cairo, Kenya Nairobi, Japan Tokyo, China Beijing, Canada Ottawa, "
        "Peru Lima, Cuba Havana, Chile Santiago, Belgium Brussels"),
        ("What is the capital of {x}?", "Which city is the capital of {x}?",
         "Tell me the capital of {x}.", "Name the capital of {x}.",
         "Do you know the capital of {x}?", "What is the name of the capital of {x}?",
         "What is {x}'s capital?"),
        ("Can you name the capital of {x}?",), "The capital of {x} is {y}.",
        ("And of {x}?", "And the capital of {x}?", "What about {x}?")),
    Family("opposite", _table(
        "hot cold, big small, day night, up down, black white, good bad, fast slow, young old, "
        "wet dry, open closed, early late, hard soft, long short, full empty, left right, "
        "happy sad, rich poor, strong weak, light dark, high low, new old, yes no"),
        ("What is the opposite of {x}?", "Tell me the opposite of {x}.",
         "Name the opposite of {x}.", "Do you know the opposite of {x}?",
         "Which word is the opposite of {x}?"),
        ("Give me the opposite of {x}.",), "The opposite of {x} is {y}.",
        ("And of {x}?", "And the opposite of {x}?", "What about {x}?")),
    Family("color", _table(
        "grass green, the_sky blue, snow white, coal black, a_lemon yellow, blood red, "
        "a_banana yellow, milk white, the_sea blue, a_carrot orange, a_strawberry red, "
        "a_cucumber green, chocolate brown, an_elephant gray"),
        ("What color is {x}?", "Which color is {x}?", "What is the color of {x}?",
         "Tell me the color of {x}.", "Do you know the color of {x}?"),
        ("Which color does {x} have?",), "The color of {x} is {y}.",
        ("And {x}?", "And the color of {x}?", "What about {x}?")),
    Family("young", _table(
        "cat kitten, dog puppy, cow calf, sheep lamb, horse foal, hen chick, bear cub, pig piglet, "
        "goat kid, duck duckling, lion cub, swan cygnet"),
        ("What is a young {x} called?", "How do you call a young {x}?",
         "What is the word for a young {x}?", "Tell me what a young {x} is called."),
        ("What do you call a young {x}?",), "A young {x} is called a {y}.",
        ("And a young {x}?", "And a {x}?", "What about a {x}?")),
    Family("sound", _table(
        "cow moo, dog woof, cat meow, duck quack, sheep baa, pig oink, bee buzz, mouse squeak, "
        "owl hoot, lion roar"),
        ("What does a {x} say?", "What sound does a {x} make?", "How does a {x} go?",
         "Which sound does a {x} make?"),
        ("Tell me what a {x} says.",), "A {x} says {y}.", ()),
    Family("plural", _table(
        "mouse mice, child children, foot feet, tooth teeth, goose geese, man men, woman women, "
        "leaf leaves, knife knives, box boxes, city cities, wolf wolves"),
        ("What is the plural of {x}?", "Tell me the plural of {x}.", "Name the plural of {x}.",
         "Which word is the plural of {x}?", "Do you know the plural of {x}?"),
        ("Give me the plural of {x}.",), "The plural of {x} is {y}.",
        ("And of {x}?", "And the plural of {x}?", "What about {x}?")),
    Family("next", _table(
        "Monday Tuesday, Tuesday Wednesday, Wednesday Thursday, Thursday Friday, Friday Saturday, "
        "Saturday Sunday, Sunday Monday, January February, February March, March April, "
        "April May, May June, June July, July August, August September, September October, "
        "October November, November December, December January"),
        ("What comes after {x}?", "What follows {x}?", "Tell me what comes after {x}.",
         "After {x}, what comes?", "Do you know what comes after {x}?"),
        ("What is next after {x}?",), "After {x} comes {y}.",
        ("And after {x}?", "What about {x}?")),
    Family("legs", _table(
        "dog four, cat four, bird two, spider eight, bee six, ant six, snake no, horse four, "
        "cow four, fish no, hen two, fly six, duck two, sheep four, worm no"),
        ("How many legs does a {x} have?", "How many legs has a {x}?",
         "Tell me how many legs a {x} has.", "Do you know how many legs a {x} has?"),
        ("What number of legs does a {x} have?",), "A {x} has {y} legs.",
        ("And a {x}?", "What about a {x}?")),
    Family("count", _table(
        "days are_in_a_week seven, months are_in_a_year twelve, hours are_in_a_day 24, "
        "minutes are_in_an_hour 60, seconds are_in_a_minute 60, letters are_in_the_alphabet 26, "
        "seasons are_in_a_year four, sides are_on_a_square four, sides are_on_a_triangle three, "
        "planets go_around_the_sun eight, fingers are_on_a_hand five, wheels are_on_a_car four"),
        ("How many {x}?", "Tell me how many {x}.", "Do you know how many {x}?"),
        ("Can you tell me how many {x}?",), "The answer is {y}."),
)  # fmt: skip


def units(chance: Chance) -> list[Unit]:
    """Each fact in each wording, and those that are asked for after another of their family."""
    made = []
    for family in FAMILIES:
        for x, y in family.facts.items():
            for wordings, side in ((family.wordings, ""), (family.other, "held_out")):
                pairs = filled(wordings, family.answer, x=x, y=y)
                made += each("fact", pairs, family.name, side, hasty=family.name != "capital")
        made += _followed(family, chance)
    return made


def _followed(family: Family, chance: Chance) -> list[Unit]:
    """Two facts in a row, the second asked for in a word."""
    made, everything = [], list(family.facts)
    for follow in family.follow:
        for x in everything:
            before = chance.pick([other for other in everything if other != x])
            first = chance.pick(filled(family.wordings, family.answer, x=before,
                                       y=family.facts[before]))  # fmt: skip
            second = filled((follow,), family.answer, x=x, y=family.facts[x])[0]
            group = f"{family.name} next: {x} {follow}"
            made.append(Unit("fact", (first, second), group))
    return made
