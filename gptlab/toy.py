"""The toy GPT: a character-level transformer small enough for a laptop. The finished form of lab03.

The lab computes one head after the other; here one matrix makes the queries, keys and values of all
heads, and `scaled_dot_product_attention` does the rest. `fused` turns the weights of the lab's form
into weights of this one: same numbers in, same logits out.
After A. Karpathy's ng-video-lecture (``gpt.py``); the block is that of Radford et al. 2019, with
Vaswani et al. 2017, section 3.2.2, for its heads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = [
    "Block",
    "FeedForward",
    "MultiHeadAttention",
    "ToyConfig",
    "ToyLanguageModel",
    "fused",
]


@dataclass(frozen=True)
class ToyConfig:
    """The hyper-parameters of the model; the defaults are the lab's."""

    vocab_size: int
    block_size: int = 32  # the longest context, in characters
    n_embd: int = 64  # numbers for each character
    n_head: int = 4
    n_layer: int = 4
    dropout: float = 0.0

    def __post_init__(self) -> None:
        for name in ("vocab_size", "block_size", "n_embd", "n_head", "n_layer"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name}={getattr(self, name)}: expected at least 1")
        if self.n_embd % self.n_head:
            raise ValueError(
                f"n_embd={self.n_embd} is not divisible by n_head={self.n_head}: "
                "each head gets n_embd / n_head numbers. Did you swap layers and heads?"
            )
        if not 0 <= self.dropout < 1:
            raise ValueError(f"dropout={self.dropout}: expected a share from 0 up to, not with, 1")


class MultiHeadAttention(nn.Module):
    """Every position looks at itself and at those before it, in n_head ways at once."""

    def __init__(self, config: ToyConfig) -> None:
        super().__init__()
        self.n_head, self.dropout = config.n_head, config.dropout
        self.qkv = nn.Linear(config.n_embd, 3 * config.n_embd, bias=False)
        self.proj = nn.Linear(config.n_embd, config.n_embd)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, n_embd) -> (B, T, n_embd)"""
        B, T, C = x.shape
        parts = self.qkv(x).split(C, dim=2)  # each (B, T, C)
        # split, then view: one copy less in the backward pass than a permutation of all three
        q, k, v = (part.view(B, T, self.n_head, -1).transpose(1, 2) for part in parts)
        dropout = self.dropout if self.training else 0.0
        out = F.scaled_dot_product_attention(q, k, v, dropout_p=dropout, is_causal=True)
        out = self.proj(out.transpose(1, 2).reshape(B, T, C))  # the heads side by side again
        return F.dropout(out, self.dropout, self.training)


class FeedForward(nn.Module):
    """Each position alone: four times as wide, ReLU, and back."""

    def __init__(self, config: ToyConfig) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(config.n_embd, 4 * config.n_embd),
            nn.ReLU(),
            nn.Linear(4 * config.n_embd, config.n_embd),
            nn.Dropout(config.dropout),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, n_embd) -> (B, T, n_embd)"""
        return self.net(x)


class Block(nn.Module):
    """Communication, then computation, each added to what was there."""

    def __init__(self, config: ToyConfig) -> None:
        super().__init__()
        self.sa = MultiHeadAttention(config)
        self.ffwd = FeedForward(config)
        self.ln1 = nn.LayerNorm(config.n_embd)
        self.ln2 = nn.LayerNorm(config.n_embd)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, n_embd) -> (B, T, n_embd)"""
        x = x + self.sa(self.ln1(x))
        return x + self.ffwd(self.ln2(x))


class ToyLanguageModel(nn.Module):
    """A GPT over characters: embeddings, blocks, a last norm, and a score for each character."""

    def __init__(self, config: ToyConfig) -> None:
        super().__init__()
        self.config = config
        self.token_embedding_table = nn.Embedding(config.vocab_size, config.n_embd)
        self.position_embedding_table = nn.Embedding(config.block_size, config.n_embd)
        self.blocks = nn.Sequential(*[Block(config) for _ in range(config.n_layer)])
        self.ln_f = nn.LayerNorm(config.n_embd)
        self.lm_head = nn.Linear(config.n_embd, config.vocab_size)

    def forward(self, idx: Tensor, targets: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        """Logits and, with targets, the mean loss in nats per character.

        idx, targets: (B, T) int64, T at most block_size
        returns: (B, T, V) and None without targets; (B*T, V) and a scalar with them
        """
        T = idx.shape[1]
        if self.config.block_size < T:
            raise ValueError(
                f"{T} characters are more than block_size={self.config.block_size}: "
                "there is no position for the later ones. Cut the text, or make the model longer."
            )
        places = self.position_embedding_table.weight[:T]  # (T, C): rows 0 to T - 1
        x = self.token_embedding_table(idx) + places  # (B, T, C)
        logits = self.lm_head(self.ln_f(self.blocks(x)))  # (B, T, V)
        if targets is None:
            return logits, None
        logits = logits.flatten(0, 1)
        return logits, F.cross_entropy(logits, targets.flatten())

    @torch.no_grad()
    def generate(
        self, idx: Tensor, max_new_tokens: int, generator: torch.Generator | None = None
    ) -> Tensor:
        """``idx``, (B, T), continued to (B, T + max_new_tokens) at the model's odds."""
        for _ in range(max_new_tokens):
            logits, _ = self(idx[:, -self.config.block_size :])
            probs = F.softmax(logits[:, -1, :], dim=-1)  # (B, V)
            drawn = torch.multinomial(probs, num_samples=1, generator=generator)
            idx = torch.cat((idx, drawn), dim=1)
        return idx


def fused(state: Mapping[str, Tensor], n_head: int) -> dict[str, Tensor]:
    """The weights of the lab's form, with a module for each head, as weights of this form.

    state: has ``sa.heads.0.query.weight`` and its like; masks in it are left out
    """
    parts = {name: value for name, value in state.items() if not name.endswith(".tril")}
    made = {name: value for name, value in parts.items() if ".heads." not in name}
    for name in parts:
        before, found, _ = name.partition("heads.0.query.weight")
        if found:
            rows = [
                parts[f"{before}heads.{h}.{kind}.weight"]
                for kind in ("query", "key", "value")
                for h in range(n_head)
            ]
            made[f"{before}qkv.weight"] = torch.cat(rows)  # (3 * n_embd, n_embd)
    return made
