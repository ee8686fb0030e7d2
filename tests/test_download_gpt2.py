"""Getting and reading a whole GPT-2, here the tiny one, from a server that misbehaves at will."""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import loopback
import numpy as np
import pytest

import gpt_download
from gpt_download import CheckpointError, DownloadError, Model, download_and_load_gpt2
from gptlab import gpt, tiny

safetensors = pytest.importorskip("safetensors.numpy", reason="writes the hub's form of the model")

ROOT = Path(__file__).parent.parent
SEVEN = {path.name for path in tiny.FOLDER.iterdir()}
ONE = gpt_download.SAFETENSORS_FILE
HPARAMS = tiny.hparams()
QUICK = {"pause": 0.0, "timeout": 2.0}


def as_on_the_hub():
    """Weights by Hugging Face's names, with its masks, which are no weights."""
    masks = {
        f"h.{i}.attn.bias": np.tri(HPARAMS["n_ctx"], dtype=np.float32)[None, None]
        for i in range(HPARAMS["n_layer"])
    }
    return tiny.state() | masks


FILES = {path.name: path.read_bytes() for path in tiny.FOLDER.iterdir()}
FILES[ONE] = safetensors.save(as_on_the_hub())
KNOWN = {name: (hashlib.sha256(raw).hexdigest(), len(raw)) for name, raw in FILES.items()}


