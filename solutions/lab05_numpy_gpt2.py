# %% [markdown]
# # Lab 5 · GPT-2 in nothing but NumPy
#
# ```text
# {{written}}
# ```
#
# A GPT-2 wrote this, from `ROMEO:` on. It is a tiny one, {{n_parameters:,}}
# numbers in all, trained on Shakespeare's plays. No PyTorch took part. Every
# step is a function of NumPy, two to ten lines each, and you write them today.
#
# At each step the model bets on every token that it knows. Here are the five
# likeliest at four steps in a row, after `alone.` and two line breaks (↵). Each
# time the longest bar was taken. Watch it grow sure of a name.
#
# {{figure:likeliest}}
#
# Nothing of it is a toy. The same functions run OpenAI's own GPT-2, with its
# 124 million numbers. At the end of the lab they stand behind a web page.

# %% [markdown]
# ## Three questions to warm up
#
# Answer aloud, then open.
#
# <details><summary>1. (Lab 2) Two scores are 2 and 0, and a third one is hidden
# by a mask. Why is the hidden one not simply set to 0?</summary>
#
# softmax takes e to the power of each score, and e⁰ is 1: the hidden place would
# get the same weight as the second. Only a hugely negative score leaves nothing.
#
# </details>
# <details><summary>2. (Lab 3) A block computes <code>x + sa(ln1(x))</code>. What
# would be lost without the <code>x +</code>?</summary>
#
# The way around. Each part would replace what came in, and of the first letter
# hardly anything would be left after many blocks.
#
# </details>
# <details><summary>3. (Lab 4) A tokenizer has 256 bytes, 255 merges and one
# special token. How many ids are there, and how large is the table that turns
# ids into rows of 72 numbers?</summary>
#
# 256 + 255 + 1 = 512 ids, so 512 rows of 72: 36,864 numbers. It is the tokenizer
# of today's model.
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
# **No GPU today.** NumPy computes on the processor, whatever else is in the
# machine. If you are in Colab, you can leave the runtime as it is, or change it
# to **CPU** and save your GPU hours for later labs.

# %%
import math
import time
from contextlib import contextmanager
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from tqdm import tqdm

from gptlab import steps, tiny, weights
from gptlab.checks import lab05_numpy_gpt2 as check

graded = steps(2, graded=1) == 1  # while graded, loops are short

# %% [markdown]
# ## The whole of it
#
# GPT-2 is ten functions. Each uses only those above it.
#
# | function | takes | gives | what it does |
# |---|---|---|---|
# | `gelu` | any shape | the same | a soft switch |
# | `softmax` | any shape | the same | scores to shares |
# | `layer_norm` | (T, C) | (T, C) | keeps numbers in range |
# | `linear` | (T, n_in) | (T, n_out) | times a matrix, plus a bias |
# | `attention` | (n_head, T, hs) | (n_head, T, hs) | each place looks back |
# | `mha` | (T, C) | (T, C) | all heads, side by side |
# | `feed_forward` | (T, C) | (T, C) | each place thinks for itself |
# | `transformer_block` | (T, C) | (T, C) | both, each added |
# | `gpt2` | T ids | (T, n_vocab) | tables, blocks, scores |
# | `generate` | T ids | more ids | the loop |
#
# The letters, in all of the lab:
#
# | | | the tiny model | GPT-2 |
# |---|---|---|---|
# | T | tokens in the text so far | | |
# | C | numbers that stand for a token | 72 | 768 |
# | n_head | heads | 4 | 12 |
# | hs | numbers of a head, C / n_head | 18 | 64 |
# | n_vocab | tokens to choose from | 512 | 50,257 |
# | n_ctx | places that have a row of their own | 64 | 1,024 |
# | n_layer | blocks | 4 | 12 |
#
# There is **no batch** today: one text at a time. So an array has one axis less
# than in labs 2 and 3.

# %% [markdown]
# # Part 1 · The small parts
#
# ## GELU
#
# The toy of lab 3 had ReLU between its two layers: negative numbers become 0.
# GPT-2 has a softer switch, which bends instead of breaking:
#
# $$\text{gelu}(x) = \tfrac12\, x \left(1 + \tanh\left(\sqrt{2/\pi}\,
# (x + 0.044715\, x^3)\right)\right)$$
#
# By hand, with $\sqrt{2/\pi} \approx 0.7979$:
#
# | x | x + 0.044715 x³ | times 0.7979 | tanh | 1 + tanh | times ½ x |
# |---|---|---|---|---|---|
# | 1 | 1.0447 | 0.8336 | 0.6824 | 1.6824 | **0.8412** |
# | −1 | −1.0447 | −0.8336 | −0.6824 | 0.3176 | **−0.1588** |
# | 2 | 2.3577 | 1.8812 | 0.9546 | 1.9546 | **1.9546** |
# | 0 | 0 | 0 | 0 | 1 | **0** |
#
# Far to the right it is x, far to the left 0, and a little below zero in
# between.
#
# One warning. There is a second GELU, with the *error function* `erf` in place
# of `tanh`. It is the default in PyTorch. The two differ in the fourth place
# after the point, so the text looks the same, and the numbers are wrong. GPT-2
# was trained with this one.
#
# A guess, before you write it:

# %% predict="my_gelu"
# Where is gelu(x) lowest? And how low is it there?
my_gelu = None  # (x, how low), before you run anything below

# %% answer="gelu" level=1 minutes=5
def gelu(x):
    """½ x (1 + tanh(√(2/π) (x + 0.044715 x³))), for each number of x."""
    ### BEGIN SOLUTION
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))
    ### END SOLUTION

# %% grade="gelu" points=1
check.gelu(gelu)


# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# The formula, from left to right. NumPy works on each number of an array by
# itself, so the same line serves any shape.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `np.tanh`, `np.sqrt`, `np.pi`; `**` is "to the power of". Mind the brackets:
# the root multiplies the whole sum.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# One line. The half, times x, times a bracket. In the bracket: one, plus the
# hyperbolic tangent of the root times (x plus a small number times x cubed).
#
# </details>

# %% figure="gelu" numbers="gelu_lowest"
x = np.linspace(-4, 4, 801)  # (801,)
y = gelu(x)  # (801,)
gelu_lowest = [x[y.argmin()], y.min()]
fig, ax = plt.subplots(figsize=(6.5, 3))
ax.plot(x, np.maximum(x, 0), color="gray", linestyle="--", label="ReLU")
ax.plot(x, y, label="GELU")
ax.plot(*gelu_lowest, "o", color="tab:red")
ax.annotate(f"({gelu_lowest[0]:.2f}, {gelu_lowest[1]:.3f})", gelu_lowest,
            textcoords="offset points", xytext=(10, -12))
ax.set(xlabel="x", ylim=(-0.6, 3), title="A soft switch")
ax.legend()
plt.show()
print(f"you said {my_gelu}")

# %% [markdown]
# ## softmax
#
# Scores become shares: e to the power of each, divided by the sum of its row.
# As in lab 2, the numbers are logarithms, so that it works on paper:
#
# | scores | e to the power | sum | shares |
# |---|---|---|---|
# | 0, ln 3, 0 | 1, 3, 1 | 5 | 0.2, 0.6, 0.2 |
# | 0, 0, ln 2 | 1, 1, 2 | 4 | 0.25, 0.25, 0.5 |
#
# And a trap. A score of 1000 is allowed, but $e^{1000}$ is too large for any
# float: it becomes `inf`, and `inf / inf` is `nan`. The way out: shares depend
# only on *differences* of scores. So take the largest one of each row away
# first. Then the largest power is $e^0 = 1$.
#
# | scores | minus the largest | e to the power | shares |
# |---|---|---|---|
# | 1000, 1000 + ln 3 | −ln 3, 0 | ⅓, 1 | 0.25, 0.75 |
#
# The rows may come in any arrangement: (T, S), or (n_head, T, S). What is a row
# is always along the **last** axis.

# %% answer="softmax" level=1 minutes=5
def softmax(x):
    """Positive numbers that add up to 1 along the last axis. x: any shape"""
    ### BEGIN SOLUTION
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)
    ### END SOLUTION

# %% grade="softmax" points=1
check.softmax(softmax)


# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Three steps: away with the largest number of each row; powers of e; divide by
# the sum of each row.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `np.exp`. An array has `.max` and `.sum`. Both take `axis=-1` for the last
# axis and `keepdims=True`, which leaves an axis of length 1, so that (T, S) and
# (T, 1) still line up.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Two lines: the powers of x minus the maximum along the last axis; then those
# powers over their sum along the last axis. Both times the axis is kept.
#
# </details>
#
# ## Layer norm
#
# As in lab 3, now by your own hand. The numbers of **one place** get mean 0 and
# variance 1. Then each is multiplied by a gain `g` and gets a bias `b`, which
# were learned. Three places, four numbers each, `g` = (1, 2, 10, 4) and
# `b` = (0, 0, 0, ½):
#
# | place | mean | variance | normed | times g, plus b |
# |---|---|---|---|---|
# | 1, 1, 7, 7 | 4 | 9 | −1, −1, 1, 1 | −1, −2, 10, 4.5 |
# | 0, 20, 0, 20 | 10 | 100 | −1, 1, −1, 1 | −1, 2, −10, 4.5 |
# | 5, 3, 5, 3 | 4 | 1 | 1, −1, 1, −1 | 1, −2, 10, −3.5 |
#
# The variance is the plain mean of the squares (divided by C, not by C − 1).
#
# What is `eps` for? If all numbers of a place are equal, the variance is 0, and
# nobody can divide by that. So `eps` is added **to the variance**, before the
# root. With a huge one you can see where it goes:
#
# | | variance + eps | its root | normed |
# |---|---|---|---|
# | (1, 7), eps = 16 | 9 + 16 = 25 | 5 | −0.6, 0.6 |

# %% answer="layer_norm" level=2 minutes=7
def layer_norm(x, g, b, eps=1e-5):
    """Each row to mean 0 and variance 1, then times g, plus b.

    x: (T, C). g, b: (C,). returns: (T, C)
    """
    ### BEGIN SOLUTION
    mean = x.mean(axis=-1, keepdims=True)  # (T, 1)
    variance = x.var(axis=-1, keepdims=True)  # (T, 1)
    return (x - mean) / np.sqrt(variance + eps) * g + b
    ### END SOLUTION

# %% grade="layer_norm" points=2
check.layer_norm(layer_norm)


# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Mean and variance of each row; away with the mean; divide by the root of
# variance plus eps; gain; bias.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# An array has `.mean` and `.var`, with `axis` and `keepdims` as before.
# `np.sqrt`. A vector of C numbers lines up with each row of (T, C) by itself.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Three lines: the means, (T, 1); the variances, (T, 1); and the result: x minus
# its mean, over the root of (variance plus eps), times the gain, plus the bias.
#
# </details>
#
# ## A linear layer
#
# Each row of x times a matrix, plus a bias. By hand, from 2 numbers to 4:
#
# | w | | | | |
# |---|---|---|---|---|
# | row 0 | 1 | 0 | 2 | 1 |
# | row 1 | 0 | 1 | −1 | 1 |
# | b | 10 | 20 | 30 | 0 |
#
# | x | x times w | plus b |
# |---|---|---|
# | 1, 2 | 1, 2, 0, 3 | 11, 22, 30, 3 |
# | 0, 1 | 0, 1, −1, 1 | 10, 21, 29, 1 |
# | 3, 0 | 3, 0, 6, 3 | 13, 20, 36, 3 |
#
# GPT-2 keeps its matrices as (n_in, n_out), so nothing has to be transposed.
# (`nn.Linear` of PyTorch keeps them the other way round.)

# %% answer="linear" level=1 minutes=3
def linear(x, w, b):
    """x: (T, n_in). w: (n_in, n_out). b: (n_out,). returns: (T, n_out)"""
    ### BEGIN SOLUTION
    return x @ w + b
    ### END SOLUTION

# %% grade="linear" points=1
check.linear(linear)


# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# A matrix product and a sum.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `@` is the matrix product. (`*` multiplies place by place.)
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# One line. x stands on the left of the matrix. The bias lines up with each row.
#
# </details>

# %% [markdown]
# # Part 2 · Attention
#
# ## Each place looks back
#
# As in lab 2: a query asks, keys answer, and the values are mixed by the shares.
#
# $$\text{attention}(q, k, v) = \text{softmax}\left(\frac{q\,k^\top}{\sqrt{hs}}
# + \text{mask}\right) v$$
#
# Two things are new. All heads come **at once**, as the first axis. And the mask
# is **added**: a table with 0 where a query may look, and −10,000,000,000 (in
# Python: `-1e10`) where it may not. A score minus ten thousand million gets a
# share of exactly 0. A mask that hides the future is **causal**, as in lab 2.
#
# By hand: one head, head size hs = 4, so scores are divided by 2. Three places:
#
# | place | query | key | value |
# |---|---|---|---|
# | 0 | 5, 1, 0, 0 | 1, 0, 0, 0 | 8, 0, 4, 0 |
# | 1 | 2 ln 3, 0, 0, 0 | 0, 1, 0, 0 | 0, 8, 4, 0 |
# | 2 | 0, 2 ln 2, 0, 0 | 1, 0, 0, 0 | 4, 4, 4, 12 |
#
# | query of | scores / 2 | after the mask | shares | mix of values |
# |---|---|---|---|---|
# | 0 | 2½, ½, 2½ | 2½, −, − | 1, 0, 0 | 8, 0, 4, 0 |
# | 1 | ln 3, 0, ln 3 | ln 3, 0, − | ¾, ¼, 0 | 6, 2, 4, 0 |
# | 2 | 0, ln 2, 0 | 0, ln 2, 0 | ¼, ½, ¼ | 3, 5, 4, 3 |
#
# And a head of one number, hs = 1, so scores are divided by 1. The query is
# ln 3, the keys are 1 and 0, the values 4 and 8. Shares ¾ and ¼: the mix is 5.

# %% predict="my_unscaled"
# Without the division by 2: which share would place 1 give to place 0?
my_unscaled = None  # a number from 0 to 1

# %% answer="attention" level=2 minutes=10
def attention(q, k, v, mask):
    """Each query's weighted mean of the values.

    q: (n_head, T, hs). k, v: (n_head, S, hs)
    mask: (T, S), 0 where a query may look, very negative where it may not
    returns: (n_head, T, hs)
    """
    ### BEGIN SOLUTION
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])  # (n_head, T, S)
    return softmax(scores + mask) @ v
    ### END SOLUTION

# %% grade="attention" points=2
check.attention(attention)


# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# The formula, from the inside out: products of queries and keys, scale, mask,
# softmax, mix.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `@` treats the first axis as a stack: (n_head, T, hs) @ (n_head, hs, S) gives
# (n_head, T, S). `.swapaxes(-1, -2)` exchanges the last two axes. (`.T` would
# turn around all three.) The mask (T, S) lines up with each head by itself.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Two lines. Scores: queries times turned keys, over the root of the length of
# q's last axis. Result: your `softmax` of (scores plus mask), times the values.
#
# </details>
#
# <details><summary>And without the scale? (What did you write above?)</summary>
#
# The scores of place 1 are then 2 ln 3 and 0, so 9 to 1: a share of 0.9 in place
# of 0.75. The model was trained with the scale. Without it, it would trust its
# favourites too much.
#
# </details>
#
# ## Many heads
#
# `mha` is attention with everything around it. Follow the shapes:
#
# ```text
# x          (T, C)
#            times c_attn
# q, k, v    (T, 3C)          all three, side by side
#            cut in three
# q, k, v    (T, C)           each
#            cut C into heads
# q, k, v    (T, n_head, hs)
#            heads to the front
# q, k, v    (n_head, T, hs)
#            attention
# out        (n_head, T, hs)
#            and all of it back
# out        (T, C)
#            times c_proj
# result     (T, C)
# ```
#
# Two of these steps look alike, and are not. **reshape** only puts the brackets
# elsewhere: the numbers stay in their order. **transpose** moves them. Two
# places, two heads of two numbers; place 0 holds 0 1 2 3, place 1 holds 4 5 6 7:
#
# | | head 0 | head 1 |
# |---|---|---|
# | right: head 0 has the first half of *each* place | 0 1 and 4 5 | 2 3 and 6 7 |
# | reshape to (n_head, T, hs) alone | 0 1 and 2 3 | 4 5 and 6 7 |
#
# The second row has the right shape, and mixes places. Nothing crashes.
#
# Now by hand: three places, C = 4, two heads. The weights are chosen so that
# keys are x itself, and values are x + 1 (by the bias of `c_attn`). Head 0 gets
# (0, 0) as its query at each place: it asks nothing, so it takes the plain mean.
# Head 1 asks for a large third number: a 28 there weighs three times as much as
# a 0.
#
# | place | x | values | head 0 | shares of head 1 | head 1 |
# |---|---|---|---|---|---|
# | 0 | 6, 0, 0, 28 | 7, 1, 1, 29 | 7, 1 | 1 | 1, 29 |
# | 1 | 0, 6, 28, 0 | 1, 7, 29, 1 | 4, 4 | ¼, ¾ | 22, 8 |
# | 2 | 3, 0, 28, 14 | 4, 1, 29, 15 | 4, 3 | 1/7, 3/7, 3/7 | 25, 11 |
#
# And a projection that adds the first number to the second, and 1 to the fourth:
#
# | place | side by side | result |
# |---|---|---|
# | 0 | 7, 1, 1, 29 | 7, 8, 1, 30 |
# | 1 | 4, 4, 22, 8 | 4, 8, 22, 9 |
# | 2 | 4, 3, 25, 11 | 4, 7, 25, 12 |
#
# With **four** heads of one number, only head 2 asks. The fourth number has a
# head of its own now, which takes the plain mean:
#
# | place | side by side | result |
# |---|---|---|
# | 0 | 7, 1, 1, 29 | 7, 8, 1, 30 |
# | 1 | 4, 4, 22, 15 | 4, 8, 22, 16 |
# | 2 | 4, 3, 25, 15 | 4, 7, 25, 16 |
#
# The mask is made here. `np.tri(3)` is the lower triangle:
#
# | np.tri(3) | | | | the mask | | | |
# |---|---|---|---|---|---|---|---|
# | place 0 | 1 | 0 | 0 | | 0 | −1e10 | −1e10 |
# | place 1 | 1 | 1 | 0 | | 0 | 0 | −1e10 |
# | place 2 | 1 | 1 | 1 | | 0 | 0 | 0 |
#
# One word of Python. `c_attn` is a dict with the entries `w` and `b`. And
# `linear(x, **c_attn)` hands them over by name, as `linear(x, w=…, b=…)`.

