"""Seconds and memory to load GPT-2 124M: OpenAI's files with TensorFlow, and safetensors.

Random weights in the shape of the real ones, written once by TensorFlow and once as safetensors.
Each way is a fresh process, imports and all: the two readers of gpt_download, and the library's own
of TensorFlow's files. Afterwards every number is read once, since a file that is only mapped into
memory has not been read. The files are in the system's cache, so no disk is measured. The ways take
turns, and the median counts.

Most of TensorFlow's seconds are its import. Then it checks a sum of each tensor, and copies; the
library's own reader maps the file and copies nothing, and leaves sums to gpt_download.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.process import machine_line
from gptlab import torch_layouts, weights

ROOT = Path(__file__).resolve().parents[1]
TURNS = 7
SIZES = {"vocab_size": 50257, "n_positions": 1024, "n_embd": 768, "n_layer": 12, "n_head": 12}
# What each child runs: `imported` is taken once the modules are there.
WITH = """
import json, sys, time
begun = time.perf_counter()
{modules}
imported = time.perf_counter() - begun
begun = time.perf_counter()
params = {read}
reading = time.perf_counter() - begun
def total(part):
    parts = part.values() if isinstance(part, dict) else part
    return sum(total(p) if isinstance(p, (dict, list)) else float(p.sum()) for p in parts)
said = total(params)
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
held = {{key: int(status[key].split()[0]) * 1024 for key in ("VmHWM", "RssAnon")}}
print(json.dumps({{"import": imported, "read": reading, "sum": said, **held}}))
"""
HPARAMS = "json.load(open('openai/hparams.json'))"
WAYS = {
    "OpenAI's files, with TensorFlow": WITH.format(
        modules="import numpy, tensorflow, gpt_download",
        read=f"gpt_download.read_gpt2('openai', 'tensorflow', {HPARAMS})"),
    "OpenAI's files, with gptlab.tensor_bundle": WITH.format(
        modules="from gptlab import weights",
        read="weights.to_params(weights.from_folder('openai')[0])"),
    "safetensors": WITH.format(
        modules="import numpy, safetensors, gpt_download",
        read=f"gpt_download.read_gpt2('hub', 'safetensors', {HPARAMS})"),
}  # fmt: skip


def write_both(tree: weights.Tree, n_head: int, folder: Path) -> None:
    """The tree as OpenAI's files in folder/openai, and as the hub's in folder/hub."""
    from safetensors.numpy import save_file

    from gptlab.tiny.make import write_weights

    for name in ("openai", "hub"):
        (folder / name).mkdir()
    write_weights(tree, n_head, folder / "openai")
    save_file(torch_layouts.to_huggingface(tree), folder / "hub" / "model.safetensors")
    found = weights.sizes(tree)
    told = {**dict(zip(SIZES, found.values(), strict=False)), "n_head": n_head}
    told["n_positions"] = found["block_size"]
    (folder / "hub" / "config.json").write_text(json.dumps(told), encoding="utf-8")


def once(way: str, folder: Path) -> dict[str, float]:
    """One fresh process: seconds on the clock and of the processor, and what it says of itself."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3",
                   "TF_ENABLE_ONEDNN_OPTS": "0"}  # fmt: skip
    before, started = os.times(), time.perf_counter()
    done = subprocess.run([sys.executable, "-c", WAYS[way]], cwd=folder, env=environment,
                          stdout=subprocess.PIPE, text=True, check=True)  # fmt: skip
    wall, after = time.perf_counter() - started, os.times()
    cpu = after.children_user + after.children_system
    cpu -= before.children_user + before.children_system
    return {"wall": wall, "cpu": cpu, **json.loads(done.stdout.splitlines()[-1])}


def measured(folder: Path, turns: int = TURNS) -> dict[str, dict[str, float]]:
    """Way -> medians; all give the same numbers, or AssertionError."""
    runs: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    for _ in range(turns):
        for way, found in runs.items():
            found.append(once(way, folder))
    sums = {round(run["sum"], 2) for found in runs.values() for run in found}
    if len(sums) != 1:
        raise AssertionError(f"the numbers differ: their sums are {sums}")
    return {way: {key: median(run[key] for run in found) for key in found[0] if key != "sum"}
            for way, found in runs.items()}  # fmt: skip


def tree_of_random() -> weights.Tree:
    """124,439,808 numbers by chance."""
    chance = np.random.default_rng(0)
    vocab, context, width, layers, _ = SIZES.values()
    shapes = weights.shapes_by_place(vocab, context, width, layers)
    return weights.from_places({place: chance.standard_normal(shape, np.float32)
                                for place, shape in shapes.items()}, layers)  # fmt: skip


def table(found: dict[str, dict[str, float]]) -> None:
    """Print what each way took, and how many times the last one's it is."""
    last = list(found.values())[-1]
    print(f"  {'':<42} seconds   import  reading  processor       MB   own MB")
    for way, run in found.items():
        print(f"  {way:<42} {run['wall']:7.2f} {run['import']:8.2f} {run['read']:8.2f} "
              f"{run['cpu']:10.2f} {run['VmHWM'] / 1e6:8.0f} {run['RssAnon'] / 1e6:8.0f} "
              f"{run['wall'] / last['wall']:6.1f} x")  # fmt: skip


def main() -> bool:
    """Print the table; True where safetensors is not at least five times faster."""
    if not sys.platform.startswith("linux"):
        print("  memory is read from /proc, so this runs on Linux alone")
        return False
    with tempfile.TemporaryDirectory() as folder:
        write_both(tree_of_random(), SIZES["n_head"], Path(folder))
        found: dict[str, Any] = measured(Path(folder))
    print(f"  {machine_line()}; median of {TURNS} turns; MB: the most that the process held, with\n"
          "  what is mapped from files; own MB: what is its own alone, at the end")  # fmt: skip
    table(found)
    slow, *_, quick = found.values()
    print(f"  safetensors are {slow['wall'] / quick['wall']:.1f} times as fast as TensorFlow. Of "
          f"TensorFlow's {slow['wall']:.1f} s\n  {slow['import']:.1f} s are its import, and "
          f"{slow['read']:.2f} s reading, with a checksum of each tensor and a copy.")  # fmt: skip
    return slow["wall"] < 5 * quick["wall"]
