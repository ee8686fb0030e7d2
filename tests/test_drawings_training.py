"""The drawings of chapter 8: what torch and the library find, and the numbers in the text."""

from __future__ import annotations

import math
import re
import sys
from pathlib import Path

import pytest
import torch
from drawing_checks import lie_apart, stand_out, words
from torch import nn
from torch.nn import functional as F

from gptlab import gpt, tiny
from gptlab import pretraining as pt

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "book" / "_ext"))

import loss_windows  # noqa: E402  (the site's extensions are no package: Sphinx finds them by folder)
import many_devices  # noqa: E402
import optimizing  # noqa: E402
import training_record  # noqa: E402
import training_runs  # noqa: E402

FORMS = pytest.mark.parametrize("tall", [False, True], ids=["wide", "tall"])
MINE = [name for module in (loss_windows, optimizing, training_runs, many_devices)
        for name in module.DRAWINGS]  # fmt: skip
EIGHT = (ROOT / "book" / "ch08_pretraining.md").read_text("utf-8")
FOUND = training_runs.numbers()


@FORMS
@pytest.mark.parametrize("name", MINE)
def test_words_can_be_read(name: str, tall: bool) -> None:
    stand_out(name, tall)
    lie_apart(name, tall)


@pytest.mark.parametrize("name", MINE)
def test_every_drawing_is_in_the_chapter(name: str) -> None:
    assert f"```{{drawing}} {name}\n" in EIGHT


def test_losses_of_tokens_are_cross_entropy() -> None:
    ids = torch.tensor([tiny.tokenizer().encode(loss_windows.LINE_OF_PLAY)])
    with torch.no_grad():
        scores = training_record.tiny_model().eval()(ids[:, :-1])[0]
    expected = F.cross_entropy(scores, ids[0, 1:], reduction="none").tolist()
    found = [loss for _, loss in loss_windows.losses_of(loss_windows.LINE_OF_PLAY)]
    assert found == pytest.approx(expected, abs=1e-4)
    tokens = [token for token, _ in loss_windows.losses_of(loss_windows.LINE_OF_PLAY)]
    first, second = (i for i, token in enumerate(tokens) if token == "se")
    assert found[second] < found[first] / 10  # "less than a tenth"
    other = dict(loss_windows.losses_of("A duke! a horse! my kingdom"))
    assert f"{other['se']:.2f}" == f"{found[second]:.2f}" == "0.04"  # it does not remember


def test_the_four_tokens() -> None:
    losses = [-math.log(p) for p in (1 / 2, 1 / 4, 1 / 8, 1)]
    row = re.search(r"\| loss, in nats \|(.*)\|", EIGHT).group(1)
    assert [float(part) for part in row.split("|")] == pytest.approx(
        [*losses, sum(losses) / 4], abs=0.005
    )
    assert f"{pt.perplexity(sum(losses) / 4):.2f}" == "2.83" and f"{2**1.04:.2f}" == "2.06"
    assert math.log(512) == pytest.approx(6.24, abs=0.005)
    assert (8 * 2 + 2 * 4) / 10 == 2.4
    card = (ROOT / "gptlab" / "tiny" / "CARD.md").read_text("utf-8")
    assert re.search(r"validation \(the last 10 %\) 2\.89\d+ a token, 1\.54\d+ a character", card)


class Numbers:
    """A tokenizer: each character is a token, numbered by its place."""

    def encode(self, text: str, **_: object) -> list[int]:
        """Ids from 0."""
        return list(range(len(text)))


@pytest.mark.parametrize("stride", [1, 2, 4, 5])
def test_windows_begin_where_the_library_has_them(stride: int) -> None:
    made = pt.GPTDatasetV1("x" * 11, Numbers(), 4, stride)
    assert [int(x[0]) for x, _ in made] == loss_windows.starts(11, 4, stride)
    assert all(y.tolist() == [int(i) + 1 for i in x] for x, y in made)


def test_the_leaks_are_counted_rightly() -> None:
    text = "x" * loss_windows.TEXT
    (_, *cut, stride), *others = loss_windows.split_ways()
    train, val = pt.make_loaders(text, 15 / 24, 1, 4, Numbers())
    assert sorted(int(x[0, 0]) for x, _ in train) == cut[0] and stride == 4
    assert [int(x[0, 0]) + loss_windows.CUT for x, _ in val] == cut[1]
    assert loss_windows.leaked(*cut) == set()
    counts = []
    for _, begun, held, _ in others:
        seen = {t for s in begun for t in range(s + 1, s + 5)}
        asked = {t for s in held for t in range(s + 1, s + 5)}
        assert sorted([*begun, *held]) == loss_windows.starts(24, 4, 2)
        counts.append((len(seen & asked), len(asked)))
    assert counts == [(2, 8), (12, 12)]
    assert {"2 of 8 targets were seen", "12 of 12 targets were seen"} <= set(words("split-leak"))


