"""The loop: a model, its optimizer, its text, and how far they have come."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from tqdm import tqdm

from gptlab import pretraining, sample, tips
from gptlab.optimizers import FlatAdamW
from gptlab.training import files, models
from gptlab.training.config import TrainConfig, TrainError
from gptlab.training.parallel import ALONE, Ranks, StopSignal
from gptlab.training.precision import Precision
from gptlab.training.sources import Conversations, Windows
from gptlab.training.vocabulary import vocabulary

__all__ = ["Stopped", "Trainer"]


class Stopped(KeyboardInterrupt):
    """Ctrl-C came, the step was done to its end, and the run is saved if it has a folder."""


class Trainer:
    """A run. With several processes each has one, and they do the same.

    `history`: (step, training loss, validation loss) at each look, nats per token;
    `losses`: of each step's own batches, before the step; `seconds`: of `train`, in all.
    `preset`: the name of the one that it began with, where it is known.
    text: with tokens "conversations" their lines, as `gptlab.conversations.making.written` gives
    """

    def __init__(
        self, config: TrainConfig, text: str, device: torch.device | str = "cpu",
        ranks: Ranks = ALONE,
    ) -> None:  # fmt: skip
        self.config, self.text, self.ranks = config, text, ranks
        self.device = torch.device(device)
        if config.batch_size % ranks.size:
            raise TrainError(
                f"batch_size={config.batch_size} does not divide among {ranks.size} processes: "
                f"take a multiple, such as --batch-size "
                f"{-(-config.batch_size // ranks.size) * ranks.size}"
            )
        self.precision = Precision(config.precision, self.device)
        self.vocabulary = vocabulary(config.tokens, text)
        source = Conversations if config.tokens == "conversations" else Windows
        self.source = source(config, text, self.vocabulary, self.device)
        torch.manual_seed(config.seed)
        self.model = models.build(config, self.vocabulary.size).to(self.device)
        self.optimizer = self._optimizer()
        if not ranks.first:  # the same weights, other numbers left out
            torch.manual_seed(config.seed + ranks.rank)
        self.batches = torch.Generator().manual_seed(config.seed)
        self.step, self.seconds = 0, 0.0
        self.preset: str | None = None
        self.history: list[tuple[int, float, float]] = []
        self.losses: list[float] = []
        self.stop = StopSignal()

    @property
    def chars(self) -> list[str]:
        """The vocabulary, where it is one of characters."""
        return list(self.vocabulary.chars)

    @property
    def splits(self) -> dict[str, Tensor]:
        """The ids of the first nine tenths of the text, and of the rest."""
        return self.source.splits

    def _optimizer(self) -> FlatAdamW:
        config = self.config
        options = {"lr": config.learning_rate, "betas": (0.9, config.beta2),
                   "fused": self.device.type in ("cpu", "cuda")}  # fmt: skip
        if config.decay == "matrices":
            groups = pretraining.optimizer_groups(self.model, config.weight_decay)
            return FlatAdamW(self.model, groups, **options)
        return FlatAdamW(self.model, weight_decay=config.weight_decay, **options)

    def train(self, folder: Path | None = None, quiet: bool = False) -> None:
        """Go on to `config.steps`. The run is saved into `folder` at each look at the losses.

        Errors: Stopped after Ctrl-C or SIGTERM; TrainError for a loss that is no number.
        """
        config = self.config
        bar = tqdm(total=config.steps, initial=self.step, unit=" steps",
                   disable=quiet or not self.ranks.first)  # fmt: skip
        began = time.perf_counter() - self.seconds
        with StopSignal(self.ranks.size > 1) as self.stop, bar:
            while True:
                if self.step % config.eval_interval == 0 or self.step >= config.steps:
                    self._look(bar, folder)
                if self.ranks.any(self.stop.asked):
                    if folder:
                        self.save(folder)
                    raise Stopped
                if self.step >= config.steps:
                    return
                self.losses.append(self.one_step())
                self.step += 1
                self.seconds = time.perf_counter() - began
                bar.update()

    def one_step(self) -> float:
        """Train on the next batches; their mean loss, from before the step."""
        self.optimizer.zero_grad()
        batches = self.source.step(self.batches, self.ranks)
        loss = self.ranks.mean(sum([self._backward(*batch) for batch in batches]))
        if not math.isfinite(loss):
            raise TrainError(
                f"step {self.step}: the loss is {loss}. The last checkpoint is from before; begin "
                f"anew with a --learning-rate below {self.config.learning_rate}, or with --clip 1; "
                f"{tips.see('Poor text')}"
            )
        self._update()
        return loss

    def _loss(self, xb: Tensor, yb: Tensor) -> Tensor:
        with self.precision.autocast():
            return models.loss_of(self.model, xb, yb)

    def _backward(self, xb: Tensor, yb: Tensor, weight: float) -> float:
        """Add a batch's part of the gradient; its part of the loss."""
        loss = self._loss(xb, yb)
        part = loss * weight if weight != 1 else loss
        self.precision.scaler.scale(part).backward()
        return loss.item() * weight

    def _update(self) -> None:
        """The step itself, with the gradient of all processes."""
        scaler, wholes = self.precision.scaler, self.optimizer.wholes
        self.ranks.average(whole.grad for whole in wholes)
        scaler.unscale_(self.optimizer)
        if self.config.clip:
            nn.utils.clip_grad_norm_(wholes, self.config.clip)
        for group in self.optimizer.param_groups:
            group["lr"] = self.learning_rate()
        scaler.step(self.optimizer)
        scaler.update()

    def learning_rate(self) -> float:
        """Of the step that comes next."""
        config = self.config
        cosine = config.schedule == "cosine"
        least = config.min_learning_rate if cosine else config.learning_rate
        return pretraining.learning_rate_at(
            self.step, config.warmup, config.decay_steps, config.learning_rate, least
        )

    def _look(self, bar: tqdm, folder: Path | None) -> None:
        if self.ranks.first and (not self.history or self.history[-1][0] != self.step):
            found = self.evaluate()
            if not self.stop.asked:  # else it was cut short, and is done when the run goes on
                self.history.append((self.step, found["train"], found["val"]))
        if self.history:
            bar.set_postfix_str("train {1:.3f}, val {2:.3f}".format(*self.history[-1]))
        if folder:
            self.save(folder)

    @torch.no_grad()
    def evaluate(self) -> dict[str, float]:
        """The mean loss of "train" and "val", each time over the same batches of each."""
        batches = torch.Generator().manual_seed(self.config.seed)
        means = {}
        self.model.eval()
        for split in ("train", "val"):
            total = weights = 0.0
            for xb, yb, weight in self.source.look(split, batches):
                total += self._loss(xb, yb).item() * weight
                weights += weight
                if self.stop.asked:
                    break
            means[split] = total / weights
        self.model.train()
        return means

    def sample(
        self, tokens: int, temperature: float = 1.0, top_k: int | None = None,
        top_p: float | None = None,
    ) -> str:  # fmt: skip
        """So many tokens of the model's own, after a new line or the first of the vocabulary."""
        newline = "\n" if not self.chars or "\n" in self.chars else self.chars[0]
        start = torch.tensor([self.vocabulary.encode(newline)], device=self.device)
        generator = torch.Generator(self.device).manual_seed(self.config.seed)
        self.model.eval()
        try:
            ids = sample.generate(
                self.model, start, tokens, self.config.block_size, temperature, top_k,
                top_p=top_p, generator=generator,
            )  # fmt: skip
        finally:
            self.model.train()
        return self.vocabulary.decode(ids[0, start.shape[1] :].tolist())

    def save(self, folder: Path) -> None:
        """Write the run into its folder. Raises CheckpointError."""
        files.save(self, folder)

    @classmethod
    def load(
        cls, folder: Path, text: str, device: torch.device | str = "cpu",
        steps: int | None = None, ranks: Ranks = ALONE,
        saved: tuple[TrainConfig, dict[str, Any]] | None = None, **changed: Any,
    ) -> Trainer:  # fmt: skip
        """A run as it was saved. Raises TrainError; nothing is changed then.

        steps: where it is to end now; saved: what `files.read` gave, where it was read already;
        changed: settings that change no number but by rounding
        """
        config, whole = saved or files.read(folder, device)
        files.same_text(whole, folder, text)
        changed |= {"steps": steps} if steps else {}
        made = cls(replace(config, **changed), text, device, ranks)
        files.restore(made, whole, folder)
        return made