# %% answer="mha" level=3 minutes=15
def mha(x, c_attn, c_proj, n_head):
    """Multi-head attention, causal. x: (T, C). returns: (T, C)

    c_attn: {"w": (C, 3C), "b": (3C,)}: q, k and v of all heads, side by side
    c_proj: {"w": (C, C), "b": (C,)}
    """
    ### BEGIN SOLUTION
    T, C = x.shape
    q, k, v = np.split(linear(x, **c_attn), 3, axis=-1)  # each (T, C)

    def heads(a):  # (T, C) -> (n_head, T, hs)
        return a.reshape(T, n_head, C // n_head).transpose(1, 0, 2)

    mask = (1 - np.tri(T)) * -1e10  # (T, T)
    out = attention(heads(q), heads(k), heads(v), mask)  # (n_head, T, hs)
    out = out.transpose(1, 0, 2).reshape(T, C)
    return linear(out, **c_proj)
    ### END SOLUTION

# %% grade="mha" points=3
check.mha(mha)


# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# The drawing above, line by line. Write down the shape after each line, as a
# comment: most mistakes show there.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `np.split(a, 3, axis=-1)` cuts in three. `.reshape(T, n_head, ...)`, then
# `.transpose(1, 0, 2)`, which exchanges the first two of three axes, and is its
# own way back. The mask: one minus the triangle, times −1e10.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# T and C from the shape of x. `linear` with c_attn, cut into q, k and v. A small
# inner function that turns (T, C) into (n_head, T, hs): a reshape and a
# transpose. The mask. Your `attention` of the three. Back: transpose first, then
# reshape to (T, C). `linear` with c_proj.
#
# </details>

# %% [markdown]
# # Part 3 · The model
#
# ## Each place thinks
#
# Wider, GELU, back. By hand, 1 → 4 → 1. First layer: weights 1, −1, 2, 0 and
# biases 0, 0, 0, 1. Second layer: weights 10, 10, 1, 1 and bias −8.
#
# | | x = 1 | x = −1 |
# |---|---|---|
# | first layer | 1, −1, 2, 1 | −1, 1, −2, 1 |
# | gelu | 0.8412, −0.1588, 1.9546, 0.8412 | −0.1588, 0.8412, −0.0454, 0.8412 |
# | second layer | 8.412 − 1.588 + 1.9546 + 0.8412 − 8 | −1.588 + 8.412 − 0.0454 + 0.8412 − 8 |
# | | **1.6196** | **−0.3804** |

# %% answer="feed_forward" level=1 minutes=3
def feed_forward(x, c_fc, c_proj):
    """(T, C) -> (T, 4C) -> (T, C), with gelu in between.

    c_fc: {"w": (C, 4C), "b": (4C,)}. c_proj: {"w": (4C, C), "b": (C,)}
    """
    ### BEGIN SOLUTION
    return linear(gelu(linear(x, **c_fc)), **c_proj)
    ### END SOLUTION

# %% grade="feed_forward" points=1
check.feed_forward(feed_forward)


# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Two layers with a switch between them. You have all three.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `linear` twice, `gelu` once. `**c_fc` hands over w and b.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Read from the inside out: `linear` of x with c_fc; `gelu` of that; `linear` of
# that with c_proj.
#
# </details>
#
# ## The block
#
# As in lab 3: communication, then computation. Each reads a norm of x, and is
# added to x.
#
# By hand, with parts that are simple: "attention" that multiplies by −4 and
# "feed-forward" that multiplies by 3. `ln_1` has gain 1 and bias 0. `ln_2` has
# gain 1 and bias (5, 0).
#
# | | place 0 | place 1 |
# |---|---|---|
# | x | 1, 7 | 0, 20 |
# | ln_1 | −1, 1 | −1, 1 |
# | times −4 | 4, −4 | 4, −4 |
# | added to x | 5, 3 | 4, 16 |
# | ln_2 | 1 + 5, −1 | −1 + 5, 1 |
# | times 3 | 18, −3 | 12, 3 |
# | added to the line before ln_2 | **23, 0** | **16, 19** |

# %% answer="transformer_block" level=2 minutes=6
def transformer_block(x, mlp, attn, ln_1, ln_2, n_head):
    """Attention, then feed-forward: each reads a norm of x, and is added to x.

    mlp: {"c_fc": …, "c_proj": …}. attn: {"c_attn": …, "c_proj": …}
    ln_1, ln_2: {"g": (C,), "b": (C,)}. returns: (T, C)
    """
    ### BEGIN SOLUTION
    x = x + mha(layer_norm(x, **ln_1), **attn, n_head=n_head)
    return x + feed_forward(layer_norm(x, **ln_2), **mlp)
    ### END SOLUTION

# %% grade="transformer_block" points=2
check.transformer_block(transformer_block)


# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Two sums, one after the other. The second begins with what the first gave.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `**ln_1` hands over g and b; `**attn` hands over c_attn and c_proj, `**mlp`
# c_fc and c_proj. `mha` wants `n_head` too. Write `x = x + …`: with `x += …`
# you would write into an array that belongs to someone else.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# x becomes x plus `mha` of the first norm of x. Then return x plus
# `feed_forward` of the second norm of x.
#
# </details>
#
# ## From ids to scores
#
# 1. Each id becomes its row of `wte`: **which** token.
# 2. Each place 0, 1, 2, … becomes its row of `wpe`: **where** it stands. Added.
# 3. The blocks, one after the other.
# 4. The last norm.
# 5. The scores. GPT-2 has no layer of its own for that: each place is compared
#    with the row of each token, by a dot product, with the same `wte` as in 1.
#
# By hand: three tokens `a`, `b`, `c`, two numbers each. The last norm has gain 1
# and bias (0, 1).
#
# | token | wte | | place | wpe |
# |---|---|---|---|---|
# | `a` | 4, 0 | | 0 | 0, 6 |
# | `b` | 0, 2 | | 1 | 5, 0 |
# | `c` | 2, 1 | | 2 | 1, 0 |
# | | | | 3 | 4, 0 |
#
# The text `cab`, without any block:
#
# | | `c`, place 0 | `a`, place 1 | `b`, place 2 |
# |---|---|---|---|
# | token + place | 2, 7 | 9, 0 | 1, 2 |
# | last norm | −1, 1 + 1 | 1, −1 + 1 | −1, 1 + 1 |
# | scores of a, b, c | −4, 4, 0 | 4, 0, 2 | −4, 4, 0 |
#
# So after `c` it bets on `b`, after `ca` on `a`, after `cab` on `b`. And with
# two blocks, one that adds (3, 0) to each place and one that takes 5 times its
# norm away:
#
# | | `c` | `a` | `b` |
# |---|---|---|---|
# | after the first | 5, 7 | 12, 0 | 4, 2 |
# | its norm | −1, 1 | 1, −1 | 1, −1 |
# | after the second | 10, 2 | 7, 5 | −1, 7 |
# | scores | 4, 0, 2 | 4, 0, 2 | −4, 4, 0 |
#
# In the other order other scores come out.

# %% predict="my_no_places"
# The text "cab" without blocks and without wpe: the best token after "b"?
my_no_places = None  # "a", "b" or "c"

# %% answer="gpt2" level=2 minutes=8
def gpt2(inputs, wte, wpe, blocks, ln_f, n_head):
    """The scores for what follows each token: (T, n_vocab).

    inputs: a list of T ids. wte: (n_vocab, C). wpe: (n_ctx, C)
    blocks: a list of dicts. ln_f: {"g": (C,), "b": (C,)}
    """
    ### BEGIN SOLUTION
    x = wte[inputs] + wpe[range(len(inputs))]  # (T, C)
    for block in blocks:
        x = transformer_block(x, **block, n_head=n_head)
    return layer_norm(x, **ln_f) @ wte.T
    ### END SOLUTION

# %% grade="gpt2" points=1
check.gpt2(gpt2)


# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# The list above, from 1 to 5. There is a row of scores for *each* place.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# An array indexed with a list of numbers gives the rows of these numbers, in
# that order. `range(n)` is as good as a list. `**block` hands a whole block to
# `transformer_block`. `wte.T` is (C, n_vocab).
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Rows of the ids plus rows of the places 0 to T − 1. A loop over the blocks, in
# which x becomes what the block makes of it. The last norm. Its product with the
# turned table.
#
# </details>
#
# <details><summary>And without places? (What did you write above?)</summary>
#
# The row of `b` alone is 0, 2: normed −1, 1, plus the bias −1, 2. Scores −4, 4,
# 0: still `b`. But `c` alone is 2, 1, normed 1, −1: after `c` it would now bet
# on `a`, in place of `b`. Without `wpe` a token does not know where it stands.
#
# </details>

# %% [markdown]
# # Part 4 · Weights
#
# ## A box of named arrays
#
# Functions without numbers say nothing. Here are the numbers of the tiny GPT-2.
# They carry the names that Hugging Face gives to the weights of GPT-2.

# %% numbers="n_parameters"
state = tiny.state()
hparams = tiny.hparams()
n_layer, n_head = hparams["n_layer"], hparams["n_head"]
for name, value in state.items():
    if not name.startswith(("h.1", "h.2", "h.3")):
        print(f"{name:24} {value.shape}")
print("… and h.1, h.2 and h.3, like h.0")
n_parameters = sum(value.size for value in state.values())
print(f"{n_parameters:,} numbers")

# %% [markdown]
# A flat box. Your functions want a **tree**: `**block` works only if a block is
# a dict with `ln_1`, `attn`, `ln_2` and `mlp`, and `**attn` only if `attn` is
# one with `c_attn` and `c_proj`.
#
# ```text
# wte       (n_vocab, C)
# wpe       (n_ctx, C)
# blocks    a list; each entry:
#     ln_1      g (C,)        b (C,)
#     attn
#         c_attn    w (C, 3C)     b (3C,)
#         c_proj    w (C, C)      b (C,)
#     ln_2      g (C,)        b (C,)
#     mlp
#         c_fc      w (C, 4C)     b (4C,)
#         c_proj    w (4C, C)     b (C,)
# ln_f      g (C,)        b (C,)
# ```
#
# By hand, two of the places:
#
# | in the tree | in the box |
# |---|---|
# | `blocks[0]["ln_1"]["g"]` | `h.0.ln_1.weight` |
# | `blocks[3]["mlp"]["c_proj"]["b"]` | `h.3.mlp.c_proj.bias` |
#
# Two slips are silent here, since the shapes agree: `ln_1` for `ln_2`, and a
# transposed `c_proj` of attention, which is square.

# %% answer="convert" level=2 minutes=10
def convert(state, n_layer):
    """The tree that gpt2 takes, from Hugging Face's names.

    state: "wte.weight", "wpe.weight", "h.0.ln_1.weight", "h.0.ln_1.bias",
           "h.0.attn.c_attn.weight", …, "ln_f.bias" -> an array
    """
    ### BEGIN SOLUTION
    def norm(name):
        return {"g": state[name + ".weight"], "b": state[name + ".bias"]}

    def layer(name):
        return {"w": state[name + ".weight"], "b": state[name + ".bias"]}

    blocks = [{
        "ln_1": norm(f"h.{i}.ln_1"),
        "attn": {"c_attn": layer(f"h.{i}.attn.c_attn"),
                 "c_proj": layer(f"h.{i}.attn.c_proj")},
        "ln_2": norm(f"h.{i}.ln_2"),
        "mlp": {"c_fc": layer(f"h.{i}.mlp.c_fc"),
                "c_proj": layer(f"h.{i}.mlp.c_proj")},
    } for i in range(n_layer)]
    return {"wte": state["wte.weight"], "wpe": state["wpe.weight"],
            "blocks": blocks, "ln_f": norm("ln_f")}
    ### END SOLUTION

# %% grade="convert" points=1
check.convert(convert)


# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Only names change; no number does. A norm is `{"g": …, "b": …}`, a linear layer
# `{"w": …, "b": …}`. Write a small function for each, and the rest is a list.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `f"h.{i}.ln_1"` puts a number into a name; two strings are joined by `+`. A
# list comprehension with `for i in range(n_layer)` makes a **new** dict for
# each block.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# One inner function that takes the beginning of a name, such as that of a norm,
# and gives the dict of its two arrays. One more for linear layers. Then the
# list of blocks, four entries each, as in the drawing. Return a dict with
# `wte`, `wpe`, `blocks`, `ln_f`.
#
# </details>
#
# ## All together
#
# The check of the next cell runs **all your parts** for the first time. Its
# model fits on paper: the tables of `cab` above, and two blocks of one head. In
# the first, the "attention" of each place is the mean of the past times 2, and
# "feed-forward" is times 3. The second adds (14, 0). The text `ab`:
#
# | | `a` | `b` |
# |---|---|---|
# | token + place | 4, 6 | 5, 2 |
# | ln_1 | −1, 1 | 1, −1 |
# | mean of the past | −1, 1 | 0, 0 |
# | times 2, added | 2, 8 | 5, 2 |
# | ln_2 | −1, 1 | 1, −1 |
# | times 3, added | −1, 11 | 8, −1 |
# | after block 1 | 13, 11 | 22, −1 |
# | last norm | 1, −1 + 1 | 1, −1 + 1 |
# | scores | 4, 0, 2 | 4, 0, 2 |

# %% answer="whole" level=1 minutes=4
def scores_of(state, ids, n_layer, n_head):
    """From Hugging Face's weights to scores: (T, n_vocab).

    state: as `convert` takes it. ids: a list of T ids
    """
    ### BEGIN SOLUTION
    return gpt2(ids, **convert(state, n_layer), n_head=n_head)
    ### END SOLUTION

# %% grade="whole" points=1
check.whole(scores_of)


# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# From the box to the tree, from the tree to the scores. One line.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `convert` and `gpt2`. A tree is a dict, so two stars hand over its entries.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Call `gpt2` with the ids, the entries of the converted state, and n_head.
# Return what it gives.
#
# </details>
#
# Now the real thing: what does the tiny model expect after these words? `␣` is a
# space, `↵` a line break.

# %%
tokenizer = tiny.tokenizer()


def shown(token):
    """A token as text, with its white space made visible."""
    text = tokenizer.decode([int(token)])
    return text.replace(" ", "␣").replace("\n", "↵")


ids = tokenizer.encode("My lord, I will not")  # T ids
scores = scores_of(state, ids, n_layer, n_head)  # (T, 512)
for token, row in list(zip(ids, scores))[-6:]:  # a row for each place: (512,)
    best = np.argsort(-row)[:4]  # (4,)
    print(f"after {shown(token):8}", *(f"{shown(i):7}" for i in best))

# %% [markdown]
# Pieces of words that could follow: a good sign, but no proof. You will see
# slips in Part 6 that write the same text. So compare numbers. These are the
# four largest scores after the last token, yours and those of a GPT-2 in
# PyTorch:

# %%
others = np.array([7.2564, 6.0975, 6.0090, 5.9943])  # (4,)
mine = np.sort(scores[-1])[::-1][:4]  # (4,)
print("yours ", mine.round(4))
print("theirs", others)
print(f"largest difference: {abs(mine - others).max():.4f}")

# %% [markdown]
# A difference of 0.0001 or less is rounding. Then the nine functions so far are
# right.
#
# ## To disk and back
#
# Arrays go into one file, an `.npz`. A tree does not fit into it as it is, but a
# flat list with names like `blocks/0/ln_1/g` does. `gptlab.weights` does that.

# %% numbers="npz_bytes save_seconds"
params = convert(state, n_layer)
start = time.perf_counter()
if graded:
    print("while graded, nothing is written")
    npz_bytes, again = 0, params
else:
    weights.save("tiny_gpt2.npz", params, n_head)
    again, heads = weights.load("tiny_gpt2.npz")
    npz_bytes = Path("tiny_gpt2.npz").stat().st_size
    print(f"tiny_gpt2.npz: {npz_bytes:,} bytes, {heads} heads")
save_seconds = time.perf_counter() - start
same = np.array_equal(again["blocks"][3]["mlp"]["c_fc"]["w"],  # (72, 288)
                      params["blocks"][3]["mlp"]["c_fc"]["w"])
print(f"the same numbers: {same}")

# %% [markdown]
# There is a shorter way: `np.savez("file.npz", params=params)` swallows the tree
# whole. NumPy then uses **pickle**, Python's own way to store anything. To read
# it back, you must write `allow_pickle=True`. Why does NumPy ask for that?

# %%
import pickle


class Surprise:
    """Pickled, it asks for a function to be called when it is read."""

    def __reduce__(self):
        return print, ("  this ran while the file was being read",)


harmless = pickle.dumps(Surprise())  # bytes, as they would stand in a file
print("reading weights …")
pickle.loads(harmless)
print("done")

# %% [markdown]
# A pickle is a **program**. This one prints. Another could read your mail. So
# weights from other people come as plain arrays: a flat `.npz`, read without
# pickle, or a `.safetensors`.
#
# ## The real GPT-2 (optional)
#
# The next cell does nothing as it stands, and says so. No later cell needs it.
#
# - Set `DOWNLOAD = True`, and it fetches GPT-2 from Hugging Face, once, about
#   550 MB. That needs `transformers` (Colab has it) and a network.
# - Or put a `model.safetensors` of GPT-2 beside this notebook: it is taken as it
#   is, with no download.
#
# OpenAI's GPT-2 has 12 blocks and 12 heads. Your functions stay as they are.

# %%
DOWNLOAD = False


def real_state():
    """GPT-2's weights by name; or None, with a line that says why."""
    file = Path("model.safetensors")
    if graded:
        print("while graded, the real GPT-2 is left out")
    elif file.is_file():
        from safetensors.numpy import load_file

        found = load_file(file)
        return {key.removeprefix("transformer."): found[key] for key in found}
    elif not DOWNLOAD:
        print("no model.safetensors here, and DOWNLOAD is False:")
        print("nothing to do, the tiny GPT-2 is enough")
    else:
        try:
            from transformers import GPT2Model

            model = GPT2Model.from_pretrained("gpt2")
        except (ImportError, OSError) as error:  # no library, no network
            print(f"no GPT-2 today, on with the tiny one: {error}")
        else:
            found = model.state_dict()
            return {key: found[key].cpu().numpy() for key in found}


real = real_state()
if real is not None:
    real_params = convert(real, 12)
    weights.save("gpt2_weights.npz", real_params, 12)  # for the page below
    print("gpt2_weights.npz is written")

# %% [markdown]
# # Part 5 · Writing
#
# ## The loop
#
# Ask, take the token with the largest score, append it, ask again. That is
# called **greedy**. Two things to mind. Only the **last** row of the scores
# says what comes next. And the model has `n_ctx` places: once the text is
# longer, it sees only the last ones.
#
# By hand, a model with three places that always bets on the first token that it
# sees. From `ab`, five more:
#
# | text so far | the model sees | and adds |
# |---|---|---|
# | `ab` | `ab` | `a` |
# | `aba` | `aba` | `a` |
# | `abaa` | `baa` | `b` |
# | `abaab` | `aab` | `a` |
# | `abaaba` | `aba` | `a` |
#
# The result is `abaabaa`. With two places it would be `abababa`. The list that
# came in stays as it was.
#
# A bar shows how far it has got: put `tqdm(…, "generating")` around the `range`
# of a loop, and go on as before.

# %% answer="generate" level=2 minutes=8
def generate(inputs, params, n_head, n_tokens_to_generate):
    """The ids in `inputs`, and n_tokens_to_generate more, the likeliest each.

    inputs: a list of ids, which stays as it is. The model has no position
    beyond len(params["wpe"]): it reads the last ones only.
    returns: a new list of plain ids
    """
    ### BEGIN SOLUTION
    inputs = list(inputs)
    for _ in tqdm(range(n_tokens_to_generate), "generating"):
        logits = gpt2(inputs[-len(params["wpe"]) :], **params, n_head=n_head)
        inputs.append(int(np.argmax(logits[-1])))
    return inputs
    ### END SOLUTION

# %% grade="generate" points=1
check.generate(generate)


# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Copy the list. Then so many times: scores of the last ids, the best of the last
# row, append.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `list(inputs)` is a copy. A slice `[-n:]` takes the last n, or all if there are
# fewer. `np.argmax` gives the place of the largest number, `int` makes a plain
# number of it. `**params` hands over the tree.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# A copy; a loop over `tqdm(range(...), "generating")`; in it: `gpt2` of the
# cropped ids; the argmax of the last row, as an int, appended. After the loop:
# return the list.
#
# </details>

# %% numbers="written tiny_seconds"
prompt = tokenizer.encode("ROMEO:\n")
start = time.perf_counter()
ids = generate(prompt, params, n_head, steps(90, graded=4))
tiny_seconds = time.perf_counter() - start
written = tokenizer.decode(ids).strip()
print(written)
print(f"\n{tiny_seconds:.2f} seconds")

# %% [markdown]
# A play, if not a good one. Greedy text likes to repeat itself; lab 9 is about
# better ways to choose.
#
# ## The five likeliest
#
# What else could it have said? At every step, softmax of the last row gives a
# probability to each of the 512 tokens. This shows the five best.

# %%
def likeliest(ids, params, n_head, how_many=5):
    """The likeliest next tokens, best first: pairs of id and probability."""
    seen = ids[-len(params["wpe"]) :]  # at most n_ctx ids
    scores = gpt2(seen, **params, n_head=n_head)  # (T, n_vocab)
    p = softmax(scores[-1])  # (n_vocab,)
    best = np.argsort(-p)[:how_many]  # (how_many,)
    return [(int(i), float(p[i])) for i in best]


def watch(text, n_tokens):
    """Write greedily, and show the five likeliest at every step."""
    ids, tables = tokenizer.encode(text), []
    for _ in range(n_tokens):
        five = likeliest(ids, params, n_head)
        bets = (f"{shown(i):>6} {p:4.0%}" for i, p in five)
        print(" ".join(bets))
        tables.append((tokenizer.decode(ids), five))
        ids.append(five[0][0])
    print(repr(tokenizer.decode(ids)))
    return tables


tables = watch("ROMEO:\n", steps(24, graded=2))

# %% figure="likeliest"
fig, axes = plt.subplots(1, 4, figsize=(11, 2.5), sharex=True)
for ax, (text, five) in zip(axes, tables[17:21]):
    names = [shown(i) for i, p in five]
    bars = ax.barh(range(5), [p for i, p in five], color="tab:blue")
    bars[0].set_color("tab:red")
    ax.bar_label(bars, [f"{p:.0%}" for i, p in five], padding=3)
    ax.set_yticks(range(5), names, family="monospace")
    ax.invert_yaxis()
    ax.set_title("…" + text[-10:].replace("\n", "↵") + " ?", fontsize=10)
    ax.set(xlim=(0, 1.3), xticks=[0, 0.5, 1], xlabel="probability")
fig.tight_layout()
plt.show()

# %% [markdown]
# Where is the model sure, and where is it not? A new name can be anyone's. Once
# it begins with `LUC`, there are two left in the plays that it knows well, and
# after the name there must be a colon.
#
# And where do the heads look? This puts another function under the name
# `softmax` for a while, one that keeps what it gives. We need that trick several
# times: `swapped` puts other functions under the names of yours, and puts yours
# back.

# %%
@contextmanager
def swapped(**others):
    """For a while, other functions under the names of yours."""
    before = {name: globals()[name] for name in others}
    globals().update(others)
    try:
        yield
    finally:
        globals().update(before)


def heads_of(ids):
    """The weights of all heads: a list of (n_head, T, T), one for a block."""
    mine, kept = softmax, []

    def softmax_kept(x):
        kept.append(mine(x))  # (n_head, T, T)
        return kept[-1]

    with swapped(softmax=softmax_kept):
        gpt2(ids, **params, n_head=n_head)
    return kept

# %% figure="heads"
ids = tokenizer.encode("ROMEO:\nI will not")
first = heads_of(ids)[0]  # (4, T, T)
labels = [shown(i) for i in ids]
fig, axes = plt.subplots(1, n_head, figsize=(12, 3.6))
for number, (ax, w) in enumerate(zip(axes, first)):
    ax.imshow(w, cmap="Blues", vmin=0, vmax=1)
    ax.set_xticks(range(len(ids)), labels, fontsize=8, rotation=90)
    ax.set_yticks(range(len(ids)), labels, fontsize=8)
    ax.set_title(f"head {number}")
axes[0].set_ylabel("the query of")
fig.suptitle("First block: where each head looks")
fig.tight_layout()
plt.show()

# %% [markdown]
# Each row is a token that asks, and adds up to 1. All above the diagonal is
# white: no head sees the future. And the heads differ: head 2 often looks one
# token back, head 0 spreads over all of the past.
#
# And OpenAI's model, if you have it. (It needs the 50,257 tokens of GPT-2, as in
# lab 4.)

# %%
if real is None:
    print("the real GPT-2 is not here: nothing to do")
else:
    from gptlab import tokenizers

    whole_english = tokenizers.gpt2()
    begin = "Alan Turing theorized that computers would one day become"
    ids = generate(whole_english.encode(begin), real_params, 12, 8)
    print(whole_english.decode(ids))

# %% [markdown]
# # Part 6 · What if?
#
# ## … something is slightly wrong?
#
# Five slips, each made on purpose in *your* functions. All shapes stay the same,
# and nothing crashes. Which ones change the 40 tokens that the model writes?

# %% predict="my_slips"
# How many of the five change the text?
my_slips = None  # a number from 0 to 5

# %% numbers="slip_change slip_same"
right_gelu, right_norm, right_attention = gelu, layer_norm, attention
erf = np.vectorize(math.erf)


def gelu_erf(x):  # any shape
    return 0.5 * x * (1 + erf(x / math.sqrt(2)))


def norm_eps(x, g, b):  # (T, C)
    return right_norm(x, g, b, eps=1e-6)


def no_scale(q, k, v, mask):  # (n_head, T, hs)
    return right_attention(q * math.sqrt(q.shape[-1]), k, v, mask)


def no_mask(q, k, v, mask):  # (n_head, T, hs)
    return right_attention(q, k, v, 0 * mask)


def q_and_k(q, k, v, mask):  # (n_head, T, hs)
    return right_attention(k, q, v, mask)


slips = {
    "GELU by erf": {"gelu": gelu_erf},
    "eps 1e-6": {"layer_norm": norm_eps},
    "no scale": {"attention": no_scale},
    "no mask": {"attention": no_mask},
    "q and k swapped": {"attention": q_and_k},
}
text = "First Citizen:\nBefore we proceed any further, hear me speak.\n"
ids = tokenizer.encode(text)  # T ids
n = steps(40, graded=1)
right_scores = gpt2(ids, **params, n_head=n_head)  # (T, 512)
right_ids = generate(prompt, params, n_head, n)
slip_change, slip_same = {}, {}
for name, other in slips.items():
    with swapped(**other):
        wrong = gpt2(ids, **params, n_head=n_head)  # (T, 512)
        slip_same[name] = generate(prompt, params, n_head, n) == right_ids
    slip_change[name] = float(abs(wrong - right_scores).max())
for name, change in slip_change.items():
    said = "the same text" if slip_same[name] else "another text"
    print(f"{name:16} largest change of a score {change:8.4f}, {said}")
print(f"you said {my_slips}")

# %% [markdown]
# <details><summary>What do you see?</summary>
#
# Three of the five change the text: no scale, no mask, and q and k swapped. The
# erf form moves a score by {{slip_change[GELU by erf]:.4f}} at most, another eps
# by {{slip_change[eps 1e-6]:.4f}}, and you would never notice. A missing scale
# moves one by {{slip_change[no scale]:.1f}}, a missing mask by
# {{slip_change[no mask]:.1f}}, q and k swapped by
# {{slip_change[q and k swapped]:.1f}}.
#
# **Good text proves nothing.** This is why the checks compare numbers, and why
# you compare your scores with someone else's before you believe them.
#
# </details>
#
# # Part 7 · What makes it fast?
#
# ## GPT-2 in its full width
#
# The tiny model is too small to be slow. Here are random weights as wide as
# GPT-2's: C = 768, 12 heads, 50,257 tokens. But only 2 blocks in place of 12, so
# that it takes seconds and not minutes. What it writes is nonsense; how long it
# takes is not.

# %%
VOCAB, N_BLOCKS = steps(50257, graded=2000), steps(2, graded=1)
chance = np.random.default_rng(1337)
WIDTH, PLACES = steps(768, graded=48), steps(1024, graded=64)
shapes = weights.shapes_by_place(VOCAB, PLACES, WIDTH, N_BLOCKS)
arrays = {place: 0.02 * chance.standard_normal(shape, np.float32)
          for place, shape in shapes.items()}  # each as in the tree above
big = weights.from_places(arrays, N_BLOCKS)
big_prompt = chance.integers(VOCAB, size=steps(64, graded=8)).tolist()
NEW = steps(16, graded=2)
seconds, tokens = {}, {}


def measure(name, write, *arguments):
    """Seconds for each new token; the tokens are kept for comparison."""
    start = time.perf_counter()
    tokens[name] = write(big_prompt, big, 12, NEW, *arguments)
    seconds[name] = (time.perf_counter() - start) / NEW
    first = next(iter(tokens))
    same = tokens[name] == tokens[first]
    print(f"{name}: {seconds[name]:.3f} seconds a token, "
          f"{seconds[first] / seconds[name]:.1f} times as fast as at first; "
          f"the same tokens: {same}")


measure("as first written", generate)

# %% [markdown]
# That is your code, with {{seconds[as first written]:.2f}} seconds a token on
# our machine. All 12 blocks would take several times as long. Where does it go?
#
# ## Step 1: who made it float64?
#
# Each weight is **float32**: 4 bytes. NumPy's own choice is **float64**: 8
# bytes, twice the work. If the two meet, the result is float64. This tool notes
# the dtype that goes into each function and that comes out, in the order in
# which they finish.

# %%
def dtypes_of(run):
    """What goes in and out of each function while run() runs."""
    notes = []

    def noted(name, function):
        def call(x, *rest, **named):
            out = function(x, *rest, **named)
            note = (name, str(x.dtype), str(out.dtype))
            if note not in notes:
                notes.append(note)
            return out

        return call

    names = ["layer_norm", "linear", "softmax", "attention", "mha", "gelu",
             "feed_forward", "transformer_block"]
    with swapped(**{name: noted(name, globals()[name]) for name in names}):
        run()
    return notes


for name, came, went in dtypes_of(lambda: gpt2([1, 2, 3], **big, n_head=12)):
    grew = "  <-- here" if (came, went) == ("float32", "float64") else ""
    print(f"{name:18} {came} -> {went}{grew}")

# %% [markdown]
# (If all of yours stay in float32, well done: the usual form does not. Or your
# NumPy is older than 2: there some of it stays.)
#
# Look at the first line with an arrow, and at what went *into* `softmax`. Some
# suspects, on two numbers:

# %%
x = np.array([1.0, 2.0], np.float32)  # (2,)
suspects = {
    "x * 2.0": x * 2.0,
    "np.exp(x)": np.exp(x),
    "x @ x": x @ x,
    "x * math.sqrt(2)": x * math.sqrt(2),
    "x * np.sqrt(2)": x * np.sqrt(2),
    "x * float(np.sqrt(2))": x * float(np.sqrt(2)),
    "x + np.tri(2)": x + np.tri(2),
    "x + np.tri(2, dtype=np.float32)": x + np.tri(2, dtype=np.float32),
}
for code, value in suspects.items():
    print(f"{code:32} {value.dtype}")

# %% choice="float64" points=1 level=2 minutes=3
question = (
    "All weights are float32. In the usual form of the functions above, where does float64 come in?"
)
options = {
    "The weights were saved as float64, so every product is float64": "No: the first lines of the "
    "tool show float32 going into `layer_norm` and out of it, and into `linear` and out of it.",
    "`np.exp` in `softmax` always computes in float64": "No: it gives back the dtype that it gets, as "
    "the list of suspects shows. What goes into `softmax` is float64 already.",
    "`np.sqrt` of a plain number is a NumPy scalar in float64, and `np.tri` makes a float64 "
    "table: what meets them becomes float64": "Right: the scale in `attention`, the root in "
    "`gelu` and the mask in `mha`. From the first attention on, everything is float64, and "
    "each matrix of weights is even copied to float64 before every product.",
    "`@` adds up so many numbers that NumPy switches to float64": "No: `x @ x` above stays in float32. "
    "NumPy never changes the dtype to be more exact; only a partner of another dtype does.",
}
right = (
    "`np.sqrt` of a plain number is a NumPy scalar in float64, and `np.tri` makes a float64 "
    "table: what meets them becomes float64"
)

# %% [markdown]
# Now three functions that stay in float32. `gelu32` and `attention32` compute
# what `gelu` and `attention` do. Write both out, do not call `gelu` or
# `attention`: the next cell puts the new ones in their places.
#
# `causal_mask` is new: it also serves a text of which only the last tokens are
# new. For T = 2 new ones out of S = 4:
#
# | | token 0 | token 1 | token 2 | token 3 |
# |---|---|---|---|---|
# | query of token 2 | 0 | 0 | 0 | −1e10 |
# | query of token 3 | 0 | 0 | 0 | 0 |
#
# And `causal_mask(3, 3)` is the mask of `mha` above.
#
# (One more thing on `gelu32`: `x * x * x` is many times faster than `x**3`,
# which goes by way of a logarithm.)

# %% answer="float32" level=2 minutes=8
def gelu32(x):
    """As gelu; float32 in, float32 out."""
    ### BEGIN SOLUTION
    root = float(np.sqrt(2 / np.pi))
    return 0.5 * x * (1 + np.tanh(root * (x + 0.044715 * x * x * x)))
    ### END SOLUTION


def attention32(q, k, v, mask):
    """As attention; float32 in, float32 out."""
    ### BEGIN SOLUTION
    scores = q @ k.swapaxes(-1, -2) / float(np.sqrt(q.shape[-1]))
    return softmax(scores + mask) @ v
    ### END SOLUTION


def causal_mask(T, S):
    """The mask for the last T of S tokens, float32: (T, S)."""
    ### BEGIN SOLUTION
    allowed = np.tri(T, S, S - T, dtype=np.float32)
    return (1 - allowed) * np.float32(-1e10)
    ### END SOLUTION

# %% grade="float32" points=1
check.float32(gelu32, attention32, causal_mask)


# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Nothing but the two roots and the mask has to change. A plain Python number
# never makes an array larger.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `float(...)` makes a plain number of a NumPy scalar; `math.sqrt` gives one at
# once. `np.tri(rows, columns, k, dtype=...)` moves the edge of the triangle k
# columns to the right.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# `gelu32`: the root as a plain number, then the formula. `attention32`: as
# before, with a plain number below the line. `causal_mask`: a triangle of T rows
# and S columns in float32, its edge S − T to the right; then one minus it, times
# −1e10 as a float32.
#
# </details>

# %%
def attention_own_mask(q, k, v, mask):  # (n_head, T, hs)
    """attention32, with a float32 mask in place of the one it is given."""
    return attention32(q, k, v, causal_mask(q.shape[1], k.shape[1]))


float32 = {"gelu": gelu32, "attention": attention_own_mask}
with swapped(**float32):
    notes = dtypes_of(lambda: gpt2([1, 2, 3], **big, n_head=12))
    print("float64 left:", [note for note in notes if "float64" in note])
    measure("float32", generate)

# %% [markdown]
# The list should be empty. If it is not, something inside is still computed in
# float64, and only the result was turned back: that costs time.
#
# ## Step 2: one row is enough
#
# `gpt2` scores what comes after **each** place: {{rows_all}} rows at the first
# step, each compared with all 50,257 tokens. `generate` reads the last row and
# throws the others away. After the last block no place looks at another one any
# more, so the others can be dropped before the last norm.
#
# (The function sees by `is` whether it got the gain of `ln_f`. So `gpt2` need
# not be written once more.)

# %% numbers="rows_all"
def norm_last_row(x, g, b, eps=1e-5):  # (T, C) -> (T, C), the last one (1, C)
    """layer_norm; the very last norm of the model keeps only the last row."""
    if g is big["ln_f"]["g"]:
        x = x[-1:]  # (1, C)
    return right_norm(x, g, b, eps)


rows_all = len(big_prompt)
with swapped(**float32, layer_norm=norm_last_row):
    measure("scores for the last row only", generate)

# %% [markdown]
# ## Step 3: read each token once
#
# The largest waste is left. For every new token, *all* earlier ones go through
# all blocks again. But what did they learn from the new one? Nothing: they may
# not look ahead. Their keys and values are the same as before. So keep them.
# That store is called a **cache**.
#
# A prompt of 64 tokens, 16 new ones. Without the cache, 64 rows go through the
# blocks for the first new token, 65 for the second, … With it, 64 rows for the
# first, then one for each further token.

# %% predict="my_rows"
# How many rows go through the blocks in all: without the cache, and with it?
my_rows = None  # two numbers

# %% [markdown]
# `mha_cached` is `mha` with a memory. It gets the new tokens only, and the keys
# and values of the old ones, `past`. It gives its result, and the keys and
# values of all: the `past` of next time.
#
# By hand, the three places of `mha` again. First two of them, then the third:
#
# | call | x | past | keys that it compares with | its result |
# |---|---|---|---|---|
# | first | places 0 and 1 | None | 0 and 1 | rows 0 and 1 of the table |
# | second | place 2 | of 0 and 1 | 0, 1 and 2 | row 2 of the table |
#
# Row for row the same numbers as `mha` of all three.

# %% answer="mha_cached" level=3 minutes=12
def mha_cached(x, c_attn, c_proj, n_head, past=None):
    """As mha, for the tokens after those whose keys and values are in `past`.

    x: (T, C), the new tokens. past: None, or (k, v), each (n_head, P, hs)
    returns: (out, (k, v)): (T, C), and those of all P + T tokens
    """
    ### BEGIN SOLUTION
    T, C = x.shape
    qkv = linear(x, **c_attn).reshape(T, 3, n_head, C // n_head)
    q, k, v = qkv.transpose(1, 2, 0, 3)  # each (n_head, T, hs)
    if past is not None:
        k = np.concatenate([past[0], k], axis=1)  # (n_head, P + T, hs)
        v = np.concatenate([past[1], v], axis=1)
    out = attention32(q, k, v, causal_mask(T, k.shape[1]))
    out = linear(out.transpose(1, 0, 2).reshape(T, C), **c_proj)
    return out, (k, v)
    ### END SOLUTION

# %% grade="mha_cached" points=1
check.mha_cached(mha_cached)


# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# `mha`, and between cutting into heads and attention one thing more: the old
# keys go in front of the new ones, and the old values too.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `np.concatenate([a, b], axis=...)`: in (n_head, P, hs), which axis counts the
# places? `causal_mask(T, S)` with the number of *all* keys as S. And
# `attention32`.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# q, k, v of the new tokens, in heads, as in `mha`. If there is a past: k becomes
# the past keys followed by the new ones; v likewise. `attention32` with the mask
# for T new ones out of all. Back to (T, C), and through c_proj. Return that, and
# the pair of k and v.
#
# </details>
#
# The rest is given. While `gpt2` runs, your `mha_cached` stands in for `mha`,
# and the places begin where the cache ends. (So it goes up to n_ctx tokens.
# Beyond that the window would have to move; `gptlab.numpy_gpt` does.)

# %%
def remembering(kept):
    """An mha for one pass through the blocks, which come one after the other.

    kept: for each block None, or its (k, v), each (n_head, P, hs)
    """
    layer = iter(range(len(kept)))

    def mha_here(x, c_attn, c_proj, n_head):  # (T, C) -> (T, C)
        i = next(layer)
        out, kept[i] = mha_cached(x, c_attn, c_proj, n_head, kept[i])
        return out

    return mha_here


def generate_cached(inputs, params, n_head, n_tokens_to_generate):
    """As generate, but each token goes through the model once."""
    ids, new = list(inputs), list(inputs)  # new: what was not read yet
    kept = [None] * len(params["blocks"])
    rest = {key: params[key] for key in ("wte", "blocks", "ln_f")}
    for _ in tqdm(range(n_tokens_to_generate), "with a cache"):
        begin = len(ids) - len(new)  # places that are in the cache
        wpe = params["wpe"][begin:]  # (n_ctx - begin, C)
        with swapped(mha=remembering(kept)):
            scores = gpt2(new, wpe=wpe, n_head=n_head, **rest)  # (T, n_vocab)
        new = [int(scores[-1].argmax())]
        ids += new
    return ids


with swapped(**float32, layer_norm=norm_last_row):
    measure("the cache", generate_cached)
print(f"you said {my_rows}")

# %% [markdown]
# <details><summary>How many rows?</summary>
#
# Without: 64 + 65 + … + 79 = 1,144. With: 64 + 15 = 79. (After the last new
# token nobody asks again.) And the longer the text, the larger the difference.
#
# </details>
#
# Does it write the same play, too?

# %%
n = steps(40, graded=2)
plain = generate(prompt, params, n_head, n)
cached = generate_cached(prompt, params, n_head, n)
print("the same 40 tokens:", plain == cached)

# %% numbers="seconds faster"
faster = {name: seconds["as first written"] / s for name, s in seconds.items()}
for name, s in seconds.items():
    print(f"{name:28} {s:7.3f} seconds a token, {faster[name]:6.1f} times")

# %% figure="speed"
fig, ax = plt.subplots(figsize=(8, 2.5))
bars = ax.barh(list(seconds), list(seconds.values()), color="tab:blue")
labels = [f"{s:.3f} s, {faster[name]:.0f} ×" for name, s in seconds.items()]
ax.bar_label(bars, labels, padding=4)
ax.invert_yaxis()
ax.set(xlim=(0, 1.3 * max(seconds.values())),
       xlabel="seconds for a new token",
       title=f"GPT-2's width, {N_BLOCKS} blocks, {len(big_prompt)} tokens of"
             f" prompt, {NEW} new")
plt.show()

# %% [markdown]
# On our machine, {{processor}} with {{cores}} cores:
#
# | | seconds a new token | times as fast |
# |---|---|---|
# | as first written | {{seconds[as first written]:.3f}} | 1 |
# | float32 | {{seconds[float32]:.3f}} | {{faster[float32]:.1f}} |
# | scores for the last row only | {{seconds[scores for the last row only]:.3f}} | {{faster[scores for the last row only]:.1f}} |
# | the cache | {{seconds[the cache]:.3f}} | {{faster[the cache]:.1f}} |
#
# The mathematics has not changed at all, and neither have the tokens.
#
# What is left? For each new token, every weight has to be read from memory
# once. That is the limit: 124 million weights of 4 bytes are 0.5 gigabytes for
# *one* token.

# %% [markdown]
# # Part 8 · Your code behind a web page
#
# One cell writes your functions into a file, `pico_gpt.py`. It can be imported
# like any module: it holds nothing but your code and its imports.

# %% numbers="pico_bytes pico_seconds"
from gptlab.apps import launch, pico

start = time.perf_counter()
mine = [gelu, softmax, layer_norm, linear, attention, mha, feed_forward,
        transformer_block, gpt2, generate]
path = pico.write("pico_gpt.py", mine)
pico_seconds = time.perf_counter() - start
pico_bytes = path.stat().st_size if path.is_file() else 0

# %% [markdown]
# And one cell starts the page: a prompt, a slider for the number of tokens,
# text that grows token by token, and the five likeliest of the last step, all
# computed by your file. Set `LAUNCH = True`. The page then runs in the
# background, on port 8501, and the cell gives its link. In Colab that is a link
# through the notebook's own proxy. Run the cell again after you have changed
# something: it replaces the page that was there. `page.stop()` ends it.
#
# `weights="tiny"` takes the tiny GPT-2. If you have the real one, write
# `weights=None`: then the page looks for `gpt2_weights.npz`.

# %%
LAUNCH = False

if LAUNCH and not graded:
    page = launch.streamlit(code="pico_gpt.py", weights="tiny", port=8501)
    print(page.url)
else:
    print("LAUNCH is False: no page was started")

# %% [markdown]
# <details><summary>In Colab, and the link does not open? Two tunnels</summary>
#
# A tunnel gives the page an address on the public internet, through somebody
# else's server. Everyone who has the address can use it, so close it afterwards.
# Start the page with the cell above first.
#
# **localtunnel** needs no account:
#
# ```
# !npx --yes localtunnel --port 8501
# ```
#
# It prints an address that ends in `loca.lt`. The page there asks for a *tunnel
# password*: that is the public address of the Colab machine. To see it:
#
# ```
# !curl -s https://ipv4.icanhazip.com
# ```
#
# **pyngrok** asks for a free account and its token, once:
#
# ```
# %pip install -q pyngrok
# from pyngrok import ngrok
# ngrok.set_auth_token("…")  # from dashboard.ngrok.com; never hand it in
# print(ngrok.connect(8501).public_url)
# ```
#
# </details>
# <details><summary>Something went wrong? A table</summary>
#
# | what you see | why | what helps |
# |---|---|---|
# | `No module named 'pico_gpt'` | the file has not been written, or somewhere else | run the cell that writes `pico_gpt.py`, in the folder of this notebook |
# | the page says that weights are missing | there is no `gpt2_weights.npz` here | `weights="tiny"`, or the optional cell of Part 4 |
# | `PicoError` | a function reads a name of the notebook that is not in the file | hand that function over too, or move it inside |
# | the port is in use | another program has 8501 | `port=8502`, in a tunnel too |
# | the page shows an error in your code | `pico_gpt.py` is older than your notebook | write it again, then launch again |
# | the tunnel gives no address, or 502, 503, 504 | its server is busy, or the page has stopped | launch again, then the tunnel; or take the other one |
# | localtunnel asks for a password | it wants to know that it is you | the number that `curl` prints, see above |
# | ngrok: `ERR_NGROK_4018` or "authentication failed" | the token is missing or wrong | `ngrok.set_auth_token` with the one of your account |
#
# </details>
#
# ## Show a friend
#
# Send them the link. Or let the model write a speech for them, right here:

# %%
name = "Ada"
ids = tokenizer.encode(f"{name.upper()}:\n")
n = min(60, hparams["n_ctx"] - len(ids))  # the cache ends with the places
n = steps(n, graded=2)
print(tokenizer.decode(generate_cached(ids, params, n_head, n)))

# %% [markdown]
# # Quiz
#
# Choose aloud, then open.
#
# **1. Someone runs this notebook in Colab with a T4 GPU. What happens to the
# speed?**
#
# - a) It is about ten times as fast, as in lab 3.
# - b) Nothing: the GPU is idle.
# - c) It is faster, but only from float32 on.
# - d) It is slower, since data goes to the GPU and back.
#
# <details><summary>Open</summary>
#
# - a) No: in lab 3 it was PyTorch that moved the model to the GPU, by
#   `.to(device)`.
# - **b) Right.** NumPy knows only the processor and the main memory. A GPU
#   runtime costs you GPU hours and gives nothing. What helps is what you have
#   done: float32, less work, a cache.
# - c) No: float32 is faster on the processor. No dtype moves anything to a GPU.
# - d) No: nothing goes there at all.
#
# </details>
#
# **2. Your scores of the tiny model differ from someone else's by 0.009, and the
# text is the same. Why?**
#
# - a) Rounding: float32 has only seven digits.
# - b) The mask is missing.
# - c) Perhaps the other GELU.
# - d) The weights are from another training run.
#
# <details><summary>Open</summary>
#
# - a) No: rounding shows in the sixth or seventh digit. That is far less.
# - b) No: that moves scores by whole numbers, as you saw in Part 6.
# - **c) Right.** erf for tanh moves scores by about that much. Another eps is
#   a suspect, too.
# - d) No: then all of the text would be another one.
#
# </details>
#
# **3. The cache keeps something of each old place, so that new tokens can use
# it. What does it *not* have to keep?**
#
# - a) Its key.
# - b) Its value.
# - c) Its query.
#
# <details><summary>Open</summary>
#
# - a) No: each new query is compared with all old keys.
# - b) No: what a new place takes is a mix of the old values.
# - **c) Right.** A query belongs to the place that asks, and the old places have
#   asked already. Keys and values are what *others* look at.
#
# </details>
#
# **4. A friend sends you weights as a file that you can only read with
# `allow_pickle=True`. What do you do?**
#
# - a) Read it: a file with weights only holds numbers.
# - b) Read it, and check the shapes afterwards.
# - c) Ask for a flat `.npz` or a `.safetensors`.
#
# <details><summary>Open</summary>
#
# - a) No: it can hold any program, and runs it while you read.
# - b) No: afterwards is too late. The program has run by then.
# - **c) Right.** Plain arrays need no pickle. If it must be, read it on a
#   machine where nothing can be lost.
#
# </details>
#
# **5. Why are only the last `n_ctx` tokens shown to the model?**
#
# - a) It would get too slow.
# - b) `wpe` has a row for `n_ctx` places and no more.
# - c) The mask is of that size.
#
# <details><summary>Open</summary>
#
# - a) Slow it would be, but it would work.
# - **b) Right.** A place without a row cannot be told where it is: NumPy says
#   *index out of bounds*.
# - c) No: your mask is made anew for each T.
#
# </details>
#
# ## Where you are
#
# **The cells, in order**, with the seconds of our run:
#
# | what | where | seconds |
# |---|---|---|
# | ten functions, written and checked | Parts 1 to 3, 5 | instant |
# | weights converted, saved, read back | Part 4 | {{save_seconds:.2f}} |
# | the real GPT-2, downloaded (optional) | Part 4 | minutes, once |
# | 90 tokens of the tiny GPT-2 | Part 5 | {{tiny_seconds:.2f}} |
# | a token in GPT-2's width, as first written | Part 7 | {{seconds[as first written]:.2f}} |
# | … with float32 | Part 7 | {{seconds[float32]:.2f}} |
# | … with scores for the last row only | Part 7 | {{seconds[scores for the last row only]:.2f}} |
# | … with the cache | Part 7 | {{seconds[the cache]:.3f}} |
# | `pico_gpt.py` written | Part 8 | {{pico_seconds:.2f}} |
# | the page started | Part 8 | a few |
#
# **The files that you have made**:
#
# | file | size | what is in it |
# |---|---|---|
# | `tiny_gpt2.npz` | {{npz_bytes:,}} bytes | the tiny GPT-2's tree, flat |
# | `pico_gpt.py` | 1 to 4 KB | your ten functions |
# | `gpt2_weights.npz` (only if you asked for it) | about 500 million bytes | OpenAI's GPT-2, flat |
#
# **And a GPU runtime does not speed up NumPy.** What a GPU is good for comes
# when you write the same model once more in PyTorch, from lab 6 on.
#
# **Credits.** The ten functions, their names and the idea of GPT-2 in a page of
# NumPy are those of Jay Mody's [picoGPT](https://github.com/jaymody/picoGPT).
# The model: Radford et al., *Language Models are Unsupervised Multitask
# Learners*, 2019, and OpenAI's [gpt-2](https://github.com/openai/gpt-2).
# Attention and its scale: Vaswani et al., *Attention Is All You Need*, 2017.
# GELU: Hendrycks and Gimpel, 2016. The names of the weights are those of
# Hugging Face's [transformers](https://github.com/huggingface/transformers);
# the form of a block is also that of A. Karpathy's
# [nanoGPT](https://github.com/karpathy/nanoGPT). The tiny model learned from
# the text of [char-rnn](https://github.com/karpathy/char-rnn).
