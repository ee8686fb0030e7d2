# %% [markdown]
# # Lab 2 · Letters that look at each other
#
# A head of attention reads a line of Shakespeare. Each row is a letter, each
# column a letter that it may look at. The darker, the more it looks there.
#
# {{figure:after}}
#
# Find the two `h` that follow a `g`, in *light* and in *through*: both look
# back at their `g`. Nobody told the head that `gh` belongs together. It found
# out that it pays: after `gh` comes a `t` or a space, after `th` an `e`.
#
# In lab 1 every letter was alone, and the loss stood at
# {{ladder[counted bigram]:.2f}}. Now letters talk to those before them, and it
# is {{ladder[one head]:.2f}}. Here is what such a model writes:
#
# ```text
# {{sample}}
# ```
#
# All of it is a **weighted mean of the past**. You will build it in three
# moves: a mean; a mean with weights; weights that the letters choose.

# %% [markdown]
# ## Three questions to warm up
#
# From the labs before. Answer aloud, then open.
#
# <details><summary>1. Lab 0: <code>a</code> has shape (2, 3, 5), and
# <code>b</code> has shape (2, 5, 4). Which shape has <code>a @ b</code>? What
# is <code>b.transpose(-2, -1)</code>?</summary>
#
# (2, 3, 4): two products, each of a 3 × 5 with a 5 × 4 matrix. And
# `b.transpose(-2, -1)` swaps the last two axes: (2, 4, 5).
#
# </details>
# <details><summary>2. Lab 1: what is the softmax of (0, ln 3)? And of
# (0, −∞)?</summary>
#
# (¼, ¾), since $e^0 = 1$ and $e^{\ln 3} = 3$: one part against three. And
# (1, 0), since $e^{-\infty} = 0$.
#
# </details>
# <details><summary>3. Lab 1: you trained the bigram ten times longer, and the
# loss did not fall. Why?</summary>
#
# It had reached the best that a table can do which sees one letter. To get
# lower, the model must see more of the past. That is today's work.
#
# </details>

# %% [markdown]
# ## Setup
#
# Everything here runs on the CPU. The cells that train take a while, the others
# a second or less.

# %%
import math
import time

import matplotlib.pyplot as plt
import torch
import torch.nn as nn
from torch.nn import functional as F
from tqdm import tqdm

from gptlab import bigram, data as texts, steps
from gptlab.checks import lab02_attention as check

torch.set_num_threads(1)  # tensors this small: one core is quicker than two

# %% [markdown]
# Text, vocabulary, split and batches are those of lab 1, now taken from
# `gptlab.bigram`.

# %%
corpus = texts.tiny_shakespeare()
chars, stoi = bigram.build_vocabulary(corpus.text)
vocab_size = len(chars)
data = torch.tensor(bigram.encode(corpus.text, stoi))
train_data, val_data = bigram.split_data(data)
print(f"{corpus.name}: {len(data):,} characters, {vocab_size} distinct")

# %%
block_size = 32  # the longest past, in characters
batch_size = 16


def get_batch(split):
    """x and y, each (batch_size, block_size)."""
    part = train_data if split == "train" else val_data
    return bigram.get_batch(part, block_size, batch_size)


xb, yb = get_batch("train")
print(xb.shape, yb.shape)

# %% [markdown]
# # Part 1 · A bag of the past
#
# Each letter of a text comes as a list of numbers, its **channels**. So a
# batch is `x` of shape (B, T, C): B windows, T letters each, C channels for
# each letter.
#
# Letter t shall learn something about the letters before it. There may be one
# of them or a thousand, but the message must always have the same size: C
# numbers. What is the simplest such message from many? Their **mean**. Letter t
# gets the mean of letters 0 to t, itself included, and never one from the
# future.
#
# One window of three letters, two channels:
#
# | t | `x[t]` | mean of | result |
# |---|---|---|---|
# | 0 | (2, 4) | row 0 | (2, 4) |
# | 1 | (4, 0) | rows 0, 1 | (3, 2) |
# | 2 | (0, 2) | rows 0, 1, 2 | (2, 2) |
#
# The result has the shape of `x`. Letters keep their places and channels keep
# their meaning; only the letters have been mixed. A mean forgets the order, as
# if all were thrown into a bag: hence `xbow`, "x, bag of words".

# %% answer="xbow_loop" level=1 minutes=5
def xbow_loop(x):
    """Row t of the result is the mean of rows 0 to t of x.

    x: (B, T, C)
    returns: (B, T, C)
    """
    B, T, C = x.shape
    xbow = torch.zeros(B, T, C)
    ### BEGIN SOLUTION
    for b in range(B):
        for t in range(T):
            xbow[b, t] = x[b, : t + 1].mean(dim=0)
    ### END SOLUTION
    return xbow

# %% grade="xbow_loop" points=1
check.xbow_loop(xbow_loop)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Go through all windows and all places. At each, cut out the past, and take
# its mean.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# A slice stops *before* its end. The past of one window is (t + 1, C);
# `.mean(dim=0)` averages over its rows, and leaves one number a channel.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Two loops, `b` and `t`. Inside, one line: place `t` of window `b` of `xbow`
# becomes the mean, over time, of window `b` of `x` up to and including `t`.
#
# </details>
#
# ## The same as one product
#
# The three results of the example are three mixtures of the same rows. Write
# down with which **weights**:
#
# | | of row 0 | of row 1 | of row 2 |
# |---|---|---|---|
# | **token 0** | 1 | 0 | 0 |
# | **token 1** | ½ | ½ | 0 |
# | **token 2** | ⅓ | ⅓ | ⅓ |
#
# This table times `x` is the answer. Row 2, channel 0:
# ⅓ · 2 + ⅓ · 4 + ⅓ · 0 = 2. That is what a matrix product does, for all rows
# and channels at once:
#
# | | shape |
# |---|---|
# | `wei`, the weights | (T, T) |
# | `x` | (B, T, C) |
# | `wei @ x` | (B, T, C) |
#
# The B windows share one table: PyTorch uses it for each of them.
#
# How do you make the table? Ones on and below the diagonal, then each row
# divided by its sum.

# %% answer="xbow_matmul" level=2 minutes=8
def xbow_matmul(x):
    """The same without a loop: one (T, T) table of weights, times x.

    x: (B, T, C)
    returns: (B, T, C)
    """
    T = x.shape[1]
    ### BEGIN SOLUTION
    wei = torch.tril(torch.ones(T, T))
    wei = wei / wei.sum(dim=1, keepdim=True)
    return wei @ x
    ### END SOLUTION

# %% grade="xbow_matmul" points=1.5
check.xbow_matmul(xbow_matmul)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# A triangle of ones; rows that sum to 1; the product with `x`.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `torch.ones(T, T)`. `torch.tril` keeps the lower triangle. `.sum(dim=1,
# keepdim=True)` gives the row sums as a column, as in lab 1.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Line 1: the lower triangle of a square of ones. Line 2: divide it by its row
# sums, axis kept. Line 3: return the product, the table on the left.
#
# </details>
#
# Both give the same numbers. Which is quicker? Eight windows of 128 letters
# with 32 channels: 1,024 little means against one product.

