# %% [markdown]
# # Lab 7 · GPTModel
#
# One class wrote both columns, the one that you write today. Left: its numbers
# are random. Right: the same class, the same lines of code, with numbers that
# were trained.
#
# ```text
# {{side_by_side}}
# ```
#
# The class is GPT-2. Give it OpenAI's numbers, and it is OpenAI's GPT-2. Here
# is where a GPT-2 of that size has its numbers, and what each part costs when
# the model writes one token:
#
# {{figure:cost}}
#
# One of the long bars on the left has none on the right. By the end of the lab
# you know why.

# %% [markdown]
# ## Three questions to warm up
#
# Answer aloud, then open.
#
# <details><summary>1. (Lab 3) A place holds the numbers 1 and 7. What does a
# layer norm make of them? And of 0 and 20?</summary>
#
# −1 and 1, both times. The mean goes away, and the size as well. Only which
# one is larger is left.
#
# </details>
# <details><summary>2. (Lab 5) The head of GPT-2 is no new matrix. What is
# it?</summary>
#
# The table of tokens, once more: what comes out of the last norm is compared
# with the row of each token. Two uses of one table: it is *tied*.
#
# </details>
# <details><summary>3. (Lab 6) <code>MultiHeadAttention</code> has 12 heads and
# 768 numbers for each place. How many numbers does each head get? And how
# large is <code>out_proj</code>?</summary>
#
# 768 / 12 = 64. `out_proj` is 768 × 768 with a bias: it mixes what the heads
# have put side by side.
#
# </details>

# %% [markdown]
# ## Setup
#
# This notebook runs in Colab and on your own machine.

# %%
try:
    import google.colab

    running_in_colab = True
except ImportError:
    running_in_colab = False

running_in_colab

# %% [markdown]
# **No GPU today.** The models that we run are small, and of the large ones we
# only look at the plan.

# %%
import math
import time

import matplotlib.pyplot as plt
import torch
import torch.nn as nn
from torch.nn import functional as F

from gptlab import data as texts, gpt_layout, numpy_gpt, steps, tiny
from gptlab.attention import MultiHeadAttention
from gptlab.checks import lab07_gpt_model as check

torch.set_num_threads(1)  # tensors this small: one core is quicker than two
torch.set_printoptions(precision=4, sci_mode=False)

# %% [markdown]
# `MultiHeadAttention` is the one of lab 6, in the library's form.
#
# ## All settings in one place
#
# A model of this lab is built from a dictionary. This is GPT-2, the smallest
# of four sizes, but for the bias, of which more below:

# %%
GPT_CONFIG_124M = {
    "vocab_size": 50257,
    "context_length": 1024,
    "emb_dim": 768,
    "n_heads": 12,
    "n_layers": 12,
    "drop_rate": 0.1,
    "qkv_bias": False,
}

# %% [markdown]
# | name | what it says |
# |---|---|
# | `vocab_size` | tokens to choose from |
# | `context_length` | places that have a row of their own: the longest text |
# | `emb_dim` | numbers that stand for a place inside the model |
# | `n_heads` | heads of attention, which share the `emb_dim` numbers |
# | `n_layers` | blocks, one after the other |
# | `drop_rate` | share of numbers set to zero while training |
# | `qkv_bias` | whether query, key and value have a bias |
#
# Two variants will be of use. To *train* on a small machine, 256 places are
# enough. And OpenAI's weights come with 1,024 places and with a bias, so a
# model that is to hold them needs both:

# %%
TEACHING = {**GPT_CONFIG_124M, "context_length": 256}
PRETRAINED = {**GPT_CONFIG_124M, "qkv_bias": True}

# %% [markdown]
# And one for two cores, so small that it runs in a blink. It has the shape of
# the tiny GPT-2 of lab 5, for a reason that you will see.

# %%
sizes = tiny.hparams()
TINY = {
    "vocab_size": sizes["n_vocab"],
    "context_length": sizes["n_ctx"],
    "emb_dim": sizes["n_embd"],
    "n_heads": sizes["n_head"],
    "n_layers": sizes["n_layer"],
    "drop_rate": 0.1,
    "qkv_bias": True,
}
TINY

# %% [markdown]
# The plan, from the inside out:
#
# ```text
# GPTModel
#  ├─ tok_emb, pos_emb          which token, and where
#  ├─ n_layers × TransformerBlock
#  │      ├─ norm1 ── att ── (+)        LayerNorm, MultiHeadAttention
#  │      └─ norm2 ── ff ─── (+)        LayerNorm, FeedForward with GELU
#  ├─ final_norm                LayerNorm
#  └─ out_head                  a score for each token
# ```
#
# # Part 1 · The parts
#
# ## LayerNorm
#
# Until now PyTorch has done it for us. Today you write it. For each place by
# itself:
#
# 1. the **mean** of its `emb_dim` numbers is taken away;
# 2. the rest is divided by its size, the root of the **variance** (the mean of
#    the squares);
# 3. each number is multiplied by its own `scale`, and gets its own `shift`.
#    These two are learned.
#
# By hand, a place with four numbers:
#
# | | | |
# |---|---|---|
# | x | 1, 3, 3, 9 | mean 4 |
# | minus the mean | −3, −1, −1, 5 | squares 9, 1, 1, 25: their mean is **9** |
# | divided by √9 | −1, −⅓, −⅓, 5/3 | mean 0, variance 1 |
# | times `scale` = 2, 3, 3, 3 | −2, −1, −1, 5 | |
# | plus `shift` = 0, 0, 1, −4 | **−2, −1, 0, 1** | |
#
# One trap. Statisticians often divide the sum of the squares by one less than
# there are numbers: 36 / 3 = 12 in place of 36 / 4 = 9. That is called
# *unbiased*, and it is what `torch.var` does unless it is told. GPT-2 divides
# by 4.
#
# And a safety belt. If all four numbers are equal, the variance is 0, and 0 /
# 0 is not a number. So a tiny **eps** = 0.00001 is added to the variance,
# *inside* the root. For a quiet place that is a lot:
#
# | | |
# |---|---|
# | x | 0, 0, 0.003, 0.003 |
# | minus the mean | −0.0015, −0.0015, 0.0015, 0.0015 |
# | variance | 0.00000225 |
# | plus eps | 0.00001225, and its root is 0.0035 |
# | divided | −3/7, −3/7, 3/7, 3/7 |
#
# And 5, 5, 5, 5 becomes 0, 0, 0, 0.

# %% predict="my_second"
# 0, 8, 8, 0 becomes four numbers. What is the second one?
my_second = None  # a number, before you run anything below

# %% answer="layer_norm" level=2 minutes=10
class LayerNorm(nn.Module):
    """Mean 0, variance 1 along the last axis, times `scale`, plus `shift`.

    It owns: eps, 1e-5, a plain number, which forward reads; scale and shift:
    nn.Parameter, (emb_dim,), at first ones and zeros.
    """

    def __init__(self, emb_dim):
        super().__init__()
        ### BEGIN SOLUTION
        self.eps = 1e-5
        self.scale = nn.Parameter(torch.ones(emb_dim))
        self.shift = nn.Parameter(torch.zeros(emb_dim))
        ### END SOLUTION

    def forward(self, x):
        """(…, emb_dim) -> (…, emb_dim)"""
        ### BEGIN SOLUTION
        mean = x.mean(dim=-1, keepdim=True)
        var = x.var(dim=-1, keepdim=True, unbiased=False)
        norm = (x - mean) / torch.sqrt(var + self.eps)
        return self.scale * norm + self.shift
        ### END SOLUTION

