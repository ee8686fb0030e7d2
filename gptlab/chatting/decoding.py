"""The model in the form that writes fastest, for each answer anew: it costs milliseconds."""

from __future__ import annotations

from torch import nn

from gptlab import decoder
from gptlab.nano import GPT

__all__ = ["for_decoding"]


def for_decoding(model: nn.Module) -> nn.Module:
    """The same scores, no dropout, a cache. A GPT becomes a GPTModel with its weights.

    Any other model is given back as it is, in evaluation mode. Made for each answer, it never goes
    stale, even of a model that is being trained.
    """
    if not isinstance(model, GPT):
        return model.eval()
    made = decoder.from_nano(model).requires_grad_(False)
    return made.for_decoding() if model.lm_head.weight.device.type == "cpu" else made
