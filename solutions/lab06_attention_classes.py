# %% [markdown]
# # Lab 6 · Attention as classes
#
# Two attention classes with the same weights. Six words go in, six rows come
# out, of the right shape, without a word of complaint. Then one word at a time
# is changed (the columns), and we measure which rows of the output move.
#
# {{figure:leak}}
#
# On the left a row moves only if its own word or an earlier one was changed. On
# the right the row of `tiny`, the first word, moves with `often` and `wide`,
# which come later: it reads the future. And the row of `fish` does not even see
# `fish`. The two classes differ by one call, a `.transpose(1, 2)`.
#
# Today you write attention as GPT-2 has it, five classes one after the other,
# from a sum on paper to all heads at once. Each is shown equal to the one
# before, with the same weights. By the end you can find a bug like this one.

# %% [markdown]
# ## Three questions to warm up
#
# From the labs before. Answer aloud, then open.
#
# <details><summary>1. (Lab 0) <code>t = torch.arange(6).view(2, 3)</code>. What
# is row 0 of <code>t.view(3, 2)</code>, and of
# <code>t.transpose(0, 1)</code>?</summary>
#
# (0, 1) and (0, 3). `view` cuts the same line of numbers 0 1 2 3 4 5 at other
# places. `transpose` swaps the axes: a column becomes a row.
#
# </details>
# <details><summary>2. (Lab 2) Token 1 has the scores ln 3, 0 and 5, and may not
# look ahead. What are its weights?</summary>
#
# (¾, ¼, 0). The 5 belongs to token 2, the future: it is hidden before softmax.
# Then $e^{\ln 3} = 3$ against $e^0 = 1$.
#
# </details>
# <details><summary>3. (Lab 3) Four heads give 16 numbers each. How many stand
# side by side, and what does the projection after them do?</summary>
#
# 64. The projection is a linear layer that mixes them: without it, what one head
# found would stay in its own 16 places.
#
# </details>

# %% [markdown]
# ## Setup

# %%
import math
import random
import time

import matplotlib.pyplot as plt
import torch
import torch.nn as nn
from torch.nn import functional as F

from gptlab import steps
from gptlab.checks import lab06_attention_classes as check

torch.set_num_threads(1)  # tensors this small: one core is quicker than two
torch.set_printoptions(precision=4, sci_mode=False)

# %% [markdown]
# You have met attention twice: as a `Head` in lab 2 and as `mha` in lab 5. The
# arithmetic is the same here. What is new is the form:
#
# | here | in labs 2 and 3 |
# |---|---|
# | sizes are arguments: `d_in`, `d_out`, `context_length` | globals: `n_embd`, `block_size` |
# | `W_query`, `W_key`, `W_value` | `query`, `key`, `value` |
# | `mask`, 1 where one may **not** look | `tril`, 1 where one may look |
# | `CausalAttention` | `Head` |
# | all heads in one product | a list of heads, one after the other |
#
# A class without globals can be built twice with other sizes, saved, and
# imported. In lab 7 it becomes a part of GPT-2.

# %% [markdown]
# # Part 1 · Six words on paper
#
# Six words, three numbers for each. The numbers are made up. Think of channel 0
# as *alive*, of channel 1 as *water*, of channel 2 as *small* (and −1 as
# *large*).
#
# | | alive | water | small |
# |---|---|---|---|
# | `tiny` | 0 | 0 | 1 |
# | `fish` | 1 | 1 | 1 |
# | `often` | 0 | 0 | 0 |
# | `cross` | 1 | 1 | −1 |
# | `wide` | 0 | 1 | −1 |
# | `seas` | 0 | 1 | 0 |
#
# How much should `fish` look at each word? The simplest answer: as much as the
# two are alike, by their **dot product**. Take a pencil. `fish` is (1, 1, 1),
# so its score with a word is the sum of the three numbers of that word.
#
# One trick keeps the numbers round. Softmax takes $e$ to the power of each
# score. So we multiply all words by $\sqrt{\ln 2}$. Each score is then a whole
# number times $\ln 2$, and $e^{n \ln 2} = 2^n$.
#
# | `fish` looks at | `tiny` | `fish` | `often` | `cross` | `wide` | `seas` | sum |
# |---|---|---|---|---|---|---|---|
# | score, in units of ln 2 | 1 | 3 | 0 | 1 | 0 | 1 | |
# | 2 to that power | 2 | 8 | 1 | 2 | 1 | 2 | 16 |
# | weight | ⅛ | ½ | 1/16 | ⅛ | 1/16 | ⅛ | 1 |
#
# Now mix the six rows with these weights. *Alive*: ½ · 1 from `fish` and ⅛ · 1
# from `cross`, together ⅝. *Water*: ½ + ⅛ + 1/16 + ⅛ = 13/16. *Small*:
# ⅛ + ½ − ⅛ − 1/16 = 7/16. So `fish` becomes (10, 13, 7) / 16, its **context
# vector**: still mostly a fish, with some water around it. (This is the mix of
# the plain rows. The cells mix the multiplied ones, so what they print is
# divided by $\sqrt{\ln 2}$ again.)

# %% predict="often_weight"
# `often` is (0, 0, 0). Which weight does it give to `fish`?
often_weight = None  # a number, before you run anything below

# %%
words = ["tiny", "fish", "often", "cross", "wide", "seas"]
numbers = torch.tensor([
    [0.0, 0.0, 1.0],
    [1.0, 1.0, 1.0],
    [0.0, 0.0, 0.0],
    [1.0, 1.0, -1.0],
    [0.0, 1.0, -1.0],
    [0.0, 1.0, 0.0],
])  # (T=6, d=3)
unit = math.log(2) ** 0.5
inputs = unit * numbers
print("scores of fish, in units of ln 2:")
print([round((inputs[1] @ row).item() / math.log(2)) for row in inputs])

# %% [markdown]
# Row by row that is a loop. For all rows at once it is two matrix products with
# a softmax in between.

# %% answer="simple_attention" level=1 minutes=8
def simple_attention(inputs):
    """Each row's weighted mean of all rows, by how alike they are.

    inputs: (T, d). The score of two rows is their dot product.
    returns: (weights, context): (T, T), its rows add up to 1, and (T, d)
    """
    ### BEGIN SOLUTION
    scores = inputs @ inputs.T  # (T, T)
    weights = torch.softmax(scores, dim=-1)
    return weights, weights @ inputs
    ### END SOLUTION

# %% grade="simple_attention" points=2
check.simple_attention(simple_attention)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# A table of dot products, rows with rows. Softmax of each row of the table.
# Then the mix of Part 1 of lab 2: a table of weights times the rows.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `@` multiplies rows of the left with *columns* of the right: the right one
# stands on its side, `.T`. `torch.softmax(..., dim=...)` makes one axis sum to
# 1: which one runs over the words that are looked at?
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Line 1: scores (T, T), `inputs` with itself. Line 2: weights, softmax over the
# last axis. Line 3: return two things, the weights, and the weights times
# `inputs`.
#
# </details>

# %%
weights, context = simple_attention(inputs)
print("weights of fish", weights[1], "\nyour pencil    ",
      torch.tensor([2, 8, 1, 2, 1, 2]) / 16)
print("context of fish", context[1] / unit, "\nyour pencil    ",
      torch.tensor([10, 13, 7]) / 16)
print(f"often gives fish {weights[2, 1]:.4f}, you said {often_weight}")

