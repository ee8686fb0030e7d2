# %% [markdown]
# # Lab 1 · Which letter comes next?
#
# A table of {{table_size:,}} numbers wrote this. Nobody told it what a word is:
#
# ```text
# {{sample}}
# ```
#
# Here is its twin, made by counting. Row: the letter you are at. Column: the
# letter that comes next. The darker, the likelier. Look for the dark square in
# row `q`, near the bottom (`Q` has one, too, at `U`).
#
# {{figure:heatmap}}
#
# You will make this table twice: once by **counting**, once by **training** a
# neural network that has never heard of counting. Then you will see that the
# two agree, and why. The data, the loss, the training loop and the sampling
# stay the same all the way to GPT-2. Only the table will be replaced.

# %% [markdown]
# ## Three questions to warm up
#
# Answer aloud, then open.
#
# <details><summary>1. What is <code>"hello"[:2]</code>? And
# <code>"hi"[:9]</code>: an error?</summary>
#
# `"he"`. And `"hi"`: a slice that is too long simply stops at the end.
#
# </details>
# <details><summary>2. What is <code>sorted(set("abba"))</code>?</summary>
#
# `['a', 'b']`. A set keeps each letter once; `sorted` gives it an order that
# is the same tomorrow.
#
# </details>
# <details><summary>3. Four doors, one prize, no clue. What probability do you
# give to each door? And what is −ln of it?</summary>
#
# ¼, and $-\ln \tfrac14 = \ln 4 \approx 1.39$. That number is the *loss* of
# someone who has no clue among four. Be sure and right, and it is
# $-\ln 1 = 0$. Be sure and wrong, and it is $-\ln 0 = \infty$.
#
# </details>

# %% [markdown]
# ## Setup
#
# This notebook runs in Colab and on your own machine. Where are we?

# %%
try:
    import google.colab

    running_in_colab = True
except ImportError:
    running_in_colab = False

running_in_colab

# %% [markdown]
# **A GPU?** Not today: this table is so small that a laptop's processor is
# quick enough. For later labs, this is where Colab hides its free T4:
#
# > the ▾ beside **Connect** (top right) → **Change runtime type** →
# > **T4 GPU** → **Save**
#
# Do it before you begin, since it starts the notebook afresh.
#
# **Your own machine, with one GPU or several?** Two settings are worth
# knowing. Both are read when CUDA starts, so they stand before `import torch`.
#
# | setting | what it really does |
# |---|---|
# | `CUDA_VISIBLE_DEVICES="1"` | Only GPU 1 exists for this notebook. Inside it is called `cuda:0`. `"0,2"` shows two; `""` hides all |
# | `CUDA_LAUNCH_BLOCKING="1"` | Python waits for each GPU call to finish. Slower. But an error then names the line that caused it. For debugging; it chooses no GPU |
#
# To switch one on, delete its `#`.

# %%
import os

settings = {
    # "CUDA_VISIBLE_DEVICES": "1",
    # "CUDA_LAUNCH_BLOCKING": "1",
}
if not running_in_colab:
    os.environ.update(settings)

# %% [markdown]
# All imports in one place.

# %%
import math
import time

import matplotlib.pyplot as plt
import torch
import torch.nn as nn
from matplotlib.colors import PowerNorm
from torch.nn import functional as F

from gptlab import data as texts, steps
from gptlab.checks import lab01_bigram as check

# %% [markdown]
# Is there a GPU? `device` is the usual name for the place where tensors live,
# and `.to(device)` moves them there. It is for later labs: today all of
# them stay on the CPU.

# %%
device = "cuda" if torch.cuda.is_available() else "cpu"
device

# %% [markdown]
# # Part 1 · From text to numbers
#
# The text: 40,000 lines of Shakespeare in one file, known as *Tiny
# Shakespeare*. Any text would do: a book, a web page, your own messages.

# %%
corpus = texts.tiny_shakespeare()
text = corpus.text
print(f"{corpus.name}: {len(text):,} characters")

# %% [markdown]
# Look at the data first. Always.

# %% answer="preview" level=1 minutes=2
def preview(text, n=200):
    """The first n characters of text."""
    ### BEGIN SOLUTION
    return text[:n]
    ### END SOLUTION

# %% grade="preview" points=0.5
check.preview(preview)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# A string can be cut like a list.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# A slice, `[start:stop]`. Left out, `start` is the beginning.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# One line: return `text`, cut before place `n`.
#
# </details>

# %%
print(preview(text))

# %% [markdown]
# ## Vocabulary
#
# A model computes with numbers, so every character gets one: its **id**.
#
# On a text of four letters, `"abba"`:
#
# | | |
# |---|---|
# | distinct characters, sorted | `chars = ['a', 'b']` |
# | from character to id | `stoi = {'a': 0, 'b': 1}` |
#
# `stoi` is short for "string to integer". Any numbering would do. A sorted one
# is the same on every machine and every day.

# %% answer="vocabulary" level=1 minutes=5
def build_vocabulary(text):
    """The characters that occur in text, and their ids.

    returns: chars, the sorted list of distinct characters,
             stoi, a dict from character to its place in chars
    """
    ### BEGIN SOLUTION
    chars = sorted(set(text))
    stoi = {ch: i for i, ch in enumerate(chars)}
    return chars, stoi
    ### END SOLUTION

# %% grade="vocabulary" points=1
check.vocabulary(build_vocabulary)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Throw out the repeats, sort, then number from 0.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `set`, `sorted`, and `enumerate`, which yields (0, first), (1, second), …
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# First line: a sorted list made from a set. Second line: a dict built in a
# loop over `enumerate(chars)`; mind which of the two is the key. Return both.
#
# </details>

# %%
chars, stoi = build_vocabulary(text)
itos = chars  # "integer to string": a list is enough, its places are the ids
vocab_size = len(chars)
print(f"{vocab_size} characters: {''.join(chars)!r}")

# %% [markdown]
# `\n` is the line break. It is a character like any other, and the first.
#
# Use `stoi` and `itos` to look two things up: the id of `k`, and the character
# whose id is 12.

# %% answer="lookup" level=1 minutes=2
### BEGIN SOLUTION
index_of_k = stoi["k"]
character_12 = itos[12]
### END SOLUTION

# %% grade="lookup" points=0.5
check.lookup(index_of_k, character_12)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# One goes from character to id, the other from id to character.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `stoi` for the first, `itos` for the second, both with square brackets.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# A dict is asked by its key, here a string. A list is asked by a place.
#
# </details>
#
# ## Encode and decode
#
# The same for whole strings. With `a` = 0 and `b` = 1:
#
# > `encode("abba")` → `[0, 1, 1, 0]`, and `decode([0, 1, 1, 0])` → `"abba"`

