# %% [markdown]
# # Lab 11 · Sampling from GPT-2
#
# A love letter. Its author is the smallest model of this course, which has
# read nothing but Shakespeare, and the code that it runs on is a file that you
# complete today:
#
# ```text
# {{first_letter}}
# ```
#
# Here is the same letter, token by token. The darker a box, the surer the
# model was of the token that was drawn. Most of the time it was not:
#
# {{figure:surprise}}
#
# Until now you have worked in cells. Today you complete a real file,
# `model.py`, of the kind that people read on GitHub: Andrej Karpathy's nanoGPT
# is written like this, and thousands of projects began with it. Then you run
# it from the command line, and have it write. Yours will do better than the
# one above. (Or worse. There is a page for the clumsiest, too.)

# %% [markdown]
# ## Three questions to warm up
#
# Answer aloud, then open.
#
# <details><summary>1. (Lab 6) <code>x</code> has the shape (B, T, C), and
# there are <code>nh</code> heads of <code>hs</code> numbers. Why is
# <code>x.view(B, nh, T, hs)</code> wrong, though it runs?</summary>
#
# view keeps the numbers in their order and only draws new lines between them.
# The first head would get the first tokens, all their numbers, and none of the
# last ones.
#
# </details>
# <details><summary>2. (Lab 9) Temperature 0 and temperature 5 with
# <code>top_k=1</code>: what is the difference?</summary>
#
# None. One token is left to draw from, and it is the likeliest.
#
# </details>
# <details><summary>3. (Lab 10) Weights were loaded, every shape fits, and the
# text is fluent. Is the model right?</summary>
#
# Nobody knows yet. Compare its scores with those of a model that is known to
# be right.
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
# **No GPU today.** The model that we run is small. If GPT-2 is on your machine
# (lab 10), it will write as well, some tokens a second.

# %%
import math
import shlex
import subprocess
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import torch
import torch.nn as nn

from gptlab import companion, numpy_gpt, steps, tiny, torch_layouts
from gptlab.checks import lab11_sampling as check
from gptlab.sample import choose

torch.manual_seed(1337)
torch.set_num_threads(1)  # tensors this small: one core is quicker than two
torch.set_printoptions(precision=4, sci_mode=False)

# %% [markdown]
# # Part 1 · The file
#
# ## How to work with it
#
# The next code cell *is* the file. Its first line, `%%write model.py`, writes
# the rest of the cell into a file of that name, beside this notebook. So you
# can work in two ways:
#
# | | in the cell | in an editor |
# |---|---|---|
# | change | here | `model.py` in the folder |
# | save | run the cell | as always |
# | load | run `companion.fresh("model.py")`, the cell below it | the same |
# | hand in | nothing to do: the notebook is enough | hand the file in, too; or make the cell's first line `%%write model.py --load`, run it twice, and the cell has the file's text |
#
# A file that you changed in the editor is never lost: the cell then keeps it,
# and tells you. (To write the cell over it all the same, make the first line
# `%%write model.py --force`, once. The file's old text is then in
# `model_old.py`, the next one in `model_old_2.py`.) `%%write` has to be the
# first line of its cell, above any comment. In a file it has no place.
#
# Why the second step? Python reads a file **once**. After `import model`, a
# change in the file does nothing, and `import model` again does nothing
# either. Everybody loses an hour to that, once. `companion.fresh` reads the
# file anew, whatever happened before. (In a program of your own you start
# Python again, which does the same.) If you forget it, the next check says so,
# and looks at nothing.
#
# So, for each place: **change, run the file's cell, run `fresh`, run the
# check.** Twelve places have a comment `# TO-DO` with a name, and a thirteenth
# is a bonus. Go in the order of this notebook. A check looks at its own place
# alone, and what is still empty further down does not disturb it.
#
# The plan of the file:
#
# ```text
# LayerNorm                       the bonus, Part 4: leave it for now
# CausalSelfAttention
#    __init__   c_attn
#    forward    heads
#                 ├─ flash:  one call of PyTorch
#                 └─ else:   scores → mask → weights
#               out
# MLP           mlp_init, mlp
# Block         block            norm, attention, norm, MLP
# GPTConfig                      the sizes
# GPT
#    __init__                    done for you; read it
#    forward    embed → blocks → last
# ```
#
# ## The file
#
# Scroll through it first, without typing. What is in `__init__`, under which
# name? Use these layers in `forward`, and make no new ones there.

# %% answer="model_py" file="model.py"
# its text is in solutions/lab11_sampling/model.py

# %% [markdown]
# Load it. A slip of the pen gives three lines here: where and what, the line
# itself, what to do. The number is that of the line *in the file*. In the cell
# it is one more, since `%%write` is line 1 there.

# %%
model = companion.fresh("model.py")
from model import GPT, MLP, Block, CausalSelfAttention, GPTConfig, LayerNorm

# %% [markdown]
# `from model import …` takes the classes out of the module that was loaded a
# line above. Run the two lines together, always.
#
# ## GPTConfig
#
# All sizes are in one place, a dataclass. `GPTConfig()` is the smallest GPT-2.
# `GPTConfig(n_layer=2)` is the same with two blocks.
#
# | name | GPT-2 | |
# |---|---|---|
# | `block_size` | 1024 | the most tokens that it sees at a time |
# | `vocab_size` | 50304 | tokens to choose from; more of that number below |
# | `n_layer` | 12 | blocks, one after the other |
# | `n_head` | 12 | heads in each |
# | `n_embd` | 768 | numbers for a token: C |
# | `dropout` | 0.0 | we only sample |
# | `bias` | True | whether linear layers and norms have one; GPT-2's do |
#
# Two of them are 12, so a slip that takes one for the other stays unseen on
# GPT-2. The checks use sizes that are all different.
#
# # Part 2 · Attention
#
# ## c_attn: one layer for all
#
# In lab 6 query, key and value had a layer each. Here one layer makes all
# three, for all heads: OpenAI's files have them in one piece.
#
# The comment in the file says that each head's q is C / n_head numbers long.
# Now count. With C = 4 and two heads:
#
# | | numbers |
# |---|---|
# | q of one head | 4 / 2 = 2 |
# | q of both heads | 2 × 2 = 4 |
# | q, k and v of both heads | 3 × 4 = **12** |
#
# The heads do not make it larger: they share.

