"""The drawings of chapters 6 and 7: shapes that torch finds, counts that add up."""

from __future__ import annotations

import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from gptlab import gpt, tiny
from gptlab.attention import MultiHeadAttention

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "book" / "_ext"))

import att_classes  # noqa: E402  (the site's extensions are no package: Sphinx finds them by folder)
import drawings  # noqa: E402
import gpt_counts  # noqa: E402
import gpt_model  # noqa: E402
import gpt_parts  # noqa: E402
import head_split  # noqa: E402

FORMS = pytest.mark.parametrize("tall", [False, True], ids=["wide", "tall"])
SIX = (ROOT / "book" / "ch06_attention_classes.md").read_text("utf-8")
SEVEN = (ROOT / "book" / "ch07_gpt_model.md").read_text("utf-8")


def words(name: str, tall: bool = False) -> list[str]:
    """The lines of text of a drawing, in the order in which they are drawn."""
    root = ET.fromstring(drawings.DRAWINGS[name]({}, tall=tall))
    return [part.text or "" for part in root if part.tag.endswith("}text")]


# In each a colour for every name of svg.py, and the paper: the README's two, the site's two.
LIGHT, DARK = (dict(re.findall(r"--([\w-]+): (#\w{6})", part))
               for part in drawings.STANDALONE.split("@media"))  # fmt: skip
SITE = (ROOT / "book" / "_static" / "course.css").read_text("utf-8")
OWN = [dict(re.findall(r"--(drawing-\w+): (#\w{6})", part)) for part in re.findall(
    r'html\[data-theme="(?:light|dark)"\] {(.*?)}', SITE, re.S)]  # fmt: skip
PALETTES = [LIGHT, DARK, LIGHT | OWN[0], DARK | OWN[1]]
MINE = [name for module in (att_classes, head_split, gpt_model, gpt_counts, gpt_parts)
        for name in module.DRAWINGS]  # fmt: skip


def rgb(colour: str) -> np.ndarray:
    """#rrggbb as three shares."""
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255


def contrast(a: np.ndarray, b: np.ndarray) -> float:
    """As the W3C counts it: 1 for the same, 21 for black on white."""
    bright = []
    for colour in (a, b):
        linear = np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)
        bright.append(float(linear @ [0.2126, 0.7152, 0.0722]))
    return (max(bright) + 0.05) / (min(bright) + 0.05)


@FORMS
@pytest.mark.parametrize("name", MINE)
def test_words_stand_out_from_what_lies_under_them(name: str, tall: bool) -> None:
    root = ET.fromstring(drawings.DRAWINGS[name]({}, tall=tall))
    for palette in PALETTES:
        under: list[tuple[list[float], np.ndarray, float]] = []
        for part in root:
            said = re.match(r"var\(--([\w-]+)", part.get("fill", ""))
            if said is None:
                continue
            colour = rgb(palette[said.group(1)])
            place = [float(part.get(key, 0)) for key in ("x", "y", "width", "height")]
            if part.tag.endswith("rect"):
                under.append((place, colour, float(part.get("fill-opacity", 1))))
            if part.tag.endswith("text"):
                x, y, back = place[0], place[1] - 4, rgb(palette["paper"])
                for (left, top, width, height), tint, shade in under:
                    if left <= x <= left + width and top <= y <= top + height:
                        back = back * (1 - shade) + tint * shade
                assert contrast(colour, back) >= 4.5, part.text


# Chapter 6


def test_the_six_words_are_what_torch_makes_of_them() -> None:
    given = torch.tensor(att_classes.NUMBERS, dtype=torch.float64)
    unit = torch.log(torch.tensor(2.0, dtype=torch.float64)).sqrt()
    weights, context = (torch.tensor(rows) for rows in att_classes.six_worked())
    rows = given * unit
    found = F.scaled_dot_product_attention(rows, rows, given, scale=1.0)
    torch.testing.assert_close(context, found, check_dtype=False)
    torch.testing.assert_close(weights[1] * 16, torch.tensor([2.0, 8, 1, 2, 1, 2]))
    torch.testing.assert_close(context[1] * 16, torch.tensor([10.0, 13, 7]))  # in the text
    torch.testing.assert_close(weights[2], torch.full((6,), 1 / 6))


