"""Train a model on a text, character by character: a loss curve, checkpoints, and a sample.

python -m gptlab.train --model toy --text FILE
python -m gptlab.train --resume runs/toy --steps 5000

A run is a folder: checkpoint.pt, losses.json, losses.png, losses.pdf. It is saved at each look at
the losses and on Ctrl-C, and goes on from there to the very same losses. Without --text it trains
on Tiny Shakespeare. The recipe of A. Karpathy's ng-video-lecture (``gpt.py``).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

import torch
from torch import Tensor, nn
from tqdm import tqdm

from gptlab import bigram, checkpoint, data
from gptlab.fingerprint import best_device
from gptlab.optimizers import FlatAdamW
from gptlab.toy import ToyConfig, ToyLanguageModel

__all__ = ["MODELS", "TrainConfig", "TrainError", "Trainer", "main", "plot_losses", "read_text"]

MODELS = ("bigram", "toy")
CHECKPOINT = "checkpoint.pt"


class TrainError(ValueError):
    """What was asked for cannot be trained: what was found, what was expected, what to do."""


@dataclass(frozen=True)
class TrainConfig:
    """A run but for its text and its machine. The defaults are those of lab03."""

    model: str = "toy"
    steps: int = 500  # batches in all
    batch_size: int = 16  # windows in a batch
    block_size: int = 32  # characters in a window
    n_embd: int = 64  # numbers for each character
    n_head: int = 4
    n_layer: int = 4
    dropout: float = 0.0
    learning_rate: float = 1e-3
    eval_interval: int = 100  # steps between two looks at the losses
    eval_iters: int = 200  # batches of a look, of each split
    seed: int = 1337

    def __post_init__(self) -> None:
        if self.model not in MODELS:
            raise TrainError(f"model {self.model!r}: expected one of {', '.join(MODELS)}")
        for name in ("steps", "batch_size", "block_size", "eval_interval", "eval_iters"):
            if getattr(self, name) < 1:
                raise TrainError(f"{name} is {getattr(self, name)}: expected at least 1")
        if self.learning_rate <= 0:
            raise TrainError(f"learning_rate is {self.learning_rate}: expected more than 0")

    def build(self, vocab_size: int) -> nn.Module:
        """The model, its weights drawn from torch's own generator."""
        if self.model == "bigram":
            return bigram.BigramLanguageModel(vocab_size)
        sizes = (self.block_size, self.n_embd, self.n_head, self.n_layer, self.dropout)
        return ToyLanguageModel(ToyConfig(vocab_size, *sizes))


class Trainer:
    """A model, its optimizer, its text, and how far they have come.

    `history`: (step, training loss, validation loss) at each look, nats per character;
    `losses`: of each step's own batch, before the step.
    """

    def __init__(self, config: TrainConfig, text: str, device: torch.device | str = "cpu"):
        self.config, self.text, self.device = config, text, torch.device(device)
        self.chars, self.stoi = bigram.build_vocabulary(text)
        ids = torch.tensor(bigram.encode(text, self.stoi), device=self.device)
        self.splits = dict(zip(("train", "val"), bigram.split_data(ids), strict=True))
        for name, split in self.splits.items():
            if len(split) <= config.block_size:
                raise TrainError(
                    f"the text's {name} split has {len(split)} characters; a window of "
                    f"block_size={config.block_size} needs one more than that. "
                    "Take a longer text, or a smaller --block-size"
                )
        torch.manual_seed(config.seed)
        self.model = config.build(len(self.chars)).to(self.device)
        fused = self.device.type in ("cpu", "cuda")
        self.optimizer = FlatAdamW(self.model, lr=config.learning_rate, fused=fused)
        self.batches = torch.Generator().manual_seed(config.seed)
        self.step = 0
        self.history: list[tuple[int, float, float]] = []
        self.losses: list[float] = []

    def train(self, folder: Path | None = None, quiet: bool = False) -> None:
        """Go on to `config.steps`. The run is saved into `folder` at each look at the losses."""
        config = self.config
        with tqdm(total=config.steps, initial=self.step, unit=" steps", disable=quiet) as bar:
            while self.step < config.steps:
                if self.step % config.eval_interval == 0:
                    self._look(bar, folder)
                self.losses.append(self.one_step())
                self.step += 1
                bar.update()
            self._look(bar, folder)

    def one_step(self) -> float:
        """Train on the next batch; its loss, from before the step."""
        sizes = (self.config.block_size, self.config.batch_size)
        xb, yb = bigram.get_batch(self.splits["train"], *sizes, self.batches)
        return bigram.train_step(self.model, self.optimizer, xb, yb)

    def _look(self, bar: tqdm, folder: Path | None) -> None:
        if not self.history or self.history[-1][0] != self.step:
            found = self.evaluate()
            self.history.append((self.step, found["train"], found["val"]))
        bar.set_postfix_str("train {1:.3f}, val {2:.3f}".format(*self.history[-1]))
        if folder:
            self.save(folder)

    def evaluate(self) -> dict[str, float]:
        """The mean loss of "train" and "val", each time over the same batches of each."""
        batches = torch.Generator().manual_seed(self.config.seed)
        sizes = (self.config.block_size, self.config.batch_size)

        def draw(split: str) -> tuple[Tensor, Tensor]:
            return bigram.get_batch(self.splits[split], *sizes, batches)

        return bigram.estimate_loss(self.model, draw, self.config.eval_iters)

    def sample(self, characters: int) -> str:
        """So many characters of the model's own, after a new line or the first of `chars`."""
        start = torch.tensor([[self.stoi.get("\n", 0)]], device=self.device)
        generator = torch.Generator(self.device).manual_seed(self.config.seed)
        self.model.eval()
        with torch.no_grad():
            ids = self.model.generate(start, characters, generator)[0, 1:].tolist()
        self.model.train()
        return bigram.decode(ids, self.chars)

    def save(self, folder: Path) -> None:
        """Write the run into its folder: the checkpoint holds all that decides what comes next."""
        folder.mkdir(parents=True, exist_ok=True)
        whole = {
            "config": asdict(self.config),
            "text_sha256": _digest(self.text),
            "chars": "".join(self.chars),
            "step": self.step,
            "history": [list(row) for row in self.history],
            "losses": self.losses,
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "batches": self.batches.get_state(),
            "chance": checkpoint.chance(self.device),
        }
        checkpoint.write(folder / CHECKPOINT, whole)
        told = {"config": asdict(self.config), "history": self.history, "losses": self.losses}
        (folder / "losses.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, text: str, device: torch.device | str = "cpu",
             steps: int | None = None) -> Trainer:  # fmt: skip
        """A run as it was saved. steps: where it is to end now. Raises TrainError."""
        path = folder / CHECKPOINT
        if not path.is_file():
            raise TrainError(f"{path}: no such file. Give the folder of a run: --resume runs/toy")
        whole = checkpoint.read(path, device)
        if whole["text_sha256"] != _digest(text):
            raise TrainError(f"{folder} was trained on another text: give --text with that one")
        config = TrainConfig(**whole["config"])
        made = cls(replace(config, steps=steps) if steps else config, text, device)
        made.model.load_state_dict(whole["model"])
        made.optimizer.load_state_dict(whole["optimizer"])
        made.step, made.losses = whole["step"], whole["losses"]
        made.history = [tuple(row) for row in whole["history"]]
        made.batches.set_state(whole["batches"].cpu())
        checkpoint.set_chance(made.device, whole["chance"])
        return made


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def plot_losses(history: list[tuple[int, float, float]], folder: Path) -> None:
    """Both losses over the steps, as losses.png and losses.pdf."""
    from matplotlib.figure import Figure

    steps, train, val = zip(*history, strict=True)
    figure = Figure(figsize=(6, 3.6), layout="constrained")
    axes = figure.subplots()
    axes.plot(steps, train, label="training", marker=".")
    axes.plot(steps, val, label="validation", marker=".")
    axes.set(xlabel="step", ylabel="loss, nats per character")
    axes.legend()
    for kind in ("png", "pdf"):
        figure.savefig(folder / f"losses.{kind}", dpi=150)


