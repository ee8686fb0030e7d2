# %% [markdown]
# # Lab 9 · Decoding
#
# One model, one start, four ways to choose the next token. Not a weight
# differs.
#
# ```text
# {{four_ways}}
# ```
#
# A model does not write. It only says, for each token, how likely it is to
# come next. Somebody has to choose, and that is you today. These are the knobs
# that you will build. In each picture a column is the whole bet of the model
# on the next token, and the knob turns from left to right:
#
# {{figure:knobs}}

# %% [markdown]
# ## Three questions to warm up
#
# Answer aloud, then open.
#
# <details><summary>1. (Lab 1) Why did the bigram model draw with
# <code>multinomial</code> and not take the likeliest letter?</summary>
#
# After each letter the likeliest is always the same, so the text would run in
# a circle. Drawing by the odds gives each its share.
#
# </details>
# <details><summary>2. (Lab 7) A model gives scores of shape (B, T, V). Which
# of them say what comes after the text?</summary>
#
# Those of the last place, (B, V). The others say what came after earlier
# tokens, which we know.
#
# </details>
# <details><summary>3. (Lab 8) A text has a loss of 2 nats per token. What is
# its perplexity, and its mean log-probability?</summary>
#
# $e^2 \approx 7.4$: as unsure as with 7.4 equal tokens. And −2: the loss is
# the mean log-probability with the other sign.
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
# **No GPU today.** The model is so small that a sentence takes a blink.

# %%
import re
import sys

import matplotlib.pyplot as plt
import torch
from tqdm import tqdm

from gptlab import data as texts, gpt_layout, steps, tiny
from gptlab.checks import lab09_decoding as check
from gptlab.gpt import GPTModel
from gptlab.pretraining import text_to_token_ids, token_ids_to_text

torch.set_num_threads(1)  # tensors this small: one core is quicker than two
torch.set_printoptions(precision=3, sci_mode=False)

# %% [markdown]
# The model is the tiny GPT-2 of labs 5 and 7, trained on Shakespeare, as a
# `GPTModel`: your class of lab 7 in the library's form.

# %%
sizes = tiny.hparams()
context_size = sizes["n_ctx"]  # 64 tokens
model = GPTModel({
    "vocab_size": sizes["n_vocab"], "context_length": context_size,
    "emb_dim": sizes["n_embd"], "n_heads": sizes["n_head"],
    "n_layers": sizes["n_layer"], "drop_rate": 0.1, "qkv_bias": True,
})
model.load_state_dict(gpt_layout.to_gpt(tiny.params()))
model.eval()
tokenizer = tiny.tokenizer()


@torch.no_grad()
def next_logits(text):
    """The scores of what comes after a text, (1, V)."""
    return model(text_to_token_ids(text, tokenizer))[:, -1]


def best(text, n=8):
    """The n likeliest next tokens, as text, and their odds."""
    odds, ids = torch.softmax(next_logits(text), dim=-1)[0].topk(n)
    return [(tokenizer.decode([i]), p) for i, p in
            zip(ids.tolist(), odds.tolist())]


for start in ("My lord, my", "KING RICHARD", "I will not"):
    shown = ", ".join(f"{t!r} {p:.2f}" for t, p in best(start, 5))
    print(f"{start!r:15} → {shown}")

# %% [markdown]
# Tokens here are pieces of words, often with a space in front. `KING RICHARD`
# leaves hardly a doubt (there are a second and a third). After `I will not`
# nearly anything may come.
#
# # Part 1 · One token
#
# ## Temperature
#
# For the examples, a vocabulary of five. After some text, "I saw the …", a
# model gives five scores. Softmax takes $e^{score}$ of each, which we call its
# **weight**, and divides by their sum. So a token of weight 10 is twice as
# likely as one of weight 5:
#
# | id | token | score | weight | odds = weight / 20 |
# |---|---|---|---|---|
# | 0 | queen | 1.10 | 3 | 0.15 |
# | 1 | king | 2.30 | 10 | **0.50** |
# | 2 | fool | −0.69 | 0.5 | 0.025 |
# | 3 | crown | 1.61 | 5 | 0.25 |
# | 4 | sword | 0.41 | 1.5 | 0.075 |
#
# **Temperature** T: divide all scores by T, then softmax. Since $e^{score / T}
# = (e^{score})^{1/T}$, that raises each weight to the power 1/T. T = ½ squares
# the weights:
#
# | token | weight | squared | odds at T = ½ |
# |---|---|---|---|
# | queen | 3 | 9 | 9 / 136.5 = 0.066 |
# | king | 10 | 100 | 100 / 136.5 = **0.733** |
# | fool | 0.5 | 0.25 | 0.002 |
# | crown | 5 | 25 | 0.183 |
# | sword | 1.5 | 2.25 | 0.016 |
#
# Cold makes it sure: the likely gets likelier. T = 2 takes the square roots:
# 1.73, 3.16, 0.71, 2.24, 1.22, and their sum is 9.06.

# %% predict="my_king"
# What are the odds of the king at T = 2? (At T = 1: 0.50.)
my_king = None  # a number, before you run anything below

# %% [markdown]
# And T = 0? Dividing by 0 gives nothing useful. What is meant is where it
# leads: the colder, the surer, until the likeliest has all. So T = 0 is
# **greedy**: 1 for the likeliest, 0 for the others. If two are equal, the
# first has it: scores 1, 3, 0, 3, 2 give odds 0, 1, 0, 0, 0.
#
# The checks of this part use a second text as well, with weights 1, 0.4, 6,
# 0.6, 2. Their sum is 10, so the odds can be read off: 0.1, 0.04, 0.6, 0.06,
# 0.2. Each row of a batch is a text of its own.

# %% answer="probabilities" level=1 minutes=6
def probabilities(logits, temperature):
    """What each token's odds are: (B, V) scores -> (B, V), rows sum to 1.

    temperature: below 1 sharper, above 1 flatter; 0: 1 for the likeliest
    token (the first one of equals), 0 for the others.
    """
    ### BEGIN SOLUTION
    if temperature == 0:
        best = logits.argmax(dim=-1, keepdim=True)  # (B, 1)
        return torch.zeros_like(logits).scatter(-1, best, 1.0)
    return torch.softmax(logits / temperature, dim=-1)
    ### END SOLUTION

# %% grade="probabilities" points=2
check.probabilities(probabilities)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Two cases. One is a division and a softmax. The other asks which column is
# the largest, and never divides.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `torch.softmax(..., dim=...)`: along which axis do the odds of one text add
# up to 1? For T = 0: `argmax` says where the largest is, `torch.zeros_like`
# makes zeros, `scatter(dim, index, value)` writes a value at given places.
# `F.one_hot` is another way, but it makes whole numbers.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# If the temperature is 0: the place of the largest in each row, with its axis
# kept, (B, 1); return zeros with a 1.0 there. Else: return the softmax, along
# the last axis, of the scores over the temperature.
#
# </details>