# %% predict="times_faster"
times_faster = None  # how many times? a number, before you run what is below

# %% numbers="loop_ms matmul_ms speedup"
def milliseconds(f, x, rounds):
    f(x)  # once before, so that nothing is measured that happens only once
    start = time.perf_counter()
    for _ in range(rounds):
        f(x)
    return (time.perf_counter() - start) / rounds * 1000


torch.manual_seed(1337)
x = torch.randn(8, 128, 32)
loop_ms = milliseconds(xbow_loop, x, steps(10, graded=1))
matmul_ms = milliseconds(xbow_matmul, x, steps(300, graded=1))
speedup = loop_ms / matmul_ms
print(f"loop {loop_ms:.2f} ms, product {matmul_ms:.3f} ms")
print(f"you said {times_faster} times faster, it is {speedup:.0f}")

# %% [markdown]
# On the machine that made this page the product was {{speedup:.0f}} times
# quicker. It does *more* arithmetic, since half of its products are with 0.
# But it is one call, and processors are built for it.
#
# ## The same a third time, with softmax
#
# Softmax turns any numbers into weights that sum to 1. Which numbers give our
# table? Equal ones where a letter may look, and −∞ where it may not:
#
# | scores | 0 | 1 | 2 | after $e^x$ | after division |
# |---|---|---|---|---|---|
# | **token 0** | 0 | −∞ | −∞ | 1, 0, 0 | 1, 0, 0 |
# | **token 1** | 0 | 0 | −∞ | 1, 1, 0 | ½, ½, 0 |
# | **token 2** | 0 | 0 | 0 | 1, 1, 1 | ⅓, ⅓, ⅓ |
#
# It looks like a detour. It is the door to attention: the zeros say "all of the
# past is equally interesting". Put other numbers there, and some letters become
# more interesting than others.

# %% answer="xbow_softmax" level=2 minutes=8
def xbow_softmax(x):
    """The same a third time: the weights are the softmax of a masked table.

    x: (B, T, C)
    returns: (B, T, C)
    """
    T = x.shape[1]
    ### BEGIN SOLUTION
    tril = torch.tril(torch.ones(T, T))
    wei = torch.zeros(T, T).masked_fill(tril == 0, float("-inf"))
    return F.softmax(wei, dim=-1) @ x
    ### END SOLUTION

# %% grade="xbow_softmax" points=1.5
check.xbow_softmax(xbow_softmax)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# A table of zeros; −∞ above the diagonal; softmax of each row; the product.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `a.masked_fill(where, value)` writes `value` where the table `where` is True.
# `float("-inf")` is −∞. `F.softmax(..., dim=-1)` makes the last axis, each
# row, sum to 1.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Line 1: the lower triangle of ones again. Line 2: zeros (T, T), filled with
# −∞ where the triangle is 0. Line 3: return the softmax along the rows, times
# `x`. (Do not multiply by −∞: 0 · ∞ is not a number.)
#
# </details>
#
# Three functions, one result:

# %%
by_loop = xbow_loop(x)
print(torch.allclose(by_loop, xbow_matmul(x), atol=1e-6),
      torch.allclose(by_loop, xbow_softmax(x), atol=1e-6))
print(xbow_softmax(torch.tensor([[[2.0, 4.0], [4.0, 0.0], [0.0, 2.0]]])))

# %% [markdown]
# # Part 2 · Who decides the weights?
#
# A plain mean treats all letters alike. But a letter has an interest: after a
# `u` one would like to know whether a `q` came before, after an `h` whether a
# `t` or a `g`. So each letter gets three short lists of numbers:
#
# | | is | as if the letter said |
# |---|---|---|
# | **query** | what I look for | "I am an `h`. Who of you is a `g`?" |
# | **key** | what I offer | "I am a `g`." |
# | **value** | what I hand on, if you look at me | "Then expect a `t` or a space." |
#
# All three are made from `x` by a matrix each, and the matrices are learned.
# How well does a query fit a key? Their **dot product** says it: multiply
# channel by channel, and add up. It is large if both are large in the same
# channels. This is the *score*.
#
# Three letters, `a`, `n`, `y`, with two channels in query and key. Channel 0
# is about vowels, channel 1 about consonants; `y` is a bit of both.
#
# | | query: I look for | key: I offer |
# |---|---|---|
# | `a` | (0, 1), a consonant | (2, 0), a vowel, loud |
# | `n` | (1, 0), a vowel | (0, 1), a consonant |
# | `y` | (1, 1), either | (1, 1), both |
#
# The score of `n` looking at `a` is 1 · 2 + 0 · 0 = 2. All of them:
#
# | | at `a` | at `n` | at `y` |
# |---|---|---|---|
# | **`a` looks** | 0 | 1 | 1 |
# | **`n` looks** | 2 | 0 | 1 |
# | **`y` looks** | 2 | 1 | 2 |
#
# `a` looks at `n` with 1, but `n` looks at `a` with 2: who looks is the row,
# who is looked at is the column.

# %% answer="raw_scores" level=1 minutes=5
def raw_scores(q, k):
    """How much token t wants to see token s: their dot product.

    q, k: (B, T, head_size)
    returns: (B, T, T); entry [b, t, s] is q[b, t] · k[b, s]
    """
    ### BEGIN SOLUTION
    return q @ k.transpose(-2, -1)
    ### END SOLUTION

# %% grade="raw_scores" points=1
check.raw_scores(raw_scores)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# A matrix product is a table of dot products: rows of the left with *columns*
# of the right. The keys are rows.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `@`, and `.transpose(-2, -1)`, which swaps the last two axes and leaves the
# batch alone. (`.T` would reverse all three.)
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# One product of (B, T, head_size) with (B, head_size, T). Which of the two
# gets its axes swapped?
#
# </details>
#
# ## How large are scores?
#
# Let queries and keys be random numbers with mean 0 and variance 1. A score
# adds up `head_size` products. Say each number is +1 or −1, and there are two
# channels:
#
# | products | ++ | +− | −+ | −− |
# |---|---|---|---|---|
# | score | 2 | 0 | 0 | −2 |
# | squared | 4 | 0 | 0 | 4 |
#
# The mean is 0, the mean square (the variance) is 8 / 4 = **2**: the number of
# channels. So it goes on: independent terms add up their variances. The
# *standard deviation*, the typical size, is the root of the variance. What is
# it for a head of 64 channels?

# %% predict="typical_score"
typical_score = None  # a number, before you run anything below

# %% numbers="scores_std_raw scores_std_head_size"
def normal_pair(head_size):
    """Random queries and keys, (1, 256, head_size): mean 0, variance 1."""
    torch.manual_seed(1337)
    tokens = steps(256, graded=8)  # fewer while the lab is graded
    return torch.randn(2, 1, tokens, head_size)


