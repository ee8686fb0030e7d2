"""List the programs of the course: `python -m gptlab`."""

import ast
import os
import shutil
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path


def programs(folder: Path | None = None) -> Iterator[tuple[str, str]]:
    """(module, the first line of its docstring) for each module that can be run.

    A program is a module that asks for `__name__ == "__main__"`; one named __main__ is run by its
    package's name. The files are read, not imported, so that the list is there at once and
    without torch.
    """
    folder = folder or Path(__file__).parent
    for path in sorted(folder.rglob("*.py")):
        if path == folder / "__main__.py":  # this list
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if any(isinstance(node, ast.If) and _asks_for_main(node.test) for node in tree.body):
            parts = path.relative_to(folder.parent).with_suffix("").parts
            name = ".".join(parts).removesuffix(".__main__")
            yield name, (ast.get_docstring(tree) or "").partition("\n")[0]


def _asks_for_main(test: ast.expr) -> bool:
    return ast.unparse(test) == "__name__ == '__main__'"


def _fitted(start: str, about: str) -> str:
    """One line; in a terminal that is too narrow for it, the rest stands below."""
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    if columns < len(start) + 30:
        return start + about
    return start + f"\n{' ' * len(start)}".join(textwrap.wrap(about, columns - len(start)))


def main() -> None:
    """Print the list; a reader that has seen enough of it, as `... | head`, is no error."""
    found = list(programs())
    width = max(len(name) for name, _ in found)
    try:
        for name, about in found:
            print(_fitted(f"python -m {name:{width}}  ", about))
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