# %% [markdown]
# <details><summary>Why does <code>often</code> look at all alike?</summary>
#
# Its dot product with every word is 0. Equal scores are equal weights, so each
# word gets 1/6, and `often` becomes the plain mean of the sentence. A word that
# says nothing has no favourites.
#
# </details>
#
# # Part 2 · Three matrices
#
# So far a word looks for what is like itself. A verb that looks for its subject
# cannot do that: the two are not alike. So every row makes three things out of
# its numbers, each with a matrix that can be learned:
#
# | | formula | shape |
# |---|---|---|
# | queries, what I look for | `x @ W_query` | (T, d_out) |
# | keys, what I offer | `x @ W_key` | (T, d_out) |
# | values, what I hand on | `x @ W_value` | (T, d_out) |
#
# Each matrix is (d_in, d_out). The scores are the queries with the keys,
# divided by the root of `d_out`, the number of terms in each dot product (lab 2
# has the reason: the variance).
#
# By hand, from three numbers to two. `x` is the table of words, plain, without
# $\sqrt{\ln 2}$: the odd factors sit in the matrices now.
#
# $$W_{query} = \sqrt2 \begin{pmatrix} 1 & -1 \\ 0 & 1 \\ 0 & -1 \end{pmatrix}
# \qquad W_{key} = \ln 2 \begin{pmatrix} 0 & 1 \\ 1 & 0 \\ 0 & 0 \end{pmatrix}
# \qquad W_{value} = \begin{pmatrix} 4 & 0 \\ 0 & 8 \\ 4 & 0 \end{pmatrix}$$
#
# | | `x` | query / √2 | key / ln 2 | value |
# |---|---|---|---|---|
# | `tiny` | (0, 0, 1) | (0, −1) | (0, 0) | (4, 0) |
# | `fish` | (1, 1, 1) | (1, −1) | (1, 1) | (8, 8) |
# | `often` | (0, 0, 0) | (0, 0) | (0, 0) | (0, 0) |
# | `cross` | (1, 1, −1) | (1, 1) | (1, 1) | (0, 8) |
# | `wide` | (0, 1, −1) | (0, 2) | (1, 0) | (−4, 8) |
# | `seas` | (0, 1, 0) | (0, 1) | (1, 0) | (0, 8) |
#
# Read the key as (*water*, *alive*). The query of `fish` is (1, −1): "I look for
# water that is not alive." `d_out` is 2, so the scores are divided by √2, and
# that cancels the √2 of the query:
#
# | `fish` looks at | `tiny` | `fish` | `often` | `cross` | `wide` | `seas` | sum |
# |---|---|---|---|---|---|---|---|
# | scaled score, in ln 2 | 0 | 0 | 0 | 0 | 1 | 1 | |
# | 2 to that power | 1 | 1 | 1 | 1 | 2 | 2 | 8 |
# | weight | ⅛ | ⅛ | ⅛ | ⅛ | ¼ | ¼ | 1 |
#
# Its output: first number ⅛ · (4 + 8) + ¼ · (−4) = ½, second number
# ⅛ · (8 + 8) + ¼ · (8 + 8) = 6. So `fish` becomes **(0.5, 6)**. It looked
# twice as much at `wide` and at `seas` as at any other word, itself included.
#
# As a module, the matrices are `nn.Parameter`: a tensor that `parameters()`
# lists, so that an optimizer can move it.

# %% answer="v1" level=2 minutes=10
class SelfAttention_v1(nn.Module):
    """Self-attention with three matrices of its own.

    It owns W_query, W_key, W_value: nn.Parameter, (d_in, d_out), torch.rand.
    """

    def __init__(self, d_in, d_out):
        super().__init__()
        ### BEGIN SOLUTION
        self.W_query = nn.Parameter(torch.rand(d_in, d_out))
        self.W_key = nn.Parameter(torch.rand(d_in, d_out))
        self.W_value = nn.Parameter(torch.rand(d_in, d_out))
        ### END SOLUTION

    def forward(self, x):
        """x: (T, d_in). returns: (T, d_out). No mask yet."""
        ### BEGIN SOLUTION
        queries = x @ self.W_query  # (T, d_out)
        keys = x @ self.W_key
        values = x @ self.W_value
        scores = queries @ keys.T  # (T, T)
        weights = torch.softmax(scores / keys.shape[-1] ** 0.5, dim=-1)
        return weights @ values
        ### END SOLUTION

# %% grade="v1" points=2
check.v1(SelfAttention_v1)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# `__init__` keeps three matrices. `forward` is your `simple_attention` with
# queries on the left, keys on the right, values at the end, and a scale.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `nn.Parameter(...)` around `torch.rand(rows, columns)`. The scale is the root
# of the last size of the keys; a root is `** 0.5`.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# `__init__`: three lines, one a matrix. `forward`: three products of `x`; the
# table of scores, (T, T); softmax over its last axis, of the scores *divided by
# the root*; return the weights times the values.
#
# </details>

# %%
x = numbers  # (6, 3)
paper = {
    "W_query": 2**0.5 * torch.tensor([[1.0, -1], [0, 1], [0, -1]]),
    "W_key": math.log(2) * torch.tensor([[0.0, 1], [1, 0], [0, 0]]),
    "W_value": torch.tensor([[4.0, 0], [0, 8], [4, 0]]),
}
first = SelfAttention_v1(3, 2)
for name, matrix in paper.items():
    setattr(first, name, nn.Parameter(matrix))
for word, row in zip(words, first(x).tolist()):
    print(f"{word:6} ({row[0]:.4f}, {row[1]:.4f})")

# %% [markdown]
# ## The same with layers
#
# `nn.Linear(d_in, d_out, bias=False)` is a matrix product, too. There are two
# reasons to take it. It can have a bias (GPT-2's own attention has one, and our
# argument for that is `qkv_bias`). And it begins with better numbers.
# `torch.rand` draws from 0 to 1, never negative. A linear layer draws from
# $-1/\sqrt{d_{in}}$ to $1/\sqrt{d_{in}}$.

# %% answer="v2" level=1 minutes=6
class SelfAttention_v2(nn.Module):
    """The same with nn.Linear layers: W_query, W_key, W_value."""

    def __init__(self, d_in, d_out, qkv_bias=False):
        super().__init__()
        ### BEGIN SOLUTION
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        ### END SOLUTION

    def forward(self, x):
        """x: (T, d_in). returns: (T, d_out). No mask yet."""
        ### BEGIN SOLUTION
        queries = self.W_query(x)  # (T, d_out)
        keys = self.W_key(x)
        values = self.W_value(x)
        scores = queries @ keys.T  # (T, T)
        weights = torch.softmax(scores / keys.shape[-1] ** 0.5, dim=-1)
        return weights @ values
        ### END SOLUTION

# %% grade="v2" points=2
check.v2(SelfAttention_v2)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Only the way to a query, a key and a value changes. Everything after that
# stays.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `nn.Linear(numbers_in, numbers_out, bias=...)`; a layer is called like a
# function, `self.W_key(x)`.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# `__init__`: three layers, each told `qkv_bias`. `forward`: as in v1, with three
# calls in place of the three products.
#
# </details>
#
# How much do the better numbers matter? Six random rows, now with 64 channels,
# and modules that have learned nothing yet. The mean of the largest weight in a
# row: 1/6 ≈ 0.17 would be an open mind, 1 is a stare.

# %% predict="my_largest_v1"
# SelfAttention_v1, with torch.rand: how large is the largest weight of a row?
my_largest_v1 = None  # a number, before you run anything below

# %% numbers="largest"
def largest_weight(kind, d=64):
    """Mean over rows of the largest of 6 weights, in new modules."""
    torch.manual_seed(1337)
    rounds, found = steps(200, graded=3), []
    for _ in range(rounds):
        module, x = kind(d, d), torch.randn(6, d)
        queries, keys = (
            x @ W if kind is SelfAttention_v1 else W(x)
            for W in (module.W_query, module.W_key)
        )
        table = torch.softmax(queries @ keys.T / d**0.5, dim=-1)
        found.append(table.amax(dim=-1).mean().item())
    return sum(found) / rounds


largest = {"v1": largest_weight(SelfAttention_v1),
           "v2": largest_weight(SelfAttention_v2)}
print("largest of 6 weights: v1 {v1:.2f}, v2 {v2:.2f}".format(**largest))
print("you said", my_largest_v1, "for v1")

