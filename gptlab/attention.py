"""Causal self-attention: one head, the finished form of lab02, and many, that of lab06.

The labs write out the scores and their softmax; here `scaled_dot_product_attention` computes the
same without keeping the (T, T) table. `weights` gives that table where one wants to look at it.
Vaswani et al. 2017, sections 3.2.1 and 3.2.2; the names are those of A. Karpathy's
ng-video-lecture (`Head`) and of S. Raschka's Build a Large Language Model (`MultiHeadAttention`).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["Cache", "Head", "MultiHeadAttention"]


class Head(nn.Module):
    """Each position's own mix of the values at itself and before it.

    n_embd: how many numbers come in for each position; head_size: how many go out.
    block_size: the longest context; a longer input is a ValueError.
    """

    def __init__(self, n_embd: int, head_size: int, block_size: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.block_size, self.dropout = block_size, dropout
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, n_embd) -> (B, T, head_size)"""
        self._fits(x)
        dropout = self.dropout if self.training else 0.0
        q, k, v = self.query(x), self.key(x), self.value(x)  # each (B, T, head_size)
        return F.scaled_dot_product_attention(q, k, v, dropout_p=dropout, is_causal=True)

    @torch.no_grad()
    def weights(self, x: Tensor) -> Tensor:
        """How much position t takes from position s: (B, T, n_embd) -> (B, T, T), rows sum to 1."""
        self._fits(x)
        scores = torch.einsum("bth,bsh->bts", self.query(x), self.key(x))
        scores /= self.key.out_features**0.5
        future = torch.ones(scores.shape[-2:], dtype=torch.bool, device=x.device).triu(1)
        return scores.masked_fill_(future, -torch.inf).softmax(dim=2)

    def _fits(self, x: Tensor) -> None:
        if x.shape[1] > self.block_size:
            raise ValueError(f"{x.shape[1]} positions are more than block_size={self.block_size}")


class Cache:
    """The keys and values of the tokens so far, layer by layer, for up to `context` of them.

    The memory is taken once, at the first tokens; `length` tokens are in it.
    """

    def __init__(self, n_layers: int, context: int) -> None:
        self.length, self.context = 0, context
        self.kept: list[tuple[Tensor, Tensor] | None] = [None] * n_layers

    def extend(self, layer: int, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Put in those of the new tokens, (B, heads, T, size); gives all, (B, heads, S, size)."""
        end = self.length + k.shape[2]
        if end > self.context:
            raise ValueError(
                f"{end} tokens: the cache has room for {self.context}, the longest context. Begin "
                "with a new cache and the last tokens only"
            )
        if self.kept[layer] is None:
            B, heads, _, size = k.shape
            self.kept[layer] = (k.new_empty(B, heads, self.context, size),
                                v.new_empty(B, heads, self.context, size))  # fmt: skip
        for kept, new in zip(self.kept[layer], (k, v), strict=True):
            kept[:, :, self.length : end] = new
        keys, values = self.kept[layer]
        return keys[:, :, :end], values[:, :, :end]


class MultiHeadAttention(nn.Module):
    """Every position looks at itself and at those before it, in num_heads ways at once.

    d_in: numbers that come in for each position; d_out: that go out, d_out / num_heads a head.
    context_length: the longest input; dropout: of the weights of attention, while training.
    """

    def __init__(
        self, d_in: int, d_out: int, context_length: int, dropout: float, num_heads: int,
        qkv_bias: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        if d_out % num_heads:
            raise ValueError(
                f"d_out={d_out} is not divisible by num_heads={num_heads}: each head gets "
                "d_out / num_heads numbers. Did you swap layers and heads?"
            )
        self.context_length, self.dropout, self.num_heads = context_length, dropout, num_heads
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)

    def forward(self, x: Tensor, cache: Cache | None = None, layer: int = 0) -> Tensor:
        """(B, T, d_in) -> (B, T, d_out). With a cache, x follows the tokens that it holds."""
        B, T, _ = x.shape
        seen = T if cache is None else cache.length + T
        if seen > self.context_length:
            raise ValueError(
                f"{seen} positions are more than context_length={self.context_length}: cut the "
                "input to the last ones"
            )
        q, k, v = (
            made(x).view(B, T, self.num_heads, -1).transpose(1, 2)
            for made in (self.W_query, self.W_key, self.W_value)
        )  # each (B, num_heads, T, head_dim)
        if cache is not None:
            k, v = cache.extend(layer, k, v)  # (B, num_heads, S, head_dim)
        mask = None
        if 1 < T < seen:  # several tokens after others: the last T rows of the triangle
            mask = torch.ones(T, seen, dtype=torch.bool, device=x.device).tril(seen - T)
        out = F.scaled_dot_product_attention(
            q, k, v, attn_mask=mask, dropout_p=self.dropout if self.training else 0.0,
            is_causal=seen == T,
        )  # fmt: skip
        return self.out_proj(out.transpose(1, 2).reshape(B, T, -1))  # heads side by side again