# %% grade="c_attn" points=1 of="model_py" level=1 minutes=4
check.c_attn(CausalSelfAttention)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# A linear layer from a token to three tokens' worth of numbers. The line after
# it in the file, `c_proj`, is written in the same way.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `nn.Linear` takes what goes in, what comes out, and `bias`. All sizes are in
# `config`, and so is whether there is a bias.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# `self.c_attn` is a linear layer, from `n_embd` numbers to three times as
# many, whose bias is what the config says.
#
# </details>
#
# ## heads: (B, T, C) to (B, nh, T, hs)
#
# `forward` begins by cutting the 3C numbers into q, k and v, (B, T, C) each.
# That line is given. Then each of them has to be cut into heads. By hand, one
# text with three tokens, C = 4, two heads of two:
#
# | | q, as it comes | head 0 | head 1 |
# |---|---|---|---|
# | token 0 | 1 2 3 4 | 1 2 | 3 4 |
# | token 1 | 5 6 7 8 | 5 6 | 7 8 |
# | token 2 | 9 10 11 12 | 9 10 | 11 12 |
#
# A head gets a piece of *every* token. As a tensor, (nh, T, hs), head 0 is
# (1 2, 5 6, 9 10). What `view(B, nh, T, hs)` makes of the same twelve numbers
# is something else:

# %% predict="my_head_1"
# view(1, 2, 3, 2) of the numbers 1 to 12: with which number does head 1 begin?
# (It should begin with 3.)
my_head_1 = None  # a number, before you run anything below

# %% figure="heads" numbers="wrong_head_1"
q = torch.arange(1, 13).view(1, 3, 4)  # (B=1, T=3, C=4)
wrong = q.view(1, 2, 3, 2)[0]  # (nh, T, hs)
right = torch.stack(q[0].chunk(2, dim=1))  # (nh, T, hs)
owner = torch.arange(3).repeat_interleave(4).view(3, 4)  # whose number it is
fig, axes = plt.subplots(1, 5, figsize=(10, 2.5), width_ratios=[2, 1, 1, 1, 1])
tables = {
    "q, as it comes": q[0], "right: head 0": right[0], "head 1": right[1],
    "view alone: head 0": wrong[0], "head 1 ": wrong[1],
}
for ax, (name, table) in zip(axes, tables.items()):
    ax.imshow(owner.flatten()[table - 1], cmap="Pastel1", vmin=0, vmax=8)
    for t in range(3):
        for i in range(table.shape[1]):
            ax.text(i, t, table[t, i].item(), ha="center", va="center")
    ax.set(title=name, xticks=[], yticks=range(3))
axes[0].set_ylabel("token (a color each)")
fig.tight_layout()
plt.show()
wrong_head_1 = wrong[1, 0, 0].item()
print(f"view alone: head 1 begins with {wrong_head_1}, you said {my_head_1}")

# %% [markdown]
# On the right, head 0 has all of the first token and half of the second, and
# calls that three tokens. All shapes fit. (In the file, PyTorch happens to
# stop at such a `view`, since q is cut out of longer rows. With `reshape` it
# goes through without a word, and the model only gets silly.)

# %% grade="heads" points=2 of="model_py" level=2 minutes=8
check.heads(CausalSelfAttention)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Two steps. Cut each token's C numbers into nh pieces: then there are four
# axes, tokens before heads. Then let these two change places.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `view` (or `reshape`) for the first step: the last axis, C, becomes two. A
# size has to be a whole number: `//`. `transpose(a, b)` exchanges two axes,
# counted from 0. The number of heads is in `self`, B, T and C are in the line
# above.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Three lines that look alike. For each of k, q and v: viewed as (B, T, number
# of heads, size of a head), then with axes 1 and 2 exchanged. Give each back
# its own name.
#
# </details>
#
# ## The long way
#
# PyTorch can do all of attention in one call. It is quick, since it never
# writes down the (T, T) table, and `self.flash` says whether it is there. The
# `else:` is for older versions, and for people who want to see what happens.
# You fill it in, in three steps. The checks set `flash` to False.
#
# ### scores
#
# Each q meets each k: a product of rows, added up, **divided by the root of
# hs**, the numbers of a head. By hand, one head with hs = 4, so the root is 2:
#
# | | k of token 0: 2 1 3 0 | k of token 1: 0 2 2 4 |
# |---|---|---|
# | q of token 0: 1 2 0 1 | 2 + 2 + 0 + 0 = 4 → **2** | 0 + 4 + 0 + 4 = 8 → **4** |
# | q of token 1: 2 0 1 1 | 4 + 0 + 3 + 0 = 7 → **3.5** | 0 + 0 + 2 + 4 = 6 → **3** |
#
# A row for each q, a column for each k.

# %% grade="scores" points=1 of="model_py" level=1 minutes=4
check.scores(CausalSelfAttention)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# One matrix product for all texts and heads at once. The first axes stay, the
# last two are multiplied: (T, hs) by (hs, T).
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `@`; `transpose` with the last two axes, -2 and -1; `math.sqrt` of a plain
# number. Which axis of k says how many numbers a head has? `k.size(-1)` is
# one.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# `att` is q times k-on-its-side, over the square root of the size of a head.
#
# </details>
#
# ### mask
#
# Nobody reads ahead. `self.bias` is a table of ones and zeros, 1 where a token
# may look. (It has nothing to do with the bias of a layer. The name is
# nanoGPT's.) It is made once, as large as a text can be: `block_size` ×
# `block_size`. The text may be shorter.
#
# By hand, three tokens, `block_size` = 5:
#
# | scores | | | `self.bias`, the part that is needed | | | masked | | |
# |---|---|---|---|---|---|---|---|---|
# | 0 | 9 | 9 | 1 | 0 | 0 | **0** | **−∞** | **−∞** |
# | 0 | 1.10 | 9 | 1 | 1 | 0 | **0** | **1.10** | **−∞** |
# | 0.69 | 0 | 0 | 1 | 1 | 1 | **0.69** | **0** | **0** |
#
# `self.bias` has four axes, (1, 1, block_size, block_size), so that it lines
# up with texts and heads.