# %% numbers="king_at_2"
tokens = ["queen", "king", "fool", "crown", "sword"]
weights = torch.tensor([[3.0, 10.0, 0.5, 5.0, 1.5]])
five = weights.log()  # the scores of the example
for temperature in (0, 0.5, 1, 2, 100):
    row = probabilities(five, temperature)[0].tolist()
    shown = "  ".join(f"{t} {p:.3f}" for t, p in zip(tokens, row))
    print(f"T = {temperature:<4} {shown}")
king_at_2 = probabilities(five, 2)[0, 1].item()
print(f"the king at T = 2: {king_at_2:.3f}; you said {my_king}")

# %% [markdown]
# At T = 2 the king has {{king_at_2:.3f}}. Very hot, all five are nearly equal:
# the model's opinion is gone. But the *order* of the tokens is the same at
# every temperature.
#
# ## Top-k
#
# The model has hundreds of tokens, GPT-2 has 50,257. Most are nonsense in a
# given place, each with a tiny share. Yet all the tiny shares together are not
# tiny, so now and then one of these is drawn, and one is enough to spoil a
# sentence. So: keep the `top_k` largest scores and set the others to −inf.
# Softmax makes exactly 0 of −inf, and shares the rest out anew.
#
# By hand, top_k = 2:
#
# | | queen | king | fool | crown | sword |
# |---|---|---|---|---|---|
# | weight, first text | 3 | **10** | 0.5 | **5** | 1.5 |
# | kept | −inf | 2.30 | −inf | 1.61 | −inf |
# | odds after | 0 | 10/15 | 0 | 5/15 | 0 |
# | weight, second text | 1 | 0.4 | **6** | 0.6 | **2** |
# | odds after | 0 | 0 | 6/8 | 0 | 2/8 |
#
# The smallest score that stays is the **edge**: 1.61 in the first text, and in
# the second ln 2 = 0.69. Each row has its own. And a top_k of 9, with five
# tokens, keeps all.
#
# Why −inf and not 0? Because 0 is a score like any other. It is higher than
# the fool's −0.69.

# %% answer="top_k" level=2 minutes=6
def top_k_only(logits, top_k):
    """(B, V) scores, with all but the top_k largest of each row at -inf.

    A top_k of more than V keeps all.
    """
    ### BEGIN SOLUTION
    top_k = min(top_k, logits.shape[-1])
    least = torch.topk(logits, top_k).values[:, -1:]  # (B, 1)
    return torch.where(logits < least, -torch.inf, logits)
    ### END SOLUTION

# %% grade="top_k" points=2
check.top_k(top_k_only)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Find the edge of each row. Whatever is below it goes to −inf.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `torch.topk(scores, k).values` gives the k largest of each row, in falling
# order: (B, k). Which column of it is the edge? It has to stay a column, (B,
# 1). topk refuses a k of more than V. `torch.where(condition, a, b)` or
# `masked_fill`.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# The smaller of `top_k` and V; the last of that many largest, for each row, as
# (B, 1); return −inf where a score is below its row's edge, and the score
# elsewhere.
#
# </details>
#
# ## Top-p
#
# Which k is right? Look at the three starts at the top: after `KING RICHARD`
# one token is enough, after `I will not` there are dozens of good ones. A
# fixed k is too many here and too few there. **Top-p** counts shares and not
# tokens: go through them from the likeliest, and stop as soon as they have
# `top_p` together.
#
# By hand, the first text from the likeliest down, with top_p = 0.7:
#
# | token | odds | together | what came before | |
# |---|---|---|---|---|
# | king | 0.50 | 0.50 | 0 | kept |
# | crown | 0.25 | 0.75 | 0.50, not yet 0.7 | kept |
# | queen | 0.15 | 0.90 | 0.75, enough | dropped |
# | sword | 0.075 | 0.975 | 0.90 | dropped |
# | fool | 0.025 | 1 | 0.975 | dropped |
#
# The crown is the one that *crosses* 0.7, and it stays. So a token is dropped
# if those **before** it have top_p already. Before the first one is nothing,
# so one is always kept.
#
# | top_p | first text keeps | second text keeps |
# |---|---|---|
# | 0.45 | king (1) | fool (2) |
# | 0.55 | king, crown (1, 3) | fool (2) |
# | 0.7 | king, crown (1, 3) | fool, sword (2, 4) |
# | 0.85 | king, crown, queen (1, 3, 0) | fool, sword, queen (2, 4, 0) |
#
# The counting is done in the order of likelihood. What comes back is in the
# order of *ids*, like what came in.

# %% answer="top_p" level=3 minutes=15
def top_p_only(logits, top_p):
    """(B, V) scores, with all but the likeliest tokens at -inf.

    Kept, in each row: the likeliest, then the next, … until their odds
    together reach top_p; the one that reaches it is kept too.
    """
    ### BEGIN SOLUTION
    ordered, place = logits.sort(dim=-1, descending=True)  # (B, V) both
    probs = torch.softmax(ordered, dim=-1)
    before = probs.cumsum(dim=-1) - probs  # the odds of those that come first
    ordered = torch.where(before >= top_p, -torch.inf, ordered)
    return torch.empty_like(logits).scatter(-1, place, ordered)
    ### END SOLUTION

# %% grade="top_p" points=3
check.top_p(top_p_only)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Sort, decide, and put back. The decision needs, for each sorted token, the
# odds of all that come before it.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `scores.sort(dim=-1, descending=True)` gives two things: the sorted scores,
# and for each the id where it was. `cumsum(dim=-1)` adds up from the left and
# counts the token itself, too. `scatter(-1, ids, values)` writes each value at
# its id: the way back.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Sort; softmax of the sorted scores; their running sum, less the token's own
# share; −inf where that has reached `top_p`; scatter these scores into a new
# tensor, at the ids that came out of the sort.
#
# </details>
#
# How many tokens does top_p = 0.9 keep of the model's {{n_vocab}}?

# %% predict="my_kept"
# After "KING RICHARD" it is 1. After "I will not"?
my_kept = None  # a number, before you run anything below

# %% numbers="n_vocab n_sure n_unsure"
n_vocab = sizes["n_vocab"]
n_kept = {}
for start in ("KING RICHARD", "My lord, my", "My lord,", "I will not"):
    kept = top_p_only(next_logits(start), 0.9).isfinite()
    n_kept[start] = int(kept.sum())
    print(f"{start!r:15} keeps {n_kept[start]:3}")
