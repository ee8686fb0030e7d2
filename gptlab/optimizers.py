"""AdamW over one long tensor: with a small model, calls for each parameter cost more than sums.

The update is that of Loshchilov and Hutter 2019, algorithm 2, which looks at one number at a time:
laid end to end the parameters take the very same steps.
"""

from __future__ import annotations

import torch
from torch import nn

__all__ = ["FlatAdamW"]


class FlatAdamW(torch.optim.AdamW):
    """AdamW for a model whose parameters and gradients become views of two long tensors.

    model: on its device already; every parameter is trained, all with one type of number
    options: as AdamW takes them
    Clear gradients with this optimizer's `zero_grad`: it keeps the views, the model's own drops
    them.
    """

    def __init__(self, model: nn.Module, **options: float | bool) -> None:
        parameters = list(model.parameters())
        weights = torch.cat([parameter.detach().flatten() for parameter in parameters])
        gradients = torch.zeros_like(weights)
        sizes = [parameter.numel() for parameter in parameters]
        views = zip(parameters, weights.split(sizes), gradients.split(sizes), strict=True)
        for parameter, weight, gradient in views:
            parameter.data = weight.view_as(parameter)
            parameter.grad = gradient.view_as(parameter)
        whole = nn.Parameter(weights)
        whole.grad = gradients
        super().__init__([whole], **options)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Fill the gradients with zeros, for either value of `set_to_none`."""
        for group in self.param_groups:
            for whole in group["params"]:
                whole.grad.zero_()