# %% grade="mask" points=1 of="model_py" level=2 minutes=4
check.mask(CausalSelfAttention)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# `masked_fill` writes where it is told True. Where is that: where the table
# has a 1, or where it has a 0?
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# A slice of each of the last two axes, `:T`, after two whole ones, `:`. A
# comparison, `== 0`, makes True and False. `float("-inf")` is −∞.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# `att` becomes `att`, filled with minus infinity where the first T rows and
# columns of the table are 0. And it keeps its name: masked_fill makes a new
# tensor.
#
# </details>
#
# ### weights
#
# Each row becomes shares that add up to 1. The same three tokens: $e^{1.10} =
# 3$ and $e^{0.69} = 2$, and $e^{-\infty} = 0$.
#
# | masked | | | $e^{…}$ | | | shares | | |
# |---|---|---|---|---|---|---|---|---|
# | 0 | −∞ | −∞ | 1 | 0 | 0 | **1** | **0** | **0** |
# | 0 | 1.10 | −∞ | 1 | 3 | 0 | **¼** | **¾** | **0** |
# | 0.69 | 0 | 0 | 2 | 1 | 1 | **½** | **¼** | **¼** |
#
# Then the dropout for shares, `attn_dropout`, which does nothing while we
# sample.

# %% grade="weights" points=1 of="model_py" level=1 minutes=3
check.weights(CausalSelfAttention)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Two lines, one for each half of the comment, in the order of the comment.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `F.softmax(…, dim=…)`: along which axis do the numbers of one row stand?
# Dropout is a layer of `__init__`, called like a function.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# `att` is the softmax of `att` along the last axis; `att` is what
# attn_dropout makes of `att`.
#
# </details>
#
# ## out: the way out
#
# The heads are put side by side again. That line is given. What is missing is
# the layer that mixes what they have heard, and its dropout as the last thing.

# %% grade="out" points=1 of="model_py" level=1 minutes=3
check.out(CausalSelfAttention)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# y goes through two layers of `__init__`.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# The output projection and `resid_dropout`: a layer is called like a function,
# and one call may stand inside another.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# `y` is the resid_dropout of the projection of `y`.
#
# </details>
#
# # Part 3 · The rest of the model
#
# ## MLP
#
# Each token for itself: four times as wide, a bend, and back. The two linear
# layers are yours, then the way through all four layers.
#
# With C = 768 the middle is 3072 wide. By hand, with C = 1, so 1 → 4 → 1.
# `c_fc` has the weights 1, −1, 3, 0 and the biases 0, 0, 0, −1, `c_proj` the
# weights 1, −1, 1, 10 and the bias ½:
#
# | | x = 1 | x = −1 |
# |---|---|---|
# | `c_fc` | 1, −1, 3, −1 | −1, 1, −3, −1 |
# | `gelu` | 0.841, −0.159, 2.996, −0.159 | −0.159, 0.841, −0.004, −0.159 |
# | `c_proj`, each times its weight | 0.841, 0.159, 2.996, −1.587 | −0.159, −0.841, −0.004, −1.587 |
# | added up, + ½ | **2.909** | **−2.091** |

# %% grade="mlp_init" points=1 of="model_py" level=1 minutes=3
check.mlp_init(MLP)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Two linear layers, there and back. How `c_attn` was made, they are made.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `nn.Linear(…, …, bias=…)`, each under its name in `self`. All sizes are made
# of `config.n_embd`.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# c_fc: from n_embd to four times n_embd. c_proj: the same two sizes, the other
# way round. Both have a bias if the config says so.
#
# </details>

# %% grade="mlp" points=1 of="model_py" level=1 minutes=3
check.mlp(MLP)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Four layers, and each takes what the one before it gave. The table above has
# the order of three of them.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# The names in `__init__`, with `self.` in front. A layer does not change x: it
# gives something new, which needs a name.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Four lines that begin with `x =`: wider; bent; back; dropped.
#
# </details>
#
# ## Block
#
# Norm, attention, **added to x**. Norm, MLP, **added to x**. Each part has a
# norm of its own, and x itself goes around both. By hand, with C = 2, where a
# norm makes −1 and 1 of any two numbers (the smaller one gets −1). Attention
# shall multiply by −4, the MLP by 10:
#
# | | token 0 | token 1 |
# |---|---|---|
# | x | 1, 7 | 8, 2 |
# | `ln_1` | −1, 1 | 1, −1 |
# | attention | 4, −4 | −4, 4 |
# | added to x | 5, 3 | 4, 6 |
# | `ln_2` | 1, −1 | −1, 1 |
# | MLP | 10, −10 | −10, 10 |
# | added | **15, −7** | **−6, 16** |

# %% grade="block" points=2 of="model_py" level=2 minutes=5
check.block(Block)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Two lines, one for each part, and the second begins with what the first has
# made.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `self.ln_1`, `self.attn`, `self.ln_2`, `self.mlp`: calls inside calls, and a
# plus. What stands on the left of the plus is x, not what the norm made of it.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# x is x, plus attention of the first norm of x. Then x is x, plus the MLP of
# the second norm of x.
#
# </details>
#
# ## GPT.forward
#
# ### embed
#
# The row of each token and the row of its place, added up, then dropout. By
# hand, tokens 2, 0, 1:
#
# | | place 0: token 2 | place 1: token 0 | place 2: token 1 |
# |---|---|---|---|
# | row of the token | 3, 1 | 1, 0 | 0, 2 |
# | row of the place | 10, 0 | 20, 0 | 30, 5 |
# | x | **13, 1** | **21, 0** | **30, 7** |

# %% grade="embed" points=1 of="model_py" level=1 minutes=3
check.embed(GPT)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Both rows are there already, in the two lines above. They lack a plus, and
# the dropout.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# In `GPT.__init__` the dropout is one of several things in
# `self.transformer`. Under which name? `wte` and `wpe` show how to reach it.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# `x` is the dropout of the sum of the two. (B, T, C) and (T, C) line up by
# themselves: every text gets the same rows of places.
#
# </details>
#
# ### blocks
#
# Each block takes what the one before it gave. By hand, with three blocks that
# do *times 2*, *plus 1*, *times 3*, a 5 becomes 10, then 11, then **33**. (The
# other way round it would be 15, 16, 32. And if each began with the 5 again:
# 15.)

