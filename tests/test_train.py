"""gptlab.train: runs that go on to the same losses, what each setting does, and the command."""

import dataclasses
import json
import math
import signal

import pytest
import torch
from torch.nn import functional as F
from train_sample import ALL, SMALL, TEXT, config, one_thread, stopped_at, stopping, trained

from gptlab import bigram, pretraining, toy, train
from gptlab.gpt import GPTModel
from gptlab.nano import GPT
from gptlab.optimizers import FlatAdamW
from gptlab.train import Stopped, TrainConfig, Trainer, TrainError
from gptlab.training.models import build

assert one_thread  # for every test here


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


# going on


@pytest.mark.parametrize("model", train.MODELS)
@pytest.mark.parametrize("step", [0, 4, 5, 7])
def test_a_run_that_was_stopped_goes_on_to_the_very_same_losses(tmp_path, model, step, monkeypatch):
    settings = config(model=model, **ALL)
    whole = trained(settings)
    first = stopped_at(monkeypatch, settings, step, tmp_path)
    assert first.step == step + 1  # which was done to its end
    second = Trainer.load(tmp_path, TEXT)
    second.train(quiet=True)
    assert second.losses == whole.losses and len(whole.losses) == 8
    assert second.history == whole.history and [row[0] for row in whole.history] == [0, 5, 8]
    for name, value in whole.model.state_dict().items():
        assert torch.equal(second.model.state_dict()[name], value)


def test_a_run_can_be_stopped_again_and_again(tmp_path, monkeypatch):
    settings = config(model="nano", **ALL)
    stopped_at(monkeypatch, settings, 1, tmp_path)
    for step in (2, 6):
        stopping(monkeypatch, step)
        with pytest.raises(Stopped):
            Trainer.load(tmp_path, TEXT).train(tmp_path, quiet=True)
    last = Trainer.load(tmp_path, TEXT)
    last.train(quiet=True)
    assert last.losses == trained(settings).losses


@pytest.mark.parametrize("model", ["toy", "gpt"])
def test_a_run_that_ended_goes_on_with_more_steps(tmp_path, model):
    settings = config(model=model, dropout=0.2)
    Trainer(dataclasses.replace(settings, steps=3), TEXT).train(tmp_path, quiet=True)
    second = Trainer.load(tmp_path, TEXT, steps=8)
    second.train(quiet=True)
    assert second.losses == trained(settings).losses


def test_a_stop_while_the_losses_are_looked_at_leaves_them_for_later(tmp_path, monkeypatch):
    settings = config(model="nano", eval_iters=20, **ALL)
    draw, left = bigram.get_batch, [60]  # 40 of the first look, 5 of the steps, 15 of the second

    def interrupted(*arguments):
        left[0] -= 1
        if left[0] == 0:
            signal.raise_signal(signal.SIGTERM)
        return draw(*arguments)

    monkeypatch.setattr(bigram, "get_batch", interrupted)
    trainer = Trainer(settings, TEXT)
    with pytest.raises(Stopped):
        trainer.train(tmp_path, quiet=True)
    assert -2 < left[0] <= 0 and trainer.model.training  # cut short
    assert [row[0] for row in trainer.history] == [0] and trainer.step == 5
    whole = trained(settings)
    second = Trainer.load(tmp_path, TEXT)
    second.train(quiet=True)
    assert (second.losses, second.history) == (whole.losses, whole.history)


def test_a_second_ctrl_c_stops_at_once(tmp_path, monkeypatch):
    backward = Trainer._backward

    def twice(self, *batch):
        if self.step == 6:
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
        return backward(self, *batch)

    monkeypatch.setattr(Trainer, "_backward", twice)
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt) as stopped:
        Trainer(SMALL, TEXT).train(tmp_path, quiet=True)
    assert stopped.type is KeyboardInterrupt and signal.getsignal(signal.SIGINT) is before
    assert Trainer.load(tmp_path, TEXT).step == 5  # the last look at the losses


# what the settings do


@pytest.mark.parametrize("dropout", [0.0, 0.2])
def test_the_toy_takes_the_steps_of_lab03(dropout):
    settings = config(dropout=dropout, learning_rate=1e-2)
    chars, stoi = bigram.build_vocabulary(TEXT)
    ids, _ = bigram.split_data(torch.tensor(bigram.encode(TEXT, stoi)))
    torch.manual_seed(settings.seed)
    model = toy.ToyLanguageModel(toy.ToyConfig(len(chars), 8, 12, 3, 2, dropout))
    optimizer = FlatAdamW(model, lr=1e-2, fused=True)
    batches = torch.Generator().manual_seed(settings.seed)
    expected = [
        bigram.train_step(model, optimizer, *bigram.get_batch(ids, 8, 2, batches))
        for _ in range(settings.steps)
    ]
    found = trained(settings)
    assert found.losses == expected
    start = torch.tensor([[stoi["\n"]]])
    drawn = model.eval().generate(start, 30, torch.Generator().manual_seed(settings.seed))
    assert found.sample(30) == bigram.decode(drawn[0, 1:].tolist(), chars)