def test_the_shapes_of_a_step_are_torchs() -> None:
    B, T, V = loss_windows.B, loss_windows.T, loss_windows.V
    size = {**training_record.SIZE, "drop_rate": 0.0}
    with torch.device("meta"):
        model = gpt.GPTModel(size)
        scores = model(torch.zeros(B, T, dtype=torch.int64))
    shapes = [(B, T), scores.shape, scores.flatten(0, 1).shape, (B * T,), ()]
    assert [said for _, said in loss_windows.FORWARD[:-1]] == [str(tuple(s)) for s in shapes]
    assert size["vocab_size"] == V and B == training_record.BATCH
    assert f"{sum(p.numel() for p in model.parameters()):,}" == FOUND["parameters"]


# The optimizer


def one_step(kind: str, gradient: float) -> float:
    """A weight of 2 after a first step, with a rate and a decay of 0.1."""
    weight = nn.Parameter(torch.tensor(2.0, dtype=torch.float64))
    made = {"plain descent": torch.optim.SGD, "AdamW": torch.optim.AdamW}
    optimizer = made.get(kind, torch.optim.Adam)([weight], lr=0.1, weight_decay=0.1)
    weight.grad = torch.tensor(gradient, dtype=torch.float64)
    optimizer.step()
    return weight.item()


@pytest.mark.parametrize("kind", ["plain descent", "Adam, decay in the gradient", "AdamW"])
def test_the_first_step_by_hand(kind: str) -> None:
    row = re.search(rf"^\| {kind} \|(.*)\|$", EIGHT, re.M).group(1)
    said = [float(part.split("=")[1].replace("−", "-")) for part in row.split("|")]
    assert said == pytest.approx([one_step(kind, 0.1), one_step(kind, 100)], abs=1e-6)


@pytest.mark.parametrize("apart", [True, False])
@pytest.mark.parametrize("size", optimizing.SIZES)
def test_the_decay_that_is_drawn_is_torchs(size: float, apart: bool) -> None:
    weight = nn.Parameter(torch.tensor(1.0, dtype=torch.float64))
    kind = torch.optim.AdamW if apart else torch.optim.Adam
    optimizer = kind([weight], lr=optimizing.RATE, weight_decay=optimizing.DECAY,
                     betas=optimizing.BETAS)  # fmt: skip
    found = [1.0]
    for step in range(1, optimizing.STEPS + 1):
        weight.grad = torch.tensor(size * (-1) ** step, dtype=torch.float64)
        optimizer.step()
        found.append(weight.item())
    assert optimizing.decayed(size, apart) == pytest.approx(found, abs=1e-6)


def test_what_decays_is_what_the_library_takes() -> None:
    cfg = {**gpt.GPT_CONFIG_124M, "qkv_bias": True, "tied": True}
    with torch.device("meta"):
        groups = pt.optimizer_groups(gpt.GPTModel(cfg), 0.1)
    counted = {name: int(many.replace(",", "")) for name, many in optimizing.groups().items()}
    sizes = [sum(p.numel() for p in group["params"]) for group in groups]
    assert sizes == [counted["matrices"] + counted["tables"], counted["biases"] + counted["norms"]]


@FORMS
def test_the_rates_are_the_librarys(tall: bool) -> None:
    rates = [pt.learning_rate_at(step, 3, 11, 4e-4, 0.0) for step in range(13)]
    assert rates[:4] == pytest.approx([1e-4, 2e-4, 3e-4, 4e-4])
    assert rates[7] == pytest.approx(2e-4) and rates[11] == 0
    said = [word for word in words("schedule", tall) if re.fullmatch(r"\d\.\d", word)]
    assert said[:13] == [f"{rate * 1e4:.1f}" for rate in rates]


def test_the_clipped_arrow_is_torchs() -> None:
    weights = [nn.Parameter(torch.zeros(())) for _ in range(2)]
    for weight, gradient in zip(weights, optimizing.GRADIENT, strict=True):
        weight.grad = torch.tensor(gradient)
    nn.utils.clip_grad_norm_(weights, optimizing.MOST)
    expected = [weight.grad.item() for weight in weights]
    found = optimizing.clipped(optimizing.GRADIENT, optimizing.MOST)
    assert list(found) == pytest.approx(expected, abs=1e-5)
    assert {"(0.6, 0.8)", "(1, 1)"} <= set(words("clip"))


