"""What a model cannot know, and what the user told it a moment ago."""

from __future__ import annotations

from gptlab.conversations.chance import Chance
from gptlab.conversations.kinds.unit import NAMES, Unit, answered, each, introduced

__all__ = ["units"]

MINE = (
    "brother's name", "sister's name", "dog's name", "teacher's name", "age", "birthday",
    "phone number", "address", "favorite book", "favorite song", "shoe size", "password",
)  # fmt: skip
ASKED_MINE = ("What is my {x}?", "Tell me my {x}.", "Do you know my {x}?", "Can you guess my {x}?",
              "Say my {x}.", "Do you remember my {x}?")  # fmt: skip
NOT_TOLD = "I do not know your {x}. You have not told me."
THINGS = (
    "a quasar", "a ukulele", "a fjord", "a tax return", "a sonnet", "a gearbox", "a volcano",
    "a violin", "a cathedral", "a pancake", "a passport", "a glacier", "a submarine", "a cactus",
    "a parliament", "a vaccine", "a telescope", "a marathon", "a lighthouse", "a harbor",
)  # fmt: skip
ASKED_THINGS = ("What is {x}?", "Explain {x}.", "Can you explain {x}?", "Tell me what {x} is.",
                "Do you know what {x} is?", "I do not understand {x}.")  # fmt: skip
NEVER_MET = "I do not know what {x} is. It was not in my training data."
FOR_ALL = {
    "I do not know. I cannot see the future.": (
        "Will it rain tomorrow?", "Who will win the game?", "What will happen next year?",
        "Will I be rich?", "Will I pass the test?", "What is the weather tomorrow?",
        "Who will be the next president?", "Will it snow this winter?", "Will my team win?",
        "What will I dream tonight?", "Will there be school tomorrow?",
    ),
    "I do not know. I have no clock and no window.": (
        "What time is it?", "What day is it today?", "What is the date today?",
        "How is the weather?", "Is it raining?", "Is it dark outside?", "Is it cold outside?",
        "How late is it?", "What is the time?", "Is the sun shining?", "Which year is it?",
    ),
    "I do not know. I read no news.": (
        "What is in the news?", "Who won the game yesterday?", "What happened today?",
        "What is new in the world?", "Who won the election?", "What happened yesterday?",
        "Is there any news?", "Who won the race?", "What did the paper say?",
    ),
    "I cannot do that. I can only write text.": (
        "Can you call my friend?", "Open the door.", "Play a song.", "Send a message.",
        "Turn on the light.", "Can you draw a picture?", "Order a pizza.", "Buy me a ticket.",
        "Can you cook dinner?", "Show me a film.", "Wake me up tomorrow.",
    ),
}  # fmt: skip
FOR_ALL_NEVER_TRAINED = {
    "I do not know. I cannot see the future.": ("Will it rain next year?", "Who will win?"),
    "I do not know. I have no clock and no window.": ("Is it warm outside?", "Is it late?"),
    "I do not know. I read no news.": ("Who won the game?", "What is the news?"),
    "I cannot do that. I can only write text.": ("Open a window.", "Can you draw a cat?"),
}
OF_PEOPLE = {
    "Where does {n} live?": "I do not know where {n} lives.",
    "How old is {n}?": "I do not know how old {n} is.",
    "What does {n} like?": "I do not know what {n} likes.",
    "What is {n} doing?": "I do not know what {n} is doing.",
    "When does {n} come?": "I do not know when {n} comes.",
    "Where is {n}?": "I do not know where {n} is.",
    "Who is {n}?": "I do not know who {n} is.",
}
BIG = ("What is {a} + {b}?", "How much is {a} x {b}?", "What is {a} times {b}?", "{a} - {b}?",
       "What is {a} plus {b}?")  # fmt: skip
TOO_BIG = "I do not know. I only learned to count with small numbers."
# What is told, what is asked later, and the answer; {n} a name.
TOLD = (
    ("I am {n}.", "Nice to meet you, {n}."), ("My name is {n}.", "Nice to meet you, {n}."),
    ("Call me {n}.", "Nice to meet you, {n}."), ("Hi, I am {n}.", "Hi! Nice to meet you, {n}."),
    ("Hello, my name is {n}.", "Hello! Nice to meet you, {n}."),
)  # fmt: skip
MY_NAME = ("What is my name?", "Do you remember my name?", "Do you know my name?", "Who am I?",
           "Say my name.", "Can you tell me my name?")  # fmt: skip
LIKES = ("apples", "music", "cats", "dogs", "books", "tea", "football", "rain", "cake", "snow",
         "trains", "flowers", "chess", "films", "math", "poems")  # fmt: skip
TOLD_LIKES = ("I like {x}.", "I really like {x}.", "What I like is {x}.")
MY_LIKES = ("What do I like?", "Do you remember what I like?", "Do you know what I like?",
            "Can you tell me what I like?")  # fmt: skip
BETWEEN = (("Good.", "What is your question?"), ("Nice.", "What is your question?"),
           ("I have a question.", "Please ask. I will try to answer."))  # fmt: skip


def units(chance: Chance) -> list[Unit]:
    """Questions without an answer; and what was told before."""
    made = []
    for thing in MINE:
        pairs = [(asked.format(x=thing), NOT_TOLD.format(x=thing)) for asked in ASKED_MINE]
        made += each("unknown", pairs, "mine", hasty=True)
    for thing in THINGS:
        pairs = [(asked.format(x=thing), NEVER_MET.format(x=thing)) for asked in ASKED_THINGS]
        made += each("unknown", pairs, "thing", hasty=True)
    made += each("unknown", answered(FOR_ALL), "all", "train", hasty=True)
    made += each("unknown", introduced(FOR_ALL), "all")
    made += each("unknown", answered(FOR_ALL_NEVER_TRAINED), "all", "held_out")
    for question, answer in OF_PEOPLE.items():
        pairs = [(question.format(n=name), answer.format(n=name)) for name in NAMES]
        made += each("unknown", pairs, "people")
    for _ in range(120):
        numbers = {"a": 101 + chance.below(9899), "b": 101 + chance.below(9899)}
        made += each("unknown", [(chance.pick(BIG).format(**numbers), TOO_BIG)], "big")
    for asked in MY_NAME:
        turns = ((asked, NOT_TOLD.format(x="name")),)
        made.append(Unit("unknown", turns, "no name", side="train", personal=True))
    return made + _told(chance)


def _told(chance: Chance) -> list[Unit]:
    """A name or a liking that was told one or two turns ago."""
    made = []
    for name in NAMES:
        for asked in MY_NAME:
            for told, said in chance.some(TOLD, 2):
                made.append(_later(chance, (told.format(n=name), said.format(n=name)),
                                   (asked, f"Your name is {name}.")))  # fmt: skip
    for thing in LIKES:
        for asked in MY_LIKES:
            told = chance.pick(TOLD_LIKES).format(x=thing)
            made.append(_later(chance, (told, "That is good to know."),
                               (asked, f"You like {thing}.")))  # fmt: skip
    return made


def _later(chance: Chance, told: tuple[str, str], asked: tuple[str, str]) -> Unit:
    between = (chance.pick(BETWEEN),) if chance.random() < 0.4 else ()
    return Unit("memory", (told, *between, asked), f"told: {told[0]} {asked[0]}", personal=True)
