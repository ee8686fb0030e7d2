"""Any of the course's models by one name, one loss, and one way to keep less of it in memory."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from gptlab.bigram import BigramLanguageModel
from gptlab.gpt import GPTModel
from gptlab.nano import GPT, GPTConfig
from gptlab.toy import ToyConfig, ToyLanguageModel
from gptlab.training.config import TrainConfig, TrainError

__all__ = ["build", "loss_of"]


def build(config: TrainConfig, vocab_size: int) -> nn.Module:
    """The model, its weights drawn from torch's own generator."""
    model = _built(config, vocab_size)
    if config.recompute:
        _recompute(model)
    return model


def _built(config: TrainConfig, vocab_size: int) -> nn.Module:
    if config.model == "bigram":
        return BigramLanguageModel(vocab_size)
    if config.model == "toy":
        sizes = (config.block_size, config.n_embd, config.n_head, config.n_layer, config.dropout)
        return ToyLanguageModel(ToyConfig(vocab_size, *sizes))
    if config.model == "nano":
        sizes = (config.n_layer, config.n_head, config.n_embd, config.dropout, config.bias)
        return GPT(GPTConfig(config.block_size, vocab_size, *sizes))
    return GPTModel({
        "vocab_size": vocab_size, "context_length": config.block_size, "emb_dim": config.n_embd,
        "n_heads": config.n_head, "n_layers": config.n_layer, "drop_rate": config.dropout,
        "qkv_bias": False,
    })  # fmt: skip


def loss_of(model: nn.Module, xb: Tensor, yb: Tensor) -> Tensor:
    """The mean loss of a batch, (B, T) each: nats per token, a scalar with its graph."""
    if isinstance(model, GPTModel):
        return F.cross_entropy(model(xb).flatten(0, 1), yb.flatten())
    return model(xb, yb)[1]


def _blocks(model: nn.Module) -> list[nn.Module]:
    if isinstance(model, GPT):
        return list(model.transformer.h)
    if isinstance(model, GPTModel):
        return list(model.trf_blocks)
    return list(getattr(model, "blocks", ()))


def _recompute(model: nn.Module) -> None:
    """Let each block keep its input alone, and compute the rest again on the way back.

    Chen et al. 2016, Training Deep Nets with Sublinear Memory Cost. The numbers stay the same:
    dropout is drawn again from the same state.
    """
    if not (blocks := _blocks(model)):
        raise TrainError("--recompute works on blocks, and a bigram has none: leave it out")
    for block in blocks:
        block.forward = _twice(block.forward)


def _twice(once: Any) -> Any:
    def forward(*inputs: Any) -> Tensor:
        if torch.is_grad_enabled():
            return checkpoint(once, *inputs, use_reentrant=False)
        return once(*inputs)

    return forward
