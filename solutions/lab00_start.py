# %% [markdown]
# # Lab 0 · Start here
#
# Left, a picture: 9 rows of 19 numbers. Two others were made from it, each by
# one word of PyTorch. Both have the shape (19, 9). Neither gave an error.
#
# {{figure:hook}}
#
# One is the picture with its rows and columns exchanged. The other is rubble,
# made of the very same numbers. In lab 3 the numbers will be what your model
# thinks, and again the shape will be right in both cases. After today you know
# which word does what, and how to find out when you are not sure.
#
# First, though: how a lab works.

# %% [markdown]
# ## Three questions to warm up
#
# All you need is a little Python. Answer aloud, then open.
#
# <details><summary>1. What is <code>7 / 2</code>? And
# <code>7 // 2</code>?</summary>
#
# `3.5`, and `3`: two slashes throw the fraction away.
#
# </details>
# <details><summary>2. What is
# <code>list(zip([1, 2], [30, 40]))</code>?</summary>
#
# `[(1, 30), (2, 40)]`. `zip` walks along both lists and yields pairs.
#
# </details>
# <details><summary>3. <code>a = [1, 2]</code>, then <code>b = a</code>, then
# <code>b[0] = 9</code>. What is <code>a</code>?</summary>
#
# `[9, 2]`. There is one list, and it has two names. Keep that in mind: today
# you meet tensors that share their numbers in the same way.
#
# </details>

# %% [markdown]
# # Part 1 · How a lab works
#
# A notebook is a list of **cells**. Click on one that holds code, and press
# **Shift + Enter**: it runs, what it says appears under it, and the next one
# is selected. Start with the cell under the checklist above (in Colab it
# fetches the course's library, elsewhere it does nothing). Then these two.

# %%
price = 3

# %%
price = price + 1
price

# %% [markdown]
# All cells share one memory. It knows what you **ran**, in the order in which
# you ran it. It does not know what stands on the page.
#
# Here comes a *predict box*. Write a number in place of `None`, run the cell,
# and only then go on. Nobody grades it. A guess that turns out wrong is how
# things stick.

# %% predict="price_after"
# You run the first cell once, and the second three times. What is price?
price_after = None  # a number, before you run anything below

# %%
print(f"you said {price_after}. Now try it: run the two cells above again.")

# %% [markdown]
# <details><summary>And?</summary>
#
# 6. But whoever runs the page from top to bottom gets 4. What you hand in is
# run from top to bottom, on another machine. That is why the last thing you do
# in a lab is *restart and run all*.
#
# </details>
#
# ## The doctor
#
# Is everything here that the course needs? All imports stand in one cell, as
# in every lab. The one after it calls the doctor.

# %%
import math
import time

import matplotlib.pyplot as plt
import torch
from torch.nn import functional as F

from gptlab import doctor, steps
from gptlab.checks import lab00_start as check
from gptlab.checks.core import CheckFailed

# %% numbers="trouble"
trouble = 0
for line in doctor.examine(network=False):
    print(f"{line.status:4}  {line.group}, {line.name}: {line.found}")
    if line.todo:
        print(f"      what to do: {line.todo}")
    trouble += line.status == "fail"
print("something failed, see above" if trouble else "ready to start")

# %% [markdown]
# How to read it: each line begins with one of three words.
#
# | word | meaning |
# |---|---|
# | `ok` | All is well. |
# | `note` | The labs run, but something is missing, old or slow. It can wait. |
# | `fail` | The labs will not run. Do what the line under it says, then restart. |
#
# **device** says where numbers are computed: `CPU` is enough for this lab and
# the next ones. **fingerprint** is a sum over many steps of arithmetic: where it
# is the course's own, you will see the course's numbers; where it is not, yours
# will differ a little, and that is no mistake. **numbers**, under it, are some
# of the results on the way. They are there to be compared with somebody else's.
#
# Does a line look odd? When you ask for help, copy all of them. In a terminal,
# `python -m gptlab.doctor` does the same, and tries the network as well.
#
# ## A check that fails
#
# Here is an answer that somebody wrote for the first TO-DO, the mean of a list
# of numbers. It is wrong. Let us see what the check has to say.

# %% numbers="said"
def nearly(numbers):
    """Wrong on purpose."""
    return sum(numbers) // len(numbers)


try:
    check.mean(nearly)
except CheckFailed as message:
    said = str(message)
    print(said)

# %% [markdown]
# (In your own check cells there is no `try` and no `except`: the message
# simply appears, in red or in a box.) Line by line:
#
# | | |
# |---|---|
# | `mean: not right yet` | which TO-DO, and how it stands |
# | `looked at` | what the check tried. You can try the same in a cell of your own |
# | `expected` | what it wanted; of a large tensor, the first number that differs |
# | `found` | what it got. Compare with the line above: **here is the clue** |
# | `likely` | what often leads to this very number. A guess, but a good one |
# | `where` | if your code raised an error: the line that did |
#
# Now do it right. First run the next two cells **as they are**: *not attempted
# yet* is another thing than *not right yet*, and costs nothing. Then replace
# the line `raise NotImplementedError` by your own, run the cell, and run the
# check again.

# %% answer="mean" level=1 minutes=3
def mean_of(numbers):
    """The mean of some numbers.

    numbers: a list of at least one number
    returns: their sum, divided by how many there are
    """
    ### BEGIN SOLUTION
    return sum(numbers) / len(numbers)
    ### END SOLUTION

# %% grade="mean" points=0.5
check.mean(mean_of)

# %% [markdown]
# Does a check stop with `NameError`? Then the cell above it did not run to its
# end: it was not run at all, or stopped with an error. (After a slip in it, such
# as a missing bracket, an older version may still be in memory, and it is that
# one which is checked.) So run your answer, read what appears under it, and only
# then run the check.
#
# Stuck? Under each check there are three hints. Open one, try again, and only
# then open the next.
#
# <details><summary>Hint 1: the idea</summary>
#
# Add all numbers, count them, divide.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `sum(...)` and `len(...)`, both of the list. Which of the two slashes of
# question 1 keeps the fraction?
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# One line: `return`, the sum, one slash, the length. Use the argument
# `numbers`, not a list of your own.
#
# </details>
#
# ## How to hand in
#
# 1. **Restart and run all.** JupyterLab: *Kernel* → *Restart Kernel and Run
#    All Cells*. Colab: *Runtime* → *Restart session and run all*.
# 2. It stops at the first check that fails. If that is a TO-DO which you leave
#    out, that is fine: each is judged by itself. Run the cells below it by
#    hand, with Shift + Enter. (One that needs the missing answer fails, too.
#    Never mind.)
# 3. **Save**, and hand in this one file, `lab00_start.ipynb`. In Colab: *File*
#    → *Download* → *Download .ipynb*.
#
# Add as many cells of your own as you like (JupyterLab: Esc, then the key B;
# Colab: *+ Code*). Leave the check cells where they are: do not delete, copy or
# rename them.
#
# | the check says | your points |
# |---|---|
# | *not attempted yet* | none for this TO-DO, and nothing lost on any other |
# | *not right yet* | perhaps a part |
# | *right* | nearly always all of them |
#
# Nearly: a check looks at a few small examples. Points come from **hidden
# tests**, which run after you hand in, and try other shapes and other numbers.
# An answer made for the example alone passes the check and no hidden test.
#
# Some TO-DOs are questions with letters. Write the letter, in quotes, as in
# `"a"`; run that cell, and then the folded check under it. Every letter has its
# own explanation, and you may try as often as you like. (Without the quotes
# Python takes the letter for a name, and stops with `NameError`.)

