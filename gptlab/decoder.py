"""Any GPT-2 of the library as `GPTModel`, which keeps what it has read: a step reads one token.

Nothing is drawn, so chance stays where it was, and the weights of a model are shared, not copied.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from torch import Tensor

from gptlab.gpt import GPTModel
from gptlab.gpt_layout import GPT_MODEL, to_gpt
from gptlab.torch_layouts import NANO
from gptlab.tree import places_of, sizes
from gptlab.undrawn import Undrawn

if TYPE_CHECKING:
    from gptlab.nano import GPT

__all__ = ["from_nano", "from_tree", "with_weights"]


def with_weights(cfg: Mapping[str, Any], state: Mapping[str, Tensor]) -> GPTModel:
    """A GPTModel around these weights, in evaluation mode and without dropout."""
    with Undrawn():
        made = GPTModel({**cfg, "drop_rate": 0.0})
    made.load_state_dict(state, assign=True)
    if made.cfg["tied"]:
        made.out_head.weight = made.tok_emb.weight
    return made.eval()


def from_nano(model: GPT) -> GPTModel:
    """nanoGPT's form, with the same weights; where it has no biases, they are 0."""
    own = {name: value.detach() for name, value in model.named_parameters()}
    state = {}
    for place in places_of(model.config.n_layer):
        (name,), names = NANO.named(place), GPT_MODEL.named(place)
        if name not in own:
            weight = own[f"{name.removesuffix('bias')}weight"]
            own[name] = weight.new_zeros(len(weight))
        # c_attn has the rows of q, k and v one below the other.
        state |= dict(zip(names, own[name].chunk(len(names)), strict=True))
    state[GPT_MODEL.head] = state["tok_emb.weight"]
    return with_weights(_cfg(vars(model.config)), state)


def from_tree(tree: Mapping[str, Any], n_head: int) -> GPTModel:
    """The tree of `gptlab.weights`, as OpenAI's files and the hub's are read."""
    return with_weights(_cfg({**sizes(tree), "n_head": n_head}), to_gpt(tree))


def _cfg(own: Mapping[str, int]) -> dict[str, Any]:
    """nanoGPT's sizes by the names of GPTModel."""
    return {
        "vocab_size": own["vocab_size"], "context_length": own["block_size"],
        "emb_dim": own["n_embd"], "n_heads": own["n_head"], "n_layers": own["n_layer"],
        "drop_rate": 0.0, "qkv_bias": True, "tied": True,
    }  # fmt: skip
