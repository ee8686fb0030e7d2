"""The kinds of dialogues: each module holds templates as data, and `units(chance)`.

greetings      hello, who are you, thanks, goodbye
facts          capitals, opposites, colors, ...
arithmetic     sums up to 20 + 20, small differences and products, comparisons
definitions    the terms of this course; `terms` is the data. Said again in other words
clarifying     a word with two meanings, and an "it" that could be either of two things
reasoning      who is the tallest, what is left, what comes before
unknown        what cannot be known, and what was told a moment ago
"""
