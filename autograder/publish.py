"""`make publish TO=DIR`: the tree that students see and that the Colab badges open.

Labs as release makes them, the library, licences, a README. No solution, no hidden test, no
catalogue; the result is searched for leaks before it is left in place.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import tempfile
from pathlib import Path

from autograder import intro, leaks, release, rules, source
from autograder.errors import UserError
from autograder.paths import ROOT
from autograder.source import Lab

MARK = ".published.json"  # names what publish wrote, so that it may be replaced the next time
LEFT = {MARK, ".git", ".github", ".gitignore"}  # in the target already: no reason to refuse
SINGLE = ("gpt_download.py", "LICENSE", "NOTICE", "NOTICE.md")
TABLES = (
    "build-system", "project", "tool.setuptools", "tool.setuptools.packages.find",
    "tool.setuptools.package-data",
)  # fmt: skip
README = """\
# {title}

From counting letter pairs in Shakespeare to a GPT-2 of your own, one lab at a time.

| lab | what | open |
|:--|:--|:--|
{rows}

**In Colab**: open a lab, choose *File → Save a copy in Drive*, choose a T4 under *Runtime → Change
runtime type*, and begin. The first code cell fetches the library.

**On your own computer** (Python 3.11 or newer, no GPU needed):

```
git clone {url}
cd {folder}
python -m venv .venv
.venv/bin/pip install -e . jupyterlab
.venv/bin/jupyter lab labs
```

On Windows write `.venv\\Scripts\\pip` and `.venv\\Scripts\\jupyter`.

`python -m gptlab.doctor` says what your machine has and what it lacks.

These files are generated: write to your instructors rather than change them here.
"""


def publish(to_dir: Path | str, root: Path = ROOT) -> list[str]:
    """Write the students' tree into a folder; gives the names of its files.

    Raises UserError where the folder holds anything that publish did not write, or where what
    would be written gives an answer away; then nothing is changed.
    """
    target = Path(to_dir).resolve()
    known = _may_write(target, root)
    labs = [source.load(name, root) for name in source.labs(root)]
    if not labs:
        raise UserError("solutions/ holds no lab: there is nothing to publish.")
    with tempfile.TemporaryDirectory(prefix="publish-") as folder:
        built = Path(folder)
        _build(built, labs, root)
        found = leaks.search(built, labs, root)
        if found:
            shown = "\n".join(f"  {leak}" for leak in found[:20])
            raise UserError(f"Nothing was published: {len(found)} leaks.\n{shown}")
        names = sorted(p.relative_to(built).as_posix() for p in built.rglob("*") if p.is_file())
        _replace(built, target, names, known)
    return names


def _may_write(target: Path, root: Path) -> list[str]:
    """The files that an earlier publish wrote there; refuses any other folder with content."""
    if target == root or root.is_relative_to(target):
        raise UserError(f"{target}: this is the course itself; name a folder for the students.")
    if target.exists() and not target.is_dir():
        raise UserError(f"{target}: found a file, expected a folder that is new or empty.")
    mark = target / MARK
    if mark.is_file():
        try:
            return list(json.loads(mark.read_text(encoding="utf-8"))["files"])
        except (ValueError, KeyError, TypeError) as error:
            text = f"{mark}: not as publish writes it ({error}); name a new folder."
            raise UserError(text) from error
    found = target.iterdir() if target.exists() else ()
    others = sorted(path.name for path in found if path.name not in LEFT)
    if others:
        raise UserError(
            f"{target}: not empty (it holds {', '.join(others[:3])}) and not written by publish; "
            "name a new folder, or empty this one."
        )
    return []


def _build(built: Path, labs: list[Lab], root: Path) -> None:
    """Write everything that students get below `built`."""
    for lab in labs:
        rules.check(lab, root)
        path = built / "labs" / lab.name / f"{lab.name}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(release.text_of(release.student_notebook(lab, root)), encoding="utf-8")
    ignored = shutil.ignore_patterns("__pycache__", "*.py[co]", ".*", "*.part")
    shutil.copytree(root / "gptlab", built / "gptlab", ignore=ignored)
    for name in SINGLE:
        if (root / name).is_file():
            shutil.copyfile(root / name, built / name)
    project = (root / "pyproject.toml").read_text(encoding="utf-8")
    (built / "pyproject.toml").write_text(_tables(project), encoding="utf-8")
    (built / "README.md").write_text(_readme(labs, root), encoding="utf-8")


def _tables(project: str) -> str:
    """pyproject.toml with what students need to install the library, and nothing else."""
    parts = re.split(r"^\[([\w.-]+)\]$", project, flags=re.MULTILINE)
    kept = [
        f"[{name}]\n" + "\n".join(ln for ln in body.strip().splitlines() if ln[:1] != "#")
        for name, body in zip(parts[1::2], parts[2::2], strict=True)
        if name in TABLES
    ]
    return "\n\n".join(text.strip() for text in kept) + "\n"


def _readme(labs: list[Lab], root: Path) -> str:
    where = intro.address(root)
    rows = "\n".join(
        f"| [{lab.name}](labs/{lab.name}/{lab.name}.ipynb) | {lab.title} "
        f"| {intro.badge(lab.name, where)} |"
        for lab in labs
    )
    folder = where.name.partition("/")[2]
    return README.format(title="The labs", rows=rows, url=where.url, folder=folder)


def _replace(built: Path, target: Path, names: list[str], known: list[str]) -> None:
    """Put the new files in place, take away those of the last time, and write the mark."""
    target.mkdir(parents=True, exist_ok=True)
    for name in sorted(set(known) - set(names)):
        path = (target / name).resolve()
        if path.is_relative_to(target) and path.is_file():
            path.unlink()
            _remove_empty(path.parent, target)
    (target / MARK).write_text(json.dumps({"files": names}, indent=1) + "\n", encoding="utf-8")
    for name in names:
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(built / name, path)


def _remove_empty(folder: Path, target: Path) -> None:
    while folder != target and not any(folder.iterdir()):
        os.rmdir(folder)
        folder = folder.parent


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """`autograder publish DIR`"""
    parser = subparsers.add_parser("publish", help="write the students' tree into a folder")
    parser.add_argument("to", metavar="DIR", help="a folder, new or published before")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Publish and say what was written."""
    names = publish(args.to)
    labs = sum(name.endswith(".ipynb") for name in names)
    print(f"{args.to}: {len(names)} files, {labs} of them labs; searched, nothing leaks")
    return 0