# %% answer="encode" level=1 minutes=3
def encode(s):
    """The list of ids of the characters of s (stoi says which)."""
    ### BEGIN SOLUTION
    return [stoi[c] for c in s]
    ### END SOLUTION

# %% grade="encode" points=0.5
check.encode(encode)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Go through the string, look each character up, collect what you find.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# A list comprehension: `[... for c in s]`.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# In place of the dots: what `stoi` says about `c`.
#
# </details>

# %% answer="decode" level=1 minutes=3
def decode(ids):
    """The string whose characters have these ids (itos says which)."""
    ### BEGIN SOLUTION
    return "".join(itos[i] for i in ids)
    ### END SOLUTION

# %% grade="decode" points=0.5
check.decode(decode)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# The way back: look each id up, then glue the characters together.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `"".join(...)` glues strings with nothing in between.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Join, over all `i` in `ids`, the entry of `itos` at place `i`.
#
# </details>

# %%
print(encode("hii there"))
print(decode(encode("hii there")))

# %% [markdown]
# Now the whole text, as one long tensor of 64-bit integers. (PyTorch wants this
# type for looking up rows.)

# %%
data = torch.tensor(encode(text), dtype=torch.long)
print(len(data) == len(text), data.dtype)
print(data[:200])

# %% [markdown]
# ## Training and validation
#
# A model can learn a text by heart. To notice, we hide the last tenth and
# never train on it. Ten characters, `fraction=0.7`:
#
# | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 |
# |---|---|---|---|---|---|---|---|---|---|
# | train | train | train | train | train | train | train | val | val | val |
#
# Two pieces, not two piles of shuffled letters: a text is a sequence.

# %% answer="split" level=1 minutes=4
def split_data(data, fraction=0.9):
    """Cut data in two.

    data: (N,) ids
    returns: the first int(fraction * N) ids, and the rest
    """
    ### BEGIN SOLUTION
    n = int(fraction * len(data))
    return data[:n], data[n:]
    ### END SOLUTION

# %% grade="split" points=0.5
check.split(split_data)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Find the place of the cut, then take what is before and what is after.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `int(...)` for the place, `[:n]` and `[n:]` for the pieces.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Line 1: `n` from `fraction` and `len(data)`. Line 2: return both slices, the
# longer one first.
#
# </details>

# %%
train_data, val_data = split_data(data)
print(f"{len(train_data):,} to train on, {len(val_data):,} to validate")

# %% [markdown]
# ## A window, and the questions in it
#
# We do not feed a model a million characters at once. We cut windows out of
# the text. Their length is the **block size**, also called *context length*.
# (Ours is 8. GPT-2's is 1,024 tokens, GPT-4's 8,192 and more.)

# %%
block_size = 8
print(train_data[:block_size])

# %% [markdown]
# One window holds many questions: given the 1st character, what is the 2nd?
# Given the first two, what is the 3rd? And so on.
#
# Eight characters would make only seven questions, since nothing is known
# about what follows the eighth. So we fetch one more. `x` is the window, and
# `y` the same window **one step later**. In `"abba"` with three questions:
#
# | t | `x[t]` | context | target `y[t]` |
# |---|---|---|---|
# | 0 | a | a | b |
# | 1 | b | a b | b |
# | 2 | b | a b b | a |

# %%
x = train_data[:block_size]
y = train_data[1 : block_size + 1]

# %% answer="windows" level=2 minutes=6
def prediction_tasks(x, y):
    """All questions that one window asks.

    x, y: (T,) ids, y one step later than x
    returns: a list of T pairs (context, target); context is the list of
             the ids up to and including place t, target is the id y[t]
    """
    ### BEGIN SOLUTION
    tasks = []
    for t in range(len(x)):
        tasks.append((x[: t + 1].tolist(), y[t].item()))
    return tasks
    ### END SOLUTION

# %% grade="windows" points=0.5
check.windows(prediction_tasks)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# One question for each place `t`. Its context grows by one every time.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# A slice of `x`; remember that a slice stops *before* its end. `.tolist()`
# makes a list of a tensor, `.item()` a number.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Start with an empty list. For each `t` below `len(x)`, append the pair of
# `x` up to and including `t`, as a list, and entry `t` of `y`, as a number.
#
# </details>

# %%
for context, target in prediction_tasks(x, y):
    print(f"when the input is {context}, the target is {target}")

# %% [markdown]
# The same as a picture: blue is what may be seen, orange what is asked for.
# (`↵` is a line break, `␣` a space.)

# %%
shown = {"\n": "↵", " ": "␣"}
labels = [shown.get(ch, ch) for ch in chars]

# %% figure="windows"
fig, ax = plt.subplots(figsize=(6.5, 3.4))
for t, (context, target) in enumerate(prediction_tasks(x, y)):
    for place, i in enumerate([*context, target]):
        color = "#ffb06b" if place > t else "#bcd7f5"
        ax.text(place, t, labels[i], ha="center", va="center",
                family="monospace", color="black",
                bbox={"facecolor": color, "edgecolor": "white"})
ax.set(xlim=(-1, block_size + 1), ylim=(block_size - 0.4, -0.6),
       xlabel="place in the text", ylabel="question t",
       title=f"One window, {block_size} questions")
plt.show()

# %% [markdown]
# Each question is a choice among 65 characters. The answer of a model is not
# one of them but a **probability for each**. In the words of statistics:
# classification with 65 classes.
#
# ## Batches
#
# A processor is happiest when it can do many things at once. So we stack
# several windows, drawn at random places, into one tensor: a **batch**.
#
# | | `x`: 2 windows of 3 | `y`: one step later |
# |---|---|---|
# | `"abba"`, from 0 | `a b b` | `b b a` |
# | `"cdef"`, from 0 | `c d e` | `d e f` |
#
# Where may a window start? In a text of 10 characters, with windows of 3, the
# last target is character `start + 3`, and the last character has place 9. So
# the starts are 0 to 6: that makes `10 - 3` of them.

# %%
batch_size = 4
torch.manual_seed(1337);  # the same "random" windows for everybody

# %% answer="get_batch" level=2 minutes=10
def get_batch(split):
    """Draw windows at random places.

    split: "train" reads train_data, anything else reads val_data
    returns: x and y, each (batch_size, block_size); y is one step later
    """
    ### BEGIN SOLUTION
    data = train_data if split == "train" else val_data
    ix = torch.randint(len(data) - block_size, (batch_size,))
    x = torch.stack([data[i : i + block_size] for i in ix])
    y = torch.stack([data[i + 1 : i + block_size + 1] for i in ix])
    return x, y
    ### END SOLUTION

