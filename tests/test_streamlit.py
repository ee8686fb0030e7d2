"""The page on a GPT-2 in NumPy, without a browser: what it computes and what it says."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pico_sample
import pytest

from gptlab import numpy_gpt, tiny, weights
from gptlab.apps import drawn, engine, pico, student

testing = pytest.importorskip("streamlit.testing.v1", reason="needs streamlit: pip install it")

SCRIPT = Path(engine.__file__).with_name("streamlit_app.py")
PROMPT = "Alan Turing theorized that computers would one day become"
TEXT = Path(pico_sample.__file__).read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    import streamlit

    streamlit.cache_resource.clear()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def opened(folder, monkeypatch):
    """Opens the page with these options."""

    def open_it(*options: str):
        monkeypatch.setattr(sys, "argv", ["streamlit_app.py", *options])
        page = testing.AppTest.from_file(str(SCRIPT), default_timeout=60).run()
        assert not page.exception
        return page

    return open_it


def button(page, label):
    return next(one for one in page.button if one.label == label)


def radio(page, label):
    return next(one for one in page.radio if one.label == label)


def html(page, name):
    """The HTML of one of the page's own pieces."""
    found = [
        one.proto.body for one in page.get("html") if f'data-testid="{name}"' in one.proto.body
    ]
    return found[-1] if found else ""


def generated(page):
    page = button(page, "Generate").click().run()
    assert not page.exception
    return page


def said(page):
    """All that the page says in messages and code."""
    parts = [*page.error, *page.warning, *page.success, *page.info, *page.code, *page.markdown]
    return "\n".join(part.value for part in parts)


def touched(path, text):
    """Written, with a later time than before whatever the clock's steps."""
    later = student.stamp(path)[0] + 10**9
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(later, later))


def test_a_prompt_goes_in_and_a_text_comes_out(opened):
    page = opened("--weights", "tiny")
    assert page.text_area[0].value == PROMPT
    slider = page.sidebar.slider[0]
    assert (slider.min, slider.max, slider.value) == (1, 50, 20)
    assert page.sidebar.metric[0].value == "–"
    assert "No PyTorch runs in the forward pass" in page.sidebar.caption[-1].value
    page = generated(page)
    ids = tiny.tokenizer().encode(PROMPT)
    whole = numpy_gpt.generate(ids, tiny.params(), 4, 20, quiet=True)
    assert tiny.tokenizer().decode(whole[len(ids) :]) in html(page, "lab-out")
    assert page.success[0].value.startswith("Done: 20 tokens in ")
    assert float(page.sidebar.metric[0].value.replace(",", "")) > 0


@pytest.mark.parametrize("count", [1, 50])
def test_as_many_tokens_as_the_slider_says(opened, count):
    page = opened("--weights", "tiny")
    page.sidebar.slider[0].set_value(count)
    page = generated(page)
    assert f"Done: {count} token" in page.success[0].value
    assert len(page.session_state.run.steps) == count


def test_every_step_shows_its_five_likeliest(opened):
    page = generated(opened("--weights", "tiny"))
    run = page.session_state.run
    step = next(one for one in page.slider if one.label == "Step")
    assert (step.min, step.max, step.value) == (1, 20, 20)
    page = step.set_value(3).run()
    shown = html(page, "lab-best")
    assert shown.count("<tr") == 5 and shown.count('class="taken"') == 1
    scores = numpy_gpt.gpt2(run.ids[: len(run.prompt_ids) + 2], **tiny.params(), n_head=4)[-1]
    for token, share in numpy_gpt.likeliest(scores):
        assert f"{share:.1%}" in shown and drawn.escape(run.model.token(token)) in shown
    assert "Done: 20 tokens" in page.success[0].value  # the text is still there
    layer = next(one for one in page.slider if one.label == "Layer")
    last = html(page, "lab-heads")
    assert html(layer.set_value(1).run(), "lab-heads") != last


