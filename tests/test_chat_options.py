"""Before any model is loaded: options, settings, where a model lies, and Windows' scripts."""

import io
import re
import subprocess
import sys
from pathlib import Path

import pytest

from gptlab.chatting import commands, options, places
from gptlab.chatting.errors import ChatError
from gptlab.chatting.places import find
from gptlab.chatting.settings import KNOBS, Settings
from gptlab.tips import see

ROOT = Path(__file__).parent.parent
WINDOWS = ROOT / "gptlab" / "chatting" / "windows"


class Keyboard(io.StringIO):
    """A stdin that is a terminal."""

    def isatty(self):
        return True


def refused(capsys, *arguments):
    """What is said of options that cannot be."""
    with pytest.raises(SystemExit) as stopped:
        options.read(arguments)
    out, err = capsys.readouterr()
    assert (stopped.value.code, out) == (2, "") and err.startswith("gptlab.chat: ")
    return err


# options


def test_the_defaults_are_the_seeds():
    found = vars(options.read([]))
    assert found.pop("settings") == Settings(100, 0.8, 20, None)
    assert found == {"model": "small", "device": "auto", "prompt": None, "max_tokens": 100,
                     "temperature": 0.8, "top_k": 20, "seed": None, "debug": False,
                     "generate": False}  # fmt: skip


def test_short_forms_and_underscores_are_the_same_options():
    long = ["--model=x", "--device", "cpu", "--max-tokens", "5", "--temperature=0.5", "--top-k=3",
            "--prompt=Hi"]  # fmt: skip
    short = ["-m", "x", "-d", "CPU", "-t", "5", "-T", "0.5", "-k", "3", "-p", "Hi"]
    scored = ["--max_tokens=5", "--top_k", "3", *(long[:3]), "--temperature=0.5", "--prompt=Hi"]
    assert options.read(long) == options.read(short) == options.read(scored)
    assert options.read(["generate", "-p", "Hi"]).generate


@pytest.mark.parametrize(("arguments", "words"), [
    (["-T", "90"], "--temperature: found '90', expected 0, or 0.01 to 10. It divides the scores"),
    (["-T", "-1"], "found '-1'"),
    (["-T", "0.001"], "found '0.001'"),
    (["-T", "nan"], "found 'nan'"),
    (["-T", "0,5"], "Write it with a point: 0.5"),
    (["-t", "0"], "--max-tokens: found '0', expected a whole number from 1 to 100,000. It ends"),
    (["--max_tokens=-4"], "found '-4'"),
    (["-t", "1e3"], "found '1e3'"),
    (["-k", "0"], "expected a whole number from 1 to 1,000,000. It draws from the K likeliest"),
    (["-k", "9" * 5000], "found '999"),
    (["--seed", "pi"], "found 'pi', expected a whole number from 0 to 4,294,967,295, or off. It"),
    (["--seed", "9" * 20], "expected a whole number from 0 to 4,294,967,295, or off. It begins"),
    (["-d", "gpu"], "found 'gpu', expected cpu, cuda, mps or auto (the best that is here); see"),
    (["-d", "cuda:x"], "found 'cuda:x'"),
    (["--temprature", "3"], "--temprature 3. Did you mean --temperature?"),
    (["--temp=0.5"], "Did you mean --temperature?"),
    (["Hello", "there"], "Does the prompt stand in quotes?"),
    (["-p"], '--prompt: expected one argument: --prompt="What is'),
])  # fmt: skip
def test_what_cannot_be_is_a_sentence(capsys, arguments, words):
    err = refused(capsys, *arguments)
    assert words in err and len(err) < 6000, err


def test_the_ends_of_the_ranges_are_in_them():
    args = options.read(["-t", "1", "-T", "0", "-k", "1", "--seed", "0"])
    assert args.settings == Settings(1, 0.0, 1, 0)
    args = options.read(["-t", "100000", "-T", "10", "-k", "1000000", "--seed", "off"])
    assert args.settings == Settings(100_000, 10.0, 1_000_000, None)
    assert options.read(["-T", "0.01"]).temperature == 0.01