# %% grade="get_batch" points=2
check.get_batch(get_batch)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Choose the text, draw `batch_size` starts, cut a window at each, and stack.
# Then the same again, one step later.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `torch.randint(high, (n,))` draws n numbers from 0 to `high - 1`: the upper
# bound itself is never drawn. `torch.stack` turns a list of equal vectors into
# the rows of a matrix.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# `data`: one of the two, by `split`. `ix`: `batch_size` random starts, below
# `len(data) - block_size`. `x`: stack, over all `i` in `ix`, `block_size`
# characters of `data` from `i`. `y`: the same from `i + 1`.
#
# </details>

# %%
torch.manual_seed(1337)
xb, yb = get_batch("train")
print("inputs", xb.shape)
print(xb)
print("targets", yb.shape)
print(yb)

# %% [markdown]
# Can you see the shift? Read a row of `xb` from its second number, and the
# same row of `yb` from its first. It is easier in letters.

# %% answer="batch_text" level=1 minutes=4
def batch_text(yb):
    """The text of each row of a batch.

    yb: (B, T) ids
    returns: a list of B strings, T characters each
    """
    ### BEGIN SOLUTION
    return [decode(row.tolist()) for row in yb]
    ### END SOLUTION

# %% grade="batch_text" points=0.5
check.batch_text(batch_text)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# You can already turn one row of ids into text. Do it for every row.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# A `for` over a matrix yields its rows. `.tolist()` and `decode`.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# A list: for each `row` of `yb`, `decode` the row as a list.
#
# </details>

# %%
print("inputs ", batch_text(xb))
print("targets", batch_text(yb))

# %% figure="batch"
fig, axes = plt.subplots(1, 2, figsize=(8, 2.4))
for shift, (ax, batch) in enumerate(zip(axes, (xb, yb))):
    places = torch.arange(block_size) + shift  # one color for each place
    ax.imshow(places.repeat(batch_size, 1), cmap="Pastel1", vmin=0, vmax=8)
    for b in range(batch_size):
        for t in range(block_size):
            ax.text(t, b, labels[batch[b, t]], ha="center", va="center",
                    family="monospace", color="black")
    ax.set(title=["inputs xb", "targets yb"][shift], xlabel="time t",
           ylabel="window b", yticks=range(batch_size))
plt.show()

# %% [markdown]
# `xb` and `yb` have one shape. That is no accident: each of the
# `batch_size × block_size` = 32 inputs has one target, and all 32 questions
# are answered at the same time, none knowing of the others. Here are those of
# the first window.

# %%
print(xb.shape == yb.shape)
for context, target in prediction_tasks(xb[0], yb[0]):
    print(f"{decode(context)!r:10} -> {itos[target]!r}")

# %% [markdown]
# # Part 2 · A bigram, counted
#
# The simplest model forgets all of the context but its **last** character. It
# only knows: after this letter, how often does that one come? Two letters at
# a time: a **bigram**.
#
# Count the pairs of `"abba"`: ab, bb, ba. As a table:
#
# | | then a | then b |
# |---|---|---|
# | **first a** | 0 | 1 |
# | **first b** | 1 | 1 |
#
# Four letters, three pairs: nothing follows the last one.

# %% answer="count_pairs" level=2 minutes=8
def count_pairs(ids, vocab_size):
    """How often does b come right after a?

    ids: (N,) int64
    returns: (vocab_size, vocab_size) int64; row a, column b
    """
    counts = [[0] * vocab_size for _ in range(vocab_size)]
    ids = ids.tolist()  # a loop over a list is far quicker than over a tensor
    ### BEGIN SOLUTION
    for a, b in zip(ids, ids[1:]):
        counts[a][b] += 1
    ### END SOLUTION
    return torch.tensor(counts)

# %% grade="count_pairs" points=1
check.count_pairs(count_pairs)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Walk along the text with two fingers, one step apart. At each step, add one
# in the table.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `zip(ids, ids[1:])` yields the neighbours. `counts[a][b]` is row `a`, column
# `b` of a list of lists.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Two lines: for each pair of neighbours `a, b`, the entry of `counts` in row
# `a` and column `b` grows by one.
#
# </details>
#
# Before you count a million letters, a guess. The table has 65 × 65 places.
# Which share of them stays **empty**: pairs that Shakespeare never wrote?

# %% predict="empty_share"
empty_share = None  # a number from 0 to 1, before you run anything below

# %% numbers="never_seen counting_seconds"
start = time.perf_counter()
# the whole text; less while the lab is graded
counted_ids = train_data[: steps(len(train_data), graded=20_000)]
counts = count_pairs(counted_ids, vocab_size)
counting_seconds = time.perf_counter() - start
never_seen = (counts == 0).float().mean().item()
print(f"you said {empty_share}, it is {never_seen:.2f}")
print(f"{len(counted_ids) - 1:,} pairs in {counting_seconds:.1f} seconds")

# %% [markdown]
# (**If you like riddles.** `torch.bincount` counts how often each *number*
# occurs. Which single number could stand for a pair `(a, b)`? There is a
# `count_pairs` without any loop.)
#
# ## From counts to probabilities
#
# Divide each row by its sum, and it becomes a probability for each next
# letter. One snag: a pair that was never seen would get probability **zero**,
# and the first time it turns up the loss is $-\ln 0 = \infty$. So we add one
# to every count, as if each pair had been seen once more. For `"abba"`:
#
# | counts + 1 | then a | then b | sum |
# |---|---|---|---|
# | **first a** | 1 | 2 | 3 |
# | **first b** | 2 | 2 | 4 |
#
# So after `a` comes `a` with ⅓ and `b` with ⅔; after `b`, ½ and ½.

# %% answer="probabilities" level=2 minutes=6
def pair_probabilities(counts):
    """From counts to the probability of b after a.

    counts: (V, V) int64
    returns: (V, V) float, made of counts + 1; each row sums to 1
    """
    ### BEGIN SOLUTION
    smoothed = counts.float() + 1
    return smoothed / smoothed.sum(dim=1, keepdim=True)
    ### END SOLUTION

# %% grade="probabilities" points=1
check.probabilities(pair_probabilities)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Add one everywhere. Then each row by its own sum.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `.sum(dim=1, keepdim=True)` gives the row sums as a column, (V, 1). Without
# it the sums are (V,), and PyTorch divides column b by the sum of row b.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Line 1: `counts` as floats, plus one. Line 2: that, divided by its row sums,
# with the axis kept.
#
# </details>

# %%
probs = pair_probabilities(counts)
print(f"u after q: {probs[stoi['q'], stoi['u']].item():.2f}")

# %% figure="heatmap"
fig, ax = plt.subplots(figsize=(9, 8.4))
image = ax.imshow(probs, cmap="Blues", norm=PowerNorm(0.4))
ax.set_xticks(range(vocab_size), labels, family="monospace", fontsize=8)
ax.set_yticks(range(vocab_size), labels, family="monospace", fontsize=8)
ax.set(xlabel="next character", ylabel="this character",
       title=f"Which letter comes next? Counted in {corpus.name}")
