"""The page of tips: its headings, its commands, and the errors that point to it."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest
import torch
from memory_sample import SHORT
from talk_sample import checkpoint

from gptlab import hub, tips, train
from gptlab.chatting import command as chat_command
from gptlab.chatting import loading
from gptlab.chatting import options as chat_options
from gptlab.chatting.places import MODEL
from gptlab.conversations import __main__ as conversations
from gptlab.memory import heading, is_short
from gptlab.sampling import command as sample_command
from gptlab.sampling import options as sample_options
from gptlab.training import memory

ROOT = Path(__file__).resolve().parents[1]
COMMANDS = [line.strip() for block in re.findall(r"```bash\n(.*?)```", tips.TEXT, re.S)
            for line in block.splitlines() if line.strip()]  # fmt: skip
MADE_WITH = {"gptlab.train": train._parser(), "gptlab.chat": chat_options.parser()}


def printed(capsys: pytest.CaptureFixture, *arguments: str) -> str:
    """What the program prints."""
    assert tips.main(arguments) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("heading", tips.HEADINGS)
def test_a_pointer_is_a_command_that_prints_its_section(heading: str, capsys) -> None:
    words = shlex.split(tips.see(heading))
    assert words[:4] == ["see", "python", "-m", "gptlab.tips"]
    text = printed(capsys, *words[4:])
    assert text.startswith(f"## {heading}\n\n") and text.count("## ") == 1
    assert len(text.split()) > 40 and not re.search(r"```|\*\*|{|\]\(", text)
    lines = tips.TEXT.partition(f"## {heading}\n")[2].partition("\n## ")[0].splitlines()
    for line in lines:  # every command is there
        assert not line.strip().startswith("python -m") or line.strip() in text


def test_without_a_heading_it_lists_them(capsys) -> None:
    lines = printed(capsys).splitlines()
    assert lines == [f'{tips.PAGE} "{heading}"' for heading in tips.HEADINGS]


@pytest.mark.parametrize(
    ("words", "headings"),
    [
        (["memory"], ["Less memory", "CUDA out of memory"]),
        (["model", "NOT", "found"], ["Model not found"]),
        (["'Poor", "text'"], ["Poor text"]),  # a shell of Windows leaves ' where it stands
    ],
)
def test_some_words_of_a_heading_are_enough(words, headings, capsys) -> None:
    found = re.findall(r"^## (.+)$", printed(capsys, *words), re.M)
    assert found == headings


def test_words_of_no_heading_are_refused(capsys) -> None:
    assert tips.main(["coffee"]) == 2
    said = capsys.readouterr().err
    assert "gptlab.tips: found 'coffee', expected a heading: Faster training, Bet" in said


def test_a_heading_that_there_is_not_cannot_be_pointed_to() -> None:
    with pytest.raises(KeyError, match="no heading"):
        tips.see("More memory")


def test_the_site_has_the_same_text() -> None:
    page = (ROOT / "book" / "tips.md").read_text("utf-8")
    assert page.endswith("\n```{include} ../gptlab/tips.md\n```\n")
    assert "## " not in page and "](" not in re.sub(r"\]\(#[^)]*\)", "", tips.TEXT)


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
    text = re.sub(r"```.*?```", "", tips.TEXT, flags=re.S)
    said = {word for code in re.findall(r"`([^`]+)`", text)
            for word in re.findall(r"--[a-z][\w-]*", code)}  # fmt: skip
    assert said <= known | {"--init_from"}, said - known


def test_the_links_lead_to_headings() -> None:
    links = re.findall(r"\[([^]]+)\]\(#([\w-]+)\)", tips.TEXT)
    assert links and {heading for heading, _ in links} <= set(tips.HEADINGS)
    assert all(anchor == heading.lower().replace(" ", "-") for heading, anchor in links)


def small(folder: Path, device: str = "cpu") -> list[str]:
    """The options of a training that begins at once."""
    text = folder / "text.txt"
    text.write_text("to be or not to be " * 50, encoding="utf-8")
    return ["--text", str(text), "--out", str(folder / "run"), "--device", device,
            "--eval-iters", "1"]  # fmt: skip


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
    code = train.main(small(tmp_path))
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


# Where each error points: the table, and what the programs say


def table() -> dict[tuple[str, str], str]:
    """(program, what its error says) -> heading, as the table has it."""
    rows = tips.TEXT.partition("| :-- | :-- | :-- |\n")[2].strip().splitlines()
    found: dict[tuple[str, str], str] = {}
    for row in rows:
        programs, said, link = (cell.strip() for cell in row.strip("| ").split("|"))
        heading = re.fullmatch(r"\[(.+)\]\(#.+\)", link)[1]
        for program in re.findall(r"`(.+?)`", programs) or [programs]:
            for words in re.findall(r"`(.+?)`", said):
                assert (program, words) not in found
                found[program, words] = heading
    return found


class Case:
    """What a trigger may use: a folder, and a way to put something in the place of a part."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.put = folder, monkeypatch.setattr

    def raises(self, error: BaseException) -> Callable[..., NoReturn]:
        def fail(*_: object, **__: object) -> NoReturn:
            raise error

        return fail

    def chat(self, *arguments: str) -> int:
        return chat_command.main([*arguments, "--prompt", "Hi"])

    def short_chat(self, device: str, error: Exception) -> int:
        self.put(loading, "_device", torch.device)
        self.put(hub, "load", self.raises(error))
        return self.chat("--device", device)

    def short_sample(self, device: str, error: Exception) -> int:
        self.put("gptlab.fingerprint.device_of", torch.device)
        self.put(sample_command, "_ready", self.raises(error))
        return sample_command.main(["--init_from=tiny", f"--device={device}"])

    def short_train(self, device: str, error: Exception) -> int:
        self.put(train, "_device", lambda name: torch.device("cpu"))
        self.put(train.Trainer, "one_step", self.raises(error))
        return train.main(small(self.folder, device))

    def nan_chat(self) -> int:
        found = checkpoint()
        with torch.no_grad():
            found.model.transformer.wpe.weight[3, 3] = torch.nan
        self.put(hub, "load", lambda folder, device: found)
        return self.chat()

    def nan_sample(self) -> int:
        usual = sample_command._ready

        def ready(*arguments: object) -> object:
            found = usual(*arguments)
            with torch.no_grad():
                found.model.pos_emb.weight[3, 3] = torch.nan
            return found

        self.put(sample_command, "_ready", ready)
        return sample_command.main(["--init_from=tiny"])

    def nan_train(self) -> int:
        self.put(train.Trainer, "_backward", lambda *_: float("nan"))
        return train.main(small(self.folder))

    def folder_with(self, name: str, content: bytes) -> str:
        (self.folder / "model").mkdir()
        (self.folder / "model" / name).write_bytes(content)
        return str(self.folder / "model")

    def damaged(self) -> str:
        """The small model with half of its weights."""
        folder = self.folder_with("model.safetensors", (MODEL / "model.safetensors").read_bytes())
        for path in MODEL.iterdir():
            if path.name != "model.safetensors":
                shutil.copy(path, folder)
        with open(f"{folder}/model.safetensors", "r+b") as file:
            file.truncate(1000)
        return folder

    def latin(self) -> str:
        (self.folder / "latin.txt").write_bytes(b"n\xe9e " * 300)
        return "latin.txt"


