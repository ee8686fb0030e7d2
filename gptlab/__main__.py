"""List the programs of the course: `python -m gptlab`."""

import ast
from collections.abc import Iterator
from pathlib import Path


def programs(folder: Path | None = None) -> Iterator[tuple[str, str]]:
    """(module, the first line of its docstring) for each module that can be run.

    A program is a module that asks for `__name__ == "__main__"`. The files are read, not
    imported, so that the list is there at once and without torch.
    """
    folder = folder or Path(__file__).parent
    for path in sorted(folder.rglob("*.py")):
        if path.name == "__main__.py":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if any(isinstance(node, ast.If) and _asks_for_main(node.test) for node in tree.body):
            parts = path.relative_to(folder.parent).with_suffix("").parts
            yield ".".join(parts), (ast.get_docstring(tree) or "").partition("\n")[0]


def _asks_for_main(test: ast.expr) -> bool:
    return ast.unparse(test) == "__name__ == '__main__'"


def main() -> None:
    """Print the list."""
    found = list(programs())
    width = max(len(name) for name, _ in found)
    for name, about in found:
        print(f"python -m {name:{width}}  {about}")


if __name__ == "__main__":
    main()