n_sure, n_unsure = n_kept["KING RICHARD"], n_kept["I will not"]
print(f"you said {my_kept}")

# %% figure="nucleus"
fig, axes = plt.subplots(1, 3, figsize=(10.5, 3.1), sharey=True)
starts = ("KING RICHARD", "My lord, my", "I will not")
for ax, start in zip(axes, starts):
    odds = torch.softmax(next_logits(start), -1)[0]
    odds = odds.sort(descending=True).values[:70]
    kept = n_kept[start]
    ax.bar(range(kept), odds[:kept], color="tab:blue", width=1,
           label="kept by top_p = 0.9")
    ax.bar(range(kept, 70), odds[kept:], color="lightgray", width=1)
    ax.axvline(19.5, color="tab:red", linestyle="--", linewidth=1,
               label="edge of top_k = 20")
    ax.set(yscale="log", ylim=(1e-4, 1.5), title=f"{start!r}: {kept}",
           xlabel="tokens, the likeliest first")
axes[0].set_ylabel("odds")
axes[0].legend(loc="upper right", fontsize=8)
fig.tight_layout()
plt.show()

# %% [markdown]
# {{n_sure}} and {{n_unsure}}, with the same setting.
# The dashed line of top_k = 20 lets 19 bad tokens in on the left, and cuts
# good ones off on the right.
#
# ## Against repetition
#
# Sure models say things twice, and then again. The simplest remedy: make the
# scores of tokens that already stand in the text smaller, by a **penalty** of,
# say, 1.2. Smaller means: divide a score above 0, *multiply* one below 0. (−4
# divided by 2 would be −2, and that is larger.)
#
# By hand, with a penalty of 2:
#
# | | token 0 | 1 | 2 | 3 | 4 |
# |---|---|---|---|---|---|
# | scores after the text 0, 1, 0 | 3 | −1 | 2 | 0.5 | −4 |
# | with penalty | **1.5** | **−2** | 2 | 0.5 | −4 |
# | scores after the text 3, 2, 3 | −2 | 1 | 4 | −3 | 6 |
# | with penalty | −2 | 1 | **2** | **−6** | 6 |
#
# Token 0 stands in the first text twice, and is divided once. A penalty of 1
# changes nothing.

# %% answer="penalty" level=2 minutes=8
def repetition_penalty(logits, idx, penalty):
    """(B, V) scores, made smaller for the tokens that stand in idx, (B, T).

    In each row: a score above 0 is divided by penalty, one below 0 is
    multiplied by it; once, however often the token stands there.
    """
    ### BEGIN SOLUTION
    found = logits.gather(-1, idx)  # (B, T)
    found = torch.where(found > 0, found / penalty, found * penalty)
    return logits.scatter(-1, idx, found)
    ### END SOLUTION

# %% grade="penalty" points=2
check.penalty(repetition_penalty)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Three steps: fetch the scores of the tokens that stand in the text, change
# them, put them back where they were.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `scores.gather(-1, ids)` fetches, for each id of each row, the score at that
# place; `scores.scatter(-1, ids, new)` puts back, and makes a new tensor. An
# id that stands there twice is fetched twice, changed twice *in the same way*,
# and written twice with the same number. `torch.where` takes the one or the
# other. A loop over rows and over `set(row.tolist())` is right, too: then begin
# with a copy. (A set of the tensor's own items would keep equal ones apart.)
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# The scores at idx, (B, T); where they are above 0 the quotient, elsewhere the
# product; return the scores with these written at idx.
#
# </details>
#
# Now all four knobs on the real model. This draws the picture of the first
# screen: after `{{knobs_start}}`, how the bet on the next token changes as
# each knob turns.

# %% figure="knobs" numbers="knobs_start"
knobs_start = "My lord, my lord, my"
logits = next_logits(knobs_start)
idx = text_to_token_ids(knobs_start, tokenizer)
top = logits[0].topk(11).indices
cold_to_hot = torch.linspace(0.05, 2.5, 60)
shares = torch.linspace(1, 0.05, 96)
sweeps = {
    "temperature": (cold_to_hot.tolist(),
                    lambda t: probabilities(logits, t)),
    "top_k": (list(range(60, 0, -1)),
              lambda k: torch.softmax(top_k_only(logits, k), -1)),
    "top_p": (shares.tolist(),
              lambda p: torch.softmax(top_p_only(logits, p), -1)),
    "penalty": (torch.linspace(1, 3, 60).tolist(), lambda p: torch.softmax(
        repetition_penalty(logits, idx, p), -1)),
}
names = [repr(tokenizer.decode([i])) for i in top.tolist()]
fig, axes = plt.subplots(1, 4, figsize=(12, 3.6), sharey=True)
colors = [*plt.cm.tab20.colors[:11], (0.9, 0.9, 0.9)]
for ax, (knob, (values, turned)) in zip(axes, sweeps.items()):
    odds = torch.cat([turned(value) for value in values])  # (values, V)
    bands = torch.cat((odds[:, top], 1 - odds[:, top].sum(1, keepdim=True)),
                      dim=1)
    step = "post" if knob in ("top_k", "top_p") else None
    ax.stackplot(values, bands.clamp(min=0).T, colors=colors, step=step,
                 labels=[*names, "all others"])
    ax.set(title=knob, xlim=(values[0], values[-1]), ylim=(0, 1))
axes[0].set_ylabel("share of the bet")
handles, labels = axes[0].get_legend_handles_labels()
fig.legend(handles[::-1], labels[::-1], loc="center right", fontsize=8)
fig.tight_layout(rect=(0, 0, 0.9, 1))
plt.show()

# %% [markdown]
# Read it from the left. Temperature begins with one color, the greedy choice,
# and ends in gray: hundreds of unlikely tokens. top_k and top_p take the gray
# away, and what stays grows *in proportion*. Only the penalty changes the
# order: `' lord'` stands in the text already.
#
# ## Choose
#
# All together, in this order: temperature, top_k, top_p, then draw. The order
# matters. Examples with the first text:
#
# | settings | step by step | left | odds |
# |---|---|---|---|
# | T = 2, top_p = 0.45 | roots: king 0.349, crown 0.247: together 0.596 | king, crown | 0.586, 0.414 |
# | the other way round | king alone has 0.50, then roots | king | 1 |
# | top_k = 3, top_p = 0.55 | king, crown, queen; shared out anew 0.556, 0.278, 0.167 | king | 1 |
# | the other way round | king 0.50, crown 0.75: both; both are in the top 3 | king, crown | 0.667, 0.333 |
#
# And temperature 0 is the likeliest token, whatever the others say.
#
# Your `probabilities` showed what one knob does, so it gave odds. Here scores
# go from knob to knob, as all the filters take *scores*, and the softmax comes
# once, at the end. (The checks of `choose` and `generate` bring right forms of
# the functions that yours call. A slip in one of those is told there alone.)
#
# A last thing. `torch.multinomial` rolls dice. Where do the dice come from? If
# nothing is said, from one source for the whole notebook: any cell that draws
# something changes what all later cells draw. A `torch.Generator` is a source
# of your own. With the same seed it rolls the same dice, whatever happened
# elsewhere. So hand it on.