scores_std_head_size = 64
q, k = normal_pair(scores_std_head_size)
scores_std_raw = raw_scores(q, k).std().item()
print(f"you said {typical_score}, measured {scores_std_raw:.2f}")

# %% [markdown]
# Why should that worry us? Because of softmax. Two tokens, scores 1 and 0: the
# weights are 0.73 and 0.27. Scores **8 and 0: 0.9997 and 0.0003**. The head
# looks at one token and at nothing else, and that at the very start, when
# nothing has been learned.
#
# And it can hardly change its mind. The slope of a softmax weight $p$ with its
# own score is $p(1 - p)$: ¼ at $p = 0.5$, but 0.0003 at $p = 0.9997$. No slope,
# no learning.
#
# The cure: divide by what the scores have grown by. Their variance is
# `head_size`, so their size is its root.

# %% answer="scaled_scores" level=1 minutes=5
def scaled_scores(q, k):
    """Scores whose variance does not grow with the size of the head.

    q, k: (B, T, head_size)
    returns: (B, T, T), raw_scores divided by the root of head_size
    """
    ### BEGIN SOLUTION
    return raw_scores(q, k) * q.shape[-1] ** -0.5
    ### END SOLUTION

# %% grade="scaled_scores" points=1.5
check.scaled_scores(scaled_scores)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Your own `raw_scores`, each divided by one and the same number.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# The size of the head is the last axis of `q`. A root is `** 0.5`; dividing by
# a root is the same as multiplying with `** -0.5`. (`math.sqrt` is fine, too.)
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# One line: the raw scores of `q` and `k`, times the last size of `q` to the
# power of minus one half.
#
# </details>

# %% numbers="scores_std_scaled std_by_size"
sizes = [1, 4, 16, 64, 256]
std_by_size = {"raw": [], "scaled": []}
for size in sizes:
    q, k = normal_pair(size)
    std_by_size["raw"].append(raw_scores(q, k).std().item())
    std_by_size["scaled"].append(scaled_scores(q, k).std().item())
scores_std_scaled = std_by_size["scaled"][sizes.index(64)]
for size, raw, scaled in zip(sizes, *std_by_size.values()):
    print(f"head_size {size:3}: raw {raw:6.2f}   scaled {scaled:.2f}")

# %% figure="variance"
fig, ax = plt.subplots(figsize=(6, 3.4))
ax.plot(sizes, std_by_size["raw"], "o-", label="raw scores")
ax.plot(sizes, std_by_size["scaled"], "s-", label="scaled scores")
ax.plot(sizes, [size**0.5 for size in sizes], "k:", label="√head_size")
ax.set_xscale("log", base=2)
ax.set_yscale("log", base=2)
ax.set_xticks(sizes, sizes)
ax.set_yticks(sizes[:3], sizes[:3])
ax.set(xlabel="head_size", ylabel="standard deviation",
       title="Scores grow with the head, scaled ones do not")
ax.legend()
plt.show()

# %% [markdown]
# One token looks at eight tokens, before anything has been learned. On the
# left it already stares at one of them, by pure chance. On the right it keeps
# an open mind.

# %% figure="softmax" numbers="largest_raw largest_scaled"
q, k = normal_pair(64)
rows = {"without the scale": raw_scores(q, k)[0, :, :8],
        "with it": scaled_scores(q, k)[0, :, :8]}
fig, axes = plt.subplots(1, 2, figsize=(8, 2.8), sharey=True)
for ax, (name, scores) in zip(axes, rows.items()):
    ax.bar(range(8), F.softmax(scores, dim=-1)[5])
    ax.set(title=name, xlabel="token looked at", ylim=(0, 1))
axes[0].set_ylabel("weight")
plt.show()
largest_raw, largest_scaled = (
    F.softmax(scores, dim=-1).amax(-1).mean().item()
    for scores in rows.values()
)
print(f"largest of the 8 weights, mean of 256 rows: "
      f"{largest_raw:.2f} without, {largest_scaled:.2f} with")

# %% [markdown]
# ## A famous mistake
#
# Which size? The one that the dot product adds up over: `head_size`. A
# well-known lecture wrote `C**-0.5` here, and its `C` was the width of `x`,
# which is `n_embd`. (The list under its video says so itself: "Oops".) Many
# notebooks have copied the line. With `n_embd` = 64 and heads of 16,
# measured on random queries and keys:

# %% numbers="mistaken"
q, k = normal_pair(16)
mistaken = {}
for name, size in [("head_size", 16), ("n_embd", 64)]:
    scores = raw_scores(q, k) / size**0.5
    largest = F.softmax(scores[..., :8], dim=-1).amax(-1).mean().item()
    mistaken[name] = {"std": scores.std().item(), "largest": largest}
    print(f"divided by √{name:9} std {scores.std():.2f}, "
          f"largest of 8 weights {largest:.2f}")

# %% [markdown]
# Half the size: the weights are flatter than they were meant to be. No shape
# changes, nothing fails, and the model still trains; at the end of this lab
# you see how well. It only shows if someone measures.
#
# ## Nobody reads ahead
#
# Token 2 may look at tokens 0, 1 and 2. Why not at 3? Because the letter at
# place 3 is the one that token 2 has to predict. It would copy the answer, and
# have nothing to copy from when the model writes.
#
# So what is above the diagonal is hidden, by the −∞ that you know from Part 1.
# The *place* decides, not the number: a score of 0 in the past is a score like
# any other. Three tokens, scores already computed:
#
# | | looks at 0 | looks at 1 | looks at 2 |
# |---|---|---|---|
# | **token 0** | 2 | 9 → −∞ | 9 → −∞ |
# | **token 1** | 1 | 1 | 9 → −∞ |
# | **token 2** | 0 | ln 2 | 0 |
#
# The weights of token 0 can only be (1, 0, 0). Token 1 has two equal scores
# left: (½, ½, 0). How much weight does token 2 put on token 1?

# %% predict="weight_of_token_1"
weight_of_token_1 = None  # a number, before you run anything below

# %%
print("you said", weight_of_token_1)
print("softmax of (0, ln 2, 0):",
      F.softmax(torch.tensor([0.0, math.log(2), 0.0]), dim=0))

# %% answer="causal_mask" level=2 minutes=8
def causal_mask(scores):
    """Hide the future.

    scores: (B, T, T), scores[b, t, s] says how much token t wants to see s
    returns: (B, T, T), the same numbers where s <= t and -inf where s > t
    """
    ### BEGIN SOLUTION
    T = scores.shape[-1]
    visible = torch.tril(torch.ones(T, T, dtype=torch.bool))
    return scores.masked_fill(~visible, float("-inf"))
    ### END SOLUTION

