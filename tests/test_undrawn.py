"""A model that is built without drawing its weights."""

import subprocess
import sys

import torch

from gptlab.gpt import GPT_CONFIG_124M, GPTModel
from gptlab.nano import GPT, GPTConfig
from gptlab.undrawn import Undrawn

SMALL = GPTConfig(8, 16, 2, 2, 8)


def test_chance_stays_where_it_was_and_comes_back_afterwards():
    before = torch.get_rng_state()
    with Undrawn():
        made = GPT(SMALL)
        GPTModel(GPT_CONFIG_124M | {"vocab_size": 16, "emb_dim": 12, "n_layers": 1})
    assert torch.equal(torch.get_rng_state(), before)
    GPT(SMALL)
    assert not torch.equal(torch.get_rng_state(), before)
    state = GPT(SMALL).state_dict()
    made.load_state_dict(state, assign=True)
    assert all(torch.equal(made.state_dict()[name], value) for name, value in state.items())


def test_it_imports_nothing_more():
    script = ("import sys\nfrom gptlab.nano import GPT, GPTConfig\n"
              "from gptlab.undrawn import Undrawn\nbefore = set(sys.modules)\n"
              "with Undrawn(): GPT(GPTConfig(8, 16, 2, 2, 8))\n"
              "sys.exit(len(set(sys.modules) - before))")  # fmt: skip
    assert subprocess.run([sys.executable, "-c", script]).returncode == 0
