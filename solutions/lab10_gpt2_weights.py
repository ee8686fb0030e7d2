# %% [markdown]
# # Lab 10 · OpenAI's weights in your own class
#
# Five programs loaded the same file of weights and went on from the same
# start. **Four of them have a bug.** Which one is right?
#
# ```text
# {{five_texts}}
# ```
#
# You cannot tell, and neither can anybody else. That is the trouble with
# weights: a number in the wrong place is still a number, and the text still
# flows. At the end of this lab you see what no text shows, where each bug
# begins:
#
# {{figure:where}}
#
# Before that you do what the whole course has led up to. You take the file
# that OpenAI published, and put each number into its place in your own class.

# %% [markdown]
# ## Three questions to warm up
#
# Answer aloud, then open.
#
# <details><summary>1. (Lab 5) GPT-2 computes x @ w + b, with w of shape (n_in,
# n_out). What shape has the weight of <code>nn.Linear(n_in, n_out)</code>?
# </summary>
#
# (n_out, n_in): it computes x @ weight.T + b. The same numbers, lying on their
# side.
#
# </details>
# <details><summary>2. (Lab 6) Width 768, 12 heads. GPT-2 makes queries, keys
# and values with one matrix. What is its shape?</summary>
#
# (768, 2304): three times 768 columns, side by side. The heads are no extra
# axis, they are columns 0 to 63, 64 to 127 and so on of each third.
#
# </details>
# <details><summary>3. (Lab 7) Where are the weights of the head in OpenAI's
# file?</summary>
#
# There are none. The head is the table of tokens, used a second time.
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
# **No GPU today.** Nothing is trained.

# %%
import copy
import importlib.util
import os

import matplotlib.pyplot as plt
import numpy as np
import torch

from gptlab import (
    data as texts, numpy_gpt, own, steps, tensor_bundle, tiny, tokenizers,
    torch_layouts, weights as layouts,
)
from gptlab.checks import lab10_gpt2_weights as check
from gptlab.gpt import GPTModel
from gptlab.nano import GPT, GPTConfig
from gptlab.pretraining import text_to_token_ids, token_ids_to_text
from gptlab.sample import generate
from gptlab.tiny import faulty

torch.set_num_threads(1)  # tensors this small: one core is quicker than two
torch.set_printoptions(precision=4, sci_mode=False)

# %% [markdown]
# The lab runs on the tiny GPT-2 of labs 5, 7 and 9. Its files are those that
# OpenAI published GPT-2 in, byte by byte the same layout, only smaller. Where
# a network allows, change `False` to `True`: the same cells then run on the
# real one (124M: half a gigabyte to fetch from OpenAI's server, and about four
# gigabytes of memory). **Do the lab with `False` first.**

# %%
DOWNLOAD = False

# %% [markdown]
# # Part 1 · The file
#
# GPT-2 comes as seven files. Four of them you know or need not know:
# `encoder.json` and `vocab.bpe` are the tokenizer of lab 4, `checkpoint` names
# the newest save, and `model.ckpt.meta` is a drawing of the program that
# trained it. The other three:
#
# | file | holds |
# |---|---|
# | `hparams.json` | five sizes |
# | `model.ckpt.data-00000-of-00001` | the numbers, 4 bytes each |
# | `model.ckpt.index` | name, shape and place of each variable |

# %% numbers="data_bytes n_numbers"
for path in sorted(tiny.FOLDER.iterdir()):
    print(f"{path.stat().st_size:>10,} bytes  {path.name}")
data_file = tiny.FOLDER / "model.ckpt.data-00000-of-00001"
data_bytes = data_file.stat().st_size
n_numbers = data_bytes // 4
print(f"{n_numbers:,} numbers")

# %% [markdown]
# {{data_bytes:,}} bytes are {{n_numbers:,}} numbers. (The real file has
# 497,759,232 bytes: 124,439,808 numbers. So that is where "124M" is from.)
#
# `tensor_bundle.read` reads index and data, in 150 lines of plain Python. Look
# at what is in it:

# %%
CHECKPOINT = tiny.FOLDER / "model.ckpt"
variables = tensor_bundle.read(CHECKPOINT)  # name -> array
for name in list(variables)[:12] + list(variables)[-4:]:
    print(f"{name:24} {variables[name].shape}")

# %% [markdown]
# Twelve variables a block, and four more: two tables (`wte` of tokens, `wpe`
# of positions), and the last norm (`ln_f`). In a norm `g` is the gain and `b`
# the bias. Each matrix has a useless axis of length 1 in front. OpenAI wrote a
# linear layer as a *convolution* of width 1, and that is where the axis is
# from.
#
# OpenAI used TensorFlow, and that can read the files, of course. It is slow to
# start, so this cell only runs where TensorFlow is installed. The numbers are
# the same:

# %%
has_tensorflow = importlib.util.find_spec("tensorflow") is not None
if has_tensorflow and steps(2, graded=1) == 2:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # fewer messages
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    import tensorflow as tf

    theirs = {name: tf.train.load_variable(str(CHECKPOINT), name)
              for name, _ in tf.train.list_variables(str(CHECKPOINT))}
    print(len(theirs), "variables, all equal:", theirs.keys() ==
          variables.keys() and all(np.array_equal(theirs[name], value)
                                   for name, value in variables.items()))
else:
    print("without TensorFlow")

# %% [markdown]
# ## From a list of names to a tree
#
# Names with slashes are clumsy. The loader wants dicts inside of dicts:
#
# | name in the file | where it goes |
# |---|---|
# | `model/wte` | `params["wte"]` |
# | `model/h0/ln_1/g` | `params["blocks"][0]["ln_1"]["g"]` |
# | `model/h3/attn/c_attn/w` | `params["blocks"][3]["attn"]["c_attn"]["w"]` |
# | `model/h10/mlp/c_fc/b` | `params["blocks"][10]["mlp"]["c_fc"]["b"]` |
# | `model/ln_f/b` | `params["b"]` |
#
# Three things to see here. `h` and a number is a block, and `params["blocks"]`
# is a *list*. The number may have two digits. (The file is sorted like a
# dictionary: `h10` comes before `h2`.) And the last norm has no dict of its
# own. Its `g` and `b` stand at the top.

