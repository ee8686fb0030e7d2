# %% [markdown]
# # Lab 8 · Pretraining
#
# One model, the same first words, nobody helps. Before, and after it has read
# one short story {{epochs}} times, which took {{train_seconds:.0f}} seconds:
#
# ```text
# {{side_by_side}}
# ```
#
# It sounds as if it had learned to write. Here is what it has learned:
#
# {{figure:losses}}
#
# One line falls to the end. The other turns. By the end of the lab you know
# what that means, and you can switch a training off in the middle and go on
# the next day, to the same loss in the last digit.

# %% [markdown]
# ## Three questions to warm up
#
# Answer aloud, then open.
#
# <details><summary>1. (Lab 1) A model that knows nothing chooses among 65
# characters. What is its loss?</summary>
#
# ln 65 ≈ 4.17: each gets the chance 1/65, and the loss is −ln of the chance of
# what came.
#
# </details>
# <details><summary>2. (Lab 3) Before you measure a loss you call
# <code>model.eval()</code>. What changes?</summary>
#
# Dropout is switched off. Else the same text would get another loss each time,
# and a worse one.
#
# </details>
# <details><summary>3. (Lab 7) <code>GPTModel</code> gives scores (B, T, V).
# When the model writes, you use those of the last place. Which ones do you use
# when it learns?</summary>
#
# All. Each place is a question of its own, "what comes next?", and the answer
# is known. So a window of 64 tokens is 64 exercises.
#
# </details>

# %% [markdown]
# ## Setup
#
# This notebook runs in Colab and on your own machine, without a GPU. At the
# end there is one cell for those who have one.

# %%
import math
import time
from pathlib import Path

import matplotlib.pyplot as plt
import torch
import torch.nn as nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset

from gptlab import data as texts, steps, tiny
from gptlab.checks import lab08_pretraining as check
from gptlab.gpt import GPTModel, generate_text_simple

torch.set_num_threads(1)  # tensors this small: one core is quicker than two
device = torch.device("cpu")
studying = steps(2, graded=1) == 2  # False while the lab is graded

# %% [markdown]
# `GPTModel` and `generate_text_simple` are those of lab 7, in the library's
# form. The text is a short story, *The Verdict* by Edith Wharton, 1908.

# %% numbers="n_chars text_name"
corpus = texts.the_verdict()
text_name, text = corpus.name, corpus.text
text = text[: steps(len(text), graded=4000)]
n_chars = len(text)
print(f"{text_name}: {n_chars:,} characters")
print(text[:180], "…")

# %% [markdown]
# ## Tokens
#
# GPT-2 has 50,257 tokens. So a model has to give 50,257 scores for *every*
# place. The story uses fewer than 1,400 of them. On a small machine the other
# scores would take nearly all of the time, and nothing is learned from them.
#
# So we keep GPT-2's way to cut a text, and only those tokens that we need: the
# ones of the story, and the 256 single bytes. With the bytes any other text
# can still be said. (The list knows which words occur in the whole story. It
# does not know in which order.)
#
# Where the files of GPT-2 cannot be had, and while the lab is graded, the 512
# tokens of the tiny GPT-2 take their place.

# %%
class Kept:
    """The tokens of one text, and all single bytes, of a larger vocabulary."""

    def __init__(self, whole, text):
        self.whole = whole
        end = whole.special_tokens["<|endoftext|>"]
        used = {*whole.encode(text), *whole.byte_ids, end}
        self.old = sorted(used)
        self.new = {old: new for new, old in enumerate(self.old)}
        self.vocab_size = len(self.old)

    def encode(self, text, allowed_special=frozenset()):
        ids = []
        for old in self.whole.encode(text, allowed_special=allowed_special):
            if old not in self.new:  # say it byte by byte
                parts = [self.whole.byte_ids[b] for b in self.whole.vocab[old]]
            else:
                parts = [old]
            ids += [self.new[part] for part in parts]
        return ids

    def decode(self, ids):
        return self.whole.decode([self.old[i] for i in ids])

# %% numbers="whose vocab_size n_tokens all_tokens"
tokenizer, whose, all_tokens = tiny.tokenizer(), "the tiny GPT-2's", 512
if studying:
    from gptlab import tokenizers

    try:
        gpt2 = tokenizers.gpt2()
        tokenizer, whose, all_tokens = Kept(gpt2, text), "GPT-2's", 50257
    except texts.DataError as error:
        print(error)
vocab_size = tokenizer.vocab_size
n_tokens = len(tokenizer.encode(text))
print(f"{whose} tokens: {vocab_size:,} kept of {all_tokens:,}; "
      f"the text is {n_tokens:,} of them")

# %% [markdown]
# # Part 1 · From a text to batches
#
# ## There and back
#
# A model takes a batch, (B, T). One text is a batch of one. Two small
# functions, which you will use all the time.
#
# By hand, with a tokenizer of 27 tokens: *a* is 0, *b* is 1, … *z* is 25, and
# `<|endoftext|>` is 26.
#
# ```text
# abba                [[0, 1, 1, 0]]      (1, 4)
# a<|endoftext|>b     [[0, 26, 1]]        (1, 3)
# ```
#
# `<|endoftext|>` is a special token: the tokenizers of lab 4 refuse it in a
# text, unless you allow it by name.

# %% answer="token_ids" level=1 minutes=5
def text_to_token_ids(text, tokenizer):
    """A batch of one text: ids, (1, T), int64. <|endoftext|> is one token."""
    ### BEGIN SOLUTION
    ids = tokenizer.encode(text, allowed_special={"<|endoftext|>"})
    return torch.tensor(ids).unsqueeze(0)
    ### END SOLUTION


def token_ids_to_text(token_ids, tokenizer):
    """The text of a batch of one: token_ids is (1, T)."""
    ### BEGIN SOLUTION
    return tokenizer.decode(token_ids.squeeze(0).tolist())
    ### END SOLUTION

# %% grade="token_ids" points=1
check.token_ids(text_to_token_ids, token_ids_to_text)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# There: encode, make a tensor of the list, add an axis of 1 in front. Back:
# take that axis away, make a list, decode.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `encode` takes `allowed_special=`, a set of texts. `torch.tensor`,
# `unsqueeze` (or a second pair of brackets), `squeeze` with the axis it may
# take away, and `tolist`.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# First function: two lines, the ids with the one special token allowed, then
# the tensor with a first axis more. Second function: the row of the batch as
# a plain list, handed to the tokenizer.
#
# </details>
#
# The model and its sizes. Now you have all it needs to write, untrained:

# %% numbers="n_params context emb_dim n_layers n_heads first_words"
CONFIG = {
    "vocab_size": vocab_size,
    "context_length": 64,
    "emb_dim": 64,
    "n_heads": 4,
    "n_layers": 2,
    "drop_rate": 0.1,
    "qkv_bias": False,
}
context, emb_dim = CONFIG["context_length"], CONFIG["emb_dim"]
n_layers, n_heads = CONFIG["n_layers"], CONFIG["n_heads"]
first_words = "I had always thought"


def new_model(seed=123):
    torch.manual_seed(seed)
    return GPTModel(CONFIG)


def write(model, start, n_tokens=30):
    """The start, continued greedily, as one line that a screen can show."""
    model.eval()
    ids = text_to_token_ids(start, tokenizer)
    out = generate_text_simple(model, ids, n_tokens, context)
    line = token_ids_to_text(out, tokenizer).replace("\n", " ")
    shown = {c for c in line if c.isprintable()} - {"\ufffd", "`"}
    return "".join(c if c in shown else "·" for c in line)


untrained = new_model()
n_params = sum(p.numel() for p in untrained.parameters())
before = write(untrained, first_words, steps(30, graded=2))
print(f"{n_params:,} parameters")
print(before)

# %% [markdown]
# {{n_params:,}} parameters: {{n_layers}} blocks, {{n_heads}} heads,
# {{emb_dim}} numbers for each place, {{context}} places. GPT-2 has 400 times
# as many.
#
# ## Windows
#
# In lab 1 you drew windows at random places. Now they are laid out in order:
# one begins every `stride` tokens. So you know when every token has been seen,
# and "once through the text" gets a name: an **epoch**.
#
# By hand, ten tokens *a b c d e f g h i j*, `max_length` = 4:
#
# | stride | window | one token later |
# |---|---|---|
# | 4 | a b c d | b c d e |
# | | e f g h | f g h i |
# | 2 | a b c d | b c d e |
# | | c d e f | d e f g |
# | | e f g h | f g h i |
#
# With stride 4 there is no third window: *i j* are too few. And with stride 1
# there are six. The last one is *f g h i*, and its last target is *j*.

# %% answer="dataset" level=2 minutes=10
class GPTDatasetV1(Dataset):
    """Windows of a text, and the same windows one token later.

    Window i begins at token i * stride; only whole ones count. Item i: two
    tensors of ids, (max_length,), int64.
    """

    def __init__(self, txt, tokenizer, max_length, stride):
        self.input_ids = []
        self.target_ids = []
        ids = tokenizer.encode(txt, allowed_special={"<|endoftext|>"})
        ### BEGIN SOLUTION
        for start in range(0, len(ids) - max_length, stride):
            window = ids[start : start + max_length + 1]
            self.input_ids.append(torch.tensor(window[:-1]))
            self.target_ids.append(torch.tensor(window[1:]))
        ### END SOLUTION

    def __len__(self):
        ### BEGIN SOLUTION
        return len(self.input_ids)
        ### END SOLUTION

    def __getitem__(self, idx):
        ### BEGIN SOLUTION
        return self.input_ids[idx], self.target_ids[idx]
        ### END SOLUTION

