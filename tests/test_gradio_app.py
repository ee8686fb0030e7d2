"""gptlab.apps.gradio_app: its options, the page's parts, and the folder of a Space."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import chat_sample
import psutil
import pytest

from gptlab import hub
from gptlab.apps import gradio_app, launch, space

ROOT = Path(__file__).resolve().parents[1]
needs_gradio = pytest.mark.skipif(
    launch.find_spec("gradio") is None, reason="needs gradio: pip install it"
)


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    return chat_sample.chat_model(tmp_path_factory.mktemp("chat") / "model")


@pytest.fixture(scope="module")
def exported(model, tmp_path_factory) -> Path:
    return space.export(tmp_path_factory.mktemp("space") / "my space", str(model))


def a_port() -> int:
    with contextlib.closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def refused(capsys, *words: str) -> str:
    """What it says on stderr where it ends with 2."""
    assert gradio_app.main(words) == 2
    said = capsys.readouterr().err
    assert "Traceback" not in said
    return said


def test_what_the_options_are_without_any(monkeypatch):
    for name in ("GRADIO_SERVER_NAME", "GRADIO_SERVER_PORT"):
        monkeypatch.delenv(name, raising=False)
    found = gradio_app.options([])
    assert (found.host, found.port, found.share, found.model) == ("127.0.0.1", 7860, False, None)
    monkeypatch.setenv("GRADIO_SERVER_NAME", "0.0.0.0")  # as a Space has it
    assert gradio_app.options([]).host == "0.0.0.0"


@pytest.mark.parametrize("port", ["0", "65536", "-1", "abc", "78.6", ""])
def test_a_port_that_is_none(port, capsys):
    with pytest.raises(SystemExit) as stopped:
        gradio_app.options([f"--port={port}"])
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert "is no port: a whole number from 1 to 65535" in said and "usage" not in said


@pytest.mark.parametrize(
    ("words", "said"),
    [(["small"], "unrecognized arguments: small. An option begins with --"),
     (["--expor", "x"], "unrecognized arguments: --expor x. Did you mean --export?")],
)  # fmt: skip
def test_an_option_that_is_none_is_a_sentence(words, said, capsys):
    with pytest.raises(SystemExit) as stopped:
        gradio_app.options(words)
    found = capsys.readouterr().err
    assert stopped.value.code == 2 and "usage" not in found
    assert found.startswith(f"gptlab.apps.gradio_app: {said}")


def test_an_export_to_nowhere_does_not_serve_the_page(capsys):
    with pytest.raises(SystemExit):
        gradio_app.main(["--export", ""])
    assert "--export: the name is empty: expected a new folder" in capsys.readouterr().err


def test_help_loads_neither_torch_nor_gradio():
    code = (
        "import sys; from gptlab.apps import gradio_app\n"
        "try: gradio_app.main(['--help'])\n"
        "except SystemExit: sys.exit(any(m in sys.modules for m in ('torch', 'gradio')))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert b"--export FOLDER" in done.stdout


@needs_gradio
def test_a_busy_port_is_a_sentence(capsys):
    with contextlib.closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = refused(capsys, f"--port={port}")
    assert f"Port {port} is in use by" in said and f"process {os.getpid()}" in said
    assert int(re.search(r"Do this: --port (\d+)", said).group(1)) > port


@needs_gradio
def test_a_model_that_is_not_there_or_damaged(capsys, tmp_path, model):
    said = refused(capsys, f"--port={a_port()}", "--model", str(tmp_path / "nothing"))
    assert "nothing" in said and "python -m gptlab.tips" in said
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    for path in model.iterdir():
        (damaged / path.name).write_bytes(path.read_bytes())
    weights = damaged / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    said = refused(capsys, f"--port={a_port()}", "--model", str(damaged))
    assert "model.safetensors" in said and "python -m gptlab.tips" in said
    said = refused(capsys, "--export", str(tmp_path / "space"), "--model", str(damaged))
    assert "model.safetensors" in said and not (tmp_path / "space").exists()


@pytest.mark.parametrize("words", [[], ["--export", "space"]])
def test_without_gradio_it_says_how_to_get_it(words, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(gradio_app, "find_spec", lambda name: None)
    monkeypatch.chdir(tmp_path)
    said = refused(capsys, *words)
    assert said == "Gradio is not installed. Do this: python -m pip install gradio\n"
    assert not list(tmp_path.iterdir())


# What is to be imported is put in its place; a tunnel as Gradio's, ended by atexit alone.
TOLD_TO_END = """
import atexit, subprocess, sys, types
from gptlab.apps import gradio_app

class Page:
    def launch(self, **options):
        tunnel = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        atexit.register(tunnel.kill)
        return None, f"http://127.0.0.1/{tunnel.pid}", None
    def close(self):
        print("closed", flush=True)