# %% answer="params" level=2 minutes=12
def nest(variables, n_layers):
    """A checkpoint's flat names as nested dicts, as the book's helper does.

    variables: "model/h0/attn/c_attn/w" -> array, and so on
    returns: {"wte", "wpe", "g", "b", "blocks"}; blocks is a list of
    n_layers dicts, so that params["blocks"][0]["attn"]["c_attn"]["w"] is
    that array. model/ln_f/g and model/ln_f/b become params["g"], ["b"].
    Axes of length 1 are dropped: (1, 64, 192) -> (64, 192).
    """
    ### BEGIN SOLUTION
    params = {"blocks": [{} for _ in range(n_layers)]}
    for name, value in variables.items():
        path = name.split("/")[1:]
        inside = params
        if path[0].startswith("h") and path[0][1:].isdigit():
            inside = params["blocks"][int(path[0][1:])]
        for key in path[1:-1]:
            inside = inside.setdefault(key, {})
        inside[path[-1]] = np.squeeze(value)
    return params
    ### END SOLUTION

# %% grade="params" points=3
check.params(nest)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# One variable at a time. Cut its name at the slashes, find the dict in which
# it has to end up, and put it there under the last part of its name.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `name.split("/")` makes a list; its first entry, `model`, says nothing.
# Where the next one is `h` and digits (`"h10"[1:].isdigit()`), you begin in
# that block, else at the top. `d.setdefault(key, {})` gives what stands under
# key, and puts an empty dict there first if nothing does. `np.squeeze` drops
# axes of length 1. Beware of `[{}] * n`: that is one dict, n times.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Start with a list of as many fresh dicts as there are blocks. For each name
# and array: the parts behind `model`; choose the dict to begin in by the first
# of them; go down through the parts between the first and the last, making
# dicts where there are none; write the squeezed array under the last.
#
# </details>

# %%
settings = tiny.hparams()
tokenizer = tiny.tokenizer()
params = nest(variables, tiny.hparams()["n_layer"])
if DOWNLOAD:
    from gpt_download import download_and_load_gpt2

    settings, params = download_and_load_gpt2("124M", "gpt2")
    tokenizer = tokenizers.gpt2()
print(settings)
print({name: getattr(value, "shape", f"{len(value)} dicts")
       for name, value in params.items()})

# %% [markdown]
# (With `DOWNLOAD`, `download_and_load_gpt2` gives a tree of the same form. It
# reads the files with TensorFlow, or takes another copy of the numbers if
# there is none, and checks that each file is the right one.)
#
# ## The fat matrix
#
# `c_attn` makes queries, keys and values in one go, so it is three times as
# wide as it is high. Here is that of block 1, and its bias:

# %% figure="thirds" numbers="q_bias k_bias v_bias"
c_attn = params["blocks"][1]["attn"]["c_attn"]
C = len(c_attn["w"])
fig, (top, below) = plt.subplots(2, 1, figsize=(10, 5), sharex=True,
                                 height_ratios=[2, 1])
top.imshow(np.abs(c_attn["w"]), aspect="auto", cmap="magma",
           extent=(0, 3 * C, C, 0))
for third, (name, color) in enumerate(zip(
        ("query", "key", "value"), ("tab:blue", "tab:orange", "tab:green"))):
    at = np.arange(third * C, third * C + C)
    below.bar(at + 0.5, c_attn["b"][at], width=1, color=color)
    top.text(third * C + C / 2, -2, name, ha="center", fontsize=12)
for ax in (top, below):
    for edge in (C, 2 * C):
        ax.axvline(edge, color="white" if ax is top else "gray")
top.set_ylabel("size of w, row by row")
below.set(ylabel="b", xlabel="column of c_attn", xlim=(0, 3 * C))
fig.tight_layout()
plt.show()
q_bias, k_bias, v_bias = (np.abs(part).mean().item()
                          for part in np.split(c_attn["b"], 3))

# %% [markdown]
# Nothing in the file says which third is which, and yet it shows. The values
# have small weights. And look at the bias of the keys: {{k_bias:.3f}} on
# average, while that of the queries is {{q_bias:.3f}}. Training has hardly
# touched it. In part 4 you will see why.
#
# # Part 2 · Into the class
#
# ## A model of the right shape

# %% [markdown]
# OpenAI calls the sizes by other names than your `GPTModel` of lab 7:
#
# | OpenAI | GPTModel |
# |---|---|
# | `n_vocab` | `vocab_size` |
# | `n_ctx` | `context_length` |
# | `n_embd` | `emb_dim` |
# | `n_head` | `n_heads` |
# | `n_layer` | `n_layers` |
#
# Two more settings are not in the file, and you have to know them: queries,
# keys and values *have* a bias, and a model that writes drops nothing.

# %% answer="config" level=1 minutes=6
def config_of(settings):
    """The configuration of a GPTModel into which these weights fit.

    settings: OpenAI's hparams: n_vocab, n_ctx, n_embd, n_head, n_layer
    returns: vocab_size, context_length, emb_dim, n_heads, n_layers,
    drop_rate, qkv_bias. The model will write, not train.
    """
    ### BEGIN SOLUTION
    return {
        "vocab_size": settings["n_vocab"],
        "context_length": settings["n_ctx"],
        "emb_dim": settings["n_embd"],
        "n_heads": settings["n_head"],
        "n_layers": settings["n_layer"],
        "drop_rate": 0.0,
        "qkv_bias": True,
    }
    ### END SOLUTION

# %% grade="config" points=1
check.config(config_of)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# A new dict with the names on the right of the table. Five values come from
# `settings`, two you know.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# A dict in curly brackets. A share of 0 for dropout, and a truth value for the
# bias. No size is written as a number: the next checkpoint has others.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Return a dict of seven entries. Take care with `n_head` and `n_layer`: in
# GPT-2 124M both are 12, and in the tiny one both are 4. So a swap would show
# in the check, and nowhere else.
#
# </details>

# %%
torch.manual_seed(1337)
cfg = config_of(settings)
gpt = GPTModel(cfg).eval()
START = "Every effort moves you" if DOWNLOAD else "What is the"


def greedy(model, start, n_tokens=40):
    """The start and what the model puts behind it, the likeliest each time."""
    model.eval()
    idx = text_to_token_ids(start, tokenizer)
    context = len(model.pos_emb.weight)
    return token_ids_to_text(generate(model, idx, n_tokens, context),
                             tokenizer)


print(greedy(gpt, START))

# %% [markdown]
# It is as it was drawn. So nothing is loaded yet, and it shows.
#
# ## One parameter
#
# A module keeps its weights as `nn.Parameter`. `assign(left, right)` makes a
# new one, with the numbers of `right`, for the place where `left` is now:
#
# ```python
# linear.bias = assign(linear.bias, numbers)
# ```
#
# Its real work is to *refuse*. PyTorch does not mind if you give a layer a
# weight of another shape, and then the error comes much later, in the middle
# of a forward pass, or never. By hand:
#
# | left | right | assign gives |
# |---|---|---|
# | (2, 3), nines | (2, 3), 1 to 6 | a new one with 1 to 6; left has nines |
# | (2, 3) | (3, 2) | ValueError: it lies on its side |
# | (2, 3) | (3,) | ValueError: NumPy would have stretched it |
#
# It makes a *copy*. The arrays of `tensor_bundle` are a window onto the file,
# through which one can read and not write, and those of your tree may be used
# twice.

