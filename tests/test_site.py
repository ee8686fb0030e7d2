"""The site: it builds without a warning, needs nothing from outside, and shows its labs rightly."""

from __future__ import annotations

import functools
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from site_pages import Loads, css_addresses, outside, read

from gptlab.checks import lab01_bigram as check
from gptlab.checks.core import CheckFailed

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "book" / "_ext"))

import drawings  # noqa: E402  (the site's extensions are no package: Sphinx finds them by folder)
import lab_pages  # noqa: E402
import ladder  # noqa: E402
import recorded  # noqa: E402

CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PHONE = 390  # pixels


def toc() -> list[str]:
    """Every page that book/_toc.yml names, the front page first."""
    contents = yaml.safe_load((ROOT / "book" / "_toc.yml").read_text("utf-8"))
    chapters = [chapter["file"] for part in contents["parts"] for chapter in part["chapters"]]
    return [contents["root"], *chapters]


LABS = [page for page in toc() if page.startswith("labs/")]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a fresh build, made with the network's proxies pointing nowhere."""
    out = tmp_path_factory.mktemp("site")
    nowhere = "http://127.0.0.1:9"
    command = ["jupyter-book", "build", str(ROOT), "--toc"]
    command += [str(ROOT / "book" / "_toc.yml"), "-n", "-W", "--keep-going"]
    done = subprocess.run(
        [*command, "--path-output", str(out)],
        capture_output=True,
        text=True,
        timeout=600,
        env={**os.environ, "http_proxy": nowhere, "https_proxy": nowhere, "NO_COLOR": "1"},
    )
    said = done.stdout + done.stderr
    warnings = [line for line in said.splitlines() if re.search(r"WARNING|ERROR", line)]
    assert done.returncode == 0, "\n".join(warnings) or said[-3000:]
    assert not warnings
    return out / "_build" / "html"


def cells(page: str) -> list[dict]:
    """The cells of a lab's notebook."""
    return json.loads((ROOT / f"{page}.ipynb").read_text("utf-8"))["cells"]


@pytest.mark.parametrize(
    "html",
    [
        '<script src="https://example.org/a.js"></script>',
        '<img src="//example.org/a.png">',
        '<link rel="stylesheet" href="http://example.org/a.css">',
        '<p style="background: url(https://example.org/a.png)">',
        '<svg><use href="https://example.org/a.svg#b"/></svg>',
    ],
)
def test_the_scanner_sees_what_is_loaded_from_outside(html: str) -> None:
    loads = Loads()
    loads.feed(html)
    assert len(outside(loads.loaded)) == 1


def test_the_scanner_passes_links_and_own_files() -> None:
    loads = Loads()
    loads.feed('<a href="https://example.org">x</a><img src="_images/a.png"><img src="data:a">')
    assert outside(loads.loaded) == []
    assert css_addresses('@import "a.css"; p { src: url("b.woff2") }') == ["a.css", "b.woff2"]


def test_only_the_configuration_names_the_repository() -> None:
    name = "/".join(CONFIG["repository"]["url"].split("/")[-2:])
    pages = [*(ROOT / "book").rglob("*.*"), *ROOT.glob("*.md")]
    texts = [p for p in pages if p.suffix in {".md", ".py", ".css", ".yml", ".bib", ".svg"}]
    assert len(texts) > 10
    assert [str(p) for p in texts if name in p.read_text("utf-8")] == []


def test_a_recorded_number_is_shown_with_three_decimals_unless_asked() -> None:
    record = {
        "lab": "lab09_x", "machine": {}, "text": "a play", "seed": 1, "seconds": {"all": 2.0},
        "numbers": {"loss": 2.48, "steps": 500, "rungs": {"first": 4.0}},
    }  # fmt: skip
    found = recorded.substitutions({"lab09_x": record})["lab09_x"]
    assert str(found["loss"]) == "2.480"
    assert (found["loss"].places(1), found["loss"].perplexity, found["loss"].bits) == (
        "2.5", "11.9", "3.58",
    )  # fmt: skip
    assert str(found["steps"]) == "500"
    assert str(found["rungs"]["first"]) == "4.000"
    assert found["text"] == "a play"


