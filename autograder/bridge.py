"""The trusted half: what a hidden test calls `student`.

One interface over two forms: Remote talks to a fork of the student's kernel over a unix socket,
Local to a namespace in this process. Both pass every value through the same encoding, so a test
sees the same thing: plain data by value, everything else as a handle.
"""

from __future__ import annotations

import base64
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from autograder import wire
from autograder.line import CALL_SECONDS, ITEM_SECONDS, Budget, Line, failed
from autograder.values import Handle, WireError, clean
from autograder.verbs import Verbs

ALL_SECONDS = 180.0  # all tests of a notebook; 17 items with an endless loop each take 170
NO_REPLY = ("Timeout", "Gone", "Unreadable")  # the student's code raised nothing


class StudentError(Exception):
    """The student's code raised: `type`, `message` (500 characters) and `cell` (a number or None),
    or `line`, where it stands in a file of theirs.

    type is also "Timeout" when it did not answer in time, "Gone" when its process ended, and
    "Unreadable" when the answer was not plain data. All three are the student's word: nothing may
    be earned by them.
    """

    def __init__(
        self, type: str, message: str, cell: int | None = None, doing: str = "", line: str = ""
    ):
        self.type, self.message, self.cell, self.doing = type, message, cell, doing
        self.line = line
        super().__init__(type, message)

    def __str__(self) -> str:
        where = f" (cell {self.cell})" if self.cell is not None else ""
        where = f" ({self.line})" if self.line else where
        raised = "" if self.type in NO_REPLY else f" raised {self.type}"
        return f"{self.doing}{raised}: {self.message}{where}"


class NotReached(Exception):
    """The notebook never came to this item's grade cell; the text says where it stopped."""


class Student:
    """The notebook as it stood at one grade cell, for one test. The verbs are closed: these nine.

    After `call`, `new` and `run`, `args` and `kwargs` are the arguments as the student's code left
    them. `replies` holds everything that came back, in order.
    """

    def __init__(self, ask: Callable[[dict], dict], seed: int):
        self._ask = ask
        self.args: list[Any] = []
        self.kwargs: dict[str, Any] = {}
        self.replies: list[Any] = []
        self._send("seed", "the seed", seed=seed)
        self.replies.clear()

    def _send(self, verb: str, doing: str, **request: Any) -> Any:
        reply = self._ask({"verb": verb, **request})
        try:
            _look_for_error(reply, doing)
        except StudentError as found:
            self.replies.append(("raised", found.type))
            raise
        args, kwargs = reply.get("args"), reply.get("kwargs")
        self.args = args if isinstance(args, list) else []
        self.kwargs = kwargs if isinstance(kwargs, dict) else {}
        self.replies.append((reply.get("value"), self.args, self.kwargs))
        return reply.get("value")

    def get(self, name: str) -> Any:
        """The value of a global of the notebook."""
        return self._send("get", f"reading `{name}`", name=name)

    def set(self, **names: Any) -> None:
        """Set globals of the notebook; its functions see them."""
        self._send("set", f"setting {', '.join(names)}", kwargs=names)

    def new(self, name: str, *args: Any, **kwargs: Any) -> Handle:
        """Make an object of one of the notebook's classes."""
        return self._send("new", f"{name}(…)", target=name, args=list(args), kwargs=kwargs)

    def call(self, target: str | Handle, *args: Any, on: Handle | None = None, **kwargs: Any):
        """Call a global by name, an object by its handle, or a method of `on` by name."""
        doing = f"{target if isinstance(target, str) else _type_of(target)}(…)"
        return self._send("call", doing, target=target, on=on, args=list(args), kwargs=kwargs)

    def attr(self, on: Handle, path: str) -> Any:
        """An attribute by path, as in `blocks.0.attn.weight`."""
        return self._send("attr", f"{_type_of(on)}.{path}", on=on, path=path)

    def state(self, on: Handle) -> dict:
        """The state_dict of a module: name -> tensor."""
        return self._send("state", f"{_type_of(on)}.state_dict()", on=on)

    def load(self, on: Handle, state: dict) -> None:
        """Load a state_dict into a module, strictly."""
        self._send("load", f"{_type_of(on)}.load_state_dict(…)", on=on, args=[state])

    def grad(self, on: Handle) -> dict:
        """The gradients of a module's parameters: name -> tensor or None."""
        return self._send("grad", f"the gradients of {_type_of(on)}", on=on)

    def run(self, source: str, **names: Any) -> Any:
        """Run trusted text in the notebook's namespace; the value of its last expression.

        For what needs the student's own objects, such as an optimizer over a handle's parameters.
        """
        return self._send(
            "run", f"`{source.strip().splitlines()[-1]}`", source=source, kwargs=names
        )


def held(name: str, said: str) -> Any:
    """What a global holds, by what the kernel said of it in base64. Raises StudentError."""
    doing = f"reading `{name}`"
    try:
        reply = wire.unpack(base64.b64decode(said, validate=True))
    except (ValueError, EOFError, WireError) as error:
        said = f"the answer cannot be read: {error}"
        raise StudentError("Unreadable", said, None, doing) from error
    if type(reply) is not dict:
        raise StudentError("Unreadable", "the answer is no answer", None, doing)
    _look_for_error(reply, doing)
    return reply.get("value")


