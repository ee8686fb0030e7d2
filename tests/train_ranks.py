"""What each of two processes does in tests/test_train_parallel.py; the first writes what it found.

torchrun --nproc_per_node=2 tests/train_ranks.py FOLDER
"""

import dataclasses
import json
import sys
from pathlib import Path

import torch
from train_sample import ALL, TEXT, config

from gptlab.train import MODELS, Trainer
from gptlab.training.parallel import ranks

# No dropout: each process would leave out numbers of its own.
SETTINGS = {model: config(model=model, **ALL | {"dropout": 0.0}) for model in MODELS}
DROPPING = config(model="nano", **ALL)


def losses(settings, own):
    trainer = Trainer(settings, TEXT, ranks=own)
    trainer.train(quiet=True)
    return trainer.losses


def main(folder):
    torch.set_num_threads(1)
    with ranks(torch.device("cpu")) as (own, device):
        found = {name: losses(settings, own) for name, settings in SETTINGS.items()}
        found["dropping"] = losses(DROPPING, own)
        first = Trainer(dataclasses.replace(DROPPING, steps=3), TEXT, device, own)
        first.train(folder, quiet=True)
        own.wait()  # until it is written
        torch.rand(9)
        second = Trainer.load(folder, TEXT, steps=8, ranks=own)
        second.train(quiet=True)
        found["gone on"] = second.losses
        masks = own.gather(torch.nn.functional.dropout(torch.ones(64)))
        found["masks are alike"] = bool((masks[0] == masks[1]).all())
    if own.first:
        (folder / "found.json").write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
