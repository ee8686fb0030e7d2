"""A page that runs beside a notebook: started, replaced, ended, and nobody else's process touched.

The machinery of `gptlab.apps.launch`. What it started is noted in the cache, by port, so that a
kernel that comes later finds it.
"""

from __future__ import annotations

import atexit
import json
import os
import socket
import subprocess
import sys
import textwrap
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from gptlab import data

__all__ = [
    "HOST", "LaunchError", "Page", "folder", "frame", "free", "free_after", "holder", "in_colab",
    "link", "replace", "start", "taken", "until_it_answers",
]  # fmt: skip

HOST = "127.0.0.1"
LOG_LINES = 15  # of the log, in an error
# A process of ours has one of these among the words of its command.
MARKS = (str(Path(__file__).with_name("streamlit_app.py")), "gptlab.apps.gradio_app")
_children: dict[int, subprocess.Popen] = {}  # by process number: those that this kernel started


class LaunchError(RuntimeError):
    """The page could not be started: what was found, and what to do."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of a traceback."""
        return [part for line in str(self).splitlines() for part in textwrap.wrap(line, 79) or [""]]


@dataclass
class Page:
    """A page that runs in the background."""

    url: str  # "" where nothing was started
    port: int
    log: Path
    pid: int = 0
    born: float = 0.0  # when the process started, in seconds since 1970

    def stop(self) -> None:
        """End it; nothing happens where it has ended already."""
        _end(self.pid, self.born)
        if (_kept(self.port) or {}).get("pid") == self.pid:
            _note(self.port).unlink(missing_ok=True)

    def __repr__(self) -> str:
        return f"<page at {self.url}>" if self.url else "<no page: nothing was started>"


def start(port: int, command: Sequence[str], environment: dict[str, str] | None = None) -> Page:
    """Start a command that serves a page, in the background; what it prints goes into a log."""
    import psutil  # every notebook has it: ipykernel needs it

    log = folder() / f"{port}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
            start_new_session=True,  # an interrupted cell does not end it
            env=os.environ | (environment or {}),
        )  # fmt: skip
    _children[process.pid] = process
    try:
        born = psutil.Process(process.pid).create_time()
    except psutil.Error:
        born = time.time()
    _note(port).write_text(json.dumps({"pid": process.pid, "born": born}), encoding="utf-8")
    page = Page(f"http://localhost:{port}", port, log, process.pid, born)
    atexit.register(page.stop)
    return page


def until_it_answers(page: Page, wait: float, path: str) -> None:
    """Come back when it does; LaunchError where it does not within `wait` seconds."""
    # A proxy that the classroom has for the web is none for this machine itself.
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    end = time.monotonic() + wait
    while time.monotonic() < end:
        if _children[page.pid].poll() is not None:
            said = _failed("The page ended while it was starting.", page)
            page.stop()
            raise LaunchError(said)
        try:
            with direct.open(f"http://{HOST}:{page.port}{path}", timeout=2) as reply:
                if reply.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    said = _failed(f"The page did not answer within {wait:g} seconds; it was stopped.", page)
    page.stop()
    raise LaunchError(f"{said}\nDo this: run the cell again, with a larger wait.")


def _failed(what: str, page: Page) -> str:
    lines = page.log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES:]
    return "\n".join([what, f"The last lines of {page.log}:", *(f"  {line}" for line in lines)])


def folder() -> Path:
    """Where logs and notes are."""
    return data.cache() / "pages"


def _note(port: int) -> Path:
    """Where it is kept which process serves a port."""
    return folder() / f"{port}.json"


def _kept(port: int) -> dict | None:
    try:
        found = json.loads(_note(port).read_text(encoding="utf-8"))
        return {"pid": int(found["pid"]), "born": float(found["born"])}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def replace(port: int) -> None:
    """End the earlier page on this port, if it is ours."""
    if (kept := _kept(port)) and _end(kept["pid"], kept["born"]):
        print(f"The earlier page on port {port} was stopped.")