fig.colorbar(image, label="probability", fraction=0.04)
plt.show()

# %% [markdown]
# Some things to find: `q` and its `u`. Capitals that follow capitals (what is
# written in capitals in a play?). What follows a comma. The plain stripes, such
# as `$` and `3`: rare characters, of which the table knows next to nothing.

# %% figure="after"
fig, axes = plt.subplots(1, 4, figsize=(10, 2.6), sharey=True)
for ax, ch in zip(axes, "qt,\n"):
    row = stoi[ch]
    best = probs[row].argsort(descending=True)
    best = best[counts[row, best] > 0][:7]  # only what really occurs
    ax.bar([labels[i] for i in best], probs[row, best])
    ax.set_xlim(-0.7, 6.7)  # as wide with one bar as with seven
    ax.set_title(f"after {labels[stoi[ch]]}")
axes[0].set_ylabel("probability")
plt.show()

# %% [markdown]
# ## One number: the loss
#
# How good is the table? Read the text with it. At each pair, ask which
# probability it gave to the letter that really came, and take −ln. The mean is
# the **loss**, in *nats per character*. Less is better.
#
# `"abba"` with the table above, pair by pair:
#
# | pair | probability | −ln |
# |---|---|---|
# | ab | ⅔ | 0.4055 |
# | bb | ½ | 0.6931 |
# | ba | ½ | 0.6931 |
# | | mean | **0.5973** |

# %% answer="counted_loss" level=2 minutes=8
def bigram_loss(probs, ids):
    """Mean of -ln(probability) over the pairs of a text.

    probs: (V, V), probs[a, b] is the probability of b after a
    ids: (N,) int64, so there are N - 1 pairs
    returns: a number, in nats per character
    """
    ### BEGIN SOLUTION
    p = probs[ids[:-1], ids[1:]]
    return -p.log().mean().item()
    ### END SOLUTION

# %% grade="counted_loss" points=1
check.counted_loss(bigram_loss)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Pick one probability for each pair, then logarithm, mean, minus.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# A tensor can be asked for many places at once: `probs[rows, columns]`, with
# two tensors of ids. `.log()` is the natural logarithm.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Rows: all ids but the last. Columns: all ids but the first. Then minus the
# mean of the log, as a number with `.item()`.
#
# </details>
#
# ## The first rungs of a ladder
#
# A loss means little alone. So we collect rivals.
#
# **Uniform**: no clue, every character has 1/65. The loss is ln 65 for any
# text. **Unigram**: knows how often each letter occurs, but not what came
# before. **Bigram**: your table.

# %%
ladder = {}
uniform = torch.full((vocab_size, vocab_size), 1 / vocab_size)
ladder["uniform"] = bigram_loss(uniform, val_data)

often = counts.sum(dim=1) + 1  # how often each letter occurs
unigram = (often / often.sum()).repeat(vocab_size, 1)  # every row the same
ladder["unigram"] = bigram_loss(unigram, val_data)

ladder["counted bigram"] = bigram_loss(probs, val_data)
print(f"{corpus.name}, validation, nats per character")
for name, loss in ladder.items():
    print(f"  {name:15} {loss:.3f}")

# %% [markdown]
# How to read a loss: $e^{\text{loss}}$ is the number of doors. A loss of
# ln 65 means: as unsure as choosing blindly among 65 doors.

# %% numbers="doors"
doors = math.exp(ladder["counted bigram"])
print(f"the counted bigram chooses among {doors:.1f} doors")

# %% [markdown]
# # Part 3 · The same table, trained
#
# Now forget the counts. We take a table of random numbers, and let **gradient
# descent** find out what they should be: ask how the loss would change with
# each number (this list of slopes is the *gradient*), move each a little
# downhill, and again. That is a slow way to make *this* table. But it is the
# only way to make GPT, and here you can check it.
#
# The numbers in the table are **logits**: any real numbers. `softmax` turns a
# row into probabilities:
#
# $$p_b = \frac{e^{\text{logit}_b}}{\sum_c e^{\text{logit}_c}}$$
#
# So a logit of $\ln n$ means "as if counted n times". The `"abba"` table as
# logits:
#
# | | then a | then b |
# |---|---|---|
# | **first a** | ln 1 = 0 | ln 2 |
# | **first b** | ln 2 | ln 2 |
#
# In PyTorch a table whose rows can be looked up is an `nn.Embedding`. (When it
# prints, `grad_fn` is PyTorch's note to itself for the gradient. Ignore it.)

# %%
toy = nn.Embedding(2, 2)
toy.weight.data = torch.tensor([[1.0, 2.0], [2.0, 2.0]]).log()
print(toy(torch.tensor([0, 1, 1])))  # the rows of a, b, b
print(F.softmax(toy.weight, dim=1))  # thirds and halves again

# %% [markdown]
# The model gets a batch of ids, `idx`, and gives two things:
#
# - **logits**: for each position, the row of its character,
# - **loss**: if it is told the targets. Otherwise `None`.
#
# `F.cross_entropy` does softmax, logarithm and mean in one go. It wants one
# long list of questions, so the two axes batch and time are flattened into one:
# (B, T, V) → (B·T, V), and the targets (B, T) → (B·T).
#
# `"abba"` in one window of three, with the toy table:
#
# | `idx` | a | b | b |
# |---|---|---|---|
# | target | b | b | a |
# | logits | 0, ln 2 | ln 2, ln 2 | ln 2, ln 2 |
# | probability of the target | ⅔ | ½ | ½ |
# | −ln | 0.4055 | 0.6931 | 0.6931 |
#
# The mean is 0.5973, as when it was counted. (The check brings a table and a
# text of its own, so its numbers are others.)
#
# Three words of PyTorch. `model(xb)` calls `forward(xb)`. `.view(6, 2)` reads
# the same numbers in another shape, here 12 numbers as 6 rows of 2. And
# `super().__init__()` is always the first line in the `__init__` of a model.

# %% answer="model" level=2 minutes=10
class BigramLanguageModel(nn.Module):
    """A table of logits: row a says what comes after a."""

    def __init__(self, vocab_size):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, vocab_size)

    def forward(self, idx, targets=None):
        """Logits and loss of a batch.

        idx, targets: (B, T) int64
        returns, without targets: logits (B, T, V) and None
        returns, with targets: logits flattened to (B*T, V) and the loss
        """
        ### BEGIN SOLUTION
        logits = self.token_embedding_table(idx)
        if targets is None:
            return logits, None
        B, T, C = logits.shape
        logits = logits.view(B * T, C)
        loss = F.cross_entropy(logits, targets.view(B * T))
        return logits, loss
        ### END SOLUTION

