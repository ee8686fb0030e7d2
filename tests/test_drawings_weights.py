"""Chapter 10: its drawings, and what it says, against the library, the record and TensorFlow."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from drawing_checks import lie_apart, stand_out

from gptlab import gpt, gpt_layout, numpy_gpt, tensor_bundle, tiny, tree, weights

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "book" / "_ext"))

import gpt_weights  # noqa: E402  (the site's extensions are no package: Sphinx finds them by folder)
import parity_record  # noqa: E402
import weights_record  # noqa: E402
import weights_shown  # noqa: E402

FORMS = pytest.mark.parametrize("tall", [False, True], ids=["wide", "tall"])
MINE = [*gpt_weights.DRAWINGS, *weights_shown.DRAWINGS]
TEN = (ROOT / "book" / "ch10_gpt2_weights.md").read_text("utf-8")
RECORD = weights_shown.record()
FAULTS = RECORD["tiny"]["faults"]


@FORMS
@pytest.mark.parametrize("name", MINE)
def test_words_can_be_read(name: str, tall: bool) -> None:
    stand_out(name, tall)
    lie_apart(name, tall)


@pytest.mark.parametrize("name", MINE)
def test_every_drawing_is_in_the_chapter(name: str) -> None:
    assert f"```{{drawing}} {name}\n" in TEN


# How weights are kept


def test_variables_lie_as_tensorflow_lays_them(monkeypatch) -> None:
    """In the tiny checkpoint, which TensorFlow wrote, the same rule gives each place."""
    told = tiny.hparams()
    shapes = weights.shapes_by_place(
        *(told[name] for name in ("n_vocab", "n_ctx", "n_embd", "n_layer"))
    )
    monkeypatch.setattr(gpt_weights, "SHAPES", shapes)
    found = tensor_bundle.read(tiny.FOLDER / "model.ckpt")
    begin = min(array.__array_interface__["data"][0] for array in found.values())
    assert len(gpt_weights.variables()) == len(found)
    for name, shape, at in gpt_weights.variables():
        assert found[name].shape == shape
        assert found[name].__array_interface__["data"][0] - begin == at, name


def test_the_checkpoint_of_124m() -> None:
    lines = gpt_weights.variables()
    assert len(lines) == 148 and "148 variables" in TEN
    data = RECORD["files"]["model.ckpt.data-00000-of-00001"]
    assert sum(size for _, size in gpt_weights.stretches()) == data == 497_759_232
    blocks = [name for name, _ in gpt_weights.stretches() if re.fullmatch(r"h\d+", name)]
    wrong = sum(name != f"h{i}" for i, name in enumerate(blocks))
    assert (len(blocks), wrong) == (12, 10) and "ten of the twelve" in TEN
    assert 0.3 < dict(gpt_weights.stretches())["wte"] / data < 1 / 3  # "nearly a third"


def test_one_tensor_in_six_layouts() -> None:
    """The rows of the table, against what the library makes of GPT-2's shapes."""
    nothing = np.zeros(1, np.float32)
    made = tree.from_places(
        {place: np.broadcast_to(nothing, shape)
         for place, shape in weights.shapes_by_place(3, 2, 768, 4).items()}, 4)  # fmt: skip
    rows = re.findall(r"^\| (.+?) \| `(.+?)`.* \| (?:3 × )?\(([\d, ]+)\) \|$", TEN, re.M)
    assert len(rows) == len(weights.LAYOUTS)
    for (said, name, shape), layout in zip(
        rows,
        ["OpenAI", "the book", "numpy_gpt", "Hugging Face", "nanoGPT", "GPTModel"],
        strict=True,
    ):
        assert layout in said
        flat = tree.flat(weights.convert(made, "numpy_gpt", layout))
        path = name.removeprefix("params")
        if "[" in path:
            path = "/".join(re.findall(r"\w+", path))
        assert tuple(flat[path].shape) == tuple(map(int, shape.split(", "))), said


def test_the_square_matrix_and_the_small_product() -> None:
    alike = [
        name for name, key in gpt_weights.LAYERS
        if len(set(gpt_weights.SHAPES["blocks", "0", *key, "w"])) == 1
    ]  # fmt: skip
    assert alike == ["c_proj of attn"]
    W, row = np.array(gpt_weights.W), np.array(gpt_weights.ROW)
    assert (row @ W).tolist() == gpt_weights.product(gpt_weights.W) == [31, 42]
    assert (row @ W.T).tolist() == [21, 43]


def test_the_cut_is_the_librarys() -> None:
    C = gpt_weights.C
    shapes = weights.shapes_by_place(5, 3, C, 1)
    flat = {place: np.zeros(shape, np.float32) for place, shape in shapes.items()}
    codes = np.arange(3 * C * C, dtype=np.float32).reshape(C, 3 * C)
    flat["blocks", "0", "attn", "c_attn", "w"] = codes
    state = gpt_layout.to_gpt(weights.from_places(flat, 1))
    words = [part.text or "" for part in _texts("qkv-cut")]
    for t, (_, name, _, _) in enumerate(gpt_weights.THIRDS):
        at = words.index(name) + 1
        drawn = [word for word in words[at:] if re.fullmatch(r"[a-d]\d+", word)][: C * C]
        told = [gpt_weights.ROWS.index(w[0]) * 3 * C + int(w[1:]) - 1 for w in drawn]
        weight = state[f"trf_blocks.0.att.{name}.weight"]
        assert weight.flatten().tolist() == told, (t, name)


