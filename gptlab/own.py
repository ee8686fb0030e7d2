"""A student's own classes and functions, out of the notebooks of earlier labs, if these lie near.

    mine = own.taken()
    model = mine["GPTModel"](cfg)

No lab needs another's notebook. For the pleasure of it, lab10 runs on what the student wrote, and
what is not there comes from the library.
"""

from __future__ import annotations

import ast
import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

__all__ = ["LABS", "taken"]

LABS = {
    "lab06_attention_classes": ("MultiHeadAttention",),
    "lab07_gpt_model": ("LayerNorm", "GELU", "FeedForward", "TransformerBlock", "GPTModel"),
    "lab09_decoding": ("probabilities", "top_k_only", "top_p_only", "repetition_penalty", "choose",
                       "generate"),
}  # fmt: skip


def taken(above: str | Path | None = None, *, quiet: bool = False) -> dict[str, Any]:
    """name -> class or function, for all names in LABS: the student's, else the library's.

    above: the folder that holds the labs' folders; without, the one above the working directory.
    A notebook may also lie in the working directory itself. What is found is run, since it is the
    student's own work; an answer that is not written yet is passed over. quiet: print nothing.
    """
    space = _library()
    for lab, names in LABS.items():
        path = next((path for path in _places(lab, above) if path.is_file()), None)
        found = [] if path is None else _run(path, names, space)
        if not quiet:
            missing = [name for name in names if name not in found]
            said = [f"your {', '.join(found)}"] if found else []
            said += [f"the library's {', '.join(missing)}"] if missing else []
            print(f"{lab}: {'; '.join(said)}")
    return {name: space[name] for names in LABS.values() for name in names if name in space}


def _places(lab: str, above: str | Path | None) -> Iterable[Path]:
    here = Path.cwd()
    yield Path(above or here.parent) / lab / f"{lab}.ipynb"
    yield here / f"{lab}.ipynb"


def _library() -> dict[str, Any]:
    """What the classes and functions may use, and the finished form of each of them."""
    import numpy as np
    import torch
    from torch.nn import functional as F

    from gptlab import attention, gpt, sample

    space: dict[str, Any] = {
        "__name__": "yours",
        "math": math,
        "np": np,
        "torch": torch,
        "nn": torch.nn,
        "F": F,
    }
    for name in (name for names in LABS.values() for name in names):
        module = next((m for m in (attention, gpt, sample) if hasattr(m, name)), None)
        if module is not None:
            space[name] = getattr(module, name)
    return space


def _run(path: Path, names: Iterable[str], space: dict[str, Any]) -> list[str]:
    """Define in `space` those of the names that are written in this notebook; which they are."""
    found = {}
    for cell in _cells(path):
        try:
            nodes = ast.parse(cell).body
        except SyntaxError:  # a cell with a command of IPython, or not finished
            continue
        for node in nodes:
            if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and node.name in names:
                found[node.name] = node
    done = [name for name in names if name in found and not _empty(found[name])]
    for name in done:
        code = ast.Module([found[name]], type_ignores=[])
        exec(compile(code, str(path), "exec"), space)
    return done


def _cells(path: Path) -> Iterable[str]:
    """The text of its code cells; none where the file is no notebook."""
    try:
        cells = list(json.loads(path.read_text(encoding="utf-8"))["cells"])
    except (ValueError, KeyError, TypeError, OSError):
        return
    for cell in cells:
        if isinstance(cell, Mapping) and cell.get("cell_type") == "code":
            yield "".join(cell.get("source", ""))


def _empty(node: ast.AST) -> bool:
    """Is there still a hole in it?"""
    return any(
        isinstance(part, ast.Raise) and "NotImplementedError" in ast.dump(part)
        for part in ast.walk(node)
    )
