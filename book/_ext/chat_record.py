"""What chapter 12 lets the committed model say: a conversation, its odds, and GPT-2's way with it.

    python book/_ext/chat_record.py       writes book/_ext/chat_talk.json; seconds
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

from gptlab import chat, conversations, hub, sample
from gptlab.sampling import sources

RECORD = Path(__file__).with_name("chat_talk.json")
SEED = 1337
ASKED = (
    "Hello!", "What is a token?", "What is 7 + 5?", "Who won the match yesterday?", "Thank you!",
)  # fmt: skip
QUESTION = "Hello! Who are you?"
ODDS, BEGUN = "What is 7 + 5?", "7 + 5 ="  # a question, and an answer that has come so far
TEMPERATURES = (0.8, 1.5, 3)
SHOWN = 5  # of the likeliest tokens


def main() -> None:
    """Write the record."""
    torch.set_num_threads(1)
    checkpoint = hub.load("small")
    found = {
        "talk": talked(checkpoint, ASKED),
        "question": QUESTION,
        "chat_says": talked(checkpoint, (QUESTION,))[-1]["content"],
        "tiny_says": continued(QUESTION),
        "next_token": {"question": ODDS, "begun": BEGUN, "temperatures": odds(checkpoint)},
        "seed": SEED,
        "model": model(),
        "machine": platform.machine(),
    }
    RECORD.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def model() -> str:
    """Which model it was: the sha256 of its weights. A test sees a record of an earlier one."""
    return hashlib.sha256((hub.MODEL / "model.safetensors").read_bytes()).hexdigest()


def talked(checkpoint: Any, asked: tuple[str, ...]) -> list[dict[str, str]]:
    """A conversation with these questions, at the defaults of gptlab.chat."""
    chance, messages = torch.Generator().manual_seed(SEED), []
    for question in asked:
        messages.append({"role": "user", "content": question})
        answer = "".join(chat.reply(checkpoint, messages, generator=chance))
        messages.append({"role": "assistant", "content": answer})
    return messages


def continued(text: str, tokens: int = 30) -> str:
    """What the tiny GPT-2, which has read plays and no conversations, writes after a text."""
    folder, _ = sources.find("tiny")
    ready = sources.gpt_of(sources.weights_of(folder))
    ids = torch.tensor([ready.encode(text)])
    chance = torch.Generator().manual_seed(SEED)
    made = sample.generate(ready.model, ids, tokens, ready.context, 0.8, 20, generator=chance)
    return ready.decode(made[0, ids.shape[1] :].tolist())


@torch.no_grad()
def odds(checkpoint: Any) -> dict[str, list[tuple[str, float]]]:
    """The likeliest tokens after the answer that was begun, each with its share, by temperature."""
    messages = [{"role": "user", "content": ODDS}]
    begun = checkpoint.tokenizer.encode_ordinary(BEGUN)
    ids = torch.tensor([conversations.prompt(messages, checkpoint.tokenizer) + begun])
    scores = checkpoint.model(ids)[0][0, -1].double()  # (V,)
    found = {}
    for temperature in TEMPERATURES:
        top = (scores / temperature).softmax(-1).topk(SHOWN)
        found[f"{temperature:g}"] = [
            (checkpoint.tokenizer.decode([token]), round(share, 5))
            for share, token in zip(top.values.tolist(), top.indices.tolist(), strict=True)
        ]
    return found


if __name__ == "__main__":
    main()
