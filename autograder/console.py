"""What a person sees while something takes its time, and at its end."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import track
from rich.table import Table

T = TypeVar("T")


def progress(work: Iterable[T], words: str, total: int | None = None) -> Iterator[T]:
    """Go through `work` with a bar on a terminal, and a line now and then in a log."""
    if total is None:
        total = len(work) if isinstance(work, Collection) else 0
    if not total:
        yield from work
        return
    console = Console()
    if console.is_terminal:
        yield from track(work, words, total=total, console=console, transient=True)
        return
    for number, one in enumerate(work, 1):
        yield one
        if number == total or number % max(1, total // 10) == 0:
            print(f"  {words} {number} of {total}", flush=True)


def show(table: Table) -> None:
    """Print a table, as wide as the terminal, or as it needs in a file."""
    console = Console()
    if not console.is_terminal:
        console.width = 120
    console.print(table)