# %% [markdown]
# A fresh v1 stares at one word ({{largest[v1]:.2f}}). All its weights are
# positive, so all 64 numbers of a query lean the same way, and those of a key,
# too: the terms of a score do not cancel, and it becomes huge. Lab 2 showed how
# badly such a softmax learns. A fresh v2 looks at all ({{largest[v2]:.2f}}). The
# formula is the same, only the first numbers differ.
#
# ## Are they really the same?
#
# Two modules with random weights give different numbers. That proves nothing.
# The test is: **give both the same weights**. Then they must agree to the last
# digits.
#
# There is one trap. A linear layer keeps its matrix as (d_out, d_in), and
# computes `x @ weight.T`. By hand, from two numbers to one: to add both, v1 has
# a column, v2 a row.
#
# | | v1: `W_query` | v2: `W_query.weight` |
# |---|---|---|
# | shape | (2, 1) | (1, 2) |
# | numbers | [[1], [1]] | [[1, 1]] |
#
# Where d_in and d_out are equal, nobody complains if you forget it. In lab 10
# that very slip waits, with GPT-2's own weights.

# %% answer="transfer" level=2 minutes=6
def transfer(v1, v2):
    """Give v1 the weights of v2, so that both give the same. Returns nothing.

    v1: a SelfAttention_v1. v2: a SelfAttention_v2 without biases
    """
    ### BEGIN SOLUTION
    with torch.no_grad():
        v1.W_query.copy_(v2.W_query.weight.T)
        v1.W_key.copy_(v2.W_key.weight.T)
        v1.W_value.copy_(v2.W_value.weight.T)
    ### END SOLUTION

# %% grade="transfer" points=1
check.transfer(transfer)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Three matrices, each turned on its side and written over the old one.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `.weight.T` of a layer. `a.copy_(b)` writes `b` into `a`. A parameter may be
# written in place only under `with torch.no_grad():`.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# `with torch.no_grad():`, and under it one line for each of query, key, value:
# the parameter of v1 takes the turned weight of v2's layer.
#
# </details>

# %% numbers="v1_v2"
torch.manual_seed(1337)
v1, v2 = SelfAttention_v1(3, 2), SelfAttention_v2(3, 2)


def apart(a, b):
    """The largest difference of two tensors."""
    return (a - b).abs().max().item()


v1_v2 = {"before": apart(v1(x), v2(x))}
transfer(v1, v2)
v1_v2["after"] = apart(v1(x), v2(x))
print("before: {before:.3f}   after: {after:.7f}".format(**v1_v2))

# %% [markdown]
# Before: {{v1_v2[before]:.3f}} apart. After: {{v1_v2[after]:.7f}}. (It may be a
# little off in the seventh digit, for that depends on the order in which a
# processor adds.) This is how you will compare everything from now on.

# %% [markdown]
# # Part 3 · No peeking, and some forgetting
#
# ## The mask
#
# A model that writes has no future to look at, so it may not learn with one.
# Take `cross`, whose query is √2 · (1, 1). It may see the first four words:
#
# | `cross` looks at | `tiny` | `fish` | `often` | `cross` | `wide` | `seas` | sum |
# |---|---|---|---|---|---|---|---|
# | scaled score, in ln 2 | 0 | 2 | 0 | 2 | 1 | 1 | |
# | masked | 0 | 2 | 0 | 2 | −∞ | −∞ | |
# | 2 to that power | 1 | 4 | 1 | 4 | 0 | 0 | 10 |
# | weight | 0.1 | 0.4 | 0.1 | 0.4 | 0 | 0 | 1 |
#
# Its output: 0.1 · (4, 0) + 0.4 · (8, 8) + 0.4 · (0, 8) = **(3.6, 6.4)**. And
# `fish` sees only `tiny` and itself, with equal scores: ½ · (4, 0) +
# ½ · (8, 8) = **(6, 4)**.
#
# *Could one mask after softmax?* The full row of `cross` is 1, 4, 1, 4, 2, 2
# over 14. Strike out the last two: 10/14 is left. It no longer sums to 1; divide
# once more by its sum, and the tenths are back. Two steps in place of one, and
# they can fail: where a hidden score is far above all others, softmax leaves 0
# for the words that may be seen, and 0 / 0 is nan. With −∞ before softmax
# nothing of the future is ever counted.
#
# Here the mask says where one may **not** look. It is made once, for the
# longest text, `context_length`; a text of T words uses its top left corner.
# With `context_length` 4 and T = 2:
#
# | | 0 | 1 | 2 | 3 |
# |---|---|---|---|---|
# | **0** | **0** | **1** | 1 | 1 |
# | **1** | **0** | **0** | 1 | 1 |
# | **2** | 0 | 0 | 0 | 1 |
# | **3** | 0 | 0 | 0 | 0 |
#
# It is a **buffer**, as in lab 2: moved and saved with the module, but not
# trained.
#
# ## Dropout
#
# While training, `nn.Dropout(p)` sets each number to 0 with probability p. Here
# it falls on the *weights*: now and then a word may not look at some other, so
# the model cannot lean on a single one. The numbers that stay are divided by
# 1 − p. After `.eval()` it does nothing.

# %% predict="surviving_weight"
# p is ½. A weight of 0.4 was not dropped. What has it become?
surviving_weight = None  # a number, before you run anything below

# %% [markdown]
# Now a batch comes in, (B, T, d_in). So `.T` will not do for the keys: it turns
# *all* axes around. Swap just the two that you mean. (`.transpose(a, b)` swaps
# any two, `.mT` is short for the last two: *m* is for matrix.)

# %% answer="causal" level=3 minutes=15
class CausalAttention(nn.Module):
    """Self-attention that does not look ahead, for a batch.

    It owns: W_query, W_key, W_value: nn.Linear; dropout: nn.Dropout, for the
    weights; mask: a buffer (context_length, context_length), 1 above the
    diagonal, 0 elsewhere.
    """

    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        ### BEGIN SOLUTION
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.dropout = nn.Dropout(dropout)
        ones = torch.ones(context_length, context_length)
        self.register_buffer("mask", torch.triu(ones, diagonal=1))
        ### END SOLUTION

    def forward(self, x):
        """x: (B, T, d_in), T at most context_length. returns: (B, T, d_out)"""
        ### BEGIN SOLUTION
        T = x.shape[1]
        queries = self.W_query(x)  # (B, T, d_out)
        keys = self.W_key(x)
        values = self.W_value(x)
        scores = queries @ keys.transpose(1, 2)  # (B, T, T)
        scores = scores.masked_fill(self.mask.bool()[:T, :T], -torch.inf)
        weights = torch.softmax(scores / keys.shape[-1] ** 0.5, dim=-1)
        return self.dropout(weights) @ values
        ### END SOLUTION

# %% grade="causal" points=4
check.causal(CausalAttention)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# `__init__`: the three layers of v2, a dropout, a buffer. `forward`: as in v2,
# with two additions. The mask comes *before* softmax, dropout right *after* it.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `torch.triu(..., diagonal=1)` keeps what is above the diagonal.
# `self.register_buffer("mask", ...)`. `keys.transpose(a, b)` swaps two axes.
# `scores.masked_fill(where, value)` wants a table of True and False: `.bool()`
# makes one out of ones and zeros. `-torch.inf` is −∞.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# `forward`: T from the shape of `x`; queries, keys, values; scores (B, T, T);
# fill them with −∞ where the first T rows and columns of the mask are 1;
# softmax of the scores divided by the root of the size of a key; dropout of
# that; times the values.
#
# </details>
#
# The numbers from the paper, in the class. From here on, matrices from paper
# have to be turned to go into a layer.

# %%
def put(layer, matrix):
    """Write matrix, (numbers in, numbers out), into a linear layer."""
    layer.load_state_dict({"weight": matrix.mT})


causal = CausalAttention(3, 2, context_length=8, dropout=0.0)
for name, matrix in paper.items():
    put(getattr(causal, name), matrix)
batch = torch.stack([x, x.flip(0)])  # the sentence, and backwards: (2, 6, 3)
for word, row in zip(words, causal(batch)[0].tolist()):
    print(f"{word:6} ({row[0]:.4f}, {row[1]:.4f})")

