"""gptlab.apps.launch: the page in the background, and nothing but its own processes ended."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import tomllib
import types
import urllib.request
from contextlib import closing

import psutil
import pytest

from gptlab.apps import background, launch

needs_streamlit = pytest.mark.skipif(
    launch.find_spec("streamlit") is None, reason="needs streamlit: pip install it"
)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A cache of its own, and a folder to stand in."""
    monkeypatch.setenv("GPTLAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def port():
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.fixture
def stranger():
    """A process that is none of ours."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield process
    process.kill()
    process.wait()


def noted(port: int, pid: int, born: float) -> None:
    note = background._note(port)
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(json.dumps({"pid": pid, "born": born}))


def test_nothing_is_started_while_a_notebook_is_graded(monkeypatch, capsys):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    monkeypatch.setattr(subprocess, "Popen", None)
    page = launch.streamlit()
    assert page.url == "" and "nothing was started" in repr(page)
    assert "nothing runs in the background" in capsys.readouterr().out
    page.stop()


def test_the_settings_are_the_same_however_it_is_started():
    def flat(table, above=""):
        for key, value in table.items():
            if isinstance(value, dict):
                yield from flat(value, f"{above}{key}.")
            else:
                yield above + key, json.dumps(value) if isinstance(value, bool) else value

    text = launch.SCRIPT.with_name(".streamlit").joinpath("config.toml").read_text()
    assert dict(flat(tomllib.loads(text))) == launch.SETTINGS


def test_without_streamlit_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(launch, "find_spec", lambda name: None)
    with pytest.raises(launch.LaunchError, match="pip install -q streamlit") as caught:
        launch.streamlit()
    assert "Traceback" not in "".join(caught.value._render_traceback_())


@needs_streamlit
def test_a_port_in_use_is_named_and_its_program_lives(port):
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        with pytest.raises(launch.LaunchError) as caught:
            launch.streamlit(port=port)
    said = str(caught.value)
    assert f"Port {port} is in use" in said and f"process {os.getpid()}" in said
    proposed = int(said.split("launch.streamlit(port=")[1].split(")")[0])
    assert proposed > port and not background.taken(proposed)


@pytest.mark.parametrize("late", [0.0, 100.0])
def test_a_stranger_with_a_number_of_ours_is_left_alone(stranger, port, late):
    """The right number and start but another program; the right number and another start."""
    born = psutil.Process(stranger.pid).create_time()
    noted(port, stranger.pid, born + late)
    background.replace(port)
    launch.Page("", port, background.folder(), stranger.pid, born + late).stop()
    assert stranger.poll() is None


# As Gradio starts the tunnel of a share link: ended by atexit alone, which SIGTERM passes over.
WITH_A_TUNNEL = """
import atexit, subprocess, sys, time
stubborn = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
run = (stubborn if "stubborn" in sys.argv else "") + "import time; print('up', flush=True); "
tunnel = subprocess.Popen([sys.executable, "-c", run + "time.sleep(60)"], stdout=subprocess.PIPE)
atexit.register(tunnel.kill)
tunnel.stdout.readline()
print(tunnel.pid, flush=True)
time.sleep(60)
"""


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.mark.parametrize("how", ["stopped", "stubborn", "crashed", "left by another kernel"])
def test_a_tunnel_ends_with_its_page(stranger, port, how, monkeypatch):
    if how == "crashed" and os.name != "posix":
        pytest.skip("needs sessions: elsewhere nothing tells whose child it was")
    monkeypatch.setattr(background, "MARKS", (WITH_A_TUNNEL,))
    page = background.start(port, [sys.executable, "-c", WITH_A_TUNNEL, how])
    end = time.monotonic() + 30
    while not page.log.read_bytes().endswith(b"\n"):
        assert time.monotonic() < end, "the stand-in did not start"
        time.sleep(0.02)
    tunnel = int(page.log.read_text())
    assert not gone(tunnel)
    if how == "crashed":
        psutil.Process(page.pid).kill()
    if how == "left by another kernel":
        child = background._children.pop(page.pid)
        background.replace(port)
        child.wait(5)
    page.stop()
    assert gone(page.pid) and gone(tunnel) and stranger.poll() is None
    page.stop()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"pid": "x"}', '{"pid": 0, "born": 0}', "\0"])
def test_a_note_that_is_none_is_passed_over(port, text):
    noted(port, 0, 0.0)
    background._note(port).write_text(text)
    background.replace(port)


@needs_streamlit
def test_a_page_that_ends_at_once_shows_its_log(monkeypatch, folder, port):
    monkeypatch.setattr(launch, "SCRIPT", folder / "not_there.py")
    with pytest.raises(launch.LaunchError, match=r"(?s)ended while it was starting.*not_there\.py"):
        launch.streamlit(port=port)
    assert not background._note(port).exists()


def test_colab_gives_its_own_address(monkeypatch, capsys):
    asked = []
    output = types.ModuleType("google.colab.output")
    output.eval_js = lambda code: asked.append(code) or "https://8501.colab.example/"
    colab = types.ModuleType("google.colab")
    colab.output = output
    for name, module in {"google": types.ModuleType("google"), "google.colab": colab}.items():
        monkeypatch.setitem(sys.modules, name, module)
    assert background.link(8501) == "https://8501.colab.example/"
    assert asked == ["google.colab.kernel.proxyPort(8501)"]
    assert "https://8501.colab.example/" in capsys.readouterr().out

    def none(code):
        raise RuntimeError("no browser")

    output.eval_js = none
    assert background.link(8501) == "http://localhost:8501"
    assert "a tunnel, as the lab describes" in capsys.readouterr().out


@needs_streamlit
@pytest.mark.slow
def test_it_answers_is_replaced_and_stops(port, capsys):
    first = launch.streamlit(weights="tiny", port=port, wait=60)
    assert f"http://localhost:{port}" in capsys.readouterr().out
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(first.url, timeout=10) as reply:
        assert b"streamlit" in reply.read().lower()
    second = launch.streamlit(weights="tiny", port=port, wait=60)
    assert "The earlier page" in capsys.readouterr().out
    assert not psutil.pid_exists(first.pid) and psutil.pid_exists(second.pid)
    first.stop()  # long gone: the second lives on
    assert psutil.pid_exists(second.pid) and background._note(port).exists()
    second.stop()
    second.stop()
    assert not psutil.pid_exists(second.pid) and not background._note(port).exists()
    assert not background.taken(port)


@needs_streamlit
@pytest.mark.slow
def test_one_that_another_kernel_left_is_replaced(port):
    code = (
        "import os; from gptlab.apps import launch; "
        f"launch.streamlit(weights='tiny', port={port}, wait=60); os._exit(0)"
    )
    root = str(launch.SCRIPT.parents[2])
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": root})
    left = background._kept(port)
    assert left is not None and background._ours(**left)
    page = launch.streamlit(weights="tiny", port=port, wait=60)
    assert not background._ours(**left)
    page.stop()


@needs_streamlit
@pytest.mark.slow
def test_it_waits_no_longer_than_asked(port):
    with pytest.raises(
        launch.LaunchError, match=r"(?s)not answer within 0\.01 seconds.*last lines"
    ):
        launch.streamlit(weights="tiny", port=port, wait=0.01)
    assert not background.taken(port)


@pytest.fixture
def started(monkeypatch, folder):
    """What would have been started, without starting it."""
    found = []

    def start(port, command, environment=None):
        found.append((command, environment))
        log = folder / "log"
        return background.Page(f"http://localhost:{port}", port, log)

    monkeypatch.setattr(launch, "find_spec", lambda name: True)
    monkeypatch.setattr(background, "start", start)
    monkeypatch.setattr(background, "until_it_answers", lambda page, wait, path: None)
    return found


def test_the_chat_page_is_told_its_model_and_port(started, port, folder):
    page = launch.gradio("my model", port=port)
    ((command, environment),) = started
    assert command[1:4] == ["-m", "gptlab.apps.gradio_app", f"--port={port}"]
    assert command[4:] == ["--model", str(folder / "my model"), "--host=127.0.0.1"]
    assert environment["PYTHONPATH"].split(os.pathsep)[0] == str(launch.ROOT)
    assert page.url == f"http://localhost:{port}"
    launch.gradio("small", port=port)
    assert "small" in started[1][0]


@pytest.mark.parametrize(
    ("log", "url", "told"),
    [("x answers at http://127.0.0.1\nShared for a week at https://a.example\n",
      "https://a.example", "whoever has this link: https://a.example"),
     ("x\nThere is no share link: see above.\n", "http://localhost:{port}", "no public link")],
)  # fmt: skip
def test_it_is_shared_where_asked_only(started, port, folder, capsys, log, url, told):
    (folder / "log").write_text(log, encoding="utf-8")
    assert launch.gradio(port=port, share=True).url == url.format(port=port)
    assert "--share" in started[0][0] and told in capsys.readouterr().out
    launch.gradio(port=port)
    assert "--share" not in started[1][0]


def test_no_chat_page_while_a_notebook_is_graded(started, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert launch.gradio().url == "" and not started