def test_help_and_a_wrong_option_do_not_load_torch():
    script = ("import sys\nfrom gptlab.chatting import command\n"
              "try: command.main(sys.argv[1:])\nexcept SystemExit: pass\n"
              "sys.exit('torch' in sys.modules)")  # fmt: skip
    for arguments in (["--help"], ["-T", "90"], ["-m", "nowhere"], ["-p", ""]):
        done = subprocess.run([sys.executable, "-c", script, *arguments], cwd=ROOT,
                              stdin=subprocess.DEVNULL, capture_output=True)  # fmt: skip
        assert done.returncode == 0, (arguments, done.stderr)


# the prompt


def read(*arguments, stdin):
    return options.prompt(options.read(arguments), stdin)


def test_a_prompt_comes_from_the_option_or_the_pipe():
    assert read("-p", "Hi", stdin=io.StringIO("no")) == "Hi"
    assert read(stdin=io.StringIO("Hi\nthere\r\n")) == "Hi\nthere"
    assert read("-p", "-", stdin=Keyboard("Hi\n")) == "Hi"
    assert read(stdin=Keyboard()) is None
    raw = io.TextIOWrapper(io.BytesIO("\ufeffé".encode()), encoding="latin-1")
    assert read("generate", stdin=raw) == "é"


@pytest.mark.parametrize(("arguments", "stdin", "words"), [
    (["-p", " "], Keyboard(), "--prompt: found nothing in it"),
    (["-p", "a\udcff"], Keyboard(), "found bytes that are no UTF-8 at character 1"),
    ([], io.StringIO("\n"), "the prompt from the pipe: found nothing in it"),
    ([], io.StringIO("a" * 1_000_001), "more than 1,000,000 bytes"),
    ([], io.TextIOWrapper(io.BytesIO(b"n\xe9")), "no UTF-8 at place 1"),
    (["generate"], Keyboard(), "generate: found no prompt"),
])  # fmt: skip
def test_a_prompt_that_is_none_is_a_sentence(arguments, stdin, words):
    with pytest.raises(ChatError, match=re.escape(words)):
        read(*arguments, stdin=stdin)


# where a model lies