class Handler(loopback.Handler):
    """/<way to behave>/tiny/<file>; what is bad is bad for the largest file, or for hparams."""

    def do_GET(self):
        name, n = self.ask()
        way, size, file = name.split("/")
        if size != "tiny":
            self.reply(404, b"no such size")
        elif hasattr(self, way) and file in (ONE, gpt_download.DATA):
            getattr(self, way)(FILES[file], n)
        else:
            self.rest(self.server.files.get(way, {}).get(file, FILES[file]))

    def missing(self, body, n):
        self.reply(404, b"no such file")

    def busy(self, body, n):
        self.reply(503, b"come back later")

    def cut(self, body, n):
        self.reply(200, body[: len(body) // 2], length=len(body))

    def cut_once(self, body, n):
        self.rest(body) if n > 1 else self.cut(body, n)

    def stall(self, body, n):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:100])
        self.server.over.wait(5)

    def says_too_little(self, body, n):
        self.reply(200, body, length=len(body) // 2)

    def says_too_much(self, body, n):
        self.reply(200, body, length=len(body) + 10)

    def page(self, body, n):
        self.reply(200, b"<html>Welcome to the Wi-Fi</html>", Content_Type="text/html")

    def damaged(self, body, n):
        """The hub says what it should be; a number in the middle is another."""
        middle = len(body) // 2
        tag = f'"{hashlib.sha256(body).hexdigest()}"'
        self.rest(body[:middle] + b"\0\0\0\0" + body[middle + 4 :], X_Linked_ETag=tag)


@pytest.fixture
def server(monkeypatch):
    """The only place that there is; tiny is a size of which nothing is known but its shapes."""
    for name in ("GPTLAB_OFFLINE", "GPTLAB_DATA", "NBGRADER_EXECUTION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(gpt_download, "MIRRORS", dict.fromkeys(gpt_download.SOURCES, ()))
    monkeypatch.setitem(gpt_download.MODELS, "tiny", Model(HPARAMS))
    with loopback.serving(Handler) as server:
        server.files = {}
        monkeypatch.setenv("GPT2_MIRROR", f"{server.at}good")
        server.ask = lambda *ways: monkeypatch.setenv(
            "GPT2_MIRROR", " ".join(server.at + way for way in ways)
        )
        yield server


@pytest.fixture
def known(monkeypatch):
    """All is known of tiny's files, as it is of 124M's."""
    monkeypatch.setitem(gpt_download.MODELS, "tiny", Model(HPARAMS, known=KNOWN))


@pytest.fixture
def without_tensorflow(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow", None)


def load(folder, source="safetensors", **options):
    return download_and_load_gpt2("tiny", folder, source=source, **(QUICK | options))


def asked(server):
    return sorted(name.rpartition("/")[2] for name in server.asked)


def assert_is_tiny(settings, params):
    expected = tiny.params()
    expected |= expected.pop("ln_f")
    assert settings == HPARAMS
    assert params.keys() == {"wte", "wpe", "g", "b", "blocks"}

    def compare(found, wanted):
        if isinstance(wanted, dict):
            assert found.keys() == wanted.keys()
            for key in wanted:
                compare(found[key], wanted[key])
        elif isinstance(wanted, list):
            assert len(found) == len(wanted)
            for pair in zip(found, wanted, strict=True):
                compare(*pair)
        else:
            assert found.dtype == np.float32
            assert found.flags.writeable
            np.testing.assert_array_equal(found, wanted)

    compare(params, expected)


# What works


def test_the_four_sizes():
    for size, model in gpt_download.MODELS.items():
        ours = gpt.GPT_CONFIG_124M | gpt.SIZES[size]
        assert model.hparams == {
            "n_vocab": ours["vocab_size"], "n_ctx": ours["context_length"],
            "n_embd": ours["emb_dim"], "n_head": ours["n_heads"], "n_layer": ours["n_layers"],
        }  # fmt: skip
    assert list(gpt_download.MODELS) == list(gpt.SIZES)
    assert gpt_download.MODELS["124M"].parameters == 124_439_808
    # What is known of the data files' sizes, and what follows from their shapes, agree.
    sizes = {size: 4 * model.parameters for size, model in gpt_download.MODELS.items()}
    assert (sizes["124M"], sizes["355M"]) == (497_759_232, 1_419_292_672)
    assert gpt_download.MODELS["124M"].known[gpt_download.DATA][1] == sizes["124M"]
    assert gpt_download.MODELS["124M"].known.keys() == {*gpt_download.TENSORFLOW_FILES, ONE}


def test_settings_and_params_are_those_of_the_books_helper(server, tmp_path, capsys):
    assert_is_tiny(*load(tmp_path))
    assert asked(server) == [ONE]
    assert [path.name for path in (tmp_path / "tiny").iterdir()] == [ONE]
    said = capsys.readouterr().out
    assert f"{len(FILES[ONE]):,} bytes" in said
    assert "294,192 numbers in 52 tensors" in said
    assert "no sha256 is known" in said


def test_a_model_whose_files_are_known_says_so(server, known, tmp_path, capsys):
    assert_is_tiny(*load(tmp_path))
    assert "each with the right sha256" in capsys.readouterr().out


def test_quiet(server, tmp_path, capsys):
    load(tmp_path, progress=False)
    assert capsys.readouterr() == ("", "")


def test_without_tensorflow_the_hub_is_asked_and_that_is_said(
    server, tmp_path, capsys, without_tensorflow
):
    assert_is_tiny(*load(tmp_path, "auto"))
    line = "TensorFlow, which reads OpenAI's own files, is not installed"
    assert line in capsys.readouterr().out.splitlines()[0]


def test_what_is_here_already_is_taken_and_no_network_is_asked(server, tmp_path, capsys):
    load(tmp_path)
    server.asked.clear()
    capsys.readouterr()
    assert_is_tiny(*load(tmp_path, "auto"))
    assert not server.asked
    said = capsys.readouterr().out
    assert "its safetensors are here already" in said
    assert "downloaded: 0" in said


def test_files_of_tensorflow_that_nobody_can_read_are_mentioned(
    server, tmp_path, capsys, without_tensorflow
):
    shutil.copytree(tiny.FOLDER, tmp_path / "tiny")
    assert_is_tiny(*load(tmp_path, "auto"))
    said = capsys.readouterr().out
    assert f"TensorFlow, which would read the files in {tmp_path / 'tiny'}, is not" in said


def test_the_seven_files_come_the_small_ones_first(server, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(gpt_download, "_unreadable", lambda source: "it is not installed")
    folder = gpt_download.download_gpt2("tiny", tmp_path, source="tensorflow", **QUICK)
    assert {path.name for path in folder.iterdir()} == SEVEN
    assert all((folder / name).read_bytes() == FILES[name] for name in SEVEN)
    names = [name.rpartition("/")[2] for name in server.asked]
    assert (names[0], names[-1]) == ("hparams.json", gpt_download.DATA)
    assert "were not looked at" in capsys.readouterr().out


def test_names_with_hugging_faces_prefix(server, tmp_path):
    named = {f"transformer.{name}": value for name, value in as_on_the_hub().items()}
    server.files["prefixed"] = {ONE: safetensors.save(named)}
    server.ask("prefixed")
    assert_is_tiny(*load(tmp_path))


def test_a_download_goes_on_after_a_cut(server, tmp_path):
    server.ask("cut_once")
    assert_is_tiny(*load(tmp_path))
    assert server.asked[f"cut_once/tiny/{ONE}"] == [None, f"bytes={len(FILES[ONE]) // 2}-"]


def test_a_folder_of_this_machine_may_be_a_mirror(server, tmp_path, monkeypatch):
    (tmp_path / "served" / "tiny").mkdir(parents=True)
    (tmp_path / "served" / "tiny" / ONE).write_bytes(FILES[ONE])
    monkeypatch.setenv("GPT2_MIRROR", (tmp_path / "served").as_uri())
    assert_is_tiny(*load(tmp_path / "gpt2"))


def test_the_public_addresses_come_after_the_mirror(monkeypatch):
    monkeypatch.setenv("GPT2_MIRROR", "http://teacher:8000/ http://other/x")
    model = gpt_download.MODELS["124M"]
    urls = gpt_download._addresses(model, "124M", "tensorflow", "hparams.json")
    assert urls[:3] == [
        "http://teacher:8000/124M/hparams.json",
        "http://other/x/124M/hparams.json",
        "https://openaipublic.blob.core.windows.net/gpt-2/models/124M/hparams.json",
    ]
    urls = gpt_download._addresses(model, "124M", "safetensors", ONE)
    assert urls[2] == (
        "https://huggingface.co/openai-community/gpt2/resolve/"
        f"607a30d783dfa663caf39e06633721c8d4cfcd7e/{ONE}"
    )


def test_a_mirror_that_is_no_address(server, tmp_path, monkeypatch):
    monkeypatch.setenv("GPT2_MIRROR", "/class/models")
    with pytest.raises(ValueError, match=r"'/class/models'.*A folder goes into GPTLAB_DATA"):
        load(tmp_path)


def test_two_processes_at_once_download_once(server, tmp_path):
    program = (
        "import sys, json, gpt_download as g\n"
        "g.MIRRORS = dict.fromkeys(g.SOURCES, ())\n"
        "g.MODELS['tiny'] = g.Model(json.loads(sys.argv[1]))\n"
        "s, p = g.download_and_load_gpt2('tiny', sys.argv[2], source='safetensors')\n"
        "print(p['wte'].shape)"
    )
    command = [sys.executable, "-c", program, json.dumps(HPARAMS), str(tmp_path)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    started = [subprocess.Popen(command, cwd=ROOT, text=True, **pipes) for _ in range(2)]
    for process in started:
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        assert out.splitlines()[-1] == "(512, 72)"
    assert server.asked[f"good/tiny/{ONE}"] == [None]
    assert [path.name for path in (tmp_path / "tiny").iterdir()] == [ONE]


def test_what_is_cached_is_told_by_sizes(server, tmp_path, monkeypatch):
    assert gpt_download.cached("tiny", tmp_path) is None
    shutil.copytree(tiny.FOLDER, tmp_path / "tiny")
    assert gpt_download.cached("tiny", tmp_path) == tmp_path / "tiny"
    assert gpt_download.cached("tiny", tmp_path, "safetensors") is None
    (tmp_path / "tiny" / gpt_download.DATA).write_bytes(b"cut")
    assert gpt_download.cached("tiny", tmp_path) is None
    given = tmp_path / "class" / "gpt2-models" / "tiny"
    shutil.copytree(tiny.FOLDER, given)
    monkeypatch.setenv("GPTLAB_DATA", str(tmp_path / "class"))
    assert gpt_download.cached("tiny", tmp_path) == given


# A classroom without a network


@pytest.fixture
def given(server, tmp_path, monkeypatch):
    """What GPTLAB_DATA holds, as nobody may change it."""
    folder = tmp_path / "class" / "gpt2-models" / "tiny"
    folder.mkdir(parents=True)
    (folder / ONE).write_bytes(FILES[ONE])
    monkeypatch.setenv("GPTLAB_DATA", str(tmp_path / "class"))
    return folder


def test_a_classrooms_file_is_linked(server, given, tmp_path, capsys):
    assert_is_tiny(*load(tmp_path / "gpt2"))
    path = tmp_path / "gpt2" / "tiny" / ONE
    assert path.resolve() == (given / ONE).resolve()
    assert f"{ONE}: linked from {given}" in capsys.readouterr().out
    assert not server.asked


def test_a_classrooms_file_is_copied_where_links_are_not_allowed(
    server, given, tmp_path, capsys, monkeypatch
):
    def refuse(self, target):
        raise OSError(1314, "A required privilege is not held by the client")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    assert_is_tiny(*load(tmp_path / "gpt2"))
    assert not (tmp_path / "gpt2" / "tiny" / ONE).is_symlink()
    assert f"{ONE}: copied from {given}" in capsys.readouterr().out


def test_a_classrooms_wrong_file_is_refused_and_left(server, known, given, tmp_path, capsys):
    (given / ONE).write_bytes(FILES[ONE][::-1])
    assert_is_tiny(*load(tmp_path / "gpt2"))
    assert [path.name for path in given.iterdir()] == [ONE]
    assert (given / ONE).read_bytes() == FILES[ONE][::-1]
    said = capsys.readouterr().out
    assert "refused, its sha256 begins with" in said
    assert "it was left as it is" in said


def test_what_is_downloaded_never_goes_through_a_link(server, known, given, tmp_path):
    load(tmp_path / "gpt2")
    (given / ONE).write_bytes(b"the teacher changed it")
    assert_is_tiny(*load(tmp_path / "gpt2"))
    assert (given / ONE).read_bytes() == b"the teacher changed it"
    assert not (tmp_path / "gpt2" / "tiny" / ONE).is_symlink()


def test_a_link_to_a_folder_that_is_gone(server, given, tmp_path):
    load(tmp_path / "gpt2")
    shutil.rmtree(given)
    assert_is_tiny(*load(tmp_path / "gpt2"))


@pytest.mark.parametrize("name", ["GPTLAB_OFFLINE", "NBGRADER_EXECUTION"])
def test_offline_says_what_to_put_where(server, tmp_path, monkeypatch, name):
    monkeypatch.setenv(name, "1")
    with pytest.raises(DownloadError) as caught:
        load(tmp_path)
    for part in (f"{name} is set", str(tmp_path / "tiny" / ONE), "gpt2-models/tiny", "not there"):
        assert part in str(caught.value)
    assert not server.asked
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / ONE).write_bytes(FILES[ONE])
    assert_is_tiny(*load(tmp_path))


# What goes wrong on the way


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("missing", "HTTP 404 Not Found"),
        ("busy", r"HTTP 503 Service Unavailable \(3 tries\)"),
        ("cut", r"cut off after [\d,]+ of [\d,]+ bytes \(3 tries\)"),
        ("stall", r"no byte in 0.1 s \(3 tries\)"),
        ("says_too_little", r"has [\d,]+ bytes, and its header says [\d,]+; kept as"),
        ("says_too_much", r"cut off after [\d,]+ of [\d,]+ bytes \(3 tries\)"),
        ("page", "a web page in place of the file"),
        ("damaged", r"its sha256 begins with \w+, and the server said \w+; kept as"),
    ],
)
def test_a_bad_mirror_is_named_and_the_next_one_serves(server, tmp_path, bad, why):
    server.ask(bad)
    with pytest.raises(DownloadError, match=why) as caught:
        load(tmp_path, timeout=0.1 if bad == "stall" else 2.0)
    for part in (f"{server.at}{bad}/tiny/{ONE}", str(tmp_path / "tiny" / ONE), "What to do"):
        assert part in str(caught.value)
    assert not (tmp_path / "tiny" / ONE).exists()
    server.ask(bad, "good")
    assert_is_tiny(*load(tmp_path, timeout=0.1 if bad == "stall" else 2.0))


def test_damage_to_a_file_that_is_known_is_kept_aside(server, known, tmp_path, capsys):
    server.ask("damaged")
    with pytest.raises(DownloadError, match="refused, its sha256 begins with"):
        load(tmp_path)
    (aside,) = (tmp_path / "tiny").iterdir()
    assert aside.name.startswith(f"{ONE}.wrong-")
    assert str(aside) in capsys.readouterr().out


def test_no_network(server, tmp_path, monkeypatch):
    monkeypatch.setenv("GPT2_MIRROR", "http://127.0.0.1:9")
    with pytest.raises(DownloadError, match="nobody answers there"):
        load(tmp_path)


def test_a_disk_that_is_too_full_is_said_before_anything_is_asked(server, tmp_path, monkeypatch):
    looked_at, free = [], SimpleNamespace(free=100_000)
    monkeypatch.setattr(
        gpt_download.shutil, "disk_usage", lambda path: looked_at.append(path) or free
    )
    with pytest.raises(DownloadError, match="its disk has 100,000 free"):
        load(tmp_path / "new" / "gpt2")
    assert looked_at == [tmp_path]  # the folder's own disk; the folder is not there yet
    assert not server.asked
    assert not (tmp_path / "new").exists()


def test_what_came_before_a_cut_counts_as_there(server, known, tmp_path, monkeypatch):
    half = len(FILES[ONE]) // 2
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / f"{ONE}.part").write_bytes(FILES[ONE][:half])
    free = SimpleNamespace(free=len(FILES[ONE]) - half)
    monkeypatch.setattr(gpt_download.shutil, "disk_usage", lambda path: free)
    assert_is_tiny(*load(tmp_path))


def test_a_folder_that_cannot_be_written(server, tmp_path):
    (tmp_path / "gpt2").write_text("I am no folder")
    with pytest.raises(DownloadError, match=r"gpt2.*choose a folder that you may write to"):
        load(tmp_path / "gpt2")


# What is not what was asked for


@pytest.mark.parametrize("call", [download_and_load_gpt2, gpt_download.cached])
def test_an_unknown_size_lists_the_known(tmp_path, call):
    with pytest.raises(ValueError, match="no GPT-2 of size '123M'; there are 124M, 355M, 774M"):
        call("123M", tmp_path)


def test_an_unknown_source(server, tmp_path):
    with pytest.raises(ValueError, match="expected auto, tensorflow or safetensors"):
        load(tmp_path, "onnx")


def test_a_source_that_is_not_installed(server, tmp_path, without_tensorflow):
    with pytest.raises(ValueError, match="pip install tensorflow, or take source='safetensors'"):
        load(tmp_path, "tensorflow")
    assert not server.asked


def test_nothing_to_read_with(server, tmp_path, monkeypatch, without_tensorflow):
    monkeypatch.setitem(sys.modules, "safetensors", None)
    with pytest.raises(ValueError, match="pip install safetensors"):
        load(tmp_path, "auto")
    assert not server.asked


def test_a_package_that_is_there_and_broken(server, tmp_path, monkeypatch, capsys):
    def broken():
        raise ImportError("DLL load failed")

    monkeypatch.setattr(gpt_download, "_tensorflow", broken)
    monkeypatch.setattr(gpt_download, "_is_installed", lambda name: True)
    assert_is_tiny(*load(tmp_path, "auto"))
    assert "tensorflow is installed and cannot be loaded: DLL" in capsys.readouterr().out


def changed(**changes):
    """The hub's file with tensors put in, replaced, or (None) taken out; . is written __."""
    state = as_on_the_hub()
    for name, value in changes.items():
        state[name.replace("__", ".")] = value
    return safetensors.save({name: value for name, value in state.items() if value is not None})


OTHERS = {
    "lacks": (changed(h__3__ln_2__bias=None), "it lacks h.3.ln_2.bias"),
    "extra": (
        changed(h__4__ln_1__weight=np.ones(72, np.float32)),
        "it has more than a GPT-2 of this size: h.4.ln_1.weight",
    ),
    "shape": (
        changed(wpe__weight=np.ones((32, 72), np.float32)),
        r"another shape: wpe.weight is \(32, 72\) \(expected \(64, 72\)\)",
    ),
    "turned": (
        changed(h__0__mlp__c_fc__weight=np.ones((288, 72), np.float32)),
        r"h.0.mlp.c_fc.weight is \(288, 72\) \(expected \(72, 288\)\)",
    ),
    "half": (
        changed(ln_f__weight=np.ones(72, np.float16)),
        "ln_f.weight in model.safetensors.* is F16, expected F32",
    ),
    "another": (
        safetensors.save({"model.embed_tokens.weight": np.ones((4, 4), np.float32)}),
        r"it lacks wte.weight, .* and 48 more; it has more .*: model.embed_tokens.weight",
    ),
    "no_tensors": (b"PK\x03\x04" * 100, "no safetensors file: its header is damaged"),
    "no_header": (b"\x08\0\0\0\0\0\0\0[1, 2, 3", "no safetensors file"),
    "odd_header": (b"\x08\0\0\0\0\0\0\0[[1, 2]]", "no safetensors file"),
    "empty": (b"", "no safetensors file"),
}


@pytest.mark.parametrize("other", OTHERS)
def test_a_checkpoint_of_another_architecture_is_named(server, tmp_path, other):
    raw, why = OTHERS[other]
    server.files[other] = {ONE: raw}
    server.ask(other)
    with pytest.raises(DownloadError, match=why):
        load(tmp_path)
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / ONE).write_bytes(raw)
    with pytest.raises(CheckpointError, match=why):
        gpt_download.read_gpt2(tmp_path / "here", "safetensors", HPARAMS)


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b'{"n_vocab": 512,', r"hparams.json.* is damaged: it is no JSON"),
        (b"\xff\xfe\x00", r"hparams.json.* is damaged: it is no JSON"),
        (b"[512]", r"hparams.json.* is damaged: a list, no object"),
        (b'{"n_vocab": 512, "n_ctx": 64, "n_embd": 72}', "lacks n_head, n_layer"),
        (
            json.dumps(HPARAMS | {"n_layer": 12, "n_embd": 768}).encode(),
            r"of another architecture: n_embd 768 \(expected 72\), n_layer 12 \(expected 4\)",
        ),
    ],
)
def test_hparams_of_another_model(server, tmp_path, raw, why):
    server.files["other"] = {"hparams.json": raw}
    server.ask("other")
    with pytest.raises(DownloadError, match=why):
        gpt_download.download_gpt2("tiny", tmp_path, source="tensorflow", **QUICK)
    assert asked(server) == ["hparams.json"]  # and nothing larger


