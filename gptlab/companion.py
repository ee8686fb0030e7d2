"""A file of Python that a notebook writes and loads: ``%%write model.py``, ``fresh("model.py")``.

Importing this module gives the notebook the cell magic ``%%write``. It differs from IPython's
``%%writefile`` in one thing: a file that was changed by hand since is kept. What the cell wrote is
remembered beside the file, in ``.model.py.written``, so that a new kernel knows it too.
"""

from __future__ import annotations

import linecache
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from types import CodeType, FrameType, ModuleType
from typing import Any

from gptlab import written
from gptlab.written import text_of

__all__ = [
    "FileError",
    "fresh",
    "hole_of",
    "line_of",
    "load_ipython_extension",
    "mark_of",
    "name_of",
    "stale",
    "text_of",
    "undone",
]

NAME = re.compile(r"[A-Za-z_]\w*\.py")
MARK = re.compile(r"#\s*TO-DO\s+([a-z]\w*)")  # over each place of a file that a student fills in
WORDS = ("--load", "--force")

problems: dict[str, str] = {}  # file -> why the last try to load it failed
failed: dict[str, str] = {}  # file -> its text then
stand_ins: dict[str, tuple[str, str]] = {}  # file -> text and name of code, where there is no disk


class FileError(Exception):
    """A file that cannot be loaded: what was found, where, and what to do."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of a traceback."""
        return str(self).splitlines()


def first_line(name: str) -> str:
    """The line that makes a cell the text of this file."""
    return f"%%write {name}"


def fresh(name: str) -> ModuleType:
    """The module in this file of the working folder, loaded anew as it stands now.

    Errors: FileError, a few lines, where there is no such file or where it cannot be run.
    """
    module, text = ModuleType(name.removesuffix(".py")), ""
    try:
        text, filename = _read(name)
        vars(module).update(__file__=filename, __companion__=name, __text__=text)
        code = _compiled(text, name, filename)
        sys.modules[module.__name__] = module  # a dataclass looks itself up there
        exec(code, vars(module))
    except BaseException as error:
        sys.modules.pop(module.__name__, None)
        problems[name] = str(error) if isinstance(error, FileError) else _raised(error, name)
        failed[name] = text
        if isinstance(error, Exception):
            raise FileError(f"{problems[name]}\n{_mend(name)}") from None
        raise
    # Only now: until then tracebacks show the lines of the classes that are there.
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    problems.pop(name, None)
    failed.pop(name, None)
    if name not in stand_ins and written.changed_by_hand(Path(name)):
        print(f"{name} is not what its cell wrote: it was changed in the folder. {_both(name)}")
    return module


def name_of(frame: FrameType) -> str:
    """The file that the code of this frame was loaded from by `fresh`; "" for any other code."""
    name = frame.f_globals.get("__companion__")
    return name if isinstance(name, str) and NAME.fullmatch(name) else ""


def line_of(frame: FrameType, number: int) -> str:
    """This line of the file as it was when its code was loaded; "" for any other code."""
    lines = _lines_of(frame)
    return lines[number - 1].strip() if 0 < number <= len(lines) else ""


def mark_of(frame: FrameType, number: int) -> str:
    """The name in the nearest `# TO-DO` above this line of the file; "" where there is none."""
    marks = [found[1] for line in _lines_of(frame)[:number] if (found := MARK.match(line.strip()))]
    return marks[-1] if marks else ""


def _lines_of(frame: FrameType) -> list[str]:
    text = frame.f_globals.get("__text__")
    return text.splitlines() if name_of(frame) and isinstance(text, str) else []


def stale(space: Mapping[str, Any]) -> tuple[str, str]:
    """Whether code with these globals is other than its file by now: what is so, and what to do.

    Two empty texts where it is not, and for code that `fresh` has not loaded.
    """
    name, loaded = space.get("__companion__"), space.get("__text__")
    if not isinstance(name, str) or not isinstance(loaded, str):
        return "", ""
    try:
        now = stand_ins[name][0] if name in stand_ins else _text(Path(str(space.get("__file__"))))
    except (OSError, UnicodeDecodeError):
        return "", ""  # there is nothing newer
    if now == loaded:
        return "", ""
    if failed.get(name) == now:
        return f"{name} could not be loaded:\n{problems[name]}", _mend(name)
    stem = name.removesuffix(".py")
    if getattr(sys.modules.get(stem), "__text__", None) == now:
        found = f"{name} was loaded anew, and this is still the class from before"
        return found, f"Run the line `from {stem} import …`, which stands below companion.fresh."
    todo = f"Run the cell with companion.fresh, then this one: until then {name} is not looked at."
    return f"{name} has changed since it was loaded", todo


def hole_of(error: BaseException) -> str:
    """The name of the TO-DO whose `raise NotImplementedError` this is; "" for any other error."""
    step = error.__traceback__
    if not isinstance(error, NotImplementedError) or step is None:
        return ""
    while step.tb_next is not None:
        step = step.tb_next
    if not name_of(step.tb_frame):
        return ""
    for line in reversed(_lines_of(step.tb_frame)[: step.tb_lineno - 1]):
        if found := MARK.match(line.strip()):
            return found[1]
        if line.strip()[:1] not in ("", "#"):
            break
    return ""


