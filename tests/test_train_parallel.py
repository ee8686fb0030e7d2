"""gptlab.train in two processes: the losses of one, a stop that all agree on, nothing left over."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
import torch
from train_ranks import DROPPING, SETTINGS
from train_sample import SMALL, TEXT, config, one_thread, trained

from gptlab import train
from gptlab.train import Trainer, TrainError
from gptlab.training.parallel import ALONE, Ranks, ranks

assert one_thread  # for every test here
ROOT = Path(__file__).parents[1]
SECONDS = 240
CPU, GPU = torch.device("cpu"), torch.device("cuda")


@pytest.fixture
def torchrun():
    """Start two processes on this machine alone; all of them are gone afterwards."""
    started = []

    def start(*arguments):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        paths = os.pathsep.join(map(str, (ROOT, ROOT / "tests")))
        env = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": paths}
        options = ["--nproc_per_node=2", "--master_addr=127.0.0.1", f"--master_port={port}"]
        command = [sys.executable, "-m", "torch.distributed.run", *options, *map(str, arguments)]
        started.append(subprocess.Popen(
            command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            start_new_session=True,
        ))  # fmt: skip
        return started[-1]

    yield start
    for process in started:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def ended(process):
    """Its exit code and what it printed; nothing of it runs any more."""
    printed, _ = process.communicate(timeout=SECONDS)
    with pytest.raises((ProcessLookupError, PermissionError)):  # the latter on macOS
        os.killpg(process.pid, 0)
    return process.returncode, printed


@pytest.mark.slow
def test_two_processes_give_the_losses_of_one(torchrun, tmp_path):
    code, printed = ended(torchrun(ROOT / "tests" / "train_ranks.py", tmp_path))
    assert code == 0, printed
    found = json.loads((tmp_path / "found.json").read_text())
    for model, settings in SETTINGS.items():
        assert found[model] == pytest.approx(trained(settings).losses, abs=1e-6), model
    assert found["gone on"] == found["dropping"] and not found["masks are alike"]
    assert found["dropping"] != pytest.approx(trained(DROPPING).losses, abs=1e-6)


@pytest.mark.slow
def test_the_command_in_two_processes_is_stopped_and_goes_on(torchrun, tmp_path):
    (tmp_path / "text.txt").write_text(TEXT, encoding="utf-8")
    folder, text = tmp_path / "out", ["--text", tmp_path / "text.txt", "--device", "cpu"]
    sizes = ["--batch-size", 4, "--block-size", 8, "--n-embd", 12, "--n-head", 3, "--n-layer", 1,
             "--eval-interval", 1000, "--eval-iters", 2, "--learning-rate", 1e-4]  # fmt: skip
    process = torchrun("-m", "gptlab.train", *text, *sizes, "--out", folder, "--steps", 1_000_000)
    for _ in range(10 * SECONDS):
        if (folder / "losses.json").exists():
            break
        assert process.poll() is None, process.communicate()
        time.sleep(0.1)
    time.sleep(0.5)  # some steps
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to torchrun and to both
    code, printed = ended(process)
    assert code != 0 and printed.count("go on with --resume") == 1
    steps = Trainer.load(folder, TEXT).step
    code, printed = ended(torchrun("-m", "gptlab.train", *text, "--resume", folder,
                                   "--steps", steps + 3, "--sample", 0))  # fmt: skip
    assert code == 0 and printed.count(f"step {steps + 3}: training") == 1, printed
    assert "on cpu, 2 processes; 3,000 characters" in printed
    told = json.loads((folder / "losses.json").read_text())
    alone = Trainer(config(batch_size=4, n_layer=1, learning_rate=1e-4, steps=10), TEXT)
    alone.train(quiet=True)
    assert told["losses"][:10] == pytest.approx(alone.losses[: steps + 3], abs=1e-6)
    assert len(told["losses"]) == steps + 3


def test_batches_that_do_not_divide_are_refused():
    for size, take in ((3, 3), (4, 4)):
        with pytest.raises(TrainError, match=f"batch_size=2 does not divide among {size} processes"
                           f": take a multiple, such as --batch-size {take}"):  # fmt: skip
            Trainer(SMALL, TEXT, ranks=Ranks(0, size))


def test_the_shares_are_the_batch():
    batch = list(range(12))
    assert [Ranks(rank, 3).share(batch) for rank in range(3)] == [batch[:4], batch[4:8], batch[8:]]


def test_without_torchrun_there_is_one(monkeypatch):
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    with ranks(CPU) as found:
        assert found == (ALONE, CPU)
    assert ALONE.first and not ALONE.any(False) and ALONE.mean(0.1) == 0.1


def test_a_process_without_a_gpu_of_its_own_is_told(monkeypatch):
    for name, value in {"WORLD_SIZE": "2", "RANK": "1", "LOCAL_RANK": "1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("torch.cuda.device_count", lambda: 1)
    with (
        pytest.raises(TrainError, match="process 1 found 1 GPUs here: each process needs one"),
        ranks(GPU),
    ):
        raise AssertionError("it began")


def test_what_a_process_says_has_its_number(monkeypatch, capsys):
    monkeypatch.setenv("RANK", "1")
    assert train.main(["--text", "none.txt", "--device", "cpu"]) == 2
    assert "gptlab.train: process 1: --text none.txt" in capsys.readouterr().err
