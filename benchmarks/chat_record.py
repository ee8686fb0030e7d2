"""What benchmarks/chat.py measures, what memory a step takes, and what int8 costs: chat.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from benchmarks import chat, chat_printed, step_memory
from gptlab import data, decoder, int8, tiny
from gptlab.weights import from_folder

RESULT = Path(__file__).with_name("chat.json")
WINDOW = 64


@torch.no_grad()
def loss(model: nn.Module, windows: torch.Tensor) -> float:
    """Nats per token over (B, T + 1)."""
    scores = model(windows[:, :-1])
    return F.cross_entropy(scores.flatten(0, 1), windows[:, 1:].flatten()).item()


def losses() -> dict[str, Any]:
    """Of the tiny checkpoint on the last tenth of its play, before and after rounding to int8."""
    corpus, model = data.tiny_shakespeare(), decoder.from_tree(*from_folder(tiny.FOLDER))
    ids = torch.tensor(tiny.tokenizer().encode(corpus.text[-(len(corpus.text) // 10) :]))
    windows = ids[: len(ids) // (WINDOW + 1) * (WINDOW + 1)].view(-1, WINDOW + 1)
    return {"text": corpus.name, "float32": loss(model, windows),
            "int8": loss(int8.quantized(model), windows)}  # fmt: skip


def whole(found: dict[str, Any], steps: dict[str, Any]) -> dict[str, Any]:
    """The record: what was measured, and how it is printed."""
    printed = f"{chat_printed.whole(found)}\n\n{step_memory.printed(steps)}"
    blocks = {kind: chat_printed.block(found, kind, "chat") for kind in ("writing", "training")}
    return found | {"steps": steps, "losses": losses(), "printed": {"all": printed, **blocks}}


def main() -> None:
    """Measure, keep, print. Four minutes, on a machine that does nothing else."""
    made = whole(chat.measured(), step_memory.measured())
    RESULT.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    print(f"{made['printed']['all']}\n\n{RESULT.name} written")