# %% choice="hand_in" points=0.5 level=1 minutes=2
question = (
    "Every check said *right* this afternoon. You restart, run all, and `cross_entropy` now stops "
    "with `NameError: name 'top' is not defined`. What happened?"
)
options = {
    "The check was changed in the meantime": "No: checks are the same every time. What changed is "
    "what the notebook's memory holds.",
    "My answer uses a name that an experiment of mine had left in memory": "Right: it worked as "
    "long as that memory lasted. After a restart only the page counts, and so it is when graded.",
    "Restarting has deleted my answer": "No: what you wrote stays on the page. A restart empties "
    "the memory, not the file.",
    "The hidden tests found a mistake": "No: they run after you hand in, and you do not see them "
    "here. But they would have stumbled over the same thing.",
}
right = "My answer uses a name that an experiment of mine had left in memory"

# %% [markdown]
# That is all there is to know about labs. From here on: tensors.
#
# # Part 2 · One strip of numbers, many shapes
#
# A **tensor** is a block of numbers with axes: a list has one, a table two, a
# pile of tables three. In this course the three have names: **B** sheets in a
# batch (so many texts are worked on at once), **T** rows in time (one for each
# character), **C** columns (the numbers that describe a character). Its
# **shape** is (B, T, C).
#
# To see what happens to numbers, we use some that say where they come from. In
# `labelled(B, T, C)` the number 12 is 012: sheet 0, row 1, column 2. And 103
# is sheet 1, row 0, column 3. (How it is made you need not read yet: part 3
# comes back to it.)

# %%
def labelled(B, T, C):
    """(B, T, C): sheet b, row t, column c holds 100 * b + 10 * t + c."""
    b, t, c = torch.arange(B), torch.arange(T), torch.arange(C)
    return 100 * b.view(B, 1, 1) + 10 * t.view(T, 1) + c


labelled(2, 3, 4)

# %% [markdown]
# The next cell draws boxes with numbers. It is there for the pictures, and you
# need not read it.

# %%
def boxes(ax, numbers, colors, title="", form="d"):
    """Draw a list or a table of numbers as boxes, in colors 0 to 11."""
    numbers = torch.atleast_2d(numbers)
    colors = torch.as_tensor(colors).broadcast_to(numbers.shape)
    ax.pcolormesh(colors, cmap="Set3", vmin=0, vmax=11,
                  edgecolors="white", linewidth=2)
    for i, row in enumerate(numbers.tolist()):
        for j, number in enumerate(row):
            ax.text(j + 0.5, i + 0.5, format(number, form), color="black",
                    ha="center", va="center", fontsize=9)
    ax.invert_yaxis()
    ax.set_aspect("equal")
    ax.axis("off")
    ax.set_title(title, fontsize=10)

# %% [markdown]
# ## Memory has no rows
#
# The memory of a computer is one long strip of cells. So a table has to be
# laid out in a strip, row after row. What makes it a table is a note beside
# the strip, the **stride**: how many cells to walk for one step along each
# axis.
#
# Six numbers, two rows of three:
#
# | | column 0 | column 1 | column 2 |
# |---|---|---|---|
# | **row 0** | 0 | 1 | 2 |
# | **row 1** | 3 | 4 | 5 |
#
# In the strip they are 0 1 2 3 4 5. One row down is 3 cells further, one column
# to the right is 1 cell further: the stride is (3, 1).
#
# Now `transpose`: rows become columns. PyTorch does *not* move a single
# number. It writes a new note for the same strip: shape (3, 2), stride (1, 3).

# %%
m = torch.arange(6).view(2, 3)
m

# %% figure="memory"
fig, axes = plt.subplots(1, 3, figsize=(9.5, 2.5), width_ratios=[6, 3, 2])
boxes(axes[0], torch.arange(6), [0, 0, 0, 4, 4, 4])
for end, y, word in ((1, 1.5, "column"), (3, 2.6, "row")):
    axes[0].annotate("", (end + 0.5, y), (0.5, y),
                     arrowprops={"arrowstyle": "->"})
    axes[0].text(end + 0.6, y, f"next {word}: {end}", va="center")
axes[0].set(ylim=(3.2, -0.8), title="the strip in memory")
boxes(axes[1], m, [[0], [4]], "m: shape (2, 3),\nstride (3, 1)")
boxes(axes[2], m.transpose(0, 1), [0, 4],
      "m.transpose(0, 1):\n(3, 2), stride (1, 3)")
fig.tight_layout()
plt.show()

# %%
print(m.shape, m.stride())
print(m.transpose(0, 1).shape, m.transpose(0, 1).stride())
print("the same strip:", m.data_ptr() == m.transpose(0, 1).data_ptr())

# %% [markdown]
# The note says two more things. The **dtype** is what a cell holds: `int64` are
# whole numbers, `float32` numbers with a fraction. (A mean needs the second:
# `m.float().mean()`.) The **device** is whose memory the strip is in: `cpu`, or
# `cuda` for a GPU. Tensors that are to meet must be on the same one.

# %%
print(m.dtype, m.float().dtype, m.device)

# %% [markdown]
# Your turn, on paper. Twelve numbers, `torch.arange(12).view(3, 4)`: three
# rows of four. Write two tuples:
#
# - `stride_of_table`: its stride,
# - `stride_of_turned`: the stride of its transpose, which has four rows of
#   three.

# %% answer="strides" level=1 minutes=3
### BEGIN SOLUTION
stride_of_table = (4, 1)
stride_of_turned = (1, 4)
### END SOLUTION

# %% grade="strides" points=0.5
check.strides(stride_of_table, stride_of_turned)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Draw the strip 0 to 11. Put a finger on 0. How far is the number below it in
# the table? How far the one to its right?
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# One row down is as many cells as a row is long. The transpose reads the same
# strip with the two axes exchanged.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Two tuples of two numbers. The second is the first, the other way round. (A
# tensor also tells you, with `.stride()`.)
#
# </details>
#
# ## Where is it?
#
# With the stride, an index becomes a place in the strip: each step along an
# axis costs as many cells as the stride says. In the table of six, row 1,
# column 2 is $1 \cdot 3 + 2 \cdot 1 = 5$ cells from the start. Turned, the same
# number is row 2, column 1: $2 \cdot 1 + 1 \cdot 3 = 5$. The same cell, as it
# must be.
#
# It goes on like this for any number of axes. A pile of 2 sheets, each 3 by 4,
# has the stride (12, 4, 1).

# %% predict="cell_of_1_2_3"
# In which cell is the number at sheet 1, row 2, column 3 of that pile?
cell_of_1_2_3 = None  # a number, before you run anything below

# %% answer="memory_cell" level=1 minutes=4
def memory_cell(index, stride):
    """In which cell of the strip is the number with this index?

    index, stride: tuples of whole numbers, one for each axis, both as long
    returns: a whole number; the cell of index (0, ..., 0) is 0
    """
    ### BEGIN SOLUTION
    return sum(i * step for i, step in zip(index, stride))
    ### END SOLUTION