# %% grade="layer_norm" points=3
check.layer_norm(LayerNorm)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Two holes. `__init__` keeps three things. `forward` follows the table above,
# for every place at once.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `x.mean(...)` and `x.var(...)` take `dim=`: which axis holds the numbers of
# one place, however many axes there are? `keepdim=True` keeps that axis with
# size 1, so that the result lines up with `x`. `var` also has an argument that
# says whether it divides by one less.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# `__init__`: the number eps; an `nn.Parameter` of ones and one of zeros, each
# with `emb_dim` numbers. `forward`: the mean of each place; its variance, not
# unbiased; the difference to the mean, divided by the root of (variance plus
# eps); return that, times the one parameter, plus the other.
#
# </details>
#
# What it does to a text: each row is a place. Before, some are loud and some
# quiet. After, all have the same mean and the same size, and each kept its
# pattern.

# %% figure="norm"
torch.manual_seed(1337)
loud = torch.tensor([1.0, 0.3, 3.0, 0.6, 2.0]).view(5, 1)
off = torch.tensor([0.0, 1.0, -2.0, -1.0, 3.0]).view(5, 1)
x = torch.randn(5, 16) * loud + off  # (T=5, C=16)
normed = LayerNorm(16)(x).detach()
fig, axes = plt.subplots(1, 2, figsize=(9, 2.9), sharey=True)
fig.subplots_adjust(wspace=0.45, right=0.9)
for ax, rows, name in zip(axes, [x, normed], ["before", "after"]):
    ax.imshow(rows, cmap="RdBu_r", vmin=-4, vmax=4, aspect="auto")
    ax.set_yticks(range(5))
    ax.set(title=name, xlabel="the numbers of a place")
    ax.set_xticks([])
    for t in range(5):
        spread = rows[t].std(unbiased=False)
        mean = round(rows[t].mean().item(), 1) + 0.0  # no minus before 0
        ax.text(16, t, f"{mean:.1f} ± {spread:.1f}", va="center")
axes[0].set_ylabel("place")
plt.show()
example = LayerNorm(4)(torch.tensor([0.0, 8.0, 8.0, 0.0]))
print(f"0, 8, 8, 0 becomes {example.detach()}, you said {my_second}")

# %% [markdown]
# ## GELU
#
# Between two linear layers something has to bend, or the two are one. The toy
# GPT of lab 3 had ReLU, which breaks at 0. GPT-2 has **GELU**, which bends.
# The idea: multiply x by the share of a bell curve (mean 0, spread 1) that
# lies below x. Far to the right that is all of it, far to the left nothing.
#
# The exact share needs the *error function*, erf. The paper that proposed GELU
# also gives a formula that comes close, made of a tanh, which was quicker to
# compute. GPT-2 was trained with this one:
#
# $$\text{gelu}(x) = \tfrac12\, x \left(1 + \tanh\left(\sqrt{2/\pi}\,
# (x + 0.044715\, x^3)\right)\right)$$
#
# By hand, with $\sqrt{2/\pi} \approx 0.7979$ (on paper; in your code let Python
# work out the root, a rounded one would show in a whole model):
#
# | x | x + 0.044715 x³ | times 0.7979 | its tanh | plus 1, times ½ x |
# |---|---|---|---|---|
# | 1 | 1.0447 | 0.8336 | 0.6824 | **0.8412** |
# | −1 | −1.0447 | −0.8336 | −0.6824 | **−0.1588** |
# | 3 | 4.2073 | 3.3569 | 0.9976 | **2.9964** |
# | −3 | −4.2073 | −3.3569 | −0.9976 | **−0.0036** |
# | 0 | 0 | 0 | 0 | **0** |

# %% answer="gelu" level=1 minutes=6
class GELU(nn.Module):
    """½ x (1 + tanh(√(2/π) (x + 0.044715 x³))), for each number of x."""

    def forward(self, x):
        """Any shape."""
        ### BEGIN SOLUTION
        root = (2 / torch.pi) ** 0.5
        return 0.5 * x * (1 + torch.tanh(root * (x + 0.044715 * x**3)))
        ### END SOLUTION

# %% grade="gelu" points=2
check.gelu(GELU)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# The formula, from left to right. A tensor goes through it number by number,
# whatever its shape.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `torch.tanh` takes a tensor. The root is that of a plain number, so `(...) **
# 0.5` or `math.sqrt` will do, with `torch.pi` or `math.pi`. `**` is "to the
# power of".
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# One name for the root of two over pi. Then return: a half, times x, times
# (one plus the hyperbolic tangent of: the root times (x plus the small number
# times the cube of x)).
#
# </details>
#
# Now both forms, side by side. PyTorch's `F.gelu` is the one with erf, unless
# it is told otherwise. How far apart are the two, at most? (Guess before you
# run it.)

# %% predict="my_gap"
my_gap = None  # a number, before you run anything below

# %% figure="gelu" numbers="gelu_gap gelu_gap_at"
x = torch.linspace(-5, 5, 2001, dtype=torch.float64)
gap = GELU()(x) - F.gelu(x)  # tanh minus erf
gelu_gap = gap.abs().max().item()
gelu_gap_at = x[gap.abs().argmax()].abs().item()
fig, axes = plt.subplots(1, 2, figsize=(9.5, 3.2))
axes[0].plot(x, F.relu(x), color="gray", linestyle="--", label="ReLU")
axes[0].plot(x, F.gelu(x), linewidth=5, alpha=0.35, label="GELU by erf")
axes[0].plot(x, GELU()(x), label="yours, by tanh")
axes[0].set(title="They look the same …", xlabel="x", xlim=(-4, 4),
            ylim=(-0.5, 4))
axes[0].legend()
axes[1].plot(x, gap * 10_000, color="tab:red")
axes[1].axhline(0, color="gray", linewidth=0.8)
axes[1].set(title="… and differ: tanh − erf, in units of 0.0001",
            xlabel="x")
fig.tight_layout()
plt.show()
print(f"at most {gelu_gap:.6f}, near ±{gelu_gap_at:.1f}; you said {my_gap}")

# %% [markdown]
# At most {{gelu_gap:.5f}}, near x = ±{{gelu_gap_at:.1f}}. No eye sees that.
# Does it matter? Keep the question: in Part 5 you will measure what it does to
# a whole model.
#
# ## FeedForward
#
# Each place alone: four times as wide, GELU, and back. No dropout in here. It
# stands in the block.
#
# By hand, with `emb_dim` = 1, so 1 → 4 → 1. First layer: weights 1, −1, 3, 0
# and biases 0, 0, 0, −1. Second layer: weights 1, −1, 1, 10 and bias ½.
#
# | | x = 1 | x = −1 |
# |---|---|---|
# | first layer | 1, −1, 3, −1 | −1, 1, −3, −1 |
# | GELU | 0.8412, −0.1588, 2.9964, −0.1588 | −0.1588, 0.8412, −0.0036, −0.1588 |
# | times the weights | 0.8412, 0.1588, 2.9964, −1.5881 | −0.1588, −0.8412, −0.0036, −1.5881 |
# | added up, + ½ | **2.9083** | **−2.0917** |
#
# (Look at the first two hidden numbers: 0.8412 + 0.1588 = 1, and −0.1588 −
# 0.8412 = −1. Two of them together let x through unchanged. With more of them,
# the part can build any curve that it needs.)

