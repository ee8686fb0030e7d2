"""`make figures`: run the solutions in a real kernel; keep their pictures, numbers and seconds.

Each lab runs twice: as a student with all answers would run it, and with NBGRADER_EXECUTION set as
when graded (no figures, no checks) for its CPU-seconds. The files go to solutions/figures/<lab>/
together, at the end, so that a failed run leaves those of the last one.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from autograder import graded, machine, pictures, source
from autograder.errors import UserError
from autograder.expand import released_id, runnable
from autograder.paths import ROOT
from autograder.source import Cell, Lab

TIMEOUT = 1200  # seconds for one cell of an ungraded run
MARK = "gptlab-numbers "

# Run in the solution's kernel after a cell with numbers="...": plain JSON of these globals.
PROBE = '''
def _gptlab_plain(value):
    value = value.tolist() if hasattr(value, "tolist") else value
    if isinstance(value, dict):
        return {str(key): _gptlab_plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_gptlab_plain(item) for item in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError(f"{type(value).__name__} is neither a number, text, list nor dict")

print("gptlab-numbers " + __import__("json").dumps(
    {name: _gptlab_plain(globals()[name]) for name in NAMES}, allow_nan=False))
'''
# After the last cell: on which text and with which seed the lab ran.
ABOUT = '''
_gptlab_torch = __import__("sys").modules.get("torch")
_gptlab_names = [v.name for v in list(globals().values())
                 if type(v).__module__ == "gptlab.data" and type(v).__name__ == "Corpus"]
print("gptlab-numbers " + __import__("json").dumps({
    "text": _gptlab_names[0] if _gptlab_names else None,
    "seed": _gptlab_torch.initial_seed() if _gptlab_torch else None}))
'''
CPU = '''
print("gptlab-numbers " + __import__("json").dumps({"cpu": __import__("time").process_time()}))
'''


@dataclass
class Ran:
    """What one run of a lab gave: seconds by cell id, PNGs by figure, numbers, text and seed."""

    seconds: dict[str, float] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)
    numbers: dict[str, Any] = field(default_factory=dict)
    about: dict[str, Any] = field(default_factory=dict)


class Kernel:
    """A kernel of its own that runs one lab's cells, as a context."""

    def __init__(self, lab: Lab, root: Path, environment: dict[str, str]):
        self.lab, self.notebook = lab, nbformat.v4.new_notebook()
        # A caller's own backend would draw into windows or nowhere: the kernel has its inline one.
        mine = {"NBGRADER_EXECUTION", "MPLBACKEND"}
        inherited = {key: value for key, value in os.environ.items() if key not in mine}
        if data := inherited.get("GPTLAB_DATA"):
            inherited["GPTLAB_DATA"] = str(Path(data).absolute())
        self.environment = {**inherited, "PYTHONPATH": str(root), **environment}
        self.folder = tempfile.TemporaryDirectory(prefix="figures-")  # a lab may write files
        self.client = NotebookClient(
            self.notebook,
            timeout=TIMEOUT,
            kernel_name="python3",
            extra_arguments=["--log-level=ERROR"],  # no word about TCP: it is this machine alone
            resources={"metadata": {"path": self.folder.name}},
        )

    def __enter__(self) -> Kernel:
        self._kernel = self.client.setup_kernel(env=self.environment)
        self._kernel.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._kernel.__exit__(*error)
        self.folder.cleanup()

    def run(self, code: str, cell: Cell | None = None) -> list[Any]:
        """Run one cell; gives its outputs. Raises UserError that names the source's line."""
        self.notebook.cells.append(nbformat.v4.new_code_cell(code))
        name = (cell.id or cell.figure or cell.kind) if cell else ""
        where = f"{self.lab.path}:{cell.line}: {name}: " if cell else ""
        try:
            index = len(self.notebook.cells) - 1
            done = self.client.execute_cell(self.notebook.cells[-1], index)
        except CellExecutionError as error:
            raise UserError(f"{where}the solution fails: {error.ename}: {error.evalue}") from error
        except (CellTimeoutError, DeadKernelError) as error:
            raise UserError(f"{where}the solution's cell did not come to an end") from error
        return done.outputs

    def ask(self, code: str, cell: Cell | None = None) -> Any:
        """Run a probe of ours and read what it printed."""
        for output in self.run(code, cell):
            text = output.get("text", "") if output.output_type == "stream" else ""
            if MARK in text:
                return json.loads(text.split(MARK, 1)[1])
        raise UserError(f"{self.lab.path}: a probe of make figures printed nothing")