# %% grade="model" points=1.5
check.model(BigramLanguageModel)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Look the rows up. No targets: done. With targets: flatten both in the same
# order, then compare.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `self.token_embedding_table(idx)`, `.view(...)`, `F.cross_entropy(logits,
# targets)`, which takes logits, *not* probabilities.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Logits from the table. If `targets` is `None`, return logits and `None`. Read
# B, T, C off the shape of the logits, make a view of (B * T, C), a view of
# the targets of length B * T, and return the logits and their cross-entropy.
#
# </details>
#
# Without running it: a model for 65 characters gets our batch of 4 windows
# of 8. Which shape do the logits have?
#
# - `logits_shape`: those of `model(xb)`
# - `logits_shape_training`: those of `model(xb, yb)`
#
# Write each as a tuple, such as `(2, 3)`, and say aloud what each axis counts.

# %% answer="shapes" level=1 minutes=4
### BEGIN SOLUTION
logits_shape = (4, 8, 65)
logits_shape_training = (32, 65)
### END SOLUTION

# %% grade="shapes" points=0.5
check.shapes(logits_shape, logits_shape_training)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# One row of the table for each character of the batch.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# The docstring of `forward` says it in B, T and V.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Three numbers for the first: windows, places in a window, characters to
# choose from. Two for the second, where windows and places became one axis.
#
# </details>
#
# ## The first loss
#
# The table holds random numbers from a bell curve around 0, with standard
# deviation 1. Nothing has been learned. Which loss do you expect on our batch?
# (You know what someone without a clue would get.)

# %% predict="first_loss"
first_loss = None  # a number, before you run anything below

# %% numbers="untrained_loss uniform_loss"
torch.manual_seed(1337)
model = BigramLanguageModel(vocab_size)
logits, loss = model(xb, yb)
untrained_loss, uniform_loss = loss.item(), math.log(vocab_size)
print(f"you said {first_loss}, ln {vocab_size} is {uniform_loss:.4f}")
print(f"{corpus.name}, one batch, untrained: {untrained_loss:.4f}")

# %% [markdown]
# On Tiny Shakespeare it is {{untrained_loss:.4f}}, the very number of Karpathy's
# lecture (same text, same seed). That is *worse* than ln 65 =
# {{uniform_loss:.4f}}.
#
# Why? Someone without a clue gives 1/65 to all. Our table is not without a
# clue: it has **opinions, and they are random**. Where it is sure, it is mostly
# wrong, and that costs more than shyness. With logits of standard deviation
# $\sigma$ the first loss is near $\ln 65 + \sigma^2/2$: half a nat too much,
# give or take the luck of 32 questions. A table of zeros starts at ln 65
# exactly:

# %%
shy = BigramLanguageModel(vocab_size)
nn.init.zeros_(shy.token_embedding_table.weight)
print(f"{corpus.name}, one batch, zeros: {shy(xb, yb)[1].item():.4f}")

# %% [markdown]
# Remember it as a test. **A first loss of more than about one nat above ln V,
# or clearly below it, is the first sign of a bug**, in a table as in GPT-2.
#
# ## Let it write
#
# To write, ask for the probabilities of the next character, **draw** one,
# append it, and ask again. Drawing is what `torch.multinomial` does. A coin
# that shows 1 three times in four:

# %%
coin = torch.tensor([0.25, 0.75])
print(torch.multinomial(coin, 16, replacement=True).tolist())

# %% [markdown]
# The model gives logits for *every* position, (B, T, V). Which of them speaks
# about the character that comes next? Only the **last**: the others predict
# characters that are there already.
#
# | `idx` | a | b | b | |
# |---|---|---|---|---|
# | predicts | b | b | a | ← the new one |

# %% answer="generate" level=2 minutes=10
def generate(model, idx, max_new_tokens):
    """Continue a text, one drawn character at a time.

    model: model(idx) gives logits (B, T, V) and a loss
    idx: (B, T) ids to start from
    returns: (B, T + max_new_tokens) ids, those of idx first
    """
    for _ in range(max_new_tokens):
        ### BEGIN SOLUTION
        logits, _ = model(idx)
        probs = F.softmax(logits[:, -1, :], dim=-1)
        idx_next = torch.multinomial(probs, num_samples=1)
        idx = torch.cat((idx, idx_next), dim=1)
        ### END SOLUTION
    return idx

# %% grade="generate" points=1
check.generate(generate)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Logits, the last position, probabilities, draw, append.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `[:, -1, :]` takes the last position. `F.softmax(..., dim=-1)`.
# `torch.multinomial(p, num_samples=1)` draws one for each row, as (B, 1).
# `torch.cat((left, right), dim=1)` appends along time.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Four lines: logits of `idx` (leave the loss); probabilities from the logits
# of the last position; one draw for each row; `idx` becomes `idx` with the
# draw appended.
#
# </details>
#
# A text has to start with something. We start from this:

# %%
context = torch.zeros((1, 1), dtype=torch.long)

# %% choice="context" points=0.5 level=1 minutes=2
question = "Which text is that `context`? (You have a function to find out.)"
options = {
    "An empty text": "No: its shape is (1, 1), one window with one character. "
    "An empty text would have shape (1, 0).",
    'The character `"0"`': "No: 0 is an id, a place in `chars`. The digit 0 does not even occur.",
    "A space": "Close: the space is the second in sorted order, so its id is 1.",
    "A line break": "Right: `decode([0])` is `'\\n'`, the first of the sorted characters. A good "
    "place to start: after a line break anything may begin.",
}
right = "A line break"

# %% [markdown]
# What does the untrained table write?

# %%
torch.manual_seed(1337)
print(decode(generate(model, context, 100)[0].tolist()))

# %% [markdown]
# ## One step of learning
#
# Training repeats one step:
#
# 1. the **loss** of a batch,
# 2. forget old gradients (PyTorch *adds* new ones to them),
# 3. `backward`: how would the loss change with each number of the table?
# 4. `step`: change each number a little, against its gradient.
#
# One step by hand: two characters, a table of zeros, one question, "after `a`
# comes `b`". Both have probability ½, so the loss is ln 2 = 0.6931. The
# gradient of a row is *probability minus truth*: (½ − 0, ½ − 1). One step of
# plain descent, with learning rate 1:
#
# | row a | logit of a | logit of b |
# |---|---|---|
# | before | 0 | 0 |
# | gradient | ½ | −½ |
# | after | −½ | ½ |
#
# Row `b` was not asked, and does not move. Ask again, and the loss is
# $\ln(1 + e^{-1}) = 0.3133$: learned something.
#
# An **optimizer** holds the numbers of the model and changes them. Ours is made
# later with `torch.optim.AdamW(model.parameters(), lr=...)`: a descent whose
# step size adapts to each number.