page = types.SimpleNamespace(build=lambda model: Page(), theme=lambda: None, LOOKS={})
desk = types.SimpleNamespace(engine=lambda name, device: types.SimpleNamespace(name="x"))
gradio_app.find_spec = lambda name: True
import gptlab.apps
gptlab.apps.chat_page, gptlab.apps.desk = page, desk
sys.modules |= {"gptlab.apps.chat_page": page, "gptlab.apps.desk": desk}
sys.exit(gradio_app.main(["--port", sys.argv[1]]))
"""


@pytest.mark.skipif(os.name != "posix", reason="needs SIGTERM, which Windows does not send")
def test_told_to_end_it_ends_its_tunnel():
    with subprocess.Popen(
        [sys.executable, "-c", TOLD_TO_END, str(a_port())], cwd=ROOT, text=True,
        stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        tunnel = psutil.Process(int(re.search(r"1/(\d+)\.", process.stdout.readline())[1]))
        process.terminate()
        assert "closed" in process.stdout.read() and process.wait(20) == 0
    end = time.monotonic() + 10
    with contextlib.suppress(psutil.NoSuchProcess):
        while tunnel.status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < end
            time.sleep(0.02)


# In a process of their own: what Gradio leaves open would be a warning in some later test.
DRAWN = """
text = '    <img src=x onerror="a()"> &amp; **b**'
view = View([{"role": "assistant", "content": text}], "<script>", True, True)
messages, _, send, stop, note = chat_page.draw(view)
shown = messages[0]["content"]["text"]
assert shown == '    &lt;img src=x onerror="a()"&gt; &amp;amp; **b**'
assert note == '<p class="wrong" role="alert">&lt;script&gt;</p>'
assert (send["visible"], stop["visible"]) == (False, True)
"""
BUILT = """
page = chat_page.build(Engine(lambda messages, settings: iter(()), "<b>x</b>", "<i>", 40))
chat = next(one for one in page.blocks.values() if type(one).__name__ == "Chatbot")
assert chat.render_markdown is False and chat.sanitize_html and chat.latex_delimiters == []
assert page.analytics_enabled is False
assert os.environ["GRADIO_ANALYTICS_ENABLED"] == "False"
head = next(one.value for one in page.blocks.values() if one.elem_id == "head")
assert "&lt;b&gt;x" in head and "<b>" not in head and "<i>" not in head
sliders = [one for one in page.blocks.values() if type(one).__name__ == "Slider"]
assert [(one.label, one.value, one.maximum) for one in sliders] == [
    ("Temperature", 0.8, 2), ("Length", 40, 40), ("Top-k", 20, 200)
]
assert not chat_page.theme()._stylesheets  # no letters from elsewhere
"""
SENT = """
from types import SimpleNamespace
assert chat_page.chosen(1, 7.0, 0) == Settings(1, 7, None)
assert chat_page.chosen("hot", 7.5, [1]) == Settings("hot", 7.5, [1])
join, call = "http://x/gradio_api/queue/join?", "http://x/gradio_api/call/ask"
number = "bed0d5d8e80e4a138740599d57eb41a6"
for name, url, tab in (
    ("abc", join, "abc"), (number, join, number), (None, join, None), ("", join, None),
    (number, call, None), ("abc", call, "abc"),
):
    assert chat_page.tab(SimpleNamespace(session_hash=name, url=url)) == tab
