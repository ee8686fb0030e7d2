"""gptlab.weights: whole folders of files, as OpenAI and the hub publish them, and our own .npz."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from safetensors.numpy import save_file

import gpt_download
from gptlab import tiny, torch_layouts, tree, weights


@pytest.fixture
def hub(tmp_path) -> Path:
    """The tiny checkpoint as the hub would have it."""
    save_file(torch_layouts.to_huggingface(tiny.params()), tmp_path / "model.safetensors")
    told = tiny.hparams()
    names = {"vocab_size": "n_vocab", "n_positions": "n_ctx", "n_embd": "n_embd",
             "n_layer": "n_layer", "n_head": "n_head"}  # fmt: skip
    (tmp_path / "config.json").write_text(json.dumps({k: told[v] for k, v in names.items()}))
    return tmp_path


def test_a_folder_of_either_kind_is_read(hub):
    for folder in (tiny.FOLDER, hub):
        found, heads = weights.from_folder(folder)
        assert heads == 4
        for place, value in tree.flat(tiny.params()).items():
            np.testing.assert_array_equal(tree.flat(found)[place], value)


def test_a_folder_is_read_without_torch_and_tensorflow(hub):
    said = (
        "import sys; from gptlab import weights; "
        "[weights.from_folder(folder) for folder in sys.argv[1:]]; "
        "print({'torch', 'tensorflow', 'transformers'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", said, str(tiny.FOLDER), str(hub)],
                          capture_output=True, text=True, timeout=60, check=True)  # fmt: skip
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize(
    ("file", "change", "said"),
    [
        ("hparams.json", lambda t: t | {"n_head": 5}, "n_head=5 does not divide the width, 72"),
        ("hparams.json", lambda t: t | {"n_head": 0}, "n_head=0 does not divide"),
        ("hparams.json", lambda t: t | {"n_ctx": 32}, "say n_ctx=32; the weights have 64"),
        ("hparams.json", lambda t: t | {"n_layer": 5}, "say n_layer=5; the weights have 4"),
        ("hparams.json", lambda t: {"n_vocab": 512}, "lack n_ctx, n_embd, n_layer, n_head"),
        ("hparams.json", lambda t: [1], "no settings, but a list"),
        ("model.safetensors", lambda t: t, r"model\.safetensors cannot be read"),
    ],
)
def test_a_folder_that_does_not_fit_together(tmp_path, hub, file, change, said):
    folder = hub
    if file == "hparams.json":
        folder = shutil.copytree(tiny.FOLDER, tmp_path / "tiny")
    (folder / file).write_text(json.dumps(change(tiny.hparams())))
    with pytest.raises(weights.WeightsError, match=said):
        weights.from_folder(folder)


def test_a_folder_without_weights_or_settings(hub, tmp_path):
    (hub / "config.json").unlink()
    with pytest.raises(weights.WeightsError, match=r"no config\.json says how many heads.*512"):
        weights.from_folder(hub)
    with pytest.raises(weights.WeightsError, match=r"has neither model\.ckpt\.index nor model\.s"):
        weights.from_folder(tmp_path / "nowhere")


def test_a_file_keeps_only_heads_that_fit(tmp_path):
    with pytest.raises(weights.WeightsError, match="n_head=5 does not divide the width, 72"):
        weights.save(tmp_path / "gpt2.npz", tiny.params(), 5)
    weights.save(tmp_path / "gpt2.npz", tiny.params(), 4)
    with np.load(tmp_path / "gpt2.npz") as file:
        arrays = dict(file)
    np.savez(tmp_path / "gpt2.npz", **arrays | {"n_head": np.float64(2.5)})
    with pytest.raises(weights.WeightsError, match=r"n_head=2\.5 does not divide"):
        weights.load(tmp_path / "gpt2.npz")


def test_a_size_of_openais_needs_no_settings(hub, monkeypatch):
    """gpt_download keeps model.safetensors alone."""
    monkeypatch.setitem(gpt_download.MODELS, "tiny", gpt_download.Model(tiny.hparams()))
    (hub / "config.json").unlink()
    assert weights.from_folder(hub)[1] == 4


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float64])
def test_safetensors_of_another_type_become_float32(hub, kind):
    state = {name: torch.tensor(value).to(kind)
             for name, value in torch_layouts.to_huggingface(tiny.params()).items()}  # fmt: skip
    safetensors.torch.save_file(state, hub / "model.safetensors")
    found, expected = weights.from_folder(hub)[0]["wte"], tiny.params()["wte"]
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=0.01)