# %% grade="dataset" points=2
check.dataset(GPTDatasetV1)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# In `__init__`: walk over all places where a window may begin, and keep two
# tensors for each. The other two methods only say how many, and hand out one
# pair.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `range` has a step. Where must it stop? A window at `start` needs
# `max_length` tokens *and one more*, for its last target. `torch.tensor` makes
# a tensor of a part of a list.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# For each start, from 0 in steps of the stride, as long as one token more than
# a window is left: append the window to the one list, and the same slice moved
# by one to the other list. Then a length, and two entries with the same index.
#
# </details>
#
# ## Batches
#
# PyTorch's `DataLoader` takes a dataset, asks it for items, and stacks them: B
# windows of T tokens become two tensors (B, T). Three of its settings matter:
#
# - `shuffle`: another order in each epoch;
# - `drop_last`: what if the last batch is not full? Leave it out, or keep it;
# - `num_workers`: helpers that prepare batches. Our data is small: 0.
#
# By hand: the six windows of stride 1, `batch_size` = 4. One full batch, and
# two windows are left. With `drop_last` there is one batch, without it there
# are two, of 4 and of 2 windows.

# %% answer="dataloader" level=1 minutes=5
def create_dataloader_v1(
    txt, batch_size=4, max_length=256, stride=128,
    shuffle=True, drop_last=True, num_workers=0,
):
    """A DataLoader of the text's windows, with the global `tokenizer`.

    Its batches: two tensors of ids, (batch_size, max_length).
    """
    ### BEGIN SOLUTION
    windows = GPTDatasetV1(txt, tokenizer, max_length, stride)
    return DataLoader(
        windows, batch_size=batch_size, shuffle=shuffle,
        drop_last=drop_last, num_workers=num_workers,
    )
    ### END SOLUTION

# %% grade="dataloader" points=1
check.dataloader(create_dataloader_v1)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Two things: build your dataset, wrap it.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `GPTDatasetV1(...)` takes four things, one of them the global `tokenizer`.
# `DataLoader(dataset, batch_size=..., ...)` has the same names for its
# settings as this function.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# One name for the dataset. Return a loader of it that gets all four of
# `batch_size`, `shuffle`, `drop_last` and `num_workers`.
#
# </details>
#
# ## No leak
#
# The model learns from one part of the text, and is examined on another part,
# which it never sees. If a piece of the exam is in the exercises, the exam
# says nothing. So **first cut the text, then make windows**. The other way
# round, windows that overlap put the same tokens on both sides.
#
# By hand: 20 characters, `train_ratio` = 0.8, `max_length` = 3, with the
# letters *a* to *t*. The cut is at character 16.
#
# | | text | windows |
# |---|---|---|
# | training | a … p | abc, def, ghi, jkl, mno |
# | validation | q r s t | qrs |
#
# With `batch_size` = 2 training has two batches in each epoch, and every time
# another window stays out. Validation has one batch, with one window. It is in
# order and complete: an exam is the same for all.

# %% answer="loaders" level=2 minutes=6
def make_loaders(txt, train_ratio, batch_size, max_length):
    """(train_loader, val_loader) of the first part of txt and of the rest.

    The text is cut at character int(train_ratio * len(txt)). Windows do not
    overlap. Training: shuffled, full batches only. Validation: in order, all.
    """
    ### BEGIN SOLUTION
    at = int(train_ratio * len(txt))
    train_loader = create_dataloader_v1(
        txt[:at], batch_size, max_length, stride=max_length,
    )
    val_loader = create_dataloader_v1(
        txt[at:], batch_size, max_length, stride=max_length,
        shuffle=False, drop_last=False,
    )
    return train_loader, val_loader
    ### END SOLUTION

# %% grade="loaders" points=1
check.loaders(make_loaders)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# One place where the text is cut, and two calls of your own function, each
# with its part.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `txt[:at]` and `txt[at:]`. Windows do not overlap if one begins where the one
# before has ended: which stride is that? Read the defaults of
# `create_dataloader_v1`: for training two of them fit, for validation the same
# two do not.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# `at` as the docstring says. A loader of the first part, with stride equal to
# `max_length`. A loader of the rest, likewise, with `shuffle` and `drop_last`
# turned off. Return both, training first.
#
# </details>

# %% numbers="n_train n_val n_batches n_val_batches"
batch_size = 2
train_loader, val_loader = make_loaders(text, 0.9, batch_size, context)
n_train, n_val = len(train_loader.dataset), len(val_loader.dataset)
n_batches, n_val_batches = len(train_loader), len(val_loader)
print(f"training: {n_train} windows, {n_batches} batches an epoch")
print(f"validation: {n_val} windows, {n_val_batches} batches")

# %% [markdown]
# What would the other way do? Windows of the whole text, one every 32 tokens;
# then every tenth window is kept for the exam. How much of the exam is then in
# the exercises? Guess.

# %% predict="my_leak"
my_leak = None  # percent of the exam's tokens, before you run anything below

# %% numbers="leak"
half = context // 2
starts = range(0, n_tokens - context, half)
exam = set(starts[5::10])
learned, examined = set(), set()
for start in starts:
    places = range(start, start + context)
    (examined if start in exam else learned).update(places)
leak = len(learned & examined) / len(examined)
print(f"{leak:.0%} of the exam is in the exercises; you said {my_leak}")

# %% figure="leak"
fig, axes = plt.subplots(2, 1, figsize=(8, 2.9), sharex=True)
for i, start in enumerate(starts[:14]):
    color = "tab:orange" if start in exam else "tab:blue"
    axes[0].barh(i % 2, context, left=start, height=0.8, color=color,
                 edgecolor="white")
for i in range(7):
    color = "tab:orange" if i == 6 else "tab:blue"
    axes[1].barh(0, context, left=i * context, height=0.8, color=color,
                 edgecolor="white")
axes[1].axvline(6 * context, color="black", linestyle="--")
axes[0].set_title(f"windows first, then dealt out: {leak:.0%} of the exam "
                  "(orange) is in the exercises (blue)")
axes[1].set_title("cut first (dashed), then windows: none")
axes[1].set_xlabel("token")
for ax in axes:
    ax.set_yticks([])
fig.tight_layout()
plt.show()

# %% [markdown]
# All of it. Each window shares half with the one before it, and half with the
# one after it, so between two windows of exercises lies nothing that is new.
# That is an exam with the answers handed out before, and the loss would look
# very good.
#
# # Part 2 · The loss
#
# ## From scores to one number
#
# Two texts of two tokens, a vocabulary of four: *a b c d*. So the scores are
# (B=2, T=2, V=4). Below are not the scores but the chances that softmax makes
# of them, since one can compute with these by hand. (For scores, take the
# logarithm of each.)
#
# | text, place | a | b | c | d | what came | its chance | −ln |
# |---|---|---|---|---|---|---|---|
# | 0, 0 | ½ | ¼ | ⅛ | ⅛ | a | ½ | 0.6931 |
# | 0, 1 | ⅛ | ⅛ | ½ | ¼ | d | ¼ | 1.3863 |
# | 1, 0 | ¼ | ¼ | ¼ | ¼ | b | ¼ | 1.3863 |
# | 1, 1 | ⅛ | ½ | ⅛ | ¼ | c | ⅛ | 2.0794 |
# | mean | | | | | | | **1.3863** |
#
# (All are multiples of ln 2 = 0.6931: one, two, two and three of them. Eight,
# over four places, is two: 1.3863 = ln 4.)
#
# The table has one row for each place. Which text a place belongs to does not
# matter any more. So the two axes B and T become one: (2, 2, 4) → (4, 4), and
# the answers (2, 2) → (4,). That is **flattening**. Here is the table again,
# step by step:

# %%
chances = torch.tensor([[[4, 2, 1, 1], [1, 1, 4, 2]],
                        [[2, 2, 2, 2], [1, 4, 1, 2]]]) / 8  # (B, T, V)
logits = chances.log()
came = torch.tensor([[0, 3], [1, 2]])  # (B, T): a d, b c
flat = logits.flatten(0, 1)  # (B*T, V)
answers = came.flatten()  # (B*T,)
print("shapes:", tuple(logits.shape), "->", tuple(flat.shape),
      "and", tuple(came.shape), "->", tuple(answers.shape))
logs = flat.log_softmax(dim=-1)
picked = logs[range(4), answers]
print("ln of the chance of what came:", picked)
print("minus their mean:  ", -picked.mean().item())
print("F.cross_entropy:   ", F.cross_entropy(flat, answers).item())

# %% [markdown]
# `F.cross_entropy` takes the scores, not the chances: it does the softmax
# itself. And it wants the rows in one list.
#
# The model may stand on another machine part than the data: on a GPU. `device`
# says where, and `.to(device)` brings a tensor there. (If it is there already,
# nothing happens.)