def test_the_seed_decides():
    losses = [trained(config(seed=seed)).losses for seed in (1, 1, 2)]
    assert losses[0] == losses[1] != losses[2]


@pytest.mark.parametrize("model", train.MODELS)
def test_looking_at_the_losses_changes_nothing(model):
    runs = [trained(config(model=model, dropout=0.2, eval_interval=n)) for n in (1, 99)]
    assert runs[0].losses == runs[1].losses and runs[0].model.training


@pytest.mark.parametrize("model", train.MODELS)
def test_small_batches_give_the_gradient_of_a_large_one(model):
    settings = config(model=model, batch_size=6, clip=0.0)
    whole = Trainer(settings, TEXT)
    parts = Trainer(dataclasses.replace(settings, batch_size=2, accumulate=3), TEXT)
    assert parts.one_step() == pytest.approx(whole.one_step(), abs=1e-6)
    gradients = zip(parts.optimizer.wholes, whole.optimizer.wholes, strict=True)
    for found, expected in gradients:
        assert expected.grad.abs().max() > 1e-3
        torch.testing.assert_close(found.grad, expected.grad, rtol=0, atol=1e-6)


@pytest.mark.parametrize("model", ["toy", "gpt", "nano"])
def test_computing_blocks_twice_changes_no_loss(model, monkeypatch):
    plain = trained(config(model=model, dropout=0.2, accumulate=2))
    calls, layer_norm = [], F.layer_norm

    def counted(*arguments):
        calls.append(torch.is_grad_enabled())
        return layer_norm(*arguments)

    monkeypatch.setattr(F, "layer_norm", counted)
    settings = config(model=model, dropout=0.2, accumulate=2, recompute=True)
    other = Trainer(settings, TEXT)
    other.one_step()
    # Two blocks of two norms, twice; the last norm once; and all of it for each of two batches.
    assert len(calls) == 2 * (2 * 2 * 2 + 1)
    assert trained(settings).losses == plain.losses
    assert other.model.state_dict().keys() == plain.model.state_dict().keys()


def rates(**changed):
    """The learning rate of each step."""
    seen = []
    trainer = Trainer(config(learning_rate=0.01, warmup=3, **changed), TEXT)
    trainer.optimizer.register_step_pre_hook(
        lambda optimizer, *_: seen.append({group["lr"] for group in optimizer.param_groups})
    )
    trainer.train(quiet=True)
    return [one.pop() for one in seen if len(one) == 1]


def test_the_learning_rate_rises_and_falls():
    found = rates(schedule="cosine", decay="matrices", model="nano", decay_steps=6)
    assert found == [pretraining.learning_rate_at(n, 3, 6, 0.01, 0.001) for n in range(8)]
    assert max(found) == pytest.approx(0.01) and found[-1] == 0.001
    assert rates() == pytest.approx([0.0025, 0.005, 0.0075] + [0.01] * 5)


def test_matrices_decay_and_vectors_do_not():
    trainer = Trainer(config(model="gpt", decay="matrices", weight_decay=0.5), TEXT)
    sizes = {group["weight_decay"]: group["params"][0].numel()
             for group in trainer.optimizer.param_groups}  # fmt: skip
    every = list(trainer.model.parameters())
    assert sizes == {0.5: sum(p.numel() for p in every if p.dim() > 1),
                     0.0: sum(p.numel() for p in every if p.dim() < 2)}  # fmt: skip
    other = build(trainer.config, trainer.vocabulary.size)
    other.load_state_dict(trainer.model.state_dict())
    groups = pretraining.optimizer_groups(other, 0.5)
    plain = torch.optim.AdamW(groups, lr=trainer.config.learning_rate, betas=(0.9, 0.999))
    batches = torch.Generator().manual_seed(trainer.config.seed)
    expected = [
        pretraining.train_step(
            other, plain, *bigram.get_batch(trainer.splits["train"], 8, 2, batches)
        )
        for _ in range(8)
    ]
    trainer.train(quiet=True)
    assert trainer.losses == pytest.approx(expected, abs=1e-5)
    bare = Trainer(config(model="bigram", decay="matrices"), TEXT)  # has no vector
    assert len(bare.optimizer.param_groups) == 1


