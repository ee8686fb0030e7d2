"""What `gptlab.train` is made of.

config      the settings of a run, and the presets
models      building one, its loss, and blocks that are computed twice to save memory
vocabulary  characters, or the tokens of a GPT-2
precision   float32, bfloat16, float16
parallel    several processes, and a stop on which all of them agree
trainer     the loop
files       the folder of a run: checkpoint, losses, drawing
"""
