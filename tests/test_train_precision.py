"""gptlab.train in fewer bits: right where the hardware has them, refused where it has not."""

from contextlib import nullcontext

import pytest
import torch
from train_sample import TEXT, config, one_thread, stopped_at, trained

from gptlab.train import Trainer, TrainError
from gptlab.training import precision
from gptlab.training.precision import resolved

assert one_thread  # for every test here
CUDA, CPU, MPS = (torch.device(name) for name in ("cuda", "cpu", "mps"))


@pytest.fixture
def gpu(monkeypatch):
    """A GPU that says what a T4 (False) or an A100 (True) says of bfloat16."""

    def make(has_it):
        monkeypatch.setattr(torch.cuda, "device", lambda _: nullcontext())
        monkeypatch.setattr(torch.cuda, "get_device_name", lambda _: "Tesla T4")
        says = lambda including_emulation=True: including_emulation or has_it  # noqa: E731
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", says)

    return make


def test_auto_takes_what_the_hardware_has(gpu):
    gpu(True)
    assert resolved("auto", CUDA) == resolved("bfloat16", CUDA) == "bfloat16"
    gpu(False)
    assert resolved("auto", CUDA) == resolved("float16", CUDA) == "float16"
    assert resolved("auto", CPU) == resolved("auto", MPS) == "float32"
    assert resolved("float32", CUDA) == resolved("float32", MPS) == "float32"
    assert resolved("bfloat16", CPU) == "bfloat16"


@pytest.mark.parametrize(
    ("asked", "device", "words"),
    [("bfloat16", CUDA, "bfloat16: Tesla T4 does not compute in it.*Take --precision float16"),
     ("bfloat16", MPS, "device mps does not compute in it.*Take --precision float32, or auto"),
     ("float16", CPU, r"float16 is for GPUs \(CUDA\), and this is device cpu"),
     ("float16", MPS, "float16 is for GPUs")],
)  # fmt: skip
def test_what_the_hardware_lacks_is_said(asked, device, words, gpu):
    gpu(False)
    with pytest.raises(TrainError, match=words):
        resolved(asked, device)


@pytest.mark.parametrize("model", ["toy", "gpt", "nano"])
def test_bfloat16_gives_nearly_the_same_losses_and_goes_on(tmp_path, model, monkeypatch):
    full, half = (config(model=model, recompute=True, precision=p) for p in ("float32", "bfloat16"))
    expected, found = trained(full), trained(half)
    assert found.losses == pytest.approx(expected.losses, abs=0.02)
    assert found.losses != expected.losses
    assert {p.dtype for p in found.model.parameters()} == {torch.float32}
    stopped_at(monkeypatch, half, 3, tmp_path)
    second = Trainer.load(tmp_path, TEXT)
    second.train(quiet=True)
    assert second.losses == found.losses


@pytest.fixture
def float16_anywhere(monkeypatch):
    """The processor can do it too, slowly: enough for the arithmetic around it."""
    monkeypatch.setattr(precision, "resolved", lambda asked, device: asked)


def test_float16_scales_the_loss_and_goes_on(tmp_path, monkeypatch, float16_anywhere):
    settings = config(model="nano", precision="float16", accumulate=2, clip=0.5)
    expected = trained(config(model="nano", accumulate=2, clip=0.5)).losses
    found = trained(settings)
    assert found.losses == pytest.approx(expected, abs=0.02) and found.losses != expected
    assert found.precision.scaler.get_scale() == 65536
    stopped_at(monkeypatch, settings, 3, tmp_path)
    second = Trainer.load(tmp_path, TEXT)
    assert second.precision.scaler.state_dict()["_growth_tracker"] == 4
    second.train(quiet=True)
    assert second.losses == found.losses


def test_a_step_with_too_large_gradients_is_left_out(float16_anywhere):
    trainer = Trainer(config(model="nano", precision="float16"), TEXT)
    trainer.precision.scaler = torch.amp.GradScaler("cpu", init_scale=2.0**40)
    before = [whole.detach().clone() for whole in trainer.optimizer.wholes]
    trainer.one_step()
    assert all(map(torch.equal, trainer.optimizer.wholes, before))
    assert trainer.precision.scaler.get_scale() == 2.0**39


def test_a_run_goes_on_in_another_precision(tmp_path):
    settings = config(model="nano", precision="bfloat16", steps=4)
    Trainer(settings, TEXT).train(tmp_path, quiet=True)
    second = Trainer.load(tmp_path, TEXT, steps=8, precision="float32")
    assert second.precision.name == "float32"
    second.train(quiet=True)
    assert second.losses[:4] == trained(settings).losses and len(second.losses) == 8