# %% answer="choose" level=2 minutes=8
def choose(logits, temperature=0.0, top_k=None, top_p=None, generator=None):
    """A token for each row: (B, V) scores -> (B, 1) ids.

    Temperature 0: the likeliest. Else temperature, then top_k, then top_p,
    then draw from what is left, with this generator.
    """
    ### BEGIN SOLUTION
    if temperature == 0:
        return logits.argmax(dim=-1, keepdim=True)
    logits = logits / temperature
    if top_k is not None:
        logits = top_k_only(logits, top_k)
    if top_p is not None:
        logits = top_p_only(logits, top_p)
    probs = torch.softmax(logits, dim=-1)
    return torch.multinomial(probs, num_samples=1, generator=generator)
    ### END SOLUTION

# %% grade="choose" points=2
check.choose(choose)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Greedy first, and done. Then three lines that each change the scores, two of
# them only if asked for, and a draw.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `argmax(..., keepdim=True)` gives (B, 1). Your own `top_k_only` and
# `top_p_only`, each where its setting `is not None`: both may be given. They
# take scores, `torch.multinomial` takes odds. It has an argument `generator`.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Temperature 0: return the place of the largest. Scores over temperature; if
# there is a top_k, through the one function; if there is a top_p, through the
# other; softmax; return one draw for each row with the generator.
#
# </details>
#
# Does it draw what it should? 2,000 draws beside the odds by hand:

# %% figure="drawn"
settings = {
    "temperature 1": {"temperature": 1.0},
    "temperature 2": {"temperature": 2.0},
    "top_k 2": {"temperature": 1.0, "top_k": 2},
    "T = 2, top_p 0.45": {"temperature": 2.0, "top_p": 0.45},
}
by_hand = [[0.15, 0.5, 0.025, 0.25, 0.075],
           [0.191, 0.349, 0.078, 0.247, 0.135],
           [0, 2 / 3, 0, 1 / 3, 0], [0, 0.586, 0, 0.414, 0]]
fig, axes = plt.subplots(1, 4, figsize=(11, 2.8), sharey=True)
for ax, (name, knobs), right in zip(axes, settings.items(), by_hand):
    dice = torch.Generator().manual_seed(1337)
    ids = choose(five.repeat(2000, 1), **knobs, generator=dice)
    share = torch.bincount(ids.flatten(), minlength=5) / 2000
    ax.bar(tokens, share, color="tab:blue", label="drawn")
    ax.plot(tokens, right, "k_", markersize=22, label="by hand")
    ax.set_title(name)
    ax.tick_params(axis="x", rotation=60)
axes[0].legend()
fig.tight_layout()
plt.show()

# %% [markdown]
# # Part 2 · The loop
#
# ## It writes, and it stops
#
# The loop of lab 7, and four things more:
#
# - the token is chosen by `choose`, with all its settings;
# - before that, `repetition_penalty` looks at **all** of the text, not only at
#   what the model still sees;
# - a **stop token**: a row that has drawn `eos_id` has ended;
# - a generator.
#
# By hand, with a model that is easy to follow. Five tokens. Score 3 for the
# *sum* of all that it sees (if that is 5 or more, take away fives), score 2
# for the token after that one, −1 for the others. `context_size` = 3. Greedy,
# two rows, `eos_id` = 1:
#
# | step | row 0 | draws | row 1 | draws |
# |---|---|---|---|---|
# | | 0, 2 | | 0, 3 | |
# | 1 | 0 + 2 = 2 | 2 | 0 + 3 = 3 | 3 |
# | 2 | 0 + 2 + 2 = 4 | 4 | 0 + 3 + 3 = 6 | **1**: has ended |
# | 3 | 2 + 2 + 4 = 8 | 3 | (3 + 3 + 1 = 7 says 2) | 1 |
# | 4 | 2 + 4 + 3 = 9 | 4 | (3 + 1 + 1 = 5 says 0) | 1 |
# | 5 | 4 + 3 + 4 = 11 | **1**: has ended | (1 + 1 + 1 = 3 says 3) | |
#
# In step 5 the last row ends: all have, so the loop is over and nothing is
# added. What comes back is 0, 2, 2, 4, 3, 4 and 0, 3, 3, 1, 1, 1. A batch is a
# rectangle, so a row that has ended is filled up with eos_id, whatever the
# model says. In no step do both rows draw a 1: who has ended has to be
# remembered. (An `eos_id` that stands in the *start* ends nothing.)
#
# And the penalty, 2, on the start 0, 0, without a stop token:
#
# | text | sees, sum | scores after the penalty | adds |
# |---|---|---|---|
# | 0, 0 | 0, 0: 0 | token 0: 3 / 2 = 1.5; token 1: 2 | 1 |
# | 0, 0, 1 | 0, 0, 1: 1 | token 1: 1.5; token 2: 2 | 2 |
# | 0, 0, 1, 2 | 0, 1, 2: 3 | token 3: 3 | 3 |
# | 0, 0, 1, 2, 3 | 1, 2, 3: 1 | token 1: 1.5; token 2: 1 | 1 |
#
# Without it, the text would be 0, 0, 0, 0, 0 and so on for ever.

# %% answer="generate" level=3 minutes=15
def generate(
    model, idx, max_new_tokens, context_size, temperature=0.0, top_k=None,
    eos_id=None, top_p=None, generator=None, penalty=1.0,
):
    """Continue each row of idx, (B, T), by up to max_new_tokens tokens.

    The model reads the last context_size tokens, without a graph. A row that
    has drawn eos_id goes on with eos_id; when all rows have, that is the end,
    and the last row's eos_id is not added. penalty 1.0 changes nothing. The
    model's mode (train or eval) stays as it is.
    """
    ### BEGIN SOLUTION
    ended = torch.zeros(len(idx), 1, dtype=torch.bool, device=idx.device)
    for _ in range(max_new_tokens):
        with torch.no_grad():
            logits = model(idx[:, -context_size:])[:, -1, :]  # (B, V)
        logits = repetition_penalty(logits, idx, penalty)
        new = choose(logits, temperature, top_k, top_p, generator)  # (B, 1)
        if eos_id is not None:
            ended = ended | (new == eos_id)
            if ended.all():
                break
            new = torch.where(ended, eos_id, new)
        idx = torch.cat((idx, new), dim=1)
    return idx
    ### END SOLUTION