@pytest.fixture
def model(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    return folder


def test_a_model_is_found_by_its_folder_its_run_or_a_file_in_it(model, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "checkpoint.pt").touch()
    model.rename(tmp_path / "run" / "chat")
    chat = Path("run/chat")
    for name in ("run", "run/chat", "run/chat/config.json", "run/checkpoint.pt"):
        assert find(name) == chat
    assert find(tmp_path / "run") == tmp_path / "run" / "chat"


def test_small_is_the_one_that_comes_with_gptlab(model, monkeypatch):
    monkeypatch.setattr(places, "MODEL", model)
    assert find() == find("small") == model
    (model / "config.json").unlink()
    with pytest.raises(ChatError, match=r"no small model with this gptlab: looked for .*mine"):
        find()


@pytest.mark.parametrize(("name", "words"), [
    ("nowhere", "there is no such folder (looked for "),
    ("mein", "Did you mean mine?"),
    ("smal", "Did you mean small?"),
    ("chat", "it is a preset, which is trained first: python -m gptlab.train --preset chat,"),
    ("", "the name of the model is empty"),
    ("a\0b", "there is no such folder"),
    ("x" * 300, "x...: it cannot be looked at (File name too long). Expected small, or a folder"),
    ("~nobody-here/m", "~nobody-here/m: it cannot be looked at (Could not determine home"),
    ("empty", "holds no config.json (found in it: nothing)"),
    ("other", "holds no config.json (found in it: notes.txt)"),
    ("run", "a run of gptlab.train without a chat model"),
    ("run/checkpoint.pt", "a run of gptlab.train without a chat model"),
    ("model.pt", "found a pickled file, which could run code"),
    ("zipped", "found a pickled file"),
    ("protocol", "found a pickled file"),
    ("other/notes.txt", "found a file, expected the folder"),
])  # fmt: skip
def test_a_model_that_is_not_there_is_a_sentence(model, tmp_path, name, words):
    for folder in ("empty", "other", "run"):
        (tmp_path / folder).mkdir()
    (tmp_path / "other" / "notes.txt").write_text("x")
    (tmp_path / "run" / "checkpoint.pt").touch()
    (tmp_path / "model.pt").write_text("x")
    (tmp_path / "zipped").write_bytes(b"PK\3\4")
    (tmp_path / "protocol").write_bytes(b"\x80\4")
    with pytest.raises(ChatError, match=re.escape(words)) as told:
        find(name)
    assert str(told.value).endswith("see python -m gptlab.tips \"Model not found\"")


def test_a_sibling_that_may_not_be_looked_at_is_no_suggestion(model, tmp_path, monkeypatch):
    (tmp_path / "mini").mkdir()
    is_file = Path.is_file

    def locked(path):
        if path.parent.name == "mini":
            raise PermissionError(13, "Permission denied")
        return is_file(path)

    monkeypatch.setattr(Path, "is_file", locked)
    with pytest.raises(ChatError, match=r"there is no such folder .* Did you mean mine\?"):
        find("minee")
    with pytest.raises(ChatError, match=r"mini: it cannot be looked at \(Permission denied\)"):
        find("mini")


# settings and commands


def test_settings_say_their_range_and_what_they_do():
    for knob in KNOBS.values():
        assert hasattr(Settings(), knob.field)
        with pytest.raises(ChatError) as told:
            knob.read("much")
        assert f"found 'much', expected {knob.range()}. It {knob.does}" in str(told.value)


def test_tab_completes_commands_and_settings():
    assert commands.completions("/se") == ["/settings"]
    assert len(commands.completions("/")) == 9
    assert commands.completions("/settings t") == ["temperature", "top-k"]
    assert commands.completions("/mode s") == ["single", "single-prompt"]
    assert commands.completions("hello") == commands.completions("/load x") == []


# Windows


@pytest.mark.parametrize("name", ["chat.ps1", "chat.bat"])
def test_a_script_of_windows_is_one_that_windows_reads(name):
    raw = (WINDOWS / name).read_bytes()
    assert raw.count(b"\n") == raw.count(b"\r\n") > 5  # cmd.exe loses labels and lines without
    assert raw.isascii()  # Windows PowerShell takes a file without a mark for its own code page


def test_powershell_passes_options_that_there_are():
    text = (WINDOWS / "chat.ps1").read_text()
    passed = re.findall(r'"(--[a-z-]+)"', text)
    assert passed == ["--model", "--max-tokens", "--temperature", "--top-k", "--device", "--prompt"]
    args = options.read([part for name in passed for part in (name, "1" if name != "--device" else
                                                             "cpu")])  # fmt: skip
    assert (args.model, args.prompt) == ("1", "1")
    given = dict(re.findall(r"\[\w+\]\$(\w+) = \"?([\w.]*)", text))
    defaults = options.read([])
    assert given == {"Model": defaults.model, "MaxTokens": str(defaults.max_tokens),
                     "Temperature": str(defaults.temperature), "TopK": str(defaults.top_k),
                     "Device": defaults.device, "Prompt": ""}  # fmt: skip
    assert "Set-ExecutionPolicy -ExecutionPolicy RemoteSigned -Scope CurrentUser" in text
    assert see("PowerShell execution policy")[1:] in text


def test_the_batch_file_passes_everything_on():
    text = (WINDOWS / "chat.bat").read_text()
    assert "-m gptlab.chat %*" in text
    examples = re.findall(r"^rem     chat\.bat(.*)$", text, re.M)
    for line in examples:
        words = re.findall(r'"[^"]*"|\S+', line.partition(">")[0])
        assert options.read([word.strip('"') for word in words])
    assert len(examples) == 3


@pytest.mark.parametrize("name", ["chat.ps1", "chat.bat"])
def test_the_root_that_a_script_goes_to_is_the_courses(name):
    up = re.search(r"\.\.\\\.\.\\\.\.", (WINDOWS / name).read_text())
    assert up and WINDOWS.parents[len(up[0].split("\\")) - 1] == ROOT