def test_a_module_owns_what_is_drawn() -> None:
    names = {name.split()[0] for kind in att_classes.OWNS[:1] for name in kind[2]}
    module = MultiHeadAttention(4, 6, 5, 0.0, 2)
    assert names == {name for name, _ in module.named_parameters()} == set(module.state_dict())
    shapes = {"d_in": 4, "d_out": 6}
    for line in att_classes.OWNS[0][2]:
        name, said = line.split(" ", 1)
        expected = tuple(shapes[size] for size in re.findall(r"\w+", said))
        assert tuple(module.get_parameter(name).shape) == expected


def test_dropout_keeps_the_mean() -> None:
    assert att_classes.mean_of_all(att_classes.ROW) == pytest.approx(att_classes.ROW)
    torch.manual_seed(0)
    row = torch.tensor(att_classes.ROW)
    draws = {tuple(F.dropout(row, att_classes.P).tolist()) for _ in range(400)}
    for kept in att_classes.DRAWS:
        mine = att_classes.dropped(att_classes.ROW, kept)
        assert any(np.allclose(mine, draw) for draw in draws)


def test_what_is_summed_in_tiles_is_the_row() -> None:
    values = torch.tensor([[4.0, 0], [8, 8], [0, 0], [0, 8]])
    shares = torch.tensor([1.0, 4, 1, 4])
    parts = [(shares[a : a + 2, None] * values[a : a + 2]).sum(0).tolist() for a in (0, 2)]
    for part in parts:
        assert f"({part[0]:.0f}, {part[1]:.0f}) |" in SIX
    assert (sum(map(torch.tensor, parts)) / 10).tolist() == pytest.approx([3.6, 6.4])
    assert "(3.6, 6.4)" in SIX
    torch.testing.assert_close(shares / shares.sum(), torch.tensor(att_classes.ROW))


def test_side_by_side_is_one_product() -> None:
    x = torch.tensor(head_split.X)
    found = torch.cat([x @ torch.tensor(matrix) for matrix in head_split.MATRICES], dim=1)
    said = [int(word) for word in words("side-by-side") if word.isdigit()]
    assert said[-12:] == found.flatten().tolist()


def line() -> torch.Tensor:
    """The numbers of the drawing, (T, d_out)."""
    return torch.tensor(head_split.LINE_OF_MEMORY).view(head_split.T, -1)


def test_view_and_transpose_are_torchs() -> None:
    T, heads, size = head_split.T, head_split.HEADS, head_split.SIZE
    right = line().view(T, heads, size).transpose(0, 1)
    assert right.tolist() == head_split.heads_right()
    assert line().view(heads, T, size).tolist() == head_split.heads_wrong()
    assert right.stride() == (2, 4, 1) and line().view(T, heads, size).stride() == (4, 2, 1)
    with pytest.raises(RuntimeError, match="view"):  # as the chapter says
        right.contiguous().transpose(0, 1).view(T, -1)


@FORMS
def test_the_order_of_reading_is_that_of_the_transposed(tall: bool) -> None:
    order = line().view(3, 2, 2).transpose(0, 1).flatten().tolist()
    said = [word for word in words("memory", tall) if word.isdigit()]
    # As drawn: the line, its numbers in order, the line once more, and the places where one reads.
    assert said[:12] == said[24:36] == [f"{code:02}" for code in line().flatten().tolist()]
    steps = said[36:]
    assert sorted(map(int, steps)) == list(range(1, 13))
    assert len(order) == 12 and order[2] == 10  # the first jump: after 00 and 01 comes 10