def test_a_students_file_and_the_library_write_the_same(opened, folder):
    pico.write(folder / "pico_gpt.py", [getattr(pico_sample, name) for name in pico.NEEDED])
    page = opened("--weights", "tiny")
    page.text_area[0].set_value("First Citizen:\nBefore we proceed, hear me speak. " * 2)
    page.sidebar.slider[0].set_value(50)  # past the 64 positions
    assert radio(page, "Code").value == "yours (pico_gpt.py)"
    page = generated(page)
    first = page.session_state.run
    assert first.code == "yours (pico_gpt.py)" and first.steps[-1].read.start > 0
    radio(page, "Code").set_value("the library's numpy_gpt")
    page = generated(page)
    second = page.session_state.run
    assert second.code == "the library's numpy_gpt" and second.ids == first.ids
    for one, other in zip(first.steps, second.steps, strict=True):
        assert one.read == other.read
        np.testing.assert_allclose([p for _, p in one.best], [p for _, p in other.best], atol=1e-5)


def test_without_weights_it_says_so_and_offers_the_tiny_one(opened, folder):
    page = opened()
    assert "There are no weights yet" in said(page)
    assert "gpt2_weights.npz" in said(page) and str(folder) in said(page)
    assert "Run the lab's cell" in said(page) and button(page, "Generate").disabled
    page = button(page, "Use the tiny GPT-2").click().run()
    assert "There are no weights" not in said(page)
    assert "Done: 20 tokens" in generated(page).success[0].value


def test_weights_that_appear_are_used(opened, folder):
    page = opened()
    weights.save(folder / "gpt2_weights.npz", tiny.params(), 4)
    page = generated(page.run())
    assert "Weights: gpt2_weights.npz." in page.success[0].value


def test_a_pickled_file_is_read_on_request_only(opened, folder):
    np.savez(folder / "gpt2_weights.npz", params=tiny.params())
    page = opened()
    assert "is a pickled file" in said(page) and button(page, "Generate").disabled
    assert page.number_input[0].value == 12
    page.number_input[0].set_value(7).run()
    page = button(page, "I made this file: read it").click().run()
    assert "n_head=7 does not divide the width, 72" in said(page)
    page.number_input[0].set_value(4).run()
    page = button(page, "I made this file: read it").click().run()
    assert "runs whatever code" in page.warning[0].value
    assert generated(page).session_state.run.model.n_head == 4


def test_a_pickled_file_by_a_flag(opened, folder):
    np.savez(folder / "seed.npz", params=tiny.params())
    page = opened("--weights", str(folder / "seed.npz"), "--allow-pickle", "--n-head", "4")
    assert "runs whatever code" in page.warning[0].value
    ids = generated(page).session_state.run.ids
    assert ids == numpy_gpt.generate(tiny.tokenizer().encode(PROMPT), tiny.params(), 4, 20, True)


def test_weights_that_are_none_and_vocabularies_without_a_tokenizer(opened, folder):
    (folder / "gpt2_weights.npz").write_bytes(b"no zip")
    page = opened()
    assert "These weights cannot be used" in said(page) and "no .npz" in said(page)
    cut = {**tiny.params(), "wte": tiny.params()["wte"][:300]}
    weights.save(folder / "cut.npz", cut, 4)
    page = opened("--weights", "cut.npz")
    assert "vocabulary of 300 ids" in said(page)
    assert "Done" in generated(button(page, "Use the tiny GPT-2").click().run()).success[0].value


