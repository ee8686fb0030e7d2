"""Numbers: sums up to 20 + 20, small differences and products, which is larger, even or odd.

What a small model cannot see at once is written in steps that each are small: the ones, then the
tens. Nye et al. 2021, Show Your Work: Scratchpads for Intermediate Computation. No answer begins
with a number: "7" and " 7" are two tokens, and in this way a number is mostly the second.
"""

from __future__ import annotations

from gptlab.conversations.chance import Chance
from gptlab.conversations.kinds.unit import Unit, filled, plain

__all__ = ["difference", "product", "units"]

SUM = (
    "What is {a} + {b}?", "What is {a} plus {b}?", "{a} + {b}?", "How much is {a} + {b}?",
    "Add {a} and {b}.", "Can you add {a} and {b}?", "How much is {a} and {b}?",
    "Tell me what {a} plus {b} is.",
)  # fmt: skip
DIFFERENCE = (
    "What is {a} - {b}?", "What is {a} minus {b}?", "{a} - {b}?", "How much is {a} - {b}?",
    "Tell me what {a} minus {b} is.", "How much is {a} minus {b}?",
)  # fmt: skip
PRODUCT = (
    "What is {a} times {b}?", "What is {a} x {b}?", "{a} x {b}?", "How much is {a} times {b}?",
    "Multiply {a} by {b}.", "Can you multiply {a} by {b}?", "Tell me what {a} times {b} is.",
)  # fmt: skip
LARGER = (
    "Which is larger, {a} or {b}?", "Which number is larger, {a} or {b}?", "Is {a} or {b} larger?",
    "What is more, {a} or {b}?", "Which one is more, {a} or {b}?",
)  # fmt: skip
PARITY = (
    "Is {a} even or odd?", "Is {a} odd or even?", "Is the number {a} even or odd?",
    "Tell me if {a} is even or odd.", "What is {a}, even or odd?",
)  # fmt: skip
NEXT = (
    "What comes next: {a}, {b}, {c}?", "Which number comes next: {a}, {b}, {c}?",
    "Go on: {a}, {b}, {c}.",
)  # fmt: skip
MOST = 20  # what is added is at most that


def total(a: int, b: int) -> str:
    """a + b: at once where both have one digit, else the ones, and then the tens."""
    if a < 10 and b < 10:
        return f"That is {a} + {b} = {a + b}."
    ones, tens = a % 10 + b % 10, a // 10 * 10 + b // 10 * 10
    return (f"The ones: {a % 10} + {b % 10} = {ones}. With the tens: {ones} + {tens} = {a + b}. "
            f"So {a} + {b} = {a + b}.")  # fmt: skip


def difference(a: int, b: int) -> str:
    """a - b, by counting down: b is small."""
    down = ", ".join(str(a - step) for step in range(1, b + 1))
    return f"Count down {b} from {a}: {down}. So it is {a - b}."


def product(a: int, b: int) -> str:
    """a x b, by counting in steps of b: a is small."""
    up = ", ".join(str(step * b) for step in range(1, a + 1))
    return f"Count {a} steps of {b}: {up}. So it is {a * b}."


def units(chance: Chance) -> list[Unit]:
    """Questions about numbers; a pair of numbers is held out in every wording and both orders."""
    made = []
    for a in range(1, MOST + 1):
        for b in range(1, MOST + 1):
            group = f"sum: {min(a, b)} {max(a, b)}"
            made += _some(chance, SUM, 3, total(a, b), group, a=a, b=b)
    for a in range(1, MOST + 1):
        for b in range(1, min(a, 6) + 1):
            made += _some(chance, DIFFERENCE, 5, difference(a, b), f"less: {a} {b}", a=a, b=b)
    for a in range(2, 7):
        for b in range(2, 11):
            made += _some(chance, PRODUCT, 6, product(a, b), f"times: {a} {b}", a=a, b=b)
    return made + _larger(chance) + _parity(chance) + _next(chance)


def _larger(chance: Chance) -> list[Unit]:
    made = []
    for large in range(2, MOST + 1):
        for less in range(1, large):
            a, b = chance.shuffled((large, less))
            answer = f"The larger one is {large}."
            made += _some(chance, LARGER, 2, answer, f"larger: {less} {large}", a=a, b=b)
    return made


def _parity(chance: Chance) -> list[Unit]:
    made = []
    for a in range(31):
        found = "even" if a % 2 == 0 else "odd"
        for question, answer in filled(PARITY, f"The number {a} is {found}.", a=a):
            made.append(Unit("arithmetic", ((question, answer),), f"parity: {question}"))
    return made


def _next(chance: Chance) -> list[Unit]:
    made = []
    for step, most in ((1, 25), (2, 20), (5, 15), (10, 10)):
        for a in range(1, most + 1):
            row = {"a": a, "b": a + step, "c": a + 2 * step}
            answer = f"Each is {step} more, so next comes {a + 3 * step}."
            made += _some(chance, NEXT, 2, answer, f"next: {step} {a}", **row)
    return made


def _some(
    chance: Chance, wordings: tuple[str, ...], count: int, answer: str, group: str, **numbers: int
) -> list[Unit]:
    """The question in some of its wordings; one in five is typed in haste."""
    made = []
    for question, said in filled(chance.some(wordings, count), answer, **numbers):
        asked = plain(question) if chance.random() < 0.2 else question
        made.append(Unit("arithmetic", ((asked, said),), group))
    return made
