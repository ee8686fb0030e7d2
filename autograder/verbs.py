"""What the trusted tester may ask of a notebook: a closed list of verbs, carried out where it runs.

Used by the agent (in a fork of the student's kernel) and by the Local form (in one process). It
holds no expected value and no test: it only does what it is asked, in the notebook's namespace.
"""

from __future__ import annotations

import ast
import builtins
import random
import re
import traceback
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from autograder.values import Handle, WireError

MESSAGE = 500  # characters of an exception that cross


class Verbs:
    """Answers requests about one namespace, and keeps the objects that crossed as handles."""

    def __init__(self, namespace: dict, cell_of: Callable[[str], int | None] = lambda name: None):
        self.namespace = namespace
        self.cell_of = cell_of  # file name of a frame -> number of the cell it belongs to
        self.objects: list[Any] = []

    def handle(self, value: Any) -> Handle:
        """Keep an object here and name it by a number."""
        self.objects.append(value)
        return Handle(len(self.objects) - 1, type(value).__name__)

    def answer(self, request: dict) -> dict:
        """Carry out one request.

        Returns {"value", "args", "kwargs"} or {"error": {type, message, cell}}; arguments go back
        as they are afterwards, so that a test sees what was changed in place.
        """
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
        args = [self.resolve(value) for value in request.get("args", [])]
        kwargs = {key: self.resolve(value) for key, value in request.get("kwargs", {}).items()}
        try:
            value = verb(request, *args, **kwargs)
        except (Exception, KeyboardInterrupt, SystemExit) as error:
            return {"error": self.describe(error)}
        return {"value": value, "args": args, "kwargs": kwargs}

    def describe(self, error: BaseException) -> dict:
        """An exception as plain text, with the last notebook cell that it passed through."""
        frames = traceback.extract_tb(error.__traceback__)
        cells = [cell for frame in frames if (cell := self.cell_of(frame.filename)) is not None]
        try:
            message = str(error)
        except Exception as broken:  # a student's own exception may fail to print
            message = f"(no message: {type(broken).__name__})"
        return {
            "type": type(error).__name__[:80],
            "message": message[:MESSAGE],
            "cell": cells[-1] if cells else None,
        }

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
            raise NameError(f"`{name}` is not defined at this point of the notebook")
        return self.namespace[name]

    def seed(self, request: dict) -> None:
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
