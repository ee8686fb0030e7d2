"""The chat page as a folder that a Hugging Face Space runs as it is.

    app.py             starts the page
    README.md          its first lines tell Hugging Face what this is
    requirements.txt   the packages, at the versions that are installed here
    .gitattributes     weights go through git's large file storage
    gptlab/            the modules that the page needs, found by their imports; gpt_download.py
    model/             the chat model
"""

from __future__ import annotations

import ast
import json
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from gptlab import tips

__all__ = ["FILES", "SpaceError", "export", "modules", "packages"]

ROOT = Path(__file__).resolve().parents[2]
OURS = ("gptlab", "gpt_download")
START = "gptlab.apps.gradio_app"
LATER = ("gradio",)  # Hugging Face installs it, at sdk_version
FILES = (
    "app.py", "README.md", "requirements.txt", ".gitattributes", "gpt_download.py", "gptlab",
    "model",
)  # fmt: skip
APP = '''"""The chat page: `python app.py`, here or as a Space."""

import sys
from pathlib import Path

from gptlab.apps import gradio_app

if __name__ == "__main__":
    sys.exit(gradio_app.main(["--model", str(Path(__file__).resolve().parent / "model")]))
'''
README = """---
title: {quoted}
emoji: 💬
colorFrom: blue
colorTo: gray
sdk: gradio
sdk_version: {gradio}
python_version: "{python}"
app_file: app.py
pinned: false
license: mit
---

# {title}

A small GPT from the course GPT from scratch, to talk to. What it was trained on, how well it does
and what it cannot do is in [model/README.md](model/README.md).

On your own machine:

    python -m pip install gradio=={gradio} -r requirements.txt
    python app.py
"""
# A Space has no GPU unless one is paid for, and torch for a GPU is gigabytes.
REQUIREMENTS = """# On a Space with a GPU, delete the next line.
--extra-index-url https://download.pytorch.org/whl/cpu
{packages}
"""
ATTRIBUTES = "*.safetensors filter=lfs diff=lfs merge=lfs -text\n"


class SpaceError(ValueError):
    """The folder cannot be written: what was found, and what to do."""


def export(folder: Path, model: str | None = None) -> Path:
    """Write a Space into a new or empty folder, or over an earlier one. Returns its path.

    model: as gptlab.chat.find has it
    Errors: SpaceError, and ChatError where the model cannot be read
    """
    from gptlab.chatting.loading import open_model

    folder = folder.expanduser().absolute()
    _may_be_written(folder)
    loaded = open_model(model, "cpu")  # what cannot be read here would not run there
    title = str(loaded.checkpoint.run.get("name") or loaded.folder.resolve().name)
    # First beside it, whole: the model may come from the folder that is written.
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".space-") as made:
            _write(Path(made), loaded.folder, title)
            folder.mkdir(exist_ok=True)
            for name in FILES:
                _remove(folder / name)
                shutil.move(Path(made) / name, folder / name)
    except OSError as error:
        raise SpaceError(
            f"{folder} could not be written: {error}.\nDo this: --export another folder"
        ) from error
    return folder


def _may_be_written(folder: Path) -> None:
    """SpaceError where something of somebody else is there."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise SpaceError(f"{folder} is a file.\nDo this: --export a new folder")
    there = {one.name for one in folder.iterdir()} - {"__pycache__", ".git"}
    strange = sorted(there - set(FILES))
    if strange or (there and START.rpartition(".")[2] not in _text(folder / "app.py")):
        what = ", ".join(strange[:4] or sorted(there)[:4])
        raise SpaceError(
            f"{folder} holds something else than an exported Space: {what}. Nothing was "
            "written.\nDo this: --export a new folder"
        )


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _write(folder: Path, model: Path, title: str) -> None:
    from gptlab import hub

    needed = modules()
    python = ".".join(platform.python_version_tuple()[:2])
    told = {"title": title, "quoted": json.dumps(title), "python": python}
    told["gradio"] = metadata.version("gradio")
    (folder / "app.py").write_text(APP, encoding="utf-8")
    (folder / "README.md").write_text(README.format(**told), encoding="utf-8")
    listed = "\n".join(f"{name}=={version}" for name, version in packages(needed).items())
    text = REQUIREMENTS.format(packages=listed)
    (folder / "requirements.txt").write_text(text, encoding="utf-8")
    (folder / ".gitattributes").write_text(ATTRIBUTES, encoding="utf-8")
    for path in (*needed.values(), tips.FILE):
        copy = folder / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    (folder / "model").mkdir()
    for name in hub.FILES:  # whatever else is beside them is nobody's to see
        if (model / name).is_file():
            shutil.copyfile(model / name, folder / "model" / name)


def modules(start: str = START) -> dict[str, Path]:
    """The modules of ours that one needs, itself included, with their files.

    Found by reading all `import` lines, also those in functions. A package that makes up names
    while it runs (import_module) is taken whole.
    """
    found: dict[str, Path] = {}
    waiting = [start]
    while waiting:
        name = waiting.pop()
        path = _file(name)
        if path is None or name in found:
            continue
        found[name] = path
        waiting += [name.rpartition(".")[0]]  # its package
        if path.name == "__init__.py" and "import_module(" in _text(path):
            waiting += [f"{name}.{one.stem}" for one in path.parent.glob("*.py")]
        for imported in _imports(ast.walk(ast.parse(_text(path)))):
            if imported.partition(".")[0] in OURS:
                waiting += [imported, imported.rpartition(".")[0]]
    return dict(sorted(found.items()))


def packages(needed: dict[str, Path]) -> dict[str, str]:
    """The packages that these modules import as they are loaded, with the versions here."""
    names = set()
    for path in needed.values():
        top = ast.parse(_text(path)).body
        names |= {imported.partition(".")[0] for imported in _imports(iter(top))}
    names -= {*sys.stdlib_module_names, *OURS, *LATER}
    by_module = metadata.packages_distributions()
    owners = {by_module[name][0] for name in names if name in by_module}
    # "2.13.0+cpu" is a build of 2.13.0.
    return {owner: metadata.version(owner).partition("+")[0] for owner in sorted(owners)}


def _imports(nodes: Iterator[ast.AST]) -> Iterator[str]:
    """Each name that is imported; of `from a import b` both may be modules: a.b is given."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{one.name}" for one in node.names)


def _file(name: str) -> Path | None:
    """The file of a module or package of ours; None where there is none of that name."""
    place = ROOT.joinpath(*name.split(".")) if name else ROOT / "?"
    for path in (place.with_suffix(".py"), place / "__init__.py"):
        if path.is_file():
            return path
    return None
