"""GPT-2 for decoding on a processor, its linear layers in whole numbers from -127 to 127.

A step with one token reads every weight once and does next to nothing with it, so what takes the
time is reading. A number of eight bits is a quarter of a float32, and the model of the chat lab
then fits into a processor's cache. Each row of a matrix, the weights of one number that comes out,
is divided by a scale of its own, so that its largest is 127, and rounded:

    weight  ~  scale[:, None] * whole          (n_out, n_in) = (n_out, 1) * (n_out, n_in) int8

The scales are the vector-wise absmax ones of Dettmers et al. 2022, LLM.int8(), section 2.1, for the
weights alone: what comes in is bfloat16, and the sums are float32. Norms, attention, what is added
from block to block, and the tables of tokens and positions stay float32.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gptlab import decoder
from gptlab.gpt import GPTModel
from gptlab.nano import GPT

__all__ = ["Int8Linear", "bytes_of", "quantized", "rounded"]

LARGEST = 127
STRIDE = 32  # torch's kernel reads so many numbers of a row at once, and knows no rest


def rounded(weight: Tensor) -> tuple[Tensor, Tensor]:
    """A matrix (n_out, n_in) as whole numbers, int8, and a scale for each row: (n_out,) float32.

    The scale is a number of bfloat16, as torch's kernel has it: what is rounded is what is used. A
    row of zeros has the scale 0. Errors: ValueError for numbers that are none (nan, inf).
    """
    weight = weight.detach().float()
    scale = (weight.abs().amax(dim=1) / LARGEST).bfloat16().float()
    if not scale.isfinite().all():
        raise ValueError(
            "found weights that are no numbers (nan or inf), which have no scale: train again with "
            "a smaller learning rate"
        )
    whole = (weight / scale.clamp_min(1e-30)[:, None]).round().clamp(-LARGEST, LARGEST)
    return whole.to(torch.int8), scale


class Int8Linear(nn.Module):
    """A linear layer in whole numbers, on a processor: (…, n_in) float32 -> (…, n_out) float32."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        whole, scale = rounded(linear.weight)
        self.in_features, self.out_features = linear.in_features, linear.out_features
        self.rest = -linear.in_features % STRIDE  # zeros behind each row, which add nothing
        self.register_buffer("whole", F.pad(whole, (0, self.rest)).contiguous())  # (n_out, n_in)
        self.register_buffer("scale", scale.bfloat16())  # (n_out,)
        self.register_buffer("bias", None if linear.bias is None else linear.bias.detach().clone())

    def forward(self, x: Tensor) -> Tensor:
        """(…, n_in) -> (…, n_out)"""
        rows = x.reshape(-1, self.in_features).bfloat16()
        if self.rest:
            rows = F.pad(rows, (0, self.rest))
        # What torch has for weights of eight bits; it has no public name.
        out = torch._weight_int8pack_mm(rows, self.whole, self.scale).float()
        if self.bias is not None:
            out += self.bias
        return out.view(*x.shape[:-1], self.out_features)


def quantized(model: GPTModel | GPT) -> GPTModel:
    """The same model with its linear layers, the head too, in whole numbers: for decoding alone.

    It is a `GPTModel`, so `gptlab.sample.stream` reads each token once; nanoGPT's form becomes one.
    The model that is handed in stays as it is; the tables and norms are shared with it.
    Errors: ValueError for a model that is elsewhere than on the processor.
    """
    made = _decoder(model)
    place = next(made.parameters()).device
    if place.type != "cpu":
        raise ValueError(
            f"found a model on {place}: whole numbers are for decoding on a processor. Move it "
            'first: model.to("cpu")'
        )
    for module in list(made.modules()):
        for name, inner in list(module.named_children()):
            if isinstance(inner, nn.Linear):
                setattr(module, name, Int8Linear(inner))
    return made


def _decoder(model: GPTModel | GPT) -> GPTModel:
    """A GPTModel that shares the weights of this one."""
    if isinstance(model, GPT):
        return decoder.from_nano(model)
    if isinstance(model, GPTModel):
        return decoder.with_weights(model.cfg, model.state_dict())
    raise TypeError(
        f"found a {type(model).__name__}, expected a GPTModel or nanoGPT's GPT: no other has a "
        "cache to decode with"
    )


def bytes_of(model: nn.Module) -> int:
    """What a step reads at most: the bytes of all its numbers, those shared once."""
    kept = [*model.parameters(), *model.buffers()]
    return sum({one.data_ptr(): one.numel() * one.element_size() for one in kept}.values())
