"""Build a model whose weights are about to be put in: nothing is drawn, so chance stays as it is.

`torch.device("meta")` does that too, and imports 800 modules first: a second of every start.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

__all__ = ["Undrawn"]

DRAWS = {torch.Tensor.normal_, torch.Tensor.uniform_}  # called by hand, without torch.nn.init


class Undrawn(TorchFunctionMode):
    """While it is open, new weights are whatever stood in their memory.

        with Undrawn():
            model = GPT(config)
        model.load_state_dict(state, assign=True)
    """

    def __torch_function__(
        self, func: Any, types: Sequence[type], args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:  # fmt: skip
        """Leave out what draws, and all of torch.nn.init."""
        kwargs = kwargs or {}
        if func in DRAWS or getattr(func, "__module__", "") == "torch.nn.init":
            return args[0] if args else kwargs["tensor"]
        return func(*args, **kwargs)
