"""Says which jail there is, and proves it: `autograder doctor`.

A notebook runs in the jail like a student's, and tries to get out. What it tries is listed here; in
a sound jail all of it is refused.
"""

from __future__ import annotations

import argparse
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from rich.table import Table

from autograder import cgroup, console, jail, kernels, paths, runner
from autograder.bridge import Remote

ITEM = "probe"
MEMORY = {
    True: "limited by a control group, and counted by its warden",
    False: "counted by its warden (no control group may be made here)",
}
TRY = """
def attempt(code):
    try:
        exec(code, {})
    except BaseException as error:
        return f"{type(error).__name__}: {error}"
    return ""

said = {what: attempt(code) for what, code in ATTEMPTS.items()}
"""


@dataclass(frozen=True)
class Found:
    """One attempt: `refused` is what stopped it, empty where nothing did."""

    what: str
    refused: str


def attempts(port: int) -> dict[str, str]:
    """What is tried, as code that must fail."""
    hidden = paths.ROOT / "autograder" / "hidden" / "__init__.py"
    connect = "import socket\nsocket.create_connection(({!r}, {}), timeout=2)"
    return {
        "read the hidden tests": f"open({str(hidden)!r})",
        "import the hidden tests": "import autograder.hidden",
        "read the course folder": f"import os\nos.listdir({str(paths.course())!r})",
        "read your home folder": (
            f"import os\nseen = set(os.listdir({str(Path.home())!r})) & set({_at_home()!r})\n"
            "if not seen: raise FileNotFoundError('nothing of yours is there')"
        ),
        "read the grader's environment": f"open('/proc/{os.getpid()}/environ')",
        "find the grader among the processes": (
            "import os\nfound = [p for p in os.listdir('/proc') if p.isdigit() and 'autograder' in "
            "open(f'/proc/{p}/cmdline').read() and p not in ('1', str(os.getpid()))]\n"
            "if not found: raise ProcessLookupError('sees only itself')"
        ),
        "reach a program on this machine": connect.format("127.0.0.1", port),
        "reach the network": connect.format("192.0.2.1", 80),
        "write to the system": "open('/usr/x', 'w')",
        "write to its own library": "import gptlab\nopen(gptlab.__file__, 'a')",
        "write to the sockets' folder": "import os\nopen(os.environ['GPTLAB_SOCKETS'] + '/x', 'w')",
        "fill the disk": ("for n in range(200): open(f'/tmp/{n}', 'wb').write(bytes(10**6))"),
        "take 16 GB of memory": "bytearray(16 * 2**30)",
        "start 1,000 processes": (
            "import os, signal\nstarted = []\ntry:\n    for n in range(1000):\n"
            "        pid = os.fork()\n        if pid == 0: signal.pause()\n"
            "        started.append(pid)\n"
            "finally:\n    for pid in started: os.kill(pid, 9); os.waitpid(pid, 0)"
        ),
        "open 10,000 files": "kept = [open('/dev/null') for n in range(10_000)]",
        "be root": "import os\nos.setuid(0)",
        "change what is mounted": (
            "import ctypes\nif ctypes.CDLL(None).mount(b'none', b'/tmp', b'tmpfs', 0, None):"
            " raise PermissionError('mount')"
        ),
        "make namespaces of its own": (
            "import ctypes\nif ctypes.CDLL(None).unshare(0x10000000):"
            " raise PermissionError('unshare')"
        ),
        "move to another processor": ("import os\nos.sched_setaffinity(0, range(os.cpu_count()))"),
    }


def _at_home() -> list[str]:
    """What lies in the home folder, but for what leads to Python."""
    home = Path.home()
    python = [Path(path) for path in jail.python_folders()]
    return [
        path.name for path in home.iterdir() if not any(one.is_relative_to(path) for one in python)
    ]


def probe(kind: jail.Jail) -> list[Found]:
    """Try everything in this jail. Raises JailBroken where no notebook runs in it."""
    with _listening() as port, kernels.Nursery(kind, []) as nursery, nursery.berth(1) as berth:
        wanted = attempts(port)
        run = runner.run(_notebook(wanted), [ITEM], berth)
        remote = Remote(run.sockets, run.stopped)
        found = remote.student(ITEM, 0).get("said")
        remote.close()
    return [Found(what, found[what]) for what in wanted]


def _notebook(wanted: dict[str, str]) -> NotebookNode:
    grade = {"schema_version": 3, "grade": True, "solution": False, "locked": True, "task": False,
             "grade_id": ITEM, "points": 0}  # fmt: skip
    cells = [f"ATTEMPTS = {wanted!r}", TRY]
    return new_notebook(
        cells=[*map(new_code_cell, cells), new_code_cell(metadata={"nbgrader": grade})]
    )


@contextmanager
def _listening() -> Iterator[int]:
    """A program of this machine that anybody outside of the jail could reach; its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """`autograder doctor [--jail KIND]`"""
    parser = subparsers.add_parser("doctor", help="which jail there is, proven")
    jail.add_option(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Exit code 0 for a sound jail, 1 where something got out; NoJail (2) where there is none."""
    jail.choose(args.jail)
    kind = jail.chosen()
    if kind.kind == "none":
        print(f"NOT SAFE: {kind.words()}.")
        return 1
    found = probe(kind)
    table = Table("a notebook tried to", "and was stopped by", title=kind.words())
    for one in found:
        table.add_row(one.what, one.refused.split("\n")[0][:80] or "NOTHING")
    console.show(table)
    print(f"Memory of a submission: {MEMORY[cgroup.parent() is not None]}.")
    out = [one.what for one in found if not one.refused]
    if out:
        print(f"NOT SAFE: {len(out)} of {len(found)} attempts were not stopped: {', '.join(out)}.")
    else:
        print(f"All {len(found)} attempts were stopped.")
    return 1 if out else 0
