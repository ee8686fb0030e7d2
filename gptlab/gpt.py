"""GPT-2 as a PyTorch class: `GPTModel`, the finished form of labs 06 and 07.

Names of modules and settings are those of S. Raschka's Build a Large Language Model (chapter 4), so
that weights and code of both fit. Added: `scaled_dot_product_attention`, a cache of keys and
values, the last position's scores alone while decoding, and a head that may be the table of tokens.
Radford et al. 2019, section 2.3; GELU by tanh, as GPT-2 has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gptlab.attention import Cache, MultiHeadAttention

__all__ = [
    "GELU",
    "GPT_CONFIG_124M",
    "SIZES",
    "Cache",
    "FeedForward",
    "GPTModel",
    "LayerNorm",
    "MultiHeadAttention",
    "TransformerBlock",
    "generate_text_simple",
]

GPT_CONFIG_124M = {
    "vocab_size": 50257,
    "context_length": 1024,  # tokens; 256 is enough for teaching
    "emb_dim": 768,
    "n_heads": 12,
    "n_layers": 12,
    "drop_rate": 0.1,
    "qkv_bias": False,  # OpenAI's weights have one: True for these
}
# What the larger ones change: Radford et al. 2019, table 2, and the weights as published.
SIZES = {
    "124M": {"emb_dim": 768, "n_layers": 12, "n_heads": 12},
    "355M": {"emb_dim": 1024, "n_layers": 24, "n_heads": 16},
    "774M": {"emb_dim": 1280, "n_layers": 36, "n_heads": 20},
    "1558M": {"emb_dim": 1600, "n_layers": 48, "n_heads": 25},
}
OPTIONAL = {"tied": False}  # whether the head is the table of tokens


class LayerNorm(nn.Module):
    """Mean 0, variance 1 along the last axis, times `scale`, plus `shift`."""

    eps = 1e-5

    def __init__(self, emb_dim: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(emb_dim))
        self.shift = nn.Parameter(torch.zeros(emb_dim))

    def forward(self, x: Tensor) -> Tensor:
        """(…, emb_dim) -> (…, emb_dim)"""
        return F.layer_norm(x, self.scale.shape, self.scale, self.shift, self.eps)


class GELU(nn.Module):
    """x times the share of a normal distribution below it, by tanh: Hendrycks and Gimpel 2016."""

    def forward(self, x: Tensor) -> Tensor:
        """Any shape, number by number."""
        return F.gelu(x, approximate="tanh")


class FeedForward(nn.Module):
    """Each position alone: four times as wide, GELU, and back."""

    def __init__(self, cfg: Mapping[str, Any]) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(cfg["emb_dim"], 4 * cfg["emb_dim"]),
            GELU(),
            nn.Linear(4 * cfg["emb_dim"], cfg["emb_dim"]),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, emb_dim) -> (B, T, emb_dim)"""
        return self.layers(x)


class TransformerBlock(nn.Module):
    """Attention, then feed-forward, each of the norm, with dropout, and added to x."""

    def __init__(self, cfg: Mapping[str, Any]) -> None:
        super().__init__()
        self.att = MultiHeadAttention(
            cfg["emb_dim"], cfg["emb_dim"], cfg["context_length"], cfg["drop_rate"],
            cfg["n_heads"], cfg["qkv_bias"],
        )  # fmt: skip
        self.ff = FeedForward(cfg)
        self.norm1 = LayerNorm(cfg["emb_dim"])
        self.norm2 = LayerNorm(cfg["emb_dim"])
        self.drop_shortcut = nn.Dropout(cfg["drop_rate"])

    def forward(self, x: Tensor, cache: Cache | None = None, layer: int = 0) -> Tensor:
        """(B, T, emb_dim) -> (B, T, emb_dim)"""
        x = x + self.drop_shortcut(self.att(self.norm1(x), cache, layer))
        return x + self.drop_shortcut(self.ff(self.norm2(x)))


