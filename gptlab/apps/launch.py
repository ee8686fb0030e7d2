"""Start a page from a cell of a notebook, in the background.

    from gptlab.apps import launch
    page = launch.streamlit(code="pico_gpt.py", weights="tiny")   # the GPT-2 of lab 5
    page = launch.gradio()                                        # the chat of lab 12
    page.stop()

Run again, it replaces the earlier one. It ends with the notebook's kernel.
"""

from __future__ import annotations

import os
import sys
import time
from importlib.util import find_spec
from pathlib import Path

from gptlab.apps import background
from gptlab.apps.background import LaunchError, Page

__all__ = ["LaunchError", "Page", "gradio", "streamlit"]

SCRIPT = Path(__file__).with_name("streamlit_app.py")
ROOT = Path(__file__).resolve().parents[2]
# As in .streamlit/config.toml, which `streamlit run` reads where it is there.
SETTINGS = {
    "browser.gatherUsageStats": "false",
    "client.toolbarMode": "minimal",
    "server.showEmailPrompt": "false",
    "theme.baseRadius": "0.4rem",
    "theme.light.primaryColor": "#3267c8",
    "theme.dark.primaryColor": "#3f78e0",
}


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
    if os.environ.get("NBGRADER_EXECUTION"):
        return _none(port)
    _make_way("streamlit", port)
    # The page looks for pico_gpt.py itself, and does without where there is none.
    options = [] if str(code) == "pico_gpt.py" else ["--code", str(Path(code).absolute())]
    if weights is not None:
        tiny = str(weights) == "tiny"
        options += ["--weights", "tiny" if tiny else str(Path(weights).absolute())]
    options += ["--allow-pickle"] * allow_pickle
    options += ["--n-head", str(n_head)] if n_head else []
    page = background.start(port, [*_streamlit(port), "--", *options])
    background.until_it_answers(page, wait, "/_stcore/health")
    page.url = background.link(port)
    return page


def gradio(
    model: str | Path | None = None, port: int = 7860, wait: float = 120, *, share: bool = False,
    inline: bool = False, height: int = 760,
) -> Page:  # fmt: skip
    """Start the chat page, wait until it answers (at most `wait` seconds), show its link.

    model: as `python -m gptlab.apps.gradio_app --model` has it. share: a public link through
    Gradio's server, for a week. inline: show the page under the cell, `height` pixels high.
    An earlier page of ours on this port is replaced. Raises LaunchError.
    """
    if os.environ.get("NBGRADER_EXECUTION"):
        return _none(port)
    _make_way("gradio", port)
    named = [] if model is None else ["--model", _absolute(model)]
    command = [sys.executable, "-m", "gptlab.apps.gradio_app", f"--port={port}", *named]
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    page = background.start(
        port, command + ["--host=127.0.0.1"] + ["--share"] * share, {"PYTHONPATH": path}
    )
    background.until_it_answers(page, wait, "/")
    page.url = _shared(page, wait) if share else background.link(port)
    if inline:
        background.frame(page, height)
    return page


def _none(port: int) -> Page:
    print("No page is started: while a notebook is graded, nothing runs in the background.")
    return Page("", port, background.folder() / f"{port}.log")


def _make_way(way: str, port: int) -> None:
    """What it needs is installed, and the port is free; else LaunchError."""
    if find_spec(way) is None:
        raise LaunchError(
            f"{way.capitalize()} is not installed in this notebook's Python.\n"
            f"Do this: run `%pip install -q {way}` in a cell, then this one again."
        )
    background.replace(port)
    background.free(port, way)


def _absolute(model: str | Path) -> str:
    """A folder's path, whatever folder the page runs in; "small" is a name."""
    return str(model) if str(model) == "small" else str(Path(model).absolute())


def _shared(page: Page, wait: float) -> str:
    """The public address, once Gradio has it; this machine's where it gets none."""
    from gptlab.apps.gradio_app import NOT_SHARED, SHARED

    end = time.monotonic() + wait
    while time.monotonic() < end:
        for line in page.log.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith(SHARED):
                url = line.removeprefix(SHARED).strip()
                print(f"The page, for whoever has this link: {url}")
                return url
            if line.startswith(NOT_SHARED):
                end = 0.0
        time.sleep(0.1)
    print("Gradio's server gave no public link: it needs the network. The page runs without it.")
    return background.link(page.port)


def flags(settings: dict[str, str]) -> list[str]:
    """Settings as Streamlit's command line takes them."""
    return [f"--{name}={value}" for name, value in settings.items()]


def _streamlit(port: int) -> list[str]:
    settings = SETTINGS | {
        "server.headless": "true",
        "server.port": str(port),
        "server.address": "localhost",  # nobody else in the network
    }
    if background.in_colab():  # its proxy gives the page another address than the server has
        settings |= {"server.enableCORS": "false", "server.enableXsrfProtection": "false"}
    return [sys.executable, "-m", "streamlit", "run", str(SCRIPT), *flags(settings)]
