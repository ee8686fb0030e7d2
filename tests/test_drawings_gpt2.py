"""The drawings of chapter 5: shapes that NumPy finds, counts that add up, kinds that are true."""

from __future__ import annotations

import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from gptlab import numpy_gpt, tiny, weights

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "book" / "_ext"))

import drawings  # noqa: E402  (the site's extensions are no package: Sphinx finds them by folder)
import gpt2_shapes  # noqa: E402
import numpy_speed  # noqa: E402

FORMS = pytest.mark.parametrize("tall", [False, True], ids=["wide", "tall"])
CHAPTER = (ROOT / "book" / "ch05_numpy_gpt2.md").read_text("utf-8")
TOTAL = 124_439_808


def words(name: str, tall: bool = False) -> list[str]:
    """The lines of text of a drawing, in the order in which they are drawn."""
    root = ET.fromstring(drawings.DRAWINGS[name]({}, tall=tall))
    return [part.text or "" for part in root if part.tag.endswith("}text")]


def test_the_parts_add_up_to_gpt2() -> None:
    counted = gpt2_shapes.parts_of_gpt2()
    assert sum(counted.values()) == TOTAL
    assert counted["feed-forward"] == 12 * 4_722_432
    assert counted["layer norms"] == 25 * 2 * 768


@FORMS
def test_the_tree_adds_up_too(tall: bool) -> None:
    rows = gpt2_shapes.tree_rows()
    counts = {(depth, name): many for depth, name, _, many in rows}
    top = [int(counts[0, name].replace(",", "")) for name in ("wte", "wpe", "ln_f")]
    each = int(counts[0, "blocks"].split()[-1].replace(",", ""))
    inside = sum(int(many.replace(",", "")) for depth, _, _, many in rows if depth and many)
    assert each == inside and sum(top) + 12 * each == TOTAL
    said = words("tree", tall)
    assert [row[1] for row in rows] == [word for word in said if word in {row[1] for row in rows}]


def test_the_tree_has_the_branches_of_a_real_one() -> None:
    params = tiny.params()
    names = {name for _, name, _, _ in gpt2_shapes.tree_rows()}
    block = params["blocks"][0]
    inner = {name for branch in ("attn", "mlp") for name in block[branch]}
    assert names == set(params) | set(block) | inner


def shapes_met(monkeypatch: pytest.MonkeyPatch, T: int) -> dict[str, tuple[int, ...]]:
    """The shape that each step hands on, in a model with GPT-2's width and one block."""
    C, H, V = gpt2_shapes.WIDTH, gpt2_shapes.HEADS, 50
    chance = np.random.default_rng(0)
    flat = {place: chance.standard_normal(shape, np.float32)
            for place, shape in weights.shapes_by_place(V, 20, C, 1).items()}  # fmt: skip
    met: dict[str, tuple[int, ...]] = {}

    def watch(name: str) -> None:
        inner = getattr(numpy_gpt, name)

        def outer(*args, **kwargs):
            out = inner(*args, **kwargs)
            met[f"linear {kwargs['w'].shape}" if name == "linear" else name] = out.shape
            return out

        monkeypatch.setattr(numpy_gpt, name, outer)

    for name in ("linear", "layer_norm", "attention", "gelu", "transformer_block", "softmax"):
        watch(name)
    tree = weights.from_places(flat, 1)
    met["scores"] = numpy_gpt.gpt2(list(range(T)), **tree, n_head=H).shape
    return met


def test_the_shapes_at_the_arrows_are_those_that_numpy_finds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    T = 7
    met = shapes_met(monkeypatch, T)

    def drawn(chain: gpt2_shapes.Chain, step: str) -> tuple[int, ...]:
        said = dict(chain)[step]
        numbers = said[said.index("(") :].strip("()").replace("T", str(T)).split(",")
        return tuple(int(number) for number in numbers if number.strip())

    C = gpt2_shapes.WIDTH
    look, think, whole = gpt2_shapes.ATTENTION, gpt2_shapes.THINKING, gpt2_shapes.WHOLE
    assert drawn(look, "ln_1") == drawn(whole, "ln_f") == met["layer_norm"]
    assert drawn(look, "attn.c_attn") == met[f"linear ({C}, {3 * C})"]
    assert drawn(look, "+ mask, softmax") == drawn(look, "q @ k.T / √64") == met["softmax"]
    assert drawn(look, "@ v") == drawn(look, "split: q, k, v; heads") == met["attention"]
    assert drawn(look, "attn.c_proj") == met[f"linear ({C}, {C})"]
    assert drawn(think, "mlp.c_fc") == drawn(think, "gelu") == met["gelu"]
    assert drawn(think, "mlp.c_proj") == met[f"linear ({4 * C}, {C})"]
    assert drawn(whole, "block 0") == met["transformer_block"]
    assert drawn(whole, "@ wte.T")[0] == met["scores"][0]


