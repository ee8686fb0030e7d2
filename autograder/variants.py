"""Runs many variants of one lab, each in a fork, from the state just before it differs.

A variant is the lab with a mistake, a lazy or another right answer in it. The cells before its
first changed cell are the solution's own; they run once.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from dataclasses import dataclass

from autograder import agent, local, tester
from autograder.source import Lab


@dataclass(frozen=True)
class Variant:
    """A changed lab. `items`: judge only these; None: all from the first changed cell on."""

    id: str
    lab: Lab
    items: tuple[str, ...] | None = None


def run_all(
    lab: Lab, variants: list[Variant], jobs: int = 2
) -> Iterator[tuple[Variant, list[tester.Outcome]]]:
    """Judge each variant; yields it with the outcomes of its hidden tests, as they are done."""
    local.graded_environment()
    agent.preload()
    notebook = local.Notebook(lab)
    context = multiprocessing.get_context("fork")
    groups: dict[int, list[Variant]] = {}
    for variant in variants:
        groups.setdefault(first_change(lab, variant.lab), []).append(variant)
    for place in sorted(groups):
        notebook.run_to(place)
        global _notebook
        _notebook = notebook
        with context.Pool(min(jobs, len(groups[place])), maxtasksperchild=1) as pool:
            yield from pool.imap(_run_one, groups[place])


_notebook: local.Notebook  # what the forks of run_all start from


def _run_one(variant: Variant) -> tuple[Variant, list[tester.Outcome]]:
    notebook = _notebook
    notebook.lab = variant.lab
    items = [item.id for item in variant.lab.items if item.kind == "grade"]
    if variant.items is not None:
        items = [item for item in items if item in variant.items]
    items = [item for item in items if notebook.place(item) >= notebook.position]
    return variant, tester.run(notebook, variant.lab.name, items)


def first_change(lab: Lab, changed: Lab) -> int:
    """Index of the first cell that differs; 0 where none does, so that every item is judged."""
    if lab.cells == changed.cells:
        return 0
    for place, (a, b) in enumerate(zip(lab.cells, changed.cells, strict=False)):
        if (a.kind, a.id, a.source) != (b.kind, b.id, b.source):
            return place
    return min(len(lab.cells), len(changed.cells))
