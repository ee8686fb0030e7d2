# %% [markdown]
# # Shares
#
# A count says how often. A *share* says how much of the whole: that is what a
# language model gives for each character that could come next.
#
# {{figure:shares}}

# %%
import matplotlib.pyplot as plt
import torch

from gptlab.checks import LAB as check

# %% [markdown]
# ## From counts to shares
#
# In the word *banana* there are 3 a, 1 b and 2 n, six letters in all. So half
# of the letters are a's:
#
# | | a | b | n | all |
# |---|---|---|---|---|
# | count | 3 | 1 | 2 | 6 |
# | share | 3/6 | 1/6 | 2/6 | 1 |

# %% predict="share_of_s"
# In *mississippi*, 4 of 11 letters are an s. What is the share of s?
share_of_s = None  # a number, before you run anything below

# %% answer="shares" level=1 minutes=5
def shares(counts):
    """What share of the whole each count is.

    counts: (n,) tensor of whole numbers, not all of them 0
    returns: (n,) tensor of floats that sum to 1
    """
    ### BEGIN SOLUTION
    total = counts.sum()
    return counts / total
    ### END SOLUTION

# %% grade="shares" points=12
check.shares(shares)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Every count is divided by the same number: how many there are in all.
#
# </details>
# <details><summary>Hint 2: the function to use</summary>
#
# A tensor has a method that adds all its numbers up.
#
# </details>
# <details><summary>Hint 3: the outline</summary>
#
# Add up; divide the whole tensor by that one number.
#
# </details>

# %% numbers="largest_share"
letters = ["a", "b", "n"]
largest_share = shares(torch.tensor([3, 1, 2])).max().item()

# %% figure="shares"
figure, axes = plt.subplots(figsize=(4, 2.5))
axes.bar(letters, shares(torch.tensor([3, 1, 2])))
axes.set(title="Letters of banana", ylabel="share")
plt.show()

# %% [markdown]
# The tallest bar is at {{largest_share:.2f}}.
#
# **What if** a letter never occurs? Try it on counts of 3, 0 and 2.

# %% choice="twice_as_long" points=3
question = "You count *bananabanana* in place of *banana*. What happens to the shares?"
options = {
    "They double": "No: the counts double, and so does what they are divided by.",
    "They stay the same": "Right: every count and their sum are twice as large.",
    "They are halved": "No: only the sum would have to grow for that.",
}
right = "They stay the same"

# %% [markdown] explain="why_one" points=5
# Why do shares always add up to 1, whatever the counts?
#
# ### BEGIN SOLUTION
# Added up, the counts give the number by which each was divided, and a number
# divided by itself is 1.
# ### END SOLUTION
#
# ### BEGIN SCHEME
# 3 points: all are divided by the same sum. 2 points: the counts add up to it.
# ### END SCHEME
