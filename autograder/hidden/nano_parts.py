"""Text that runs in a student's notebook, behind that of one_hole.py: the parts of model.py.

Each is made as the file makes it, and right parts are put in the place of all but what is judged.
"""

import types

import torch
from torch import nn
from torch.nn import functional as F

from autograder.hidden.one_hole import alone, bare, limited, loaded, put


class Right:
    """Right lines for the holes that are not judged."""

    lines = {
        "heads": "q, k, v = right_lines.heads(self, x)",
        "scores": "att = right_lines.scores(q, k)",
        "mask": "att = right_lines.mask(att)",
        "weights": "att = right_lines.weights(self, att)",
        "out": "y = right_lines.out(self, y)",
        "embed": "x = right_lines.embed(self, tok_emb, pos_emb)",
        "blocks": "x = right_lines.blocks(self, x)",
        "last": "logits = right_lines.last(self, x)",
    }
    given = {
        "heads": "if self.flash:",
        "weights": "y = att @ v",
        "out": "return y",
        "blocks": "x = self.transformer.ln_f(x)",
        "last": "return logits",
    }

    @staticmethod
    def heads(part, x):
        width = x.shape[2] // part.n_head
        thirds = part.c_attn(x).unflatten(2, (3, part.n_head, width))
        return thirds.permute(2, 0, 3, 1, 4).unbind(0)

    @staticmethod
    def scores(q, k):
        return torch.einsum("bhtd,bhsd->bhts", q, k) / q.shape[-1] ** 0.5

    @staticmethod
    def mask(att):
        T = att.shape[-1]
        later = torch.arange(T, device=att.device) > torch.arange(T, device=att.device)[:, None]
        return torch.where(later, -torch.inf, att)

    @staticmethod
    def weights(part, att):
        return part.attn_dropout(att.softmax(-1))

    @staticmethod
    def out(part, y):
        return part.resid_dropout(part.c_proj(y))

    @staticmethod
    def embed(model, tok_emb, pos_emb):
        return model.transformer.drop(pos_emb + tok_emb)

    @staticmethod
    def blocks(model, x):
        for n in range(len(model.transformer.h)):
            x = model.transformer.h[n](x)
        return x

    @staticmethod
    def last(model, x):
        return model.lm_head(x.narrow(1, x.shape[1] - 1, 1))

    @staticmethod
    def mlp(part, x):
        return part.dropout(part.c_proj(part.gelu(part.c_fc(x))))


class Fed(nn.Module):
    """Says the same to everything, and notes what it was given."""

    def __init__(self, value):
        super().__init__()
        self.value, self.given = value, None

    def forward(self, x):
        self.given = x
        return self.value


class Noting(nn.Module):
    """A part that notes what it was given, and how often; its work is another's."""

    def __init__(self, work):
        super().__init__()
        self.work, self.given, self.calls = work, None, 0

    def forward(self, x):
        self.given, self.calls = x.detach().clone(), self.calls + 1
        return self.work(x)


