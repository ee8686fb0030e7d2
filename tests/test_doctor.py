"""The doctor: every kind of machine gets its line, and every bad line says what to do."""

import http.server
import json
import math
import platform
import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

import gpt_download
import gptlab
from gptlab import data, doctor, fingerprint, tiny
from gptlab.__main__ import main, programs

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path):
    """No variable of this machine and an empty cache."""
    for name in (
        "GPTLAB_DATA",
        "GPTLAB_OFFLINE",
        "GPTLAB_PLAY",
        "NBGRADER_EXECUTION",
        "COLAB_RELEASE_TAG",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GPTLAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(doctor.shutil, "which", lambda name: None)


def seen(**options) -> dict[str, doctor.Line]:
    """The lines by name; each bad one says what to do."""
    lines = list(doctor.examine(**{"network": False} | options))
    for line in lines:
        assert line.status in ("ok", "note", "fail")
        assert bool(line.todo) == (line.status != "ok"), line
    return {line.name: line for line in lines}


def test_a_good_machine(capsys):
    assert doctor.main(["--offline"]) == 0
    said = capsys.readouterr().out
    for group in ("versions", "machine", "device", "fingerprint", "texts", "network"):
        assert f"\n{group}\n" in "\n" + said
    assert torch.__version__ in said
    assert "0 failed" in said


def test_json(capsys):
    assert doctor.main(["--offline", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is True
    assert told["gptlab"] == gptlab.__version__
    assert {"group", "name", "status", "found", "todo"} == set(told["lines"][0])


def test_the_exit_code_says_that_a_line_failed(monkeypatch, capsys):
    monkeypatch.setitem(doctor.PACKAGES, "torch", (99, 0))
    assert doctor.main(["--offline", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["ok"] is False
    assert doctor.main(["--offline"]) == 1
    said = capsys.readouterr().out
    assert "and 99.0 is needed" in said
    assert "pip install --upgrade torch" in said
    assert "1 failed" in said


def test_it_reads_the_same_without_rich(monkeypatch, capsys):
    doctor.main(["--offline"])
    with_rich = capsys.readouterr().out
    monkeypatch.setitem(sys.modules, "rich.console", None)
    doctor.main(["--offline"])
    # The free space is measured anew each time.
    assert [line for line in capsys.readouterr().out.splitlines() if "free" not in line] == [
        line for line in with_rich.splitlines() if "free" not in line
    ]


def test_it_runs_without_torch(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "gptlab.fingerprint")
    monkeypatch.delattr(gptlab, "fingerprint")
    lines = seen()
    assert lines["torch"].status == "fail"
    assert lines["torch"].found == "is not installed"
    assert lines["device"].status == "fail"
    assert "draws" not in lines


def test_a_package_that_cannot_be_loaded(monkeypatch):
    def broken(name):
        raise OSError("c10.dll was not found")

    monkeypatch.setattr(doctor.importlib, "import_module", broken)
    assert doctor._package("torch", (2, 0)).status == "fail"
    assert "c10.dll" in doctor._package("torch", (2, 0)).found


def test_a_bar_is_not_worth_a_failure(monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    assert seen()["tqdm"].status == "note"


@pytest.mark.parametrize(
    ("version", "status"), [((3, 10), "fail"), ((3, 11), "ok"), ((3, 13), "ok"), ((3, 14), "note")]
)
def test_pythons(monkeypatch, version, status):
    fake = SimpleNamespace(version_info=(*version, 0), executable="python", modules=sys.modules)
    monkeypatch.setattr(doctor, "sys", fake)
    assert next(doctor._versions()).status == status


def test_a_cache_that_cannot_be_written(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("GPTLAB_CACHE", str(tmp_path / "file" / "cache"))
    assert seen()["cache"].status == "fail"


def test_a_full_disk(monkeypatch):
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path: SimpleNamespace(free=10**6))
    assert seen()["cache"].status == "note"


# The device


def on(monkeypatch, kind, capability=(0, 0)):
    """As if this machine had such a device."""
    about = SimpleNamespace(name="a card", total_memory=16 * 2**30)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: kind == "cuda")
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: kind == "mps")
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda device: about)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    monkeypatch.setattr(fingerprint, "largest_difference", lambda device: 1e-6)


@pytest.mark.parametrize(
    ("capability", "said"),
    [((7, 5), "float16, since bfloat16 is only emulated"), ((8, 0), "precision: bfloat16")],
)
def test_bfloat16_is_not_believed_where_it_is_emulated(monkeypatch, capability, said):
    on(monkeypatch, "cuda", capability)
    assert fingerprint.best_device().type == "cuda"
    line = seen()["device"]
    assert line.status == "ok"
    assert "CUDA: a card, 16 GiB" in line.found
    assert said in line.found


def test_mps(monkeypatch):
    on(monkeypatch, "mps")
    assert "Apple MPS" in seen()["device"].found
    assert not fingerprint.bf16(torch.device("mps"))


def test_no_gpu_is_fine(monkeypatch):
    on(monkeypatch, "cpu")
    assert seen()["device"].status == "ok"


def test_colab_without_its_gpu_says_where_to_switch_it_on(monkeypatch):
    on(monkeypatch, "cpu")
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release-colab-external-images")
    assert "Change runtime type > T4 GPU" in seen()["device"].todo


@pytest.mark.parametrize(
    ("built_for", "said"), [(None, "is the CPU build"), ("12.8", "CUDA_VISIBLE_DEVICES")]
)
def test_a_driver_and_no_gpu(monkeypatch, built_for, said):
    on(monkeypatch, "cpu")
    monkeypatch.setattr(doctor.shutil, "which", lambda name: "/usr/bin/nvidia-smi")
    monkeypatch.setattr(torch.version, "cuda", built_for)
    assert said in seen()["device"].todo


def test_a_device_that_computes_wrongly(monkeypatch):
    monkeypatch.setattr(fingerprint, "largest_difference", lambda device: 0.2)
    assert seen()["arithmetic"].status == "fail"


def test_a_device_that_does_not_compute(monkeypatch):
    def broken(device):
        raise RuntimeError("CUDA error: out of memory\nand much more")

    monkeypatch.setattr(fingerprint, "largest_difference", broken)
    line = seen()["arithmetic"]
    assert line.status == "fail"
    assert line.found == "cpu: CUDA error: out of memory"


# The fingerprint


def test_the_fingerprint_is_the_same_again_and_leaves_the_random_numbers_alone():
    torch.manual_seed(5)
    before = torch.get_rng_state()
    assert fingerprint.fingerprint() == fingerprint.fingerprint()
    assert torch.equal(before, torch.get_rng_state())


def test_the_fingerprint_does_not_depend_on_the_number_of_threads():
    threads = torch.get_num_threads()
    found = []
    for n in (1, 2):
        torch.set_num_threads(n)
        found.append(fingerprint.fingerprint())
    torch.set_num_threads(threads)
    assert found[0] == found[1]


def test_no_number_lies_where_a_last_digit_could_tip_it():
    for name, value in fingerprint._values().items():
        digit = 10.0 ** (math.floor(math.log10(abs(value))) - 3)
        assert abs(value / digit % 1 - 0.5) > 0.1, f"{name} = {value}: rounds either way"


@pytest.mark.skipif(
    platform.machine() not in ("x86_64", "AMD64"), reason="made on another kind of processor"
)
def test_this_machine_computes_like_the_courses():
    found = fingerprint.fingerprint()
    assert {name: found[name] for name in fingerprint.COURSE} == fingerprint.COURSE


def test_another_machines_fingerprint_is_a_note(monkeypatch):
    monkeypatch.setattr(fingerprint, "COURSE", {"draws": "0" * 8, "values": "1" * 8})
    lines = seen()
    assert lines["draws"].status == lines["values"].status == "note"


def test_arithmetic_on_the_processor_is_that_of_float32():
    assert 0 < fingerprint.largest_difference(torch.device("cpu")) < 1e-5


# The texts and the network


def test_a_text_that_is_not_here():
    line = seen()["Tiny Shakespeare"]
    assert line.status == "note"
    assert data.TEXTS["tiny_shakespeare"].urls[0] in line.todo
    assert str(data.cache()) in line.todo


def test_a_text_that_is_here(monkeypatch, tmp_path):
    digest = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"  # of foo
    source = replace(data.TEXTS["the_verdict"], sha256=digest, size=3)
    monkeypatch.setitem(data.TEXTS, "the_verdict", source)
    monkeypatch.setenv("GPTLAB_DATA", str(tmp_path))
    (tmp_path / "the-verdict.txt").write_text("foo")
    line = seen()[source.name]
    assert line.status == "ok"
    assert line.found == f"GPTLAB_DATA: {tmp_path / 'the-verdict.txt'}"


def test_a_wrong_text_fails_and_stays_where_it_is(monkeypatch, tmp_path):
    monkeypatch.setenv("GPTLAB_DATA", str(tmp_path))
    wrong = tmp_path / "the-verdict.txt"
    wrong.write_text("edited")
    line = seen()[data.TEXTS["the_verdict"].name]
    assert line.status == "fail"
    assert str(wrong) in line.found
    assert wrong.read_text() == "edited"


def test_gptlab_data_that_is_no_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("GPTLAB_DATA", str(tmp_path / "nowhere"))
    assert seen()["GPTLAB_DATA"].status == "fail"


def test_weights_that_are_here(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert "none in ./gpt2" in seen()["GPT-2"].found
    monkeypatch.setitem(gpt_download.MODELS, "tiny", gpt_download.Model(tiny.hparams()))
    shutil.copytree(tiny.FOLDER, tmp_path / "gpt2" / "tiny")
    found = seen()
    assert found["GPT-2 tiny"].found == f"tensorflow: {Path('gpt2') / 'tiny'}"
    assert "GPT-2" not in found


def test_offline_is_obeyed(monkeypatch):
    def asked(url):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(doctor, "_answer", asked)
    assert "--offline" in seen()["mirrors"].found
    monkeypatch.setenv("GPTLAB_OFFLINE", "1")
    assert "GPTLAB_OFFLINE" in seen(network=True)["mirrors"].found


class Mirror(http.server.BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.send_response(200 if self.path == "/good" else 404)
        self.end_headers()

    def log_message(self, *args):
        pass


def test_the_mirrors(monkeypatch):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Mirror) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        host = f"127.0.0.1:{server.server_address[1]}"
        urls = (f"http://{host}/good", "http://127.0.0.1:9/")
        for key, source in data.TEXTS.items():
            monkeypatch.setitem(data.TEXTS, key, replace(source, urls=urls))
        lines = seen(network=True)
        missing = doctor._answer(f"http://{host}/missing")
        server.shutdown()
        thread.join()
    assert lines[host].found == "answers"
    assert lines["127.0.0.1:9"].status == "note"
    assert "cannot be reached" in lines["127.0.0.1:9"].found
    assert missing == "HTTP 404 Not Found"


def test_a_mirror_that_is_not_needed_is_no_trouble(monkeypatch):
    monkeypatch.setattr(doctor, "_answer", lambda url: "no network")
    assert {line.status for line in doctor._network(True, needed=False)} == {"ok"}
    assert {line.status for line in doctor._network(True, needed=True)} == {"note"}


# python -m gptlab


def test_the_list_of_programs():
    done = subprocess.run(
        [sys.executable, "-m", "gptlab"], cwd=ROOT, capture_output=True, text=True, timeout=20
    )
    assert done.returncode == 0, done.stderr
    assert "python -m gptlab.doctor  " in done.stdout
    assert len(done.stdout.splitlines()) == len(list(programs()))


def test_the_list_fits_into_a_narrow_terminal(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "84")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    main()
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 84
    told = " ".join(out.split())
    assert all(f"python -m {name} {about}" in told for name, about in programs())


def test_a_program_is_a_module_that_can_be_run(tmp_path):
    package = tmp_path / "package"
    (package / "apps").mkdir(parents=True)
    (package / "quiet.py").write_text('"""A library."""\n')
    (package / "apps" / "chat.py").write_text(
        '"""Talk to it.\n\nMore."""\nif __name__ == "__main__":\n    print("hello")\n'
    )
    for place in (package, package / "data"):
        place.mkdir(exist_ok=True)
        (place / "__main__.py").write_text('"""Make it."""\nif __name__ == "__main__":\n    pass\n')
    assert list(programs(package)) == [
        ("package.apps.chat", "Talk to it."), ("package.data", "Make it."),
    ]  # fmt: skip


def test_every_program_is_on_the_page_of_programs():
    page = (ROOT / "book" / "programs.md").read_text(encoding="utf-8")
    assert [name for name, _ in programs() if f"`python -m {name}" not in page] == []


def test_every_program_says_what_it_does():
    for name, about in programs():
        assert about.endswith("."), name
