"""FlatAdamW: torch's own steps, on one long tensor."""

import copy

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from gptlab.optimizers import FlatAdamW

OPTIONS = {"lr": 0.05, "weight_decay": 0.2, "betas": (0.8, 0.9)}


@pytest.fixture
def model():
    torch.manual_seed(3)
    return nn.Sequential(nn.Linear(5, 7), nn.ReLU(), nn.LayerNorm(7), nn.Linear(7, 2, bias=False))


def trained(model, optimizer, steps=8):
    generator = torch.Generator().manual_seed(4)
    losses = []
    for _ in range(steps):
        x = torch.randn(6, 5, generator=generator)
        loss = F.mse_loss(model(x), x[:, :2] ** 2)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@pytest.mark.parametrize("fused", [False, True])
def test_it_takes_the_steps_of_adamw(model, fused):
    other = copy.deepcopy(model)
    ours = trained(model, FlatAdamW(model, fused=fused, **OPTIONS))
    assert ours == pytest.approx(trained(other, torch.optim.AdamW(other.parameters(), **OPTIONS)))
    assert ours[-1] < ours[0]
    for parameter, expected in zip(model.parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(parameter, expected)


def test_zero_grad_keeps_the_views(model):
    optimizer = FlatAdamW(model, **OPTIONS)
    trained(model, optimizer, steps=1)
    assert any(parameter.grad.any() for parameter in model.parameters())
    optimizer.zero_grad()
    assert not any(parameter.grad.any() for parameter in model.parameters())
    whole = optimizer.param_groups[0]["params"][0]
    whole.grad.fill_(2.0)
    assert all((parameter.grad == 2).all() for parameter in model.parameters())


def test_weights_loaded_later_are_those_that_it_trains(model):
    optimizer = FlatAdamW(model, **OPTIONS)
    model.load_state_dict({name: value * 0 + 3 for name, value in model.state_dict().items()})
    whole = optimizer.param_groups[0]["params"][0]
    assert whole.numel() == sum(p.numel() for p in model.parameters()) and (whole == 3).all()
