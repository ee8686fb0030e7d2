"""Chapter 11: its drawings, and what it says, against torch, Python, the library and the record."""

from __future__ import annotations

import importlib
import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
import torch
from drawing_checks import lie_apart, stand_out
from torch.nn import functional as F

from gptlab import gpt, nano, sample
from gptlab.sampling import options

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "book" / "_ext"))

import attention_record  # noqa: E402  (the site's extensions are no package: found by folder)
import nano_file  # noqa: E402
import nano_sizes  # noqa: E402
import sampling_record  # noqa: E402
import sampling_shown  # noqa: E402

FORMS = pytest.mark.parametrize("tall", [False, True], ids=["wide", "tall"])
MINE = [*nano_file.DRAWINGS, *nano_sizes.DRAWINGS, *sampling_shown.DRAWINGS]
ELEVEN = (ROOT / "book" / "ch11_sampling.md").read_text("utf-8")
PLAIN = " ".join(ELEVEN.split())
RECORD = sampling_shown.record()


@FORMS
@pytest.mark.parametrize("name", MINE)
def test_words_can_be_read(name: str, tall: bool) -> None:
    stand_out(name, tall)
    lie_apart(name, tall)


@pytest.mark.parametrize("name", MINE)
def test_every_drawing_is_in_the_chapter(name: str) -> None:
    assert f"```{{drawing}} {name}\n" in ELEVEN


@pytest.mark.parametrize("name", ["three-from-one", "erf-tanh", "vocab-tiles", "last-position"])
@FORMS
def test_fields_are_on_the_page(name: str, tall: bool) -> None:
    """lie_apart looks at words alone."""
    draw = {**nano_file.DRAWINGS, **nano_sizes.DRAWINGS, **sampling_shown.DRAWINGS}[name]
    root = ET.fromstring(draw({}, tall=tall))
    _, _, width, height = map(float, root.get("viewBox", "").split())
    for part in root:
        if part.tag.endswith("rect"):
            x, y, w, h = (float(part.get(key, 0)) for key in ("x", "y", "width", "height"))
            assert x >= 0 and x + w <= width and y >= 0 and y + h <= height


# The file


def test_the_file_is_read_from_top_to_bottom() -> None:
    spans = nano_file.lines_of("nano.py")
    assert [spans[name][0] for name in nano_file.NANO] == sorted(
        spans[name][0] for name in nano_file.NANO
    )
    assert set(nano_file.NANO) == set(nano_file.PAIRS) == {*nano.__all__}
    drawn = {name for names in nano_file.BOOK.values() for name in names}
    assert drawn == {name for names in nano_file.PAIRS.values() for name in names}


def test_the_two_forms_differ_as_said() -> None:
    cfg = gpt.GPT_CONFIG_124M
    assert nano.GPTConfig().dropout == 0.0 and cfg["drop_rate"] == 0.1
    assert nano.GPTConfig().bias and not cfg["qkv_bias"] and not cfg.get("tied", False)
    with pytest.raises(TypeError):
        nano.GPTConfig(n_heads=12)  # type: ignore[call-arg]


