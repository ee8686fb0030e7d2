# %% [markdown]
# # Lab 4 · Tokenizers
#
# One sentence, four ways to cut it. Each box is one id, one step of a model.
#
# {{figure:hook}}
#
# On top the characters of labs 1 to 3. At the bottom what GPT-2 reads. In
# between what you build today: an algorithm that looks at a text, and finds out
# by counting which pieces are worth an id of their own. With 8,000 ids it says
# Shakespeare in {{compression_8000:.1f}} characters a token, so a model sees
# that much further with the same context.
#
# At the end your code reads OpenAI's own files and gives the same ids as
# OpenAI's own tokenizer, on {{compared_tokens:,}} tokens, without one
# difference. You will also know why a model that writes sonnets cannot count
# the letters of a fruit.

# %% [markdown]
# ## Three questions to warm up
#
# Answer aloud, then open.
#
# <details><summary>1. (Lab 1) The vocabulary of Tiny Shakespeare had 65
# characters. What did <code>encode</code> do with a character that was not among
# them?</summary>
#
# It failed with a `KeyError`. There was no id for it. Today that gets repaired,
# twice.
#
# </details>
# <details><summary>2. (Lab 2) A context becomes twice as long. What happens to
# the table of attention weights of a head?</summary>
#
# It becomes four times as large: T × T. Long sequences are expensive. So it pays
# to say the same text with fewer tokens.
#
# </details>
# <details><summary>3. (Lab 3) Which two parts of the toy GPT have a row for each
# id of the vocabulary?</summary>
#
# The table of token embeddings at the bottom and the head at the top. (Lab 0
# did the multiplication that takes a row.) A larger vocabulary makes both
# larger: that is the price of longer tokens.
#
# </details>

# %% [markdown]
# ## Setup
#
# No GPU today: this lab is text, dicts and lists.

# %%
import html
import inspect
import json
import random
import tempfile
import time
from collections import Counter
from pathlib import Path

import matplotlib.pyplot as plt
import regex
import tiktoken
from IPython.display import HTML, display
from tiktoken.load import data_gym_to_mergeable_bpe_ranks

from gptlab import data as texts, steps, tiny, tokenizers
from gptlab.checks import lab04_tokenizers as check

corpus = texts.tiny_shakespeare()
text = corpus.text
studying = steps(2, graded=1) == 2  # False while the lab is graded
print(f"{corpus.name}: {len(text):,} characters, {len(set(text))} different")

# %% [markdown]
# `tokenizers` is the library that this lab arrives at. While your notebook is
# graded it is covered up, since it holds the answers: cells that use it ask for
# `studying` first. No point depends on such a cell.
#
# Four helpers. You need not read them. `shown` writes a token's bytes so that
# one can see them, `colour` colours a text by its tokens, `draw_tokens` draws
# such texts one below the other, and `guessed` says how far off a guess was.

# %%
COLOURS = ["#cfe6ff", "#ffe0b3", "#d3efc4", "#f7cde0", "#e2d8f8"]


def shown(raw):
    """Bytes as text. A space is ␣; bytes that are no character are \\xe2."""
    piece = raw.decode("utf-8", errors="backslashreplace")
    return piece.replace(" ", "␣").replace("\n", "↵")


def colour(tokenizer, some_text):
    """Show a text with a colour for each of its tokens, and the ids."""
    ids = tokenizer.encode(some_text)
    boxes = [f'<span style="background:{COLOURS[n % 5]};color:black" '
             f'title="{i}">{html.escape(shown(tokenizer.vocab[i]))}</span>'
             for n, i in enumerate(ids)]
    style = "font-family:monospace;font-size:130%;line-height:1.7"
    display(HTML(f'<p style="{style}">{"".join(boxes)}</p>'))
    print(f"{len(some_text)} characters, {len(ids)} tokens: {ids}")


def draw_tokens(ax, rows):
    """rows: label -> a list of pieces. A box for each piece, a row a label."""
    for y, (label, pieces) in enumerate(rows.items()):
        x = 0
        for n, piece in enumerate(pieces):
            ax.add_patch(plt.Rectangle((x, y - 0.25), len(piece), 0.5,
                                       facecolor=COLOURS[n % 5],
                                       edgecolor="white", linewidth=1.5))
            for k, letter in enumerate(piece):
                ax.text(x + k + 0.5, y, letter, family="monospace",
                        ha="center", va="center", fontsize=10)
            x += len(piece)
        count = f"{len(pieces)} token" + "s" * (len(pieces) > 1)
        ax.text(0, y - 0.43, f"{label}: {count}", fontsize=9, va="center")
        ax.set(xlim=(-0.3, x + 0.3), ylim=(len(rows) - 0.6, -0.7))
    ax.axis("off")


def guessed(guess, value):
    """How far a guess is from what came out."""
    if not isinstance(guess, (int, float)) or guess <= 0:
        print(f"it is {value:,.4g}, and you made no guess")
        return
    far = max(guess, value) / min(guess, value)
    off = "high" if guess > value else "low"
    how = f"too {off}, by a factor of {far:.1f}" if far > 1.05 else "right"
    print(f"you said {guess}, it is {value:,.4g}: {how}")

# %% [markdown]
# # Part 1 · Characters and bytes
#
# ## A place for the unknown
#
# A tokenizer turns a text into ids, and ids into a text. The one of lab 1 gives
# each character of a text a number. What about a character that it has never
# seen? The simplest repair: **id 0 means "something else"**. It is shown as `�`.
#
# By hand: the tokenizer was made from `"abba cab"`.
#
# | id | 0 | 1 | 2 | 3 | 4 |
# |---|---|---|---|---|---|
# | character | � (any other) | space | `a` | `b` | `c` |
#
# | text | ids | and back |
# |---|---|---|
# | `cab` | 4, 2, 3 | `cab` |
# | `bad` | 3, 2, **0** | `ba�` |
#
# The constructor is given. It makes `itos`, a list (id → character), and
# `stoi`, a dict (character → id).

# %% answer="chars" level=1 minutes=4
class CharTokenizer:
    """Each character of a text is an id from 1 on; id 0 is any other."""

    def __init__(self, text):
        self.itos = ["\ufffd", *sorted(set(text))]
        self.stoi = {c: i for i, c in enumerate(self.itos)}

    def encode(self, text):
        """text: a string. Returns a list of ids, 0 for an unknown one."""
        ### BEGIN SOLUTION
        return [self.stoi.get(c, 0) for c in text]
        ### END SOLUTION

    def decode(self, ids):
        """ids: a list of ids. Returns a string."""
        ### BEGIN SOLUTION
        return "".join(self.itos[i] for i in ids)
        ### END SOLUTION

# %% grade="chars" points=1
check.chars(CharTokenizer)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Both are those of lab 1, with one difference: an unknown character must not
# stop the whole text.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# A dict's `get` takes a second argument: what it gives where the key is missing.
# `"".join(...)` glues a list of strings.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# `encode`: a list comprehension over the characters, each looked up in
# `self.stoi`, 0 where it is not there. `decode`: look up each id in `self.itos`
# and join what comes.
#
# </details>

# %%
by_characters = CharTokenizer(text)
message = "Ada says: crème brûlée, 안녕 👋"
print(by_characters.encode(message))
print(by_characters.decode(by_characters.encode(message)))

# %% [markdown]
# Nothing crashes. But what was lost is lost: no decoder brings it back, and a
# model that reads such a text sees the same 0 for an é and for a waving hand.
# More characters? Unicode has about 150,000 of them, most of which a text never
# shows.
#
# ## Bytes: nothing is unknown
#
# A file does not hold characters. It holds **bytes**, numbers from 0 to 255, and
# **UTF-8** is the rule for writing any character with one to four of them:
#
# | character | `H` | `i` | space | `é` | `€` | `안` | `👋` |
# |---|---|---|---|---|---|---|---|
# | bytes | 72 | 105 | 32 | 195, 169 | 226, 130, 172 | 236, 149, 136 | 240, 159, 145, 139 |
#
# So take the bytes as ids. 256 of them are enough for every text there is,
# with nothing to train. By hand, with the table: `Hi é` becomes 72, 105, 32,
# 195, 169.
#
# One trap when going back. A list of ids may end in the middle of a character.
# A model that writes token by token does this all the time. 72, 105, 195 is `Hi`
# and half an `é`. That is no valid UTF-8, and by default Python raises an error.
# A tokenizer shows it as `�` in place of the half: `Hi�`.

# %% predict="my_bytes"
# How many bytes has "안녕 👋" (two Korean characters, a space, a hand)?
my_bytes = None  # a number, before you run anything below

# %% answer="simple" level=1 minutes=5
class SimpleTokenizer:
    """Each byte of UTF-8 is an id: any text, 256 ids, nothing to train."""

    def encode(self, text):
        """text: a string. Returns a list of numbers from 0 to 255."""
        ### BEGIN SOLUTION
        return list(text.encode("utf-8"))
        ### END SOLUTION

    def decode(self, ids):
        """ids: a list of bytes. Returns a string; broken UTF-8 is U+FFFD."""
        ### BEGIN SOLUTION
        return bytes(ids).decode("utf-8", errors="replace")
        ### END SOLUTION

