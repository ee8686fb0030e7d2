"""gptlab.train: a checkpoint that is not this run's own is refused with a sentence."""

import json
import shutil

import pytest
import torch
from train_sample import TEXT, config, one_thread, trained

from gptlab import checkpoint, data, pretraining, tiny, train
from gptlab.gpt import GPTModel
from gptlab.train import Trainer, TrainError

assert one_thread  # for every test here
SETTINGS = config(model="gpt", tokens="tiny", steps=2)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    trainer = Trainer(SETTINGS, TEXT)
    trainer.train(folder, quiet=True)
    return folder


@pytest.fixture
def folder(saved, tmp_path):
    """A copy to spoil; afterwards it must be as it was made."""
    shutil.copytree(saved, tmp_path / "run")
    return tmp_path / "run"


def refused(folder, words, text=TEXT):
    """It says so, by the command too, and touches nothing."""
    before = {path: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(TrainError, match=words):
        Trainer.load(folder, text)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def changed(folder, **entries):
    """The checkpoint with some entries replaced, None leaves one out."""
    path = folder / "checkpoint.pt"
    whole = checkpoint.read(path) | entries
    checkpoint.write(path, {name: value for name, value in whole.items() if value is not None})


def test_damage_is_refused(folder):
    path = folder / "checkpoint.pt"
    raw = path.read_bytes()
    path.write_bytes(raw[: len(raw) // 2])
    refused(folder, r"is no whole checkpoint: .*Copy it again, or begin anew")
    middle = bytearray(raw)
    middle[len(raw) // 2] ^= 1
    path.write_bytes(middle)
    refused(folder, "is not as it was written")


def test_files_of_other_programs_are_refused(folder):
    path = folder / "checkpoint.pt"
    model = GPTModel({"vocab_size": 5, "context_length": 4, "emb_dim": 6, "n_heads": 2,
                      "n_layers": 1, "drop_rate": 0.0, "qkv_bias": False})  # fmt: skip
    pretraining.save_checkpoint(path, model, torch.optim.AdamW(model.parameters()), {"epoch": 1})
    refused(folder, "not written by gptlab.train: it holds model, optimizer, random, progress. "
            "Expected a run's own")  # fmt: skip
    torch.save(model.state_dict(), path)
    refused(folder, "it holds tok_emb.weight, pos_emb.weight")
    torch.save([1, 2], path)
    refused(folder, "it holds a list")


def test_other_versions_and_settings_are_refused(folder):
    changed(folder, version=2)
    refused(folder, "is of version 2, and this gptlab reads version 1: bring gptlab up to date")
    changed(folder, version=1, config={"model": "gpt", "colour": "red"})
    refused(folder, "settings are not those of this gptlab, they differ in accumulate, .*colour")
    changed(folder, config=None)
    refused(folder, "lacks config: was it changed")


def test_another_text_is_refused(folder):
    refused(folder, r"another text: that one had 3,000 characters .* this one has 3,001 and .* "
            "Give --text with that one", TEXT + "!")  # fmt: skip


def test_another_vocabulary_is_refused(folder, monkeypatch):
    other = tiny.tokenizer()
    first, second, *_ = other.merges
    other.merges[first], other.merges[second] = other.merges[second], other.merges[first]
    other._set(other.merges, other.byte_ids)
    monkeypatch.setattr(tiny, "tokenizer", lambda: other)
    refused(folder, r"another vocabulary: expected one whose sha256 begins with .*, found .* "
            r"\(512 tokens\).*Put the old ones back")  # fmt: skip
    with pytest.raises(TrainError, match="another vocabulary"):
        train.load_model(folder)


def test_weights_that_do_not_fit_are_refused(folder):
    whole = checkpoint.read(folder / "checkpoint.pt")
    changed(folder, config=whole["config"] | {"n_embd": 15})
    refused(folder, "does not fit its own settings .*was it changed")
    changed(folder, config=whole["config"], history=7)
    refused(folder, "does not fit its own settings")


def test_gpt2_s_vocabulary_that_cannot_be_had_is_said(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("GPTLAB_CACHE", str(tmp_path))
    monkeypatch.delenv("GPTLAB_DATA", raising=False)
    (tmp_path / "text.txt").write_text(TEXT)
    out = tmp_path / "out"
    code = train.main(["--tokens", "gpt2", "--text", str(tmp_path / "text.txt"), "--out", str(out)])
    assert code == 2 and "could not be had" in capsys.readouterr().err and not out.exists()
    with pytest.raises(data.DataError):
        Trainer(config(tokens="gpt2"), TEXT)


def test_a_disk_that_is_full_is_said(tmp_path, monkeypatch, capsys):
    def full(*_):
        raise OSError(28, "No space left on device")

    (tmp_path / "text.txt").write_text(TEXT)
    monkeypatch.setattr(torch, "save", full)
    given = ["--text", str(tmp_path / "text.txt"), "--out", str(tmp_path / "out")]
    assert train.main([*given, "--eval-iters", "1", "--device", "cpu"]) == 2
    assert "could not be written (" in capsys.readouterr().err


@pytest.mark.parametrize("model", train.MODELS)
@pytest.mark.parametrize("tokens", ["characters", "tiny"])
def test_a_trained_model_is_read_without_its_text(tmp_path, model, tokens):
    trainer = Trainer(config(model=model, tokens=tokens, steps=2, dropout=0.1), TEXT)
    trainer.train(tmp_path, quiet=True)
    before = torch.get_rng_state()
    read, vocabulary = train.load_model(tmp_path)
    assert torch.equal(torch.get_rng_state(), before)
    assert vocabulary == trainer.vocabulary
    assert vocabulary.decode(vocabulary.encode(TEXT[:50])) == TEXT[:50]
    idx = torch.tensor([vocabulary.encode(TEXT[:50])[:8]])
    trainer.model.eval()
    found, expected = (m(idx) for m in (read, trainer.model))
    assert torch.equal(*(x[0] if isinstance(x, tuple) else x for x in (found, expected)))


def test_losses_json_is_what_was_seen(saved):
    told = json.loads((saved / "losses.json").read_text())
    again = trained(SETTINGS)
    assert told["losses"] == again.losses
    assert [tuple(row) for row in told["history"]] == again.history
