"""gptlab.hub: a model's folder written and read, and what each damage of it says."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import hub_sample
import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file

from gptlab import chat, hub, tiny, torch_layouts
from gptlab.publishing import TIPS, saving
from gptlab.tokenizers import GPT4_PATTERN, RegexTokenizer

IDS = torch.arange(64).view(2, 32) * 4


def scores(model):
    with torch.no_grad():
        return model(IDS, IDS)[0]


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("hub") / "model"
    return hub.save(folder, hub_sample.model(), hub_sample.tokenizer(), hub_sample.RUN)


@pytest.fixture
def folder(made, tmp_path) -> Path:
    """One to be damaged."""
    return Path(shutil.copytree(made, tmp_path / "model"))


def test_what_is_read_is_what_was_written(made):
    checkpoint, model = hub.load(made), hub_sample.model()
    assert checkpoint.config == model.config
    assert checkpoint.run == hub_sample.RUN
    torch.testing.assert_close(scores(checkpoint.model), scores(model), rtol=0, atol=0)
    found, expected = checkpoint.tokenizer, hub_sample.tokenizer()
    assert (found.merges, found.vocab) == (expected.merges, expected.vocab)
    assert (found.special_tokens, found.pattern) == (expected.special_tokens, expected.pattern)
    assert not checkpoint.model.training
    assert checkpoint.model.transformer.wte.weight is checkpoint.model.lm_head.weight
    assert {path.name for path in made.iterdir()} == set(hub.FILES)
    assert "model=" not in repr(checkpoint)


def test_the_python_api_of_the_seed(made):
    checkpoint = hub.load(made)
    context = torch.tensor([checkpoint.tokenizer.encode("Hello")])
    torch.manual_seed(3)
    found = checkpoint.model.generate(context, max_new_tokens=50, temperature=0.8, top_k=10)
    assert found.shape == (1, context.shape[1] + 50)
    assert found[0, : context.shape[1]].tolist() == context[0].tolist()
    assert checkpoint.tokenizer.decode(found[0].tolist()).startswith("Hello")


def test_loading_leaves_chance_where_it_was(made):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    hub.load(made)
    assert torch.equal(torch.rand(3), expected)


def test_float16_is_half_the_size_and_is_read_as_float32(tmp_path, made):
    model = hub_sample.model()
    half = hub.save(tmp_path / "half", model, hub_sample.tokenizer(), dtype=torch.float16)
    sizes = [(one / "model.safetensors").stat().st_size for one in (half, made)]
    assert sizes[0] < 0.52 * sizes[1]
    checkpoint = hub.load(half)
    assert checkpoint.model.lm_head.weight.dtype == torch.float32
    assert torch.equal(checkpoint.model.lm_head.weight, model.lm_head.weight.half().float())
    assert checkpoint.run == {}


def test_a_model_without_biases_is_written_with_zeros(tmp_path):
    model = hub_sample.model(bias=False)
    checkpoint = hub.load(hub.save(tmp_path / "m", model, hub_sample.tokenizer()))
    assert checkpoint.config.bias
    assert not checkpoint.model.transformer.h[1].ln_1.bias.any()
    torch.testing.assert_close(scores(checkpoint.model), scores(model), rtol=0, atol=1e-5)


def test_a_gpt_2_of_anybody_in_this_layout_is_read(tmp_path):
    """No prefix, no dropout told, and the merges as older versions write them."""
    state = torch_layouts.to_huggingface(tiny.params())
    save_file(state, tmp_path / "model.safetensors")
    told = tiny.hparams()
    names = {"n_vocab": "vocab_size", "n_ctx": "n_positions"}
    config = {names.get(key, key): value for key, value in told.items()} | {"model_type": "gpt2"}
    (tmp_path / "config.json").write_text(json.dumps(config))
    written = saving.tokenizer_json(tiny.tokenizer())
    written["model"]["merges"] = [" ".join(pair) for pair in written["model"]["merges"]]
    (tmp_path / "tokenizer.json").write_text(json.dumps(written))
    checkpoint = hub.load(tmp_path)
    assert checkpoint.run == {}
    assert checkpoint.tokenizer.encode_ordinary("But soft!") == tiny.tokenizer().encode("But soft!")
    expected = torch_layouts.to_nano(tiny.params())
    for name, value in checkpoint.model.state_dict().items():
        assert torch.equal(value, expected[name]), name


def test_the_pattern_of_gpt_4_comes_back(tmp_path):
    tokenizer = RegexTokenizer(GPT4_PATTERN)
    tokenizer.train(hub_sample.TEXT, 300)
    checkpoint = hub.load(hub.save(tmp_path / "m", hub_sample.model(), tokenizer))
    assert checkpoint.tokenizer.pattern == GPT4_PATTERN
    assert checkpoint.tokenizer.merges == tokenizer.merges


def test_a_run_and_the_small_one_are_found(made, tmp_path, monkeypatch):
    shutil.copytree(made, tmp_path / "run" / "chat")
    assert hub.find(tmp_path / "run") == tmp_path / "run" / "chat"
    assert hub.find(made) == made
    monkeypatch.setattr("gptlab.chatting.places.MODEL", made)
    assert hub.find() == hub.find("small") == made
    assert hub.load("small").config.n_layer == 3


@pytest.mark.skipif(not hub.MODEL.is_dir(), reason="the small model is not here yet")
def test_the_small_one_that_comes_with_gptlab_is_whole():
    checkpoint = hub.load("small")
    assert checkpoint.tokenizer.vocab_size == 896
    assert sum(path.stat().st_size for path in hub.MODEL.iterdir()) < 2_000_000
    said = (hub.MODEL / "README.md").read_text(encoding="utf-8")
    assert said == hub.card(checkpoint.run)


@pytest.mark.skipif(not hub.MODEL.is_dir(), reason="the small model is not here yet")
def test_the_lines_of_the_chapter_run_as_they_stand(capsys):
    page = Path(__file__).resolve().parents[1] / "book" / "ch12_chat.md"
    (lines,) = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.S)
    exec(lines, {})
    assert capsys.readouterr().out.startswith("<|user|>Hello!<|end|><|assistant|>")


# What is not there: gptlab.chatting.places says it, and its tests are in test_chat*.py.


@pytest.mark.parametrize("name", ["nowhere", "x" * 300, "a\0b", ""])
def test_what_is_not_there_is_a_sentence(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    for ask in (hub.find, hub.load):
        with pytest.raises(hub.HubError, match="xpected small, or a folder") as error:
            ask(name)
        with pytest.raises(chat.ChatError) as same:
            chat.find(name)
        assert str(error.value) == str(same.value) and str(error.value).endswith(TIPS)


@pytest.mark.parametrize("name", ["m.pt", "m.pkl", "pytorch_model.bin"])
def test_a_pickled_file_is_not_opened(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"cos\nsystem\n(S'touch ran'\ntR.")
    with pytest.raises(hub.HubError, match=r"pickled file, .* so it was not read"):
        hub.load(path)


# What is damaged.


def without(name):
    return lambda folder: (folder / name).unlink()


def cut(name, part):
    def damage(folder):
        path = folder / name
        path.write_bytes(path.read_bytes()[: int(path.stat().st_size * part)])

    return damage


def written(name, text):
    return lambda folder: (folder / name).write_bytes(text)


def told(name, *keys, value=None, drop=False):
    """Changes what stands at these keys of a JSON file."""

    def damage(folder):
        whole = at = json.loads((folder / name).read_text(encoding="utf-8"))
        for key in keys[:-1]:
            at = at[key]
        if drop:
            del at[keys[-1]]
        else:
            at[keys[-1]] = value
        (folder / name).write_text(json.dumps(whole), encoding="utf-8")

    return damage


def weights(change):
    def damage(folder):
        state = load_file(folder / "model.safetensors")
        change(state)
        save_file(state, folder / "model.safetensors")

    return damage


def infinite(state):
    state["transformer.h.1.mlp.c_fc.weight"][3, 4] = np.inf


def of_another_shape(state):
    name = "transformer.h.0.attn.c_attn.weight"
    state[name] = np.ascontiguousarray(state[name].T)


def pickled_beside(folder):
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def in_parts(folder):
    (folder / "model.safetensors").rename(folder / "model-00001-of-00002.safetensors")
    (folder / "model.safetensors.index.json").write_text("{}")


def vocabulary_of_another_model(folder):
    saving.save(folder.with_name("o"), hub_sample.model(vocab_size=512), tiny.tokenizer())
    shutil.copy(folder.with_name("o") / "tokenizer.json", folder)


CONFIG, TOKENS = "config.json", "tokenizer.json"


@pytest.mark.parametrize(
    ("damage", "said"),
    [

        (without("model.safetensors"), "it lacks model.safetensors"),
        (without("tokenizer.json"), "it lacks tokenizer.json"),
        (pickled_beside, "it lacks model.safetensors; pytorch_model.bin is pickled"),
        (in_parts, "its weights are in several files"),
        (cut("model.safetensors", 0.7), "model.safetensors: cannot be read"),
        (cut("model.safetensors", 0.001), "model.safetensors: cannot be read"),
        (written("model.safetensors", b""), "model.safetensors: cannot be read"),
        (written("model.safetensors", b"\xff" * 500), "model.safetensors: cannot be read"),
        (weights(infinite), "1 of its numbers are NaN or infinite"),
        (weights(of_another_shape), r"shape \(144, 48\), expected \(48, 144\)"),
        (weights(lambda state: state.pop("transformer.ln_f.bias")), "lack transformer.ln_f.bias"),
        (weights(lambda state: state.update(x=np.ones(2, np.float32))), "no GPT-2 of 3 layers"),
        (told(CONFIG, "n_head", drop=True), "config.json: it lacks n_head"),
        (told(CONFIG, "n_head", value=5), "config.json: n_head=5 does not divide the width, 48"),
        (told(CONFIG, "n_head", value="4"), "n_head is '4', expected a whole number"),
        (told(CONFIG, "n_layer", value=True), "n_layer is True, expected a whole number"),
        (told(CONFIG, "n_positions", value=64), "say n_positions=64; the weights have 40"),
        (told(CONFIG, "vocab_size", value=10**30), "the weights have 300"),
        (told(CONFIG, "n_embd", value=50), "config.json: n_head=4 does not divide the width, 50"),
        (told(CONFIG, "resid_pdrop", value="no"), "config.json: resid_pdrop is 'no', expected"),
        (told(CONFIG, "resid_pdrop", value=1.5), "config.json: resid_pdrop is 1.5, expected"),
        (told(CONFIG, "resid_pdrop", value=True), "config.json: resid_pdrop is True, expect"),
        (told(CONFIG, "resid_pdrop", value=float("nan")), "config.json: resid_pdrop is nan, exp"),
        (written(CONFIG, b"{"), "config.json: no JSON"),
        (written(CONFIG, b"[" * 100_000), "config.json: no JSON"),
        (written(CONFIG, b"\xff\xfe"), "config.json: no JSON"),
        (written(CONFIG, b"[1]"), "expected an object of JSON, found a list"),
        (written("run.json", b""), "run.json: no JSON"),
        (written(TOKENS, b"null"), "expected an object of JSON, found a NoneType"),
        (vocabulary_of_another_model, "the tokenizer has 512 ids up to 511, the model 300"),
        (told(TOKENS, "model", drop=True), "it lacks 'model'"),
        (told(TOKENS, "model", "vocab", "a", drop=True), "it lacks 'a'"),
        (told(TOKENS, "model", "vocab", "a", value="97"), "'97' is no id"),
        (told(TOKENS, "model", "vocab", "zzz", value=300), "no merge makes 'zzz'"),
        (told(TOKENS, "model", value=[]), r"its model is \[\], expected an object of JSON"),
        (told(TOKENS, "model", "vocab", value=[1]), r"its vocab is \[1\], expected an object"),
        (told(TOKENS, "model", "merges", value=None), "its merges is None, expected a list"),
        (told(TOKENS, "model", "merges", 0, value=["t"]), r"found \['t'\] in its merges, expected"),
        (told(TOKENS, "model", "merges", 0, value="a b c"), "found 'a b c' in its merges, expect"),
        (told(TOKENS, "model", "merges", 0, value=[1, 2]), r"found \[1, 2\] in its merges, exp"),
        (told(TOKENS, "model", "merges", 0, value=7), "found 7 in its merges, expected two texts"),
        (told(TOKENS, "model", "type", value="Unigram"), "its model is a Unigram, expected BPE"),
        (told(TOKENS, "model", "byte_fallback", value=True), "byte_fallback is True"),
        (told(TOKENS, "normalizer", value={"type": "NFC"}), "it has a normalizer"),
        (told(TOKENS, "pre_tokenizer", "add_prefix_space", value=True), "expected add_prefix"),
        (told(TOKENS, "pre_tokenizer", value={"type": "Whitespace"}),
         "neither GPT-2's nor GPT-4's: found {'type': 'Whitespace'}, expected one of the type B"),
        (told(TOKENS, "pre_tokenizer", value=None), "its pre_tokenizer is None, expected an obj"),
        (told(TOKENS, "post_processor", value={"type": "TemplateProcessing"}), "none that adds to"),
        (told(TOKENS, "post_processor", value=[1]), r"its post_processor is \[1\], expected none"),
        (told(TOKENS, "added_tokens", value=None), "its added_tokens is None, expected a list"),
        (told(TOKENS, "added_tokens", 0, value="x"), "found 'x' in its added_tokens, expected an"),
        (told(TOKENS, "added_tokens", 0, "id", value=5), "has two ids"),
    ],
)
def test_a_damage_is_a_sentence(folder, damage, said):
    damage(folder)
    with pytest.raises(hub.HubError, match=said) as error:
        hub.load(folder)
    assert str(error.value).endswith(TIPS) and str(folder) in str(error.value)
    assert "Copy the folder again" in str(error.value)


def test_merges_in_another_order_are_refused(folder):
    whole = json.loads((folder / TOKENS).read_text(encoding="utf-8"))
    whole["model"]["merges"][1:3] = reversed(whole["model"]["merges"][1:3])
    (folder / TOKENS).write_text(json.dumps(whole), encoding="utf-8")
    with pytest.raises(hub.HubError, match="not in the order of their ids"):
        hub.load(folder)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("model_type", "llama"), ("activation_function", "gelu"), ("layer_norm_epsilon", 1e-6),
        ("scale_attn_by_inverse_layer_idx", True), ("tie_word_embeddings", False), ("n_inner", 48),
    ],
)  # fmt: skip
def test_another_kind_of_model_is_refused(folder, name, value):
    told(CONFIG, name, value=value)(folder)
    with pytest.raises(hub.HubError, match=f"{name} is {value!r}, expected .*: another model"):
        hub.load(folder)


def test_a_device_that_is_not_here(made):
    with pytest.raises(hub.HubError, match=r"device tpu: it is not here. .* or auto"):
        hub.load(made, "tpu")
    assert hub.load(made, "auto").model.lm_head.weight.device.type in ("cpu", "cuda", "mps")


# Writing.


def test_an_older_model_is_replaced(folder):
    hub.save(folder, hub_sample.model(n_layer=1), hub_sample.tokenizer())
    assert hub.load(folder).config.n_layer == 1
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_a_folder_of_somebody_is_left_alone(tmp_path):
    (tmp_path / "thesis.md").write_text("years of work")
    with pytest.raises(hub.HubError, match=r"other files than a model's \(thesis.md\)"):
        hub.save(tmp_path, hub_sample.model(), hub_sample.tokenizer())
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.md"]
    with pytest.raises(hub.HubError, match="is a file: give the name of a folder"):
        hub.save(tmp_path / "thesis.md", hub_sample.model(), hub_sample.tokenizer())


@pytest.mark.parametrize("files", [
    {"README.md": "years of work", "config.json": '{"mine": 1}'},
    {"README.md": "years of work", "config.json": '{"mine": 1}', "model.safetensors": "mine"},
    {"config.json": '{"model_type": "gpt2"}'},
    {"config.json": "no JSON", "model.safetensors": "mine"},
    {"README.md": "years of work"},
], ids=lambda files: "+".join(files))  # fmt: skip
def test_names_as_a_models_make_no_model(tmp_path, files):
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(hub.HubError, match=rf"other files than a model's \({min(files)}"):
        hub.save(tmp_path, hub_sample.model(), hub_sample.tokenizer())
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == files


def test_an_empty_folder_is_filled(tmp_path):
    assert hub.load(hub.save(tmp_path, hub_sample.model(), hub_sample.tokenizer())).run == {}


@pytest.mark.parametrize("when", ["the weights", "the name"])
def test_a_folder_is_written_whole_or_not_at_all(folder, monkeypatch, when):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    if when == "the weights":
        monkeypatch.setattr(saving, "packed", full)
    else:
        replace = os.replace
        monkeypatch.setattr(
            saving.os, "replace", lambda a, b: full() if str(a).endswith(".part") else replace(a, b)
        )
    with pytest.raises(hub.HubError, match=r"could not be written \(No space left"):
        hub.save(folder, hub_sample.model(n_layer=1), hub_sample.tokenizer())
    monkeypatch.undo()
    assert hub.load(folder).config.n_layer == 3
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def spoilt(change):
    model = hub_sample.model()
    with torch.no_grad():
        change(model)
    return model


def two_alike():
    made = RegexTokenizer(hub_sample.tokenizer().pattern)
    made._set({(97, 98): 256, (256, 99): 257, (98, 99): 258, (97, 258): 259}, range(256))
    return made


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"dtype": torch.bfloat16}, "expected torch.float32 or torch.float16"),
        ({"run": {"seconds": float("nan")}}, "run cannot be written as JSON"),
        ({"run": {"model": torch.ones(2)}}, "run cannot be written as JSON"),
        ({"tokenizer": tiny.tokenizer()}, "512 ids up to 511, the model 300"),
        (
            {"tokenizer": RegexTokenizer(r"\w+|\W+"), "model": hub_sample.model(vocab_size=256)},
            "expected GPT2_PATTERN or GPT4_PATTERN",
        ),
        (
            {"tokenizer": two_alike(), "model": hub_sample.model(vocab_size=260)},
            "two of its tokens are written alike",
        ),
        (
            {"model": spoilt(lambda m: m.lm_head.weight[0].fill_(torch.nan))},
            "wte.weight: 48 of its numbers are NaN",
        ),
        (
            {"model": spoilt(lambda m: m.transformer.ln_f.bias.fill_(1e5)), "dtype": torch.float16},
            "transformer.ln_f.bias holds numbers over 65,504",
        ),
    ],
)
def test_what_cannot_be_written(tmp_path, changed, said):
    given = {"model": hub_sample.model(), "tokenizer": hub_sample.tokenizer()} | changed
    with pytest.raises(hub.HubError, match=said):
        hub.save(tmp_path / "m", **given)
    assert not list(tmp_path.iterdir())