def read_text(path: str | None) -> tuple[str, str]:
    """(what it is called, the text) of a file, of Tiny Shakespeare without one."""
    if path is None:
        corpus = data.tiny_shakespeare()
        return corpus.name, corpus.text
    try:
        return path, Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise TrainError(f"--text {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        found = f"byte {error.start} is not UTF-8. Save it as UTF-8"
        raise TrainError(f"--text {path}: {found}") from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m gptlab.train", description=__doc__.splitlines()[0]
    )
    for one in fields(TrainConfig):
        kind = {"str": str, "int": int, "float": float}[one.type]
        choices = MODELS if one.name == "model" else None
        parser.add_argument(f"--{one.name.replace('_', '-')}", type=kind, choices=choices,
                            help=f"default: {one.default}")  # fmt: skip
    parser.add_argument("--text", metavar="FILE", help="default: Tiny Shakespeare")
    parser.add_argument("--out", metavar="FOLDER", help="of the run; default: runs/MODEL")
    parser.add_argument("--resume", metavar="FOLDER", help="go on with that run; takes --steps")
    parser.add_argument("--device", help="cuda, mps or cpu; default: the best that is here")
    parser.add_argument("--threads", type=int, default=1, metavar="N",
                        help="default: 1, small tensors lose by more")  # fmt: skip
    parser.add_argument("--sample", type=int, default=500, metavar="N",
                        help="characters to write at the end; default: 500")  # fmt: skip
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Train, save, draw, and print a sample; exit code 2 for what cannot be."""
    args = _parser().parse_args(arguments)
    try:
        return _run(args)
    except ValueError as error:  # TrainError, and what a model says of its sizes
        print(f"gptlab.train: {error}", file=sys.stderr)
        return 2


def _run(args: argparse.Namespace) -> int:
    given = {one.name: getattr(args, one.name) for one in fields(TrainConfig)}
    given = {name: value for name, value in given.items() if value is not None}
    name, text = read_text(args.text)
    device = torch.device(args.device) if args.device else best_device()
    torch.set_num_threads(args.threads)
    if args.resume:
        if other := set(given) - {"steps"}:
            raise TrainError(f"--resume keeps the run's own {', '.join(sorted(other))}")
        folder = Path(args.resume)
        trainer = Trainer.load(folder, text, device, given.get("steps"))
    else:
        config = TrainConfig(**given)
        folder = Path(args.out or f"runs/{config.model}")
        if (folder / CHECKPOINT).exists():
            raise TrainError(f"{folder} holds a run already: --resume {folder}, or another --out")
        trainer = Trainer(config, text, device)
    size = sum(p.numel() for p in trainer.model.parameters())
    print(f"{trainer.config.model}: {size:,} parameters on {device}; {len(text):,} characters of "
          f"{name}, {len(trainer.chars)} different ones")  # fmt: skip
    try:
        trainer.train(folder)
    except KeyboardInterrupt:
        trainer.save(folder)
        print(f"\nstopped at step {trainer.step}; go on with --resume {folder}")
        return 130
    plot_losses(trainer.history, folder)
    step, train, val = trainer.history[-1]
    print(f"step {step}: training {train:.4f}, validation {val:.4f} nats per character; {folder}/")
    if args.sample:
        print(trainer.sample(args.sample))
    return 0


if __name__ == "__main__":
    sys.exit(main())