# %% grade="causal_mask" points=1.5
check.causal_mask(causal_mask)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# As in `xbow_softmax`, only that the table is not zeros but `scores`.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `torch.tril` of ones says what is visible. `scores.masked_fill(where, value)`
# returns a new tensor, and leaves `scores` as it was.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Line 1: T from the last axis. Line 2: the triangle, as numbers or as bools.
# Line 3: return the scores, filled with −∞ where the triangle is 0 (False).
#
# </details>
#
# ## From scores to weights
#
# Scale, mask, softmax, in this order. Softmax comes last, since it divides each
# row by its sum: hide something *after* that, and the row no longer sums to 1.
#
# | | scaled scores | masked | weights |
# |---|---|---|---|
# | **token 0** | 2, 9, 9 | 2, −∞, −∞ | 1, 0, 0 |
# | **token 1** | 1, 1, 9 | 1, 1, −∞ | ½, ½, 0 |
# | **token 2** | 0, ln 2, 0 | 0, ln 2, 0 | ¼, ½, ¼ |

# %% answer="attention_weights" level=2 minutes=6
def attention_weights(q, k):
    """The share that token t takes from each token up to itself.

    q, k: (B, T, head_size)
    returns: (B, T, T); each row sums to 1, and nothing is above the diagonal
    """
    ### BEGIN SOLUTION
    return F.softmax(causal_mask(scaled_scores(q, k)), dim=-1)
    ### END SOLUTION

# %% grade="attention_weights" points=1.5
check.attention_weights(attention_weights)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Three functions, one after the other. Two of them are yours.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `scaled_scores`, `causal_mask`, `F.softmax`. Which axis has to sum to 1? The
# one that runs over the tokens looked at.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# One line, read from the inside out: the scaled scores, masked, softmax over
# the last axis.
#
# </details>
#
# ## All of it on paper
#
# Take a pencil. The text is `any`; each letter comes with two channels:
#
# | | `x` |
# |---|---|
# | `a` | (1, 0), a vowel |
# | `n` | (0, 1), a consonant |
# | `y` | (1, 1), both |
#
# Three matrices make query, key and value from `x` (each row of `x` times the
# matrix). The odd factors √2 and ln 3 are there to keep *your* numbers round.
#
# $$W_{query} = \sqrt2 \begin{pmatrix} 0 & 1 \\ 1 & 0 \end{pmatrix} \qquad
# W_{key} = \ln 3 \begin{pmatrix} 1 & 0 \\ 0 & 1 \end{pmatrix} \qquad
# W_{value} = \begin{pmatrix} 5 & 5 \\ 0 & 10 \end{pmatrix}$$
#
# | | query | key | value |
# |---|---|---|---|
# | `a` | √2 · (0, 1) | ln 3 · (1, 0) | (5, 5) |
# | `n` | √2 · (1, 0) | ln 3 · (0, 1) | (0, 10) |
# | `y` | √2 · (1, 1) | ln 3 · (1, 1) | (5, 15) |
#
# The query swaps the channels: a vowel looks for a consonant, and the other
# way round. `head_size` is 2, so scores are divided by √2, and that cancels the
# √2 of the query. Now token 1, the `n`:
#
# | `n` looks at | `a` | `n` | `y` |
# |---|---|---|---|
# | scaled score | ln 3 | 0 | hidden |
# | $e^{\text{score}}$ | 3 | 1 | 0 |
# | weight | ¾ | ¼ | 0 |
#
# Its output is the mix of the values: ¾ · (5, 5) + ¼ · (0, 10) =
# (3.75, 6.25). Token 0, the `a`, sees only itself: its output is (5, 5).
#
# Your turn. What is the output of token 2, the `y`? Write it as a list of two
# numbers, such as `[3.75, 6.25]`.

# %% answer="paper" level=1 minutes=5
### BEGIN SOLUTION
token2_output = [4.0, 12.0]
### END SOLUTION

# %% grade="paper" points=0.5
check.paper(token2_output)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# The same table as for `n`, with nothing hidden: scores, powers of e, weights,
# mix.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# The query of `y` asks for both channels, so its scaled scores are the sums of
# the two entries of each key. $e^{\ln 3} = 3$ and $e^{2 \ln 3} = 3 \cdot 3$.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Three powers of e; divide each by their sum (they become fifths); then that
# much of (5, 5), plus that much of (0, 10), plus that much of (5, 15).
#
# </details>
#
# ## The mix
#
# The last step is the matrix product of Part 1, with weights that the letters
# chose, and with values in place of `x`.

# %% answer="attend" level=1 minutes=4
def attend(q, k, v):
    """Each token's own mix of the values of its past.

    q, k: (B, T, head_size); v: (B, T, C)
    returns: (B, T, C)
    """
    ### BEGIN SOLUTION
    return attention_weights(q, k) @ v
    ### END SOLUTION

# %% grade="attend" points=1
check.attend(attend)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Weights times values.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# Your `attention_weights`, and `@`.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# One product: (B, T, T) with (B, T, C). The weights stand on the left.
#
# </details>
#
# Your pencil against your code. (On paper the table of scores is the same from
# both sides, so it cannot tell a query from a key. The check can.)