# %% answer="feed_forward" level=1 minutes=5
class FeedForward(nn.Module):
    """Each place alone: four times as wide, GELU, and back.

    It owns layers: an nn.Sequential of nn.Linear, GELU, nn.Linear.
    """

    def __init__(self, cfg):
        super().__init__()
        ### BEGIN SOLUTION
        self.layers = nn.Sequential(
            nn.Linear(cfg["emb_dim"], 4 * cfg["emb_dim"]),
            GELU(),
            nn.Linear(4 * cfg["emb_dim"], cfg["emb_dim"]),
        )
        ### END SOLUTION

    def forward(self, x):
        """(B, T, emb_dim) -> (B, T, emb_dim)"""
        ### BEGIN SOLUTION
        return self.layers(x)
        ### END SOLUTION

# %% grade="feed_forward" points=1
check.feed_forward(FeedForward)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Three small modules in a row. Build the row in `__init__`, call it in
# `forward`.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `nn.Sequential(a, b, c)` is itself a module. `nn.Linear(numbers_in,
# numbers_out)` has a bias unless told otherwise. The bend is your own class.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# `self.layers` is the row: linear from `emb_dim` to four times as many; your
# GELU; linear back. `forward` returns what the row makes of `x`.
#
# </details>
#
# ## The shortcut
#
# A block does not replace its input, it **adds** to it: $x + f(x)$. You have
# seen in lab 3 how much of a gradient arrives at the far end. Now look at each
# layer on the way. Twelve of your `FeedForward`, one after the other, new and
# random; once with a shortcut around each, once without. Then a gradient goes
# back from the end, and for each layer we ask: how large is the gradient of
# its weights?
#
# By hand, with layers that only multiply by ¼. The gradient of 1 begins behind
# layer 3:
#
# | | behind layer 3 | behind layer 2 | behind layer 1 |
# |---|---|---|---|
# | replace: times ¼ | 1 | ¼ | 1/16 |
# | add: times (1 + ¼) | 1 | 5/4 | 25/16 |
#
# On paper all slopes are positive, so with the shortcut the gradient grows. In
# the run they have both signs, and mostly cancel.

# %% predict="my_ratio"
# Replace, 12 layers: the last one's gradient is how many times the first's?
my_ratio = None  # a number, before you run anything below

# %% numbers="ratio_millions ratio_add per_layer"
def gradients(shortcut, n=12):
    """The mean size of the gradient of each layer's weights, first to last."""
    torch.manual_seed(1337)
    layers = [FeedForward({"emb_dim": 64}) for _ in range(n)]
    x = torch.randn(32, 64)
    for layer in layers:
        x = x + layer(x) if shortcut else layer(x)
    (x * torch.randn_like(x)).sum().backward()
    return [p.layers[0].weight.grad.abs().mean().item() for p in layers]


with_shortcut, without_shortcut = gradients(True), gradients(False)
ratio = without_shortcut[-1] / without_shortcut[0]
ratio_add = with_shortcut[-1] / with_shortcut[0]
ratio_millions = ratio / 1e6
per_layer = ratio ** (1 / 11)
print("layer      replace        add")
for i, pair in enumerate(zip(without_shortcut, with_shortcut), 1):
    print(f"{i:5} {pair[0]:12.1e} {pair[1]:10.2f}")
print(f"replace: last / first = {ratio:,.0f}; you said {my_ratio}")

# %% figure="shortcut"
fig, ax = plt.subplots(figsize=(7.5, 3.4))
layers = range(1, 13)
ax.plot(layers, with_shortcut, "o-", label="with a shortcut: x + f(x)")
ax.plot(layers, without_shortcut, "o-", label="without: f(x)")
ax.set(yscale="log", xlabel="layer", ylabel="mean size of its gradient",
       title="Who is told about the loss?")
ax.set_xticks(layers)
ax.legend(loc="lower right")
plt.show()

# %% [markdown]
# <details><summary>Why is the orange line flat at its left end?</summary>
#
# The gradient of a weight is a product: what comes *in* from the left times
# what comes *back* from the right. What comes back fades all the way to layer
# 1. But without the shortcut the signal fades, too, on its way in, and in the
# first layers it is still loud. There the one makes up for the other.
#
# </details>

# %% [markdown] explain="shortcut" points=1 level=2 minutes=8
# ## Why does it fade, and why not?
#
# Look at the picture: the loss is computed behind layer 12. In our run,
# without the shortcut, the gradient of layer 12 is {{ratio_millions:.0f}}
# million times that of layer 1. With it, {{ratio_add:.1f}} times.
#
# 1. What happens to the gradient from layer to layer without the shortcut, and
#    why does that make such a large number? What does the plus sign change?
# 2. The block that you write next has `x + f(norm(x))`: the norm stands
#    *before* the part, and not on the shortcut. The first transformers had
#    `norm(x + f(x))`. Which way does the gradient then have to take from the
#    last block to the first?
#
# Answer in 3 to 6 sentences. Half a point each.
#
# ### BEGIN SOLUTION
# Without the shortcut the gradient is multiplied by the slope of each layer
# that it passes on its way back. With these weights that is a factor of about
# a fifth each time, and many such factors in a row make a tiny number, so the
# first layers hardly learn. With the shortcut the slope is 1 plus that of the
# layer: the 1 passes the gradient on unchanged, however small the slope of the
# layer is, so the first layer hears as much as the last. If the norm stands
# behind the sum, the shortcut itself runs through it. From the last block to
# the first the gradient has to pass every norm in between, and each of them
# rescales it, so there is no longer a way straight through. With the norm
# before the part there is nothing but sums on the way.
# ### END SOLUTION
#
# ### BEGIN SCHEME
# Half a point: without a shortcut a product of one factor per layer, each well
# below 1, which falls exponentially (a quarter), and with it a factor of 1
# plus the slope, so that the gradient gets through (a quarter). "The gradient
# vanishes" alone, without product or factor, is no reason. Half a point: with
# norm(x + f(x)) the shortcut goes through every norm, so the gradient passes
# (and is rescaled by) one or two norms a block; with the norm before the part,
# the shortcut holds only sums. A quarter if only one of the two ways is
# described.
# ### END SCHEME

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Follow one number backwards, from layer 12 to layer 1. What is done to it at
# each step?
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# The table with ¼ above. The eleventh root of the ratio in our run is
# {{per_layer:.1f}}: what does each single layer do? (It is an average. At the
# right end of the line a step is larger, at the left end smaller.)
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# One sentence on the factor of a layer, one on many of them in a row, one on
# the 1 in 1 + slope. Then: which modules does the shortcut pass if the norm
# stands behind the plus?
#
# </details>
#
# ## The block
#
# Attention, then feed-forward. Each reads through a norm, goes through
# dropout, and is added:
#
# ```text
# x ─┬─ norm1 ─ att ─ drop ─(+)─┬─ norm2 ─ ff ─ drop ─(+)─ out
#    └───────────────────────┘  └──────────────────────┘
# ```
#
# By hand, with parts that are simple: an `att` that multiplies by −3, an `ff`
# that multiplies by 5, and no dropout. Two places, two numbers each.
#
# | | place 0 | place 1 |
# |---|---|---|
# | x | 1, 5 | 10, 0 |
# | norm1 | −1, 1 | 1, −1 |
# | att: times −3 | 3, −3 | −3, 3 |
# | added to x | 4, 2 | 7, 3 |
# | norm2 | 1, −1 | 1, −1 |
# | ff: times 5 | 5, −5 | 5, −5 |
# | added to the line before norm2 | **9, −3** | **12, −2** |
#
# `MultiHeadAttention` wants to know `d_in`, `d_out`, `context_length`,
# `dropout`, `num_heads` and `qkv_bias`. In the block what comes in and what
# goes out have the same size. Hand the arguments over by name: then none can
# slip into another's place.