# %% answer="loss_batch" level=2 minutes=6
def calc_loss_batch(input_batch, target_batch, model, device):
    """The mean cross-entropy of a batch, nats per token: a scalar tensor.

    input_batch, target_batch: (B, T) ids. model: gives scores, (B, T, V)
    """
    ### BEGIN SOLUTION
    input_batch = input_batch.to(device)
    target_batch = target_batch.to(device)
    logits = model(input_batch)  # (B, T, V)
    return F.cross_entropy(logits.flatten(0, 1), target_batch.flatten())
    ### END SOLUTION

# %% grade="loss_batch" points=1
check.loss_batch(calc_loss_batch)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Bring both tensors to where the model is, ask the model, flatten both, one
# call for the loss.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `.to(device)` returns a new tensor. `flatten(first_axis, last_axis)` makes
# one axis of several, and so does `reshape`; `view` fails where the numbers do
# not lie in a row. `F.cross_entropy` gives the mean by itself.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Two lines of moving; one line with the scores; return the cross-entropy of
# the scores, with batch and time as one axis, and the targets as one row. No
# `.item()`: who trains needs the graph.
#
# </details>
#
# ## Many batches
#
# The loss of a whole loader is the mean over all its *tokens*. By hand, three
# batches, the last one smaller:
#
# | batch | tokens | loss | tokens × loss |
# |---|---|---|---|
# | 0 | 4 | 1 | 4 |
# | 1 | 4 | 4 | 16 |
# | 2 | 2 | 5 | 10 |
# | all | 10 | | 30, so **3** for each token |
#
# The mean of 1, 4 and 5 would be 3.33: the two tokens of the small batch would
# count double. And only the first two batches (`num_batches` = 2): 20 / 8 =
# **2.5**. If there are no batches, there is no mean: **nan**, not a number.

# %% answer="loss_loader" level=2 minutes=10
def calc_loss_loader(data_loader, model, device, num_batches=None):
    """The mean loss over all tokens of the first num_batches batches: a float.

    None: all batches. A smaller last batch counts for less. nan without any.
    """
    ### BEGIN SOLUTION
    total, tokens = 0.0, 0
    for i, (xb, yb) in enumerate(data_loader):
        if i == num_batches:
            break
        loss = calc_loss_batch(xb, yb, model, device)
        total += loss.item() * yb.numel()
        tokens += yb.numel()
    return total / tokens if tokens else float("nan")
    ### END SOLUTION

# %% grade="loss_loader" points=2
check.loss_loader(calc_loss_loader)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Two running totals: of tokens × loss, and of tokens. At the end one over the
# other.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# Your `calc_loss_batch`, and `.item()` to keep a number and not a graph.
# `numel()` counts the numbers of a tensor. `enumerate` counts the batches, and
# `break` ends the loop. `float("nan")`.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# A loop over the batches with their number; stop as soon as the number is
# `num_batches`; add to both totals. After the loop: the quotient, or nan if no
# token was counted. With `num_batches=None` no number is equal to it, so the
# loop goes to the end.
#
# </details>
#
# ## Perplexity
#
# A loss of 1.3863, what does that mean? Take it back through the logarithm: e
# to the power of 1.3863 is 4. The model is **as unsure as someone who has to
# choose among 4 equally likely tokens**. That is the perplexity.
#
# | loss | 0 | 0.6931 | 1.3863 | 3 | ln V |
# |---|---|---|---|---|---|
# | perplexity | 1 | 2 | 4 | 20.09 | V |
#
# A model that knows nothing has the perplexity V, the size of its vocabulary.
# One that is never surprised has 1.
#
# (Some books use logarithms to the base 2. Then the loss is in *bits*, and the
# perplexity is 2 to its power. Ours is in *nats*, base e.)

# %% answer="perplexity" level=1 minutes=3
def perplexity(loss):
    """Among how many equally likely tokens one would have to choose.

    loss: nats per token, a float. returns: a float
    """
    ### BEGIN SOLUTION
    return math.exp(loss)
    ### END SOLUTION

# %% grade="perplexity" points=1
check.perplexity(perplexity)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# The loss is a logarithm. Undo it.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `math` has the function. Which base do our losses have?
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# One line: e to the power of the loss.
#
# </details>
#
# ## Two losses, measured fairly
#
# From now on we look at two losses: that of the training text and that of the
# exam. While measuring: no dropout, no graph. And after it everything is as
# before, since the training goes on: a model left in evaluation mode would
# train on without dropout, and nobody would notice.
#
# By hand: the training loader has batches with losses 1, 2, 6, the validation
# loader 11, 12, 16. With `eval_iter` = 2 the answer is (1.5, 11.5).

# %% answer="evaluate" level=1 minutes=5
def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    """(train_loss, val_loss), of eval_iter batches each, without dropout.

    No graph is recorded. Afterwards the model is ready to train again.
    """
    ### BEGIN SOLUTION
    model.eval()
    with torch.no_grad():
        train_loss = calc_loss_loader(train_loader, model, device, eval_iter)
        val_loss = calc_loss_loader(val_loader, model, device, eval_iter)
    model.train()
    return train_loss, val_loss
    ### END SOLUTION

# %% grade="evaluate" points=1
check.evaluate(evaluate_model)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Switch off, measure twice, switch on.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `model.eval()`, `model.train()`, a `with` block of `torch.no_grad()`, and
# your `calc_loss_loader`.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Evaluation mode; inside the block one loss for each of the two loaders, both
# with `eval_iter` batches; training mode; return both, training first.
#
# </details>
#
# The untrained model. What should its loss be, if it knows nothing?

# %% predict="my_first_loss"
my_first_loss = None  # a number, before you run anything below

# %% numbers="first_loss first_val_loss ln_v first_ppl"
few = 5 if studying else 1
first_loss, first_val_loss = evaluate_model(
    untrained, train_loader, val_loader, device, few,
)
ln_v, first_ppl = math.log(vocab_size), perplexity(first_val_loss)
print(f"training {first_loss:.3f}, validation {first_val_loss:.3f}, "
      f"ln {vocab_size:,} = {ln_v:.3f}, you said {my_first_loss}")
print(f"perplexity of the exam: {first_ppl:,.0f}")

# %% [markdown]
# A little over ln V = {{ln_v:.2f}}: random scores are a little worse than
# equal ones. If your first loss is far from there, stop and look for the
# mistake before you train.
#
# # Part 3 · One step, one batch
#
# ## A step
#
# As in lab 1: forget the old gradients, loss, backward, step. New is a belt
# for bad days. Sometimes one batch gives an enormous gradient, and one step
# with it ruins what many steps have built. **Clipping**: look at all gradients
# together as one long arrow. If the arrow is longer than `max_norm`, make it
# that long, and keep its direction.
#
# By hand, a model with two numbers and the gradient (3, 4). It has the length
# √(9 + 16) = 5. With `max_norm` = 1 it becomes (0.6, 0.8). With `max_norm` =
# 10 it stays as it is.
#
# Now a whole step, for a table of two tokens *a*, *b*, all zeros, and the
# exercise "after *a* comes *b*". Plain descent, learning rate 1:
#
# | | without a limit | `max_norm` = 0.3536 |
# |---|---|---|
# | chances after *a* | ½, ½ | ½, ½ |
# | loss | ln 2 = **0.6931** | **0.6931** |
# | gradient (chance minus truth) | ½, −½ | ½, −½ |
# | its length, √(¼ + ¼) | 0.7071 | 0.7071 |
# | clipped | | ¼, −¼ |
# | the row of *a* after the step | **−½, ½** | **−¼, ¼** |
#
# The loss that is returned is the one from *before* the step.

# %% answer="train_step" level=2 minutes=8
def train_step(model, optimizer, xb, yb, max_norm=None):
    """Learn from one batch, (B, T) ids each; its loss before that, a float.

    max_norm: if given, all gradients together are made no longer than this.
    """
    device = next(model.parameters()).device
    ### BEGIN SOLUTION
    optimizer.zero_grad()
    loss = calc_loss_batch(xb, yb, model, device)
    loss.backward()
    if max_norm is not None:
        nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return loss.item()
    ### END SOLUTION

# %% grade="train_step" points=2
check.train_step(train_step)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Four calls, as in lab 1. The belt has to sit where the gradients are known,
# and not yet used.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# Your `calc_loss_batch`. `nn.utils.clip_grad_norm_` takes the parameters and
# the limit, and works in place. `.item()` for what you return: a tensor would
# keep the whole graph of each step in memory.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Zero the gradients; the loss of the batch; backward; *if* a limit is given,
# clip; step of the optimizer; return the loss as a number.
#
# </details>
#
# ## One batch by heart
#
# Before a long training, a short test that finds most mistakes: can the model
# learn **one** batch by heart? It has {{n_params:,}} numbers for
# {{one_tokens}} tokens. If the loss does not go to 0, something is wrong:
# targets not moved by one, gradients not cleared, a rate that is far off. A
# few seconds spent here save hours.

# %% predict="my_one_batch"
# After how many steps is the loss below 0.1?
my_one_batch = None  # a number, before you run anything below

