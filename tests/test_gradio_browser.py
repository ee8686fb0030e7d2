"""The chat page in a real browser, on a stand-in whose answers a test can foresee."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import chat_sample
import pytest

from gptlab.apps import launch

if launch.find_spec("gradio") is None:
    pytest.skip("needs gradio: pip install it", allow_module_level=True)
pytestmark = pytest.mark.slow

PHONE = (390, 844)
TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@dataclass
class Server:
    url: str
    pieces: Path  # what it computed, a line each


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    """The page on the stand-in."""
    folder = tmp_path_factory.mktemp("stand-in")
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, chat_sample.__file__, str(port), str(folder)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        answers(process, f"http://127.0.0.1:{port}", folder / "log")
        yield Server(f"http://127.0.0.1:{port}", folder / "pieces.txt")
    finally:
        process.terminate()
        process.wait(20)


def answers(process: subprocess.Popen, url: str, log: Path) -> None:
    """Wait until it does."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    end = time.monotonic() + 120
    while True:
        assert process.poll() is None and time.monotonic() < end, log.read_text()
        try:
            with direct.open(url, timeout=5) as reply:
                assert reply.status == 200
                return
        except OSError:
            time.sleep(0.1)


@pytest.fixture
def opened(browser, server) -> Iterator[Callable]:
    """Opens tabs; watches where they ask for anything, and what goes wrong in them."""
    asked, errors = [], []

    def open_it(size=(1280, 800), **options):
        page = browser.new_page(viewport={"width": size[0], "height": size[1]}, **options)
        page.set_default_timeout(30_000)
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(server.url)
        button(page, "Send").wait_for()
        return page

    yield open_it
    for context in browser.contexts:
        context.close()
    home = re.escape(server.url.removeprefix("http"))
    outside = [url for url in asked if not re.match(rf"(http|ws){home}|data:|blob:", url)]
    assert not errors and not outside


def button(page, name: str):
    return page.get_by_role("button", name=name, exact=True)


def box(page):
    return page.get_by_role("textbox", name="Your message")


def note(page, text: str | re.Pattern) -> None:
    """Wait until it says that."""
    page.locator("#note p", has_text=text).wait_for()


def said(page, who: str = "bot") -> list[str]:
    """The texts of one of the two."""
    return page.locator(f'#chat [data-testid="{who}"] .md').all_inner_texts()


def ask(page, text: str) -> list[str]:
    """Send a message; all answers, once the last is whole."""
    before = len(said(page, "user"))
    box(page).fill(text)
    box(page).press("Enter")
    page.locator('#chat [data-testid="user"]').nth(before).wait_for()
    button(page, "Send").wait_for()
    return said(page)


def test_a_conversation(opened):
    page = opened()
    assert page.title() == "Chat: a stand-in"
    assert ask(page, "Hello") == ["turn 1: Hello"]
    assert box(page).input_value() == ""
    box(page).fill("and again")
    button(page, "Send").click()
    page.get_by_text("turn 3: and again").wait_for()
    assert said(page, "user") == ["Hello", "and again"]
    note(page, re.compile(r"^Answered in \d+\.\d\d s\.$"))
    box(page).fill("  ")
    box(page).press("Enter")
    note(page, "Nothing was written")
    assert len(said(page)) == 2


def test_an_answer_grows_and_stop_ends_it_and_its_computing(opened, server):
    page = opened()
    box(page).fill("slow grow")
    box(page).press("Enter")
    button(page, "Stop").wait_for()
    assert not button(page, "Send").is_visible()
    seen = set()
    for _ in range(15):
        seen.update(said(page))
        time.sleep(0.1)
    whole = "".join(f"grow-{piece}" for piece in chat_sample.SLOW)
    assert len(seen) >= 4 and all(whole.startswith(text.strip()) for text in seen)
    box(page).fill("typed meanwhile")  # is not swept away by what comes
    button(page, "Stop").click()
    note(page, "Stopped.")
    button(page, "Send").wait_for()
    assert box(page).input_value() == "typed meanwhile"
    computed = server.pieces.read_text().count("slow grow")
    time.sleep(0.5)
    assert server.pieces.read_text().count("slow grow") == computed < 60
    kept = said(page)[0]
    assert whole.startswith(kept) and len(kept.split()) == computed
    assert ask(page, "go on")[1] == "turn 3: go on"  # what was written stays in the conversation


def test_a_closed_tab_computes_nothing(opened, server):
    page = opened()
    box(page).fill("slow gone")
    box(page).press("Enter")
    page.get_by_text("gone-piece2").wait_for()
    page.close()
    for _ in range(40):
        before = server.pieces.read_text().count("slow gone")
        time.sleep(0.5)
        if server.pieces.read_text().count("slow gone") == before < 90:
            return
    pytest.fail("it went on to the end")


def test_settings_have_an_effect(opened):
    page = opened()
    assert ask(page, "settings") == ["0.8 100 20"]
    for name, value in (("Temperature", "0.3"), ("Length", "7"), ("Top-k", "0")):
        number = page.get_by_role("spinbutton", name=re.compile(name))
        number.fill(value)
        number.press("Tab")
    assert ask(page, "settings") == ["0.8 100 20", "0.3 7 None"]