@pytest.mark.parametrize("right", [True, False])
def test_who_depends_on_whom_is_what_torch_finds(right: bool) -> None:
    torch.manual_seed(0)
    T, heads, size = 6, 3, 4
    att = MultiHeadAttention(5, heads * size, T, 0.0, heads)

    def forward(x: torch.Tensor) -> torch.Tensor:
        if right:
            return att(x)[0]
        parts = [layer(x).view(1, heads, T, size) for layer in
                 (att.W_query, att.W_key, att.W_value)]  # fmt: skip
        out = F.scaled_dot_product_attention(*parts, is_causal=True)
        return att.out_proj(out.transpose(1, 2).reshape(1, T, -1))[0]

    x = torch.randn(1, T, 5)
    with torch.no_grad():
        before, seen = forward(x), [set() for _ in range(T)]
        for s in range(T):
            changed = x.clone()
            changed[0, s] += 1
            for t in ((forward(changed) - before).abs().amax(-1) > 1e-6).nonzero().flatten():
                seen[int(t)].add(s)
    assert seen == head_split.seen_by(T, heads, right)


def test_the_words_about_the_slip() -> None:
    seen = head_split.seen_by(6, 3, right=False)
    assert seen[0] == {0, 2, 4} and 1 not in seen[1]  # tiny sees often and wide; fish not itself
    wrong = sum(s > t for t, row in enumerate(seen) for s in row)
    assert f"looks ahead in {wrong} fields" in words("leak")


def shape(said: str, **sizes: int) -> tuple[int, ...]:
    """The shape that a drawing writes, with its letters replaced."""
    inner = said[said.index("(") + 1 : said.index(")")]
    return tuple(sizes.get(part.strip(), 0) or int(part) for part in inner.split(",")
                 if part.strip())  # fmt: skip


def test_the_shapes_of_the_class_are_torchs() -> None:
    B, T, C, H = 2, 5, head_split.C, head_split.H
    x = torch.zeros(B, T, C)
    cut = x.view(B, T, H, head_split.D)
    q = cut.transpose(1, 2)
    scores = q @ q.transpose(2, 3)
    mixed = scores @ q
    expected = [x, x, cut, q, scores, scores]
    for (step, said), tensor in zip(head_split.APART[:-1], expected, strict=True):
        assert shape(said, B=B, T=T) == tuple(tensor.shape), step
    back = mixed.transpose(1, 2)
    expected = [scores, scores, mixed, back, back.reshape(B, T, C), x]
    for (step, said), tensor in zip(head_split.TOGETHER[:-1], expected, strict=True):
        assert shape(said, B=B, T=T) == tuple(tensor.shape), step


def test_the_numbers_of_chapter_6() -> None:
    assert 3 * 12 * 768 * 64 == 1_769_472 and "1,769,472" in SIX
    with torch.device("meta"):
        counts = {
            sum(p.numel() for p in MultiHeadAttention(768, 768, 8, 0.0, h).parameters())
            for h in (1, 12)
        }
    assert counts == {2_360_064} and "2,360,064" in SIX
    assert f"{12 * 1024**2 / 1e6:.1f} million" in SIX and f"{48 * 1024**2 / 1e6:.0f} MB" in SIX


# Chapter 7