# %% answer="train_step" level=2 minutes=7
def train_step(model, optimizer, xb, yb):
    """One step of gradient descent on one batch.

    model: model(xb, yb) gives logits and loss
    returns: the loss before the step, as a number
    """
    ### BEGIN SOLUTION
    logits, loss = model(xb, yb)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    return loss.item()
    ### END SOLUTION

# %% grade="train_step" points=1
check.train_step(train_step)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# The four points of the list above, in that order. Then return the loss.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `optimizer.zero_grad()`, `loss.backward()`, `optimizer.step()`, and
# `loss.item()`, which is the number without its history.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Five lines: the loss of the model on the batch; zero; backward; step; return
# the loss as a number.
#
# </details>
#
# ## Measuring without disturbing
#
# The loss of one batch jumps about. A mean over many batches is calmer, once
# for training and once for validation text. Measuring must leave no trace:
#
# - `torch.no_grad()`: nothing is recorded for `backward`, which saves time.
#   `@torch.no_grad()` already stands above the function: it holds for the
#   whole of it,
# - `model.eval()` before, `model.train()` after: some layers, such as dropout,
#   behave otherwise while training. Our table has none of these. GPT has.

# %% answer="estimate_loss" level=2 minutes=8
@torch.no_grad()
def estimate_loss(model, eval_iters):
    """Mean loss over eval_iters batches of each split.

    returns: {"train": a number, "val": a number}
    """
    out = {}
    ### BEGIN SOLUTION
    model.eval()
    for split in ["train", "val"]:
        losses = torch.zeros(eval_iters)
        for k in range(eval_iters):
            xb, yb = get_batch(split)
            losses[k] = model(xb, yb)[1].item()
        out[split] = losses.mean().item()
    model.train()
    ### END SOLUTION
    return out

# %% grade="estimate_loss" points=1
check.estimate_loss(estimate_loss)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Evaluation mode. For each split: many fresh batches, their losses, the mean.
# Training mode.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `get_batch(split)` draws a new batch each time it is called. `model(xb, yb)`
# gives (logits, loss).
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# `eval()`. A loop over the two names; inside it a loop of `eval_iters` rounds
# that collects `loss.item()`; after the inner loop, `out[split]` gets the mean.
# At the end `train()`.
#
# </details>
#
# ## Train
#
# The settings stand in one cell. A bigger batch than above, since a step costs
# next to nothing here.

# %%
block_size = 32
batch_size = 32
max_iters = steps(2000, graded=20)  # a short run while the lab is graded
eval_interval = 200
eval_iters = steps(100, graded=2)
learning_rate = 3e-2
torch.set_num_threads(1)  # tensors this small: one core is quicker than two

# %% numbers="parameters training_seconds"
torch.manual_seed(1337)
model = BigramLanguageModel(vocab_size)
optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
parameters = sum(p.numel() for p in model.parameters())
print(f"{parameters:,} parameters, {corpus.name}, nats per character")

start, history = time.perf_counter(), []
for step in range(max_iters):
    if step % eval_interval == 0 or step == max_iters - 1:
        now = estimate_loss(model, eval_iters)
        print(f"{step:5}  train {now['train']:.3f}  val {now['val']:.3f}")
    xb, yb = get_batch("train")
    history.append(train_step(model, optimizer, xb, yb))
training_seconds = time.perf_counter() - start

# %% [markdown]
# To measure the trained table on the *whole* validation text, turn it into
# probabilities. Then your own `bigram_loss` can judge both tables alike. The
# numbers differ a little from those of the loop (the loop measures 100
# batches, this the whole text).

# %% numbers="ladder counted_train trained_train"
trained_probs = F.softmax(model.token_embedding_table.weight.detach(), dim=1)
ladder["trained bigram"] = bigram_loss(trained_probs, val_data)
counted_train = bigram_loss(probs, train_data)
trained_train = bigram_loss(trained_probs, train_data)
print(f"{corpus.name}, nats per character: training, validation")
print(f"  counted {counted_train:.3f} {ladder['counted bigram']:.3f}")
print(f"  trained {trained_train:.3f} {ladder['trained bigram']:.3f}")

# %% figure="training"
fig, ax = plt.subplots(figsize=(7.5, 3.8))
ax.plot(history, linewidth=0.6, label="curve: training batches")
ax.plot([], [], "--", color="gray", label="dashed: validation losses")
for name, color in [("uniform", "gray"), ("unigram", "tab:orange"),
                    ("counted bigram", "black")]:
    ax.axhline(ladder[name], color=color, linestyle="--")
    ax.text(len(history), ladder[name] - 0.1, f"{name} {ladder[name]:.2f}",
            color=color, ha="right", va="top")
ax.set(xlabel="step", ylabel="loss, nats per character",
       title=f"Training on {corpus.name}")
ax.set_ylim(bottom=2.1)
ax.legend(loc="upper center")
plt.show()

# %% numbers="sample table_size"
torch.manual_seed(1337)
ids = generate(model, context, 300)[0].tolist()
sample, table_size = decode(ids).strip(), vocab_size**2
print(sample)

# %% [markdown]
# Not Shakespeare. But look at the spaces, the length of the words, the capital
# at the start of a line. All that from *one* letter of memory.
#
# <details><summary>In the last round of the loop, which shape did the logits
# have inside <code>train_step</code>?</summary>
#
# (1024, 65): 32 windows × 32 places, flattened since there were targets, with
# one logit for each of the 65 characters.
#
# </details>
#
# ## Was the whole text used?
#
# Windows are drawn at random. Some characters turn up often, others never. Is
# it **guaranteed** that each was used? And how many were not?
#
# A text of 10 characters, windows of 2. A window can start at 10 − 2 = 8
# places. A character in the middle is in 2 of the 8. So one window misses it
# with probability 6/8. Two windows both miss it with 6/8 · 6/8 = 0.5625. A
# hundred windows? Small, but never 0.

# %% answer="coverage" level=2 minutes=5
def chance_missed(n_windows, block_size, n_characters):
    """The chance that no window holds a given character as an input.

    The character is far from both ends; windows start at any of the
    n_characters - block_size places, all equally likely.
    """
    ### BEGIN SOLUTION
    missed_once = 1 - block_size / (n_characters - block_size)
    return missed_once**n_windows
    ### END SOLUTION

# %% grade="coverage" points=0.5
check.coverage(chance_missed)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# First the chance that *one* window misses. Windows are independent, so the
# chance that all miss is a product of equal numbers.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `1 - hits / starts`, and `**` for a power.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Line 1: the chance that one window misses. The example had 8 starts and 2
# hits: where do the 8 and the 2 come from? Line 2: return the chance that all
# `n_windows` miss.
#
# </details>
#
# A common first run: 500 steps, 16 windows of 32 characters each, on our
# training text of about a million characters. Which share of the text was
# **never** read?

