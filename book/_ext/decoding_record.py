"""What the tiny GPT-2 writes in different ways, by number: measured once and kept.

    python book/_ext/decoding_record.py     writes book/_ext/decoding.json; a minute

Each way of choosing continues the same beginnings, taken from the part of Tiny Shakespeare that the
model has not seen. The play's own continuation is measured beside them.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch
from torch import Tensor
from training_record import tiny_model

from gptlab import data, measures, sample, tiny

RECORD = Path(__file__).with_name("decoding.json")
ROWS, PROMPT, NEW = 100, 16, 48  # beginnings, their tokens, tokens that are written
LONG, BEGINS = 240, "KING RICHARD:\nWhat is"  # two longer texts
WAYS: dict[str, dict[str, Any]] = {
    "greedy": {},
    "T = 0.5": {"temperature": 0.5},
    "T = 0.8": {"temperature": 0.8},
    "T = 1": {"temperature": 1.0},
    "T = 1.5": {"temperature": 1.5},
    "top k = 10": {"temperature": 1.0, "top_k": 10},
    "top k = 40": {"temperature": 1.0, "top_k": 40},
    "top p = 0.5": {"temperature": 1.0, "top_p": 0.5},
    "top p = 0.9": {"temperature": 1.0, "top_p": 0.9},
}


def measured(model: torch.nn.Module, idx: Tensor) -> dict[str, float]:
    """Means over all rows: log-probability of what was written, distinct n-grams."""
    written = [row[PROMPT:].tolist() for row in idx]
    found = {
        f"distinct {n}": sum(measures.distinct_n(row, n) for row in written) / len(written)
        for n in (1, 2, 3)
    }
    return {"log prob": float(measures.mean_log_prob(model, idx, PROMPT).mean()), **found}


def long(model: torch.nn.Module, prompt: str, **knobs: Any) -> dict[str, Any]:
    """A longer text: what it says, and how many of its 4-grams are different."""
    ids = torch.tensor([tiny.tokenizer().encode(prompt)])
    generator = torch.Generator().manual_seed(0)
    found = sample.generate(model, ids, LONG, 64, generator=generator, **knobs)[0].tolist()
    return {
        "text": tiny.tokenizer().decode(found),
        "distinct 4": measures.distinct_n(found[ids.shape[1] :], 4),
    }


def main() -> None:
    """Write it."""
    torch.set_num_threads(1)
    model = tiny_model().eval()
    text = data.tiny_shakespeare().text
    ids = torch.tensor(tiny.tokenizer().encode(text[int(0.9 * len(text)) :]))
    every = (len(ids) - 200) // ROWS
    rows = torch.stack([ids[i * every : i * every + PROMPT + NEW] for i in range(ROWS)])
    made = {"the play": measured(model, rows)}
    for name, knobs in WAYS.items():
        torch.manual_seed(0)
        generator = torch.Generator().manual_seed(0)
        found = sample.generate(model, rows[:, :PROMPT], NEW, 64, generator=generator, **knobs)
        made[name] = measured(model, found)
    record = {
        "ways": made,
        "greedy": long(model, BEGINS),
        "drawn": long(model, BEGINS, temperature=0.8),
        "rows": ROWS,
        "new": NEW,
        "torch": torch.__version__,
    }
    RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
