"""The end of a run on conversations: its scores, and a folder that gptlab.chat talks with."""

from __future__ import annotations

from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from gptlab.conversations import judging, making
from gptlab.training.config import TrainError

if TYPE_CHECKING:
    from gptlab.training.trainer import Trainer

__all__ = ["FOLDER", "figures", "finish", "text"]

FOLDER = "chat"  # inside the run's own


def text() -> str:
    """The dialogues as lines: what a run on conversations is trained on.

    TrainError where the model could not be written in the end.
    """
    if find_spec("safetensors") is None:
        raise TrainError(
            "a chat model is written as safetensors, and this Python has no such package: "
            "python -m pip install safetensors"
        )
    return making.written(making.made())


def finish(trainer: Trainer, folder: Path) -> str:
    """Judge the model, write it into the run's chat/, and say how good it is. Raises HubError."""
    from gptlab import hub  # late: gptlab.train works without safetensors

    source, tokenizer = trainer.source, trainer.vocabulary.tokenizer
    found = judging.judge(trainer.model, tokenizer, source.dialogues["held_out"])
    told = figures(trainer, folder) | found
    written = hub.save(folder / FOLDER, trainer.model, tokenizer, told)
    return f"{judging.table(found)}\n\n{written}: talk to it with python -m gptlab.chat -m {folder}"


def figures(trainer: Trainer, folder: Path) -> dict[str, Any]:
    """What the model card tells of a run, but for the scores; no preset where none is known."""
    model, source, (step, train, val) = trainer.model, trainer.source, trainer.history[-1]
    return {
        "name": folder.resolve().name,
        **({"preset": trainer.preset} if trainer.preset else {}),
        "seed": trainer.config.seed,
        "steps": step,
        "seconds": round(trainer.seconds, 2),
        "device": _called(trainer.device),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "parameters": model.get_num_params(non_embedding=False),
        "parameters_without_positions": model.get_num_params(),
        "data": {
            "generator": "gptlab.conversations",
            "train_dialogues": len(source.rows["train"]),
            "held_out_dialogues": len(source.rows["val"]),
            "tokens": sum(len(ids) for ids, _ in source.rows["train"]),
        },
        "recipe": asdict(trainer.config),
        "losses": {"train": train, "val": val},
    }


def _called(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