@pytest.mark.parametrize(
    ("name", "raw", "why"),
    [
        ("checkpoint", b"model.ckpt", "it begins with b'model.ckpt'"),
        ("vocab.bpe", b"a b\n", "and not with b'#version'"),
        ("encoder.json", b'{"a": 0, "b": 7}', "its 2 tokens are not numbered from 0 to 511"),
        ("model.ckpt.index", b"\0" * 60, "does not end as the index of a TensorFlow checkpoint"),
        (gpt_download.DATA, b"\0" * 60, "it offers 60 bytes, and 1,176,768 were expected"),
    ],
)
def test_the_other_files_must_be_what_they_are_called(server, tmp_path, name, raw, why):
    server.files["other"] = {name: raw}
    server.ask("other")
    with pytest.raises(DownloadError, match=why):
        gpt_download.download_gpt2("tiny", tmp_path, source="tensorflow", **QUICK)


# The command line


def command(capsys, *words):
    code = gpt_download.main(list(words))
    return code, *capsys.readouterr()


def test_the_command_gets_a_model(server, tmp_path, capsys):
    words = ("tiny", "--folder", str(tmp_path), "--source", "safetensors")
    code, out, _ = command(capsys, *words)
    assert code == 0
    assert (tmp_path / "tiny" / ONE).read_bytes() == FILES[ONE]
    assert f"tiny (safetensors) in {tmp_path / 'tiny'}: 1 file, {len(FILES[ONE]):,} bytes" in out
    assert " s\n" in out