# The runs


def test_the_run_learned_its_text_by_heart() -> None:
    plain = training_runs.record()["plain"]
    assert FOUND["end"]["known"] == training_record.SHOWN
    assert FOUND["end"]["val"] > FOUND["first"] > FOUND["best"]["val"]  # "worse than before"
    assert FOUND["end"]["train"] < 0.1 and FOUND["best"]["known"] < 5
    assert plain["written"] == plain["begins"]
    numbers = int(FOUND["parameters"].replace(",", ""))
    assert round(numbers / plain["tokens"][0]) == 35
    assert FOUND["dropout"]["val"] < FOUND["best"]["val"] < FOUND["dropout"]["end"]
    assert FOUND["dropout"]["end"] < FOUND["end"]["val"]


def test_a_whole_checkpoint_and_no_other_gives_the_same_losses() -> None:
    assert set(training_runs.apart("nothing")) == {0.0}
    for name in training_runs.MISSING[1:]:
        assert max(training_runs.apart(name)) > 0.01, name
        assert max(training_runs.apart(name)) < 1, name  # the scale of the drawing


def test_a_resumed_run_is_still_the_same_here(tmp_path: Path) -> None:
    text = "First Citizen:\nBefore we proceed any further, hear me speak.\n" * 40
    model, optimizer = training_record.made()
    training_record.go_on(text, model, optimizer, 0, 0, 3)
    pt.save_checkpoint(tmp_path / "it", model, optimizer, {"step": 3})
    expected = training_record.go_on(text, model, optimizer, 3, 3, 6)
    model, optimizer = training_record.made()
    step = pt.load_checkpoint(tmp_path / "it", model, optimizer)["step"]
    assert training_record.go_on(text, model, optimizer, step, step, 6) == expected


def test_one_batch_goes_from_ln_v_to_nothing() -> None:
    assert FOUND["one"]["0"] == pytest.approx(math.log(512), abs=0.5)
    assert FOUND["one"]["100"] < 0.1


def test_the_formats_end_where_the_chapter_says() -> None:
    tiny_one = torch.tensor([2.0**-25, 2.0**-24]).half()
    assert tiny_one.tolist() == [0.0, 2.0**-24]
    assert (torch.tensor(1.0).bfloat16() + torch.tensor(0.0003).bfloat16()).item() == 1
    scaler = torch.amp.GradScaler("cpu")
    assert (scaler.get_scale(), scaler.get_growth_interval()) == (65536.0, 2000)
    assert (scaler.get_backoff_factor(), scaler.get_growth_factor()) == (0.5, 2.0)
    found = FOUND["gradients"]
    below = sum(found["shares"][: -25 - training_runs.LOWEST])
    assert found["lost float16"] == pytest.approx(below, abs=1e-3)
    assert found["lost scaled"] < found["lost float16"] and found["too large scaled"] == 0


# More than fits


def test_what_a_block_keeps() -> None:
    for again, name in ((False, "a block"), (True, "a block, computed again")):
        kept = training_record.kept_by(3, again) - training_record.kept_by(2, again)
        assert kept == FOUND["kept"][name]
    bytes_a_token, told = 16 * 768 * 12 * 4, " ".join(EIGHT.split())
    assert f"{bytes_a_token / 1e3:.0f} kB" in told
    assert f"{bytes_a_token * 1024 / 1e6:.0f} MB" in told
    assert f"{16 * bytes_a_token * 1024 / 1e9:.1f} GB" in told
    peaks = [max(h for _, h in many_devices.kept_over_time(again)) for again in (False, True)]
    ends = [many_devices.kept_over_time(again)[-1] for again in (False, True)]
    assert peaks == [192, 27] and ends == [(36, 0), (48, 0)]


def test_pieces_of_a_batch_have_the_mean_of_the_whole() -> None:
    x = torch.tensor(many_devices.GRADIENTS)
    for many in (1, 2, 4):
        weight = nn.Parameter(torch.tensor(1.0))
        for piece in x.split(len(x) // many):
            ((weight * piece).mean() / many).backward()
        assert weight.grad.item() == 4.5
        means = [many_devices.mean(piece) for piece in many_devices.pieces(many)]
        assert sum(means) / many == 4.5
