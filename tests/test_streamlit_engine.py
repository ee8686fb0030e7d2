"""What the page on a GPT-2 computes, apart from the page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pico_sample
import pytest

from gptlab import data, numpy_gpt, tiny, weights
from gptlab.apps import drawn, engine, student

TEXT = Path(pico_sample.__file__).read_text(encoding="utf-8")


def test_a_character_in_parts_waits_for_its_last():
    model = engine.load(engine.TINY)
    ids = model.tokenizer.encode("a€ü")
    assert [model.text(ids[:n], final=False) for n in range(len(ids) + 1)][:2] == ["", "a"]
    for n in range(len(ids)):
        assert "�" not in model.text(ids[:n], final=False)
    assert model.text(ids, final=True) == "a€ü"
    assert model.text(ids[:-1], final=True).endswith("�")
    assert model.token(ids[-1]) == f"{'ü'.encode()[-1]:02x}"


def test_the_picture_of_attention_is_what_the_model_does():
    """The last row of the weights, by values that say whence they come."""
    params, ids = tiny.params(), tiny.tokenizer().encode("Where be thou, Romeo?")
    found = engine.attention_of_last(params, 4, ids)
    assert found.shape == (4, 4, len(ids))
    np.testing.assert_allclose(found.sum(-1), 1, atol=1e-5)
    x = params["wte"][ids] + params["wpe"][: len(ids)]
    block, T = params["blocks"][0], len(ids)
    q, k, _ = np.split(
        numpy_gpt.linear(numpy_gpt.layer_norm(x, **block["ln_1"]), **block["attn"]["c_attn"]), 3, -1
    )
    q, k = (a.reshape(T, 4, 18).swapaxes(0, 1) for a in (q, k))
    values = np.broadcast_to(np.eye(T, dtype=np.float32), (4, T, T))
    mixed = numpy_gpt.attention(q, k, values, numpy_gpt.causal_mask(T, T))  # (n_head, T, T)
    np.testing.assert_allclose(found[0], mixed[:, -1], atol=1e-5)


def test_a_long_text_has_its_beginning_in_one_row():
    model = engine.load(engine.TINY)
    ids = model.encode("To be, or not to be, that is the question. " * 3)
    run = engine.Run("x", 1, "", model, ids)
    assert len(list(engine.generate(run, None))) == 1
    read = [run.ids[at] for at in run.steps[-1].read]
    run.attention = engine.attention_of_last(model.params, 4, read)
    shown = drawn.heads(run, 0)
    assert (
        shown.count("<tr>") == 1 + drawn.ROWS + 1 and f"{len(read) - drawn.ROWS} earlier" in shown
    )


def test_the_five_likeliest_are_those_of_the_students_softmax(tmp_path):
    path = tmp_path / "a.py"
    path.write_text(TEXT.replace("return raised / np.sum", "return 0.5 * raised / np.sum"))
    made = student.load(path)
    scores = np.arange(9.0)
    assert made.likeliest(scores, 2)[0] == (8, pytest.approx(numpy_gpt.softmax(scores)[8] / 2))
    path.write_text(TEXT.replace("return raised / np.sum", "return raised[:3] / np.sum"))
    with pytest.raises(student.CodeError, match=r"\(3,\); expected: shape \(9,\)"):
        student.load(path).likeliest(scores, 2)


@pytest.fixture
def of_gpt2(tmp_path):
    """A file with GPT-2's vocabulary and 12 heads, else small."""
    random = np.random.default_rng(0)
    shapes = weights.shapes_by_place(50257, 32, 48, 2)
    places = {place: random.normal(0, 0.3, shape) for place, shape in shapes.items()}
    path = tmp_path / "gpt2_weights.npz"
    weights.save(path, weights.from_places(places, 2), 12)
    return path


def test_gpt2s_own_vocabulary_comes_with_its_tokenizer(of_gpt2):
    try:
        model = engine.load(str(of_gpt2))
    except data.DataError:
        pytest.skip("needs GPT-2's vocab.bpe and encoder.json: GPTLAB_DATA names their folder")
    ids = model.encode("Alan Turing theorized that computers would one day become")
    assert ids == [36235, 39141, 18765, 1143, 326, 9061, 561, 530, 1110, 1716]
    assert model.token(ids[1]) == "␣Turing" and model.encode("") == [50256]
    run = engine.Run("", 30, "", model, ids)
    assert len(list(engine.generate(run, None))) == 30 and run.steps[-1].read.start > 0


def test_without_its_tokenizer_that_is_said(of_gpt2, tmp_path, monkeypatch):
    for name in ("GPTLAB_DATA", "GPTLAB_CACHE"):
        monkeypatch.setenv(name, str(tmp_path / "nothing"))
    monkeypatch.setenv("GPTLAB_OFFLINE", "1")
    with pytest.raises(data.DataError, match=r"vocab\.bpe"):
        engine.load(str(of_gpt2))


def test_a_pickled_tree_is_read_on_request_and_warned_of(tmp_path):
    path = tmp_path / "seed.npz"
    np.savez(path, params=tiny.params())
    with pytest.raises(weights.PickledError, match=r"whatever code[^$]*weights\.save[^$]*allow_pi"):
        weights.load(path)
    with pytest.warns(UserWarning, match="runs whatever code"):
        tree, n_head = weights.load(path, allow_pickle=True)
    assert n_head == 12 and tree.keys() == tiny.params().keys()
    with (
        pytest.warns(UserWarning),
        pytest.raises(weights.WeightsError, match="n_head=7 does not divide the width, 72"),
    ):
        weights.load(path, allow_pickle=True, n_head=7)


@pytest.mark.parametrize(
    "held", [None, 3, {}, {"wte": 1}, {**tiny.params(), "more": 1}, {**tiny.params(), "wpe": None}]
)
def test_a_pickle_of_something_else_is_refused(tmp_path, held):
    path = tmp_path / "seed.npz"
    np.savez(path, params=np.array(held, dtype=object))
    with pytest.warns(UserWarning), pytest.raises(weights.WeightsError):
        weights.load(path, allow_pickle=True)


def test_a_long_token_is_cut():
    model = engine.load(engine.TINY)
    model._bytes[600] = b"-" * 64
    assert model.token(600) == "-" * 15 + "…"