# %% grade="blocks" points=1 of="model_py" level=1 minutes=3
check.blocks(GPT)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# A loop over the blocks, with one line in it.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `self.transformer.h` is a list of blocks: it cannot be called, but a `for`
# goes through it. A block is called on x.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# For every block in the list: `x` is what the block makes of `x`.
#
# </details>
#
# ### last
#
# To write, only one position counts: what comes after the last token. So only
# that one is handed to the head. How much does it save? GPT-2 with a full text
# has 1,024 positions of 50,257 scores each, 4 bytes a score: 206 MB. The last
# one alone has 0.2 MB.
#
# What comes out shall be (B, 1, V): the axis of positions stays, with one
# position in it. By hand, with x = (1, 2) at the last position, and the five
# rows of the token table, which is the head, too:
#
# | token | row | times x | score |
# |---|---|---|---|
# | 0 | 1, 0 | 1 + 0 | **1** |
# | 1 | 0, 2 | 0 + 4 | **4** |
# | 2 | 3, 1 | 3 + 2 | **5** |
# | 3 | −1, 1 | −1 + 2 | **1** |
# | 4 | 2, 2 | 2 + 4 | **6** |

# %% grade="last" points=1 of="model_py" level=2 minutes=4
check.last(GPT)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Pick the last position of x, without losing its axis, and call the head on
# that.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# The positions are axis 1. `x[:, -1]` takes the axis away. What keeps it: a
# list of one place in the brackets, or a slice that ends with the text. The
# head is `self.lm_head`.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# `logits` is the head of x, of which you take all texts, a list with the last
# position, and all numbers.
#
# </details>
#
# # Part 4 · Is it GPT-2?
#
# ## All of it at once
#
# Each check looked at one place. But two places, each right for itself, may do
# the same thing twice, and a line that was given may have changed by a slip of
# the hand. So now the whole file: two blocks with weights of the tiny GPT-2,
# two texts, the short way and the long way, held against a GPT-2 that is known
# to be right. Where the scores differ, the check walks through your model and
# names the first part that makes something else of what it was given.
#
# (It lets one difference pass, on purpose. You will find that one yourself.)

# %%
check.whole(GPT)

# %% [markdown]
# ## Weights
#
# Your file uses nanoGPT's names, so weights in that layout fit. Here are those
# of the tiny GPT-2 of labs 5 and 10. (Lab 10 showed how OpenAI's files become
# such a table. Here it is one call.)

# %%
hparams = tiny.hparams()
sizes = {
    "block_size": hparams["n_ctx"], "vocab_size": hparams["n_vocab"],
    "n_layer": hparams["n_layer"], "n_head": hparams["n_head"],
    "n_embd": hparams["n_embd"],
}
state = torch_layouts.to_nano(tiny.params())  # name -> tensor
tokenizer = tiny.tokenizer()


def tiny_gpt(**changed):
    """Your GPT with the weights of the tiny GPT-2, ready to write."""
    gpt = GPT(GPTConfig(**(sizes | changed)))
    gpt.load_state_dict(state)
    return gpt.eval()


gpt = tiny_gpt()
START = "My lord, my love is like a"
ids = torch.tensor([tokenizer.encode(START)])  # (1, T)
with torch.no_grad():
    odds = torch.softmax(gpt(ids)[0, 0], dim=0)
for p, i in zip(*odds.topk(5)):
    print(f"{START!r} {tokenizer.decode([i.item()])!r} {p:.2f}")

# %% [markdown]
# ## Why 50304?
#
# GPT-2 knows 50,257 tokens. `GPTConfig` says 50304. A GPU multiplies matrices
# in tiles, of 64 columns, say. 50257 = 785 × 64 + 17: the last tile is nearly
# empty, and such sizes take slower paths. 50304 = 786 × 64 is *more* work on
# paper, and quicker on the GPU. Who trains a model of their own takes it: the
# 47 new tokens never occur, and the model learns never to write them.
#
# Who loads OpenAI's weights cannot take it. Their table has 50,257 rows.

# %% predict="my_extra"
# How many numbers more has GPT-2 with 50304 tokens? (Each has a row of 768,
# and the head is the same table.)
my_extra = None  # a number, before you run anything below

# %% numbers="n_openai n_padded n_extra"
def n_parameters(**changed):
    """The numbers of your GPT with GPT-2's sizes, without making them."""
    with torch.device("meta"):  # shapes only
        gpt = GPT(GPTConfig(**changed))
    return sum(p.numel() for p in gpt.parameters())


n_openai = n_parameters(vocab_size=50257)
n_padded = n_parameters()
n_extra = n_padded - n_openai
print(f"{n_openai:,} and {n_padded:,}: {n_extra:,} more, you said {my_extra}")
try:
    tiny_gpt(vocab_size=576)  # 64 more than the weights have
except RuntimeError as error:
    print(str(error).splitlines()[-1].strip())

# %% [markdown]
# {{n_openai:,}} numbers: the "124M" of GPT-2's name. And
# the last line is what you get when size and weights do not agree. `sample.py`
# takes the size from the weights, so it never happens there.
#
# ## Two branches, one result
#
# Which of your lines have run so far? `flash` is True, so `scores`, `mask` and
# `weights` have not, but for their checks. Prove that both branches are equal:
# same model, same text, all scores.

# %% numbers="branch_gap spread"
def set_flash(gpt, flash):
    """Send all blocks of a model the one way or the other."""
    for block in gpt.transformer.h:
        block.attn.flash = flash
    return gpt


@torch.no_grad()
def scores_of(gpt, ids):
    """The scores of what comes next, (V,)."""
    return gpt(ids)[0, 0]


short = scores_of(set_flash(gpt, True), ids)
long = scores_of(set_flash(gpt, False), ids)
branch_gap = (short - long).abs().max().item()
spread = short.std().item()
print(f"scores with a spread of {spread:.1f}, at most {branch_gap:.6f} apart")

# %% [markdown]
# Not 0, but {{branch_gap:.6f}} on scores with a spread of {{spread:.1f}}.
# Both ways do the same sums in another order, and each sum is rounded to about
# seven digits.
#
# ## And against the original
#
# `numpy_gpt` is GPT-2 in nothing but NumPy, the finished form of lab 5. It
# agrees with OpenAI's own code to the last digits. Your model has the same
# weights. So how far apart are the scores?

