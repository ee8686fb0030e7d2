"""The loss ladder: what each part of the toy GPT brings, from no model at all to 5,000 steps.

Every model is measured on the whole validation split of Tiny Shakespeare, in windows of block_size.
The trained ones share the lab's settings, so that a rung differs from the one before by its part
alone. Takes some ten minutes; writes benchmarks/ladder.json, which the site draws and quotes.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table
from torch import Tensor, nn
from torch.nn import functional as F
from tqdm import tqdm

from autograder import machine
from gptlab import bigram, data
from gptlab.attention import Head
from gptlab.toy import Block, FeedForward, MultiHeadAttention, ToyConfig, ToyLanguageModel
from gptlab.train import TrainConfig

RESULT = Path(__file__).with_suffix(".json")
SEEDS = (1337, 1, 2)
SHORT, LONG = 500, 5000


class Around(nn.Module):
    """Token and position embeddings, a body, and a score for each character."""

    def __init__(self, config: ToyConfig, body: nn.Module) -> None:
        super().__init__()
        self.token_embedding_table = nn.Embedding(config.vocab_size, config.n_embd)
        self.position_embedding_table = nn.Embedding(config.block_size, config.n_embd)
        self.body = body
        self.lm_head = nn.Linear(config.n_embd, config.vocab_size)

    def forward(self, idx: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """idx, targets: (B, T); logits (B*T, V) and the mean loss."""
        places = torch.arange(idx.shape[1])
        x = self.token_embedding_table(idx) + self.position_embedding_table(places)
        logits = self.lm_head(self.body(x)).flatten(0, 1)
        return logits, F.cross_entropy(logits, targets.flatten())


def one_head(config: ToyConfig) -> nn.Module:
    return Around(config, Head(config.n_embd, config.n_embd, config.block_size))


def many_heads(config: ToyConfig) -> nn.Module:
    return Around(config, MultiHeadAttention(config))


def with_feed_forward(config: ToyConfig) -> nn.Module:
    return Around(config, nn.Sequential(MultiHeadAttention(config), FeedForward(config)))


def with_residuals_and_norms(config: ToyConfig) -> nn.Module:
    return Around(config, nn.Sequential(Block(config), nn.LayerNorm(config.n_embd)))


def trained_bigram(config: ToyConfig) -> nn.Module:
    return bigram.BigramLanguageModel(config.vocab_size)


# name -> how it is built, its steps, and its learning rate (a table of logits takes larger steps)
TRAINED: dict[str, tuple[Callable[[ToyConfig], nn.Module], int, float]] = {
    "trained bigram": (trained_bigram, LONG, 3e-2),
    "one head": (one_head, LONG, 1e-3),
    "many heads": (many_heads, LONG, 1e-3),
    "with feed-forward": (with_feed_forward, LONG, 1e-3),
    "with residuals and norms": (with_residuals_and_norms, LONG, 1e-3),
    "toy GPT, 500 steps": (ToyLanguageModel, SHORT, 1e-3),
    "toy GPT, 5,000 steps": (ToyLanguageModel, LONG, 1e-3),
}


@torch.no_grad()
def whole_loss(model: nn.Module, ids: Tensor, block_size: int) -> float:
    """The mean loss over all of ids, in windows side by side; nats per character."""
    model.eval()
    count = (len(ids) - 1) // block_size
    x = ids[: count * block_size].view(count, block_size)
    y = ids[1 : count * block_size + 1].view(count, block_size)
    parts = [model(a, b)[1].item() * len(a) for a, b in zip(x.split(512), y.split(512))]  # noqa: B905
    return sum(parts) / count


def train(name: str, vocab_size: int, splits: tuple[Tensor, Tensor], seed: int) -> dict:
    """One rung with one seed: its validation loss, CPU-seconds and parameters."""
    build, steps, learning_rate = TRAINED[name]
    recipe = TrainConfig()
    config = ToyConfig(vocab_size, recipe.block_size, recipe.n_embd, recipe.n_head, recipe.n_layer)
    torch.manual_seed(seed)
    model = build(config)
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate, fused=True)
    batches = torch.Generator().manual_seed(seed)
    started = time.process_time()
    for _ in tqdm(range(steps), desc=f"{name}, seed {seed}", leave=False, disable=None):
        xb, yb = bigram.get_batch(splits[0], recipe.block_size, recipe.batch_size, batches)
        bigram.train_step(model, optimizer, xb, yb)
    seconds = time.process_time() - started
    loss = whole_loss(model, splits[1], recipe.block_size)
    size = sum(p.numel() for p in model.parameters())
    return {"loss": loss, "seconds": seconds, "parameters": size}


def untrained(train_ids: Tensor, val_ids: Tensor, vocab_size: int) -> list[dict]:
    """The rungs that take no step: a blind guess, single characters, pairs."""
    shares = torch.bincount(train_ids, minlength=vocab_size).float() / len(train_ids)
    pairs = bigram.pair_probabilities(bigram.count_pairs(train_ids, vocab_size))
    losses = {
        "uniform": math.log(vocab_size),
        "unigram": -shares[val_ids].log().mean().item(),
        "counted bigram": bigram.bigram_loss(pairs, val_ids),
    }
    return [{"name": name, "loss": loss, "steps": 0} for name, loss in losses.items()]


def climb() -> dict:
    """All rungs, as they are kept."""
    torch.set_num_threads(1)
    corpus = data.tiny_shakespeare()
    chars, stoi = bigram.build_vocabulary(corpus.text)
    splits = bigram.split_data(torch.tensor(bigram.encode(corpus.text, stoi)))
    rungs = untrained(*splits, len(chars))
    for name, (_, steps, _) in TRAINED.items():
        runs = [train(name, len(chars), splits, seed) for seed in SEEDS]
        losses = [run["loss"] for run in runs]
        rungs.append({
            "name": name, "loss": losses[0], "steps": steps, "seed": SEEDS[0],
            "seconds": runs[0]["seconds"], "parameters": runs[0]["parameters"],
            "spread": max(losses) - min(losses),
        })  # fmt: skip
    found = {"text": corpus.name, "machine": machine.describe(), "seeds": list(SEEDS)}
    return found | {"rungs": rungs}


def main() -> None:
    """Run, keep, print."""
    found = climb()
    RESULT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    table = Table(title=f"{found['text']}, validation, nats per character")
    for head in ("rung", "loss", "spread", "steps", "CPU-s", "seed", "parameters"):
        table.add_column(head, justify="left" if head == "rung" else "right")
    for rung in found["rungs"]:
        row = [rung["name"], f"{rung['loss']:.3f}"]
        if rung["steps"]:
            row += [f"{rung['spread']:.3f}", f"{rung['steps']:,}", f"{rung['seconds']:.1f}",
                    str(rung["seed"]), f"{rung['parameters']:,}"]  # fmt: skip
        table.add_row(*row)
    Console(width=100).print(table)
    print(
        f"  spread: of the loss over the seeds {', '.join(map(str, SEEDS))}; {RESULT.name} written"
    )
