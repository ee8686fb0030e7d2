"""The drawings of chapter 9: what the library's knobs do, and the numbers in the text."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
import torch
from drawing_checks import lie_apart, stand_out
from torch import Tensor, nn

from gptlab import measures, sample, tiny

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "book" / "_ext"))

import decoding_record  # noqa: E402  (the site's extensions are no package: Sphinx finds them by folder)
import knobs  # noqa: E402
import training_record  # noqa: E402
import written  # noqa: E402

FORMS = pytest.mark.parametrize("tall", [False, True], ids=["wide", "tall"])
MINE = [*knobs.DRAWINGS, *written.DRAWINGS]
NINE = (ROOT / "book" / "ch09_decoding.md").read_text("utf-8")
SCORES = torch.tensor([knobs.WEIGHTS], dtype=torch.float64).log()


@FORMS
@pytest.mark.parametrize("name", MINE)
def test_words_can_be_read(name: str, tall: bool) -> None:
    stand_out(name, tall)
    lie_apart(name, tall)


@pytest.mark.parametrize("name", MINE)
def test_every_drawing_is_in_the_chapter(name: str) -> None:
    assert f"```{{drawing}} {name}\n" in NINE


def test_the_five_words_are_what_the_library_makes_of_them() -> None:
    changed = dict(knobs.TURNED)
    expected = {
        "as it is": SCORES,
        "temperature ½": SCORES / 0.5,
        "temperature 2": SCORES / 2,
        "top k = 3": sample.top_k_only(SCORES, 3),
        "top p = 0.7": sample.top_p_only(SCORES, 0.7),
    }
    for name, scores in expected.items():
        found = torch.tensor([knobs.shares(changed[name])], dtype=torch.float64)
        torch.testing.assert_close(found, scores.softmax(-1))
    assert changed.keys() - expected.keys() == {"calm, penalty 2"}
    assert changed["calm, penalty 2"] == pytest.approx([7, 25, 16, 9, 1])


def test_the_table_of_temperatures() -> None:
    for name, temperature in (("1", 1), ("2", 2), ("½", 0.5)):
        row = re.search(rf"^\| {name} \|([\d |]+)\|$", NINE, re.M).group(1)
        *weights, total = (float(part) for part in row.split("|"))
        assert weights == pytest.approx(knobs.heated(knobs.WEIGHTS, temperature))
        assert sum(weights) == total


@pytest.mark.parametrize(("name", "temperature"), [("½", 0.5), ("1", 1), ("2", 2)])
def test_what_top_p_keeps_after_each_temperature(name: str, temperature: float) -> None:
    row = re.search(rf"^\| {name} \| ([\d., ]+) \| ([a-z, ]+) \|$", NINE, re.M)
    kept = sample.top_p_only(SCORES / temperature, knobs.P).isfinite()[0]
    assert row.group(2).split(", ") == [w for w, k in zip(knobs.WORDS, kept, strict=True) if k]
    odds = (SCORES / temperature).softmax(-1).cumsum(-1)[0, : int(kept.sum())].tolist()
    assert [float(part) for part in row.group(1).split(",")] == pytest.approx(odds, abs=0.005)


def test_the_penalty_asks_where_zero_is() -> None:
    lower = [weight / 100 for weight in knobs.WEIGHTS]
    assert knobs.shares(lower) == pytest.approx(knobs.shares(knobs.WEIGHTS))
    after = [knobs.shares(knobs.penalised(w, 0, 2))[0] for w in (knobs.WEIGHTS, lower)]
    assert after == pytest.approx([7 / 58, 0.2401 / 0.7501])  # an eighth, a third
    assert round(1 / after[0]) == 8 and round(1 / after[1]) == 3


def test_the_two_beginnings() -> None:
    model = training_record.tiny_model().eval()
    for said, told in zip(knobs.CONTEXTS, knobs.two_contexts(), strict=True):
        ids = torch.tensor([tiny.tokenizer().encode(said)])
        with torch.no_grad():
            scores = model(ids)[:, -1]
        assert told["share"] == pytest.approx(float(scores.softmax(-1).max()), abs=1e-4)
        assert told["needed"] == int(sample.top_p_only(scores, knobs.MUCH).isfinite().sum())
    sure, unsure = knobs.two_contexts()
    assert sure["ten"] > 0.99 and 0.4 < unsure["ten"] < 0.5  # "half of what is possible"


def test_the_draw_that_is_drawn() -> None:
    assert [written.drawn(number) for number in written.DRAWS] == ["calm", "blue", "cold"]
    assert written.drawn(0.995) == "purple"


class Told(nn.Module):
    """Gives each row the tokens of a table, one after the other, with certainty."""

    def __init__(self, rows: list[list[int]], prompt: int) -> None:
        super().__init__()
        self.rows, self.prompt = torch.tensor(rows), prompt

    def forward(self, idx: Tensor) -> Tensor:
        """(B, T) -> (B, T, V)"""
        step = idx.shape[1] - self.prompt
        scores = torch.zeros(*idx.shape, 20)
        scores[:, -1] = nn.functional.one_hot(self.rows[:, step], 20).float()
        return scores


def test_rows_stop_as_they_are_drawn() -> None:
    names = sorted({word for row in written.ROWS for word in row})
    rows = [[names.index(word) for word in row] for row in written.ROWS]
    found = sample.generate(Told(rows, 1), torch.zeros(3, 1, dtype=torch.int64), 5, 64,
                            eos_id=names.index(written.STOP))  # fmt: skip
    made, last = written.with_stop()
    assert [[names[i] for i in row] for row in found[:, 1:].tolist()] == made and last == 4


def test_what_a_generator_fixes_and_what_not() -> None:
    model, encode = training_record.tiny_model().eval(), tiny.tokenizer().encode
    rows = torch.tensor([encode("ROMEO:\n")] * 3)
    other = rows.clone()
    other[2, -1] = encode("a")[0]

    def drawn(idx: Tensor) -> Tensor:
        generator = torch.Generator().manual_seed(0)
        return sample.generate(model, idx, 12, 64, 1.0, generator=generator)[:, rows.shape[1] :]

    before = torch.get_rng_state()
    assert torch.equal(drawn(rows), drawn(rows))
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(drawn(other)[:2], drawn(rows)[:2])  # another text in one row
    assert not torch.equal(drawn(rows[:1]), drawn(rows)[:1])  # fewer rows


def test_what_was_measured_is_what_the_chapter_says() -> None:
    ways = written.record()["ways"]
    assert ways.keys() == written.LABELS.keys() == {"the play", *decoding_record.WAYS}
    play, greedy = ways["the play"], ways["greedy"]
    assert max(ways, key=lambda name: ways[name]["log prob"]) == "greedy"
    assert min(ways, key=lambda name: ways[name]["distinct 2"]) == "greedy"
    assert greedy["log prob"] - play["log prob"] > 1
    assert ways["T = 1.5"]["log prob"] < play["log prob"] < ways["T = 1"]["log prob"]
    assert ways["T = 1.5"]["distinct 2"] > play["distinct 2"]
    greedy_text = written.record()["greedy"]["text"]
    assert greedy_text.count("If you have been, sir, I'll not be so.") == 2
    for name in decoding_record.WAYS:
        assert f"| {name} | {{{{ decoding" in NINE


def test_the_greedy_text_is_still_what_the_tiny_model_writes() -> None:
    model = training_record.tiny_model().eval()
    ids = torch.tensor([tiny.tokenizer().encode(decoding_record.BEGINS)])
    found = sample.generate(model, ids, 20, 64)[0].tolist()
    assert written.record()["greedy"]["text"].startswith(tiny.tokenizer().decode(found))


def test_the_pairs_by_hand() -> None:
    assert measures.distinct_n([0, 1, 0, 1, 0, 2], 2) == 3 / 5
