"""The drawings and numbers of the pages on benchmarks and tips: those of the record."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
from drawing_checks import lie_apart, parts, stand_out, words

from benchmarks import chat

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "book" / "_ext"))

import bench_shown  # noqa: E402  (the site's extensions are no package: Sphinx finds them by folder)

FORMS = pytest.mark.parametrize("tall", [False, True], ids=["wide", "tall"])
PAGE = (ROOT / "book" / "benchmarks.md").read_text("utf-8")
TIPS = (ROOT / "book" / "tips.md").read_text("utf-8")
WHERE = {"chat-speed": PAGE, "large-small": PAGE, "step-memory": TIPS}
RECORD = bench_shown.record()
CARD = {"ms": 2.0, "tokens a second": 500.0, "MB": 1234.5}


def with_a_card(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict:
    """The numbers of the same record, had there been a GPU."""
    told = json.loads(json.dumps(RECORD)) | {"gpu": "a card"}
    for kind in ("writing", "training"):
        for devices in told[kind].values():
            devices["cuda"] = CARD
    (tmp_path / "chat.json").write_text(json.dumps(told), encoding="utf-8")
    monkeypatch.setattr(bench_shown, "RECORD", tmp_path / "chat.json")
    return bench_shown.numbers()


@FORMS
@pytest.mark.parametrize("name", bench_shown.DRAWINGS)
def test_words_can_be_read(name: str, tall: bool) -> None:
    stand_out(name, tall)
    lie_apart(name, tall)
    assert not [part for part in parts(name, tall).iter() if part.tag.endswith("}line")]


@pytest.mark.parametrize("name", bench_shown.DRAWINGS)
def test_every_drawing_is_on_its_page(name: str) -> None:
    assert f"```{{drawing}} {name}\n" in WHERE[name]


def test_the_bars_are_the_rates() -> None:
    bars = [part for part in parts("chat-speed", False) if part.tag.endswith("}rect")]
    short, long = (bench_shown.rates(told) for told in RECORD["decoding"].values())
    stated = [RECORD["stated"][key] for key in bench_shown.STATED]
    expected = [rate for way in short for rate in (short[way], long[way])] + stated
    lengths = [float(bar.get("width")) for bar in bars]
    scale = max(lengths) / max(expected)
    assert lengths == pytest.approx([max(rate * scale, 1) for rate in expected], abs=0.06)
    assert {"18.3", "116.1", "143"} <= set(words("chat-speed"))


def test_the_words_for_a_way_are_the_benchmarks() -> None:
    assert tuple(bench_shown.SHORT) == chat.WAYS
    assert bench_shown.STATED.keys() <= chat.STATED.keys()


def test_rounding_costs_the_tiny_model_next_to_nothing() -> None:
    assert abs(RECORD["losses"]["int8"] - RECORD["losses"]["float32"]) < 0.01


def test_what_needs_a_gpu_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if RECORD["gpu"] is None:
        told = bench_shown.numbers()
        for kind in ("writing", "training"):
            for name in ("chat", "large"):
                assert set(told[kind][name]["cuda"].values()) == {bench_shown.NO_GPU}
                assert told[kind][name]["faster"] == bench_shown.NO_GPU
    told = with_a_card(monkeypatch, tmp_path)
    assert told["gpu"] == "a card" and told["writing"]["chat"]["cuda"]["MB"] == "1,234"
    ratio = RECORD["training"]["large"]["cpu"]["ms"] / 2
    assert told["training"]["large"]["faster"] == f"{ratio:.1f} times"
    assert told["large"]["writing"]["cuda"] == "1.0"
    assert bench_shown.NO_GPU not in json.dumps(told)


def test_the_page_types_no_figure_of_a_run_by_hand() -> None:
    _, prose = PAGE.split("## Writing")
    prose = re.sub(r"{{.*?}}|`[^`]*`|```.*?```|\(.*?\)", "", prose, flags=re.S)
    stated = {"88.9", "3080"}
    shape = {"8", "12", "512", "768", "10", "900", "896", "1,024", "127", "1", "32", "2"}
    found = set(re.findall(r"(?<![\w.])\d[\d,.]*\d|(?<![\w.])\d", prose))
    assert found <= stated | shape, found - stated - shape


def test_the_page_shows_pico_gpts_block_before_ours() -> None:
    shown = re.findall(r"recorded-text} bench\.(\w+)", PAGE)
    assert shown == ["theirs", "writing"] and set(shown) <= RECORD["printed"].keys()
    told = bench_shown.numbers()["stated"]
    assert [told[key] for key in ("ms_cpu", "ms_gpu", "MB", "tokens")] == [
        "2739.40", "430.50", "981.1", "50"]  # fmt: skip
    assert all(f"bench.stated.{key} " in PAGE for key in told)


def test_a_record_that_is_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bench_shown, "RECORD", tmp_path / "none.json")
    with pytest.raises(ValueError, match=r"none\.json.*python -m benchmarks chat_record"):
        bench_shown.numbers()