# %% answer="assign" level=1 minutes=8
def assign(left, right):
    """A new nn.Parameter with the numbers of right, for the place of left.

    left: a parameter of the model
    right: a NumPy array, a tensor, or another parameter
    returns: float32, on left's device, with memory of its own
    Errors: ValueError that names both shapes, where they differ.
    """
    ### BEGIN SOLUTION
    if left.shape != right.shape:
        wanted, found = tuple(left.shape), tuple(right.shape)
        raise ValueError(f"shapes differ: left {wanted}, right {found}")
    if isinstance(right, torch.Tensor):
        right = right.detach().cpu().numpy()
    values = np.array(right, dtype=np.float32)  # a copy
    return torch.nn.Parameter(torch.from_numpy(values).to(left.device))
    ### END SOLUTION

# %% grade="assign" points=1
check.assign(assign)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# First compare, then copy, then wrap.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `.shape` of a tensor and of an array can be compared with `!=`, and an
# f-string puts both into the message. `np.array(x, dtype=np.float32)` copies
# an array, and warns of a tensor. So ask `isinstance(x, torch.Tensor)`, and
# make an array of a tensor first: `.detach()` (without it a parameter
# refuses), `.cpu()`, `.numpy()`. Back again: `torch.from_numpy`,
# `.to(device)`, `torch.nn.Parameter`.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# If the shapes differ, raise a ValueError with both in it. Else: a tensor
# becomes an array; a float32 copy of the array; as a tensor; on the device on
# which `left` is; return it as a parameter.
#
# </details>
#
# ## The square trap
#
# The file has matrices as (n_in, n_out), and `nn.Linear` wants (n_out, n_in).
# So each one has to be transposed. Where you forget it, `assign` says so. But
# does it, always?

# %% predict="my_square"
# Once c_attn is cut in three, a block has 6 matrices: q, k, v, attention's
# c_proj, the mlp's c_fc and c_proj. How many of them could you put in without
# a transpose, and no shape would tell?
my_square = None  # a number, before you run anything below

# %% numbers="n_square"
n_square = 0
for name, weight in gpt.trf_blocks[0].named_parameters():
    if weight.dim() == 2:
        fits = weight.shape == weight.T.shape
        n_square += fits
        print(f"{name:20} {tuple(weight.shape)}  {'square' if fits else ''}")
print(f"{n_square} are square; you said {my_square}")

# %% [markdown]
# {{n_square}} of 6. A square matrix fits both ways round. **No check of shapes
# sees it.** The checks of this lab see it: they compare numbers.
#
# ## One into three
#
# By hand, with a width of C = 2. `w` is (2, 6), `b` is (6,), and the first
# third of the columns is for q:
#
# | | q | | k | | v | |
# |---|---|---|---|---|---|---|
# | w, row 0 | 1 | 2 | 3 | 4 | 5 | 6 |
# | w, row 1 | 7 | 8 | 9 | 10 | 11 | 12 |
# | b | 10 | 20 | 30 | 40 | 50 | 60 |
#
# Cut, and then turned, so that columns become rows:
#
# | | weight | bias |
# |---|---|---|
# | q | [[1, 7], [2, 8]] | [10, 20] |
# | k | [[3, 9], [4, 10]] | [30, 40] |
# | v | [[5, 11], [6, 12]] | [50, 60] |

# %% answer="split_qkv" level=2 minutes=8
def split_qkv(c_attn):
    """Query, key and value, out of the one matrix and bias that hold all.

    c_attn: {"w": (C, 3C), "b": (3C,)}, q, k and v side by side
    returns: three pairs (weight, bias), of shapes (C, C) and (C,), each
    weight as nn.Linear wants it, (n_out, n_in).
    """
    ### BEGIN SOLUTION
    weights = np.split(c_attn["w"], 3, axis=-1)  # three of (C, C)
    biases = np.split(c_attn["b"], 3, axis=-1)  # three of (C,)
    return [(w.T, b) for w, b in zip(weights, biases)]
    ### END SOLUTION

# %% grade="split_qkv" points=2
check.split_qkv(split_qkv)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Cut the matrix from top to bottom, twice, and the bias at the same places.
# Then lay each of the three matrices on its side.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `np.split(array, 3, axis=...)` gives three equal parts. The last axis of both
# w and b is the one of 3C. `.T` of a matrix. `zip` brings a weight and its
# bias together.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Three parts of w along its last axis; three parts of b; a list of three
# pairs, in the order of the file, each with the transposed weight and the
# bias as it is.
#
# </details>
#
# ## One block
#
# Where everything goes. Left the names in the file, right those of your
# class:
#
# | `weights[…]` | | block | |
# |---|---|---|---|
# | `ln_1` | g, b | `norm1` | scale, shift |
# | `attn`, `c_attn` | w, b | `att.W_query`, `.W_key`, `.W_value` | cut, turned |
# | `attn`, `c_proj` | w, b | `att.out_proj` | turned (square!) |
# | `ln_2` | g, b | `norm2` | scale, shift |
# | `mlp`, `c_fc` | w, b | `ff.layers[0]` | turned |
# | `mlp`, `c_proj` | w, b | `ff.layers[2]` | turned |
#
# There are two `c_proj`. And `ff.layers[1]` is GELU, which has no weights.
#
# The checks fill a block of width 2 with weights that count on, so each number
# says where it came from. They bring a right `assign` and `split_qkv`, so a
# slip there is not told twice.

# %% answer="load_block" level=3 minutes=15
def load_block(block, weights):
    """Put one block's weights into a TransformerBlock, with assign.

    block: att.W_query, .W_key, .W_value, .out_proj; ff.layers[0] and [2];
    norm1, norm2 (scale, shift)
    weights: params["blocks"][i]: ln_1, ln_2 ({"g", "b"}), attn (c_attn,
    c_proj), mlp (c_fc, c_proj), each {"w": (n_in, n_out), "b": (n_out,)}
    """
    ### BEGIN SOLUTION
    def fill(linear, weight, bias):
        linear.weight = assign(linear.weight, weight)
        linear.bias = assign(linear.bias, bias)

    att, attn, mlp = block.att, weights["attn"], weights["mlp"]
    q, k, v = split_qkv(attn["c_attn"])
    fill(att.W_query, *q)
    fill(att.W_key, *k)
    fill(att.W_value, *v)
    fill(att.out_proj, attn["c_proj"]["w"].T, attn["c_proj"]["b"])
    fill(block.ff.layers[0], mlp["c_fc"]["w"].T, mlp["c_fc"]["b"])
    fill(block.ff.layers[2], mlp["c_proj"]["w"].T, mlp["c_proj"]["b"])
    for norm, numbers in ((block.norm1, "ln_1"), (block.norm2, "ln_2")):
        norm.scale = assign(norm.scale, weights[numbers]["g"])
        norm.shift = assign(norm.shift, weights[numbers]["b"])
    ### END SOLUTION