class GPTModel(nn.Module):
    """Tables of tokens and positions, blocks, a last norm, and a score for each token.

    cfg: as GPT_CONFIG_124M; `tied`: True makes the head the table of tokens (Press and Wolf 2017).
    """

    def __init__(self, cfg: Mapping[str, Any]) -> None:
        super().__init__()
        cfg = self.cfg = checked(cfg)
        self.tok_emb = nn.Embedding(cfg["vocab_size"], cfg["emb_dim"])
        self.pos_emb = nn.Embedding(cfg["context_length"], cfg["emb_dim"])
        self.drop_emb = nn.Dropout(cfg["drop_rate"])
        self.trf_blocks = nn.Sequential(*[TransformerBlock(cfg) for _ in range(cfg["n_layers"])])
        self.final_norm = LayerNorm(cfg["emb_dim"])
        self.out_head = nn.Linear(cfg["emb_dim"], cfg["vocab_size"], bias=False)
        if cfg["tied"]:
            nn.init.normal_(self.tok_emb.weight, std=0.02)  # as a head, its scores begin small
            self.out_head.weight = self.tok_emb.weight

    def new_cache(self) -> Cache:
        """An empty cache for one batch of texts."""
        return Cache(self.cfg["n_layers"], self.cfg["context_length"])

    def for_decoding(self) -> GPTModel:
        """Lay the weights out in memory as a step with one token reads them fastest; itself.

        No number changes, and neither does a shape: the longer side of each matrix comes to lie
        side by side. A step is bound by reading, and so a third quicker (benchmarks/decoding.py).
        """
        for module in self.modules():
            if isinstance(module, nn.Linear) and module.in_features <= module.out_features:
                module.weight.data = module.weight.data.t().contiguous().t()
        return self

    def forward(
        self, in_idx: Tensor, cache: Cache | None = None, last_only: bool = False
    ) -> Tensor:
        """Scores for what follows each token: (B, T, V), or (B, 1, V) with last_only.

        in_idx: (B, T) int64; with a cache, the tokens after those that it holds
        Errors: ValueError where there is no position for a token.
        """
        start = 0 if cache is None else cache.length
        end = start + in_idx.shape[1]
        if end > self.cfg["context_length"]:
            raise ValueError(
                f"{end} tokens are more than context_length={self.cfg['context_length']}: there "
                "is no position for the later ones. Cut the text: idx[:, -context_length:]"
                + (", and begin with a new cache" if start else "")
            )
        x = self.drop_emb(self.tok_emb(in_idx) + self.pos_emb.weight[start:end])  # (B, T, emb_dim)
        for layer, block in enumerate(self.trf_blocks):
            x = block(x, cache, layer)
        if cache is not None:
            cache.length = end
        return self.out_head(self.final_norm(x[:, -1:] if last_only else x))


def checked(cfg: Mapping[str, Any]) -> dict[str, Any]:
    """A whole configuration. ValueError names what is missing, unknown or impossible."""
    missing, unknown = set(GPT_CONFIG_124M) - set(cfg), set(cfg) - set(GPT_CONFIG_124M | OPTIONAL)
    if missing or unknown:
        found = [f"lacks {', '.join(sorted(missing))}"] if missing else []
        found += [f"has an unknown {', '.join(sorted(unknown))}"] if unknown else []
        raise ValueError(f"the configuration {' and '.join(found)}: see GPT_CONFIG_124M")
    for name in ("vocab_size", "context_length", "emb_dim", "n_heads", "n_layers"):
        if cfg[name] < 1:
            raise ValueError(f"{name}={cfg[name]}: expected at least 1")
    if cfg["emb_dim"] % cfg["n_heads"]:
        raise ValueError(
            f"emb_dim={cfg['emb_dim']} is not divisible by n_heads={cfg['n_heads']}: each head "
            "gets emb_dim / n_heads numbers. Did you swap layers and heads?"
        )
    if not 0 <= cfg["drop_rate"] < 1:
        raise ValueError(f"drop_rate={cfg['drop_rate']}: expected from 0 up to, not with, 1")
    return OPTIONAL | dict(cfg)


@torch.no_grad()
def generate_text_simple(
    model: GPTModel, idx: Tensor, max_new_tokens: int, context_size: int
) -> Tensor:
    """``idx``, (B, T), continued to (B, T + max_new_tokens) by the likeliest token each time.

    While all tokens fit into context_size, a step reads the new one only; from then on the window
    moves, every token in it changes its place, and each step reads all of them.
    """
    cache, new = model.new_cache(), idx[:, -context_size:]
    for _ in range(max_new_tokens):
        if cache is not None and cache.length + new.shape[1] > context_size:
            cache = None
        if cache is None:
            new = idx[:, -context_size:]
        scores = model(new, cache, last_only=True)[:, -1]  # (B, V)
        new = scores.argmax(dim=-1, keepdim=True)  # (B, 1)
        idx = torch.cat((idx, new), dim=1)
    return idx
