"""How good a chat model is: its likeliest answers to held-out questions, by kind.

Each held-out dialogue is asked with its true history; only its last answer is judged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import torch

from gptlab import sample
from gptlab.chatting.decoding import for_decoding
from gptlab.conversations.making import Dialogue
from gptlab.conversations.roles import END, Message
from gptlab.conversations.scoring import score
from gptlab.conversations.template import fit, prompt, room
from gptlab.nano import GPT
from gptlab.tokenizers import RegexTokenizer

__all__ = ["answers", "judge", "table"]

LONGEST = 100  # tokens of an answer
TOGETHER = 64  # questions that are answered at once
EXAMPLES = 4  # right ones, and as many wrong ones


def answers(
    model: GPT, tokenizer: RegexTokenizer, histories: Sequence[Sequence[Message]]
) -> list[str]:
    """The likeliest answer to each history, which ends with a question of the user.

    Prompts of one length are answered at once: none has to be filled up.
    """
    own, end = for_decoding(model), tokenizer.special_tokens[END]
    block_size = model.config.block_size
    most = room(block_size, LONGEST)
    prompts = [prompt(fit(one, tokenizer, most), tokenizer)[-block_size + 1 :] for one in histories]
    by_length: dict[int, list[int]] = defaultdict(list)
    for place, ids in enumerate(prompts):
        by_length[len(ids)].append(place)
    found = [""] * len(prompts)
    for length, places in sorted(by_length.items()):
        most = min(LONGEST, block_size - length)
        for start in range(0, len(places), TOGETHER):
            some = places[start : start + TOGETHER]
            idx = torch.tensor([prompts[one] for one in some], device=model.lm_head.weight.device)
            written = sample.generate(own, idx, most, block_size, eos_id=end)
            for place, ids in zip(some, written[:, length:].tolist(), strict=True):
                found[place] = tokenizer.decode(ids[: ids.index(end)] if end in ids else ids)
    return found


def judge(model: GPT, tokenizer: RegexTokenizer, dialogues: Sequence[Dialogue]) -> dict[str, Any]:
    """{"scores": {"all" and each kind: {"exact", "partial", "count"}}, "examples": {...}}.

    exact, partial: means from 0 to 1, rounded to four places. examples: some "right" and "wrong"
    answers, each of another kind as far as there are such: {"question", "answer", "wanted"}.
    """
    said = answers(model, tokenizer, [one["messages"][:-1] for one in dialogues])
    marks: dict[str, list[tuple[float, float]]] = {"all": []}
    shown: dict[str, dict[str, dict[str, str]]] = {"right": {}, "wrong": {}}
    for dialogue, answer in zip(dialogues, said, strict=True):
        kind, (*_, asked, wanted) = dialogue["kind"], dialogue["messages"]
        mark = score(answer, wanted["content"])
        for name in ("all", kind):
            marks.setdefault(name, []).append(mark)
        told = {"question": asked["content"], "answer": answer, "wanted": wanted["content"]}
        shown["right" if mark[0] else "wrong"].setdefault(kind, told)
    means = {
        name: {"exact": _mean(exact for exact, _ in row), "partial": _mean(part for _, part in row),
               "count": len(row)}
        for name, row in marks.items()
    }  # fmt: skip
    some = {side: list(by_kind.values())[:EXAMPLES] for side, by_kind in shown.items()}
    return {"scores": means, "examples": some}


def _mean(values: Any) -> float:
    row = list(values)
    return round(sum(row) / len(row), 4)


def table(found: dict[str, Any]) -> str:
    """Both scores of each kind in percent, and the examples."""
    scores = found["scores"]
    lines = [f"{'held out':<12} {'exact':>7} {'partial':>8} {'questions':>10}"]
    for name in [*(one for one in scores if one != "all"), "all"]:
        row = scores[name]
        lines.append(f"{name:<12} {row['exact']:>7.1%} {row['partial']:>8.1%} {row['count']:>10}")
    for side, row in found["examples"].items():
        for one in row:
            lines += ["", f"{side}: {one['question']}", f"  -> {one['answer']}"]
            lines += [f"  expected: {one['wanted']}"] * (side == "wrong")
    return "\n".join(lines)
