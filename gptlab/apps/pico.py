"""The student's own pico_gpt.py, written from the functions of their notebook.

    from gptlab.apps import pico
    pico.write("pico_gpt.py", [gelu, softmax, layer_norm, linear, attention, mha, feed_forward,
                               transformer_block, gpt2, generate])

The file stands alone: NumPy, tqdm and Python's own modules are all that it imports. It is imported
once before it takes the place of an earlier one.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import os
import symtable
import sys
import textwrap
import tokenize
import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["NEEDED", "PicoError", "write"]

# What a page or a generation loop has to find in the file.
NEEDED = (
    "gelu", "softmax", "layer_norm", "linear", "attention", "mha", "feed_forward",
    "transformer_block", "gpt2", "generate",
)  # fmt: skip
HEAD = '''"""GPT-2's forward pass in NumPy: the functions of my notebook, as one file."""'''


class PicoError(ValueError):
    """The file cannot be written: what was found, what was expected, what to do."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of a traceback."""
        return [f"pico_gpt: {line}" if not i else line for i, line in enumerate(self.lines())]

    def lines(self) -> list[str]:
        return [part for line in str(self).splitlines() for part in textwrap.wrap(line, 79)]


@dataclass(frozen=True)
class Piece:
    """One function: its text, and the names that it reads from outside of itself."""

    name: str
    text: str
    reads: tuple[tuple[str, int], ...]  # each name with the first line in `text` that has it
    at_once: frozenset[str]  # those that Python reads as it defines it: defaults, decorators
    world: Mapping[str, Any]  # the names of the notebook it comes from


def write(
    path: str | Path,
    functions: Iterable[Callable] | Mapping[str, Any],
    needed: Iterable[str] = NEEDED,
) -> Path:
    """Write `functions` into a file that can be imported, and import it. Raises PicoError.

    functions: a list of them, or the names of a notebook, such as globals(): then the needed ones
    are taken. needed: names that must be among them.
    Nothing is written while a notebook is graded (NBGRADER_EXECUTION).
    """
    path, needed = Path(path), tuple(needed)
    if os.environ.get("NBGRADER_EXECUTION"):
        print(f"{path} is not written: a notebook that is being graded writes no files.")
        return path
    pieces = in_order([read(name, value) for name, value in named(functions, needed)])
    if missing := [name for name in needed if name not in {piece.name for piece in pieces}]:
        raise PicoError(
            f"{missing[0]} is missing: {', '.join(missing)} expected in {path.name}, and not among "
            f"the functions given.\nDo this: put {missing[0]} into the list."
        )
    text = joined(pieces)
    tried(path, text)
    print(f"{path}: {len(pieces)} functions, {len(text.splitlines())} lines. It imports cleanly.")
    return path


def named(
    functions: Iterable[Callable] | Mapping[str, Any], needed: tuple[str, ...]
) -> list[tuple[str, Any]]:
    """Each with the name it shall have; the last of two of one name."""
    if isinstance(functions, Mapping):
        if missing := [name for name in needed if name not in functions]:
            raise PicoError(
                f"{missing[0]} is missing: no such name in the notebook.\n"
                f"Do this: run the cell that defines {missing[0]}, then this one again."
            )
        return [(name, functions[name]) for name in needed]
    return list(
        {getattr(value, "__name__", repr(value)[:40]): value for value in functions}.items()
    )


def read(name: str, value: Any) -> Piece:
    """The text of one function. Raises PicoError where there is none, or none that parses."""
    if not isinstance(value, types.FunctionType):
        shape = f" of shape {value.shape}" if hasattr(value, "shape") else ""
        raise PicoError(
            f"{name} is a {type(value).__name__}{shape}; a function was expected.\n"
            "Do this: if a later line gave the name to something else, run the function's cell "
            "again, then this one."
        )
    try:
        text = textwrap.dedent(inspect.getsource(value)).strip() + "\n"
    except (OSError, TypeError, SyntaxError, tokenize.TokenError) as error:
        raise PicoError(
            f"{name} has no source that can be read ({error}); a function written with def in a "
            f"cell of this notebook was expected.\nDo this: run the cell with `def {name}(...)` "
            "again, then this one."
        ) from None
    try:
        defined = names_of(ast.parse(text))
        reads, at_once = outside(text)
    except SyntaxError as error:
        raise PicoError(
            f"{name}, line {error.lineno}: {error.msg}: {(error.text or '').strip()!r}.\n"
            f"Do this: write {name} as a def that stands alone in its cell, run that cell, then "
            "this one."
        ) from None
    if name == "<lambda>":
        called = defined[0] if len(defined) == 1 else "name"
        raise PicoError(
            "a lambda was found; a function written with def was expected.\n"
            f"Do this: write `def {called}(...)` in a cell, run it, then this one."
        )
    if defined != [name]:
        raise PicoError(
            f"{name} was expected, and its text defines {', '.join(defined) or 'nothing'}.\n"
            f"Do this: write `def {name}(...)` in a cell, run it, then this one."
        )
    return Piece(name, text, reads, at_once, value.__globals__)


def names_of(tree: ast.Module) -> list[str]:
    """What the statements of a module define: functions, and names given to a lambda."""
    found = []
    for line in tree.body:
        if isinstance(line, ast.FunctionDef):
            found.append(line.name)
        elif isinstance(line, ast.Assign):
            found += [target.id for target in line.targets if isinstance(target, ast.Name)]
    return found


