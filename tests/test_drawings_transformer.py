"""All drawings are sound SVG; in those of chapters 2 and 3 every number is right."""

from __future__ import annotations

import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import torch
from torch.nn import functional as F

from gptlab.toy import ToyConfig, ToyLanguageModel

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "book" / "_ext"))

import attention  # noqa: E402  (the site's extensions are no package: Sphinx finds them by folder)
import drawings  # noqa: E402
import layers  # noqa: E402
import svg  # noqa: E402
import transformer  # noqa: E402

NAMES = sorted(set(drawings.DRAWINGS) - set(drawings.IN_README))
FORMS = pytest.mark.parametrize("tall", [False, True], ids=["wide", "tall"])
SHARED = {"svg", "title", "text", "rect", "path", "circle"}


def drawn(name: str, tall: bool) -> ET.Element:
    """The drawing, parsed."""
    return ET.fromstring(drawings.DRAWINGS[name]({}, tall=tall))


def words(root: ET.Element) -> list[str]:
    """Its lines of text, in the order in which they are drawn."""
    return [part.text or "" for part in root if part.tag.endswith("}text")]


@FORMS
@pytest.mark.parametrize("name", NAMES)
def test_a_drawing_is_sound_and_stays_on_its_page(name: str, tall: bool) -> None:
    root = drawn(name, tall)
    assert {part.tag.split("}")[1] for part in root.iter()} <= SHARED
    assert root.get("aria-label") and root.get("role") == "img"
    width, height = map(float, root.get("viewBox", "").split()[2:])
    assert width <= (345 if tall else 720), "its letters would be too small to read"
    for part in root:
        if part.tag.endswith("}path"):
            places = re.findall(r"(-?[\d.]+),(-?[\d.]+)", part.get("d", ""))
            assert all(0 <= float(x) <= width and 0 <= float(y) <= height for x, y in places)
        if part.tag.endswith("}rect"):
            x, y, w, h = (float(part.get(key, 0)) for key in ("x", "y", "width", "height"))
            assert 0 <= x <= x + w <= width and 0 <= y <= y + h <= height
        if part.tag.endswith("}text"):
            size, long = float(part.get("font-size", 0)), len(part.text or "")
            assert size >= 11
            half = 0.5 * size * long / 2  # 0.5 em a letter, a little less than is usual
            left = {"start": 0.0, "middle": half, "end": 2 * half}[part.get("text-anchor", "")]
            x = float(part.get("x", 0))
            assert left <= x <= width + left - 2 * half, part.text
            assert 0 < float(part.get("y", 0)) <= height


@pytest.mark.parametrize("name", NAMES)
def test_every_colour_follows_the_theme(name: str) -> None:
    text = drawings.DRAWINGS[name]({})
    colours = set(re.findall(r'(?:fill|stroke)="([^"]+)"', text)) - {"none"}
    assert colours <= {svg.INK, svg.SOFT, svg.BOX, svg.LINE, svg.BAR, svg.OPEN}


def test_the_example_is_what_torch_makes_of_it() -> None:
    x, *matrices = (
        torch.tensor(rows, dtype=torch.float64)
        for rows in (attention.GIVEN, attention.W_QUERY, attention.W_KEY, attention.W_VALUE)
    )
    q, k, v = (x @ matrix for matrix in matrices)
    made = {key: torch.tensor(rows) for key, rows in attention.worked().items()}
    whole = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    torch.testing.assert_close(made["output"], whole, check_dtype=False)
    by_hand = torch.tensor([[1, 0, 0], [3 / 4, 1 / 4, 0], [1 / 5, 1 / 5, 3 / 5]])
    torch.testing.assert_close(made["weights"], by_hand)
    torch.testing.assert_close(made["output"][2], torch.tensor([4.0, 12.0]))


@FORMS
def test_the_example_is_drawn_with_its_numbers(tall: bool) -> None:
    found = [word for word in words(drawn("steps", tall)) if word not in "→×="]
    assert found[-6:] == ["5", "5", "3.75", "6.25", "4", "12"]
    found = words(drawn("mixes", tall))
    assert [found.count(share) for share in ("0.33", "0.20", "0.60")] == [3, 2, 1]
    assert {"(3.33, 10)", "(4, 12)"} <= set(found)


@FORMS
def test_the_average_is_that_of_the_past(tall: bool) -> None:
    x = torch.tensor(attention.X, dtype=torch.float64)
    means = [x[: t + 1].mean(0) for t in range(len(x))]
    expected = [svg.figure(value) for row in means for value in row.tolist()]
    assert words(drawn("averages", tall))[-len(expected) :] == expected


def test_a_larger_spread_leaves_one_share() -> None:
    said = re.findall(r"largest share ([\d.]+)", attention.sharp({}))
    assert len(said) == 3 and float(said[0]) < 0.5 and float(said[2]) > 0.95


def test_the_parameters_add_up_to_those_of_the_model() -> None:
    sizes = {"n_embd": layers.C, "n_head": layers.N_HEAD, "n_layer": layers.N_LAYER}
    model = ToyLanguageModel(ToyConfig(layers.V, layers.T, **sizes))
    counted = transformer.parameters_by_part()
    assert sum(counted.values()) == sum(p.numel() for p in model.parameters())
    norms = [p.numel() for name, p in model.named_parameters() if "ln" in name]
    assert counted["layer norms"] == sum(norms)
    thinking = [p.numel() for name, p in model.named_parameters() if "ffwd" in name]
    assert counted["feed-forward"] == sum(thinking)


def test_another_count_in_the_records_is_refused() -> None:
    ran = {"lab03_toy_gpt": {"numbers": {"n_parameters": 209_728}}}
    with pytest.raises(ValueError, match=r"counts 209,729.*recorded 209,728"):
        transformer.parameters(ran)


@FORMS
def test_layer_norm_is_torchs(tall: bool) -> None:
    given = torch.tensor(layers.PLACES, dtype=torch.float64)
    expected = F.layer_norm(given, given.shape[-1:], eps=0.0).flatten().tolist()
    said = [word for word in words(drawn("norm", tall)) if re.fullmatch(r"[−\d.]+", word)]
    assert said[-len(expected) :] == [svg.figure(value) for value in expected]


def test_attention_never_goes_back_to_an_earlier_lane() -> None:
    lanes = 5
    parts = transformer.look_and_think(lambda along, lane: (along, lane * 100.0), 0, lanes)
    lines = [part for part in parts if part.startswith("<path")]
    ends = [re.findall(r"[ML]([\d.]+),([\d.]+)", line)[:2] for line in lines]
    assert len(ends) == lanes * (lanes - 1) / 2
    assert all(float(start[1]) < float(end[1]) for start, end in ends)


@pytest.mark.parametrize(
    ("value", "shown"), [(-float("inf"), "−∞"), (2.0, "2"), (-1.0, "−1"), (1 / 3, "0.33")]
)
def test_how_a_number_is_written(value: float, shown: str) -> None:
    assert svg.figure(value) == shown


def test_only_the_drawings_of_the_readme_become_files() -> None:
    records = {"ladder": {"text": "", "rungs": [{"name": "uniform", "loss": 2.0, "steps": 0}]}}
    assert {path.name for path in drawings.files(records)} == {"flow.svg", "ladder.svg"}