def _texts(name: str) -> list:
    import xml.etree.ElementTree as ET

    root = ET.fromstring(gpt_weights.DRAWINGS[name]({}))
    return [part for part in root if part.tag.endswith("}text")]


def test_the_two_counts() -> None:
    cfg = gpt.GPT_CONFIG_124M | {"qkv_bias": True}
    with torch.device("meta"):
        both, one = (sum(p.numel() for p in gpt.GPTModel(cfg | {"tied": tied}).parameters())
                     for tied in (False, True))  # fmt: skip
    assert f"| {both:,} | {one:,} |" in TEN
    assert f"| {4 * both / 1e6:.0f} MB | {4 * one / 1e6:.0f} MB |" in TEN
    assert f"difference but {4 * (both - one) / 1e6:.0f} MB" in TEN


# What was measured


def test_the_faults_are_as_the_chapter_says() -> None:
    rows = sorted(FAULTS, key=lambda name: FAULTS[name]["loss"])
    losses = [FAULTS[name]["loss"] for name in rows]
    right = RECORD["tiny"]["right"]["loss"]
    assert rows[0] == "the bias of k left out" and len(rows) == 5 + 6  # "the last six"
    assert losses[0] == right and 0 < FAULTS[rows[0]]["apart"] < 1e-4
    assert all(0.15 < loss - right < 0.35 for loss in losses[1:5])  # "0.2 to 0.3 nats"
    assert all(FAULTS[name]["apart"] > 9.5 for name in rows[1:])
    assert losses[5] > right + 1.5
    assert set(weights_record.FAULTS) == set(FAULTS) - {"the head left as it was drawn"}


def test_what_the_library_says_of_faults() -> None:
    """The four lines that the chapter quotes."""
    one = np.ones(1, np.float32)
    made = tree.from_places(
        {place: np.broadcast_to(one, shape)
         for place, shape in weights.shapes_by_place(3, 2, 768, 12).items()}, 12)  # fmt: skip

    def said(layout: str, change: dict) -> str:
        state = {**weights.convert(made, "numpy_gpt", layout), **change}
        kept = {name: value for name, value in state.items() if value is not None}
        with pytest.raises(weights.WeightsError) as caught:
            weights.convert(kept, layout, "numpy_gpt")
        return str(caught.value)

    spoilt = np.ones((768, 768), np.float32)
    spoilt[3, 5:7] = np.nan
    found = [
        said("OpenAI", {"model/h1/ln_2/b": None}),
        said("Hugging Face", {"h.0.crossattention.c_attn.weight": one}),
        said("nanoGPT", {"transformer.h.0.mlp.c_fc.weight": np.ones((768, 3072), np.float32)}),
        said("GPTModel", {"trf_blocks.3.att.W_key.weight": spoilt}),
    ]
    assert re.findall(r"^> `(.+)`$", TEN, re.M) == found


@pytest.mark.parametrize("name", ["the bias of k left out", "the bias of q left out"])
def test_the_bias_of_k_changes_nothing(name: str) -> None:
    right = tiny.params()
    faulty = weights.from_places(
        {place: value.copy() for place, value in weights.by_place(right).items()}, 4
    )
    weights_record.FAULTS[name](faulty["blocks"])
    ids = tiny.tokenizer().encode("First Citizen:\nWe are")
    apart = numpy_gpt.gpt2(ids, **right, n_head=4) - numpy_gpt.gpt2(ids, **faulty, n_head=4)
    assert (abs(apart).max() < 1e-4) == (" k " in name)


def test_the_first_difference_is_where_the_fault_is() -> None:
    parts = RECORD["tiny"]["parts"]
    assert max(parts["without"].values()) < 1e-4
    first = next(name for name, far in parts["with"].items() if far > 1e-4)
    assert first == "trf_blocks.1.att" and "attention of block 1" in TEN
    names = list(parts["with"])
    before = parts["with"][names[names.index(first) - 1]]
    assert 1e5 < parts["with"][first] / before < 1e7  # "six powers of ten"


def test_parity_and_loading_are_as_the_chapter_says() -> None:
    for source in RECORD["parity"]["from"].values():
        assert source["apart"] < 1e-4 and max(source["off"].values()) < 1e-4
        assert source["same as the first"]
    shown = weights_shown.numbers()
    assert shown["times"] > 5 and shown["cpu times"] > 5
    slow = shown["ways"]["TensorFlow"]
    assert slow["import"] > slow["wall"] / 2  # "most of it is the import"
    assert shown["ways"]["tensor_bundle"]["own"] < 50


@pytest.mark.slow
def test_four_programs_agree_on_what_tensorflow_wrote_and_on_safetensors(tmp_path: Path) -> None:
    """At the size of GPT-2, read by gpt_download; and the benchmark's ways read the same."""
    pytest.importorskip("tensorflow")
    from benchmarks.weights import measured, write_both

    sizes = parity_record.FULL
    write_both(parity_record.random_tree(sizes), sizes["n_heads"], tmp_path)
    found = weights_record.parity(sizes, tmp_path)
    assert found["numbers"] == 124_439_808 and found["std"] > 1
    for source, told in found["from"].items():
        assert max(told["off"].values()) < 1e-4 and told["apart"] < 1e-4, source
        assert told["same as the first"]
    assert measured(tmp_path, turns=1).keys() == RECORD["loading"]["ways"].keys()