def test_the_shapes_of_the_whole_model_are_torchs() -> None:
    met: dict[str, tuple[int, ...]] = {}
    with torch.device("meta"):
        model = gpt.GPTModel({**gpt.GPT_CONFIG_124M, "n_layers": 1}).eval()
        for name, module in model.named_modules():
            module.register_forward_hook(
                lambda _, __, out, name=name: met.__setitem__(name, tuple(out.shape))
            )
        ids = torch.zeros(1, gpt_model.T, dtype=torch.int64)
        model(ids)
    trunk = {step.split(":")[0].split("[")[0]: said for step, said in gpt_model.TRUNK}
    for name, module in (("tok_emb", "tok_emb"), ("drop_emb", "drop_emb"),
                         ("trf_blocks", "trf_blocks.0"), ("final_norm", "final_norm"),
                         ("out_head", "out_head")):  # fmt: skip
        assert shape(trunk[name]) == met[module], name
    block = {step: said for step, said in gpt_model.BLOCK if said}
    inner = {"norm1": "norm1", "W_query, W_key, W_value": "att.W_query", "norm2": "norm2",
             "out_proj, drop_shortcut": "att.out_proj", "ff.layers[0]: wider": "ff.layers.0",
             "GELU": "ff.layers.1", "ff.layers[2]: back": "ff.layers.2",
             "drop_shortcut": "drop_shortcut"}  # fmt: skip
    for step, module in inner.items():
        assert shape(block[step]) == met[f"trf_blocks.0.{module}"], step
    assert shape(block["split into heads"]) == (1, 12, gpt_model.T, 64)


@FORMS
def test_the_ids_are_those_of_the_text(tall: bool) -> None:
    assert len(gpt_model.TOKENS) == gpt_model.T == 4
    assert any(word.startswith("ids: 15496, 11, 995, 0") for word in words("gpt", tall))
    assert {"training", "writing", "cross-entropy", "only the top k"} <= set(words("gpt", tall))


TOTALS = [163_009_536, 124_412_160, 124_439_808]


def test_the_totals_are_those_of_the_class() -> None:
    for expected, (_, form) in zip(TOTALS, gpt_counts.FORMS, strict=True):
        assert gpt_counts.total(768, 12, **form) == expected
        assert sum(many for _, many in gpt_counts.segments(**form)) == expected
        cfg = {**gpt.GPT_CONFIG_124M, "tied": form["tied"], "qkv_bias": form["bias"]}
        with torch.device("meta"):
            model = gpt.GPTModel(cfg)
        assert sum(p.numel() for p in model.parameters()) == expected


@FORMS
def test_the_totals_are_drawn(tall: bool) -> None:
    assert {f"{total:,}" for total in TOTALS} <= set(words("counts-of-gpt", tall))


def test_the_table_of_the_count_adds_up() -> None:
    found = dict(re.findall(r"^\| \**([^|*]+?)\** \|[^|]*\| \**([\d,]+)\** \|", SEVEN, re.M))
    count = {name: int(many.replace(",", "")) for name, many in found.items()}
    block = (count["attention, one block"] + count["feed-forward, one block"]
             + count["two norms, one block"])  # fmt: skip
    assert 12 * block == count["twelve blocks"]
    tied = count["`tok_emb`"] + count["`pos_emb`"] + 12 * block + count["`final_norm`"]
    assert tied == count["tied, no bias in q, k, v"] == TOTALS[1]
    assert tied + count["biases of q, k, v"] == count["GPT-2 as published"] == TOTALS[2]
    assert count["a head of its own, no bias in q, k, v"] == tied + count["`tok_emb`"]


def test_the_sizes_are_those_of_the_library() -> None:
    made = gpt_parts.sizes()
    assert made.keys() == gpt.SIZES.keys()
    for name, change in gpt.SIZES.items():
        keys = ("emb_dim", "n_layers", "n_heads")
        assert gpt_parts.SIZES[name] == tuple(change[key] for key in keys)
        cfg = {**gpt.GPT_CONFIG_124M, **change, "tied": True, "qkv_bias": True}
        with torch.device("meta"):
            model = gpt.GPTModel(cfg)
        assert made[name]["tied"] == f"{sum(p.numel() for p in model.parameters()):,}"
    assert made["124M"]["cache"] == "75.5 MB" and made["124M"]["float32"] == "0.50 GB"


def test_the_bits_are_those_of_torch() -> None:
    for name, (exponent, fraction) in gpt_counts.KINDS.items():
        info = torch.finfo(getattr(torch, name))
        assert info.bits == 1 + exponent + fraction
        assert info.eps == 2.0**-fraction
    assert torch.finfo(torch.float16).max == 65504


