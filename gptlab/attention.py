"""One head of causal self-attention. The finished form of lab02.

The lab writes out the scores and their softmax; here `scaled_dot_product_attention` computes the
same without keeping the (T, T) table. `weights` gives that table where one wants to look at it.
Vaswani et al. 2017, section 3.2.1; the names are those of A. Karpathy's ng-video-lecture.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["Head"]


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