# %% numbers="one_tokens one_steps one_last"
model = new_model()
xb, yb = next(iter(train_loader))
one_tokens = yb.numel()
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
one_losses = [train_step(model, optimizer, xb, yb)
              for _ in range(steps(100, graded=3))]
one_last = one_losses[-1]
below = [i for i, loss in enumerate(one_losses) if loss < 0.1]
one_steps = below[0] if below else None
print(f"{one_tokens} tokens; loss {one_losses[0]:.2f} at first, "
      f"{one_last:.4f} at the end")
print(f"below 0.1 after {one_steps} steps, you said {my_one_batch}")

# %% figure="one_batch"
fig, ax = plt.subplots(figsize=(7, 3))
ax.plot(one_losses)
ax.axhline(math.log(vocab_size), color="gray", linestyle="--")
ax.text(len(one_losses), math.log(vocab_size), "ln V: knows nothing",
        ha="right", va="bottom", color="gray")
ax.set(xlabel="step", ylabel="loss, nats per token",
       title="One batch, again and again", ylim=(0, None))
plt.show()

# %% [markdown]
# It goes to 0, so the machine works: the loss, the gradients, the step. It
# says nothing about any other text.

# %% [markdown]
# # Part 4 · The whole story
#
# ## The loop
#
# Epoch after epoch, batch after batch, and now and then a look at both losses.
# By hand: 3 batches of 4 tokens each, 2 epochs, `eval_freq` = 2.
#
# | step | 0 | 1 | 2 | 3 | 4 | 5 |
# |---|---|---|---|---|---|---|
# | epoch | 1 | 1 | 1 | 2 | 2 | 2 |
# | tokens given so far | 4 | 8 | 12 | 16 | 20 | 24 |
# | look? | yes | | yes | | yes | |
# | a sample after it? | | | yes | | | yes |
#
# So `tokens_seen` is [4, 12, 20], and there are two samples. The step goes on
# counting in the second epoch. In step 3 there is no look, since 3 is not a
# multiple of 2.
#
# `print_sample` is given. It also keeps a copy of the weights after each
# epoch, which we will want later.

# %%
snapshots = []  # the weights after each epoch


def print_sample(model, tokenizer, device, start_context):
    """What the model writes now. It leaves the model in evaluation mode."""
    line = write(model, start_context, steps(20, graded=2))
    print(f"   epoch {len(snapshots) + 1:2}: {line[:66]}")
    snapshots.append({name: value.clone()
                      for name, value in model.state_dict().items()})

# %% answer="train" level=3 minutes=12
def train_model_simple(
    model, train_loader, val_loader, optimizer, device, num_epochs,
    eval_freq, eval_iter, start_context, tokenizer,
):
    """Go num_epochs times through the data, in training mode.

    Each batch is one step by train_step, without max_norm.
    Look at both losses after step 0, and after every eval_freq-th from there
    (steps are counted on through all epochs). After each epoch call
    print_sample(model, tokenizer, device, start_context).
    returns: train_losses, val_losses, tokens_seen: a list each, with one
    entry a look; tokens_seen: how many tokens train_step had been given
    """
    train_losses, val_losses, tokens_seen = [], [], []
    ### BEGIN SOLUTION
    tokens, step = 0, 0
    for epoch in range(num_epochs):
        model.train()
        for xb, yb in train_loader:
            train_step(model, optimizer, xb, yb)
            tokens += xb.numel()
            if step % eval_freq == 0:
                train_loss, val_loss = evaluate_model(
                    model, train_loader, val_loader, device, eval_iter,
                )
                train_losses.append(train_loss)
                val_losses.append(val_loss)
                tokens_seen.append(tokens)
            step += 1
        print_sample(model, tokenizer, device, start_context)
    ### END SOLUTION
    return train_losses, val_losses, tokens_seen

# %% grade="train" points=1
check.train(train_model_simple)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Two loops, one in the other, and two counters which belong to neither: tokens
# and steps.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `model.train()` at the start of each epoch, since `print_sample` leaves the
# model in the other mode. `train_step`, `xb.numel()`, `step % eval_freq`,
# `evaluate_model(...)` gives a pair.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Both counters begin at 0, before the loops. For each epoch: training mode;
# for each batch: a step, count its tokens, a look if it is this step's turn
# (append to all three lists), count the step. After the inner loop the sample.
#
# </details>
#
# Now for real. {{epochs}} epochs, a look twice an epoch. After which epoch
# will the *validation* loss be lowest?

# %% predict="my_best_epoch"
my_best_epoch = None  # a number from 1 to 20, before you run anything below

# %% numbers="epochs train_seconds n_looks"
epochs = steps(20, graded=1)
model = new_model()
optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.1)
eval_freq = max(1, n_batches // 2)
snapshots.clear()
began = time.time()
train_losses, val_losses, tokens_seen = train_model_simple(
    model, train_loader, val_loader, optimizer, device, epochs,
    eval_freq, 10 if studying else 1, first_words, tokenizer,
)
train_seconds = time.time() - began
n_looks = len(train_losses)
epochs_seen = [tokens / (n_batches * batch_size * context)
               for tokens in tokens_seen]
print(f"{train_seconds:.0f} seconds, {n_looks} looks")

# %% [markdown]
# Read the samples from top to bottom. (A line break is shown as a blank, so
# what looks empty is made of those.) First the commonest signs, then words,
# then sentences. Then sentences that are suspiciously good.
#
# ## The picture
#
# A curve over the epochs, and a second scale above it: how many tokens were
# seen. Tokens are what one pays for, and what papers compare.
#
# The cell below begins with `fig` and `ax`. A second axis that shares the
# height comes from `ax.twiny()`. It gets its scale from whatever is drawn on
# it, so one draws the same curve there once more, invisible (`alpha=0`).
#
# Named means: each line has a `label`, a legend shows them, and each of the
# three axes says what it counts.

# %% answer="plot" level=1 minutes=8
def plot_losses(epochs_seen, tokens_seen, train_losses, val_losses):
    """Both losses over the epochs, below; tokens seen, above; loss-plot.pdf.

    Both lines and all axes are named. Four lists of the same length. The file
    is written where you are.
    """
    fig, ax = plt.subplots(figsize=(5, 3), layout="constrained")
    ### BEGIN SOLUTION
    ax.plot(epochs_seen, train_losses, label="training")
    ax.plot(epochs_seen, val_losses, "--", label="validation")
    ax.set_xlabel("epochs")
    ax.set_ylabel("loss, nats per token")
    ax.legend()
    above = ax.twiny()
    above.plot(tokens_seen, train_losses, alpha=0)  # unseen: sets the scale
    above.set_xlabel("tokens seen")
    fig.savefig("loss-plot.pdf")
    ### END SOLUTION
    plt.show()

# %% grade="plot" points=1
check.plot(plot_losses)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Two lines below, one invisible line above, names for all, a file.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `ax.plot(x, y, label=...)`, `set_xlabel`, `set_ylabel`, `legend`, `twiny`,
# `fig.savefig(...)`, whose format follows from the end of the name.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Plot both losses over the epochs, each with its label; name both axes; show
# the legend. Make the axis above, plot one of the losses over the tokens on it
# with alpha 0, name it. Save the figure. `plt.show()` stands below already.
#
# </details>

# %% figure="loss_plot"
plot_losses(epochs_seen, tokens_seen, train_losses, val_losses)

# %% [markdown]
# The same as perplexities, with a mark where the exam went best:

# %% numbers="best_epoch best_ppl last_ppl last_train_ppl"
best = min(range(n_looks), key=lambda i: val_losses[i])
best_val, best_epoch = val_losses[best], round(epochs_seen[best])
best_ppl = perplexity(best_val)
last_train, last_val = train_losses[-1], val_losses[-1]
last_train_ppl, last_ppl = perplexity(last_train), perplexity(last_val)
print(f"validation: lowest {best_val:.3f} (perplexity {best_ppl:,.0f}) after "
      f"{best_epoch} epochs, you said {my_best_epoch}")
print(f"at the end: training {last_train:.3f} (perplexity "
      f"{last_train_ppl:.1f}), validation {last_val:.3f} ({last_ppl:,.0f})")

# %% figure="losses"
fig, ax = plt.subplots(figsize=(8, 3.8))
ax.plot(epochs_seen, [perplexity(loss) for loss in train_losses],
        label="training: what it has read")
ax.plot(epochs_seen, [perplexity(loss) for loss in val_losses],
        label="validation: what it has not")
ax.plot(epochs_seen[best], best_ppl, "o", color="tab:orange", markersize=10)
ax.annotate(f"lowest: {best_ppl:,.0f}", (epochs_seen[best], best_ppl),
            xytext=(0, -22), textcoords="offset points", ha="center")
ax.axvspan(epochs_seen[best], epochs_seen[-1], color="tab:red", alpha=0.07)
ax.text(epochs_seen[-1], 30, "from here on it learns by heart  ",
        ha="right", color="tab:red")
ax.axhline(vocab_size, color="gray", linestyle="--", linewidth=1)
ax.text(epochs_seen[-1] / 2, vocab_size, "knows nothing", ha="center",
        va="bottom", color="gray")
ax.set(yscale="log", xlabel="epochs", ylabel="perplexity",
       title=f"{text_name}, {n_params:,} parameters", ylim=(1, 5000))
ax.legend(loc="lower left")
plt.show()

# %% [markdown]
# At the end the model is almost never surprised by the text that it has read:
# perplexity {{last_train_ppl:.1f}}. In the exam it was best after
# {{best_epoch}} epochs, with {{best_ppl:,.0f}}. At the end it is
# {{last_ppl:,.0f}}. That is **overfitting**, and it is no wonder:
# {{n_params:,}} numbers, and only {{n_train_tokens:,}} different exercises.
#
# ## How much of it is the book?
#
# Put it to the test. For each snapshot: how often is the likeliest token the
# right one, in the story and in the exam?

# %% numbers="n_train_tokens heart_trains heart_vals"
@torch.no_grad()
def share_right(model, loader, n_batches=None):
    """How often the likeliest token is the one that came."""
    model.eval()
    right = total = 0
    for i, (xb, yb) in enumerate(loader):
        if i == n_batches:
            break
        right += (model(xb).argmax(dim=-1) == yb).sum().item()
        total += yb.numel()
    return right / total


n_train_tokens = n_train * context
heart = []
probe = new_model()
for weights in snapshots:
    probe.load_state_dict(weights)
    heart.append((share_right(probe, train_loader, None if studying else 1),
                  share_right(probe, val_loader, None if studying else 1)))
best_snapshot = max(0, best_epoch - 1)
heart_trains, heart_vals = zip(heart[best_snapshot], heart[-1])
print(f"after {best_epoch} epochs: story {heart_trains[0]:.0%}, "
      f"exam {heart_vals[0]:.0%}; at the end: story {heart_trains[1]:.0%}, "
      f"exam {heart_vals[1]:.0%}")

# %% figure="by_heart"
fig, ax = plt.subplots(figsize=(7, 3.2))
for which, label in enumerate(["the story", "the exam"]):
    ax.plot(range(1, len(heart) + 1), [100 * pair[which] for pair in heart],
            "o-", label=label)
ax.axvline(best_epoch, color="gray", linestyle="--", linewidth=1)
ax.text(best_epoch, 97, " lowest validation loss", va="top", color="gray")
ax.set(xlabel="epochs", ylabel="next token right, %", ylim=(0, 100),
       title="How often the likeliest token is the right one")
ax.set_xticks(range(0, len(heart) + 1, 5))
ax.legend(loc="center right")
plt.show()

# %% [markdown]
# In the story from {{heart_trains[0]:.0%}} to {{heart_trains[1]:.0%}}. In the
# exam from {{heart_vals[0]:.0%}} to {{heart_vals[1]:.0%}}. (That last share
# hardly moves, and yet the loss rises: the model is wrong as often as before,
# but it has become so *sure*.)
#
# And the texts. Before, at the lowest validation loss, at the end, and below
# them the book:

# %% numbers="side_by_side copied copy"
def model_of(weights):
    made = new_model()
    made.load_state_dict(weights)
    return made


n_shown = steps(40, graded=2)
best_model, last_model = model_of(snapshots[best_snapshot]), model
before = write(untrained, first_words, n_shown)
after_best = write(best_model, first_words, n_shown)
after = write(last_model, first_words, n_shown)
ids = tokenizer.encode(text)
opening = tokenizer.decode(ids[: n_shown + 4]).replace("\n", " ")
book = opening
for title, line in (("before", before), (f"epoch {best_epoch}", after_best),
                    (f"epoch {epochs}", after), ("the book", book)):
    print(f"{title}:\n   {line}\n")


def longest_copy(line):
    """The longest run of words of a line that stands in the book."""
    whole, words = " ".join(text.split()), line.split()
    runs = [" ".join(words[i:j]) for i in range(len(words))
            for j in range(i + 1, len(words) + 1)]
    return max((run for run in runs if run in whole), key=len, default="")


copy = longest_copy(after)
copied = len(copy.split())
print(f"word by word in the book, {copied} words: {copy!r}")


def in_lines(line, width=34):
    """A line cut into pieces of a width, at spaces."""
    lines = [""]
    for word in "".join(c if c.isascii() else "·" for c in line).split():
        if len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word[:width - 1]}".strip()
    return lines + [""] * 20