# %% answer="block" level=2 minutes=12
class TransformerBlock(nn.Module):
    """Attention, then feed-forward: each reads through a norm, then dropout,
    then it is added to x.

    It owns: att: MultiHeadAttention; ff: FeedForward; norm1, norm2: LayerNorm;
    drop_shortcut: nn.Dropout(drop_rate).
    """

    def __init__(self, cfg):
        super().__init__()
        ### BEGIN SOLUTION
        self.att = MultiHeadAttention(
            d_in=cfg["emb_dim"], d_out=cfg["emb_dim"],
            context_length=cfg["context_length"], dropout=cfg["drop_rate"],
            num_heads=cfg["n_heads"], qkv_bias=cfg["qkv_bias"],
        )
        self.ff = FeedForward(cfg)
        self.norm1 = LayerNorm(cfg["emb_dim"])
        self.norm2 = LayerNorm(cfg["emb_dim"])
        self.drop_shortcut = nn.Dropout(cfg["drop_rate"])
        ### END SOLUTION

    def forward(self, x):
        """(B, T, emb_dim) -> (B, T, emb_dim)"""
        ### BEGIN SOLUTION
        x = x + self.drop_shortcut(self.att(self.norm1(x)))
        return x + self.drop_shortcut(self.ff(self.norm2(x)))
        ### END SOLUTION

# %% grade="block" points=3
check.block(TransformerBlock)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# `__init__` makes five parts. `forward` is the table above, line by line, with
# dropout just before each plus.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# All sizes stand in `cfg`. `nn.Dropout(p)` knows by itself whether the model
# is training; one of them serves both places. In `forward`, read from the
# inside out: the norm of the stream, the part, the dropout, the sum with the
# stream.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# `__init__`: attention with `d_in` and `d_out` equal to `emb_dim` and four
# more settings by name; a `FeedForward` of the settings; two norms of
# `emb_dim` numbers; the dropout. `forward`: the stream becomes itself plus the
# dropped attention of its first norm; return it plus the dropped feed-forward
# of its second norm.
#
# </details>
#
# # Part 2 · The model
#
# ## From ids to scores
#
# 1. `tok_emb`: each id becomes a row of `emb_dim` numbers: **which** token.
# 2. `pos_emb`: each place becomes such a row: **where**. The two are added.
# 3. `drop_emb`: dropout.
# 4. `trf_blocks`: the blocks, one after the other.
# 5. `final_norm`: the stream has grown on its way.
# 6. `out_head`: a score for each token, without a bias. Here it is a matrix of
#    its own, though OpenAI's is tied to `tok_emb`; Part 3 counts both.
#
# By hand: three tokens, two numbers each, and blocks that change nothing.
#
# | token | row | | place | row | | score of | weights |
# |---|---|---|---|---|---|---|---|
# | `a` | 3, 1 | | 0 | 0, 4 | | `a` | 1, 0 |
# | `b` | 0, 1 | | 1 | 2, 0 | | `b` | 0, 1 |
# | `c` | 1, 1 | | 2 | 0, 1 | | `c` | −2, 1 |
#
# The text `ab`:
#
# | | `a` at place 0 | `b` at place 1 |
# |---|---|---|
# | token + place | 3, 5 | 2, 1 |
# | last norm | −1, 1 | 1, −1 |
# | scores of a, b, c | −1, 1, **3** | **1**, −1, −3 |
#
# It bets on `c` after the `a`, and on `a` after `ab`.
#
# The text may be shorter than `context_length`: then only the first rows of
# `pos_emb` are used.

# %% answer="gpt_model" level=3 minutes=15
class GPTModel(nn.Module):
    """GPT-2: tables of tokens and places, blocks, a last norm, a head.

    It owns: tok_emb, pos_emb: nn.Embedding; drop_emb: nn.Dropout(drop_rate);
    trf_blocks: nn.Sequential of n_layers TransformerBlock; final_norm:
    LayerNorm; out_head: nn.Linear to vocab_size, without a bias, not tied.
    """

    def __init__(self, cfg):
        super().__init__()
        ### BEGIN SOLUTION
        self.tok_emb = nn.Embedding(cfg["vocab_size"], cfg["emb_dim"])
        self.pos_emb = nn.Embedding(cfg["context_length"], cfg["emb_dim"])
        self.drop_emb = nn.Dropout(cfg["drop_rate"])
        self.trf_blocks = nn.Sequential(
            *[TransformerBlock(cfg) for _ in range(cfg["n_layers"])]
        )
        self.final_norm = LayerNorm(cfg["emb_dim"])
        self.out_head = nn.Linear(
            cfg["emb_dim"], cfg["vocab_size"], bias=False
        )
        ### END SOLUTION

    def forward(self, in_idx):
        """in_idx: (B, T) ids, on the model's device.

        returns: scores, (B, T, vocab_size)
        """
        ### BEGIN SOLUTION
        B, T = in_idx.shape
        positions = torch.arange(T, device=in_idx.device)
        x = self.tok_emb(in_idx) + self.pos_emb(positions)  # (B, T, emb_dim)
        x = self.trf_blocks(self.drop_emb(x))
        return self.out_head(self.final_norm(x))
        ### END SOLUTION

# %% grade="gpt_model" points=3
check.gpt_model(GPTModel)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# `__init__` makes the six things of the list. `forward` sends the ids through
# them, from 1 to 6.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `nn.Embedding(rows, numbers)`. `nn.Sequential(*a_list)`: the star hands over
# a list's entries one by one; each has to be a block of its own.
# `torch.arange(T, device=...)` counts from 0 to T − 1, on the device that it is
# told, which is that of the ids; T is the number of columns of the ids.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# `__init__`: two tables; dropout; the row of blocks, made in a list
# comprehension that calls `TransformerBlock` anew each time; a norm; a linear
# layer without a bias. `forward`: rows of the ids (B, T, C) plus rows of the
# places (T, C), which PyTorch adds to each text; dropout; the blocks; the norm
# and the head.
#
# </details>
#
# A new model knows nothing. What is its loss, then, on any text? It has
# {{n_vocab}} tokens to choose from.

# %% predict="my_first_loss"
my_first_loss = None  # a number, before you run anything below

# %% numbers="n_vocab n_places first_loss log_v score_spread"
corpus = texts.tiny_shakespeare()
held_back = corpus.text[int(0.9 * len(corpus.text)) :]  # no model saw it
tokenizer = tiny.tokenizer()
ids = torch.tensor(tokenizer.encode(held_back[:4200]))[: 32 * 64 + 1]
n_windows = (len(ids) - 1) // 64
windows = ids[: n_windows * 64].view(-1, 64)  # (B, T=64)
targets = ids[1 : n_windows * 64 + 1].view(-1, 64)


@torch.no_grad()
def loss_of(model):
    """Nats per token on the windows above."""
    scores = model(windows)  # (B, T, V)
    return F.cross_entropy(scores.flatten(0, 1), targets.flatten()).item()