# %% grade="load_block" points=3
check.load_block(load_block)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Sixteen lines of the same form, one a parameter: this place becomes what
# `assign` makes of this place and those numbers. You can write them all down,
# or find what repeats.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `x.weight = assign(x.weight, ...)`: the left side matters. `assign` alone
# changes nothing, since it makes a *new* parameter. `split_qkv` gives the
# weights turned already. The other three matrices come as they are in the
# file.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# A small helper for a linear layer, which sets weight and bias. Unpack the
# three pairs and give them to query, key and value; then `out_proj`, the first
# and the last layer of `ff`, each with its transposed `w` and its `b`; then
# scale and shift of both norms.
#
# </details>
#
# ## All of it
#
# The rest: two tables, the blocks one by one, the last norm, and the head. For
# the head there is nothing in the file. It is `wte` again, as it is: an
# embedding has a row of numbers for each token, and `nn.Linear(C, V)` has
# (n_out, n_in) = (V, C). No transpose here.
#
# This check brings a right `assign` and a right `load_block`, so it judges
# these lines alone. The cell behind it runs with your own.

# %% answer="load_weights_into_gpt" level=3 minutes=15
def load_weights_into_gpt(gpt, params):
    """Fill a GPTModel with the weights of nest(), all of them.

    gpt: tok_emb, pos_emb, trf_blocks, final_norm, out_head; the head is
    OpenAI's table of tokens again, its numbers copied.
    """
    ### BEGIN SOLUTION
    gpt.tok_emb.weight = assign(gpt.tok_emb.weight, params["wte"])
    gpt.pos_emb.weight = assign(gpt.pos_emb.weight, params["wpe"])
    for block, weights in zip(gpt.trf_blocks, params["blocks"]):
        load_block(block, weights)
    gpt.final_norm.scale = assign(gpt.final_norm.scale, params["g"])
    gpt.final_norm.shift = assign(gpt.final_norm.shift, params["b"])
    gpt.out_head.weight = assign(gpt.out_head.weight, params["wte"])
    ### END SOLUTION

# %% grade="load_weights_into_gpt" points=3
check.load_weights_into_gpt(load_weights_into_gpt)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# From the input to the output, so that nothing is left out: tables, blocks,
# last norm, head.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `zip(gpt.trf_blocks, params["blocks"])` brings each block and its weights
# together, and your `load_block` does the rest. The last norm is
# `gpt.final_norm`, and its numbers stand at the top of `params`.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Assign `wte` to the token table and `wpe` to that of positions; a loop over
# blocks; `g` and `b` to scale and shift of the last norm; `wte` once more, to
# the weight of the head.
#
# </details>
#
# The moment has come. The same model, the same start:

# %% numbers="first_text"
load_weights_into_gpt(gpt, params)
gpt.eval()
first_text = greedy(gpt, START)
print(first_text)

# %% [markdown]
# ```text
# {{first_text}}
# ```
#
# From noise to words, and not one training step. (With real GPT-2 there is a
# text by which you can tell. After *Alan Turing theorized that computers would
# one day become*, greedy, it goes on with *the most powerful machines on the
# planet*. Other people's programs say so too.)
#
# ## To tie or not to tie
#
# Head and table hold the same numbers now, twice. That costs memory, and if
# you train on, the two go apart: OpenAI's model becomes another one. GPT-2 has
# *one* parameter for both. In PyTorch two modules can share one:

# %% predict="my_saved"
# 512 tokens, width 72. How many parameters fewer are there after tying?
my_saved = None  # a number, before you run anything below

# %% answer="tie" level=1 minutes=5
def tie(gpt):
    """Make the head and the table of tokens one parameter; the same gpt back.

    What it writes must not change; the table's numbers stay.
    """
    ### BEGIN SOLUTION
    gpt.out_head.weight = gpt.tok_emb.weight
    return gpt
    ### END SOLUTION

# %% grade="tie" points=1
check.tie(tie)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Not the same numbers: the same object. Two names for one thing.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# A module's `weight` can be set to a parameter, also to one that another
# module has already. `is` tells whether two names stand for one object.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# One line that makes the head's weight be the table's, and a return.
#
# </details>

# %% numbers="n_before n_after"
def n_parameters(model):
    return sum(weight.numel() for weight in model.parameters())


n_before = n_parameters(gpt)
tie(gpt)
n_after = n_parameters(gpt)
print(f"{n_before:,} before, {n_after:,} after: {n_before - n_after:,} fewer;"
      f" you said {my_saved}")
print("the same text:", greedy(gpt, START) == first_text)

# %% [markdown]
# {{n_after:,}} parameters: as many as there are numbers in the file. A number
# in the file without a place in the model, or a place without a number, would
# show here. (With the real weights: 163,037,184 before and 124,439,808 after.)
#
# # Part 3 · The triangle
#
# The text looks right. Is it? You have three programs for the same model,
# written in three ways:
#
# | | lab | made of |
# |---|---|---|
# | `numpy_gpt` | 5 | functions, NumPy, (n_in, n_out) |
# | `GPTModel` | 7 | modules, three matrices for q, k, v |
# | `GPT` | 11, nanoGPT's | modules, one matrix for all three |
#
# If they are all right, they give the same scores for the same ids. If two
# agree and one does not, you know where to look.
#
# ## How far apart?
#
# One number for two arrays of scores: the largest difference, anywhere. Not
# the mean. One wrong row among thousands would drown in it. By hand:
#
# | ours | theirs | largest difference |
# |---|---|---|
# | [[1, −6]] | [[1.5, 4]] | 10 |
# | [[1.5, 4]] | [[1, −6]] | 10 |
# | [[1, 2], [3, −4]] | [[1, 2.5], [3, −7]] | 3 |
# | [[1, 2], [3, −4]] | [[3, 2], [3.5, −4]] | 2 |
# | [0.5, 0.25, 0] | [0.5, 0.25, 0] | 0 |
# | [1, nan] | [1, 2] | nan |
# | shape (2, 3) | shape (3,) | ValueError |
#
# The last line is a real trap. NumPy and PyTorch would stretch the smaller
# one, and the number would mean nothing.

