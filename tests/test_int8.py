"""Whole numbers for decoding: what rounding costs, and that it is the same model otherwise."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from gptlab import data, decoder, gpt, int8, nano, sample, tiny
from gptlab.weights import from_folder

SIZES = {"vocab_size": 70, "context_length": 24, "emb_dim": 36, "n_heads": 3, "n_layers": 2,
         "drop_rate": 0.3, "qkv_bias": True, "tied": True}  # fmt: skip


@pytest.fixture(scope="module")
def trained() -> gpt.GPTModel:
    """The committed checkpoint."""
    return decoder.from_tree(*from_folder(tiny.FOLDER))


def random_gpt(**changed: object) -> gpt.GPTModel:
    """Weights that differ from layer to layer, biases and norms not those of a new model."""
    torch.manual_seed(4)
    model = gpt.GPTModel(SIZES | changed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.1 * torch.randn_like(parameter)
    return model


@torch.no_grad()
def loss(model: nn.Module, ids: torch.Tensor) -> float:
    """Nats per token over windows side by side, (B, T + 1)."""
    return F.cross_entropy(model(ids[:, :-1]).flatten(0, 1), ids[:, 1:].flatten()).item()


def test_each_row_is_rounded_by_its_own_largest() -> None:
    weight = torch.tensor([[1.27, -0.5, 0.004], [0.0, 0.0, 0.0], [-254.0, 127.0, 3.0]])
    whole, scale = int8.rounded(weight)
    assert whole.dtype == torch.int8
    assert whole.tolist() == [[127, -50, 0], [0, 0, 0], [-127, 64, 2]]  # 63.5 goes to the even one
    assert torch.equal(scale, torch.tensor([0.01, 0.0, 2.0]).bfloat16().float())


@pytest.mark.parametrize("seed", range(5))
def test_no_weight_moves_by_more_than_half_a_step(seed: int) -> None:
    linear = nn.Linear(64, 50)
    nn.init.normal_(linear.weight, generator=torch.Generator().manual_seed(seed))
    made = int8.Int8Linear(linear)
    scale = made.scale.float()[:, None]  # what the layer multiplies with
    assert ((made.whole * scale - linear.weight).abs() <= 0.5001 * scale).all()
    assert (made.whole.abs().amax(dim=1) >= 126).all()


def test_a_weight_that_is_no_number() -> None:
    with pytest.raises(ValueError, match="no numbers"):
        int8.rounded(torch.tensor([[1.0, torch.nan]]))


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("n_in", [8, 32, 45, 96])  # torch's kernel reads past a row of 8
@pytest.mark.parametrize("shape", [(1,), (3, 1), (2, 5)])
def test_a_layer_gives_what_its_rounded_weights_give(
    shape: tuple[int, ...], n_in: int, bias: bool
) -> None:
    torch.manual_seed(n_in)
    linear = nn.Linear(n_in, 7, bias=bias)
    made = int8.Int8Linear(linear)
    x = torch.randn(*shape, n_in).bfloat16().float()
    weight = made.whole[:, :n_in].float() * made.scale.float()[:, None]
    expected = F.linear(x, weight, linear.bias)
    torch.testing.assert_close(made(x), expected, atol=1e-2, rtol=1e-2)
    assert made(x).dtype == torch.float32


def test_the_loss_of_the_tiny_checkpoint_hardly_moves(trained: gpt.GPTModel) -> None:
    text = data.tiny_shakespeare().text[-40_000:]
    ids = torch.tensor(tiny.tokenizer().encode(text))
    windows = ids[: len(ids) // 65 * 65].view(-1, 65)[:200]
    before, after = loss(trained, windows), loss(int8.quantized(trained), windows)
    assert 0 < abs(after - before) < 0.01, (before, after)


def test_greedy_text_is_nearly_always_the_same_token(trained: gpt.GPTModel) -> None:
    ids = torch.tensor([tiny.tokenizer().encode("ROMEO:\nWhat say you to my suit?")])
    with torch.no_grad():
        a, b = trained(ids), int8.quantized(trained)(ids)
    assert (a.argmax(-1) == b.argmax(-1)).float().mean() > 0.8
    assert 0 < (a - b).abs().max() < 0.3 * a.std()


def test_with_the_cache_the_scores_are_those_without() -> None:
    model = int8.quantized(random_gpt())
    idx = torch.randint(70, (2, 9), generator=torch.Generator().manual_seed(2))
    cache = model.new_cache()
    with torch.no_grad():
        parts = [model(idx[:, :4], cache), *(model(idx[:, i : i + 1], cache) for i in range(4, 9))]
        torch.testing.assert_close(torch.cat(parts, 1), model(idx), atol=0.05, rtol=0.05)


def test_stream_writes_with_it_beyond_its_window() -> None:
    model = int8.quantized(random_gpt())
    made = list(sample.stream(model, torch.tensor([[1, 2, 3]]), 30, 24, 0.8, 20,
                              generator=torch.Generator().manual_seed(0)))  # fmt: skip
    assert len(made) == 30 and all(one.shape == (1, 1) for one in made)


def test_what_is_handed_in_stays_and_is_shared() -> None:
    model = random_gpt().train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    made = int8.quantized(model)
    assert model.training and not made.training
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert made.tok_emb.weight.data_ptr() == model.tok_emb.weight.data_ptr()
    assert not any(isinstance(module, nn.Linear) for module in made.modules())
    assert any(isinstance(module, nn.Linear) for module in model.modules())


def test_an_untied_head_is_rounded_by_itself() -> None:
    model = random_gpt(tied=False, qkv_bias=False)
    made = int8.quantized(model)
    whole, _ = int8.rounded(model.out_head.weight)
    assert torch.equal(made.out_head.whole[:, : SIZES["emb_dim"]], whole)


@pytest.mark.parametrize("bias", [True, False])
def test_nanogpts_form_decodes_too(bias: bool) -> None:
    torch.manual_seed(1)
    model = nano.GPT(nano.GPTConfig(24, 70, 2, 3, 36, bias=bias)).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.05 * torch.randn_like(parameter)
    made = int8.quantized(model)
    idx = torch.randint(70, (2, 24), generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        expected, found = model(idx)[0], made(idx, last_only=True)
    assert (found - expected).abs().max() < 0.1 * expected.std()
    assert hasattr(made, "new_cache")


def test_it_is_about_a_quarter_as_large() -> None:
    model = nano.GPT(nano.GPTConfig(64, 128, 4, 4, 256))
    share = int8.bytes_of(int8.quantized(model)) / int8.bytes_of(model)
    assert 0.25 < share < 0.31


def test_what_it_does_not_take() -> None:
    with pytest.raises(TypeError, match="found a Linear"):
        int8.quantized(nn.Linear(2, 2))
    with pytest.raises(ValueError, match="on a processor"):
        int8.quantized(gpt.GPTModel(SIZES).to("meta"))