side_by_side = "\n".join(
    f"{a:36}|  {b}".rstrip()
    for a, b in list(zip(in_lines(before), in_lines(after)))[:7]
)

# %% [markdown]
# "{{copy}}": {{copied}} words in a row that Edith Wharton wrote, and the
# prompt was not hers. The model has not learned to write. It has learned a
# story.

# %% [markdown] explain="memorized" points=1 level=2 minutes=8
# ## What does it know?
#
# In our run the validation perplexity was {{best_ppl:,.0f}} at its lowest,
# after {{best_epoch}} epochs, and {{last_ppl:,.0f}} at the end. The vocabulary
# has {{vocab_size:,}} tokens. The training perplexity at the end was
# {{last_train_ppl:.1f}}.
#
# 1. What does a validation perplexity *below* the size of the vocabulary say
#    about the model? And how can it get *above*, although a model that gives
#    each token the same chance is never above?
# 2. A friend reads the text after the last epoch, finds it much better than
#    the one at the lowest validation loss, and wants to use the last weights.
#    What do you say, and how would you show it?
#
# Answer in 3 to 6 sentences. Half a point each.
#
# ### BEGIN SOLUTION
# Below the size of the vocabulary, the model has learned something that also
# holds for text that it has not read, such as which tokens are common and
# which ones follow each other: it chooses as if among fewer tokens. Above, it
# is worse than someone who knows nothing. That happens when it is sure and
# wrong: it gives nearly all the chance to the continuation that it knows from
# the story and almost none to what really comes, and −ln of a tiny chance is a
# large loss. Equal chances can never cost more than ln V. The friend's text is
# good because Edith Wharton wrote it: the model recites what it has read,
# which the training perplexity near 1 says as well. I would search for its
# sentences in the book, or let it continue text that it has not read, and I
# would keep the weights of the lowest validation loss.
# ### END SOLUTION
#
# ### BEGIN SCHEME
# Half a point: below V means something learned that holds for unseen text (a
# quarter); above V comes from being sure and wrong, tiny chances for what came
# (a quarter; "it overfits" alone is no reason). Half a point: the fluent text
# is recited from the training text (a quarter), with a way to show it: search
# for it in the book, continue unseen text, compare training and validation
# perplexity (a quarter). If the numbers of the student's own run differ, take
# those.
# ### END SCHEME

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# For the first question think of one single token: what is the loss if the
# model gave it the chance 1/V? And if it gave it one in a million?
#
# </details>
# <details><summary>Hint 2: what to look at</summary>
#
# The picture *How often the likeliest token is the right one*, and the four
# texts above, the last of which nobody has sampled.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# One sentence on "below", two on "above", with the word *sure*. Then: where
# does the good text come from, and which text would tell?
#
# </details>

# %% [markdown]
# # Part 5 · The optimizer
#
# ## Decay, and for whom
#
# AdamW keeps two running means for each weight: of its gradients, and of their
# squares. It moves the weight by rate × mean / root of the mean square. So the
# *size* of a gradient hardly matters, only whether it keeps its sign. The W
# stands for **weight decay**: in each step every weight is also made a little
# smaller, by the factor 1 − rate × decay. By hand, rate 0.1, decay 0.5: a
# weight of 10 becomes 9.5, before any gradient. A weight that nothing pulls at
# fades away.
#
# That keeps a model from building on large, special weights. For matrices and
# tables it makes sense. For a *bias* it does not, and least for the *scale* of
# a norm, which begins at 1 for a good reason. So there are two groups. All
# that has two axes or more decays, all that has one does not.
#
# By hand, a model of three parts:
#
# | | shape | decays? |
# |---|---|---|
# | table of 5 tokens, 2 numbers each | (5, 2) | yes |
# | linear layer 2 → 3: weight | (3, 2) | yes |
# | its bias | (3,) | no |
# | norm of 3: weight and bias | (3,) and (3,) | no |
#
# 16 numbers decay, 9 do not.

# %% answer="groups" level=2 minutes=6
def optimizer_groups(model, weight_decay):
    """Two groups for AdamW, as a list of two dicts: params, weight_decay.

    First all with two axes or more (matrices, tables), which decay; then all
    with one (biases; scale and shift of the norms), which do not.
    """
    ### BEGIN SOLUTION
    params = list(model.parameters())
    return [
        {"params": [p for p in params if p.dim() >= 2],
         "weight_decay": weight_decay},
        {"params": [p for p in params if p.dim() < 2],
         "weight_decay": 0.0},
    ]
    ### END SOLUTION

# %% grade="groups" points=1
check.groups(optimizer_groups)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Go through all parameters once for each group, and take those that belong.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `model.parameters()`. A tensor says with `dim()` how many axes it has.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# A list of two dicts. `"params"`: a list comprehension with an `if`.
# `"weight_decay"`: in the first what was handed over, in the second zero.
# (Without that entry AdamW takes its own default, which is not zero.)
#
# </details>

