"""What benchmarks/chat.py measures, what memory a step takes, and what int8 costs: chat.json.

`python -c "from benchmarks import chat_record; chat_record.print_again()"` writes the texts of the
record anew, from its own numbers: for a change of what is printed.
"""

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
    made = found | {"steps": steps, "losses": losses()}
    return made | {"printed": printed(made)}


def printed(made: dict[str, Any]) -> dict[str, str]:
    """The texts of a record, from its numbers; "theirs": what pico-gpt's README prints."""
    return {
        "all": f"{chat_printed.whole(made)}\n\n{step_memory.printed(made['steps'])}",
        **{kind: chat_printed.block(made, kind, "chat") for kind in chat_printed.KINDS},
        "theirs": chat_printed.theirs(made),
    }


def print_again() -> None:
    """Write the record with today's texts and quotations; nothing is measured."""
    made = json.loads(RESULT.read_text(encoding="utf-8")) | {"stated": chat.STATED}
    _keep(made | {"printed": printed(made)})


def main() -> None:
    """Measure, keep, print. Four minutes, on a machine that does nothing else."""
    _keep(whole(chat.measured(), step_memory.measured()))


def _keep(made: dict[str, Any]) -> None:
    RESULT.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    print(f"{made['printed']['all']}\n\n{RESULT.name} written")
