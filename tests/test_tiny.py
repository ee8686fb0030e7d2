"""The committed tiny GPT-2: the files of its card, GPT-2's layout, and a text that is a play's."""

from __future__ import annotations

import hashlib
import re

import numpy as np
import pytest
import torch

from gptlab import bigram, data, numpy_gpt, tiny, torch_layouts, weights
from gptlab.nano import GPT, GPTConfig
from gptlab.tiny import make


@pytest.fixture(scope="module")
def params():
    return tiny.params()


@pytest.fixture(scope="module")
def model(params):
    sizes = weights.sizes(params)
    model = GPT(GPTConfig(**sizes, n_head=tiny.hparams()["n_head"]))
    model.load_state_dict(torch_layouts.to_nano(params))
    return model.eval()


def test_the_files_are_those_of_the_card():
    card = (tiny.FOLDER.parent / "CARD.md").read_text("utf-8")
    rows = re.findall(r"^\| (\S+) \| ([\d,]+) \| ([0-9a-f]{64}) \|$", card, re.MULTILINE)
    assert {name for name, _, _ in rows} == set(make.FILES)
    assert {path.name for path in tiny.FOLDER.iterdir()} == set(make.FILES)
    for name, size, digest in rows:
        raw = (tiny.FOLDER / name).read_bytes()
        assert (f"{len(raw):,}", hashlib.sha256(raw).hexdigest()) == (size, digest), name
    assert sum(path.stat().st_size for path in tiny.FOLDER.iterdir()) < 1_500_000


def test_sizes_agree_with_hparams_and_the_recipe(params, model):
    told, recipe = tiny.hparams(), make.Recipe()
    assert weights.sizes(params) == {
        "vocab_size": told["n_vocab"], "block_size": told["n_ctx"], "n_embd": told["n_embd"],
        "n_layer": told["n_layer"],
    }  # fmt: skip
    assert (told["n_vocab"], told["n_ctx"], told["n_embd"], told["n_head"], told["n_layer"]) == (
        recipe.vocab_size, recipe.block_size, recipe.n_embd, recipe.n_head, recipe.n_layer
    )  # fmt: skip
    assert model.get_num_params(non_embedding=False) == 294_192
    assert tiny.tokenizer().vocab_size == told["n_vocab"]


def test_no_norm_and_no_bias_can_be_left_out(params):
    for place, value in weights.by_place(params).items():
        if place[-1] == "g":
            assert (value - 1).std() > 0.05, place
        if place[-1] == "b":
            assert value.std() > 0.01, place


def test_numpy_and_torch_give_the_same_scores(params, model):
    ids = tiny.tokenizer().encode("ROMEO:\nBut soft! What light through yonder window breaks?")
    with torch.no_grad():
        expected = model(torch.tensor([ids]), torch.tensor([ids]))[0][0].numpy()
    found = numpy_gpt.gpt2(ids, **params, n_head=4)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4)


def test_its_text_is_a_plays(params):
    tokenizer = tiny.tokenizer()
    ids = tokenizer.encode("First Citizen:\n")
    text = tokenizer.decode(numpy_gpt.generate(ids, params, 4, 60, quiet=True))
    words = re.findall(r"[a-z]+", text.lower())
    common = {"the", "and", "to", "of", "i", "my", "you", "that", "in", "a", "be", "is", "not"}
    assert text.startswith("First Citizen:\n") and len(words) > 15
    assert sum(word in common for word in words) > len(words) / 5


def test_its_loss_is_that_of_the_card(model):
    corpus = data.tiny_shakespeare()
    if corpus.standin:
        pytest.skip("Tiny Shakespeare itself is not here")
    text = bigram.split_data(corpus.text)[1]
    ids = torch.tensor(tiny.tokenizer().encode(text))
    loss = make.loss_of(model, ids)
    card = (tiny.FOLDER.parent / "CARD.md").read_text("utf-8")
    said = re.search(r"validation .*? ([\d.]+) a token, ([\d.]+) a character", card)
    assert loss == pytest.approx(float(said[1]), abs=2e-3)
    assert loss * len(ids) / len(text) == pytest.approx(float(said[2]), abs=1e-3)


def test_its_names_are_those_of_hugging_face():
    expected = torch_layouts.to_huggingface(tiny.params())
    found = tiny.state()
    assert set(found) == set(expected)
    for name, value in found.items():
        np.testing.assert_array_equal(value, expected[name], err_msg=name)