# %% numbers="n_decay n_no_decay"
n_decay, n_no_decay = [
    sum(p.numel() for p in group["params"])
    for group in optimizer_groups(model, 0.1)
]
print(f"{n_decay:,} numbers decay, {n_no_decay:,} do not")

# %% [markdown]
# ## A rate that changes
#
# In the first steps AdamW knows each gradient from one or two batches only,
# and yet it makes full steps. So one begins with small ones: **warm-up**, a
# straight line. Towards the end large steps only shake the model: **cosine
# decay**, a soft curve down. nanoGPT and GPT-3 have it so.
#
# By hand, `warmup_steps` = 3, `total_steps` = 7, `peak_lr` = 0.4, `min_lr` =
# 0.1. Warm-up: 0.4 × (step + 1) / 4. Then the share of the way that is done,
# from 0 to 1, and (1 + cos(π × share)) / 2, from 1 to 0:
#
# | step | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 |
# |---|---|---|---|---|---|---|---|---|---|
# | share | | | | 0 | ¼ | ½ | ¾ | | |
# | (1 + cos) / 2 | | | | 1 | 0.8536 | 0.5 | 0.1464 | | |
# | rate | **0.1** | **0.2** | **0.3** | **0.4** | **0.3561** | **0.25** | **0.1439** | **0.1** | **0.1** |
#
# (Step 4: 0.1 + 0.3 × 0.8536 = 0.3561.) The rate is a function of the step and
# of nothing else. When a training is interrupted, the number of the step
# brings it back.

# %% answer="schedule" level=2 minutes=10
def learning_rate_at(step, warmup_steps, total_steps, peak_lr, min_lr):
    """The learning rate of a step; steps count from 0.

    Before warmup_steps: peak_lr * (step + 1) / (warmup_steps + 1). From there
    half a cosine, from peak_lr down to min_lr at total_steps; min_lr after.
    """
    ### BEGIN SOLUTION
    if step < warmup_steps:
        return peak_lr * (step + 1) / (warmup_steps + 1)
    if step >= total_steps:
        return min_lr
    share = (step - warmup_steps) / (total_steps - warmup_steps)
    return min_lr + (peak_lr - min_lr) * (1 + math.cos(math.pi * share)) / 2
    ### END SOLUTION

# %% grade="schedule" points=2
check.schedule(learning_rate_at)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Three stretches, three returns.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `math.cos`, `math.pi`. The share: steps since the warm-up, over all steps
# between warm-up and end.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# If still in the warm-up, return the formula of the docstring. If the end is
# reached, return the smallest rate. Else compute the share, and return the
# smallest rate plus the rest of the range, times half of (1 plus the cosine).
#
# </details>

# %% figure="schedule"
fig, axes = plt.subplots(1, 2, figsize=(9, 3))
hand = [learning_rate_at(step, 3, 7, 0.4, 0.1) for step in range(10)]
axes[0].plot(hand, "o-")
axes[0].set(title="by hand", xlabel="step", ylabel="learning rate",
            ylim=(0, None))
for warmup in (0, 20, 100):
    axes[1].plot([learning_rate_at(step, warmup, 216, 1e-2, 1e-3)
                  for step in range(250)], label=f"warm-up {warmup}")
axes[1].set(title="216 steps", xlabel="step", ylim=(0, None))
axes[1].legend()
fig.tight_layout()
plt.show()

# %% [markdown]
# ## What is it all worth?
#
# Now all of it together, on the story: six epochs, at a rate five times as
# high, so that it overfits quickly. Five recipes. Which of them gives the best
# exam?

# %% predict="my_recipe"
my_recipe = None  # the name of a recipe, before you run anything below

# %% numbers="lowest final recipe_steps"
def train_by(decay, which, warmup=None, max_norm=None, n_epochs=6, peak=1e-2):
    """(training loss, lowest validation loss, last one) of a fresh model."""
    model = new_model()
    groups = {"nothing": lambda: model.parameters(),
              "all": lambda: model.parameters(),
              "matrices": lambda: optimizer_groups(model, decay)}[which]()
    optimizer = torch.optim.AdamW(groups, lr=peak, weight_decay=decay)
    step, seen = 0, []
    for _ in range(n_epochs):
        for xb, yb in train_loader:
            if warmup is not None:
                rate = learning_rate_at(step, warmup, n_epochs * n_batches,
                                        peak, peak / 10)
                for group in optimizer.param_groups:
                    group["lr"] = rate
            train_step(model, optimizer, xb, yb, max_norm)
            step += 1
        seen.append(evaluate_model(model, train_loader, val_loader, device,
                                   8 if studying else 1))
    return seen[-1][0], min(val for _, val in seen), seen[-1][1]


recipes = {
    "no decay": {"decay": 0.0, "which": "nothing"},
    "decay 1, all": {"decay": 1.0, "which": "all"},
    "decay 1, matrices": {"decay": 1.0, "which": "matrices"},
    "… with warm-up, cosine": {"decay": 1.0, "which": "matrices",
                               "warmup": 20},
    "… and clipping": {"decay": 1.0, "which": "matrices", "warmup": 20,
                       "max_norm": 1.0},
}
recipe_val, recipe_train = {}, {}
print(f"{'':24} training  lowest validation  last validation")
for name, recipe in list(recipes.items())[: steps(5, graded=1)]:
    result = train_by(**recipe, n_epochs=steps(6, graded=1))
    recipe_train[name], recipe_val[name] = result[0], result[1:]
    print(f"{name:24} {result[0]:8.3f} {result[1]:18.3f} {result[2]:16.3f}")
recipe_steps = 6 * n_batches
lowest, final = zip(*recipe_val.values())
best_recipe = min(recipe_val, key=lambda name: recipe_val[name][0])
print(f"best exam: {best_recipe}; you said {my_recipe}")

# %% figure="recipes"
fig, ax = plt.subplots(figsize=(8, 2.9))
names = list(recipe_val)
for i, name in enumerate(names):
    low, last = recipe_val[name]
    ax.plot([low, last], [i, i], color="tab:orange", linewidth=3, alpha=0.4)
    ax.plot(low, i, "o", color="tab:orange", label="lowest" if not i else None)
    ax.plot(last, i, "x", color="tab:red",
            label="after the last epoch" if not i else None)
ax.set_yticks(range(len(names)), names)
ax.invert_yaxis()
ax.set(xlabel="validation loss", title="Six epochs at a high rate")
ax.legend(loc="lower right")
fig.tight_layout()
plt.show()

# %% [markdown]
# All learn the story. What differs is how low the exam gets, and how far they
# run away from it afterwards. Without decay: {{lowest[0]:.2f}} at best and
# {{final[0]:.2f}} at the end. With decay of the matrices {{lowest[2]:.2f}} and
# {{final[2]:.2f}}. The schedule does not get much lower, but it *stays* there:
# {{lowest[3]:.2f}} and {{final[3]:.2f}}. As the rate goes down, the model
# stops running. Clipping changes little here: it is for the one batch in ten
# thousand that goes wrong, and these runs have {{recipe_steps}} steps.
#
# And decay of *everything*, norms too, has the best exam of all. On a text
# this small whatever holds the model back helps. A recipe that is right for
# GPT-2 need not win on a short story. So measure.

# %% [markdown]
# # Part 6 · To be continued
#
# ## The smallest file
#
# A training takes days, and machines fail. First the smallest thing that one
# can save: the weights, and what AdamW remembers of the gradients.

# %% numbers="file_kb"
smallest = Path("model_and_optimizer.pth")
torch.save({"model_state_dict": model.state_dict(),
            "optimizer_state_dict": optimizer.state_dict()}, smallest)
file_kb = smallest.stat().st_size / 1000
print(f"{smallest}: {file_kb:,.0f} kB, {file_kb * 1000 / n_params:.1f} bytes "
      "for each parameter")

saved = torch.load(smallest, weights_only=True)
again = new_model(seed=7)
again.load_state_dict(saved["model_state_dict"])
optimizer_again = torch.optim.AdamW(again.parameters(), lr=2e-3)
optimizer_again.load_state_dict(saved["optimizer_state_dict"])
print(write(again, first_words, steps(20, graded=2)))

# %% [markdown]
# Four bytes for the weight, and eight for the two means: 12 for each
# parameter, and a little more for the names.
#
# Why `weights_only=True`? Such a file is a *pickle*, and a pickle may contain
# a call of any function. Whoever opens it runs it. Here is a file that wants
# to print something. It could as well delete your files:

# %% numbers="refused"
class Surprise:
    def __reduce__(self):  # what to call when the file is opened
        return print, ("The file has run code on your machine!",)


trap = Path("trap.pth")
torch.save({"model_state_dict": Surprise()}, trap)
torch.load(trap, weights_only=False)
try:
    torch.load(trap, weights_only=True)
    refused = False
except Exception as error:  # UnpicklingError
    refused = True
    print("refused:", type(error).__name__)
trap.unlink()

