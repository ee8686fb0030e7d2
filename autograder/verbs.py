"""What the trusted tester may ask of a notebook: a closed list of verbs, carried out where it runs.

Used by the agent (in a fork of the student's kernel) and by the Local form (in one process). It
holds no expected value and no test: it only does what it is asked, in the notebook's namespace.
Whatever a student's object does here, an answer goes back: it costs that call and no other.
"""

from __future__ import annotations

import ast
import builtins
import random
import re
import socket
import traceback
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from autograder import wire
from autograder.values import Handle, WireError
from gptlab import companion

MESSAGE = 500  # characters of an exception that cross


class Verbs:
    """Answers requests about one namespace, and keeps the objects that crossed as handles."""

    def __init__(self, namespace: dict, cell_of: Callable[[str], int | None] = lambda name: None):
        self.namespace = namespace
        self.cell_of = cell_of  # file name of a frame -> number of the cell it belongs to
        self.objects: list[Any] = []
        self.before = dict(namespace)

    def handle(self, value: Any) -> Handle:
        """Keep an object here and name it by a number."""
        self.objects.append(value)
        return Handle(len(self.objects) - 1, name_of(type(value)))

    def serve(self, connection: socket.socket) -> None:
        """Answer the questions of one connection. Raises EOFError or OSError when it ends."""
        while True:
            connection.sendall(self.reply(wire.receive(connection)))

    def reply(self, request: dict) -> bytes:
        """The answer to one request as a message; what cannot be written becomes an error in it."""
        try:
            return wire.pack(self.answer(request), self.handle)
        except WireError as error:
            said = {"type": "Unreadable", "message": f"the answer cannot be read: {error}"}
        except BaseException as error:  # a student's object may raise anything while it is read
            said = self.describe(error)
        return wire.pack({"number": request.get("number"), "error": said})

    def answer(self, request: dict) -> dict:
        """Carry out one request.

        Returns {"number", "value", "args", "kwargs"} or {"number", "error": {type, message, cell}};
        `number` is the request's. Arguments go back as they are afterwards, so that a test sees
        what was changed in place.
        """
        number = request.get("number")
        verb = {
            "seed": self.seed,
            "get": self.get,
            "set": self.set,
            "new": self.call,
            "call": self.call,
            "attr": self.attr,
            "state": self.state,
            "load": self.load,
            "grad": self.grad,
            "run": self.run,
        }[request["verb"]]
        try:
            args = [self.resolve(value) for value in request.get("args", [])]
            kwargs = {key: self.resolve(value) for key, value in request.get("kwargs", {}).items()}
            value = verb(request, *args, **kwargs)
        except BaseException as error:  # a student may derive from it
            return {"number": number, "error": self.describe(error)}
        return {"number": number, "value": value, "args": args, "kwargs": kwargs}

    def describe(self, error: BaseException) -> dict:
        """An exception as plain text, with the last of the student's code that it passed through.

        That is `cell`, its number, or `line`: of a file that the notebook loaded.
        """
        cell, line = None, None
        for frame, number in traceback.walk_tb(error.__traceback__):
            if file := companion.name_of(frame):
                cell, line = None, f"{file}, line {number}"
            elif (found := self.cell_of(frame.f_code.co_filename)) is not None:
                cell, line = found, None
        try:
            hole = companion.hole_of(error)
            message = str.__getitem__(str(error), slice(MESSAGE))
            message = message or (companion.undone(hole) if hole else "")
        except BaseException as broken:  # a student's own exception may fail to print
            message = f"(no message: {name_of(type(broken))})"
        return {"type": name_of(type(error)), "message": message, "cell": cell, "line": line}

    def resolve(self, value: Any) -> Any:
        """Put the object in the place of its handle, also inside lists, tuples and dicts."""
        if isinstance(value, Handle):
            if value.number >= len(self.objects):
                raise WireError("a handle of another test")
            return self.objects[value.number]
        if isinstance(value, list | tuple):
            return type(value)(self.resolve(item) for item in value)
        if isinstance(value, dict):
            return {key: self.resolve(item) for key, item in value.items()}
        return value

    def lookup(self, name: str) -> Any:
        if name not in self.namespace:
            why = companion.why_missing()
            raise NameError(f"`{name}` is not defined at this point of the notebook{why}")
        return self.namespace[name]

    def seed(self, request: dict) -> None:
        """Begin a test: its own chance, and the names as they stood before the first one."""
        self.objects.clear()
        for name in [name for name in self.namespace if name not in self.before]:
            del self.namespace[name]
        self.namespace.update(self.before)  # never empty: a trace function lives there too
        random.seed(request["seed"])
        np.random.seed(request["seed"] % 2**32)
        torch.default_generator.manual_seed(request["seed"])  # manual_seed walks the stack: 3 ms

    def get(self, request: dict) -> Any:
        return self.lookup(request["name"])

    def set(self, request: dict, **names: Any) -> None:
        self.namespace.update(names)

    def call(self, request: dict, *args: Any, **kwargs: Any) -> Any:
        on, target = self.resolve(request.get("on")), request["target"]
        if on is not None:
            return getattr(on, target)(*args, **kwargs)
        function = self.resolve(target) if isinstance(target, Handle) else self.lookup(target)
        return function(*args, **kwargs)

    def attr(self, request: dict) -> Any:
        value = self.resolve(request["on"])
        for part in request["path"].split("."):
            value = value[int(part)] if part.isdigit() else getattr(value, part)
        return value

    def state(self, request: dict) -> dict:
        return dict(self.resolve(request["on"]).state_dict())

    def load(self, request: dict, state: dict) -> None:
        self.resolve(request["on"]).load_state_dict(state)

    def grad(self, request: dict) -> dict:
        return {name: p.grad for name, p in self.resolve(request["on"]).named_parameters()}

    def run(self, request: dict, **names: Any) -> Any:
        """Run trusted text in the notebook's namespace; the value of its last expression."""
        tree = ast.parse(request["source"])
        own = {name: value for name, value in self.namespace.items() if not hasattr(builtins, name)}
        scope = own | names  # a student's own `range` is not the test's
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, "<test>", "exec"), scope)
        if last is None:
            return None
        return eval(compile(ast.Expression(last.value), "<test>", "eval"), scope)


def cell_number(filename: str) -> int | None:
    """The cell of a file name as the Local form compiles it: `<cell 12>`."""
    match = re.fullmatch(r"<cell (\d+)>", filename)
    return int(match[1]) if match else None


def name_of(kind: type) -> str:
    """The name of a class, whatever its metaclass says of it."""
    return type.__dict__["__name__"].__get__(kind)[:80]
