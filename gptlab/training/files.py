"""The folder of a run: its checkpoint, its losses as numbers and as a drawing."""

from __future__ import annotations

import json
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from gptlab import checkpoint, tips
from gptlab.memory import is_short
from gptlab.training import models
from gptlab.training.config import TrainConfig, TrainError
from gptlab.training.vocabulary import Vocabulary, digest, saved_vocabulary

if TYPE_CHECKING:
    from gptlab.training.trainer import Trainer

__all__ = ["CHECKPOINT", "load_model", "plot_losses", "read", "restore", "save"]

CHECKPOINT = "checkpoint.pt"
FORMAT, VERSION = "gptlab.train", 1
EXPECTED = (
    "config", "text_sha256", "text_length", "vocabulary_sha256", "chars", "step", "history",
    "losses", "model", "optimizer", "scaler", "batches", "chance",
)  # fmt: skip


def save(trainer: Trainer, folder: Path) -> None:
    """Write a run into its folder: the checkpoint holds all that decides what comes next.

    All processes call it, the first one writes: each has a chance of its own.
    """
    own = checkpoint.chance(trainer.device)
    every = [trainer.ranks.gather(state) for state in own.values()]
    if not trainer.ranks.first:
        return
    folder.mkdir(parents=True, exist_ok=True)
    whole = {
        "format": FORMAT,
        "version": VERSION,
        "config": asdict(trainer.config),
        "text_sha256": digest(trainer.text),
        "text_length": len(trainer.text),
        "vocabulary_sha256": trainer.vocabulary.sha256,
        "chars": trainer.vocabulary.saved,
        "step": trainer.step,
        "history": [list(row) for row in trainer.history],
        "losses": trainer.losses,
        "seconds": trainer.seconds,
        "preset": trainer.preset,
        "model": trainer.model.state_dict(),
        "optimizer": trainer.optimizer.state_dict(),
        "scaler": trainer.precision.scaler.state_dict(),
        "batches": trainer.batches.get_state(),
        "chance": [dict(zip(own, each, strict=True)) for each in zip(*every, strict=True)],
    }  # fmt: skip
    checkpoint.write(folder / CHECKPOINT, whole)
    told = {"config": whole["config"], "history": trainer.history, "losses": trainer.losses}
    checkpoint.write_text(folder / "losses.json", json.dumps(told, indent=1) + "\n")


def read(folder: Path, device: torch.device | str) -> tuple[TrainConfig, dict[str, Any]]:
    """The settings of a saved run, and all the rest. Raises TrainError; changes nothing."""
    path = folder / CHECKPOINT
    if not path.is_file():
        raise TrainError(f"{path}: no such file. Give the folder of a run: --resume runs/toy; "
                         f"{tips.see('Model not found')}")  # fmt: skip
    try:
        whole = checkpoint.read(path, device)
    except checkpoint.CheckpointError as error:
        raise TrainError(str(error)) from error
    if not isinstance(whole, dict) or whole.get("format") != FORMAT:
        held = (
            ", ".join(map(str, list(whole)[:6]))
            if isinstance(whole, dict)
            else f"a {type(whole).__name__}"
        )
        raise TrainError(
            f"{path} was not written by gptlab.train: it holds {held}. Expected a run's own "
            "checkpoint: give the folder of one"
        )
    if whole.get("version") != VERSION:
        raise TrainError(
            f"{path} is of version {whole.get('version')}, and this gptlab reads version "
            f"{VERSION}: bring gptlab up to date, or go on with the one that wrote it"
        )
    if missing := [name for name in EXPECTED if name not in whole]:
        raise TrainError(f"{path} lacks {', '.join(missing)}: was it changed? Begin anew")
    if unknown := set(whole["config"]) ^ {one.name for one in fields(TrainConfig)}:
        raise TrainError(
            f"{path}: its settings are not those of this gptlab, they differ in "
            f"{', '.join(sorted(unknown))}. Go on with the gptlab that wrote it"
        )
    return TrainConfig(**whole["config"]), whole


