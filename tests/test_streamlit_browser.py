"""The page on a GPT-2 in a real browser, started as a notebook starts it."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import closing
from pathlib import Path

import pico_sample
import pytest

from gptlab import numpy_gpt, tiny, weights
from gptlab.apps import launch

pytest.importorskip("streamlit", reason="needs streamlit: pip install it")
pytestmark = pytest.mark.slow

TEXT = Path(pico_sample.__file__).read_text(encoding="utf-8")
PROMPT = "Alan Turing theorized that computers would one day become"


def a_port() -> int:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.fixture
def opened(browser, tmp_path, monkeypatch):
    """Starts the page in a folder of its own and opens it; watches where it asks for anything."""
    monkeypatch.setenv("GPTLAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    monkeypatch.chdir(tmp_path)
    started, asked, errors = [], [], []

    def open_it(size=(1280, 900), **options):
        if not started:
            started.append(launch.streamlit(port=a_port(), wait=60, **options))
        page = browser.new_page(viewport={"width": size[0], "height": size[1]})
        page.set_default_timeout(30_000)
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(started[0].url)
        button(page).wait_for()
        return page

    yield open_it
    for context in browser.contexts:
        context.close()
    home = started[0].url.removeprefix("http")
    started[0].stop()
    outside = [
        url for url in asked if not re.match(rf"(http|ws){re.escape(home)}|data:|blob:", url)
    ]
    assert not errors and not outside


def button(page, name="Generate"):
    return page.get_by_role("button", name=name)


def generated(page, tokens=20) -> str:
    """Press the button; the whole text in the end."""
    out = page.get_by_test_id("lab-out")
    before = out.get_attribute("data-run") if out.count() else ""
    button(page).click()
    page.locator(f'[data-run][data-tokens="{tokens}"]:not([data-run="{before}"])').wait_for()
    page.get_by_text(re.compile(rf"^Done: {tokens} tokens? in ")).wait_for()
    return out.inner_text()


def expected(prompt, count=20) -> str:
    tokenizer = tiny.tokenizer()
    ids = tokenizer.encode(prompt)
    return tokenizer.decode(numpy_gpt.generate(ids, tiny.params(), 4, count, quiet=True))


def test_a_prompt_goes_in_and_a_text_comes_out(opened):
    page = opened(weights="tiny")
    assert page.get_by_label("Prompt").input_value() == PROMPT
    assert generated(page) == expected(PROMPT)
    assert re.search(r"\d", page.get_by_test_id("stMetricValue").inner_text())
    page.get_by_label("Prompt").fill("Romeo, come")  # and at once, as one types it
    assert generated(page) == expected("Romeo, come")


def test_the_slider_says_how_many(opened):
    page = opened(weights="tiny")
    slider = page.get_by_role("slider", name="Tokens to generate")
    for key, count in (("Home", 1), ("ArrowRight", 2), ("End", 50)):
        slider.press(key)
        assert generated(page, count) == expected(PROMPT, count)


def test_weights_that_are_missing_and_then_there(opened, tmp_path):
    page = opened()
    page.get_by_text("There are no weights yet.").wait_for()
    assert "gpt2_weights.npz" in page.get_by_test_id("stCode").inner_text()
    assert str(tmp_path) in page.get_by_test_id("stCode").inner_text()
    assert button(page).is_disabled()
    button(page, "Use the tiny GPT-2").click()
    page.get_by_text("There are no weights yet.").wait_for(state="detached")
    assert generated(page) == expected(PROMPT)
    page.get_by_text("gpt2_weights.npz").click()
    page.get_by_text("There are no weights yet.").wait_for()
    weights.save(tmp_path / "new.npz", tiny.params(), 4)
    os.replace("new.npz", "gpt2_weights.npz")
    page.get_by_text("There are no weights yet.").wait_for(state="detached")  # by itself
    assert generated(page) == expected(PROMPT)
    page.get_by_text("Weights: gpt2_weights.npz.").wait_for()


def test_a_students_file_with_an_error_and_mended(opened, tmp_path):
    path = tmp_path / "pico_gpt.py"
    path.write_text(TEXT.replace("return np.matmul(x, w) + b", "return np.matmul(x, w + b"))
    page = opened(weights="tiny")
    page.get_by_text("It is no Python that can be read.").wait_for()
    shown = page.get_by_test_id("stCode").inner_text()
    assert "pico_gpt.py, line 22" in shown and "np.matmul(x, w + b" in shown
    assert "Traceback" not in page.locator("body").inner_text() and button(page).is_disabled()
    path.write_text(TEXT.replace("return np.matmul(x, w) + b", "return np.matmul(x, w) + b[:2]"))
    page.get_by_text("It is no Python that can be read.").wait_for(state="detached")
    button(page).click()
    page.get_by_text("It stopped while gpt2 was running.").wait_for()
    assert "b[:2]" in page.get_by_test_id("stCode").inner_text()
    path.write_text(TEXT)
    page.get_by_text("pico_gpt.py has changed").wait_for()
    assert generated(page) == expected(PROMPT)
    assert page.get_by_text("Code: yours (pico_gpt.py).").is_visible()


def test_the_students_code_and_the_library_write_the_same(opened, tmp_path):
    (tmp_path / "pico_gpt.py").write_text(TEXT)
    page = opened(weights="tiny")
    assert generated(page) == expected(PROMPT)
    page.get_by_text("the library's numpy_gpt").click()
    assert generated(page) == expected(PROMPT)
    page.get_by_text("Code: the library's numpy_gpt.").wait_for()


@pytest.mark.parametrize("size", [(1280, 900), (390, 800)])
def test_under_the_hood(opened, size):
    page = opened(size, weights="tiny")
    generated(page)
    page.get_by_text("Under the hood").click()
    page.get_by_test_id("lab-best").locator("tr").nth(4).wait_for()
    assert page.get_by_test_id("lab-best").locator("tr").count() == 5
    for name in ("lab-best", "lab-heads"):
        box = page.get_by_test_id(name).bounding_box()
        assert box["x"] + box["width"] <= size[0]
    shares = [float(one[:-1]) for one in page.locator(".lab-best .share").all_inner_texts()]
    assert shares == sorted(shares, reverse=True) and 0 < sum(shares) <= 100.1
    page.get_by_role("slider", name="Step").press("Home")
    page.get_by_text("Step 1 of 20: the five likeliest").wait_for()
    heads = page.get_by_test_id("lab-heads")
    heads.wait_for()
    assert heads.locator("tr").first.locator("th").all_inner_texts() == ["head", *"1234"]
    assert heads.locator("td").count() == 4 * 25  # 24 tokens, and one row for all earlier ones
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not page.evaluate(wide)


def test_the_text_grows_token_by_token_and_a_click_stops_it(opened, tmp_path):
    slow = TEXT.replace(
        "for block in blocks:", "import time; time.sleep(0.3)\n    for block in blocks:"
    )
    (tmp_path / "pico_gpt.py").write_text(slow)
    page = opened(weights="tiny")
    button(page).click()
    seen = set()
    for _ in range(20):
        seen.add(page.get_by_test_id("lab-out").inner_text() if seen else "")
        time.sleep(0.1)
    whole = expected(PROMPT)
    grown = sorted(seen - {""}, key=len)
    assert len(grown) >= 3 and all(whole.startswith(text.rstrip()) for text in grown)
    page.get_by_text(re.compile(r"^\d+ of 20 tokens$")).wait_for()
    page.get_by_text("the library's numpy_gpt").click()
    page.get_by_text(re.compile(r"^Stopped after \d+ tokens? of 20\.")).wait_for()
    assert generated(page) == whole


@pytest.mark.parametrize("how", ["streamlit run", "python -m"])
def test_it_starts_from_the_command_line(tmp_path, how):
    port = a_port()
    settings = {"STREAMLIT_SERVER_HEADLESS": "true", "STREAMLIT_SERVER_PORT": str(port)}
    root = str(launch.SCRIPT.parents[2])
    if how == "streamlit run":
        command = [sys.executable, "-m", "streamlit", "run", str(launch.SCRIPT), "--"]
        environment = {**os.environ, **settings}
    else:
        command = [sys.executable, "-m", "gptlab.apps.streamlit_app"]
        environment = {**os.environ, **settings, "PYTHONPATH": root}
    process = subprocess.Popen(
        [*command, "--weights", "tiny"], cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        for _ in range(300):
            assert process.poll() is None
            try:
                with direct.open(f"http://127.0.0.1:{port}/_stcore/health", timeout=5) as reply:
                    assert reply.status == 200
                    break
            except OSError:
                time.sleep(0.1)
        else:
            pytest.fail("it did not answer within half a minute")
    finally:
        process.terminate()
        process.wait(20)