# %% grade="generate" points=4
check.generate(generate)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Again and again: ask the model about the last tokens, take its last place,
# penalize, choose, look who has ended, append. Which rows have ended is
# remembered from step to step.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# A tensor of bools, (B, 1), at first False, collects: "has ended before *or*
# draws it now". `.all()` asks whether every row has. `torch.where(ended,
# eos_id, new)` fills up. `with torch.no_grad():` around the model alone.
# `torch.cat` makes a new tensor: the caller's stays as it was.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# A loop of `max_new_tokens` rounds. The scores of the last place, without a
# graph, for the last `context_size` columns; penalized for all of idx; a token
# for each row. If there is an eos_id: update who has ended; leave the loop if
# all have; put eos_id where a row has. Append. After the loop, the text.
#
# </details>
#
# Your first dial. The same start and the same dice, from cold to hot:

# %%
def write(start, n_tokens, **knobs):
    """A start, continued by your loop, as text."""
    idx = text_to_token_ids(start, tokenizer)
    n_tokens = steps(n_tokens, graded=2)
    out = generate(model, idx, n_tokens, context_size, **knobs)
    return token_ids_to_text(out, tokenizer)


def seeded(seed=1337):
    """New dice: the same seed, the same rolls."""
    return torch.Generator().manual_seed(seed)


for temperature in (0, 0.5, 1, 2):
    text = write("Where is the", 40, temperature=temperature,
                 generator=seeded())
    print(f"T = {temperature}: {text}\n")

# %% numbers="four_ways"
ways = {
    "the likeliest, always": {},
    "temperature 2": {"temperature": 2.0},
    "greedy, penalty 1.2": {"penalty": 1.2},
    "T = 0.8, top_p 0.9": {"temperature": 0.8, "top_p": 0.9},
}
blocks = []
for name, knobs in ways.items():
    text = write("Where is the", 60, **knobs, generator=seeded())
    lines = [f"  {line}".rstrip() for line in text.split("\n")[:4]]
    blocks.append(f"{name}\n" + "\n".join(lines))
four_ways = "\n\n".join(blocks)
print(four_ways)

# %% [markdown]
# GPT-2's own stop token is `<|endoftext|>`. The tiny model has never met it in
# a text. But any token may be the one to stop at. A line break, for example:
# then each row is one line. Three starts of four tokens, one batch:

# %%
line_end = tokenizer.encode("\n")[0]
starts = ["My lord,", "Come, my", "And yet he"]
rows = [text_to_token_ids(start, tokenizer)[0, :3] for start in starts]
out = generate(model, torch.stack(rows), steps(40, graded=2), context_size,
               temperature=0.8, eos_id=line_end, generator=seeded())
for row in out:
    n_ends = int((row == line_end).sum())
    line = tokenizer.decode(row.tolist()).rstrip("\n")
    print(f"{line!r}, then {n_ends} × line end")

# %% [markdown]
# ## The same dice
#
# What does a generator promise? Try three things with one start and one seed:
# the same call again; the same call after other cells have drawn; and the same
# start three times in one batch.

# %% numbers="same_again same_after n_same"
idx = text_to_token_ids("My lord,", tokenizer)
n_tokens = steps(12, graded=2)


def drawn(idx, dice):
    return generate(model, idx, n_tokens, context_size, temperature=1.0,
                    generator=dice)


alone = drawn(idx, seeded())
same_again = drawn(idx, seeded()).equal(alone)
torch.rand(1000)  # somebody else draws
same_after = drawn(idx, seeded()).equal(alone)
together = drawn(idx.repeat(3, 1), seeded())
print("alone:     ", repr(token_ids_to_text(alone, tokenizer)))
for row in together:
    print("in a batch:", repr(tokenizer.decode(row.tolist())))
new = slice(idx.shape[1], None)
same = (together[0, new] == alone[0, new]).tolist()
n_same = (same + [False]).index(False)
print(f"again: {same_again}, after others have drawn: {same_after}; "
      f"row 0 of the batch is the same for {n_same} tokens")

# %% [markdown]
# The same call gives the same text, and no other cell can disturb it. But in
# the batch even row 0 writes something else. (How many of its new tokens agree
# before the two part: {{n_same}}.) Three rows roll **one** set of
# dice in turn, so from the second token on row 0 gets other dice than it would
# get alone. If a text has to be the same whoever sits beside it, each row
# needs a generator of its own:

# %% numbers="rows_alone"
one_by_one = torch.cat([drawn(idx, seeded(seed)) for seed in (1337, 1, 2)])
swapped = torch.cat([drawn(idx, seeded(seed)) for seed in (2, 1337, 1)])
rows_alone = one_by_one[0].equal(alone[0]) and swapped[1].equal(alone[0])
print("each row by its own seed, whatever its neighbours:", rows_alone)

# %% [markdown]
# And what a seed does *not* promise: the same text on a GPU, or with another
# version of PyTorch. Their dice differ, and so do the last digits of the
# scores. What is sure is the *odds*.
#
# # Part 3 · Which way is best?
#
# One text that you like proves nothing: it may be luck. So do it
# systematically. The same list of prompts, each strategy, several texts a
# prompt, and numbers.

# %%
PROMPTS = [
    "First Citizen:\n",
    "KING RICHARD:\nWhat",
    "ROMEO:\nO,",
    "JULIET:\nMy",
    "My lord,",
    "Thou art",
    "I have a",
    "Where is the",
    "And yet",
    "Good morrow",
]
STRATEGIES = {
    "greedy": {},
    "greedy, penalty 1.2": {"penalty": 1.2},
    "temperature 0.5": {"temperature": 0.5},
    "temperature 1": {"temperature": 1.0},
    "temperature 1.5": {"temperature": 1.5},
    "top_k 5": {"temperature": 1.0, "top_k": 5},
    "top_k 40": {"temperature": 1.0, "top_k": 40},
    "top_p 0.5": {"temperature": 1.0, "top_p": 0.5},
    "top_p 0.9": {"temperature": 1.0, "top_p": 0.9},
    "T = 0.8, top_p 0.9": {"temperature": 0.8, "top_p": 0.9},
}

