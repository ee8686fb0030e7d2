"""gptlab.weights and gptlab.nano: one set of weights, the same scores in every form."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gptlab import numpy_gpt, tensor_bundle, torch_layouts, weights
from gptlab.nano import GPT, GPTConfig

CONFIG = GPTConfig(block_size=12, vocab_size=29, n_layer=3, n_head=4, n_embd=32)
IDS = [3, 1, 4, 1, 5, 9, 2]


@pytest.fixture(scope="module")
def nano():
    """Weights of some size, gains not 1 and biases not 0, so that no part can hide."""
    torch.manual_seed(0)
    model = GPT(CONFIG)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            about = 1.0 if "ln_" in name and name.endswith("weight") else 0.0
            parameter.copy_(about + 0.3 * torch.randn_like(parameter))
    return model.eval()


@pytest.fixture(scope="module")
def tree(nano):
    return torch_layouts.from_nano(nano.state_dict())


@torch.no_grad()
def scores_of(nano, ids=IDS):
    """For every position: with targets all are computed."""
    idx = torch.tensor([ids])
    return nano(idx, idx)[0][0].numpy()


def test_numpy_and_nano_give_the_same_scores(nano, tree):
    expected = scores_of(nano)
    assert expected.std() > 1
    found = numpy_gpt.gpt2(IDS, **tree, n_head=CONFIG.n_head)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4)
    last, loss = nano(torch.tensor([IDS]))
    assert loss is None and last.shape == (1, 1, 29)
    np.testing.assert_allclose(last.detach()[0], expected[-1:], rtol=0, atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["GPT2Model", "GPT2LMHeadModel"])
def test_hugging_face_gives_the_same_scores(nano, tree, kind):
    transformers = pytest.importorskip("transformers")
    config = transformers.GPT2Config(
        vocab_size=29, n_positions=12, n_embd=32, n_layer=3, n_head=4, attn_implementation="eager"
    )
    model = getattr(transformers, kind)(config).eval()
    state = {
        name: torch.from_numpy(value) for name, value in torch_layouts.to_huggingface(tree).items()
    }
    inner = model.transformer if kind == "GPT2LMHeadModel" else model
    assert set(inner.load_state_dict(state, strict=False).unexpected_keys) == set()
    with torch.no_grad():
        out = model(torch.tensor([IDS]))
    found = out.logits if kind == "GPT2LMHeadModel" else out[0] @ inner.wte.weight.T
    np.testing.assert_allclose(found[0].detach().numpy(), scores_of(nano), rtol=0, atol=1e-4)
    again = torch_layouts.from_huggingface(model.state_dict())
    same(again, tree)


@pytest.mark.slow
def test_hugging_face_gives_the_same_scores_in_the_size_of_gpt2():
    """124 million random weights; gains and biases moved away from 1 and 0, as training does."""
    transformers = pytest.importorskip("transformers")
    config = transformers.GPT2Config(attn_implementation="eager")
    torch.manual_seed(0)
    model = transformers.GPT2LMHeadModel(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 1:
                parameter += 0.2 * torch.randn_like(parameter)
    tree = torch_layouts.from_huggingface(model.state_dict())
    assert sum(value.size for value in weights.by_place(tree).values()) == 124_439_808
    ids = torch.randint(config.vocab_size, (1, 40), generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        expected = model(ids).logits[0].numpy()
    assert expected.std() > 0.1
    found = numpy_gpt.gpt2(ids[0].tolist(), **tree, n_head=12)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4)


def same(found, expected):
    """Two trees are equal, array by array."""
    one, other = weights.by_place(found), weights.by_place(expected)
    assert one.keys() == other.keys()
    for place, value in one.items():
        np.testing.assert_array_equal(value, other[place], err_msg="/".join(place))


def test_every_layout_leads_back(nano, tree, tmp_path):
    same(weights.from_openai(weights.to_openai(tree)), tree)
    same(torch_layouts.from_huggingface(torch_layouts.to_huggingface(tree)), tree)
    model = GPT(CONFIG)
    model.load_state_dict(torch_layouts.to_nano(tree))
    np.testing.assert_array_equal(scores_of(model.eval()), scores_of(nano))
    assert model.lm_head.weight is model.transformer.wte.weight
    weights.save(tmp_path / "gpt2.npz", tree, CONFIG.n_head)
    again, heads = weights.load(tmp_path / "gpt2.npz")
    same(again, tree)
    assert heads == CONFIG.n_head
    assert weights.sizes(tree) == {
        "vocab_size": 29, "block_size": 12, "n_embd": 32, "n_layer": 3
    }  # fmt: skip


def test_names_and_shapes_are_openais(tree):
    shapes = {name: value.shape for name, value in weights.to_openai(tree).items()}
    assert len(shapes) == 2 + 3 * 12 + 2
    assert shapes["model/wte"] == (29, 32) and shapes["model/ln_f/b"] == (32,)
    assert shapes["model/h2/attn/c_attn/w"] == (1, 32, 96)
    assert shapes["model/h0/mlp/c_proj/w"] == (1, 128, 32)
    assert shapes["model/h1/ln_2/g"] == (32,)


@pytest.mark.slow
def test_a_checkpoint_of_tensorflows_is_read_as_it_was(tree, tmp_path):
    tf = pytest.importorskip("tensorflow").compat.v1
    with tf.Graph().as_default(), tf.Session() as session:
        for name, value in weights.to_openai(tree).items():
            tf.get_variable(name, initializer=value)
        session.run(tf.global_variables_initializer())
        tf.train.Saver().save(session, str(tmp_path / "model.ckpt"))
    same(weights.from_openai(tensor_bundle.read(tmp_path / "model.ckpt")), tree)


def changed(tree, change):
    flat = dict(weights.to_openai(tree))
    change(flat)
    return flat


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: f.pop("model/h1/ln_2/b"), "weights lack model/h1/ln_2/b$"),
        (lambda f: f.update(extra=f["model/wte"]), "no GPT-2 of 3 layers has, .* extra$"),
        (
            lambda f: f.update({"model/h0/mlp/c_fc/w": f["model/h0/mlp/c_proj/w"]}),
            r"model/h0/mlp/c_fc/w: shape \(1, 128, 32\), expected \(1, 32, 128\)",
        ),
        (lambda f: f.update({"model/wte": np.zeros(3)}), r"model/wte: shape \(3,\), expected a"),
        (lambda f: f.clear(), "lack model/ln_f/b, model/ln_f/g, model/wpe, model/wte$"),
    ],
)
def test_other_weights_are_refused_by_name(tree, change, said):
    with pytest.raises(weights.WeightsError, match=said):
        weights.from_openai(changed(tree, change))


def test_a_head_of_its_own_is_refused(tree):
    state = dict(torch_layouts.to_nano(tree))
    state["lm_head.weight"] = state["lm_head.weight"] + 1
    with pytest.raises(
        weights.WeightsError, match=r"lm_head\.weight differs from transformer\.wte"
    ):
        torch_layouts.from_nano(state)


def test_a_pickled_file_is_refused(tree, tmp_path):
    np.savez(tmp_path / "seed.npz", params=np.array({"wte": 1}, dtype=object))
    with pytest.raises(weights.WeightsError, match=r"seed\.npz is no \.npz of plain arrays"):
        weights.load(tmp_path / "seed.npz")


def test_the_first_loss_is_that_of_a_blind_guess():
    torch.manual_seed(0)
    model = GPT(CONFIG)
    idx = torch.randint(29, (8, 12))
    _, loss = model(idx, torch.randint(29, (8, 12)))
    assert abs(loss.item() - np.log(29)) < 0.1
    # what each block adds is smaller by the root of twice the layers
    assert model.transformer.h[0].mlp.c_proj.weight.std() < 0.5 * model.lm_head.weight.std()


def test_sizes_that_cannot_be_are_named():
    with pytest.raises(ValueError, match="swap layers and heads"):
        GPTConfig(n_embd=768, n_head=5)
    with pytest.raises(ValueError, match="13 tokens are more than block_size=12"):
        GPT(CONFIG)(torch.zeros(1, 13, dtype=torch.long))


def test_generating_goes_beyond_the_context_and_top_one_is_greedy(nano):
    idx = torch.tensor([IDS, IDS[::-1]])
    found = nano.generate(idx, 9, top_k=1)
    assert found.shape == (2, 16) and found[:, :7].equal(idx)
    assert found[0, 7] == scores_of(nano)[-1].argmax()
    assert found.equal(nano.generate(idx, 9, temperature=0.3, top_k=1))


def test_only_matrices_decay():
    groups = GPT(CONFIG).configure_optimizers(0.1, 1e-3, (0.9, 0.95)).param_groups
    assert {p.dim() >= 2: group["weight_decay"] for group in groups for p in group["params"]} == {
        True: 0.1, False: 0.0,
    }  # fmt: skip
    assert sum(p.numel() for group in groups for p in group["params"]) == GPT(
        CONFIG
    ).get_num_params(non_embedding=False)