@pytest.mark.parametrize(("text", "says"), [("{", "not JSON"), ('{"lab": "x"}', "machine")])
def test_a_damaged_record_is_named(tmp_path: Path, text: str, says: str) -> None:
    folder = tmp_path / "solutions" / "figures" / "lab09_x"
    folder.mkdir(parents=True)
    (folder / "numbers.json").write_text(text)
    with pytest.raises(ValueError, match=rf"numbers\.json.*{says}.*make figures"):
        recorded.read_records(tmp_path)


def test_a_tagged_markdown_cell_gets_its_class() -> None:
    assert 'class="cell tag_todo"' in lab_pages.wrapped("**TO-DO**", ["todo"])
    assert lab_pages.wrapped("plain", []) == "plain"
    assert lab_pages.wrapped("## Heading", ["todo"]) == "## Heading"


def test_the_messages_that_students_are_shown_are_those_of_the_check() -> None:
    def pair_probabilities(counts):
        raise NotImplementedError

    def without_keepdim(counts):
        return (counts + 1) / (counts + 1).sum(1)

    def anywhere(text: str) -> str:
        return re.sub(r"line \d+ of", "line N of", text)

    page = anywhere((ROOT / "book" / "students.md").read_text("utf-8"))
    for answer, verdict in ((pair_probabilities, "attempted"), (without_keepdim, "likely")):
        with pytest.raises(CheckFailed) as failed:
            check.probabilities(answer)
        assert verdict in str(failed.value)
        assert f"```text\n{anywhere(str(failed.value))}\n```" in page


def test_the_numbers_in_the_readme_are_those_of_the_last_run() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    losses = recorded.read_records(ROOT)["lab01_bigram"]["numbers"]["ladder"]
    mistakes = sum(recorded.count_mistakes(ROOT).values())
    assert f" {mistakes} named mistakes" in readme
    assert f"{losses['counted bigram']:.3f} nats" in readme
    assert f"descent {losses['trained bigram']:.3f}" in " ".join(readme.split())
    toy = ladder.read(ROOT)["rungs"][-1]
    assert f"comes to {toy['loss']:.3f} in {toy['steps']:,} steps" in " ".join(readme.split())


@pytest.mark.parametrize("tall", [False, True])
def test_the_ladder_is_drawn_from_its_record(tall: bool) -> None:
    record = ladder.read(ROOT)
    svg = ladder.draw({"ladder": record}, tall=tall)
    assert [rung["name"] for rung in record["rungs"]] == list(ladder.NAMES)
    for rung in record["rungs"]:
        assert f">{ladder.NAMES[rung['name']]}<" in svg
        assert f">{rung['loss']:.2f}<" in svg
        assert f"| {rung['name']} | {rung['loss']:.3f} |" in ladder.table(record)


def test_a_missing_ladder_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"ladder\.json.*python -m benchmarks ladder"):
        ladder.read(tmp_path)


def test_the_drawings_in_the_readme_are_the_newest() -> None:
    for path, svg in drawings.files({"ladder": ladder.read(ROOT)}).items():
        old = f"{path} is out of date: python book/_ext/drawings.py"
        assert path.read_text("utf-8") == svg, old


@pytest.mark.slow
def test_every_page_of_the_toc_is_there(site: Path) -> None:
    for page in toc():
        text = (site / f"{page}.html").read_text("utf-8")
        assert "<h1>" in text and "system-message" not in text, page
    assert (site / "index.html").is_file()


@pytest.mark.slow
def test_nothing_is_loaded_from_outside(site: Path) -> None:
    pages, sheets = list(site.rglob("*.html")), list(site.rglob("*.css"))
    assert len(pages) >= len(toc()) and sheets
    found = {str(p): outside(read(p).loaded) for p in pages}
    found |= {str(s): outside(css_addresses(s.read_text("utf-8"))) for s in sheets}
    assert {name: addresses for name, addresses in found.items() if addresses} == {}


