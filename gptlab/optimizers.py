"""AdamW over long tensors: with a small model, calls for each parameter cost more than sums.

The update is that of Loshchilov and Hutter 2019, algorithm 2, which looks at one number at a time:
laid end to end the parameters take the very same steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

__all__ = ["FlatAdamW"]


class FlatAdamW(torch.optim.AdamW):
    """AdamW for a model whose parameters and gradients become views of long tensors.

    model: on its device already; every parameter is trained, all with one type of number
    groups: as AdamW takes them, each becomes two long tensors; without, all are one group
    options: as AdamW takes them
    Clear gradients with this optimizer's `zero_grad`: it keeps the views, the model's own drops
    them. `wholes` are the long tensors, with their gradients in `.grad`.
    """

    def __init__(
        self, model: nn.Module, groups: Sequence[dict[str, Any]] | None = None,
        **options: Any,
    ) -> None:  # fmt: skip
        if groups is None:
            groups = [{"params": list(model.parameters())}]
        kept = [group for group in groups if group["params"]]
        super().__init__(
            [group | {"params": [_flat(group["params"])]} for group in kept], **options
        )

    @property
    def wholes(self) -> list[Tensor]:
        """The long tensor of each group."""
        return [whole for group in self.param_groups for whole in group["params"]]

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Fill the gradients with zeros, for either value of `set_to_none`."""
        for whole in self.wholes:
            whole.grad.zero_()


def _flat(parameters: Sequence[nn.Parameter]) -> nn.Parameter:
    """One long parameter of which these, and their gradients, become views."""
    weights = torch.cat([parameter.detach().flatten() for parameter in parameters])
    gradients = torch.zeros_like(weights)
    sizes = [parameter.numel() for parameter in parameters]
    views = zip(parameters, weights.split(sizes), gradients.split(sizes), strict=True)
    for parameter, weight, gradient in views:
        parameter.data = weight.view_as(parameter)
        parameter.grad = gradient.view_as(parameter)
    whole = nn.Parameter(weights)
    whole.grad = gradients
    return whole
