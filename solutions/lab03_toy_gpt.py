# %% [markdown]
# # Lab 3 · A toy GPT
#
# One model wrote both columns: a few tables of numbers, all random at first.
# Left: after 500 steps of training. Right: after 2,000.
#
# ```text
# {{side_by_side}}
# ```
#
# It began with no idea of what a letter is. Nobody told it of lines, of words,
# or of names in capitals with a colon. Below is its loss on text that it never
# saw, beside someone without a clue and the table of pairs of lab 1. Shorter is
# better.
#
# {{figure:ladder}}
#
# Today you build this model. You have a head of attention. What is still
# missing: several heads, a part that thinks, a way to stack both without
# losing the thread, and a loop. GPT-2 is the same model, only larger.

# %% [markdown]
# ## Three questions to warm up
#
# Answer aloud, then open.
#
# <details><summary>1. (Lab 0) A tensor has shape (4, 8, 65). You make a view of
# (32, 65). Which window and which place is row 8?</summary>
#
# Window 1, place 0. Rows 0 to 7 are window 0; the next window begins at 8.
#
# </details>
# <details><summary>2. (Lab 1) Someone has no clue among 65 characters. What is
# the loss?</summary>
#
# $\ln 65 \approx 4.17$ nats. A new model should start near it.
#
# </details>
# <details><summary>3. (Lab 2) In one head, at which places may place 0 look? And
# how does place 5 learn of place 2?</summary>
#
# Place 0 sees itself only: its weights are 1, 0, 0, … Place 5 takes a weighted
# mean of the *values* of places 0 to 5. How much it takes from place 2 is
# decided by its query and the key of place 2.
#
# </details>

# %% [markdown]
# ## Setup
#
# This notebook runs in Colab and on your own machine. Where are we, and is
# there a GPU?

# %%
try:
    import google.colab

    running_in_colab = True
except ImportError:
    running_in_colab = False

running_in_colab

# %% [markdown]
# A GPU is welcome, not needed: on two cores the whole lab computes for a few
# minutes. In Colab: the ▾ beside **Connect** (top right) → **Change runtime
# type** → **T4 GPU** → **Save**, before you begin.

# %%
import sys
import time

import matplotlib.pyplot as plt
import torch
import torch.nn as nn
from IPython.display import display
from torch.nn import functional as F
from tqdm import tqdm

from gptlab import attention, bigram, data as texts, steps
from gptlab.checks import lab03_toy_gpt as check

device = "cuda" if torch.cuda.is_available() else "cpu"
print(f"the model will live on: {device}")

# %% [markdown]
# A model and its data must live on the same device. So the model gets a
# `.to(device)` when it is made, and each batch just before it goes in.
#
# ## What lab 1 left us
#
# The text, the vocabulary, `encode`, `decode`, the split. Nothing new, so it
# comes from the library.

# %%
corpus = texts.tiny_shakespeare()
text = corpus.text
chars, stoi = bigram.build_vocabulary(text)
itos, vocab_size = chars, len(chars)


def encode(s):
    return bigram.encode(s, stoi)


def decode(ids):
    return bigram.decode(ids, itos)


train_data, val_data = bigram.split_data(torch.tensor(encode(text)))
print(f"{corpus.name}: {len(train_data):,} characters to train on,")
print(f"{len(val_data):,} to validate, {vocab_size} different ones")

# %% [markdown]
# ## All settings in one place
#
# | name | what it says |
# |---|---|
# | `block_size` | longest context, in characters |
# | `batch_size` | windows in a batch |
# | `max_iters` | batches to train on |
# | `n_embd` | numbers that stand for one position inside the model |
# | `n_head` | heads in a block; each gives `n_embd / n_head` numbers |
# | `n_layer` | blocks, one after the other |
# | `dropout` | share of numbers set to zero while training |
# | `eval_interval` | steps between two looks at the losses |
# | `eval_iters` | batches of each look |
# | `learning_rate` | how big a step is |

# %%
block_size = 32
batch_size = 16
max_iters = steps(500, graded=4)  # 5000 gives far better text
n_embd = 64
n_head = 4
n_layer = 4
dropout = 0.0
eval_interval = 100
learning_rate = 1e-3
eval_iters = steps(200, graded=2)
torch.set_num_threads(1)  # tensors this small: one core is quicker than two

# %% [markdown]
# (`steps` makes every loop short while the lab is graded. For you it is 500.)
#
# Two pieces that you have written already: batches, from lab 1, and a head,
# from lab 2. If you like, paste your own `Head` in place of this one: a class
# with one argument, `head_size`, that reads `n_embd`, `block_size` and
# `dropout` from above.

# %%
def get_batch(split):
    """x and y, each (batch_size, block_size), on the CPU, as in lab 1."""
    ids = train_data if split == "train" else val_data
    return bigram.get_batch(ids, block_size, batch_size)


def Head(head_size):
    """One head of lab 2: (B, T, n_embd) -> (B, T, head_size)."""
    return attention.Head(n_embd, head_size, block_size, dropout)

# %% [markdown]
# # Part 1 · The parts
#
# ## Many heads
#
# One head gives each place **one** mix of what came before. Suppose that two
# things matter for the next letter: which letter came last, and where this word
# began. One head has to share its weights between the two, and the mix no
# longer says which was which. Two heads can do one thing each.

# %% figure="two_heads"
letters = list("to be")
shown = {"\n": "↵", " ": "␣"}
last = torch.eye(5).roll(-1, dims=1)  # row t looks at t - 1
last[0] = torch.tensor([1.0, 0, 0, 0, 0])
began = torch.zeros(5, 5)
began[range(5), [0, 0, 2, 2, 2]] = 1  # the space before the word, or the start
titles = ["head 0: the letter before", "head 1: where the word began",
          "one head for both: half and half"]
fig, axes = plt.subplots(1, 3, figsize=(9.5, 3.3))
for ax, w, title in zip(axes, [last, began, (last + began) / 2], titles):
    ax.imshow(w, cmap="Blues", vmin=0, vmax=1.4)
    ax.set_xticks(range(5), [shown.get(c, c) for c in letters])
    ax.set_yticks(range(5), [shown.get(c, c) for c in letters])
    ax.set_title(title, fontsize=10)
    ax.set_xlabel("looks at")
    for i, j in w.nonzero().tolist():
        color = "white" if w[i, j] == 1 else "black"
        ax.text(j, i, "1" if w[i, j] == 1 else "½", ha="center", va="center",
                color=color)
axes[0].set_ylabel("place")
fig.tight_layout()
plt.show()

# %% [markdown]
# **Many heads** = run several heads on the same input, put their outputs **side
# by side**, and mix them with one linear layer, the *projection*.
#
# By hand: two places, two heads with two numbers each. What the heads give:
#
# | place | head 0 | head 1 | side by side |
# |---|---|---|---|
# | 0 | 1, 0 | 2, 2 | 1, 0, 2, 2 |
# | 1 | 0, 1 | 3, 1 | 0, 1, 3, 1 |
#
# A projection from 4 numbers to 2, with a bias of (0, ½):
#
# | | weights | what it does |
# |---|---|---|
# | out 0 | 1, 0, 1, 0 | first number of head 0 + first of head 1 |
# | out 1 | 0, 1, 0, −1 | second of head 0 − second of head 1, + ½ |
#
# | place | out 0 | out 1 |
# |---|---|---|
# | 0 | 1 + 2 = 3 | 0 − 2 + ½ = −1.5 |
# | 1 | 0 + 3 = 3 | 1 − 1 + ½ = 0.5 |
#
# Without the projection the heads would stay in lanes of their own. It is the
# one place where they are mixed.
#
# After the projection comes **dropout**: while training, it sets each number to
# zero with probability `dropout`, and scales up the others. Ours is 0, so it
# does nothing yet. It is built in all the same.
#
# One word of PyTorch. A module finds its sub-modules, and so their weights, only
# if they are attributes, or stand in an `nn.ModuleList`. A plain Python list is
# invisible to it: such heads would never be trained.