def undone(hole: str) -> str:
    """What to say of code that met this TO-DO."""
    return f"this needs `# TO-DO {hole}`, which is not done yet"


def why_missing() -> str:
    """Why a name may be missing: the files that could not be loaded, in a sentence or ""."""
    return "".join(f"; {text.splitlines()[0]}" for text in problems.values())


def _read(name: str) -> tuple[str, str]:
    """The text of a file, and what its code is called in a traceback."""
    if not NAME.fullmatch(name):
        raise FileError(f"{name}: expected the name of a Python file in this folder, as model.py")
    if name in stand_ins:
        return stand_ins[name]
    path = Path(name).resolve()
    try:
        return _text(path), str(path)
    except FileNotFoundError:
        raise FileError(f"{name}: no such file in {path.parent}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(f"{name}: cannot be read as text: {error}") from None


def _text(path: Path) -> str:
    return text_of(path.read_text(encoding="utf-8"))


def _compiled(text: str, name: str, filename: str) -> CodeType:
    try:
        return compile(text, filename, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        said = getattr(error, "msg", None) or str(error)
        what = f"{type(error).__name__}: {said}"
        if line is not None and (text.splitlines()[line - 1 : line] or [""])[0].startswith("%%"):
            what = "leave this line out: it is for the cell of a notebook"
        raise FileError(_told(name, line, what, text)) from None


def _raised(error: BaseException, name: str) -> str:
    """What went wrong while a file ran, with the last line of it that was reached."""
    line, step, text = None, error.__traceback__, ""
    while step is not None:
        if name_of(step.tb_frame) == name:
            line = step.tb_lineno
            text = "\n".join(_lines_of(step.tb_frame))
        step = step.tb_next
    if not isinstance(error, Exception):
        return _told(name, line, "stopped while it was loaded: is there an endless loop?", text)
    if hole := hole_of(error):
        return _told(name, line, undone(hole), text)
    return _told(name, line, f"{type(error).__name__}: {str(error)[:300]}", text)


def _told(name: str, line: int | None, what: str, text: str) -> str:
    lines = text.splitlines()
    if line is None or not 0 < line <= len(lines):
        return f"{name}: {what}"
    return f"{name}, line {line}: {what}\n    {lines[line - 1].strip()[:200]}"


def _mend(name: str) -> str:
    if name not in stand_ins and written.changed_by_hand(Path(name)):
        return f"Mend it in {name} itself, which was changed in the folder; save, run fresh again."
    return f"Mend it in the cell `{first_line(name)}`, run that cell, then the one with fresh."


def _both(name: str) -> str:
    start = f"`{first_line(name)}"
    return (
        f"Hand the file in beside the notebook, or take it into the cell: make the cell's first "
        f"line {start} --load` and run it."
    )


def write(line: str, cell: str) -> None:
    """The magic: ``%%write NAME``, ``%%write NAME --load``, ``%%write NAME --force``.

    A file that was changed by hand is kept, unless --force is given. --load puts the file's text
    into the cell. What would be lost by either is kept in NAME_old.py.
    """
    name, *words = line.split() or [""]
    if not NAME.fullmatch(name) or not set(words) <= set(WORDS) or len(words) > 1:
        found = f"found `%%write {line}`"
        one = "with one of --load and --force behind it, or neither"
        raise FileError(f"{found}, expected `%%write model.py`, {one}")
    path, text = Path(name), text_of(cell)
    there = written.read(path) if path.is_file() else None
    by_hand = there not in (None, text) and written.changed_by_hand(path)
    if "--load" in words:
        _load(path, there, text)
    elif by_hand and "--force" not in words:
        print(
            f"{name} was NOT written: it was changed in the folder since, and is kept.\n"
            f"{_both(name)}\n"
            f"To write this cell over the file, make it `{first_line(name)} --force`."
        )
    else:
        old = written.keep(path, there) if by_hand else ""
        path.write_text(text, encoding="utf-8")
        written.remember(path, text)
        print(f"{name}: {'unchanged' if there == text else 'written'}, {written.lines(text)}{old}")
        if words:
            print("Take --force away again: from now on the cell writes its file as before.")


def _load(path: Path, text: str | None, cell: str) -> None:
    """Put a file's text in the place of the cell that runs."""
    if text is None:
        raise FileError(f"{path.name}: no such file in {path.resolve().parent}: nothing to load")
    if not text.strip():
        raise FileError(f"{path.name} is empty: nothing to load, and the cell stays as it is")
    old = written.keep(path, cell) if cell != text and not written.written_last(path, cell) else ""
    shell = _shell()
    if shell is not None:
        shell.set_next_input(f"{first_line(path.name)}\n{text.rstrip()}", replace=True)
    written.remember(path, text)
    print(
        f"{path.name}: its text, {written.lines(text)}, is in the cell now{old}. Run the cell "
        "once more.\n"
        f"If the cell still looks as before, copy the text of {path.name} into it by hand."
    )


def _shell() -> Any:
    """The IPython that runs this, or None."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None


def load_ipython_extension(shell: Any) -> None:
    """Give a notebook the magic; importing this module does so too."""
    shell.register_magic_function(write, "cell", "write")


if _shell() is not None:
    load_ipython_extension(_shell())