def _ours(pid: int, born: float):
    """The process of that number, if it still is the one that was started; else None.

    A number is given again once a process is gone, so its start and its command have to agree.
    """
    import psutil

    try:
        process = psutil.Process(pid) if pid > 0 else None
        if process is None or abs(process.create_time() - born) > 2:
            return None
        alive = process.status() != psutil.STATUS_ZOMBIE
        words = process.cmdline() if alive else []
        return process if any(mark in words for mark in MARKS) else None
    except psutil.Error:
        return None


def _end(pid: int, born: float) -> bool:
    """End our process and all that it started, as the tunnel of a share link; False: none lived."""
    import psutil

    child = _children.pop(pid, None)  # until it is asked for, its number is not given again
    unasked = child is not None and child.returncode is None
    with suppress(psutil.Error):  # one that has ended may have left others behind
        process = psutil.Process(pid) if unasked else _ours(pid, born)
        if process is None:
            return False
        lived, family = _lives(process), _family(process)
        for signal in (psutil.Process.terminate, psutil.Process.kill):
            _send(signal, family)
        if child:
            child.wait(5)
        return lived
    return False


def _family(process) -> list:
    """A process that `start` started, and those that it started.

    On POSIX its session, which `start` began for it: those are in it too whose parent has ended.
    """
    if os.name != "posix":
        return [process, *process.children(recursive=True)]
    import psutil

    family = [process]
    for other in psutil.process_iter():
        with suppress(OSError):  # it has just ended
            if other.pid != process.pid and os.getsid(other.pid) == process.pid:
                family.append(other)
    return family


def _send(signal: Callable, family: list) -> None:
    """To those that live, until none does or 5 seconds are over."""
    import psutil

    for one in filter(_lives, family):
        with suppress(psutil.Error):  # it has just ended
            signal(one)
    end = time.monotonic() + 5
    while any(map(_lives, family)) and time.monotonic() < end:
        time.sleep(0.05)


def _lives(process) -> bool:
    import psutil

    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def free(port: int, way: str) -> None:
    """Raise LaunchError where something that is not ours has the port. way: of `launch`."""
    for _ in range(20):  # what has just been ended lets go within a moment
        if not taken(port):
            return
        time.sleep(0.1)
    other = free_after(port)
    advice = f"Do this: launch.{way}(port={other})" if other else "Do this: end that program."
    raise LaunchError(
        f"Port {port} is in use by {holder(port)}, which this notebook did not start and does "
        f"not stop.\n{advice}"
    )


def free_after(port: int) -> int | None:
    """The next port that nothing has; None where there is none near."""
    after = range(port + 1, min(port + 100, 65536))
    return next((one for one in after if not taken(one)), None)


def taken(port: int) -> bool:
    """Whether something has it."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tried:
        tried.settimeout(1)
        if tried.connect_ex((HOST, port)) == 0:
            return True
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tried:
        if os.name == "posix":  # a port that has just been let go is free
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((HOST, port))
        except OSError:
            return True
    return False


def holder(port: int) -> str:
    """What listens there, as far as this user may know."""
    try:
        import psutil
    except ImportError:  # outside of a notebook it need not be there
        return "another program"
    try:
        for found in psutil.net_connections("tcp"):
            there = found.laddr and found.laddr.port == port
            if there and found.pid and found.status == psutil.CONN_LISTEN:
                return f"{psutil.Process(found.pid).name()} (process {found.pid})"
    except psutil.Error:
        pass
    return "another program"


def in_colab() -> bool:
    """Whether this is a notebook in Colab."""
    return "google.colab" in sys.modules


def link(port: int) -> str:
    """Show the link, and give its address."""
    url = f"http://localhost:{port}"
    if in_colab():
        try:
            from google.colab import output

            url = output.eval_js(f"google.colab.kernel.proxyPort({port})")
        except Exception as error:  # whatever Colab's own code raises
            print(
                f"The page runs, and Colab gave no address for it ({error}).\n"
                "Do this: open it through a tunnel, as the lab describes."
            )
            return url
    print(f"The page: {url}")
    return url


def frame(page: Page, height: int) -> None:
    """Show the page under the cell, `height` pixels high."""
    if in_colab():
        from google.colab import output

        output.serve_kernel_port_as_iframe(page.port, height=str(height))
        return
    from IPython.display import IFrame, display

    display(IFrame(page.url, "100%", height))