def run_lab(lab: Lab, root: Path, say: Callable[[str], None]) -> Ran:
    """Run all cells of a finished lab, ungraded."""
    ran = Ran()
    todo = runnable(lab)
    with Kernel(lab, root, {}) as kernel:
        for number, (cell, code) in enumerate(todo, 1):
            id = _free(released_id(cell), ran.seconds)
            started = time.monotonic()
            outputs = kernel.run(code, cell)
            ran.seconds[id] = round(time.monotonic() - started, 3)
            if cell.figure:
                ran.pictures[cell.figure] = _picture(lab, cell, outputs)
            if cell.numbers:
                probe = PROBE.replace("NAMES", repr(list(cell.numbers)))
                ran.numbers.update(kernel.ask(probe, cell))
            say(f"  {number:>3}/{len(todo)}  {ran.seconds[id]:7.2f} s  {id}")
        ran.about = kernel.ask(ABOUT)
    return ran


def graded_cpu(lab: Lab, root: Path) -> float:
    """CPU-seconds of the lab's cells when graded, with torch's import, without figures and checks.

    What the kernel needs to start is not counted.
    """
    with Kernel(lab, root, graded.ENVIRONMENT) as kernel:
        before = kernel.ask(CPU)["cpu"]
        for cell, code in runnable(lab):
            if cell.kind != "grade" and not cell.figure:
                kernel.run(code, cell)
        return round(kernel.ask(CPU)["cpu"] - before, 2)


def make(lab: Lab, root: Path = ROOT, say: Callable[[str], None] = print) -> Path:
    """Run a lab and write its folder of figures; gives the folder. Raises UserError."""
    say(f"{lab.name}: {len(runnable(lab))} cells to run")
    ran = run_lab(lab, root, say)
    say(f"{lab.name}: once more, as when graded")
    cpu = graded_cpu(lab, root)
    record = {
        "lab": lab.name,
        "machine": machine.describe(),
        "text": ran.about["text"],
        "seed": ran.about["seed"],
        "seconds": {
            "all": round(sum(ran.seconds.values()), 2),
            "cells": ran.seconds,
            "graded_cpu": cpu,
        },
        "numbers": ran.numbers,
    }
    folder = root / "solutions" / "figures" / lab.name
    partial = folder.with_name(f".{lab.name}.part")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for name, data in ran.pictures.items():
        size = pictures.save(data, partial / f"{name}.png")
        say(f"  picture {name}: {size / 1000:.0f} kB")
    text = json.dumps(record, indent=1, ensure_ascii=False)
    (partial / "numbers.json").write_text(text + "\n", encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(partial, folder)
    say(f"{lab.name}: {record['seconds']['all']} s in all, {cpu} CPU-s when graded")
    return folder


def _picture(lab: Lab, cell: Cell, outputs: list[Any]) -> bytes:
    """The one PNG among a figure cell's outputs."""
    found = [out.data["image/png"] for out in outputs if "image/png" in out.get("data", {})]
    if len(found) != 1:
        text = f"drew {len(found)} matplotlib figures, expected exactly one"
        raise lab.error(cell, f'figure="{cell.figure}"', text)
    return base64.b64decode(found[0])


def _free(id: str, taken: dict[str, float]) -> str:
    """The id, with -2, -3 for a cell that stands there twice, as in the notebook."""
    copies = sum(1 for other in taken if other == id or other.startswith(f"{id}-"))
    return f"{id}-{copies + 1}" if copies else id


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """`autograder figures [LAB ...]`"""
    parser = subparsers.add_parser("figures", help="run the solutions; save what they show")
    parser.add_argument("lab", nargs="*", help="names of labs; all where none is given")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run the labs that were named."""
    for name in args.lab or source.labs():
        make(source.load(name), say=lambda line: print(line, flush=True))
    return 0
