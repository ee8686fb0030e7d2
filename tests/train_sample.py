"""A text, small settings and a stop, for the tests of gptlab.train."""

import dataclasses
import signal

import pytest
import torch

from gptlab import play
from gptlab.train import Stopped, TrainConfig, Trainer

TEXT = play.write(3_000, seed=5)
SMALL = TrainConfig(steps=8, batch_size=2, block_size=8, n_embd=12, n_head=3, n_layer=2,
                    eval_interval=5, eval_iters=2)  # fmt: skip
# Everything at once that decides the numbers.
ALL = {"dropout": 0.3, "accumulate": 2, "schedule": "cosine", "warmup": 2, "clip": 0.5,
       "decay": "matrices", "weight_decay": 0.1, "beta2": 0.95}  # fmt: skip


@pytest.fixture(autouse=True)
def one_thread():
    """More cost small tensors more than they bring."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def config(**changed):
    """SMALL with some settings changed. (decay_steps and the like are worked out anew.)"""
    kept = {field.name: getattr(SMALL, field.name) for field in dataclasses.fields(SMALL)
            if field.name not in ("decay_steps", "min_learning_rate")}  # fmt: skip
    return TrainConfig(**kept | changed)


def trained(settings, **options):
    """A run to its end."""
    trainer = Trainer(settings, TEXT, **options)
    trainer.train(quiet=True)
    return trainer


def stopping(monkeypatch, step, number=signal.SIGINT):
    """Let Ctrl-C come in the middle of this step, once."""
    backward, left = Trainer._backward, [step]

    def interrupted(self, *batch):
        if left == [self.step]:
            left.clear()
            signal.raise_signal(number)
        return backward(self, *batch)

    monkeypatch.setattr(Trainer, "_backward", interrupted)


def stopped_at(monkeypatch, settings, step, folder, **options):
    """A run that Ctrl-C came to in this step, and where it was saved."""
    stopping(monkeypatch, step)
    trainer = Trainer(settings, TEXT, **options)
    try:
        trainer.train(folder, quiet=True)
    except Stopped:
        torch.rand(9)  # chance goes on meanwhile
        return trainer
    raise AssertionError("it was not stopped")