# %%
x_any = torch.tensor([[[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]])  # (1, 3, 2)
W_query = math.sqrt(2) * torch.tensor([[0.0, 1.0], [1.0, 0.0]])
W_key = math.log(3) * torch.eye(2)
W_value = torch.tensor([[5.0, 5.0], [0.0, 10.0]])
print(attention_weights(x_any @ W_query, x_any @ W_key))
print(attend(x_any @ W_query, x_any @ W_key, x_any @ W_value))

# %% [markdown]
# **What if the mask were −10?** It looks safe: $e^{-10}$ is 0.00005. Two
# tokens, the first looks at itself and at its future:
#
# | score of itself | future, filled with −10 | weight of the future |
# |---|---|---|
# | 0 | −10 | 0.00005 |
# | −12 | −10 | ? |
#
# Guess, then run.

# %% numbers="future_weight"
for own in [0.0, -12.0]:
    future_weight = F.softmax(torch.tensor([own, -10.0]), dim=0)[1].item()
    print(f"own score {own:5}: the future gets {future_weight:.5f}")

# %% [markdown]
# <details><summary>Why?</summary>
#
# Softmax knows only differences. Once a head has learned to dislike what it
# sees (scores of −12), the forbidden −10 is the best on offer, and the future
# gets {{future_weight:.2f}} of the weight. Nothing compares with −∞: $e^{-\infty}$
# is exactly 0. Finite masks have shipped in real models, since all looks well
# as long as scores are small.
#
# </details>
#
# **What if you test with a single letter?** Here is a broken head: no scale,
# no mask, and softmax over the wrong axis. Compare it with yours.

# %%
def broken(q, k, v):
    return F.softmax(raw_scores(q, k), dim=-2) @ v


for T in [1, 2, 4]:
    torch.manual_seed(1337)
    q, k, v = torch.randn(3, 2, T, 16)  # three tensors, each (2, T, 16)
    difference = (broken(q, k, v) - attend(q, k, v)).abs().max().item()
    print(f"T = {T}: largest difference {difference:.3f}")

# %% [markdown]
# <details><summary>Why no difference at T = 1?</summary>
#
# A token that is alone gives itself weight 1, whatever its score. No mistake in
# scores, mask or softmax can show. Shapes would not show it either: they are
# right. A test of attention needs several tokens, and numbers.
#
# </details>

# %% [markdown]
# # Part 3 · A head
#
# Now as a module that can learn: a class which owns its three matrices. Four
# settings, used by all that follows:

# %%
block_size = 32  # the longest past
n_embd = 64  # channels of x
dropout = 0.0  # share of the weights that is dropped at random in training
learning_rate = 2e-3

# %% [markdown]
# `Head(head_size)` makes queries, keys and values with `nn.Linear(n_embd,
# head_size, bias=False)`: a matrix, whose numbers the optimizer will move. In
# `forward` it does what `attend` does.
#
# Two things are new.
#
# **The mask is made once.** `__init__` makes the triangle for the longest
# possible window, `block_size`. A shorter window, T letters, uses the top left
# corner of it. With `block_size` 4 and T = 2:
#
# | | 0 | 1 | 2 | 3 |
# |---|---|---|---|---|
# | **0** | **1** | **0** | 0 | 0 |
# | **1** | **1** | **1** | 0 | 0 |
# | **2** | 1 | 1 | 1 | 0 |
# | **3** | 1 | 1 | 1 | 1 |
#
# The triangle belongs to the module, but nobody shall train it. PyTorch calls
# that a **buffer**: `self.register_buffer("tril", ...)`. Afterwards it is there
# as `self.tril`.
#
# **Dropout.** `nn.Dropout(p)` sets a share p of what it gets to zero while
# training, and divides the rest by 1 − p; after `.eval()` it does nothing. Here
# it is applied to the weights, after softmax: now and then a letter may not
# look at some other. Ours is 0, so it only waits for larger models.
#
# Check your shapes against these. (The comments of some well-known versions
# write C for all three sizes; with `head_size` ≠ `n_embd` that misleads.)
#
# | | shape |
# |---|---|
# | `x` | (B, T, n_embd) |
# | `q`, `k`, `v` | (B, T, head_size) |
# | scores and weights | (B, T, T) |
# | result | (B, T, head_size) |

# %% answer="head" level=3 minutes=20
class Head(nn.Module):
    """One head of causal self-attention, with the settings n_embd, block_size
    and dropout.

    It owns: key, query, value: nn.Linear from n_embd to head_size, no bias;
    tril: a buffer, (block_size, block_size), ones on and below the diagonal;
    dropout: nn.Dropout(dropout), which is applied to the weights.
    """

    def __init__(self, head_size):
        super().__init__()
        ### BEGIN SOLUTION
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)
        tril = torch.tril(torch.ones(block_size, block_size))
        self.register_buffer("tril", tril)
        self.dropout = nn.Dropout(dropout)
        ### END SOLUTION

    def forward(self, x):
        """x: (B, T, n_embd), T at most block_size

        returns: (B, T, head_size)
        """
        ### BEGIN SOLUTION
        B, T, C = x.shape
        k, q = self.key(x), self.query(x)  # (B, T, head_size)
        wei = q @ k.transpose(-2, -1) * k.shape[-1] ** -0.5  # (B, T, T)
        wei = wei.masked_fill(self.tril[:T, :T] == 0, float("-inf"))
        wei = self.dropout(F.softmax(wei, dim=-1))
        return wei @ self.value(x)
        ### END SOLUTION

# %% grade="head" points=2.5
check.head(Head)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# `__init__`: the five things of the docstring, in any order. `forward`: make
# query and key; score, scale, mask, softmax; dropout; mix the values.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `nn.Linear(..., bias=False)` three times, `register_buffer`, `nn.Dropout`. A
# layer is called like a function: `self.key(x)`. The corner of a table is
# `[:T, :T]`. The scale is about the size of `k`, not of `x`.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# `forward`: T from the shape of `x`. Keys and queries. Scores times the scale.
# Fill with −∞ where the corner of `self.tril` is 0. Softmax over the last
# axis, then `self.dropout`. Return the weights times the values of `x`. (You
# may call your functions of Part 2, but the dropout has to come in between.)
#
# </details>
#
# What does a head own?

# %%
torch.manual_seed(1337)
demo = Head(16)
for name, p in demo.named_parameters():
    print(f"parameter {name:13} {tuple(p.shape)}")
for name, b in demo.named_buffers():
    print(f"buffer    {name:13} {tuple(b.shape)}")
print("state_dict", list(demo.state_dict()))
demo.to(torch.float64)
print("after .to:", demo.key.weight.dtype, "and", demo.tril.dtype)

# %% [markdown]
# | | trained by the optimizer | moved by `.to(...)` | in `state_dict`, so saved |
# |---|---|---|---|
# | parameter | yes | yes | yes |
# | buffer | no | yes | yes |
# | plain attribute, `self.tril = ...` | no | **no** | no |
#
# The **no** in bold is why a buffer: `.to("cuda")` would leave a plain tensor on
# the CPU, and the mask and the scores would meet on two devices. That is an
# error, but only on the day you get a GPU.

# %% [markdown]
# ## A model with one head
#
# A head needs `x`, and a text gives ids. So:
#
# 1. a **token embedding**: a table with `n_embd` numbers for each character
#    (in lab 1 the row was the answer; here it is only the beginning),
# 2. a **position embedding**: a table with `n_embd` numbers for each place
#    0, 1, 2, …; added to 1. Without it the head sees a bag: it cannot tell
#    which of two letters came first,
# 3. the **head**,
# 4. `lm_head`, a last matrix: from what the head says to a logit for each of
#    the V characters.
#
# | | shape |
# |---|---|
# | `idx` | (B, T) |
# | token embeddings | (B, T, n_embd) |
# | position embeddings of places 0 … T − 1 | (T, n_embd) |
# | their sum | (B, T, n_embd) |
# | after the head | (B, T, n_embd), since we make `Head(n_embd)` |
# | logits | (B, T, V) |
#
# (B, T, n_embd) plus (T, n_embd): PyTorch adds the same places to each window.
# Make the places on the device of `idx`, `torch.arange(..., device=idx.device)`:
# on Colab's GPU, tables and ids lie there, and a list of places on the CPU would
# be an error.
#
# The end is that of lab 1: logits alone, or flattened and with their loss.

# %%
def logits_and_loss(logits, targets):
    """As in lab 1: (B, T, V) and None, or flattened logits and their loss."""
    if targets is None:
        return logits, None
    logits = logits.flatten(0, 1)  # (B*T, V)
    return logits, F.cross_entropy(logits, targets.flatten())