# %% [markdown]
# ## What decides the next loss?
#
# Weights and optimizer are not all. Imagine that the power fails in the middle
# of epoch 2, at step 47. What else must be the same, so that step 47 gives the
# very same loss as it would have?
#
# | | what it decides |
# |---|---|
# | the weights | everything |
# | the optimizer's means | how far each weight goes |
# | the number of the step | the learning rate |
# | the state of the random numbers | which numbers dropout drops |
# | the place in the epoch, and the epoch's order | which batch comes next |
#
# The last one is the tricky one. `DataLoader` shuffles by random numbers. So
# before each epoch we note the state of the random numbers. To get the order
# again: set that state, let the loader shuffle, skip the batches that are
# done, and only then set the state of the moment of the interruption.
#
# The two functions for the file are yours. `progress` holds what this table
# calls step, place and order: whatever is in there is saved as it is. By hand:
# a model with one weight, 3; the optimizer's mean, 0.5; progress `{"step": 47,
# "epoch": 2}`. After saving, the weight is made 0, the mean 0, and some random
# numbers are drawn. After loading: 3, 0.5, the same random numbers once more,
# and the progress comes back as it was.

# %% answer="checkpoint" level=2 minutes=10
def save_checkpoint(path, model, optimizer, progress):
    """Write to path all that decides what comes next, by torch.save.

    A dict: "model" and "optimizer", their state_dict; "random",
    torch.get_rng_state(); "progress", a dict of numbers, as it is.
    """
    ### BEGIN SOLUTION
    torch.save({
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "random": torch.get_rng_state(),
        "progress": progress,
    }, path)
    ### END SOLUTION


def load_checkpoint(path, model, optimizer):
    """Put all of it back as it was when it was saved; the progress.

    Read it with weights_only=True: a file can then run no code.
    """
    ### BEGIN SOLUTION
    whole = torch.load(path, weights_only=True)
    model.load_state_dict(whole["model"])
    optimizer.load_state_dict(whole["optimizer"])
    torch.set_rng_state(whole["random"])
    return whole["progress"]
    ### END SOLUTION

# %% grade="checkpoint" points=1
check.checkpoint(save_checkpoint, load_checkpoint)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# One dict with four entries into a file. One dict out of a file, and each
# entry to where it belongs.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `torch.save(dict, path)`, `torch.load(path, weights_only=True)`.
# `state_dict()` and `load_state_dict(...)` for model and optimizer;
# `torch.get_rng_state()` and `torch.set_rng_state(...)` for the random
# numbers.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Saving is one call. Loading: read; the model takes its part, the optimizer
# its part, the random numbers theirs; return the fourth part.
#
# </details>
#
# ## The same to the last digit?
#
# Given: a training that knows where it is. Read how the order comes back.

# %%
def train_on(model, optimizer, loader, progress, last_step):
    """Go on from where progress stands, up to last_step. The losses."""
    losses = []
    while progress["step"] < last_step:
        if progress["batch"] == 0:  # a new epoch: note the state before it
            progress["order"] = torch.get_rng_state()
        now = torch.get_rng_state()
        torch.set_rng_state(progress["order"])
        batches = list(loader)  # shuffled as it was the first time
        if progress["batch"] > 0:
            torch.set_rng_state(now)
        for xb, yb in batches[progress["batch"] :]:
            if progress["step"] == last_step:
                return losses
            rate = learning_rate_at(progress["step"], 20, 200, 2e-3, 2e-4)
            for group in optimizer.param_groups:
                group["lr"] = rate
            losses.append(train_step(model, optimizer, xb, yb, 1.0))
            progress["step"] += 1
            progress["batch"] += 1
        progress["epoch"] += 1
        progress["batch"] = 0
    return losses


def begin(seed):
    """A model, its optimizer, and how far they are."""
    model = new_model(seed)
    groups = optimizer_groups(model, 0.1)
    optimizer = torch.optim.AdamW(groups, lr=2e-3)
    return model, optimizer, {"epoch": 1, "batch": 0, "step": 0}


def name_of(progress):
    """Where it is, in the name of the file."""
    return f"model_epoch{progress['epoch']:02}_step{progress['step']:04}.pth"

# %% [markdown]
# (`list(loader)` shuffles and makes all batches at once. For a large text one
# would skip the first ones instead, one by one.)
#
# First a training that nobody interrupts. Then one that is switched off in the
# middle of an epoch. Its file is read by *another* model, with other random
# weights, which goes on.

# %% numbers="stop_at last_step checkpoint_name same_digits resumed_losses"
stop_at, last_step = steps(47, graded=5), steps(84, graded=8)
runs = Path("runs")
runs.mkdir(exist_ok=True)

model_a, optimizer_a, progress_a = begin(seed=123)
whole_losses = train_on(model_a, optimizer_a, train_loader, progress_a,
                        last_step)

model_b, optimizer_b, progress_b = begin(seed=123)
train_on(model_b, optimizer_b, train_loader, progress_b, stop_at)
checkpoint_path = runs / name_of(progress_b)
save_checkpoint(checkpoint_path, model_b, optimizer_b, progress_b)
checkpoint_name = checkpoint_path.name
print("saved:", checkpoint_path)
del model_b, optimizer_b, progress_b  # the power fails

model_c, optimizer_c, _ = begin(seed=999)
progress_c = load_checkpoint(checkpoint_path, model_c, optimizer_c)
resumed = train_on(model_c, optimizer_c, train_loader, progress_c, last_step)
same_digits = resumed == whole_losses[stop_at:]
resumed_losses = resumed[:3]
print("step   not interrupted      resumed")
for i in (0, 1, 2, len(resumed) - 1):
    print(f"{stop_at + i:4} {whole_losses[stop_at + i]:20.16f} "
          f"{resumed[i]:20.16f}")
print("all the same, to the last digit:", same_digits)

# %% figure="resume"
fig, ax = plt.subplots(figsize=(8, 3))
ax.plot(whole_losses, color="tab:blue", linewidth=5, alpha=0.35,
        label="not interrupted")
ax.plot(range(stop_at), whole_losses[:stop_at], color="tab:blue",
        linewidth=1, label="until the power failed")
ax.plot(range(stop_at, last_step), resumed, color="tab:orange",
        label="resumed by another model")
ax.axvline(stop_at, color="gray", linestyle="--")
ax.set(xlabel="step", ylabel="loss of the batch",
       title=f"Interrupted at step {stop_at}, in the middle of an epoch")
ax.legend()
fig.tight_layout()
plt.show()

# %% [markdown]
# Not "about the same": the same. It holds on one machine with one version of
# PyTorch, on a CPU. (A GPU adds up in an order that changes, unless it is told
# not to.)
#
# # Part 7 · What if?
#
# ## … a piece of the checkpoint is missing?
#
# Leave out one piece at a time, and look at how far the losses are from the
# right ones. All five runs go on without an error. Which one is off furthest?

# %% predict="my_missing"
# "optimizer", "step", "random numbers", "order" or "place"?
my_missing = None  # one of these, before you run anything below

# %% numbers="worst"
def without(piece):
    """The losses after a resume that lacks one piece."""
    model, fresh, _ = begin(seed=999)
    optimizer = torch.optim.AdamW(optimizer_groups(model, 0.1), lr=2e-3)
    progress = load_checkpoint(checkpoint_path, model, optimizer)
    n = last_step - progress["step"]
    if piece == "optimizer":
        optimizer = fresh
    if piece == "step":
        progress["step"] = 0
    if piece == "random numbers":
        torch.manual_seed(5)
    if piece == "order":
        kept = torch.get_rng_state()
        progress["order"] = torch.manual_seed(5).get_state()
        torch.set_rng_state(kept)
    if piece == "place":
        progress["batch"] = 0
    return train_on(model, optimizer, train_loader, progress,
                    progress["step"] + n)


apart, first_apart = {}, {}
for piece in ["optimizer", "step", "random numbers", "order", "place"]:
    off = [abs(a - b) for a, b in zip(without(piece), whole_losses[stop_at:])]
    apart[piece] = off
    first_apart[piece] = next((i for i, d in enumerate(off) if d > 0), None)
    print(f"without {piece:15} first off at step {first_apart[piece]} after "
          f"the resume; by {sum(off) / len(off):.3f} on the average")
worst = max(apart, key=lambda piece: sum(apart[piece]))
print(f"furthest off: without {worst}; you said {my_missing}")

# %% figure="missing"
fig, ax = plt.subplots(figsize=(8, 2.8))
names = sorted(apart, key=lambda piece: sum(apart[piece]))
means = [sum(apart[piece]) / len(apart[piece]) for piece in names]
late = [first_apart[piece] for piece in names]
bars = ax.barh(names, means,
               color=["tab:orange" if first else "tab:red" for first in late])
ax.bar_label(bars, padding=4, labels=[
    "the first loss is still right" if first else "wrong from the first on"
    for first in late
])
ax.set(xlabel=f"losses of {last_step - stop_at} steps are off by (mean)",
       title="What was left out of the checkpoint", xlim=(0, 1.7 * max(means)))
fig.tight_layout()
plt.show()

