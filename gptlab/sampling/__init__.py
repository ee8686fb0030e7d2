"""What `python -m gptlab.sample` and the sample.py of lab 11 are made of.

`options` reads the command line, `sources` finds weights and their vocabulary, `student` runs a
model.py, `command` writes the text. Nothing here loads torch before the options are in order.
"""
