"""What a browser sees: pages of feedback and of formgrader run and load nothing of a student's."""

from __future__ import annotations

import base64
import csv
import io
import json
import os
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import hostile_notebook as hostile
import nbformat
import pytest
import sample_tree
from hypothesis import given, settings
from hypothesis import strategies as st
from nbconvert.filters.markdown_mistune import markdown2html_mistune
from nbformat.v4 import new_code_cell, new_notebook, new_output
from nbgrader.api import Gradebook
from PIL import Image

from autograder import outputs, texts

NAME = sample_tree.NAME
PAYLOAD = hostile.LINE


def a_picture(form: str, size: tuple[int, int] = (4, 4)) -> str:
    """In base64."""
    file = io.BytesIO()
    Image.new("L", size).save(file, form)
    return base64.b64encode(file.getvalue()).decode()


def claiming(png: str, side: int) -> str:
    """A small PNG whose head says that it is large: opened carelessly, it fills the memory."""
    data = base64.b64decode(png)
    head = b"IHDR" + struct.pack(">II", side, side) + data[24:29]
    return base64.b64encode(
        data[:12] + head + struct.pack(">I", zlib.crc32(head)) + data[33:]
    ).decode()


@pytest.mark.parametrize("text", hostile.HONEST)
def test_an_honest_text_stays_and_reads_right(text):
    assert texts.as_typed(text) == text
    assert not list(hostile.dangers(texts.safe_html(text)))


def test_less_than_reads_right_in_words_code_and_mathematics():
    made = texts.safe_html("a < b, `a<b`, $a<b$ and a&lt;b")
    assert made.strip() == "<p>a &lt; b, <code>a&lt;b</code>, $a&lt;b$ and a&lt;b</p>"


@pytest.mark.parametrize("text", hostile.TEXTS)
def test_each_wall_alone_holds_a_hostile_text(text):
    assert not list(hostile.dangers(texts.safe_html(text)))
    typed = texts.as_typed(text)
    assert not list(hostile.dangers(markdown2html_mistune(typed)))
    assert typed == text or text in typed


def test_most_hostile_texts_would_get_through_without_the_walls():
    through = [
        text for text in hostile.TEXTS
        if "attachment:" in text or list(hostile.dangers(markdown2html_mistune(text)))
    ]  # fmt: skip
    assert len(through) > 25


PIECES = st.lists(st.sampled_from([*hostile.TEXTS[:-1], "`", "```\n", "$", "$$", "\n", "~~~\n",
                                   "> ", "- ", "    ", "\\", "<", "&lt;", "|", "]("]))  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(PIECES.map("".join))
def test_mixed_texts_meet_both_walls(text):
    assert not list(hostile.dangers(texts.safe_html(text)))
    assert not list(hostile.dangers(markdown2html_mistune(texts.as_typed(text))))


def test_a_text_of_any_length_is_shown_in_part_and_says_so():
    typed = texts.as_typed("\\begin{a}" * 100_000)
    assert len(typed) < texts.MOST_TEXT + 200 and "has 900,000 characters" in typed
    picture = f"![a](data:image/png;base64,{a_picture('PNG', (2000, 2000))})"
    assert texts.as_typed(f"mine: {picture * 9}") == f"mine: {picture * 9}"
    code = texts.shortened("x = 1\n" * 100_000)
    assert len(code) < texts.MOST_CODE + 100 and code.endswith("has 600,000 characters")


def shown(*found: object) -> list:
    """What is left of these outputs."""
    nb = new_notebook(cells=[new_code_cell("x")])
    nb.cells[0]["outputs"] = list(found)
    outputs.tidy(nb)
    nbformat.validate(nb)
    return nb.cells[0].outputs


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(), max_size=9),
    lambda deeper: st.lists(deeper, max_size=3) | st.dictionaries(st.text(max_size=5), deeper),
    max_leaves=6,
)
KINDS = ["stream", "error", "display_data", "execute_result", "update_display_data", None, 7]
FIELDS = ["name", "text", "data", "metadata", "execution_count", "ename", "evalue", "traceback"]
BUNDLE = st.dictionaries(st.sampled_from(["text/plain", "image/png", "text/html", "x"]), JSON)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.builds(
    lambda kind, fields, data: {"output_type": kind, **fields, **data},
    st.sampled_from(KINDS), st.dictionaries(st.sampled_from(FIELDS), JSON),
    st.just({}) | st.builds(dict, data=BUNDLE),
) | JSON))  # fmt: skip
def test_outputs_of_any_form_become_valid_ones(found):
    kept = shown(*found)
    assert all(set(output.get("data", {})) <= {"text/plain"} for output in kept)
    json.dumps(kept, ensure_ascii=False).encode("utf-8")


