"""The form that decodes: the same scores, the same memory, nothing drawn."""

from __future__ import annotations

import hub_sample
import pytest
import torch

from gptlab import decoder, gpt, tiny, torch_layouts
from gptlab.conversations import judging
from gptlab.nano import GPT, GPTConfig
from gptlab.weights import from_folder

IDX = torch.arange(40).view(2, 20) * 7


@pytest.mark.parametrize("bias", [True, False])
@torch.no_grad()
def test_nanogpts_form_has_the_same_scores_in_the_same_memory(bias):
    model = hub_sample.model(bias=bias, dropout=0.3)
    made = decoder.from_nano(model)
    torch.testing.assert_close(made(IDX), model(IDX, IDX)[0], atol=1e-4, rtol=1e-5)
    assert not made.training and made.cfg["drop_rate"] == 0 and hasattr(made, "new_cache")
    assert made.out_head.weight is made.tok_emb.weight
    model.lm_head.weight.mul_(2)
    model.transformer.h[1].attn.c_attn.weight.mul_(2)
    torch.testing.assert_close(made(IDX), model(IDX, IDX)[0], atol=1e-4, rtol=1e-5)


@torch.no_grad()
def test_a_tree_has_the_scores_of_nanogpts_form():
    tree, n_head = from_folder(tiny.FOLDER)
    made = decoder.from_tree(tree, n_head)
    sizes = tiny.hparams()
    model = GPT(GPTConfig(sizes["n_ctx"], sizes["n_vocab"], sizes["n_layer"], n_head,
                          sizes["n_embd"])).eval()  # fmt: skip
    model.load_state_dict(torch_layouts.to_nano(tree))
    torch.testing.assert_close(made(IDX), model(IDX, IDX)[0], atol=1e-4, rtol=1e-5)


def test_an_untied_head_stays_one():
    torch.manual_seed(1)
    model = gpt.GPTModel({"vocab_size": 300, "context_length": 20, "emb_dim": 12, "n_heads": 2,
                          "n_layers": 1, "drop_rate": 0.5, "qkv_bias": False})  # fmt: skip
    made = decoder.with_weights(model.cfg, model.state_dict())
    assert made.out_head.weight is not made.tok_emb.weight
    torch.testing.assert_close(made(IDX), model.eval()(IDX))


def test_chance_stays_where_it_was():
    model, before = hub_sample.model(), torch.get_rng_state()
    decoder.from_nano(model)
    decoder.from_tree(*from_folder(tiny.FOLDER))
    assert torch.equal(torch.get_rng_state(), before)


def test_judging_leaves_a_model_as_it_was():
    model = hub_sample.model().train()
    asked = [[{"role": "user", "content": "How are you?"}]]
    assert len(judging.answers(model, hub_sample.tokenizer(), asked)) == 1
    assert model.training and all(one.requires_grad for one in model.parameters())