def test_clipping_shortens_all_gradients_together():
    trainers = [Trainer(config(model="nano", clip=clip, decay="matrices"), TEXT)
                for clip in (0.0, 0.01)]  # fmt: skip
    losses = [trainer.one_step() for trainer in trainers]
    whole, cut = (torch.cat([w.grad for w in t.optimizer.wholes]) for t in trainers)
    assert losses[0] == losses[1] and whole.norm() > 0.1
    torch.testing.assert_close(cut, whole * 0.01 / whole.norm(), rtol=1e-3, atol=1e-9)


@pytest.mark.parametrize(("model", "kind"), [("gpt", GPTModel), ("nano", GPT)])
@pytest.mark.parametrize("tokens", ["characters", "tiny"])
def test_any_model_learns_any_tokens_and_writes(model, kind, tokens):
    settings = config(model=model, tokens=tokens, steps=25, learning_rate=1e-2)
    trainer = trained(settings)
    assert isinstance(trainer.model, kind)
    (_, first, _), *_, (_, last, _) = trainer.history
    assert first == pytest.approx(math.log(trainer.vocabulary.size), abs=0.5) and last < first - 0.3
    ids = trainer.splits["train"].tolist()
    assert trainer.vocabulary.decode(ids) == TEXT[:2700]
    assert trainer.splits["train"].max() < trainer.vocabulary.size
    knobs = ({"temperature": 0}, {"top_k": 1}, {})
    written = [trainer.sample(30, **one) for one in knobs]
    assert written[0] == written[1] != written[2]
    assert tokens == "tiny" or len(written[0]) == 30
    assert trainer.model.training


def test_a_loss_that_is_no_number_ends_the_run_and_leaves_the_checkpoint(tmp_path):
    trainer = Trainer(config(model="nano", learning_rate=1e30), TEXT)
    with pytest.raises(TrainError, match=r"step \d: the loss is (nan|inf).*below 1e\+30"):
        trainer.train(tmp_path, quiet=True)
    assert Trainer.load(tmp_path, TEXT).step == 0


@pytest.mark.parametrize("name", train.PRESETS)
def test_presets_are_whole(name):
    made = train.preset(name)
    if not name.startswith("chat"):
        assert (made.batch_size, made.steps) == ((16, 500) if name == "toy" else (16, 5000))
    assert train.preset(name, batch_size=3).batch_size == 3
    assert made.n_embd % made.n_head == 0


def test_the_presets_have_the_sizes_that_they_are_known_by():
    assert train.preset("toy") == TrainConfig()
    with torch.device("meta"):
        sizes = {
            name: sum(p.numel() for p in build(train.preset(name), vocab).parameters())
            for name, vocab in (("toy", 65), ("small", 65), ("124M", 50257))
        }
    assert sizes["toy"] == 209_729 and sizes["124M"] == 124_439_808
    assert 10.6e6 < sizes["small"] < 10.8e6


# the command


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--temperature", "-1"), "temperature=-1.0: expected 0 (the likeliest token) or more"),
        (("--temperature", "nan"), "temperature=nan: expected 0 (the likeliest token) or more"),
        (("--top-k", "0"), "top_k=0: expected at least 1"),
        (("--top-p", "1.5"), "top_p=1.5: expected more than 0, and at most 1"),
        (("--sample", "-3"), "sample is -3: expected 0 for none, or more"),
    ],
)
def test_what_cannot_be_drawn_is_said_before_the_training(
    tmp_path, text_file, capsys, options, told
):
    assert run(text_file, "--steps", 6, "--out", tmp_path / "out", *options) == 2
    said = capsys.readouterr()
    assert told in said.err and not said.out and not (tmp_path / "out").exists()


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
    arguments = [
        "--resume",
        str(folder / "checkpoint.pt"),
        "--text",
        str(text_file),
        "--steps",
        "9",
    ]
    assert train.main([*arguments, "--sample", "0", "--device", "cpu"]) == 0
    told = json.loads((folder / "losses.json").read_text())
    assert [row[0] for row in told["history"]] == [0, 5, 6, 9] and len(told["losses"]) == 9