def test_split_view_and_transpose_are_torchs() -> None:
    told = nano_file.came_out()
    names = [name for row in told for name in row]
    T, C, nh = len(nano_file.TOKENS), nano_file.WIDTH, nano_file.HEADS
    whole = torch.arange(len(names)).view(1, T, 3 * C)
    for third, drawn in zip(whole.split(C, dim=2), nano_file.thirds(told), strict=True):
        by_head = third.view(1, T, nh, C // nh).transpose(1, 2)[0]
        assert [[[names[n] for n in row] for row in head] for head in by_head.tolist()] == (
            nano_file.heads(drawn)
        )
    q = whole[:, :, :C].contiguous()
    y = q.view(1, T, nh, C // nh).transpose(1, 2).contiguous()  # as att @ v leaves it
    back = y.transpose(1, 2)
    with pytest.raises(RuntimeError):
        back.view(1, T, C)
    assert back.contiguous().view(1, T, C).equal(q)
    words = [part.text or "" for part in ET.fromstring(nano_file.three_from_one({}))
             if part.tag.endswith("}text")]  # fmt: skip
    at = words.index("in memory as before: nothing was moved") + 1
    assert words[at : at + T * C] == [names[n] for n in y.flatten().tolist()]


def test_what_is_old_and_what_is_new(tmp_path, monkeypatch) -> None:
    """The lines of the drawing, run in Python."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    space: dict = {"importlib": importlib}

    def versions() -> tuple[int, ...]:
        module, name, made = sys.modules.get("model"), space.get("GPT"), space.get("gpt")
        return (saved, module.GPT.version if module else 0, name.version if name else 0,
                type(made).version if made else 0)  # fmt: skip

    saved = 1
    (tmp_path / "model.py").write_text("class GPT:\n    version = 1\n", encoding="utf-8")
    try:
        for said, line, expected in nano_file.STEPS:
            if line:
                assert said in line
                exec(line, space)
            else:
                saved = 2
                (tmp_path / "model.py").write_text("class GPT:\n    version = 2\n", "utf-8")
            assert versions() == expected, said
    finally:
        sys.modules.pop("model", None)


# Sizes


def test_counts_of_a_pass() -> None:
    """Against a meta model's linear layers, called with T tokens."""
    sizes, T = nano_sizes, nano_sizes.T
    with torch.device("meta"):
        model = nano.GPT(nano.GPTConfig(vocab_size=sizes.VOCAB))
    inside = [part for part in model.transformer.h.modules() if isinstance(part, torch.nn.Linear)]
    found = sizes.products()
    assert found["linear layers"] == T * sum(part.weight.numel() for part in inside)
    assert found["head, all"] == T * model.lm_head.weight.numel()
    assert found["head, last"] * T == found["head, all"]
    hs = sizes.C // sizes.HEADS
    assert found["attention"] == sizes.LAYERS * sizes.HEADS * 2 * T * T * hs
    told = sizes.numbers()
    assert (told["table"], told["all"], told["last"]) == ("50.3 MB", "206 MB", "201 kB")
    assert round(told["saved"]) == round(told["share"])


def test_the_vocabulary_in_tiles() -> None:
    assert divmod(nano_sizes.VOCAB, 64) == (785, 17) and "785 full tiles and 17 columns" in PLAIN
    assert nano_sizes.PADDED == nano.GPTConfig().vocab_size == 786 * 64
    assert f"{(nano_sizes.PADDED - nano_sizes.VOCAB) * nano_sizes.C:,} more numbers" in PLAIN
    for width, said in re.findall(r"^\| ([\d,]+) \| (\d+ × [\d,]+) \|", ELEVEN, re.M):
        a, b = (int(part.replace(",", "")) for part in said.split(" × "))
        assert a * b == int(width.replace(",", ""))


def test_what_torch_says_of_the_other_size() -> None:
    small = {"n_layer": 1, "n_head": 1, "n_embd": 2, "block_size": 2}
    model, other = (nano.GPT(nano.GPTConfig(vocab_size=V, **small)) for V in (50304, 50257))
    with pytest.raises(RuntimeError) as caught:
        model.load_state_dict(other.state_dict())
    said = re.search(r"> `(size mismatch.+?)`", ELEVEN, re.S)
    assert said is not None
    wanted = " ".join(said[1].replace("\n>", "\n").split()).replace("768", "2")
    assert wanted in " ".join(str(caught.value).split())


# What was measured


def test_the_two_ways_are_equal_and_cost_what_is_said() -> None:
    q, k, v = torch.randn(3, 2, 3, 7, 5)
    by_hand = sampling_record.by_hand(q, k, v)
    assert torch.allclose(by_hand, F.scaled_dot_product_attention(q, k, v, is_causal=True),
                          atol=1e-6)  # fmt: skip
    costs = RECORD["costs"]
    for T in ("1024", "4096"):
        one, long = costs["attention"][T]["one call"], costs["attention"][T]["long"]
        assert one["seconds"] * 3 < long["seconds"]
        assert 2.9 < long["bytes"] / nano_sizes.table_bytes(int(T)) < 3.4  # "three tables at once"
        assert one["bytes"] < nano_sizes.table_bytes(int(T)) / 3
    width = {int(V): run["seconds"] for V, run in costs["width"].items()}
    assert set(width) == set(attention_record.WIDTHS)
    assert width[50304] < 0.85 * width[50257]  # "more columns, and less time"
    assert costs["head"]["last"]["seconds"] * 50 < costs["head"]["all"]["seconds"]


def test_two_kinds_of_difference() -> None:
    found = {name: np.array(rows) for name, rows in RECORD["apart"].items() if name != "stages"}
    assert np.allclose(found["erf 32"], found["erf 64"], rtol=0.01)
    fell = found["long 32"] / found["long 64"]
    assert (fell > 10**8).all() and (fell < 10**9).all()  # "by nearly nine powers of ten"
    assert "by nearly nine powers of ten" in PLAIN
    parting = RECORD["parting"]
    assert 0 < len(parting["after"]) < parting["pairs"] / 2
    assert parting["after"] == sorted(parting["after"])


def test_the_difference_is_largest_where_it_is_said() -> None:
    xs = np.linspace(-5, 5, 2001)
    x = torch.from_numpy(xs)
    apart = (F.gelu(x, approximate="tanh") - F.gelu(x)).abs().numpy()
    assert abs(abs(xs[apart.argmax()]) - 2.7) < 0.05 and "near 2.7 on both sides" in PLAIN


def test_letters_are_as_the_chapter_says() -> None:
    rows = RECORD["letters"]["settings"]
    by = {(one["temperature"], one["top_k"]): one for one in rows}
    assert by[0, 40]["different"] == 1
    tame = [one for (t, _), one in by.items() if 0.5 <= t <= 0.8]
    assert all(one["words"] > 0.9 and one["different"] == 100 for one in tame)
    assert by[2, 200]["words"] < 0.6


# The command line


def test_options_and_defaults_are_the_commands() -> None:
    made = {option: action for action in options.parser("x", "")._actions
            for option in action.option_strings if option.startswith("--")}  # fmt: skip
    rows = re.findall(r"^\| `(--\w+)` \| ([^|]+?) \| (.+) \|$", ELEVEN, re.M)
    assert {name for name, _, _ in rows} == {
        action.option_strings[0] for action in made.values() if action.dest != "help"
    }
    for name, default, told in rows:
        found = made[name].default
        assert default == ("a new line" if found == "\n" else str(found)), name
        for other in made[name].option_strings[1:]:
            assert f"`{other}` is the same" in told
    assert all(name in ELEVEN for name in options.GPT2)


def test_the_list_of_programs_promises_what_the_command_has() -> None:
    said = (sample.__doc__ or "").partition("\n")[0]
    known = options.parser("x", "").format_help()
    for knob in ("temperature", "top-k", "top-p", "penalty"):
        assert knob not in said or f"--{knob.replace('-', '_')}" in known, knob
    assert "temperature" in said and "top-k" in said


def test_every_recorded_command_is_shown_and_ended_as_said() -> None:
    shown = set(re.findall(r'sampling\.(?:out|err)\["(.+?)"\]', ELEVEN))
    shown |= set(re.findall(r"recorded-text} sampling\.(\w+)", ELEVEN))
    assert shown == set(RECORD["commands"]) == set(sampling_record.COMMANDS)
    commands = RECORD["commands"]
    assert commands["first"]["out"] == commands["student"]["out"]
    assert commands["num_samples"]["out"].startswith(commands["start"]["out"])
    for name in ("all", "cpu", "prompt", "medium"):
        assert commands[name]["out"] == commands["start"]["out"], name
    assert sampling_record.TRAIN in ELEVEN and commands["run"]["out"].startswith("ROMEO:")
    assert "stands in for it" in commands["medium"]["err"]
    assert commands["run"]["err"] == "runs/tiny: a model of gptlab.train\n"
    refused = {"temperature": 2, "no file": 2, "device": 2, "quotes": 2, "slip": 1}
    assert {name: run["code"] for name, run in commands.items() if run["code"]} == refused


def same_today(*names: str) -> None:
    """These commands print what the record has."""
    recorded = {name: RECORD["commands"][name] for name in names}
    assert sampling_record.commands(names) == recorded, (
        "run python book/_ext/sampling_record.py commands")  # fmt: skip


def test_what_is_refused_is_refused_today_in_the_same_words() -> None:
    names = [name for name, run in RECORD["commands"].items() if run["code"]]
    if torch.cuda.is_available() or torch.backends.mps.is_available():
        names.remove("device")  # it lists the devices that are here
    same_today(*names)


@pytest.mark.slow
def test_the_commands_write_today_what_they_wrote() -> None:
    same_today("cold", "file", "cpu", "prompt", "medium")


def test_the_page_of_letters_says_what_it_is() -> None:
    picture = ROOT / "book" / "_static" / "letters_page.png"
    assert picture.stat().st_size < 60_000 and "_static/letters_page.png" in ELEVEN