torch.manual_seed(1337)
untrained = GPTModel(TINY).eval()
first_loss = loss_of(untrained)
score_spread = untrained(windows).std().item()
n_vocab, n_places = TINY["vocab_size"], TINY["context_length"]
log_v = math.log(n_vocab)
print(f"loss {first_loss:.3f}, ln V = {log_v:.3f}; you said {my_first_loss}")

# %% [markdown]
# <details><summary>Why a little more than ln V?</summary>
#
# ln V = {{log_v:.2f}} is the loss of someone who gives every token the same
# share. The new model's scores are not all equal: they are random, with a
# spread of {{score_spread:.2f}}. So it has opinions, and they are wrong as
# often as right, which costs about half of the spread squared,
# {{first_loss:.2f}} in all. A first loss far above ln V is a sign that
# something is too large. (With V = 50,257 it begins near 10.8.)
#
# </details>
#
# ## The whole, with weights
#
# A model in PyTorch can be taken apart into a dictionary, `state_dict()`: name
# → tensor. And `load_state_dict` puts such a dictionary into a model that has
# the same names and shapes. It refuses if one is missing, which is a kindness.
#
# One more thing is to be done before a model is *used*: **evaluation mode**. A
# new model is in training mode, and dropout would set a tenth of its numbers
# to zero.
#
# By hand, the whole model: two blocks, four numbers for each place. All
# weights of attention and feed-forward are 0, only their last *biases* are
# not, so that each part adds a constant.
#
# | | `a` at place 0 | `b` at place 1 |
# |---|---|---|
# | token | 1, 1, 1, 1 | 0, 4, 4, 0 |
# | + place | 1, 2, 2, 4 | 0, 7, 7, −5 |
# | block 0: att adds 0, 1, 0, 0 | 1, 3, 2, 4 | 0, 8, 7, −5 |
# | block 0: ff adds 0, 0, 1, 0 | 1, 3, 3, 4 | 0, 8, 8, −5 |
# | block 1: att adds 0, 0, 0, 2 | 1, 3, 3, 6 | 0, 8, 8, −3 |
# | block 1: ff adds 0, 0, 0, 3 | 1, 3, 3, 9 | 0, 8, 8, 0 |
# | last norm | −1, −⅓, −⅓, 5/3 | −1, 1, 1, −1 |
# | head: number 0; 3 × number 1; 3 × number 3 | −1, −1, **5** | −1, **3**, −3 |
#
# You know the norm of these rows from Part 1.

# %% answer="whole" level=1 minutes=5
def a_model(cfg, state):
    """A GPTModel with these settings and weights, ready to be used.

    state: name -> tensor, as state_dict() gives it. Dropout is to be off.
    """
    ### BEGIN SOLUTION
    model = GPTModel(cfg)
    model.load_state_dict(state)
    return model.eval()
    ### END SOLUTION

# %% grade="whole" points=1
check.whole(a_model)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Three steps: build, fill, make ready.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# A model has the methods `load_state_dict` and `eval`. The first does not
# return the model. The second does.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# A new `GPTModel` of the settings; put the state into it, and let it be
# strict; return it in evaluation mode.
#
# </details>
#
# Now the real thing. The library holds a tiny GPT-2 that was trained on
# Shakespeare, the one of lab 5. `gpt_layout.to_gpt` gives its weights the
# names and shapes of `GPTModel`. That is *your* class: the names are those of
# your docstrings.

# %%
tree = tiny.params()  # as numpy_gpt has them, lab 5
state = gpt_layout.to_gpt(tree)
for name in list(state)[:6]:
    print(f"{name:32} {tuple(state[name].shape)}")
print(f"… {len(state)} tensors in all")

# %% numbers="trained_loss largest_difference"
model = a_model(TINY, state)
trained_loss = loss_of(model)
with torch.no_grad():
    yours = model(windows[:1])[0]  # (T, V)
numpys = torch.from_numpy(
    numpy_gpt.gpt2(windows[0].numpy(), **tree, n_head=TINY["n_heads"])
)
largest_difference = (yours - numpys).abs().max().item()
print(f"loss: untrained {first_loss:.2f}, trained {trained_loss:.2f}")
print(f"a score of yours and of numpy_gpt differ by {largest_difference:.1e}")
print("the same model" if largest_difference < 1e-4 else "NOT the same model")

# %% [markdown]
# Two programs that share no line, NumPy's of lab 5 and yours, give the same
# {{n_places}} × {{n_vocab}} scores: the largest difference is
# {{largest_difference:.0e}}, which is rounding. That, and not nice text, is
# the proof that a model is right.
#
# <details><summary>Yours differs by more than 0.0001?</summary>
#
# - By some 0.0001: a rounded number in GELU.
# - By about 0.01 or 0.02: GELU by erf, or another eps.
# - By some tenths: the unbiased variance.
# - By whole numbers: a shortcut, a norm, the rows of the places, or the blocks:
#   one is left out, or their order is another. Run the checks again, from the
#   first.
#
# Part 5 measures these.
#
# </details>
#
# # Part 3 · What it costs
#
# ## Count the numbers
#
# A linear layer from $a$ to $b$ has $a \cdot b$ weights, and $b$ more if it
# has a bias. A table has rows × numbers. A norm has a scale and a shift. By
# hand, a model with 5 tokens, 8 places, `emb_dim` 2, 2 heads, 3 blocks and no
# `qkv_bias`:
#
# | | | |
# |---|---|---|
# | `tok_emb` | 5 · 2 | 10 |
# | `pos_emb` | 8 · 2 | 16 |
# | a block: query, key, value | 3 · (2 · 2) | 12 |
# | a block: `out_proj` | 2 · 2 + 2 | 6 |
# | a block: feed-forward, there | 2 · 8 + 8 | 24 |
# | a block: feed-forward, back | 8 · 2 + 2 | 18 |
# | a block: two norms | 2 · (2 + 2) | 8 |
# | three blocks | 3 · 68 | 204 |
# | `final_norm` | 2 + 2 | 4 |
# | `out_head` | 2 · 5 | 10 |
# | all | 10 + 16 + 204 + 4 + 10 | **244** |
#
# - With `qkv_bias`, query, key and value get 2 more each: 3 · 6 = 18 more, so
#   262.
# - **Tied**: GPT-2's head *is* the table of tokens. Then the 10 of the head
#   are the 10 of the table, and count once: 234.
# - The heads do not appear. Twelve heads or one: the matrices are of the same
#   size, only cut differently.
#
# And for `GPT_CONFIG_124M`? It is called 124M. How many million numbers does
# your class hold, in which the head is a matrix of its own?

# %% predict="my_millions"
my_millions = None  # million, before you run anything below

# %% answer="count" level=2 minutes=10
def count_parameters(cfg, tied=False):
    """How many numbers a GPTModel with these settings learns, by arithmetic.

    tied: whether the head is the table of tokens, and counts once.
    """
    C, V = cfg["emb_dim"], cfg["vocab_size"]
    ### BEGIN SOLUTION
    attention = 3 * C * C + C * C + C  # queries, keys, values; out_proj
    if cfg["qkv_bias"]:
        attention += 3 * C
    feed_forward = C * 4 * C + 4 * C + 4 * C * C + C
    norms = 2 * 2 * C
    block = attention + feed_forward + norms
    tables = V * C + cfg["context_length"] * C
    head = 0 if tied else V * C
    return tables + cfg["n_layers"] * block + 2 * C + head
    ### END SOLUTION