# %% predict="my_gap"
# The two branches were a millionth apart, or so. And yours against numpy_gpt?
my_gap = None  # a number, before you run anything below

# %% numbers="original_gap"
original = numpy_gpt.gpt2(
    ids[0].tolist(), **tiny.params(), n_head=hparams["n_head"]
)
original = torch.from_numpy(original[-1])  # (V,)
original_gap = (scores_of(gpt, ids) - original).abs().max().item()
print(f"at most {original_gap:.6f}, you said {my_gap}")

# %% [markdown]
# Hundreds of times more than rounding. All checks have passed. Something is
# *different*, and it is not in your lines.
#
# (If your number is {{tanh_gap:.6f}} or so, you have found it already, and your
# `model.py` is mended. Read on: both forms are put in below. If it is above
# 0.01, go back to `check.whole`.)
#
# How to find such a thing? Walk through the model, and look where two versions
# part. The suspect first: in lab 7, GPT-2's GELU was made of a tanh. The file
# says `nn.GELU()`. What is that? (Type `nn.GELU?` in a cell of its own.) It is
# the form with *erf*, the exact share of the bell curve. OpenAI took the tanh
# form, which was quicker then. On a single number they differ by 0.0005 at
# most.

# %%
def with_gelu(gpt, form):
    """The same model with another GELU: "none" is erf, "tanh" is GPT-2's."""
    for block in gpt.transformer.h:
        block.mlp.gelu = nn.GELU(approximate=form)
    return gpt


# %% figure="apart" numbers="tanh_gap erf_gap"
@torch.no_grad()
def stages(gpt, ids):
    """What comes out of each block, of the last norm, and of the head."""
    found = []
    parts = [*gpt.transformer.h, gpt.transformer.ln_f, gpt.lm_head]
    hooks = [part.register_forward_hook(
        lambda part, given, out: found.append(out[0, -1])) for part in parts]
    gpt(ids)
    for hook in hooks:
        hook.remove()
    return found


def apart(one, other):
    """The largest difference at each stage, over the spread there."""
    return [((a - b).abs().max() / b.std()).item()
            for a, b in zip(one, other)]


erf, tanh = with_gelu(tiny_gpt(), "none"), with_gelu(tiny_gpt(), "tanh")
manual = set_flash(with_gelu(tiny_gpt(), "tanh"), False)
erf_gap = (scores_of(erf, ids) - original).abs().max().item()
tanh_gap = (scores_of(tanh, ids) - original).abs().max().item()
forms = apart(stages(erf, ids), stages(tanh, ids))
branches = apart(stages(manual, ids), stages(tanh, ids))
erf, tanh, manual = erf.double(), tanh.double(), manual.double()
forms_64 = apart(stages(erf, ids), stages(tanh, ids))
branches_64 = apart(stages(manual, ids), stages(tanh, ids))

names = [f"block {n}" for n in range(len(forms) - 2)] + ["ln_f", "scores"]
fig, ax = plt.subplots(figsize=(8, 3.6))
ax.plot(names, forms, "o-", color="tab:red", label="erf and tanh")
ax.plot(names, forms_64, "x--", color="tab:red", label="the same, 64 bits")
ax.plot(names, branches, "o-", color="tab:blue", label="flash and manual")
ax.plot(names, branches_64, "x--", color="tab:blue",
        label="the same, 64 bits")
ax.set(yscale="log", ylim=(1e-17, 0.1), ylabel="largest difference / spread",
       title="Rounding goes away with more digits, another formula does not")
ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
fig.tight_layout()
plt.show()
print(f"against numpy_gpt: erf {erf_gap:.6f}, tanh {tanh_gap:.6f}")

# %% [markdown]
# With the tanh form the scores are {{tanh_gap:.6f}} off, which is rounding.
# With erf, {{erf_gap:.4f}}. On OpenAI's GPT-2 it is about 0.0007. And the
# picture has a test that you can use everywhere: **count in 64 bits**. If two
# programs do the same, they come together (blue). If they do something
# different, they stay apart (red).
#
# Nobody sees this in a text. nanoGPT has the erf form to this day, and loads
# OpenAI's weights with it.
#
# Now decide. **Mend it**: `nn.GELU(approximate="tanh")` in your file, in
# `MLP.__init__`; then your model is GPT-2. Or **keep it**, as nanoGPT does,
# and know it. Both get full points. Write which, in a comment in the file.
# (After a change: the file's cell, the one with `fresh`, and the one with
# `tiny_gpt`. Until then `gpt` is a model of the class from before.)

# %% choice="gelu" points=1 level=2 minutes=3
question = "You load OpenAI's weights. Which form of GELU belongs to them, and why?"
options = {
    "erf, since it is the exact form and tanh only comes near it": "No: exact for whom? The weights were found by "
    "training with the tanh form. For them, that form is the exact one.",
    "tanh, since the weights were trained with it": "Right: weights and formula belong together. A model that is "
    "trained from nothing may have either.",
    "Either, since nobody can tell the texts apart": "No: the texts are alike, the scores are not. Once such a "
    "difference is accepted, it hides the next one, which may be a real bug.",
    "tanh, since it is quicker": "No: it was, once. Today both are one call, and quicker does not mean right.",
}
right = "tanh, since the weights were trained with it"

