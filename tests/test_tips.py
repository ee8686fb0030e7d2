"""The page of tips: its headings, its commands, and the errors that point to it."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import torch
from memory_sample import SHORT

from gptlab import train
from gptlab.chatting import options as chat_options
from gptlab.chatting import tips
from gptlab.memory import heading, is_short
from gptlab.sampling import command as sample_command
from gptlab.sampling import options as sample_options
from gptlab.training import memory

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / tips.PAGE).read_text("utf-8")
COMMANDS = [line.strip() for block in re.findall(r"```bash\n(.*?)```", PAGE, re.S)
            for line in block.splitlines() if line.strip()]  # fmt: skip
MADE_WITH = {"gptlab.train": train._parser(), "gptlab.chat": chat_options.parser()}


@pytest.mark.parametrize("heading", tips.HEADINGS)
def test_every_heading_is_on_the_page(heading: str) -> None:
    assert f"\n## {heading}\n" in PAGE
    assert heading in tips.see(heading) and tips.PAGE in tips.see(heading)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_one_that_can_be_given(command: str) -> None:
    _, _, rest = command.partition("-m ")
    name, *arguments = shlex.split(rest)
    if name in MADE_WITH:
        MADE_WITH[name].parse_args(arguments)
    elif name == "gptlab.sample":
        sample_options.read(arguments, "sample", "")
    else:
        assert (ROOT / f"{name.replace('.', '/')}.py").is_file()


def test_the_options_in_the_text_exist() -> None:
    known = {option for made in MADE_WITH.values() for option in made._option_string_actions}
    text = re.sub(r"```.*?```", "", PAGE, flags=re.S)
    said = {word for code in re.findall(r"`([^`]+)`", text)
            for word in re.findall(r"--[a-z][\w-]*", code)}  # fmt: skip
    assert said <= known | {"--init_from"}, said - known


def test_the_links_lead_to_headings() -> None:
    headings = re.findall(r"^## (.+)$", PAGE, re.M)
    anchors = {heading.lower().replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(#([\w-]+)\)", PAGE)) <= anchors


def test_torchs_own_error_is_known() -> None:
    with pytest.raises(RuntimeError) as found:
        torch.empty(10**15)
    assert is_short(found.value) and not is_short(RuntimeError("mat1 and mat2 shapes"))
    assert not is_short(ValueError("out of memory"))


@pytest.mark.parametrize("error", SHORT.values(), ids=SHORT)
@pytest.mark.parametrize("where", ["one_step", "evaluate"])
def test_too_little_memory_is_a_sentence(
    where: str, error: Exception, capsys: pytest.CaptureFixture, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    def fail(self: object) -> None:
        raise error

    monkeypatch.setattr(train.Trainer, where, fail)
    text = tmp_path / "text.txt"
    text.write_text("to be or not to be " * 50, encoding="utf-8")
    code = train.main(["--text", str(text), "--out", str(tmp_path / "run"), "--device", "cpu"])
    said = capsys.readouterr().err
    assert code == 2 and "Traceback" not in said
    assert "gptlab.train: the memory of cpu is too small for this run." in said
    assert "--batch-size" in said and said.rstrip().endswith(tips.see("Less memory"))
    begun = (tmp_path / "run" / "checkpoint.pt").is_file()
    assert begun == (where == "one_step") == ("--resume" in said)


def test_another_error_of_torch_is_not_taken_for_it(monkeypatch, tmp_path) -> None:
    def fail(self: object) -> None:
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    monkeypatch.setattr(train.Trainer, "one_step", fail)
    with pytest.raises(RuntimeError, match="mat1"):
        train.main(["--out", str(tmp_path / "run"), "--device", "cpu", "--eval-iters", "1"])


@pytest.mark.parametrize("what", ["load", "load_state_dict"])
def test_a_run_that_does_not_fit_any_more_is_not_damaged(
    what: str, capsys: pytest.CaptureFixture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = tmp_path / "text.txt"
    text.write_text("to be or not to be " * 50, encoding="utf-8")
    given = ["--text", str(text), "--device", "cpu", "--eval-iters", "1"]
    folder = str(tmp_path / "run")
    assert train.main([*given, "--out", folder, "--steps", "1", "--sample", "0"]) == 0

    def fail(*args: object, **more: object) -> None:
        raise SHORT["cpu"]

    monkeypatch.setattr(torch if what == "load" else torch.nn.Module, what, fail)
    assert train.main([*given[:4], "--resume", folder, "--steps", "2"]) == 2
    said = capsys.readouterr().err
    assert f"is too small for this run. Go on with less: --resume {folder}" in said, said


def test_what_is_said_of_a_card_and_of_a_run_that_goes_on(tmp_path: Path) -> None:
    said = memory.said("cuda:1", tmp_path, going_on=False)
    assert "the memory of cuda:1" in said and "--device cpu" in said
    assert said.endswith(tips.see("CUDA out of memory"))
    assert heading(torch.device("cuda", 1)) == heading("cuda") == "CUDA out of memory"
    assert heading("mps") == heading(torch.device("cpu")) == "Less memory"
    assert memory.said("mps", tmp_path, False).endswith(tips.see("Less memory"))
    said = memory.said("cuda", tmp_path, going_on=True)
    assert f"--resume {tmp_path} --recompute" in said and "--batch-size" not in said
    assert {"recompute", "precision"} <= set(train.CHANGEABLE)


@pytest.mark.parametrize(
    ("program", "arguments", "heading"),
    [
        (train.main, ["--device", "tpu"], "Faster training"),
        (train.main, ["--resume", "nowhere"], "Model not found"),
        (sample_command.main, ["--device=tpu"], "Faster training"),
        (sample_command.main, ["--init_from=nowhere"], "Model not found"),
    ],
)
def test_errors_end_with_where_to_look(
    program, arguments, heading, capsys, tmp_path, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert program(arguments) == 2
    assert tips.see(heading) in capsys.readouterr().err


def test_what_the_table_of_errors_says_is_what_they_say() -> None:
    sources = "".join(path.read_text("utf-8") for path in (ROOT / "gptlab").rglob("*.py"))
    for words in ("is too small", "the loss is", "found weights that are no numbers (nan or "
                  "inf)", "there is no folder", "it is not here", "cannot be used",
                  "no such file", "it lacks ", "cannot be read"):  # fmt: skip
        assert words in sources and words in PAGE, words