# %% grade="count" points=2
check.count(count_parameters)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# The table above, with letters in place of numbers.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# C and V are given. `cfg["n_layers"]` blocks; `cfg["qkv_bias"]` says whether
# three biases are there. Keep attention, feed-forward and norms of one block
# in names of their own.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Attention of a block: three square matrices, a fourth with a bias, and
# perhaps three biases. Feed-forward: there and back, each with its bias.
# Norms: two, with two rows each. Then the sum of: both tables; the blocks; one
# more norm; and the head, unless it is tied.
#
# </details>
#
# Is it true? Build the model and ask it. At this size it would take more than
# half a gigabyte. But PyTorch has a device called **meta**: tensors there have
# a shape, and no numbers. They cost nothing.

# %% numbers="n_untied n_tied n_pretrained"
with torch.device("meta"):
    large = GPTModel(GPT_CONFIG_124M)
n_untied = sum(p.numel() for p in large.parameters())
n_tied = n_untied - large.out_head.weight.numel()
rows = {"GPT_CONFIG_124M": GPT_CONFIG_124M, "TEACHING": TEACHING,
        "PRETRAINED": PRETRAINED}
print(f"built: {n_untied:,}; tied: {n_tied:,}; you said {my_millions} million")
print(f"{'by arithmetic':18} {'untied':>13} {'tied':>13}")
for name, cfg in rows.items():
    pair = count_parameters(cfg), count_parameters(cfg, tied=True)
    print(f"{name:18} {pair[0]:13,} {pair[1]:13,}")
n_pretrained = count_parameters(PRETRAINED, tied=True)
agree = n_untied == count_parameters(GPT_CONFIG_124M)
print("arithmetic agrees" if agree else "arithmetic does NOT agree")

# %% [markdown]
# {{n_untied:,}} with a head of its own, {{n_tied:,}} tied: that is where the
# name 124M comes from. OpenAI's weights have the biases too:
# {{n_pretrained:,}}.
#
# And memory? A number in float32 takes 4 bytes. To *train* it takes more:
# beside each weight its gradient, and two numbers that AdamW, the optimizer of
# lab 3, keeps for it. Four times as much. The *activations* come on top: the
# numbers in between, which are kept for the gradient.

# %% numbers="run_gb half_gb train_gb"
gigabyte = 1e9  # bytes
run_gb = 4 * n_untied / gigabyte
train_gb = 4 * run_gb
half_gb = 2 * n_untied / gigabyte
print(f"to run it in float32:      {run_gb:.2f} GB")
print(f"in 16 bits:                {half_gb:.2f} GB")
print(f"to train it with AdamW:    {train_gb:.2f} GB and the activations")

# %% [markdown]
# ## Where they are
#
# The picture of the first screen. Left: how many numbers each part holds.
# Right: how many multiplications it does to write one more token, at place
# 1,024. A matrix uses each of its weights once for a token. A table uses none:
# one row is *looked up*. And attention does something that needs no weights:
# the new query meets 1,024 keys and mixes 1,024 values.
#
# That is so with the cache of lab 5, which keeps the keys and values of the
# places before. The loop that you write in Part 4 has none: it works out all
# the places anew for each token.

# %% numbers="held work looking_back share_ff"
def part_of(name):
    """The part that a parameter belongs to, by its name."""
    for piece, part in {"tok_emb": "token table", "pos_emb": "place table",
                        ".att.": "attention", ".ff.": "feed-forward",
                        "out_head": "head"}.items():
        if piece in name:
            return part
    return "norms"


held, work = {}, {}
for name, p in large.named_parameters():
    part = part_of(name)
    held[part] = held.get(part, 0) + p.numel()
    looked_up = part in ("token table", "place table")
    used = p.numel() if p.dim() == 2 and not looked_up else 0
    work[part] = work.get(part, 0) + used
T, C = GPT_CONFIG_124M["context_length"], GPT_CONFIG_124M["emb_dim"]
looking_back = GPT_CONFIG_124M["n_layers"] * 2 * T * C  # keys and values
share_ff = held["feed-forward"] / n_untied
order = ["token table", "place table", "attention", "feed-forward", "norms",
         "head"]
for part in order:
    print(f"{part:13} {held[part]:11,} numbers  {work[part]:11,} products")
print(f"and looking back: {looking_back:,} products")

# %% figure="cost"
fig, axes = plt.subplots(1, 2, figsize=(10, 3.1), sharey=True)
counts = [held[part] / 1e6 for part in order]
products = [work[part] / 1e6 for part in order]
back = [looking_back / 1e6 if part == "attention" else 0 for part in order]
bars = axes[0].barh(order, counts, color="tab:blue")
labels = [f"{n:.1f}" if n > 0.1 else f"{n:.2f}" for n in counts]
axes[0].bar_label(bars, labels=labels, padding=3)
axes[0].set(title="millions of numbers that it holds", xlim=(0, 66))
axes[1].barh(order, products, color="tab:orange")
bars = axes[1].barh(order, back, left=products, color="moccasin",
                    edgecolor="tab:orange", label="looking back at 1,024")
totals = [f"{a + b:.1f}" if a + b else "0" for a, b in zip(products, back)]
axes[1].bar_label(bars, labels=totals, padding=3)
axes[1].set(title="millions of products for one token", xlim=(0, 66))
axes[1].legend(loc="upper right")
axes[0].invert_yaxis()
fig.tight_layout()
plt.show()

# %% [markdown]
# Two thirds of a block are feed-forward. The token table holds more than
# attention in all twelve blocks, and costs no product at all. The head is of
# the same size, and is paid for in full: that is why a model that writes
# should only ask for the scores of the *last* place.
#
# ## The larger ones
#
# GPT-2 came in four sizes. The class is the same, only the settings change:

# %% numbers="counted"
LARGER = {
    "124M": {"emb_dim": 768, "n_layers": 12, "n_heads": 12},
    "355M": {"emb_dim": 1024, "n_layers": 24, "n_heads": 16},
    "774M": {"emb_dim": 1280, "n_layers": 36, "n_heads": 20},
    "1558M": {"emb_dim": 1600, "n_layers": 48, "n_heads": 25},
}
counted = {}
print("size   emb_dim layers heads  of each     parameters  GB   to train")
for name, changes in LARGER.items():
    cfg = {**PRETRAINED, **changes}
    n = counted[name] = count_parameters(cfg, tied=True)
    each = cfg["emb_dim"] // cfg["n_heads"]
    print(f"{name:6} {cfg['emb_dim']:7} {cfg['n_layers']:6} "
          f"{cfg['n_heads']:5} {each:8} {n:14,} {4 * n / 1e9:5.1f} "
          f"{16 * n / 1e9:6.1f}")

# %% figure="sizes"
layers_of = {}
for name, changes in LARGER.items():
    cfg = {**PRETRAINED, **changes}
    nothing = count_parameters({**cfg, "n_layers": 0}, tied=True)
    layers_of[name] = counted[name] - nothing, nothing
fig, ax = plt.subplots(figsize=(8, 2.8))
names = list(layers_of)
in_blocks = [layers_of[name][0] / 1e6 for name in names]
tables = [layers_of[name][1] / 1e6 for name in names]
ax.barh(names, tables, color="tab:blue", label="tables and last norm")
bars = ax.barh(names, in_blocks, left=tables, color="tab:green",
               label="blocks")
