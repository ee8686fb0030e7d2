"""gptlab.train: runs that go on to the same losses, and what it says where it cannot."""

import dataclasses
import json
import pickle
import signal

import pytest
import torch

from gptlab import play, train
from gptlab.train import TrainConfig, Trainer, TrainError

TEXT = play.write(3_000, seed=5)
SMALL = TrainConfig(steps=12, batch_size=3, block_size=8, n_embd=12, n_head=3, n_layer=1,
                    dropout=0.3, eval_interval=5, eval_iters=2)  # fmt: skip


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def text_file(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def run(text_file, *arguments):
    """The command with a small model; its exit code."""
    sizes = {"batch-size": 3, "block-size": 8, "n-embd": 12, "n-head": 3, "n-layer": 1,
             "eval-interval": 5, "eval-iters": 2}  # fmt: skip
    given = [part for name, value in sizes.items() for part in (f"--{name}", str(value))]
    return train.main(["--text", str(text_file), *given, "--device", "cpu", *map(str, arguments)])


@pytest.mark.parametrize("model", train.MODELS)
@pytest.mark.parametrize("stop", [5, 7])
def test_a_run_that_was_stopped_goes_on_to_the_very_same_losses(tmp_path, model, stop):
    config = dataclasses.replace(SMALL, model=model)
    whole = Trainer(config, TEXT)
    whole.train(quiet=True)
    first = Trainer(dataclasses.replace(config, steps=stop), TEXT)
    first.train(tmp_path, quiet=True)
    torch.rand(9)  # chance goes on meanwhile
    second = Trainer.load(tmp_path, TEXT, steps=config.steps)
    second.train(quiet=True)
    assert second.losses == whole.losses and len(whole.losses) == 12
    at = {step: values for step, *values in second.history}
    assert all(at[step] == values for step, *values in whole.history)
    for name, value in whole.model.state_dict().items():
        assert torch.equal(second.model.state_dict()[name], value)


def test_the_seed_decides():
    losses = []
    for seed in (1, 1, 2):
        trainer = Trainer(dataclasses.replace(SMALL, seed=seed), TEXT)
        trainer.train(quiet=True)
        losses.append(trainer.losses)
    assert losses[0] == losses[1] != losses[2]


def test_looking_at_the_losses_changes_nothing():
    losses = []
    for interval in (1, 99):
        trainer = Trainer(dataclasses.replace(SMALL, eval_interval=interval), TEXT)
        trainer.train(quiet=True)
        losses.append(trainer.losses)
        assert trainer.model.training
    assert losses[0] == losses[1]


def test_the_command_trains_draws_and_goes_on(tmp_path, text_file, capsys):
    folder = tmp_path / "out"
    assert run(text_file, "--steps", 6, "--out", folder, "--sample", 40) == 0
    printed = capsys.readouterr().out.splitlines()
    assert "parameters on cpu; 3,000 characters" in printed[0]
    assert printed[1].startswith("step 6: training ")
    assert len("\n".join(printed[2:])) == 40
    assert {path.name for path in folder.iterdir()} == {
        "checkpoint.pt", "losses.json", "losses.png", "losses.pdf"}  # fmt: skip
    assert (folder / "losses.png").read_bytes().startswith(b"\x89PNG")
    assert (folder / "losses.pdf").read_bytes().startswith(b"%PDF")
    arguments = ["--resume", str(folder), "--text", str(text_file), "--steps", "9", "--sample", "0"]
    assert train.main([*arguments, "--device", "cpu"]) == 0
    told = json.loads((folder / "losses.json").read_text())
    assert [row[0] for row in told["history"]] == [0, 5, 6, 9] and len(told["losses"]) == 9


def test_ctrl_c_keeps_the_run(tmp_path, text_file, capsys, monkeypatch):
    steps = Trainer.one_step

    def interrupted(self):
        if self.step == 3:
            signal.raise_signal(signal.SIGINT)
        return steps(self)

    monkeypatch.setattr(Trainer, "one_step", interrupted)
    assert run(text_file, "--steps", 6, "--out", tmp_path / "out") == 130
    assert "stopped at step 3; go on with --resume" in capsys.readouterr().out
    assert Trainer.load(tmp_path / "out", TEXT).step == 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--text", "none.txt"], "--text none.txt: No such file"),
        (["--text", "latin.txt"], "byte 1 is not UTF-8"),
        (["--n-head", "5"], "n_embd=12 is not divisible by n_head=5"),
        (["--steps", "0"], "steps is 0: expected at least 1"),
        (["--learning-rate", "0"], "learning_rate is 0.0: expected more than 0"),
        (["--block-size", "400"], "the text's val split has 300 characters"),
        (["--resume", "none"], "no such file. Give the folder of a run"),
    ],
)
def test_what_cannot_be_is_said(arguments, words, tmp_path, text_file, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "latin.txt").write_bytes("né".encode("latin-1"))
    if "--resume" in arguments:
        code = train.main(["--text", str(text_file), *arguments])
    else:
        code = run(text_file, *arguments)
    assert code == 2 and words in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


def test_a_run_is_not_written_over_nor_taken_for_another(tmp_path, text_file, capsys):
    folder = tmp_path / "out"
    assert run(text_file, "--steps", 2, "--out", folder, "--sample", 0) == 0
    assert run(text_file, "--steps", 2, "--out", folder) == 2
    assert "holds a run already" in capsys.readouterr().err
    with pytest.raises(TrainError, match="trained on another text"):
        Trainer.load(folder, TEXT + "!")
    assert run(text_file, "--resume", folder) == 2
    assert "keeps the run's own batch_size, block_size" in capsys.readouterr().err


def test_a_checkpoint_runs_nothing(tmp_path):
    class Evil:
        def __reduce__(self):
            return (print, ("ran",))

    torch.save({"config": Evil()}, tmp_path / "checkpoint.pt")
    with pytest.raises(pickle.UnpicklingError, match="print"):
        Trainer.load(tmp_path, TEXT)