def test_the_command_takes_a_preset_and_changes_it(tmp_path, text_file, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    changed = ["--preset", "tiny", "--model", "gpt", "--tokens", "tiny", "--no-bias", "--recompute",
               "--schedule", "cosine", "--steps", 2, "--accumulate", 2, "--top-k", 1]  # fmt: skip
    assert run(text_file, *changed) == 0
    printed = capsys.readouterr().out
    assert "tokens of 512 different ones" in printed and "nats per token; runs/tiny/" in printed
    told = json.loads((tmp_path / "runs/tiny/losses.json").read_text())["config"]
    assert told["learning_rate"] == 3e-4 and told["recompute"] and not told["bias"]
    model, vocabulary = train.load_model(tmp_path / "runs/tiny")
    assert isinstance(model, GPTModel) and not model.training and vocabulary.size == 512


def test_the_help_lists_the_presets(capsys):
    with pytest.raises(SystemExit):
        train.main(["--help"])
    printed = capsys.readouterr().out
    for name in train.PRESETS:
        assert f"\n  {name} " in printed
    assert "nano, 6 layers, 6 heads, 384 wide" in printed and "torchrun" in printed


def test_ctrl_c_keeps_the_run(tmp_path, text_file, capsys, monkeypatch):
    stopping(monkeypatch, 3)
    assert run(text_file, "--steps", 6, "--out", tmp_path / "out") == 130
    assert "stopped at step 4; go on with --resume" in capsys.readouterr().out
    assert Trainer.load(tmp_path / "out", TEXT).step == 4


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--text", "none.txt"], "--text none.txt: No such file or directory. Expected a text"),
        (["--text", "latin.txt"], "byte 1 is not UTF-8"),
        (["--n-head", "5"], "n_embd=12 is not divisible by n_head=5"),
        (["--n-head", "5", "--model", "gpt"], "emb_dim=12 is not divisible by n_heads=5"),
        (["--steps", "0"], "steps is 0: expected at least 1. Give another --steps, or leave"),
        (["--accumulate", "0"], "accumulate is 0: expected at least 1"),
        (["--learning-rate", "0"], "learning_rate is 0.0: expected more than 0"),
        (["--learning-rate", "nan"], "learning_rate is nan: expected more than 0"),
        (["--clip", "-1"], "clip is -1.0: expected 0 or more"),
        (["--beta2", "1"], "beta2 is 1.0: expected from 0"),
        (["--min-learning-rate", "1"], "min_learning_rate is 1.0: expected from 0 to"),
        (["--schedule", "cosine", "--warmup", "900"], "warmup=900 is longer than the 500 steps"),
        (["--block-size", "400"], "the text's val split has 300 characters"),
        (["--model", "bigram", "--recompute"], "a bigram has none"),
        (["--precision", "float16"], "is for GPUs (CUDA)"),
        (["--device", "tpu"], "--device tpu: it is not here. Expected one of: cpu"),
        (["--device", "cpu:7"], "--device cpu:7: it is not here"),
        (["--threads", "0"], "threads is 0: expected at least 1. Give another --threads, or"),
        (["--resume", "none"], "no such file. Give the folder of a run"),
        (["--out", "text.txt"], "text.txt"),
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


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--preset", "nosuch"], "argument --preset: found 'nosuch', expected one of "),
        (["--steps", "many"], "argument --steps: found 'many', expected a whole number"),
        (["--learning_rate", "0,1"], "argument --learning-rate: found '0,1', expected a number"),
        (["--step", "5"], "unrecognized arguments: --step 5. Did you mean --steps?"),
        (["text.txt"], "unrecognized arguments: text.txt. An option begins with --"),
        (["--no_bais"], "Did you mean --no-bias?"),
        (["--text"], "argument --text: expected one argument"),
    ],
)
def test_a_mistyped_option_is_a_sentence(arguments, words, capsys):
    with pytest.raises(SystemExit) as stopped:
        train.main(arguments)
    said = capsys.readouterr().err
    assert stopped.value.code == 2 and words in said and said.startswith("gptlab.train: "), said
    assert said.endswith("\npython -m gptlab.train --help lists all options\n")
    assert "usage" not in said and said.count("\n") == 2


def test_an_option_may_be_written_with_either_line(capsys):
    given = train._parser().parse_args(["--batch_size=3", "--top_k", "2", "--no_bias", "--out=a_b"])
    assert (given.batch_size, given.top_k, given.bias, given.out) == (3, 2, False, "a_b")


def test_a_run_is_not_written_over_nor_changed(tmp_path, text_file, capsys):
    folder = tmp_path / "out"
    assert run(text_file, "--steps", 2, "--out", folder, "--sample", 0) == 0
    assert run(text_file, "--steps", 2, "--out", folder) == 2
    assert "holds a run already" in capsys.readouterr().err
    assert run(text_file, "--resume", folder, "--preset", "tiny") == 2
    assert "keeps the run's own batch_size, block_size" in capsys.readouterr().err