def score(folder: str, *more: str) -> int:
    return conversations.main(["score", folder, *more])


CUDA, CPU = torch.OutOfMemoryError("CUDA out of memory."), MemoryError()
NOWHERE, LACKS, UNREAD = "there is no such folder", "it lacks", "cannot be read"
TRIGGERS: dict[tuple[str, str], Callable[[Case], int]] = {
    ("chat", "the memory of cuda is too small"): lambda c: c.short_chat("cuda", CUDA),
    ("sample", "the memory of cuda is too small"): lambda c: c.short_sample("cuda", CUDA),
    ("train", "the memory of cuda is too small"): lambda c: c.short_train("cuda", CUDA),
    ("chat", "the memory of cpu is too small"): lambda c: c.short_chat("cpu", CPU),
    ("sample", "the memory of cpu is too small"): lambda c: c.short_sample("cpu", CPU),
    ("train", "the memory of cpu is too small"): lambda c: c.short_train("cpu", CPU),
    ("chat", "it is not here"): lambda c: c.chat("--device", "cuda:99"),
    ("conversations", "it is not here"): lambda c: score("small", "--device", "tpu"),
    ("sample", "it is not here"): lambda c: sample_command.main(["--device=tpu"]),
    ("train", "it is not here"): lambda c: train.main(["--device", "tpu"]),
    ("chat", "temperature: found"): lambda c: c.chat("--temperature", "99"),
    ("chat", "top-k: found"): lambda c: c.chat("--top-k", "0"),
    ("chat", "max-tokens: found"): lambda c: c.chat("--max-tokens", "0"),
    ("chat", "seed: found"): lambda c: c.chat("--seed", "pi"),
    ("sample", "temperature: found"): lambda c: sample_command.main(["--temperature=-1"]),
    ("sample", "top_k: found"): lambda c: sample_command.main(["--top_k=0"]),
    ("sample", "max_new_tokens: found"): lambda c: sample_command.main(["--max_new_tokens=-1"]),
    ("sample", "num_samples: found"): lambda c: sample_command.main(["--num_samples=0"]),
    ("sample", "seed: found"): lambda c: sample_command.main(["--seed=pi"]),
    ("chat", "found weights that are no numbers (nan or inf)"): lambda c: c.nan_chat(),
    ("sample", "found weights that are no numbers (nan or inf)"): lambda c: c.nan_sample(),
    ("train", "the text at the end"): lambda c: train.main(["--temperature", "-1"]),
    ("train", "the loss is nan"): lambda c: c.nan_train(),
    ("chat", NOWHERE): lambda c: c.chat("--model", "nowhere"),
    ("conversations", NOWHERE): lambda c: score("nowhere"),
    ("hub", NOWHERE): lambda c: hub.main(["nowhere"]),
    ("chat", LACKS): lambda c: c.chat("--model", c.folder_with("config.json", b"{}")),
    ("conversations", LACKS): lambda c: score(c.folder_with("config.json", b"{}")),
    ("hub", LACKS): lambda c: hub.main([c.folder_with("config.json", b"{}")]),
    ("chat", UNREAD): lambda c: c.chat("--model", c.damaged()),
    ("conversations", UNREAD): lambda c: score(c.damaged()),
    ("hub", UNREAD): lambda c: hub.main([c.damaged()]),
    ("sample", "there is no folder"): lambda c: sample_command.main(["--init_from=nowhere"]),
    ("sample", "cannot be used"): lambda c: sample_command.main(
        [f"--init_from={c.folder_with('checkpoint.pt', b'half')}"]
    ),
    ("train", "checkpoint.pt: no such file"): lambda c: train.main(["--resume", "nowhere"]),
    ("sample", "No such file or directory"): lambda c: sample_command.main(["--start=FILE:none"]),
    ("train", "No such file or directory"): lambda c: train.main(["--text", "none"]),
    ("sample", "UTF-8"): lambda c: sample_command.main([f"--start=FILE:{c.latin()}"]),
    ("train", "UTF-8"): lambda c: train.main(["--text", c.latin()]),
}
BY_WINDOWS = ("Windows", "running scripts is disabled on this system")


def test_each_row_of_the_table_of_errors_is_tried() -> None:
    assert set(table()) == {*TRIGGERS, BY_WINDOWS}


def test_an_error_points_to_each_heading_but_the_tables() -> None:
    assert {*table().values(), "Where each error points"} == set(tips.HEADINGS)


@pytest.mark.parametrize("case", TRIGGERS, ids=" ".join)
def test_an_error_points_to_the_heading_that_the_table_says(
    case: tuple[str, str], capsys: pytest.CaptureFixture, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    try:
        code = TRIGGERS[case](Case(tmp_path, monkeypatch))
    except SystemExit as stopped:  # argparse
        code = stopped.code
    program, words = case
    said = capsys.readouterr().err
    assert code == 2 and f"gptlab.{program}: " in said and words in said, said
    assert re.findall(rf'see {re.escape(tips.PAGE)} "(.+?)"$', said, re.M) == [table()[case]], said


def test_what_windows_says_is_in_the_script_with_its_heading() -> None:
    text = (ROOT / "gptlab" / "chatting" / "windows" / "chat.ps1").read_text()
    assert BY_WINDOWS[1] in text.lower() and f"See{tips.see(table()[BY_WINDOWS])[3:]}" in text