# %% predict="missed_share"
missed_share = None  # a number from 0 to 1, before you run anything below

# %% numbers="missed missed_simulated missed_here"
N = len(train_data)
missed = chance_missed(500 * 16, 32, N)
starts = torch.randint(N - 32, (500 * 16, 1))
seen = torch.zeros(N, dtype=torch.bool)
seen[starts + torch.arange(32)] = True
missed_simulated = 1 - seen.float().mean().item()
missed_here = chance_missed(2000 * 32, 32, N)
print(f"you said {missed_share}")
print(f"formula {missed:.3f}, drawn at random {missed_simulated:.3f}")
print(f"our own run of 2000 steps, 32 windows of 32: {missed_here:.3f}")

# %% [markdown]
# Even 2,000 steps miss one character in eight: {{missed_here:.3f}} of the text.
#
# # Part 4 · Two tables, one truth
#
# Compare the two tables: each dot is a pair of letters. The larger the dot, the
# more frequent its first letter. On the line, counting and training agree.

# %% figure="agree"
fig, ax = plt.subplots(figsize=(5.2, 5))
size = counts.sum(dim=1, keepdim=True).expand_as(counts) / 1500
ax.scatter(probs, trained_probs, s=size.flatten() + 1, alpha=0.3)
ax.plot([1e-5, 1], [1e-5, 1], color="black", linewidth=0.8)
ax.set(xscale="log", yscale="log", xlim=(1e-5, 1.5), ylim=(1e-5, 1.5),
       xlabel="counted probability", ylabel="trained probability",
       title="Each dot: b after a, counted and trained")
plt.show()

# %% [markdown]
# <details><summary>Where do the two disagree, and why does it hardly
# matter?</summary>
#
# On pairs that almost never occur. Counting gives them the one that was added,
# training what the random start and a few visits have left. The upright stripes
# are rows of rare letters. All these pairs seldom come up, so they cost next to
# nothing.
#
# </details>
#
# Here is the ladder so far. From lab 2 on you will climb down.

# %% figure="ladder"
fig, ax = plt.subplots(figsize=(7.5, 2.6))
bars = ax.barh(list(ladder), list(ladder.values()), color="tab:blue")
ax.bar_label(bars, fmt="%.3f", padding=4)
ax.invert_yaxis()
ax.set(xlim=(0, 4.8), xlabel="validation loss, nats per character",
       title=f"The loss ladder, {corpus.name}")
plt.show()

# %% [markdown] explain="same_loss" points=2 level=2 minutes=10
# ## Why the same?
#
# Counting took one pass, without any gradient. Training took 2,000 steps, and
# nobody told it to count. On Tiny Shakespeare the two end at
# {{ladder[counted bigram]:.3f}} and {{ladder[trained bigram]:.3f}} nats per
# character, in validation.
#
# 1. Why do they end at nearly the same loss?
# 2. You train ten times longer. Will the loss get far below that? Why?
#
# Answer in 3 to 6 sentences. Use the words *table*, *minimum* and *context*.
# Each question is worth 1 point, and half of it if the reason is missing.
#
# ### BEGIN SOLUTION
# Both models are the same thing, a table with one distribution for each
# character, and both are judged by the same loss, the mean of -ln p over the
# pairs. On the training text that loss has one minimum: each row equal to the
# frequencies of what follows, and that is what counting computes (up to the
# added ones). Gradient descent goes downhill on the same loss, so it ends near
# the same table; what is left is noise from random batches, and rows of rare
# letters that were hardly ever visited. Training longer cannot get far below:
# the minimum over all tables has been reached. A table sees one character of
# context, and what the next letter still leaves open, given only that one,
# stays open. A lower loss needs a model that sees more context.
# ### END SOLUTION
#
# ### BEGIN SCHEME
# 1 point: the counted frequencies are (nearly) the minimum of the very loss
# that training descends, and both models are tables of the same form. Half a
# point for "both learn the pair frequencies" without saying that this
# minimises the loss. 1 point: no, since a table of pairs sees one character of
# context, so its minimum is a floor that no training gets under. Half a point
# for "it has converged" without the reason. No point is lost for not naming
# the smoothing, the noise or the rare rows.
# ### END SCHEME

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Which quantity does training push down? Can the table do better in it than
# the counts?
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# The gradient of a row is probability minus truth, averaged over all visits
# of that row. When is the mean zero?
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# When the probability is the share of that letter among the followers: that is
# counting. Then: what may the table look at, and what would it need to do
# better?
#
# </details>
#
# ## All of it, for any text
#
# You have every part. Put them together: from a text to the two losses of its
# own counted bigram. Mind one thing: another text has another vocabulary, so
# its ids must come from its own `stoi`, not from the one of this lab.
#
# By hand: `"ab" * 9 + "bb"` is 20 characters. The first 18 are for training:
# ab nine times, ba eight times, bb **never**. With one added, row `b` is (9, 1).
# Validation is `"bb"`, and that pair has 1/10. So the losses are
#
# | | |
# |---|---|
# | training | (−9 ln(10/11) − 8 ln(9/10)) / 17 = **0.1000** |
# | validation | −ln(1/10) = **2.3026** |
#
# Nearly perfect on what it knows, bad at the first surprise.

# %% answer="whole" level=3 minutes=10
def run_bigram(text):
    """Count a bigram on the first 90 % of text, measure it on both parts.

    returns: training loss, validation loss (nats per character)
    """
    ### BEGIN SOLUTION
    chars, stoi = build_vocabulary(text)
    ids = torch.tensor([stoi[c] for c in text])
    train, val = split_data(ids)
    probs = pair_probabilities(count_pairs(train, len(chars)))
    return bigram_loss(probs, train), bigram_loss(probs, val)
    ### END SOLUTION

# %% grade="whole" points=0.5
check.whole(run_bigram)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Vocabulary, ids, split, count, probabilities, loss twice.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# Your own functions. `encode` reads the lab's `stoi`, so look the ids up
# yourself here.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Five lines, in the order of hint 1; the vocabulary size is that of this text.
#
# </details>
#
# ## What if?
#
# **What if the text is tiny?** Paste a song that you like. Compare training
# and validation. (The rhyme is Jane Taylor's, 1806.)

# %% numbers="rhyme_train rhyme_val"
song = """Twinkle, twinkle, little star,
How I wonder what you are!
Up above the world so high,
Like a diamond in the sky.
When the blazing sun is gone,
When he nothing shines upon,
Then you show your little light,
Twinkle, twinkle, all the night.
"""
rhyme_train, rhyme_val = run_bigram(song)
print(f"this song: training {rhyme_train:.2f}, validation {rhyme_val:.2f}")

