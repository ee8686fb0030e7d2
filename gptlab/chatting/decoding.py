"""nanoGPT's GPT as the library's `GPTModel`, which keeps what it has read: a step reads one token.

The same numbers in the same memory: nothing is copied but what is laid out anew for speed.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from gptlab.gpt import GPTModel
from gptlab.nano import GPT
from gptlab.undrawn import Undrawn

__all__ = ["for_decoding"]

BLOCK = {  # nanoGPT's name in a block -> GPTModel's
    "attn.c_proj.weight": "att.out_proj.weight", "attn.c_proj.bias": "att.out_proj.bias",
    "mlp.c_fc.weight": "ff.layers.0.weight", "mlp.c_fc.bias": "ff.layers.0.bias",
    "mlp.c_proj.weight": "ff.layers.2.weight", "mlp.c_proj.bias": "ff.layers.2.bias",
    "ln_1.weight": "norm1.scale", "ln_1.bias": "norm1.shift",
    "ln_2.weight": "norm2.scale", "ln_2.bias": "norm2.shift",
}  # fmt: skip
WHOLE = {
    "transformer.wte.weight": "tok_emb.weight", "lm_head.weight": "out_head.weight",
    "transformer.wpe.weight": "pos_emb.weight", "transformer.ln_f.weight": "final_norm.scale",
    "transformer.ln_f.bias": "final_norm.shift",
}  # fmt: skip
QKV = ("att.W_query", "att.W_key", "att.W_value")


def for_decoding(model: nn.Module) -> nn.Module:
    """The model in the form that writes fastest: same scores, no dropout, a cache.

    A GPT with biases becomes a GPTModel; any other model is given back as it is, in eval mode. It
    costs milliseconds, and is done for each answer: a model that is being trained never goes stale.
    """
    if not isinstance(model, GPT) or not model.config.bias:
        return model.eval()
    c = model.config
    with Undrawn():
        made = GPTModel({
            "vocab_size": c.vocab_size, "context_length": c.block_size, "emb_dim": c.n_embd,
            "n_heads": c.n_head, "n_layers": c.n_layer, "drop_rate": 0.0, "qkv_bias": True,
            "tied": True,
        })  # fmt: skip
    made.load_state_dict(_named(model), assign=True)
    made.out_head.weight = made.tok_emb.weight
    made.eval().requires_grad_(False)
    return made.for_decoding() if model.lm_head.weight.device.type == "cpu" else made


def _named(model: GPT) -> dict[str, Any]:
    """Its weights by GPTModel's names: views, not copies."""
    found: dict[str, Tensor] = {}
    for name, parameter in model.named_parameters(remove_duplicate=False):
        value = parameter.detach()
        if name in WHOLE:
            found[WHOLE[name]] = value
            continue
        _, _, layer, part = name.split(".", 3)  # transformer.h.0.attn.c_attn.weight
        if part.startswith("attn.c_attn."):
            ending = part.rpartition(".")[2]
            for place, third in zip(QKV, value.chunk(3), strict=True):  # rows: (3 * C, C)
                found[f"trf_blocks.{layer}.{place}.{ending}"] = third
        else:
            found[f"trf_blocks.{layer}.{BLOCK[part]}"] = value
    return found
