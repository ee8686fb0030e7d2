"""Start the page on a GPT-2 from a cell of a notebook, in the background.

    from gptlab.apps import launch
    page = launch.streamlit(code="pico_gpt.py", weights="tiny")
    page.stop()

Run again, it replaces the earlier one. It ends with the notebook's kernel.
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
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from gptlab import data

__all__ = ["LaunchError", "Page", "streamlit"]

HOST = "127.0.0.1"
SCRIPT = Path(__file__).with_name("streamlit_app.py")
# As in .streamlit/config.toml, which `streamlit run` reads where it is there.
SETTINGS = {
    "browser.gatherUsageStats": "false",
    "client.toolbarMode": "minimal",
    "server.showEmailPrompt": "false",
    "theme.baseRadius": "0.4rem",
    "theme.light.primaryColor": "#3267c8",
    "theme.dark.primaryColor": "#3f78e0",
}
LOG_LINES = 15  # of the log, in an error
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


def streamlit(
    code: str | Path = "pico_gpt.py",
    weights: str | Path | None = None,
    port: int = 8501,
    wait: float = 30,
    *,
    allow_pickle: bool = False,
    n_head: int | None = None,
) -> Page:
    """Start the page, wait until it answers (at most `wait` seconds), show its link.

    code: the student's file. weights: an .npz of gptlab.weights.save, or "tiny"; by default
    gpt2_weights.npz in this folder. allow_pickle, n_head: as gptlab.weights.load has them.
    An earlier page of ours on this port is replaced. Raises LaunchError.
    """
    log = _folder() / f"{port}.log"
    if os.environ.get("NBGRADER_EXECUTION"):
        print("No page is started: while a notebook is graded, nothing runs in the background.")
        return Page("", port, log)
    if find_spec("streamlit") is None:
        raise LaunchError(
            "Streamlit is not installed in this notebook's Python.\n"
            "Do this: run `%pip install -q streamlit` in a cell, then this one again."
        )
    _replace(port)
    _free(port)
    # The page looks for pico_gpt.py itself, and does without where there is none.
    options = [] if str(code) == "pico_gpt.py" else ["--code", str(Path(code).absolute())]
    if weights is not None:
        tiny = str(weights) == "tiny"
        options += ["--weights", "tiny" if tiny else str(Path(weights).absolute())]
    options += ["--allow-pickle"] * allow_pickle
    options += ["--n-head", str(n_head)] if n_head else []
    page = _start(port, log, options)
    _until_it_answers(page, wait)
    page.url = _link(port)
    return page


def flags(settings: dict[str, str]) -> list[str]:
    """Settings as Streamlit's command line takes them."""
    return [f"--{name}={value}" for name, value in settings.items()]


def _start(port: int, log: Path, options: list[str]) -> Page:
    import psutil  # every notebook has it: ipykernel needs it

    settings = SETTINGS | {
        "server.headless": "true",
        "server.port": str(port),
        "server.address": "localhost",  # nobody else in the network
    }
    if _in_colab():  # its proxy gives the page another address than the server has
        settings |= {"server.enableCORS": "false", "server.enableXsrfProtection": "false"}
    run = [sys.executable, "-m", "streamlit", "run", str(SCRIPT)]
    command = [*run, *flags(settings), "--", *options]
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
            start_new_session=True,  # an interrupted cell does not end it
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


def _until_it_answers(page: Page, wait: float) -> None:
    # A proxy that the classroom has for the web is none for this machine itself.
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    end = time.monotonic() + wait
    while time.monotonic() < end:
        if _children[page.pid].poll() is not None:
            said = _failed("The page ended while it was starting.", page)
            page.stop()
            raise LaunchError(said)
        try:
            with direct.open(f"http://{HOST}:{page.port}/_stcore/health", timeout=2) as reply:
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


def _folder() -> Path:
    return data.cache() / "pages"


def _note(port: int) -> Path:
    """Where it is kept which process serves a port."""
    return _folder() / f"{port}.json"


def _kept(port: int) -> dict | None:
    try:
        found = json.loads(_note(port).read_text(encoding="utf-8"))
        return {"pid": int(found["pid"]), "born": float(found["born"])}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _replace(port: int) -> None:
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
        return process if alive and str(SCRIPT) in process.cmdline() else None
    except psutil.Error:
        return None


def _end(pid: int, born: float) -> bool:
    """End our process; False where there is none."""
    import psutil

    child = _children.pop(pid, None)  # until it is asked for, its number is not given again
    process = child if child and child.poll() is None else _ours(pid, born)
    if process is None:
        return False
    late = (subprocess.TimeoutExpired, psutil.TimeoutExpired)
    try:
        process.terminate()
        try:
            process.wait(5)
        except late:
            process.kill()
            process.wait(5)
    except psutil.Error:
        pass
    return True


def _free(port: int) -> None:
    """Raise LaunchError where something that is not ours has the port."""
    for _ in range(20):  # what has just been ended lets go within a moment
        if not _taken(port):
            return
        time.sleep(0.1)
    other = next((free for free in range(port + 1, port + 100) if not _taken(free)), None)
    advice = f"Do this: launch.streamlit(port={other})" if other else "Do this: end that program."
    raise LaunchError(
        f"Port {port} is in use by {_holder(port)}, which this notebook did not start and does "
        f"not stop.\n{advice}"
    )


def _taken(port: int) -> bool:
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


def _holder(port: int) -> str:
    """What listens there, as far as this user may know."""
    import psutil

    try:
        for found in psutil.net_connections("tcp"):
            there = found.laddr and found.laddr.port == port
            if there and found.pid and found.status == psutil.CONN_LISTEN:
                return f"{psutil.Process(found.pid).name()} (process {found.pid})"
    except psutil.Error:
        pass
    return "another program"


def _in_colab() -> bool:
    return "google.colab" in sys.modules


def _link(port: int) -> str:
    """Show the link, and give its address."""
    url = f"http://localhost:{port}"
    if _in_colab():
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
