"""GPT-2 in the form of nanoGPT's model.py, for sampling only.

B sentences of T tokens, C = n_embd numbers for each token; a head has
hs = C / n_head of them. Fill in the places that are marked TO-DO.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn as nn
from torch.nn import functional as F


class LayerNorm(nn.Module):
    """Layer norm with a bias that can be left out."""

    def __init__(self, ndim, bias):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(ndim))
        self.bias = nn.Parameter(torch.zeros(ndim)) if bias else None

    def forward(self, input):
        """input: (..., ndim) -> (..., ndim)"""
        # TO-DO layer_norm: the bonus. What stands here is right; do it
        # without F.layer_norm. The fifth number is what keeps the root
        # from being 0.
        ### BEGIN SOLUTION
        mean = input.mean(-1, keepdim=True)
        var = input.var(-1, keepdim=True, unbiased=False)
        out = (input - mean) / torch.sqrt(var + 1e-5) * self.weight
        return out if self.bias is None else out + self.bias
        ### INSTEAD
        return F.layer_norm(
            input, self.weight.shape, self.weight, self.bias, 1e-5
        )
        ### END SOLUTION


class CausalSelfAttention(nn.Module):
    """All heads at once; a token sees itself and those before it."""

    def __init__(self, config):
        super().__init__()
        assert config.n_embd % config.n_head == 0, (
            f"n_embd={config.n_embd} cannot be shared by "
            f"n_head={config.n_head} heads: did you swap layers and heads?"
        )
        # query, key and value of all heads come out of one layer. Each
        # head's are C / n_head numbers long: how many is that in all?
        # TO-DO c_attn: that layer, C in; with a bias if the config says so
        ### BEGIN SOLUTION
        self.c_attn = nn.Linear(
            config.n_embd, 3 * config.n_embd, bias=config.bias
        )
        ### END SOLUTION
        # the output projection
        self.c_proj = nn.Linear(
            config.n_embd, config.n_embd, bias=config.bias
        )
        self.attn_dropout = nn.Dropout(config.dropout)
        self.resid_dropout = nn.Dropout(config.dropout)
        self.n_head = config.n_head
        self.n_embd = config.n_embd
        self.dropout = config.dropout
        # PyTorch 2 does all of attention in one call; the long way gives
        # the same numbers. Set flash to False to go that way.
        self.flash = hasattr(F, "scaled_dot_product_attention")
        # 1 where a token may look, 0 for what is yet to come
        size = config.block_size
        self.register_buffer(
            "bias",
            torch.tril(torch.ones(size, size)).view(1, 1, size, size),
            persistent=False,  # no weight: not in a checkpoint
        )

    def forward(self, x):
        """x: (B, T, C) -> (B, T, C)"""
        B, T, C = x.size()
        # each (B, T, C)
        q, k, v = self.c_attn(x).split(self.n_embd, dim=2)
        # TO-DO heads: q, k and v, each as (B, nh, T, hs)
        ### BEGIN SOLUTION
        k = k.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        q = q.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        v = v.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        ### END SOLUTION
        if self.flash:
            y = F.scaled_dot_product_attention(
                q, k, v, attn_mask=None,
                dropout_p=self.dropout if self.training else 0,
                is_causal=True,
            )  # fmt: skip
        else:
            # TO-DO scores: att, what each token has to do with each other
            # one, scaled: (B, nh, T, T)
            ### BEGIN SOLUTION
            att = (q @ k.transpose(-2, -1)) * (1.0 / math.sqrt(k.size(-1)))
            ### END SOLUTION
            # TO-DO mask: att without what is yet to come, by masked_fill;
            # self.bias is block_size wide and high, att T
            ### BEGIN SOLUTION
            att = att.masked_fill(self.bias[:, :, :T, :T] == 0, float("-inf"))
            ### END SOLUTION
            # TO-DO weights: att as shares that add up to 1, then its dropout
            ### BEGIN SOLUTION
            att = F.softmax(att, dim=-1)
            att = self.attn_dropout(att)
            ### END SOLUTION
            y = att @ v  # (B, nh, T, T) @ (B, nh, T, hs) -> (B, nh, T, hs)
        # the heads side by side again
        y = y.transpose(1, 2).contiguous().view(B, T, C)
        # TO-DO out: y through the output projection, then resid_dropout
        ### BEGIN SOLUTION
        y = self.resid_dropout(self.c_proj(y))
        ### END SOLUTION
        return y


class MLP(nn.Module):
    """Each token for itself: wider, a bend, and back."""

    def __init__(self, config):
        super().__init__()
        # TO-DO mlp_init: c_fc and c_proj; between them it is
        # 4 * config.n_embd wide
        ### BEGIN SOLUTION
        self.c_fc = nn.Linear(
            config.n_embd, 4 * config.n_embd, bias=config.bias
        )
        self.c_proj = nn.Linear(
            4 * config.n_embd, config.n_embd, bias=config.bias
        )
        ### END SOLUTION
        self.gelu = nn.GELU()
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x):
        """x: (B, T, C) -> (B, T, C)"""
        # TO-DO mlp: through all four layers of __init__
        ### BEGIN SOLUTION
        x = self.c_fc(x)
        x = self.gelu(x)
        x = self.c_proj(x)
        x = self.dropout(x)
        ### END SOLUTION
        return x


class Block(nn.Module):
    """One layer of the model: attention, then the MLP."""

    def __init__(self, config):
        super().__init__()
        self.ln_1 = LayerNorm(config.n_embd, bias=config.bias)
        self.attn = CausalSelfAttention(config)
        self.ln_2 = LayerNorm(config.n_embd, bias=config.bias)
        self.mlp = MLP(config)

    def forward(self, x):
        """x: (B, T, C) -> (B, T, C)"""
        # TO-DO block: norm, attention, added to x; norm, MLP, added to x
        ### BEGIN SOLUTION
        x = x + self.attn(self.ln_1(x))
        x = x + self.mlp(self.ln_2(x))
        ### END SOLUTION
        return x


@dataclass
class GPTConfig:
    """The sizes of a model; these are those of the smallest GPT-2."""

    block_size: int = 1024  # the most tokens that it sees at a time
    # GPT-2 knows 50257 tokens. The next multiple of 64 is quicker on a
    # GPU; OpenAI's weights need 50257 exactly.
    vocab_size: int = 50304
    n_layer: int = 12  # blocks, one after the other
    n_head: int = 12  # heads in each
    n_embd: int = 768  # numbers for a token: 12 heads of 64
    dropout: float = 0.0  # nothing is left out when we only sample
    # True: Linear layers and norms have a bias, as GPT-2's do. False: a bit
    # better and faster, for a model of your own.
    bias: bool = True


class GPT(nn.Module):
    """From tokens to the scores of the token that comes next."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.transformer = nn.ModuleDict({
            "wte": nn.Embedding(config.vocab_size, config.n_embd),
            "wpe": nn.Embedding(config.block_size, config.n_embd),
            "drop": nn.Dropout(config.dropout),
            "h": nn.ModuleList([Block(config) for _ in range(config.n_layer)]),
            "ln_f": LayerNorm(config.n_embd, bias=config.bias),
        })  # fmt: skip
        self.lm_head = nn.Linear(config.n_embd, config.vocab_size, bias=False)
        # one table for both: what reads a token in also scores it
        self.transformer.wte.weight = self.lm_head.weight
        self.apply(self._init_weights)
        # what each block adds is made smaller, as in GPT-2: 2 * n_layer
        # terms are added up
        for name, p in self.named_parameters():
            if name.endswith("c_proj.weight"):
                std = 0.02 / math.sqrt(2 * config.n_layer)
                torch.nn.init.normal_(p, mean=0.0, std=std)

    def _init_weights(self, module):
        if isinstance(module, (nn.Linear, nn.Embedding)):
            torch.nn.init.normal_(module.weight, mean=0.0, std=0.02)
        if isinstance(module, nn.Linear) and module.bias is not None:
            torch.nn.init.zeros_(module.bias)

    def forward(self, idx):
        """idx: (B, T) tokens -> (B, 1, V), the scores of what comes next"""
        B, T = idx.size()
        assert T <= self.config.block_size, (
            f"{T} tokens, and the model sees {self.config.block_size}: "
            "hand it the last ones"
        )
        pos = torch.arange(T, dtype=torch.long, device=idx.device)  # (T,)
        tok_emb = self.transformer.wte(idx)  # (B, T, C)
        pos_emb = self.transformer.wpe(pos)  # (T, C)
        # TO-DO embed: x, the sum of both, through the dropout
        ### BEGIN SOLUTION
        x = self.transformer.drop(tok_emb + pos_emb)
        ### END SOLUTION
        # TO-DO blocks: x through the blocks of h, one after the other
        ### BEGIN SOLUTION
        for block in self.transformer.h:
            x = block(x)
        ### END SOLUTION
        x = self.transformer.ln_f(x)
        # TO-DO last: logits, the scores of the last position. The head is
        # to be given this one position only: hand it (B, 1, C)
        ### BEGIN SOLUTION
        logits = self.lm_head(x[:, [-1], :])
        ### END SOLUTION
        return logits