# %% answer="multi_head" level=2 minutes=10
class MultiHeadAttention(nn.Module):
    """Several heads at once, side by side, then mixed.

    It owns: heads: an nn.ModuleList of num_heads heads, Head(head_size) each;
    proj: nn.Linear from num_heads * head_size to n_embd, with a bias;
    dropout: nn.Dropout(dropout), the last thing that happens.
    """

    def __init__(self, num_heads, head_size):
        super().__init__()
        ### BEGIN SOLUTION
        self.heads = nn.ModuleList([Head(head_size) for _ in range(num_heads)])
        self.proj = nn.Linear(num_heads * head_size, n_embd)
        self.dropout = nn.Dropout(dropout)
        ### END SOLUTION

    def forward(self, x):
        """x: (B, T, n_embd)

        returns: (B, T, n_embd)
        """
        ### BEGIN SOLUTION
        out = torch.cat([head(x) for head in self.heads], dim=-1)
        return self.dropout(self.proj(out))
        ### END SOLUTION

# %% grade="multi_head" points=2.5
check.multi_head(MultiHeadAttention)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Two holes. `__init__` makes the three parts and stores them in `self`.
# `forward` uses them: every head reads the same `x`.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `nn.ModuleList([...])` with a list comprehension that calls `Head` once for
# each head. `torch.cat(list_of_tensors, dim=...)` joins along an axis: which
# one holds the numbers of a place?
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# `__init__`, three lines: the heads; a linear layer with the sizes that the
# docstring names; the dropout. `forward`, two lines: a list with the output of
# each head, joined along the last axis; then projection, then dropout.
#
# </details>
#
# ## Each place thinks for itself
#
# Attention moves information between places. Then each place has to make
# something of what it heard. That is the **feed-forward** part: two linear
# layers with **ReLU** in between, which turns negative numbers into 0. It is
# applied to each place alone. The layer in the middle is four times as wide.
#
# By hand, with `n_embd = 1`, so 1 → 4 → 1. First layer: weights 1, −1, 2, 0 and
# biases 0, 1, −3, ½. Second layer: weights 1, 10, 3, 2 and bias −1.
#
# | | x = 2 | x = −1 |
# |---|---|---|
# | first layer | 2, −1, 1, ½ | −1, 2, −5, ½ |
# | ReLU | 2, **0**, 1, ½ | **0**, 2, **0**, ½ |
# | second layer | 2 + 0 + 3 + 1 − 1 = **5** | 0 + 20 + 0 + 1 − 1 = **20** |
#
# Without ReLU the two layers would collapse into one straight line. With it,
# each hidden number is a switch: it joins in only for some inputs.

# %% answer="feed_forward" level=1 minutes=6
class FeedForward(nn.Module):
    """Each position thinks for itself: wider, ReLU, back.

    It owns net, an nn.Sequential: a linear layer to 4 * n_embd, ReLU, a linear
    layer back to n_embd, nn.Dropout(dropout).
    """

    def __init__(self, n_embd):
        super().__init__()
        ### BEGIN SOLUTION
        self.net = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd),
            nn.ReLU(),
            nn.Linear(4 * n_embd, n_embd),
            nn.Dropout(dropout),
        )
        ### END SOLUTION

    def forward(self, x):
        """(B, T, n_embd) -> (B, T, n_embd)"""
        ### BEGIN SOLUTION
        return self.net(x)
        ### END SOLUTION

# %% grade="feed_forward" points=1.5
check.feed_forward(FeedForward)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Four small modules in a row. Build the row once, in `__init__`, and call it in
# `forward`.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `nn.Sequential(a, b, c, d)` is itself a module: called on `x`, it applies `a`,
# then `b`, and so on. `nn.Linear(numbers_in, numbers_out)` has a bias unless
# told otherwise.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# `self.net` is the row of the docstring: linear (wider), `nn.ReLU()`, linear
# (back), dropout. `forward` returns what `self.net` makes of `x`.
#
# </details>
#
# ## A way around
#
# A deep model is a stack of parts. If each part *replaces* what came in, the
# stack is a game of whispers: what arrives at the end is a copy of a copy. And
# learning has to go the same way back. The **gradient** says how the loss would
# change with a number; if it dies on its way down, the first parts never learn.
#
# The cure is a plus sign. A part does not replace its input, it **adds** to it:
#
# | | what goes on to the next part |
# |---|---|
# | replace | $f(x)$ |
# | add: a *residual connection* | $x + f(x)$ |
#
# The slope of $x + f(x)$ is 1 plus the slope of $f$. However small that is, the
# 1 gets through. Suppose each part has slope 0.1, and ten stand in a row:
#
# | | slope of all ten together |
# |---|---|
# | replace | $0.1^{10}$ = 0.0000000001 |
# | add | $1.1^{10} \approx 2.6$ |
#
# Now measure it, with your own two parts, new and random. A gradient of size 1
# goes in at the end of a stack. How much of it arrives at the beginning?

# %% predict="my_arrived"
# 16 blocks (32 parts) that replace: of a gradient of 1, how much arrives?
my_arrived = None  # a number, before you run anything below