def test_the_curve_is_torchs_gelu() -> None:
    x = np.linspace(-4, 3, 50, dtype=np.float32)
    there = torch.from_numpy(x)
    assert np.allclose(numpy_gpt.gelu(x), F.gelu(there, approximate="tanh"), atol=1e-6)
    x = np.linspace(-8, 8, 4001, dtype=np.float32)
    apart = np.abs(numpy_gpt.gelu(x) - F.gelu(torch.from_numpy(x)).numpy()).max()
    assert 0.0001 < apart < 0.0005  # what the chapter says


def test_where_float64_comes_in() -> None:
    kinds = dict(numpy_speed.kinds())
    wide = {words for words, kind in kinds.items() if kind == "float64"}
    assert wide == {"np.sqrt(2 / np.pi) * x", "x / np.sqrt(64)", "x + (1 - np.tri(2)) * -1e10"}
    assert set(kinds.values()) == {"float32", "float64"}


@FORMS
def test_the_cache_is_drawn_as_many_times_as_it_says(tall: bool) -> None:
    root = ET.fromstring(numpy_speed.cache({}, tall=tall))
    full = [
        part for part in root if part.tag.endswith("rect") and part.get("fill-opacity") == "0.450"
    ]
    kept = [part for part in root if part.get("fill-opacity") == "0.8"]
    said = [int(word.split()[0]) for word in words("cache", tall) if "worked out" in word]
    assert len(full) == sum(said) and said == [30, 8]
    assert len(kept) == said[0] - said[1]


def test_the_arithmetic_of_the_chapter() -> None:
    assert numpy_speed.rows_worked(200, 20, False) == 4190
    assert numpy_speed.rows_worked(200, 20, True) == 219
    kept = numpy_gpt.Cache({"wpe": np.empty((1024, 768)), "blocks": [0] * 12}, 12).kept
    assert kept.nbytes == 1024 * 73_728 and round(kept.nbytes / 1e6, 1) == 75.5
    table = re.findall(r"^\| ([\d,]+) GB a second \| ([\d.]+) ms \| ([\d,]+) \|", CHAPTER, re.M)
    assert len(table) == 5
    for rate, spent, most in table:
        seconds = 4 * TOTAL / 1e9 / float(rate.replace(",", ""))
        assert float(spent) == pytest.approx(1000 * seconds, rel=0.03)
        assert float(most.replace(",", "")) == pytest.approx(1 / seconds, rel=0.01)


def test_the_table_of_the_tiny_model_is_right() -> None:
    found = tiny.hparams()
    row = dict(re.findall(r"^\| ([a-z, ]+) \| ([\d,]+)(?: of \d+)? \|", CHAPTER, re.M))
    assert row["blocks"] == str(found["n_layer"]) and row["width"] == str(found["n_embd"])
    assert row["vocabulary"] == str(found["n_vocab"])
    many = sum(value.size for value in tiny.state().values())
    assert row["parameters"] == f"{many:,}"
    assert f"{found['n_head']} of {found['n_embd'] // found['n_head']}" in CHAPTER


@FORMS
def test_the_likeliest_tokens_are_written(tall: bool) -> None:
    heads = [word for word in words("likeliest", tall) if word.endswith(" …")]
    start = gpt2_shapes.PROMPT.split("\n")[-1]
    assert heads == [f"{start} …", f"{start} s …", f"{start} sou …"]  # as the chapter says
    ids = tiny.tokenizer().encode(gpt2_shapes.PROMPT)
    scores = torch.from_numpy(numpy_gpt.gpt2(ids, **tiny.params(), n_head=4)[-1])
    share = float(F.softmax(scores, -1).max())
    assert f"{100 * share:.0f} %" in words("likeliest", tall)


@FORMS
def test_the_speeds_are_those_that_were_measured(tall: bool) -> None:
    found = numpy_speed.speeds()
    forms = found["seconds a token"]
    assert found["bytes"] == 4 * TOTAL
    said = [word for word in words("speed", tall) if re.fullmatch(r"[\d,]+ ms", word)]
    spent = [seconds for form in forms.values() for seconds in form.values()]
    assert said == [f"{1000 * seconds:,.0f} ms" for seconds in spent]
    cached = forms["a cache"]
    assert max(cached.values()) < 2 * found["reading"]  # "what could still be won is little"
    assert cached["200"] < 1.3 * cached["10"]  # "the length of the prompt hardly matters"