# %% [markdown] explain="two_branches" points=1 level=2 minutes=6
# ## What does a good text prove?
#
# Your neighbour's model writes fluently. On their screen you see the line
# under `# TO-DO mask`: it hides the past and shows the future.
#
# 1. Why does the model write well all the same? Which measurement of this lab
#    would have found it, and what has to be true of the text that it is
#    measured on?
# 2. The two branches were {{branch_gap:.6f}} apart, the two
#    GELUs {{erf_gap:.4f}}. Neither is 0. Why do we call one of them rounding
#    and the other a difference, and how can that be decided without knowing
#    the cause?
#
# Answer in 3 to 6 sentences. Half a point each.
#
# ### BEGIN SOLUTION
# 1. `flash` is True, so the long way never runs: a text says something only
# about the lines that made it. Comparing the scores of both branches, on the
# same model and the same tokens, would have found it, if the text has more
# than one token (with a single one there is no future to hide) and dropout is
# off.
# 2. Both branches do the same sums, in another order, and float32 rounds each
# of them in the seventh or eighth digit: a few millionths on scores of this
# size. The GELUs are two formulas. Counting in float64 decides it: rounding
# becomes smaller by a factor of many millions, a difference of formulas stays
# as it is.
# ### END SOLUTION
#
# ### BEGIN SCHEME
# Half a point for 1: a quarter for "the manual branch did not run" (flash was
# True), a quarter for comparing both branches' scores on a text of several
# tokens (or: in evaluation mode; either condition is enough). Half a point for
# 2: a quarter for the same sums in another order against two formulas, a
# quarter for more digits (float64), or for comparing with the size of the
# rounding error of float32, about 1e-7 of the numbers. "It is small" alone is
# no reason.
# ### END SCHEME

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Which lines ran when the text was made? And what would you change to make
# rounding smaller?
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `self.flash`, and the cell with `branch_gap`. For the second: the dashed
# lines of the picture.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# One sentence on what ran; one on the measurement; one on its text. Then one
# on what the two branches have in common and the two GELUs do not; one on the
# test.
#
# </details>
#
# ## Bonus: LayerNorm without PyTorch's
#
# The first class of the file still lets PyTorch do its work. Replace the line
# under `# TO-DO layer_norm`. By hand, one token with four numbers:
#
# | | |
# |---|---|
# | input | −5, 1, 3, 9: their mean is 2 |
# | minus the mean | −7, −1, 1, 7: the squares are 49, 1, 1, 49, and their mean is **25** |
# | divided by √25 | −1.4, −0.2, 0.2, 1.4 |
# | times `weight` = 5, 5, 10, 1 | −7, −1, 2, 1.4 |
# | plus `bias` = 1, 1, 0, 0.6 | **−6, 0, 2, 2** |
#
# Two traps from lab 7: the mean of the squares is over C, not C − 1. And a
# tiny 0.00001 is added *under* the root. A new one: `bias` may be None.

# %% grade="layer_norm" points=1 of="model_py" level=3 minutes=12
check.layer_norm(LayerNorm)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# The table from top to bottom, for all tokens at once. It is the class of lab
# 7 with other names, and one `if`.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `mean` and `var` of a tensor, along the last axis, with `keepdim=True`. `var`
# divides by one less unless it is told otherwise: `unbiased=False`.
# `torch.sqrt`. `self.bias is None` asks.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# The mean of the last axis; its variance, not unbiased; what is left without
# the mean, over the root of variance plus 0.00001, times the weight. Return
# that as it is where there is no bias, else plus the bias.
#
# </details>
#
# # Part 5 · Writing
#
# ## The loop
#
# The loop of lab 9 once more, for a model that gives (B, 1, V) and knows how
# much it can see: `model.config.block_size`. Choosing is done by `choose` of
# lab 9, in the library's form. It takes scores (B, V) and gives (B, 1), greedy
# at temperature 0, and it cuts `top_k` to V:
#
# ```text
# choose(scores, temperature, top_k, top_p=None, generator=None)
# ```
#
# By hand, with the model of lab 9: five tokens, and the likeliest is the *sum*
# of all that it sees (take away fives). `block_size` = 3, temperature 0:
#
# | text | it sees | adds |
# |---|---|---|
# | 1, 2 | 1, 2 | 3 |
# | 1, 2, 3 | 1, 2, 3 | 1 |
# | 1, 2, 3, 1 | 2, 3, 1 | 1 |
# | 1, 2, 3, 1, 1 | 3, 1, 1 | 0 |
#
# `@torch.no_grad()` over a function does what `with torch.no_grad():` does
# inside: no graph, nobody learns here.

# %% answer="write" level=2 minutes=8
@torch.no_grad()
def write(
    model, idx, max_new_tokens, temperature=1.0, top_k=None, generator=None
):
    """Continue each row of idx by max_new_tokens tokens.

    model: (B, T) ids -> (B, 1, V) scores; it sees the last
    model.config.block_size tokens. idx: (B, T) -> (B, T + max_new_tokens)
    """
    ### BEGIN SOLUTION
    block_size = model.config.block_size
    for _ in range(max_new_tokens):
        logits = model(idx[:, -block_size:])[:, -1, :]  # (B, V)
        new = choose(logits, temperature, top_k, generator=generator)
        idx = torch.cat((idx, new), dim=1)
    return idx
    ### END SOLUTION

# %% grade="write" points=2
check.write(write)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Again and again: show the model the end of the text, choose a token, append
# it.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# A slice that counts from the end, of the second axis. The axis of positions,
# of length 1, has to go before `choose`: `[:, -1]` takes the last place of it.
# The generator has to be named: it is not `choose`'s fourth argument.
# `torch.cat((…, …), dim=1)`.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# As often as asked: the scores of the model on the last block_size columns,
# without the axis of positions; a choice with temperature, top_k and
# generator; idx is idx with it at the end. After the loop, return idx.
#
# </details>

# %% numbers="first_letter"
SETTINGS = {"temperature": 0.8, "top_k": 40, "seed": 7}
PROMPT = "Sweet lady, my heart"


def text_of(prompt, n, temperature=0.8, top_k=200, seed=1337, by=None):
    """A prompt, continued by n tokens, as text; by your gpt, or by another."""
    idx = torch.tensor([tokenizer.encode(prompt)])
    dice = torch.Generator().manual_seed(seed)
    out = write(by or gpt, idx, n, temperature, top_k, dice)
    return tokenizer.decode(out[0].tolist())


first_letter = text_of(PROMPT, steps(48, graded=3), **SETTINGS)
print(first_letter)

# %% [markdown]
# How sure was the model of each token that the dice gave it? This draws the
# picture of the first screen: all tokens of the letter, and the odds that the
# model gave to each, with everything before it in view.