# %% grade="simple" points=1
check.simple(SimpleTokenizer)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Python does the work: strings and bytes know how to become each other. (U+FFFD
# is the name of `�`.)
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# A string has `.encode(...)`, a bytes object has `.decode(..., errors=...)`. A
# bytes object is nearly a list of numbers: `list` and `bytes` turn one into the
# other.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# `encode`: the text in UTF-8, as a list. `decode`: all ids as one bytes object,
# then as a string; the way to treat errors that puts something in their place.
#
# </details>

# %%
by_bytes = SimpleTokenizer()
print(by_bytes.encode("Hello world"))
print(by_bytes.decode(by_bytes.encode(message)))
guessed(my_bytes, len(by_bytes.encode("안녕 👋")))
print("cut in the middle:", by_bytes.decode(by_bytes.encode("crè")[:-1]))

# %% [markdown]
# Perfect, but long: an id for every byte. A context of 1,024 ids is then half a
# page of English, or 341 characters of Korean. GPT-2 has 1,024, too, and sees
# two pages. How?
#
# # Part 2 · Byte-pair encoding (BPE)
#
# ## The idea, by hand
#
# Some bytes stand side by side again and again. Let the most frequent pair of
# neighbours become **one new id**, write the text with it, and begin again. The
# text `cocoa coco` (`c` = 99, `o` = 111, `a` = 97, space = 32):
#
# | step | the text | most frequent pair | new id |
# |---|---|---|---|
# | 0 | `c` `o` `c` `o` `a` `␣` `c` `o` `c` `o` | `c` `o`: 4 times | 256 = `co` |
# | 1 | `co` `co` `a` `␣` `co` `co` | `co` `co`: twice | 257 = `coco` |
# | 2 | `coco` `a` `␣` `coco` | three pairs, once each | … |
#
# Ten ids became four. Two entries of a list, (99, 111) and (256, 256), say how.
# That list, in that order, **is** the tokenizer. It takes two small functions
# to get there.
#
# ## Count the pairs
#
# Pairs overlap: each id but the last begins one. By hand:
#
# | ids | pairs | counted |
# |---|---|---|
# | 7 8 7 8 8 | (7,8) (8,7) (7,8) (8,8) | (7,8): 2, (8,7): 1, (8,8): 1 |
# | 1 1 1 2 | (1,1) (1,1) (1,2) | (1,1): 2, (1,2): 1 |
#
# The function may be handed a dict that already has counts. Then it adds to
# them: in Part 3 we count over many words. From {(7,8): 5}, the ids 7 8 8 lead
# to {(7,8): 6, (8,8): 1}.

# %% answer="get_stats" level=1 minutes=5
def get_stats(ids, counts=None):
    """How often each pair of neighbours occurs.

    ids: a list of ids. counts: a dict to add to, or None for a new one
    returns: a dict from (left, right) to a count
    """
    counts = {} if counts is None else counts
    ### BEGIN SOLUTION
    for pair in zip(ids, ids[1:]):
        counts[pair] = counts.get(pair, 0) + 1
    return counts
    ### END SOLUTION

# %% grade="get_stats" points=1
check.get_stats(get_stats)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# You did this in lab 1, with characters. Walk along the neighbours, and add one
# for each.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `zip` of a list with the same list from its second entry on gives the
# neighbours as tuples. `get` once more, for a pair that is not there yet.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# A loop over the pairs; in it, the entry becomes what it was, or 0, plus one.
# Return the dict.
#
# </details>
#
# ## Merge one pair
#
# From left to right, each occurrence of the pair becomes the new id. What has
# been used is gone: in `1 1 1`, there is only one (1,1) to replace, the left
# one. By hand, with 9 as the new id:
#
# | ids | pair | merged |
# |---|---|---|
# | 5 6 6 5 6 | (5,6) | 9 6 9 |
# | 5 6 5 8 | (5,6) | 9 5 8 |
# | 6 6 6 7 | (6,6) | 9 6 7 |
# | 7 | (5,6) | 7 |
# | 6 5 | (5,6) | 6 5 |
#
# Whoever calls it still needs the old list. So make a new one.

# %% answer="merge" level=2 minutes=8
def merge(ids, pair, idx):
    """A new list in which each `pair`, from left to right, is one `idx`.

    ids: a list of ids, which stays as it is. pair: (left, right). idx: an id
    """
    ### BEGIN SOLUTION
    new, i = [], 0
    while i < len(ids):
        if tuple(ids[i : i + 2]) == tuple(pair):
            new.append(idx)
            i += 2
        else:
            new.append(ids[i])
            i += 1
    return new
    ### END SOLUTION

# %% grade="merge" points=1
check.merge(merge)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Walk along the ids with a place `i`. Either the pair begins here, and the walk
# jumps over it, or it does not, and one id is copied.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# A `while` loop, since the step is sometimes 2. At the last id there is no right
# neighbour: a slice of two is then simply shorter. But a slice of a list is a
# list, and never equals a tuple: make a tuple of it first.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# An empty list, place 0. While the place is inside: if the two ids from here
# are the pair, append the new id and go on by 2; else append the id that is
# here and go on by 1. Return the list.
#
# </details>
#
# ## What every tokenizer keeps
#
# Given. A list of pairs, in the order learnt, is all that has to be kept. From
# it follow two dicts: `merges` (pair → new id, 256, 257, …) and `vocab` (id →
# its bytes). Read it once: you need both.

# %%
class Merges:
    """What every tokenizer from here on has: its merges, and what they mean.

    merges: (left, right) -> new id, in the order learnt
    vocab: id -> its bytes
    """

    def __init__(self):
        self.set_merges([])

    def set_merges(self, pairs, byte_ids=range(256)):
        """pairs: (left, right) in the order learnt; they get 256, 257, …

        byte_ids: the id of byte 0, of byte 1, … (GPT-2 has its own order)
        """
        self.byte_ids = list(byte_ids)
        self.merges = {tuple(pair): 256 + n for n, pair in enumerate(pairs)}
        self.vocab = {i: bytes([b]) for b, i in enumerate(self.byte_ids)}
        for (left, right), new in self.merges.items():
            self.vocab[new] = self.vocab[left] + self.vocab[right]

# %%
example = Merges()
example.set_merges([(99, 111), (256, 256)])
print(example.merges)
print(example.vocab[99], example.vocab[256], example.vocab[257])

# %% [markdown]
# ## Train
#
# Count, take the most frequent pair, merge, note it, begin again. `vocab_size`
# says how many ids there shall be in the end, **the 256 bytes included**: 258
# means two merges.
#
# Two cases need a rule.
#
# - **A tie.** After step 1, `coco` `a` `␣` `coco` has three pairs, once each:
#   (257, 97), (97, 32), (32, 257). Take the **smallest pair**: Python compares
#   tuples from the left, so that is (32, 257), which becomes 258. Without a
#   rule, two people with the same text would get two tokenizers. Another one:
#   in `ba ca` all four pairs occur once, and the smallest is (32, 99).
# - **Nothing left.** `cocoa coco` allows five merges: (99,111), (256,256),
#   (32,257), (97,258), (257,259). Then the whole text is one id, and there is no
#   pair. Stop, also if `vocab_size` asks for more.

# %% answer="train" level=3 minutes=12
class BasicTokenizer(Merges):
    """Byte-pair encoding over the bytes of a text."""

    def train(self, text, vocab_size):
        """Learn merges until there are vocab_size ids, or no pair is left.

        The most frequent pair is merged, among equals the smallest. Hand the
        list of pairs to self.set_merges at the end.
        """
        ### BEGIN SOLUTION
        ids, pairs = list(text.encode("utf-8")), []
        for new in range(256, vocab_size):
            counts = get_stats(ids)
            if not counts:
                break
            pair = min(counts, key=lambda p: (-counts[p], p))
            ids = merge(ids, pair, new)
            pairs.append(pair)
        self.set_merges(pairs)
        ### END SOLUTION

# %% grade="train" points=3
check.train(BasicTokenizer)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# The ids begin as bytes. One round of the loop is one row of the table above:
# count anew, choose, merge, note the pair.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# Your `get_stats` and `merge`. The new ids are 256, 257, …, below `vocab_size`:
# a `range` gives them. To choose: `min` with a `key` that gives a tuple. Its
# first part decides (a large count must look small), the second part breaks
# ties.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Bytes as a list, and an empty list of pairs. For each new id: the counts; leave
# the loop if there are none; the pair with the largest count and, among those,
# the smallest; the merged ids take the place of the ids; the pair goes into the
# list. After the loop, hand the list to `self.set_merges`.
#
# </details>
#
# The whole of `cocoa coco`, by your own code, a merge a row:

# %% figure="cocoa"
cocoa = BasicTokenizer()
cocoa.train("cocoa coco", 300)
ids = list(b"cocoa coco")
rows = {"bytes": [shown(cocoa.vocab[i]) for i in ids]}
for pair, new in cocoa.merges.items():
    ids = merge(ids, pair, new)
    left, right = (shown(cocoa.vocab[i]) for i in pair)
    rows[f"{new} = {left} + {right}"] = [shown(cocoa.vocab[i]) for i in ids]
fig, ax = plt.subplots(figsize=(3.6, 4.6))
draw_tokens(ax, rows)
fig.tight_layout()
plt.show()

# %% [markdown]
# Now on Shakespeare. This way of training goes over the whole text for each
# merge, so we take the first 20,000 characters and 64 merges. By what factor
# will that shorten the text?

# %% predict="my_factor"
my_factor = None  # characters a token after 64 merges; a number

# %% numbers="basic_seconds first_merges basic_factor"
start_of_text = text[:20_000]
n_merges = steps(64, graded=3)
start = time.perf_counter()
basic = BasicTokenizer()
basic.train(start_of_text, 256 + n_merges)
basic_seconds = time.perf_counter() - start
first_merges = [shown(basic.vocab[new]) for new in basic.merges.values()]
ids = list(start_of_text.encode("utf-8"))
for pair, new in basic.merges.items():
    ids = merge(ids, pair, new)
basic_factor = len(start_of_text) / len(ids)
print(f"{len(basic.merges)} merges in {basic_seconds:.1f} s, in their order:")
print(" ".join(first_merges))
print("characters a token:")
guessed(my_factor, basic_factor)

# %% [markdown]
# Nobody told it of English. Look for: `e␣`, `t␣`, `s␣`, last letters of words
# with the space behind; `th`, `ou`; the two line breaks between speakers.
#
# ## Back to text
#
# Decoding is the easy direction: look up the bytes of each id, put them **all**
# one after the other, and only then make text of them. Why not id by id? A
# character may be spread over two ids. By hand, with 256 = `co`, 257 = `coco`,
# 258 = `␣coco`:
#
# | ids | bytes | text |
# |---|---|---|
# | 257 258 97 | `coco` + `␣coco` + `a` | `coco cocoa` |
# | 195 169 | 195 169 | `é` |
# | 99 195 | 99 195 | `c�` |

# %% answer="decode" level=1 minutes=4
class BasicTokenizer(BasicTokenizer):
    """The same class, and `decode`."""

    def decode(self, ids):
        """ids: a list of ids. Returns a string; broken UTF-8 is U+FFFD."""
        ### BEGIN SOLUTION
        raw = b"".join(self.vocab[i] for i in ids)
        return raw.decode("utf-8", errors="replace")
        ### END SOLUTION

# %% grade="decode" points=1
check.decode(BasicTokenizer)

# %% [markdown]
# (A class that inherits from its own old form is a notebook's way of writing a
# class in several cells. In a file you would write one class. **If you change an
# earlier cell of a class, run the later ones again, in order:** the earlier cell
# begins the class anew, without what the later ones add.)
#
# <details><summary>Hint 1: the idea</summary>
#
# Two steps: bytes of all ids, then one string.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `self.vocab`. Bytes are joined as strings are, with an empty bytes object,
# `b""`, in front. And the last step of `SimpleTokenizer.decode`.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Join the vocabulary's bytes of each id; decode the result as UTF-8, with
# errors replaced.
#
# </details>
#
# ## To ids: in the order learnt
#
# A new text comes. Which pairs are merged, and in which order? **Not** the most
# frequent in this text: it may be one word long. **Not** the longest piece that
# fits. The text is to look as the training text looked, so the merges are made
# **in the order in which they were learnt**: of all pairs in the text that are
# known, the one with the smallest new id goes first. Then again, until no pair
# is known.
#
# `coco cocoa` with the merges 256 = `co`, 257 = `coco`, 258 = `␣coco`:
#
# | ids | known pairs | first learnt |
# |---|---|---|
# | 99 111 99 111 32 99 111 99 111 97 | (99,111) | 256 |
# | 256 256 32 256 256 97 | (256,256) | 257 |
# | 257 32 257 97 | (32,257) | 258 |
# | **257 258 97** | none: done | |
#
# Does the order matter? Only where two merges want the same letter:
#
# | merges, in the order learnt | text | right | and not |
# |---|---|---|---|
# | `ab` 256, `bc` 257 | `abcbc` | `ab` `c` `bc` = 256 99 257 | `a` `bc` `bc`: most frequent first |
# | `bc` 256, `ab` 257, `a`+`bc` 258 | `abc` | `abc` = 258 | `ab` `c`: from the left |
# | `cd` 256, `ab` 257, `ab`+`c` 258 | `abcd` | `ab` `cd` = 257 256 | `abc` `d`: longest first |
#
# In the last row there is a token `abc`, and this text does not get it: `cd` was
# learnt earlier, and took the `c`.
#
# The picture of `cocoa coco` was drawn by a loop over **all** merges. That gives
# the same ids, and goes over the text once for each merge, in it or not. GPT-2
# will bring 50,000 of them: all of Shakespeare would take an hour or two. So ask
# the text which pairs it has, and look only those up.

# %% answer="encode" level=3 minutes=12
class BasicTokenizer(BasicTokenizer):
    """The same class, and `encode`."""

    def encode(self, text):
        """text: a string. Returns ids; the merge learnt first comes first."""
        ids = [self.byte_ids[b] for b in text.encode("utf-8")]
        ### BEGIN SOLUTION
        while len(ids) > 1:
            pairs = get_stats(ids)
            pair = min(pairs, key=lambda p: self.merges.get(p, float("inf")))
            if pair not in self.merges:
                break
            ids = merge(ids, pair, self.merges[pair])
        return ids
        ### END SOLUTION

# %% grade="encode" points=3
check.encode(BasicTokenizer)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# A loop. Which pairs are there? Which of them was learnt first? Merge it
# everywhere. Stop when no pair is known, or when fewer than two ids are left.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `get_stats` gives the pairs (its counts do not matter here). `self.merges` has
# the new id of a known pair; a dict's `get` can give infinity, `float("inf")`,
# for the others, so that `min` never prefers them.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# While there are at least two ids: the pairs; the one whose new id is smallest;
# if even this one is unknown, leave the loop; else merge it with its id. After
# the loop, return the ids.
#
# </details>

# %%
again = BasicTokenizer()
again.set_merges(basic.merges)
basic = again  # the same merges, in the class that can encode
line = "All: We know't, we know't. 안녕!"
assert basic.decode(basic.encode(line)) == line
colour(basic, line)

# %% [markdown]
# Change the text in the cell above and run it again. Whatever you write comes
# back complete: unknown things are simply bytes.
#
# # Part 3 · Words
#
# ## Why "Hello," is two tokens
#
# Look again at the merges that were learnt, at those with a space or a comma
# in them:

# %% numbers="across"
across = [piece for piece in first_merges
          if piece[:-1].strip("␣↵") and piece[-1] in "␣↵,.:;"]
print(f"{len(across)} of {len(first_merges)} merges:", across)

# %% [markdown]
# Each of these glues the end of a word to what stands **behind** it. With more
# merges there would be one id for a word with a comma, another one for the
# word with a full stop, a third for the word with a space. Ids would be spent on
# the same word again and again, and a model would have to learn each one from
# scratch.
#
# GPT-2's remedy: cut the text into words *first*, with a fixed pattern. Merges
# happen **inside** a word, never across a cut. A space belongs to the word
# **behind** it. So `Hello,` is cut into `Hello` and `,` whatever the training
# text was. This is the pattern, from OpenAI's code, one part a line. It tries
# them from the top:
#
# ```text
# '(?:[sdmt]|ll|ve|re)     the end of a short form: 's 'll
# ␣?\p{L}+                 perhaps a space, then letters: ␣king
# ␣?\p{N}+                 perhaps a space, then digits: ␣2026
# ␣?[^\s\p{L}\p{N}]+       perhaps a space, then other signs: , ?!
# \s+(?!\S)               spaces, all but the last one before a word
# \s+                     any spaces that are left
# ```
#
# How to read it (here `␣` is a plain space, so that one sees it):
#
# | sign | meaning |
# |---|---|
# | `␣?` | a space, or none |
# | `+` | one or more of what is before it |
# | `(?:ll\|ve)` | `ll` or `ve`; the brackets only hold together |
# | `[^…]` | any one sign that is not listed |
# | `\s`, `\S` | a space, tab or line break; anything else |
# | `(?!\S)` | takes nothing, and asks that no `\S` comes next |
# | `\p{L}`, `\p{N}` | a letter, a digit of any script |
#
# Python's own `re` does not know `\p{L}`, so we use the module `regex`.

# %%
GPT2_PATTERN = (r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+"
                r"| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")

for some in ["Hello, world", "la, la, la", "it's 2026!", "a   b"]:
    print(f"{some:14}", regex.findall(GPT2_PATTERN, some))

# %% [markdown]
# In the last line, two of the three spaces stand for themselves and the third
# goes with `b`. Nothing is ever lost: join the words and you have the text.
#
# ## Merge inside words
#
# Training by hand, on `la, la, la`. The words: `la` `,` `␣la` `,` `␣la`.
#
# | step | the words | pairs inside words | new id |
# |---|---|---|---|
# | 0 | `l a` · `,` · `␣ l a` · `,` · `␣ l a` | `l a`: 3, `␣ l`: 2 | 256 = `la` |
# | 1 | `la` · `,` · `␣ la` · `,` · `␣ la` | `␣ la`: 2 | 257 = `␣la` |
# | 2 | `la` · `,` · `␣la` · `,` · `␣la` | none | done |
#
# Counts are added up over **all** words (that is what `counts` in `get_stats`
# is for), and a word that comes twice counts twice. `la,` occurs twice in this
# text, and never becomes a token. The rules for ties and for the end are those
# of `BasicTokenizer`.
#
# Encoding: cut, encode each word by itself, put the ids one after the other.
# `la, la` gives 256 44 257. With two spaces, `la  la` gives 256 32 257.
#
# A pattern can be any. `\w+` finds letters and digits and nothing else: of
# `xy xy ab` it finds `xy`, `xy`, `ab`, and the first merge is `xy`. (This one
# does lose the spaces. GPT-2's does not.)
#
# If you change `BasicTokenizer` later on, run its later cells and this one
# again.

# %% answer="regex" level=2 minutes=12
class RegexTokenizer(BasicTokenizer):
    """Byte-pair encoding inside the words that a pattern finds.

    pattern: a regular expression (module regex). special: text -> id
    """

    def __init__(self, pattern=GPT2_PATTERN):
        super().__init__()
        self.pattern = pattern
        self.special = {}

    def train(self, text, vocab_size):
        """As BasicTokenizer.train, but no pair reaches from word to word."""
        words = regex.findall(self.pattern, text)
        ### BEGIN SOLUTION
        chunks, pairs = [list(word.encode("utf-8")) for word in words], []
        for new in range(256, vocab_size):
            counts = {}
            for ids in chunks:
                get_stats(ids, counts)
            if not counts:
                break
            pair = min(counts, key=lambda p: (-counts[p], p))
            chunks = [merge(ids, pair, new) for ids in chunks]
            pairs.append(pair)
        self.set_merges(pairs)
        ### END SOLUTION

    def encode_ordinary(self, text):
        """The ids of a text in which nothing is special, word by word."""
        ### BEGIN SOLUTION
        ids = []
        for word in regex.findall(self.pattern, text):
            ids += super().encode(word)
        return ids
        ### END SOLUTION

# %% grade="regex" points=2
check.regex(RegexTokenizer)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# `train` is the loop that you wrote for `BasicTokenizer`. What was one list of
# ids is now a list of lists, one for each word. Counting and merging go through
# all of them.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# The second argument of `get_stats`: one dict for all words of a round. And
# `super()` has the `encode` of `BasicTokenizer`, which is right for one word.
# (Write it in a plain `for` loop: inside a comprehension, older Pythons do not
# understand `super()`. And not `self.encode`: that one changes when the special
# tokens come.)
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# `train`: the bytes of each word; in each round an empty dict, filled word by
# word; stop if it stays empty; choose as before; merge in each word; note the
# pair; after the loop `set_merges`. `encode_ordinary`: an empty list; for each
# word that the pattern finds, add the ids of this word; return it.
#
# </details>

# %% numbers="word_merges"
words_only = RegexTokenizer()
words_only.train(start_of_text, 256 + n_merges)
word_merges = [shown(words_only.vocab[i]) for i in words_only.merges.values()]
print("within words:   ", " ".join(word_merges[:24]))
print("across all text:", " ".join(first_merges[:24]))

# %% [markdown]
# The spaces have moved to the **front** of the pieces: `␣t`, `␣the`, `␣a`. A
# word in the middle of a sentence has its space built in. At the very beginning
# of a text it has none, and so it is another token. Keep that in mind when you
# write a prompt: a space at its end takes the space away from the next word.

# %% choice="hello_comma" points=1 level=1 minutes=3
question = "GPT-2 makes two tokens of `Hello,` and not one. Why?"
options = {
    "`Hello,` is rare in its training text: with more of them it would be one token": "No: count does "
    "not help here. However often the two stand side by side, pairs are counted inside words only.",
    "The pattern cuts between letters and other signs, and no merge reaches across a cut": "Right: "
    "`Hello` and `,` are two words of the pattern before any merge is looked at. So the comma behind "
    "each word is one and the same token, and each word needs only one of its own.",
    "A comma is a special token, which always stands alone": "No: a comma is ordinary text. It can even "
    "be part of a longer token, such as three dots or `\",`, since those are signs as well.",
    "A token holds five characters at most": "No: there is no such limit. ` unbelievable` with its "
    "space has thirteen characters, and is one token of GPT-2.",
}
right = "The pattern cuts between letters and other signs, and no merge reaches across a cut"

# %% [markdown]
# ## GPT-4 cuts otherwise
#
# The pattern of GPT-4 is the same idea, with lessons learnt. What changed? Guess
# from the output before you open the list. (`{1,3}` is one to three, `*` any
# number. A `+` behind `?`, `*`, `+` or `{1,3}` means: never give back what was
# taken. That is for speed.)

# %%
GPT4_PATTERN = (r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+"
                r"| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s")

for some in ["IT'S", "12345678", "(see", "if x:\n    y = 1", "so...\n\nand"]:
    print("GPT-2", regex.findall(GPT2_PATTERN, some))
    print("GPT-4", regex.findall(GPT4_PATTERN, some), "\n")

# %% [markdown]
# <details><summary>What changed</summary>
#
# - `'S` counts as a short form, too: `(?i:…)` means "capital or not". GPT-2
#   treated `it's` and `IT'S` differently.
# - Digits come in groups of three at most. GPT-2 has one token for some long
#   numbers and several for others, as chance wanted. And digits no longer take a
#   space along: it stands alone.
# - Any one sign may lead a word, not only a space: `(see` is one piece.
# - Line breaks go with the signs before them, and stand apart from the spaces of
#   the next line: program code is cut at its lines.
#
# </details>
#
# ## Special tokens
#
# A model that is trained on many documents needs a sign for "here one ends and
# the next begins". GPT-2 writes `<|endoftext|>`, and gives it an id of its own,
# 50256. It is **no text**. No merge leads to it.
#
# Which brings a danger. Suppose somebody types those thirteen characters into a
# chat. If they turned into id 50256, a user could end the document, and write
# what looks like the beginning of another one, with orders of their own. So the
# rule of OpenAI's tokenizer, tiktoken, is:
#
# - A special text becomes its id only where the caller **allowed** it.
# - A special text that was not allowed is a `ValueError`. Somebody should decide
#   what it is to be.
#
# By hand, with `special = {"STOP": 299, "<|end|>": 300, "<|you|>": 301}` and no
# merges:
#
# ```text
# text                       allowed             ids
# ab                         nothing             97 98
# aSTOPb                     STOP                97 299 98
# a<|end|>b                  <|end|>             97 300 98
# a<|end|>b                  nothing             ValueError
# a<|end|>b<|you|>           <|end|>             ValueError
# <|you|>a<|end|><|end|>b    <|end|> <|you|>     301 97 300 300 98
# ```
#
# What stands between special tokens is ordinary text, each part by itself. Where
# nothing is allowed, the whole text is ordinary.
#
# The next cell goes on with your class. If you run the cell of `train` and
# `encode_ordinary` again, run this one again, too.

# %% answer="special" level=3 minutes=12
class RegexTokenizer(RegexTokenizer):
    """The same class, with special tokens in `encode`."""

    def encode(self, text, allowed_special=()):
        """text: a string. allowed_special: special texts that become their id.

        A special text that is not allowed raises ValueError. The rest of the
        text is ordinary.
        """
        ### BEGIN SOLUTION
        for token in self.special:
            if token in text and token not in allowed_special:
                raise ValueError(f"{token!r} is in the text and not allowed")
        if not allowed_special:
            return self.encode_ordinary(text)
        either = "|".join(regex.escape(token) for token in allowed_special)
        ids = []
        for part in regex.split(f"({either})", text):
            if part in allowed_special:
                ids.append(self.special[part])
            else:
                ids += self.encode_ordinary(part)
        return ids
        ### END SOLUTION

# %% grade="special" points=2
check.special(RegexTokenizer)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# First refuse. Then cut the text at the allowed special tokens, keep those in
# the result, and encode what lies between them with your `encode_ordinary`.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `token in text` finds a text in a text. `regex.split("(a|b)", text)` cuts at
# `a` and at `b`, and **keeps** them, thanks to the brackets. `|` means *or* in a
# pattern, and our tokens are full of it: `regex.escape` makes a text stand for
# itself.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# For each special text: if it occurs and is not allowed, raise `ValueError` with
# a message. Nothing allowed? Then all is ordinary. Else build the pattern from
# the escaped texts, in brackets; go through the parts of the split; an allowed
# part adds its id, any other part adds its ordinary ids.
#
# </details>

# %%
la = RegexTokenizer()
la.train("la, la, la", 258)
la.special = {"<|end|>": 258}
print(la.encode("la, la<|end|>la", allowed_special={"<|end|>"}))
try:
    la.encode("la, la<|end|>la")
except ValueError as error:
    print("ValueError:", error)

# %% [markdown]
# ## Save and load
#
# What has to be kept? The pattern, the pairs in their order, the ids of the
# bytes, the special tokens. Lists, numbers and texts: JSON can hold them, and
# anybody can read it. (Python's pickle could hold the whole object. But a pickle
# can run any program when it is opened. Never open one of a stranger.)

# %%
def save(tokenizer, path):
    """Write a RegexTokenizer into a JSON file."""
    whole = {
        "format": "gptlab tokenizer 1",
        "pattern": tokenizer.pattern,
        "special_tokens": tokenizer.special,
        "byte_ids": tokenizer.byte_ids,
        "merges": [list(pair) for pair in tokenizer.merges],
    }
    Path(path).write_text(json.dumps(whole), encoding="utf-8")


def load(path):
    """The RegexTokenizer that such a file describes."""
    whole = json.loads(Path(path).read_text(encoding="utf-8"))
    tokenizer = RegexTokenizer(whole["pattern"])
    tokenizer.set_merges(whole["merges"], whole["byte_ids"])
    tokenizer.special = whole["special_tokens"]
    return tokenizer


folder = Path(tempfile.mkdtemp())  # take a folder of your own to keep it
save(words_only, folder / "mine.json")
loaded = load(folder / "mine.json")
some = text[5000:6000]
print((folder / "mine.json").stat().st_size, "bytes; the same ids:",
      loaded.encode(some) == words_only.encode_ordinary(some))

# %% [markdown]
# The library reads the same file: it is the same tokenizer, made faster. It has
# your names: `CharTokenizer`, `SimpleTokenizer`, `BasicTokenizer`,
# `RegexTokenizer`. (`BPETokenizer` is another name of the last one.)

# %%
if studying:
    librarys = tokenizers.BPETokenizer.load(folder / "mine.json")
    print("the library's ids are the same:",
          librarys.encode(some) == loaded.encode(some))

# %% [markdown]
# # Part 4 · GPT-2's own
#
# ## Two files
#
# OpenAI published GPT-2's tokenizer as two files.
#
# - `vocab.bpe` has a merge a line, in the order learnt. The first line is a
#   comment.
# - `encoder.json` has the id of each token.
#
# Both are text files, and a merge has to be written as two words with a space
# between. But what about tokens that *contain* a space, or a line break, or
# half a character? The trick: each byte is written as **one visible letter**. A
# byte that can be seen stands for itself. The other 68 get letters from 256 on,
# in order: byte 0 is `Ā`, and so on. The space, byte 32, is `Ġ`. That is where
# the `Ġ` comes from that you will meet in many a vocabulary.

# %%
seen = [*range(33, 127), *range(161, 173), *range(174, 256)]
hidden = [b for b in range(256) if b not in seen]
written = [chr(b) if b in seen else chr(256 + hidden.index(b))
           for b in range(256)]
print("byte 104 is written", written[104], "and byte 32 is", written[32])
print("and a whole text is:", "".join(written[b] for b in "to é".encode()))

# %% [markdown]
# GPT-2 also numbers the bytes in this order: first those that can be seen. `!`
# is id 0, `h` is 71, the space is 220.
#
# By hand, with some lines of the real file:
#
# | line of `vocab.bpe` | ids, from `encoder.json` | pair |
# |---|---|---|
# | `#version: 0.2` | | (a comment) |
# | `Ġ t` | `Ġ` is 220, `t` is 83 | (220, 83) |
# | `h e` | `h` is 71, `e` is 68 | (71, 68) |
# | `# #` | `#` is 2 | (2, 2) |
# | `Ġt he` | `Ġt` is 256, `he` is 258 | (256, 258) |
#
# Your function turns the files into what `set_merges` takes: the pairs, and the
# id of each byte from 0 to 255. For byte 32 that is 220, for byte 33 it is 0.
# Only the first line is a comment: eight merges begin with `#`.

# %% answer="gpt2" level=2 minutes=10
def read_gpt2(lines, ids):
    """What OpenAI's two files say, as set_merges takes it.

    lines: the lines of vocab.bpe, the first is a comment: "#version: 0.2",
           "Ġ t", "Ġ a", "h e", …; empty ones do not count
    ids: encoder.json as a dict, {"!": 0, …, "Ġt": 256, …}
    returns: (pairs, byte_ids): the (left, right) ids of each line, and the id
             of each byte, whose letter is written[byte]
    """
    ### BEGIN SOLUTION
    pairs = []
    for line in lines[1:]:
        if line:
            left, right = line.split(" ")
            pairs.append((ids[left], ids[right]))
    return pairs, [ids[written[b]] for b in range(256)]
    ### END SOLUTION

# %% grade="gpt2" points=2
check.gpt2(read_gpt2)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Two small jobs. Each line that is a merge becomes a pair of ids. And for each
# byte: which letter stands for it, and which id has this letter?
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# A slice leaves the comment out. A string's `split` gives the two halves; an
# empty line has none. The dict `ids` has the id of each half, and of each
# letter.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# A list of pairs, filled in a loop over the lines: skip the empty ones, split,
# append the ids of both halves as a tuple. Then a list over the bytes 0 to 255:
# the id of the letter that is written for the byte. Return both.
#
# </details>
#
# Now the files. They are looked for on this machine, then on the network. Where
# they cannot be had, the next cells use the small vocabulary that comes with
# this course, written in the same format. No point depends on which it is.

# %%
def openai_files():
    """vocab.bpe, encoder.json and whose they are."""
    try:
        return texts.find("gpt2_merges"), texts.find("gpt2_ids"), "GPT-2"
    except texts.DataError as error:
        print(str(error).partition("\n")[0])
        print("So the next cells use the course's small vocabulary.")
        return (tiny.FOLDER / "vocab.bpe", tiny.FOLDER / "encoder.json",
                "the small vocabulary")


vocab_bpe, encoder_json, whose = openai_files()
lines = vocab_bpe.read_text(encoding="utf-8").split("\n")
ids_of = json.loads(encoder_json.read_text(encoding="utf-8"))
gpt2 = RegexTokenizer(GPT2_PATTERN)
gpt2.set_merges(*read_gpt2(lines, ids_of))
gpt2.special = {"<|endoftext|>": ids_of["<|endoftext|>"]}
print(f"{whose}: {len(gpt2.merges):,} merges, {len(ids_of):,} ids")
print("the last five:", [shown(gpt2.vocab[i]) for i in list(gpt2.vocab)[-5:]])

# %% [markdown]
# ## Is it the same?
#
# tiktoken is OpenAI's own tokenizer, compiled, and used for all their models.
# (Elsewhere you would write `tiktoken.get_encoding("gpt2")`, which downloads the
# same two files.) It reads the files with code of its own. If your ids are equal
# to its ids on a long text, there is not much room left for a mistake.

# %% numbers="compared_tokens compared_same whose"
if whose == "GPT-2":  # tiktoken's own way to read the files
    ranks = data_gym_to_mergeable_bpe_ranks(str(vocab_bpe), str(encoder_json))
else:
    ranks = {raw: i for i, raw in gpt2.vocab.items()}
official = tiktoken.Encoding("gpt2", pat_str=GPT2_PATTERN,
                             mergeable_ranks=ranks,
                             special_tokens=gpt2.special)
start = time.perf_counter()
gpt2.encode(text[:200])  # how fast is yours?
a_character = (time.perf_counter() - start) / 200
size = steps(len(text), graded=2000)
if a_character * size > 120:  # seconds
    print(f"The whole text would take yours {a_character * size / 60:.0f} "
          "minutes: here is the beginning. (Does encode try every merge?)")
    size = max(200, int(60 / a_character))
sample = text[:size]
mine, theirs = gpt2.encode(sample), official.encode(sample)
compared_tokens, compared_same = len(mine), mine == theirs
print(f"{whose}: {len(mine):,} tokens, id by id the same: {mine == theirs}")
print(mine[:12], "…")
if mine != theirs:
    for word in dict.fromkeys(regex.findall(GPT2_PATTERN, sample)):
        both = [t.encode_ordinary(word) for t in (gpt2, official)]
        if both[0] != both[1]:
            print(f"the first word that differs: {word!r}, ids", *both)
            break

# %% [markdown]
# It says `False`? Then the first word that differs stands under it, with your
# ids and those of tiktoken. If the numbers have nothing in common, look at
# `byte_ids` in `read_gpt2`. If yours are more, or cut elsewhere, look at
# `encode`, and run `check.encode`, `check.regex` and `check.gpt2` again. If no
# word is named, each word by itself is right: look at `encode_ordinary`.
#
# And the rule about special tokens is the same, too:

# %%
for tokenizer in (gpt2, official):
    try:
        tokenizer.encode("The end.<|endoftext|>")
    except ValueError as error:
        print(type(error).__name__, "|", str(error).partition("\n")[0][:60])
    print(tokenizer.encode("The end.<|endoftext|>",
                           allowed_special={"<|endoftext|>"}))

# %% [markdown]
# ## A walk through the zoo
#
# Six texts. Before you run it: how many tokens will the five Korean characters
# `안녕하세요` be? (15 bytes.)

# %% predict="my_korean"
my_korean = None  # a number, before you run anything below

# %% numbers="korean_tokens strawberry"
for some in ["Hello, world", "hello Hello  hello", "127 + 677 = 804",
             "strawberry strawberry", "안녕하세요", "👋👍🏽"]:
    colour(gpt2, some)
korean_tokens = len(gpt2.encode("안녕하세요"))
strawberry = gpt2.encode(" strawberry")
guessed(my_korean, korean_tokens)

# %% [markdown]
# <details><summary>What do you see? (With GPT-2's vocabulary.)</summary>
#
# - `hello`, `␣Hello` and `␣hello` are three ids that have nothing to do with
#   each other. The model has to learn that they mean the same. A second space in
#   a row is a token of its own.
# - Numbers are cut as chance wanted: `127` is one token, `677` is two. An adding
#   machine with such fingers has a hard time.
# - `␣strawberry` with its space is one id, `strawberry` without it is three.
# - Of Korean, GPT-2 has seen little: {{korean_tokens}} tokens for 5 characters.
#   `\xec` is a byte that is no character yet.
# - A waving hand is two tokens, each of them half a hand. Cut there, and you see
#   `�`. The darker thumb is five: the colour of its skin is a character of its
#   own.
#
# </details>
#
# Your turn. Any text, any language, your own name:

# %%
colour(gpt2, "Type anything here, and run it: 3.14159, naïve, 日本, :-)")

# %% [markdown]
# All languages pay per token: in context, in time, and in money where a service
# is paid for by the token. Do they all pay the same? One greeting in six
# writings:

# %% numbers="greetings"
said = {
    "English": "Good morning, how are you today?",
    "German": "Guten Morgen, wie geht es dir heute?",
    "Greek": "Καλημέρα, τι κάνεις σήμερα;",
    "Korean": "좋은 아침이에요, 오늘 기분이 어때요?",
    "Hindi": "सुप्रभात, आज आप कैसे हैं?",
    "emoji": "🌅👋🙂❓",
}
greetings = {name: len(gpt2.encode(some)) for name, some in said.items()}
for name, count in greetings.items():
    print(f"{name:8} {len(said[name]):3} characters, {count:3} tokens")

# %% figure="greetings"
fig, ax = plt.subplots(figsize=(7.5, 2.8))
bars = ax.barh(list(greetings), list(greetings.values()), color="tab:blue")
ax.bar_label(bars, padding=4)
ax.invert_yaxis()
ax.set(xlabel="tokens", xlim=(0, max(greetings.values()) * 1.12),
       title=f"The same greeting in tokens of {whose}")
fig.tight_layout()
plt.show()

# %% [markdown]
# A vocabulary is good at what its training text was full of. GPT-2's was web
# pages that people had linked to on Reddit, nearly all of them English.

# %% [markdown] explain="spelling" points=1 level=2 minutes=6
# ## Why can it not spell?
#
# People ask a model how many times the letter `r` occurs in a strawberry, and
# laugh at the answer. To GPT-2, `␣strawberry` is one id: {{strawberry[0]}}.
#
# 1. Why is this question hard for such a model, although it is trivial for a
#    program? What does the model see of the letters?
# 2. The same model answers better if the word is given as `s t r a w b e r r y`,
#    with spaces. Why?
#
# Answer in 3 to 5 sentences. A person will read them. Each question is worth
# half a point. A good answer says what goes into the model, what that tells
# about the letters and what it does not, and what is different with the spaces.
#
# ### BEGIN SOLUTION
# The model gets one number and looks up a row of its embedding table. No letter
# is in there: the ids of straw, berry or raspberry are other numbers,
# with other rows, and nothing in a number says how its token is spelt. So it can
# count letters only as far as it has learnt by heart, from texts about the word,
# how that token is spelt. With spaces between, each letter is a token of its
# own, so the word comes in as ten ids in a row, one for each letter, and equal
# letters are equal ids. Now the letters are in the input, and attention can look
# for equal ones.
# ### END SOLUTION
#
# ### BEGIN SCHEME
# Half a point: the model's input is an id (a row of the embedding table), not
# letters, and the id says nothing of the spelling; it would have to be known by
# heart. A quarter for "it does not see letters" without the id or the
# embedding. Half a point: with spaces each letter becomes a token (id) of its
# own, so that the letters are in the input and can be compared or counted. A
# quarter for "it is cut into letters" without what the model gains. "The model
# is too small" or "it cannot count" earns nothing.
# ### END SCHEME

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Write down what goes into the model for `␣strawberry`, and what goes in for the
# spaced word.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# The token embedding of lab 3: a row for each id. Try
# `colour(gpt2, " s t r a w")`.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# One sentence on what the model is given; one on what that says about letters;
# one on how it could know the spelling at all. Then one on the ids of the spaced
# word, and one on what attention can do with them.
#
# </details>
#
# # Part 5 · Fast
#
# ## Training that does not count again
#
# Your `train` is right and slow: for each merge it counts every pair of the
# whole text. 8,000 ids on all of Tiny Shakespeare are more than 7,700 merges of
# over a million bytes. Three observations help:
#
# 1. **The same words come again and again.** Look at each *different* word once,
#    and remember how often it occurs.
# 2. **A merge changes little.** Only words that hold the pair change. So keep a
#    list: pair → words in which it occurs.
# 3. **Counts can be kept up to date.** Where `a b` inside `x a b y` becomes one
#    id, the pairs (x,a) and (b,y) get rarer, (x,ab) and (ab,y) more frequent.
#    Nothing else changes.
#
# | in the word `x a b y`, 5 times in the text | (x,a) | (a,b) | (b,y) | (x,ab) | (ab,y) |
# |---|---|---|---|---|---|
# | before | 5 | 5 | 5 | | |
# | after the merge of `a b` | 0 | 0 | 0 | 5 | 5 |
#
# That is the trainer in the library, `gptlab/tokenizers/bytepairs.py`, some
# eighty lines. The merges are the same as yours, to the last one. We train it on
# the first nine tenths of the text, and keep the last tenth for measuring.
# Guess: how many seconds for 8,000 ids?

# %% predict="my_seconds"
my_seconds = None  # a number, before you run anything below

# %% numbers="fast_seconds textbook_minutes same_merges"
learnt_from = text[:len(text) * 9 // 10]
if studying:
    start = time.perf_counter()
    fast = tokenizers.GPT2LikeTokenizer(8000)
    fast.train(learnt_from)
    fast_seconds = time.perf_counter() - start
    pairs = list(fast.merges)
    guessed(my_seconds, fast_seconds)
    # yours: the seconds of a merge above, for more text and more merges
    a_merge = basic_seconds / n_merges * len(learnt_from) / len(start_of_text)
    textbook_minutes = a_merge * len(pairs) / 60
    print(f"yours would take about {textbook_minutes:.0f} minutes")
    check_it = tokenizers.RegexTokenizer(GPT2_PATTERN)
    check_it.train(start_of_text, 256 + n_merges)
    same_merges = list(check_it.merges) == list(words_only.merges)
    print("on the same 20,000 characters, the same merges:", same_merges)
else:
    pairs = list(words_only.merges)  # the library is covered up

# %% [markdown]
# Where does the time go? For some merges of this training, how many ids have
# to be looked at: in every word of the text, in each different word, or only
# in the words that hold the pair? The next cell counts. It need not be read:
# look at the picture below it.

# %% numbers="looked_at"
some = learnt_from[:steps(len(learnt_from), graded=2000)]
all_words = Counter(regex.findall(GPT2_PATTERN, some))
looker, looked_at = RegexTokenizer(), {}
for n in [n for n in (0, 10, 50, 200, 1000, 5000) if n + 10 < len(pairs)]:
    looker.set_merges(pairs[:n])
    each = {word: looker.encode_ordinary(word) for word in all_words}
    touched = 0
    for k in range(n, n + 10):  # ten merges, and their mean
        for word, ids in each.items():
            if pairs[k] in zip(ids, ids[1:]):
                touched += len(ids)
                each[word] = merge(ids, pairs[k], 256 + k)
    every = sum(len(each[word]) * times for word, times in all_words.items())
    looked_at[n] = [every, sum(map(len, each.values())), touched / 10]
for n, counts in looked_at.items():
    print(f"after {n:5} merges:", ", ".join(f"{c:,.0f}" for c in counts))

# %% figure="looked_at"
fig, ax = plt.subplots(figsize=(7.5, 3.6))
ways = ["every word of the text", "each different word",
        "only words that hold the pair"]
for number, name in enumerate(ways):
    values = [counts[number] for counts in looked_at.values()]
    ax.plot(list(looked_at), values, "o-", label=name)
ax.set(yscale="log", xlabel="merges made", ylim=(1, None),
       ylabel="ids looked at for the next", title="What one merge costs")
ax.set_xscale("symlog", linthresh=10)
ax.set_xlim(-1, 8000)
ax.set_xticks(list(looked_at), [f"{n:,}" for n in looked_at])
ax.minorticks_off()
ax.legend(loc="lower left")
plt.show()

# %% [markdown]
# The scale is logarithmic. Each different word in place of every word: ten times
# less. Only the words that hold the pair: less by thousands, soon. A late pair
# occurs in a handful of words, and looking at anything else is wasted.
#
# ## Encoding at full speed
#
# Merges are a list of pairs. Whoever has it can encode, in any programming
# language. tiktoken does it in Rust, and takes a dict `bytes → id` where smaller
# ids are merged first: your `vocab`, turned round. That is what
# `GPT2LikeTokenizer` is: trained here, encoded there, with `<|endoftext|>` as
# its last id.

# %%
if studying:
    own = RegexTokenizer()
    own.set_merges(pairs)  # your class with the 8,000 merges
    few = text[:20_000]
    print("the same ids:", own.encode_ordinary(few) == fast.encode(few))
    colour(fast, "Friends, Romans, countrymen, lend me your ears;")

# %% [markdown]
# How fast is each? Characters a second, each on as much text as it can do in
# about a second. Guess first: how many times faster is tiktoken's loop than your
# `RegexTokenizer`, with the same 8,000 ids?

# %% predict="my_speedup"
my_speedup = None  # a number, before you run anything below

# %% numbers="speeds speedup"
def speed(encode, some):
    """Characters a second; the best of three."""
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        encode(some)
        seconds.append(time.perf_counter() - start)
    return len(some) / min(seconds)


speeds = {}
if studying:
    fast.save(folder / "8000.json")
    librarys = tokenizers.RegexTokenizer.load(folder / "8000.json")
    speeds = {
        "yours: characters": speed(by_characters.encode, text),
        "yours: bytes": speed(by_bytes.encode, text),
        f"yours: Basic, {n_merges} merges": speed(basic.encode, text[:5000]),
        "yours: Regex, 8,000 ids": speed(own.encode_ordinary, text[:60_000]),
        "library: Regex, 8,000 ids": speed(librarys.encode_ordinary, text),
        "library: GPT2Like, 8,000 ids": speed(fast.encode, text),
        f"tiktoken: {whose}": speed(official.encode_ordinary, text),
    }
    speedup = (speeds["library: GPT2Like, 8,000 ids"]
               / speeds["yours: Regex, 8,000 ids"])
    guessed(my_speedup, speedup)

# %% figure="speeds"
fig, ax = plt.subplots(figsize=(7.5, 3.2))
values = [value / 1e6 for value in speeds.values()]
bars = ax.barh(list(speeds), values, color="tab:blue")
ax.bar_label(bars, fmt="%.2f", padding=4)
ax.invert_yaxis()
ax.set(xscale="log", xlim=(0.01, 5000),
       xlabel="million characters a second (logarithmic)",
       title="Encoding, on one core")
fig.tight_layout()
plt.show()

# %% [markdown]
# Bytes are fastest, since there is nothing to decide. `BasicTokenizer` is
# slowest, although it has the fewest merges: each of them walks over the whole
# text, and with a longer text it gets slower still. `RegexTokenizer` only ever
# walks over one word. The library's remembers the ids of words that it has met.
# And the same loop, compiled, is {{speedup:.0f}} times as fast as yours, with the
# same ids.
#
# ## How large a vocabulary?
#
# The first $n$ merges of a training are what a shorter training would have
# given. So one training is enough for a whole curve. We measure on text that it
# has not seen: the last tenth of Shakespeare, and a file of Python code.

# %% numbers="compression compression_8000 gpt2_factor"
def characters_a_token(encode, some):
    """Each different word is encoded once."""
    words = Counter(regex.findall(GPT2_PATTERN, some))
    tokens = sum(len(encode(word)) * n for word, n in words.items())
    return len(some) / tokens


samples = {corpus.name: text[len(learnt_from):],
           "Python code": inspect.getsource(texts)}
sizes = [256, 320, 512, 1000, 2000, 4000, 8000]
compression = {name: [] for name in samples}
if studying:
    for size in sizes:
        own.set_merges(pairs[:size - 256])
        for name, some in samples.items():
            value = characters_a_token(own.encode_ordinary, some)
            compression[name].append(value)
    own.set_merges(pairs)
    compression_8000 = compression[corpus.name][-1]
    gpt2_factor = {name: characters_a_token(official.encode_ordinary, some)
                   for name, some in samples.items()}
    for name in samples:
        print(f"{name}: 8,000 ids {compression[name][-1]:.2f},",
              f"{whose} {gpt2_factor[name]:.2f} characters a token")

# %% figure="compression"
fig, ax = plt.subplots(figsize=(7.5, 3.8))
for number, name in enumerate(samples):
    if studying:
        ax.plot(sizes, compression[name], "o-", color=f"C{number}", label=name)
        ax.plot([len(ids_of)], [gpt2_factor[name]], "*", color=f"C{number}",
                markersize=13, label=f"{name}, {whose}")
ax.set(xscale="log", xlabel="ids in the vocabulary", ylim=(0, None),
       ylabel="characters a token",
       title=f"More ids, fewer tokens: learnt from {corpus.name}")
ticks = [256, 1000, 8000, 50_000]
ax.set_xticks(ticks, [f"{n:,}" for n in ticks])
ax.minorticks_off()
ax.legend(loc="lower right", fontsize=9)
plt.show()

# %% [markdown]
# <details><summary>What do the lines say?</summary>
#
# Growth is slow. With 1,000, 2,000, 4,000 and 8,000 ids a token of Shakespeare
# has {{compression[Tiny Shakespeare][3]:.2f}},
# {{compression[Tiny Shakespeare][4]:.2f}},
# {{compression[Tiny Shakespeare][5]:.2f}} and
# {{compression[Tiny Shakespeare][6]:.2f}} characters: twice as many ids buy about
# 0.3 characters, again and again. On Shakespeare, 8,000 ids learnt from Shakespeare ({{compression_8000:.2f}}
# characters a token) beat GPT-2's 50,257 ({{gpt2_factor[Tiny Shakespeare]:.2f}}).
# On Python code they lose: {{compression[Python code][6]:.2f}} against
# {{gpt2_factor[Python code]:.2f}}. Their merges have never seen an `import`.
#
# </details>
#
# A larger vocabulary is not free. In GPT-2, each id has a row of 768 numbers:
# 50,257 · 768 = 38.6 million, of 124 million in all. And an id that occurs twice
# in the training text has hardly a chance to learn what it means.
#
# A warning about losses. (Nats are what the loss of lab 1 counts in.) "3.2 nats"
# per *token* and "1.5 nats" per *character* cannot be compared. Divide the first
# by the characters a token.
#
# And this is the picture of the beginning. Change the sentence.

# %% figure="hook"
sentence = "Unbelievable: it's 2026, and the king's horse won't read."
rows = {"characters": [shown(c.encode()) for c in sentence]}
cutters = {f"your {n_merges} merges": words_only, whose: gpt2}
if studying:
    cutters = {f"your {n_merges} merges": words_only,
               f"8,000 ids of {corpus.name}": own, whose: gpt2}
for label, tokenizer in cutters.items():
    ids = tokenizer.encode_ordinary(sentence)
    rows[label] = [shown(tokenizer.vocab[i]) for i in ids]
fig, ax = plt.subplots(figsize=(9, 3.8))
draw_tokens(ax, rows)
fig.tight_layout()
plt.show()

# %% [markdown]
# # Part 6 · Find the shortest text that fails
#
# Two tokenizers should give the same ids for every text. How do you find out
# that they do not? **Fuzzing**: throw thousands of random texts at both, made of
# nasty pieces, and compare. That finds a text that fails, but it is long and
# odd, and says little:
#
# `"  don'té\n 12,,  안  x"`
#
# So **shrink** it: take characters away, one at a time, as long as it still
# fails. By hand, with a text that fails if it has two a's:
#
# | text | take away | what is left | still fails? |
# |---|---|---|---|
# | `banana` | `b` | `anana` | yes: keep it |
# | `anana` | `a` | `nana` | yes |
# | `nana` | `n` | `ana` | yes |
# | `ana` | `a` | `na` | no: put it back |
# | `ana` | `n` | `aa` | yes |
# | `aa` | either `a` | `a` | no: done, `aa` |
#
# You are done when **no** single character can go. Careful: after one has gone,
# another may go that was needed before. Take `abc`, where exactly the texts
# `abc`, `ab` and `b` fail. Without `a` it is `bc`: no. Without `b` it is `ac`:
# no. Without `c` it is `ab`: yes. And **now** the `a` may go: `b`.

# %% answer="shrink" level=2 minutes=8
def shrink(text, fails):
    """Take single characters away as long as the text still fails.

    text: a string with fails(text) True. fails: a function, string -> bool
    returns: a string that fails, and no longer does without any one character
    """
    ### BEGIN SOLUTION
    i = 0
    while i < len(text):
        shorter = text[:i] + text[i + 1 :]
        if fails(shorter):
            text, i = shorter, 0
        else:
            i += 1
    return text
    ### END SOLUTION

# %% grade="shrink" points=1
check.shrink(shrink)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Try each place: would the text still fail without this character? If so, go on
# with the shorter text, and look at all places once more.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# Two slices around a place, glued, are the text without that one character. A
# `while` loop over the places, since the text gets shorter on the way.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Place 0. While the place is inside the text: the text without that character;
# if it fails, it becomes the text, and the place is 0 again; else the next
# place. Return the text.
#
# </details>
#
# Now the hunt. `fuzz` draws the texts and hands the first that fails to your
# `shrink`. It gives up after a minute.

# %%
PIECES = ["a", "b", "the", "The", " ", " ", "  ", "\n", "'s", "'", "1", "23",
          ",", ".", "?!", "é", "안", "👋", "_", "\t", "ing", "co", "er", "st"]


def fuzz(fails, n, seed=1337):
    """The shortest failing text that n random texts lead to, or None."""
    draw, start = random.Random(seed), time.perf_counter()
    for tried in range(n):
        if time.perf_counter() - start > 60:
            print(f"no time for more than {tried:,} texts")
            break
        some = "".join(draw.choices(PIECES, k=draw.randrange(1, 12)))
        if fails(some):
            print(f"failed: {some!r}")
            return shrink(some, fails)
    return None

# %% [markdown]
# Two tokenizers that somebody broke. Run the hunt before you read their code.
# Can you tell from the shortest text what is wrong with each?

# %%
class BrokenA(RegexTokenizer):
    def encode_ordinary(self, text):
        return super().encode_ordinary(text.replace("  ", " "))


class BrokenB(RegexTokenizer):
    def encode_ordinary(self, text):
        known, ids = {raw: i for i, raw in self.vocab.items()}, []
        for word in regex.findall(self.pattern, text):
            raw = word.encode("utf-8")
            while raw:
                size = next(n for n in range(len(raw), 0, -1)
                            if raw[:n] in known)
                ids.append(known[raw[:size]])
                raw = raw[size:]
        return ids


def differ(one, other):
    """What fuzz asks: do two tokenizers disagree on a text?"""
    return lambda s: one.encode_ordinary(s) != other.encode_ordinary(s)


healthy = RegexTokenizer()
healthy.set_merges(pairs)
found = {}
for broken in (BrokenA(), BrokenB()):
    broken.set_merges(pairs)
    name = type(broken).__name__
    found[name] = fuzz(differ(broken, healthy), steps(5000, graded=20))
    print(f"{name}: the shortest text is {found[name]!r}\n")

# %% numbers="found_a found_b found_b_ids"
found_a, found_b = found["BrokenA"], found["BrokenB"]
found_b_ids = {}
if found_b is not None:
    for which in (healthy, broken):
        ids = which.encode_ordinary(found_b)
        pieces = [shown(which.vocab[i]) for i in ids]
        found_b_ids[type(which).__name__] = pieces
        print(f"{type(which).__name__:15}", pieces)

# %% [markdown]
# <details><summary>What is wrong with them?</summary>
#
# - `BrokenA` makes one space of two. The shortest text is two spaces. (A
#   tokenizer that loses spaces cannot be used for program code.)
# - `BrokenB` takes the longest piece of the vocabulary that fits. Our run found
#   `{{found_b}}`, where the merges in the order learnt lead elsewhere: to
#   {{found_b_ids[RegexTokenizer]}} and not to {{found_b_ids[BrokenB]}}.
#
# Whoever reads "two spaces" knows what to mend.
#
# </details>
#
# And yours? Against tiktoken, with the same ids, on some thousand texts:

# %% numbers="fuzzed fuzz_result"
fuzzed = steps(20_000, graded=20)
fuzz_result = fuzz(differ(gpt2, official), fuzzed)
print(f"{whose}, {fuzzed:,} texts, the shortest that fails: {fuzz_result}")
if studying:
    print("your 8,000 against the library's:",
          fuzz(differ(own, fast), fuzzed))
    print("and back to text:",
          fuzz(lambda s: own.decode(own.encode_ordinary(s)) != s, fuzzed))

# %% [markdown]
# `None`: not one text was found. The hidden tests look at yours in this way,
# too.
#
# # Part 7 · What if?
#
# ## … there were no pattern?
#
# `BasicTokenizer` may merge anything with anything. Same text, same number of
# merges, with and without words. Which one makes the text shorter? And what do
# its longest tokens look like?

# %% predict="my_better"
# characters a token without words, divided by those with: more than 1?
my_better = None  # a number, before you run anything below

# %% numbers="no_pattern"
no_pattern = {}
if studying:
    part = text[:50_000]
    for which in (tokenizers.BasicTokenizer(),
                  tokenizers.RegexTokenizer(GPT2_PATTERN)):
        which.train(part, 256 + 400)
        name = type(which).__name__
        no_pattern[name] = len(part) / len(which.encode(part))
        longest = sorted(which.vocab.values(), key=len)[-8:]
        print(f"{name}: {no_pattern[name]:.2f} characters a token")
        print("   ", [shown(raw) for raw in longest])
    values = list(no_pattern.values())
    guessed(my_better, values[0] / values[1])

# %% [markdown]
# <details><summary>So why words?</summary>
#
# Without words the text gets shorter: {{no_pattern[BasicTokenizer]:.2f}} against
# {{no_pattern[RegexTokenizer]:.2f}} characters a token. Compression alone would
# vote against the pattern. But look at the tokens: half sentences, names with
# their line breaks, words with their full stop. The same word is cut in ever new
# ways, depending on what follows, and a model has to learn each of them. A
# tokenizer is made for the model that reads it, not for a small file.
#
# </details>
#
# ## … you train on another text?
#
# Put a text of your own in place of this one: a language of yours, a program,
# a song. What are its first words?

# %%
own_text = inspect.getsource(inspect)  # a large file of Python code
if studying:
    another = tokenizers.RegexTokenizer(GPT2_PATTERN)
    another.train(own_text, 256 + 200)
    print([shown(raw) for raw in list(another.vocab.values())[256:][-40:]])
    colour(another, "    return None if self is None else self.name")

# %% [markdown]
# ## Show a friend
#
# How many tokens is your friend? Common names are one token, most others are
# not.

# %%
for name in ["Ada", "Alan Turing", "Yejin", "Wolfeschlegelsteinhausen"]:
    colour(gpt2, " " + name)

# %% [markdown]
# ## Quiz
#
# Say your answer aloud before you open. Every option has its reason.
#
# **1.** A new tokenizer of yours is trained twice on the same text, on two
# machines, and the merges differ from the 40th on. What is likely?
#
# a) The machines round differently. b) A tie was broken by chance. c) One of
# them had more memory.
#
# <details><summary>Answer to 1</summary>
#
# - a) No: nothing is rounded here. Counts are whole numbers.
# - **b) Yes.** Where two pairs are equally frequent, a rule has to say which
#   goes first. "The first one met" depends on the order of a dict or a set.
# - c) No: memory decides whether it ends, not what comes out.
#
# </details>
#
# **2.** While encoding, somebody merges the pair that is most frequent *in the
# text at hand*. What happens?
#
# a) The same ids, only slower. b) Other ids for some texts, so that a model
# reads pieces it was not trained on. c) It no longer decodes to the same text.
#
# <details><summary>Answer to 2</summary>
#
# - a) No: where two pairs want the same letter, the order decides.
# - **b) Yes.** And nothing crashes. The ids are valid, the text comes back, and
#   the model is a little worse. Such mistakes live long.
# - c) No: any sequence of merges decodes to the same text. That is why "it comes
#   back" is too weak a test, and you compared ids.
#
# </details>
#
# **3.** A prompt of yours ends in a space: `"The capital of France is "`. Why
# can that make the answer worse?
#
# a) The space is lost. b) The space becomes a token of its own, and the next
# word has to come without it. c) A space is a special token.
#
# <details><summary>Answer to 3</summary>
#
# - a) No: no space is ever lost by this pattern.
# - **b) Yes.** In training the model saw `␣Paris` as one token, hardly ever a
#   single space and then `Paris`.
# - c) No: it is an ordinary byte, and byte tokens are ordinary tokens.
#
# </details>
#
# **4.** One model has a loss of 3.3 nats a token with 4 characters a token,
# another one 1.1 nats a character. Which one predicts the text better?
#
# a) The second: 1.1 is less than 3.3. b) The first. c) It cannot be said.
#
# <details><summary>Answer to 4</summary>
#
# - a) No: those are different things to predict. A token holds more than a
#   character.
# - **b) Yes.** 3.3 nats for 4 characters are 0.83 nats a character, less than
#   1.1.
# - c) No: per character (or per byte) they can be compared, on the same text.
#
# </details>
#
# ## Where you are
#
# You can turn any text into GPT-2's ids, and back. The other half of GPT-2 is
# the model that reads them: its forward pass, in nothing but NumPy, comes next.
#
# **Credits.** The way from characters over bytes to GPT-2's own merges, with
# `get_stats`, `merge`, `BasicTokenizer` and `RegexTokenizer`, follows Andrej
# Karpathy's [minbpe](https://github.com/karpathy/minbpe) and his lecture
# [Let's build the GPT Tokenizer](https://www.youtube.com/watch?v=zduSFxRajkE).
# Byte-pair encoding for language models: Sennrich, Haddow and Birch, *Neural
# Machine Translation of Rare Words with Subword Units*, 2016; as a way to
# compress: Gage, *A New Algorithm for Data Compression*, 1994. Over bytes, with
# a pattern for words: Radford et al., *Language Models are Unsupervised
# Multitask Learners*, 2019, and its
# [encoder.py](https://github.com/openai/gpt-2/blob/master/src/encoder.py).
# [tiktoken](https://github.com/openai/tiktoken) is OpenAI's, and its rule for
# special tokens is the one used here. Making a failing text shorter: Zeller and
# Hildebrandt, *Simplifying and Isolating Failure-Inducing Input*, 2002. The text
# was put together for [char-rnn](https://github.com/karpathy/char-rnn).