def outside(text: str) -> tuple[tuple[tuple[str, int], ...], frozenset[str]]:
    """The names that a text reads and does not define, with their lines; those read at once."""
    top = symtable.symtable(text, "<cell>", "exec")
    own = {symbol.get_name() for symbol in top.get_symbols() if symbol.is_assigned()}
    found: set[str] = set()
    tables = [*top.get_children()]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        found |= {s.get_name() for s in table.get_symbols() if s.is_global() and s.is_referenced()}
    at_once = {symbol.get_name() for symbol in top.get_symbols() if symbol.is_referenced()}
    wanted = (found | at_once) - own - set(dir(builtins)) - {"__name__", "__file__"}
    lines: dict[str, int] = {}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Name) and node.id in wanted:
            lines[node.id] = min(node.lineno, lines.get(node.id, node.lineno))
    return tuple((name, lines.get(name, 1)) for name in sorted(wanted)), frozenset(at_once - own)


def in_order(pieces: list[Piece]) -> list[Piece]:
    """As given, but each after those that it reads while it is being defined."""
    by_name = {piece.name: piece for piece in pieces}
    done: dict[str, Piece] = {}

    def add(piece: Piece, above: tuple[str, ...]) -> None:
        if piece.name in above:
            raise PicoError(
                f"{piece.name} needs itself to be defined, by way of {', '.join(above)}.\n"
                f"Do this: take {above[-1]} out of the defaults of {piece.name}."
            )
        for name in sorted(piece.at_once & by_name.keys()):
            if name not in done:
                add(by_name[name], (*above, piece.name))
        done.setdefault(piece.name, piece)

    for piece in pieces:
        add(piece, ())
    return list(done.values())


def joined(pieces: list[Piece]) -> str:
    """The text of the file: imports, then the functions."""
    given = {piece.name for piece in pieces}
    imports = {"np": "import numpy as np"}
    for piece in pieces:
        for name, line in piece.reads:
            if name not in given:
                imports[name] = imported(piece, name, line)
    ranks = [("numpy" in line) + 2 * ("tqdm" in line) for line in imports.values()]
    lines = [line for _, line in sorted(set(zip(ranks, imports.values(), strict=True)))]
    return "\n\n\n".join(["\n".join([HEAD, "", *lines]), *(p.text.strip() for p in pieces)]) + "\n"


def imported(piece: Piece, name: str, line: int) -> str:
    """The import that gives `name` in the notebook. Raises PicoError if none does."""
    source = piece.text.splitlines()[line - 1].strip()
    where = f"{piece.name} reads {name}, which is not among the functions given:\n    {source}\n"
    if name not in piece.world:
        known = {"np": "import numpy as np", "tqdm": "from tqdm import tqdm"}
        if name in known:
            return known[name]
        raise PicoError(
            f"{where}The notebook has no {name} either.\nDo this: look for a slip in the name."
        )
    value = piece.world[name]
    if isinstance(value, types.ModuleType):
        home, text = value.__name__, f"import {value.__name__}"
        if value.__name__ != name:
            text += f" as {name}"
    else:
        home, called = getattr(value, "__module__", None), getattr(value, "__name__", None)
        text = f"from {home} import {called}" + ("" if called == name else f" as {name}")
        if home and getattr(sys.modules.get(home), str(called), None) is not value:
            home = None
    if allowed(home):
        return text.replace("from tqdm.std import tqdm", "from tqdm import tqdm")
    raise PicoError(where + advice(name, value))


def allowed(module: str | None) -> bool:
    """Whether the file may import it: NumPy, tqdm, Python's own; never a notebook."""
    first = (module or "__main__").partition(".")[0]
    return first in {"numpy", "tqdm"} or (first in sys.stdlib_module_names and first != "__main__")


def advice(name: str, value: Any) -> str:
    """What to do about a name that the file cannot have by an import."""
    if isinstance(value, types.FunctionType) and value.__module__ == "__main__":
        return f"Do this: it is a function of yours, so put {name} into the list too."
    home = getattr(value, "__module__", None) or getattr(value, "__name__", "")
    if isinstance(value, types.ModuleType) or callable(value):
        return (
            f"It comes from {home or type(value).__name__}; NumPy, tqdm and Python's own modules "
            f"were expected.\nDo this: write it without {name}."
        )
    return (
        f"It is a {type(value).__name__} of the notebook, and a file has no notebook around it.\n"
        f"Do this: set {name} inside of the function, or hand it in as an argument."
    )


def tried(path: Path, text: str) -> None:
    """Run the text in a fresh namespace; only what runs takes the place of an earlier file."""
    module = types.ModuleType(path.stem)
    try:
        exec(compile(text, str(path), "exec"), module.__dict__)
    except Exception as error:
        raise PicoError(
            f"{path.name} does not import: {type(error).__name__}: {error}.\nDo this: look at the "
            "defaults in the def lines: they are read before anything is called."
        ) from error
    new = path.with_name(path.name + ".new")
    try:
        new.write_text(text, encoding="utf-8")
        os.replace(new, path)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise PicoError(
            f"{path} cannot be written: {error.strerror}.\nDo this: give a path in a folder of "
            "your own, such as pico_gpt.py."
        ) from error