# %% [markdown]
# <details><summary>Why is validation worse?</summary>
#
# For the rhyme it is {{rhyme_val:.2f}} against {{rhyme_train:.2f}}. The table fits
# the pairs that it was made from, and in the second part many pairs are new.
# This gap is called *overfitting*. On a million characters it nearly vanishes:
# {{ladder[counted bigram]:.3f}} against {{counted_train:.3f}} on Tiny Shakespeare.
#
# </details>
#
# **What if we stop early, or take small steps?** 0.001 is a usual learning
# rate for a transformer.

# %% numbers="attempts"
def attempt(n_steps, learning_rate):
    torch.manual_seed(1337)
    other = BigramLanguageModel(vocab_size)
    adam = torch.optim.AdamW(other.parameters(), lr=learning_rate)
    for _ in range(n_steps):
        train_step(other, adam, *get_batch("train"))
    return estimate_loss(other, eval_iters)["val"]


print(f"{corpus.name}, validation, nats per character")
attempts = {}
for n, lr in [(10, 3e-2), (500, 1e-3), (500, 3e-2)]:
    attempts[f"{n} {lr}"] = attempt(steps(n, graded=2), lr)
    print(f"{n:4} steps of {lr:<6} {attempts[f'{n} {lr}']:.2f}")

# %% [markdown]
# <details><summary>What do you see?</summary>
#
# Someone without a clue has {{uniform_loss:.2f}}. On Tiny Shakespeare ten steps
# end at {{attempts[10 0.03]:.2f}}, which is worse, and 500 small ones at
# {{attempts[500 0.001]:.2f}}, which is hardly better; 500 big ones reach
# {{attempts[500 0.03]:.2f}}. With AdamW a step moves a number by about the
# learning rate, so 500 steps of 0.001 move it by about half a unit. The
# logits of `u` and of `x` after `q` have to end several units apart. The right
# learning rate depends on the model.
#
# </details>
#
# **What if the block size changes?** Guess first. Then go to the cell of
# settings under **Train**, set `block_size` to 8 and `batch_size` to 128, so
# that a step sees as many characters, and run it and the cell after it. At the
# end set both back to 32 and run these two cells again.
#
# <details><summary>And?</summary>
#
# Nothing changes but the noise. A bigram looks at one character, however long
# the window is. In lab 3 the block size will matter.
#
# </details>
#
# ## Show a friend
#
# Ask for their name. Which of your names sounds most like Shakespeare? The
# table has an opinion: the lower, the more so. Above ln 65 =
# {{uniform_loss:.2f}} the table would have done better not to guess. (It knows
# its 65 characters and no others: leave out accents.)

# %%
for name in ["Romeo", "Juliet", "Ada", "Guillermo", "Zbigniew"]:
    ids = torch.tensor(encode(f"\n{name}\n"))
    print(f"{name:10} {bigram_loss(probs, ids):.2f} nats per character")

# %% [markdown]
# ## Quiz
#
# Four questions. Each answer, right or wrong, comes with its reason.

# %% choice="why_shift" points=0.5 level=1 minutes=2
question = "What would go wrong if `y` were `x` itself, not shifted by one?"
options = {
    "Nothing: the model learns the shift by itself": "No: it learns what the targets say, and they "
    "would say that every letter is followed by itself.",
    "The loss falls towards 0, and the model writes `aaaaaa`": "Right: repeating what you see is "
    "easy, so the loss looks wonderful. A loss that is too good is a bug, too.",
    "The shapes of `x` and `y` no longer agree": "No: the shapes agree either way. That is why "
    "this mistake goes unnoticed.",
    "Training stops with an error": "No: everything runs, and the loss even looks good. It is only "
    "wrong.",
}
right = "The loss falls towards 0, and the model writes `aaaaaa`"

# %% choice="perplexity" points=0.5 level=2 minutes=3
question = (
    "A model has a loss of ln 12 nats per character on text that it has not seen. As unsure as ..."
)
options = {
    "choosing blindly among 12 equally likely characters": "Right: the number e to the "
    "power of the loss, the *perplexity*, is 12. Someone without a clue among 12 doors has the loss ln 12.",
    "being right once in 12 characters, always": "Not quite: the loss is about probabilities given "
    "to the truth, not about how often the likeliest letter is right.",
    "ln 12, about 2.5 characters": "No: 2.5 is the loss itself. The number of doors is e to the "
    "power of it.",
    "a model with a vocabulary of 12 characters": "No: a vocabulary of 12 says nothing about how "
    "well the model does. It would only bound a blind guess.",
}
right = "choosing blindly among 12 equally likely characters"

# %% choice="add_one" points=0.5 level=1 minutes=2
question = "Why did we add one to every count?"
options = {
    "So that the rows sum to 1": "No: the division does that, whatever the counts are.",
    "So that frequent pairs weigh more": "No: it moves the other way, and gives a little to the "
    "rare ones.",
    "So that a pair never seen in training does not cost infinity": "Right: the probability of "
    "a new pair would be 0, and −ln 0 is infinite. One of them would spoil the mean of the whole text.",
    "So that there is no division by zero, and for no other reason": "Partly: a letter without "
    "successors would give 0/0. But a pair with probability 0 in a healthy row already ruins the "
    "loss.",
}
right = "So that a pair never seen in training does not cost infinity"

# %% choice="greedy" points=0.5 level=2 minutes=3
question = (
    "In place of drawing, we always take the likeliest next character. What does a bigram write?"
)
options = {
    "The best text that it can": "No: the likeliest step each time is not a likely text.",
    "A text with a lower loss, so closer to Shakespeare": "No: Shakespeare does not write the "
    "likeliest letter each time either, or he would be easy to predict.",
    "The same as before, only faster": "No: drawing follows the probabilities; the maximum throws "
    "all but one of them away.",
    "Soon the same few characters, round and round": "Right: the next letter depends on the last "
    "alone, so once a letter comes back, so does all that followed. From a space ours writes "
    "`the the the the`; from a line break, nothing but line breaks.",
}
right = "Soon the same few characters, round and round"

# %% [markdown]
# ## Where you are
#
# You have a data pipeline, a loss, a training loop and a way to write. They
# stay. What has to go is the memory of one letter. In lab 2 characters begin
# to look at each other.
#
# **Credits.** The road from a counted to a trained bigram is Andrej Karpathy's:
# [makemore](https://github.com/karpathy/makemore) and
# [Neural Networks: Zero to Hero](https://github.com/karpathy/nn-zero-to-hero);
# the data, the model and the loop follow
# [ng-video-lecture](https://github.com/karpathy/ng-video-lecture) and its
# [video](https://www.youtube.com/watch?v=kCc8FmEb1nY). The text was put
# together for his [char-rnn](https://github.com/karpathy/char-rnn). Counting
# pairs of letters to imitate a language is Claude Shannon's idea, *A
# Mathematical Theory of Communication*, 1948.
