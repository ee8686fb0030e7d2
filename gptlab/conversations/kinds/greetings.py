"""Hello, who are you, thanks, goodbye."""

from __future__ import annotations

from gptlab.conversations.chance import Chance
from gptlab.conversations.kinds.unit import NAMES, Unit, answered, each, introduced

__all__ = ["units"]

HELLOS = {
    "Hi": "Hi!", "Hello": "Hello!", "Hey": "Hey!", "Good morning": "Good morning!",
    "Good evening": "Good evening!", "Good afternoon": "Good afternoon!", "Greetings": "Hello!",
    "Hi there": "Hi!", "Hello there": "Hello!", "Hey there": "Hey!",
}  # fmt: skip
# After the hello: what else is said, and what is said to that.
REST = {
    "!": "How can I help you?",
    ".": "How can I help you?",
    ", how are you?": "I am fine, thank you. How can I help you?",
    "! How are you today?": "I am fine, thank you. How can I help you?",
    ", nice to meet you.": "Nice to meet you, too.",
    ", can you help me?": "Yes, I will try. What is your question?",
    "! I have a question.": "Please ask. I will try to answer.",
    ". May I ask you something?": "Please ask. I will try to answer.",
    ", I am new here.": "Welcome to the course! Ask me what a token is, or what a loss is.",
    "! It is a nice day.": "I am glad to hear that. How can I help you?",
    ", who are you?": "I am a small GPT, trained from scratch in this course.",
}
INTRODUCED = (
    "{hello}, I am {name}.", "{hello}, my name is {name}.", "{hello}! I am {name}.",
    "{hello}! My name is {name}.", "{hello}, {name} here.",
)  # fmt: skip
SELF = {
    "I am a small GPT, trained from scratch in this course.": (
        "Who are you?", "What are you?", "Tell me who you are.", "Can you tell me who you are?",
        "What is your name?", "Do you have a name?", "Please introduce yourself.",
        "Tell me about yourself.", "Are you a person?", "Are you human?", "Are you a robot?",
        "Am I talking to a person?", "Who am I talking to?", "Who is this?",
    ),
    "I can greet you, add small numbers, and explain words of this course.": (
        "What can you do?", "What do you do?", "How can you help me?", "What can I ask you?",
        "What do you know?", "Tell me what you can do.", "What are you able to do?",
        "What should I ask you?", "What are you good at?", "Can you help me?",
    ),
    "I was trained in this course, on dialogues that a program wrote.": (
        "Who made you?", "How were you made?", "Who trained you?", "How were you trained?",
        "What were you trained on?", "Where do you come from?", "Who built you?",
        "How did you learn to talk?", "What is your training data?",
    ),
    "No. I only pick the next token, one after another.": (
        "Can you think?", "Do you have feelings?", "Are you alive?", "Do you understand me?",
        "Do you feel something?", "Are you happy?", "Are you intelligent?", "Can you feel pain?",
    ),
    "I am fine, thank you. How can I help you?": (
        "How are you?", "How are you today?", "How do you do?", "Are you well?",
        "How is it going?", "Are you fine?", "How have you been?",
    ),
}  # fmt: skip
SELF_NEVER_TRAINED = {
    "I am a small GPT, trained from scratch in this course.": ("Who are you, please?",),
    "I can greet you, add small numbers, and explain words of this course.": (
        "Tell me what you do.", "What can I ask?"),
    "I was trained in this course, on dialogues that a program wrote.": (
        "Who has made you?", "How did they train you?"),
    "I am fine, thank you. How can I help you?": ("How are you now?",),
}  # fmt: skip
THANKS = {
    "Thanks": "You are welcome!", "Thank you": "You are welcome!", "Many thanks": "My pleasure!",
    "Thanks a lot": "My pleasure!", "Thank you very much": "My pleasure!",
    "Great, thanks": "I am glad it helped!", "Perfect, thank you": "I am glad it helped!",
    "Good, thank you": "I am glad it helped!",
}  # fmt: skip
WHY_THANKS = (
    "!", ".", ", that helped.", ", that was clear.", ", now I understand.", " for your help.",
    " for the answer.", " for explaining it.", ", that is what I wanted to know.",
    ", you were very helpful.", ", that is all.", ", I learned something.",
)  # fmt: skip
GOODBYES = {
    "Bye": "Goodbye! Come back soon.", "Goodbye": "Goodbye! Come back soon.",
    "Bye bye": "Goodbye! Come back soon.", "Good night": "Good night! Sleep well.",
    "See you": "See you! Have a nice day.", "See you later": "See you! Have a nice day.",
    "See you tomorrow": "See you tomorrow!", "Have a nice day": "You too! Goodbye.",
}  # fmt: skip
WHY_GOODBYE = (
    "!", ".", ", I have to go.", ", it was nice to talk to you.", ", and thanks.",
    ", I am tired now.", ", I am going home.", ", my train is coming.", ", dinner is ready.",
)  # fmt: skip


def units(chance: Chance) -> list[Unit]:
    """All greetings, what is asked of the model itself, thanks and goodbyes."""
    hellos = [(f"{hello}{more}", f"{back} {rest}")
              for hello, back in HELLOS.items() for more, rest in REST.items()]  # fmt: skip
    made = each("greeting", hellos, "hello", hasty=True)
    made += each("greeting", answered(SELF), "self", "train", hasty=True)
    made += each("greeting", introduced(SELF), "self", hasty=True)
    made += each("greeting", answered(SELF_NEVER_TRAINED), "self", "held_out")
    for hello, back in HELLOS.items():
        for name in NAMES:
            told = chance.pick(INTRODUCED).format(hello=hello, name=name)
            said = f"{back} Nice to meet you, {name}."
            made.append(Unit("greeting", ((told, said),), f"named: {told}", personal=True))
    for endings, whys, kind in ((THANKS, WHY_THANKS, "thanks"), (GOODBYES, WHY_GOODBYE, "thanks")):
        said = [(f"{one}{why}", back) for one, back in endings.items() for why in whys]
        made += each(kind, said, kind, hasty=True)
    return made