# %% figure="surprise"
letter_ids = tokenizer.encode(first_letter)
shown = tokenizer.encode(PROMPT)
colors = plt.cm.Blues
fig, ax = plt.subplots(figsize=(10, 2.3))
row, column = 0, 0
for place, token in enumerate(letter_ids):
    piece = tokenizer.decode([token])
    odds = None
    if place >= len(shown):
        seen = torch.tensor([letter_ids[max(0, place - 64):place]])
        odds = torch.softmax(scores_of(gpt, seen), dim=0)[token].item()
    face = "white" if odds is None else colors(0.08 + 0.8 * odds)
    for part in piece.replace("\n", "↵\n").splitlines(keepends=True):
        word = part.rstrip("\n")
        ax.text(column, -row, word.replace(" ", "·"), family="monospace",
                fontsize=14, color="white" if (odds or 0) > 0.6 else "black",
                bbox={"facecolor": face, "edgecolor": "lightgray", "pad": 2})
        column += len(word) + 0.4
        if part.endswith("\n"):
            row, column = row + 1, 0
ax.set(xlim=(-1, 56), ylim=(-row - 0.6, 0.6))
ax.axis("off")
bar = plt.cm.ScalarMappable(plt.Normalize(0, 1), colors)
fig.colorbar(bar, ax=ax, label="odds it was given")
plt.show()

# %% [markdown]
# (White is the prompt, · a space, ↵ a new line.) The first piece of a word is
# nearly always a surprise, its end rarely.
#
# ## The command line
#
# A program that runs only inside a notebook is of little use to others. So
# here is `sample.py`. It has no TO-DO. It is thirty lines that hand your
# `model.py` over to the library, which finds weights and reads the options:

# %% file="sample.py"

# %% [markdown]
# In a terminal, in the folder of this notebook, you would type
#
# ```text
# python sample.py --start="Hello, my name is"
# uv run python sample.py --start="Hello, my name is"
# ```
#
# (the second where you have uv: it takes the `.venv` of this folder, or of one
# above it, where the library is. Where there is no `.venv`, `uv run sample.py`
# gets the library by itself, from the course's address.) In Colab, and in any
# notebook, a cell that begins with `!` is a terminal: `!python sample.py
# --start="Hello, my name is"`. Below, `shell` does the same and shows the
# command.

# %%
def shell(*options):
    """Run sample.py with these options, as a terminal would."""
    print("$ python sample.py", *map(shlex.quote, options))
    if steps(2, graded=1) == 1:
        return  # graded: nobody reads it
    ran = subprocess.run([sys.executable, "sample.py", *options], text=True,
                         capture_output=True, encoding="utf-8")
    print(ran.stdout + ran.stderr)


shell("--start=Hello, my name is", "--max_new_tokens=40")

# %% [markdown]
# If GPT-2 is on your machine, it was GPT-2 that wrote, on your code. If not,
# the tiny one stood in for it, and a line says so. (To get it: `python -m
# gpt_download 124M`, half a gigabyte, as in lab 10.)
#
# If it fails, it says where in your file. Go back, change, and run it again.
# That is the normal course of things.
#
# | option | default | |
# |---|---|---|
# | `--start` | a new line | the prompt: text, `FILE:prompt.txt`, or `<\|endoftext\|>` |
# | `--num_samples` | 1 | how many texts |
# | `--max_new_tokens` | 100 | tokens of each |
# | `--temperature` | 0.8 | below 1 tamer, above 1 bolder, 0: always the likeliest |
# | `--top_k` | 200 | draw from the k likeliest; more than the vocabulary is all |
# | `--seed` | 1337 | the same seed, the same text |
# | `--device` | cpu | `cuda` or `cuda:1` for a GPU, `mps` on a Mac |
# | `--init_from` | gpt2 | also `gpt2-medium`, `gpt2-large`, `gpt2-xl`, and `tiny` |
#
# Try them, one at a time. What will come out of each? Say it first.

# %%
shell("--init_from=tiny", "--start=ROMEO:", "--max_new_tokens=12",
      "--num_samples=3")

# %%
shell("--init_from=tiny", "--start=ROMEO:", "--max_new_tokens=30",
      "--temperature=0")

# %%
shell("--init_from=tiny", "--start=ROMEO:", "--max_new_tokens=30",
      "--temperature=3")

# %% [markdown]
# Three samples are three different texts: the dice go on. Temperature 0 needs
# no dice. And temperature 3 with `top_k` 200 is a mess, from which a small
# `top_k` saves you:

# %%
shell("--init_from=tiny", "--start=ROMEO:", "--max_new_tokens=30",
      "--temperature=3", "--top_k=2")

# %% [markdown]
# A prompt from a file, and a text from nothing. `<|endoftext|>` stands between
# two documents in what GPT-2 was trained on. As a prompt it means: begin
# something.

# %%
Path("prompt.txt").write_text("O my love,\n", encoding="utf-8")
shell("--init_from=tiny", "--start=FILE:prompt.txt", "--max_new_tokens=30")

# %%
shell("--init_from=tiny", "--start=<|endoftext|>", "--max_new_tokens=30")

# %% [markdown]
# And what is impossible is refused with a sentence:

# %%
shell("--temperature=-1")
shell("--start=FILE:nothing.txt")

# %% [markdown]
# # Part 6 · The love letter
#
# Your model writes a love letter, and you are its editor: you choose the
# prompt, the settings and the seed. You do not write in it. (You may cut it
# where it is best.)
#
# What helps:
#
# - The prompt does most of the work. A salutation, a first line in the tone
#   that you want, a name. GPT-2 goes on in the manner in which it was
#   addressed. The tiny model knows nothing but plays: `Sweet lady,` works,
#   `Hi honey,` does not.
# - Many seeds, few settings. Make ten, take one.
# - 0.7 to 0.9 with a `top_k` of 40 is a good beginning. Lab 9 says why.
#
# Change the prompt and `first`, the first seed, and run it again and again.
# (`steps` gives 4 here, and 1 while the notebook is graded.)

# %%
first = 1  # 5 shows the seeds 5 to 8
for seed in range(first, first + steps(4, graded=1)):
    print(f"--- seed {seed}")
    print(text_of("Sweet lady, my heart", steps(40, graded=2), 0.8, 40, seed))