# %% [markdown]
# Is it equal to the one before, where it should be? The last word sees all six,
# with a mask or without. So the **last** row of v2 and of `CausalAttention` must
# agree, and no other need to. Is it the `Head` of lab 2? That one was equal to
# PyTorch's `scaled_dot_product_attention`, so compare with this.

# %% numbers="causal_apart"
second = SelfAttention_v2(3, 2)
second.load_state_dict({name: value for name, value
                        in causal.state_dict().items() if name != "mask"})
open_rows, masked_rows = second(x), causal(batch)[0]
queries, keys, values = (
    layer(batch) for layer in (causal.W_query, causal.W_key, causal.W_value)
)
of_torch = F.scaled_dot_product_attention(
    queries, keys, values, is_causal=True)
causal_apart = {
    "last": apart(open_rows[-1], masked_rows[-1]),
    "others": apart(open_rows[:-1], masked_rows[:-1]),
    "torch": apart(of_torch, causal(batch)),
}
print("against v2, the last row: {last:.1e}, the others: {others:.2f}\n"
      "against PyTorch, all rows: {torch:.1e}".format(**causal_apart))

# %% [markdown]
# ## A window into the weights
#
# The class gives outputs, not weights. There is a way to see them all the same:
# let the value of word s be a row with a single 1 at place s. The mix of such
# rows *is* the row of weights. So we give each word six numbers more, its place,
# and let `W_value` pass on just these.

# %%
def window(p):
    """A CausalAttention whose output for `wide_x` is its table of weights."""
    module = CausalAttention(9, 6, context_length=6, dropout=p)
    for name in ["W_query", "W_key"]:  # those on paper, for 9 numbers and 6
        matrix = torch.zeros(9, 6)
        matrix[:3, :2] = paper[name]
        if name == "W_query":
            matrix *= 3**0.5  # √6 in place of √2: a key has six numbers now
        put(getattr(module, name), matrix)
    put(module.W_value, torch.eye(9)[:, 3:])
    return module


wide_x = torch.cat([numbers, torch.eye(6)], dim=1)[None]  # (1, 6, 9)
print(window(0.0)(wide_x)[0])

# %% figure="tables"
def draw_table(ax, table, title):
    """Weights as a picture: rows look, columns are looked at."""
    ax.imshow(table, cmap="Blues", vmin=0, vmax=1)
    for t, s in (table > 0.005).nonzero().tolist():
        color = "white" if table[t, s] > 0.6 else "black"
        ax.text(s, t, f"{table[t, s]:.3g}".lstrip("0"), ha="center",
                va="center", fontsize=7.5, color=color)
    ax.set_xticks(range(6), words, rotation=45, fontsize=9)
    ax.set_yticks(range(6), words, fontsize=9)
    ax.set_title(title, fontsize=10)


v2_table = torch.softmax(
    (x @ paper["W_query"]) @ (x @ paper["W_key"]).T / 2**0.5, dim=-1)
fig, axes = plt.subplots(1, 3, figsize=(10, 3.9))
draw_table(axes[0], weights, "alike looks at alike")
draw_table(axes[1], v2_table, "with three matrices")
draw_table(axes[2], window(0.0)(wide_x)[0].detach(), "and a mask")
fig.supxlabel("looks at", fontsize=9)
fig.tight_layout()
plt.show()

# %% [markdown]
# Row `fish` of the first two tables, and row `cross` of the last one, are the
# rows of your paper. In the first table the *scores* are the same from both
# sides; with matrices they are not.
#
# ## Dropout at work
#
# The same window, with p = ½, in training mode: once, and 2,000 times.

# %% numbers="dropped"
module = window(0.5).train()
torch.manual_seed(1338)  # in this draw a weight of 0.4 stays
with torch.no_grad():
    once = module(wide_x)[0]
    rounds = steps(2000, graded=50)
    many = torch.stack([module(wide_x)[0] for _ in range(rounds)])
    calm = module.eval()(wide_x)[0]
dropped = {"row": once[3].tolist(), "sum": once[3].sum().item(),
           "sums_mean": many.sum(-1).mean().item(),
           "apart": apart(many.mean(0), calm)}
print("cross, eval:    ", calm[3])
print("cross, training:", once[3], f"sum {dropped['sum']:.2f}")
print(f"mean of {rounds} tables: at most {dropped['apart']:.3f} from eval's")
print(f"0.4 became {once[3].max():.1f}, you said", surviving_weight)

# %% figure="dropout"
fig, axes = plt.subplots(1, 3, figsize=(10, 3.9))
draw_table(axes[0], calm, "eval: dropout off")
draw_table(axes[1], once, "training: one draw, p = ½")
draw_table(axes[2], many.mean(0), f"training: mean of {rounds:,} draws")
fig.supxlabel("looks at", fontsize=9)
fig.tight_layout()
plt.show()

# %% [markdown]
# Two things to see. In the middle, about half of the weights are gone and the
# others have **doubled**, 0.4 to 0.8: the row of `cross` sums to
# {{dropped[sum]:.1f}} this time. (The row of `tiny` sums to 0: it gets nothing.
# Who loses what is chance.) On the right, over
# many draws, all is as on the left: a weight w is 0 half of the time and 2w the
# other half, on average w.
#
# So the layer after it gets numbers of the same size in training and in use.
# Without the doubling they would be half as large in training, and every weight
# learned for that would be wrong on the day when dropout is switched off.

# %% [markdown] explain="dropout_weights" points=1 level=2 minutes=8
# ## Why is the rest scaled up?
#
# A friend has written dropout by hand. In training a random tenth of the weights
# becomes 0 (p = 0.1), and the others stay as they are. In use nothing is
# dropped. Explain:
#
# 1. By which factor does what leaves attention differ, on average, between
#    training and use? Why does that matter, and what is the repair?
# 2. The zeros move one line up, to the *scores*, before softmax. Why does
#    a dropped score not mean "do not look there"?
#
# Answer in 3 to 6 sentences, each question half a point (a quarter if the
# reason is missing). There is no check: a person reads it.
#
# ### BEGIN SOLUTION
# A weight w stays with probability 0.9, so on average it is 0.9 w in training
# but w in use: what leaves attention is 1/0.9, about 1.11 times, larger in use.
# The layers after it were trained on the smaller numbers, so they get inputs of
# a size that they never saw. Dividing the weights that stay by 1 - p = 0.9
# makes the average w in training as well, and nothing has to be done in use. A
# score of 0 is a score like any other: e to the 0 is 1, so after softmax it
# still gets a share, and more than a word with a negative score. The row also
# still sums to 1, so nothing is dropped at all, the attention is only
# redistributed, towards words that were disliked.
# ### END SOLUTION
#
# ### BEGIN SCHEME
# Half a point for 1: the average is 0.9 of what it is in use (or 1/0.9 the
# other way round), the following layers see another size than they were
# trained on, repair by dividing the rest by 1 - p (multiplying in use with
# 1 - p is right, too); a quarter if the factor or the reason why it matters is
# missing. Half a point for 2: softmax of a score of 0 is not a weight of 0,
# since e to the 0 is 1 (only minus infinity gives weight 0); a quarter for
# "because softmax comes after" without what it makes of 0.
# ### END SCHEME

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# What is a weight *on average*, if it stays nine times out of ten?
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# The three pictures of dropout above. For question 2: three scores of your own
# and a pencil.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Question 1: two averages, what stands between them, and who learned from which.
# Question 2: work out the weights of a row whose scores are −2, 1 and 3, then
# once more with the 3 dropped.
#
# </details>