def test_a_picture_is_shown_only_if_it_is_one():
    for form, kind in (("PNG", "image/png"), ("JPEG", "image/jpeg")):
        good = a_picture(form)
        [kept] = shown(new_output("display_data", {kind: good + "\n", "text/plain": "<Figure>"}))
        assert kept.data == {kind: good, "text/plain": "<Figure>"}
    png = a_picture("PNG")
    bad = [png[:40], f'{png}"><script>', a_picture("GIF"), a_picture("JPEG"), PAYLOAD, [png], 7,
           a_picture("PNG", (6000, 1)), claiming(png, 40_000)]  # fmt: skip
    for picture in bad:
        [kept] = shown({"output_type": "display_data", "data": {"image/png": picture}})
        assert "a picture that is not shown" in kept.data.pop("text/plain") and not kept.data


def test_outputs_are_bounded_and_say_so():
    [kept] = shown(new_output("stream", text="y" * 50_000_000))
    assert len(kept.text) < outputs.MOST_TEXT + 100 and "50,000,000 characters in all" in kept.text
    [kept] = shown(*[new_output("stream", text="line\n")] * 5_000)
    assert kept.text == "line\n" * 5_000
    many = shown(*[new_output("display_data", {"text/plain": "x"})] * 5_000)
    assert len(many) == outputs.MOST_OUTPUTS + 1 and "4,900 more outputs" in many[-1].text
    nb = new_notebook(cells=[new_code_cell("x", outputs=[
        new_output("display_data", {"text/plain": "z" * outputs.MOST_TEXT})] * 99,
    ) for _ in range(20)])  # fmt: skip
    outputs.tidy(nb)
    assert len(json.dumps(nb)) < outputs.MOST_SHOWN * 1.01
    assert "99 more outputs" in nb.cells[-1].outputs[-1].text


@pytest.fixture(scope="module")
def marked(graded_class, tmp_path_factory) -> tuple[Path, dict[str, str]]:
    """A class of a hostile and an honest student, graded; the checkout, and its surroundings."""
    root, _ = graded_class
    folder, course = tmp_path_factory.mktemp("in"), tmp_path_factory.mktemp("marked") / "course"
    full = nbformat.read(root / "course" / "handed_in" / NAME / "sample-full.ipynb", as_version=4)
    nbformat.write(hostile.make(full), folder / "mallory.ipynb")
    written = next(cell for cell in full.cells if cell.id == "explain-meaning")
    written.source = "\n\n".join(hostile.HONEST)
    drawn = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"
    full.cells.append(new_code_cell(drawn))
    nbformat.write(full, folder / "ann.ipynb")
    where = {"COURSE_ROOT": str(course)}
    sample_tree.run(root, "autograder", "collect", NAME, str(folder), **where)
    sample_tree.run(root, "autograder", "grade", NAME, **where)
    with Gradebook(f"sqlite:///{course}/gradebook.db") as opened:  # as a class list says it
        opened.update_or_create_student("mallory", first_name=hostile.IMG, last_name=PAYLOAD)
    sample_tree.run(root, "autograder", "feedback", NAME, **where)
    return root, where