def _look_for_error(reply: dict, doing: str) -> None:
    if reply.get("error") is not None:
        raise _said(reply["error"], doing)


def _said(error: Any, doing: str) -> StudentError:
    """What the student's process says that was raised, as text for our messages."""
    error = error if isinstance(error, dict) else {}
    kind, message, cell, line = (error.get(key) for key in ("type", "message", "cell", "line"))
    return StudentError(
        clean(kind, 80) if isinstance(kind, str) else "an error",
        clean(message, 500) if isinstance(message, str) else "(no message)",
        cell if type(cell) is int and 0 < cell < 10_000 else None,
        doing,
        clean(line, 80) if isinstance(line, str) else "",
    )


def _type_of(on: Any) -> str:
    """The type of an object of the notebook; StudentError where it gave something else."""
    if not isinstance(on, Handle):
        found = f"an object was expected of the notebook, and it gave a {type(on).__name__}"
        raise StudentError("Unreadable", found, None, "using it")
    return on.type


class Remote:
    """A notebook that ran in a kernel; its items wait on sockets."""

    def __init__(
        self,
        sockets: dict[str, Path],
        stopped: str = "",
        seconds: float = CALL_SECONDS,
        item_seconds: float = ITEM_SECONDS,
    ):
        """`sockets`: item -> path; `stopped`: why an item without one was not reached."""
        self.sockets, self.stopped = sockets, stopped
        self.seconds, self.item_seconds = seconds, item_seconds
        self.ends: float | None = None  # of all tests together, from the first one on
        self.budgets: dict[str, Budget] = {}
        self.lines: dict[str, Line] = {}

    def student(self, item: str, seed: int) -> Student:
        """The notebook as it stood at this item's grade cell.

        The tests of an item share a fork: the first request of each puts the names back. One that
        ends it costs those after it.
        """
        if item not in self.sockets:
            raise NotReached(self.stopped or "the notebook stopped before this cell")
        budget = self._budget(item)
        if budget.check():
            raise NotReached(budget.spent)
        if item not in self.lines or self.lines[item].broken:
            again = item in self.lines
            self.close()  # that of another item
            try:
                self.lines[item] = Line(self.sockets[item], budget, self.seconds)
            except OSError as error:
                why = self.stopped or "the notebook's process ended before this test"
                why = "an earlier test of this item ended its process" if again else why
                raise NotReached(f"{why} ({error.strerror or error})") from error
        return Student(self.lines[item].ask, seed)

    def _budget(self, item: str) -> Budget:
        now = time.monotonic()
        if self.ends is None:
            self.ends = now + ALL_SECONDS
        return self.budgets.setdefault(item, Budget(min(now + self.item_seconds, self.ends)))

    def end_test(self) -> None:
        """Nothing: the next test of the item goes on where this one ended."""

    def close(self) -> None:
        """Hang up, which ends the forks."""
        for line in self.lines.values():
            line.close()
        self.lines.clear()


class Local:
    """A namespace in this process: the author's loop, the matrix and diagnosis use it.

    Names that a test set are put back before the next test; objects that it changed in place are
    not, so a test makes its own (`new`).
    """

    def __init__(self, namespace: dict, cell_of: Callable[[str], int | None]):
        self.namespace, self.cell_of = namespace, cell_of
        self.before: dict | None = None

    def student(self, item: str, seed: int) -> Student:
        """The namespace as it stands now, as a student."""
        self.before = dict(self.namespace)
        verbs, chance = Verbs(self.namespace, self.cell_of), _Chance()

        def ask(request: dict) -> dict:
            with chance:
                return _ask_local(verbs, request)

        return Student(ask, seed)

    def end_test(self) -> None:
        """Put back the names as they were before the test."""
        if self.before is not None:
            self.namespace.clear()
            self.namespace.update(self.before)
            self.before = None


class _Chance:
    """The student's random state, apart from the test's, as in a process of its own.

    Else what a student draws would depend on what the test drew in between.
    """

    def __init__(self) -> None:
        self.other = self._read()

    @staticmethod
    def _read() -> tuple:
        return random.getstate(), np.random.get_state(), torch.get_rng_state()

    def __enter__(self) -> None:
        self._exchange()

    def __exit__(self, *raised: object) -> None:
        self._exchange()

    def _exchange(self) -> None:
        now = self._read()
        for put, state in zip(
            (random.setstate, np.random.set_state, torch.set_rng_state), self.other, strict=True
        ):
            put(state)
        self.other = now


def _ask_local(verbs: Verbs, request: dict) -> dict:
    """Both ways through the same bytes as with a kernel."""
    try:
        question = wire.pack(request)
    except WireError as error:
        return failed("Unreadable", f"a value cannot be sent to the notebook: {error}")
    try:
        return wire.unpack(verbs.reply(wire.unpack(question)))
    except WireError as error:
        return failed("Unreadable", f"the answer cannot be read: {error}")