# %% [markdown]
# # Part 4 · Many heads, the long way
#
# One head gives each word one mix. Two heads give two, side by side (lab 3). The
# first is the head on paper. The second has queries of zero, so all its scores
# are equal, and it takes the plain mean of the past; its values are twice
# (*alive*, *small*):
#
# | | head 0 | head 1 | side by side |
# |---|---|---|---|
# | `fish` | (6, 4) | (1, 2) | (6, 4, 1, 2) |
# | `cross` | (3.6, 6.4) | (1, 0.5) | (3.6, 6.4, 1, 0.5) |
#
# (`cross`, head 1: the values of the first four words are (0, 2), (2, 2),
# (0, 0), (2, −2). Their mean is (1, ½).)
#
# A module that only holds others is the shortest way there. Mind what lab 3
# said about lists that PyTorch cannot see.

# %% answer="wrapper" level=2 minutes=6
class MultiHeadAttentionWrapper(nn.Module):
    """Several CausalAttention, side by side.

    It owns heads: an nn.ModuleList of num_heads CausalAttention of d_out each.
    """

    def __init__(self, d_in, d_out, context_length, dropout, num_heads,
                 qkv_bias=False):
        super().__init__()
        ### BEGIN SOLUTION
        self.heads = nn.ModuleList([
            CausalAttention(d_in, d_out, context_length, dropout, qkv_bias)
            for _ in range(num_heads)
        ])
        ### END SOLUTION

    def forward(self, x):
        """x: (B, T, d_in). returns: (B, T, num_heads * d_out)"""
        ### BEGIN SOLUTION
        return torch.cat([head(x) for head in self.heads], dim=-1)
        ### END SOLUTION

# %% grade="wrapper" points=2
check.wrapper(MultiHeadAttentionWrapper)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Make several of your own `CausalAttention`. All read the same `x`; what they
# give stands side by side.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `nn.ModuleList([...])` with a comprehension that builds a *new* head each
# time. `torch.cat(list_of_tensors, dim=...)`: which axis holds the numbers of
# one word?
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# `__init__`: one list, `num_heads` long; each head gets all arguments but the
# number of heads. `forward`: call each head on `x`, and join what they give
# along the last axis.
#
# </details>

# %%
paper_1 = {
    "W_query": torch.zeros(3, 2),
    "W_key": torch.zeros(3, 2),
    "W_value": torch.tensor([[2.0, 0], [0, 0], [0, 2]]),
}
two = MultiHeadAttentionWrapper(3, 2, context_length=8, dropout=0.0,
                                num_heads=2)
for head, matrices in zip(two.heads, [paper, paper_1]):
    for name, matrix in matrices.items():
        put(getattr(head, name), matrix)
for word, row in zip(words, two(batch)[0].tolist()):
    print(f"{word:6} (" + ", ".join(f"{n:.4f}" for n in row) + ")")

# %% [markdown]
# # Part 5 · All heads at once
#
# Two heads need two products with `W_query`, one after the other. GPT-2 has
# twelve heads in each of its layers. A processor would rather do one large
# product than twelve small ones.
#
# Put the matrices of the heads **side by side**, and one product makes the
# queries of all heads:
#
# $$x\,(W_0 \mid W_1) = (x W_0 \mid x W_1)$$
#
# | | wrapper, each of 2 heads | all at once |
# |---|---|---|
# | `d_out` means | numbers of *one* head: 2 | numbers of *all* heads: 4 |
# | `W_query`, as a matrix | (3, 2) and (3, 2) | (3, 4) |
# | queries | (T, 2) and (T, 2) | (T, 4), then cut into heads |
#
# (An `nn.Linear` keeps each of them turned, (2, 3) and (4, 3).)
#
# ## Split, swap, merge
#
# So a row of queries holds all heads, one after the other. How do you get
# tables of scores, one for each head? Watch the numbers. Three words, two heads
# of two numbers each; `12` is word 1, number 2.

# %%
y = torch.tensor([[[0, 1, 2, 3], [10, 11, 12, 13], [20, 21, 22, 23]]])
print("y", tuple(y.shape), "\n", y[0])
cut = y.view(1, 3, 2, 2)  # (B, T, num_heads, head_dim)
print("cut", tuple(cut.shape), ": word 1 is\n", cut[0, 1])
swapped = cut.transpose(1, 2)  # (B, num_heads, T, head_dim)
print("swapped", tuple(swapped.shape), ": head 0 is\n", swapped[0, 0])

# %% figure="split"
def draw_cells(ax, table, left, top, tall=1.0):
    """A table of codes as cells: colour is the word, edge the head."""
    hues = ["#cfe3f5", "#ffe2b8", "#d5efcf"]
    for t, row in enumerate(table.tolist()):
        for c, code in enumerate(row):
            place = (left + c, top - tall * t - 1)
            ax.add_patch(plt.Rectangle(place, 0.94, 0.9, facecolor=hues[
                code // 10], edgecolor=["black", "crimson"][code % 10 // 2],
                linewidth=1.5))
            ax.text(left + c + 0.47, top - tall * t - 0.55, f"{code:02}",
                    ha="center", va="center", fontsize=10)


def panel(ax, title, shape):
    ax.set_xlim(-0.3, 5.3)
    ax.set_ylim(-7.6, 0.3)
    ax.axis("off")
    ax.set_title(f"{title}\n{shape}", fontsize=9)


fig, axes = plt.subplots(1, 4, figsize=(11, 4))
panel(axes[0], "queries", "(T=3, d_out=4)")
draw_cells(axes[0], y[0], 0, 0)
panel(axes[1], ".view(T, heads, head_dim)", "(3, 2, 2)")
for t in range(3):
    draw_cells(axes[1], cut[0, t], 0, -2.5 * t)
    axes[1].text(2.3, -2.5 * t - 1, f"word {t}", va="center", fontsize=9)
panel(axes[2], ".transpose: (heads, T, head_dim)", "(2, 3, 2)")
for h in range(2):
    draw_cells(axes[2], swapped[0, h], 0, -3.8 * h)
    axes[2].text(2.3, -3.8 * h - 1.5, f"head {h}", va="center", fontsize=9)
panel(axes[3], "swapped back, merged", "(T=3, d_out=4)")
draw_cells(axes[3], swapped.transpose(1, 2).flatten(2)[0], 0, 0)
fig.tight_layout()
plt.show()

# %% [markdown]
# Colour is the word, the edge is the head. (The pictures leave out the batch,
# the 1 in front.) In the third picture each head is a table of its own,
# (T, head_dim), as in `CausalAttention`. PyTorch multiplies tables along the
# last two axes, for all that stands in front of them:
#
# | | shape |
# |---|---|
# | queries, keys, values after the swap | (B, num_heads, T, head_dim) |
# | keys with their *last two* axes swapped | (B, num_heads, head_dim, T) |
# | scores, weights | (B, num_heads, T, T) |
# | weights times values | (B, num_heads, T, head_dim) |
# | heads and words swapped back | (B, T, num_heads, head_dim) |
# | merged | (B, T, d_out) |
#
# The mask (T, T) fits all of them. The scale is about *one* head: the root of
# `head_dim`. And after a swap the numbers no longer lie in a row in memory.
# `.view` then refuses; `.reshape` copies where it must.
#
# Last comes what the wrapper lacks: `out_proj`, a linear layer from `d_out` to
# `d_out` with a bias, which mixes the heads. By hand:
#
# | out | weights for (6, 4, 1, 2) | bias | result |
# |---|---|---|---|
# | 0 | 1, 0, 1, 0 | 0 | 6 + 1 = 7 |
# | 1 | 0, 1, 0, −1 | 0 | 4 − 2 = 2 |
# | 2 | 0, 0, 1, 0 | 0 | 1 |
# | 3 | 1, 0, 0, 0 | ½ | 6 + ½ = 6.5 |
#
# `fish` leaves as **(7, 2, 1, 6.5)**. And a `d_out` that the heads cannot share
# evenly is refused at once.

# %% answer="multi_head" level=3 minutes=20
class MultiHeadAttention(nn.Module):
    """All heads at once: one matrix each for queries, keys and values.

    d_out: numbers that go out; each head has d_out / num_heads of them.
    It owns: W_query, W_key, W_value: nn.Linear(d_in, d_out); out_proj:
    nn.Linear(d_out, d_out), with a bias; dropout, for the weights; mask: a
    buffer as in CausalAttention. A d_out that does not divide is an
    AssertionError or a ValueError.
    """

    def __init__(self, d_in, d_out, context_length, dropout, num_heads,
                 qkv_bias=False):
        super().__init__()
        ### BEGIN SOLUTION
        assert d_out % num_heads == 0, "d_out must be divisible by num_heads"
        self.d_out = d_out
        self.num_heads = num_heads
        self.head_dim = d_out // num_heads
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)
        self.dropout = nn.Dropout(dropout)
        ones = torch.ones(context_length, context_length)
        self.register_buffer("mask", torch.triu(ones, diagonal=1))
        ### END SOLUTION

    def forward(self, x):
        """x: (B, T, d_in). returns: (B, T, d_out)"""
        ### BEGIN SOLUTION
        B, T, _ = x.shape
        queries = self.W_query(x)  # (B, T, d_out)
        keys = self.W_key(x)
        values = self.W_value(x)
        heads = (B, T, self.num_heads, self.head_dim)
        queries = queries.view(heads).transpose(1, 2)  # (B, heads, T, size)
        keys = keys.view(heads).transpose(1, 2)
        values = values.view(heads).transpose(1, 2)
        scores = queries @ keys.transpose(2, 3)  # (B, heads, T, T)
        scores = scores.masked_fill(self.mask.bool()[:T, :T], -torch.inf)
        weights = torch.softmax(scores / self.head_dim**0.5, dim=-1)
        out = self.dropout(weights) @ values  # (B, heads, T, head_dim)
        out = out.transpose(1, 2).reshape(B, T, self.d_out)
        return self.out_proj(out)
        ### END SOLUTION