class Norm(nn.Module):
    """A layer norm with the weights of the file's."""

    def __init__(self, width, bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.bias = nn.Parameter(torch.zeros(width)) if bias else None

    def forward(self, x):
        return F.layer_norm(x, self.weight.shape, self.weight, self.bias)


class Past(nn.Module):
    """In the place of attention: the mean of the past, through a layer."""

    def __init__(self, width):
        super().__init__()
        self.mix = nn.Linear(width, width)

    def forward(self, x):
        places = torch.arange(1, x.shape[1] + 1, device=x.device)
        return self.mix(x.cumsum(1) / places[:, None])


class Thinking(nn.Module):
    """In the place of the MLP: one layer."""

    def __init__(self, width):
        super().__init__()
        self.think = nn.Linear(width, width)

    def forward(self, x):
        return self.think(x.relu())


class Layer(nn.Module):
    """In the place of a block: x, and what a part adds to it."""

    def __init__(self, width):
        super().__init__()
        self.past = Past(width)

    def forward(self, x):
        return x + self.past(x)


SHAPES = ((2, 5), (3, 4), (4, 5), (3, 6))  # B and T, as the tests of what is made of parts have it


def usable(part, width):
    """Whether a part can be used, right or not, for x as wide as this."""
    return all(_same_twice(part, torch.randn(*shape, width)) for shape in SHAPES)


def _same_twice(part, x):
    """Whether it gives floats of the shape of x, twice the same ones, and leaves x alone."""
    given = x.clone()
    try:
        with limited(1.0), torch.no_grad():
            found = [part(x), part(x)]
        fits = [f.shape == x.shape and f.is_floating_point() for f in found]
        return all(fits) and torch.equal(*found) and torch.equal(given, x)
    except Exception:
        return False


def settings(kind, sizes):
    """The file's own GPTConfig, or plain settings where that cannot be used."""
    try:
        found = kind(**sizes)
        if all(getattr(found, name) == value for name, value in sizes.items()):
            return found
    except Exception:
        pass
    return types.SimpleNamespace(**sizes)


def begun(kind, config):
    """An object of this class, made as the file does it; if that is impossible, an empty one."""
    try:
        with limited(1.0):
            return kind(config)
    except Exception:
        part = kind.__new__(kind)
        nn.Module.__init__(part)
        return part


def attention(kind, config, hole, weights, flash=True):
    """A CausalSelfAttention in which only this hole is the file's."""
    part, C, size = begun(kind, config), config.n_embd, config.block_size
    if hole != "c_attn":
        put(part, c_attn=nn.Linear(C, 3 * C, bias=config.bias))
    if "bias" not in part._buffers:
        sees = torch.ones(size, size).tril().view(1, 1, size, size)
        part.register_buffer("bias", sees, persistent=False)
    put(
        part,
        c_proj=nn.Linear(C, C, bias=config.bias),
        attn_dropout=nn.Dropout(config.dropout),
        resid_dropout=nn.Dropout(config.dropout),
        n_head=config.n_head,
        n_embd=C,
        dropout=config.dropout,
        flash=flash,
        forward=types.MethodType(alone(kind.forward, hole, Right), part),
    )
    return loaded(bare(part, "c_attn", "c_proj"), weights)


def says(part, qkv, width):
    """Attention that takes these for query, key and value of every text, and projects nothing."""
    same = nn.Linear(width, width, bias=False)
    with torch.no_grad():
        same.weight.copy_(torch.eye(width))
    return put(part, c_attn=Fed(qkv), c_proj=same)


def thinker(kind, config, hole, weights):
    """An MLP of which only this hole is the file's."""
    part, C = begun(kind, config), config.n_embd
    if hole == "mlp":
        put(
            part,
            c_fc=nn.Linear(C, 4 * C, bias=config.bias),
            c_proj=nn.Linear(4 * C, C, bias=config.bias),
        )
    else:
        put(part, forward=types.MethodType(Right.mlp, part))
    if hole != "mlp" or not usable(getattr(part, "gelu", None), C):
        put(part, gelu=nn.GELU())
    put(part, dropout=nn.Dropout(config.dropout))
    return loaded(bare(part, "c_fc", "c_proj"), weights)


def a_block(kind, config, own=False):
    """A Block of stand-ins; with `own`, of the file's parts where these can be used."""
    part, C = begun(kind, config), config.n_embd
    right = {
        "ln_1": Norm(C, config.bias),
        "attn": Past(C),
        "ln_2": Norm(C, config.bias),
        "mlp": Thinking(C),
    }
    part.eval()
    for name, value in right.items():
        there = getattr(part, name, None)
        if not (own and usable(there, C)):
            put(part, **{name: value})
    return bare(part, *right).eval()


def a_gpt(kind, config, hole, own=False):
    """A GPT in which only this hole is the file's; with `own`, of its blocks if they are usable."""
    model, C, V = begun(kind, config), config.n_embd, config.vocab_size
    try:
        theirs = list(model.eval().transformer.h)
    except Exception:
        theirs = []
    fits = own and len(theirs) == config.n_layer and all(usable(block, C) for block in theirs)
    parts = {
        "wte": nn.Embedding(V, C),
        "wpe": nn.Embedding(config.block_size, C),
        "drop": nn.Dropout(config.dropout),
        "h": nn.ModuleList(theirs if fits else [Layer(C) for _ in range(config.n_layer)]),
        "ln_f": Norm(C, config.bias),
    }
    head = nn.Linear(C, V, bias=False)
    parts["wte"].weight = head.weight  # one table for both
    put(model, config=config, transformer=nn.ModuleDict(parts), lm_head=head)
    put(model, forward=types.MethodType(alone(kind.forward, hole, Right), model))
    return bare(model, "transformer", "lm_head").eval()


def noting(model):
    """The model, each block and what follows noting what it was given."""
    every, head = model.transformer, model.lm_head
    for n, block in enumerate(every.h):
        every.h[n] = Noting(block)
    every.ln_f, head.given = Noting(every.ln_f), None

    def note(head, given):
        head.given = given[0].detach().clone()

    head.register_forward_pre_hook(note)
    return model
