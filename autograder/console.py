"""What a person sees while something takes its time, and at its end."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.live import Live
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


class Tally:
    """How far a long run is: done, failed, waiting, seconds left."""

    def __init__(self, words: str, total: int):
        self.words, self.total, self.done, self.failed = words, total, 0, 0
        self.started = time.monotonic()
        self.live: Live | None = None

    def one(self, failed: bool = False) -> None:
        """One more is done, or has failed."""
        self.done += 1
        self.failed += failed
        if self.live is not None:
            self.live.update(self.table())
        elif self.done == self.total or self.done % max(1, self.total // 10) == 0:
            left = "" if self.done == self.total else f", about {self.left():.0f} s left"
            failures = f", {self.failed} failed" if self.failed else ""
            print(f"  {self.words}: {self.done} of {self.total}{failures}{left}", flush=True)

    def left(self) -> float:
        """Seconds, at the pace so far."""
        spent = time.monotonic() - self.started
        return spent / max(self.done, 1) * (self.total - self.done)

    def table(self) -> Table:
        """What a terminal shows."""
        table = Table(title=self.words)
        for name in ("done", "waiting", "failed", "seconds left"):
            table.add_column(name, justify="right", min_width=12)
        left = f"{self.left():.0f}" if self.done else ""
        waiting = str(self.total - self.done)
        table.add_row(str(self.done - self.failed), waiting, str(self.failed), left)
        return table


@contextmanager
def tally(words: str, total: int) -> Iterator[Tally]:
    """A table that changes on a terminal, and a line now and then in a log."""
    seen = Tally(words, total)
    console = Console()
    if not console.is_terminal:
        yield seen
        return
    with Live(seen.table(), console=console, transient=True) as seen.live:
        yield seen


def show(table: Table) -> None:
    """Print a table, as wide as the terminal, or as it needs in a file."""
    console = Console()
    if not console.is_terminal:
        console.width = 120
    console.print(table)