# %% grade="multi_head" points=5
check.multi_head(MultiHeadAttention)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# The code of `CausalAttention`, with one axis more. Split queries, keys and
# values as in the picture; scores, mask, softmax, dropout, mix as before; swap
# back, merge, project.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `.view(B, T, num_heads, head_dim)`, `.transpose(1, 2)`; for the keys in the
# product `.transpose(2, 3)`; at the end `.reshape(B, T, d_out)`. `//` divides
# whole numbers, `%` gives the rest. What `forward` needs, `__init__` keeps in
# `self`.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# `__init__`: an `assert` about the rest of a division; number and size of the
# heads; four linear layers, of which only the first three listen to `qkv_bias`;
# dropout and mask as before. `forward`: sizes; three layers; each cut into
# heads, then words and heads swapped; scores (B, num_heads, T, T); mask;
# softmax of the scores over the root of `head_dim`; dropout; times values; words
# and heads swapped back; merged; `out_proj`.
#
# </details>
#
# ## The same as the wrapper
#
# Copy the weights. A linear layer keeps its matrix as (d_out, d_in), so "side by
# side" becomes one *under* the other. `out_proj` gets the matrix that changes
# nothing, so that only the heads are compared. Three heads, two windows.

# %% numbers="wrapper_apart"
@torch.no_grad()
def fuse(wrapper, fused):
    """Give fused the weights of all heads of wrapper."""
    for name in ["W_query", "W_key", "W_value"]:
        rows = [getattr(head, name).weight for head in wrapper.heads]
        put(getattr(fused, name), torch.cat(rows).mT)
    d_out = fused.out_proj.in_features
    fused.out_proj.load_state_dict(
        {"weight": torch.eye(d_out), "bias": torch.zeros(d_out)})


torch.manual_seed(1337)
long_way = MultiHeadAttentionWrapper(5, 4, 8, 0.0, num_heads=3)
at_once = MultiHeadAttention(5, 12, 8, 0.0, num_heads=3)
fuse(long_way, at_once)
some = torch.randn(2, 7, 5)
wrapper_apart = apart(long_way(some), at_once(some))
print(tuple(long_way(some).shape), tuple(at_once(some).shape),
      f"largest difference {wrapper_apart:.1e}")

# %% [markdown]
# And the two heads on paper, with the projection:

# %%
paper_out = torch.tensor(
    [[1.0, 0, 1, 0], [0, 1, 0, -1], [0, 0, 1, 0], [1, 0, 0, 0]])
fused = MultiHeadAttention(3, 4, context_length=8, dropout=0.0, num_heads=2)
fuse(two, fused)
fused.out_proj.load_state_dict(
    {"weight": paper_out, "bias": torch.tensor([0, 0, 0, 0.5])})
for word, row in zip(words, fused(batch)[0].tolist()):
    print(f"{word:6} (" + ", ".join(f"{n:.4f}" for n in row) + ")")

# %% [markdown]
# Same numbers. Is it worth it? Eight heads, a window of 16 words, forward only,
# on one core. First small, 64 numbers for a word. How many times faster is it
# to do all heads at once?

# %% predict="my_times_faster"
my_times_faster = None  # a number, before you run what follows

# %% numbers="ms"
def milliseconds(module, x, rounds):
    with torch.no_grad():
        module(x)  # once before, so that nothing is timed that happens once
        start = time.perf_counter()
        for _ in range(rounds):
            module(x)
    return (time.perf_counter() - start) / rounds * 1000


