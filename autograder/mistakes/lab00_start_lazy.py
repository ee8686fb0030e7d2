"""Answers of lab00_start without thought: the input, zeros, a constant."""

from __future__ import annotations

from autograder import catalogue

# item -> the input, zeros, a constant: answers without thought.
_NO_THOUGHT = {
    "mean": ("return numbers", "return 0.0", "return 7 / 3"),
    "strides": (
        "stride_of_table = (0, 1, 2)\nstride_of_turned = stride_of_table",
        "stride_of_table = (0, 0)\nstride_of_turned = (0, 0)",
        "stride_of_table = (1, 1)\nstride_of_turned = (1, 1)",
    ),
    "memory_cell": ("return index", "return 0", "return 5"),
    "rows_of": (
        "return flat",
        "return torch.zeros(n_rows, len(flat) // n_rows, dtype=torch.long)",
        "return torch.arange(12).view(4, 3)",
    ),
    "swap_last": (
        "return x",
        "B, T, C = x.shape\nreturn torch.zeros(B, C, T, dtype=x.dtype)",
        "return torch.arange(24).view(2, 4, 3)",
    ),
    "time_first": (
        "return x",
        "B, T, C = x.shape\nreturn torch.zeros(T * B, C, dtype=x.dtype)",
        "return torch.arange(12).view(6, 2)",
    ),
    "split_heads": (
        "return x",
        "B, T, C = x.shape\nreturn torch.zeros(B, n_head, T, C // n_head, dtype=x.dtype)",
        "return torch.arange(12).view(1, 2, 3, 2)",
    ),
    "merge_heads": (
        "return x",
        "B, H, T, S = x.shape\nreturn torch.zeros(B, T, H * S, dtype=x.dtype)",
        "return torch.arange(12).view(1, 3, 4)",
    ),
    "add_positions": (
        "return tok",
        "return torch.zeros_like(tok)",
        "return torch.ones_like(tok)",
    ),
    "centre_rows": ("return x", "return torch.zeros_like(x)", "return torch.ones_like(x)"),
    "split_qkv": (
        "return x, x, x",
        "none = torch.zeros_like(x[..., : x.shape[-1] // 3])\nreturn none, none, none",
        "one = torch.ones(1, 1, 2, dtype=torch.long)\nreturn one, one, one",
    ),
    "side_by_side": (
        "return heads",
        "B, T, _ = heads[0].shape\nreturn torch.zeros(B, T, sum(h.shape[2] for h in heads), dtype=heads[0].dtype)",
        "return torch.tensor([[[1, 2, 3, 4], [5, 6, 7, 8]]])",
    ),
    "softmax": (
        "return x",
        "return torch.zeros_like(x)",
        "return torch.full(x.shape, 1 / x.shape[dim])",
    ),
    "cross_entropy": (
        "return logits",
        "return logits.sum() * 0",
        "return logits.sum() * 0 + math.log(logits.shape[1])",
    ),
    "causal_mask": (
        "return T",
        "return torch.zeros(T, T, dtype=torch.bool)",
        "return torch.eye(T, dtype=torch.bool)",
    ),
}

LAZY = catalogue.lazy(_NO_THOUGHT)