# %% numbers="arrived_replace arrived_add arrived_16"
def arrived(n_blocks, add):
    """The share of a gradient that gets through n_blocks, 2 parts each."""
    torch.manual_seed(1337)
    x = torch.randn(4, block_size, n_embd, requires_grad=True)
    end = x
    for _ in range(n_blocks):
        heads = MultiHeadAttention(n_head, n_embd // n_head)
        for part in (heads, FeedForward(n_embd)):
            end = end + part(end) if add else part(end)
    push = torch.randn_like(end)
    (end * push).sum().backward()
    return (x.grad.norm() / push.norm()).item()


depths = [1, 2, 4, 8, 16]
arrived_replace = {n: arrived(n, add=False) for n in depths}
arrived_add = {n: arrived(n, add=True) for n in depths}
arrived_16 = {"replace": arrived_replace[16], "add": arrived_add[16]}
print(f"you said {my_arrived}; after 16 blocks")
print("  replace: {replace:.0e}, add: {add:.2f}".format(**arrived_16))

# %% figure="way_around"
fig, ax = plt.subplots(figsize=(7, 3.4))
ax.plot(depths, list(arrived_add.values()), "o-", label="add: x + f(x)")
ax.plot(depths, list(arrived_replace.values()), "o-", label="replace: f(x)")
ax.set(xscale="log", yscale="log", xlabel="blocks in the stack",
       ylabel="gradient that arrives", title="What the first block hears")
ax.set_xticks(depths, depths)
ax.minorticks_off()
ax.legend(loc="lower left")
plt.show()

# %% [markdown]
# Replaced all the way, {{arrived_16[replace]:.0e}} of the gradient is left, and the
# first block learns nothing. Added, all of it
# arrives, and more ({{arrived_16[add]:.1f}}): each part adds its share.
#
# Think of `x` as a **stream** that runs through the model. Each part reads from
# it and adds a little to it. Nobody wipes it out.
#
# ## Keep the numbers in range
#
# There is a price: a sum grows. Each part adds its share, and deeper parts would
# have to live with larger and larger numbers. So each part reads through a
# **layer norm**: the numbers of *one place* are shifted to mean 0 and scaled to
# variance 1. By hand, for a place with two numbers:
#
# | | mean | minus the mean | divided by their size |
# |---|---|---|---|
# | (1, 7) | 4 | (−3, 3) | (−1, 1) |
# | (0, 20) | 10 | (−10, 10) | (−1, 1) |
#
# Then each number gets a gain and a bias, which are learned. They start at 1
# and 0. `nn.LayerNorm(n)` is all of that. (A tiny 0.00001 is added to the
# variance, so that nobody divides by 0.) Three places, 64 numbers each:

# %% numbers="normed_mean normed_std"
torch.manual_seed(1337)
sizes = torch.tensor([1.0, 10.0, 100.0]).view(1, 3, 1)
x = torch.randn(1, 3, n_embd) * sizes + sizes  # (B=1, T=3, C=64)
normed = nn.LayerNorm(n_embd)(x).detach()
normed_mean = normed.mean(dim=-1)[0].tolist()
normed_std = normed.std(dim=-1, unbiased=False)[0].tolist()
for t in range(3):
    was = f"{x[0, t].mean():7.2f} ± {x[0, t].std(unbiased=False):6.2f}"
    print(f"place {t}: {was}  ->  {normed_mean[t]:5.2f} ± {normed_std[t]:.2f}")

# %% [markdown]
# Each place was normed by itself. It knows nothing of the other places, nor of
# the other windows in the batch. That is why it works the same when the model
# writes alone, one character at a time.
#
# ## The block
#
# Now put it together: **communication** (many heads), then **computation**
# (feed-forward). Each reads through a norm of its own, and each is added.
#
# > stream → *norm 1* → heads → **+ stream**
# > → *norm 2* → feed-forward → **+ stream**
#
# The way around passes no norm: only what enters a part is normed.
#
# By hand, with parts that are simple: "heads" that multiply by −4, a
# "feed-forward" that multiplies by 3. Two places, two numbers each.
#
# | | place 0 | place 1 |
# |---|---|---|
# | x | 1, 7 | 0, 20 |
# | norm 1 | −1, 1 | −1, 1 |
# | heads: times −4 | 4, −4 | 4, −4 |
# | added to x | 5, 3 | 4, 16 |
# | norm 2 | 1, −1 | −1, 1 |
# | feed-forward: times 3 | 3, −3 | −3, 3 |
# | added to the line before norm 2 | **8, 0** | **1, 19** |
#
# In a real block the heads share the `n_embd` numbers of a place: with 64
# numbers and 4 heads, each head gives 16. If that does not come out even,
# refuse at once: an `assert` with a message saves an hour of searching.

# %% answer="block" level=2 minutes=10
class Block(nn.Module):
    """Communication, then computation, each added to what was there.

    It owns: sa, a MultiHeadAttention of n_head heads, which share the n_embd
    numbers; ffwd, a FeedForward; ln1 and ln2, nn.LayerNorm(n_embd) each.
    Raises ValueError or AssertionError if n_embd is not divisible by n_head.
    """

    def __init__(self, n_embd, n_head):
        super().__init__()
        ### BEGIN SOLUTION
        assert n_embd % n_head == 0, f"{n_embd=} is not divisible by {n_head=}"
        self.sa = MultiHeadAttention(n_head, n_embd // n_head)
        self.ffwd = FeedForward(n_embd)
        self.ln1 = nn.LayerNorm(n_embd)
        self.ln2 = nn.LayerNorm(n_embd)
        ### END SOLUTION

    def forward(self, x):
        """(B, T, n_embd) -> (B, T, n_embd)"""
        ### BEGIN SOLUTION
        x = x + self.sa(self.ln1(x))
        x = x + self.ffwd(self.ln2(x))
        return x
        ### END SOLUTION

# %% grade="block" points=2.5
check.block(Block)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# `__init__` refuses an uneven division and makes four parts. `forward` is the
# table above, line by line.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `%` gives the remainder of a division, `//` its whole part. Read from the
# inside out: the norm of the stream, then the part, then the sum with the
# stream.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# `__init__`: one `assert`; the heads, asked for with their number and the size
# of one; the feed-forward part; two norms. `forward`: the stream becomes itself
# plus attention of its first norm; the new stream becomes itself plus
# feed-forward of its second norm; return it.
#
# </details>
#
# # Part 2 · The model
#
# ## Writing, with a limit
#
# Before the model, the function that lets it write. It is that of lab 1 with
# one addition. The model has a row for each of `block_size` places, and no
# more. So when the text gets longer, it sees only the **last** `block_size`
# characters. With `block_size = 3`:
#
# | text so far | the model sees | and adds |
# |---|---|---|
# | `abb` | `abb` | `a` |
# | `abba` | `bba` | `b` |
# | `abbab` | `bab` | `b` |
#
# (This one always repeats the first character that it sees.) Nothing of the text
# is thrown away: only what the *model* gets is cut.

# %% answer="generate" level=2 minutes=10
@torch.no_grad()
def generate(model, idx, max_new_tokens):
    """Continue each row of idx, one drawn character after the other.

    idx: (B, T); model(idx) gives logits (B, T, V) and None, for at most
    block_size columns
    returns: (B, T + max_new_tokens), beginning with idx
    """
    ### BEGIN SOLUTION
    for _ in range(max_new_tokens):
        logits, _ = model(idx[:, -block_size:])
        probs = F.softmax(logits[:, -1, :], dim=-1)  # (B, V)
        idx_next = torch.multinomial(probs, num_samples=1)  # (B, 1)
        idx = torch.cat((idx, idx_next), dim=1)
    return idx
    ### END SOLUTION

# %% grade="generate" points=1.5
check.generate(generate)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Again and again: cut, ask, take the last place, make probabilities, draw,
# append. Keep the whole text; cut only a copy for the model.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# A slice with a negative start takes the end of an axis, and all of it if it is
# shorter. `F.softmax`, `torch.multinomial`, `torch.cat`, as in lab 1.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# A loop of `max_new_tokens` rounds with four lines: logits of the last
# `block_size` columns (the second thing that the model gives is not needed);
# softmax of the last place's logits; one draw for each row; the row with the
# draw appended along time. Return after the loop.
#
# </details>
#
# ## From ids to logits
#
# The whole model, from below:
#
# 1. Each id becomes a row of `n_embd` numbers: **which** character.
# 2. Each place becomes a row of `n_embd` numbers: **where** it stands. Heads
#    only compare contents; in the first block the `c` could not tell `abc` from
#    `bac`. The two rows are added.
# 3. `n_layer` blocks.
# 4. A last norm, since the stream has grown.
# 5. A linear layer, the *head*: one logit for each character.
#
# By hand: three characters, two numbers each, and blocks that change nothing.
#
# | character | row | | place | row | | logit of | weights | bias |
# |---|---|---|---|---|---|---|---|---|
# | `a` | 4, 0 | | 0 | 0, 6 | | `a` | 1, 0 | 0 |
# | `b` | 0, 2 | | 1 | 5, 0 | | `b` | 0, 1 | 0 |
# | `c` | 0, 0 | | 2 | 0, 2 | | `c` | 1, 1 | ½ |
#
# The text `ab`:
#
# | | `a` at place 0 | `b` at place 1 |
# |---|---|---|
# | character + place | 4, 6 | 5, 2 |
# | last norm | −1, 1 | 1, −1 |
# | logits of a, b, c | −1, 1, ½ | 1, −1, ½ |
#
# So it bets on `b` after the `a`, and on `a` after the `b`.

# %% answer="model" level=3 minutes=15
class ToyLanguageModel(nn.Module):
    """A GPT over characters.

    It owns: token_embedding_table and position_embedding_table, nn.Embedding
    of vocab_size and of block_size rows, n_embd numbers each; blocks, an
    nn.Sequential of n_layer Block(n_embd, n_head); ln_f, the last
    nn.LayerNorm; lm_head, nn.Linear from n_embd to vocab_size.
    """

    def __init__(self):
        super().__init__()
        ### BEGIN SOLUTION
        self.token_embedding_table = nn.Embedding(vocab_size, n_embd)
        self.position_embedding_table = nn.Embedding(block_size, n_embd)
        blocks = [Block(n_embd, n_head) for _ in range(n_layer)]
        self.blocks = nn.Sequential(*blocks)
        self.ln_f = nn.LayerNorm(n_embd)
        self.lm_head = nn.Linear(n_embd, vocab_size)
        ### END SOLUTION

    def forward(self, idx, targets=None):
        """idx, targets: (B, T) int64, T at most block_size

        returns, without targets: logits (B, T, V) and None
        returns, with targets: logits flattened to (B*T, V) and the loss
        """
        # name what you compute logits: the lines below go on with it
        ### BEGIN SOLUTION
        tok_emb = self.token_embedding_table(idx)  # (B, T, C)
        places = torch.arange(idx.shape[1], device=idx.device)
        x = tok_emb + self.position_embedding_table(places)  # (B, T, C)
        x = self.blocks(x)
        logits = self.lm_head(self.ln_f(x))  # (B, T, V)
        ### END SOLUTION
        if targets is None:
            return logits, None
        logits = logits.flatten(0, 1)  # (B*T, V)
        return logits, F.cross_entropy(logits, targets.flatten())

    def generate(self, idx, max_new_tokens):
        """As the function above."""
        return generate(self, idx, max_new_tokens)

# %% grade="model" points=2
check.model(ToyLanguageModel)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# `__init__` makes the five things of the docstring. `forward` sends `idx`
# through them, from 1 to 5 of the list above.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `nn.Embedding(rows, numbers)`. `nn.Sequential(*a_list)`: the star hands over a
# list's entries one by one. `torch.arange(T, device=...)` gives 0 to T − 1; T is
# the number of columns of `idx`, which may be smaller than `block_size`.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# `__init__`: two tables; a list comprehension that makes a new `Block` each
# time, and the `nn.Sequential` of it; a norm; a linear layer. `forward`: rows of
# the ids, (B, T, C); plus rows of the places, (T, C), which PyTorch adds to each
# window; through the blocks; through the last norm and the head.
#
# </details>
#
# All of that defines one function: ids in, probabilities of the next character
# out. A large one. How many numbers can it learn?
#
# <details><summary>The bill, by hand, if you want to predict exactly</summary>
#
# A linear layer from $a$ to $b$ has $a \cdot b$ weights and, if it has a bias,
# $b$ more. A norm has two numbers for each of its $n$.
#
# | | |
# |---|---|
# | character rows | 65 · 64 = 4,160 |
# | place rows | 32 · 64 = 2,048 |
# | a block: queries, keys, values of 4 heads | 3 · 64 · 64 = 12,288 |
# | a block: projection | 64 · 64 + 64 = 4,160 |
# | a block: feed-forward | 64 · 256 + 256 + 256 · 64 + 64 = 33,088 |
# | a block: two norms | 2 · 2 · 64 = 256 |
# | four blocks | 4 · 49,792 = 199,168 |
# | last norm | 128 |
# | head | 64 · 65 + 65 = 4,225 |
# | all | … |
#
# Two thirds of a block are the part that thinks.
#
# </details>

# %% predict="my_parameters"
my_parameters = None  # a number, before you run anything below

# %% numbers="n_parameters"
torch.manual_seed(1337)
untrained = ToyLanguageModel().to(device)
n_parameters = sum(p.numel() for p in untrained.parameters())
print(f"you said {my_parameters}, it has {n_parameters:,} parameters")

# %% [markdown]
# ## What comes out?
#
# Take a small batch, as in lab 1: **4 windows of 8** characters. (The model is
# built for windows of up to 32. Shorter ones are fine.) And in training, a
# batch has `batch_size` windows of `block_size`, and targets.
#
# Without running it, as tuples:
#
# - `logits_shape`: the logits of `model(xb)` for 4 windows of 8
# - `logits_shape_training`: those of `model(xb, yb)` for a training batch

# %% answer="shapes" level=1 minutes=4
### BEGIN SOLUTION
logits_shape = (4, 8, 65)
logits_shape_training = (512, 65)
### END SOLUTION

# %% grade="shapes" points=0.5
check.shapes(logits_shape, logits_shape_training)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# One logit for each character that could come next, at each place of each
# window.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# The docstring of `forward` says it in B, T and V. V is the number of different
# characters, printed above.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# First: windows, places, characters. Second: with targets, windows and places
# became one axis, so multiply the settings `batch_size` and `block_size`.
#
# </details>

# %%
torch.manual_seed(1337)
xb, yb = bigram.get_batch(train_data, 8, 4)  # 4 windows of 8
yb_est = untrained(xb.to(device))
print("model(xb) gives", type(yb_est).__name__, "of", len(yb_est))
print("  the first: ", yb_est[0].shape)
print("  the second:", yb_est[1])
x, y = get_batch("train")
print("in training:", untrained(x.to(device), y.to(device))[0].shape)

# %% [markdown] explain="dimensions" points=1 level=1 minutes=6
# ## What are these dimensions?
#
# 1. `model(xb)` gave two things for 4 windows of 8. Say what each is, and what
#    each axis of the tensor counts. What do the last 65 numbers mean?
# 2. In training the shape was (512, 65). Where do the 512 come from, and why
#    may they stand in one axis?
#
# Answer in 3 to 6 sentences. Each question is worth half a point.
#
# ### BEGIN SOLUTION
# The first thing is the logits, the second would be the loss, and is None,
# since no targets were given. The logits have three axes: 4 windows of the
# batch, 8 places in each window, and 65 scores, one for each character of the
# vocabulary. The 65 numbers at a place say how likely the model thinks each
# character is to come right after it, before softmax makes probabilities of
# them. In training there are 16 windows of 32 places, so 512 predictions.
# Each of them is a question of its own with one target, and the loss is the
# mean over all of them, so it does not matter which window they come from:
# cross_entropy takes one list of questions.
# ### END SOLUTION
#
# ### BEGIN SCHEME
# Half a point: a pair of logits and None (no targets, no loss), with the axes
# batch (windows), time (places), vocabulary, and the 65 as scores for the next
# character. No half point if the last axis is called the embedding, or if the
# meaning of the 65 is missing. Half a point: 16 * 32 = 512 predictions, and a
# reason for flattening: each is judged alone, the loss is a mean, or
# cross_entropy wants (N, V). The number alone without a reason is a quarter.
# ### END SCHEME

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Which question does each of the predictions answer, and how many are there?
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# B, T and V of the docstring; the two settings that make a batch; the word
# *mean*.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# One sentence on the pair, one on the three axes, one on the 65; then one on
# the product, one on why order plays no part in the loss.
#
# </details>
#
# # Part 3 · Training
#
# ## One step, and a fair measurement
#
# Both as in lab 1. (Whatever model comes in: a table or a GPT.) A step:
#
# 1. the loss of the batch,
# 2. forget the old gradients,
# 3. work out new ones, backwards through the model,
# 4. let the optimizer move the weights.

# %% answer="train_step" level=1 minutes=5
def train_step(model, optimizer, xb, yb):
    """One step of gradient descent on one batch.

    returns: the loss of the batch before the step, a number
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
# The four points of the list, in that order. Then give the loss back.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `model(xb, yb)` gives logits and loss. The optimizer has `zero_grad` and
# `step`, the loss has `backward` and `item`.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Five lines: logits and loss; zero; backward; step; return the loss as a plain
# number.
#
# </details>
#
# And the measurement: the mean over many batches, for both splits. It must not
# disturb, so the model goes into **evaluation mode** and back. That matters now:
# your model contains dropout, which is active in training mode only.

# %% answer="estimate_loss" level=2 minutes=8
@torch.no_grad()
def estimate_loss(model, eval_iters):
    """The mean loss over eval_iters batches of each split.

    The model is in evaluation mode meanwhile, and in training mode after.
    returns: {"train": a number, "val": a number}
    """
    ### BEGIN SOLUTION
    out = {}
    model.eval()
    for split in ("train", "val"):
        losses = torch.zeros(eval_iters)
        for k in range(eval_iters):
            xb, yb = get_batch(split)
            losses[k] = model(xb.to(device), yb.to(device))[1].item()
        out[split] = losses.mean().item()
    model.train()
    return out
    ### END SOLUTION

# %% grade="estimate_loss" points=1
check.estimate_loss(estimate_loss)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Switch the mode. For each split: draw, measure, note, many times; then the
# mean. Switch back.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `get_batch(split)` draws on the CPU: both halves of a batch need a
# `.to(device)`. `model(x, y)[1]` is the loss. `model.eval()` switches the mode,
# `model.train()` switches it back.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# An empty dict. Evaluation mode. A loop over the two names; in it, a loop of
# `eval_iters` rounds that notes the loss of a fresh batch; after the inner loop,
# the mean goes into the dict under the name. Training mode. Return the dict.
#
# </details>
#
# ## A new model and its optimizer
#
# The optimizer is handed the parameters of *this* model: it can only move what
# it was given. (That is why heads in a plain list would never learn.)
#
# The check of this cell runs **all your parts together** for the first time. It
# asks for two signs of health that you can use on any model:
#
# - a new model has a loss near ln V,
# - it can learn one small batch by heart.

# %% answer="whole" level=1 minutes=3
def make_model():
    """A new toy GPT on this lab's device, and AdamW with its learning_rate.

    returns: model, optimizer
    """
    ### BEGIN SOLUTION
    model = ToyLanguageModel().to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    return model, optimizer
    ### END SOLUTION

# %% grade="whole" points=1
check.whole(make_model)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Two things: a model, moved to the device, and an optimizer that knows its
# weights.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `torch.optim.AdamW(..., lr=...)`. A model's `.parameters()` are what it can
# learn.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Three lines: make the model and move it; make AdamW from its parameters and the
# lab's learning rate; return both, the model first.
#
# </details>
#
# What is the first loss, on a batch of Shakespeare, before any step?

# %% predict="my_first_loss"
my_first_loss = None  # a number, before you run anything below

# %% numbers="first_loss uniform_loss counted_bigram"
torch.manual_seed(1337)
model, optimizer = make_model()
uniform_loss = torch.tensor(float(vocab_size)).log().item()
with torch.no_grad():
    x, y = get_batch("train")
    first_loss = model(x.to(device), y.to(device))[1].item()
counted_bigram = bigram.run_bigram(text)[1]  # lab 1, for comparison
print(f"you said {my_first_loss}; {corpus.name}, one batch: {first_loss:.4f}")
print(f"ln {vocab_size} = {uniform_loss:.4f}")

# %% [markdown]
# A little above ln 65, as in lab 1: the head's random weights give random
# opinions. They are milder than those of lab 1's table.
#
# ## The loop
#
# The seconds go by more pleasantly if something moves: a progress bar, and a
# curve that is redrawn in place. This is the drawing; you need not read it.

# %%
class LiveCurve:
    """The losses, redrawn in place while a model trains."""

    def __init__(self, last):
        self.last, self.handle = last, None
        self.drawing = steps(2, graded=1) == 2  # not while the lab is graded
        if self.drawing:
            self.fig, self.ax = plt.subplots(figsize=(7.5, 3.4))
            plt.close(self.fig)  # or it would be shown once more at the end

    def draw(self, history, looks):
        """history: a loss for each step; looks: (step, train, val) each."""
        if not self.drawing:
            return
        self.ax.clear()
        self.ax.plot(history, color="lightgray", linewidth=0.7, label="batch")
        at, train, val = zip(*looks)
        self.ax.plot(at, train, "o-", label=f"train {train[-1]:.3f}")
        self.ax.plot(at, val, "o-", label=f"val {val[-1]:.3f}")
        self.ax.set(xlim=(0, self.last), ylim=(1.4, 4.6), xlabel="step",
                    ylabel="loss, nats per character")
        self.ax.legend(loc="upper right")
        if self.handle is None:
            self.handle = display(self.fig, display_id=True)
        else:
            self.handle.update(self.fig)

# %% [markdown]
# And this is the loop. Read it: apart from the bar and the curve it is what you
# know. It goes on from wherever the model has got to.

# %%
def train_until(last, interval):
    """Train model until step last; returns the seconds of the steps alone."""
    live, seconds = LiveCurve(last), 0.0
    look(len(history), live)
    begin = len(history)
    for _ in tqdm(range(begin, last), unit=" steps", file=sys.stdout):
        start = time.perf_counter()
        x, y = get_batch("train")
        loss = train_step(model, optimizer, x.to(device), y.to(device))
        history.append(loss)
        seconds += time.perf_counter() - start
        if len(history) % interval == 0:
            look(len(history), live)
    look(last, live)
    return seconds


def look(step, live):
    """Every once in a while: the losses of both splits, unless known."""
    if not looks or looks[-1][0] != step:
        now = estimate_loss(model, eval_iters)
        looks.append((step, now["train"], now["val"]))
    live.draw(history, looks)

# %% [markdown]
# A guess first. The counted bigram of lab 1 reaches {{counted_bigram:.2f}} on the
# validation text. After how many steps will the toy GPT be better?

# %% predict="my_crossing"
my_crossing = None  # a step from 0 to 500, before you run anything below

# %% numbers="train_seconds steps_per_second train_500 val_500"
torch.manual_seed(1337)
model, optimizer = make_model()  # afresh: this cell may be run twice
torch.manual_seed(1337)
history, looks = [], []  # the loss of each batch; (step, train, val)
train_seconds = train_until(max_iters, eval_interval)
steps_per_second = max_iters / train_seconds
_, train_500, val_500 = looks[-1]
for step, train_loss, val_loss in looks:
    print(f"step {step}: train loss {train_loss:.4f}, val loss {val_loss:.4f}")
below = [step for step, _, val_loss in looks if val_loss < counted_bigram]
print(f"you said {my_crossing}; first seen below the bigram: {below[:1]}")
print(f"{train_seconds:.1f} seconds of training")

# %% figure="training"
fig, ax = plt.subplots(figsize=(7.5, 3.6))
ax.plot(history, color="lightgray", linewidth=0.7, label="each batch")
at, train, val = zip(*looks)
ax.plot(at, train, "o-", label="training")
ax.plot(at, val, "o-", label="validation")
for level, name in [(uniform_loss, "no clue"), (counted_bigram, "bigram")]:
    ax.axhline(level, color="black", linestyle="--", linewidth=0.8)
    ax.text(len(history), level + 0.04, f"{name} {level:.2f}", ha="right")
ax.set(xlabel="step", ylabel="loss, nats per character", ylim=(2, 4.6),
       title=f"Training a toy GPT on {corpus.name}")
ax.legend(loc="center right")
plt.show()

# %% [markdown]
# <details><summary>What did the curve do?</summary>
#
# It fell fast for about a hundred steps, while the model learned which letters
# are frequent, and then which pairs. Below the bigram it gets slower: every
# further bit needs more context. On Tiny Shakespeare the run ended at
# {{train_500:.3f}} in training and {{val_500:.3f}} in validation, against
# {{counted_bigram:.3f}} of the counted bigram. The two curves lie close
# together: nothing was learned by heart.
#
# </details>
#
# The shape of the logits in the last round of the loop, to compare with your
# tuple:

# %%
x, y = get_batch("train")
logits, loss = model(x.to(device), y.to(device))
print(logits.shape, "you said", logits_shape_training)

# %% choice="seen_all" points=0.5 level=2 minutes=3
question = "Is it guaranteed that each character of the training text has been used?"
options = {
    "Yes: sooner or later every window comes": "No: 'sooner or later' is no guarantee. Windows are "
    "drawn at random, some twice, some never, and 500 batches could not even hold the whole text.",
    "Not with 500 steps. With 5,000 it is, since they read more characters than the text has": "No: "
    "they do read more, but windows are drawn blindly. Some places come up five times, and some "
    "never. Only an ordered walk through the text could guarantee it.",
    "No: windows are drawn at random, so any place may be missed, and 500 steps must miss most of "
    "the text": "Right: 500 batches of 16 windows of 32 read 256,000 characters, counted with "
    "repeats, of about a million. More steps make a miss less likely. Nothing makes it impossible.",
    "No: the last tenth of the file is held back": "That tenth is validation, and was never meant to "
    "be trained on. The question is about the training text.",
}
right = "No: windows are drawn at random, so any place may be missed, and 500 steps must miss most of the text"

# %% [markdown]
# How much was missed? Lab 1 had a formula for the chance that no window holds a
# given character, and one can also simply play it through: draw as many windows,
# and mark what they cover.

# %% predict="my_missed"
# the share of the training text that 500 batches never showed, from 0 to 1
my_missed = None  # a number, before you run anything below

# %% numbers="missed_500 missed_simulated missed_5000"
N, windows = len(train_data), 500 * 16
missed_500 = bigram.chance_missed(windows, 32, N)
starts = torch.randint(N - 32, (windows, 1))
used = torch.zeros(N, dtype=torch.bool)
used[starts + torch.arange(32)] = True
missed_simulated = 1 - used.float().mean().item()
missed_5000 = bigram.chance_missed(10 * windows, 32, N)
print(f"you said {my_missed}; 500 steps: formula {missed_500:.3f},")
print(f"drawn {missed_simulated:.3f}; 5,000 steps: formula {missed_5000:.3f}")

# %% [markdown]
# ## Two thousand characters
#
# To write, the model needs a beginning, however small:

# %%
context = torch.zeros((1, 1), dtype=torch.long, device=device)

# %% [markdown]
# Which text is that? Find out with a function that you have.

# %% answer="context_text" level=1 minutes=2
### BEGIN SOLUTION
context_text = decode(context[0].tolist())
### END SOLUTION

# %% grade="context_text" points=0.5
check.context_text(context_text)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# The context is one window of one id. Which character has this id?
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `decode` wants a list of ids, not a matrix.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Take the first row of `context`, make a list of it, decode it. The result is a
# string with one character.
#
# </details>

# %% numbers="sample"
torch.manual_seed(1337)
ids = model.generate(context, steps(2000, graded=8))[0].tolist()
written_500 = decode(ids)
sample = written_500[:400].strip()
print(written_500)

# %% [markdown]
# Read it aloud. Most words are none. But the lines have the right length, the
# names stand in capitals and have their colon, and you can pronounce nearly
# everything.
#
# ## What do the heads look at?
#
# Four heads of the first block, on the beginning of the validation text. Row:
# the place that is asking. Column: the place that it looks at.

# %%
def look_at(block_number, idx):
    """The weights of each head of one block: a list of (T, T) tables."""
    block, caught = model.blocks[block_number], []
    hook = block.ln1.register_forward_hook(lambda *a: caught.append(a[2]))
    with torch.no_grad():
        model(idx)  # what the heads read in it is what their norm gives
    hook.remove()
    tables = []
    for head in block.sa.heads:
        copy = attention.Head(n_embd, n_embd // n_head, block_size).to(device)
        copy.load_state_dict(head.state_dict(), strict=False)
        tables.append(copy.weights(caught[0])[0].cpu())
    return tables

# %% figure="heads"
T = 16
idx = val_data[None, :T].to(device)
labels = [shown.get(itos[i], itos[i]) for i in idx[0].tolist()]
fig, axes = plt.subplots(1, 4, figsize=(12, 3.5))
for number, (ax, w) in enumerate(zip(axes, look_at(0, idx))):
    ax.imshow(w, cmap="Blues", vmin=0, vmax=1)
    ax.set_xticks(range(T), labels, family="monospace", fontsize=8)
    ax.set_yticks(range(T), labels, family="monospace", fontsize=8)
    ax.set_title(f"head {number}")
axes[0].set_ylabel("place")
fig.suptitle("First block: where each head looks", y=0.98)
fig.tight_layout()
plt.show()

# %% [markdown]
# No two heads have learned the same. Is there one that mostly looks at the
# letter just before? (Nobody asked for it. It pays.)
#
# # Part 4 · Experiments
#
# Three experiments, and each begins with a guess. This helper trains a new toy
# GPT with some settings changed, and puts the settings back.

# %%
def experiment(n_steps, label, **changed):
    """Train a new model under changed settings; its losses, and the model.

    returns: {"train": a number, "val": a number}, the model
    """
    before = {name: globals()[name] for name in changed}
    globals().update(changed)
    try:
        torch.manual_seed(1337)
        new, adam = make_model()
        for _ in tqdm(range(n_steps), label, file=sys.stdout):
            x, y = get_batch("train")
            train_step(new, adam, x.to(device), y.to(device))
        return estimate_loss(new, steps(100, graded=1)), new
    finally:
        globals().update(before)

# %% [markdown]
# ## Experiment 1: ten batches
#
# Train on 10 batches, not 500. Where will the validation loss be: near 4.2, like
# someone without a clue? Or near 2.5, like the bigram?

# %% predict="my_ten"
my_ten = None  # a number, before you run anything below

# %% numbers="ten_batches_train ten_batches_val unigram_loss"
losses, brief = experiment(steps(10, graded=2), "ten batches")
ten_batches_train, ten_batches_val = losses["train"], losses["val"]
print(f"you said {my_ten}; {corpus.name}, nats per character")
print(f" 10 batches: train {ten_batches_train:.3f} val {ten_batches_val:.3f}")
print(f"500 batches: train {train_500:.3f} val {val_500:.3f}")
often = torch.bincount(train_data, minlength=vocab_size) + 1.0
unigram_loss = -(often / often.sum()).log()[val_data].mean().item()
print(f"letters by frequency alone (unigram):   val {unigram_loss:.3f}")
torch.manual_seed(1337)
few = steps(200, graded=2)
print(decode(brief.generate(context, few)[0].tolist()))

# %% [markdown]
# <details><summary>What do you see?</summary>
#
# Letter salad. Yet the loss is {{ten_batches_val:.2f}} and no longer
# {{first_loss:.2f}}, and the salad has more `e` than `Z`, and spaces. Ten steps
# teach roughly how often each character occurs. (Knowing exactly that, and
# nothing else, is worth {{unigram_loss:.2f}}: the *unigram* of lab 1.)
#
# </details>

# %% choice="ten_batches" points=0.5 level=1 minutes=3
question = (
    "After ten batches both losses are high, and nearly equal. What is the matter with this model?"
)
options = {
    "It has seen too little: training longer would lower both losses": "Right: high on both parts "
    "is *underfitting*. It has not even learned the text that it was trained on, so there is "
    "nothing to generalise badly.",
    "It overfits: ten batches are a tiny text, learned by heart": "No: a text learned by heart has a "
    "low training loss. Here that is as high as the other.",
    "Nothing: two equal losses mean that it has learned what there is to learn": "No: equal losses "
    "say that it is as good on new text as on old, not that it is good. A coin is equal on both, too.",
    "Nothing was learned at all: ten steps leave the loss at ln 65": "No: look again, the loss is "
    "clearly under ln 65. It begins to know which letters are frequent.",
}
right = "It has seen too little: training longer would lower both losses"

# %% [markdown]
# ## Experiment 2: block sizes
#
# How far back should the model see? To be fair, each run gets the same number of
# characters in a step: 512. So blocks of 8 come in batches of 64, and blocks of
# 64 in batches of 8. 500 steps each.
#
# Guess: which of 1, 4, 8, 32, 64 ends lowest?

# %% predict="my_best_block"
my_best_block = None  # one of these five, before you run anything below

# %% numbers="block_size_losses by_size"
block_size_losses = {}
for size in [1, 4, 8, 32, 64][: steps(5, graded=1)]:
    label = f"block_size {size:2}"
    changed = {"block_size": size, "batch_size": 512 // size}
    if size == block_size:  # that is the model you have trained already
        block_size_losses[size] = val_500
        continue
    losses, _ = experiment(steps(500, graded=1), label, **changed)
    block_size_losses[size] = losses["val"]
by_size = list(block_size_losses.values())
best = min(block_size_losses, key=block_size_losses.get)
print(f"you said {my_best_block}; after 500 steps it is {best}")

# %% figure="block_sizes"
fig, ax = plt.subplots(figsize=(7, 3.4))
tried = list(block_size_losses)
ax.plot(tried, list(block_size_losses.values()), "o-", label="toy GPT")
ax.axhline(counted_bigram, color="black", linestyle="--", linewidth=1,
           label="counted bigram")
for size, loss in block_size_losses.items():
    ax.annotate(f"{loss:.2f}", (size, loss), textcoords="offset points",
                xytext=(7, 5), ha="left")
ax.set(xscale="log", xlabel="block_size", ylabel="validation loss",
       title=f"500 steps of 512 characters, {corpus.name}")
ax.set_xticks(tried, tried)
ax.minorticks_off()
ax.margins(y=0.18)
ax.legend()
plt.show()

# %% [markdown]
# On Tiny Shakespeare:
#
# | block size | 1 | 4 | 8 | 32 | 64 |
# |---|---|---|---|---|---|
# | validation loss | {{by_size[0]:.2f}} | {{by_size[1]:.2f}} | {{by_size[2]:.2f}} | {{by_size[3]:.2f}} | {{by_size[4]:.2f}} |
#
# <details><summary>Why does it rise again?</summary>
#
# A longer block is a harder lesson. There are more places whose rows have to be
# learned, and each step shows fewer windows. In 500 steps the model does not get
# round to using what stands far back. So a better result than the 32 of this lab
# can be had at once, by looking *less* far. With ten times as many steps that
# may change: try it, if you have some minutes.
#
# </details>

# %% choice="block_sizes" points=0.5 level=2 minutes=4
question = "Why does the loss fall when the block grows from 1 to a few characters?"
options = {
    "A model with longer blocks has far more parameters": "No: only the position table grows, by "
    "64 numbers for each place. All other weights stay as they are.",
    "Longer blocks are learned faster, since a step then takes less time": "No: a step takes "
    "as long or longer, and the plot counts steps, not seconds.",
    "The model can look at more of what came before, and the next letter depends on it": "Right: a "
    "block of 1 is a bigram again, however deep the model. Each further letter of context says "
    "less than the one before, and takes longer to learn to use.",
    "Validation text is shorter in longer blocks": "No: it is the same text. Only the "
    "length of the pieces changes.",
}
right = "The model can look at more of what came before, and the next letter depends on it"

# %% [markdown]
# ## Experiment 3: your own text
#
# Now something tiny: the lyrics of a song. Paste one that you like. (This one is
# the beginning of Lewis Carroll's *Jabberwocky*, 1871. Even a person cannot
# guess its words.) The held-back tenth has to be longer than a window, so take
# 400 characters at least.

# %%
song = """'Twas brillig, and the slithy toves
Did gyre and gimble in the wabe:
All mimsy were the borogoves,
And the mome raths outgrabe.

"Beware the Jabberwock, my son!
The jaws that bite, the claws that catch!
Beware the Jubjub bird, and shun
The frumious Bandersnatch!"

He took his vorpal sword in hand;
Long time the manxome foe he sought--
So rested he by the Tumtum tree,
And stood awhile in thought.

And, as in uffish thought he stood,
The Jabberwock, with eyes of flame,
Came whiffling through the tulgey wood,
And burbled as it came!
"""
print(f"{len(song)} characters, {len(set(song))} different ones")

# %% [markdown]
# Another text has another vocabulary, so ids must come from *its own* `stoi`.
# And the functions above read `vocab_size`, `train_data` and `val_data`. So for
# a while these three have to be those of the song. The frame is given: what
# stands in the `try` may change the three, and `finally` puts them back, even
# after an error.
#
# A text to think with: `"ab" * 360 + "b" * 80`. The first 720 characters are a
# and b in turn, the last 80 are all b. Whoever trains on the first part finds
# that after `b` *always* comes `a`. Training loss: near 0. On the rest, that
# very certainty is wrong each time: the validation loss is high.

# %% answer="own_text" level=3 minutes=15
def train_on(text, n_steps):
    """A new toy GPT, trained on the first 90 % of any text.

    Uses the settings of this lab, but for the vocabulary and the data, which
    are those of text; afterwards all settings are as they were.
    returns: training loss, validation loss (of estimate_loss, 10 batches)
    """
    global vocab_size, train_data, val_data
    before = vocab_size, train_data, val_data
    try:
        ### BEGIN SOLUTION
        own_chars, own_stoi = bigram.build_vocabulary(text)
        vocab_size = len(own_chars)
        ids = torch.tensor([own_stoi[c] for c in text])
        train_data, val_data = bigram.split_data(ids)
        own = ToyLanguageModel().to(device)
        adam = torch.optim.AdamW(own.parameters(), lr=learning_rate)
        for _ in range(n_steps):
            xb, yb = get_batch("train")
            train_step(own, adam, xb.to(device), yb.to(device))
        losses = estimate_loss(own, 10)
        return losses["train"], losses["val"]
        ### END SOLUTION
    finally:
        vocab_size, train_data, val_data = before

# %% grade="own_text" points=1
check.own_text(train_on)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Vocabulary, ids, split. Then a new model and its optimizer, `n_steps` steps,
# and the two losses.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `bigram.build_vocabulary(text)` gives the characters and their `stoi`;
# `bigram.split_data(ids)` the two parts. Then your own `make_model`,
# `train_step`, `estimate_loss`. `encode` reads the lab's `stoi`: it is of no use
# here.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# The vocabulary of the text; `vocab_size` from it, **before** the model is made;
# the ids as a tensor; `train_data` and `val_data` from the split; model and
# optimizer; a loop with one batch and one step a round, as in the big loop
# above; `estimate_loss` with 10 batches; return its two numbers, training first.
#
# </details>
#
# How long should one train on a song? Four new models: 10, 30, 100 and 300
# steps. Guess the validation loss after 300, when the training loss will be far
# under 1.

# %% predict="my_song_val"
my_song_val = None  # a number, before you run anything below

# %% numbers="own_train own_val own_losses own_vocabulary"
own_losses = {}
for n in [10, 30, 100, 300]:
    torch.manual_seed(1337)
    own_losses[n] = pair = train_on(song, steps(n, graded=1))
    print(f"{n:3} steps: train {pair[0]:.2f}, val {pair[1]:.2f}")
own_train, own_val = own_losses[300]
own_vocabulary = len(set(song))
print(f"you said {my_song_val}")

# %% figure="own_text"
fig, ax = plt.subplots(figsize=(7, 3.4))
taken = list(own_losses)
for part, name in enumerate(["train", "val"]):
    values = [own_losses[n][part] for n in taken]
    ax.plot(taken, values, "o-", label=name)
clueless = torch.tensor(float(own_vocabulary)).log()
ax.axhline(clueless, color="gray", linestyle="--", linewidth=1,
           label=f"no clue: ln {own_vocabulary}")
ax.set(xscale="log", xlabel="steps", ylabel="loss, nats per character",
       title="A text that is too small")
ax.set_xticks(taken, taken)
ax.minorticks_off()
ax.legend(loc="lower left")
plt.show()

# %% [markdown] explain="own_text_losses" points=1 level=2 minutes=8
# ## What do the two losses say?
#
# For the song above, 300 steps gave {{own_train:.2f}} in training and
# {{own_val:.2f}} in validation. (If you took another, use your numbers.)
#
# 1. What has the model done with the song, and how do the two numbers show it?
# 2. On Shakespeare the two losses lie close together. Why not here? And why can
#    the validation loss *rise* while training goes on, even above "no clue"?
#
# Answer in 3 to 6 sentences. Use the word *overfitting*. Half a point each.
#
# ### BEGIN SOLUTION
# The model has learned the song by heart: it can predict nearly every character
# of the training part, so that loss is close to 0, but on the part that was held
# back it is much worse, and worse than a blind guess. That gap is overfitting.
# The model has over 200,000 numbers and the song a few hundred characters,
# which each batch shows again, so repeating it is the easiest way to a low
# training loss; Shakespeare has a million characters, most of which 500 steps
# never show, so the only thing that helps is what holds for new text, too. The
# validation loss rises because the model grows ever surer of the continuations
# that it knows by heart, and where new text goes on otherwise, a sure wrong
# answer costs far more than a shy one: -ln p is large when p is nearly 0.
# ### END SOLUTION
#
# ### BEGIN SCHEME
# Half a point: learned by heart (overfitting), shown by a training loss near 0
# together with a far higher validation loss. A quarter if only one of the two
# numbers is used. Half a point: few characters seen again and again by a model
# with many parameters, against a large text seen hardly once (a quarter), and a
# wrong answer given with certainty costs more than no clue (a quarter). Numbers
# of another song are as good. "The model is bad" or "too few steps" is no
# reason.
# ### END SCHEME

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# What would you say of a pupil who knows every old exam by heart, and fails the
# new one?
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# The number of parameters against the number of characters. And −ln p for a p
# that is nearly 0.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# One sentence on each of the two numbers; one on how often each character of the
# song was seen, against Shakespeare; one on what a sure but wrong answer costs.
#
# </details>
#
# # Part 5 · What if?
#
# ## … nothing is added?
#
# A block without its two plus signs. Same parts, same number of parameters.
# Four blocks only. How bad can it be?

# %% predict="my_without"
my_without = None  # validation loss after 500 steps, before you run it

# %% numbers="without_residual"
class Whispers(Block):
    """A block that replaces: nothing goes around its parts."""

    def forward(self, x):
        heard = self.sa(self.ln1(x))
        return self.ffwd(self.ln2(heard))


n = steps(500, graded=1)
losses, _ = experiment(n, "no residuals", Block=Whispers)
without_residual = losses["val"]
print(f"you said {my_without}; {corpus.name}, validation:")
print(f"with {val_500:.2f}, without {without_residual:.2f}")

# %% [markdown]
# <details><summary>And?</summary>
#
# On Tiny Shakespeare {{without_residual:.2f}} against {{val_500:.2f}}. The unigram,
# which only knows how often each letter occurs, has {{unigram_loss:.2f}}. So in 500
# steps nothing got through of which letters stand there.
#
# </details>
#
# ## … some numbers are dropped?
#
# Dropout makes it harder to learn by heart: at each step, a random fifth of the
# numbers is missing, so no part can rely on a single other one. The song again,
# 300 steps:

# %% numbers="own_dropout"
dropout = 0.2
torch.manual_seed(1337)
own_dropout = train_on(song, steps(300, graded=1))
dropout = 0.0
for share, pair in [(0.0, own_losses[300]), (0.2, own_dropout)]:
    print(f"dropout {share}: train {pair[0]:.2f}, val {pair[1]:.2f}")

# %% [markdown]
# <details><summary>Is that better?</summary>
#
# For this song: {{own_dropout[1]:.2f}} in validation, in place of
# {{own_val:.2f}}, and {{own_dropout[0]:.2f}} in training, in place of
# {{own_train:.2f}}. A little less by heart. But no trick makes a language out of
# a few hundred characters: stopping early, or more text, helps more. On
# Shakespeare, where 500 steps learn nothing by heart, dropout only slows things
# down.
#
# </details>
#
# ## … you go on to 2,000 steps?
#
# It goes on with the same model, for three times as long as before. Do you
# have some minutes? Write 5000 in place of 2000 here, and get yourself a drink.

# %% numbers="train_2000 val_2000 seconds_2000"
more_seconds = train_until(max(steps(2000, graded=6), len(history)), 500)
seconds_2000 = train_seconds + more_seconds
reached, train_2000, val_2000 = looks[-1]
print(f"step {reached}: train loss {train_2000:.4f}, val loss {val_2000:.4f}")

# %% numbers="sample_2000 side_by_side"
torch.manual_seed(1337)
few = steps(500, graded=8)
sample_2000 = decode(model.generate(context, few)[0].tolist()).strip()
print(sample_2000)

lines = zip(written_500.strip().split("\n"), sample_2000.split("\n"))
rows = [f"{a:38.38}|  {b:.36}".rstrip() for a, b in list(lines)[:12]]
side_by_side = "\n".join(rows)

# %% numbers="ladder doors"
ladder = {
    "uniform": uniform_loss,
    "counted bigram": counted_bigram,
    "toy GPT": val_500,
    f"toy GPT, {reached:,} steps": val_2000,
}
print(f"{corpus.name}, validation, nats per character")
for name, loss in ladder.items():
    print(f"  {name:22} {loss:.3f}")
doors = [torch.tensor(loss).exp().item() for loss in ladder.values()]

# %% figure="ladder"
fig, ax = plt.subplots(figsize=(7.5, 2.4))
rungs = [f"{name}, {max_iters} steps" if name == "toy GPT" else name
         for name in ladder]
bars = ax.barh(rungs, list(ladder.values()), color="tab:blue")
ax.bar_label(bars, fmt="%.3f", padding=4)
ax.invert_yaxis()
ax.set(xlim=(0, 4.8), xlabel="validation loss, nats per character",
       title=f"The loss ladder, {corpus.name}")
plt.show()

# %% [markdown]
# As doors: {{doors[0]:.0f}} at first, {{doors[1]:.0f}} for the bigram,
# {{doors[2]:.0f}} after 500 steps, {{doors[3]:.0f}} after 2,000.
#
# ## Show a friend
#
# Give it the name of a friend, and let it write their speech. The name goes in
# capitals with a colon, like any other name in the plays. It knows its
# characters and no others: accents are left out.

# %%
name = "Ada"
start = "".join(c for c in f"\n{name.upper()}:\n" if c in stoi)
idx = torch.tensor([encode(start)], device=device)
print(decode(model.generate(idx, steps(300, graded=2))[0].tolist()))

# %% [markdown]
# ## Quiz
#
# Three questions with a letter, and one to say aloud.

# %% choice="batch_size" points=0.5 level=1 minutes=2
question = "What does the *batch size* control during training?"
options = {
    "How many layers the model has": "No: that is `n_layer`. The batch size changes no weight of the "
    "model, and the same model can be run with any.",
    "The number of training epochs": "No: an epoch is one pass over the whole text. How many there are "
    "follows from the steps, the batch size and the block size; here it was less than one.",
    "How many small pieces of text are processed in parallel before the parameters are updated": "Right: "
    "here 16 windows, one step. More windows give a calmer gradient and cost more per step.",
    "The maximum number of characters that are generated": "No: that is `max_new_tokens`. When "
    "writing, our batch is one row.",
}
right = "How many small pieces of text are processed in parallel before the parameters are updated"

# %% choice="training_goal" points=0.5 level=1 minutes=2
question = "What is the model trying to learn during training?"
options = {
    "The meaning of words and sentences": "No: nothing in the loss asks for meaning. If knowing some "
    "of it helps to guess the next letter, it may come as a by-product, in far larger models.",
    "The grammatical rules of English": "No: nobody gave it a rule, and none is checked. It writes "
    "verbs after nouns as far as that makes the next letter likelier.",
    "The emotional tone of Shakespeare's plays": "No: no label says what is sad. Its text sounds "
    "like the plays since it was asked to predict them.",
    "The probability of the next character given the previous ones": "Right: that is all that the "
    "loss measures, at each position of each window. Everything else is a by-product.",
}
right = "The probability of the next character given the previous ones"

# %% choice="residual" points=0.5 level=2 minutes=3
question = "A block computes `x + sa(ln1(x))`. What does the `x +` buy?"
options = {
    "It saves parameters, since `sa` can be smaller": "No: a sum has no parameters, and takes none "
    "away: `sa` has the same weights with or without it.",
    "A way straight through: signal and gradient pass a sum unchanged, however many blocks there are": "Right: "
    "a block only *adds* to what is there, so the first one is told about the loss as "
    "directly as the last. It can start as nearly nothing, and grow.",
    "It keeps the numbers between −1 and 1": "No: sums grow from block to block. Keeping numbers in "
    "range is the work of the norms.",
    "It hides the future from the present": "No: that is the mask inside each head. A sum is "
    "taken position by position and mixes none.",
}
right = "A way straight through: signal and gradient pass a sum unchanged, however many blocks there are"

# %% [markdown]
# <details><summary>Aloud: your model has a training loss of 1.2 and a validation
# loss of 2.3. A friend proposes more steps, another one dropout, a third one
# more text. Whom do you follow?</summary>
#
# - *More steps*: no. The training loss would fall further, and the gap grow. It
#   learns by heart already.
# - *Dropout*: yes, it makes learning by heart harder. Part of the gap closes.
# - *More text*: the best of the three, where there is more. What cannot be
#   repeated by heart has to be understood, in its modest way.
#
# </details>
#
# ## Where you are
#
# You have built a GPT. What separates it from GPT-2 is size, some details, and
# one thing of another kind: it reads letters, and GPT-2 reads pieces of words.
# Those come next.
#
# **Credits.** The model, its names and settings, and the loop follow Andrej
# Karpathy's [ng-video-lecture](https://github.com/karpathy/ng-video-lecture), its
# [video](https://www.youtube.com/watch?v=kCc8FmEb1nY) and
# [minGPT](https://github.com/karpathy/minGPT). (In the lecture's code the class
# `FeedForward` is spelt `FeedFoward`.) Heads and the block: Vaswani et
# al., *Attention Is All You Need*, 2017. Residual connections: He et al., *Deep
# Residual Learning for Image Recognition*, 2015. Layer norm: Ba, Kiros and
# Hinton, *Layer Normalization*, 2016. Norms before the parts, as in GPT-2:
# Radford et al., *Language Models are Unsupervised Multitask Learners*, 2019.
# Dropout: Srivastava et al., 2014. The text was put together for
# [char-rnn](https://github.com/karpathy/char-rnn).