def both(d, rounds, num_heads=8):
    """The best of five times of each form, taken in turn, and their ratio."""
    long_way = MultiHeadAttentionWrapper(
        d, d // num_heads, 16, 0.0, num_heads)
    at_once = MultiHeadAttention(d, d, 16, 0.0, num_heads)
    some, found = torch.randn(1, 16, d), []
    for _ in range(steps(5, graded=1)):
        found.append((milliseconds(long_way, some, rounds),
                      milliseconds(at_once, some, rounds)))
    wrapper, fused = (min(times) for times in zip(*found))
    return {"wrapper": wrapper, "fused": fused, "times": wrapper / fused}


ms = {"64 wide": both(64, steps(200, graded=1)),
      "768 wide": both(768, steps(20, graded=1))}
for d, found in ms.items():
    print(f"{d:>8}: wrapper {found['wrapper']:.2f} ms, at once "
          f"{found['fused']:.2f} ms, {found['times']:.1f} times faster")
print("you said", my_times_faster, "for 64")

# %% [markdown]
# Small, it is {{ms[64 wide][times]:.1f}} times faster: nearly all of the time
# goes into *starting* 8 times as many operations. With 768 numbers, as in the
# smallest GPT-2, each product is work enough for this one core, and
# {{ms[768 wide][times]:.1f}} is left, though it does a projection on top. On a
# GPU 768 numbers are little, and it is like the small case again.
#
# What does it cost in parameters? GPT-2's smallest size: 768 numbers, 12 heads.

# %% numbers="parameters"
def count(module):
    return sum(p.numel() for p in module.parameters())


with torch.device("meta"):  # shapes without numbers: no memory is needed
    parameters = {
        "wrapper, 12 heads of 64":
            count(MultiHeadAttentionWrapper(768, 64, 8, 0.0, 12)),
        "at once, 12 heads of 64":
            count(MultiHeadAttention(768, 768, 8, 0.0, 12)),
        "at once, 1 head of 768":
            count(MultiHeadAttention(768, 768, 8, 0.0, 1)),
    }
for name, n in parameters.items():
    print(f"{name:24} {n:,}")

# %% [markdown]
# Three matrices of 768 · 768 in the wrapper. One more, and 768 biases, at once:
# that is `out_proj`. **The number of heads does not occur in it.** The heads
# share the width; more of them are thinner ones.
#
# ## The transpose that was forgotten
#
# (3, 4) numbers can be cut straight into heads, too: `.view(heads, T,
# head_dim)`, without a swap. The shape is right, (2, 3, 2). Which numbers are in
# head 0? Write them down before you look.

# %% figure="no_transpose"
straight = y.view(1, 2, 3, 2)
fig, axes = plt.subplots(1, 2, figsize=(7.5, 4.2))
names = ["view, then transpose", "view alone"]
for ax, table, title in zip(axes, [swapped, straight], names):
    panel(ax, title, "(heads=2, T=3, head_dim=2)")
    for h in range(2):
        draw_cells(ax, table[0, h], 0, -3.8 * h)
        for t in range(3):
            ax.text(2.2, -3.8 * h - t - 0.55, f"head {h}, place {t}",
                    va="center", fontsize=9)
fig.tight_layout()
plt.show()

# %% [markdown]
# `view` never moves a number. It reads the line 00, 01, 02, 03, 10, … and cuts
# it anew. So the first half of the *text* becomes "head 0", the second half
# "head 1", and a place holds half a word. Place 0 of head 1 is word 1, place 1
# of head 1 is word 2. The mask does its work faithfully, for places that mean
# something else.
#
# Does that let the future in? Measure it: change one word, and see which rows
# of the output move. Your class against one that forgets the swap, with the
# same weights.

# %%
def careless(module, num_heads, x):
    """What module would give, if it had split without the transpose."""
    B, T, _ = x.shape
    parts = [layer(x).view(B, num_heads, T, -1) for layer
             in (module.W_query, module.W_key, module.W_value)]
    out = F.scaled_dot_product_attention(*parts, is_causal=True)
    return module.out_proj(out.permute(0, 2, 1, 3).flatten(2))


@torch.no_grad()
def moved(forward, x):
    """How far row t of the output moves when word s is changed: (T, T)."""
    before = forward(x)
    T = x.shape[1]
    table = torch.zeros(T, T)
    for s in range(T):
        changed = x.clone()
        changed[:, s] += 1
        table[:, s] = (forward(changed) - before).abs().amax(dim=-1)[0]
    return table


torch.manual_seed(1337)
att = MultiHeadAttention(3, 12, context_length=8, dropout=0.0, num_heads=3)
right_moves = moved(att, x[None])
wrong_moves = moved(lambda x: careless(att, 3, x), x[None])
print("change the last word, seas; which rows of the output move?")
for name, table in [("right", right_moves), ("careless", wrong_moves)]:
    rows = [words[t] for t in range(6) if table[t, 5] > 1e-6]
    print(f"{name:9}", ", ".join(rows))

# %% figure="leak" numbers="leak"
leak = {"right": right_moves.triu(1).max().item(),
        "wrong": wrong_moves.triu(1).max().item(),
        "rows": sum(wrong_moves[:5, 5] > 1e-6).item()}
fig, axes = plt.subplots(1, 2, figsize=(9, 4.2))
titles = ["split with view and transpose", "split with view alone"]
for ax, table, title in zip(axes, [right_moves, wrong_moves], titles):
    ax.imshow(table, cmap="Blues", vmin=0)
    for t, s in (table > 1e-6).nonzero().tolist():
        if s > t:  # moved by a later word
            ax.add_patch(plt.Rectangle((s - 0.47, t - 0.47), 0.94, 0.94,
                                       fill=False, color="crimson", lw=2))
    ax.set_xticks(range(6), words, rotation=45)
    ax.set_yticks(range(6), words)
    ax.set_xlabel("this word is changed")
    ax.set_title(title)
axes[0].set_ylabel("does this row of the output move?")
fig.suptitle("Red: a row moved by a word that comes later", color="crimson")
fig.tight_layout()
plt.show()

# %% [markdown]
# This is the picture from the top of the page. Without the transpose, earlier
# rows move by up to {{leak[wrong]:.2f}}; with it, by {{leak[right]:.0f}}. In a
# training it would pay to copy: the row of `fish` has to predict `often`, and
# `often` is in plain sight. The loss would look fine, and the model could not
# write, for while writing there is no future to read. No shape told you. A test
# that changes a later word did.

# %% choice="view" points=1 level=2 minutes=4
question = (
    "Now a longer text: T = 8, and 4 heads. A class splits queries, keys and values with "
    "`.view(B, num_heads, T, head_dim)`, without a transpose. Then come scores, mask and softmax, "
    "and the merge with `.transpose(1, 2)` and `.reshape(B, T, d_out)`, all as in yours. What "
    "happens?"
)
options = {
    "An error: the tensor is not contiguous, so `view` refuses": "No: a fresh output of a linear "
    "layer lies in one row in memory, and its size is right, so `view` is content. It refuses "
    "*after* a transpose; here there was none.",
    "Only the names of the heads change: head 0 becomes head 3": "No: heads may well be numbered "
    "anew without harm, but here they are not whole. Each 'head' holds all numbers of two of the "
    "eight words, and nothing of the other six.",
    "Each head holds two of the eight words, cut into quarters; row 0 of the output mixes words 0, "
    "2, 4 and 6": "Right: `view` cuts the line of numbers anew. Head h gets words 2h and 2h + 1, "
    "each as four 'places'. The merge puts place 0 of all heads side by side: words 0, 2, 4 and 6. "
    "So row 0 knows the future, whatever the mask hides.",
    "Nothing: `view` and `transpose` both change the shape and keep the numbers": "No: both keep "
    "the numbers, but `view` keeps their *order* as well, and `transpose` does not. The same shape, "
    "other numbers at each place.",
}
right = ("Each head holds two of the eight words, cut into quarters; row 0 of the output mixes words "
         "0, 2, 4 and 6")

# %% [markdown]
# # Part 6 · What if there were fewer heads, or more?
#
# The parameters stay the same, so what does one gain? A task made for the
# question: eight random symbols out of 16. At each place the model has to name
# **three** of them: the one before, the one before that, and the very first.
# (Where there is none, the first counts.) One attention layer with 48 numbers,
# a linear layer on top, and nothing else. 1, 3, 6 or 48 heads share the 48
# numbers.
#
# The loss of pure guessing is $\ln 16 \approx 2.77$ nats. Which of the four will
# end worst? And what is the fewest that is enough?
#
# One run proves little, since it depends on the first weights and on the symbols
# that happen to be drawn. So each of the four runs five times, with five seeds.

# %% predict="enough_heads"
enough_heads = None  # the fewest: 1, 3, 6 or 48, before you run anything below

# %%
T, V = 8, 16
asked = torch.tensor([  # for each place, the three places that are asked for
    [0, 0, 0], [0, 0, 0], [1, 0, 0], [2, 1, 0],
    [3, 2, 0], [4, 3, 0], [5, 4, 0], [6, 5, 0],
])  # (T, 3)


class Task(nn.Module):
    """One attention layer that has to name three symbols at each place."""

    def __init__(self, num_heads):
        super().__init__()
        self.symbol, self.place = nn.Embedding(V, 48), nn.Embedding(T, 48)
        self.att = MultiHeadAttention(48, 48, T, 0.0, num_heads)
        self.last = nn.Linear(48, 3 * V)

    def embed(self, idx):
        return self.symbol(idx) + self.place.weight

    def loss(self, idx):
        logits = self.last(self.att(self.embed(idx)))  # (B, T, 3 * V)
        logits = logits.unflatten(-1, (3, V)).flatten(0, 2)
        return F.cross_entropy(logits, idx[:, asked].flatten())


def train_task(num_heads, seed, rounds):
    """A trained Task, and its losses."""
    torch.manual_seed(seed)
    task = Task(num_heads)
    optimizer = torch.optim.AdamW(task.parameters(), lr=3e-3)
    losses = []
    for _ in range(rounds):
        loss = task.loss(torch.randint(V, (32, T)))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return task, losses

# %% numbers="heads_loss"
seeds = range(1337, 1337 + steps(5, graded=2))
runs = {n: [train_task(n, seed, steps(400, graded=3)) for seed in seeds]
        for n in [1, 3, 6, 48]}
ends = {n: [sum(losses[-20:]) / len(losses[-20:]) for _, losses in found]
        for n, found in runs.items()}
print("seed    ", "".join(f"{seed:9}" for seed in seeds))
heads_loss = {}
for n, found in ends.items():
    name = f"{n} head{'s' * (n > 1)}"
    print(f"{name:9}", "".join(f"{loss:9.4f}" for loss in found))
    heads_loss[name] = {"best": min(found), "worst": max(found),
                        "below": sum(loss < 0.001 for loss in found)}
print("you said", enough_heads, "are enough")

# %% figure="more_heads"
fig, ax = plt.subplots(figsize=(7.5, 3.6))
for i, (n, found) in enumerate(runs.items()):
    for k, (_, losses) in enumerate(found):
        name = f"{n} head{'s' * (n > 1)} of {48 // n}" if k == 0 else None
        ax.plot(losses, color=f"C{i}", lw=0.8, alpha=0.8, label=name)
ax.axhline(math.log(V), color="black", linestyle=":", label="guessing")
ax.set(xlabel="step", ylabel="loss, nats per symbol", yscale="log",
       title="Three things to look for: how many heads? Five runs each")
ax.legend()
plt.show()

# %% figure="where_heads_look"
def head_tables(task, idx, num_heads):
    """The weights of each head for one row of symbols: (num_heads, T, T)."""
    e = task.embed(idx)
    queries, keys = task.att.W_query(e)[0], task.att.W_key(e)[0]
    return torch.stack([
        F.scaled_dot_product_attention(q[None], k[None], torch.eye(T)[None],
                                       is_causal=True)[0].detach()
        for q, k in zip(queries.chunk(num_heads, -1),
                        keys.chunk(num_heads, -1))])


torch.manual_seed(1337)
idx = torch.randint(V, (1, T))
fig, axes = plt.subplots(2, 4, figsize=(11, 6.4), sharex=True, sharey=True)
for row, pick in zip(axes, [min, max]):  # of the runs with three heads
    k = ends[3].index(pick(ends[3]))
    tables = [head_tables(runs[1][k][0], idx, 1)[0],
              *head_tables(runs[3][k][0], idx, 3)]
    names = [f"seed {seeds[k]}: the only head"] + [
        f"head {h} of 3, loss {ends[3][k]:.4f}" for h in range(3)]
    for ax, table, name in zip(row, tables, names):
        ax.imshow(table, cmap="Blues", vmin=0, vmax=1)
        ax.set_title(name, fontsize=10)
    row[0].set_ylabel("place that looks")
for ax in axes[1]:
    ax.set_xlabel("place looked at")
fig.suptitle("The best and the worst of the runs with three heads")
fig.subplots_adjust(hspace=0.25)
plt.show()

# %% [markdown]
# <details><summary>What do you see?</summary>
#
# **One head** is worst, with every seed: it ends at
# {{heads_loss[1 head][best]:.2f}} to {{heads_loss[1 head][worst]:.2f}}. It has
# one row of weights for three questions. So it looks a little at all three
# places, and what it hands on no longer says which symbol stood where.
#
# **Three heads** are enough. In {{heads_loss[3 heads][below]}} of the five runs
# they end below 0.001, and the upper pictures show how: three questions, three
# heads, one each. Nobody told them who takes what. But in one run they end at
# {{heads_loss[3 heads][worst]:.3f}}: there two heads share two questions, now
# the one, now the other (lower pictures), and after 400 steps they have not
# sorted it out.
#
# **Six heads** end below 0.001 in {{heads_loss[6 heads][below]}} of five runs,
# and no lower than three do at their best. More than enough does not help. It
# may help against bad luck, but five runs are too few to say so.
#
# **Forty-eight heads** of *one* number each lag behind:
# {{heads_loss[48 heads][best]:.3f}} to {{heads_loss[48 heads][worst]:.3f}}. With
# one number for a query and one for a key it is hard to point at a place. In
# their one unlucky run three heads did worse even than that. Had we trained with
# that seed alone, we would have told you that 48 beat 3. **One seed is an
# anecdote.**
#
# So the answer is neither one nor as many as possible. GPT-2 keeps 64 numbers a
# head, in all its sizes.
#
# </details>
#
# **What if the scale were √d_out?** In `CausalAttention` that is right. Copied
# into `MultiHeadAttention` it makes the scores too small by √num_heads, and
# nothing tells you. Change it in your class, run its check, and read what it
# says. Then put it back.
#
# ## Show a friend
#
# Two black boxes, one of them careless. Shuffled, so that you do not know which
# is which either. Your friend may change one word of the sentence and is told
# which rows of the output moved. Which box cheats? How few questions does it
# take?

# %%
boxes = [att, lambda x: careless(att, 3, x)]
random.shuffle(boxes)


def ask(box, word):
    """Change this word; which rows of the output of box 0 or 1 move?"""
    table = moved(boxes[box], x[None])
    rows = [words[t] for t in range(6) if table[t, words.index(word)] > 1e-6]
    print(f"box {box}, {word} changed, moved: {', '.join(rows)}")


ask(0, "wide")
ask(1, "wide")

# %% [markdown]
# <details><summary>One question is enough. Which one is best?</summary>
#
# Change the **last** word. In an honest box only the last row may move. Any
# other row that moves has read the future. (The first word is the worst
# question: it may move every row, so a cheat looks honest.) It works for any
# model that writes, however large.
#
# </details>

# %% [markdown]
# ## Quiz
#
# One question had a letter, in Part 5. Three more: decide, then open.
#
# **1.** `MultiHeadAttention(768, 768, 1024, 0.1, num_heads=12)` becomes
# `num_heads=24`. What happens to the number of parameters?
#
# - **a** it doubles
# - **b** it stays the same
# - **c** it halves
#
# <details><summary>What each of them would mean</summary>
#
# - *a*: no. That would be so if each head kept its 64 numbers. Here the heads
#   share the 768: 24 heads of 32.
# - *b*: **right**. The four layers are 768 × 768 whatever the number of heads.
#   Only the cut changes.
# - *c*: no. Each head is half as large, but there are twice as many.
#
# </details>
#
# **2.** `mask` is a buffer, not a parameter and not a plain attribute. What
# would go wrong as a plain attribute?
#
# - **a** an optimizer would train it
# - **b** it would stay on the CPU when the module goes to a GPU
# - **c** it could not be cut to T × T
#
# <details><summary>What each of them would mean</summary>
#
# - *a*: no. An optimizer gets `parameters()`, and a plain tensor is not in it.
#   That would be the fault of making it an `nn.Parameter`.
# - *b*: **right**. `.to("cuda")` moves parameters and buffers, and nothing else.
#   Then scores and mask meet on two devices, which is an error.
# - *c*: no. Any tensor can be cut.
#
# </details>
#
# **3.** Two modules get the same weights, and their outputs differ by
# 0.00000006. What do you conclude?
#
# - **a** one of them has a bug
# - **b** the weights were not copied completely
# - **c** they are equal
#
# <details><summary>What each of them would mean</summary>
#
# - *a*: no. A bug in scale, mask or axes shows in the first digits. (The leak
#   moved rows by tenths.)
# - *b*: no. A single weight that was left random shows in the first digits.
# - *c*: **right**. Numbers here have about seven digits, and the last one
#   depends on the order of additions. Compare with `torch.allclose`, not `==`.
#
# </details>
#
# ## Where you are
#
# You have attention as GPT-2 has it, and the habit that goes with it: same
# weights in, same numbers out. `MultiHeadAttention` is the first of the parts
# of lab 7, where you build the whole of GPT-2 around it. In the library it is
# `gptlab.attention.MultiHeadAttention`, with the same weights by the same
# names.
#
# **Credits.** The five classes, their names and arguments, and the way from one
# to the next are those of chapter 3 of Sebastian Raschka's
# [Build a Large Language Model (From Scratch)](https://www.manning.com/books/build-a-large-language-model-from-scratch)
# (Manning, 2024). Heads, scale and mask are sections 3.2.1 to 3.2.3 of Vaswani
# et al., *Attention Is All You Need*, [2017](https://arxiv.org/abs/1706.03762).
# Dropout is by Srivastava et al.,
# [2014](https://jmlr.org/papers/v15/srivastava14a.html); the form that scales
# while training is called *inverted* dropout. `Head`, to which all is compared,
# comes from Andrej Karpathy's
# [Let's build GPT](https://www.youtube.com/watch?v=kCc8FmEb1nY).
