"""What the options of gptlab.train that save memory save, and what they cost: for the page of tips.

A training step of the chat model's blocks on one core: the most bytes that it holds at once beyond
what is there between two steps (weights, gradients, AdamW's means), as torch's own allocator counts
them, and its CPU-seconds, options in turn.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.profiler import ProfilerActivity, profile

from benchmarks.timing import in_turn
from gptlab import data
from gptlab.train import TrainConfig, Trainer

BLOCKS = {"model": "nano", "tokens": "tiny", "n_layer": 8, "n_head": 8, "n_embd": 512,
          "block_size": 256, "batch_size": 4}  # fmt: skip
OPTIONS: dict[str, dict[str, Any]] = {  # as they are typed: what they set
    "": {},
    "--batch-size 1 --accumulate 4": {"batch_size": 1, "accumulate": 4},
    "--recompute": {"recompute": True},
    "--precision bfloat16": {"precision": "bfloat16"},
    "--block-size 128": {"block_size": 128},
}
LETTERS, ROUNDS = 20_000, 3


def most_at_once(trainer: Trainer) -> int:
    """Bytes that one step holds at once, beyond those that it found."""
    trainer.one_step()  # AdamW's means are made in the first one
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as told:
        trainer.one_step()
    now = most = 0
    events = [e for e in told.profiler.kineto_results.events() if e.name() == "[memory]"]
    for event in sorted(events, key=lambda one: one.start_ns()):
        now += event.nbytes()  # below 0 where it is given back
        most = max(most, now)
    return most


def measured(
    blocks: dict[str, Any] = BLOCKS, options: dict[str, dict[str, Any]] = OPTIONS,
    rounds: int = ROUNDS,
) -> dict[str, Any]:
    """Megabytes and CPU-seconds of a step with each of the options."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        text = data.tiny_shakespeare().text[:LETTERS]
        trainers = {name: Trainer(TrainConfig(**blocks | change), text)
                    for name, change in options.items()}  # fmt: skip
        held = {name: most_at_once(trainer) for name, trainer in trainers.items()}
        spent = in_turn({name: one.one_step for name, one in trainers.items()}, rounds)
        first = next(iter(trainers.values()))
        return {
            "parameters": sum(p.numel() for p in first.model.parameters()),
            "batch": [first.config.batch_size, first.config.block_size],
            "options": {name: {"MB": held[name] / 1e6, "seconds": spent[name]}
                        for name in options},
        }  # fmt: skip
    finally:
        torch.set_num_threads(before)


def printed(found: dict[str, Any]) -> str:
    """A table, each against a step without options."""
    plain = found["options"][""]
    lines = ["A step with {} windows of {} tokens, one core".format(*found["batch"]),
             f"  {'':<32} {'MB at once':>11} {'share':>7} {'seconds':>9} {'x':>6}"]  # fmt: skip
    for name, one in found["options"].items():
        share, times = one["MB"] / plain["MB"], one["seconds"] / plain["seconds"]
        lines.append(f"  {name or 'no option':<32} {one['MB']:11.0f} {share:7.2f} "
                     f"{one['seconds']:9.2f} {times:6.2f}")  # fmt: skip
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    print(printed(measured()))