# %% [markdown]
# ## Distinct n-grams
#
# An **n-gram** is n tokens in a row. Of all n-grams of a text, how many are
# different? By hand, "a rose is a rose is a rose", eight words:
#
# | n | n-grams | all | different | share |
# |---|---|---|---|---|
# | 1 | a, rose, is, a, rose, is, a, rose | 8 | 3 | 3/8 |
# | 2 | a rose, rose is, is a, a rose, … | 7 | 3 | 3/7 |
# | 3 | a rose is, rose is a, is a rose, … | 6 | 3 | **3/6** |
# | 5 | a rose is a rose, rose is a rose is, … | 4 | 3 | 3/4 |
#
# 1 means that nothing comes twice. What is missing to 1 is repetition.

# %% answer="distinct" level=1 minutes=6
def distinct_n(ids, n):
    """How many different n-grams, as a share of all that are in the list ids.

    1.0: none comes twice. 0.0 for a list shorter than n.
    """
    ### BEGIN SOLUTION
    grams = [tuple(ids[i : i + n]) for i in range(len(ids) - n + 1)]
    return len(set(grams)) / len(grams) if grams else 0.0
    ### END SOLUTION

# %% grade="distinct" points=1
check.distinct(distinct_n)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Make the list of all n-grams. A set of them holds each once.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `ids[i : i + n]` is the n-gram that begins at i. What is the last i? A set
# takes tuples, not lists. And a text that is too short has an empty list of
# n-grams: dividing by its length is no good.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# A list comprehension of tuples, over the starts from 0 to T − n; return the
# number in its set over the number in the list, or 0.0 if the list is empty.
#
# </details>
#
# ## What the model thinks of it
#
# The other number is the model's own opinion of a text: the
# **log-probability** of each token, given all before it, and their mean. 0
# would be: it was sure of each. The start is not counted: it was given.
#
# By hand, with a model of five tokens: after token t, token t + 1 has odds ½,
# t + 2 has ¼, t + 3 has ⅛, and t + 4 and t itself have 1/16 each (after 4
# comes 0 again). Each halving costs ln 2 = 0.693. The first three tokens are
# given:
#
# | text | token 3 | token 4 | halvings | mean log-probability |
# |---|---|---|---|---|
# | 2, 3, 0, **1, 2** | 0 → 1: ½ | 1 → 2: ½ | 1, 1 | −0.693 |
# | 4, 0, 1, **4, 1** | 1 → 4: ⅛ | 4 → 1: ¼ | 3, 2 | −2.5 · 0.693 = −1.733 |
#
# One thing to keep apart: the scores *at* place t are about token t + 1. And
# use the plain scores, without any knob: the question is what the *model*
# thinks.

# %% answer="log_prob" level=2 minutes=10
def mean_log_prob(model, idx, n_prompt):
    """How likely the model finds its own text: nats per token, (B,).

    idx: (B, T) ids, T at most the context; the first n_prompt are given.
    The mean, over the others, of the log-probability of each token, given
    all before it. The model's mode (train or eval) stays as it is.
    """
    ### BEGIN SOLUTION
    with torch.no_grad():
        log_probs = torch.log_softmax(model(idx), dim=-1)  # (B, T, V)
    found = log_probs[:, :-1].gather(-1, idx[:, 1:, None]).squeeze(-1)
    return found[:, n_prompt - 1 :].mean(dim=1)
    ### END SOLUTION

# %% grade="log_prob" points=2
check.log_prob(mean_log_prob)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# One call of the model gives the scores for all places. Pair each place with
# the token that follows it, look up that token's log-probability, and leave
# the prompt out.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `torch.log_softmax(scores, dim=-1)`. `gather(-1, ids)` looks up; the ids need
# as many axes as the scores, so `ids[..., None]`, and `squeeze(-1)` after.
# With T tokens there are T − 1 pairs. Which of them is the first that counts,
# if n_prompt tokens are given?
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Without a graph: the log-softmax of the model's scores. All places but the
# last, looked up at all tokens but the first: (B, T − 1). From column n_prompt
# − 1 on, the mean of each row.
#
# </details>
#
# ## The comparison
#
# For each strategy and each prompt some texts of {{n_new}} new tokens. Four
# numbers:
#
# | number | what it says |
# |---|---|
# | log-prob | the model's opinion, nats per token |
# | repeated | share of 4-grams that came before in the same text: loops |
# | distinct | different 3-grams over one text for each of the prompts: does it say the same to all? |
# | words | share of the words that stand in the training text: is it English? |
#
# (The last one says something only where the cell below has the plays: the
# model's words are Shakespeare's.) And a row to compare with: **Shakespeare**,
# pieces of the part of the plays that the model has never seen, measured in
# the same way.
#
# Before you run it: greedy text gets {{greedy_says:.1f}} nats per token. What
# does the model think of Shakespeare? (The cell below your answer writes
# several hundred texts, one line for each strategy.)

# %% predict="my_opinion"
# The mean log-probability of Shakespeare's own text, nats per token?
my_opinion = None  # a number, before you run anything below

# %% numbers="n_new"
n_new, n_texts = steps(48, graded=4), steps(6, graded=1)
corpus = texts.tiny_shakespeare().text
cut = int(0.9 * len(corpus))
known = set(re.findall(r"[A-Za-z']+", corpus[:cut]))


def texts_of(name, write_rows):
    """n_texts × prompts: what is new of each text, its log-prob, the text.

    write_rows: (T,) ids of a prompt, n -> (n, T + n_new) ids
    """
    found = []
    for prompt in tqdm(PROMPTS, name, unit=" prompts", file=sys.stdout):
        ids = text_to_token_ids(prompt, tokenizer)[0]
        out = write_rows(ids, n_texts)
        log_probs = mean_log_prob(model, out, len(ids)).tolist()
        found.append([(row[len(ids):].tolist(), log_prob,
                       tokenizer.decode(row.tolist()))
                      for row, log_prob in zip(out, log_probs)])
    return list(zip(*found))


def mean(numbers):
    return sum(numbers) / max(1, len(numbers))


def measured(rounds):
    """The four numbers of n_texts rounds, each with one text a prompt."""
    flat = [text for texts in rounds for text in texts]
    words = [word for text in flat
             for word in re.findall(r"[A-Za-z']+", text[2])[:-1]]
    every = [[i for text in texts for i in text[0]] for texts in rounds]
    return {
        "log-prob": mean([text[1] for text in flat]),
        "repeated": 1 - mean([distinct_n(text[0], 4) for text in flat]),
        "distinct": mean([distinct_n(ids, 3) for ids in every]),
        "words": mean([word in known for word in words]),
    }


