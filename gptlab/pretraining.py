"""Pretraining a GPTModel on a text of tokens: what lab08 arrives at.

Names and signatures are those of S. Raschka's Build a Large Language Model (chapters 2 and 5,
appendix D), so that code of both fits.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset

from gptlab import checkpoint, sample, tokenizers

__all__ = [
    "GPTDatasetV1",
    "calc_loss_batch",
    "calc_loss_loader",
    "create_dataloader_v1",
    "evaluate_model",
    "learning_rate_at",
    "load_checkpoint",
    "make_loaders",
    "optimizer_groups",
    "perplexity",
    "plot_losses",
    "save_checkpoint",
    "text_to_token_ids",
    "token_ids_to_text",
    "train_model_simple",
    "train_step",
]
END = "<|endoftext|>"


def text_to_token_ids(text: str, tokenizer: Any) -> Tensor:
    """A batch of one text, (1, T) int64. `<|endoftext|>` in it is the one special token."""
    return torch.tensor([tokenizer.encode(text, allowed_special={END})])


def token_ids_to_text(token_ids: Tensor, tokenizer: Any) -> str:
    """The text of a batch of one: (1, T)."""
    return tokenizer.decode(token_ids[0].tolist())


class GPTDatasetV1(Dataset):
    """Windows of a text and the same windows one token later.

    Item i: two int64 tensors (max_length,), which begin at tokens i * stride and i * stride + 1.
    """

    def __init__(self, txt: str, tokenizer: Any, max_length: int, stride: int) -> None:
        ids = torch.tensor(tokenizer.encode(txt, allowed_special={END}))
        starts = range(0, len(ids) - max_length, stride)
        self.input_ids = [ids[start : start + max_length] for start in starts]
        self.target_ids = [ids[start + 1 : start + max_length + 1] for start in starts]

    def __len__(self) -> int:
        return len(self.input_ids)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        return self.input_ids[index], self.target_ids[index]


def create_dataloader_v1(
    txt: str, batch_size: int = 4, max_length: int = 256, stride: int = 128, shuffle: bool = True,
    drop_last: bool = True, num_workers: int = 0, tokenizer: Any = None,
) -> DataLoader:  # fmt: skip
    """Batches of a text's windows: pairs of (batch_size, max_length). tokenizer: GPT-2's own."""
    windows = GPTDatasetV1(txt, tokenizer or tokenizers.gpt2(), max_length, stride)
    return DataLoader(windows, batch_size, shuffle, drop_last=drop_last, num_workers=num_workers)


def make_loaders(
    txt: str, train_ratio: float = 0.9, batch_size: int = 4, max_length: int = 256,
    tokenizer: Any = None,
) -> tuple[DataLoader, DataLoader]:  # fmt: skip
    """Loaders of the first part of a text and of the rest, which share no character.

    Windows do not overlap. Training batches are shuffled and all full; of the rest all are kept.
    """
    at = int(train_ratio * len(txt))
    sizes = {"batch_size": batch_size, "max_length": max_length, "stride": max_length}
    train = create_dataloader_v1(txt[:at], **sizes, tokenizer=tokenizer)
    kept = {"shuffle": False, "drop_last": False}
    return train, create_dataloader_v1(txt[at:], **sizes, **kept, tokenizer=tokenizer)


def calc_loss_batch(
    input_batch: Tensor, target_batch: Tensor, model: nn.Module, device: torch.device | str
) -> Tensor:
    """Cross-entropy of a batch, nats per token, a scalar with its graph. Both: (B, T)."""
    logits = model(input_batch.to(device))  # (B, T, V)
    return F.cross_entropy(logits.flatten(0, 1), target_batch.to(device).flatten())


def calc_loss_loader(
    data_loader: DataLoader, model: nn.Module, device: torch.device | str,
    num_batches: int | None = None,
) -> float:  # fmt: skip
    """The mean over all tokens of the first num_batches batches (all, by default); nan of none."""
    total, tokens = 0.0, 0
    for number, (xb, yb) in enumerate(data_loader):
        if number == num_batches:
            break
        total += calc_loss_batch(xb, yb, model, device).item() * yb.numel()
        tokens += yb.numel()
    return total / tokens if tokens else math.nan


def perplexity(loss: float) -> float:
    """Among how many equally likely tokens one would have to choose to lose as much (nats)."""
    return math.exp(loss)


@torch.no_grad()
def evaluate_model(
    model: nn.Module, train_loader: DataLoader, val_loader: DataLoader,
    device: torch.device | str, eval_iter: int | None,
) -> tuple[float, float]:  # fmt: skip
    """Training and validation loss of eval_iter batches each, dropout off; the model trains on."""
    model.eval()
    found = tuple(
        calc_loss_loader(loader, model, device, eval_iter) for loader in (train_loader, val_loader)
    )
    model.train()
    return found


def optimizer_groups(model: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """What AdamW takes: matrices decay, vectors (biases, gains and shifts of norms) do not."""
    every = [p for p in model.parameters() if p.requires_grad]
    return [
        {"params": [p for p in every if p.dim() >= 2], "weight_decay": weight_decay},
        {"params": [p for p in every if p.dim() < 2], "weight_decay": 0.0},
    ]


def learning_rate_at(
    step: int, warmup_steps: int, total_steps: int, peak_lr: float, min_lr: float
) -> float:
    """Up in a straight line, then down half a cosine: nanoGPT's ``get_lr``.

    Steps count from 0. Before warmup_steps: peak_lr * (step + 1) / (warmup_steps + 1). From there a
    cosine goes from peak_lr to min_lr at total_steps, where it stays.
    """
    if step < warmup_steps:
        return peak_lr * (step + 1) / (warmup_steps + 1)
    if step >= total_steps:
        return min_lr
    share = (step - warmup_steps) / (total_steps - warmup_steps)
    return min_lr + (peak_lr - min_lr) * (1 + math.cos(math.pi * share)) / 2


def train_step(
    model: nn.Module, optimizer: torch.optim.Optimizer, xb: Tensor, yb: Tensor,
    max_norm: float | None = None,
) -> float:  # fmt: skip
    """One step on one batch, (B, T) each; the loss from before it, nats per token.

    max_norm: all gradients together are made no longer than this before the step.
    """
    optimizer.zero_grad()
    loss = calc_loss_batch(xb, yb, model, next(model.parameters()).device)
    loss.backward()
    if max_norm is not None:
        nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return loss.item()


def train_model_simple(
    model: nn.Module, train_loader: DataLoader, val_loader: DataLoader,
    optimizer: torch.optim.Optimizer, device: torch.device | str, num_epochs: int, eval_freq: int,
    eval_iter: int | None, start_context: str, tokenizer: Any, show: Callable[[str], None] = print,
) -> tuple[list[float], list[float], list[int]]:  # fmt: skip
    """Train for so many passes over the data; a sample of the model's text after each.

    eval_freq: steps from one look at both losses to the next, the first after step 0
    returns: training losses, validation losses, and how many tokens had been seen at each look
    """
    train_losses, val_losses, tokens_seen = [], [], []
    seen, step = 0, 0
    for epoch in range(num_epochs):
        model.train()
        for xb, yb in train_loader:
            train_step(model, optimizer, xb, yb)
            seen += xb.numel()
            if step % eval_freq == 0:
                found = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                train_losses.append(found[0])
                val_losses.append(found[1])
                tokens_seen.append(seen)
                show(f"epoch {epoch + 1}, step {step}: training {found[0]:.3f}, "
                     f"validation {found[1]:.3f}")  # fmt: skip
            step += 1
        show(written_after(model, tokenizer, device, start_context))
    return train_losses, val_losses, tokens_seen


def written_after(
    model: nn.Module, tokenizer: Any, device: torch.device | str, start: str, tokens: int = 50
) -> str:
    """The likeliest continuation of a text, on one line; the model trains on."""
    context_size = model.pos_emb.weight.shape[0]
    ids = text_to_token_ids(start, tokenizer).to(device)
    model.eval()
    found = sample.generate(model, ids, tokens, context_size)
    model.train()
    return token_ids_to_text(found, tokenizer).replace("\n", " ")


def plot_losses(
    epochs_seen: list[float], tokens_seen: list[int], train_losses: list[float],
    val_losses: list[float],
) -> None:  # fmt: skip
    """Both losses over the epochs, with the tokens seen above, here and as loss-plot.pdf."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(5, 3), layout="constrained")
    axes.plot(epochs_seen, train_losses, label="training")
    axes.plot(epochs_seen, val_losses, "--", label="validation")
    axes.set(xlabel="epochs", ylabel="loss, nats per token")
    axes.legend()
    above = axes.twiny()
    above.plot(tokens_seen, train_losses, alpha=0)  # unseen: it sets the scale
    above.set_xlabel("tokens seen")
    figure.savefig("loss-plot.pdf")


def save_checkpoint(
    path: Path | str, model: nn.Module, optimizer: torch.optim.Optimizer, progress: dict[str, Any]
) -> None:
    """All that decides what comes next: weights, optimizer, random state, and how far it is."""
    whole = {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "random": torch.get_rng_state(),
        "progress": progress,
    }
    checkpoint.write(Path(path), whole)


def load_checkpoint(
    path: Path | str, model: nn.Module, optimizer: torch.optim.Optimizer
) -> dict[str, Any]:
    """Put everything back as it was; the progress that was saved."""
    whole = checkpoint.read(Path(path))
    model.load_state_dict(whole["model"])
    optimizer.load_state_dict(whole["optimizer"])
    torch.set_rng_state(whole["random"])
    return whole["progress"]
