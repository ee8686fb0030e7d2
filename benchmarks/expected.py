"""What a made-up student should earn, worked out without a kernel, a jail or a bridge.

Each mistake of the catalogue is judged once in this process, on its own items. A student with
several mistakes, each on another item, earns on each what that mistake leaves.
"""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor

from autograder import graded, scoring, source, variants
from autograder.catalogue import catalogue
from autograder.scoring import WITHOUT_CORE
from autograder.source import Lab
from benchmarks.students import HandedIn, Student

CENT = 0.005
Points = dict[str, float | None]


class Expected:
    """The points of a lab's made-up students."""

    def __init__(self, lab: Lab):
        self.lab = lab
        context = multiprocessing.get_context("spawn")  # it forks, and the caller may have threads
        with graded.environment(), ProcessPoolExecutor(1, mp_context=context) as pool:
            self.left = pool.submit(left_by_mistakes, lab.name).result()

    def points(self, student: Student) -> Points:
        """Item -> what a student earns; None where a person marks."""
        answered = {item.id for item in self.lab.items} if student.items is None else student.items
        found: Points = {}
        for item in self.lab.items:
            most = None if item.kind == "explain" else item.points
            found[item.id] = most if item.id in answered else 0.0
        for mistake in student.mistakes:
            found |= self.left[mistake.id]
        return found

    def wrong(self, one: HandedIn, grades: Points) -> dict[str, str]:
        """Item -> what is wrong with its points; empty where all is as it should be."""
        if one.earns == "any":
            return {}
        if one.earns == "little":
            most = {item.id: item.points * WITHOUT_CORE for item in self.lab.items}
            return {item: f"a cheat earned {points}" for item, points in grades.items()
                    if points is not None and points > most[item] + CENT}  # fmt: skip
        right = self.points(one.student or Student(one.id, one.what, self.lab))
        return {
            item: f"expected {right.get(item)}, found {grades.get(item)}"
            for item in sorted(right.keys() | grades.keys())
            if not same(right.get(item), grades.get(item))
        }


def same(a: float | None, b: float | None) -> bool:
    """Equal to the cent, None only to None."""
    return a is b if a is None or b is None else abs(a - b) < CENT


def left_by_mistakes(lab_name: str) -> dict[str, Points]:
    """Mistake -> item -> the points that it leaves, of all items that it touches."""
    lab = source.load(lab_name)
    known = {mistake.id: mistake for mistake in catalogue(lab_name).MISTAKES}
    wanted = [
        variants.Variant(one.id, one.applied_to(lab), (one.item, *one.also))
        for one in known.values()
    ]
    items = {item.id: item for item in lab.items}
    found: dict[str, Points] = {}
    for variant, outcomes in variants.run_all(lab, wanted):
        found[variant.id] = {
            item: scoring.score_tests(
                items[item], [outcome for outcome in outcomes if outcome.item == item]
            ).score
            for item in variant.only or ()
        }
    return found