ax.bar_label(bars, padding=4, labels=[
    f"{b + t:,.0f} M, {t / (b + t):.0%} of it tables"
    for b, t in zip(in_blocks, tables)
])
ax.invert_yaxis()
ax.set(xlim=(0, 2150), xlabel="million parameters, tied, with qkv_bias",
       title="The four sizes of GPT-2")
ax.legend(loc="upper right")
fig.tight_layout()
plt.show()

# %% [markdown]
# A head has 64 numbers in all of them. In the smallest, nearly a third of the
# numbers are tables. In the largest they hardly count.
#
# # Part 4 · It writes
#
# ## The loop, greedy
#
# No dice today: take the token with the largest score, append it, ask again.
# In lab 9 you will do better.
#
# By hand, with a "model" that is easy to follow: five tokens, 0 to 4. What it
# thinks likeliest is the *sum* of all the tokens that it sees; if that is 5 or
# more, take away fives. `context_size` = 3, so it sees the last three.
#
# | text so far | it sees | sum | and adds |
# |---|---|---|---|
# | 1, 2 | 1, 2 | 3 | 3 |
# | 1, 2, 3 | 1, 2, 3 | 6 | 1 |
# | 1, 2, 3, 1 | 2, 3, 1 | 6 | 1 |
# | 1, 2, 3, 1, 1 | 3, 1, 1 | 5 | 0 |
# | 1, 2, 3, 1, 1, 0 | 1, 1, 0 | 2 | 2 |
#
# Nothing of the text is thrown away: only what the *model* gets is cut. The
# model gives scores for each place (B, T, V). Only those of the last place say
# what comes next.

# %% answer="generate" level=2 minutes=10
def generate_text_simple(model, idx, max_new_tokens, context_size):
    """Continue each row of idx by the likeliest token, max_new_tokens times.

    Nobody learns here: the model runs without gradients.
    idx: (B, T) ids. context_size: how many of the last tokens the model reads
    returns: (B, T + max_new_tokens)
    """
    ### BEGIN SOLUTION
    for _ in range(max_new_tokens):
        with torch.no_grad():
            logits = model(idx[:, -context_size:])  # (B, T', V)
        best = logits[:, -1, :].argmax(dim=-1, keepdim=True)  # (B, 1)
        idx = torch.cat((idx, best), dim=1)
    return idx
    ### END SOLUTION

# %% grade="generate" points=3
check.generate(generate_text_simple)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Again and again: cut, ask, read the last place, choose, append. Keep the
# whole text; cut only what the model gets.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# A slice with a negative start takes the end of an axis, and all of it if it
# is shorter. `argmax(dim=..., keepdim=True)` gives the place of the largest
# number, and `keepdim` leaves an axis of 1, along which it can be appended.
# `torch.cat`. `torch.no_grad()` saves memory: nobody learns here.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# A loop of `max_new_tokens` rounds with three lines: the model's scores of the
# last `context_size` columns; of the last place the best id in each row, (B,
# 1); the text with it appended along time. Return after the loop.
#
# </details>
#
# An untrained model first. And then the same class with trained numbers: your
# GPT-2 writes a play.

# %% numbers="noise play side_by_side write_seconds"
def write(model, start, n_tokens):
    """A start, continued by your loop, as text that a screen can show."""
    idx = torch.tensor([tokenizer.encode(start)])
    n_tokens = steps(n_tokens, graded=2)
    out = generate_text_simple(model, idx, n_tokens, TINY["context_length"])
    text = tokenizer.decode(out[0].tolist())
    shown = {c for c in text if c.isprintable() or c == "\n"} - {"\ufffd", "`"}
    return "".join(c if c in shown else "·" for c in text)


began = time.time()
noise = write(untrained, "First Citizen:\n", 180)
play = write(model, "First Citizen:\n", 150)
write_seconds = time.time() - began
print(noise)
print("\n---------- the same class, trained ----------\n")
print(play)

flat = "".join(c if c.isascii() else "·" for c in noise.replace("\n", " "))
left = [flat[i : i + 34] for i in range(0, 340, 34)]
right = play.split("\n")[:10] + [""] * 10
side_by_side = "\n".join(f"{a:36}|  {b}".rstrip()
                         for a, b in zip(left, right))

# %% [markdown]
# It is a small model, and greedy: sooner or later it goes round in circles.
# But nobody told it what a play looks like.
#
# # Part 5 · What if?
#
# ## … a slip is in the model?
#
# You have a model that is known to be right, and a score to compare with. So
# do what nobody should: break it, one slip at a time, with the trained
# weights. Each line below changes one thing in a fresh copy.

# %% predict="my_loss_without"
# Block 0 of the 4 is left out of the trained model. What is the loss then?
my_loss_without = None  # a number, before you run anything below

# %% numbers="changed same slip_loss erf_change erf_same erf_loss same_play loss_without"
class Quick(nn.Module):
    """x times a sigmoid: another cheap form of GELU."""

    def forward(self, x):
        return x * torch.sigmoid(1.702 * x)


def norms_of(m):
    return [part for part in m.modules() if isinstance(part, LayerNorm)]


def bend(m, other):
    for block in m.trf_blocks:
        block.ff.layers[1] = other


def eps(m, value):
    for norm in norms_of(m):
        norm.eps = value


@torch.no_grad()
def unbiased(m):
    C = TINY["emb_dim"]  # what dividing by C - 1 does, but for eps
    for norm in norms_of(m):
        norm.scale *= ((C - 1) / C) ** 0.5


def leave_out(m, i):
    m.trf_blocks[i] = nn.Identity()


def no_last_norm(m):
    m.final_norm = nn.Identity()


@torch.no_grad()
def no_places(m):
    m.pos_emb.weight.zero_()


slips = {
    "GELU by erf": lambda m: bend(m, nn.GELU()),
    "eps 1e-6": lambda m: eps(m, 1e-6),
    "variance over C − 1": unbiased,
    "GELU by a sigmoid": lambda m: bend(m, Quick()),
    "ReLU": lambda m: bend(m, nn.ReLU()),
    "dropout left on": lambda m: m.train(),
    "no last norm": no_last_norm,
    "no positions": no_places,
    **{f"without block {i}": lambda m, i=i: leave_out(m, i)
       for i in (3, 2, 1, 0)},
}
with torch.no_grad():
    right_scores = model(windows)
torch.manual_seed(1337)
changed, same, slip_loss = {}, {}, {}
print(f"{'':22} largest change  same likeliest    loss")
print(f"{'nothing':22} {0:14.5f} {1:14.1%} {trained_loss:9.3f}")
for name, slip in slips.items():
    broken = a_model(TINY, state)
    slip(broken)
    with torch.no_grad():
        scores = broken(windows)
    changed[name] = (scores - right_scores).abs().max().item()
    agree = scores.argmax(-1) == right_scores.argmax(-1)
    same[name] = agree.float().mean().item()
    slip_loss[name] = loss_of(broken)
    print(f"{name:22} {changed[name]:14.5f} {same[name]:14.1%} "
          f"{slip_loss[name]:9.3f}")
erf_change, erf_same = changed["GELU by erf"], same["GELU by erf"]
erf_loss = slip_loss["GELU by erf"]
loss_without = [slip_loss[f"without block {i}"] for i in range(4)]
erf_model = a_model(TINY, state)
slips["GELU by erf"](erf_model)
erf_play = write(erf_model, "First Citizen:\n", 150)
same_play = erf_play == play
print(f"you said {my_loss_without}; the play by erf is the same: {same_play}")