# %% grade="memory_cell" points=1
check.memory_cell(memory_cell)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# For each axis: how many steps, times how many cells a step costs. Add up.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `zip(index, stride)` yields the pairs, and `sum(...)` adds. There may be one
# axis, or four.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Start with 0. For each pair of a number of steps and a stride, add their
# product. Return what you have.
#
# </details>

# %%
pile = labelled(2, 3, 4)
cell = memory_cell((1, 2, 3), pile.stride())
print(f"you said {cell_of_1_2_3}, it is {cell}")
print("the strip there:", pile.flatten()[cell], "the pile:", pile[1, 2, 3])

# %% [markdown]
# ## `view`: the same strip, another note
#
# `view` keeps the strip **and its order**, and only says where a row ends.
# Twelve numbers can be 2 rows of 6, or 3 of 4, or 4 of 3:

# %% figure="views"
strip = torch.arange(12)
fig, axes = plt.subplots(1, 3, figsize=(8.5, 2.3), width_ratios=[6, 4, 3])
for ax, rows in zip(axes, (2, 3, 4)):
    table = strip.view(rows, 12 // rows)
    boxes(ax, table, torch.arange(rows).view(rows, 1),
          f"view({rows}, {12 // rows}), stride {table.stride()}")
plt.show()

# %% [markdown]
# Read any of them line by line, and it says 0 to 11. That is the whole rule.
#
# One of the numbers can be left to PyTorch: `strip.view(3, -1)` has 3 rows, and
# the −1 stands for whatever is needed.

# %% answer="rows_of" level=1 minutes=3
def rows_of(flat, n_rows):
    """Cut a list of numbers into rows of equal length.

    flat: (N,), and N is a multiple of n_rows
    returns: (n_rows, N // n_rows), a view: no number is copied
    """
    ### BEGIN SOLUTION
    return flat.view(n_rows, -1)
    ### END SOLUTION

# %% grade="rows_of" points=0.5
check.rows_of(rows_of)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# The order stays. Only say how many rows there are.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `.view(rows, columns)`. How many columns? Divide, or write −1.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# One line: return the view of `flat` whose first axis is `n_rows`.
#
# </details>
#
# Question 3 from the warm-up, now with tensors. What happens to `strip` when
# its view is changed?

# %%
strip = torch.arange(6)
table = rows_of(strip, 2)
table[1, 0] = 99
print(table)
print(strip)

# %% [markdown]
# One strip, two names. `.clone()` makes a strip of its own.
#
# ## `transpose`: the same numbers in another order
#
# `view` and `transpose` can give the **same shape**. Here is a table of 2 by 3,
# made into one of 3 by 2 in both ways:
#
# | | `view(3, 2)` | `transpose(0, 1)` |
# |---|---|---|
# | **row 0** | 0, 1 | 0, 3 |
# | **row 1** | 2, 3 | 1, 4 |
# | **row 2** | 4, 5 | 2, 5 |
#
# On the left the rows are broken in other places: 0 1 2, once a row, is torn
# apart. On the right each row has become a column, whole. The colors are the
# rows of the original:

# %% figure="swap"
fig, axes = plt.subplots(1, 3, figsize=(7, 2.3), width_ratios=[3, 2, 2])
boxes(axes[0], m, [[0], [4]], "m")
boxes(axes[1], m.view(3, 2), [[0, 0], [0, 4], [4, 4]], "m.view(3, 2)")
boxes(axes[2], m.transpose(0, 1), [0, 4], "m.transpose(0, 1)")
plt.show()

# %% [markdown]
# With three axes, say which two change places: `transpose(i, j)`. In lab 2 you
# will need (B, T, C) → (B, C, T): each sheet is turned, by itself.

# %% answer="swap_last" level=1 minutes=3
def swap_last(x):
    """Turn each sheet: rows become columns.

    x: (B, T, C)
    returns: (B, C, T), where [b, c, t] is what x has at [b, t, c]
    """
    ### BEGIN SOLUTION
    return x.transpose(1, 2)
    ### END SOLUTION

# %% grade="swap_last" points=1
check.swap_last(swap_last)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Two axes change places. Axes count from 0, and the first one stays.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `.transpose(i, j)`, with the places of T and C. (From the end, they are −2
# and −1.)
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# One line: return `x` with axis 1 and axis 2 exchanged.
#
# </details>
#
# The riddle at the top of this page was nothing else. This cell drew it:

# %% figure="hook"
letters = """
...................
..###..####..#####.
.#...#.#...#...#...
.#.....#...#...#...
.#..##.####....#...
.#...#.#.......#...
.#...#.#.......#...
..###..#.......#...
...................
"""
art = torch.tensor([[ch == "#" for ch in line] for line in letters.split()])
fig, axes = plt.subplots(1, 3, figsize=(8, 3.6), width_ratios=[19, 9, 9])
for ax, table, title in zip(
    axes,
    (art, art.view(19, 9), art.transpose(0, 1)),
    (f"shape {tuple(art.shape)}", "one word: (19, 9)", "another: (19, 9)"),
):
    ax.imshow(table, cmap="Blues", vmax=1.3)
    ax.set(title=title, xticks=[], yticks=[])
plt.show()

# %% [markdown]
# ## `contiguous`: put in order
#
# A transposed tensor reads its strip in leaps. Ask `view` to read *that* as one
# row of six, and it refuses: no stride in the world describes it.

# %%
try:
    m.transpose(0, 1).view(6)
except RuntimeError as error:
    print(error)
print("in order:", m.is_contiguous(), m.transpose(0, 1).is_contiguous())

# %% [markdown]
# (*In order* means: reading line by line is walking along the strip, one cell
# at a time. PyTorch calls it **contiguous**.)
#
# Two ways out. `.contiguous()` copies the numbers to a new strip, in the order
# in which they are now read; then `.view(...)` works. Or `.reshape(...)`, which
# does both, and copies only if it must.
#
# Where will you need it? A model gives a row for each place t of each sheet b.
# Sometimes we want them all in one table, **time first**: all rows of time 0,
# then all rows of time 1. For `labelled(2, 3, 2)`:

# %% figure="time_first"
x = labelled(2, 3, 2)
fig, axes = plt.subplots(2, 1, figsize=(8.5, 2.4))
boxes(axes[0], x.flatten(), [0] * 6 + [4] * 6,
      "x in memory: all of sheet 0, then all of sheet 1", "03d")
boxes(axes[1], x.transpose(0, 1).flatten(), ([0] * 2 + [4] * 2) * 3,
      "time first: time 0 of both sheets, time 1 of both sheets, ...", "03d")
fig.tight_layout()
plt.show()

# %% [markdown]
# The result has 6 rows of 2. In the second strip above, a row is two boxes of
# one color:
#
# | row | 0 | 1 | 2 | 3 | 4 | 5 |
# |---|---|---|---|---|---|---|
# | b, t | 0, 0 | 1, 0 | 0, 1 | 1, 1 | 0, 2 | 1, 2 |
# | numbers | 000 001 | 100 101 | 010 011 | 110 111 | 020 021 | 120 121 |

# %% answer="time_first" level=2 minutes=6
def time_first(x):
    """All rows in one table, those of time 0 first.

    x: (B, T, C)
    returns: (T * B, C), where row t * B + b is x[b, t]
    """
    ### BEGIN SOLUTION
    B, T, C = x.shape
    return x.transpose(0, 1).contiguous().view(T * B, C)
    ### END SOLUTION

# %% grade="time_first" points=1.5
check.time_first(time_first)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Two steps. First bring T to the front, and B behind it. Then make one axis of
# the two.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `B, T, C = x.shape` gives the sizes names. `.transpose(...)` for the first
# step. For the second `.contiguous().view(...)`, or `.reshape(...)`.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Line 1: the sizes. Line 2: exchange axes 0 and 1, put in order, and view as a
# table with `T * B` rows.
#
# </details>
#
# ## Heads
#
# Now the place where most people trip for the first time. In lab 3 the C
# columns are dealt out to several **heads**: each head gets all rows, but only
# its own columns of them. One sheet, T = 3, C = 4, two heads:
#
# | | columns 0, 1 → head 0 | columns 2, 3 → head 1 |
# |---|---|---|
# | **row 0** | 00 01 | 02 03 |
# | **row 1** | 10 11 | 12 13 |
# | **row 2** | 20 21 | 22 23 |
#
# The heads get an axis of their own: (B, T, C) → (B, n_head, T, head size).
# Going there in one leap, `view(B, n_head, T, C // n_head)`, has the right
# shape and the wrong numbers:

# %% figure="heads"
x = labelled(1, 3, 4)
right = torch.stack([x[0, :, :2], x[0, :, 2:]])
leap = x.view(1, 2, 3, 2)[0]
fig, axes = plt.subplots(1, 5, figsize=(9, 2.3), width_ratios=[4, 2, 2, 2, 2])
boxes(axes[0], x[0], [[0], [4], [6]], "x, one color a row", "02d")
for h in range(2):
    row = torch.tensor([0, 4, 6])
    boxes(axes[1 + h], right[h], row[right[h] // 10], f"head {h}", "02d")
    boxes(axes[3 + h], leap[h], row[leap[h] // 10], f"leap, {h}", "02d")
fig.tight_layout()
plt.show()

# %% [markdown]
# After the leap, head 0 has both halves of row 0 as if they were two moments
# in time, and has never heard of row 2.
#
# The right way has two steps. `view` may cut the **last** axis in two, since
# that keeps the order: (B, T, C) → (B, T, n_head, head size). And then two axes
# change places.

# %% answer="split_heads" level=2 minutes=6
def split_heads(x, n_head):
    """Deal the columns out to n_head heads: the first get the first ones.

    x: (B, T, C), and C is a multiple of n_head
    returns: (B, n_head, T, C // n_head)
    """
    ### BEGIN SOLUTION
    B, T, C = x.shape
    return x.view(B, T, n_head, C // n_head).transpose(1, 2)
    ### END SOLUTION

# %% grade="split_heads" points=1.5
check.split_heads(split_heads)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Cut each row of C into n_head pieces. Then bring the axis of the heads before
# the axis of time.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `.view(...)` with four sizes, the last two of which make C. Then
# `.transpose(...)`.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Line 1: B, T, C from the shape. Line 2: view as B, T, heads, head size, and
# exchange axes 1 and 2.
#
# </details>
#
# And back. When the heads are done, each row gets its columns again, side by
# side, in the old order. The same two steps, from the end: first the axes back,
# then one axis of the last two. Again a leap, `reshape(B, T, C)` at once, has
# the right shape, and tears the rows:

# %% figure="merged"
x = labelled(1, 3, 4)
heads = torch.stack([x[:, :, :2], x[:, :, 2:]], dim=1)
leap = heads.reshape(1, 3, 4)
row = torch.tensor([0, 4, 6])
fig, axes = plt.subplots(1, 4, figsize=(8.5, 2.3), width_ratios=[2, 2, 4, 4])
for ax, table, title in zip(
    axes,
    (heads[0, 0], heads[0, 1], x[0], leap[0]),
    ("head 0", "head 1", "merged", "after a leap"),
):
    boxes(ax, table, row[table // 10], title, "02d")
fig.tight_layout()
plt.show()

# %% [markdown]
# After a `transpose`, what does `view` ask for?

# %% answer="merge_heads" level=2 minutes=5
def merge_heads(x):
    """The way back: each row's pieces side by side, head 0 first.

    x: (B, n_head, T, head_size)
    returns: (B, T, n_head * head_size)
    """
    ### BEGIN SOLUTION
    B, n_head, T, size = x.shape
    return x.transpose(1, 2).contiguous().view(B, T, n_head * size)
    ### END SOLUTION

# %% grade="merge_heads" points=1.5
check.merge_heads(merge_heads)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# The axes must stand as B, T, heads, head size before the last two may become
# one.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `.transpose(...)`, and then `.contiguous().view(...)`, or `.reshape(...)`.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Line 1: the four sizes. Line 2: exchange axes 1 and 2, put in order, view
# with three sizes, the last of which is heads times head size.
#
# </details>

# %%
x = labelled(2, 3, 6)
print("there and back:", merge_heads(split_heads(x, 2)).equal(x))

# %% [markdown]
# # Part 3 · Broadcasting
#
# Two tensors of different shapes can be added. PyTorch stretches the smaller
# one, without copying. The rule fits in two lines:
#
# > Write the shapes one below the other, **flush right**. In each column the
# > sizes must be equal, or one of them 1, or missing: that one is stretched.
#
# | | | | | |
# |---|---|---|---|---|
# | first | (2, 3, 4) | (2, 3, 4) | (3, 3) | (3, 3) |
# | second | (3, 4) | (4,) | (3, 1) | (3,) |
# | which goes to | each sheet | each row | each column | each **row** |
# | result | (2, 3, 4) | (2, 3, 4) | (3, 3) | (3, 3) |
#
# A column and a row make a table: (3, 1) and (4,).

# %% figure="broadcast"
column, row = torch.tensor([[0], [10], [20]]), torch.tensor([0, 1, 2, 3])
fig, axes = plt.subplots(1, 5, figsize=(9, 2.2), width_ratios=[1, 4, 4, 4, 4])
pale = torch.full((3, 4), 8)
boxes(axes[0], column, 3, "(3, 1)")
boxes(axes[1], row, 4, "(4,)")
first, second = pale.clone(), pale.clone()
first[:, 0], second[0] = 3, 4
boxes(axes[2], column.expand(3, 4), first, "(3, 1), stretched")
boxes(axes[3], row.expand(3, 4), second, "(4,), stretched")
boxes(axes[4], column + row, 6, "their sum, (3, 4)")
fig.tight_layout()
plt.show()

# %% predict="how_many"
# torch.ones(5, 1) + torch.ones(3): how many numbers does the result have?
how_many = None  # a number, before you run anything below

# %%
result = torch.ones(5, 1) + torch.ones(3)
print(f"you said {how_many}, it is {result.numel()}: shape {result.shape}")

# %% [markdown]
# That is how `labelled` was made, too: 100 · b in (B, 1, 1), 10 · t in (T, 1),
# and c in (C,). Now you can read it.
#
# ## A position for every row
#
# In lab 3 each row of a sheet gets a vector added that says *where* it stands.
# The rows are in `tok` (short for *token*: a piece of text, here a character).
# The table of the vectors, `pos`, has one row for each place that a text can
# have, `block_size` of them, and is often longer than the text at hand. So only
# its first T rows are used, and all sheets get the same ones.
#
# Two sheets, T = 2, C = 2, and places for three:
#
# | t | tok, sheet 0 | tok, sheet 1 | pos | sum, sheet 0 | sum, sheet 1 |
# |---|---|---|---|---|---|
# | 0 | 1 2 | 5 6 | 10 20 | **11 22** | **15 26** |
# | 1 | 3 4 | 7 8 | 30 40 | **33 44** | **37 48** |
# | 2 | | | 50 60 | | |

# %% answer="add_positions" level=1 minutes=4
def add_positions(tok, pos):
    """Add to each row the vector of its place.

    tok: (B, T, C)
    pos: (block_size, C), at least T rows; row t belongs to place t
    returns: (B, T, C), a new tensor
    """
    ### BEGIN SOLUTION
    return tok + pos[: tok.shape[1]]
    ### END SOLUTION

# %% grade="add_positions" points=1
check.add_positions(add_positions)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Cut `pos` to as many rows as there are places. The rest is the rule above.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# A slice, and `+`. T is the middle size of `tok.shape`. (B, T, C) + (T, C)
# lines up flush right as it is.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# One line: return `tok` plus the first T rows of `pos`. Mind that `+=` would
# change the caller's `tok`.
#
# </details>
#
# ## The silent mistake
#
# Take from each row its own mean, so that it sums to zero. (Every block of
# GPT-2 begins like that.)
#
# | | x | its mean | x minus its mean |
# |---|---|---|---|
# | **row 0** | 1, 2, 6 | 3 | −2, −1, 3 |
# | **row 1** | 0, 3, 3 | 2 | −2, 1, 1 |
# | **row 2** | 5, 5, 5 | 5 | 0, 0, 0 |
#
# `x.mean(dim=1)` gives the three means, shape (3,). `dim=1` is the axis that
# goes away. Now look at the last column of the rule's table: (3, 3) − (3,) is
# stretched to each *row*. PyTorch subtracts 3 from the first **column**, 2 from
# the second, 5 from the third. No error, since the table is square.
#
# `x.mean(dim=1, keepdim=True)` keeps the axis, with size 1: shape (3, 1).

# %% figure="keepdim"
x = torch.tensor([[1.0, 2, 6], [0, 3, 3], [5, 5, 5]])
mean, color = x.mean(dim=1), torch.tensor([0, 4, 6])
fig, axes = plt.subplots(1, 3, figsize=(7, 2.4))
boxes(axes[0], x, color.view(3, 1), "x", ".0f")
boxes(axes[1], mean.expand(3, 3), color, "subtracted:\nmean of (3,)", ".0f")
boxes(axes[2], mean.view(3, 1).expand(3, 3), color.view(3, 1),
      "subtracted:\nmean of (3, 1)", ".0f")
plt.show()

# %% answer="centre_rows" level=2 minutes=4
def centre_rows(x):
    """Subtract from each row its own mean.

    x: (N, C) floats
    returns: (N, C), a new tensor, in which every row sums to 0
    """
    ### BEGIN SOLUTION
    return x - x.mean(dim=1, keepdim=True)
    ### END SOLUTION

# %% grade="centre_rows" points=1
check.centre_rows(centre_rows)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# A mean for each row, as a column, so that it is stretched to the right.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `.mean(dim=..., keepdim=True)`, and a minus.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# One line: return `x` minus its means over axis 1, with the axis kept.
#
# </details>
#
# # Part 4 · Apart and together
#
# `split` cuts a tensor into pieces along one axis, `cat` glues pieces together.
#
# A model often computes three things with one big multiplication: for each
# place a *query*, a *key* and a *value*, C numbers each, lying side by side in
# one row of 3C. (What they are for comes in lab 2. Today they are thirds of a
# row.) For C = 2:
#
# | one row, 3C = 6 | query | key | value |
# |---|---|---|---|
# | 1 2 3 4 5 6 | 1 2 | 3 4 | 5 6 |

# %% figure="thirds"
x = torch.arange(1, 7)
fig, axes = plt.subplots(1, 4, figsize=(8.5, 1.4), width_ratios=[6, 2, 2, 2])
boxes(axes[0], x, [0, 0, 4, 4, 6, 6], "one row")
for i, ax in enumerate(axes[1:]):
    boxes(ax, x[2 * i : 2 * i + 2], [0, 4, 6][i], ["query", "key", "value"][i])
plt.show()

# %% [markdown]
# Mind what the number in `split` means: `x.split(2)` makes pieces **of size
# 2**, however many that gives. And say along which axis. The last one is
# `dim=-1`.

# %% answer="split_qkv" level=2 minutes=4
def split_qkv(x):
    """Cut each row into query, key and value.

    x: (B, T, 3 * C)
    returns: three tensors (B, T, C): the first third of each row, the
             second, the third
    """
    ### BEGIN SOLUTION
    C = x.shape[-1] // 3
    return x.split(C, dim=-1)
    ### END SOLUTION

# %% grade="split_qkv" points=1
check.split_qkv(split_qkv)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# How long is a third? Cut the last axis into pieces of that length.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `x.shape[-1]`, `//`, and `.split(size, dim=...)`.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Line 1: C, from the size of the last axis. Line 2: return the pieces of that
# size, along the last axis.
#
# </details>
#
# Now the other way. Each head of a model gives a tensor (B, T, head size).
# They go side by side into one. Two heads, one sheet, T = 2:
#
# | | head 0 | head 1 | together |
# |---|---|---|---|
# | **row 0** | 1 2 | 3 4 | 1 2 3 4 |
# | **row 1** | 5 6 | 7 8 | 5 6 7 8 |
#
# Along which axis? Both of these are a `cat`:

# %% figure="cat"
one, two = torch.tensor([[1, 2], [5, 6]]), torch.tensor([[3, 4], [7, 8]])
fig, axes = plt.subplots(1, 4, figsize=(8, 2.6), width_ratios=[2, 2, 4, 2])
boxes(axes[0], one, 0, "head 0")
boxes(axes[1], two, 4, "head 1")
boxes(axes[2], torch.cat((one, two), dim=1), [0, 0, 4, 4],
      "columns side by side:\n(2, 4)")
boxes(axes[3], torch.cat((one, two), dim=0), [[0], [0], [4], [4]],
      "rows in a pile:\n(4, 2)")
fig.tight_layout()
plt.show()

# %% answer="side_by_side" level=1 minutes=2
def side_by_side(heads):
    """Put the columns of all heads beside each other, the first head first.

    heads: a list of tensors, each (B, T, its own number of columns)
    returns: (B, T, all columns together)
    """
    ### BEGIN SOLUTION
    return torch.cat(heads, dim=-1)
    ### END SOLUTION

# %% grade="side_by_side" points=0.5
check.side_by_side(side_by_side)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Rows stay rows. Which axis grows?
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `torch.cat(list_of_tensors, dim=...)`. (`torch.stack` would make a *new*
# axis.)
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# One line: return the `cat` of the list along the last axis.
#
# </details>

# %%
x = labelled(2, 3, 6)
print("apart and together:", side_by_side(list(split_qkv(x))).equal(x))

# %% [markdown]
# # Part 5 · From scores to a loss
#
# A language model gives each possible next character a **score**, any real
# number, also called *logit*. **Softmax** makes probabilities of them: first
# $e^{\text{score}}$, which is positive, then a division by the sum.
#
# $$p_i = \frac{e^{x_i}}{\sum_j e^{x_j}}$$
#
# Scores that are easy on paper are logarithms, since $e^{\ln 2} = 2$. And then:
# divide by *which* sum?
#
# | | scores | $e^{\text{score}}$ | over `dim=1` | over `dim=0` |
# |---|---|---|---|---|
# | **row 0** | 0, ln 2 | 1, 2 | 1/3, 2/3 | 1/4, 2/3 |
# | **row 1** | ln 3, 0 | 3, 1 | 3/4, 1/4 | 3/4, 1/3 |
# | | | | each row sums to 1 | each column does |
#
# `dim` is the axis that the sum goes **along**, the one that competes: as in
# part 3, the one that a sum would make go away. Scores for characters stand in
# the last axis, so there it is `dim=-1`. With the other one, places in time
# would compete for a character, and no shape would tell.

# %% figure="which_dim"
scores = torch.tensor([[0.0, 2.0, 1.0], [1.0, 0.0, 3.0]])
fig, axes = plt.subplots(1, 3, figsize=(8.5, 2.3))
for ax, table, title in zip(
    axes,
    (scores, F.softmax(scores, dim=1), F.softmax(scores, dim=0)),
    ("scores", "dim=1: rows sum to 1", "dim=0: columns sum to 1"),
):
    ax.imshow(table / table.max(), cmap="Blues", vmin=0, vmax=2)
    for i in range(2):
        for j in range(3):
            ax.text(j, i, f"{table[i, j]:.2f}", ha="center", va="center")
    ax.set(title=title, xticks=[], yticks=[])
plt.show()

# %% [markdown]
# ## A number that does not fit
#
# The formula has a trap. A 32-bit number ends near 3 · 10³⁸, and beyond that
# it is `inf`. What is the largest whole number n for which $e^n$ still fits?
# (`math.log(3e38)` helps, or a good guess.)

# %% predict="largest_n"
largest_n = None  # a number, before you run anything below

# %% numbers="largest"
finite = torch.arange(200.0).exp().isfinite()
largest = int(finite.sum()) - 1
print(f"you said {largest_n}, it is {largest}")
powers = torch.tensor([1000.0, 1001.0]).exp()
print("scores 1000, 1001:", powers, "by their sum:", powers / powers.sum())

# %% [markdown]
# Infinity divided by infinity is `nan`, *not a number*, and one `nan` eats a
# whole training. The way out: subtract the same number from all scores of a
# row, and nothing changes, since it cancels:
#
# $$\frac{e^{x_i - a}}{\sum_j e^{x_j - a}}
# = \frac{e^{-a}\,e^{x_i}}{e^{-a}\sum_j e^{x_j}} = p_i$$
#
# So choose the largest score of the row for $a$. Then the largest exponent is
# 0, and $e^0 = 1$ fits. (1000, 1001) becomes (−1, 0), with the probabilities
# 0.27 and 0.73.
#
# The largest of **each row**, not of the whole table: beside a row of scores
# near 1000, a row near −1000 would become $e^{-2000}$, which is 0, and 0/0 is
# `nan` again.
#
# Write it with `exp`, sums and maxima. `F.softmax` exists, of course. It gives
# you the points, too, and teaches you nothing. From lab 1 on you may use it,
# and you will know what it does.

# %% answer="softmax" level=2 minutes=10
def softmax(x, dim):
    """Probabilities along one axis, for scores of any size.

    x: scores, of any shape
    dim: the axis along which the result sums to 1
    returns: a new tensor of the shape of x
    """
    ### BEGIN SOLUTION
    e = (x - x.amax(dim=dim, keepdim=True)).exp()
    return e / e.sum(dim=dim, keepdim=True)
    ### END SOLUTION

# %% grade="softmax" points=2
check.softmax(softmax)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Subtract the largest along `dim`, take `exp`, divide by the sum along `dim`.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `x.amax(dim=dim, keepdim=True)` is the largest, `.sum(dim=dim,
# keepdim=True)` the sum. Why `keepdim`? See part 3.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Line 1: a name for the `exp` of `x` minus its largest. Line 2: return that,
# divided by its own sum. Both along `dim`, both with the axis kept.
#
# </details>

# %%
torch.manual_seed(1337)
scores = 50 * torch.randn(4, 5, 6)
for dim in (0, 1, 2):
    difference = (softmax(scores, dim) - F.softmax(scores, dim)).abs().max()
    print(f"dim={dim}: {difference.item():.1e} from F.softmax, at most")

# %% [markdown]
# ## Surprise
#
# The model has given its probabilities. Then comes the truth: the **target**,
# one of the characters. How bad was it? Look at the probability $p$ of the
# target alone, and take $-\ln p$, the *surprise*. The **cross-entropy** is the
# mean surprise.
#
# Two questions, three characters to choose from:
#
# | scores | $e^{\text{score}}$ | probabilities | target | its p | −ln p |
# |---|---|---|---|---|---|
# | ln 2, 0, 0 | 2, 1, 1 | ½, ¼, ¼ | 1 | ¼ | 1.3863 |
# | ln 2, 0, ln 3 | 2, 1, 3 | ⅓, ⅙, ½ | 2 | ½ | 0.6931 |
# | | | | | mean | **1.0397** |

# %% figure="surprise"
fig, axes = plt.subplots(1, 3, figsize=(9, 2.8), width_ratios=[1, 1, 2])
probs = [[1 / 2, 1 / 4, 1 / 4], [1 / 3, 1 / 6, 1 / 2]]
colors = [["lightgray"] * 3, ["lightgray"] * 3]
colors[0][1], colors[1][2] = "tab:orange", "tab:blue"  # the targets
for i in range(2):
    axes[i].bar(["0", "1", "2"], probs[i], color=colors[i])
    axes[i].set(title=f"question {i}", xlabel="character", ylim=(0, 1))
axes[0].set_ylabel("probability")
p = torch.linspace(0.01, 1, 200)
axes[2].plot(p, -p.log(), color="gray")
for where, color in ((1 / 4, "tab:orange"), (1 / 2, "tab:blue")):
    height = -math.log(where)
    axes[2].plot([where, where], [0, height], color=color, linewidth=6)
    axes[2].text(where + 0.03, height + 0.1, f"{height:.4f}")
axes[2].set(xlabel="probability of the target", title="surprise, −ln p",
            ylim=(0, 4.5))
fig.tight_layout()
plt.show()

# %% predict="blind_loss"
# 65 characters, all scores 0, so every p is 1/65. What is the loss? (Use
# math.log if you like.)
blind_loss = None  # a number, before you run anything below

# %% numbers="blind"
blind = F.cross_entropy(torch.zeros(3, 65), torch.tensor([0, 7, 64])).item()
print(f"you said {blind_loss}, it is {blind:.4f}, and ln 65 is "
      f"{math.log(65):.4f}")

# %% [markdown]
# Remember {{blind:.2f}}. It is where every model of the first labs begins.
#
# Again a trap. With scores (0, 1000) and target 0, $p$ is so small that it is
# stored as 0, and $-\ln 0$ is infinite. But the true surprise is just 1000. So
# never take the logarithm of a softmax. Put the formula in first:
#
# $$-\ln p_y = -\ln \frac{e^{x_y}}{\sum_j e^{x_j}}
# = \underbrace{\ln \sum_j e^{x_j}}_{\text{log-sum-exp}} - \; x_y$$
#
# and in the log-sum-exp take out the largest score $a$, as before:
#
# $$\ln \sum_j e^{x_j} = a + \ln \sum_j e^{x_j - a}$$
#
# For (0, 1000) it is $1000 + \ln(e^{-1000} + 1) = 1000$, and minus the target's
# score 0 that leaves 1000. For the second question of the table it is
# $\ln(2 + 1 + 3) = \ln 6$, and minus the target's score, ln 3, that leaves
# $\ln 2 = 0.6931$, as before.
#
# The same goes for `F.cross_entropy`, and for `torch.logsumexp`: they give the
# points. Write it once, and they are yours for good.
#
# One thing more. To pick from row 0 the entry `targets[0]`, from row 1 the
# entry `targets[1]`, and so on, ask for all at once, with two lists of places:

# %%
table = labelled(1, 3, 4)[0]
targets = torch.tensor([2, 0, 3])
print(table[torch.arange(3), targets])  # row 0 column 2, row 1 column 0, ...

# %% answer="cross_entropy" level=3 minutes=12
def cross_entropy(logits, targets):
    """Mean surprise about the targets, for scores of any size.

    logits: (N, V) scores, a row for each question
    targets: (N,) int64, the right column of each row
    returns: a tensor with one number, shape ()
    """
    ### BEGIN SOLUTION
    top = logits.amax(dim=1, keepdim=True)
    log_sum = top.squeeze(1) + (logits - top).exp().sum(dim=1).log()
    chosen = logits[torch.arange(len(targets)), targets]
    return (log_sum - chosen).mean()
    ### END SOLUTION

# %% grade="cross_entropy" points=2
check.cross_entropy(cross_entropy)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# For each row: log-sum-exp minus the score of the target. Then the mean.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `amax` over `dim=1` for $a$, `exp`, `sum`, `log`. The scores of the targets
# come from `logits[rows, targets]`, where `rows` is 0, 1, 2, … With `keepdim`
# $a$ is (N, 1), which is right for the subtraction; when you add it again, it
# must be (N,): `.squeeze(1)` drops the axis.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Four lines. The largest of each row. The log-sum-exp, (N,): the largest, plus
# the log of the sum of `exp` of the differences. The targets' scores, (N,).
# The mean of the one minus the other.
#
# </details>

# %%
torch.manual_seed(1337)
logits, targets = 30 * torch.randn(100, 65), torch.randint(65, (100,))
print(f"yours {cross_entropy(logits, targets).item():.4f}, "
      f"PyTorch's {F.cross_entropy(logits, targets).item():.4f}")

# %% [markdown]
# # Part 6 · A triangle
#
# Who may look at whom? When a model predicts the next character, row t of a
# text may look at rows 0 to t: at the past and at itself, not at the future.
# For T = 3, row t (down), looking at row s (across):
#
# | | s = 0 | s = 1 | s = 2 |
# |---|---|---|---|
# | **t = 0** | True | False | False |
# | **t = 1** | True | True | False |
# | **t = 2** | True | True | True |

# %% answer="causal_mask" level=1 minutes=3
def causal_mask(T):
    """Which rows may row t look at?

    returns: (T, T) of bool, True at [t, s] where s <= t
    """
    ### BEGIN SOLUTION
    return torch.ones(T, T, dtype=torch.bool).tril()
    ### END SOLUTION

# %% grade="causal_mask" points=1
check.causal_mask(causal_mask)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# A square of True, from which only the lower left triangle is kept, with the
# diagonal. Or: compare a column of t with a row of s.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `torch.ones(..., dtype=torch.bool)` and `.tril()`; or `torch.arange(T)`
# twice, once as a column, and `<=`.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# One line: T by T ones of the type bool, and of these the lower triangle
# (`tri` for triangle, `l` for lower).
#
# </details>
#
# All of today in one picture. Six rows, and all scores are 0: nobody prefers
# anyone. Where the mask is False the score becomes −∞, and $e^{-\infty}$ is
# exactly 0. Then your softmax, along the rows:

# %% figure="triangle"
T = 6
mask = causal_mask(T)
hidden = torch.zeros(T, T).masked_fill(~mask, -math.inf)  # ~ is "not"
shares = softmax(hidden, dim=1)
fig, axes = plt.subplots(1, 2, figsize=(8, 3.7))
axes[0].imshow(mask, cmap="Blues", vmin=-0.5, vmax=2)
axes[1].imshow(shares, cmap="Blues", vmax=1.3)
for i in range(T):
    for j in range(T):
        word = "True" if mask[i, j] else "False"
        axes[0].text(j, i, word, ha="center", va="center", fontsize=8)
        axes[1].text(j, i, f"{shares[i, j]:.2f}", ha="center", va="center",
                     fontsize=8)
axes[0].set(title="causal_mask(6)", xlabel="looks at s", ylabel="row t")
axes[1].set(title="softmax of the scores left", xlabel="looks at s")
plt.show()

# %% [markdown]
# Row 2 shares its attention out among three, a third each; row 5 among six.
# With scores that are *learned*, this table is attention. That is lab 2.
#
# ## What if?
#
# **What if a row may look at nobody?** Forget the diagonal, and row 0 has no
# True left. Guess what softmax makes of a row of nothing but −∞. Then run it.

# %%
nobody = torch.full((1, 3), -math.inf)
print(softmax(nobody, dim=1))

# %% [markdown]
# <details><summary>Why?</summary>
#
# −∞ − (−∞) is not a number, and 0/0 would not be one either. There is no way to
# share something out among nobody. In a model this one row turns the loss
# into `nan`, and soon after, every number that it has learned. So: a row must
# be able to look at itself.
#
# </details>
#
# **What if the table is large?** `transpose` moves nothing, `contiguous` moves
# everything. Turn a table of 2,000 by 2,000, once with a copy and once without.

# %% predict="times_longer"
# How many times as long does it take with the copy?
times_longer = None  # a number, before you run anything below

# %% numbers="turn_us copy_us"
def microseconds(action, times):
    """The quickest of some runs."""
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - start)
    return 1e6 * min(seconds)


big = torch.rand(2000, 2000)
times = steps(20, graded=2)  # 20 here, and 2 when the lab is graded
turn_us = microseconds(lambda: big.transpose(0, 1), times)
copy_us = microseconds(lambda: big.transpose(0, 1).contiguous(), times)
print(f"turned {turn_us:,.0f} µs, turned and copied {copy_us:,.0f} µs")
print(f"you said {times_longer} times, it is {copy_us / turn_us:,.0f}")

# %% [markdown]
# <details><summary>What we got</summary>
#
# {{turn_us:,.0f}} against {{copy_us:,.0f}} microseconds. The first does not
# depend on the size of the table at all: it writes a note. That is why PyTorch
# does not put things in order by itself: only you know whether it is worth it.
#
# </details>
#
# ## Show a friend
#
# A column of numbers times a row of numbers: a multiplication table, all of
# it at once. Keep only the remainder of each product after division by n, and
# give every remainder a color. For n = 5:
#
# | · | 1 | 2 | 3 | 4 |
# |---|---|---|---|---|
# | **1** | 1 | 2 | 3 | 4 |
# | **2** | 2 | 4 | 1 | 3 |
# | **3** | 3 | 1 | 4 | 2 |
# | **4** | 4 | 3 | 2 | 1 |
#
# Choose an n for your friend (an age, a house number; 50 to 200 looks best),
# and send the picture. A riddle goes with it: why do opposite corners agree?

# %% figure="friend"
n = 90
numbers = torch.arange(n)
remainders = (numbers.view(n, 1) * numbers) % n
fig, ax = plt.subplots(figsize=(4.5, 4.5))
ax.imshow(remainders, cmap="twilight")
ax.set(xticks=[], yticks=[], title=f"row × column, remainder by {n}")
plt.show()

# %% [markdown]
# <details><summary>Why?</summary>
#
# $(n - i)(n - j) = n^2 - ni - nj + ij$. Divided by n, all but $ij$ leave no
# remainder. So the number i from the top and j from the left is the number i
# from the bottom and j from the right.
#
# </details>

# %% [markdown] explain="two_ways" points=1 level=2 minutes=8
# ## In your own words
#
# `x` has the shape (2, 3, 4). A classmate needs (2, 4, 3), with rows and
# columns of each sheet exchanged, writes `x.view(2, 4, 3)`, and says: "the
# shape is right, and the model trains".
#
# 1. What is wrong with the numbers, and why does PyTorch not complain?
# 2. Which test, a line or two, would have shown it?
#
# Answer in 2 to 5 sentences. Use the words *order* and *shape*. Each question
# is worth half a point.
#
# No check looks at this one: a person reads it. Double-click the cell below,
# write in place of the line that stands there, and press Shift + Enter.
#
# ### BEGIN SOLUTION
# `view` keeps the order of the numbers in memory and only breaks the rows in
# other places, so a new row holds parts of two old ones; transpose would have
# put the entry [b, t, c] at [b, c, t]. PyTorch has nothing to complain about:
# 24 numbers fit the shape (2, 4, 3), and a shape is all that it checks. A test
# has to look at values: numbers that say where they come from, such as
# torch.arange(24).view(2, 3, 4), and a comparison of one entry, y[0, 1, 0]
# with x[0, 0, 1], or of the whole with x.transpose(1, 2).
# ### END SOLUTION
#
# ### BEGIN SCHEME
# Half a point: view keeps the order in memory, so entries end up at other
# indices than [b, c, t] (any wording of "rows are torn apart"), and only the
# shape is checked. Half a point: a test that compares values, on numbers that
# differ from each other. Nothing for a test of the shape, or one with equal
# numbers such as ones or zeros.
# ### END SCHEME

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Look at the picture with `m.view(3, 2)` again, and at its colors.
#
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# What does `view` promise to keep? And which of the two, numbers or shape, can
# PyTorch check for you?
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# One sentence on what stays the same under `view`. One on what should have
# happened to the entry [b, t, c]. One on a test with numbers like `labelled`.
#
# </details>
#
# ## Quiz
#
# Four questions. Each answer, right or wrong, comes with its reason.

# %% choice="same_numbers" points=0.5 level=1 minutes=2
question = "`x` is a tensor of shape (2, 3, 4). Which of these is equal to `x.transpose(1, 2)`?"
options = {
    "`x.reshape(2, 4, 3)`": "No: for a tensor in order, reshape is view. It keeps the order of the "
    "numbers and breaks the rows in other places.",
    "`x.permute(0, 2, 1)`": "Right: permute lists the old axes in their new order, and here the "
    "last two have changed places.",
    "`x.contiguous().view(2, 4, 3)`": "No: contiguous copies the numbers in the order in which they "
    "are read now, so the view is as wrong as without it.",
    "`x.permute(2, 1, 0)`": "No: that turns all three axes around, and has the shape (4, 3, 2).",
}
right = "`x.permute(0, 2, 1)`"

# %% choice="row_sums" points=0.5 level=2 minutes=3
question = (
    "`w` has the shape (4, 4), and each row is to be divided by its sum. What does "
    "`w / w.sum(dim=1)` do?"
)
options = {
    "What was wanted": "No: flush right, (4,) is stretched over the rows, so it is the columns "
    "that are divided by different numbers.",
    "It stops with an error, since (4, 4) and (4,) do not fit": "No: they fit, and that is the "
    "trouble. With a (4, 5) table there would be an error, and you would be warned.",
    "It divides column j by the sum of row j": "Right: the sums lost their axis, and lie down as a "
    "row. keepdim=True keeps them standing.",
    "It divides everything by the sum of the whole table": "No: dim=1 gives four sums, one for each "
    "row.",
}
right = "It divides column j by the sum of row j"

# %% choice="shift" points=0.5 level=1 minutes=2
question = "You add 100 to all scores of one row. What happens to the softmax of that row?"
options = {
    "Nothing": "Right: the factor e to the power of 100 stands above and below the line, and "
    "cancels. That is what allows you to subtract the largest.",
    "It becomes `nan`, since e to the power of 100 is too large": "Not if it is written well: the "
    "largest is subtracted first. By the bare formula it would.",
    "The largest probability gets closer to 1": "No: that happens when you *multiply* all scores. "
    "Adding moves all of them alike.",
    "All probabilities grow by the same amount": "No: they have to sum to 1, so they cannot all "
    "grow.",
}
right = "Nothing"

# %% choice="mean_surprise" points=0.5 level=2 minutes=3
question = (
    "Two questions. A model gave the right character probability ½ in the first, and ⅛ in the "
    "second. What is its cross-entropy? (ln 2 is 0.693.)"
)
options = {
    "2.773, that is ln 2 + ln 8": "Not quite: that is the sum of the two surprises. The loss is "
    "their mean, so that one text can be compared with another.",
    "1.163, that is −ln of the mean probability": "No: first the logarithm, then the mean. The "
    "other way round, a bad guess hardly counts.",
    "0.313, the mean probability": "No: that is how much was given to the truth, not yet the "
    "surprise. The logarithm is missing.",
    "1.386, the mean of ln 2 and ln 8": "Right: the surprises are ln 2 and three times ln 2, so their "
    "mean is two times ln 2, or ln 4. As unsure as somebody who has to choose among four.",
}
right = "1.386, the mean of ln 2 and ln 8"

# %% [markdown]
# ## Where you are
#
# You know what lies under a shape. You can cut, turn, stretch and glue, and
# you have written the two functions that stand at the end of every language
# model. You also know how a lab works: now restart, run all, save, and hand
# in. In lab 1 the numbers become letters, and a table learns to write.
#
# To read or to watch next: chapter 0 of this course's book, which has today's
# pictures without the exercises; the pages of the PyTorch manual on
# [tensor views](https://docs.pytorch.org/docs/stable/tensor_view.html) and on
# [broadcasting](https://docs.pytorch.org/docs/stable/notes/broadcasting.html).
#
# **Credits.** The picture of a strip of memory and a stride is how Edward Z.
# Yang explains tensors in
# [PyTorch internals](https://blog.ezyang.com/2019/05/pytorch-internals/). The
# rule of broadcasting comes from NumPy, and the drills are what
# [Let's build GPT](https://www.youtube.com/watch?v=kCc8FmEb1nY) by Andrej
# Karpathy and *Build a Large Language Model (From Scratch)* by Sebastian
# Raschka take for granted.