# %% answer="largest_difference" level=1 minutes=5
def largest_difference(ours, theirs):
    """How far two arrays of one shape are apart, at worst: a float.

    ours, theirs: tensors or arrays, any shape. A NaN in either gives nan.
    Errors: ValueError that names both shapes, where they differ.
    """
    ### BEGIN SOLUTION
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    if ours.shape != theirs.shape:
        raise ValueError(f"shapes differ: {ours.shape} and {theirs.shape}")
    return float(np.abs(ours - theirs).max())
    ### END SOLUTION

# %% grade="largest_difference" points=1
check.largest_difference(largest_difference)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Refuse what has another shape. Then subtract, take sizes, take the largest:
# in this order.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `np.asarray` takes arrays and tensors. `np.abs(...)`, `.max()`, `float(...)`.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Both as arrays; if the shapes differ, raise a ValueError that says both; the
# largest of the sizes of the differences, as a float.
#
# </details>
#
# ## Three programs, one text

# %%
TEXT = ("KING RICHARD:\nMy lord, I will not bear the crown of England, nor "
        "shall my brother.\n")
ids = tokenizer.encode(TEXT)
tree = layouts.from_params(params)  # the tree of lab 5
nano = GPT(GPTConfig(
    block_size=cfg["context_length"], vocab_size=cfg["vocab_size"],
    n_layer=cfg["n_layers"], n_head=cfg["n_heads"], n_embd=cfg["emb_dim"],
))
nano.load_state_dict(torch_layouts.to_nano(tree))
nano.eval()
with torch.no_grad():
    idx = torch.tensor([ids])
    scores = {
        "numpy_gpt": numpy_gpt.gpt2(ids, **tree, n_head=cfg["n_heads"]),
        "GPTModel": gpt(idx)[0].numpy(),
        "GPT": nano(idx, targets=idx)[0][0].numpy(),  # scores of all places
    }
for name, value in scores.items():
    print(f"{name:10} {value.shape}  {value[-1, :4]}")

# %% predict="my_apart"
# How far are two of them apart, at worst? The scores themselves go up to
# about 20.
my_apart = None  # a number, before you run anything below

# %% figure="triangle" numbers="worst_apart best_size n_scores"
pairs = [("numpy_gpt", "GPTModel"), ("GPTModel", "GPT"), ("GPT", "numpy_gpt")]
apart = {pair: largest_difference(scores[pair[0]], scores[pair[1]])
         for pair in pairs}
corners = {"numpy_gpt": (0, 0), "GPTModel": (0.5, 1), "GPT": (1, 0)}
fig, (left, right) = plt.subplots(1, 2, figsize=(10.5, 3.6))
for pair, far in apart.items():
    (x0, y0), (x1, y1) = (corners[name] for name in pair)
    left.plot((x0, x1), (y0, y1), color="tab:green" if far < 1e-4
              else "tab:red", linewidth=3, zorder=1)
    left.text((x0 + x1) / 2, (y0 + y1) / 2, f"{far:.1e}", ha="center",
              va="center", fontsize=11, bbox={"fc": "white", "ec": "none"})
for name, (x, y) in corners.items():
    left.text(x, y, name, ha="center", va="center", fontsize=12,
              bbox={"boxstyle": "round,pad=0.5", "fc": "lightyellow"})
left.set(xlim=(-0.3, 1.3), ylim=(-0.25, 1.25))
left.set_title("largest difference of the scores")
left.axis("off")
bent = copy.deepcopy(gpt)  # a bug to compare with: GELU by erf, see lab 7
for block in bent.trf_blocks:
    block.ff.layers[1] = torch.nn.GELU()
with torch.no_grad():
    others = {"numpy_gpt": scores["numpy_gpt"],
              "GPTModel with erf": bent(idx)[0].numpy()}
for name, other in others.items():
    size = np.abs(scores["GPTModel"] - other).ravel()
    right.hist(np.log10(size[size > 0]), bins=40, histtype="stepfilled",
               alpha=0.6, label=f"GPTModel and {name}")
right.axvline(-4, color="tab:red", linestyle="--", label="what we allow")
right.set(xlabel="difference, as a power of 10", ylabel="scores")
right.margins(y=0.4)
right.legend(fontsize=8, loc="upper left")
fig.tight_layout()
plt.show()
worst_apart = max(apart.values())
best_size = max(np.abs(value).max() for value in scores.values()).item()
n_scores = scores["GPT"].size
print(f"{worst_apart:.1e} at worst; you said {my_apart}")

# %% [markdown]
# {{n_scores:,}} scores of a size of up to {{best_size:.0f}}, and no two
# programs are further apart than {{worst_apart:.1e}}. Why not 0? A float32 has
# about seven digits. Where two programs add up the same numbers in another
# order, the last digits differ. (The two that use PyTorch may even agree to
# the last bit, as they call the same routines.) So we allow **0.0001**: about
# ten times what rounding needs. The second hill shows a small bug, GELU by
# erf. Nearly all of it lies on the other side of the line, and its worst score
# lies far beyond.
#
# # Part 4 · Fluent text is no proof
#
# Now the five from the first screen. Number 3 is your model. The four others
# come from loaders that are broken, each in one way, by a fault that people
# make. From here on the loaders have names, in another order: text 1 is by
# loader *three*, text 2 by *four*, text 4 by *one* and text 5 by *two*.
#
# On Shakespeare that it has not seen, your model has a loss of
# {{good_loss:.2f}} nats per token.

# %% predict="my_loss"
# What loss has the worst of the four broken ones?
my_loss = None  # a number, before you run anything below

# %%
good = GPTModel(config_of(tiny.hparams()))
load_weights_into_gpt(good, nest(variables, 4))
good.eval()
broken = {name: faulty.load(name) for name in ("one", "two", "three", "four")}
order = {"1": broken["three"], "2": broken["four"], "3": good,
         "4": broken["one"], "5": broken["two"]}
small_tokenizer = tiny.tokenizer()
corpus = texts.tiny_shakespeare().text
held_back = torch.tensor(small_tokenizer.encode(
    corpus[-steps(30_000, graded=3_000):]))