# %% figure="slips"
fig, ax = plt.subplots(figsize=(8.5, 3.8))
names = sorted(changed, key=changed.get)
colors = ["tab:green" if same[name] > 0.99 else "tab:orange"
          if same[name] > 0.8 else "tab:red" for name in names]
bars = ax.barh(names, [changed[name] for name in names], color=colors)
ax.bar_label(bars, padding=4, labels=[
    f"{changed[name]:.2g}, {same[name]:.2%} the same" for name in names
])
ax.axvline(1e-4, color="gray", linestyle="--", linewidth=1)
ax.invert_yaxis()
ax.set(xscale="log", xlim=(5e-5, 5e3),
       xlabel="largest change of a score (dashed: our tolerance, 0.0001)",
       title="Silent slips and loud ones: how many of the likeliest tokens "
       "stay the same")
fig.tight_layout()
plt.show()

# %% [markdown]
# All of these have the right shapes. With erf, the largest change of a score
# is {{erf_change:.4f}}, {{erf_same:.1%}} of the likeliest tokens are the same,
# the loss is {{erf_loss:.4f}} in place of {{trained_loss:.4f}}, and the play
# is the same word for word. Whoever reads the text cannot see it. Whoever
# compares scores sees it at once: our tolerance is 0.0001.
#
# Look at the losses in the table again: with the wrong variance it is *lower*
# than that of the right model. So the loss is no proof either.
#
# (In the picture: green where more than 99 in 100 of the likeliest tokens stay
# the same, orange where more than 80 do, red below.)
#
# <details><summary>And the blocks?</summary>
#
# Without block 3 the loss is {{loss_without[3]:.2f}}, without block 2
# {{loss_without[2]:.2f}}: the model goes on, only a little worse. That is
# the shortcut again. A block only *adds*, so without it the
# stream still arrives. Only block 0 cannot be spared
# ({{loss_without[0]:.2f}}): all the others read what it wrote.
#
# </details>
#
# Your turn: add a line of your own to `slips`. What does it do if two blocks
# change places?
#
# <details><summary>How to exchange two blocks</summary>
#
# ```python
# def exchange(m):
#     b = m.trf_blocks
#     b[1], b[2] = b[2], b[1]
# ```
#
# and `"blocks 1 and 2": exchange` in `slips`. (After `b[1] = b[2]` alone,
# block 2 is used twice and block 1 is lost, which costs far more.) The
# exchange costs a little more than leaving out block 2 does, where the loss is
# {{loss_without[2]:.2f}}: each reads what it was not trained to read, but both
# still add.
#
# </details>
#
# ## One thing to show a friend
#
# Their name as a part in a play, written by a class that you wrote yourself:

# %%
name = "Ada"
print(write(model, f"{name.upper()}:\n", 120))

# %% [markdown]
# (Accents and other alphabets work: its tokens are made of bytes. It just has
# never seen them.)
#
# # Quiz

# %% choice="erf" points=1 level=2 minutes=3
question = "A friend took erf for tanh in GELU. With the same trained weights, her loss is a little lower than yours. What follows?"
options = {
    "The two forms are one function, so the difference of the losses is rounding": "No: they differ "
    "by up to 0.0005, near 2.7 and -2.7. You have plotted it. Rounding is far smaller.",
    "Hers is the better model: on the same text the lower loss decides": "No: a difference this small "
    "can be luck with this text. The wrong variance lowered the loss as well, and nobody would "
    "call it better.",
    "Hers is another model than the one that was trained; its scores show it": "Right: the weights "
    "were trained with the tanh form, and the scores of a model that is known to be right tell the "
    "two apart in a second. Neither loss nor text does.",
    "Her weights are other ones by now, since the loss has changed": "No: a forward pass changes no "
    "weight. The same weights went through another formula.",
}
right = "Hers is another model than the one that was trained; its scores show it"

# %% [markdown]
# The others aloud: choose, then open.
#
# **2. `[TransformerBlock(cfg)] * 12` in place of a list comprehension. What do
# you get?**
#
# - a) Twelve blocks with the same start, which then learn different things.
# - b) One block, used twelve times.
# - c) An error.
#
# <details><summary>Open</summary>
#
# - a) No: they are not copies. `*` repeats a list's entries, it makes no new
#   ones.
# - **b) Right.** Twelve times the same object: a twelfth of the parameters. It
#   runs, trains and writes, only worse. Counting the parameters shows it.
# - c) No, and that is the trouble.
#
# </details>
#
# **3. A layer norm in training sees 8 texts at once, and one text when the
# model writes. Why does that change nothing?**
#
# - a) It keeps an average of the means that it has seen.
# - b) Mean and variance are those of one place by itself.
# - c) `eval()` switches it off.
#
# <details><summary>Open</summary>
#
# - a) No: that is *batch norm*, another layer, and its trouble.
# - **b) Right.** No place knows of another, nor of another text. That is why
#   it is the last axis, `dim=-1`.
# - c) No: in evaluation mode it works as before. Only dropout is switched off.
#
# </details>
#
# **4. GPT-2 124M and 355M run on the same laptop. What does the larger one
# need about three times as much of, for each token that it writes?**
#
# - a) Multiplications and memory.
# - b) Only memory: the number of tokens is the same.
# - c) Places in the context.
#
# <details><summary>Open</summary>
#
# - **a) Right.** Each matrix weight is read and used once for each token.
# - b) No: more weights are more products. Only the tables cost memory alone.
# - c) No: 1,024 for all four.
#
# </details>
#
# **5. A friend's `GPTModel` has a first loss of 90 with 50,257 tokens. What do
# you say?**
#
# - a) Fine, it is not trained yet.
# - b) It should be near 10.8: the scores are far too large.
# - c) It should be 0.
#
# <details><summary>Open</summary>
#
# - a) No: not knowing costs ln 50,257 ≈ 10.8. 90 is worse than not knowing.
# - **b) Right.** Very sure, and wrong. A likely cause: the head is tied to a
#   token table with a spread of 1, so the scores are enormous. Tied models
#   draw the table with a spread of 0.02.
# - c) No: 0 is the loss of someone who knows every next token for certain.
#
# </details>
#
# ## Where you are
#
# You have a GPT-2. It was checked against another program, and it can hold the
# weights of four sizes. Its own weights it cannot find yet: training is lab 8.
# Better text from the same weights is lab 9, and OpenAI's weights come in lab
# 10.
#
# **Credits.** The classes, their names, the settings and the order of this lab
# follow Sebastian Raschka's *Build a Large Language Model (From Scratch)*,
# 2024, chapter 4, and its [code](https://github.com/rasbt/LLMs-from-scratch),
# from the gradients with and without a shortcut to the table of sizes. The
# model: Radford et al., *Language Models are Unsupervised Multitask Learners*,
# 2019, and OpenAI's [gpt-2](https://github.com/openai/gpt-2). GELU: Hendrycks
# and Gimpel, *Gaussian Error Linear Units*, 2016. Layer norm: Ba, Kiros and
# Hinton, *Layer Normalization*, 2016. Shortcuts: He et al., *Deep Residual
# Learning for Image Recognition*, 2016. Tied tables: Press and Wolf, 2017. The
# count of a token's work follows A. Karpathy's
# [nanoGPT](https://github.com/karpathy/nanoGPT). The tiny model learned from
# the text of [char-rnn](https://github.com/karpathy/char-rnn).