"""


@needs_gradio
@pytest.mark.parametrize(
    "code", [DRAWN, BUILT, SENT], ids=["text_and_never_markup", "page", "what_it_is_sent"]
)
def test_what_the_page_is_made_of(code):
    imported = "import os; from gptlab.apps import chat_page\n"
    imported += "from gptlab.apps.desk import Engine, Settings\n"
    imported += "from gptlab.apps.rooms import View\n"
    done = subprocess.run(
        [sys.executable, "-c", imported + code], cwd=ROOT, check=False, capture_output=True
    )
    assert done.returncode == 0, done.stderr.decode()


@needs_gradio
def test_a_space_has_what_it_needs(exported, model):
    import yaml

    assert {one.name for one in exported.iterdir()} == set(space.FILES)
    _, front, text = (exported / "README.md").read_text(encoding="utf-8").split("---\n", 2)
    told = yaml.safe_load(front)
    assert told["sdk"] == "gradio" and told["app_file"] == "app.py" and told["title"] == "untrained"
    assert told["sdk_version"] == space.metadata.version("gradio")
    assert told["python_version"] == f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert "model/README.md" in text
    assert (exported / "gptlab" / "tips.md").is_file()  # read by gptlab.tips as it is loaded
    assert {one.name for one in (exported / "model").iterdir()} == {
        one.name for one in model.iterdir()
    }
    lines = (exported / "requirements.txt").read_text().splitlines()
    named = [line.partition("==")[0] for line in lines if "==" in line]
    assert {"torch", "numpy", "regex", "safetensors"} <= set(named)
    assert "gradio" not in named and not any("+" in line for line in lines if "==" in line)
    assert not list(exported.rglob("checks")) and not list(exported.rglob("__pycache__"))


def test_the_chapter_names_all_that_is_uploaded():
    page = (ROOT / "book" / "ch12_chat.md").read_text(encoding="utf-8")
    steps = page.partition("**As a Space**")[2].partition("\n4. ")[0]
    assert [name for name in space.FILES if f"`{name}" not in steps] == []


def test_the_modules_are_those_that_are_imported():
    found = space.modules("gptlab.apps.desk")
    assert {"gptlab", "gptlab.apps", "gptlab.apps.desk", "gptlab.chat", "gptlab.hub"} <= set(found)
    assert "gptlab.apps.streamlit_app" not in found and "gptlab.checks" not in found
    assert set(space.modules("gptlab.tree")) == {"gptlab", "gptlab.tree"}


@needs_gradio
def test_only_a_chat_model_s_own_files_are_uploaded(model, tmp_path):
    kept = tmp_path / "model"
    shutil.copytree(model, kept)
    for name in ("optimizer.pt", "students.csv"):
        (kept / name).write_text("mine", encoding="utf-8")
    (kept / "README.md").unlink()
    written = space.export(tmp_path / "space", str(kept)) / "model"
    assert {one.name for one in written.iterdir()} == {*hub.FILES} - {"README.md"}


@needs_gradio
def test_a_space_is_written_again_even_from_its_own_model(exported):
    (exported / "model" / "README.md").write_text("mine", encoding="utf-8")
    (exported / "gptlab" / "left.py").write_text("", encoding="utf-8")
    space.export(exported, str(exported / "model"))
    assert (exported / "model" / "README.md").read_text(encoding="utf-8") == "mine"
    assert not (exported / "gptlab" / "left.py").exists()
    assert {one.name for one in exported.parent.iterdir()} == {exported.name}


@pytest.mark.parametrize("there", ["thesis.txt", "app.py"])
def test_a_folder_of_somebody_else_is_left_alone(there, model, tmp_path):
    (tmp_path / there).write_text("mine", encoding="utf-8")
    with pytest.raises(space.SpaceError, match=f"something else.*{there}.*(?s:.*)new folder"):
        space.export(tmp_path, str(model))
    assert [one.name for one in tmp_path.iterdir()] == [there]
    with pytest.raises(space.SpaceError, match="is a file"):
        space.export(tmp_path / there, str(model))


def test_what_is_no_module_is_in_the_wheel_too():
    """Colab installs the wheel: a page without its looks or its model would not start there."""
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packed = {
        path
        for package, patterns in told["tool"]["setuptools"]["package-data"].items()
        for pattern in patterns
        for path in ROOT.joinpath(*package.split(".")).glob(pattern)
    }
    # .streamlit: its settings are told on the command line as well.
    left = {".py", ".pyc", ".toml", ".pyi"}
    there = {path for path in (ROOT / "gptlab").rglob("*") if path.is_file()}
    assert sorted(one for one in there - packed if one.suffix not in left) == []


@needs_gradio
@pytest.mark.slow
def test_a_space_runs_and_answers_without_the_course(exported, tmp_path):
    port = a_port()
    environment = {
        name: value for name, value in os.environ.items()
        if name not in ("PYTHONPATH", "GRADIO_SERVER_PORT") and not name.startswith("GPTLAB")
    }  # fmt: skip
    environment |= {"GRADIO_SERVER_PORT": str(port), "HOME": str(tmp_path)}
    # As Hugging Face has them.
    environment |= {"SYSTEM": "spaces", "SPACE_ID": "a/b", "GRADIO_SERVER_NAME": "0.0.0.0"}
    # The course's own gptlab is installed here in a way that a path file tells: without it.
    packages = [path for path in sys.path if path.endswith("-packages")]
    code = (
        f"import sys, runpy; sys.path = [p for p in sys.path if p] + {packages!r}; "
        f"sys.path.insert(0, {str(exported)!r}); sys.argv = ['app.py']; "
        "runpy.run_path('app.py', run_name='__main__')"
    )
    log = tmp_path / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-S", "-c", code], cwd=exported, env=environment,
            stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        end = time.monotonic() + 120
        while b"answers at" not in log.read_bytes():
            assert process.poll() is None and time.monotonic() < end, log.read_text()
            time.sleep(0.1)
        code = (
            "import json, sys; from gradio_client import Client; "
            "client = Client(sys.argv[1], verbose=False); "
            "asked = lambda: client.predict('What is a token?', 0, 12, 20, api_name='/ask'); "
            "print(json.dumps([asked()[0], asked()[0]][1]))"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, f"http://127.0.0.1:{port}"], check=False,
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        said = [part["text"] for one in json.loads(done.stdout) for part in one["content"]]
        assert said == ["What is a token?", "x" * 12] * 2
    finally:
        process.terminate()
        process.wait(20)
    assert str(ROOT / "gptlab") not in log.read_text()
