"""Where a student's notebook runs: the folder laid out for it, and the kernel started in it.

The kernel comes through jupyter_client like any other; only its provisioner is ours. `command` is
the one place where the bare command can be wrapped in a jail.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner

from autograder import graded

ROOT = Path(__file__).resolve().parents[1]
PROVISIONER = "gptlab-jail"
# All of autograder that a student's process sees.
INSIDE = ("__init__.py", "agent.py", "values.py", "verbs.py", "wire.py")
STUB = '''"""Covered while this lab is graded: it holds the lab's own answers."""


def __getattr__(name):
    raise ImportError(f"{__name__} is covered while this lab is graded")
'''


@dataclass(frozen=True)
class Stage:
    """The folders of one run: code (read), work (the notebook's own), run (sockets)."""

    root: Path

    @property
    def code(self) -> Path:
        return self.root / "code"

    @property
    def work(self) -> Path:
        return self.root / "work"

    @property
    def run(self) -> Path:
        return self.root / "run"

    def environment(self) -> dict[str, str]:
        """Everything that the kernel's environment holds; nothing of the grader's own."""
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "TZ") if name in os.environ}
        own = {
            "HOME": str(self.work),
            "PYTHONPATH": str(self.code),
            "GPTLAB_SOCKETS": str(self.run),
            "PYTHONDONTWRITEBYTECODE": "1",
            "MPLCONFIGDIR": str(self.root / "matplotlib"),
            "IPYTHONDIR": str(self.root / "ipython"),
        }
        return kept | graded.ENVIRONMENT | own


@contextmanager
def stage(covers: list[str]) -> Iterator[Stage]:
    """Lay out the folders for one notebook; `covers`: modules of gptlab that become stubs."""
    with tempfile.TemporaryDirectory(prefix="gptlab-", ignore_cleanup_errors=True) as folder:
        made = Stage(Path(folder))
        (made.code / "autograder").mkdir(parents=True)
        made.work.mkdir()
        made.run.mkdir()
        for name in INSIDE:
            shutil.copy(ROOT / "autograder" / name, made.code / "autograder" / name)
        shutil.copytree(
            ROOT / "gptlab", made.code / "gptlab", ignore=shutil.ignore_patterns("__pycache__")
        )
        shutil.copy(ROOT / "gpt_download.py", made.code)
        for module in covers:
            path = made.code.joinpath(*module.split(".")).with_suffix(".py")
            path.write_text(STUB)
        _copy_font_list(made.root / "matplotlib")
        yield made


def _copy_font_list(folder: Path) -> None:
    """matplotlib spends a second on listing fonts unless it finds its list."""
    import matplotlib
    import matplotlib.font_manager

    folder.mkdir()
    for path in Path(matplotlib.get_cachedir()).glob("fontlist*.json"):
        shutil.copy(path, folder)


class Provisioner(LocalProvisioner):
    """Starts the agent in the stage; everything else is jupyter_client's."""

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        kwargs = await super().pre_launch(**kwargs)
        kwargs["cmd"] = command(kwargs["cmd"])
        kwargs["env"] = self.parent.stage.environment()
        kwargs["cwd"] = str(self.parent.stage.work)
        kwargs["start_new_session"] = True
        return kwargs


def command(bare: list[str]) -> list[str]:
    """The command that starts a kernel."""
    return bare


class KernelManager(AsyncKernelManager):
    """A kernel manager whose kernel is the agent, reached over sockets in the stage."""

    stage: Stage

    @property
    def kernel_spec(self) -> KernelSpec:
        return KernelSpec(
            argv=[sys.executable, "-m", "autograder.agent", "-f", "{connection_file}"],
            display_name="Python 3",
            language="python",
            metadata={"kernel_provisioner": {"provisioner_name": PROVISIONER}},
        )


def kernel_manager(made: Stage) -> KernelManager:
    """A manager for one kernel in this stage."""
    factory = KernelProvisionerFactory.instance()
    factory.provisioners[PROVISIONER] = EntryPoint(
        PROVISIONER, "autograder.jail:Provisioner", KernelProvisionerFactory.GROUP_NAME
    )
    manager = KernelManager(
        transport="ipc", ip=str(made.run / "k"), connection_file=str(made.run / "kernel.json")
    )
    manager.stage = made
    return manager
