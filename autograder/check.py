"""`make check`, our part: what is committed is what release makes, and links lead somewhere."""

from __future__ import annotations

import argparse
import difflib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from autograder import release, rules, source
from autograder.paths import ROOT

SKIPPED = {".venv", ".git", "course", "_build", "node_modules", ".ipynb_checkpoints"}
FENCE = re.compile(r"^(`{3,}|~{3,}).*?^\1", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]*`")
TITLE = r"(?:\s+[\"'][^\"']*[\"'])?\s*\)"
LINK = re.compile(r"\]\(\s*([^()\s<>]+)" + TITLE)
SPACED = re.compile(r"\]\(\s*<([^<>\n]+)>" + TITLE)
TARGET = re.compile(r"(?:src|href)=[\"']([^\"']+)[\"']")
REFERENCE = re.compile(r"^\[[^\]]+\]:\s+(\S+)", re.MULTILINE)
OUTSIDE = re.compile(r"[a-z][a-z0-9+.-]*:|#|//", re.IGNORECASE)


def generated(root: Path = ROOT) -> list[str]:
    """Where labs/ differs from what release makes now, in words. Raises SourceError."""
    faults = []
    names = source.labs(root)
    for name in names:
        lab = source.load(name, root)
        rules.check(lab, root)
        expected = release.text_of(release.student_notebook(lab, root))
        path = release.paths(name, root)[1]
        found = path.read_text(encoding="utf-8") if path.is_file() else ""
        if found != expected:
            faults.append(f"labs/{name}/{name}.ipynb: {_difference(found, expected)}")
    for folder in sorted((root / "labs").glob("*")):
        if folder.is_dir() and folder.name not in names:
            faults.append(f"labs/{folder.name}: has no source in solutions/; remove it")
    return faults


def _difference(found: str, expected: str) -> str:
    if not found:
        return "is not there; run: make labs"
    lines = difflib.unified_diff(found.splitlines(), expected.splitlines(), n=0, lineterm="")
    changed = [ln for ln in lines if not ln.startswith(("---", "+++", "@@"))]
    first = " / ".join(line[:90] for line in changed[:2])
    return f"{len(changed)} lines are not what release makes ({first}); run: make labs"


def links(root: Path = ROOT) -> list[str]:
    """Links inside the repository that lead nowhere, in markdown files and labs."""
    faults = []
    for path in _pages(root):
        name = path.relative_to(root).as_posix()
        for target in _targets(_markdown(path)):
            if not _exists(target, path, root):
                faults.append(f"{name}: the link to {target} leads nowhere")
    return faults


def _pages(root: Path) -> Iterator[Path]:
    for path in sorted([*root.rglob("*.md"), *root.glob("labs/*/*.ipynb")]):
        if not SKIPPED & set(path.relative_to(root).parts):
            yield path


def _markdown(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        cells = (c for c in json.loads(text)["cells"] if c["cell_type"] == "markdown")
        text = "\n\n".join("".join(cell["source"]) for cell in cells)
    return CODE.sub("", FENCE.sub("", text))


def _targets(text: str) -> list[str]:
    patterns = (LINK, SPACED, TARGET, REFERENCE)
    found = [match for pattern in patterns for match in pattern.findall(text)]
    return [target for target in found if not OUTSIDE.match(target) and "{{" not in target]


def _exists(target: str, page: Path, root: Path) -> bool:
    file = unquote(target.partition("#")[0])
    if not file or ("/" not in file and "." not in file):
        return True  # a place on the page itself, or a label that Sphinx checks
    base = root / file.lstrip("/") if file.startswith("/") else page.parent / file
    return any(Path(f"{base}{ending}").exists() for ending in ("", ".md", ".ipynb"))


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """`autograder check`"""
    parser = subparsers.add_parser("check", help="generated == committed, and links")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Exit code 1 where something is not as it should be."""
    faults = [*generated(), *links()]
    for fault in faults:
        print(fault)
    if not faults:
        print(f"labs/ is what release makes ({len(source.labs())} labs); all links lead somewhere")
    return 1 if faults else 0