def test_examples_and_clear(opened):
    page = opened()
    page.get_by_text("What is a token?").click()
    page.get_by_text("turn 1: What is a token?").wait_for()
    button(page, "Clear the conversation").click()
    page.get_by_text("turn 1").wait_for(state="detached")
    assert page.get_by_text("What is a token?").is_visible()  # the examples are back
    assert ask(page, "new") == ["turn 1: new"]  # and the model has forgotten too
    page.get_by_label("Clear", exact=True).click()  # the chat's own
    page.get_by_text("turn 1").wait_for(state="detached")
    assert ask(page, "newer") == ["turn 1: newer"]


def test_clear_while_it_writes(opened):
    page = opened()
    box(page).fill("slow wiped")
    box(page).press("Enter")
    page.get_by_text("wiped-piece2").wait_for()
    button(page, "Clear the conversation").click()
    button(page, "Send").wait_for()
    time.sleep(0.7)  # nothing comes back
    assert said(page) == [] and said(page, "user") == []
    assert ask(page, "new") == ["turn 1: new"]


def test_markup_is_text_on_both_sides(opened):
    page = opened()
    mine = '<img src="x" onerror="window.hit=9"> html **b** [l](javascript:window.hit=8) $$y$$'
    answer = ask(page, mine)[0]
    assert said(page, "user") == [mine]
    assert answer == chat_sample.HTML
    assert page.evaluate("window.hit") is None
    inside = "img, script, a, b, strong, code, think, .katex, h1, iframe"
    assert page.locator(f"#chat .md :is({inside})").count() == 0


@pytest.mark.parametrize(
    ("sent", "answer", "told"),
    [(["settings", 0, 7.0, 0], "0 7 None", "Answered in"),
     (["settings", None, None, None], "0.8 100 20", "Answered in"),
     ([None, 0.8, 100, 20], "", "Nothing was written"),
     (["settings", "hot", 100, 20], "", "The temperature is &#x27;hot&#x27;; it has to be"),
     (["settings", 0.8, [1], 20], "", "The length is [1]; it has to be a whole number"),
     (["settings", 0.8, 100, 1e400], "", "The top-k is inf; it has to be a whole number")],
)  # fmt: skip
def test_a_program_that_asks_gets_an_answer_or_a_sentence(server, sent, answer, told):
    """As curl does it: nothing is known of who asks."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    url = f"{server.url}/gradio_api/call/ask"
    wanted = urllib.request.Request(
        url, json.dumps({"data": sent}).encode(), {"Content-Type": "application/json"}
    )
    with direct.open(wanted, timeout=30) as reply:
        number = json.load(reply)["event_id"]
    with direct.open(f"{url}/{number}", timeout=30) as reply:
        event, _, data = reply.read().decode().split("\n\n")[-2].partition("\n")
    assert event == "event: complete"
    messages, *_, noted = json.loads(data.removeprefix("data: "))
    assert told in noted
    assert [one["content"][0]["text"] for one in messages if one["role"] == "assistant"] == (
        [answer] if answer else []
    )


def test_an_error_is_shown_and_the_page_lives_on(opened):
    page = opened()
    assert ask(page, "fail") == ["It begins "]
    note(page, "RuntimeError: <b>no more</b> memory")
    assert page.locator("#note b").count() == 0
    assert "Traceback" not in page.locator("body").inner_text()
    assert ask(page, "Hello")[-1].endswith(": Hello")
    assert ask(page, "silent")
    note(page, "without a word")


def test_two_tabs_at_once(opened):
    one, other = opened(), opened()
    for page, name in ((one, "left"), (other, "right")):
        box(page).fill(f"slow {name}")
        box(page).press("Enter")
    one.get_by_text("left-piece5").wait_for()
    other.get_by_text("right-piece5").wait_for()
    assert button(one, "Stop").is_visible() and button(other, "Stop").is_visible()  # both write
    button(one, "Stop").click()
    note(one, "Stopped.")
    before = said(other)[0]
    time.sleep(0.7)
    after = said(other)[0]
    assert after.startswith(before.strip()) and len(after) > len(before)  # only one was stopped
    button(other, "Stop").click()
    note(other, "Stopped.")
    assert "right" not in said(one)[0] and "left" not in said(other)[0]
    assert ask(one, "mine")[1] == "turn 3: mine"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone(opened, scheme):
    page = opened(PHONE, color_scheme=scheme)
    ask(page, "html " + "wide" * 60)
    assert not page.evaluate(TOO_WIDE)
    for part in (box(page), button(page, "Send"), button(page, "Clear the conversation")):
        at = part.bounding_box()
        assert at["x"] >= 0 and at["x"] + at["width"] <= PHONE[0]
        assert at["y"] + at["height"] <= PHONE[1]
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    bright = sum(map(int, re.findall(r"\d+", colour)[:3])) > 380
    assert bright == (scheme == "light")


def test_launched_from_a_notebook(browser, tmp_path, monkeypatch):
    monkeypatch.setenv("GPTLAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    model = chat_sample.chat_model(tmp_path / "model")
    monkeypatch.chdir(tmp_path)
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    served = launch.gradio(model.name, port=port)
    try:
        page = browser.new_page()
        page.goto(served.url)
        box(page).wait_for()
        assert ask(page, "What is a token?") == ["x" * 48]  # its longest
        page.close()
    finally:
        served.stop()