def test_the_mask_of_a_cache_is_the_end_of_the_triangle() -> None:
    tinted = [part for part in ET.fromstring(gpt_counts.cache_mask({}))
              if part.get("fill-opacity") == "0.315"]  # fmt: skip
    seen = gpt_counts.KEPT + gpt_counts.NEW
    mask = torch.ones(gpt_counts.NEW, seen).tril(gpt_counts.KEPT)  # as MultiHeadAttention has it
    assert len(tinted) == seen * (seen + 1) // 2 + int(mask.sum())


def test_the_norm_that_is_drawn_is_torchs() -> None:
    rows = gpt_parts.stream()
    assert len(rows) == tiny.hparams()["n_layer"] + 1
    for row in rows:
        found = F.layer_norm(torch.from_numpy(row), row.shape)
        np.testing.assert_allclose(gpt_parts.normed(row), found.numpy(), atol=1e-5)
    assert rows[-1].std() > 10 * rows[0].std()  # "the stream has grown"


def test_the_two_gelus_are_torchs() -> None:
    x = torch.linspace(-5, 5, 401, dtype=torch.float64)
    mine = [torch.tensor([f(float(v)) for v in x], dtype=torch.float64)
            for f in (gpt_parts.by_tanh, gpt_parts.by_erf)]  # fmt: skip
    torch.testing.assert_close(mine[0], F.gelu(x, approximate="tanh"))
    torch.testing.assert_close(mine[1], F.gelu(x))
    assert 0.0004 < (mine[0] - mine[1]).abs().max() < 0.0005  # "half a thousandth, at most"


def test_what_was_measured_is_what_the_chapter_says() -> None:
    found = gpt_parts.parity()
    for size in ("tiny", "124M"):
        record = found[size]
        assert record["tokens"] == 60 and record["same best"]
        assert max(*record["off"].values(), record["apart"], record["cache"]) < 1e-4
        assert record["erf"] > 100 * record["apart"]  # "hundreds of times larger"
        assert record["std"] > 1
    tiny_one = found["tiny"]
    assert tiny_one["bfloat16"] > 1e4 * tiny_one["off"]["GPTModel"]
    slopes = found["gradients"]
    assert max(slopes["with"]) < 2 * min(slopes["with"])
    assert 1e-9 < slopes["without"][0] < 1e-8  # "a few thousand-millionths"
    assert found["alike"]["with"][-1] < 0.2 < 0.95 < found["alike"]["without"][2]


def test_the_tiny_checkpoint_is_still_that_of_the_record() -> None:
    """Its spread and the slip of the exact GELU, measured again."""
    import parity_record  # here, since it wants transformers, which takes seconds

    ids = torch.tensor([np.random.default_rng(1).integers(512, size=60).tolist()])
    model = parity_record.ours(tiny.params(), parity_record.TINY)
    with torch.no_grad():
        right = model(ids)
        for block in model.trf_blocks:
            block.ff.layers[1] = parity_record.ErfGELU()
        off = float((model(ids) - right).abs().max())
    record = gpt_parts.parity()["tiny"]
    assert float(right.std(correction=0)) == pytest.approx(record["std"], rel=1e-4)
    assert off == pytest.approx(record["erf"], rel=0.02)


def test_the_table_of_choices() -> None:
    scores = torch.log(torch.tensor([16.0, 9, 4, 1]))
    rows = {
        "as they are": F.softmax(scores, 0),
        "temperature 2": F.softmax(scores / 2, 0),
        "temperature ½": F.softmax(scores / 0.5, 0),
        "top 2": F.softmax(scores.masked_fill(scores < scores[1], -torch.inf), 0),
    }
    for name, shares in rows.items():
        line = re.search(rf"^\| {name}.*?\|(.*)\|$", SEVEN, re.M)
        assert line, name
        said = [float(part) for part in line.group(1).split("|")]
        assert said == pytest.approx(shares.tolist(), abs=0.005), name