def by(knobs):
    """A writer with these settings; each strategy gets the same dice."""
    dice = seeded()
    return lambda ids, n: generate(model, ids.repeat(n, 1), n_new,
                                   context_size, **knobs, generator=dice)


held_back = corpus[cut : cut + steps(40_000, graded=4_000)]
held_back = torch.tensor(tokenizer.encode(held_back))
lines = (held_back[:-64] == line_end).nonzero()[:, 0] + 1  # where one begins
piece_dice = seeded()


def shakespeare(ids, n):
    """Pieces of the held-back part, as long as a text for this prompt."""
    at = lines[torch.randint(len(lines), (n,), generator=piece_dice)]
    return torch.stack([held_back[i : i + len(ids) + n_new] for i in at])


written = {name: texts_of(name, by(knobs))
           for name, knobs in STRATEGIES.items()}
written["Shakespeare"] = texts_of("Shakespeare", shakespeare)

# %% numbers="greedy_says human_says"
table = {name: measured(rounds) for name, rounds in written.items()}
print(f"{'':20}" + "".join(f"{name:>10}" for name in table["greedy"]))
for name, row in table.items():
    print(f"{name:20}" + "".join(f"{value:10.3f}" for value in row.values()))
greedy_says = table["greedy"]["log-prob"]
human_says = table["Shakespeare"]["log-prob"]
print(f"you said {my_opinion} for Shakespeare")

# %% [markdown]
# The model likes its own greedy text ({{greedy_says:.2f}}) far
# better than Shakespeare ({{human_says:.2f}}). One text a
# strategy, to see what the numbers stand for:

# %%
for name, rounds in written.items():
    print(f"--- {name}\n{rounds[0][-3][2]}\n")

# %% [markdown]
# ## What if we look for the likeliest text?
#
# Greedy takes the likeliest *token* each time. That need not be the likeliest
# *text*: a small sacrifice now may pay later. So search. A **beam** keeps the
# 24 best texts so far, continues each by every token, and keeps the 24 best of
# those. In the code, `place` counts through all pairs of text and token, text
# by text, so the text is `place // V` and the token `place % V`.

# %%
def beam(ids, n, width=24):
    """The likeliest text that a search of this width finds, n times."""
    idx, total = ids[None], torch.zeros(1)  # (1, T), (1,)
    for _ in range(n_new):
        with torch.no_grad():
            last = model(idx[:, -context_size:])[:, -1]  # (width, V)
        log_probs = torch.log_softmax(last, dim=-1)
        scores = (total[:, None] + log_probs).flatten()
        total, place = scores.topk(width)
        row, token = place // n_vocab, place % n_vocab
        idx = torch.cat((idx[row], token[:, None]), dim=1)
    return idx[:1].repeat(n, 1)


# %% numbers="beam_text beam_says"
written["beam of 24"] = texts_of("beam of 24", beam)
table["beam of 24"] = measured(written["beam of 24"])
beam_says = table["beam of 24"]["log-prob"]
beam_text = written["beam of 24"][0][-2][2]
print(f"{'':20}" + "".join(f"{name:>10}" for name in table["greedy"]))
for name in ("beam of 24", "greedy", "Shakespeare"):
    row = table[name].values()
    print(f"{name:20}" + "".join(f"{value:10.3f}" for value in row))
for text in written["beam of 24"][0][-4:]:
    print("---\n" + text[2])

# %% [markdown]
# ```text
# {{beam_text}}
# ```
#
# It worked: the model's opinion rises to {{beam_says:.2f}}.
# Nothing that we wrote today is likelier. And it reads worst: empty, polite,
# over and over. Here is everything in one picture.

# %% figure="compared"
fig, ax = plt.subplots(figsize=(8.5, 5))
points = {name: (row["log-prob"], row["distinct"], row["words"])
          for name, row in table.items()}
dots = ax.scatter(*zip(*[p[:2] for p in points.values()]), s=90,
                  c=[p[2] for p in points.values()], cmap="RdYlGn",
                  vmin=0.7, vmax=1, edgecolor="gray", zorder=3)
beside = {  # where a name stands, so that none covers another
    "temperature 1": (-8, 5, "right"), "top_k 40": (-4, 16, "center"),
    "top_p 0.9": (2, 9, "left"), "top_k 5": (-9, -5, "right"),
    "Shakespeare": (-8, -14, "right"), "temperature 1.5": (0, 10, "center"),
    "beam of 24": (-9, -2, "right"),
}
for name, (x, y, _) in points.items():
    right, up, align = beside.get(name, (9, -2, "left"))
    ax.annotate(name, (x, y), xytext=(right, up), ha=align, fontsize=9,
                textcoords="offset points",
                fontweight="bold" if name == "Shakespeare" else None)
x, y, _ = points["Shakespeare"]
ax.axvline(x, color="gray", linestyle=":", zorder=1)
ax.axhline(y, color="gray", linestyle=":", zorder=1)
fig.colorbar(dots, label="share of words that are words")
ax.set(xlabel="mean log-probability: what the model thinks of the text",
       ylabel="distinct 3-grams over the prompts",
       title="The likeliest texts all say the same")
ax.margins(x=0.16, y=0.12)
plt.show()

# %% [markdown]
# From right to left the texts become more varied, and at some point they stop
# being words. Temperature 1 draws exactly what the model believes, and comes
# near to Shakespeare on the lower axis. But more of its words are none: the
# model gives its unlikely tokens more than they deserve. Cutting them off
# (top_k, top_p) brings the words back, and most of the variety stays. (That
# Shakespeare's own texts are not the most varied has a dull reason: most of
# what comes twice in them are the names of the parts, `PETRUCHIO:`, and the
# empty lines between the speeches.) So
# nearly every program that you will meet comes with something like temperature
# 0.8 and a top_k of 20 to 200, or a top_p of 0.9 to 0.95.

