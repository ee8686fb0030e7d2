"""Small chat models for the tests: one that talks without end, one that says what it is told."""

from types import SimpleNamespace

import torch
from torch import nn

from gptlab.conversations import SPECIAL
from gptlab.nano import GPT, GPTConfig
from gptlab.tokenizers import GPT2_PATTERN, RegexTokenizer

USER, ASSISTANT, END = 256, 257, 258
RUN = {
    "preset": "chat-small", "steps": 1200, "seconds": 171.5, "device": "cpu",
    "data": {"train_dialogues": 4000}, "losses": {"train": 0.512, "val": 0.601},
    "scores": {"all": {"exact": 0.75, "partial": 0.875, "count": 200}},
}  # fmt: skip


def tokenizer():
    """Bytes and the three special tokens: 259 ids."""
    made = RegexTokenizer(GPT2_PATTERN)
    made.register_special_tokens({token: 256 + place for place, token in enumerate(SPECIAL)})
    return made


def endless(block_size=64, n_layer=2, n_embd=16):
    """A random model that writes capital letters and never ends by itself."""
    torch.manual_seed(5)
    model = GPT(GPTConfig(block_size, 259, n_layer, 2, n_embd, 0.0)).eval()
    with torch.no_grad():
        for parameter in model.transformer.h.parameters():
            parameter.normal_(std=0.2)  # positions, norms and biases all count
        model.transformer.ln_f.bias[0] = 100.0
        model.lm_head.weight.normal_(std=0.3)  # what was said before matters
        model.lm_head.weight[:, 0] = -1.0
        model.lm_head.weight[65:91, 0] = 1.0  # A to Z
    return model


def checkpoint(model=None, run=None):
    """As gptlab.hub.load gives it, without a file."""
    model = endless() if model is None else model
    return SimpleNamespace(config=model.config, model=model, tokenizer=tokenizer(), run=run or {})


class Told(nn.Module):
    """A model that says these words and ends, each time; `read` is what it was given."""

    def __init__(self, *answers, block_size=64, end=END):
        super().__init__()
        self.config = GPTConfig(block_size, 259, 1, 1, 8)
        self.answers = [[*answer.encode(), end] for answer in answers]
        self.read, self.place, self.turn = [], 0, -1

    def forward(self, idx):
        if idx[0, -1] == ASSISTANT:  # a new answer begins
            self.turn, self.place = self.turn + 1, 0
            self.read.append(idx[0].tolist())
        scores = torch.zeros(1, 1, 259)
        scores[0, 0, self.answers[self.turn % len(self.answers)][self.place]] = 1e4
        self.place += 1
        return scores, None
