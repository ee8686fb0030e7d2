"""A file of Python that a notebook writes and loads: ``%%write model.py``, ``fresh("model.py")``.

Importing this module gives the notebook the cell magic ``%%write``. It differs from IPython's
``%%writefile`` in one thing: a file that was changed by hand since is kept. What the cell wrote is
remembered beside the file, in ``.model.py.written``, so that a new kernel knows it too.
"""

from __future__ import annotations

import hashlib
import linecache
import re
import sys
from pathlib import Path
from types import CodeType, FrameType, ModuleType
from typing import Any

__all__ = ["FileError", "fresh", "hole_of", "load_ipython_extension", "name_of", "undone"]

NAME = re.compile(r"[A-Za-z_]\w*\.py")
MARK = re.compile(r"#\s*TO-DO\s+([a-z]\w*)")  # over each place of a file that a student fills in
WORDS = ("--load", "--force")

problems: dict[str, str] = {}  # file -> why the last try to load it failed
stand_ins: dict[str, tuple[str, str]] = {}  # file -> text and name of code, where there is no disk


class FileError(Exception):
    """A file that cannot be loaded: what was found, where, and what to do."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of a traceback."""
        return str(self).splitlines()


def first_line(name: str) -> str:
    """The line that makes a cell the text of this file."""
    return f"%%write {name}"


def text_of(source: str) -> str:
    """The text of a file, from a cell or from the file: without the line of a cell magic."""
    source = source.removeprefix("\ufeff").replace("\r\n", "\n")
    if source.lstrip().startswith("%%"):
        source = source.lstrip().partition("\n")[2]
    return source.rstrip("\n") + "\n"


def fresh(name: str) -> ModuleType:
    """The module in this file of the working folder, loaded anew as it stands now.

    Errors: FileError, a few lines, where there is no such file or where it cannot be run.
    """
    module = ModuleType(name.removesuffix(".py"))
    try:
        text, filename = _read(name)
        linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
        vars(module).update(__file__=filename, __companion__=name)
        sys.modules[module.__name__] = module  # a dataclass looks itself up there
        exec(_compiled(text, name, filename), vars(module))
    except BaseException as error:
        sys.modules.pop(module.__name__, None)
        problems[name] = str(error) if isinstance(error, FileError) else _raised(error, name)
        if isinstance(error, Exception):
            raise FileError(f"{problems[name]}\n{_mend(name)}") from None
        raise
    problems.pop(name, None)
    if name not in stand_ins and _changed_by_hand(Path(name)):
        print(f"{name} is not what its cell wrote: it was changed in the folder. {_both(name)}")
    return module


def name_of(frame: FrameType) -> str:
    """The file that the code of this frame was loaded from by `fresh`; "" for any other code."""
    name = frame.f_globals.get("__companion__")
    return name if isinstance(name, str) and NAME.fullmatch(name) else ""


def hole_of(error: BaseException) -> str:
    """The name of the TO-DO whose `raise NotImplementedError` this is; "" for any other error."""
    step = error.__traceback__
    if not isinstance(error, NotImplementedError) or step is None:
        return ""
    while step.tb_next is not None:
        step = step.tb_next
    if not name_of(step.tb_frame):
        return ""
    lines = linecache.getlines(step.tb_frame.f_code.co_filename)[: step.tb_lineno - 1]
    for line in reversed(lines):
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
        return text_of(path.read_text(encoding="utf-8")), str(path)
    except FileNotFoundError:
        raise FileError(f"{name}: no such file in {path.parent}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(f"{name}: cannot be read as text: {error}") from None


def _compiled(text: str, name: str, filename: str) -> CodeType:
    try:
        return compile(text, filename, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        said = getattr(error, "msg", None) or str(error)
        raise FileError(_told(name, line, f"{type(error).__name__}: {said}", text)) from None


def _raised(error: BaseException, name: str) -> str:
    """What went wrong while a file ran, with the last line of it that was reached."""
    line, step, text = None, error.__traceback__, ""
    while step is not None:
        if name_of(step.tb_frame) == name:
            line = step.tb_lineno
            text = "".join(linecache.getlines(step.tb_frame.f_code.co_filename))
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
    return f"Mend it in the cell `{first_line(name)}`, run that cell, then this one again."


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
    if not NAME.fullmatch(name) or not set(words) <= set(WORDS):
        found = f"found `%%write {line}`"
        raise FileError(f"{found}, expected `%%write model.py`, with --load or --force behind it")
    path, text = Path(name), text_of(cell)
    there = text_of(path.read_text("utf-8", "replace")) if path.is_file() else None
    by_hand = there not in (None, text) and _changed_by_hand(path)
    if "--load" in words:
        _load(path, there, text)
    elif by_hand and "--force" not in words:
        print(
            f"{name} was NOT written: it was changed in the folder since, and is kept.\n"
            f"{_both(name)}\n"
            f"To write this cell over the file, make it `{first_line(name)} --force`."
        )
    else:
        old = _keep(path, there) if by_hand else ""
        path.write_text(text, encoding="utf-8")
        _remember(path, text)
        print(f"{name}: {'unchanged' if there == text else 'written'}, {_lines(text)}{old}")


def _load(path: Path, text: str | None, cell: str) -> None:
    """Put a file's text in the place of the cell that runs."""
    if text is None:
        raise FileError(f"{path.name}: no such file in {path.resolve().parent}: nothing to load")
    old = _keep(path, cell) if cell != text and not _written_last(path, cell) else ""
    shell = _shell()
    if shell is not None:
        shell.set_next_input(f"{first_line(path.name)}\n{text.rstrip()}", replace=True)
    _remember(path, text)
    print(f"{path.name}: its {_lines(text)} are in the cell now{old}. Run it once more.")


def _keep(path: Path, text: str) -> str:
    """Keep a text that would be lost in a file of its own; what to say of it."""
    old = path.with_name(f"{path.stem}_old.py")
    old.write_text(text, encoding="utf-8")
    return f" (the other text is in {old.name})"


def _lines(text: str) -> str:
    count = len(text.splitlines())
    return "1 line" if count == 1 else f"{count} lines"


def _record(path: Path) -> Path:
    return path.with_name(f".{path.name}.written")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _remember(path: Path, text: str) -> None:
    _record(path).write_text(f"{_digest(text)}\n", encoding="utf-8")


def _written_last(path: Path, text: str) -> bool:
    """Is this what the cell wrote last?"""
    record = _record(path)
    return record.is_file() and record.read_text("utf-8").strip() == _digest(text)


def _changed_by_hand(path: Path) -> bool:
    """Is this file other than what its cell wrote last? Where nothing was written, it is."""
    return path.is_file() and not _written_last(path, text_of(path.read_text("utf-8", "replace")))


def _shell() -> Any:
    """The IPython that runs this, or None."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None


def load_ipython_extension(shell: Any) -> None:
    """Give a notebook the magic; importing this module does so too."""
    shell.register_magic_function(write, "cell", "write")


if _shell() is not None:
    load_ipython_extension(_shell())
