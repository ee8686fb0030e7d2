"""The bigram: a table that says, for each character, which one comes next. Counted, then trained.

The finished form of lab01, with the names of the lab. What the lab reads from globals (``stoi``,
``itos``, ``train_data``, ``block_size``) is an argument here. Losses are in nats per character.
After A. Karpathy's ng-video-lecture (``bigram.py``) and makemore.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def build_vocabulary(text: str) -> tuple[list[str], dict[str, int]]:
    """The distinct characters of ``text``, sorted, and the id (the place in that list) of each.

    >>> build_vocabulary("abba")
    (['a', 'b'], {'a': 0, 'b': 1})
    """
    chars = sorted(set(text))
    return chars, {character: i for i, character in enumerate(chars)}


def encode(s: str, stoi: Mapping[str, int]) -> list[int]:
    """The id of each character; KeyError names one that the vocabulary lacks."""
    return [stoi[character] for character in s]


def decode(ids: Sequence[int], itos: Sequence[str]) -> str:
    """The characters with these ids, as one string."""
    return "".join(itos[i] for i in ids)


def split_data(data: Tensor, fraction: float = 0.9) -> tuple[Tensor, Tensor]:
    """The first ``int(fraction * len(data))`` ids for training, the rest for validation."""
    n = int(fraction * len(data))
    return data[:n], data[n:]


def prediction_tasks(x: Tensor, y: Tensor) -> list[tuple[list[int], int]]:
    """The T tasks (context, target) of one window; x and y are (T,), y is x one later."""
    return [(x[: t + 1].tolist(), int(y[t])) for t in range(len(x))]


def get_batch(
    data: Tensor, block_size: int, batch_size: int, generator: torch.Generator | None = None
) -> tuple[Tensor, Tensor]:
    """``batch_size`` windows of ``data`` drawn at random, and the same windows one id later.

    data: (N,) int64, N > block_size; returns x, y, each (batch_size, block_size) int64
    """
    if len(data) <= block_size:
        raise ValueError(
            f"{len(data)} ids hold no window of {block_size} with its targets: "
            f"the text needs at least {block_size + 1} characters"
        )
    starts = torch.randint(len(data) - block_size, (batch_size, 1), generator=generator)
    windows = data[starts + torch.arange(block_size + 1)]  # with the last one's target
    return windows[:, :-1].contiguous(), windows[:, 1:].contiguous()  # so that `view` works


def count_pairs(ids: Tensor, vocab_size: int) -> Tensor:
    """How often each id follows each other one: (V, V) int64, the first of the pair in the row."""
    pairs = ids[:-1] * vocab_size + ids[1:]
    return torch.bincount(pairs, minlength=vocab_size**2).view(vocab_size, vocab_size)


def pair_probabilities(counts: Tensor) -> Tensor:
    """The chance of each id after each other one, one added to every count; rows sum to 1.

    counts: (V, V); returns (V, V) float32
    """
    smoothed = counts.float() + 1
    return smoothed / smoothed.sum(dim=1, keepdim=True)


def bigram_loss(probs: Tensor, ids: Tensor) -> float:
    """Mean -ln probs[a, b] over the pairs of neighbours in ``ids``, nats per character."""
    return -probs[ids[:-1], ids[1:]].log().mean().item()


class BigramLanguageModel(nn.Module):
    """A table of V x V logits: row a holds the scores of what comes after a."""

    def __init__(self, vocab_size: int) -> None:
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, vocab_size)

    def forward(self, idx: Tensor, targets: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        """Logits and, with targets, the mean loss in nats per character.

        idx, targets: (B, T) int64
        returns: (B, T, V) and None without targets; (B*T, V) and a scalar with them
        """
        logits = self.token_embedding_table(idx)
        if targets is None:
            return logits, None
        B, T, C = logits.shape
        logits = logits.reshape(B * T, C)
        return logits, F.cross_entropy(logits, targets.reshape(B * T))

    def generate(
        self, idx: Tensor, max_new_tokens: int, generator: torch.Generator | None = None
    ) -> Tensor:
        """``idx``, (B, T), continued to (B, T + max_new_tokens)."""
        return generate(self, idx, max_new_tokens, generator)


@torch.no_grad()
def generate(
    model: nn.Module, idx: Tensor, max_new_tokens: int, generator: torch.Generator | None = None
) -> Tensor:
    """``idx``, (B, T), continued by ``max_new_tokens`` ids, each drawn from the model's odds."""
    for _ in range(max_new_tokens):
        logits, _ = model(idx)
        probs = F.softmax(logits[:, -1, :], dim=-1)  # (B, V)
        drawn = torch.multinomial(probs, num_samples=1, generator=generator)
        idx = torch.cat((idx, drawn), dim=1)
    return idx


def train_step(model: nn.Module, optimizer: torch.optim.Optimizer, xb: Tensor, yb: Tensor) -> float:
    """One step of gradient descent on one batch; returns the loss from before it."""
    _, loss = model(xb, yb)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    return loss.item()


@torch.no_grad()
def estimate_loss(
    model: nn.Module, get_batch: Callable[[str], tuple[Tensor, Tensor]], eval_iters: int
) -> dict[str, float]:
    """The mean loss over ``eval_iters`` batches of "train" and of "val", in evaluation mode.

    get_batch: "train" or "val" -> (x, y). The model is left in training mode.
    """
    model.eval()
    means = {}
    for split in ("train", "val"):
        losses = [model(*get_batch(split))[1].item() for _ in range(eval_iters)]
        means[split] = sum(losses) / eval_iters
    model.train()
    return means


def chance_missed(n_windows: int, block_size: int, n_characters: int) -> float:
    """The chance that a character lies in none of ``n_windows`` windows drawn at random.

    It stands far from both ends of a text of ``n_characters``: then block_size of the
    n_characters - block_size windows hold it as an input.
    """
    return (1 - block_size / (n_characters - block_size)) ** n_windows


def run_bigram(text: str) -> tuple[float, float]:
    """Training and validation loss of a bigram counted on the first 90 % of ``text``."""
    chars, stoi = build_vocabulary(text)
    train, val = split_data(torch.tensor(encode(text, stoi)))
    probs = pair_probabilities(count_pairs(train, len(chars)))
    return bigram_loss(probs, train), bigram_loss(probs, val)