@pytest.mark.slow
def test_mathematics_comes_from_the_site_itself(site: Path) -> None:
    loaded = read(site / "book" / "ch01_bigram.html").loaded
    (script,) = [address for address in loaded if "mathjax" in address]
    path = (site / "book" / script.split("?")[0]).resolve()
    assert path.is_file() and list(path.parent.rglob("*.woff"))


@pytest.mark.slow
@pytest.mark.parametrize("page", LABS)
def test_the_todo_cells_of_a_lab_have_their_class(site: Path, page: str) -> None:
    for tag in ("todo", "predict"):
        tagged = [cell for cell in cells(page) if tag in cell["metadata"].get("tags", [])]
        assert tagged, f"{page} has no cell tagged {tag}"
        assert read(site / f"{page}.html").classes.count(f"tag_{tag}") == len(tagged)


@pytest.mark.slow
@pytest.mark.parametrize("page", LABS)
def test_the_colab_link_of_a_lab_leads_to_its_notebook(site: Path, page: str) -> None:
    name = "/".join(CONFIG["repository"]["url"].split("/")[-2:])
    right = (
        f"https://colab.research.google.com/github/{name}/blob/"
        f"{CONFIG['repository']['branch']}/{page}.ipynb"
    )
    links = [link for link in read(site / f"{page}.html").links if "colab" in link]
    assert len(links) == 2, "one in the page's header, one under its title"
    assert set(links) == {right}
    assert (ROOT / f"{page}.ipynb").is_file()


@pytest.mark.slow
@pytest.mark.parametrize("page", LABS)
def test_a_lab_is_shown_and_not_run(site: Path, page: str) -> None:
    text = (site / f"{page}.html").read_text("utf-8")
    assert "NotImplementedError" in text
    assert "cell_output" not in read(site / f"{page}.html").classes


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves a folder without a log."""

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture(scope="module")
def seen(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, dict]]:
    """What headless Chromium found on each page, by page."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip(f"no browser here: none of {', '.join(BROWSERS)} is on PATH")
    pages = [f"{page}.html" for page in toc()]
    probe = site / "probe.html"
    script = (ROOT / "tests" / "site_probe.html").read_text("utf-8")
    script = script.replace('"PAGES"', json.dumps(pages)).replace('"WIDTH"', str(PHONE))
    probe.write_text(script, "utf-8")
    handler = functools.partial(Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        flags = "headless no-sandbox disable-gpu disable-quic no-first-run disable-sync"
        flags += " disable-background-networking disable-component-update dump-dom"
        done = subprocess.run(
            [
                browser,
                *(f"--{flag}" for flag in flags.split()),
                f"--user-data-dir={tmp_path_factory.mktemp('browser')}",
                "--virtual-time-budget=120000",
                f"http://127.0.0.1:{server.server_port}/probe.html",
            ],
            capture_output=True,
            text=True,
            timeout=240,
        )
        server.shutdown()
    probe.unlink()
    found = re.search(r'<pre id="found">(\{.*?\})</pre>', done.stdout, re.S)
    assert found, f"the browser found nothing: {done.stderr[-1000:]}"
    yield json.loads(found[1].replace("&amp;", "&"))


@pytest.mark.slow
def test_no_page_is_wider_than_a_phone(seen: dict[str, dict]) -> None:
    assert len(seen) == len(toc())
    assert {page: found["wide"] for page, found in seen.items() if found["wide"] > PHONE} == {}


@pytest.mark.slow
def test_the_browser_loads_from_nowhere_else(seen: dict[str, dict]) -> None:
    addresses = [address for found in seen.values() for address in found["loaded"]]
    assert addresses
    assert [a for a in addresses if not a.startswith(("http://127.0.0.1:", "data:"))] == []


@pytest.mark.slow
def test_formulas_are_set(seen: dict[str, dict]) -> None:
    assert seen["book/ch01_bigram.html"]["formulas"] >= 5


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_can_be_read_in_both_modes(seen: dict[str, dict], theme: str) -> None:
    """4.5 : 1 is what WCAG asks of text (level AA)."""
    weak = {page: found["contrasts"][theme] for page, found in seen.items()}
    assert {page: ratio for page, ratio in weak.items() if ratio < 4.5} == {}