# %% [markdown] explain="likeliest" points=1 level=2 minutes=8
# ## Why does the likeliest text read worst?
#
# Look at the table: the beam has a log-probability of {{beam_says:.2f}},
# Shakespeare {{human_says:.2f}}.
#
# 1. The model was trained to give text like Shakespeare's a high probability.
#    How can a text that hardly anybody would write be so much likelier than
#    his? And why do greedy texts fall into loops?
# 2. A friend wants to choose the settings of a chat program by "the highest
#    mean log-probability on our prompts". What will they end up with, and what
#    should they look at instead?
#
# Answer in 4 to 7 sentences. Half a point each.
#
# ### BEGIN SOLUTION
# Probability belongs to single texts. Any one interesting sentence is one of
# very many that could stand there, so each has a tiny share, and real text
# contains a surprise every few words, each of which costs. A commonplace like
# "my lord" is only one text, but it fits nearly everywhere, so it gets a
# large share each time: the single likeliest text is made of nothing but such
# pieces, though nearly all of the probability lies on the others together.
# Greedy takes the likeliest piece every time. After the same last words the
# same words are the likeliest again, so as soon as it comes back to words that
# it has been to, it is in a circle, and no dice lead out.
# Your friend would end up with temperature 0, or with a search like the beam:
# short, empty, repeated answers. Mean log-probability says how typical a text
# is for the model, not how good it is. They should look at several numbers at
# once, such as repetition and distinct n-grams, aim for values like those of
# human text and not for the highest, and read texts, or have them read.
# ### END SOLUTION
#
# ### BEGIN SCHEME
# Half a point for 1: a quarter for the idea that one bland or common phrase is
# likelier than any one of the many surprising ones, while human text contains
# surprises (or: typical text has middling, not maximal probability); a quarter
# for the loop: always the likeliest, so the same last words lead to the same
# continuation. "The model is bad" alone is no reason. Half a point for 2: a
# quarter for greedy or beam search (temperature 0) with bland or repeated
# text, a quarter for a sensible alternative: comparing with human text,
# repetition and distinct n-grams beside likelihood, people who read.
# ### END SCHEME

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# A coin that falls on heads with 0.6 is thrown a hundred times. What is the
# single likeliest result? How often have you seen it?
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# Count: after `I will not` there are dozens of good tokens with 0.01 to 0.1
# each. What does each of them cost in nats, and what does ` lord` cost after
# `my`? For the loop: what does a greedy model do if the last 64 tokens are the
# same as before?
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# One sentence on one text against many together; one on surprise; one on the
# circle. Then: which row of the table wins by that rule? And which numbers of
# the Shakespeare row would you try to meet?
#
# </details>
#
# ## What if?
#
# - Put your own settings into `STRATEGIES` and come nearer to Shakespeare's
#   point. Is the text better?
# - A penalty of 3 with greedy: what does it do after 40 tokens? (Which tokens
#   are left that have not been used? Line ends and commas are tokens, too.)
# - `top_p=0.9` at temperature 2: how many tokens does it keep after `I will
#   not`? And after `KING RICHARD`?
#
# ## One thing to show a friend
#
# Their name as a part in a play, and a dial. Let them turn it:

# %%
name = "Ada"
for temperature in (0.3, 0.7, 1.2, 3.0):
    text = write(f"{name.upper()}:\n", 45, temperature=temperature,
                 generator=seeded())
    print(f"--- temperature {temperature}\n{text}\n")

# %% [markdown]
# # Quiz

# %% choice="which_knob" points=1 level=2 minutes=3
question = "After one text your model gives a single token 0.97. After another it gives twenty tokens 0.045 each. One setting shall leave the single token alone in the first case, and about all of the twenty in the second. Which?"
options = {
    "temperature=0.5": "No: it sharpens, but it drops nothing. In the first case the other tokens still "
    "have a share, if a smaller one.",
    "top_k=20": "No: it keeps twenty in both cases. In the first, nineteen of them are what you wanted to "
    "be rid of.",
    "top_p=0.9": "Right: 0.97 reaches 0.9 at once, so one token is kept. Of the twenties it takes 0.9 / "
    "0.045 = 20 to get there.",
    "penalty=1.2": "No: it looks at what stands in the text, not at how sure the model is.",
}
right = "top_p=0.9"

# %% [markdown]
# The others aloud: choose, then open.
#
# **2. Temperature 0.7 and top_k = 1. What does the temperature change?**
#
# - a) The text becomes a little more varied.
# - b) Nothing.
# - c) It depends on the seed.
#
# <details><summary>Open</summary>
#
# - a) No: only one token is left to draw from.
# - **b) Right.** Temperature never changes the order, so the one that is left
#   is the likeliest, with odds 1. It is greedy.
# - c) No: with one token left, every seed draws it.
#
# </details>
#
# **3. You publish a text with "seed 1337". A friend runs your code with the
# same seed and gets another text. Which reason can it *not* be?**
#
# - a) Their batch has four rows, yours had one.
# - b) They have another version of PyTorch, or a GPU.
# - c) They ran a cell with `torch.rand` before, and `generate` got a generator
#   of its own.
#
# <details><summary>Open</summary>
#
# - a) It can: the rows share the dice.
# - b) It can: other dice, and other last digits.
# - **c) Right.** A generator of its own is what protects from that.
#
# </details>
#
# **4. In a batch of two, one row has drawn the stop token. What happens to
# it?**
#
# - a) It is taken out of the batch.
# - b) It goes on with the stop token until the other has ended, too.
# - c) The loop ends: nothing more can be added.
#
# <details><summary>Open</summary>
#
# - a) It could be, and fast servers do that. Ours keeps the rectangle.
# - **b) Right.** What stands before its first stop token is its text.
# - c) No: the other row is not done.
#
# </details>
#
# **5. Strategy A has 0.99 distinct 3-grams, strategy B 0.90, Shakespeare 0.93.
# Which is better?**
#
# - a) A: more distinct is better.
# - b) B: it is nearer to Shakespeare, so it is better.
# - c) That one number does not say.
#
# <details><summary>Open</summary>
#
# - a) No: random tokens are the most distinct of all.
# - b) It is a good sign, no more. A text can repeat itself as often as
#   Shakespeare and still make no sense.
# - **c) Right.** Look at the others beside it, and read.
#
# </details>
#
# ## Where you are
#
# You can make one model careful, bold, or dull, and you can measure which. It
# is still a tiny model. In lab 10 your `GPTModel` gets OpenAI's weights, and
# your `generate` writes with them as it is.
#
# **Credits.** `generate` with its temperature, top-k and stop token follows
# Sebastian Raschka's *Build a Large Language Model (From Scratch)*, 2024,
# chapter 5, and its [code](https://github.com/rasbt/LLMs-from-scratch).
# Temperature: Ackley, Hinton and Sejnowski, *A Learning Algorithm for
# Boltzmann Machines*, 1985. Top-k: Fan, Lewis and Dauphin, *Hierarchical
# Neural Story Generation*, 2018. Top-p, and that likely text is not good text:
# Holtzman et al., *The Curious Case of Neural Text Degeneration*, 2020. The
# penalty: Keskar et al., *CTRL*, 2019, section 4.1. Distinct n-grams: Li et
# al., *A Diversity-Promoting Objective Function for Neural Conversation
# Models*, 2016. The rose is Gertrude Stein's. The tiny model learned from the
# text of [char-rnn](https://github.com/karpathy/char-rnn).