class Watched:
    """A page of the browser, and all that it tried: requests, dialogs, scripts that ran."""

    def __init__(self, browser, size: tuple[int, int] = (1280, 2000)):
        self.page = browser.new_page(
            viewport={"width": size[0], "height": size[1]},
            extra_http_headers={"Authorization": "token secret"},  # for the Jupyter server
        )
        self.requests: list = []
        self.dialogs: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request))
        self.page.on("dialog", self._dialog)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _dialog(self, dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def ran(self) -> bool:
        return bool(self.dialogs or self.page.evaluate("window.pwned"))

    def outside(self, home: str) -> list[str]:
        """Addresses it asked for, but for data: and those of home."""
        asked = [one.url for one in self.requests if one.failure != "csp"]
        return [url for url in asked if not url.startswith((home, "data:"))]


@pytest.mark.slow
def test_the_watch_sees_what_a_page_without_walls_does(browser, tmp_path):
    (tmp_path / "a.html").write_text("".join(markdown2html_mistune(t) for t in (
        hostile.IMG, f"![a]({hostile.OUTSIDE}.png)"
    )))  # fmt: skip
    watched = Watched(browser)
    watched.page.goto(f"file://{tmp_path}/a.html")
    watched.page.wait_for_function("window.pwned")
    assert watched.ran() and f"{hostile.OUTSIDE}.png" in watched.outside("file:")


@pytest.mark.slow
@pytest.mark.parametrize("student", ["mallory", "ann"])
def test_a_feedback_page_runs_and_loads_nothing(marked, browser, student):
    _, where = marked
    path = Path(where["COURSE_ROOT"]) / "feedback" / student / NAME / f"{NAME}.html"
    for width in (1280, 390):
        watched = Watched(browser, (width, 2000))
        watched.page.goto(f"file://{path}")
        assert not watched.ran() and not watched.errors
        assert watched.outside("data:") == [f"file://{path}"]
        wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not watched.page.evaluate(wide)
    main = watched.page.locator("main")
    assert not list(hostile.dangers(main.inner_html()))
    assert main.locator("img").count() >= 1
    assert watched.page.locator("header tbody tr").count() == 4


@pytest.mark.slow
def test_the_policy_of_a_feedback_page_holds_alone(marked, browser, tmp_path):
    """If every cleaning failed, the browser would still run and load nothing.

    It would follow a `meta refresh`, to a page that is not ours: no policy stops that.
    """
    _, where = marked
    path = Path(where["COURSE_ROOT"]) / "feedback" / "ann" / NAME / f"{NAME}.html"
    raw = "".join(markdown2html_mistune(t) for t in hostile.TEXTS
                  if "attachment:" not in t and "http-equiv" not in t)  # fmt: skip
    (tmp_path / "a.html").write_text(path.read_text().replace("<main>", f"<main>{raw}"))
    watched = Watched(browser)
    watched.page.goto(f"file://{tmp_path}/a.html")
    assert watched.page.locator("main script").count() >= 1
    assert not watched.ran() and watched.outside("data:") == [f"file://{tmp_path}/a.html"]


@pytest.mark.slow
def test_a_feedback_page_is_for_a_reader(marked, browser):
    _, where = marked
    path = Path(where["COURSE_ROOT"]) / "feedback" / "mallory" / NAME / f"{NAME}.html"
    page = Watched(browser).page
    page.goto(f"file://{path}")
    text = page.locator("body").inner_text()
    assert "TO-DO 1 of 4" in text and "<font" not in text and "Test cell" not in text
    assert "mean: value" in text and "expected    7.0" in text
    assert "found       '</pre></div><img src=x" in text  # what the student's value was, as text
    assert "waits for a person" in text and "def test_" not in text
    page.locator("header").get_by_role("link", name="mean", exact=True).click()
    assert page.url.endswith("#mean")


@pytest.fixture(scope="module")
def jupyter(marked) -> Iterator[str]:
    """The address of a Jupyter server with nbgrader's formgrader, over the class."""
    root, where = marked
    course, runtime = where["COURSE_ROOT"], root / "runtime"
    env = {**os.environ, **where, "PYTHONPATH": str(root), "JUPYTER_RUNTIME_DIR": str(runtime)}
    env.pop("GRADEBOOK_URL", None)
    command = [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", "--port=0",
               "--ip=127.0.0.1", f"--ServerApp.root_dir={course}",
               "--IdentityProvider.token=secret"]  # fmt: skip
    with (runtime.parent / "server.log").open("w") as log:
        server = subprocess.Popen(command, cwd=root, env=env, stdout=log, stderr=log)
    try:
        for _ in range(300):
            files = list(runtime.glob("jpserver-*.json"))
            if files:
                break
            assert server.poll() is None, (runtime.parent / "server.log").read_text()
            time.sleep(0.1)
        yield json.loads(files[0].read_text())["url"]
    finally:
        server.terminate()
        server.wait(30)


def opened(watched: Watched, address: str, student: str) -> str:
    """Open formgrader's page of a student's notebook; its address."""
    watched.page.goto(f"{address}formgrader/gradebook/{NAME}/{NAME}")
    watched.page.get_by_text("Submission #1").wait_for()
    known = watched.page.request.get(f"{address}formgrader/api/submitted_notebooks/{NAME}/{NAME}")
    [id] = [one["id"] for one in known.json() if one["student"] == student]
    watched.page.goto(f"{address}formgrader/submissions/{id}")
    watched.page.wait_for_function("formgrader.loaded && formgrader.grades.loaded")
    return watched.page.url


@pytest.mark.slow
def test_formgrader_runs_and_loads_nothing_of_a_student(marked, browser, jupyter):
    watched = Watched(browser)
    opened(watched, jupyter, "mallory")
    cells = watched.page.locator("#notebook-container")
    assert cells.locator(".text_cell").count() > len(hostile.TEXTS)
    shown = ".rendered_html, .output, .input_area"
    for part in cells.locator(shown).all():
        assert not list(hostile.dangers(part.inner_html()))
    watched.page.evaluate("toggle_name(true)")
    assert f"{PAYLOAD}, {hostile.IMG}" in watched.page.locator("a.name-shown").inner_text()
    for one in ("manage_students", "manage_students/mallory", f"manage_submissions/{NAME}",
                "gradebook", f"gradebook/{NAME}/{NAME}"):  # fmt: skip
        watched.page.goto(f"{jupyter}formgrader/{one}")
        watched.page.wait_for_load_state("networkidle")
        assert not watched.ran(), one
    assert not watched.errors and not watched.outside(jupyter)


@pytest.mark.slow
def test_a_mark_given_in_formgrader_stays_when_graded_again(marked, browser, jupyter):
    root, where = marked
    watched = Watched(browser)
    opened(watched, jupyter, "ann")
    page = watched.page
    text = page.locator("#notebook-container").first.inner_text()
    assert "since a < b and c > d." in text and "Where a<b and x = {1: '<'}, so it is" in text
    assert "One point for balance" in text  # the marking scheme
    for field, value, api in (("#meaning", "2", "grade"),
                              ("#meaning-comment", "Say *why* it is **so**.", "comment"),
                              ("#double", "9", "grade")):  # fmt: skip
        saved = f"/formgrader/api/{api}/"
        with page.expect_response(lambda got, saved=saved: saved in got.url and got.ok):
            page.locator(field).fill(value)
            page.locator(field).blur()
    path = Path(where["COURSE_ROOT"]) / "submitted" / "ann" / NAME / f"{NAME}.ipynb"
    nb = nbformat.read(path, as_version=4)
    next(c for c in nb.cells if c.id == "answer-mean").source += "\nmean = 25.0"
    nbformat.write(nb, path)
    assert "1 graded now" in sample_tree.run(root, "autograder", "grade", NAME, **where)
    sample_tree.run(root, "nbgrader", "autograde", NAME, "--student", "ann", "--force", **where)
    # double 9 and meaning 2 by hand, why_two 1.5; mean without its core: a quarter of 6
    assert exported(root, where) == 9 + 2 + 1.5 + 1.5

    sample_tree.run(root, "autograder", "feedback", NAME, **where)
    page.goto(f"file://{where['COURSE_ROOT']}/feedback/ann/{NAME}/{NAME}.html")
    assert page.locator("h1").first.inner_text() == f"{NAME}: 14 of 20 points"
    item = page.locator("section#meaning")
    assert "marked by a person · 2 of 3 points" in item.inner_text()
    assert "Say why it is so." in item.locator(".comment").inner_text()
    assert "9 of 9.5" in page.locator("section#double").inner_text()


def exported(root: Path, where: dict[str, str]) -> float:
    """Ann's score in nbgrader's CSV."""
    path = Path(where["COURSE_ROOT"]) / "grades.csv"
    sample_tree.run(root, "nbgrader", "export", "--to", str(path), **where)
    with path.open() as file:
        [score] = [row["score"] for row in csv.DictReader(file) if row["student_id"] == "ann"]
    return float(score)
