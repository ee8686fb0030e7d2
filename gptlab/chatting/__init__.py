"""What `python -m gptlab.chat` and the Python API of `gptlab.chat` are made of.

`errors` and `settings` know no torch, and neither do `options` and `places`, which find a model:
what was mistyped is said at once. `loading` reads the model, `decoding` lays it out for speed,
`answers` writes a turn; `talk`, `commands`, `console`, `history`, `shown` and `debug` are the
terminal's.
"""