def same_text(whole: dict[str, Any], folder: Path, text: str) -> None:
    """TrainError where the text is not the one of the run."""
    if whole["text_sha256"] != digest(text):
        if whole["config"]["tokens"] == "conversations":
            raise TrainError(
                f"{folder} was trained on other dialogues than this gptlab makes: theirs had a "
                f"sha256 of {whole['text_sha256'][:8]}…, these have {digest(text)[:8]}…. Go on "
                "with the gptlab that wrote it, or begin anew"
            )
        raise TrainError(
            f"{folder} was trained on another text: that one had {whole['text_length']:,} "
            f"characters and a sha256 of {whole['text_sha256'][:8]}…, this one has {len(text):,} "
            f"and {digest(text)[:8]}…. Give --text with that one"
        )


def same_vocabulary(whole: dict[str, Any], folder: Path, found: Vocabulary) -> None:
    """TrainError where an id no longer means what it meant."""
    if whole["vocabulary_sha256"] != found.sha256:
        raise TrainError(
            f"{folder} was trained with another vocabulary: expected one whose sha256 begins with "
            f"{whole['vocabulary_sha256'][:8]}, found {found.sha256[:8]} ({found.size:,} "
            f"{found.unit}s). Were the files of its tokenizer changed? Put the old ones back"
        )


def restore(trainer: Trainer, whole: dict[str, Any], folder: Path) -> None:
    """Put a new trainer where the saved one was. Raises TrainError."""
    same_vocabulary(whole, folder, trainer.vocabulary)
    try:
        trainer.model.load_state_dict(whole["model"])
        trainer.optimizer.load_state_dict(whole["optimizer"])
        if whole["scaler"] and trainer.precision.scaler.is_enabled():
            trainer.precision.scaler.load_state_dict(whole["scaler"])
        trainer.step, trainer.losses = whole["step"], list(whole["losses"])
        trainer.seconds = whole.get("seconds", 0.0)  # both are younger than the version
        trainer.preset = whole.get("preset")
        trainer.history = [tuple(row) for row in whole["history"]]
        trainer.batches.set_state(whole["batches"].cpu())
        if trainer.ranks.rank < len(whole["chance"]):
            checkpoint.set_chance(trainer.device, whole["chance"][trainer.ranks.rank])
    except (KeyError, TypeError, RuntimeError, ValueError, AttributeError) as error:
        if is_short(error):
            raise
        raise TrainError(
            f"{folder / CHECKPOINT} does not fit its own settings "
            f"({str(error).strip().splitlines()[0]}): was it changed? Begin anew"
        ) from error


def load_model(folder: Path, device: torch.device | str = "cpu") -> tuple[nn.Module, Vocabulary]:
    """A trained model in evaluation mode, and its vocabulary; its text is not needed.

    Errors: TrainError; DataError where GPT-2's vocabulary cannot be had.
    """
    config, whole = read(folder, device)
    found = saved_vocabulary(config.tokens, whole["chars"])
    same_vocabulary(whole, folder, found)
    state = torch.get_rng_state()
    model = models.build(replace(config, recompute=False), found.size).to(device)
    torch.set_rng_state(state)  # the caller's chance is not ours
    model.load_state_dict(whole["model"])
    return model.eval(), found


def plot_losses(
    history: list[tuple[int, float, float]], folder: Path, unit: str = "character"
) -> None:
    """Both losses over the steps, as losses.png and losses.pdf."""
    from matplotlib.figure import Figure

    steps, train, val = zip(*history, strict=True)
    figure = Figure(figsize=(6, 3.6), layout="constrained")
    axes = figure.subplots()
    axes.plot(steps, train, label="training", marker=".")
    axes.plot(steps, val, label="validation", marker=".")
    axes.set(xlabel="step", ylabel=f"loss, nats per {unit}")
    axes.legend()
    for kind in ("png", "pdf"):
        figure.savefig(folder / f"losses.{kind}", dpi=150)