rows = held_back[: len(held_back) // 65 * 65].view(-1, 65)


@torch.no_grad()
def loss_of(model):
    """Mean loss on held-back Shakespeare, in nats per token."""
    scores = model(rows[:, :-1])
    return torch.nn.functional.cross_entropy(
        scores.flatten(0, 1), rows[:, 1:].flatten()).item()


def tiny_text(model, start, n_tokens=32):
    idx = text_to_token_ids(start, small_tokenizer)
    return token_ids_to_text(generate(model, idx, n_tokens, 64),
                             small_tokenizer)


# %% numbers="five_texts good_loss worst_loss five_loss"
losses = {number: loss_of(model) for number, model in order.items()}
for number, loss in losses.items():
    print(f"{number}  loss {loss:.4f}")
good_loss, worst_loss = losses["3"], max(losses.values())
five_loss = losses["5"]
print(f"the worst has {worst_loss:.3f}; you said {my_loss}")
five_texts = "\n".join(
    f"{number}  " + " / ".join(tiny_text(model, "What is the").split("\n"))
    + " …" for number, model in order.items()).replace(" /  / ", " // ")
print(five_texts)

# %% [markdown]
# Yours has {{good_loss:.3f}}, the worst {{worst_loss:.3f}}. A difference like
# that could be a slightly longer training. Loss shows nothing, and the texts
# are all of the same kind. Number 3 and number 5 are even the *same* text, and
# their losses are {{good_loss:.4f}} and {{five_loss:.4f}}.
#
# Most faults are louder. This is your model with attention's `c_proj` the
# wrong way round in all blocks:

# %% numbers="loud_loss loud_text"
loud = copy.deepcopy(good)
for block in loud.trf_blocks:
    block.att.out_proj.weight.data = block.att.out_proj.weight.data.T
loud_loss = loss_of(loud)
loud_text = " / ".join(tiny_text(loud, "What is the").split("\n"))
print(f"loss {loud_loss:.2f}\n{loud_text}")

# %% [markdown]
# ```text
# {{loud_text}}
# ```
#
# A loss of {{loud_loss:.2f}}. Such a fault is no trouble: you see it. The
# others are.
#
# ## Where does it begin?
#
# Scores that differ say *that* something is wrong. To see *where*, look
# inside: let the good and the broken model read the same ids, and keep what
# each part gives. This does it with forward hooks, functions that PyTorch
# calls after a module. `pos_emb` is read like a list and not called, so we
# write it down ourselves.

# %%
@torch.no_grad()
def outputs_of(model, idx):
    """{name of a part: what it gave}, in the order of the forward pass."""
    found = {}

    def keep_as(name):
        def keep(module, inputs, output):
            found[name] = output.detach().clone()
            if name == "tok_emb":
                found["pos_emb"] = model.pos_emb.weight[: idx.shape[1]].clone()
        return keep

    parts = [(name, part) for name, part in model.named_modules()
             if not list(part.children()) and "drop" not in name]
    hooks = [part.register_forward_hook(keep_as(name)) for name, part in parts]
    model(idx)
    for hook in hooks:
        hook.remove()
    return found


probe = held_back[None, :40]
ours = outputs_of(good, probe)
for name, output in list(ours.items())[:11]:
    print(f"{name:28} {tuple(output.shape)}")
print(f"... {len(ours)} parts in all")

# %% [markdown]
# All parts before the fault get the same input and give the same output. Then
# one differs, and from there on *everything* differs, since each part passes
# the fault on. So the first one that differs is where it begins. By hand, with
# a tolerance of 0.0001:
#
# | part | ours | theirs | difference | |
# |---|---|---|---|---|
# | table | 1, 2 | 1, 2 | 0 | |
# | norm | 0.5, −0.5 | 0.5, −0.49995 | 0.00005 | rounding |
# | look | 0, 1 | 0, 1 | 0 | |
# | mix | 3, 4 | 3.5, 4 | **0.5** | **begins here** |
# | add | 4, 6 | 4, 6.75 | 0.75 | passes it on |
# | turn | 1, 1 | 1, 0.25 | 0.75 | passes it on |
# | bend | 2, 1 | 2, 6 | 5 | makes it worse |
# | block | 6, 7 | 6, 9 | 2 | passes it on |
# | head | 9, 7 | 9, 8 | 1 | passes it on |
#
# With a tolerance of 1 it would be `bend`, and with 5 none: `None`. A
# difference of exactly the tolerance still counts as equal. (The checks hand
# over `theirs` in another order: the name says which belong together.)
#
# One trap. A broken model may give NaN, "not a number". NaN compares as false
# with everything, so `nan > 0.0001` is False, as if all were well.

# %% answer="first_difference" level=2 minutes=8
def first_difference(ours, theirs, tolerance=1e-4):
    """The name of the first part whose output differs: where a bug begins.

    ours, theirs: {name: output} in the order of the forward pass
    returns: a name, or None where no part is further off than tolerance.
    A NaN counts as a difference, also where both have it.
    Errors: KeyError for a part that theirs lacks.
    """
    ### BEGIN SOLUTION
    for name, output in ours.items():
        if not largest_difference(output, theirs[name]) <= tolerance:
            return name
    return None
    ### END SOLUTION

# %% grade="first_difference" points=2
check.first_difference(first_difference)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Go through our parts in their order. The first one that is not near its
# namesake is the answer. If you come to the end, there is none.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `ours.items()`; a dict keeps its order. `theirs[name]` finds the namesake,
# and raises the KeyError by itself. `largest_difference`. For NaN: `not (x <=
# t)` is true where `x > t` is not.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# For each name and output: if the largest difference is not at most the
# tolerance, return the name. After the loop, return None.
#
# </details>
#
# Where do the four begin?

# %%
theirs = {name: outputs_of(model, probe) for name, model in broken.items()}
begins = {name: first_difference(ours, found)
          for name, found in theirs.items()}
for name, part in begins.items():
    far = largest_difference(ours[part], theirs[name][part])
    print(f"{name:6} begins at {part:28} {far:.4f}")

# %% [markdown]
# All parts of all four at once. A column is a part, the color says how far it
# is from yours, and the red frame is your `first_difference`:

# %% figure="where" numbers="n_parts"
parts = list(ours)
n_parts = len(parts)
table = np.array([[largest_difference(ours[part], found[part])
                   for part in parts] for found in theirs.values()])
fig, ax = plt.subplots(figsize=(11.5, 3.6))
shown = ax.imshow(np.log10(np.maximum(table, 1e-6)), cmap="magma",
                  aspect="auto", vmin=-6, vmax=1)
for row, name in enumerate(theirs):
    at = parts.index(begins[name])
    ax.add_patch(plt.Rectangle((at - 0.5, row - 0.5), 1, 1, fill=False,
                               edgecolor="red", linewidth=2.5))
ax.set_xticks(range(n_parts), [part.replace("trf_blocks.", "")
                               .replace(".weight", "") for part in parts],
              rotation=90, fontsize=8)
ax.set_yticks(range(4), list(theirs))
ax.set_title("how far each part is from the right one: black is equal")
fig.colorbar(shown, label="power of 10", pad=0.01)
fig.tight_layout()
plt.show()

# %% [markdown]
# Black, then a first light column, then light to the end. That is what a fault
# looks like. The place is half of the answer. What is wrong there? Here is the
# difference at that part, place by place (down) and number by number (across).
# Blue is more than yours, red is less, white is equal; each picture has a scale
# of its own:

# %% figure="stripes"
fig, axes = plt.subplots(1, 4, figsize=(12, 3.2))
for ax, (name, part) in zip(axes, begins.items()):
    change = (theirs[name][part] - ours[part]).squeeze(0)[:, :72]
    most = change.abs().quantile(0.98).item()
    ax.imshow(change, cmap="RdBu", vmin=-most, vmax=most, aspect="auto")
    ax.set_title(f"{name}\n{part.replace('trf_blocks.', '')}", fontsize=10)
    ax.set_xlabel("number")
axes[0].set_ylabel("place in the text")
fig.tight_layout()
plt.show()

# %% [markdown]
# Two kinds. Where the same stripes run from the top to the bottom, the same
# vector was added in all places. That is what a *bias* does. Where each place
# has a pattern of its own, something depends on the place or on the text.
#
# Which fault has which loader? One of these eight each:
#
# | | what the loader did |
# |---|---|
# | a | made GELU with the error function (erf) in place of tanh |
# | b | left the table of positions as it was drawn |
# | c | gave each feed-forward the last bias of the block *before* |
# | d | did not transpose the weight of v |
# | e | put ReLU in the place of GELU |
# | f | left out the bias of v |
# | g | gave each feed-forward the last bias of block *0* |
# | h | gave each position the row of the *next* one |
#
# They come in pairs that begin at the same part, so the place alone does not
# decide. Look into the parameters as well. You have all tools: `broken["one"]`
# is a model like yours, so you can compare any of its weights with any of
# yours. For a start, this tells which parameters differ at all:

# %%
mine = dict(good.named_parameters())
for name, model in broken.items():
    unlike = [part for part, weight in model.named_parameters()
              if largest_difference(weight.detach(), mine[part].detach()) > 0]
    print(f"{name:6} {len(unlike)}: {', '.join(unlike[:3])}")

# %% [markdown]
# Your own search goes here. For example: this bias is not yours. Whose is it?

# %%
broken["three"].trf_blocks[1].ff.layers[2].bias[:4]  # change as you like

# %% answer="culprits" level=3 minutes=15
# The letter of what each loader did wrong, from the list above.
### BEGIN SOLUTION
culprits = {"one": "h", "two": "a", "three": "c", "four": "f"}
### END SOLUTION

# %% grade="culprits" points=1
check.culprits(culprits)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Each loader first by its place: two faults of the list are left. Then by the
# kind of the difference: stripes or not, large or tiny.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# The pair with the positions: compare row 0 of the broken table with row 1 of
# yours. The pair with the last bias: in block 1 the two are the same, so look
# at block 2. The pair at GELU: the curves of erf and tanh are 0.0005 apart at
# most, ReLU is up to 0.17 away. The pair at v: does the weight differ, or the
# bias?
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# `culprits` is a dict with the keys "one", "two", "three", "four", and a
# letter in quotes for each.
#
# </details>
#
# ## What even equal scores do not show
#
# One more thing can go wrong with weights, and it is the strangest. Look at
# the picture of `c_attn` again: the bias of the keys is nearly 0. Add 5 to all
# of them, in every block:

# %% predict="my_shift"
# How far do the scores move? (The scores go up to about 20.)
my_shift = None  # a number, before you run anything below

# %% numbers="shifted"
shifted_model = GPTModel(config_of(tiny.hparams()))
load_weights_into_gpt(shifted_model, nest(variables, 4))
shifted_model.eval()
with torch.no_grad():
    for block in shifted_model.trf_blocks:
        block.att.W_key.bias = torch.nn.Parameter(block.att.W_key.bias + 5)
    shifted = largest_difference(shifted_model(probe), good(probe))
print(f"{shifted:.5f}; you said {my_shift}")
print(first_difference(ours, outputs_of(shifted_model, probe)))

# %% [markdown]
# {{shifted:.5f}}: rounding. The bias of a key adds, for a given query, *the
# same number* to all of its scores, the product of query and bias. Softmax
# does not see a number that is added to all. So k's bias does nothing, in any
# text, ever. Its gradient is 0, so training left it where it began: that is
# why it is nearly 0 in the picture.
#
# A loader that forgets it gives right scores. The *file* would still be loaded
# wrongly. Look at the line that was printed last: `first_difference` has found
# it, since it compares what each part gives, and the keys *are* 5 away. So
# scores do not show it, and parts and tensors do. A good loader is checked
# twice: all tensors by name, and the scores.

# %% [markdown] explain="not_proof" points=1 level=2 minutes=8
# ## Why is fluent text no proof?
#
# A friend has loaded GPT-2 into her own class. "It works," she says, "look at
# the text."
#
# 1. Why can a model with wrong weights write text like this? Give a reason,
#    and one fault from this lab with what it did to text and loss.
# 2. What would you ask her to compare, with what, and how near must it be?
#    What would even that not show?
#
# Answer in 4 to 7 sentences. Half a point each.
#
# ### BEGIN SOLUTION
# The model's knowledge is spread over very many numbers, and each part only
# adds a little to what flows past it. If a bias is missing or a function is a
# little off, most of what arrives at the head is still right, and softmax and
# greedy choice only ask which token is the likeliest, so a small change of the
# scores often changes no choice at all. GELU with erf moved the scores by
# about 0.01, and the greedy text was the same to the last letter; the table of
# positions shifted by one row changed the text, and the loss only in the
# second decimal place. Text has no right answer to which one could compare it.
# I would ask her to give the same ids to her model and to a program that is
# known to be right, and to compare the scores of all places and all tokens,
# not only the likeliest: the largest difference should be that of rounding,
# below about 1e-4 in float32. Where it is larger, the outputs of the parts in
# order say where it begins. Equal scores still do not show faults that cannot
# change them, as with the bias of the keys, or a place in the table of
# positions that the test text was too short to reach. So compare the tensors
# with the file, too.
# ### END SOLUTION
#
# ### BEGIN SCHEME
# Half a point for 1: a quarter for a reason (the fault is small against the
# rest, spread over many numbers, the residual stream carries on; or only the
# order of the likeliest tokens matters for text), a quarter for a fault from
# the lab with its effect. Half a point for 2: a quarter for scores (logits) on
# the same input against a trusted program within about 1e-4, or part by part;
# a quarter for a limit of that: k's bias, unused rows of wpe or wte, dropout,
# only one text. "Read more texts" or "look at the loss" earns nothing in 2.
# ### END SCHEME

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# How much of the way from ids to text does one bias make out? And how exact is
# the question "which token is the likeliest"?
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# The table of losses, the two equal texts, the triangle, the 0.0001, and the
# bias of the keys.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# A reason; a fault with two numbers; what to compare with what, and a bound;
# a fault that this cannot see.
#
# </details>
#
# ## What if?
#
# - Leave out the `.T` of `c_proj` of attention in `load_block`, and run from
#   there on, up to the triangle. Which of its sides turn red?
# - Swap `ln_1` and `ln_2` in one block only. In which block does it hurt most?
# - Build the model with `drop_rate` 0.1, load it, and leave it in `.train()`.
#   Call `generate(model, idx, 20, 64)` twice. (`greedy` would call `.eval()`.)
#   Do the two texts agree?
#
# # Part 5 · The reward
#
# Your class, OpenAI's numbers, your way of choosing, your words.
#
# If your notebooks of labs 6, 7 and 9 lie in the folders beside this one, the
# next cell takes your own classes and functions out of them. What it does not
# find comes from the library. (In Colab: upload them beside this one, or paste
# your `GPTModel` and your `generate` into a cell below this one.)

# %%
yours = own.taken()
model = yours["GPTModel"](cfg)
load_weights_into_gpt(model, params)
tie(model).eval()
with torch.no_grad():
    far = largest_difference(model(idx)[0], scores["GPT"])
print(f"{far:.1e} from nanoGPT's class:",
      "it is GPT-2" if far < 1e-4 else "not yet the same model")

# %% [markdown]
# That line is the proof. Now the text. Change the prompt, and the knobs:

# %%
prompt = "Every effort moves you" if DOWNLOAD else "ADA:\nMy love, I"
knobs = {"temperature": 0.8, "top_k": 40}
seed = 1337

dice = torch.Generator().manual_seed(seed)
start = text_to_token_ids(prompt, tokenizer)
with torch.no_grad():
    out = yours["generate"](model, start, 60, cfg["context_length"],
                            **knobs, generator=dice)
print(token_ids_to_text(out, tokenizer))

# %% [markdown]
# With `DOWNLOAD = True` at the top and *Run all*, the same cells give you the
# real GPT-2. Nothing else changes: that was the point of ten labs.
#
# # Quiz

# %% choice="which_check" points=1 level=2 minutes=3
question = "You have loaded a checkpoint into your class. The text reads well. You have time for one check. Which finds the most faults?"
options = {
    "Write ten more texts, some of them with temperature and top_k": "No: four broken loaders wrote texts "
    "that nobody could tell from the right ones, and dice hide small differences even better.",
    "Count the parameters, and compare all shapes with those of the file": "No: a square matrix on its "
    "side, two norms swapped and the bias of another block have the right shapes, and the right number.",
    "Compare all scores with those of another program, on the same ids, to 0.0001": "Right: nearly every "
    "fault changes some score by more than that, and rounding does not. Only what cannot change a "
    "score, such as the bias of the keys, is left.",
    "Compare the likeliest next token with that of another program, for ten texts": "No: GELU by erf gave "
    "the same likeliest token every time. The likeliest is the last thing that changes.",
}
right = "Compare all scores with those of another program, on the same ids, to 0.0001"

# %% [markdown]
# The others aloud: choose, then open.
#
# **2. A friend loads with `model.load_state_dict(weights, strict=False)`.
# There is no error. What does that say?**
#
# - a) All names and shapes fit.
# - b) All names that are in both fit in shape. Any number of names may be
#   missing.
# - c) The weights were loaded, in another order.
#
# <details><summary>Open</summary>
#
# - a) No: that is what `strict=True` would say.
# - **b) Right.** With names of another layout, nothing at all may be loaded,
#   without a word. What it returns lists the missing names. Read that.
# - c) No: a dict has names, and the order does not matter.
#
# </details>
#
# **3. After loading GPT-2 124M your model has 163,037,184 parameters. The file
# has 124,439,808. Why?**
#
# - a) Masks and buffers count as well.
# - b) The head is a copy of the table of tokens: 50,257 × 768 = 38,597,376.
# - c) The biases of q, k and v came in addition.
#
# <details><summary>Open</summary>
#
# - a) No: buffers are no parameters.
# - **b) Right.** `tie` makes one of the two.
# - c) No: they are in the file. They are 27,648 numbers.
#
# </details>
#
# **4. Greedy, the same start, twice, and two different texts. What do you look
# at first?**
#
# - a) The seed.
# - b) Whether the model is in `eval()` mode.
# - c) The transposes.
#
# <details><summary>Open</summary>
#
# - a) No: greedy rolls no dice.
# - **b) Right.** A dropout of 0.1 is on while a model trains, and it rolls
#   dice. `drop_rate` 0 or `eval()` switches it off.
# - c) No: a matrix on its side is wrong in the same way each time.
#
# </details>
#
# **5. `first_difference` says `trf_blocks.7.norm2`. All parts before agree,
# attention's `out_proj` in block 7, too. Where is the fault?**
#
# - a) In the feed-forward of block 7.
# - b) In the attention of block 7.
# - c) In `norm2` of block 7 itself.
#
# <details><summary>Open</summary>
#
# - a) No: it comes after.
# - b) No: what attention gave is right.
# - **c) Right.** Its input is x plus what attention gave, and both are right.
#   So its own numbers are wrong: perhaps those of `ln_1`.
#
# </details>
#
# ## Where you are
#
# You can look into a checkpoint, move it into a class of your own, and prove
# that it arrived. There is no part of GPT-2 that you have not written. Lab 11
# takes the third corner of the triangle apart: nanoGPT's way to write the same
# model, quicker and in half the lines.
#
# **Credits.** `assign`, `load_weights_into_gpt` and the helper
# `download_and_load_gpt2` have the names and the form that Sebastian Raschka
# gave them in *Build a Large Language Model (From Scratch)*, 2024, chapter 5,
# and its [code](https://github.com/rasbt/LLMs-from-scratch). Weights and
# layout: Radford et al., *Language Models are Unsupervised Multitask
# Learners*, 2019, and OpenAI's [gpt-2](https://github.com/openai/gpt-2). One
# table for tokens and head: Press and Wolf, *Using the Output Embedding to
# Improve Language Models*, 2017. The third class follows A. Karpathy's
# [nanoGPT](https://github.com/karpathy/nanoGPT), the first J. Mody's
# [picoGPT](https://github.com/jaymody/picoGPT). The tiny model learned from
# the text of [char-rnn](https://github.com/karpathy/char-rnn).