# %% answer="one_head_model" level=2 minutes=10
class OneHeadModel(nn.Module):
    """Token and position embeddings, one head, and a score for each letter."""

    def __init__(self, vocab_size):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, n_embd)
        self.position_embedding_table = nn.Embedding(block_size, n_embd)
        self.sa_head = Head(n_embd)
        self.lm_head = nn.Linear(n_embd, vocab_size)

    def forward(self, idx, targets=None):
        """idx, targets: (B, T) int64

        returns: what logits_and_loss makes of logits (B, T, V) and targets
        """
        ### BEGIN SOLUTION
        tok_emb = self.token_embedding_table(idx)  # (B, T, n_embd)
        places = torch.arange(idx.shape[1], device=idx.device)
        pos_emb = self.position_embedding_table(places)  # (T, n_embd)
        x = self.sa_head(tok_emb + pos_emb)
        logits = self.lm_head(x)
        ### END SOLUTION
        return logits_and_loss(logits, targets)

# %% grade="one_head_model" points=2
check.one_head_model(OneHeadModel)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Look up two tables, add, head, last matrix. The line below your answer does
# the rest.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `torch.arange(n)` gives the places 0 to n − 1; `idx.shape[1]` is T. A table is
# asked with ids: `self.token_embedding_table(idx)`.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Line 1: the token embeddings of `idx`. Line 2: the position embeddings of the
# places 0 to T − 1. Line 3: the head, of their sum. Line 4: `logits`, made by
# `lm_head`.
#
# </details>
#
# Is the first loss healthy? Someone without a clue has ln 65 = 4.17.

# %% numbers="untrained_loss parameters"
torch.manual_seed(1337)
model = OneHeadModel(vocab_size)
parameters = sum(p.numel() for p in model.parameters())
untrained_loss = model(xb, yb)[1].item()
print(f"{parameters:,} parameters, first loss {untrained_loss:.3f}")

# %% [markdown]
# What does the head look at now, untrained? To see its weights we listen to
# what comes into it: a *hook* is a function that PyTorch calls at that moment.
# Then we ask its query and its key, and your `attention_weights`.

# %%
def looks(model, line):
    """Where the head of a model looks when it reads a line: (T, T)."""
    heard = []
    hook = model.sa_head.register_forward_pre_hook(
        lambda head, inputs: heard.append(inputs[0])
    )
    with torch.no_grad():
        model(torch.tensor([bigram.encode(line, stoi)]))
        hook.remove()
        q, k = model.sa_head.query(heard[0]), model.sa_head.key(heard[0])
        return attention_weights(q, k)[0]


def draw_looks(ax, weights, line, title):
    letters = list(line.replace(" ", "␣"))
    ax.imshow(weights, cmap="Blues", vmin=0, vmax=0.7)
    ax.set_xticks(range(len(letters)), letters, family="monospace")
    ax.set_yticks(range(len(letters)), letters, family="monospace")
    ax.tick_params(length=0)
    ax.set(xlabel="letter looked at", ylabel="letter that looks",
           title=title)


heat_line = "But, soft! what light through"

# %% figure="before"
before = looks(model, heat_line)
fig, ax = plt.subplots(figsize=(7.2, 7))
draw_looks(ax, before, heat_line, "Before training")
plt.show()

# %% [markdown]
# Row 0 can look nowhere but at itself. Further down the weights spread over the
# past, nearly evenly: the head has no opinion yet. (This is what the scale was
# for.) Above the diagonal there is nothing.
#
# ## A window that slides
#
# The position table has 32 rows, so the model can read 32 letters. When it
# writes, the text grows longer than that: place 32 would be asked for, and
# there is no such row (`IndexError: index out of range in self`). So we show
# the model only the **last** `block_size` letters. With `block_size` 4:
#
# | text so far | the model sees |
# |---|---|
# | `To` | `To` |
# | `To be` | `o be` |
# | `To be or` | `e or` |

# %% answer="crop" level=1 minutes=3
def crop_context(idx):
    """What the model may look at: the last block_size tokens of each row.

    idx: (B, T), any T of at least 1
    returns: (B, T), or (B, block_size) if T is larger than that
    """
    ### BEGIN SOLUTION
    return idx[:, -block_size:]
    ### END SOLUTION

# %% grade="crop" points=1
check.crop(crop_context)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# A slice from the end, along time. A slice that asks for more than there is
# simply takes all.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `[rows, columns]`; `:` for all rows. Negative places count from the end.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# All rows; of the columns those from minus `block_size` to the end.
#
# </details>
#
# ## Train
#
# The loop is that of lab 1: `bigram.train_step` is its `train_step`. Each step
# sees 16 windows of 32 letters. The counted bigram needed the whole text, and
# has {{ladder[counted bigram]:.3f}} nats per character. After how many of 3,000
# steps will the head be better than that?

# %% predict="steps_to_beat"
steps_to_beat = None  # a number, before you run anything below

# %% numbers="steps_trained"
steps_trained = 3000


def train(model):
    """A short training; returns the losses of all batches."""
    torch.manual_seed(1337)
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    n = steps(steps_trained, graded=5)
    return [bigram.train_step(model, optimizer, *get_batch("train"))
            for _ in tqdm(range(n), unit=" steps")]

# %% numbers="train_seconds"
start = time.perf_counter()
history = train(model)
train_seconds = time.perf_counter() - start
now = bigram.estimate_loss(model, get_batch, steps(100, graded=2))
print(f"{train_seconds:.0f} seconds; 100 batches each:")
print(f"train {now['train']:.3f}, val {now['val']:.3f} nats per character")

# %% [markdown]
# To compare with the bigram we measure both on the **whole** validation text,
# for the model cut into windows of 32.

