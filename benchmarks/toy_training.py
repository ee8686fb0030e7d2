"""Training the toy GPT: the lecture's form (separate heads, stacked batches), and gptlab.train.

Both with the lab's hyper-parameters, on one thread, in turn. CPU-seconds a step, and the loss that
each comes to after as many steps, over several seeds: the difference must be noise.
"""

from __future__ import annotations

from statistics import mean, stdev

import torch

from benchmarks import toy_seed
from benchmarks.timing import in_turn, table
from gptlab import data
from gptlab.toy import ToyConfig
from gptlab.train import TrainConfig, Trainer

STEPS, TURNS = 500, 25  # a turn is STEPS / TURNS steps
SEEDS = (1337, 1, 2)


class Seed:
    """The lecture's training loop, on a trainer's text."""

    def __init__(self, ours: Trainer):
        config = ours.config
        torch.manual_seed(config.seed)
        self.sizes = (config.block_size, config.batch_size)
        self.train = ours.splits["train"]
        self.model = toy_seed.SeedLanguageModel(ToyConfig(len(ours.chars)))
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=config.learning_rate)

    def steps(self, count: int) -> None:
        for _ in range(count):
            xb, yb = toy_seed.get_batch(self.train, *self.sizes)
            _, loss = self.model(xb, yb)
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self.optimizer.step()


def ours_steps(trainer: Trainer, count: int) -> None:
    """As `train` does, without its looks at the losses."""
    for _ in range(count):
        trainer.losses.append(trainer.one_step())


def validation(trainer: Trainer, model: torch.nn.Module) -> float:
    """Of this model, over the trainer's batches."""
    own, trainer.model = trainer.model, model
    found = trainer.evaluate()["val"]
    trainer.model = own
    return found


def main() -> None:
    """Print the table."""
    torch.set_num_threads(1)
    corpus = data.tiny_shakespeare()
    losses: dict[str, list[float]] = {"lecture": [], "ours": []}
    seconds = []
    for seed in SEEDS:
        ours = Trainer(TrainConfig(seed=seed), corpus.text)
        theirs = Seed(ours)
        each = STEPS // TURNS
        seconds.append(in_turn({
            "the lecture's form": lambda: theirs.steps(each),  # noqa: B023
            "gptlab.train": lambda: ours_steps(ours, each),  # noqa: B023
        }, TURNS))  # fmt: skip
        losses["lecture"].append(validation(ours, theirs.model))
        losses["ours"].append(validation(ours, ours.model))
    size = sum(p.numel() for p in ours.model.parameters())
    print(f"  {size:,} parameters, {corpus.name}, one thread, a step (median of {TURNS} turns of "
          f"{each} steps, {len(SEEDS)} seeds)")  # fmt: skip
    table({name: mean(found[name] for found in seconds) / each for name in seconds[0]}, " CPU")
    for name, found in losses.items():
        print(f"  validation after {STEPS} steps, {name:8} {mean(found):.3f} "
              f"+- {stdev(found):.3f} nats per character")  # fmt: skip
