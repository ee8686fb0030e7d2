"""The chat benchmark on a shape that takes no time: what it measures, keeps and prints."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from benchmarks import chat, chat_printed, chat_record, step_memory
from benchmarks.timing import NO_GPU
from gptlab import decoder, nano

ROOT = Path(__file__).resolve().parents[1]
RECORD = json.loads(chat_record.RESULT.read_text("utf-8"))
# pico-gpt's README, under "Example Results (RTX 3080 Ti)", letter by letter.
THEIRS = """\
Large Model CUDA vs CPU Inference Benchmark
============================================================
Model: 25.7M parameters (8 layers, 8 heads, 512 embedding dim)

Average Generation Time:
  CPU:  2739.40 ms
  CUDA: 430.50 ms
  Speedup: 6.36x faster

Throughput (tokens/sec):
  CPU:  18.3
  CUDA: 116.1
  Improvement: 6.36x

Memory Usage:
  CUDA Allocated: 981.1 MB"""
TINY = {"chat": nano.GPTConfig(32, 96, 2, 2, 32), "large": nano.GPTConfig(32, 96, 3, 2, 64)}


@pytest.fixture(scope="module")
def found() -> dict:
    """One run, through a file as the record goes."""
    before = torch.get_num_threads()
    made = chat.measured(TINY, {4: 6, 28: 4}, rounds=1, new=6, batch=(2, 8), steps=1)
    assert torch.get_num_threads() == before
    return json.loads(json.dumps(made))


def test_help_lists_the_benchmarks_and_runs_none() -> None:
    done = subprocess.run([sys.executable, "-m", "benchmarks", "--help"], cwd=ROOT,
                          capture_output=True, text=True, timeout=60)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "python -m benchmarks [NAME ...]" in done.stdout and "chat_record" in done.stdout


def test_the_shapes_are_pico_gpts() -> None:
    small, large = chat.sizes(chat.SHAPES["chat"]), chat.SHAPES["large"]
    assert small["parameters"] == 26_203_136 and small["without positions"] == 25_678_848
    assert (large.n_layer, large.n_head, large.n_embd) == (12, 12, 768)
    assert chat.SHAPES["chat"].vocab_size == 896 and chat.SHAPES["chat"].block_size == 1024
    assert small["MB int8"] < 0.3 * small["MB"]


def test_the_ways_hold_the_same_model() -> None:
    model = chat.of_nano(TINY["chat"])
    idx = chat.prompt_of(7, 96)
    with torch.no_grad():
        expected = model(idx)[0][:, -1]
        torch.testing.assert_close(decoder.from_nano(model)(idx)[:, -1], expected, atol=1e-5,
                                   rtol=1e-4)  # fmt: skip
        torch.testing.assert_close(
            chat.theirs(model)(idx).logits[:, -1], expected, atol=1e-5, rtol=1e-4
        )


def test_the_naive_loop_reads_all_that_came_before() -> None:
    read = []

    class Watched(nano.GPT):
        def forward(self, idx: torch.Tensor, targets: torch.Tensor | None = None) -> tuple:
            read.append(idx.shape[1])
            return super().forward(idx, targets)

    idx = chat.naive(Watched(TINY["chat"]).eval(), chat.prompt_of(29, 96), 6)
    assert read == [29, 30, 31, 32, 32, 32] and idx.shape == (1, 35)


def test_every_way_is_measured_after_every_prompt(found: dict) -> None:
    assert found["decoding"].keys() == {"4", "28"}
    for told in found["decoding"].values():
        assert tuple(told["seconds a token"]) == chat.WAYS
        assert all(spent > 0 for spent in told["seconds a token"].values())
        assert 0 <= told["int8 agrees"] <= told["new"]


def test_ways_that_write_other_tokens_are_no_result(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat, "naive", lambda model, idx, count: torch.full((1, 8), -1))
    with pytest.raises(AssertionError, match="tokens differ"):
        chat.decoding(TINY["chat"], {4: 4}, 1)


def test_what_needs_a_gpu_is_left_open_without_one(found: dict) -> None:
    here = torch.cuda.is_available()
    for kind in ("writing", "training"):
        for devices in found[kind].values():
            assert devices["cpu"]["ms"] > 0 and devices["cpu"]["MB"] is None
            assert (devices["cuda"] is not None) == here
    printed = chat_printed.whole(found)
    assert (NO_GPU in printed) != here


def test_what_is_printed(found: dict) -> None:
    printed = chat_printed.whole(found)
    for way in chat.WAYS:
        assert printed.count(f"  {way} ") == 2
    assert all(figure in printed for figure in ("18.3", "116.1", "143.0"))
    assert "contradict each other" in printed
    first = chat_printed.decoding(found, "4").splitlines()
    naive, rate = float(first[2].split()[-3]), chat_printed.rates(found, "4")[chat.WAYS[0]]
    assert naive == pytest.approx(rate, abs=0.06) and first[2].split()[-2] == "1.00"
    assert "Large against chat" in printed and str(found["machine"]["processor"]) in printed


def test_a_gpu_stands_in_its_columns(found: dict) -> None:
    card = {"ms": 2.0, "tokens a second": 500.0, "MB": 12.5}
    told = json.loads(json.dumps(found)) | {"gpu": "a card"}
    for kind in ("writing", "training"):
        for devices in told[kind].values():
            devices["cpu"]["ms"], devices["cuda"] = 8.0, card
    block = chat_printed.block(told, "writing", "chat")
    for line in ("  Speedup: 4.00x faster", "  CUDA: 500.0", "  Improvement: 4.00x",
                 "  CUDA Allocated: 12.5 MB"):  # fmt: skip
        assert line in block.splitlines()
    assert NO_GPU not in chat_printed.whole(told) and "GPU: a card" in chat_printed.on(told)


def test_the_layout_is_pico_gpts_label_by_label(found: dict) -> None:
    assert chat_printed.theirs(found) == THEIRS
    ours = chat_printed.block(found, "writing", "chat").splitlines()
    lines = THEIRS.splitlines()
    assert [line.partition(": ")[0] for line in ours[1:]] == [
        line.partition(": ")[0] for line in lines[1:]]  # fmt: skip
    assert ours[0] == lines[0].replace("Large", "Chat")


def test_a_step_that_keeps_less_holds_less() -> None:
    blocks = step_memory.BLOCKS | {"n_layer": 4, "n_head": 2, "n_embd": 64, "block_size": 192}
    told = step_memory.measured(blocks, rounds=1)
    held = {name: one["MB"] for name, one in told["options"].items()}
    assert held.keys() == step_memory.OPTIONS.keys()
    for name in ("--batch-size 1 --accumulate 4", "--recompute", "--block-size 128"):
        assert held[name] < 0.8 * held[""], name
    assert held["--precision bfloat16"] < held[""]
    printed = step_memory.printed(told)
    assert "--recompute" in printed and "4 windows of 192 tokens" in printed


def test_the_record_is_one_of_the_benchmark() -> None:
    assert RECORD["stated"] == chat.STATED and RECORD["seed"] == chat.SEED
    assert RECORD["shapes"]["chat"]["parameters"] == 26_203_136
    assert [tuple(told["seconds a token"]) for told in RECORD["decoding"].values()] == [
        chat.WAYS] * len(chat.PROMPTS)  # fmt: skip
    assert RECORD["steps"]["options"].keys() == step_memory.OPTIONS.keys()
    assert RECORD["printed"] == chat_record.printed(RECORD), "run chat_record.print_again()"


def test_int8_in_the_record_is_quicker_than_the_card_that_pico_gpt_names() -> None:
    assert chat_printed.rates(RECORD, "10")["gptlab, int8"] > RECORD["stated"]["GPU"] == 116.1


def test_a_record_is_printed_again_without_a_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr(chat_record, "RESULT", tmp_path / "chat.json")
    stale = RECORD | {"printed": {"all": "as it was"}, "stated": {}}
    chat_record.RESULT.write_text(json.dumps(stale), encoding="utf-8")
    chat_record.print_again()
    assert json.loads(chat_record.RESULT.read_text("utf-8")) == RECORD