def test_the_command_says_one_readable_message(server, tmp_path, capsys, monkeypatch):
    server.ask("missing")
    words = ("tiny", "--folder", str(tmp_path), "--source", "safetensors")
    code, out, err = command(capsys, *words)
    assert (code, out) == (1, "")
    assert err.startswith(f"could not get {ONE} from")
    assert "Traceback" not in err
    monkeypatch.setenv("GPT2_MIRROR", "teacher")
    code, _, err = command(capsys, *words)
    assert code == 1
    assert "GPT2_MIRROR names 'teacher'" in err


@pytest.mark.parametrize("words", [["125M"], [], ["124M", "--source", "onnx"], ["124M", "355M"]])
def test_wrong_usage(capsys, words):
    with pytest.raises(SystemExit) as caught:
        gpt_download.main(words)
    assert caught.value.code == 2
    if words == ["125M"]:
        assert "124M" in capsys.readouterr().err


def test_an_interrupted_command_says_that_it_can_go_on(server, tmp_path, capsys, monkeypatch):
    def stop(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(gpt_download, "_fetch", stop)
    words = ("tiny", "--folder", str(tmp_path), "--source", "safetensors")
    code, _, err = command(capsys, *words)
    assert code == 130
    assert "goes on from there" in err


def test_the_list(server, tmp_path, capsys):
    load(tmp_path, progress=False)
    code, out, _ = command(capsys, "--list", "--folder", str(tmp_path))
    rows = {line.split()[0]: line for line in out.splitlines()}
    assert code == 0
    assert "124,439,808" in rows["124M"]
    assert rows["124M"].endswith("-")
    assert rows["tiny"].endswith("safetensors")


# Alone


ALONE = (
    "import sys, json; sys.path.insert(0, '.')\n"
    "import gpt_download as g\n"
    "assert g.__file__.startswith(sys.argv[1]), g.__file__\n"
    "g.MIRRORS = dict.fromkeys(g.SOURCES, ())\n"
    "g.MODELS['tiny'] = g.Model(json.loads(sys.argv[2]))\n"
    "sys.modules['gptlab'] = None\n"
    "code = g.main(['tiny', '--folder', 'gpt2', '--source', sys.argv[3]])\n"
    "assert code == 0\n"
    "settings, params = g.download_and_load_gpt2('tiny', 'gpt2', source=sys.argv[3])\n"
    "print(json.dumps(settings), float(params['blocks'][3]['mlp']['c_proj']['w'].sum()))\n"
    "assert not [name for name in sys.modules if name.startswith('gptlab.')]\n"
)


@pytest.mark.parametrize(
    "source", ["safetensors", pytest.param("tensorflow", marks=pytest.mark.slow)]
)
def test_the_file_alone_in_an_empty_folder(server, tmp_path, source):
    pytest.importorskip(source, reason=f"{source} reads this form of the model")
    (tmp_path / "gpt_download.py").write_bytes((ROOT / "gpt_download.py").read_bytes())
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", "-c", ALONE, str(tmp_path), json.dumps(HPARAMS),
         source], cwd=tmp_path, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    expected = float(tiny.params()["blocks"][3]["mlp"]["c_proj"]["w"].sum())
    told, _, total = done.stdout.splitlines()[-1].rpartition(" ")
    assert json.loads(told) == HPARAMS
    assert float(total) == pytest.approx(expected, abs=1e-4)
    names = {ONE} if source == "safetensors" else SEVEN
    assert {path.name for path in (tmp_path / "gpt2" / "tiny").iterdir()} == names


def test_the_file_runs_as_a_program_alone(tmp_path):
    (tmp_path / "gpt_download.py").write_bytes((ROOT / "gpt_download.py").read_bytes())
    run = [sys.executable, "-I", "gpt_download.py"]
    say = {"cwd": tmp_path, "capture_output": True, "text": True, "timeout": 60}
    done = subprocess.run([*run, "--list"], **say)
    assert (done.returncode, done.stderr) == (0, "")
    assert "1558M" in done.stdout
    done = subprocess.run([*run, "7B"], **say)
    assert done.returncode == 2
    assert "124M" in done.stderr
    named = {"GPT2_MIRROR": "http://127.0.0.1:9", "GPTLAB_OFFLINE": "1"}
    done = subprocess.run([*run, "124M", "--source", "safetensors"], env=named, **say)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("124M is not here, and the network was not asked")
