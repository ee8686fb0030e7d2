"""Save a chat model as a folder that transformers loads, read it, send it to the Hugging Face hub.

    import torch
    from gptlab import hub

    checkpoint = hub.load("small")  # or a folder that hub.save wrote, or a run of gptlab.train
    ids = torch.tensor([checkpoint.tokenizer.encode("Hello")])  # (1, T)
    ids = checkpoint.model.generate(ids, max_new_tokens=100, temperature=0.8, top_k=10)
    print(checkpoint.tokenizer.decode(ids[0].tolist()))

A checkpoint has `config` (`gptlab.nano.GPTConfig`), `model` (`gptlab.nano.GPT`), `tokenizer` and
`run`, the figures of its training. Nothing of it is pickled: reading a model runs nothing. Written
anew, with a card made from those figures:

    hub.save("my-chat", checkpoint.model, checkpoint.tokenizer, checkpoint.run)

transformers gives the same scores and the same text:

    AutoModelForCausalLM.from_pretrained("my-chat"), AutoTokenizer.from_pretrained("my-chat")

There a special token in a text, as <|end|>, is that token. To have its text, as ours has it:
tokenizer(text, split_special_tokens=True). `python -m gptlab.hub --help` checks and sends.
"""

from __future__ import annotations

import sys

from gptlab.chatting.places import MODEL
from gptlab.publishing import HubError
from gptlab.publishing.card import card
from gptlab.publishing.command import main
from gptlab.publishing.folder import FILES, Checkpoint, find, load
from gptlab.publishing.saving import save
from gptlab.publishing.upload import send

__all__ = ["FILES", "MODEL", "Checkpoint", "HubError", "card", "find", "load", "main", "save",
           "send"]  # fmt: skip

if __name__ == "__main__":
    sys.exit(main())