# %% [markdown]
# Without the optimizer or the step the *first* loss is still right: it is
# computed before the step that goes wrong. So one loss is no proof; compare
# several. Without the random numbers it is off by a little, from the start: it
# is only dropout. Another order, or an epoch begun again, shows other batches,
# and each of these has another loss anyway. None of them crashes, and in the
# curve of a long training you would see none of them.
#
# # Part 8 · For those with a GPU
#
# The same story with the real thing: GPT-2's shape, 124M, with 256 places, all
# 50,257 tokens. Here numbers with 16 bits pay: **mixed precision**. The
# products are made with 16 bits, the weights are kept with 32. There are two
# formats:
#
# | | bits for the size | for the digits | largest | smallest with all digits |
# |---|---|---|---|---|
# | float32 | 8 | 23 | 3·10³⁸ | 10⁻³⁸ |
# | bfloat16 | 8 | 7 | 3·10³⁸ | 10⁻³⁸ |
# | float16 | 5 | 10 | 65,504 | 6·10⁻⁵ |
#
# bfloat16 is the easy one: nothing gets too small. But only newer GPUs have
# it. Colab's T4 does not. It only *imitates* bfloat16, slowly, and
# `torch.cuda.is_bf16_supported()` says yes all the same, unless it is asked
# with `including_emulation=False`.
#
# With float16 small gradients become 0. So the loss is multiplied by a large
# number before `backward`, and the gradients are divided by it after. That is
# what `GradScaler` does. It looks for a number that is large enough and not
# too large: where a gradient is infinite it skips the step and halves the
# number. Before clipping, the gradients have to be divided: `unscale_`.

# %%
BIG = {"vocab_size": 50257, "context_length": 256, "emb_dim": 768,
       "n_heads": 12, "n_layers": 12, "drop_rate": 0.1, "qkv_bias": False}


def precision(gpu):
    """(type of number for the products, whether gradients need a scaler)"""
    if gpu.type != "cuda":
        return torch.float32, False
    if torch.cuda.is_bf16_supported(including_emulation=False):
        return torch.bfloat16, False
    return torch.float16, True


def mixed_step(model, optimizer, scaler, dtype, xb, yb, max_norm=1.0):
    """As train_step, with products of 16 bits."""
    gpu = next(model.parameters()).device
    optimizer.zero_grad()
    with torch.autocast(gpu.type, dtype, enabled=dtype != torch.float32):
        loss = calc_loss_batch(xb, yb, model, gpu)
    scaler.scale(loss).backward()
    scaler.unscale_(optimizer)
    nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    scaler.step(optimizer)  # left out where a gradient is not finite
    scaler.update()
    return loss.item()


gpu = torch.device("cuda" if torch.cuda.is_available() else "cpu")
dtype, scaled = precision(gpu)
if gpu.type == "cpu" or not studying:
    print("No GPU here. With one, this cell would train GPT-2 124M (163 "
          "million numbers, 256 places) on the story for 10 epochs, in "
          "bfloat16, or on a T4 in float16 with a GradScaler.")
else:
    print(torch.cuda.get_device_name(), dtype, "with scaler" * scaled)
    big_tokenizer = gpt2 if whose == "GPT-2's" else tokenizer
    # create_dataloader_v1 reads the global tokenizer: another one for a while
    kept_tokenizer, tokenizer = tokenizer, big_tokenizer
    big_train, big_val = make_loaders(text, 0.9, 2, BIG["context_length"])
    tokenizer = kept_tokenizer
    torch.manual_seed(123)
    big_model = GPTModel(BIG).to(gpu)
    big_optimizer = torch.optim.AdamW(optimizer_groups(big_model, 0.1),
                                      lr=4e-4)
    scaler = torch.amp.GradScaler(gpu.type, enabled=scaled)
    for epoch in range(10):
        began = time.time()
        big_model.train()
        for xb, yb in big_train:
            mixed_step(big_model, big_optimizer, scaler, dtype, xb, yb)
        big_losses = evaluate_model(big_model, big_train, big_val, gpu, 5)
        print(f"epoch {epoch + 1:2}: training {big_losses[0]:.3f}, "
              f"validation {big_losses[1]:.3f}, "
              f"{time.time() - began:.1f} seconds")
    big_model.eval()
    start = text_to_token_ids("Every effort moves you", big_tokenizer)
    out = generate_text_simple(big_model, start.to(gpu), 25, 256)
    print(token_ids_to_text(out, big_tokenizer))

# %% [markdown]
# With 163 million numbers the story is learned by heart even faster. A large
# model needs a large text. That is why lab 10 will not train GPT-2 but take
# the weights that OpenAI has trained.
#
# ## One thing to show a friend
#
# Let them choose a number. Your model gets a few words from that place of the
# story, and recites on. Read its version and the book's aloud: who wrote
# which?

# %%
number = 1200  # a place in the story, in tokens

some = ids[number : number + 12]
prompt = tokenizer.decode(some)
theirs = tokenizer.decode(ids[number : number + 42]).replace("\n", " ")
print("the model:", write(last_model, prompt, steps(30, graded=2)))
print("\nthe book: ", theirs)
print("\nthe model with the best exam:",
      write(best_model, prompt, steps(30, graded=2)))

# %% [markdown]
# (Numbers in the last tenth of the story are the exam: there it has to make
# something up.)
#
# # Quiz

# %% choice="val_rises" points=1 level=2 minutes=3
question = "The training loss falls from step to step, the validation loss has been rising for ten epochs. Why, and what do you do?"
options = {
    "The learning rate is too high: lower it and train on": "No: with too high a rate the training loss "
    "would jump or rise. It falls well. Smaller steps would only go the same way more slowly.",
    "The validation text is too hard: take some pages of it into the training": "No: then the exam "
    "contains exercises, and its loss says nothing any more. You have seen that leak in Part 1.",
    "The model learns its training text by heart: keep the weights of the lowest validation loss, and "
    "get more text or hold the model back": "Right: what it learns now holds for the training text only. "
    "Stop early; a larger text, a smaller model, dropout or weight decay move the turning point.",
    "The model was measured with dropout left on: call eval() and the curves meet": "No: that would raise "
    "both losses, and by about as much in each epoch. It cannot make one fall and the other rise.",
}
right = "The model learns its training text by heart: keep the weights of the lowest validation loss, and get more text or hold the model back"

# %% [markdown]
# The others aloud: choose, then open.
#
# **2. Two models have the same loss of 3 for each token. One has GPT-2's
# tokens, the other has characters. Which one knows the text better?**
#
# - a) Both the same.
# - b) The one with GPT-2's tokens.
# - c) The one with characters.
#
# <details><summary>Open</summary>
#
# - a) No: a loss for each token depends on what a token is.
# - **b) Right.** A token of GPT-2 is about four characters. A loss of 3 for
#   four characters is 0.75 for each. Perplexities may be compared only with
#   the same tokens.
# - c) No: it pays 3 for every single character.
#
# </details>
#
# **3. A loader has 9 batches of 100 tokens and one of 10. A colleague takes
# the mean of the ten losses. What is wrong?**
#
# - a) Nothing, a mean is a mean.
# - b) The ten tokens of the last batch count as much as a hundred others.
# - c) The first batch should be left out.
#
# <details><summary>Open</summary>
#
# - a) No: a mean over batches is not the mean over tokens if the sizes differ.
# - **b) Right.** Each of them counts ten times as much as another. With an
#   unlucky last batch the curve jumps.
# - c) No: why should it?
#
# </details>
#
# **4. Someone clips the gradients right after `optimizer.step()`. What
# happens?**
#
# - a) An error.
# - b) The step is clipped a little later.
# - c) Nothing is ever clipped.
#
# <details><summary>Open</summary>
#
# - a) No, and that is the trouble.
# - b) No: the next step begins by clearing the gradients.
# - **c) Right.** The step has used the long gradient already, and the clipped
#   one is thrown away.
#
# </details>
#
# **5. You resume a training. The first loss is exactly the right one. Are you
# done?**
#
# - a) Yes: a loss that is right in 16 digits is no accident.
# - b) No: the optimizer and the rate show only from the second loss on.
# - c) No: the first loss does not depend on the file.
#
# <details><summary>Open</summary>
#
# - a) No: it shows that weights, batch and dropout are right.
# - **b) Right.** Both only decide how far the *next* step goes.
# - c) No: it depends on the weights in it.
#
# </details>
#
# ## Where you are
#
# You can train a GPT, see when it stops learning, and go on after a power cut.
# Its text so far is greedy. In lab 9 the same weights get better at writing,
# without any training. And in lab 10 you load weights that someone else has
# paid for.
#
# **Credits.** The text, the names of the functions, the loop and the picture
# of losses follow Sebastian Raschka's *Build a Large Language Model (From
# Scratch)*, 2024, chapters 2 and 5 and appendix D, and its
# [code](https://github.com/rasbt/LLMs-from-scratch). The story: Edith Wharton,
# *The Verdict*, 1908. AdamW: Loshchilov and Hutter, *Decoupled Weight Decay
# Regularization*, 2019. The schedule and the groups are those of A. Karpathy's
# [nanoGPT](https://github.com/karpathy/nanoGPT); overfitting one batch first
# is from his *A Recipe for Training Neural Networks*, 2019. Warm-up and
# cosine: Loshchilov and Hutter, *SGDR*, 2017, and Brown et al., *Language
# Models are Few-Shot Learners*, 2020. Clipping: Pascanu, Mikolov and Bengio,
# 2013. Mixed precision: Micikevicius et al., 2018. GPT-2's tokens: Radford et
# al., 2019.
