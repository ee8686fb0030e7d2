"""`python -m gptlab.chat` as a person meets it: in a terminal that tmux holds, and in a pipe."""

import io
import os
import pickle
import subprocess
import sys
import time
from pathlib import Path

import pytest
import talk_sample
import torch

from gptlab import hub
from gptlab.chatting import command, loading

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "book" / "_ext"))

from terminal import TMUX, Terminal  # noqa: E402

pytestmark = pytest.mark.slow
CHAT = [sys.executable, "-m", "gptlab.chat"]
CUT = "(cut at 60 tokens; --max-tokens 120 for more)\n"
in_tmux = pytest.mark.skipif(TMUX is None, reason="tmux is not installed")


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """A folder with a chat model that talks without end, a damaged one, and what is none."""
    folder = tmp_path_factory.mktemp("models")
    for name in ("endless", "cut", "mixed", "bare"):
        model = talk_sample.endless(block_size=256, n_embd=32)
        hub.save(folder / name, model, talk_sample.tokenizer(), talk_sample.RUN)
    weights = folder / "cut" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[: weights.stat().st_size // 2])
    (folder / "mixed" / "config.json").write_text('{"model_type": "gpt2"}')
    (folder / "bare" / "tokenizer.json").unlink()
    with (folder / "old.pt").open("wb") as file:
        pickle.dump({"config": 1}, file)
    return folder


@pytest.fixture
def run(tmp_path, models):
    """Runs the program with a stdin; (exit code, stdout, stderr)."""

    def done(*arguments, stdin="", **more):
        made = subprocess.run(
            [*CHAT, *arguments], cwd=ROOT, input=stdin, capture_output=True, text=True, timeout=120,
            env=environment(tmp_path), **more,
        )  # fmt: skip
        return made.returncode, made.stdout, made.stderr

    return done


def environment(folder):
    return os.environ | {"GPTLAB_CACHE": str(folder / "cache"), "OMP_NUM_THREADS": "1"}


@pytest.fixture
def terminal(tmp_path):
    """Opens a terminal with the program in it."""

    def opened(*arguments, rows=45):
        return Terminal([*CHAT, *map(str, arguments)], 100, rows, ROOT, environment(tmp_path))

    return opened


def ask(terminal, line, words, patience=30):
    """Type a line on an empty screen and wait for the words, and for the next prompt."""
    terminal.type("/clear")
    time.sleep(0.2)
    terminal.type(line)
    text = terminal.wait(words, patience=patience)
    if not line.startswith("/quit"):
        terminal.wait("You:", 2, patience)
    return text


# in a terminal


@in_tmux
def test_all_nine_commands(terminal, models):
    with terminal("-m", models / "endless", "-t", "10", "--seed", "3") as here:
        first = here.wait("You:")
        assert "parameters, on cpu. Type a message, or /help." in first and "Loading" not in first
        ask(here, "Hello", "(cut at 10 tokens; /settings max-tokens 20 for more)")
        assert "/settings [NAME [VALUE]]" in ask(here, "/help", "/quit")
        ask(here, "/settings temperature 0.5", "  temperature  0.5")
        text = ask(here, "/status", "turns        1")
        assert "temperature 0.5, top-k 20, seed 3" in text
        assert "172 s on cpu" in ask(here, "/info", "score")
        ask(here, "/mode", "Mode: single-prompt")
        ask(here, "/reset", "Forgotten: 1 turn. The conversation begins anew.")
        ask(here, f"/load {models / 'endless'}", "The conversation begins anew.")
        screen = ask(here, "/status", "turns        0")
        assert "Hello" not in screen  # /clear left nothing
        here.type("/quit")
        assert here.wait("[ended: 0]")


@in_tmux
def test_bad_values_are_sentences_and_the_program_goes_on(terminal, models):
    with terminal("-m", models / "endless", "-t", "5") as here:
        here.wait("You:")
        for line, words in [
            ("/settings temperature 90", "found '90', expected 0, or 0.01 to 10. It divides"),
            ("/settings temperature 0,5", "Write it with a point: 0.5"),
            ("/settings max-tokens 0", "expected a whole number from 1 to 100,000"),
            ("/settings topk 3", "Did you mean top-k?"),
            ("/stetings", "Did you mean /settings?"),
            ("/quit now", "/quit takes nothing after it: found 'now'"),
            ("/load nowhere", "there is no such folder"),
            (f"/load {models / 'cut'}", "Model not found"),
            (f"/load {models / 'old.pt'}", "found a pickled file"),
        ]:
            assert "Traceback" not in ask(here, line, words)
        ask(here, "Hello", "(cut at 5 tokens")
        here.key("C-d")
        here.wait("[ended: 0]")


@in_tmux
def test_ctrl_c_in_the_middle_of_an_answer(terminal, models):
    with terminal("-m", models / "endless", "-t", "100000") as here:
        here.wait("You:")
        here.type("Hello")
        here.wait("GPT: ")
        time.sleep(0.5)  # it writes
        here.key("C-c")
        here.wait("(stopped)")
        here.type("/status")
        assert "turns        1" in here.wait("last answer")  # what was said is kept
        here.key("C-c")
        here.wait("To leave: /quit, or Ctrl-D.")
        here.type("half a li", enter=False)
        here.key("C-c")
        here.wait("To leave: /quit, or Ctrl-D.", 2)
        here.type("/quit")
        here.wait("[ended: 0]")


@in_tmux
def test_what_was_typed_comes_back_also_the_next_time(terminal, models):
    for time_ in (1, 2):
        with terminal("-m", models / "endless", "-t", "3") as here:
            here.wait("You:")
            if time_ == 1:
                here.type("Where is Rome?")
                here.wait("(cut at 3")
                here.type("/he", enter=False)
                here.key("Tab")
                here.wait("/help")
                here.key("C-c")
                here.wait("To leave")
            here.key("Up")
            if time_ == 2:  # the last line is /quit
                here.key("Up")
            here.wait("Where is Rome?", 3 - time_)
            here.key("C-c")
            here.wait("To leave", 3 - time_)
            here.type("/quit")
            here.wait("[ended: 0]")


@in_tmux
@pytest.mark.parametrize(("name", "words"), [
    ("nowhere", "there is no such folder"),
    ("cut", "model.safetensors"),
    ("mixed", "config.json: it lacks"),
    ("bare", "it lacks tokenizer.json"),
    ("old.pt", "found a pickled file, which could run code"),
])  # fmt: skip
def test_a_model_that_cannot_be_taken_ends_with_a_sentence(terminal, models, name, words):
    with terminal("-m", models / name) as here:
        text = here.wait("[ended: 2]")
        assert words in text and "gptlab.chat: " in text and "Traceback" not in text
        assert "python -m gptlab.tips" in text and "Model not found" in text


# in a pipe


def test_only_the_answer_goes_to_stdout(run, models, capsys, monkeypatch):
    arguments = ["-m", str(models / "endless"), "-t", "60", "--seed", "3"]

    def here(*more, stdin=""):
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        assert command.main([*more, *arguments]) == 0
        return capsys.readouterr()

    code, out, err = run(*arguments, stdin="Hello\n")
    assert code == 0 and len(out) == 61 and out.strip().isalpha()
    assert err == CUT
    assert here("--prompt", "Hello") == here(stdin="Hello\r\n") == (out, CUT)
    assert here("generate", "-p", "-", stdin="Hello") == (out, CUT)
    assert here("-p", "Other").out != out
    same, err = here("-p", "Hello", "--debug")
    assert same == out and "'<|user|>Hello<|end|><|assistant|>'" in err
    assert err.count(" took ") == 60


def test_a_pipe_that_is_closed_is_no_error(models, tmp_path):
    chat = f"'{sys.executable}' -m gptlab.chat -m '{models / 'endless'}' -t 100000 -p Hi"
    for line in (f"{chat} | head -c 5", f"'{sys.executable}' -m gptlab | head -n 1"):
        done = subprocess.run(["sh", "-c", line], cwd=ROOT, capture_output=True, timeout=120,
                              env=environment(tmp_path))  # fmt: skip
        assert done.returncode == 0 and len(done.stdout) >= 5 and done.stderr == b"", done.stderr


def test_ctrl_c_in_a_pipe_ends_with_what_was_written(models, tmp_path):
    made = subprocess.Popen(
        [*CHAT, "-m", str(models / "endless"), "-t", "100000", "-p", "Hi"], cwd=ROOT,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(tmp_path),
    )  # fmt: skip
    begun = made.stdout.read(5)
    made.send_signal(2)
    out, err = made.communicate(timeout=60)
    assert (made.returncode, err) == (130, b"stopped\n")
    assert begun.isalpha() and out.endswith(b"\n")


@pytest.mark.parametrize(("arguments", "words"), [
    (["-m", "nowhere"], "there is no such folder"),
    (["-d", "tpu"], "found 'tpu', expected cpu, cuda, mps or auto"),
    (["-m", "MODELS/cut"], "model.safetensors"),
    (["-m", "MODELS/endless", "-d", "cuda:7"], "--device cuda:7: it is not here"),
    (["-m", "MODELS/endless", "-p", ""], "--prompt: found nothing in it"),
])  # fmt: skip
def test_what_is_wrong_goes_to_stderr(run, models, arguments, words):
    code, out, err = run(*[one.replace("MODELS", str(models)) for one in arguments], stdin="Hi")
    assert (code, out) == (2, "") and words in err and err.startswith("gptlab.chat: "), err
    assert "Traceback" not in err


def test_a_long_prompt_is_read_at_its_end_and_that_is_said(run, models):
    code, out, err = run("-m", str(models / "endless"), "-t", "3", stdin="word " * 100)
    assert code == 0 and len(out) == 4
    assert err == ("The prompt has 503 tokens: the model reads the last 256 of them\n"
                   "(cut at 3 tokens; --max-tokens 6 for more)\n")  # fmt: skip


@pytest.mark.parametrize(("answer", "note"), [
    ("", "(the model said nothing: ask again, or in other words)\n"), ("Hi", ""),
])  # fmt: skip
def test_a_model_that_says_nothing_in_a_pipe_is_told(monkeypatch, capsys, answer, note):
    told = talk_sample.Told(answer)
    loaded = loading.Loaded("told", ROOT, torch.device("cpu"), talk_sample.checkpoint(told))
    monkeypatch.setattr(loading, "open_model", lambda name, device: loaded)
    monkeypatch.setattr(sys, "stdin", io.StringIO("word " * 100))
    assert command.main([]) == 0
    out, err = capsys.readouterr()
    assert out == f"{answer}\n"
    assert err == f"The prompt has 503 tokens: the model reads the last 64 of them\n{note}"