SLIPS = {
    "syntax": ("return np.matmul(x, w) + b", "return np.matmul(x, w + b",
               ["It is no Python that can be read", "SyntaxError", "np.matmul(x, w + b"]),
    "missing": ("def softmax(x):", "def softmaxx(x):",
                ["A function is missing", "softmax: expected. Found: gelu, softmaxx"]),
    "at import": ("def gelu(x):", "np.nothing\n\n\ndef gelu(x):",
                  ["stopped while it was imported", "line 7", "np.nothing", "AttributeError"]),
    "exit": ("def gelu(x):", "raise SystemExit(3)\n\n\ndef gelu(x):", ["line 7", "SystemExit: 3"]),
}  # fmt: skip
RUNNING = {
    "raises": ("return np.matmul(x, w) + b", "return np.matmul(x, w) + b[:5]",
               ["while gpt2 was running", "np.matmul(x, w) + b[:5]", "ValueError", "line 22"]),
    "unwritten": ("wide = gelu(linear(x, **c_fc))", "raise NotImplementedError",
                  ["NotImplementedError", "feed_forward is not written yet"]),
    "nothing": ("return np.matmul(layer_norm(x, **ln_f), wte.T)", "layer_norm(x, **ln_f)",
                ["gpt2 gives back something else", "Found: None", "(25, 512)", "def gpt2("]),
    "shape": ("layer_norm(x, **ln_f), wte.T)", "layer_norm(x, **ln_f), wte.T).sum(0)",
              ["of shape (512,)"]),
    "nan": ("layer_norm(x, **ln_f), wte.T)", "layer_norm(x, **ln_f), wte.T) * np.nan",
            ["not finite"]),
    "arguments": ("def gpt2(inputs, wte,", "def gpt2(inputs, table,",
                  ["TypeError", "unexpected keyword argument 'wte'"]),
    "in place": ("x = wte[inputs] + wpe[: len(inputs)]", "wte[0] = 0",
                 ["read-only", "wte[0] = 0"]),
}  # fmt: skip


@pytest.mark.parametrize("name", SLIPS)
def test_a_file_that_cannot_be_imported_is_located(opened, folder, name):
    old, new, expected = SLIPS[name]
    assert TEXT.count(old) == 1
    path = folder / "pico_gpt.py"
    path.write_text(TEXT.replace(old, new))
    page = opened("--weights", "tiny")
    for part in ["**pico_gpt.py**", *expected]:
        assert part in said(page)
    assert button(page, "Generate").disabled and "Traceback" not in said(page)
    touched(path, TEXT)
    page = generated(page.run())
    assert "Code: yours (pico_gpt.py)" in page.success[0].value and not page.error


@pytest.mark.parametrize("name", RUNNING)
def test_a_file_that_fails_while_it_runs_is_located(opened, folder, name):
    old, new, expected = RUNNING[name]
    assert TEXT.count(old) == 1
    path = folder / "pico_gpt.py"
    path.write_text(TEXT.replace(old, new))
    page = generated(opened("--weights", "tiny"))
    for part in ["**pico_gpt.py**", *expected]:
        assert part in said(page)
    assert "Traceback" not in said(page)
    touched(path, TEXT)
    page = page.run()
    assert not page.error and "pico_gpt.py has changed" in page.info[0].value
    assert "Code: yours" in generated(page).success[0].value
    touched(path, TEXT.replace(old, new))
    page = button(generated(page.run()), "Use the library's code for now").click().run()
    assert not page.error
    assert "Done: 20 tokens" in generated(page).success[0].value


def test_a_file_that_was_named_and_is_not_there(opened):
    page = opened("--weights", "tiny", "--code", "mine.py")
    assert "**mine.py** — It is not there" in said(page)
    page = button(page, "Use the library's code for now").click().run()
    assert not page.error and not button(page, "Generate").disabled


def test_nothing_of_a_visitor_becomes_html(opened):
    page = opened("--weights", "tiny")
    page.text_area[0].set_value("<script>alert(1)</script> & **no**")
    page = generated(page)
    shown = html(page, "lab-out") + html(page, "lab-best") + html(page, "lab-heads")
    assert "&lt;script&gt;" in shown and "<script>" not in shown


def test_an_empty_prompt_and_one_with_a_special_token(opened):
    page = opened("--weights", "tiny")
    page.text_area[0].set_value("")
    assert generated(page).session_state.run.prompt_ids == [511]
    page.text_area[0].set_value("a <|endoftext|>")
    assert 511 not in generated(page).session_state.run.prompt_ids  # text, as it was typed