# %% [markdown]
# In a terminal, with GPT-2 if you have it, give each letter a seed of its own:
# `--seed=5 --top_k=40 --start="Sweet lady, my heart"`. `--num_samples=10`
# makes ten at once, but out of one seed: to see the seventh again, you have to
# make all seven.
#
# **Hand it in.** The settings are those of the call that made your letter. The
# cell comes with the defaults of `sample.py`: put yours in their place, all
# three, and if GPT-2 wrote, add `"init_from": "gpt2"`. The cell has to stay one
# plain `letter = {...}` and nothing else: text and numbers, typed or pasted,
# and no names or functions in it, since for the page it is read and not run.
# For a text of several lines, put three quotes before it and three after.
#
# **Who will see it?** Your instructor. And your class, if you set `agree` to
# True: a page with the letters of all who agreed, each with its prompt and its
# settings, under the name that you give (or none). The most romantic, the
# funniest and the clumsiest stand on top. With `agree` False it is shown to
# nobody else, and costs no points. What the letter says is not graded.

# %% answer="letter" level=1 minutes=15
### BEGIN SOLUTION
letter = {
    "prompt": "Good morrow, my",
    "settings": {"temperature": 0.8, "top_k": 40, "seed": 3},
    "letter": """Good morrow, my queen,
I'll to be, and play'd with him. He drums are
By sighs mark off with""",
    "agree": False,
    "name": "",
}
### INSTEAD
letter = {
    "prompt": "",
    "settings": {"temperature": 0.8, "top_k": 200, "seed": 1337},
    "letter": "",
    "agree": False,
    "name": "",
}
### END SOLUTION

# %% grade="letter" points=1
check.letter(letter)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Run the cell with the seeds, with another `first` each time, until you laugh.
# Then copy the text, not the call that made it.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# Change what stands behind each colon. Settings: those of the call that made
# the letter, so that anybody can make it again.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# The prompt in quotes; temperature, top_k, seed as numbers; the letter between
# triple quotes, prompt included if you like; agree True or False, without
# quotes; a name, or nothing between the quotes.
#
# </details>
#
# ## What if?
#
# - Set `flash` to False for good, and measure how long 200 tokens take each
#   way. On GPT-2 with 1,000 tokens before it? What does the (T, T) table of 12
#   heads weigh then, at 4 bytes a number?
# - `GPTConfig(bias=False)`: which of your lines notice? Why can OpenAI's
#   weights not be loaded into that?
# - Write an error into your file that all shapes survive: `ln_1` in the place
#   of `ln_2`, say. How many tokens does it take you to see it in the text? And
#   how many lines of this notebook, in the scores?
# - Take `with_gelu(tiny_gpt(), "none")` and `"tanh"`, and the same seed. After
#   how many tokens do their texts part?
#
# ## One thing to show a friend
#
# Their name, and a model on your own code that has something to say about it:

# %%
friend = "Ada"
print(text_of(f"{friend.upper()}:\nMy love,", steps(50, graded=2), seed=3))

# %% [markdown]
# # Quiz
#
# Aloud: choose, then open. (The question with points stood in Part 4.)
#
# **1. You mend a line in `model.py`, save, and run the check again, without
# the cell between. It still fails. Why?**
#
# - a) The mend was wrong.
# - b) The check looks at classes that were loaded before.
# - c) The file has to be closed first.
#
# <details><summary>Open</summary>
#
# - a) Perhaps, but nobody has looked at it yet.
# - **b) Right.** Python reads a file once. `companion.fresh` reads it anew,
#   and the line `from model import …` after it takes the new classes.
# - c) No: saved is enough.
#
# </details>
#
# **2. `c_attn` of GPT-2 is 768 → 2304. What would it be with 24 heads in place
# of 12?**
#
# - a) 768 → 4608
# - b) 768 → 1152
# - c) 768 → 2304
#
# <details><summary>Open</summary>
#
# - a) No: the heads do not bring numbers of their own.
# - b) No: all heads come out of it, not half of them.
# - **c) Right.** More heads are smaller heads. They share the 768.
#
# </details>
#
# **3. `GPT.forward` gives the scores of the last position only. What can this
# model not do any more?**
#
# - a) Be trained as in lab 8.
# - b) Write several texts at once.
# - c) See the beginning of the text.
#
# <details><summary>Open</summary>
#
# - **a) Right.** Training asks a question at every position. nanoGPT takes the
#   last one only where no targets are given.
# - b) It can: a row for each.
# - c) It does: attention reads all positions. Only the head looks at one.
#
# </details>
#
# **4. A model with `vocab_size=50304` was trained from nothing. Can it write
# token 50,300?**
#
# - a) No: there is no such token.
# - b) It has a score, but training pushed it down: hardly ever.
# - c) Yes, as often as any other.
#
# <details><summary>Open</summary>
#
# - a) For the tokenizer there is none. The model does not know that.
# - **b) Right.** It was never the right answer, so each step made it less
#   likely. If it were drawn all the same, the tokenizer could not read it.
# - c) Before the first step, yes.
#
# </details>
#
# **5. Two people run `python sample.py --seed=1337` on the same weights, one
# with erf and one with tanh. Their texts are equal for 80 tokens, and then
# have nothing in common. What happened?**
#
# - a) The dice were different.
# - b) One number that was drawn fell between two odds that differ a little.
# - c) One of the models is broken.
#
# <details><summary>Open</summary>
#
# - a) No: the seed is the same.
# - **b) Right.** The odds differ in the fourth digit, and sooner or later a
#   draw falls just there. From then on the texts differ, so all odds do.
# - c) Neither. Compare scores, not texts.
#
# </details>
#
# ## Where you are
#
# You have a GPT-2 in one file that you can read from top to bottom, and a
# command that writes with it. In lab 12 it learns to answer.
#
# **Credits.** The file is a short form of the `model.py` of Andrej Karpathy's
# [nanoGPT](https://github.com/karpathy/nanoGPT), with its names, and
# `sample.py` has the options of his; which lines are left out, and the love
# letter, are after a programming practical of P. Novello, INSA Toulouse.
# GPT-2: Radford et al., *Language Models are Unsupervised Multitask Learners*,
# 2019. GELU and its tanh form: Hendrycks and Gimpel, *Gaussian Error Linear
# Units*, 2016. The attention that never writes down its table: Dao et al.,
# *FlashAttention*, 2022. Layer norm: Ba, Kiros and Hinton, 2016. The tiny
# model learned from the text of
# [char-rnn](https://github.com/karpathy/char-rnn).
