"""OpenAI's files as TensorFlow reads them: the same numbers, and what is wrong is named.

TensorFlow takes seconds to load and greets on stderr, so one program of its own does all of it and
prints what it saw.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gptlab import tiny

pytest.importorskip("tensorflow", reason="reads OpenAI's files; the hub's form needs none")
safetensors = pytest.importorskip("safetensors.numpy", reason="writes the hub's form of the model")
pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
PROGRAM = """
import json, sys
import numpy as np
import gpt_download as g
folder, hparams = sys.argv[1], json.loads(sys.argv[2])
g.MIRRORS = dict.fromkeys(g.SOURCES, ())
for name in ("whole", "both", "hub"):
    g.MODELS[name] = g.Model(hparams)
seen = {}

def flat(tree, name=""):
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for key, value in pairs:
        if isinstance(value, np.ndarray):
            yield f"{name}/{key}", value
        else:
            yield from flat(value, f"{name}/{key}")

def attempt(name, call):
    try:
        seen[name] = call()
    except g.CheckpointError as error:
        seen[name] = str(error)

def same():
    settings, ours = g.download_and_load_gpt2("whole", folder, source="auto", progress=False)
    _, theirs = g.download_and_load_gpt2("hub", folder, source="auto", progress=False)
    ours, theirs = dict(flat(ours)), dict(flat(theirs))
    assert ours.keys() == theirs.keys() and len(ours) == 52
    assert all(np.array_equal(ours[name], theirs[name]) for name in ours)
    assert all(a.dtype == np.float32 and a.flags.writeable for a in ours.values())
    assert {a.ndim for a in ours.values()} == {1, 2}
    return settings

attempt("same", same)
seen["both"] = g._chosen("auto", g.MODELS["both"], "both", g.Path(folder) / "both", False, True)
for name in ("damaged", "index", "no_data"):
    attempt(name, lambda: g.read_gpt2(f"{folder}/{name}", "tensorflow", hparams) and "fine")
wider = {**hparams, "n_layer": 5, "n_ctx": 128}
attempt("wider", lambda: g.read_gpt2(f"{folder}/whole", "tensorflow", wider))
attempt("shorter", lambda: g.read_gpt2(f"{folder}/whole", "tensorflow", {**hparams, "n_layer": 3}))
g.MODELS["whole"] = g.Model({**hparams, "n_head": 2})
(g.Path(folder) / "whole" / "hparams.json").write_text(json.dumps({**hparams, "n_head": 2}))
g.download_gpt2("whole", folder, source="tensorflow")
print(json.dumps(seen))
"""


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """What the program saw, by case."""
    folder = tmp_path_factory.mktemp("tensorflow")
    for name in ("whole", "both", "damaged", "index", "no_data"):
        shutil.copytree(tiny.FOLDER, folder / name)
    (folder / "hub").mkdir()
    safetensors.save_file(tiny.state(), folder / "hub" / "model.safetensors")
    safetensors.save_file(tiny.state(), folder / "both" / "model.safetensors")
    data = folder / "damaged" / "model.ckpt.data-00000-of-00001"
    raw = bytearray(data.read_bytes())
    raw[1000] ^= 255
    data.write_bytes(raw)
    (folder / "index" / "model.ckpt.index").write_bytes(b"no index" * 9)
    (folder / "no_data" / "model.ckpt.data-00000-of-00001").unlink()
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM, str(folder), json.dumps(tiny.hparams())],
        cwd=ROOT, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_both_sources_give_the_same_numbers(seen):
    assert seen["same"] == tiny.hparams()


def test_where_both_are_here_tensorflows_are_taken(seen):
    assert seen["both"] == "tensorflow"


@pytest.mark.parametrize(
    ("case", "parts"),
    [
        ("damaged", ("is damaged", "Checksum does not match", "What to do: remove")),
        ("index", ("TensorFlow cannot read", "index/model.ckpt", "What to do: remove")),
        ("no_data", ("no_data", "What to do: remove")),
        (
            "wider",
            ("model.ckpt is of another architecture or size", "it lacks model/h4/ln_1/g",
             "and 8 more", "model/wpe is (64, 72) (expected (128, 72))"),
        ),
        ("shorter", ("it has more than a GPT-2 of this size", "model/h3/", "and 8 more")),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(seen, case, parts):
    for part in parts:
        assert part in seen[case]