# %% numbers="ladder one_head_val beaten_after"
@torch.no_grad()
def validation_loss(model):
    """Mean loss over the validation text, in windows of block_size."""
    n = min((len(val_data) - 1) // block_size, steps(10**6, graded=20))
    x = val_data[: n * block_size].view(n, block_size)
    y = val_data[1 : n * block_size + 1].view(n, block_size)
    return model.eval()(x, y)[1].item()


counts = bigram.count_pairs(train_data, vocab_size)
table = bigram.pair_probabilities(counts)
one_head_val = validation_loss(model)
ladder = {
    "uniform": math.log(vocab_size),
    "counted bigram": bigram.bigram_loss(table, val_data),
    "one head": one_head_val,
}
print(f"{corpus.name}, validation, nats per character")
for name, loss in ladder.items():
    print(f"  {name:15} {loss:.3f}")

calm = torch.tensor(history).unfold(0, min(100, len(history)), 1).mean(dim=1)
below = (calm < ladder["counted bigram"]).nonzero()
beaten_after = below[0].item() + 100 if len(below) else None
print(f"below the bigram for 100 batches after {beaten_after} steps, "
      f"you said {steps_to_beat}")

# %% figure="training"
fig, ax = plt.subplots(figsize=(7.5, 3.6))
ax.plot(history, linewidth=0.4, color="tab:blue", alpha=0.4,
        label="each batch")
ax.plot(range(len(history) - len(calm), len(history)), calm,
        color="tab:blue", label="mean of 100 batches")
ax.axhline(ladder["counted bigram"], color="black", linestyle="--",
           label="counted bigram, validation")
ax.set(xlabel="step", ylabel="loss, nats per character", ylim=(2.1, 3.5),
       title=f"One head learns to read {corpus.name}")
ax.legend()
plt.show()

# %% figure="after"
after = looks(model, heat_line)
fig, ax = plt.subplots(figsize=(7.2, 7))
draw_looks(ax, after, heat_line, "Where each letter looks")
plt.show()

# %% [markdown]
# The picture from the top of the page, now of **your** head. Some things to
# find: letters that look mostly at themselves (they behave as in a bigram).
# Letters that look one back. The `h` that look for a `g`. Change `heat_line`
# and look again: try `the queen, who quickly quit`, and follow the rows of `u`.

# %% figure="ladder"
fig, ax = plt.subplots(figsize=(7.5, 2))
bars = ax.barh(list(ladder), list(ladder.values()), color="tab:blue")
ax.bar_label(bars, fmt="%.3f", padding=4)
ax.invert_yaxis()
ax.set(xlim=(0, 4.8), xlabel="validation loss, nats per character",
       title=f"The loss ladder, {corpus.name}")
plt.show()

# %% numbers="doors"
doors = {name: math.exp(loss) for name, loss in ladder.items()}
print("in doors, as in lab 1:",
      ", ".join(f"{name} {n:.1f}" for name, n in doors.items()))

# %% [markdown]
# What does it write? Now `crop_context` is needed: 200 letters are more than
# 32.

# %%
def write(model, start="\n", n=200):
    """A text that begins with start, n more letters drawn by the model."""

    def cropped(idx):
        return model(crop_context(idx))

    idx = torch.tensor([bigram.encode(start, stoi)])
    return bigram.decode(bigram.generate(cropped, idx, n)[0].tolist(), chars)

# %% numbers="sample"
torch.manual_seed(1337)
sample = write(model, n=steps(200, graded=40)).strip()
print(sample)

# %% [markdown]
# Still no Shakespeare: one head, one look, and then straight to the answer. But
# compare it with the bigram's text in lab 1: more of it can be pronounced.
#
# # Part 4 · What does each piece do?
#
# **What if there are no positions?** Fill the position table with zeros, and
# forbid to train it. **What if there is no choice?** With a query of zeros all
# scores are 0, and the head is back at the plain mean of Part 1. Same steps,
# same seed. Which loss has the plain mean? (The bigram has
# {{ladder[counted bigram]:.2f}}, someone without a clue {{ladder[uniform]:.2f}}.)

# %% predict="loss_without_choice"
loss_without_choice = None  # a number, before you run anything below

# %% numbers="without"
def changed(change):
    """A model that has been changed before its training: its loss."""
    torch.manual_seed(1337)
    other = OneHeadModel(vocab_size)
    change(other)
    train(other)
    return validation_loss(other)


def frozen_zero(layer):
    layer.weight.requires_grad_(False).zero_()


without = {
    "positions": changed(lambda m: frozen_zero(m.position_embedding_table)),
    "choice": changed(lambda m: frozen_zero(m.sa_head.query)),
}
print(f"{corpus.name}, validation, nats per character")
print(f"  one head            {one_head_val:.3f}")
for name, loss in without.items():
    print(f"  without {name:11} {loss:.3f}")
print(f"you said {loss_without_choice} without choice")

# %% [markdown]
# <details><summary>What do you see?</summary>
#
# On Tiny Shakespeare: {{one_head_val:.3f}} for the whole, {{without[positions]:.3f}}
# without positions, {{without[choice]:.3f}} without choice; the bigram had
# {{ladder[counted bigram]:.3f}}. Without positions the head can still find *which*
# letters are there, not where: a `g` far back weighs as much as the one just
# before. And the plain mean of the past is **worse than a bigram**: the letter
# that matters most, the last, drowns among 31 others. Looking at much is worth
# little. Choosing is worth a lot.
#
# </details>
#
# **What if the scale is wrong?** PyTorch has all of your head in one function,
# and it lets us choose the scale. First: is it the same?

# %%
class OtherScale(nn.Module):
    """A head whose scores are divided by the root of any size."""

    def __init__(self, head_size, size):
        super().__init__()
        self.maps = nn.ModuleDict({
            name: nn.Linear(n_embd, head_size, bias=False)
            for name in ["query", "key", "value"]
        })
        self.scale = size**-0.5

    def forward(self, x):
        q, k, v = (layer(x) for layer in self.maps.values())
        return F.scaled_dot_product_attention(
            q, k, v, is_causal=True, scale=self.scale)


x = torch.randn(2, 7, n_embd)
mine, theirs = Head(16), OtherScale(16, 16)
for name, layer in theirs.maps.items():
    layer.load_state_dict(getattr(mine, name).state_dict())
print("largest difference",
      (mine(x) - theirs(x)).abs().max().item())

# %% [markdown]
# Now train three others. A head of 16 channels with the right scale, √16, and
# with that of the famous mistake, √64. And a head of 64, like ours, with no
# scale at all. Guess the order first.

# %% numbers="scale_losses"
def other_head(head_size, size):
    def change(model):
        model.sa_head = OtherScale(head_size, size)
        model.lm_head = nn.Linear(head_size, vocab_size)
    return change


scale_losses = {
    "16 right": changed(other_head(16, 16)),
    "16 mistaken": changed(other_head(16, 64)),
    "64 right": one_head_val,
    "64 none": changed(other_head(64, 1)),
}
print(f"{corpus.name}, validation, nats per character")
for name, loss in scale_losses.items():
    print(f"  head_size {name:13} {loss:.3f}")

# %% [markdown]
# <details><summary>What do you see?</summary>
#
# On Tiny Shakespeare the mistake costs nothing that could be seen in one run:
# {{scale_losses[16 mistaken]:.3f}} against {{scale_losses[16 right]:.3f}}. Query
# and key are learned, and they make up for scores that are too small. That is
# why the mistake lived so long. It bites when weights travel: a *trained* model
# has to be run with the scale that it was trained with. In lab 10 you load
# GPT-2's, and then the scale must be right.
#
# Without any scale the same head ends at {{scale_losses[64 none]:.3f}} in place of
# {{scale_losses[64 right]:.3f}}: no better than the counted bigram, which has
# {{ladder[counted bigram]:.3f}}. Its softmax was too sharp from the start, and
# where the slope is zero, it stays so.
#
# </details>

# %% [markdown] explain="why_scale" points=1.5 level=2 minutes=10
# ## Why divide?
#
# You tell a friend, who knows what softmax is:
#
# 1. Why do raw scores get larger, the larger `head_size` is? How much larger?
# 2. What does softmax make of large scores, and why is that bad at the *start*
#    of a training?
# 3. Why the root of `head_size`, and not of `n_embd`?
#
# Answer in 4 to 7 sentences. Use the words *variance*, *softmax* and *slope*
# (or *gradient*). Each question is worth half a point, and a quarter if the
# reason is missing.
#
# ### BEGIN SOLUTION
# A score is a sum of head_size products, one a channel. If the entries of
# query and key are independent with mean 0 and variance 1, each product has
# variance 1, and variances of independent terms add up: the score has variance
# head_size, so its typical size grows like the root of head_size. Softmax
# depends on differences of scores through e to their power, so large scores
# make one weight nearly 1 and all others nearly 0. At the start these choices
# are random, and there the slope of a weight, p (1 - p), is nearly 0, so almost
# no gradient reaches query and key, and the head can hardly learn to look
# elsewhere. Dividing by the root of head_size brings the variance back to 1.
# It must be head_size since that is the number of terms in the sum; n_embd is
# the width of x and does not occur in the dot product. With n_embd the scores
# would be too small by the root of n_embd / head_size.
# ### END SOLUTION
#
# ### BEGIN SCHEME
# Half a point: a score is a sum of head_size terms, so its variance grows like
# head_size (its size like the root); a quarter for "more terms, larger sum"
# without how much. Half a point: softmax of large scores is nearly one-hot, and
# then the slope is nearly zero, so that the head learns slowly or not at all
# from a random choice; a quarter for "it becomes too sharp" without why that
# is bad. Half a point: head_size is the number of terms of the dot product,
# n_embd is not; a quarter for "the formula says so" with the effect of the
# mistake (scores too small, weights too flat). No point is lost for leaving out
# that the terms must be independent.
# ### END SCHEME

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Count the terms in one dot product.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# The table of ++ and +− under "How large are scores?", the two weights 0.73
# and 0.9997, and $p(1 - p)$.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# A sum of how many terms, so which variance, so which size? Softmax of such
# numbers looks how? Which slope has it there, and what does training need? And
# which size says how many terms there were?
#
# </details>
#
# ## All of it, in one function
#
# From a batch and three matrices to the result of a head, with nothing else:
# no class, no table, no setting. `x @ W` makes a query out of each row of `x`,
# as on paper. With the `x` and the matrices of "All of it on paper" it must
# give (5, 5), (3.75, 6.25), and what your pencil found.

# %% answer="whole" level=2 minutes=5
def attention_from_scratch(x, W_query, W_key, W_value):
    """All of a head in one function, from nothing but its three matrices.

    x: (B, T, C); W_query, W_key, W_value: (C, head_size)
    returns: (B, T, head_size)
    """
    ### BEGIN SOLUTION
    return attend(x @ W_query, x @ W_key, x @ W_value)
    ### END SOLUTION

# %% grade="whole" points=0.5
check.whole(attention_from_scratch)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Query, key and value; then you have a function that does the rest.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `@`, and your `attend`.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Three products of `x`, one with each matrix, handed to `attend` in its order.
#
# </details>
#
# ## Show a friend
#
# Let your friend type a line (at most 32 letters, no accents), and show where
# each letter looks. Can they guess a row before you show it?

# %%
line = "thy queen will quote the night"
fig, ax = plt.subplots(figsize=(7.2, 7))
draw_looks(ax, looks(model, line), line, "Where each letter looks")
plt.show()
print(write(model, start=line, n=60))

# %% [markdown]
# ## Quiz
#
# Three questions. Each answer, right or wrong, comes with its reason.

# %% choice="why_mask" points=0.5 level=1 minutes=2
question = "The mask hides the future from every token. What is it for?"
options = {
    "It saves time: half of the table need not be computed": "No: we compute the whole table and "
    "then cross out half of it. (Fast kernels do skip that half, but that is not why it is hidden.)",
    "It keeps the letter that has to be predicted out of view": "Right: the target of position t "
    "is the letter at t + 1. In view, it would be copied: the training loss falls towards 0, and "
    "then the model writes nonsense, since there is no t + 1 to copy from.",
    "It makes the weights of each row sum to 1": "No: softmax sees to that, with a mask or without.",
    "It hides the validation text while the model trains": "No: that is what the split is for. The "
    "mask works inside each window, in training and in validation alike.",
}
right = "It keeps the letter that has to be predicted out of view"

# %% choice="what_is_value" points=0.5 level=1 minutes=2
question = "Token s has a query, a key and a value. What is its **value** for?"
options = {
    "It says how much token s matters": "No: how much it matters to token t is the weight, and that "
    "comes from the query of t and the key of s.",
    "It says what token s is looking for": "No: that is its query.",
    "It is what the queries of others are compared with": "No: that is its key.",
    "It is what token s hands on to those that look at it": "Right: the weights say how much, the "
    "value says what. It is a learned view of x, so it need not be what the key advertises.",
}
right = "It is what token s hands on to those that look at it"

# %% choice="which_scale" points=0.5 level=2 minutes=3
question = (
    "A notebook starts its `forward` with `B, T, C = x.shape`, and multiplies the scores by "
    "`C**-0.5`. There `n_embd` is 64 and each head has a `head_size` of 16. What does that do?"
)
options = {
    "Nothing: a constant factor cancels in softmax": "No: softmax ignores a constant that is "
    "*added* to a row. A factor changes it: softmax of (0, 1) is not softmax of (0, 2).",
    "The scores are half as large as meant, so the weights are flatter": "Right: C is n_embd, so "
    "it divides by 8 where √16 = 4 is meant. All shapes fit, the model trains, and nobody is told. "
    "With a single head of size n_embd, as in our model, it would make no difference.",
    "The scores are twice as large as meant, so the weights are sharper": "No, the other way: "
    "C = 64 is larger than head_size = 16, and we divide by its root.",
    "An error: C and head_size do not fit together": "No: a number fits a tensor of any shape. That "
    "is why it goes unnoticed.",
}
right = "The scores are half as large as meant, so the weights are flatter"

# %% [markdown]
# ## Where you are
#
# Letters talk to each other now: query, key, value, scale, mask, softmax, mix.
# This is the one new idea in GPT; nearly all the rest is more of it. One look
# at the past is not much, though. In lab 3 you let several heads look at the
# same time, give each letter time to think about what it saw, and stack that
# four times.
#
# **Credits.** The road from an average by a loop to a head, and the names
# `xbow`, `wei`, `tril`, `sa_head`, are Andrej Karpathy's: the video
# [Let's build GPT](https://www.youtube.com/watch?v=kCc8FmEb1nY), from "version
# 1: averaging past context with for loops" to "inserting a single
# self-attention block", and its code,
# [ng-video-lecture](https://github.com/karpathy/ng-video-lecture). The formula
# with its scale is section 3.2.1 of Vaswani et al., *Attention Is All You
# Need*, [2017](https://arxiv.org/abs/1706.03762). That a network may choose
# where to look, by weights from a softmax, is in Bahdanau, Cho and Bengio,
# *Neural Machine Translation by Jointly Learning to Align and Translate*,
# [2015](https://arxiv.org/abs/1409.0473).
